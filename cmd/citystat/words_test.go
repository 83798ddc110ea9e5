package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/dashboards/pages"
	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// lampTown is the program in a town whose lamps are behind, and two people who work there.
type lampTown struct {
	t        *testing.T
	app      *App
	now      time.Time
	work     pages.Work
	ana, ben account.By
}

// openLampTown starts it on 20 March 2026. change changes the folder before.
func openLampTown(t *testing.T, change func(city []byte) []byte) *lampTown {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/words.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		name := filepath.Join(dir, "town", "city.yaml")
		city, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, change(city), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := &lampTown{t: t, now: time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)}
	o := testOptions(filepath.Join(dir, "town"), filepath.Join(dir, "data"))
	o.Now = func() time.Time { return l.now }
	l.app = start(t, o)
	l.work = l.app.workspace()
	l.ana, l.ben = l.person("ana@town.gov"), l.person("ben@town.gov")
	return l
}

func (l *lampTown) person(email string) account.By {
	l.t.Helper()
	id, err := l.app.engine.led.AddPerson(l.t.Context(), account.Person{Email: email, Name: "Somebody"}, account.By{Name: "the test"}, l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	return account.By{Person: id, Name: email}
}

// turn takes a step with a commentary a minute later.
func (l *lampTown) turn(was *kpi.Commentary, next kpi.Commentary, step meeting.CommentaryStep, by account.By) *kpi.Commentary {
	l.t.Helper()
	l.now = l.now.Add(time.Minute)
	c, err := meeting.TurnCommentary(was, next, step, by, "Say which lamps: NOTE-ONLY-STAFF.")
	if err == nil {
		err = l.work.Commentaries.SaveCommentary(l.t.Context(), &c, by, l.now)
	}
	if err != nil {
		l.t.Fatalf("%s: %v", step, err)
	}
	return &c
}

// texts are the published texts of the lamps.
func (l *lampTown) texts() string {
	l.t.Helper()
	p, err := l.app.engine.Published(l.t.Context())
	if err != nil || p == nil {
		l.t.Fatal(p, err)
	}
	var list []string
	for _, c := range p.CommentaryOf("lamps-in-time") {
		list = append(list, c.Happened)
	}
	return strings.Join(list, ", ")
}

// rows are the rows of a table of what people typed, some columns of each.
func (l *lampTown) rows(name string, columns ...string) string {
	l.t.Helper()
	header, rows, err := ingest.Recorded(l.app.engine.led, l.app.engine.city, l.now, tables{l.app.engine}).Table(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	var list []string
	for fields, err := range rows {
		if err != nil || len(fields) != len(header) {
			l.t.Fatal(fields, err)
		}
		var row []string
		for _, c := range columns {
			for i := range header {
				if header[i] == c {
					row = append(row, c+"="+fields[i])
				}
			}
		}
		list = append(list, strings.Join(row, " "))
	}
	return strings.Join(list, "; ")
}

// TestWordsAreTold goes with a commentary from the draft to the public page, and looks at each step what is told to whom.
func TestWordsAreTold(t *testing.T) {
	l := openLampTown(t, nil)
	ctx := t.Context()
	if got, want := l.rows(ingest.TableCommentary, "commentary", "state", "due", "on_time"), "commentary=lamps-in-time/2026-02 state=missing due=2026-03-16 on_time="; got != want {
		t.Errorf("%q, want %q", got, want) // loaded on Monday 2 March, ten working days
	}
	l.now = time.Date(2026, 3, 12, 15, 0, 0, 0, time.UTC)
	first := kpi.Commentary{
		Indicator: "lamps-in-time", Period: "2026-02", Department: "works", Miss: true, Public: true, Lang: kpi.English,
		Happened: "FIRST", Why: "Old cables.", Next: "New cables.", Owner: "engineer", Due: kpi.NewDate(2026, time.June, 1), Help: "HELP-ONLY-STAFF",
	}
	number := card(t, l.app).Number
	c := l.turn(nil, first, meeting.CommentarySend, l.ana)
	c = l.turn(c, *c, meeting.CommentaryReturn, l.ben)
	c = l.turn(c, *c, meeting.CommentarySend, l.ana)
	if got := l.texts(); got != "" || card(t, l.app).Number != number {
		t.Errorf("before it is approved it is told: %q", got)
	}
	before := l.now
	c = l.turn(c, *c, meeting.CommentaryApprove, l.ben)
	if got := l.texts(); got != "FIRST" || card(t, l.app).Number != number+1 {
		t.Errorf("approved: %q is told, by publication %d after %d", got, card(t, l.app).Number, number)
	}
	again := *c
	again.Happened = "SECOND"
	c = l.turn(c, again, meeting.CommentarySend, l.ana)
	if _, err := l.app.engine.Ingest(ctx, ingest.How{}, nil); err != nil { // a load publishes too
		t.Fatal(err)
	}
	for _, path := range []string{"/en/indicators/lamps-in-time", "/api/v1/indicators/lamps-in-time", "/indicators/lamps-in-time.json", "/indicators/lamps-in-time.csv", "/metrics"} {
		body := get(t, l.app, path)
		for _, bad := range []string{"SECOND", "ONLY-STAFF", "town.gov"} {
			if bytes.Contains(body, []byte(bad)) {
				t.Errorf("%s holds %q", path, bad)
			}
		}
		if has := bytes.Contains(body, []byte("FIRST")); has != (!strings.HasSuffix(path, ".csv") && path != "/metrics") {
			t.Errorf("%s tells the text: %t", path, has)
		}
	}
	p, _, err := l.app.engine.led.Published(ctx)
	if err != nil || bytes.Contains(p.Body, []byte("ONLY-STAFF")) || bytes.Contains(p.Body, []byte("town.gov")) || bytes.Contains(p.Body, []byte("SECOND")) {
		t.Errorf("the publication holds what is not public: %v", err)
	}
	// As known before it was approved, and of the day of then, nothing was said.
	built, err := l.app.engine.builder.Build(ctx, kpi.At{AsOf: kpi.NewDate(2026, time.March, 12), KnownAt: before})
	if err != nil || len(built.Commentary) != 0 {
		t.Errorf("as known before: %+v, %v", built.Commentary, err)
	}
	if got, want := l.rows(ingest.TableCommentary, "state", "miss", "submitted_at", "on_time", "returned", "department"), "state=submitted miss=true submitted_at=2026-03-12T15:01:00Z on_time=true returned=1 department=works"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if r := card(t, l.app).Result("explained-on-time"); r == nil || r.Total == nil || r.Total.Value == nil || *r.Total.Value != 100 {
		t.Errorf("explained on time: %+v", r)
	}
	c = l.turn(c, *c, meeting.CommentaryApprove, l.ben)
	if got := l.texts(); got != "SECOND" {
		t.Errorf("approved again: %q", got)
	}
	l.turn(c, *c, meeting.CommentaryWithdraw, l.ben)
	if got := l.texts(); got != "" {
		t.Errorf("withdrawn: %q", got)
	}
}

// TestWordsForStaffAlone: what is internal makes no publication, and a city that publishes releases waits for one.
func TestWordsForStaffAlone(t *testing.T) {
	l := openLampTown(t, nil)
	inner := kpi.Commentary{Indicator: "lamps-in-time", Period: "2026-02", Department: "works", Lang: kpi.English, Happened: "INNER", Why: "Old cables."}
	number := card(t, l.app).Number
	c := l.turn(nil, inner, meeting.CommentarySend, l.ana)
	l.turn(c, *c, meeting.CommentaryApprove, l.ben)
	if card(t, l.app).Number != number || l.texts() != "" {
		t.Error("what is for staff alone is published")
	}
	live, err := (&staff{engine: l.app.engine}).Live(t.Context())
	if err != nil || len(live.CommentaryOf("lamps-in-time")) != 1 {
		t.Errorf("the live scorecard does not hold what staff read: %v", err)
	}
	contest := kpi.Contest{Indicator: "lamps-in-time", Period: "2026-02", Department: "works", State: kpi.ContestOpen, Reason: "ONLY-STAFF", Public: true}
	l.now = time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC)
	if err := l.work.Contests.SaveContest(t.Context(), &contest, l.ana, l.now); err != nil {
		t.Fatal(err)
	}
	const said = "The answer is still open"
	if body := get(t, l.app, "/en/indicators/lamps-in-time"); !bytes.Contains(body, []byte(said)) || bytes.Contains(body, []byte("ONLY-STAFF")) {
		t.Error("a contested number is not told, or why it is is")
	}
	if got, want := l.rows(ingest.TableContests, "state", "due", "on_time"), "state=open due=2026-03-10 on_time="; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	l.now = l.now.AddDate(0, 0, 8)
	if got, want := l.rows(ingest.TableContests, "on_time"), "on_time=false"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	answered, err := meeting.TurnContest(contest, meeting.ContestUphold, "It is right.", 0, l.ben, kpi.NewDate(2026, time.March, 11))
	if err == nil {
		err = l.work.Contests.SaveContest(t.Context(), &answered, l.ben, l.now)
	}
	if err != nil {
		t.Fatal(err)
	}
	if body := get(t, l.app, "/en/indicators/lamps-in-time"); bytes.Contains(body, []byte(said)) {
		t.Error("what was answered is contested still")
	}
	if _, _, err := (tables{l.app.engine}).Table(t.Context(), "gossip"); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("a table that is none: %v", err)
	}
}

func TestWordsWaitForTheRelease(t *testing.T) {
	l := openLampTown(t, func(city []byte) []byte {
		return bytes.Replace(city, []byte("publish: every_load"), []byte("publish: by_release"), 1)
	})
	open := kpi.Commentary{Indicator: "lamps-in-time", Period: "2026-02", Department: "works", Lang: kpi.English, Happened: "WAITS", Public: true}
	c := l.turn(nil, open, meeting.CommentarySend, l.ana)
	l.turn(c, *c, meeting.CommentaryApprove, l.ben)
	if p, err := l.app.engine.Published(context.Background()); p != nil || err != nil {
		t.Errorf("%+v is published without a release, %v", p, err)
	}
}
