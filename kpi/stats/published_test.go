package stats

import (
	"math"
	"testing"
)

// lines are the published ones of a chart, as its documentation prints them.
type lines struct {
	Mean  float64 `json:"mean"`
	Lower float64 `json:"lpl"`
	Upper float64 `json:"upl"`
}

// printed compares a computed number with one that was printed with so many decimals.
func printed(got, want float64, decimals int) bool {
	return math.Abs(got-want) <= 0.5000001*math.Pow10(-decimals)
}

// The numbers that NHSRplotthedots prints in its own documentation and tests.
func TestXmRAgainstPublishedNumbers(t *testing.T) {
	var file struct {
		Vignette struct {
			Data       []float64 `json:"data"`
			Screened   lines     `json:"screened"`
			Unscreened lines     `json:"unscreened"`
		} `json:"nhsr_vignette_limits"`
		Snapshots struct {
			Base        lines `json:"base"`
			Screened    lines `json:"outlier10_at_15_screened"`
			NotScreened lines `json:"not_screened"`
		} `json:"nhsr_snapshots"`
	}
	fromJSON(t, "published_numbers.json", &file)
	if len(file.Vignette.Data) != 18 {
		t.Fatalf("%d points in the example, want 18", len(file.Vignette.Data))
	}
	units := map[string][]float64{}
	for _, row := range records(t, "nhs_xmr_input.csv.gz") {
		units[row["case"]] = append(units[row["case"]], number(t, row["value"]))
	}
	outlier := units["unit_seed123_outlier_screened"]
	for name, c := range map[string]struct {
		values   []float64
		screen   bool
		want     lines
		decimals int
	}{
		"example, screened":     {file.Vignette.Data, true, file.Vignette.Screened, 2},
		"example, not screened": {file.Vignette.Data, false, file.Vignette.Unscreened, 2},
		"random":                {units["unit_seed123"], true, file.Snapshots.Base, 5},
		"outlier, screened":     {outlier, true, file.Snapshots.Screened, 6},
		"outlier, not screened": {outlier, false, file.Snapshots.NotScreened, 6},
	} {
		l := XmR(c.values, Options{Screen: c.screen}).Segments[0].Limits
		mean := c.want.Mean
		if mean == 0 { // not printed
			mean = l.Mean
		}
		if !printed(l.Mean, mean, c.decimals) || !printed(l.Lower, c.want.Lower, c.decimals) || !printed(l.Upper, c.want.Upper, c.decimals) {
			t.Errorf("%s: %+v, want %+v", name, l, c.want)
		}
	}
}
