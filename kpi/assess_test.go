package kpi

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

// situation is a small city with one indicator: months of 2015 with a value each, the last one December.
type situation struct {
	direction  Direction
	trajectory Trajectory
	baseline   *float64 // on 2014-12-31
	targets    []Target
	values     []float64 // of the last months before the as-of date, oldest first; the last is December 2015
	signal     SignalKind
	asOf       string // 2016-01-12 if empty
	minimum    int
	rows       int64 // 100 if 0
	settles    int
}

func ptr(v float64) *float64 { return &v }

func (s situation) input(t testing.TB) AssessInput {
	t.Helper()
	asOf := Date{2016, 1, 12}
	if s.asOf != "" {
		var err error
		if asOf, err = ParseDate(s.asOf); err != nil {
			t.Fatal(err)
		}
	}
	i := &Indicator{ID: "x", Version: 1, Direction: s.direction, Trajectory: s.trajectory, Targets: s.targets, Period: Month, Minimum: s.minimum, SettlesAfter: s.settles}
	if s.baseline != nil {
		i.Baseline = &Baseline{Value: *s.baseline, Date: Date{2014, 12, 31}}
	}
	in := AssessInput{Indicator: i, AsOf: asOf, Bands: DefaultBands, Signal: Signal{Kind: s.signal}}
	first := Date{2015, 12, 1}.AddMonths(1 - len(s.values))
	for k, v := range s.values {
		p, err := in.Calendar.Period(Month, first.AddMonths(k))
		if err != nil {
			t.Fatal(err)
		}
		rows := s.rows
		if rows == 0 {
			rows = 100
		}
		in.Series = append(in.Series, SeriesPoint{p, Observation{Indicator: "x", Version: 1, Period: p.ID, Value: ptr(v), Rows: rows, Excluded: map[string]int64{ReasonNoDueDate: 2}}})
	}
	return in
}

func by(date string, v float64) Target {
	d, err := ParseDate(date)
	if err != nil {
		panic(err)
	}
	return Target{By: d, Value: v}
}

