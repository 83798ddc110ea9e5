package warehouse

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"citystat/kpi"
)

// whiteSpace is what is trimmed from the ends of a field: Unicode's white space, and the marks that nobody can see.
const whiteSpace = " \t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"

// reader writes the SQL that types the text of one column. The statement that stages a load is made in layers, each a sub-query of
// the next, and a column has in them the names
//
//	t3  its text as it came, null if blank
//	k3  the text without white space at its ends, null if blank (columns of text, and with a list of values)
//	s3  the text after the list of values
//	p3  its typed value, wall-clock times not yet brought to UTC
//	v3  its typed value
//
// where 3 is the place of the column in the folder.
type reader struct {
	*statement
	col  *kpi.Column
	n    int
	zone *time.Location
	must bool // a blank is refused
}

func (r *reader) name(layer string) string { return fmt.Sprintf("%s%d", layer, r.n) }

func (r *reader) listed() bool { return len(r.col.Values) > 0 }

// textual columns are trimmed in every row; the others only where they cannot be read as they are.
func (r *reader) textual() bool {
	return r.listed() || r.col.Type == kpi.TypeText || r.col.Type == kpi.TypeDistrict
}

// naive reports whether the column holds wall-clock times, at least in some rows.
func (r *reader) naive() bool {
	return r.col.Type == kpi.TypeTimestamp && !zonedFormat(r.col.Format)
}

// iso reports whether the column holds timestamps as ISO 8601 writes them: some may say their offset.
func (r *reader) iso() bool { return r.col.Type == kpi.TypeTimestamp && r.col.Format == "" }

func zonedFormat(format string) bool {
	return strings.Contains(format, "%z") || strings.Contains(format, "%Z")
}

// trim is the SQL for the text x without white space at its ends. A text that begins and ends with visible ASCII is left alone at the
// price of two comparisons.
func (s *statement) trim(x string) string {
	return fmt.Sprintf("CASE WHEN %[1]s[1] BETWEEN '!' AND '~' AND %[1]s[-1] BETWEEN '!' AND '~' THEN %[1]s ELSE trim(%[1]s, %[2]s) END", x, s.text(whiteSpace))
}

// trimmed is layer k.
func (r *reader) trimmed() string { return "nullif(" + r.trim(r.name("t")) + ", '')" }

// valuesTable is the derived table of the column's list of values.
func (r *reader) valuesTable() string {
	theirs := make([]string, 0, len(r.col.Values))
	for v := range r.col.Values {
		theirs = append(theirs, v)
	}
	sort.Strings(theirs)
	ours := make([]string, len(theirs))
	for i, v := range theirs {
		ours[i] = r.col.Values[v]
	}
	return fmt.Sprintf("(SELECT unnest(%s) AS theirs, unnest(%s) AS ours)", r.bind(theirs, "VARCHAR[]"), r.bind(ours, "VARCHAR[]"))
}

// text is the text to be typed: layer s.
func (r *reader) text() string {
	switch {
	case r.listed():
		return r.name("s")
	case r.textual():
		return r.name("k")
	}
	return r.name("t")
}

// parsed is layer p. A text that cannot be read as it is, is read once more without white space at its ends.
func (r *reader) parsed() string {
	x := r.text()
	if r.col.Type == kpi.TypeText || r.col.Type == kpi.TypeDistrict {
		return x
	}
	direct := r.parse(x)
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN %[2]s IS NOT NULL THEN %[2]s ELSE %[3]s END", x, direct, r.parse("("+r.trim(x)+")"))
}

// parse is the SQL that types the text x, null if it cannot be.
func (r *reader) parse(x string) string {
	switch r.col.Type {
	case kpi.TypeInteger:
		return fmt.Sprintf("CASE WHEN CAST(try_cast(%[1]s AS BIGINT) AS VARCHAR) = %[1]s OR regexp_full_match(%[1]s, '[+-]?[0-9]+(\\.0*)?') THEN try_cast(%[1]s AS BIGINT) END", x)
	case kpi.TypeNumber:
		return r.parseNumber(x)
	case kpi.TypeBoolean:
		return fmt.Sprintf("try_cast(%s AS BOOLEAN)", x)
	case kpi.TypeDate:
		return fmt.Sprintf("CAST(%s AS DATE)", r.parseTime(x, "%Y-%m-%d"))
	case kpi.TypeTimestamp:
		return r.parseTime(x, isoNaive...)
	}
	return x
}

