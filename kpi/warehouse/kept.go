package warehouse

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// What was counted is kept exactly, cell by cell, for the newest version of each dataset, so that the next one can be counted from what has
// changed. It is a convenience: nothing is read from it that does not fit, and nobody misses it.

// keptForm is the form of what is kept; another form fits nothing.
const keptForm = 1

// kept is what was counted of a dataset the last time, and by which definitions.
type kept struct {
	version      int64
	asOf         kpi.Date
	fingerprints map[string]string // by indicator; the dataset's own under ""
}

// kept reads the heads of what is kept of a dataset; nil if nothing is, or if it is not of one version and day.
func (t *tx) kept(ctx context.Context, dataset string) (*kept, error) {
	k := &kept{fingerprints: map[string]string{}}
	sound := true
	err := t.query(ctx, func(scan func(...any) error) error {
		var indicator, fingerprint string
		var version int64
		var asOf time.Time
		if err := scan(&indicator, &fingerprint, &version, &asOf); err != nil {
			return err
		}
		day := kpi.DateOf(asOf.UTC())
		sound = sound && (len(k.fingerprints) == 0 || version == k.version && day == k.asOf)
		k.version, k.asOf, k.fingerprints[indicator] = version, day, fingerprint
		return nil
	}, "SELECT indicator, fingerprint, version, as_of FROM tallied WHERE dataset = $1 AND version IN (SELECT version FROM data_version)", dataset)
	if err != nil || !sound || len(k.fingerprints) == 0 {
		return nil, err
	}
	return k, nil
}

