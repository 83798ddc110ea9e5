package warehouse

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// A date or timestamp is read by the declared forms alone; nobody guesses which of two numbers is the month. In order: Format and then
// Formats, those that say their offset from UTC (%z) or count seconds after all others. A day that never was (29 February 2026, 0000-00-00, the sixtieth
// of a spreadsheet) is refused, and so are
//
//	24:00       which of two days is meant is the source's to say; nearly all systems write 00:00 of the next day
//	:60         the leap second: no clock here shows it
//	%y          unless Pivot says to which hundred years the two digits belong; what 29 February of 00 becomes depends on that too
//	%V %W %U %j week 53 or day 366 of a year that has none: what was read is written again, and must be what came
//
// In a date column a time that says its offset is the day in the column's zone.

// momentReader reads one form. Its reading has two steps, so that a form that stands first can be read in a layer of its own.
type momentReader struct {
	*reader
	format string
}

// zoned forms say which instant they mean, whatever the zone.
func (m momentReader) zoned() bool {
	return zonedFormat(m.format) || m.format == kpi.FormatEpoch || m.format == kpi.FormatEpochMS
}

func (m momentReader) short() bool { return m.has("%y", "%-y") }

// has reports whether one of the directives is in the format.
func (m momentReader) has(directives ...string) bool {
	format := strings.ReplaceAll(m.format, "%%", "")
	return slices.ContainsFunc(directives, func(d string) bool { return strings.Contains(format, d) })
}

// loose forms are those in which DuckDB counts on where a year ends.
func (m momentReader) loose() bool {
	return m.has("%V", "%W", "%U", "%j", "%-j")
}

// strptime forms are read by that function.
func (m momentReader) strptime() bool { return !specialFormat(m.format) }

func specialFormat(format string) bool {
	return slices.Contains([]string{kpi.FormatExcel, kpi.FormatExcel1904, kpi.FormatEpoch, kpi.FormatEpochMS}, format)
}

// formats lists the declared formats in order.
func (r *reader) formats() []string {
	list := slices.Clone(r.col.Formats)
	if r.col.Format != "" {
		list = append([]string{r.col.Format}, list...)
	}
	return list
}

// timed columns hold dates or timestamps.
func (r *reader) timed() bool { return r.col.Type == kpi.TypeDate || r.col.Type == kpi.TypeTimestamp }

// moments reports whether the column's times need more than one call of strptime to be read.
func (r *reader) moments() bool {
	if !r.timed() {
		return false
	}
	list := r.formats()
	if len(list) > 1 {
		return true
	}
	for _, f := range list {
		m := momentReader{r, f}
		if m.short() || m.loose() || specialFormat(f) || m.zoned() && r.col.Type == kpi.TypeDate {
			return true
		}
	}
	return false
}

// forms lists the readable forms: by wall clock, or those that say their instant.
func (r *reader) forms(zoned bool) []momentReader {
	var list []momentReader
	for _, f := range r.formats() {
		m := momentReader{r, f}
		if m.zoned() == zoned && !(m.short() && r.col.Pivot == 0) {
			list = append(list, m)
		}
	}
	return list
}

// wall and instants report whether such forms are declared, in a column of moments.
func (r *reader) wall() bool     { return r.moments() && len(r.forms(false)) > 0 }
func (r *reader) instants() bool { return r.moments() && len(r.forms(true)) > 0 }

// The beginnings of the spreadsheets' counts, in microseconds since 1970. Up to its day 59 the count of 1900 is right; behind the day
// that never was it is one too many.
const (
	excelUntil59 = -25568 * microsecondsInDay // 1899-12-31
	excelFrom61  = -25569 * microsecondsInDay // 1899-12-30
	excel1904    = -24107 * microsecondsInDay // 1904-01-01
)

