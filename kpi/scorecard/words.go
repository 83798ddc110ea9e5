package scorecard

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"citystat/kpi"
)

// Words are what people say of the numbers, and what they promise because of them. They change while no number does, so a [Builder] reads them apart from the
// numbers and remembers none.
type Words struct {
	Commentary  []kpi.Commentary `json:"commentary,omitempty"`  // approved texts, of the newest period first
	Contests    []kpi.Contest    `json:"contests,omitempty"`    // that are open, by number
	Commitments []kpi.Commitment `json:"commitments,omitempty"` // open ones, and those that ended within a year; the one that is due first stands first
	Terms       []kpi.TermReview `json:"terms,omitempty"`       // what becomes of the targets of terms that have ended, the newest term first; see [Archive]

	// Of meetings whose series is public, a year back and what is planned for the next weeks: those that people did something about, those that were missed, and those
	// that the rhythm of their series plans. What was decided in them, and the emergencies in which deadlines did not count.
	Meetings    []kpi.Meeting     `json:"meetings,omitempty"` // in order of their day
	Notes       []kpi.MeetingNote `json:"notes,omitempty"`    // decisions that hold
	Emergencies []kpi.Emergency   `json:"emergencies,omitempty"`
}

// WordsReader is where a Builder reads words.
type WordsReader interface {
	// Words returns the approved commentary, contests, commitments, reviews of terms, meetings and decisions as they were known at the clock, in any order. Of a
	// commentary that is being written anew it is the text that was approved last. city is the folder of then; it is not changed.
	Words(ctx context.Context, city *kpi.City, at kpi.At) (Words, error)
}

// Option is something that a Builder does beside the numbers.
type Option func(*Builder)

// WithWords makes a Builder put what people say into its scorecards.
func WithWords(w WordsReader) Option { return func(b *Builder) { b.words = w } }

// yearOfCommitments is how many months a commitment that has ended is told of.
const yearOfCommitments = 12

// say puts the words of now on a scorecard. It returns a copy: one that is remembered has none.
func (b *Builder) say(ctx context.Context, card *Scorecard, at kpi.At) (*Scorecard, error) {
	said := *card
	if b.words == nil {
		return &said, nil
	}
	calendar, err := card.City.Calendar()
	if err != nil {
		return nil, err
	}
	w, err := b.words.Words(ctx, card.City, at)
	if err != nil {
		return nil, fmt.Errorf("reading what people say of the numbers: %w", err)
	}
	said.Words = w.of(card, calendar)
	return &said, nil
}

// of returns the words that belong on a scorecard, in order: nothing of indicators that the city has no more, and nothing of what comes after its day.
func (w Words) of(card *Scorecard, calendar kpi.Calendar) Words {
	begins := func(indicator, period string) (kpi.Date, bool) {
		p, err := calendar.Parse(period)
		return p.First, err == nil && card.City.Indicator(indicator) != nil && !p.First.After(card.AsOf)
	}
	var own Words
	for _, c := range w.Commentary {
		if _, ok := begins(c.Indicator, c.Period); ok && c.State == kpi.CommentaryApproved {
			own.Commentary = append(own.Commentary, c)
		}
	}
	for _, c := range w.Contests {
		if _, ok := begins(c.Indicator, c.Period); ok && c.State == kpi.ContestOpen {
			own.Contests = append(own.Contests, c)
		}
	}
	since := card.AsOf.AddMonths(-yearOfCommitments)
	for _, c := range w.Commitments {
		if !c.State.Ended() || !c.Ended.Before(since) {
			own.Commitments = append(own.Commitments, c)
		}
	}
	own.Terms = termsOf(w.Terms, card)
	own.withMeetings(w, card)
	slices.SortFunc(own.Commentary, func(a, b kpi.Commentary) int {
		first, _ := begins(a.Indicator, a.Period)
		second, _ := begins(b.Indicator, b.Period)
		return cmp.Or(second.Compare(first), cmp.Compare(b.ID, a.ID))
	})
	slices.SortFunc(own.Contests, func(a, b kpi.Contest) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(own.Commitments, func(a, b kpi.Commitment) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return own
}

// CommentaryOf returns what is said of an indicator, of the newest period first.
func (s *Scorecard) CommentaryOf(indicator string) []kpi.Commentary {
	var list []kpi.Commentary
	for _, c := range s.Commentary {
		if c.Indicator == indicator {
			list = append(list, c)
		}
	}
	return list
}

// ContestsOf returns the open contests of an indicator's numbers.
func (s *Scorecard) ContestsOf(indicator string) []kpi.Contest {
	var list []kpi.Contest
	for _, c := range s.Contests {
		if c.Indicator == indicator {
			list = append(list, c)
		}
	}
	return list
}

// public returns what residents may read: of public indicators what was meant for them, field by field, so that nothing that is added to a record is
// published because nobody thought of it. No person is in it.
func (w Words) public(city *kpi.City, open map[string]bool) Words {
	var p Words
	for _, c := range w.Commentary {
		if c.Public && open[c.Indicator] {
			p.Commentary = append(p.Commentary, publicCommentary(c))
		}
	}
	for _, c := range w.Contests {
		if c.Public && open[c.Indicator] {
			p.Contests = append(p.Contests, publicContest(c))
		}
	}
	for _, c := range w.Commitments {
		if c.Public && c.Kind == kpi.CommitmentPromise {
			p.Commitments = append(p.Commitments, publicCommitment(c, city, open))
		}
	}
	for i := range w.Terms {
		p.Terms = append(p.Terms, publicTerm(&w.Terms[i], open))
	}
	w.publicMeetings(&p, city, open)
	return p
}

func publicCommentary(c kpi.Commentary) kpi.Commentary {
	return kpi.Commentary{
		Stamp: kpi.Stamp{ID: c.ID, At: c.At}, Indicator: c.Indicator, Period: c.Period, Department: c.Department, State: c.State, Public: true, Miss: c.Miss,
		Lang: c.Lang, Happened: c.Happened, Why: c.Why, Next: c.Next, Owner: c.Owner, Due: c.Due,
	}
}

// publicContest says that a number is contested, by which department and since when. Why, and what the number should be, are not in it: nobody has approved
// these words, and of a number that is kept back from the public they would tell.
func publicContest(c kpi.Contest) kpi.Contest {
	return kpi.Contest{Stamp: kpi.Stamp{ID: c.ID, At: c.Since}, Indicator: c.Indicator, Period: c.Period, Department: c.Department, State: c.State, Public: true}
}

// publicCommitment says of a promise what residents may read, and in which meeting it was made, if its series is public.
func publicCommitment(c kpi.Commitment, city *kpi.City, open map[string]bool) kpi.Commitment {
	p := kpi.Commitment{
		Stamp: kpi.Stamp{ID: c.ID, At: c.At}, Text: c.Text, Lang: c.Lang, Owner: c.Owner, Department: c.Department, Made: c.Made, Due: c.Due, State: c.State,
		Done: c.Done, Ended: c.Ended, Public: true,
	}
	if open[c.Indicator] {
		p.Indicator = c.Indicator
	}
	if series, slot, made := c.Meeting(); made && city.Series(series) != nil && city.Series(series).Public {
		p.Source = kpi.MeetingSource(series, slot)
	}
	for _, m := range c.Moves {
		p.Moves = append(p.Moves, kpi.DueMove{From: m.From, To: m.To, Chair: m.Chair, At: m.At}) // why is for the staff: nobody has approved these words
	}
	return p
}
