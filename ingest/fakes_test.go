package ingest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

var errBroken = errors.New("broken on purpose")

// store is a warehouse of the mind: what it holds of a version is the hash of the copies that were live then, by dataset.
type store struct {
	mu       sync.Mutex
	versions map[int64]string            // version → checksum
	held     map[int64]map[string]string // version → dataset → what was loaded
	loads    []warehouse.LoadInput
	again    []warehouse.RecomputeInput
	previews []warehouse.LoadInput
	undone   []int64
	hook     func(step kpi.Step) error // an error ends the load there
	fail     map[string]error          // by method
	twist    func(*warehouse.Output)   // changes what a load answers
}

func newStore() *store {
	return &store{versions: map[int64]string{}, held: map[int64]map[string]string{}, fail: map[string]error{}, hook: func(kpi.Step) error { return nil }, twist: func(*warehouse.Output) {}}
}

func (s *store) newest() map[string]string {
	if len(s.versions) == 0 {
		return map[string]string{}
	}
	return maps.Clone(s.held[slices.Max(slices.Collect(maps.Keys(s.versions)))])
}

func (s *store) commit(version int64, held map[string]string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%v", held))
	s.versions[version], s.held[version] = hex.EncodeToString(sum[:4]), held
	return s.versions[version]
}

func (s *store) Load(_ context.Context, in warehouse.LoadInput) (warehouse.Output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads = append(s.loads, in)
	for _, step := range []kpi.Step{kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit} {
		if in.Hook != nil {
			in.Hook(step)
		}
		if err := s.hook(step); err != nil {
			return warehouse.Output{}, err
		}
	}
	held := s.newest()
	held[in.Dataset] = fmt.Sprint(in.Load.AsOf)
	var rows int64
	for i, f := range in.Files {
		b, err := os.ReadFile(f)
		if err != nil {
			return warehouse.Output{}, err
		}
		held[in.Dataset] += string(b)
		rows += in.Load.Spool[i].Rows
	}
	structural := int64(len(in.Rejects))
	out := warehouse.Output{Counts: kpi.Counts{Read: in.Read, Accepted: rows, Rejected: structural, Skipped: in.Skipped}, Checksum: s.commit(in.Load.ID, held), Observations: 3, Warnings: []string{"from the warehouse"}}
	s.twist(&out)
	return out, s.fail["Load"]
}

func (s *store) Recompute(_ context.Context, in warehouse.RecomputeInput) (warehouse.Output, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["Recompute"]; err != nil {
		return warehouse.Output{}, err
	}
	s.again = append(s.again, in)
	held := s.newest()
	held["as of"] = in.AsOf.String()
	return warehouse.Output{Checksum: s.commit(in.Version, held)}, nil
}

func (s *store) RejectGroupsOf(context.Context, string, int64, int64) ([]kpi.RejectGroup, error) {
	return []kpi.RejectGroup{{Reason: "field_count", Rows: 1}}, s.fail["RejectGroupsOf"]
}

func (s *store) Preview(_ context.Context, in warehouse.LoadInput) (warehouse.Previewed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.previews = append(s.previews, in)
	return warehouse.Previewed{}, s.fail["Preview"]
}

func (s *store) Undo(_ context.Context, version int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fail["Undo"]; err != nil {
		return err
	}
	if _, ok := s.versions[version]; !ok {
		return nil
	}
	if slices.Max(slices.Collect(maps.Keys(s.versions))) != version {
		return fmt.Errorf("version %d is not the newest", version)
	}
	s.undone = append(s.undone, version)
	delete(s.versions, version)
	delete(s.held, version)
	return nil
}

func (s *store) Versions(context.Context) ([]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.versions)), s.fail["Versions"]
}

func (s *store) Checksum(_ context.Context, version int64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.versions[version], s.fail["Checksum"]
}

// books is a real ledger whose methods can be made to fail, before they do anything or, as "after Live", after they did.
type books struct {
	*ledger.DB
	fail map[string]error
}

func (b *books) Begin(ctx context.Context, l kpi.Load) (int64, error) {
	if err := b.fail["Begin"]; err != nil {
		return 0, err
	}
	return b.DB.Begin(ctx, l)
}

func (b *books) Stage(ctx context.Context, l kpi.Load) error {
	return errors.Join(b.fail["Stage"], b.DB.Stage(ctx, l))
}

func (b *books) Live(ctx context.Context, l kpi.Load) error {
	if err := b.fail["Live"]; err != nil {
		return err
	}
	return errors.Join(b.DB.Live(ctx, l), b.fail["after Live"])
}

func (b *books) End(ctx context.Context, l kpi.Load) error {
	if err := b.fail["End"]; err != nil {
		return err
	}
	return b.DB.End(ctx, l)
}

func (b *books) LastLive(ctx context.Context, dataset string, at time.Time) (kpi.Load, bool, error) {
	if err := b.fail["LastLive"]; err != nil {
		return kpi.Load{}, false, err
	}
	return b.DB.LastLive(ctx, dataset, at)
}

