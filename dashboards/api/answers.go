package api

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// OutlookTried is a method of forecasting and how far it was off, on average, when it had to forecast what is known now: its mean absolute
// scaled error, 1 being that of repeating the value before.
type OutlookTried struct {
	Method string  `json:"method"`
	Error  float64 `json:"error"`
}

// Trend says which way a series went over all its settled periods, by Theil–Sen and Mann–Kendall.
type Trend struct {
	Slope    float64  `json:"slope"` // a year, in the indicator's unit
	Low      float64  `json:"low"`   // of its 95 % interval
	High     float64  `json:"high"`
	P        float64  `json:"p"`
	Tau      float64  `json:"tau"`
	Points   int      `json:"points"`
	Seasonal bool     `json:"seasonal"` // periods were compared with the same period of other years
	Lag1     *float64 `json:"lag1"`     // the autocorrelation that p was corrected for
	Real     bool     `json:"real"`     // p < 0.05
}

// Standing is how the judged value stands to another target that holds at the same time.
type Standing struct {
	Target   Target   `json:"target"`
	Expected *float64 `json:"expected"`
	Met      bool     `json:"met"`
	Progress *float64 `json:"progress"`
	Outlook  *Outlook `json:"outlook"`
}

// Named is the result of a method of judging that other programs use too.
type Named struct {
	Method string   `json:"method"` // open-sdg, cityscore, executed
	Word   string   `json:"word"`   // the method's own
	Value  *float64 `json:"value"`  // the method's own: ratio of growth rates, value over target, executed of planned in percent
	Score  *float64 `json:"score"`
	Why    *string  `json:"why"` // why there is no value
}

// Reason is why an answer is as it is: the rule that decided and everything that it looked at.
type Reason struct {
	Question   string           `json:"question"` // status, signal, outlook, trend
	Answer     string           `json:"answer"`
	Rule       string           `json:"rule"`
	Inputs     []Quantity       `json:"inputs"`
	Thresholds []Quantity       `json:"thresholds"`
	Periods    []string         `json:"periods"` // by time; the first and the last where they are many
	Rows       int64            `json:"rows"`    // counted in these periods
	Excluded   map[string]int64 `json:"excluded"`
}

// Quantity is a named number. Its unit is the indicator's, or ratio (1 is all of it), count, probability, per_year, points.
type Quantity struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Judge is a named method of judging.
type Judge struct {
	By    string   `json:"by"`
	Since *int     `json:"since"` // of open-sdg: the base year
	Limit *float64 `json:"limit"` // of open-sdg: the value that cannot be passed
}

// Rebase is a person's decision that the limits of the chart begin anew.
type Rebase struct {
	From   kpi.Date `json:"from"`
	ByWhom string   `json:"by_whom"`
	Reason Text     `json:"reason"`
	Set    kpi.Date `json:"set"`
}

// Chart is the chart on which the signal was read.
type Chart struct {
	Kind     *string      `json:"kind"`     // xmr, p-prime, u-prime, run; null: too early
	Adjusted bool         `json:"adjusted"` // the season was taken out
	Points   []ChartPoint `json:"points"`   // by period; of the whole city
}

// ChartPoint is one period of the chart.
type ChartPoint struct {
	Period   string   `json:"period"`
	Value    *float64 `json:"value"`
	Expected *float64 `json:"expected"` // where the trajectory is at the period's end
	Adjusted *float64 `json:"adjusted"` // the value without its season
	Mean     *float64 `json:"mean"`     // at this period, with its season
	Lower    *float64 `json:"lower"`
	Upper    *float64 `json:"upper"`
	Outside  bool     `json:"outside"` // beyond the limits
	Settled  bool     `json:"settled"`
	Segment  int      `json:"segment"` // a new one begins where limits or the definition do
}

