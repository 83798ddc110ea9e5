package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// What a blank is.
const (
	emptyUnknown = "unknown"
	emptyReject  = "reject"
)

// readColumns reads the declared columns.
func (ds *dataset) readColumns() {
	pairs := ds.o.pairs("columns", required)
	if len(pairs) == 0 {
		ds.unsure = true
		if n := ds.o.value["columns"]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
			ds.o.empty("columns", n)
		}
	}
	for _, p := range pairs {
		name := p.key.text
		switch {
		case !columnName.MatchString(name):
			ds.bad(p.key, columnMend(name), "%s cannot be the name of a column", short(name))
			ds.unsure = true
			continue
		case expr.Reserved(name):
			ds.bad(p.key, "choose another name", "%q is a word of the expressions, so no column can be called by it", name)
			ds.unsure = true
			continue
		}
		c, ok := ds.column(name, p.value)
		if !ok {
			ds.broken[name] = true
			continue
		}
		ds.columns[name] = typeOf(c.Type)
		ds.d.Columns = append(ds.d.Columns, c)
	}
	for i := range ds.d.Columns {
		if ds.d.Columns[i].EmptyIs == "" && !slices.Contains(ds.keyNames(), ds.d.Columns[i].Name) {
			ds.d.Columns[i].EmptyIs = emptyUnknown
		}
	}
}

// keyNames returns the key's columns as they are written, before they are checked.
func (ds *dataset) keyNames() []string {
	n := ds.o.value["key"]
	if n == nil {
		return nil
	}
	var list []string
	for _, item := range n.items {
		list = append(list, item.text)
	}
	return list
}

// columnMend offers the name that was probably meant.
func columnMend(name string) string {
	rule := "names of columns are small letters, digits and _, and begin with a letter"
	if s := strings.ReplaceAll(slug(name), "-", "_"); columnName.MatchString(s) {
		return fmt.Sprintf("%s; write %s", rule, s)
	}
	return rule
}

// typeOf returns the type of a column in expressions. A district is the text of its id.
func typeOf(t kpi.ColumnType) expr.Type {
	switch t {
	case kpi.TypeInteger, kpi.TypeNumber:
		return expr.Number
	case kpi.TypeBoolean:
		return expr.Boolean
	case kpi.TypeDate:
		return expr.Date
	case kpi.TypeTimestamp:
		return expr.Timestamp
	}
	return expr.Text
}

// column reads one column; false if its type is not known.
func (ds *dataset) column(name string, n *node) (kpi.Column, bool) {
	c := kpi.Column{Name: name}
	o, ok := ds.object(n, columnShape)
	if !ok {
		return c, false
	}
	from, s := o.raw("from", required)
	c.From = s
	c.Type = oneOf(o, "type", required, "", kpi.ColumnTypes)
	if s == kpi.FromLine && c.Type != "" && c.Type != kpi.TypeInteger {
		ds.bad(from, "write type: integer, or rename the column in the source if it has one of that name", "_line is the number of the line on which a row begins, and this column is %s", article(c.Type))
	}
	c.EmptyIs = oneOf(o, "empty_is", optional, "", []string{emptyUnknown, emptyReject})
	if c.Type == "" {
		return c, false
	}
	formats := ds.formats(o, &c)
	c.Values = ds.values(o, c.Type)
	ds.columnZone(o, &c, formats)
	if ds.fits(o, "complete_until", c.Type, kpi.TypeDate, kpi.TypeTimestamp) {
		_, c.CompleteUntil = o.date("complete_until", optional)
	}
	if slices.ContainsFunc(formats, counts) || ds.fits(o, "decimal", c.Type, kpi.TypeInteger, kpi.TypeNumber) {
		c.Decimal = oneOf(o, "decimal", optional, "", []string{".", ","})
	}
	ds.cells(o, &c)
	if c.Type == kpi.TypeDistrict && len(ds.city.Districts) == 0 && !ds.table("district").open {
		ds.bad(o.value["type"], "declare districts in city.yaml, or write type: text", "the city declares no districts")
	}
	return c, true
}

