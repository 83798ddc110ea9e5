package ledger

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// TestExportForgetsNoColumn compares what is exported with the schema: a table or column that is added later is exported, or said to be a secret.
func TestExportForgetsNoColumn(t *testing.T) {
	db := fresh(t)
	want := map[string][]string{}
	eachRow(t, db.read, `SELECT s.name, c.name FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY s.name, c.cid`, func(scan scanFunc) error {
		var table, column string
		err := scan(&table, &column)
		want[table] = append(want[table], column)
		return err
	})
	for _, e := range exportTables {
		has := map[string]bool{}
		for _, c := range e.columns {
			has[c.name] = true
			if (c.about == "") != (c.kind == isSecret) {
				t.Errorf("%s.%s: %q does not say what it is", e.name, c.name, c.about)
			}
			if !slices.Contains(want[e.name], c.name) {
				t.Errorf("the schema has no %s.%s", e.name, c.name)
			}
		}
		for _, c := range want[e.name] {
			if !has[c] {
				t.Errorf("%s.%s is neither exported nor said to be a secret: add it to exportTables", e.name, c)
			}
		}
		delete(want, e.name)
	}
	if len(want) > 0 {
		t.Errorf("tables that are not exported: %v; add them to exportTables", slices.Sorted(maps.Keys(want)))
	}
}

// memory keeps the files of an export.
type memory map[string]*bytes.Buffer

func (m memory) Create(name string) (io.WriteCloser, error) {
	if m[name] != nil {
		return nil, fmt.Errorf("%s is written twice", name)
	}
	m[name] = new(bytes.Buffer)
	return closing{m[name]}, nil
}

type closing struct{ io.Writer }

func (closing) Close() error { return nil }

// apostrophe is a way to make cells safe that a test can undo.
func apostrophe(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@'") {
		return "'" + s
	}
	return s
}

// filled is a ledger in which everything has rows, with texts that try to break files.
func filled(t *testing.T) (*DB, []string) {
	t.Helper()
	db := fresh(t)
	hostile := []string{`=HYPERLINK("http://x","y")`, "a,b;\"c\"\nsecond line", "</script>\u202e", "{\"not\": \"json\"}", "null", "12", "'quoted"}
	by, now := account.By{Name: `"by", =me`}, day
	f := record(t, db, city("h1"), day)
	live(t, db, "requests", f, day)
	ana := add(t, db, "ana@city.gov", account.Grant{Role: account.Administrator})
	secret, err := db.NewLink(t.Context(), ana, by, now, time.Hour)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	_, err = db.UseLink(t.Context(), secret, "the hash of a password", now)
	must(err)
	must(db.Sessions(func() time.Time { return now }).CommitCtx(t.Context(), "token", []byte("what a session holds"), now.Add(time.Hour)))
	_, err = db.Identify(t.Context(), "https://id.city.gov", "ana", "ana@city.gov", true, now)
	must(err)
	_, err = db.Publish(t.Context(), Publication{PublishedAt: now, AsOf: kpi.DateOf(day), Folder: f, Body: []byte(`{"results":[{"value":12.50}]}`)})
	must(err)
	for _, s := range []string{
		`INSERT INTO preference VALUES (1, 'weekly', 5)`, `INSERT INTO digest (person, day, state, tries, at) VALUES (1, '2026-03-01', 'sent', 1, 5)`,
		`INSERT INTO unsubscribe VALUES (randomblob(32), 1, 5)`,
	} {
		_, err := db.write.Exec(s)
		must(err)
	}
	for i, text := range hostile {
		c := kpi.Commentary{Indicator: "trees", Happened: text, Due: kpi.DateOf(day)}
		must(save(t.Context(), db, paper{kind: paperCommentary, state: "draft", subject: "trees", action: "test.saved"}, &c.Stamp, &c, by, now, nil))
		c.Why, c.Public = text, true
		must(save(t.Context(), db, paper{kind: paperCommentary, state: "draft", subject: "trees", action: "test.saved"}, &c.Stamp, &c, by, now, nil))
		reference := submit(t, db, kpi.Feedback{Received: now, Lang: kpi.English, Text: text, Email: fmt.Sprintf("r%d@home.example", i)})
		if i%2 == 0 {
			must(db.AnswerFeedback(t.Context(), reference, kpi.FeedbackAnswer{Heard: text, Said: text, By: text, Lang: kpi.English, At: now}))
		}
	}
	promised := kpi.Commitment{Text: hostile[0], Lang: kpi.English, Owner: "mayor", Made: kpi.DateOf(day), Due: kpi.DateOf(day), State: kpi.CommitmentOpen}
	must(db.SaveCommitment(t.Context(), &promised, by, now))
	for _, text := range hostile[:3] {
		e := kpi.Evidence{Commitment: 1, Shows: strings.Trim(kpi.PlainText(text), " "), Lang: kpi.English, Name: text + ".txt"}
		must(db.AddEvidence(t.Context(), &e, []byte("This is "+text), by, now))
	}
	must(db.WithdrawEvidence(t.Context(), 1, 2, hostile[5], by, now))
	b := kpi.EntryBatch{Dataset: "trees", Rows: []kpi.EntryRow{{Line: 1, Fields: map[string]string{"=a": hostile[0]}}}}
	must(save(t.Context(), db, paper{kind: paperEntry, state: "entered", subject: "trees", action: "test.entered"}, &b.Stamp, &b, by, now, nil))
	return db, hostile
}