// fingerprint identifies everything on which the counts of an indicator rest, but for the rows and the as-of day. Of nil it is that of the
// counts of the rows by member.
func (o *observer) fingerprint(p *plan) string {
	basis, measure := "", ""
	if p != nil {
		basis = o.city.Basis(p.ind)
		measure = p.ind.MeasureHash(basis)
	}
	b, err := json.Marshal([]any{keptForm, measure, o.table, o.dataset.Dimensions, o.calendar.Location.String(), o.calendar.FiscalStart, o.zone.String()})
	if err != nil {
		panic(fmt.Sprintf("warehouse: a list of texts cannot be written as JSON: %v", err)) // it always can
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// forget removes everything that is kept of a dataset.
func (t *tx) forget(ctx context.Context, dataset string) error {
	for _, q := range []string{"DELETE FROM tally WHERE dataset = $1", "DELETE FROM tallied WHERE dataset = $1"} {
		if _, err := t.exec(ctx, q, dataset); err != nil {
			return err
		}
	}
	return nil
}

// keptCell is a row of the table.
type keptCell struct {
	row                                  int64
	indicator, period, dimension, member string
	left                                 string // the rows left out, with commas between them
	cell
}

// keptCells reads the cells of some indicators of a dataset, "" among them for its rows by member.
func (t *tx) keptCells(ctx context.Context, dataset string, indicators []string, each func(*keptCell) error) error {
	s := &statement{}
	s.printf(`SELECT rowid, indicator, period, dimension, member, counted, holds, excluded, of_sum, of_rows, per_sum, per_rows, quantile, ranked
		FROM tally WHERE dataset = %s AND indicator IN (SELECT unnest(%s))`, s.text(dataset), s.bind(indicators, "VARCHAR[]"))
	return t.query(ctx, func(scan func(...any) error) error {
		var c keptCell
		var of, per any
		if err := scan(&c.row, &c.indicator, &c.period, &c.dimension, &c.member, &c.counted, &c.holds, &c.left, &of, &c.of.rows, &per, &c.per.rows, &c.quantile, &c.ranked); err != nil {
			return err
		}
		c.of.sum, _ = of.(*big.Int)
		c.per.sum, _ = per.(*big.Int)
		return each(&c)
	}, s.String(), s.args...)
}

// keep writes down what was counted: the cells that have changed, and the heads. patched are the tallies that were begun with what was kept.
func (o *observer) keep(ctx context.Context, plans []*plan, patched, anew []*tally) error {
	t, dataset := o.tx, o.dataset.ID
	var out []int64
	var in []*keptCell
	var whole []string // indicators of which nothing that is kept stays
	for _, y := range patched {
		gone, come := y.changes(o)
		out, in = append(out, gone...), append(in, come...)
	}
	for _, y := range anew {
		for _, p := range y.group.plans {
			whole = append(whole, p.ind.ID)
		}
		_, come := y.changes(o)
		in = append(in, come...)
	}
	whole = append(whole, "")
	in = append(in, slices.Concat(patched, anew)[0].rowCells(o)...)
	known := []string{""}
	for _, p := range plans {
		known = append(known, p.ind.ID)
	}
	if _, err := t.exec(ctx, `DELETE FROM tally WHERE dataset = $1 AND (indicator IN (SELECT unnest($2::VARCHAR[])) OR indicator NOT IN (SELECT unnest($3::VARCHAR[])))`, dataset, whole, known); err != nil {
		return err
	}
	if len(out) > 0 {
		if _, err := t.exec(ctx, "DELETE FROM tally WHERE rowid IN (SELECT unnest($1::BIGINT[]))", out); err != nil {
			return err
		}
	}
	if err := t.appendRows("tally", func(add func(...driver.Value) error) error {
		for _, c := range in {
			if err := add(dataset, c.indicator, c.period, c.dimension, c.member, c.counted, c.holds, joined(c.excluded), huge(c.of.sum), c.of.rows, huge(c.per.sum), c.per.rows, number(c.quantile), c.ranked); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return o.keepHeads(ctx, plans)
}

// keepHeads writes down of which version and day, and by which definitions, the cells are.
func (o *observer) keepHeads(ctx context.Context, plans []*plan) error {
	if _, err := o.tx.exec(ctx, "DELETE FROM tallied WHERE dataset = $1", o.dataset.ID); err != nil {
		return err
	}
	return o.tx.appendRows("tallied", func(add func(...driver.Value) error) error {
		day := o.asOf.day.In(time.UTC)
		if err := add(o.dataset.ID, "", o.fingerprint(nil), o.version, day); err != nil {
			return err
		}
		for _, p := range plans {
			if err := add(o.dataset.ID, p.ind.ID, o.fingerprint(p), o.version, day); err != nil {
				return err
			}
		}
		return nil
	})
}

// separated reads what joined writes.
func separated(s string) ([]int64, error) {
	if s == "" {
		return nil, nil
	}
	var list []int64
	for text := range strings.SplitSeq(s, ",") {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func joined(list []int64) string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = strconv.FormatInt(n, 10)
	}
	return strings.Join(texts, ",")
}

func huge(v *big.Int) driver.Value {
	if v == nil {
		return nil
	}
	return v
}

// dimension is the name of the dimension of a place, "" for the city.
func (o *observer) dimension(where place) string {
	if where.dimension < 0 {
		return ""
	}
	return o.dataset.Dimensions[where.dimension]
}

// changes lists the rows of the table that no longer hold, and the cells that have to be written.
func (t *tally) changes(o *observer) (gone []int64, come []*keptCell) {
	for i, p := range t.group.plans {
		for where, s := range t.series[i] {
			write := func(period string, c *cell) {
				if c.row != 0 && !c.differs() {
					return
				}
				if c.row != 0 {
					gone = append(gone, c.row-1)
				}
				if c.taking() {
					come = append(come, &keptCell{indicator: p.ind.ID, period: period, dimension: o.dimension(where), member: where.member, cell: *c})
				}
			}
			for n, c := range s.periods {
				write(t.group.periods[n].ID, c)
			}
			write(kpi.PeriodTotal, &s.total)
		}
	}
	return gone, come
}

// rowCells are the cells for the rows by member.
func (t *tally) rowCells(o *observer) []*keptCell {
	list := []*keptCell{{period: kpi.PeriodTotal, cell: cell{counted: t.rows}}}
	for d, members := range t.members {
		for m, n := range members {
			if n != 0 {
				list = append(list, &keptCell{period: kpi.PeriodTotal, dimension: o.dataset.Dimensions[d], member: m, cell: cell{counted: n}})
			}
		}
	}
	return list
}
