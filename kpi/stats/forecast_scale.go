package stats

import "math"

// ForecastScale is the scale on which a series is forecast, so that what cannot happen is not forecast: a share above 100 %, a count
// below 0.
type ForecastScale string

// The scales.
const (
	ScaleLinear ForecastScale = "" // as it is
	// ScaleLogit is for percentages, 0–100. They are first drawn in, (y·(n−1) + 50)/n of n points, so that 0 and 100 have a logit
	// (Smithson and Verkuilen, "A better lemon squeezer?", 2006); a target is drawn in by as much, and a result back out.
	ScaleLogit ForecastScale = "logit"
	ScaleLog1p ForecastScale = "log1p" // for counts: log(1 + y)
)

// domain returns the least and the largest value that there can be.
func (c ForecastScale) domain() (low, high float64) {
	switch c {
	case ScaleLogit:
		return 0, 100
	case ScaleLog1p:
		return 0, math.Inf(1)
	}
	return math.Inf(-1), math.Inf(1)
}

// fits reports whether the scale is one, and all values can be brought to it.
func (c ForecastScale) fits(values []float64) bool {
	if c != ScaleLinear && c != ScaleLogit && c != ScaleLog1p {
		return false
	}
	low, high := c.domain()
	for _, v := range values {
		if finite(v) && (v < low || v > high) {
			return false
		}
	}
	return true
}

// to brings a value to the scale; n is the number of points. What lies beyond the scale becomes an infinity: it is no value, but a
// target may lie there.
func (c ForecastScale) to(v, n float64) float64 {
	switch c {
	case ScaleLogit:
		p := (v/100*(n-1) + 0.5) / n
		if p <= 0 || v < 0 {
			return math.Inf(-1)
		}
		if p >= 1 || v > 100 {
			return math.Inf(1)
		}
		return math.Log(p) - math.Log1p(-p)
	case ScaleLog1p:
		if v < 0 {
			return math.Inf(-1)
		}
		return math.Log1p(v)
	}
	return v
}

// bounds brings bounds to the scale. One at the end of what there can be, or beyond, holds whatever comes: results that would lie beyond
// lie at the end.
func (c ForecastScale) bounds(b Bounds, n float64) Bounds {
	low, high := c.domain()
	scaled := Bounds{math.Inf(-1), math.Inf(1)}
	if b.Low > low {
		scaled.Low = c.to(b.Low, n)
	}
	if b.High < high {
		scaled.High = c.to(b.High, n)
	}
	return scaled
}

// back is the inverse of to. Results stay within what can happen.
func (c ForecastScale) back(v, n float64) float64 {
	switch c {
	case ScaleLogit:
		p := 1 / (1 + math.Exp(-v))
		return math.Min(math.Max(100*(p*n-0.5)/(n-1), 0), 100)
	case ScaleLog1p:
		return math.Max(math.Expm1(v), 0)
	}
	return v
}
