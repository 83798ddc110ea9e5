package pages

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

const staffReleasesPath = StaffRoot + "/releases"

var staffReleasesPage = Page{
	Name: "staff_releases", Path: staffReleasesPath, Menu: "rounds.menu", Role: StaffOnly, Needs: account.SeeStaff, Sends: account.CheckRound,
	Shown: func(r *Request) bool { return r.work.Rounds != nil || r.staff == nil }, Load: loadReleases, Post: postReleases,
}

// releasesData is the list of rounds, with a form that opens another.
type releasesData struct {
	formErrors
	Action  string
	Lead    string
	Mail    string // that no reminder has gone out for days; "" if some have
	Rounds  []roundLine
	May     bool // the reader may open a round
	Busy    *Link
	Form    openForm
	Periods []optionGroup
}

// roundLine is a round in the list.
type roundLine struct {
	Link    Link
	Period  string
	Chip    Chip
	FillBy  Moment
	Release Moment
	Done    string // how many departments a release waits for no more
	Late    string // of how many parts were late; "" if none was
	Returns string
	Number  Value // of the publication
	Over    bool  // it was released
}

// openForm is what was sent.
type openForm struct{ Name, Period, FillBy, CheckBy, ReleaseOn, Correction string }

func loadReleases(ctx context.Context, r *Request) (Content, error) {
	return r.releases(ctx, releasesData{})
}

// releases is the page with what was sent before, if anything was.
func (r *Request) releases(ctx context.Context, d releasesData) (Content, error) {
	if r.work.Rounds == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps rounds here")
	}
	list, err := r.work.Rounds.Rounds(ctx, kpi.PaperQuery{})
	if err != nil {
		return Content{}, err
	}
	d.Action, d.May = staffReleasesPath, r.Person.May(account.CheckRound, "")
	d.Lead = r.P.T("rounds.lead." + string(r.City.Publish))
	if d.Mail, err = r.mailTrouble(ctx); err != nil {
		return Content{}, err
	}
	for i := len(list) - 1; i >= 0; i-- {
		line := r.roundLine(&list[i])
		d.Rounds = append(d.Rounds, line)
		if list[i].State == release.Filling {
			d.Busy = &line.Link
		}
	}
	if d.May && d.Busy == nil {
		r.openForm(&d)
	}
	c := Content{Title: r.P.T("rounds.title"), Summary: d.Lead}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// roundShapes are the shapes of the states. They are those of the statuses: a reader knows them already.
var roundShapes = map[release.RoundState]kpi.PublicStatus{
	release.Filling: kpi.PublicBehind, release.Released: kpi.PublicOnTrack, release.Stopped: kpi.PublicCannotSay,
}

func (r *Request) roundChip(s release.RoundState) Chip {
	return Chip{roundShapes[s], r.P.T("rounds.state." + string(s))}
}

func staffReleasePath(id int64) string { return staffReleasesPath + "/" + strconv.FormatInt(id, 10) }

func (r *Request) roundLine(x *release.Round) roundLine {
	l := roundLine{
		Link: Link{URL: staffReleasePath(x.ID), Words: own(x.Name)}, Period: r.roundPeriod(x.Period), Chip: r.roundChip(x.State),
		FillBy: r.on(x.FillBy), Release: r.on(x.ReleaseOn), Done: r.P.T("rounds.done", "n", len(x.Filings)-x.Waiting(), "total", len(x.Filings)),
	}
	late, returns := 0, 0
	for i := range x.Filings {
		if f := &x.Filings[i]; f.Late || x.Overdue(f, r.Today) {
			late++
		}
		returns += x.Filings[i].Returns
	}
	if late > 0 {
		l.Late = r.P.T("rounds.late_count", "n", late)
	}
	if returns > 0 {
		l.Returns = r.P.T("rounds.returns", "n", returns)
	}
	if x.Publication > 0 {
		l.Number = r.Count(x.Publication)
	}
	if x.State == release.Released {
		l.Release, l.Over = r.at(x.ReleasedAt), true
	}
	return l
}

// roundPeriod is the name of the period of a round; its id if the city's calendar does not know it any more.
func (r *Request) roundPeriod(id string) string {
	p, err := r.Cal.Parse(id)
	if err != nil {
		return id
	}
	return r.P.Period(p)
}

