package meeting

import (
	"slices"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
)

func on(m time.Month, d int) kpi.Date { return kpi.Date{Year: 2026, Month: m, Day: d} }

// held makes a holding of the post "director".
func held(id, holder int64, from, until kpi.Date, acting bool) kpi.Holding {
	h := kpi.Holding{Stamp: kpi.Stamp{ID: id}, Post: "director", Holder: holder, From: from, Until: until, Acting: acting}
	if acting {
		h.Reason = "parental leave"
	}
	return h
}

var never kpi.Date

// years is a post that went from 1 to 2, with 3 and 4 acting for 2 in between, and something that was entered by mistake.
func years() []kpi.Holding {
	void := held(6, 5, on(7, 1), never, false)
	void.Void, void.Reason = true, "wrong person"
	other := held(7, 9, on(1, 1), never, false)
	other.Post = "clerk"
	return []kpi.Holding{
		held(1, 1, on(1, 1), on(3, 31), false), held(2, 2, on(4, 1), never, false),
		held(3, 3, on(6, 1), on(6, 30), true), held(4, 4, on(6, 15), on(7, 15), true), void, other,
	}
}

func TestHolders(t *testing.T) {
	for name, c := range map[string]struct {
		day  kpi.Date
		want []int64 // accounts, the first of them the holder for today
	}{
		"before anybody": {kpi.Date{Year: 2025, Month: 12, Day: 31}, nil}, "first day": {on(1, 1), []int64{1}}, "last day": {on(3, 31), []int64{1}},
		"next day": {on(4, 1), []int64{2}}, "cover begins": {on(6, 1), []int64{3, 2}}, "two cover, the later first": {on(6, 20), []int64{4, 3, 2}},
		"one cover has ended": {on(7, 1), []int64{4, 2}}, "cover has ended": {on(7, 16), []int64{2}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int64
			for _, h := range Holders(years(), "director", c.day) {
				got = append(got, h.Holder)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("held by %v, want %v", got, c.want)
			}
			if mail := MailFor(years(), "director", c.day); !slices.Equal(mail, c.want) {
				t.Errorf("mail goes to %v, want %v", mail, c.want)
			}
			h := Holder(years(), "director", c.day)
			if (h == nil) != (len(c.want) == 0) || h != nil && h.Holder != c.want[0] {
				t.Errorf("the holder is %+v", h)
			}
		})
	}
	if got := PostsOf(append(years(), held(8, 9, on(5, 1), on(5, 31), true)), 9, on(5, 2)); !slices.Equal(got, []string{"clerk", "director"}) {
		t.Errorf("9 holds %v", got)
	}
	if got := PostsOf(years(), 5, on(7, 2)); len(got) != 0 {
		t.Errorf("what was entered by mistake counts: %v", got)
	}
}

