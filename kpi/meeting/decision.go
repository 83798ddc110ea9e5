package meeting

import (
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// DecisionFault is what is wrong with a decision that is to be kept.
type DecisionFault string

// The faults.
const (
	FaultKind          DecisionFault = "kind"           // nothing of the kind can be decided here
	FaultIndicator     DecisionFault = "indicator"      // the city does not have it
	FaultNeutral       DecisionFault = "neutral"        // the indicator is never judged
	FaultPlan          DecisionFault = "plan"           // its targets are the plan of a project
	FaultNoDay         DecisionFault = "no_day"         // for which the target is
	FaultDayOver       DecisionFault = "day_over"       // the day is before that of the decision
	FaultBaseline      DecisionFault = "baseline"       // the day is not after that of the baseline
	FaultYear          DecisionFault = "year"           // the day is not the last one of the year whose total it is for
	FaultNoValue       DecisionFault = "no_value"       // no number
	FaultShare         DecisionFault = "share"          // outside of 0 to 100 percent
	FaultNegative      DecisionFault = "negative"       // below 0, where nothing is
	FaultRange         DecisionFault = "range"          // the low end is not below the high end
	FaultNotAbove      DecisionFault = "not_above"      // the method of judging divides by the target, which is not above 0
	FaultSame          DecisionFault = "same"           // it is so already
	FaultNoTarget      DecisionFault = "no_target"      // nothing is there to be dropped
	FaultNoPost        DecisionFault = "no_post"        // the city does not have the post, or none was named
	FaultNoDate        DecisionFault = "no_date"        // of the decision
	FaultFuture        DecisionFault = "future"         // the decision has not been taken yet
	FaultEarlier       DecisionFault = "earlier"        // something else was decided on the same thing on that day, or on an owner since then
	FaultNoBody        DecisionFault = "no_body"        // who decided it
	FaultNoReason      DecisionFault = "no_reason"      //
	FaultLong          DecisionFault = "long"           // the text is too long
	FaultActTitle      DecisionFault = "act_title"      // an act without a title
	FaultActURL        DecisionFault = "act_url"        // no address on the web
	FaultLang          DecisionFault = "lang"           // not the language in which the folder is written
	FaultWithdrawalWhy DecisionFault = "withdrawal_why" // nobody says why it is withdrawn
)

// DecisionFaults lists the faults.
var DecisionFaults = []DecisionFault{
	FaultKind, FaultIndicator, FaultNeutral, FaultPlan, FaultNoDay, FaultDayOver, FaultBaseline, FaultYear, FaultNoValue, FaultShare, FaultNegative, FaultRange,
	FaultNotAbove, FaultSame, FaultNoTarget, FaultNoPost, FaultNoDate, FaultFuture, FaultEarlier, FaultNoBody, FaultNoReason, FaultLong, FaultActTitle,
	FaultActURL, FaultLang, FaultWithdrawalWhy,
}

// The fields of a decision that faults are about.
const (
	FieldAll      = "" // the decision as a whole
	FieldDay      = "by"
	FieldValue    = "value"
	FieldLow      = "low"
	FieldHigh     = "high"
	FieldOwner    = "owner"
	FieldOn       = "on"
	FieldWhose    = "whose"
	FieldReason   = "reason"
	FieldActTitle = "act_title"
	FieldActURL   = "act_url"
	FieldBecause  = "because"
)

// Fault is a fault and the field that it is about.
type Fault struct {
	Field string
	Fault DecisionFault
}

// The most letters that a text of a decision may have.
const (
	MaxWhose  = 200
	MaxReason = 2000
	MaxAct    = 300
	MaxURL    = 1000
)

// KeepDecision says whether a decision may be kept as what follows on before, nil if it is new. A new one is in force and says what, when, who and why;
// after that it can be withdrawn, once, with a reason, and nothing else of it changes.
func KeepDecision(before, d *kpi.Decision) error {
	if before == nil {
		faults := spoken(d)
		if d.State != kpi.DecisionInForce || d.Why != "" {
			faults = append(faults, Fault{FieldAll, FaultKind})
		}
		return asError(faults)
	}
	if before.State == kpi.DecisionWithdrawn {
		return kpi.Errorf(kpi.CodeConflict, "decision %d was withdrawn already", d.ID)
	}
	was, is := *before, *d
	was.Stamp, is.Stamp = kpi.Stamp{}, kpi.Stamp{}
	was.State, was.Why = is.State, is.Why
	if d.State != kpi.DecisionWithdrawn || !reflect.DeepEqual(was, is) {
		return kpi.Errorf(kpi.CodeInvalid, "what was decided is not changed: withdraw decision %d and enter another", d.ID)
	}
	if strings.TrimSpace(d.Why) == "" {
		return asError([]Fault{{FieldBecause, FaultWithdrawalWhy}})
	}
	if utf8.RuneCountInString(d.Why) > MaxReason {
		return asError([]Fault{{FieldBecause, FaultLong}})
	}
	return nil
}

// asError turns faults into an error; nil if there are none.
func asError(faults []Fault) error {
	if len(faults) == 0 {
		return nil
	}
	list := make([]string, len(faults))
	for k, f := range faults {
		list[k] = strings.TrimSpace(f.Field + " " + string(f.Fault))
	}
	return kpi.Errorf(kpi.CodeInvalid, "the decision cannot be kept: %s", strings.Join(list, ", "))
}

// spoken finds what is wrong with a new decision whatever the city is.
func spoken(d *kpi.Decision) []Fault {
	var list []Fault
	add := func(is bool, field string, f DecisionFault) {
		if is {
			list = append(list, Fault{field, f})
		}
	}
	add(!slices.Contains(kpi.DecisionKinds, d.Kind), FieldAll, FaultKind)
	switch d.Kind {
	case kpi.DecideTarget, kpi.DecideDrop:
		add(d.Indicator == "", FieldAll, FaultIndicator)
		add(d.Target == nil || d.Target.By.IsZero(), FieldDay, FaultNoDay)
		if d.Target != nil {
			bad := func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }
			add(bad(d.Target.Value), FieldValue, FaultNoValue)
			add(bad(d.Target.Low), FieldLow, FaultNoValue)
			add(bad(d.Target.High), FieldHigh, FaultNoValue)
		}
	case kpi.DecideOwner:
		add(d.Indicator == "", FieldAll, FaultIndicator)
		add(d.Owner == "", FieldOwner, FaultNoPost)
	}
	add(d.On.Year < firstYear, FieldOn, FaultNoDate)
	for _, t := range []struct {
		field, text string
		most        int
		lacks       DecisionFault
	}{{FieldWhose, d.Whose, MaxWhose, FaultNoBody}, {FieldReason, d.Reason, MaxReason, FaultNoReason}, {FieldActTitle, d.Act.Title, MaxAct, ""}, {FieldActURL, d.Act.URL, MaxURL, ""}} {
		add(t.lacks != "" && strings.TrimSpace(t.text) == "", t.field, t.lacks)
		add(utf8.RuneCountInString(t.text) > t.most, t.field, FaultLong)
	}
	add(d.Act.Title == "" && !d.Act.IsZero(), FieldActTitle, FaultActTitle)
	add(d.Act.URL != "" && !onTheWeb(d.Act.URL), FieldActURL, FaultActURL)
	return list
}

