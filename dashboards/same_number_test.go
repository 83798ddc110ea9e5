package dashboards

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"net/http"
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
	"citystat/kpi/scorecard/scorecardtest"
)

// spot is where a number stands: an indicator's value in a period (or in all), for the whole city or for a member.
type spot struct{ indicator, period, dimension, member string }

// TestSameNumber asks the page, the API, the file and /metrics for every indicator × period × member, and gets the published number
// from each, to the last bit, and no number that was not published.
func TestSameNumber(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "one": scorecardtest.One(), "empty": scorecardtest.Empty(), "hostile": fewDistricts(scorecardtest.Hostile())} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, Options{Published: published(card)})
			all := numbers(card)
			if name == "normal" && len(all) < 1000 {
				t.Fatalf("only %d numbers to compare", len(all))
			}
			compare(t, "/metrics", inWindow(card, all), fromMetrics(t, s))
			api, file, page, unperioded := map[spot]float64{}, map[spot]float64{}, map[spot]float64{}, map[spot]float64{}
			for i := range card.Results {
				fromAPI(t, s, card.Results[i].Indicator.ID, api)
				fromFile(t, s, card.Results[i].Indicator.ID, file)
				fromPages(t, s, card, &card.Results[i], page)
			}
			for k, v := range all {
				if k.period != kpi.PeriodTotal || k.dimension != "" {
					unperioded[k] = v // the page's sum over all periods is among its other numbers, see TestPagesShowTheTotal
				}
			}
			compare(t, "API", all, api)
			compare(t, "CSV", all, file)
			compare(t, "page", unperioded, page)
		})
	}
}

// fewDistricts keeps the comparison of pages short.
func fewDistricts(card *scorecard.Scorecard) *scorecard.Scorecard {
	for i := range card.Results {
		r := &card.Results[i]
		r.Members = r.Members[:min(len(r.Members), 12)]
		for j := range r.Members {
			r.Members[j].Series = r.Members[j].Series[:min(len(r.Members[j].Series), 4)]
		}
	}
	return card
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

func compare(t *testing.T, place string, want, got map[spot]float64) {
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

// body asks for an address that must be there.
func body(t *testing.T, s *Server, path string) []byte {
	t.Helper()
	w := ask(s, http.MethodGet, path)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func fromAPI(t *testing.T, s *Server, id string, into map[spot]float64) {
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
	if err := json.Unmarshal(body(t, s, "/api/v1/indicators/"+id), &doc); err != nil {
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

func fromFile(t *testing.T, s *Server, id string, into map[spot]float64) {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(body(t, s, "/indicators/"+id+".csv"))).ReadAll()
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

func fromMetrics(t *testing.T, s *Server) map[spot]float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body(t, s, "/metrics")))
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
func fromPages(t *testing.T, s *Server, card *scorecard.Scorecard, r *scorecard.Result, into map[spot]float64) {
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
	page := parse(t, body(t, s, "/en/indicators/"+id))
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
		page := parse(t, body(t, s, "/en/indicators/"+id+"?period="+period))
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

func parse(t *testing.T, b []byte) *html.Node {
	t.Helper()
	doc, err := html.Parse(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// tableOf reads the table in the figure with the id.
func tableOf(doc *html.Node, id string) []line {
	figure := find(doc, func(n *html.Node) bool { return n.Data == "figure" && attribute(n, "id") == id })
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
					l.values[heads[column]] = attribute(data, "value")
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
	choose := find(doc, func(n *html.Node) bool { return n.Data == "select" && attribute(n, "name") == "period" })
	if choose == nil {
		return nil
	}
	var list []string
	for n := range choose.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" {
			list = append(list, attribute(n, "value"))
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

func attribute(n *html.Node, key string) string {
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

// TestPagesShowTheTotal makes sure that the sum over all periods stands on each indicator's page, with its rows.
func TestPagesShowTheTotal(t *testing.T) {
	card := scorecardtest.Normal()
	s := newServer(t, Options{Published: published(card)})
	for _, r := range card.Results {
		doc := parse(t, body(t, s, "/en/indicators/"+r.Indicator.ID))
		seen := map[string]bool{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "data" {
				seen[attribute(n, "value")] = true
			}
		}
		if v := r.Total.Value; v != nil && !seen[strconv.FormatFloat(*v, 'f', -1, 64)] {
			t.Errorf("%s: the total %v is not on the page", r.Indicator.ID, *v)
		}
		for what, n := range map[string]int64{"counted": r.Total.Rows, "left out": r.Total.ExcludedRows()} {
			if n > 0 && !seen[strconv.FormatInt(n, 10)] {
				t.Errorf("%s: the %d rows %s are not on the page", r.Indicator.ID, n, what)
			}
		}
	}
}
