package connector

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"citystat/kpi"
)

// parquetOf writes rows as a file.
func parquetOf[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func parquetFolder(b []byte) fstest.MapFS { return fstest.MapFS{"data/a.parquet": {Data: b}} }

type address struct {
	Street string   `parquet:"street"`
	Number *int32   `parquet:"number,optional"`
	Tags   []string `parquet:"tags,list"`
}

type nest struct {
	V []float64 `parquet:"v,list"`
	W *float64  `parquet:"w,optional"`
}

type everything struct {
	ID      int64            `parquet:"id"`
	Name    *string          `parquet:"name,optional"`
	Open    bool             `parquet:"open"`
	Cost    int64            `parquet:"cost,decimal(2:18)"`
	Small   int32            `parquet:"small,decimal(4:9)"`
	Ratio   float64          `parquet:"ratio"`
	Half    float32          `parquet:"half"`
	Count   uint64           `parquet:"count"`
	Day     int32            `parquet:"day,date"`
	Clock   int64            `parquet:"clock,time(microsecond)"`
	At      time.Time        `parquet:"at,timestamp(millisecond)"`
	Naive   int64            `parquet:"naive,timestamp(microsecond:local)"`
	Old     deprecated.Int96 `parquet:"old"`
	UUID    [16]byte         `parquet:"uuid,uuid"`
	Where   *address         `parquet:"where,optional"`
	Places  []address        `parquet:"places,list"`
	Numbers []int64          `parquet:"numbers"`
	Map     map[string]int32 `parquet:"map"`
	Nested  []nest           `parquet:"nested,list"`
}

func TestParquetTypes(t *testing.T) {
	name, number, half := "Zoë, \"Z\"", int32(7), 0.5
	nan := math.NaN()
	b := parquetOf(t, []everything{
		{ID: 9007199254740993, Name: &name, Open: true, Cost: -1250, Small: 5, Ratio: 0.1, Half: 0.1, Count: math.MaxUint64, Day: 19000, Clock: 3_661_000_001,
			At: time.Date(2026, 3, 1, 23, 59, 59, 120_000_000, time.UTC), Naive: -1, Old: deprecated.Int96{1, 0, 2440588},
			UUID: [16]byte{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 1, 2, 3, 4, 5, 6, 7, 8}, Where: &address{Street: "Main", Number: &number, Tags: []string{"a", "b"}},
			Places: []address{{Street: "x"}, {Street: "y", Number: &number, Tags: []string{"c"}}}, Numbers: []int64{1, 2, 3}, Map: map[string]int32{"k": 1}},
		{Ratio: math.Inf(-1), Half: 1e30, At: time.Unix(0, 0)},
	})
	columns := []string{"id", "name", "open", "cost", "small", "ratio", "half", "count", "day", "clock", "at", "naive", "old", "uuid", "where.street", "where.number", "where.tags", "places", "numbers", "map"}
	ds := dataset(columns...)
	res, err := readKind(t, Parquet{}, Request{Folder: parquetFolder(b), Dataset: ds})
	if err != nil {
		t.Fatal(err)
	}
	rows := objects(t, plainOf(t, res.Files[0]))
	for i, want := range []map[string]string{{
		"id": "9007199254740993", "name": name, "open": "true", "cost": "-12.50", "small": "0.0005", "ratio": "0.1", "half": "0.1", "count": "18446744073709551615", "day": "2022-01-08",
		"clock": "01:01:01.000001", "at": "2026-03-01T23:59:59.12Z", "naive": "1969-12-31T23:59:59.999999", "old": "1970-01-01T00:00:00.000000001", "uuid": "12345678-9abc-def0-0102-030405060708",
		"where.street": "Main", "where.number": "7", "where.tags": `["a","b"]`, "places": `[{"street":"x","number":null,"tags":[]},{"street":"y","number":7,"tags":["c"]}]`, "numbers": "[1,2,3]", "map": `{"k":1}`,
	}, {
		"id": "0", "name": "", "open": "false", "cost": "0.00", "small": "0.0000", "ratio": "-Inf", "half": "1e+30", "count": "0", "day": "1970-01-01", "clock": "00:00:00", "at": "1970-01-01T00:00:00Z",
		"where.street": "", "where.number": "", "where.tags": "", "places": "[]", "numbers": "[]", "map": "{}",
	}} {
		for name, text := range want {
			if rows[i][name] != text {
				t.Errorf("row %d: %s is %q, want %q", i+1, name, rows[i][name], text)
			}
		}
	}
	if u := strings.Join(res.Files[0].Undeclared, " "); u != "nested" {
		t.Errorf("undeclared %q", u)
	}

	b = parquetOf(t, []everything{{Nested: []nest{{V: []float64{half, 1, nan}, W: &half}, {}, {V: []float64{2}}}}})
	if res, err = readKind(t, Parquet{}, Request{Folder: parquetFolder(b), Dataset: dataset("id", "nested")}); err != nil {
		t.Fatal(err)
	}
	if got := objects(t, plainOf(t, res.Files[0]))[0]["nested"]; got != `[{"v":[0.5,1,"NaN"],"w":0.5},{"v":[],"w":null},{"v":[2],"w":null}]` {
		t.Errorf("lists of lists: %s", got)
	}
}

type request struct {
	ID   int64  `parquet:"id"`
	Note string `parquet:"note"`
}

// TestParquetForms: compressions, row groups, gzip around the file, several files, and rows that are set aside.
func TestParquetForms(t *testing.T) {
	var rows []request
	for i := range 1000 {
		rows = append(rows, request{ID: int64(i), Note: fmt.Sprintf("note %d", i)})
	}
	var want string
	for name, options := range map[string][]parquet.WriterOption{
		"plain": nil, "snappy": {parquet.Compression(&parquet.Snappy)}, "zstd": {parquet.Compression(&parquet.Zstd)}, "gzip": {parquet.Compression(&parquet.Gzip)},
		"small groups": {parquet.MaxRowsPerRowGroup(7)}, "small pages": {parquet.PageBufferSize(64)}, "version 1": {parquet.DataPageVersion(1)},
	} {
		res, err := readKind(t, Parquet{}, Request{Folder: parquetFolder(parquetOf(t, rows, options...)), Dataset: dataset("id", "note")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want == "" {
			want = res.Files[0].Copy
		}
		if res.Read != 1000 || res.Files[0].Copy != want {
			t.Errorf("%s: %d rows, another copy: %v", name, res.Read, res.Files[0].Copy != want)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(parquetOf(t, rows)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	two := parquetFolder(packed.Bytes())
	two["data/b.parquet"] = &fstest.MapFile{Data: parquetOf(t, []request{{ID: 1, Note: "a\x00b"}, {ID: 2, Note: "\xff"}, {ID: 3, Note: "é"}})}
	res, err := readKind(t, Parquet{}, Request{Folder: two, Dataset: dataset("id", "note")})
	if err != nil || res.Files[0].Copy != want || res.Files[1].Rows != 1 || len(res.Rejects) != 2 {
		t.Fatalf("%v, %+v", err, res)
	}
	if r := res.Rejects; r[0].Line != 1 || r[0].Reason != ReasonNUL || r[1].Line != 2 || r[1].Reason != ReasonInvalidUTF8 || r[0].Column != "note" {
		t.Errorf("rejects %+v", r)
	}
	ds := dataset("id", "Notes")
	if _, err = readKind(t, Parquet{}, Request{Folder: two, Dataset: ds}); err == nil || !strings.Contains(err.Error(), `column "Notes" is missing`) {
		t.Errorf("a missing column: %v", err)
	}
	if _, err = readKind(t, Parquet{}, Request{Folder: parquetFolder(parquetOf(t, []request{})), Dataset: dataset("id", "note")}); err == nil || !strings.Contains(err.Error(), "no rows") {
		t.Errorf("no rows: %v", err)
	}
	long := parquetFolder(parquetOf(t, []request{{Note: strings.Repeat("x", 2000)}}))
	if _, err = readKind(t, Parquet{}, Request{Folder: long, Dataset: dataset("id", "note"), Limits: Limits{Field: 1000}}); err == nil || !strings.Contains(err.Error(), "row 1: the field note is longer than") {
		t.Errorf("a long field: %v", err)
	}
	if _, err = readKind(t, Parquet{}, Request{Folder: long, Dataset: dataset("id", "note"), Limits: Limits{Columns: 1}}); err == nil || !strings.Contains(err.Error(), "there are 2 columns and 1 are the most") {
		t.Errorf("many columns: %v", err)
	}
}

// TestParquetBad: what is damaged is refused in words, and none of it harms this process.
func TestParquetBad(t *testing.T) {
	for file, c := range map[string]struct{ column, want string }{
		"parquet-testing/ARROW-GH-41317.parquet":              {"boolean", "the Parquet is damaged"},
		"parquet-testing/ARROW-GH-41321.parquet":              {"boolean", "the Parquet is damaged"},
		"parquet-testing/ARROW-GH-45185.parquet":              {"x", "a row group has 6 rows and says that it has 5"},
		"parquet-testing/ARROW-GH-47662.parquet":              {"flba_field", "the column flba_field has fewer values than rows"},
		"parquet-testing/ARROW-RS-GH-6229-DICTHEADER.parquet": {"nation_key", "the Parquet is damaged"},
		"parquet-testing/ARROW-RS-GH-6229-LEVELS.parquet":     {"outer", "decoding level expected 21 values but got only 1"},
		"parquet-testing/PARQUET-1481.parquet":                {"Handle", "the column Handle has a type that there is not"},
		"synthetic/parquet_magic_only.parquet":                {"a", "does not end as Parquet does"},
		"synthetic/csv_named_parquet.parquet":                 {"a", "does not begin with PAR1"},
	} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile("testdata/" + file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = readKind(t, Parquet{}, Request{Folder: parquetFolder(b), Dataset: dataset(c.column)})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// TestParquetZeroBits reads the file of the suite that is bad only for readers which do not expect it: a dictionary of one value, whose
// numbers take no bits at all.
func TestParquetZeroBits(t *testing.T) {
	b, err := os.ReadFile("testdata/parquet-testing/ARROW-GH-43605.parquet")
	if err != nil {
		t.Fatal(err)
	}
	res, err := readKind(t, Parquet{}, Request{Folder: parquetFolder(b), Dataset: dataset("min_fl")})
	if err != nil {
		t.Fatal(err)
	}
	rows := objects(t, plainOf(t, res.Files[0]))
	if len(rows) != 21186 || slices.ContainsFunc(rows, func(r map[string]string) bool { return r["min_fl"] != "0" }) {
		t.Errorf("%d rows, such as %v", len(rows), rows[0])
	}
}

// TestParquetCut: Parquet is read from its end, so no cut goes unnoticed.
func TestParquetCut(t *testing.T) {
	b := parquetOf(t, []request{{1, "a"}, {2, "b"}, {3, "c"}})
	for n := 0; n < len(b); n += 1 + len(b)/40 {
		if _, err := readKind(t, Parquet{}, Request{Folder: parquetFolder(b[:n]), Dataset: dataset("id", "note")}); err == nil {
			t.Errorf("cut to %d of %d bytes", n, len(b))
		}
	}
}

// TestParquetFlipped: a damaged byte is refused, or changes what lies at its place (the format has checksums for pages, which writers may
// leave out); it never ends this process, nor makes rows fewer.
func TestParquetFlipped(t *testing.T) {
	b := parquetOf(t, []request{{1, "a"}, {2, "b"}, {3, "c"}})
	for i := 4; i < len(b); i += 1 + len(b)/60 {
		bad := bytes.Clone(b)
		bad[i] ^= 0x55
		res, err := (Parquet{}).Read(t.Context(), Request{Folder: parquetFolder(bad), Dataset: dataset("id", "note"), Dir: t.TempDir()})
		if err == nil && res.Read != 3 {
			t.Errorf("byte %d: %d rows", i, res.Read)
		}
		if code := kpi.ErrorCode(err); err != nil && code != kpi.CodeInvalid && code != kpi.CodeUnready {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// TestParquetProcess: a process that is killed, takes too much memory, hangs, lies or dies leaves a clear error and this process alive.
func TestParquetProcess(t *testing.T) {
	b := parquetOf(t, []request{{1, "a"}, {2, "b"}})
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	role := func(name string) func(context.Context) (*exec.Cmd, error) {
		return func(ctx context.Context) (*exec.Cmd, error) {
			cmd := exec.CommandContext(ctx, self, badChildArgument+name)
			cmd.Env = []string{"GOTRACEBACK=none"}
			return cmd, nil
		}
	}
	for _, c := range []struct {
		role   string
		bounds childBounds
		code   kpi.Code
		want   string
	}{
		{"killed", usualBounds, kpi.CodeUnready, "has ended too early (signal: killed)"},
		{"killed-in-mid-row", usualBounds, kpi.CodeUnready, "has ended too early (signal: killed)"},
		{"eats", childBounds{memory: 256 << 20, cpu: time.Minute, idle: time.Minute, longest: time.Minute}, kpi.CodeInvalid, "needs more than 256 MB of memory"},
		{"hangs", childBounds{memory: 1 << 30, cpu: time.Minute, idle: 300 * time.Millisecond, longest: time.Minute}, kpi.CodeInvalid, "nothing came of it for 300ms"},
		{"drips", childBounds{memory: 1 << 30, cpu: time.Minute, idle: time.Minute, longest: 500 * time.Millisecond}, kpi.CodeInvalid, "given up after 500ms"},
		{"spins", childBounds{memory: 1 << 30, cpu: time.Second, idle: time.Minute, longest: time.Minute}, kpi.CodeInvalid, "needs more than 1s of processor time"},
		{"overflows", usualBounds, kpi.CodeInvalid, "its schema has no end"},
		{"babbles", usualBounds, kpi.CodeUnready, "has ended too early"},
		{"forgets", usualBounds, kpi.CodeUnready, "has ended too early"},
		{"miscounts", usualBounds, kpi.CodeUnready, "has ended too early"},
		{"huge", usualBounds, kpi.CodeUnready, "has ended too early"},
		{"short", usualBounds, kpi.CodeUnready, "has ended too early"},
		{"", usualBounds, kpi.CodeUnready, "has ended too early (exit status 2)"},
	} {
		if raced && c.role == "eats" {
			c.code, c.want = kpi.CodeUnready, "has ended too early"
		}
		t.Run(c.role, func(t *testing.T) {
			dir := t.TempDir()
			p := Parquet{bounds: &c.bounds, start: role(c.role)}
			_, err := p.Read(t.Context(), Request{Folder: parquetFolder(b), Dataset: dataset("id", "note"), Dir: dir})
			if err == nil || kpi.ErrorCode(err) != c.code || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", kpi.ErrorCode(err), err, c.want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := (Parquet{start: role("hangs")}).Read(ctx, Request{Folder: parquetFolder(b), Dataset: dataset("id", "note"), Dir: t.TempDir()}); err == nil || !strings.Contains(err.Error(), context.DeadlineExceeded.Error()) {
			t.Errorf("error %v", err)
		}
	})
}

// TestParquetEnvironment: the process sees no secret of this one.
func TestParquetEnvironment(t *testing.T) {
	t.Setenv("CITYSTAT_TEST_SECRET", "PLANTED")
	cmd, err := startChild(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if all := fmt.Sprint(cmd.Env, cmd.Args); len(cmd.Env) == 0 || strings.Contains(all, "PLANTED") || strings.Contains(all, "PATH") {
		t.Errorf("it is given %s", all)
	}
}

// TestParquetMemory: a file whose pages unpack to more than the process may have is refused.
func TestParquetMemory(t *testing.T) {
	type wide struct {
		Note string `parquet:"note,plain"`
	}
	big := strings.Repeat("x", 1<<20)
	rows := make([]wide, 200)
	for i := range rows {
		rows[i].Note = big
	}
	b := parquetOf(t, rows, parquet.Compression(&parquet.Zstd), parquet.PageBufferSize(1<<30))
	bounds := usualBounds
	bounds.memory = 200 << 20
	want := "of memory to be read"
	if raced {
		want = "has ended too early"
	}
	_, err := (Parquet{bounds: &bounds}).Read(t.Context(), Request{Folder: parquetFolder(b), Dataset: dataset("note"), Dir: t.TempDir(), Limits: Limits{Field: 2 << 20}})
	if err == nil || !strings.Contains(err.Error(), want) || !raced && kpi.ErrorCode(err) != kpi.CodeInvalid {
		t.Errorf("%d bytes: %v", len(b), err)
	}
}
