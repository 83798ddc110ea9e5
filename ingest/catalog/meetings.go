package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// Of a series that says nothing of them.
const (
	meetingAt      = 9 * 60 // minutes after midnight
	meetingMinutes = 60
)

// How long a meeting may be, in minutes, and how many weeks may lie between two.
const (
	shortestMeeting, longestMeeting = 10, 480
	mostWeeks                       = 12
)

// monthWeeks are the words for the week of a month, in the order of what they stand for: 1 to 4, and the last one.
var monthWeeks = []string{"first", "second", "third", "fourth", "last"}

// series is a series of stat meetings, as it is read.
type series struct {
	*loader
	o     object
	s     kpi.MeetingSeries
	every *node // nil if it says nothing that can be used
	day   *node // of the week
	from  *node
	until *node
	units []word // departments
	items []word // standing
}

// readMeetings reads the city's series of stat meetings.
func (l *loader) readMeetings(city object) {
	for _, n := range city.list("meetings", optional) {
		o, ok := l.object(n, meetingShape)
		if !ok {
			l.open("series")
			continue
		}
		v := &series{loader: l, o: o}
		v.read()
		l.city.Meetings = append(l.city.Meetings, v.s)
		l.later = append(l.later, v.check)
	}
	if n := city.value["meetings"]; n != nil && n.kind == sequence {
		if len(n.items) == 0 {
			city.empty("meetings", n)
		}
		key := city.key["meetings"]
		l.later = append(l.later, func() { l.tellUnmet(key) })
	}
	l.section(city, "meetings", optional, "series")
}

// read reads one.
func (v *series) read() {
	o, s := v.o, &v.s
	s.ID = v.identity(o, "id", "series")
	s.Name = v.phrase(o, "name", required, address("meeting", s.ID, "name"))
	s.Purpose = v.phrase(o, "purpose", optional, address("meeting", s.ID, "purpose"))
	s.Place = v.phrase(o, "place", optional, address("meeting", s.ID, "place"))
	v.units = v.listed("departments")
	for _, w := range v.units {
		v.refer("department", w.n, w.text)
		s.Departments = append(s.Departments, w.text)
	}
	s.Chair = v.reference(o, "chair", required, "person")
	s.Analyst = v.reference(o, "analyst", required, "person")
	v.items = v.listed("standing")
	for _, w := range v.items {
		v.refer("indicator", w.n, w.text)
		s.Standing = append(s.Standing, w.text)
	}
	s.Public = o.boolean("public", false)
	v.readRhythm()
	v.readHour()
}

// listed returns a list that is not empty if it is there.
func (v *series) listed(key string) []word {
	if n := v.o.value[key]; n != nil && n.kind == sequence && len(n.items) == 0 {
		v.o.empty(key, n)
	}
	return v.o.words(key, optional)
}

var rhythms = regexp.MustCompile(`^([1-9][0-9]*) weeks?$`)

// readRhythm reads on which days the meetings are.
func (v *series) readRhythm() {
	o, s := v.o, &v.s
	if n, text := o.raw("every", required); n != nil {
		v.readEvery(n, tidy(text))
	}
	week := o.key["week"]
	monthly := v.every != nil && s.Weeks == 0
	switch {
	case week == nil && monthly && !o.misspelt("week"):
		v.bad(v.every, "add "+meetingShape.line("week")+", or another of "+strings.Join(monthWeeks, ", "), "the series is held every month, and does not say in which week of it")
	case week != nil && v.every != nil && !monthly:
		v.bad(week, "leave it out, or write every: month", "a week of the month is for what is held once a month, and this is held every %s", weeks(s.Weeks))
	case week != nil:
		v.readWeek()
	}
	if n, text := o.raw("weekday", required); n != nil {
		names := make([]string, 7)
		for d := range names {
			names[d] = time.Weekday(d).String()
		}
		if i := slices.IndexFunc(names, func(name string) bool { return text == name || text == strings.ToLower(name) }); i >= 0 {
			v.day, s.Weekday = n, time.Weekday(i)
		} else {
			v.bad(n, suggest(text, names, "the days are"), "there is no day of the week %s", short(text))
		}
	}
	v.from, s.From = o.date("from", required)
	v.until, s.Until = o.date("until", optional)
}

// readEvery reads how often it is held.
func (v *series) readEvery(n *node, text string) {
	m := rhythms.FindStringSubmatch(text)
	switch {
	case text == "month" || text == "1 month":
		v.every = n
	case text == "week":
		v.every, v.s.Weeks = n, 1
	case m == nil:
		v.bad(n, "write a number of weeks, such as "+meetingShape.line("every")+", or month", "%q cannot be %s", "every", short(text))
	default:
		count, err := strconv.Atoi(m[1])
		if err != nil || count > mostWeeks {
			v.bad(n, "write "+meetingShape.line("every")+", or month", "%q needs 1 to %d weeks, and this is %s", "every", mostWeeks, short(text))
			return
		}
		v.every, v.s.Weeks = n, count
	}
}

// weeks writes a number of weeks.
func weeks(n int) string { return fmt.Sprintf("%d week%s", n, either(n == 1, "", "s")) }

