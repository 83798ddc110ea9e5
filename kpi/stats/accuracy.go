package stats

import "math"

// Accuracy measures forecasts against what came. Percentage errors are relative to the actual value.
type Accuracy struct {
	Points int // pairs with both values
	ME     float64
	RMSE   float64
	MAE    float64
	// MPE and MAPE are in percent. Percent is false, and they are 0, where an actual value is 0.
	MPE, MAPE float64
	Percent   bool
	// MASE is MAE over the mean absolute step, from season to season, of the training values (Hyndman and Koehler 2006): above 1 the
	// forecasts are worse than the last value of the same season was. Scaled is false, and it is 0, where there is no such step or all are 0.
	MASE   float64
	Scaled bool
	// ACF1 is the autocorrelation of the errors at lag 1; 0 where they are all the same, or fewer than 2. Pairs without both values are
	// left out, their neighbours follow each other.
	ACF1 float64
}

// AccuracyOf compares forecasts with actual values, pair by pair; training holds the values that the forecasts were made from, season their
// cycle (1: none). It is false if the two have different lengths, no pair has both values, or the numbers are too large.
func AccuracyOf(actual, forecast, training []float64, season int) (Accuracy, bool) {
	if len(actual) != len(forecast) || season < 1 {
		return Accuracy{}, false
	}
	a := Accuracy{Percent: true}
	var errors, sizes, squares, percents, shares []float64
	for i, y := range actual {
		e := y - forecast[i]
		if !finite(y) || !finite(forecast[i]) {
			continue
		}
		errors, sizes, squares = append(errors, e), append(sizes, math.Abs(e)), append(squares, e*e)
		if p := 100 * e / y; finite(p) {
			percents, shares = append(percents, p), append(shares, math.Abs(p))
		} else {
			a.Percent = false
		}
	}
	if a.Points = len(errors); a.Points == 0 {
		return Accuracy{}, false
	}
	a.ME, a.MAE, a.RMSE = mean(errors), mean(sizes), math.Sqrt(mean(squares))
	if a.Percent {
		a.MPE, a.MAPE = mean(percents), mean(shares)
	}
	if step, ok := lagStep(training, season); ok {
		a.MASE = a.MAE / step
		a.Scaled = finite(a.MASE)
	}
	if !a.Scaled {
		a.MASE = 0
	}
	a.ACF1 = autocorrelationAt(errors, 1)
	for _, v := range []float64{a.ME, a.MAE, a.RMSE, a.MPE, a.MAPE, a.ACF1} {
		if !finite(v) {
			return Accuracy{}, false
		}
	}
	return a, true
}

// lagStep returns the mean absolute step over a lag, from pairs with both values; false if there is none or all are 0.
func lagStep(x []float64, lag int) (float64, bool) {
	sum, n := 0.0, 0.0
	for i := lag; i < len(x); i++ {
		if d := math.Abs(x[i] - x[i-lag]); finite(d) {
			sum, n = sum+d, n+1
		}
	}
	if n == 0 || sum == 0 || !finite(sum) {
		return 0, false
	}
	return sum / n, true
}
