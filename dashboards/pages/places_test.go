package pages

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// as asks for a page as a reader does whose browser holds a cookie.
func (s *site) as(district, path string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.do(http.MethodGet, path, http.Header{"Cookie": {districtCookie + "=" + district}})
}

// post sends a form.
func (s *site) post(path string, form url.Values, header http.Header) *httptest.ResponseRecorder {
	s.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for k, v := range header {
		req.Header[k] = v
	}
	res := httptest.NewRecorder()
	s.echo.ServeHTTP(res, req)
	return res
}

func TestFindDistrict(t *testing.T) {
	city := scorecardtest.Normal().City
	for asked, want := range map[string]string{
		"East Quay": "east-quay", "  EAST   quay ": "east-quay", "east-quay": "east-quay", "old harbour": "old-harbor", "Harbor": "old-harbor",
		"sao joao hill": "market-square", "SÃO JOÃO HILL": "market-square", "Sailmakers' Row": "old-harbor", "ropewalk": "east-quay",
		"03905": "east-quay", "03909 1200": "north-meadows", "039091200": "north-meadows", "03909": "north-meadows",
		"03901": "old-harbor market-square", "03906": "mill-river university-hill", "0390": "all", "03": "",
		"mill": "mill-river orchard-park", "quay east": "east-quay", "observ": "university-hill",
		"": "", "   ": "", "zzz": "", "ay": "", "<script>": "", "%": "", "...": "",
	} {
		var got []string
		for _, m := range find(city, asked) {
			got = append(got, m.district.ID)
		}
		if want == "all" {
			want = strings.Join(got, " ")
			there := 0
			for _, d := range city.Districts {
				if d.On(scorecardtest.AsOf) {
					there++
				}
			}
			if len(got) != there || there == len(city.Districts) {
				t.Errorf("%q found %v, want all that have not ended", asked, got)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q found %v, want %s", asked, got, want)
		}
	}
	m := find(city, "ropewalk")[0]
	if m.by != byPart || m.name != "Ropewalk" {
		t.Errorf("found by %s %q", m.by, m.name)
	}
}

// Several districts of one postal code are all offered, each with a button that remembers it.
func TestSearchOffersAll(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for query, want := range map[string][]string{"03901": {"old-harbor", "market-square"}, "ropewalk": {"east-quay"}, "zzz": nil} {
		d := s.page("/fr/districts?q=" + query + "&to=/data")
		d.check(kpi.French)
		var offered []string
		for _, in := range elements(d.root, "input") {
			if get(in, "name") == "district" {
				offered = append(offered, get(in, "value"))
			}
			if get(in, "name") == backParam && get(in, "value") != "/data" {
				t.Errorf("%s: the form leads back to %q", query, get(in, "value"))
			}
		}
		if !slices.Equal(offered, want) {
			t.Errorf("%s: %v are offered, want %v", query, offered, want)
		}
		if said := text(d.root); want == nil && !strings.Contains(said, "«\u00a0zzz\u00a0»") {
			t.Errorf("%s: nothing says that nothing was found", query)
		}
	}
}

// A reader chooses once, is led back, and takes the choice back again; all without a script.
func TestChooseAndForget(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, tc := range []struct {
		form   url.Values
		to     string
		cookie string
		gone   bool
	}{
		{form: url.Values{"district": {"east-quay"}}, to: "/es/districts/east-quay", cookie: "east-quay"},
		{form: url.Values{"district": {"east-quay"}, "to": {"/indicators?q=a&status=behind"}}, to: "/es/indicators?q=a&status=behind", cookie: "east-quay"},
		{form: url.Values{"district": {"old-harbor"}, "to": {"/"}}, to: "/es/", cookie: "old-harbor"},
		{form: url.Values{"forget": {"1"}, "to": {"/districts/east-quay"}}, to: "/es/districts/east-quay", gone: true},
		{form: url.Values{"forget": {"1"}, "district": {"east-quay"}}, to: "/es/districts", gone: true},
	} {
		res := s.post("/es/districts", tc.form, http.Header{"Cookie": {districtCookie + "=mill-river"}})
		if res.Code != http.StatusSeeOther || res.Header().Get("Location") != tc.to || res.Header().Get("Cache-Control") != staffCaching {
			t.Errorf("%v: %d to %q, kept: %s", tc.form, res.Code, res.Header().Get("Location"), res.Header().Get("Cache-Control"))
		}
		cookies := res.Result().Cookies()
		if len(cookies) != 1 || cookies[0].Value != tc.cookie || (cookies[0].MaxAge < 0) != tc.gone || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode {
			t.Errorf("%v: cookies %v", tc.form, cookies)
		}
		if res := s.do(http.MethodGet, tc.to, nil); res.Code != http.StatusOK {
			t.Errorf("led to %s, which answers %d", tc.to, res.Code)
		}
	}
}

// Nobody is led off this site, whatever a form or a link says.
func TestChoiceLeadsNowhereElse(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, to := range []string{
		"https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "/a//b", "/..//evil.example", "/../../x",
		"evil", "/x\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a=b", "http:/evil.example", "/\tx", "", "?x",
	} {
		for _, form := range []url.Values{{"district": {"east-quay"}, "to": {to}}, {"forget": {"1"}, "to": {to}}} {
			res := s.post("/en/districts", form, nil)
			loc := res.Header().Get("Location")
			u, err := url.Parse(loc)
			if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(loc, "/en/") || strings.ContainsAny(loc, "\r\n\\") || strings.HasPrefix(loc, "/en//") {
				t.Errorf("%q leads to %q", to, loc)
			}
			if n := len(res.Result().Cookies()); n != 1 {
				t.Errorf("%q sets %d cookies", to, n)
			}
		}
	}
}

// A form without a district of this city says what is wrong, beside the field and before it, and remembers nothing.
func TestChoiceOfNothing(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for _, id := range []string{"", "nowhere", "EAST-QUAY", "</script>", strings.Repeat("x", 9000)} {
		res := s.post("/en/districts", url.Values{"district": {id}, "to": {"/data"}}, nil)
		if res.Code != http.StatusUnprocessableEntity || len(res.Result().Cookies()) != 0 {
			t.Fatalf("%.20q: %d, cookies %v", id, res.Code, res.Result().Cookies())
		}
		d := parse(t, "error", res.Body.String())
		d.check(kpi.English)
		field := d.ids["district"]
		if !strings.HasPrefix(text(elements(d.root, "title")[0]), "Error:") || get(field, "aria-invalid") != "true" || d.ids[get(field, "aria-describedby")] == nil {
			t.Errorf("%.20q: the error is not said at the field, or in the title", id)
		}
		led := false
		for _, a := range elements(d.root, "a") {
			led = led || get(a, "href") == "#district"
		}
		if !led {
			t.Errorf("%.20q: no summary leads to the field", id)
		}
	}
	for _, h := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example"}}} {
		if res := s.post("/en/districts", url.Values{"district": {"east-quay"}}, h); res.Code < 400 || len(res.Result().Cookies()) > 0 {
			t.Errorf("a form of another site was taken: %d with %v", res.Code, h)
		}
	}
}

