package ledger

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// TestCommitments lets people of a town make a commitment, report, move its date, call it done and close it; and others try what they may not.
func TestCommitments(t *testing.T) {
	db, ctx := fresh(t), t.Context()
	town := city("h1")
	town.TimeZone = "America/Bogota" // 5 hours behind UTC
	record(t, db, town, day)
	now := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC) // 30 November in the city
	today := kpi.NewDate(2026, 11, 30)
	person := func(name string, grants ...account.Grant) account.By {
		t.Helper()
		id, err := db.AddPerson(ctx, account.Person{Email: name + "@city.gov", Name: name, Grants: grants}, account.By{Name: "the test"}, now)
		if err != nil {
			t.Fatal(err)
		}
		return account.By{Person: id, Name: name + "@city.gov"}
	}
	head := person("head", account.Grant{Role: account.DepartmentHead, Department: "parks"})
	other := person("other", account.Grant{Role: account.DepartmentHead, Department: "police"})
	chief := person("chief", account.Grant{Role: account.ChiefOfStaff})
	holder := person("holder", account.Grant{Role: account.Viewer})
	made := kpi.Commitment{
		Text: "Plant forty trees.", Lang: kpi.English, Owner: "tree-keeper", Department: "parks", Indicator: "trees", Made: today, Due: today.AddDays(7), State: kpi.CommitmentOpen,
		Source: "workspace",
	}
	try := func(c kpi.Commitment, by account.By, want kpi.Code) kpi.Commitment {
		t.Helper()
		if err := db.SaveCommitment(ctx, &c, by, now); kpi.ErrorCode(err) != want {
			t.Fatalf("%s saves %+v: %v, want %q", by.Name, c, err, want)
		}
		return c
	}
	turn := func(c kpi.Commitment, step meeting.CommitmentStep, text string, due kpi.Date) kpi.Commitment {
		t.Helper()
		next, err := meeting.TurnCommitment(c, meeting.CommitmentTurn{Step: step, Text: text, Due: due}, "somebody else", today, now)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	try(made, other, kpi.CodeDenied)
	try(made, holder, kpi.CodeDenied)
	tomorrow := made
	tomorrow.Made = today.AddDays(1)
	try(tomorrow, head, kpi.CodeInvalid)
	c := try(made, head, "")
	if c.ID != 1 || c.Revision != 1 {
		t.Fatalf("%+v", c.Stamp)
	}
	report := turn(c, meeting.CommitmentReport, "Ten are there.", kpi.Date{})
	try(report, other, kpi.CodeDenied)
	try(report, holder, kpi.CodeDenied)
	h := kpi.Holding{Post: "tree-keeper", Holder: holder.Person, From: today.AddDays(-1)}
	if err := db.SaveHolding(ctx, &h, chief, now); err != nil {
		t.Fatal(err)
	}
	seen := c
	c = try(report, holder, "") // who holds the post reports, whatever else they may
	try(turn(seen, meeting.CommitmentReport, "Nine are there.", kpi.Date{}), head, kpi.CodeConflict)
	moved := turn(c, meeting.CommitmentMove, "It froze.", today.AddDays(14))
	c = try(moved, head, "")
	if m := c.Moves[0]; m.By != "head@city.gov" || !m.At.Equal(now) || c.FirstDue() != made.Due {
		t.Errorf("moved %+v", m)
	}
	forged := c
	forged.Owner, forged.Note = "other-post", "x"
	try(forged, chief, kpi.CodeInvalid)
	gone := c
	gone.ID = 7
	try(gone, chief, kpi.CodeNotFound)
	forged = turn(c, meeting.CommitmentMove, "It froze again.", today.AddDays(15)) // whose move it is the ledger says, whatever a form does
	forged.Moves[1].Chair = true
	if c = try(forged, head, ""); c.Moves[1].Chair || c.Slips() != 2 || c.Agreed() != made.Due {
		t.Errorf("moved by its owner: %+v, agreed for %s", c.Moves[1], c.Agreed())
	}
	if c = try(turn(c, meeting.CommitmentMove, "The council met late.", today.AddDays(20)), chief, ""); !c.Moves[2].Chair || c.Slips() != 2 || c.Agreed() != c.Due {
		t.Errorf("moved by the chair: %+v, agreed for %s", c.Moves[2], c.Agreed())
	}
	c = try(turn(c, meeting.CommitmentFinish, "", kpi.Date{}), holder, "")
	kept := turn(c, meeting.CommitmentKeep, "", kpi.Date{})
	try(kept, holder, kpi.CodeDenied)
	try(kept, head, kpi.CodeDenied)
	c = try(kept, chief, "")
	c = try(turn(c, meeting.CommitmentReopen, "Five have died.", kpi.Date{}), chief, "")
	c = try(turn(c, meeting.CommitmentShow, "", kpi.Date{}), head, "")
	history, err := db.CommitmentHistory(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	var states string
	for _, r := range history {
		states += fmt.Sprintf("%d %s %s; ", r.Revision, r.State, r.Due)
	}
	if want := "1 open 2026-12-07; 2 open 2026-12-07; 3 open 2026-12-14; 4 open 2026-12-15; 5 open 2026-12-20; 6 done 2026-12-20; 7 kept 2026-12-20; 8 open 2026-12-20; 9 open 2026-12-20; "; states != want {
		t.Errorf("history %s, want %s", states, want)
	}
	entries, err := db.Audit(ctx, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	var trail string
	for _, e := range entries {
		trail += e.Action + " "
	}
	if want := "commitment.show commitment.reopen commitment.keep commitment.finish commitment.move commitment.move commitment.move commitment.report holding.begun commitment.make "; trail != want {
		t.Errorf("trail %s, want %s", trail, want)
	}
	if d := entries[4].Detail; d["agreed"] != "true" {
		t.Errorf("%v", d)
	}
	if d := entries[6].Detail; d["agreed"] != "" || d["due"] != "2026-12-07 → 2026-12-14" || d["reason"] != "It froze." || d["owner"] != "tree-keeper" {
		t.Errorf("%v", d)
	}
	for name, q := range map[string]kpi.PaperQuery{"of the post": {Subject: "tree-keeper"}, "of the department": {Department: "parks"}, "open": {States: []string{"open"}}} {
		if list, err := db.Commitments(ctx, q); err != nil || len(list) != 1 || list[0].Revision != c.Revision {
			t.Errorf("%s: %+v, %v", name, list, err)
		}
	}
	if _, err := db.Commitment(ctx, 2); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("read what is not there: %v", err)
	}
}

// TestCommitmentsBeforeTheFolder: where no folder was read and nobody can sign in, the day is that of UTC, and whoever sits there may do everything.
func TestCommitmentsBeforeTheFolder(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	now := time.Date(2026, 12, 1, 3, 0, 0, 0, time.UTC)
	c := kpi.Commitment{Text: "x", Lang: kpi.French, Owner: "mayor", Made: kpi.NewDate(2026, 12, 1), Due: kpi.NewDate(2026, 12, 1), State: kpi.CommitmentOpen, Public: true}
	if err := db.SaveCommitment(t.Context(), &c, account.By{Name: "this machine"}, now); err != nil {
		t.Fatal(err)
	}
	gone := account.By{Person: 99, Name: "nobody"}
	c.Note = "x"
	if err := db.SaveCommitment(t.Context(), &c, gone, now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("somebody whom nobody knows: %v", err)
	}
}
