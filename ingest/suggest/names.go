package suggest

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi/expr"
)

// fold writes a text in small letters without accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// words cuts a header into its words, folded: OpenDate and OPEN_DATE are both open, date.
func words(header string) []string {
	var b strings.Builder
	var last rune
	for _, r := range header {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(fold(b.String()), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// slug makes small ASCII letters and digits of a text, with a mark between words.
func slug(s, mark string) string {
	var parts []string
	for _, w := range words(s) {
		w = strings.Map(func(r rune) rune {
			if r < unicode.MaxASCII {
				return r
			}
			return -1
		}, w)
		if w != "" {
			parts = append(parts, w)
		}
	}
	return strings.Join(parts, mark)
}

// columnNames makes a name for each header, unique and fit for expressions.
func columnNames(headers []string) []string {
	taken := map[string]bool{}
	names := make([]string, len(headers))
	for i, h := range headers {
		n := slug(h, "_")
		if n == "" || n[0] < 'a' || n[0] > 'z' {
			n = strings.TrimSuffix("c_"+n, "_")
		}
		n = strings.Trim(n[:min(len(n), 55)], "_")
		if expr.Reserved(n) {
			n += "_value"
		}
		unique := n
		for k := 2; taken[unique] || unique == lineName; k++ {
			unique = fmt.Sprintf("%s_%d", n, k)
		}
		taken[unique], names[i] = true, unique
	}
	return names
}

// lineName is the column by which rows without a key are told apart.
const lineName = "line"

// datasetID makes the id of a dataset of a file's name.
func datasetID(name string) string {
	base := path.Base(name)
	for ext := path.Ext(base); ext != "" && len(ext) < 9; ext = path.Ext(base) {
		base = strings.TrimSuffix(base, ext)
	}
	id := slug(base, "-")
	if id == "" {
		return "dataset"
	}
	return strings.Trim(id[:min(len(id), 60)], "-")
}

// list names things for people.
func list(names []string) string {
	const most = 10
	var l []string
	for _, n := range names[:min(len(names), most)] {
		l = append(l, quoted(n))
	}
	if len(names) > most {
		l = append(l, fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(l, ", ")
}

// quoted writes a text into a comment: in one line, shortened.
func quoted(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "…"
	}
	return fmt.Sprintf("%+q", s)
}

var plainText = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*$`)

// yaml writes a text as a scalar that is read back as it is.
func yaml(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan":
		return fmt.Sprintf("%q", s)
	}
	if plainText.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, "\\U%08x", r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
