package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// planColumn is a column of the table: where it stands and how its cells are read.
type planColumn struct {
	name    string // here
	header  string // in the table
	at      *node  // where the folder names it
	index   int    // in the table; -1 until it is found
	values  map[string]string
	others  string
	nullIs  []string
	decimal string
	marks   string // between thousands
	signs   []string
}

// planRow is a row that becomes an indicator.
type planRow struct {
	line   int
	cells  map[string]planCell // by the name of the column
	levels []planCell          // names of its nodes
	codes  []planCell
	node   string   // under which it stands
	way    []string // the nodes above it, the highest first
}

// planCell is what a row has in a column.
type planCell struct {
	text   string // as it is read here: a value for the source's, a number with a point
	raw    string // as it stands there, its white space made single spaces
	listed bool   // text is one of the folder's own values
	at     place
	broken bool // reported
}

// readColumn reads one column: its header, or its header and how its cells are read.
func (p *plan) readColumn(name string, n *node) (planColumn, bool) {
	c := planColumn{name: name, at: n, index: -1}
	if n.kind == scalar {
		c.header = n.text
		return c, c.header != ""
	}
	o, ok := p.ds.object(n, planColumnShape)
	if !ok {
		return c, false
	}
	from, header := o.raw("from", required)
	if from == nil {
		return c, false
	}
	c.header, c.at = header, from
	if o.value["values"] != nil {
		c.values = map[string]string{}
	}
	for _, q := range o.pairs("values", optional) {
		if q.value.kind != scalar {
			o.wrong("values", q.value, "a text for each")
			continue
		}
		c.values[squeeze(q.key.text)] = q.value.text
	}
	_, c.others = o.raw("others_are", optional)
	for _, w := range o.words("null_is", optional) {
		c.nullIs = append(c.nullIs, squeeze(w.text))
	}
	c.decimal = oneOf(o, "decimal", optional, "", []string{",", "."})
	c.marks = p.ds.thousands(o, c.decimal)
	c.signs = p.ds.signs(o)
	return c, true
}

// squeeze brings a text to NFC and makes every run of white space a single space.
func squeeze(s string) string {
	return strings.Join(strings.FieldsFunc(norm.NFC.String(s), blank), " ")
}

func blank(r rune) bool { return unicode.IsSpace(r) || r == 0x200B || r == 0xFEFF || r == 0x2060 }

// letters returns the letters by which spreadsheets call a column: 1 is A, 27 is AA.
func letters(column int) string {
	s := ""
	for ; column > 0; column = (column - 1) / 26 {
		s = string(rune('A'+(column-1)%26)) + s
	}
	return s
}

// readRows reads the table. Rows that are no indicators, such as totals below it, are named in a warning.
func (p *plan) readRows() error {
	p.src = &source{name: p.source.Path, cells: map[cell]string{}}
	limits := connector.Limits{Bytes: maxPlanBytes}
	lost := map[string][]int{} // rows that lack something, by its column
	header := true
	for row, err := range connector.ReadTable(context.Background(), p.ds.fsys, p.source, limits) {
		if err != nil {
			return p.unreadable(err)
		}
		switch {
		case header:
			if header = false; !p.find(row.Fields) {
				return nil // which cells are meant is not known
			}
		case len(p.rows) == maxPlanRows:
			p.broken = true
			p.ds.bad(p.at, "split it, or name what ends the table with ends_at", "%s has more than %d rows", p.source.Path, maxPlanRows)
			return nil
		default:
			p.readRow(row, lost)
		}
	}
	p.tellLost(lost)
	if len(p.rows) == 0 && !p.broken {
		p.broken = true
		p.ds.bad(p.at, "name the sheet and the columns in which the goals stand", "%s has no row that could become an indicator", p.source.Path)
	}
	return nil
}

// unreadable reports why the table cannot be read. A file that the machine refuses is no mistake of the folder's.
func (p *plan) unreadable(err error) error {
	p.broken = true
	if errors.Is(err, fs.ErrPermission) {
		return err
	}
	var told *kpi.Error
	if !errors.As(err, &told) {
		return fmt.Errorf("%s: %w", p.source.Path, err)
	}
	message, mend, ok := strings.Cut(told.Message, "; ")
	p.ds.bad(p.at, either(ok, mend, "look at the file, and at the source that is declared"), "%s", message)
	return nil
}

