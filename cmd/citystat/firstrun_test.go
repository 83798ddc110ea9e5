package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// firstRun is the heading of the README's section for whoever runs the program.
const firstRun = "## From nothing to a server that is kept"

// TestFirstRun runs every command that the README tells whoever runs the program, in its order, with the small town in the place of their city.
func TestFirstRun(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(readme), firstRun)
	if !ok {
		t.Fatalf("README.md has no section %q", firstRun)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	dir := t.TempDir()
	for _, d := range []string{"lib", "backups"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	here := strings.NewReplacer("/var/lib/citystat", filepath.Join(dir, "lib", "citystat"), "/var/backups/citystat", filepath.Join(dir, "backups"),
		"mycity", smallTown(t), "$(date +%F)", "2026-03-31", "127.0.0.1:8080", "127.0.0.1:0")
	commands := regexp.MustCompile(`(?m)^\$ citystat (.*)$`).FindAllStringSubmatch(section, -1)
	seen := map[string]bool{}
	for _, c := range commands {
		args := shellWords(here.Replace(c[1]))
		seen[args[0]] = true
		if args[0] == "serve" {
			serving(t, args)
			continue
		}
		if said, err := citystat(t, args...); err != nil {
			t.Fatalf("citystat %s: %v\n%s", c[1], err, said)
		}
	}
	for _, want := range []string{"check", "ingest", "user", "serve", "backup", "restore", "doctor", "audit", "export"} {
		if !seen[want] {
			t.Errorf("the README's first run has no citystat %s", want)
		}
	}
	// What cron runs is the command above, in cron's way of writing it.
	cron := regexp.MustCompile(`(?m)^15 2 \* \* \*  citystat (.*)$`).FindStringSubmatch(section)
	if cron == nil || !strings.Contains(section, "$ citystat "+strings.ReplaceAll(cron[1], `\%`, "%")+"\n") {
		t.Errorf("the line for cron %q is no command that was run", cron)
	}
}

// shellWords splits a command line at its spaces; what stands in quotes is one word.
func shellWords(line string) (list []string) {
	for _, m := range regexp.MustCompile(`"([^"]*)"|(\S+)`).FindAllStringSubmatch(line, -1) {
		list = append(list, m[1]+m[2])
	}
	return list
}

// serving runs a server until the test ends, and returns once it says that it is ready.
func serving(t *testing.T, args []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	said := &waiter{word: "Ready.", heard: make(chan struct{})}
	ended := make(chan error, 1)
	cmd := newRoot(nil, said, said)
	cmd.SetArgs(args)
	go func() { ended <- cmd.ExecuteContext(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case <-said.heard:
	case err := <-ended:
		ended <- nil
		t.Fatalf("citystat %v ended: %v\n%s", args, err, said.buf.String())
	case <-time.After(time.Minute):
		t.Fatalf("not ready after a minute:\n%s", said.buf.String())
	}
}

// waiter collects what is written and tells when a word was among it.
type waiter struct {
	word  string
	heard chan struct{}
	once  sync.Once
	mu    sync.Mutex
	buf   bytes.Buffer
}

// Write keeps p.
func (w *waiter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := w.buf.Write(p)
	if strings.Contains(w.buf.String(), w.word) {
		w.once.Do(func() { close(w.heard) })
	}
	return n, err
}
