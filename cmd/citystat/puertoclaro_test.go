package main

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	sampledata "citystat/sample-data"
)

// TestSampleFolders: the folders that the program carries are without a mistake and without a warning.
func TestSampleFolders(t *testing.T) {
	for _, name := range sampledata.Names() {
		city, _, problems, err := folder{path: samplePrefix + name}.load()
		if err != nil || city == nil || len(problems) != 0 {
			t.Errorf("%s: %v\n%v", name, err, problems)
		}
	}
}

// TestPuertoClaro serves the made-up city once, and looks at whether every page of the site has something to show.
func TestPuertoClaro(t *testing.T) {
	app := start(t, testOptions(samplePrefix+"puerto-claro", t.TempDir()))
	c := card(t, app)
	t.Run("definitions", func(t *testing.T) { puertoClaroSaysAll(t, c.City) })
	t.Run("answers", func(t *testing.T) { puertoClaroAnswers(t, c) })
	t.Run("rows", func(t *testing.T) { puertoClaroRows(t, c) })
	t.Run("groups", func(t *testing.T) { puertoClaroGroups(t, c) })
	t.Run("baselines", func(t *testing.T) { puertoClaroBaselines(t, c) })
	t.Run("pages", func(t *testing.T) {
		for _, lang := range []string{"es", "en", "pt-br", "fr"} {
			get(t, app, "/"+lang+"/")
		}
		for _, r := range c.Results {
			get(t, app, "/es/indicators/"+r.Indicator.ID)
		}
	})
}

// lacking reports which of the kinds that there are the city does not use.
func lacking[K comparable](t *testing.T, what string, all []K, used map[K]bool) {
	t.Helper()
	for _, k := range all {
		if !used[k] {
			t.Errorf("no indicator has the %s %v", what, k)
		}
	}
}

// puertoClaroSaysAll holds the folder to what it is for: that everything that a folder can say is said in it.
func puertoClaroSaysAll(t *testing.T, c *kpi.City) {
	t.Helper()
	measures, shapes, directions, units := map[kpi.MeasureKind]bool{}, map[kpi.Trajectory]bool{}, map[kpi.Direction]bool{}, map[kpi.Unit]bool{}
	kinds, targets, said := map[kpi.IndicatorKind]bool{}, map[string]bool{}, map[string]bool{}
	for _, i := range c.Indicators {
		measures[i.Measure.Kind], directions[i.Direction], units[i.Unit], kinds[i.Kind] = true, true, true, true
		days := map[string]bool{}
		for _, x := range i.Targets {
			shapes[i.Trajectory], targets[x.Kind] = true, true
			day := fmt.Sprint(x.By, x.Kind)
			said["a changed target"] = said["a changed target"] || days[day]
			days[day] = true
		}
		for what, is := range map[string]bool{
			"a project with milestones": i.Project != nil && len(i.Project.Milestones) > 0 && i.Project.Spent != "", "a year's total": i.AddsUpIn != "", "a service": i.Service != nil,
			"another method": i.Judge.By == kpi.MethodExecuted, "limits anew": len(i.Rebases) > 0, "groups": i.Equity != nil, "suppression": i.Suppress > 0,
			"a note of a change, with its act": len(i.Reasons) > 0 && !i.Reasons[0].Act.IsZero(), "a pair": len(i.PairedWith) > 0, "a caution": !i.Caution.IsZero(),
			"a late settling": i.SettlesAfter >= 60, "a quarter": i.Period == kpi.Quarter, "a week": i.Period == kpi.Week, "a year": i.Period == kpi.Year, "a month": i.Period == kpi.Month,
		} {
			said[what] = said[what] || is
		}
	}
	lacking(t, "measure", kpi.MeasureKinds, measures)
	lacking(t, "trajectory", kpi.Trajectories, shapes)
	lacking(t, "direction", kpi.Directions, directions)
	lacking(t, "unit", kpi.Units, units)
	lacking(t, "kind", kpi.IndicatorKinds, kinds)
	lacking(t, "target", []string{kpi.TargetAnnual, kpi.TargetInterim, kpi.TargetTerm}, targets)
	for what, is := range map[string]bool{
		"a theme of its own": len(c.Theme.Light) > 0 && len(c.Theme.Dark) > 0 && c.Theme.Logo != nil, "a contact": !c.Contact.IsZero(), "an accessibility statement": len(c.Statement.Gaps) > 0,
		"a glossary": len(c.Glossary) >= 5, "a public outlook": c.Outlook, "feedback": c.Feedback, "holidays": len(c.Holidays) > 20, "a weekend": len(c.Weekend) > 0,
		"residents by district": c.Population != nil && len(c.Population.ByDistrict) == len(c.Districts), "a fixed day": !c.AsOf.IsZero(), "priorities": len(c.Priorities) >= 4,
		"departments that say what they do": len(c.DepartmentsOn(c.AsOf)) == 6 && !slices.ContainsFunc(c.DepartmentsOn(c.AsOf), func(d *kpi.Department) bool { return d.About.IsZero() || d.Head == "" || d.URL == "" }),
		"a department that ended, whose work another goes on with": slices.ContainsFunc(c.Departments, func(d kpi.Department) bool {
			return d.Ended(c.AsOf) && len(c.Heirs(kpi.OrgDepartment, d.ID, c.AsOf)) == 1 && !d.About.IsZero()
		}),
		"meetings every few weeks, of which residents read": slices.ContainsFunc(c.Meetings, func(m kpi.MeetingSeries) bool { return m.Weeks > 0 && len(m.Departments) > 0 && len(m.Standing) > 0 }),
		"meetings once a month":                             slices.ContainsFunc(c.Meetings, func(m kpi.MeetingSeries) bool { return m.Month != 0 }),
		"meetings that are for staff alone":                 len(c.Meetings) == 2, // of three: the third one is not published
		"districts with parts and postcodes": len(c.Districts) == 10 && !slices.ContainsFunc(c.Districts, func(d kpi.District) bool {
			return len(d.Parts) == 0 || len(d.Postcodes) == 0 || len(d.Polygons) == 0
		}),
	} {
		said[what] = is
	}
	for what, is := range said {
		if !is {
			t.Errorf("the folder says nothing of: %s", what)
		}
	}
}

