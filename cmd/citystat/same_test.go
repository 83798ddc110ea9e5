package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// cell names one number: an indicator's value in a period, for the whole city or for a district.
type cell struct{ indicator, period, dimension, member string }

// TestSameNumber asks the page, the API, the CSV and /metrics for every indicator × period × district, and gets the same number from
// each, to the last bit.
func TestSameNumber(t *testing.T) {
	app := serveSample(t)
	c := card(t, app)
	want := cells(c)
	if len(want) < 1000 {
		t.Fatalf("only %d numbers to compare", len(want))
	}
	metrics := readMetrics(t, app)
	for _, r := range c.Results {
		id := r.Indicator.ID
		sameAs(t, "API", want, id, readAPI(t, app, id), true)
		sameAs(t, "CSV", want, id, readCSV(t, app, id), true)
		sameAs(t, "/metrics", want, id, metrics, false)
		sameAs(t, "page", want, id, readPages(t, app, &r), false)
	}
}

// cells are the numbers that were published, as text that reads back to the same bits.
func cells(c *scorecard.Scorecard) map[cell]string {
	m := map[cell]string{}
	add := func(o kpi.Observation) {
		if o.Value != nil {
			m[cell{o.Indicator, o.Period, o.Dimension, o.Member}] = exact(*o.Value)
		}
	}
	for _, r := range c.Results {
		if r.Total != nil {
			add(*r.Total)
		}
		for _, p := range r.Series {
			add(p.Observation)
		}
		for _, member := range r.Members {
			if member.Total != nil {
				add(*member.Total)
			}
			for _, o := range member.Series {
				add(o)
			}
		}
	}
	return m
}

func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// sameAs compares what one place says of an indicator with what was published. A total over all periods need not stand in /metrics.
func sameAs(t *testing.T, place string, want map[cell]string, id string, got map[cell]string, totals bool) {
	t.Helper()
	wrong := 0
	for k, w := range want {
		if k.indicator != id || (k.period == kpi.PeriodTotal && !totals) {
			continue
		}
		if g, ok := got[k]; !ok || g != w {
			if wrong++; wrong < 5 {
				t.Errorf("%s: %v is %q, published is %q", place, k, g, w)
			}
		}
	}
	for k := range got {
		if _, ok := want[k]; k.indicator == id && !ok {
			t.Errorf("%s: %v was never published", place, k)
		}
	}
}

func readAPI(t *testing.T, app *App, id string) map[cell]string {
	t.Helper()
	type row struct {
		Period, Dimension, Member string
		Value                     *json.Number
	}
	var doc struct {
		Observations []row
		Total        *row
		Totals       []row
	}
	d := json.NewDecoder(bytes.NewReader(get(t, app, "/api/v1/indicators/"+id)))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Total != nil {
		doc.Observations = append(doc.Observations, *doc.Total)
	}
	m := map[cell]string{}
	for _, o := range doc.Observations {
		if o.Value != nil {
			m[cell{id, o.Period, o.Dimension, o.Member}] = reread(t, o.Value.String())
		}
	}
	return m
}

func readCSV(t *testing.T, app *App, id string) map[cell]string {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(get(t, app, "/indicators/"+id+".csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range records[0] {
		at[strings.TrimPrefix(name, "\ufeff")] = i
	}
	m := map[cell]string{}
	for _, r := range records[1:] {
		if v := r[at["value"]]; v != "" {
			m[cell{id, r[at["period"]], r[at["dimension"]], r[at["member"]]}] = reread(t, v)
		}
	}
	return m
}

func readMetrics(t *testing.T, app *App) map[cell]string {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(get(t, app, "/metrics")))
	if err != nil {
		t.Fatal(err)
	}
	family := families["citystat_indicator_value"]
	if family == nil {
		t.Fatal("/metrics has no citystat_indicator_value")
	}
	m := map[cell]string{}
	for _, s := range family.Metric {
		l := labels(s)
		m[cell{l["indicator"], l["period"], l["dimension"], l["member"]}] = exact(s.GetGauge().GetValue())
	}
	return m
}

func labels(m *dto.Metric) map[string]string {
	l := map[string]string{}
	for _, p := range m.Label {
		l[p.GetName()] = p.GetValue()
	}
	return l
}

// readPages reads an indicator's page once a period: the whole city's number stands there, and the districts' of the chosen period.
func readPages(t *testing.T, app *App, r *scorecard.Result) map[cell]string {
	t.Helper()
	m := map[cell]string{}
	for _, p := range r.Series {
		path := fmt.Sprintf("/en/indicators/%s?period=%s", r.Indicator.ID, p.Period.ID)
		doc, err := html.Parse(bytes.NewReader(get(t, app, path)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode || n.Data != "data" {
				continue
			}
			a := map[string]string{}
			for _, attr := range n.Attr {
				a[attr.Key] = attr.Val
			}
			if a["data-period"] == "" || a["data-period"] == kpi.PeriodTotal || a["value"] == "" {
				continue
			}
			k := cell{r.Indicator.ID, a["data-period"], a["data-dimension"], a["data-member"]}
			v := reread(t, a["value"])
			if old, ok := m[k]; ok && old != v {
				t.Errorf("%s says %s and %s for %v", path, old, v, k)
			}
			m[k] = v
		}
	}
	return m
}

// reread turns a number as it was printed into the text that its bits give.
func reread(t *testing.T, s string) string {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return exact(v)
}
