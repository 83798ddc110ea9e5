package kpi

import (
	"cmp"
	"maps"
	"slices"
)

// Rules that decide a status, in the order in which Assess asks them; the first that applies decides.
const (
	// RuleNoSettledValue: no settled period has a value. Status no_data.
	RuleNoSettledValue = "no-settled-value"
	// RuleMinimum: fewer rows were counted in the judged period, or in the year so far whose total is judged, than the indicator's minimum. Status
	// too_few.
	RuleMinimum = "minimum"
	// RuleNoDirection: the indicator is for context and has no better or worse. Status no_target.
	RuleNoDirection = "no-direction"
	// RuleNoTarget: nobody set a target. Status no_target.
	RuleNoTarget = "no-target"
	// RuleMetAtDate: the value meets the target in the period in which the target's date lies, or later. Status achieved.
	RuleMetAtDate = "met-at-date"
	// RuleMet: the value meets the target, but it can still be lost: its date is to come, it is an interim target, or it should have been met in
	// every period and was missed in some. Status on_track.
	RuleMet = "met"
	// RuleNoBaseline: the target is not met, its date is to come, and without a baseline nothing says where the city should be today.
	// Status baseline_being_set.
	RuleNoBaseline = "no-baseline"
	// RuleExpected: the value is where the trajectory is, or better. Status on_track.
	RuleExpected = "expected"
	// RuleWorseThanBaseline: the value is worse than the baseline. Status wrong_way if the signal is worsening, no_clear_change otherwise.
	RuleWorseThanBaseline = "worse-than-baseline"
	// RulePace: the value lies between the baseline and the trajectory; the pace (y − b)/(E − b) is compared with the bands. Status on_track,
	// behind or well_behind.
	RulePace = "pace"
	// RuleDistance: the target holds in every period, or there is no baseline to measure a pace from; the distance to what is expected, as a
	// share of it (of the width, for a range), is compared with 1 − the band for behind. Status behind or well_behind.
	RuleDistance = "distance"

	// RuleYearUnknown: a period of the year has no value, so its total is not known. Status no_data.
	RuleYearUnknown = "year-unknown"
	// RuleYearMet: the year's total has reached its target, and cannot fall below it any more, or the year is over and it kept to it. Status
	// achieved.
	RuleYearMet = "year-met"
	// RuleYearExceeded: the year's total is over what it was to stay under. Status well_behind.
	RuleYearExceeded = "year-exceeded"
	// RuleYearPace: the year's total so far is compared with what should be there by now. Status on_track, behind or well_behind.
	RuleYearPace = "year-pace"
	// RuleNamed: a method that other programs use too decided, see [Named].
	RuleNamed = "named"
)

// SeriesPoint is one period of an indicator's series.
type SeriesPoint struct {
	Period      Period
	Observation Observation
}

// AssessInput is everything that an assessment depends on.
type AssessInput struct {
	Indicator *Indicator
	Series    []SeriesPoint // the whole city, in any order
	Calendar  Calendar
	AsOf      Date
	Bands     Bands    // DefaultBands if they are zero or make no sense
	Signal    Signal   // as computed from the same series
	Outlook   *Outlook // nil if it was not computed
}

// Assess says what may be said about an indicator as of a day.
//
// It judges the last settled period that has a value (see [Indicator.SettledOn]); the newest period, if it is partial or provisional, is
// only flagged. The target that governs that period ([Indicator.TargetFor]) and the trajectory at its end ([Indicator.Expected]) are
// what it is judged against. The rules are the constants RuleNoSettledValue to RuleDistance. They keep these properties:
//
//   - A better value (higher, lower, or nearer to the range, by direction) never gets a worse status in the order of [Status.Rank], the
//     signal held fixed.
//   - Neither the order of the series nor the unit of the values matters; decisions are made on unrounded values, with a relative
//     tolerance of 1e-9, so that a pace of exactly 0.95 is on track.
//   - Numbers that are not finite count as no value; none are returned.
//
// A target that the baseline already meets ("maintain") has no way to go: its value is on track while it meets the target, and worse
// than the baseline when it does not. At the start of the way, where the trajectory is the baseline, a value at the baseline or better
// is on track. "Wrong way" is said only if the signal says that the worsening is real.
//
// Sources: bands of pace as Eurostat and Statistics Canada use them for the Sustainable Development Goals (95 and 60 %), on a linear
// path in place of a growth rate, with the dead band of a process-behaviour chart added.
func Assess(in AssessInput) Assessment {
	a := Assessment{Signal: cleanSignal(in.Signal), Outlook: cleanOutlook(in.Outlook), AsOf: in.AsOf, Bands: in.Bands.orDefault(), Baseline: copyBaseline(in.Indicator)}
	series := begun(in)
	newest, judged := newestPeriod(in, series), lastSettled(in, series)
	a.Newest = newest.ID
	a.flagSeries(in, series, newest, judged)
	if judged != nil {
		v := *judged.Observation.Value
		a.Period, a.Value, a.Rows, a.Excluded = judged.Period.ID, &v, judged.Observation.Rows, maps.Clone(judged.Observation.Excluded)
		a.Untold = judged.Observation.LeftUntold
		a.Target = in.Indicator.TargetFor(judged.Period)
	} else if newest.ID != "" {
		a.Target = in.Indicator.TargetFor(newest)
	}
	a.flagTarget(in)
	a.decideStatus(in, series, judged)
	a.Reasons = append(a.Reasons, a.statusReason(in))
	return a
}