// puertoClaroAnswers: every indicator has a value and a status, each of the four words is said of a few, and all evaluations are answered. What is measured of the
// people who work here says that there are no data as long as nobody does.
func puertoClaroAnswers(t *testing.T, c *scorecard.Scorecard) {
	t.Helper()
	own := 0
	for _, r := range c.Results {
		if d := c.City.Dataset(r.Indicator.Dataset); d.Source.Kind == kpi.SourceLedger {
			own++
			if r.Assessment.Value != nil || r.Assessment.Status != kpi.NoData {
				t.Errorf("%s of an empty ledger: %s, value %v", r.Indicator.ID, r.Assessment.Status, show(r.Assessment.Value))
			}
			continue
		}
		if r.Assessment.Value == nil || r.Assessment.Status == "" || r.Assessment.Status == kpi.NoData {
			t.Errorf("%s: %s, value %v", r.Indicator.ID, r.Assessment.Status, show(r.Assessment.Value))
		}
	}
	if own != 8 {
		t.Errorf("%d indicators measure the programme itself, want 8", own)
	}
	for _, word := range kpi.PublicStatuses {
		if n := c.Tally("")[word]; n < 3 {
			t.Errorf("%d indicators are %s; a reader should meet each word a few times", n, word)
		}
	}
	signals, outlooks, methods := map[kpi.SignalKind]bool{}, 0, map[kpi.EvaluationMethod]bool{}
	for _, r := range c.Results {
		signals[r.Assessment.Signal.Kind] = true
		if r.Assessment.Outlook != nil {
			outlooks++
		}
	}
	for _, word := range []kpi.SignalKind{kpi.Improving, kpi.Worsening, kpi.Steady, kpi.TooEarly} {
		if !signals[word] {
			t.Errorf("no indicator is %s", word)
		}
	}
	if outlooks < 10 {
		t.Errorf("%d indicators have an outlook that the public may see", outlooks)
	}
	for _, e := range c.Evaluations {
		methods[e.Method] = true
		if e.State != "answered" || len(e.Effects) == 0 {
			t.Errorf("%s: %s", e.Definition.ID, e.State)
		}
	}
	if len(methods) != 3 {
		t.Errorf("evaluations use the methods %v, not all three", methods)
	}
	// A result that is told as a story: what was done helped, and what is not looked at got worse.
	for id, word := range map[string]kpi.PublicStatus{
		"baches-a-tiempo": kpi.PublicOnTrack, "baches-repetidos": kpi.PublicOffTrack, "espera-medica": kpi.PublicOffTrack, "horas-de-agua": kpi.PublicOffTrack,
		"malecon": kpi.PublicBehind, "muertes-viales": kpi.PublicCannotSay, "inspectores": kpi.PublicCannotSay,
	} {
		if got := c.Result(id).Assessment.Status.Public(); got != word {
			t.Errorf("%s is %s, and should be %s", id, got, word)
		}
	}
}

