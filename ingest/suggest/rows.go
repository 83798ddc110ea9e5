package suggest

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// table is what was looked at of a file.
type table struct {
	names    []string
	columns  [][]string // the fields of each column, without white space at their ends
	rows     int
	broken   int    // rows that a load would set aside
	first    string // why the first of them would be, without what it holds
	complete bool   // all rows of the file were looked at
	size     int
	faults   [][]int // of a sheet: the columns of each row that hold nothing to read
}

// read reads the table with the connector that would load it.
func (l *looked) read(ctx context.Context, dir string) (*table, error) {
	switch l.source.Kind {
	case kpi.SourceCSV:
		return l.untilFooter(ctx, l.readText)
	case kpi.SourceXLSX:
		return l.untilFooter(ctx, l.readSheet)
	}
	return l.readWhole(ctx, dir)
}

// untilFooter reads once more without the row that adds up the others, if there is one.
func (l *looked) untilFooter(ctx context.Context, read func(context.Context) (*table, error)) (*table, error) {
	t, err := read(ctx)
	if err != nil || t.footer() == "" {
		return t, err
	}
	l.source.EndsAt = []string{t.footer()}
	l.unsure = append(l.unsure, "the last row adds up the others, it seems; it ends the table")
	return l.rows(ctx)
}

// readText reads text. Only whoever reads all of it sees that it is not UTF-8.
func (l *looked) readText(ctx context.Context) (*table, error) {
	t, err := l.rows(ctx)
	if err == nil || l.source.Encoding != "" || !strings.Contains(err.Error(), "UTF-8") {
		return t, err
	}
	l.source.Encoding = "windows-1252"
	l.unsure = append(l.unsure, "the text is not UTF-8; most such files are windows-1252, and any encoding of one byte would do: look at the letters beyond ASCII")
	return l.rows(ctx)
}

// readSheet reads a sheet. A title that stands before the header has fewer cells than it.
func (l *looked) readSheet(ctx context.Context) (*table, error) {
	best, names, err := 0, 0, error(nil)
	for skip := 0; skip <= 10; skip++ {
		l.source.SkipLines = skip
		n := 0
		for row, e := range connector.ReadTable(ctx, l.folder, l.source, connector.Limits{Bytes: maxWhole}) {
			if e != nil && skip == 0 {
				err = e
			} else if e == nil {
				n = filled(row.Fields)
			}
			break
		}
		if n > names {
			best, names = skip, n
		}
		if skip == 0 && n > 2 || ctx.Err() != nil {
			break
		}
	}
	l.source.SkipLines = best
	if names == 0 && err != nil {
		return nil, err
	}
	if best > 0 {
		l.unsure = append(l.unsure, "the header is taken to be the first of the rows with the most cells")
	}
	return l.rows(ctx)
}

func filled(fields []string) int {
	n := 0
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			n++
		}
	}
	return n
}

// rows reads the rows of text or of a sheet, until there are enough.
func (l *looked) rows(ctx context.Context) (*table, error) {
	var t *table
	for row, err := range connector.ReadTable(ctx, l.folder, l.source, connector.Limits{}) {
		switch {
		case err != nil:
			return nil, err
		case t == nil:
			t = newTable(row.Fields)
			continue
		case len(row.Faults) > 0 && l.source.Kind == kpi.SourceXLSX:
			if t.first == "" {
				t.first = row.Faults[0].Reason
			}
		case len(row.Faults) > 0:
			if t.broken++; t.broken == 1 {
				t.first = row.Faults[0].Reason
			}
			continue
		}
		if filled(row.Fields) == 0 && l.source.Kind == kpi.SourceXLSX {
			continue // what it holds stands to the right of the header
		}
		if !t.add(row.Fields) {
			t.complete = false
			break
		}
		if l.source.Kind == kpi.SourceXLSX {
			t.faults = append(t.faults, faulty(row))
		}
	}
	if t == nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds no table", l.name)
	}
	return t.enough(l.name)
}

// faulty lists the columns of a row that hold nothing to read.
func faulty(row connector.Row) []int {
	var list []int
	for _, f := range row.Faults {
		list = append(list, f.Column)
	}
	return list
}

// setAside counts the rows of a sheet that would be set aside for what they hold in the columns that are declared.
func (t *table) setAside(declared func(column int) bool) {
	for _, columns := range t.faults {
		if slices.ContainsFunc(columns, declared) {
			t.broken++
		}
	}
}

// footers are what stands first in a row that adds up the others.
var footers = []string{"total", "totals", "grand total", "sum", "totales", "gran total", "suma", "totais", "total geral", "soma", "totaux", "total general", "somme", "total general:", "total:", "totals:"}

