package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard"
)

var staffDataPage = Page{
	Name: "staff_data", Path: staffDataPath, Menu: "nav.staff", Role: StaffOnly, Needs: account.SeeStaff, Query: []string{"asked", "busy"}, Load: loadStaffData,
}

// staffData is every dataset, with what needs somebody first.
type staffData struct {
	Lead     string
	Time     string
	Notice   string // what came of pressing a button
	Events   string // address of the live progress
	Refresh  string
	Problems []*staffDataset
	Datasets []*staffDataset
}

// staffDataset is one dataset as those who look after it see it.
type staffDataset struct {
	ID         string
	Name, Why  Words
	Chip       Chip
	Trouble    *trouble
	Department Words
	Steward    holderView
	Source     string // the kind, in words
	Place      string // where it lies, as the folder says
	Schedule   string
	Cron       string // the schedule's own text, where there are no words for it
	Next       string
	NextAt     Moment
	Fresh      []string
	Stale      bool
	Timed      bool // whether data can be late at all
	Job        jobView
	Action     string // where "Load now" leads
	Entries    Link   // where people type; URL is "" where nobody does, or not this reader
	Loaded     *Moment
	LoadNo     Value
	Counts     []count
	Changes    []count
	Checks     []checkView
	ChecksFail bool
	Warnings   []string
	Rejects    Link // URL is "" where no row was refused
	LastRun    *runView
	Runs       []runView
	Deliveries *figure // of the last weeks; nil where nothing is known of them
	Indicators []staffNumber
	Looks      string // how many checks of its numbers ask somebody to look
}

// staffNumber is an indicator that is computed from a dataset.
type staffNumber struct {
	Link
	Looks string // checks that ask somebody to look; "" if none does
}

// trouble is why a dataset needs somebody, and what to do.
type trouble struct {
	Why     []string
	Do      string
	At      Moment
	Rules   []string // of the checks that did not hold
	Message string   // the program's own words, in English
	Rejects Link     // refused rows of the delivery that failed
}

// runView is one run.
type runView struct {
	At      Moment
	Trigger string
	Attempt string
	Took    string
	Outcome string
	Bad     bool
	Rows    Value
	Number  Value
	Message string
}

func loadStaffData(ctx context.Context, r *Request) (Content, error) {
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return Content{}, err
	}
	d := staffData{
		Time:    r.P.T("staff.time", "time", r.at(r.now).Text),
		Events:  staffDataPath + "/events?lang=" + url.QueryEscape(string(r.Lang)),
		Refresh: staffDataPath,
		Notice:  r.notice(),
	}
	live, err := r.staff.Live(ctx)
	if err != nil { // whoever comes here may come to mend just that: the page says so, and shows the rest
		r.log.WarnContext(ctx, "the live scorecard cannot be made for the staff pages", "err", err)
	}
	order := 0
	for i := range r.City.Datasets {
		rep := reportOf(reports, r.City.Datasets[i].ID)
		ds := r.staffDataset(&r.City.Datasets[i], rep)
		if ds.Deliveries, err = r.staffDeliveries(&r.City.Datasets[i], rep); err != nil {
			return Content{}, err
		}
		r.looks(ds, live)
		r.keepTo(ds, r.City.Datasets[i].Department)
		if r.maySeeEntries(&r.City.Datasets[i]) {
			ds.Entries = r.entriesLink(ds.ID)
		}
		d.Datasets = append(d.Datasets, ds)
		if ds.Trouble != nil {
			d.Problems = append(d.Problems, ds)
		} else {
			order++
		}
	}
	rank := func(ds *staffDataset) int { return slices.Index(troubleOrder, ds.Chip.Class) }
	slices.SortStableFunc(d.Problems, func(a, b *staffDataset) int { return cmp.Compare(rank(a), rank(b)) })
	d.Lead = r.P.T("staff.lead", "n", order, "total", len(d.Datasets))
	return Content{Title: r.P.T("staff.title"), Summary: d.Lead, Data: d}, nil
}

// troubleOrder are the shapes of the states, the worst first. They are those of the statuses: a reader knows them already.
var troubleOrder = []kpi.PublicStatus{kpi.PublicOffTrack, kpi.PublicBehind, kpi.PublicCannotSay, kpi.PublicOnTrack}

// reportOf returns what is known of a dataset; it was never loaded if nothing is.
func reportOf(reports []kpi.DatasetReport, id string) *kpi.DatasetReport {
	for i := range reports {
		if reports[i].State.Dataset == id {
			return &reports[i]
		}
	}
	return &kpi.DatasetReport{State: kpi.DatasetState{Dataset: id}, Job: kpi.RunState{Dataset: id}}
}

// notice says what came of pressing a button, if the dataset of which it speaks is there.
func (r *Request) notice() string {
	for _, said := range []string{"asked", "busy"} {
		if id := r.Query.Get(said); r.City.Dataset(id) != nil {
			return r.P.T("staff." + said)
		}
	}
	return ""
}

