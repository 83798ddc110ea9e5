package pages

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

var staffReleasePage = Page{
	Name: "staff_release", Path: staffReleasesPath + "/:number", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.SeeStaff, Query: []string{"done"},
	Load: loadRelease, Post: postRelease, // what a form may do depends on what it does, and for which department: package release says so
}

// releaseData is one round: the board of departments, and what a release would change.
type releaseData struct {
	formErrors
	Action    string
	Revision  int
	Notice    string
	Name      string
	Chip      Chip
	Facts     []fact
	Said      []roundSaidView // in public
	Stopped   string          // why it was stopped
	Board     []filingView
	Changes   *changesView // nil: nothing to compare
	Release   moveForm
	Obstacle  string // why the reader does not release it; "" if they may, or have no right to
	Stop      moveForm
	Typed     string // what the reader typed, where somebody else was quicker
	OpenRound bool
}

// roundSaidView is what a release says in public.
type roundSaidView struct {
	Label, Text string
	Lang        kpi.Lang
}

// filingView is a department's part.
type filingView struct {
	ID         string
	Department Words
	URL        string
	Chip       Chip
	Flags      []string
	Facts      []fact
	Remark     string // of whoever filled it
	Note       string // of whoever returned or checked it
	NoteLabel  string
	Excuse     string
	Lacks      []lackView
	LacksAll   bool // nothing is missing
	Moves      []moveForm
	Obstacle   string
}

// lackView is something that is missing.
type lackView struct {
	Text string
	Link Link
}

// moveForm is a form that makes one move.
type moveForm struct {
	Do         release.Do
	ID         string // of its field
	Department string
	Button     string
	For        string // which department, for those who hear the button
	Label      string // of the field for a note; "" if there is none
	Hint       string
	Needed     bool
	Note       string
	Open       bool // it was sent, and is shown again
	Shown      bool
	Quiet      bool
	First      bool // the next thing to do: it is not folded
}

func loadRelease(ctx context.Context, r *Request) (Content, error) {
	d := releaseData{}
	if done := r.Query.Get("done"); r.P.Has("rounds.did." + done) {
		d.Notice = r.P.T("rounds.did." + done)
	}
	return r.release(ctx, d, release.Move{})
}

