package kpi

import (
	"fmt"
	"slices"
	"testing"
)

// folders makes versions of a city with one indicator, each the one before with a change.
func folders(changes ...func(*City)) []FolderVersion {
	build := func(n int) *City {
		c := &City{ID: "c", Languages: []Lang{English}, Indicators: []Indicator{{
			ID: "x", Version: 1, Dataset: "d", Direction: Up, Owner: "ana", Department: "works", Unit: Percent, Period: Month, Public: true,
			Measure: Measure{Kind: MeasureShare, Of: "closed <= due", Date: "due"},
			Targets: []Target{by("2026-12-31", 80)},
		}}}
		for _, change := range changes[:n] {
			change(c)
		}
		return c
	}
	list := []FolderVersion{{1, Date{2025, 1, 1}, build(0)}}
	for k := range changes {
		list = append(list, FolderVersion{k + 2, Date{2025, 1, 1}.AddMonths(k + 1), build(k + 1)})
	}
	return list
}

func said(c Change) string {
	s := fmt.Sprintf("%d %s.%s", c.Folder, c.What, c.Field)
	if c.Note != nil {
		s += " by " + c.Note.ByWhom
	}
	return s
}

func TestChangesAmong(t *testing.T) {
	note := func(by string, on Date, what ...string) func(*City) {
		return func(c *City) {
			c.Indicators[0].Reasons = append(c.Indicators[0].Reasons, ChangeNote{On: on, What: what, ByWhom: by})
		}
	}
	ind := func(change func(*Indicator)) func(*City) { return func(c *City) { change(&c.Indicators[0]) } }
	both := func(fs ...func(*City)) func(*City) {
		return func(c *City) {
			for _, f := range fs {
				f(c)
			}
		}
	}
	moved := ind(func(i *Indicator) { i.Targets[0].Value, i.Targets[0].ByWhom = 75, "the mayor" })
	counted := ind(func(i *Indicator) { i.Measure.Where, i.Version = "type = 'a'", 2 })
	for name, c := range map[string]struct {
		versions []FolderVersion
		want     []string
	}{
		"nothing":                        {folders(func(*City) {}), nil},
		"a name":                         {folders(ind(func(i *Indicator) { i.Name = NewText(English, "new") })), nil},
		"a target, and who moved it":     {folders(moved), []string{"2 target.annual by the mayor"}},
		"a measure nobody explained":     {folders(counted), []string{"2 measure.measure.where"}},
		"explained at once":              {folders(both(counted, note("rosa", Date{2025, 1, 20}))), []string{"2 measure.measure.where by rosa"}},
		"explained later":                {folders(counted, note("rosa", Date{2025, 1, 20}, ChangeMeasure)), []string{"2 measure.measure.where by rosa"}},
		"a note of another kind":         {folders(counted, note("rosa", Date{2025, 1, 20}, ChangeOwner)), []string{"2 measure.measure.where"}},
		"a note of a later day":          {folders(counted, note("rosa", Date{2025, 7, 1})), []string{"2 measure.measure.where"}},
		"the reading of the rows":        {folders(ind(func(i *Indicator) { i.Version = 2 })), []string{"2 measure.rows"}},
		"another holiday":                {folders(both(ind(func(i *Indicator) { i.Version = 2 }), func(c *City) { c.Holidays = []Date{{2025, 5, 1}} })), []string{"2 measure.holidays"}},
		"other residents":                {folders(both(ind(func(i *Indicator) { i.Version = 2 }), func(c *City) { c.Population = &Population{Value: 3} })), []string{"2 measure.population"}},
		"a holiday that changes nothing": {folders(func(c *City) { c.Holidays = []Date{{2025, 5, 1}} }), nil},
		"owner and department":           {folders(ind(func(i *Indicator) { i.Owner, i.Department = "bo", "parks" })), []string{"2 owner.owner", "2 owner.department"}},
		"a target's date":                {folders(ind(func(i *Indicator) { i.Targets = []Target{by("2027-12-31", 80)} })), []string{"2 target.annual", "2 target.annual"}},
		"a baseline":                     {folders(ind(func(i *Indicator) { i.Baseline = &Baseline{Value: 3} })), []string{"2 baseline.baseline"}},
		"bands":                          {folders(func(c *City) { c.Bands = Bands{0.9, 0.5} }), []string{"2 judging.status_bands.on_track", "2 judging.status_bands.behind"}},
		"no longer public":               {folders(ind(func(i *Indicator) { i.Public = false })), []string{"2 public.public"}},
		"a rebase says why":              {folders(ind(func(i *Indicator) { i.Rebases = []Rebase{{From: Date{2025, 1, 1}, ByWhom: "rosa"}} })), []string{"2 rebase.rebase by rosa"}},
		"another indicator": {folders(func(c *City) { c.Indicators = append(c.Indicators, Indicator{ID: "y"}) },
			func(c *City) { c.Indicators = c.Indicators[:1] }), []string{"3 indicator.dropped", "2 indicator.added"}},
		"there and back": {folders(moved, ind(func(i *Indicator) { i.Targets[0].Value = 80 })), []string{"3 target.annual by the mayor", "2 target.annual by the mayor"}},
	} {
		var got []string
		for _, ch := range ChangesAmong(c.versions) {
			got = append(got, said(ch))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestChangeValues(t *testing.T) {
	c := ChangesAmong(folders(func(c *City) { c.Indicators[0].Targets[0].Value = 75 }))[0]
	if *c.From.Number != 80 || *c.To.Number != 75 || c.Target != (Date{2026, 12, 31}) || c.Seen != (Date{2025, 2, 1}) || c.Version != 1 {
		t.Errorf("%+v", c)
	}
	c = ChangesAmong(folders(func(c *City) {
		c.Indicators[0].Direction, c.Indicators[0].Targets = Range, []Target{{By: Date{2026, 12, 31}, Low: 1, High: 2}}
	}))[0]
	if *c.From.Number != 80 || *c.To.Low != 1 || *c.To.High != 2 {
		t.Errorf("%+v from %+v to %+v", c, c.From, c.To)
	}
}
