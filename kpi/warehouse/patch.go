package warehouse

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"citystat/kpi"
)

// A load, or a new day, touches few of the numbers there are. Counts and exact sums can be added to and taken from, so what was counted the last time
// is brought up to date with the rows that are new, restated or gone since, and with those that the new day may judge in another way: each such row is
// taken out as it was counted and put in as it is counted now. Only what cannot be added up (quantiles, durations, what there was on a last day) is
// found anew, in the periods in which such rows lie and over all periods.

// errMisfit says that what was kept does not fit what is there: everything is counted anew.
var errMisfit = errors.New("what was kept does not fit")

// recount computes the observations of one dataset at a new version, of which it is part, from what was kept where that fits, and keeps what the next
// time needs. It comes to the same as observe, to the last bit.
func (t *tx) recount(ctx context.Context, city *kpi.City, d *kpi.Dataset, asOf kpi.Date, version int64) ([]kpi.Observation, error) {
	o, plans, err := t.observerOf(ctx, city, d, asOf, version)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, t.forget(ctx, d.ID)
	}
	k, err := t.kept(ctx, d.ID)
	if err != nil {
		return nil, err
	}
	patched, err := o.patchAll(ctx, k, plans)
	if errors.Is(err, errMisfit) {
		t.db.log.WarnContext(ctx, "what was kept of the last count does not fit; counting anew", "dataset", d.ID, "version", version)
		patched, err = nil, o.untouch(ctx)
	}
	if err != nil {
		return nil, err
	}
	var rest []*plan
	for _, p := range plans {
		if !slices.ContainsFunc(patched, func(y *tally) bool { return y.group.index(p) >= 0 }) {
			rest = append(rest, p)
		}
	}
	anew, err := o.countAll(ctx, rest)
	if err != nil {
		return nil, err
	}
	t.db.log.DebugContext(ctx, "counted", "dataset", d.ID, "version", version, "patched", len(plans)-len(rest), "anew", len(rest))
	var list []kpi.Observation
	for _, y := range slices.Concat(patched, anew) {
		found, err := o.report(y)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, o.keep(ctx, plans, patched, anew)
}

// patchAll brings up to date what was kept, as far as it fits; none if counting anew is no more work.
func (o *observer) patchAll(ctx context.Context, k *kept, plans []*plan) ([]*tally, error) {
	if k == nil || k.version >= o.version || k.fingerprints[""] != o.fingerprint(nil) {
		return nil, nil
	}
	fit := some(plans, func(p *plan) bool {
		return k.fingerprints[p.ind.ID] == o.fingerprint(p) && (k.asOf == o.asOf.day || !p.clock().free)
	})
	if len(fit) == 0 {
		return nil, nil
	}
	groups := newGroups(o.dataset, fit)
	days := between(asOfIn(k.asOf, o.calendar.Location), o.asOf)
	rows, few, err := o.touch(ctx, k, days, groups)
	if err != nil || !few {
		return nil, err
	}
	var list []*tally
	for _, g := range groups {
		t, err := o.patch(ctx, k, days, g)
		if err != nil {
			return nil, err
		}
		if t.rows != rows || len(list) > 0 && !reflect.DeepEqual(t.members, list[0].members) {
			return nil, errMisfit
		}
		list = append(list, t)
	}
	return list, o.untouch(ctx)
}

// touchedTable holds the rows that may be counted in another way than before.
const touchedTable = "temp.main.touched"

