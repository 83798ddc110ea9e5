package connector

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"

	"citystat/kpi"
)

// dataset declares text columns of the given names.
func dataset(columns ...string) *kpi.Dataset {
	ds := &kpi.Dataset{ID: "requests", Source: kpi.Source{Kind: "csv", Path: "data/*"}}
	for _, c := range columns {
		ds.Columns = append(ds.Columns, kpi.Column{Name: strings.ToLower(c), From: c, Type: kpi.TypeText})
	}
	return ds
}

// usual is the dataset of the synthetic files.
func usual() *kpi.Dataset { return dataset("date", "dept", "kpi", "value") }

func folder(content string) fs.FS { return fstest.MapFS{"data/a.csv": {Data: []byte(content)}} }

// read runs the connector and checks what must hold whatever came: the law of conservation, the hashes, and that both copies are the
// same.
func read(t *testing.T, ds *kpi.Dataset, from fs.FS) (Result, error) {
	t.Helper()
	dir := t.TempDir()
	res, err := CSV{}.Read(t.Context(), Request{Folder: from, Dataset: ds, Dir: dir})
	left, rerr := os.ReadDir(dir)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if err != nil {
		if len(left) > 0 {
			t.Errorf("after an error %d files are left, such as %s", len(left), left[0].Name())
		}
		return res, err
	}
	var rows int64
	copies := map[string]bool{}
	for _, f := range res.Files {
		rows += f.Rows
		copies[f.Copy] = true
		checkCopy(t, f)
	}
	if len(left) != 2*len(copies) {
		t.Errorf("%d files for %d copies", len(left), len(copies))
	}
	if res.Read != rows+int64(len(res.Rejects))+res.Skipped {
		t.Errorf("read %d ≠ %d rows + %d rejects + %d skipped", res.Read, rows, len(res.Rejects), res.Skipped)
	}
	return res, nil
}

