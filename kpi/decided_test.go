package kpi

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// decidedTown is a folder with three indicators: one that goes up, with targets, one to be kept in a range, and one without a direction.
func decidedTown() *City {
	set := NewDate(2025, 7, 1)
	return &City{
		ID: "town", Hash: strings.Repeat("a", 64), Languages: []Lang{English}, TimeZone: "America/New_York", FiscalStart: 1,
		People: []Person{{ID: "chief"}, {ID: "deputy"}, {ID: "clerk"}},
		Indicators: []Indicator{
			{ID: "lamps", Direction: Up, Owner: "chief", Targets: []Target{
				{By: NewDate(2026, 6, 30), Value: 80, Kind: TargetAnnual, Set: set}, {By: NewDate(2026, 12, 31), Value: 85, Kind: TargetAnnual, Set: set},
				{By: NewDate(2026, 12, 31), Value: 95, Kind: TargetTerm, Set: set},
			}},
			{ID: "water", Direction: Range, Owner: "chief", Targets: []Target{{By: NewDate(2026, 12, 31), Low: 20, High: 30, Kind: TargetAnnual, Set: set}}},
			{ID: "visits", Direction: Neutral},
		},
	}
}

// lamp is a decision about the lamps' target for the end of 2026.
func lamp(id int64, on Date, value float64) Decision {
	return Decision{
		Stamp: Stamp{ID: id, Since: time.Date(2026, 4, int(id), 12, 0, 0, 0, time.UTC)}, Kind: DecideTarget, State: DecisionInForce, Indicator: "lamps", On: on, Lang: English,
		Whose: "the council", Reason: fmt.Sprintf("reason %d", id), Target: &Target{By: NewDate(2026, 12, 31), Value: value}, Was: "85 since 2025-07-01",
	}
}

func dropped(d Decision) Decision { d.Kind = DecideDrop; return d }

func owned(id int64, on Date, post, was string) Decision {
	d := lamp(id, on, 0)
	d.Kind, d.Target, d.Owner, d.Was = DecideOwner, nil, post, was
	return d
}

