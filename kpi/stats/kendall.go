package stats

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// Minimums below which a trend is not spoken of: with 4 values that rise at every step the test still says p = 0.09.
const (
	KendallPoints = 8 // values of a Mann–Kendall test
	KendallYears  = 3 // full periods of a seasonal one
)

// kendallMaximum is the length beyond which a test or a slope is refused: the pairs are its square (13 years of days are 11 million).
const kendallMaximum = 5000

// autocorrelationLevel is the two-sided level at which Hamed and Rao take an autocorrelation for real.
const autocorrelationLevel = 0.05

// Kendall is the result of a test for a monotonic trend.
type Kendall struct {
	N    int     // values that were compared; of several series, their sum
	S    float64 // rising minus falling pairs
	VarS float64 // its variance without a trend, corrected for ties and, if asked, for autocorrelation
	Z    float64 // (S ∓ 1)/√VarS; S/√VarS where several series are correlated or a covariate is taken out
	P    float64 // two-sided, by the normal approximation; 1 where S is 0
	Tau  float64 // Kendall's τ_a: S by the number of pairs, ties or not
	TauB float64 // Kendall's τ_b of one series, which leaves tied pairs out; 0 where all are tied, and for several series
}

// Direction returns 1 for a rise and −1 for a fall that is significant at the two-sided level, such as 0.05; else 0.
func (k Kendall) Direction(level float64) int {
	if !(k.P < level) {
		return 0
	}
	return sign(k.Z, 0, k.Z)
}

// Autocorrelated says what a Mann–Kendall test does about values that follow their neighbours, which make chance look like a trend.
type Autocorrelated string

// The corrections.
const (
	Ignored   Autocorrelated = ""
	HamedRao  Autocorrelated = "hamed_rao"  // variance by the significant autocorrelations of the ranks (Hamed and Rao 1998)
	YueWang   Autocorrelated = "yue_wang"   // variance by all autocorrelations of the values (Yue and Wang 2004)
	PreWhiten Autocorrelated = "pre_whiten" // each value less ρ₁ times the one before, which also takes from a trend
	// TrendFreePreWhiten pre-whitens about the Theil–Sen line and puts the line back (Yue and others 2002). It keeps the power for a trend,
	// and does not protect: it calls as many series without a trend a trend as the plain test does.
	TrendFreePreWhiten Autocorrelated = "trend_free_pre_whiten"
)

// KendallOptions of a Mann–Kendall test.
type KendallOptions struct {
	Autocorrelated Autocorrelated
	// Lags is how many autocorrelations HamedRao and YueWang look at; 0: all. Hamed and Rao use 3, Yue and Wang 1.
	Lags int
	// Compact lets the values on both sides of a gap be neighbours, as pyMannKendall 1.4.3 does for the corrections. Without it a lag is
	// a number of periods, and pairs with a gap in them tell nothing. It makes no difference to a series without gaps.
	Compact bool
}

// MannKendall tests a series, one value a period in order, for a monotonic trend (Mann 1945, Kendall 1975). S is the sum of the signs of
// x_j − x_i over i < j, VarS = (n(n−1)(2n+5) − Σ t(t−1)(2t+5))/18 over groups of t ties. Values that are not finite are periods without
// a value: they are in no pair. The corrections are those of pyMannKendall 1.4.3 (its later version changed Hamed–Rao against its own
// published tests). ok is false with fewer than two values (after pre-whitening too), with more than 5,000 periods from first to last,
// and where the correction leaves no variance or is not known.
func MannKendall(values []float64, o KendallOptions) (k Kendall, ok bool) {
	s := newKendallSeries(values)
	if len(s.x) < 2 || s.span() > kendallMaximum {
		return Kendall{}, false
	}
	factor := 1.0
	if o.Autocorrelated != Ignored {
		factor = s.correct(o)
	}
	if len(s.x) < 2 || !(factor > 0) {
		return Kendall{}, false
	}
	k = kendallScore(s.x, s.scale)
	k.VarS *= factor
	return k.judged(true)
}

// kendallScore counts the pairs of finite values; differences that are rounding for numbers as large as scale are ties. It leaves out Z
// and P.
func kendallScore(x []float64, scale float64) Kendall {
	n := float64(len(x))
	k := Kendall{N: len(x), VarS: n * (n - 1) * (2*n + 5)}
	s, tied := 0, 0.0
	for i, v := range x {
		for _, w := range x[i+1:] {
			s += sign(w, v, scale)
		}
	}
	order := ascending(x)
	for first, end := range tieGroups(x, order, scale) {
		t := float64(end - first)
		k.VarS -= t * (t - 1) * (2*t + 5)
		tied += t * (t - 1) / 2
	}
	pairs := n * (n - 1) / 2
	k.S, k.VarS = float64(s), k.VarS/18
	if pairs > 0 {
		k.Tau = k.S / pairs
	}
	if pairs > tied {
		k.TauB = k.S / math.Sqrt(pairs*(pairs-tied))
	}
	return k
}

// judged adds Z and P. continuity takes 1 from the size of S, which moves in steps.
func (k Kendall) judged(continuity bool) (Kendall, bool) {
	k.Z, k.P = 0, 1
	if k.S == 0 {
		return k, true
	}
	if !(k.VarS > 0) {
		return Kendall{}, false
	}
	size := math.Abs(k.S)
	if continuity {
		size--
	}
	k.Z = math.Copysign(size/math.Sqrt(k.VarS), k.S)
	k.P = math.Erfc(math.Abs(k.Z) / math.Sqrt2)
	return k, finite(k.Z)
}

// ascending returns the indices of x in the order of its values.
func ascending(x []float64) []int {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(x[a], x[b]) })
	return order
}

// tieGroups yields the groups of equal values, single ones too, as first and end into the order.
func tieGroups(x []float64, order []int, scale float64) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		first := 0
		for i := 1; i <= len(order); i++ {
			if i < len(order) && sign(x[order[i]], x[order[i-1]], scale) == 0 {
				continue
			}
			if !yield(first, i) {
				return
			}
			first = i
		}
	}
}

// kendallRanks returns the rank of each value, from 1; equal values share the mean of theirs.
func kendallRanks(x []float64, scale float64) []float64 {
	order := ascending(x)
	list := make([]float64, len(x))
	for first, end := range tieGroups(x, order, scale) {
		for _, j := range order[first:end] {
			list[j] = float64(first+1+end) / 2
		}
	}
	return list
}
