package stats

import (
	"math"
	"math/bits"
)

// maxDimensions is the largest number of dimensions of a table: each doubles the number of its margins.
const maxDimensions = 8

// StructureEffects is a change of a rate whose groups are the cells of a table by several dimensions (age by sex, district by kind).
type StructureEffects struct {
	Known        bool
	Rate0, Rate1 float64
	RateEffect   float64
	// Dimensions holds one effect a dimension of the table: its share of what the change of the mix did. With RateEffect they add up to
	// Rate1 − Rate0.
	Dimensions []float64
}

// Structure splits the change of a rate by cells of a table first into rate and mix, as Kitagawa does, and then the mix between the
// dimensions of the table, by Das Gupta's symmetric factors (StructureFactors). To treat rate and dimensions as factors of one product
// gives other numbers, which are not those that Das Gupta published.
// cells lists the table in rows, the last dimension running fastest; shape holds the size of each dimension. The result is not known if
// the two do not fit each other, beyond eight dimensions, and where that of Kitagawa is not.
func Structure(cells []MixGroup, shape []int) StructureEffects {
	k := Kitagawa(cells)
	if !k.Known || len(shape) == 0 || len(shape) > maxDimensions || tableSize(shape) != len(cells) {
		return StructureEffects{}
	}
	w0, _, _ := mixShares(cells, func(g MixGroup) (float64, float64) { return g.Weight0, g.Rate0 })
	w1, _, _ := mixShares(cells, func(g MixGroup) (float64, float64) { return g.Weight1, g.Rate1 })
	a0, ok0 := StructureFactors(w0, shape)
	a1, ok1 := StructureFactors(w1, shape)
	if !ok0 || !ok1 {
		return StructureEffects{}
	}
	rate := make([]float64, len(cells))
	for i, g := range cells {
		rate[i] = cellRate(g, k.Groups[i])
	}
	f := DasGupta(func(factors [][]float64) float64 {
		sum := 0.0
		for i, r := range rate {
			for _, a := range factors {
				r *= a[i]
			}
			sum += r
		}
		return sum
	}, a0, a1)
	if !f.Known {
		return StructureEffects{}
	}
	return StructureEffects{Known: true, Rate0: k.Rate0, Rate1: k.Rate1, RateEffect: k.RateEffect, Dimensions: f.Effects}
}

// cellRate is the rate with which a cell's share counts: the mean of its two, or the one that it has.
func cellRate(g MixGroup, e GroupEffect) float64 {
	switch {
	case e.Entered:
		return g.Rate1
	case e.Left:
		return g.Rate0
	case !finite(g.Rate0) || !finite(g.Rate1) || !(g.Weight0 > 0): // in neither period
		return 0
	}
	return g.Rate0/2 + g.Rate1/2
}

// tableSize is the number of cells of a table, -1 for a shape that no table has.
func tableSize(shape []int) int {
	n := 1
	for _, s := range shape {
		if s <= 0 || n > math.MaxInt32/s {
			return -1
		}
		n *= s
	}
	return n
}

// StructureFactors writes each cell's share of a table as a product of one factor a dimension, symmetric in the dimensions: for two,
// ((n_ij/n_.j)(n_i./N))^½ and ((n_ij/n_i.)(n_.j/N))^½; for more, a dimension's factor is the geometric mean of what it multiplies the
// share by when the dimensions are brought in one after the other, over all orders (Das Gupta 1993, chapter 5).
// counts and shape are as for Structure. The result is one list of factors a dimension, parallel to counts; of an empty cell
// those of the dimensions that empty it are 0. ok is false if shape does not fit, beyond eight dimensions, for a negative count or one that is not
// finite, and for a table that is empty.
func StructureFactors(counts []float64, shape []int) (factors [][]float64, ok bool) {
	k := len(shape)
	if k == 0 || k > maxDimensions || tableSize(shape) != len(counts) {
		return nil, false
	}
	share, ok := tableShares(counts)
	if !ok {
		return nil, false
	}
	factors = make([][]float64, k)
	for d := range factors {
		factors[d] = make([]float64, len(counts))
		for i := range counts {
			factors[d][i] = 1
		}
	}
	weight := orderWeights(k)
	margin := make([][]float64, 1<<k) // the share of each cell's margin, by the set of dimensions that the margin keeps
	for set := range margin {
		margin[set] = marginShares(share, shape, set)
		for d := range factors {
			if set>>d&1 == 0 {
				continue
			}
			before := set &^ (1 << d) // a smaller set, so it is there already
			for i := range share {
				if margin[before][i] > 0 { // below an empty margin nothing is left to be divided
					factors[d][i] *= math.Pow(margin[set][i]/margin[before][i], weight[bits.OnesCount(uint(before))])
				}
			}
		}
	}
	return factors, true
}

// tableShares divides counts by their sum.
func tableShares(counts []float64) ([]float64, bool) {
	top := 0.0
	for _, c := range counts {
		if !finite(c) || c < 0 {
			return nil, false
		}
		top = math.Max(top, c)
	}
	if top == 0 {
		return nil, false
	}
	share := make([]float64, len(counts))
	sum := 0.0
	for i, c := range counts {
		share[i] = c / top
		sum += share[i]
	}
	for i := range share {
		share[i] /= sum
	}
	return share, true
}

// marginShares returns, for each cell, the share of all the cells that agree with it in the dimensions of set.
func marginShares(share []float64, shape []int, set int) []float64 {
	sums := make([]float64, len(share)) // by the first cell of the margin
	first := make([]int, len(share))
	for i := range share {
		step := 1
		for d := len(shape) - 1; d >= 0; d-- {
			if set>>d&1 == 1 {
				first[i] += i / step % shape[d] * step
			}
			step *= shape[d]
		}
		sums[first[i]] += share[i]
	}
	out := make([]float64, len(share))
	for i, f := range first {
		out[i] = sums[f]
	}
	return out
}