func TestAssessStatuses(t *testing.T) {
	year := []Target{by("2015-12-31", 80)}
	twoYears := []Target{by("2016-12-31", 80)} // on 2015-12-31 half of the way, but for the leap day: 365 of 731 days
	late := []Target{by("2017-12-31", 80)}
	rangeTarget := []Target{{By: Date{2016, 12, 31}, Low: 40, High: 60}}
	e := 60 + 20*365.0/731
	for _, c := range []struct {
		name   string
		s      situation
		status Status
		rule   string
	}{
		{"met at its date", situation{direction: Up, baseline: ptr(60), targets: year, values: []float64{80}}, Achieved, RuleMetAtDate},
		{"met at its date but for the last digit", situation{direction: Up, baseline: ptr(60), targets: year, values: []float64{79.99999999999}}, Achieved, RuleMetAtDate},
		{"met without a baseline", situation{direction: Up, targets: year, values: []float64{81}}, Achieved, RuleMetAtDate},
		{"an interim target met", situation{direction: Up, baseline: ptr(60), targets: []Target{{By: Date{2015, 12, 31}, Value: 80, Kind: TargetInterim}, late[0]}, values: []float64{80}}, OnTrack, RuleMet},
		{"met early", situation{direction: Up, baseline: ptr(60), targets: late, values: []float64{95}}, OnTrack, RuleMet},
		{"met early without a baseline", situation{direction: Up, targets: late, values: []float64{95}}, OnTrack, RuleMet},
		{"where it should be", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{e}}, OnTrack, RuleExpected},
		{"0.95 of the pace", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{60 + 0.95*(e-60)}}, OnTrack, RulePace},
		{"just under 0.95", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{60 + 0.9499*(e-60)}}, Behind, RulePace},
		{"0.60 of the pace", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{60 + 0.6*(e-60)}}, Behind, RulePace},
		{"just under 0.60", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{60 + 0.5999*(e-60)}}, WellBehind, RulePace},
		{"at the baseline", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{60}}, WellBehind, RulePace},
		{"under the baseline, steady", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{59}, signal: Steady}, NoClearChange, RuleWorseThanBaseline},
		{"under the baseline, improving", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{59}, signal: Improving}, NoClearChange, RuleWorseThanBaseline},
		{"under the baseline, worsening", situation{direction: Up, baseline: ptr(60), targets: twoYears, values: []float64{59}, signal: Worsening}, WrongWay, RuleWorseThanBaseline},
		{"lower is better: on pace", situation{direction: Down, baseline: ptr(12), targets: []Target{by("2016-12-31", 8)}, values: []float64{10}}, OnTrack, RuleExpected},
		{"lower is better: behind", situation{direction: Down, baseline: ptr(12), targets: []Target{by("2016-12-31", 8)}, values: []float64{10.7}}, Behind, RulePace},
		{"lower is better: worse", situation{direction: Down, baseline: ptr(12), targets: []Target{by("2016-12-31", 8)}, values: []float64{14}, signal: Worsening}, WrongWay, RuleWorseThanBaseline},
		{"a perfect zero", situation{direction: Down, baseline: ptr(12), targets: []Target{by("2015-12-31", 0)}, values: []float64{0}}, Achieved, RuleMetAtDate},
		{"after the target: missed", situation{direction: Up, baseline: ptr(60), targets: []Target{by("2015-06-30", 80)}, values: []float64{75}}, Behind, RulePace},
		{"after the target: kept", situation{direction: Up, baseline: ptr(60), targets: []Target{by("2015-06-30", 80)}, values: []float64{85}}, Achieved, RuleMetAtDate},
		{"maintain: met", situation{direction: Up, baseline: ptr(80), targets: late, values: []float64{80}}, OnTrack, RuleMet},
		{"maintain: lost", situation{direction: Up, baseline: ptr(80), targets: late, values: []float64{79}, signal: Steady}, NoClearChange, RuleWorseThanBaseline},
		{"a target under the baseline: met", situation{direction: Up, baseline: ptr(90), targets: late, values: []float64{81}}, OnTrack, RuleMet},
		{"a target under the baseline: missed", situation{direction: Up, baseline: ptr(90), targets: late, values: []float64{79}, signal: Worsening}, WrongWay, RuleWorseThanBaseline},
		{"at the start", situation{direction: Up, trajectory: TrajectoryStep, baseline: ptr(60), targets: late, values: []float64{60}}, OnTrack, RuleExpected},
		{"at the start, worse", situation{direction: Up, trajectory: TrajectoryStep, baseline: ptr(60), targets: late, values: []float64{59}}, NoClearChange, RuleWorseThanBaseline},
		{"no baseline", situation{direction: Up, targets: late, values: []float64{70}}, BaselineBeingSet, RuleNoBaseline},
		{"no baseline, step to come", situation{direction: Up, trajectory: TrajectoryStep, targets: late, values: []float64{70}}, BaselineBeingSet, RuleNoBaseline},
		{"no baseline, target missed at its date", situation{direction: Up, targets: year, values: []float64{70}}, Behind, RuleDistance},
		{"no baseline, target missed by far", situation{direction: Up, targets: year, values: []float64{40}}, WellBehind, RuleDistance},
		{"no baseline, after the first step", situation{direction: Up, trajectory: TrajectoryStep, targets: []Target{by("2015-06-30", 60), late[0]}, values: []float64{60}}, OnTrack, RuleExpected},
		{"no baseline, under the first step", situation{direction: Up, trajectory: TrajectoryStep, targets: []Target{by("2015-06-30", 60), late[0]}, values: []float64{50}}, Behind, RuleDistance},
		{"every period: met, its year not over", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: late, values: []float64{81}}, OnTrack, RuleMet},
		{"every period: met in all", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: year, values: []float64{80, 90, 81}}, Achieved, RuleMetAtDate},
		{"every period: met in the last, not in all", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: year, values: []float64{70, 90, 81}}, OnTrack, RuleMet},
		{"every period: missed before the target was set", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: []Target{{By: Date{2015, 12, 31}, Value: 80, Set: Date{2015, 11, 1}}}, values: []float64{70, 90, 81}}, Achieved, RuleMetAtDate},
		{"every period: missed before the target was moved", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: []Target{
			{By: Date{2015, 12, 31}, Value: 90, Set: Date{2015, 1, 1}}, {By: Date{2015, 12, 31}, Value: 80, Set: Date{2015, 12, 1}}}, values: []float64{89, 95, 81}}, OnTrack, RuleMet},
		{"every period: met as it stood then, and as it was moved", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: []Target{
			{By: Date{2015, 12, 31}, Value: 70, Set: Date{2015, 1, 1}}, {By: Date{2015, 12, 31}, Value: 80, Set: Date{2015, 12, 1}}}, values: []float64{71, 75, 81}}, Achieved, RuleMetAtDate},
		{"every period: missed", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: late, values: []float64{79}}, Behind, RuleDistance},
		{"every period: missed by 40 %", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: late, values: []float64{48}}, Behind, RuleDistance},
		{"every period: missed by more", situation{direction: Up, trajectory: TrajectoryEveryPeriod, targets: late, values: []float64{47}}, WellBehind, RuleDistance},
		{"every period: worse than the baseline", situation{direction: Up, trajectory: TrajectoryEveryPeriod, baseline: ptr(70), targets: late, values: []float64{69}, signal: Worsening}, WrongWay, RuleWorseThanBaseline},
		{"every period: zero wanted", situation{direction: Down, trajectory: TrajectoryEveryPeriod, targets: []Target{by("2016-12-31", 0)}, values: []float64{1}}, WellBehind, RuleDistance},
		{"milestones", situation{direction: Up, trajectory: TrajectoryMilestones, baseline: ptr(60), targets: []Target{by("2015-06-30", 70), by("2016-06-30", 80)}, values: []float64{60 + 15.0*0.9}}, Behind, RulePace},
		{"in the range", situation{direction: Range, baseline: ptr(30), targets: rangeTarget, values: []float64{40}}, OnTrack, RuleMet},
		{"towards the range", situation{direction: Range, baseline: ptr(30), targets: rangeTarget, values: []float64{35}}, OnTrack, RuleExpected},
		{"too slowly towards the range", situation{direction: Range, baseline: ptr(30), targets: rangeTarget, values: []float64{33.5}}, Behind, RulePace},
		{"past the range", situation{direction: Range, baseline: ptr(30), targets: rangeTarget, values: []float64{66.5}}, Behind, RulePace},
		{"away from the range", situation{direction: Range, baseline: ptr(30), targets: rangeTarget, values: []float64{29}, signal: Worsening}, WrongWay, RuleWorseThanBaseline},
		{"out of the range where it was", situation{direction: Range, baseline: ptr(50), targets: rangeTarget, values: []float64{61}, signal: Changing}, NoClearChange, RuleWorseThanBaseline},
		{"range in every period, missed by less than 40 % of its width", situation{direction: Range, trajectory: TrajectoryEveryPeriod, targets: rangeTarget, values: []float64{67}}, Behind, RuleDistance},
		{"range in every period, missed by more", situation{direction: Range, trajectory: TrajectoryEveryPeriod, targets: rangeTarget, values: []float64{69}}, WellBehind, RuleDistance},
		{"no target", situation{direction: Up, values: []float64{70}}, NoTarget, RuleNoTarget},
		{"no direction", situation{direction: Neutral, targets: year, values: []float64{70}}, NoTarget, RuleNoDirection},
		{"no data", situation{direction: Up, targets: year}, NoData, RuleNoSettledValue},
		{"no number", situation{direction: Up, targets: year, values: []float64{math.NaN()}}, NoData, RuleNoSettledValue},
		{"nothing settled", situation{direction: Up, targets: year, values: []float64{70}, settles: 60}, NoData, RuleNoSettledValue},
		{"too few", situation{direction: Up, targets: year, values: []float64{100}, rows: 1, minimum: 10}, TooFew, RuleMinimum},
		{"just enough", situation{direction: Up, targets: year, values: []float64{100}, rows: 10, minimum: 10}, Achieved, RuleMetAtDate},
		{"a target that is no number", situation{direction: Up, targets: []Target{by("2015-12-31", math.NaN())}, values: []float64{70}}, NoTarget, RuleNoTarget},
		{"a baseline that is no number", situation{direction: Up, baseline: ptr(math.Inf(1)), targets: late, values: []float64{70}}, BaselineBeingSet, RuleNoBaseline},
	} {
		a := Assess(c.s.input(t))
		if a.Status != c.status || a.Rule != c.rule {
			t.Errorf("%s: %s by %s, want %s by %s", c.name, a.Status, a.Rule, c.status, c.rule)
		}
	}
}

