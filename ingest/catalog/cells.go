package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"

	"citystat/kpi"
)

// cells reads how a source writes the fields of a column, beyond its type.
func (ds *dataset) cells(o object, c *kpi.Column) {
	c.NullIs = ds.nullIs(o, c.Values)
	c.OthersAre = ds.othersAre(o, c.Type)
	if ds.fits(o, "thousands", c.Type, kpi.TypeInteger, kpi.TypeNumber) {
		c.Thousands = ds.thousands(o, c.Decimal)
	}
	if ds.fits(o, "signs", c.Type, kpi.TypeInteger, kpi.TypeNumber) {
		c.Signs = ds.signs(o)
	}
	if ds.fits(o, "accounting", c.Type, kpi.TypeInteger, kpi.TypeNumber) {
		c.Accounting = o.boolean("accounting", false)
	}
	if ds.fits(o, "pattern", c.Type, kpi.TypeText, kpi.TypeInteger) {
		c.Pattern = ds.pattern(o)
	}
}

// nullIs reads what the source writes for no value.
func (ds *dataset) nullIs(o object, values map[string]string) []string {
	var list []string
	for _, w := range o.words("null_is", optional) {
		if !ds.theirs(w.n) {
			continue
		}
		if v, listed := values[w.text]; listed {
			ds.bad(w.n, "keep one of the two", "%s is read as a blank, and values makes %s of it", short(w.text), short(v))
			continue
		}
		list = append(list, w.text)
	}
	if n := o.value["null_is"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		o.empty("null_is", n)
	}
	return list
}

// othersAre reads what becomes of the values that are not listed.
func (ds *dataset) othersAre(o object, t kpi.ColumnType) string {
	n, s := o.raw("others_are", optional)
	if n == nil || !ds.fits(o, "others_are", t, kpi.TypeText, kpi.TypeDistrict, kpi.TypeInteger, kpi.TypeBoolean) {
		return ""
	}
	if o.key["values"] == nil && !o.misspelt("values") {
		ds.bad(o.key["others_are"], "add "+columnShape.line("values"), "others_are is for what values does not list, and there are no values")
		return ""
	}
	if !ds.ours(pair{o.key["others_are"], n}, t, "others_are") {
		return ""
	}
	return s
}

// thousands reads the mark between groups of three digits. "space" stands for every kind of space.
func (ds *dataset) thousands(o object, decimal string) string {
	n, mark := o.raw("thousands", optional)
	switch mark {
	case "":
		return ""
	case "space":
		mark = " "
	case "’":
		mark = "'"
	case ",", ".", "'", " ":
	default:
		ds.bad(n, `write ",", ".", "'" or space`, "%s is no mark between thousands", short(mark))
		return ""
	}
	if decimal == "" {
		decimal = "." // of a whole number too: 12.0 is one
	}
	if mark == decimal {
		ds.bad(o.value["thousands"], either(mark == ".", `add decimal: ","`, `write decimal: ".", or thousands: "."`), "%s stands between thousands and before decimals", short(mark))
		return ""
	}
	return mark
}

// signs reads what may stand before or after a number.
func (ds *dataset) signs(o object) []string {
	var list []string
	for _, w := range o.words("signs", optional) {
		if ds.theirs(w.n) && ds.isSign(w) {
			list = append(list, w.text)
		}
	}
	if n := o.value["signs"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		o.empty("signs", n)
	}
	return list
}

func (ds *dataset) isSign(w word) bool {
	switch {
	case strings.ContainsFunc(w.text, unicode.IsDigit):
		ds.bad(w.n, "write the sign alone, such as $ or R$", "%s holds a digit", short(w.text))
	case strings.ContainsAny(w.text, "()"):
		ds.bad(w.n, "write accounting: true if (1,200) is −1200", "%s is no sign of a number", short(w.text))
	case strings.Trim(w.text, "+-−_.,'’") == "":
		ds.bad(w.n, "leave it out; minus and plus are read without being named, and marks are thousands and decimal", "%s could be taken for a part of the number", short(w.text))
	case len([]rune(w.text)) > 20:
		ds.bad(w.n, "write the sign alone, such as $ or R$", "%s is too long", short(w.text))
	default:
		return true
	}
	return false
}

