package meeting

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// people are somebody of every role of works, and a head and staff of parks. Their ids begin with 1.
func people() map[string]*account.Person {
	list := map[string]*account.Person{}
	for i, r := range account.Roles {
		g := account.Grant{Role: r}
		if r.OfDepartment() {
			g.Department = "works"
			list["parks "+string(r)] = &account.Person{ID: int64(100 + i), Grants: []account.Grant{{Role: r, Department: "parks"}}}
		}
		list[string(r)] = &account.Person{ID: int64(i + 1), Grants: []account.Grant{g}}
	}
	list["this machine"] = &account.Person{Grants: []account.Grant{{Role: account.Analyst}, {Role: account.ChiefOfStaff}}}
	list["nobody"] = nil
	return list
}

// TestMayCommentary tries every step from every state as everybody, as the writer of the text and as somebody else, before and after a text was approved.
func TestMayCommentary(t *testing.T) {
	writers := []string{"chief_of_staff", "analyst", "department_head", "department_staff", "this machine"}
	reviewers := []string{"chief_of_staff", "analyst", "department_head", "this machine"}
	cells := 0
	for name, who := range people() {
		writes, reviews := false, false
		for _, w := range writers {
			writes = writes || w == name
		}
		for _, w := range reviewers {
			reviews = reviews || w == name
		}
		for _, state := range []kpi.CommentaryState{"", kpi.CommentaryDraft, kpi.CommentarySubmitted, kpi.CommentaryReturned, kpi.CommentaryApproved, kpi.CommentaryWithdrawn} {
			for _, stands := range []int{0, 3} {
				for _, own := range []bool{false, true} {
					c := kpi.Commentary{State: state, Department: "works", Author: 99, Stands: stands}
					if own && who != nil {
						c.Author = who.ID
					}
					want := map[CommentaryStep]bool{
						CommentarySave:     writes,
						CommentarySend:     writes && state != kpi.CommentarySubmitted,
						CommentaryApprove:  reviews && !own && name != "this machine" && state == kpi.CommentarySubmitted,
						CommentaryReturn:   reviews && !own && name != "this machine" && state == kpi.CommentarySubmitted,
						CommentaryWithdraw: (writes && stands == 0 || reviews) && state != "" && state != kpi.CommentaryWithdrawn,
					}
					for _, step := range CommentarySteps {
						cells++
						if got := MayCommentary(step, &c, who); got != want[step] {
							t.Errorf("%s may %s what is %q (own %t, stands %d): %t, want %t", name, step, state, own, stands, got, want[step])
						}
					}
				}
			}
		}
		if got := MayReadDrafts("works", who); got != (writes || reviews) {
			t.Errorf("%s reads drafts: %t", name, got)
		}
	}
	if cells < 1000 {
		t.Errorf("%d cells", cells)
	}
}

// TestWaysOfCommentary tries to bring every state after every other, as the author and as another, with the same text and with another.
func TestWaysOfCommentary(t *testing.T) {
	states := []kpi.CommentaryState{"", kpi.CommentaryDraft, kpi.CommentarySubmitted, kpi.CommentaryReturned, kpi.CommentaryApproved, kpi.CommentaryWithdrawn}
	ways := map[string]string{ // from state to state: who may, and whether the text may be another
		" draft": "anybody writes", " submitted": "anybody writes",
		"draft draft": "anybody writes", "draft submitted": "anybody writes", "draft withdrawn": "anybody",
		"submitted draft": "anybody writes", "submitted approved": "another", "submitted returned": "another", "submitted withdrawn": "anybody",
		"returned draft": "anybody writes", "returned submitted": "anybody writes", "returned withdrawn": "anybody",
		"approved draft": "anybody writes", "approved submitted": "anybody writes", "approved withdrawn": "anybody",
		"withdrawn draft": "anybody writes", "withdrawn submitted": "anybody writes",
	}
	for _, from := range states {
		for _, to := range states[1:] {
			for _, other := range []bool{false, true} {
				for _, changed := range []bool{false, true} {
					was := &kpi.Commentary{Stamp: kpi.Stamp{ID: 1, Revision: 4}, Indicator: "i", Period: "2026-01", Department: "works", State: from, Lang: kpi.English, Happened: "It rained.", Author: 5, Stands: 2}
					now := *was
					now.State, now.Revision, now.Person, now.Note = to, 5, 5, "Say why."
					if from == "" {
						was, now.Stands, now.Author = nil, 0, 5
					}
					if other {
						now.Person = 6
					}
					if changed {
						now.Happened = "It snowed."
					}
					writes := to == kpi.CommentaryDraft || to == kpi.CommentarySubmitted
					if writes && (changed || was == nil) {
						now.Author = now.Person
					}
					switch to {
					case kpi.CommentaryApproved:
						now.Stands = 5
					case kpi.CommentaryWithdrawn:
						now.Stands = 0
					}
					way := ways[string(from)+" "+string(to)]
					want := way != "" && (!changed || was == nil || strings.HasSuffix(way, "writes")) && (other || way != "another")
					if err := CheckCommentary(was, &now); (err == nil) != want {
						t.Errorf("from %q to %q, by another %t, changed %t: %v", from, to, other, changed, err)
					}
				}
			}
		}
	}
}

