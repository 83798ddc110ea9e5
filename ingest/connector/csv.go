package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"citystat/kpi"
)

// CSV reads text with a delimiter, plain or compressed with gzip or in a ZIP archive, with the dialect that the dataset declares.
// Nothing is guessed: not the delimiter, not the encoding, not which column is which. All files are one delivery: if one is refused,
// all are.
//
// Lines before the header are declared with skip_lines, a header of several lines with header_lines: the texts of a column are joined
// with a space, and a blank cell of the first line continues the one to its left. A row such as Total and what stands behind it is data
// unless it is declared with ends_at, for no reader can know that a department is not called Total; lines that are left out are counted
// as skipped.
//
// A file that was cut off is refused where that can be told: compressed files and archives know where they end, and a last row without a
// line end that lacks fields was cut. A cut between two rows of plain text, or within its last value, cannot be seen in the file. The
// length that a server announces, the number of rows that the dataset expects, and ends_at, which warns if the end never comes, are
// there for that.
type CSV struct{}

// Read copies the delivery to req.Dir and says what it left out. Its errors are fit for people: they name the file, the line, what is
// wrong and the mend, and have [kpi.CodeInvalid]; after one no file of the delivery is left in req.Dir.
func (CSV) Read(ctx context.Context, req Request) (Result, error) {
	return readFiles(ctx, req, func(ctx context.Context, d *delivery, it item) (File, error) {
		dialect, err := dialectOf(req.Dataset)
		if err != nil {
			return File{}, err
		}
		return d.csv(ctx, it, dialect)
	})
}

// dialect is how text is cut into fields.
type dialect struct{ delim, quote byte }

func dialectOf(ds *kpi.Dataset) (dialect, error) {
	var d dialect
	var err error
	if d.delim, err = character("delimiter", ds, ds.Source.Delimiter, ','); err != nil {
		return d, err
	}
	if d.quote, err = character("quote", ds, ds.Source.Quote, '"'); err != nil {
		return d, err
	}
	if d.delim == d.quote {
		return d, kpi.Errorf(kpi.CodeInvalid, "dataset %s: delimiter and quote are both %q", ds.ID, d.delim)
	}
	return d, nil
}

func character(what string, ds *kpi.Dataset, s string, standard byte) (byte, error) {
	switch {
	case s == "":
		return standard, nil
	case len(s) != 1 || s[0] >= 0x7f || s[0] < ' ' && s[0] != '\t':
		return 0, kpi.Errorf(kpi.CodeInvalid, "dataset %s: %s %q is not one plain character", ds.ID, what, s)
	}
	return s[0], nil
}

// csv copies one file.
func (d *delivery) csv(ctx context.Context, it item, by dialect) (f File, err error) {
	src, err := openSource(ctx, it, d.limits, d.tell)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	if err := src.text(&d.req.Dataset.Source, sniffCSV); err != nil {
		return File{}, err
	}
	t := d.table(src, by)
	if f, err = t.copy(); err != nil {
		return File{}, err
	}
	if err := src.complete(&f); err != nil {
		return File{}, errors.Join(err, removeCopies([]File{f}))
	}
	f.Undeclared = t.layout.undeclared
	d.warn(src.warning)
	for _, w := range t.layout.warnings {
		d.warn(w)
	}
	return f, nil
}

// table begins to read a source that is text.
func (d *delivery) table(src *source, by dialect) *table {
	body := &bounded{r: src.body, name: src.name, left: d.limits.Bytes, max: d.limits.Bytes}
	return &table{delivery: d, dialect: by, name: src.name, foreign: foreign{off: src.recoded}, scan: newScanner(body, src.name, by.delim, by.quote, d.limits)}
}

// table is one file that is being read.
type table struct {
	*delivery
	dialect
	name    string
	scan    *scanner
	layout  layout
	long    *long // nil: rows stay as they are
	out     *copyWriter
	plain   bool // a field without quotes in the source needs none in the copy
	asIs    bool // and all of them are kept: a row without quotes is good as it is
	foreign foreign
	top     int64 // line on which the header begins
}

func (t *table) copy() (File, error) {
	where, names, err := t.header()
	if err != nil {
		return File{}, err
	}
	if err := t.matchHeader(where, names); err != nil {
		return File{}, err
	}
	if t.out, err = newCopy(t.req.Dir, t.long.header(t.layout.names)); err != nil {
		return File{}, fmt.Errorf("%s: the copy cannot be written: %w", t.name, err)
	}
	if err := t.rows(); err != nil {
		return File{}, errors.Join(err, t.out.discard())
	}
	f, err := t.out.finish()
	if err != nil {
		err = fmt.Errorf("%s: the copy cannot be written: %w", t.name, err)
	}
	return f, err
}

