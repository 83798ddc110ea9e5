package stats

import (
	"math"
	"testing"
)

func TestStandardisedRatesAgainstReference(t *testing.T) {
	strata := map[string][]Stratum{}
	for _, row := range records(t, "ohid_dsr_strata.csv.gz") {
		strata[row["area"]] = append(strata[row["area"]], Stratum{number(t, row["events"]), number(t, row["population"]), number(t, row["weight"])})
	}
	for _, row := range records(t, "ohid_dsr_expected.csv.gz") {
		for limits, confidence := range map[string]float64{"95": 0.95, "998": 0.998} {
			rate, i, ok := DirectlyStandardised(strata[row["area"]], number(t, row["per"]), confidence)
			limitIs(t, row["area"]+" rate", row["rate"], rate, ok)
			if row["lower"+limits] == "" && ok {
				continue // the source has none
			}
			intervalIs(t, row["area"]+" at "+limits, i, row["lower"+limits], row["upper"+limits])
		}
	}
}

func TestEuropeanStandard(t *testing.T) {
	sum, weights := 0.0, EuropeanStandard2013()
	for i, row := range records(t, "esp2013_weights.csv.gz") {
		if weights[i] != number(t, row["weight"]) {
			t.Errorf("band %d: %v, want %s", i, weights[i], row["weight"])
		}
		sum += weights[i]
	}
	if sum != 100000 || len(weights) != 19 {
		t.Errorf("%d bands of %v people", len(weights), sum)
	}
}

func TestStandardisedRateOfEqualSharesIsTheRate(t *testing.T) {
	strata := []Stratum{{30, 1000, 1}, {12, 3000, 3}, {50, 500, 0.5}}
	rate, i, ok := DirectlyStandardised(strata, 1000, 0.95)
	plain, j, _ := Rate(92, 4500, 1000, 0.95, Byar)
	if !ok || !same(rate, plain) || !same(i.Lower, j.Lower) || !same(i.Upper, j.Upper) {
		t.Errorf("%v %+v, want %v %+v", rate, i, plain, j)
	}
}

func FuzzStandardised(f *testing.F) {
	f.Add(12.0, 100.0, 1.0, 3.0, 50.0, 2.0, 1000.0)
	f.Add(1e300, 1e-300, 1e300, 1e300, 1.0, 1e300, 1e300)
	f.Add(math.NaN(), 1.0, 1.0, math.Inf(1), 1.0, 0.0, 1.0)
	f.Fuzz(func(t *testing.T, x1, n1, w1, x2, n2, w2, per float64) {
		rate, i, _ := DirectlyStandardised([]Stratum{{x1, n1, w1}, {x2, n2, w2}}, per, 0.95)
		soundInterval(t, "standardised", i)
		if !finite(rate) {
			t.Errorf("rate %v", rate)
		}
	})
}
