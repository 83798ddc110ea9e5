package warehouse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystat/kpi"
)

// changing makes the input of a delivery of changes that follows the load last.
func changing(t testing.TB, db *DB, city *kpi.City, version, last int64, asOf string, rows table) LoadInput {
	t.Helper()
	in := loading(t, db, city, version, version-1, asOf, rows)
	in.Load.Changes, in.Previous = true, kpi.Load{ID: last}
	return in
}

func mustChange(t testing.TB, db *DB, city *kpi.City, version int64, asOf string, rows table) Output {
	t.Helper()
	out, err := db.Load(context.Background(), changing(t, db, city, version, version-1, asOf, rows))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// twelveChanges are four rows that come after load 1: c03 restated as in load 2, c12 new, c11 as it was, and c09 with a time that cannot be read.
func twelveChanges() table {
	two := twelveRows(2)
	return table{twelveHeader, two[3], two[len(two)-1], two[len(two)-2], {"c09", "pothole", "yesterday", "", "2015-02-05 10:00:00", "South", "600"}}
}

// twelveChanged replaces lines of twelveOne. The repairs are as they were: c08 is not gone, and of c09 what was known before stays.
const twelveChanged = `
on-time/1 city 2015-02 3/4 75 n=4 not-yet-due=1 P V @2
on-time/1 city total 4/6 66.6667 n=6 no-due-date=1 not-yet-due=1 @2
on-time/1 north 2015-02 1/2 50 n=2 P V @2
on-time/1 north total 2/3 66.6667 n=3 @2
opened/1 city 2015-01 7/- 7 n=7 @2                                      // c12 came
opened/1 city total 11/- 11 n=11 after-as-of=1 @2
opened/1 north 2015-01 4/- 4 n=4 @2
opened/1 north total 4/- 4 n=4 after-as-of=1 @2
cost/1 city 2015-01 83.75/- 83.75 n=7 @2                                // 44.75 + 30 + 9
cost/1 city total 105/- 105 n=11 after-as-of=1 @2
cost/1 north 2015-01 53/- 53 n=4 @2                                     // 14 + 30 + 9
cost/1 north total 53/- 53 n=4 after-as-of=1 @2
`

func TestTwelveRowsChanges(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	one := mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	two := mustChange(t, db, city, 2, "2015-02-10", twelveChanges())
	if want := (kpi.Counts{Read: 4, Accepted: 3, Rejected: 1, New: 1, Restated: 1}); two.Counts != want || two.Observations != 12 {
		t.Errorf("counts %+v, %d observations, want %+v, 12", two.Counts, two.Observations, want)
	}
	about := func(s string) string { return strings.Join(strings.Fields(s)[:3], " ") }
	want := wanted(twelveChanged)
	for _, l := range wanted(twelveOne) {
		if !slices.ContainsFunc(want[:12], func(n string) bool { return about(n) == about(l) }) {
			want = append(want, l)
		}
	}
	slices.Sort(want)
	if d := cmp.Diff(want, lines(mustObservations(t, db, city, 2))); d != "" {
		t.Errorf("after the changes (-want +got):\n%s", d)
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 1))); d != "" {
		t.Errorf("what was known before them (-want +got):\n%s", d)
	}
	if facts, err := db.Facts(ctx, city, "cases", 2); err != nil || facts.Rows != 12 {
		t.Errorf("facts %+v, %v", facts, err)
	}

	// A full load of the same rows says the same.
	all := twelveRows(2)
	all = append(all, twelveRows(1)[8]) // c08
	other := openTest(t)
	if sum := mustLoad(t, other, city, 1, 0, "2015-02-10", all).Checksum; sum != two.Checksum {
		t.Errorf("the changes came to %s, all rows at once to %s", two.Checksum, sum)
	}

	// The same changes again do nothing; taken back, everything is as it was before them.
	again := mustChange(t, db, city, 3, "2015-02-10", twelveChanges())
	if want := (kpi.Counts{Read: 4, Accepted: 3, Rejected: 1}); again.Counts != want || again.Observations != 0 || again.Checksum != two.Checksum {
		t.Errorf("the same again: %+v", again)
	}
	for _, v := range []int64{3, 2} {
		if err := db.Undo(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	if d := cmp.Diff(wanted(twelveOne), lines(mustObservations(t, db, city, 2))); d != "" || mustChecksum(t, db, 2) != one.Checksum {
		t.Errorf("after the undo (-want +got):\n%s", d)
	}
	if redone := mustChange(t, db, city, 2, "2015-02-10", twelveChanges()); redone.Checksum != two.Checksum || redone.Counts != two.Counts {
		t.Errorf("done anew: %+v, was %+v", redone, two)
	}
}

// TestRejectsOfChanges: a row that a delivery of changes lost is shown until everything was fetched anew, whatever changes came in the meantime.
func TestRejectsOfChanges(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	unreadable := func(key string) []string {
		return []string{key, "pothole", "yesterday", "", "2015-02-05 10:00:00", "South", "600"}
	}
	all := twelveRows(1)
	mustLoad(t, db, city, 1, 0, "2015-02-10", append(all, unreadable("c20")))
	mustChange(t, db, city, 2, "2015-02-10", table{twelveHeader, unreadable("c21"), unreadable("c22")})
	mustChange(t, db, city, 3, "2015-02-10", table{twelveHeader, all[1], unreadable("c23")})
	mustChange(t, db, city, 4, "2015-02-10", table{twelveHeader, all[1]})
	mustLoad(t, db, city, 5, 4, "2015-02-10", all)

	for _, c := range []struct {
		since, load int64
		want        []int64 // the loads of the rows, in their order
	}{
		{1, 1, []int64{1}},
		{1, 2, []int64{2, 2, 1}},
		{1, 3, []int64{3, 2, 2, 1}},
		{1, 4, []int64{3, 2, 2, 1}},
		{4, 4, nil},
		{5, 5, nil},
	} {
		rows, err := db.RejectsOf(ctx, kpi.RejectQuery{Dataset: "cases", Load: c.load, Reason: "bad_timestamp", Column: "OPENED", Limit: 10}, c.since)
		var loads []int64
		for _, r := range rows {
			loads = append(loads, r.Load)
		}
		if err != nil || !slices.Equal(loads, c.want) {
			t.Errorf("since %d up to %d: rows of loads %v (%v), want %v", c.since, c.load, loads, err, c.want)
		}
		groups, err := db.RejectGroupsOf(ctx, "cases", c.since, c.load)
		var want []kpi.RejectGroup
		if len(c.want) > 0 {
			want = []kpi.RejectGroup{{Reason: "bad_timestamp", Column: "OPENED", Rows: int64(len(c.want))}}
		}
		if d := cmp.Diff(want, groups); err != nil || d != "" {
			t.Errorf("since %d up to %d: groups (%v; -want +got):\n%s", c.since, c.load, err, d)
		}
	}
	page, err := db.RejectsOf(ctx, kpi.RejectQuery{Dataset: "cases", Load: 4, Limit: 2, Offset: 1}, 1)
	if err != nil || len(page) != 2 || page[0].Load != 2 || page[1].Load != 2 || page[0].Line >= page[1].Line {
		t.Errorf("a page: %+v, %v", page, err)
	}
}

// TestChangesNeedABasis: changes without the load that they follow are refused, and everything has to be fetched.
func TestChangesNeedABasis(t *testing.T) {
	ctx := context.Background()
	db := openTest(t)
	city := twelveCity()
	refused := func(why string, in LoadInput) {
		t.Helper()
		if _, err := db.Load(ctx, in); kpi.ErrorCode(err) != kpi.CodeConflict || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want a conflict with %q", err, why)
		}
	}
	refused("there is no load that they follow; fetch everything", changing(t, db, city, 1, 0, "2015-02-10", twelveChanges()))
	mustLoad(t, db, city, 1, 0, "2015-02-10", twelveRows(1))
	refused("the changes follow load 0 and the last one is 1; fetch them again", changing(t, db, city, 2, 0, "2015-02-10", twelveChanges()))
	other := twelveCity()
	other.Datasets[0].Hash = "two"
	refused("reads the rows in another way than they were loaded; fetch everything", changing(t, db, other, 2, 1, "2015-02-10", twelveChanges()))
	if list, err := db.Versions(ctx); err != nil || !slices.Equal(list, []int64{1}) {
		t.Errorf("versions %v, %v", list, err)
	}
	mustChange(t, db, city, 2, "2015-02-10", twelveChanges())
}

