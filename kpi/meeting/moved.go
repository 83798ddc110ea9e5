package meeting

import (
	"reflect"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// MovedCode is why something is not as it was seen before.
type MovedCode string

// Why a number, or what is said of it, is another one.
const (
	MovedGone       MovedCode = "gone"       // the city has it no more
	MovedPeriod     MovedCode = "period"     // a further period is settled, and is judged in its place
	MovedDefinition MovedCode = "definition" // it is measured in another way
	MovedDelivery   MovedCode = "delivery"   // new data changed a number of the same period
	MovedDay        MovedCode = "day"        // it was computed for another day: what is open counts for longer, and more is expected
	MovedRevised    MovedCode = "revised"    // the number of the same period is another one, and nobody knows of what
	MovedTarget     MovedCode = "target"     // a target was decided
	MovedJudging    MovedCode = "judging"    // it is judged in another way: from another baseline, by other bands
	MovedContested  MovedCode = "contested"  // somebody says that it is wrong
	MovedOther      MovedCode = "other"      // what is said of the same number is something else, and none of the others is why
)

// Why a commitment stands otherwise.
const (
	MovedDone     MovedCode = "done"     // its owner calls it done
	MovedReopened MovedCode = "reopened" // it is not done after all
	MovedKept     MovedCode = "kept"     // it is closed: it was kept
	MovedDropped  MovedCode = "dropped"
	MovedSlipped  MovedCode = "slipped" // its owner moved its date
	MovedAgreed   MovedCode = "agreed"  // whoever closes commitments moved its date
)

// MovedCodes lists them, the most telling first.
var MovedCodes = []MovedCode{
	MovedGone, MovedDefinition, MovedPeriod, MovedDelivery, MovedRevised, MovedTarget, MovedJudging, MovedDay, MovedContested, MovedOther,
	MovedKept, MovedDropped, MovedReopened, MovedDone, MovedSlipped, MovedAgreed,
}

// MovedWhy is one reason, with what is known of it.
type MovedWhy struct {
	Code    MovedCode
	Load    *kpi.Load    // of a delivery: the newest one; nil where it is not known
	Change  *kpi.Change  // of a target, a definition and of judging: the newest one; nil where the folder tells of none
	Contest *kpi.Contest // of a contest
	Day     kpi.Date     // of another day: which it is now
	Move    *kpi.DueMove // of a date that was moved: the newest move
	Period  kpi.Period   // of a revision: the newest period that has another value
	Was, Is *float64     // of that period; nil: none
}

// Moved is how something on a locked agenda stands now.
type Moved struct {
	Number  bool              // the number, its period or what is said of it is another one; of a commitment: its date or its state
	Result  *scorecard.Result // of an indicator, as it is now; nil: it is gone
	Period  kpi.Period        // that is judged now; zero: none is
	Value   *float64          // of that period
	Status  kpi.Status
	Promise *kpi.Commitment // of a commitment, as it stands now; nil: it is gone
	Why     []MovedWhy      // the most telling first; empty: it stands as it stood
}

// MovedSince says how an item of a locked memo stands now, and why it is not as the memo has it. then is the scorecard that was frozen with the memo; nil where none
// was, and then fewer reasons are known. promised are the commitments as they stand now. The numbers of a topic never move.
func MovedSince(item *kpi.AgendaItem, then, live *scorecard.Scorecard, promised []kpi.Commitment) Moved {
	switch item.Key {
	case CommitmentKey(item.Commitment):
		return promiseMoved(item, then, promised)
	case IndicatorKey(item.Indicator):
		return numberMoved(item, then, live)
	}
	return Moved{}
}

// numberMoved is how an indicator stands now.
func numberMoved(item *kpi.AgendaItem, then, live *scorecard.Scorecard) Moved {
	now := live.Result(item.Indicator)
	if now == nil {
		return Moved{Number: true, Why: []MovedWhy{{Code: MovedGone}}}
	}
	m := Moved{Result: now, Status: now.Assessment.Status}
	if p := pointOf(now, now.Assessment.Period); p != nil {
		m.Period, m.Value = p.Period, p.Observation.Value
	}
	m.Number = m.Period.ID != item.Period || !seenAlike(now.Indicator, m.Value, item.Value) || m.Status != item.Status
	c := compare{then: then, live: live, now: now, period: item.Period, value: item.Value, status: item.Status}
	if then != nil {
		c.was = then.Result(item.Indicator)
	}
	m.Why = c.why(m.Number)
	return m
}

// compare is a number that was seen before beside the same indicator as it is now.
type compare struct {
	then, live *scorecard.Scorecard
	was, now   *scorecard.Result // was is nil where nothing is known of it
	period     string            // that was judged then
	value      *float64
	status     kpi.Status
}

// why finds the reasons for which a number is another one, and whether it is contested since.
func (c *compare) why(moved bool) []MovedWhy {
	var list []MovedWhy
	if moved {
		list = c.causes()
		if len(list) == 0 {
			list = append(list, MovedWhy{Code: MovedOther})
		}
	}
	if k := c.contest(); k != nil {
		list = append(list, MovedWhy{Code: MovedContested, Contest: k})
	}
	slices.SortStableFunc(list, func(a, b MovedWhy) int { return slices.Index(MovedCodes, a.Code) - slices.Index(MovedCodes, b.Code) })
	return list
}

func (c *compare) causes() []MovedWhy {
	var list []MovedWhy
	ind := c.now.Indicator
	if old, now := pointOf(c.now, c.period), pointOf(c.now, c.now.Assessment.Period); now != nil && now.Period.ID != c.period && (old == nil || old.Period.First.Before(now.Period.First)) {
		list = append(list, MovedWhy{Code: MovedPeriod, Period: now.Period, Is: now.Observation.Value})
	}
	if w := c.revised(); w != nil {
		list = append(list, *w)
	} else if c.redefined() {
		list = append(list, MovedWhy{Code: MovedDefinition, Change: c.change(kpi.ChangeMeasure, kpi.ChangeRebase)})
	}
	if c.was == nil {
		return list
	}
	was := c.was.Indicator
	if !sameTargets(was, ind) {
		list = append(list, MovedWhy{Code: MovedTarget, Change: c.change(kpi.ChangeTarget)})
	}
	if judged(c.was) != judged(c.now) || !reflect.DeepEqual(was.Baseline, ind.Baseline) || !reflect.DeepEqual(was.Judge, ind.Judge) {
		list = append(list, MovedWhy{Code: MovedJudging, Change: c.change(kpi.ChangeJudging, kpi.ChangeBaseline)})
	}
	if len(list) == 0 && c.then.AsOf != c.live.AsOf {
		list = append(list, MovedWhy{Code: MovedDay, Day: c.live.AsOf})
	}
	return list
}

// redefined reports whether the indicator is measured in another way.
func (c *compare) redefined() bool {
	return c.was != nil && c.was.Indicator.Version != c.now.Indicator.Version
}

// revised finds out whether a period that was seen, settled, has another value, and of what; nil if none has. Of what was seen without its series it is the judged period.
func (c *compare) revised() *MovedWhy {
	seen := []scorecard.Point{{Period: kpi.Period{ID: c.period}, Observation: kpi.Observation{Value: c.value}, Settled: true}}
	if c.was != nil {
		seen = c.was.Series
	}
	for i := len(seen) - 1; i >= 0; i-- {
		p := &seen[i]
		now := pointOf(c.now, p.Period.ID)
		if !p.Settled || p.Period.ID == "" || now == nil && p.Observation.Value == nil {
			continue
		}
		w := MovedWhy{Code: MovedRevised, Period: p.Period, Was: p.Observation.Value}
		if now != nil {
			w.Period, w.Is = now.Period, now.Observation.Value
		}
		if seenAlike(c.now.Indicator, w.Was, w.Is) {
			continue
		}
		c.explain(&w)
		return &w
	}
	return nil
}

// explain says of what a revision is.
func (c *compare) explain(w *MovedWhy) {
	if c.was == nil {
		return
	}
	was, now := newest(c.then, c.now.Indicator.Dataset), newest(c.live, c.now.Indicator.Dataset)
	switch {
	case c.redefined():
		w.Code, w.Change = MovedDefinition, c.change(kpi.ChangeMeasure, kpi.ChangeRebase)
	case now != nil && (was == nil || was.ID != now.ID):
		w.Code, w.Load = MovedDelivery, now
	case c.then.AsOf != c.live.AsOf:
		w.Code, w.Day = MovedDay, c.live.AsOf
	}
}

// change is the newest change of one of some kinds since it was seen; nil if the folder tells of none.
func (c *compare) change(kinds ...string) *kpi.Change {
	for i := range c.live.Changes {
		k := &c.live.Changes[i]
		if k.Folder > c.then.Folder && !k.Told && (k.Indicator == c.now.Indicator.ID || k.Indicator == "") && slices.Contains(kinds, k.What) {
			return k
		}
	}
	return nil
}

// contest is the first contest of the indicator's numbers that is open now, and was not when they were seen.
func (c *compare) contest() *kpi.Contest {
	for i := range c.live.Contests {
		k := &c.live.Contests[i]
		known := c.then != nil && slices.ContainsFunc(c.then.Contests, func(o kpi.Contest) bool { return o.ID == k.ID })
		if k.Indicator == c.now.Indicator.ID && !known {
			return k
		}
	}
	return nil
}

// newest is the load of a dataset that is in use; nil if none is.
func newest(card *scorecard.Scorecard, dataset string) *kpi.Load {
	for i := range card.Datasets {
		if card.Datasets[i].Dataset == dataset {
			return card.Datasets[i].Last
		}
	}
	return nil
}

// sameTargets reports whether the same targets hold.
func sameTargets(a, b *kpi.Indicator) bool {
	return slices.EqualFunc(a.TargetsInForce(kpi.Date{}), b.TargetsInForce(kpi.Date{}), func(x, y kpi.Target) bool {
		return x.By == y.By && x.Kind == y.Kind && x.Value == y.Value && x.Low == y.Low && x.High == y.High
	})
}

// judging is by what an indicator is judged, beside its targets and its baseline.
type judging struct {
	direction  kpi.Direction
	trajectory kpi.Trajectory
	adds       kpi.PeriodKind
	minimum    int
	settles    int
	chart      kpi.ChartKind
	bands      kpi.Bands
}

func judged(r *scorecard.Result) judging {
	i := r.Indicator
	return judging{i.Direction, i.Trajectory, i.AddsUpIn, i.Minimum, i.SettlesAfter, i.Chart, r.Assessment.Bands}
}

// seenAlike reports whether two values of an indicator are the same to whoever reads them: as many digits of both are shown.
func seenAlike(ind *kpi.Indicator, a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b || strconv.FormatFloat(*a, 'f', ind.Decimals, 64) == strconv.FormatFloat(*b, 'f', ind.Decimals, 64)
}

// promiseMoved is how a commitment stands now.
func promiseMoved(item *kpi.AgendaItem, then *scorecard.Scorecard, promised []kpi.Commitment) Moved {
	c := promiseOf(promised, item.Commitment)
	if c == nil {
		return Moved{Number: true, Why: []MovedWhy{{Code: MovedGone}}}
	}
	was := kpi.CommitmentOpen
	switch {
	case CardRule(item.Rule) == RuleDone:
		was = kpi.CommitmentDone
	case then != nil && CardRule(item.Rule) == RuleThird: // which says nothing of whether it was done
		if old := promiseOf(then.Commitments, item.Commitment); old != nil {
			was = old.State
		}
	}
	m := Moved{Promise: c}
	if c.State != was {
		m.Why = append(m.Why, MovedWhy{Code: map[kpi.CommitmentState]MovedCode{
			kpi.CommitmentOpen: MovedReopened, kpi.CommitmentDone: MovedDone, kpi.CommitmentKept: MovedKept, kpi.CommitmentDropped: MovedDropped,
		}[c.State]})
	}
	if n := len(c.Moves); c.Due != item.Due && n > 0 {
		w := MovedWhy{Code: MovedSlipped, Move: &c.Moves[n-1]}
		if w.Move.Chair {
			w.Code = MovedAgreed
		}
		m.Why = append(m.Why, w)
	}
	m.Number = len(m.Why) > 0
	return m
}

func promiseOf(list []kpi.Commitment, id int64) *kpi.Commitment {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}
