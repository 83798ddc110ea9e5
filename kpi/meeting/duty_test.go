package meeting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

// monday is a Monday.
var monday = kpi.NewDate(2026, time.March, 23)

func at(day, hour int) time.Time { return time.Date(2026, time.March, day, hour, 0, 0, 0, time.UTC) }

func of(role account.Role, department string) *account.Person {
	return &account.Person{ID: 7, Grants: []account.Grant{{Role: role, Department: department}}}
}

// town is a small city in which nothing is due.
func town() DutyInputs {
	city := &kpi.City{
		Departments: []kpi.Department{{ID: "works", Head: "chief"}, {ID: "parks", Head: "gardener"}},
		Datasets: []kpi.Dataset{
			{ID: "repairs", Department: "works", Steward: "clerk", Expect: kpi.Expect{Every: 24 * time.Hour}},
			{ID: "trees", Department: "parks"},
			{ID: "headcount", Department: "parks", Source: kpi.Source{Kind: kpi.SourceEntry}, Expect: kpi.Expect{Every: 31 * 24 * time.Hour}},
		},
		Indicators: []kpi.Indicator{{ID: "speed", Department: "works", Dataset: "repairs", Owner: "engineer"}, {ID: "shade", Department: "parks", Dataset: "trees"}},
	}
	good := func(id string, until kpi.Date) kpi.DatasetReport {
		return kpi.DatasetReport{State: kpi.DatasetState{Dataset: id, DataUntil: until, Last: &kpi.Load{State: kpi.LoadLive, Started: at(22, 5), LiveAt: at(22, 6)}}}
	}
	return DutyInputs{
		City: city, Cal: kpi.Calendar{Location: time.UTC}, Now: at(23, 12), Today: monday,
		Datasets: []kpi.DatasetReport{good("repairs", monday.AddDays(-1)), good("trees", monday.AddDays(-400)), good("headcount", kpi.NewDate(2026, time.February, 28))},
	}
}

// thrice is a date that its owner moved three times, the last time on 13 March, and then, where chair is set, whoever closes commitments.
func thrice(chair bool) []kpi.DueMove {
	list := []kpi.DueMove{
		{From: kpi.NewDate(2026, 1, 10), To: kpi.NewDate(2026, 1, 20), At: at(2, 12)}, {From: kpi.NewDate(2026, 1, 20), To: kpi.NewDate(2026, 1, 30), At: at(5, 12)},
		{From: kpi.NewDate(2026, 1, 30), To: kpi.NewDate(2026, 1, 25), At: at(9, 12)}, // an earlier one is no slip
		{From: kpi.NewDate(2026, 1, 25), To: kpi.NewDate(2026, 3, 8), At: at(13, 12)},
	}
	if chair {
		list = append(list, kpi.DueMove{From: kpi.NewDate(2026, 3, 8), To: kpi.NewDate(2026, 3, 10), Chair: true, At: at(16, 12)})
	}
	return list
}

// TestThirdSlip: a date that its owner has moved for the third time waits for whoever closes commitments too, five working days from then on, and not for its owner's department.
func TestThirdSlip(t *testing.T) {
	in := town()
	in.Commitments = []kpi.Commitment{{
		Stamp: kpi.Stamp{ID: 9}, Kind: kpi.CommitmentRequest, Text: "Which trucks?", Owner: "engineer", Department: "works", Due: kpi.NewDate(2026, time.March, 8), State: kpi.CommitmentOpen, Moves: thrice(false),
	}}
	told := func(who *account.Person) string {
		list := ""
		for _, d := range Due(in, who) {
			if d.Kind == DutyCommitment {
				list += fmt.Sprintf("%s %s %t %t %d of %d, %d; ", d.State, d.Due, d.Mine, d.Request, d.Slips, d.Moves, d.ChairMoves)
			}
		}
		return list
	}
	for _, c := range []struct {
		who  *account.Person
		want string
	}{
		{of(account.Mayor, ""), "do 2026-03-08 false true 3 of 4, 0; escalated 2026-03-20 true true 3 of 4, 0; "},
		{of(account.ChiefOfStaff, ""), "do 2026-03-08 false true 3 of 4, 0; escalated 2026-03-20 true true 3 of 4, 0; "},
		{of(account.Analyst, ""), "do 2026-03-08 false true 3 of 4, 0; escalated 2026-03-20 false true 3 of 4, 0; "},
		{of(account.DepartmentHead, "works"), "do 2026-03-08 true true 3 of 4, 0; "},
		{of(account.DepartmentHead, "parks"), ""},
	} {
		if got := told(c.who); got != c.want {
			t.Errorf("%v: %s, want %s", c.who.Grants, got, c.want)
		}
	}
	first := in.Commitments[0]
	for name, change := range map[string]func(*kpi.Commitment){
		"after two":                    func(c *kpi.Commitment) { c.Moves = c.Moves[:3] },
		"when the chair has agreed":    func(c *kpi.Commitment) { c.Moves = thrice(true) },
		"when it waits to be closed":   func(c *kpi.Commitment) { c.State, c.Done = kpi.CommitmentDone, monday },
		"when it was closed":           func(c *kpi.Commitment) { c.State, c.Ended = kpi.CommitmentKept, monday },
		"when one of them is the city": func(c *kpi.Commitment) { c.Moves[0].Chair = true },
	} {
		c := first
		c.Moves = thrice(false)
		change(&c)
		in.Commitments = []kpi.Commitment{c}
		if got := told(of(account.Mayor, "")); strings.Contains(got, "escalated") {
			t.Errorf("%s: %s", name, got)
		}
	}
	again := first
	again.Moves = append(thrice(true), kpi.DueMove{From: kpi.NewDate(2026, 3, 10), To: kpi.NewDate(2026, 3, 17), At: at(17, 12)})
	in.Commitments = []kpi.Commitment{again}
	if got := told(of(account.Mayor, "")); !strings.Contains(got, "escalated 2026-03-24 true true 4 of 5, 1") {
		t.Errorf("moved once more: %s", got)
	}
}

