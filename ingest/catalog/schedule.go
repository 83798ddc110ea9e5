package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/robfig/cron/v3"

	"citystat/kpi"
)

// readSchedule reads when the dataset is fetched: in words, or with more about it, as {at: daily 05:30, retries: 3}.
func (ds *dataset) readSchedule() {
	n := ds.o.get("schedule", optional)
	if n == nil {
		return
	}
	s := kpi.Schedule{Retries: 3, RetryIn: 5 * time.Minute}
	place := n
	if n.kind == scalar {
		s.Text, s.Cron = tidy(n.text), ds.when(n)
	} else {
		o, ok := ds.object(n, scheduleShape)
		if !ok {
			return
		}
		s.Text, s.Cron = ds.time(o)
		ds.readRetries(o, &s)
		if s.Jitter = o.span("jitter", optional, 6); s.Jitter > 0 {
			place = o.value["jitter"]
		}
	}
	ds.d.Schedule = ds.regular(place, s)
}

// time reads the time of a schedule, in words or as fields of cron.
func (ds *dataset) time(o object) (text, cron string) {
	if o.key["cron"] == nil {
		n, s := o.raw("at", required)
		if n == nil {
			return "", ""
		}
		return tidy(s), ds.when(n)
	}
	if o.key["at"] != nil {
		ds.bad(o.key["cron"], "keep one of the two", "the schedule is given twice, as at and as cron")
		return "", ""
	}
	n, s := o.raw("cron", required)
	if n == nil {
		return "", ""
	}
	return tidy(s), ds.cron(n)
}

// tidy writes words with single spaces between them.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// readRetries reads how often a run that failed is tried again, and when.
func (ds *dataset) readRetries(o object, s *kpi.Schedule) {
	if n, v := o.integer("retries", optional, 0, 10); n != nil {
		s.Retries = int(v)
	}
	if d := o.span("retry_in", optional, 6); d > 0 {
		s.RetryIn = d
	}
	if s.Retries > 0 {
		return
	}
	s.RetryIn = 0
	if n := o.key["retry_in"]; n != nil {
		ds.bad(n, "leave it out, or write retries: 3", "there is a time before the first retry, and there are no retries")
	}
}

// regular checks a schedule against itself and against what is expected of the dataset; n is where a jitter stands.
func (ds *dataset) regular(n *node, s kpi.Schedule) kpi.Schedule {
	if s.Cron == "" {
		return kpi.Schedule{}
	}
	spec, err := parseCron(s.Cron)
	if err != nil {
		return kpi.Schedule{} // was reported
	}
	least, most := gaps(spec)
	if s.Jitter >= least && s.Jitter > 0 {
		ds.bad(n, "write a shorter one", "a run may begin %s late, and the next one is due after %s", spoken(s.Jitter), spoken(least))
	}
	if every := ds.d.Expect.Every; every > 0 && most > every+every/20 {
		ds.warn(ds.o.value["schedule"], "run it more often, or expect data less often", "data are expected every %s, and up to %s lie between two runs", spoken(every), spoken(most))
	}
	return s
}

// spoken writes a length of time in its largest whole unit.
func spoken(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if d >= u.unit && d%u.unit == 0 {
			return fmt.Sprintf("%d %s%s", d/u.unit, u.name, either(d == u.unit, "", "s"))
		}
	}
	return strings.TrimSuffix(d.String(), "0s")
}

// gaps returns the shortest and the longest time between two runs in five years, clock changes left aside; 0 if it never runs.
func gaps(s *cron.SpecSchedule) (least, most time.Duration) {
	begin := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	end := begin.AddDate(5, 0, 0)
	first := s.Next(begin.Add(-time.Second))
	last := first
	for t := first; !t.IsZero() && t.Before(end); {
		if d := t.Sub(last); d > 0 {
			most = max(most, d)
			if least == 0 || d < least {
				least = d
			}
		}
		last = t
		day := t.Truncate(24 * time.Hour)
		if t.Sub(first) >= 24*time.Hour { // every day has the runs of the first one: only its first and last matter
			last = day.Add(lastOfDay(s))
			t = s.Next(day.Add(24*time.Hour - time.Second))
			continue
		}
		t = s.Next(t)
	}
	if most == 0 && !first.IsZero() { // once in five years
		return end.Sub(begin), end.Sub(begin)
	}
	return least, most
}

// lastOfDay returns the time of the last run on a day that has any.
func lastOfDay(s *cron.SpecSchedule) time.Duration {
	top := func(bits uint64, from int) int {
		for i := from; i > 0; i-- {
			if bits&(1<<i) != 0 {
				return i
			}
		}
		return 0
	}
	return time.Duration(top(s.Hour, 23))*time.Hour + time.Duration(top(s.Minute, 59))*time.Minute
}

// parseCron reads the five fields of cron.
func parseCron(s string) (*cron.SpecSchedule, error) {
	if strings.Contains(s, "=") || strings.HasPrefix(s, "@") {
		return nil, fmt.Errorf("%q is no schedule of five fields", s)
	}
	spec, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(s)
	if err != nil {
		return nil, err
	}
	plain, ok := spec.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q is no schedule of five fields", s)
	}
	return plain, nil
}

// cron reads the five fields of cron; "" if it has reported what is wrong with them.
func (ds *dataset) cron(n *node) string {
	fields := strings.Fields(n.text)
	names := []string{"minute", "hour", "day of the month", "month", "day of the week"}
	ranges := []string{"0 to 59", "0 to 23", "1 to 31", "1 to 12", "0 to 6, from Sunday"}
	if len(fields) != len(names) || strings.Contains(n.text, "=") {
		ds.bad(n, "write minute, hour, day of the month, month and day of the week, such as "+scheduleShape.line("cron"), "a cron schedule has five fields, and %s has %d", short(n.text), len(fields))
		return ""
	}
	for i, f := range fields {
		alone := slices.Repeat([]string{"*"}, len(names))
		alone[i] = f
		if _, err := parseCron(strings.Join(alone, " ")); err != nil {
			ds.add(SeverityError, n.at(fieldAt(n.text, i)), fmt.Sprintf("the field for the %s cannot be %s", names[i], short(f)), "write *, or numbers from "+ranges[i]+", with -, / and commas")
			return ""
		}
	}
	all := strings.Join(fields, " ")
	spec, err := parseCron(all)
	if err != nil || spec.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		ds.bad(n, "name a day that there is", "the time of the cron schedule %s never comes", short(all))
		return ""
	}
	if !strings.HasPrefix(fields[2], "*") && !strings.HasPrefix(fields[4], "*") && fields[2] != "?" && fields[4] != "?" {
		ds.warn(n, "write * for one of the two if both are meant to hold", "with a day of the month and a day of the week, cron runs on both")
	}
	return all
}

// fieldAt returns the offset of a field of a text, 0 for the first one.
func fieldAt(text string, i int) int {
	at := 0
	for ; ; i-- {
		at += len(text[at:]) - len(strings.TrimLeftFunc(text[at:], unicode.IsSpace))
		if i == 0 {
			return at
		}
		at += len(text[at:]) - len(strings.TrimLeftFunc(text[at:], func(r rune) bool { return !unicode.IsSpace(r) }))
	}
}
