package connector

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// badCase is a file that breaks loaders, how a folder declares it, and what must happen.
type badCase struct {
	file    string
	ds      *kpi.Dataset
	rows    int64
	rejects string // line:reason, …
	err     string // part of the error
	holds   string // part of the copy
}

// badText are the files that are text, or should be.
func badText() []badCase {
	encoded := func(name string) *kpi.Dataset { ds := usual(); ds.Source.Encoding = name; return ds }
	semicolon := usual()
	semicolon.Source.Delimiter = ";"
	framed := usual()
	framed.Source.SkipLines, framed.Source.EndsAt = 3, []string{"Total"}
	units := dataset("date (yyyy-mm-dd)", "dept", "kpi", "value (count)")
	units.Source.HeaderLines = 2
	return []badCase{
		{"good.csv", usual(), 12, "", "", ""},
		{"bom_utf8.csv", usual(), 12, "", "", "_line,date,"},
		{"utf16le_bom.csv", usual(), 12, "", "", "13,2026-12-01,"},
		{"utf16be_bom.csv", usual(), 12, "", "", "13,2026-12-01,"},
		{"latin1.csv", usual(), 0, "", `is not written in UTF-8: byte E9 in line 2, column "dept", is the first that shows it; declare encoding: windows-1252`, ""},
		{"latin1.csv", encoded("iso-8859-1"), 1, "", "", "Santé"},
		{"cp1252_smart.csv", encoded("windows-1252"), 1, "", "", "Mayor’s Office – “A”"},
		{"mixed_encoding.csv", usual(), 1, "3:invalid_utf8", "", "Santé"},
		{"utf8_overlong.csv", usual(), 0, "2:invalid_utf8", "", ""},
		{"utf8_surrogate.csv", usual(), 0, "2:invalid_utf8", "", ""},
		{"ctrl_z_eof.csv", usual(), 12, "", "", ""},
		{"semicolon_decimal_comma.csv", semicolon, 1, "", "", `"1.234,56"`},
		{"semicolon_decimal_comma.csv", usual(), 0, "", `declare delimiter: ";", and for its numbers decimal: ","`, ""},
		{"ragged_short.csv", usual(), 12, "14:field_count", "", ""},
		{"unquoted_comma.csv", usual(), 0, "2:field_count", "", ""},
		{"unbalanced_quote.csv", usual(), 0, "", "line 2: a quote is opened here and never closed", ""},
		{"quote_in_middle.csv", usual(), 0, "2:stray_quote", "", ""},
		{"newline_in_quotes.csv", usual(), 1, "", "", "2,2026-01-01,\"Public\nWorks\",a,1"},
		{"mixed_newlines.csv", usual(), 1, "3:stray_cr", "", ""},
		{"sep_hint.csv", semicolon, 1, "", "", "3,2026-01-01,P,a,1"},
		{"sep_hint.csv", usual(), 0, "", `declare delimiter: ";"`, ""},
		{"preamble_footer.csv", usual(), 0, "", "line 1: this is not the header; line 4 is: declare skip_lines: 3", ""},
		{"preamble_footer.csv", framed, 12, "", "", "16,2026-12-01,Public Works,potholes_filled,112\n"},
		{"multi_header.csv", usual(), 2, "", "", "2,(yyyy-mm-dd),,,(count)"}, // the units are refused by their type
		{"multi_header.csv", units, 1, "", "", "_line,date (yyyy-mm-dd),dept,kpi,value (count)\n3,2026-01-01,P,a,1\n"},
		{"duplicate_header.csv", dataset("date", "dept", "value"), 0, "", `column "value" is there 2 times`, ""},
		{"empty_header_cell.csv", usual(), 0, "", `"column 2 (no name)"`, ""},
		{"reordered_columns.csv", usual(), 1, "", "", "_line,value,kpi,dept,date\n"},
		{"case_space_header.csv", usual(), 1, "", "", "_line,date,dept,kpi,value\n2,2026-01-01,P,a,1\n"},
		{"added_column.csv", usual(), 1, "", "", "_line,date,dept,kpi,value\n2,2026-01-01,P,a,1\n"},
		{"header_only.csv", usual(), 0, "", "has a header and no rows", ""},
		{"empty.csv", usual(), 0, "", "is empty", ""},
		{"html_error_page.csv", usual(), 0, "", "HTML", ""},
		{"xls_html.xls", usual(), 0, "", "HTML", ""},
		{"json_error.csv", usual(), 0, "", "JSON", ""},
		{"truncated_midrow.csv", usual(), 0, "", "line 13: the file ends in the middle of a row", ""},
		{"merge_conflict.csv", usual(), 0, "", "line 2 holds the mark of a merge conflict", ""},
		{"lfs_pointer.csv", usual(), 0, "", "Git LFS pointer", ""},
		{"many_columns.csv", usual(), 0, "", "the header has 20000 columns and 2000 are the most that is read", ""},
		{"deep_quotes.csv", usual(), 0, "", "line 2: a quote is opened here and never closed", ""},
		{"gzip_bomb.csv.gz", usual(), 0, "", "line 1: the row is longer than 4 MB", ""},
		{"gzip_truncated.csv.gz", usual(), 0, "", "is cut short: the compressed data end too early", ""},
		{"gzip_trailing_garbage.csv.gz", usual(), 0, "", "has bytes after its compressed data", ""},
		{"xss.csv", usual(), 1, "", "", "<script>alert(1)</script>,</script><svg/onload=alert(1)>"},
		{"zip_two_csv.zip", usual(), 0, "", `holds 2 files: "a.csv", "b.csv"; declare under source: which one is meant, such as member: a.csv`, ""},
		{"xlsx_merged.xlsx", usual(), 0, "", "is an Excel workbook and not CSV; declare kind: xlsx", ""},
		{"xlsx_encrypted_ole.xlsx", usual(), 0, "", "an old Excel workbook or a protected Office file", ""},
		{"parquet_magic_only.parquet", usual(), 0, "", "a Parquet file", ""},
	}
}

