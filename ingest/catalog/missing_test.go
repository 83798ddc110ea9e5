package catalog_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"citystat/ingest/catalog"
)

// TestMissingData takes every file but the YAML files away, one at a time: without a data file the city is as it was, and the file is told as an
// error of its delivery; without one that definitions are read from there is no city.
func TestMissingData(t *testing.T) {
	definitions := []string{"data/plan.csv", "data/sites-plan.csv", "data/population.csv", "data/holidays.csv"}
	for name, wantData := range map[string]int{"base": 2, "kinds": 1, "plan": 0, "answers": 4} {
		good := folder(t, name)
		whole := load(t, good)
		data := 0
		for file := range good {
			if strings.HasSuffix(file, ".yaml") {
				continue
			}
			less := maps.Clone(good)
			delete(less, file)
			city, problems, err := catalog.Load(less)
			if err != nil {
				t.Fatal(err)
			}
			missing := problems.Deliveries()
			if (city == nil) != problems.Failed() || len(missing) > 0 && problems.Count(catalog.SeverityError) == 0 {
				t.Errorf("%s without %s: a city is returned: %t, with the problems\n%s", name, file, city != nil, problems)
			}
			if definition := !strings.HasPrefix(file, "data/") || slices.Contains(definitions, file); definition && len(missing) > 0 && city != nil {
				t.Errorf("%s is taken for a delivery:\n%s", file, problems)
			}
			if len(missing) == 0 || city == nil {
				continue
			}
			data++
			if city.Hash != whole.Hash {
				t.Errorf("%s without %s is another city", name, file)
			}
			if p := missing[0]; p.Severity != catalog.SeverityWarning || p.Line == 0 || !strings.Contains(p.Message, "no file matches") {
				t.Errorf("%s without %s: %+v", name, file, p)
			}
		}
		if data < wantData {
			t.Errorf("%s: %d files were taken for data, want at least %d", name, data, wantData)
		}
	}
}

// TestMissingAndWrong: a missing file excuses no mistake.
func TestMissingAndWrong(t *testing.T) {
	wrong := base(t)
	delete(wrong, "data/trees.csv")
	wrong["city.yaml"].Data = []byte(strings.Replace(string(wrong["city.yaml"].Data), "time_zone:", "time_zoone:", 1))
	city, problems, err := catalog.Load(wrong)
	if err != nil || city != nil || len(problems.Deliveries()) != 1 || problems.Count(catalog.SeverityError) < 2 {
		t.Errorf("a city is returned: %t, %v\n%s", city != nil, err, problems)
	}
}

// TestLinkToNothing: a pattern that matches a link whose file is gone is told as a delivery that is not there, and the folder can be read.
func TestLinkToNothing(t *testing.T) {
	dir := t.TempDir()
	good := base(t)
	yaml := good["datasets/trees.yaml"]
	yaml.Data = []byte(strings.Replace(string(yaml.Data), "data/trees.csv", "\"data/trees*.csv\"", 1))
	if err := os.CopyFS(dir, fs.FS(good)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("gone.csv", filepath.Join(dir, "data", "trees-2.csv")); err != nil {
		t.Fatal(err)
	}
	city, problems, err := catalog.Load(os.DirFS(dir))
	if err != nil || city == nil || len(problems.Deliveries()) != 1 || !strings.Contains(problems.String(), "trees-2.csv") {
		t.Errorf("a city is returned: %t, %v\n%s", city != nil, err, problems)
	}
	if err := os.Symlink(filepath.Join(t.TempDir(), "secret.csv"), filepath.Join(dir, "data", "trees-3.csv")); err != nil {
		t.Fatal(err)
	}
	city, problems, err = catalog.Load(os.DirFS(dir))
	if err != nil || city != nil || !strings.Contains(problems.String(), "leaves the folder") {
		t.Errorf("a link out of the folder behind one to nothing: a city is returned: %t, %v\n%s", city != nil, err, problems)
	}
}
