package expr

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// columns is a dataset for the tests.
func columns() map[string]Type {
	return map[string]Type{"type": Text, "channel": Text, "district": Text, "amount": Number, "count": Number, "urgent": Boolean,
		"day": Date, "until": Date, "opened": Timestamp, "closed": Timestamp, "due": Timestamp}
}

func TestParseCanonical(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"closed<=due", "closed <= due"},
		{"due IS NOT NULL AND due <= AS_OF", "due is not null and due <= as_of"},
		{"type = 'pothole' and channel in ('app','call')", "type = 'pothole' and channel in ('app', 'call')"},
		{"a or b and not c = d", "a or b and not c = d"},
		{"(a or b) and c", "(a or b) and c"},
		{"(a and b) or c", "a and b or c"},
		{"a and (b and c)", "a and (b and c)"},
		{"not (a and b)", "not (a and b)"},
		{"(not a) = b", "(not a) = b"},
		{"not a = b", "not a = b"},
		{"a - (b - c) - d", "a - (b - c) - d"},
		{"a*(b+c)/-d", "a * (b + c) / -d"},
		{"--a", "- -a"},
		{"a != 1.50", "a <> 1.5"},
		{"a not between 1 and 2 and b", "a not between 1 and 2 and b"},
		{"x not in (-1, 2e3, 0.000001)", "x not in (-1, 2000, 0.000001)"},
		{"x = 1e300", "x = 1e+300"},
		{"x = 'it''s'", "x = 'it''s'"},
		{"x = ''", "x = ''"},
		{"day >= DATE '2015-06-30'", "day >= date '2015-06-30'"},
		{"day >= date '2015-06-30'", "day >= date '2015-06-30'"},
		{"date is null", "date is null"},
		{"date_of(opened)=date", "date_of(opened) = date"},
		{"(a = b) is null", "(a = b) is null"},
		{"f()", "f()"},
		{"f((a), b or c)", "f(a, b or c)"},
		{"a\n\tand true", "a and true"},
		{"a between b + 1 and (c and d)", "a between b + 1 and (c and d)"},
	} {
		n, err := Parse(c.src)
		if err != nil {
			t.Errorf("Parse(%q): %v", c.src, err)
			continue
		}
		if got := String(n); got != c.want {
			t.Errorf("String(Parse(%q)) = %q, want %q", c.src, got, c.want)
		}
	}
}

func TestParsePositions(t *testing.T) {
	n, err := Parse("  closed <= due or 'é' = day")
	if err != nil {
		t.Fatal(err)
	}
	or := n.(*Binary)
	left, right := or.L.(*Binary), or.R.(*Binary)
	got := []int{or.Pos(), left.Pos(), left.L.Pos(), left.R.Pos(), right.L.Pos(), right.Pos(), right.R.Pos()}
	if want := []int{16, 9, 2, 12, 19, 24, 26}; !reflect.DeepEqual(got, want) {
		t.Errorf("positions %v, want %v", got, want)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct {
		src  string
		pos  int
		part string // of the message
	}{
		{"", 0, "empty"},
		{"   ", 0, "empty"},
		{"a =", 3, "found the end where a column, a constant or a parenthesis"},
		{"a = b = c", 6, "do not chain"},
		{"a in b", 5, "where ( should"},
		{"a in (b)", 6, "constant"},
		{"a in ()", 6, "constant"},
		{"a in (-'x')", 10, "constant"},
		{"a not null", 6, "in or between"},
		{"a is 3", 5, "where null should"},
		{"(a", 2, "where ) should"},
		{"a)", 1, "operator or the end"},
		{"a b", 2, "operator or the end"},
		{"a between 1 or 2", 12, "where and should"},
		{"Closed = 1", 0, `write "closed"`},
		{"_x = 1", 0, `write "x"`},
		{"a = 'x", 4, "no closing '"},
		{"a = 'x\ny'", 6, "line break"},
		{`a = "x"`, 4, "single quotes"},
		{"a = ‘x’", 4, "typographic"},
		{"a == 1", 2, "write ="},
		{"a && b", 2, "write and"},
		{"a || b", 2, "write or"},
		{"a = 1.", 4, "not a number"},
		{"a = 12km", 4, `"12km" is not a number`},
		{"a = 1e999", 4, "too large"},
		{"day > date '30/06/2015'", 11, "year first"},
		{"day > date '2015-02-29'", 11, "not a day"},
		{"été = 1", 0, "a–z"},
		{"a > 5%", 5, "%"},
		{"a ; b", 2, "means nothing"},
		{"a = \xff", 4, "UTF-8"},
		{strings.Repeat("(", 200) + "a", MaxDepth, "within each other"},
		{strings.Repeat("not ", 200) + "a", 4 * MaxDepth, "within each other"},
		{strings.Repeat("-", 200) + "a", MaxDepth, "within each other"},
		{strings.Repeat("f(", 200) + "a", 2 * MaxDepth, "within each other"},
		{"a" + strings.Repeat(" or a", 500), -1, "more than 400 parts"},
		{strings.Repeat("a", 9000), MaxLength, "9000 bytes"},
	} {
		_, err := Parse(c.src)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("Parse(%.40q) = %v, want an *Error", c.src, err)
			continue
		}
		if c.pos >= 0 && e.Pos != c.pos || !strings.Contains(e.Message, c.part) {
			t.Errorf("Parse(%.40q): at %d %q, want at %d …%s…", c.src, e.Pos, e.Message, c.pos, c.part)
		}
	}
}

