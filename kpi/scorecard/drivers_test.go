package scorecard

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"citystat/kpi"
)

// partOf is a member in two periods: of a ratio numerator and denominator, of others the value in num. NaN: it is not there.
type partOf struct {
	member                 string
	num0, den0, num1, den1 float64
}

// inPeriod is an observation; nil if there is none.
func inPeriod(m kpi.Measure, period, member string, num, den float64) *kpi.Observation {
	if math.IsNaN(num) {
		return nil
	}
	o := &kpi.Observation{Version: 1, Period: period, Member: member, Rows: 50, Value: ptr(num), Numerator: ptr(num)}
	if member != "" {
		o.Dimension = kpi.DimensionDistrict
	}
	if m.Ratio() {
		o.Denominator, o.Value = ptr(den), nil
		if math.IsNaN(den) {
			o.Denominator = nil
		} else if den != 0 {
			o.Value = ptr(m.Factor() * num / den)
		}
	}
	return o
}

// twoPeriods makes a result of the months 2014-12 and 2015-12, whose city is the sum of the parts.
func twoPeriods(m kpi.Measure, parts ...partOf) *Result {
	var city partOf
	r := &Result{Indicator: &kpi.Indicator{ID: "i", Measure: m, Period: kpi.Month, Dimensions: []string{kpi.DimensionDistrict}}}
	for _, p := range parts {
		member := Member{Dimension: kpi.DimensionDistrict, Member: p.member}
		for _, o := range []*kpi.Observation{inPeriod(m, "2014-12", p.member, p.num0, p.den0), inPeriod(m, "2015-12", p.member, p.num1, p.den1)} {
			if o != nil {
				member.Series = append(member.Series, *o)
			}
		}
		for _, v := range []struct {
			to   *float64
			from float64
		}{{&city.num0, p.num0}, {&city.den0, p.den0}, {&city.num1, p.num1}, {&city.den1, p.den1}} {
			if !math.IsNaN(v.from) {
				*v.to += v.from
			}
		}
		r.Members = append(r.Members, member)
	}
	for _, o := range []*kpi.Observation{inPeriod(m, "2014-12", "", city.num0, city.den0), inPeriod(m, "2015-12", "", city.num1, city.den1)} {
		p, err := kpi.Calendar{}.Parse(o.Period)
		if err != nil {
			panic(err)
		}
		r.Series = append(r.Series, Point{Period: p, Settled: true, Observation: *o})
	}
	r.Assessment.Period = "2015-12"
	return r
}

func driversFor(t *testing.T, r *Result) Drivers {
	t.Helper()
	list := subject{indicator: r.Indicator}.drivers(r)
	if len(list) != 1 {
		t.Fatalf("%d drivers: %+v", len(list), list)
	}
	return list[0]
}

// alike compares drivers but for the last digits.
func alike(a, b Drivers) bool {
	near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(y)) }
	if a.Dimension != b.Dimension || a.From != b.From || a.To != b.To || len(a.Groups) != len(b.Groups) || !near(a.Change, b.Change) || !near(a.Rate, b.Rate) || !near(a.Mix, b.Mix) {
		return false
	}
	for k, g := range a.Groups {
		h := b.Groups[k]
		if g.Member != h.Member || !near(g.Rate, h.Rate) || !near(g.Mix, h.Mix) || !near(g.Total, h.Total) {
			return false
		}
	}
	return true
}

