package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/evidence"
	"citystat/kpi/evidence/evidencetest"
	"citystat/kpi/meeting"
)

// TestEvidence adds files to a commitment as everybody who may, and tries as those who may not; and withdraws them.
func TestEvidence(t *testing.T) {
	db, ctx := fresh(t), t.Context()
	record(t, db, city("h1"), day)
	now := day.Add(time.Hour)
	person := func(name string, grants ...account.Grant) account.By {
		return account.By{Person: add(t, db, name+"@city.gov", grants...), Name: name + "@city.gov"}
	}
	head := person("head", account.Grant{Role: account.DepartmentHead, Department: "parks"})
	staff := person("staff", account.Grant{Role: account.DepartmentStaff, Department: "parks"})
	other := person("other", account.Grant{Role: account.DepartmentHead, Department: "police"})
	chief := person("chief", account.Grant{Role: account.ChiefOfStaff})
	c := kpi.Commitment{Text: "Plant forty trees.", Lang: kpi.English, Owner: "tree-keeper", Department: "parks", Made: kpi.DateOf(now), Due: kpi.DateOf(now).AddDays(9), State: kpi.CommitmentOpen}
	if err := db.SaveCommitment(ctx, &c, head, now); err != nil {
		t.Fatal(err)
	}
	put := func(name string, data []byte, by account.By, want any) kpi.Evidence {
		t.Helper()
		e := kpi.Evidence{Commitment: 1, Name: name, Shows: "The trees of the quay.", Lang: kpi.English}
		err := db.AddEvidence(ctx, &e, data, by, now)
		var p evidence.Problem
		switch {
		case errors.As(err, &p):
			if any(p) != want || kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
		case any(kpi.ErrorCode(err)) != want:
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		return e
	}
	const fine = kpi.Code("")
	photo := evidencetest.Photo(64, 48, 6)
	put("a.jpg", photo, other, kpi.CodeDenied)
	e := put("quay.JPG", photo, staff, fine)
	if e.ID != 1 || e.Name != "quay.jpg" || e.Type != evidence.JPEG || e.Width != 48 || e.Height != 64 || e.Person != staff.Person {
		t.Errorf("%+v", e)
	}
	put("again.jpg", photo, head, evidence.Twice)
	put("drawing.png", []byte("<svg/>"), head, evidence.Kind)
	put("list.csv", []byte("a,b\n1,2\n"), head, fine)
	got, body, err := db.EvidenceFile(ctx, 1, 1)
	if err != nil || got != e || int64(len(body)) != e.Size {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, q := range [][2]int64{{1, 3}, {2, 1}, {0, 0}} {
		if _, _, err := db.EvidenceFile(ctx, q[0], q[1]); kpi.ErrorCode(err) != kpi.CodeNotFound {
			t.Errorf("evidence %d of %d: %v", q[1], q[0], err)
		}
	}
	for name, words := range map[string]string{"nothing": "", "spaces": " x ", "too long": strings.Repeat("é", evidence.MaxShows+1)} {
		w := kpi.Evidence{Commitment: 1, Name: "b.txt", Shows: words, Lang: kpi.English}
		if err := db.AddEvidence(ctx, &w, []byte("b"), head, now); !errors.Is(err, evidence.NoWords) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := db.AddEvidence(ctx, &kpi.Evidence{Commitment: 9, Name: "b.txt", Shows: "x"}, []byte("b"), chief, now); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("to no commitment: %v", err)
	}
	// Nothing that stood beside the points of the photo is in the file of the ledger, nor in its log.
	for _, name := range []string{db.path, db.path + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, mark := range append(evidencetest.Marks, string(evidencetest.Coordinates)) {
			if bytes.Contains(b, []byte(mark)) {
				t.Errorf("%s holds %q of the photo", name, mark)
			}
		}
	}

	withdraw := func(id int64, reason string, by account.By, want any) {
		t.Helper()
		err := db.WithdrawEvidence(ctx, 1, id, reason, by, now)
		var p evidence.Problem
		if errors.As(err, &p) && any(p) != want || !errors.As(err, &p) && any(kpi.ErrorCode(err)) != want {
			t.Errorf("%s withdraws %d: %v, want %v", by.Name, id, err, want)
		}
	}
	withdraw(1, "", staff, evidence.NoReason)
	withdraw(1, "Somebody is in it.", head, kpi.CodeDenied) // who did not add it
	withdraw(1, "Somebody is in it.", other, kpi.CodeDenied)
	withdraw(7, "Somebody is in it.", chief, kpi.CodeNotFound)
	held := func() bool { // whether bytes of the file are in that of the ledger, or in its log
		for _, name := range []string{db.path, db.path + "-wal"} {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, body[len(body)/2:len(body)/2+64]) {
				return true
			}
		}
		return false
	}
	if !held() {
		t.Fatal("the bytes of the file are nowhere: the test shows nothing")
	}
	withdraw(1, "Somebody is in it.", staff, fine)
	withdraw(1, "Somebody is in it.", chief, kpi.CodeConflict)
	if _, _, err := db.EvidenceFile(ctx, 1, 1); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("what was withdrawn is still there: %v", err)
	}
	if held() {
		t.Error("the ledger still holds bytes of what was withdrawn")
	}
	put("quay.jpg", photo, head, fine) // the number of what was withdrawn stays taken
	done, err := meeting.TurnCommitment(c, meeting.CommitmentTurn{Step: meeting.CommitmentKeep}, chief.Name, kpi.DateOf(now), now)
	if err == nil {
		err = db.SaveCommitment(ctx, &done, chief, now)
	}
	if err != nil {
		t.Fatal(err)
	}
	put("late.txt", []byte("late"), chief, kpi.CodeDenied)
	withdraw(3, "Too late.", head, kpi.CodeDenied) // it was closed by it
	withdraw(3, "Somebody is in it.", chief, fine)
	if counts, err := db.EvidenceCounts(ctx); err != nil || len(counts) != 1 || counts[1] != 1 {
		t.Errorf("%v, %v", counts, err)
	}
	list, err := db.Evidence(ctx, 1)
	if err != nil || len(list) != 3 || list[0].Gone == nil || list[0].Gone.Reason != "Somebody is in it." || list[0].Gone.Person != staff.Person || list[1].Gone != nil || list[2].ID != 3 {
		b, _ := json.Marshal(list)
		t.Errorf("%s, %v", b, err)
	}
	entries, err := db.Audit(ctx, 0, 7)
	if err != nil {
		t.Fatal(err)
	}
	var trail string
	for _, e := range entries {
		trail += e.Action + " "
	}
	if want := "evidence.withdrawn commitment.keep evidence.added evidence.withdrawn evidence.added evidence.added commitment.make "; trail != want {
		t.Errorf("trail %s, want %s", trail, want)
	}
	if d := entries[3].Detail; entries[3].Subject != "commitment 1" || d["evidence"] != "1" || d["file"] != "quay.jpg" || d["reason"] != "Somebody is in it." || d["sha256"] != e.SHA256 {
		t.Errorf("%+v", entries[3])
	}
}

