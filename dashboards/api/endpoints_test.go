package api_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"citystat/dashboards/api"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// Every address that programs are told of answers, with every parameter that they are told of, and every column is in the file.
func TestEndpointsAnswer(t *testing.T) {
	card := scorecardtest.Normal()
	h := server(fixed(card))
	get := func(path string) *httptest.ResponseRecorder {
		res := httptest.NewRecorder()
		h.ServeHTTP(res, httptest.NewRequest(http.MethodGet, path, nil))
		return res
	}
	first := card.Results[0].Indicator.ID
	ids := map[string]string{"indicator": first, "file": first, "evaluation": card.Evaluations[0].Definition.ID, "district": card.City.Districts[0].ID}
	values := map[string]string{"period": "2025-06", "dimension": "district", "member": card.City.Districts[0].ID, "lang": "fr", "indicator": first}
	told := api.New(func(context.Context) (*scorecard.Scorecard, error) { return card, nil }, bundle(), drawing).Endpoints()
	seen := map[string]bool{}
	for _, e := range told {
		path := strings.ReplaceAll(e.Path, "{id}", ids[e.Name])
		if seen[path] || strings.Contains(path, "{") {
			t.Errorf("%s is told twice, or with something that nobody can know", path)
		}
		seen[path] = true
		for _, q := range append([]string{""}, e.Query...) {
			if q != "" {
				q = "?" + q + "=" + values[q]
			}
			if res := get(path + q); res.Code != http.StatusOK || res.Body.Len() == 0 {
				t.Errorf("GET %s: status %d, %d bytes", path+q, res.Code, res.Body.Len())
			}
		}
	}
	if len(seen) < 9 {
		t.Errorf("only %d addresses are told: %v", len(seen), told)
	}
	records, err := csv.NewReader(get("/indicators/" + first + ".csv").Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, name := range records[0] {
		if strings.HasPrefix(name, "excluded_") {
			name = "excluded_REASON"
		}
		if !slices.Contains(got, name) {
			got = append(got, name)
		}
	}
	if !slices.Equal(got, api.CSVColumns()) {
		t.Errorf("the file has the columns %v, told are %v", got, api.CSVColumns())
	}
}
