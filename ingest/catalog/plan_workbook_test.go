package catalog_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xuri/excelize/v2"

	"citystat/ingest/catalog"
	"citystat/kpi"
)

// TestPlanOfAWorkbook: the same plan as a workbook gives the same indicators, whether its source is written out or not, and where cells of a
// level are merged they count for all rows if the folder says so.
func TestPlanOfAWorkbook(t *testing.T) {
	good := folder(t, "plan")
	want := load(t, good)
	for _, c := range []struct {
		name, from string
		merged     bool
	}{
		{"short", "from: data/plan.xlsx\n  sheet: Metas", false},
		{"whole", "from: {kind: xlsx, path: data/plan.xlsx, sheet: Metas, ends_at: [TOTAL]}", false},
		{"merged", "from: {kind: xlsx, path: data/plan.xlsx, sheet: Metas, merged: fill}", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := fstest.MapFS{}
			for name, file := range good {
				f[name] = file
			}
			delete(f, "data/plan.csv")
			text := string(good["datasets/avance.yaml"].Data)
			from := `from: {kind: csv, path: data/plan.csv, delimiter: ";", ends_at: [TOTAL]}`
			if !strings.Contains(text, from) {
				t.Fatal("the folder has another source")
			}
			f["datasets/avance.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(text, from, c.from, 1))}
			f["data/plan.xlsx"] = &fstest.MapFile{Data: workbook(t, string(good["data/plan.csv"].Data), c.merged)}
			city := load(t, f)
			if diff := cmp.Diff(want.Indicators, city.Indicators); diff != "" {
				t.Errorf("indicators (-csv +xlsx):\n%s", diff)
			}
			if diff := cmp.Diff(want.Plan, city.Plan); diff != "" {
				t.Errorf("plan (-csv +xlsx):\n%s", diff)
			}
		})
	}
}

// workbook writes the rows of the plan as texts into a sheet, but for the one that ends it.
func workbook(t *testing.T, text string, merged bool) []byte {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "Metas"))
	_, err = f.NewSheet("Otra")
	must(err)
	for i, row := range rows {
		if row[0] == "TOTAL" {
			break
		}
		must(f.SetSheetRow("Metas", fmt.Sprintf("A%d", i+1), &row))
	}
	if merged {
		for _, column := range []string{"A", "B", "C", "D"} { // the first two goals have the same way
			must(f.SetCellValue("Metas", column+"3", nil))
			must(f.MergeCell("Metas", column+"2", column+"3"))
		}
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	must(err)
	return b.Bytes()
}

// TestPlanChangesTheFolder: the table is a part of the folder, which is another version when a cell that is read changes, and the same when
// another one does.
func TestPlanChangesTheFolder(t *testing.T) {
	good := folder(t, "plan")
	before := load(t, good)
	for _, c := range []struct {
		from, to string
		other    bool
	}{
		{"1.200;1.500", "1.200;1.600", true}, {"Mejorar vías", "Mejorar las vías", true}, {";2.2;Caminos;", ";2.3;Caminos;", true},
		{";x;y", ";x;z", false}, {"La gente  primero;", "La gente primero;", false},
	} {
		f := edited(t, good, c.from, c.to)
		city := load(t, f)
		if (city.Hash != before.Hash) != c.other {
			t.Errorf("%q becomes %q: another folder: %v", c.from, c.to, city.Hash != before.Hash)
		}
		if city.Datasets[0].Hash != before.Datasets[0].Hash {
			t.Errorf("%q becomes %q: rows are read in another way", c.from, c.to)
		}
	}
}

// TestPlanLimits: a table of more rows than a plan may have is refused.
func TestPlanLimits(t *testing.T) {
	f := edited(t, folder(t, "plan"), "La gente primero;1.2;", strings.Repeat("La gente primero;1.2;Salud;Atención;3;Atender;Resultado;Salud;;urbana;0;;5;Sí;2024-01-01;;\n", 5000)+"La gente primero;1.2;")
	_, problems, err := catalog.Load(f)
	if err != nil || !problems.Failed() {
		t.Fatal(err, problems)
	}
	if p := problems[len(problems)-1]; !strings.Contains(problems.String(), "has more than 5000 rows") {
		t.Errorf("the last problem is %v", p)
	}
}

