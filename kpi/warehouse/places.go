package warehouse

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"citystat/kpi"
)

// placeTable holds what the district names in a load mean: (place of the column, name as the source writes it, district).
const placeTable = "temp.main.place"

// placeColumn is a district column and its place among the columns, from 1.
type placeColumn struct {
	n    int
	name string
}

func districtColumns(d *kpi.Dataset) []placeColumn {
	var list []placeColumn
	for i, c := range d.Columns {
		if c.Type == kpi.TypeDistrict {
			list = append(list, placeColumn{i + 1, c.Name})
		}
	}
	return list
}

// resolvePlaces looks the district names up, each once, with the one key by which everybody matches names.
func (l *loader) resolvePlaces(ctx context.Context) error {
	columns := districtColumns(l.dataset)
	if len(columns) == 0 {
		return nil
	}
	l.places = true
	if _, err := l.tx.exec(ctx, "CREATE TEMP TABLE place (field INTEGER NOT NULL, name VARCHAR NOT NULL, district VARCHAR NOT NULL)"); err != nil {
		return err
	}
	index := l.in.City.DistrictIndex()
	for _, c := range columns {
		if err := l.resolvePlace(ctx, c, index); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) resolvePlace(ctx context.Context, c placeColumn, index map[string]string) error {
	var names, districts []string
	raw := quoteName(rawName(c.name))
	err := l.tx.query(ctx, func(scan func(...any) error) error {
		var written, composed string
		err := scan(&written, &composed)
		if id, ok := index[kpi.NormaliseName(composed)]; ok {
			names, districts = append(names, written), append(districts, id)
		}
		return err
	}, fmt.Sprintf("SELECT DISTINCT %[1]s, nfc_normalize(%[1]s) FROM %[2]s WHERE %[1]s IS NOT NULL", raw, stageTable))
	if err != nil || len(names) == 0 {
		return err
	}
	s := &statement{}
	s.printf("INSERT INTO %s SELECT %d, unnest(%s), unnest(%s)", placeTable, c.n, s.bind(names, "VARCHAR[]"), s.bind(districts, "VARCHAR[]"))
	_, err = l.tx.run(ctx, s)
	return err
}

// stagedRows is the SQL of a derived table of the staged rows under their final names: _row, _file, _line, _fault, every declared
// column, the raw names of districts. districts may be false where no district is read.
func (l *loader) stagedRows(districts bool) string {
	if !districts || !l.places {
		return "(SELECT *, rowid AS _row FROM " + stageTable + ")"
	}
	var columns, joins strings.Builder
	for _, c := range districtColumns(l.dataset) {
		n, raw := c.n, "s."+quoteName(rawName(c.name))
		fmt.Fprintf(&columns, ", coalesce(p%d.district, CASE WHEN %s IS NULL THEN '%s' ELSE '%s' END) AS %s", n, raw, kpi.MemberNotRecorded, kpi.MemberNotRecognised, quoteName(c.name))
		fmt.Fprintf(&joins, " LEFT JOIN %s AS p%d ON p%d.field = %d AND p%d.name = %s", placeTable, n, n, n, n, raw)
	}
	return fmt.Sprintf("(SELECT s.*, s.rowid AS _row%s FROM %s AS s%s)", columns.String(), stageTable, joins.String())
}

// valid keeps text that is no UTF-8 from being refused or lost at the door of DuckDB.
func valid(s string) driver.Value { return strings.ToValidUTF8(s, "\ufffd") }

// cut keeps at most 1 kB of a raw text.
func cut(s string) string { return s[:min(len(s), 1000)] }
