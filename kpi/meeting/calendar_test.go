package meeting

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

// days reads days, separated by blanks, of which each but the first may leave out the year, or year and month.
func days(t testing.TB, text string) []kpi.Date {
	t.Helper()
	var list []kpi.Date
	for _, f := range strings.Fields(text) {
		if n := len(list); n > 0 && len(f) < len("2026-01-01") {
			f = list[n-1].String()[:len("2026-01-01")-len(f)] + f
		}
		d, err := kpi.ParseDate(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func day(t testing.TB, text string) kpi.Date {
	t.Helper()
	return days(t, text)[0]
}

// dayNames writes days as [days] reads them, with nothing left out.
func dayNames(list []kpi.Date) string {
	var names []string
	for _, d := range list {
		names = append(names, d.String())
	}
	return strings.Join(names, " ")
}

// weekly is a series on Thursdays at half past nine, every so many weeks.
func weekly(t testing.TB, weeks int, from string) *kpi.MeetingSeries {
	t.Helper()
	return &kpi.MeetingSeries{ID: "streets", Chair: "mayor", Analyst: "analyst", Weekday: time.Thursday, Weeks: weeks, From: day(t, from), At: 9*60 + 30, Minutes: 60}
}

func TestSlots(t *testing.T) {
	month := func(weekday time.Weekday, n int, from, until string) *kpi.MeetingSeries {
		s := &kpi.MeetingSeries{ID: "month", Weekday: weekday, Month: n, From: day(t, from)}
		if until != "" {
			s.Until = day(t, until)
		}
		return s
	}
	ended := weekly(t, 1, "2026-01-01")
	ended.Until = day(t, "2026-01-15")
	for name, c := range map[string]struct {
		s           *kpi.MeetingSeries
		from, until string
		want        string
	}{
		"each week, from a day that is one":       {weekly(t, 1, "2026-01-01"), "2026-01-01", "2026-01-22", "2026-01-01 08 15 22"},
		"from a day that is none":                 {weekly(t, 1, "2026-01-02"), "2026-01-01", "2026-01-22", "2026-01-08 15 22"},
		"every two weeks, asked from between":     {weekly(t, 2, "2026-01-01"), "2026-01-02", "2026-02-12", "2026-01-15 29 2026-02-12"},
		"every two weeks, asked from a day of it": {weekly(t, 2, "2026-01-01"), "2026-01-15", "2026-01-15", "2026-01-15"},
		"and from one of the other weeks":         {weekly(t, 2, "2026-01-01"), "2026-01-08", "2026-01-14", ""},
		"over the end of a year of 53 weeks":      {weekly(t, 4, "2026-12-03"), "2026-12-01", "2027-02-28", "2026-12-03 31 2027-01-28 2027-02-25"},
		"nothing before it begins":                {weekly(t, 1, "2026-05-01"), "2026-01-01", "2026-05-06", ""},
		"nothing after it ended":                  {ended, "2026-01-01", "2026-12-31", "2026-01-01 08 15"},
		"years after its beginning":               {weekly(t, 2, "2016-01-07"), "2026-02-25", "2026-03-12", "2026-03-05"},
		"an interval that is none":                {weekly(t, 1, "2026-01-01"), "2026-01-22", "2026-01-01", ""},
		"the first Monday of months":              {month(time.Monday, 1, "2026-01-01", ""), "2026-01-01", "2026-04-30", "2026-01-05 2026-02-02 2026-03-02 2026-04-06"},
		"the fourth Thursday":                     {month(time.Thursday, 4, "2026-01-01", ""), "2026-01-01", "2026-03-31", "2026-01-22 2026-02-26 2026-03-26"},
		"the last Friday, the fifth where one is": {month(time.Friday, -1, "2026-01-01", ""), "2026-01-01", "2026-05-31", "2026-01-30 2026-02-27 2026-03-27 2026-04-24 2026-05-29"},
		"the last Sunday of February":             {month(time.Sunday, -1, "2024-01-01", ""), "2024-02-01", "2024-02-29", "2024-02-25"},
		"from the middle of a month on":           {month(time.Monday, 1, "2026-01-06", ""), "2026-01-01", "2026-02-28", "2026-02-02"},
		"asked from the middle of a month":        {month(time.Monday, 1, "2026-01-01", ""), "2026-02-03", "2026-03-02", "2026-03-02"},
		"a month's last day of a series":          {month(time.Monday, 1, "2026-01-01", "2026-03-01"), "2026-01-01", "2026-12-31", "2026-01-05 2026-02-02"},
		"a series without a rhythm":               {&kpi.MeetingSeries{From: day(t, "2026-01-01")}, "2026-01-01", "2026-12-31", ""},
	} {
		if got := dayNames(Slots(c.s, day(t, c.from), day(t, c.until))); got != dayNames(days(t, c.want+" ")) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestSlotsOfAnyRhythm asks of every day for its own slots, which must be those of the whole time.
func TestSlotsOfAnyRhythm(t *testing.T) {
	from, until := day(t, "2026-01-01"), day(t, "2027-12-31")
	for _, weekday := range []time.Weekday{time.Sunday, time.Monday, time.Thursday} {
		for _, rhythm := range [][2]int{{1, 0}, {2, 0}, {3, 0}, {6, 0}, {0, 1}, {0, 2}, {0, 4}, {0, -1}} {
			s := &kpi.MeetingSeries{Weekday: weekday, Weeks: rhythm[0], Month: rhythm[1], From: day(t, "2026-02-11")}
			var one []kpi.Date
			for d := from; !d.After(until); d = d.AddDays(1) {
				one = append(one, Slots(s, d, d)...)
			}
			whole := Slots(s, from, until)
			if dayNames(one) != dayNames(whole) || len(whole) == 0 {
				t.Errorf("%s %v: day by day %s, at once %s", weekday, rhythm, dayNames(one), dayNames(whole))
			}
			for i, d := range whole {
				if d.Weekday() != weekday || d.Before(s.From) || i > 0 && rhythm[0] > 0 && d.Sub(whole[i-1]) != 7*rhythm[0] || i > 0 && rhythm[1] != 0 && MonthOf(d) == MonthOf(whole[i-1]) {
					t.Errorf("%s %v: %s", weekday, rhythm, dayNames(whole))
				}
			}
		}
	}
}

// calendarOf writes a calendar as slot>day, with what is special about it.
func calendarOf(list []kpi.Meeting) string {
	var words []string
	for _, m := range list {
		w := m.Slot.String()
		if m.Date != m.Slot {
			w += ">" + m.Date.String()
		}
		if m.ID != 0 {
			w += "*"
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

func TestCalendar(t *testing.T) {
	holidays := func(text string) *kpi.City {
		c := &kpi.City{}
		for _, span := range strings.Fields(text) {
			a, b, _ := strings.Cut(span, "..")
			if b == "" {
				b = a
			}
			for d := day(t, a); !d.After(day(t, b)); d = d.AddDays(1) {
				c.Holidays = append(c.Holidays, d)
			}
		}
		return c
	}
	saved := func(text string) (list []kpi.Meeting) { // slot>day, x before it of a cancelled one, + of one that was called
		for i, f := range strings.Fields(text) {
			m := kpi.Meeting{Series: "streets", State: kpi.MeetingHeld, Extra: strings.HasPrefix(f, "+")}
			if strings.HasPrefix(f, "x") {
				m.State = kpi.MeetingCancelled
			}
			slot, on, _ := strings.Cut(strings.TrimLeft(f, "x+"), ">")
			if on == "" {
				on = slot
			}
			m.ID, m.Slot, m.Date = int64(i+1), day(t, slot), day(t, on)
			list = append(list, m)
		}
		return list
	}
	until := func(s *kpi.MeetingSeries, last string) *kpi.MeetingSeries {
		s.Until = day(t, last)
		return s
	}
	for name, c := range map[string]struct {
		s           *kpi.MeetingSeries
		city        *kpi.City
		saved       []kpi.Meeting
		from, until string
		want        string
	}{
		"the rhythm alone":            {weekly(t, 2, "2026-01-01"), &kpi.City{}, nil, "2026-01-02", "2026-02-01", "2026-01-15 2026-01-29"},
		"a holiday is held after it":  {weekly(t, 1, "2026-01-01"), holidays("2026-01-08"), nil, "2026-01-05", "2026-01-16", "2026-01-08>2026-01-09 2026-01-15"},
		"and found on that day alone": {weekly(t, 1, "2026-01-01"), holidays("2026-01-08"), nil, "2026-01-09", "2026-01-09", "2026-01-08>2026-01-09"},
		"and not on the holiday":      {weekly(t, 1, "2026-01-01"), holidays("2026-01-08"), nil, "2026-01-08", "2026-01-08", ""},
		"a holiday before a weekend":  {weekly(t, 1, "2026-01-01"), holidays("2026-01-08 2026-01-09"), nil, "2026-01-05", "2026-01-13", "2026-01-08>2026-01-12"},
		"a long holiday has one meeting behind it, of the last slot in it": {weekly(t, 1, "2026-01-01"), holidays("2026-01-07..2026-02-10"), nil, "2026-01-01", "2026-02-13",
			"2026-01-01 2026-02-05>2026-02-11 2026-02-12"},
		"and asked from within it": {weekly(t, 1, "2026-01-01"), holidays("2026-01-07..2026-02-10"), nil, "2026-01-20", "2026-02-11", "2026-02-05>2026-02-11"},
		"two slots with nothing but days off between them": {weekly(t, 1, "2026-01-01"), holidays("2026-01-08..2026-01-15"), nil, "2026-01-05", "2026-01-31",
			"2026-01-15>2026-01-16 2026-01-22 2026-01-29"},
		"what is beyond the last day is not held":          {until(weekly(t, 1, "2026-01-01"), "2026-01-15"), holidays("2026-01-15"), nil, "2026-01-01", "2026-02-28", "2026-01-01 2026-01-08"},
		"what was moved is where it was moved":             {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("2026-01-08>2026-01-13"), "2026-01-05", "2026-01-16", "2026-01-08>2026-01-13* 2026-01-15"},
		"what was moved out of sight is not there":         {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("2026-01-08>2026-03-13"), "2026-01-05", "2026-01-16", "2026-01-15"},
		"what was moved into sight is":                     {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("2026-03-05>2026-01-06"), "2026-01-05", "2026-01-09", "2026-03-05>2026-01-06* 2026-01-08"},
		"what was cancelled stays":                         {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("x2026-01-08"), "2026-01-05", "2026-01-16", "2026-01-08* 2026-01-15"},
		"what was called is there beside the rhythm":       {weekly(t, 2, "2026-01-01"), &kpi.City{}, saved("+2026-01-07"), "2026-01-05", "2026-01-16", "2026-01-07* 2026-01-15"},
		"what was held on a day that became a holiday":     {weekly(t, 1, "2026-01-01"), holidays("2026-01-08"), saved("2026-01-08"), "2026-01-05", "2026-01-16", "2026-01-08* 2026-01-15"},
		"of an ended series what was held stays":           {until(weekly(t, 1, "2026-01-01"), "2026-01-07"), &kpi.City{}, saved("2026-01-08"), "2026-01-01", "2026-01-31", "2026-01-01 2026-01-08*"},
		"another series has nothing to do with it":         {weekly(t, 1, "2026-01-01"), &kpi.City{}, []kpi.Meeting{{Series: "other", Slot: day(t, "2026-01-08"), Date: day(t, "2026-01-08")}}, "2026-01-05", "2026-01-09", "2026-01-08"},
		"Wednesdays that were Thursdays: each week once":   {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("2026-01-07 x2026-01-14"), "2026-01-05", "2026-01-31", "2026-01-07* 2026-01-14* 2026-01-22 2026-01-29"},
		"what was called takes no slot of the rhythm away": {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("+2026-01-07"), "2026-01-05", "2026-01-09", "2026-01-07* 2026-01-08"},
		"a rhythm that begins anew has all of its own":     {weekly(t, 2, "2026-01-08"), &kpi.City{}, saved("2026-01-02"), "2026-01-01", "2026-01-31", "2026-01-02* 2026-01-08 2026-01-22"},
		"every week that was every two weeks":              {weekly(t, 1, "2026-01-01"), &kpi.City{}, saved("2026-01-01 2026-01-15"), "2026-01-01", "2026-01-20", "2026-01-01* 2026-01-08 2026-01-15*"},
		"a city without working days":                      {weekly(t, 1, "2026-01-01"), &kpi.City{Weekend: []time.Weekday{0, 1, 2, 3, 4, 5, 6}}, nil, "2026-01-01", "2026-01-10", "2026-01-01 2026-01-08"},
	} {
		if got := calendarOf(Calendar(c.city, c.s, c.saved, day(t, c.from), day(t, c.until))); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

// TestFindAndCalendarAgree asks for each day of a year whether there is a meeting called by it: those are the meetings of the calendar, each once, and no two of one day.
func TestFindAndCalendarAgree(t *testing.T) {
	town := &kpi.City{}
	for d := day(t, "2026-03-02"); d.Before(day(t, "2026-04-15")); d = d.AddDays(1) {
		town.Holidays = append(town.Holidays, d)
	}
	town.Holidays = append(town.Holidays, days(t, "2026-01-08 2026-06-25 2026-12-24 25 31")...)
	for _, rhythm := range [][2]int{{1, 0}, {2, 0}, {0, 2}, {0, -1}} {
		s := weekly(t, rhythm[0], "2026-01-01")
		s.Month = rhythm[1]
		moved := Planned(town, s, Slots(s, day(t, "2026-05-01"), day(t, "2026-12-31"))[0])
		moved.ID, moved.Date = 1, day(t, "2026-11-30")
		saved := []kpi.Meeting{moved}
		all := Calendar(town, s, saved, day(t, "2026-01-01"), day(t, "2026-12-31"))
		found := map[kpi.Date]kpi.Meeting{}
		for d := day(t, "2026-01-01"); d.Year == 2026; d = d.AddDays(1) {
			if m, ok := Find(town, s, saved, d); ok && m.Date.Year == 2026 {
				found[d] = m
			}
		}
		on := map[kpi.Date]bool{}
		for _, m := range all {
			if f, ok := found[m.Slot]; !ok || f.Date != m.Date || on[m.Date] {
				t.Errorf("%v: %s on %s: found %v %+v", rhythm, m.Slot, m.Date, ok, f)
			}
			on[m.Date] = true
			delete(found, m.Slot)
		}
		if len(found) > 0 || len(all) < 9 {
			t.Errorf("%v: %d in the calendar, and found beside them %v", rhythm, len(all), found)
		}
	}
}

// TestDeadlinesOfMeetings goes through the two deadlines over a change of the clocks, a move before and after the memo, and a meeting that began on another day.
func TestDeadlinesOfMeetings(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	local := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	m := Planned(&kpi.City{}, weekly(t, 1, "2026-01-01"), day(t, "2026-03-05"))
	memo := func(want string) {
		t.Helper()
		if got := MemoDue(&m, loc); !got.Equal(local(want)) {
			t.Errorf("the memo is due %s, want %s", got.In(loc), want)
		}
	}
	follow := func(want string) {
		t.Helper()
		if got := FollowUpDue(&m, loc); !got.Equal(local(want)) {
			t.Errorf("the follow-up memo is due %s, want %s", got.In(loc), want)
		}
	}
	memo("2026-03-03 09:30")
	follow("2026-03-08 00:00") // the end of the second day
	m.Date = day(t, "2026-03-09")
	memo("2026-03-07 08:30") // the clocks went forward on the 8th: 48 hours are 48 hours
	follow("2026-03-12 00:00")
	if start := m.Start(loc); !start.Equal(local("2026-03-09 09:30")) {
		t.Errorf("it begins %s", start)
	}
	m.Date = day(t, "2026-03-08") // and on that day half past nine is half past nine
	if start := m.Start(loc); !start.Equal(local("2026-03-08 09:30")) {
		t.Errorf("it begins %s", start)
	}
	m.Date = day(t, "2026-03-06")
	follow("2026-03-09 00:00") // its second day has 23 hours
	m.Memo = &kpi.MeetingMemo{Due: local("2026-03-03 09:30")}
	m.Date = day(t, "2026-03-20")
	memo("2026-03-03 09:30") // what went out was due when it went out
	m.Opened = local("2026-03-21 23:59")
	follow("2026-03-24 00:00") // of the day on which it was held
	m.FollowUp = &kpi.FollowUpMemo{Due: local("2026-03-23 00:00")}
	follow("2026-03-23 00:00")
}

func TestLastHeld(t *testing.T) {
	meeting := func(series, slot string, at int, state kpi.MeetingState) kpi.Meeting {
		return kpi.Meeting{Series: series, Slot: day(t, slot), Date: day(t, slot), At: at, State: state}
	}
	saved := []kpi.Meeting{
		meeting("streets", "2026-01-15", 540, kpi.MeetingClosed), meeting("streets", "2026-01-01", 540, kpi.MeetingClosed), meeting("streets", "2026-01-22", 540, kpi.MeetingCancelled),
		meeting("streets", "2026-01-29", 540, kpi.MeetingReady), meeting("water", "2026-02-01", 540, kpi.MeetingHeld), meeting("streets", "2026-02-05", 540, kpi.MeetingOpen),
	}
	saved[1].Date = day(t, "2026-01-19") // it was moved behind the other
	for _, c := range []struct {
		of, want string
		at       int
	}{{"2026-02-12", "2026-02-05", 540}, {"2026-02-05", "2026-01-01", 540}, {"2026-01-29", "2026-01-01", 540}, {"2026-01-18", "2026-01-15", 540}, {"2026-01-15", "", 540}, {"2026-01-10", "", 540}} {
		m := meeting("streets", c.of, c.at, kpi.MeetingPlanned)
		got := ""
		if last := LastHeld(saved, &m); last != nil {
			got = last.Slot.String()
		}
		if got != c.want {
			t.Errorf("before %s: %q, want %q", c.of, got, c.want)
		}
	}
}

func ExampleSlots() {
	s := &kpi.MeetingSeries{Weekday: time.Thursday, Weeks: 2, From: kpi.NewDate(2026, time.January, 1)}
	fmt.Println(Slots(s, kpi.NewDate(2026, time.January, 2), kpi.NewDate(2026, time.January, 31)))
	// Output: [2026-01-15 2026-01-29]
}
