package connector

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

var update = flag.Bool("update", false, "write the golden files anew")

// unharmed are the files whose faults are in what their fields say. Reading them is the warehouse's: here every field comes through as it
// is.
func unharmed() []badCase {
	var list []badCase
	for _, f := range []struct {
		files   string
		columns []string
	}{
		{`ambiguous_1dot234 currency dmy_mdy_ambiguous dmy_turns_unambiguous_late duplicate_keys duplicate_rows excel_1900_leap future_dates huge_number
			impossible_dates late_restatement log_injection nan_inf nbsp_trailing_space nfd_vs_nfc null_markers row_collapse rtl_zero_width sqlish
			thousands_apostrophe thousands_indian thousands_nbsp truncated_clean two_digit_year unicode_minus_digits units_in_value unknown_dept xss`,
			[]string{"date", "dept", "kpi", "value"}},
		{"dst_gap", []string{"ts_local", "value"}},
		{"leap_second time_24_00 tz_mixed", []string{"ts", "value"}},
		{"fiscal_period", []string{"period", "value"}},
		{"week53", []string{"week", "value"}},
		{"negative_duration", []string{"opened", "closed", "id"}},
		{"sci_notation_id", []string{"case_id", "value"}},
	} {
		for _, name := range strings.Fields(f.files) {
			list = append(list, badCase{file: name + ".csv", ds: dataset(f.columns...), rows: -1})
		}
	}
	return list
}

func xlsxDataset(columns ...string) *kpi.Dataset {
	ds := dataset(columns...)
	ds.Source.Kind = kpi.SourceXLSX
	return ds
}

// badArchives are the archives and workbooks.
func badArchives() []badCase {
	member := func(glob string) *kpi.Dataset { ds := usual(); ds.Source.Member = glob; return ds }
	sheet := func(name string) *kpi.Dataset {
		ds := xlsxDataset("date", "dept", "value")
		ds.Source.Sheet = name
		return ds
	}
	serial, filled := sheet(""), sheet("")
	serial.Columns[0].Type, serial.Columns[0].Format = kpi.TypeDate, kpi.FormatExcel
	filled.Source.Merged = "fill"
	return []badCase{
		{"zip_slip.zip", usual(), 0, "", `holds the entry "../../etc/cron.d/x", whose name leads out of the archive; it is refused as a whole`, ""},
		{"zip_slip.zip", member("abs.csv"), 0, "", "whose name leads out of the archive", ""},
		{"zip_symlink.zip", usual(), 0, "", `holds the entry "link.csv", which is a link or a device and no file`, ""},
		{"zip_many_inflate.zip", usual(), 0, "", "grows to more than 100 times its size when it is decompressed", ""},
		{"zip_many_inflate.zip", member("1.csv"), 0, "", "grows to more than 100 times its size when it is decompressed", ""},
		{"zip_two_csv.zip", member("b.csv"), 12, "", "", "13,2026-12-01,"},
		{"zip_two_csv.zip", member("*.csv"), 24, "", "", "13,2026-12-01,"},
		{"zip_two_csv.zip", member("c*"), 0, "", `holds nothing that matches "c*"; it holds "a.csv", "b.csv"`, ""},
		{"xlsx_merged.xlsx", sheet(""), 1, "3:merged_cell", "", "_line,date,dept,value\n2,2026-01-01,P,1\n"},
		{"xlsx_merged.xlsx", filled, 2, "", "", "2,2026-01-01,P,1\n3,2026-02-01,P,2\n"},
		{"xlsx_hidden_sheet.xlsx", sheet(""), 0, "", "has no rows", ""},
		{"xlsx_hidden_sheet.xlsx", sheet("Secret"), 1, "", "", "2,2026-01-01,HR,99\n"},
		{"xlsx_hidden_sheet.xlsx", sheet("Other"), 0, "", `has no sheet "Other"; it has "Visible", "Secret" (hidden)`, ""},
		{"xlsx_hidden_rows.xlsx", sheet(""), 1, "", "", "2,2026-01-01,P,1\n"},
		{"xlsx_formula_error.xlsx", sheet(""), 0, "2:cell_error", "", ""},
		{"xlsx_formula_error.xlsx", xlsxDataset("date", "dept"), 1, "", "", "2,2026-01-01,P\n"},
		{"xlsx_external_link.xlsx", sheet(""), 1, "", "", "2,2026-01-01,P,5\n"},
		{"xlsx_date1904.xlsx", serial, 1, "", "", "2,45992,P,5\n"}, // 2025-12-01 in the count of 1900
		{"xlsx_number_as_text.xlsx", sheet(""), 1, "", "", "2,2026-01-01,P,12\n"},
		{"xlsx_row_1048576.xlsx", sheet(""), 1, "", "", "_line,date,dept,value\n1048576,x,,\n"},
		{"xlsx_bomb.xlsx", sheet(""), 0, "", "grows to more than 100 times its size", ""},
		{"xls_html.xls", sheet(""), 0, "", "is an HTML or XML page", ""},
		{"xlsx_encrypted_ole.xlsx", sheet(""), 0, "", "protected with a password; save it as .xlsx, without a password", ""},
		{"good.csv", sheet(""), 0, "", "is no Excel workbook (.xlsx), whatever its name says", ""},
		{"zip_two_csv.zip", sheet(""), 0, "", "is a ZIP archive or another document and no Excel workbook (.xlsx)", ""},
		{"parquet_magic_only.parquet", sheet(""), 0, "", "is a Parquet file and no Excel workbook; deliver it as .xlsx", ""},
		{"long_line_nonewline.bin", usual(), 0, "", "line 1: a field of the header is longer than 1 MB", ""},
	}
}

