package meeting

import (
	"cmp"
	"math"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

// DutyKind is what kind of thing is due.
type DutyKind string

// The kinds.
const (
	DutyData       DutyKind = "data"       // a delivery
	DutyEntry      DutyKind = "entry"      // values that people type
	DutyCommentary DutyKind = "commentary" // what happened, and why
	DutyCommitment DutyKind = "commitment" // what somebody promised
	DutyContest    DutyKind = "contest"    // a number that a department says is wrong
	DutyRound      DutyKind = "round"      // a department's part of a release, or the release
	DutyHandover   DutyKind = "handover"   // what a post owns, when its holder leaves
	DutyMeeting    DutyKind = "meeting"    // the memo of a stat meeting, or its follow-up memo
)

// DutyKinds lists the kinds.
var DutyKinds = []DutyKind{DutyData, DutyEntry, DutyCommentary, DutyCommitment, DutyContest, DutyRound, DutyHandover, DutyMeeting}

// DutyState is what there is to do about it.
type DutyState string

// The states, by kind.
const (
	DataFailed  DutyState = "failed"  // the newest delivery failed; the numbers are those before it
	DataStale   DutyState = "stale"   // the newest rows are older than they should be
	DataNever   DutyState = "never"   // nothing ever came
	DataRefused DutyState = "refused" // rows were refused

	EntryMissing DutyState = "enter" // nothing was typed for a period that is over
	EntryBegun   DutyState = "draft" // typed or uploaded, and not entered

	CommentaryMissing DutyState = "write"
	CommentaryBegun   DutyState = "finish" // a draft that nobody sent to be reviewed
	CommentaryToMend  DutyState = "mend"   // returned with a note
	CommentaryToCheck DutyState = "review"

	CommitmentToDo      DutyState = "do"
	CommitmentToClose   DutyState = "close"     // its owner says that it is done
	CommitmentEscalated DutyState = "escalated" // its owner moved its date for the third time: whoever closes commitments decides what becomes of it

	ContestToAnswer DutyState = "answer"

	RoundToFill    DutyState = "fill"
	RoundToMend    DutyState = "refill" // returned by whoever checked
	RoundToCheck   DutyState = "check"
	RoundToRelease DutyState = "release"

	HandoverToEnd DutyState = "hand_over"

	MemoToIssue     DutyState = "memo"
	FollowUpToIssue DutyState = "follow_up"
)

// DutyStates lists the states of each kind.
var DutyStates = map[DutyKind][]DutyState{
	DutyData:       {DataFailed, DataStale, DataNever, DataRefused},
	DutyEntry:      {EntryMissing, EntryBegun},
	DutyCommentary: {CommentaryMissing, CommentaryBegun, CommentaryToMend, CommentaryToCheck},
	DutyCommitment: {CommitmentToDo, CommitmentToClose, CommitmentEscalated},
	DutyContest:    {ContestToAnswer},
	DutyRound:      {RoundToFill, RoundToMend, RoundToCheck, RoundToRelease},
	DutyHandover:   {HandoverToEnd},
	DutyMeeting:    {MemoToIssue, FollowUpToIssue},
}

// Duty is something that somebody must do, and by when. Thing, Number and Period say what it is about; pages and mail make words and an address of them.
type Duty struct {
	Kind       DutyKind       `json:"kind"`
	State      DutyState      `json:"state"`
	Thing      string         `json:"thing,omitempty"`  // a dataset, an indicator, a post, a series of meetings, or what a round is called
	Number     int64          `json:"number,omitempty"` // of what people typed; 0: of nothing
	Period     string         `json:"period,omitempty"` // id of the period that it is about
	Department string         `json:"department,omitempty"`
	Owner      string         `json:"owner,omitempty"`     // the post that it waits for, if it is one
	Due        kpi.Date       `json:"due,omitzero"`        // the last day on which it is in time; zero: nobody set one
	Emergency  string         `json:"emergency,omitempty"` // that suspends Due: what it is called, in In; see [DeadlineOf]
	In         kpi.Lang       `json:"in,omitempty"`
	Again      kpi.Date       `json:"again,omitzero"`    // of one that is suspended: the day by which it is to be there; zero while nobody knows
	Slot       kpi.Date       `json:"slot,omitzero"`     // of a meeting: its slot
	On         kpi.Date       `json:"on,omitzero"`       // of a meeting: the day on which it is, or was, held
	Hour       time.Time      `json:"hour,omitzero"`     // of a meeting's memo: the moment of the day Due
	Rows       int64          `json:"rows,omitempty"`    // of data: rows that were refused
	Text       string         `json:"text,omitempty"`    // of a commitment: as somebody wrote it, in Lang
	Lang       kpi.Lang       `json:"lang,omitempty"`    // of Text
	Blocker    string         `json:"blocker,omitempty"` // of a commitment: what stands in its way
	BlockedBy  string         `json:"blocked_by,omitempty"`
	Request    bool           `json:"request,omitempty"`     // of a commitment: it is something that a meeting asked for
	Moves      int            `json:"moves,omitempty"`       // of a commitment: how often its owner moved its date
	Slips      int            `json:"slips,omitempty"`       // to a later one
	ChairMoves int            `json:"chair_moves,omitempty"` // how often whoever closes commitments moved it
	Needs      account.Action `json:"needs"`                 // the right to do it
	Mine       bool           `json:"mine"`                  // it waits for the person who was asked about, and not only for their department or the city
}

// By is the last day on which it is not late: the one that was set, or, where an emergency suspends that, the one after it; zero if there is none.
func (d *Duty) By() kpi.Date {
	if d.Emergency != "" {
		return d.Again
	}
	return d.Due
}

// Left is how many days are left on a day, negative when it is late. It is 0 where there is no date.
func (d *Duty) Left(today kpi.Date) int {
	if d.By().IsZero() {
		return 0
	}
	return d.By().Sub(today)
}

// Late reports whether its date has passed.
func (d *Duty) Late(today kpi.Date) bool { return !d.By().IsZero() && d.By().Before(today) }

// DutyInputs is what is known of a city's work on a day. What is left empty has no duties.
type DutyInputs struct {
	City  *kpi.City
	Cal   kpi.Calendar
	Now   time.Time
	Today kpi.Date // in the city

	Misses       map[string]*Miss // by indicator: judged values that are behind their target, see [MissOf]
	Datasets     []kpi.DatasetReport
	Entries      []kpi.EntryBatch
	Commentaries []kpi.Commentary
	Commitments  []kpi.Commitment
	Contests     []kpi.Contest
	Rounds       []release.Round
	Handovers    []kpi.Handover
	Holdings     []kpi.Holding   // who holds which post
	Meetings     []kpi.Meeting   // that somebody did something about; nil: there are none, and none is planned
	Emergencies  []kpi.Emergency // all of them
}

// AnswerDays is in how many working days what a department asks is answered: a number that it contests, a commentary that it sent to be reviewed.
const AnswerDays = 5

// Due returns what is due in a city, by date, for a person: of a person of departments what waits for them, by their rights and by the posts that they hold;
// of somebody whose role is for the whole city all of it, with what waits for them marked. What has no date comes last. It is a pure function: the page of
// a person's work, and the mail that reminds of it, say the same.
func Due(in DutyInputs, who *account.Person) []Duty {
	var list []Duty
	for _, find := range []func(*DutyInputs) []Duty{
		(*DutyInputs).data, (*DutyInputs).entries, (*DutyInputs).commentaries, (*DutyInputs).commitments, (*DutyInputs).contests, (*DutyInputs).rounds, (*DutyInputs).handovers,
		(*DutyInputs).meetings,
	} {
		list = append(list, find(&in)...)
	}
	posts, whole := postsOf(in.Holdings, in.Today, who), WholeCity(who)
	kept := list[:0]
	for _, d := range list {
		in.suspend(&d)
		d.Mine = waitsFor(&d, who, posts)
		if d.Mine || whole && (d.Kind != DutyCommentary || d.Number == 0 || MayReadDrafts(d.Department, who)) {
			kept = append(kept, d)
		}
	}
	slices.SortStableFunc(kept, func(a, b Duty) int {
		never := func(d Duty) int { return map[bool]int{true: 1}[d.By().IsZero()] }
		return cmp.Or(
			cmp.Compare(never(a), never(b)), a.By().Compare(b.By()), cmp.Compare(slices.Index(DutyKinds, a.Kind), slices.Index(DutyKinds, b.Kind)),
			cmp.Compare(a.Thing, b.Thing), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Department, b.Department), a.Slot.Compare(b.Slot),
		)
	})
	return kept
}

