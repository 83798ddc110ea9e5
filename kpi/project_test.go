package kpi

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// on is the day so many days after 1 January 2026. The projects of these tests are planned from day 0 to day 100, 11 April.
func on(n int) Date { return Date{2026, 1, 1}.AddDays(n) }

func hundredDays() Project { return Project{ID: "x", PlannedStart: on(0), PlannedEnd: on(100)} }

func at(n int, v float64) ProjectPoint { return ProjectPoint{on(n), v} }

func whole(n int) *int { return &n }

// agree compares what may not be there.
func agree(got, want *float64) bool {
	if got == nil || want == nil {
		return got == want
	}
	return close9(*got, *want)
}

func TestProjectEarnedSchedule(t *testing.T) {
	straight, still := []ProjectPoint(nil), []ProjectPoint{at(60, 10), at(20, 10), at(500, 3), at(-5, 90), at(70, math.NaN())}
	for _, c := range []struct {
		name                                string
		plan                                []ProjectPoint
		start                               int // actual; 0: not told
		day                                 int
		done                                float64
		planned, earned, ahead, pace, speed float64
		forecast                            int // day; 0: none
		status                              Status
		rule                                string
	}{
		{"a tenth of the work behind", straight, 0, 50, 40, 50, 40, -10, 0.8, 0.8, 125, Behind, ProjectRulePace},
		{"nearly", straight, 0, 50, 48, 50, 48, -2, 0.96, 0.96, 105, OnTrack, ProjectRulePace}, // 104.17 days
		{"0.95 exactly", straight, 0, 50, 47.5, 50, 47.5, -2.5, 0.95, 0.95, 106, OnTrack, ProjectRulePace},
		{"0.6 exactly", straight, 0, 50, 30, 50, 30, -20, 0.6, 0.6, 167, Behind, ProjectRulePace},
		{"less", straight, 0, 50, 29, 50, 29, -21, 0.58, 0.58, 173, WellBehind, ProjectRulePace},
		{"nothing", straight, 0, 50, 0, 50, 0, -50, 0, 0, 0, WellBehind, ProjectRulePace},
		{"as planned", straight, 0, 50, 50, 50, 50, 0, 1, 1, 100, OnTrack, ProjectRulePlanned},
		{"ahead", straight, 0, 50, 60, 50, 60, 10, 1.2, 1.2, 84, OnTrack, ProjectRulePlanned},
		{"more than all is all", straight, 0, 50, 120, 50, 100, 50, 2, 2, 0, Achieved, ProjectRuleFinished},
		{"less than nothing is nothing", straight, 0, 20, -7, 20, 0, -20, 0, 0, 0, WellBehind, ProjectRulePace},
		{"in a planned standstill", still, 0, 40, 10, 10, 40, 0, 1, 1, 100, OnTrack, ProjectRulePlanned},
		{"before it", still, 0, 10, 10, 5, 20, 10, 2, 2, 50, OnTrack, ProjectRulePlanned},
		{"long after it", still, 0, 80, 10, 55, 60, -20, 0.75, 0.75, 134, Behind, ProjectRulePace},
		{"a quarter after it", still, 0, 80, 32.5, 55, 70, -10, 0.875, 0.875, 115, Behind, ProjectRulePace},
		{"begun late, as fast as planned", straight, 20, 70, 50, 70, 50, -20, 5.0 / 7, 1, 120, Behind, ProjectRulePace},
		{"begun early, as fast as planned", straight, -30, 60, 90, 60, 90, 30, 1.5, 1, 70, OnTrack, ProjectRulePlanned},
	} {
		p := hundredDays()
		p.PlannedProgress, p.Progress = c.plan, []ProjectPoint{at(c.day, c.done), at(c.day-5, 0), at(99, 100)}
		if c.start != 0 {
			p.ActualStart = on(c.start)
		}
		got := p.Assess(ProjectOptions{AsOf: on(c.day)})
		if got.Status == Achieved {
			if got.Judged != on(c.day) || got.Rule != c.rule || !agree(got.EarnedDays, &c.earned) || !agree(got.SPI, &c.speed) {
				t.Errorf("%s: %+v", c.name, got)
			}
			continue
		}
		if got.Status != c.status || got.Rule != c.rule || got.Judged != on(c.day) || !agree(got.Planned, &c.planned) || !agree(got.Actual, ptr(math.Max(0, c.done))) ||
			!agree(got.Variance, ptr(math.Max(0, c.done)-c.planned)) {
			t.Errorf("%s: %s %s, planned %v, actual %v", c.name, got.Status, got.Rule, shown(got.Planned), shown(got.Actual))
		}
		if !agree(got.EarnedDays, &c.earned) || !agree(got.VarianceDays, &c.ahead) || !agree(got.Pace, &c.pace) || !agree(got.SPI, &c.speed) {
			t.Errorf("%s: earned %v, ahead %v, pace %v, SPI %v", c.name, shown(got.EarnedDays), shown(got.VarianceDays), shown(got.Pace), shown(got.SPI))
		}
		want, late := Date{}, (*int)(nil)
		if c.forecast != 0 {
			want, late = on(c.forecast), whole(c.forecast-100)
		}
		if got.Forecast != want || !reflect.DeepEqual(got.ForecastDelay, late) {
			t.Errorf("%s: forecast %s, want %s", c.name, got.Forecast, want)
		}
	}
}

func TestProjectStatuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    func(*Project)
		asOf   int
		status Status
		rule   string
		delay  *int
		flags  []ProjectFlag
	}{
		{"finished on its day", func(p *Project) { p.ActualEnd = on(100) }, 150, Achieved, ProjectRuleFinished, whole(0), nil},
		{"finished early", func(p *Project) { p.ActualStart, p.ActualEnd = on(0), on(90) }, 90, Achieved, ProjectRuleFinished, whole(-10), nil},
		{"finished before it was to begin", func(p *Project) { p.ActualEnd = on(-3) }, 10, Achieved, ProjectRuleFinished, whole(-103), nil},
		{"finished a little late", func(p *Project) { p.ActualEnd = on(104) }, 104, Behind, ProjectRuleFinishedLate, whole(4), []ProjectFlag{ProjectLate}},
		{"finished very late", func(p *Project) { p.ActualEnd = on(200) }, 400, WellBehind, ProjectRuleFinishedLate, whole(100), []ProjectFlag{ProjectLate}},
		{"finished tomorrow", func(p *Project) { p.ActualEnd, p.Progress = on(51), []ProjectPoint{at(50, 50)} }, 50, OnTrack, ProjectRulePlanned, nil, nil},
		{"finished by its reports", func(p *Project) { p.Progress = []ProjectPoint{at(95, 100), at(90, 100), at(80, 95)} }, 99, Achieved, ProjectRuleFinished, whole(-10), nil},
		{"fell back from all", func(p *Project) { p.Progress = []ProjectPoint{at(90, 100), at(95, 98)} }, 99, OnTrack, ProjectRulePlanned, nil, []ProjectFlag{ProjectFellBack}},
		{"overdue", func(p *Project) { p.Progress = []ProjectPoint{at(95, 90)} }, 110, Behind, ProjectRuleOverdue, whole(10), []ProjectFlag{ProjectOverdue}},
		{"overdue by a day, nearly done", func(p *Project) { p.Progress = []ProjectPoint{at(101, 99)} }, 101, Behind, ProjectRuleOverdue, whole(1), []ProjectFlag{ProjectOverdue}},
		{"long overdue", func(p *Project) { p.Progress = []ProjectPoint{at(150, 90)} }, 151, WellBehind, ProjectRuleOverdue, whole(51), []ProjectFlag{ProjectOverdue}},
		{"overdue in silence", func(*Project) {}, 101, WellBehind, ProjectRuleOverdue, whole(1), []ProjectFlag{ProjectNoUpdate, ProjectNotStarted, ProjectOverdue}},
		{"not due", func(*Project) {}, -1, OnTrack, ProjectRuleNotDue, nil, nil},
		{"on the day of its start", func(*Project) {}, 0, NoData, ProjectRuleNoReport, nil, nil},
		{"a day later", func(*Project) {}, 1, NoData, ProjectRuleNoReport, nil, []ProjectFlag{ProjectNotStarted}},
		{"two months without a word", func(p *Project) { p.ActualStart = on(0) }, 62, NoData, ProjectRuleNoReport, nil, nil},
		{"and a day", func(p *Project) { p.ActualStart = on(0) }, 63, NoData, ProjectRuleNoReport, nil, []ProjectFlag{ProjectNoUpdate}},
		{"spending is a word", func(p *Project) { p.ActualStart, p.Spending = on(0), []ProjectPoint{at(30, 5)} }, 63, NoData, ProjectRuleNoReport, nil, nil},
		{"as planned, long ago", func(p *Project) { p.Progress = []ProjectPoint{at(10, 10)} }, 80, OnTrack, ProjectRulePlanned, nil, []ProjectFlag{ProjectNoUpdate}},
		{"begun early, nothing done yet", func(p *Project) { p.ActualStart, p.Progress = on(-9), []ProjectPoint{at(-2, 0)} }, -1, OnTrack, ProjectRulePlanned, nil, nil},
		{"begun late", func(p *Project) { p.ActualStart, p.Progress = on(3), []ProjectPoint{at(10, 10)} }, 10, OnTrack, ProjectRulePlanned, nil, []ProjectFlag{ProjectStartedLate}},
		{"no plan", func(p *Project) { p.PlannedEnd, p.Progress = Date{}, []ProjectPoint{at(10, 10)} }, 20, NoTarget, ProjectRuleNoPlan, nil, nil},
		{"finished without a plan", func(p *Project) { p.PlannedStart, p.ActualEnd = Date{}, on(3) }, 20, NoTarget, ProjectRuleNoPlan, nil, nil},
		{"an end before its start", func(p *Project) { p.PlannedEnd = on(-1) }, -5, NoTarget, ProjectRuleNoPlan, nil, []ProjectFlag{ProjectBadDates}},
		{"done before it began", func(p *Project) { p.ActualStart, p.ActualEnd = on(20), on(10) }, 50, NoData, ProjectRuleDates, whole(-90), []ProjectFlag{ProjectStartedLate, ProjectBadDates}},
		{"planned for one day, done", func(p *Project) { p.PlannedEnd, p.ActualEnd = on(0), on(0) }, 0, Achieved, ProjectRuleFinished, whole(0), nil},
		{"planned for one day, late", func(p *Project) { p.PlannedEnd, p.ActualEnd = on(0), on(2) }, 2, WellBehind, ProjectRuleFinishedLate, whole(2), []ProjectFlag{ProjectLate}},
		{"planned for one day, overdue", func(p *Project) { p.PlannedEnd, p.Progress = on(0), []ProjectPoint{at(0, 50)} }, 2, WellBehind, ProjectRuleOverdue, whole(2), []ProjectFlag{ProjectOverdue}},
	} {
		p := hundredDays()
		c.set(&p)
		got := p.Assess(ProjectOptions{AsOf: on(c.asOf)})
		if got.Status != c.status || got.Rule != c.rule || !slices.Equal(got.Flags, c.flags) || !reflect.DeepEqual(got.Delay, c.delay) {
			t.Errorf("%s: %s %s %v", c.name, got.Status, got.Rule, got.Flags)
		}
		for _, f := range ProjectFlags {
			if got.Has(f) != slices.Contains(c.flags, f) {
				t.Errorf("%s: %s is %v", c.name, f, got.Has(f))
			}
		}
	}
	// The plan today is that of the as-of date, whatever was reported when.
	p := hundredDays()
	p.Progress = []ProjectPoint{at(40, 40)}
	if got := p.Assess(ProjectOptions{AsOf: on(60)}); !agree(got.PlannedToday, ptr(60)) || !agree(got.Planned, ptr(40)) || *got.PlannedDays != 100 {
		t.Errorf("%+v", got)
	}
	// A city's own bands and patience.
	p.Progress = []ProjectPoint{at(50, 42)}
	if got := p.Assess(ProjectOptions{AsOf: on(58), Bands: Bands{OnTrack: 0.8, Behind: 0.5}, NoUpdateAfter: 7}); got.Status != OnTrack || !got.Has(ProjectNoUpdate) {
		t.Errorf("%+v", got)
	}
	// More than a century is no forecast.
	p.Progress = []ProjectPoint{at(50, 0.1)}
	if got := p.Assess(ProjectOptions{AsOf: on(50)}); !got.Forecast.IsZero() || !agree(got.SPI, ptr(0.002)) {
		t.Errorf("%+v", got)
	}
	// 90 % after 95 days lead to day 106, which has passed.
	p.Progress = []ProjectPoint{at(95, 90)}
	if got, then := p.Assess(ProjectOptions{AsOf: on(107)}), p.Assess(ProjectOptions{AsOf: on(106)}); !got.Forecast.IsZero() || then.Forecast != on(106) {
		t.Errorf("%s, %s", got.Forecast, then.Forecast)
	}
}