// kit is a runner with everything around it.
type kit struct {
	t      *testing.T
	dir    string
	store  *store
	books  *books
	runner *ingest.Runner
	city   *kpi.City
	files  fstest.MapFS
	steps  []kpi.Step
	hook   func(kpi.Step)
	clock  time.Time
}

var asOf = kpi.NewDate(2026, 3, 31)

// byHand is a run that somebody asked for.
var byHand = ingest.How{Trigger: kpi.TriggerPerson}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, dir: t.TempDir(), store: newStore(), city: town(), clock: time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC), hook: func(kpi.Step) {}}
	k.files = fstest.MapFS{"data/requests.csv": {Data: []byte(requestsCSV)}, "data/permits.csv": {Data: []byte(permitsCSV)}}
	db, err := ledger.Open(t.Context(), filepath.Join(k.dir, "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	k.books = &books{db, map[string]error{}}
	k.restart()
	k.record()
	return k
}

// restart makes a new runner on the same stores.
func (k *kit) restart() {
	k.t.Helper()
	var err error
	k.runner, err = ingest.New(ingest.Options{
		Ledger: k.books, Warehouse: k.store, Dir: k.dir, MinFree: 1, Logger: slog.New(slog.DiscardHandler),
		Hook: func(s kpi.Step) { k.steps = append(k.steps, s); k.hook(s) },
		Now:  func() time.Time { k.clock = k.clock.Add(time.Second); return k.clock },
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) record() {
	k.t.Helper()
	if _, err := k.books.RecordFolder(k.t.Context(), k.city, k.clock); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) run(dataset string) (ingest.Report, error) {
	return k.runner.Run(k.t.Context(), k.city, k.files, dataset, asOf, byHand)
}

func (k *kit) mustRun(dataset string) ingest.Report {
	k.t.Helper()
	rep, err := k.run(dataset)
	if err != nil {
		k.t.Fatal(err)
	}
	return rep
}

// state returns the states of all loads, oldest first.
func (k *kit) state() []kpi.LoadState {
	k.t.Helper()
	loads, err := k.books.Loads(k.t.Context(), "", 0)
	if err != nil {
		k.t.Fatal(err)
	}
	var list []kpi.LoadState
	for _, l := range slices.Backward(loads) {
		list = append(list, l.State)
	}
	return list
}

// tmp returns what lies in the spool's tmp.
func (k *kit) tmp() []string {
	k.t.Helper()
	list, err := filepath.Glob(filepath.Join(k.dir, "spool", "tmp", "*"))
	if err != nil {
		k.t.Fatal(err)
	}
	return list
}

const (
	requestsCSV = "id,opened,due,closed,ssn\nr1,2026-01-05,2026-01-10,2026-01-09,1\nr2,2026-01-06,2026-01-11,2026-01-20,2\nr3,2026-02-05,2026-02-10,2026-02-09,3\n\nr4,2026-02-05\n"
	permitsCSV  = "no,issued\np1,2026-01-05\np2,2026-02-05\n"
)

// town is a small city with two datasets.
func town() *kpi.City {
	c := &kpi.City{
		ID: "springfield", Hash: "folder-1", Name: kpi.NewText(kpi.English, "Springfield"), Languages: []kpi.Lang{kpi.English},
		TimeZone: "America/New_York", FiscalStart: time.July, Bands: kpi.DefaultBands,
		Datasets: []kpi.Dataset{
			{
				ID: "requests", Hash: "reading-1", Source: kpi.Source{Kind: "csv", Path: "data/requests*.csv"}, Key: []string{"id"}, TimeZone: "America/New_York",
				Columns: []kpi.Column{
					{Name: "id", From: "id", Type: kpi.TypeText, EmptyIs: "reject"},
					{Name: "opened", From: "opened", Type: kpi.TypeDate}, {Name: "due", From: "due", Type: kpi.TypeDate}, {Name: "closed", From: "closed", Type: kpi.TypeDate},
				},
			},
			{
				ID: "permits", Hash: "reading-1", Source: kpi.Source{Kind: "csv", Path: "data/permits.csv"}, Key: []string{"no"}, TimeZone: "America/New_York",
				Columns: []kpi.Column{{Name: "no", From: "no", Type: kpi.TypeText}, {Name: "issued", From: "issued", Type: kpi.TypeDate}},
			},
		},
	}
	indicator := func(id, dataset string, m kpi.Measure, u kpi.Unit) {
		c.Indicators = append(c.Indicators, kpi.Indicator{ID: id, Dataset: dataset, Name: kpi.NewText(kpi.English, id), Measure: m, Unit: u, Period: kpi.Month, Direction: kpi.Up, Trajectory: kpi.TrajectoryLinear, Public: true})
	}
	indicator("on-time", "requests", kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Date: "due", Exclude: []kpi.Exclusion{{When: "due > as_of", Because: kpi.ReasonNotYetDue}}}, kpi.Percent)
	indicator("opened", "requests", kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}, kpi.Number)
	indicator("permits", "permits", kpi.Measure{Kind: kpi.MeasureCount, Date: "issued"}, kpi.Number)
	return c
}

// deliver is a connector that fails.
type deliver struct{ err error }

func (d deliver) Read(context.Context, connector.Request) (connector.Result, error) {
	return connector.Result{}, d.err
}
