package meeting

import (
	"cmp"
	"math"
	"slices"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// CardRule is why an indicator is called out in a stat meeting.
type CardRule string

// The rules, in the order in which a meeting takes them.
const (
	CardSignal   CardRule = "signal"   // off target, and something really changed
	CardCrossed  CardRule = "crossed"  // another of the three words than when it was seen last
	CardData     CardRule = "data"     // its data are late, failed or missing
	CardAgain    CardRule = "again"    // off target, three periods running
	CardWarning  CardRule = "warning"  // not off target, and really getting worse
	CardWin      CardRule = "win"      // on target and really getting better, or just achieved
	CardNotTaken CardRule = "not_told" // one of those that are told in one line
)

// CardRules lists the rules by which an indicator gets a card, in order.
var CardRules = []CardRule{CardSignal, CardCrossed, CardData, CardAgain, CardWarning, CardWin}

const (
	// AheadDays is how many working days ahead departments see what will be called out.
	AheadDays = 5
	// LookBackDays is how many days ago is "last time", where numbers are published with every load: the time between two meetings.
	LookBackDays = 14
	// AgainPeriods is how many periods in a row an indicator is off target before that alone is told.
	AgainPeriods = 3
)

// CardInputs is what cards are made of.
type CardInputs struct {
	Live         *scorecard.Scorecard
	Before       *scorecard.Scorecard // what was seen last time; nil: nothing is known of it
	Troubles     map[string]DutyState // what is wrong with datasets, by id; see [DataTroubles]
	Commentaries []kpi.Commentary     // of all states
	Ahead        kpi.Date             // the day of which it is asked what comes until then
}

// Card is one indicator as a meeting sees it.
type Card struct {
	Result *scorecard.Result
	Rule   CardRule   // the first that holds
	Also   []CardRule // further ones
	Off    bool       // it is off target: behind, or worse

	Was     kpi.Status       // of rule crossed: where it stood when it was seen last
	Seen    kpi.Date         // the as-of day of that
	Trouble DutyState        // of rule data: what is wrong with its dataset; "" if nothing is, and there is no value all the same
	Missed  []kpi.Period     // the settled periods in a row that were worse than expected, the oldest first
	Moved   *Movement        // from the period before the judged one; nil where one has no value
	Noise   bool             // the value moved, and only as much as it always does
	Contest *kpi.Contest     // the first open contest of one of its numbers; nil: none is contested
	Said    *SaidOfNumber    // of the judged period; nil: nothing
	Coming  *ComingNumber    // the period that will be judged on the day Ahead, if it is another; nil: it is not
	Period  *scorecard.Point // the judged one; nil: there is none
}

// Movement is how a value changed from one period to the next.
type Movement struct {
	From, To kpi.Period
	Was, Is  float64
}

// SaidOfNumber is how far a department has come with saying what happened.
type SaidOfNumber struct {
	ID     int64
	State  kpi.CommentaryState
	Stands bool // a text about the period was approved and stands
}

// ComingNumber is a period that is not settled yet, and will be.
type ComingNumber struct {
	Period kpi.Period
	Value  *float64 // so far; nil: none yet
	On     kpi.Date // the day at whose end it is settled
	Over   bool     // the period is over
}

// Cards returns every indicator of a scorecard as a meeting will take them: by rule, then the worst first, then in the order of the folder; those that are told in one
// line come last.
func Cards(in CardInputs) []Card {
	list := make([]Card, 0, len(in.Live.Results))
	for i := range in.Live.Results {
		list = append(list, in.card(&in.Live.Results[i]))
	}
	place := map[string]int{}
	if in.Live.City != nil {
		for i := range in.Live.City.Indicators {
			place[in.Live.City.Indicators[i].ID] = i + 1
		}
	}
	rules := append(slices.Clone(CardRules), CardNotTaken)
	slices.SortStableFunc(list, func(a, b Card) int {
		x, y := a.Result.Indicator.ID, b.Result.Indicator.ID
		return cmp.Or(cmp.Compare(slices.Index(rules, a.Rule), slices.Index(rules, b.Rule)), Worse(a.Result, b.Result), cmp.Compare(place[x], place[y]), cmp.Compare(x, y))
	})
	return list
}

// Worse orders results, the worst first: by their status, then by the pace; what cannot be judged comes after what can.
func Worse(a, b *scorecard.Result) int {
	rank := func(r *scorecard.Result) int {
		if k := r.Assessment.Status.Rank(); k > 0 {
			return k
		}
		return 100 + slices.Index(kpi.Statuses, r.Assessment.Status)
	}
	pace := func(r *scorecard.Result) float64 {
		if r.Assessment.Pace == nil {
			return math.Inf(1)
		}
		return *r.Assessment.Pace
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(pace(a), pace(b)))
}

// DataTroubles says what is wrong with the datasets of a city, by id; nothing of one with which nothing is. Rows that were refused are no trouble of the whole.
func DataTroubles(in DutyInputs) map[string]DutyState {
	found := map[string]DutyState{}
	for _, d := range append(in.data(), in.entries()...) {
		switch {
		case d.Kind == DutyData && d.State != DataRefused:
			found[d.Thing] = d.State
		case d.Kind == DutyEntry && d.State == EntryMissing && d.Late(in.Today):
			found[d.Thing] = DataStale
		}
	}
	return found
}

func (in *CardInputs) card(r *scorecard.Result) Card {
	a := &r.Assessment
	c := Card{Result: r, Off: offTarget(a.Status), Missed: r.Behind(), Period: pointOf(r, a.Period)}
	c.Trouble = in.Troubles[r.Indicator.Dataset]
	c.crossed(in.Before)
	c.move()
	c.said(in)
	c.coming(in)
	for _, rule := range CardRules {
		if !c.holds(rule) {
			continue
		}
		if c.Rule == "" {
			c.Rule = rule
		} else {
			c.Also = append(c.Also, rule)
		}
	}
	if c.Rule == "" {
		c.Rule = CardNotTaken
	}
	return c
}

// holds reports whether a rule holds.
func (c *Card) holds(rule CardRule) bool {
	a := &c.Result.Assessment
	switch rule {
	case CardSignal:
		return c.Off && a.Signal.Real()
	case CardCrossed:
		return c.Was != ""
	case CardData:
		return c.Trouble != "" || a.Has(kpi.FlagStale) || a.Status == kpi.NoData
	case CardAgain:
		return c.Off && len(c.Missed) >= AgainPeriods
	case CardWarning:
		return !c.Off && a.Signal.Kind == kpi.Worsening
	case CardWin:
		good := a.Status.Public() == kpi.PublicOnTrack
		return good && (a.Signal.Kind == kpi.Improving || a.Status == kpi.Achieved && c.Was != "")
	}
	return false
}

// offTarget reports whether a status is one of those that ask for attention.
func offTarget(s kpi.Status) bool {
	return s.Public() == kpi.PublicBehind || s.Public() == kpi.PublicOffTrack
}

// crossed compares with what was seen last.
func (c *Card) crossed(before *scorecard.Scorecard) {
	if before == nil {
		return
	}
	was := before.Result(c.Result.Indicator.ID)
	if was != nil && crossed(was.Assessment.Status, c.Result.Assessment.Status) {
		c.Was, c.Seen = was.Assessment.Status, before.AsOf
	}
}

// crossed reports whether a status is another of the public's words, or a target has been achieved since. What could not be judged then, or cannot be now, has crossed
// nothing.
func crossed(then, now kpi.Status) bool {
	return then.Rank() != 0 && now.Rank() != 0 && (then.Public() != now.Public() || now == kpi.Achieved && then != kpi.Achieved)
}

// move compares the judged period with the one before.
func (c *Card) move() {
	i := indexOf(c.Result, c.Result.Assessment.Period)
	if i < 1 {
		return
	}
	was, is := &c.Result.Series[i-1], &c.Result.Series[i]
	if was.Observation.Value == nil || is.Observation.Value == nil {
		return
	}
	c.Moved = &Movement{From: was.Period, To: is.Period, Was: *was.Observation.Value, Is: *is.Observation.Value}
	c.Noise = c.Result.Assessment.Signal.Kind == kpi.Steady && !is.Outside && c.Moved.Was != c.Moved.Is
}

// said finds whether the number is contested, and explained.
func (c *Card) said(in *CardInputs) {
	id, period := c.Result.Indicator.ID, c.Result.Assessment.Period
	for i := range in.Live.Contests {
		if k := &in.Live.Contests[i]; k.Indicator == id && c.Contest == nil {
			c.Contest = k
		}
	}
	for i := range in.Commentaries {
		k := &in.Commentaries[i]
		if k.Indicator == id && k.Period == period && k.State != kpi.CommentaryWithdrawn {
			c.Said = &SaidOfNumber{ID: k.ID, State: k.State, Stands: k.Stands != 0}
		}
	}
	for i := range in.Live.Commentary { // what stands while it is written anew
		if k := &in.Live.Commentary[i]; k.Indicator == id && k.Period == period {
			if c.Said == nil {
				c.Said = &SaidOfNumber{ID: k.ID, State: k.State}
			}
			c.Said.Stands = true
		}
	}
}

// coming finds the next period that will be judged until the day ahead.
func (c *Card) coming(in *CardInputs) {
	ind := c.Result.Indicator
	for i := indexOf(c.Result, c.Result.Assessment.Period) + 1; i < len(c.Result.Series); i++ {
		p := &c.Result.Series[i]
		if on := ind.SettledOn(p.Period); !p.Settled && !on.After(in.Ahead) && ind.Settled(p.Period, in.Ahead) {
			c.Coming = &ComingNumber{Period: p.Period, Value: p.Observation.Value, On: on, Over: !in.Live.AsOf.Before(p.Period.Last)}
		}
	}
}

// indexOf returns the place of a period in a result's series, −1 if it has no such period.
func indexOf(r *scorecard.Result, period string) int {
	return slices.IndexFunc(r.Series, func(p scorecard.Point) bool { return p.Period.ID == period })
}

func pointOf(r *scorecard.Result, period string) *scorecard.Point {
	if i := indexOf(r, period); i >= 0 {
		return &r.Series[i]
	}
	return nil
}
