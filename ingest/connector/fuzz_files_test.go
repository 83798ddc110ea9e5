package connector

import (
	"strings"
	"testing"
	"testing/fstest"

	"citystat/kpi"
)

// FuzzArchive: whatever comes as an archive, it is read as it says or refused in words.
func FuzzArchive(f *testing.F) {
	for _, s := range []string{archiveOf(f, "a.csv", twoRows), archiveOf(f, "x/", "", "x/a.csv", twoRows, "b.csv", twoRows), archiveOf(f), "PK\x05\x06", "PK\x03\x04"} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "*.csv")
	}
	f.Fuzz(func(t *testing.T, in []byte, member string) {
		ds := dataset("a", "b")
		ds.Source.Member = member
		res, err := read(t, ds, fstest.MapFS{"data/a": {Data: in}})
		if err != nil {
			if kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Fatalf("error without a message for people: %v", err)
			}
			return
		}
		for _, file := range res.Files {
			if !safeName(strings.TrimPrefix(file.Source, "data/")) {
				t.Errorf("a file of the name %q was read", file.Source)
			}
		}
	})
}

// FuzzWorkbook: whatever a sheet says, and whichever byte of the workbook is another, every row is in the copy, set aside or skipped, or the
// workbook is refused in words.
func FuzzWorkbook(f *testing.F) {
	for _, s := range []string{
		"<sheetData>" + rowXML(1, "a", "b") + rowXML(2, "1", "2") + "</sheetData>",
		"<sheetData>" + rowXML(1, "a", "b") + rowXML(2, "1") + rowXML(3, "", "2") + `</sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells>`,
		`<cols><col min="1" max="9" hidden="1"/></cols><sheetData>` + rowXML(1, "a", "b") + `<row r="5" hidden="1"><c r="A5" s="1"><v>44197.25</v></c><c r="B5" t="s"><v>1</v></c></row></sheetData>`,
		"<sheetData>" + rowXML(1, "a", "b") + `<row><c><f>[1]x!A1</f></c><c t="e"><v>#N/A</v></c></row><row><c t="b"><v>1</v></c><c t="str"><v>_x0000_</v></c></row></sheetData>`,
	} {
		f.Add(s, 0, byte(0), false)
		f.Add(s, 100, byte(0x40), true)
	}
	f.Fuzz(func(t *testing.T, sheet string, at int, flip byte, fill bool) {
		in := []byte(workbookOf(t, sheet))
		if at >= 0 {
			in[at%len(in)] ^= flip
		}
		ds := xlsxDataset("a", "b")
		if fill {
			ds.Source.Merged = "fill"
		}
		if _, _, err := readFiled(t, ds, map[string]string{"data/a.xlsx": string(in)}); err != nil && kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Fatalf("error without a message for people: %v", err)
		}
	})
}

// FuzzHeader: however a header and an end are declared, every line is the header's, in the copy, set aside or skipped.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "title\n\na,,b\nx,y,z\n1,2,3\nTotal,,\n\"", "sep=,\na,b\n\n", "a;b\n1;2\n", "\"a\nb\",c\n1,2", "a\r1\r"} {
		f.Add(s, uint8(0), uint8(1), "Total")
		f.Add(s, uint8(2), uint8(2), "")
	}
	f.Fuzz(func(t *testing.T, text string, skip, header uint8, end string) {
		from := fstest.MapFS{"a.csv": {Data: []byte(text)}}
		src := kpi.Source{Kind: kpi.SourceCSV, Path: "a.csv", SkipLines: int(skip % 5), HeaderLines: int(header % 5)}
		if end != "" {
			src.EndsAt = []string{end}
		}
		var names []string
		rows, faulty := int64(0), int64(0)
		var failed error
		for row, err := range ReadTable(t.Context(), from, src, Limits{}) {
			switch {
			case err != nil:
				failed = err
			case names == nil:
				names = row.Fields
			case len(row.Faults) > 0:
				faulty++
			case len(row.Fields) != len(names):
				t.Fatalf("%q: row %+v under the header %q", text, row, names)
			default:
				rows++
			}
		}
		if failed != nil && kpi.ErrorCode(failed) != kpi.CodeInvalid {
			t.Fatalf("%q: error without a message for people: %v", text, failed)
		}
		if failed != nil || rows+faulty == 0 {
			return
		}
		ds := dataset(names...)
		ds.Source, ds.Source.Path = src, "data/*"
		res, err := read(t, ds, folder(text))
		if err != nil { // two columns of one name, for one
			return
		}
		if res.Files[0].Rows != rows || int64(len(res.Rejects)) != faulty {
			t.Errorf("%q: %d rows and %d faulty ones, but the copy has %d and %d", text, rows, faulty, res.Files[0].Rows, len(res.Rejects))
		}
	})
}
