package chart

import "math"

// scale maps values to a coordinate.
type scale struct {
	lo, hi     float64 // values
	from, to   float64 // coordinates of lo and hi
	ticks      []float64
	step       float64
	stepsDigit int // decimals that the ticks need
}

// at returns the coordinate of a value; one beyond the ends is drawn at the end.
func (s scale) at(v float64) float64 {
	if s.hi == s.lo {
		return (s.from + s.to) / 2
	}
	share := v/2 - s.lo/2 // halves: the difference of two huge values has no room in a float64
	share /= s.hi/2 - s.lo/2
	return s.from + min(max(share, 0), 1)*(s.to-s.from)
}

// bounds are what an axis may not go beyond and must show.
type bounds struct {
	floor, ceiling float64 // natural ends, ±Inf if there are none
	zero           bool    // begin at zero
	grain          float64 // the least step between ticks: 1 for counts
}

// newScale returns an axis over the values, with about n ticks at round numbers; its ends are ticks.
func newScale(lo, hi float64, n int, b bounds) scale {
	lo, hi = max(lo, b.floor), min(hi, b.ceiling)
	const most = math.MaxFloat64 / 8
	lo, hi = min(max(lo, -most), most), min(max(hi, -most), most)
	if b.zero || lo > 0 && lo < 0.35*hi {
		lo = min(lo, 0)
	}
	if b.zero || hi < 0 && hi > 0.35*lo {
		hi = max(hi, 0)
	}
	lo, hi = widen(lo, hi, b)
	if near(lo, b.floor, hi-lo) {
		lo = b.floor
	}
	if near(hi, b.ceiling, hi-lo) {
		hi = b.ceiling
	}
	step, digits := niceStep(max((hi-lo)/float64(n), b.grain))
	s := scale{step: step, stepsDigit: digits}
	s.lo, s.hi = max(math.Floor(lo/step+1e-9)*step, b.floor), min(math.Ceil(hi/step-1e-9)*step, b.ceiling)
	first := math.Ceil(s.lo/step - 1e-9)
	for k := 0; ; k++ {
		v := (first + float64(k)) * step
		if v > s.hi+step*1e-6 || k > 20 {
			break
		}
		if math.Abs(v) < step*1e-6 {
			v = 0
		}
		s.ticks = append(s.ticks, v)
	}
	return s
}

// widen keeps an axis from making much of little: its span is at least 15 % of the amounts that it shows.
func widen(lo, hi float64, b bounds) (float64, float64) {
	span := 0.15 * max(math.Abs(lo), math.Abs(hi))
	if span == 0 {
		span = max(b.grain, 0.1*min(b.ceiling, 10)) // everything is zero
	}
	if hi-lo >= span {
		return lo, hi
	}
	pad := (span - (hi - lo)) / 2
	lo, hi = lo-pad, hi+pad
	if lo < b.floor {
		lo, hi = b.floor, max(hi, b.floor+span)
	}
	if hi > b.ceiling {
		lo, hi = min(lo, b.ceiling-span), b.ceiling
	}
	return lo, hi
}

// near reports whether a value is so close to a natural end that the axis may as well begin there.
func near(v, end, span float64) bool { return !math.IsInf(end, 0) && math.Abs(v-end) <= 0.12*span }

// niceStep returns the round number (1, 2, 2.5 or 5 times a power of ten) that is not less than a raw step, and its decimals.
func niceStep(raw float64) (step float64, digits int) {
	if raw <= 0 || math.IsNaN(raw) {
		return 1, 0
	}
	exp := math.Floor(math.Log10(raw))
	power := math.Pow(10, exp)
	digits = max(0, int(-exp))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= raw*(1-1e-9) {
			switch m {
			case 2.5:
				return m * power, max(0, 1-int(exp))
			case 10:
				return m * power, max(0, int(-exp)-1)
			}
			return m * power, digits
		}
	}
	return 10 * power, digits
}
