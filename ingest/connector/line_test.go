package connector

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// TestTheLineIsNoColumnOfTheSource declares the number of the line: it is in every copy already, so nothing is looked for in the header, and a
// column of the source that is called the same is left out like any other.
func TestTheLineIsNoColumnOfTheSource(t *testing.T) {
	ds := dataset("date", "value")
	ds.Columns = append(ds.Columns, kpi.Column{Name: "line", From: kpi.FromLine, Type: kpi.TypeInteger})
	res, err := read(t, ds, folder("date,_line,value\n\n1,x,2\n3,y,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("_line,date,value\n3,1,2\n4,3,4\n", string(bytes.TrimSpace(plainOf(t, res.Files[0])))+"\n"); diff != "" {
		t.Error(diff)
	}
	if want := []string{"_line"}; !slices.Equal(res.Files[0].Undeclared, want) {
		t.Errorf("left out %q, want %q", res.Files[0].Undeclared, want)
	}
	long := wide(kpi.SourceCSV)
	long.Columns = append(long.Columns, kpi.Column{Name: "line", From: kpi.FromLine, Type: kpi.TypeInteger})
	if res, err = read(t, long, folder("code,PLAN 2024,DONE 2024,PLAN 2025,DONE 2025\na,1,2,3,4\n")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"2|a|2024|1|2", "2|a|2025|3|4"}, longRows(t, res)); diff != "" {
		t.Error(diff)
	}
}
