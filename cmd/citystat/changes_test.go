package main

import (
	"context"
	"slices"
	"strings"
	"testing"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
)

// changing is a source whose deliveries are changes once it is told so.
type changing struct {
	ingest.Connector
	changes bool
}

func (c *changing) Read(ctx context.Context, req connector.Request) (connector.Result, error) {
	res, err := c.Connector.Read(ctx, req)
	res.Changes = c.changes
	return res, err
}

// TestRejectsOfChanges: a row that a delivery of changes lost does not come again with the next one, so it is shown until everything was fetched.
func TestRejectsOfChanges(t *testing.T) {
	app, _, dir := startTown(t)
	source := &changing{Connector: app.engine.runner.Connectors[kpi.SourceCSV]}
	app.engine.runner.Connectors[kpi.SourceCSV] = source
	// Load 1 has brought everything, and refused a row.
	expect := func(delivery string, changes bool, load, since int64, rows ...int64) string {
		t.Helper()
		source.changes = changes
		put(t, dir, map[string]string{"data/repairs.csv": "ID,DUE,CLOSED\n" + delivery})
		rep := ingestOne(t, app, "repairs")
		if rep.Error != "" || rep.Load.ID != load || rep.Load.Changes != changes || countOf(rep.Rejects) != rep.Load.Counts.Rejected {
			t.Fatalf("load %d: %+v", load, rep)
		}
		list, err := app.engine.allRefused(t.Context(), "repairs", kpi.RejectQuery{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		r, want := list[0], int64(len(rows))
		var loads []int64
		for _, x := range r.Rows {
			loads = append(loads, x.Load)
		}
		if r.Load != load || r.Since != since || !slices.Equal(loads, rows) || countOf(r.Groups) != want {
			t.Errorf("after load %d: %+v, want rows of loads %v since %d", load, r, rows, since)
		}
		reports, err := (&staff{engine: app.engine, jobs: app.jobs}).Datasets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n := countOf(reports[0].State.Rejects); n != want {
			t.Errorf("after load %d the pages show %d rows, want %d", load, n, want)
		}
		var said strings.Builder
		if err := printRefused(&said, list, "text", true); err != nil {
			t.Fatal(err)
		}
		return said.String()
	}
	expect("5,soon,\n6,2026-03-05,2026-03-04\n", true, 2, 1, 2, 1)
	expect("7,never,\n8,today,\n", true, 3, 1, 3, 3, 2, 1)
	said := expect("9,2026-03-06,2026-03-05\n", true, 4, 1, 3, 3, 2, 1)
	for _, want := range []string{"repairs: refused in loads 1 to 4 (live)\n", "\nload 3, data/repairs.csv:2: DUE bad_date: ", "\nload 1, data/repairs.csv:5: DUE bad_date: "} {
		if !strings.Contains(said, want) {
			t.Errorf("not said %q:\n%s", want, said)
		}
	}
	if found, err := findings(t, dir, app.engine.dir); err != nil || found["counts"].Looked != 4 {
		t.Errorf("the doctor: %v: %+v", err, found)
	}
	said = expect("1,2026-03-02,2026-03-01\n2,2026-03-05,2026-03-09\n", false, 5, 5)
	if want := "repairs: no row was refused in load 5\n"; said != want {
		t.Errorf("said %q, want %q", said, want)
	}
}

// countOf adds up the rows of groups.
func countOf(groups []kpi.RejectGroup) (n int64) {
	for _, g := range groups {
		n += g.Rows
	}
	return n
}