func (r *Request) staffDataset(ds *kpi.Dataset, rep *kpi.DatasetReport) *staffDataset {
	v := &staffDataset{
		ID: ds.ID, Name: r.Words(ds.Name), Why: r.Prose(ds.Why), Steward: r.holder(ds.Steward),
		Source: r.P.Upper(r.P.SourceKind(ds.Source.Kind)), Place: place(ds.Source),
		Schedule: r.P.Upper(r.P.Schedule(ds.Schedule)), Job: r.job(rep.Job), Action: staffDataPath + "/" + url.PathEscape(ds.ID) + "/load",
	}
	if dep := r.City.Department(ds.Department); dep != nil {
		v.Department = r.Words(dep.Name)
	}
	if v.Schedule == "" {
		v.Cron = cmp.Or(ds.Schedule.Text, ds.Schedule.Cron)
	}
	r.next(v, rep.Job)
	r.freshness(v, ds, rep)
	r.lastGood(v, rep)
	for i := range rep.Runs {
		v.Runs = append(v.Runs, r.run(&rep.Runs[i]))
	}
	if len(v.Runs) > 0 {
		v.LastRun = &v.Runs[0]
	}
	for i := range r.City.Indicators {
		if ind := &r.City.Indicators[i]; ind.Dataset == ds.ID {
			v.Indicators = append(v.Indicators, staffNumber{Link: Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}})
		}
	}
	r.judge(v, ds, rep)
	return v
}

// keepTo takes away what the reader has no right to: the button that loads, and, with the refused rows, the words of a failure, which may quote one.
func (r *Request) keepTo(v *staffDataset, department string) {
	if !r.Person.May(account.RunLoad, department) {
		v.Action = ""
	}
	if r.Person.May(account.SeeRejects, department) {
		return
	}
	v.Rejects = Link{}
	if v.Trouble != nil {
		v.Trouble.Rejects, v.Trouble.Message = Link{}, ""
	}
	for i := range v.Runs {
		v.Runs[i].Message = "" // LastRun is one of them
	}
}

// looks says how many checks of the numbers from a dataset ask somebody to look. The live scorecard is nil where it cannot be read.
func (r *Request) looks(v *staffDataset, live *scorecard.Scorecard) {
	if len(v.Indicators) == 0 {
		return
	}
	if live == nil {
		v.Looks = r.P.T("staff.checks.unread")
		return
	}
	n, total := 0, 0
	for i := range v.Indicators {
		ind := &v.Indicators[i]
		res := live.Result(strings.TrimPrefix(ind.URL, staffIndicatorPath("")))
		if res == nil {
			continue
		}
		if k := looks(res); k > 0 {
			n += k
			ind.Looks = r.P.T("staff.checks.lead", "n", k, "total", asked(res))
		}
		total += asked(res)
	}
	v.Looks = r.P.T("staff.checks.lead", "n", n, "total", total)
}

