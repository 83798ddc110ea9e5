package warehouse

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"citystat/kpi"
)

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
