package connector

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"citystat/kpi"
)

// entryFile is a file with rows of a dataset whose rows people type: text or a workbook, which its first bytes say.
type entryFile struct {
	*delivery
	ctx        context.Context //nolint:containedctx // of the one call that reads it
	it         item
	name       string
	hash       string
	bytes      int64
	modified   time.Time
	undeclared []string
	most       int64 // rows; 0: any number
}

// openTable finds the file of the city folder that a path names.
func (d *delivery) openTable(ctx context.Context, path string) (*entryFile, error) {
	items, err := d.matches()
	if err != nil {
		return nil, err
	}
	if len(items) != 1 {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: %q names %d files, such as %s and %s; the rows that were there before are in one", d.req.Dataset.ID, path, len(items), items[0].name, items[1].name)
	}
	return &entryFile{delivery: d, ctx: ctx, it: items[0], name: items[0].name}, nil
}

// read hands the header to begin, then every row that is not blank to take: the fields of the declared columns, or a fault.
func (t *entryFile) read(begin func(layout) error, take func(kpi.EntryRow, layout) error) (err error) {
	workbook, err := t.isWorkbook()
	if err != nil {
		return err
	}
	if workbook {
		return t.sheet(begin, take)
	}
	return t.text(begin, take)
}

// isWorkbook looks at the first bytes. An old or protected workbook is read as a workbook too, so that it is told as one.
func (t *entryFile) isWorkbook() (is bool, err error) {
	f, err := t.it.open()
	if err != nil {
		return false, cannotRead(t.name, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	head := make([]byte, 8)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, cannotRead(t.name, err)
	}
	head = head[:n]
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")), nil
}

// sheet reads a workbook.
func (t *entryFile) sheet(begin func(layout) error, take func(kpi.EntryRow, layout) error) (err error) {
	defer recovered(t.name, &err)
	src, s, err := t.openSheet(t.ctx, t.it)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(), src.close()) }()
	where, names, err := s.header()
	if err != nil {
		return err
	}
	l, err := match(where, names, t.req.Dataset)
	if err != nil {
		return err
	}
	s.expect(l, t.req.Dataset)
	if err := t.begin(l, begin); err != nil {
		return err
	}
	for n := int64(0); ; n++ {
		row, err := s.next()
		if err != nil {
			return err
		}
		if row == nil {
			break
		}
		if err := t.row(row, l, n, take); err != nil {
			return err
		}
	}
	for _, w := range s.warnings(l) {
		t.warn(w)
	}
	return t.complete(src)
}

// text reads text with a delimiter.
func (t *entryFile) text(begin func(layout) error, take func(kpi.EntryRow, layout) error) (err error) {
	by, err := dialectOf(t.req.Dataset)
	if err != nil {
		return err
	}
	src, err := openSource(t.ctx, t.it, t.limits, t.tell)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	if err := src.text(&t.req.Dataset.Source, sniffCSV); err != nil {
		return err
	}
	table := t.table(src, by)
	where, names, err := table.header()
	if err != nil {
		return err
	}
	if err := table.matchHeader(where, names); err != nil {
		return err
	}
	if err := t.begin(table.layout, begin); err != nil {
		return err
	}
	var failed error
	n := int64(0)
	err = table.each(func(row Row) bool {
		failed = t.row(&row, table.layout, n, take)
		n++
		return failed == nil
	})
	if err = errors.Join(failed, err); err != nil {
		return err
	}
	t.warn(src.warning)
	return t.complete(src)
}

func (t *entryFile) begin(l layout, begin func(layout) error) error {
	t.undeclared = l.undeclared
	for _, w := range l.warnings {
		t.warn(w)
	}
	return begin(l)
}

// row hands on the n-th row behind the header.
func (t *entryFile) row(row *Row, l layout, n int64, take func(kpi.EntryRow, layout) error) error {
	if n%1024 == 0 {
		if err := t.ctx.Err(); err != nil {
			return err
		}
	}
	r := kpi.EntryRow{Line: row.Line, Fields: map[string]string{}}
	for i, k := range l.keep {
		if k < len(row.Fields) {
			r.Fields[l.names[i]] = strings.ToValidUTF8(row.Fields[k], "\ufffd")
		}
	}
	r.Fault = t.fault(row, l, r.Fields)
	if r.Fault == nil && blank(r.Fields) {
		return nil
	}
	if t.most > 0 && n >= t.most {
		return kpi.Errorf(kpi.CodeInvalid, "%s has more than %d rows; what is larger is loaded from a file, or divided", t.name, t.most)
	}
	return take(r, l)
}

