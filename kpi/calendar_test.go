package kpi

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// Every day of every zone begins at its first instant, and ends where the next one begins.
func TestDaysTileTime(t *testing.T) {
	for _, name := range []string{
		"UTC", "America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu",
		"America/Sao_Paulo", "America/Havana", "America/Asuncion", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Asia/Gaza", "Asia/Tehran", "Asia/Amman", "Atlantic/Azores", // clocks change at midnight
		"Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kwajalein", // a day was skipped
		"America/Scoresbysund", "America/Goose_Bay", "Asia/Pyongyang", "Europe/Lisbon",
	} {
		loc := zone(t, name)
		calendar := Calendar{Location: loc}
		for d := NewDate(1990, 1, 1); d.Year < 2031; d = d.AddDays(1) {
			p, err := calendar.Period(Day, d)
			if err != nil {
				t.Fatal(err)
			}
			if next := calendar.Next(p); !p.To.Equal(next.From) || p.To.Before(p.From) {
				t.Fatalf("%s %s: ends %s, the next begins %s", name, d, p.To, next.From)
			}
			if p.To.Equal(p.From) { // the day does not exist there
				if DateOf(p.From.In(loc)) != d.AddDays(1) {
					t.Fatalf("%s %s has no time, and begins at %s", name, d, p.From.In(loc))
				}
				continue
			}
			if got := DateOf(p.From.In(loc)); got != d {
				t.Fatalf("%s %s begins at %s", name, d, p.From.In(loc))
			}
			if got := DateOf(p.From.Add(-1).In(loc)); !got.Before(d) {
				t.Fatalf("%s %s begins at %s, but the instant before is still that day", name, d, p.From.In(loc))
			}
			if got := DateOf(p.To.Add(-1).In(loc)); got.After(d) {
				t.Fatalf("%s %s ends at %s", name, d, p.To.In(loc))
			}
		}
	}
}

func TestDaysOfUnusualLength(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     float64
	}{
		{"America/New_York", "2015-03-08", 23},
		{"America/New_York", "2015-11-01", 25},
		{"Australia/Lord_Howe", "2015-10-04", 23.5},
		{"America/Sao_Paulo", "2018-11-04", 23}, // has no midnight
		{"America/Sao_Paulo", "2018-02-17", 25},
		{"America/Havana", "2023-11-05", 25}, // has two midnights
		{"Pacific/Apia", "2011-12-30", 0},
		{"America/New_York", "2015-06-01", 24},
	} {
		d, err := ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		loc := zone(t, c.zone)
		if got := d.EndIn(loc).Sub(d.In(loc)).Hours(); got != c.hours {
			t.Errorf("%s in %s has %v hours, want %v", c.day, c.zone, got, c.hours)
		}
	}
}

