package kpi

import "math"

// ExecutedBand is the word for what was executed of what a plan had for a period.
type ExecutedBand string

// The bands. Bounds are compared with unrounded values, so that 89.5 % is below 90 %, with the tolerance of [Assess].
const (
	ExecutedOnPlan        ExecutedBand = "on_plan"                 // 90 % of the plan or more
	ExecutedBehind        ExecutedBand = "behind"                  // from 70 to 90 %
	ExecutedFarBehind     ExecutedBand = "far_behind"              // less than 70 %
	ExecutedNotReported   ExecutedBand = "not_reported"            // planned, but nobody said what was executed
	ExecutedNotProgrammed ExecutedBand = "not_programmed"          // nothing was planned for the period, and nothing executed
	ExecutedUnplanned     ExecutedBand = "not_programmed_executed" // nothing was planned, and something was executed all the same
)

// ExecutedBandList lists the bands, best first, then those without a percentage.
var ExecutedBandList = []ExecutedBand{ExecutedOnPlan, ExecutedBehind, ExecutedFarBehind, ExecutedNotReported, ExecutedNotProgrammed, ExecutedUnplanned}

// Status returns the word of [Assess] for the band. Nothing that was not programmed has a target.
func (b ExecutedBand) Status() Status {
	switch b {
	case ExecutedOnPlan:
		return OnTrack
	case ExecutedBehind:
		return Behind
	case ExecutedFarBehind:
		return WellBehind
	case ExecutedNotReported:
		return NoData
	}
	return NoTarget
}

// ExecutedBands are the lower bounds of "on plan" and "behind", in percent.
type ExecutedBands struct {
	OnPlan float64 `json:"on_plan"`
	Behind float64 `json:"behind"`
}

// DefaultExecutedBands are the bounds that plans of development in Latin America are commonly coloured by; many set their own.
var DefaultExecutedBands = ExecutedBands{OnPlan: 90, Behind: 70}

// orDefault returns the bands if 0 < behind ≤ on plan and both are usable, and the default ones otherwise.
func (b ExecutedBands) orDefault() ExecutedBands {
	if 0 < b.Behind && b.Behind <= b.OnPlan && usable(b.OnPlan) {
		return b
	}
	return DefaultExecutedBands
}

// band returns the band for an amount of a plan above zero.
func (b ExecutedBands) band(executed, planned float64) ExecutedBand {
	switch {
	case executed >= b.OnPlan/100*planned*(1-tolerance):
		return ExecutedOnPlan
	case executed >= b.Behind/100*planned*(1-tolerance):
		return ExecutedBehind
	}
	return ExecutedFarBehind
}

// ExecutedResult is what was executed of what was planned.
type ExecutedResult struct {
	Planned  *float64     `json:"planned,omitempty"` // in the goal's unit
	Executed *float64     `json:"executed,omitempty"`
	Percent  *float64     `json:"percent,omitempty"` // 100 · executed / planned, without bounds: over 100 says that the plan was low or the effort great
	Capped   *float64     `json:"capped,omitempty"`  // the same from 0 to 100
	Band     ExecutedBand `json:"band"`
}

// ExecutedOverPlanned judges a goal of a plan for a period: percent = 100 · executed / planned, in the bands b (the default ones if they
// make no sense). Amounts are in the goal's unit, nil or not finite where there is none.
//
// A plan of nothing has no percentage: whether it is 0, absent or below zero, the goal is not programmed for the period, and if something other
// than 0 was executed, that is said by a band of its own; it is neither 100 % nor a division by zero. Where something was planned and
// nothing was reported, the percentage is not 0 but unknown. An executed amount below zero, such as a correction, has a negative percentage.
// There is none where it is too large to be computed; the band is found all the same.
func ExecutedOverPlanned(planned, executed *float64, b ExecutedBands) ExecutedResult {
	r := ExecutedResult{Planned: usableCopy(planned), Executed: usableCopy(executed)}
	switch {
	case (r.Planned == nil || *r.Planned <= 0) && (r.Executed == nil || *r.Executed == 0):
		r.Band = ExecutedNotProgrammed
	case r.Planned == nil || *r.Planned <= 0:
		r.Band = ExecutedUnplanned
	case r.Executed == nil:
		r.Band = ExecutedNotReported
	default:
		r.Band = b.orDefault().band(*r.Executed, *r.Planned)
		r.Percent, r.Capped = percentOf(*r.Executed, *r.Planned)
	}
	return r
}

// percentOf returns 100 · a / b, and the same from 0 to 100; nil where it is too large.
func percentOf(a, b float64) (percent, capped *float64) {
	p := 100 * (a / b)
	if !usable(p) {
		return nil, nil
	}
	c := math.Min(math.Max(p, 0), 100)
	return &p, &c
}

// usableCopy returns a copy of a number, nil if there is none that can be calculated with.
func usableCopy(v *float64) *float64 {
	if v == nil || !usable(*v) {
		return nil
	}
	c := *v
	return &c
}

// ExecutedPlan is a plan, or a part of one, rolled up.
type ExecutedPlan struct {
	Goals int                  `json:"goals"`
	Bands map[ExecutedBand]int `json:"bands"` // how many goals are in each band; they add up to Goals

	// The sums over all goals that were programmed. They say something only where all have one unit, such as money.
	Planned   float64      `json:"planned"`
	Executed  float64      `json:"executed"`  // what was not reported counts as nothing: silence does not raise the percentage
	Unplanned float64      `json:"unplanned"` // executed without a plan: in no percentage
	Percent   *float64     `json:"percent,omitempty"`
	Capped    *float64     `json:"capped,omitempty"` // 100 · Σ min(executed, planned) / Σ planned: no goal's surplus makes up for another's shortfall
	Band      ExecutedBand `json:"band"`             // of Percent
}

// ExecutedRollUp rolls up the goals of a plan, as counts by band and as Σ executed / Σ planned; there is no mean of percentages. The plan as a
// whole is not reported if no goal that was programmed was, and not programmed if no goal was.
func ExecutedRollUp(goals []ExecutedResult, b ExecutedBands) ExecutedPlan {
	p := ExecutedPlan{Goals: len(goals), Bands: map[ExecutedBand]int{}}
	within := 0.0
	for _, g := range goals {
		g = ExecutedOverPlanned(g.Planned, g.Executed, b)
		p.Bands[g.Band]++
		switch g.Band {
		case ExecutedNotProgrammed:
		case ExecutedUnplanned:
			p.Unplanned += *g.Executed
		default:
			p.Planned += *g.Planned
			if g.Executed != nil {
				p.Executed += *g.Executed
				within += math.Min(math.Max(*g.Executed, 0), *g.Planned)
			}
		}
	}
	programmed := p.Goals - p.Bands[ExecutedNotProgrammed] - p.Bands[ExecutedUnplanned]
	switch {
	case programmed == 0 && p.Bands[ExecutedUnplanned] > 0:
		p.Band = ExecutedUnplanned
	case programmed == 0:
		p.Band = ExecutedNotProgrammed
	case programmed == p.Bands[ExecutedNotReported]:
		p.Band = ExecutedNotReported
	default:
		p.Band = b.orDefault().band(p.Executed, p.Planned)
		p.Percent, _ = percentOf(p.Executed, p.Planned)
		_, p.Capped = percentOf(within, p.Planned)
	}
	return p
}