func TestAssessNumbers(t *testing.T) {
	s := situation{direction: Down, baseline: ptr(12), targets: []Target{by("2016-12-31", 8)}, values: []float64{13, 10.5}, signal: Steady}
	a := Assess(s.input(t))
	e := 12 - 4*365.0/731
	for name, c := range map[string]struct {
		got  *float64
		want float64
	}{
		"value":    {a.Value, 10.5},
		"expected": {a.Expected, e},
		"gap":      {a.Gap, 10.5 - e},
		"progress": {a.Progress, 1.5 / 4},
		"pace":     {a.Pace, 1.5 / (12 - e)},
	} {
		if c.got == nil || !close9(*c.got, c.want) {
			t.Errorf("%s = %v, want %v", name, c.got, c.want)
		}
	}
	if a.Period != "2015-12" || a.Newest != "2016-01" || a.Rows != 100 || a.Excluded[ReasonNoDueDate] != 2 || a.Met || a.Target.Value != 8 || a.Baseline.Value != 12 || a.Bands != DefaultBands || a.Signal.Kind != Steady || a.AsOf != (Date{2016, 1, 12}) {
		t.Errorf("assessment %+v", a)
	}
	s.baseline = ptr(8)
	if a = Assess(s.input(t)); a.Progress != nil || a.Pace != nil || a.Expected == nil {
		t.Errorf("maintain: progress %v, pace %v, expected %v", a.Progress, a.Pace, a.Expected)
	}
}

