package ingest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
)

// portal is a connector that remembers what it was asked and answers as the test says.
type portal struct {
	asked  []connector.Request
	answer func(ctx context.Context, req connector.Request) (connector.Result, error)
}

func (p *portal) Read(ctx context.Context, req connector.Request) (connector.Result, error) {
	p.asked = append(p.asked, req)
	return p.answer(ctx, req)
}

// fromCSV answers with a file's rows.
func fromCSV(text string, change func(*connector.Result)) func(context.Context, connector.Request) (connector.Result, error) {
	return func(ctx context.Context, req connector.Request) (connector.Result, error) {
		ds := *req.Dataset
		ds.Source = kpi.Source{Kind: "csv", Path: "came.csv"}
		req.Dataset, req.Folder = &ds, fstest.MapFS{"came.csv": {Data: []byte(text)}}
		res, err := connector.CSV{}.Read(ctx, req)
		if err == nil && change != nil {
			change(&res)
		}
		return res, err
	}
}

// changes makes of a result a delivery of changes up to a cursor.
func changes(cursor string) func(*connector.Result) {
	return func(r *connector.Result) { r.Changes, r.Cursor = true, cursor }
}

// nothing is a delivery of no changes at all.
func nothing(cursor string) func(context.Context, connector.Request) (connector.Result, error) {
	return func(context.Context, connector.Request) (connector.Result, error) {
		return connector.Result{Changes: true, Cursor: cursor, SourceHash: "of nothing"}, nil
	}
}

// withPortal gives a kit a portal in place of the files of its requests.
func withPortal(t *testing.T) (*kit, *portal) {
	t.Helper()
	k, p := newKit(t), &portal{}
	k.city.Hash, k.city.Datasets[0].Source = "folder-portal", kpi.Source{Kind: "portal", Delivers: kpi.DeliversChanges}
	k.record()
	k.runner.Connectors["portal"] = p
	return k, p
}

func TestWhatAConnectorIsTold(t *testing.T) {
	k, p := withPortal(t)
	k.runner.Network = &connector.Network{}
	p.answer = fromCSV(requestsCSV, func(r *connector.Result) {
		r.Cursor = "17"
		r.Files[0].Fetch = kpi.Fetch{URL: "https://data.example/requests", Status: 200, ETag: `"a"`}
	})
	first := k.mustRun("requests")
	req := p.asked[0]
	if req.Previous.ID != 0 || req.Network != k.runner.Network || req.Place != nil || req.Dir != filepath.Join(k.dir, "spool", "tmp") {
		t.Errorf("asked %+v", req)
	}
	if _, _, err := req.Recorded.Table(t.Context(), ingest.TableLoads); err != nil {
		t.Error(err)
	}
	k.mustRun("requests")
	if got := p.asked[1].Previous; got.ID != first.Load.ID || got.Cursor != "17" || got.Spool[0].Fetch.ETag != `"a"` {
		t.Errorf("previous %+v", got)
	}
	k.city.Hash, k.city.Datasets[0].Hash = "folder-2", "reading-2"
	k.record()
	k.mustRun("requests")
	if got := p.asked[2].Previous; got.ID != 0 {
		t.Errorf("read in another way, and still told of %+v", got)
	}
	k.city.Hash = "folder-3"
	k.city.Districts = []kpi.District{{ID: "north", Polygons: [][][][2]float64{{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}}}}}
	k.city.Datasets[0].Source.Geometry = "district"
	k.record()
	k.mustRun("requests")
	if got := p.asked[3]; got.Previous.ID != 0 || got.Place(0.5, 0.5) != "north" || got.Place(2, 2) != "" {
		t.Errorf("asked %+v", got)
	}
	k.city.Hash, k.city.Districts[0].Polygons[0][0][2] = "folder-4", [2]float64{2, 2}
	k.record()
	k.mustRun("requests")
	if got := p.asked[4].Previous; got.ID != 0 {
		t.Error("borders have moved, and places were not looked for anew")
	}
}

func TestASourceThatIsAsItWas(t *testing.T) {
	k, p := withPortal(t)
	same := func(context.Context, connector.Request) (connector.Result, error) {
		return connector.Result{NotModified: true}, nil
	}
	p.answer = same
	if _, err := k.run("requests"); err == nil || !strings.Contains(err.Error(), "that it was not told of") {
		t.Errorf("nothing is new since nothing: %v", err)
	}
	p.answer = fromCSV(requestsCSV, nil)
	first := k.mustRun("requests")
	p.answer = same
	if rep := k.mustRun("requests"); !rep.Unchanged || rep.Load.ID != first.Load.ID {
		t.Errorf("report %+v", rep)
	}
	// Other definitions are counted from the rows that are there.
	k.city.Hash, k.city.Indicators[0].Measure.Where = "folder-2", "id = 'r1'"
	k.record()
	reports, err := k.runner.RunAll(t.Context(), k.city, k.files, asOf, byHand, "requests")
	if err != nil || len(reports) != 2 || !reports[0].Unchanged || reports[1].Load.Cause != kpi.CauseDefinitions {
		t.Errorf("reports %+v, %v", reports, err)
	}
}

