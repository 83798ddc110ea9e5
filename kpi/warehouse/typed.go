package warehouse

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
)

// reader writes the SQL that types the text of one column. The statement that stages a load is made in layers, each a sub-query of
// the next, and a column has in them the names
//
//	t3  its text as it came, null if blank
//	g3  whether it holds a character that has to be taken out, replaced or composed (columns of text, in a delivery beyond ASCII)
//	b3  the text without white space at its ends (columns that list what the source writes for "no value")
//	k3  the text without white space at its ends, null if blank or if it stands for "no value" (columns that are prepared)
//	s3  the text after the list of values
//	r3  the number in the text without marks and signs (columns whose numbers have any)
//	q3  the text as DuckDB reads it
//	p3  its typed value, wall-clock times not yet brought to UTC
//	i3  the instant that the text says, in UTC (columns of moments)
//	z3  what the zone says about a wall-clock time, see zoneTable
//	v3  its typed value
//
// where 3 is the place of the column in the folder.
type reader struct {
	*statement
	col  *kpi.Column
	n    int
	zone *time.Location
	must bool // a blank is refused

	ascii bool // the whole delivery is ASCII: nothing need be looked for beyond it
}

func (r *reader) name(layer string) string { return fmt.Sprintf("%s%d", layer, r.n) }

func (r *reader) listed() bool { return len(r.col.Values) > 0 || r.col.OthersAre != "" }

func (r *reader) marked() bool { return len(r.col.NullIs) > 0 }

// textual columns hold text, at least before the list of values: it is cleaned in every row.
func (r *reader) textual() bool {
	return r.listed() || r.col.Type == kpi.TypeText || r.col.Type == kpi.TypeDistrict
}

// prepared columns are trimmed in every row; the others only where they cannot be read as they are.
func (r *reader) prepared() bool {
	return r.textual() || r.marked() || r.col.Pattern != "" || r.decorated() || r.moments()
}

// naive reports whether the column holds wall-clock times, at least in some rows.
func (r *reader) naive() bool {
	return r.col.Type == kpi.TypeTimestamp && (r.wall() || !r.moments() && !zonedFormat(r.col.Format))
}

// iso reports whether the column holds timestamps as ISO 8601 writes them: some may say their offset.
func (r *reader) iso() bool { return r.col.Type == kpi.TypeTimestamp && len(r.formats()) == 0 }

func zonedFormat(format string) bool {
	return momentReader{format: format}.has("%z", "%Z")
}

// check refuses declarations of the folder that cannot be meant.
func (r *reader) check() error {
	if _, err := regexp.Compile(r.col.Pattern); err != nil {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("column %s: pattern %s", r.col.Name, r.col.Pattern), Err: err}
	}
	return errors.Join(r.checkValues(), r.checkNumber(), r.checkMoments())
}

// checkValues refuses a list in which two values look alike and mean different things.
func (r *reader) checkValues() error {
	f, ours := newFolderText(), map[string]string{}
	for v, our := range r.col.Values {
		c := f.clean(v)
		if other, ok := ours[c]; ok && other != our {
			return kpi.Errorf(kpi.CodeInvalid, "column %s: values lists %q twice, as %s and as %s", r.col.Name, c, min(our, other), max(our, other))
		}
		ours[c] = our
	}
	return nil
}

// stripped is the text without white space at its ends, cleaned in columns of text.
func (r *reader) stripped() string {
	if r.textual() {
		return r.clean()
	}
	return r.trim(r.name("t"))
}

// trimmed is layer k.
func (r *reader) trimmed() string {
	if !r.marked() {
		return "nullif(" + r.stripped() + ", '')"
	}
	b, f := r.name("b"), newFolderText()
	blank := []string{b + " = ''"}
	for _, m := range r.col.NullIs {
		if r.textual() {
			m = f.clean(m)
		}
		blank = append(blank, fmt.Sprintf("%s = %s", b, r.statement.text(strings.Trim(m, whiteSpace))))
	}
	return fmt.Sprintf("CASE WHEN %s THEN NULL ELSE %s END", strings.Join(blank, " OR "), b)
}