// header reads the lines of the header: the first row that is not blank, after the lines that are declared to stand before it and the line
// sep=; that some programs write, and as many after it as the header is declared to have. where says where it stands.
func (t *table) header() (where string, names []string, err error) {
	if err := t.scan.start(); err != nil {
		return "", nil, err
	}
	if err := t.skip(t.req.Dataset.Source.SkipLines); err != nil {
		return "", nil, err
	}
	if err := t.firstRow(); err != nil {
		return "", nil, err
	}
	t.top = t.scan.rec.line
	where = fmt.Sprintf("%s line %d", t.name, t.top)
	var lines [][]string
	for {
		texts, err := t.texts(&t.scan.rec)
		if err != nil {
			return "", nil, err
		}
		lines = append(lines, texts)
		if len(lines) >= t.req.Dataset.Source.HeaderLines {
			return where, joinHeader(continued(lines)), nil
		}
		ok, err := t.scan.next()
		if err != nil {
			return "", nil, err
		}
		if !ok {
			return "", nil, kpi.Errorf(kpi.CodeInvalid, "%s: the file ends within the header, which is declared to have %d lines; the last good data stay", where, t.req.Dataset.Source.HeaderLines)
		}
	}
}

// skip passes over the lines that stand before the header. They are read as lines, whatever quotes are in them.
func (t *table) skip(lines int) error {
	for n := range lines {
		ok, err := t.scan.skipLine()
		if err != nil {
			return err
		}
		if !ok {
			return kpi.Errorf(kpi.CodeInvalid, "%s has %d lines, and skip_lines is %d; the last good data stay", t.name, n, lines)
		}
		t.result.Read++
		t.result.Skipped++
	}
	return nil
}

// firstRow goes to the first row that is not blank.
func (t *table) firstRow() error {
	for first := true; ; first = false {
		ok, err := t.scan.next()
		if err != nil {
			return err
		}
		if !ok {
			return kpi.Errorf(kpi.CodeInvalid, "%s holds nothing but blank lines; the last good data stay", t.name)
		}
		rec := &t.scan.rec
		if sep, ok := bytes.CutPrefix(rec.raw, []byte("sep=")); ok && first && len(sep) == 1 {
			if sep[0] != t.delim {
				return kpi.Errorf(kpi.CodeInvalid, "%s line 1 says that the delimiter is %q and the dataset declares %q; declare delimiter: %q", t.name, sep, t.delim, sep)
			}
			continue
		}
		if len(bytes.TrimSpace(rec.raw)) > 0 {
			return nil
		}
		t.result.Read++
		t.result.Skipped++
	}
}

// texts returns the fields of a line of the header.
func (t *table) texts(rec *record) ([]string, error) {
	where := fmt.Sprintf("%s line %d", t.name, rec.line)
	t.split(rec)
	if reason, column := t.fault(rec); reason != "" {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: the header is broken in column %d: %s", where, column+1, t.mend(reason, rec))
	}
	if n := len(rec.fields); n > t.limits.Columns {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: the header has %d columns and %d are the most that is read", where, n, t.limits.Columns)
	}
	for _, f := range rec.fields {
		if f.end-f.start > t.limits.Field {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s: a field of the header is longer than %s; is this a CSV file, and does it end its rows with line ends?", where, size(t.limits.Field))
		}
	}
	t.foreign.good = t.foreign.good || !ascii(rec.raw)
	return t.strings(rec), nil
}

// strings returns the texts of the fields of a record.
func (t *table) strings(rec *record) []string {
	list := make([]string, len(rec.fields))
	for i, f := range rec.fields {
		text := rec.raw[f.start:f.end]
		if f.escaped {
			text = undouble(text, t.quote)
		}
		list[i] = string(text)
	}
	return list
}

func (t *table) matchHeader(where string, names []string) error {
	if err := t.misread(where, names); err != nil {
		return err
	}
	var err error
	if t.layout, err = match(where, names, t.req.Dataset); err != nil {
		return err
	}
	t.long, err = newLong(t.req.Dataset, t.layout.names)
	t.plain = t.delim == ',' && t.quote == '"'
	t.asIs = t.plain && t.layout.all && t.long == nil
	return err
}