// raw reads the text x: for a spreadsheet's day the time since its day 0, as if that were 1970.
func (m momentReader) raw(x string) string {
	point := "."
	if m.decimal() == "," {
		point = ","
	}
	numeric := func(form, value string) string {
		n := x
		if point == "," {
			n = fmt.Sprintf("replace(%s, ',', '.')", x)
		}
		form = strings.ReplaceAll(form, "P", "["+point+"]")
		return fmt.Sprintf("CASE WHEN regexp_full_match(%s, '%s') THEN make_timestamp(CAST(%s AS BIGINT)) END", x, form, fmt.Sprintf(value, n))
	}
	switch m.format {
	case kpi.FormatExcel, kpi.FormatExcel1904: // to the millisecond, the finest that a spreadsheet tells apart
		return numeric("[0-9]{1,7}(?:P[0-9]*)?", "round(try_cast(%s AS DOUBLE) * 86400000) * 1000")
	case kpi.FormatEpoch:
		return numeric("[-+]?[0-9]{1,12}(?:P[0-9]{0,9})?", "round(try_cast(%s AS DECIMAL(27, 9)) * 1000000)")
	case kpi.FormatEpochMS:
		return numeric("[-+]?[0-9]{1,15}(?:P[0-9]{0,6})?", "round(try_cast(%s AS DECIMAL(27, 6)) * 1000)")
	}
	return fmt.Sprintf("CAST(try_strptime(%s, %s) AS TIMESTAMP)", x, m.statement.text(m.format))
}

// finish makes the time of what raw read of the text x.
func (m momentReader) finish(q, x string) string {
	switch m.format {
	case kpi.FormatExcel:
		return fmt.Sprintf("CASE WHEN epoch_us(%[1]s) < %[2]d THEN NULL WHEN epoch_us(%[1]s) < 60 * %[2]d THEN make_timestamp(epoch_us(%[1]s) + (%[3]d)) WHEN epoch_us(%[1]s) >= 61 * %[2]d THEN make_timestamp(epoch_us(%[1]s) + (%[4]d)) END",
			q, microsecondsInDay, excelUntil59, excelFrom61)
	case kpi.FormatExcel1904:
		return fmt.Sprintf("make_timestamp(epoch_us(%s) + (%d))", q, excel1904)
	}
	if m.loose() {
		// Zeros before a number may be left out, so they are in both.
		same := func(s string) string {
			return fmt.Sprintf(`regexp_replace(lower(%s), '(^|[^0-9])0+([0-9])', '\1\2', 'g')`, s)
		}
		q = fmt.Sprintf("CASE WHEN %s = %s THEN %s END", same(fmt.Sprintf("strftime(%s, %s)", q, m.statement.text(m.format))), same(x), q)
	}
	if m.short() {
		// DuckDB's two digits belong to 1969 to 2068.
		moved := fmt.Sprintf("(%[1]s + to_years(CAST(100 * ((%[2]d - year(%[1]s)) // 100) - 10000 AS INTEGER)))", q, m.col.Pivot+99+10000)
		q = fmt.Sprintf("CASE WHEN day(%s) = day(%s) THEN %s END", moved, q, moved)
	}
	return q
}

// simple forms are done when they are read.
func (m momentReader) simple() bool { return m.strptime() && !m.short() && !m.loose() }

// words is the condition that strptime would take a word of the text for a time.
func words(x string) string { return fmt.Sprintf("regexp_matches(%s, 'epoch|infinity', 'i')", x) }

// firstMoment is layer q of a column with wall-clock forms: its first form, read.
func (r *reader) firstMoment() string { return r.forms(false)[0].raw(r.text()) }

// wallClock is layer p: the wall-clock time, by the first form that fits.
func (r *reader) wallClock() string {
	x, q, forms := r.text(), r.name("q"), r.forms(false)
	var list []string
	for i, m := range forms {
		read := q
		if i > 0 {
			read = m.raw(x)
		}
		if read = m.finish(read, x); i+1 < len(forms) {
			read = inRange(read) // %Y reads 15 as the year 15, and %y may come after it
		}
		list = append(list, read)
	}
	sure := ""
	if forms[0].simple() { // the words are read as the first day of 1900
		sure = fmt.Sprintf(" WHEN %[1]s > TIMESTAMP '1900-01-01' THEN %[1]s", q)
	}
	return fmt.Sprintf("CASE WHEN %s IS NULL THEN NULL%s WHEN %s THEN coalesce(%s) END", x, sure, noWords(forms, x), strings.Join(list, ", "))
}

