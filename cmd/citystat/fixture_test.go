package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"citystat/ingest/connector"
	"citystat/kpi/scorecard"
)

// sample is the whole program serving the sample city, started once for all tests that only read.
var sample struct {
	once sync.Once
	app  *App
	dir  string
	err  error
}

// TestMain lets the scripts of testdata/script run the program as the command citystat.
func TestMain(m *testing.M) {
	connector.RunChild()
	testscript.Main(cleaner{m}, map[string]func(){"citystat": main})
}

// cleaner stops the sample city after the tests.
type cleaner struct{ *testing.M }

// Run runs the tests.
func (c cleaner) Run() int {
	code := c.M.Run()
	if sample.app != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := sample.app.Stop(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the sample city:", err)
			code = max(code, 1)
		}
		cancel()
	}
	if sample.dir != "" {
		if err := os.RemoveAll(sample.dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	return code
}

// serveSample returns the program serving the sample city, loaded.
func serveSample(t *testing.T) *App {
	t.Helper()
	sample.once.Do(func() {
		if sample.dir, sample.err = os.MkdirTemp("", "citystat"); sample.err != nil {
			return
		}
		sample.app, sample.err = startApp(testOptions("", sample.dir))
	})
	if sample.err != nil {
		t.Fatal(sample.err)
	}
	return sample.app
}

// testOptions are options for a test: any free port, errors only in the log.
func testOptions(path, data string) Options {
	o := DefaultOptions()
	o.Folder, o.Data, o.Addr = path, data, "127.0.0.1:0"
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return o
}

// startApp starts the program and waits until its first loads are over.
func startApp(o Options) (*App, error) {
	ctx := context.Background()
	app, err := NewApp(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := app.Start(ctx); err != nil {
		return nil, err
	}
	<-app.Loaded()
	return app, nil
}

// start is startApp for a test that stops it at its end.
func start(t *testing.T, o Options) *App {
	t.Helper()
	app, err := startApp(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, app) })
	return app
}

// stop ends the program; it may be called twice.
func stop(t *testing.T, app *App) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := app.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// get returns the body of a page that answers 200.
func get(t testing.TB, app *App, path string) []byte {
	t.Helper()
	status, body := fetch(t, app, path)
	if status != http.StatusOK {
		t.Fatalf("GET %s: %d\n%.500s", path, status, body)
	}
	return body
}

// fetch returns the status and body of any page.
func fetch(t testing.TB, app *App, path string) (int, []byte) {
	t.Helper()
	res, err := http.Get("http://" + app.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// card returns the published scorecard.
func card(t *testing.T, app *App) *scorecard.Scorecard {
	t.Helper()
	c, err := app.engine.Published(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Fatal("nothing is published")
	}
	return c
}

// output collects what the program says.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps p.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

// String returns all that was said.
func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