func TestExportRoundTrip(t *testing.T) {
	db, hostile := filled(t)
	facts, err := Look(t.Context(), db.path)
	if err != nil {
		t.Fatal(err)
	}
	files := memory{}
	rows, err := Export(t.Context(), db.path, ExportOptions{Cell: apostrophe, Create: files.Create})
	if err != nil {
		t.Fatal(err)
	}
	texts := 0
	for name, n := range rows {
		lines := objects(t, name, files)
		cells := records(t, name, files)
		if int64(len(lines)) != n || int64(len(cells)) != n {
			t.Errorf("%s: %d rows, %d lines, %d records", name, n, len(lines), len(cells))
		}
		if table, ok := strings.CutPrefix(name, "papers/"); !ok && n != facts.Rows[table] {
			t.Errorf("%s: %d rows, and the table has %d", name, n, facts.Rows[table])
		}
		if facts.Rows[name] == 0 && !strings.HasPrefix(name, "papers/") {
			t.Errorf("%s: there is nothing in it to be tested", name)
		}
		for i, line := range lines {
			for column, is := range line {
				if text, ok := is.(string); ok {
					texts += compareCell(t, fmt.Sprintf("%s, row %d, %s", name, i+1, column), text, cells[i], column)
				}
			}
		}
	}
	if rows["papers/commentary"] != int64(2*len(hostile)) || rows["papers/entry"] != 1 || rows["papers/commentary"]+rows["papers/entry"]+rows["papers/commitment"] != facts.Rows["paper"] {
		t.Errorf("papers: %v of %d", rows, facts.Rows["paper"])
	}
	if texts < 100 {
		t.Errorf("only %d texts were compared", texts)
	}
	for i, line := range objects(t, "papers/commentary", files) {
		if got := line["body"].(map[string]any)["happened"]; got != hostile[i/2] {
			t.Errorf("commentary %d: %q, want %q", i, got, hostile[i/2])
		}
	}
	for i, cells := range records(t, "papers/commentary", files) {
		if got := undone(cells["happened"]); got != hostile[i/2] {
			t.Errorf("commentary %d: a cell of %q, want %q", i, got, hostile[i/2])
		}
		if want := []string{"", hostile[i/2]}[i%2]; undone(cells["why"]) != want || cells["due"] != "2026-03-01" {
			t.Errorf("commentary %d: %q, %q", i, cells["why"], cells["due"])
		}
	}
	for i := range 3 { // the second one was withdrawn
		want := "This is " + hostile[i]
		if got := files[fmt.Sprintf("evidence/%d.txt", i+1)]; (got != nil) != (i != 1) || got != nil && got.String() != want {
			t.Errorf("evidence %d: %q", i+1, got)
		}
	}
	readme := files["README.txt"].String()
	for _, want := range []string{`for the city "springfield"`, "person.jsonl, person.csv (1 rows)", "papers/commentary.jsonl", "addresses of residents who wait for an answer are left out", "as others read it"} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.txt does not say %q:\n%s", want, readme)
		}
	}
}

// compareCell compares a text of a line with the cell of the same column.
func compareCell(t *testing.T, where, text string, cells map[string]string, column string) int {
	t.Helper()
	cell, ok := cells[column]
	if !ok {
		return 0 // in the lines alone
	}
	if undone(cell) != text {
		t.Errorf("%s: a cell of %q, want %q", where, cell, text)
	}
	if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
		t.Errorf("%s: %q would be run", where, cell)
	}
	return 1
}

func undone(cell string) string { return strings.TrimPrefix(cell, "'") }

func objects(t *testing.T, name string, files memory) (list []map[string]any) {
	t.Helper()
	for line := range strings.Lines(files[name+".jsonl"].String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s.jsonl: %v in %s", name, err, line)
		}
		list = append(list, v)
	}
	return list
}

func records(t *testing.T, name string, files memory) (list []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(files[name+".csv"]).ReadAll()
	if err != nil {
		t.Fatalf("%s.csv: %v", name, err)
	}
	files[name+".csv"] = new(bytes.Buffer)
	w := csv.NewWriter(files[name+".csv"])
	if err := w.WriteAll(all); err != nil { // for whoever reads it again
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		v := map[string]string{}
		for i, c := range all[0] {
			if _, twice := v[c]; twice {
				t.Errorf("%s.csv has the column %s twice", name, c)
			}
			v[c] = r[i]
		}
		list = append(list, v)
	}
	return list
}

// TestExportTellsNoSecret: what would let somebody in is in no file, nor the addresses of residents unless somebody asks for them.
func TestExportTellsNoSecret(t *testing.T) {
	db, _ := filled(t)
	for _, addresses := range []bool{false, true} {
		files := memory{}
		if _, err := Export(t.Context(), db.path, ExportOptions{Addresses: addresses, Cell: apostrophe, Create: files.Create}); err != nil {
			t.Fatal(err)
		}
		found := 0
		for name, b := range files {
			for _, secret := range []string{"the hash of a password", "what a session holds"} {
				if bytes.Contains(b.Bytes(), []byte(secret)) {
					t.Errorf("%s holds %q", name, secret)
				}
			}
			if bytes.Contains(b.Bytes(), []byte("@home.example")) {
				found++
			}
		}
		if want := map[bool]int{false: 0, true: 2}[addresses]; found != want {
			t.Errorf("addresses are in %d files, want %d", found, want)
		}
	}
}

func TestExportEndsWithItsFiles(t *testing.T) {
	db, _ := filled(t)
	full := fmt.Errorf("the disk is full")
	n := 0
	_, err := Export(t.Context(), db.path, ExportOptions{Cell: apostrophe, Create: func(string) (io.WriteCloser, error) {
		if n++; n > 5 {
			return nil, full
		}
		return closing{io.Discard}, nil
	}})
	if err == nil || !strings.Contains(err.Error(), full.Error()) {
		t.Errorf("%v", err)
	}
}