// rows copies every record after the header.
func (t *table) rows() error {
	before := t.result.Read - t.result.Skipped
	for {
		ok, err := t.scan.next()
		if err != nil {
			return err
		}
		if !ok {
			t.neverEnded()
			break
		}
		if t.ends(&t.scan.rec) {
			if err := t.rest(); err != nil {
				return err
			}
			break
		}
		if err := t.row(&t.scan.rec); err != nil {
			return err
		}
		if t.out.pipe.failed.Load() {
			break // finish tells what
		}
	}
	if err := t.foreign.refuse(t.name); err != nil {
		return err
	}
	if t.result.Read-t.result.Skipped == before {
		return kpi.Errorf(kpi.CodeInvalid, "%s has a header and no rows; the last good data stay", t.name)
	}
	return nil
}

// row copies one record, counts it, or sets it aside.
func (t *table) row(rec *record) error {
	t.result.Read++
	if len(rec.raw) == 0 {
		t.result.Skipped++
		return nil
	}
	if t.asIs && !rec.quotes {
		// The usual row of the usual file: three searches and a copy.
		if bytes.Count(rec.raw, comma) == t.layout.columns-1 && t.sound(rec) && len(rec.raw) <= t.limits.Field && !conflictMarker(rec.raw) {
			t.out.row(rec.line, rec.raw)
			if t.scan.notASCII {
				t.foreign.see(rec.raw)
			}
			return nil
		}
	}
	t.split(rec)
	if err := t.check(rec); err != nil {
		return err
	}
	reason, column := t.fault(rec)
	if reason != "" {
		return t.reject(rec, reason, column)
	}
	if t.scan.notASCII {
		t.foreign.see(rec.raw)
	}
	if t.long != nil {
		return t.unpivot(rec)
	}
	t.out.fields(rec.line, rec, t.layout.keep, t.plain, t.quote)
	return nil
}

// ends reports whether the table ends before a record, as the folder declares it.
func (t *table) ends(rec *record) bool {
	if len(t.req.Dataset.Source.EndsAt) == 0 {
		return false
	}
	t.split(rec)
	return endsAt(t.req.Dataset.Source.EndsAt, t.strings(rec))
}

// rest counts what stands behind the end of the table: the row that ends it, and lines of whatever kind.
func (t *table) rest() error {
	for ok := true; ok; {
		t.result.Read++
		t.result.Skipped++
		var err error
		if ok, err = t.scan.skipLine(); err != nil {
			return err
		}
	}
	return nil
}

// neverEnded tells that a table did not end as it is declared to.
func (t *table) neverEnded() {
	if ends := t.req.Dataset.Source.EndsAt; len(ends) > 0 {
		t.warn(missedEnd(t.name, ends))
	}
}

var comma = []byte{','}

// split cuts a record without quotes at its delimiters.
func (t *table) split(rec *record) {
	if rec.quotes {
		return
	}
	fields := t.scan.spare[:0]
	for start := 0; ; {
		i := bytes.IndexByte(rec.raw[start:], t.delim)
		if i < 0 {
			fields = append(fields, field{start: start, end: len(rec.raw)})
			break
		}
		fields = append(fields, field{start: start, end: start + i})
		start += i + 1
	}
	t.scan.spare, rec.fields = fields, fields
}

// check fails the whole file for what no single row can be blamed for.
func (t *table) check(rec *record) error {
	if len(rec.raw) > t.limits.Field {
		for _, f := range rec.fields {
			if f.end-f.start > t.limits.Field {
				return kpi.Errorf(kpi.CodeInvalid, "%s line %d: a field is longer than %s; is a quote or a delimiter missing?", t.name, rec.line, size(t.limits.Field))
			}
		}
	}
	if conflictMarker(rec.raw) {
		return kpi.Errorf(kpi.CodeInvalid, "%s line %d holds the mark of a merge conflict; resolve it first", t.name, rec.line)
	}
	n := len(rec.fields)
	if n == t.layout.columns {
		return nil
	}
	if !rec.terminated && n < t.layout.columns {
		return kpi.Errorf(kpi.CodeInvalid, "%s line %d: the file ends in the middle of a row, after %d of %d fields and without a line end; it was cut off, fetch it again", t.name, rec.line, n, t.layout.columns)
	}
	if rec.lines > 1 && t.swallowed(rec) {
		return kpi.Errorf(kpi.CodeInvalid, "%s line %d: a quoted field runs on to line %d and has swallowed whole rows; a quote is missing or one too many", t.name, rec.line, rec.line+rec.lines-1)
	}
	return nil
}

// swallowed reports whether a line inside a record has as many delimiters as a row of its own.
func (t *table) swallowed(rec *record) bool {
	for line := range bytes.SplitSeq(rec.raw, []byte{t.scan.nl}) {
		if bytes.Count(line, []byte{t.delim}) == t.layout.columns-1 && t.layout.columns > 1 {
			return true
		}
	}
	return false
}
