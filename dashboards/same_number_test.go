package dashboards

import (
	"net/http"
	"strconv"
	"testing"

	"golang.org/x/net/html"

	"citystat/dashboards/dashboardstest"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestSameNumber asks the page, the API, the file and /metrics for every indicator × period × member, and gets the published number
// from each, to the last bit, and no number that was not published.
func TestSameNumber(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "one": scorecardtest.One(), "empty": scorecardtest.Empty(), "hostile": fewDistricts(scorecardtest.Hostile())} {
		t.Run(name, func(t *testing.T) {
			n := dashboardstest.SameNumber(t, getter(newServer(t, Options{Published: published(card)})), card)
			if name == "normal" && n < 1000 {
				t.Fatalf("only %d numbers to compare", n)
			}
		})
	}
}

// getter asks the server.
func getter(s *Server) dashboardstest.Get {
	return func(t testing.TB, path string) []byte {
		t.Helper()
		w := ask(s, http.MethodGet, path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.Bytes()
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

// TestPagesShowTheTotal makes sure that the sum over all periods stands on each indicator's page, with its rows.
func TestPagesShowTheTotal(t *testing.T) {
	card := scorecardtest.Normal()
	s := newServer(t, Options{Published: published(card)})
	for _, r := range card.Results {
		doc := dashboardstest.Parse(t, getter(s)(t, "/en/indicators/"+r.Indicator.ID))
		seen := map[string]bool{}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "data" {
				seen[dashboardstest.Attribute(n, "value")] = true
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
