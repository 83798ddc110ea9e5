package kpi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// reorganised is a city in which parks and forests became green, which became environment with water a year later; roads ended without a successor.
func reorganised() *City {
	on := func(y int, m time.Month, d int) Date { return Date{Year: y, Month: m, Day: d} }
	return &City{
		Departments: []Department{
			{ID: "parks", Life: Life{Until: on(2023, 12, 31), Successors: []string{"green"}}},
			{ID: "forests", Life: Life{Until: on(2023, 12, 31), Successors: []string{"green", "police"}}},
			{ID: "green", Life: Life{From: on(2024, 1, 1), Until: on(2024, 12, 31), Successors: []string{"environment"}}},
			{ID: "water", Life: Life{Until: on(2024, 12, 31), Successors: []string{"environment"}}},
			{ID: "environment", Life: Life{From: on(2025, 1, 1)}},
			{ID: "police"},
			{ID: "roads", Life: Life{Until: on(2024, 6, 30)}},
		},
		Districts:  []District{{ID: "old", Life: Life{Until: on(2024, 6, 30), Successors: []string{"west", "east"}}}, {ID: "west"}, {ID: "east", Life: Life{From: on(2024, 7, 1)}}},
		Priorities: []Priority{{ID: "clean", Life: Life{Until: on(2024, 6, 30), Successors: []string{"round"}}}, {ID: "round"}},
	}
}

func TestHeirs(t *testing.T) {
	c := reorganised()
	for _, test := range []struct {
		kind OrgPart
		id   string
		day  string
		want string
	}{
		{OrgDepartment, "parks", "2023-12-31", "parks"}, {OrgDepartment, "parks", "2024-01-01", "green"}, {OrgDepartment, "parks", "2025-01-01", "environment"},
		{OrgDepartment, "forests", "2025-01-01", "environment police"}, {OrgDepartment, "roads", "2025-01-01", ""}, {OrgDepartment, "environment", "2020-01-01", "environment"},
		{OrgDepartment, "none", "2025-01-01", ""}, {OrgDistrict, "old", "2024-07-01", "west east"}, {OrgPriority, "clean", "2024-07-01", "round"}, {"county", "old", "2024-07-01", ""},
	} {
		day, err := ParseDate(test.day)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.Heirs(test.kind, test.id, day), " "); got != test.want {
			t.Errorf("%s %s on %s is carried on by %q, want %q", test.kind, test.id, day, got, test.want)
		}
	}
	c.Departments[4].Until, c.Departments[4].Successors = Date{2025, 6, 30}, []string{"parks"} // the catalog refuses a circle; one in an old version must end all the same
	if got := c.Heirs(OrgDepartment, "parks", Date{2026, 1, 1}); len(got) != 0 {
		t.Errorf("a circle leads to %v", got)
	}
	if got := c.Forebears(OrgDepartment, "environment"); !slices.Equal(got, []string{"green", "water"}) {
		t.Errorf("before the environment there were %v", got)
	}
	if got := c.Forebears(OrgDistrict, "east"); !slices.Equal(got, []string{"old"}) {
		t.Errorf("before the east there were %v", got)
	}
}

func TestThereOnADay(t *testing.T) {
	c := reorganised()
	for day, want := range map[Date][3]int{{2023, 12, 31}: {5, 2, 2}, {2024, 1, 1}: {4, 2, 2}, {2024, 7, 1}: {3, 2, 1}, {2025, 1, 1}: {2, 2, 1}} {
		if got := [3]int{len(c.DepartmentsOn(day)), len(c.DistrictsOn(day)), len(c.PrioritiesOn(day))}; got != want {
			t.Errorf("on %s there are %v departments, districts and priorities, want %v", day, got, want)
		}
	}
}

// TestLifeInJSON looks that what always was there is written as it always was, so that the hash of a folder that says nothing of this stays.
func TestLifeInJSON(t *testing.T) {
	b, err := json.Marshal(Department{ID: "parks"})
	if err != nil || strings.Contains(string(b), "from") || strings.Contains(string(b), "until") || strings.Contains(string(b), "successors") {
		t.Errorf("%s, %v", b, err)
	}
	var d District
	b, _ = json.Marshal(reorganised().Districts[0])
	if err := json.Unmarshal(b, &d); err != nil || d.Until.String() != "2024-06-30" || len(d.Successors) != 2 || !strings.Contains(string(b), `"until":"2024-06-30"`) {
		t.Errorf("%s, %v", b, err)
	}
}