// readWeek reads in which week of the month it is held.
func (v *series) readWeek() {
	n, text := v.o.raw("week", optional)
	if n == nil {
		return
	}
	i := slices.Index(monthWeeks, text)
	if i < 0 {
		v.bad(n, suggest(text, monthWeeks, "write one of"), "%q cannot be %s", "week", short(text))
		return
	}
	if v.s.Month = i + 1; v.s.Month == len(monthWeeks) {
		v.s.Month = -1
	}
}

var hours = regexp.MustCompile(`^([01][0-9]|2[0-3]):([0-5][0-9])$`)

// readHour reads when on its day it begins, and for how long the room is booked.
func (v *series) readHour() {
	o, s := v.o, &v.s
	s.At, s.Minutes = meetingAt, meetingMinutes
	at, text := o.raw("time", optional)
	if at != nil {
		if m := hours.FindStringSubmatch(text); m != nil {
			hour, _ := strconv.Atoi(m[1]) // both are digits
			minute, _ := strconv.Atoi(m[2])
			s.At = 60*hour + minute
		} else {
			v.bad(at, "write hours and minutes of the city's own clock, such as "+meetingShape.line("time"), "%q needs a time of the day, and this is %s", "time", described(at))
		}
	}
	length, n := o.integer("minutes", optional, shortestMeeting, longestMeeting)
	if length != nil {
		s.Minutes = int(n)
	}
	if at != nil && s.At+s.Minutes > 24*60 {
		v.bad(at, "let it begin earlier", "the meeting begins at %s and would last until after midnight", text)
	}
}

// check looks, once everything is read, whether there are such meetings, and whether those things belong to them that it names.
func (v *series) check() {
	v.checkDays()
	for _, w := range v.units {
		v.checkDepartment(w)
	}
	for _, w := range v.items {
		i := v.city.Indicator(w.text)
		if i == nil || v.s.Takes(i.Department) || v.city.Department(i.Department) == nil {
			continue
		}
		v.bad(w.n, "add the department, or take the indicator away", "the indicator %q belongs to the department %q, which is not in the meeting", w.text, i.Department)
	}
}

// checkDays looks whether there is a day on which one can be held.
func (v *series) checkDays() {
	s := &v.s
	off := v.city.Weekend
	if len(off) == 0 {
		off = kpi.DefaultWeekend
	}
	if v.day != nil && len(off) < 7 && slices.Contains(off, s.Weekday) {
		v.bad(v.day, "name a working day", "nobody works on a %s, so that every meeting would be put off to the next working day", s.Weekday)
	}
	if v.from == nil || v.until == nil || v.day == nil || v.every == nil {
		return
	}
	switch {
	case s.Until.Before(s.From):
		v.bad(v.until, "write a day from "+s.From.String()+" on", "the series ends before it begins")
	case !v.held():
		v.bad(v.until, "write a later day, or leave it out", "no meeting of the series is held from %s to %s", s.From, s.Until)
	}
}

// held reports whether any meeting lies between the first day and the last one.
func (v *series) held() bool {
	s := &v.s
	for d := s.From; !d.After(s.Until); d = d.AddDays(1) {
		if d.Weekday() != s.Weekday {
			continue
		}
		last := d.AddDays(7).Month != d.Month
		if s.Weeks > 0 || s.Month == 0 || s.Month == (d.Day-1)/7+1 || s.Month < 0 && last {
			return true
		}
	}
	return false
}

// checkDepartment looks whether a department is there while the meetings are held.
func (v *series) checkDepartment(w word) {
	d := v.city.Department(w.text)
	if d == nil || d.Until.IsZero() || v.from == nil {
		return
	}
	mend := "leave it out"
	if len(d.Successors) > 0 {
		mend = "name " + strings.Join(d.Successors, " or ") + ", or leave it out"
	}
	switch {
	case d.Until.Before(v.s.From):
		v.bad(w.n, mend, "the department %q came to an end on %s, before the first meeting", w.text, d.Until)
	case v.s.Until.IsZero() || v.s.Until.After(d.Until):
		v.tellEnded(w.n, kpi.OrgDepartment, w.text)
	}
}

// tellUnmet warns of departments that answer for indicators and have no meeting at least once a month.
func (l *loader) tellUnmet(n *node) {
	if l.table("department").open || l.table("series").open || l.table("indicator").open || l.table("dataset").open {
		return
	}
	answers, met := map[string]bool{}, map[string]bool{}
	for i := range l.city.Indicators {
		answers[l.city.Indicators[i].Department] = true
	}
	for i := range l.city.Departments {
		d := &l.city.Departments[i]
		for k := range l.city.Meetings {
			s := &l.city.Meetings[k]
			met[d.ID] = met[d.ID] || s.Takes(d.ID) && s.Weeks <= 4 && s.Until.IsZero()
		}
		if answers[d.ID] && d.Until.IsZero() && !met[d.ID] {
			l.warn(n, "add it to the departments of a series that is held every 1 to 4 weeks, or every month", "the department %q answers for indicators, and has no meeting once a month", d.ID)
		}
	}
}
