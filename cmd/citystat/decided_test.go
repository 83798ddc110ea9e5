package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// decidedTown serves the small town, with a target and two posts.
func decidedTown(t *testing.T) (app *App, desk decisionDesk, dir string) {
	t.Helper()
	app, _, dir = startTown(t)
	edit(t, dir, "city.yaml", "departments:\n", "people:\n  - {id: chief, title: Chief of works}\n  - {id: deputy, title: Deputy chief of works}\ndepartments:\n")
	edit(t, dir, "datasets/repairs.yaml", "    period: month\n", "    period: month\n    owner: chief\n    minimum: 1\n    trajectory: every_period\n    targets:\n      # from the budget\n      - {by: 2026-12-31, value: 80, set: 2026-01-01, by_whom: the mayor, reason: The budget}\n")
	if err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	return app, decisionDesk{app.engine.led, app.engine}, dir
}

// lower is a decision that is laid over the town.
func lower(value float64, on kpi.Date) *kpi.Decision {
	return &kpi.Decision{
		Kind: kpi.DecideTarget, State: kpi.DecisionInForce, Indicator: "on-time", Target: &kpi.Target{By: kpi.NewDate(2026, 12, 31), Value: value}, On: on,
		Whose: "Town Council", Reason: "A crew was let go.", Lang: kpi.English, Act: kpi.Act{Title: "Ordinance 7", Date: on, URL: "https://town.example.gov/7"},
	}
}

var targetMetric = regexp.MustCompile(`citystat_indicator_target\{indicator="on-time"\} (\S+)`)

// saysTarget checks that the page, the API, the metrics and the command line say one target.
func saysTarget(t *testing.T, app *App, want string) {
	t.Helper()
	if m := targetMetric.FindSubmatch(get(t, app, "/metrics")); m == nil || string(m[1]) != want {
		t.Errorf("/metrics says %q, want %s", m, want)
	}
	var doc struct {
		Target *struct {
			Value float64
			Seen  string
		}
		Targets []struct{ Value *float64 }
	}
	if err := json.Unmarshal(get(t, app, "/api/v1/indicators/on-time"), &doc); err != nil {
		t.Fatal(err)
	}
	if b, _ := json.Marshal(doc.Target.Value); string(b) != want || doc.Target.Seen == "" {
		t.Errorf("the API says %+v, want %s", doc.Target, want)
	}
	if page := get(t, app, "/en/indicators/on-time"); !bytes.Contains(page, []byte(want+"%")) {
		t.Errorf("the page does not say %s%%", want)
	}
	if c := card(t, app); c.Result("on-time").Assessment.Target.Value != mustFloat(t, want) {
		t.Errorf("published is %+v", c.Result("on-time").Assessment.Target)
	}
}

func mustFloat(t *testing.T, s string) (v float64) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// statesOf are what became of the decisions, in order of date.
func statesOf(t *testing.T, desk decisionDesk) string {
	t.Helper()
	list, err := desk.Applied(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, a := range list {
		states = append(states, string(a.State))
	}
	return strings.Join(states, " ")
}

// TestDecisionsOverARunningProgram: a decision changes what everybody reads, at once and without a load; withdrawn, it is as before; put into the folder
// by its patch it changes nothing more; and a folder that says something newer has the last word.
func TestDecisionsOverARunningProgram(t *testing.T) {
	app, desk, dir := decidedTown(t)
	by, february := account.By{Name: "somebody"}, kpi.NewDate(2026, 2, 15)
	saysTarget(t, app, "80")
	before := card(t, app)

	d := lower(40, february)
	look, err := desk.Preview(t.Context(), d, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	was, is := before.Result("on-time").Assessment, look.Result("on-time").Assessment
	if is.Target.Value != 40 || is.Status == was.Status || !is.Met || was.Met || is.Value == nil || *is.Value != *was.Value {
		t.Errorf("the look ahead: %+v, now %+v", is, was)
	}
	if again := card(t, app); again.Number != before.Number || statesOf(t, desk) != "" {
		t.Error("looking ahead changed something")
	}

	if err := desk.SaveDecision(t.Context(), d, by, time.Now()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "40")
	if got := card(t, app).Result("on-time").Assessment; got.Status != is.Status {
		t.Errorf("it is %s, and the look ahead said %s", got.Status, is.Status)
	}
	changes := string(get(t, app, "/en/changes"))
	for _, want := range []string{"was 80%, now 40%", "A crew was let go.", "Town Council", `href="https://town.example.gov/7" rel="external noopener noreferrer"`, "Recorded here on"} {
		if !strings.Contains(changes, want) {
			t.Errorf("the page of changes does not say %q", want)
		}
	}
	if err := desk.SaveDecision(t.Context(), lower(30, february), by, time.Now()); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("two decisions of one day: %v", err)
	}
	if err := app.engine.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "40")

	d.State, d.Why = kpi.DecisionWithdrawn, "The council has not voted yet."
	if err := desk.SaveDecision(t.Context(), d, by, time.Now()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "80")
	if !strings.Contains(string(get(t, app, "/en/changes")), "The council has not voted yet.") {
		t.Error("nobody reads why it is as before")
	}

	second := lower(45, kpi.NewDate(2026, 3, 3))
	owner := lower(0, kpi.NewDate(2026, 3, 4))
	owner.Kind, owner.Target, owner.Owner = kpi.DecideOwner, nil, "deputy"
	for _, x := range []*kpi.Decision{second, owner} {
		if err := desk.SaveDecision(t.Context(), x, by, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	saysTarget(t, app, "45")
	if page := string(get(t, app, "/en/indicators/on-time")); !strings.Contains(page, "Deputy chief of works") {
		t.Error("the page does not name the new owner")
	}
	patchTown(t, desk, dir)
	if err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "45")
	if got := statesOf(t, desk); got != "withdrawn in_folder in_folder" {
		t.Errorf("states %q", got)
	}
	second.State, second.Why = kpi.DecisionWithdrawn, "too late"
	if err := desk.SaveDecision(t.Context(), second, by, time.Now()); kpi.ErrorCode(err) != kpi.CodeConflict {
		t.Errorf("what the folder says is withdrawn: %v", err)
	}

	third := lower(50, kpi.NewDate(2026, 3, 10))
	if err := desk.SaveDecision(t.Context(), third, by, time.Now()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "50")
	edit(t, dir, "datasets/repairs.yaml", "value: 45, set: 2026-03-03", "value: 60, set: 2026-03-11")
	if err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	saysTarget(t, app, "60")
	if got := statesOf(t, desk); got != "withdrawn overtaken in_folder overtaken" {
		t.Errorf("states %q", got)
	}
	edit(t, dir, "datasets/repairs.yaml", "id: on-time", "id: in-time")
	if err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := statesOf(t, desk); got != "withdrawn not_applicable not_applicable not_applicable" {
		t.Errorf("states %q", got)
	}
	get(t, app, "/en/indicators/in-time")
}

// patchTown puts what was decided into the folder.
func patchTown(t *testing.T, desk decisionDesk, dir string) {
	t.Helper()
	p, err := desk.Patch(t.Context())
	if err != nil || len(p.ByHand) > 0 || len(p.Decisions) != 2 {
		t.Fatalf("%v: %+v", err, p)
	}
	c := exec.Command("git", "apply", "-")
	c.Dir, c.Stdin = dir, bytes.NewReader(p.Diff)
	c.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, p.Diff)
	}
	b, err := os.ReadFile(filepath.Join(dir, "datasets", "repairs.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"      # from the budget\n      - {by: 2026-12-31, value: 80", "      - {by: 2026-12-31, value: 45, set: 2026-03-03, by_whom: \"Town Council\"", "    owner: deputy\n", "what: [owner]"} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("no %q in\n%s", want, b)
		}
	}
}

