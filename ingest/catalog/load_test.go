package catalog_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/ingest/catalog"
	"citystat/kpi"
)

// load loads a folder that has to be good.
func load(t *testing.T, folder fs.FS) *kpi.City {
	t.Helper()
	city, problems, err := catalog.Load(folder)
	if err != nil || city == nil {
		t.Fatalf("Load: %v\n%s", err, problems)
	}
	return city
}

func TestNoFolder(t *testing.T) {
	city, problems, err := catalog.Load(os.DirFS(filepath.Join(t.TempDir(), "nowhere")))
	if !errors.Is(err, fs.ErrNotExist) || city != nil || problems != nil {
		t.Errorf("Load of a folder that does not exist: %v, %v, %v", city, problems, err)
	}
	if err != nil && !strings.Contains(err.Error(), "city.yaml") {
		t.Errorf("%v does not say what a city folder is", err)
	}
}

// refusing refuses to open one file.
type refusing struct {
	fstest.MapFS
	name string
}

func (r refusing) Open(name string) (fs.File, error) {
	if name == r.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return r.MapFS.Open(name)
}

func (r refusing) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == r.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return r.MapFS.ReadDir(name)
}

// TestUnreadable makes sure that a file which cannot be read is never taken for one that is not there.
func TestUnreadable(t *testing.T) {
	for _, name := range []string{"city.yaml", "datasets", "datasets/trees.yaml", "text/fr.yaml", "geo/districts.geojson", "geo/aliases.csv", "certs/city-ca.pem", "data/plan.csv", "data/population.csv", "data/holidays.csv", "geo/neighborhoods.csv", "geo/postcodes.csv", "assets/logo.svg"} {
		good := base(t)
		switch name {
		case "geo/neighborhoods.csv", "geo/postcodes.csv", "assets/logo.svg":
			good = folder(t, "public")
		case "certs/city-ca.pem":
			good = folder(t, "kinds")
		case "data/plan.csv":
			good = folder(t, "plan")
		case "data/population.csv", "data/holidays.csv":
			good = folder(t, "answers")
		}
		city, _, err := catalog.Load(refusing{good, name})
		if !errors.Is(err, fs.ErrPermission) || city != nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s cannot be read: Load gives %v, %v", name, city != nil, err)
		}
	}
}

