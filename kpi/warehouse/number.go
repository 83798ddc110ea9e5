package warehouse

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"citystat/kpi"
)

// A number is read by a grammar that knows nothing of the place where the program runs:
//
//	digits      0 to 9 of ASCII; those of other scripts are refused
//	minus       - or U+2212, before the digits; + likewise. With Accounting also a pair of parentheses, with no minus inside
//	decimals    after one point, or after one comma if Decimal says so; then a point is refused, for 1.234 could be either
//	thousands   none, or the declared mark between all groups: three digits each, or as India writes it three and before that two each (12,34,567).
//	            Any other grouping is refused. A number may be written without the mark
//	signs       at most one declared sign before and one behind, inside or outside of parentheses, with or without space. Any other is refused
//	exponent    1.5e3 is read only where the number has neither marks nor signs, and never as a whole number
//
// It must be finite and below 1e18 in size, like a whole number. NaN, Inf, #DIV/0! and 1e400 are refused, unless NullIs lists them.

// numberBound is the size that no number may reach. What is larger was mangled on its way, and no sum with it would be exact.
const numberBound = 1e18

// blanks may stand between the parts of a number and as the mark of thousands called space.
const blanks = " \t\u00a0\u2007\u2009\u202f"

// decorated reports whether the column's numbers may hold more than digits, a sign and a decimal point.
func (r *reader) decorated() bool {
	c := r.col
	switch c.Type {
	case kpi.TypeInteger:
		return r.decimal() == "," || c.Thousands != "" || len(c.Signs) > 0 || c.Accounting
	case kpi.TypeNumber:
		return c.Thousands != "" || len(c.Signs) > 0 || c.Accounting
	}
	return false
}

func (r *reader) decimal() string { return cmp.Or(r.col.Decimal, ".") }

// thousandsMarks are the characters that the declared mark stands for.
func (r *reader) thousandsMarks() string {
	switch m := r.col.Thousands; m {
	case "'", "’":
		return "'’"
	case "space", " ":
		return blanks
	default:
		return m
	}
}

// checkNumber refuses declarations by which a number could be read in two ways.
func (r *reader) checkNumber() error {
	c := r.col
	wrong := func(format string, args ...any) error {
		return kpi.Errorf(kpi.CodeInvalid, "column %s: %s", c.Name, fmt.Sprintf(format, args...))
	}
	if !slices.Contains([]string{"", ".", ","}, c.Decimal) {
		return wrong("decimal %q is neither a point nor a comma", c.Decimal)
	}
	if !slices.Contains([]string{"", ",", ".", "'", "’", "space", " "}, c.Thousands) {
		return wrong("thousands %q is none of , . ' space", c.Thousands)
	}
	if c.Thousands == r.decimal() {
		return wrong("%q cannot be the mark of thousands and of decimals", c.Thousands)
	}
	for _, s := range c.Signs {
		if strings.Trim(s, "0123456789.,'’()+-−_"+blanks) == "" || strings.ContainsAny(s, "0123456789") {
			return wrong("the sign %q could be taken for a part of the number", s)
		}
	}
	return nil
}

// longestFirst orders the signs so that R$ is found before $.
func (r *reader) longestFirst() []string {
	signs := slices.Clone(r.col.Signs)
	slices.SortFunc(signs, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return slices.Compact(signs)
}

// numberForm is the grammar as a regular expression (RE2).
func (r *reader) numberForm() string {
	point, space := regexp.QuoteMeta(r.decimal()), "["+blanks+"]*"
	fraction, bare := "(?:"+point+"[0-9]*)?", "|"+point+"[0-9]+"
	if r.col.Type == kpi.TypeInteger {
		fraction, bare = "(?:"+point+"0*)?", ""
	}
	core := "[0-9]+" + fraction + bare
	if marks := r.thousandsMarks(); marks != "" {
		mark := "[" + marks + "]"
		core += fmt.Sprintf("|[0-9]{1,3}(?:%[1]s[0-9]{3})+%[2]s|[0-9]{1,2}(?:%[1]s[0-9]{2})+%[1]s[0-9]{3}%[2]s", mark, fraction)
	}
	core = "(?:" + core + ")"
	const minus = `[-+−]?`
	form, before, behind := minus+space+core, "", ""
	if signs := r.longestFirst(); len(signs) > 0 {
		for i, s := range signs {
			signs[i] = regexp.QuoteMeta(s)
		}
		sign := "(?:" + strings.Join(signs, "|") + ")"
		before, behind = "(?:"+sign+space+")?", "(?:"+space+sign+")?"
		form = fmt.Sprintf("(?:%[1]s%[2]s%[3]s|%[4]s%[2]s%[1]s%[2]s)%[5]s%[6]s", minus, space, before, sign, core, behind)
	}
	if r.col.Accounting {
		open, shut := `\(`+space, space+`\)`
		if before == "" {
			return form + "|" + open + core + shut
		}
		sign := strings.TrimSuffix(before, "?")
		form += fmt.Sprintf("|(?:%[1]s%[2]s|%[2]s%[3]s)%[4]s(?:%[5]s%[6]s|%[6]s%[7]s)", sign, open, before, core, behind, shut, strings.TrimSuffix(behind, "?"))
	}
	return form
}

// plainNumber is layer r: the number with nothing but digits, a minus and a point. What the grammar does not know is left as it is, and is then read
// only if it is a plain number, such as one with an exponent.
func (r *reader) plainNumber() string {
	x := r.text()
	bare, from, to := x, "−", "-"
	for _, s := range r.longestFirst() {
		bare = fmt.Sprintf("replace(%s, %s, '')", bare, r.statement.text(s))
	}
	other := fmt.Sprintf("replace(%s, '−', '-')", x)
	if r.decimal() == "," {
		from, to = from+",", to+"."
		other = fmt.Sprintf("CASE WHEN NOT contains(%s, '.') THEN replace(%s, ',', '.') END", x, other)
	}
	bare = fmt.Sprintf("translate(%s, %s, %s)", bare, r.statement.text(from+r.thousandsMarks()+blanks+"+()"), r.statement.text(to))
	if r.col.Accounting {
		bare = fmt.Sprintf("CASE WHEN contains(%s, '(') THEN '-' ELSE '' END || %s", x, bare)
	}
	return fmt.Sprintf("CASE WHEN regexp_full_match(%s, %s) THEN %s ELSE %s END", x, quoteText(r.numberForm()), bare, other)
}

// numberDetail says in words what a number of the column looks like.
func (r *reader) numberDetail() string {
	what, example := "a number below 1e18 in size such as", "1250.75"
	if r.col.Type == kpi.TypeInteger {
		what, example = "a whole number such as", "1250"
	}
	if m := r.thousandsMarks(); m != "" {
		example = "1" + string([]rune(m)[0]) + example[1:]
	}
	if r.decimal() == "," && r.col.Type == kpi.TypeNumber {
		example = example[:len(example)-3] + ",75"
	}
	form := what + " " + example
	switch {
	case r.col.Thousands != "" && len(r.col.Signs) == 0:
		form += ", without a unit"
	case r.col.Thousands == "" && len(r.col.Signs) == 0:
		form += ", without separators of thousands or a unit"
	case r.col.Thousands == "":
		form += ", without separators of thousands"
	}
	if len(r.col.Signs) > 0 {
		form += ", with no sign but " + strings.Join(r.col.Signs, " or ")
	}
	return form
}
