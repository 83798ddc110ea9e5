package pages

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

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
