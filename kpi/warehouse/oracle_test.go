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
	day, done      *kpi.Date
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

func (w *world) atoms() []condition {
	local := func(v time.Time) kpi.Date { return kpi.DateOf(v.In(w.loc)) }
	return []condition{
		{"kind = 'a'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"kind <> 'b'", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s != "b" }) }},
		{"kind in ('a', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" || s == "c" }) }},
		{"kind is null", func(f *fact) tri { return truth(f.kind == "") }},
		{"lower(kind) not in ('b', 'c')", func(f *fact) tri { return compare(blank(f.kind), func(s string) bool { return s == "a" }) }},
		{"area = 'south'", func(f *fact) tri { return truth(f.area == "south") }},
		{"closed is not null", func(f *fact) tri { return truth(f.closed != nil) }},
		{"closed <= as_of", func(f *fact) tri { return compare(f.closed, func(v time.Time) bool { return !v.After(w.end()) }) }},
		{"closed < at", func(f *fact) tri {
			if f.closed == nil || f.at == nil {
				return unknown
			}
			return truth(f.closed.Before(*f.at))
		}},
		{"day > as_of", func(f *fact) tri { return compare(f.day, func(v kpi.Date) bool { return v.After(w.asOf) }) }},
		{"day between date '2015-02-01' and date '2015-04-15'", func(f *fact) tri {
			return compare(f.day, func(v kpi.Date) bool { return !v.Before(kpi.NewDate(2015, 2, 1)) && !v.After(kpi.NewDate(2015, 4, 15)) })
		}},
		{"date_of(at) <= date '2015-03-08'", func(f *fact) tri {
			return compare(f.at, func(v time.Time) bool { return !local(v).After(kpi.NewDate(2015, 3, 8)) })
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
		{"workdays_between(at, closed) <= 3", func(f *fact) tri {
			if f.at == nil || f.closed == nil {
				return unknown
			}
			return truth(workedDays(w.work, local(*f.at), local(*f.closed)) <= 3)
		}},
		{"workdays_between(day, as_of) > 20", func(f *fact) tri {
			return compare(f.day, func(v kpi.Date) bool { return workedDays(w.work, v, w.asOf) > 20 })
		}},
		{"date_of(closed) <= add_workdays(date_of(at), n)", func(f *fact) tri {
			if f.at == nil || f.closed == nil || f.n == nil {
				return unknown
			}
			due := dueDay(w.work, local(*f.at), int(*f.n))
			return compare(due, func(v kpi.Date) bool { return !local(*f.closed).After(v) })
		}},
		{"add_workdays(day, 5) <= as_of", func(f *fact) tri {
			if f.day == nil {
				return unknown
			}
			return compare(dueDay(w.work, *f.day, 5), func(v kpi.Date) bool { return !v.After(w.asOf) })
		}},
		{"as_of between day and date '2015-04-01'", func(f *fact) tri {
			return min(truth(!w.asOf.After(kpi.NewDate(2015, 4, 1))), compare(f.day, func(v kpi.Date) bool { return !v.After(w.asOf) }))
		}},
		{"hours_between(at, as_of) > 700", func(f *fact) tri {
			return compare(f.at, func(v time.Time) bool { return float64(w.end().Sub(v).Microseconds())/3600e6 > 700 })
		}},
		{"date_of(closed) < as_of", func(f *fact) tri {
			return compare(f.closed, func(v time.Time) bool { return local(v).Before(w.asOf) })
		}},
		{"done <> as_of or as_of > closed", func(f *fact) tri {
			return max(compare(f.done, func(v kpi.Date) bool { return v != w.asOf }), compare(f.closed, func(v time.Time) bool { return w.end().After(v) }))
		}},
		{"flag = true", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
		{"flag", func(f *fact) tri { return compare(f.flag, func(v bool) bool { return v }) }},
	}
}

// workedDays counts the working days of [from, to), one day after the other.
func workedDays(work func(kpi.Date) bool, from, to kpi.Date) int {
	if to.Before(from) {
		return -workedDays(work, to, from)
	}
	n := 0
	for d := from; d.Before(to); d = d.AddDays(1) {
		if work(d) {
			n++
		}
	}
	return n
}

// dueDay is the working day before which there are n from a day on, one day after the other; nil where there is no working day.
func dueDay(work func(kpi.Date) bool, from kpi.Date, n int) *kpi.Date {
	for d := range 4000 {
		if day := from.AddDays(d); work(day) {
			if n == 0 {
				return &day
			}
			n--
		}
	}
	return nil
}

func blank(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (w *world) amounts() []amount {
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
		{"days_between(at, as_of)", func(f *fact) *float64 {
			if f.at == nil {
				return nil
			}
			return ptr(float64(w.end().Sub(*f.at).Microseconds()) / (24 * 3600e6))
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
	per   *amount
	span  func(*fact) (from, to *moment) // of a duration
}

// moment is a point in time, or a day.
type moment struct {
	at  time.Time
	day kpi.Date
}

// world is a random dataset, random indicators of it and a day.
type world struct {
	city  *kpi.City
	facts []fact
	specs []spec
	asOf  kpi.Date
	loc   *time.Location
	works map[kpi.Date]bool // what is known of a day already
}

// end is the last instant of the as-of day.
func (w *world) end() time.Time { return asOfIn(w.asOf, w.loc).last }

// work reports whether a day is a working day of the city.
func (w *world) work(d kpi.Date) bool {
	yes, known := w.works[d]
	if !known {
		weekend := w.city.Weekend
		if len(weekend) == 0 {
			weekend = []time.Weekday{time.Sunday, time.Saturday}
		}
		yes = !slices.Contains(weekend, d.Weekday()) && !slices.Contains(w.city.Holidays, d)
		w.works[d] = yes
	}
	return yes
}

var oracleStart = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, r *rand.Rand) *world {
	zones := []string{"America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"}
	w := &world{loc: zone(t, zones[r.IntN(len(zones))]), asOf: kpi.DateOf(oracleStart).AddDays(60 + r.IntN(90)), works: map[kpi.Date]bool{}}
	w.city = &kpi.City{ID: "w", TimeZone: w.loc.String(), FiscalStart: time.Month(1 + r.IntN(12)), Districts: []kpi.District{district("north", "North"), district("south", "South"), district("west", "West")}}
	stamp := "%Y-%m-%d %H:%M:%S.%f %z"
	w.city.Datasets = []kpi.Dataset{{ID: "facts", Hash: "w", Key: []string{"id"}, Dimensions: [][]string{{"area", "kind"}, {"kind"}, {"area"}, nil}[r.IntN(4)], Columns: []kpi.Column{
		{Name: "id", From: "id", Type: kpi.TypeText}, {Name: "kind", From: "kind", Type: kpi.TypeText}, {Name: "area", From: "area", Type: kpi.TypeDistrict},
		{Name: "at", From: "at", Type: kpi.TypeTimestamp, Format: stamp}, {Name: "closed", From: "closed", Type: kpi.TypeTimestamp, Format: stamp},
		{Name: "day", From: "day", Type: kpi.TypeDate}, {Name: "num", From: "num", Type: kpi.TypeNumber}, {Name: "n", From: "n", Type: kpi.TypeInteger}, {Name: "flag", From: "flag", Type: kpi.TypeBoolean}, {Name: "done", From: "done", Type: kpi.TypeDate}}}}
	w.city.Weekend = [][]time.Weekday{nil, nil, {time.Friday, time.Saturday}, {time.Sunday}, {time.Tuesday, time.Sunday, time.Friday}}[r.IntN(5)]
	for range r.IntN(12) {
		w.city.Holidays = append(w.city.Holidays, kpi.DateOf(oracleStart).AddDays(r.IntN(220)-10))
	}
	w.city.Population = []*kpi.Population{nil, {Value: 1000}, {Value: 617, ByDistrict: map[string]int64{"north": 300, "west": 17}}}[r.IntN(3)]
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
		day: maybe(r, kpi.DateOf(oracleStart).AddDays(r.IntN(200))), num: maybe(r, math.Round(r.NormFloat64()*300)/100), n: maybe(r, int64(r.IntN(7))), flag: maybe(r, r.IntN(2) == 0), done: maybe(r, kpi.DateOf(oracleStart).AddDays(20+r.IntN(200)))}
}

func (w *world) randomSpec(r *rand.Rand, i int) spec {
	all := w.atoms()
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
	m.P = []float64{0.1, 0.25, 0.5, 0.9, 0.95}[r.IntN(5)]
	m.Times = []float64{0, 100, 1000}[r.IntN(3)]
	list := w.amounts()
	a, b := list[r.IntN(len(list))], list[r.IntN(len(list))]
	switch m.Kind {
	case kpi.MeasureCount, kpi.MeasureRate:
	case kpi.MeasureDuration:
		w.randomSpan(r, &s)
	case kpi.MeasureShare:
		c := combine(r, all, 2)
		s.holds, m.Of = &c, c.src
	case kpi.MeasureRatio:
		s.per, m.Per = &b, b.src
		fallthrough
	default:
		s.of, m.Of = &a, a.src
	}
	return s
}

// randomSpan makes a duration between two timestamps or, from a day to itself, two days.
func (w *world) randomSpan(r *rand.Rand, s *spec) {
	m := &s.ind.Measure
	stamp := func(v *time.Time) *moment {
		if v == nil {
			return nil
		}
		return &moment{*v, kpi.DateOf(v.In(w.loc))}
	}
	day := func(v *kpi.Date) *moment {
		if v == nil {
			return nil
		}
		return &moment{v.EndIn(w.loc).Add(-time.Microsecond), *v}
	}
	s.ind.Unit = []kpi.Unit{kpi.Days, kpi.WorkingDays, kpi.Hours}[r.IntN(3)]
	if r.IntN(3) > 0 {
		m.From, m.To = "at", "closed"
		s.span = func(f *fact) (a, b *moment) { return stamp(f.at), stamp(f.closed) }
		return
	}
	if s.ind.Unit == kpi.Hours {
		s.ind.Unit = kpi.Days
	}
	m.From, m.To = "day", "done"
	s.span = func(f *fact) (a, b *moment) { return day(f.day), day(f.done) }
}

// lasted is how long a case lasted by the end of the as-of day, in the indicator's unit, and whether it was closed.
func (w *world) lasted(s *spec, f *fact) (float64, bool) {
	from, to := s.span(f)
	now := moment{w.end(), w.asOf}
	closed := to != nil && !to.at.After(now.at)
	if !closed {
		to = &now
	}
	switch {
	case s.ind.Unit == kpi.WorkingDays:
		return float64(workedDays(w.work, from.day, to.day)), closed
	case s.ind.Measure.From == "day":
		return float64(to.day.Sub(from.day)), closed
	case s.ind.Unit == kpi.Hours:
		return float64(to.at.Sub(from.at).Microseconds()) / 3600e6, closed
	}
	return float64(to.at.Sub(from.at).Microseconds()) / (24 * 3600e6), closed
}

// table writes the facts as a connector's copy would have them.
func (w *world) table() table {
	rows := table{{"id", "kind", "area", "at", "closed", "day", "num", "n", "flag", "done"}}
	stamp := func(v *time.Time) string {
		if v == nil {
			return ""
		}
		return v.In(w.loc).Format("2006-01-02 15:04:05.000000 -0700")
	}
	for _, f := range w.facts {
		row := []string{f.id, f.kind, f.area, stamp(f.at), stamp(f.closed), "", "", "", "", ""}
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
		if f.done != nil {
			row[9] = f.done.String()
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
	return kpi.DateOf(v.In(w.loc)), v.After(w.end()), true
}

// bin is what the oracle gathers for one place and period: the facts that are counted, and how many are left out.
type bin struct {
	facts    []*fact
	excluded map[string]int64
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
	case s.of != nil && s.of.value(f) == nil, s.per != nil && s.per.value(f) == nil:
		return true, kpi.ReasonNoValue
	}
	if s.span != nil {
		from, to := s.span(f)
		switch {
		case from == nil:
			return true, kpi.ReasonNoValue
		case to != nil && to.at.Before(from.at):
			return true, kpi.ReasonClosedBeforeOpened
		case from.at.After(w.end()): // it has not begun yet
			return true, kpi.ReasonAfterAsOf
		}
	}
	if after {
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
				b.facts = append(b.facts, f)
			}
		}
	}
	if k := s.ind.Measure.Kind; k == kpi.MeasureCount || k == kpi.MeasureSum || k == kpi.MeasureRate {
		w.fill(t, s, cal, first, get)
	}
	var list []kpi.Observation
	for k, b := range bins {
		o := w.observation(t, s, cal, k, b)
		if s.ind.Measure.Kind == kpi.MeasureLast {
			o.Numerator = w.stock(s, b.facts, bins[binKey{"", "", k.period}].facts)
			o.Value = o.Numerator
		}
		list = append(list, o)
	}
	return list
}

// stock is the sum over those facts that lie on the last day of all.
func (w *world) stock(s *spec, facts, all []*fact) *float64 {
	var last kpi.Date
	for _, f := range all {
		if day, _, _ := w.date(s, f); last.IsZero() || day.After(last) {
			last = day
		}
	}
	var sum *float64
	for _, f := range facts {
		if day, _, _ := w.date(s, f); day == last {
			if sum == nil {
				sum = ptr(0)
			}
			*sum += *s.of.value(f)
		}
	}
	return sum
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
	o := kpi.Observation{Indicator: s.ind.ID, Version: 1, Period: k.period, Dimension: k.dimension, Member: k.member, Rows: int64(len(b.facts)), AsOf: w.asOf}
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
	rows := float64(len(b.facts))
	var values []float64
	sum, holds := 0.0, 0.0
	for _, f := range b.facts {
		if s.of != nil {
			values = append(values, *s.of.value(f))
			sum += values[len(values)-1]
		}
		if s.holds != nil && s.holds.test(f) == yes {
			holds++
		}
	}
	times := s.ind.Measure.Times
	if times == 0 {
		times = 1
	}
	switch s.ind.Measure.Kind {
	case kpi.MeasureCount:
		o.Numerator, o.Value = &rows, &rows
	case kpi.MeasureSum:
		o.Numerator, o.Value = &sum, &sum
	case kpi.MeasureMean:
		o.Numerator, o.Denominator = &sum, &rows
		if rows > 0 {
			o.Value = ptr(sum / rows)
		}
	case kpi.MeasureShare:
		o.Numerator, o.Denominator = &holds, &rows
		if rows > 0 {
			o.Value = ptr(holds / rows * 100)
		}
	case kpi.MeasureRatio:
		// To twelve decimals: 0.1 + 0.2 − 0.3 is nothing, whatever floating point says.
		var num, den int64
		for _, f := range b.facts {
			num += int64(math.Round(*s.of.value(f) * 1e12))
			den += int64(math.Round(*s.per.value(f) * 1e12))
		}
		o.Numerator, o.Denominator = ptr(float64(num)/1e12), ptr(float64(den)/1e12)
		if den != 0 {
			o.Value = ptr(times * float64(num) / float64(den))
		}
	case kpi.MeasureRate:
		o.Numerator = &rows
		if p := w.city.Population; p != nil {
			people := map[string]int64{"": p.Value, "area": p.ByDistrict[k.member]}[k.dimension]
			if people > 0 {
				o.Denominator, o.Value = ptr(float64(people)), ptr(times*rows/float64(people))
			}
		}
	case kpi.MeasureLast:
	case kpi.MeasureDuration:
		closed := 0.0
		var cases []lasting
		for _, f := range b.facts {
			took, done := w.lasted(s, f)
			if done {
				closed++
			}
			cases = append(cases, lasting{took, done})
		}
		o.Numerator, o.Denominator, o.Value = &closed, &rows, kaplanMeier(cases, s.ind.Measure.P)
	case kpi.MeasureMedian:
		o.Value = quantile7(values, 0.5)
	default:
		o.Value = quantile7(values, s.ind.Measure.P)
	}
	return o
}

// lasting is a case of a duration.
type lasting struct {
	took   float64
	closed bool
}

// kaplanMeier is the first time at which at most 1 − p of the cases are still open, by the estimate as it is written in every textbook.
func kaplanMeier(cases []lasting, p float64) *float64 {
	sort.Slice(cases, func(i, j int) bool { return cases[i].took < cases[j].took })
	open := 1.0
	for i := 0; i < len(cases); {
		risk, closed, at := len(cases)-i, 0, cases[i].took
		for ; i < len(cases) && cases[i].took == at; i++ {
			if cases[i].closed {
				closed++
			}
		}
		open *= 1 - float64(closed)/float64(risk)
		if closed > 0 && open <= 1-p+1e-12 {
			return &at
		}
	}
	return nil
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
