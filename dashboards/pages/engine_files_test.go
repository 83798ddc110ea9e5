package pages

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystat/kpi/scorecard/scorecardtest"
)

// A figure's numbers can be downloaded, by HEAD as well, and are asked for again only if they have changed.
func TestFiles(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	for path, columns := range map[string][]string{
		"/indicators/trees-planted/year-to-date.csv":             {"indicator", "period", "value", "to_date", "expected", "before"},
		"/indicators/families-housed/equity.csv":                 {"indicator", "dimension", "from", "to", "member", "member_name", "value", "low", "high", "verdict", "suppressed"},
		"/indicators/street-lights-on-time/drivers.csv":          {"indicator", "dimension", "from", "to", "member", "member_name", "rate", "mix", "total"},
		"/indicators/harbor-promenade/project.csv":               {"indicator", "date", "milestone", "work_planned", "work_done", "spent"},
		"/evaluations/letters-before-inspection.csv":             {"evaluation", "indicator", "period", "side", "value", "fitted", "counterfactual", "compared"},
		"/indicators/street-lights-on-time/districts.csv":        {"indicator", "member", "member_name", "2026-02"},
		"/indicators/street-lights-on-time/district-changes.csv": {"indicator", "member", "member_name", "2026-02", "change", "lowest", "highest"},
		"/data/street-safety/deliveries.csv":                     {"dataset", "date", "delivery", "late"},
		"/changes.csv":                                           {"seen", "indicator", "what", "field", "from", "to", "decided_by", "reason", "act"},
	} {
		res := s.do(http.MethodGet, path, nil)
		h := res.Header()
		if res.Code != http.StatusOK || !strings.HasPrefix(h.Get("Content-Type"), "text/csv") || h.Get("ETag") == "" || !strings.Contains(h.Get("Cache-Control"), "public") ||
			h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Content-Disposition"), ".csv") {
			t.Errorf("%s: %d %v", path, res.Code, h)
			continue
		}
		records, err := csv.NewReader(strings.NewReader(res.Body.String())).ReadAll()
		if err != nil || len(records) < 3 {
			t.Errorf("%s: %d records, %v", path, len(records), err)
			continue
		}
		for _, c := range columns {
			if !slices.Contains(records[0], c) {
				t.Errorf("%s: no column %s in %v", path, c, records[0])
			}
		}
		seen := map[string]bool{}
		for _, c := range records[0] {
			if seen[c] {
				t.Errorf("%s: the column %s stands twice", path, c)
			}
			seen[c] = true
		}
		if head := s.do(http.MethodHead, path, nil); head.Code != http.StatusOK || head.Body.Len() > 0 || head.Header().Get("ETag") != h.Get("ETag") {
			t.Errorf("HEAD %s: %d, %d bytes", path, head.Code, head.Body.Len())
		}
		if again := s.do(http.MethodGet, path, http.Header{"If-None-Match": {h.Get("ETag")}}); again.Code != http.StatusNotModified {
			t.Errorf("%s: asked for again: %d", path, again.Code)
		}
	}
	for _, path := range []string{
		"/indicators/potholes-days/year-to-date.csv", "/indicators/none/equity.csv", "/indicators/potholes-days/project.csv", "/indicators/harbor-promenade/drivers.csv",
		"/indicators/harbor-promenade/equity.csv", "/evaluations/night-crews.csv", "/evaluations/none.csv", "/evaluations/one-form", "/evaluations/.csv",
		"/indicators/street-lights-on-time/days.csv", "/indicators/satisfied-residents/districts.csv", "/data/none/deliveries.csv", "/data/resident-survey/deliveries.csv",
	} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.Code)
		}
	}
}

// In a file numbers that are not shown are empty cells, and the column beside them says why.
func TestFilesKeepBack(t *testing.T) {
	s := newSite(t, scorecardtest.Published())
	records, err := csv.NewReader(strings.NewReader(s.do(http.MethodGet, "/indicators/families-housed/equity.csv", nil).Body.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, c := range records[0] {
		at[c] = i
	}
	hidden := 0
	for _, r := range records[1:] {
		why := r[at["suppressed"]]
		for _, c := range []string{"value", "low", "high", "difference", "ratio", "rows"} {
			if got := r[at[c]] != ""; got == (why != "") {
				t.Errorf("%s: %s is %q and suppressed %q", r[at["member"]], c, r[at[c]], why)
			}
		}
		if why != "" {
			hidden++
		}
	}
	if hidden == 0 {
		t.Error("nothing is kept back")
	}
}

// What a city writes never runs in a spreadsheet.
func TestFilesOfAHostileCity(t *testing.T) {
	s := newSite(t, scorecardtest.Hostile())
	for _, path := range []string{"/changes.csv", "/evaluations/one-form.csv", "/indicators/street-lights-on-time/equity.csv", "/indicators/street-lights-on-time/drivers.csv"} {
		res := s.do(http.MethodGet, path, nil)
		records, err := csv.NewReader(strings.NewReader(res.Body.String())).ReadAll()
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, r := range records {
			for _, cell := range r {
				if _, err := strconv.ParseFloat(cell, 64); err != nil && cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
					t.Errorf("%s: a spreadsheet would run %q", path, cell)
				}
			}
		}
	}
}
