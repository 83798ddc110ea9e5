package warehouse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// TestTrustByHand asks for what is just in time and just too late in the rows of load 1 of the twelve, as of 10 February. Before their deadlines were done:
// c01 by 1.875 days, c02 by −1, c04 by 6.6, c05 by 6 (and is not yet due), c07 by 6, c11 by 0; c03 is open.
func TestTrustByHand(t *testing.T) {
	city := twelveCity()
	share := func(id, of string) kpi.Indicator {
		return kpi.Indicator{ID: id, Dataset: "cases", Version: 1, Unit: kpi.Percent, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureShare, Of: of, Date: "opened"}}
	}
	city.Indicators = append(city.Indicators,
		share("strictly", "due > closed and kind = 'light'"),
		share("within-5-days", "days_between(opened, closed) <= 5"),
		share("within-40-days", "closed is not null and 40 >= days_between(opened, closed)"),
		share("within-hours", "hours_between(opened, closed) < 2 * 36"),
		share("working", "workdays_between(opened, closed) <= 4"),
		share("ordered", "closed >= opened and closed <= due"),
		share("between", "days_between(opened, closed) between 0 and 8"),
		share("by-a-day", "date_of(closed) <= date '2015-02-05'"),
		share("kind", "kind = 'light'"),
		share("today", "closed <= as_of"),
		share("either", "closed <= due or due is null"),
	)
	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	list, err := db.Trust(context.Background(), city, kpi.NewDate(2015, 2, 10), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, fmt.Sprintf("%s %v %v%s: %d %d|%d %d of %d", f.Indicator, f.Deadline, f.Window, f.Unit, f.Early, f.Met, f.Missed, f.Late, f.Rows))
	}
	// The days from opening to closing: c01 5.125, c02 8, c04 1, c05 0.96, c07 −1, c08 1.5, c09 3, c11 7. The working days: c01 5, c02 6, c04 1, c05 1, c07 −1,
	// c08 1, c09 3, c11 5 from a Sunday to a Sunday. c10 is opened after the day, and is counted among those that take part.
	want := strings.Split(strings.TrimSpace(`
on-time true 1days: 1 1|1 0 of 7
opened false 0: 0 0|0 0 of 11
cost false 0: 0 0|0 0 of 11
repair-days false 0: 0 0|0 0 of 4
strictly true 1days: 1 0|1 1 of 11
within-5-days true 1days: 0 0|1 1 of 11
within-40-days true 4days: 0 0|0 0 of 11
within-hours true 7.2hours: 0 0|1 0 of 11
working true 1working_days: 1 0|2 1 of 11
ordered true 1days: 1 1|1 0 of 11
between true 1days: 1 1|0 0 of 11
by-a-day true 1days: 1 1|0 0 of 11
kind false 0: 0 0|0 0 of 11
today false 0: 0 0|0 0 of 11
either false 0: 0 0|0 0 of 11`), "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestTrustHistory: what was said of a settled period and is another now, by the versions as of whose day it had settled.
func TestTrustHistory(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	city.Indicators = city.Indicators[1:3] // opened and cost, by the month of opening; nothing settles after it
	row := func(id, opened, cost string) []string {
		return []string{id, "light", opened + " 09:00:00", "", "", "North", cost}
	}
	version, day := int64(0), ""
	var rows table
	load := func(asOf string, more ...[]string) {
		version++
		day = asOf
		rows = append(rows, more...)
		mustLoad(t, db, city, version, version-1, asOf, append(table{twelveHeader}, rows...))
	}
	trust := func(want ...string) {
		t.Helper()
		asOf, err := kpi.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		list, err := db.Trust(ctx, city, asOf, version)
		var got []string
		for _, f := range list {
			got = append(got, fmt.Sprintf("%s %d of %d %s", f.Indicator, f.Moved, f.Judged, f.Latest))
		}
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("version %d (%v; -want +got):\n%s", version, err, d)
		}
	}
	load("2015-01-20", row("a", "2015-01-05", "1"))
	load("2015-01-25", row("b", "2015-01-10", "2"))
	trust("opened 0 of 0 ", "cost 0 of 0 ") // January is not over
	load("2015-02-03", row("c", "2015-01-31", "3"), row("d", "2015-02-01", "4"))
	trust("opened 0 of 1 ", "cost 0 of 1 ") // it had not settled before
	load("2015-02-04", row("e", "2015-01-15", "0"))
	trust("opened 1 of 1 2015-01", "cost 0 of 1 ") // one more, of no cost
	load("2015-03-02", row("f", "2015-03-01", "9"))
	trust("opened 1 of 2 2015-01", "cost 0 of 2 ")
	rows[3][6] = "5" // d
	load("2015-03-03")
	trust("opened 1 of 2 2015-01", "cost 1 of 2 2015-02")
	rows[3][6] = "4" // and back: it was another in the meantime
	load("2015-03-04")
	trust("opened 1 of 2 2015-01", "cost 1 of 2 2015-02")
	load("2015-03-04", row("g", "2014-12-24", "7")) // nobody knew of December when it had settled
	trust("opened 2 of 3 2015-01", "cost 2 of 3 2015-02")
	list, err := db.Trust(ctx, city, kpi.NewDate(2015, 2, 10), 3)
	if err != nil || len(list) != 2 || list[0].Moved != 0 || list[0].Judged != 1 {
		t.Errorf("as known then: %+v, %v", list, err)
	}
	city.Indicators[0].Version = 2 // by another definition everything begins anew
	version++
	if _, err := db.Recompute(ctx, RecomputeInput{Version: version, City: city, AsOf: kpi.NewDate(2015, 3, 4), Visible: version - 1}); err != nil {
		t.Fatal(err)
	}
	trust("opened 0 of 3 ", "cost 2 of 3 2015-02")
}

