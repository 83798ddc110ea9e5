package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"citystat/dashboards/api"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

func TestDistrictDocumentsAreAsPromised(t *testing.T) {
	h := server(fixed(scorecardtest.Published()))
	for path, name := range map[string]string{
		"/api/v1/districts": "districts.golden.json", "/api/v1/districts/east-quay?lang=fr": "district.golden.json",
	} {
		w := ask(h, http.MethodGet, path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		golden(t, name, w.Body.Bytes())
	}
}

// Every number of a district's document is the published one, and one that is not shown is nowhere in it.
func TestDistrictsHaveThePublishedNumbers(t *testing.T) {
	card := scorecardtest.Published()
	h := server(fixed(card))
	hidden := 0
	for _, d := range card.City.Districts {
		var doc api.DistrictDetail
		w := ask(h, http.MethodGet, "/api/v1/districts/"+d.ID)
		if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %v", d.ID, w.Code, err)
		}
		list := card.InDistrict(d.ID)
		if len(doc.Values) != len(list) || doc.Indicators != len(list) || doc.Finding != nil {
			t.Fatalf("%s: %d values, want %d; %d; %v", d.ID, len(doc.Values), len(list), doc.Indicators, doc.Finding)
		}
		for i, l := range list {
			v := doc.Values[i]
			if v.Indicator != l.Result.Indicator.ID || v.State != string(l.State) || v.Verdict != string(l.Verdict()) {
				t.Errorf("%s: %+v", d.ID, v)
			}
			switch l.State {
			case scorecard.LocalNone:
				if v.Value != nil || v.Period != nil || v.CityValue != nil {
					t.Errorf("%s %s: numbers of nothing: %+v", d.ID, v.Indicator, v)
				}
			case scorecard.LocalHidden:
				hidden++
				if v.Value != nil || v.Rows != 0 || v.Change != nil || v.Suppressed == "" {
					t.Errorf("%s %s: a number that is not shown: %+v", d.ID, v.Indicator, v)
				}
			default:
				want, city := l.Result.Observation(*v.Period, "district", d.ID), l.Result.Observation(*v.Period, "", "")
				if *v.Value != *want.Value || *v.CityValue != *city.Value || v.Rows != want.Rows {
					t.Errorf("%s %s: %+v, want %v beside %v", d.ID, v.Indicator, v, *want.Value, *city.Value)
				}
			}
		}
	}
	if hidden == 0 {
		t.Error("nothing is hidden in any district: this shows nothing")
	}
}

func TestDistrictsThatAreNot(t *testing.T) {
	h := server(fixed(scorecardtest.Normal()))
	for _, id := range []string{"nowhere", "EAST-QUAY", "%00", "a%2fb", strings.Repeat("a", 300)} {
		if w := ask(h, http.MethodGet, "/api/v1/districts/"+id); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", id, w.Code)
		}
	}
	if w := ask(h, http.MethodGet, "/api/v1/districts?lang=tlh"); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown language: %d", w.Code)
	}
	var doc api.Districts
	if err := json.Unmarshal(ask(server(fixed(scorecardtest.One())), http.MethodGet, "/api/v1/districts").Body.Bytes(), &doc); err != nil || doc.Districts == nil || len(doc.Districts) > 0 {
		t.Errorf("a city without districts: %+v, %v", doc, err)
	}
	if b := ask(server(fixed(scorecardtest.Hostile())), http.MethodGet, "/api/v1/districts").Body.String(); strings.ContainsAny(b, "<>&") {
		t.Error("the document holds a bare <, > or &: it could not stand in a page")
	}
}
