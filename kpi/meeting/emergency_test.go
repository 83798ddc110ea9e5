package meeting

import (
	"testing"
	"time"

	"citystat/kpi"
)

// storms are three emergencies one behind the other, one that was called off, and one that lasts.
func storms(t testing.TB) []kpi.Emergency {
	t.Helper()
	return []kpi.Emergency{
		{What: "called off", From: day(t, "2026-01-01"), Until: day(t, "2026-12-31"), Void: true},
		{What: "Ana", From: day(t, "2026-01-12"), Until: day(t, "2026-01-20")},
		{What: "flood", From: day(t, "2026-01-22"), Until: day(t, "2026-01-25"), Departments: []string{"water", "streets"}},
		{What: "fire", From: day(t, "2026-06-01"), Departments: []string{"parks"}},
		{What: "heat", From: day(t, "2026-06-01"), Until: day(t, "2026-06-10"), Departments: []string{"water"}},
	}
}

func TestDeadlineOf(t *testing.T) {
	for _, c := range []struct {
		due, department string
		by, again       string // the emergency, and the day by which it is due after it
		on              string
		late            int
	}{
		{"2026-01-11", "water", "", "", "2026-01-15", 4},                  // missed before it
		{"2026-01-11", "water", "", "", "2026-01-11", 0},                  //
		{"2026-01-12", "parks", "Ana", "2026-01-21", "2026-01-20", 0},     // one day was left when it began
		{"2026-01-12", "parks", "Ana", "2026-01-21", "2026-01-21", 0},     //
		{"2026-01-12", "parks", "Ana", "2026-01-21", "2026-01-23", 2},     //
		{"2026-01-15", "", "Ana", "2026-01-24", "2026-01-24", 0},          // it has all departments, so the whole city's too
		{"2026-01-15", "water", "Ana", "2026-01-28", "2026-01-29", 1},     // four days were left, the third of which fell into the flood: three are left behind it
		{"2026-01-20", "parks", "Ana", "2026-01-29", "2026-02-01", 3},     //
		{"2026-01-21", "water", "", "", "2026-01-22", 1},                  // between the two
		{"2026-01-22", "", "", "", "2026-01-25", 3},                       // two departments are not the whole city
		{"2026-06-05", "parks", "fire", "", "2027-06-05", 0},              // nobody knows when it ends
		{"2026-06-05", "water", "heat", "2026-06-15", "2026-06-16", 1},    //
		{"2026-06-05", "streets", "", "", "2026-06-06", 1},                //
		{"2026-05-31", "parks", "", "", "2026-06-30", 30},                 // the day before
		{"2026-12-24", "parks", "fire", "", "2026-12-31", 0},              //
		{"2026-01-26", "streets", "", "", "2026-01-26", 0},                // the day after
		{"2026-01-25", "streets", "flood", "2026-01-29", "2026-01-30", 1}, //
	} {
		d := DeadlineOf(storms(t), day(t, c.due), c.department)
		by, again := "", ""
		if d.Emergency != nil {
			by = d.Emergency.What
			if !d.Again.IsZero() {
				again = d.Again.String()
			}
		}
		if by != c.by || again != c.again || d.Suspended() != (c.by != "") || d.DaysLate(day(t, c.on)) != c.late {
			t.Errorf("%s of %q: suspended by %q until %q, %d days late on %s; want %q, %q, %d", c.due, c.department, by, again, d.DaysLate(day(t, c.on)), c.on, c.by, c.again, c.late)
		}
	}
	if d := DeadlineOf(storms(t), kpi.Date{}, "water"); d.Suspended() || d.DaysLate(day(t, "2026-01-15")) != 0 || d.Timing(kpi.Date{}, day(t, "2026-01-15")) != TimingNone {
		t.Errorf("no date: %+v", d)
	}
	if d := DeadlineOf(nil, day(t, "2026-01-15"), "water"); d.Suspended() || d.DaysLate(day(t, "2026-01-16")) != 1 {
		t.Errorf("no emergency: %+v", d)
	}
}

