package ingest_test

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"
	"github.com/xuri/excelize/v2"

	"citystat/ingest"
	"citystat/ingest/catalog"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// tenjo is the plan of a town in Colombia, a workbook with a row for each of its goals and columns for each year.
const tenjo = "testdata/tenjo"

// TestTenjo loads the plan of Tenjo as the town keeps it: 331 goals of one block in the folder, and the shares of them that were carried out,
// which the town's own dashboard shows as well.
func TestTenjo(t *testing.T) {
	folder := os.DirFS(tenjo)
	began := time.Now()
	city := readTenjo(t, folder)
	read := time.Since(began)

	r := mustOpen(t, t.TempDir(), city)
	t.Cleanup(func() { r.mustClose(t) })
	began = time.Now()
	rep, err := r.runner.Run(t.Context(), city, folder, "plan-indicativo", city.AsOf, byHand)
	if err != nil {
		t.Fatal(err)
	}
	load := time.Since(began)
	began = time.Now()
	card, err := scorecard.NewBuilder(shelf{r}).Build(t.Context(), kpi.At{AsOf: city.AsOf})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("folder read in %v, loaded and observed in %v, scorecard in %v", read, load, time.Since(began))
	l := &loaded{real: r, t: t, folder: folder, reports: map[string]ingest.Report{"plan-indicativo": rep}, card: card}

	addsUp(t, rep.Load)
	l.unreadable(rep)
	for year, want := range map[string][4]float64{"2024": {222, 20, 16, 73}, "2025": {104, 121, 68, 38}} {
		for i, id := range []string{"metas-con-avance-alto", "metas-con-avance-medio", "metas-con-avance-bajo", "metas-no-programadas"} {
			l.is(id, year, want[i])
		}
	}
	l.goals()
	l.traced(rep)
	sum := l.checksum()
	if err := r.runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := l.checksum(); again != sum {
		t.Errorf("the checksum after a rebuild is %s, and was %s", again, sum)
	}
}

// readTenjo reads the folder. What is wrong with the workbook is known, and does not stand in the way.
func readTenjo(t *testing.T, folder fs.FS) *kpi.City {
	t.Helper()
	city, problems, err := catalog.Load(folder)
	if err != nil || city == nil {
		t.Fatalf("%v\n%s", err, problems)
	}
	twice, totals := 0, 0
	for _, p := range problems {
		if strings.Contains(p.Message, "stands for two parts of the plan") {
			twice++
		}
		if p.Line == 333 && p.Cell == "R" {
			totals++
		}
	}
	if twice != 9 || totals != 1 || len(problems) != 10 {
		t.Errorf("%d numbers that stand for two parts, %d rows of totals, of\n%s", twice, totals, problems)
	}
	return city
}

// unreadable checks what became of the four rows below the goals: one holds totals and has no number, which refuses what it would become in
// either year; three are blank but for their frames.
func (l *loaded) unreadable(rep ingest.Report) {
	l.t.Helper()
	c := rep.Load.Counts
	if c.Accepted != 2*331 || c.Rejected != 2 || c.Skipped != 3 || c.Read != 2*331+2+3 {
		l.t.Errorf("counted %+v", c)
	}
	rejects, err := l.wh.Rejects(l.t.Context(), "plan-indicativo", rep.Load.ID, 10, 0)
	if err != nil {
		l.t.Fatal(err)
	}
	var got []string
	for _, r := range rejects {
		got = append(got, fmt.Sprintf("%s:%d %s %s", r.File, r.Line, r.Column, r.Reason))
	}
	one := "data/plan-indicativo.xlsx:333 COD META PRODUCTO blank"
	if diff := cmp.Diff([]string{one, one}, got); diff != "" {
		l.t.Error(diff)
	}
}