// place is where a source lies, as the folder says it. An address is shown without who signs in there.
func place(s kpi.Source) string {
	if s.URL == "" {
		return cmp.Or(s.Path, s.Table)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// indicatorLink leads to an indicator if the public can see it.
func (r *Request) indicatorLink(ind *kpi.Indicator) Link {
	l := Link{Words: r.Words(ind.Name)}
	if r.Card != nil {
		if _, err := r.public(ind.ID); err == nil {
			l.URL = r.To("/indicators/" + ind.ID)
		}
	}
	return l
}

// next says when the next run is.
func (r *Request) next(v *staffDataset, job kpi.RunState) {
	switch {
	case job.Next.IsZero():
		v.Next = r.P.T("staff.no_next")
	case job.Retry > 0:
		v.Next = r.P.T("staff.retry", "n", job.Retry, "time", r.at(job.Next).Text)
	default:
		v.NextAt = r.at(job.Next)
	}
}

// lastGood says what the load in use brought.
func (r *Request) lastGood(v *staffDataset, rep *kpi.DatasetReport) {
	last := rep.State.Last
	if last == nil {
		return
	}
	loaded := r.at(last.Time())
	v.Loaded, v.LoadNo = &loaded, r.Count(last.ID)
	v.Counts, v.Changes = r.loadCounts(last.Counts)
	v.Checks, v.Warnings = r.checks(last), last.Warnings
	v.ChecksFail = len(warned(last)) > 0
	if len(rep.State.Rejects) > 0 {
		v.Rejects = r.rejectsLink(v.ID, 0)
	}
}

// rejectsLink leads to the refused rows of a load; of the one in use if load is 0.
func (r *Request) rejectsLink(dataset string, load int64) Link {
	return Link{URL: rejectsAddress(dataset, load, "", "", 1), Words: own(r.P.T("rejects.link"))}
}

const day = 24 * time.Hour

// freshness says how old the newest data are, and whether that is older than they should be. Where data come at least daily, it is the
// day of which the newest row speaks that counts; where they come more often, when somebody last looked.
func (r *Request) freshness(v *staffDataset, ds *kpi.Dataset, rep *kpi.DatasetReport) {
	st := rep.State
	if st.Last == nil {
		return
	}
	if !r.City.AsOf.IsZero() {
		v.Fresh = append(v.Fresh, r.P.T("staff.fresh.historic"))
		return
	}
	age := r.now.Sub(st.Last.Time()).Truncate(day)
	if !st.DataUntil.IsZero() {
		age = time.Duration(r.Today.Sub(st.DataUntil)) * day
	}
	said := r.P.T("staff.fresh.today")
	if age > 0 {
		said = r.P.T("staff.fresh.age", "age", r.P.Span(age))
	}
	if ds.Expect.Every > 0 && ds.Expect.Every < day {
		age = r.now.Sub(rep.LastLooked())
		v.Fresh = append(v.Fresh, r.P.T("staff.fresh.looked", "age", r.P.Span(max(age, 0))))
	}
	v.Fresh = append(v.Fresh, said)
	if ds.Expect.Every > 0 {
		v.Timed, v.Stale = true, age > ds.Expect.Every
		v.Fresh = append(v.Fresh, r.P.T("staff.fresh.every", "every", r.P.Span(ds.Expect.Every)))
	}
}

// judge says in what state a dataset is, and what to do about it. A load that is under way changes nothing before it has ended.
func (r *Request) judge(v *staffDataset, ds *kpi.Dataset, rep *kpi.DatasetReport) {
	word := func(class kpi.PublicStatus, id string) { v.Chip = Chip{class, r.P.T("staff.state." + id)} }
	switch bad := rep.NewestFailure(); {
	case bad != nil:
		word(kpi.PublicOffTrack, "failed")
		v.Trouble = r.failure(ds.ID, bad, rep.Refused)
		if rep.State.Last != nil {
			v.Trouble.Why = append(v.Trouble.Why, r.P.T("staff.good_since", "age", r.P.Span(max(r.now.Sub(rep.LastLooked()), 0))))
		}
	case rep.State.Last == nil:
		word(kpi.PublicCannotSay, "waiting")
		v.Trouble = &trouble{Why: []string{r.P.T("data.never_loaded")}, Do: r.P.T("staff.do.never")}
	case v.Stale:
		word(kpi.PublicBehind, "stale")
		v.Trouble = &trouble{Why: v.Fresh, Do: r.P.T("staff.do.stale")}
	case len(warned(rep.State.Last)) > 0:
		word(kpi.PublicBehind, "warned")
		v.Trouble = &trouble{Why: []string{r.P.T("staff.why.warned")}, Do: r.P.T("staff.do.warned"), Rules: warned(rep.State.Last)}
	default:
		word(kpi.PublicOnTrack, "ok")
	}
}

// failure says why a run failed, as far as its record tells.
func (r *Request) failure(dataset string, l *kpi.Load, refused []kpi.RejectGroup) *trouble {
	t := &trouble{At: r.at(l.Started), Message: readableLines(l.Error), Rules: broken(l, kpi.ElseFail)}
	kind := "load"
	switch {
	case l.State == kpi.LoadAbandoned:
		kind = "stopped"
	case len(t.Rules) > 0:
		kind = "checks"
	case l.FailedAt == kpi.StepFetch, l.FailedAt == "" && len(l.Spool) == 0:
		kind = "fetch"
	}
	t.Why, t.Do = []string{r.P.T("staff.why." + kind)}, r.P.T("staff.do."+kind)
	if len(refused) > 0 {
		t.Rejects = r.rejectsLink(dataset, l.ID)
	}
	return t
}

// warned returns the rules that a load broke and went on all the same.
func warned(l *kpi.Load) []string { return broken(l, kpi.ElseWarn) }

// broken returns the rules of the checks that a load broke and that have the effect.
func broken(l *kpi.Load, effect kpi.CheckElse) []string {
	var rules []string
	for _, c := range l.Checks {
		if c.Failed > 0 && c.Check.Else == effect {
			rules = append(rules, c.Check.Rule)
		}
	}
	return rules
}

// run is one run in a few words.
func (r *Request) run(l *kpi.Load) runView {
	v := runView{
		At: r.at(l.Started), Trigger: r.P.Upper(r.P.Trigger(l.Trigger)), Took: r.P.T("staff.not_recorded"), Number: r.Count(l.ID),
		Outcome: r.P.Upper(r.P.LoadState(l.State)), Bad: l.State == kpi.LoadFailed || l.State == kpi.LoadAbandoned, Message: readableLines(l.Error),
	}
	if l.Attempt > 1 {
		v.Attempt = r.P.T("staff.attempt", "n", l.Attempt)
	}
	if end := ended(l); !end.IsZero() {
		v.Took = r.P.Span(end.Sub(l.Started))
	}
	if l.Counts.Read > 0 {
		v.Rows = r.Count(l.Counts.Read)
	}
	return v
}

// ended is when a run was over, as far as it was written down.
func ended(l *kpi.Load) time.Time {
	if l.Ended.IsZero() {
		return l.LiveAt
	}
	return l.Ended
}