// Every reader gets the page of their own district and of no other, in whatever order they come.
func TestDistrictsNeverMix(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	own := map[string]string{"old-harbor": "Old Harbor", "east-quay": "East Quay", "mill-river": "Mill River"}
	yours := func(body string) string {
		for _, n := range elements(parse(t, "page", body).root, "div") {
			if get(n, "class") == "mine-bar" {
				return text(n)
			}
		}
		t.Fatal("no line about the reader's district")
		return ""
	}
	for _, path := range append(paths(t, s.card), "/indicators?status=behind") {
		path = "/en" + path
		plain := s.do(http.MethodGet, path, nil)
		nobody := strings.Contains(plain.Header().Get("Cache-Control"), "no-store") // a page that is made anew for each reader
		tags := map[string]string{"": plain.Header().Get("ETag")}
		for round := range 2 { // the second from the cache
			for id, name := range own {
				res := s.as(id, path)
				if said := yours(res.Body.String()); !strings.Contains(said, name) || res.Code != http.StatusOK {
					t.Fatalf("%s for %s: %d, %q", path, id, res.Code, said)
				}
				for other, name := range own {
					if other != id && strings.Contains(yours(res.Body.String()), name) {
						t.Errorf("%s for %s speaks of %s", path, id, name)
					}
				}
				if got := res.Header().Get("Cache-Control"); !strings.Contains(got, "no-store") && (nobody || got != ownCaching || !slices.Contains(res.Header().Values("Vary"), "Cookie")) {
					t.Errorf("%s for %s may be kept by others: %q, Vary %v", path, id, got, res.Header().Values("Vary"))
				}
				tags[id] = res.Header().Get("ETag")
				if round > 0 && !nobody {
					again := s.do(http.MethodGet, path, http.Header{"Cookie": {districtCookie + "=" + id}, "If-None-Match": {tags[""]}})
					if again.Code != http.StatusOK {
						t.Errorf("%s for %s: the page without a district is taken for theirs", path, id)
					}
				}
			}
		}
		distinct := map[string]bool{}
		for _, tag := range tags {
			distinct[tag] = true
		}
		if len(distinct) != len(tags) && !nobody {
			t.Errorf("%s: entity tags %v", path, tags)
		}
		// Who has no district, or an unknown one, gets the page that everybody gets.
		for _, cookie := range []string{"nowhere", "", "EAST-QUAY", "../east-quay", "</script>", "east-quay%00", strings.Repeat("a", 4000), `"east-quay`} {
			res := s.as(cookie, path)
			if res.Body.String() != plain.Body.String() || res.Header().Get("ETag") != tags[""] || res.Header().Get("Cache-Control") != plain.Header().Get("Cache-Control") {
				t.Errorf("%s: the cookie %.20q makes another page", path, cookie)
			}
		}
	}
}