// By hand. In the first every district does better and the city worse, for there is more to do where little is done in time.
func TestDrivers(t *testing.T) {
	none := math.NaN()
	share := kpi.Measure{Kind: kpi.MeasureShare}
	for _, c := range []struct {
		name    string
		measure kpi.Measure
		parts   []partOf
		want    Drivers
	}{
		{"share", share, []partOf{{"north", 40, 50, 18, 20}, {"south", 10, 50, 24, 80}},
			Drivers{Change: -8, Rate: 10, Mix: -18, Groups: []Driver{{"north", 3.5, -11.7, -8.2}, {"south", 6.5, -6.3, 0.2}}}},
		// Half of the cases of the second year come from a district that had none: 50 % → 70 %, overall half way 60 %.
		{"a group that appears", share, []partOf{{"north", 50, 100, 60, 100}, {"south", none, none, 80, 100}},
			Drivers{Change: 20, Rate: 7.5, Mix: 12.5, Groups: []Driver{{"north", 7.5, 2.5, 10}, {"south", 0, 10, 10}}}},
		{"a group that vanishes", share, []partOf{{"north", 60, 100, 50, 100}, {kpi.MemberNotRecorded, 80, 100, none, none}},
			Drivers{Change: -20, Rate: -7.5, Mix: -12.5, Groups: []Driver{{"north", -7.5, -2.5, -10}, {kpi.MemberNotRecorded, 0, -10, -10}}}},
		{"mean", kpi.Measure{Kind: kpi.MeasureMean}, []partOf{{"north", 100, 10, 60, 10}, {"south", 200, 10, 180, 10}},
			Drivers{Change: -3, Rate: -3, Groups: []Driver{{"north", -2, 0, -2}, {"south", -1, 0, -1}}}},
		{"a cost without units", kpi.Measure{Kind: kpi.MeasureRatio, Times: 10}, []partOf{{"north", 100, 10, 100, 10}, {"south", 0, 0, 50, 0}},
			Drivers{Change: 50, Mix: 50, Groups: []Driver{{"south", 0, 50, 50}, {"north", 0, 0, 0}}}},
		{"count", kpi.Measure{Kind: kpi.MeasureCount}, []partOf{{"north", 100, 0, 90, 0}, {"south", 40, 0, 80, 0}, {"west", none, 0, 5, 0}, {"none", 0, 0, 0, 0}},
			Drivers{Change: 35, Rate: 35, Groups: []Driver{{"south", 40, 0, 40}, {"north", -10, 0, -10}, {"west", 5, 0, 5}}}},
		{"last", kpi.Measure{Kind: kpi.MeasureLast}, []partOf{{"north", 7, 0, none, 0}, {"south", 1, 0, 3, 0}},
			Drivers{Change: -5, Rate: -5, Groups: []Driver{{"north", -7, 0, -7}, {"south", 2, 0, 2}}}},
		{"sum with negative values", kpi.Measure{Kind: kpi.MeasureSum}, []partOf{{"north", -7, 0, 3, 0}, {"south", 7, 0, -4, 0}},
			Drivers{Change: -1, Rate: -1, Groups: []Driver{{"south", -11, 0, -11}, {"north", 10, 0, 10}}}},
	} {
		c.want.Dimension, c.want.From, c.want.To = kpi.DimensionDistrict, "2014-12", "2015-12"
		if got := driversFor(t, twoPeriods(c.measure, c.parts...)); !alike(got, c.want) {
			t.Errorf("%s: %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

// The rows of a rate add up while the residents are the same, those of no district too; otherwise the residents must add up as well.
func TestDriversOfRates(t *testing.T) {
	rate := kpi.Measure{Kind: kpi.MeasureRate, Times: 1000}
	none := math.NaN()
	same := twoPeriods(rate, partOf{"north", 10, 600, 16, 600}, partOf{"south", 10, 300, 9, 300}, partOf{kpi.MemberNotRecorded, 1, none, 3, none})
	want := Drivers{Dimension: kpi.DimensionDistrict, From: "2014-12", To: "2015-12", Change: 7000. / 900, Rate: 7000. / 900,
		Groups: []Driver{{"north", 6000. / 900, 0, 6000. / 900}, {kpi.MemberNotRecorded, 2000. / 900, 0, 2000. / 900}, {"south", -1000. / 900, 0, -1000. / 900}}}
	if got := driversFor(t, same); !alike(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
	grown := driversFor(t, twoPeriods(rate, partOf{"north", 10, 600, 12, 900}, partOf{"south", 10, 300, 10, 300}))
	if grown.Mix >= 0 || grown.Groups[0].Member != "north" {
		t.Errorf("more people where there is less: %+v", grown)
	}
	moved := driversFor(t, twoPeriods(rate, partOf{"north", 10, 500, 12, 1000}, partOf{kpi.MemberNotRecorded, 10, none, 11, none}))
	want = Drivers{Dimension: kpi.DimensionDistrict, From: "2014-12", To: "2015-12", Change: -17, Rate: -8, Mix: -9, Groups: []Driver{{kpi.MemberNotRecorded, 0, -9, -9}, {"north", -8, 0, -8}}}
	if !alike(moved, want) {
		t.Errorf("rows without residents, of whom there are more: %+v", moved)
	}
	lost := twoPeriods(rate, partOf{"north", 10, 600, 12, 900}, partOf{"south", 10, 300, 10, 300})
	lost.Series[1].Observation = *inPeriod(rate, "2015-12", "", 22, 1250) // some residents are of no district
	if d := (subject{indicator: lost.Indicator}).drivers(lost); d != nil {
		t.Errorf("residents that do not add up: %+v", d)
	}
}

// What cannot be divided without a rest is not divided.
func TestNoDrivers(t *testing.T) {
	share := kpi.Measure{Kind: kpi.MeasureShare}
	good := func() *Result {
		return twoPeriods(share, partOf{"north", 40, 50, 18, 20}, partOf{"south", 10, 50, 24, 80})
	}
	driversFor(t, good())
	for name, change := range map[string]func(*Result){
		"a median":                   func(r *Result) { r.Indicator.Measure.Kind = kpi.MeasureMedian },
		"a percentile":               func(r *Result) { r.Indicator.Measure.Kind = kpi.MeasurePercentile },
		"a duration":                 func(r *Result) { r.Indicator.Measure.Kind = kpi.MeasureDuration },
		"members that do not add up": func(r *Result) { r.Members[0].Series[0].Numerator = ptr(41) },
		"denominators neither":       func(r *Result) { r.Members[0].Series[1].Denominator = ptr(21) },
		"another value of the city":  func(r *Result) { r.Series[1].Observation.Value = ptr(42.1) },
		"values of the city that are both too high": func(r *Result) {
			r.Series[0].Observation.Value, r.Series[1].Observation.Value = ptr(51), ptr(43)
		},
		"no value":                 func(r *Result) { r.Series[0].Observation.Value = nil },
		"no numerator":             func(r *Result) { r.Series[0].Observation.Numerator = nil },
		"another definition":       func(r *Result) { r.Series[0].Observation.Version = 2 },
		"too few rows before":      func(r *Result) { r.Indicator.Minimum, r.Series[0].Observation.Rows = 10, 9 },
		"too few rows":             func(r *Result) { r.Indicator.Minimum, r.Series[1].Observation.Rows = 10, 9 },
		"not settled":              func(r *Result) { r.Series[0].Settled = false },
		"a city that is not shown": func(r *Result) { r.Series[0].Observation.Suppressed = kpi.SuppressedComplementary },
		"nothing judged":           func(r *Result) { r.Assessment.Period = "" },
		"one group":                func(r *Result) { *r = *twoPeriods(share, partOf{"north", 40, 50, 18, 20}) },
		"no members":               func(r *Result) { r.Members = nil },
		"a negative denominator": func(r *Result) {
			*r = *twoPeriods(share, partOf{"north", 40, -50, 18, 20}, partOf{"south", 10, 90, 24, 80})
		},
		"not a number": func(r *Result) { r.Members[0].Series[0].Numerator = ptr(math.NaN()) },
		"infinite":     func(r *Result) { r.Members[0].Series[0].Denominator = ptr(math.Inf(1)) },
	} {
		r := good()
		if change(r); len((subject{indicator: r.Indicator}).drivers(r)) != 0 {
			t.Errorf("%s: %+v", name, (subject{indicator: r.Indicator}).drivers(r))
		}
	}
}

// The period is compared with the same one a year before; where that has no value, with the settled one before it.
func TestDriversCompareWith(t *testing.T) {
	for _, c := range []struct {
		kind    kpi.PeriodKind
		periods []string
		without string
		want    string
	}{
		{kpi.Month, []string{"2014-11", "2014-12", "2015-01", "2015-11", "2015-12"}, "", "2014-12"},
		{kpi.Month, []string{"2014-11", "2014-12", "2015-01", "2015-11", "2015-12"}, "2014-12", "2015-11"},
		{kpi.Month, []string{"2015-09", "2015-11", "2015-12"}, "2015-11", "2015-09"},
		{kpi.Quarter, []string{"2014-Q4", "2015-Q3", "2015-Q4"}, "", "2014-Q4"},
		{kpi.FiscalQuarter, []string{"FY2015-Q2", "FY2016-Q1", "FY2016-Q2"}, "", "FY2015-Q2"},
		{kpi.FiscalYear, []string{"FY2014", "FY2015"}, "", "FY2014"},
		{kpi.Week, []string{"2014-W52", "2015-W52", "2015-W53"}, "", "2015-W52"},
		{kpi.Week, []string{"2015-W01", "2015-W52", "2015-W53"}, "", "2015-W01"}, // 52 weeks before
		{kpi.Day, []string{"2014-12-30", "2014-12-31", "2015-12-30"}, "", "2014-12-31"},
	} {
		calendar := kpi.Calendar{FiscalStart: 7}
		r := &Result{Indicator: &kpi.Indicator{Measure: kpi.Measure{Kind: kpi.MeasureCount}, Period: c.kind}}
		for k, id := range c.periods {
			p, err := calendar.Parse(id)
			if err != nil {
				t.Fatal(err)
			}
			o := kpi.Observation{Period: id, Value: ptr(float64(2 * k))}
			if id == c.without {
				o.Value = nil
			}
			r.Series = append(r.Series, Point{Period: p, Settled: true, Observation: o})
		}
		for _, m := range []string{"north", "south"} {
			member := Member{Dimension: kpi.DimensionDistrict, Member: m}
			for k, id := range c.periods {
				member.Series = append(member.Series, kpi.Observation{Period: id, Value: ptr(float64(k))})
			}
			r.Members = append(r.Members, member)
		}
		r.Assessment.Period = c.periods[len(c.periods)-1]
		list := subject{indicator: r.Indicator, calendar: calendar}.drivers(r)
		if len(list) != 1 || list[0].From != c.want || list[0].To != r.Assessment.Period {
			t.Errorf("%v without %q: %+v, want %s", c.periods, c.without, list, c.want)
		}
	}
}

// Those who are not shown enter together, as what the others leave of the city.
func TestDriversWithHiddenMembers(t *testing.T) {
	hide := func(cells ...string) func(member, period string) bool {
		return func(member, period string) bool { return slices.Contains(cells, member+" "+period) }
	}
	share := kpi.Measure{Kind: kpi.MeasureShare}
	r := twoPeriods(share, partOf{"a", 40, 50, 18, 20}, partOf{"b", 3, 10, 4, 20}, partOf{"c", 4, 10, 7, 20}, partOf{"d", 3, 30, 13, 40})
	together := driversFor(t, twoPeriods(share, partOf{"a", 40, 50, 18, 20}, partOf{"d", 3, 30, 13, 40}, partOf{"", 7, 20, 11, 40}))
	of := func(hidden func(member, period string) bool) (Drivers, bool) {
		return driversOf(r, kpi.DimensionDistrict, "2014-12", "2015-12", hidden)
	}
	for _, cells := range [][]string{
		{"b 2014-12", "c 2014-12"},
		{"b 2015-12", "c 2015-12"},
		{"b 2014-12", "c 2014-12", "b 2015-12", "c 2015-12"},
	} {
		if got, ok := of(hide(cells...)); !ok || !alike(got, together) {
			t.Errorf("%v: %v %+v\nwant %+v", cells, ok, got, together)
		}
	}
	for name, cells := range map[string][]string{
		"one alone":                   {"b 2014-12"},
		"one alone in both":           {"b 2014-12", "b 2015-12"},
		"another one in each":         {"b 2014-12", "c 2015-12"},
		"one alone in one of the two": {"b 2014-12", "c 2014-12", "c 2015-12"},
		"all":                         {"a 2014-12", "b 2014-12", "c 2014-12", "d 2014-12"},
		"the city":                    {" 2015-12"},
	} {
		if got, ok := of(hide(cells...)); ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	r.Drivers = []Drivers{driversFor(t, r)}
	got := driversWith(r, func(dimension, member, _ string) bool {
		return dimension == kpi.DimensionDistrict && (member == "b" || member == "c")
	})
	if len(got) != 1 || !alike(got[0], together) {
		t.Errorf("%+v", got)
	}
	if got := driversWith(r, func(_, member, _ string) bool { return member == "b" }); got != nil {
		t.Errorf("one alone: %+v", got)
	}
	for k := range r.Members { // as the public copy has it: the numbers are gone
		if m := &r.Members[k]; m.Member == "b" || m.Member == "c" {
			for j := range m.Series {
				m.Series[j] = kpi.Observation{Period: m.Series[j].Period, Suppressed: kpi.SuppressedPrimary}
			}
		}
	}
	if got, ok := of(nil); !ok || !alike(got, together) {
		t.Errorf("numbers that are gone: %v %+v", ok, got)
	}
}

// randomParts makes a city of several members, some of which are missing in a period.
func randomParts(r *rand.Rand, m kpi.Measure) []partOf {
	var parts []partOf
	for k := range 3 + r.IntN(8) {
		p := partOf{member: fmt.Sprintf("m%d", k), den0: float64(1 + r.IntN(200)), den1: float64(1 + r.IntN(200))}
		p.num0, p.num1 = math.Floor(r.Float64()*(p.den0+1)), math.Floor(r.Float64()*(p.den1+1))
		if m.Kind == kpi.MeasureRate {
			p.den1 = p.den0
		}
		if k > 1 && r.IntN(5) == 0 {
			p.num0, p.den0 = math.NaN(), math.NaN()
		}
		if k > 1 && r.IntN(5) == 0 {
			p.num1, p.den1 = math.NaN(), math.NaN()
		}
		parts = append(parts, p)
	}
	return parts
}

var divisibleMeasures = []kpi.Measure{
	{Kind: kpi.MeasureShare}, {Kind: kpi.MeasureMean}, {Kind: kpi.MeasureRatio, Times: 1000}, {Kind: kpi.MeasureRate, Times: 100_000},
	{Kind: kpi.MeasureCount}, {Kind: kpi.MeasureSum}, {Kind: kpi.MeasureLast},
}

// Whatever the numbers: the groups add up to the change, their order changes nothing, values in another unit give effects in it, and what is hidden
// contributes together what it contributes apart, and can be anything.
func TestDriversProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2))
	divided := 0
	for n := range 2000 {
		m := divisibleMeasures[n%len(divisibleMeasures)]
		parts := randomParts(random, m)
		r := twoPeriods(m, parts...)
		list := subject{indicator: r.Indicator}.drivers(r)
		if len(list) == 0 {
			continue // a rate whose residents are not known in one of the periods
		}
		divided++
		d := list[0]
		total, size := 0.0, math.Max(math.Abs(*r.Series[0].Observation.Value), math.Abs(*r.Series[1].Observation.Value))
		apart := map[string]float64{}
		for k, g := range d.Groups {
			total += g.Total
			apart[g.Member] = g.Total
			if math.Abs(g.Rate+g.Mix-g.Total) > 1e-9*size || k > 0 && math.Abs(g.Total) > math.Abs(d.Groups[k-1].Total) {
				t.Fatalf("%s %+v: group %d", m.Kind, d, k)
			}
		}
		if change := *r.Series[1].Observation.Value - *r.Series[0].Observation.Value; d.Change != change || math.Abs(total-change) > 1e-9*size || math.Abs(d.Rate+d.Mix-change) > 1e-9*size {
			t.Fatalf("%s: %v of %v: %+v", m.Kind, total, change, d)
		}
		shuffled := slices.Clone(parts)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if other := driversFor(t, twoPeriods(m, shuffled...)); !alike(bySameOrder(other), bySameOrder(d)) {
			t.Fatalf("%s: %+v in another order: %+v", m.Kind, d, other)
		}
		scaled := slices.Clone(parts)
		for k := range scaled {
			scaled[k].num0, scaled[k].num1 = 8*scaled[k].num0, 8*scaled[k].num1
		}
		larger := driversFor(t, twoPeriods(m, scaled...))
		for k := range larger.Groups {
			larger.Groups[k].Rate, larger.Groups[k].Mix, larger.Groups[k].Total = larger.Groups[k].Rate/8, larger.Groups[k].Mix/8, larger.Groups[k].Total/8
		}
		if larger.Change, larger.Rate, larger.Mix = larger.Change/8, larger.Rate/8, larger.Mix/8; !alike(larger, d) {
			t.Fatalf("%s: %+v, scaled %+v", m.Kind, d, larger)
		}
		hiddenTogether(t, random, r, apart, size)
	}
	if divided < 1500 {
		t.Errorf("%d of 2000 were divided", divided)
	}
}

// bySameOrder sorts groups by name: equal sizes keep the order in which they came.
func bySameOrder(d Drivers) Drivers {
	d.Groups = slices.SortedFunc(slices.Values(d.Groups), func(a, b Driver) int {
		if a.Member < b.Member {
			return -1
		}
		return 1
	})
	return d
}

// hiddenTogether hides the first two members, which are there in both periods.
func hiddenTogether(t *testing.T, random *rand.Rand, r *Result, apart map[string]float64, size float64) {
	t.Helper()
	hidden := func(member, _ string) bool { return member == "m0" || member == "m1" }
	of := func() (Drivers, bool) { return driversOf(r, kpi.DimensionDistrict, "2014-12", "2015-12", hidden) }
	d, ok := of()
	if !ok {
		for k := range apart {
			if k != "m0" && k != "m1" {
				t.Fatalf("%+v", apart)
			}
		}
		return // there are no others
	}
	at := slices.IndexFunc(d.Groups, func(g Driver) bool { return g.Member == "" })
	if at < 0 || math.Abs(d.Groups[at].Total-apart["m0"]-apart["m1"]) > 1e-9*size {
		t.Fatalf("%+v hides %v and %v", d, apart["m0"], apart["m1"])
	}
	for k := range 2 {
		for j := range r.Members[k].Series {
			o := &r.Members[k].Series[j]
			o.Numerator, o.Denominator, o.Value, o.Rows = ptr(random.Float64()), ptr(random.Float64()), ptr(random.Float64()), random.Int64N(9)
		}
	}
	if other, ok := of(); !ok || !reflect.DeepEqual(other, d) {
		t.Fatalf("%+v becomes %+v by numbers that are hidden", d, other)
	}
}

func FuzzDrivers(f *testing.F) {
	f.Add(uint8(0), 40., 50., 18., 20., 10., 50., 24., 80., false)
	f.Add(uint8(3), 1e300, 1e-300, -1e300, 0., math.Inf(1), math.NaN(), 5e-324, 1., true)
	f.Add(uint8(4), 1e308, 0., -1e308, 0., 1e308, 0., 1e308, 0., true)
	f.Fuzz(func(t *testing.T, kind uint8, a, b, c, d, e, g, h, i float64, hide bool) {
		m := divisibleMeasures[int(kind)%len(divisibleMeasures)]
		r := twoPeriods(m, partOf{"north", a, b, c, d}, partOf{"south", e, g, h, i}, partOf{"west", b, a, g, e}, partOf{"east", 1, 2, 3, 4})
		list := subject{indicator: r.Indicator}.drivers(r)
		if hide {
			if d, ok := driversOf(r, kpi.DimensionDistrict, "2014-12", "2015-12", func(member, _ string) bool { return member == "north" || member == "south" }); ok {
				list = append(list, d)
			}
		}
		if _, err := json.Marshal(list); err != nil {
			t.Fatalf("%+v: %v", list, err)
		}
		for _, d := range list {
			total := 0.0
			for _, g := range d.Groups {
				total += g.Total
			}
			if size := math.Max(math.Abs(*r.Series[0].Observation.Value), math.Abs(*r.Series[1].Observation.Value)); math.Abs(total-d.Change) > 1e-9*size {
				t.Fatalf("%v: %+v", total, d)
			}
		}
	})
}
