package meeting

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// SinceKind is what kind of thing is not as it was seen last time.
type SinceKind string

// The kinds.
const (
	SinceCrossed    SinceKind = "crossed"    // another of the public's words
	SinceRevised    SinceKind = "revised"    // a period that was seen, settled, has another value
	SinceTarget     SinceKind = "target"     // a target came, was changed or holds no longer
	SinceDefinition SinceKind = "definition" // it is measured or judged in another way
	SinceSlipped    SinceKind = "slipped"    // the owner of a commitment moved its date
	SinceDropped    SinceKind = "dropped"    // nobody waits for a commitment any more
	SinceStale      SinceKind = "stale"      // a dataset's delivery failed, is late or never came, and that was not so
	SinceContested  SinceKind = "contested"  // somebody says that a number is wrong
	SinceBlocked    SinceKind = "blocked"    // something stands in the way of a commitment
	SinceReopened   SinceKind = "reopened"   // a commitment is not done after all
	SincePeriod     SinceKind = "period"     // a further period is judged, and moved beyond what it always does
	SinceDone       SinceKind = "done"       // its owner calls a commitment done
	SinceKept       SinceKind = "kept"       // a commitment is closed as kept
	SinceMade       SinceKind = "made"       // a commitment that was not there
	SinceMoved      SinceKind = "moved"      // whoever closes commitments moved the date of one, or its owner moved it to an earlier day
	SinceDecided    SinceKind = "decided"    // a decision of a meeting
	SinceFresh      SinceKind = "fresh"      // a dataset is in order again
	SinceAnswered   SinceKind = "answered"   // a number that was contested no longer is
	SinceAdded      SinceKind = "added"      // an indicator that was not there
	SinceGone       SinceKind = "gone"       // an indicator that is there no more
	SinceFolder     SinceKind = "folder"     // another owner, or another audience
	SinceLater      SinceKind = "later"      // a topic was left for another time
)

// SinceKinds lists the kinds, the most important first.
var SinceKinds = []SinceKind{
	SinceCrossed, SinceRevised, SinceTarget, SinceDefinition, SinceSlipped, SinceDropped, SinceStale, SinceContested, SinceBlocked, SinceReopened, SincePeriod,
	SinceDone, SinceKept, SinceMade, SinceMoved, SinceDecided, SinceFresh, SinceAnswered, SinceAdded, SinceGone, SinceFolder, SinceLater,
}

// SinceInputs are two moments of a city.
type SinceInputs struct {
	Series *kpi.MeetingSeries
	Before *scorecard.Scorecard // what was seen then; nil: nothing is known of it, and of numbers nothing is told
	Live   *scorecard.Scorecard
	Since  time.Time         // when it was seen
	Then   []kpi.Commitment  // as they stood then, of all departments
	Now    []kpi.Commitment  // as they stand now
	Notes  []kpi.MeetingNote // of the series
}

// Since is what changed since something was seen.
type Since struct {
	Items []SinceItem // the most important first
	Quiet []SinceItem // indicators of which a further period is judged, and nothing else is to be told: they moved as much as they always do
	Same  int         // indicators of which nothing is new
}

// Counts returns how many things of each kind changed.
func (s *Since) Counts() map[SinceKind]int {
	n := map[SinceKind]int{}
	for i := range s.Items {
		n[s.Items[i].Kind]++
	}
	return n
}

// SinceItem is one thing that changed. The fields after Result belong to some kinds only.
type SinceItem struct {
	Kind      SinceKind
	Indicator *kpi.Indicator    // as it is now, or was; nil of what is about none
	Result    *scorecard.Result // as it is now; nil where there is none

	WasPeriod, Period kpi.Period // that was judged then, and is now; of a revision the newest one that has another value
	Was, Is           *float64   // of them
	WasStatus, Status kpi.Status // of what crossed
	Revised           int        // of a revision: how many periods have another value
	Why               []MovedWhy // of what crossed and of a revision: because of what
	Change            *kpi.Change
	Dataset           string
	Trouble           DutyState // of a dataset: what is wrong now; of one that is in order again what was
	Contest           *kpi.Contest
	Promise           *kpi.Commitment // as it stands now
	Move              *kpi.DueMove    // of a date that was moved: the newest move of the kind
	Note              *kpi.MeetingNote
}

