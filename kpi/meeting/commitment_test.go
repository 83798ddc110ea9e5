package meeting

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

var (
	commitmentDay = kpi.NewDate(2026, time.November, 30)
	moment        = time.Date(2026, time.November, 30, 15, 0, 0, 0, time.UTC)
)

// promise is a commitment of a department in a state.
func promise(state kpi.CommitmentState, public bool) kpi.Commitment {
	c := kpi.Commitment{
		Text: "Repair the lights of the quay.", Lang: kpi.English, Owner: "head", Department: "parks", Made: commitmentDay.AddDays(-20), Due: commitmentDay.AddDays(10), State: state, Public: public,
	}
	if state == kpi.CommitmentDone || state == kpi.CommitmentKept {
		c.Done = commitmentDay.AddDays(-1)
	}
	if state.Ended() {
		c.Ended = commitmentDay
	}
	return c
}

// TestWhoMayDoWhatWithACommitment goes through every role × department × holder of the post × state × step. The table says it as a person from a city would.
func TestWhoMayDoWhatWithACommitment(t *testing.T) {
	states := []kpi.CommitmentState{kpi.CommitmentOpen, kpi.CommitmentDone, kpi.CommitmentKept, kpi.CommitmentDropped}
	owns := map[kpi.CommitmentState]string{kpi.CommitmentOpen: "report block move finish", kpi.CommitmentDone: "report reopen"}
	closes := map[kpi.CommitmentState]string{kpi.CommitmentOpen: "keep drop", kpi.CommitmentDone: "keep drop reopen", kpi.CommitmentKept: "reopen", kpi.CommitmentDropped: "reopen"}
	cells := 0
	for _, role := range account.Roles {
		for _, department := range []string{"parks", "police"} {
			who := &account.Person{Grants: []account.Grant{{Role: role}}}
			if role.OfDepartment() {
				who.Grants[0].Department = department
			}
			whole := role == account.Mayor || role == account.ChiefOfStaff || role == account.Analyst
			chair := role == account.Mayor || role == account.ChiefOfStaff
			mine := whole || role.OfDepartment() && department == "parks"
			outward := whole || role == account.DepartmentHead && department == "parks"
			for _, holds := range []bool{false, true} {
				for _, public := range []bool{false, true} {
					for _, state := range states {
						c := promise(state, public)
						words := ""
						if mine || holds {
							words += " " + owns[state]
						}
						if chair {
							words += " " + closes[state]
						}
						if outward && !public {
							words += " show"
						}
						if chair && public {
							words += " hide"
						}
						if mine && (!public || outward) {
							words += " make"
						}
						may := strings.Fields(words)
						for _, step := range CommitmentSteps {
							if got := MayCommitment(step, &c, who, holds); got != slices.Contains(may, string(step)) {
								t.Errorf("%s of %s, holder %t: %s with a commitment that is %s, public %t: %t", role, department, holds, step, state, public, got)
							}
							cells++
						}
					}
				}
			}
			who.Disabled = true
			for _, step := range CommitmentSteps {
				if c := promise(kpi.CommitmentOpen, false); MayCommitment(step, &c, who, true) {
					t.Errorf("somebody who is disabled may %s", step)
				}
			}
		}
	}
	if cells != 7*2*2*2*4*len(CommitmentSteps) {
		t.Errorf("%d cells", cells)
	}
	var nobody *account.Person
	if c := promise(kpi.CommitmentOpen, false); MayCommitment(CommitmentReport, &c, nobody, true) {
		t.Error("nobody may report")
	}
}

