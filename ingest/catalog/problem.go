package catalog

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// Severity tells a mistake from something worth knowing.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"   // the folder cannot be used; with Delivery, one of its datasets cannot be loaded
	SeverityWarning Severity = "warning" // the folder can be used; something in it has no effect or looks wrong
)

// Problem is one thing that is wrong with the folder.
type Problem struct {
	File     string   `json:"file"`             // slash-separated, within the folder
	Line     int      `json:"line,omitempty"`   // 1-based; 0 if the file as a whole is meant, or is missing
	Column   int      `json:"column,omitempty"` // 1-based, counted in characters; at most one beyond the end of its line
	Cell     string   `json:"cell,omitempty"`   // of a table: the letters of the column, where Line is the row and Source what stands there
	Message  string   `json:"message"`          // what is wrong
	Mend     string   `json:"mend,omitempty"`   // what to do about it
	Severity Severity `json:"severity"`
	Source   string   `json:"source,omitempty"` // the line that is meant; of a very long line the part round the column
	Cut      int      `json:"cut,omitempty"`    // characters of the line that are left out before Source

	// Delivery says that an error is in what was delivered and not in the folder's definitions: a data file is not there. The folder can be
	// used; the dataset cannot be loaded until the file has come.
	Delivery bool `json:"delivery,omitempty"`
}

// String returns the problem on one line: file:line:column: message; mend. In a table the column is its letters.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	switch {
	case p.Cell != "":
		fmt.Fprintf(&b, ":%d:%s", p.Line, p.Cell)
	case p.Line > 0:
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Severity == SeverityWarning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Mend != "" {
		b.WriteString("; " + p.Mend)
	}
	return b.String()
}

// Problems is everything that is wrong with a folder, ordered by file, line and column.
type Problems []Problem

// Failed reports whether the folder cannot be used: whether it has a mistake that is not in a delivery alone.
func (ps Problems) Failed() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return p.Severity == SeverityError && !p.Delivery })
}

// Deliveries returns the errors that are in what was delivered, as the warnings that they are for whoever goes on without it.
func (ps Problems) Deliveries() Problems {
	var list Problems
	for _, p := range ps {
		if p.Delivery {
			p.Severity = SeverityWarning
			list = append(list, p)
		}
	}
	return list
}

// Count returns the number of problems of the severity.
func (ps Problems) Count(s Severity) int {
	n := 0
	for _, p := range ps {
		if p.Severity == s {
			n++
		}
	}
	return n
}

// String returns the problems, one a line.
func (ps Problems) String() string {
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.String() + "\n")
	}
	return b.String()
}

// Print writes every problem with the line that it is about, and a caret under the place, as compilers do. What a terminal would
// obey instead of showing is replaced.
func (ps Problems) Print(w io.Writer) error {
	for _, p := range ps {
		text := p.String() + "\n"
		if p.Line > 0 {
			column := p.Column - p.Cut
			if p.Cell != "" {
				column = 1
			}
			line, caret := excerpt(p.Source, column)
			text += fmt.Sprintf("%6d | %s\n       | %s^\n", p.Line, line, strings.Repeat(" ", caret))
		}
		if _, err := io.WriteString(w, text); err != nil {
			return fmt.Errorf("write the list of problems: %w", err)
		}
	}
	return nil
}

// width is the number of characters that an excerpt shows of a long line.
const width = 110

// window returns the line of a problem, or a good part of it if it is very long (a map is often one line), and how many of its
// characters come before that part.
func window(src *source, line, column int) (string, int) {
	const half, long = 500, 2000 // characters, bytes
	text := src.line(line)
	if len(text) <= long {
		return text, 0
	}
	from := max(column-half, 1)
	part := src.tail(line, from)
	characters := 0
	for i := range part {
		if characters == 2*half {
			part = part[:i]
			break
		}
		characters++
	}
	return part, from - 1
}

// excerpt returns the line, cut round the column if it is long, and the number of characters before the column in what is left.
func excerpt(line string, column int) (string, int) {
	runes := []rune(strings.Map(visible, line))
	at := min(max(column-1, 0), len(runes))
	if len(runes) <= width {
		return string(runes), at
	}
	from := min(max(at-width/2, 0), len(runes)-width)
	cut := string(runes[from : from+width])
	if from+width < len(runes) {
		cut += "…"
	}
	if from > 0 {
		return "…" + cut, at - from + 1
	}
	return cut, at - from
}

// visible replaces what has no fixed width on a terminal or would steer it.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case !unicode.IsPrint(r):
		return '·'
	}
	return r
}

// sorted returns the problems in their order, each once.
func sorted(ps []Problem) Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.Compact(ps)
}