func TestAssessFlags(t *testing.T) {
	target := by("2016-12-31", 80)
	base := situation{direction: Up, baseline: ptr(60), targets: []Target{target}, values: []float64{65, 66}}
	with := func(change func(*situation)) situation { s := base; change(&s); return s }
	for _, c := range []struct {
		name   string
		s      situation
		mend   func(*AssessInput)
		judged string
		want   []Flag
	}{
		{"within the newest month", base, nil, "2015-12", []Flag{FlagPartial}},
		{"December is not settled", with(func(s *situation) { s.settles = 14 }), nil, "2015-11", []Flag{FlagPartial, FlagProvisional}},
		{"at the end of its last day the month is over, and settled if nothing more is waited for", with(func(s *situation) { s.asOf = "2015-12-31" }), nil, "2015-12", nil},
		{"over, but not settled", with(func(s *situation) { s.asOf = "2016-01-06"; s.settles = 7 }), nil, "2015-11", []Flag{FlagPartial, FlagProvisional}},
		{"settled at the end of the seventh day", with(func(s *situation) { s.asOf = "2016-01-07"; s.settles = 7 }), nil, "2015-12", []Flag{FlagPartial}},
		{"on the day before it is partial", with(func(s *situation) { s.asOf = "2015-12-30" }), nil, "2015-11", []Flag{FlagPartial}},
		{"on the day after it is settled", with(func(s *situation) { s.asOf = "2016-01-01" }), nil, "2015-12", []Flag{FlagPartial}},
		{"62 days later", with(func(s *situation) { s.asOf = "2016-03-02" }), nil, "2015-12", []Flag{FlagPartial}},
		{"63 days later", with(func(s *situation) { s.asOf = "2016-03-03" }), nil, "2015-12", []Flag{FlagPartial, FlagStale}},
		{"63 days later, settles after 7", with(func(s *situation) { s.asOf = "2016-03-03"; s.settles = 7 }), nil, "2015-12", []Flag{FlagPartial, FlagProvisional}},
		{"the target's date has passed", with(func(s *situation) { s.targets = []Target{by("2016-01-11", 80)} }), nil, "2015-12", []Flag{FlagPartial, FlagTargetOver}},
		{"the target's date is today", with(func(s *situation) { s.targets = []Target{by("2016-01-12", 80)} }), nil, "2015-12", []Flag{FlagPartial}},
		{"an illustrative target", base, func(in *AssessInput) { in.Indicator.Targets[0].Illustrative = true }, "2015-12", []Flag{FlagPartial, FlagIllustrative}},
		{"two definitions", base, func(in *AssessInput) { in.Series[1].Observation.Version = 2 }, "2015-12", []Flag{FlagPartial, FlagDefinitionChanged}},
		{"another definition without a value", base, func(in *AssessInput) { in.Series[0].Observation.Version = 2; in.Series[0].Observation.Value = nil }, "2015-12", []Flag{FlagPartial}},
	} {
		c.s.targets = slices.Clone(c.s.targets)
		in := c.s.input(t)
		if c.mend != nil {
			c.mend(&in)
		}
		a := Assess(in)
		if a.Period != c.judged || !reflect.DeepEqual(a.Flags, c.want) {
			t.Errorf("%s: judged %s, flags %v; want %s, %v", c.name, a.Period, a.Flags, c.judged, c.want)
		}
	}
}

