package catalog

import (
	"testing"
	"time"
)

// TestGaps compares the times between runs with those found by going from one run to the next.
func TestGaps(t *testing.T) {
	for _, c := range []struct {
		cron        string
		least, most time.Duration
	}{
		{"*/15 * * * *", 15 * time.Minute, 15 * time.Minute},
		{"20 * * * *", time.Hour, time.Hour},
		{"30 5 * * *", 24 * time.Hour, 24 * time.Hour},
		{"0 6 * * 1-5", 24 * time.Hour, 72 * time.Hour},
		{"0 8-18 * * *", time.Hour, 14 * time.Hour},
		{"0,5 8,20 * * *", 5 * time.Minute, 12*time.Hour - 5*time.Minute},
		{"0 6 1 * *", 28 * 24 * time.Hour, 31 * 24 * time.Hour},
		{"0 6 2 1,4,7,10 *", 90 * 24 * time.Hour, 92 * 24 * time.Hour},
		{"0 6 1 7 *", 365 * 24 * time.Hour, 366 * 24 * time.Hour},
		{"* * * 1 *", time.Minute, 335*24*time.Hour + time.Minute},
		{"59 23 29 2 *", 1461 * 24 * time.Hour, 1461 * 24 * time.Hour},
	} {
		spec, err := parseCron(c.cron)
		if err != nil {
			t.Fatal(err)
		}
		least, most := gaps(spec)
		if wantLeast, wantMost := walk(t, c.cron, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); least != wantLeast || most != wantMost {
			t.Errorf("%s: %s to %s between runs, one by one %s to %s", c.cron, least, most, wantLeast, wantMost)
		}
		if least != c.least || most != c.most {
			t.Errorf("%s: %s to %s between runs, and not %s to %s", c.cron, least, most, c.least, c.most)
		}
	}
}

// walk goes from run to run for five years.
func walk(t *testing.T, cron string, begin time.Time) (least, most time.Duration) {
	t.Helper()
	spec, err := parseCron(cron)
	if err != nil {
		t.Fatal(err)
	}
	last := spec.Next(begin.Add(-time.Second))
	for next := spec.Next(last); next.Before(begin.AddDate(5, 0, 0)); next = spec.Next(next) {
		d := next.Sub(last)
		most = max(most, d)
		if least == 0 || d < least {
			least = d
		}
		last = next
	}
	return least, most
}