// ChangedSince finds what is not as it was seen last time, of the departments that a series takes. It is a pure function: the same moments give the same list,
// whatever the order of what it gets.
func ChangedSince(in SinceInputs) Since {
	var s Since
	if in.Before != nil {
		in.numbers(&s)
		s.Items = append(s.Items, in.folder()...)
		s.Items = append(s.Items, in.data()...)
		s.Items = append(s.Items, in.contests()...)
	}
	s.Items = append(s.Items, in.promises()...)
	s.Items = append(s.Items, in.notes()...)
	in.sort(s.Items)
	in.sort(s.Quiet)
	return s
}

// sort puts the most important first: by kind, then the worst, then by name.
func (in *SinceInputs) sort(list []SinceItem) {
	slices.SortStableFunc(list, func(a, b SinceItem) int {
		by := cmp.Compare(slices.Index(SinceKinds, a.Kind), slices.Index(SinceKinds, b.Kind))
		if by == 0 && a.Promise == nil && a.Note == nil { // all of a kind are about numbers, or none is
			by = cmp.Compare(about(&a), about(&b))
			if a.Result != nil && b.Result != nil {
				by = cmp.Or(by, Worse(a.Result, b.Result))
			}
		}
		return cmp.Or(by, cmp.Compare(a.name(), b.name()))
	})
}

// about is where something stands among those of its kind: what is about an indicator comes first.
func about(it *SinceItem) int {
	if it.Result != nil {
		return 0
	}
	return 1
}

// name tells one thing of a kind from another, and orders them.
func (it *SinceItem) name() string {
	switch {
	case it.Promise != nil:
		return fmt.Sprintf("%s %020d", it.Promise.Due, it.Promise.ID)
	case it.Note != nil:
		return fmt.Sprintf("%020d", it.Note.ID)
	case it.Contest != nil:
		return fmt.Sprintf("%020d", it.Contest.ID)
	case it.Change != nil:
		c := it.Change
		return fmt.Sprintf("%s %020d %s %s %+v", c.Indicator, c.Folder, c.Field, c.Target, cmp.Or(c.To, c.From, &kpi.ChangeValue{}).Date)
	case it.Indicator != nil:
		return it.Indicator.ID
	}
	return it.Dataset
}

// numbers compares the indicators that are there now with what was seen of them.
func (in *SinceInputs) numbers(s *Since) {
	for i := range in.Live.Results {
		now := &in.Live.Results[i]
		if !in.Series.Takes(now.Indicator.Department) {
			continue
		}
		was := in.Before.Result(now.Indicator.ID)
		if was == nil {
			continue // it is new: the folder's changes say so
		}
		before := len(s.Items)
		it := SinceItem{Indicator: now.Indicator, Result: now, WasStatus: was.Assessment.Status, Status: now.Assessment.Status}
		it.judged(was, now)
		c := compare{then: in.Before, live: in.Live, was: was, now: now, period: was.Assessment.Period, value: was.Assessment.Value, status: was.Assessment.Status}
		if crossed(it.WasStatus, it.Status) {
			crossing := it
			crossing.Kind, crossing.Why = SinceCrossed, c.causes()
			s.Items = append(s.Items, crossing)
		}
		if w, n := c.revisions(); n > 0 {
			s.Items = append(s.Items, SinceItem{
				Kind: SinceRevised, Indicator: now.Indicator, Result: now, Period: w.Period, WasPeriod: w.Period, Was: w.Was, Is: w.Is, Revised: n, Why: []MovedWhy{*w},
			})
		}
		further := it.Period.ID != it.WasPeriod.ID
		it.Kind = SincePeriod
		switch {
		case further && len(s.Items) == before && usual(now):
			s.Quiet = append(s.Quiet, it)
		case further && !crossed(it.WasStatus, it.Status):
			s.Items = append(s.Items, it)
		case len(s.Items) == before:
			s.Same++
		}
	}
}