// TestDecisionsWithoutAServer: whoever opens the stores alone sees the same numbers, and what was kept right before a program died is laid over the folder
// by the next one.
func TestDecisionsWithoutAServer(t *testing.T) {
	app, desk, dir := decidedTown(t)
	by := account.By{Name: "somebody"}
	if err := desk.SaveDecision(t.Context(), lower(40, kpi.NewDate(2026, 2, 15)), by, time.Now()); err != nil {
		t.Fatal(err)
	}
	kept := lower(35, kpi.NewDate(2026, 2, 20))
	kept.Was = "80 since 2026-01-01"
	if err := app.engine.led.SaveDecision(t.Context(), kept, by, time.Now()); err != nil { // and the program dies
		t.Fatal(err)
	}
	data := app.engine.dir
	stop(t, app)

	var out, said bytes.Buffer
	run := func(args ...string) string {
		t.Helper()
		out.Reset()
		said.Reset()
		c := newRoot(nil, &out, &said)
		c.SetArgs(append(args, "--data", data))
		if err := c.ExecuteContext(t.Context()); err != nil {
			t.Fatalf("citystat %s: %v\n%s", args, err, said.String())
		}
		return out.String()
	}
	if got := run("explain", dir, "on-time"); !strings.Contains(got, "35%") {
		t.Errorf("alone it is explained as\n%s", got)
	}
	list := run("decisions", dir)
	for _, want := range []string{"in force", "on-time: target for 2026-12-31 35", "Town Council"} {
		if !strings.Contains(list, want) {
			t.Errorf("no %q in\n%s", want, list)
		}
	}
	patch := run("decisions", "--patch", dir)
	if !strings.HasPrefix(patch, "--- a/datasets/repairs.yaml\n+++ b/datasets/repairs.yaml\n@@ ") || strings.Count(patch, "\n+      - {by: 2026-12-31") != 2 {
		t.Errorf("the patch is\n%s", patch)
	}
	next := start(t, testOptions(dir, data))
	saysTarget(t, next, "35")
	if got := run("decisions", dir); got != list {
		t.Errorf("the server says\n%s\nalone it was\n%s", got, list)
	}
	if got := run("decisions", "--patch", dir); got != patch {
		t.Errorf("the server's patch is\n%s", got)
	}
}

// TestDecisionsAtOnce: of people who decide the same at once, one does; whatever is kept is in what is published in the end.
func TestDecisionsAtOnce(t *testing.T) {
	app, desk, _ := decidedTown(t)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for k := range errs {
		wg.Go(func() {
			day := kpi.NewDate(2026, 2, 15+k/2)
			errs[k] = desk.SaveDecision(t.Context(), lower(float64(40+k), day), account.By{Name: "somebody"}, time.Now())
		})
	}
	wg.Wait()
	kept := 0
	for _, err := range errs {
		var known *kpi.Error
		switch {
		case err == nil:
			kept++
		case !errors.As(err, &known) || known.Code != kpi.CodeConflict:
			t.Error(err)
		}
	}
	list, err := app.engine.led.Decisions(t.Context(), kpi.PaperQuery{})
	if err != nil || kept != 3 || len(list) != 3 {
		t.Errorf("%d of 6 were kept: %d, %v", kept, len(list), err)
	}
	city, _ := app.engine.definitions()
	want, _ := kpi.Apply(app.engine.folderCity(), list)
	if city.Hash != want.Hash || card(t, app).City.Hash != want.Hash {
		t.Error("not everything that was kept is published")
	}
}