func TestProjectMilestones(t *testing.T) {
	p := hundredDays()
	p.ActualStart = on(0)
	named := func(name string, planned, revised, done Date) Milestone {
		return Milestone{Name: NewText(English, name), Planned: planned, Revised: revised, Done: done}
	}
	p.Milestones = []Milestone{
		named("roof", on(80), Date{}, on(85)), named("walls", on(50), on(55), on(56)), named("permit", on(10), Date{}, on(8)), named("opening", on(100), on(110), Date{}), named("no date", Date{}, Date{}, on(9)),
	}
	for _, c := range []struct {
		asOf       int
		last, next string
		lastDelay  int
		nextDelay  int
		overdue    bool
		status     Status
		rule       string
		pace       *float64
	}{
		{5, "", "permit", 0, 0, false, NoData, ProjectRuleNoReport, nil},
		{8, "permit", "walls", -2, 5, false, OnTrack, ProjectRuleMilestonesMet, nil},
		{50, "permit", "walls", -2, 5, false, OnTrack, ProjectRuleMilestonesMet, nil},
		{51, "permit", "walls", -2, 5, false, Behind, ProjectRuleMilestone, ptr(50.0 / 51)}, // on time by the revised plan, not by the first
		{55, "permit", "walls", -2, 5, false, Behind, ProjectRuleMilestone, ptr(50.0 / 55)},
		{56, "walls", "roof", 6, 0, false, OnTrack, ProjectRuleMilestonesMet, nil},
		{84, "walls", "roof", 6, 4, true, Behind, ProjectRuleMilestone, ptr(80.0 / 84)},
		{90, "roof", "opening", 5, 10, false, OnTrack, ProjectRuleMilestonesMet, nil},
		{105, "roof", "opening", 5, 10, false, Behind, ProjectRuleOverdue, ptr(100.0 / 105)},
		{200, "roof", "opening", 5, 100, true, WellBehind, ProjectRuleOverdue, ptr(0.5)},
	} {
		got := p.Assess(ProjectOptions{AsOf: on(c.asOf)})
		if got.Status != c.status || got.Rule != c.rule || !agree(got.Pace, c.pace) {
			t.Errorf("day %d: %s %s, pace %v", c.asOf, got.Status, got.Rule, shown(got.Pace))
		}
		if c.last == "" && got.Last != nil || c.last != "" && (got.Last == nil || got.Last.Name.String(English) != c.last || got.Last.Delay != c.lastDelay) {
			t.Errorf("day %d: last %+v", c.asOf, got.Last)
		}
		if got.Next == nil || got.Next.Name.String(English) != c.next || got.Next.Delay != c.nextDelay || got.Next.Overdue != c.overdue || !got.Next.Done.IsZero() {
			t.Errorf("day %d: next %+v", c.asOf, got.Next)
		}
	}
	p.Milestones = []Milestone{named("ground", on(-20), Date{}, Date{})}
	if got := p.Assess(ProjectOptions{AsOf: on(-10)}); got.Status != Behind || got.Rule != ProjectRuleMilestone || got.Pace != nil {
		t.Errorf("a step before the start: %+v", got)
	}
	if got := p.Assess(ProjectOptions{AsOf: on(10)}); got.Status != WellBehind || !agree(got.Pace, ptr(0)) {
		t.Errorf("a step before the start, after it: %+v", got)
	}
}