// postsOf lists the posts that a person holds, or acts for, on a day; none of nobody.
func postsOf(holdings []kpi.Holding, day kpi.Date, who *account.Person) []string {
	if who == nil || who.ID == 0 {
		return nil
	}
	return PostsOf(holdings, who.ID, day)
}

// WholeCity reports whether a person looks at the whole city: one with a role that is not of a department.
func WholeCity(who *account.Person) bool {
	return who != nil && slices.ContainsFunc(who.Grants, func(g account.Grant) bool { return !g.Role.OfDepartment() && g.Role != account.Administrator })
}

// waitsFor reports whether something waits for a person: they hold the post that it waits for, it is their department's and they may do it for it, or nobody of
// a department may do such a thing and they may.
func waitsFor(d *Duty, who *account.Person, posts []string) bool {
	if !who.May(d.Needs, d.Department) {
		return false
	}
	if d.Owner != "" && slices.Contains(posts, d.Owner) {
		return true
	}
	of := false
	for role, reach := range account.Rights[d.Needs] {
		of = of || role.OfDepartment() && reach != account.Nowhere
	}
	if !of || d.Department == "" {
		return true
	}
	return slices.ContainsFunc(who.Grants, func(g account.Grant) bool {
		return g.Department == d.Department && account.Rights[d.Needs][g.Role] == account.OwnDepartment
	})
}