// TestTrustAgreesWithPlainGo counts the windows of random rows and deadlines one row after the other.
func TestTrustAgreesWithPlainGo(t *testing.T) {
	days := func(a, b *time.Time) *float64 {
		if a == nil || b == nil {
			return nil
		}
		return ptr(float64(b.Sub(*a).Microseconds()) / (24 * 3600e6))
	}
	r := rand.New(rand.NewPCG(9, 9))
	for round := range 12 {
		w := newWorld(t, r)
		// deadlines are what is asked, the slack of a fact in the unit, the width of the windows, and whether the deadline itself is too late.
		deadlines := []struct {
			src    string
			slack  func(*fact) *float64
			window float64
			unit   kpi.Unit
			strict bool
		}{
			{"at <= closed", func(f *fact) *float64 { return days(f.at, f.closed) }, 1, kpi.Days, false},
			{"closed > at and flag", func(f *fact) *float64 { return days(f.at, f.closed) }, 1, kpi.Days, true},
			{"num > 1 and (n < 3 and day >= done)", func(f *fact) *float64 {
				if f.day == nil || f.done == nil {
					return nil
				}
				return ptr(float64(f.day.Sub(*f.done)))
			}, 1, kpi.Days, false},
			{"days_between(at, closed) < 50", func(f *fact) *float64 {
				if d := days(f.at, f.closed); d != nil {
					return ptr(50 - *d)
				}
				return nil
			}, 5, kpi.Days, true},
			{"n * 24 >= hours_between(at, closed)", func(f *fact) *float64 {
				if d := days(f.at, f.closed); d != nil && f.n != nil {
					return ptr(float64(*f.n)*24 - float64(f.closed.Sub(*f.at).Microseconds())/3600e6)
				}
				return nil
			}, 1, kpi.Hours, false},
			{"workdays_between(day, done) <= 30", func(f *fact) *float64 {
				if f.day == nil || f.done == nil {
					return nil
				}
				return ptr(30 - float64(workedDays(w.work, *f.day, *f.done)))
			}, 3, kpi.WorkingDays, false},
		}
		w.specs, w.city.Indicators = nil, nil
		var want []kpi.TrustFacts
		for i, d := range deadlines {
			s := w.randomSpec(r, i)
			s.ind.Measure.Kind, s.ind.Measure.Of, s.of, s.per, s.span, s.ind.Unit = kpi.MeasureShare, d.src, nil, nil, nil, kpi.Percent
			w.specs, w.city.Indicators = append(w.specs, s), append(w.city.Indicators, s.ind)
			facts := kpi.TrustFacts{Indicator: s.ind.ID, Deadline: true, Window: d.window, Unit: d.unit}
			for j := range w.facts {
				f := &w.facts[j]
				part, reason := w.judge(&s, f)
				if part {
					facts.Rows++
				}
				if slack := d.slack(f); part && reason == "" && slack != nil {
					at := *slack
					if d.strict { // the same windows, seen from the other end
						at = -at
					}
					for k, n := range []*int64{&facts.Late, &facts.Missed, &facts.Met, &facts.Early} {
						if d.strict {
							k = 3 - k
						}
						if lo := float64(k-2) * d.window; at >= lo && at < lo+d.window {
							*n++
						}
					}
				}
			}
			want = append(want, facts)
		}
		db := openTest(t)
		mustLoad(t, db, w.city, 1, 0, w.asOf.String(), w.table())
		got, err := db.Trust(context.Background(), w.city, w.asOf, 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got {
			got[i].Judged = 0 // there is one version, and nothing has moved
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("round %s (-plain Go +warehouse):\n%s", strconv.Itoa(round), d)
		}
	}
}
