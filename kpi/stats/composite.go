package stats

import (
	"errors"
	"fmt"
	"math"
)

// Scale turns values into scores: Bottom becomes Low, Top becomes High, what lies between in proportion. Top may lie below Bottom, for
// values of which less is better. A scale that is fixed keeps its scores when the values of others change; one made of the observed
// range does not.
type Scale struct {
	Bottom, Top float64 // values
	Low, High   float64 // scores
	Capped      bool    // values beyond Bottom and Top get the scores of these
}

// Goalposts is the scale from 0 at the baseline to 100 at the target, capped: 100·(y − b)/(T − b).
func Goalposts(baseline, target float64) Scale {
	return Scale{Bottom: baseline, Top: target, High: 100, Capped: true}
}

// MinMax is the scale from low for the worst of the values to high for the best. ok is false without two different finite values.
func MinMax(values []float64, higherIsBetter bool, low, high float64) (s Scale, ok bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if !higherIsBetter {
		lo, hi = hi, lo
	}
	s = Scale{Bottom: lo, Top: hi, Low: low, High: high}
	return s, s.valid()
}

// ZScores is the scale in standard deviations from the mean of the values, with the divisor n − 1; positive is better. ok is false
// without two different finite values.
func ZScores(values []float64, higherIsBetter bool) (s Scale, ok bool) {
	x := valid(values)
	m, scale := mean(x), largest(x)
	sum := 0.0
	for _, v := range x {
		d := (v - m) / scale // squares of large values would overflow
		sum += d * d
	}
	deviation := math.Sqrt(sum/float64(len(x)-1)) * scale
	if !higherIsBetter {
		deviation = -deviation
	}
	s = Scale{Bottom: m, Top: m + deviation, High: 1}
	return s, len(x) > 1 && s.valid()
}

// valid reports whether the scale has scores to give.
func (s Scale) valid() bool {
	return finite(s.Bottom) && finite(s.Top) && finite(s.Low) && finite(s.High) && s.Bottom != s.Top && finite(s.Top-s.Bottom)
}

// Score is the score of a value. ok is false for a value that is not finite and on a scale whose ends are one.
func (s Scale) Score(value float64) (score float64, ok bool) {
	if !s.valid() || !finite(value) {
		return 0, false
	}
	f := (value - s.Bottom) / (s.Top - s.Bottom)
	if s.Capped {
		f = min(1, max(0, f))
	}
	score = s.Low + f*(s.High-s.Low)
	return score, finite(score)
}

// Averaging is a way to make one score of several.
type Averaging string

// The ways. In the geometric and the harmonic mean a poor score is not bought off by good ones: a score of 0 makes them 0, so scores
// from 1 to 100 suit them; they do not exist with a negative one.
const (
	Arithmetic Averaging = "arithmetic"
	Geometric  Averaging = "geometric"
	Harmonic   Averaging = "harmonic"
)

// Average is the weighted mean of the values. Values that are not finite are left out, and the weights of the others count in
// proportion. ok is false without a value that has weight, with a negative weight, and where the mean does not exist.
func Average(how Averaging, values, weights []float64) (score float64, ok bool) {
	if len(values) != len(weights) {
		return 0, false
	}
	var sum, heaviest float64
	for i, v := range values {
		if w := weights[i]; !(w >= 0) || !finite(w) {
			return 0, false
		} else if finite(v) {
			heaviest = max(heaviest, w)
		}
	}
	if heaviest == 0 {
		return 0, false
	}
	var weight float64
	for i, v := range values {
		w := weights[i] / heaviest
		if !finite(v) || w == 0 {
			continue
		}
		if v < 0 && how != Arithmetic {
			return 0, false
		}
		weight += w
		switch how {
		case Arithmetic:
			sum += w * v
		case Geometric:
			sum += w * math.Log(v) // −Inf for 0: the mean is 0
		case Harmonic:
			sum += w / v // +Inf for 0: the mean is 0
		}
	}
	switch how {
	case Arithmetic:
		score = sum / weight
	case Geometric:
		score = math.Exp(sum / weight)
	case Harmonic:
		score = weight / sum
	default:
		return 0, false
	}
	return score, finite(score)
}

// Node is a place in a tree of scores: an indicator, a goal, a priority, the city.
type Node struct {
	Parent int       // index of the node that this one is part of, -1 for none
	Weight float64   // among the children of the parent; not negative
	Mean   Averaging // of the children, if there are any; "" is Arithmetic
}