func TestApply(t *testing.T) {
	march, april := NewDate(2026, 3, 3), NewDate(2026, 4, 7)
	withdrawn := lamp(1, march, 90)
	withdrawn.State, withdrawn.Why, withdrawn.At = DecisionWithdrawn, "a wrong number", time.Date(2026, 4, 20, 2, 0, 0, 0, time.UTC)
	fresh := lamp(1, march, 97)
	fresh.Target.By, fresh.Was = NewDate(2027, 12, 31), ""
	freshDropped := dropped(fresh)
	freshDropped.ID, freshDropped.On = 2, april
	gone := lamp(1, march, 90)
	gone.Indicator = "lights"
	ranged := lamp(1, march, 90)
	ranged.Indicator, ranged.Was = "water", "20..30 since 2025-07-01"
	kept := ranged
	kept.Target = &Target{By: NewDate(2026, 12, 31), Low: 22, High: 28}
	neutral := lamp(1, march, 90)
	neutral.Indicator, neutral.Was = "visits", ""
	edit := func(v float64, on Date) func(*City) { // the folder was changed by hand
		return func(c *City) {
			c.Indicators[0].Targets = append(c.Indicators[0].Targets, Target{By: NewDate(2026, 12, 31), Value: v, Kind: TargetAnnual, Set: on})
		}
	}
	for name, c := range map[string]struct {
		folder    func(*City)
		decisions []Decision
		states    string
		says      string // of what the first decision is about
		at        string // the target in force for the end of 2026 in each month from January to May
	}{
		"nothing":                         {nil, nil, "", "", "85 85 85 85 85"},
		"a new value":                     {nil, []Decision{lamp(1, march, 90)}, "in_force", "90 since 2026-03-03", "85 85 90 90 90"},
		"two, entered the other way":      {nil, []Decision{lamp(2, march, 90), lamp(1, april, 92)}, "in_force in_force", "92 since 2026-04-07", "85 85 90 92 92"},
		"two of one day":                  {nil, []Decision{lamp(2, march, 92), lamp(1, march, 90)}, "in_force in_force", "92 since 2026-03-03", "85 85 92 92 92"},
		"there and back":                  {nil, []Decision{lamp(1, march, 90), lamp(2, april, 85)}, "in_force in_force", "85 since 2026-04-07", "85 85 90 85 85"},
		"dropped":                         {nil, []Decision{dropped(lamp(1, march, 0))}, "in_force", "dropped since 2026-03-03", "85 85 - - -"},
		"dropped and set anew":            {nil, []Decision{dropped(lamp(1, march, 0)), lamp(2, april, 70)}, "in_force in_force", "70 since 2026-04-07", "85 85 - 70 70"},
		"for a day that had none":         {nil, []Decision{fresh}, "in_force", "97 since 2026-03-03", "85 85 85 85 85"},
		"and dropped again":               {nil, []Decision{fresh, freshDropped}, "in_force in_force", "dropped since 2026-04-07", "85 85 85 85 85"},
		"nothing to drop":                 {nil, []Decision{freshDropped}, "not_applicable target", "", "85 85 85 85 85"},
		"withdrawn":                       {nil, []Decision{withdrawn, lamp(2, april, 92)}, "withdrawn in_force", "92 since 2026-04-07", "85 85 85 92 92"},
		"the folder says it":              {edit(90, march), []Decision{lamp(1, march, 90)}, "in_folder", "90 since 2026-03-03", "85 85 90 90 90"},
		"the folder says it of a day off": {edit(90, march.AddDays(2)), []Decision{lamp(1, march, 90)}, "in_folder", "90 since 2026-03-05", "85 85 90 90 90"},
		"the folder says another":         {edit(88, april), []Decision{lamp(1, march, 90)}, "overtaken", "88 since 2026-04-07", "85 85 85 88 88"},
		"the first is in the folder":      {edit(90, march), []Decision{lamp(1, march, 90), lamp(2, april, 92)}, "in_folder in_force", "92 since 2026-04-07", "85 85 90 92 92"},
		"the folder dropped it": {func(c *City) { c.Indicators[0].Targets = c.Indicators[0].Targets[:1] }, []Decision{dropped(lamp(1, march, 0))},
			"in_folder", "", "- - - - -"},
		"the indicator is gone": {nil, []Decision{gone}, "not_applicable indicator", "", "85 85 85 85 85"},
		"a value for a range":   {nil, []Decision{ranged}, "not_applicable direction", "20..30 since 2025-07-01", "85 85 85 85 85"},
		"a range":               {nil, []Decision{kept}, "in_force", "22..28 since 2026-03-03", "85 85 85 85 85"},
		"never judged":          {nil, []Decision{neutral}, "not_applicable direction", "", "85 85 85 85 85"},
		"an owner":              {nil, []Decision{owned(1, march, "deputy", "chief"), owned(2, april, "clerk", "chief")}, "in_force in_force", "clerk", "85 85 85 85 85"},
		"an owner and back":     {nil, []Decision{owned(1, march, "deputy", "chief"), owned(2, april, "chief", "chief")}, "in_force in_force", "chief", "85 85 85 85 85"},
		"an owner that the folder has": {func(c *City) { c.Indicators[0].Owner = "deputy" }, []Decision{owned(1, march, "deputy", "chief")},
			"in_folder", "deputy", "85 85 85 85 85"},
		"an owner that the folder changed": {func(c *City) { c.Indicators[0].Owner = "clerk" }, []Decision{owned(1, march, "deputy", "chief")},
			"overtaken", "clerk", "85 85 85 85 85"},
		"a post that is gone": {func(c *City) { c.People = c.People[:1] }, []Decision{owned(1, march, "deputy", "chief")}, "not_applicable post", "chief", "85 85 85 85 85"},
	} {
		t.Run(name, func(t *testing.T) {
			folder := decidedTown()
			if c.folder != nil {
				c.folder(folder)
			}
			before := asJSON(t, folder)
			city, applied := Apply(folder, c.decisions)
			if asJSON(t, folder) != before {
				t.Error("the folder's city was changed")
			}
			var states []string
			changes := false
			for _, a := range applied {
				states = append(states, strings.TrimSpace(string(a.State)+" "+string(a.Lack)))
				changes = changes || a.State == AppliedInForce || a.State == AppliedWithdrawn
			}
			if got := strings.Join(states, " "); got != c.states {
				t.Errorf("states %q, want %q", got, c.states)
			}
			if (city.Hash != folder.Hash) != changes || len(city.Hash) != 64 {
				t.Errorf("the hash is %s", city.Hash)
			}
			if len(c.decisions) > 0 {
				if got := c.decisions[0].Says(city); got != c.says {
					t.Errorf("the city says %q, want %q", got, c.says)
				}
			}
			if got := inForceByMonth(city); got != c.at {
				t.Errorf("in force %q, want %q", got, c.at)
			}
		})
	}
}

// inForceByMonth is the annual target for the end of 2026, as it stands at the end of each month from January to May.
func inForceByMonth(c *City) string {
	var list []string
	for m := time.January; m <= time.May; m++ {
		s := "-"
		for _, x := range c.Indicators[0].TargetsInForce(NewDate(2026, m+1, 1).AddDays(-1)) {
			if x.By == NewDate(2026, 12, 31) && x.Kind == TargetAnnual {
				s = fmt.Sprint(x.Value)
			}
		}
		list = append(list, s)
	}
	return strings.Join(list, " ")
}