// TestEvidenceHasABound adds as many files as may be, and one more.
func TestEvidenceHasABound(t *testing.T) {
	db, ctx, me := fresh(t), t.Context(), account.By{Name: "this machine"}
	c := kpi.Commitment{Text: "x", Lang: kpi.English, Owner: "mayor", Made: kpi.DateOf(day), Due: kpi.DateOf(day), State: kpi.CommitmentOpen}
	if err := db.SaveCommitment(ctx, &c, me, day); err != nil {
		t.Fatal(err)
	}
	try := func(n int) error {
		return db.AddEvidence(ctx, &kpi.Evidence{Commitment: 1, Name: "a.txt", Shows: "x", Lang: kpi.English}, []byte{byte('A' + n)}, me, day)
	}
	for n := range evidence.MaxFiles {
		if err := try(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := try(30); !errors.Is(err, evidence.Many) {
		t.Errorf("one more: %v", err)
	}
	if err := db.WithdrawEvidence(ctx, 1, 4, "x", me, day); err != nil {
		t.Fatal(err)
	}
	if err := try(30); err != nil {
		t.Errorf("in the place of one that was withdrawn: %v", err)
	}
	if n, wrong, err := db.CheckEvidence(ctx); err != nil || n != 21 || len(wrong) > 0 {
		t.Errorf("%d files, %v, %v", n, wrong, err)
	}
	// Nobody changes or deletes anything past the rules, and whoever does it to the file itself is found out.
	for _, s := range []string{
		"UPDATE evidence SET file = 'b.txt'", "DELETE FROM evidence", "UPDATE evidence_bytes SET body = x'41' WHERE evidence = 1", "DELETE FROM evidence_bytes WHERE evidence = 1",
		"INSERT INTO evidence_bytes VALUES (4, x'41')", "DELETE FROM evidence_end", "UPDATE evidence_end SET reason = 'y'", "INSERT OR REPLACE INTO evidence_bytes VALUES (1, x'42')",
	} {
		if _, err := db.write.ExecContext(ctx, s); err == nil {
			t.Errorf("%s is possible", s)
		}
	}
	for _, s := range []string{
		"DROP TRIGGER evidence_bytes_are_frozen", "DROP TRIGGER evidence_bytes_stay", "DROP TRIGGER evidence_bytes_come_once", "UPDATE evidence_bytes SET body = x'00' WHERE evidence = 1",
		"DELETE FROM evidence_bytes WHERE evidence = 2", "INSERT INTO evidence_bytes VALUES (4, x'41')",
	} {
		if _, err := db.write.ExecContext(ctx, s); err != nil {
			t.Fatal(err)
		}
	}
	_, wrong, err := db.CheckEvidence(ctx)
	if err != nil || len(wrong) != 3 || !strings.HasPrefix(wrong[0], "evidence 1: ") || !strings.HasPrefix(wrong[1], "evidence 2: ") || !strings.Contains(wrong[2], "evidence 4 was withdrawn") {
		t.Errorf("%v, %v", wrong, err)
	}
	if _, _, err := db.EvidenceFile(ctx, 1, 1); kpi.ErrorCode(err) != kpi.CodeInternal {
		t.Errorf("other bytes: %v", err)
	}
}
