package metrics_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"citystat/dashboards/metrics"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

var update = flag.Bool("update", false, "write the golden file anew")

func collector(card *scorecard.Scorecard) *metrics.Collector {
	return metrics.NewCollector(metrics.Options{
		Published: func(context.Context) (*scorecard.Scorecard, error) { return card, nil },
		Now:       func() time.Time { return scorecardtest.Now },
	})
}

// read is the text that Prometheus reads.
func read(t *testing.T, reg prometheus.Gatherer) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// scrape is what Prometheus would make of it: series by name and labels.
func scrape(t *testing.T, c prometheus.Collector) (text []byte, series map[string]float64) {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(c)
	text = read(t, reg)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	series = map[string]float64{}
	for name, f := range families {
		for _, m := range f.GetMetric() {
			key := name
			for _, l := range m.GetLabel() {
				key += " " + l.GetName() + "=" + l.GetValue()
			}
			series[key] = m.GetGauge().GetValue()
		}
	}
	return text, series
}

func key(id, period, dimension, member string) string {
	return "citystat_indicator_value dimension=" + dimension + " indicator=" + id + " member=" + member + " period=" + period
}

func TestSeriesAreAsPromised(t *testing.T) {
	got, _ := scrape(t, collector(scorecardtest.One()))
	if *update {
		if err := os.WriteFile("testdata/one.golden.txt", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/one.golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestNamesAndHelpAreInOrder(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(collector(scorecardtest.Normal()))
	h, err := metrics.NewHTTP(reg, []string{"/x"})
	if err != nil {
		t.Fatal(err)
	}
	h.Observe("/x", "GET", 200, time.Millisecond)
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestEveryValueOfTheWindowIsExact(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "hostile": hostileWindow(), "one": scorecardtest.One()} {
		t.Run(name, func(t *testing.T) {
			_, series := scrape(t, collector(card))
			n := 0
			check := func(id, period, dimension, member string, want *float64) {
				n++
				got, ok := series[key(id, period, dimension, member)]
				switch {
				case ok != (want != nil):
					t.Errorf("%s %s %s: there is a series: %v; there is a value: %v", id, period, member, ok, want != nil)
				case ok && got != *want: // exactly: not one bit may differ (the text format writes −0 as 0)
					t.Errorf("%s %s %s: %v, want %v", id, period, member, got, *want)
				}
			}
			for _, r := range card.Results {
				id := r.Indicator.ID
				if r.Total != nil {
					check(id, kpi.PeriodTotal, "", "", r.Total.Value)
				}
				for i, p := range r.Series {
					if i < len(r.Series)-metrics.Window {
						check(id, p.Period.ID, "", "", nil)
						continue
					}
					check(id, p.Period.ID, "", "", p.Observation.Value)
					for _, m := range r.Members {
						if o := r.Observation(p.Period.ID, m.Dimension, m.Member); o != nil {
							check(id, p.Period.ID, m.Dimension, m.Member, o.Value)
						}
					}
				}
			}
			if n == 0 {
				t.Error("nothing was compared")
			}
		})
	}
}

// hostileWindow cuts the hostile scorecard to its first periods, so that its extreme numbers lie within the window.
func hostileWindow() *scorecard.Scorecard {
	card := scorecardtest.Hostile()
	for i := range card.Results {
		r := &card.Results[i]
		r.Series = r.Series[:min(len(r.Series), metrics.Window)]
		if len(r.Members) > 20 {
			r.Members = r.Members[:20]
		}
	}
	return card
}

func TestSeriesAreBounded(t *testing.T) {
	card := scorecardtest.Huge()
	_, series := scrape(t, collector(card))
	if len(series) > metrics.MaxSeries {
		t.Errorf("%d series, more than %d", len(series), metrics.MaxSeries)
	}
	if series["citystat_indicator_series_omitted"] == 0 {
		t.Error("series were left out and nothing says so")
	}
	r := &card.Results[0]
	judged, m := r.Assessment.Period, r.Members[0]
	if _, ok := series[key(r.Indicator.ID, judged, m.Dimension, m.Member)]; !ok {
		t.Error("a district's judged value is missing")
	}
	for _, r := range card.Results {
		if r.Assessment.Value == nil {
			continue
		}
		if _, ok := series[key(r.Indicator.ID, r.Assessment.Period, "", "")]; !ok {
			t.Errorf("%s: the city's judged value is missing", r.Indicator.ID)
		}
	}
	normal, all := scorecardtest.Normal(), 0
	_, series = scrape(t, collector(normal))
	for k := range series {
		if strings.HasPrefix(k, "citystat_indicator_value") {
			all++
		}
	}
	if series["citystat_indicator_series_omitted"] != 0 || all < 1000 {
		t.Errorf("an ordinary city: %d values, %v left out", all, series["citystat_indicator_series_omitted"])
	}
}

func TestOnlyPublicIndicatorsHaveSeries(t *testing.T) {
	card := scorecardtest.Normal()
	card.Results[1].Indicator.Public = false
	text, _ := scrape(t, collector(card))
	if strings.Contains(string(text), card.Results[1].Indicator.ID) {
		t.Error("an indicator that is not public has series")
	}
	if !strings.Contains(string(text), card.Results[0].Indicator.ID) {
		t.Error("the others have none")
	}
}

func TestStatesAndLoads(t *testing.T) {
	card := scorecardtest.Normal()
	_, s := scrape(t, collector(card))
	for k, want := range map[string]float64{
		"citystat_indicator_status indicator=street-lights-on-time status=behind":                          1,
		"citystat_indicator_status indicator=street-lights-on-time status=on_track":                        0,
		"citystat_indicator_target indicator=street-lights-on-time":                                        85,
		"citystat_indicator_target_low indicator=visits-per-request":                                       1.2,
		"citystat_indicator_target_high indicator=visits-per-request":                                      1.8,
		"citystat_load_state dataset=street-safety state=failed":                                           1,
		"citystat_load_state dataset=street-safety state=live":                                             0,
		"citystat_load_state dataset=resident-survey state=none":                                           1,
		"citystat_load_rows dataset=service-requests outcome=accepted":                                     61_151,
		"citystat_rejects dataset=service-requests reason=bad_timestamp":                                   29,
		"citystat_publication_info as_of=2026-03-20 city=harborview data_version=12 publication=7":         1,
		"citystat_indicator_excluded_rows indicator=street-lights-on-time period=total reason=no-due-date": 3,
	} {
		if got, ok := s[k]; !ok || got != want {
			t.Errorf("%s = %v (%v), want %v", k, got, ok, want)
		}
	}
	until := card.Datasets[1].DataUntil
	zone, err := time.LoadLocation(card.City.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s["citystat_data_age_seconds dataset=street-safety"], scorecardtest.Now.Sub(until.EndIn(zone)).Seconds(); got != want || want <= 0 {
		t.Errorf("age of data %v, want %v", got, want)
	}
	if got := s["citystat_data_age_seconds dataset=service-requests"]; got < 0 {
		t.Errorf("data are %v s old", got)
	}
}

// A number that is held back has no series, and neither have its rows; of the answers there is what was published.
func TestWhatIsHeldBackHasNoSeries(t *testing.T) {
	card := scorecardtest.Normal()
	r := card.Result("street-lights-on-time")
	id := r.Indicator.ID
	held := func(o *kpi.Observation) { o.Suppressed = kpi.SuppressedComplementary }
	last := len(r.Series) - 2
	period, m := r.Series[last].Period.ID, &r.Members[0]
	held(&r.Series[last].Observation)
	held(r.Total)
	held(m.Total)
	for j := range m.Series {
		if m.Series[j].Period == period {
			held(&m.Series[j])
		}
	}
	r.Assessment.Period = period
	r.Checks = []scorecard.TrustCheck{{Check: "heaping", State: scorecard.TrustLook}}
	text, s := scrape(t, collector(card))
	for _, k := range []string{
		key(id, period, "", ""), key(id, kpi.PeriodTotal, "", ""), key(id, period, m.Dimension, m.Member), key(id, kpi.PeriodTotal, m.Dimension, m.Member),
		"citystat_indicator_rows indicator=" + id + " period=" + period, "citystat_indicator_rows indicator=" + id + " period=total",
	} {
		if v, ok := s[k]; ok {
			t.Errorf("%s = %v", k, v)
		}
	}
	for k := range s {
		if strings.HasPrefix(k, "citystat_indicator_excluded_rows indicator="+id+" ") {
			t.Errorf("rows left out of what is held back: %s", k)
		}
	}
	if _, ok := s[key(id, r.Series[last-1].Period.ID, "", "")]; !ok {
		t.Error("the period before is held back too")
	}
	if strings.Contains(string(text), "heaping") {
		t.Error("/metrics says what the program found about trust")
	}
}

func TestAnswersHaveSeries(t *testing.T) {
	card := scorecardtest.Normal()
	_, s := scrape(t, collector(card))
	with := 0
	for _, r := range card.Results {
		id, a := r.Indicator.ID, r.Assessment
		for _, kind := range kpi.SignalKinds {
			want := 0.0
			if kind == a.Signal.Kind {
				want = 1
			}
			if got, ok := s["citystat_indicator_signal indicator="+id+" signal="+string(kind)]; !ok || got != want {
				t.Errorf("%s: signal %s is %v (%v), want %v", id, kind, got, ok, want)
			}
		}
		got, ok := s["citystat_indicator_outlook_probability indicator="+id]
		if ok != (a.Outlook != nil) || ok && got != a.Outlook.Probability {
			t.Errorf("%s: chance %v (%v), want %+v", id, got, ok, a.Outlook)
		}
		toDate, ok := s["citystat_indicator_year_to_date indicator="+id]
		if ok != (a.Judged != nil) || ok && toDate != *a.Judged {
			t.Errorf("%s: total %v (%v), want %v", id, toDate, ok, a.Judged)
		}
		if a.Outlook != nil && a.Judged != nil {
			with++
		}
	}
	if with == 0 {
		t.Error("no indicator has both: nothing was compared")
	}
}

func TestStrangeWordsAreNoLabels(t *testing.T) {
	card := scorecardtest.Normal()
	card.Datasets[0].Rejects = []kpi.RejectGroup{{Reason: "bad_integer", Column: "</script>", Rows: 2}, {Reason: "bad_integer", Column: "b", Rows: 3}, {Reason: "What? \xff\n", Rows: 4}}
	text, s := scrape(t, collector(card))
	if s["citystat_rejects dataset=service-requests reason=bad_integer"] != 5 || s["citystat_rejects dataset=service-requests reason=other"] != 4 {
		t.Errorf("rejects are not added by reason: %s", text)
	}
	if strings.Contains(string(text), "</script>") {
		t.Error("a column's name is a label")
	}
}

func TestWithoutAScorecard(t *testing.T) {
	if text, _ := scrape(t, collector(nil)); len(text) != 0 {
		t.Errorf("series before the first publication: %s", text)
	}
	var log bytes.Buffer
	broken := metrics.NewCollector(metrics.Options{
		Published: func(context.Context) (*scorecard.Scorecard, error) { return nil, errors.New("ledger is closed") },
		Logger:    slog.New(slog.NewTextHandler(&log, nil)),
	})
	if text, _ := scrape(t, broken); len(text) != 0 || !strings.Contains(log.String(), "ledger is closed") {
		t.Errorf("series %q, log %q", text, log.String())
	}
}

func TestRequestsAreCountedByRoute(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	h, err := metrics.NewHTTP(reg, []string{"/api/v1/indicators/:id"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.Observe("/api/v1/indicators/:id", "GET", 200, 10*time.Millisecond)
	}
	for _, path := range []string{"/wp-login.php", "/" + strings.Repeat("x", 100), ""} {
		for _, method := range []string{"GET", "BREW", "\xff"} {
			h.Observe(path, method, 404, time.Millisecond)
		}
	}
	if n := testutil.CollectAndCount(reg, "citystat_http_request_duration_seconds"); n != 3 {
		t.Errorf("%d series, want 3: the route, other GET, other other", n)
	}
	text := read(t, reg)
	for _, want := range []string{
		`citystat_http_request_duration_seconds_count{code="2xx",method="GET",route="/api/v1/indicators/:id"} 3`,
		`citystat_http_request_duration_seconds_count{code="4xx",method="other",route="other"} 6`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
	if _, err := metrics.NewHTTP(reg, nil); err == nil {
		t.Error("two histograms in one registry")
	}
}

func BenchmarkCollectHuge(b *testing.B) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collector(scorecardtest.Huge()))
	b.ReportAllocs()
	for b.Loop() {
		families, err := reg.Gather()
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(io.Discard, f); err != nil {
				b.Fatal(err)
			}
		}
	}
}
