package ledger

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

// roundLedger is a ledger with people, by role, and a round that is open.
func roundLedger(t *testing.T) (*DB, map[account.Role]account.By, release.Round, time.Time) {
	t.Helper()
	db := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	record(t, db, city("h1"), now)
	by := map[account.Role]account.By{}
	for _, role := range account.Roles {
		p := account.Person{Email: string(role) + "@city.gov", Name: "Somebody", Grants: []account.Grant{{Role: role}}}
		if role.OfDepartment() {
			p.Grants[0].Department = "streets"
		}
		id, err := db.AddPerson(t.Context(), p, account.By{Name: "the test"}, now)
		if err != nil {
			t.Fatal(err)
		}
		by[role] = account.By{Person: id, Name: p.Email}
	}
	o := release.Opening{
		Name: "October 2026", Period: kpi.Period{ID: "2026-10", Kind: kpi.Month, First: kpi.NewDate(2026, 10, 1), Last: kpi.NewDate(2026, 10, 31)},
		FillBy: kpi.NewDate(2026, 11, 6), CheckBy: kpi.NewDate(2026, 11, 11), ReleaseOn: kpi.NewDate(2026, 11, 13),
	}
	r, err := db.OpenRound(t.Context(), o, []string{"streets", "parks"}, kpi.NewDate(2026, 11, 2), by[account.ChiefOfStaff], now)
	if err != nil || r.ID != 1 || r.Revision != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := db.OpenRound(t.Context(), o, []string{"streets"}, kpi.NewDate(2026, 11, 2), by[account.ChiefOfStaff], now); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Fatalf("a second round is opened: %v", err)
	}
	if _, err := db.OpenRound(t.Context(), o, []string{"streets"}, kpi.NewDate(2026, 11, 2), by[account.Mayor], now); kpi.ErrorCode(err) != kpi.CodeDenied {
		t.Fatalf("the mayor opens a round: %v", err)
	}
	return db, by, r, now
}

// TestRoundsKeepTheRules goes the whole way of a round in the ledger, and tries on the way what must not be.
func TestRoundsKeepTheRules(t *testing.T) {
	db, by, r, now := roundLedger(t)
	ctx := t.Context()
	frozen := &Publication{PublishedAt: now, AsOf: kpi.NewDate(2026, 11, 2), Folder: 1, Body: []byte(`{"city":"x"}`)}
	move := func(revision int, do release.Do, department string, role account.Role, want kpi.Code) {
		t.Helper()
		now = now.Add(time.Hour)
		got, err := db.MoveRound(ctx, r.ID, revision, release.Move{Do: do, Department: department, Note: "words", On: kpi.NewDate(2026, 11, 9)}, by[role], now)
		if code := kpi.ErrorCode(err); code != want && (err != nil || want != "") {
			t.Fatalf("%s of %s by %s: %v, want %q", do, department, role, err, want)
		}
		if err == nil && (got.Revision <= revision || got.Person != by[role].Person) {
			t.Fatalf("%+v", got.Stamp)
		}
	}
	move(1, release.Fill, "parks", account.DepartmentHead, kpi.CodeDenied)
	move(1, release.Fill, "streets", account.DepartmentHead, "")
	move(1, release.Fill, "parks", account.Analyst, "")                       // the analyst saw the round before streets was filled: that is no conflict
	move(1, release.Check, "streets", account.ChiefOfStaff, kpi.CodeConflict) // but this is: it was not filled then
	move(3, release.Check, "parks", account.Analyst, kpi.CodeDenied)          // filled by the analyst
	move(99, release.Check, "parks", account.ChiefOfStaff, kpi.CodeConflict)  // a revision that never was
	move(3, release.Publish, "", account.ChiefOfStaff, kpi.CodeInvalid)       // not without numbers
	move(3, release.Check, "parks", account.ChiefOfStaff, "")
	releaseAt := func(revision int, role account.Role, want kpi.Code) release.Round {
		t.Helper()
		got, err := db.ReleaseRound(ctx, r.ID, revision, release.Move{Note: "words"}, frozen, by[role], now)
		if code := kpi.ErrorCode(err); code != want && (err != nil || want != "") {
			t.Fatalf("released by %s: %v, want %q", role, err, want)
		}
		if _, ok, err := db.Published(ctx); err != nil || ok != (want == "") {
			t.Fatalf("published: %t, %v", ok, err)
		}
		return got
	}
	releaseAt(4, account.ChiefOfStaff, kpi.CodeConflict) // streets is not checked
	move(4, release.Check, "streets", account.ChiefOfStaff, "")
	releaseAt(4, account.ChiefOfStaff, kpi.CodeConflict) // somebody moved it meanwhile
	releaseAt(5, account.Analyst, kpi.CodeDenied)        // who filled a part
	releaseAt(5, account.DepartmentHead, kpi.CodeDenied)
	if got := releaseAt(5, account.ChiefOfStaff, ""); got.Publication != 1 || got.State != release.Released || !got.Filings[0].Late {
		t.Errorf("%+v", got)
	}
	move(6, release.Return, "streets", account.ChiefOfStaff, kpi.CodeConflict)
	history, err := db.RoundHistory(ctx, r.ID)
	if err != nil || len(history) != 6 {
		t.Errorf("%d revisions, %v", len(history), err)
	}
	trail, err := db.Audit(ctx, 0, 6)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, a := range trail {
		said = append(said, strings.TrimSuffix(a.Action+" "+a.Detail["department"], " "))
	}
	if got, want := strings.Join(said, ", "), "round.released, round.checked streets, round.checked parks, round.filled parks, round.filled streets, round.opened"; got != want {
		t.Errorf("the trail says %s", got)
	}
	if _, err := db.MoveRound(ctx, 7, 1, release.Move{Do: release.Stop, Note: "x"}, by[account.ChiefOfStaff], now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("a round that is not there: %v", err)
	}
}

// TestReleaseWithoutNumbersOfItsOwn: where every load is published a release notes the newest publication.
func TestReleaseWithoutNumbersOfItsOwn(t *testing.T) {
	db, by, r, now := roundLedger(t)
	for i, body := range []string{`{"n":1}`, `{"n":2}`} {
		if n, err := db.Publish(t.Context(), Publication{PublishedAt: now, AsOf: kpi.NewDate(2026, 11, 2), Folder: 1, Body: []byte(body)}); err != nil || n != int64(i+1) {
			t.Fatal(n, err)
		}
	}
	for i, d := range []string{"streets", "parks"} {
		if _, err := db.MoveRound(t.Context(), r.ID, i+1, release.Move{Do: release.Excuse, Department: d, Note: "Nobody was there."}, by[account.ChiefOfStaff], now); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ReleaseRound(t.Context(), r.ID, 3, release.Move{}, nil, by[account.ChiefOfStaff], now); kpi.ErrorCode(err) != kpi.CodeDenied {
		t.Errorf("released by one person alone: %v", err)
	}
	if got, err := db.ReleaseRound(t.Context(), r.ID, 3, release.Move{}, nil, by[account.Mayor], now); err != nil || got.Publication != 2 {
		t.Errorf("%+v, %v", got, err)
	}
}