// What there is to do, by when, and for whom.
func TestDue(t *testing.T) {
	head, staff, gardener, analyst, chief, viewer := of(account.DepartmentHead, "works"), of(account.DepartmentStaff, "works"), of(account.DepartmentHead, "parks"),
		of(account.Analyst, ""), of(account.ChiefOfStaff, ""), of(account.Viewer, "")
	stamp := func(id int64, day int) kpi.Stamp { return kpi.Stamp{ID: id, At: at(day, 12), Since: at(day, 12)} }
	for name, c := range map[string]struct {
		do   func(*DutyInputs)
		want Duty // but for Mine
		mine []*account.Person
		see  []*account.Person // who see that it waits for somebody else
		not  []*account.Person
	}{
		"a delivery failed": {
			do: func(in *DutyInputs) {
				in.Datasets[0].State.Failed = &kpi.Load{State: kpi.LoadFailed, Started: at(21, 5)}
			},
			want: Duty{Kind: DutyData, State: DataFailed, Thing: "repairs", Department: "works", Owner: "clerk", Due: kpi.NewDate(2026, time.March, 21), Needs: account.RunLoad},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief, viewer}, not: []*account.Person{gardener},
		},
		"the newest rows are old": {
			do:   func(in *DutyInputs) { in.Datasets[0].State.DataUntil = monday.AddDays(-4) },
			want: Duty{Kind: DutyData, State: DataStale, Thing: "repairs", Department: "works", Owner: "clerk", Due: monday.AddDays(-3), Needs: account.RunLoad},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, viewer}, not: []*account.Person{gardener},
		},
		"nothing ever came": {
			do:   func(in *DutyInputs) { in.Datasets[1].State.Last = nil },
			want: Duty{Kind: DutyData, State: DataNever, Thing: "trees", Department: "parks", Needs: account.RunLoad},
			mine: []*account.Person{gardener}, not: []*account.Person{head},
		},
		"rows were refused": {
			do:   func(in *DutyInputs) { in.Datasets[0].State.Rejects = []kpi.RejectGroup{{Rows: 3}, {Rows: 4}} },
			want: Duty{Kind: DutyData, State: DataRefused, Thing: "repairs", Department: "works", Owner: "clerk", Rows: 7, Needs: account.SeeRejects},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst}, not: []*account.Person{gardener},
		},
		"values were typed and not entered": {
			do: func(in *DutyInputs) {
				in.Entries = []kpi.EntryBatch{{Stamp: stamp(4, 20), Dataset: "headcount", State: kpi.EntryDraft}, {Stamp: stamp(5, 20), Dataset: "headcount", State: kpi.EntryEntered}}
			},
			want: Duty{Kind: DutyEntry, State: EntryBegun, Thing: "headcount", Number: 4, Department: "parks", Due: kpi.NewDate(2026, time.March, 27), Needs: account.EnterValues},
			mine: []*account.Person{gardener}, see: []*account.Person{analyst}, not: []*account.Person{head},
		},
		"a miss that nobody explains": {
			do: func(in *DutyInputs) {
				in.Misses = map[string]*Miss{"speed": {Period: kpi.Period{ID: "2026-02"}, Due: monday.AddDays(-1)}, "shade": {Explained: true}}
			},
			want: Duty{
				Kind: DutyCommentary, State: CommentaryMissing, Thing: "speed", Period: "2026-02", Department: "works", Owner: "engineer", Due: monday.AddDays(-1), Needs: account.Comment,
			},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief, viewer}, not: []*account.Person{gardener},
		},
		"a miss whose explanation was returned": {
			do: func(in *DutyInputs) {
				in.Commentaries = []kpi.Commentary{{Stamp: stamp(1, 19), Indicator: "speed", Period: "2026-02", State: kpi.CommentaryReturned}}
				in.Misses = map[string]*Miss{"speed": {Period: kpi.Period{ID: "2026-02"}, Due: monday.AddDays(2), Said: &in.Commentaries[0]}}
			},
			want: Duty{
				Kind: DutyCommentary, State: CommentaryToMend, Thing: "speed", Number: 1, Period: "2026-02", Department: "works", Owner: "engineer", Due: monday.AddDays(2), Needs: account.Comment,
			},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief}, not: []*account.Person{gardener, viewer},
		},
		"a draft that nobody sent": {
			do: func(in *DutyInputs) {
				in.Commentaries = []kpi.Commentary{{Stamp: stamp(1, 19), Indicator: "speed", Period: "2026-02", State: kpi.CommentaryDraft}}
			},
			want: Duty{
				Kind: DutyCommentary, State: CommentaryBegun, Thing: "speed", Number: 1, Period: "2026-02", Department: "works", Owner: "engineer",
				Due: kpi.NewDate(2026, time.March, 26), Needs: account.Comment,
			},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief}, not: []*account.Person{gardener, viewer},
		},
		"a commentary to review": {
			do: func(in *DutyInputs) {
				in.Commentaries = []kpi.Commentary{{Stamp: stamp(1, 19), Indicator: "speed", Period: "2026-02", State: kpi.CommentarySubmitted}, {Stamp: stamp(2, 19), Indicator: "speed", State: kpi.CommentaryApproved}}
			},
			want: Duty{
				Kind: DutyCommentary, State: CommentaryToCheck, Thing: "speed", Number: 1, Period: "2026-02", Department: "works",
				Due: kpi.NewDate(2026, time.March, 26), Needs: account.ReviewComments,
			},
			mine: []*account.Person{head}, see: []*account.Person{analyst, chief}, not: []*account.Person{staff, gardener},
		},
		"a promise whose date has passed": {
			do: func(in *DutyInputs) {
				in.Commitments = []kpi.Commitment{
					{
						Stamp: stamp(9, 1), Text: "Buy a truck", Lang: kpi.English, Owner: "engineer", Department: "works", Due: kpi.NewDate(2026, time.March, 10), State: kpi.CommitmentOpen,
						Blocker: "No money", BlockedBy: "parks", Moves: []kpi.DueMove{{}},
					},
					{Stamp: stamp(10, 1), State: kpi.CommitmentKept, Department: "works"}, {Stamp: stamp(11, 1), State: kpi.CommitmentDropped, Department: "works"},
				}
			},
			want: Duty{
				Kind: DutyCommitment, State: CommitmentToDo, Number: 9, Department: "works", Owner: "engineer", Due: kpi.NewDate(2026, time.March, 10), Needs: account.Commit,
				Text: "Buy a truck", Lang: kpi.English, Blocker: "No money", BlockedBy: "parks", Moves: 1,
			},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief, viewer}, not: []*account.Person{gardener},
		},
		"a promise whose date was moved for the third time, and then by the chair": {
			do: func(in *DutyInputs) {
				in.Commitments = []kpi.Commitment{{
					Stamp: stamp(9, 1), Text: "Buy a truck", Owner: "engineer", Department: "works", Due: kpi.NewDate(2026, time.March, 10), State: kpi.CommitmentOpen, Moves: thrice(true),
				}}
			},
			want: Duty{
				Kind: DutyCommitment, State: CommitmentToDo, Number: 9, Department: "works", Owner: "engineer", Due: kpi.NewDate(2026, time.March, 10), Needs: account.Commit,
				Text: "Buy a truck", Moves: 4, Slips: 3, ChairMoves: 1,
			},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst, chief, viewer}, not: []*account.Person{gardener},
		},
		"a promise to close": {
			do: func(in *DutyInputs) {
				in.Commitments = []kpi.Commitment{{Stamp: stamp(9, 1), Text: "Buy a truck", Owner: "engineer", Department: "works", Due: kpi.NewDate(2026, time.March, 10), State: kpi.CommitmentDone}}
			},
			want: Duty{Kind: DutyCommitment, State: CommitmentToClose, Number: 9, Department: "works", Needs: account.CloseCommitments, Text: "Buy a truck"},
			mine: []*account.Person{chief, of(account.Mayor, "")}, see: []*account.Person{analyst, viewer}, not: []*account.Person{head, staff},
		},
		"a contested number": {
			do: func(in *DutyInputs) {
				in.Contests = []kpi.Contest{{Stamp: stamp(2, 13), Indicator: "speed", Period: "2026-02", Department: "works", State: kpi.ContestOpen}, {Stamp: stamp(3, 13), State: kpi.ContestUpheld}}
			},
			want: Duty{Kind: DutyContest, State: ContestToAnswer, Thing: "speed", Number: 2, Period: "2026-02", Department: "works", Due: kpi.NewDate(2026, time.March, 20), Needs: account.AnswerContests},
			mine: []*account.Person{analyst, chief}, see: []*account.Person{viewer}, not: []*account.Person{head, staff, gardener},
		},
		"a part of a release to fill": {
			do: func(in *DutyInputs) {
				in.Rounds = []release.Round{{Stamp: stamp(1, 1), Name: "March", State: release.Filling, FillBy: monday, Filings: []release.Filing{{Department: "works", State: release.FilingOpen}, {Department: "parks", State: release.FilingChecked}}}}
			},
			want: Duty{Kind: DutyRound, State: RoundToFill, Thing: "March", Number: 1, Department: "works", Due: monday, Needs: account.FillRound},
			mine: []*account.Person{head, staff}, see: []*account.Person{analyst}, not: []*account.Person{gardener},
		},
		"a part of a release to mend": {
			do: func(in *DutyInputs) {
				in.Rounds = []release.Round{{Stamp: stamp(1, 1), Name: "March", State: release.Filling, CheckBy: monday, Filings: []release.Filing{{Department: "works", State: release.FilingReturned}}}}
			},
			want: Duty{Kind: DutyRound, State: RoundToMend, Thing: "March", Number: 1, Department: "works", Due: monday, Needs: account.FillRound},
			mine: []*account.Person{head, staff}, not: []*account.Person{gardener},
		},
		"a part of a release to check": {
			do: func(in *DutyInputs) {
				in.Rounds = []release.Round{{Stamp: stamp(1, 1), Name: "March", State: release.Filling, CheckBy: monday, Filings: []release.Filing{{Department: "works", State: release.FilingFilled}}}}
			},
			want: Duty{Kind: DutyRound, State: RoundToCheck, Thing: "March", Number: 1, Department: "works", Due: monday, Needs: account.CheckRound},
			mine: []*account.Person{analyst, chief}, see: []*account.Person{viewer}, not: []*account.Person{head, gardener},
		},
		"a release that is ready": {
			do: func(in *DutyInputs) {
				in.Rounds = []release.Round{
					{Stamp: stamp(1, 1), Name: "March", State: release.Filling, ReleaseOn: monday, Filings: []release.Filing{{Department: "works", State: release.FilingChecked}}},
					{Stamp: stamp(2, 1), Name: "February", State: release.Released, Filings: []release.Filing{{Department: "works", State: release.FilingOpen}}},
				}
			},
			want: Duty{Kind: DutyRound, State: RoundToRelease, Thing: "March", Number: 1, Due: monday, Needs: account.Release},
			mine: []*account.Person{analyst, chief}, see: []*account.Person{viewer}, not: []*account.Person{head, gardener},
		},
		"a post that changes hands": {
			do: func(in *DutyInputs) {
				in.Handovers = []kpi.Handover{{Stamp: stamp(3, 1), Post: "engineer", Department: "works", On: monday.AddDays(3)}, {Stamp: stamp(4, 1), Post: "chief", Ended: true}, {Stamp: stamp(5, 1), Post: "chief", Void: true}}
			},
			want: Duty{Kind: DutyHandover, State: HandoverToEnd, Thing: "engineer", Number: 3, Department: "works", Owner: "engineer", Due: monday.AddDays(3), Needs: account.HandOver},
			mine: []*account.Person{head}, see: []*account.Person{chief, analyst}, not: []*account.Person{staff, gardener},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := town()
			c.do(&in)
			for _, who := range slices.Concat(c.mine, c.see, c.not) {
				got := slices.DeleteFunc(Due(in, who), func(d Duty) bool { return d.Kind == DutyEntry && d.State == EntryMissing })
				want := c.want
				want.Mine = slices.Contains(c.mine, who)
				switch {
				case slices.Contains(c.not, who):
					if len(got) > 0 {
						t.Errorf("%v: %+v, want nothing", who.Grants, got)
					}
				case len(got) != 1 || got[0] != want:
					t.Errorf("%v:\n got %+v\nwant %+v", who.Grants, got, want)
				}
			}
			if got := Due(in, nil); len(got) > 0 {
				t.Errorf("somebody who is not known has %+v to do", got)
			}
		})
	}
}

