package dashboards

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"citystat/dashboards/dashboardstest"
	"citystat/dashboards/pages"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// placeSites serves cities to readers who chose a district there.
func placeSites(t *testing.T, sites map[string]string) {
	t.Helper()
	for name, card := range map[string]*scorecard.Scorecard{"mine": scorecardtest.Published(), "mine-hostile": scorecardtest.Hostile()} {
		server, cookie := newServer(t, Options{Published: published(card)}), &http.Cookie{Name: "district", Value: card.City.Districts[3].ID}
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.AddCookie(cookie)
			server.ServeHTTP(w, r)
		}))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
}

// placeSheets are the pages as readers see them who chose a district, and what a search for one finds.
func placeSheets(t *testing.T, card *scorecard.Scorecard) []sheet {
	t.Helper()
	var list []sheet
	add := func(name, path, city string, source, brief bool) {
		list = append(list, sheet{name: name, path: path, status: http.StatusOK, card: city, source: source, brief: brief})
	}
	add("mine-scorecard", "/", "mine", false, false)
	add("mine-indicator", "/indicators/"+card.Results[0].Indicator.ID, "mine", false, false)
	add("districts-found", "/districts?q=03901&to=/data", "normal", false, false)
	if !fullBrowser() {
		return list
	}
	add("districts-none-found", "/districts?q=zzz", "normal", true, false)
	add("district-hidden", "/districts/university-hill", "published", true, false)
	add("empty-district", "/districts/east-quay", "empty", true, false)
	add("empty-department", "/departments/housing", "empty", true, false)
	add("no-districts", "/districts", "unchanged", true, false)
	add("hostile-district", "/districts/"+scorecardtest.Hostile().City.Districts[3].ID, "hostile", true, false)
	add("hostile-districts", "/districts", "hostile", true, false)
	add("hostile-department", "/departments/public-works", "hostile", true, false)
	for _, p := range pages.All() {
		if p.Role != pages.Everyone {
			continue
		}
		all, err := dashboardstest.Addresses(p.Path, scorecardtest.Published())
		if err != nil {
			t.Fatal(err)
		}
		if len(all) > 0 { // there is no review of a term there
			add("mine-"+p.Name+"-page", all[0], "mine", true, true)
		}
	}
	hostile := scorecardtest.Hostile()
	for _, path := range []string{"/", "/indicators", "/indicators/" + hostile.Results[0].Indicator.ID, "/departments/public-works", "/districts"} {
		add("mine-hostile"+path, path, "mine-hostile", true, true)
	}
	return list
}
