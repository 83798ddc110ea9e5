package ledger

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Children of this test binary: the variable of the environment that makes it one, and what it then does with the ledger at the path in it until it is killed.
var children = map[string]func(path string){
	"CITYSTAT_TEST_LEDGER":   writeForever,
	"CITYSTAT_TEST_FEEDBACK": writeFeedback,
	"CITYSTAT_TEST_OFFICE":   officeWorks,
}

func TestMain(m *testing.M) {
	for variable, work := range children {
		if path := os.Getenv(variable); path != "" {
			work(path)
		}
	}
	os.Exit(m.Run())
}

// killed starts a child and kills it with signal 9 once enough says so of a line that it has printed. Everything that it printed before it died is heard.
func killed(t *testing.T, variable, path string, enough func(line string) bool) {
	t.Helper()
	killedAfter(t, variable, path, -1, enough)
}

// killedAfter is killed, by the clock instead if it is not below zero: a child may die before it has said anything.
func killedAfter(t *testing.T, variable, path string, wait time.Duration, enough func(line string) bool) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), variable+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() {
		if err := child.Process.Kill(); err != nil {
			t.Error(err)
		}
	})
	if wait >= 0 {
		defer time.AfterFunc(wait, kill).Stop()
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if enough(lines.Text()) && wait < 0 {
			kill()
		}
	}
	kill()
	if err := child.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child was not killed: %v", err)
	}
}

// officeWorks is what the child of TestKillNineOfAnOffice does: many people type at a time. It prints a line once a write was acknowledged.
func officeWorks(path string) {
	ctx := context.Background()
	must := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	db, err := Open(ctx, path)
	must(err)
	var seat int64 // of this life of the office
	must(db.read.QueryRow(`SELECT count(*) FROM person`).Scan(&seat))
	by := account.By{Name: "the office"}
	forever := func(what func(n int)) {
		go func() {
			for n := 0; ; n++ {
				what(n)
			}
		}()
	}
	for _, kind := range []paperKind{paperCommentary, paperCommitment, paperContest} {
		var c kpi.Commentary
		forever(func(n int) {
			if n%7 == 0 {
				c = kpi.Commentary{Indicator: "trees"}
			}
			c.Happened = fmt.Sprintf("%d-%d", seat, n)
			must(save(ctx, db, paper{kind: kind, state: "draft", subject: "trees", action: "test.saved"}, &c.Stamp, &c, by, time.Now(), nil))
			fmt.Println("paper", kind, c.ID, c.Revision, c.Happened)
		})
	}
	forever(func(n int) {
		b := kpi.EntryBatch{Dataset: "trees", Note: fmt.Sprintf("%d-%d", seat, n), Rows: []kpi.EntryRow{{Line: 1, Fields: map[string]string{"n": strconv.Itoa(n)}}}}
		must(save(ctx, db, paper{kind: paperEntry, state: "entered", subject: "trees", action: "test.entered"}, &b.Stamp, &b, by, time.Now(), nil))
		fmt.Println("paper", paperEntry, b.ID, b.Revision, b.Note)
	})
	forever(func(n int) {
		reference, err := db.SubmitFeedback(ctx, letter(n))
		must(err)
		fmt.Println("feedback", reference)
	})
	forever(func(n int) {
		email := fmt.Sprintf("p%d-%d@city.gov", seat, n)
		id, err := db.AddPerson(ctx, account.Person{Email: email, Name: "Somebody"}, by, time.Now())
		must(err)
		fmt.Println("person", id, email)
		secret, err := db.NewLink(ctx, id, by, time.Now(), time.Hour)
		must(err)
		_, err = db.UseLink(ctx, secret, "hash of "+email, time.Now())
		must(err)
		fmt.Println("password", id, "hash of "+email)
	})
	sessions := db.Sessions(time.Now)
	forever(func(n int) {
		token := fmt.Sprintf("%d-%d", seat, n)
		must(sessions.CommitCtx(ctx, token, []byte("of "+token), time.Now().Add(time.Hour)))
		if n%3 > 0 {
			fmt.Println("session", token)
			return
		}
		must(sessions.DeleteCtx(ctx, token)) // it may be gone before anybody was told so
		fmt.Println("ended", token)
	})
	forever(func(n int) {
		number, err := db.Publish(ctx, Publication{PublishedAt: time.Now(), AsOf: kpi.DateOf(day), Folder: 1, Body: []byte(fmt.Sprintf("%d-%d", seat, n))})
		must(err)
		fmt.Println("publication", number, fmt.Sprintf("%d-%d", seat, n))
	})
	select {}
}

// acknowledged is what an office was told that it is kept: the newest value by what it is.
type acknowledged map[string]string

// hear notes a line of the office.
func (a acknowledged) hear(line string) {
	f := strings.SplitN(line, " ", 3)
	switch f[0] {
	case "paper": // every revision stays
		p := strings.Fields(line)
		a["paper "+p[1]+" "+p[2]+" "+p[3]] = p[4]
	case "feedback", "session":
		a[f[0]+" "+f[1]] = "there"
	case "ended":
		a["session "+f[1]] = "gone"
	default:
		a[f[0]+" "+f[1]] = f[2]
	}
}