func TestAssessChoosesThePeriod(t *testing.T) {
	s := situation{direction: Up, baseline: ptr(60), targets: []Target{by("2016-12-31", 80)}, values: []float64{61, 62, 63}}
	in := s.input(t)
	in.Series[2].Observation.Value = nil
	if a := Assess(in); a.Period != "2015-11" || *a.Value != 62 {
		t.Errorf("with an empty December: %s", a.Period)
	}
	in.AsOf = Date{2015, 11, 15}
	if a := Assess(in); a.Period != "2015-10" || a.Newest != "2015-11" {
		t.Errorf("as of mid-November: judged %s, newest %s", a.Period, a.Newest)
	}
	in = s.input(t)
	year, err := in.Calendar.Period(Year, Date{2015, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	newer := in.Series[2]
	newer.Observation.Version, newer.Observation.Value = 2, ptr(64)
	in.Series = append(in.Series, newer, SeriesPoint{year, Observation{Value: ptr(99), Version: 1}})
	if a := Assess(in); *a.Value != 64 {
		t.Errorf("of two definitions and another kind of period, %v was judged", *a.Value)
	}
	in.Indicator.Period = "decade"
	if a := Assess(in); a.Status != NoData {
		t.Errorf("an unknown kind of period: %s", a.Status)
	}
}

func TestBandsOutOfOrderAreReplaced(t *testing.T) {
	for _, b := range []Bands{{}, {OnTrack: 0.5, Behind: 0.9}, {OnTrack: math.NaN(), Behind: math.NaN()}, {OnTrack: 2, Behind: 1}} {
		if got := b.orDefault(); got != DefaultBands {
			t.Errorf("%+v became %+v", b, got)
		}
	}
	if b := (Bands{OnTrack: 0.9, Behind: 0.5}); b.orDefault() != b {
		t.Errorf("%+v became %+v", b, b.orDefault())
	}
}

// draw makes a situation from bytes; floats come from a small grid, so that equalities happen.
type draw struct{ bytes []byte }

func (d *draw) next(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := d.bytes[0]
	d.bytes = d.bytes[1:]
	return int(b) % n
}

func (d *draw) value() float64 { return float64(d.next(41)-20) / 2 }

func (d *draw) situation() situation {
	s := situation{
		direction:  Directions[d.next(3)],
		trajectory: Trajectories[d.next(4)],
		signal:     []SignalKind{Improving, Worsening, Steady, TooEarly, Changing}[d.next(5)],
		settles:    d.next(30),
	}
	if d.next(4) > 0 {
		s.baseline = ptr(d.value())
	}
	for range d.next(4) {
		low := d.value()
		s.targets = append(s.targets, Target{By: Date{2015, 3, 1}.AddDays(d.next(250) * 3), Value: d.value(), Low: low, High: low + float64(d.next(10)), Kind: []string{TargetAnnual, TargetInterim}[d.next(2)], Set: Date{2015, 1, 1}.AddDays(d.next(250))})
	}
	for range 1 + d.next(6) {
		s.values = append(s.values, d.value())
	}
	return s
}

// betterThan returns how much better a is than b, for the target that governs December.
func betterThan(in AssessInput, a Assessment, x, y float64) bool {
	if a.Target == nil {
		return false
	}
	return turned(in.Indicator.Direction, *a.Target, x) > turned(in.Indicator.Direction, *a.Target, y)
}

func seeds(f *testing.F) {
	f.Helper()
	random := rand.New(rand.NewPCG(1, 2)) // the same situations in every run
	for range 2000 {
		b := make([]byte, 40)
		for j := range b {
			b[j] = byte(random.Uint32())
		}
		f.Add(b, int8(random.Uint32()))
	}
}

// A better value never gets a worse status, the signal held fixed.
func FuzzBetterIsNeverWorse(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte, other int8) {
		d := draw{b}
		s := d.situation()
		in := s.input(t)
		before := Assess(in)
		if before.Value == nil {
			return
		}
		var k int
		for k = range in.Series {
			if in.Series[k].Period.ID == before.Period {
				break
			}
		}
		x, y := *before.Value, float64(other)/4
		in.Series[k].Observation.Value = &y
		after := Assess(in)
		worse, better := before, after
		if betterThan(in, before, x, y) {
			worse, better = after, before
		} else if !betterThan(in, before, y, x) {
			return
		}
		if better.Status.Rank() < worse.Status.Rank() {
			t.Fatalf("%v → %s by %s, but the better %v → %s by %s (%+v)", *worse.Value, worse.Status, worse.Rule, *better.Value, better.Status, better.Rule, s)
		}
	})
}