func checkCopy(t *testing.T, f File) {
	t.Helper()
	plain := plainOf(t, f)
	sum := sha256.Sum256(plain)
	if f.Copy != hex.EncodeToString(sum[:]) {
		t.Errorf("copy %s does not have the hash of its bytes", f.Copy)
	}
	packed, err := os.Open(f.Compressed)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := io.ReadAll(s2.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(plain, unpacked) {
		t.Error("the compressed copy is another one")
	}
	if !utf8.Valid(plain) || bytes.IndexByte(plain, 0) >= 0 {
		t.Error("the copy is not UTF-8 without NUL")
	}
	records, err := csv.NewReader(bytes.NewReader(plain)).ReadAll()
	if err != nil {
		t.Fatalf("the copy is no CSV: %v\n%s", err, plain)
	}
	if int64(len(records)-1) != f.Rows {
		t.Errorf("the copy has %d rows, Rows says %d", len(records)-1, f.Rows)
	}
}

func plainOf(t *testing.T, f File) []byte {
	t.Helper()
	b, err := os.ReadFile(f.Plain)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// good reads content that must be let through, and returns its only copy.
func good(t *testing.T, ds *kpi.Dataset, content string) (Result, string) {
	t.Helper()
	res, err := read(t, ds, folder(content))
	if err != nil {
		t.Fatal(err)
	}
	return res, string(plainOf(t, res.Files[0]))
}

func synthetic(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "synthetic", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCopies(t *testing.T) {
	semicolon := usual()
	semicolon.Source.Delimiter = ";"
	single := usual()
	single.Source.Quote = "'"
	tab := dataset("a", "b")
	tab.Source.Delimiter = "\t"
	drop := dataset("date", "value")
	drop.Drop = []string{"DEPT ", "kpi", "never there"}
	for _, c := range []struct {
		name, in, want string
		ds             *kpi.Dataset
		skipped        int64
	}{
		{"as it is", "date,dept,kpi,value\n1,P,k,2\n", "_line,date,dept,kpi,value\n2,1,P,k,2\n", usual(), 0},
		{"no line end at the end", "date,dept,kpi,value\n1,P,k,2", "_line,date,dept,kpi,value\n2,1,P,k,2\n", usual(), 0},
		{"CRLF", "date,dept,kpi,value\r\n1,P,k,2\r\n\r\n3,P,k,4\r\n", "_line,date,dept,kpi,value\n2,1,P,k,2\n4,3,P,k,4\n", usual(), 1},
		{"LF and CRLF", "date,dept,kpi,value\r\n1,P,k,2\n3,P,k,\"4\"\r\n", "_line,date,dept,kpi,value\n2,1,P,k,2\n3,3,P,k,4\n", usual(), 0},
		{"CR alone", "date,dept,kpi,value\r1,P,k,2\r\r3,\"P\rQ\",k,4\r5,P,k,6", "_line,date,dept,kpi,value\n2,1,P,k,2\n4,3,\"P\rQ\",k,4\n6,5,P,k,6\n", usual(), 1},
		{"CR at the very end", "date,dept,kpi,value\n1,P,k,\"2\"\r", "_line,date,dept,kpi,value\n2,1,P,k,2\n", usual(), 0},
		{"line numbers behind a newline in quotes", "date,dept,kpi,value\n1,\"P\nQ\",k,2\n3,P,k,4\n", "_line,date,dept,kpi,value\n2,1,\"P\nQ\",k,2\n4,3,P,k,4\n", usual(), 0},
		{"needless quotes go, needed ones stay", "\"date\",\"dept\",kpi,value\n\"1\",\"P, Q\",\"\",\"say \"\"no\"\"\"\n", "_line,date,dept,kpi,value\n2,1,\"P, Q\",,\"say \"\"no\"\"\"\n", usual(), 0},
		{"semicolons", "date;dept;kpi;value\n1;P, Q;\"k;\";2,5\n", "_line,date,dept,kpi,value\n2,1,\"P, Q\",k;,\"2,5\"\n", semicolon, 0},
		{"other quotes", "date,dept,kpi,value\n1,'P, ''Q''',say \"no\",2\n3,P,5\",4\n", "_line,date,dept,kpi,value\n2,1,\"P, 'Q'\",\"say \"\"no\"\"\",2\n3,3,P,\"5\"\"\",4\n", single, 0},
		{"tabs", "a\tb\n1,5\t2\n", "_line,a,b\n2,\"1,5\",2\n", tab, 0},
		{"other order", "value,kpi,dept,date\n2,k,P,1\n", "_line,value,kpi,dept,date\n2,2,k,P,1\n", usual(), 0},
		{"dropped columns", "date,dept,kpi,value\n1,secret,\"also\nsecret\",2\n", "_line,date,value\n2,1,2\n", drop, 0},
		{"blank lines before the header and after", "\n \ndate,dept,kpi,value\n\n1,P,k,2\n\n\n", "_line,date,dept,kpi,value\n5,1,P,k,2\n", usual(), 5},
		{"sep line", "sep=,\r\ndate,dept,kpi,value\r\n1,P,k,2\r\n", "_line,date,dept,kpi,value\n3,1,P,k,2\n", usual(), 0},
		{"end mark of MS-DOS", "date,dept,kpi,value\n1,P,k,2\n\x1a", "_line,date,dept,kpi,value\n2,1,P,k,2\n", usual(), 0},
		{"end mark behind the last field", "date,dept,kpi,value\n1,P,k,2\x1a", "_line,date,dept,kpi,value\n2,1,P,k,2\n", usual(), 0},
		{"spaces are data", "date,dept,kpi,value\n 1 , P,k ,2\n", "_line,date,dept,kpi,value\n2, 1 , P,k ,2\n", usual(), 0},
		{"one column", "a\n1\n\n2\n", "_line,a\n2,1\n4,2\n", dataset("a"), 1},
		{"a header with a comma", "\"a,b\"\n1\n", "_line,\"a,b\"\n2,1\n", dataset("a,b"), 0},
		{"one source for two columns", "a,b\n1,2\n", "_line,a,b\n2,1,2\n", dataset("a", "b", "a"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, got := good(t, c.ds, c.in)
			if got != c.want {
				t.Errorf("copy %q\nwant %q", got, c.want)
			}
			if len(res.Rejects) > 0 || res.Skipped != c.skipped || len(res.Warnings) > 0 {
				t.Errorf("rejects %v, skipped %d (want %d), warnings %q", res.Rejects, res.Skipped, c.skipped, res.Warnings)
			}
		})
	}
}

func TestRejects(t *testing.T) {
	drops := dataset("date", "dept", "value")
	drops.Drop = []string{"kpi"}
	reject := func(line int64, column, reason, detail, raw string) kpi.Reject {
		return kpi.Reject{Dataset: "requests", File: "data/a.csv", Line: line, Column: column, Reason: reason, Detail: detail, Raw: raw}
	}
	const head = "date,dept,kpi,value\n"
	const quoteMend = `a quote stands in the middle of a field; put the field in quotes (") and double the quotes in it`
	const crMend = "a carriage return stands alone in the row, so two rows may have run together; end every row with the same line end"
	count := func(n int) string {
		return fmt.Sprintf("the row has %d fields and the header 4; put a field that holds the delimiter ',' in quotes", n)
	}
	for _, c := range []struct {
		name, in string
		ds       *kpi.Dataset
		want     kpi.Reject
	}{
		{"short", "1,P\n", usual(), reject(2, "", "field_count", count(2), "1,P")},
		{"long", "1,P,k,2,5\n", usual(), reject(2, "", "field_count", count(5), "1,P,k,2,5")},
		{"long in quotes", "1,\"P\",k,2,5\n", usual(), reject(2, "", "field_count", count(5), `1,"P",k,2,5`)},
		{"after lines in quotes", "1,\"P\n\nQ\",k,2\n1,P\n", usual(), reject(5, "", "field_count", count(2), "1,P")},
		{"spaces alone", "  \n", usual(), reject(2, "", "field_count", count(1), "  ")},
		{"Latin-1", "1,Sant\xe9,k,2\n", usual(), reject(2, "dept", "invalid_utf8", "byte E9 is no UTF-8; if the file is not UTF-8, declare its encoding (such as windows-1252)", `1,Sant\xE9,k,2`)},
		{"Latin-1 in quotes", "1,P,\"k,\nSant\xe9\",2\n", usual(), reject(2, "kpi", "invalid_utf8", "byte E9 is no UTF-8; if the file is not UTF-8, declare its encoding (such as windows-1252)", "1,P,\"k,\nSant\\xE9\",2")},
		{"a surrogate", "\xed\xa0\x80,P,k,2\n", usual(), reject(2, "date", "invalid_utf8", "byte ED is no UTF-8; if the file is not UTF-8, declare its encoding (such as windows-1252)", `\xED\xA0\x80,P,k,2`)},
		{"NUL", "1,P,k,\x002\n", usual(), reject(2, "value", "nul", "a NUL byte is no text; export the file again", `1,P,k,\x002`)},
		{"a quote in a field", "1,Public \"PW\" Works,k,2\n", usual(), reject(2, "dept", "stray_quote", quoteMend, `1,Public "PW" Works,k,2`)},
		{"text after the quote", "1,\"P\" Q,k,2\n", usual(), reject(2, "dept", "stray_quote", quoteMend, `1,"P" Q,k,2`)},
		{"a space before the quote", "1,P, \"k\",2\n", usual(), reject(2, "kpi", "stray_quote", quoteMend, `1,P, "k",2`)},
		{"CR alone", "1,P,k,2\r3,P,k,4\n", usual(), reject(2, "value", "stray_cr", crMend, "1,P,k,2\r3,P,k,4")},
		{"CR alone, right number of fields", "1,P,k\r,2\n", usual(), reject(2, "kpi", "stray_cr", crMend, "1,P,k\r,2")},
		{"CR alone beside quotes", "1,\"P\",k\r,2\n", usual(), reject(2, "kpi", "stray_cr", crMend, "1,\"P\",k\r,2")},
		{"no raw text where columns are dropped", "1,P\n", drops, reject(2, "", "field_count", count(2), "")},
		{"no name of a dropped column", "1,P,\x00,2\n", drops, reject(2, "", "nul", "a NUL byte is no text; export the file again", "")},
		{"at most 1 kB, whole characters", strings.Repeat("é", 600) + ",P\n", usual(), reject(2, "", "field_count", count(2), strings.Repeat("é", 512))},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := read(t, c.ds, folder(head+c.in+"9,Santé,k,9\n")) // some of it is good UTF-8: the file is not in another encoding
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]kpi.Reject{c.want}, res.Rejects); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoRawTextWhereColumnsAreNotKept(t *testing.T) {
	res, err := read(t, dataset("date"), folder("date,ssn\n1,2\n123-45-6789\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Rejects) != 1 || res.Rejects[0].Raw != "" {
		t.Errorf("rejects %+v", res.Rejects)
	}
	if diff := cmp.Diff([]string{"ssn"}, res.Files[0].Undeclared); diff != "" {
		t.Error(diff)
	}
}

func TestRefusedDeliveries(t *testing.T) {
	gz := func(s string) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, s); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const head = "date,dept,kpi,value\n"
	encoded := func(name string) *kpi.Dataset { ds := usual(); ds.Source.Encoding = name; return ds }
	for _, c := range []struct {
		name, in, want string
		ds             *kpi.Dataset
	}{
		{"empty", "", "data/a.csv is empty; the last good data stay", nil},
		{"nothing but a mark", "\xef\xbb\xbf", "data/a.csv holds nothing but blank lines; the last good data stay", nil},
		{"blank", " \n\t\r\n\n", "data/a.csv holds nothing but blank lines; the last good data stay", nil},
		{"header only", head, "data/a.csv has a header and no rows; the last good data stay", nil},
		{"header and blank lines", head + "\n\n", "data/a.csv has a header and no rows; the last good data stay", nil},
		{"empty gzip", gz(""), "data/a.csv is empty once it is decompressed; the last good data stay", nil},
		{"a quote never closed", head + "1,P,k,2\n3,\"P,k,4\n5,P,k,6\n", "data/a.csv line 3: a quote is opened here and never closed; close it, or double it if it belongs to the text", nil},
		{"a quote in quotes never closed", head + "1,\"P\n\"\"\nQ,k,4\n", "data/a.csv line 2: a quote is opened here and never closed; close it, or double it if it belongs to the text", nil},
		{"a quote closed by that of a later row", head + "1,\"P,k,2\n3,P,k,4\n5,\"P\",k,6\n", "data/a.csv line 2: quotes do not match between here and line 4, so it is unknown where rows end; close the quote that is open, and double quotes that belong to the text", nil},
		{"quotes that do not match behind another fault", head + "1\r1,P\"x,\"k\n\",2\n", "data/a.csv line 2: quotes do not match between here and line 3, so it is unknown where rows end; close the quote that is open, and double quotes that belong to the text", nil},
		{"swallowed rows", head + "1,P,k,\"2\n3,P,k,4\n5,P,k,\",6\n", "data/a.csv line 2: a quoted field runs on to line 4 and has swallowed whole rows; a quote is missing or one too many", nil},
		{"cut off", head + "1,P,k,2\n3,P", "data/a.csv line 3: the file ends in the middle of a row, after 2 of 4 fields and without a line end; it was cut off, fetch it again", nil},
		{"markup", "<!DOCTYPE html><p>", "data/a.csv is an HTML or XML page and holds no data; the address may have answered with an error or a login page", nil},
		{"JSON", "\n{\"error\":true}", "data/a.csv is JSON and not CSV; the address may have answered with an error", nil},
		{"Git LFS", "version https://git-lfs.github.com/spec/v1\n", "data/a.csv is a Git LFS pointer and not the file it points to; fetch it with git lfs pull", nil},
		{"a conflict at the beginning", "<<<<<<< HEAD\n" + head, "data/a.csv holds the marks of a merge conflict; resolve it first", nil},
		{"a conflict in the middle", head + "1,P,k,2\n=======\n3,P,k,4\n", "data/a.csv line 3 holds the mark of a merge conflict; resolve it first", nil},
		{"a conflict in one column", "a\n1\n>>>>>>> theirs\n", "data/a.csv line 3 holds the mark of a merge conflict; resolve it first", dataset("a")},
		{"ZIP", "PK\x03\x04....", "data/a.csv is damaged or cut short: it is no whole ZIP archive; fetch it again", nil},
		{"gzip in gzip", gz(gz(head)), "data/a.csv is gzip within gzip and not CSV; deliver CSV, plain, as .gz or in a .zip", nil},
		{"UTF-16 without a mark", strings.Join(strings.Split(head, ""), "\x00"), "data/a.csv is full of NUL bytes and looks like UTF-16; declare encoding: utf-16le (or utf-16be)", nil},
		{"another mark than declared", "\xff\xfed\x00", "data/a.csv begins with the byte order mark of utf-16le and is declared windows-1252; declare encoding: utf-16le", encoded("windows-1252")},
		{"unknown encoding", head, `data/a.csv: encoding "ebcdic" is unknown; declare utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1`, encoded("ebcdic")},
		{"broken header", "da\x00te,dept\n", "data/a.csv line 1: the header is broken in column 1: a NUL byte is no text; export the file again", nil},
		{"header in Latin-1", "date,d\xe9p\n", "data/a.csv line 1: the header is broken in column 2: byte E9 is no UTF-8; if the file is not UTF-8, declare its encoding (such as windows-1252)", nil},
		{"sep line of another delimiter", "sep=;\ndate;dept\n", `data/a.csv line 1 says that the delimiter is ";" and the dataset declares ','; declare delimiter: ";"`, nil},
		{"LF after CR", "a\r" + strings.Repeat("1234567\r", 1<<19) + "2\n3\n", "data/a.csv line 524290: rows end with a carriage return up to here and with a line feed now; write the file with one kind of line end", dataset("a")},
		{"duplicate column", "date,dept,value,value\n", `data/a.csv line 1: column "value" is there 2 times (columns 3 and 4); nobody can tell which one is meant`, dataset("date", "value")},
		{"renamed column", "date,department,kpi,value\n", `data/a.csv line 1: column "dept" is missing; the header has "department": renamed? If so, write from: department in datasets/requests.yaml`, nil},
		{"renamed column beside one of like letters", "date,dept,kpi,volume,measured_value\n", `data/a.csv line 1: column "value" is missing; the header has "measured_value": renamed? If so, write from: measured_value in datasets/requests.yaml`, nil},
		{"two missing", "date,dept\n", `data/a.csv line 1: column "kpi" is missing; the header has "date", "dept"; column "value" is missing; the header has "date", "dept"`, nil},
		{"no name", "date,,kpi,value\n", `data/a.csv line 1: column "dept" is missing; the header has "date", "column 2 (no name)", "kpi", "value"`, nil},
		{"delimiter", "date;dept;kpi;value\n", `data/a.csv line 1: the header is cut at ',' and its columns are not found; it looks as if they were delimited by ";": declare delimiter: ";", and for its numbers decimal: "," if they are written so`, nil},
		{"text before the header", "Report\n\n" + head, "data/a.csv line 1: this is not the header; line 3 is: declare skip_lines: 2", nil},
		{"text and no header", "Report\n1,2\n", `data/a.csv line 1: the header is a single column and 4 are declared; is the delimiter declared right, or does text stand before the header?`, nil},
		{"Latin-1", head + "1,Parks,k,2\n3,Sant\xe9,k,2\n", `data/a.csv is not written in UTF-8: byte E9 in line 3, column "dept", is the first that shows it; declare encoding: windows-1252, or whichever it is`, nil},
		{"another column", "when\n", `data/a.csv line 1: column "reported" is missing: of the 1 that are there none has a name that the folder knows; is this the header?`, dataset("reported")},
		{"a bomb", gz("date,dept,kpi,value\n" + strings.Repeat("1,2,3,4\n", 3<<19)), "data/a.csv grows to more than 100 times its size when it is decompressed; that is no table of a city", nil},
		{"damaged gzip", gz(head + "1,2,3,4\n")[:44] + "12345678", "data/a.csv is damaged: the checksum of the compressed data does not match; fetch it again", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.ds == nil {
				c.ds = usual()
			}
			_, err := read(t, c.ds, folder(c.in))
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v\nwant  %s", err, c.want)
			}
			if got := kpi.ErrorCode(err); got != kpi.CodeInvalid {
				t.Errorf("code %q", got)
			}
		})
	}
}

func TestDatasetsThatCannotBeRead(t *testing.T) {
	with := func(f func(*kpi.Source)) *kpi.Dataset { ds := usual(); f(&ds.Source); return ds }
	for _, c := range []struct {
		ds   *kpi.Dataset
		want string
	}{
		{with(func(s *kpi.Source) { s.Path = "data/b*.csv" }), `dataset requests: no file matches "data/b*.csv" in the city folder; bring the file or mend source: path`},
		{with(func(s *kpi.Source) { s.Path = "data/[" }), `dataset requests: source path "data/[" is no pattern of file names: syntax error in pattern`},
		{with(func(s *kpi.Source) { s.Path = "dat*" }), `data is no regular file; a source must name files`},
		{with(func(s *kpi.Source) { s.Delimiter = "ab" }), `dataset requests: delimiter "ab" is not one plain character`},
		{with(func(s *kpi.Source) { s.Quote = "é" }), `dataset requests: quote "é" is not one plain character`},
		{with(func(s *kpi.Source) { s.Delimiter = `"` }), `dataset requests: delimiter and quote are both '"'`},
	} {
		_, err := read(t, c.ds, folder("date,dept,kpi,value\n1,2,3,4\n"))
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v\nwant  %s", err, c.want)
		}
	}
}