// find looks the columns up in the header.
func (p *plan) find(header []string) bool {
	before := p.ds.said()
	if len(header) == 1 && len(p.columns) > 1 {
		p.broken = true
		p.ds.bad(p.at, "declare the delimiter, or the lines that stand before the header", "the header of %s is a single column, %s", p.source.Path, short(header[0]))
		return false
	}
	for i := range p.columns {
		p.columns[i].index = p.indexOf(p.columns[i], header)
	}
	for i := range p.levels {
		l := &p.levels[i]
		if l.from.index, l.code.index = p.indexOf(l.from, header), -1; l.code.header != "" {
			l.code.index = p.indexOf(l.code, header)
		}
	}
	found := p.ds.said() == before
	p.broken = p.broken || !found
	return found
}

// indexOf finds a header letter by letter, or else but for case and white space.
func (p *plan) indexOf(c planColumn, header []string) int {
	if c.header == "" {
		return -1
	}
	var at []int
	for _, key := range []func(string) string{func(s string) string { return s }, kpi.NormaliseName} {
		for i, h := range header {
			if key(h) == key(c.header) {
				at = append(at, i)
			}
		}
		if len(at) > 0 {
			break
		}
	}
	switch len(at) {
	case 1:
		return at[0]
	case 0:
		var names []string
		for _, h := range header {
			if h != "" {
				names = append(names, h)
			}
		}
		p.ds.bad(c.at, suggest(c.header, names, "the header has"), "%s has no column %s", p.source.Path, short(c.header))
	default:
		p.ds.bad(c.at, "give each column a name of its own in the table", "%s has %d columns %s (%s and %s), and nobody can tell which one is meant", p.source.Path, len(at), short(c.header), letters(at[0]+1), letters(at[1]+1))
	}
	return -1
}

// readRow reads one row, and drops it if it is none of an indicator.
func (p *plan) readRow(row connector.Row, lost map[string][]int) {
	r := &planRow{line: int(row.Line), cells: map[string]planCell{}}
	for _, f := range row.Faults {
		if f.Column < 0 {
			p.ds.add(SeverityError, p.cell(r.line, 0, ""), "the row cannot be read: "+f.Detail, "mend it in the table")
			p.ds.openPlan()
			return
		}
	}
	if len(row.Fields) == 0 {
		return
	}
	if c := p.beyond(len(row.Fields)); c != nil { // a fault in one of its fields is all that the reader tells of a row
		p.ds.add(SeverityError, p.cell(r.line, 0, ""), fmt.Sprintf("the row cannot be read: it has %d fields, and the column %s is number %d", len(row.Fields), short(c.header), c.index+1), "mend it in the table")
		p.ds.openPlan()
		return
	}
	for _, name := range append(p.idColumns(), "name") {
		if c := p.column(name); c != nil && !faulty(row, c.index) && squeeze(row.Fields[c.index]) == "" {
			lost[c.header] = append(lost[c.header], r.line)
			return
		}
	}
	for i := range p.columns {
		r.cells[p.columns[i].name] = p.readCell(row, &p.columns[i])
	}
	for i := range p.levels {
		r.levels = append(r.levels, p.readCell(row, &p.levels[i].from))
		r.codes = append(r.codes, p.readCell(row, &p.levels[i].code))
	}
	p.rows = append(p.rows, r)
}

// beyond returns a column that a row of so many fields does not have, nil if it has all.
func (p *plan) beyond(fields int) *planColumn {
	for i := range p.columns {
		if p.columns[i].index >= fields {
			return &p.columns[i]
		}
	}
	for i := range p.levels {
		for _, c := range []*planColumn{&p.levels[i].from, &p.levels[i].code} {
			if c.index >= fields {
				return c
			}
		}
	}
	return nil
}

func faulty(row connector.Row, index int) bool {
	return slices.ContainsFunc(row.Faults, func(f connector.Fault) bool { return f.Column == index })
}

