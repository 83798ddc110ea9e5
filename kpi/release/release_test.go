package release

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

var noon = time.Date(2026, 11, 9, 12, 0, 0, 0, time.UTC)

// somebody has a role; of one of a department, for streets.
func somebody(id int64, role account.Role) *account.Person {
	g := account.Grant{Role: role}
	if role.OfDepartment() {
		g.Department = "streets"
	}
	return &account.Person{ID: id, Email: fmt.Sprintf("p%d@city.gov", id), Grants: []account.Grant{g}}
}

var (
	head    = somebody(1, account.DepartmentHead)
	analyst = somebody(2, account.Analyst)
	chief   = somebody(3, account.ChiefOfStaff)
	mayor   = somebody(4, account.Mayor)
	second  = somebody(5, account.Analyst)
	viewer  = somebody(6, account.Viewer)
)

var october = kpi.Period{ID: "2026-10", Kind: kpi.Month, First: kpi.NewDate(2026, 10, 1), Last: kpi.NewDate(2026, 10, 31)}

func opening() Opening {
	return Opening{Name: "October 2026", Period: october, FillBy: kpi.NewDate(2026, 11, 6), CheckBy: kpi.NewDate(2026, 11, 11), ReleaseOn: kpi.NewDate(2026, 11, 13)}
}

