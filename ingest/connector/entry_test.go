package connector

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// typed is what people entered.
type typed []kpi.EntryBatch

// Entered returns it.
func (e typed) Entered(context.Context, string) ([]kpi.EntryBatch, error) { return e, nil }

// batchOf is a batch of rows, each "line: month|district|value"; a row behind "-" was left out, one behind "!" has a fault.
func batchOf(id int64, rows ...string) kpi.EntryBatch {
	b := kpi.EntryBatch{Dataset: "permits"}
	b.ID = id
	for _, s := range rows {
		var r kpi.EntryRow
		s, r.Out = strings.CutPrefix(s, "-")
		s, broken := strings.CutPrefix(s, "!")
		line, fields, _ := strings.Cut(s, ": ")
		if _, err := fmt.Sscan(line, &r.Line); err != nil {
			panic(err)
		}
		f := strings.Split(fields, "|")
		r.Fields = map[string]string{"Month": f[0], "District": f[1], "Value": f[2]}
		if broken {
			r.Fault = &kpi.EntryFault{Column: "Value", Reason: ReasonCellError, Detail: "it holds an error", Raw: f[2]}
		}
		b.Rows = append(b.Rows, r)
	}
	return b
}

// permits is a dataset into which people type; a month is a day, and its key month and district.
func permits(path string) *kpi.Dataset {
	ds := dataset("Month", "District", "Value")
	ds.ID, ds.Source, ds.Key = "permits", kpi.Source{Kind: kpi.SourceEntry, Path: path}, []string{"month", "district"}
	ds.Columns[0].Type, ds.Columns[0].Format = kpi.TypeDate, "%d/%m/%Y"
	ds.Columns[2].Type, ds.Columns[2].Decimal = kpi.TypeNumber, ","
	return ds
}

const permitsBefore = "Month,District,Value,Clerk\n31/01/2026,north,10,a\n31/01/2026,south,20,a\n28/02/2026,north,11,a\nbroken\n,,,\n28/02/2026,,5,a\n"

// entriesRead reads and returns the rows of all copies, as "file line: fields", and the rejects as "! file line reason column".
func entriesRead(t *testing.T, ds *kpi.Dataset, from fs.FS, list typed) ([]string, error) {
	t.Helper()
	dir := t.TempDir()
	same := func(_ *kpi.Column, s string) string { return strings.ToLower(s) }
	res, err := Entry{}.Read(t.Context(), Request{Folder: from, Dataset: ds, Dir: dir, Entries: list, Same: same})
	left, rerr := os.ReadDir(dir)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if err != nil {
		if len(left) > 0 {
			t.Errorf("after an error %d files are left", len(left))
		}
		return nil, err
	}
	var got []string
	var rows int64
	for _, f := range res.Files {
		rows += f.Rows
		checkCopy(t, f)
		for i, l := range strings.Split(strings.TrimSuffix(string(plainOf(t, f)), "\n"), "\n") {
			if i > 0 {
				got = append(got, f.Source+" "+strings.Replace(l, ",", ": ", 1))
			}
		}
	}
	if len(left) != 2*len(res.Files) || res.Read != rows+int64(len(res.Rejects))+res.Skipped || res.SourceHash == "" {
		t.Errorf("%d files of %d copies; %d read, %d rows, %d rejects, %d skipped", len(left), len(res.Files), res.Read, rows, len(res.Rejects), res.Skipped)
	}
	for _, r := range res.Rejects {
		got = append(got, fmt.Sprintf("! %s %d %s %s", r.File, r.Line, r.Reason, r.Column))
	}
	return got, nil
}

