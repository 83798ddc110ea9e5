package catalog_test

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/catalog"
)

// FuzzLoad puts any text in the place of a file of a good folder. Load never panics or hangs, every problem lies within its file, and
// a city comes out exactly when there is no mistake.
func FuzzLoad(f *testing.F) {
	type place struct{ of, name string }
	places := []place{
		{"base", "city.yaml"}, {"base", "datasets/requests.yaml"}, {"base", "datasets/trees.yaml"}, {"base", "text/es.yaml"},
		{"base", "geo/districts.geojson"}, {"base", "geo/aliases.csv"},
	}
	good := map[string]fstest.MapFS{"base": base(f), "kinds": folder(f, "kinds"), "plan": folder(f, "plan"), "answers": folder(f, "answers"), "public": folder(f, "public")}
	places = append(places, place{"plan", "datasets/avance.yaml"}, place{"plan", "data/plan.csv"}, place{"plan", "text/en.yaml"})
	for _, name := range []string{"city.yaml", "datasets/lamps.yaml", "datasets/crew.yaml", "datasets/goals.yaml", "data/plan.csv", "data/population.csv", "data/holidays.csv", "text/es.yaml"} {
		places = append(places, place{"answers", name})
	}
	for _, name := range []string{"city.yaml", "datasets/lamps.yaml", "datasets/plan.yaml", "text/es.yaml", "text/fr.yaml", "geo/neighborhoods.csv", "geo/postcodes.csv", "assets/logo.svg"} {
		places = append(places, place{"public", name})
	}
	for _, name := range slices.Sorted(maps.Keys(good["kinds"])) {
		if !strings.HasPrefix(name, "data/") {
			places = append(places, place{"kinds", name})
		}
	}
	for i, p := range places {
		f.Add(uint8(i), string(good[p.of][p.name].Data))
	}
	broken, err := filepath.Glob("testdata/broken/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range broken {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		archive.Files = archive.Files[:len(archive.Files)-1]
		of := madeOf(file)
		folder := change(f, good[of], archive)
		for name, file := range folder {
			i := slices.Index(places, place{of, name})
			switch {
			case len(file.Data) >= 1<<16 || good[of][name] != nil && string(file.Data) == string(good[of][name].Data):
			case i >= 0:
				f.Add(uint8(i), string(file.Data))
			case strings.HasPrefix(name, "datasets/"): // one more, in the place of any other
				f.Add(uint8(slices.Index(places, place{"kinds", "datasets/units.yaml"})), string(file.Data))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		if len(text) > 1<<16 {
			return
		}
		p := places[int(which)%len(places)]
		folder := maps.Clone(good[p.of])
		folder[p.name] = &fstest.MapFile{Data: []byte(text)}
		city, problems, err := catalog.Load(folder)
		if err != nil {
			t.Fatal(err)
		}
		if (city == nil) != problems.Failed() {
			t.Errorf("a city is returned: %t; problems:\n%s", city != nil, problems)
		}
		for _, p := range problems {
			checkPlace(t, folder, p)
		}
		if city == nil {
			return
		}
		again, _, err := catalog.Load(folder)
		if err != nil || again == nil || again.Hash != city.Hash {
			t.Errorf("a second reading gives another city")
		}
	})
}

// checkPlace checks that a problem lies within its file and shows the line that it names.
func checkPlace(t *testing.T, folder fstest.MapFS, p catalog.Problem) {
	t.Helper()
	if p.Message == "" || p.Severity == "" {
		t.Errorf("%v says nothing", p)
	}
	data, err := folder.ReadFile(p.File)
	if p.Cell != "" { // a row of a table, whose fields may hold line ends
		if err != nil || p.Line < 1 || p.Column < 1 {
			t.Errorf("%v is in no cell of a table (%v)", p, err)
		}
		return
	}
	if p.Line == 0 {
		if p.Column != 0 || p.Source != "" {
			t.Errorf("%v has a column without a line", p)
		}
		return
	}
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v is in a file that does not exist", p)
	}
	text := strings.ReplaceAll(strings.TrimPrefix(string(data), "\ufeff"), "\r\n", "\n")
	lines := strings.Split(text, "\n")
	if p.Line > len(lines) {
		t.Fatalf("%v is in line %d of %d", p, p.Line, len(lines))
	}
	line := lines[p.Line-1]
	if p.Column < 1 || p.Column > utf8.RuneCountInString(line)+1 {
		t.Errorf("%v is beyond the end of %q", p, line)
	}
	if !shows(line, p) || len(line) < 1000 && utf8.RuneCountInString(p.Source) != utf8.RuneCountInString(line) {
		t.Errorf("%v shows %q of %q", p, p.Source, line)
	}
	if at := p.Column - p.Cut; at < 1 || at > utf8.RuneCountInString(p.Source)+1 {
		t.Errorf("%v does not show the place", p)
	}
}

// shows reports whether a problem shows a part of the line, but for the secrets in it.
func shows(line string, p catalog.Problem) bool {
	runes, shown := []rune(line), []rune(p.Source)
	if p.Cut+len(shown) > len(runes) {
		return false
	}
	return slices.EqualFunc(runes[p.Cut:p.Cut+len(shown)], shown, func(is, shown rune) bool { return is == shown || shown == '•' })
}
