package job

import (
	"strings"
	"time"

	"github.com/go-co-op/gocron/v2"

	"citystat/kpi"
)

// Cron is a schedule on the clocks of a time zone: five fields (minute, hour, day of the month, month, day of the week).
//
// A time of day comes once every day, also on the two days a year on which clocks change: one that clocks skip comes when they have skipped
// it, one that they show twice comes the first time. A schedule whose hour is * (or */n) means elapsed time instead: it goes on through the
// change without a gap and without a repetition left out.
type Cron struct {
	fields  gocron.Cron
	zone    *time.Location
	elapsed bool
}

// ParseCron reads the five fields. It fails with [kpi.CodeInvalid] if they are none, or if their time never comes.
func ParseCron(text string, zone *time.Location) (*Cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 5 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%q is no schedule; write five fields: minute, hour, day of the month, month, day of the week", text)
	}
	c := &Cron{fields: gocron.NewDefaultCron(false), zone: zone, elapsed: strings.HasPrefix(parts[1], "*")}
	in := time.UTC // times of day are looked for on a clock that never changes
	if c.elapsed {
		in = zone
	}
	if err := c.fields.IsValid(text, in, time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: "the schedule " + text + " cannot be kept", Err: err}
	}
	return c, nil
}

// Next returns the first time of the schedule after a moment, in the schedule's zone.
func (c *Cron) Next(after time.Time) time.Time {
	if c.elapsed {
		return c.fields.Next(after.In(c.zone)).In(c.zone)
	}
	for wall := wallOf(after.In(c.zone)); ; {
		if wall = c.fields.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		if t := momentOf(wall, c.zone); t.After(after) {
			return t
		}
	}
}

// wallOf is what the clock shows, as if there were no zones.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// momentOf is when clocks in the zone first show a time: for one that they show twice the earlier moment, for one that they skip the moment
// at which they skip it.
func momentOf(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), wall.Nanosecond(), zone)
	start, end := t.ZoneBounds()
	switch shown := wallOf(t); {
	case shown.After(wall):
		return start
	case shown.Before(wall):
		return end
	case start.IsZero():
		return t
	}
	_, now := t.Zone()
	_, before := start.Add(-1).Zone()
	if earlier := t.Add(time.Duration(now-before) * time.Second); earlier.Before(start) {
		return earlier
	}
	return t
}

// fires is a Cron as gocron asks for it.
type fires struct{ *Cron }

// IsValid has nothing to find: the schedule was parsed already.
func (f fires) IsValid(string, *time.Location, time.Time) error { return nil }

// Next returns the next time in UTC: gocron takes two times that look alike on the clocks of a zone for one.
func (f fires) Next(after time.Time) time.Time { return f.Cron.Next(after).UTC() }