// TestTheWholeCitysCommitments: of a post of no department it is those who may for the whole city, and whoever holds it.
func TestTheWholeCitysCommitments(t *testing.T) {
	c := promise(kpi.CommitmentOpen, false)
	c.Department = ""
	head := &account.Person{Grants: []account.Grant{{Role: account.DepartmentHead, Department: "parks"}}}
	analyst := &account.Person{Grants: []account.Grant{{Role: account.Analyst}}}
	viewer := &account.Person{Grants: []account.Grant{{Role: account.Viewer}}}
	for name, is := range map[string]bool{
		"a head of a department makes one":  MayCommitment(CommitmentMake, &c, head, false),
		"a head of a department reports":    MayCommitment(CommitmentReport, &c, head, false),
		"a viewer reports":                  MayCommitment(CommitmentReport, &c, viewer, false),
		"a viewer who holds it makes one":   MayCommitment(CommitmentMake, &c, viewer, true),
		"a viewer who holds it closes it":   MayCommitment(CommitmentKeep, &c, viewer, true),
		"an analyst closes it":              MayCommitment(CommitmentKeep, &c, analyst, true),
		"whoever holds it takes it from us": MayCommitment(CommitmentHide, &c, viewer, true),
	} {
		if is {
			t.Error(name)
		}
	}
	if !MayCommitment(CommitmentReport, &c, viewer, true) || !MayCommitment(CommitmentFinish, &c, viewer, true) || !MayCommitment(CommitmentMake, &c, analyst, false) {
		t.Error("somebody who may not")
	}
}

