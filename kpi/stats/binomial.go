package stats

import "math"

// mostTrials is the number of trials up to which a binomial tail is computed: beyond it a float no longer counts one by one.
const mostTrials = 1 << 53

// BinomialTail returns the probability of at least k successes in n trials that succeed with probability p each: exact, by the incomplete
// beta function I_p(k, n − k + 1), and to about 12 digits also where it is very small. It is 0 where it is too small for a float. ok is
// false for a negative number of trials, for more than 2⁵³, and for a p that is not between 0 and 1.
func BinomialTail(k, n int64, p float64) (tail float64, ok bool) {
	switch {
	case n < 0 || n > mostTrials || !(p >= 0 && p <= 1):
		return 0, false
	case k <= 0:
		return 1, true
	case k > n || p == 0:
		return 0, true
	case p == 1:
		return 1, true
	}
	tail, _ = betaBelow(p, float64(k), float64(n-k)+1)
	if math.IsNaN(tail) {
		return 0, false
	}
	return min(max(tail, 0), 1), true
}