// roundOf returns the round of the address.
func (r *Request) roundOf(ctx context.Context) (release.Round, error) {
	if r.work.Rounds == nil {
		return release.Round{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps rounds here")
	}
	return byNumber(ctx, r, r.work.Rounds.Round)
}

// release is the page with what was sent before, if anything was.
func (r *Request) release(ctx context.Context, d releaseData, sent release.Move) (Content, error) {
	x, err := r.roundOf(ctx)
	if err != nil {
		return Content{}, err
	}
	look, err := r.lookAt(ctx, &x)
	if err != nil {
		return Content{}, err
	}
	d.Action, d.Revision, d.Name, d.Chip, d.OpenRound = staffReleasePath(x.ID), x.Revision, x.Name, r.roundChip(x.State), x.State == release.Filling
	d.Facts, d.Said = r.roundFacts(&x, look), r.saidInPublic(&x)
	if x.State == release.Stopped {
		d.Stopped = x.Note
	}
	for i := range x.Filings {
		d.Board = append(d.Board, r.filingView(&x, &x.Filings[i], look, sent))
	}
	if d.OpenRound {
		d.Changes = r.publicChanges(look.live)
		d.Release, d.Stop = r.moveForm(&x, release.Publish, "", sent), r.moveForm(&x, release.Stop, "", sent)
		if o := x.Obstacle(release.Move{Do: release.Publish}, r.Person); o != "" && o != release.NoRight {
			d.Obstacle = r.P.T("rounds.obstacle." + string(o))
		}
	}
	c := Content{Title: x.Name, Summary: r.P.T("rounds.title"), Crumbs: []Link{{URL: staffReleasesPath, Words: own(r.P.T("rounds.title"))}}}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

func (r *Request) roundFacts(x *release.Round, look *roundLook) []fact {
	list := []fact{
		{Label: r.P.T("rounds.period"), Words: own(r.roundPeriod(x.Period))},
		{Label: r.P.T("rounds.fill_by"), Words: own(r.P.Date(x.FillBy))},
		{Label: r.P.T("rounds.check_by"), Words: own(r.P.Date(x.CheckBy))},
		{Label: r.P.T("rounds.release_on"), Words: own(r.P.Date(x.ReleaseOn))},
		{Label: r.P.T("rounds.ready"), Words: own(r.P.T("rounds.done", "n", len(x.Filings)-x.Waiting(), "total", len(x.Filings)))},
	}
	if x.State == release.Released {
		list = append(list, fact{Label: r.P.T("rounds.released"), Words: own(r.P.DateTime(x.ReleasedAt.In(r.Cal.Location)))},
			fact{Label: r.P.T("rounds.by"), Words: own(r.nameIn(look.people, x.ReleasedBy))})
		if x.Publication > 0 {
			list = append(list, fact{Label: r.P.T("rounds.publication"), Words: own(r.P.Int(x.Publication))})
		}
	}
	return list
}

// saidInPublic is what the release says to everybody, or will.
func (r *Request) saidInPublic(x *release.Round) []roundSaidView {
	var list []roundSaidView
	if x.Correction != "" {
		list = append(list, roundSaidView{r.P.T("rounds.correction"), x.Correction, x.Lang})
	}
	if x.State == release.Released && x.Note != "" {
		list = append(list, roundSaidView{r.P.T("rounds.note"), x.Note, x.NoteLang})
	}
	for _, f := range x.Filings {
		if f.State == release.FilingExcused {
			list = append(list, roundSaidView{r.P.T("rounds.without", "department", r.departmentName(f.Department).Text), f.Excuse, f.ExcuseLang})
		}
	}
	return list
}

// nameIn returns the name of somebody who has an account, for staff pages alone; whoever worked at this machine has none.
func (r *Request) nameIn(people map[int64]string, person int64) string {
	if name, ok := people[person]; ok {
		return name
	}
	return r.P.T("rounds.this_machine")
}

// filingShapes are the shapes of the states of a filing.
var filingShapes = map[release.FilingState]kpi.PublicStatus{
	release.FilingOpen: kpi.PublicCannotSay, release.FilingFilled: kpi.PublicBehind, release.FilingReturned: kpi.PublicOffTrack,
	release.FilingChecked: kpi.PublicOnTrack, release.FilingExcused: kpi.PublicCannotSay,
}

func (r *Request) filingView(x *release.Round, f *release.Filing, look *roundLook, sent release.Move) filingView {
	v := filingView{
		ID: "filing-" + f.Department, Department: r.departmentName(f.Department), Chip: Chip{filingShapes[f.State], r.P.T("rounds.filing." + string(f.State))},
		Remark: f.Remark, Excuse: f.Excuse,
	}
	switch {
	case f.Late:
		v.Flags = append(v.Flags, r.P.T("rounds.late"))
	case x.Overdue(f, r.Today):
		v.Flags = append(v.Flags, r.P.T("rounds.overdue"))
	}
	if f.Returns > 0 {
		v.Flags = append(v.Flags, r.P.T("rounds.returns", "n", f.Returns))
	}
	if look.newer(f) {
		v.Flags = append(v.Flags, r.P.T("rounds.newer"))
	}
	who := func(label string, at time.Time, person int64) {
		if !at.IsZero() {
			v.Facts = append(v.Facts, fact{Label: r.P.T(label), Words: own(r.P.DateTime(at.In(r.Cal.Location)))}, fact{Label: r.P.T(label + "_by"), Words: own(r.nameIn(look.people, person))})
		}
	}
	who("rounds.filled", f.FilledAt, f.FilledBy)
	who("rounds.checked", f.CheckedAt, f.CheckedBy)
	if f.Note != "" && f.State != release.FilingFilled {
		v.Note, v.NoteLabel = f.Note, r.P.T("rounds.note."+string(f.State))
	}
	if f.State == release.FilingFilled && f.Returns > 0 {
		v.Note, v.NoteLabel = f.Note, r.P.T("rounds.note.before")
	}
	if x.State != release.Filling {
		return v
	}
	v.Lacks = r.lacks(look, f.Department)
	v.LacksAll = look.live != nil && len(v.Lacks) == 0
	for _, do := range []release.Do{release.Fill, release.Check, release.Return, release.Excuse} {
		if m := r.moveForm(x, do, f.Department, sent); m.Shown {
			m.First = len(v.Moves) == 0
			v.Moves = append(v.Moves, m)
		}
	}
	if x.Obstacle(release.Move{Do: release.Check, Department: f.Department}, r.Person) == release.OwnFiling {
		v.Obstacle = r.P.T("rounds.obstacle.own_filing")
	}
	return v
}

// moveForm is a form for a move; it is not shown to whoever may not make it.
func (r *Request) moveForm(x *release.Round, do release.Do, department string, sent release.Move) moveForm {
	m := release.Move{Do: do, Department: department}
	f := moveForm{
		Do: do, Department: department, ID: string(do), Button: r.P.T("rounds.do." + string(do)), Label: r.P.T("rounds.field." + string(do)),
		Hint: r.P.T("rounds.hint." + string(do)), Needed: do.NeedsNote(), Shown: x.Obstacle(m, r.Person) == "", Quiet: do != release.Fill && do != release.Check && do != release.Publish,
	}
	if department != "" {
		f.ID, f.For = string(do)+"-"+department, r.departmentName(department).Text
	}
	if sent.Do == do && sent.Department == department {
		f.Note, f.Open = sent.Note, true
	}
	return f
}

// postRelease makes a move.
func postRelease(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	x, err := r.roundOf(ctx)
	if err != nil {
		return Posted{}, err
	}
	m := release.Move{Do: release.Do(form.Get("do")), Department: form.Get("department"), Note: kpi.PlainText(form.Get("note")), Lang: r.Lang, On: r.Today}
	revision, err := strconv.Atoi(form.Get("revision"))
	if err != nil {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say which revision of the round was seen")
	}
	var d releaseData
	if o := release.Noted(m); o != "" && x.Obstacle(m, r.Person) == "" {
		d.add(r.moveForm(&x, m.Do, m.Department, m).ID, r.P.T("rounds.obstacle."+string(o), "max", release.MaxNote))
		content, err := r.release(ctx, d, m)
		return Posted{Content: content}, err
	}
	act := r.work.Rounds.MoveRound
	if m.Do == release.Publish {
		act = r.work.Rounds.ReleaseRound
	}
	_, err = act(ctx, x.ID, revision, m, r.Person.By(), r.now)
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict: // nothing that was typed is lost
		d.add("", r.P.T("rounds.changed_meanwhile"))
		d.Typed = m.Note
		content, err := r.release(ctx, d, m)
		return Posted{Content: content, Status: http.StatusConflict}, err
	case err != nil:
		return Posted{}, err
	}
	to := staffReleasePath(x.ID) + "?done=" + string(m.Do)
	if m.Do.OfFiling() {
		to += "#filing-" + m.Department
	}
	return Posted{To: to}, nil
}

// formOn is a form with the page that it stands on.
type formOn struct {
	Page *releaseData
	Form moveForm
}

// With is a form for the template that writes it.
func (d releaseData) With(f moveForm) formOn { return formOn{&d, f} }
