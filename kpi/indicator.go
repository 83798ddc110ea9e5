package kpi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"
)

// Indicator is the definition of a KPI.
type Indicator struct {
	ID            string        `json:"id"`
	Dataset       string        `json:"dataset"`
	Name          Text          `json:"name"`
	Sentence      Text          `json:"sentence"` // what it says, for a resident
	Why           Text          `json:"why"`      // why it matters
	Method        Text          `json:"method"`   // how it is counted, in words
	Caution       Text          `json:"caution"`  // what a reader must know before quoting it; empty if nothing
	Kind          IndicatorKind `json:"kind"`
	Priority      string        `json:"priority"`
	Goal          string        `json:"goal,omitempty"`
	Department    string        `json:"department"`
	Owner         string        `json:"owner,omitempty"`
	Measure       Measure       `json:"measure"`
	Unit          Unit          `json:"unit"`
	Decimals      int           `json:"decimals"` // shown on pages; files and the API carry the unrounded value
	Direction     Direction     `json:"direction"`
	Period        PeriodKind    `json:"period"`
	SettlesAfter  int           `json:"settles_after"` // days after a period's end until its value is settled
	Minimum       int           `json:"minimum"`       // fewer counted rows than this are "too few"
	Baseline      *Baseline     `json:"baseline,omitempty"`
	Targets       []Target      `json:"targets,omitempty"` // by date
	Trajectory    Trajectory    `json:"trajectory"`
	AddsUpIn      PeriodKind    `json:"adds_up_in,omitempty"`   // of a flow: year or fiscal_year, whose total its targets are for; empty: each period stands by itself
	AddsUpFrom    time.Month    `json:"adds_up_from,omitempty"` // the first month of that year, given by the catalog; January if zero
	Project       *Project      `json:"project,omitempty"`      // whose work it measures, in percent; its targets come from the project's plan
	Judge         Judge         `json:"judge,omitzero"`         // the method of its status, if it is not the pace
	Chart         ChartKind     `json:"chart,omitempty"`        // of its signal; empty: chosen by the series
	Rebases       []Rebase      `json:"rebases,omitempty"`      // by date
	Equity        *EquityPlan   `json:"equity,omitempty"`       // how its groups are compared; nil: each with the whole city
	Suppress      int           `json:"suppress,omitempty"`     // numbers from 1 to Suppress − 1 are not published; 0: all are
	Reasons       []ChangeNote  `json:"reasons,omitempty"`      // why its definition, targets or owner were changed, by date
	PairedWith    []string      `json:"paired_with,omitempty"`
	Dimensions    []string      `json:"dimensions"` // its dataset's
	Public        bool          `json:"public"`
	CompleteUntil Date          `json:"complete_until,omitzero"` // of its date column, see [Column]
	Version       int           `json:"version"`                 // definition version, given by the ledger; 0 until it has been
	Plan          string        `json:"plan,omitempty"`          // the node of the city's plan under which it stands
	Code          string        `json:"code,omitempty"`          // the city's own number for it
	Service       *Service      `json:"service,omitempty"`       // what residents ask the city for, if it measures that
}

// IndicatorKind tells what an indicator is about.
type IndicatorKind string

// The kinds.
const (
	Input        IndicatorKind = "input"
	Output       IndicatorKind = "output"
	Outcome      IndicatorKind = "outcome"
	Efficiency   IndicatorKind = "efficiency"
	Satisfaction IndicatorKind = "satisfaction"
)

// IndicatorKinds lists the kinds.
var IndicatorKinds = []IndicatorKind{Input, Output, Outcome, Efficiency, Satisfaction}

// Direction is the way in which an indicator should go.
type Direction string

// The directions.
const (
	Up      Direction = "up"    // higher is better
	Down    Direction = "down"  // lower is better
	Range   Direction = "range" // keep between the target's low and high
	Neutral Direction = "none"  // for context only: never judged
)

// Directions lists the directions.
var Directions = []Direction{Up, Down, Range, Neutral}

// Unit is the unit of an indicator's values.
type Unit string

// The units.
const (
	Percent Unit = "percent" // 0–100
	Days    Unit = "days"
	Hours   Unit = "hours"
	Number  Unit = "number" // a plain count

	WorkingDays Unit = "working_days" // days that are neither weekend nor one of [City.Holidays]
)

// Units lists the units.
var Units = []Unit{Percent, Days, WorkingDays, Hours, Number}

// MeasureKind is the way in which rows become a value.
type MeasureKind string

// The kinds of measure. Count and sum are flows: a period without rows is 0. The others have no value without rows.
const (
	MeasureCount      MeasureKind = "count"
	MeasureSum        MeasureKind = "sum"
	MeasureMean       MeasureKind = "mean"       // Σ of / number of rows
	MeasureMedian     MeasureKind = "median"     // quantile type 7
	MeasurePercentile MeasureKind = "percentile" // quantile type 7
	MeasureShare      MeasureKind = "share"      // 100 · rows for which Of holds / rows counted
	MeasureRatio      MeasureKind = "ratio"      // Times · Σ Of / Σ Per: cost per unit, spent of budgeted
	MeasureRate       MeasureKind = "rate"       // Times · rows / residents of the city or district
	MeasureLast       MeasureKind = "last"       // a stock: Σ Of over the rows of the last day of the period that has any
	MeasureDuration   MeasureKind = "duration"   // the quantile P of the time from From to To, open cases counted (Kaplan–Meier)
)