// answerDue is the day until which what was asked at a moment is answered.
func (in *DutyInputs) answerDue(t time.Time) kpi.Date {
	return in.City.Workdays().After(in.day(t), AnswerDays)
}

// day is the day of a moment in the city.
func (in *DutyInputs) day(t time.Time) kpi.Date { return kpi.DateOf(t.In(in.Cal.Location)) }

// report returns what is known of a dataset.
func (in *DutyInputs) report(id string) *kpi.DatasetReport {
	for i := range in.Datasets {
		if in.Datasets[i].State.Dataset == id {
			return &in.Datasets[i]
		}
	}
	return &kpi.DatasetReport{}
}

// data finds deliveries that failed, are late, never came or brought rows that were refused. What people type is not delivered, but entered.
func (in *DutyInputs) data() []Duty {
	if in.Datasets == nil {
		return nil
	}
	var list []Duty
	for i := range in.City.Datasets {
		ds := &in.City.Datasets[i]
		rep := in.report(ds.ID)
		d := Duty{Kind: DutyData, Thing: ds.ID, Department: ds.Department, Owner: ds.Steward, Needs: account.RunLoad}
		due, known := in.nextDelivery(ds, rep)
		switch failed := rep.NewestFailure(); {
		case failed != nil:
			d.State, d.Due = DataFailed, in.day(failed.Started)
			list = append(list, d)
		case ds.Source.Kind == kpi.SourceEntry:
		case rep.State.Last == nil:
			d.State = DataNever
			list = append(list, d)
		case known && due.Before(in.Today):
			d.State, d.Due = DataStale, due
			list = append(list, d)
		}
		if rows := refused(rep); rows > 0 {
			d.State, d.Due, d.Rows, d.Needs = DataRefused, kpi.Date{}, rows, account.SeeRejects
			list = append(list, d)
		}
	}
	return list
}

// refused counts the rows that the load in use refused.
func refused(rep *kpi.DatasetReport) int64 {
	var n int64
	for _, g := range rep.State.Rejects {
		n += g.Rows
	}
	return n
}

// nextDelivery returns the last day on which the next delivery is in time. It is false where nothing says how often data come, and of a city of the past.
func (in *DutyInputs) nextDelivery(ds *kpi.Dataset, rep *kpi.DatasetReport) (kpi.Date, bool) {
	if ds.Expect.Every == 0 || rep.State.Last == nil || !in.City.AsOf.IsZero() {
		return kpi.Date{}, false
	}
	const day = 24 * time.Hour
	newest := in.day(rep.LastLooked())
	if ds.Expect.Every >= day && !rep.State.DataUntil.IsZero() {
		newest = rep.State.DataUntil
	}
	return newest.AddDays(int(math.Ceil(float64(ds.Expect.Every) / float64(day)))), true
}

// entries finds values that nobody typed in time, and what was typed and not entered.
func (in *DutyInputs) entries() []Duty {
	var list []Duty
	for i := range in.City.Datasets {
		ds := &in.City.Datasets[i]
		if ds.Source.Kind != kpi.SourceEntry {
			continue
		}
		d := Duty{Kind: DutyEntry, State: EntryMissing, Thing: ds.ID, Department: ds.Department, Owner: ds.Steward, Needs: account.EnterValues}
		if due, known := in.nextDelivery(ds, in.report(ds.ID)); known {
			d.Due = due
			list = append(list, d)
		} else if in.Datasets != nil && in.report(ds.ID).State.Last == nil {
			list = append(list, d)
		}
	}
	for i := range in.Entries {
		b := &in.Entries[i]
		ds := in.City.Dataset(b.Dataset)
		if b.State != kpi.EntryDraft || ds == nil {
			continue
		}
		list = append(list, Duty{
			Kind: DutyEntry, State: EntryBegun, Thing: b.Dataset, Number: b.ID, Department: ds.Department, Owner: ds.Steward, Needs: account.EnterValues,
			Due: in.answerDue(b.At),
		})
	}
	return list
}

