package connector

import (
	"context"
	"errors"
	"io/fs"
	"iter"

	"citystat/kpi"
)

// ReadTable reads a table of the city folder that is no dataset, such as a plan: CSV or a sheet of a workbook, by the same rules and with
// the same refusals as [CSV] and [XLSX]. The path of the source names one file. The first row is the header, its lines joined; blank rows
// and what stands behind the end of the table are left out. A row that a dataset would set aside has Faults; who reads the table decides.
// An error ends the rows, is fit for people and has [kpi.CodeInvalid]. Days come as in [XLSX].
func ReadTable(ctx context.Context, folder fs.FS, src kpi.Source, limits Limits) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		ds := &kpi.Dataset{ID: src.Path, Source: src}
		more := true
		err := newDelivery(Request{Folder: folder, Dataset: ds, Limits: limits}).readTable(ctx, func(r Row) bool {
			more = more && yield(r, nil)
			return more
		})
		if err != nil && more {
			yield(Row{}, err)
		}
	}
}

// readTable hands out rows until the end, or until take wants no more.
func (d *delivery) readTable(ctx context.Context, take func(Row) bool) (err error) {
	if d.req.Dataset.Source.URL != "" {
		return kpi.Errorf(kpi.CodeInvalid, "%s: a plan lies in the city folder; it is not fetched", d.req.Dataset.Source.URL)
	}
	items, clean, err := d.items(ctx)
	defer func() { err = errors.Join(err, clean()) }()
	if err != nil {
		return err
	}
	if len(items) != 1 {
		return kpi.Errorf(kpi.CodeInvalid, "%s names %d files, such as %s and %s; name one", d.req.Dataset.Source.Path, len(items), items[0].name, items[1].name)
	}
	switch kind := d.req.Dataset.Source.Kind; kind {
	case kpi.SourceCSV:
		return d.textRows(ctx, items[0], take)
	case kpi.SourceXLSX:
		return d.sheetRows(ctx, items[0], take)
	default:
		return kpi.Errorf(kpi.CodeInvalid, "%s: a table is read from csv or xlsx and not from %q", items[0].name, kind)
	}
}

// sheetRows hands out the rows of a sheet.
func (d *delivery) sheetRows(ctx context.Context, it item, take func(Row) bool) (err error) {
	defer recovered(it.name, &err)
	src, s, err := d.openSheet(ctx, it)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close(), src.close()) }()
	_, names, err := s.header()
	if err != nil {
		return err
	}
	for row := (&Row{Line: int64(s.top), Fields: names}); row != nil && take(*row); {
		if err := ctx.Err(); err != nil {
			return err
		}
		if row, err = s.next(); err != nil {
			return err
		}
	}
	return nil
}

// textRows hands out the rows of text.
func (d *delivery) textRows(ctx context.Context, it item, take func(Row) bool) (err error) {
	by, err := dialectOf(d.req.Dataset)
	if err != nil {
		return err
	}
	src, err := openSource(ctx, it, d.limits, d.tell)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	if err := src.text(&d.req.Dataset.Source, sniffCSV); err != nil {
		return err
	}
	t := d.table(src, by)
	_, names, err := t.header()
	if err != nil {
		return err
	}
	t.layout.columns = len(names)
	if !take(Row{Line: t.top, Fields: names}) {
		return nil
	}
	return t.each(take)
}

// each hands out the rows behind the header.
func (t *table) each(take func(Row) bool) error {
	for {
		ok, err := t.scan.next()
		if err != nil {
			return err
		}
		rec := &t.scan.rec
		if !ok || t.ends(rec) {
			return t.foreign.refuse(t.name)
		}
		if len(rec.raw) == 0 {
			continue
		}
		t.split(rec)
		if err := t.check(rec); err != nil {
			return err
		}
		row := Row{Line: rec.line, Fields: t.strings(rec)}
		if reason, column := t.fault(rec); reason != "" {
			f := Fault{Column: column, Reason: reason, Detail: t.mend(reason, rec), Raw: printable(rec.raw)}
			if column >= 0 && column < len(rec.fields) { // what stands beside it may be nobody's to see
				f.Raw = printable(rec.raw[rec.fields[column].start:rec.fields[column].end])
			}
			row.Faults = []Fault{f}
			if reason == ReasonInvalidUTF8 {
				t.foreign.broken(rec.raw, kpi.Reject{Line: rec.line})
			}
		} else {
			t.foreign.see(rec.raw)
		}
		if !take(row) {
			return nil
		}
	}
}