func TestSeriesDeadline(t *testing.T) {
	on := day(t, "2026-01-23")
	for _, c := range []struct {
		departments []string
		on          string
		want        string
	}{
		{nil, "2026-01-15", "Ana"}, {nil, "2026-01-23", ""}, {[]string{"water"}, "2026-01-23", "flood"}, {[]string{"water", "streets"}, "2026-01-23", "flood"},
		{[]string{"water", "parks"}, "2026-01-23", ""}, {[]string{"water", "parks"}, "2026-06-05", "heat"}, {[]string{"parks", "water"}, "2026-06-05", "fire"}, {[]string{"parks", "water"}, "2026-06-11", ""},
	} {
		d, got := SeriesDeadline(storms(t), day(t, c.on), &kpi.MeetingSeries{Departments: c.departments}), ""
		if d.Emergency != nil {
			got = d.Emergency.What
		}
		if got != c.want {
			t.Errorf("%v on %s: %q, want %q", c.departments, c.on, got, c.want)
		}
	}
	// Two departments with an emergency each: the meeting's work waits until both are over, one of which nobody knows.
	if d := SeriesDeadline(storms(t), on.AddDays(135), &kpi.MeetingSeries{Departments: []string{"parks", "water"}}); d.DaysLate(on.AddDays(150)) != 0 {
		t.Errorf("%+v", d)
	}
}

func TestTimings(t *testing.T) {
	d := DeadlineOf(storms(t), day(t, "2026-01-30"), "water")
	in := DeadlineOf(storms(t), day(t, "2026-01-14"), "water")
	for _, c := range []struct {
		d           Deadline
		done, today string
		want        Timing
	}{
		{d, "", "2026-01-30", TimingOpen}, {d, "", "2026-01-31", TimingLate}, {d, "2026-01-30", "2026-03-01", TimingOnTime}, {d, "2026-01-31", "2026-03-01", TimingLate},
		{in, "2026-01-13", "2026-03-01", TimingSuspended}, {in, "", "2026-01-13", TimingSuspended}, {in, "2026-02-20", "2026-03-01", TimingSuspended},
	} {
		var done kpi.Date
		if c.done != "" {
			done = day(t, c.done)
		}
		if got := c.d.Timing(done, day(t, c.today)); got != c.want {
			t.Errorf("due %s, done %q, on %s: %s, want %s", c.d.Day, c.done, c.today, got, c.want)
		}
	}
}

func TestCommitmentsInAnEmergency(t *testing.T) {
	promised := func(due string, state kpi.CommitmentState, done, ended string) *kpi.Commitment {
		c := &kpi.Commitment{Department: "parks", Due: day(t, due), State: state}
		if done != "" {
			c.Done = day(t, done)
		}
		if ended != "" {
			c.Ended = day(t, ended)
		}
		return c
	}
	moved := promised("2026-02-10", kpi.CommitmentOpen, "", "")
	moved.Moves = []kpi.DueMove{{From: day(t, "2026-01-14"), To: moved.Due}}
	agreed := promised("2026-02-10", kpi.CommitmentOpen, "", "")
	agreed.Moves = []kpi.DueMove{{From: day(t, "2026-01-14"), To: agreed.Due, Chair: true}}
	for name, c := range map[string]struct {
		c      *kpi.Commitment
		today  string
		late   int
		timing Timing
	}{
		"open and due in it":                   {promised("2026-01-14", kpi.CommitmentOpen, "", ""), "2026-01-19", 0, TimingSuspended},
		"open as long after it as was left":    {promised("2026-01-14", kpi.CommitmentOpen, "", ""), "2026-01-23", 0, TimingSuspended},
		"open for longer":                      {promised("2026-01-14", kpi.CommitmentOpen, "", ""), "2026-01-26", 3, TimingSuspended},
		"done in it":                           {promised("2026-01-14", kpi.CommitmentDone, "2026-01-18", ""), "2026-03-01", 0, TimingSuspended},
		"done after it":                        {promised("2026-01-14", kpi.CommitmentKept, "2026-01-25", "2026-01-28"), "2026-03-01", 2, TimingSuspended},
		"kept before it, due in it":            {promised("2026-01-14", kpi.CommitmentKept, "2026-01-10", "2026-01-11"), "2026-03-01", 0, TimingSuspended},
		"due before it":                        {promised("2026-01-10", kpi.CommitmentOpen, "", ""), "2026-01-19", 9, TimingLate},
		"due after it":                         {promised("2026-01-24", kpi.CommitmentOpen, "", ""), "2026-01-25", 1, TimingLate},
		"due after it, and there is time":      {promised("2026-01-24", kpi.CommitmentOpen, "", ""), "2026-01-24", 0, TimingOpen},
		"kept in time":                         {promised("2026-01-24", kpi.CommitmentKept, "2026-01-22", "2026-01-23"), "2026-03-01", 0, TimingOnTime},
		"dropped before its date":              {promised("2026-01-24", kpi.CommitmentDropped, "", "2026-01-22"), "2026-03-01", 0, TimingNone},
		"dropped in it":                        {promised("2026-01-14", kpi.CommitmentDropped, "", "2026-01-13"), "2026-03-01", 0, TimingNone},
		"moved by its owner out of it":         {moved, "2026-02-12", 2, TimingSuspended}, // the date that was agreed fell into it
		"moved by the chair to a day after it": {agreed, "2026-02-12", 2, TimingLate},
	} {
		today := day(t, c.today)
		if late := CommitmentDaysLate(storms(t), c.c, today); late != c.late {
			t.Errorf("%s: %d days late, want %d", name, late, c.late)
		}
		if got := CommitmentTiming(storms(t), c.c, today); got != c.timing {
			t.Errorf("%s: %s, want %s", name, got, c.timing)
		}
		if CommitmentDaysLate(nil, c.c, today) != c.c.DaysLate(today) {
			t.Errorf("%s: without emergencies it is as late as it is", name)
		}
	}
}

