package dashboards

import (
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
