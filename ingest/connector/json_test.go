package connector

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"citystat/kpi"
)

// reader is a kind of source.
type reader interface {
	Read(context.Context, Request) (Result, error)
}

// readKind runs a connector and checks what must hold whatever came: rows that are conserved, copies that are what they say, and nothing
// left after an error or beside the copies.
func readKind(t *testing.T, c reader, req Request) (Result, error) {
	t.Helper()
	req.Dir = t.TempDir()
	res, err := c.Read(t.Context(), req)
	left, rerr := os.ReadDir(req.Dir)
	if rerr != nil {
		t.Fatal(rerr)
	}
	if err != nil {
		if len(left) > 0 {
			t.Errorf("after an error %d files are left, such as %s", len(left), left[0].Name())
		}
		if kpi.ErrorCode(err) != kpi.CodeInvalid {
			t.Errorf("an error without a message for people: %v", err)
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

// jsonDataset declares columns of JSON of a shape; "shape:path" is one with a path to the rows.
func jsonDataset(shape string, columns ...string) *kpi.Dataset {
	ds := dataset(columns...)
	ds.Source.Kind = kpi.SourceJSON
	ds.Source.Shape, ds.Source.Rows, _ = strings.Cut(shape, ":")
	return ds
}

// outcome writes what came of a delivery: the copy, the rejects as line:reason, and what was skipped; or the error.
func outcome(t *testing.T, res Result, err error) string {
	t.Helper()
	if err != nil {
		return "error: " + err.Error()
	}
	text := string(plainOf(t, res.Files[0]))
	for _, r := range res.Rejects {
		text += fmt.Sprintf("! %d:%s\n", r.Line, r.Reason)
	}
	if res.Skipped > 0 {
		text += fmt.Sprintf("skipped %d\n", res.Skipped)
	}
	return text
}

func TestJSONShapes(t *testing.T) {
	for _, c := range []struct {
		name  string
		ds    *kpi.Dataset
		text  string
		want  string // the outcome; an error by a part of it
		undec string
	}{
		{"rows", jsonDataset("", "a", "b"), `[{"a":1,"b":"x"},{"b":"y, \"z\"","a":2.50}]`, "_line,a,b\n1,1,x\n2,2.50,\"y, \"\"z\"\"\"\n", ""},
		{"numbers keep their digits", jsonDataset("rows", "a"), `[{"a":9007199254740993},{"a":0.1000},{"a":-1E400},{"a":123456789012345678901234567890.5}]`, "_line,a\n1,9007199254740993\n2,0.1000\n3,-1E400\n4,123456789012345678901234567890.5\n", ""},
		{"null, missing, true", jsonDataset("rows", "a", "b"), `[{"a":null,"b":true},{"b":false}]`, "_line,a,b\n1,,true\n2,,false\n", ""},
		{"objects within", jsonDataset("rows", "a.b", "a.c.d"), `[{"a":{"b":1,"c":{"d":2}}},{"a":null},{"a":{"b":3}}]`, "_line,a.b,a.c.d\n1,1,2\n2,,\n3,3,\n", ""},
		{"arrays", jsonDataset("rows", "a"), `[{"a":[1, "x", null]},{"a":[]},{"a":[{"b": 1}]}]`, "_line,a\n1,\"[1,\"\"x\"\",null]\"\n2,[]\n3,\"[{\"\"b\"\":1}]\"\n", ""},
		{"an object as a whole and in part", jsonDataset("rows", "a", "a.b"), `[{"a":{"b": 1, "c": 2}}]`, "_line,a,a.b\n1,\"{\"\"b\"\":1,\"\"c\"\":2}\",1\n", "a.c"},
		{"undeclared", jsonDataset("rows", "a"), `[{"a":1,"ssn":"1"},{"a":2,"p":{"q":[1],"r":{"s":1}}}]`, "_line,a\n1,1\n2,2\n", "p.q p.r.s ssn"},
		{"path", jsonDataset("rows:result.records", "a"), `{"help":"…","result":{"total":1,"records":[{"a":1}],"x":[{}]},"success":true}`, "_line,a\n1,1\n", ""},
		{"no object", jsonDataset("rows", "a"), `[{"a":1},2,[3],null,{"a":4}]`, "_line,a\n1,1\n5,4\n! 2:bad_json\n! 3:bad_json\n! 4:bad_json\n", ""},
		{"NUL", jsonDataset("rows", "a"), `[{"a":"x\u0000y"},{"a":1}]`, "_line,a\n2,1\n! 1:nul\n", ""},
		{"white space", jsonDataset("rows", "a"), " \r\n[ {\t\"a\" : 1 } ] \n", "_line,a\n1,1\n", ""},
		{"escapes", jsonDataset("rows", "a"), `[{"\u0061":"\u00e9\ud83d\ude00\n\/"}]`, "_line,a\n1,\"é😀\n/\"\n", ""},

		{"no rows", jsonDataset("rows", "a"), `[]`, "error: has no rows; the last good data stay", ""},
		{"missing column", jsonDataset("rows", "amount"), `[{"amuont":1}]`, `error: "amuont": renamed?`, ""},
		{"other spelling", jsonDataset("rows", "a"), `[{"A":1}]`, "error: names are compared letter by letter", ""},
		{"twice", jsonDataset("rows", "a"), `[{"a":1,"a":2}]`, `error: the name "a" is there twice in one object`, ""},
		{"twice by a dot", jsonDataset("rows", "a.b"), `[{"a":{"b":1},"a.b":2}]`, `error: the column "a.b" is there twice in one row`, ""},
		{"NaN", jsonDataset("rows", "a"), `[{"a":NaN}]`, "error: no JSON at byte 6", ""},
		{"Infinity", jsonDataset("rows", "a"), `[{"a":-Infinity}]`, "error: no JSON at byte 7", ""},
		{"comma too many", jsonDataset("rows", "a"), `[{"a":1},]`, "error: no JSON at byte", ""},
		{"comment", jsonDataset("rows", "a"), `[{"a":1} /* x */]`, "error: no JSON at byte", ""},
		{"deep", jsonDataset("rows", "a"), `[{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}]`, "error: nested deeper than 64", ""},
		{"deep objects", jsonDataset("rows", "a"), `[` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + `]`, "error: nested deeper than 64", ""},
		{"deep before the rows", jsonDataset("rows:r", "a"), `{"x":` + strings.Repeat("[", 100_000), "error: nested deeper than 64", ""},
		{"64 deep", jsonDataset("rows", "a"), `[{"a":` + strings.Repeat("[", 62) + strings.Repeat("]", 62) + `}]`, "_line,a\n1," + strings.Repeat("[", 62) + strings.Repeat("]", 62) + "\n", ""},
		{"trailing", jsonDataset("rows", "a"), `[{"a":1}][]`, "error: more follows after the JSON has ended at byte 9", ""},
		{"lines declared rows", jsonDataset("rows", "a"), "{\"a\":1}\n{\"a\":2}\n", "error: it is NDJSON; declare shape: lines", ""},
		{"lone surrogate", jsonDataset("rows", "a"), `[{"a":"\udc00"}]`, "error: no JSON at byte", ""},
		{"not UTF-8", jsonDataset("rows", "a"), "[{\"a\":\"\xe9\"}]", "error: bytes that are no UTF-8 at byte", ""},
		{"error object", jsonDataset("rows", "a"), `{"error":true,"message":"Dataset not found","code":"dataset.missing"}`, `error: the object has ["error" "message" "code"] and says "Dataset not found": the address may have answered with an error`, ""},
		{"error object on the path", jsonDataset("rows:result.records", "a"), `{"success":false,"error":{"message":"x"}}`, `error: "result" of the path rows: result.records is not there; the object has ["success" "error"]`, ""},
		{"no object on the path", jsonDataset("rows:a.b", "a"), `{"a":[1]}`, `error: there is no object in which "b" of the path rows: a.b could be, but an array`, ""},
		{"HTML", jsonDataset("rows", "a"), "<!DOCTYPE html><title>Sign in</title>", "error: HTML or XML page and not JSON", ""},
		{"scalar", jsonDataset("rows", "a"), `"maintenance"`, "error: an array of rows should stand here, and it is a text", ""},
		{"shape", jsonDataset("pivot", "a"), `[]`, `error: shape "pivot" is none of`, ""},

		{"lines", jsonDataset("lines", "a", "b"), "{\"a\":1,\"b\":2}\r\n\n  \n{\"b\":\"x\"}", "_line,a,b\n1,1,2\n4,,x\nskipped 2\n", ""},
		{"bad lines", jsonDataset("lines", "a"), "{\"a\":1}\n{\"a\":\n[1]\n{\"a\":1}{\"a\":2}\n{\"a\":\"\\ud800\"}\n{\"a\":\"\xe9\"}\n{\"a\":1,\"a\":1}\n{\"a\":NaN}\n{\"a\":2}\n", "_line,a\n1,1\n9,2\n! 2:bad_json\n! 3:bad_json\n! 4:bad_json\n! 5:bad_json\n! 6:invalid_utf8\n! 7:bad_json\n! 8:bad_json\n", ""},
		{"deep line", jsonDataset("lines", "a"), "{\"a\":" + strings.Repeat("[", 100_000) + "\n{\"a\":2}\n", "_line,a\n2,2\n! 1:bad_json\n", ""},
		{"last line cut off", jsonDataset("lines", "a"), "{\"a\":1}\n{\"a\":2", "error: line 2, the last one, has no line end and is broken", ""},
		{"lines and a path", jsonDataset("lines:a", "a"), "{\"a\":1}\n", "error: shape: lines has no path", ""},

		{"columns", jsonDataset("columns", "a", "b"), `{"a":[1,null,3.0],"c":[1,{"x":2},[]],"b":["x","","z"]}`, "_line,a,b\n1,1,x\n2,,\n3,3.0,z\n", "c"},
		{"columns on a path", jsonDataset("columns:data", "a"), `{"data":{"a":[1]},"b":[1,2,3]}`, "_line,a\n1,1\n", ""},
		{"unequal", jsonDataset("columns", "a"), `{"a":[1,2],"b":[1]}`, `error: the arrays are not parallel: "a" has 2 values and "b" has 1`, ""},
		{"no array", jsonDataset("columns", "a"), `{"a":1,"b":[1]}`, `error: the column "a" is a number and not an array of values`, ""},
		{"member beside the columns", jsonDataset("columns", "a"), `{"source":"x","a":[1]}`, "_line,a\n1,1\n", "source"},
		{"columns, error", jsonDataset("columns", "a"), `{"error":"gone"}`, `error: no member is an array of values; the object has ["error"] and says "gone"`, ""},
		{"columns, empty", jsonDataset("columns", "a"), `{"a":[]}`, "error: has no rows", ""},
		{"columns, nothing", jsonDataset("columns", "a"), `{}`, "error: has no rows", ""},
		{"columns, twice", jsonDataset("columns", "a"), `{"a":[1],"a":[2]}`, `error: the name "a" is there twice`, ""},
		{"columns of rows", jsonDataset("columns", "a"), `[{"a":1}]`, "error: an object of parallel arrays should stand here, and it is an array", ""},

		{"table", jsonDataset("table", "a", "b"), `[["b","c","a"],[1,2,3],["x",{"y":1},null],[null,null,null],[1,2]]`, "_line,b,a\n2,1,3\n3,x,\n! 5:field_count\nskipped 1\n", "c"},
		{"table on a path", jsonDataset("table:t", "a"), `{"t":[["a"],[1]]}`, "_line,a\n2,1\n", ""},
		{"table of objects", jsonDataset("table", "a"), `[["a"],{"a":1}]`, "error: row 2 is an object and not an array", ""},
		{"table, header only", jsonDataset("table", "a"), `[["a"]]`, "error: has no rows", ""},
		{"table, empty", jsonDataset("table", "a"), `[]`, "error: the table has no header", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := readKind(t, JSON{}, Request{Folder: folder(c.text), Dataset: c.ds})
			got := outcome(t, res, err)
			if part, is := strings.CutPrefix(c.want, "error: "); is && err != nil && strings.Contains(got, part) {
				return
			}
			if got != c.want {
				t.Fatalf("got %s\nwant %s", cutText(got, 2000), cutText(c.want, 2000))
			}
			if undec := strings.Join(res.Files[0].Undeclared, " "); undec != c.undec {
				t.Errorf("undeclared %q, want %q", undec, c.undec)
			}
		})
	}
}

// TestJSONSynthetic are the files of the catalogue of bad input.
func TestJSONSynthetic(t *testing.T) {
	for _, c := range []struct{ file, shape, column, want string }{
		{"json_bom.json", "rows", "a", "_line,a\n1,1\n"},
		{"json_big_int.json", "rows", "id", "_line,id\n1,9007199254740993\n"},
		{"json_nan.json", "rows", "a", "error: no JSON at byte 6"},
		{"json_html.json", "rows", "a", "error: HTML"},
		{"json_error.csv", "rows", "a", `error: says "Dataset not found"`},
		{"json_lone_surrogate.json", "rows", "a", "error: no JSON at byte"},
		{"json_trailing.json", "rows", "a", "error: more follows after the JSON has ended"},
		{"json_truncated.json", "rows", "a", "error: cut off"},
		{"json_type_drift.json", "rows", "value", "_line,value\n1,1\n2,2\n3,[3]\n4,\"{\"\"x\"\":4}\"\n"}, // 3 and 4 are refused by their type
		{"ndjson_one_bad.ndjson", "lines", "a", "_line,a\n1,1\n3,3\n! 2:bad_json\n"},
		{"proto_pollution.json", "rows", "constructor", "_line,constructor\n1,1\n"},
		{"proto_pollution.json", "rows", "__proto__.x", "_line,__proto__.x\n1,1\n"},
	} {
		t.Run(c.file, func(t *testing.T) {
			res, err := readKind(t, JSON{}, Request{Folder: folder(synthetic(t, c.file)), Dataset: jsonDataset(c.shape, c.column)})
			got := outcome(t, res, err)
			if part, is := strings.CutPrefix(c.want, "error: "); got != c.want && (!is || !strings.Contains(got, part)) {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestJSONEquity reads a file of New York's health department: parallel arrays, with values that are suppressed.
func TestJSONEquity(t *testing.T) {
	b, err := os.ReadFile("testdata/ehdp/2093.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string][]any
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	res, err := readKind(t, JSON{}, Request{Folder: folder(string(b)), Dataset: jsonDataset("columns", "MeasureID", "GeoID", "GeoType", "TimePeriodID", "Value", "CI", "Note", "DisplayValue")})
	if err != nil {
		t.Fatal(err)
	}
	rows := objects(t, plainOf(t, res.Files[0]))
	if len(rows) != 1924 || len(res.Rejects) != 0 || len(res.Files[0].Undeclared) != 0 {
		t.Fatalf("%d rows, %d rejects, undeclared %q", len(rows), len(res.Rejects), res.Files[0].Undeclared)
	}
	blank := 0
	for i, row := range rows {
		if row["Value"] == "" {
			blank++
			if !strings.Contains(row["Note"], "suppressed") && want["Value"][i] != nil {
				t.Errorf("row %d lost its value", i+1)
			}
		}
		for name, list := range want {
			if text, is := list[i].(string); is && text != row[name] {
				t.Fatalf("row %d: %s is %q, want %q", i+1, name, row[name], text)
			}
		}
	}
	if blank != 34 {
		t.Errorf("%d values are blank, want 34", blank)
	}
}

// TestJSONDropped: what is dropped is nowhere, however deep it lies in what is kept.
func TestJSONDropped(t *testing.T) {
	const secret = "PLANTED"
	rows := []string{
		`{"id":1,"who":{"name":"PLANTED","role":"clerk"},"people":[{"email":"PLANTED","n":1}],"note":"PLANTED","other":{"x":"PLANTED"}}`,
		`{"id":2,"who":"PLANTED","people":{"email":["PLANTED"]}}`,
		`{"id":3,"note":{"a":"PLANTED"},"who":{"role":null}}`,
	}
	for shape, text := range map[string]string{
		"rows":    "[" + strings.Join(rows, ",") + "]",
		"lines":   strings.Join(rows, "\n") + "\n{\"id\":4,\"note\":\"PLANTED\n\"PLANTED\"\n",
		"columns": `{"id":[1],"people":[[{"email":"PLANTED"}]],"note":["PLANTED"],"who.role":[{"name":1}]}`,
		"table":   `[["id","people","note","who.role","u"],[1,[{"email":"PLANTED"}],"PLANTED",1,"PLANTED"],["PLANTED"]]`,
	} {
		ds := jsonDataset(shape, "id", "who.role", "people")
		ds.Drop = []string{"who.name", "people.email", "note"}
		res, err := readKind(t, JSON{}, Request{Folder: folder(text), Dataset: ds})
		if err != nil {
			t.Fatalf("%s: %v", shape, err)
		}
		if all := fmt.Sprintf("%s%+v", plainOf(t, res.Files[0]), res); strings.Contains(all, secret) {
			t.Errorf("%s: what is dropped is kept: %s", shape, all)
		}
	}
}

// TestJSONForms: gzip, an archive's members, other encodings and several files come from what all kinds share.
func TestJSONForms(t *testing.T) {
	const text = `[{"a":"é"},{"a":2}]`
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xff, 0xfe}
	for _, r := range text {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	var want string
	for name, b := range map[string][]byte{"plain": []byte(text), "gzip": packed.Bytes(), "UTF-16": utf16} {
		res, err := readKind(t, JSON{}, Request{Folder: folder(string(b)), Dataset: jsonDataset("", "a")})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if want == "" {
			want = res.Files[0].Copy
		}
		if res.Files[0].Copy != want {
			t.Errorf("%s makes another copy", name)
		}
	}
	latin := jsonDataset("", "a")
	latin.Source.Encoding = "iso-8859-1"
	res, err := readKind(t, JSON{}, Request{Folder: folder(strings.Replace(text, "é", "\xe9", 1)), Dataset: latin})
	if err != nil || res.Files[0].Copy != want {
		t.Errorf("iso-8859-1: %v", err)
	}
	two := fstest.MapFS{"data/a.json": {Data: []byte(text)}, "data/b.json": {Data: []byte(`[{"a":1}]`)}}
	if res, err = readKind(t, JSON{}, Request{Folder: two, Dataset: jsonDataset("", "a")}); err != nil || res.Read != 3 || len(res.Files) != 2 {
		t.Errorf("two files: %v, %+v", err, res)
	}
	two["data/c.json"] = &fstest.MapFile{Data: []byte(`[{"a":`)}
	if _, err = readKind(t, JSON{}, Request{Folder: two, Dataset: jsonDataset("", "a")}); err == nil || !strings.Contains(err.Error(), "c.json") {
		t.Errorf("a broken file among good ones: %v", err)
	}
}

// TestJSONLimits: what is larger than a table is refused while it is read.
func TestJSONLimits(t *testing.T) {
	limits := Limits{Field: 1000, Record: 3000, Columns: 5, Columnar: 2000, Rejects: 3}
	long := strings.Repeat("x", 2000)
	many := `{"a":1`
	for i := range 10 {
		many += fmt.Sprintf(`,"b%d":1`, i)
	}
	for _, c := range []struct{ shape, text, want string }{
		{"rows", `[{"a":"` + long + `"}]`, "a field is longer than"},
		{"rows", `[{"a":["` + strings.Repeat(`x","`, 1000) + `"]}]`, "a field is longer than"},
		{"rows", `[{"a":"` + strings.Repeat("x", 3<<20) + `"}]`, "longer than"},
		{"rows", `[{"a":1` + strings.Repeat(" ", 9<<20) + `}]`, "a value is longer than is read"},
		{"rows", "[" + many + "}]", "more than 5 columns"},
		{"rows", `[{"` + strings.Repeat("n", 5000) + `":1,"a":1}]`, "a name is longer than"},
		{"rows", `[1,2,3,4,5]`, "more than 3 rows are broken"},
		{"lines", `{"a":1,"b":"` + strings.Repeat(long, 2) + "\"}\n", "line 1 is longer than"},
		{"columns", `{"a":[` + strings.Repeat("1,", 1000) + "1]}", "the columns are larger than"},
		{"columns", strings.ReplaceAll(many, "1,", "[1],") + "}", "more than 5 columns"},
		{"table", `[["a"],["` + strings.Repeat(strings.Repeat("y", 900)+`","`, 9) + `"]]`, "a row is longer than"},
		{"table", `[["a","b","c","d","e","f"],[1]]`, "there are 6 columns and 5 are the most"},
	} {
		_, err := readKind(t, JSON{}, Request{Folder: folder(c.text), Dataset: jsonDataset(c.shape, "a"), Limits: limits})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: error %v, want %q", c.shape, cutText(c.text, 40), err, c.want)
		}
	}
}

func TestJSONCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (JSON{}).Read(ctx, Request{Folder: folder(`[{"a":1}]`), Dataset: jsonDataset("", "a"), Dir: t.TempDir()}); !strings.Contains(fmt.Sprint(err), context.Canceled.Error()) {
		t.Errorf("error %v", err)
	}
}

// TestJSONCutAtEveryByte: JSON knows where it ends, so no cut goes unnoticed; of lines whole ones can be missing, but never a part of one.
func TestJSONCutAtEveryByte(t *testing.T) {
	for shape, text := range map[string]string{
		"rows":        `[{"a":1,"b":"x"},{"a":2.5,"b":[1,{"c":null}]},{"a":true,"b":"é"}]`,
		"rows:r.rows": `{"m":{"n":[1]},"r":{"rows":[{"a":1,"b":2},{"a":3,"b":4}],"z":0}}`,
		"columns":     `{"a":[1,2,3],"c":[4,5,6],"b":["x","y","z"]}`,
		"table":       `[["a","b"],[1,2],["x","y"]]`,
		"lines":       "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":12}\n{\"a\":3,\"b\":null}\n",
	} {
		ds := jsonDataset(shape, "a", "b")
		res, err := readKind(t, JSON{}, Request{Folder: folder(text), Dataset: ds})
		if err != nil {
			t.Fatal(err)
		}
		whole := strings.SplitAfter(string(plainOf(t, res.Files[0])), "\n")
		for n := range len(text) {
			res, err := readKind(t, JSON{}, Request{Folder: folder(text[:n]), Dataset: ds})
			if err != nil {
				continue
			}
			atLineEnd := shape == "lines" && (text[n-1] == '\n' || text[n] == '\n')
			got := strings.SplitAfter(string(plainOf(t, res.Files[0])), "\n")
			if !atLineEnd || !slices.Equal(got[:len(got)-1], whole[:len(got)-1]) {
				t.Errorf("%s cut to %d bytes: %q", shape, n, got)
			}
		}
	}
}

// FuzzJSON compares what is let through with what encoding/json says of the same bytes.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`[{"a":1}]`, `[{"a":{"b":[1,2]}},3]`, `[]`, `{"a":[1,2]}`, `{"a":[],"b":[1]}`, `[["a"],[1]]`, "{\"a\":1}\n\n{\"a\":\n{}\n", `[{"a":"\ud800"}]`, `[{"a":1,"a":2}]`, "[{\"a\":\"\xff\"}]", `[{"a.b":1,"a":{"b":2}}]`, `{"error":"x"}`, `[{"a":"\u0000"}]`, `[{"a":1e5,"":""}]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, shape := range []string{"rows", "lines", "columns", "table"} {
			res, err := readKind(t, JSON{}, Request{Folder: folder(text), Dataset: jsonDataset(shape, "a")})
			if err != nil {
				continue
			}
			checkJSON(t, shape, text, res)
		}
	})
}

// checkJSON compares a delivery with the obvious way to read it.
func checkJSON(t *testing.T, shape, text string, res Result) {
	t.Helper()
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.HasPrefix(text, "\x1f\x8b") {
		return // what it becomes is tested where that is done
	}
	var want []string
	add := func(line int, v any, fields bool) {
		if fields {
			want = append(want, fmt.Sprintf("%d,%s", line, plainJSON(v)))
		}
	}
	switch shape {
	case "lines":
		for i, line := range strings.Split(text, "\n") {
			m, ok := decodeJSON(line).(map[string]any)
			add(i+1, m["a"], ok)
		}
	case "rows":
		list, ok := decodeJSON(text).([]any)
		for i, v := range list {
			m, is := v.(map[string]any)
			add(i+1, m["a"], is)
		}
		if !ok {
			t.Fatalf("%q was let through", text)
		}
	case "columns":
		m, _ := decodeJSON(text).(map[string]any)
		list, ok := m["a"].([]any)
		for i, v := range list {
			add(i+1, v, true)
		}
		if !ok {
			t.Fatalf("%q was let through", text)
		}
	case "table":
		if _, ok := decodeJSON(text).([]any); !ok {
			t.Fatalf("%q was let through", text)
		}
		return
	}
	records, err := csv.NewReader(bytes.NewReader(bytes.ReplaceAll(plainOf(t, res.Files[0]), []byte("\r"), []byte("\uE000")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]bool{}
	for _, r := range res.Rejects {
		refused[fmt.Sprint(r.Line)] = true
	}
	var got []string
	for _, r := range records[1:] {
		field := strings.ReplaceAll(r[1], "\uE000", "\r")
		if v := decodeJSON(field); v != nil && (field[0] == '{' || field[0] == '[') { // a nested value, or a text that looks like one
			field = "…"
		}
		got = append(got, r[0]+","+field)
	}
	want = slices.DeleteFunc(want, func(s string) bool { line, _, _ := strings.Cut(s, ","); return refused[line] })
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s %q (-obvious +connector):\n%s", shape, text, diff)
	}
}

func decodeJSON(text string) any {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil
	}
	return v
}

// plainJSON is what a value is in the copy.
func plainJSON(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		if decodeJSON(v) != nil && (v[0] == '{' || v[0] == '[') {
			return "…"
		}
		return v
	case map[string]any, []any:
		return "…"
	default:
		return fmt.Sprint(v)
	}
}

// TestSourcesAreNamed: every directory of test data says where it comes from.
func TestSourcesAreNamed(t *testing.T) {
	text, err := os.ReadFile("testdata/SOURCES.md")
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("testdata")
	if err != nil || len(entries) < 3 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		if e.IsDir() && !strings.Contains(string(text), "`"+e.Name()+"/`") {
			t.Errorf("%s is not in SOURCES.md", e.Name())
		}
	}
}