// TestBoundsOfChanges: what is expected of the number of rows is asked of those that are visible, not of those that were delivered.
func TestBoundsOfChanges(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*kpi.Dataset)
		rows   int // that are new, after 11
		err    string
	}{
		{"few rows came and many are there", func(d *kpi.Dataset) { d.Expect.MinRows = 12 }, 1, ""},
		{"not enough are there", func(d *kpi.Dataset) { d.Expect.MinRows = 13 }, 1, "12 rows would be visible and at least 13 are expected"},
		{"within what may change", func(d *kpi.Dataset) { d.Expect.RowsChangeAtMost = 0.2 }, 2, ""},
		{"more than may change", func(d *kpi.Dataset) { d.Expect.RowsChangeAtMost = 0.2 }, 3, "14 rows would be visible and 11 before (+27.3 %); they may change by 20 %"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := openTest(t)
			mustLoad(t, db, twelveCity(), 1, 0, "2015-02-10", twelveRows(1))
			rows := table{twelveHeader}
			for i := range c.rows {
				rows = append(rows, []string{fmt.Sprint("n", i), "light", "2015-01-30 09:00:00", "", "", "North", "9"})
			}
			_, err := db.Load(context.Background(), changing(t, db, checkedCity(c.change), 2, 1, "2015-02-10", rows))
			if c.err == "" && err != nil || c.err != "" && (kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("got %v, want %q", err, c.err)
			}
		})
	}
}