// judged notes which period was judged then and is now, with their values.
func (it *SinceItem) judged(was, now *scorecard.Result) {
	if p := pointOf(was, was.Assessment.Period); p != nil {
		it.WasPeriod, it.Was = p.Period, p.Observation.Value
	}
	if p := pointOf(now, now.Assessment.Period); p != nil {
		it.Period, it.Is = p.Period, p.Observation.Value
	}
}

// usual reports whether the judged value moved as much as it always does, and nothing else asks for attention.
func usual(r *scorecard.Result) bool {
	p := pointOf(r, r.Assessment.Period)
	return p == nil || !p.Outside && !r.Assessment.Signal.Real()
}

// revisions returns the newest revision, and how many periods have another value.
func (c *compare) revisions() (*MovedWhy, int) {
	n := 0
	for i := range c.was.Series {
		p := &c.was.Series[i]
		if !p.Settled {
			continue
		}
		var is *float64
		if now := pointOf(c.now, p.Period.ID); now != nil {
			is = now.Observation.Value
		}
		if !seenAlike(c.now.Indicator, p.Observation.Value, is) {
			n++
		}
	}
	return c.revised(), n
}

// folder finds what was changed in definitions, targets and owners.
func (in *SinceInputs) folder() []SinceItem {
	var list []SinceItem
	changes := ChangesSince(in.Series, in.Before, in.Live)
	for i := range changes {
		c := &changes[i]
		it := SinceItem{Change: c, Kind: map[string]SinceKind{
			kpi.ChangeTarget: SinceTarget, kpi.ChangeOwner: SinceFolder, kpi.ChangePublic: SinceFolder, kpi.ChangeIndicator: SinceAdded,
		}[c.What]}
		if it.Kind == "" {
			it.Kind = SinceDefinition
		}
		if c.Indicator != "" {
			if it.Result = in.Live.Result(c.Indicator); it.Result != nil {
				it.Indicator = it.Result.Indicator
			} else if was := in.Before.Result(c.Indicator); was != nil {
				it.Indicator = was.Indicator
			}
		}
		if c.What == kpi.ChangeIndicator && c.To == nil {
			it.Kind = SinceGone
		}
		list = append(list, it)
	}
	return list
}

// data compares what was wrong with datasets.
func (in *SinceInputs) data() []SinceItem {
	feeds := map[string]bool{}
	for i := range in.Live.Results {
		if ind := in.Live.Results[i].Indicator; in.Series.Takes(ind.Department) {
			feeds[ind.Dataset] = true
		}
	}
	then, now := in.troubles(in.Before), in.troubles(in.Live)
	var list []SinceItem
	for i := range in.Live.Datasets {
		switch id := in.Live.Datasets[i].Dataset; {
		case !feeds[id] || then[id] == now[id]:
		case now[id] != "":
			list = append(list, SinceItem{Kind: SinceStale, Dataset: id, Trouble: now[id]})
		default:
			list = append(list, SinceItem{Kind: SinceFresh, Dataset: id, Trouble: then[id]})
		}
	}
	return list
}

