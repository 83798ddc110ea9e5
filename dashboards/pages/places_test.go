package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
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