// valuesTable is the derived table of the column's list of values.
func (r *reader) valuesTable() string {
	f, list := newFolderText(), make(map[string]string, len(r.col.Values))
	for v, our := range r.col.Values {
		list[f.clean(v)] = our
	}
	theirs := slices.Sorted(maps.Keys(list))
	ours := make([]string, len(theirs))
	for i, v := range theirs {
		ours[i] = list[v]
	}
	return fmt.Sprintf("(SELECT unnest(%s) AS theirs, unnest(%s) AS ours)", r.bind(theirs, "VARCHAR[]"), r.bind(ours, "VARCHAR[]"))
}

// mapped is layer s.
func (r *reader) mapped() string {
	ours := fmt.Sprintf("m%d.ours", r.n)
	if r.col.OthersAre == "" {
		return ours
	}
	return fmt.Sprintf("CASE WHEN %s IS NOT NULL THEN coalesce(%s, %s) END", r.name("k"), ours, r.statement.text(r.col.OthersAre))
}

// text is the text to be typed: layer s.
func (r *reader) text() string {
	switch {
	case r.listed():
		return r.name("s")
	case r.prepared():
		return r.name("k")
	}
	return r.name("t")
}

// direct is layer q: the text as it is, read once. DuckDB does not share a call that stands in several branches of a CASE, so this has a
// layer of its own.
func (r *reader) direct() string {
	switch {
	case r.moments():
		return r.firstMoment()
	case r.decorated():
		return r.read(r.name("r"))
	}
	return r.read(r.text())
}

// readOnce columns have a layer q.
func (r *reader) readOnce() bool { return r.typed() && (!r.moments() || r.wall()) }

// comma reports whether the text that is read has a decimal comma.
func (r *reader) comma() bool { return r.col.Decimal == "," && !r.decorated() }

// typed columns are read; the others are their text.
func (r *reader) typed() bool { return r.col.Type != kpi.TypeText && r.col.Type != kpi.TypeDistrict }

// read is the SQL that reads the text x, in one call, without the doubts that believe has.
func (r *reader) read(x string) string {
	switch r.col.Type {
	case kpi.TypeInteger:
		return fmt.Sprintf("try_cast(%s AS BIGINT)", x)
	case kpi.TypeNumber:
		if r.comma() {
			x = fmt.Sprintf("replace(%s, ',', '.')", x)
		}
		return fmt.Sprintf("try_cast(%s AS DOUBLE)", x)
	case kpi.TypeBoolean:
		return fmt.Sprintf("try_cast(%s AS BOOLEAN)", x)
	case kpi.TypeDate:
		return fmt.Sprintf("CAST(%s AS DATE)", r.readTime(x, []string{"%Y-%m-%d"}))
	}
	return fmt.Sprintf("CAST(%s AS TIMESTAMP)", r.readTime(x, isoNaive))
}

func (r *reader) readTime(x string, forms []string) string {
	if r.col.Format != "" {
		return fmt.Sprintf("try_strptime(%s, %s)", x, r.statement.text(r.col.Format))
	}
	if len(forms) == 1 {
		return fmt.Sprintf("try_strptime(%s, %s)", x, r.statement.text(forms[0]))
	}
	return fmt.Sprintf("try_strptime(%s, %s)", x, r.bind(forms, "VARCHAR[]"))
}

