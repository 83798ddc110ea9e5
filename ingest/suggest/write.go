package suggest

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// draft is the block before it is written.
type draft struct {
	looked  *looked
	table   *table
	options Options
	columns []*column
	key     []string
	line    bool // rows are told apart by their line
	keyNote string
}

func draftOf(l *looked, t *table, o Options) *draft {
	d := &draft{looked: l, table: t, options: o, columns: columns(t, l.source.Kind, o.City)}
	t.setAside(func(i int) bool {
		return i >= 0 && i < len(d.columns) && d.columns[i].left == "" && d.columns[i].drop == ""
	})
	d.findKey()
	return d
}

// taken are the columns that are declared.
func (d *draft) taken() []*column {
	return slices.DeleteFunc(slices.Clone(d.columns), func(c *column) bool { return c.left != "" || c.drop != "" })
}

// findKey looks for the columns that tell rows apart: one to three, or else the line. What is added up or measured tells nothing apart.
func (d *draft) findKey() {
	var able []int
	for i, c := range d.columns {
		if c.left == "" && c.drop == "" && c.blanks == 0 && c.identifies() {
			able = append(able, i)
		}
	}
	slices.SortStableFunc(able, func(a, b int) int { return rank(d.columns[a]) - rank(d.columns[b]) })
	able = able[:min(len(able), 8)]
	for _, set := range sets(able) {
		if !d.unique(set...) {
			continue
		}
		for _, i := range set {
			d.key = append(d.key, d.columns[i].name)
		}
		d.keyNote = "no two rows that were looked at share it, and none lacks it"
		if d.table.rows < 20 {
			d.keyNote += "; so few rows prove little"
		}
		return
	}
	d.line, d.key = true, []string{lineName}
	d.keyNote = "no columns were found that tell the rows apart: they are told apart by their lines, and a row that moves counts as another"
}

// identifies reports whether a column may be part of what tells rows apart.
func (c *column) identifies() bool {
	switch c.typ {
	case kpi.TypeText:
		return c.number.other == writing{} && !c.nearly
	case kpi.TypeDate:
		return true
	case kpi.TypeTimestamp: // where some say their zone, two that look different may be the same instant
		return !slices.ContainsFunc(c.real, zone.MatchString)
	case kpi.TypeInteger:
		return isCode(c.header) || c.year
	}
	return false
}

// sets lists the sets of one, two and three of some columns, the smallest first.
func sets(of []int) [][]int {
	var one, two, three [][]int
	for i, a := range of {
		one = append(one, []int{a})
		for j, b := range of[i+1:] {
			two = append(two, []int{a, b})
			for _, c := range of[i+1+j+1:] {
				three = append(three, []int{a, b, c})
			}
		}
	}
	return append(append(one, two...), three...)
}

// rank puts columns first whose names say that they identify.
func rank(c *column) int {
	if isCode(c.header) {
		return 0
	}
	return 1
}

// unique reports whether no two rows agree in the columns.
func (d *draft) unique(at ...int) bool {
	seen := make(map[string]bool, d.table.rows)
	for row := range d.table.rows {
		id := ""
		for _, i := range at {
			id += d.columns[i].identity(d.table.columns[i][row]) + "\x00"
		}
		if seen[id] {
			return false
		}
		seen[id] = true
	}
	return true
}

// writer writes lines.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// write writes the block.
func write(d *draft) []byte {
	w := &writer{}
	d.preface(w)
	w.line("dataset: %s", yaml(d.options.Dataset))
	w.line("name: %s # UNSURE: what should readers call it?", yaml(strings.ReplaceAll(d.options.Dataset, "-", " ")))
	w.line("why: Say here what the city needs these rows for.")
	w.line("# credit: {publisher: …, url: …, licence: …}")
	for _, s := range d.looked.unsure {
		w.line("# UNSURE: %s", s)
	}
	w.line("source: {%s}", d.source())
	d.zone(w)
	w.line("# UNSURE: %s.", d.keyNote)
	w.line("key: [%s]", strings.Join(d.key, ", "))
	d.writeColumns(w)
	d.drops(w)
	d.checks(w)
	d.rest(w)
	return []byte(w.String())
}

func (d *draft) preface(w *writer) {
	w.line("# Suggested by looking at a file. Nothing is decided: mend what is wrong, settle what is UNSURE, and take these comments out.")
	whole := d.whole()
	if d.table.complete {
		w.line("# Looked at: all rows; whole ones: %d.", whole)
	} else {
		w.line("# Looked at: the first rows only; whole ones: %d. What stands behind them may be written otherwise.", whole)
	}
	if n := d.table.broken; n > 0 {
		w.line("# Rows that are broken in themselves and would be set aside: %d (the first for %s).", n, d.table.first)
	}
	if !slices.ContainsFunc(d.table.names, func(h string) bool { return strings.ContainsAny(fold(h), "abcdefghijklmnopqrstuvwxyz") }) {
		w.line("# UNSURE: no name of a column holds a letter: if the file has no header, its first row was taken for one; add one.")
	}
	for _, c := range d.columns {
		if c.left != "" {
			w.line("# Left out: %s.", c.left)
		}
	}
}

// whole is the number of rows that are not broken.
func (d *draft) whole() int {
	if d.table.faults != nil { // of a sheet, whose broken rows are looked at too
		return d.table.rows - d.table.broken
	}
	return d.table.rows
}

