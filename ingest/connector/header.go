package connector

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"citystat/kpi"
)

// layout says which columns of a source are kept.
type layout struct {
	columns    int      // of the header
	keep       []int    // the kept ones, in the order of the source
	names      []string // their declared names
	all        bool     // every column is kept
	undeclared []string // columns that are neither declared nor dropped
	warnings   []string
}

// match finds the declared columns in a header by their names: exactly, or else but for case, spaces and invisible characters, which is
// told. Everything that is wrong is told at once.
func match(file string, header []string, ds *kpi.Dataset) (layout, error) {
	l := layout{columns: len(header)}
	taken := make([]string, len(header)) // the declared name of each column; "" for none
	var missing, wrong []string
	shown := isHeader(header, ds)
	if n := len(declared(ds)); n > 1 && len(header) == 1 {
		what := ""
		if shown {
			what = fmt.Sprintf(", %q,", cutText(header[0], 80))
		}
		return l, kpi.Errorf(kpi.CodeInvalid, "%s: the header is a single column%s and %d are declared; is the delimiter declared right, or does text stand before the header?", file, what, n)
	}
	for _, from := range declared(ds) {
		at := indexes(header, func(h string) bool { return h == from })
		if len(at) == 0 {
			if at = indexes(header, func(h string) bool { return fold(h) == fold(from) }); len(at) == 1 && taken[at[0]] == "" {
				l.warnings = append(l.warnings, fmt.Sprintf("%s: the header %q was read as %q", file, header[at[0]], from))
			}
		}
		switch {
		case len(at) == 0:
			missing = append(missing, from)
		case len(at) > 1:
			wrong = append(wrong, fmt.Sprintf("column %q is there %d times (columns %s); nobody can tell which one is meant", from, len(at), list(at)))
		case taken[at[0]] != "":
			wrong = append(wrong, fmt.Sprintf("the header %q is both %q and %q", header[at[0]], taken[at[0]], from))
		default:
			taken[at[0]] = from
		}
	}
	var far []string
	for _, m := range missing {
		said, renamed := missingColumn(m, header, taken, ds)
		if shown || renamed {
			wrong = append(wrong, said)
		} else {
			far = append(far, fmt.Sprintf("%q", m))
		}
	}
	if len(far) > 0 {
		wrong = append(wrong, fmt.Sprintf("%s missing: of the %d that are there none has a name that the folder knows; is this the header?", theyAre(far), len(header)))
	}
	if len(wrong) > 0 {
		return l, kpi.Errorf(kpi.CodeInvalid, "%s: %s", file, strings.Join(wrong, "; "))
	}
	for i, name := range taken {
		switch {
		case name != "":
			l.keep, l.names = append(l.keep, i), append(l.names, name)
		case !slices.Contains(ds.Drop, header[i]) && !slices.ContainsFunc(ds.Drop, func(d string) bool { return fold(d) == fold(header[i]) }):
			l.undeclared = append(l.undeclared, title(header, i))
		}
	}
	l.all = len(l.keep) == len(header)
	return l, nil
}

// declared returns the names of the source columns that are kept, each once, those that unpivot turns into rows among them. What is dropped
// is not kept, whoever declares it; the number of the line is in every copy.
func declared(ds *kpi.Dataset) []string {
	var names []string
	for _, c := range ds.Columns {
		for _, from := range fillers(&ds.Source, c.From) {
			if from != lineColumn && !slices.Contains(names, from) && !slices.Contains(ds.Drop, from) {
				names = append(names, from)
			}
		}
	}
	return names
}

func indexes(list []string, is func(string) bool) []int {
	var at []int
	for i, s := range list {
		if is(s) {
			at = append(at, i)
		}
	}
	return at
}

// list writes column positions for people, 1-based.
func list(at []int) string {
	s := make([]string, len(at))
	for i, n := range at {
		s[i] = fmt.Sprint(n + 1)
	}
	return strings.Join(s[:len(s)-1], ", ") + " and " + s[len(s)-1]
}

// title names a column; one without a name by its position.
func title(header []string, i int) string {
	if strings.TrimSpace(header[i]) == "" {
		return fmt.Sprintf("column %d (no name)", i+1)
	}
	return header[i]
}

// isHeader reports whether what stands where the header should is one: it holds the name of a column that the folder names. A table that came without
// its header has a row there, and what nobody declared must not be shown of it.
func isHeader(header []string, ds *kpi.Dataset) bool {
	for _, name := range slices.Concat(declared(ds), ds.Drop) {
		name = fold(name)
		for _, h := range header {
			if h = fold(h); h == name || len(header) == 1 && name != "" && strings.Contains(h, name) {
				return true
			}
		}
	}
	return false
}

// theyAre names columns as the subject of a sentence.
func theyAre(names []string) string {
	if len(names) == 1 {
		return "column " + names[0] + " is"
	}
	return "columns " + strings.Join(names, ", ") + " are"
}

// missingColumn says that a column is not there, and which one it may have become; renamed if there is such a one.
func missingColumn(name string, header, taken []string, ds *kpi.Dataset) (said string, renamed bool) {
	best, far := -1, 0
	for i, h := range header {
		if taken[i] != "" || strings.TrimSpace(h) == "" {
			continue
		}
		if d := distance(letters(name), letters(h)); near(name, h, d) && (best < 0 || d < far) {
			best, far = i, d
		}
	}
	if best >= 0 {
		where := "from: " + header[best]
		if takenByUnpivot(&ds.Source, name) {
			where = header[best] + " under unpivot"
		}
		return fmt.Sprintf("column %q is missing; the header has %q: renamed? If so, write %s in datasets/%s.yaml", name, header[best], where, ds.ID), true
	}
	var names []string
	for i := range header {
		names = append(names, fmt.Sprintf("%q", cutText(title(header, i), 40)))
		if i == 11 && len(header) > 12 {
			names = append(names, fmt.Sprintf("and %d more", len(header)-12))
			break
		}
	}
	return fmt.Sprintf("column %q is missing; the header has %s", name, strings.Join(names, ", ")), false
}

// near reports whether a header may be the new name of a column: a third of its letters changed at most, or one abbreviates the other.
func near(name, header string, far int) bool {
	a, b := letters(name), letters(header)
	return far <= max(1, len([]rune(a))/3) || abbreviates(a, b) || abbreviates(b, a)
}

// abbreviates reports whether short is long with letters left out, as dept is of department.
func abbreviates(short, long string) bool {
	if len(short) < 3 || len(long) < 3 || short[0] != long[0] && !strings.Contains(long, short) {
		return false
	}
	rest := []rune(short)
	for _, r := range long {
		if len(rest) > 0 && rest[0] == r {
			rest = rest[1:]
		}
	}
	return len(rest) == 0
}

// fold makes names equal that look equal: case, spaces and invisible characters do not count.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // zero-width and direction marks
			return -1
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// letters keeps the letters and digits of a name.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// distance is the number of letters to insert, delete or change to get from a to b (Levenshtein 1966).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	if len(x) > 200 || len(y) > 200 { // no column name: not worth the time
		return max(len(x), len(y))
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			change := diagonal
			if x[i] != y[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}

// cutText shortens a text for a message.
func cutText(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}
