package warehouse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystat/kpi"
)

// The reference reader: the rules of number.go once more, as one would write them down without SQL and without regular expressions.
type numberReader struct {
	col  kpi.Column
	left string // what is still to be read
}

// readNumber returns the value that a field stands for; blank for none; ok is false if it is refused.
func readNumber(col kpi.Column, text string) (v float64, blank, ok bool) {
	text = strings.Trim(text, whiteSpace)
	if text == "" || slices.Contains(col.NullIs, text) {
		return 0, true, true
	}
	plain, ok := "", false
	more := col.Thousands != "" || len(col.Signs) > 0 || col.Accounting || col.Type == kpi.TypeInteger && col.Decimal == ","
	for _, parentheses := range []bool{false, true} {
		n := numberReader{col, text}
		if more && !ok && (!parentheses || col.Accounting) { // a minus may stand apart only where more than a number is awaited
			plain, ok = n.decorated(parentheses)
		}
	}
	if !ok {
		plain, ok = plainNumber(col, text)
	}
	if !ok {
		return 0, false, false
	}
	if col.Type == kpi.TypeInteger {
		whole, _, _ := strings.Cut(plain, ".")
		i, err := strconv.ParseInt(whole, 10, 64)
		return float64(i), false, err == nil
	}
	v, err := strconv.ParseFloat(plain, 64)
	return v, false, err == nil && v < 1e18 && v > -1e18
}

func (n *numberReader) take(s string) bool {
	rest, ok := strings.CutPrefix(n.left, s)
	n.left = rest
	return ok && s != ""
}

func (n *numberReader) takeOne(of string) bool {
	return slices.ContainsFunc(strings.Split(of, ""), n.take)
}

func (n *numberReader) space() {
	for n.takeOne(" \t\u00a0\u2007\u2009\u202f") {
	}
}

func (n *numberReader) digits() string {
	end := strings.IndexFunc(n.left, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(n.left)
	}
	d := n.left[:end]
	n.left = n.left[end:]
	return d
}

// sign takes a declared sign, the longest that fits. No sign is the beginning of what follows another, so there is no other way to read it.
func (n *numberReader) sign() bool {
	signs := slices.Clone(n.col.Signs)
	slices.SortFunc(signs, func(a, b string) int { return len(b) - len(a) })
	return slices.ContainsFunc(signs, n.take)
}

func (n *numberReader) minus() (minus, found bool) {
	switch {
	case n.take("-"), n.take("−"):
		return true, true
	case n.take("+"):
		return false, true
	}
	return false, false
}

// decorated reads a number with marks and signs, within parentheses or not.
func (n *numberReader) decorated(parentheses bool) (string, bool) {
	minus, found := false, false
	if !parentheses {
		minus, found = n.minus()
		n.space()
	}
	signed := n.sign()
	n.space()
	switch {
	case parentheses:
		if !n.take("(") {
			return "", false
		}
		minus = true
		n.space()
		if !signed {
			n.sign()
			n.space()
		}
	case signed && !found:
		minus, _ = n.minus()
		n.space()
	}
	plain, ok := n.core()
	if !ok {
		return "", false
	}
	n.space()
	behind := n.sign()
	if parentheses {
		n.space()
		if !n.take(")") {
			return "", false
		}
		n.space()
		if !behind {
			n.sign()
		}
	}
	if minus {
		plain = "-" + plain
	}
	return plain, n.left == ""
}

// core reads digits, with marks between all groups or none, and decimals.
func (n *numberReader) core() (string, bool) {
	marks := map[string]string{"space": " \t\u00a0\u2007\u2009\u202f", "'": "'’"}[n.col.Thousands]
	if marks == "" {
		marks = n.col.Thousands
	}
	groups := []string{n.digits()}
	for marks != "" && groups[0] != "" {
		before := n.left
		if !n.takeOne(marks) {
			break
		}
		d := n.digits()
		if d == "" {
			n.left = before // a space before a sign
			break
		}
		groups = append(groups, d)
	}
	if !grouped(groups) {
		return "", false
	}
	point := "."
	if n.col.Decimal == "," {
		point = ","
	}
	whole, fraction := strings.Join(groups, ""), ""
	if n.take(point) {
		fraction = n.digits()
	}
	if n.col.Type == kpi.TypeInteger {
		return whole, whole != "" && strings.Trim(fraction, "0") == ""
	}
	return whole + "." + fraction, whole+fraction != ""
}

// grouped reports whether the groups are all of three digits, or as India writes them.
func grouped(groups []string) bool {
	last := len(groups) - 1
	if last == 0 {
		return true
	}
	same := func(size int) bool {
		return !slices.ContainsFunc(groups[1:last], func(g string) bool { return len(g) != size }) && len(groups[last]) == 3
	}
	return len(groups[0]) <= 3 && same(3) || len(groups[0]) <= 2 && same(2) && last > 1
}

// plainNumber reads what a number may be without marks and signs: with an exponent, unless it is whole.
func plainNumber(col kpi.Column, text string) (string, bool) {
	n := numberReader{kpi.Column{Type: col.Type, Decimal: col.Decimal}, text}
	minus, _ := n.minus()
	plain, ok := n.core()
	if ok && col.Type == kpi.TypeNumber && n.takeOne("eE") {
		plain += "e"
		if m, _ := n.minus(); m {
			plain += "-"
		}
		exponent := n.digits()
		plain, ok = plain+exponent, exponent != ""
	}
	if minus {
		plain = "-" + plain
	}
	return plain, ok && n.left == ""
}

