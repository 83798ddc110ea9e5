package scorecard

import (
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/stats"
)

// Names of the checks, in the order of [TrustChecks].
const (
	checkClosedBeforeOpened = "closed_before_opened"
	checkNoDueDate          = "no_due_date"
	checkExcluded           = "excluded"
	checkAllGreen           = "all_green"
	checkHeaping            = "heaping"
	checkDeadlineJump       = "deadline_jump"
	checkLateRevisions      = "late_revisions"
)

// From where somebody should look. None of the limits proves anything: what lies beyond them is worth a question.
const (
	// rowsToSay is the number of rows from which a share of them, or how they lie around a deadline, says anything: the smallest sample for which US
	// health statistics publish a proportion (NCHS), and the one of the project's test for heaps.
	rowsToSay = 30
	// rowsToMind is the number of odd rows below which they are somebody's slips, whatever their share.
	rowsToMind = 5

	// closedFirstFrom: a row that ends before it begins cannot be right. Up to one in a hundred are typing errors; more come from a form or an
	// interface that writes the wrong time, and then the rows that are in order by chance are wrong as well.
	closedFirstFrom = 1.0
	// noDueDateFrom: what has no deadline may all have been done in good time, or none of it. From one in five on that is twenty points between which
	// the number for all may lie, more than separates most statuses.
	noDueDateFrom = 20.0
	// excludedFrom: of four rows one is left out, so that the number speaks of three quarters of what happened.
	excludedFrom = 25.0

	// greenPeriods is how many settled periods in a row, at least a year of them, kept a target before it is asked whether it can be missed at all. One that
	// is kept by chance in half of the periods is kept in twelve in a row once in four thousand times.
	greenPeriods = 12
	daysOfYear   = 365

	// heapingLevel is the probability below which a heap is remarkable (Bevan & Hood, Public Administration 84, 2006, on ambulances that arrive
	// within eight minutes; the test and its level are the project's own).
	heapingLevel = 0.01
	// jumpTimes: fewer cases than that many times those of the window before are the usual hurry before a deadline.
	jumpTimes = 2.0

	// judgedToSay is the number of settled values from which their revisions say anything: a year of months, three of quarters.
	judgedToSay = 12
	// movedFrom: one value that moved, of twelve or more, is a correction. One in ten means that values are called settled too early.
	movedFrom = 10.0
)

// waiting are the reasons of rows that will be judged in their time. They are not left out of anything. A case that is still open does not wait:
// what counts closed cases alone is better than the truth.
var waiting = []string{kpi.ReasonNotYetDue, kpi.ReasonAfterAsOf}

// Attention counts the checks of a dataset's indicators that ask somebody to look, and those that cannot say anything yet; of all datasets if dataset is "".
func (s *Scorecard) Attention(dataset string) (look, cannot int) {
	for _, r := range s.Results {
		if dataset != "" && r.Indicator.Dataset != dataset {
			continue
		}
		for _, c := range r.Checks {
			switch c.State {
			case TrustLook:
				look++
			case TrustCannot:
				cannot++
			}
		}
	}
	return look, cannot
}

// checks looks at whether the number of a result can be trusted, in the order of [TrustChecks]. facts are those of all indicators.
func checks(r *Result, facts []kpi.TrustFacts) []TrustCheck {
	var f *kpi.TrustFacts
	if at := slices.IndexFunc(facts, func(f kpi.TrustFacts) bool { return f.Indicator == r.Indicator.ID }); at >= 0 {
		f = &facts[at]
	}
	return []TrustCheck{
		checkReason(r, f, checkClosedBeforeOpened, kpi.ReasonClosedBeforeOpened, closedFirstFrom),
		checkReason(r, f, checkNoDueDate, kpi.ReasonNoDueDate, noDueDateFrom),
		checkLeftOut(r, f),
		checkGreen(r),
		checkHeap(f),
		checkJump(f),
		checkRevisions(f),
	}
}

// note adds a number.
func (c *TrustCheck) note(name string, v float64, unit string) {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		c.Numbers = append(c.Numbers, kpi.Quantity{Name: name, Value: v, Unit: unit})
	}
}