// Neither the order of the rows nor the unit matters; for a range, nor where its zero lies.
func FuzzOrderAndUnits(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte, shift int8) {
		d := draw{b}
		s := d.situation()
		want := Assess(s.input(t))
		shuffled := s.input(t)
		for k := range shuffled.Series {
			j := int(uint(k*7+int(shift)) % uint(len(shuffled.Series)))
			shuffled.Series[k], shuffled.Series[j] = shuffled.Series[j], shuffled.Series[k]
		}
		if got := Assess(shuffled); !reflect.DeepEqual(got, want) {
			t.Fatalf("in another order: %+v, want %+v", got, want)
		}
		changes := []func(float64) float64{func(v float64) float64 { return v * 1000 }, func(v float64) float64 { return v / 7 }}
		if s.direction == Range {
			changes = append(changes, func(v float64) float64 { return v + float64(shift) })
		}
		for n, change := range changes {
			if got := Assess(s.in(change).input(t)); got.Status != want.Status || got.Rule != want.Rule || got.Met != want.Met {
				t.Fatalf("change %d: %s by %s, want %s by %s (%+v)", n, got.Status, got.Rule, want.Status, want.Rule, s)
			}
		}
	})
}

// in returns the situation with every value changed.
func (s situation) in(change func(float64) float64) situation {
	out := s
	out.values, out.targets = slices.Clone(s.values), slices.Clone(s.targets)
	for k := range out.values {
		out.values[k] = change(out.values[k])
	}
	for k := range out.targets {
		t := &out.targets[k]
		t.Value, t.Low, t.High = change(t.Value), change(t.Low), change(t.High)
	}
	if s.baseline != nil {
		out.baseline = ptr(change(*s.baseline))
	}
	return out
}

// No number panics, and none that is not finite comes out.
func FuzzAssessAnyNumbers(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, 4.0, 0.95, uint8(0))
	f.Add(math.NaN(), math.Inf(1), -math.MaxFloat64, math.MaxFloat64, math.NaN(), uint8(7))
	f.Add(1e150, -1e150, 1e-320, 0.0, -1.0, uint8(3))
	f.Fuzz(func(t *testing.T, value, baseline, target, high, band float64, kind uint8) {
		s := situation{direction: Directions[kind%4], trajectory: Trajectories[kind/4%4], baseline: &baseline, signal: Worsening,
			targets: []Target{{By: Date{2016, 6, 30}, Value: target, Low: target, High: high}}, values: []float64{baseline, value}}
		if kind&64 != 0 {
			s.baseline = nil
		}
		in := s.input(t)
		in.Bands = Bands{OnTrack: band, Behind: high}
		in.Signal.Mean, in.Signal.Upper, in.Outlook = &target, &high, &Outlook{Probability: band}
		a := Assess(in)
		if _, err := json.Marshal(a); err != nil { // JSON has no NaN and no infinity
			t.Fatalf("%v: %+v", err, a)
		}
		if a.Status == "" || a.Rule == "" {
			t.Fatalf("no status: %+v", a)
		}
	})
}

func TestStatusOrder(t *testing.T) {
	ranked := []Status{WrongWay, WellBehind, Behind, OnTrack, Achieved}
	for k := 1; k < len(ranked); k++ {
		if ranked[k].Rank() <= ranked[k-1].Rank() {
			t.Errorf("%s is not better than %s", ranked[k], ranked[k-1])
		}
	}
	if NoClearChange.Rank() != WellBehind.Rank() {
		t.Error("no clear change and well behind differ")
	}
	for _, s := range Statuses {
		if s.Public() == "" || (s.Rank() == 0) != (s.Public() == PublicCannotSay) {
			t.Errorf("%s: rank %d, in public %s", s, s.Rank(), s.Public())
		}
	}
}

func BenchmarkAssess(b *testing.B) {
	s := situation{direction: Up, baseline: ptr(60), targets: []Target{by("2016-12-31", 80)}, values: make([]float64, 120)}
	in := s.input(b)
	in.AsOf = DateOf(time.Date(2016, 1, 12, 0, 0, 0, 0, time.UTC))
	for b.Loop() {
		Assess(in)
	}
}
