package ledger

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
	"citystat/kpi/account"
)

var console = account.By{Name: "command line"}

// add adds somebody.
func add(t *testing.T, db *DB, email string, grants ...account.Grant) int64 {
	t.Helper()
	id, err := db.AddPerson(t.Context(), account.Person{Email: email, Name: strings.ToUpper(strings.TrimSpace(email)[:1]), Grants: grants}, console, day)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// code fails the test unless an error has the code.
func code(t *testing.T, what string, err error, want kpi.Code) {
	t.Helper()
	if kpi.ErrorCode(err) != want {
		t.Errorf("%s: %v, want %s", what, err, want)
	}
}

func TestPeople(t *testing.T) {
	db := fresh(t)
	ctx := t.Context()
	ana := add(t, db, " Ana@City.gov ", account.Grant{Role: account.Administrator})
	ben := add(t, db, "ben@city.gov", account.Grant{Role: account.DepartmentHead, Department: "parks"}, account.Grant{Role: account.Analyst})
	_, err := db.AddPerson(ctx, account.Person{Email: "ANA@city.gov", Name: "Another"}, console, day)
	code(t, "the same address twice", err, kpi.CodeConflict)
	for _, p := range []account.Person{{Email: "x", Name: "X"}, {Email: "x@y.z"}, {Email: "x@y.z", Name: "X", Grants: []account.Grant{{Role: "king"}}}} {
		_, err := db.AddPerson(ctx, p, console, day)
		code(t, fmt.Sprintf("%+v", p), err, kpi.CodeInvalid)
	}
	people, err := db.People(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want := []account.Person{
		{ID: ana, Email: "ana@city.gov", Name: "A", Grants: []account.Grant{{Role: account.Administrator}}, Created: day},
		{ID: ben, Email: "ben@city.gov", Name: "B", Grants: []account.Grant{{Role: account.Analyst}, {Role: account.DepartmentHead, Department: "parks"}}, Created: day},
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	one, err := db.PersonByEmail(ctx, "BEN@city.gov")
	if err != nil || one.ID != ben {
		t.Errorf("%+v, %v", one, err)
	}
	_, err = db.Person(ctx, 99)
	code(t, "nobody", err, kpi.CodeNotFound)
}

func TestChangesOfPeople(t *testing.T) {
	db := fresh(t)
	ctx := t.Context()
	ana, ben := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator}), add(t, db, "ben@city.gov")
	yes, no, name := true, false, "Benedita"
	none, analyst := []account.Grant{}, []account.Grant{{Role: account.Analyst}}
	by := account.By{Person: ana, Name: "ana@city.gov"}
	code(t, "the last administrator disabled", db.ChangePerson(ctx, ana, account.Change{Disabled: &yes}, by, day), kpi.CodeConflict)
	code(t, "the last administrator without the role", db.ChangePerson(ctx, ana, account.Change{Grants: &none}, by, day), kpi.CodeConflict)
	code(t, "nobody", db.ChangePerson(ctx, 99, account.Change{Name: &name}, by, day), kpi.CodeNotFound)
	entries, _, _, err := db.VerifyAudit(ctx)
	if err != nil || entries != 2 {
		t.Errorf("what was refused left a trace: %d entries, %v", entries, err)
	}
	if err := db.ChangePerson(ctx, ben, account.Change{Name: &name, Grants: &analyst}, by, day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := db.ChangePerson(ctx, ben, account.Change{Name: &name, Grants: &analyst, Disabled: &no}, by, day); err != nil { // nothing is different
		t.Fatal(err)
	}
	trail, err := db.Audit(ctx, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []account.Audited{{Seq: 3, At: day.Add(time.Hour), Person: ana, Name: "ana@city.gov", Action: "person.changed", Subject: "person 2",
		Detail: map[string]string{"name": "B → Benedita", "roles": " → analyst"}, Hash: trail[0].Hash}}
	if diff := cmp.Diff(want, trail); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAuditTrailShowsWhatWasChanged changes the file behind the program's back, in every way.
func TestAuditTrailShowsWhatWasChanged(t *testing.T) {
	for name, sql := range map[string]string{
		"a name":        `UPDATE audit SET name = 'somebody else' WHERE seq = 2`,
		"a time":        `UPDATE audit SET at = at + 1 WHERE seq = 2`,
		"a detail":      `UPDATE audit SET detail = '{"roles":"mayor"}' WHERE seq = 2`,
		"who":           `UPDATE audit SET person = NULL WHERE seq = 4`,
		"one taken out": `DELETE FROM audit WHERE seq = 2`,
		"the first":     `DELETE FROM audit WHERE seq = 1`,
		"moved":         `UPDATE audit SET seq = 9 WHERE seq = 4`,
	} {
		t.Run(name, func(t *testing.T) {
			db := fresh(t)
			id := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
			add(t, db, "ben@city.gov")
			for range 2 {
				if err := db.Note(t.Context(), account.By{Person: id, Name: "ana@city.gov"}, day, "tried", "this", map[string]string{"b": "2", "a": "1"}); err != nil {
					t.Fatal(err)
				}
			}
			entries, last, wrong, err := db.VerifyAudit(t.Context())
			if err != nil || entries != 4 || wrong != "" || len(last) != 32 {
				t.Fatalf("%d %x %q %v", entries, last, wrong, err)
			}
			if _, err := db.write.Exec(sql); err == nil {
				t.Error("the trail can be changed")
			}
			if _, err := db.write.Exec(`DROP TRIGGER audit_is_frozen; DROP TRIGGER audit_stays; ` + sql); err != nil {
				t.Fatal(err)
			}
			if _, _, wrong, err := db.VerifyAudit(t.Context()); err != nil || wrong == "" {
				t.Errorf("not seen: %q, %v", wrong, err)
			}
		})
	}
}

func TestAuditPages(t *testing.T) {
	db := fresh(t)
	for i := range 7 {
		if err := db.Note(t.Context(), console, day.Add(-time.Duration(i)*time.Hour), "tried", "this", nil); err != nil { // a clock that goes back
			t.Fatal(err)
		}
	}
	var seqs []int64
	for before := int64(0); ; {
		page, err := db.Audit(t.Context(), before, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, a := range page {
			seqs = append(seqs, a.Seq)
			before = a.Seq
			if !a.At.Equal(day) {
				t.Errorf("%d is at %s", a.Seq, a.At)
			}
		}
	}
	if diff := cmp.Diff([]int64{7, 6, 5, 4, 3, 2, 1}, seqs); diff != "" {
		t.Error(diff)
	}
	code(t, "nobody does this", db.Note(t.Context(), account.By{}, day, "tried", "this", nil), kpi.CodeInvalid)
}

func TestLinks(t *testing.T) {
	db := fresh(t)
	ctx := t.Context()
	id := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	first, err := db.NewLink(ctx, id, console, day, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.NewLink(ctx, id, console, day, time.Hour)
	if err != nil || first == second || len(second) < 43 {
		t.Fatal(first, second, err)
	}
	_, err = db.LinkOf(ctx, first, day)
	code(t, "a link before the newest", err, kpi.CodeNotFound)
	_, err = db.LinkOf(ctx, second, day.Add(time.Hour))
	code(t, "one that has expired", err, kpi.CodeNotFound)
	_, err = db.LinkOf(ctx, "", day)
	code(t, "none", err, kpi.CodeNotFound)
	if p, err := db.LinkOf(ctx, second, day.Add(59*time.Minute)); err != nil || p.ID != id {
		t.Fatal(p, err)
	}
	var used sync.WaitGroup
	results := make(chan error, 8)
	for range 8 {
		used.Go(func() {
			_, err := db.UseLink(ctx, second, "hash", day.Add(time.Minute))
			results <- err
		})
	}
	used.Wait()
	close(results)
	worked := 0
	for err := range results {
		if err == nil {
			worked++
			continue
		}
		code(t, "used twice", err, kpi.CodeNotFound)
	}
	if worked != 1 {
		t.Errorf("the link was used %d times", worked)
	}
	c, ok, err := db.Credentials(ctx, "ana@city.gov")
	if err != nil || !ok || c != (account.Credentials{Person: id, Password: "hash"}) {
		t.Errorf("%+v %t %v", c, ok, err)
	}
	if _, ok, err := db.Credentials(ctx, "nobody@city.gov"); ok || err != nil {
		t.Error(ok, err)
	}
}

func TestDisabledPeopleAreOut(t *testing.T) {
	db := fresh(t)
	ctx := t.Context()
	add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	ben := add(t, db, "ben@city.gov", account.Grant{Role: account.Viewer})
	link, err := db.NewLink(ctx, ben, console, day, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	epoch, err := db.SignedIn(ctx, ben, "password", day)
	if err != nil {
		t.Fatal(err)
	}
	if p, ok, err := db.Session(ctx, ben, epoch); err != nil || !ok || !p.Has(account.Viewer) {
		t.Fatal(p, ok, err)
	}
	yes, no := true, false
	if err := db.ChangePerson(ctx, ben, account.Change{Disabled: &yes}, console, day); err != nil {
		t.Fatal(err)
	}
	_, err = db.LinkOf(ctx, link, day)
	code(t, "the link of somebody disabled", err, kpi.CodeNotFound)
	_, err = db.NewLink(ctx, ben, console, day, time.Hour)
	code(t, "a new one", err, kpi.CodeConflict)
	_, err = db.SignedIn(ctx, ben, "password", day)
	code(t, "a sign-in", err, kpi.CodeDenied)
	if err := db.ChangePerson(ctx, ben, account.Change{Disabled: &no}, console, day); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := db.Session(ctx, ben, epoch); ok || err != nil {
		t.Errorf("the session came back with the account: %t, %v", ok, err)
	}
	if _, ok, err := db.Session(ctx, 99, 1); ok || err != nil {
		t.Errorf("a session of nobody: %t, %v", ok, err)
	}
	if epoch, err = db.SignedIn(ctx, ben, "password", day); err != nil {
		t.Fatal(err)
	}
	if err := db.SignOut(ctx, ben, account.By{Person: ben, Name: "ben@city.gov"}, day); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := db.Session(ctx, ben, epoch); ok || err != nil {
		t.Errorf("signed out everywhere, and still in: %t, %v", ok, err)
	}
}

func TestIdentities(t *testing.T) {
	db := fresh(t)
	ctx := t.Context()
	ana := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	add(t, db, "ben@city.gov")
	const issuer = "https://login.city.gov"
	_, err := db.Identify(ctx, issuer, "u1", "ana@city.gov", false, day)
	code(t, "an address that nobody verified", err, kpi.CodeDenied)
	_, err = db.Identify(ctx, issuer, "u1", "carl@city.gov", true, day)
	code(t, "a stranger", err, kpi.CodeDenied)
	_, err = db.Identify(ctx, issuer, "u1", "", true, day)
	code(t, "without an address", err, kpi.CodeDenied)
	for _, email := range []string{"Ana@City.gov", "ana.maria@city.gov", "ben@city.gov"} { // the address may change, the identity does not
		p, err := db.Identify(ctx, issuer, "u1", email, true, day)
		if err != nil || p.ID != ana {
			t.Errorf("%s: %+v, %v", email, p, err)
		}
	}
	if p, err := db.Identify(ctx, "https://elsewhere.gov", "u1", "ben@city.gov", true, day); err != nil || p.ID == ana {
		t.Errorf("the same subject of another issuer is %+v, %v", p, err)
	}
}

func TestSessions(t *testing.T) {
	db := fresh(t)
	now := day
	s := db.Sessions(func() time.Time { return now })
	const token = "a-token-that-must-not-be-in-the-file"
	for _, data := range []string{"first", "second"} {
		if err := s.Commit(token, []byte(data), now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if data, ok, err := s.Find(token); err != nil || !ok || string(data) != "second" {
		t.Fatal(data, ok, err)
	}
	var kept []byte
	if err := db.read.QueryRow(`SELECT hash FROM session`).Scan(&kept); err != nil || bytes.Contains(kept, []byte(token)) {
		t.Error("the token is kept", err)
	}
	now = now.Add(time.Hour)
	if _, ok, err := s.Find(token); ok || err != nil {
		t.Error("an hour later it is still there", err)
	}
	if err := s.Commit("other", []byte("x"), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.read.QueryRow(`SELECT count(*) FROM session`).Scan(&n); err != nil || n != 1 {
		t.Errorf("%d sessions are kept, %v", n, err)
	}
	if err := s.Delete("other"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Find("other"); ok || err != nil {
		t.Error("it was ended, and is there", err)
	}
}

// TestNothingIsHalfDone ends a context in the middle: either both the change and its entry are there, or neither.
func TestNothingIsHalfDone(t *testing.T) {
	db := fresh(t)
	id := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	for i := range 40 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*20*time.Microsecond)
		name := fmt.Sprintf("Ana %d", i)
		err := db.ChangePerson(ctx, id, account.Change{Name: &name}, console, day)
		cancel()
		p, e := db.Person(t.Context(), id)
		trail, e2 := db.Audit(t.Context(), 0, 1)
		if e != nil || e2 != nil {
			t.Fatal(e, e2)
		}
		if told := strings.HasSuffix(trail[0].Detail["name"], "→ "+name); told != (p.Name == name) || err == nil && !told {
			t.Errorf("%d: the name is %q, the trail says %v, the call %v", i, p.Name, trail[0].Detail, err)
		}
	}
}