func TestPeriods(t *testing.T) {
	july := Calendar{Location: zone(t, "America/New_York"), FiscalStart: time.July}
	for _, c := range []struct {
		kind        PeriodKind
		day         string
		id          string
		first, last string
	}{
		{Week, "2015-12-31", "2015-W53", "2015-12-28", "2016-01-03"},
		{Week, "2016-01-03", "2015-W53", "2015-12-28", "2016-01-03"},
		{Week, "2016-01-04", "2016-W01", "2016-01-04", "2016-01-10"},
		{Week, "2018-12-31", "2019-W01", "2018-12-31", "2019-01-06"},
		{Week, "2021-01-03", "2020-W53", "2020-12-28", "2021-01-03"},
		{Month, "2016-02-29", "2016-02", "2016-02-01", "2016-02-29"},
		{Month, "2015-02-28", "2015-02", "2015-02-01", "2015-02-28"},
		{Month, "2000-02-29", "2000-02", "2000-02-01", "2000-02-29"},
		{Quarter, "2015-05-15", "2015-Q2", "2015-04-01", "2015-06-30"},
		{Year, "2015-05-15", "2015", "2015-01-01", "2015-12-31"},
		{FiscalYear, "2015-06-30", "FY2015", "2014-07-01", "2015-06-30"},
		{FiscalYear, "2015-07-01", "FY2016", "2015-07-01", "2016-06-30"},
		{FiscalQuarter, "2015-09-30", "FY2016-Q1", "2015-07-01", "2015-09-30"},
		{FiscalQuarter, "2016-02-29", "FY2016-Q3", "2016-01-01", "2016-03-31"},
		{Day, "2016-02-29", "2016-02-29", "2016-02-29", "2016-02-29"},
	} {
		d, err := ParseDate(c.day)
		if err != nil {
			t.Fatal(err)
		}
		p, err := july.Period(c.kind, d)
		if err != nil || p.ID != c.id || p.First.String() != c.first || p.Last.String() != c.last {
			t.Errorf("%s of %s: %+v %v, want %s from %s to %s", c.kind, c.day, p, err, c.id, c.first, c.last)
		}
	}
	if _, err := july.Period("decade", NewDate(2015, 1, 1)); err == nil {
		t.Error("there is a period of a decade")
	}
	months, err := july.Periods(Month, NewDate(2015, 12, 31), NewDate(2016, 2, 1))
	if err != nil || len(months) != 3 || months[0].ID != "2015-12" || months[2].ID != "2016-02" {
		t.Errorf("%+v %v", months, err)
	}
	if none, err := july.Periods(Month, NewDate(2016, 2, 1), NewDate(2015, 12, 31)); err != nil || len(none) != 0 {
		t.Errorf("%+v %v", none, err)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, id := range []string{"", "2015-13", "2015-00", "2015-02-29", "2015-W00", "2015-W54", "2016-W53", "2015-Q5", "2015-Q0", "FY15", "fy2015", "FY2015-Q5", "2015-6", "2015-06 ", "total", "20150630", "२०१५"} {
		if p, err := (Calendar{}).Parse(id); err == nil {
			t.Errorf("%q is %+v", id, p)
		}
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2016-01-31", 1, "2016-02-29"}, {"2015-01-31", 1, "2015-02-28"}, {"2016-02-29", 12, "2017-02-28"}, {"2016-02-29", -48, "2012-02-29"},
		{"2015-12-31", 1, "2016-01-31"}, {"2015-03-31", -1, "2015-02-28"}, {"2015-08-15", 30, "2018-02-15"},
	} {
		d, err := ParseDate(c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.AddMonths(c.n).String(); got != c.want {
			t.Errorf("%s and %d months: %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestSettledAndPartial(t *testing.T) {
	i := &Indicator{SettlesAfter: 7}
	p, err := Calendar{}.Parse("2015-12")
	if err != nil {
		t.Fatal(err)
	}
	for asOf, want := range map[string][2]bool{ // partial, settled
		"2015-12-30": {true, false}, "2015-12-31": {false, false}, "2016-01-01": {false, false}, "2016-01-06": {false, false}, "2016-01-07": {false, true},
	} {
		d, err := ParseDate(asOf)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]bool{p.Partial(d), i.Settled(p, d)}; got != want {
			t.Errorf("on %s: partial %v, settled %v; want %v", asOf, got[0], got[1], want)
		}
	}
}

// Every period is named so that its name is read back as the same period, in every calendar.
func FuzzPeriodNames(f *testing.F) {
	f.Add(0, uint8(7), uint8(0))
	f.Add(-1, uint8(1), uint8(1))
	f.Add(5843, uint8(0), uint8(3))
	zones := []string{"UTC", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia"}
	f.Fuzz(func(t *testing.T, days int, fiscal, zoneNumber uint8) {
		d := NewDate(2000, 1, 1).AddDays(days % 700_000) // years 83 to 3916
		c := Calendar{Location: zone(t, zones[int(zoneNumber)%len(zones)]), FiscalStart: time.Month(fiscal % 13)}
		for _, kind := range PeriodKinds {
			p, err := c.Period(kind, d)
			if err != nil {
				t.Fatal(err)
			}
			if d.Before(p.First) || d.After(p.Last) || p.From.After(p.To) {
				t.Fatalf("%s of %s: %+v", kind, d, p)
			}
			back, err := c.Parse(p.ID)
			if err != nil || back != p {
				t.Fatalf("%s of %s is %+v, read back as %+v, %v", kind, d, p, back, err)
			}
			if next := c.Next(p); next.First != p.Last.AddDays(1) || !next.From.Equal(p.To) {
				t.Fatalf("after %+v comes %+v", p, next)
			}
		}
	})
}

// FuzzParsePeriod: no text panics, and what is read is written back as it was.
func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2015-06-30", "2015-W23", "2015-06", "2015-Q2", "2015", "FY2016", "FY2016-Q1", "9999-W53", "0000", "FY0000-Q4", "0000-01-01"} {
		f.Add(s, uint8(7))
	}
	f.Fuzz(func(t *testing.T, id string, fiscal uint8) {
		p, err := Calendar{FiscalStart: time.Month(fiscal % 13)}.Parse(id)
		if err == nil && p.ID != id {
			t.Fatalf("%q is read as %+v", id, p)
		}
	})
}

func TestDateText(t *testing.T) {
	for _, s := range []string{"2016-02-29", "0001-01-01", "9999-12-31"} {
		var d Date
		if err := d.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		if b, err := d.MarshalText(); err != nil || string(b) != s {
			t.Errorf("%s became %s, %v", s, b, err)
		}
	}
	var zero Date
	if b, err := zero.MarshalText(); err != nil || len(b) != 0 || zero.UnmarshalText(b) != nil || !zero.IsZero() {
		t.Errorf("no day is written as %q", b)
	}
	for _, s := range []string{"2015-02-29", "2015-2-1", "30/06/2015", fmt.Sprint(2015)} {
		if _, err := ParseDate(s); err == nil {
			t.Errorf("%q is a date", s)
		}
	}
}
