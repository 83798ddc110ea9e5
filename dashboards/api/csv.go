package api

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"

	"citystat/dashboards/i18n"
)

// WriteCSV writes the observations of an indicator's document as CSV after RFC 4180 (UTF-8, CRLF, header): first the total of the
// whole city and its periods, then the total and the periods of each member. The numbers are those of the document, digit by digit.
//
// The columns are indicator, period, dimension, member, member_name, unit, numerator, denominator, value, rows, excluded (the sum),
// one column excluded_<reason> for each reason that occurs, partial, provisional, definition_version, data_version, publication,
// as_of, suppressed. A cell without a value is empty. Where suppressed says small or complementary, the numbers are not shown: there is no
// value then, and the counts of rows are 0 as in the document.
//
// Text that a spreadsheet would take for a formula is written with an apostrophe before it.
func WriteCSV(w io.Writer, d Indicator) error {
	table := csvTable{doc: d, reasons: excludedReasons(d), names: map[[2]string]string{}}
	for _, m := range d.Members {
		table.names[[2]string{m.Dimension, m.Member}] = m.Name[d.source]
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(table.header()); err != nil {
		return fmt.Errorf("write the header of %s.csv: %w", d.ID, err)
	}
	for _, o := range table.rows() {
		record, err := table.record(o)
		if err != nil {
			return fmt.Errorf("%s %s %s: %w", d.ID, o.Period, o.Member, err)
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write %s.csv: %w", d.ID, err)
		}
	}
	out.Flush()
	return out.Error()
}

type csvTable struct {
	doc     Indicator
	reasons []string
	names   map[[2]string]string
}

// The columns of a CSV file, before those of the reasons and after them.
var (
	columnsBefore = []string{"indicator", "period", "dimension", "member", "member_name", "unit", "numerator", "denominator", "value", "rows", "excluded"}
	columnsAfter  = []string{"partial", "provisional", "definition_version", "data_version", "publication", "as_of", "suppressed"}
)

// CSVColumns returns the columns of an indicator's CSV file; excluded_REASON stands for those of the reasons that occur.
func CSVColumns() []string {
	return slices.Concat(columnsBefore, []string{"excluded_REASON"}, columnsAfter)
}

func (t csvTable) header() []string {
	h := slices.Clone(columnsBefore)
	for _, r := range t.reasons {
		h = append(h, i18n.Cell("excluded_"+r))
	}
	return append(h, columnsAfter...)
}

// rows puts each total before the periods that it is the total of.
func (t csvTable) rows() []Observation {
	var list []Observation
	by := map[[2]string][]Observation{}
	for _, o := range t.doc.Observations {
		k := [2]string{o.Dimension, o.Member}
		by[k] = append(by[k], o)
	}
	block := func(total *Observation, dimension, member string) {
		if total != nil {
			list = append(list, *total)
		}
		list = append(list, by[[2]string{dimension, member}]...)
	}
	block(t.doc.Total, "", "")
	for _, m := range t.doc.Members {
		block(m.Total, m.Dimension, m.Member)
	}
	return list
}

func (t csvTable) record(o Observation) ([]string, error) {
	var cells [3]string
	for i, v := range []*float64{o.Numerator, o.Denominator, o.Value} {
		var err error
		if cells[i], err = number(v); err != nil {
			return nil, err
		}
	}
	var excluded int64
	for _, n := range o.Excluded {
		excluded += n
	}
	told := func(n int64, is bool) string { // what is not told is no 0
		if !is {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	r := []string{
		t.doc.ID, o.Period, o.Dimension, o.Member, i18n.Cell(t.names[[2]string{o.Dimension, o.Member}]), t.doc.Unit,
		cells[0], cells[1], cells[2], told(o.Rows, o.Suppressed == ""), told(excluded, o.Excluded != nil && o.Suppressed == ""),
	}
	for _, reason := range t.reasons {
		r = append(r, told(o.Excluded[reason], o.Excluded != nil && o.Suppressed == ""))
	}
	return append(r, strconv.FormatBool(o.Partial), strconv.FormatBool(o.Provisional), strconv.Itoa(o.DefinitionVersion),
		strconv.FormatInt(o.DataVersion, 10), strconv.FormatInt(t.doc.Provenance.Publication, 10), t.doc.Provenance.AsOf.String(), o.Suppressed), nil
}

// excludedReasons are the reasons that occur anywhere in the document, sorted.
func excludedReasons(d Indicator) []string {
	seen := map[string]bool{}
	note := func(o *Observation) {
		if o == nil {
			return
		}
		for r := range o.Excluded {
			seen[r] = true
		}
	}
	note(d.Total)
	for i := range d.Members {
		note(d.Members[i].Total)
	}
	for i := range d.Observations {
		note(&d.Observations[i])
	}
	list := make([]string, 0, len(seen))
	for r := range seen {
		list = append(list, r)
	}
	slices.Sort(list)
	return list
}

// number writes a number as the JSON document does, so that the two agree in every digit. Inf and NaN are no values.
func number(v *float64) (string, error) {
	if v == nil {
		return "", nil
	}
	b, err := json.Marshal(*v)
	if err != nil {
		return "", fmt.Errorf("write a number: %w", err)
	}
	return string(b), nil
}