func TestCheckCommentaryRefuses(t *testing.T) {
	was := kpi.Commentary{
		Stamp: kpi.Stamp{ID: 1, Revision: 4}, Indicator: "i", Period: "2026-01", Department: "works", State: kpi.CommentarySubmitted, Lang: kpi.English, Happened: "It rained.", Author: 5, Stands: 2,
	}
	for name, c := range map[string]struct {
		change func(*kpi.Commentary)
		code   kpi.Code
	}{
		"as it should be":                          {func(*kpi.Commentary) {}, ""},
		"another indicator":                        {func(c *kpi.Commentary) { c.Indicator = "j" }, kpi.CodeInvalid},
		"another period":                           {func(c *kpi.Commentary) { c.Period = "2026-02" }, kpi.CodeInvalid},
		"another department":                       {func(c *kpi.Commentary) { c.Department = "parks" }, kpi.CodeInvalid},
		"the author approves":                      {func(c *kpi.Commentary) { c.Person = 5 }, kpi.CodeDenied},
		"nobody approves":                          {func(c *kpi.Commentary) { c.Person = 0 }, kpi.CodeDenied},
		"the reviewer takes the text over":         {func(c *kpi.Commentary) { c.Author = 6 }, kpi.CodeInvalid},
		"the reviewer makes it public":             {func(c *kpi.Commentary) { c.Public = true }, kpi.CodeInvalid},
		"another revision stands":                  {func(c *kpi.Commentary) { c.Stands = 4 }, kpi.CodeInvalid},
		"returned without a note":                  {func(c *kpi.Commentary) { c.State, c.Stands, c.Note = kpi.CommentaryReturned, 2, "" }, kpi.CodeInvalid},
		"returned with one":                        {func(c *kpi.Commentary) { c.State, c.Stands, c.Note = kpi.CommentaryReturned, 2, "Say why." }, ""},
		"a state that is none":                     {func(c *kpi.Commentary) { c.State = "lost" }, kpi.CodeConflict},
		"withdrawn, and still standing":            {func(c *kpi.Commentary) { c.State, c.Stands = kpi.CommentaryWithdrawn, 2 }, kpi.CodeInvalid},
		"taken back by the author":                 {func(c *kpi.Commentary) { c.State, c.Stands, c.Person = kpi.CommentaryDraft, 2, 5 }, ""},
		"taken back, and nothing stands any more":  {func(c *kpi.Commentary) { c.State, c.Stands, c.Person = kpi.CommentaryDraft, 0, 5 }, kpi.CodeInvalid},
		"a draft without a word":                   {func(c *kpi.Commentary) { c.State, c.Stands, c.Happened, c.Author = kpi.CommentaryDraft, 2, "", 6 }, kpi.CodeInvalid},
		"a draft in a language that nobody offers": {func(c *kpi.Commentary) { c.State, c.Stands, c.Lang, c.Author = kpi.CommentaryDraft, 2, "de", 6 }, kpi.CodeInvalid},
	} {
		now := was
		now.Revision, now.Person, now.State, now.Stands = 5, 6, kpi.CommentaryApproved, 5
		c.change(&now)
		if err := CheckCommentary(&was, &now); kpi.ErrorCode(err) != c.code {
			t.Errorf("%s: %v, want code %q", name, err, c.code)
		}
	}
}