// noWords is the condition that none of the forms would take a word of the text for a time.
func noWords(forms []momentReader, x string) string {
	if slices.ContainsFunc(forms, momentReader.strptime) {
		return "NOT " + words(x)
	}
	return "true"
}

// instant is layer i: the time in UTC, of whatever year, by the first form that says which it is, of what no wall-clock form fits.
func (r *reader) instant() string {
	x := r.text()
	var list []string
	for _, m := range r.forms(true) {
		list = append(list, m.finish(m.raw(x), x))
	}
	open := x + " IS NOT NULL"
	if r.wall() {
		open += fmt.Sprintf(" AND %s IS NULL", r.name("p"))
	}
	return fmt.Sprintf("CASE WHEN %s THEN CASE WHEN %s THEN coalesce(%s) END END", open, noWords(r.forms(true), x), strings.Join(list, ", "))
}

// moment is layer v of a column of moments.
func (r *reader) moment() string {
	p, i := r.name("p"), r.name("i")
	wall, instant := r.utc, func() string { return inRange(i) }
	if r.col.Type == kpi.TypeDate {
		wall = func() string { return fmt.Sprintf("CAST(%s AS DATE)", inRange(p)) }
		instant = func() string {
			return fmt.Sprintf("CASE WHEN %s THEN CAST(%s AS DATE) END", withinYears(i), scope{statement: r.statement}.localTime(i, r.zone))
		}
	}
	switch {
	case r.wall() && r.instants():
		return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN %s WHEN %s IS NOT NULL THEN %s END", p, wall(), i, instant())
	case r.wall():
		return wall()
	case r.instants():
		return instant()
	}
	return "NULL::" + sqlType(r.col.Type) // years of two digits alone, and no pivot
}

// unreadYear is the condition that the text x, which could not be read, has a form with a year of two digits for which there is no pivot.
func (r *reader) unreadYear(x string) string {
	var list []string
	for _, f := range r.formats() {
		if m := (momentReader{r, f}); m.short() && r.col.Pivot == 0 {
			list = append(list, fmt.Sprintf("try_strptime(%s, %s) IS NOT NULL", x, r.statement.text(f)))
		}
	}
	return strings.Join(list, " OR ")
}

// checkMoments refuses declarations of times that could be read in two ways.
func (r *reader) checkMoments() error {
	if p := r.col.Pivot; p != 0 && (p < firstYear || p > lastYear-99) {
		return kpi.Errorf(kpi.CodeInvalid, "column %s: the pivot %d is not in the years %d to %d", r.col.Name, p, firstYear, lastYear-99)
	}
	for _, f := range r.formats() {
		if m := (momentReader{r, f}); m.short() && m.has("%Y") {
			return kpi.Errorf(kpi.CodeInvalid, "column %s: the format %s has the year twice", r.col.Name, f)
		}
	}
	return nil
}

// momentDetail says in words which forms a column's times have.
func (r *reader) momentDetail() string {
	var list []string
	for _, f := range r.formats() {
		switch f {
		case kpi.FormatExcel:
			f = "excel (a day of a spreadsheet such as 45292, which is 2024-01-01; day 60, 29 February 1900, never was)"
		case kpi.FormatExcel1904:
			f = "excel-1904 (a day of a spreadsheet that counts from 1904, such as 43830, which is 2024-01-01)"
		case kpi.FormatEpoch:
			f = "epoch (seconds since 1970-01-01T00:00:00Z)"
		case kpi.FormatEpochMS:
			f = "epoch-ms (milliseconds since 1970-01-01T00:00:00Z)"
		}
		list = append(list, f)
	}
	return fmt.Sprintf("of the form %s, in the years %d to %d", strings.Join(list, " or "), firstYear, lastYear)
}
