package kpi

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// ChangeFields lists what [Change.Field] may name, by what the change is about.
var ChangeFields = map[string][]string{
	ChangeMeasure: {
		"dataset", "measure", "measure.of", "measure.per", "measure.from", "measure.to", "measure.p", "measure.times", "measure.where", "measure.exclude",
		"measure.date", "unit", "period", "rows", "holidays", "population",
	},
	ChangeTarget:    {TargetAnnual, TargetTerm, TargetInterim},
	ChangeBaseline:  {"baseline"},
	ChangeOwner:     {"owner", "department"},
	ChangeIndicator: {"added", "dropped"},
	ChangeJudging: {
		"status_bands.on_track", "status_bands.behind", "direction", "trajectory", "adds_up_in", "judge", "judge.since", "judge.limit", "chart", "minimum",
		"settles_after", "suppress",
	},
	ChangeRebase: {"rebase"},
	ChangePublic: {"public"},
}

// FolderVersion is a version of the city's folder and the day on which it was first seen, in the city's time zone.
type FolderVersion struct {
	Version int
	Seen    Date
	City    *City
}

// ChangesAmong finds what was changed between versions of the folder that follow each other, those of the newest version first. Names, sentences and
// translations are no changes: they change no number and no judgement.
//
// A note ([ChangeNote], or what a target says of itself) explains the changes of its kind in the version in which it stands first. One that
// comes later explains the newest earlier change of its kind that nobody had explained.
//
// What was changed before a city came here stands in no earlier version. Where the folder tells of it (a target that replaced another one, limits that
// began anew, a note about a measure, baseline or owner) it is listed with the first version in which the indicator stands.
func ChangesAmong(versions []FolderVersion) []Change {
	var list []Change
	if len(versions) > 0 {
		list = toldAtFirst(versions[0])
	}
	for k := 1; k < len(versions); k++ {
		list = append(list, changesBetween(versions[k-1].City, versions[k])...)
		list = explain(list, versions[k-1].City, versions[k])
	}
	slices.SortStableFunc(list, func(a, b Change) int { return b.Folder - a.Folder })
	return list
}

// changesBetween lists the differences of two versions, in the order of the folder.
func changesBetween(before *City, after FolderVersion) []Change {
	d := differ{folder: after.Version, seen: after.Seen}
	if before.Bands.orDefault() != after.City.Bands.orDefault() {
		for _, f := range []struct {
			field    string
			from, to float64
		}{
			{"status_bands.on_track", before.Bands.orDefault().OnTrack, after.City.Bands.orDefault().OnTrack},
			{"status_bands.behind", before.Bands.orDefault().Behind, after.City.Bands.orDefault().Behind},
		} {
			d.number(ChangeJudging, f.field, &f.from, &f.to)
		}
	}
	for k := range after.City.Indicators {
		now := &after.City.Indicators[k]
		d.indicator, d.version = now.ID, now.Version
		if was := before.Indicator(now.ID); was != nil {
			d.compare(was, now, basisField(before, after.City))
		} else {
			d.add(ChangeIndicator, "added", nil, &ChangeValue{ID: now.ID})
			d.told(now)
		}
	}
	for k := range before.Indicators {
		if was := &before.Indicators[k]; after.City.Indicator(was.ID) == nil {
			d.indicator, d.version = was.ID, was.Version
			d.add(ChangeIndicator, "dropped", &ChangeValue{ID: was.ID}, nil)
		}
	}
	return d.list
}

// differ collects the differences of one indicator after another.
type differ struct {
	indicator string
	version   int
	folder    int
	seen      Date
	list      []Change
}

func (d *differ) add(what, field string, from, to *ChangeValue) *Change {
	d.list = append(d.list, Change{Indicator: d.indicator, What: what, Field: field, From: from, To: to, Version: d.version, Folder: d.folder, Seen: d.seen})
	return &d.list[len(d.list)-1]
}

func (d *differ) number(what, field string, from, to *float64) {
	if (from == nil) == (to == nil) && (from == nil || *from == *to) {
		return
	}
	value := func(v *float64) *ChangeValue {
		if v == nil {
			return nil
		}
		x := *v
		return &ChangeValue{Number: &x}
	}
	d.add(what, field, value(from), value(to))
}

func (d *differ) id(what, field, from, to string) {
	if from != to {
		d.add(what, field, nonEmpty(ChangeValue{ID: from}), nonEmpty(ChangeValue{ID: to}))
	}
}

func (d *differ) text(what, field, from, to string) {
	if from != to {
		d.add(what, field, nonEmpty(ChangeValue{Text: from}), nonEmpty(ChangeValue{Text: to}))
	}
}