// puertoClaroRows: bad rows are refused and counted, those left out have their reasons, and districts that are none are told.
func puertoClaroRows(t *testing.T, c *scorecard.Scorecard) {
	t.Helper()
	left := map[string]int64{}
	for _, r := range c.Results {
		for reason, n := range r.Total.Excluded {
			left[reason] += n
		}
	}
	for _, reason := range []string{
		kpi.ReasonNoDueDate, kpi.ReasonNotYetDue, kpi.ReasonNotYetClosed, kpi.ReasonClosedBeforeOpened, kpi.ReasonNoValue, "made-by-city", "cancelled", "no-answer",
	} {
		if left[reason] == 0 {
			t.Errorf("no row is left out for %s", reason)
		}
	}
	refused, columns, unplaced := int64(0), map[string]bool{}, map[string]int64{}
	for _, d := range c.Datasets {
		if d.Last == nil || d.Failed != nil {
			t.Errorf("%s is not loaded", d.Dataset)
		}
		for _, g := range d.Rejects {
			refused += g.Rows
			columns[g.Column] = true
		}
		for _, u := range d.Unplaced {
			unplaced[u.Member] += u.Rows
		}
	}
	if refused < 10 || len(columns) < 3 {
		t.Errorf("%d rows are refused, in the columns %v", refused, columns)
	}
	if unplaced[kpi.MemberNotRecorded] < 100 || unplaced[kpi.MemberNotRecognised] < 11 {
		t.Errorf("rows of no district: %v", unplaced)
	}
}

// puertoClaroGroups: Loma Alta is left behind where the city's mean hides it, and small numbers are published nowhere.
func puertoClaroGroups(t *testing.T, c *scorecard.Scorecard) {
	t.Helper()
	water := c.Result("horas-de-agua")
	at := slices.IndexFunc(water.Equity, func(e scorecard.Equity) bool { return e.Dimension == kpi.DimensionDistrict })
	if at < 0 {
		t.Fatal("districts are not compared")
	}
	for _, g := range water.Equity[at].Groups {
		if behind := *g.Value < 0.8**water.Equity[at].Value; behind != (g.Member == "loma-alta") {
			t.Errorf("%s has %.1f hours of water, the city %.1f", g.Member, *g.Value, *water.Equity[at].Value)
		}
	}
	hidden, shown := 0, 0
	births := c.Result("madres-adolescentes")
	for _, m := range births.Members {
		for _, o := range m.Series {
			switch {
			case o.Suppressed != kpi.NotSuppressed:
				hidden++
				if o.Value != nil || o.Rows != 0 {
					t.Errorf("%s %s is kept back and says %v of %d rows", m.Member, o.Period, show(o.Value), o.Rows)
				}
			case o.Value != nil:
				shown++
			}
		}
	}
	if hidden < 10 || shown < 40 {
		t.Errorf("births: %d numbers of districts are kept back, %d shown", hidden, shown)
	}
}

// puertoClaroBaselines: a baseline is what the rows say of its period, rounded; of a share or ratio by month, what they say from the first day to its
// last one.
func puertoClaroBaselines(t *testing.T, c *scorecard.Scorecard) {
	t.Helper()
	compared := 0
	for _, r := range c.Results {
		b := r.Indicator.Baseline
		if b == nil || r.Indicator.Project != nil {
			continue
		}
		var got, of, per float64
		if o := r.Observation(b.From, "", ""); o != nil && o.Value != nil {
			got = *o.Value
		} else {
			for _, p := range r.Series {
				if o := p.Observation; !p.Period.Last.After(b.Date) && o.Numerator != nil && o.Denominator != nil {
					of, per = of+*o.Numerator, per+*o.Denominator
				}
			}
			got = r.Indicator.Measure.Factor() * of / per
		}
		compared++
		if !(math.Abs(got-b.Value) <= 0.0005*b.Value+0.05) {
			t.Errorf("%s: the baseline is %v, and %s has %v", r.Indicator.ID, b.Value, b.From, got)
		}
	}
	if compared < 10 {
		t.Errorf("only %d indicators have a baseline", compared)
	}
}