// history is a random world through a load and deliveries of changes: the rows as they were known at each version.
type history struct {
	*world
	t      *testing.T
	db     *DB
	r      *rand.Rand
	known  [][]fact // by version, from 1
	sums   []string
	before []kpi.Observation
}

// sayings are the observations that plain Go makes of the rows known at a version.
func (h *history) sayings(version int) []kpi.Observation {
	h.facts = h.known[version-1]
	var list []kpi.Observation
	for i := range h.specs {
		list = append(list, h.expect(h.t, &h.specs[i])...)
	}
	sortObservations(h.city, list)
	return list
}

// change makes the next version: some rows again as they were, some restated, some broken, some new.
func (h *history) change() (delivered table) {
	facts := slices.Clone(h.known[len(h.known)-1])
	touched := &world{city: h.city, loc: h.loc}
	var broken []int
	for i := range facts {
		switch h.r.IntN(12) {
		case 0: // as it was
		case 1:
			facts[i] = h.randomFact(h.r, i)
		case 2:
			broken = append(broken, len(touched.facts)+1)
		default:
			continue
		}
		touched.facts = append(touched.facts, facts[i])
	}
	for range 1 + h.r.IntN(10) {
		f := h.randomFact(h.r, len(facts))
		facts, touched.facts = append(facts, f), append(touched.facts, f)
	}
	h.known = append(h.known, facts)
	delivered = touched.table()
	for _, i := range broken {
		delivered[i][6] = "not a number" // refused: what was known stays
	}
	return delivered
}

// load loads the newest version and checks that it wrote down only what says something new.
func (h *history) load(delivered table) {
	h.t.Helper()
	version := int64(len(h.known))
	out := mustChange(h.t, h.db, h.city, version, h.asOf.String(), delivered)
	h.sums = append(h.sums, out.Checksum)
	type place struct{ indicator, dimension, member, period string }
	was := map[place]kpi.Observation{}
	for _, o := range h.before {
		was[place{o.Indicator, o.Dimension, o.Member, o.Period}] = o
	}
	after := mustObservations(h.t, h.db, h.city, version)
	opened := int64(0)
	for _, o := range after {
		old, there := was[place{o.Indicator, o.Dimension, o.Member, o.Period}]
		if o.Load == version {
			opened++
			old.Load = version
			if there && cmp.Equal(old, o) {
				// A sum may have changed beyond the digits of its value.
				if k := h.city.Indicator(o.Indicator).Measure.Kind; k != kpi.MeasureSum && k != kpi.MeasureMean {
					h.t.Errorf("version %d wrote %s anew, which says what it said", version, line(o))
				}
			}
		} else if !there || !cmp.Equal(old, o) {
			h.t.Errorf("version %d changed %s and left it with version %d", version, line(o), o.Load)
		}
	}
	if opened != out.Observations {
		h.t.Errorf("version %d has %d observations of its own and says %d", version, opened, out.Observations)
	}
	h.before = after
}

