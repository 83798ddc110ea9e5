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
	if ps := Problems(l.problems); ps.Failed() {
		t.Error("what is only counted refuses the folder before it is told")
	}
	l.record(Problem{Severity: SeverityError, Delivery: true, Message: "no file"}, place{src: src, line: 1, column: 1})
	if ps := Problems(l.problems); ps.Failed() || len(ps.Deliveries()) != 1 {
		t.Error("a missing delivery beyond the list refuses the folder, or is not listed")
	}
	l.listRest()
	ps := Problems(l.problems)
	if !ps.Failed() || ps.Count(SeverityError) != 2 || ps.Count(SeverityWarning) != maxRecords+1 {
		t.Errorf("%d errors and %d warnings of 2 and %d", ps.Count(SeverityError), ps.Count(SeverityWarning), maxRecords+1)
	}
}
