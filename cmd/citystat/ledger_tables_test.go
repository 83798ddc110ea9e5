package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/job"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// honest is a town that measures itself by what its people typed.
type honest struct {
	*testing.T
	app  *App
	opts Options
	now  time.Time
}

func openHonest(t *testing.T) *honest {
	t.Helper()
	h := &honest{T: t, opts: townWritten(t, "testdata/ledger.txtar")}
	h.on(2)
	h.opts.Now = func() time.Time { h.now = h.now.Add(time.Millisecond); return h.now }
	h.app = start(t, h.opts)
	return h
}

// townWritten are the options for the town of an archive, which is written to a directory of the test's own.
func townWritten(t *testing.T, file string) Options {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	return testOptions(filepath.Join(dir, "town"), filepath.Join(dir, "data"))
}

// on makes it ten o'clock of a day of March 2026 in the town.
func (h *honest) on(day int) { h.now = time.Date(2026, 3, day, 15, 0, 0, 0, time.UTC) }

func (h *honest) day() kpi.Date { return kpi.DateOf(h.now.Add(-5 * time.Hour)) }

// load loads datasets.
func (h *honest) load(ids ...string) {
	h.Helper()
	for _, id := range ids {
		if err := h.app.Run(h.Context(), id, job.How{Trigger: kpi.TriggerSchedule, Attempt: 1}); err != nil {
			h.Fatal(err)
		}
	}
}

// promise makes a commitment of the head of a department, for a day of March 2026.
func (h *honest) promise(department string, due int, public bool) kpi.Commitment {
	h.Helper()
	c := kpi.Commitment{
		Text: "Something that is " + department + "’ to do.", Lang: kpi.English, Owner: department + "-head", Department: department, Indicator: "repairs-on-time", Made: h.day(),
		Due: kpi.NewDate(2026, 3, due), State: kpi.CommitmentOpen, Public: public, Source: "workspace",
	}
	if err := h.app.workspace().Commitments.SaveCommitment(h.Context(), &c, account.By{Name: "the test"}, h.now); err != nil {
		h.Fatal(err)
	}
	return c
}

// turn takes a step with one, today.
func (h *honest) turn(c *kpi.Commitment, t meeting.CommitmentTurn) {
	h.Helper()
	next, err := meeting.TurnCommitment(*c, t, "the test", h.day(), h.now)
	if err == nil {
		err = h.app.workspace().Commitments.SaveCommitment(h.Context(), &next, account.By{Name: "the test"}, h.now)
	}
	if err != nil {
		h.Fatal(err)
	}
	*c = next
}

// wants compares an indicator's total, of the town and of each department, with numbers that were counted by hand.
func (h *honest) wants(indicator string, numbers map[string][2]float64) {
	h.Helper()
	card := card(h.T, h.app)
	r := card.Result(indicator)
	got := map[string][2]float64{}
	put := func(name string, o *kpi.Observation) {
		if o != nil && o.Denominator != nil {
			got[name] = [2]float64{*o.Numerator, *o.Denominator}
		}
	}
	put("", r.Total)
	for _, m := range r.Members {
		put(m.Member, m.Total)
	}
	if diff := cmp.Diff(numbers, got); diff != "" {
		h.Errorf("%s, of how many how many (-want +got):\n%s", indicator, diff)
	}
	of := "/en/indicators/" + indicator
	if page := string(get(h.T, h.app, of)); len(numbers) > 0 && !strings.Contains(page, card.Result(indicator).Indicator.Name.String(kpi.English)) {
		h.Errorf("%s does not show it", of)
	}
}