// pattern reads a regular expression that the whole text must match. It is RE2 in the warehouse too.
func (ds *dataset) pattern(o object) string {
	n, s := o.raw("pattern", optional)
	if n == nil {
		return ""
	}
	if o.key["values"] != nil && o.key["others_are"] == nil {
		ds.bad(o.key["pattern"], "keep one of the two", "values lists all that the column may hold, and pattern says it again")
	}
	_, err := regexp.Compile(s)
	var bad *syntax.Error
	switch {
	case errors.As(err, &bad):
		ds.add(SeverityError, n.at(max(strings.Index(n.text, bad.Expr), 0)), fmt.Sprintf("the pattern cannot be read: %s in %s", bad.Code, short(bad.Expr)), patternMend(bad))
		return ""
	case err != nil:
		ds.bad(n, "write it more simply", "the pattern %s cannot be read: %v", short(s), err)
		return ""
	}
	return s
}

func patternMend(bad *syntax.Error) string {
	if bad.Code == syntax.ErrInvalidPerlOp || bad.Code == syntax.ErrInvalidEscape {
		return "patterns are RE2's: without look-ahead, look-behind and back references"
	}
	return `write a regular expression that the whole text matches, such as pattern: "[0-9]{8}"`
}

// formats reads how a date or timestamp is written: one format, or several that are tried in their order. One that is left out is
// ISO 8601.
func (ds *dataset) formats(o object, c *kpi.Column) []word {
	if !ds.fits(o, "format", c.Type, kpi.TypeDate, kpi.TypeTimestamp) {
		ds.pivot(o, c, nil)
		return nil
	}
	var list []word
	switch n := o.get("format", optional); {
	case n == nil:
	case n.kind == sequence:
		if list = o.words("format", optional); len(n.items) == 0 {
			o.empty("format", n)
		}
	default:
		if n, s := o.raw("format", optional); n != nil {
			list = []word{{n, s}}
		}
	}
	for i, w := range list {
		ds.format(w, c.Type)
		if i == 0 {
			c.Format = w.text
		} else {
			c.Formats = append(c.Formats, w.text)
		}
	}
	ds.countsAsOne(list)
	ds.pivot(o, c, list)
	return list
}

// format checks one format.
func (ds *dataset) format(w word, t kpi.ColumnType) {
	switch w.text {
	case kpi.FormatExcel, kpi.FormatExcel1904, kpi.FormatEpoch, kpi.FormatEpochMS:
		return
	}
	if !strings.Contains(w.text, "%") {
		counts := []string{kpi.FormatExcel, kpi.FormatExcel1904, kpi.FormatEpoch, kpi.FormatEpochMS}
		mend := `write the directives of strptime, such as "%m/%d/%Y", or one of ` + strings.Join(counts, ", ")
		if best := nearest(w.text, counts); best != "" {
			mend = "did you mean " + best + "?"
		}
		ds.bad(w.n, mend, "%s is no format of a date", short(w.text))
		return
	}
	for _, m := range checkFormat(w.text, t) {
		ds.add(SeverityError, w.n.at(m.at), m.message, m.mend)
	}
}

// counts reports whether a format reads a bare number.
func counts(w word) bool {
	switch w.text {
	case kpi.FormatExcel, kpi.FormatExcel1904, kpi.FormatEpoch, kpi.FormatEpochMS:
		return true
	}
	return false
}

// zoned reports whether a format says which moment it means, whatever the zone.
func zoned(w word) bool {
	return w.text == kpi.FormatEpoch || w.text == kpi.FormatEpochMS || strings.Contains(strings.ReplaceAll(w.text, "%%", ""), "%z")
}

// countsAsOne reports formats that read the same bare number as different days.
func (ds *dataset) countsAsOne(list []word) {
	first := ""
	for _, w := range list {
		switch {
		case !counts(w):
		case first != "":
			ds.bad(w.n, "keep one of the two", "a number is read as %s, and as %s it would be another day", first, w.text)
			return
		default:
			first = w.text
		}
	}
}

// pivot reads to which hundred years a year of two digits belongs. Nobody guesses that either.
func (ds *dataset) pivot(o object, c *kpi.Column, formats []word) {
	at := slices.IndexFunc(formats, func(w word) bool { return shortYear(w.text) >= 0 })
	n, year := o.integer("pivot", optional, 1600, 2900)
	key := o.key["pivot"]
	switch {
	case key != nil && at < 0:
		ds.bad(key, "leave it out", "pivot is for years of two digits, and no format has %%y")
	case n != nil:
		c.Pivot = int(year)
	case key == nil && at >= 0 && !o.misspelt("pivot"):
		w := formats[at]
		ds.add(SeverityError, w.n.at(shortYear(w.text)), "%y reads years of two digits, and nothing says in which hundred years they lie",
			"write %Y if the source has four digits, or add pivot: 1970 for the years 1970 to 2069")
	}
}

// shortYear returns the offset of the directive for a year of two digits, or -1.
func shortYear(format string) int {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		d := directive(format[i+1:])
		if d == "y" || d == "-y" {
			return i
		}
		i += len(d)
	}
	return -1
}
