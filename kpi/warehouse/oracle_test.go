package warehouse

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystat/kpi"
)

// This file holds a second, plain implementation of kpi.Measure: one row after the other, in Go, with nothing in common with the SQL.
// Random rows and random indicators go through both.

// fact is a row of the random dataset. A nil field is blank.
type fact struct {
	id, kind, area string // "" is blank; area is a district's id, "Oz" is none
	at, closed     *time.Time
	day            *kpi.Date
	num            *float64
	n              *int64
	flag           *bool
}

// tri is a truth value of three: true, false, unknown.
type tri int

const (
	no tri = iota
	unknown
	yes
)

func truth(b bool) tri {
	if b {
		return yes
	}
	return no
}

// condition is an expression of the folder and what it means.
type condition struct {
	src  string
	test func(*fact) tri
}

// amount is a number of the folder's language and what it means.
type amount struct {
	src   string
	value func(*fact) *float64
}

func compare[T any](p *T, test func(T) bool) tri {
	if p == nil {
		return unknown
	}
	return truth(test(*p))
}

func atoms(asOf time.Time, day kpi.Date, loc *time.Location) []condition {
	return []condition{
		{"kind = 'a'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"kind <> 'b'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s != "b" }) }},
		{"kind in ('a', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" || s == "c" }) }},
		{"kind is null", func(f *fact) tri { return truth(f.kind == "") }},
		{"lower(kind) not in ('b', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"area = 'south'", func(f *fact) tri { return truth(f.area == "south") }},
		{"closed is not null", func(f *fact) tri { return truth(f.closed != nil) }},
		{"closed <= as_of", func(f *fact) tri { return compare(f.closed, func(v time.Time) bool { return !v.After(asOf) }) }},
		{"closed < at", func(f *fact) tri {
			if f.closed == nil || f.at == nil {
				return unknown
			}
			return truth(f.closed.Before(*f.at))
		}},
		{"day > as_of", func(f *fact) tri { return compare(f.day, func(v kpi.Date) bool { return v.After(day) }) }},
		{"day between date '2015-02-01' and date '2015-04-15'", func(f *fact) tri {
			return compare(f.day, func(v kpi.Date) bool { return !v.Before(kpi.NewDate(2015, 2, 1)) && !v.After(kpi.NewDate(2015, 4, 15)) })
		}},
		{"date_of(at) <= date '2015-03-08'", func(f *fact) tri {
			return compare(f.at, func(v time.Time) bool { return !kpi.DateOf(v.In(loc)).After(kpi.NewDate(2015, 3, 8)) })
		}},
		{"num > 2.5", func(f *fact) tri { return compare(f.num, func(v float64) bool { return v > 2.5 }) }},
		{"abs(num) not between 1 and 3", func(f *fact) tri {
			return compare(f.num, func(v float64) bool { return math.Abs(v) < 1 || math.Abs(v) > 3 })
		}},
		{"n / 2 >= 1.5", func(f *fact) tri { return compare(f.n, func(v int64) bool { return float64(v)/2 >= 1.5 }) }},
		{"num / n > 1", func(f *fact) tri { // division by zero is null
			if f.num == nil || f.n == nil || *f.n == 0 {
				return unknown
			}
			return truth(*f.num/float64(*f.n) > 1)
		}},
		{"flag = true", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
		{"flag", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
	}
}

func blank(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func amounts() []amount {
	return []amount{
		{"num", func(f *fact) *float64 { return f.num }},
		{"n", func(f *fact) *float64 {
			if f.n == nil {
				return nil
			}
			return ptr(float64(*f.n))
		}},
		{"days_between(at, closed)", func(f *fact) *float64 {
			if f.at == nil || f.closed == nil {
				return nil
			}
			return ptr(float64(f.closed.Sub(*f.at).Microseconds()) / (24 * 3600e6))
		}},
		{"hours_between(at, closed) * 2 - 1", func(f *fact) *float64 {
			if f.at == nil || f.closed == nil {
				return nil
			}
			return ptr(float64(f.closed.Sub(*f.at).Microseconds())/3600e6*2 - 1)
		}},
		{"-num / n", func(f *fact) *float64 {
			if f.num == nil || f.n == nil || *f.n == 0 {
				return nil
			}
			return ptr(-*f.num / float64(*f.n))
		}},
	}
}

// combine makes a random condition of atoms.
func combine(r *rand.Rand, list []condition, depth int) condition {
	if depth == 0 || r.IntN(3) == 0 {
		return list[r.IntN(len(list))]
	}
	a := combine(r, list, depth-1)
	switch r.IntN(3) {
	case 0:
		return condition{"not (" + a.src + ")", func(f *fact) tri { return yes - a.test(f) }}
	case 1:
		b := combine(r, list, depth-1)
		return condition{"(" + a.src + ") and (" + b.src + ")", func(f *fact) tri { return min(a.test(f), b.test(f)) }}
	}
	b := combine(r, list, depth-1)
	return condition{"(" + a.src + ") or (" + b.src + ")", func(f *fact) tri { return max(a.test(f), b.test(f)) }}
}

// spec is an indicator and what its expressions mean.
type spec struct {
	ind   kpi.Indicator
	where *condition
	when  []condition
	holds *condition
	of    *amount
}

// world is a random dataset, random indicators of it and a day.
type world struct {
	city  *kpi.City
	facts []fact
	specs []spec
	asOf  kpi.Date
	loc   *time.Location
}

var oracleStart = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, r *rand.Rand) *world {
	zones := []string{"America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"}
	w := &world{loc: zone(t, zones[r.IntN(len(zones))]), asOf: kpi.DateOf(oracleStart).AddDays(60 + r.IntN(90))}
	w.city = &kpi.City{ID: "w", TimeZone: w.loc.String(), FiscalStart: time.Month(1 + r.IntN(12)), Districts: []kpi.District{district("north", "North"), district("south", "South"), district("west", "West")}}
	stamp := "%Y-%m-%d %H:%M:%S.%f %z"
	w.city.Datasets = []kpi.Dataset{{ID: "facts", Hash: "w", Key: []string{"id"}, Dimensions: [][]string{{"area", "kind"}, {"kind"}, {"area"}, nil}[r.IntN(4)], Columns: []kpi.Column{
		{Name: "id", From: "id", Type: kpi.TypeText}, {Name: "kind", From: "kind", Type: kpi.TypeText}, {Name: "area", From: "area", Type: kpi.TypeDistrict},
		{Name: "at", From: "at", Type: kpi.TypeTimestamp, Format: stamp}, {Name: "closed", From: "closed", Type: kpi.TypeTimestamp, Format: stamp},
		{Name: "day", From: "day", Type: kpi.TypeDate}, {Name: "num", From: "num", Type: kpi.TypeNumber}, {Name: "n", From: "n", Type: kpi.TypeInteger}, {Name: "flag", From: "flag", Type: kpi.TypeBoolean}}}}
	for i := range r.IntN(200) + 1 {
		w.facts = append(w.facts, w.randomFact(r, i))
	}
	for i := range 1 + r.IntN(30) {
		w.specs = append(w.specs, w.randomSpec(r, i))
		w.city.Indicators = append(w.city.Indicators, w.specs[i].ind)
	}
	return w
}

func maybe[T any](r *rand.Rand, v T) *T {
	if r.IntN(6) == 0 {
		return nil
	}
	return &v
}

func (w *world) randomFact(r *rand.Rand, i int) fact {
	instant := func() time.Time {
		day := kpi.DateOf(oracleStart).AddDays(r.IntN(200))
		if r.IntN(3) == 0 { // on the edge of a day
			return day.In(w.loc).UTC().Add(time.Duration(r.IntN(3)-1) * time.Microsecond)
		}
		return day.In(w.loc).UTC().Add(time.Duration(r.Int64N(24*3600e6)) * time.Microsecond)
	}
	return fact{id: strconv.Itoa(i), kind: []string{"a", "b", "c", ""}[r.IntN(4)], area: []string{"north", "south", "Oz", ""}[r.IntN(4)], at: maybe(r, instant()), closed: maybe(r, instant()),
		day: maybe(r, kpi.DateOf(oracleStart).AddDays(r.IntN(200))), num: maybe(r, math.Round(r.NormFloat64()*300)/100), n: maybe(r, int64(r.IntN(7))), flag: maybe(r, r.IntN(2) == 0)}
}

func (w *world) randomSpec(r *rand.Rand, i int) spec {
	all := atoms(asOfIn(w.asOf, w.loc).last, w.asOf, w.loc)
	s := spec{ind: kpi.Indicator{ID: fmt.Sprintf("i%d", i), Dataset: "facts", Version: 1, SettlesAfter: r.IntN(10)}}
	m := &s.ind.Measure
	m.Kind = kpi.MeasureKinds[r.IntN(len(kpi.MeasureKinds))]
	m.Date = []string{"at", "closed", "day"}[r.IntN(3)]
	s.ind.Period = kpi.PeriodKinds[r.IntN(len(kpi.PeriodKinds))]
	if r.IntN(4) > 0 {
		c := combine(r, all, 2)
		s.where, m.Where = &c, c.src
	}
	for j := range r.IntN(4) {
		c := combine(r, all, 2)
		s.when, m.Exclude = append(s.when, c), append(m.Exclude, kpi.Exclusion{When: c.src, Because: fmt.Sprintf("reason-%d", j%3)})
	}
	switch m.Kind {
	case kpi.MeasureCount:
	case kpi.MeasureShare:
		c := combine(r, all, 2)
		s.holds, m.Of = &c, c.src
	default:
		list := amounts()
		a := list[r.IntN(len(list))]
		s.of, m.Of = &a, a.src
		m.P = []float64{0.1, 0.25, 0.9, 0.95}[r.IntN(4)]
	}
	return s
}

// table writes the facts as a connector's copy would have them.
func (w *world) table() table {
	rows := table{{"id", "kind", "area", "at", "closed", "day", "num", "n", "flag"}}
	stamp := func(v *time.Time) string {
		if v == nil {
			return ""
		}
		return v.In(w.loc).Format("2006-01-02 15:04:05.000000 -0700")
	}
	for _, f := range w.facts {
		row := []string{f.id, f.kind, f.area, stamp(f.at), stamp(f.closed), "", "", "", ""}
		if f.day != nil {
			row[5] = f.day.String()
		}
		if f.num != nil {
			row[6] = strconv.FormatFloat(*f.num, 'g', -1, 64)
		}
		if f.n != nil {
			row[7] = strconv.FormatInt(*f.n, 10)
		}
		if f.flag != nil {
			row[8] = strconv.FormatBool(*f.flag)
		}
		rows = append(rows, row)
	}
	return rows
}

// date is the day of a fact in the city, and the microsecond at which it lies, for the indicator's date column.
func (w *world) date(s *spec, f *fact) (day kpi.Date, after, ok bool) {
	switch s.ind.Measure.Date {
	case "day":
		if f.day == nil {
			return kpi.Date{}, false, false
		}
		return *f.day, f.day.After(w.asOf), true
	case "at":
		return w.dateOf(f.at)
	}
	return w.dateOf(f.closed)
}

func (w *world) dateOf(v *time.Time) (kpi.Date, bool, bool) {
	if v == nil {
		return kpi.Date{}, false, false
	}
	return kpi.DateOf(v.In(w.loc)), v.After(asOfIn(w.asOf, w.loc).last), true
}

// bin is what the oracle gathers for one place and period.
type bin struct {
	rows, holds int64
	values      []float64
	excluded    map[string]int64
}

// judge decides on one fact as kpi.Measure says: it takes no part, or is left out for a reason, or is counted.
func (w *world) judge(s *spec, f *fact) (part bool, reason string) {
	if s.where != nil && s.where.test(f) != yes {
		return false, ""
	}
	for i, c := range s.when {
		if c.test(f) == yes {
			return true, s.ind.Measure.Exclude[i].Because
		}
	}
	_, after, ok := w.date(s, f)
	switch {
	case !ok:
		return true, kpi.ReasonNoDate
	case s.of != nil && s.of.value(f) == nil:
		return true, kpi.ReasonNoValue
	case after:
		return true, kpi.ReasonAfterAsOf
	}
	return true, ""
}

type binKey struct{ dimension, member, period string }

// expect computes an indicator's observations.
func (w *world) expect(t *testing.T, s *spec) []kpi.Observation {
	cal, err := w.city.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	bins := map[binKey]*bin{}
	get := func(k binKey) *bin {
		if bins[k] == nil {
			bins[k] = &bin{excluded: map[string]int64{}}
		}
		return bins[k]
	}
	get(binKey{"", "", kpi.PeriodTotal})
	first := kpi.Period{}
	for i := range w.facts {
		f := &w.facts[i]
		part, reason := w.judge(s, f)
		if !part {
			continue
		}
		periods := []string{kpi.PeriodTotal}
		if day, _, ok := w.date(s, f); ok {
			p, err := cal.Period(s.ind.Period, day)
			if err != nil {
				t.Fatal(err)
			}
			if !p.First.After(w.asOf) {
				periods = append(periods, p.ID)
				if reason == "" && (first.ID == "" || p.First.Before(first.First)) {
					first = p
				}
			}
		}
		for _, place := range w.placesOf(f) {
			for _, p := range periods {
				b := get(binKey{place[0], place[1], p})
				if reason != "" {
					b.excluded[reason]++
					continue
				}
				b.rows++
				if s.holds != nil && s.holds.test(f) == yes {
					b.holds++
				}
				if s.of != nil {
					b.values = append(b.values, *s.of.value(f))
				}
			}
		}
	}
	if s.ind.Measure.Flow() {
		w.fill(t, s, cal, first, get)
	}
	var list []kpi.Observation
	for k, b := range bins {
		list = append(list, w.observation(t, s, cal, k, b))
	}
	return list
}

// placesOf lists the city and the members to which a fact belongs.
func (w *world) placesOf(f *fact) [][2]string {
	places := [][2]string{{"", ""}}
	for _, d := range w.city.Datasets[0].Dimensions {
		member := f.kind
		if d == "area" {
			member = f.area
			if member == "Oz" {
				member = kpi.MemberNotRecognised
			}
		}
		if member == "" {
			member = kpi.MemberNotRecorded
		}
		places = append(places, [2]string{d, member})
	}
	return places
}

// fill gives a flow its zeros.
func (w *world) fill(t *testing.T, s *spec, cal kpi.Calendar, first kpi.Period, get func(binKey) *bin) {
	places := map[[2]string]bool{{"", ""}: true}
	for i := range w.facts {
		for _, p := range w.placesOf(&w.facts[i]) {
			places[p] = true
		}
	}
	if slices.Contains(w.city.Datasets[0].Dimensions, "area") {
		for _, d := range w.city.Districts {
			places[[2]string{"area", d.ID}] = true
		}
	}
	var periods []kpi.Period
	if first.ID != "" {
		var err error
		if periods, err = cal.Periods(s.ind.Period, first.First, w.asOf); err != nil {
			t.Fatal(err)
		}
	}
	for p := range places {
		get(binKey{p[0], p[1], kpi.PeriodTotal})
		for _, period := range periods {
			get(binKey{p[0], p[1], period.ID})
		}
	}
}

func (w *world) observation(t *testing.T, s *spec, cal kpi.Calendar, k binKey, b *bin) kpi.Observation {
	o := kpi.Observation{Indicator: s.ind.ID, Version: 1, Period: k.period, Dimension: k.dimension, Member: k.member, Rows: b.rows, AsOf: w.asOf}
	if len(b.excluded) > 0 {
		o.Excluded = b.excluded
	}
	if k.period != kpi.PeriodTotal {
		p, err := cal.Parse(k.period)
		if err != nil {
			t.Fatal(err)
		}
		o.Partial = w.asOf.Before(p.Last)
		o.Provisional = w.asOf.Before(p.Last.AddDays(s.ind.SettlesAfter))
	}
	rows, sum := float64(b.rows), 0.0
	for _, v := range b.values {
		sum += v
	}
	switch s.ind.Measure.Kind {
	case kpi.MeasureCount:
		o.Numerator, o.Value = &rows, &rows
	case kpi.MeasureSum:
		o.Numerator, o.Value = &sum, &sum
	case kpi.MeasureMean:
		o.Numerator, o.Denominator = &sum, &rows
		if b.rows > 0 {
			o.Value = ptr(sum / rows)
		}
	case kpi.MeasureShare:
		o.Numerator, o.Denominator = ptr(float64(b.holds)), &rows
		if b.rows > 0 {
			o.Value = ptr(float64(b.holds) / rows * 100)
		}
	case kpi.MeasureMedian:
		o.Value = quantile7(b.values, 0.5)
	default:
		o.Value = quantile7(b.values, s.ind.Measure.P)
	}
	return o
}

// quantile7 is the quantile of type 7 of Hyndman and Fan: linear between the values at (n−1)p.
func quantile7(values []float64, p float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	sort.Float64s(values)
	h := float64(len(values)-1) * p
	lo := int(math.Floor(h))
	hi := min(lo+1, len(values)-1)
	return ptr(values[lo] + (h-float64(lo))*(values[hi]-values[lo]))
}

// TestObserveAgreesWithPlainGo is the property test: for random rows and indicators both implementations give the same observations, the
// rows counted and left out are those that take part, the members of a dimension add up to the city, and the order of rows does not
// matter.
func TestObserveAgreesWithPlainGo(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for seed := range rounds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 7))
			w := newWorld(t, r)
			var want []kpi.Observation
			for i := range w.specs {
				want = append(want, w.expect(t, &w.specs[i])...)
			}
			sortObservations(w.city, want)
			db := openTest(t)
			out := mustLoad(t, db, w.city, 1, 0, w.asOf.String(), w.table())
			got := mustObservations(t, db, w.city, 1)
			options := []cmp.Option{cmpopts.IgnoreFields(kpi.Observation{}, "Load"), cmpopts.EquateApprox(1e-9, 1e-8)}
			if d := cmp.Diff(want, got, options...); d != "" {
				for _, s := range w.specs {
					t.Logf("%s: %s %+v", s.ind.ID, s.ind.Period, s.ind.Measure)
				}
				t.Fatalf("(-plain Go +warehouse):\n%s", d)
			}
			checkSums(t, w, got)

			rows := w.table()
			r.Shuffle(len(rows)-1, func(i, j int) { rows[i+1], rows[j+1] = rows[j+1], rows[i+1] })
			other := openTest(t)
			if again := mustLoad(t, other, w.city, 1, 0, w.asOf.String(), rows); again.Checksum != out.Checksum {
				t.Error("the same rows in another order give another checksum")
			}
		})
	}
}

// checkSums checks what must add up in the observations alone.
func checkSums(t *testing.T, w *world, list []kpi.Observation) {
	t.Helper()
	for i := range w.specs {
		s := &w.specs[i]
		taking := int64(0)
		for j := range w.facts {
			if part, _ := w.judge(s, &w.facts[j]); part {
				taking++
			}
		}
		total := find(t, list, s.ind.ID, kpi.PeriodTotal, "", "")
		if total.Rows+total.ExcludedRows() != taking {
			t.Errorf("%s: %d rows counted + %d left out, %d take part", s.ind.ID, total.Rows, total.ExcludedRows(), taking)
		}
		type key struct{ dimension, period string }
		rows := map[key]int64{}
		for _, o := range list {
			if o.Indicator == s.ind.ID {
				rows[key{o.Dimension, o.Period}] += o.Rows + o.ExcludedRows()
			}
		}
		for k := range maps.Keys(rows) {
			if k.dimension != "" && rows[k] != rows[key{"", k.period}] {
				t.Errorf("%s: the members of %s in %s have %d rows, the city %d", s.ind.ID, k.dimension, k.period, rows[k], rows[key{"", k.period}])
			}
		}
	}
}