// What went wrong is said beside the reader's district too: it is on every page.
func TestErrorPagesKnowTheDistrict(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for path, status := range map[string]int{"/fr/rien": http.StatusNotFound, "/en/districts/nowhere": http.StatusNotFound, "/en/indicators?page=x": http.StatusBadRequest} {
		res := s.as("east-quay", path)
		if res.Code != status || !strings.Contains(res.Body.String(), "/districts/east-quay") {
			t.Errorf("%s: %d, and no way to the reader's district", path, res.Code)
		}
	}
}

// inRows reads the reader's district's values from the lists of a page: by indicator, the machine's number.
func inRows(d *document) map[string]string {
	got := map[string]string{}
	for _, tr := range elements(d.root, "tr") {
		var id, value string
		found := false
		for _, a := range elements(tr, "a") {
			if rest, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/"); ok {
				id = rest
			}
		}
		for _, td := range elements(tr, "td") {
			if slices.Contains(strings.Fields(get(td, "class")), "local") {
				found = true
				for _, n := range elements(td, "data") {
					value = get(n, "value")
				}
			}
		}
		if found {
			got[id] = value
		}
	}
	return got
}

// The number beside the city's is the published one of that district; a number that was kept back is nowhere.
func TestLocalNumbersArePublished(t *testing.T) {
	live, public := scorecardtest.Works(), scorecardtest.Published()
	s := newSite(t, public)
	secrets := 0
	for _, dist := range public.City.Districts {
		if dist.Ended(public.AsOf) { // nobody lives there any more
			continue
		}
		rows := inRows(parse(t, dist.ID, s.as(dist.ID, "/en/indicators").Body.String()))
		for i := range public.Results {
			res := &public.Results[i]
			id := res.Indicator.ID
			got, there := rows[id]
			if !there {
				t.Fatalf("%s: %s has no row with the district", dist.ID, id)
			}
			want := ""
			if res.ByDistrict() {
				if l := public.Local(res, dist.ID); l.Here != nil {
					want = raw(l.Here.Value)
				}
			}
			if got != want {
				t.Errorf("%s: %s is %q, published is %q", dist.ID, id, got, want)
			}
			secret := live.Local(live.Result(id), dist.ID)
			if public.Local(res, dist.ID).State != scorecard.LocalHidden || secret.Here == nil || secret.Here.Value == nil {
				continue
			}
			secrets++
			for _, path := range []string{"/en/districts/" + dist.ID, "/en/indicators/" + id, "/districts/" + dist.ID + ".csv"} {
				body := s.as(dist.ID, path).Body.String()
				if path != "/en/indicators/"+id && !strings.Contains(body, "suppressed") {
					t.Errorf("%s does not say that a number is not shown", path)
				}
				if v := raw(secret.Here.Value); len(v) > 6 && !shown(res, v) && strings.Contains(body, v) {
					t.Errorf("%s holds %s of %s, which is not published", path, v, id)
				}
			}
		}
	}
	if secrets == 0 {
		t.Fatal("no number of a district is kept back: this shows nothing")
	}
}

