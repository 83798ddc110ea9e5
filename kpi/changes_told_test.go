package kpi

import (
	"reflect"
	"strconv"
	"testing"
)

// told describes a change that a folder tells of the time before it.
func told(c Change) string {
	s := said(c)
	if c.From != nil && c.From.Number != nil {
		s += " from " + strconv.FormatFloat(*c.From.Number, 'f', -1, 64)
	}
	if c.To != nil && c.To.Number != nil {
		s += " to " + strconv.FormatFloat(*c.To.Number, 'f', -1, 64)
	}
	if c.Note != nil {
		s += " on " + c.Note.On.String() + " " + c.Note.Act.Title
	}
	return s
}

// TestChangesThatTheFirstFolderTells: a city that comes with a history is not told that nothing was ever changed.
func TestChangesThatTheFirstFolderTells(t *testing.T) {
	with := func(change func(*Indicator)) []FolderVersion {
		list := folders()
		change(&list[0].City.Indicators[0])
		return list
	}
	target := func(set Date, value float64, kind, who string) Target {
		return Target{By: Date{2026, 12, 31}, Value: value, Set: set, Kind: kind, ByWhom: who}
	}
	replaced := []Target{target(Date{2024, 1, 15}, 85, "", "mayor"), target(Date{2025, 11, 20}, 78, "", "council"), target(Date{2024, 1, 15}, 90, TargetTerm, "mayor")}
	for name, c := range map[string]struct {
		versions []FolderVersion
		want     []string
	}{
		"nothing":           {folders(), nil},
		"a replaced target": {with(func(i *Indicator) { i.Targets = replaced }), []string{"1 target.annual by council from 85 to 78 on 2025-11-20 "}},
		"the same value set again is no change": {with(func(i *Indicator) {
			i.Targets = []Target{target(Date{2024, 1, 15}, 85, "", "mayor"), target(Date{2025, 11, 20}, 85, "", "council")}
		}), nil},
		"a note of its day has the act": {with(func(i *Indicator) {
			i.Targets = replaced
			i.Reasons = []ChangeNote{{On: Date{2025, 11, 20}, What: []string{ChangeTarget}, ByWhom: "council", Act: Act{Title: "Act 14"}}, {On: Date{2025, 11, 21}, What: []string{ChangeTarget}, ByWhom: "nobody"}}
		}), []string{"1 target.annual by council from 85 to 78 on 2025-11-20 Act 14"}},
		"a note about all of a day": {with(func(i *Indicator) {
			i.Targets = replaced
			i.Reasons = []ChangeNote{{On: Date{2025, 11, 20}, ByWhom: "all"}}
		}), []string{"1 target.annual by all from 85 to 78 on 2025-11-20 "}},
		"limits that began anew, and a measure before the folder; the newest decision first": {with(func(i *Indicator) {
			i.Rebases = []Rebase{{From: Date{2025, 3, 1}, Set: Date{2025, 9, 12}, ByWhom: "works"}}
			i.Reasons = []ChangeNote{{On: Date{2026, 1, 1}, What: []string{ChangeMeasure, ChangeOwner}, ByWhom: "office"}, {On: Date{2024, 1, 1}, What: []string{ChangePublic}}}
		}), []string{"1 measure.measure by office on 2026-01-01 ", "1 owner.owner by office on 2026-01-01 ", "1 rebase.rebase by works on 2025-09-12 "}},
	} {
		var got []string
		for _, change := range ChangesAmong(c.versions) {
			got = append(got, told(change))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestChangesThatAnAddedIndicatorTells: what comes later brings its history too, and its notes do not run into each other.
func TestChangesThatAnAddedIndicatorTells(t *testing.T) {
	list := folders(func(c *City) {
		i := c.Indicators[0]
		i.ID = "y"
		i.Targets = []Target{
			{By: Date{2025, 12, 31}, Value: 60, Set: Date{2024, 1, 1}}, {By: Date{2025, 12, 31}, Value: 50, Set: Date{2024, 6, 1}},
			{By: Date{2026, 12, 31}, Value: 70, Set: Date{2024, 1, 1}}, {By: Date{2026, 12, 31}, Value: 65, Set: Date{2025, 2, 1}, ByWhom: "council"},
		}
		i.Reasons = []ChangeNote{{On: Date{2025, 2, 1}, What: []string{ChangeTarget, ChangeIndicator}, ByWhom: "council", Act: Act{Title: "Act 2"}}}
		c.Indicators = append(c.Indicators, i)
	})
	var got []string
	for _, change := range ChangesAmong(list) {
		got = append(got, told(change))
	}
	want := []string{
		"2 indicator.added by council on 2025-02-01 Act 2", "2 target.annual from 60 to 50", "2 target.annual by council from 70 to 65 on 2025-02-01 Act 2",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