// TestEntryHolds: of all rows with a key that of the latest batch, and where that does not count any more the one before it.
func TestEntryHolds(t *testing.T) {
	before := fstest.MapFS{"data/before.csv": {Data: []byte(permitsBefore)}}
	first := batchOf(7, "1: 28/02/2026|North|99")
	second := batchOf(9, "2: 28/02/2026|north|100", "3: 31/03/2026|north|12", "-4: Total||112", "5: ||", "!6: 31/03/2026|south|#DIV/0!", "7: 31/03/2026|NORTH|13")
	seed := []string{"data/before.csv 2: 31/01/2026,north,10", "data/before.csv 3: 31/01/2026,south,20"}
	bare, refused := []string{"data/before.csv 7: 28/02/2026,,5"}, []string{"! data/before.csv 5 field_count "}
	for _, c := range []struct {
		name string
		path string
		list typed
		want []string
	}{
		{"nobody has typed", "data/before.csv", nil, append(append(append([]string{}, seed...), "data/before.csv 4: 28/02/2026,north,11", bare[0]), refused...)},
		{"one value is typed", "data/before.csv", typed{first}, append(append(append([]string{}, seed...), bare[0], "entries 70000001: 28/02/2026,North,99"), refused...)},
		{"and again, with more", "data/before.csv", typed{first, second}, append(append(append([]string{}, seed...), bare[0], "entries 90000002: 28/02/2026,north,100", "entries 90000003: 31/03/2026,north,12"),
			refused[0], "! entries 90000006 cell_error Value", "! entries 90000007 duplicate ")},
		{"the later one is undone", "data/before.csv", typed{first}, append(append(append([]string{}, seed...), bare[0], "entries 70000001: 28/02/2026,North,99"), refused...)},
		{"in another order", "", typed{second, first}, []string{"entries 90000003: 31/03/2026,north,12", "entries 70000001: 28/02/2026,North,99", "! entries 90000006 cell_error Value", "! entries 90000007 duplicate "}},
		{"nothing at all", "", nil, nil},
		{"all rows before are revised", "data/one.csv", typed{first}, []string{"entries 70000001: 28/02/2026,North,99"}},
	} {
		before["data/one.csv"] = &fstest.MapFile{Data: []byte("Month,District,Value\n28/02/2026,north,11\n")}
		got, err := entriesRead(t, permits(c.path), before, c.list)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	if _, err := entriesRead(t, permits("data/none.csv"), before, nil); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "data/none.csv") {
		t.Errorf("the file is not there: %v", err)
	}
	if _, err := entriesRead(t, permits("data/*.csv"), before, nil); kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("two files: %v", err)
	}
	if _, err := (Entry{}).Read(t.Context(), Request{Folder: before, Dataset: permits(""), Dir: t.TempDir()}); kpi.ErrorCode(err) != kpi.CodeInternal {
		t.Errorf("nobody hands anything to it: %v", err)
	}
}

// workbookWith is a workbook with a sheet of rows.
func workbookWith(t *testing.T, sheet string, rows ...[]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	if err := book.SetSheetName("Sheet1", sheet); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadSheet: what a spreadsheet holds comes in the form in which the columns declare it, with what is wrong beside; what is dropped does not come.
func TestReadSheet(t *testing.T) {
	ds := permits("")
	ds.Drop = []string{"Clerk"}
	data := workbookWith(t, "March", []any{"Month", "District", "Value", "Clerk", "Phone"}, []any{time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC), "north", 1234.5, "P. Clerk", "555"},
		[]any{"31/03/2026", "south", "12,5"}, []any{}, []any{"31/03/2026", "east"})
	book, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if err := book.SetCellFormula("March", "C5", "A1/0"); err != nil { // without a value
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	rows, warnings, err := ReadSheet(t.Context(), ds, "march.xlsx", b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		s := fmt.Sprintf("%d: %s|%s|%s", r.Line, r.Fields["Month"], r.Fields["District"], r.Fields["Value"])
		if r.Fault != nil {
			s += " " + r.Fault.Reason + " " + r.Fault.Column
		}
		if r.Fields["Clerk"] != "" || len(r.Fields) != 3 {
			t.Errorf("line %d has %v", r.Line, r.Fields)
		}
		got = append(got, s)
	}
	want := []string{"2: 31/03/2026|north|1234,5", "3: 31/03/2026|south|12,5", "5: 31/03/2026|east|=A1/0 formula_no_value Value"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if said := strings.Join(warnings, "\n"); !strings.Contains(said, "Phone") || strings.Contains(said, "555") || strings.Contains(said, "Clerk") {
		t.Errorf("warnings: %s", said)
	}
	ds.Source.Sheet = "April"
	if _, _, err := ReadSheet(t.Context(), ds, "march.xlsx", b.Bytes()); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), `no sheet "April"; it has "March"`) {
		t.Errorf("another sheet: %v", err)
	}
}

