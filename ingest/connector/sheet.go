package connector

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// Row is a row of a table as it came.
type Row struct {
	Line   int64    // where it stands: physical line of text, row of a sheet; 1-based
	Fields []string // as many as the header has
	Faults []Fault  // what of it cannot be trusted
}

// Fault is a reason for which a row cannot be taken as it is.
type Fault struct {
	Column int    // index of the field; -1: the whole row
	Reason string // as of kpi.Reject
	Detail string // in words, with the mend
	Raw    string // the field as it came
}

// sheet reads the rows of a sheet, one at a time.
type sheet struct {
	book   *workbook
	from   *kpi.Source
	limits Limits
	name   string // for people
	part   string
	body   io.ReadCloser
	xml    *xml.Decoder
	row    int // the last one that was read
	top    int // where the header begins
	ahead  *sheetRow
	ended  bool // a row that ends the table was met
	areas  areas
	hidden [][2]int // columns, 1-based

	width   int     // of the header; 0 while it is not known
	wants   []wants // by column
	skipped int64   // rows that are read and left out, since the caller has last asked

	hiddenSheet                  bool
	hiddenRows, external, beyond int64
}

// wants says how days and times are wanted in a column.
type wants struct {
	serial bool // as serial days
	full   bool // with the time, also at midnight
	drop   bool // not at all

	column *kpi.Column // of what people upload beside what they type: numbers and days come as the column declares them; nil: as XLSX says
}

// sheetRow is a row before it has the width of the table.
type sheetRow struct {
	number int
	hidden bool
	cells  []sheetCell // in the order of their columns
}

type sheetCell struct {
	column   int // 1-based
	text     string
	number   string // as it is stored; its text depends on what its column wants
	style    int    // of the number
	fault    Fault
	external bool
}

// at returns the cell of a column, nil if the row has none.
func (r *sheetRow) at(column int) *sheetCell {
	i, ok := slices.BinarySearchFunc(r.cells, column, func(c sheetCell, column int) int { return c.column - column })
	if !ok {
		return nil
	}
	return &r.cells[i]
}

// holds reports whether there is anything in the cell.
func (c sheetCell) holds() bool { return c.text != "" || c.number != "" || c.fault.Reason != "" }

// blank reports whether no cell holds anything.
func (r *sheetRow) blank() bool {
	return !slices.ContainsFunc(r.cells, func(c sheetCell) bool { return c.holds() })
}

// open begins to read. Areas of merged cells stand behind the rows, so the sheet is looked through for them first.
func (s *sheet) open() error {
	if err := s.readAreas(); err != nil {
		return err
	}
	var err error
	if s.body, err = s.book.open(s.part, s.limits.Bytes); err != nil {
		return err
	}
	s.xml = newXML(s.body)
	return nil
}

func (s *sheet) close() error {
	err := s.book.close()
	if s.body != nil {
		err = errors.Join(s.body.Close(), err)
	}
	return err
}

func (s *sheet) damaged(err error) error { return s.book.damaged(s.part, err) }

// read returns the next row that the sheet holds, nil at its end. Behind the last row the rest is read too: a sheet that is cut off, or
// damaged anywhere, is refused.
func (s *sheet) read() (*sheetRow, error) {
	if r := s.ahead; r != nil {
		s.ahead = nil
		return r, nil
	}
	for {
		tok, err := s.xml.Token()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, s.damaged(err)
		}
		switch t := tok.(type) {
		case xml.Directive:
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds a document type, which no spreadsheet writes; it is refused", s.name)
		case xml.StartElement:
			switch t.Name.Local {
			case "row":
				r, err := s.readRow(t)
				if err != nil {
					return nil, s.damaged(err)
				}
				return r, nil
			case "col":
				s.readColumn(t)
			}
		}
	}
}

// readColumn notes hidden columns.
func (s *sheet) readColumn(t xml.StartElement) {
	if !truth(attr(t, "hidden")) || len(s.hidden) > maxSheetCol {
		return
	}
	low, err1 := strconv.Atoi(attr(t, "min"))
	high, err2 := strconv.Atoi(attr(t, "max"))
	if err1 == nil && err2 == nil {
		s.hidden = append(s.hidden, [2]int{low, high})
	}
}

func (s *sheet) hiddenColumn(column int) bool {
	return slices.ContainsFunc(s.hidden, func(h [2]int) bool { return h[0] <= column && column <= h[1] })
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func truth(s string) bool { return s == "1" || s == "true" }

// readRow reads the row that was begun. Rows come in their order and have every cell once.
func (s *sheet) readRow(t xml.StartElement) (*sheetRow, error) {
	r := &sheetRow{number: s.row + 1, hidden: truth(attr(t, "hidden"))}
	if at := attr(t, "r"); at != "" {
		n, err := strconv.Atoi(at)
		if err != nil || n <= s.row || n > maxSheetRow {
			return nil, fmt.Errorf("row %q follows row %d", at, s.row)
		}
		r.number = n
	}
	s.row = r.number
	total, last := 0, 0
	for {
		tok, err := s.xml.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return r, nil
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.xml.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			c, err := s.readCell(t, r.number, last)
			if err != nil {
				return nil, err
			}
			last = c.column
			if total += len(c.text); total > s.limits.Record {
				return nil, kpi.Errorf(kpi.CodeInvalid, "%s row %d is longer than %s", s.name, r.number, size(s.limits.Record))
			}
			if c.holds() {
				r.cells = append(r.cells, c)
			}
		}
	}
}

