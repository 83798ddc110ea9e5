package stats

import (
	"math"
	"slices"
)

// SeasonalKendall tests a series with a season for a trend: values are compared with those of the same season only (Hirsch, Slack and
// Smith 1982). period is the number of values in a full cycle, 12 for months; values[i] belongs to season i mod period. S and VarS are
// those of the seasons added up. Seasons are rarely independent: with correlated, VarS has their covariances too (Hirsch and Slack 1984,
// Libiseller and Grimvall 2002), which needs full cycles: years with a gap are then left out, and so is the correction of Z by 1.
// Values that are not finite are periods without a value. ok is false where no season has two values, with more than 5,000 periods, and
// where correlated seasons leave no variance.
func SeasonalKendall(values []float64, period int, correlated bool) (k Kendall, ok bool) {
	if len(values) > kendallMaximum {
		return Kendall{}, false
	}
	return RegionalKendall(seasons(values, period), correlated)
}

// RegionalKendall tests several series, such as a city's districts, for a common trend (Helsel and Frans 2006): columns[j][i] is the value
// of series j in period i. It is SeasonalKendall with series for seasons; a period counts for a correlated test if every series has a
// value. The values of a series are compared with each other only, so that their units do not matter.
func RegionalKendall(columns [][]float64, correlated bool) (k Kendall, ok bool) {
	for _, c := range columns {
		if len(c) > kendallMaximum {
			return Kendall{}, false
		}
	}
	pairs := 0.0
	if correlated {
		k, pairs = correlatedScore(complete(columns))
	} else {
		for _, c := range columns {
			x := valid(c)
			one := kendallScore(x, largest(x))
			k.N, k.S, k.VarS = k.N+one.N, k.S+one.S, k.VarS+one.VarS
			pairs += float64(one.N) * float64(one.N-1) / 2
		}
	}
	if pairs == 0 {
		return Kendall{}, false
	}
	k.Tau = k.S / pairs
	return k.judged(!correlated)
}

// seasons returns the values of each season; none if no season can have two.
func seasons(values []float64, period int) [][]float64 {
	if period < 1 || period >= len(values) {
		return nil
	}
	columns := make([][]float64, period)
	for i, v := range values {
		columns[i%period] = append(columns[i%period], v)
	}
	return columns
}

// complete returns the columns without the rows in which one of them has no value.
func complete(columns [][]float64) [][]float64 {
	rows := 0
	for j, c := range columns {
		if j == 0 || len(c) < rows {
			rows = len(c)
		}
	}
	list := make([][]float64, len(columns))
	for i := range rows {
		if slices.ContainsFunc(columns, func(c []float64) bool { return !finite(c[i]) }) {
			continue
		}
		for j, c := range columns {
			list[j] = append(list[j], c[i])
		}
	}
	return list
}

// correlatedScore returns S, VarS and the number of pairs of columns of equal length. The covariance of two columns is
// (Σ signs · signs + 4 Σ ranks · ranks − n(n+1)²)/3, the first sum over pairs of rows, the second over rows (Dietz and Killeen 1981); that
// of all with all is the same with the columns' signs and ranks added up first.
func correlatedScore(columns [][]float64) (k Kendall, pairs float64) {
	if len(columns) == 0 || len(columns[0]) == 0 {
		return Kendall{}, 0
	}
	rows, c := len(columns[0]), float64(len(columns))
	n := float64(rows)
	scales := make([]float64, len(columns))
	total := make([]float64, rows) // of the ranks in a row
	for j, x := range columns {
		scales[j] = largest(x)
		for i, r := range kendallRanks(x, scales[j]) {
			total[i] += r
		}
	}
	signs, products := 0.0, 0.0
	for i, r := range total {
		products += r * r
		for h := range i {
			d := 0
			for j, x := range columns {
				d += sign(x[i], x[h], scales[j])
			}
			k.S += float64(d)
			signs += float64(d) * float64(d)
		}
	}
	k.N, k.VarS = rows*len(columns), (signs+4*products-c*c*n*(n+1)*(n+1))/3
	return k, c * n * (n - 1) / 2
}

// PartialKendall tests a series for a trend beyond what a covariate explains, such as complaints given the number of visits (Libiseller and
// Grimvall 2002): S is S_x − ρ S_z with ρ the conditional covariance of the two by the variance of one, VarS is (1 − ρ²) times the
// variance without ties, as published, and Tau that of the series alone. Periods in which either has no value are left out. ok is false
// with fewer than two periods, with more than 5,000, and where the covariate leaves nothing to explain.
func PartialKendall(values, covariate []float64) (k Kendall, ok bool) {
	if max(len(values), len(covariate)) > kendallMaximum {
		return Kendall{}, false
	}
	both := complete([][]float64{values, covariate})
	x, z := both[0], both[1]
	if len(x) < 2 {
		return Kendall{}, false
	}
	n := float64(len(x))
	untied := n * (n - 1) * (2*n + 5) / 18
	k = kendallScore(x, largest(x))
	alone := kendallScore(z, largest(z))
	sum, _ := correlatedScore(both) // the variance of S_x + S_z, each with its ties
	rho := (sum.VarS - k.VarS - alone.VarS) / 2 / untied
	if 1-math.Abs(rho) < 1e-12 {
		return Kendall{}, false
	}
	k.S, k.VarS, k.TauB = k.S-rho*alone.S, (1-rho*rho)*untied, 0
	return k.judged(false)
}

// SeasonalSlope fits a line to a series with a season: the slope is the median of those between values of the same season, in units of
// the value per full cycle (a year, with period 12 for months), the intercept the median of the values less slope times the median of
// their times, counted in cycles from the first value (Hirsch, Slack and Smith 1982; Hipel and McLeod 1994). It has no limits. ok is
// false where no season has two values, with more than 5,000 periods, and where a number is too large.
func SeasonalSlope(values []float64, period int) (TrendLine, bool) {
	if len(values) > kendallMaximum {
		return TrendLine{}, false
	}
	return RegionalSlope(seasons(values, period))
}

// RegionalSlope is SeasonalSlope with series for seasons: columns[j][i] is the value of series j in period i, and the slope is per period.
// The series must have one unit. For the intercept series j of c stands j/c of a period later, as a season does. All series together may
// have as many pairs as one of 5,000 values.
func RegionalSlope(columns [][]float64) (TrendLine, bool) {
	var x, row, time []float64
	ends, pairs := make([]int, len(columns)), 0
	for j, c := range columns {
		if len(c) > kendallMaximum {
			return TrendLine{}, false
		}
		for i, v := range c {
			if finite(v) {
				x, row = append(x, v), append(row, float64(i))
				time = append(time, float64(i*len(columns)+j)/float64(len(columns)))
			}
		}
		n := len(x)
		if j > 0 {
			n -= ends[j-1]
		}
		ends[j] = len(x)
		if pairs += n * (n - 1) / 2; pairs > kendallMaximum*kendallMaximum/2 {
			return TrendLine{}, false
		}
	}
	e := scaleDown(x, 0, 1)
	slopes := make([]float64, 0, pairs)
	first := 0
	for _, end := range ends {
		slopes = append(slopes, pairSlopes(row[first:end], x[first:end])...)
		first = end
	}
	if len(slopes) == 0 {
		return TrendLine{}, false
	}
	slices.Sort(slopes)
	l := TrendLine{Slope: halfway(slopes)}
	l.Intercept = halfwayOf(x) - l.Slope*halfwayOf(time)
	return l.unscaled(e, 0)
}
