package kpi

import (
	"math"
	"strings"
	"testing"
)

// cityScoreCases is testdata/cityscore_cases.json.
type cityScoreCases []struct {
	Rule         string
	Value        float64
	Values       []float64
	Scores       []float64 `json:"metric_scores"`
	Target       float64
	Up           bool     `json:"higher_is_better"`
	Entries      int      `json:"n_values"`
	Score        float64  `json:"toolkit_score"`
	Unrounded    *float64 // of a single day
	MeanOfRatios *float64 `json:"mean_of_ratios_for_contrast"`
	HistoricUp   *float64 `json:"target_if_higher_better"`
	HistoricDown *float64 `json:"target_if_lower_better"`
}

func cityScoreDirection(up bool) Direction {
	if up {
		return Up
	}
	return Down
}

// cityScoreDays gives one value to each of the days that end with 30 June 2016, the last value to that day.
func cityScoreDays(values []float64) ([]CityScoreEntry, Date) {
	last := Date{2016, 6, 30}
	var list []CityScoreEntry
	for k, v := range values {
		list = append(list, CityScoreEntry{last.AddDays(k + 1 - len(values)), v})
	}
	return list, last
}

func TestOracleCityScore(t *testing.T) {
	var cases cityScoreCases
	readJSON(t, "cityscore_cases.json", &cases)
	kinds := map[string]int{}
	for _, c := range cases {
		kind := strings.Fields(c.Rule)[0]
		kinds[kind]++
		switch kind {
		case "day":
			values := make([]float64, c.Entries)
			values[len(values)-1] = c.Value
			m := CityScoreMetric{Direction: cityScoreDirection(c.Up), Target: c.Target}
			var last Date
			m.Entries, last = cityScoreDays(values)
			got, ok := m.Score(CityScoreFaithful, CityScoreDay, last)
			if !ok || got.Score != c.Score || got.Mean != c.Value {
				t.Errorf("%+v: %+v %v", c, got, ok)
			}
			if c.Unrounded != nil && c.Entries > 1 && math.Ceil(*c.Unrounded*100)/100 != got.Score {
				t.Errorf("%v rounded up is not %v", *c.Unrounded, got.Score)
			}
		case "window(7/30/90":
			m := CityScoreMetric{Direction: cityScoreDirection(c.Up), Target: c.Target}
			var last Date
			m.Entries, last = cityScoreDays(c.Values)
			for _, w := range CityScoreWindows[1:] {
				if got, ok := m.Score(CityScoreFaithful, w, last.AddDays(100)); !ok || got.Score != c.Score || got.Entries != 3 || got.Last != last {
					t.Errorf("%+v over %d days: %+v %v", c, w, got, ok)
				}
			}
		case "historic":
			for d, want := range map[Direction]*float64{Up: c.HistoricUp, Down: c.HistoricDown} {
				m := CityScoreMetric{Direction: d, Historic: true}
				var last Date
				m.Entries, last = cityScoreDays(c.Values)
				if got, ok := m.HistoricTarget(CityScoreFaithful, last); !ok || !close9(got, *want) {
					t.Errorf("historic target %s: %v %v, want %v", d, got, ok, *want)
				}
			}
		case "city":
			if got, ok := CityScoreCity(CityScoreFaithful, c.Scores); !ok || got != c.Score {
				t.Errorf("%+v: %v %v", c, got, ok)
			}
		}
	}
	if kinds["day"] != 9 || kinds["window(7/30/90"] != 4 || kinds["historic"] != 1 || kinds["city"] != 1 || len(cases) != 15 {
		t.Errorf("%d cases: %v", len(cases), kinds)
	}
}

func TestCityScoreWindows(t *testing.T) {
	last := Date{2016, 6, 30}
	m := CityScoreMetric{Direction: Up, Target: 10, Entries: []CityScoreEntry{
		{last.AddDays(1), 1000}, // not known yet
		{last.AddDays(-90), 500}, {last.AddDays(-89), 40}, {last.AddDays(-30), 30}, {last.AddDays(-29), 20}, {last.AddDays(-7), 18}, {last.AddDays(-6), 12},
		{last, 1}, {last, 7}, {last.AddDays(-3), math.NaN()},
	}}
	for window, want := range map[CityScoreWindow]struct {
		mean    float64
		entries int
		first   Date
	}{
		CityScoreDay: {7, 1, last}, CityScoreWeek: {20.0 / 3, 3, Date{2016, 6, 24}}, CityScoreMonth: {58.0 / 5, 5, Date{2016, 6, 1}}, CityScoreQuarter: {128.0 / 7, 7, Date{2016, 4, 2}},
	} {
		for _, mode := range []CityScoreMode{CityScoreFaithful, CityScoreFixed} {
			got, ok := m.Score(mode, window, last)
			if !ok || !close9(got.Mean, want.mean) || got.Entries != want.entries || got.First != want.first || got.Last != last {
				t.Errorf("%s, %d days: %+v %v, want %+v", mode, window, got, ok, want)
			}
		}
	}
	// The toolkit scores a metric that nobody updates for ever; fixed mode stops.
	if got, ok := m.Score(CityScoreFaithful, CityScoreWeek, last); !ok || got.Last != last {
		t.Errorf("%+v %v", got, ok)
	}
	m.Entries = m.Entries[1:]
	year := last.AddDays(365)
	if got, ok := m.Score(CityScoreFaithful, CityScoreWeek, year); !ok || got.Last != last {
		t.Errorf("a year later, faithful: %+v %v", got, ok)
	}
	if got, ok := m.Score(CityScoreFixed, CityScoreQuarter, year); ok {
		t.Errorf("a year later, fixed: %+v", got)
	}
}