// onTheWeb reports whether an address may stand as a link in public.
func onTheWeb(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(s, " \t\r\n")
}

// CheckDecision finds everything that is wrong with a new decision in a city as it is now, with all decisions laid over its folder, on a day. Where it
// finds nothing, the folder could say so too.
func CheckDecision(city *kpi.City, d *kpi.Decision, today kpi.Date) []Fault {
	list := spoken(d)
	add := func(is bool, field string, f DecisionFault) {
		if is && !slices.ContainsFunc(list, func(o Fault) bool { return o.Field == field }) { // one a field
			list = append(list, Fault{field, f})
		}
	}
	add(d.On.After(today), FieldOn, FaultFuture)
	add(d.Lang != city.Source(), FieldReason, FaultLang)
	i := city.Indicator(d.Indicator)
	if i == nil {
		add(true, FieldAll, FaultIndicator)
		return list
	}
	if d.Kind == kpi.DecideOwner {
		add(city.Person(d.Owner) == nil, FieldOwner, FaultNoPost)
		add(d.Owner == i.Owner, FieldOwner, FaultSame)
		add(slices.ContainsFunc(i.Reasons, func(n kpi.ChangeNote) bool {
			return !n.On.Before(d.On) && n.ByWhom != "" && (len(n.What) == 0 || slices.Contains(n.What, kpi.ChangeOwner))
		}), FieldOn, FaultEarlier)
		return list
	}
	add(i.Direction == kpi.Neutral, FieldAll, FaultNeutral)
	add(i.Project != nil, FieldAll, FaultPlan)
	if d.Target == nil || len(list) > 0 && list[len(list)-1].Field == FieldAll {
		return list
	}
	checkTarget(city, i, d, add)
	return list
}