// against sets what was looked at and from where it is remarkable.
func (c *TrustCheck) against(value, limit float64) {
	c.Value, c.Limit = number(value), &limit
}

// taking is the number of rows that take part in an indicator over all periods, counted and excluded.
func taking(r *Result, f *kpi.TrustFacts) float64 {
	if r.Total != nil {
		return float64(max(r.Total.Rows, 0)) + excludedFor(r.Total, func(string) bool { return true })
	}
	if f != nil {
		return float64(max(f.Rows, 0))
	}
	return 0
}

// excludedFor is the number of rows that are excluded for some of the reasons.
func excludedFor(o *kpi.Observation, is func(reason string) bool) float64 {
	if o == nil {
		return 0
	}
	n := 0.0
	for reason, k := range o.Excluded {
		if is(reason) {
			n += float64(max(k, 0))
		}
	}
	return n
}

// checkReason looks at the share of rows that are excluded for one of the built-in reasons, if the measure asks for it.
func checkReason(r *Result, f *kpi.TrustFacts, name, reason string, from float64) TrustCheck {
	n := excludedFor(r.Total, func(code string) bool { return code == reason })
	m := r.Indicator.Measure
	asked := n > 0 || slices.ContainsFunc(m.Exclude, func(e kpi.Exclusion) bool { return e.Because == reason }) ||
		reason == kpi.ReasonClosedBeforeOpened && m.Kind == kpi.MeasureDuration
	if !asked {
		return TrustCheck{Check: name, State: TrustNotAsked}
	}
	return checkShare(name, n, taking(r, f), from)
}

// checkLeftOut looks at the share of rows that are excluded for any reason, but for those that wait.
func checkLeftOut(r *Result, f *kpi.TrustFacts) TrustCheck {
	waits := func(code string) bool { return slices.Contains(waiting, code) }
	n := excludedFor(r.Total, func(code string) bool { return !waits(code) })
	return checkShare(checkExcluded, n, taking(r, f)-excludedFor(r.Total, waits), excludedFrom)
}

// checkShare looks at a share of rows, in percent.
func checkShare(name string, n, rows, from float64) TrustCheck {
	c := TrustCheck{Check: name, State: TrustFine}
	c.note("rows", rows, kpi.QuantityCount)
	c.note("excluded", n, kpi.QuantityCount)
	if rows < rowsToSay {
		c.State = TrustCannot
		return c
	}
	share := 100 * n / rows
	if c.against(share, from); share >= from && n >= rowsToMind {
		c.State = TrustLook
	}
	return c
}

// checkGreen looks at how many settled periods in a row, the newest the last, kept what was promised for them. A target that is never missed
// tells nothing of those who keep it.
func checkGreen(r *Result) TrustCheck {
	c := TrustCheck{Check: checkAllGreen, State: TrustFine}
	if d := r.Indicator.Direction; d == kpi.Neutral || len(r.Indicator.TargetsInForce(kpi.Date{})) == 0 {
		c.State = TrustNotAsked
		return c
	}
	need := max(greenPeriods, cycle(r.Indicator.Period))
	if r.Indicator.Period == kpi.Day {
		need = daysOfYear
	}
	judged, row, least, broken := 0, 0, math.Inf(1), false
	for k := len(r.Series) - 1; k >= 0; k-- {
		margin, kept, ok := keeps(r.Indicator, r.Series[k])
		if !ok {
			continue
		}
		judged++
		if broken = broken || !kept; !broken {
			row, least = row+1, math.Min(least, margin)
		}
	}
	c.against(float64(row), float64(need))
	c.note("points", float64(judged), kpi.QuantityCount)
	c.note("least_margin", least, string(r.Indicator.Unit))
	switch {
	case judged < need:
		c.State = TrustCannot
	case row >= need:
		c.State = TrustLook
	}
	return c
}