// kept reads all of it from a ledger, whose own checks find nothing wrong.
func kept(t *testing.T, path string) acknowledged {
	t.Helper()
	ctx := t.Context()
	db, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if wrong, err := db.Integrity(ctx); err != nil || len(wrong) > 0 {
		t.Fatalf("integrity: %v, %v", wrong, err)
	}
	if _, _, wrong, err := db.VerifyAudit(ctx); err != nil || wrong != "" {
		t.Fatalf("audit: %s, %v", wrong, err)
	}
	var gaps int
	err = db.read.QueryRow(`SELECT count(*) FROM (SELECT 1 FROM paper GROUP BY kind, id HAVING count(*) <> max(revision))`).Scan(&gaps)
	if err != nil || gaps > 0 {
		t.Fatalf("%d papers lack a revision, %v", gaps, err)
	}
	var papers, entries int
	err = db.read.QueryRow(`SELECT (SELECT count(*) FROM paper), (SELECT count(*) FROM audit WHERE action LIKE 'test.%')`).Scan(&papers, &entries)
	if err != nil || papers != entries {
		t.Fatalf("%d revisions and %d entries in the trail, %v", papers, entries, err)
	}
	a := acknowledged{}
	for _, query := range []string{
		`SELECT 'paper ' || kind || ' ' || id || ' ' || revision, coalesce(body ->> 'happened', body ->> 'note') FROM paper`,
		`SELECT 'feedback ' || reference, 'there' FROM feedback`,
		`SELECT 'person ' || id, email FROM person`,
		`SELECT 'password ' || id, password FROM person WHERE password <> ''`,
		`SELECT 'session ' || hex(hash), 'there' FROM session`,
	} {
		eachRow(t, db.read, query, func(scan scanFunc) error {
			var what, is string
			err := scan(&what, &is)
			a[what] = is
			return err
		})
	}
	eachRow(t, db.read, `SELECT number, body FROM publication`, func(scan scanFunc) error {
		var number int64
		var packed []byte
		if err := scan(&number, &packed); err != nil {
			return err
		}
		body, err := decompress(packed)
		a[fmt.Sprintf("publication %d", number)] = string(body)
		return err
	})
	return a
}

// missing returns what was acknowledged and is not kept.
func (a acknowledged) missing(kept acknowledged) (list []string) {
	for what, is := range a {
		if token, ok := strings.CutPrefix(what, "session "); ok {
			what = "session " + strings.ToUpper(hex.EncodeToString(hashOf(token)))
		}
		got, ok := kept[what]
		switch {
		case is == "gone" && !ok, is == got:
		default:
			list = append(list, fmt.Sprintf("%s: acknowledged was %q, kept is %q", what, is, got))
		}
	}
	return list
}

// killAnOffice kills an office n times, and says how much it had been told. Between the acknowledgements another process copies the ledger now and then.
func killAnOffice(t *testing.T, n int) {
	dir := t.TempDir()
	path := filepath.Join(dir, "ledger.db")
	db := open(t, path)
	record(t, db, city("h1"), day)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(6, uint64(n)))
	told := acknowledged{}
	copies, early := 0, 0
	for round := range n {
		wait, until, heard := time.Duration(-1), 2+random.IntN(300), 0
		if round%8 == 7 {
			wait = time.Duration(random.IntN(40)) * time.Millisecond
			early++
		}
		killedAfter(t, "CITYSTAT_TEST_OFFICE", path, wait, func(line string) bool {
			told.hear(line)
			heard++
			if round%4 == 1 && heard == until/2 && wait < 0 {
				copies++
				copyHolds(t, path, filepath.Join(dir, "copy.db"), told)
			}
			return heard == until
		})
		if list := told.missing(kept(t, path)); len(list) > 0 {
			t.Fatalf("after kill %d %d acknowledged writes are lost:\n%s", round+1, len(list), strings.Join(list[:min(len(list), 5)], "\n"))
		}
	}
	t.Logf("%d kills (%d of them by the clock), %d acknowledged writes, none lost; %d copies while the office worked, each with all that was acknowledged before it", n, early, len(told), copies)
	if len(told) < 5*n {
		t.Errorf("only %d writes were acknowledged", len(told))
	}
}

// copyHolds copies the ledger of an office that works: all that it was told before is in the copy. Sessions may have ended since.
func copyHolds(t *testing.T, path, to string, told acknowledged) {
	t.Helper()
	before := maps.Clone(told)
	maps.DeleteFunc(before, func(what, _ string) bool { return strings.HasPrefix(what, "session ") })
	if err := Copy(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(to); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode of a copy: %v, %v", st.Mode(), err)
	}
	f, err := Look(t.Context(), to)
	if err != nil || f.Schema != newestSchema(t) || f.City != "springfield" || f.Entries == 0 || len(f.Head) != 64 {
		t.Errorf("%+v, %v", f, err)
	}
	if list := before.missing(kept(t, to)); len(list) > 0 {
		t.Errorf("a copy lacks %d writes that were acknowledged before it, such as %s", len(list), list[0])
	}
	if err := os.Remove(to); err != nil {
		t.Fatal(err)
	}
}

// TestKillNineOfAnOffice kills a program in which many people type at a time: papers, letters, accounts, passwords, sessions, publications. Whatever was
// acknowledged is there afterwards; the tag soak kills it 200 times.
func TestKillNineOfAnOffice(t *testing.T) { killAnOffice(t, 8) }
