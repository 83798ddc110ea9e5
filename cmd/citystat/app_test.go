package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"citystat/ingest"
	"citystat/kpi"
	sampledata "citystat/sample-data"
)

// TestServe is the newcomer's way: the sample city from nothing, and what the program says of it.
func TestServe(t *testing.T) {
	said := new(output)
	o := testOptions("", t.TempDir())
	o.Out = said
	app := start(t, o)
	if got, want := said.String(), "http://"+app.Addr(); !strings.Contains(got, want) {
		t.Errorf("the program does not say %q:\n%s", want, got)
	}
	for _, want := range []string{"Data directory", o.Data, "47613 rows read, 47613 accepted, 0 rejected", "Ready. Publication 1"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the program does not say %q:\n%s", want, said)
		}
	}
	if body := get(t, app, "/en/indicators/street-lights-on-time"); !bytes.Contains(body, []byte("5,114")) {
		t.Error("the indicator's page lacks its numerator")
	}
	get(t, app, "/readyz")
}

// TestSecondStart: a second start finds the data, is ready before anything is loaded, and changes nothing.
func TestSecondStart(t *testing.T) {
	o := testOptions("", t.TempDir())
	first := start(t, o)
	before := get(t, first, "/en/")
	stop(t, first)

	second, err := NewApp(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, second) })
	if err := second.engine.Ready(context.Background()); err != nil {
		t.Errorf("not ready before it was started: %v", err)
	}
	if err := second.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	<-second.Loaded()
	if after := get(t, second, "/en/"); !bytes.Equal(before, after) {
		t.Error("the front page changed though nothing was loaded")
	}
	if c := card(t, second); c.Number != 1 {
		t.Errorf("publication %d, want 1: nothing changed", c.Number)
	}
}

// TestOneOwner: a second program on the same data directory is told who has it.
func TestOneOwner(t *testing.T) {
	o := testOptions("", t.TempDir())
	start(t, o)
	_, err := NewApp(context.Background(), o)
	if err == nil || !strings.Contains(err.Error(), "--data") {
		t.Errorf("a second owner: %v; want an error that names --data", err)
	}
}

// TestWrongFolder: a wrong folder is refused at the start with all that is wrong.
func TestWrongFolder(t *testing.T) {
	dir := copySample(t)
	edit(t, dir, "datasets/service-requests.yaml", `of: "closed <= due"`, `of: "clsed <= due"`)
	o, said := testOptions(dir, t.TempDir()), new(output)
	o.Out = said
	_, err := NewApp(context.Background(), o)
	if err == nil {
		t.Fatal("a wrong folder is served")
	}
	if !strings.Contains(said.String(), "clsed") || !strings.Contains(said.String(), "service-requests.yaml:") {
		t.Errorf("the mistake is not shown:\n%s", said)
	}
}

// TestReload: a folder that became wrong is refused while the last good one stays; mended, it is read.
func TestReload(t *testing.T) {
	dir := copySample(t)
	app := start(t, testOptions(dir, t.TempDir()))
	before := get(t, app, "/en/indicators/street-lights-on-time")

	edit(t, dir, "city.yaml", "publish: every_load", "publish: every_lod")
	err := app.Reload(context.Background())
	if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "every_lod") || !strings.Contains(err.Error(), "city.yaml:") {
		t.Errorf("reloading a wrong folder: %v", err)
	}
	if after := get(t, app, "/en/indicators/street-lights-on-time"); !bytes.Equal(before, after) {
		t.Error("the page changed with a refused folder")
	}

	edit(t, dir, "city.yaml", "publish: every_lod", "publish: every_load")
	edit(t, dir, "datasets/service-requests.yaml", "by: 2016-06-30, value: 80, set: 2015-07-01, reason: \"Set for this sample, to show", "by: 2016-06-30, value: 81, set: 2015-07-01, reason: \"Set for this sample, to show")
	if err := app.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := card(t, app).Result("street-lights-on-time").Indicator.Targets[0].Value; got != 81 {
		t.Errorf("target %v after the reload, want 81", got)
	}
}