// troubles is what is wrong with datasets, as far as a scorecard tells.
func (in *SinceInputs) troubles(card *scorecard.Scorecard) map[string]DutyState {
	due := DutyInputs{City: in.Live.City, Today: card.AsOf}
	due.Cal, _ = in.Live.City.Calendar() // the catalog lets no other zone through
	if due.Cal.Location == nil {
		due.Cal.Location = time.UTC
	}
	found := map[string]DutyState{}
	for i := range card.Datasets {
		st := &card.Datasets[i]
		rep := kpi.DatasetReport{State: *st}
		ds := in.Live.City.Dataset(st.Dataset)
		switch {
		case st.Failed != nil:
			found[st.Dataset] = DataFailed
		case st.Last == nil:
			found[st.Dataset] = DataNever
		case ds != nil:
			if day, known := due.nextDelivery(ds, &rep); known && day.Before(card.AsOf) {
				found[st.Dataset] = DataStale
			}
		}
	}
	return found
}

// contests finds numbers that are contested since, and those that no longer are.
func (in *SinceInputs) contests() []SinceItem {
	var list []SinceItem
	add := func(kind SinceKind, these, others []kpi.Contest) {
		for i := range these {
			k := &these[i]
			r := in.Live.Result(k.Indicator)
			if r == nil || !in.Series.Takes(r.Indicator.Department) || slices.ContainsFunc(others, func(o kpi.Contest) bool { return o.ID == k.ID }) {
				continue
			}
			list = append(list, SinceItem{Kind: kind, Indicator: r.Indicator, Result: r, Contest: k})
		}
	}
	add(SinceContested, in.Live.Contests, in.Before.Contests)
	add(SinceAnswered, in.Before.Contests, in.Live.Contests)
	return list
}

// promises compares commitments.
func (in *SinceInputs) promises() []SinceItem {
	var list []SinceItem
	for i := range in.Now {
		c := &in.Now[i]
		if !TakesPromise(in.Series, c) {
			continue
		}
		was := promiseOf(in.Then, c.ID)
		add := func(kind SinceKind, move *kpi.DueMove) {
			it := SinceItem{Kind: kind, Promise: c, Move: move}
			if it.Result = in.Live.Result(c.Indicator); it.Result != nil {
				it.Indicator = it.Result.Indicator
			}
			list = append(list, it)
		}
		old := kpi.Commitment{State: kpi.CommitmentOpen}
		if was == nil {
			add(SinceMade, nil)
		} else {
			old = *was
		}
		if c.State != old.State {
			add(map[kpi.CommitmentState]SinceKind{
				kpi.CommitmentOpen: SinceReopened, kpi.CommitmentDone: SinceDone, kpi.CommitmentKept: SinceKept, kpi.CommitmentDropped: SinceDropped,
			}[c.State], nil)
		}
		for kind, move := range movesSince(c, len(old.Moves)) {
			add(kind, move)
		}
		if c.Blocker != "" && c.Blocker != old.Blocker {
			add(SinceBlocked, nil)
		}
	}
	return list
}

// movesSince is the newest move of a commitment's date by its owner, and that by whoever closes commitments, after so many moves.
func movesSince(c *kpi.Commitment, after int) map[SinceKind]*kpi.DueMove {
	found := map[SinceKind]*kpi.DueMove{}
	for i := min(after, len(c.Moves)); i < len(c.Moves); i++ {
		kind := SinceSlipped
		if c.Moves[i].Chair || c.Moves[i].To.Before(c.Moves[i].From) {
			kind = SinceMoved
		}
		found[kind] = &c.Moves[i]
	}
	return found
}

// notes finds what was decided, and left for later.
func (in *SinceInputs) notes() []SinceItem {
	var list []SinceItem
	for i := range in.Notes {
		n := &in.Notes[i]
		if n.State == kpi.NoteWithdrawn || !n.Stamp.Since.After(in.Since) {
			continue
		}
		kind := SinceDecided
		if n.Kind == kpi.NoteLater {
			kind = SinceLater
		}
		it := SinceItem{Kind: kind, Note: n}
		if it.Result = in.Live.Result(n.Indicator); it.Result != nil {
			it.Indicator = it.Result.Indicator
		}
		list = append(list, it)
	}
	return list
}