func TestOneEncodingOneCopy(t *testing.T) {
	var want string
	for _, f := range []string{"good.csv", "bom_utf8.csv", "ctrl_z_eof.csv", "utf16le_bom.csv", "utf16be_bom.csv"} {
		res, err := read(t, usual(), folder(synthetic(t, f)))
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = res.Files[0].Copy
		}
		if res.Files[0].Copy != want {
			t.Errorf("%s makes another copy than good.csv", f)
		}
		if warned := strings.HasPrefix(f, "utf16"); warned != (len(res.Warnings) == 1) {
			t.Errorf("%s: warnings %q", f, res.Warnings)
		}
	}
}

// TestOneTableOneCopy writes the same table in other ways: line ends and quotes do not change what is kept.
func TestOneTableOneCopy(t *testing.T) {
	text := synthetic(t, "good.csv")
	copyOf := func(text string) string {
		res, _ := good(t, usual(), text)
		return res.Files[0].Copy
	}
	want := copyOf(text)
	quoted := `"` + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(text, "\n"), ",", `","`), "\n", "\"\n\"") + "\"\n"
	for name, other := range map[string]string{
		"CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "CR": strings.ReplaceAll(text, "\n", "\r"), "quotes": quoted,
		"quotes and CRLF": strings.ReplaceAll(quoted, "\n", "\r\n"), "no line end": strings.TrimSuffix(text, "\n"),
	} {
		if copyOf(other) != want {
			t.Errorf("%s make another copy", name)
		}
	}
}

// TestCutAtEveryByte: compressed data know where they end, so no cut goes unnoticed. Of plain text whole rows can be missing, but never a
// part of one.
func TestCutAtEveryByte(t *testing.T) {
	text := synthetic(t, "good.csv")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for n := range packed.Len() {
		if _, err := read(t, usual(), folder(packed.String()[:n])); kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("compressed, cut to %d bytes: %v", n, err)
		}
	}
	_, whole := good(t, usual(), text)
	for n := range len(text) {
		res, err := read(t, usual(), folder(text[:n]))
		if err != nil {
			continue
		}
		got := strings.Split(string(plainOf(t, res.Files[0])), "\n")
		want := strings.Split(whole, "\n")[:len(got)-1]
		last := len(want) - 1
		// The last value itself may be cut: 10 of 101. Nothing in the file could tell.
		if !strings.HasPrefix(want[last], got[last]) || !slices.Equal(got[:last], want[:last]) {
			t.Errorf("cut to %d bytes: %q", n, got)
		}
	}
}

func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob("testdata/csv-spectrum/*.csv")
	if err != nil || len(files) != 12 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			in, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			header, err := csv.NewReader(bytes.NewReader(in)).Read()
			if err != nil {
				t.Fatal(err)
			}
			res, err := read(t, dataset(header...), folder(string(in)))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(f, "location_coordinates") { // quotes for seconds of arc, unquoted: our policy is to set it aside
				if len(res.Rejects) != 1 || res.Rejects[0].Line != 2 {
					t.Errorf("rejects %+v", res.Rejects)
				}
				return
			}
			if diff := cmp.Diff(spectrum(t, f), objects(t, plainOf(t, res.Files[0]))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// spectrum reads the values that the suite expects of a file.
func spectrum(t *testing.T, csvFile string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(strings.TrimSuffix(csvFile, ".csv") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

func objects(t *testing.T, plain []byte) []map[string]string {
	t.Helper()
	// encoding/csv turns CRLF within quotes into LF, which would hide whether we keep it.
	records, err := csv.NewReader(bytes.NewReader(bytes.ReplaceAll(plain, []byte("\r"), []byte("\uE000")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, r := range records[1:] {
		m := map[string]string{}
		for i, name := range records[0][1:] {
			m[name] = strings.ReplaceAll(r[i+1], "\uE000", "\r")
		}
		list = append(list, m)
	}
	return list
}
