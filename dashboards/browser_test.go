package dashboards

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/dashboardstest"
	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/i18n"
	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// fullBrowser reports whether every page is to be looked at in every language, with every kind of indicator.
func fullBrowser() bool { return os.Getenv("CITYSTAT_BROWSER") == "full" }

// sheet is an address to look at.
type sheet struct {
	name   string // for messages and pictures
	path   string // below the language; of a staff page the whole address
	status int
	card   string // which city: normal, empty, hostile, none
	source bool   // looked at in the source language only
	brief  bool   // looked at in few ways; see glance
}

// address is where the sheet is in a language.
func (s sheet) address(segment string) string {
	if !strings.HasPrefix(s.card, "staff") && s.card != "door" { // a public page may be called as a staff page is
		return "/" + segment + s.path
	}
	if strings.Contains(s.path, "?") {
		return s.path + "&lang=" + segment
	}
	return s.path + "?lang=" + segment
}

// sheets are an address of every page that there is, and of the pages that say what went wrong. In the full tier there are more of
// those that look different with other numbers.
func sheets(t *testing.T, card *scorecard.Scorecard) []sheet {
	t.Helper()
	list := everyPage(t, card)
	list = append(list, sheet{name: "not-found", path: "/indicators/no-such-indicator", status: http.StatusNotFound, card: "normal"})
	list = append(list, placeSheets(t, card)...)
	if !fullBrowser() {
		return list
	}
	list = append(list, everyCity(t)...)
	ok := func(name, path, city string, source bool) {
		list = append(list, sheet{name: name, path: path, status: http.StatusOK, card: city, source: source, brief: source}) // the page itself was looked at in every way
	}
	for _, r := range card.Results[1:] {
		ok("indicator-"+r.Indicator.ID, "/indicators/"+r.Indicator.ID, "normal", true)
	}
	id := card.Results[0].Indicator.ID
	ok("indicator-period", "/indicators/"+id+"?period=2025-06", "normal", true)
	ok("indicators-search", "/indicators?q=light", "normal", true)
	ok("indicators-none", "/indicators?q=zzzzz", "normal", false)
	ok("empty", "/", "empty", false)
	ok("empty-indicator", "/indicators/"+id, "empty", false)
	ok("empty-data", "/data", "empty", true)
	ok("staff-public", "/", "staff", true)
	ok("staff-many", "/staff/data/service-requests/rejects", "staff", true)
	ok("staff-entered", "/staff/data/street-safety/entries/2", "staff", true)
	ok("staff-not-typed", "/staff/data/service-requests/entries", "staff", true)
	ok("staff-hostile-entries", "/staff/data/street-safety/entries", "staff-hostile", true)
	ok("staff-hostile-entry", "/staff/data/street-safety/entries/1?show=all", "staff-hostile", true)
	ok("staff-hostile-entered", "/staff/data/street-safety/entries/2", "staff-hostile", true)
	ok("staff-none", "/staff/data/resident-survey/rejects", "staff", true)
	ok("staff-asked", "/staff/data?asked=tree-census", "staff", true)
	ok("staff-empty", "/staff/data", "staff-empty", false)
	ok("staff-hostile", "/staff/data", "staff-hostile", true)
	ok("staff-hostile-rejects", "/staff/data/service-requests/rejects", "staff-hostile", true)
	ok("plan", "/", "plan", true)
	ok("plan-axis", "/priorities/axis-1", "plan", true)
	ok("plan-list", "/indicators", "plan", true)
	ok("plan-search", "/indicators?priority=axis-2&status=behind&q=product", "plan", true)
	ok("plan-indicator", "/indicators/goal-017", "plan", true)
	ok("works", "/", "works", true)
	ok("works-priority", "/priorities/safe-streets", "works", false)
	ok("works-indicator", "/indicators/harbor-promenade", "works", false)
	ok("published-indicator", "/indicators/families-housed?period=total", "published", false)
	ok("changes-found", "/changes?indicator=repair-cost&what=target", "normal", true)
	ok("changes-none", "/changes", "unchanged", false)
	ok("evaluation-compared", "/evaluations/letters-before-inspection", "normal", false)
	ok("evaluations-none", "/evaluations", "unchanged", true)
	ok("hostile-changes", "/changes", "hostile", true)
	ok("hostile-evaluations", "/evaluations", "hostile", true)
	ok("hostile-evaluation", "/evaluations/letters-before-inspection", "hostile", true)
	ok("hostile-term", "/terms/2", "hostile", true)
	ok("staff-hostile-memo", "/meetings/streetstat/"+ledgertest.NextMeeting+"/memo", "staff-hostile", true)
	ok("staff-hostile-follow-up", "/meetings/streetstat/"+ledgertest.HeldMeeting+"/follow-up", "staff-hostile", true)
	ok("staff-hostile-term", "/staff/terms/1", "staff-hostile", true)
	ok("hostile-indicator-changed", "/indicators/hiring-days", "hostile", true)
	ok("staff-indicator-none", "/staff/indicators/satisfied-residents", "staff", true)
	ok("staff-hostile-indicator", "/staff/indicators/"+id, "staff-hostile", true)
	ok("meeting-prepared", "/meetings/streetstat/2026-04-02", "staff", true)
	ok("meeting-hostile", "/meetings/streetstat/2026-04-02", "staff-hostile", true)
	ok("hostile", "/", "hostile", true)
	ok("hostile-indicator", "/indicators/"+id, "hostile", true)
	ok("hostile-indicators", "/indicators", "hostile", true)
	ok("hostile-data", "/data", "hostile", true)
	ok("published-charts", "/indicators/families-housed/charts", "published", false)
	ok("empty-charts", "/indicators/"+id+"/charts", "empty", false)
	ok("hostile-charts", "/indicators/"+id+"/charts", "hostile", true)
	return append(list, sheet{name: "unready", path: "/", status: http.StatusServiceUnavailable, card: "none"})
}