// TestWithdrawnSaysWhy: what is as before again has a reason that everybody can read, of the day in the city's zone.
func TestWithdrawnSaysWhy(t *testing.T) {
	folder, d := decidedTown(), lamp(1, NewDate(2026, 3, 3), 90)
	d.Act = Act{Title: "Order 4", URL: "https://example.gov/4"}
	decided, _ := Apply(folder, []Decision{d})
	d.State, d.Why, d.At = DecisionWithdrawn, "a wrong number", time.Date(2026, 4, 20, 2, 0, 0, 0, time.UTC)
	back, _ := Apply(folder, []Decision{d})
	list := ChangesAmong([]FolderVersion{{1, NewDate(2026, 1, 1), folder}, {2, NewDate(2026, 4, 1), decided}, {3, NewDate(2026, 4, 19), back}})
	if len(list) != 2 {
		t.Fatalf("changes: %+v", list)
	}
	if n := list[1].Note; n == nil || n.Act != d.Act || n.ByWhom != "the council" || n.On != d.On || *list[1].To.Number != 90 {
		t.Errorf("decided: %+v", list[1])
	}
	if n := list[0].Note; n == nil || n.Reason.String(English) != "a wrong number" || n.On != NewDate(2026, 4, 19) || n.ByWhom != "" || *list[0].To.Number != 85 {
		t.Errorf("withdrawn: %+v", list[0])
	}
	d = dropped(d)
	d.State = DecisionInForce
	gone, _ := Apply(folder, []Decision{d})
	list = ChangesAmong([]FolderVersion{{1, NewDate(2026, 1, 1), folder}, {2, NewDate(2026, 4, 1), gone}})
	if len(list) != 1 || list[0].To != nil || *list[0].From.Number != 85 || list[0].Note == nil || list[0].Note.Reason.String(English) != "reason 1" {
		t.Errorf("dropped: %+v", list)
	}
	told := ChangesAmong([]FolderVersion{{1, NewDate(2026, 4, 1), gone}})
	if len(told) != 1 || told[0].To != nil || !told[0].Told || told[0].Note.On != d.On {
		t.Errorf("told at first: %+v", told)
	}
}

// FuzzApply: whatever was decided in whatever order it came, the folder stays as it is, the order of the dates alone counts, and what was applied once
// is not applied again.
func FuzzApply(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		folder := decidedTown()
		before := asJSON(t, folder)
		var list []Decision
		days := r.Perm(40)
		for id := range int64(1 + r.IntN(8)) {
			d := lamp(id+1, NewDate(2026, 1, 1+days[id]), float64(r.IntN(4)*5+80))
			switch r.IntN(5) {
			case 0:
				d = dropped(d)
			case 1:
				d = owned(id+1, d.On, []string{"chief", "deputy", "clerk", "nobody"}[r.IntN(4)], "chief")
			case 2:
				d.Target.Kind = TargetTerm
				d.Was = "95 since 2025-07-01"
			}
			if r.IntN(5) == 0 {
				d.State, d.Why, d.At = DecisionWithdrawn, "by mistake", d.Since
			}
			if r.IntN(6) == 0 {
				d.Was = "84 since 2020-01-01"
			}
			list = append(list, d)
		}
		city, applied := Apply(folder, list)
		if asJSON(t, folder) != before {
			t.Fatal("the folder's city was changed")
		}
		shuffled := slices.Clone(list)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		other, otherApplied := Apply(folder, shuffled)
		if asJSON(t, city) != asJSON(t, other) || !reflect.DeepEqual(applied, otherApplied) {
			t.Fatal("the order of entry counts")
		}
		again, _ := Apply(city, list)
		if asJSON(t, again.Indicators) != asJSON(t, city.Indicators) {
			t.Fatalf("applied twice:\n%s\n%s", asJSON(t, city.Indicators[0]), asJSON(t, again.Indicators[0]))
		}
		for k := 1; k < len(applied); k++ {
			if applied[k].Decision.On.Before(applied[k-1].Decision.On) {
				t.Fatal("not in order of date")
			}
		}
	})
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestActOfEarlierFolders: of a folder that was recorded before, an act is a text.
func TestActOfEarlierFolders(t *testing.T) {
	var n ChangeNote
	if err := json.Unmarshal([]byte(`{"on":"2025-07-01","what":["owner"],"by_whom":"x","reason":{"source":"en","in":{"en":"y"}},"act":"Decreto 031 de 2025"}`), &n); err != nil {
		t.Fatal(err)
	}
	if n.Act != (Act{Title: "Decreto 031 de 2025"}) {
		t.Errorf("%+v", n.Act)
	}
	n.Act.URL, n.Act.Date = "https://example.gov", NewDate(2025, 7, 1)
	var again ChangeNote
	if err := json.Unmarshal([]byte(asJSON(t, n)), &again); err != nil || !reflect.DeepEqual(n, again) {
		t.Errorf("%+v, %v", again, err)
	}
}
