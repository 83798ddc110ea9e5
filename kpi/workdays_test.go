package kpi

import (
	"encoding/csv"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// federal2025 is testdata/holidays_us_federal_2025.txt.
func federal2025(t testing.TB) []Date {
	t.Helper()
	b, err := os.ReadFile("testdata/holidays_us_federal_2025.txt")
	if err != nil {
		t.Fatal(err)
	}
	var list []Date
	for _, s := range strings.Fields(string(b)) {
		d, err := ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	if len(list) != 12 {
		t.Fatalf("%d holidays", len(list))
	}
	return list
}

// readCSV returns the rows of a file in testdata by the names in its first line.
func readCSV(t testing.TB, name string) []map[string]string {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, len(lines)-1)
	for k, line := range lines[1:] {
		rows[k] = map[string]string{}
		for j, v := range line {
			rows[k][lines[0][j]] = v
		}
	}
	return rows
}

func TestOracleBusinessDays(t *testing.T) {
	rows := readCSV(t, "business_days.csv")
	if len(rows) != 10 {
		t.Fatalf("%d rows", len(rows))
	}
	plain, federal := NewWorkdays(nil, nil), NewWorkdays(nil, federal2025(t))
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, r := range rows {
		from, to := day(t, r["start"]), day(t, r["end"])
		if got, want := to.Sub(from), number(r["calendar_days"]); got != want {
			t.Errorf("%s to %s: %d days, want %d", from, to, got, want)
		}
		if got, want := plain.WorkdaysBetween(from, to), number(r["business_days_half_open_no_holidays"]); got != want {
			t.Errorf("%s to %s without holidays: %d, want %d", from, to, got, want)
		}
		if got, want := federal.WorkdaysBetween(from, to), number(r["business_days_half_open_us_federal_2025"]); got != want {
			t.Errorf("%s to %s: %d, want %d", from, to, got, want)
		}
		want := 0 // the file has no number where the end is before the beginning
		if s := r["business_days_inclusive_end_us_federal_2025"]; s != "" {
			want = number(s)
		}
		if got := federal.WorkdaysThrough(from, to); got != want {
			t.Errorf("%s through %s: %d, want %d", from, to, got, want)
		}
	}
}

func TestAddWorkdays(t *testing.T) {
	federal := NewWorkdays(nil, federal2025(t))
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2025-03-07", 0, "2025-03-07"}, {"2025-03-07", 1, "2025-03-10"}, {"2025-03-07", 5, "2025-03-14"}, // from a Friday
		{"2025-03-08", 0, "2025-03-10"}, {"2025-03-08", 1, "2025-03-11"}, {"2025-03-08", -1, "2025-03-07"}, // from a Saturday
		{"2025-07-03", 1, "2025-07-07"}, {"2025-07-04", 0, "2025-07-07"}, {"2025-07-07", -1, "2025-07-03"}, // over 4 July, a Friday
		{"2025-12-24", 1, "2025-12-26"}, {"2025-12-31", 1, "2026-01-02"}, {"2025-01-01", 0, "2025-01-02"},
		{"2025-01-02", 249, "2025-12-31"}, {"2025-12-31", -249, "2025-01-02"}, // all working days of the year
		{"1969-12-31", 1, "1970-01-01"}, {"1970-01-01", -1, "1969-12-31"}, {"1969-12-29", 3, "1970-01-01"}, // on both sides of day 0
		{"2000-01-03", 2500 * 5, "2047-12-18"}, // 2500 weeks and, for the 12 holidays on the way, 12 working days more
	} {
		got, ok := federal.AddWorkdays(day(t, c.from), c.n)
		if !ok || got.String() != c.want {
			t.Errorf("%d after %s: %s %v, want %s", c.n, c.from, got, ok, c.want)
		}
	}
}

