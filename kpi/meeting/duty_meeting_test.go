package meeting

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// dutiesOf writes what meetings ask of an analyst at a moment, as kind:slot due day.
func dutiesOf(t *testing.T, in DutyInputs, now string) string {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", now, in.Cal.Location)
	if err != nil {
		t.Fatal(err)
	}
	in.Now, in.Today = at, kpi.DateOf(at)
	var words []string
	for _, d := range Due(in, of(account.Analyst, "")) {
		if d.Kind != DutyMeeting || !d.Mine || d.Owner != "analyst" || d.Needs != account.PrepareMeetings {
			t.Errorf("%+v", d)
		}
		w := string(d.State) + ":" + d.Slot.String() + " " + d.By().String()
		if d.By().IsZero() {
			w = string(d.State) + ":" + d.Slot.String() + " –"
		}
		if d.Emergency != "" {
			w += " " + d.Emergency
		}
		if d.Late(in.Today) {
			w += " late"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

// TestDutiesOfMeetings goes through what a weekly meeting asks for: the memo of the next one, and of those in two weeks; the follow-up memo of each that was held.
func TestDutiesOfMeetings(t *testing.T) {
	town, cal := hall(t)
	held := thursday(t, kpi.MeetingHeld)
	ready, planned := thursday(t, kpi.MeetingReady), thursday(t, kpi.MeetingPlanned)
	open, off, closed := thursday(t, kpi.MeetingOpen), thursday(t, kpi.MeetingCancelled), thursday(t, kpi.MeetingClosed)
	moved := planned
	moved.Date = moved.Date.AddDays(5)
	monthly := *town
	monthly.Meetings = []kpi.MeetingSeries{town.Meetings[0]}
	monthly.Meetings[0].Weeks, monthly.Meetings[0].Month = 0, 2
	for name, c := range map[string]struct {
		city        *kpi.City
		saved       []kpi.Meeting
		emergencies []kpi.Emergency
		now, want   string
	}{
		"a weekly meeting, two weeks ahead":           {town, []kpi.Meeting{}, nil, "2026-01-05 09:00", "memo:2026-01-08 2026-01-06, memo:2026-01-15 2026-01-13"},
		"its memo is late":                            {town, []kpi.Meeting{}, nil, "2026-01-07 09:00", "memo:2026-01-08 2026-01-06 late, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"until its day is over":                       {town, []kpi.Meeting{}, nil, "2026-01-08 23:00", "memo:2026-01-08 2026-01-06 late, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"and no longer":                               {town, []kpi.Meeting{}, nil, "2026-01-09 00:30", "memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"its memo is out":                             {town, []kpi.Meeting{ready}, nil, "2026-01-05 09:00", "memo:2026-01-15 2026-01-13"},
		"it was cancelled":                            {town, []kpi.Meeting{off}, nil, "2026-01-05 09:00", "memo:2026-01-15 2026-01-13"},
		"it was moved":                                {town, []kpi.Meeting{moved}, nil, "2026-01-05 09:00", "memo:2026-01-08 2026-01-11, memo:2026-01-15 2026-01-13"},
		"it is under way":                             {town, []kpi.Meeting{open}, nil, "2026-01-08 10:00", "memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"nobody ended it":                             {town, []kpi.Meeting{open}, nil, "2026-01-09 10:00", "follow_up:2026-01-08 2026-01-10, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"it was held":                                 {town, []kpi.Meeting{held}, nil, "2026-01-08 12:00", "follow_up:2026-01-08 2026-01-10, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"its follow-up memo is late":                  {town, []kpi.Meeting{held}, nil, "2026-01-11 00:00", "follow_up:2026-01-08 2026-01-10 late, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"its follow-up memo is out":                   {town, []kpi.Meeting{closed}, nil, "2026-01-11 00:00", "memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"a monthly meeting has its next one":          {&monthly, []kpi.Meeting{}, nil, "2026-01-09 09:00", "memo:2026-02-12 2026-02-10"},
		"a monthly meeting whose next one is off":     {&monthly, []kpi.Meeting{off}, nil, "2026-01-05 09:00", "memo:2026-02-12 2026-02-10"},
		"nobody keeps meetings":                       {town, nil, nil, "2026-01-05 09:00", ""},
		"an emergency that lasts":                     {town, []kpi.Meeting{}, []kpi.Emergency{{What: "Ana", From: day(t, "2026-01-05")}}, "2026-01-06 12:00", "memo:2026-01-08 – Ana, memo:2026-01-15 – Ana, memo:2026-01-22 – Ana"},
		"one that ends before the next but one":       {town, []kpi.Meeting{}, []kpi.Emergency{{What: "Ana", From: day(t, "2026-01-05"), Until: day(t, "2026-01-07")}}, "2026-01-07 12:00", "memo:2026-01-08 2026-01-09 Ana, memo:2026-01-15 2026-01-13, memo:2026-01-22 2026-01-20"},
		"one of departments that are not the meeting": {town, []kpi.Meeting{}, []kpi.Emergency{{What: "Ana", From: day(t, "2026-01-05"), Departments: []string{"parks"}}}, "2026-01-05 09:00", "memo:2026-01-08 2026-01-06, memo:2026-01-15 2026-01-13"},
	} {
		in := DutyInputs{City: c.city, Cal: cal, Meetings: c.saved, Emergencies: c.emergencies}
		if got := dutiesOf(t, in, c.now); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
	in := DutyInputs{City: town, Cal: cal, Now: time.Date(2026, 1, 5, 14, 0, 0, 0, time.UTC), Today: day(t, "2026-01-05"), Meetings: []kpi.Meeting{}}
	for _, who := range []*account.Person{of(account.DepartmentHead, "parks"), of(account.Administrator, "")} {
		if list := Due(in, who); len(list) != 0 {
			t.Errorf("%+v are due from %+v", list, who.Grants)
		}
	}
	for _, d := range Due(in, of(account.Mayor, "")) {
		if d.Mine {
			t.Errorf("the mayor is to send %+v", d)
		}
	}
}

// TestAnEmergencySuspendsWhatIsDue looks at duties of other kinds: what falls into one is not late, and is late when as many days as were left are over behind it.
func TestAnEmergencySuspendsWhatIsDue(t *testing.T) {
	in := town()
	in.Datasets[0].State.DataUntil = monday.AddDays(-4)
	in.Misses = map[string]*Miss{"speed": {Period: kpi.Period{ID: "2026-02"}, Due: monday.AddDays(-2)}}
	in.Commitments = []kpi.Commitment{{Stamp: kpi.Stamp{ID: 1}, Department: "works", Due: monday.AddDays(-6), State: kpi.CommitmentOpen}, {Stamp: kpi.Stamp{ID: 2}, Department: "works", Due: monday.AddDays(3), State: kpi.CommitmentOpen}}
	for name, c := range map[string]struct {
		emergencies []kpi.Emergency
		want        string // how many days each has left, by its date
	}{
		"none":                        {nil, "commitment −6, data −3, commentary −2, commitment 3"},
		"one that lasts":              {[]kpi.Emergency{{What: "Ana", From: monday.AddDays(-3)}}, "commitment −6, data Ana, commentary Ana, commitment Ana"},
		"one that is over":            {[]kpi.Emergency{{What: "Ana", From: monday.AddDays(-3), Until: monday.AddDays(-2)}}, "commitment −6, data −1 Ana, commentary 0 Ana, commitment 3"},
		"one of another department":   {[]kpi.Emergency{{What: "Ana", From: monday.AddDays(-3), Departments: []string{"parks"}}}, "commitment −6, data −3, commentary −2, commitment 3"},
		"one that has the department": {[]kpi.Emergency{{What: "Ana", From: monday.AddDays(-6), Until: monday.AddDays(-6), Departments: []string{"works"}}}, "commitment −5 Ana, data −3, commentary −2, commitment 3"},
		"one that was called off":     {[]kpi.Emergency{{What: "Ana", From: monday.AddDays(-3), Void: true}}, "commitment −6, data −3, commentary −2, commitment 3"},
	} {
		in.Emergencies = c.emergencies
		var words []string
		for _, d := range Due(in, of(account.DepartmentHead, "works")) {
			w := string(d.Kind)
			if !d.By().IsZero() {
				w += " " + strings.ReplaceAll(strconv.Itoa(d.Left(in.Today)), "-", "−")
			}
			if d.Emergency != "" {
				w += " " + d.Emergency
			}
			if d.Late(in.Today) != (!d.By().IsZero() && d.Left(in.Today) < 0) {
				t.Errorf("%s: %+v", name, d)
			}
			words = append(words, w)
		}
		if got := strings.Join(words, ", "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestCountEmergency(t *testing.T) {
	town, cal := hall(t)
	held, off := thursday(t, kpi.MeetingClosed), thursday(t, kpi.MeetingCancelled)
	held.FollowUp = nil
	in := EmergencyInputs{
		City: town, Loc: cal.Location, Today: day(t, "2026-01-20"),
		Commitments:  []kpi.Commitment{{Due: day(t, "2026-01-06"), Department: "parks"}, {Due: day(t, "2026-01-07")}, {Due: day(t, "2026-01-14"), Department: "parks"}, {Due: day(t, "2026-02-14"), Moves: []kpi.DueMove{{From: day(t, "2026-01-08")}}}},
		Commentaries: []DatedDuty{{Due: day(t, "2026-01-06"), Department: "parks"}, {Due: day(t, "2026-01-06"), Department: "water"}, {Due: day(t, "2026-01-14"), Department: "parks"}},
	}
	for name, c := range map[string]struct {
		e     kpi.Emergency
		saved []kpi.Meeting
		want  EmergencyCount
	}{
		"a week":                      {kpi.Emergency{From: day(t, "2026-01-05"), Until: day(t, "2026-01-11")}, []kpi.Meeting{held}, EmergencyCount{Memos: 1, FollowUps: 1, Commitments: 3, Commentaries: 2}},
		"of one department":           {kpi.Emergency{From: day(t, "2026-01-05"), Until: day(t, "2026-01-11"), Departments: []string{"parks"}}, []kpi.Meeting{held}, EmergencyCount{Commitments: 1, Commentaries: 1}},
		"with a meeting that was off": {kpi.Emergency{From: day(t, "2026-01-05"), Until: day(t, "2026-01-11")}, []kpi.Meeting{off}, EmergencyCount{Commitments: 3, Commentaries: 2}},
		"one that lasts, until today": {kpi.Emergency{From: day(t, "2026-01-12")}, nil, EmergencyCount{Memos: 2, Commitments: 1, Commentaries: 1}},
		"one that was called off":     {kpi.Emergency{From: day(t, "2026-01-05"), Void: true}, []kpi.Meeting{held}, EmergencyCount{}},
		"a day between":               {kpi.Emergency{From: day(t, "2026-01-09"), Until: day(t, "2026-01-09")}, []kpi.Meeting{held}, EmergencyCount{}},
		"a day on which one is due":   {kpi.Emergency{From: day(t, "2026-01-10"), Until: day(t, "2026-01-10")}, []kpi.Meeting{held}, EmergencyCount{FollowUps: 1}},
		"the day of the memo":         {kpi.Emergency{From: day(t, "2026-01-13"), Until: day(t, "2026-01-13")}, nil, EmergencyCount{Memos: 1}},
		"one that is still to come":   {kpi.Emergency{From: day(t, "2026-01-26"), Until: day(t, "2026-02-01")}, nil, EmergencyCount{Memos: 1}},
	} {
		in.Meetings = c.saved
		if got := CountEmergency(&c.e, in); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
	in.Meetings = nil
	far := kpi.Emergency{From: day(t, "2026-01-05"), Until: day(t, "9999-12-31")}
	planned := kpi.Emergency{From: far.From, Until: in.Today.AddMonths(maxAhead)}
	if got, want := CountEmergency(&far, in), CountEmergency(&planned, in); got.Memos > want.Memos+1 || got.Memos < want.Memos-1 || want.Memos == 0 {
		t.Errorf("until the year 9999 there are %d memos, and as far as anybody plans there are %d", got.Memos, want.Memos)
	}
}
