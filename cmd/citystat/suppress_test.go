package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/stats"
)

const keptBackCity = `
city: harbor
name: Harbor
about: People who ask for help.
languages: [en]
time_zone: UTC
fiscal_year_starts: January
publish: every_load
as_of: 2026-05-31
departments: [{id: health, name: Health}]
priorities: [{id: care, name: Care, promise: Everybody who asks is helped.}]
`

const keptBackDataset = `
dataset: visits
name: Visits
why: Who asked for help, and was helped.
source: {kind: csv, path: data/visits.csv}
key: [id]
columns:
  id: {from: id, type: text}
  day: {from: day, type: date}
  age: {from: age, type: text}
  sex: {from: sex, type: text}
  helped: {from: helped, type: boolean}
dimensions: [age, sex]
indicators:
  - id: helped
    name: People who were helped
    sentence: How many of those who asked were helped.
    method: Visits by day.
    kind: outcome
    priority: care
    department: health
    measure: {share: {of: helped}, date: day}
    direction: up
    period: month
    minimum: 0
    suppress: {below: 11}
    targets: [{by: 2026-12-31, value: 90, set: 2026-01-01}]
  - id: visits
    name: People who asked
    sentence: How many asked.
    method: Visits by day.
    kind: output
    priority: care
    department: health
    measure: {count: {}, date: day}
    direction: none
    period: month
    suppress: {below: 11}
`

// visitors are so many people by month, age and sex, helped or not.
type visitors map[[3]string][2]int

