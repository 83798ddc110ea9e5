package warehouse

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"citystat/kpi"
)

// stored is an observation as it stands in the table.
type stored struct {
	kpi.Observation
	row      int64
	dataset  string
	excluded string // as text
}

// identity is what an observation is of; among the visible ones no two have the same.
type identity struct {
	indicator                 string
	definition                int
	period, dimension, member string
}

func identityOf(o *kpi.Observation) identity {
	return identity{o.Indicator, o.Version, o.Period, o.Dimension, o.Member}
}

// visibleObservations reads the observations visible at a version, of one dataset or of all if it is "".
func (t *tx) visibleObservations(ctx context.Context, dataset string, version int64) ([]stored, error) {
	s := &statement{}
	s.printf(`SELECT rowid, indicator, definition, dataset, period, dimension, member, from_version, numerator, denominator, value, rows_counted, excluded, partial, provisional, as_of
		FROM observation WHERE %s`, s.visible("from_version", "to_version", version))
	if dataset != "" {
		s.printf(" AND dataset = %s", s.text(dataset))
	}
	var list []stored
	err := t.query(ctx, func(scan func(...any) error) error {
		o, err := scanObservation(scan)
		list = append(list, o)
		return err
	}, s.String(), s.args...)
	return list, err
}

func scanObservation(scan func(...any) error) (stored, error) {
	var o stored
	var num, den, value sql.NullFloat64
	var asOf time.Time
	err := scan(&o.row, &o.Indicator, &o.Version, &o.dataset, &o.Period, &o.Dimension, &o.Member, &o.Load, &num, &den, &value, &o.Rows, &o.excluded, &o.Partial, &o.Provisional, &asOf)
	if err != nil {
		return o, err
	}
	o.Numerator, o.Denominator, o.Value, o.AsOf = pointer(num), pointer(den), pointer(value), kpi.DateOf(asOf.UTC())
	if o.excluded != noneExcluded {
		err = json.Unmarshal([]byte(o.excluded), &o.Excluded)
	}
	return o, err
}

func pointer(v sql.NullFloat64) *float64 {
	if !v.Valid {
		return nil
	}
	return &v.Float64
}

const noneExcluded = "{}"

// excludedText writes the excluded rows in the one way in which they are stored: JSON with sorted keys.
func excludedText(excluded map[string]int64) (string, error) {
	if len(excluded) == 0 {
		return noneExcluded, nil
	}
	b, err := json.Marshal(excluded)
	return string(b), err
}

// sameSaying reports whether two observations say the same; by which load and as of which day does not count.
func sameSaying(a, b *stored) bool {
	return sameNumber(a.Numerator, b.Numerator) && sameNumber(a.Denominator, b.Denominator) && sameNumber(a.Value, b.Value) &&
		a.Rows == b.Rows && a.excluded == b.excluded && a.Partial == b.Partial && a.Provisional == b.Provisional
}

func sameNumber(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// store makes the new observations of a dataset the visible ones at a version. What says the same stays, with the load and day that first said
// it; what has changed or is gone is closed, what is new is opened. It returns the number of those that were opened.
func (t *tx) store(ctx context.Context, dataset string, version int64, list []kpi.Observation) (int64, error) {
	current, err := t.visibleObservations(ctx, dataset, version)
	if err != nil {
		return 0, err
	}
	before := make(map[identity]*stored, len(current))
	for i := range current {
		before[identityOf(&current[i].Observation)] = &current[i]
	}
	var opened []stored
	for _, o := range list {
		n := stored{Observation: o, dataset: dataset}
		if n.excluded, err = excludedText(o.Excluded); err != nil {
			return 0, err
		}
		id := identityOf(&o)
		if was := before[id]; was != nil && sameSaying(was, &n) {
			delete(before, id) // stays
			continue
		}
		opened = append(opened, n)
	}
	if err := t.closeObservations(ctx, version, before); err != nil {
		return 0, err
	}
	return int64(len(opened)), t.openObservations(version, opened)
}

func (t *tx) closeObservations(ctx context.Context, version int64, gone map[identity]*stored) error {
	if len(gone) == 0 {
		return nil
	}
	rows := make([]int64, 0, len(gone))
	for _, o := range gone {
		rows = append(rows, o.row)
	}
	closed, err := t.exec(ctx, "UPDATE observation SET to_version = $1 WHERE rowid IN (SELECT unnest($2::BIGINT[]))", version, rows)
	if err == nil && closed != int64(len(rows)) {
		err = t.fail(fmt.Errorf("%d observations should be closed and %d were", len(rows), closed))
	}
	return err
}

func (t *tx) openObservations(version int64, list []stored) error {
	if len(list) == 0 {
		return nil
	}
	return t.appendRows("observation", func(add func(...driver.Value) error) error {
		for _, o := range list {
			if err := add(o.Indicator, int32(o.Version), o.dataset, o.Period, o.Dimension, o.Member, version, nil, number(o.Numerator), number(o.Denominator), number(o.Value),
				o.Rows, o.excluded, o.Partial, o.Provisional, o.AsOf.In(time.UTC)); err != nil {
				return err
			}
		}
		return nil
	})
}

func number(v *float64) driver.Value {
	if v == nil {
		return nil
	}
	return *v
}

// observe computes the dataset's indicators and stores them.
func (l *loader) observe(ctx context.Context) error {
	list, err := l.tx.recount(ctx, l.in.City, l.dataset, l.in.Load.AsOf, l.in.Load.ID)
	if err != nil {
		return err
	}
	if l.out.Observations, err = l.tx.store(ctx, l.dataset.ID, l.in.Load.ID, list); err != nil {
		return err
	}
	l.out.Checksum, err = l.tx.checksum(ctx, l.in.Load.ID)
	return err
}

// Observations returns the stored observations of the city's indicators that are visible at a data version, in the order of the folder.
func (db *DB) Observations(ctx context.Context, city *kpi.City, version int64) ([]kpi.Observation, error) {
	var list []kpi.Observation
	err := db.read(ctx, func(t *tx) error {
		all, err := t.visibleObservations(ctx, "", version)
		for _, o := range all {
			if city.Indicator(o.Indicator) != nil {
				list = append(list, o.Observation)
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("observations at version %d: %w", version, err)
	}
	sortObservations(city, list)
	return list, nil
}
