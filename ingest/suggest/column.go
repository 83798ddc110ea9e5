package suggest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// column is what is suggested for a column.
type column struct {
	header string
	name   string
	typ    kpi.ColumnType
	keys   string   // what is declared beside from and type, each with a comma before it
	unsure []string // comments
	drop   string   // why it should not be read; empty: it should
	left   string   // why it cannot be declared; empty: it can

	values []string // that are not blank
	real   []string // those of them that stand for no "no value"
	blanks int      // rows without a value, those that write something for it among them
	small  []string // its values, if they are few: categories
	moment form
	number numbers
	points bool // numbers of such a file have decimal points, whatever a reader sees of them

	nearly          bool // most values are numbers, or days
	year, serialDay bool // whole numbers that seem to be years, or to count days or seconds
}

// noValue is what sources write for no value.
func noValue(s string) bool {
	switch s {
	case "NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "none", "-", "--", "—", "–", "..", "...", ".", "?", "NaN", "nan", "(null)", `\N`, "s/d", "S/D", "n.d.", "N.D.", "nd", "ND", "n.a.", "N.A.":
		return true
	}
	return heldBack(s)
}

// heldBack is what publishers write where they hold a small number back.
func heldBack(s string) bool {
	switch s {
	case "*", "**", "***", "<5", "< 5", "<10", "<11", "[x]", "[c]", "c", "x", "s", "DS", "suppressed":
		return true
	}
	return false
}

// columns looks at every column of a table.
func columns(t *table, kind kpi.SourceKind, city *kpi.City) []*column {
	names, list := columnNames(t.names), make([]*column, len(t.names))
	count := map[string]int{}
	for _, h := range t.names {
		count[h]++
	}
	for i, h := range t.names {
		c := &column{header: h, name: names[i], typ: kpi.TypeText, points: kind != kpi.SourceCSV}
		for _, v := range t.columns[i] {
			if v != "" {
				c.values = append(c.values, v)
			}
		}
		c.blanks = t.rows - len(c.values)
		switch {
		case strings.TrimSpace(h) == "":
			c.left = fmt.Sprintf("column %d has no name, so it cannot be declared", i+1)
		case count[h] > 1:
			c.left = fmt.Sprintf("the header has %s %d times, and nobody can tell which is meant", quoted(h), count[h])
		case h == kpi.FromLine:
			c.left = "the header has a column _line, which is a word of ours"
		default:
			if c.drop = personal(h, c.values); c.drop == "" {
				c.look(city, t.complete)
			}
		}
		list[i] = c
	}
	agree(list)
	return list
}

// look finds the type of a column.
func (c *column) look(city *kpi.City, complete bool) {
	if len(c.values) == 0 {
		c.doubt("it is blank in every row that was looked at")
		return
	}
	marks := map[string]int{}
	for _, v := range c.values {
		if noValue(v) {
			marks[v]++
		} else {
			c.real = append(c.real, v)
		}
	}
	if len(c.real) == 0 {
		c.real = c.values
		c.doubt("nothing but marks for no value is in it")
		return
	}
	switch {
	case c.isDistrict(city):
	case c.isMoment():
	case c.isNumber():
	case c.isBoolean():
	default:
		c.categories(complete)
	}
	if len(marks) > 0 {
		c.noValues(marks)
	}
}

// doubt notes what a person has to settle.
func (c *column) doubt(format string, args ...any) {
	c.unsure = append(c.unsure, fmt.Sprintf(format, args...))
}