// MeasureKinds lists the kinds.
var MeasureKinds = []MeasureKind{
	MeasureCount, MeasureSum, MeasureMean, MeasureMedian, MeasurePercentile, MeasureShare, MeasureRatio, MeasureRate, MeasureLast, MeasureDuration,
}

// Measure says how rows become a value. Of, Where and When are expressions of package expr over the dataset's columns and as_of.
//
// A row takes part if Where holds. A row that takes part is excluded by the first of Exclude whose When holds, or by the reason
// no-date if Date is null, or by no-value if Of is null in a sum, mean, median, percentile or last; it is counted otherwise. In a share, a
// row for which Of is null is counted and does not hold: a request that was never closed was not closed on time. So for every
// indicator: rows that take part = rows counted + rows excluded.
//
// A ratio needs both Of and Per: a row that lacks one is excluded by the reason no-value. Where Σ Per is 0 there is no value. A rate needs no
// value; its denominator is the number of residents ([Population]), and a place whose residents nobody counted has no value. A rate is that
// of its period: it is never made one of a year.
//
// A last takes the rows of the last day, in the city's time zone, on which the whole city has a counted row in the period; a member without
// a row on that day has no value. Rows are all that count in the period; so is what is excluded. Over all periods it is that of the last.
//
// A duration is the time from From to To in the indicator's unit (days and hours with fractions, working days whole). A row whose To is
// null, or later than the end of the as-of day, is an open case: it lasted at least until then, and is counted as such (censored). One whose From is
// null is excluded by no-value, one that ends before it begins by closed-before-opened, one that begins after the as-of day by after-as-of. The value is the first time at which at most
// 1 − P of the cases are still open by Kaplan and Meier's estimate; there is none while more are. The numerator is the number of closed
// cases, the denominator that of all, so that numerator < denominator says how many are open.
//
// A counted row belongs to the period in which its Date lies, in the city's time zone. An excluded row is counted by reason in that
// period too, and in [PeriodTotal] alone if it has none or if its period begins after the as-of date. A row that is not excluded and
// whose Date lies after the as-of date is excluded by the reason after-as-of.
type Measure struct {
	Kind    MeasureKind `json:"kind"`
	Of      string      `json:"of,omitempty"`
	P       float64     `json:"p,omitempty"`     // 0–1, for percentiles and durations
	Per     string      `json:"per,omitempty"`   // of a ratio: what Of is divided by
	Times   float64     `json:"times,omitempty"` // of a ratio or rate: 100 for percent, 1000 for "per 1,000 residents"; 0 means 1
	From    string      `json:"from,omitempty"`  // of a duration: the column in which it begins
	To      string      `json:"to,omitempty"`    // of a duration: the column in which it ends
	Where   string      `json:"where,omitempty"`
	Exclude []Exclusion `json:"exclude,omitempty"`
	Date    string      `json:"date"` // the column that gives the period
}

// Flow reports whether the measure accumulates, so that no rows mean zero.
func (m Measure) Flow() bool { return m.Kind == MeasureCount || m.Kind == MeasureSum }

// Ratio reports whether the value is Σ numerator / Σ denominator, but for [Measure.Factor].
func (m Measure) Ratio() bool {
	return m.Kind == MeasureShare || m.Kind == MeasureMean || m.Kind == MeasureRatio || m.Kind == MeasureRate
}

// Factor is what Σ numerator / Σ denominator of a ratio is multiplied with to give the value.
func (m Measure) Factor() float64 {
	switch {
	case m.Kind == MeasureShare:
		return 100
	case (m.Kind == MeasureRatio || m.Kind == MeasureRate) && m.Times != 0:
		return m.Times
	}
	return 1
}

// EmptyIsZero reports whether a period without rows has the value 0: nothing happened, and that is known.
func (m Measure) EmptyIsZero() bool { return m.Flow() || m.Kind == MeasureRate }

// Exclusion leaves rows out of an indicator, and says why.
type Exclusion struct {
	When    string `json:"when"`
	Because string `json:"because"` // a built-in reason or one of [City.Reasons]
}

// Built-in reasons for excluding a row.
const (
	ReasonNoDate             = "no-date"
	ReasonNoValue            = "no-value"
	ReasonAfterAsOf          = "after-as-of"
	ReasonNoDueDate          = "no-due-date"
	ReasonNotYetDue          = "not-yet-due"
	ReasonNotYetClosed       = "not-yet-closed"
	ReasonClosedBeforeOpened = "closed-before-opened"
	ReasonSuppressed         = "suppressed" // the source holds the value back because so few people are behind it
)

