package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// The quantiles of gonum's beta distribution lose digits as counts grow, since its density is a difference of logarithms of the gamma
// function: 6 digits are left at five events of a thousand million. Here the density comes from deviances, which stay small (C. Loader,
// Fast and Accurate Computation of Binomial Probabilities, 2000), and gonum gives the point to start from.

// betaQuantile returns x such that the beta distribution has probability p below it; a and b are positive, p lies between 0 and 1.
func betaQuantile(p, a, b float64) float64 {
	x := distuv.Beta{Alpha: a, Beta: b}.Quantile(p)
	if !(x > 0 && x < 1) {
		x = a / (a + b)
	}
	low, high := 0.0, 1.0
	for range 200 {
		below, density := betaBelow(x, a, b)
		if below < p {
			low = x
		} else {
			high = x
		}
		next := x - (below-p)/density
		if !(next > low && next < high) {
			next = low + (high-low)/2
			if low == 0 {
				next = high / 16 // a small quantile is found by its size
			}
		}
		if done := math.Abs(next-x) <= 1e-15*x; done || next == 0 {
			return next
		}
		x = next
	}
	return x
}

// betaBelow returns the probability below x, 0 < x < 1, and the density at x.
func betaBelow(x, a, b float64) (below, density float64) {
	front := a * b / (a + b) * binomialDensity(a, b, x) // x^a (1−x)^b / B(a, b)
	density = front / (x * (1 - x))
	if x > (a+1)/(a+b+2) {
		return 1 - front/b*betaFraction(1-x, b, a), density
	}
	return front / a * betaFraction(x, a, b), density
}

// betaFraction is the continued fraction of the incomplete beta function, by the recurrence of Lentz; it converges in some √max(a, b)
// steps for x below the mean.
func betaFraction(x, a, b float64) float64 {
	const tiny = 1e-300
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	h := d
	for m := 1.0; m < 1e7; m++ {
		step := 1.0
		for _, term := range [2]float64{m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)), -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))} {
			d, c = 1+term*d, 1+term/c
			if math.Abs(d) < tiny {
				d = tiny
			}
			if math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			step = d * c
			h *= step
		}
		if math.Abs(step-1) < 1e-16 {
			break
		}
	}
	return h
}

// binomialDensity is the probability of x of x + y when each happens with probability p, for numbers that need not be whole.
func binomialDensity(x, y, p float64) float64 {
	n := x + y
	deviances := deviance(x, n*p) + deviance(y, n*(1-p))
	return math.Exp(stirlingRest(n)-stirlingRest(x)-stirlingRest(y)-deviances) * math.Sqrt(n/(2*math.Pi*x*y))
}

// deviance is x·ln(x/m) + m − x, without the loss of digits where x is near m.
func deviance(x, m float64) float64 {
	if d := x - m; math.Abs(d) < 0.1*(x+m) {
		v := d / (x + m)
		sum, term := d*v, 2*x*v
		for j := 3.0; j < 100; j += 2 {
			term *= v * v
			next := sum + term/j
			if next == sum {
				break
			}
			sum = next
		}
		return sum
	}
	return x*math.Log(x/m) + m - x
}

// stirlingRest is what Stirling's formula misses of ln Γ(n + 1).
func stirlingRest(n float64) float64 {
	if n < 16 {
		lg, _ := math.Lgamma(n + 1)
		return lg - (n+0.5)*math.Log(n) + n - math.Log(2*math.Pi)/2
	}
	r := 1 / (n * n)
	return (1./12 - r*(1./360-r*(1./1260-r*(1./1680-r/1188)))) / n
}