// TestTurns goes through every step from every state: what it becomes, or what is wrong with the form.
func TestTurns(t *testing.T) {
	turn := func(step CommitmentStep, text string) CommitmentTurn { return CommitmentTurn{Step: step, Text: text} }
	due := func(d kpi.Date, why string) CommitmentTurn {
		return CommitmentTurn{Step: CommitmentMove, Text: why, Due: d}
	}
	blocked := promise(kpi.CommitmentOpen, false)
	blocked.Blocker, blocked.BlockedBy = "No bulbs.", "purchasing"
	open, done, kept, dropped := promise(kpi.CommitmentOpen, false), promise(kpi.CommitmentDone, false), promise(kpi.CommitmentKept, true), promise(kpi.CommitmentDropped, false)
	for name, c := range map[string]struct {
		was  kpi.Commitment
		turn CommitmentTurn
		want any // the state, or the problem
	}{
		"report":                      {open, turn(CommitmentReport, "Half of them."), kpi.CommitmentOpen},
		"report after it is done":     {done, turn(CommitmentReport, "All of them."), kpi.CommitmentDone},
		"report nothing":              {open, turn(CommitmentReport, ""), CommitmentNoNote},
		"report of what has ended":    {kept, turn(CommitmentReport, "x"), CommitmentState},
		"too long":                    {open, turn(CommitmentReport, strings.Repeat("é", 2001)), CommitmentLong},
		"just short enough":           {open, turn(CommitmentReport, strings.Repeat("é", 2000)), kpi.CommitmentOpen},
		"spaces":                      {open, turn(CommitmentReport, " x"), CommitmentLong},
		"finish without a word":       {open, turn(CommitmentFinish, ""), kpi.CommitmentDone},
		"finish twice":                {done, turn(CommitmentFinish, ""), CommitmentState},
		"block":                       {open, CommitmentTurn{Step: CommitmentBlock, Text: "No bulbs.", Department: "purchasing"}, kpi.CommitmentOpen},
		"blocked by nobody":           {open, turn(CommitmentBlock, "Rain."), kpi.CommitmentOpen},
		"blocked without saying why":  {open, CommitmentTurn{Step: CommitmentBlock, Department: "purchasing"}, CommitmentNoNote},
		"free what is free":           {open, turn(CommitmentBlock, ""), CommitmentNoNote},
		"blocked for the same reason": {blocked, CommitmentTurn{Step: CommitmentBlock, Text: "No bulbs.", Department: "purchasing"}, CommitmentSaid},
		"blocked by somebody else":    {blocked, CommitmentTurn{Step: CommitmentBlock, Text: "No bulbs."}, kpi.CommitmentOpen},
		"free what was blocked":       {blocked, turn(CommitmentBlock, ""), kpi.CommitmentOpen},
		"block what is done":          {done, turn(CommitmentBlock, "x"), CommitmentState},
		"finish what was blocked":     {blocked, turn(CommitmentFinish, ""), kpi.CommitmentDone},
		"move":                        {open, due(commitmentDay, "Rain."), kpi.CommitmentOpen},
		"move to yesterday":           {open, due(commitmentDay.AddDays(-1), "Rain."), CommitmentDuePast},
		"move to where it is":         {open, due(open.Due, "Rain."), CommitmentDueSame},
		"move without a reason":       {open, due(commitmentDay, ""), CommitmentNoReason},
		"move to no day":              {open, due(kpi.Date{}, "Rain."), CommitmentNoDue},
		"move to the next century":    {open, due(kpi.NewDate(2126, 1, 1), "Rain."), CommitmentDueFar},
		"move what is done":           {done, due(commitmentDay, "Rain."), CommitmentState},
		"keep":                        {done, turn(CommitmentKeep, ""), kpi.CommitmentKept},
		"keep what nobody calls done": {open, turn(CommitmentKeep, "I saw it."), kpi.CommitmentKept},
		"keep twice":                  {kept, turn(CommitmentKeep, ""), CommitmentState},
		"drop":                        {open, turn(CommitmentDrop, "The quay is gone."), kpi.CommitmentDropped},
		"drop without a reason":       {done, turn(CommitmentDrop, ""), CommitmentNoReason},
		"drop what was kept":          {kept, turn(CommitmentDrop, "x"), CommitmentState},
		"reopen what is done":         {done, turn(CommitmentReopen, "Two are dark."), kpi.CommitmentOpen},
		"reopen what was kept":        {kept, turn(CommitmentReopen, "Two are dark."), kpi.CommitmentOpen},
		"reopen what was dropped":     {dropped, turn(CommitmentReopen, "The quay is back."), kpi.CommitmentOpen},
		"reopen without a reason":     {kept, turn(CommitmentReopen, ""), CommitmentNoReason},
		"reopen what is open":         {open, turn(CommitmentReopen, "x"), CommitmentState},
		"show":                        {open, turn(CommitmentShow, ""), kpi.CommitmentOpen},
		"show what is public":         {kept, turn(CommitmentShow, ""), CommitmentState},
		"hide":                        {kept, turn(CommitmentHide, ""), kpi.CommitmentKept},
		"hide what is internal":       {open, turn(CommitmentHide, ""), CommitmentState},
		"make again":                  {open, turn(CommitmentMake, ""), CommitmentState},
		"a step that is none":         {open, turn("burn", "x"), CommitmentState},
	} {
		t.Run(name, func(t *testing.T) {
			next, err := TurnCommitment(c.was, c.turn, "ana", commitmentDay, moment)
			var p CommitmentProblem
			if errors.As(err, &p) {
				if any(p) != c.want || !reflect.DeepEqual(next, c.was) {
					t.Errorf("%s, want %v; left as %+v", p, c.want, next)
				}
				return
			}
			if any(next.State) != c.want {
				t.Fatalf("%s, want %v", next.State, c.want)
			}
			ended, out := next.State.Ended(), next.State != kpi.CommitmentOpen
			if ended != !next.Ended.IsZero() || out && next.Blocker != "" || next.State == kpi.CommitmentOpen && !next.Done.IsZero() {
				t.Errorf("%+v", next)
			}
			// The ledger finds the same step again, and lets nobody take it who may not.
			step, err := CheckCommitment(&c.was, &next, nil, false, commitmentDay)
			if err != nil || step != c.turn.Step {
				t.Errorf("read as %s, %v", step, err)
			}
			viewer := &account.Person{Grants: []account.Grant{{Role: account.Viewer}}}
			if _, err := CheckCommitment(&c.was, &next, viewer, false, commitmentDay); kpi.ErrorCode(err) != kpi.CodeDenied {
				t.Errorf("a viewer may: %v", err)
			}
		})
	}
}

