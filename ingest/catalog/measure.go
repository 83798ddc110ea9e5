package catalog

import (
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// readMeasure reads how rows become a value.
func (ds *dataset) readMeasure(o object, i *kpi.Indicator) {
	m, ok := ds.object(o.get("measure", required), measureShape)
	if !ok {
		return
	}
	ds.readMeasureKind(m, &i.Measure)
	i.Measure.Where = ds.condition(m, "where", optional)
	for _, n := range m.list("exclude", optional) {
		e, ok := ds.object(n, excludeShape)
		if !ok {
			continue
		}
		x := kpi.Exclusion{When: ds.condition(e, "when", required), Because: ds.because(e)}
		ds.checkExcluded(e, x.When, &i.Measure)
		i.Measure.Exclude = append(i.Measure.Exclude, x)
	}
	ds.readDate(m, &i.Measure)
	ds.checkOpenCases(m, &i.Measure)
}

// readMeasureKind reads the one key that says what is computed.
func (ds *dataset) readMeasureKind(m object, out *kpi.Measure) {
	var kinds []kpi.MeasureKind
	for _, k := range kpi.MeasureKinds {
		if m.key[string(k)] != nil {
			kinds = append(kinds, k)
		}
	}
	switch {
	case len(kinds) > 1:
		ds.bad(m.key[string(kinds[1])], "keep one, or write two indicators", "a measure is one of %s, and this one is a %s and a %s", strings.Join(words(kpi.MeasureKinds), ", "), kinds[0], kinds[1])
		return
	case len(kinds) == 0:
		if !slices.ContainsFunc(kpi.MeasureKinds, func(k kpi.MeasureKind) bool { return m.misspelt(string(k)) }) {
			ds.bad(m.n, "add one of them, such as "+measureShape.line("share"), "the measure does not say what is computed: %s", strings.Join(words(kpi.MeasureKinds), ", "))
		}
		return
	}
	out.Kind = kinds[0]
	ds.readOf(m, out)
}

// readOf reads the expression of a measure and what else goes with its kind.
func (ds *dataset) readOf(m object, out *kpi.Measure) {
	s, want := ofShape, expr.Number
	switch out.Kind {
	case kpi.MeasureCount:
		ds.object(m.get("count", required), countShape)
		return
	case kpi.MeasureShare:
		s, want = shareShape, expr.Boolean
	case kpi.MeasurePercentile:
		s = percentileShape
	case kpi.MeasureLast:
		s = lastShape
	case kpi.MeasureRatio:
		ds.readRatio(m, out)
		return
	case kpi.MeasureRate:
		ds.readRate(m, out)
		return
	case kpi.MeasureDuration:
		ds.readDuration(m, out)
		return
	}
	o, ok := ds.object(m.get(string(out.Kind), required), s)
	if !ok {
		return
	}
	if n, text := o.raw("of", required); n != nil {
		ds.expression(n, string(out.Kind)+".of", want)
		out.Of = strings.TrimSpace(text)
	}
	if out.Kind != kpi.MeasurePercentile {
		return
	}
	if n, p := o.number("p", required); n != nil {
		if p <= 0 || p >= 1 {
			ds.bad(n, "write 0.9 for the value below which nine rows of ten lie", "p lies between 0 and 1, and this is %s", n.text)
			return
		}
		out.P = p
	}
}

// condition reads an expression that is true or false for each row.
func (ds *dataset) condition(o object, key string, must need) string {
	n, text := o.raw(key, must)
	if n == nil {
		return ""
	}
	ds.expression(n, key, expr.Boolean)
	return strings.TrimSpace(text)
}

// because reads the reason of an exclusion: a built-in one, or one of the city's.
func (ds *dataset) because(o object) string {
	n := o.get("because", required)
	id, ok := o.plainText("because", n)
	if !ok || slices.Contains(kpi.BuiltInReasons, id) {
		return id
	}
	ds.later = append(ds.later, func() {
		t := ds.table("reason")
		if t.ids[id] != nil || t.open {
			return
		}
		all := append(slices.Clone(t.list), kpi.BuiltInReasons...)
		mend := suggest(id, all, "the reasons are")
		if kpi.ValidID(id) {
			mend += either(strings.HasSuffix(mend, "?"), " Or", "; or") + " add it to reasons in city.yaml"
		}
		ds.bad(n, mend, "there is no reason %s", short(id))
	})
	return id
}

// readDate reads the column that gives the period.
func (ds *dataset) readDate(m object, out *kpi.Measure) {
	n := m.get("date", required)
	name, ok := m.plainText("date", n)
	if !ok || !ds.known(n, name) {
		return
	}
	out.Date = name
	if t := ds.columns[name]; t != expr.Date && t != expr.Timestamp {
		ds.bad(n, "name a date or timestamp; the dataset has "+ds.dates(), "the column %q is %s, and gives no period", name, article(t))
	}
}