// Equity compares the groups of a dimension with the whole city, or with a reference group that the city fixed.
type Equity struct {
	Dimension string   `json:"dimension"`
	Reference *string  `json:"reference"` // a member; null: the whole city
	From      string   `json:"from"`      // ids of the first and the last period that were put together
	To        string   `json:"to"`
	Value     *float64 `json:"value"` // of the reference
	Low       *float64 `json:"low"`   // its 95 % interval
	High      *float64 `json:"high"`
	Method    string   `json:"method"`    // of the intervals: wilson, byar, none
	Weights   *string  `json:"weights"`   // of the disparity: population, rows
	Range     *float64 `json:"range"`     // highest minus lowest of the groups that can be compared
	Disparity *float64 `json:"disparity"` // mean distance from the city, in percent of the city's value
	Hidden    int      `json:"hidden"`    // groups whose numbers are not shown
	Groups    []Group  `json:"groups"`
}

// Group is one member of a dimension beside the reference.
type Group struct {
	Member         string   `json:"member"`
	Name           Text     `json:"name"`
	Verdict        string   `json:"verdict"` // better, worse, different, similar, too_few, none, reference, suppressed
	Value          *float64 `json:"value"`
	Low            *float64 `json:"low"` // 95 % interval
	High           *float64 `json:"high"`
	Rows           int64    `json:"rows"`
	Population     int64    `json:"population"` // 0: not counted
	Ratio          *float64 `json:"ratio"`      // value / reference
	RatioLow       *float64 `json:"ratio_low"`
	RatioHigh      *float64 `json:"ratio_high"`
	Difference     *float64 `json:"difference"` // value − reference
	DifferenceLow  *float64 `json:"difference_low"`
	DifferenceHigh *float64 `json:"difference_high"`
	Suppressed     string   `json:"suppressed"`
}

// Drivers divides the change between two periods among the groups of a dimension. It is arithmetic, and says nothing of causes.
type Drivers struct {
	Dimension string   `json:"dimension"`
	From      string   `json:"from"` // ids of the two periods
	To        string   `json:"to"`
	Change    float64  `json:"change"` // of the whole city, in the indicator's unit
	Rate      float64  `json:"rate"`   // of it: groups did better or worse
	Mix       float64  `json:"mix"`    // of it: groups grew or shrank
	Groups    []Driver `json:"groups"` // the largest contribution first
}

// Driver is what one group contributed to a change.
type Driver struct {
	Member string  `json:"member"` // "" for all whose numbers are not shown, together
	Rate   float64 `json:"rate"`
	Mix    float64 `json:"mix"`
	Total  float64 `json:"total"`
}

func assessment(a kpi.Assessment, d kpi.Direction) Assessment {
	out := Assessment{
		Status: string(a.Status), PublicStatus: string(a.Status.Public()), Flags: flags(a.Flags), AsOf: a.AsOf, Signal: signal(a.Signal),
		Period: word(a.Period), Newest: word(a.Newest), Value: a.Value, Rows: a.Rows, Excluded: told(a.Excluded, a.Untold),
		Expected: a.Expected, Gap: a.Gap, Progress: a.Progress, Pace: a.Pace, Met: a.Met, Bands: Bands(a.Bands), Rule: a.Rule,
		Outlook: outlook(a.Outlook), Judged: a.Judged, Since: word(a.Since), Phasing: word(a.Phasing), Standings: []Standing{}, Reasons: []Reason{},
	}
	if t := a.Trend; t != nil {
		x := Trend(*t)
		out.Trend = &x
	}
	for _, s := range a.Standings {
		out.Standings = append(out.Standings, Standing{target(s.Target, d), s.Expected, s.Met, s.Progress, outlook(s.Outlook)})
	}
	if n := a.Named; n != nil {
		out.Named = &Named{Method: string(n.Method), Word: n.Word, Value: n.Value, Score: n.Score, Why: word(n.Why)}
	}
	for _, r := range a.Reasons {
		out.Reasons = append(out.Reasons, Reason{
			Question: r.Question, Answer: r.Answer, Rule: r.Rule, Inputs: quantities(r.Inputs), Thresholds: quantities(r.Thresholds),
			Periods: append([]string{}, r.Periods...), Rows: r.Rows, Excluded: reasons(r.Excluded),
		})
	}
	return out
}