// TestLinks follows symbolic links of a real folder: those that stay in it are read, those that leave it or go round in a circle are
// not.
func TestLinks(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "trees.csv")
	if err := os.WriteFile(outside, []byte("Tree;Planted\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, link, target, want string }{
		{"outside", "data/trees.csv", outside, "leaves the folder"},
		{"above", "data/trees.csv", "../../trees.csv", "leaves the folder"}, // there is nothing, and may be one day
		{"nothing", "data/trees.csv", "../more/elms.csv", "no file matches"},
		{"inside", "data/trees.csv", "../more/trees.csv", "-"},
		{"folder", "data/trees.csv", "../linked/trees.csv", "-"},
		{"folder outside", "data/trees.csv", "../away/trees.csv", "leaves the folder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			folder := base(t)
			delete(folder, c.link)
			folder["more/trees.csv"] = &fstest.MapFile{Data: []byte("Tree;Planted\n")}
			if err := os.CopyFS(dir, folder); err != nil {
				t.Fatal(err)
			}
			for link, target := range map[string]string{c.link: c.target, "linked": "more", "away": filepath.Dir(outside)} {
				if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			city, problems, err := catalog.Load(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "-" {
				if city == nil || len(problems) > 0 {
					t.Errorf("problems:\n%s", problems)
				}
				return
			}
			if missing := c.name == "nothing"; (city != nil) != missing {
				t.Errorf("a city is returned: %t", city != nil)
			}
			if len(problems) != 1 || problems[0].File != "datasets/trees.yaml" || !strings.Contains(problems[0].Message, c.want) {
				t.Errorf("problems:\n%s", problems)
			}
		})
	}
}

// TestHashes changes one thing at a time and looks which hashes follow.
func TestHashes(t *testing.T) {
	before := load(t, base(t))
	if again := load(t, base(t)); again.Hash != before.Hash || before.Hash == "" {
		t.Fatalf("the same folder has the hashes %q and %q", before.Hash, again.Hash)
	}
	for _, c := range []struct {
		name, file, edit string
		city             bool // whether the city's hash changes
		requests, trees  bool // whether the datasets' hashes change
	}{
		{"nothing that is read", "README.md", "A city\n=>\nThe city\n", false, false, false},
		{"a comment", "city.yaml", "publish: every_load\n=>\npublish: every_load # always\n", false, false, false},
		{"a translation", "text/es.yaml", "text: Parques\n=>\ntext: Jardines\n", true, false, false},
		{"a target", "datasets/trees.yaml", "value: 500\n=>\nvalue: 501\n", true, false, false},
		{"a warning", "datasets/requests.yaml", "  - {rule: closed >= opened, else: warn}\n=>\n", true, false, false},
		{"a rule that rejects", "datasets/requests.yaml", "{rule: closed >= opened, else: warn}\n=>\n{rule: closed >= opened, else: reject}\n", true, true, false},
		{"limits and expectations", "datasets/requests.yaml", "limits: {rejects: 100, share: 5%}\n=>\nlimits: {rejects: 1}\n", true, false, false},
		{"what is dropped", "datasets/requests.yaml", "drop: [REPORTER_NAME, REPORTER_EMAIL]\n=>\ndrop: [REPORTER_NAME]\n", true, false, false},
		{"a column's source", "datasets/requests.yaml", "from: COST\n=>\nfrom: COSTS\n", true, true, false},
		{"a value", "datasets/requests.yaml", "\"Tree Planting\": tree\n=>\nTrees: tree\n", true, true, false},
		{"the order of columns", "datasets/trees.yaml", "  tree:    {from: Tree, type: integer}\n=>\n--\n  planted: {from: Planted, type: date, format: \"%Y-%m-%d\", empty_is: unknown}\n=>\n  planted: {from: Planted, type: date, format: \"%Y-%m-%d\", empty_is: unknown}\n  tree:    {from: Tree, type: integer}\n", true, false, false},
		{"the encoding", "datasets/trees.yaml", "windows-1252\n=>\nutf-8\n", true, false, true},
		{"a dataset's zone", "datasets/trees.yaml", "America/Chicago\n=>\nAmerica/Denver\n", true, false, true},
		{"the city's zone", "city.yaml", "America/New_York\n=>\nAmerica/Detroit\n", true, true, true},
		{"the fiscal year", "city.yaml", "July\n=>\nOctober\n", true, true, true}, // both have an indicator by fiscal periods
		{"an alias", "geo/aliases.csv", "Harbor,old-harbor\n=>\nHarbour,old-harbor\n", true, true, false},
		{"how an alias is written", "geo/aliases.csv", "Harbor,old-harbor\n=>\nHARBOR,old-harbor\n", true, false, false},
		{"a shape on the map", "geo/districts.geojson", "[-71.05, 42.35], [-71.05, 42.36]\n=>\n[-71.05, 42.34], [-71.05, 42.36]\n", true, false, false},
	} {
		after := load(t, change(t, base(t), &txtar.Archive{Files: []txtar.File{{Name: c.file + " edit", Data: []byte(c.edit)}}}))
		if got := after.Hash != before.Hash; got != c.city {
			t.Errorf("%s: the city's hash changes: %t", c.name, got)
		}
		for id, want := range map[string]bool{"requests": c.requests, "trees": c.trees} {
			if got := after.Dataset(id).Hash != before.Dataset(id).Hash; got != want {
				t.Errorf("%s: the hash of %s changes: %t", c.name, id, got)
			}
		}
	}
}

// TestHashesOfKinds changes what was added to sources and columns, and looks whether the dataset is read in another way.
func TestHashesOfKinds(t *testing.T) {
	before := load(t, folder(t, "kinds"))
	for _, c := range []struct {
		dataset, was, is string
		changes          bool
	}{
		{"units", "schedule: weekdays 06:00", "schedule: daily 06:00", false},
		{"units", "department: works", "department: parks", false},
		{"units", "fresh opened within 2 weeks, else: warn", "fresh opened within 2 weeks, else: fail", false},
		{"units", "ends_at: [Total, Sum]", "ends_at: [Sum, Total]", false},
		{"units", "ends_at: [Total, Sum]", "ends_at: [Total]", true},
		{"units", "skip_lines: 3", "skip_lines: 2", true},
		{"units", "header_lines: 2", "header_lines: 1", true},
		{"units", `member: "*.csv"`, `member: "*.CSV"`, true},
		{"units", `["-", n/a]`, `[n/a, "-"]`, false},
		{"units", `["-", n/a]`, `[n/a]`, true},
		{"units", `[$, R$, "%"]`, `["%", R$, $]`, false},
		{"units", `[$, R$, "%"]`, `[$, R$]`, true},
		{"units", `["%d.%m.%y", excel, "%Y-%m-%d"]`, `["%d.%m.%y", "%Y-%m-%d", excel]`, true},
		{"units", "pivot: 1970", "pivot: 1960", true},
		{"units", `thousands: "'"`, "thousands: space", true},
		{"units", ", accounting: true", "", true},
		{"units", "others_are: other", "others_are: rest", true},
		{"units", "[0-9]{3}", "[0-9]{4}", true},
		{"units", "between 0 and 100000", "between 0 and 10000", true},
		{"requests", "exists unit in units.code, else: reject", "exists unit in units.code, else: warn", true},
		{"requests", "year=2025", "year=2024", true},
		{"requests", `token: "${PORTAL_TOKEN}"`, "token: {file: /run/secrets/token}", false},
		{"requests", `X-Api-Key: "${PORTAL_KEY}"`, `X-Api-Key: "${OTHER_KEY}"`, false},
		{"requests", "Accept: text/csv", "Accept: text/plain", true},
		{"requests", "max_bytes: 2 GB", "max_bytes: 1 GB", false},
		{"requests", "timeout: 30 minutes", "timeout: 10 minutes", false},
		{"requests", "retries: 2", "retries: 5", false},
		{"permits-old", "user: citystat", "user: other", false},
		{"permits-old", `"${SFTP_PASSWORD}"`, `"${OTHER}"`, false},
		{"plan", "sheet: Hoja1", "sheet: Hoja2", true},
		{"plan", "planned: PROGRAMADO 2025", "planned: PROG 2025", true},
		{"wages", "rows: result.records", "rows: result", true},
		{"events", "shape: lines", "shape: table", true},
		{"trees", ", geometry: drop", "", false},
		{"parks", ", geometry: district", ", geometry: drop", true},
		{"calls", ", delivers: changes", ", delivers: changes, cursor: :updated_at", false},
		{"calls", ", delivers: changes", ", delivers: changes, cursor: changed_at", true},
		{"calls", "status = 'open'", "status = 'closed'", true},
		{"calls", "abcd-1234", "abcd-1235", true},
		{"benches", "format: csv, delimiter: \"\\t\"", "format: csv", true},
		{"cases", "connection: \"${PERMITS_DB}\"", "connection: \"${OTHER_DB}\"", true},
		{"cases", "SELECT id, changed_at FROM", "SELECT id, changed_at, day FROM", true},
		{"cases", "timeout: 2 hours", "timeout: 1 hours", false},
		{"deliveries", "table: deliveries", "table: loads", true},
	} {
		name := "datasets/" + c.dataset + ".yaml"
		changed := folder(t, "kinds")
		text := string(changed[name].Data)
		if strings.Count(text, c.was) != 1 {
			t.Fatalf("%q stands %d times in %s", c.was, strings.Count(text, c.was), name)
		}
		changed[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.was, c.is, 1))}
		after := load(t, changed)
		if got := after.Dataset(c.dataset).Hash != before.Dataset(c.dataset).Hash; got != c.changes {
			t.Errorf("%s: %s: the dataset's hash changes: %t", c.dataset, c.is, got)
		}
		if wantCity := c.is != ", delivers: changes, cursor: :updated_at"; (after.Hash != before.Hash) != wantCity {
			t.Errorf("%s: %s: the city's hash changes: %t", c.dataset, c.is, !wantCity)
		}
	}
}