// touch copies the rows that were opened or closed since a version, and those that another day may judge in another way. It counts the rows that are
// visible now; few is false if half as many would have to be looked at, and then nothing is left behind.
//
// Each condition has a part of the query to itself: DuckDB passes over the parts of the table in which nothing fits a single comparison, and where the
// comparisons are joined by OR it reads them all.
func (o *observer) touch(ctx context.Context, k *kept, days interval, groups []*group) (rows int64, few bool, err error) {
	s := newScope(&statement{}, o.city, o.dataset, o.asOf, o.zone, "v.")
	since := s.bind(k.version, "BIGINT")
	parts := []string{"_from > " + since, fmt.Sprintf("_from <= %[1]s AND _to > %[1]s", since)}
	if days.first.day != days.last.day {
		affected, err := days.affected(s, o.calendar, groups)
		if err != nil {
			return 0, false, err
		}
		there := fmt.Sprintf("_from <= %s AND _to IS NULL", since)
		for _, condition := range affected {
			parts = append(parts, there+" AND "+condition)
			there += fmt.Sprintf(" AND (%s) IS NOT TRUE", condition)
		}
	}
	visible := &statement{}
	visible.printf("SELECT count(*) FROM %s WHERE _to IS NULL", quoteName(o.table)) // nothing is newer
	if err := o.tx.row(ctx, visible, &rows); err != nil {
		return 0, false, err
	}
	table := s.withSteps(quoteName(o.table))
	for i := range parts {
		parts[i] = fmt.Sprintf("SELECT _from, _to, %s FROM %s AS v WHERE %s", quoteNames("", o.asked(groups)), table, parts[i])
	}
	s.printf("CREATE TEMP TABLE touched AS SELECT * FROM (%s) LIMIT %d", strings.Join(parts, " UNION ALL "), rows/2+1)
	if _, err := o.tx.run(ctx, s.statement); err != nil {
		return 0, false, err
	}
	var touched int64
	count := &statement{}
	count.printf("SELECT count(*) FROM %s", touchedTable)
	if err := o.tx.row(ctx, count, &touched); err != nil {
		return 0, false, err
	}
	if touched > rows/2 {
		return rows, false, o.untouch(ctx)
	}
	return rows, true, nil
}

func (o *observer) untouch(ctx context.Context) error {
	_, err := o.tx.exec(ctx, "DROP TABLE IF EXISTS "+touchedTable)
	return err
}

// asked lists the columns of the row table that are read to count groups.
func (o *observer) asked(groups []*group) []string {
	names := slices.Clone(o.dataset.Dimensions)
	for _, g := range groups {
		for _, p := range g.plans {
			names = append(names, p.columns()...)
		}
	}
	var list []string
	for i := range o.dataset.Columns {
		if c := &o.dataset.Columns[i]; slices.Contains(names, c.Name) || c.Type == kpi.TypeDistrict { // the districts are looked up together
			list = append(list, keptName(c))
		}
	}
	return list
}

// patch brings what was kept of a group up to date.
func (o *observer) patch(ctx context.Context, k *kept, days interval, g *group) (*tally, error) {
	is := *o
	is.source = touchedTable
	was := is
	was.asOf, was.version = asOfIn(k.asOf, o.calendar.Location), k.version
	cells, err := o.keptOf(ctx, g)
	if err != nil {
		return nil, err
	}
	if err := is.periodsWith(ctx, g, cells, days); err != nil {
		return nil, err
	}
	t, err := o.restore(g, cells)
	if err != nil {
		return nil, err
	}
	t.touched = make([]map[int]bool, len(g.plans))
	for i := range t.touched {
		t.touched[i] = map[int]bool{}
	}
	t.takeOut = true
	if err := was.countRows(ctx, t); err != nil {
		return nil, err
	}
	t.takeOut = false
	if err := is.countRows(ctx, t); err != nil {
		return nil, err
	}
	if err := o.mend(ctx, t, days.first.day != days.last.day); err != nil {
		return nil, err
	}
	t.settle()
	return t, nil
}

// keptOf reads the cells that are kept of a group's indicators and of the dataset's rows.
func (o *observer) keptOf(ctx context.Context, g *group) ([]*keptCell, error) {
	indicators := []string{""}
	for _, p := range g.plans {
		indicators = append(indicators, p.ind.ID)
	}
	var list []*keptCell
	err := o.tx.keptCells(ctx, o.dataset.ID, indicators, func(c *keptCell) error {
		list = append(list, c)
		return nil
	})
	return list, err
}

