package sampledata_test

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	sampledata "citystat/sample-data"
)

// columns are all that may be kept of a request: what, when, which department, which neighborhood, by which channel.
var columns = []string{"CASE_ENQUIRY_ID", "OPEN_DT", "TARGET_DT", "CLOSED_DT", "OnTime_Status", "CASE_STATUS", "SUBJECT", "REASON", "TYPE", "Department", "neighborhood", "Source"}

// record is a request as a map from column to cell.
type record map[string]string

// readAll returns the records of every file of data/ by the file's name, and checks their header.
func readAll(t *testing.T) map[string][]record {
	t.Helper()
	folder := sampledata.Boston2015()
	names, err := fs.Glob(folder, "data/*")
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]record, len(names))
	for _, name := range names {
		files[path.Base(name)] = readFile(t, folder, name)
	}
	return files
}

func readFile(t *testing.T, folder fs.FS, name string) []record {
	t.Helper()
	f, err := folder.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("%s carries a time or a name: it cannot be made again byte for byte", name)
	}
	r := csv.NewReader(z)
	header, err := r.Read()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if !slices.Equal(header, columns) {
		t.Fatalf("%s has the columns %q; only %q may be kept", name, header, columns)
	}
	var list []record
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rec := make(record, len(cells))
		for i, c := range cells {
			rec[columns[i]] = c
		}
		list = append(list, rec)
	}
}

