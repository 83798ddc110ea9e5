package dashboards

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/account/accounttest"
)

// ownTown is what people choose, kept by a ledger, in a town whose sessions are its own.
type ownTown struct {
	pages.Self
	town *accounttest.Town
}

// SignOut ends the sessions of the town.
func (o ownTown) SignOut(ctx context.Context, id int64, by account.By, now time.Time) error {
	return o.town.SignOut(ctx, id, by, now)
}

// TestOnesOwnAccount: people see who they are and which posts they hold, choose how the program writes to them, and sign out wherever they are.
func TestOnesOwnAccount(t *testing.T) {
	town, links := doorTown()
	var work pages.Work
	site := httptest.NewServer(doorServer(t, town, func(o *Options) {
		o.Work.Self = ownTown{o.Work.Self, town}
		work = o.Work
	}))
	t.Cleanup(site.Close)
	staff, viewer := newGuest(t, site.URL).in(links["department_staff@harborview.gov"]), newGuest(t, site.URL).in(links["viewer@harborview.gov"])
	_, _, page := staff.do("GET", "/staff/me", nil)
	holds(t, "staff", page, "Somebody department_staff", "department_staff@harborview.gov", "Department staff: Public Works", `href="/staff/posts/director-public-works`, `<option value="daily" selected>`,
		`<option value="en" lang="en" selected>`, `<a href="/staff/me" dir="auto">`)
	_, _, page = viewer.do("GET", "/staff/me", nil)
	holds(t, "a viewer", page, "Somebody viewer", "none")
	lacks(t, "a viewer", page, "department_staff", "/staff/posts/director")

	for name, form := range map[string]url.Values{"no choice": {}, "a choice that is none": {"digest": {"hourly"}, "lang": {"xx"}}} {
		status, _, page := viewer.do("POST", "/staff/me", form)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		holds(t, name, page, "<title>Error: ", `href="#digest"`, `href="#mail-lang"`, `aria-invalid="true"`)
	}
	if status, to, _ := viewer.do("POST", "/staff/me", url.Values{"digest": {"weekly"}, "lang": {"es"}}); status != http.StatusSeeOther || to != "/staff/me?done=1" {
		t.Fatalf("%d, to %q", status, to)
	}
	_, _, page = viewer.do("GET", "/staff/me?done=1", nil)
	holds(t, "chosen", page, "Your choice is saved.", `<option value="weekly" selected>`, `<option value="es" lang="es" selected>`)
	people, err := town.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		chosen, err := work.Self.Preferences(t.Context(), p.ID)
		if mine := p.Has(account.Viewer); err != nil || mine != (chosen.Digest == account.DigestWeekly) || mine != (p.Lang == kpi.Spanish) {
			t.Errorf("%s: %+v, in %q, %v", p.Email, chosen, p.Lang, err)
		}
	}

	// Another browser of the same person is signed out too, and nobody else's.
	other := newGuest(t, site.URL)
	if status, _, _ := other.do("POST", "/sign-in", url.Values{"email": {"viewer@harborview.gov"}, "password": {goodPassword}}); status != http.StatusSeeOther {
		t.Fatalf("the second sign-in: %d", status)
	}
	if status, to, _ := viewer.do("POST", "/staff/me", url.Values{"do": {"sign_out"}}); status != http.StatusSeeOther || to != "/sign-in?out=1" {
		t.Errorf("signing out everywhere: %d, to %q", status, to)
	}
	for name, g := range map[string]*guest{"here": viewer, "elsewhere": other} {
		if status, _, _ := g.do("GET", "/staff/me", nil); status != http.StatusSeeOther {
			t.Errorf("%s: %d after signing out everywhere", name, status)
		}
	}
	if status, _, _ := staff.do("GET", "/staff/me", nil); status != http.StatusOK {
		t.Errorf("somebody else was signed out: %d", status)
	}
}
