package catalog_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"citystat/ingest/catalog"
)

func TestProblem(t *testing.T) {
	p := catalog.Problem{File: "city.yaml", Line: 3, Column: 7, Message: "there is no zone", Mend: "write UTC", Severity: catalog.SeverityError, Source: "zone: \x1b[31mBoston"}
	warning := catalog.Problem{File: "x.yaml", Message: "nothing reads this file", Severity: catalog.SeverityWarning}
	ps := catalog.Problems{p, warning}
	if got, want := ps.String(), "city.yaml:3:7: there is no zone; write UTC\nx.yaml: warning: nothing reads this file\n"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
	if !ps.Failed() || ps[1:].Failed() || ps.Count(catalog.SeverityWarning) != 1 {
		t.Errorf("Failed: %t, %t; warnings: %d", ps.Failed(), ps[1:].Failed(), ps.Count(catalog.SeverityWarning))
	}
	var b strings.Builder
	if err := ps.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := "city.yaml:3:7: there is no zone; write UTC\n     3 | zone: ·[31mBoston\n       |       ^\nx.yaml: warning: nothing reads this file\n"
	if b.String() != want {
		t.Errorf("Print writes %q, want %q", b.String(), want)
	}
	j, err := json.Marshal(p)
	if err != nil || string(j) != `{"file":"city.yaml","line":3,"column":7,"message":"there is no zone","mend":"write UTC","severity":"error","source":"zone: \u001b[31mBoston"}` {
		t.Errorf("JSON: %s, %v", j, err)
	}
}

// TestPrintLong cuts a long line so that the place is in what is left, with the caret under it.
func TestPrintLong(t *testing.T) {
	line := strings.Repeat("é", 300) + "X" + strings.Repeat("é", 300)
	for _, c := range []struct {
		source string
		column int
	}{{line, 301}, {line[600:], 1}, {line[:601], 301}, {line, 1}, {line, 602}} {
		var b strings.Builder
		ps := catalog.Problems{{File: "f", Line: 1, Column: c.column, Message: "m", Source: c.source}}
		if err := ps.Print(&b); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(b.String(), "\n")
		shown, caret := []rune(lines[1]), strings.IndexByte(lines[2], '^')
		if len(shown) > 130 || caret > len(shown) {
			t.Errorf("column %d: %q", c.column, b.String())
		}
		runes := []rune(c.source)
		if c.column <= len(runes) && shown[caret] != runes[c.column-1] {
			t.Errorf("column %d: the caret stands under %q", c.column, shown[caret])
		}
	}
}

// full is a disk without room.
type full struct{}

var errFull = errors.New("no room")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPrintFails(t *testing.T) {
	if err := (catalog.Problems{{File: "f", Message: "m"}}).Print(full{}); !errors.Is(err, errFull) {
		t.Errorf("Print to a full disk: %v", err)
	}
}
