package ingest_test

import (
	"context"
	stdcsv "encoding/csv"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"citystat/ingest"
	"citystat/ingest/catalog"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// cities lie in testdata/cities: folders of real cities on rows that they published; SOURCES.md says whose.
const cities = "testdata/cities"

// loaded is a real city after its first load.
type loaded struct {
	*real
	t       *testing.T
	folder  fs.FS
	reports map[string]ingest.Report
	card    *scorecard.Scorecard
}

// shelf joins the stores to what a scorecard is built from.
type shelf struct{ *real }

// Definitions returns the folder as known then.
func (s shelf) Definitions(ctx context.Context, at kpi.At) (*kpi.City, int, error) {
	return s.ledger.City(ctx, at.KnownAt)
}

// Version returns the newest data version visible then.
func (s shelf) Version(ctx context.Context, at kpi.At) (int64, time.Time, error) {
	return s.ledger.Visible(ctx, at.KnownAt)
}

// Observations returns what was stored with the newest load.
func (s shelf) Observations(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.Observation, error) {
	v, _, err := s.ledger.Visible(ctx, at.KnownAt)
	if err != nil {
		return nil, err
	}
	return s.wh.Observations(ctx, city, v)
}

// Datasets returns the last load of each dataset.
func (s shelf) Record(context.Context, *kpi.City, kpi.At) (scorecard.Record, error) {
	return scorecard.Record{}, nil
}

func (s shelf) Datasets(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.DatasetState, error) {
	var list []kpi.DatasetState
	for _, d := range city.Datasets {
		last, _, err := s.ledger.LastLive(ctx, d.ID, at.KnownAt)
		if err != nil {
			return nil, err
		}
		list = append(list, kpi.DatasetState{Dataset: d.ID, Last: &last})
	}
	return list, nil
}

// readCity reads a city folder, which has to be without a mistake or a warning.
func readCity(t *testing.T, folder fs.FS) *kpi.City {
	t.Helper()
	city, problems, err := catalog.Load(folder)
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v\n%s", err, problems)
	}
	return city
}

// loadCity loads a real city by the whole path, twice, and rebuilds its warehouse: the counts add up, the only warnings are those that are
// explained, nothing is new the second time, and every number comes back.
func loadCity(t *testing.T, name string, explained map[string][]string) *loaded {
	t.Helper()
	ctx, folder := t.Context(), os.DirFS(filepath.Join(cities, name))
	city := readCity(t, folder)
	l := &loaded{real: mustOpen(t, t.TempDir(), city), t: t, folder: folder, reports: map[string]ingest.Report{}}
	t.Cleanup(func() { l.mustClose(t) })
	reports, err := l.runner.RunAll(ctx, city, folder, city.AsOf, byHand)
	if err != nil {
		t.Fatal(err)
	}
	for _, rep := range reports {
		l.reports[rep.Dataset] = rep
		addsUp(t, rep.Load)
		if diff := cmp.Diff(explained[rep.Dataset], rep.Warnings); diff != "" {
			t.Errorf("%s: warnings that nobody explains (-explained +came):\n%s", rep.Dataset, diff)
		}
	}
	sum := l.checksum()
	for _, ds := range city.Datasets {
		rep, err := l.runner.Run(ctx, city, folder, ds.ID, city.AsOf, byHand)
		if err != nil || !rep.Unchanged {
			t.Errorf("%s again: unchanged %v, %v", ds.ID, rep.Unchanged, err)
		}
	}
	if err := l.runner.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	if again := l.checksum(); again != sum {
		t.Errorf("the checksum after a rebuild is %s, and was %s", again, sum)
	}
	if l.card, err = scorecard.NewBuilder(shelf{l.real}).Build(ctx, kpi.At{AsOf: city.AsOf}); err != nil {
		t.Fatal(err)
	}
	return l
}

// addsUp checks that no row was lost on the way.
func addsUp(t *testing.T, l kpi.Load) {
	t.Helper()
	c, copied := l.Counts, int64(0)
	for _, f := range l.Spool {
		copied += f.Rows
	}
	if c.Read == 0 || c.Read != c.Accepted+c.Rejected+c.Skipped {
		t.Errorf("%s: read %d, accepted %d, rejected %d, skipped %d: they do not add up", l.Dataset, c.Read, c.Accepted, c.Rejected, c.Skipped)
	}
	if copied < c.Accepted || copied > c.Read {
		t.Errorf("%s: %d rows are in the copies, %d were accepted, %d read", l.Dataset, copied, c.Accepted, c.Read)
	}
}