func TestCheckHolding(t *testing.T) {
	reason := func(h kpi.Holding, s string) kpi.Holding { h.Reason = s; return h }
	was := years()
	for name, c := range map[string]struct {
		was  *kpi.Holding
		h    kpi.Holding
		want HoldingProblem
	}{
		"after the last":             {nil, held(0, 5, on(9, 1), never, false), HoldingTaken},
		"on the last day":            {nil, held(0, 5, on(2, 1), on(3, 31), false), HoldingTaken},
		"around":                     {nil, held(0, 5, kpi.Date{Year: 2025, Month: 1, Day: 1}, on(12, 31), false), HoldingTaken},
		"before everybody":           {nil, held(0, 5, kpi.Date{Year: 2025, Month: 1, Day: 1}, kpi.Date{Year: 2025, Month: 12, Day: 31}, false), ""},
		"cover beside a holder":      {nil, held(0, 5, on(4, 10), on(4, 20), true), ""},
		"cover of a vacant post":     {nil, held(0, 5, kpi.Date{Year: 2025, Month: 1, Day: 1}, kpi.Date{Year: 2025, Month: 1, Day: 9}, true), ""},
		"cover beside a cover":       {nil, held(0, 5, on(6, 10), on(6, 20), true), ""},
		"cover for oneself":          {nil, held(0, 2, on(6, 10), on(6, 20), true), HoldingOwnCover},
		"the same cover twice":       {nil, held(0, 3, on(6, 10), on(6, 20), true), HoldingTaken},
		"cover without an end":       {nil, held(0, 5, on(6, 10), never, true), HoldingNoEnd},
		"cover without a reason":     {nil, reason(held(0, 5, on(6, 10), on(6, 20), true), ""), HoldingNoReason},
		"a novel":                    {nil, reason(held(0, 5, on(6, 10), on(6, 20), true), strings.Repeat("é", maxReason+1)), HoldingLong},
		"a long reason":              {nil, reason(held(0, 5, on(6, 10), on(6, 20), true), strings.Repeat("é", maxReason)), ""},
		"backwards":                  {nil, held(0, 5, on(6, 10), on(6, 9), true), HoldingBackwards},
		"one day":                    {nil, held(0, 5, on(6, 10), on(6, 10), true), ""},
		"no post":                    {nil, kpi.Holding{Holder: 5, From: on(1, 1)}, HoldingNoPost},
		"nobody":                     {nil, kpi.Holding{Post: "director", From: on(1, 1)}, HoldingNobody},
		"no start":                   {nil, kpi.Holding{Post: "director", Holder: 5}, HoldingNoStart},
		"another post is free":       {nil, kpi.Holding{Post: "mayor", Holder: 5, From: on(1, 1)}, ""},
		"an end":                     {&was[1], held(2, 2, on(4, 1), on(9, 30), false), ""},
		"longer than the next one":   {&was[0], held(1, 1, on(1, 1), on(4, 1), false), HoldingTaken},
		"another person":             {&was[1], held(2, 5, on(4, 1), never, false), HoldingOtherPerson},
		"a cover that becomes one":   {&was[2], held(3, 3, on(6, 1), on(6, 30), false), HoldingOtherPerson},
		"a mistake without a reason": {&was[0], kpi.Holding{Stamp: kpi.Stamp{ID: 1}, Post: "director", Holder: 1, From: on(1, 1), Void: true}, HoldingNoReason},
		"a mistake":                  {&was[0], kpi.Holding{Stamp: kpi.Stamp{ID: 1}, Post: "director", Holder: 1, From: on(1, 1), Void: true, Reason: "wrong post"}, ""},
		"a mistake comes back":       {&was[4], held(6, 5, on(7, 1), on(7, 2), false), HoldingFinished},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CheckHolding(was, c.was, &c.h); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestHoldingProblemsAreTold looks that every problem says more than its code.
func TestHoldingProblemsAreTold(t *testing.T) {
	for _, p := range HoldingProblems {
		if !strings.Contains(p.Error(), " ") {
			t.Errorf("%q is told as %q", p, p.Error())
		}
	}
}

func ownedCity() *kpi.City {
	return &kpi.City{
		Departments: []kpi.Department{{ID: "parks"}, {ID: "streets", Head: "director"}, {ID: "lights", Head: "director"}, {ID: "water"}},
		Indicators: []kpi.Indicator{
			{ID: "potholes", Department: "streets", Owner: "director"}, {ID: "trees", Department: "parks", Owner: "gardener"},
			{ID: "benches", Department: "water", Owner: "gardener"}, {ID: "lawns", Department: "water", Owner: "gardener"},
		},
		Datasets: []kpi.Dataset{{ID: "requests", Steward: "director", Department: "parks"}, {ID: "census", Steward: "data-office", Department: "parks"}, {ID: "survey", Steward: "nobody"}},
	}
}

func ownedPapers() Papers {
	return Papers{
		Commitments: []kpi.Commitment{
			{Stamp: kpi.Stamp{ID: 1}, Owner: "director", State: kpi.CommitmentOpen}, {Stamp: kpi.Stamp{ID: 2}, Owner: "director", State: kpi.CommitmentKept},
			{Stamp: kpi.Stamp{ID: 3}, Owner: "director", State: kpi.CommitmentDone}, {Stamp: kpi.Stamp{ID: 4}, Owner: "gardener", State: kpi.CommitmentOpen},
		},
		Commentaries: []kpi.Commentary{
			{Stamp: kpi.Stamp{ID: 1}, Indicator: "potholes", State: kpi.CommentaryApproved}, {Stamp: kpi.Stamp{ID: 2}, Indicator: "potholes", State: kpi.CommentaryDraft},
			{Stamp: kpi.Stamp{ID: 3}, Indicator: "trees", State: kpi.CommentaryDraft}, {Stamp: kpi.Stamp{ID: 4}, Indicator: "potholes", State: kpi.CommentaryWithdrawn},
		},
		Contests: []kpi.Contest{
			{Stamp: kpi.Stamp{ID: 1}, Indicator: "potholes", State: kpi.ContestUpheld}, {Stamp: kpi.Stamp{ID: 2}, Indicator: "potholes", State: kpi.ContestOpen},
			{Stamp: kpi.Stamp{ID: 3}, Indicator: "trees", State: kpi.ContestOpen},
		},
	}
}

func TestOwned(t *testing.T) {
	var got []string
	for _, i := range Owned(ownedCity(), "director", ownedPapers()) {
		got = append(got, i.Kind+" "+i.ID)
	}
	want := []string{"department streets", "department lights", "indicator potholes", "dataset requests", "commitment 1", "commitment 3", "commentary 2", "contest 2"}
	if !slices.Equal(got, want) {
		t.Errorf("owns %v, want %v", got, want)
	}
	for post, want := range map[string]string{"director": "streets", "gardener": "water", "data-office": "parks", "nobody": "", "stranger": ""} {
		if got := DepartmentOf(ownedCity(), post); got != want {
			t.Errorf("%s belongs to %q, want %q", post, got, want)
		}
	}
}

func TestHandover(t *testing.T) {
	city, papers := ownedCity(), ownedPapers()
	leaving := held(2, 2, on(4, 1), on(9, 30), false)
	h := NewHandover(city, &leaving, papers)
	if h == nil || h.Department != "streets" || h.On != on(9, 30) || h.From != 2 || h.Holding != 2 || len(h.Items) != 8 {
		t.Fatalf("%+v", h)
	}
	for name, none := range map[string]kpi.Holding{
		"acting": held(3, 2, on(4, 1), on(9, 30), true), "no end": held(4, 2, on(4, 1), never, false),
		"owns nothing": {Stamp: kpi.Stamp{ID: 5}, Post: "stranger", Holder: 2, From: on(1, 1), Until: on(2, 1)},
	} {
		if h := NewHandover(city, &none, papers); h != nil {
			t.Errorf("%s: %+v", name, h)
		}
	}
	papers.Contests = append(papers.Contests, kpi.Contest{Stamp: kpi.Stamp{ID: 9}, Indicator: "potholes", State: kpi.ContestOpen})
	papers.Commitments = nil
	city.Indicators = append(city.Indicators, kpi.Indicator{ID: "curbs", Owner: "director"})
	h.Items[0].Note = "the keys are in the drawer"
	grown := Grown(h, Owned(city, "director", papers))
	if len(grown) != 10 || grown[0].Note == "" || grown[3].ID != "curbs" || grown[9].ID != "9" {
		t.Errorf("%+v", grown)
	}
	h.Ended = true
	if got := Grown(h, Owned(city, "director", papers)); len(got) != 8 {
		t.Errorf("a list that has ended grew to %d", len(got))
	}
}

func TestIncoming(t *testing.T) {
	h := &kpi.Handover{Post: "director", From: 2, On: on(9, 30)}
	list := years()
	list[1].Until = on(9, 30)
	for name, c := range map[string]struct {
		more  []kpi.Holding
		today kpi.Date
		want  int64
	}{
		"nobody yet":             {nil, on(9, 1), 0},
		"from the next day":      {[]kpi.Holding{held(10, 7, on(10, 1), never, false)}, on(9, 1), 7},
		"somebody later":         {[]kpi.Holding{held(10, 7, on(12, 1), never, false), held(11, 8, on(11, 1), on(11, 30), false)}, on(9, 1), 8},
		"acting first":           {[]kpi.Holding{held(10, 7, on(10, 1), on(10, 31), true), held(11, 8, on(11, 1), never, false)}, on(9, 1), 7},
		"the holder, not acting": {[]kpi.Holding{held(10, 7, on(10, 1), on(10, 31), true), held(11, 8, on(10, 1), never, false)}, on(9, 1), 8},
		"as it stands today":     {[]kpi.Holding{held(10, 7, on(10, 1), on(10, 31), true), held(11, 8, on(11, 1), never, false)}, on(11, 2), 8},
		"the same person again":  {[]kpi.Holding{held(10, 2, on(11, 1), never, false)}, on(9, 1), 0},
	} {
		if got := Incoming(append(slices.Clone(list), c.more...), h, c.today); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func TestCheckHandover(t *testing.T) {
	whole := func(change func(*kpi.Handover)) *kpi.Handover {
		h := &kpi.Handover{
			Post: "director", Department: "streets", Holding: 2, From: 2, On: on(9, 30),
			Items: []kpi.HandoverItem{{Kind: kpi.OwnsIndicator, ID: "potholes"}, {Kind: kpi.OwnsDataset, ID: "requests"}},
		}
		if change != nil {
			change(h)
		}
		return h
	}
	void := whole(func(h *kpi.Handover) { h.Void = true })
	for name, c := range map[string]struct {
		was, h *kpi.Handover
		want   HandoverProblem
	}{
		"new":              {nil, whole(nil), ""},
		"no post":          {nil, whole(func(h *kpi.Handover) { h.Post = "" }), HandoverIncomplete},
		"nobody leaves":    {nil, whole(func(h *kpi.Handover) { h.From = 0 }), HandoverIncomplete},
		"no day":           {nil, whole(func(h *kpi.Handover) { h.On = never }), HandoverIncomplete},
		"nothing":          {nil, whole(func(h *kpi.Handover) { h.Items = nil }), HandoverIncomplete},
		"another day":      {whole(nil), whole(func(h *kpi.Handover) { h.On = on(10, 1) }), ""},
		"another post":     {whole(nil), whole(func(h *kpi.Handover) { h.Post = "clerk" }), HandoverOther},
		"ticked":           {whole(nil), whole(func(h *kpi.Handover) { h.Items[0].Done = true }), ""},
		"ended too early":  {whole(nil), whole(func(h *kpi.Handover) { h.Items[0].Done, h.Ended = true, true }), HandoverEndIsCounted},
		"ended":            {whole(nil), whole(func(h *kpi.Handover) { h.Items[0].Done, h.Items[1].Done, h.Ended = true, true, true }), ""},
		"not ended":        {whole(nil), whole(func(h *kpi.Handover) { h.Items[0].Done, h.Items[1].Done = true, true }), HandoverEndIsCounted},
		"lost":             {whole(nil), whole(func(h *kpi.Handover) { h.Items = h.Items[1:] }), HandoverLost},
		"more":             {whole(nil), whole(func(h *kpi.Handover) { h.Items = append(h.Items, kpi.HandoverItem{Kind: kpi.OwnsContest, ID: "1"}) }), ""},
		"twice":            {nil, whole(func(h *kpi.Handover) { h.Items = append(h.Items, h.Items[0]) }), HandoverUnknown},
		"no such kind":     {nil, whole(func(h *kpi.Handover) { h.Items[0].Kind = "car" }), HandoverUnknown},
		"a novel":          {nil, whole(func(h *kpi.Handover) { h.Items[0].Note = strings.Repeat("é", MaxNote+1) }), HandoverLong},
		"a long note":      {nil, whole(func(h *kpi.Handover) { h.Items[0].Note = strings.Repeat("é", MaxNote) }), ""},
		"stays after all":  {whole(nil), void, ""},
		"after that, more": {void, whole(nil), HandoverVoid},
	} {
		t.Run(name, func(t *testing.T) {
			if got := CheckHandover(c.was, c.h); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}