// source writes how the file is read.
func (d *draft) source() string {
	s := d.looked.source
	parts := []string{"kind: " + s.Kind, "path: " + yaml(d.options.Path)}
	add := func(key, value string) {
		if value != "" {
			parts = append(parts, key+": "+yaml(value))
		}
	}
	add("member", s.Member)
	add("encoding", s.Encoding)
	add("delimiter", s.Delimiter)
	add("quote", s.Quote)
	add("sheet", s.Sheet)
	add("shape", s.Shape)
	add("rows", s.Rows)
	if len(s.EndsAt) > 0 {
		parts = append(parts, "ends_at: ["+yaml(s.EndsAt[0])+"]")
	}
	if s.SkipLines > 0 {
		parts = append(parts, fmt.Sprintf("skip_lines: %d", s.SkipLines))
	}
	return strings.Join(parts, ", ")
}

// zone asks for the zone of times that do not say theirs.
func (d *draft) zone(w *writer) {
	var names []string
	for _, c := range d.taken() {
		if c.typ == kpi.TypeTimestamp && !c.moment.zoned {
			names = append(names, c.name)
		}
	}
	if len(names) == 0 {
		return
	}
	zone := "the city's time zone"
	if d.options.City != nil {
		zone += ", " + d.options.City.TimeZone
	}
	w.line("# UNSURE: %s: times that do not say their zone are read in %s. If the source writes another, declare it.", strings.Join(names, ", "), zone)
	w.line("# time_zone: UTC")
}

func (d *draft) writeColumns(w *writer) {
	w.line("columns:")
	if d.line {
		w.line("  %s: {from: %s, type: integer}", lineName, kpi.FromLine)
	}
	for _, c := range d.taken() {
		for _, s := range c.unsure {
			w.line("  # UNSURE: %s: %s.", c.name, s)
		}
		if c.small != nil && c.keys == "" && c.typ == kpi.TypeText {
			w.line("  # %s has few values: %s.", c.name, list(c.small))
		}
		w.line("  %s: {from: %s, type: %s%s}", c.name, yaml(c.header), c.typ, c.keys)
	}
}

// drops proposes to leave out what speaks of persons. The reason is of the column, never a value of it.
func (d *draft) drops(w *writer) {
	var names []string
	for _, c := range d.columns {
		if c.drop != "" {
			w.line("# UNSURE: %s is dropped: %s. What is dropped never leaves the reader; to read it, move it to columns.", quoted(c.header), c.drop)
			names = append(names, yaml(c.header))
		}
	}
	if len(names) > 0 {
		w.line("drop: [%s]", strings.Join(names, ", "))
	}
}

// begins and ends are words of headers for when something began and ended.
var (
	begins = []string{"open", "opened", "created", "start", "started", "received", "requested", "reported", "submitted", "begin", "apertura", "inicio", "creacion", "abertura", "criacao", "debut", "ouverture", "creation", "issued"}
	ends   = []string{"close", "closed", "end", "ended", "completed", "resolved", "finished", "cierre", "fin", "fechamento", "conclusao", "termino", "cloture", "fermeture", "done"}
)

// checks proposes rules that warn.
func (d *draft) checks(w *writer) {
	var rules []string
	add := func(note, format string, args ...any) {
		rules = append(rules, fmt.Sprintf("  - {rule: %s, else: warn}%s", fmt.Sprintf(format, args...), note))
	}
	for _, a := range d.taken() {
		for _, b := range d.taken() {
			if a.typ == b.typ && (a.typ == kpi.TypeDate || a.typ == kpi.TypeTimestamp) && named(a, begins) && named(b, ends) {
				add("", "%s >= %s", b.name, a.name)
			}
		}
	}
	for _, c := range d.taken() {
		if (c.typ == kpi.TypeInteger || c.typ == kpi.TypeNumber) && !c.number.negative && !c.year && !c.serialDay && len(rules) < 10 {
			if slices.Contains(c.number.signs, "%") || named(c, []string{"percent", "percentage", "pct", "porcentaje", "porcentagem", "pourcentage"}) {
				add(" # UNSURE: a percentage?", "%s between 0 and 100", c.name)
			} else {
				add(" # UNSURE: no row holds less than 0; may one?", "%s >= 0", c.name)
			}
		}
	}
	if len(rules) > 0 {
		w.line("checks:\n%s", strings.Join(rules, "\n"))
	}
}

func named(c *column, any []string) bool {
	return slices.ContainsFunc(words(c.header), func(h string) bool { return slices.Contains(any, h) })
}

// rest proposes dimensions, and sketches a first indicator.
func (d *draft) rest(w *writer) {
	var dimensions []string
	date := ""
	for _, c := range d.taken() {
		switch {
		case c.typ == kpi.TypeDistrict || c.small != nil && c.typ == kpi.TypeText:
			dimensions = append(dimensions, c.name)
		case c.typ == kpi.TypeDate || c.typ == kpi.TypeTimestamp:
			if date == "" {
				date = c.name
			}
		}
	}
	if n := min(len(dimensions), 4); n > 0 {
		w.line("dimensions: [%s] # UNSURE: by which should numbers be broken down?", strings.Join(dimensions[:n], ", "))
	}
	if date == "" {
		w.line("# An indicator needs a column of type date or timestamp, which gives the period; none was recognised.")
		return
	}
	w.line("# A first indicator, to be completed:")
	for _, s := range []string{
		"indicators:", "  - id: " + d.options.Dataset + "-count", "    name: …", "    sentence: …", "    method: All rows, by " + date + ".", "    kind: output",
		"    priority: …", "    department: …", "    measure: {count: {}, date: " + date + "}", "    unit: number", "    direction: none", "    period: month",
	} {
		w.line("# %s", s)
	}
}
