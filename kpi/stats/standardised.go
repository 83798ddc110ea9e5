package stats

import "math"

// Stratum is an age band, or another part of a population, of a rate that is standardised.
type Stratum struct {
	Events     float64 // not negative
	Population float64 // positive
	Weight     float64 // people of the standard population, or any share of them; not negative
}

// EuropeanStandard2013 returns the people in the age bands of the European Standard Population of 2013, as Eurostat revised it: 0–4, 5–9
// and so on to 85–89 and 90+, 100,000 together.
func EuropeanStandard2013() []float64 {
	return []float64{5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000}
}

// DirectlyStandardised gives the rate that a population would have, per so many people, if its strata had the shares of a standard
// population: Σ w·x/n / Σ w, with limits after Dobson and others, Statistics in Medicine 10, 1991, that are made of Byar's. ok is false
// below 10 events, where the OHID publishes none, and for strata that make no rate.
func DirectlyStandardised(strata []Stratum, per, confidence float64) (rate float64, i Interval, ok bool) {
	var events, weights float64
	for _, s := range strata {
		if !(s.Events >= 0 && s.Population > 0 && s.Weight >= 0) {
			return 0, Interval{}, false
		}
		events += s.Events
		weights += s.Weight
	}
	if !(events >= ohidExact && weights > 0 && per > 0) {
		return 0, Interval{}, false
	}
	var deviation float64 // of the rate; its square would overflow sooner
	for _, s := range strata {
		perPerson := s.Weight / weights / s.Population * per
		rate += s.Events * perPerson
		deviation = math.Hypot(deviation, math.Sqrt(s.Events)*perPerson)
	}
	if !finite(events) || !finite(weights) || !finite(rate) || !finite(deviation) {
		return 0, Interval{}, false
	}
	factor := deviation / math.Sqrt(events)
	return rate, Byar(events, confidence).shape(rate-factor*events, factor), true
}