// TestBadInput reads every file that breaks loaders. What must happen is in the table; what happens to the word is in the golden file. No
// file takes long or much memory.
func TestBadInput(t *testing.T) {
	var said strings.Builder
	for i, c := range slices.Concat(badText(), badArchives(), unharmed()) {
		t.Run(fmt.Sprintf("%d %s", i, c.file), func(t *testing.T) {
			content := synthetic(t, c.file)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			res, plain, err := readFiled(t, c.ds, map[string]string{"data/" + c.file: content})
			runtime.ReadMemStats(&after)
			if took, used := time.Since(begun), (after.TotalAlloc-before.TotalAlloc)>>20; took > 5*time.Second || used > 256 {
				t.Errorf("took %v and %d MB", took, used)
			}
			fmt.Fprintf(&said, "%s %s\n%s\n", c.file, declaration(c.ds), cameOf(res, err))
			checkCase(t, c, res, plain, err, content)
		})
	}
	golden(t, "testdata/badinput.golden", said.String())
}

func checkCase(t *testing.T, c badCase, res Result, plain string, err error, content string) {
	t.Helper()
	if c.err != "" || err != nil {
		if err == nil || c.err == "" || !strings.Contains(err.Error(), c.err) || kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("error %v, want %q", err, c.err)
		}
		return
	}
	if c.rows < 0 {
		checkUnharmed(t, content, res, plain)
		return
	}
	var rejects []string
	for _, r := range res.Rejects {
		rejects = append(rejects, fmt.Sprintf("%d:%s", r.Line, r.Reason))
	}
	rows := int64(0)
	for _, f := range res.Files {
		rows += f.Rows
	}
	if got := strings.Join(rejects, ", "); got != c.rejects || rows != c.rows {
		t.Errorf("%d rows, rejects %q; want %d and %q", rows, got, c.rows, c.rejects)
	}
	if !strings.Contains(plain, c.holds) {
		t.Errorf("copy %q does not hold %q", plain, c.holds)
	}
}

// checkUnharmed holds the fields of the copy against those that another reader finds in the source.
func checkUnharmed(t *testing.T, content string, res Result, plain string) {
	t.Helper()
	want, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(strings.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i] = got[i][1:]
	}
	if diff := cmp.Diff(want, got); diff != "" || len(res.Rejects) > 0 {
		t.Errorf("rejects %v (-source +copy):\n%s", res.Rejects, diff)
	}
}

// readFiled reads files with the connector of the dataset's kind and checks what must hold whatever came. It returns the copies one
// after the other.
func readFiled(t *testing.T, ds *kpi.Dataset, files map[string]string) (Result, string, error) {
	t.Helper()
	from := fstest.MapFS{}
	for name, content := range files {
		from[name] = &fstest.MapFile{Data: []byte(content)}
	}
	var kind interface {
		Read(context.Context, Request) (Result, error)
	} = CSV{}
	if ds.Source.Kind == kpi.SourceXLSX {
		kind = XLSX{}
	}
	dir := t.TempDir()
	res, err := kind.Read(t.Context(), Request{Folder: from, Dataset: ds, Dir: dir})
	left, lerr := os.ReadDir(dir)
	if lerr != nil {
		t.Fatal(lerr)
	}
	if err != nil {
		if len(left) > 0 {
			t.Errorf("after an error %d files are left, such as %s", len(left), left[0].Name())
		}
		return res, "", err
	}
	var rows int64
	var plain strings.Builder
	for _, f := range res.Files {
		rows += f.Rows
		checkCopy(t, f)
		plain.Write(plainOf(t, f))
	}
	if res.Read != rows+int64(len(res.Rejects))+res.Skipped {
		t.Errorf("read %d ≠ %d rows + %d rejects + %d skipped", res.Read, rows, len(res.Rejects), res.Skipped)
	}
	return res, plain.String(), nil
}

