package catalog_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/catalog"
	"citystat/kpi"
)

// TestGood loads folders in which nothing is wrong, and compares the whole city with a golden file: one in four languages, one whose
// data come in every way that there is, one whose indicators are a table, one that asks all that can be answered, and one
// that says all that it can of its site.
func TestGood(t *testing.T) {
	for _, name := range []string{"base", "kinds", "plan", "answers", "public"} {
		t.Run(name, func(t *testing.T) {
			city, problems, err := catalog.Load(folder(t, name))
			if err != nil || len(problems) > 0 {
				t.Fatalf("Load: %v\n%s", err, problems)
			}
			b, err := json.MarshalIndent(city, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "testdata/"+name+".json", string(b)+"\n")

			var again kpi.City
			if err := json.Unmarshal(b, &again); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(city, &again); diff != "" {
				t.Errorf("the city does not survive JSON (-before +after):\n%s", diff)
			}
		})
	}
}

// TestBroken loads folders with mistakes and compares every message, with the line and the caret, with what the archive expects.
func TestBroken(t *testing.T) {
	files, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d broken folders, %v", len(files), err)
	}
	good := map[string]fstest.MapFS{"base": base(t), "kinds": folder(t, "kinds"), "plan": folder(t, "plan"), "answers": folder(t, "answers"), "public": folder(t, "public")}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := ""
			last := len(archive.Files) - 1
			if last < 0 || archive.Files[last].Name != "want" {
				t.Fatalf("%s does not end with what is wanted", file)
			}
			want = string(archive.Files[last].Data)
			archive.Files = archive.Files[:last]
			city, problems, err := catalog.Load(change(t, good[madeOf(file)], archive))
			if err != nil {
				t.Fatal(err)
			}
			if (city == nil) != problems.Failed() {
				t.Errorf("a city is returned: %t, and there are %d errors", city != nil, problems.Count(catalog.SeverityError))
			}
			var b strings.Builder
			if err := problems.Print(&b); err != nil {
				t.Fatal(err)
			}
			if *update {
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(b.String())})
				golden(t, file, string(txtar.Format(archive)))
				return
			}
			if b.String() != want {
				t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
			}
			if len(problems) == 0 {
				t.Error("nothing is wrong with it")
			}
		})
	}
}

// madeOf names the good folder of which a broken one is made: "kinds" is the one whose data come in every way, "plan" the one whose
// indicators are a table, "answers" the one that asks everything, "public" the one that says all of its site.
func madeOf(file string) string {
	for _, name := range []string{"kinds", "plan", "answers", "public"} {
		if strings.HasPrefix(filepath.Base(file), name+"-") {
			return name
		}
	}
	return "base"
}
