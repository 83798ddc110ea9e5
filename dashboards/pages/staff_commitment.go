package pages

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Whoever holds the owner's post reports, whatever their roles are: who may do what is the rule's to say, commitment by commitment.
var staffCommitmentPage = Page{
	Name: "staff_commitment", Path: staffCommitmentsPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.SeeStaff,
	Takes: 24 << 20, Files: true, Query: []string{"done"}, Load: loadCommitment, Post: postCommitment,
}

// maxNote is how long what is said of a commitment may be, in letters.
const maxNote = 2000

// commitmentData is one commitment: where it stands, all that happened, and what the reader may do.
type commitmentData struct {
	formErrors
	commitmentView
	Action   string
	Notice   string
	Revision int
	Facts    []fact
	Blocker  Words
	CouldBe  Words // the department that could move it
	Turns    []turnView
	Ask      bool          // the reader may do nothing
	Typed    []string      // what could not be saved
	History  []tellView    // newest first
	Evidence *evidenceData // nil: nobody keeps any
}

// turnView is a step that the reader may take, with its form.
type turnView struct {
	Do          string // the step
	ID          string // of its form: its fields' ids begin with it
	Open        bool   // it was sent and is shown again
	Button      bool   // it needs no word
	Title       string
	Hint        string
	Whose       string // of a move of the date: what it will count as
	Label       string // of the text
	Text        string
	Dated       bool // it has a date
	Due, First  string
	Departments []option // of an obstacle
	Needed      bool     // the text may not stay empty
}

// tellView is a revision: who did what, and what they said.
type tellView struct {
	At    Moment
	Who   string
	Step  string
	Said  Words
	Moved string // from which date to which
}

// sentTurn is a form that was sent and is shown again.
type sentTurn struct {
	formErrors
	turn     meeting.CommitmentTurn
	due      string
	conflict bool
	evidence *sentEvidence // nil: it was another form
}

func loadCommitment(ctx context.Context, r *Request) (Content, error) {
	return r.oneCommitment(ctx, nil)
}

