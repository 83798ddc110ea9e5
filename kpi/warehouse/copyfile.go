package warehouse

import (
	"bufio"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"citystat/kpi"
)

// survey is what is known of a canonical copy before DuckDB reads it.
type survey struct {
	header  []string
	lines   int64 // line ends
	longest int   // bytes of the longest line
	lineSum int64 // of the numbers with which the lines begin
	beyond  bool  // it holds characters beyond ASCII
}

// surveyFile reads the header by name and counts lines, independently of DuckDB. The count decides how DuckDB may read: in parallel
// it takes a line end inside quotes for the end of a row.
func surveyFile(name string) (survey, error) {
	f, err := os.Open(name)
	if err != nil {
		return survey{}, fmt.Errorf("canonical copy: %w", err)
	}
	s, err := surveyOpen(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return survey{}, fmt.Errorf("canonical copy %s: %w", name, err)
	}
	return s, nil
}

func surveyOpen(f *os.File) (survey, error) {
	header, err := csv.NewReader(bufio.NewReader(f)).Read()
	if err != nil {
		return survey{}, fmt.Errorf("header: %w", err)
	}
	if header[0] != "_line" {
		return survey{}, fmt.Errorf("its first column is %q and should be _line", header[0])
	}
	info, err := f.Stat()
	if err != nil {
		return survey{}, err
	}
	// Two halves at once; a line belongs to the half in which it begins.
	middle, end := info.Size()/2, info.Size()
	var halves [2]survey
	var errs [2]error
	var wait sync.WaitGroup
	for i, bounds := range [][2]int64{{0, middle}, {middle, end}} {
		wait.Go(func() { halves[i], errs[i] = count(f, bounds[0], bounds[1], end) })
	}
	wait.Wait()
	return survey{
		header:  header,
		lines:   halves[0].lines + halves[1].lines,
		longest: max(halves[0].longest, halves[1].longest),
		lineSum: halves[0].lineSum + halves[1].lineSum,
		beyond:  halves[0].beyond || halves[1].beyond,
	}, errors.Join(errs[:]...)
}

// count surveys the lines that begin in [from, to).
func count(f io.ReaderAt, from, to, end int64) (survey, error) {
	start := max(from-1, 0) // one byte earlier, to see whether a line begins at from
	r := bufio.NewReaderSize(io.NewSectionReader(f, start, end-start), 1<<20)
	at := start
	if from > 0 {
		n, err := skipLine(r)
		if errors.Is(err, io.EOF) {
			return survey{}, nil
		} else if err != nil {
			return survey{}, err
		}
		at += n
	}
	var s survey
	for at < to {
		n, number, err := readLine(r, &s.beyond)
		at += n
		s.longest = max(s.longest, int(n))
		if errors.Is(err, io.EOF) {
			return s, nil
		} else if err != nil {
			return s, err
		}
		s.lines++
		s.lineSum += number
	}
	return s, nil
}

func skipLine(r *bufio.Reader) (int64, error) {
	beyond := true // the half before looks at it
	n, _, err := readLine(r, &beyond)
	return n, err
}

// readLine reads to the end of a line and returns its length and the number with which it begins. It sets beyond at a character beyond ASCII.
func readLine(r *bufio.Reader, beyond *bool) (n, number int64, err error) {
	for first := true; ; first = false {
		part, err := r.ReadSlice('\n')
		n += int64(len(part))
		*beyond = *beyond || beyondASCII(part)
		if first {
			number = leadingNumber(part)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return n, number, err
		}
	}
}

// beyondASCII reports whether a byte is beyond ASCII, eight at a time.
func beyondASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.NativeEndian.Uint64(b)&0x8080808080808080 != 0 {
			return true
		}
	}
	return slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 })
}

func leadingNumber(b []byte) int64 {
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' {
			break
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// files are the canonical copies of a load and how they are to be read.
type files struct {
	names   []string
	surveys []survey
	rows    int64
	plain   bool // no line end stands inside quotes: the copies may be read in parallel
	lineSum int64
	longest int
	beyond  bool // a copy holds characters beyond ASCII
}

// surveyFiles looks at the copies of a load. Their rows are those that the connector counted.
func (db *DB) surveyFiles(in *LoadInput) (*files, error) {
	if len(in.Files) != len(in.Load.Spool) {
		return nil, kpi.Errorf(kpi.CodeInternal, "a load of %d copies names %d spool files", len(in.Files), len(in.Load.Spool))
	}
	f := &files{plain: true}
	for i, name := range in.Files {
		abs, err := db.inSpool(name)
		if err != nil {
			return nil, err
		}
		s, err := surveyFile(abs)
		if err != nil {
			return nil, err
		}
		rows := in.Load.Spool[i].Rows
		f.names, f.surveys = append(f.names, abs), append(f.surveys, s)
		f.rows += rows
		f.plain = f.plain && s.lines == rows+1
		f.lineSum += s.lineSum
		f.longest = max(f.longest, s.longest)
		f.beyond = f.beyond || s.beyond
	}
	return f, nil
}

// inSpool returns the real path of a copy, which must lie in the spool. DuckDB checks paths as they are written: it reads a symbolic link that lies in an
// allowed directory, wherever it leads.
func (db *DB) inSpool(name string) (string, error) {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", fmt.Errorf("canonical copy: %w", err)
	}
	spool, err := filepath.EvalSymlinks(filepath.Join(db.dir, "spool"))
	if err != nil {
		return "", fmt.Errorf("spool: %w", err)
	}
	inside, err := filepath.Rel(spool, real)
	if err != nil || !filepath.IsLocal(inside) {
		return "", kpi.Errorf(kpi.CodeInternal, "the copy %s lies outside the spool", name)
	}
	return filepath.Join(db.dir, "spool", inside), nil // under the name that DuckDB allows
}

// sameHeader groups the files by their header, in the order of their first file.
func (f *files) sameHeader() [][]int {
	var groups [][]int
	index := map[string]int{}
	for i, s := range f.surveys {
		key := strings.Join(s.header, "\x00")
		g, ok := index[key]
		if !ok {
			g = len(groups)
			index[key], groups = g, append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// headerIndex finds a source column in a header.
func headerIndex(header []string, name string) (int, error) {
	if i := slices.Index(header, name); i >= 0 {
		return i, nil
	}
	return 0, kpi.Errorf(kpi.CodeInvalid, "the canonical copy has no column %q, only %q; the folder declares another set of columns than the copy was made with: fetch the source anew", name, header[1:])
}