// Coverage says how much must be there for a score. What is missing is never made up for.
type Coverage struct {
	ByCount  float64 // share of the children, 0 to 1; COINr's data threshold
	ByWeight float64 // share of the weight of the children, 0 to 1
}

// DefaultCoverage asks for two thirds of the weight.
func DefaultCoverage() Coverage { return Coverage{ByWeight: 2. / 3} }

// NodeScore is the score of a node and how much of it is there.
type NodeScore struct {
	Value                float64
	Known                bool
	Children, Available  int     // of the node; those with a score. 1 and 0 or 1 for a leaf
	Count, Weight        float64 // shares of the children and of their weight that have a score
	Leaves, LeavesScored int     // of the whole branch
	LeafWeight           float64 // share of the branch's weight that leaves with a value have, through all levels
}

// Tree holds nodes in an order in which children come before their parents.
type Tree struct {
	nodes    []Node
	children [][]int
	order    []int
}

// NewTree checks the nodes: every parent exists, none is its own ancestor, weights and means make sense.
func NewTree(nodes []Node) (*Tree, error) {
	t := &Tree{nodes: append([]Node(nil), nodes...), children: make([][]int, len(nodes))}
	waiting := make([]int, len(nodes))
	for i, n := range nodes {
		if n.Parent < -1 || n.Parent >= len(nodes) || n.Parent == i {
			return nil, fmt.Errorf("node %d: no parent %d", i, n.Parent)
		}
		if !(n.Weight >= 0) || !finite(n.Weight) {
			return nil, fmt.Errorf("node %d: weight %v", i, n.Weight)
		}
		switch n.Mean {
		case "":
			t.nodes[i].Mean = Arithmetic
		case Arithmetic, Geometric, Harmonic:
		default:
			return nil, fmt.Errorf("node %d: unknown mean %q", i, n.Mean)
		}
		if n.Parent >= 0 {
			t.children[n.Parent] = append(t.children[n.Parent], i)
			waiting[n.Parent]++
		}
	}
	for i := range nodes {
		if waiting[i] == 0 {
			t.order = append(t.order, i)
		}
	}
	for at := 0; at < len(t.order); at++ {
		if p := nodes[t.order[at]].Parent; p >= 0 {
			if waiting[p]--; waiting[p] == 0 {
				t.order = append(t.order, p)
			}
		}
	}
	if len(t.order) < len(nodes) {
		return nil, errors.New("nodes that are part of themselves")
	}
	return t, nil
}

// Scores gives every node its score. values is parallel to the nodes; those of leaves are taken, those of others are not looked at. The
// result is parallel to the nodes, too, and nil if values is not.
func (t *Tree) Scores(values []float64, need Coverage) []NodeScore {
	if len(values) != len(t.nodes) {
		return nil
	}
	scores := make([]NodeScore, len(t.nodes))
	var own, weights []float64
	for _, i := range t.order {
		if len(t.children[i]) == 0 {
			scores[i] = leafScore(values[i])
			continue
		}
		own, weights = own[:0], weights[:0]
		s := NodeScore{Children: len(t.children[i])}
		all := 0.0
		for _, c := range t.children[i] {
			all += t.nodes[c].Weight
		}
		for _, c := range t.children[i] {
			w := t.nodes[c].Weight
			s.Leaves, s.LeavesScored = s.Leaves+scores[c].Leaves, s.LeavesScored+scores[c].LeavesScored
			if all > 0 {
				s.LeafWeight += w / all * scores[c].LeafWeight
			}
			if !scores[c].Known {
				continue
			}
			s.Available++
			if all > 0 {
				s.Weight += w / all
			}
			own, weights = append(own, scores[c].Value), append(weights, w)
		}
		s.Count = float64(s.Available) / float64(s.Children)
		if s.Count >= need.ByCount-1e-9 && s.Weight >= need.ByWeight-1e-9 {
			s.Value, s.Known = Average(t.nodes[i].Mean, own, weights)
		}
		scores[i] = s
	}
	return scores
}

func leafScore(v float64) NodeScore {
	s := NodeScore{Children: 1, Leaves: 1}
	if finite(v) {
		s.Value, s.Known, s.Available, s.Count, s.Weight, s.LeavesScored, s.LeafWeight = v, true, 1, 1, 1, 1, 1
	}
	return s
}
