package meeting

import (
	"cmp"
	"slices"
	"strconv"

	"citystat/kpi"
)

// Papers are what people typed of which a post may own something.
type Papers struct {
	Commitments  []kpi.Commitment
	Commentaries []kpi.Commentary
	Contests     []kpi.Contest
}

// Owned returns everything that a post owns, in the order of [kpi.HandoverKinds]: departments that it heads, indicators that it answers for, datasets that it looks
// after, and what of commitments, commentary and contested numbers has not come to an end.
func Owned(city *kpi.City, post string, p Papers) []kpi.HandoverItem {
	var list []kpi.HandoverItem
	add := func(kind, id string) { list = append(list, kpi.HandoverItem{Kind: kind, ID: id}) }
	for i := range city.Departments {
		if city.Departments[i].Head == post {
			add(kpi.OwnsDepartment, city.Departments[i].ID)
		}
	}
	mine := map[string]bool{}
	for i := range city.Indicators {
		if ind := &city.Indicators[i]; ind.Owner == post {
			mine[ind.ID] = true
			add(kpi.OwnsIndicator, ind.ID)
		}
	}
	for i := range city.Datasets {
		if city.Datasets[i].Steward == post {
			add(kpi.OwnsDataset, city.Datasets[i].ID)
		}
	}
	for i := range p.Commitments {
		if c := &p.Commitments[i]; c.Owner == post && !c.State.Ended() {
			add(kpi.OwnsCommitment, number(c.ID))
		}
	}
	for i := range p.Commentaries {
		c := &p.Commentaries[i]
		open := c.State == kpi.CommentaryDraft || c.State == kpi.CommentarySubmitted || c.State == kpi.CommentaryReturned
		if open && mine[c.Indicator] {
			add(kpi.OwnsCommentary, number(c.ID))
		}
	}
	for i := range p.Contests {
		if c := &p.Contests[i]; c.State == kpi.ContestOpen && mine[c.Indicator] {
			add(kpi.OwnsContest, number(c.ID))
		}
	}
	return list
}

func number(id int64) string { return strconv.FormatInt(id, 10) }

// DepartmentOf returns the department that a post belongs to: the first that it heads, or that of most of its indicators, or of its datasets. It is "" if the
// post is the whole city's.
func DepartmentOf(city *kpi.City, post string) string {
	for i := range city.Departments {
		if city.Departments[i].Head == post {
			return city.Departments[i].ID
		}
	}
	count := map[string]int{}
	for i := range city.Indicators {
		if city.Indicators[i].Owner == post {
			count[city.Indicators[i].Department]++
		}
	}
	if len(count) == 0 {
		for i := range city.Datasets {
			if city.Datasets[i].Steward == post {
				count[city.Datasets[i].Department]++
			}
		}
	}
	best := ""
	for i := range city.Departments { // in the order of the folder, so that equal counts give the same answer every time
		if d := city.Departments[i].ID; count[d] > count[best] || best == "" && count[d] > 0 {
			best = d
		}
	}
	return best
}

// NewHandover returns the list of what a post hands over when a holding ends, or nil where there is nothing to hand over: whoever only acted hands the
// post back, and a post that owns nothing has nothing to hand over.
func NewHandover(city *kpi.City, h *kpi.Holding, p Papers) *kpi.Handover {
	items := Owned(city, h.Post, p)
	if h.Acting || h.Void || h.Until.IsZero() || len(items) == 0 {
		return nil
	}
	return &kpi.Handover{Post: h.Post, Department: DepartmentOf(city, h.Post), Holding: h.ID, From: h.Holder, On: h.Until, Items: items}
}

// Grown returns the items of a handover with what its post has come to own since; a list that has ended does not grow.
func Grown(h *kpi.Handover, owned []kpi.HandoverItem) []kpi.HandoverItem {
	list := slices.Clone(h.Items)
	if h.Ended || h.Void {
		return list
	}
	for _, o := range owned {
		if !slices.ContainsFunc(list, sameThing(o)) {
			list = append(list, o)
		}
	}
	slices.SortStableFunc(list, func(a, b kpi.HandoverItem) int {
		return cmp.Compare(slices.Index(kpi.HandoverKinds, a.Kind), slices.Index(kpi.HandoverKinds, b.Kind))
	})
	return list
}

