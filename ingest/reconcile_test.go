package ingest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// crash is what a panic in a hook carries: the program ends there, as far as the stores can tell.
type crash struct{}

// crashAt runs a load that ends at a step without anything after it.
func (k *kit) crashAt(step kpi.Step, dataset string) {
	k.t.Helper()
	k.hook = func(s kpi.Step) {
		if s == step {
			panic(crash{})
		}
	}
	defer func() {
		if _, ok := recover().(crash); !ok {
			k.t.Errorf("the load did not reach %s", step)
		}
		k.store = &store{versions: k.store.versions, held: k.store.held, loads: k.store.loads, fail: k.store.fail, hook: k.store.hook, twist: k.store.twist}
		k.hook = func(kpi.Step) {}
		k.restart()
	}()
	if _, err := k.run(dataset); err != nil {
		k.t.Error(err)
	}
}

func (k *kit) reconcile() {
	k.t.Helper()
	if err := k.runner.Reconcile(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}

func TestReconcileAfterACrashAtEveryStep(t *testing.T) {
	for _, step := range kpi.Steps {
		t.Run(string(step), func(t *testing.T) {
			k := newKit(t)
			k.mustRun("permits")
			before := k.store.newest()
			k.crashAt(step, "requests")
			k.reconcile()
			if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive, kpi.LoadAbandoned}, k.state()); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, k.store.newest()); diff != "" {
				t.Errorf("the warehouse is not as it was:\n%s", diff)
			}
			if left := k.tmp(); len(left) > 0 {
				t.Errorf("left in tmp: %v", left)
			}
			loads, err := k.books.Loads(t.Context(), "requests", 1)
			if err != nil || loads[0].Error != "the program ended during this load" {
				t.Errorf("%+v, %v", loads, err)
			}
			k.mustRun("requests")
		})
	}
}

func TestReconcileOfHealthyStoresDoesNothing(t *testing.T) {
	k := newKit(t)
	k.reconcile()
	k.mustRun("requests")
	k.mustRun("requests")
	k.restart()
	k.reconcile()
	if len(k.store.loads) != 1 || len(k.store.undone) > 0 {
		t.Errorf("%d loads, undone %v", len(k.store.loads), k.store.undone)
	}
	if diff := cmp.Diff([]kpi.LoadState{kpi.LoadLive, kpi.LoadUnchanged}, k.state()); diff != "" {
		t.Error(diff)
	}
}

func TestReconcileTakesOutWhatTheLedgerDoesNotKnow(t *testing.T) {
	k := newKit(t)
	k.mustRun("requests")
	k.store.commit(2, map[string]string{"requests": "ghost"})
	k.store.commit(7, map[string]string{"requests": "ghost of a ghost"})
	k.reconcile()
	if diff := cmp.Diff([]int64{7, 2}, k.store.undone); diff != "" {
		t.Error(diff)
	}
}

// history runs two loads of one dataset, one of the other, a new day and a new definition.
func history(t *testing.T) *kit {
	t.Helper()
	k := newKit(t)
	k.mustRun("requests")
	k.mustRun("permits")
	k.files["data/requests.csv"].Data = []byte(requestsCSV + "r5,2026-02-05,2026-02-10,2026-02-09,\n")
	k.mustRun("requests")
	if err := k.runner.Refresh(t.Context(), k.city, asOf.AddDays(1)); err != nil {
		t.Fatal(err)
	}
	k.city.Hash, k.city.Indicators[2].Measure.Where = "folder-2", "no = 'p1'"
	k.record()
	if err := k.runner.Refresh(t.Context(), k.city, asOf.AddDays(1)); err != nil {
		t.Fatal(err)
	}
	k.restart()
	return k
}