// TestNobodyGetsRoundTheSteps changes what no step changes.
func TestNobodyGetsRoundTheSteps(t *testing.T) {
	was := promise(kpi.CommitmentOpen, false)
	was.Moves = []kpi.DueMove{{From: commitmentDay, To: was.Due, Reason: "Rain.", At: moment.AddDate(0, 0, -3), By: "ana"}}
	for name, change := range map[string]func(*kpi.Commitment){
		"another text":             func(c *kpi.Commitment) { c.Text, c.Note = "Something else.", "x" },
		"another owner":            func(c *kpi.Commitment) { c.Owner, c.Note = "other", "x" },
		"another department":       func(c *kpi.Commitment) { c.Department, c.Note = "police", "x" },
		"another beginning":        func(c *kpi.Commitment) { c.Made, c.Note = commitmentDay, "x" },
		"the date without a trace": func(c *kpi.Commitment) { c.Due = commitmentDay.AddDays(30) },
		"a trace without a date":   func(c *kpi.Commitment) { c.Moves = append(slices.Clone(c.Moves), c.Moves[0]) },
		"the traces wiped out":     func(c *kpi.Commitment) { c.Moves, c.Due = nil, commitmentDay },
		"no trace at all":          func(c *kpi.Commitment) { c.Moves = nil },
		"a trace rewritten": func(c *kpi.Commitment) {
			c.Moves, c.Note = []kpi.DueMove{{From: commitmentDay.AddDays(5), To: c.Due}}, "x"
		},
		"done the day before":    func(c *kpi.Commitment) { c.State, c.Done = kpi.CommitmentDone, commitmentDay.AddDays(-1) },
		"kept the day before":    func(c *kpi.Commitment) { c.State, c.Ended = kpi.CommitmentKept, commitmentDay.AddDays(-1) },
		"kept, and done in time": func(c *kpi.Commitment) { c.State, c.Ended, c.Done = kpi.CommitmentKept, commitmentDay, c.Made },
		"two steps at once":      func(c *kpi.Commitment) { c.State, c.Done, c.Public = kpi.CommitmentDone, commitmentDay, true },
		"no state":               func(c *kpi.Commitment) { c.State = "" },
		"an unknown state":       func(c *kpi.Commitment) { c.State = "lost" },
		"another source":         func(c *kpi.Commitment) { c.Source, c.Note = "meeting/1", "x" },
		"another language":       func(c *kpi.Commitment) { c.Lang, c.Note = kpi.French, "x" },
	} {
		next := was
		change(&next)
		if _, err := CheckCommitment(&was, &next, nil, true, commitmentDay); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewCommitments(t *testing.T) {
	fresh := kpi.Commitment{Text: "Repair the lights.", Lang: kpi.Spanish, Owner: "head", Department: "parks", Made: commitmentDay, Due: commitmentDay, State: kpi.CommitmentOpen, Source: "workspace"}
	for name, c := range map[string]struct {
		change func(*kpi.Commitment)
		want   CommitmentProblem
	}{
		"as it should be":       {func(*kpi.Commitment) {}, ""},
		"of last week":          {func(c *kpi.Commitment) { c.Made, c.Due = commitmentDay.AddDays(-7), commitmentDay.AddDays(-2) }, ""},
		"nothing":               {func(c *kpi.Commitment) { c.Text = "" }, CommitmentNoText},
		"two lines":             {func(c *kpi.Commitment) { c.Text = "One.\nTwo." }, CommitmentLong},
		"a tab":                 {func(c *kpi.Commitment) { c.Text = "One.\tTwo." }, CommitmentLong},
		"300 letters":           {func(c *kpi.Commitment) { c.Text = strings.Repeat("ß", 300) }, ""},
		"301 letters":           {func(c *kpi.Commitment) { c.Text = strings.Repeat("ß", 301) }, CommitmentLong},
		"nobody":                {func(c *kpi.Commitment) { c.Owner = "" }, CommitmentNoOwner},
		"no date":               {func(c *kpi.Commitment) { c.Due = kpi.Date{} }, CommitmentNoDue},
		"due before it is made": {func(c *kpi.Commitment) { c.Due = commitmentDay.AddDays(-1) }, CommitmentDuePast},
		"due in 11 years":       {func(c *kpi.Commitment) { c.Due = commitmentDay.AddMonths(132) }, CommitmentDueFar},
		"made tomorrow":         {func(c *kpi.Commitment) { c.Made, c.Due = commitmentDay.AddDays(1), commitmentDay.AddDays(2) }, CommitmentWrong},
		"kept from the first":   {func(c *kpi.Commitment) { c.State = kpi.CommitmentKept }, CommitmentWrong},
		"moved from the first":  {func(c *kpi.Commitment) { c.Moves = []kpi.DueMove{{}} }, CommitmentWrong},
		"with a note":           {func(c *kpi.Commitment) { c.Note = "x" }, CommitmentWrong},
		"in no language":        {func(c *kpi.Commitment) { c.Lang = "xx" }, CommitmentWrong},
	} {
		got := fresh
		c.change(&got)
		if p := NewCommitmentProblem(&got, commitmentDay); p != c.want {
			t.Errorf("%s: %q, want %q", name, p, c.want)
		}
		step, err := CheckCommitment(nil, &got, nil, false, commitmentDay)
		if step != CommitmentMake || (err == nil) != (c.want == "") {
			t.Errorf("%s: %s, %v", name, step, err)
		}
	}
	staff := &account.Person{Grants: []account.Grant{{Role: account.DepartmentStaff, Department: "parks"}}}
	if _, err := CheckCommitment(nil, &fresh, staff, false, commitmentDay); err != nil {
		t.Errorf("staff of the department: %v", err)
	}
	fresh.Public = true
	if _, err := CheckCommitment(nil, &fresh, staff, false, commitmentDay); kpi.ErrorCode(err) != kpi.CodeDenied {
		t.Errorf("staff promises something to residents: %v", err)
	}
}

// TestOnTime says of each course by hand whether a commitment was kept by the date that was agreed, and how late it is. It was made on the 1st, for the 10th.
func TestOnTime(t *testing.T) {
	day := func(n int) kpi.Date { return kpi.NewDate(2026, time.June, n) }
	moved := []kpi.DueMove{{From: day(10), To: day(20), Reason: "Rain."}}
	agreed := []kpi.DueMove{{From: day(10), To: day(20), Reason: "The budget comes later.", Chair: true}}
	both := append(slices.Clone(agreed), kpi.DueMove{From: day(20), To: day(25), Reason: "Rain."})
	for name, c := range map[string]struct {
		kpi.Commitment
		commitmentDay kpi.Date
		want          string // on time, late, not known
		late          int
	}{
		"there is time":                           {kpi.Commitment{Due: day(10), State: kpi.CommitmentOpen}, day(10), "not known", 0},
		"the day after":                           {kpi.Commitment{Due: day(10), State: kpi.CommitmentOpen}, day(11), "late", 1},
		"moved, and there is time":                {kpi.Commitment{Due: day(20), Moves: moved, State: kpi.CommitmentOpen}, day(15), "late", 0},
		"moved before the first date":             {kpi.Commitment{Due: day(20), Moves: moved, State: kpi.CommitmentOpen}, day(5), "not known", 0},
		"called done in time":                     {kpi.Commitment{Due: day(10), State: kpi.CommitmentDone, Done: day(9)}, day(30), "not known", 0},
		"called done too late":                    {kpi.Commitment{Due: day(10), State: kpi.CommitmentDone, Done: day(12)}, day(30), "late", 2},
		"called done in time, closed later":       {kpi.Commitment{Due: day(10), State: kpi.CommitmentKept, Done: day(10), Ended: day(28)}, day(30), "on time", 0},
		"called done too late, and closed":        {kpi.Commitment{Due: day(10), State: kpi.CommitmentKept, Done: day(11), Ended: day(28)}, day(30), "late", 1},
		"kept by the second date":                 {kpi.Commitment{Due: day(20), Moves: moved, State: kpi.CommitmentKept, Done: day(18), Ended: day(19)}, day(30), "late", 0},
		"kept by the first date all the same":     {kpi.Commitment{Due: day(20), Moves: moved, State: kpi.CommitmentKept, Done: day(10), Ended: day(19)}, day(30), "on time", 0},
		"moved by the chair, and there is time":   {kpi.Commitment{Due: day(20), Moves: agreed, State: kpi.CommitmentOpen}, day(15), "not known", 0},
		"moved by the chair, and late":            {kpi.Commitment{Due: day(20), Moves: agreed, State: kpi.CommitmentOpen}, day(21), "late", 1},
		"kept by the date of the chair":           {kpi.Commitment{Due: day(20), Moves: agreed, State: kpi.CommitmentKept, Done: day(18), Ended: day(19)}, day(30), "on time", 0},
		"kept after the date of the chair":        {kpi.Commitment{Due: day(20), Moves: agreed, State: kpi.CommitmentKept, Done: day(21), Ended: day(29)}, day(30), "late", 1},
		"moved by both, kept by the owner's date": {kpi.Commitment{Due: day(25), Moves: both, State: kpi.CommitmentKept, Done: day(24), Ended: day(26)}, day(30), "late", 0},
		"moved by both, kept by the chair's date": {kpi.Commitment{Due: day(25), Moves: both, State: kpi.CommitmentKept, Done: day(20), Ended: day(26)}, day(30), "on time", 0},
		"done, opened again, and done anew late":  {kpi.Commitment{Due: day(10), State: kpi.CommitmentDone, Done: day(14)}, day(30), "late", 4},
		"opened again, and there is no time left": {kpi.Commitment{Due: day(10), State: kpi.CommitmentOpen}, day(14), "late", 4},
		"closed in time by the chair alone":       {kpi.Commitment{Due: day(10), State: kpi.CommitmentKept, Ended: day(10)}, day(30), "on time", 0},
		"closed too late by the chair alone":      {kpi.Commitment{Due: day(10), State: kpi.CommitmentKept, Ended: day(14)}, day(30), "late", 4},
		"dropped in time":                         {kpi.Commitment{Due: day(10), State: kpi.CommitmentDropped, Ended: day(10)}, day(30), "not known", 0},
		"dropped when it was late":                {kpi.Commitment{Due: day(10), State: kpi.CommitmentDropped, Ended: day(11)}, day(30), "late", 0},
	} {
		got := "not known"
		if on, known := c.OnTime(c.commitmentDay); known {
			got = map[bool]string{true: "on time", false: "late"}[on]
		}
		if late := c.DaysLate(c.commitmentDay); got != c.want || late != c.late {
			t.Errorf("%s: %s and %d days, want %s and %d", name, got, late, c.want, c.late)
		}
	}
	three := kpi.Commitment{Due: day(12), Moves: []kpi.DueMove{{From: day(1), To: day(5)}, {From: day(5), To: day(3)}, {From: day(3), To: day(9)}, {From: day(9), To: day(12)}}}
	if three.Slips() != 3 || three.FirstDue() != day(1) || three.Agreed() != day(1) || !three.Escalated() || three.ChairMoves() != 0 {
		t.Errorf("%d slips, first due %s, agreed %s", three.Slips(), three.FirstDue(), three.Agreed())
	}
	three.Moves[2].Chair = true
	if three.Slips() != 2 || three.FirstDue() != day(1) || three.Agreed() != day(9) || three.Escalated() || three.ChairMoves() != 1 {
		t.Errorf("with one of the chair: %d slips, first due %s, agreed %s", three.Slips(), three.FirstDue(), three.Agreed())
	}
}

// TestWhoseMove says of each move whose it is: by who moves it, and on which day.
func TestWhoseMove(t *testing.T) {
	somebody := func(r account.Role, department string) *account.Person {
		return &account.Person{Grants: []account.Grant{{Role: r, Department: department}}}
	}
	mayor, chief := somebody(account.Mayor, ""), somebody(account.ChiefOfStaff, "")
	away := somebody(account.ChiefOfStaff, "")
	away.Disabled = true
	due := promise(kpi.CommitmentOpen, false).Due // made for the 10th day
	slipped := []kpi.DueMove{{From: due.AddDays(-5), To: due}}
	earlier := []kpi.DueMove{{From: due.AddDays(5), To: due}}
	for name, c := range map[string]struct {
		moves []kpi.DueMove
		who   *account.Person
		holds bool
		day   kpi.Date
		chair bool
	}{
		"the mayor":                               {nil, mayor, false, due.AddDays(-3), true},
		"the chief of staff on the last day":      {nil, chief, false, due, true},
		"the chief of staff a day too late":       {nil, chief, false, due.AddDays(1), false},
		"the mayor, of what they promised":        {nil, mayor, true, due.AddDays(-3), false},
		"somebody who was let go":                 {nil, away, false, due.AddDays(-3), false},
		"an analyst":                              {nil, somebody(account.Analyst, ""), false, due.AddDays(-3), false},
		"the head of the department":              {nil, somebody(account.DepartmentHead, "parks"), false, due.AddDays(-3), false},
		"nobody who is known":                     {nil, nil, false, due.AddDays(-3), false},
		"the mayor, after its owner's slip":       {slipped, mayor, false, due.AddDays(-6), true},
		"the mayor, when the agreed date is over": {slipped, mayor, false, due.AddDays(-4), false},
		"the mayor, when only the earlier one is": {earlier, mayor, false, due.AddDays(1), false},
		"the mayor, when the earlier one is not":  {earlier, mayor, false, due, true},
	} {
		was := promise(kpi.CommitmentOpen, false)
		was.Moves = c.moves
		if got := MovesAsChair(&was, c.who, c.holds, c.day); got != c.chair {
			t.Errorf("%s: %t", name, got)
		}
		for _, says := range []bool{true, false} { // whatever a form says
			next, err := TurnCommitment(was, CommitmentTurn{Step: CommitmentMove, Text: "Rain.", Due: due.AddDays(60), Chair: says}, "ana", c.day, moment)
			if err != nil {
				t.Fatal(err)
			}
			_, err = CheckCommitment(&was, &next, c.who, c.holds || c.who == nil, c.day)
			if denied := kpi.ErrorCode(err) == kpi.CodeDenied; !denied && (err == nil) != (says == c.chair) {
				t.Errorf("%s says that it is the chair's, %t: %v", name, says, err)
			}
		}
	}
}

// TestRequests: what a meeting asks for goes the way of a promise, and residents never read it.
func TestRequests(t *testing.T) {
	mayor := &account.Person{Grants: []account.Grant{{Role: account.Mayor}}}
	r := kpi.Commitment{
		Kind: kpi.CommitmentRequest, Text: "How many lights are dark in each district?", Lang: kpi.English, Owner: "head", Department: "parks", Made: commitmentDay, Due: commitmentDay,
		State: kpi.CommitmentOpen, Source: kpi.MeetingSource("streetstat", commitmentDay),
	}
	if _, err := CheckCommitment(nil, &r, mayor, false, commitmentDay); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*kpi.Commitment){
		"for residents":        func(c *kpi.Commitment) { c.Public = true },
		"of a kind that is no": func(c *kpi.Commitment) { c.Kind = "order" },
	} {
		other := r
		change(&other)
		if _, err := CheckCommitment(nil, &other, mayor, false, commitmentDay); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p := NewCommitmentProblem(&kpi.Commitment{Kind: kpi.CommitmentRequest, Text: "x", Owner: "head", Public: true}, commitmentDay); p != CommitmentNotOpen {
		t.Errorf("%q", p)
	}
	if MayCommitment(CommitmentShow, &r, mayor, false) {
		t.Error("the mayor may show a request to residents")
	}
	if _, err := TurnCommitment(r, CommitmentTurn{Step: CommitmentShow}, "ana", commitmentDay, moment); !errors.Is(err, CommitmentState) {
		t.Errorf("shown: %v", err)
	}
	other := r
	other.Kind, other.Note = kpi.CommitmentPromise, "x"
	if _, err := CheckCommitment(&r, &other, mayor, false, commitmentDay); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a request becomes a promise: %v", err)
	}
	for _, step := range []CommitmentStep{CommitmentFinish, CommitmentKeep} {
		next, err := TurnCommitment(r, CommitmentTurn{Step: step}, "ana", commitmentDay, moment)
		if err != nil || next.Kind != kpi.CommitmentRequest {
			t.Fatalf("%s: %+v, %v", step, next, err)
		}
		r = next
	}
	if on, known := r.OnTime(commitmentDay.AddDays(9)); !on || !known {
		t.Error("it was answered in time")
	}
	for source, want := range map[string]string{
		"meeting/streetstat/2026-10-08": "streetstat 2026-10-08", "meeting/streetstat": "", "meeting": "", "workspace": "", "commentary/12": "", "meeting/streetstat/2026-10-8": "", "meeting//2026-10-08": "",
		"meeting/a/b/2026-10-08": "", "meetings/a/2026-10-08": "", "": "",
	} {
		got := ""
		if series, slot, made := (&kpi.Commitment{Source: source}).Meeting(); made {
			got = series + " " + slot.String()
		}
		if got != want {
			t.Errorf("%q was made in %q, want %q", source, got, want)
		}
	}
}

// FuzzCommitments takes steps at random, on days at random, and keeps every revision as the ledger does. Whatever is tried: a commitment is never lost, its date
// never moves without a trace, and it is never late by less than nothing.
func FuzzCommitments(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 0})
	f.Add([]byte{4, 200, 4, 90, 4, 17, 2, 0, 5, 0, 6, 1, 4, 255, 7, 3, 6, 0})
	f.Fuzz(func(t *testing.T, tries []byte) {
		day, now := commitmentDay, moment
		c := promise(kpi.CommitmentOpen, false)
		c.Stamp = kpi.Stamp{ID: 1, Revision: 1}
		first, dates := c.Due, []kpi.Date{c.Due}
		for i := 0; i+1 < len(tries); i += 2 {
			day, now = day.AddDays(int(tries[i+1])%5), now.Add(time.Duration(tries[i+1]%5)*24*time.Hour)
			turn := CommitmentTurn{Step: CommitmentSteps[int(tries[i])%len(CommitmentSteps)], Due: day.AddDays(int(tries[i+1]) - 40)}
			if tries[i+1]%7 != 0 {
				turn.Text = "Because."
			}
			next, err := TurnCommitment(c, turn, "ana", day, now)
			if err != nil {
				if !reflect.DeepEqual(next, c) {
					t.Fatalf("%s was refused (%v) and changed it: %+v", turn.Step, err, next)
				}
				continue
			}
			if step, err := CheckCommitment(&c, &next, nil, false, day); err != nil || step != turn.Step {
				t.Fatalf("the ledger refuses %s as %s: %v\n%+v\n%+v", turn.Step, step, err, c, next)
			}
			if turn.Step == CommitmentMove {
				dates = append(dates, turn.Due)
			}
			// What is kept is JSON.
			b, err := json.Marshal(next)
			if err != nil {
				t.Fatal(err)
			}
			c = kpi.Commitment{}
			if err := json.Unmarshal(b, &c); err != nil {
				t.Fatal(err)
			}
			trace := []kpi.Date{first}
			for k, m := range c.Moves {
				if m.From != trace[k] || m.Reason == "" || m.By != "ana" {
					t.Fatalf("move %d: %+v, after %v", k, m, trace)
				}
				trace = append(trace, m.To)
			}
			late := c.DaysLate(day)
			switch {
			case !slices.Equal(trace, dates) || c.Due != dates[len(dates)-1] || c.FirstDue() != first:
				t.Fatalf("due on %s after %v, and the trace is %v", c.Due, dates, trace)
			case late < 0 || late > 0 && c.State == kpi.CommitmentOpen && !day.After(c.Due):
				t.Fatalf("%d days late on %s: %+v", late, day, c)
			case c.Text != "Repair the lights of the quay." || c.Owner != "head" || c.ID != 1 || c.State == "":
				t.Fatalf("lost: %+v", c)
			case c.State.Ended() == c.Ended.IsZero() || c.State == kpi.CommitmentDone && c.Done.IsZero():
				t.Fatalf("%+v", c)
			}
			if on, known := c.OnTime(day); on && (!known || c.State != kpi.CommitmentKept) {
				t.Fatalf("on time, and not kept: %+v", c)
			}
		}
	})
}
