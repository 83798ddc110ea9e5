package connector

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"citystat/kpi"
)

func TestLimits(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	for _, c := range []struct {
		name, in, want string
		limits         Limits
	}{
		{"field", "a,b\n1,2\n3," + long + "\n", "data/a.csv line 3: a field is longer than 1 MB; is a quote or a delimiter missing?", Limits{}},
		{"field in quotes", "a,b\n1,2\n3,\"" + long + "\"\n", "data/a.csv line 3: a field is longer than 1 MB; is a quote or a delimiter missing?", Limits{}},
		{"record", "a,b\n1,2\n" + strings.Repeat("xy,", 2<<20) + "\n", "data/a.csv line 3: the row is longer than 4 MB; is this a CSV file, and does it end its rows with line ends?", Limits{}},
		{"no line end", long + long, "data/a.csv line 1: the row is longer than 4 MB; is this a CSV file, and does it end its rows with line ends?", Limits{}},
		{"open quote", "a,b\n1,2\n3,4\n5,\"" + long + "\n" + long, "data/a.csv line 4: a quote is opened here and not closed within 4 MB; close it, or double it if it belongs to the text", Limits{}},
		{"size", "a,b\n" + strings.Repeat("1,2\n", 1000), "data/a.csv is larger than 1000 bytes; split it, or raise the limit", Limits{Bytes: 1000}},
		{"rejects", "a,b\n" + strings.Repeat("1\n", 11), `dataset requests: more than 10 rows are broken; is the delimiter, the quote or the encoding declared wrong? The first: data/a.csv line 2: the row has 1 fields and the header 2; put a field that holds the delimiter ',' in quotes`, Limits{Rejects: 10}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CSV{}.Read(t.Context(), Request{Folder: folder(c.in), Dataset: dataset("a", "b"), Dir: t.TempDir(), Limits: c.limits})
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v\nwant  %s", err, c.want)
			}
		})
	}
	if _, err := read(t, dataset("a", "b"), folder("a,b\n1,\""+long[:1<<20]+"\"\n")); err != nil {
		t.Errorf("a field of exactly 1 MB: %v", err)
	}
}

// drip hands out its content one byte at a time, which brings every boundary of a buffer about.
type drip struct{ r io.Reader }

func (d drip) Read(p []byte) (int, error) {
	if len(p) > 1 {
		p = p[:1]
	}
	return d.r.Read(p)
}

func TestRecordsAcrossReads(t *testing.T) {
	var in strings.Builder
	in.WriteString("a,b\n")
	for i := range 60000 {
		fmt.Fprintf(&in, "%d,\"x\n\"\"%s\"\"\"\r\n", i, strings.Repeat("y", i%37))
	}
	s := newScanner(drip{strings.NewReader(in.String())}, "f", ',', '"', DefaultLimits)
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		ok, err := s.next()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if want := max(1, int64(2*n)); s.rec.line != want || n > 0 && (len(s.rec.fields) != 2 || s.rec.stray != "") {
			t.Fatalf("record %d: %+v, want line %d", n, s.rec, want)
		}
	}
	if n != 60001 {
		t.Errorf("%d records", n)
	}
}

// changing is a file that grows while it is read.
type changing struct {
	fs.File
	stats int
}

type bigger struct{ fs.FileInfo }

func (b bigger) Size() int64 { return b.FileInfo.Size() + 1 }

func (c *changing) Stat() (fs.FileInfo, error) {
	st, err := c.File.Stat()
	if c.stats++; c.stats > 1 && err == nil {
		return bigger{st}, nil
	}
	return st, err
}

type changingFS struct{ fs.FS }

func (c changingFS) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".csv") {
		return f, err
	}
	return &changing{File: f}, nil
}

func (c changingFS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(c.FS, name) }