// numberColumns are ways in which numbers are declared.
func numberColumns() []kpi.Column {
	num, whole := kpi.TypeNumber, kpi.TypeInteger
	return []kpi.Column{
		{Type: num}, {Type: num, Decimal: ","}, {Type: num, Thousands: ","}, {Type: num, Thousands: ".", Decimal: ","}, {Type: num, Thousands: "space", Decimal: ","}, {Type: num, Thousands: "'"},
		{Type: num, Signs: []string{"$", "US$", "%"}}, {Type: num, Thousands: ",", Signs: []string{"$", "%"}, Accounting: true, NullIs: []string{"-", "n/a"}}, {Type: num, Thousands: ".", Decimal: ",", Signs: []string{"R$", "e"}, Accounting: true},
		{Type: num, Accounting: true}, {Type: whole}, {Type: whole, Thousands: ","}, {Type: whole, Thousands: "space", Decimal: ",", Signs: []string{"€"}}, {Type: whole, Accounting: true, Signs: []string{"$"}, Thousands: ".", Decimal: ","},
	}
}

// checkNumbers loads the fields into a column and compares what was read with the reference; every row is accepted or refused.
func checkNumbers(t *testing.T, db *DB, version int64, col kpi.Column, fields []string) {
	t.Helper()
	city := oneColumn(col)
	rows := table{{"ID", "V"}, {"0", ""}}
	for i, f := range fields {
		rows = append(rows, []string{fmt.Sprint(i + 1), f})
	}
	out := mustLoad(t, db, city, version, version-1, "2016-01-12", rows)
	got := storedValues(t, db, city, version)
	if c := out.Counts; c.Accepted+c.Rejected != int64(len(fields)+1) || int64(len(got)) != c.Accepted {
		t.Errorf("%+v: %d rows went in, counts %+v, %d are there", col, len(fields)+1, c, len(got))
	}
	for i, f := range fields {
		want, blank, ok := readNumber(col, f)
		v, there := got[int64(i+3)]
		var is float64
		if v.Valid {
			var err error
			if is, err = strconv.ParseFloat(v.String, 64); err != nil {
				t.Fatal(err)
			}
		}
		if there != ok || v.Valid != (ok && !blank) || is != want && ok {
			t.Errorf("thousands %q, decimal %q, signs %q, accounting %v, %s: %q was read as %+v (accepted: %v), the reference has %v (accepted: %v, blank: %v)",
				col.Thousands, col.Decimal, col.Signs, col.Accounting, col.Type, f, v, there, want, ok, blank)
		}
	}
}

// randomNumber writes something that is nearly a number.
func randomNumber(r *rand.Rand) string {
	parts := []string{"-", "−", "+", "$", "US$", "R$", "%", "€", "e", "E", "(", ")", " ", "\u00a0", "\u202f", ",", ".", "'", "’", "_", "0", "12", "123", "4567", "007", "1,234", "1.234.567", "12,34,567", "1 234", "1'234", "12.50", "12,50", "nan", "inf", "1e400", "n/a", "٣", "x", "\u200b", "9223372036854775807", "000", "00"}
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

// TestNumbersAgainstReference reads a thousand texts, many of them nearly numbers, in every way in which a column may be declared.
func TestNumbersAgainstReference(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	db := openTest(t)
	for i, col := range numberColumns() {
		fields := []string{"$1,234.50", "(250.00)", "R$ 1.234,56", "-$5", "5 %", "1 234,5", "− 5", "+-5", "5e3", "5e", "e5", "1e+5", "1e−5", "$", "()", "(5)", "( $ 5 )", "$(5)", "(5)%", "9,223,372,036,854,775,807", "999999999999999999", "1000000000000000000"}
		for range 1000 {
			fields = append(fields, randomNumber(r))
		}
		checkNumbers(t, db, int64(2*i+1), col, fields)
		// A delivery that is ASCII alone is read by a shorter statement.
		beyond := func(f string) bool { return strings.ContainsFunc(f, func(r rune) bool { return r > 0x7f }) }
		checkNumbers(t, db, int64(2*i+2), col, slices.DeleteFunc(fields, beyond))
	}
}

// FuzzNumbers reads the lines of a text as numbers, in one of the declared ways.
func FuzzNumbers(f *testing.F) {
	for i, col := range numberColumns() {
		f.Add("1,234.5\n(12)\n$ 5\n−1.234,56\n12,34,567\n1e3", byte(i))
		f.Add(strings.Join(col.Signs, "5\n")+"\n1 234\n1'234\n٣\nnan\n0x1F\n1_0", byte(i))
	}
	columns := numberColumns()
	db := openTest(f)
	f.Fuzz(func(t *testing.T, text string, way byte) {
		versions, err := db.Versions(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		for line := range strings.Lines(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?")) {
			fields = append(fields, strings.TrimRight(line, "\r\n"))
		}
		// One version at a time, taken back when it was looked at: the rows of one text are nothing to the next.
		checkNumbers(t, db, int64(len(versions))+1, columns[int(way)%len(columns)], fields)
		if err := db.Undo(context.Background(), int64(len(versions))+1); err != nil {
			t.Fatal(err)
		}
	})
}