// roundPeriodsOffered is how many periods of each kind a round can be about.
const roundPeriodsOffered = 4

// openForm fills the form: the periods that have ended, the newest first, of each kind that a public indicator has.
func (r *Request) openForm(d *releasesData) {
	until := r.Today
	if !r.City.AsOf.IsZero() {
		until = r.City.AsOf.AddDays(1)
	}
	first := true
	for _, kind := range kpi.PeriodKinds {
		if kind == kpi.Day || !slices.ContainsFunc(r.City.Indicators, func(i kpi.Indicator) bool { return i.Public && i.Period == kind }) {
			continue
		}
		g := optionGroup{Heading: own(r.P.Upper(r.P.PeriodKind(kind)))}
		last := until
		for range roundPeriodsOffered {
			p, err := r.Cal.Period(kind, last)
			if err != nil {
				break
			}
			if !p.Last.Before(until) {
				if p, err = r.Cal.Period(kind, p.First.AddDays(-1)); err != nil {
					break
				}
			}
			last = p.First.AddDays(-1)
			if first {
				first = false
				r.defaultDates(&d.Form, p)
			}
			g.Options = append(g.Options, option{Value: p.ID, Words: own(r.P.Period(p)), Selected: p.ID == d.Form.Period})
		}
		d.Periods = append(d.Periods, g)
	}
}

// defaultDates fills in what was not sent.
func (r *Request) defaultDates(f *openForm, p kpi.Period) {
	fill, check, on := release.Dates(p, r.City.Workdays(), r.Today)
	f.FillBy, f.CheckBy, f.ReleaseOn = cmp.Or(f.FillBy, fill.String()), cmp.Or(f.CheckBy, check.String()), cmp.Or(f.ReleaseOn, on.String())
}

// postReleases opens a round.
func postReleases(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if !r.Person.May(account.CheckRound, "") || r.work.Rounds == nil {
		return Posted{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you open a round")
	}
	text := func(name string) string { return kpi.PlainText(form.Get(name)) }
	d := releasesData{Form: openForm{text("name"), text("period"), text("fill_by"), text("check_by"), text("release_on"), text("correction")}}
	o := release.Opening{
		Name: d.Form.Name, FillBy: typedDate(d.Form.FillBy), CheckBy: typedDate(d.Form.CheckBy), ReleaseOn: typedDate(d.Form.ReleaseOn),
		Correction: d.Form.Correction, Lang: r.Lang,
	}
	if p, err := r.Cal.Parse(d.Form.Period); err == nil {
		o.Period = p
		o.Name = cmp.Or(o.Name, r.P.Period(p))
	}
	list, err := r.work.Rounds.Rounds(ctx, kpi.PaperQuery{})
	if err != nil {
		return Posted{}, err
	}
	departments := release.Departments(r.City)
	for _, f := range o.FaultsOf(list, departments, r.Today) {
		r.openFault(&d, f, o)
	}
	if len(d.Errors) == 0 {
		opened, err := r.work.Rounds.OpenRound(ctx, o, departments, r.Today, r.Person.By(), r.now)
		switch {
		case err == nil:
			return Posted{To: staffReleasePath(opened.ID)}, nil
		case kpi.ErrorCode(err) != kpi.CodeConflict:
			return Posted{}, err
		}
		d.add("", r.P.T("rounds.fault.under_way")) // by somebody else, at the same time
	}
	content, err := r.releases(ctx, d)
	return Posted{Content: content}, err
}

// openFault says what is wrong with the form, at its field.
func (r *Request) openFault(d *releasesData, f release.Fault, o release.Opening) {
	field := map[release.Fault]string{release.FaultName: "name", release.FaultPeriod: "period", release.FaultCorrection: "correction"}[f]
	if f == release.FaultDates {
		switch {
		case o.FillBy.IsZero():
			field = "fill_by"
		case o.CheckBy.IsZero() || o.CheckBy.Before(o.FillBy):
			field = "check_by"
		default:
			field = "release_on"
		}
	}
	d.add(field, r.P.T("rounds.fault."+string(f), "max", release.MaxName))
}

// typedDate reads a date as a form sends it; the zero date if it is none.
func typedDate(s string) kpi.Date {
	var d kpi.Date
	if err := d.UnmarshalText([]byte(s)); err != nil {
		return kpi.Date{}
	}
	return d
}