func sameThing(a kpi.HandoverItem) func(kpi.HandoverItem) bool {
	return func(b kpi.HandoverItem) bool { return a.Kind == b.Kind && a.ID == b.ID }
}

// Incoming returns the account that takes a post over: whoever holds it after the last day of the one who leaves, rather than who acts; 0 if it is not known.
func Incoming(holdings []kpi.Holding, h *kpi.Handover, today kpi.Date) int64 {
	day := h.On.AddDays(1)
	if today.After(day) {
		day = today
	}
	var acting int64
	for _, o := range Holders(holdings, h.Post, day) {
		switch {
		case o.Holder == h.From:
		case !o.Acting:
			return o.Holder
		case acting == 0:
			acting = o.Holder
		}
	}
	if acting != 0 {
		return acting
	}
	return next(holdings, h, day)
}

// next is whoever begins to hold the post after a day, the earliest first.
func next(holdings []kpi.Holding, h *kpi.Handover, day kpi.Date) int64 {
	var first *kpi.Holding
	for i := range holdings {
		o := &holdings[i]
		if o.Post == h.Post && !o.Acting && !o.Void && o.Holder != h.From && o.From.After(day) && (first == nil || o.From.Before(first.From)) {
			first = o
		}
	}
	if first == nil {
		return 0
	}
	return first.Holder
}

// HandoverProblem is what is wrong with a handover that somebody wants to save.
type HandoverProblem string

// The problems.
const (
	HandoverIncomplete   HandoverProblem = "the list names a post, a person who leaves, a last day and the holding that ends"
	HandoverOther        HandoverProblem = "a revision is about the same post, holding and person"
	HandoverUnknown      HandoverProblem = "the list holds a thing that is none, or a thing twice"
	HandoverLost         HandoverProblem = "what stands on the list stays on it"
	HandoverLong         HandoverProblem = "a note is too long"
	HandoverVoid         HandoverProblem = "whoever was to leave stays; the list is changed no more"
	HandoverEndIsCounted HandoverProblem = "a list has ended when everything on it is handed over, and not before"
)

// Error is the problem in English.
func (p HandoverProblem) Error() string { return string(p) }

// MaxNote is the longest note of a handover, in characters.
const MaxNote = 2000

// CheckHandover finds what is wrong with a handover; "" if it may be saved. was is its revision before, nil if it is new.
func CheckHandover(was, h *kpi.Handover) HandoverProblem {
	switch {
	case h.Post == "" || h.From == 0 || h.On.IsZero() || h.Holding == 0 || len(h.Items) == 0:
		return HandoverIncomplete
	case was != nil && (was.Post != h.Post || was.From != h.From || was.Holding != h.Holding || was.Department != h.Department):
		return HandoverOther
	case was != nil && was.Void:
		return HandoverVoid
	case h.Ended != AllDone(h.Items):
		return HandoverEndIsCounted
	}
	for i, item := range h.Items {
		switch {
		case !slices.Contains(kpi.HandoverKinds, item.Kind) || item.ID == "" || slices.ContainsFunc(h.Items[:i], sameThing(item)):
			return HandoverUnknown
		case len([]rune(item.Note)) > MaxNote:
			return HandoverLong
		}
	}
	if was == nil {
		return ""
	}
	for _, item := range was.Items {
		if !slices.ContainsFunc(h.Items, sameThing(item)) {
			return HandoverLost
		}
	}
	return ""
}

// AllDone reports whether everything on a list is handed over.
func AllDone(items []kpi.HandoverItem) bool {
	return !slices.ContainsFunc(items, func(i kpi.HandoverItem) bool { return !i.Done })
}