func quantities(list []kpi.Quantity) []Quantity {
	out := make([]Quantity, 0, len(list))
	for _, q := range list {
		out = append(out, Quantity(q))
	}
	return out
}

func signal(s kpi.Signal) Signal {
	return Signal{
		Kind: string(s.Kind), Rule: s.Rule, Points: s.Points, Needed: s.Needed, Trial: s.Trial, Mean: s.Mean, Lower: s.Lower, Upper: s.Upper,
		Since: word(s.Since), Chart: word(string(s.Chart)), Adjusted: s.Adjusted, From: word(s.From), Assurance: word(s.Assurance),
		Warnings: words(s.Warnings), Lag1: s.Lag1, Sigma: s.Sigma,
	}
}

func outlook(o *kpi.Outlook) *Outlook {
	if o == nil {
		return nil
	}
	out := &Outlook{
		Word: string(o.Word), Probability: o.Probability, Low: o.Low, High: o.High, By: o.By, Target: o.Target, Mean: o.Mean, Method: o.Method,
		Scale: o.Scale, Points: o.Points, Horizon: o.Horizon, Tried: []OutlookTried{}, SoFar: o.SoFar, Needed: o.Needed, Best: o.Best,
		Warnings: words(o.Warnings),
	}
	for _, t := range o.Tried {
		out.Tried = append(out.Tried, OutlookTried(t))
	}
	return out
}

func judge(j kpi.Judge) *Judge {
	if j.By == kpi.MethodPace {
		return nil
	}
	out := &Judge{By: string(j.By), Limit: j.Limit}
	if j.Since != 0 {
		out.Since = &j.Since
	}
	return out
}

func rebases(list []kpi.Rebase) []Rebase {
	out := []Rebase{}
	for _, r := range list {
		out = append(out, Rebase{r.From, r.ByWhom, text(r.Reason), r.Set})
	}
	return out
}

func chart(r *scorecard.Result) Chart {
	c := Chart{Kind: word(string(r.Assessment.Signal.Chart)), Adjusted: r.Assessment.Signal.Adjusted, Points: []ChartPoint{}}
	for _, p := range r.Series {
		c.Points = append(c.Points, ChartPoint{
			Period: p.Period.ID, Value: p.Observation.Value, Expected: p.Expected, Adjusted: p.Adjusted, Mean: p.Mean, Lower: p.Lower, Upper: p.Upper,
			Outside: p.Outside, Settled: p.Settled, Segment: p.Segment,
		})
	}
	return c
}

func equity(c *kpi.City, list []scorecard.Equity) []Equity {
	out := []Equity{}
	for _, e := range list {
		x := Equity{
			Dimension: e.Dimension, Reference: word(e.Reference), From: e.From, To: e.To, Value: e.Value, Low: e.Low, High: e.High, Method: e.Method,
			Weights: word(e.Weights), Range: e.Range, Disparity: e.Disparity, Hidden: e.Hidden, Groups: []Group{},
		}
		for _, g := range e.Groups {
			x.Groups = append(x.Groups, Group{
				Member: g.Member, Name: memberName(c, e.Dimension, g.Member), Verdict: string(g.Verdict), Value: g.Value, Low: g.Low, High: g.High,
				Rows: g.Rows, Population: g.Population, Ratio: g.Ratio, RatioLow: g.RatioLow, RatioHigh: g.RatioHigh,
				Difference: g.Difference, DifferenceLow: g.DiffLow, DifferenceHigh: g.DiffHigh, Suppressed: string(g.Suppressed),
			})
		}
		out = append(out, x)
	}
	return out
}

func drivers(list []scorecard.Drivers) []Drivers {
	out := []Drivers{}
	for _, d := range list {
		x := Drivers{Dimension: d.Dimension, From: d.From, To: d.To, Change: d.Change, Rate: d.Rate, Mix: d.Mix, Groups: []Driver{}}
		for _, g := range d.Groups {
			x.Groups = append(x.Groups, Driver(g))
		}
		out = append(out, x)
	}
	return out
}

// words writes a list of codes.
func words[T ~string](list []T) []string {
	out := make([]string, 0, len(list))
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}