// shown reports whether a number is published of an indicator anywhere: then it may stand on a page.
func shown(res *scorecard.Result, v string) bool {
	seen := raw(res.Total.Value) == v
	for _, p := range res.Series {
		seen = seen || raw(p.Observation.Value) == v
	}
	for _, m := range res.Members {
		for _, o := range m.Series {
			seen = seen || raw(o.Value) == v
		}
		seen = seen || m.Total != nil && raw(m.Total.Value) == v
	}
	return seen
}

// Every card and line of the front page has the reader's district beside the city, with the published number.
func TestCardsSayTheDistrict(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	d := parse(t, "front", s.as("east-quay", "/en/").Body.String())
	d.check(kpi.English)
	seen := 0
	for _, section := range elements(d.root, "section") {
		if !slices.Contains([]string{"attention", "wins", "moved"}, get(section, "aria-labelledby")) {
			continue
		}
		for _, li := range elements(section, "li") {
			for _, a := range elements(li, "a") {
				id, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/")
				if !ok {
					continue
				}
				seen++
				want, said := saidOf(s, id, "east-quay"), ""
				for _, n := range elements(li, "p", "span") {
					if slices.Contains(strings.Fields(get(n, "class")), "local") {
						said = text(n)
					}
				}
				if !strings.Contains(said, "East Quay") || !strings.Contains(said, want) {
					t.Errorf("%s: the card says %q of the district, want %q", id, said, want)
				}
			}
		}
	}
	if seen < 15 {
		t.Errorf("only %d cards and lines", seen)
	}
	if said := text(d.root); !strings.Contains(said, i18n.DistrictFinding(s.printer(), s.card.InDistrict("east-quay"))) {
		t.Error("the front page does not say how the district stands")
	}
}

// saidOf is what is said of an indicator in a district.
func saidOf(s *site, id, district string) string {
	res := s.card.Result(id)
	if !res.ByDistrict() {
		return s.printer().T("places.whole_city")
	}
	l := s.card.Local(res, district)
	return i18n.DistrictValue(s.printer(), &l)
}

// The page of a district has a row for every indicator that is counted by district, with both values; its file has the same.
func TestDistrictPageAndFile(t *testing.T) {
	card := scorecardtest.Published()
	s := newSite(t, card)
	for _, dist := range card.City.Districts {
		d := s.page("/en/districts/" + dist.ID)
		list := card.InDistrict(dist.ID)
		rows := map[string][]string{}
		for _, tr := range elements(d.root, "tr") {
			for _, a := range elements(tr, "a") {
				if id, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/"); ok {
					rows[id] = []string{}
					for _, n := range elements(tr, "data") {
						rows[id] = append(rows[id], get(n, "value"))
					}
				}
			}
		}
		if len(rows) != len(list) {
			t.Errorf("%s: %d indicators, want %d", dist.ID, len(rows), len(list))
		}
		records, err := csv.NewReader(s.do(http.MethodGet, "/districts/"+dist.ID+".csv", nil).Body).ReadAll()
		if err != nil || len(records) != len(list)+1 {
			t.Fatalf("%s: file with %d lines, %v", dist.ID, len(records), err)
		}
		at := map[string]int{}
		for i, key := range records[0] {
			at[key] = i
		}
		for k, l := range list {
			rec, id := records[k+1], l.Result.Indicator.ID
			for key, want := range map[string]string{
				"indicator": id, "state": string(l.State), "verdict": string(l.Verdict()), "course": string(l.Course), "change": raw(l.Change),
			} {
				if rec[at[key]] != want {
					t.Errorf("%s %s: %s is %q in the file, want %q", dist.ID, id, key, rec[at[key]], want)
				}
			}
			if l.Here != nil && l.Here.Value != nil {
				for key, v := range map[string]*float64{"value": l.Here.Value, "city_value": l.City.Value} {
					if rec[at[key]] != raw(v) || !slices.Contains(rows[id], raw(v)) {
						t.Errorf("%s %s: %s is %q in the file and %v on the page, want %s", dist.ID, id, key, rec[at[key]], rows[id], raw(v))
					}
				}
			}
		}
		if want := i18n.DistrictFinding(s.printer(), list); !strings.Contains(text(d.root), want) {
			t.Errorf("%s: the finding %q is not said", dist.ID, want)
		}
	}
	for _, path := range []string{"/en/districts/nowhere", "/districts/nowhere.csv", "/districts/east-quay", "/districts/east-quay.json", "/en/departments/nowhere"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.Code)
		}
	}
}