func TestWorkdaysOfUnusualCalendars(t *testing.T) {
	friday := day(t, "2025-07-04")
	gulf := NewWorkdays([]time.Weekday{time.Friday, time.Saturday}, nil)
	if gulf.IsWorkday(friday) || !gulf.IsWorkday(friday.AddDays(2)) || gulf.WorkdaysBetween(friday, friday.AddDays(7)) != 5 {
		t.Error("a weekend of Friday and Saturday")
	}
	var always Workdays
	if got, ok := always.AddWorkdays(friday, 10); !always.IsWorkday(friday.AddDays(1)) || always.WorkdaysBetween(friday, friday.AddDays(30)) != 30 || !ok || got != friday.AddDays(10) {
		t.Errorf("a city that always works: %s %v", got, ok)
	}
	never := NewWorkdays([]time.Weekday{0, 1, 2, 3, 4, 5, 6}, []Date{friday})
	if _, ok := never.AddWorkdays(friday, 1); ok || never.IsWorkday(friday) || never.WorkdaysBetween(friday, friday.AddDays(30)) != 0 {
		t.Error("a city that never works")
	}
	if got := never.After(friday, 3); got != friday.AddDays(3) {
		t.Errorf("three days of the week after a Friday in a city that never works: %s", got)
	}
	if got := (&City{Weekend: []time.Weekday{time.Friday, time.Saturday}, Holidays: []Date{friday.AddDays(2)}}).Workdays().After(friday, 1); got != friday.AddDays(4) {
		t.Errorf("one working day after a Friday that is no working day, before a holiday: %s", got)
	}
	// A holiday on a Sunday takes no day away, and one that is named twice takes one.
	sunday := friday.AddDays(2)
	w := NewWorkdays(nil, []Date{sunday, friday, friday, {}})
	if got := w.WorkdaysBetween(friday.AddDays(-4), friday.AddDays(3)); got != 4 {
		t.Errorf("%d working days in a week with one holiday", got)
	}
	for _, c := range []struct {
		from Date
		n    int
	}{{friday, 1 << 40}, {friday, -1 << 62}, {Date{1 << 40, 1, 1}, 1}, {Date{-5, 1, 1}, 1}, {Date{9999, 12, 31}, 1}, {Date{0, 1, 3}, -9}} {
		if got, ok := w.AddWorkdays(c.from, c.n); ok {
			t.Errorf("%d after %s is %s", c.n, c.from, got)
		}
	}
	w.WorkdaysBetween(Date{1 << 60, 1, 1}, Date{-1 << 60, 1, 1}) // does not panic
}

func TestWorkdaysTaken(t *testing.T) {
	loc := zone(t, "America/New_York")
	w := NewWorkdays(nil, federal2025(t))
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02T15:04", s, loc)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2025-03-07T08:00", "2025-03-07T23:59", 0}, {"2025-03-07T23:59", "2025-03-10T00:00", 1}, {"2025-03-08T10:00", "2025-03-10T10:00", 0},
		{"2025-03-08T10:00", "2025-03-11T10:00", 1}, {"2025-07-03T17:00", "2025-07-07T09:00", 1}, {"2025-03-10T10:00", "2025-03-07T10:00", -1},
	} {
		if got := w.WorkdaysTaken(at(c.from), at(c.to), loc); got != c.want {
			t.Errorf("%s to %s: %d, want %d", c.from, c.to, got, c.want)
		}
	}
	// 23:00 on a Thursday in New York is Friday in UTC.
	from, to := at("2025-03-06T23:00"), at("2025-03-07T12:00")
	if here, utc := w.WorkdaysTaken(from, to, loc), w.WorkdaysTaken(from, to, nil); here != 1 || utc != 0 {
		t.Errorf("%d in the city, %d in UTC; want 1 and 0", here, utc)
	}
}

// A count day by day agrees, and adding undoes counting.
func FuzzWorkdays(f *testing.F) {
	f.Add(20_000, 400, 30, uint8(0b1000001), uint64(0x8421))
	f.Add(-3, 6, -5, uint8(0), uint64(0))
	f.Add(0, -90, 7, uint8(0b1111111), uint64(1))
	f.Add(700_000, 1000, -200, uint8(0b0010000), ^uint64(0))
	f.Fuzz(func(t *testing.T, start, length, n int, off uint8, holidays uint64) {
		from := Date{1970, 1, 1}.AddDays(start % 700_000)
		to := from.AddDays(length % 1000)
		n %= 1000
		var weekend []time.Weekday
		for k := range 7 {
			if off>>k&1 == 1 {
				weekend = append(weekend, time.Weekday(k))
			}
		}
		var free []Date
		for k := range 64 {
			if holidays>>k&1 == 1 {
				free = append(free, from.AddDays(k*11-200), from.AddDays(k*11-200))
			}
		}
		w := NewWorkdays(weekend, free)
		if len(weekend) == 0 {
			weekend = DefaultWeekend
		}
		works := func(d Date) bool { return !slices.Contains(weekend, d.Weekday()) && !slices.Contains(free, d) }
		first, last, sign := from, to, 1
		if to.Before(from) {
			first, last, sign = to, from, -1
		}
		count := 0
		for d := first; d.Before(last); d = d.AddDays(1) {
			if works(d) != w.IsWorkday(d) {
				t.Fatalf("%s: %v", d, w.IsWorkday(d))
			}
			if works(d) {
				count++
			}
		}
		if got := w.WorkdaysBetween(from, to); got != sign*count {
			t.Fatalf("%s to %s: %d, want %d", from, to, got, sign*count)
		}
		got, ok := w.AddWorkdays(from, n)
		if len(weekend) == 7 {
			if ok {
				t.Fatalf("%d after %s is %s in a calendar without working days", n, from, got)
			}
			return
		}
		if !ok || !works(got) || w.WorkdaysBetween(from, got) != n {
			t.Fatalf("%d after %s is %s, %v", n, from, got, ok)
		}
	})
}

func BenchmarkAddWorkdays(b *testing.B) {
	w := NewWorkdays(nil, federal2025(b))
	from := Date{2025, 1, 2}
	for k := range b.N {
		if _, ok := w.AddWorkdays(from, k%10_000); !ok {
			b.Fatal(k)
		}
	}
}
