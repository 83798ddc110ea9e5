package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/pages"
)

// meInBrowser looks at somebody's own account, which there is for whoever is signed in alone: as it is, and as it comes back after a choice.
func meInBrowser(chromium context.Context, t *testing.T) {
	town, links := doorTown()
	site := httptest.NewServer(doorServer(t, town, nil))
	t.Cleanup(site.Close)
	b := browser.NewTab(chromium, t, site.URL)
	b.Emulate(browser.WithoutScript)
	b.Open(pages.LinkPath(links["department_staff@harborview.gov"]), http.StatusOK)
	b.Fill(map[string]string{"password": goodPassword, "again": goodPassword})
	b.Submit("password", http.StatusOK)
	b.Open("/staff/me", http.StatusOK)
	b.LookAround("staff_me_known")
	b.Fill(map[string]string{"digest": "On M", "mail-lang": "Fran"})
	b.Submit("digest", http.StatusOK)
	if got := browser.Value[string](b, `location.search+" "+document.getElementById("digest").value`); got != "?done=1 weekly" {
		t.Errorf("after it was saved the page is %q", got)
	}
	b.LookAround("staff_me_saved")
}