// TestTurnCommentary goes the long way, and asks of each step what the ledger will ask.
func TestTurnCommentary(t *testing.T) {
	ana, ben := account.By{Person: 5, Name: "ana@city.gov"}, account.By{Person: 6, Name: "ben@city.gov"}
	var was *kpi.Commentary
	typed := kpi.Commentary{Indicator: "i", Period: "2026-01", Department: "works", Miss: true, Lang: kpi.English}
	turn := func(step CommentaryStep, text string, by account.By, note string) kpi.Commentary {
		t.Helper()
		next := typed
		next.Happened, next.Why = text, text
		c, err := TurnCommentary(was, next, step, by, note)
		if err != nil {
			t.Fatal(err)
		}
		c.ID, c.Revision, c.Person = 1, c.Revision+1, by.Person
		if err := CheckCommentary(was, &c); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		was = &c
		return c
	}
	turn(CommentarySave, "One.", ana, "")
	turn(CommentarySend, "One.", ben, "") // sent by somebody else as it is: it stays Ana's text
	if was.Author != 5 || !was.Miss {
		t.Errorf("%+v", was)
	}
	turn(CommentaryReturn, "Something else.", ben, "Say why.")
	if was.Happened != "One." || was.Note != "Say why." {
		t.Errorf("%+v", was)
	}
	turn(CommentarySave, "Two.", ana, "")
	if was.Note != "Say why." {
		t.Error("the note is gone before the text was sent again")
	}
	turn(CommentarySend, "Two.", ana, "")
	turn(CommentaryApprove, "Something else.", ben, "")
	if was.Stands != 6 || was.Note != "" || was.Happened != "Two." {
		t.Errorf("%+v", was)
	}
	turn(CommentarySave, "Three.", ben, "")
	if was.Stands != 6 || was.Author != 6 {
		t.Errorf("%+v", was)
	}
	if _, err := TurnCommentary(was, typed, CommentaryApprove, ana, ""); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("a draft is approved: %v", err)
	}
	turn(CommentaryWithdraw, "", ana, "")
	if was.Stands != 0 || was.Happened != "Three." {
		t.Errorf("%+v", was)
	}
}

func TestCommentaryProblems(t *testing.T) {
	today := kpi.NewDate(2026, time.March, 20)
	full := kpi.Commentary{
		Lang: kpi.Spanish, Miss: true, Happened: "Llovió.", Why: "Hubo tormentas.", Next: "Dos cuadrillas más.", Owner: "engineer", Due: today, Help: "Asfalto.",
	}
	long := strings.Repeat("é", kpi.MaxCommentary+1)
	for name, c := range map[string]struct {
		change      func(*kpi.Commentary)
		saved, sent string
	}{
		"whole":                       {func(*kpi.Commentary) {}, "", ""},
		"as long as may be":           {func(c *kpi.Commentary) { c.Happened = long[:len(long)-2] }, "", ""},
		"without what happened":       {func(c *kpi.Commentary) { c.Happened = "" }, "", "happened empty"},
		"a miss without a why":        {func(c *kpi.Commentary) { c.Why = "" }, "", "why empty"},
		"no miss, without a why":      {func(c *kpi.Commentary) { c.Why, c.Miss = "", false }, "", ""},
		"something to do by nobody":   {func(c *kpi.Commentary) { c.Owner = "" }, "", "owner empty"},
		"something to do some time":   {func(c *kpi.Commentary) { c.Due = kpi.Date{} }, "", "due empty"},
		"something to do in the past": {func(c *kpi.Commentary) { c.Due = today.AddDays(-1) }, "", "due past"},
		"somebody does nothing":       {func(c *kpi.Commentary) { c.Next = "" }, "", "next empty"},
		"nothing to do":               {func(c *kpi.Commentary) { c.Next, c.Owner, c.Due = "", "", kpi.Date{} }, "", ""},
		"too long":                    {func(c *kpi.Commentary) { c.Happened, c.Help = long, long }, "happened long, help long", "happened long, help long"},
		"with spaces around it":       {func(c *kpi.Commentary) { c.Why = " x " }, "why long", "why long"},
		"no language":                 {func(c *kpi.Commentary) { c.Lang = "" }, "lang unknown", "lang unknown"},
		"empty":                       {func(c *kpi.Commentary) { *c = kpi.Commentary{Lang: kpi.English} }, "happened empty", "happened empty"},
		"an owner that is none":       {func(c *kpi.Commentary) { c.Owner = strings.Repeat("x", 65) }, "owner unknown", "owner unknown"},
	} {
		v := full
		c.change(&v)
		for step, want := range map[CommentaryStep]string{CommentarySave: c.saved, CommentarySend: c.sent} {
			var got []string
			for _, p := range CommentaryProblems(&v, step, today) {
				got = append(got, p.Field+" "+p.What)
			}
			if have := strings.Join(got, ", "); have != want {
				t.Errorf("%s, to %s: %q, want %q", name, step, have, want)
			}
		}
	}
	if p, ok := CommentaryProblemsIn(fmt.Errorf("x: %w", CommentaryProblem{"why", "empty"})); !ok || p.Field != "why" {
		t.Error(p, ok)
	}
	if _, ok := CommentaryProblemsIn(errors.New("x")); ok {
		t.Error("an error of the store is none of the text")
	}
}

