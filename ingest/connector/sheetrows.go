package connector

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// mergedFill is the value of Source.Merged that gives every cell of a merged area its value.
const mergedFill = "fill"

// area is an area of merged cells. Only its first cell holds a value.
type area struct {
	left, top, right, bottom int
	first                    string // its text, once its first row was read
	fault                    Fault
}

// areas are the merged areas of a sheet, in the order of their first rows.
type areas struct {
	coming, open []area
}

// begin opens the areas that begin in a row or above it, and closes those that end above it.
func (a *areas) begin(r *sheetRow, text func(*sheetCell) string) error {
	a.open = slices.DeleteFunc(a.open, func(x area) bool { return x.bottom < r.number })
	for len(a.coming) > 0 && a.coming[0].top <= r.number {
		x := a.coming[0]
		a.coming = a.coming[1:]
		if x.bottom < r.number {
			continue
		}
		if c := r.at(x.left); c != nil && x.top == r.number {
			x.first, x.fault = text(c), c.fault
		}
		if a.open = append(a.open, x); len(a.open) > maxSheetCol {
			return errors.New("merged areas overlap")
		}
	}
	return nil
}

// readAreas looks through a sheet for merged areas.
func (s *sheet) readAreas() (err error) {
	r, err := s.book.open(s.part, s.limits.Bytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if found, err := contains(r, "mergeCell"); err != nil || !found {
		return err
	}
	again, err := s.book.open(s.part, s.limits.Bytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, again.Close()) }()
	for d := newXML(again); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.damaged(err)
		}
		if t, ok := tok.(xml.StartElement); ok && t.Name.Local == "mergeCell" {
			if err := s.addArea(attr(t, "ref")); err != nil {
				return s.damaged(err)
			}
		}
	}
	slices.SortStableFunc(s.areas.coming, func(x, y area) int { return x.top - y.top })
	return nil
}

func (s *sheet) addArea(ref string) error {
	from, to, ok := strings.Cut(ref, ":")
	if !ok {
		return nil // an area of one cell is none
	}
	var x area
	var err1, err2 error
	x.left, x.top, err1 = excelize.CellNameToCoordinates(from)
	x.right, x.bottom, err2 = excelize.CellNameToCoordinates(to)
	if err1 != nil || err2 != nil || x.right < x.left || x.bottom < x.top {
		return fmt.Errorf("merged area %q", ref)
	}
	if len(s.areas.coming) == maxSheetRow {
		return fmt.Errorf("there are more than %d merged areas", maxSheetRow)
	}
	s.areas.coming = append(s.areas.coming, x)
	return nil
}

// contains reports whether a reader holds a text.
func contains(r io.Reader, text string) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		b := buf[:kept+n]
		if strings.Contains(string(b), text) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, b[max(0, len(b)-len(text)+1):])
	}
}

// header reads the rows of the header: the first that is not blank, after those that are declared to stand before it, and as many rows
// of the sheet as it is declared to have. where says where it stands.
func (s *sheet) header() (where string, names []string, err error) {
	r, err := s.firstRow()
	if err != nil {
		return "", nil, err
	}
	s.top = r.number
	where = fmt.Sprintf("%s row %d", s.name, s.top)
	var lines [][]string
	for end := r.number + max(1, s.from.HeaderLines); ; {
		line, err := s.headerLine(r)
		if err != nil {
			return "", nil, err
		}
		lines = append(lines, line)
		if r, err = s.read(); err != nil {
			return "", nil, err
		}
		if r == nil || r.number >= end {
			s.ahead = r
			break
		}
	}
	names = joinHeader(lines)
	for len(names) > 0 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1]
	}
	s.width = len(names)
	return where, names, nil
}

// firstRow goes to the first row of the header.
func (s *sheet) firstRow() (*sheetRow, error) {
	for {
		r, err := s.read()
		if err != nil {
			return nil, err
		}
		if r == nil {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s holds no rows; the last good data stay", s.name)
		}
		if r.number > s.from.SkipLines && !r.blank() {
			return r, nil
		}
		if err := s.areas.begin(r, s.text); err != nil {
			return nil, s.damaged(err)
		}
		s.skipped++
	}
}

// headerLine returns the texts of a row of the header. A cell merged over several columns is the header of each.
func (s *sheet) headerLine(r *sheetRow) ([]string, error) {
	if err := s.areas.begin(r, s.text); err != nil {
		return nil, s.damaged(err)
	}
	var line []string
	put := func(column int, text string) {
		for len(line) < column {
			line = append(line, "")
		}
		line[column-1] = text
	}
	for _, c := range r.cells {
		if c.fault.Reason != "" {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s row %d: the header is broken in column %d: %s", s.name, r.number, c.column, c.fault.Detail)
		}
		if c.column > s.limits.Columns {
			return nil, kpi.Errorf(kpi.CodeInvalid, "%s row %d: the header has %d columns and %d are the most that is read", s.name, r.number, c.column, s.limits.Columns)
		}
		put(c.column, s.text(&c))
	}
	for _, x := range s.areas.open {
		if x.top != r.number || x.first == "" {
			continue
		}
		for column := x.left + 1; column <= min(x.right, s.limits.Columns); column++ {
			put(column, x.first)
		}
	}
	return line, nil
}

// next returns the next row of the table, nil at its end. Blank rows are left out and counted.
func (s *sheet) next() (*Row, error) {
	for {
		r, err := s.read()
		if r == nil || err != nil {
			return nil, err
		}
		if s.ended || r.blank() {
			s.skipped++
			continue
		}
		if err := s.areas.begin(r, s.text); err != nil {
			return nil, s.damaged(err)
		}
		row := s.fields(r)
		if len(s.from.EndsAt) > 0 && endsAt(s.from.EndsAt, row.Fields) {
			s.ended = true
			s.skipped++
			continue
		}
		s.note(r)
		return row, nil
	}
}

// fields gives a row the width of the table.
func (s *sheet) fields(r *sheetRow) *Row {
	row := &Row{Line: int64(r.number), Fields: make([]string, s.width)}
	for _, c := range r.cells {
		if c.column > s.width {
			break
		}
		row.Fields[c.column-1] = s.text(&c)
		if c.fault.Reason != "" {
			c.fault.Column = c.column - 1
			row.Faults = append(row.Faults, c.fault)
		}
	}
	for _, x := range s.areas.open {
		s.merge(row, r, x)
	}
	return row
}

// merge deals with the cells of a row that an area covers.
func (s *sheet) merge(row *Row, r *sheetRow, x area) {
	if x.first == "" && x.fault.Reason == "" {
		return
	}
	for column := x.left; column <= min(x.right, s.width); column++ {
		if r.number == x.top && column == x.left {
			continue
		}
		switch {
		case s.from.Merged == mergedFill && x.fault.Reason == "":
			row.Fields[column-1] = x.first
		case s.from.Merged == mergedFill:
			f := x.fault
			f.Column = column - 1
			row.Faults = append(row.Faults, f)
		default:
			row.Faults = append(row.Faults, Fault{Column: column - 1, Reason: ReasonMergedCell, Detail: fmt.Sprintf(
				"the cell is merged with the one in row %d; unmerge them, or declare merged: fill if the value there counts for all of them", x.top)})
		}
	}
}

// note counts what a person should know of a row that is read.
func (s *sheet) note(r *sheetRow) {
	if r.hidden {
		s.hiddenRows++
	}
	beyond := false
	for _, c := range r.cells {
		if c.column > s.width {
			beyond = true
		} else if c.external && (s.wants == nil || !s.wants[c.column-1].drop) {
			s.external++
		}
	}
	if beyond {
		s.beyond++
	}
}