// TestHashesOfAnswers changes what is asked of the engine, one thing at a time: the folder is another one, and no rows are read in another way.
func TestHashesOfAnswers(t *testing.T) {
	before := load(t, folder(t, "answers"))
	for _, c := range []struct{ file, was, is string }{
		{"data/holidays.csv", "2025-07-04", "2025-07-05"},
		{"city.yaml", "weekend: [sunday, friday, saturday]", "weekend: [sunday]"},
		{"data/population.csv", "31250", "31251"},
		{"city.yaml", "value: 61250", "value: 61251"},
		{"city.yaml", "lamps-on-time: 2", "lamps-on-time: 3"},
		{"city.yaml", "average: true, weights: {lamps-on-time: 2, cost-per-lamp: 0.5, crew: 0}", "average: false"},
		{"city.yaml", "every: month, week: last", "every: month, week: first"},
		{"city.yaml", "minutes: 90", "minutes: 80"},
		{"city.yaml", "standing: [lamps-on-time, crew]", "standing: [crew, lamps-on-time]"},
		{"city.yaml", "announced: 2025-01-15", "announced: 2025-01-16"},
		{"city.yaml", "seasonal: true, ", ""},
		{"datasets/lamps.yaml", "value: 76, set: 2025-12-01", "value: 77, set: 2025-12-01"},
		{"datasets/lamps.yaml", "    adds_up_in: year\n    trajectory: seasonal\n", ""},
		{"datasets/lamps.yaml", "trajectory: seasonal", "trajectory: linear"},
		{"datasets/lamps.yaml", "period: month\n    adds_up_in: year", "period: week\n    adds_up_in: year"},
		{"datasets/lamps.yaml", "since: 2024, limit: 100", "since: 2023, limit: 100"},
		{"datasets/lamps.yaml", "since: 2024, limit: 100", "since: 2024, limit: 200"},
		{"datasets/lamps.yaml", "chart: p-prime", "chart: run"},
		{"datasets/lamps.yaml", "from: 2025-03-01, by_whom: the chief of works", "from: 2025-03-01, by_whom: the mayor"},
		{"datasets/lamps.yaml", "compare_with: mill-hill", "compare_with: city"},
		{"datasets/lamps.yaml", "below: 11", "below: 12"},
		{"datasets/lamps.yaml", "act: Ordinance 12-2025", "act: Ordinance 13-2025"},
		{"datasets/lamps.yaml", "p: 0.9", "p: 0.8"},
		{"datasets/lamps.yaml", "per: lamps}", "per: lamps, times: 10}"},
		{"datasets/lamps.yaml", "rate: {per: 1000}", "rate: {per: 100}"},
		{"data/plan.csv", "run,10,11", "xmr,10,11"},
		{"datasets/sites.yaml", "physical: 40, financial: 30", "physical: 41, financial: 30"},
		{"datasets/sites.yaml", "physical: 40, financial: 30", "physical: 40, financial: 31"},
		{"datasets/sites.yaml", "revised: 2025-03-20", "revised: 2025-03-21"},
		{"datasets/sites.yaml", "latitude: 42.355", "latitude: 42.356"},
		{"data/sites-plan.csv", "300000", "300001"},
	} {
		changed := folder(t, "answers")
		text := string(changed[c.file].Data)
		if strings.Count(text, c.was) != 1 {
			t.Fatalf("%q stands %d times in %s", c.was, strings.Count(text, c.was), c.file)
		}
		changed[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(text, c.was, c.is, 1))}
		city, problems, err := catalog.Load(changed)
		if err != nil || city == nil {
			t.Errorf("%s: %v\n%s", c.is, err, problems)
			continue
		}
		if city.Hash == before.Hash {
			t.Errorf("%s: the city's hash stays", c.is)
		}
		for _, d := range city.Datasets {
			if d.Hash != before.Dataset(d.ID).Hash {
				t.Errorf("%s: the hash of %s changes", c.is, d.ID)
			}
		}
	}
}

