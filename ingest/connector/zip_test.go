package connector

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

const twoRows = "a,b\n1,2\n3,4\n"

func TestArchives(t *testing.T) {
	header := func(h zip.FileHeader, content string) string {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f, err := w.CreateHeader(&h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	stored := header(zip.FileHeader{Name: "a.csv", Method: zip.Store}, twoRows)
	directory := strings.LastIndex(stored, "PK\x01\x02")
	flag := func(at int, b byte) string { x := []byte(stored); x[directory+at] |= b; return string(x) }
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, twoRows); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	many := make([]string, 0, 42)
	for i := range 21 {
		many = append(many, fmt.Sprintf("%d.csv", i), twoRows)
	}
	for _, c := range []struct {
		name, in, member, want string // want: of the error
		limits                 Limits
		files                  []string
	}{
		{"one file in folders", archiveOf(t, "x/", "", "x/y/", "", "x/y/a.csv", twoRows), "", "", Limits{}, []string{"data/a.zip/x/y/a.csv"}},
		{"a glob of the last part", archiveOf(t, "x/a.csv", twoRows, "y/b.csv", twoRows, "y/b.txt", "?"), "*.csv", "", Limits{}, []string{"data/a.zip/x/a.csv", "data/a.zip/y/b.csv"}},
		{"a glob of the whole", archiveOf(t, "x/a.csv", twoRows, "y/b.csv", twoRows), "y/*", "", Limits{}, []string{"data/a.zip/y/b.csv"}},
		{"no glob", archiveOf(t, "a.csv", twoRows), "[", `member "[" is no pattern of file names`, Limits{}, nil},
		{"many files to choose from", archiveOf(t, many...), "", `holds 21 files: "0.csv", "1.csv"`, Limits{}, nil},
		{"too many", archiveOf(t, many...), "0.csv", "holds 21 entries and 20 are the most that is read", Limits{Members: 20}, nil},
		{"too large", archiveOf(t, many...), "0.csv", "grows to more than 200 bytes", Limits{Bytes: 200}, nil},
		{"a bomb", archiveOf(t, "a.csv", "a,b\n"+strings.Repeat("1,2\n", 1<<20)), "", "grows to more than 100 times its size", Limits{RatioFrom: 1 << 20}, nil},
		{"a file twice", archiveOf(t, "a.csv", twoRows, "a.csv", twoRows), "", "which is there twice", Limits{}, nil},
		{"a drive", archiveOf(t, `C:a.csv`, twoRows), "", "leads out of the archive", Limits{}, nil},
		{"a backslash", archiveOf(t, `x\a.csv`, twoRows), "", "leads out of the archive", Limits{}, nil},
		{"a parent in the middle", archiveOf(t, `x/../../a.csv`, twoRows), "", "leads out of the archive", Limits{}, nil},
		{"encrypted", flag(8, 1), "", "which is encrypted; deliver it without a password", Limits{}, nil},
		{"another method", flag(10, 12), "", "which is compressed with method 12", Limits{}, nil},
		{"another checksum", flag(16, 0xff), "", "data/a.zip/a.csv is damaged: the checksum does not match; fetch it again", Limits{}, nil},
		{"another size", flag(24, 0xff), "", "is damaged or cut short", Limits{}, nil},
		{"within an archive", archiveOf(t, "b.zip", stored), "", "data/a.zip/b.zip is an archive within an archive", Limits{}, nil},
		{"gzip within an archive", archiveOf(t, "a.csv.gz", packed.String()), "", "data/a.zip/a.csv.gz is an archive within an archive", Limits{}, nil},
		{"empty", archiveOf(t), "", "is an empty ZIP archive", Limits{}, nil},
		{"nothing but folders", archiveOf(t, "x/", ""), "", "is an empty ZIP archive", Limits{}, nil},
		{"an empty file", archiveOf(t, "a.csv", ""), "", "data/a.zip/a.csv is empty", Limits{}, nil},
		{"a page", archiveOf(t, "a.csv", "<html>"), "", "data/a.zip/a.csv is an HTML or XML page", Limits{}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			ds := dataset("a", "b")
			ds.Source.Member = c.member
			dir := t.TempDir()
			res, err := CSV{}.Read(t.Context(), Request{Folder: fstest.MapFS{"data/a.zip": {Data: []byte(c.in)}}, Dataset: ds, Dir: dir, Limits: c.limits})
			if c.want != "" {
				if err == nil || kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, f := range res.Files {
				names = append(names, f.Source)
				if f.Rows != 2 || f.Bytes != int64(len(twoRows)) {
					t.Errorf("%s: %d rows of %d bytes", f.Source, f.Rows, f.Bytes)
				}
			}
			if diff := cmp.Diff(c.files, names); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestSharedBytes: an archive whose entries share bytes holds more than there is room for.
func TestSharedBytes(t *testing.T) {
	in := []byte(archiveOf(t, "a.csv", twoRows, "b.csv", twoRows))
	second := bytes.LastIndex(in, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(in[second+42:], 0) // where its data are: where those of the first are
	ds := dataset("a", "b")
	ds.Source.Member = "a.csv"
	_, err := read(t, ds, fstest.MapFS{"data/a.zip": {Data: in}})
	if err == nil || !strings.Contains(err.Error(), "its entries share the same bytes") {
		t.Errorf("error %v", err)
	}
}

// forwardFS hands out files that can only be read from their beginning.
type forwardFS struct{ fs.FS }

type forwardFile struct{ fs.File }

func (f forwardFS) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	if err != nil || !strings.Contains(name, ".") {
		return file, err
	}
	return forwardFile{file}, nil
}

func (f forwardFS) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(f.FS, name) }

func TestFolderWithoutRandomAccess(t *testing.T) {
	from := fstest.MapFS{"data/a.zip": {Data: []byte(archiveOf(t, "a.csv", twoRows))}}
	res, err := read(t, dataset("a", "b"), forwardFS{from}) // which counts the files that are left
	if err != nil || res.Read != 2 {
		t.Errorf("%d rows, %v", res.Read, err)
	}
}

// TestCutArchives cuts archives and workbooks at every byte. They know where they end, so no cut goes unnoticed.
func TestCutArchives(t *testing.T) {
	text := synthetic(t, "good.csv")
	var rows []string
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		rows = append(rows, rowXML(i+1, strings.Split(line, ",")...))
	}
	book := workbookOf(t, "<sheetData>"+strings.Join(rows, "")+"</sheetData>")
	workbook := xlsxDataset("date", "dept", "kpi", "value")
	for _, c := range []struct {
		name, in string
		ds       *kpi.Dataset
	}{{"a.zip", archiveOf(t, "good.csv", text), usual()}, {"a.xlsx", book, workbook}} {
		for n := range len(c.in) {
			if _, _, err := readFiled(t, c.ds, map[string]string{"data/" + c.name: c.in[:n]}); kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Errorf("%s, cut to %d bytes: %v", c.name, n, err)
			}
		}
		if res, _, err := readFiled(t, c.ds, map[string]string{"data/" + c.name: c.in}); err != nil || res.Files[0].Rows != 12 {
			t.Errorf("%s whole: %v", c.name, err)
		}
	}
}

// TestCutText: plain text does not know where it ends. What can be told is told: a row that lacks fields at the end of a file without a line
// end was cut. What cannot: a cut between two rows, and a cut within the last value (10 of 101). For these the number of rows, which the
// dataset expects, the length that a server announces, or an end that is declared with ends_at must speak.
func TestCutText(t *testing.T) {
	text := synthetic(t, "good.csv")
	ended := usual()
	ended.Source.EndsAt = []string{"Total"}
	in := text + "Total,,,1278\n" // what is cut off before the end is also cut off a file without one
	passed := 0
	for n := range len(in) {
		res, _, err := readFiled(t, ended, map[string]string{"data/a.csv": in[:n]})
		if err != nil {
			continue
		}
		passed++
		last := in[strings.LastIndexByte(in[:n], '\n')+1 : n]
		whole := strings.HasPrefix(last, "Total")
		if last != "" && strings.Count(last, ",") != 3 && !whole {
			t.Errorf("cut to %d bytes: %q is no row", n, last)
		}
		if !whole && (len(res.Warnings) != 1 || !strings.Contains(res.Warnings[0], "rows may be missing at its end")) {
			t.Errorf("cut to %d bytes: warnings %q", n, res.Warnings)
		}
	}
	if passed == 0 || passed > len(in)/6 {
		t.Errorf("%d of %d cuts pass", passed, len(in))
	}
}

// TestSameTableOtherwiseWritten: however a table is written, the same rows come of it.
func TestSameTableOtherwiseWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	var lines [][]string
	for i := range 50 {
		lines = append(lines, []string{fmt.Sprint(i), []string{"Santé", "a,b", "say \"no\"", "x\ny", "", " "}[r.IntN(6)], fmt.Sprint(r.IntN(9)), "é;|"})
	}
	columns := []string{"id", "text", "n", "mark"}
	write := func(order []int, delim, nl string, always bool) string {
		var b strings.Builder
		for _, l := range append([][]string{columns}, lines...) {
			for i, k := range order {
				if i > 0 {
					b.WriteString(delim)
				}
				if always || strings.ContainsAny(l[k], delim+"\"\r\n") {
					b.WriteString(`"` + strings.ReplaceAll(l[k], `"`, `""`) + `"`)
				} else {
					b.WriteString(l[k])
				}
			}
			b.WriteString(nl)
		}
		return b.String()
	}
	rowsOf := func(name, text string, change func(*kpi.Source)) []string {
		t.Helper()
		ds := dataset(columns...)
		change(&ds.Source)
		_, plain, err := readFiled(t, ds, map[string]string{"data/a": text})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		records, refused := readSlowly(plain, ',', '"')
		if refused != "" {
			t.Fatal(refused)
		}
		var rows []string
		for _, rec := range records[1:] {
			row := map[string]string{}
			for i, h := range records[0].fields[1:] {
				row[h] = rec.fields[i+1]
			}
			rows = append(rows, fmt.Sprintf("%q", []string{row["id"], row["text"], row["n"], row["mark"]}))
		}
		slices.Sort(rows)
		return rows
	}
	usualOrder := []int{0, 1, 2, 3}
	plain := write(usualOrder, ",", "\n", false)
	as := func(text, bom string, order binary.AppendByteOrder) string {
		b := []byte(bom)
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	none := func(*kpi.Source) {}
	want := rowsOf("plain", plain, none)
	shuffled := slices.Clone(lines)
	for _, c := range []struct {
		name, text string
		change     func(*kpi.Source)
	}{
		{"columns in another order", write([]int{2, 0, 3, 1}, ",", "\n", false), none},
		{"quotes everywhere", write(usualOrder, ",", "\n", true), none},
		{"semicolons", write(usualOrder, ";", "\n", false), func(s *kpi.Source) { s.Delimiter = ";" }},
		{"tabs", write(usualOrder, "\t", "\n", false), func(s *kpi.Source) { s.Delimiter = "\t" }},
		{"CRLF", write(usualOrder, ",", "\r\n", false), none},
		{"a byte order mark", "\xef\xbb\xbf" + plain, none},
		{"UTF-16", as(plain, "\xff\xfe", binary.LittleEndian), none},
		{"UTF-16, the other way", as(plain, "", binary.BigEndian), func(s *kpi.Source) { s.Encoding = "utf-16be" }},
		{"Windows-1252", strings.ReplaceAll(plain, "é", "\xe9"), func(s *kpi.Source) { s.Encoding = "windows-1252" }},
		{"in an archive", archiveOf(t, "a.csv", plain), none},
		{"behind a title", "Report \"of\n\n" + plain, func(s *kpi.Source) { s.SkipLines = 2 }},
		{"before an end", plain + "Total,,,\nanything \" goes\n", func(s *kpi.Source) { s.EndsAt = []string{"Total"} }},
	} {
		if diff := cmp.Diff(want, rowsOf(c.name, c.text, c.change)); diff != "" {
			t.Errorf("%s:\n%s", c.name, diff)
		}
	}
	r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	lines = shuffled
	if diff := cmp.Diff(want, rowsOf("rows in another order", write(usualOrder, ",", "\n", false), none)); diff != "" {
		t.Errorf("rows in another order:\n%s", diff)
	}
}
