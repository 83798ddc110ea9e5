package main

import (
	"testing"

	"citystat/dashboards/dashboardstest"
)

// TestSameNumber asks the page, the API, the CSV and /metrics of the sample city for every indicator × period × district, and gets the
// same number from each, to the last bit.
func TestSameNumber(t *testing.T) {
	app := serveSample(t)
	n := dashboardstest.SameNumber(t, func(t testing.TB, path string) []byte {
		t.Helper()
		return get(t, app, path)
	}, card(t, app))
	if n < 1000 {
		t.Errorf("only %d numbers were compared", n)
	}
}
