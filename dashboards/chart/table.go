package chart

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"citystat/kpi"
)

// Table is the numbers of a figure: as a table in the page and as a CSV file.
type Table struct {
	Caption string
	Columns []Column // the first names the row
	Rows    []Row
}

// Column is one column of a table.
type Column struct {
	Key    string // its name in files: the field's name in the API
	Label  string // its name on the page
	Number bool   // its cells are aligned as numbers
	Only   Place  // where it stands
}

// Place says where a column stands.
type Place string

// The places.
const (
	Everywhere Place = ""
	OnlyPage   Place = "page" // marks in words
	OnlyFile   Place = "file" // numbers that a page has no room for
)

// Row is one row of a table, with a cell for each column.
type Row struct {
	Cells []Cell
	Apart bool // rows that belong to no member, below the others
	Mine  bool // the one that the reader chose, see [Figure.PointOut]
	Mark  string
}

// Cell is a value as a reader sees it and as a machine reads it. Number is nil in a cell of text, and Raw is then the machine's text.
type Cell struct {
	Text   string
	Lang   kpi.Lang // of a text that the city wrote in another language than the page's
	Raw    string
	Number *float64
}

// Machine returns the cell as it stands in files: a number with a point and all its digits, a text, or nothing.
func (c Cell) Machine() string {
	if c.Number == nil {
		return c.Raw
	}
	b, err := json.Marshal(*c.Number) // as the API writes it, digit by digit
	if err != nil {
		return "" // not a number, which no figure holds
	}
	return string(b)
}

// Shown returns the columns of the page, in order, with their index.
func (t Table) Shown() []IndexedColumn {
	var list []IndexedColumn
	for i, c := range t.Columns {
		if c.Only != OnlyFile {
			list = append(list, IndexedColumn{c, i})
		}
	}
	return list
}

// IndexedColumn is a column and where its cells stand in a row.
type IndexedColumn struct {
	Column
	Index int
}

// At returns the cell of a column.
func (r Row) At(c IndexedColumn) Cell { return r.Cells[c.Index] }

// drop takes columns out of the table, by their keys.
func (t *Table) drop(keys ...string) {
	for i := len(t.Columns) - 1; i >= 0; i-- {
		if !slices.Contains(keys, t.Columns[i].Key) {
			continue
		}
		t.Columns = slices.Delete(t.Columns, i, i+1)
		for k := range t.Rows {
			t.Rows[k].Cells = slices.Delete(t.Rows[k].Cells, i, i+1)
		}
	}
}

// WriteCSV writes the table as CSV after RFC 4180: UTF-8, CRLF, a header with the names of the API, numbers with a point. A text that a
// spreadsheet would take for a formula gets an apostrophe before it; numbers are never touched.
func (t Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, 0, len(t.Columns))
	for _, c := range t.Columns {
		if c.Only != OnlyPage {
			record = append(record, safeText(c.Key))
		}
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write the header of a figure's CSV: %w", err)
	}
	for _, r := range t.Rows {
		record = record[:0]
		for i, c := range t.Columns {
			if c.Only == OnlyPage {
				continue
			}
			cell := r.Cells[i]
			text := cell.Machine()
			if cell.Number == nil {
				text = safeText(text)
			}
			record = append(record, text)
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write a figure's CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

// safeText keeps a spreadsheet from running a text as a formula: the first characters that OWASP names, and their full-width forms.
func safeText(s string) string {
	trimmed := strings.TrimLeft(s, " \u00a0")
	if trimmed != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(trimmed)[0]) {
		return "'" + s
	}
	return s
}