// periodsWith makes the group's periods: from the earliest of which something is kept or in which a changed row lies, until the later of the two days.
func (o *observer) periodsWith(ctx context.Context, g *group, cells []*keptCell, days interval) error {
	first, err := o.earliest(ctx, []*group{g})
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, c := range cells {
		ids[c.period] = true
	}
	delete(ids, kpi.PeriodTotal)
	earliest := first[0]
	for id := range ids {
		p, err := o.calendar.Parse(id)
		if err != nil {
			return fmt.Errorf("%w: %w", errMisfit, err)
		}
		if earliest.IsZero() || p.First.Before(earliest) {
			earliest = p.First
		}
	}
	if days.first.day.Before(earliest) {
		earliest = days.first.day
	}
	g.periods, err = periodsUntil(o.calendar, g.kind, earliest, days.last.day)
	return err
}

// restore makes a tally of what is kept.
func (o *observer) restore(g *group, cells []*keptCell) (*tally, error) {
	t := newTally(g)
	places := map[string]int{"": wholeCity}
	for d, name := range o.dataset.Dimensions {
		places[name] = d
	}
	periods, plans := map[string]int{}, map[string]int{}
	for n, p := range g.periods {
		periods[p.ID] = n
	}
	for i, p := range g.plans {
		plans[p.ind.ID] = i
	}
	for _, k := range cells {
		d, ok := places[k.dimension]
		n, known := periods[k.period]
		if !ok || !known && k.period != kpi.PeriodTotal {
			return nil, errMisfit
		}
		if k.indicator == "" {
			if d == wholeCity {
				t.rows = k.counted
			} else {
				t.members[d][k.member] = k.counted
			}
			continue
		}
		var err error
		if k.excluded, err = separated(k.left); err != nil {
			return nil, fmt.Errorf("%w: %w", errMisfit, err)
		}
		s := t.at(plans[k.indicator], place{d, k.member})
		c := &s.total
		if known {
			c = s.cell(n)
		}
		*c = k.cell
		c.row = k.row + 1
	}
	return t, nil
}

// mend finds anew what cannot be added up, where a row was taken out or put in and, of durations on another day, where a case is open.
func (o *observer) mend(ctx context.Context, t *tally, newDay bool) error {
	for i, p := range t.group.plans {
		if p.span == nil || !newDay {
			continue
		}
		for n, c := range t.series[i][theCity].periods {
			if c.counted > c.holds {
				t.touched[i][n] = true
			}
		}
	}
	for _, is := range []func(*plan) bool{(*plan).quantile, (*plan).last, func(p *plan) bool { return p.span != nil }} {
		plans := some(t.group.plans, func(p *plan) bool { return is(p) && len(t.touched[t.group.index(p)]) > 0 })
		if len(plans) == 0 {
			continue
		}
		for _, of := range o.toMend(t, plans) {
			if err := o.findRest(ctx, t, of, plans); err != nil {
				return err
			}
		}
	}
	return nil
}

// toMend empties the cells of some plans that were touched, and returns the scans that fill them: one for the periods and one for the total, or one for
// everything where that is most.
func (o *observer) toMend(t *tally, plans []*plan) []portion {
	touched := map[int]bool{}
	for _, p := range plans {
		maps.Copy(touched, t.touched[t.group.index(p)])
	}
	last := len(t.group.until(o.asOf.day))
	periods := slices.DeleteFunc(slices.Sorted(maps.Keys(touched)), func(n int) bool { return n >= last })
	all := 2*len(periods) > last
	for _, p := range plans {
		for _, s := range t.series[t.group.index(p)] {
			s.total.unfind()
			for n, c := range s.periods {
				if all || touched[n] {
					c.unfind()
				}
			}
		}
	}
	switch total := (portion{[]int{}, true}); {
	case all:
		return []portion{everything}
	case len(periods) > 0:
		return []portion{{periods, false}, total}
	default:
		return []portion{total}
	}
}
