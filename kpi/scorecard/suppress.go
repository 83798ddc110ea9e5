package scorecard

import (
	"fmt"
	"math"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// suppressor keeps numbers back that might tell of single people: those from 1 to Suppress − 1, and so many others that none of these can be
// worked out from what is shown: other members, the whole city, other dimensions, all periods together, and what was published before.
//
// An observation is shown whole or not at all. Of a share both the rows that hold and those that do not are counts of people, so each
// must be large enough or none; of other measures it is the rows. What is added up is the counts, for a value that is shown gives its
// counts away.
type suppressor struct {
	subject
	result *Result
	before *Result // as published last; nil if it was not
	cells  []*kpi.Observation
	index  map[cellKey]int
	hidden []kpi.Suppression // by cell
}

// cellKey is the place of an observation.
type cellKey struct{ dimension, member, period string }

// suppress takes what must not be shown out of the observations of a result. before is the same indicator as it was published last, nil if it
// was not.
//
// What was hidden once stays hidden, as long as the definition is the same: with a number that is shown later an earlier publication
// could be solved. What was shown before, with the same numbers, is out: it cannot protect anything any more.
func (s subject) suppress(r, before *Result) error {
	p := &suppressor{subject: s, result: r, before: before, index: map[cellKey]int{}}
	p.collect()
	p.remember()
	for k := range p.cells {
		if p.small(k) {
			p.hidden[k] = kpi.SuppressedPrimary
		}
	}
	if err := p.protect(); err != nil {
		return err
	}
	p.hide()
	return nil
}

// collect lists every observation that is shown anywhere.
func (p *suppressor) collect() {
	add := func(o *kpi.Observation) {
		if o != nil {
			p.index[cellKey{o.Dimension, o.Member, o.Period}] = len(p.cells)
			p.cells = append(p.cells, o)
		}
	}
	add(p.result.Total)
	for k := range p.result.Series {
		add(&p.result.Series[k].Observation)
	}
	for k := range p.result.Members {
		m := &p.result.Members[k]
		add(m.Total)
		for i := range m.Series {
			add(&m.Series[i])
		}
	}
	p.hidden = make([]kpi.Suppression, len(p.cells))
}

// remember hides what the last publication hid.
func (p *suppressor) remember() {
	for k, o := range p.cells {
		if was := p.published(k); was != nil && was.Version == o.Version {
			p.hidden[k] = was.Suppressed
		}
	}
}

// published returns the observation as it was published last.
func (p *suppressor) published(k int) *kpi.Observation {
	if p.before == nil {
		return nil
	}
	o := p.cells[k]
	return p.before.Observation(o.Period, o.Dimension, o.Member)
}

// counts are the numbers of people in an observation: those that hold and those that do not, or all.
func (p *suppressor) counts(o *kpi.Observation) [2]int64 {
	share := p.indicator.Measure.Kind == kpi.MeasureShare || p.indicator.Measure.Kind == kpi.MeasureDuration
	if share && o.Numerator != nil && whole(*o.Numerator) && int64(*o.Numerator) <= o.Rows {
		held := int64(*o.Numerator)
		return [2]int64{held, o.Rows - held}
	}
	return [2]int64{o.Rows, 0}
}

func whole(v float64) bool { return v >= 0 && v < 1<<40 && v == math.Trunc(v) }

// small reports whether an observation is of so few people that it must not be shown.
func (p *suppressor) small(k int) bool {
	for _, n := range p.counts(p.cells[k]) {
		if n > 0 && n < int64(p.indicator.Suppress) {
			return true
		}
	}
	return false
}

// protect hides more until nothing that is small can be worked out. The two counts of an observation add up each for itself, so each has its
// own table; what one hides the other must hide as well.
func (p *suppressor) protect() error {
	for changed := true; changed; {
		changed = false
		for part := range 2 {
			t := p.table(part)
			safe, err := t.Protect()
			if err != nil {
				return fmt.Errorf("numbers that are too small cannot be kept back safely: %w", err)
			}
			if n := len(safe.Unprotected); n > 0 {
				o := p.cells[safe.Unprotected[0]]
				return fmt.Errorf("%d numbers that are too small could be worked out from what was published before, such as that of %s in %s; publish it no more (public: false), or under another definition", n, o.Member, o.Period)
			}
			for k := range p.cells {
				if safe.Table.Cells[k].Withheld && p.hidden[k] == kpi.NotSuppressed {
					p.hidden[k], changed = kpi.SuppressedComplementary, true
				}
			}
		}
	}
	return nil
}

// table is what readers know of one of the counts.
func (p *suppressor) table(part int) *stats.CountTable {
	t := &stats.CountTable{Largest: int64(p.indicator.Suppress) - 1}
	for k, o := range p.cells {
		n := p.counts(o)[part]
		c := stats.CountCell{Count: n}
		was := p.published(k)
		switch {
		case was != nil && was.Suppressed == kpi.NotSuppressed && was.Version == o.Version && p.counts(was) == p.counts(o):
			c.Fixed = true // it is out, whatever is shown now
			if p.hidden[k] != kpi.NotSuppressed {
				c.Fixed, c.Unlisted = false, true // nothing can protect it any more, and readers know it
				t.Facts = append(t.Facts, stats.CountFact{Parts: []int{k}, Least: n, Most: n})
			}
		case p.hidden[k] != kpi.NotSuppressed && n == 0:
			c.Unlisted = true // a mark stands for the observation, which does not tell that this count is not 0
		case p.hidden[k] != kpi.NotSuppressed:
			c.Withheld = true
			c.Sensitive = p.hidden[k] == kpi.SuppressedPrimary
		}
		t.Cells = append(t.Cells, c)
	}
	for _, sum := range p.sums() {
		p.addTotal(t, part, sum.whole, sum.parts)
	}
	return t
}

// sum says that parts add up to a whole.
type sum struct {
	whole int
	parts []int
}

// sums lists what adds up: the members of every dimension to the whole city, and periods to all of them.
func (p *suppressor) sums() []sum {
	var list []sum
	over := map[cellKey][]int{} // whole → parts
	for k, o := range p.cells {
		if o.Dimension != "" {
			city := cellKey{"", o.Dimension, o.Period} // the dimension stands in for the member: one sum a dimension
			over[city] = append(over[city], k)
		}
		if o.Period != kpi.PeriodTotal {
			total := cellKey{o.Dimension, o.Member, kpi.PeriodTotal}
			over[cellKey{"periods", total.dimension + "/" + total.member, ""}] = append(over[cellKey{"periods", total.dimension + "/" + total.member, ""}], k)
		}
	}
	for k, o := range p.cells {
		if o.Dimension == "" {
			for _, d := range p.indicator.Dimensions {
				if parts := over[cellKey{"", d, o.Period}]; len(parts) > 0 {
					list = append(list, sum{k, parts})
				}
			}
		}
		if o.Period == kpi.PeriodTotal {
			if parts := over[cellKey{"periods", o.Dimension + "/" + o.Member, ""}]; len(parts) > 0 {
				list = append(list, sum{k, parts})
			}
		}
	}
	return list
}

// addTotal adds a sum to the table where it holds. Where it does not (a stock is not the sum of its periods; rows may lie in periods that are not
// shown) the parts add up to no more than the whole at best, from which nothing follows that could be relied upon.
func (p *suppressor) addTotal(t *stats.CountTable, part, whole int, parts []int) {
	all := int64(0)
	for _, k := range parts {
		all += t.Cells[k].Count
	}
	if all == t.Cells[whole].Count {
		t.AddTotal(whole, parts...)
	}
}

// hide takes the numbers out of what is hidden. Rows that are left out are counts of people too: of members they are not told, and of the whole
// city by period only if they never are of few people for any reason.
func (p *suppressor) hide() {
	few := func(o *kpi.Observation) bool {
		for _, n := range o.Excluded {
			if n > 0 && n < int64(p.indicator.Suppress) {
				return true
			}
		}
		return false
	}
	untold := false
	for _, o := range p.cells {
		untold = untold || o.Dimension == "" && o.Period != kpi.PeriodTotal && few(o)
	}
	for i, o := range p.cells {
		if o.Dimension != "" || p.hidden[i] != kpi.NotSuppressed || few(o) || untold && o.Period != kpi.PeriodTotal {
			o.Excluded, o.LeftUntold = nil, true
		}
		if p.hidden[i] != kpi.NotSuppressed {
			o.Numerator, o.Denominator, o.Value, o.Rows, o.Suppressed = nil, nil, nil, 0, p.hidden[i]
		}
	}
}