// noValues declares what stands for no value; in text it may be a value.
func (c *column) noValues(marks map[string]int) {
	var used []string
	rows, back := 0, false
	for m, n := range marks {
		used, rows, back = append(used, m), rows+n, back || heldBack(m)
	}
	slices.Sort(used)
	written := make([]string, len(used))
	for i, m := range used {
		written[i] = yaml(m)
	}
	nulls := "null_is: [" + strings.Join(written, ", ") + "]"
	if c.typ == kpi.TypeText || c.typ == kpi.TypeDistrict {
		if !back {
			c.doubt("%d rows hold %s: if that means no value, add %s", rows, list(used), nulls)
		}
		return
	}
	c.keys += ", " + nulls
	c.blanks += rows
	if back {
		c.doubt("%d rows hold %s: if the publisher holds small numbers back, exclude them by the reason suppressed; they are never 0", rows, list(used))
	}
}

// isDistrict reports whether the values are the city's districts.
func (c *column) isDistrict(city *kpi.City) bool {
	if city == nil || len(city.Districts) == 0 {
		return false
	}
	known := map[string]bool{}
	for _, d := range city.Districts {
		known[fold(d.ID)] = true
		for _, n := range d.Name.In {
			known[fold(n)] = true
		}
		for _, a := range d.Aliases {
			known[fold(a)] = true
		}
	}
	seen := map[string]bool{}
	hits := 0
	for _, v := range c.real {
		if !seen[v] {
			seen[v] = true
			if known[fold(v)] {
				hits++
			}
		}
	}
	if hits == 0 || hits*2 < len(seen) {
		return false
	}
	c.typ = kpi.TypeDistrict
	if n := len(seen) - hits; n > 0 {
		c.doubt("%d of its %d values are no districts of the city; rows with them are counted as not recognised", n, len(seen))
	}
	return true
}

// mangled is what a spreadsheet makes of a long code.
var mangled = regexp.MustCompile(`^\d(\.\d+)?[Ee]\+\d+$`)

// isCode reports whether a header speaks of what looks like a number and is a name.
func isCode(header string) bool {
	in := words(header)
	if len(in) == 0 {
		return false
	}
	switch in[len(in)-1] {
	case "id", "code", "codigo", "cod", "folio", "zip", "postal", "cep", "cp", "fips", "key", "clave", "ref", "uuid", "guid", "no", "num", "expediente", "protocolo", "numero":
		return true
	}
	return slices.Contains(in, "id") || slices.Contains(in, "code")
}

// isNumber reports whether all values are numbers, and says how they are written.
func (c *column) isNumber() bool {
	n, ok := readNumbers(c.real)
	code := isCode(c.header)
	switch {
	case slices.ContainsFunc(c.real, mangled.MatchString) && code:
		c.doubt("some values are written like 1.23E+11: a spreadsheet has taken a code for a number, and its digits are lost; export it again as text")
		return false
	case !ok:
		c.nearlyNumbers()
		return false
	case n.zeros && n.whole && len(n.signs) == 0:
		c.doubt("some values have zeros in front, so it is a code and no number")
		return false
	case code && n.whole && len(n.signs) == 0 && n.thousands == "":
		return false // what identifies is text: nobody adds it up, and a zero in front would be lost
	}
	if c.points && n.writing == (writing{".", ""}) {
		n.other = writing{}
	}
	c.number, c.typ = n, kpi.TypeNumber
	if n.whole {
		c.typ = kpi.TypeInteger
	}
	if n.other != (writing{}) {
		c.keys = ""
		c.typ = kpi.TypeText
		c.doubt("numbers that can be read in two ways: %s, {type: number%s}; or %s, {type: number%s}", n.describe(), n.keys(), n.other.describe(), n.otherKeys())
		return true
	}
	c.keys = n.keys()
	if n.ratio {
		c.doubt("some values have a percent sign and some have none: are all of them percentages?")
	}
	c.serial()
	return true
}

func (n numbers) otherKeys() string {
	n.writing = n.other
	return n.keys()
}

// nearlyNumbers tells of a column in which most values are numbers by themselves.
func (c *column) nearlyNumbers() {
	n := 0
	for _, v := range c.real {
		if _, ok := readNumbers([]string{v}); ok {
			n++
		}
	}
	switch {
	case n == len(c.real):
		c.nearly = true
		c.doubt("every value is a number, but they are written in different ways or with different signs; as a number, some would be refused")
	case n*2 > len(c.real):
		c.nearly = true
		c.doubt("%d of %d values are numbers; as a number, the others would be refused", n, len(c.real))
	}
}

