package kpi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestValidID(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "street-lights-2": true, strings.Repeat("a", 64): true, MemberNotRecorded: true,
		"": false, "A": false, "a b": false, "a_b": false, "é": false, strings.Repeat("a", 65): false, "a\n": false, "../a": false,
	} {
		if ValidID(id) != want {
			t.Errorf("ValidID(%q) = %v", id, !want)
		}
	}
}

func TestErrors(t *testing.T) {
	wrapped := fmt.Errorf("while loading: %w", &Error{Code: CodeConflict, Message: "in use", Err: io.EOF})
	if ErrorCode(wrapped) != CodeConflict || !errors.Is(wrapped, io.EOF) || wrapped.Error() != "while loading: in use: EOF" {
		t.Errorf("%v is %s", wrapped, ErrorCode(wrapped))
	}
	if ErrorCode(nil) != "" || ErrorCode(io.EOF) != CodeInternal || Errorf(CodeInvalid, "%d rows", 3).Error() != "3 rows" {
		t.Error("codes of plain errors")
	}
}

func TestText(t *testing.T) {
	x := Text{Source: English, In: map[Lang]string{English: "Street", French: "Rue", Spanish: ""}}
	for lang, want := range map[Lang][2]string{French: {"Rue", "fr"}, Spanish: {"Street", "en"}, Portuguese: {"Street", "en"}} {
		if s, in := x.For(lang); s != want[0] || string(in) != want[1] || x.String(lang) != want[0] {
			t.Errorf("in %s: %q in %s", lang, s, in)
		}
	}
	if x.IsZero() || !(Text{Source: English, In: map[Lang]string{English: ""}}).IsZero() || !(Text{}).IsZero() || NewText(English, "x").IsZero() {
		t.Error("IsZero")
	}
}

// The hash of a measure changes with everything that can change a value, and with nothing else.
func TestMeasureHash(t *testing.T) {
	base := func() *Indicator {
		return &Indicator{ID: "x", Dataset: "d", Unit: Percent, Period: Month, Direction: Up, Measure: Measure{Kind: MeasureShare, Of: "closed <= due", Where: "type = 'x'", Date: "due", Exclude: []Exclusion{{When: "due > as_of", Because: ReasonNotYetDue}}}}
	}
	want := base().MeasureHash("h")
	if len(want) != 64 || base().MeasureHash("h") != want {
		t.Errorf("hash %s", want)
	}
	for name, change := range map[string]func(*Indicator){
		"dataset": func(i *Indicator) { i.Dataset = "e" }, "of": func(i *Indicator) { i.Measure.Of = "closed < due" }, "where": func(i *Indicator) { i.Measure.Where = "" },
		"reason": func(i *Indicator) { i.Measure.Exclude[0].Because = ReasonNoDueDate }, "date": func(i *Indicator) { i.Measure.Date = "opened" }, "unit": func(i *Indicator) { i.Unit = Number },
		"period": func(i *Indicator) { i.Period = Week }, "kind": func(i *Indicator) { i.Measure.Kind = MeasureCount }, "p": func(i *Indicator) { i.Measure.P = 0.9 },
	} {
		i := base()
		change(i)
		if i.MeasureHash("h") == want {
			t.Errorf("another %s, the same hash", name)
		}
	}
	if base().MeasureHash("g") == want {
		t.Error("another reading of the rows, the same hash")
	}
	i := base()
	i.Name, i.Owner, i.Targets, i.Direction, i.Public, i.Minimum = NewText(English, "new"), "p", []Target{{Value: 1}}, Down, true, 5
	if i.MeasureHash("h") != want {
		t.Error("a name, a target, an owner changed the hash")
	}
}

// TestBasis: holidays change the definition of what counts working days, residents that of a rate, and of nothing else.
func TestBasis(t *testing.T) {
	count := Indicator{Dataset: "d", Unit: Number, Measure: Measure{Kind: MeasureCount, Date: "opened"}}
	with := func(change func(*Indicator)) Indicator {
		i := count
		change(&i)
		return i
	}
	rate := with(func(i *Indicator) { i.Measure.Kind = MeasureRate })
	working := map[string]Indicator{
		"unit":  with(func(i *Indicator) { i.Unit = WorkingDays }),
		"of":    with(func(i *Indicator) { i.Measure.Of = "workdays_between(opened, closed) <= 3" }),
		"per":   with(func(i *Indicator) { i.Measure.Per = "1 + workdays_between (opened, closed)" }),
		"where": with(func(i *Indicator) { i.Measure.Where = "due < add_workdays(day, 3)" }),
		"exclude": with(func(i *Indicator) {
			i.Measure.Exclude = []Exclusion{{When: "add_workdays(day, 3) > as_of", Because: ReasonNotYetDue}}
		}),
	}
	city := func(change func(*City)) *City {
		c := &City{Datasets: []Dataset{{ID: "d", Hash: "h"}}, Holidays: []Date{{2015, 1, 1}, {2015, 7, 3}, {2015, 7, 4}}, Population: &Population{Value: 10, ByDistrict: map[string]int64{"a": 4, "b": 6}}}
		change(c)
		return c
	}
	base := city(func(*City) {})
	if got := base.Basis(&count); got != "h" {
		t.Errorf("the basis of a count is %q", got) // and so are definitions that were recorded before there were working days
	}
	if base.Basis(&Indicator{Dataset: "e"}) != "" {
		t.Error("a dataset that is not there has a basis")
	}
	for name, change := range map[string]func(*City){
		"holiday": func(c *City) { c.Holidays = c.Holidays[:1] }, "weekend": func(c *City) { c.Weekend = []time.Weekday{time.Sunday} },
		"residents": func(c *City) { c.Population.Value = 11 }, "residents of a district": func(c *City) { c.Population.ByDistrict["a"] = 5 }, "no residents": func(c *City) { c.Population = nil },
	} {
		other := city(change)
		if other.Basis(&count) != "h" {
			t.Errorf("%s: a count rests on it", name)
		}
		if (other.Basis(&rate) != base.Basis(&rate)) != strings.Contains(name, "residents") {
			t.Errorf("%s: the basis of a rate is %q, was %q", name, other.Basis(&rate), base.Basis(&rate))
		}
		for what, i := range working {
			if (other.Basis(&i) == base.Basis(&i)) != strings.Contains(name, "residents") {
				t.Errorf("%s: the basis of %s is %q, was %q", name, what, other.Basis(&i), base.Basis(&i))
			}
		}
	}
	same := city(func(c *City) {
		c.Holidays = []Date{{2015, 7, 3}, {2015, 1, 1}, {2015, 1, 1}} // 4 July was a Saturday
		c.Weekend = []time.Weekday{time.Sunday, time.Saturday, time.Sunday}
	})
	for what, i := range working {
		if same.Basis(&i) != base.Basis(&i) {
			t.Errorf("%s: the same working days, %q and %q", what, same.Basis(&i), base.Basis(&i))
		}
	}
}

