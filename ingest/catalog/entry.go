package catalog

import (
	"path"
	"slices"
	"strings"

	"citystat/kpi"
)

// readSeed reads the file with the rows that were there before anybody typed; there need be none.
func (ds *dataset) readSeed(s object) error {
	n, name := s.raw("path", optional)
	if n == nil {
		return nil
	}
	if strings.ContainsAny(name, "*?[") {
		ds.bad(n, "name one file, such as path: data/requests.csv", "the rows that were there before anybody typed are in one file, and %s is a pattern", short(name))
		return nil
	}
	if !slices.Contains([]string{".csv", ".xlsx"}, path.Ext(strings.TrimSuffix(name, ".gz"))) {
		ds.bad(n, "save the rows as .csv or .xlsx", "the rows that were there before anybody typed are text or a workbook, and %s is neither", short(name))
		return nil
	}
	ds.d.Source.Path = name
	return ds.glob(n, name, ds.plan)
}

// checkEntry makes sure that what people type can be found again: a row that is typed once more revises the one before, which its key tells.
func (ds *dataset) checkEntry() {
	if ds.d.Source.Kind != kpi.SourceEntry {
		return
	}
	const mend = "name columns that people fill in and that tell rows apart, such as key: [month] or key: [month, district]"
	for _, c := range ds.d.Columns {
		if c.From != kpi.FromLine {
			continue
		}
		n := ds.o.value["columns"]
		for _, p := range ds.o.pairs("columns", optional) {
			if p.key.text == c.Name {
				n = p.key
			}
		}
		ds.bad(n, mend, "the column %q is the number of a line, and what people type stands on none", c.Name)
	}
}