func (v visitors) write(t *testing.T, dir string) {
	t.Helper()
	rows := [][]string{{"id", "day", "age", "sex", "helped"}}
	for k, n := range v {
		for part, helped := range []string{"true", "false"} {
			for i := range n[part] {
				rows = append(rows, []string{fmt.Sprintf("%s-%s-%s-%s-%d", k[0], k[1], k[2], helped, i), k[0] + "-15", k[1], k[2], helped})
			}
		}
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "data", "visits.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// place is where a number is shown: dimension, member, period.
type place [3]string

// shownNumbers are the observations of an indicator as the API has them.
func shownNumbers(t *testing.T, app *App, id string) map[place]kpi.Observation {
	t.Helper()
	var doc struct {
		Total        *kpi.Observation
		Members      []struct{ Total *kpi.Observation }
		Observations []kpi.Observation
	}
	if err := json.Unmarshal(get(t, app, "/api/v1/indicators/"+id), &doc); err != nil {
		t.Fatal(err)
	}
	list := map[place]kpi.Observation{}
	add := func(o *kpi.Observation) {
		if o != nil {
			list[place{o.Dimension, o.Member, o.Period}] = *o
		}
	}
	add(doc.Total)
	for _, m := range doc.Members {
		add(m.Total)
	}
	for k := range doc.Observations {
		add(&doc.Observations[k])
	}
	return list
}

// trueNumbers are the two counts behind every observation, from the live scorecard.
func trueNumbers(t *testing.T, app *App, id string) map[place][2]int64 {
	t.Helper()
	city, _ := app.engine.definitions()
	card, err := app.engine.builder.Build(context.Background(), kpi.At{AsOf: city.AsOf})
	if err != nil {
		t.Fatal(err)
	}
	list := map[place][2]int64{}
	add := func(o *kpi.Observation) {
		if o == nil {
			return
		}
		n := [2]int64{o.Rows, 0}
		if id == "helped" && o.Numerator != nil {
			n = [2]int64{int64(*o.Numerator), o.Rows - int64(*o.Numerator)}
		}
		list[place{o.Dimension, o.Member, o.Period}] = n
	}
	r := card.Result(id)
	add(r.Total)
	for k := range r.Series {
		add(&r.Series[k].Observation)
	}
	for k := range r.Members {
		add(r.Members[k].Total)
		for i := range r.Members[k].Series {
			add(&r.Members[k].Series[i])
		}
	}
	return list
}

// publication is what was shown, and what was true, at one time.
type publication struct {
	shown map[place]kpi.Observation
	truth map[place][2]int64
}

// readers are those who have all publications: they find no count from 1 to 10 of any of them. What one publication hides is known if
// another shows it and it was the same.
func readers(t *testing.T, id string, all []publication) (hidden int) {
	t.Helper()
	for n, p := range all {
		var places []place
		index := map[place]int{}
		for k := range p.truth {
			if _, ok := p.shown[k]; ok {
				index[k], places = len(places), append(places, k)
			}
		}
		for part := range 2 {
			table := &stats.CountTable{Largest: 10}
			for _, k := range places {
				count := p.truth[k][part]
				cell := stats.CountCell{Count: count}
				if p.shown[k].Suppressed != kpi.NotSuppressed && !knownElsewhere(all, n, k) {
					cell.Withheld, cell.Unlisted = count > 0, count == 0
					hidden++
				} else if count > 0 && count <= 10 {
					t.Fatalf("%s: publication %d shows %d of %v", id, n+1, count, k)
				}
				table.Cells = append(table.Cells, cell)
			}
			for k, whole := range index {
				for _, parts := range partsOf(k, index) {
					sum := int64(0)
					for _, i := range parts {
						sum += table.Cells[i].Count
					}
					if len(parts) > 0 && sum == table.Cells[whole].Count {
						table.AddTotal(whole, parts...)
					}
				}
			}
			audit, err := table.Audit()
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range audit.Unsafe() {
				t.Errorf("%s: publication %d lets readers find that part %d of %v is %d", id, n+1, part, places[i], table.Cells[i].Count)
			}
		}
	}
	return hidden
}

func knownElsewhere(all []publication, n int, k place) bool {
	for m, q := range all {
		if o, ok := q.shown[k]; m != n && ok && o.Suppressed == kpi.NotSuppressed && q.truth[k] == all[n].truth[k] {
			return true
		}
	}
	return false
}

// partsOf lists what adds up to a place: members of each dimension to the city, months to all of them.
func partsOf(whole place, index map[place]int) [][]int {
	members, months := map[string][]int{}, []int{}
	for k, i := range index {
		if whole[0] == "" && k[0] != "" && k[2] == whole[2] {
			members[k[0]] = append(members[k[0]], i)
		}
		if whole[2] == kpi.PeriodTotal && k[2] != kpi.PeriodTotal && k[0] == whole[0] && k[1] == whole[1] {
			months = append(months, i)
		}
	}
	return append([][]int{months}, members["age"], members["sex"])
}

// Numbers of too few people are on no page, in no file, in no metric, and cannot be worked out from all that was ever published.
func TestKeptBack(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"data", "datasets"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range map[string]string{"city.yaml": keptBackCity, "datasets/visits.yaml": keptBackDataset} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(20, 26))
	people := visitors{}
	grow := func(months ...string) {
		for _, month := range months {
			for _, age := range []string{"child", "adult", "old", "oldest"} {
				for _, sex := range []string{"f", "m", "x"} {
					n := [2]int{r.IntN(60), r.IntN(40)}
					if age == "oldest" || sex == "x" {
						n = [2]int{r.IntN(7), r.IntN(5)}
					}
					people[[3]string{month, age, sex}] = n
				}
			}
		}
	}
	grow("2026-01", "2026-02", "2026-03")
	people.write(t, dir)
	app := start(t, testOptions(dir, t.TempDir()))
	publications := map[string][]publication{}
	look := func() {
		for _, id := range []string{"helped", "visits"} {
			publications[id] = append(publications[id], publication{shownNumbers(t, app, id), trueNumbers(t, app, id)})
			silent(t, app, id, publications[id][len(publications[id])-1])
		}
	}
	look()
	for _, change := range []func(){
		func() { grow("2026-04") },
		func() { // late rows, and rows taken back, in months that were published
			for _, k := range [][3]string{{"2026-01", "oldest", "x"}, {"2026-02", "old", "f"}, {"2026-03", "child", "x"}} {
				people[k] = [2]int{people[k][0] + 12, people[k][1] + 13}
			}
			people[[3]string{"2026-02", "adult", "m"}] = [2]int{3, 2}
		},
		func() { grow("2026-05") },
	} {
		change()
		people.write(t, dir)
		reports, err := app.engine.Ingest(context.Background(), ingest.How{Trigger: kpi.TriggerPerson}, nil)
		if err != nil || reports[0].Error != "" {
			t.Fatalf("%v, %+v", err, reports)
		}
		look()
	}
	for id, all := range publications {
		if hidden := readers(t, id, all); hidden < 20 {
			t.Errorf("%s: only %d numbers were hidden: the test asks nothing", id, hidden)
		}
	}
}

// silent looks at pages, files and metrics for what the API says is hidden.
func silent(t *testing.T, app *App, id string, p publication) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(get(t, app, "/indicators/"+id+".csv")), "\ufeff"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	found := 0
	for _, row := range rows[1:] {
		k := place{row[column["dimension"]], row[column["member"]], row[column["period"]]}
		if o, ok := p.shown[k]; !ok || o.Suppressed == kpi.NotSuppressed {
			continue
		}
		found++
		for _, name := range []string{"numerator", "denominator", "value", "rows"} {
			if cell := row[column[name]]; cell != "" {
				t.Errorf("the CSV of %s has %s = %q of %v", id, name, cell, k)
			}
		}
		if row[column["suppressed"]] == "" {
			t.Errorf("the CSV of %s does not say that %v is hidden", id, k)
		}
	}
	if found == 0 {
		t.Errorf("%s: nothing is hidden in the CSV", id)
	}
	metrics := string(get(t, app, "/metrics"))
	card, err := app.engine.Published(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for k, o := range p.shown {
		if o.Suppressed == kpi.NotSuppressed {
			continue
		}
		if o.Value != nil || o.Numerator != nil || o.Denominator != nil || o.Rows != 0 || len(o.Excluded) > 0 {
			t.Errorf("the API shows %+v", o)
		}
		for _, line := range strings.Split(metrics, "\n") {
			if strings.Contains(line, `indicator="`+id+`"`) && strings.Contains(line, `"`+k[1]+`"`) && k[1] != "" && strings.Contains(line, `"`+k[2]+`"`) {
				t.Errorf("/metrics has %s", line)
			}
		}
	}
	hiddenInFindings(t, card.Result(id), p)
}

// hiddenInFindings looks at what is computed from the numbers.
func hiddenInFindings(t *testing.T, r *scorecard.Result, p publication) {
	t.Helper()
	for _, e := range r.Equity {
		for _, g := range e.Groups {
			for k, o := range p.shown {
				if k[0] == e.Dimension && k[1] == g.Member && k[2] >= e.From && k[2] <= e.To && o.Suppressed != kpi.NotSuppressed && g.Value != nil {
					t.Errorf("%s is compared with %v, and is hidden in %s", g.Member, *g.Value, k[2])
				}
			}
		}
	}
	for _, d := range r.Drivers {
		for _, g := range d.Groups {
			for _, period := range []string{d.From, d.To} {
				if o, ok := p.shown[place{d.Dimension, g.Member, period}]; ok && o.Suppressed != kpi.NotSuppressed {
					t.Errorf("%s moved the value by %v, and is hidden in %s", g.Member, g.Total, period)
				}
			}
		}
	}
}