// TestThemeReload: other colours are there with the next publication, without a new start; some that cannot be read are refused, and the site
// stays as it was.
func TestThemeReload(t *testing.T) {
	dir := copySample(t)
	app := start(t, testOptions(dir, t.TempDir()))
	sheet := regexp.MustCompile(`/assets/city/theme\.[0-9a-f]+\.css`)
	look := func() string { return string(sheet.Find(get(t, app, "/en/"))) }
	if got := look(); got != "" {
		t.Fatalf("a city without a theme links to %s", got)
	}
	edit(t, dir, "city.yaml", "publish: every_load", "publish: every_load\ntheme: {preset: plain, colors: {accent: \"#0b6b46\"}}")
	if err := app.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	green := look()
	if css := get(t, app, green); !bytes.Contains(css, []byte("--accent:#0b6b46;")) {
		t.Errorf("%s is %s", green, css)
	}
	edit(t, dir, "city.yaml", "#0b6b46", "#ffcc00")
	err := app.Reload(context.Background())
	if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "accent #ffcc00 on paper #ffffff has contrast 1.5, wanted 3.0; darken it") {
		t.Errorf("reloading colours that cannot be read: %v", err)
	}
	if got := look(); got != green {
		t.Errorf("with a refused folder the page links to %s", got)
	}
	edit(t, dir, "city.yaml", "#ffcc00", "#0b5cad")
	if err := app.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := look(); got == green || got == "" {
		t.Errorf("with other colours the page links to %q", got)
	}
	if css := get(t, app, green); !bytes.Contains(css, []byte("--accent:#0b6b46;")) {
		t.Error("a page that is open has lost its colours")
	}
}

// TestDefinitionChange: a changed measure gets a new definition version, and its numbers are computed anew.
func TestDefinitionChange(t *testing.T) {
	dir := copySample(t)
	app := start(t, testOptions(dir, t.TempDir()))
	edit(t, dir, "datasets/service-requests.yaml", "p: 0.9}", "p: 0.5}")
	old := *card(t, app).Result("bulk-items-days").Total.Value
	if err := app.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	r := card(t, app).Result("bulk-items-days")
	if r.Indicator.Version != 2 || *r.Total.Value >= old {
		t.Errorf("version %d, median %v after a 90th percentile of %v; want version 2 and less", r.Indicator.Version, *r.Total.Value, old)
	}
	if v := card(t, app).Result("street-lights-on-time").Indicator.Version; v != 1 {
		t.Errorf("an indicator that did not change has version %d", v)
	}
}

