package connector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// records writes rows that are not lines of text into a canonical copy: of workbooks, JSON, Parquet, portals and databases. It counts
// and checks them as the rows of CSV are.
type records struct {
	*delivery
	ctx    context.Context
	name   string // of the source, for rejects
	layout layout
	long   *long // nil: rows stay as they are
	out    *copyWriter
	before int64 // rows read before this source
}

// newRecords begins the copy of a source whose columns have the names of header.
func (d *delivery) newRecords(ctx context.Context, name string, header []string) (*records, error) {
	if len(header) > d.limits.Columns {
		return nil, kpi.Errorf(kpi.CodeInvalid, "%s: there are %d columns and %d are the most that is read", name, len(header), d.limits.Columns)
	}
	l, err := match(name, header, d.req.Dataset)
	if err != nil {
		return nil, err
	}
	return d.beginRecords(ctx, name, l)
}

func (d *delivery) beginRecords(ctx context.Context, name string, l layout) (*records, error) {
	r := &records{delivery: d, ctx: ctx, name: name, layout: l, before: d.result.Read - d.result.Skipped}
	var err error
	if r.long, err = newLong(d.req.Dataset, l.names); err != nil {
		return nil, err
	}
	if r.out, err = newCopy(d.req.Dir, r.long.header(l.names)); err != nil {
		return nil, fmt.Errorf("%s: the copy cannot be written: %w", name, err)
	}
	return r, nil
}

// row writes a row: as many fields as the header has names, "" for no value. A row without any value is skipped and counted; one that
// holds what is no text is set aside. line is the row's number in the source, 1-based.
func (r *records) row(line int64, fields []string) error {
	if err := r.count(); err != nil {
		return err
	}
	if !slices.ContainsFunc(fields, func(s string) bool { return s != "" }) {
		r.result.Skipped++
		return nil
	}
	if len(fields) != r.layout.columns {
		return r.reject(line, "", ReasonFieldCount, fmt.Sprintf("the row has %d fields and the header %d", len(fields), r.layout.columns), strings.Join(fields, ","))
	}
	kept := make([]string, len(r.layout.keep))
	for i, k := range r.layout.keep {
		kept[i] = fields[k]
	}
	return r.write(line, kept)
}

