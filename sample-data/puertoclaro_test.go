package sampledata_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	sampledata "citystat/sample-data"
)

func puertoClaro(t *testing.T, name string) []byte {
	t.Helper()
	b, err := fs.ReadFile(sampledata.PuertoClaro(), name)
	if err != nil {
		t.Fatal(err)
	}
	return unzipped(t, name, b)
}

// TestNames: every sample city is found by its name, and nothing else is.
func TestNames(t *testing.T) {
	if got := sampledata.Names(); !slices.Equal(got, []string{"boston-2015", "puerto-claro"}) {
		t.Errorf("the sample cities are %q", got)
	}
	for _, name := range sampledata.Names() {
		files, ok := sampledata.City(name)
		if !ok {
			t.Errorf("%s is not found", name)
			continue
		}
		b, err := fs.ReadFile(files, "city.yaml")
		if err != nil || !bytes.Contains(b, []byte("\ncity: "+name+"\n")) {
			t.Errorf("%s is not the folder of that city: %v", name, err)
		}
	}
	if _, ok := sampledata.City("puerto-oscuro"); ok {
		t.Error("a city that is not there is found")
	}
}

// TestPuertoClaroSaysThatItIsMadeUp: in every language on the front page, and to whoever opens the folder.
func TestPuertoClaroSaysThatItIsMadeUp(t *testing.T) {
	c := cities[1]
	says := map[string]string{"es": "ficticios", "en": "fictional", "pt-BR": "fictícios", "fr": "fictifs"}
	if about := c.sources(t)["city.about"]; !strings.Contains(about, says["es"]) {
		t.Errorf("es: %q", about)
	}
	for _, lang := range c.languages {
		for _, x := range c.translations(t, lang).Texts {
			if x.At == "city.about" && !strings.Contains(x.Text, says[lang]) {
				t.Errorf("%s: %q", lang, x.Text)
			}
		}
	}
	if readme := puertoClaro(t, "README.md"); !bytes.Contains(readme, []byte("Puerto Claro no existe")) || !bytes.Contains(readme, []byte("made up")) {
		t.Error("README does not say that the city is made up")
	}
}

// TestPuertoClaroRowsAreThoseOfTheREADME holds the files to the table that a reader is shown, and to what a binary can carry.
func TestPuertoClaroRowsAreThoseOfTheREADME(t *testing.T) {
	told := regexp.MustCompile(`(?m)^\| (\S+\.csv(?:\.gz)?|\*\*all\*\*) \| \**([0-9,]+)\** \|$`).FindAllSubmatch(puertoClaro(t, "README.md"), -1)
	files, err := fs.Glob(sampledata.PuertoClaro(), "data/*.csv*")
	if err != nil {
		t.Fatal(err)
	}
	if beside := 2; len(told) != len(files)-beside+1 { // residents and holidays are no rows of a dataset
		t.Errorf("README tells of %d files and the sum, the folder has %d", len(told)-1, len(files)-beside)
	}
	total := 0
	for _, m := range told {
		want, err := strconv.Atoi(strings.ReplaceAll(string(m[2]), ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		got := total
		if name := string(m[1]); name != "**all**" {
			got = bytes.Count(puertoClaro(t, path.Join("data", name)), []byte("\n")) - 1
			total += got
		}
		if got != want {
			t.Errorf("%s: %d rows, README says %d", m[1], got, want)
		}
	}
	if total < 40_000 || total > 60_000 {
		t.Errorf("%d rows: they should be many enough to be a city, and no more than 60,000", total)
	}
	size := 0
	err = fs.WalkDir(sampledata.PuertoClaro(), ".", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += int(info.Size())
		}
		return err
	})
	if err != nil || size > 1_500_000 {
		t.Errorf("the folder has %d bytes, %v; it should stay under 1.5 MB", size, err)
	}
}

// TestPuertoClaroMap: rings are closed, no two districts overlap or leave a gap where they meet, and the city lies in the open sea.
func TestPuertoClaroMap(t *testing.T) {
	var c struct{ Features []feature }
	if err := json.Unmarshal(puertoClaro(t, "geo/distritos.geojson"), &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Features) != len(places) {
		t.Fatalf("%d districts, not %d", len(c.Features), len(places))
	}
	borders := map[[2][2]float64]int{}
	for i, f := range c.Features {
		id := places[i].id
		for _, r := range f.rings(t) {
			if len(r) < 20 || r[0] != r[len(r)-1] {
				t.Errorf("%s has a ring of %d points that is not closed, or is no drawn one", id, len(r))
			}
			area := 0.0
			for i := 1; i < len(r); i++ {
				a, b := r[i-1], r[i]
				area += a[0]*b[1] - b[0]*a[1]
				if b[0] < -102.1 || b[0] > -101.8 || b[1] < 1.9 || b[1] > 2.2 {
					t.Errorf("%s: %v is not where Puerto Claro lies", id, b)
				}
				if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
					a, b = b, a
				}
				borders[[2][2]float64{a, b}]++
			}
			if area <= 0 {
				t.Errorf("%s: the outer ring goes clockwise", id)
			}
		}
	}
	shared := 0
	for edge, n := range borders {
		if n > 2 {
			t.Errorf("%v is the border of %d districts", edge, n)
		}
		if n == 2 {
			shared++
		}
	}
	if shared < 100 {
		t.Errorf("only %d shared pieces of border: neighbours do not meet", shared)
	}
}

// TestPuertoClaroPlaces: every district has neighbourhoods and postcodes, and one postcode lies in two.
func TestPuertoClaroPlaces(t *testing.T) {
	parts, codes := map[string]int{}, map[string][]string{}
	for _, file := range []string{"geo/barrios.csv", "geo/codigos-postales.csv"} {
		rows, err := csv.NewReader(bytes.NewReader(puertoClaro(t, file))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows[1:] {
			if file == "geo/barrios.csv" {
				parts[r[0]]++
			} else {
				codes[r[0]] = append(codes[r[0]], r[1])
			}
		}
	}
	several := 0
	for _, p := range places {
		if parts[p.id] < 2 {
			t.Errorf("%s has %d neighbourhoods", p.id, parts[p.id])
		}
		found := false
		for _, list := range codes {
			found = found || slices.Contains(list, p.id)
		}
		if !found {
			t.Errorf("%s has no postcode", p.id)
		}
	}
	for _, list := range codes {
		if len(list) > 1 {
			several++
		}
	}
	if len(parts) != len(places) || several == 0 {
		t.Errorf("neighbourhoods of %d districts; %d postcodes lie in several", len(parts), several)
	}
}
