// Package ledgertest makes a ledger in which a city's people have worked for a while, for tests of what shows and changes that. It is a real ledger in a
// directory of the test's own.
package ledgertest

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
)

// OwnDepartment is the department of the people who have a role of one.
const OwnDepartment = "public-works"

// Office is a ledger that people work in, with what else staff pages need of a running program. What a ledger cannot do (recompute, publish, read rows) is done
// in a simple way, in a file of the subject.
type Office struct {
	*ledger.DB
	tb   testing.TB
	city *kpi.City
	now  time.Time
	// say makes a text that somebody typed: an ordinary one, or, of a hostile city, one that tries to break pages.
	say func(string) string
}

// fills are what people have done, in order. Each subject fills its own from a file of its own.
var fills = []func(*Office){
	fillEntries,
	fillPosts,
	fillRounds,
	fillWords,
	fillCommitments,
	fillDecisions,
	fillTerms,
	fillMeetings,
}

// Open returns an empty ledger with somebody of every role, in the order of [account.Roles], and after them one who is disabled: so that ids and addresses are
// those of the small towns of package accounttest. Nobody has a password.
func Open(tb testing.TB, now time.Time) *ledger.DB {
	tb.Helper()
	db, err := ledger.Open(context.Background(), filepath.Join(tb.TempDir(), "ledger.db"))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	by := account.By{Name: "the test"}
	add := func(email, name string, grants ...account.Grant) int64 {
		id, err := db.AddPerson(context.Background(), account.Person{Email: email, Name: name, Grants: grants}, by, now.AddDate(0, -6, 0))
		if err != nil {
			tb.Fatal(err)
		}
		return id
	}
	for _, r := range account.Roles {
		g := account.Grant{Role: r}
		if r.OfDepartment() {
			g.Department = OwnDepartment
		}
		add(string(r)+"@harborview.gov", "Somebody "+string(r), g)
	}
	out := add("former@harborview.gov", "</script><script>alert(1)</script> מיכל "+strings.Repeat("Long", 20))
	disabled := true
	if err := db.ChangePerson(context.Background(), out, account.Change{Disabled: &disabled}, by, now.AddDate(0, -5, 0)); err != nil {
		tb.Fatal(err)
	}
	return db
}

// Filled returns an office in which the people of a city have done everything that can be done, up to now. say changes each text that they typed; nil leaves
// them as they are.
func Filled(tb testing.TB, city *kpi.City, now time.Time, say func(string) string) *Office {
	tb.Helper()
	if say == nil {
		say = func(s string) string { return s }
	}
	o := &Office{DB: Open(tb, now), tb: tb, city: city, now: now, say: say}
	for _, fill := range fills {
		fill(o)
	}
	return o
}

// by is somebody of a role.
func (o *Office) by(r account.Role) account.By {
	p, err := o.PersonByEmail(context.Background(), string(r)+"@harborview.gov")
	if err != nil {
		o.tb.Fatal(err)
	}
	return p.By()
}

// must fails the test on an error.
func (o *Office) must(err error) {
	o.tb.Helper()
	if err != nil {
		o.tb.Fatal(err)
	}
}