func opened(tb testing.TB) Round {
	tb.Helper()
	r, err := Open(opening(), nil, []string{"streets", "parks"}, analyst, kpi.NewDate(2026, 11, 2))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// step is a move by somebody.
type step struct {
	Move
	by *account.Person
}

func do(what Do, department, note string, day int, by *account.Person) step {
	return step{Move{what, department, note, kpi.English, kpi.NewDate(2026, 11, day)}, by}
}

// after makes moves that must be allowed.
func after(tb testing.TB, r Round, steps ...step) Round {
	tb.Helper()
	for _, s := range steps {
		next, err := r.After(s.Move, s.by, noon)
		if err != nil {
			tb.Fatalf("%s of %q by %d: %v", s.Do, s.Department, s.by.ID, err)
		}
		r = next
	}
	return r
}

func TestTheWayOfARound(t *testing.T) {
	r := opened(t)
	r = after(t, r,
		do(Fill, "streets", "", 6, head), do(Return, "streets", "October 12 is missing.", 7, chief), do(Fill, "streets", "It is there now.", 9, head), do(Check, "streets", "", 9, chief),
		do(Fill, "parks", "", 9, second), do(Check, "parks", "", 10, chief), do(Publish, "", "", 13, chief))
	s, p := r.Filings[0], r.Filings[1]
	if s.Late || s.Returns != 1 || s.FilledOn != kpi.NewDate(2026, 11, 6) || s.Remark != "It is there now." || !p.Late || p.Returns != 0 {
		t.Errorf("late and returned are not kept: %+v", r.Filings)
	}
	if r.State != Released || r.ReleasedBy != chief.ID || !r.ReleasedAt.Equal(noon) {
		t.Errorf("%+v", r)
	}
}

// TestEveryMoveInEveryState tries every move of a filing in every state, by those who may and those who may not.
func TestEveryMoveInEveryState(t *testing.T) {
	states := map[FilingState]Round{
		FilingOpen:     opened(t),
		FilingFilled:   after(t, opened(t), do(Fill, "streets", "", 5, head)),
		FilingReturned: after(t, opened(t), do(Fill, "streets", "", 5, head), do(Return, "streets", "no", 5, chief)),
		FilingChecked:  after(t, opened(t), do(Fill, "streets", "", 5, head), do(Check, "streets", "", 5, chief)),
		FilingExcused:  after(t, opened(t), do(Excuse, "streets", "Streets has not reported.", 5, chief)),
	}
	want := map[FilingState]map[Do]FilingState{
		FilingOpen:     {Fill: FilingFilled, Excuse: FilingExcused},
		FilingFilled:   {Check: FilingChecked, Return: FilingReturned},
		FilingReturned: {Fill: FilingFilled, Excuse: FilingExcused},
		FilingChecked:  {Return: FilingReturned},
		FilingExcused:  {Fill: FilingFilled},
	}
	for _, state := range FilingStates {
		for _, d := range []Do{Fill, Check, Return, Excuse} {
			for _, p := range []*account.Person{head, analyst, chief, mayor, second, viewer} {
				r := states[state]
				before := fmt.Sprintf("%+v", r)
				next, err := r.After(Move{d, "streets", "words", kpi.English, kpi.NewDate(2026, 11, 6)}, p, noon)
				to, possible := want[state][d]
				right := d == Fill && (p == head || p == analyst || p == second) || d != Fill && (p == chief || p == analyst || p == second)
				switch {
				case !right && kpi.ErrorCode(err) != kpi.CodeDenied:
					t.Errorf("%s, %s by %d: %v", state, d, p.ID, err)
				case right && !possible && kpi.ErrorCode(err) != kpi.CodeConflict:
					t.Errorf("%s, %s by %d: %v", state, d, p.ID, err)
				case right && possible && (err != nil || next.Filings[0].State != to || next.Filings[1].State != FilingOpen):
					t.Errorf("%s, %s by %d: %v, %+v", state, d, p.ID, err, next.Filings)
				}
				if fmt.Sprintf("%+v", r) != before {
					t.Fatalf("%s changed the round that it was made of", d)
				}
			}
		}
	}
}

func TestObstacles(t *testing.T) {
	filled := after(t, opened(t), do(Fill, "streets", "", 5, head), do(Fill, "parks", "", 5, analyst))
	ready := after(t, filled, do(Check, "streets", "", 5, chief), do(Check, "parks", "", 5, chief))
	excused := after(t, opened(t), do(Excuse, "streets", "Streets has not reported.", 5, chief), do(Excuse, "parks", "Parks has not reported.", 5, chief))
	for name, c := range map[string]struct {
		r    Round
		m    Move
		by   *account.Person
		want Obstacle
	}{
		"whoever filled checks nothing of it":               {filled, Move{Do: Check, Department: "parks"}, analyst, OwnFiling},
		"but what others filled":                            {filled, Move{Do: Check, Department: "streets"}, analyst, ""},
		"nor what he filled before somebody else did":       {after(t, filled, do(Return, "parks", "no", 5, chief), do(Fill, "parks", "", 5, second)), Move{Do: Check, Department: "parks"}, analyst, OwnFiling},
		"whoever filled may return it: it is not done":      {filled, Move{Do: Return, Department: "parks"}, analyst, ""},
		"nothing is released that nobody checked":           {filled, Move{Do: Publish}, chief, NotChecked},
		"whoever checked releases":                          {ready, Move{Do: Publish}, chief, ""},
		"whoever filled a part does not":                    {ready, Move{Do: Publish}, analyst, FilledAPart},
		"a head of department does not":                     {ready, Move{Do: Publish}, head, NoRight},
		"the mayor does":                                    {ready, Move{Do: Publish}, mayor, ""},
		"nobody alone":                                      {excused, Move{Do: Publish}, chief, Alone},
		"two do":                                            {excused, Move{Do: Publish}, mayor, ""},
		"released is released":                              {after(t, ready, do(Publish, "", "", 9, chief)), Move{Do: Publish}, mayor, Ended},
		"stopped is stopped":                                {after(t, ready, do(Stop, "", "The data were wrong.", 9, chief)), Move{Do: Publish}, mayor, Ended},
		"no such department":                                {ready, Move{Do: Fill, Department: "police"}, analyst, NoFiling},
		"no such move":                                      {ready, Move{Do: "sell"}, analyst, Unknown},
		"the mayor stops nothing":                           {ready, Move{Do: Stop, Note: "x"}, mayor, NoRight},
		"somebody else's department":                        {opened(t), Move{Do: Fill, Department: "parks"}, head, NoRight},
		"whoever is disabled":                               {ready, Move{Do: Publish}, &account.Person{ID: 9, Grants: chief.Grants, Disabled: true}, NoRight},
		"nobody":                                            {ready, Move{Do: Publish}, nil, NoRight},
		"the machine itself, which is one person, is alone": {excusedBy(t, 0), Move{Do: Publish}, &account.Person{Grants: chief.Grants}, Alone},
	} {
		if got := c.r.Obstacle(c.m, c.by); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, m := range []Move{{Do: Return, Department: "streets", Note: "  "}, {Do: Check, Department: "streets", Note: strings.Repeat("ñ", MaxNote+1)}} {
		if _, err := filled.After(m, chief, noon); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("%s with a note of %d: %v", m.Do, len(m.Note), err)
		}
	}
}

// excusedBy is a round of which one person excused everybody.
func excusedBy(t *testing.T, id int64) Round {
	p := &account.Person{ID: id, Grants: chief.Grants}
	return after(t, opened(t), do(Excuse, "streets", "x", 5, p), do(Excuse, "parks", "x", 5, p))
}

func TestOpening(t *testing.T) {
	today := kpi.NewDate(2026, 11, 2)
	released := []Round{{Period: "2026-10", State: Released}}
	for name, c := range map[string]struct {
		change func(*Opening)
		rounds []Round
		of     []string
		by     *account.Person
		want   kpi.Code
	}{
		"as it should be":    {func(*Opening) {}, []Round{{Period: "2026-09", State: Released}, {Period: "2026-10", State: Stopped}}, []string{"parks"}, chief, ""},
		"by the mayor":       {func(*Opening) {}, nil, []string{"parks"}, mayor, kpi.CodeDenied},
		"without a name":     {func(o *Opening) { o.Name = " " }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"a long name":        {func(o *Opening) { o.Name = strings.Repeat("x", MaxName+1) }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"no period":          {func(o *Opening) { o.Period = kpi.Period{} }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"a period to come":   {func(o *Opening) { o.Period.First = kpi.NewDate(2026, 11, 3) }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"no date":            {func(o *Opening) { o.CheckBy = kpi.Date{} }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"checked too early":  {func(o *Opening) { o.CheckBy = kpi.NewDate(2026, 11, 5) }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"released too early": {func(o *Opening) { o.ReleaseOn = kpi.NewDate(2026, 11, 10) }, nil, []string{"parks"}, chief, kpi.CodeInvalid},
		"all on one day":     {func(o *Opening) { o.CheckBy, o.ReleaseOn = o.FillBy, o.FillBy }, nil, []string{"parks"}, chief, ""},
		"released before":    {func(*Opening) {}, released, []string{"parks"}, chief, kpi.CodeInvalid},
		"a correction":       {func(o *Opening) { o.Correction = "Parks counted twice." }, released, []string{"parks"}, chief, ""},
		"under way":          {func(*Opening) {}, []Round{{Period: "2026-09", State: Filling}}, []string{"parks"}, chief, kpi.CodeConflict},
		"of nobody":          {func(*Opening) {}, nil, nil, chief, kpi.CodeInvalid},
	} {
		o := opening()
		c.change(&o)
		r, err := Open(o, c.rounds, c.of, c.by, today)
		if kpi.ErrorCode(err) != c.want && (c.want != "" || err != nil) || err == nil && (len(r.Filings) != len(c.of) || r.Waiting() != len(c.of)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDates(t *testing.T) {
	work := kpi.NewWorkdays(nil, []kpi.Date{kpi.NewDate(2026, 11, 3)}) // a Tuesday
	for today, want := range map[kpi.Date][3]kpi.Date{
		kpi.NewDate(2026, 10, 20): {kpi.NewDate(2026, 11, 10), kpi.NewDate(2026, 11, 13), kpi.NewDate(2026, 11, 17)}, // from Saturday 31 October, whose next working day is Monday the 2nd
		kpi.NewDate(2026, 11, 16): {kpi.NewDate(2026, 11, 23), kpi.NewDate(2026, 11, 26), kpi.NewDate(2026, 11, 30)},
	} {
		fill, check, on := Dates(october, work, today)
		if got := [3]kpi.Date{fill, check, on}; got != want {
			t.Errorf("on %s: %v, want %v", today, got, want)
		}
	}
}

func TestFits(t *testing.T) {
	r := opened(t)
	r.Revision = 1
	parks := after(t, r, do(Fill, "parks", "", 5, analyst))
	parks.Revision = 2
	streets := after(t, parks, do(Fill, "streets", "", 5, head))
	streets.Revision = 3
	if !Fits(Move{Do: Fill, Department: "streets"}, &r, &parks) || Fits(Move{Do: Fill, Department: "streets"}, &r, &streets) || Fits(Move{Do: Stop}, &r, &parks) || !Fits(Move{Do: Stop}, &parks, &parks) {
		t.Error("what somebody else touched fits, or what nobody touched does not")
	}
}

func TestLacks(t *testing.T) {
	city := &kpi.City{
		Departments: []kpi.Department{{ID: "streets"}, {ID: "parks"}, {ID: "police"}},
		Datasets:    []kpi.Dataset{{ID: "typed", Source: kpi.Source{Kind: sourceEntry}}, {ID: "file", Source: kpi.Source{Kind: kpi.SourceCSV}}},
		Indicators: []kpi.Indicator{
			{ID: "a", Dataset: "typed", Department: "parks", Period: kpi.Month, Public: true}, {ID: "b", Dataset: "file", Department: "parks", Period: kpi.Month, Public: true},
			{ID: "c", Dataset: "file", Department: "parks", Period: kpi.Year, Public: true}, {ID: "d", Dataset: "file", Department: "parks", Period: kpi.Month},
			{ID: "e", Dataset: "file", Department: "streets", Period: kpi.Month, Public: true}, {ID: "f", Dataset: "file", Department: "parks", Period: kpi.Month, Public: true},
		},
	}
	commentaries := []kpi.Commentary{{Indicator: "c", Period: "2025", Why: "The winter.", State: kpi.CommentarySubmitted}, {Indicator: "f", Period: "2026-10", Miss: true, State: kpi.CommentaryDraft}}
	got := Lacks(city, "parks", october, Facts{
		Assessment: func(id string) *kpi.Assessment {
			return map[string]*kpi.Assessment{
				"b": {Status: kpi.OnTrack, Period: "2026-10"}, "c": {Status: kpi.Behind, Period: "2025"}, "f": {Status: kpi.WrongWay, Period: "2026-10"}, "e": {Status: kpi.WrongWay, Period: "2026-10"},
			}[id]
		},
		Has:       func(id, period string) bool { return id == "f" && period == "2026-10" },
		Late:      func(id string) bool { return id == "file" },
		Explained: func(id, period string) bool { return Explained(commentaries, id, period) },
	})
	want := []Lack{{LackData, "", "file", ""}, {LackEntry, "a", "typed", "2026-10"}, {LackValue, "b", "file", "2026-10"}, {LackReason, "f", "file", "2026-10"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := Departments(city); !slices.Equal(got, []string{"streets", "parks"}) {
		t.Errorf("%v take part", got)
	}
}

func TestRows(t *testing.T) {
	r := after(t, opened(t), do(Fill, "streets", "", 6, head), do(Check, "streets", "", 9, chief))
	stopped := after(t, opened(t), do(Stop, "", "x", 6, chief))
	cal := kpi.Calendar{Location: time.FixedZone("", 13*3600)}
	early := Rows([]Round{r, stopped}, cal, kpi.NewDate(2026, 11, 6))
	late := Rows([]Round{r}, cal, kpi.NewDate(2026, 11, 7))
	if len(early) != 2 || !*early[0].OnTime || early[0].CheckedOn != kpi.NewDate(2026, 11, 10) || early[1].OnTime != nil || late[1].OnTime == nil || *late[1].OnTime {
		t.Errorf("%+v, %+v", early, late)
	}
}

// FuzzMoves makes moves at random, by people of every kind, and looks at what must hold of every round.
func FuzzMoves(f *testing.F) {
	f.Add([]byte{0, 0, 1, 17, 40, 80, 200, 3})
	f.Add([]byte(strings.Repeat("\x00\x21\x42\x63\x84\xa5", 4)))
	people := []*account.Person{head, analyst, chief, mayor, second, viewer, {Grants: chief.Grants}}
	f.Fuzz(func(t *testing.T, moves []byte) {
		r := opened(t)
		for i, b := range moves {
			m := Move{Dos[int(b)%len(Dos)], []string{"streets", "parks", "nowhere"}[int(b/6)%3], []string{"", "words"}[int(b/18)%2], kpi.English, kpi.NewDate(2026, 11, 1+i)}
			p := people[int(b/36)%len(people)]
			was := r
			next, err := r.After(m, p, noon.Add(time.Duration(i)*time.Hour))
			if err != nil {
				if o := r.Obstacle(m, p); o == "" && Noted(m) == "" {
					t.Fatalf("refused without an obstacle: %v", err)
				}
				continue
			}
			r = next
			if was.State != Filling {
				t.Fatalf("%s moves a round that is over", m.Do)
			}
			holds(t, &was, &r, p)
		}
	})
}

// holds looks at what must hold of every round, and of every step.
func holds(t *testing.T, was, r *Round, p *account.Person) {
	t.Helper()
	for i, f := range r.Filings {
		before := was.Filings[i]
		if f.Returns < before.Returns || before.Late && !f.Late || !before.FilledOn.IsZero() && f.FilledOn != before.FilledOn || len(f.Fillers) < len(before.Fillers) {
			t.Fatalf("something is forgotten: %+v, then %+v", before, f)
		}
		if f.State == FilingChecked && (slices.Contains(f.Fillers, f.CheckedBy) || f.CheckedAt.IsZero()) {
			t.Fatalf("checked by whoever filled it: %+v", f)
		}
		if f.State == FilingExcused && f.Excuse == "" || f.State == FilingReturned && f.Note == "" {
			t.Fatalf("without a reason: %+v", f)
		}
	}
	if r.State == Released {
		if r.Waiting() > 0 || r.ReleasedBy != p.ID || !p.May(account.Release, "") || len(r.people(p.ID)) < 2 {
			t.Fatalf("released by %d alone, or too early: %+v", p.ID, r)
		}
		for _, f := range r.Filings {
			if slices.Contains(f.Fillers, r.ReleasedBy) {
				t.Fatalf("released by %d, who filled: %+v", p.ID, f)
			}
		}
	}
}

// TestWhatIsTypedIsPlain: residents read the note, the correction, the excuse and the name; no control character, no broken letter and no end of a line of
// another kind comes to them, whoever sent it.
func TestWhatIsTypedIsPlain(t *testing.T) {
	const typed, plain = " One\x00\x07\x1b[31m\r\ntwo\xff ", "One[31m\ntwo\uFFFD"
	o := opening()
	o.Name, o.Correction = "Octo\x00ber\r\nof \x1b2026", typed
	r, err := Open(o, nil, []string{"parks"}, chief, kpi.NewDate(2026, 11, 2))
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "October of 2026" || r.Correction != plain {
		t.Errorf("name %q, correction %q", r.Name, r.Correction)
	}
	r, err = r.After(Move{Do: Excuse, Department: "parks", Note: typed, On: kpi.NewDate(2026, 11, 3)}, chief, o.FillBy.EndIn(time.UTC))
	if err != nil || r.Filings[0].Excuse != plain {
		t.Errorf("excuse %q, %v", r.Filings[0].Excuse, err)
	}
	if _, err := r.After(Move{Do: Stop, Note: "\x00 \x07"}, chief, o.FillBy.EndIn(time.UTC)); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("a note of characters that do not show is a note: %v", err)
	}
	if o.Name = "\x00\x1b"; !slices.Contains(o.FaultsOf(nil, []string{"parks"}, kpi.NewDate(2026, 11, 2)), FaultName) {
		t.Error("a name of characters that do not show is a name")
	}
}