func (s *site) printer() *i18n.Printer {
	return s.pages.opts.Bundle.Printer(kpi.English, s.card.City.Formats[kpi.English])
}

// On the page of an indicator the district is a number of its own, and is marked in words in the map, the bars and their tables.
func TestDistrictIsPointedOut(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	res := &s.card.Results[0]
	path := "/en/indicators/" + res.Indicator.ID
	d := parse(t, path, s.as("east-quay", path).Body.String())
	d.check(kpi.English)
	const marked = "East Quay (your district)"
	for _, id := range []string{"district-map", "district-bars", "equity-district"} {
		figure := d.ids[id]
		if figure == nil {
			t.Fatalf("there is no figure %s", id)
		}
		drawn, row := 0, 0
		for _, svg := range elements(figure, "svg") {
			if strings.Contains(text(svg), marked) {
				drawn++
			}
		}
		for _, tr := range elements(figure, "tr") {
			if get(tr, "class") == "mine" && text(elements(tr, "th")[0]) == marked {
				row++
			}
		}
		option := ""
		for _, n := range elements(figure, "script") {
			option += text(n)
		}
		if drawn != 2 || row != 1 || !strings.Contains(option, marked) {
			t.Errorf("%s: the district is marked in %d drawings, %d rows, the chart: %v", id, drawn, row, strings.Contains(option, marked))
		}
	}
	l := s.card.Local(res, "east-quay")
	number := false
	for _, n := range elements(d.root, "div") {
		if dt := elements(n, "dt"); len(dt) == 1 && text(dt[0]) == marked {
			number = get(elements(n, "data")[0], "value") == raw(l.Here.Value)
		}
	}
	if !number {
		t.Error("the district is no number of its own")
	}
	if body := s.do(http.MethodGet, path, nil).Body.String(); strings.Contains(body, "your district)") {
		t.Error("a reader without a district is shown one")
	}
}

// Whole pages in cities that have no districts, no outlines, or no numbers, and for readers who chose a district there.
func TestPlacesOfOtherCities(t *testing.T) {
	for name, spoil := range map[string]func(*scorecard.Scorecard){
		"no outlines": func(c *scorecard.Scorecard) { eachDistrict(c, func(d *kpi.District) { d.Polygons = nil }) },
		"no parts": func(c *scorecard.Scorecard) {
			eachDistrict(c, func(d *kpi.District) { d.Parts, d.Postcodes = nil, nil })
		},
		"one district":   func(c *scorecard.Scorecard) { c.City.Districts = c.City.Districts[:1] },
		"no districts":   func(c *scorecard.Scorecard) { c.City.Districts = nil },
		"no departments": func(c *scorecard.Scorecard) { c.City.Departments = nil },
		"no members": func(c *scorecard.Scorecard) {
			for i := range c.Results {
				c.Results[i].Members, c.Results[i].Equity = nil, nil
			}
		},
		"nothing by district": func(c *scorecard.Scorecard) {
			for i := range c.Results {
				c.Results[i].Members, c.Results[i].Equity, c.Results[i].Indicator.Dimensions = nil, nil, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			card := scorecardtest.Normal()
			spoil(card)
			s := newSite(t, card)
			list := []string{"/", "/districts", "/districts?q=03901", "/departments", "/indicators", "/indicators/" + card.Results[0].Indicator.ID}
			if len(card.City.Districts) > 0 {
				list = append(list, "/districts/old-harbor")
			}
			for _, path := range list {
				for _, cookie := range []string{"old-harbor", "none"} {
					res := s.as(cookie, "/pt-br"+path)
					d := parse(t, path, res.Body.String())
					d.check(kpi.Portuguese)
					menu := ""
					for _, a := range elements(elements(d.root, "header")[0], "a") {
						menu += get(a, "href") + " "
					}
					if res.Code != http.StatusOK || strings.Contains(menu, "/pt-br/districts") != (len(card.City.Districts) > 0) ||
						strings.Contains(menu, "/pt-br/departments ") != (len(card.City.Departments) > 0) {
						t.Errorf("%s: %d with the menu %s", path, res.Code, menu)
					}
				}
			}
		})
	}
}