// What people type is due when the next value is, whether that has passed or not; a city of the past is late with nothing.
func TestDueEntries(t *testing.T) {
	in, who := town(), of(account.DepartmentStaff, "parks")
	want := Duty{Kind: DutyEntry, State: EntryMissing, Thing: "headcount", Department: "parks", Due: kpi.NewDate(2026, time.March, 31), Needs: account.EnterValues, Mine: true}
	if got := Due(in, who); len(got) != 1 || got[0] != want || got[0].Left(monday) != 8 || got[0].Late(monday) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	in.Today = kpi.NewDate(2026, time.April, 2)
	if got := Due(in, who); len(got) != 1 || !got[0].Late(in.Today) || got[0].Left(in.Today) != -2 {
		t.Errorf("two days later: %+v", got)
	}
	in.City.AsOf = monday
	in.Datasets[0].State.DataUntil = monday.AddDays(-40)
	if got := Due(in, of(account.Analyst, "")); len(got) != 0 {
		t.Errorf("in a city of the past %+v is due", got)
	}
}

// Whoever holds a post has what waits for it, as far as their rights reach; whoever held it does not.
func TestDueOfPosts(t *testing.T) {
	in := town()
	in.Commitments = []kpi.Commitment{{Stamp: kpi.Stamp{ID: 1}, Owner: "engineer", Department: "works", Due: monday, State: kpi.CommitmentOpen}}
	who := of(account.Analyst, "")
	mine := func() bool {
		list := slices.DeleteFunc(Due(in, who), func(d Duty) bool { return d.Kind != DutyCommitment })
		return len(list) == 1 && list[0].Mine
	}
	if mine() {
		t.Error("a promise of a department waits for the analyst")
	}
	in.Holdings = []kpi.Holding{{Post: "engineer", Holder: who.ID, From: monday.AddDays(-9), Until: monday.AddDays(-1)}, {Post: "engineer", Holder: 99, From: monday}}
	if mine() {
		t.Error("a promise waits for whoever held the post until yesterday")
	}
	in.Holdings = append(in.Holdings, kpi.Holding{Post: "engineer", Holder: who.ID, From: monday, Acting: true})
	if !mine() {
		t.Error("a promise does not wait for whoever acts for its owner")
	}
	who.Grants = []account.Grant{{Role: account.Viewer}}
	if mine() {
		t.Error("a promise waits for somebody who may do nothing about it")
	}
}