func TestCheckTypes(t *testing.T) {
	for _, c := range []struct {
		src  string
		want Type
	}{
		{"closed <= due", Boolean},
		{"due is not null and due <= as_of", Boolean},
		{"day <= as_of", Boolean},
		{"as_of between day and until", Boolean},
		{"as_of in (date '2015-01-01')", Boolean},
		{"day in (date '2015-01-01', date '2015-01-02')", Boolean},
		{"date_of(closed) >= date '2015-01-01'", Boolean},
		{"days_between(opened, closed)", Number},
		{"days_between(day, as_of) * 24 + hours_between(opened, as_of)", Number},
		{"-abs(amount - 3) / count", Number},
		{"workdays_between(opened, as_of) + workdays_between(day, until)", Number},
		{"add_workdays(date_of(opened), 5)", Date},
		{"date_of(closed) <= add_workdays(as_of, -amount)", Boolean},
		{"lower(type)", Text},
		{"urgent = true and not urgent", Boolean},
		{"amount between 1 and 5", Boolean},
		{"urgent in (true, false)", Boolean},
		{"type not in ('a')", Boolean},
		{"opened", Timestamp},
		{"as_of", Timestamp},
		{"day", Date},
		{"null", Null},
	} {
		n, err := Parse(c.src)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Check(n, columns()); got != c.want || err != nil {
			t.Errorf("Check(%q) = %s, %v; want %s", c.src, got, err, c.want)
		}
	}
}

func TestCheckResolvesAsOf(t *testing.T) {
	for src, want := range map[string]Type{
		"due <= as_of":                Timestamp,
		"as_of >= day":                Date,
		"as_of between day and until": Date,
		"days_between(day, as_of)":    Date,
		"days_between(opened, as_of)": Timestamp,
		"date_of(as_of) = day":        Timestamp,

		"workdays_between(day, as_of) > 3":   Date,
		"workdays_between(as_of, due) > 3":   Timestamp,
		"add_workdays(as_of, 1) = day":       Date,
		"day <= as_of and as_of > until":     Date,
		"workdays_between(as_of, as_of) = 0": Timestamp,
	} {
		n, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Check(n, columns()); err != nil {
			t.Errorf("%s: %v", src, err)
		}
		Walk(n, func(n Node) {
			switch n := n.(type) {
			case *AsOf:
				if n.Type != want {
					t.Errorf("%s: as_of is a %s, want %s", src, n.Type, want)
				}
			case *Column:
				if n.Type != columns()[n.Name] {
					t.Errorf("%s: %s is a %q", src, n.Name, n.Type)
				}
			}
		})
	}
}