func TestReconcileRebuilds(t *testing.T) {
	for name, lose := range map[string]func(*store){
		"everything":         func(s *store) { clear(s.versions); clear(s.held) },
		"the newest version": func(s *store) { delete(s.versions, 5); delete(s.held, 5) },
		"a version between":  func(s *store) { delete(s.versions, 2); delete(s.held, 2) },
		"some observations":  func(s *store) { s.versions[5] = "damaged" },
	} {
		t.Run(name, func(t *testing.T) {
			k := history(t)
			want := k.store.newest()
			lose(k.store)
			k.store.loads, k.store.again = nil, nil
			k.reconcile()
			if diff := cmp.Diff(want, k.store.newest()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(k.store.loads) != 3 || len(k.store.again) != 2 {
				t.Errorf("%d loads and %d recomputations were replayed", len(k.store.loads), len(k.store.again))
			}
		})
	}
}

func TestRebuildReplaysEverythingAsItWas(t *testing.T) {
	k := history(t)
	loads, again, sums := k.store.loads, k.store.again, k.store.versions
	k.store = newStore()
	k.restart()
	if err := k.runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sums, k.store.versions); diff != "" {
		t.Errorf("checksums (-want +got):\n%s", diff)
	}
	for i, in := range k.store.loads {
		was := loads[i]
		if diff := cmp.Diff(was.Load, in.Load); diff != "" {
			t.Errorf("load %d (-first +again):\n%s", was.Load.ID, diff)
		}
		if diff := cmp.Diff(was.Rejects, in.Rejects); diff != "" {
			t.Errorf("rejects of load %d (-first +again):\n%s", was.Load.ID, diff)
		}
		if diff := cmp.Diff(was.Previous, in.Previous); diff != "" {
			t.Errorf("the load before load %d (-first +again):\n%s", was.Load.ID, diff)
		}
		if in.Visible != was.Visible || in.Read != was.Read || in.Skipped != was.Skipped || in.City.Hash != "folder-1" {
			t.Errorf("load %d: %+v", was.Load.ID, in)
		}
	}
	for i, in := range k.store.again {
		if was := again[i]; in.Version != was.Version || in.AsOf != was.AsOf || in.Visible != was.Visible {
			t.Errorf("recomputation %d: %+v, was %+v", i, in, was)
		}
	}
	if h := k.store.again[1].City.Indicators[2].Version; h != 2 || k.store.again[0].City.Indicators[2].Version != 1 {
		t.Errorf("definition version %d", h)
	}
	if left := k.tmp(); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
}

func TestRebuildTellsDifferences(t *testing.T) {
	k := history(t)
	l, _, err := k.books.LastLive(t.Context(), "permits", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	rejects := filepath.Join(k.dir, "spool", "rejects", "1.json.zst")
	if err := os.Remove(rejects); err != nil {
		t.Fatal(err)
	}
	err = k.runner.Rebuild(t.Context())
	if err == nil || !strings.Contains(err.Error(), "data version 1 came back with other counts") || strings.Contains(err.Error(), "data version 2 ") {
		t.Errorf("lost rejects: %v", err)
	}
	if err := os.Remove(filepath.Join(k.dir, "spool", l.Spool[0].Copy[:2], l.Spool[0].Copy+".csv.s2")); err != nil {
		t.Fatal(err)
	}
	err = k.runner.Rebuild(t.Context())
	if kpi.ErrorCode(err) != kpi.CodeNotFound || !strings.Contains(err.Error(), "data version 2 cannot be rebuilt: the spool has lost the copy "+l.Spool[0].Copy) {
		t.Errorf("lost copy: %v", err)
	}
}

func TestReconcileTellsWhatItCannotMend(t *testing.T) {
	for _, m := range []string{"Versions", "Checksum"} {
		k := newKit(t)
		k.mustRun("requests")
		k.store.fail[m] = errBroken
		if err := k.runner.Reconcile(t.Context()); !errors.Is(err, errBroken) {
			t.Errorf("%s: error %v", m, err)
		}
	}
	k := newKit(t)
	k.crashAt(kpi.StepLive, "requests")
	k.store.fail["Undo"] = errBroken
	if err := k.runner.Reconcile(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("Undo: error %v", err)
	}
	if diff := cmp.Diff([]kpi.LoadState{kpi.LoadStaged}, k.state()); diff != "" {
		t.Errorf("a load that is still in the warehouse was abandoned:\n%s", diff)
	}
}
