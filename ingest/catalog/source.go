package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"
)

// source is the text of one file of the folder, with its lines, so that every place in it can be shown.
type source struct {
	name  string
	text  string // LF line ends, no byte order mark
	lines []string
	index map[int][]int32 // of long lines: the byte at which each character begins

	cells map[cell]string // of a table: what stands in it, where a place is a row and a column; nil for a text
}

// cell is a place of a table, both 1-based.
type cell struct{ row, column int }

// place is a line and column of a file, both 1-based, the column in characters.
type place struct {
	src          *source
	line, column int
}

// node returns the place of n.
func (n *node) place() place { return place{n.src, n.line, n.column} }

func (p place) String() string {
	if p.src.cells != nil {
		return fmt.Sprintf("%s:%d:%s", p.src.name, p.line, letters(p.column))
	}
	return fmt.Sprintf("%s:%d:%d", p.src.name, p.line, p.column)
}

// offset returns the place of a byte of the file's text.
func (s *source) offset(at int) place {
	at = min(max(at, 0), len(s.text))
	before := s.text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	return place{s, 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])}
}

// line returns the text of a line, 1-based, and "" for one that does not exist.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// tail returns a line from a column on. A file may be one long line with many thousands of values, so that counting from the line's
// beginning each time would take too long.
func (s *source) tail(line, column int) string {
	const long = 1000
	text := s.line(line)
	if len(text) <= long {
		for ; column > 1 && text != ""; column-- {
			_, size := utf8.DecodeRuneInString(text)
			text = text[size:]
		}
		return text
	}
	starts, ok := s.index[line]
	if !ok {
		for i := range text {
			starts = append(starts, int32(i))
		}
		if s.index == nil {
			s.index = map[int][]int32{}
		}
		s.index[line] = starts
	}
	if column > len(starts) {
		return ""
	}
	return text[starts[max(column-1, 0)]:]
}

// read returns the text of a file that is to be UTF-8 and not above the limit, in bytes. It returns nil if it has reported why not;
// a file that does not exist is left to the caller. An error is one of reading alone.
func (l *loader) read(name string, limit int64) (*source, error) {
	data, err := l.bytes(name, limit)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		l.file(name, fmt.Sprintf("split it, or leave out what it does not need; at most %d MiB are read", limit>>20), "the file is too large")
		return nil, nil
	}
	return l.text(name, data), nil
}

// text makes a source of what is to be UTF-8; nil if it has reported why it is not.
func (l *loader) text(name string, data []byte) *source {
	src := &source{name: name}
	if bytes.HasPrefix(data, []byte{0xFF, 0xFE}) || bytes.HasPrefix(data, []byte{0xFE, 0xFF}) {
		l.file(name, "save it as UTF-8", "the file is in UTF-16")
		return nil
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	src.text = strings.ReplaceAll(text, "\r\n", "\n")
	src.lines = strings.Split(src.text, "\n")
	if !l.clean(src) {
		return nil
	}
	return src
}

// bytes reads at most one byte more than the limit.
func (l *loader) bytes(name string, limit int64) (data []byte, err error) {
	f, err := l.fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// clean reports the first character that no text file should hold, and whether there was none.
func (l *loader) clean(src *source) bool {
	for i, r := range src.text {
		message, mend := "", ""
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(src.text[i:], "\ufffd"):
			message, mend = fmt.Sprintf("the byte 0x%02X is not UTF-8", src.text[i]), "save the file as UTF-8"
		case r == '\r':
			message, mend = "a carriage return stands without a line feed", "save the file with LF or CRLF line ends"
		case r < 0x20 && r != '\n' && r != '\t' || r == 0x7f || r == 0xfeff:
			message, mend = fmt.Sprintf("there is a control character (%U)", r), "delete it"
		default:
			continue
		}
		l.add(SeverityError, src.offset(i), message, mend)
		return false
	}
	if at := conflict(src.text); at >= 0 {
		l.add(SeverityError, src.offset(at), "the file holds an unresolved merge conflict", "resolve it and delete the marks")
		return false
	}
	return true
}

// conflict returns the offset of a mark that a version control system left, or -1.
func conflict(text string) int {
	for at := 0; at < len(text); {
		end := len(text)
		if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n
		}
		if strings.HasPrefix(text[at:end], "<<<<<<< ") || strings.HasPrefix(text[at:end], ">>>>>>> ") {
			return at
		}
		at = end + 1
	}
	return -1
}