// commentaries finds misses that nobody explains, and what somebody began, sent or has to mend.
func (in *DutyInputs) commentaries() []Duty {
	var list []Duty
	for i := range in.City.Indicators {
		ind := &in.City.Indicators[i]
		if m := in.Misses[ind.ID]; m != nil && !m.Explained && (m.Said == nil || m.Said.State == kpi.CommentaryWithdrawn) {
			list = append(list, Duty{
				Kind: DutyCommentary, State: CommentaryMissing, Thing: ind.ID, Period: m.Period.ID, Department: ind.Department, Owner: ind.Owner, Due: m.Due, Needs: account.Comment,
			})
		}
	}
	for i := range in.Commentaries {
		c := &in.Commentaries[i]
		ind := in.City.Indicator(c.Indicator)
		if ind == nil {
			continue
		}
		d := Duty{
			Kind: DutyCommentary, Thing: c.Indicator, Number: c.ID, Period: c.Period, Department: ind.Department, Owner: ind.Owner, Needs: account.Comment,
			Due: in.answerDue(c.At),
		}
		if m := in.Misses[c.Indicator]; m != nil && m.Period.ID == c.Period {
			d.Due = m.Due
		}
		switch c.State {
		case kpi.CommentaryDraft:
			d.State = CommentaryBegun
		case kpi.CommentaryReturned:
			d.State = CommentaryToMend
		case kpi.CommentarySubmitted:
			d.State, d.Needs, d.Owner, d.Due = CommentaryToCheck, account.ReviewComments, "", in.answerDue(c.At)
		default:
			continue
		}
		list = append(list, d)
	}
	return list
}

// commitments finds what was promised and has not ended.
func (in *DutyInputs) commitments() []Duty {
	var list []Duty
	for i := range in.Commitments {
		c := &in.Commitments[i]
		d := Duty{
			Kind: DutyCommitment, State: CommitmentToDo, Thing: c.Indicator, Number: c.ID, Department: c.Department, Owner: c.Owner, Due: c.Due, Needs: account.Commit,
			Text: c.Text, Lang: c.Lang, Blocker: c.Blocker, BlockedBy: c.BlockedBy, Request: c.Kind == kpi.CommitmentRequest,
			Moves: len(c.Moves) - c.ChairMoves(), Slips: c.Slips(), ChairMoves: c.ChairMoves(),
		}
		if up, since := c.Escalation(); up && c.State == kpi.CommitmentOpen {
			e := d
			e.State, e.Needs, e.Owner, e.Due = CommitmentEscalated, account.CloseCommitments, "", in.answerDue(since)
			list = append(list, e)
		}
		switch c.State {
		case kpi.CommitmentOpen:
		case kpi.CommitmentDone:
			d.State, d.Needs, d.Owner, d.Due = CommitmentToClose, account.CloseCommitments, "", kpi.Date{}
		default:
			continue
		}
		list = append(list, d)
	}
	return list
}

// contests finds contested numbers that nobody answered.
func (in *DutyInputs) contests() []Duty {
	var list []Duty
	for i := range in.Contests {
		c := &in.Contests[i]
		if c.State != kpi.ContestOpen {
			continue
		}
		list = append(list, Duty{
			Kind: DutyContest, State: ContestToAnswer, Thing: c.Indicator, Number: c.ID, Period: c.Period, Department: c.Department, Needs: account.AnswerContests,
			Due: ContestDue(in.day(c.Since), in.City.Workdays()),
		})
	}
	return list
}

// rounds finds the parts of rounds that are not there, not checked, and rounds that can be released.
func (in *DutyInputs) rounds() []Duty {
	var list []Duty
	for i := range in.Rounds {
		r := &in.Rounds[i]
		if r.State != release.Filling {
			continue
		}
		ready := len(r.Filings) > 0
		for _, f := range r.Filings {
			d := Duty{Kind: DutyRound, Thing: r.Name, Number: r.ID, Period: r.Period, Department: f.Department}
			switch f.State {
			case release.FilingOpen:
				d.State, d.Due, d.Needs = RoundToFill, r.FillBy, account.FillRound
			case release.FilingReturned:
				d.State, d.Due, d.Needs = RoundToMend, r.CheckBy, account.FillRound
			case release.FilingFilled:
				d.State, d.Due, d.Needs = RoundToCheck, r.CheckBy, account.CheckRound
			default:
				continue
			}
			ready = false
			list = append(list, d)
		}
		if ready {
			list = append(list, Duty{Kind: DutyRound, State: RoundToRelease, Thing: r.Name, Number: r.ID, Period: r.Period, Due: r.ReleaseOn, Needs: account.Release})
		}
	}
	return list
}

// handovers finds lists of what a post owns that nobody has ended.
func (in *DutyInputs) handovers() []Duty {
	var list []Duty
	for i := range in.Handovers {
		h := &in.Handovers[i]
		if h.Ended || h.Void {
			continue
		}
		list = append(list, Duty{
			Kind: DutyHandover, State: HandoverToEnd, Thing: h.Post, Number: h.ID, Department: h.Department, Owner: h.Post, Due: h.On, Needs: account.HandOver,
		})
	}
	return list
}