// footer returns what stands first in the last row if it is no row but the sum of the others; empty otherwise.
func (t *table) footer() string {
	if !t.complete || t.rows < 2 {
		return ""
	}
	for _, c := range t.columns {
		if v := c[t.rows-1]; v != "" {
			if !slices.Contains(footers, fold(v)) || slices.Contains(c[:t.rows-1], v) {
				return ""
			}
			return v
		}
	}
	return ""
}

// headed refuses a table whose first row is no header but data: its names would be shown, and might be those of people.
func (t *table) headed(name string) error {
	for i, h := range t.names {
		h = strings.TrimSpace(h)
		for _, f := range personalForms {
			if f.form.MatchString(h) {
				return noHeader(name, i)
			}
		}
		if h == "" {
			continue
		}
		values := slices.DeleteFunc(slices.Clone(t.columns[i]), func(v string) bool { return v == "" })
		if len(values) == 0 {
			continue
		}
		if ways, _, _ := readMoments(append(values, h)); len(ways) > 0 && !isYear(h) {
			return noHeader(name, i)
		}
	}
	return nil
}

func noHeader(name string, column int) error {
	return kpi.Errorf(kpi.CodeInvalid, "%s seems to have no header: what stands in its column %d where a name should is data; add a line with the names of the columns", name, column+1)
}

// isYear reports whether a text is a year: tables have columns for years.
func isYear(s string) bool { return len(s) == 4 }

// enough refuses a table without a row: it proves nothing.
func (t *table) enough(name string) (*table, error) {
	if t.rows == 0 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds a header and no whole row behind it (%d are broken); nothing can be suggested", name, t.broken)
	}
	return t, nil
}

func newTable(names []string) *table {
	return &table{names: names, columns: make([][]string, len(names)), complete: true}
}

// add takes a row; false if there are enough already.
func (t *table) add(fields []string) bool {
	if t.rows >= maxRows || t.size >= maxText {
		return false
	}
	t.rows++
	for i := range t.columns {
		f := ""
		if i < len(fields) {
			f = strings.Clone(strings.TrimSpace(fields[i]))
		}
		t.columns[i] = append(t.columns[i], f)
		t.size += len(f) + 16
	}
	return true
}

// reader is a connector.
type reader interface {
	Read(ctx context.Context, req connector.Request) (connector.Result, error)
}

// readWhole reads a file with the connector of its kind into a directory of its own: once for the names of the columns, once for the rows.
func (l *looked) readWhole(ctx context.Context, dir string) (t *table, err error) {
	if err := l.bounded(); err != nil {
		return nil, err
	}
	if dir, err = os.MkdirTemp(dir, "suggest-*"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ds := &kpi.Dataset{ID: "suggested", Source: l.source}
	names, _, err := l.load(ctx, dir, ds)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: its rows have no columns", l.name)
	}
	for _, n := range names {
		ds.Columns = append(ds.Columns, kpi.Column{Name: n, From: n, Type: kpi.TypeText})
	}
	_, res, err := l.load(ctx, dir, ds)
	if err != nil {
		return nil, err
	}
	if t, err = readCopy(res.Files[0].Plain); err != nil {
		return nil, err
	}
	if t.broken = len(res.Rejects); t.broken > 0 {
		t.first = res.Rejects[0].Reason
	}
	return t.enough(l.name)
}

// load reads the file as the dataset declares it, and returns the names of the columns that it does not.
func (l *looked) load(ctx context.Context, dir string, ds *kpi.Dataset) ([]string, connector.Result, error) {
	var by reader
	switch l.source.Kind {
	case kpi.SourceGeoJSON:
		by = connector.GeoJSON{}
	case kpi.SourceParquet:
		by = connector.Parquet{}
	default:
		by = connector.JSON{}
	}
	res, err := by.Read(ctx, connector.Request{Folder: l.folder, Dataset: ds, Dir: dir, Limits: connector.Limits{Bytes: maxWhole, Columnar: maxWhole}})
	if err != nil {
		return nil, res, err
	}
	return res.Files[0].Undeclared, res, nil
}

// bounded refuses a file that is too large to be read as a whole.
func (l *looked) bounded() error {
	f, err := l.folder.Open(l.name)
	if err != nil {
		return cannot(l.name, err)
	}
	st, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return cannot(l.name, err)
	}
	if st.Size() > maxWhole {
		return tooLarge(l.name)
	}
	return nil
}

// readCopy reads a canonical copy.
func readCopy(name string) (t *table, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if t == nil {
			t = newTable(append([]string(nil), rec[1:]...))
		} else if !t.add(rec[1:]) {
			t.complete = false
			return t, nil
		}
	}
}