// TestNothingDroppedIsUploaded: what is wrong with a row brings nothing along that the folder drops, and a field at fault shows what stands in it and no more.
func TestNothingDroppedIsUploaded(t *testing.T) {
	ds := &kpi.Dataset{
		ID: "visits", Source: kpi.Source{Kind: kpi.SourceEntry}, Key: []string{"month"}, Drop: []string{"Who"},
		Columns: []kpi.Column{{Name: "month", From: "Month", Type: kpi.TypeDate}, {Name: "visits", From: "Visits", Type: kpi.TypeInteger}, {Name: "note", From: "Note", Type: kpi.TypeText}},
	}
	for name, row := range map[string]string{
		"a NUL byte": "2026-07-01,3,a\x00b,Rosa Paz", "a stray quote": `2026-07-01,3,a"b,Rosa Paz`, "too few": "2026-07-01,3,Rosa Paz",
		"too many": "2026-07-01,3,a,b,Rosa Paz", "a quote behind its field": `2026-07-01,3,"a" b,Rosa Paz`, "at fault where it is dropped": "2026-07-01,3,a,Rosa \x00Paz",
	} {
		rows, _, err := ReadSheet(t.Context(), ds, "visits.csv", []byte("Month,Visits,Note,Who\n"+row+"\n2026-08-01,4,good,Rosa Paz\n"))
		if err != nil || len(rows) != 2 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
			continue
		}
		if said := fmt.Sprintf("%+v %+v", rows, rows[0].Fault); strings.Contains(said, "Rosa") {
			t.Errorf("%s: what is dropped came along: %s", name, said)
		}
		if f := rows[0].Fault; f != nil && f.Column == "Note" && (strings.Contains(f.Raw, "2026") || rows[0].Fields["Note"] != f.Raw) {
			t.Errorf("%s: the field shows %q of %q", name, rows[0].Fields["Note"], f.Raw)
		}
	}
}

// TestReadSheetOfAnything reads every bad file that there is as if somebody had uploaded it: it is read or refused in words, and nothing breaks.
func TestReadSheetOfAnything(t *testing.T) {
	files, refused := 0, 0
	for _, dir := range []string{"synthetic", "excelize", "csv-spectrum", "parquet-testing", "ocds"} {
		err := filepath.WalkDir(filepath.Join("testdata", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil || len(data) > kpi.MaxEntryFile {
				return err
			}
			files++
			rows, _, err := ReadSheet(t.Context(), usual(), filepath.Base(path), data)
			if err != nil {
				refused++
				if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), filepath.Base(path)) {
					t.Errorf("%s: %v", path, err)
				}
			} else if len(rows) == 0 || len(rows) > kpi.MaxEntryRows {
				t.Errorf("%s: %d rows", path, len(rows))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 60 || refused < 30 || refused > files-10 {
		t.Errorf("%d of %d files were refused", refused, files)
	}
	bomb := archiveOf(t, "[Content_Types].xml", typesPart, "_rels/.rels", rootRels, "xl/workbook.xml", bookPart, "xl/_rels/workbook.xml.rels", bookRels, "xl/worksheets/sheet1.xml", strings.Repeat(" ", 70<<20))
	for name, data := range map[string]string{"bomb.xlsx": bomb, "bomb.csv": "date,dept,kpi,value\n" + strings.Repeat("1,2,3,4\n", kpi.MaxEntryRows+1)} {
		if _, _, err := ReadSheet(t.Context(), usual(), name, []byte(data)); kpi.ErrorCode(err) != kpi.CodeInvalid || len(data) > kpi.MaxEntryFile {
			t.Errorf("%s of %d bytes: %v", name, len(data), err)
		}
	}
}