func TestCityScoreFixed(t *testing.T) {
	for _, c := range []struct {
		name          string
		value, target float64
		d             Direction
		want          float64
	}{
		{"a perfect zero", 0, 6, Down, 2}, {"twice as much", 12, 6, Down, 0}, {"far too much", 600, 6, Down, 0}, {"a tenth less", 5.4, 6, Down, 1.1},
		{"a tenth more", 6.6, 6, Down, 0.9}, {"on target", 6, 6, Down, 1}, {"a tenth less of what is good", 5.4, 6, Up, 0.9}, {"far more", 600, 6, Up, 2},
		{"nearly", 0.9901, 1, Up, 0.9901}, {"below zero", -3, 6, Up, 0}, {"below zero where lower is better", -3, 6, Down, 2},
	} {
		if got, ok := CityScoreOf(CityScoreFixed, c.value, c.target, c.d); !ok || !close9(got, c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, ok, c.want)
		}
	}
	for _, mode := range []CityScoreMode{CityScoreFaithful, CityScoreFixed} {
		for name, c := range map[string]struct {
			value, target float64
			d             Direction
		}{"no target": {1, 0, Up}, "no direction": {1, 1, Neutral}, "a range": {1, 1, Range}, "not a number": {math.NaN(), 1, Up}, "no number as target": {1, math.Inf(1), Down}, "too large": {1e150, 1e-150, Up}} {
			if got, ok := CityScoreOf(mode, c.value, c.target, c.d); ok {
				t.Errorf("%s, %s: %v", mode, name, got)
			}
		}
	}
	if _, ok := CityScoreOf(CityScoreFixed, -1, -2, Up); ok {
		t.Error("a target below zero has a score")
	}
	if got, ok := CityScoreCity(CityScoreFixed, []float64{0.9901, 1, math.NaN()}); !ok || !close9(got, 0.99505) {
		t.Errorf("a city: %v %v", got, ok)
	}
	if _, ok := CityScoreCity(CityScoreFixed, nil); ok {
		t.Error("a city without metrics has a score")
	}
	// 0, 0 and 12 against 6: the day of 12 is as bad as the others are good; the toolkit gives 1.5.
	m := CityScoreMetric{Direction: Down, Target: 6}
	var last Date
	m.Entries, last = cityScoreDays([]float64{0, 0, 12})
	if got, ok := m.Score(CityScoreFixed, CityScoreWeek, last); !ok || !close9(got.Score, 4.0/3) {
		t.Errorf("0, 0, 12: %+v %v", got, ok)
	}
	for score, want := range map[float64]Status{2: OnTrack, 1: OnTrack, 1 - 1e-12: OnTrack, 0.99: Behind, 0.6: Behind, 0.59: WellBehind, 0: WellBehind} {
		if got := CityScoreStatus(score, Bands{}); got != want {
			t.Errorf("a score of %v is %s, want %s", score, got, want)
		}
	}
}

func TestCityScoreOfRareThings(t *testing.T) {
	m := CityScoreMetric{Direction: Down, Target: 1, Trend: true, Entries: []CityScoreEntry{{Date{2016, 6, 30}, 0}, {Date{2016, 6, 1}, 2}}}
	asOf := Date{2016, 6, 30}
	if got, ok := m.Score(CityScoreFaithful, CityScoreDay, asOf); ok {
		t.Errorf("no homicide is no day by the toolkit, but got %+v", got)
	}
	if got, ok := m.Score(CityScoreFixed, CityScoreDay, asOf); !ok || got.Score != 2 {
		t.Errorf("no homicide is a good day: %+v %v", got, ok)
	}
	m.Trend = false
	if got, ok := m.Score(CityScoreFaithful, CityScoreDay, asOf); !ok || got.Score != 0 {
		t.Errorf("by the toolkit a perfect zero is the worst: %+v %v", got, ok)
	}
	m.Entries = m.Entries[1:]
	if got, ok := m.Score(CityScoreFaithful, CityScoreDay, asOf); !ok || got.Score != 2 {
		t.Errorf("by the toolkit a single value is not inverted: %+v %v", got, ok)
	}
	if got, ok := m.Score(CityScoreFixed, CityScoreDay, Date{2016, 6, 1}); !ok || got.Score != 0 {
		t.Errorf("a single value is inverted: %+v %v", got, ok)
	}
}