func eachDistrict(c *scorecard.Scorecard, change func(*kpi.District)) {
	for i := range c.City.Districts {
		change(&c.City.Districts[i])
	}
}

// A department's page has all of its public indicators, the worst first, and no other; every indicator leads to its department.
func TestDepartmentPages(t *testing.T) {
	card := scorecardtest.Normal()
	card.Results[3].Indicator.Public = false
	card.Results[0].Indicator.Service = &kpi.Service{
		Name: kpi.NewText(kpi.English, "Street lights"), Report: "https://311.example/report", Track: "https://311.example/track", Phone: "+1 (555) 010-0100",
	}
	card.Results[1].Indicator.Service = &kpi.Service{Name: kpi.NewText(kpi.English, "Potholes"), Report: "javascript:alert(1)", Phone: "ask at the desk"}
	s := newSite(t, card)
	for _, dep := range card.City.Departments {
		d := s.page("/en/departments/" + dep.ID)
		var got []string
		for _, table := range elements(d.root, "table") {
			for _, a := range elements(table, "a") {
				if id, ok := strings.CutPrefix(get(a, "href"), "/en/indicators/"); ok {
					got = append(got, id)
				}
			}
		}
		want := 0
		for _, res := range card.Results {
			if there := slices.Contains(got, res.Indicator.ID); there != (res.Indicator.Public && res.Indicator.Department == dep.ID) {
				t.Errorf("%s: %s is there: %v", dep.ID, res.Indicator.ID, there)
			} else if there {
				want++
			}
		}
		if len(got) != want {
			t.Errorf("%s: %v, some of them twice", dep.ID, got)
		}
		ranks := []int{}
		for _, id := range got {
			switch card.Result(id).Assessment.Status.Public() {
			case kpi.PublicBehind, kpi.PublicOffTrack:
				ranks = append(ranks, card.Result(id).Assessment.Status.Rank())
			}
		}
		if !slices.IsSorted(ranks) || len(ranks) > 0 && card.Result(got[0]).Assessment.Status.Rank() != ranks[0] {
			t.Errorf("%s: what needs attention is not first, the worst before the others: %v", dep.ID, got)
		}
	}
	d := s.page("/en/departments/" + card.Results[0].Indicator.Department)
	var hrefs []string
	for _, a := range elements(d.root, "a") {
		hrefs = append(hrefs, get(a, "href"))
	}
	for _, want := range []string{"https://311.example/report", "https://311.example/track", "tel:+15550100100", "https://www.harborview.example/public-works"} {
		if !slices.Contains(hrefs, want) {
			t.Errorf("the department's page does not lead to %s", want)
		}
	}
	for _, want := range []string{"Director of Public Works", "ask at the desk", "Keeps streets"} {
		if !strings.Contains(text(d.root), want) {
			t.Errorf("the department's page does not say %q", want)
		}
	}
	page := s.page("/en/indicators/" + card.Results[0].Indicator.ID)
	if !slices.ContainsFunc(elements(page.root, "a"), func(a *html.Node) bool {
		return get(a, "href") == "/en/departments/"+card.Results[0].Indicator.Department
	}) {
		t.Error("an indicator does not lead to its department")
	}
}