func TestMeasureKinds(t *testing.T) {
	for _, k := range MeasureKinds {
		m := Measure{Kind: k}
		ratio := k == MeasureShare || k == MeasureMean || k == MeasureRatio || k == MeasureRate
		if m.Flow() != (k == MeasureCount || k == MeasureSum) || m.Ratio() != ratio || m.EmptyIsZero() != (m.Flow() || k == MeasureRate) {
			t.Errorf("%s: flow %v, ratio %v", k, m.Flow(), m.Ratio())
		}
	}
	for want, m := range map[float64]Measure{100: {Kind: MeasureShare, Times: 7}, 1: {Kind: MeasureRate}, 1000: {Kind: MeasureRate, Times: 1000}, 12: {Kind: MeasureRatio, Times: 12}} {
		if got := m.Factor(); got != want {
			t.Errorf("the factor of %+v is %v, not %v", m, got, want)
		}
	}
}

func TestCity(t *testing.T) {
	c := &City{Languages: []Lang{Spanish, English}, TimeZone: "America/Bogota", FiscalStart: time.July, Indicators: []Indicator{{ID: "a"}, {ID: "b", Measure: Measure{P: 0.9}}}, Datasets: []Dataset{{ID: "d"}},
		Departments: []Department{{ID: "w"}}, Priorities: []Priority{{ID: "p"}}, Districts: []District{{ID: "n", Polygons: [][][][2]float64{{{{1, 2}}}}}}, People: []Person{{ID: "m"}}, AsOf: Date{2016, 1, 12},
		Reasons: map[string]Text{"duplicate": NewText(Spanish, "Duplicada")}}
	if c.Source() != Spanish || c.Indicator("b") != &c.Indicators[1] || c.Dataset("d") != &c.Datasets[0] || c.Department("w") != &c.Departments[0] || c.Priority("p") != &c.Priorities[0] || c.District("n") != &c.Districts[0] || c.Person("m") != &c.People[0] {
		t.Error("what is there is not found")
	}
	if c.Indicator("z") != nil || c.Dataset("z") != nil || c.Department("z") != nil || c.Priority("z") != nil || c.District("z") != nil || c.Person("z") != nil {
		t.Error("what is not there is found")
	}
	calendar, err := c.Calendar()
	if err != nil || calendar.Location.String() != "America/Bogota" || calendar.FiscalStart != time.July {
		t.Errorf("calendar %+v, %v", calendar, err)
	}
	c.TimeZone = "Mars/Base"
	if _, err := c.Calendar(); ErrorCode(err) != CodeInvalid {
		t.Errorf("a zone of Mars: %v", err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	back := new(City)
	if err := json.Unmarshal(b, back); err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("the round trip through JSON changes the city: %v\n%+v\n%+v", err, back, c)
	}
}

func TestSmallWords(t *testing.T) {
	o := Observation{Excluded: map[string]int64{ReasonNoDueDate: 2, ReasonNotYetDue: 96}}
	if o.ExcludedRows() != 98 || (Observation{}).ExcludedRows() != 0 {
		t.Error("excluded rows")
	}
	a := Assessment{Flags: []Flag{FlagPartial}}
	if !a.Has(FlagPartial) || a.Has(FlagStale) {
		t.Error("flags")
	}
	for kind, want := range map[SignalKind]bool{Improving: true, Worsening: true, Steady: false, TooEarly: false, Changing: false} {
		if (Signal{Kind: kind}).Real() != want {
			t.Errorf("%s is real: %v", kind, !want)
		}
	}
	if p := (Period{First: Date{2016, 2, 1}, Last: Date{2016, 2, 29}}); (&Indicator{}).Cadence(p) != 29*24*time.Hour {
		t.Error("cadence of a leap February")
	}
}