// everyPage is an address of every page of the normal city.
func everyPage(t *testing.T, card *scorecard.Scorecard) []sheet {
	t.Helper()
	var list []sheet
	for _, p := range pages.All() {
		s := sheet{name: p.Name, status: http.StatusOK, card: "normal"}
		if p.Role == pages.StaffOnly {
			all, err := dashboardstest.StaffAddresses(p.Path, scorecardtest.NewStaff().TheCity)
			if err != nil || len(all) == 0 {
				t.Fatalf("%s has %d addresses: %v", p.Path, len(all), err)
			}
			s.card, s.path = "staff", all[0]
		} else if p.Role == pages.AtDoor {
			s.card, s.path = "door", strings.NewReplacer(":secret", doorLink, ":token", mailSecret).Replace(p.Path)
		} else {
			s.path = example(t, p.Path, card)
		}
		list = append(list, s)
	}
	return list
}

// example is the first address of a page in a city.
func example(t testing.TB, path string, card *scorecard.Scorecard) string {
	t.Helper()
	all, err := dashboardstest.Addresses(path, card)
	if err != nil || len(all) == 0 {
		t.Fatalf("%s has %d addresses: %v", path, len(all), err)
	}
	return all[0]
}

// everyCity is every public page of the cities whose words are long or go the other way, and the pages that most depend on the words and numbers
// of the others; package pages reads all of all of them.
func everyCity(t *testing.T) []sheet {
	t.Helper()
	var list []sheet
	for name, makeCard := range extremeCities() {
		card := makeCard()
		for _, p := range pages.All() {
			whole := name == "hostile-right-to-left" || name == "hostile-long"
			if p.Role != pages.Everyone || !whole && !slices.Contains([]string{"scorecard", "indicators", "indicator", "district"}, p.Name) {
				continue
			}
			if all, err := dashboardstest.Addresses(p.Path, card); err != nil {
				t.Fatal(err)
			} else if len(all) > 0 {
				list = append(list, sheet{name: name + "-" + p.Name, path: all[0], status: http.StatusOK, card: name, source: true, brief: true})
			}
		}
	}
	return list
}

// extremeCities are the cities with little, much, or strange words, each of whose pages is looked at in the full tier.
func extremeCities() map[string]func() *scorecard.Scorecard {
	of := func(texts ...string) func() *scorecard.Scorecard {
		return func() *scorecard.Scorecard { return scorecardtest.Named(texts...) }
	}
	return map[string]func() *scorecard.Scorecard{
		"one": scorecardtest.One, "huge": scorecardtest.Huge, "hostile-right-to-left": of(scorecardtest.RightToLeft()...),
		"hostile-script": of("</script><script>alert(1)</script>"), "hostile-marker": of("__f__alert(1)__f__"), "hostile-long": of(scorecardtest.LongNames()...),
	}
}