func TestCityScoreHistory(t *testing.T) {
	// 500 days, the value being the number of the day; the last is 499.
	values := make([]float64, 500)
	for k := range values {
		values[k] = float64(k)
	}
	m := CityScoreMetric{Direction: Up, Target: 0, Historic: true}
	var last Date
	m.Entries, last = cityScoreDays(values)
	sd := math.Sqrt((500.0*500 - 1) / 12)
	for _, c := range []struct {
		name string
		mode CityScoreMode
		set  func(*CityScoreMetric)
		want float64
		ok   bool
	}{
		{"mean minus deviation", CityScoreFaithful, func(*CityScoreMetric) {}, 249.5 - sd, true},
		{"mean plus deviation", CityScoreFaithful, func(m *CityScoreMetric) { m.Direction = Down }, 249.5 + sd, true},
		{"the year before", CityScoreFaithful, func(m *CityScoreMetric) { m.Trend = true }, 89.5, true}, // days 45 to 134
		{"the year before, fixed", CityScoreFixed, func(m *CityScoreMetric) { m.Trend = true }, 89.5, true},
		{"before the last 90 days", CityScoreFixed, func(*CityScoreMetric) {}, 204.5, true}, // days 0 to 409
		{"90 values are too few", CityScoreFaithful, func(m *CityScoreMetric) { m.Entries = m.Entries[:90] }, 0, false},
		{"91 are enough", CityScoreFaithful, func(m *CityScoreMetric) { m.Entries = m.Entries[:91]; m.Direction = Down }, 45 + math.Sqrt((91.0*91-1)/12), true},
		{"180 are too few before the last 90", CityScoreFixed, func(m *CityScoreMetric) { m.Entries = m.Entries[320:] }, 0, false},
		{"none", CityScoreFaithful, func(m *CityScoreMetric) { m.Entries = nil }, 0, false},
		{"no value in the year before", CityScoreFaithful, func(m *CityScoreMetric) {
			m.Trend = true
			for k := range m.Entries {
				m.Entries[k].Date = last
			}
		}, 0, false},
	} {
		changed := m
		changed.Entries = append([]CityScoreEntry(nil), m.Entries...)
		c.set(&changed)
		if got, ok := changed.HistoricTarget(c.mode, last); ok != c.ok || ok && !close9(got, c.want) {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, ok, c.want, c.ok)
		}
	}
	m.Entries = m.Entries[:50]
	if got, ok := m.Score(CityScoreFaithful, CityScoreDay, last); !ok || got.Target != 1 || got.Score != 49 {
		t.Errorf("without a target the toolkit takes 1: %+v %v", got, ok)
	}
	if got, ok := m.Score(CityScoreFixed, CityScoreDay, m.Entries[49].Date); ok {
		t.Errorf("without a target: %+v", got)
	}
}

// Whatever the input: no panic, nothing that is not finite, in fixed mode a score from 0 to 2 that never falls when the value gets better.
func FuzzCityScore(f *testing.F) {
	f.Add(0.83, 0.8, 1.0, true, true, uint8(10))
	f.Add(0.0, 6.0, 12.0, false, false, uint8(1))
	f.Add(math.NaN(), 1e300, -1e-300, true, false, uint8(200))
	f.Add(1e149, 1e-9, math.Inf(1), false, true, uint8(91))
	f.Fuzz(func(t *testing.T, value, target, other float64, up, flag bool, n uint8) {
		values := []float64{}
		for range n {
			values = append(values, other, value)
		}
		values = append(values, value)
		m := CityScoreMetric{Direction: cityScoreDirection(up), Target: target, Historic: flag, Trend: n%2 == 0}
		var last Date
		m.Entries, last = cityScoreDays(values)
		for _, mode := range []CityScoreMode{CityScoreFaithful, CityScoreFixed} {
			for _, w := range CityScoreWindows {
				got, ok := m.Score(mode, w, last)
				if ok && (!usable(got.Score) || !usable(got.Mean) || !usable(got.Target) || got.Entries < 1) {
					t.Fatalf("%s %d: %+v", mode, w, got)
				}
			}
		}
		worse, ok1 := CityScoreOf(CityScoreFixed, math.Min(value, other), target, Up)
		better, ok2 := CityScoreOf(CityScoreFixed, math.Max(value, other), target, Up)
		down, ok3 := CityScoreOf(CityScoreFixed, math.Max(value, other), target, Down)
		if ok1 && (worse < 0 || worse > 2) || ok1 && ok2 && worse > better || ok2 && ok3 && better > 0 && better < 2 && !close9(better+down, 2) {
			t.Fatalf("%v %v against %v: %v %v %v", value, other, target, worse, better, down)
		}
	})
}
