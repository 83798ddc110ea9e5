package job

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestTimesOfTheSchedule goes through days on which something is unusual. In New York clocks skip 02:00 to 03:00 on 8 March 2026 and show 01:00
// to 02:00 twice on 1 November; in Lord Howe they change by half an hour; in Apia 30 December 2011 was skipped.
func TestTimesOfTheSchedule(t *testing.T) {
	for _, c := range []struct {
		name, cron, zone, from string
		want                   []string
	}{
		{"clocks skip it", "30 2 * * *", "America/New_York", "2026-03-06T12:00:00-05:00", []string{"2026-03-07T02:30:00-05:00", "2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"clocks show it twice", "30 1 * * *", "America/New_York", "2026-10-31T12:00:00-04:00", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"the second time it is past", "30 1 * * *", "America/New_York", "2026-11-01T01:10:00-05:00", []string{"2026-11-02T01:30:00-05:00"}},
		{"the whole hour that is skipped", "*/20 2 * * *", "America/New_York", "2026-03-07T23:00:00-05:00", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
		{"the hour that is shown twice", "0,30 1 * * *", "America/New_York", "2026-11-01T00:00:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-02T01:00:00-05:00"}},
		{"before both", "15 5 * * *", "America/New_York", "2026-03-08T00:00:00-05:00", []string{"2026-03-08T05:15:00-04:00"}},
		{"every hour goes on", "0 * * * *", "America/New_York", "2026-11-01T00:30:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"every hour has no gap", "0 * * * *", "America/New_York", "2026-03-08T00:30:00-05:00", []string{"2026-03-08T01:00:00-05:00", "2026-03-08T03:00:00-04:00"}},
		{"half an hour", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00+10:30", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"half an hour twice", "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00+11:00", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{"a day that never was", "30 5 * * *", "Pacific/Apia", "2011-12-29T00:00:00-10:00", []string{"2011-12-29T05:30:00-10:00", "2011-12-31T00:00:00+14:00", "2011-12-31T05:30:00+14:00"}},
		{"the end of months", "0 6 31 * *", "UTC", "2026-01-31T06:00:00Z", []string{"2026-03-31T06:00:00Z", "2026-05-31T06:00:00Z"}},
		{"29 February", "0 6 29 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"2028-02-29T06:00:00Z", "2032-02-29T06:00:00Z"}},
		{"Mondays", "0 6 * * 1", "America/Sao_Paulo", "2026-03-01T00:00:00-03:00", []string{"2026-03-02T06:00:00-03:00", "2026-03-09T06:00:00-03:00"}},
		{"not the moment itself", "0 6 * * *", "UTC", "2026-03-01T06:00:00Z", []string{"2026-03-02T06:00:00Z"}},
		{"a nanosecond later", "0 6 * * *", "UTC", "2026-03-01T05:59:59.999999999Z", []string{"2026-03-01T06:00:00Z"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cron, err := ParseCron(c.cron, zone(t, c.zone))
			if err != nil {
				t.Fatal(err)
			}
			at, err := time.Parse(time.RFC3339Nano, c.from)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for range c.want {
				at = cron.Next(at)
				got = append(got, at.Format(time.RFC3339))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOnceADay goes through five years in zones of many kinds: a time of day comes exactly once on every day that there is.
func TestOnceADay(t *testing.T) {
	for _, name := range []string{"America/New_York", "America/Santiago", "Europe/Paris", "Australia/Lord_Howe", "Africa/Casablanca", "America/Havana", "UTC"} {
		for _, text := range []string{"30 2 * * *", "0 0 * * *", "30 1 * * *"} {
			cron, err := ParseCron(text, zone(t, name))
			if err != nil {
				t.Fatal(err)
			}
			at := time.Date(2024, 1, 1, 12, 0, 0, 0, zone(t, name))
			day := kpi.DateOf(at)
			for range 5 * 365 {
				at = cron.Next(at)
				if day = day.AddDays(1); kpi.DateOf(at) != day {
					t.Fatalf("%s in %s: %s, and the day before it was %s", text, name, at, day.AddDays(-1))
				}
			}
		}
	}
}

func TestWhatIsNoSchedule(t *testing.T) {
	for _, text := range []string{"", "daily", "@daily", "0 6 * *", "0 0 6 * * *", "60 6 * * *", "0 24 * * *", "0 6 30 2 *", "0 6 * * 9", "TZ=UTC 0 6 * * *"} {
		if _, err := ParseCron(text, time.UTC); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}
