package connector

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// slow is the obvious reader: one byte at a time over the whole text, one state. It says of every record where it begins, what its
// fields are and whether a quote or a carriage return stands where it should not; the string is why the file is refused.
type slow struct {
	line   int
	fields []string
	raw    string
	stray  string
	torn   bool
}

func readSlowly(text string, delim, quote byte) ([]slow, string) {
	text = strings.TrimSuffix(text, "\x1a")
	nl := byte('\n')
	if !strings.Contains(text, "\n") {
		nl = '\r'
	}
	var list []slow
	line := 1
	for i := 0; i < len(text); {
		rec := slow{line: line}
		begin, end := i, -1
		for end < 0 { // one field a turn
			var value strings.Builder
			bad := ""
			if i < len(text) && text[i] == quote {
				i++
				for {
					if i == len(text) {
						return nil, "open"
					}
					if text[i] == quote {
						if i+1 < len(text) && text[i+1] == quote {
							i++
						} else {
							break
						}
					}
					if text[i] == nl {
						line++
					}
					value.WriteByte(text[i])
					i++
				}
				i++
				switch {
				case i == len(text), text[i] == delim, text[i] == nl:
				case nl == '\n' && text[i] == '\r' && (i+1 == len(text) || text[i+1] == '\n'):
				default:
					bad = ReasonStrayQuote
				}
			}
			for i < len(text) && text[i] != delim && text[i] != nl {
				if nl == '\n' && text[i] == '\r' {
					if i+1 == len(text) || text[i+1] == '\n' {
						break
					}
					if bad == "" {
						bad = ReasonStrayCR
					}
				}
				if text[i] == quote {
					bad = ReasonStrayQuote
				}
				value.WriteByte(text[i])
				i++
			}
			if rec.stray == "" {
				rec.stray = bad
			}
			rec.torn = rec.torn || bad == ReasonStrayQuote
			rec.fields = append(rec.fields, value.String())
			if i < len(text) && text[i] == delim {
				i++
				continue
			}
			end = i
		}
		rec.raw = text[begin:end]
		if rec.torn && line > rec.line {
			return nil, "mismatch"
		}
		list = append(list, rec)
		if i < len(text) && text[i] == '\r' && nl == '\n' {
			i++
		}
		if i < len(text) {
			i++
			line++
		}
	}
	return list, ""
}

// FuzzScanner holds the scanner against the obvious reader.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		"", "a,b\n1,2\n", "a\r\n\"b\r\nc\"\r\n", "a\rb\r", "\"a\"\"b\",c\n", "\"", "a\"b\n", "\"a\"b\n", "\"a\nb\"c\n", "a\rb\nc", ",\n,,\r\n\r", "\"a\"\r", "x\x1a", "\"\x1a",
		"\"a\" ,\"b\nc\"\n", "a\r\r\n", "\"\"\"\"\n\n\n",
	} {
		f.Add(s, byte(','), byte('"'), uint8(0))
	}
	f.Fuzz(func(t *testing.T, text string, delim, quote byte, cut uint8) {
		if delim == quote || delim == '\n' || delim == '\r' || quote == '\n' || quote == '\r' || delim == 0x1a || quote == 0x1a {
			return
		}
		want, refused := readSlowly(text, delim, quote)
		s := newScanner(&uneven{b: []byte(text), step: int(cut%7) + 1}, "f", delim, quote, DefaultLimits)
		got, err := readAll(s)
		if (err != nil) != (refused != "") {
			t.Fatalf("%q: error %v, the obvious reader says %q", text, err, refused)
		}
		if err != nil {
			return
		}
		for i := range want { // what a field with a stray quote says does not matter, only how many fields there are
			if i < len(got) && want[i].torn && len(want[i].fields) == len(got[i].fields) {
				want[i].fields, got[i].fields = nil, nil
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(slow{})); diff != "" {
			t.Errorf("%q: (-obvious +scanner):\n%s", text, diff)
		}
	})
}

// uneven hands out its bytes in pieces.
type uneven struct {
	b    []byte
	step int
}

func (u *uneven) Read(p []byte) (int, error) {
	n := copy(p[:min(len(p), u.step)], u.b)
	u.b = u.b[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func readAll(s *scanner) ([]slow, error) {
	if err := s.start(); err != nil {
		return nil, err
	}
	var list []slow
	t := &table{delivery: &delivery{}, dialect: dialect{s.delim, s.quote}, scan: s}
	for {
		ok, err := s.next()
		if err != nil || !ok {
			return list, err
		}
		t.split(&s.rec)
		rec := slow{line: int(s.rec.line), raw: string(s.rec.raw), stray: s.rec.stray, torn: s.rec.torn}
		for _, f := range s.rec.fields {
			text := s.rec.raw[f.start:f.end]
			if f.escaped {
				text = undouble(text, s.quote)
			}
			rec.fields = append(rec.fields, string(text))
		}
		list = append(list, rec)
	}
}

// FuzzConservation: whatever comes, every record is in the copy, set aside or blank, and the copy says what the source said.
func FuzzConservation(f *testing.F) {
	for _, s := range []string{"1,2\n", "1\n\n1,2,3\n", "\"a\nb\",c\r\n", "\xff,1\n\x00,2\n", "a\"b,c\n", "1,2", "1", "=======\n", "a,\"b,c\"\n1,\"\"\"\"\n", "é,ü\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, rows string) {
		text := "a,b\n" + rows
		res, err := read(t, dataset("a", "b"), folder(text))
		want, refused := readSlowly(text, ',', '"')
		if err != nil {
			if kpi.ErrorCode(err) != kpi.CodeInvalid {
				t.Fatalf("%q: error without a message for people: %v", rows, err)
			}
			return
		}
		if refused != "" {
			t.Fatalf("%q was let through, but %s", rows, refused)
		}
		var keep []string
		for _, rec := range want[1:] {
			if len(rec.fields) == 2 && rec.stray == "" && utf8.ValidString(rec.raw) && !strings.Contains(rec.raw, "\x00") {
				keep = append(keep, fmt.Sprintf("%d %q", rec.line, rec.fields))
			}
		}
		copied, refused := readSlowly(string(plainOf(t, res.Files[0])), ',', '"')
		if refused != "" {
			t.Fatalf("%q: the copy is %s", rows, refused)
		}
		var got []string
		for _, rec := range copied[1:] {
			var line int
			if _, err := fmt.Sscan(rec.fields[0], &line); err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%d %q", line, rec.fields[1:]))
		}
		if diff := cmp.Diff(keep, got); diff != "" {
			t.Errorf("%q: (-source +copy):\n%s", rows, diff)
		}
		if res.Read != int64(len(want)-1) {
			t.Errorf("%q: read %d, the obvious reader %d", rows, res.Read, len(want)-1)
		}
	})
}