// columnZone reads the zone of a column's times: of those that do not say theirs, and of the days that are made of moments.
func (ds *dataset) columnZone(o object, c *kpi.Column, formats []word) {
	if slices.ContainsFunc(formats, zoned) && c.Type == kpi.TypeDate || ds.fits(o, "time_zone", c.Type, kpi.TypeTimestamp) {
		c.TimeZone = ds.zone(o, optional)
	}
}

// fits reports whether the column's type goes with a key that is there; if not, the key is reported.
func (ds *dataset) fits(o object, key string, is kpi.ColumnType, want ...kpi.ColumnType) bool {
	n := o.key[key]
	if n == nil {
		return false
	}
	if slices.Contains(want, is) {
		return true
	}
	ds.bad(n, "leave it out", "%q is for columns of type %s, and this one is %s", key, strings.Join(words(want), " or "), article(is))
	return false
}

// values reads the list of a source's values and what they are to us.
func (ds *dataset) values(o object, t kpi.ColumnType) map[string]string {
	if !ds.fits(o, "values", t, kpi.TypeText, kpi.TypeDistrict, kpi.TypeInteger, kpi.TypeBoolean, kpi.TypeDate) {
		return nil
	}
	if n := o.key["format"]; n != nil && t == kpi.TypeDate {
		ds.bad(n, "leave it out, or leave values out", "the list of values says the days themselves, so there is no format to read")
	}
	n := o.get("values", optional)
	pairs := o.pairs("values", optional)
	if n != nil && n.kind == mapping && len(n.pairs) == 0 {
		o.empty("values", n)
	}
	var m map[string]string
	for _, p := range pairs {
		if !ds.theirs(p.key) || !ds.ours(p, t, "values") {
			continue
		}
		if m == nil {
			m = map[string]string{}
		}
		m[p.key.text] = p.value.text
	}
	return m
}

// theirs checks a value of the source: it is compared with fields without the white space at their ends.
func (ds *dataset) theirs(n *node) bool {
	switch trimmed := strings.TrimSpace(n.text); trimmed {
	case n.text:
	case "":
	default:
		ds.bad(n, fmt.Sprintf("write %q", trimmed), "no field is %s: fields are read without white space at their ends", short(n.text))
		return false
	}
	if strings.TrimSpace(n.text) == "" {
		ds.bad(n, "say what a blank is with empty_is", "a blank cannot be listed among the values")
		return false
	}
	return true
}

// ours checks what a value of the source is to us; key is the one that says so.
func (ds *dataset) ours(p pair, t kpi.ColumnType, key string) bool {
	if p.value.kind == broken {
		return false
	}
	want, ok := "a text", p.value.kind == scalar && p.value.text != ""
	switch t {
	case kpi.TypeInteger:
		want, ok = "a whole number", ok && numeric(p.value.text) && !strings.Contains(p.value.text, ".")
	case kpi.TypeBoolean:
		want, ok = "true or false", ok && isBool(p.value.text)
	case kpi.TypeDate:
		_, err := kpi.ParseDate(p.value.text)
		want, ok = "a day such as 2015-06-30", ok && err == nil
	case kpi.TypeDistrict:
		want, ok = "the id of a district", ok && (ds.table("district").open || ds.table("district").ids[p.value.text] != nil)
	}
	if !ok {
		mend := "write " + columnShape.line(key)
		if key != "values" && t != kpi.TypeText {
			mend = "write one of its own values"
		}
		if t == kpi.TypeDistrict {
			mend = suggest(p.value.text, ds.table("district").list, "the districts are")
		}
		ds.bad(p.value, mend, "%s needs %s, and this is %s", short(p.key.text), want, described(p.value))
	}
	return ok
}
