package connector

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// long makes the rows of a long table of those of a wide one, as Source.Unpivot declares it. A row of the source becomes one row for each
// entry, and every one of them is counted, taken or set aside by itself: an error in the cell of 2025 leaves the row of 2024 as it is. What
// makes the whole row of the source unfit sets all of them aside. A blank row would have become nothing, and is skipped once. So records =
// rows in the copy + rejects + blank lines here too. _line is the row of the source.
type long struct {
	names   []string // columns of the copy
	entries []longRow
}

// longRow is what an entry makes of a row.
type longRow struct {
	label string     // what tells it from the other rows of its source row, such as year: 2025
	parts []longPart // for each column of the copy
	names []string   // where the parts come from: the source's column, for rejects
}

// longPart is what fills a column: a kept column of the source, or a text.
type longPart struct {
	at   int // index among the kept columns; -1: text
	text []byte
}

// fillers returns the source's columns that fill the declared column from, each once; none if unpivot sets it.
func fillers(src *kpi.Source, from string) []string {
	if len(src.Unpivot) == 0 {
		return []string{from}
	}
	var names []string
	for _, u := range src.Unpivot {
		if _, set := u.Set[from]; set {
			continue
		}
		name, renamed := u.Columns[from]
		if !renamed {
			name = from
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// takenByUnpivot reports whether unpivot names the source's column.
func takenByUnpivot(src *kpi.Source, name string) bool {
	return slices.ContainsFunc(src.Unpivot, func(u kpi.Unpivot) bool {
		for _, from := range u.Columns {
			if from == name {
				return true
			}
		}
		return false
	})
}

// newLong returns nil if the dataset's table is not unpivoted. kept are the source's columns that are kept.
func newLong(ds *kpi.Dataset, kept []string) (*long, error) {
	if len(ds.Source.Unpivot) == 0 {
		return nil, nil
	}
	l := &long{}
	for _, c := range ds.Columns {
		if c.From != lineColumn && !slices.Contains(l.names, c.From) && !slices.Contains(ds.Drop, c.From) {
			l.names = append(l.names, c.From)
		}
	}
	for _, u := range ds.Source.Unpivot {
		row, err := newLongRow(u, l.names, kept)
		if err != nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: unpivot: %v", ds.ID, err)
		}
		l.entries = append(l.entries, row)
	}
	return l, nil
}

func newLongRow(u kpi.Unpivot, names, kept []string) (longRow, error) {
	var row longRow
	var label []string
	for _, name := range names {
		if text, set := u.Set[name]; set {
			if _, detail := unfit(text); detail != "" {
				return row, fmt.Errorf("the text for %s: %s", name, detail)
			}
			row.parts, row.names = append(row.parts, longPart{-1, []byte(text)}), append(row.names, name)
			label = append(label, name+": "+cutText(text, 40))
			continue
		}
		from, renamed := u.Columns[name]
		if !renamed {
			from = name
		}
		at := slices.Index(kept, from)
		if at < 0 {
			return row, fmt.Errorf("the column %s, which fills %s, is dropped", from, name)
		}
		row.parts, row.names = append(row.parts, longPart{at: at}), append(row.names, from)
	}
	row.label = strings.Join(label, ", ")
	return row, nil
}

// header returns the columns of the copy.
func (l *long) header(kept []string) []string {
	if l == nil {
		return kept
	}
	return l.names
}

// labels returns what tells apart the rows that a row of the source becomes: one label, the empty one, if it becomes itself.
func (l *long) labels() []string {
	if l == nil {
		return []string{""}
	}
	list := make([]string, len(l.entries))
	for i, e := range l.entries {
		list[i] = e.label
	}
	return list
}

// of says of which row a reject speaks.
func of(detail, label string) string {
	if label == "" {
		return detail
	}
	return detail + " (" + label + ")"
}

// unpivot writes the rows that a row of the source becomes. It was counted once. faults are those of its kept columns.
func (r *records) unpivot(line int64, kept []string, faults map[int]Fault) error {
	fields := make([]string, len(r.long.names))
	for i := range r.long.entries {
		if i > 0 {
			if err := r.count(); err != nil {
				return err
			}
		}
		e := &r.long.entries[i]
		for k, p := range e.parts {
			if fields[k] = string(p.text); p.at >= 0 {
				fields[k] = kept[p.at]
			}
		}
		if err := r.longRow(line, e, fields, faults); err != nil {
			return err
		}
	}
	return nil
}

func (r *records) longRow(line int64, e *longRow, fields []string, faults map[int]Fault) error {
	for k, p := range e.parts {
		if f, bad := faults[p.at]; bad && p.at >= 0 {
			return r.rejectOne(line, e.names[k], f.Reason, of(f.Detail, e.label), f.Raw)
		}
	}
	return r.writeOne(line, e.names, fields, e.label)
}

// sheetRows copies the rows that a row of a sheet becomes, or sets aside those that need a cell without a value to copy.
func (r *records) sheetRows(row *Row) error {
	if err := r.count(); err != nil {
		return err
	}
	kept, faults := make([]string, len(r.layout.keep)), map[int]Fault{}
	for i, k := range r.layout.keep {
		kept[i] = row.Fields[k]
		if f := slices.IndexFunc(row.Faults, func(f Fault) bool { return f.Column == k }); f >= 0 {
			faults[i] = row.Faults[f]
		}
	}
	return r.unpivot(row.Line, kept, faults)
}

// unpivot writes the rows that a record becomes. It was counted once.
func (t *table) unpivot(rec *record) error {
	for i := range t.long.entries {
		if i > 0 {
			t.result.Read++
		}
		b := t.out.begin(rec.line)
		for _, p := range t.long.entries[i].parts {
			b = append(b, ',')
			if p.at < 0 {
				b = appendField(b, p.text)
			} else {
				b = appendRecordField(b, rec, t.layout.keep[p.at], t.plain, t.quote)
			}
		}
		t.out.end(b)
	}
	return nil
}