// TestCommentaryDue counts ten working days from the day on which the number could be known.
func TestCommentaryDue(t *testing.T) {
	cal := kpi.Calendar{Location: time.UTC, FiscalStart: time.January}
	p, err := cal.Parse("2026-02")
	if err != nil {
		t.Fatal(err)
	}
	w := kpi.NewWorkdays(nil, []kpi.Date{kpi.NewDate(2026, time.March, 25)})
	for name, c := range map[string]struct {
		settles   int
		came, due string
	}{
		"settled on a Saturday, nothing came since": {0, "", "2026-03-16"},  // 28 February is a Saturday: counted from the Monday after
		"settled on the Tuesday":                    {10, "", "2026-03-24"}, // 10 March
		"over a holiday":                            {12, "", "2026-03-27"}, // 12 March
		"the data came that day":                    {10, "2026-03-10", "2026-03-24"},
		"the data came late":                        {10, "2026-03-13", "2026-03-30"},
		"the data came on a Sunday":                 {10, "2026-03-15", "2026-03-31"},
	} {
		var came kpi.Date
		if c.came != "" {
			came, _ = kpi.ParseDate(c.came)
		}
		ind := &kpi.Indicator{ID: "i", Dataset: "d", SettlesAfter: c.settles}
		if got := CommentaryDue(ind, p, came, w); got.String() != c.due {
			t.Errorf("%s: %s, want %s", name, got, c.due)
		}
		a := &kpi.Assessment{Status: kpi.Behind, Period: "2026-02"}
		m, err := MissOf(ind, a, cal, w, nil, func(dataset string, from kpi.Date) (kpi.Date, error) {
			if dataset != "d" || from != ind.SettledOn(p) {
				t.Errorf("asked for %s from %s", dataset, from)
			}
			return came, nil
		})
		if err != nil || m == nil || m.Due.String() != c.due {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestMissOf(t *testing.T) {
	cal, w := kpi.Calendar{Location: time.UTC, FiscalStart: time.January}, kpi.NewWorkdays(nil, nil)
	ind := &kpi.Indicator{ID: "i", Dataset: "d"}
	never := func(string, kpi.Date) (kpi.Date, error) { return kpi.Date{}, nil }
	for _, s := range kpi.Statuses {
		m, err := MissOf(ind, &kpi.Assessment{Status: s, Period: "2026-02"}, cal, w, nil, never)
		want := s == kpi.Behind || s == kpi.WellBehind || s == kpi.WrongWay || s == kpi.NoClearChange
		if err != nil || (m != nil) != want {
			t.Errorf("%s: %+v, %v", s, m, err)
		}
	}
	a := &kpi.Assessment{Status: kpi.WrongWay, Period: "2026-02"}
	late := kpi.NewDate(2026, time.June, 1)
	for name, c := range map[string]struct {
		said            []kpi.Commentary
		explained, late bool
	}{
		"nothing":             {nil, false, true},
		"of another number":   {[]kpi.Commentary{{Indicator: "i", Period: "2026-01", State: kpi.CommentaryApproved, Stands: 3}, {Indicator: "j", Period: "2026-02", Stands: 3}}, false, true},
		"a draft":             {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentaryDraft}}, false, true},
		"sent to be reviewed": {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentarySubmitted}}, false, false},
		"returned":            {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentaryReturned}}, false, true},
		"approved":            {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentaryApproved, Stands: 3}}, true, false},
		"taken up again":      {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentaryDraft, Stands: 3}}, true, false},
		"withdrawn":           {[]kpi.Commentary{{Indicator: "i", Period: "2026-02", State: kpi.CommentaryWithdrawn}}, false, true},
	} {
		m, err := MissOf(ind, a, cal, w, c.said, never)
		if err != nil || m.Explained != c.explained || m.Late(late) != c.late || m.Late(m.Due) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
	gone := errors.New("gone")
	if _, err := MissOf(ind, a, cal, w, nil, func(string, kpi.Date) (kpi.Date, error) { return kpi.Date{}, gone }); !errors.Is(err, gone) {
		t.Error(err)
	}
	if _, err := MissOf(ind, &kpi.Assessment{Status: kpi.Behind, Period: "no period"}, cal, w, nil, never); err == nil {
		t.Error("no period has no error")
	}
}

// TestCommentaryDueFar: what a text says will be done is due on a day that somebody here will see, as a commitment is that is made of it.
func TestCommentaryDueFar(t *testing.T) {
	today := kpi.NewDate(2026, 11, 30)
	c := kpi.Commentary{Lang: kpi.English, Happened: "It broke.", Next: "We mend it.", Owner: "parks-head"}
	for due, want := range map[kpi.Date][]CommentaryProblem{
		kpi.NewDate(2036, 11, 30): nil, kpi.NewDate(2036, 12, 1): {{"due", "far"}}, kpi.NewDate(9999, 12, 31): {{"due", "far"}}, kpi.NewDate(2026, 11, 29): {{"due", "past"}},
	} {
		c.Due = due
		if got := CommentaryProblems(&c, CommentarySend, today); !slices.Equal(got, want) {
			t.Errorf("due %s: %v, want %v", due, got, want)
		}
	}
}
