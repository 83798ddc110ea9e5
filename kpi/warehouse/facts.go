package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"citystat/kpi"
)

// Facts are what a page says about a dataset beside its loads.
type Facts struct {
	Rows      int64          // visible rows
	DataUntil kpi.Date       // the newest day that a row speaks of; zero if none does
	Unplaced  []kpi.Unplaced // rows without a district of the city, blank ones first, then names by frequency
}

// maxUnplaced bounds the names that are listed; what does not fit is one of very many misspellings.
const maxUnplaced = 200

// Facts tells what is known of a dataset at a data version; zero Facts if it was never loaded.
//
// DataUntil is the newest day, not after the as-of date of the version's load, in the dataset's date and timestamp columns. A column that also
// speaks of days after the as-of date holds plans, such as deadlines, and not records of what happened: it is left out, unless all do.
func (db *DB) Facts(ctx context.Context, city *kpi.City, dataset string, version int64) (Facts, error) {
	var f Facts
	d := city.Dataset(dataset)
	if d == nil {
		return f, kpi.Errorf(kpi.CodeNotFound, "the city has no dataset %q", dataset)
	}
	err := db.read(ctx, func(t *tx) error {
		load, hash, table, loaded, err := t.rowsOf(ctx, dataset, version)
		if err != nil || !loaded {
			return err
		}
		if hash != d.Hash {
			return &RereadError{Datasets: []string{dataset}}
		}
		if err := t.extent(ctx, city, d, load, table, version, &f); err != nil {
			return err
		}
		f.Unplaced, err = t.unplaced(ctx, d, table, version)
		return err
	})
	if err != nil {
		return Facts{}, fmt.Errorf("facts of %s at version %d: %w", dataset, version, err)
	}
	return f, nil
}

// extent counts the visible rows and finds the newest day.
func (t *tx) extent(ctx context.Context, city *kpi.City, d *kpi.Dataset, load int64, table string, version int64, f *Facts) error {
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	var asOfDay sql.NullTime
	s := &statement{}
	s.printf("SELECT max(as_of) FROM data_version WHERE version = %s", s.bind(load, "BIGINT"))
	if err := t.row(ctx, s, &asOfDay); err != nil {
		return err
	}
	end := asOfIn(kpi.DateOf(asOfDay.Time.UTC()), cal.Location)
	s = &statement{}
	columns, dest := []string{"count(*)"}, []any{&f.Rows}
	var until, newest []sql.NullTime
	var dates []kpi.ColumnType
	for _, c := range d.Columns {
		limit := ""
		switch c.Type {
		case kpi.TypeDate:
			limit = s.date(end.day)
		case kpi.TypeTimestamp:
			limit = s.timestamp(end.last)
		default:
			continue
		}
		name := quoteName(c.Name)
		dates = append(dates, c.Type)
		columns = append(columns, fmt.Sprintf("max(%[1]s) FILTER (%[1]s <= %[2]s), max(%[1]s) FILTER (%[1]s > %[2]s)", name, limit))
	}
	until, newest = make([]sql.NullTime, len(dates)), make([]sql.NullTime, len(dates))
	for i := range dates {
		dest = append(dest, &until[i], &newest[i])
	}
	s.printf("SELECT %s FROM %s WHERE %s", strings.Join(columns, ", "), quoteName(table), s.visible("_from", "_to", version))
	if err := t.row(ctx, s, dest...); err != nil {
		return err
	}
	for _, plans := range []bool{false, true} {
		for i, typ := range dates {
			if until[i].Valid && newest[i].Valid == plans {
				day := kpi.DateOf(until[i].Time.UTC())
				if typ == kpi.TypeTimestamp {
					day = kpi.DateOf(until[i].Time.In(cal.Location))
				}
				if day.After(f.DataUntil) {
					f.DataUntil = day
				}
			}
		}
		if !f.DataUntil.IsZero() {
			break
		}
	}
	return nil
}

// unplaced counts the rows without a district, by the dataset's first district column.
func (t *tx) unplaced(ctx context.Context, d *kpi.Dataset, table string, version int64) ([]kpi.Unplaced, error) {
	columns := districtColumns(d)
	if len(columns) == 0 {
		return nil, nil
	}
	s := &statement{}
	visible := fmt.Sprintf("(SELECT * FROM %s WHERE %s)", quoteName(table), s.visible("_from", "_to", version))
	s.printf("SELECT %[1]s, coalesce(%[2]s, '') AS name, count(*) AS n FROM %[3]s WHERE %[1]s IN (%[4]s, %[5]s) GROUP BY 1, 2 ORDER BY name = '' DESC, n DESC, name LIMIT %[6]d",
		quoteName(columns[0]), quoteName(rawName(columns[0])), placed(d, visible, table), s.text(kpi.MemberNotRecorded), s.text(kpi.MemberNotRecognised), maxUnplaced)
	var list []kpi.Unplaced
	err := t.query(ctx, func(scan func(...any) error) error {
		var u kpi.Unplaced
		err := scan(&u.Member, &u.Name, &u.Rows)
		list = append(list, u)
		return err
	}, s.String(), s.args...)
	return list, err
}

// Rejects lists the rows that were refused in the newest load of a dataset at a data version, by file and line.
func (db *DB) Rejects(ctx context.Context, dataset string, version int64, limit, offset int) ([]kpi.Reject, error) {
	var list []kpi.Reject
	err := db.read(ctx, func(t *tx) error {
		load, _, _, loaded, err := t.rowsOf(ctx, dataset, version)
		if err != nil || !loaded {
			return err
		}
		return t.query(ctx, func(scan func(...any) error) error {
			var r kpi.Reject
			err := scan(&r.Load, &r.Dataset, &r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw)
			list = append(list, r)
			return err
		}, "SELECT version, dataset, file, line, field, reason, detail, raw FROM reject WHERE dataset = $1 AND version = $2 ORDER BY file, line, field LIMIT $3 OFFSET $4",
			dataset, load, max(limit, 0), max(offset, 0))
	})
	if err != nil {
		return nil, fmt.Errorf("rejects of %s at version %d: %w", dataset, version, err)
	}
	return list, nil
}
