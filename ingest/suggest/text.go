package suggest

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"citystat/kpi"
)

// text finds out how a file of text with delimiters is written.
func (l *looked) text() error {
	s, err := l.decoded()
	if err != nil {
		return err
	}
	if strings.HasPrefix(s, "<") && strings.Contains(strings.ToLower(s[:min(len(s), 4096)]), "<html") || strings.HasPrefix(s, "<?xml") {
		return kpi.Errorf(kpi.CodeInvalid, "%s is an HTML or XML page and holds no data; the address may have answered with an error or a login page", l.name)
	}
	hint, said := strings.CutPrefix(s, "sep=") // Excel's own line
	if said && len(hint) > 1 {
		l.source.Delimiter = hint[:1]
		_, s, _ = strings.Cut(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	}
	l.dialect(s)
	if said {
		l.source.SkipLines = 0 // the reader passes that line by itself
	}
	return nil
}

// decoded returns the head as text, and says in which encoding it came.
func (l *looked) decoded() (string, error) {
	h := l.head
	switch {
	case bytes.HasPrefix(h, []byte("\xef\xbb\xbf")):
		h = h[3:]
	case bytes.HasPrefix(h, []byte("\xff\xfe")):
		l.source.Encoding = "utf-16le"
		return fromUTF16(h[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(h, []byte("\xfe\xff")):
		l.source.Encoding = "utf-16be"
		return fromUTF16(h[2:], binary.BigEndian), nil
	case bytes.Count(h, []byte{0}) > len(h)/4:
		order, name := binary.ByteOrder(binary.BigEndian), "utf-16be"
		if len(h) > 1 && h[1] == 0 {
			order, name = binary.LittleEndian, "utf-16le"
		}
		l.source.Encoding = name
		l.unsure = append(l.unsure, "the encoding is concluded from its NUL bytes: there is no byte order mark")
		return fromUTF16(h, order), nil
	case bytes.IndexByte(h, 0) >= 0 && !utf8.Valid(h):
		return "", kpi.Errorf(kpi.CodeInvalid, "%s is neither text nor a kind of file that is known here", l.name)
	}
	return string(bytes.ToValidUTF8(h, []byte("?"))), nil
}

func fromUTF16(b []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(units))
}

// record is a line of text cut into fields; line is where it begins, 1-based.
type record struct {
	fields []string
	line   int
}

// maxRecords is how many records the dialect is concluded from.
const maxRecords = 200

// dialect finds delimiter, quote and the line of the header.
func (l *looked) dialect(s string) {
	quote := byte('"')
	if strings.Count(s, "'") > 3 && !strings.Contains(s, `"`) && singleQuoted(s) {
		quote, l.source.Quote = '\'', "'"
	}
	best, score := []record(nil), 0.0
	for _, d := range []string{",", ";", "\t", "|"} {
		if l.source.Delimiter != "" && d != l.source.Delimiter {
			continue
		}
		records := cut(s, d[0], quote)
		width, share := usualWidth(records)
		if v := share * float64(min(width, 50)); best == nil || width > 1 && v > score {
			best, score = records, v
			if d != "," {
				l.source.Delimiter = d
			}
		}
	}
	l.header(best)
}

// singleQuoted reports whether single quotes enclose fields.
func singleQuoted(s string) bool {
	at := 0
	for _, d := range []string{"','", "';'", "'\t'", "'|'"} {
		at += strings.Count(s, d)
	}
	return at > 1
}

// cut cuts the first records of a text.
func cut(s string, delim, quote byte) []record {
	var list []record
	line := 1
	for len(s) > 0 && len(list) < maxRecords {
		r := record{line: line}
		end, in, start := len(s), false, 0
		for i := 0; i < len(s); i++ {
			switch c := s[i]; {
			case c == quote && (in || i == start):
				in = !in
			case c == '\n' && in:
				line++
			case c == delim && !in:
				r.fields = append(r.fields, strings.Trim(s[start:i], string(quote)))
				start = i + 1
			case (c == '\n' || c == '\r') && !in:
				end = i
			}
			if end < len(s) {
				break
			}
		}
		r.fields = append(r.fields, strings.Trim(s[start:end], string(quote)))
		list = append(list, r)
		s = s[end:]
		if strings.HasPrefix(s, "\r\n") {
			s = s[2:]
		} else if s != "" {
			s = s[1:]
		}
		line++
	}
	return list
}

// usualWidth returns the number of fields that most records have, and the share of records that have it.
func usualWidth(records []record) (width int, share float64) {
	counts, total := map[int]int{}, 0
	for _, r := range records {
		if len(r.fields) == 1 && strings.TrimSpace(r.fields[0]) == "" {
			continue
		}
		counts[len(r.fields)]++
		total++
	}
	for w, n := range counts {
		if n > counts[width] || n == counts[width] && w > width {
			width = w
		}
	}
	return width, float64(counts[width]) / float64(max(total, 1))
}

// header finds the line of the header: the first of the usual width whose fields are words.
func (l *looked) header(records []record) {
	width, _ := usualWidth(records)
	for _, r := range records {
		if len(r.fields) != width {
			continue
		}
		if r.line > 1 && wordy(r.fields) && !allBlank(records, r.line) {
			l.source.SkipLines = r.line - 1
			l.unsure = append(l.unsure, fmt.Sprintf("line %d looks like the header; what stands before it is passed over", r.line))
		}
		return
	}
}

// allBlank reports whether nothing stands before a line: blank lines before a header need not be declared.
func allBlank(records []record, line int) bool {
	for _, r := range records {
		if r.line < line && strings.TrimSpace(strings.Join(r.fields, "")) != "" {
			return false
		}
	}
	return true
}

// wordy reports whether all fields could be names of columns.
func wordy(fields []string) bool {
	for _, f := range fields {
		if !strings.ContainsFunc(f, unicode.IsLetter) {
			return false
		}
	}
	return true
}