// keeps reports by how much, in the indicator's unit, a settled period is better than what was promised for it: the target that governed it or,
// where that asks for less, the way to it; of what adds up in a year where the year should have been. ok is false where nothing had been
// promised when the period ended, and without a value or with too few rows.
func keeps(i *kpi.Indicator, p Point) (margin float64, kept, ok bool) {
	t, o := i.TargetFor(p.Period), p.Observation
	if t == nil || p.Period.Last.Before(t.Set) || !p.Settled || o.Value == nil || o.Suppressed != kpi.NotSuppressed || o.Rows < int64(i.Minimum) {
		return 0, false, false
	}
	value, goal := *o.Value, t.Value
	switch {
	case i.AddsUp():
		if p.ToDate == nil || p.Expected == nil {
			return 0, false, false
		}
		value, goal = *p.ToDate, *p.Expected
	case i.Direction == kpi.Range:
		goal = t.Low
		if margin = math.Min(value-t.Low, t.High-value); margin == t.High-value {
			goal = t.High
		}
	case p.Expected != nil && i.Direction == kpi.Down:
		goal = math.Max(goal, *p.Expected)
	case p.Expected != nil:
		goal = math.Min(goal, *p.Expected)
	}
	switch i.Direction {
	case kpi.Up:
		margin = value - goal
	case kpi.Down:
		margin = goal - value
	}
	if math.IsNaN(margin) || math.IsInf(margin, 0) {
		return 0, false, false
	}
	return margin, margin >= -keptBut*math.Max(math.Abs(value), math.Abs(goal)), true
}

// keptBut is the relative difference by which a target may be missed without being missed, as in [kpi.Assess].
const keptBut = 1e-9

// mostCases bounds the cases of a window, and with them the time that a check takes. No city has as many.
const mostCases = math.MaxInt32

// deadline begins a check of how cases lie around a deadline: in the window before it, and in another one. It is not asked of a measure without a deadline.
func deadline(name string, f *kpi.TrustFacts, other string, of func(*kpi.TrustFacts) int64) (c TrustCheck, met, n int64) {
	c = TrustCheck{Check: name, State: TrustNotAsked}
	if f == nil || !f.Deadline {
		return c, 0, 0
	}
	rest := min(max(of(f), 0), mostCases)
	met = min(max(f.Met, 0), mostCases)
	c.State = TrustFine
	c.note("met", float64(met), kpi.QuantityCount)
	c.note(other, float64(rest), kpi.QuantityCount)
	c.note("window", f.Window, string(f.Unit))
	if n = met + rest; n < rowsToSay {
		c.State = TrustCannot
	}
	return c, met, n
}

// checkHeap looks at whether more cases are just in time than just too late than a fair coin would make: exact, one-sided.
func checkHeap(f *kpi.TrustFacts) TrustCheck {
	c, met, n := deadline(checkHeaping, f, "missed", func(f *kpi.TrustFacts) int64 { return f.Missed })
	if c.State == TrustFine {
		c.State = c.coin(met, n)
	}
	return c
}

// checkJump looks at whether far more cases are done just in time than in the window before: work that waits for its deadline, or dates that do.
func checkJump(f *kpi.TrustFacts) TrustCheck {
	c, met, n := deadline(checkDeadlineJump, f, "early", func(f *kpi.TrustFacts) int64 { return f.Early })
	if c.State != TrustFine {
		return c
	}
	if state := c.coin(met, n); float64(met) >= jumpTimes*float64(n-met) {
		c.State = state
	}
	return c
}

// coin asks how likely at least so many heads of n tosses are.
func (c *TrustCheck) coin(heads, n int64) TrustState {
	p, ok := stats.BinomialTail(heads, n, 0.5)
	if !ok {
		return TrustCannot
	}
	if c.against(p, heapingLevel); p < heapingLevel {
		return TrustLook
	}
	return TrustFine
}

// checkRevisions looks at how many values moved after they were called settled, in percent.
func checkRevisions(f *kpi.TrustFacts) TrustCheck {
	c := TrustCheck{Check: checkLateRevisions, State: TrustCannot}
	if f == nil {
		return c
	}
	judged := max(f.Judged, 0)
	moved := min(max(f.Moved, 0), judged)
	c.note("moved", float64(moved), kpi.QuantityCount)
	c.note("judged", float64(judged), kpi.QuantityCount)
	if moved > 0 {
		c.Latest = f.Latest
	}
	if judged < judgedToSay {
		return c
	}
	share := 100 * float64(moved) / float64(judged)
	c.State = TrustFine
	if c.against(share, movedFrom); share >= movedFrom {
		c.State = TrustLook
	}
	return c
}