// goals compares every goal with the cells of the workbook, read by another library.
func (l *loaded) goals() {
	l.t.Helper()
	f, err := excelize.OpenFile(tenjo + "/data/plan-indicativo.xlsx")
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	cell := func(column string, row int) string {
		s, err := f.GetCellValue("PDM", fmt.Sprintf("%s%d", column, row), excelize.Options{RawCellValue: true})
		if err != nil {
			l.t.Fatal(err)
		}
		return s
	}
	node := map[string]kpi.PlanNode{}
	for _, n := range l.city.Plan.Nodes {
		node[n.ID] = n
	}
	for row := 2; row <= 332; row++ {
		id := "meta-" + cell("R", row)
		r := l.card.Result(id)
		if r == nil {
			l.t.Fatalf("there is no %s", id)
		}
		targets := map[string]float64{}
		for _, target := range r.Indicator.Targets {
			targets[target.By.String()] = target.Value
		}
		for year, columns := range map[string][2]string{"2024": {"AR", "AS"}, "2025": {"BG", "BH"}} {
			planned := mustFloat(l.t, cell(columns[0], row))
			if planned == 0 {
				if o := l.at(id, year, "", ""); o.Value != nil || o.Rows != 0 || o.Excluded["no-programada"] != 1 {
					l.t.Errorf("%s was not programmed for %s, and has %+v", id, year, o)
				}
			} else if o := l.is(id, year, mustFloat(l.t, cell(columns[1], row))); o.Rows != 1 || len(o.Excluded) != 0 {
				l.t.Errorf("%s comes of %d rows without %v", id, o.Rows, o.Excluded)
			}
			if target, has := targets[year+"-12-31"]; has != (planned != 0) || target != planned {
				l.t.Errorf("%s has the target %v for %s, and %v is planned", id, target, year, planned)
			}
		}
		l.judged(r, mustFloat(l.t, cell("BG", row)), mustFloat(l.t, cell("BH", row)))
		l.way(r.Indicator, node, []string{cell("A", row), cell("G", row), cell("J", row), cell("L", row)})
	}
	if len(l.card.Results) != 331+4 {
		l.t.Errorf("%d indicators", len(l.card.Results))
	}
}

// traced checks that every row of the kept copy says in which row of the workbook it stood, once for each year.
func (l *loaded) traced(rep ingest.Report) {
	l.t.Helper()
	kept := rep.Load.Spool[0]
	f, err := os.Open(filepath.Join(l.dir, "spool", kept.Copy[:2], kept.Copy+".csv.s2"))
	if err != nil {
		l.t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(s2.NewReader(f)).ReadAll()
	if err != nil {
		l.t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range all[0] {
		at[name] = i
	}
	years := map[string][]string{}
	for _, r := range all[1:] {
		if line := r[at["_line"]]; line != "333" && line != strconv.Itoa(1+int(mustFloat(l.t, r[at["COD META PRODUCTO"]]))) {
			l.t.Errorf("goal %s is said to stand in row %s", r[at["COD META PRODUCTO"]], line)
		}
		years[r[at["_line"]]] = append(years[r[at["_line"]]], r[at["year"]])
	}
	for line, list := range years {
		if !slices.Equal(list, []string{"2024", "2025"}) {
			l.t.Errorf("row %s became the years %v", line, list)
		}
	}
	if len(years) != 332 || kept.Source != "data/plan-indicativo.xlsx" {
		l.t.Errorf("%d rows of %s", len(years), kept.Source)
	}
}

// judged checks what the public is told of a goal that was programmed for 2025: its plan holds for that year, as planned. The town's own three
// shades, with 90 % for the best, are the counts.
func (l *loaded) judged(r *scorecard.Result, planned, executed float64) {
	l.t.Helper()
	if planned == 0 {
		if r.Assessment.Period == "2025" && r.Assessment.Status.Public() != kpi.PublicCannotSay {
			l.t.Errorf("%s was not programmed for 2025 and is judged as %s", r.Indicator.ID, r.Assessment.Status)
		}
		return
	}
	want := kpi.PublicOffTrack
	switch done := executed / planned; {
	case done >= 1-1e-9:
		want = kpi.PublicOnTrack
	case done >= 0.7-1e-9:
		want = kpi.PublicBehind
	}
	if got := r.Assessment.Status.Public(); got != want || r.Assessment.Period != "2025" {
		l.t.Errorf("%s: %v of %v is judged as %s in %s", r.Indicator.ID, executed, planned, r.Assessment.Status, r.Assessment.Period)
	}
}

// way checks where a goal stands in the plan: its axis, programme, sub-programme and result.
func (l *loaded) way(i *kpi.Indicator, node map[string]kpi.PlanNode, want []string) {
	l.t.Helper()
	var ids, got []string
	for n, ok := node[i.Plan]; ok; n, ok = node[n.Parent] {
		ids, got = append([]string{n.ID}, ids...), append([]string{n.Name.String(kpi.Spanish)}, got...)
	}
	for k := range want {
		want[k] = strings.Join(strings.Fields(want[k]), " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("%s: %s", i.ID, diff)
	}
	if len(ids) > 1 && (i.Priority != ids[0] || i.Goal != ids[1]) {
		l.t.Errorf("%s stands under %s and %s, and its way is %v", i.ID, i.Priority, i.Goal, ids)
	}
}
