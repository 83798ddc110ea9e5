package connector

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"

	"citystat/kpi"
)

// chunk is how much is read at a time: large enough that searching for line ends runs at the speed of memory, small enough to stay
// in the processor's cache.
const chunk = 256 << 10

// field is a part of a record. In a quoted field start and end lie inside the quotes.
type field struct {
	start, end int
	quoted     bool
	escaped    bool // holds doubled quotes
}

// record is what scanner.next found. Its bytes are good until the next call.
type record struct {
	line       int64   // physical line on which it began, 1-based
	lines      int64   // physical lines that it takes
	raw        []byte  // without its line end
	fields     []field // nil if the record holds no quote: split cuts it at the delimiters then
	quotes     bool    // it holds a quote character
	terminated bool    // a line end followed it
	stray      string  // ReasonStrayQuote or ReasonStrayCR if there is one
	column     int     // the field in which that is, 0-based
	torn       bool    // a quote stands where none should, be it what stray tells or not
}

// scanner cuts a stream of bytes into records, in one pass and without an allocation a record. It relies on bytes.IndexByte, which
// searches 32 bytes at a time: a line without a quote is found by one search and needs no look at its single bytes. What could make a
// line special (a quote, a NUL, a CR, a byte that is not ASCII) is looked for once a chunk; lines are looked at only in chunks that
// hold it.
type scanner struct {
	src          io.Reader
	name         string // of the file, for errors
	delim, quote byte
	limits       Limits

	buf      []byte
	pos, end int // what is not yet cut is buf[pos:end]
	eof      bool
	nl       byte // LF, or CR if the file has no LF
	line     int64
	open     int64 // line of a quote that is open at the end of the buffer; 0: none

	hasQuote, hasNUL, hasCR, notASCII bool // of buf[pos:end]

	rec   record
	spare []field // kept between records for split
}

func newScanner(src io.Reader, name string, delim, quote byte, limits Limits) *scanner {
	return &scanner{src: src, name: name, delim: delim, quote: quote, limits: limits, buf: make([]byte, chunk), nl: '\n', line: 1}
}

// start reads until it knows how lines end: with LF (or CRLF) if there is any LF within the size of a record, with CR if not.
func (s *scanner) start() error {
	for {
		if err := s.fill(); err != nil {
			return err
		}
		if bytes.IndexByte(s.buf[:s.end], '\n') >= 0 {
			return nil
		}
		if s.eof || s.end >= s.limits.Record {
			break
		}
	}
	if bytes.IndexByte(s.buf[:s.end], '\r') >= 0 {
		s.nl = '\r'
	}
	return nil
}

// fill moves what is left to the front and reads on. The buffer doubles when a record does not fit, so a long record costs time
// linear in its length.
func (s *scanner) fill() error {
	left := s.end - s.pos
	if left >= s.limits.Record {
		return s.tooLong()
	}
	if left == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	copy(s.buf, s.buf[s.pos:s.end])
	s.pos, s.end = 0, left
	for want := left + min(len(s.buf)-left, 64<<10); s.end < want && !s.eof; {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err == io.EOF {
			s.eof = true
		} else if err != nil {
			return err
		}
	}
	if s.eof && s.end > 0 && s.buf[s.end-1] == 0x1a { // the end mark of CP/M and MS-DOS
		s.end--
	}
	return s.look()
}

// look finds out what the chunk holds.
func (s *scanner) look() error {
	b := s.buf[s.pos:s.end]
	s.hasQuote = bytes.IndexByte(b, s.quote) >= 0
	s.hasNUL = bytes.IndexByte(b, 0) >= 0
	s.hasCR = bytes.IndexByte(b, '\r') >= 0
	s.notASCII = !ascii(b)
	if s.nl == '\r' {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			line := s.line + int64(bytes.Count(b[:i], []byte{'\r'}))
			return kpi.Errorf(kpi.CodeInvalid, "%s line %d: rows end with a carriage return up to here and with a line feed now; write the file with one kind of line end", s.name, line)
		}
	}
	return nil
}

// ascii reports whether all bytes are below 0x80, eight at a time.
func ascii(b []byte) bool {
	const high = 0x8080808080808080
	var or uint64
	for ; len(b) >= 32; b = b[32:] {
		or = binary.LittleEndian.Uint64(b) | binary.LittleEndian.Uint64(b[8:]) | binary.LittleEndian.Uint64(b[16:]) | binary.LittleEndian.Uint64(b[24:])
		if or&high != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// next finds the next record. It returns false at the end of the file.
func (s *scanner) next() (bool, error) {
	for {
		if s.pos < s.end {
			found, err := s.cut()
			if found || err != nil {
				return found, err
			}
		}
		if s.eof {
			return false, nil
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// skipLine passes over one physical line, whatever is in it. It returns false at the end of the file.
func (s *scanner) skipLine() (bool, error) {
	for {
		b := s.buf[s.pos:s.end]
		if i := bytes.IndexByte(b, s.nl); i >= 0 || s.eof {
			if i < 0 {
				i = len(b) - 1
			}
			s.pos += i + 1
			s.line++
			return len(b) > 0, nil
		}
		if err := s.fill(); err != nil {
			return false, err
		}
	}
}

// cut takes one record off the buffer. It returns false if the buffer does not hold a whole one.
func (s *scanner) cut() (bool, error) {
	b := s.buf[s.pos:s.end]
	i := bytes.IndexByte(b, s.nl)
	if i < 0 {
		if !s.eof {
			return false, nil
		}
		i = len(b)
	}
	line := b[:i]
	if s.hasQuote && bytes.IndexByte(line, s.quote) >= 0 {
		return s.cutQuoted(b)
	}
	used := min(i+1, len(b))
	if n := len(line); s.hasCR && n > 0 && line[n-1] == '\r' && s.nl == '\n' {
		line = line[:n-1]
	}
	s.rec = record{line: s.line, lines: 1, raw: line, terminated: i < len(b)}
	if s.hasCR && s.nl == '\n' {
		if j := bytes.IndexByte(line, '\r'); j >= 0 {
			s.rec.stray, s.rec.column = ReasonStrayCR, bytes.Count(line[:j], []byte{s.delim})
		}
	}
	return true, s.take(used)
}

// take moves on behind a record of the given size.
func (s *scanner) take(used int) error {
	if len(s.rec.raw) > s.limits.Record {
		return s.tooLong()
	}
	s.pos += used
	s.line += s.rec.lines
	s.open = 0
	return nil
}

func (s *scanner) tooLong() error {
	if s.open > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s line %d: a quote is opened here and not closed within %s; close it, or double it if it belongs to the text", s.name, s.open, size(s.limits.Record))
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s line %d: the row is longer than %s; is this a CSV file, and does it end its rows with line ends?", s.name, s.line, size(s.limits.Record))
}

// size writes a number of bytes for people.
func size[T int | int64](n T) string {
	u := uint64(n)
	if u < 1<<10 {
		return fmt.Sprintf("%d bytes", u)
	}
	step := (bits.Len64(u) - 1) / 10
	v := float64(u) / float64(uint64(1)<<(10*step))
	return fmt.Sprintf("%.4g %s", v, []string{"", "kB", "MB", "GB", "TB", "PB", "EB"}[step])
}
