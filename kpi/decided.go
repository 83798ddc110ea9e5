package kpi

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// AppliedState is what became of a decision when it was laid over the folder.
type AppliedState string

// The states.
const (
	AppliedInForce       AppliedState = "in_force"       // it holds, and the folder does not say so yet
	AppliedInFolder      AppliedState = "in_folder"      // the folder says it already
	AppliedOvertaken     AppliedState = "overtaken"      // the folder was changed after the decision, and has the last word
	AppliedNotApplicable AppliedState = "not_applicable" // what it is about is not in the folder (any more)
	AppliedWithdrawn     AppliedState = "withdrawn"
)

// AppliedStates lists the states.
var AppliedStates = []AppliedState{AppliedInForce, AppliedNotApplicable, AppliedOvertaken, AppliedInFolder, AppliedWithdrawn}

// Lack is what a decision that is not applicable needs and the folder does not have.
type Lack string

// What may lack.
const (
	LackIndicator Lack = "indicator" // it is gone, or has another id
	LackPost      Lack = "post"
	LackTarget    Lack = "target"    // that is to be dropped
	LackDirection Lack = "direction" // in which the target could be judged: it was changed, and wants a value in place of a range, the other way round, or nothing
)

// Lacks lists what may lack.
var Lacks = []Lack{LackIndicator, LackPost, LackTarget, LackDirection}

// Applied is a decision and what became of it.
type Applied struct {
	Decision Decision     `json:"decision"`
	State    AppliedState `json:"state"`
	Lack     Lack         `json:"lack,omitempty"`
}