func TestMemosInAnEmergency(t *testing.T) {
	loc, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	s := weekly(t, 1, "2026-01-01")
	storm := []kpi.Emergency{{From: day(t, "2026-01-20"), Until: day(t, "2026-01-20")}}
	meeting := func(on string, state kpi.MeetingState) *kpi.Meeting {
		m := Planned(&kpi.City{}, s, day(t, on))
		m.State, m.Date = state, m.Slot // some are on a weekend
		if state.Held() {
			m.Opened = m.Start(loc)
		}
		return &m
	}
	closed := func(on, at string) *kpi.Meeting {
		m := meeting(on, kpi.MeetingClosed)
		sent, err := time.ParseInLocation("2006-01-02 15:04", at, loc)
		if err != nil {
			t.Fatal(err)
		}
		m.FollowUp = &kpi.FollowUpMemo{At: sent, Due: FollowUpDue(m, loc)}
		return m
	}
	now := day(t, "2026-01-25").In(loc)
	for name, c := range map[string]struct {
		m            *kpi.Meeting
		memo, follow Timing
	}{
		"due in it":                        {meeting("2026-01-22", kpi.MeetingPlanned), TimingSuspended, TimingNone},
		"due the day before, not held":     {meeting("2026-01-21", kpi.MeetingPlanned), TimingLate, TimingNone},
		"due the day after":                {meeting("2026-01-23", kpi.MeetingReady), TimingLate, TimingNone},
		"cancelled":                        {meeting("2026-01-22", kpi.MeetingCancelled), TimingNone, TimingNone},
		"coming":                           {meeting("2026-01-29", kpi.MeetingPlanned), TimingOpen, TimingNone},
		"held two days before it":          {meeting("2026-01-18", kpi.MeetingHeld), TimingLate, TimingSuspended},
		"held one day before that":         {meeting("2026-01-17", kpi.MeetingHeld), TimingLate, TimingLate},
		"held just now":                    {meeting("2026-01-24", kpi.MeetingOpen), TimingLate, TimingOpen},
		"followed on its second day":       {closed("2026-01-15", "2026-01-17 23:59"), TimingLate, TimingOnTime},
		"followed on the third":            {closed("2026-01-15", "2026-01-18 00:01"), TimingLate, TimingLate},
		"followed in time, due in a storm": {closed("2026-01-18", "2026-01-19 12:00"), TimingLate, TimingSuspended},
	} {
		if got := MemoTiming(storm, s, c.m, now, loc); got != c.memo {
			t.Errorf("%s: the memo is %s, want %s", name, got, c.memo)
		}
		if got := FollowUpTiming(storm, s, c.m, now, loc); got != c.follow {
			t.Errorf("%s: the follow-up memo is %s, want %s", name, got, c.follow)
		}
	}
}
