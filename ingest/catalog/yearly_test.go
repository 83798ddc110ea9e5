package catalog

import (
	"math/rand/v2"
	"testing"
	"time"

	"citystat/kpi"
)

// TestNearest: what is offered in place of a day is the end or the beginning of a period, and none lies nearer.
func TestNearest(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		c := kpi.Calendar{FiscalStart: time.Month(1 + r.IntN(12))}
		day := kpi.NewDate(1900+r.IntN(300), time.Month(1+r.IntN(12)), 1+r.IntN(31))
		kind := kpi.PeriodKinds[r.IntN(len(kpi.PeriodKinds))]
		p, err := c.Period(kind, day)
		if err != nil {
			t.Fatal(err)
		}
		end, begin := nearestEnd(p, day), nearestBegin(c, p, day)
		isEnd := func(d kpi.Date) bool { q, err := c.Period(kind, d); return err == nil && q.Last == d }
		if !isEnd(end) || !isEnd(begin.AddDays(-1)) {
			t.Fatalf("%s: %s is no end or %s no beginning of a %s", day, end, begin, kind)
		}
		for n := 1; n < max(abs(end.Sub(day)), abs(begin.Sub(day))); n++ {
			for _, d := range []kpi.Date{day.AddDays(n), day.AddDays(-n)} {
				if isEnd(d) && n < abs(end.Sub(day)) || isEnd(d.AddDays(-1)) && n < abs(begin.Sub(day)) {
					t.Fatalf("%s: %s or %s is not the nearest of the %ss: %s is nearer", day, end, begin, kind, d)
				}
			}
		}
	}
}

func abs(n int) int { return max(n, -n) }