// The order is that of dates; what has none is at the end.
func TestDueOrder(t *testing.T) {
	in := town()
	in.Datasets[0].State.Rejects = []kpi.RejectGroup{{Rows: 1}}
	in.Commitments = []kpi.Commitment{
		{Stamp: kpi.Stamp{ID: 1}, Department: "works", Due: monday.AddDays(5), State: kpi.CommitmentOpen}, {Stamp: kpi.Stamp{ID: 2}, Department: "works", Due: monday.AddDays(-5), State: kpi.CommitmentOpen},
		{Stamp: kpi.Stamp{ID: 3}, Department: "parks", Due: monday, State: kpi.CommitmentOpen},
	}
	var got []int64
	for _, d := range Due(in, of(account.Mayor, "")) {
		got = append(got, d.Number)
	}
	if want := []int64{2, 3, 1, 0, 0}; !slices.Equal(got, want) { // then the values of March, then rows that were refused
		t.Errorf("in the order %v, want %v", got, want)
	}
}

// Every state that a duty can have is listed with its kind.
func TestDutyStates(t *testing.T) {
	for _, k := range DutyKinds {
		if len(DutyStates[k]) == 0 {
			t.Errorf("%s has no states", k)
		}
	}
	if len(DutyStates) != len(DutyKinds) {
		t.Errorf("states for %d kinds, want %d", len(DutyStates), len(DutyKinds))
	}
}