func (l *loaded) checksum() string {
	l.t.Helper()
	_, sum, err := l.values(l.t.Context())
	if err != nil {
		l.t.Fatal(err)
	}
	return sum
}

// counts checks how many rows were read, accepted and rejected.
func (l *loaded) counts(dataset string, read, rejected int64) {
	l.t.Helper()
	if c := l.reports[dataset].Load.Counts; c.Read != read || c.Rejected != rejected || c.Accepted != read-rejected {
		l.t.Errorf("%s: %+v, want %d read and %d rejected", dataset, c, read, rejected)
	}
}

// at returns an observation, of the whole city if member is empty.
func (l *loaded) at(indicator, period, dimension, member string) *kpi.Observation {
	l.t.Helper()
	r := l.card.Result(indicator)
	if r == nil {
		l.t.Fatalf("the scorecard has no indicator %s", indicator)
	}
	o := r.Observation(period, dimension, member)
	if o == nil {
		l.t.Fatalf("%s has no observation for %s %s %s", indicator, period, dimension, member)
	}
	return o
}

// is checks a value of the whole city.
func (l *loaded) is(indicator, period string, want float64) *kpi.Observation {
	l.t.Helper()
	o := l.at(indicator, period, "", "")
	near(l.t, indicator+" "+period, o.Value, want)
	return o
}

// near compares to a hundred-millionth: sums of decimal fractions are not exact.
func near(t *testing.T, what string, got *float64, want float64) {
	t.Helper()
	if got == nil || math.Abs(*got-want) > 1e-8*max(1, math.Abs(want)) {
		t.Errorf("%s is %s, want %v", what, number(got), want)
	}
}

// records reads a CSV file of a city apart from everything that is tested.
func records(t *testing.T, folder fs.FS, name string) []map[string]string {
	t.Helper()
	f, err := folder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := stdcsv.NewReader(f)
	if path.Ext(name) == ".gz" {
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		r = stdcsv.NewReader(z)
	}
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, rec := range all[1:] {
		m := map[string]string{}
		for i, h := range all[0] {
			m[h] = rec[i]
		}
		list = append(list, m)
	}
	return list
}