// decideStatus asks the rules in their order.
func (a *Assessment) decideStatus(in AssessInput, series []SeriesPoint, judged *SeriesPoint) {
	switch {
	case judged == nil:
		a.decide(NoData, RuleNoSettledValue)
	case a.tooFew(in, series, *judged):
		a.decide(TooFew, RuleMinimum)
	case in.Indicator.Direction == Neutral:
		a.decide(NoTarget, RuleNoDirection)
	case a.Target == nil && in.Indicator.Judge.By != MethodOpenSDG: // which has thresholds for series without a target
		a.decide(NoTarget, RuleNoTarget)
	case in.Indicator.Judge.By != MethodPace:
		a.judgeNamed(in, series, *judged)
	case in.Indicator.AddsUp():
		a.judgeYear(in, series, *judged)
	default:
		a.judge(in.Indicator, series, *judged)
	}
}

// tooFew reports whether fewer rows than the minimum are behind what is judged: those of the period, or of its year so far where it is the
// year's total. Then these are the rows that the reason names.
func (a *Assessment) tooFew(in AssessInput, series []SeriesPoint, judged SeriesPoint) bool {
	least := int64(in.Indicator.Minimum)
	if in.Indicator.AddsUp() && a.Rows < least {
		if d, err := in.Indicator.YearToDate(in.Calendar, series, judged.Period); err == nil && d.Known {
			if d.Rows < least {
				a.Since, a.Rows, a.Excluded = d.Since.ID, d.Rows, d.Left
			}
			return d.Rows < least
		}
	}
	return a.Rows < least
}

func (a *Assessment) decide(s Status, rule string) { a.Status, a.Rule = s, rule }

// begun returns the points whose period has begun by the as-of date and is of the indicator's kind, by period; of several for the same
// period, the one of the newest definition and load.
func begun(in AssessInput) []SeriesPoint {
	var list []SeriesPoint
	for _, p := range in.Series {
		if p.Period.Kind == in.Indicator.Period && !p.Period.First.After(in.AsOf) {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b SeriesPoint) int {
		return cmp.Or(a.Period.First.Compare(b.Period.First), cmp.Compare(b.Observation.Version, a.Observation.Version),
			cmp.Compare(b.Observation.Load, a.Observation.Load))
	})
	return slices.CompactFunc(list, func(a, b SeriesPoint) bool { return a.Period.First == b.Period.First })
}

// newestPeriod returns the period in which the last day lies of which the rows can speak.
func newestPeriod(in AssessInput, series []SeriesPoint) Period {
	if p, err := in.Calendar.Period(in.Indicator.Period, in.Indicator.Covered(in.AsOf)); err == nil {
		return p
	}
	if len(series) > 0 { // an unknown kind of period; the catalog lets none through
		return series[len(series)-1].Period
	}
	return Period{}
}

// hasValue reports whether the point has a value that can be calculated with.
func (p SeriesPoint) hasValue() bool {
	return p.Observation.Value != nil && usable(*p.Observation.Value)
}

// lastSettled returns the newest settled point that has a value, or nil.
func lastSettled(in AssessInput, series []SeriesPoint) *SeriesPoint {
	for k := len(series) - 1; k >= 0; k-- {
		if p := series[k]; p.hasValue() && in.Indicator.Settled(p.Period, in.AsOf) {
			return &series[k]
		}
	}
	return nil
}

// StalePeriods is how many lengths of its period the judged value may lie behind the as-of day, beside the days in which it settles. An older
// one is stale.
const StalePeriods = 2

// flagSeries sets the flags that speak of the series.
func (a *Assessment) flagSeries(in AssessInput, series []SeriesPoint, newest Period, judged *SeriesPoint) {
	if newest.ID != "" {
		over := newest
		if in.Indicator.Partial(newest, in.AsOf) {
			a.flag(FlagPartial)
			over, _ = in.Calendar.Period(newest.Kind, newest.First.AddDays(-1)) // the kind of a Period is a kind
		}
		if !in.Indicator.Settled(over, in.AsOf) {
			a.flag(FlagProvisional)
		}
	}
	if judged != nil && in.AsOf.Sub(judged.Period.Last) > StalePeriods*judged.Period.Days()+in.Indicator.SettlesAfter {
		a.flag(FlagStale)
	}
	versions := map[int]bool{}
	for _, p := range series {
		if p.hasValue() {
			versions[p.Observation.Version] = true
		}
	}
	if len(versions) > 1 {
		a.flag(FlagDefinitionChanged)
	}
}

// flagTarget sets the flags that speak of the target.
func (a *Assessment) flagTarget(in AssessInput) {
	if a.Target == nil {
		return
	}
	targets := in.Indicator.TargetsInForce(in.AsOf)
	if n := len(targets); n > 0 && targets[n-1].By.Before(in.AsOf) { // there may be none: those that held in the judged period were dropped since
		a.flag(FlagTargetOver)
	}
	if a.Target.Illustrative {
		a.flag(FlagIllustrative)
	}
}

func (a *Assessment) flag(f Flag) { a.Flags = append(a.Flags, f) }

// orDefault returns the bands if they are in order, 0 < behind ≤ on track ≤ 1, and DefaultBands otherwise.
func (b Bands) orDefault() Bands {
	if 0 < b.Behind && b.Behind <= b.OnTrack && b.OnTrack <= 1 {
		return b
	}
	return DefaultBands
}

func copyBaseline(i *Indicator) *Baseline {
	if !i.hasBaseline() {
		return nil
	}
	b := *i.Baseline
	return &b
}

// cleanSignal drops lines that are not finite.
func cleanSignal(s Signal) Signal {
	for _, v := range []**float64{&s.Mean, &s.Lower, &s.Upper} {
		if *v != nil && !usable(**v) {
			*v = nil
		}
	}
	return s
}

// cleanOutlook drops an outlook whose numbers are not finite.
func cleanOutlook(o *Outlook) *Outlook {
	if o == nil || !usable(o.Probability) || !usable(o.Low) || !usable(o.High) {
		return nil
	}
	return o
}