// BuiltInReasons lists the reasons for which the program has words in every language.
var BuiltInReasons = []string{ReasonNoDate, ReasonNoValue, ReasonAfterAsOf, ReasonNoDueDate, ReasonNotYetDue, ReasonNotYetClosed, ReasonClosedBeforeOpened, ReasonSuppressed}

// Baseline is where the city started from. A nil baseline with targets means that it is still being set, unless the
// trajectory needs none (step, every period).
type Baseline struct {
	Value float64 `json:"value"`
	Date  Date    `json:"date"`             // the last day of its period
	From  string  `json:"period,omitempty"` // the period's id, if the folder named one
}

// Target is where the city promised to be by a date.
type Target struct {
	By           Date    `json:"by"`
	Value        float64 `json:"value"`          // for direction range: unused
	Low          float64 `json:"low,omitempty"`  // for direction range
	High         float64 `json:"high,omitempty"` // for direction range
	Kind         string  `json:"kind,omitempty"` // annual (default), interim or term
	Set          Date    `json:"set"`
	ByWhom       string  `json:"by_whom,omitempty"`
	Reason       Text    `json:"reason"`
	Illustrative bool    `json:"illustrative,omitempty"` // not the city's own: set for a sample
	Act          Act     `json:"act,omitzero"`           // by which it was decided
	Dropped      bool    `json:"dropped,omitempty"`      // the one before it for the day and of the kind holds no longer, from Set on; it has no value
	Seen         Date    `json:"seen,omitzero"`          // the day on which the program first saw it, in the city's time zone; no part of the folder: scorecards have it
}

// Trajectory is the shape of the expected path from the baseline to the targets.
type Trajectory string

// The shapes.
const (
	TrajectoryLinear      Trajectory = "linear"       // straight from the baseline to the next target
	TrajectoryMilestones  Trajectory = "milestones"   // straight from milestone to milestone
	TrajectoryStep        Trajectory = "step"         // the last milestone at or before the day
	TrajectoryEveryPeriod Trajectory = "every_period" // the target holds in each period
	TrajectorySeasonal    Trajectory = "seasonal"     // of what adds up in a year: as the years before went; see [Indicator.AddsUpIn]
)

// Trajectories lists the shapes.
var Trajectories = []Trajectory{TrajectoryLinear, TrajectoryMilestones, TrajectoryStep, TrajectoryEveryPeriod, TrajectorySeasonal}

// MeasureHash identifies what an indicator measures: it changes exactly when a change of the folder can change a value that is
// already there. Names, targets and owners do not count; what the values rest on beside the definition ([City.Basis]) does.
func (i *Indicator) MeasureHash(basis string) string {
	b, err := json.Marshal(struct {
		Dataset, Hash string
		Measure       Measure
		Unit          Unit
		Period        PeriodKind
	}{i.Dataset, basis, i.Measure, i.Unit, i.Period})
	if err != nil {
		panic(fmt.Sprintf("kpi: measure of %s cannot be written as JSON: %v", i.ID, err)) // NaN in P only, which the catalog refuses
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Basis returns what the values of an indicator rest on beside its definition: the way in which its dataset's rows are read ([Dataset].Hash), of
// one that counts working days the working calendar too, and of a rate the number of residents. It is "" if the city does not have the dataset.
func (c *City) Basis(i *Indicator) string {
	d := c.Dataset(i.Dataset)
	if d == nil {
		return ""
	}
	basis := d.Hash
	if i.usesWorkdays() {
		weekend := slices.Clone(c.Weekend)
		if len(weekend) == 0 {
			weekend = slices.Clone(DefaultWeekend)
		}
		slices.Sort(weekend)
		weekend = slices.Compact(weekend)
		holidays := slices.DeleteFunc(slices.Clone(c.Holidays), func(h Date) bool { return slices.Contains(weekend, h.Weekday()) })
		slices.SortFunc(holidays, Date.Compare)
		basis += fmt.Sprint(" weekend ", weekend, " holidays ", slices.Compact(holidays))
	}
	if p := c.Population; i.Measure.Kind == MeasureRate && p != nil {
		basis += fmt.Sprint(" residents ", p.Value, " ", p.ByDistrict) // fmt writes maps in the order of their keys
	}
	return basis
}

var workdayCalls = regexp.MustCompile(`(?i)\b(?:workdays_between|add_workdays)\s*\(`)

// usesWorkdays reports whether the values depend on which days are working days: by their unit, or by a function that an expression calls.
func (i *Indicator) usesWorkdays() bool {
	m := i.Measure
	list := []string{m.Of, m.Per, m.Where}
	for _, e := range m.Exclude {
		list = append(list, e.When)
	}
	return i.Unit == WorkingDays || slices.ContainsFunc(list, workdayCalls.MatchString)
}

// SettledOn returns the day at whose end the period's value is settled.
func (i *Indicator) SettledOn(p Period) Date { return p.Last.AddDays(i.SettlesAfter) }

// Cadence is the time after which a new period should have brought a new value.
func (i *Indicator) Cadence(p Period) time.Duration { return time.Duration(p.Days()) * 24 * time.Hour }
