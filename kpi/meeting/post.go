package meeting

import (
	"cmp"
	"slices"

	"citystat/kpi"
)

// Holders returns who holds a post on a day: whoever acts for the holder first, while that lasts, and among several the one who began last; then the holder.
// All of them get what is sent to the post.
func Holders(holdings []kpi.Holding, post string, day kpi.Date) []kpi.Holding {
	var list []kpi.Holding
	for i := range holdings {
		if h := &holdings[i]; h.Post == post && h.Holds(day) {
			list = append(list, *h)
		}
	}
	slices.SortStableFunc(list, func(a, b kpi.Holding) int {
		switch {
		case a.Acting != b.Acting && a.Acting:
			return -1
		case a.Acting != b.Acting:
			return 1
		}
		return cmp.Or(b.From.Compare(a.From), cmp.Compare(b.ID, a.ID))
	})
	return list
}

// Holder returns the first of [Holders], nil if nobody holds the post on the day.
func Holder(holdings []kpi.Holding, post string, day kpi.Date) *kpi.Holding {
	if list := Holders(holdings, post, day); len(list) > 0 {
		return &list[0]
	}
	return nil
}

// MailFor returns the accounts that get what is sent to a post on a day: whoever acts, and the holder too, each once.
func MailFor(holdings []kpi.Holding, post string, day kpi.Date) []int64 {
	var list []int64
	for _, h := range Holders(holdings, post, day) {
		if !slices.Contains(list, h.Holder) {
			list = append(list, h.Holder)
		}
	}
	return list
}

// PostsOf returns the posts that somebody holds or acts for on a day, by id, each once.
func PostsOf(holdings []kpi.Holding, holder int64, day kpi.Date) []string {
	var list []string
	for i := range holdings {
		if h := &holdings[i]; h.Holder == holder && h.Holds(day) && !slices.Contains(list, h.Post) {
			list = append(list, h.Post)
		}
	}
	slices.Sort(list)
	return list
}

// HoldingProblem is what is wrong with a holding that somebody wants to save.
type HoldingProblem string

// The problems. Each stands at one field of a form.
const (
	HoldingNoPost      HoldingProblem = "post"          // it names none
	HoldingNobody      HoldingProblem = "holder"        // it names nobody
	HoldingNoStart     HoldingProblem = "from"          // no first day
	HoldingNoEnd       HoldingProblem = "until"         // acting cover without a last day
	HoldingBackwards   HoldingProblem = "backwards"     // it ends before it begins
	HoldingNoReason    HoldingProblem = "reason"        // acting cover, or a mistake, without a reason
	HoldingLong        HoldingProblem = "long"          // the reason is too long
	HoldingTaken       HoldingProblem = "taken"         // somebody holds the post on one of its days
	HoldingOwnCover    HoldingProblem = "own_cover"     // somebody acts for themselves
	HoldingOtherPerson HoldingProblem = "other_person"  // a revision is about somebody else, another post or another kind of holding
	HoldingFinished    HoldingProblem = "never_changes" // what was entered by mistake is changed no more
)

// HoldingProblems lists them.
var HoldingProblems = []HoldingProblem{
	HoldingNoPost, HoldingNobody, HoldingNoStart, HoldingNoEnd, HoldingBackwards, HoldingNoReason, HoldingLong, HoldingTaken, HoldingOwnCover, HoldingOtherPerson,
	HoldingFinished,
}

// maxReason is the longest reason, in characters.
const maxReason = 1000

// CheckHolding finds what is wrong with a holding beside the others of its post; "" if it may be saved. was is its revision before, nil if it is new. Two people
// hold no post at the same time, unless one acts for the other; a cover has an end and a reason. Days that are over may be entered: people are often told
// late.
func CheckHolding(others []kpi.Holding, was, h *kpi.Holding) HoldingProblem {
	if p := checkFields(was, h); p != "" || h.Void {
		return p
	}
	for i := range others {
		o := &others[i]
		if o.Post != h.Post || o.ID == h.ID || o.Void || !sharesDay(o, h) {
			continue
		}
		switch {
		case o.Holder == h.Holder:
			if o.Acting == h.Acting {
				return HoldingTaken
			}
			return HoldingOwnCover
		case !o.Acting && !h.Acting:
			return HoldingTaken
		}
	}
	return ""
}

func checkFields(was, h *kpi.Holding) HoldingProblem {
	switch {
	case h.Post == "":
		return HoldingNoPost
	case h.Holder == 0:
		return HoldingNobody
	case h.From.IsZero():
		return HoldingNoStart
	case was != nil && was.Void:
		return HoldingFinished
	case was != nil && (was.Post != h.Post || was.Holder != h.Holder || was.Acting != h.Acting):
		return HoldingOtherPerson
	case h.Acting && h.Until.IsZero():
		return HoldingNoEnd
	case !h.Until.IsZero() && h.Until.Before(h.From):
		return HoldingBackwards
	case (h.Acting || h.Void) && h.Reason == "":
		return HoldingNoReason
	case len([]rune(h.Reason)) > maxReason:
		return HoldingLong
	}
	return ""
}

// sharesDay reports whether there is a day on which both are true.
func sharesDay(a, b *kpi.Holding) bool {
	return (a.Until.IsZero() || !a.Until.Before(b.From)) && (b.Until.IsZero() || !b.Until.Before(a.From))
}

// Error says it in English, for logs and programs.
func (p HoldingProblem) Error() string {
	switch p {
	case HoldingNoPost:
		return "a holding names a post"
	case HoldingNobody:
		return "a holding names a person"
	case HoldingNoStart:
		return "a holding has a first day"
	case HoldingNoEnd:
		return "acting cover has a last day"
	case HoldingBackwards:
		return "the last day lies before the first"
	case HoldingNoReason:
		return "acting cover, and what was entered by mistake, has a reason"
	case HoldingLong:
		return "the reason is too long"
	case HoldingTaken:
		return "somebody holds the post on one of these days"
	case HoldingOwnCover:
		return "nobody acts for themselves"
	case HoldingOtherPerson:
		return "another person, or another post, is another holding"
	case HoldingFinished:
		return "what was entered by mistake is not changed any more"
	}
	return string(p)
}