// TestPlanInAnotherLanguage: a text that all rows have in common is translated once, with the name of each row where that is translated.
func TestPlanInAnotherLanguage(t *testing.T) {
	city := load(t, folder(t, "plan"))
	for id, want := range map[string]string{"meta-1": "Goal 1 of the plan: Build aqueducts.", "meta-2": "Goal 2 of the plan: Reparar acueductos."} {
		if got, lang := city.Indicator(id).Sentence.For(kpi.English); got != want || lang != kpi.English {
			t.Errorf("%s says %q in %s", id, got, lang)
		}
	}
	if got, lang := city.Indicator("meta-2").Name.For(kpi.English); got != "Reparar acueductos" || lang != kpi.Spanish {
		t.Errorf("the name is %q in %s", got, lang)
	}
}

// edited replaces a text of the table that stands there once.
func edited(t *testing.T, good fstest.MapFS, from, to string) fstest.MapFS {
	t.Helper()
	return change(t, good, txtar.Parse([]byte("-- data/plan.csv edit --\n"+from+"\n=>\n"+to+"\n")))
}

// TestPlanOfTwoTables: a second table hangs its indicators on the parts that the first one has made.
func TestPlanOfTwoTables(t *testing.T) {
	one := load(t, folder(t, "plan"))
	two := folder(t, "plan")
	text := string(two["datasets/avance.yaml"].Data)
	for from, to := range map[string]string{"dataset: avance": "dataset: otro", `"meta-{code}"`: `"otra-{code}"`} {
		text = strings.Replace(text, from, to, 1)
	}
	two["datasets/otro.yaml"] = &fstest.MapFile{Data: []byte(text)}
	var more strings.Builder
	for _, line := range strings.Split(string(two["text/en.yaml"].Data), "\n") {
		more.WriteString(line + "\n")
		if strings.Contains(line, ".avance.") {
			more.WriteString(strings.Replace(line, ".avance.", ".otro.", 1) + "\n")
		}
	}
	two["text/en.yaml"] = &fstest.MapFile{Data: []byte(more.String())}
	city := load(t, two)
	if diff := cmp.Diff(one.Plan, city.Plan); diff != "" {
		t.Errorf("plan (-one table +two):\n%s", diff)
	}
	if diff := cmp.Diff(one.Priorities, city.Priorities); diff != "" {
		t.Errorf("priorities (-one table +two):\n%s", diff)
	}
	if a, b := city.Indicator("meta-3"), city.Indicator("otra-3"); a == nil || b == nil || a.Plan != b.Plan || len(city.Indicators) != 2*len(one.Indicators) {
		t.Errorf("%d indicators; %v and %v", len(city.Indicators), a, b)
	}
}

// TestPartsHaveIDsOfTheirOwn: a part that is called like the id of something else gets another id, and stays apart from it.
func TestPartsHaveIDsOfTheirOwn(t *testing.T) {
	f := edited(t, folder(t, "plan"), "Agua para todos;Acueducto;2;", "Agua para todos;Agua;2;")
	city := load(t, f)
	ids := map[string]int{}
	for _, n := range city.Plan.Nodes {
		ids[n.ID]++
	}
	product := city.Indicator("meta-2").Plan
	if product == "agua" || ids[product] != 1 || ids["agua"] != 1 || city.Indicator("meta-2").Goal != "agua" {
		t.Errorf("the product is %q, of %v", product, ids)
	}
}

// TestPlanSaysAMistakeOnce: what is wrong with a line that stands for thousands of rows is one mistake.
func TestPlanSaysAMistakeOnce(t *testing.T) {
	good := folder(t, "plan")
	var rows strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&rows, "La gente primero;1.2;Salud;Atención;%d;Atender;Resultado;Salud;;urbana;0;;5;Sí;2024-01-01;;\n", 100+i)
	}
	f := edited(t, good, "La gente primero;1.2;", rows.String()+"La gente primero;1.2;")
	f["datasets/avance.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(strings.Replace(string(f["datasets/avance.yaml"].Data),
		"    department: RESPONSABLE\n", "", 1), "    unit: number\n", "    unit: number\n    department: obra\n    why: \"\"\n", 1))}
	_, problems, err := catalog.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	want := "datasets/avance.yaml:35:17: there is no department \"obra\"; did you mean \"obras\"?\n" +
		"datasets/avance.yaml:36:10: \"why\" is empty; write why: Dark streets are dangerous streets.\n"
	if got := problems.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