// parseNumber refuses what DuckDB reads and no table means: underscores, infinity, NaN; and with a decimal comma the point, which would
// be a separator of thousands.
func (r *reader) parseNumber(x string) string {
	refused, number := "'_'", x
	if r.col.Decimal == "," {
		refused, number = "'.'", fmt.Sprintf("replace(%s, ',', '.')", x)
	}
	d := fmt.Sprintf("try_cast(%s AS DOUBLE)", number)
	return fmt.Sprintf("CASE WHEN NOT contains(%s, %s) AND NOT contains(%s, '_') AND isfinite(%s) THEN %s END", x, refused, x, d, d)
}

// isoNaive and isoZoned are the forms of ISO 8601 that are read where the folder names no format.
var (
	isoNaive = []string{"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}
	isoZoned = []string{"%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S.%f%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M%z"}
)

// parseTime reads x by the column's format, or by the forms given if it has none. strptime takes the words epoch and infinity for
// 1900-01-01, so that instant is believed only if the text is neither.
func (r *reader) parseTime(x string, forms ...string) string {
	format := r.text2format(forms)
	t := fmt.Sprintf("CAST(try_strptime(%s, %s) AS TIMESTAMP)", x, format)
	return fmt.Sprintf("CASE WHEN %[1]s = TIMESTAMP '1900-01-01' AND regexp_matches(%[2]s, 'epoch|infinity', 'i') THEN NULL ELSE %[1]s END", t, x)
}

func (r *reader) text2format(forms []string) string {
	if r.col.Format != "" {
		return r.statement.text(r.col.Format)
	}
	return r.bind(forms, "VARCHAR[]")
}

// parseZoned reads the ISO timestamps that say their offset, in UTC.
func (r *reader) parseZoned(x string) string {
	x = fmt.Sprintf("regexp_replace(%s, '[zZ]$', '+00:00')", x)
	return fmt.Sprintf("CAST(try_strptime(%s, %s) AS TIMESTAMP)", x, r.bind(isoZoned, "VARCHAR[]"))
}

// value is layer v.
func (r *reader) value() string {
	p := r.name("p")
	switch {
	case r.iso():
		return fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL THEN %[2]s WHEN %[3]s IS NOT NULL THEN %[4]s END", p, r.utc(), r.text(), inRange(r.parseZoned("("+r.trim(r.text())+")")))
	case r.naive():
		return r.utc()
	case r.col.Type == kpi.TypeTimestamp:
		return inRange(p)
	case r.col.Type == kpi.TypeDate:
		return fmt.Sprintf("CASE WHEN %[1]s >= DATE '%[2]d-01-01' AND %[1]s <= DATE '%[3]d-12-31' THEN %[1]s END", p, firstYear, lastYear)
	}
	return p
}

// utc is the wall-clock time in UTC: null in the hour that clocks skip, and outside the years that are read, for neither has a piece.
func (r *reader) utc() string {
	return fmt.Sprintf("make_timestamp(epoch_us(%s) - %s)", r.name("p"), r.name("z"))
}

func inRange(x string) string {
	return fmt.Sprintf("CASE WHEN %[1]s >= TIMESTAMP '%[2]d-01-01' AND %[1]s < make_timestamp(%[3]d) THEN %[1]s END", x, firstYear, time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
}

// sqlType is the type in which a column's values are kept.
func sqlType(t kpi.ColumnType) string {
	switch t {
	case kpi.TypeInteger:
		return "BIGINT"
	case kpi.TypeNumber:
		return "DOUBLE"
	case kpi.TypeBoolean:
		return "BOOLEAN"
	case kpi.TypeDate:
		return "DATE"
	case kpi.TypeTimestamp:
		return "TIMESTAMP"
	}
	return "VARCHAR"
}