// idColumns are the columns of which ids are made.
func (p *plan) idColumns() []string {
	var names []string
	if p.id != nil {
		for _, m := range placeholders.FindAllStringSubmatch(p.id.text, -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// cell is the place of a cell; index is 0-based.
func (p *plan) cell(line, index int, text string) place {
	at := cell{line, index + 1}
	if p.src.cells[at] == "" {
		p.src.cells[at] = text
	}
	return place{p.src, line, index + 1}
}

// readCell reads a cell as its column says.
func (p *plan) readCell(row connector.Row, c *planColumn) planCell {
	if c.index < 0 {
		return planCell{}
	}
	for _, f := range row.Faults {
		if f.Column == c.index {
			p.ds.add(SeverityError, p.cell(int(row.Line), c.index, f.Raw), fmt.Sprintf("the cell in the column %s cannot be read: %s", short(c.header), f.Detail), "mend it in the table")
			p.ds.openPlan()
			return planCell{broken: true, at: p.cell(int(row.Line), c.index, f.Raw)}
		}
	}
	raw := squeeze(row.Fields[c.index])
	out := planCell{text: raw, raw: raw, at: p.cell(int(row.Line), c.index, raw)}
	switch {
	case raw == "":
	case slices.Contains(c.nullIs, raw):
		out.text, out.raw = "", ""
	case c.values != nil:
		out.listed = true
		out.text, out.broken = p.value(&out, c)
	case c.decimal != "" || c.marks != "" || len(c.signs) > 0:
		out.text, out.broken = p.localNumber(&out, c)
	default:
		out.text = plainNumber(raw)
	}
	return out
}

// value looks a cell up in the column's values: letter by letter, or else but for case.
func (p *plan) value(of *planCell, c *planColumn) (string, bool) {
	if v, ok := c.values[of.raw]; ok {
		return v, false
	}
	for _, k := range keys(c.values) {
		if kpi.NormaliseName(k) == kpi.NormaliseName(of.raw) {
			return c.values[k], false
		}
	}
	if c.others != "" {
		return c.others, false
	}
	p.ds.add(SeverityError, of.at, fmt.Sprintf("%s is none of the values of the column %s", short(of.raw), short(c.header)), suggest(of.raw, keys(c.values), "they are")+either(nearest(of.raw, keys(c.values)) == "", "; add it", ""))
	return "", true
}

func digitsOnly(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

var groups = regexp.MustCompile(`^[0-9]{1,3}( [0-9]{3})+$`)

// localNumber reads a number as the column writes them.
func (p *plan) localNumber(of *planCell, c *planColumn) (string, bool) {
	s := of.raw
	for _, sign := range c.signs {
		s = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(s, sign), sign))
	}
	minus := ""
	if rest, ok := strings.CutPrefix(strings.Replace(s, "−", "-", 1), "-"); ok {
		minus, s = "-", strings.TrimSpace(rest)
	}
	decimal := c.decimal
	if decimal == "" {
		decimal = "."
	}
	whole, fraction, has := strings.Cut(s, decimal)
	if c.marks != "" {
		if g := strings.ReplaceAll(whole, c.marks, " "); groups.MatchString(g) {
			whole = strings.ReplaceAll(g, " ", "")
		}
	}
	if !digitsOnly(whole) {
		whole = "?" // a mark where none belongs, or no number at all
	}
	text := minus + whole
	if has {
		text += "." + fraction
	}
	if !numeric(text) {
		p.ds.add(SeverityError, of.at, fmt.Sprintf("%s is no number as the column %s writes them", short(of.raw), short(c.header)), fmt.Sprintf("mend the cell, or say how numbers are written: decimal is %q", decimal))
		return "", true
	}
	return text, false
}

// plainNumber writes out a number that a workbook holds with an exponent; other texts stay as they are.
func plainNumber(s string) string {
	if !strings.ContainsAny(s, "eE") || strings.ContainsFunc(s, func(r rune) bool { return !strings.ContainsRune("0123456789+-.eE", r) }) {
		return s
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// tellLost warns of the rows that became no indicators.
func (p *plan) tellLost(lost map[string][]int) {
	for _, header := range keys(lost) {
		rows := lost[header]
		var list []string
		for i, n := range rows {
			if i == 10 {
				list = append(list, fmt.Sprintf("and %d more", len(rows)-i))
				break
			}
			list = append(list, strconv.Itoa(n))
		}
		index := slices.IndexFunc(p.columns, func(c planColumn) bool { return c.header == header })
		what := fmt.Sprintf("%d rows are no indicators, because they have nothing in the column %s: rows %s", len(rows), short(header), strings.Join(list, ", "))
		if len(rows) == 1 {
			what = fmt.Sprintf("the row is no indicator, because it has nothing in the column %s", short(header))
		}
		p.ds.add(SeverityWarning, p.cell(rows[0], p.columns[index].index, ""), what, "leave totals as they are; fill in the cell if the row is meant to be one")
	}
}