func TestFileThatChangesWhileItIsRead(t *testing.T) {
	ds := dataset("a", "b")
	ds.Source.Path = "data/a.csv"
	_, err := read(t, ds, changingFS{folder("a,b\n1,2\n")})
	if want := "data/a.csv changed while it was read; load it again once it is complete"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %q", err, want)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	content := "a,b\n" + strings.Repeat("1,2\n", 1<<20)
	_, err := CSV{}.Read(ctx, Request{Folder: folder(content), Dataset: dataset("a", "b"), Dir: dir, Progress: func(p kpi.Progress) {
		if p.Done > 2<<20 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
}

func TestProgressReachesTheTotal(t *testing.T) {
	content := "a,b\n" + strings.Repeat("1,2\n", 1<<20)
	var told []kpi.Progress
	_, err := CSV{}.Read(t.Context(), Request{Folder: folder(content), Dataset: dataset("a", "b"), Dir: t.TempDir(), Progress: func(p kpi.Progress) { told = append(told, p) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(told) < 4 || len(told) > 6 {
		t.Errorf("progress was told %d times for 4 MB", len(told))
	}
	last := told[len(told)-1]
	if want := (kpi.Progress{Dataset: "requests", Step: kpi.StepFetch, Done: int64(len(content)), Total: int64(len(content)), Unit: "bytes"}); last != want {
		t.Errorf("last %+v, want %+v", last, want)
	}
}

func TestDirectoryThatIsNotThere(t *testing.T) {
	_, err := CSV{}.Read(t.Context(), Request{Folder: folder("a\n1\n"), Dataset: dataset("a"), Dir: filepath.Join(t.TempDir(), "no")})
	if err == nil || !strings.Contains(err.Error(), "data/a.csv: the copy cannot be written") || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	p := newPipe(io.Discard, full)
	for range 20 { // more blocks than there are: a writer that failed must not block the others
		if _, err := p.Write(make([]byte, chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(); err == nil || !p.failed.Load() {
		t.Errorf("error %v", err)
	}
}

// endless is a file of n bytes that is made while it is read.
type endless struct {
	line    []byte
	n, size int64
}

func (e *endless) Open(name string) (fs.File, error) {
	if name == "." || name == "data" {
		return fstest.MapFS{"data/a.csv": {}}.Open(name)
	}
	return &endless{line: e.line, size: e.size}, nil
}
func (e *endless) Close() error               { return nil }
func (e *endless) Stat() (fs.FileInfo, error) { return fileInfo{e.size}, nil }
func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) && e.n < e.size {
		k := copy(p[n:min(int64(len(p)), int64(n)+e.size-e.n)], e.line[e.n%int64(len(e.line)):])
		n, e.n = n+k, e.n+int64(k)
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

type fileInfo struct{ size int64 }

func (f fileInfo) Name() string       { return "a.csv" }
func (f fileInfo) Size() int64        { return f.size }
func (f fileInfo) Mode() fs.FileMode  { return 0o644 }
func (f fileInfo) ModTime() time.Time { return time.Time{} }
func (f fileInfo) IsDir() bool        { return false }
func (f fileInfo) Sys() any           { return nil }

// TestMemoryDoesNotGrowWithTheFile reads 40 MB and counts all that was ever allocated on the way.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	line := []byte("1,2\n")
	line = append(line, bytes.Repeat([]byte("12345678,\"12345,78\"\n"), 4095)...)
	from := &endless{line: append([]byte("a,b\n"), line...)}
	from.line = from.line[:len(from.line)-len(from.line)%4]
	from.size = int64(len(from.line)) * 500
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	ds := dataset("a", "b")
	ds.Source.Path = "data/a.csv"
	res, err := CSV{}.Read(t.Context(), Request{Folder: from, Dataset: ds, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
		t.Errorf("reading %d MB allocated %d MB", from.size>>20, used>>20)
	}
	if res.Read < 2_000_000 {
		t.Errorf("read %d records", res.Read)
	}
}

// TestDeclaredOneByte: a file in UTF-8 that is declared to have one byte a letter is refused before its letters are garbled; one that really has
// is read, and so is one without accents.
func TestDeclaredOneByte(t *testing.T) {
	for _, c := range []struct {
		text, says string
	}{
		{"id,name\n1,Ibañez\n", "declare encoding: utf-8"},
		{"id,name\n1,Iba\xf1ez\n", ""},
		{"id,name\n1,Ibanez\n", ""},
		{"id,name\n1,na\xefve caf\xe9 \x93x\x94\n", ""},
	} {
		for _, encoding := range []string{"windows-1252", "iso-8859-1"} {
			ds := &kpi.Dataset{ID: "d", Source: kpi.Source{Kind: kpi.SourceCSV, Path: "a.csv", Encoding: encoding}, Columns: []kpi.Column{{Name: "id", From: "id"}, {Name: "name", From: "name"}}}
			_, err := CSV{}.Read(t.Context(), Request{Folder: fstest.MapFS{"a.csv": {Data: []byte(c.text)}}, Dataset: ds, Dir: t.TempDir()})
			if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q as %s: %v", c.text, encoding, err)
			}
		}
	}
}
