package stats

import "math"

// SeasonStrength is the strength from which a series counts as seasonal (Wang, Smith and Hyndman 2006 give the measure; 0.64 is the bound
// that forecasters use to difference a series by season).
const SeasonStrength = 0.64

// Strength says how much of a series is trend and how much season, each from 0 to 1, beside the remainder.
type Strength struct {
	Trend  float64 // max(0, 1 − Var(remainder)/Var(trend + remainder))
	Season float64 // max(0, 1 − Var(remainder)/Var(season + remainder))
}

// Strength measures the decomposition over the periods that have a value. A part without variation has strength 0.
func (d Decomposition) Strength() Strength {
	e := 0
	for _, part := range [][]float64{d.Seasonal, d.Trend, d.Remainder} {
		_, x := math.Frexp(largest(part))
		e = max(e, x)
	}
	var trend, season, rest []float64
	for i := range d.Remainder {
		if d.has == nil || d.has[i] {
			s, t, r := math.Ldexp(d.Seasonal[i], -e-2), math.Ldexp(d.Trend[i], -e-2), math.Ldexp(d.Remainder[i], -e-2)
			trend, season, rest = append(trend, t+r), append(season, s+r), append(rest, r)
		}
	}
	scale := math.Max(largest(trend), largest(season))
	return Strength{Trend: strength(rest, trend, scale), Season: strength(rest, season, scale)}
}

// strength is the share of what varies in the whole that the rest does not; differences that are rounding for numbers as large as scale
// are none.
func strength(rest, whole []float64, scale float64) float64 {
	w := squaredDeviations(whole)
	if math.Sqrt(w/float64(max(1, len(whole)))) <= 1e-12*scale {
		return 0
	}
	return math.Max(0, 1-squaredDeviations(rest)/w)
}

// squaredDeviations adds up the squares of the deviations from the mean.
func squaredDeviations(x []float64) float64 {
	m, sum := mean(x), 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	return sum
}

// Seasonal takes a series apart, with a season that repeats itself, and says whether it is seasonal: whether there are two full cycles
// (see STL for what gaps it may have) and the season's strength is 0.64 or more. With little more than two cycles the season follows
// chance: of series of 25 months without any season one in five is called seasonal, of 36 months one in a hundred.
func Seasonal(values []float64, period int) (Decomposition, bool) {
	d, ok := STL(values, period, STLOptions{})
	return d, ok && d.Strength().Season >= SeasonStrength
}

// Adjusted returns the values less their season. values are those that were taken apart. Where there is none it is NaN, a period without
// a value, as it was in the values: a gap is bridged to find the season, and stays a gap.
func (d Decomposition) Adjusted(values []float64) []float64 {
	list := make([]float64, len(values))
	for i, v := range values {
		list[i] = math.NaN()
		if j := i - d.First; j >= 0 && j < len(d.Seasonal) && finite(v-d.Seasonal[j]) {
			list[i] = v - d.Seasonal[j]
		}
	}
	return list
}

// SeasonallyAdjusted returns the values of a seasonal series less their season, with NaN for periods without a value, and false for a
// series that is not seasonal or too short or full of gaps to tell (see Seasonal): it is to be read as it is.
func SeasonallyAdjusted(values []float64, period int) ([]float64, bool) {
	d, ok := Seasonal(values, period)
	if !ok {
		return nil, false
	}
	return d.Adjusted(values), true
}
