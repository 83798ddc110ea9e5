package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"citystat/ingest"
	"citystat/ingest/backup"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

// drillReport prints what the restore drill found, line by line as it goes on.
type drillReport struct {
	w     io.Writer
	wrong int
}

// line says of one thing whether it is as it should be.
func (r *drillReport) line(what, found string, err error) bool {
	mark := "ok     "
	if err != nil {
		mark, found = "WRONG  ", err.Error()
		r.wrong++
	}
	fmt.Fprintf(r.w, "%s %-10s %s\n", mark, what, printableText(found))
	return err == nil
}

// drill does everything that a restore does, and more, in a temporary directory, and says what it found.
func drill(ctx context.Context, w io.Writer, a *backup.Archive, file string) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "citystat-drill-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m := a.Manifest
	r := &drillReport{w: w}
	r.line("file", fmt.Sprintf("a backup of %s as of %s, written by %s: publication %d, data version %d", orNothing(m.City), m.Made.Format(time.RFC3339), m.Program, m.Publication, m.Version), nil)
	r.all(ctx, a, dir)
	if err := ctx.Err(); err != nil {
		return err
	}
	took := time.Since(began).Round(10 * time.Millisecond)
	if r.wrong > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s cannot be relied on: %s wrong (after %s); take another backup now, and keep the older ones", file, counted(r.wrong, "thing is", "things are"), took)
	}
	_, err = fmt.Fprintf(w, "%s can be restored; it took %s.\n", file, took)
	return err
}

// all looks at one thing after the other, and no further where the next would need what is wrong.
func (r *drillReport) all(ctx context.Context, a *backup.Archive, dir string) {
	m := a.Manifest
	facts, err := unpackInto(ctx, a, dir)
	if !r.line("hashes", fmt.Sprintf("%s, %d bytes, each as it was written", counted(len(m.Files), "file", "files"), m.Size()), err) {
		return
	}
	led, err := ledger.Open(ctx, filepath.Join(dir, backup.LedgerName))
	if !r.line("schema", fmt.Sprintf("%d, brought to this program's %d", m.Schema, ledger.NewestSchema()), err) {
		return
	}
	defer func() {
		if err := led.Close(); err != nil {
			r.line("ledger", "", err)
		}
	}()
	r.line("ledger", fmt.Sprintf("sound by SQLite's own checks; %s of the audit trail as they were written, the last with the hash of the manifest", counted(int(m.Entries), "entry", "entries")), sound(ctx, led, m))
	n, wrong, err := led.CheckPublications(ctx)
	if len(wrong) > 0 {
		err = errors.Join(err, kpi.Errorf(kpi.CodeInvalid, "%s; take an older backup", strings.Join(wrong, "; ")))
	}
	r.line("published", fmt.Sprintf("%s with the bytes that were published", counted(n, "publication", "publications")), err)
	r.line("warehouse", fmt.Sprintf("rebuilt from %s: %s with the counts and the numbers that became live", counted(len(facts.Copies), "kept copy", "kept copies"), counted(len(facts.Live), "data version", "data versions")),
		rebuilt(ctx, led, dir))
	r.line("holds", holds(facts), nil)
}

// rebuilt rebuilds the warehouse in a directory.
func rebuilt(ctx context.Context, led *ledger.DB, dir string) (err error) {
	quiet := slog.New(slog.DiscardHandler)
	wh, err := warehouse.Open(ctx, warehouse.Options{Dir: dir, Logger: quiet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, wh.Close()) }()
	runner, err := ingest.New(ingest.Options{Ledger: led, Warehouse: wh, Dir: dir, Logger: quiet})
	if err != nil {
		return err
	}
	return runner.Rebuild(ctx)
}

// holds says how much of what people made is in a ledger.
func holds(f ledger.Facts) string {
	var papers []string
	var sum int64
	for _, kind := range slices.Sorted(maps.Keys(f.Papers)) {
		papers, sum = append(papers, fmt.Sprintf("%s %d", kind, f.Papers[kind])), sum+f.Papers[kind]
	}
	more := ""
	if len(papers) > 0 {
		more = fmt.Sprintf(" (%s) in %s", strings.Join(papers, ", "), counted(int(f.Rows["paper"]), "revision", "revisions"))
	}
	return fmt.Sprintf("%s, %s%s, %s of residents, %s", counted(int(f.Rows["person"]), "person", "people"), counted(int(sum), "paper", "papers"), more,
		counted(int(f.Rows["feedback"]), "letter", "letters"), counted(int(f.Rows["publication"]), "publication", "publications"))
}