func TestCheckMistakes(t *testing.T) {
	for _, c := range []struct {
		src  string
		want []string // parts of the messages, by position
	}{
		{"clsed <= due and tpye = 'x'", []string{`column 1: there is no column "clsed"; did you mean "closed"?`, `column 18: there is no column "tpye"; did you mean "type"?`}},
		{"something_else = 1", []string{"the columns are amount, channel"}},
		{"day_between(opened, closed) > 1", []string{`no function "day_between"; did you mean "days_between"?`}},
		{"closed <= day", []string{"column 8: closed is a timestamp and day is a date; write date_of(closed)"}},
		{"date '2015-01-01' > opened", []string{"write date_of(opened)"}},
		{"day > '2015-01-01'", []string{"write a day as date '2015-01-01' and compare it with day"}},
		{"opened > '2015-01-01'", []string{"compare it with date_of(opened)"}},
		{"amount = '5'", []string{"write the number without quotes: 5"}},
		{"amount = type", []string{"compare values of one type"}},
		{"due >= 2026-01-01", []string{"2026 - 1 - 1 is a number; write a day as date '2026-06-30'"}},
		{"type = true", []string{"write the text in quotes"}},
		{"type = null", []string{"nothing equals null; write x is null"}},
		{"type in ('a', null, 3)", []string{"null in a list equals nothing; write type is null beside it", "type is a text and 3 is a number"}},
		{"urgent < true", []string{"no order"}},
		{"amount and type", []string{"write a comparison such as amount > 0", "such as type = '…'"}},
		{"not opened", []string{"such as opened is not null"}},
		{"urgent and null", []string{"write x is null"}},
		{"closed - opened > 3", []string{"days_between(…, …)", "days_between(…, …)"}},
		{"days_between(day, opened)", []string{"days_between(date, timestamp) does not exist; write days_between(timestamp, timestamp) or days_between(date, date); make a day"}},
		{"days_between(day)", []string{"days_between(date) does not exist"}},
		{"workdays_between(day, opened)", []string{"write workdays_between(timestamp, timestamp) or workdays_between(date, date); make a day"}},
		{"workday_between(opened, closed) > 1", []string{`did you mean "workdays_between"?`}},
		{"add_workdays(opened, 5) = day", []string{"add_workdays(timestamp, number) does not exist; write add_workdays(date, number)"}},
		{"lower", []string{`"lower" is a function; write it with its arguments: lower(text)`}},
		{"null is null", []string{"always null"}},
		{"as_of between day and due", []string{"is a timestamp and day is a date"}},
		{"nope(other(x)) = 1", []string{`function "nope"`, `function "other"`, `column "x"`}},
	} {
		n, err := Parse(c.src)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Check(n, columns())
		got := Mistakes(err)
		if len(got) != len(c.want) {
			t.Errorf("Check(%q): %d mistakes, want %d: %v", c.src, len(got), len(c.want), err)
			continue
		}
		for i, e := range got {
			if !strings.Contains(e.Error(), c.want[i]) {
				t.Errorf("Check(%q): %q, want …%s…", c.src, e, c.want[i])
			}
		}
	}
}

func TestColumns(t *testing.T) {
	n, err := Parse("b = 1 and a in (1) or days_between(c, as_of) > b and d between e and -f and g is null and not h")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(Columns(n), " "); got != "b a c d e f g h" {
		t.Errorf("Columns = %s", got)
	}
	if !UsesAsOf(n) {
		t.Error("UsesAsOf = false")
	}
	if n, _ := Parse("a = 'as_of'"); UsesAsOf(n) {
		t.Error("UsesAsOf of a text = true")
	}
}

func TestReserved(t *testing.T) {
	for name, want := range map[string]bool{"and": true, "AS_OF": true, "null": true, "date": false, "opened": false, "abs": false} {
		if Reserved(name) != want {
			t.Errorf("Reserved(%q) = %v", name, !want)
		}
	}
}

// clearPositions makes trees comparable.
func clearPositions(n Node) {
	Walk(n, func(n Node) {
		f := reflect.ValueOf(n).Elem().FieldByName("At")
		f.SetInt(0)
		if in, ok := n.(*In); ok {
			for _, l := range in.List {
				l.At = 0
			}
		}
	})
}

// FuzzParse: no input panics, here or in Check; what is read is written in a form that is read as the same tree; every mistake lies
// within the source and says something.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"closed <= due", "a or b and not c = -d * (e - 1.5e3)", "x not in ('it''s', -2, true, null) or date '2015-06-30' <= as_of",
		"days_between(opened, as_of) > 3", "amount is not null", "a not between b and c", "- -1", "((a))", "'", "1e", "a in (", "\xff", "- - - not"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		n, err := Parse(src)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Pos < 0 || e.Pos > len(src) || e.Message == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		canonical := String(n)
		if len(canonical) <= MaxLength {
			again, err := Parse(canonical)
			if err != nil {
				t.Fatalf("%q is read, but its canonical form %q is not: %v", src, canonical, err)
			}
			clearPositions(n)
			clearPositions(again)
			if !reflect.DeepEqual(n, again) {
				t.Fatalf("%q and its canonical form %q are different trees", src, canonical)
			}
		}
		if _, err := Check(n, columns()); err != nil && len(Mistakes(err)) == 0 {
			t.Fatalf("Check: %v holds no *Error", err)
		}
		Columns(n)
	})
}
