package dashboards

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"citystat/dashboards/api"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// The page for programs tells every address and every column, in words of every language.
func TestThePageForProgramsTellsAll(t *testing.T) {
	srv := newServer(t, Options{Published: published(scorecardtest.Normal())})
	missing := regexp.MustCompile(`\[api\.[a-zA-Z_.]+\]`)
	for _, lang := range kpi.Langs {
		res := httptest.NewRecorder()
		srv.ServeHTTP(res, httptest.NewRequest(http.MethodGet, "/"+i18n.Segment(lang)+"/api", nil))
		body := res.Body.String()
		if res.Code != http.StatusOK {
			t.Fatalf("%s: status %d", lang, res.Code)
		}
		want := api.CSVColumns()
		for _, e := range told(api.New(nil, nil, nil)).Addresses {
			want = append(want, e.Path)
		}
		for _, w := range want {
			if !strings.Contains(body, "<code>"+w+"</code>") {
				t.Errorf("%s: %s is not told", lang, w)
			}
		}
		if m := missing.FindString(body); m != "" {
			t.Errorf("%s: there is no message %s", lang, m)
		}
	}
}

// The log knows from which address a page was asked for, as the site says; but not from which one somebody wrote to the city.
func TestTheLogDoesNotKnowWhoWrote(t *testing.T) {
	var log bytes.Buffer
	srv := newServer(t, Options{Published: published(scorecardtest.Normal()), Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for path, want := range map[string]bool{"/en/about": true, "/en/feedback": false, "/fr/feedback": false} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			log.Reset()
			srv.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
			line := log.String()
			if !strings.Contains(line, "path="+path) {
				t.Fatalf("%s %s is not in the log: %s", method, path, line)
			}
			if got := strings.Contains(line, "192.0.2.1"); got != want {
				t.Errorf("%s %s: the log has the address: %v", method, path, got)
			}
		}
	}
}
