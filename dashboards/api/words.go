package api

import (
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Commentary is what a department says of the value of a period, as people wrote it and another approved it.
type Commentary struct {
	Period     string     `json:"period"`
	Department string     `json:"department"`
	ApprovedAt *time.Time `json:"approved_at"`
	Miss       bool       `json:"miss"` // it explains a value that is behind its target
	Lang       string     `json:"lang"` // in which it is written
	Happened   string     `json:"happened"`
	Why        string     `json:"why"`
	Next       string     `json:"next"`  // what will be done
	Owner      string     `json:"owner"` // the post that does it, by its id
	Due        *kpi.Date  `json:"due"`
}

// Contest says that a department holds a number to be wrong, and that nobody has answered yet.
type Contest struct {
	Period     string     `json:"period"`
	Department string     `json:"department"`
	Since      *time.Time `json:"since"`
}

// commentary returns what is said in public of an indicator.
func commentary(card *scorecard.Scorecard, indicator string) []Commentary {
	list := []Commentary{}
	for _, c := range card.CommentaryOf(indicator) {
		if !c.Public || c.State != kpi.CommentaryApproved {
			continue
		}
		v := Commentary{
			Period: c.Period, Department: c.Department, ApprovedAt: instant(c.At), Miss: c.Miss, Lang: string(c.Lang), Happened: c.Happened, Why: c.Why, Next: c.Next, Owner: c.Owner,
		}
		if !c.Due.IsZero() {
			v.Due = &c.Due
		}
		list = append(list, v)
	}
	return list
}

// contests returns the open contests of an indicator's numbers that residents may know of.
func contests(card *scorecard.Scorecard, indicator string) []Contest {
	list := []Contest{}
	for _, c := range card.ContestsOf(indicator) {
		if c.Public && c.State == kpi.ContestOpen {
			list = append(list, Contest{Period: c.Period, Department: c.Department, Since: instant(c.At)})
		}
	}
	return list
}