func readText(t *testing.T, name string) string {
	t.Helper()
	b, err := fs.ReadFile(sampledata.Boston2015(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestRowsAreThoseOfTheREADME holds the files to the table that a reader is shown.
func TestRowsAreThoseOfTheREADME(t *testing.T) {
	row := regexp.MustCompile(`(?m)^\| (\S+\.csv\.gz) \| ([0-9,]+) \| (.+) \|$`)
	files := readAll(t)
	told := row.FindAllStringSubmatch(readText(t, "README.md"), -1)
	if len(told) != 13 || len(files) != 13 {
		t.Fatalf("README tells of %d files, the folder has %d; both should be 13", len(told), len(files))
	}
	total := 0
	for _, m := range told {
		want, err := strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(files[m[1]]); got != want {
			t.Errorf("%s: %d rows, README says %d", m[1], got, want)
		}
		for _, rec := range files[m[1]] {
			if strings.Join(strings.Fields(rec["TYPE"]), " ") != m[3] {
				t.Errorf("%s holds the type %q, README says %q", m[1], rec["TYPE"], m[3])
				break
			}
		}
		total += want
	}
	if total != 47613 {
		t.Errorf("README's rows add up to %d, not 47,613", total)
	}
}

// TestCaseIDsAreUnique is why case_id alone is the dataset's key.
func TestCaseIDsAreUnique(t *testing.T) {
	id := regexp.MustCompile(`^1010\d{8}$`)
	seen := map[string]string{}
	for name, list := range readAll(t) {
		for _, rec := range list {
			k := rec["CASE_ENQUIRY_ID"]
			if !id.MatchString(k) {
				t.Errorf("%s: %q is no case id", name, k)
			}
			if other, ok := seen[k]; ok {
				t.Errorf("case %s is in %s and %s", k, other, name)
			}
			seen[k] = name
		}
	}
}

// personal are the shapes of what must not be in a published row.
var personal = map[string]*regexp.Regexp{
	"e-mail address":  regexp.MustCompile(`\S@\S`),
	"web address":     regexp.MustCompile(`(?i)https?:|www\.`),
	"telephone":       regexp.MustCompile(`\(\d{3}\)|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b|\b\d{3}-\d{4}\b`),
	"street number":   regexp.MustCompile(`(?i)^\d+\w*(-\d+)?\s+[a-z]`),
	"street":          regexp.MustCompile(`(?i)\b(st|ave|rd|sq|pl|ter|blvd|pkwy|hwy|ln|avenue|road|square|place|terrace|boulevard|lane)\b\.?`),
	"postal code":     regexp.MustCompile(`\b0\d{4}\b|\b2\d{3}\.0\b`),
	"coordinates":     regexp.MustCompile(`-?\b(42|71)\.\d{2,}`),
	"form of address": regexp.MustCompile(`(?i)\b(mr|mrs|ms|dr)\.?\s`),
}

// TestNoPersonalData looks at every cell. Dates and case ids are held to their own form, which leaves no room for anything else.
func TestNoPersonalData(t *testing.T) {
	date := regexp.MustCompile(`^(\d\d/\d\d/201[5-7] \d\d:\d\d:\d\d [AP]M)?$`)
	words := map[string]map[string]bool{}
	for name, list := range readAll(t) {
		for _, rec := range list {
			for column, cell := range rec {
				switch column {
				case "CASE_ENQUIRY_ID": // see TestCaseIDsAreUnique
				case "OPEN_DT", "TARGET_DT", "CLOSED_DT":
					if !date.MatchString(cell) {
						t.Errorf("%s: %s holds %q, which is no date", name, column, cell)
					}
				default:
					if words[column] == nil {
						words[column] = map[string]bool{}
					}
					words[column][cell] = true
				}
			}
		}
	}
	for column, cells := range words {
		if len(cells) > 24 {
			t.Errorf("%s has %d different values: free text hides in it", column, len(cells))
		}
		for cell := range cells {
			for what, shape := range personal {
				if shape.MatchString(cell) {
					t.Errorf("%s holds %q, which looks like a %s", column, cell, what)
				}
			}
		}
	}
}

// TestPersonalShapesMatch makes sure that the shapes above find what they are for.
func TestPersonalShapesMatch(t *testing.T) {
	for what, example := range map[string]string{
		"e-mail address": "jo@example.org", "web address": "see https://example.org", "telephone": "call 617-555-0100", "street number": "445-447 E Eighth",
		"street": "corner of Warren St", "postal code": "2127.0", "coordinates": "(42.3312, -71.0432)", "form of address": "Mrs. Smith",
	} {
		if !personal[what].MatchString(example) {
			t.Errorf("%q does not look like a %s", example, what)
		}
	}
	if len(personal) != 8 {
		t.Errorf("%d shapes, 8 examples", len(personal))
	}
}

// TestSize keeps the binary small: the folder is part of it.
func TestSize(t *testing.T) {
	var size int64
	err := fs.WalkDir(sampledata.Boston2015(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size < 800_000 || size >= 4<<20 {
		t.Errorf("the embedded folder has %d bytes; it should hold the rows and stay under 4 MB", size)
	}
	if n := len(readText(t, "geo/districts.geojson")); n >= 60_000 {
		t.Errorf("the map has %d bytes; it should stay under 60,000", n)
	}
}

// TestStreetLightCountings reproduces four countings of the same rows: three that tempt and the one that the indicator uses.
func TestStreetLightCountings(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2016, 1, 13, 0, 0, 0, 0, zone) // the end of the as-of day
	at := func(s string) (time.Time, bool) {
		if s == "" {
			return time.Time{}, false
		}
		when, err := time.ParseInLocation("01/02/2006 03:04:05 PM", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when, true
	}
	files := readAll(t)
	count := func(list []record) map[string][2]int {
		got := map[string][2]int{}
		add := func(rule string, kept, counts bool) {
			n := got[rule]
			if counts {
				n[1]++
				if kept {
					n[0]++
				}
			}
			got[rule] = n
		}
		for _, rec := range list {
			due, hasDue := at(rec["TARGET_DT"])
			closed, isClosed := at(rec["CLOSED_DT"])
			kept, over := isClosed && !closed.After(due), due.Before(end)
			add("flag", rec["OnTime_Status"] == "ONTIME", rec["OnTime_Status"] != "")
			add("closed only", kept, hasDue && isClosed)
			add("closed or overdue", kept, hasDue && (isClosed || over))
			add("judged once due", kept, hasDue && over)
		}
		return got
	}
	want := map[string][2]int{"flag": {5212, 7871}, "closed only": {5158, 6767}, "closed or overdue": {5158, 7902}, "judged once due": {5114, 7858}}
	if got := count(files["311-street-light-outages.csv.gz"]); !maps.Equal(got, want) {
		t.Errorf("street lights: %v, want %v", got, want)
	}
	trees := count(files["311-tree-maintenance.csv.gz"])
	if trees["closed or overdue"] != [2]int{3279, 3279} || trees["judged once due"] != [2]int{1, 1} {
		t.Errorf("trees: %v, want 3,279 of 3,279 by the tempting rule and 1 of 1 by ours", trees)
	}
}
