package warehouse

import (
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

// This file and oracle_words_test.go, oracle_world_test.go hold a second, plain implementation of kpi.Measure: one row after the other, in Go, with nothing in common with the SQL.
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