// believe is the condition under which DuckDB's reading q of the text x is what the text means. sure is a cheaper condition that
// is enough for nearly every row.
func (r *reader) believe(q, x string) (sure, condition string) {
	switch r.col.Type {
	case kpi.TypeInteger:
		// DuckDB rounds 1.5, and reads 1e3, 0x1F and 1_000.
		return fmt.Sprintf("CAST(%s AS VARCHAR) = %s", q, x), fmt.Sprintf("regexp_full_match(%s, '[+-]?[0-9]+(\\.0*)?')", x)
	case kpi.TypeNumber:
		// DuckDB reads infinity, NaN (which it takes for the greatest number), 1_000 and +-5. With a decimal comma, a point would separate thousands.
		meant := fmt.Sprintf("NOT contains(%[1]s, '_') AND NOT starts_with(%[1]s, '+-')", x)
		if r.comma() {
			meant += fmt.Sprintf(" AND NOT contains(%s, '.')", x)
		}
		return fmt.Sprintf("%[1]s > -%[2]v AND %[1]s < %[2]v AND %[3]s", q, numberBound, meant), "false"
	case kpi.TypeDate, kpi.TypeTimestamp:
		// strptime takes the words epoch and infinity for 1900-01-01.
		return q + " <> TIMESTAMP '1900-01-01'", fmt.Sprintf("%s IS NOT NULL AND NOT %s", q, words(x))
	}
	return q + " IS NOT NULL", "false"
}

// parsed is layer p. A text that cannot be read as it is, is read once more without white space at its ends.
func (r *reader) parsed() string {
	x, q := r.text(), r.name("q")
	switch {
	case !r.typed():
		return x
	case r.moments() && !r.wall():
		return "NULL::TIMESTAMP"
	case r.moments():
		return r.wallClock()
	case r.decorated():
		x = r.name("r")
		sure, condition := r.believe(q, x)
		return fmt.Sprintf("CASE WHEN %[1]s OR %[2]s THEN %[3]s END", sure, condition, q)
	}
	sure, condition := r.believe(q, x)
	trimmed := fmt.Sprintf("replace(%s, '−', '-')", r.trimAlways(x)) // U+2212, the minus of typesetters
	again := r.read(trimmed)
	sureAgain, conditionAgain := r.believe(again, trimmed)
	return fmt.Sprintf("CASE WHEN %[1]s THEN %[2]s WHEN %[3]s IS NULL THEN NULL WHEN %[4]s THEN %[2]s WHEN %[5]s THEN %[6]s WHEN %[7]s THEN %[6]s END",
		sure, q, x, condition, sureAgain, again, conditionAgain)
}

// isoNaive and isoZoned are the forms of ISO 8601 that are read where the folder names no format.
var (
	isoNaive = []string{"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"}
	isoZoned = []string{"%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S.%f%z", "%Y-%m-%dT%H:%M%z", "%Y-%m-%d %H:%M%z"}
)

// parseZoned reads the ISO timestamps that say their offset, in UTC.
func (r *reader) parseZoned(x string) string {
	return fmt.Sprintf("CASE WHEN NOT %[3]s THEN CAST(try_strptime(regexp_replace(%[1]s, '[zZ]$', '+00:00'), %[2]s) AS TIMESTAMP) END",
		x, r.bind(isoZoned, "VARCHAR[]"), words(x))
}

// value is layer v.
func (r *reader) value() string {
	p := r.name("p")
	switch {
	case r.moments():
		return r.moment()
	case r.iso():
		return fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL THEN %[2]s WHEN %[3]s IS NOT NULL THEN %[4]s END", p, r.utc(), r.text(), inRange(r.parseZoned(r.trimAlways(r.text()))))
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
	return fmt.Sprintf("make_timestamp(epoch_us(%s) - (%s >> 1))", r.name("p"), r.name("z"))
}

// inRange is the timestamp x, null outside the years that are read.
func inRange(x string) string { return fmt.Sprintf("CASE WHEN %s THEN %s END", withinYears(x), x) }

func withinYears(x string) string {
	return fmt.Sprintf("%[1]s >= TIMESTAMP '%[2]d-01-01' AND %[1]s < make_timestamp(%[3]d)", x, firstYear, time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
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
