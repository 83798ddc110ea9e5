package warehouse

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"citystat/kpi"
)

// districtColumns lists the names of a dataset's district columns.
func districtColumns(d *kpi.Dataset) []string {
	var list []string
	for _, c := range d.Columns {
		if c.Type == kpi.TypeDistrict {
			list = append(list, c.Name)
		}
	}
	return list
}

// resolvePlaces looks up the district names that the row table has not met before, each once, with the one key by which everybody
// matches names. What a name means never changes within a row table: another list of districts is another way of reading.
func (l *loader) resolvePlaces(ctx context.Context) error {
	index := l.in.City.DistrictIndex()
	for _, name := range districtColumns(l.dataset) {
		if err := l.resolvePlace(ctx, name, index); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) resolvePlace(ctx context.Context, name string, index map[string]string) error {
	var names, districts []string
	err := l.tx.query(ctx, func(scan func(...any) error) error {
		var written, composed string
		err := scan(&written, &composed)
		if id, ok := index[kpi.NormaliseName(composed)]; ok {
			names, districts = append(names, written), append(districts, id)
		}
		return err
	}, fmt.Sprintf(`SELECT name, nfc_normalize(name) FROM (SELECT DISTINCT %s AS name FROM %s) WHERE name IS NOT NULL
		EXCEPT SELECT name, nfc_normalize(name) FROM place WHERE row_table = $1 AND field = $2`, quoteName(rawName(name)), l.staged()), l.table, name)
	if err != nil || len(names) == 0 {
		return err
	}
	s := &statement{}
	s.printf("INSERT INTO place SELECT %s, %s, unnest(%s), unnest(%s)", s.text(l.table), s.text(name), s.bind(names, "VARCHAR[]"), s.bind(districts, "VARCHAR[]"))
	_, err = l.tx.run(ctx, s)
	return err
}

// placed is the SQL of a derived table that adds to rows, of the given row table, every district column under its own name: the district's id, or the
// member that stands for a blank or for a name that is no district.
func placed(d *kpi.Dataset, rows, table string) string {
	names := districtColumns(d)
	if len(names) == 0 {
		return rows
	}
	var columns, joins strings.Builder
	for i, name := range names {
		raw := "rows." + quoteName(rawName(name))
		fmt.Fprintf(&columns, ", CASE WHEN place%[1]d.district IS NOT NULL THEN place%[1]d.district WHEN %[2]s IS NULL THEN '%[3]s' ELSE '%[4]s' END AS %[5]s",
			i, raw, kpi.MemberNotRecorded, kpi.MemberNotRecognised, quoteName(name))
		fmt.Fprintf(&joins, " LEFT JOIN (SELECT name, district FROM place WHERE row_table = %[2]s AND field = %[3]s) AS place%[1]d ON place%[1]d.name = %[4]s", i, quoteText(table), quoteText(name), raw)
	}
	return fmt.Sprintf("(SELECT rows.*%s FROM %s AS rows%s)", columns.String(), rows, joins.String())
}

// stagedRows is staged with the districts, unless nobody asks for them.
func (l *loader) stagedRows(districts bool) string {
	if !districts {
		return l.staged()
	}
	return placed(l.dataset, l.staged(), l.table)
}

// valid keeps text that is no UTF-8 from being refused or lost at the door of DuckDB.
func valid(s string) driver.Value { return strings.ToValidUTF8(s, "\ufffd") }

// cut keeps at most 1 kB of a raw text.
func cut(s string) string { return s[:min(len(s), 1000)] }
