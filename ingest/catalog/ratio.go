package catalog

import (
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// readRatio reads what is summed and what it is divided by.
func (ds *dataset) readRatio(m object, out *kpi.Measure) {
	o, ok := ds.object(m.get("ratio", required), ratioShape)
	if !ok {
		return
	}
	_, out.Of = ds.sum(o, "of")
	per, text := ds.sum(o, "per")
	out.Per = text
	if per != nil && strings.Join(strings.Fields(out.Of), " ") == strings.Join(strings.Fields(out.Per), " ") {
		ds.bad(per, "write what it is divided by", "of and per are the same, so that the ratio never changes")
	}
	if o.value["times"] == nil {
		return
	}
	out.Times = 100 // of one that is reported nothing more is said
	if n, v := o.number("times", optional); n != nil {
		if v <= 0 || v > 1e9 {
			ds.bad(n, "write 100 for percent, or 1000 for so many of a thousand", "times is above 0 and up to 1000000000, and this is %s", n.text)
			return
		}
		out.Times = v
	}
}

// sum reads an expression that is summed over the rows.
func (ds *dataset) sum(o object, key string) (*node, string) {
	n, text := o.raw(key, required)
	if n == nil {
		return nil, ""
	}
	ds.expression(n, "ratio."+key, expr.Number)
	return n, strings.TrimSpace(text)
}

// readRate reads for how many residents rows are counted.
func (ds *dataset) readRate(m object, out *kpi.Measure) {
	o, ok := ds.object(m.get("rate", required), rateShape)
	if !ok {
		return
	}
	if n, v := o.integer("per", required, 1, 1_000_000); n != nil {
		out.Times = float64(v)
	}
	ds.needResidents(m.key["rate"])
}

// needResidents reports that a rate cannot be computed because nobody counted the residents.
func (ds *dataset) needResidents(n *node) {
	if ds.table("population").open {
		return
	}
	p := ds.city.Population
	if p == nil {
		ds.bad(n, "add population: {value: 667137, as_of: 2015-07-01} to city.yaml", "a rate is divided by the number of residents, and city.yaml does not say how many there are")
		return
	}
	i := slices.IndexFunc(ds.d.Dimensions, ds.ofDistricts)
	if i >= 0 && p.ByDistrict == nil {
		ds.bad(n, fmt.Sprintf("add by_district: data/population.csv to population in city.yaml, or take %s out of the dimensions", ds.d.Dimensions[i]),
			"the rate is broken down by %q, and city.yaml does not say how many residents each district has", ds.d.Dimensions[i])
	}
}

// ofDistricts reports whether a column holds districts.
func (ds *dataset) ofDistricts(name string) bool {
	return slices.ContainsFunc(ds.d.Columns, func(c kpi.Column) bool { return c.Name == name && c.Type == kpi.TypeDistrict })
}

// readDuration reads the columns in which a case begins and ends.
func (ds *dataset) readDuration(m object, out *kpi.Measure) {
	o, ok := ds.object(m.get("duration", required), durationShape)
	if !ok {
		return
	}
	from, to := ds.moment(o, "from"), ds.moment(o, "to")
	if from != nil {
		out.From = from.text
	}
	if to != nil {
		out.To = to.text
	}
	switch {
	case from == nil || to == nil:
	case from.text == to.text:
		out.To = "" // nothing more is said about it
		ds.bad(to, "name the column in which it ends", "the duration begins and ends in the same column, %q", to.text)
	case ds.columns[from.text] != ds.columns[to.text]:
		ds.bad(to, "name two dates or two timestamps", "the duration begins with %s, %q, and ends with %s, %q",
			article(ds.columns[from.text]), from.text, article(ds.columns[to.text]), to.text)
	}
	out.P = 0.5
	if n, p := o.number("p", optional); n != nil {
		if p <= 0 || p >= 1 {
			ds.bad(n, "write 0.5 for the time within which half of the cases end", "p lies between 0 and 1, and this is %s", n.text)
			return
		}
		out.P = p
	}
}

// moment reads the name of a column of days or moments; nil if there is none.
func (ds *dataset) moment(o object, key string) *node {
	n, name := o.raw(key, required)
	if n == nil || !ds.known(n, name) {
		return nil
	}
	if t := ds.columns[name]; t != expr.Date && t != expr.Timestamp {
		ds.bad(n, "name a date or timestamp; the dataset has "+ds.dates(), "the column %q is %s, and no duration begins or ends with it", name, article(t))
		return nil
	}
	return n
}

// dates lists the columns that are dates or timestamps.
func (ds *dataset) dates() string {
	var list []string
	for _, c := range ds.d.Columns {
		if t := ds.columns[c.Name]; t == expr.Date || t == expr.Timestamp {
			list = append(list, c.Name)
		}
	}
	return either(len(list) == 0, "none", strings.Join(list, ", "))
}

// checkOpenCases reports a duration that leaves open cases out by what stands beside it: they are what it is for.
func (ds *dataset) checkOpenCases(m object, out *kpi.Measure) {
	if out.Kind != kpi.MeasureDuration || out.To == "" {
		return
	}
	if out.Date == out.To {
		ds.bad(m.value["date"], fmt.Sprintf("write date: %s, %s", out.From, closedAlone(out)), "a case that is open has no %q and would be in no period, and a duration counts open cases", out.To)
	}
	if asks(out.Where, "and", out.To, true) {
		ds.bad(m.value["where"], "leave that out, "+closedAlone(out), "where leaves the open cases out, and a duration counts them")
	}
}

// checkExcluded does it for one exclusion.
func (ds *dataset) checkExcluded(e object, when string, out *kpi.Measure) {
	if out.Kind == kpi.MeasureDuration && out.To != "" && asks(when, "or", out.To, false) {
		ds.bad(e.value["when"], "leave that out, "+closedAlone(out), "the open cases are excluded, and a duration counts them")
	}
}

// closedAlone offers the measure that leaves open cases out.
func closedAlone(m *kpi.Measure) string {
	return fmt.Sprintf(`or measure closed cases alone with median: {of: "days_between(%s, %s)"}`, m.From, m.To)
}

// asks reports whether an expression is that a column is null, or not null, or joins that to others with the operator.
func asks(text, op, column string, notNull bool) bool {
	tree, err := expr.Parse(text)
	if err != nil {
		return false // reported, or not there
	}
	var is func(expr.Node) bool
	is = func(n expr.Node) bool {
		switch n := n.(type) {
		case *expr.IsNull:
			c, ok := n.X.(*expr.Column)
			return ok && c.Name == column && n.Negated == notNull
		case *expr.Binary:
			return n.Op == op && (is(n.L) || is(n.R))
		}
		return false
	}
	return is(tree)
}
