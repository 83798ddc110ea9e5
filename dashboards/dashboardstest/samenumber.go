// Package dashboardstest asks a running CityStat for its numbers in every way in which it gives them, and compares. It is for tests.
package dashboardstest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/dashboards/metrics"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// spot is where a number stands: an indicator's value in a period (or in all), for the whole city or for a member.
type spot struct{ indicator, period, dimension, member string }

// Get asks for an address of the program and returns the body of its answer; it fails the test if the address does not answer.
type Get func(t testing.TB, path string) []byte

// SameNumber asks the page, the API, the file and /metrics for every indicator × period × member of a published scorecard, and wants the
// published number from each, to the last bit, and no number that was not published. It returns how many numbers were published.
func SameNumber(t testing.TB, get Get, card *scorecard.Scorecard) int {
	t.Helper()
	all := numbers(card)
	compare(t, "/metrics", inWindow(card, all), fromMetrics(t, get))
	api, file, page, unperioded := map[spot]float64{}, map[spot]float64{}, map[spot]float64{}, map[spot]float64{}
	for i := range card.Results {
		fromAPI(t, get, card.Results[i].Indicator.ID, api)
		fromFile(t, get, card.Results[i].Indicator.ID, file)
		fromPages(t, get, card, &card.Results[i], page)
	}
	for k, v := range all {
		if k.period != kpi.PeriodTotal || k.dimension != "" {
			unperioded[k] = v // the page's sum over all periods is among its other numbers: see the test of the totals
		}
	}
	compare(t, "API", all, api)
	compare(t, "CSV", all, file)
	compare(t, "page", unperioded, page)
	return len(all)
}

// numbers are the values that were published.
func numbers(card *scorecard.Scorecard) map[spot]float64 {
	m := map[spot]float64{}
	add := func(o *kpi.Observation) {
		if o != nil && o.Value != nil {
			m[spot{o.Indicator, o.Period, o.Dimension, o.Member}] = *o.Value
		}
	}
	for i := range card.Results {
		r := &card.Results[i]
		add(r.Total)
		for j := range r.Series {
			add(&r.Series[j].Observation)
		}
		for j := range r.Members {
			add(r.Members[j].Total)
			for k := range r.Members[j].Series {
				add(&r.Members[j].Series[k])
			}
		}
	}
	return m
}

// inWindow are the numbers that /metrics should have: those of the newest periods and the totals.
func inWindow(card *scorecard.Scorecard, all map[spot]float64) map[spot]float64 {
	m := map[spot]float64{}
	for i := range card.Results {
		r := &card.Results[i]
		recent := map[string]bool{kpi.PeriodTotal: true}
		for _, p := range r.Series[max(0, len(r.Series)-metrics.Window):] {
			recent[p.Period.ID] = true
		}
		for k, v := range all {
			if k.indicator == r.Indicator.ID && recent[k.period] {
				m[k] = v
			}
		}
	}
	return m
}

func compare(t testing.TB, place string, want, got map[spot]float64) {
	t.Helper()
	wrong := 0
	report := func(format string, args ...any) {
		if wrong++; wrong <= 5 {
			t.Errorf(format, args...)
		}
	}
	for k, w := range want {
		if g, ok := got[k]; !ok || (math.Float64bits(g) != math.Float64bits(w) && g != w) { // −0 is 0
			report("%s: %v is %v (%v), published is %v", place, k, g, ok, w)
		}
	}
	for k, g := range got {
		if _, ok := want[k]; !ok {
			report("%s: %v is %v, and was never published", place, k, g)
		}
	}
	t.Logf("%s: %d numbers compared, %d wrong", place, len(want), wrong)
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func fromAPI(t testing.TB, get Get, id string, into map[spot]float64) {
	t.Helper()
	type observation struct {
		Period, Dimension, Member string
		Value                     *json.Number
	}
	var doc struct {
		Observations []observation
		Total        *observation
		Members      []struct{ Total *observation }
	}
	if err := json.Unmarshal(get(t, "/api/v1/indicators/"+id), &doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range doc.Members {
		if m.Total != nil {
			doc.Observations = append(doc.Observations, *m.Total)
		}
	}
	if doc.Total != nil {
		doc.Observations = append(doc.Observations, *doc.Total)
	}
	for _, o := range doc.Observations {
		if o.Value != nil {
			into[spot{id, o.Period, o.Dimension, o.Member}] = number(t, o.Value.String())
		}
	}
}

func fromFile(t testing.TB, get Get, id string, into map[spot]float64) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(get(t, "/indicators/"+id+".csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range records[0] {
		at[name] = i
	}
	for _, r := range records[1:] {
		if v := r[at["value"]]; v != "" {
			into[spot{r[at["indicator"]], r[at["period"]], r[at["dimension"]], r[at["member"]]}] = number(t, v)
		}
	}
}

func fromMetrics(t testing.TB, get Get) map[spot]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(get(t, "/metrics")))
	if err != nil {
		t.Fatal(err)
	}
	m := map[spot]float64{}
	for _, series := range families["citystat_indicator_value"].GetMetric() {
		l := map[string]string{}
		for _, p := range series.GetLabel() {
			l[p.GetName()] = p.GetValue()
		}
		m[spot{l["indicator"], l["period"], l["dimension"], l["member"]}] = series.GetGauge().GetValue()
	}
	return m
}