// TestChangesAgreeWithPlainGo is the property test of deliveries of changes: at each version both what is stored and what is computed afresh are what
// plain Go makes of the rows as they were known then; a delivery that is taken back leaves no trace; and, tried with every fifth world, the
// whole history comes again in another warehouse, and the last state is that of all rows loaded at once.
func TestChangesAgreeWithPlainGo(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	for seed := range rounds {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 11))
			h := &history{world: newWorld(t, r), t: t, db: openTest(t), r: r}
			few := min(8, len(h.specs))
			h.specs, h.city.Indicators = h.specs[:few], h.city.Indicators[:few]
			h.known = [][]fact{h.facts}
			first := h.table()
			h.sums = []string{mustLoad(t, h.db, h.city, 1, 0, h.asOf.String(), first).Checksum}
			h.before = mustObservations(t, h.db, h.city, 1)
			deliveries := []table{first}
			for range 3 {
				deliveries = append(deliveries, h.change())
				if len(deliveries) == 3 { // once for nothing
					version := int64(len(deliveries))
					mustChange(t, h.db, h.city, version, h.asOf.String(), deliveries[version-1])
					if err := h.db.Undo(context.Background(), version); err != nil {
						t.Fatal(err)
					}
				}
				h.load(deliveries[len(deliveries)-1])
			}
			h.recount()
			if seed%5 == 0 {
				h.replay(deliveries)
			}
		})
	}
}

// recount asks for every version after all of them were written.
func (h *history) recount() {
	ctx := context.Background()
	options := []cmp.Option{cmpopts.IgnoreFields(kpi.Observation{}, "Load"), cmpopts.EquateApprox(1e-9, 1e-8)}
	for version := 1; version <= len(h.known); version++ {
		want := h.sayings(version)
		stored := mustObservations(h.t, h.db, h.city, int64(version))
		if d := cmp.Diff(want, stored, options...); d != "" {
			for _, s := range h.specs {
				h.t.Logf("%s: %s %+v", s.ind.ID, s.ind.Period, s.ind.Measure)
			}
			h.t.Fatalf("stored at version %d (-plain Go +warehouse):\n%s", version, d)
		}
		afresh, err := h.db.Observe(ctx, h.city, h.asOf, int64(version))
		if err != nil {
			h.t.Fatal(err)
		}
		if d := cmp.Diff(stored, afresh, cmpopts.IgnoreFields(kpi.Observation{}, "Load")); d != "" { // to the last bit
			h.t.Fatalf("version %d (-stored +afresh):\n%s", version, d)
		}
		if got := mustChecksum(h.t, h.db, int64(version)); got != h.sums[version-1] {
			h.t.Errorf("version %d has the checksum %s, had %s when it was written", version, got, h.sums[version-1])
		}
	}
}

// replay does all deliveries again elsewhere, and loads the last state at once.
func (h *history) replay(deliveries []table) {
	other := openTest(h.t)
	for i, rows := range deliveries {
		version := int64(i + 1)
		var sum string
		if i == 0 {
			sum = mustLoad(h.t, other, h.city, 1, 0, h.asOf.String(), rows).Checksum
		} else {
			sum = mustChange(h.t, other, h.city, version, h.asOf.String(), rows).Checksum
		}
		if sum != h.sums[i] {
			h.t.Errorf("version %d came again with the checksum %s, was %s", version, sum, h.sums[i])
		}
		if d := cmp.Diff(mustObservations(h.t, h.db, h.city, version), mustObservations(h.t, other, h.city, version)); d != "" {
			h.t.Errorf("version %d came again with other observations (-first +again):\n%s", version, d)
		}
	}
	last := &world{city: h.city, loc: h.loc, facts: h.known[len(h.known)-1]}
	once := openTest(h.t)
	if sum := mustLoad(h.t, once, h.city, 1, 0, h.asOf.String(), last.table()).Checksum; sum != h.sums[len(h.sums)-1] {
		h.t.Error("the last state, loaded at once, says something else")
	}
}
