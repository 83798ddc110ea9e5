package warehouse

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// workQuestion is a pair of days between which working days are counted, and a number of them that is added to the first.
type workQuestion struct {
	a, b kpi.Date
	n    float64
}

// askWork asks DuckDB, through the compiler of expressions, for workdays_between and add_workdays.
func askWork(t *testing.T, db *DB, city *kpi.City, list []workQuestion) (between []float64, added []*kpi.Date) {
	t.Helper()
	d := &kpi.Dataset{ID: "days", Columns: []kpi.Column{{Name: "a", Type: kpi.TypeDate}, {Name: "b", Type: kpi.TypeDate}, {Name: "n", Type: kpi.TypeNumber}}}
	var a, b []int64
	var n []float64
	for _, q := range list {
		a, b, n = append(a, q.a.In(time.UTC).Unix()/86_400), append(b, q.b.In(time.UTC).Unix()/86_400), append(n, q.n)
	}
	s := newScope(&statement{}, city, d, asOf{}, time.UTC, "r.")
	compiled := func(src string, want expr.Type) string {
		node, err := parse(d, "test", src, want)
		if err != nil {
			t.Fatal(err)
		}
		sql, err := s.compile(node)
		if err != nil {
			t.Fatal(err)
		}
		return sql
	}
	count, due := compiled("workdays_between(a, b)", expr.Number), compiled("add_workdays(a, n)", expr.Date)
	rows := fmt.Sprintf("(SELECT unnest(range(%d)) AS i, DATE '1970-01-01' + CAST(unnest(%s) AS INTEGER) AS a, DATE '1970-01-01' + CAST(unnest(%s) AS INTEGER) AS b, unnest(%s) AS n)", len(a), s.bind(a, "BIGINT[]"), s.bind(b, "BIGINT[]"), s.bind(n, "DOUBLE[]"))
	s.printf("SELECT %s, coalesce(%s - DATE '1970-01-01', -99999999) FROM %s AS r ORDER BY i", count, due, s.withSteps(rows))
	err := db.read(context.Background(), func(x *tx) error {
		return x.query(context.Background(), func(scan func(...any) error) error {
			var v float64
			var day int64
			err := scan(&v, &day)
			between = append(between, v)
			if day == -99999999 {
				added = append(added, nil)
			} else {
				d := kpi.NewDate(1970, 1, 1).AddDays(int(day))
				added = append(added, &d)
			}
			return err
		}, s.String(), s.args...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return between, added
}

// TestBusinessDays holds workdays_between to the counts of numpy's busday_count.
func TestBusinessDays(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile("../testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	date := func(s string) kpi.Date {
		d, err := kpi.ParseDate(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	rows, err := csv.NewReader(strings.NewReader(read("business_days.csv"))).ReadAll()
	if err != nil || len(rows) != 11 {
		t.Fatal(len(rows), err)
	}
	plain, federal := &kpi.City{}, &kpi.City{}
	for _, s := range strings.Fields(read("holidays_us_federal_2025.txt")) {
		federal.Holidays = append(federal.Holidays, date(s))
	}
	var list []workQuestion
	for _, r := range rows[1:] {
		list = append(list, workQuestion{date(r[0]), date(r[1]), 0})
	}
	db := openTest(t)
	for column, city := range map[int]*kpi.City{3: plain, 4: federal} {
		got, _ := askWork(t, db, city, list)
		for i, r := range rows[1:] {
			if fmt.Sprint(got[i]) != r[column] {
				t.Errorf("%s to %s with %d holidays: %v, want %s", r[0], r[1], len(city.Holidays), got[i], r[column])
			}
		}
	}
}

// TestWorkdaysAgreeWithGo: SQL and kpi.Workdays say the same, for any weekend and holidays, near and far.
func TestWorkdaysAgreeWithGo(t *testing.T) {
	db := openTest(t)
	r := rand.New(rand.NewPCG(3, 7))
	for round := range 40 {
		city := &kpi.City{}
		for range r.IntN(4) {
			city.Weekend = append(city.Weekend, time.Weekday(r.IntN(7)))
		}
		if round == 39 {
			city.Weekend = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
		}
		start := kpi.NewDate(2010+r.IntN(10), 1, 1)
		for range r.IntN(60) {
			city.Holidays = append(city.Holidays, start.AddDays(r.IntN(900)), start.AddDays(r.IntN(60)))
		}
		day := func() kpi.Date {
			switch r.IntN(8) {
			case 0:
				return kpi.NewDate(1583, 1, 1).AddDays(r.IntN(3_000_000)) // and beyond the year 9000
			case 1:
				return kpi.NewDate([]int{1583, 9999, 1, 1969, 1970}[r.IntN(5)], 1, 1).AddDays(r.IntN(365))
			}
			return start.AddDays(r.IntN(1100) - 100)
		}
		var list []workQuestion
		for range 500 {
			n := float64(r.IntN(120) - 40)
			switch r.IntN(12) {
			case 0:
				n += r.Float64()
			case 1:
				n = []float64{3e6, -3e6, 1e300, -1e300, 4e6, math.Inf(1), math.NaN()}[r.IntN(7)]
			case 2:
				n = 0
			}
			list = append(list, workQuestion{day(), day(), n})
		}
		work := kpi.NewWorkdays(city.Weekend, city.Holidays)
		between, added := askWork(t, db, city, list)
		for i, q := range list {
			if want := work.WorkdaysBetween(q.a, q.b); between[i] != float64(want) {
				t.Fatalf("round %d, weekend %v: from %s to %s %v, want %d", round, city.Weekend, q.a, q.b, between[i], want)
			}
			n := math.Floor(q.n)
			want, ok := kpi.Date{}, math.Abs(n) < 1e9
			if ok {
				want, ok = work.AddWorkdays(q.a, int(n))
			}
			if ok != (added[i] != nil) || ok && *added[i] != want {
				t.Fatalf("round %d, weekend %v: %s and %v working days: %v, want %s %v", round, city.Weekend, q.a, q.n, added[i], want, ok)
			}
		}
	}
}

// TestWorkdaysOfTimestamps: the days are those of the dataset's zone, and what is null stays null.
func TestWorkdaysOfTimestamps(t *testing.T) {
	city := eightCity()
	count := func(id, where string) kpi.Indicator {
		return kpi.Indicator{ID: id, Dataset: "permits", Version: 1, Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureCount, Date: "day", Where: where}}
	}
	city.Indicators = []kpi.Indicator{
		count("two", "workdays_between(filed, granted) = 2"),                       // p1, and p4: midnight of New York is between its days
		count("one", "workdays_between(filed, granted) = 1"),                       // p2, over a weekend
		count("unknown", "workdays_between(filed, granted) is null"),               // p3, p8
		count("kept", "date_of(granted) <= add_workdays(date_of(filed), 1)"),       // p2, p5, and p7, which was granted before it was filed
		count("late", "not (date_of(granted) <= add_workdays(date_of(filed), 1))"), // p1, p4; p6: 1 April, next the 3rd, the 2nd being a holiday
		count("backwards", "workdays_between(granted, filed) > 0"),                 // p7: 1 April
	}
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-04-10", eightRows())
	list := mustObservations(t, db, city, 1)
	for id, want := range map[string]float64{"two": 2, "one": 1, "unknown": 2, "kept": 3, "late": 3, "backwards": 1} {
		if o := find(t, list, id, kpi.PeriodTotal, "", ""); *o.Value != want {
			t.Errorf("%s: %v, want %v", id, *o.Value, want)
		}
	}
}

// BenchmarkWorkdays counts the working days between two columns of 1,000,000 rows, of dates and of timestamps, beside days_between.
func BenchmarkWorkdays(b *testing.B) {
	db := openTest(b)
	city := benchCity()
	for i := range 200 {
		city.Holidays = append(city.Holidays, kpi.NewDate(2006, 1, 1).AddDays(25*i+i*i%7))
	}
	if _, err := db.Load(b.Context(), benchFile(b, db, city, benchRows())); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, of string }{
		{"days", "days_between(opened, closed)"}, {"timestamps", "workdays_between(opened, closed)"}, {"dates", "workdays_between(booked, as_of)"}, {"due", "days_between(booked, add_workdays(booked, visits))"},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := &city.Datasets[0]
			node, err := parse(d, "bench", c.of, expr.Number)
			if err != nil {
				b.Fatal(err)
			}
			cal, err := city.Calendar()
			if err != nil {
				b.Fatal(err)
			}
			s := newScope(&statement{}, city, d, asOfIn(kpi.NewDate(2016, 1, 12), cal.Location), cal.Location, "r.")
			sql, err := s.compile(node)
			if err != nil {
				b.Fatal(err)
			}
			s.printf("SELECT sum(%s) FROM %s AS r", sql, s.withSteps(quoteName(rowTableName("requests", "bench"))))
			for b.Loop() {
				err := db.read(b.Context(), func(t *tx) error {
					return t.query(b.Context(), func(func(...any) error) error { return nil }, s.String(), s.args...)
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