// count counts a row, and ends where the context has.
func (r *records) count() error {
	r.result.Read++
	if r.result.Read%1024 == 0 {
		if err := r.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// write copies the kept fields of a row that was counted.
func (r *records) write(line int64, kept []string) error {
	if r.long != nil {
		return r.unpivot(line, kept, nil)
	}
	return r.writeOne(line, r.layout.names, kept, "")
}

// writeOne copies the fields of a row of the copy. names are the source's columns that they come from, label is that of rejects.
func (r *records) writeOne(line int64, names, fields []string, label string) error {
	total := 0
	for i, s := range fields {
		if total += len(s); len(s) > r.limits.Field {
			return kpi.Errorf(kpi.CodeInvalid, "%s row %d: the field %s is longer than %s", r.name, line, names[i], size(r.limits.Field))
		}
		if reason, detail := unfit(s); reason != "" {
			return r.rejectOne(line, names[i], reason, of(detail, label), s)
		}
	}
	if total > r.limits.Record {
		return kpi.Errorf(kpi.CodeInvalid, "%s row %d is longer than %s", r.name, line, size(r.limits.Record))
	}
	b := r.out.begin(line)
	for _, s := range fields {
		b = appendField(append(b, ','), []byte(s))
	}
	r.out.end(b)
	return nil
}

// unfit says why a field is no text; "" if it is.
func unfit(s string) (reason, detail string) {
	switch {
	case !utf8.ValidString(s):
		return ReasonInvalidUTF8, "the field holds bytes that are no UTF-8"
	case strings.IndexByte(s, 0) >= 0:
		return ReasonNUL, "a NUL byte is no text; export the data again"
	}
	return "", ""
}

// reject sets a row aside that was counted once, and with it all rows that it would have become.
func (r *records) reject(line int64, column, reason, detail, raw string) error {
	for i, label := range r.long.labels() {
		if i > 0 {
			if err := r.count(); err != nil {
				return err
			}
		}
		if err := r.rejectOne(line, column, reason, of(detail, label), raw); err != nil {
			return err
		}
	}
	return nil
}

// rejectOne sets a row aside that was counted. column is the source's, if one field is at fault; raw is kept only where all columns are.
func (r *records) rejectOne(line int64, column, reason, detail, raw string) error {
	rej := kpi.Reject{File: r.name, Line: line, Column: column, Reason: reason, Detail: detail}
	if r.layout.all && len(r.req.Dataset.Drop) == 0 {
		rej.Raw = printable([]byte(raw))
	}
	return r.setAside(rej)
}

// finish completes the copy. The caller fills in what is known of the source. A source without any row is refused unless none may be
// right.
func (r *records) finish(emptyIsFine bool) (File, error) {
	if !emptyIsFine && r.result.Read-r.result.Skipped == r.before {
		return File{}, errors.Join(kpi.Errorf(kpi.CodeInvalid, "%s has no rows; the last good data stay", r.name), r.out.discard())
	}
	f, err := r.out.finish()
	if err != nil {
		return File{}, fmt.Errorf("%s: the copy cannot be written: %w", r.name, err)
	}
	f.Source, f.Undeclared = r.name, r.layout.undeclared
	for _, w := range r.layout.warnings {
		r.warn(w)
	}
	return f, nil
}

// discard gives the copy up.
func (r *records) discard() error { return r.out.discard() }

// objectRows writes rows that name their values themselves, as JSON does. The copy has all declared columns, in the order of the folder; a
// row that lacks one has no value there. Which columns the source has is known when all rows are: one that no row names is missing.
type objectRows struct {
	*records
	known   []string // all names, in the order in which they came
	isKnown map[string]bool
	quiet   map[string]bool // the system's own columns: not reported if they are not declared
	fields  []string        // spare
}

// newObjects begins the copy of a source. has are the names that the source is known to have, even if no row names them.
func (d *delivery) newObjects(ctx context.Context, name string, has []string) (*objectRows, error) {
	names := declared(d.req.Dataset)
	l := layout{columns: len(names), names: names, all: true}
	for i := range names {
		l.keep = append(l.keep, i)
	}
	r, err := d.beginRecords(ctx, name, l)
	if err != nil {
		return nil, err
	}
	o := &objectRows{records: r, isKnown: map[string]bool{}, fields: make([]string, len(names))}
	for _, n := range has {
		if err := o.know(n); err != nil {
			return nil, errors.Join(err, r.discard())
		}
	}
	return o, nil
}

// know notes that the source has a column.
func (o *objectRows) know(name string) error {
	if o.isKnown[name] {
		return nil
	}
	if len(o.known) == o.limits.Columns {
		return kpi.Errorf(kpi.CodeInvalid, "%s: there are more than %d columns, and that is the most that is read", o.name, o.limits.Columns)
	}
	o.isKnown[name] = true
	o.known = append(o.known, name)
	if !slices.Contains(o.layout.names, name) {
		o.layout.all = false // what is not kept is in no reject either
	}
	return nil
}

// forget makes columns that are the system's own, and not the city's, no news.
func (o *objectRows) forget(names ...string) {
	o.quiet = map[string]bool{}
	for _, n := range names {
		o.quiet[n] = true
	}
}

// object writes a row. A name without a value has "".
func (o *objectRows) object(line int64, values map[string]string) error {
	for name := range values {
		if !o.isKnown[name] {
			if err := o.know(name); err != nil {
				return err
			}
		}
	}
	if err := o.count(); err != nil {
		return err
	}
	for i, name := range o.layout.names {
		o.fields[i] = values[name]
	}
	return o.write(line, o.fields)
}

// finish completes the copy if the source has all declared columns.
func (o *objectRows) finish(emptyIsFine bool) (File, error) {
	if len(o.known) == 0 && o.result.Read-o.result.Skipped == o.before {
		return o.records.finish(emptyIsFine)
	}
	slices.Sort(o.known)
	if _, err := match(o.name, o.known, o.req.Dataset); err != nil {
		return File{}, errors.Join(err, o.discard())
	}
	for _, name := range o.layout.names {
		if !o.isKnown[name] { // match has found it under another spelling, and its values were not read
			return File{}, errors.Join(kpi.Errorf(kpi.CodeInvalid, "%s: column %q is missing; names are compared letter by letter here", o.name, name), o.discard())
		}
	}
	for _, name := range o.known {
		if !slices.Contains(o.layout.names, name) && !slices.Contains(o.req.Dataset.Drop, name) && !o.quiet[name] {
			o.layout.undeclared = append(o.layout.undeclared, name)
		}
	}
	return o.records.finish(emptyIsFine)
}
