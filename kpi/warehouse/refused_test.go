package warehouse

import (
	"context"
	"slices"
	"testing"

	"citystat/kpi"
)

// TestRefusedOfFailedLoad: a load that is not taken because too many rows were refused, or because a check says so, hands them out with
// what they said; the warehouse keeps nothing of it.
func TestRefusedOfFailedLoad(t *testing.T) {
	for name, change := range map[string]func(*kpi.Dataset){
		"limit": func(d *kpi.Dataset) { d.Limits.Count = 1 },
		"check": func(d *kpi.Dataset) {
			d.Checks = append(d.Checks, kpi.Check{ID: "c9", Rule: "n < 100", Kind: kpi.CheckRow, Expr: "n < 100", Else: kpi.ElseFail})
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			city := &kpi.City{ID: "c", Languages: []kpi.Lang{kpi.English}, TimeZone: "UTC", Datasets: []kpi.Dataset{{
				ID: "d", Hash: "h", Key: []string{"id"},
				Columns: []kpi.Column{{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "n", From: "N", Type: kpi.TypeInteger}},
				Checks:  []kpi.Check{{ID: "c1", Rule: "n >= 0", Kind: kpi.CheckRow, Expr: "n >= 0", Else: kpi.ElseReject}},
			}}}
			change(&city.Datasets[0])
			in := loading(t, db, city, 1, 0, "2026-01-31", table{{"ID", "N"}, {"a", "1"}, {"b", "x"}, {"c", "-5"}, {"d", "500"}})
			out, err := db.Load(context.Background(), in)
			if err == nil {
				t.Fatal("the load was taken")
			}
			var got []string
			for _, r := range out.Refused {
				got = append(got, r.Reason+" "+r.Column+" "+r.Raw)
				if r.Load != 1 || r.Dataset != "d" || r.File != in.Load.Spool[0].Source || r.Line < 3 || r.Detail == "" {
					t.Errorf("a refused row is %+v", r)
				}
			}
			if want := []string{"bad_integer N x", "check  N = -5"}; !slices.Equal(got, want) {
				t.Errorf("refused were %q, and should be %q", got, want)
			}
			if versions, err := db.Versions(context.Background()); err != nil || len(versions) > 0 {
				t.Errorf("the warehouse holds versions %v, %v", versions, err)
			}
		})
	}
}