// TestWhatPeopleTypedIsMeasured lets a town work for three weeks, and counts by hand what its three indicators about itself say.
func TestWhatPeopleTypedIsMeasured(t *testing.T) {
	h := openHonest(t)
	for _, id := range []string{"commitments-on-time", "data-on-time"} { // nothing was typed: nobody claims anything
		r := card(t, h.app).Result(id)
		if r.Assessment.Status != kpi.NoData || r.Assessment.Value != nil {
			t.Errorf("%s of an empty ledger: %s, %v", id, r.Assessment.Status, r.Assessment.Value)
		}
		if page := string(get(t, h.app, "/en/indicators/"+id)); !strings.Contains(page, "no data") {
			t.Errorf("the page of %s does not say that there are no data", id)
		}
	}
	work := map[string]*kpi.Commitment{}
	for name, c := range map[string]kpi.Commitment{
		"a": h.promise("parks", 10, true), "b": h.promise("parks", 10, false), "g": h.promise("parks", 11, false), "c": h.promise("works", 10, false), "d": h.promise("works", 12, true),
		"e": h.promise("works", 30, false), "f": h.promise("works", 15, false), "h": h.promise("works", 5, false),
	} {
		work[name] = &c
	}
	step := func(day int, name string, s meeting.CommitmentStep, text string, due ...int) {
		t.Helper()
		h.on(day)
		turn := meeting.CommitmentTurn{Step: s, Text: text}
		if len(due) > 0 {
			turn.Due = kpi.NewDate(2026, 3, due[0])
		}
		h.turn(work[name], turn)
	}
	step(8, "b", meeting.CommitmentMove, "It rained.", 20)
	step(9, "a", meeting.CommitmentFinish, "")
	step(9, "h", meeting.CommitmentDrop, "Nobody needs it any more.")
	edit(t, h.opts.Folder, "data/visits.csv", "1,2026-01-10,false", "1,2026-01-10,true")
	h.load("visits") // on the last day on which it is in time
	h.on(10)
	said := kpi.Commentary{
		Indicator: "repairs-on-time", Period: "2026-02", Department: "works", State: kpi.CommentarySubmitted, Lang: kpi.English, Happened: "It rained.", Why: "It was winter.", Miss: true,
		Next: "We wait.", Owner: "works-head", Due: kpi.NewDate(2026, 4, 1),
	}
	if err := h.app.workspace().Commentaries.SaveCommentary(t.Context(), &said, account.By{Name: "the test"}, h.now); err != nil {
		t.Fatal(err)
	}
	step(11, "g", meeting.CommitmentFinish, "")
	step(12, "a", meeting.CommitmentKeep, "")
	step(12, "d", meeting.CommitmentKeep, "Seen on the spot.")
	step(14, "f", meeting.CommitmentDrop, "The street is gone.")
	step(18, "b", meeting.CommitmentFinish, "")
	edit(t, h.opts.Folder, "data/visits.csv", "2,2026-02-10,false", "2,2026-02-10,false\n3,2026-02-11,false")
	h.load("visits") // two days late
	step(19, "b", meeting.CommitmentKeep, "")
	h.on(20)
	h.load("commitments", "commentary", "deliveries")

	// a and d were kept by their first date; b by its second alone; c is open, and h was dropped when it was late. e has time, f was dropped in time, and of g
	// nobody has said whether it was kept.
	h.wants("commitments-on-time", map[string][2]float64{"": {2, 5}, "parks": {1, 2}, "works": {1, 3}})
	// Both departments missed their target in February. Data came on 2 March; ten working days later is the 16th. Works explained on the 10th, parks never.
	h.wants("explained-on-time", map[string][2]float64{"": {1, 2}, "parks": {0, 1}, "works": {1, 1}})
	// Data were expected by the 9th and the 16th. Those of parks came on the 9th and on the 18th, those of works not at all.
	h.wants("data-on-time", map[string][2]float64{"": {1, 4}, "parks": {1, 2}, "works": {0, 2}})

	before := observed(t, h.app)
	if err := h.app.engine.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, observed(t, h.app)); diff != "" || len(before) < 10 {
		t.Errorf("rebuilt from the spool (-before +after):\n%s", diff)
	}
	publicCommitments(h)
}

// observed are the observations of now.
func observed(t *testing.T, app *App) []kpi.Observation {
	t.Helper()
	city, _ := app.engine.definitions()
	version, _, err := app.engine.led.Visible(context.Background(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := app.engine.wh.Observations(context.Background(), city, version)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// publicCommitments: residents read what was promised to them as soon as it is saved, and nothing else; and no more once it was taken back.
func publicCommitments(h *honest) {
	h.Helper()
	page := func() string { return string(get(h.T, h.app, "/en/indicators/repairs-on-time")) }
	if got := page(); strings.Count(got, "’ to do.") != 2 || !strings.Contains(got, "What we are doing about it") {
		h.Errorf("the public page shows %d commitments, want 2", strings.Count(got, "’ to do."))
	}
	c := h.promise("parks", 25, true)
	if got := string(get(h.T, h.app, "/indicators/repairs-on-time.json")); strings.Count(got, "’ to do.") != 3 || !strings.Contains(got, `"first_due": "2026-03-25"`) {
		h.Errorf("the document has %d commitments, want 3", strings.Count(got, "’ to do."))
	}
	h.turn(&c, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Text: "The secret reason.", Due: kpi.NewDate(2026, 3, 30)})
	if got := page(); !strings.Contains(got, "First promised for March") || strings.Contains(got, "secret reason") {
		h.Error("the public page hides that a date was moved, or says why")
	}
	h.turn(&c, meeting.CommitmentTurn{Step: meeting.CommitmentHide})
	if got := strings.Count(page(), "’ to do."); got != 2 {
		h.Errorf("after it was taken back the public page shows %d commitments", got)
	}
}