func TestProjectCost(t *testing.T) {
	spending := []ProjectPoint{at(60, 600), at(48, 500), at(90, 900)}
	for _, c := range []struct {
		name                                                                string
		set                                                                 func(*Project)
		planned, earned, actual, variance, cpi, completion, spent, ofBudget *float64
		over                                                                bool
	}{
		{"dearer than planned", func(*Project) {}, ptr(500), ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
		{"a plan of spending", func(p *Project) { p.PlannedSpending = []ProjectPoint{at(60, 500), at(40, 300)} }, ptr(400), ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
		{"before its first point", func(p *Project) { p.PlannedSpending = []ProjectPoint{at(80, 400)} }, ptr(250), ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
		{"after its last", func(p *Project) { p.PlannedSpending = []ProjectPoint{at(30, 450)} }, ptr(450), ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
		{"it begins with money", func(p *Project) { p.PlannedSpending = []ProjectPoint{at(0, 200), at(100, 1000)} }, ptr(600), ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
		{"a budget of zero", func(p *Project) { p.Budget = ptr(0) }, ptr(0), nil, ptr(500), nil, nil, nil, ptr(600), nil, true},
		{"no budget", func(p *Project) { p.Budget = nil }, nil, nil, ptr(500), nil, nil, nil, ptr(600), nil, false},
		{"a budget below zero", func(p *Project) { p.Budget = ptr(-5) }, nil, nil, ptr(500), nil, nil, nil, ptr(600), nil, false},
		{"over budget", func(p *Project) { p.Budget = ptr(550) }, ptr(275), ptr(220), ptr(500), ptr(-280), ptr(0.44), ptr(1250), ptr(600), ptr(100 * 600.0 / 550), true},
		{"nothing spent", func(p *Project) { p.Spending = nil }, ptr(500), ptr(400), nil, nil, nil, nil, nil, nil, false},
		{"zero spent", func(p *Project) { p.Spending = []ProjectPoint{at(10, 0)} }, ptr(500), ptr(400), ptr(0), ptr(400), nil, nil, ptr(0), ptr(0), false},
		{"spent after the report alone", func(p *Project) { p.Spending = []ProjectPoint{at(55, 100)} }, ptr(500), ptr(400), nil, nil, nil, nil, ptr(100), ptr(10), false},
		{"nothing done", func(p *Project) { p.Progress[0].Value = 0 }, ptr(500), ptr(0), ptr(500), ptr(-500), ptr(0), nil, ptr(600), ptr(60), false},
		{"no report of progress", func(p *Project) { p.Progress = nil }, ptr(650), nil, ptr(600), nil, nil, nil, ptr(600), ptr(60), false},
		{"no plan", func(p *Project) { p.PlannedEnd = Date{} }, nil, ptr(400), ptr(500), ptr(-100), ptr(0.8), ptr(1250), ptr(600), ptr(60), false},
	} {
		p := hundredDays()
		p.Budget, p.Spending, p.Progress = ptr(1000), spending, []ProjectPoint{at(50, 40), at(70, 80)}
		c.set(&p)
		s := p.Assess(ProjectOptions{AsOf: on(65)})
		got := s.Cost
		for name, v := range map[string][2]*float64{
			"planned": {got.Planned, c.planned}, "earned": {got.Earned, c.earned}, "actual": {got.Actual, c.actual}, "variance": {got.Variance, c.variance}, "CPI": {got.CPI, c.cpi},
			"at completion": {got.AtCompletion, c.completion}, "spent": {got.Spent, c.spent}, "of the budget": {got.SpentPercent, c.ofBudget},
		} {
			if !agree(v[0], v[1]) {
				t.Errorf("%s: %s is %v, want %v", c.name, name, shown(v[0]), shown(v[1]))
			}
		}
		if s.Has(ProjectOverBudget) != c.over {
			t.Errorf("%s: over budget is %v", c.name, !c.over)
		}
	}
}

// fuzzProject builds a project from bytes: two for each date or value.
func fuzzProject(data []byte) Project {
	next := func() int {
		if len(data) < 2 {
			return 0
		}
		v := int(data[0]) | int(data[1])<<8
		data = data[2:]
		return v
	}
	date := func() Date {
		if v := next(); v != 0 {
			return on(v%400 - 100)
		}
		return Date{}
	}
	odd := []float64{math.NaN(), math.Inf(1), 1e300, -1e149, 1e-300, 1e150, math.MaxFloat64}
	value := func() float64 {
		v := next()
		if v < len(odd) {
			return odd[v]
		}
		return float64(v%1300)/10 - 10
	}
	points := func() []ProjectPoint {
		var list []ProjectPoint
		for range next() % 6 {
			list = append(list, ProjectPoint{date(), value()})
		}
		return list
	}
	p := Project{PlannedStart: date(), PlannedEnd: date(), ActualStart: date(), ActualEnd: date(), Progress: points(), PlannedProgress: points(), Spending: points(), PlannedSpending: points()}
	if v := value(); v > 0 {
		p.Budget = &v
	}
	for range next() % 4 {
		p.Milestones = append(p.Milestones, Milestone{Planned: date(), Revised: date(), Done: date()})
	}
	return p
}

// Whatever the project: no panic, nothing that is not finite, an answer and a rule; nothing later than the as-of date counts; more progress is never
// worse, nor is an earlier end; another calendar says the same.
func FuzzProject(f *testing.F) {
	f.Add([]byte{100, 0, 200, 0, 0, 0, 0, 0, 2, 0, 130, 0, 44, 1, 140, 0, 88, 2}, int16(50))
	f.Add([]byte{200, 0, 100, 0, 150, 0, 120, 0, 1, 0, 130, 0, 1, 0}, int16(60))
	f.Add([]byte{}, int16(0))
	f.Add([]byte{101, 0, 200, 0, 110, 0, 0, 0, 3, 0, 120, 0, 200, 0, 130, 0, 2, 0, 140, 0, 9, 0, 2, 0, 120, 0, 88, 2, 160, 0, 88, 2, 1, 0, 130, 0, 55, 5, 1, 0, 140, 0, 66, 6, 99, 9, 3, 0, 120, 0, 0, 0, 125, 0, 130, 0, 140, 0}, int16(90))
	f.Fuzz(checkProject)
}

func TestProjectProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[string]int{}
	for range 4000 {
		data := make([]byte, 160)
		for k := range data {
			data[k] = byte(r.Uint32())
		}
		for k := 1; k < len(data); k += 2 {
			data[k] &= 1 // days and values that are near to each other
		}
		asOf := int16(r.IntN(400) - 100)
		checkProject(t, data, asOf)
		p := fuzzProject(data)
		seen[p.Assess(ProjectOptions{AsOf: on(int(asOf))}).Rule]++
	}
	for _, rule := range []string{
		ProjectRuleDates, ProjectRuleNoPlan, ProjectRuleFinished, ProjectRuleFinishedLate, ProjectRuleOverdue, ProjectRuleMilestone, ProjectRuleMilestonesMet, ProjectRuleNotDue,
		ProjectRuleNoReport, ProjectRulePlanned, ProjectRulePace,
	} {
		if seen[rule] == 0 {
			t.Errorf("no project was judged by %s: %v", rule, seen)
		}
	}
}

// checkProject holds a project to what holds for all.
func checkProject(t *testing.T, data []byte, asOf int16) {
	t.Helper()
	p, o := fuzzProject(data), ProjectOptions{AsOf: on(int(asOf) % 500)}
	got := p.Assess(o)
	if _, err := json.Marshal(got); err != nil { // JSON knows neither NaN nor infinity
		t.Fatalf("%+v: %v", got, err)
	}
	if !slices.Contains(Statuses, got.Status) || got.Rule == "" {
		t.Fatalf("%+v", got)
	}
	past := p
	past.ActualStart, past.ActualEnd = until(p.ActualStart, o.AsOf), until(p.ActualEnd, o.AsOf)
	past.Progress, past.Spending = pointsUntil(p.Progress, o.AsOf), pointsUntil(p.Spending, o.AsOf)
	past.Milestones = slices.Clone(p.Milestones)
	for k := range past.Milestones {
		past.Milestones[k].Done = until(past.Milestones[k].Done, o.AsOf)
	}
	if again := past.Assess(o); !reflect.DeepEqual(got, again) {
		t.Fatalf("without what is not known yet: %+v, not %+v", again, got)
	}
	more := past
	if n := len(more.Progress); n > 0 {
		more.Progress = slices.Clone(more.Progress)
		more.Progress[n-1].Value += 5
		if s := more.Assess(o); s.Status.Rank() < got.Status.Rank() && s.Rule != ProjectRuleDates { // all done before it began
			t.Fatalf("%s, with more progress %s: %+v", got.Status, s.Status, past)
		}
	}
	if !past.ActualEnd.IsZero() {
		more = past
		more.ActualEnd = past.ActualEnd.AddDays(-1)
		if s := more.Assess(o); s.Status.Rank() < got.Status.Rank() && s.Rule != ProjectRuleDates {
			t.Fatalf("%s, finished a day earlier %s", got.Status, s.Status)
		}
	}
	shift(&past, 1000)
	if again := past.Assess(ProjectOptions{AsOf: o.AsOf.AddDays(1000)}); again.Status != got.Status || again.Rule != got.Rule || !slices.Equal(again.Flags, got.Flags) || !agree(again.Pace, got.Pace) {
		t.Fatalf("a thousand days later: %+v, not %+v", again, got)
	}
}

func until(d, asOf Date) Date {
	if d.After(asOf) {
		return Date{}
	}
	return d
}

// shift moves all days of a project.
func shift(p *Project, days int) {
	move := func(d *Date) {
		if !d.IsZero() {
			*d = d.AddDays(days)
		}
	}
	for _, d := range []*Date{&p.PlannedStart, &p.PlannedEnd, &p.ActualStart, &p.ActualEnd} {
		move(d)
	}
	for _, list := range []*[]ProjectPoint{&p.Progress, &p.PlannedProgress, &p.Spending, &p.PlannedSpending} {
		*list = slices.Clone(*list)
		for k := range *list {
			move(&(*list)[k].Date)
		}
	}
	p.Milestones = slices.Clone(p.Milestones)
	for k := range p.Milestones {
		move(&p.Milestones[k].Planned)
		move(&p.Milestones[k].Revised)
		move(&p.Milestones[k].Done)
	}
}

func TestProjectOfUnusualDates(t *testing.T) {
	far := []Date{{1 << 40, 1, 1}, {-1 << 40, 1, 1}, {2026, 13, 40}, {1, 1, 1}, {9999, 12, 31}, {}}
	for _, a := range far {
		for _, b := range far {
			p := Project{PlannedStart: a, PlannedEnd: b, ActualStart: b, Progress: []ProjectPoint{{a, 10}, {b, 50}}, PlannedSpending: []ProjectPoint{{b, 1e150}, {a, -1e150}}, Budget: ptr(1e150), Milestones: []Milestone{{Planned: a, Revised: b}}}
			for _, asOf := range far {
				if _, err := json.Marshal(p.Assess(ProjectOptions{AsOf: asOf, NoUpdateAfter: math.MaxInt})); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