func TestHeaderThatOnlyLooksDifferent(t *testing.T) {
	res, got := good(t, usual(), synthetic(t, "case_space_header.csv"))
	if want := "_line,date,dept,kpi,value\n2,2026-01-01,P,a,1\n"; got != want {
		t.Errorf("copy %q, want %q", got, want)
	}
	want := []string{
		`data/a.csv line 1: the header " Date " was read as "date"`, `data/a.csv line 1: the header " DEPT" was read as "dept"`,
		`data/a.csv line 1: the header "Kpi " was read as "kpi"`, `data/a.csv line 1: the header "VALUE" was read as "value"`,
	}
	if diff := cmp.Diff(want, res.Warnings); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenUTF16IsSetAside(t *testing.T) {
	ds := dataset("a", "b")
	ds.Source.Encoding = "utf-16le"
	text := func(s string) string {
		var b strings.Builder
		for _, c := range []byte(s) {
			b.WriteByte(c)
			b.WriteByte(0)
		}
		return b.String()
	}
	in := text("a,b\n1,") + "\x3d\xd8\x00\xde" + text("\n2,") + "\x00\xd8" + text("x\n3,") + "\x00\xdc" + text("\n4,5\n6,") + "\x00"
	res, err := read(t, ds, folder(in))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(plainOf(t, res.Files[0])); got != "_line,a,b\n2,1,😀\n5,4,5\n" {
		t.Errorf("copy %q", got)
	}
	var lines []int64
	for _, r := range res.Rejects {
		lines = append(lines, r.Line)
	}
	if diff := cmp.Diff([]int64{3, 4, 6}, lines); diff != "" {
		t.Error(diff)
	}
}

func TestSeveralFilesAreOneDelivery(t *testing.T) {
	ds := dataset("a", "b")
	var gz bytes.Buffer
	z := gzip.NewWriter(&gz)
	if _, err := io.WriteString(z, "b,a\n2,1\nx\n"); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	from := fstest.MapFS{
		"data/2.csv": {Data: gz.Bytes()}, "data/1.csv": {Data: []byte("a,b,\n1,2,3\n")}, "data/3.csv": {Data: []byte("a,b,\n1,2,3\n")},
		"else/4.csv": {Data: []byte("no")},
	}
	res, err := read(t, ds, from)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range res.Files {
		got = append(got, fmt.Sprintf("%s %d %v", f.Source, f.Rows, f.Undeclared))
	}
	want := []string{"data/1.csv 1 [column 3 (no name)]", "data/2.csv 1 []", "data/3.csv 1 [column 3 (no name)]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if res.Files[0].Copy != res.Files[2].Copy || res.Rejects[0].File != "data/2.csv" || res.Rejects[0].Line != 3 {
		t.Errorf("files %+v, rejects %+v", res.Files, res.Rejects)
	}
	sum := sha256.Sum256(gz.Bytes())
	if res.Files[1].SourceHash != hex.EncodeToString(sum[:]) || res.Files[1].Bytes != int64(gz.Len()) {
		t.Errorf("source %s of %d bytes", res.Files[1].SourceHash, res.Files[1].Bytes)
	}
	from["data/3.csv"] = &fstest.MapFile{Data: []byte("a,b\n1,2\nx,\"y\n")}
	if _, err := read(t, ds, from); err == nil || !strings.Contains(err.Error(), "data/3.csv line 3") {
		t.Errorf("a broken third file: %v", err)
	}
}

func TestSourceHashKnowsOrderAndContent(t *testing.T) {
	hash := func(a, b string) string {
		res, err := read(t, dataset("a"), fstest.MapFS{"data/a.csv": {Data: []byte(a)}, "data/b.csv": {Data: []byte(b)}})
		if err != nil {
			t.Fatal(err)
		}
		return res.SourceHash
	}
	one, two := "a\n1\n", "a\n2\n"
	first, again := hash(one, two), hash(one, two)
	if first != again || first == hash(two, one) || first == hash(one, one) {
		t.Error("the hash of the sources does not tell deliveries apart")
	}
}
