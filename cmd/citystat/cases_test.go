package main

import (
	"cmp"
	"context"
	"slices"
	"testing"

	"citystat/kpi"
)

// TestBostonOpenCases finds the open street lights in the rows themselves, and compares each that is listed.
func TestBostonOpenCases(t *testing.T) {
	app, zone := serveSample(t), newYork(t)
	asOf := card(t, app).AsOf
	end := asOf.EndIn(zone)
	var open []request
	late := func(r request) bool { return !r.due.IsZero() && r.due.Before(end) }
	overdue := 0
	for _, r := range readRequests(t, "311-street-light-outages.csv.gz", "TYPE", "Street Light Outages") {
		if r.opened.Before(end) && (r.closed.IsZero() || !r.closed.Before(end)) {
			open = append(open, r)
			if late(r) {
				overdue++
			}
		}
	}
	slices.SortFunc(open, func(a, b request) int {
		when := func(r request) int { return map[bool]int{false: 1}[late(r)] }
		return cmp.Or(when(a)-when(b), a.opened.Compare(b.opened), cmp.Compare(a.id, b.id))
	})
	const limit = 50
	got, err := app.engine.OpenCases(context.Background(), kpi.CaseQuery{Indicator: "street-lights-on-time", Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	if len(open) < 1000 || got.Open != int64(len(open)) || got.Overdue != int64(overdue) || len(got.List) != limit {
		t.Fatalf("%d open, %d late, %d listed; in the rows %d are open and %d late", got.Open, got.Overdue, len(got.List), len(open), overdue)
	}
	for i, c := range got.List {
		want := open[i]
		if c.Key["case_id"] != want.id || c.Opened != kpi.DateOf(want.opened) || c.Due != kpi.DateOf(want.due) || !c.Overdue || c.Days != asOf.Sub(kpi.DateOf(want.opened)) {
			t.Errorf("%d. is %+v, want %+v", i+1, c, want)
		}
	}
	// Those that are late are just the number that another indicator counts; in the districts they add up.
	if waiting := card(t, app).Result("street-lights-waiting"); *waiting.Total.Value != float64(got.Overdue) {
		t.Errorf("%d are late, the indicator says %v", got.Overdue, *waiting.Total.Value)
	}
	city, _ := app.engine.definitions()
	sum := int64(0)
	for _, id := range append([]string{kpi.MemberNotRecorded, kpi.MemberNotRecognised}, districtsOf(city)...) {
		in, err := app.engine.OpenCases(context.Background(), kpi.CaseQuery{Indicator: "street-lights-on-time", District: id, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		sum += in.Open
	}
	if sum != got.Open {
		t.Errorf("%d are open, %d in the districts", got.Open, sum)
	}
	// What the folder says of Boston's indicators, and where nothing says which rows are open.
	for id, want := range map[string][3]string{
		"street-lights-waiting": {"opened", "closed", "due"}, "traffic-signals-hours": {"opened", "closed", "due"}, "potholes-internal-on-time": {"opened", "closed", "due"},
		"potholes-internal-filled": {}, "requests-opened": {},
	} {
		c, err := app.engine.OpenCases(context.Background(), kpi.CaseQuery{Indicator: id, Limit: 1})
		if err != nil || [3]string{c.Begin, c.End, c.Due} != want {
			t.Errorf("%s: %q to %q by %q, %v; want %q", id, c.Begin, c.End, c.Due, err, want)
		}
	}
}

func districtsOf(city *kpi.City) []string {
	var list []string
	for _, d := range city.Districts {
		list = append(list, d.ID)
	}
	return list
}