// serial tells of numbers that may be days.
func (c *column) serial() {
	in := words(c.header)
	dated := slices.ContainsFunc(in, func(w string) bool { return slices.Contains(dateWords, w) })
	lowest, highest := len(c.real[0]), 0
	for _, v := range c.real {
		lowest, highest = min(lowest, len(v)), max(highest, len(v))
	}
	switch {
	case yearly(c.header) && lowest == 4 && highest == 4:
		c.year = true
		c.doubt("a year: to make it the period of an indicator, write {type: date, values: {%s: %s-12-31, …}}, with the last day of each", yaml(c.real[0]), c.real[0])
	case !dated || c.typ != kpi.TypeInteger:
		return
	case lowest == 5 && highest == 5:
		c.doubt("days as a spreadsheet counts them? Then {type: date, format: excel}, or excel-1904")
	case lowest == 10 && highest == 10:
		c.doubt("seconds since 1970? Then {type: timestamp, format: epoch}")
	case lowest == 13 && highest == 13:
		c.doubt("milliseconds since 1970? Then {type: timestamp, format: epoch-ms}")
	default:
		return
	}
	c.serialDay = !c.year
}

// yearly reports whether a header speaks of years.
func yearly(header string) bool {
	return slices.ContainsFunc(words(header), func(w string) bool {
		return slices.Contains([]string{"year", "ano", "annee", "anio", "yr", "period", "periodo", "periode", "vigencia", "exercicio", "exercice"}, w)
	})
}

// dateWords are words of headers for days and times.
var dateWords = []string{"date", "fecha", "data", "day", "dia", "jour", "time", "hora", "heure", "opened", "closed", "created", "updated", "due", "at", "when", "dt"}

// isMoment reports whether all values are days or times. Where nothing proves whether the day or the month stands first, it is left as text.
func (c *column) isMoment() bool {
	ways, near, reads := readMoments(c.real)
	if len(ways) == 0 {
		if reads*10 >= len(c.real)*8 && reads > 0 && near.format != "%Y%m%d" {
			c.nearly = true
			c.doubt("%d of %d values are days or times of the form %s, and the others are none: they would be refused", reads, len(c.real), near.format)
		}
		return false
	}
	f := ways[0]
	if f.format == "%Y%m%d" && !slices.ContainsFunc(words(c.header), func(w string) bool { return slices.Contains(dateWords, w) }) {
		return false
	}
	c.moment = f
	switch {
	case f.short:
		c.doubt("days with a year of two digits: %s; and say with pivot which hundred years are meant, such as pivot: 1970", alternatives(ways))
	case len(ways) > 1:
		c.doubt("no value says which stands first, the day or the month: %s", alternatives(ways))
	default:
		c.take(f)
	}
	return true
}

func alternatives(ways []form) string {
	var l []string
	for _, w := range ways {
		s := fmt.Sprintf("{type: %s, format: %q}", w.typ(), w.format)
		if w.order != "" {
			s = w.order + " first, " + s
		}
		l = append(l, s)
	}
	return strings.Join(l, "; or ")
}

func (f form) typ() kpi.ColumnType {
	if f.clock {
		return kpi.TypeTimestamp
	}
	return kpi.TypeDate
}

func (c *column) take(f form) {
	c.typ, c.moment, c.keys = f.typ(), f, ""
	if f.format != "" {
		c.keys = fmt.Sprintf(", format: %q", f.format)
	}
}