// checkTarget finds what is wrong with a target that is to be set or dropped.
func checkTarget(city *kpi.City, i *kpi.Indicator, d *kpi.Decision, add func(bool, string, DecisionFault)) {
	t := d.Entry()
	last := newestOf(i, t)
	if d.Kind == kpi.DecideDrop {
		add(last == nil || last.Dropped, FieldDay, FaultNoTarget)
	} else {
		checkValue(i, t, add)
		add(t.By.Before(d.On), FieldDay, FaultDayOver)
		add(!wholeYear(city, i, t), FieldDay, FaultYear)
		same := last != nil && !last.Dropped && last.Value == t.Value && last.Low == t.Low && last.High == t.High
		field := FieldValue
		if i.Direction == kpi.Range {
			field = FieldHigh
		}
		add(same, field, FaultSame)
	}
	add(i.Baseline != nil && !t.By.After(i.Baseline.Date), FieldDay, FaultBaseline)
	add(slices.ContainsFunc(i.Targets, func(o kpi.Target) bool { return o.Again(t) && o.Set == t.Set }), FieldOn, FaultEarlier)
}

// checkValue finds what is wrong with the value of a target.
func checkValue(i *kpi.Indicator, t kpi.Target, add func(bool, string, DecisionFault)) {
	values := map[string]float64{FieldValue: t.Value}
	if i.Direction == kpi.Range {
		values = map[string]float64{FieldLow: t.Low, FieldHigh: t.High}
		add(t.Low >= t.High, FieldHigh, FaultRange)
	}
	for _, field := range []string{FieldValue, FieldLow, FieldHigh} {
		v, asked := values[field]
		if !asked {
			continue
		}
		add(i.Measure.Kind == kpi.MeasureShare && (v < 0 || v > 100), field, FaultShare)
		add(slices.Contains([]kpi.MeasureKind{kpi.MeasureCount, kpi.MeasureRate, kpi.MeasureDuration}, i.Measure.Kind) && v < 0, field, FaultNegative)
		add(i.Judge.By == kpi.MethodCityScore && v <= 0, field, FaultNotAbove)
	}
}

// firstYear is the first year in which a city that is served here can have decided anything: an earlier one is a slip of the pen.
const firstYear = 1900

// wholeYear reports whether an annual target of what adds up in a year is for the last day of one.
func wholeYear(city *kpi.City, i *kpi.Indicator, t kpi.Target) bool {
	if i.AddsUpIn == "" || t.Kind != kpi.TargetAnnual {
		return true
	}
	cal, err := city.Calendar()
	if err != nil {
		return true
	}
	year, err := cal.Period(i.AddsUpIn, t.By)
	return err != nil || t.By == year.Last
}

// newestOf returns the target for the day and of the kind of another that was set last; nil if there is none.
func newestOf(i *kpi.Indicator, of kpi.Target) *kpi.Target {
	var last *kpi.Target
	for k := range i.Targets {
		if t := &i.Targets[k]; t.Again(of) && (last == nil || !t.Set.Before(last.Set)) {
			last = t
		}
	}
	return last
}
