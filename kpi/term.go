package kpi

import (
	"slices"
	"time"
)

// MaxTermReason and MaxTermName bound what is typed in a review, in characters.
const (
	MaxTermReason = 1000
	MaxTermName   = 80
)

// TermReview is what a new administration makes of the promises of the one before: its scorecard is archived, and every target is kept, revised or dropped, in public.
type TermReview struct {
	Stamp
	Name        string       `json:"name"`        // of the term that ended, such as 2024–2027
	Ended       Date         `json:"ended"`       // its last day
	Publication int64        `json:"publication"` // the archived scorecard
	Answers     []TermAnswer `json:"answers"`     // one a target that held

	// What the archived scorecard says; on scorecards only, not where reviews are kept: there it is the publication.
	AsOf      Date         `json:"as_of,omitzero"`
	Published time.Time    `json:"published,omitzero"`
	Results   []TermResult `json:"results,omitempty"`
}

// TermAnswer says what becomes of one target.
type TermAnswer struct {
	Indicator string     `json:"indicator"`
	Target    Target     `json:"target"`           // as it held at the end of the term
	Public    bool       `json:"public,omitempty"` // of an indicator that residents could see then
	Answer    TermChoice `json:"answer,omitempty"`
	Decision  int64      `json:"decision,omitempty"` // that revised or dropped it
	Reason    string     `json:"reason,omitempty"`   // why it is kept; of the others it is the target's own
	Lang      Lang       `json:"lang,omitempty"`     // of Reason
	At        time.Time  `json:"at,omitzero"`
	Now       *Target    `json:"now,omitempty"` // of one that was revised: as it holds now; of one that was dropped: what the folder says of its end
}

// TermChoice is what becomes of a target.
type TermChoice string

// The choices. A target that nobody has answered for yet has none.
const (
	TermKeep   TermChoice = "keep"
	TermRevise TermChoice = "revise"
	TermDrop   TermChoice = "drop"
)

// TermChoices lists the choices, the one that stands for none last.
var TermChoices = []TermChoice{TermKeep, TermRevise, TermDrop, ""}

// TermResult is what the archived scorecard says of an indicator: what it needs to be read when the indicator is no longer in the folder.
type TermResult struct {
	Indicator string    `json:"indicator"`
	Name      Text      `json:"name"`
	Priority  string    `json:"priority,omitempty"`
	Unit      Unit      `json:"unit,omitempty"`
	Decimals  int       `json:"decimals,omitempty"`
	Direction Direction `json:"direction,omitempty"`
	Period    Period    `json:"period,omitzero"` // of the value
	Value     *float64  `json:"value,omitempty"`
	Status    Status    `json:"status"`
	Target    *Target   `json:"target,omitempty"` // that was judged against
}

// about reports whether a target and that of an answer are for the same day and of the same kind: then one stands in the place of the other.
func (a *TermAnswer) about(t Target) bool {
	return a.Target.By == t.By && a.Target.rank() == t.rank()
}

// AnswersIn returns the answers as a city stands: a target that says something else than at the end of the term was revised, one that is no longer there was
// dropped, whoever did that and wherever; the others are as somebody answered. The review itself is not changed.
func (r *TermReview) AnswersIn(city *City) []TermAnswer {
	list := slices.Clone(r.Answers)
	for k := range list {
		a := &list[k]
		now, ended := a.in(city)
		switch {
		case ended:
			*a = TermAnswer{Indicator: a.Indicator, Target: a.Target, Public: a.Public, Answer: TermDrop, Now: now}
		case !sameAim(now, &a.Target):
			*a = TermAnswer{Indicator: a.Indicator, Target: a.Target, Public: a.Public, Answer: TermRevise, Now: now}
		}
	}
	return list
}

// in returns the target of an answer as it stands in a city, and whether it has ended.
func (a *TermAnswer) in(city *City) (now *Target, ended bool) {
	i := city.Indicator(a.Indicator)
	if i == nil {
		return nil, true
	}
	for _, t := range i.TargetsInForce(Date{}) {
		if a.about(t) {
			return &t, false
		}
	}
	for k := range i.Targets {
		if t := &i.Targets[k]; a.about(*t) && (now == nil || !t.Set.Before(now.Set)) {
			now = t
		}
	}
	return now, true
}

// sameAim reports whether two targets want the same.
func sameAim(a, b *Target) bool { return a.Value == b.Value && a.Low == b.Low && a.High == b.High }

// Count counts answers by choice.
func (r *TermReview) Count() map[TermChoice]int {
	n := map[TermChoice]int{}
	for _, a := range r.Answers {
		n[a.Answer]++
	}
	return n
}
