package main

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// explainTown is the town of the script, judged as of today.
func explainTown(t *testing.T) (folder string, archive *txtar.Archive) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/script/explain.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for k, f := range archive.Files {
		archive.Files[k].Data = []byte(strings.Replace(string(f.Data), "as_of: 2026-03-31\n", "", 1))
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "town"), archive
}

// text returns the text beside a label, as a reader sees it.
func (x explained) text(t *testing.T, label string) string {
	t.Helper()
	var all []line
	all = append(append(append(all, x.Clocks...), x.Counted...), x.Targets...)
	for _, a := range x.Answers {
		for _, f := range slices.Concat(a.Inputs, a.LeftOut) {
			all = append(all, line{a.Question + ": " + f.Label, f.Text})
		}
	}
	for _, l := range all {
		if l.Label == label {
			return spoken(l.Text)
		}
	}
	t.Fatalf("nothing is said of %q in %+v", label, all)
	return ""
}

// TestExplainAsKnownThen: rows came again with other content, the measure was changed and the target moved; what was known before all that is still
// known, with the number, the definition and the target of that day, through the server and without it.
func TestExplainAsKnownThen(t *testing.T) {
	folder, archive := explainTown(t)
	var now atomic.Pointer[time.Time]
	day := func(s string) {
		at, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		at = at.Add(15 * time.Hour)
		now.Store(&at)
	}
	day("2026-04-10")
	data := t.TempDir()
	o := testOptions(folder, data)
	o.Now = func() time.Time { return *now.Load() }
	app := start(t, o)

	day("2026-04-20")
	var dataset string
	for _, f := range archive.Files {
		if f.Name == "town/datasets/repairs.yaml" {
			dataset = string(f.Data)
		}
	}
	dataset = strings.Replace(dataset, "      share: {of: closed <= due}", "      share: {of: closed <= due}\n      where: id <> '3'", 1)
	dataset = strings.Replace(dataset, "value: 80, set: 2026-01-15", "value: 70, set: 2026-01-15", 1)
	put(t, folder, map[string]string{
		"datasets/repairs.yaml": dataset,
		"data/repairs.csv":      "ID,OPENED,DUE,CLOSED\n1,2026-03-01,2026-03-05,2026-03-04\n2,2026-03-02,2026-03-06,2026-03-06\n3,2026-03-03,2026-03-12,2026-03-11\n4,2026-03-04,,2026-03-11\n",
	})
	if err := app.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}

	ask := func(asOf, knownAt string) explained {
		t.Helper()
		x, err := explainNow(t.Context(), io.Discard, folder, data, url.Values{"indicator": {"on-time"}, "as_of": {asOf}, "known_at": {knownAt}})
		if err != nil {
			t.Fatalf("as of %q, known at %q: %v", asOf, knownAt, err)
		}
		return x
	}
	check := func(what string, x explained, want map[string]string) {
		t.Helper()
		got := map[string]string{}
		for label := range want {
			got[label] = x.text(t, label)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got)\n%s", what, d)
		}
	}
	const target = "Target for the year, by December\u00a031, 2026"
	first := map[string]string{
		"Day that is judged": "April 10, 2026", "Data version": "1", "Version of the definitions": "1", "Definition version": "1",
		target: "80%", "status: Value": "66.7%", "status: Target": "80%", "status: No due date": "1",
	}
	second := map[string]string{
		"Day that is judged": "April 20, 2026", "As known": "now", "Data version": "2", "Version of the definitions": "2", "Definition version": "2",
		"Which rows take part": "id <> '3'", target: "70%", "status: Value": "100.0%", "status: Target": "70%",
	}
	check("now", ask("", ""), second)
	then := ask("", "2026-04-10")
	check("as known on the first day", then, first)
	if slices.ContainsFunc(then.Counted, func(l line) bool { return strings.Contains(l.Text, "'3'") }) || len(then.Changes) != 0 {
		t.Errorf("what was changed later was known before: %+v, %+v", then.Counted, then.Changes)
	}
	check("as known on the first day, by the time", ask("2026-04-10", "2026-04-10T15:00:00Z"), first)
	check("as of the first day, as known now", ask("2026-04-10", ""), map[string]string{"Day that is judged": "April 10, 2026", "status: Value": "100.0%", target: "70%"})
	changed := ask("", "").Changes
	if len(changed) < 2 {
		t.Fatalf("the changes are %+v", changed)
	}
	for _, c := range changed {
		if last := c.Sentences[len(c.Sentences)-1]; last != "Nobody said why." {
			t.Errorf("%+v", c)
		}
	}

	stop(t, app)
	alone := ask("2026-04-10", "2026-04-10")
	check("without the server", alone, first)
	if d := cmp.Diff(asJSON(t, then), asJSON(t, alone)); d != "" {
		t.Errorf("the server and the stores say different things (-server +stores)\n%s", d)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSpoken: what a folder says commands no terminal.
func TestSpoken(t *testing.T) {
	for s, want := range map[string]string{
		"Árboles plantados: 5\u00a0%": "Árboles plantados: 5 %", "a\x1b[31mb": "a�[31mb", "x\u202ecba": "x�cba", "two\nlines": "two�lines", "1\u202f000": "1 000",
	} {
		if got := spoken(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