// fault is the first one of a row: of the whole, or of a column that is kept. The field at fault shows what stands there. Where nobody knows which field is
// which and the folder drops a column, no field of the row is kept: what is dropped could stand in any.
func (t *entryFile) fault(row *Row, l layout, fields map[string]string) *kpi.EntryFault {
	for _, f := range row.Faults {
		if len(t.req.Dataset.Drop) > 0 && (f.Column < 0 || f.Reason == ReasonStrayQuote || f.Reason == ReasonStrayCR) {
			clear(fields)
			f.Column, f.Raw = -1, ""
		}
		if f.Column < 0 {
			return &kpi.EntryFault{Reason: f.Reason, Detail: f.Detail, Raw: t.raw(l, f.Raw)}
		}
		for i, k := range l.keep {
			if k == f.Column {
				fields[l.names[i]] = f.Raw
				return &kpi.EntryFault{Column: l.names[i], Reason: f.Reason, Detail: f.Detail, Raw: f.Raw}
			}
		}
	}
	return nil
}

// raw is a row as it came, unless it has columns that are not kept.
func (t *entryFile) raw(l layout, raw string) string {
	if !l.all || len(t.req.Dataset.Drop) > 0 {
		return ""
	}
	return raw
}

func (t *entryFile) complete(src *source) error {
	var f File
	if err := src.complete(&f); err != nil {
		return err
	}
	t.hash, t.bytes, t.modified = f.SourceHash, f.Bytes, f.Modified
	return nil
}

// sheetLimits bound a spreadsheet that a person uploads.
var sheetLimits = Limits{Bytes: 64 << 20, Columns: 500, Members: 1000, Field: 64 << 10, Record: 256 << 10}

// ReadSheet reads a spreadsheet that a person uploads into a dataset of kind entry, a workbook or text, in memory: the rows of the declared columns, and
// what should be known of them. A row that the sheet does not say whole has a fault. What nobody declared, or what the folder drops, is left out. An error
// has [kpi.CodeInvalid] and says where and what to do.
func ReadSheet(ctx context.Context, ds *kpi.Dataset, name string, data []byte) (rows []kpi.EntryRow, warnings []string, err error) {
	if len(data) == 0 {
		return nil, nil, kpi.Errorf(kpi.CodeInvalid, "%s is empty", name)
	}
	d := newDelivery(Request{Dataset: ds, Limits: sheetLimits})
	t := &entryFile{delivery: d, ctx: ctx, name: name, most: kpi.MaxEntryRows}
	t.it = item{name: name, open: func() (fs.File, error) { return &memory{Reader: bytes.NewReader(data), name: name}, nil }}
	text := 0
	err = t.read(func(layout) error { return nil }, func(r kpi.EntryRow, _ layout) error {
		for _, f := range r.Fields {
			text += len(f)
		}
		if text > kpi.MaxEntryText {
			return kpi.Errorf(kpi.CodeInvalid, "%s line %d: the rows hold more than %s of text; divide the sheet", name, r.Line, size(kpi.MaxEntryText))
		}
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, kpi.Errorf(kpi.CodeInvalid, "%s has a header and no rows", name)
	}
	warnings = d.result.Warnings
	if len(t.undeclared) > 0 {
		warnings = append(warnings, fmt.Sprintf("%s: columns that the folder does not name were left out: %s", name, cutText(strings.Join(t.undeclared, ", "), 500)))
	}
	return rows, warnings, nil
}

// SheetHash is the SHA-256 of a spreadsheet.
func SheetHash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// memory is a file that lies in memory.
type memory struct {
	*bytes.Reader
	name string
}

// Stat returns what is known of the file.
func (m *memory) Stat() (fs.FileInfo, error) { return m, nil }

// Close does nothing.
func (m *memory) Close() error { return nil }

// Name is the file's.
func (m *memory) Name() string { return m.name }

// Mode says that it is an ordinary file.
func (m *memory) Mode() fs.FileMode { return 0o400 }

// ModTime is not known.
func (m *memory) ModTime() time.Time { return time.Time{} }

// IsDir says that it is no directory.
func (m *memory) IsDir() bool { return false }

// Sys returns nothing.
func (m *memory) Sys() any { return nil }
