package connector

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"citystat/kpi"
)

// maxRaw is how much of a row a reject keeps.
const maxRaw = 1 << 10

// sound reports whether a record holds nothing but text. It looks only where the chunk has given a reason to.
func (t *table) sound(rec *record) bool {
	return rec.stray == "" &&
		(!t.scan.hasNUL || bytes.IndexByte(rec.raw, 0) < 0) &&
		(!t.scan.notASCII || utf8.Valid(rec.raw))
}

// fault returns the reason for which a record is set aside and the field at fault, -1 if it is the whole row; "" if it is good.
func (t *table) fault(rec *record) (string, int) {
	if t.scan.hasNUL {
		if i := bytes.IndexByte(rec.raw, 0); i >= 0 {
			return ReasonNUL, fieldAt(rec, i)
		}
	}
	if t.scan.notASCII {
		if i := invalidUTF8(rec.raw); i >= 0 {
			return ReasonInvalidUTF8, fieldAt(rec, i)
		}
	}
	if rec.stray != "" {
		return rec.stray, rec.column
	}
	if t.layout.columns > 0 && len(rec.fields) != t.layout.columns {
		return ReasonFieldCount, -1
	}
	return "", -1
}

// invalidUTF8 returns where the first byte is that is no UTF-8, -1 if there is none.
func invalidUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// fieldAt returns the field in which a byte of the record lies.
func fieldAt(rec *record, at int) int {
	for i, f := range rec.fields {
		if at <= f.end {
			return i
		}
	}
	return len(rec.fields) - 1
}

// mend says what is wrong with a row, in words, and what to do.
func (t *table) mend(reason string, rec *record) string {
	switch reason {
	case ReasonFieldCount:
		return fmt.Sprintf("the row has %d fields and the header %d; put a field that holds the delimiter %q in quotes", len(rec.fields), t.layout.columns, t.delim)
	case ReasonInvalidUTF8:
		return fmt.Sprintf("byte %02X is no UTF-8; if the file is not UTF-8, declare its encoding (such as windows-1252)", rec.raw[invalidUTF8(rec.raw)])
	case ReasonNUL:
		return "a NUL byte is no text; export the file again"
	case ReasonStrayQuote:
		return fmt.Sprintf("a quote stands in the middle of a field; put the field in quotes (%c) and double the quotes in it", t.quote)
	}
	return "a carriage return stands alone in the row, so two rows may have run together; end every row with the same line end"
}

// reject sets a row aside that was counted once, and with it all rows that it would have become.
func (t *table) reject(rec *record, reason string, column int) error {
	r := kpi.Reject{File: t.name, Line: rec.line, Reason: reason, Detail: t.mend(reason, rec)}
	if column >= 0 {
		for i, k := range t.layout.keep {
			if k == column {
				r.Column = t.layout.names[i]
			}
		}
	}
	if t.layout.all && len(t.req.Dataset.Drop) == 0 {
		r.Raw = printable(rec.raw)
	}
	if reason == ReasonInvalidUTF8 {
		t.foreign.broken(rec.raw, r)
	}
	detail := r.Detail
	for i, label := range t.long.labels() {
		if i > 0 {
			t.result.Read++
		}
		r.Detail = of(detail, label)
		if err := t.setAside(r); err != nil {
			return err
		}
	}
	return nil
}

// printable returns at most maxRaw bytes of a row as text; what is no text is written as \xNN.
func printable(raw []byte) string {
	out := make([]byte, 0, min(len(raw), maxRaw)+3)
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		next := raw[:n]
		if r == utf8.RuneError && n == 1 || r == 0 {
			next = fmt.Appendf(nil, `\x%02X`, raw[0])
		}
		if len(out)+len(next) > maxRaw {
			break
		}
		out = append(out, next...)
		raw = raw[n:]
	}
	return string(out)
}
