package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// delimited is a small CSV file of the folder that is read record by record, with the place of every field.
type delimited struct {
	l   *loader
	src *source
	r   *csv.Reader
}

func (l *loader) delimited(src *source) *delimited {
	r := csv.NewReader(strings.NewReader(src.text))
	r.FieldsPerRecord = -1
	return &delimited{l: l, src: src, r: r}
}

func (d *delimited) bad(at place, mend, format string, args ...any) {
	d.l.add(SeverityError, at, fmt.Sprintf(format, args...), mend)
}

// at returns the place of a field of the last record. The CSV reader counts columns in bytes.
func (d *delimited) at(field int) place {
	line, column := d.r.FieldPos(field)
	return d.place(line, column)
}

func (d *delimited) place(line, column int) place {
	text := d.src.line(line)
	return place{d.src, line, 1 + utf8.RuneCountInString(text[:min(max(column-1, 0), len(text))])}
}

// next returns the next record, nil at the end of the file and where it cannot be read, which is reported.
func (d *delimited) next() []string {
	record, err := d.r.Read()
	if err == nil {
		return record
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	at := place{d.src, 1, 1}
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		at, err = d.place(pe.Line, pe.Column), pe.Err
	}
	d.bad(at, `put a name that holds a comma or a quote in "…", with "" for a quote`, "this is not CSV: %v", err)
	return nil
}

// rows reads a file of two columns with a header. It returns false if the rows could not all be handed over.
func (d *delimited) rows(first, second string, row func([]string)) bool {
	before := d.l.said()
	header := first + "," + second
	mend := "begin it with the header " + header
	record := d.next()
	switch {
	case d.l.said() > before:
		return false
	case record == nil:
		d.bad(place{d.src, 1, 1}, mend, "the file is empty")
		return false
	case len(record) != 2 || strings.TrimSpace(record[0]) != first || strings.TrimSpace(record[1]) != second:
		d.bad(d.at(0), mend, "the header is %s", short(strings.Join(record, ",")))
		return false
	}
	whole := true
	for record := d.next(); record != nil; record = d.next() {
		if len(record) != 2 {
			whole = false
			d.bad(d.at(0), "write "+header+"; put a name that holds a comma in quotes", "the row has %d fields instead of 2", len(record))
			continue
		}
		row(record)
	}
	return whole
}