func TestDeliveriesOfChanges(t *testing.T) {
	k, p := withPortal(t)
	last := func() kpi.Load {
		t.Helper()
		l, _, err := k.books.LastLive(t.Context(), "requests", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	p.answer = nothing("9")
	if _, err := k.run("requests"); err == nil {
		t.Error("changes of nothing")
	}
	p.answer = fromCSV(requestsCSV, func(r *connector.Result) { r.Cursor = "10" })
	full := k.mustRun("requests")
	if l := last(); l.Changes || l.Cursor != "10" {
		t.Errorf("the whole: %+v", l)
	}
	const one = "id,opened,due,closed\nr9,2026-02-05,2026-02-10,\n"
	p.answer = fromCSV(one, changes("11"))
	rep := k.mustRun("requests")
	if l := last(); l.ID != rep.Load.ID || !l.Changes || l.Cursor != "11" || !k.store.loads[1].Load.Changes || k.store.loads[1].Previous.ID != full.Load.ID {
		t.Errorf("the changes: %+v", l)
	}
	// Nothing came, the same came again: nothing happens, and the next delivery goes on from where rows came.
	for _, answer := range []func(context.Context, connector.Request) (connector.Result, error){nothing("12"), fromCSV(one, changes("12"))} {
		p.answer = answer
		if again := k.mustRun("requests"); !again.Unchanged || again.Load.ID != rep.Load.ID || last().Cursor != "11" {
			t.Errorf("%+v", again)
		}
	}
	if got := p.asked[len(p.asked)-1].Previous.Cursor; got != "11" {
		t.Errorf("asked to go on from %q", got)
	}
	// A row that is set aside is not nothing.
	p.answer = fromCSV("id,opened,due,closed\nr9\n", changes("13"))
	if rep := k.mustRun("requests"); rep.Unchanged || rep.Load.Counts.Rejected != 1 {
		t.Errorf("%+v", rep)
	}
	if err := k.runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := k.store.loads[len(k.store.loads)-2]
	if !again.Load.Changes || again.Load.Cursor != "11" || again.Previous.ID != full.Load.ID {
		t.Errorf("rebuilt from %+v", again.Load)
	}
}

// TestWhoAcceptsANumberOfRows: the bound is off for that load alone, also when it is rebuilt.
func TestWhoAcceptsANumberOfRows(t *testing.T) {
	k := newKit(t)
	k.city.Hash, k.city.Datasets[0].Expect.RowsChangeAtMost = "folder-2", 0.1
	k.record()
	bound := func(i int) float64 { return k.store.loads[i].City.Dataset("requests").Expect.RowsChangeAtMost }
	k.mustRun("requests")
	k.files["data/requests.csv"].Data = []byte(secondCSV)
	rep, err := k.runner.Run(t.Context(), k.city, k.files, "requests", asOf, ingest.How{Trigger: kpi.TriggerPerson, Accepted: "the controller"})
	if err != nil || bound(0) != 0.1 || bound(1) != 0 || k.city.Datasets[0].Expect.RowsChangeAtMost != 0.1 {
		t.Fatalf("bounds %g and %g, %v", bound(0), bound(1), err)
	}
	l, _, err := k.books.LastLive(t.Context(), "requests", time.Time{})
	if err != nil || l.Accepted != "the controller" || l.Trigger != kpi.TriggerPerson || l.Attempt != 1 || !strings.Contains(strings.Join(l.Warnings, "; "), "accepted by the controller") {
		t.Errorf("%+v, %v", l, err)
	}
	if diff := cmp.Diff(l, rep.Load); diff != "" {
		t.Error(diff)
	}
	if err := k.runner.Rebuild(t.Context()); err != nil || bound(2) != 0.1 || bound(3) != 0 {
		t.Errorf("rebuilt with the bounds %g and %g, %v", bound(2), bound(3), err)
	}
}

// TestNothingIsLeftBehind: whatever a connector leaves in its directory is gone after the run, and one that breaks costs the delivery alone.
func TestNothingIsLeftBehind(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, req connector.Request) (connector.Result, error){
		"fails": func(context.Context, connector.Request) (connector.Result, error) {
			return connector.Result{}, errBroken
		},
		"breaks":   func(context.Context, connector.Request) (connector.Result, error) { panic("on purpose") },
		"succeeds": fromCSV(requestsCSV, nil),
		"finds naught": func(context.Context, connector.Request) (connector.Result, error) {
			return connector.Result{NotModified: true}, nil
		},
	} {
		k, p := withPortal(t)
		p.answer = func(ctx context.Context, req connector.Request) (connector.Result, error) {
			for _, path := range []string{"fetched.bin", "archive/member.csv"} {
				if err := errors.Join(os.MkdirAll(filepath.Dir(filepath.Join(req.Dir, path)), 0o700), os.WriteFile(filepath.Join(req.Dir, path), []byte("secret"), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			return end(ctx, req)
		}
		rep, err := k.run("requests")
		if (err == nil) != (name == "succeeds") || (rep.Error == "") != (err == nil) {
			t.Errorf("%s: %+v, %v", name, rep, err)
		}
		if left := k.tmp(); len(left) > 0 {
			t.Errorf("%s: left %v", name, left)
		}
		k.mustRun("permits") // the next one is not hindered
	}
}