// agree says what other columns of the file prove of those in which day and month could be either.
func agree(list []*column) {
	orders := map[string]string{}
	for _, c := range list {
		if c.typ == kpi.TypeDate || c.typ == kpi.TypeTimestamp {
			if c.moment.order != "" {
				orders[c.moment.order] = c.name
			}
		}
	}
	points := map[string]string{}
	for _, c := range list {
		if c.typ == kpi.TypeNumber && c.number.other == (writing{}) {
			points[c.number.decimal] = c.name
		}
	}
	for _, c := range list {
		for order, by := range orders {
			if c.moment.order != "" && c.typ == kpi.TypeText && len(orders) == 1 {
				c.doubt("the column %s of this file is written with the %s first", by, order)
			}
		}
		for point, by := range points {
			if c.number.other != (writing{}) && len(points) == 1 {
				c.doubt("the column %s of this file writes decimals with %s", by, quoted(point))
			}
		}
	}
}

// yesNo are the words for true and false.
var yesNo = [][2]string{{"true", "false"}, {"yes", "no"}, {"y", "n"}, {"t", "f"}, {"si", "no"}, {"sim", "nao"}, {"s", "n"}, {"oui", "non"}, {"o", "n"}, {"verdadero", "falso"}, {"vrai", "faux"}}

// isBoolean reports whether the values are two words for true and false.
func (c *column) isBoolean() bool {
	seen := few(c.real, 4)
	if len(seen) < 2 {
		return false
	}
	for _, pair := range yesNo {
		if slices.ContainsFunc(seen, func(v string) bool { return fold(v) != pair[0] && fold(v) != pair[1] }) {
			continue
		}
		c.typ = kpi.TypeBoolean
		var l []string
		for _, v := range seen {
			l = append(l, fmt.Sprintf("%s: %v", yaml(v), fold(v) == pair[0]))
		}
		if pair[0] != "true" || strings.Join(seen, " ") != "false true" {
			c.keys = ", values: {" + strings.Join(l, ", ") + "}"
		}
		return true
	}
	return false
}

// few returns the distinct values in order if they are at most most; nil otherwise.
func few(values []string, most int) []string {
	var seen []string
	for _, v := range values {
		if i, ok := slices.BinarySearch(seen, v); !ok {
			if seen = slices.Insert(seen, i, v); len(seen) > most {
				return nil
			}
		}
	}
	return seen
}

// categories lists the values of a column of text that has few of them. A list refuses whatever is not in it, so it is proposed only where
// all rows were looked at.
func (c *column) categories(complete bool) {
	if c.nearly {
		return
	}
	if seen := few(c.real, 40); yearly(c.header) && seen != nil {
		c.doubt("periods? To make them those of an indicator, write {type: date, values: {%s: …}}, with the last day of each", yaml(seen[0]))
		return
	}
	seen := few(c.real, 12)
	if len(seen) < 2 || len(c.real) < 10 || len(c.real) < 3*len(seen) || slices.ContainsFunc(seen, odd) {
		return
	}
	c.small = seen
	if isCode(c.header) || !complete {
		return
	}
	ours, entries := map[string]bool{}, make([]string, len(seen))
	for i, v := range seen {
		id := slug(v, "-")
		if id == "" || ours[id] {
			return
		}
		ours[id], entries[i] = true, yaml(v)+": "+yaml(id)
	}
	for _, v := range c.values {
		if noValue(v) {
			return // whether it is a category nobody has said
		}
	}
	c.keys = ", values: {" + strings.Join(entries, ", ") + "}"
}

// odd values are not listed: they are long, or hold what nobody can see.
func odd(v string) bool {
	return len(v) > 60 || norm.NFC.String(v) != v || strings.ContainsFunc(v, func(r rune) bool { return !unicode.IsPrint(r) })
}

// identity is a value as it counts when rows are told apart.
func (c *column) identity(v string) string {
	if c.typ != kpi.TypeText {
		if t, err := time.Parse(c.moment.layout, strings.ToUpper(v)); err == nil && c.moment.layout != "" {
			return t.Format(time.RFC3339)
		}
		return strings.Replace(v, "T", " ", 1)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFC.String(v))
}
