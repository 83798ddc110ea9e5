package connector

import (
	"bytes"

	"citystat/kpi"
)

// cutQuoted takes a record off b in which at least the first line holds a quote. It returns false if b does not hold the whole record;
// it is then called again with more.
func (s *scanner) cutQuoted(b []byte) (bool, error) {
	s.rec = record{line: s.line, fields: s.spare[:0], quotes: true}
	nl := -1 // the line end after p, once it was looked for
	for p := 0; ; {
		var f field
		var whole bool
		start := p
		if p < len(b) && b[p] == s.quote {
			var err error
			if f, p, whole, err = s.quotedField(b, p); !whole || err != nil {
				return false, err
			}
			end, known := s.endOfLine(b, p)
			switch {
			case !known:
				return false, nil
			case end > 0 || p == len(b):
				s.rec.fields = append(s.rec.fields, f)
				return true, s.takeQuoted(b, p, p+end)
			case b[p] == s.delim:
				s.rec.fields = append(s.rec.fields, f)
				p++
				continue
			}
			s.strayAt(ReasonStrayQuote) // text after the closing quote
		}
		if nl < p {
			if nl = s.lineEnd(b, p); nl < 0 {
				return false, nil
			}
		}
		if i := bytes.IndexByte(b[p:nl], s.delim); i >= 0 {
			s.unquoted(b, start, p+i)
			p += i + 1
			continue
		}
		end := nl
		if s.nl == '\n' && end > start && b[end-1] == '\r' {
			end--
		}
		s.unquoted(b, start, end)
		return true, s.takeQuoted(b, end, min(nl+1, len(b)))
	}
}

// quotedField reads the field whose quote opens at b[p] and returns it and the position behind its closing quote; whole is false if
// b ends before it does.
func (s *scanner) quotedField(b []byte, p int) (f field, after int, whole bool, err error) {
	f = field{start: p + 1, quoted: true}
	for q := f.start; ; {
		i := bytes.IndexByte(b[q:], s.quote)
		switch {
		case i < 0 && s.eof:
			return f, 0, false, kpi.Errorf(kpi.CodeInvalid, "%s line %d: a quote is opened here and never closed; close it, or double it if it belongs to the text", s.name, s.lineAt(b, p))
		case i < 0:
			s.open = s.lineAt(b, p)
			return f, 0, false, nil
		}
		q += i
		switch {
		case q+1 == len(b) && !s.eof:
			return f, 0, false, nil // the next byte tells whether it is doubled
		case q+1 < len(b) && b[q+1] == s.quote:
			f.escaped = true
			q += 2
		default:
			f.end = q
			return f, q + 1, true, nil
		}
	}
}

// endOfLine returns the length of the line end at b[p], 0 if there is none; known is false if b ends too soon to tell.
func (s *scanner) endOfLine(b []byte, p int) (n int, known bool) {
	switch {
	case p == len(b):
		return 0, s.eof
	case b[p] == s.nl:
		return 1, true
	case s.nl == '\n' && b[p] == '\r' && p+1 == len(b):
		return 1, s.eof
	case s.nl == '\n' && b[p] == '\r' && b[p+1] == '\n':
		return 2, true
	}
	return 0, true
}

// lineEnd returns where the line that holds b[p] ends: the position of its line end, or len(b) at the end of the file; -1 if b ends too
// soon to tell.
func (s *scanner) lineEnd(b []byte, p int) int {
	if i := bytes.IndexByte(b[p:], s.nl); i >= 0 {
		return p + i
	}
	if s.eof {
		return len(b)
	}
	return -1
}

// unquoted adds a field without quotes around it, and notes what must not be in one.
func (s *scanner) unquoted(b []byte, start, end int) {
	text := b[start:end]
	if bytes.IndexByte(text, s.quote) >= 0 {
		s.strayAt(ReasonStrayQuote)
	} else if s.nl == '\n' && bytes.IndexByte(text, '\r') >= 0 {
		s.strayAt(ReasonStrayCR)
	}
	s.rec.fields = append(s.rec.fields, field{start: start, end: end})
}

// strayAt notes the first thing that is wrong, in the field that is being read.
func (s *scanner) strayAt(reason string) {
	s.rec.torn = s.rec.torn || reason == ReasonStrayQuote
	if s.rec.stray == "" {
		s.rec.stray, s.rec.column = reason, len(s.rec.fields)
	}
}

// takeQuoted ends a record with quotes. A misplaced quote in a record of several lines means that it is unknown where rows begin and end:
// any number of rows may have been swallowed, so the file fails.
func (s *scanner) takeQuoted(b []byte, end, used int) error {
	s.rec.raw, s.spare = b[:end], s.rec.fields
	s.rec.lines = 1 + int64(bytes.Count(s.rec.raw, []byte{s.nl}))
	s.rec.terminated = used > end
	if s.rec.torn && s.rec.lines > 1 {
		return kpi.Errorf(kpi.CodeInvalid, "%s line %d: quotes do not match between here and line %d, so it is unknown where rows end; close the quote that is open, and double quotes that belong to the text",
			s.name, s.line, s.line+s.rec.lines-1)
	}
	return s.take(used)
}

// lineAt returns the physical line of b[p].
func (s *scanner) lineAt(b []byte, p int) int64 {
	return s.line + int64(bytes.Count(b[:p], []byte{s.nl}))
}
