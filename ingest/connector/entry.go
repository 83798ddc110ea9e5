package connector

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"citystat/kpi"
)

// Entry reads a dataset whose rows people type, or upload as a spreadsheet ([ReadSheet]). What holds is put together from all batches that count, in
// the order in which they were entered: of rows with the same key the one of the latest batch, for a value that is typed again revises the one before. If
// the source names a file, its rows were there before all batches.
//
// There are up to two copies: that of the file, whose rows have their lines, and one named entries, whose rows have the numbers of [kpi.EntryLine]. Rows
// that were revised are in neither. Of two rows with the same key in one batch nobody can tell which is meant: the later one is set aside. A row that
// somebody left out is not read at all.
type Entry struct{}

// Read copies the rows that hold. Its errors are as those of [CSV.Read].
func (Entry) Read(ctx context.Context, req Request) (Result, error) {
	if req.Entries == nil {
		return Result{}, kpi.Errorf(kpi.CodeInternal, "dataset %s is typed by people, and what they typed is not handed to it", req.Dataset.ID)
	}
	batches, err := req.Entries.Entered(ctx, req.Dataset.ID)
	if err != nil {
		return Result{}, inDataset(req, err)
	}
	e := &entries{delivery: newDelivery(req), ctx: ctx, names: declared(req.Dataset)}
	e.collect(batches)
	err = e.write(len(batches) > 0)
	if err != nil {
		return Result{}, errors.Join(err, removeCopies(e.result.Files))
	}
	return e.finish(), nil
}

// entries is a delivery of what people entered.
type entries struct {
	*delivery
	ctx    context.Context //nolint:containedctx // of the one call of Read
	names  []string        // of the declared columns
	latest map[string]int  // the place of the batch that said something of a key last
	list   []entered
}

// entered is a row that holds.
type entered struct {
	batch int
	line  int64
	key   string
	row   kpi.EntryRow
}

// collect finds out which rows hold.
func (e *entries) collect(batches []kpi.EntryBatch) {
	e.latest = map[string]int{}
	for i, b := range batches {
		for _, row := range b.Rows {
			if row.Out || blank(row.Fields) && row.Fault == nil {
				continue
			}
			r := entered{batch: i, line: kpi.EntryLine(b.ID, row.Line), row: row}
			if r.key = e.key(row.Fields); r.key != "" && row.Fault == nil {
				e.latest[r.key] = i
			}
			e.list = append(e.list, r)
		}
	}
}

func blank(fields map[string]string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return false
		}
	}
	return true
}

// key is what makes a row the same as another one; "" for one whose key is not whole, which is like no other.
func (e *entries) key(fields map[string]string) string {
	var b strings.Builder
	for _, name := range e.req.Dataset.Key {
		for i := range e.req.Dataset.Columns {
			c := &e.req.Dataset.Columns[i]
			if c.Name != name {
				continue
			}
			s := strings.TrimSpace(fields[c.From])
			if s == "" {
				return ""
			}
			if e.req.Same != nil {
				s = e.req.Same(c, s)
			}
			fmt.Fprintf(&b, "%d:%s", len(s), s)
		}
	}
	return b.String()
}

// write makes the copies. Without a file there is always that of the entries, be it empty.
func (e *entries) write(any bool) error {
	if e.req.Dataset.Source.Path != "" {
		f, err := e.before()
		if err != nil {
			return err
		}
		e.result.Files = append(e.result.Files, f)
		if !any {
			return nil
		}
	}
	l := layout{columns: len(e.names), names: e.names, all: true}
	for i := range e.names {
		l.keep = append(l.keep, i)
	}
	r, err := e.beginRecords(e.ctx, kpi.Entries, l)
	if err != nil {
		return err
	}
	if err := e.rows(r); err != nil {
		return errors.Join(err, r.discard())
	}
	f, err := r.finish(true)
	if err != nil {
		return err
	}
	f.SourceHash = f.Copy
	e.result.Files = append(e.result.Files, f)
	return nil
}

// rows writes what was entered.
func (e *entries) rows(r *records) error {
	seen := map[string]int64{}
	fields := make([]string, len(e.names))
	for _, x := range e.list {
		if x.key != "" && x.row.Fault == nil && e.latest[x.key] != x.batch {
			continue // revised since
		}
		for i, name := range e.names {
			fields[i] = x.row.Fields[name]
		}
		var err error
		first, again := seen[x.key]
		switch f := x.row.Fault; {
		case f != nil:
			err = e.aside(r, x.line, *f)
		case x.key != "" && again:
			_, line := kpi.EntryOf(first)
			err = e.aside(r, x.line, kpi.EntryFault{
				Reason: ReasonDuplicate, Detail: fmt.Sprintf("line %d of the same entry has the same %s; leave one of them out", line, strings.Join(e.req.Dataset.Key, ", ")),
			})
		default:
			seen[x.key] = x.line
			err = r.row(x.line, fields)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// aside counts a row and sets it aside.
func (e *entries) aside(r *records, line int64, f kpi.EntryFault) error {
	if err := r.count(); err != nil {
		return err
	}
	return r.rejectOne(line, f.Column, f.Reason, f.Detail, f.Raw)
}

// before copies the rows of the file that nobody has revised.
func (e *entries) before() (File, error) {
	src := e.req.Dataset.Source
	t, err := e.openTable(e.ctx, src.Path)
	if err != nil {
		return File{}, err
	}
	var r *records
	begin := func(l layout) error {
		var err error
		l.warnings = nil // they are told with the table's
		r, err = e.beginRecords(e.ctx, t.name, l)
		return err
	}
	err = t.read(begin, func(row kpi.EntryRow, l layout) error {
		if row.Fault != nil {
			return e.aside(r, row.Line, *row.Fault)
		}
		if _, revised := e.latest[e.key(row.Fields)]; revised {
			return nil
		}
		fields := make([]string, l.columns)
		for i, k := range l.keep {
			fields[k] = row.Fields[l.names[i]]
		}
		return r.row(row.Line, fields)
	})
	if err != nil {
		if r != nil {
			err = errors.Join(err, r.discard())
		}
		return File{}, err
	}
	f, err := r.finish(true)
	if err != nil {
		return File{}, err
	}
	f.SourceHash, f.Bytes, f.Modified, f.Undeclared = t.hash, t.bytes, t.modified, t.undeclared
	return f, nil
}
