package connector

import (
	"context"
	"errors"
	"fmt"

	"citystat/kpi"
)

// XLSX reads one sheet of a workbook of Excel 2007 and later. What a sheet shows is not what it holds, so what counts is said here:
//
//   - Numbers come as they are stored, whatever their format shows: all digits, no thousands marks, 0.71 for what is shown as 71 %.
//   - Days and times come as ISO 8601 writes them (2026-01-31, 2026-01-31T14:30:00, 14:30:00) if the format of the cell shows a day or a
//     time, in the workbook's own count of days (1900 or 1904). In a column that the folder declares with format: excel they come as
//     serial days of 1900. A duration, such as [h]:mm, is a number of days.
//   - Formulas count by the value that was saved with them. One without a value, and a cell with an error, sets its row aside.
//   - A header merged over several columns is the header of each. A row with a cell that is merged with the value of another cell is set
//     aside, unless the folder declares merged: fill, which gives every cell of such an area its value.
//   - Hidden rows and columns are read like the others, which is told. A hidden sheet is read only if it is named.
//
// The library that opens workbooks reads them whole into memory, ends without a word where the rows are damaged, and does not tell a
// number from a text of digits or an error. So it is given the small parts only, which say what sheets and formats there are, and the
// rows are read here, one at a time.
type XLSX struct{}

// Read copies the delivery to req.Dir and says what it left out. Its errors are as those of [CSV.Read].
func (XLSX) Read(ctx context.Context, req Request) (Result, error) {
	return readFiles(ctx, req, func(ctx context.Context, d *delivery, it item) (f File, err error) {
		defer recovered(it.name, &err)
		return d.xlsx(ctx, it)
	})
}

// recovered turns a panic of a library over a damaged workbook into an error: no file may take the program down.
func recovered(name string, err *error) {
	if r := recover(); r != nil {
		*err = kpi.Errorf(kpi.CodeInvalid, "%s is damaged: it cannot be read as an Excel workbook (%v); open it in a spreadsheet and save it anew", name, r)
	}
}

// xlsx copies one workbook.
func (d *delivery) xlsx(ctx context.Context, it item) (f File, err error) {
	src, s, err := d.openSheet(ctx, it)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, s.close(), src.close()) }()
	where, names, err := s.header()
	if err != nil {
		return File{}, err
	}
	l, err := match(where, names, d.req.Dataset)
	if err != nil {
		return File{}, err
	}
	s.expect(l, d.req.Dataset)
	r, err := d.beginRecords(ctx, it.name, l)
	if err != nil {
		return File{}, err
	}
	if err := r.sheet(s); err != nil {
		return File{}, errors.Join(err, r.discard())
	}
	if f, err = r.finish(false); err != nil {
		return File{}, err
	}
	if err := src.complete(&f); err != nil {
		return File{}, errors.Join(err, removeCopies([]File{f}))
	}
	for _, w := range s.warnings(l) {
		d.warn(w)
	}
	return f, nil
}

// openSheet opens a workbook and the sheet of it that is declared.
func (d *delivery) openSheet(ctx context.Context, it item) (*source, *sheet, error) {
	src, err := openSource(ctx, it, d.limits, d.tell)
	if err != nil {
		return nil, nil, err
	}
	book, err := openWorkbook(src, d.limits, d.req.Dir)
	if err != nil {
		return nil, nil, errors.Join(err, src.close())
	}
	s, err := book.sheet(&d.req.Dataset.Source, d.limits)
	if err != nil {
		return nil, nil, errors.Join(err, book.close(), src.close())
	}
	return src, s, nil
}

// sheet copies the rows of a sheet.
func (r *records) sheet(s *sheet) error {
	r.result.Read += s.skipped
	r.result.Skipped += s.skipped
	s.skipped = 0
	for {
		row, err := s.next()
		if err != nil {
			return err
		}
		r.result.Read += s.skipped
		r.result.Skipped += s.skipped
		s.skipped = 0
		if row == nil {
			return nil
		}
		if err := r.sheetRow(row); err != nil {
			return err
		}
	}
}

// sheetRow copies a row, or sets it aside for the first kept cell that has no value to copy.
func (r *records) sheetRow(row *Row) error {
	if r.long != nil {
		return r.sheetRows(row)
	}
	for _, fault := range row.Faults {
		for i, k := range r.layout.keep {
			if k != fault.Column {
				continue
			}
			if err := r.count(); err != nil {
				return err
			}
			return r.reject(row.Line, r.layout.names[i], fault.Reason, fault.Detail, fault.Raw)
		}
	}
	return r.row(row.Line, row.Fields)
}

// warnings says what a person should know of a sheet that was read.
func (s *sheet) warnings(l layout) []string {
	var list []string
	add := func(n int64, one, many string) {
		if n == 1 {
			list = append(list, s.name+": "+one)
		} else if n > 1 {
			list = append(list, fmt.Sprintf("%s: %d %s", s.name, n, many))
		}
	}
	if s.hiddenSheet {
		list = append(list, s.name+" is hidden; it was read because the folder names it")
	}
	columns := int64(0)
	for _, k := range l.keep {
		if s.hiddenColumn(k + 1) {
			columns++
		}
	}
	add(s.hiddenRows, "1 hidden row was read like the others", "hidden rows were read like the others")
	add(columns, "1 hidden column was read like the others", "hidden columns were read like the others")
	add(s.external, "1 formula refers to another workbook; its saved value was read", "formulas refer to other workbooks; their saved values were read")
	add(s.beyond, "1 row holds something to the right of the header, which was not read", "rows hold something to the right of the header, which was not read")
	if ends := s.from.EndsAt; len(ends) > 0 && !s.ended {
		list = append(list, missedEnd(s.name, ends))
	}
	return list
}
