package catalog

import "testing"

// A mistake beyond the list still refuses the folder, and is counted: a thousand warnings do not hide it.
func TestMoreThanAreListed(t *testing.T) {
	l := newLoader(nil)
	src := &source{name: "city.yaml", lines: []string{"x"}}
	for range maxRecords {
		l.add(SeverityWarning, place{src: src, line: 1, column: 1}, "a warning", "")
	}
	l.add(SeverityError, place{src: src, line: 1, column: 1}, "a mistake", "")
	l.add(SeverityWarning, place{src: src, line: 1, column: 1}, "a warning", "")
	l.listRest()
	ps := Problems(l.problems)
	if !ps.Failed() || ps.Count(SeverityError) != 1 || ps.Count(SeverityWarning) != maxRecords+1 {
		t.Errorf("%d errors and %d warnings of 1 and %d", ps.Count(SeverityError), ps.Count(SeverityWarning), maxRecords+1)
	}
}