// readCommitment returns the one that the address names.
func (r *Request) readCommitment(ctx context.Context) (kpi.Commitment, error) {
	if r.work.Commitments == nil {
		return kpi.Commitment{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps commitments here")
	}
	return byNumber(ctx, r, r.work.Commitments.Commitment)
}

// oneCommitment is the page; sent is a form that is shown again, nil if there is none.
func (r *Request) oneCommitment(ctx context.Context, sent *sentTurn) (Content, error) {
	c, err := r.readCommitment(ctx)
	if err != nil {
		return Content{}, err
	}
	history, err := r.work.Commitments.CommitmentHistory(ctx, c.ID)
	if err != nil {
		return Content{}, err
	}
	d := commitmentData{commitmentView: r.commitment(&c, r.Today, true), Action: staffCommitmentPath(c.ID), Revision: c.Revision, Facts: r.commitmentFacts(&c)}
	if done := r.Query.Get("done"); slices.Contains([]string{"made", "saved", "evidence", "withdrawn"}, done) {
		d.Notice = r.P.T("commitments.notice." + done)
	}
	if c.Blocker != "" {
		d.Blocker = own(c.Blocker)
		if by := r.City.Department(c.BlockedBy); by != nil {
			d.CouldBe = r.Words(by.Name)
		}
	}
	if d.History, err = r.tell(ctx, history); err != nil {
		return Content{}, err
	}
	d.Turns = r.turns(&c, sent)
	if d.Evidence, err = r.evidence(ctx, &c, sent); err != nil {
		return Content{}, err
	}
	d.Ask = len(d.Turns) == 0
	content := Content{Title: d.Number, Summary: c.Text, Crumbs: []Link{{URL: staffCommitmentsPath, Words: own(r.P.T("commitments.title"))}}}
	if sent != nil {
		d.formErrors, content.Title = sent.formErrors, r.errorTitle(content.Title)
		if sent.evidence == nil && !slices.ContainsFunc(d.Turns, func(t turnView) bool { return t.Open }) {
			d.Typed = paragraphs(sent.turn.Text)
		}
	}
	content.Data = d
	return content, nil
}

// commitmentFacts are what is known of one beside what every list shows.
func (r *Request) commitmentFacts(c *kpi.Commitment) []fact {
	made, done := "commitments.made", "commitments.done"
	if c.Kind == kpi.CommitmentRequest {
		made, done = "commitments.asked", "commitments.answered"
	}
	var list []fact
	if agreed := c.Agreed(); agreed != c.Due {
		list = append(list, fact{Label: r.P.T("commitments.agreed"), Words: own(r.P.Date(agreed))})
	}
	list = append(list, fact{Label: r.P.T(made), Words: own(r.P.Date(c.Made))})
	if !c.Done.IsZero() {
		list = append(list, fact{Label: r.P.T(done), Words: own(r.P.Date(c.Done))})
	}
	readers := "commitments.internal"
	if c.Public {
		readers = "commitments.residents"
	}
	list = append(list, fact{Label: r.P.T("commitments.readers"), Words: own(r.P.T(readers))})
	kind, _, _ := strings.Cut(c.Source, "/")
	if slices.Contains(commitmentSources, kind) && r.meetingOf(c) == nil {
		list = append(list, fact{Label: r.P.T("commitments.source"), Words: own(r.P.T("commitments.source." + kind))})
	}
	return list
}

// tell says what happened, the newest first.
func (r *Request) tell(ctx context.Context, history []kpi.Commitment) ([]tellView, error) {
	names := map[int64]string{}
	if r.directory != nil {
		people, err := r.directory.People(ctx)
		if err != nil {
			return nil, err
		}
		for i := range people {
			names[people[i].ID] = people[i].Name
		}
	}
	list := make([]tellView, len(history))
	for i := range history {
		c := &history[i]
		var was *kpi.Commitment
		if i > 0 {
			was = &history[i-1]
		}
		v := tellView{At: r.at(c.At), Who: c.By, Said: own(c.Note)}
		if name := names[c.Person]; name != "" {
			v.Who = name
		}
		step := meeting.CommitmentStepOf(was, c)
		switch {
		case step == meeting.CommitmentMove && len(c.Moves) > 0:
			m := c.Moves[len(c.Moves)-1]
			v.Step = r.P.T("commitments.step.move_owner")
			if m.Chair {
				v.Step = r.P.T("commitments.step.move_chair")
			}
			v.Moved, v.Said = r.P.T("commitments.from_to", "date", r.P.Date(m.From), "time", r.P.Date(m.To)), own(m.Reason)
		case step == meeting.CommitmentBlock && c.Blocker == "":
			v.Step = r.P.T("commitments.step.free")
		case step == meeting.CommitmentBlock:
			v.Step, v.Said = r.P.T("commitments.step.block"), own(c.Blocker)
		default:
			v.Step = r.commitmentWord("step", string(step), c)
		}
		list[len(history)-1-i] = v
	}
	return list, nil
}

// turns are the steps that the reader may take, each with its form.
func (r *Request) turns(c *kpi.Commitment, sent *sentTurn) []turnView {
	holds := slices.Contains(r.heldByMe(), c.Owner)
	var list []turnView
	for _, step := range meeting.CommitmentSteps {
		if step == meeting.CommitmentMake || !meeting.MayCommitment(step, c, r.Person, holds) {
			continue
		}
		t := turnView{Do: string(step), ID: string(step), Title: r.commitmentWord("do", string(step), c), Label: r.P.T("commitments.reason"), Needed: true}
		department := c.BlockedBy
		switch step {
		case meeting.CommitmentReport:
			t.Label = r.P.T("commitments.note")
		case meeting.CommitmentFinish:
			t.Label, t.Hint, t.Needed = r.P.T("commitments.note_optional"), r.P.T("commitments.finish_hint"), false
		case meeting.CommitmentKeep:
			t.Label, t.Needed = r.P.T("commitments.note_optional"), false
		case meeting.CommitmentBlock:
			t.Label, t.Text, t.Needed = r.P.T("commitments.blocker"), c.Blocker, false
		case meeting.CommitmentMove:
			t.Dated, t.Due, t.First, t.Hint, t.Whose = true, c.Due.String(), r.Today.String(), r.P.T("commitments.move_hint"), r.P.T("commitments.move."+r.moves(c, holds))
		case meeting.CommitmentShow, meeting.CommitmentHide:
			t.Button = true
		}
		if sent != nil && sent.turn.Step == step {
			t.Open, t.Text, t.Due, department = true, sent.turn.Text, sent.due, sent.turn.Department
		}
		if step == meeting.CommitmentBlock {
			for _, d := range r.City.DepartmentsOn(r.day()) {
				t.Departments = append(t.Departments, option{Value: d.ID, Words: r.Words(d.Name), Selected: d.ID == department})
			}
		}
		list = append(list, t)
	}
	return list
}

// commitmentWord is a word about a step, of a request the request's own where it has one.
func (r *Request) commitmentWord(part, step string, c *kpi.Commitment) string {
	if id := "commitments." + part + ".request." + step; c.Kind == kpi.CommitmentRequest && r.P.Has(id) {
		return r.P.T(id)
	}
	return r.P.T("commitments." + part + "." + step)
}

// moves says whose move of the date it would be if the reader moved it now, as the ledger will decide.
func (r *Request) moves(c *kpi.Commitment, holds bool) string {
	who := r.Person
	if who.ID == 0 {
		who = nil // nobody signs in
	}
	switch {
	case meeting.MovesAsChair(c, who, holds, r.Today):
		return "chair"
	case !who.May(account.CloseCommitments, c.Department):
		return "slip"
	case holds:
		return "own"
	}
	return "late"
}

// postCommitment takes a step with one, and leads back to its page.
func postCommitment(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	c, err := r.readCommitment(ctx)
	if err != nil {
		return Posted{}, err
	}
	sent := &sentTurn{due: strings.TrimSpace(form.Get("due")), turn: meeting.CommitmentTurn{
		Step: meeting.CommitmentStep(form.Get("do")), Text: kpi.PlainText(form.Get("note")), Department: form.Get("department"),
	}}
	if do := form.Get("do"); do == doEvidence || do == doWithdraw {
		return r.postEvidence(ctx, &c, form)
	}
	t := &sent.turn
	if t.Step == "" {
		t.Step = meeting.CommitmentReport
	}
	if !slices.Contains(meeting.CommitmentSteps, t.Step) || t.Step == meeting.CommitmentMake {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if t.Step != meeting.CommitmentBlock || r.City.Department(t.Department) == nil {
		t.Department = ""
	}
	if revision := form.Get("revision"); revision != "" && revision != strconv.Itoa(c.Revision) {
		return r.againCommitment(ctx, sent, kpi.Errorf(kpi.CodeConflict, "somebody else changed the commitment"))
	}
	if t.Step == meeting.CommitmentMove {
		if t.Due, err = kpi.ParseDate(sent.due); err != nil {
			t.Due = kpi.Date{}
		}
	}
	if !meeting.MayCommitment(t.Step, &c, r.Person, slices.Contains(r.heldByMe(), c.Owner)) && !r.mightCommitment(t.Step, &c) {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you do this with the commitment")
	}
	by := r.Person.By()
	next, err := meeting.TurnCommitment(c, *t, by.Name, r.Today, r.now)
	if err == nil {
		err = r.work.Commitments.SaveCommitment(ctx, &next, by, r.now)
	}
	if err != nil {
		return r.againCommitment(ctx, sent, err)
	}
	return Posted{To: staffCommitmentPath(c.ID) + "?done=saved"}, nil
}

// mightCommitment reports whether the reader may take a step with a commitment that stands somewhere else: then it is the commitment that has moved on, and what
// was typed is shown again.
func (r *Request) mightCommitment(step meeting.CommitmentStep, c *kpi.Commitment) bool {
	holds := slices.Contains(r.heldByMe(), c.Owner)
	for _, state := range []kpi.CommitmentState{kpi.CommitmentOpen, kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped} {
		other := *c
		other.State = state
		if meeting.MayCommitment(step, &other, r.Person, holds) {
			return true
		}
	}
	return false
}

// againCommitment shows the page with what was typed and why it was not kept.
func (r *Request) againCommitment(ctx context.Context, sent *sentTurn, err error) (Posted, error) {
	prefix := string(sent.turn.Step) + "-"
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		sent.conflict = true
		sent.add("", r.P.T("commitments.error.conflict"))
	case utf8.RuneCountInString(sent.turn.Text) > maxNote:
		sent.add(prefix+"note", r.P.T("feedback.error.long", "n", utf8.RuneCountInString(sent.turn.Text), "max", maxNote))
	case sent.turn.Step == meeting.CommitmentBlock && isProblem(err, meeting.CommitmentNoNote):
		sent.add(prefix+"note", r.P.T("commitments.error.blocker"))
	case !r.commitmentError(&sent.formErrors, prefix, err):
		return Posted{}, err
	}
	content, err := r.oneCommitment(ctx, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}
