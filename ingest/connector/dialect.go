package connector

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// joinHeader makes one header of several lines: the texts of a column with a space between them, blank ones left out. A single line stays
// as it is.
func joinHeader(lines [][]string) []string {
	if len(lines) == 1 {
		return lines[0]
	}
	names := make([]string, width(lines))
	for i := range names {
		var parts []string
		for _, l := range lines {
			if i < len(l) && strings.TrimSpace(l[i]) != "" {
				parts = append(parts, strings.TrimSpace(l[i]))
			}
		}
		names[i] = strings.Join(parts, " ")
	}
	return names
}

// continued writes the texts of the first of several lines into the blank cells to their right: a header over several columns comes out
// of a spreadsheet as one text and blanks.
func continued(lines [][]string) [][]string {
	if len(lines) == 1 {
		return lines
	}
	first := make([]string, width(lines))
	copy(first, lines[0])
	for i := 1; i < len(first); i++ {
		if strings.TrimSpace(first[i]) == "" {
			first[i] = first[i-1]
		}
	}
	return append([][]string{first}, lines[1:]...)
}

func width(lines [][]string) int {
	n := 0
	for _, l := range lines {
		n = max(n, len(l))
	}
	return n
}

// endsAt reports whether the first field that is not blank is one of the declared texts, but for spaces around it.
func endsAt(ends, fields []string) bool {
	for _, f := range fields {
		if f = strings.TrimSpace(f); f != "" {
			return slices.Contains(ends, f)
		}
	}
	return false
}

func missedEnd(name string, ends []string) string {
	return fmt.Sprintf("%s: no row begins with %s, at which the table is declared to end; rows may be missing at its end", name, quotedList(ends))
}

func quotedList(texts []string) string {
	list := make([]string, len(texts))
	for i, s := range texts {
		list[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(list, " or ")
}

// misread says what is declared wrong if the header, read in another way, has more of the declared columns: the delimiter, or the lines
// that stand before it. It only helps a person who has to declare it; nothing is read in another way.
func (t *table) misread(where string, names []string) error {
	want := declared(t.req.Dataset)
	found := known(names, want)
	if found == len(want) {
		return nil
	}
	raw := string(bytes.ToValidUTF8(t.scan.rec.raw, []byte("?")))
	for _, delim := range []string{";", "\t", "|", ","} {
		if delim[0] == t.delim {
			continue
		}
		if known(cutHeader(raw, delim, t.quote), want) > found {
			return kpi.Errorf(kpi.CodeInvalid, "%s: the header is cut at %q and its columns are not found; it looks as if they were delimited by %q: declare delimiter: %[3]q%s",
				where, t.delim, delim, decimalHint(delim))
		}
	}
	if len(names) > 1 && found > 0 || t.req.Dataset.Source.HeaderLines > 1 {
		return nil
	}
	for range 50 {
		if ok, err := t.scan.next(); !ok || err != nil {
			return nil //nolint:nilerr // the header as it stands is what is wrong
		}
		line := t.scan.rec.line
		if fields := cutHeader(string(t.scan.rec.raw), string(t.delim), t.quote); len(fields) > 1 && known(fields, want) == len(want) {
			return kpi.Errorf(kpi.CodeInvalid, "%s: this is not the header; line %d is: declare skip_lines: %d", where, line, line-1)
		}
	}
	return nil
}

func decimalHint(delim string) string {
	if delim != ";" {
		return ""
	}
	return `, and for its numbers decimal: "," if they are written so`
}

// cutHeader cuts a line without regard to delimiters in quotes: good enough for a hint.
func cutHeader(line, delim string, quote byte) []string {
	fields := strings.Split(line, delim)
	for i, f := range fields {
		fields[i] = strings.Trim(f, string(quote))
	}
	return fields
}

// known returns how many of the wanted names a header has.
func known(header, want []string) int {
	has := make(map[string]bool, len(header))
	for _, h := range header {
		has[fold(h)] = true
	}
	n := 0
	for _, w := range want {
		if has[fold(w)] {
			n++
		}
	}
	return n
}

// foreign finds out whether a file that counts as UTF-8 is written in another encoding. Where some rows hold good UTF-8 beyond ASCII,
// those that hold other bytes are broken ones. Where none does, and the bytes are not even a faulty form of UTF-8, the whole file is in
// another encoding, and its rows cannot be set aside one by one: whichever have no accents would be let through.
type foreign struct {
	off   bool   // the text was turned into UTF-8 here
	good  bool   // a row holds good UTF-8 beyond ASCII
	first string // where the first byte is that shows it
}

// see looks at a good row.
func (f *foreign) see(raw []byte) {
	if !f.good {
		f.good = !ascii(raw)
	}
}

// broken looks at a row with bytes that are no UTF-8.
func (f *foreign) broken(raw []byte, r kpi.Reject) {
	if f.first != "" || f.off || f.good {
		return
	}
	if at := raw[invalidUTF8(raw):]; !formOfUTF8(at) {
		f.first = fmt.Sprintf("byte %02X in line %d", at[0], r.Line)
		if r.Column != "" {
			f.first += fmt.Sprintf(", column %q,", r.Column)
		}
	}
}

// refuse says that the file is written in another encoding, if it is.
func (f *foreign) refuse(name string) error {
	if f.first == "" || f.good {
		return nil
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s is not written in UTF-8: %s is the first that shows it; declare encoding: windows-1252, or whichever it is", name, f.first)
}

// formOfUTF8 reports whether bytes that are no UTF-8 have its form all the same, as overlong forms and halves of surrogate pairs do: a
// program that writes UTF-8 has written them, and wrongly.
func formOfUTF8(b []byte) bool {
	n := 0
	switch c := b[0]; {
	case c >= 0xc0 && c < 0xe0:
		n = 1
	case c >= 0xe0 && c < 0xf0:
		n = 2
	case c >= 0xf0 && c < 0xf8:
		n = 3
	}
	if n == 0 || len(b) <= n {
		return false
	}
	return !slices.ContainsFunc(b[1:n+1], utf8.RuneStart)
}
