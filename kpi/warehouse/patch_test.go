package warehouse

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystat/kpi"
)

// countingLog counts the indicators that were brought up to date, those that were counted anew, and the times that what was kept did not fit.
type countingLog struct{ patched, anew, misfits atomic.Int64 }

func (l *countingLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *countingLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *countingLog) WithGroup(string) slog.Handler            { return l }

func (l *countingLog) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		switch {
		case r.Message == "counted" && a.Key == "patched":
			l.patched.Add(a.Value.Int64())
		case r.Message == "counted" && a.Key == "anew":
			l.anew.Add(a.Value.Int64())
		case r.Level >= slog.LevelWarn && a.Key == "version":
			l.misfits.Add(1)
		}
		return true
	})
	return nil
}

func openCounting(t testing.TB) (*DB, *countingLog) {
	t.Helper()
	log := &countingLog{}
	db, err := Open(context.Background(), Options{Dir: t.TempDir(), Threads: 2, Logger: slog.New(log)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db, log
}

// chronicle is what happens to a random world: each step makes a version, and can be taken on another warehouse too.
type chronicle struct {
	*world
	r       *rand.Rand
	next    int // id of the next new fact
	version int64
	load    int64 // the last one
}

// event makes a version in a warehouse and returns what it came to.
type event struct {
	what string
	do   func(t *testing.T, db *DB) Output
}

// cityNow is the city as it stands, apart from what will become of it.
func (h *chronicle) cityNow() *kpi.City {
	c := *h.city
	c.Datasets, c.Indicators = slices.Clone(c.Datasets), nil
	for _, s := range h.specs {
		c.Indicators = append(c.Indicators, s.ind)
	}
	h.city.Indicators = c.Indicators
	return &c
}

// delivery is a step that loads rows.
func (h *chronicle) delivery(what string, changes bool, rows table) event {
	city, version, last, asOf := h.cityNow(), h.version, h.load, h.asOf.String()
	h.load = version
	return event{what, func(t *testing.T, db *DB) Output {
		in := loading(t, db, city, version, version-1, asOf, rows)
		in.Load.Changes, in.Previous = changes, kpi.Load{ID: last}
		out, err := db.Load(context.Background(), in)
		if err != nil {
			t.Fatalf("version %d, %s: %v", version, what, err)
		}
		return out
	}}
}

// recomputation is a step without rows.
func (h *chronicle) recomputation(what string, cause kpi.Cause) event {
	city, version, asOf := h.cityNow(), h.version, h.asOf
	return event{what, func(t *testing.T, db *DB) Output {
		out, err := db.Recompute(context.Background(), RecomputeInput{Version: version, Cause: cause, City: city, AsOf: asOf, Visible: version - 1})
		if err != nil {
			t.Fatalf("version %d, %s: %v", version, what, err)
		}
		return out
	}}
}

// restate changes, adds and removes some facts, and returns the indexes of those that are new or changed.
func (h *chronicle) restate(remove bool) []int {
	if remove {
		for range h.r.IntN(6) {
			if len(h.facts) > 1 {
				i := h.r.IntN(len(h.facts))
				h.facts = slices.Delete(h.facts, i, i+1)
			}
		}
	}
	var list []int
	for range h.r.IntN(8) {
		i := h.r.IntN(len(h.facts))
		id := h.facts[i].id
		if h.r.IntN(2) == 0 { // only its end comes
			f := h.randomFact(h.r, 0)
			h.facts[i].closed, h.facts[i].done = f.closed, f.done
		} else {
			h.facts[i] = h.randomFact(h.r, 0)
		}
		h.facts[i].id = id
		list = append(list, i)
	}
	for range h.r.IntN(8) {
		h.next++
		list = append(list, len(h.facts))
		h.facts = append(h.facts, h.randomFact(h.r, h.next))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// happen makes the next version.
func (h *chronicle) happen() event {
	h.version++
	if h.r.IntN(3) == 0 { // with the new day
		h.asOf = h.asOf.AddDays(h.r.IntN(12) - 3)
	}
	switch h.r.IntN(10) {
	case 0, 1, 2:
		h.restate(true)
		return h.delivery("everything", false, h.table())
	case 3, 4, 5:
		list := h.restate(false)
		all := h.table()
		rows := table{all[0]}
		for _, i := range list {
			rows = append(rows, all[i+1])
		}
		return h.delivery("changes", true, rows)
	case 6, 9:
		h.asOf = h.asOf.AddDays([]int{1, 1, 1, 7, 40, -20}[h.r.IntN(6)])
		return h.recomputation("a new day", kpi.CauseAsOf)
	case 7:
		for range 1 + h.r.IntN(3) {
			i := h.r.IntN(len(h.specs))
			version := h.specs[i].ind.Version
			h.specs[i] = h.randomSpec(h.r, i)
			h.specs[i].ind.Version = version + 1
		}
		if h.r.IntN(3) == 0 {
			h.city.Holidays = append(slices.Clone(h.city.Holidays), kpi.DateOf(oracleStart).AddDays(h.r.IntN(200)))
			clear(h.works)
		}
		return h.recomputation("other definitions", kpi.CauseDefinitions)
	}
	h.city.Datasets = slices.Clone(h.city.Datasets)
	h.city.Datasets[0].Hash = fmt.Sprint("read-", h.r.IntN(3))
	h.restate(true)
	return h.delivery("read in another way", false, h.table())
}

// TestPatchedAgreesWithCountedAnew is the property test of keeping counts: whatever happens, what is stored is to the last bit what counting everything
// anew gives, and what the plain recount gives; and a warehouse that keeps nothing has the same checksums.
func TestPatchedAgreesWithCountedAnew(t *testing.T) {
	rounds, versions := 6, 10
	if testing.Short() {
		rounds = 3
	}
	var patched, anew atomic.Int64
	t.Run("worlds", func(t *testing.T) {
		for seed := range rounds {
			t.Run(strconv.Itoa(seed), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(uint64(seed), 11))
				w := newWorld(t, r)
				w.specs = w.specs[:min(len(w.specs), 8)]
				for i := range max(80-len(w.facts), 0) {
					w.facts = append(w.facts, w.randomFact(r, 500+i))
				}
				h := &chronicle{world: w, r: r, next: 1000, version: 1}
				db, log := openCounting(t)
				steps := []event{h.delivery("first", false, w.table())}
				sums := []string{steps[0].do(t, db).Checksum}
				for range versions {
					s := h.happen()
					steps = append(steps, s)
					sums = append(sums, s.do(t, db).Checksum)
					h.compare(t, db, s.what)
					h.upset(t, db, steps)
				}
				if n := log.misfits.Load(); n > 0 {
					t.Errorf("%d times what was kept did not fit", n)
				}
				patched.Add(log.patched.Load())
				anew.Add(log.anew.Load())
				other := openTest(t)
				for i, s := range steps {
					dropKept(t, other)
					if got := s.do(t, other).Checksum; got != sums[i] {
						t.Errorf("version %d, %s: counted anew it has another checksum", i+1, s.what)
					}
				}
			})
		}
	})
	if p, a := patched.Load(), anew.Load(); 2*p < a {
		t.Errorf("%d indicators were brought up to date and %d counted anew: the test tests little", p, a)
	}
}

func dropKept(t *testing.T, db *DB) {
	t.Helper()
	for _, q := range []string{"DELETE FROM tally", "DELETE FROM tallied"} {
		if _, err := db.sql.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

// compare compares what is stored with what is counted anew, bit by bit, and with the plain recount.
func (h *chronicle) compare(t *testing.T, db *DB, what string) {
	t.Helper()
	city := h.cityNow()
	got := mustObservations(t, db, city, h.version)
	afresh, err := db.Observe(context.Background(), city, h.asOf, h.version)
	if err != nil {
		t.Fatal(err)
	}
	ignore := cmpopts.IgnoreFields(kpi.Observation{}, "Load", "AsOf")
	if d := cmp.Diff(afresh, got, ignore); d != "" {
		h.tell(t)
		t.Fatalf("version %d, %s, as of %s (-counted anew +stored):\n%s", h.version, what, h.asOf, d)
	}
	var want []kpi.Observation
	for i := range h.specs {
		want = append(want, h.expect(t, &h.specs[i])...)
	}
	for i := range want {
		want[i].Version = city.Indicator(want[i].Indicator).Version
	}
	sortObservations(city, want)
	if d := cmp.Diff(want, got, ignore, cmpopts.EquateApprox(1e-9, 1e-8)); d != "" {
		h.tell(t)
		t.Fatalf("version %d, %s, as of %s (-plain Go +stored):\n%s", h.version, what, h.asOf, d)
	}
}

func (h *chronicle) tell(t *testing.T) {
	for _, s := range h.specs {
		t.Logf("%s: %s %+v", s.ind.ID, s.ind.Period, s.ind.Measure)
	}
}

// upset takes the last version back and makes it again, or spoils what is kept in a way that must be noticed.
func (h *chronicle) upset(t *testing.T, db *DB, steps []event) {
	t.Helper()
	var q string
	switch h.r.IntN(30) {
	case 0:
		if err := db.Undo(context.Background(), h.version); err != nil {
			t.Fatal(err)
		}
		steps[len(steps)-1].do(t, db)
		h.compare(t, db, "taken back and made again")
		return
	case 1:
		q = "DELETE FROM tallied"
	case 2:
		q = "UPDATE tallied SET fingerprint = 'x' WHERE hash(indicator) % 2 = 0"
	case 3:
		q = "UPDATE tallied SET version = version + 1"
	case 4:
		q = "UPDATE tallied SET as_of = as_of + 1 WHERE indicator = 'i0'"
	default:
		return
	}
	if _, err := db.sql.Exec(q); err != nil {
		t.Fatal(err)
	}
}
