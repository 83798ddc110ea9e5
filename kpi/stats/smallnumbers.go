package stats

import (
	"math"
	"math/big"
)

// Display says whether a number may be shown.
type Display string

// The answers.
const (
	Show     Display = "show"
	Review   Display = "review" // a person decides
	Suppress Display = "suppress"
)

// Thresholds of the rules, each with its source at the function that uses it.
const (
	CMSLargest = 10 // largest count that the Centers for Medicare & Medicaid Services keep back, and the smallest that OHID makes a rate of

	rateSample         = 10
	rateWidth          = 1.60
	fewDegrees         = 8
	proportionSample   = 30
	proportionNarrow   = 0.05
	proportionWide     = 0.30
	proportionRelative = 1.30
)

// DisplayCMS applies the cell size policy of the Centers for Medicare & Medicaid Services: no count from 1 to 10 is shown, nor anything
// from which one follows, percentages included; see CountTable for the latter. A 0 may be shown. A negative count is none.
func DisplayCMS(count int64) Display {
	if count == 0 || count > CMSLargest {
		return Show
	}
	return Suppress
}

// DisplayOHID applies the rule of England's Office for Health Improvement and Disparities for rates that are standardised directly: none
// below 10 events.
func DisplayOHID(events float64) Display {
	if events >= ohidExact && finite(events) {
		return Show
	}
	return Suppress
}

// DisplayNCHSRate applies the presentation standards of the National Center for Health Statistics for rates and counts (Series 2, No.
// 200, 2023): at least 10 events, or people in the sample, and limits no further apart than 160 % of the estimate; fewer than 8 degrees
// of freedom are for review. degrees is 0 for numbers that come from no sample.
func DisplayNCHSRate(sample, estimate float64, limits Interval, degrees float64) Display {
	width, ok := limits.Width()
	if !(sample >= rateSample && estimate > 0) || !ok || width > rateWidth*estimate*(1+1e-12) {
		return Suppress
	}
	if degrees != 0 && !(degrees >= fewDegrees) {
		return Review
	}
	return Show
}

// EffectiveSample is the size of a simple sample in which the proportion would have that standard error, at most the sample itself. At 0
// and 1, where there is no such size, it is the sample.
func EffectiveSample(proportion, deviation, sample float64) float64 {
	if !(sample >= 0) || !finite(sample) {
		return 0
	}
	effective := proportion * (1 - proportion) / (deviation * deviation)
	if !(proportion > 0 && proportion < 1) || !(effective < sample) {
		return sample
	}
	return effective
}

// DisplayNCHSProportion applies the presentation standards of the National Center for Health Statistics for proportions (Series 2, No.
// 175, 2017). The proportion and its limits, which the standards take from Clopper and Pearson, are fractions; effective is the
// effective sample size. Suppressed are an effective sample below 30, limits 0.30 or more apart, and limits more than 0.05 and more than
// 130 % of the proportion apart. 0 and 1 are for review, and so are fewer than 8 degrees of freedom, 0 standing for no sample. complement
// tells of a proportion that may be shown, although 1 − proportion would be suppressed for its relative width: it asks for a note.
func DisplayNCHSProportion(proportion, effective float64, limits Interval, degrees float64) (display Display, complement bool) {
	if !(effective >= proportionSample) || !(proportion >= 0 && proportion <= 1) {
		return Suppress, false
	}
	if proportion == 0 || proportion == 1 {
		return Review, false
	}
	width, ok := limits.Width()
	switch {
	case !ok || width >= proportionWide:
		return Suppress, false
	case width > proportionNarrow:
		if width > proportionRelative*proportion {
			return Suppress, false
		}
		complement = width > proportionRelative*(1-proportion)
	}
	if degrees != 0 && !(degrees >= fewDegrees) {
		return Review, complement
	}
	return Show, complement
}

// Ties says how a publisher rounds what lies half-way.
type Ties uint8

// The ways.
const (
	TiesAny  Ties = iota // not known: it may be either of the two
	TiesUp               // away from zero, as people do, and as CityStat's pages do
	TiesEven             // to the even digit, as R and Python do
)

// Numerators gives the counts that can stand behind a published rate: all x from least to most for which x · per / denominator is value
// when rounded to so many decimals. 7.0 % of 57 can only be 4. per is 100 for percent; who knows that the counts are part of the
// denominator takes the smaller of most and denominator. ok is false if there is none, for a denominator
// that is not positive, for a negative value, and for numbers too large for a table.
func Numerators(value float64, decimals int, per, denominator int64, ties Ties) (least, most int64, ok bool) {
	if decimals < 0 || decimals > 15 || per < 1 || per > math.MaxInt32 || denominator < 1 || !(value >= 0 && value <= 1e12) {
		return 0, 0, false
	}
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	digits := shownDigits(value, ten)
	// x · per · 10^decimals / denominator lies within a half of the digits: 2·x·step from (2·digits − 1)·denominator to (2·digits + 1)·denominator.
	step := new(big.Int).Mul(ten, big.NewInt(2*per))
	edge := func(half int64) *big.Int {
		e := new(big.Int).Add(new(big.Int).Lsh(digits, 1), big.NewInt(half))
		return e.Mul(e, big.NewInt(denominator))
	}
	even := digits.Bit(0) == 0
	low := ceiling(edge(-1), step, ties == TiesEven && !even)
	high := ceiling(edge(1), step, ties == TiesAny || ties == TiesEven && even)
	high.Sub(high, big.NewInt(1))
	if low.Sign() < 0 {
		low.SetInt64(0)
	}
	if low.Cmp(high) > 0 || !high.IsInt64() {
		return 0, 0, false
	}
	return low.Int64(), high.Int64(), true
}

// shownDigits is the value as a whole number of its last decimal.
func shownDigits(value float64, ten *big.Int) *big.Int {
	scaled := new(big.Float).SetPrec(200).SetFloat64(value)
	scaled.Mul(scaled, new(big.Float).SetPrec(200).SetInt(ten))
	scaled.Add(scaled, big.NewFloat(0.5))
	digits, _ := scaled.Int(nil)
	return digits
}

// ceiling is the smallest whole number that is not below a/b, or above a/b if beyond is set.
func ceiling(a, b *big.Int, beyond bool) *big.Int {
	q, r := new(big.Int).DivMod(a, b, new(big.Int)) // rounds down, b is positive
	if r.Sign() > 0 || beyond {
		q.Add(q, big.NewInt(1))
	}
	return q
}

// TellsSmall reports whether a range of counts tells that a count is one of those that may not be shown, 1 to largest.
func TellsSmall(least, most, largest int64) bool { return least >= 1 && most <= largest }