func nonEmpty(v ChangeValue) *ChangeValue {
	if v == (ChangeValue{}) {
		return nil
	}
	return &v
}

// basisField names what else than an indicator's own words can change what it measures: the working days or the residents that are
// counted, or how the rows are read.
func basisField(before, after *City) string {
	switch {
	case !slices.Equal(before.Holidays, after.Holidays) || !slices.Equal(before.Weekend, after.Weekend):
		return "holidays"
	case !reflect.DeepEqual(before.Population, after.Population):
		return "population"
	}
	return "rows"
}

// compare finds what differs between two versions of an indicator. basis is what it is put down to if what is measured changed and none of
// the indicator's own words did.
func (d *differ) compare(was, now *Indicator, basis string) {
	before := len(d.list)
	d.measures(was, now)
	if was.Version != now.Version && len(d.list) == before {
		d.add(ChangeMeasure, basis, nil, nil)
	}
	d.targets(was, now)
	d.baselines(was, now)
	d.id(ChangeOwner, "owner", was.Owner, now.Owner)
	d.id(ChangeOwner, "department", was.Department, now.Department)
	d.judging(was, now)
	if !reflect.DeepEqual(was.Rebases, now.Rebases) {
		d.rebases(was, now)
	}
	d.id(ChangePublic, "public", strconv.FormatBool(was.Public), strconv.FormatBool(now.Public))
}

func (d *differ) measures(was, now *Indicator) {
	a, b := was.Measure, now.Measure
	d.id(ChangeMeasure, "dataset", was.Dataset, now.Dataset)
	d.id(ChangeMeasure, "measure", string(a.Kind), string(b.Kind))
	d.text(ChangeMeasure, "measure.of", a.Of, b.Of)
	d.text(ChangeMeasure, "measure.per", a.Per, b.Per)
	d.text(ChangeMeasure, "measure.from", a.From, b.From)
	d.text(ChangeMeasure, "measure.to", a.To, b.To)
	d.number(ChangeMeasure, "measure.p", given(a.P), given(b.P))
	d.number(ChangeMeasure, "measure.times", given(a.Times), given(b.Times))
	d.text(ChangeMeasure, "measure.where", a.Where, b.Where)
	d.text(ChangeMeasure, "measure.exclude", exclusions(a), exclusions(b))
	d.text(ChangeMeasure, "measure.date", a.Date, b.Date)
	d.id(ChangeMeasure, "unit", string(was.Unit), string(now.Unit))
	d.id(ChangeMeasure, "period", string(was.Period), string(now.Period))
}

// given is a number that the folder may leave out.
func given(v float64) *float64 {
	if v == 0 {
		return nil
	}
	return &v
}

// exclusions writes what is left out as the folder does.
func exclusions(m Measure) string {
	list := make([]string, len(m.Exclude))
	for k, e := range m.Exclude {
		list[k] = e.When + " (" + e.Because + ")"
	}
	return strings.Join(list, "; ")
}

// targets compares the newest target of each date and kind.
func (d *differ) targets(was, now *Indicator) {
	before, after := was.TargetsInForce(Date{}), now.TargetsInForce(Date{})
	find := func(list []Target, t Target) *Target {
		k := slices.IndexFunc(list, func(u Target) bool { return u.By == t.By && u.rank() == t.rank() })
		if k < 0 {
			return nil
		}
		return &list[k]
	}
	for _, t := range after {
		old := find(before, t)
		if old != nil && old.Value == t.Value && old.Low == t.Low && old.High == t.High {
			continue
		}
		d.target(t, targetValue(old, was.Direction), targetValue(&t, now.Direction))
	}
	for _, t := range before {
		if find(after, t) == nil {
			end := cmp.Or(now.dropped(t), &Target{By: t.By, Kind: t.Kind})
			d.target(*end, targetValue(&t, was.Direction), nil)
		}
	}
}

// dropped returns what says last that a target holds no longer; nil if nothing does.
func (i *Indicator) dropped(t Target) *Target {
	var last *Target
	for k := range i.Targets {
		if u := &i.Targets[k]; u.By == t.By && u.rank() == t.rank() && (last == nil || !u.Set.Before(last.Set)) {
			last = u
		}
	}
	if last == nil || !last.Dropped {
		return nil
	}
	return last
}

// target adds that a target came, with what it says of itself.
func (d *differ) target(t Target, from, to *ChangeValue) {
	c := d.add(ChangeTarget, t.field(), from, to)
	c.Target = t.By
	if !t.Reason.IsZero() || t.ByWhom != "" {
		c.Note = &ChangeNote{On: t.Set, What: []string{ChangeTarget}, ByWhom: t.ByWhom, Reason: t.Reason, Act: t.Act}
	}
}

