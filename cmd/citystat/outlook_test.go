package main

import (
	"bytes"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// TestOutlookOfTheSample: the sample city does not show its outlook. Those who run the program read it, and it is on no public surface; nor is it in
// what was frozen in the ledger.
func TestOutlookOfTheSample(t *testing.T) {
	app := serveSample(t)
	city, _ := app.engine.definitions()
	if city.Outlook {
		t.Fatal("the sample city shows its outlook: this test asks nothing")
	}
	told := 0
	for i := range card(t, app).Results {
		id := card(t, app).Results[i].Indicator.ID
		x, err := explainNow(t.Context(), io.Discard, "", sample.dir, url.Values{"indicator": {id}})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(x.Answers, func(e i18n.Explanation) bool { return e.Question == kpi.QuestionOutlook })
		if at < 0 {
			continue
		}
		told++
		for _, path := range []string{"/en/indicators/" + id, "/api/v1/indicators/" + id + "?lang=en", "/indicators/" + id + ".json", "/indicators/" + id + ".csv"} {
			body := string(get(t, app, path))
			if strings.Contains(body, x.Answers[at].Sentences[0]) || strings.Contains(body, `class="c-ahead`) || strings.Contains(body, `"probability":`) {
				t.Errorf("%s tells the outlook", path)
			}
		}
	}
	if told < 3 {
		t.Errorf("staff read %d outlooks", told)
	}
	if bytes.Contains(get(t, app, "/metrics"), []byte("\ncitystat_indicator_outlook_probability{")) {
		t.Error("/metrics has chances")
	}
	p, ok, err := app.engine.led.Published(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if bytes.Contains(p.Body, []byte(`"probability":`)) || bytes.Contains(p.Body, []byte(`"assurance":"`)) {
		t.Error("the publication in the ledger has an outlook")
	}
}
