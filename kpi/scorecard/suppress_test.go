package scorecard

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"citystat/kpi"
)

// shares makes a published share by two dimensions from the rows of each person, so that everything adds up: rows[m][a][b] are the numbers that
// hold and that do not in month m of group a of the first dimension and b of the second.
func shares(rows [][][][2]int64) *Scorecard {
	ind := kpi.Indicator{
		ID: "x", Dataset: "d", Version: 1, Public: true, Suppress: 11, Direction: kpi.Up, Unit: kpi.Percent, Period: kpi.Month, Dimensions: []string{"age", "sex"},
		Measure: kpi.Measure{Kind: kpi.MeasureShare}, Targets: []kpi.Target{{By: date("2016-12-31"), Value: 90}},
	}
	s := &Scorecard{AsOf: date("2016-12-31"), City: &kpi.City{TimeZone: "UTC", Indicators: []kpi.Indicator{ind}, Datasets: []kpi.Dataset{{ID: "d"}}}}
	sums := map[cellKey][2]int64{}
	add := func(k cellKey, n [2]int64) {
		v := sums[k]
		sums[k] = [2]int64{v[0] + n[0], v[1] + n[1]}
	}
	var keys []cellKey
	for m, groups := range rows {
		for _, period := range []string{fmt.Sprintf("2015-%02d", m+1), kpi.PeriodTotal} {
			for a, list := range groups {
				for b, n := range list {
					for _, k := range []cellKey{{"", "", period}, {"age", fmt.Sprintf("a%d", a), period}, {"sex", fmt.Sprintf("b%d", b), period}} {
						if _, ok := sums[k]; !ok {
							keys = append(keys, k)
						}
						add(k, n)
					}
				}
			}
		}
	}
	r := Result{Indicator: &s.City.Indicators[0]}
	calendar := kpi.Calendar{}
	for _, k := range keys {
		n := sums[k]
		o := kpi.Observation{Indicator: "x", Version: 1, Dimension: k.dimension, Member: k.member, Period: k.period, Rows: n[0] + n[1], Excluded: map[string]int64{kpi.ReasonNoDate: 2}}
		num, den := float64(n[0]), float64(n[0]+n[1])
		o.Numerator, o.Denominator = &num, &den
		if den > 0 {
			v := 100 * num / den
			o.Value = &v
		}
		switch {
		case k.dimension == "" && k.period == kpi.PeriodTotal:
			r.Total = &o
		case k.dimension == "":
			p, _ := calendar.Parse(k.period)
			r.Series = append(r.Series, Point{Period: p, Observation: o})
		default:
			m := r.Member(k.dimension, k.member)
			if m == nil {
				r.Members = append(r.Members, Member{Dimension: k.dimension, Member: k.member})
				m = &r.Members[len(r.Members)-1]
			}
			if k.period == kpi.PeriodTotal {
				m.Total = &o
			} else {
				m.Series = append(m.Series, o)
			}
		}
	}
	of := subject{indicator: r.Indicator, city: s.City, asOf: s.AsOf}
	of.describe(&r)
	s.Results = []Result{r}
	return s
}