// field names the target's kind in a change.
func (t Target) field() string {
	if t.Kind == "" {
		return TargetAnnual
	}
	return t.Kind
}

func targetValue(t *Target, direction Direction) *ChangeValue {
	switch {
	case t == nil || t.Dropped:
		return nil
	case direction == Range:
		low, high := t.Low, t.High
		return &ChangeValue{Low: &low, High: &high}
	}
	v := t.Value
	return &ChangeValue{Number: &v}
}

func (d *differ) baselines(was, now *Indicator) {
	value := func(b *Baseline) *ChangeValue {
		if b == nil {
			return nil
		}
		v := b.Value
		return &ChangeValue{Number: &v, Date: b.Date}
	}
	if !reflect.DeepEqual(was.Baseline, now.Baseline) {
		d.add(ChangeBaseline, "baseline", value(was.Baseline), value(now.Baseline))
	}
}

func (d *differ) judging(was, now *Indicator) {
	d.id(ChangeJudging, "direction", string(was.Direction), string(now.Direction))
	d.id(ChangeJudging, "trajectory", string(was.Trajectory), string(now.Trajectory))
	d.id(ChangeJudging, "adds_up_in", string(was.AddsUpIn), string(now.AddsUpIn))
	d.id(ChangeJudging, "judge", string(was.Judge.By), string(now.Judge.By))
	d.number(ChangeJudging, "judge.since", given(float64(was.Judge.Since)), given(float64(now.Judge.Since)))
	d.number(ChangeJudging, "judge.limit", was.Judge.Limit, now.Judge.Limit)
	d.id(ChangeJudging, "chart", string(was.Chart), string(now.Chart))
	d.number(ChangeJudging, "minimum", given(float64(was.Minimum)), given(float64(now.Minimum)))
	d.number(ChangeJudging, "settles_after", given(float64(was.SettlesAfter)), given(float64(now.SettlesAfter)))
	d.number(ChangeJudging, "suppress", given(float64(was.Suppress)), given(float64(now.Suppress)))
}

func (d *differ) rebases(was, now *Indicator) {
	has := func(list []Rebase, r Rebase) bool {
		return slices.ContainsFunc(list, func(s Rebase) bool { return s.From == r.From })
	}
	for _, r := range now.Rebases {
		if !has(was.Rebases, r) {
			c := d.add(ChangeRebase, "rebase", nil, &ChangeValue{Date: r.From})
			c.Note = &ChangeNote{On: r.Set, What: []string{ChangeRebase}, ByWhom: r.ByWhom, Reason: r.Reason}
		}
	}
	for _, r := range was.Rebases {
		if !has(now.Rebases, r) {
			d.add(ChangeRebase, "rebase", &ChangeValue{Date: r.From}, nil)
		}
	}
}

// explain gives the notes that stand first in a version of the folder to the changes that they explain.
func explain(list []Change, before *City, after FolderVersion) []Change {
	for k := range after.City.Indicators {
		now := &after.City.Indicators[k]
		was := before.Indicator(now.ID)
		if was == nil { // its notes were given to what it tells of its past, see told; here, why it came
			giveAdded(list, now, after)
			continue
		}
		for _, note := range now.Reasons {
			if slices.ContainsFunc(was.Reasons, func(n ChangeNote) bool { return reflect.DeepEqual(n, note) }) {
				continue
			}
			note.give(list, now.ID, after)
		}
	}
	return list
}

// giveAdded explains that an indicator was added.
func giveAdded(list []Change, now *Indicator, after FolderVersion) {
	for _, note := range now.Reasons {
		for k := range list {
			if c := &list[k]; c.Folder == after.Version && c.Indicator == now.ID && c.What == ChangeIndicator && note.about(ChangeIndicator) {
				c.Note = &note
			}
		}
	}
}

// give explains the changes of the version, or else the newest earlier one of its kind that has no note.
func (n ChangeNote) give(list []Change, indicator string, after FolderVersion) {
	found := false
	for k := range list {
		if c := &list[k]; c.Folder == after.Version && c.Indicator == indicator && n.about(c.What) {
			c.Note, found = &n, true
		}
	}
	for k := len(list) - 1; k >= 0 && !found; k-- {
		c := &list[k]
		if c.Indicator != indicator || !n.about(c.What) || c.Note != nil || n.On.After(c.Seen) {
			continue
		}
		for j := k; j >= 0 && list[j].Folder == c.Folder; j-- { // all that changed with it
			if list[j].Indicator == indicator && n.about(list[j].What) && list[j].Note == nil {
				list[j].Note = &n
			}
		}
		found = true
	}
}

// about reports whether the note speaks of a kind of change.
func (n ChangeNote) about(what string) bool { return len(n.What) == 0 || slices.Contains(n.What, what) }