// TestShapesAndPlaces moves a district: what is read as a place in it changes, and nothing else.
func TestShapesAndPlaces(t *testing.T) {
	before := load(t, folder(t, "kinds"))
	moved := folder(t, "kinds")
	const name = "geo/districts.geojson"
	moved[name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(moved[name].Data), "42.36", "42.37"))}
	after := load(t, moved)
	for _, d := range before.Datasets {
		places := d.ID == "parks" || d.ID == "signs"
		if got := after.Dataset(d.ID).Hash != d.Hash; got != places {
			t.Errorf("%s: the hash changes: %t", d.ID, got)
		}
	}
	network := folder(t, "kinds")
	network["city.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(network["city.yaml"].Data), "3128", "3129", 1))}
	for _, d := range load(t, network).Datasets {
		if d.Hash != before.Dataset(d.ID).Hash {
			t.Errorf("%s: the hash changes with the proxy", d.ID)
		}
	}
}

// TestMinimal loads a folder that says only what it has to, and looks at what is filled in.
func TestMinimal(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/minimal.txtar")
	if err != nil {
		t.Fatal(err)
	}
	city := load(t, change(t, fstest.MapFS{}, archive))
	if city.FiscalStart != 1 || city.Publish != kpi.PublishEveryLoad || !city.AsOf.IsZero() || city.Bands != kpi.DefaultBands || city.Population != nil || len(city.Districts) != 0 {
		t.Errorf("the city's defaults are %+v", city)
	}
	if city.Formats[kpi.Portuguese] != "pt-BR" || len(city.Formats) != 1 || city.Source() != kpi.Portuguese || city.Name.String(kpi.English) != "Porto" {
		t.Errorf("its language is %v, its formats %v", city.Languages, city.Formats)
	}
	d := city.Dataset("requests")
	if d.TimeZone != "America/Sao_Paulo" || !reflect.DeepEqual(d.Source, kpi.Source{Kind: "csv", Path: "data/r.csv", Encoding: "utf-8", Delimiter: ",", Quote: `"`}) || d.Expect.MinRows != 1 || d.Limits != (kpi.RejectLimits{}) {
		t.Errorf("the dataset's defaults are %+v", d)
	}
	if d.Columns[0].EmptyIs != "reject" || d.Columns[1].EmptyIs != "unknown" || d.Columns[1].Format != "" {
		t.Errorf("the columns' defaults are %+v", d.Columns)
	}
	count, median := city.Indicator("opened"), city.Indicator("days")
	if count.Unit != kpi.Number || count.Decimals != 0 || count.Minimum != 0 || !count.Public || count.Trajectory != kpi.TrajectoryLinear || count.SettlesAfter != 0 {
		t.Errorf("the defaults of a count are %+v", count)
	}
	if median.Decimals != 1 || median.Minimum != 10 || median.SettlesAfter != 30 || median.Baseline != nil {
		t.Errorf("the defaults of a median are %+v", median)
	}
}

// TestHostile reads files that are made to keep the YAML library busy: each is refused or read, and none takes long enough for the
// tests' own time limit to be felt.
func TestHostile(t *testing.T) {
	const size = 1 << 18
	for _, s := range []string{"<", "<< ", "[", "{", "- ", "? ", "&a ", "*a ", "!x ", "a: [", "{a: ", "a:\n", "a: b\n", "- x\n", "|\n", ">\n\n", "'", "\"", "# x\n", "---\n", "%", "a: 'x'\n", ": ", ",", "[a]", "\t", "a: |\n b\n", "- - x\n  - y\n", "[x, é], "} {
		folder := base(t)
		folder["datasets/trees.yaml"] = &fstest.MapFile{Data: []byte(strings.Repeat(s, size/len(s)))}
		if _, problems, err := catalog.Load(folder); err != nil || !problems.Failed() {
			t.Errorf("%q repeated: %v, %d problems", s, err, len(problems))
		}
	}
}