// Apply lays decisions over a city's folder in order of their dates (of one day: in order of their first revisions) and returns the city as it is
// then, and what became of each, in that order. The folder's city is not changed. The new city has a hash of its own where a decision changed
// something, which follows from the folder's hash and from what was applied.
//
// What the folder says already changes nothing. Where it was changed after the decision, so that it says neither what it said then ([Decision.Was]),
// nor what was decided, nor what another decision before it had made of it, the folder has the last word.
func Apply(city *City, decisions []Decision) (*City, []Applied) {
	list := slices.Clone(decisions)
	slices.SortStableFunc(list, func(a, b Decision) int {
		return cmp.Or(a.On.Compare(b.On), a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	o := overlay{folder: city, city: city, zone: time.UTC, said: map[string][]*Decision{}, hash: sha256.New()}
	if cal, err := city.Calendar(); err == nil {
		o.zone = cal.Location
	}
	fmt.Fprintf(o.hash, "decisions over %s\n", city.Hash)
	applied := make([]Applied, len(list))
	for k := range list {
		applied[k] = o.apply(&list[k])
	}
	if o.city != city {
		o.city.Hash = hex.EncodeToString(o.hash.Sum(nil))
	}
	return o.city, applied
}

// overlay is a folder's city and what decisions have made of it so far.
type overlay struct {
	folder *City
	city   *City // the folder's own until something is changed
	own    map[string]bool
	zone   *time.Location
	said   map[string][]*Decision // by what decisions are about: those before that hold, here or in the folder
	hash   interface {
		Write([]byte) (int, error)
		Sum([]byte) []byte
	}
}

// apply lays one decision over the city.
func (o *overlay) apply(d *Decision) Applied {
	a := Applied{Decision: *d, State: AppliedInForce}
	if d.State == DecisionWithdrawn {
		a.State = AppliedWithdrawn
		o.withdrawn(d)
		return a
	}
	a.State, a.Lack = o.becomes(d)
	if a.State == AppliedInForce {
		o.change(d)
	}
	if a.State == AppliedInForce || a.State == AppliedInFolder && d.stands(o.folder.Indicator(d.Indicator)) {
		o.said[d.about()] = append(o.said[d.about()], d)
	}
	return a
}

// becomes says what becomes of a decision, without doing it.
func (o *overlay) becomes(d *Decision) (AppliedState, Lack) {
	i := o.folder.Indicator(d.Indicator)
	says := d.Says(o.folder)
	known := says == d.Was || slices.ContainsFunc(o.said[d.about()], func(e *Decision) bool { // the folder has taken over that one alone so far
		return e.Was == d.Was && !e.Since.After(d.Since) && e.wouldSay() == says
	})
	switch {
	case i == nil:
		return AppliedNotApplicable, LackIndicator
	case d.Kind == DecideOwner:
		switch {
		case d.stands(i), !known && i.Owner == d.Owner:
			return AppliedInFolder, ""
		case !known:
			return AppliedOvertaken, ""
		case o.folder.Person(d.Owner) == nil:
			return AppliedNotApplicable, LackPost
		}
		return AppliedInForce, ""
	case d.Target == nil:
		return AppliedNotApplicable, LackTarget
	}
	want := d.entry()
	last := i.newest(want)
	switch {
	case d.stands(i), !known && (last == nil && want.Dropped || last != nil && last.same(want)):
		return AppliedInFolder, ""
	case !known:
		return AppliedOvertaken, ""
	case want.Dropped && o.city.Indicator(d.Indicator).newest(want) == nil:
		return AppliedNotApplicable, LackTarget
	case !want.judgeable(i.Direction):
		return AppliedNotApplicable, LackDirection
	}
	return AppliedInForce, ""
}

// judgeable reports whether a target can be judged in a direction.
func (t Target) judgeable(d Direction) bool {
	switch {
	case d == Neutral:
		return false
	case t.Dropped:
		return true
	case d == Range:
		return usable(t.Low) && usable(t.High) && t.Low < t.High
	}
	return usable(t.Value) && t.Low == 0 && t.High == 0
}

// newest returns the target for the day and of the kind of another that was set last; nil if there is none.
func (i *Indicator) newest(of Target) *Target {
	var last *Target
	for k := range i.Targets {
		if t := &i.Targets[k]; t.Again(of) && (last == nil || !t.Set.Before(last.Set)) {
			last = t
		}
	}
	return last
}

// about is what a decision is about: what the folder says in one place.
func (d *Decision) about() string {
	switch {
	case d.Kind == DecideOwner:
		return d.Indicator + " owner"
	case d.Target == nil:
		return d.Indicator
	}
	return fmt.Sprint(d.Indicator, " ", d.Target.By, " ", d.Target.rank())
}

// Says returns what a folder says of what a decision is about: the owner, or the target of that day and kind as it was set last. It is "" where the
// folder says nothing.
func (d *Decision) Says(folder *City) string {
	i := folder.Indicator(d.Indicator)
	switch {
	case i == nil:
		return ""
	case d.Kind == DecideOwner:
		return i.Owner
	case d.Target == nil:
		return ""
	}
	if t := i.newest(*d.Target); t != nil {
		return t.says()
	}
	return ""
}

// says writes a target so that two which promise the same from the same day on are the same text.
func (t Target) says() string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	s := number(t.Value)
	switch {
	case t.Dropped:
		s = "dropped"
	case t.Low != 0 || t.High != 0:
		s = number(t.Low) + ".." + number(t.High)
	}
	return s + " since " + t.Set.String()
}

// wouldSay is what the folder says once it says what was decided.
func (d *Decision) wouldSay() string {
	if d.Kind == DecideOwner {
		return d.Owner
	}
	return d.entry().says()
}

// Entry returns the target that a decision puts into the list of its indicator's, as the folder would have it; the zero target of a decision about
// something else.
func (d *Decision) Entry() Target {
	if d.Target == nil {
		return Target{}
	}
	return d.entry()
}

func (d *Decision) entry() Target {
	t := Target{
		By: d.Target.By, Kind: cmp.Or(d.Target.Kind, TargetAnnual), Value: d.Target.Value, Low: d.Target.Low, High: d.Target.High,
		Set: d.On, ByWhom: d.Whose, Reason: NewText(d.Lang, d.Reason), Act: d.Act,
	}
	if d.Kind == DecideDrop {
		t.Value, t.Low, t.High, t.Dropped = 0, 0, 0, true
	}
	return t
}

// Note returns what a decision says of itself, as the folder would have it where something else than a target was decided.
func (d *Decision) Note() ChangeNote {
	n := ChangeNote{On: d.On, What: []string{ChangeTarget}, ByWhom: d.Whose, Reason: NewText(d.Lang, d.Reason), Act: d.Act}
	if d.Kind == DecideOwner {
		n.What = []string{ChangeOwner}
	}
	return n
}

// stands reports whether a decision stands in the folder with its day, whatever was decided later.
func (d *Decision) stands(i *Indicator) bool {
	if d.Kind == DecideOwner {
		return slices.ContainsFunc(i.Reasons, func(n ChangeNote) bool {
			return n.On == d.On && slices.Contains(n.What, ChangeOwner) && n.Reason.String(d.Lang) == d.Reason
		})
	}
	want := d.entry()
	return slices.ContainsFunc(i.Targets, func(t Target) bool { return t.Again(want) && t.Set == want.Set && t.same(want) })
}

// change makes the city say what was decided.
func (o *overlay) change(d *Decision) {
	i := o.indicator(d.Indicator)
	if d.Kind == DecideOwner {
		i.Owner = d.Owner
		i.note(d.Note())
	} else {
		i.setTarget(d.entry())
	}
	o.seal(d)
}

// withdrawn leaves a note of a decision that was withdrawn, so that what is as before has a reason.
func (o *overlay) withdrawn(d *Decision) {
	i := o.folder.Indicator(d.Indicator)
	if i == nil || d.Why == "" {
		return
	}
	n := d.Note()
	n.On, n.ByWhom, n.Reason, n.Act = DateOf(d.At.In(o.zone)), "", NewText(d.Lang, d.Why), Act{}
	if slices.ContainsFunc(o.city.Indicator(d.Indicator).Reasons, func(m ChangeNote) bool { return reflect.DeepEqual(m, n) }) {
		return
	}
	o.indicator(d.Indicator).note(n)
	o.seal(d)
}

// indicator returns an indicator that may be changed.
func (o *overlay) indicator(id string) *Indicator {
	if o.own == nil {
		c := *o.folder
		c.Indicators = slices.Clone(c.Indicators)
		o.city, o.own = &c, map[string]bool{}
	}
	i := o.city.Indicator(id)
	if !o.own[id] {
		i.Targets, i.Reasons = slices.Clone(i.Targets), slices.Clone(i.Reasons)
		o.own[id] = true
	}
	return i
}

// seal lets the city's hash follow from a decision that changed it.
func (o *overlay) seal(d *Decision) {
	plain := *d
	plain.Stamp, plain.Was = Stamp{}, ""
	if d.State == DecisionWithdrawn {
		plain.At = d.At
	}
	b, err := json.Marshal(plain)
	if err != nil {
		b = fmt.Append(nil, plain) // a value that no form and no folder lets through
	}
	_, _ = o.hash.Write(append(b, '\n')) // a hash takes everything
}

// setTarget puts a target into its place in the list: by its day, and among those for one day by the day on which it was set. One of a kind that was
// set on the same day gives way.
func (i *Indicator) setTarget(t Target) {
	i.Targets = slices.DeleteFunc(i.Targets, func(u Target) bool { return u.Again(t) && u.Set == t.Set })
	k := len(i.Targets)
	for k > 0 && cmp.Or(i.Targets[k-1].By.Compare(t.By), i.Targets[k-1].Set.Compare(t.Set)) > 0 {
		k--
	}
	i.Targets = slices.Insert(i.Targets, k, t)
}

// note puts a note behind those of its day and before.
func (i *Indicator) note(n ChangeNote) {
	k := len(i.Reasons)
	for k > 0 && i.Reasons[k-1].On.After(n.On) {
		k--
	}
	i.Reasons = slices.Insert(i.Reasons, k, n)
}

// FolderPatch is what makes a folder say what was decided over it.
type FolderPatch struct {
	Diff      []byte      `json:"diff,omitempty"`      // unified, for git apply and patch -p1 in the folder; empty: nothing is to be changed so
	Decisions []int64     `json:"decisions,omitempty"` // that are in it
	ByHand    []HandPatch `json:"by_hand,omitempty"`   // what it leaves to people
}

// HandPatch is a decision that only a person can write into the folder.
type HandPatch struct {
	Decision int64    `json:"decision"`
	File     string   `json:"file,omitempty"` // of the folder; "" if it is not known
	Line     int      `json:"line,omitempty"` // of the indicator in it
	Why      HandWhy  `json:"why"`
	Lines    []string `json:"lines"` // to be written there
}

// HandWhy is why a decision is left to a person.
type HandWhy string

// The reasons.
const (
	HandAnchor  HandWhy = "anchor"  // it stands under an anchor or an alias of YAML, where a change would change something else too
	HandTable   HandWhy = "table"   // the indicator is a row of a plan's table
	HandRefused HandWhy = "refused" // the folder would be refused, or would say something else beside
)

// HandWhys lists the reasons.
var HandWhys = []HandWhy{HandAnchor, HandTable, HandRefused}
