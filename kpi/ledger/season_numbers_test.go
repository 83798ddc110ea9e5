package ledger_test

import (
	"cmp"
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// numbers is the town's data: what is known of it now, and what will come. It is what a scorecard is built from, in place of the stores.
type numbers struct {
	season  *season
	builder *scorecard.Builder
	version int64
	liveAt  time.Time
	known   []reading  // by indicator and period
	coming  []delivery // by day
	states  []kpi.DatasetState
	revised []revision
}

// reading is the value of a period: so many of a hundred thousand rows.
type reading struct {
	indicator, period string
	last              kpi.Date
	hits              int
	load              int64
}

const readRows = 100_000

func (r reading) value() float64 { return 100 * float64(r.hits) / readRows }

// delivery is what comes for an indicator on a day; fails says that it cannot be read.
type delivery struct {
	on    kpi.Date
	rows  []reading
	fails bool
}

// revision is a value that was corrected after it had been delivered.
type revision struct {
	at                time.Time
	indicator, period string
	was, is           float64
}

// begin invents everything that will be delivered: eighteen months at once, and then each period a few days after its end, or weeks after it, and now and then once
// more with another value.
func (n *numbers) begin(s *season) {
	n.season, n.builder = s, scorecard.NewBuilder(n)
	for _, d := range s.city.Datasets {
		n.states = append(n.states, kpi.DatasetState{Dataset: d.ID})
	}
	for i := range s.city.Indicators {
		ind := &s.city.Indicators[i]
		periods, err := s.cal.Periods(ind.Period, firstMonday.AddMonths(-18), firstMonday.AddDays(53*7))
		s.must(err)
		level := 68 + 25*s.rnd.Float64()
		for _, p := range periods {
			level += 1.2*s.rnd.NormFloat64() + 0.05*(80-level)
			if s.chance(0.04) {
				level += float64((8 + s.rnd.IntN(10)) * (1 - 2*s.rnd.IntN(2)))
			}
			level = min(99, max(20, level))
			r := reading{indicator: ind.ID, period: p.ID, last: p.Last, hits: int(math.Round(readRows * level / 100))}
			n.plan(r)
		}
	}
	slices.SortStableFunc(n.coming, func(a, b delivery) int { return a.on.Compare(b.on) })
	n.arrive()
}

// plan says when a reading comes.
func (n *numbers) plan(r reading) {
	s := n.season
	on := r.last.AddDays(1 + s.rnd.IntN(4))
	if s.chance(0.1) {
		on = on.AddDays(8 + s.rnd.IntN(25))
		s.tally["data late"]++
	}
	if r.last.Before(firstMonday.AddDays(-14)) {
		n.coming = append(n.coming, delivery{on: firstMonday.AddDays(-8), rows: []reading{r}})
		return
	}
	if s.chance(0.05) {
		n.coming = append(n.coming, delivery{on: on, rows: []reading{r}, fails: true})
		on = on.AddDays(3)
	}
	n.coming = append(n.coming, delivery{on: on, rows: []reading{r}})
	if s.chance(0.15) {
		r.hits = min(readRows, max(0, r.hits+int(readRows*0.06*s.rnd.NormFloat64())))
		n.coming = append(n.coming, delivery{on: on.AddDays(5 + s.rnd.IntN(25)), rows: []reading{r}})
	}
}

// arrive takes what has come until now.
func (n *numbers) arrive() {
	s := n.season
	for len(n.coming) > 0 && !n.coming[0].on.After(s.today()) {
		d := n.coming[0]
		n.coming = n.coming[1:]
		n.version++
		n.liveAt = s.now
		dataset := s.city.Indicator(d.rows[0].indicator).Dataset
		state := &n.states[slices.IndexFunc(n.states, func(st kpi.DatasetState) bool { return st.Dataset == dataset })]
		load := &kpi.Load{ID: n.version, Cause: kpi.CauseLoad, Dataset: dataset, State: kpi.LoadLive, Started: s.now, LiveAt: s.now, AsOf: s.today()}
		if d.fails {
			load.State, load.LiveAt, state.Failed = kpi.LoadFailed, time.Time{}, load
			s.tally["data failed"]++
			continue
		}
		state.Last, state.Failed = load, nil
		for _, r := range d.rows {
			r.load = n.version
			if r.last.After(state.DataUntil) || state.DataUntil.IsZero() {
				state.DataUntil = r.last
			}
			n.take(r)
		}
	}
}

// take keeps a reading, in place of the one that was known before.
func (n *numbers) take(r reading) {
	for i := range n.known {
		if k := &n.known[i]; k.indicator == r.indicator && k.period == r.period {
			n.revised = append(n.revised, revision{n.season.now, r.indicator, r.period, k.value(), r.value()})
			n.season.tally["data corrected"]++
			*k = r
			return
		}
	}
	n.known = append(n.known, r)
}

// Definitions returns the city.
func (n *numbers) Definitions(context.Context, kpi.At) (*kpi.City, int, error) {
	return n.season.city, 1, nil
}

// Version returns the data version.
func (n *numbers) Version(context.Context, kpi.At) (int64, time.Time, error) {
	return n.version, n.liveAt, nil
}

// Observations returns what is known.
func (n *numbers) Observations(context.Context, *kpi.City, kpi.At) ([]kpi.Observation, error) {
	list := make([]kpi.Observation, len(n.known))
	for i, r := range n.known {
		hits, all, value := float64(r.hits), float64(readRows), r.value()
		list[i] = kpi.Observation{Indicator: r.indicator, Version: 1, Period: r.period, Numerator: &hits, Denominator: &all, Value: &value, Rows: readRows, AsOf: n.season.today(), Load: r.load}
	}
	return list, nil
}

// Datasets returns what is known of them.
func (n *numbers) Datasets(context.Context, *kpi.City, kpi.At) ([]kpi.DatasetState, error) {
	return slices.Clone(n.states), nil
}

// Record returns nothing: nobody changes the folder.
func (n *numbers) Record(context.Context, *kpi.City, kpi.At) (scorecard.Record, error) {
	return scorecard.Record{}, nil
}

// card is the live scorecard of now.
func (s *season) card() *scorecard.Scorecard {
	s.Helper()
	card, err := s.numbers.builder.Build(context.Background(), kpi.At{AsOf: s.today()})
	s.must(err)
	return card
}

// seen is a scorecard as it is kept with a meeting.
func (s *season) seen(card *scorecard.Scorecard) []byte {
	s.Helper()
	text, err := json.Marshal(card.Frozen())
	s.must(err)
	return text
}

// troubles says what is wrong with the data.
func (s *season) troubles() map[string]meeting.DutyState {
	in := meeting.DutyInputs{City: s.city, Cal: s.cal, Now: s.now, Today: s.today()}
	for _, st := range s.numbers.states {
		in.Datasets = append(in.Datasets, kpi.DatasetReport{State: st})
	}
	return meeting.DataTroubles(in)
}

// trouble is a plain way to ask what is wrong with a dataset: its last delivery failed, none ever came, or nothing was heard of the last 31 days.
func (s *season) trouble(dataset string) meeting.DutyState {
	for _, st := range s.numbers.states {
		switch {
		case st.Dataset != dataset:
		case st.Failed != nil:
			return meeting.DataFailed
		case st.Last == nil:
			return meeting.DataNever
		case s.today().Sub(st.DataUntil) > 31:
			return meeting.DataStale
		}
	}
	return ""
}

// cardRules are the rules by which a number is called out, the first that holds and the others, worked out in a plain way.
func (s *season) cardRules(r *scorecard.Result, before *scorecard.Scorecard) []string {
	const off, on, mute = "off", "on", ""
	word := func(st kpi.Status) string {
		switch st {
		case kpi.WrongWay, kpi.NoClearChange, kpi.WellBehind, kpi.Behind:
			return off
		case kpi.OnTrack, kpi.Achieved:
			return on
		}
		return mute
	}
	a := &r.Assessment
	crossed, reached := false, false
	if before != nil {
		for i := range before.Results {
			if then := before.Results[i].Assessment.Status; before.Results[i].Indicator.ID == r.Indicator.ID && word(then) != mute && word(a.Status) != mute {
				reached = a.Status == kpi.Achieved && then != kpi.Achieved
				crossed = reached || word(then) != word(a.Status) || word(then) == off && (then == kpi.Behind) != (a.Status == kpi.Behind)
			}
		}
	}
	running := 0
	for i := range r.Series {
		if p := &r.Series[i]; p.Settled && p.Observation.Value != nil && p.Period.First.Compare(s.judged(r)) <= 0 {
			if running++; p.Expected == nil || *p.Observation.Value >= *p.Expected {
				running = 0
			}
		}
	}
	real := a.Signal.Kind == kpi.Worsening || a.Signal.Kind == kpi.Improving
	var list []string
	for _, rule := range []struct {
		name string
		is   bool
	}{
		{"signal", word(a.Status) == off && real},
		{"crossed", crossed},
		{"data", s.trouble(r.Indicator.Dataset) != "" || slices.Contains(a.Flags, kpi.FlagStale) || a.Status == kpi.NoData},
		{"again", word(a.Status) == off && running >= 3},
		{"warning", word(a.Status) != off && a.Signal.Kind == kpi.Worsening},
		{"win", word(a.Status) == on && (a.Signal.Kind == kpi.Improving || reached)},
	} {
		if rule.is {
			list = append(list, rule.name)
		}
	}
	return list
}

// judged is the first day of the judged period of a result.
func (s *season) judged(r *scorecard.Result) kpi.Date {
	for i := range r.Series {
		if r.Series[i].Period.ID == r.Assessment.Period {
			return r.Series[i].Period.First
		}
	}
	return kpi.Date{}
}

// worst orders results of one rule, the worst first: wrong way, off without a pace, and so on; of the same the one that is furthest behind; then as the folder has them.
func worst(a, b *scorecard.Result) int {
	order := []kpi.Status{kpi.WrongWay, kpi.WellBehind, kpi.Behind, kpi.OnTrack, kpi.Achieved, kpi.NoTarget, kpi.BaselineBeingSet, kpi.NoData, kpi.TooFew}
	rank := func(r *scorecard.Result) int {
		if r.Assessment.Status == kpi.NoClearChange {
			return slices.Index(order, kpi.WellBehind)
		}
		return slices.Index(order, r.Assessment.Status)
	}
	pace := func(r *scorecard.Result) float64 {
		if r.Assessment.Pace == nil {
			return 1e300
		}
		return *r.Assessment.Pace
	}
	return cmp.Or(rank(a)-rank(b), cmp.Compare(pace(a), pace(b)))
}