func mustFloat(t *testing.T, s string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestNewYork counts the targets of the Mayor's Management Report in three ways: as the authors of the table judged each row, as we judge its
// value by its direction, and as the authors counted them by agency. The first column of either file has no name: its row numbers are left
// out.
func TestNewYork(t *testing.T) {
	unnamed := []string{"columns that are not declared were left out: column 1 (no name)"}
	l := loadCity(t, "new-york", map[string][]string{"indicators": unnamed, "agencies": unnamed})
	l.counts("indicators", 1139, 0)
	l.counts("agencies", 35, 0)

	met := l.is("targets-met", "FY2023", 183)
	if diff := cmp.Diff(map[string]int64{"no-target": 788}, met.Excluded); diff != "" {
		t.Errorf("rows that cannot be judged:\n%s", diff)
	}
	l.is("targets-not-met", "FY2023", 168)
	l.is("agencies-met", "FY2023", 183)
	l.is("agencies-not-met", "FY2023", 168)
	share := l.is("targets-met-share", "FY2023", 100*183.0/351)
	if *share.Numerator != 183 || *share.Denominator != 351 || share.Excluded["no-target"] != 788 {
		t.Errorf("judged by us: %v of %v, %v left out", *share.Numerator, *share.Denominator, share.Excluded)
	}
	for _, r := range records(t, l.folder, "data/agencies.csv") {
		agency := r["Agency.Number"]
		want, ours := mustFloat(t, r["Met_Goal"]), agency
		if agency == "NA" { // indicators that the authors gave to no agency
			ours = kpi.MemberNotRecorded
		}
		near(t, "met by agency "+agency+", by the authors", l.at("agencies-met", "FY2023", "agency", agency).Value, want)
		near(t, "met by agency "+agency, l.at("targets-met", "FY2023", "agency", ours).Value, want)
	}
}

// TestLosAngeles reads tables in which a blank means the whole. The rows of a total are used for the city, those of its parts by what they are
// parts of; all rows together would double the one and count the other up to five times.
func TestLosAngeles(t *testing.T) {
	l := loadCity(t, "los-angeles", map[string][]string{})
	l.counts("revenue", 88, 0)
	l.counts("violent-crimes", 80, 0)
	l.counts("poverty", 168, 0)

	total, parts := map[string]float64{}, map[string]map[string]float64{}
	for _, r := range records(t, l.folder, "data/indicator_17-1-1.csv") {
		fy := "FY" + r["Year"][5:]
		if r["Revenue Source"] == "" {
			total[fy] = mustFloat(t, r["Value"])
			continue
		}
		if parts[fy] == nil {
			parts[fy] = map[string]float64{}
		}
		parts[fy][r["Revenue Source"]] = mustFloat(t, r["Value"])
	}
	for fy, want := range total {
		l.is("revenue", fy, want)
		sum := 0.0
		for source, part := range parts[fy] {
			near(t, fy+" "+source, l.at("revenue-by-source", fy, "source", source).Value, part)
			sum += part
		}
		l.is("revenue-by-source", fy, sum)
		l.is("revenue-naive", fy, want+sum)
		if math.Abs(sum-want) > 0.02 { // the published parts are rounded
			t.Errorf("%s: the parts are %v and the total is %v", fy, sum, want)
		}
	}
	if len(total) != 11 || total["FY2010"] != 6884.79 {
		t.Errorf("%d totals, of FY2010 %v", len(total), total["FY2010"])
	}
	r := l.card.Result("revenue-by-source")
	var members []string
	for _, m := range r.Members {
		if m.Member != kpi.MemberNotRecorded {
			members = append(members, m.Member)
		} else if m.Total.Rows != 0 || *m.Total.Value != 0 {
			t.Errorf("the blank, which is the total, is counted among its parts: %d rows, %v", m.Total.Rows, *m.Total.Value)
		}
	}
	slices.Sort(members)
	if want := slices.Sorted(maps.Keys(parts["FY2010"])); !slices.Equal(members, want) {
		t.Errorf("members %q, want %q", members, want)
	}
	for year, want := range map[string][3]float64{"2010": {22348, 22321, 109576}, "2019": {29240, 27865, 140792}} {
		l.is("violent-crimes", year, want[0])
		l.is("violent-crimes-by-gender", year, want[1])
		l.is("violent-crimes-naive", year, want[2])
	}
	women := 0.0
	for _, r := range records(t, l.folder, "data/indicator_16-1-3.csv") {
		if r["Year"] == "2010" && r["Gender"] == "Female" {
			women += mustFloat(t, r["Value"])
		}
	}
	near(t, "women in 2010", l.at("violent-crimes-by-gender", "2010", "gender", "female").Value, women)
	if o := l.is("deep-poverty", "2012", 10); o.Rows != 1 {
		t.Errorf("the total of 2012 comes of %d rows, want the one of its table", o.Rows)
	}
}

// TestOakland adds up four adopted budgets. Their headers are the same; what drifts is how the departments are called: eleven names changed in
// the second year and sixteen in the third.
func TestOakland(t *testing.T) {
	l := loadCity(t, "oakland", map[string][]string{})
	l.counts("budget", 19456+19233+22236+22236, 0)
	for fy, want := range map[string][2]float64{
		"FY2020": {1656222651, 1656222651}, "FY2021": {1652052100, 1652052100}, "FY2022": {2033463039, 2033313039}, "FY2023": {1920271118, 1920079118},
	} {
		l.is("expense", fy, want[0])
		blanks := map[string]int64{}
		if fy >= "FY2022" {
			blanks["no-value"] = 1
		}
		if o := l.is("revenue", fy, want[1]); !maps.Equal(o.Excluded, blanks) {
			t.Errorf("%s: left out %v, want %v", fy, o.Excluded, blanks)
		}
	}
	for year, fy := range map[string]string{"FY19-20": "FY2020", "FY20-21": "FY2021", "FY21-22": "FY2022", "FY22-23": "FY2023"} {
		police := 0.0
		for _, r := range records(t, l.folder, "data/"+year+"__adopted.csv.gz") {
			if r["account_type"] == "Expense" && strings.HasPrefix(r["department"], "Police") && r["department"] != "Police Commission" {
				police += mustFloat(t, r["amount"])
			}
		}
		near(t, "police in "+fy, l.at("expense", fy, "department", "police").Value, police)
	}
}

// TestOaklandDrift delivers a year whose columns and departments are called otherwise than declared. Either is reported with the likely new
// name, and the numbers stay.
func TestOaklandDrift(t *testing.T) {
	folder := copyFolder(t, filepath.Join(cities, "oakland"))
	yaml := string(folder["datasets/budget.yaml"].Data)
	yaml = strings.Replace(yaml, "FY*__adopted.csv.gz", "budget-*.csv", 1)
	yaml = strings.Replace(yaml, "limits: {rejects: 1}\n", "", 1)
	for _, later := range []string{"\n      \"Finance\": finance", "\n      \"Department of Transportation\": transportation"} {
		if !strings.Contains(yaml, later) {
			t.Fatalf("the folder does not list %s", later)
		}
		yaml = strings.Replace(yaml, later, "", 1)
	}
	folder["datasets/budget.yaml"].Data = []byte(yaml)
	const header = "budget_year,department,account_type,fund_code,account_category,amount\n"
	folder["data/budget-19.csv"] = &fstest.MapFile{Data: []byte(header + "FY19-20,Finance Department,Expense,1010,Services & Supplies,100\n")}
	city := readCity(t, folder)
	r := mustOpen(t, t.TempDir(), city)
	defer r.mustClose(t)
	if _, err := r.runner.Run(t.Context(), city, folder, "budget", city.AsOf, byHand); err != nil {
		t.Fatal(err)
	}
	before, _, err := r.values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for drift, want := range map[string]string{
		"budget_year,department,account_type,fund_code,category,amount\n":                       `column "account_category" is missing; the header has "category": renamed? If so, write from: category in datasets/budget.yaml`,
		"fiscal_year,dept,account_type,fund_code,account_category,amount\n":                     `column "department" is missing; the header has "dept": renamed?`,
		"budget_year,department,account_type,fund_code,account_category\n":                      `column "amount" is missing; the header has`,
		"budget_year,department,account_type,fund_code,account_category,amount,amount\n":        `column "amount" is there 2 times`,
		"budget_year;department;account_type;fund_code;account_category;amount\n":               "delimit",
		"budget_year,department,account_type,fund_code,account_category,approved_amount,name\n": `column "amount" is missing; the header has "approved_amount": renamed?`,
	} {
		folder["data/budget-20.csv"] = &fstest.MapFile{Data: []byte(drift + strings.Repeat("FY20-21,Mayor,Expense,1010,Services & Supplies,5\n", 2))}
		_, err := r.runner.Run(t.Context(), city, folder, "budget", city.AsOf, byHand)
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "data/budget-20.csv") {
			t.Errorf("%q:\n%v\ndoes not say %q", drift, err, want)
		}
		after, _, err := r.values(t.Context())
		if diff := cmp.Diff(before, after); diff != "" || err != nil {
			t.Errorf("%q: the numbers changed: %v\n%s", drift, err, diff)
		}
	}

	// What is new beside what is declared is told and left out; a department of a new name is refused, and named.
	folder["data/budget-20.csv"] = &fstest.MapFile{Data: []byte("fund_code,budget_year,department,org_code,account_type,account_category,amount\n" +
		"1010,FY20-21,Department of Transportation,7,Expense,Services & Supplies,5\n1010,FY20-21,Mayor,7,Expense,Services & Supplies,8\n")}
	rep, err := r.runner.Run(t.Context(), city, folder, "budget", city.AsOf, byHand)
	if err != nil {
		t.Fatal(err)
	}
	addsUp(t, rep.Load)
	if diff := cmp.Diff([]kpi.RejectGroup{{Reason: "not_in_list", Column: "department", Rows: 1}}, rep.Rejects); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"columns that are not declared were left out: org_code"}, rep.Warnings); diff != "" {
		t.Error(diff)
	}
	rejects, err := r.wh.Rejects(t.Context(), "budget", rep.Load.ID, 10, 0)
	if err != nil || len(rejects) != 1 || rejects[0].Raw != "Department of Transportation" || rejects[0].Line != 2 {
		t.Errorf("rejects %+v, %v", rejects, err)
	}
}

