package dashboards

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/dashboards/dashboardstest"
	"citystat/kpi/scorecard/scorecardtest"
)

// beside is what a surface says of an indicator in a district: its value and the city's, as machines read them; "" for none.
type beside struct{ here, city string }

// TestSameNumberInDistricts asks the page of every district, its file, the API, and the lists of a reader who chose it, for every indicator, and
// gets the published numbers from each.
func TestSameNumberInDistricts(t *testing.T) {
	card := scorecardtest.Published()
	s := newServer(t, Options{Published: published(card)})
	get := getter(s)
	write := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', -1, 64)
	}
	compared := 0
	for _, d := range card.City.Districts {
		want := map[string]beside{}
		for _, l := range card.InDistrict(d.ID) {
			b := beside{}
			if l.Here != nil {
				b = beside{write(l.Here.Value), write(l.City.Value)}
				compared++
			}
			want[l.Result.Indicator.ID] = b
		}
		list := ask(s, http.MethodGet, "/en/indicators", "Cookie", "district="+d.ID).Body.Bytes()
		for place, got := range map[string]map[string]beside{
			"page": besideOnPage(t, get(t, "/en/districts/"+d.ID), "amount", "num"),
			"list": besideOnPage(t, list, "local", "amount"),
			"file": besideInFile(t, get(t, "/districts/"+d.ID+".csv")),
			"API":  besideInAPI(t, get(t, "/api/v1/districts/"+d.ID)),
		} {
			for id, w := range want {
				g, ok := got[id]
				a := card.Result(id).Assessment
				if place == "list" && w.here != "" && a.Judged != nil && a.Target != nil {
					w.city = write(a.Judged) // the year so far, beside the year's target; the district's value names its period
				}
				if w.here == "" || place == "list" && card.Local(card.Result(id), d.ID).Period.ID != card.Result(id).Assessment.Period {
					g.city, w.city = "", "" // the list says the city's own newest value
				}
				if !ok || g != w {
					t.Errorf("%s, %s: %s says %q, published is %q", d.ID, id, place, g, w)
				}
			}
			if place != "list" && len(got) != len(want) {
				t.Errorf("%s: %s has %d indicators, want %d", d.ID, place, len(got), len(want))
			}
		}
	}
	if compared < 100 {
		t.Errorf("only %d numbers to compare", compared)
	}
}

// besideOnPage reads the rows of a page: the value in the cell of the district's class and in that of the city's.
func besideOnPage(t *testing.T, body []byte, here, city string) map[string]beside {
	t.Helper()
	got := map[string]beside{}
	for tr := range dashboardstest.Parse(t, body).Descendants() {
		if tr.Type != html.ElementNode || tr.Data != "tr" {
			continue
		}
		id, b, seen := "", beside{}, 0
		for n := range tr.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			switch n.Data {
			case "a":
				if rest, ok := strings.CutPrefix(dashboardstest.Attribute(n, "href"), "/en/indicators/"); ok {
					id = rest
				}
			case "td":
				class := " " + dashboardstest.Attribute(n, "class") + " "
				switch seen++; {
				case strings.Contains(class, " "+here+" "):
					b.here = firstNumber(n)
				case strings.Contains(class, " "+city+" ") && seen <= 2:
					b.city = firstNumber(n)
				}
			}
		}
		if id != "" {
			got[id] = b
		}
	}
	return got
}

func firstNumber(n *html.Node) string {
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == "data" {
			return dashboardstest.Attribute(c, "value")
		}
	}
	return ""
}

func besideInFile(t *testing.T, body []byte) map[string]beside {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at, got := map[string]int{}, map[string]beside{}
	for i, key := range records[0] {
		at[key] = i
	}
	for _, r := range records[1:] {
		got[r[at["indicator"]]] = beside{r[at["value"]], r[at["city_value"]]}
	}
	return got
}

func besideInAPI(t *testing.T, body []byte) map[string]beside {
	t.Helper()
	var doc struct {
		Values []struct {
			Indicator string
			Value     json.Number
			City      json.Number `json:"city_value"`
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	got := map[string]beside{}
	for _, v := range doc.Values {
		got[v.Indicator] = beside{v.Value.String(), v.City.String()}
	}
	return got
}

// A reader chooses a district through the whole server: nothing before the pages refuses the form, and nothing between keeps the answer.
func TestChoosingADistrict(t *testing.T) {
	s := normalServer(t)
	w := sendForm(s, "/en/districts", "district=east-quay&to=/data", "")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/data" || !strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	cookie := w.Result().Cookies()[0]
	page := ask(s, http.MethodGet, "/en/data", "Cookie", cookie.Name+"="+cookie.Value)
	if !strings.Contains(page.Body.String(), "East Quay") || !strings.HasPrefix(page.Header().Get("Cache-Control"), "private") {
		t.Errorf("the next page does not know it: %v", page.Header())
	}
	if w := sendForm(s, "/en/districts", "district=east-quay", "cross-site"); w.Code < 400 || len(w.Result().Cookies()) > 0 {
		t.Errorf("a form of another site: %d %v", w.Code, w.Result().Cookies())
	}
	for _, path := range []string{"/en/districts/east-quay", "/en/departments", "/en/"} {
		if w := sendForm(s, path, "district=east-quay", "same-origin"); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	for _, path := range []string{"/districts/nowhere.csv", "/api/v1/districts/nowhere"} {
		if w := ask(s, http.MethodGet, path); w.Code != http.StatusNotFound || !strings.Contains(w.Header().Get("Content-Type"), "problem+json") {
			t.Errorf("%s: %d %s, want a problem for programs", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

// sendForm sends a form as a browser does that comes from a site, "" if it does not say.
func sendForm(s *Server, path, form, site string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if site != "" {
		r.Header.Set("Sec-Fetch-Site", site)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}
