package suggest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// blanks may stand within a number.
const blanks = " \u00a0\u2007\u2009\u202f"

// numeral is a number with what stands around it: minus, sign, digits with their marks, sign.
var numeral = regexp.MustCompile(`^([-+−]?)[` + blanks + `]*(\p{Sc}|R\$|US\$|C\$|%|EUR|USD|GBP|BRL|COP|MXN|CAD)?[` + blanks + `]*([-+−]?)[` + blanks + `]*([0-9](?:[0-9.,'’` + blanks + `]*[0-9])?)[` + blanks + `]*(\p{Sc}|%|EUR|USD|GBP|BRL|COP|MXN|CAD)?$`)

// exponent is a number as programs write very small and very large ones.
var exponent = regexp.MustCompile(`^([-+]?[0-9]+(?:\.[0-9]+)?)[eE][-+]?[0-9]{1,2}$`)

// writing is a way in which numbers are written.
type writing struct{ decimal, thousands string }

// writings lists the ways, the usual ones first, with the form that the digits then have.
var writings = []struct {
	writing
	form *regexp.Regexp
}{
	{writing{".", ""}, regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)},
	{writing{".", ","}, regexp.MustCompile(`^([0-9]{1,3}(,[0-9]{3})*|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}|[0-9]+)(\.[0-9]+)?$`)},
	{writing{",", ""}, regexp.MustCompile(`^[0-9]+(,[0-9]+)?$`)},
	{writing{",", "."}, regexp.MustCompile(`^([0-9]{1,3}(\.[0-9]{3})*|[0-9]+)(,[0-9]+)?$`)},
	{writing{".", "space"}, regexp.MustCompile(`^([0-9]{1,3}([` + blanks + `][0-9]{3})*|[0-9]+)(\.[0-9]+)?$`)},
	{writing{",", "space"}, regexp.MustCompile(`^([0-9]{1,3}([` + blanks + `][0-9]{3})*|[0-9]+)(,[0-9]+)?$`)},
	{writing{".", "'"}, regexp.MustCompile(`^([0-9]{1,3}(['’][0-9]{3})*|[0-9]+)(\.[0-9]+)?$`)},
	{writing{",", "'"}, regexp.MustCompile(`^([0-9]{1,3}(['’][0-9]{3})*|[0-9]+)(,[0-9]+)?$`)},
}

// numbers is what a column of numbers is written like.
type numbers struct {
	writing
	whole      bool
	signs      []string
	accounting bool
	zeros      bool    // some have zeros in front, as codes have
	other      writing // another way in which all of them could be read, to other numbers
	negative   bool
	ratio      bool // some have a percent sign and some not
}

// readNumbers says how the values are written if all of them are numbers.
func readNumbers(values []string) (n numbers, ok bool) {
	digits := make([]string, len(values))
	percent, powers := 0, false
	for i, v := range values {
		if m := exponent.FindStringSubmatch(v); m != nil {
			v, powers = m[1], true
		}
		if in, cut := strings.CutPrefix(v, "("); cut && strings.HasSuffix(in, ")") {
			v, n.accounting, n.negative = strings.TrimSuffix(in, ")"), true, true
			if strings.ContainsAny(v, "-−+") {
				return n, false
			}
		}
		m := numeral.FindStringSubmatch(v)
		if m == nil || m[1] != "" && m[3] != "" || m[2] != "" && m[5] != "" {
			return n, false
		}
		for _, s := range []string{m[2], m[5]} {
			if s == "%" {
				percent++
			}
			if s != "" && !slices.Contains(n.signs, s) {
				n.signs = append(n.signs, s)
			}
		}
		n.negative = n.negative || m[1] == "-" || m[3] == "-" || m[1] == "−" || m[3] == "−"
		digits[i] = m[4]
		n.zeros = n.zeros || len(m[4]) > 1 && m[4][0] == '0' && m[4][1] >= '0' && m[4][1] <= '9'
	}
	slices.Sort(n.signs)
	n.ratio = percent > 0 && percent < len(values)
	if len(n.signs) > 1 {
		return n, false // dollars and euros cannot be added
	}
	if ok = n.choose(digits); powers { // beside powers of ten neither marks nor signs are read
		n.whole, n.other = false, writing{}
		ok = ok && n.writing == writing{".", ""} && len(n.signs) == 0 && !n.accounting
	}
	return n, ok
}

// choose finds the ways in which all digits could be written.
func (n *numbers) choose(digits []string) bool {
	var ways []writing
	for _, w := range writings {
		if !slices.ContainsFunc(digits, func(d string) bool { return !w.form.MatchString(d) }) {
			ways = append(ways, w.writing)
		}
	}
	if len(ways) == 0 {
		return false
	}
	n.writing = ways[0]
	for _, d := range digits {
		if strings.Trim(d, "0123456789") != "" {
			if len(ways) > 1 {
				n.other = otherReading(ways, digits)
			}
			break
		}
	}
	n.whole = true
	for _, d := range digits {
		bare := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || strings.ContainsRune(n.decimal, r) {
				return r
			}
			return -1
		}, d)
		n.whole = n.whole && !strings.Contains(bare, n.decimal)
		if len(bare) > 17 {
			return false
		}
	}
	if n.whole {
		n.decimal = "."
	}
	return true
}

// otherReading returns a way that reads some of the digits as another number than the first way does.
func otherReading(ways []writing, digits []string) writing {
	for _, w := range ways[1:] {
		for _, d := range digits {
			if w.value(d) != ways[0].value(d) {
				return w
			}
		}
	}
	return writing{}
}

// value writes digits without marks and with a decimal point.
func (w writing) value(digits string) string {
	switch w.thousands {
	case "":
	case "space":
		digits = strings.Map(func(r rune) rune {
			if strings.ContainsRune(blanks, r) {
				return -1
			}
			return r
		}, digits)
	case "'":
		digits = strings.NewReplacer("'", "", "’", "").Replace(digits)
	default:
		digits = strings.ReplaceAll(digits, w.thousands, "")
	}
	return strings.Replace(digits, w.decimal, ".", 1)
}

// keys writes what has to be declared of the way in which numbers are written.
func (n numbers) keys() string {
	var b strings.Builder
	if n.decimal == "," {
		b.WriteString(`, decimal: ","`)
	}
	if n.thousands != "" {
		fmt.Fprintf(&b, ", thousands: %s", yaml(n.thousands))
	}
	if len(n.signs) > 0 {
		fmt.Fprintf(&b, ", signs: [%s]", yaml(n.signs[0]))
	}
	if n.accounting {
		b.WriteString(", accounting: true")
	}
	return b.String()
}

// describe names a way for people.
func (w writing) describe() string {
	s := "decimal " + quoted(w.decimal)
	if w.thousands != "" {
		s += ", thousands " + quoted(w.thousands)
	}
	return s
}