// copyFolder brings a folder into memory, its data left out.
func copyFolder(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(name, "data/") {
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		m[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// health is a file of the Environment and Health Data Portal, read apart from everything that is tested.
type health struct {
	MeasureID, GeoID, TimePeriodID []int
	GeoType, Note                  []string
	Value                          []*float64
}

// TestNewYorkHealth reads parallel arrays in which small numbers are held back. They are excluded and counted by reason, in every area and year
// in which the file holds one back, and no value stands in their place, least of all zero.
func TestNewYorkHealth(t *testing.T) {
	l := loadCity(t, "nyc-health", map[string][]string{})
	l.counts("heat", 1743, 0)
	l.counts("pedestrians", 1924, 0)
	l.compareHealth("data/2075.json", 535, "UHF42", "heat-visits-by-neighborhood", map[string]int64{"suppressed": 181})
	l.compareHealth("data/2075.json", 537, "CD", "heat-rate", map[string]int64{})
	l.compareHealth("data/2093.json", 594, "UHF42", "pedestrian-stays-by-neighborhood", map[string]int64{"suppressed": 3, "insufficient-data": 3})
	l.compareHealth("data/2093.json", 677, "CD", "pedestrian-rate", map[string]int64{"suppressed": 11})
	for file, i := range map[string]struct {
		measure   int
		indicator string
	}{"data/2075.json": {535, "heat-visits"}, "data/2093.json": {594, "pedestrian-stays"}} {
		h := readHealth(t, l.folder, file)
		total := 0.0
		for k := range h.Value {
			if h.MeasureID[k] == i.measure && h.GeoType[k] == "Citywide" {
				total += *h.Value[k]
			}
		}
		if o := l.is(i.indicator, kpi.PeriodTotal, total); o.ExcludedRows() != 0 {
			t.Errorf("%s: %v left out, and no number of the whole city is held back", i.indicator, o.Excluded)
		}
	}
}

func readHealth(t *testing.T, folder fs.FS, name string) health {
	t.Helper()
	b, err := fs.ReadFile(folder, name)
	if err != nil {
		t.Fatal(err)
	}
	var h health
	if err := json.Unmarshal(b, &h); err != nil {
		t.Fatal(err)
	}
	return h
}

// compareHealth compares every area and year of a measure with the file, and what is left out of it in all with want.
func (l *loaded) compareHealth(file string, measure int, kind, indicator string, want map[string]int64) {
	l.t.Helper()
	h, year, back := readHealth(l.t, l.folder, file), l.years(file), map[string]int64{}
	rows := int64(0)
	for k, v := range h.Value {
		if h.MeasureID[k] != measure || h.GeoType[k] != kind {
			continue
		}
		rows++
		area, what := strconv.Itoa(h.GeoID[k]), fmt.Sprintf("%s in area %d, %s", indicator, h.GeoID[k], year[h.TimePeriodID[k]])
		o := l.at(indicator, year[h.TimePeriodID[k]], "area", area)
		if v != nil {
			near(l.t, what, o.Value, *v)
			continue
		}
		reason := kpi.ReasonSuppressed
		if strings.Contains(h.Note[k], "insufficient") {
			reason = "insufficient-data"
		}
		back[reason]++
		if o.Value != nil || o.Rows != 0 || o.Excluded[reason] != 1 {
			l.t.Errorf("%s is held back, and we have %s of %d rows, left out %v", what, number(o.Value), o.Rows, o.Excluded)
		}
	}
	if !maps.Equal(back, want) {
		l.t.Errorf("%s: the file holds back %v, want %v", indicator, back, want)
	}
	o := l.at(indicator, kpi.PeriodTotal, "", "")
	left := map[string]int64{}
	maps.Copy(left, o.Excluded)
	if !maps.Equal(left, want) || o.Rows+o.ExcludedRows() != rows {
		l.t.Errorf("%s: %d rows counted, left out %v; the file has %d rows and holds back %v", indicator, o.Rows, left, rows, want)
	}
}

// years are the periods of a file's TimePeriodIDs, as the folder declares them.
func (l *loaded) years(file string) map[int]string {
	l.t.Helper()
	m := map[int]string{}
	for _, ds := range l.city.Datasets {
		if ds.Source.Path != file {
			continue
		}
		for _, c := range ds.Columns {
			for id, day := range c.Values {
				if c.Name == "year" {
					n, err := strconv.Atoi(id)
					if err != nil {
						l.t.Fatal(err)
					}
					m[n] = day[:4]
				}
			}
		}
	}
	return m
}