// declaration says how a dataset is declared, for the golden file.
func declaration(ds *kpi.Dataset) string {
	var said []string
	for _, d := range [][2]string{
		{"kind", ds.Source.Kind}, {"encoding", ds.Source.Encoding}, {"delimiter", ds.Source.Delimiter}, {"member", ds.Source.Member},
		{"sheet", ds.Source.Sheet}, {"merged", ds.Source.Merged}, {"ends_at", strings.Join(ds.Source.EndsAt, "|")}, {"columns", strings.Join(declared(ds), "|")},
	} {
		if d[1] != "" {
			said = append(said, d[0]+": "+d[1])
		}
	}
	return "{" + strings.Join(said, ", ") + "}"
}

// cameOf says what came of a delivery, in words.
func cameOf(res Result, err error) string {
	if err != nil {
		return "  refused: " + err.Error() + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  read %d, rejected %d, skipped %d\n", res.Read, len(res.Rejects), res.Skipped)
	for _, f := range res.Files {
		fmt.Fprintf(&b, "  %s: %d rows, undeclared %q\n", f.Source, f.Rows, f.Undeclared)
	}
	for _, r := range res.Rejects {
		fmt.Fprintf(&b, "  rejected: line %d column %q %s: %s: %q\n", r.Line, r.Column, r.Reason, r.Detail, r.Raw)
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&b, "  warning: %s\n", w)
	}
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", file, diff)
	}
}

// TestEveryBadFileIsRead: no file of the list is forgotten. JSON and Parquet have tests of their own.
func TestEveryBadFileIsRead(t *testing.T) {
	list, err := csv.NewReader(strings.NewReader(synthetic(t, "MANIFEST.csv"))).ReadAll()
	if err != nil || len(list) < 90 {
		t.Fatal(len(list), err)
	}
	read := map[string]bool{}
	for _, c := range slices.Concat(badText(), badArchives(), unharmed()) {
		read[c.file] = true
	}
	for _, line := range list[1:] {
		if kind := line[1]; kind != "json" && kind != "parquet" && !read[line[0]] {
			t.Errorf("%s (%s) is not read: %s", line[0], kind, line[2])
		}
	}
}

// TestLibraryWorkbooks reads workbooks that were written to try a library.
func TestLibraryWorkbooks(t *testing.T) {
	files, err := filepath.Glob("testdata/excelize/*.xlsx")
	if err != nil || len(files) != 9 {
		t.Fatal(files, err)
	}
	var said strings.Builder
	for _, file := range files {
		fmt.Fprintln(&said, filepath.Base(file))
		rows := 0
		src := kpi.Source{Kind: kpi.SourceXLSX, Path: filepath.Base(file)}
		if strings.Contains(file, "Book1") || strings.Contains(file, "SharedStrings") {
			src.Sheet = "Sheet1"
		}
		for row, err := range ReadTable(t.Context(), os.DirFS(filepath.Dir(file)), src, Limits{}) {
			if err != nil {
				fmt.Fprintf(&said, "  refused: %v\n", err)
				break
			}
			rows++
			fmt.Fprintf(&said, "  %d %.100q\n", row.Line, row.Fields)
			for _, f := range row.Faults {
				fmt.Fprintf(&said, "    column %d %s\n", f.Column, f.Reason)
			}
		}
		fmt.Fprintf(&said, "  %d rows\n\n", rows)
	}
	golden(t, "testdata/excelize.golden", said.String())
}

// TestNaughtyStrings: whatever a field says, the copy says the same.
func TestNaughtyStrings(t *testing.T) {
	b, err := os.ReadFile("testdata/blns/blns.txt")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	want := [][]string{{"id", "text"}}
	for i, line := range strings.Split(string(b), "\n") {
		if line != "" && !strings.ContainsAny(line, "\x00\r") {
			want = append(want, []string{fmt.Sprint(i), line})
		}
	}
	if err := w.WriteAll(want); err != nil || len(want) < 500 {
		t.Fatal(len(want), err)
	}
	res, plain, err := readFiled(t, dataset("id", "text"), map[string]string{"data/a.csv": text.String()})
	if err != nil {
		t.Fatal(err)
	}
	checkUnharmed(t, text.String(), res, plain)
}