// fromPages reads an indicator's pages as a reader does: the row of a period in the table of the figure over time, and for each period
// that can be chosen, the row of a district in the table of the figure by district.
func fromPages(t testing.TB, get Get, card *scorecard.Scorecard, r *scorecard.Result, into map[spot]float64) {
	t.Helper()
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	p := bundle.Printer(kpi.English, card.City.Formats[kpi.English])
	id := r.Indicator.ID
	periods := map[string]string{}
	for _, point := range r.Series {
		periods[p.Period(point.Period)] = point.Period.ID
	}
	names := map[string][]string{}
	for _, m := range r.Members {
		name := plainText(p.Member(m.Dimension, m.Member, card.City))
		names[name] = append(names[name], m.Member)
	}
	page := Parse(t, get(t, "/en/indicators/"+id))
	valueColumn := plainText(p.T("table.value"))
	for _, row := range tableOf(page, "over-time") {
		period, ok := periods[row.name]
		if !ok {
			t.Errorf("%s: the table over time has a row %q, which is no period", id, row.name)
		}
		if v := row.values[valueColumn]; v != "" {
			into[spot{id, period, "", ""}] = number(t, v)
		}
	}
	for _, period := range choices(page) {
		page := Parse(t, get(t, "/en/indicators/"+id+"?period="+period))
		turn := map[string]int{} // districts may share a name: they come in the order of the city
		for _, row := range tableOf(page, "district-bars") {
			list := names[row.name]
			if len(list) == 0 {
				if v := row.values[valueColumn]; v != "" {
					t.Errorf("%s %s: the table by district has a row %q with %s, which is no district", id, period, row.name, v)
				}
				continue
			}
			member := list[min(turn[row.name], len(list)-1)]
			turn[row.name]++
			if v := row.values[valueColumn]; v != "" {
				into[spot{id, period, kpi.DimensionDistrict, member}] = number(t, v)
			}
		}
	}
}

// line is a row of a table: what names it, and the machine's numbers by the heading of their column.
type line struct {
	name   string
	values map[string]string
}

// Parse reads a page.
func Parse(t testing.TB, b []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// tableOf reads the table in the figure with the id.
func tableOf(doc *html.Node, id string) []line {
	figure := find(doc, func(n *html.Node) bool { return n.Data == "figure" && Attribute(n, "id") == id })
	if figure == nil {
		return nil
	}
	var heads []string
	var list []line
	for n := range figure.Descendants() {
		if n.Type != html.ElementNode || n.Data != "tr" {
			continue
		}
		l, column := line{values: map[string]string{}}, 0
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type != html.ElementNode:
				continue
			case n.Parent.Data == "thead":
				heads = append(heads, textOf(c))
			case c.Data == "th":
				l.name = textOf(c)
			default:
				if data := find(c, func(n *html.Node) bool { return n.Data == "data" }); data != nil {
					l.values[heads[column]] = Attribute(data, "value")
				}
			}
			column++
		}
		if n.Parent.Data == "tbody" {
			list = append(list, l)
		}
	}
	return list
}

// choices are the periods that a reader can choose for the districts.
func choices(doc *html.Node) []string {
	choose := find(doc, func(n *html.Node) bool { return n.Data == "select" && Attribute(n, "name") == "period" })
	if choose == nil {
		return nil
	}
	var list []string
	for n := range choose.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" {
			list = append(list, Attribute(n, "value"))
		}
	}
	return list
}

func find(root *html.Node, wanted func(*html.Node) bool) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && wanted(n) {
			return n
		}
	}
	return nil
}

// Attribute returns an attribute of an element, "" if it has none.
func Attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return plainText(b.String())
}

// plainText makes white space one space, as a browser shows it.
func plainText(s string) string { return strings.Join(strings.Fields(s), " ") }