// cities serves the synthetic cities.
func cities(t *testing.T) map[string]string {
	t.Helper()
	sites := map[string]string{}
	for name, card := range map[string]*scorecard.Scorecard{
		"normal": scorecardtest.Normal(), "empty": scorecardtest.Empty(), "hostile": scorecardtest.Hostile(), "plan": scorecardtest.Plan(), "none": nil,
		"works": scorecardtest.Works(), "published": scorecardtest.Published(), "unchanged": scorecardtest.One(),
	} {
		site := httptest.NewServer(newServer(t, Options{Published: published(card)}))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	placeSites(t, sites)
	if fullBrowser() {
		for name, card := range extremeCities() {
			site := httptest.NewServer(newServer(t, everything(card())))
			t.Cleanup(site.Close)
			sites[name] = site.URL
		}
	}
	for name, office := range offices() {
		o := everything(scorecardtest.Normal())
		town, _ := doorTown()
		o.Staff, o.Directory, o.Trail = office, town, town
		o.Work = workOf(t, name, office.TheCity)
		site := httptest.NewServer(newServer(t, o))
		t.Cleanup(site.Close)
		sites[name] = site.URL
	}
	sites["door"] = doorSite(t)
	return sites
}

// everything are the options of a server that has every page of a city.
func everything(card *scorecard.Scorecard) Options {
	mail := scorecardtest.NewFeedback()
	return Options{Published: published(card), Feedback: mail, FeedbackDesk: mail}
}

// offices are those who look after the data of the synthetic cities.
func offices() map[string]*scorecardtest.Staff {
	empty := scorecardtest.NewStaff()
	empty.TheCity.Datasets, empty.TheCity.Indicators, empty.Reports = nil, nil, nil
	return map[string]*scorecardtest.Staff{"staff": scorecardtest.NewStaff(), "staff-empty": empty, "staff-hostile": scorecardtest.NewHostileStaff()}
}

// TestBrowser looks at the pages in a real browser. What must hold for everybody who reads them is checks A to U of the design; this is
// where each of them is made. Every page of [pages.All] is looked at, on 1280, 390 and 320 px in the light and the dark, in forced colours,
// enlarged, printed and without scripts: see lookAt.
//
//	A  axe                          tab.axe: each width and scheme, unfolded, explored (explore), a refused form (refused)
//	B  no scrolling sideways        reflow, in each look
//	C  text spacing                 spacing
//	D  200 % text, 400 % zoom       larger; reflow, whole and the walk at 320 × 256
//	E  figures                      figures, tables; package pages: document.figures
//	F  status never colour alone    status
//	G  contrast                     contrast; the tokens and every theme: packages assets and chart
//	H  colour vision                packages assets and chart
//	I  keyboard                     tab.walk; explore
//	J  targets of 24 px             targets, and axe's target-size
//	K  nothing moves                still; steady, of charts
//	L  forced colours               remember and forced, contrast in forced colours
//	M  no JavaScript                plain
//	N  print                        paper: the rows of every table in the PDF, tagged, nothing beside the paper
//	O  languages                    language; package pages: TestAlternates, TestFallbackCarriesItsLanguage
//	P  reading level                package i18n: TestReadingLevel
//	Q  form errors                  errors (refused)
//	R  the policy                   tab.quiet, after each look and while charts are explored
//	S  screen readers               by hand, before a release
//	T  valid HTML                   package pages: document.valid
//	U  HEAD wherever GET            TestHeadWhereverGet, and TestLinksLeadSomewhere of package pages
func TestBrowser(t *testing.T) {
	sites, card := cities(t), scorecardtest.Normal()
	chromium := browser.Start(t)
	if browser.Screenshots != "" {
		t.Cleanup(func() { writeContactSheet(t, browser.Screenshots) })
	}
	langs := kpi.Langs[:1]
	if fullBrowser() {
		langs = kpi.Langs
	}
	for _, lang := range langs {
		for _, s := range sheets(t, card) {
			if s.source && lang != kpi.English {
				continue
			}
			t.Run(i18n.Segment(lang)+"/"+s.name, func(t *testing.T) {
				lookAt(browser.NewTab(chromium, t, sites[s.card]), s, lang)
			})
		}
	}
	t.Run("explore", func(t *testing.T) {
		id := card.Results[0].Indicator.ID
		for name, path := range map[string]string{"indicator": "/en/indicators/" + id, "charts": "/en/indicators/" + id + "/charts", "data": "/en/data"} {
			t.Run(name, func(t *testing.T) { explore(chromium, t, sites["normal"], name, path) })
		}
	})
	t.Run("refused", func(t *testing.T) { refused(chromium, t, sites, card) })
	t.Run("feedback", func(t *testing.T) { feedbackInBrowser(chromium, t) })
	t.Run("me", func(t *testing.T) { meInBrowser(chromium, t) })
	t.Run("sitting", func(t *testing.T) { sittingInBrowser(chromium, t) })
	t.Run("memo", func(t *testing.T) { memoOnPaper(chromium, t, sites["staff"]) })
	t.Run("pseudo", func(t *testing.T) { pseudo(chromium, t, card) })
}