// stored is what a cell holds before it is made sense of.
type stored struct {
	kind, value, inline, formula string
	style                        int
	hasValue, hasFormula         bool
}

// readCell reads the cell that was begun. last is the column of the one before it.
func (s *sheet) readCell(t xml.StartElement, row, last int) (sheetCell, error) {
	c := sheetCell{column: last + 1}
	if at := attr(t, "r"); at != "" {
		column, line, err := excelize.CellNameToCoordinates(at)
		if err != nil {
			return c, err
		}
		if line != row || column <= last {
			return c, fmt.Errorf("cell %s stands in row %d behind column %d", at, row, last)
		}
		c.column = column
	}
	if c.column > maxSheetCol {
		return c, fmt.Errorf("row %d has more than %d columns", row, maxSheetCol)
	}
	v, err := s.readStored(t)
	if err != nil {
		return c, err
	}
	c.external = v.hasFormula && otherWorkbook.MatchString(v.formula)
	return c, s.sense(&c, v)
}

func (s *sheet) readStored(t xml.StartElement) (stored, error) {
	v := stored{kind: attr(t, "t")}
	if style := attr(t, "s"); style != "" {
		var err error
		if v.style, err = strconv.Atoi(style); err != nil {
			return v, err
		}
	}
	for {
		tok, err := s.xml.Token()
		if err != nil {
			return v, err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return v, nil
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				v.hasValue = true
				v.value, err = plainText(s.xml)
			case "f":
				v.hasFormula = true
				v.formula, err = plainText(s.xml)
			case "is":
				v.inline, err = richText(s.xml)
			default:
				err = s.xml.Skip()
			}
			if err != nil {
				return v, err
			}
		}
	}
}

// plainText reads the text of the element that was begun, which holds no other.
func plainText(d *xml.Decoder) (string, error) {
	text := ""
	for {
		tok, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			text += string(t)
		case xml.StartElement:
			if err := d.Skip(); err != nil {
				return "", err
			}
		case xml.EndElement:
			return text, nil
		}
	}
}

// sense makes the text of a cell of what it holds.
func (s *sheet) sense(c *sheetCell, v stored) error {
	switch v.kind {
	case "s":
		i, err := strconv.Atoi(v.value)
		text, ok := s.book.texts.text(i)
		if err != nil || !ok {
			return fmt.Errorf("a cell refers to text %q of %d", v.value, len(s.book.texts.ends))
		}
		c.text = text
	case "inlineStr":
		c.text = v.inline
	case "str":
		c.text = unescape(v.value)
	case "b":
		c.text = strconv.FormatBool(truth(v.value))
	case "e":
		c.fault = Fault{Reason: ReasonCellError, Detail: "the cell holds the error " + cutText(v.value, 20) + " and no value; mend the formula, or leave the cell blank", Raw: v.value}
	case "", "n":
		c.number, c.style = strings.TrimSpace(v.value), v.style
	default: // "d": a day or time as ISO 8601 writes it
		c.text = v.value
	}
	if v.hasFormula && (!v.hasValue || v.value == "" && v.kind != "str") && v.inline == "" {
		c.text, c.number = "", ""
		c.fault = Fault{Reason: ReasonNoValue, Detail: "the formula was saved without its value; open the workbook in a spreadsheet and save it, so that it is calculated", Raw: "=" + v.formula}
	}
	return nil
}

// text returns what a cell says. A number is written as its column wants it.
func (s *sheet) text(c *sheetCell) string {
	if c.number == "" {
		return c.text
	}
	var w wants
	if c.column <= len(s.wants) {
		w = s.wants[c.column-1]
	}
	if w.serial {
		return s.book.serial(c.number)
	}
	if f := s.book.format(c.style); f.day || f.clock {
		return w.declaredDay(s.book.moment(c.number, f, w.full))
	}
	return w.declaredNumber(number(c.number))
}

// declaredDay writes a day as its column declares its days, where it can be.
func (w wants) declaredDay(iso string) string {
	if w.column == nil || w.column.Type != kpi.TypeDate {
		return iso
	}
	if d, err := kpi.ParseDate(iso); err == nil {
		if s, ok := w.column.WriteDay(d); ok {
			return s
		}
	}
	return iso
}

// declaredNumber writes a number with the mark that its column declares.
func (w wants) declaredNumber(s string) string {
	if w.column == nil || w.column.Decimal != "," || w.column.Type != kpi.TypeNumber && w.column.Type != kpi.TypeInteger {
		return s
	}
	return strings.Replace(s, ".", ",", 1)
}

// expect tells how the kept columns want their days and times.
func (s *sheet) expect(l layout, ds *kpi.Dataset) {
	s.wants = make([]wants, s.width)
	for i := range s.wants {
		s.wants[i].drop = true
	}
	for i, k := range l.keep {
		s.wants[k].drop = false
		for _, c := range ds.Columns {
			if !slices.Contains(fillers(&ds.Source, c.From), l.names[i]) {
				continue
			}
			s.wants[k].serial = slices.ContainsFunc(append([]string{c.Format}, c.Formats...), func(f string) bool { return f == kpi.FormatExcel })
			s.wants[k].full = c.Type == kpi.TypeTimestamp
			if ds.Source.Kind == kpi.SourceEntry {
				s.wants[k].column = &c
			}
		}
	}
}
