package dashboards

import (
	"net/http/httptest"
	"strings"
	"testing"

	"citystat/dashboards/dashboardstest"
	"citystat/dashboards/pages"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestHoldersAreNotPublic looks for the names of those who hold posts, in the ledger and in the city's folder, on every public page and in every file and document:
// the public reads a post's title alone, even while somebody of the staff is signed in.
func TestHoldersAreNotPublic(t *testing.T) {
	const inFolder = "Wilhelmina Folderson"
	card := scorecardtest.Normal()
	for i := range card.City.People {
		card.City.People[i].Name = inFolder
	}
	town, links := doorTown()
	s := doorServer(t, town, func(o *Options) { o.Published = published(card) })
	site := httptest.NewServer(s)
	t.Cleanup(site.Close)
	paths := []string{"/api/v1/indicators", "/api/v1/districts", "/api/v1/changes", "/api/v1/evaluations", "/metrics"}
	for _, p := range pages.All() {
		if p.Role != pages.Everyone {
			continue
		}
		list, err := dashboardstest.Addresses(p.Path, card)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			paths = append(paths, "/en"+a)
		}
	}
	for _, r := range card.Results {
		id := r.Indicator.ID
		paths = append(paths, "/indicators/"+id+".csv", "/indicators/"+id+".json", "/api/v1/indicators/"+id)
	}
	signedIn := newGuest(t, site.URL).in(links["viewer@harborview.gov"])
	for _, path := range paths {
		status, _, public := newGuest(t, site.URL).do("GET", path, nil)
		_, _, mine := signedIn.do("GET", path, nil)
		if status != 200 {
			t.Errorf("%s: %d", path, status)
		}
		mine = strings.Replace(mine, `<span dir="auto">Somebody viewer</span>`, "", 1) // whoever is signed in reads their own name
		for _, body := range []string{public, mine} {
			for _, bad := range []string{inFolder, "Somebody ", "Parental leave"} {
				if strings.Contains(body, bad) {
					t.Errorf("%s holds %q", path, bad)
				}
			}
		}
	}
	if _, _, staff := signedIn.do("GET", "/staff/posts", nil); !strings.Contains(staff, "Somebody department_head") {
		t.Error("the staff's page does not hold what was looked for")
	}
}