func publish(t *testing.T, s, before *Scorecard) *Scorecard {
	t.Helper()
	p, err := s.Public(before)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// two dimensions of a month: 2 and 3 in the smallest group.
func month(scale int64) [][][2]int64 {
	return [][][2]int64{{{40 * scale, 30}, {50 * scale, 20}}, {{30, 40}, {20, 20}}, {{1, 1}, {1, 2}}}
}

func TestSuppression(t *testing.T) {
	s := shares([][][][2]int64{month(1), month(2)})
	before, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	p := publish(t, s, nil)
	if after, err := json.Marshal(s); err != nil || !bytes.Equal(before, after) {
		t.Error("the scorecard itself was changed")
	}
	r := &p.Results[0]
	small := r.Observation("2015-01", "age", "a2")
	if small.Suppressed != kpi.SuppressedPrimary || small.Value != nil || small.Rows != 0 || small.Numerator != nil || small.Denominator != nil || small.Excluded != nil {
		t.Errorf("%+v", small)
	}
	hidden := 0
	for _, m := range r.Members {
		for _, o := range m.Series {
			if o.Excluded != nil {
				t.Errorf("rows left out of %s are shown", m.Member)
			}
			if o.Suppressed != kpi.NotSuppressed {
				hidden++
			}
		}
	}
	if hidden < 4 || hidden > 6 { // one more in each month, so that the total tells nothing; both dimensions
		t.Errorf("%d observations are hidden", hidden)
	}
	for _, o := range []*kpi.Observation{r.Observation("2015-01", "", ""), r.Observation("2015-01", "sex", "b0")} {
		if o.Suppressed != kpi.NotSuppressed || o.Value == nil {
			t.Errorf("hidden without need: %+v", o)
		}
	}
	if o := r.Observation("2015-01", "", ""); o.Excluded != nil {
		t.Errorf("two rows left out are shown: %v", o.Excluded)
	}
}

// Published again, the same is hidden; and what was hidden stays hidden when it grows.
func TestSuppressionOfSeveralPublications(t *testing.T) {
	first := publish(t, shares([][][][2]int64{month(1)}), nil)
	again := publish(t, shares([][][][2]int64{month(1)}), first)
	a, err := json.Marshal(first.Results)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := json.Marshal(again.Results); err != nil || !bytes.Equal(a, b) {
		t.Error("the same rows are published in another way")
	}
	grown := month(1)
	grown[2] = [][2]int64{{20, 15}, {25, 30}}
	third := publish(t, shares([][][][2]int64{grown, month(1)}), again)
	for _, m := range again.Results[0].Members {
		for _, o := range m.Series {
			now := third.Results[0].Observation(o.Period, m.Dimension, m.Member)
			if o.Suppressed != kpi.NotSuppressed && now.Suppressed == kpi.NotSuppressed {
				t.Errorf("%s in %s was hidden and is shown", m.Member, o.Period)
			}
		}
	}
	// By another definition the numbers are others.
	anew := shares([][][][2]int64{grown})
	for k := range anew.Results[0].Members {
		m := &anew.Results[0].Members[k]
		m.Total.Version = 2
		for i := range m.Series {
			m.Series[i].Version = 2
		}
	}
	anew.Results[0].Total.Version, anew.Results[0].Series[0].Observation.Version = 2, 2
	if o := publish(t, anew, again).Results[0].Observation("2015-01", "age", "a2"); o.Suppressed != kpi.NotSuppressed {
		t.Errorf("hidden for an older definition: %+v", o)
	}
}

// The judged value may be one that is not shown: then the status speaks of the last one that is.
func TestSuppressionJudgesWhatIsShown(t *testing.T) {
	tiny := [][][2]int64{{{1, 2}, {2, 1}}}
	s := shares([][][][2]int64{month(1), month(1), tiny})
	p := publish(t, s, nil)
	r := p.Results[0]
	if r.Series[2].Observation.Suppressed != kpi.SuppressedPrimary || r.Assessment.Period == "2015-03" || r.Assessment.Value != nil && *r.Assessment.Value == *s.Results[0].Assessment.Value {
		t.Errorf("judged %s: %v", r.Assessment.Period, r.Assessment.Value)
	}
	body, err := json.Marshal(r.Assessment)
	if err != nil || bytes.Contains(body, []byte("2015-03")) && bytes.Contains(body, []byte(`"rows":6,`)) {
		t.Errorf("%s, %v", body, err)
	}
}

// Whatever the rows are: readers who try all that they know of one table of small counts find no count from 1 to 10.
func TestSuppressionOfAnything(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 9))
	for range 150 {
		var all [][][][2]int64
		size := 1 + r.IntN(5) // the same groups in every month
		for range 1 + r.IntN(4) {
			var groups [][][2]int64
			for range size {
				var list [][2]int64
				for range 2 {
					n := [2]int64{int64(r.IntN(40)), int64(r.IntN(40))}
					if r.IntN(3) == 0 {
						n = [2]int64{int64(r.IntN(4)), int64(r.IntN(4))}
					}
					list = append(list, n)
				}
				groups = append(groups, list)
			}
			all = append(all, groups)
		}
		p := publish(t, shares(all), nil)
		res := &p.Results[0]
		check := func(o *kpi.Observation) {
			if o == nil || o.Suppressed != kpi.NotSuppressed {
				return
			}
			held := int64(*o.Numerator)
			for _, n := range []int64{held, o.Rows - held} {
				if n > 0 && n < 11 {
					t.Fatalf("%d of %s in %s are shown", n, o.Member, o.Period)
				}
			}
		}
		check(res.Total)
		for k := range res.Series {
			check(&res.Series[k].Observation)
		}
		for k := range res.Members {
			check(res.Members[k].Total)
			for i := range res.Members[k].Series {
				check(&res.Members[k].Series[i])
			}
		}
		// In each month, of each dimension: one hidden member beside a city that is shown could be worked out.
		for _, pt := range res.Series {
			for _, d := range []string{"age", "sex"} {
				var hidden []kpi.Suppression
				for _, m := range res.Members {
					if o := res.Observation(pt.Period.ID, d, m.Member); m.Dimension == d && o != nil && o.Suppressed != kpi.NotSuppressed {
						hidden = append(hidden, o.Suppressed)
					}
				}
				if pt.Observation.Suppressed == kpi.NotSuppressed && len(hidden) == 1 && slices.Contains(hidden, kpi.SuppressedPrimary) {
					t.Fatalf("the one hidden member of %s in %s can be worked out: %v", d, pt.Period.ID, all)
				}
			}
		}
	}
}