// TestBrokenData: a broken and a missing file leave the last good data in place, with their date.
func TestBrokenData(t *testing.T) {
	dir := copySample(t)
	app := start(t, testOptions(dir, t.TempDir()))
	before := card(t, app)
	for name, harm := range map[string]func(string) error{
		"half a file": func(p string) error { return os.Truncate(p, 20_000) },
		"an error page": func(p string) error {
			return os.WriteFile(p, []byte("<!DOCTYPE html><html><body>503 Service Unavailable</body></html>"), 0o600)
		},
		"missing files": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			victims, err := filepath.Glob(filepath.Join(dir, "data", "*.csv.gz"))
			if err != nil || len(victims) == 0 {
				t.Fatal("no data files", err)
			}
			kept := make(map[string][]byte)
			for _, v := range victims {
				if kept[v], err = os.ReadFile(v); err != nil {
					t.Fatal(err)
				}
				if err := harm(v); err != nil {
					t.Fatal(err)
				}
			}
			reports, err := app.engine.Ingest(context.Background(), ingest.How{Trigger: kpi.TriggerPerson}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(reports) != 1 || reports[0].Error == "" {
				t.Errorf("the load did not fail: %+v", reports)
			}
			c := card(t, app)
			if a, b := exact(*c.Result("street-lights-on-time").Total.Value), exact(*before.Result("street-lights-on-time").Total.Value); a != b {
				t.Errorf("the number changed from %s to %s", b, a)
			}
			if c.Datasets[0].Failed == nil || c.Datasets[0].Last.ID != before.Datasets[0].Last.ID {
				t.Errorf("the scorecard does not tell of the failed load beside the last good one: %+v", c.Datasets[0])
			}
			for v, b := range kept {
				if err := os.WriteFile(v, b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestRebuild: the warehouse is deleted or destroyed, and comes back from the spool with the same numbers.
func TestRebuild(t *testing.T) {
	t.Run("deleted", func(t *testing.T) { rebuild(t, os.Remove) })
	t.Run("destroyed", func(t *testing.T) {
		rebuild(t, func(file string) error {
			return os.WriteFile(file, bytes.Repeat([]byte("not a database "), 5000), 0o600)
		})
	})
}

func rebuild(t *testing.T, harm func(file string) error) {
	t.Helper()
	o := testOptions("", t.TempDir())
	first := start(t, o)
	before, err := json.Marshal(card(t, first).Results)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, first)
	files, err := filepath.Glob(filepath.Join(o.Data, "warehouse.duckdb*"))
	if err != nil || len(files) == 0 {
		t.Fatal("no warehouse to delete", err)
	}
	for _, f := range files {
		if err := harm(f); err != nil {
			t.Fatal(err)
		}
	}
	o.Log = slog.New(slog.DiscardHandler)
	second := start(t, o)
	city, _ := second.engine.definitions()
	fresh, err := second.engine.builder.Build(context.Background(), kpi.At{AsOf: city.AsOf})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := fresh.Public(nil)
	if err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(shown.Results)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the numbers from the rebuilt warehouse differ from those that were published")
	}
	if err := second.engine.Rebuild(context.Background()); err != nil {
		t.Errorf("rebuild of a good warehouse: %v", err)
	}
}

// TestControl: a second command acts through the server that owns the stores.
func TestControl(t *testing.T) {
	app := start(t, testOptions("", t.TempDir()))
	reply, err := callServer(context.Background(), app.engine.dir, "ingest", url.Values{"dataset": {"service-requests"}})
	if err != nil || reply.Error != "" || len(reply.Reports) != 1 || !reply.Reports[0].Unchanged {
		t.Errorf("ingest through the server: %+v, %v; want one unchanged report", reply, err)
	}
	reply, err = callServer(context.Background(), app.engine.dir, "ingest", url.Values{"dataset": {"no-such"}})
	if err != nil || !strings.Contains(reply.Error, "service-requests") {
		t.Errorf("an unknown dataset: %+v, %v; want an error that names those that are", reply, err)
	}
	info, err := os.Stat(filepath.Join(app.engine.dir, socketName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the control socket: %v, %v; want mode 0600", info, err)
	}
	if _, err := callServer(context.Background(), t.TempDir(), "ingest", nil); !errors.Is(err, errNoServer) {
		t.Errorf("no server: %v, want errNoServer", err)
	}
}

// TestStopWhileLoading: ended in the middle of its first load, the program ends cleanly and comes back whole.
func TestStopWhileLoading(t *testing.T) {
	o := testOptions("", t.TempDir())
	reached, once := make(chan struct{}), false
	o.Hook = func(s kpi.Step) {
		if s == kpi.StepStage && !once {
			once = true
			close(reached)
		}
	}
	app, err := NewApp(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	select {
	case <-reached:
	case <-app.Loaded():
		t.Fatal("loaded without a stage")
	}
	stop(t, app)
	o.Hook = nil
	again := start(t, o)
	if n := *card(t, again).Result("street-lights-on-time").Total.Numerator; n != 5114 {
		t.Errorf("%v after the interruption, want 5114", n)
	}
}

// TestNothingPublished: before the first load pages say so, and the server is alive but not ready.
func TestNothingPublished(t *testing.T) {
	dir := copySample(t)
	victims, err := filepath.Glob(filepath.Join(dir, "data", "*.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range victims {
		if err := os.WriteFile(v, []byte("<html>"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	app := start(t, testOptions(dir, t.TempDir()))
	if status, _ := fetch(t, app, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d, want 503", status)
	}
	get(t, app, "/healthz")
	if status, body := fetch(t, app, "/es/"); status >= 500 && status != http.StatusServiceUnavailable || !bytes.Contains(body, []byte(`lang="es"`)) {
		t.Errorf("/es/ without data: %d\n%.300s", status, body)
	}
}

// TestByRelease: a city that publishes by release loads its data and shows none of them: not on a page, in a file, in the API or to
// Prometheus. The server is ready all the same.
func TestByRelease(t *testing.T) {
	dir := copySample(t)
	edit(t, dir, "city.yaml", "publish: every_load", "publish: by_release")
	app := start(t, testOptions(dir, t.TempDir()))
	get(t, app, "/readyz")
	live, err := app.engine.builder.Build(context.Background(), kpi.At{AsOf: kpi.NewDate(2016, time.January, 12)})
	if err != nil {
		t.Fatal(err)
	}
	if n := *live.Result("street-lights-on-time").Total.Numerator; n != 5114 {
		t.Fatalf("nothing was loaded: %v", n)
	}
	for _, path := range []string{
		"/", "/en/", "/en/data", "/en/indicators", "/en/indicators?q=street", "/en/indicators/street-lights-on-time", "/es/indicators/street-lights-on-time?period=total",
		"/en/priorities/safe-streets", "/indicators/street-lights-on-time.csv", "/indicators/street-lights-on-time.json", "/api/v1/indicators",
		"/api/v1/indicators/street-lights-on-time", "/metrics", "/healthz",
	} {
		_, body := fetch(t, app, path)
		for _, secret := range []string{"5114", "5,114", "7858", "7,858", "65.08", "48.6", "street-lights", "Street lights", "Luminarias", "47,613", "47613"} {
			if bytes.Contains(body, []byte(secret)) && !strings.Contains(path, secret) {
				t.Errorf("%s shows %q before any release", path, secret)
			}
		}
	}
}

// TestMidnight: the day changes, and what depends on it is computed anew.
func TestMidnight(t *testing.T) {
	dir := copySample(t)
	edit(t, dir, "city.yaml", "as_of: 2016-01-12", "as_of: today")
	now := time.Date(2016, 1, 12, 12, 0, 0, 0, time.UTC)
	o := testOptions(dir, t.TempDir())
	o.Now = func() time.Time { return now }
	app := start(t, o)
	before := *card(t, app).Result("street-lights-on-time").Total
	now = now.AddDate(0, 0, 10)
	if err := app.engine.NewDay(context.Background()); err != nil {
		t.Fatal(err)
	}
	c := card(t, app)
	after := *c.Result("street-lights-on-time").Total
	if c.AsOf.String() != "2016-01-22" || after.Excluded[kpi.ReasonNotYetDue] >= before.Excluded[kpi.ReasonNotYetDue] || after.Rows <= before.Rows {
		t.Errorf("as of %s: %d rows, %v left out; ten days before %d rows, %v", c.AsOf, after.Rows, after.Excluded, before.Rows, before.Excluded)
	}
}

// copySample copies the sample city to a folder that the test may harm.
func copySample(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "city")
	if err := os.CopyFS(dir, sampledata.Boston2015()); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(p, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// edit replaces the first place of old in a file; it must be there.
func edit(t *testing.T, dir, name, old, new string) {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	b, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(old)) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	if err := os.WriteFile(p, bytes.Replace(b, []byte(old), []byte(new), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}
