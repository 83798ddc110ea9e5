package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// typingCase is a column and what becomes of texts in it. Where a name ends in a file's name the texts are those of that file of the synthetic
// set of bad input.
type typingCase struct {
	name   string
	column kpi.Column
	fields []field
}

func runTyping(t *testing.T, cases []typingCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkTyping(t, oneColumn(c.column), c.fields)
		})
	}
}

func TestReadingNumbers(t *testing.T) {
	num := kpi.TypeNumber
	money := kpi.Column{Type: num, Thousands: ",", Signs: []string{"$", "US$"}, Accounting: true}
	real := kpi.Column{Type: num, Thousands: ".", Decimal: ",", Signs: []string{"R$", "%", "kr."}, Accounting: true}
	runTyping(t, []typingCase{
		{"as they are", kpi.Column{Type: num}, []field{
			{"−5", "-5.0"}, {"-5", "-5.0"}, {" −5 ", "-5.0"}, {"1.234", "1.234"}, {"١٢", "!bad_number"}, {"–5", "!bad_number"}, {"1,5", "!bad_number"}, {"5-", "!bad_number"}, {"--5", "!bad_number"}, {"−−5", "!bad_number"},
			{"6m 30s", "!bad_number"}, {"00:06:30", "!bad_number"}, {"390 s", "!bad_number"}, {"#DIV/0!", "!bad_number"}, {"#N/A", "!bad_number"}, {"#REF!", "!bad_number"}, {"1e400", "!bad_number"}, {"-1e400", "!bad_number"},
			{"99999999999999999999999999999999999999999", "!bad_number"}, {"1e18", "!bad_number"}, {"-1e18", "!bad_number"}, {"999999999999999", "999999999999999.0"}, {"1e-400", "0.0"}, {"NaN", "!bad_number"}, {"−nan", "!bad_number"}, {"−inf", "!bad_number"},
			{"1 234", "!bad_number"}, {"$5", "!bad_number"}, {"(5)", "!bad_number"}, {"5\u200b", "5.0"}, {"5\u200b5", "!bad_number"}, {"\u202f5", "5.0"}}},
		{"decimal comma, no thousands: a point could be either, ambiguous_1dot234.csv", kpi.Column{Type: num, Decimal: ","}, []field{{"1.234", "!bad_number"}, {"1,234", "1.234"}, {"−1,5", "-1.5"}, {"1.234,5", "!bad_number"}}},
		{"point, no thousands, ambiguous_1dot234.csv", kpi.Column{Type: num}, []field{{"1.234", "1.234"}}},
		{"thousands with commas", kpi.Column{Type: num, Thousands: ","}, []field{
			{"1,234", "1234.0"}, {"1,234.5", "1234.5"}, {"12,345,678.90", "12345678.9"}, {"123", "123.0"}, {"1234", "1234.0"}, {"1234567.5", "1234567.5"}, {"-1,234", "-1234.0"}, {"−1,234", "-1234.0"}, {"+1,234", "1234.0"}, {"- 1,234", "-1234.0"},
			{"0,123", "123.0"}, {".5", "0.5"}, {"5.", "5.0"}, {"1e3", "1000.0"}, {" 1,234 ", "1234.0"}, {"", ""}, {"  ", ""},
			{"1,23", "!bad_number"}, {"12,34", "!bad_number"}, {"1,2345", "!bad_number"}, {"1234,567", "!bad_number"}, {",123", "!bad_number"}, {"1,234,", "!bad_number"}, {"1,,234", "!bad_number"}, {"1,234,56", "!bad_number"}, {"1.234,5", "!bad_number"},
			{"1.5,000", "!bad_number"}, {"1,234e3", "!bad_number"}, {"1 234", "!bad_number"}, {"1'234", "!bad_number"}, {"-", "!bad_number"}, {"-+5", "!bad_number"}, {"999,999,999,999,999,999,999", "!bad_number"}, {"$1,234", "!bad_number"}, {"١,٢٣٤", "!bad_number"},
			// As India groups, thousands_indian.csv.
			{"12,34,567", "1234567.0"}, {"1,23,456", "123456.0"}, {"1,23,45,678.5", "12345678.5"}, {"123,45,678", "!bad_number"}, {"12,345,67", "!bad_number"}, {"1,23,45", "!bad_number"}, {"1,234,56,789", "!bad_number"}}},
		{"thousands undeclared", kpi.Column{Type: num}, []field{{"7", "7.0"}, {"12,34,567", "!bad_number"}, {"1'234'567", "!bad_number"}, {"1\u00a0234\u00a0567", "!bad_number"}, {"1.234,56", "!bad_number"}}},
		{"thousands with apostrophes, thousands_apostrophe.csv", kpi.Column{Type: num, Thousands: "'"}, []field{
			{"1'234'567", "1234567.0"}, {"1’234’567.25", "1234567.25"}, {"1'234’567", "1234567.0"}, {"1'23", "!bad_number"}, {"1,234", "!bad_number"}, {"'123", "!bad_number"}}},
		{"thousands with spaces, thousands_nbsp.csv", kpi.Column{Type: num, Thousands: "space", Decimal: ","}, []field{
			{"1\u00a0234\u00a0567", "1234567.0"}, {"1\u202f234\u202f567,5", "1234567.5"}, {"1 234 567", "1234567.0"}, {"1\u2009234", "1234.0"}, {" 1 234 ", "1234.0"}, {"-1 234,5", "-1234.5"}, {"1 23", "!bad_number"}, {"1  234", "!bad_number"}, {"1.234", "!bad_number"}, {"12 34", "!bad_number"}}},
		{"points and decimal comma, semicolon_decimal_comma.csv", kpi.Column{Type: num, Thousands: ".", Decimal: ","}, []field{
			{"1.234,56", "1234.56"}, {"1.234", "1234.0"}, {"1234,5", "1234.5"}, {"0,5", "0.5"}, {",5", "0.5"}, {"5,", "5.0"}, {"1.234.567", "1234567.0"}, {"1.23", "!bad_number"}, {"1.2345", "!bad_number"}, {"1,234.5", "!bad_number"}, {"1,234,5", "!bad_number"}, {"1.5e3", "!bad_number"}, {"1,5e3", "1500.0"}}},
		{"money, currency.csv", money, []field{
			{"$1,234.50", "1234.5"}, {"(250.00)", "-250.0"}, {"€12", "!bad_number"}, {"US$ 5", "5.0"}, {"US$5", "5.0"}, {"5 $", "5.0"}, {"5$", "5.0"}, {"-$5", "-5.0"}, {"$-5", "-5.0"}, {"−$\u00a05", "-5.0"}, {"- $ 5", "-5.0"}, {"$5 US$", "5.0"}, {"12", "12.0"},
			{"($1,250.75)", "-1250.75"}, {"$(1,250.75)", "-1250.75"}, {"(1,250.75) $", "-1250.75"}, {"( 5 )", "-5.0"}, {"(0)", "-0.0"}, {"(5 $)", "-5.0"}, {"$ (5)", "-5.0"}, {"1e3", "1000.0"},
			{"$$5", "!bad_number"}, {"-$-5", "!bad_number"}, {"(-5)", "!bad_number"}, {"-(5)", "!bad_number"}, {"(5", "!bad_number"}, {"5)", "!bad_number"}, {"()", "!bad_number"}, {"($)", "!bad_number"}, {"$", "!bad_number"}, {"((5))", "!bad_number"}, {"$($5)", "!bad_number"}, {"£5", "!bad_number"}, {"us$5", "!bad_number"},
			{"$1e3", "!bad_number"}, {"$1,23", "!bad_number"}, {"$5x", "!bad_number"}, {"5 $ $", "!bad_number"}, {"$NaN", "!bad_number"}, {"$inf", "!bad_number"}, {"(1e3)", "!bad_number"}, {"", ""}}},
		{"signs of more than one character, points and a comma", real, []field{
			{"R$ 1.234,56", "1234.56"}, {"R$1.234", "1234.0"}, {"71 %", "71.0"}, {"71,5%", "71.5"}, {"kr. 1.234,50", "1234.5"}, {"1.234,50 kr.", "1234.5"}, {"(R$ 1.234,56)", "-1234.56"}, {"R$ −3", "-3.0"}, {"R 5", "!bad_number"}, {"$5", "!bad_number"}, {"kr 5", "!bad_number"}, {"1.234.56", "!bad_number"}}},
		{"percent alone", kpi.Column{Type: num, Signs: []string{"%"}}, []field{{"71%", "71.0"}, {"0.71", "0.71"}, {"71 %", "71.0"}, {"%71", "71.0"}, {"71 pp", "!bad_number"}, {"1,071%", "!bad_number"}, {"(71%)", "!bad_number"}}},
		{"a unit, units_in_value.csv", kpi.Column{Type: num, Signs: []string{"s"}}, []field{{"390 s", "390.0"}, {"6m 30s", "!bad_number"}, {"00:06:30", "!bad_number"}}},
		{"whole numbers", kpi.Column{Type: kpi.TypeInteger, Thousands: ",", Signs: []string{"$"}, Accounting: true}, []field{
			{"1,234", "1234"}, {"$1,234.00", "1234"}, {"(12)", "-12"}, {"1,234.", "1234"}, {"9,223,372,036,854,775,807", "9223372036854775807"}, {"−7", "-7"}, {"007", "7"}, {"", ""},
			{"1,234.5", "!bad_integer"}, {"9,223,372,036,854,775,808", "!bad_integer"}, {"1e3", "!bad_integer"}, {"1_000", "!bad_integer"}, {"0x1F", "!bad_integer"}, {".0", "!bad_integer"}, {"$", "!bad_integer"}, {"١٢", "!bad_integer"}}},
		{"whole numbers, plain, unicode_minus_digits.csv", kpi.Column{Type: kpi.TypeInteger}, []field{{"−5", "-5"}, {"١٢", "!bad_integer"}, {"1.000", "1"}, {"5−", "!bad_integer"}}},
		{"whole numbers, decimal comma", kpi.Column{Type: kpi.TypeInteger, Decimal: ",", Thousands: "."}, []field{{"1.234", "1234"}, {"1.234,00", "1234"}, {"1.234,5", "!bad_integer"}, {"12,0", "12"}, {"1,5", "!bad_integer"}, {"1.2", "!bad_integer"}}},
		{"whole numbers, decimal comma alone", kpi.Column{Type: kpi.TypeInteger, Decimal: ","}, []field{{"12,0", "12"}, {"1.000", "!bad_integer"}, {"12", "12"}}},
		{"nan_inf.csv and huge_number.csv with everything declared", kpi.Column{Type: num, Thousands: ",", Signs: []string{"$", "%"}, Accounting: true, NullIs: []string{"#N/A"}}, []field{
			{"NaN", "!bad_number"}, {"Infinity", "!bad_number"}, {"-inf", "!bad_number"}, {"#DIV/0!", "!bad_number"}, {"#N/A", ""}, {"#REF!", "!bad_number"}, {"1e400", "!bad_number"}, {"99999999999999999999999999999999999999999", "!bad_number"}}},
		{"a list of values that are numbers", kpi.Column{Type: num, Values: map[string]string{"low": "1,5", "high": "2.000"}, Decimal: ",", Thousands: "."}, []field{{"low", "1.5"}, {"high", "2000.0"}, {"1,5", "!not_in_list"}, {"", ""}}},
	})
}

func TestReadingBlanks(t *testing.T) {
	marks := []string{"NULL", "N/A", "-", `\N`, "..", "*", "s/d é"}
	runTyping(t, []typingCase{
		{"number, null_markers.csv", kpi.Column{Type: kpi.TypeNumber, NullIs: marks}, []field{
			{"", ""}, {"NULL", ""}, {"N/A", ""}, {"-", ""}, {`\N`, ""}, {"..", ""}, {"*", ""}, {" - ", ""}, {"\u00a0N/A\u00a0", ""}, {"0", "0.0"}, {"-5", "-5.0"}, {"null", "!bad_number"}, {"N/A.", "!bad_number"}, {"--", "!bad_number"}}},
		{"number, undeclared", kpi.Column{Type: kpi.TypeNumber}, []field{{"", ""}, {"NULL", "!bad_number"}, {"N/A", "!bad_number"}, {"-", "!bad_number"}, {`\N`, "!bad_number"}, {"..", "!bad_number"}, {"*", "!bad_number"}}},
		{"integer, blank refused", kpi.Column{Type: kpi.TypeInteger, NullIs: marks, EmptyIs: "reject"}, []field{{"7", "7"}, {"-", "!blank"}, {"", "!blank"}, {"  ", "!blank"}, {"x", "!bad_integer"}}},
		{"text", kpi.Column{Type: kpi.TypeText, NullIs: marks}, []field{{"-", ""}, {" * ", ""}, {"x", "x"}, {"s/d é", ""}, {"s/d e\u0301", ""}, {"s/d\u200b é", ""}, {"", ""}, {"n/a", "n/a"}}},
		{"text, blank refused", kpi.Column{Type: kpi.TypeText, NullIs: marks, EmptyIs: "reject"}, []field{{"-", "!blank"}, {"x", "x"}}},
		{"text, list", kpi.Column{Type: kpi.TypeText, NullIs: []string{"-"}, Values: map[string]string{"A": "a", "-": "dash"}}, []field{{"-", ""}, {"A", "a"}, {"B", "!not_in_list"}}},
		{"date", kpi.Column{Type: kpi.TypeDate, NullIs: []string{"00/00/0000"}, Format: "%d/%m/%Y"}, []field{{"00/00/0000", ""}, {"01/02/2015", "2015-02-01"}, {" 01/02/2015 ", "2015-02-01"}, {"32/01/2015", "!bad_date"}, {"0/0/0", "!bad_date"}}},
		{"timestamp", kpi.Column{Type: kpi.TypeTimestamp, NullIs: []string{"never"}}, []field{{"never", ""}, {"2015-06-30T12:00:00", "2015-06-30 16:00:00"}, {" 2015-06-30T12:00:00Z ", "2015-06-30 12:00:00"}, {"soon", "!bad_timestamp"}, {"2015-03-08T02:30:00", "!no_such_time"}}},
		{"boolean", kpi.Column{Type: kpi.TypeBoolean, NullIs: []string{"?"}}, []field{{"?", ""}, {"yes", "true"}, {" no ", "false"}, {"!", "!bad_boolean"}}},
		{"district", kpi.Column{Type: kpi.TypeDistrict, NullIs: []string{"Unknown"}}, []field{{"Unknown", kpi.MemberNotRecorded}, {"Roxbury", "roxbury"}, {"Elsewhere", kpi.MemberNotRecognised}}},
	})
}

func TestReadingLists(t *testing.T) {
	runTyping(t, []typingCase{
		{"others", kpi.Column{Type: kpi.TypeText, Values: map[string]string{"A": "a", "Santé": "health"}, OthersAre: "other"}, []field{{"A", "a"}, {"Santé", "health"}, {"Sante\u0301", "health"}, {"B", "other"}, {"a", "other"}, {"", ""}, {"  ", ""}}},
		{"others, blank refused, marker", kpi.Column{Type: kpi.TypeText, Values: map[string]string{"A": "a"}, OthersAre: "other", EmptyIs: "reject", NullIs: []string{"-"}}, []field{{"A", "a"}, {"B", "other"}, {"", "!blank"}, {"-", "!blank"}}},
		{"others of a boolean", kpi.Column{Type: kpi.TypeBoolean, Values: map[string]string{"Sí": "true"}, OthersAre: "false"}, []field{{"Sí", "true"}, {"No", "false"}, {"?", "false"}, {"", ""}}},
		{"others and no list", kpi.Column{Type: kpi.TypeText, OthersAre: "some"}, []field{{"x", "some"}, {"", ""}}},
		{"the folder's list looks like the source's", kpi.Column{Type: kpi.TypeText, Values: map[string]string{" Sante\u0301 ": "health", "Pub\u200blic Works": "works"}}, []field{{"Santé", "health"}, {"Public Works", "works"}, {"Public\u00a0Works", "works"}, {"Public  Works", "!not_in_list"}}},
		// The day of a district list, with a reason of its own for what is no district.
		{"others of a district", kpi.Column{Type: kpi.TypeDistrict, Values: map[string]string{"RX": "Roxbury"}, OthersAre: "Brighton"}, []field{{"RX", "roxbury"}, {"??", "allston-brighton"}, {"", kpi.MemberNotRecorded}}},
	})
}

func TestReadingText(t *testing.T) {
	hidden := "\u202e\u200f\u2066"
	runTyping(t, []typingCase{
		{"text, nfd_vs_nfc.csv, nbsp_trailing_space.csv, rtl_zero_width.csv", kpi.Column{Type: kpi.TypeText}, []field{
			{"Santé", "Santé"}, {"Sante\u0301", "Santé"}, {"Public Works\u00a0 ", "Public Works"}, {"Public\u00a0Works", "Public Works"}, {"\u202eskroW\u202c\u200b", "skroW"}, {"Pub\u200blic", "Public"}, {"a\u00adb", "ab"}, {hidden, ""}, {" \u200b ", ""}, {"\ufeffx", "x"},
			{"“quoted” — 5 €", "“quoted” — 5 €"}, {"Ångström", "Ångström"}, {"\u212bngstro\u0308m", "Ångström"}, {"日本", "日本"}, {"\u1112\u1161\u11ab", "한"}, {"a\u3000b", "a b"}, {"x\ny", "x\ny"}, {"\vx\f", "x"}, {"ﬁ", "ﬁ"}, {"🏳\ufe0f", "🏳\ufe0f"}, {"naïve\u2009 ", "naïve"}}},
		{"text of ASCII alone", kpi.Column{Type: kpi.TypeText, NullIs: []string{"-"}}, []field{{" x ", "x"}, {"x", "x"}, {"\tx\r", "x"}, {"\vx\f", "x"}, {" ", ""}, {"", ""}, {"- ", ""}, {"a  b", "a  b"}, {"x\n", "x"}, {"#!", "#!"}, {"~\x7f", "~\x7f"}}},
		{"list", kpi.Column{Type: kpi.TypeText, Values: map[string]string{"Works": "w"}}, []field{{"Wor\u200bks", "w"}, {"\u202aWorks\u202c", "w"}, {"W\u043erks", "!not_in_list"}}},
		{"district", kpi.Column{Type: kpi.TypeDistrict}, []field{{"Rox\u200dbury", "roxbury"}, {"\u202eRoxbury", "roxbury"}, {"Rox\u0301bury", kpi.MemberNotRecognised}, {hidden, kpi.MemberNotRecorded}}},
		{"blank refused", kpi.Column{Type: kpi.TypeText, EmptyIs: "reject"}, []field{{"\u200b", "!blank"}, {hidden, "!blank"}, {"x", "x"}}},
		{"pattern, sci_notation_id.csv", kpi.Column{Type: kpi.TypeText, Pattern: `[0-9]{5}`}, []field{{"1.23457E+11", "!pattern"}, {"00123", "00123"}, {" 00123 ", "00123"}, {"123", "!pattern"}, {"001234", "!pattern"}, {"00123\n", "00123"}, {"x00123", "!pattern"}, {"", ""}}},
		{"pattern with alternatives is of the whole text", kpi.Column{Type: kpi.TypeText, Pattern: `a|b'c|d"`}, []field{{"a", "a"}, {"b'c", "b'c"}, {`d"`, `d"`}, {"ab", "!pattern"}, {"xa", "!pattern"}}},
		{"pattern, blank refused, marker", kpi.Column{Type: kpi.TypeText, Pattern: `\d+`, EmptyIs: "reject", NullIs: []string{"-"}}, []field{{"1", "1"}, {"-", "!blank"}, {"", "!blank"}, {"x", "!pattern"}}},
		{"pattern, list", kpi.Column{Type: kpi.TypeText, Pattern: `[A-Z]`, Values: map[string]string{"A": "a"}, OthersAre: "o"}, []field{{"A", "a"}, {"B", "o"}, {"b", "!pattern"}}},
		{"pattern of a number", kpi.Column{Type: kpi.TypeNumber, Pattern: `\d{1,3}(\.\d+)?`}, []field{{"12.5", "12.5"}, {"1250", "!pattern"}, {"x", "!pattern"}, {"", ""}, {" 7 ", "7.0"}}},
		{"pattern of an integer", kpi.Column{Type: kpi.TypeInteger, Pattern: `.*`, Thousands: ","}, []field{{"1,000", "1000"}, {"x", "!bad_integer"}}},
		{"pattern of a date", kpi.Column{Type: kpi.TypeDate, Pattern: `\d{4}-\d\d-\d\d`}, []field{{"2015-06-30", "2015-06-30"}, {"2015-6-30", "!pattern"}, {"2015-02-30", "!bad_date"}}},
	})
}

// TestHiddenCharactersAreCounted: what was taken out of accepted rows is said, column by column.
func TestHiddenCharactersAreCounted(t *testing.T) {
	city := oneColumn(kpi.Column{Type: kpi.TypeText, Pattern: "[^!]*"})
	d := &city.Datasets[0]
	d.Columns[0].Type = kpi.TypeText
	d.Columns = append(d.Columns, kpi.Column{Name: "w", From: "W", Type: kpi.TypeTimestamp}, kpi.Column{Name: "x", From: "X", Type: kpi.TypeDistrict})
	rows := table{{"ID", "V", "W", "X"},
		{"1\u200b", "a\u202eb", "2015-11-01T01:30:00", "Rox\u200bbury"}, {"2", "é\u0301", "2015-11-01T01:30:00", "a\u00a0b"}, {"3", "\u2066x", "", ""}, {"4", "\u2066!", "", "\u200b"}}
	want := []string{
		"W: 2 times lie in the hour that clocks in America/New_York show twice when they are set back; the earlier hour was taken",
		"ID: characters that nobody can see, or that turn the direction of writing, were taken out of 1 values",
		"V: characters that nobody can see, or that turn the direction of writing, were taken out of 2 values",
		"X: characters that nobody can see, or that turn the direction of writing, were taken out of 1 values",
	}
	db := openTest(t)
	for version := int64(1); version <= 2; version++ {
		rows[3][1] += "x"
		if out := mustLoad(t, db, city, version, version-1, "2016-01-12", rows); !cmp.Equal(out.Warnings, want) || out.Counts.Rejected != 1 {
			t.Errorf("version %d: %+v, warnings (-want +got):\n%s", version, out.Counts, cmp.Diff(want, out.Warnings))
		}
	}
}

// TestManyMarks: a dataset with more columns than there are bits still says what was taken out.
func TestManyMarks(t *testing.T) {
	city := oneColumn(kpi.Column{Type: kpi.TypeText})
	rows := table{{"ID", "V"}, {"1", "x"}, {"2", "x"}}
	for i := range 100 {
		name := fmt.Sprintf("c%d", i)
		city.Datasets[0].Columns = append(city.Datasets[0].Columns, kpi.Column{Name: name, From: name, Type: kpi.TypeText})
		rows[0], rows[1], rows[2] = append(rows[0], name), append(rows[1], "x\u200by"), append(rows[2], "x")
	}
	out := mustLoad(t, openTest(t), city, 1, 0, "2016-01-12", rows)
	if n := len(out.Warnings); n != lastMark || !strings.HasPrefix(out.Warnings[n-1], "c60 and the columns behind it: 1 rows") || !strings.HasPrefix(out.Warnings[0], "c0: ") {
		t.Errorf("%d warnings: %v", n, out.Warnings)
	}
}

func TestReadingTimes(t *testing.T) {
	date, stamp := kpi.TypeDate, kpi.TypeTimestamp
	ny := func(f string, more ...string) kpi.Column { return kpi.Column{Type: stamp, Format: f, Formats: more} }
	runTyping(t, []typingCase{
		{"impossible_dates.csv", kpi.Column{Type: date}, []field{{"2026-02-29", "!bad_date"}, {"2026-04-31", "!bad_date"}, {"0000-00-00", "!bad_date"}, {"2026-13-01", "!bad_date"}, {"2028-02-29", "2028-02-29"}}},
		{"time_24_00.csv", kpi.Column{Type: stamp}, []field{{"2026-01-31 24:00:00", "!bad_timestamp"}, {"2026-12-31T24:00:00Z", "!bad_timestamp"}, {"2026-02-01 00:00:00", "2026-02-01 05:00:00"}}},
		{"leap_second.csv", kpi.Column{Type: stamp}, []field{{"2016-12-31T23:59:60Z", "!bad_timestamp"}, {"2016-12-31T23:59:59Z", "2016-12-31 23:59:59"}}},
		{"two_digit_year.csv, no pivot", kpi.Column{Type: date, Format: "%d-%b-%y"}, []field{{"01-Jan-68", "!two_digit_year"}, {"01-Jan-69", "!two_digit_year"}, {"01-Foo-69", "!bad_date"}, {"", ""}}},
		{"two_digit_year.csv, pivot", kpi.Column{Type: date, Format: "%d-%b-%y", Pivot: 1969}, []field{{"01-Jan-68", "2068-01-01"}, {"01-Jan-69", "1969-01-01"}, {"29-Feb-00", "2000-02-29"}, {"31-Dec-99", "1999-12-31"}, {" 01-Jan-00 ", "2000-01-01"}, {"31-Feb-00", "!bad_date"}}},
		{"two digits of the century before", kpi.Column{Type: date, Format: "%d/%m/%y", Pivot: 1850}, []field{{"01/01/68", "1868-01-01"}, {"31/12/49", "1949-12-31"}, {"01/01/50", "1850-01-01"}, {"29/02/00", "!bad_date"}, {"28/02/00", "1900-02-28"}, {"29/02/04", "1904-02-29"}, {"01/01/1968", "!bad_date"}}},
		{"two digits of the hundred years from 1926", kpi.Column{Type: stamp, Format: "%m/%d/%y %H:%M", Pivot: 1926}, []field{{"06/30/25 12:00", "2025-06-30 16:00:00"}, {"06/30/26 12:00", "1926-06-30 16:00:00"}, {"03/08/15 02:30", "!no_such_time"}, {"06/30/25", "!bad_timestamp"}}},
		{"two digits and four", kpi.Column{Type: date, Format: "%d/%m/%Y", Formats: []string{"%d/%m/%y"}, Pivot: 1950}, []field{{"30/06/2015", "2015-06-30"}, {"30/06/15", "2015-06-30"}, {"30/06/50", "1950-06-30"}, {"01/01/1899", "1899-01-01"}, {"06/30/15", "!bad_date"}, {"30/06/015", "!bad_date"}, {"epoch", "!bad_date"}}},
		{"two digits and four, no pivot", kpi.Column{Type: date, Format: "%d/%m/%Y", Formats: []string{"%d/%m/%y"}}, []field{{"30/06/2015", "2015-06-30"}, {"30/06/15", "!two_digit_year"}, {"x", "!bad_date"}}},
		{"several forms", kpi.Column{Type: date, Formats: []string{"%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"}}, []field{
			{"2015-06-30", "2015-06-30"}, {"30/06/2015", "2015-06-30"}, {"30.06.2015", "2015-06-30"}, {"06/30/2015", "!bad_date"}, {"1900-01-01", "1900-01-01"}, {"01.01.1900", "1900-01-01"}, {"epoch", "!bad_date"}, {" infinity ", "!bad_date"}, {" 30/06/2015\u00a0", "2015-06-30"}, {"1582-01-01", "!bad_date"}, {"", ""}}},
		{"several forms in order, dmy_mdy_ambiguous.csv", kpi.Column{Type: date, Format: "%d/%m/%Y", Formats: []string{"%m/%d/%Y"}}, []field{{"01/02/2026", "2026-02-01"}, {"12/11/2026", "2026-11-12"}, {"12/31/2026", "2026-12-31"}}},
		{"several forms of times, some with an offset, tz_mixed.csv", ny("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"), []field{
			{"2026-01-01T00:00:00+00", "2026-01-01 00:00:00"}, {"2026-01-01T00:00:00-06:00", "2026-01-01 06:00:00"}, {"2026-01-01 00:00:00", "2026-01-01 05:00:00"}, {"2026-01-01", "2026-01-01 05:00:00"}, {"2015-03-08 02:30:00", "!no_such_time"}, {"2015-03-08T02:30:00-0500", "2015-03-08 07:30:00"}, {"x", "!bad_timestamp"}, {"1582-01-01T00:00:00+00", "!bad_timestamp"}}},
		{"tz_mixed.csv", kpi.Column{Type: stamp, TimeZone: "America/Chicago"}, []field{{"2026-01-01T00:00:00Z", "2026-01-01 00:00:00"}, {"2026-01-01T00:00:00-06:00", "2026-01-01 06:00:00"}, {"2026-01-01 00:00:00", "2026-01-01 06:00:00"}}},
		{"a day of times with an offset is the zone's", kpi.Column{Type: date, Format: "%Y-%m-%d %H:%M %z"}, []field{{"2015-06-30 23:00 -0400", "2015-06-30"}, {"2015-07-01 03:59 +0000", "2015-06-30"}, {"2015-07-01 04:00 +0000", "2015-07-01"}, {"2015-01-01 04:59 +0000", "2014-12-31"}, {"2015-07-01", "!bad_date"}, {"1000-01-01 00:00 +0000", "!bad_date"}}},
		{"dst_gap.csv, Chicago", kpi.Column{Type: stamp, Format: "%Y-%m-%d %H:%M:%S", TimeZone: "America/Chicago"}, []field{{"2026-03-08 02:30:00", "!no_such_time"}, {"2026-03-29 02:30:00", "2026-03-29 07:30:00"}}},
		{"dst_gap.csv, Berlin", kpi.Column{Type: stamp, Format: "%Y-%m-%d %H:%M:%S", TimeZone: "Europe/Berlin"}, []field{{"2026-03-08 02:30:00", "2026-03-08 01:30:00"}, {"2026-03-29 02:30:00", "!no_such_time"}}},
		{"spreadsheet days, excel_1900_leap.csv", kpi.Column{Type: date, Format: kpi.FormatExcel}, []field{
			{"60", "!bad_date"}, {"60.5", "!bad_date"}, {"59", "1900-02-28"}, {"61", "1900-03-01"}, {"1", "1900-01-01"}, {"0", "!bad_date"}, {"0.5", "!bad_date"}, {"-1", "!bad_date"}, {"45292", "2024-01-01"}, {" 45292 ", "2024-01-01"}, {"45292.99", "2024-01-01"}, {"2958465", "9999-12-31"}, {"2958466", "!bad_date"},
			{"2024-01-01", "!bad_date"}, {"4.5292E4", "!bad_date"}, {"45,292", "!bad_date"}, {"99999999999", "!bad_date"}, {"", ""}, {"45292.", "2024-01-01"}, {".5", "!bad_date"}, {"nan", "!bad_date"}}},
		{"spreadsheet days of 1904", kpi.Column{Type: date, Format: kpi.FormatExcel1904}, []field{{"0", "1904-01-01"}, {"60", "1904-03-01"}, {"43830", "2024-01-01"}, {"-1", "!bad_date"}, {"2957003", "9999-12-31"}, {"2957004", "!bad_date"}}},
		{"spreadsheet times", kpi.Column{Type: stamp, Format: kpi.FormatExcel}, []field{
			{"42185.604166666664", "2015-06-30 18:30:00"}, {"42185", "2015-06-30 04:00:00"}, {"42185.5", "2015-06-30 16:00:00"}, {"42185.999988425926", "2015-07-01 03:59:59"}, {"42071.104166666664", "!no_such_time"}, {"1.5", "1900-01-01 17:00:00"}, {"60.25", "!bad_timestamp"}, {"61", "1900-03-01 05:00:00"}}},
		{"spreadsheet times with a decimal comma", kpi.Column{Type: stamp, Format: kpi.FormatExcel, Decimal: ",", TimeZone: "UTC"}, []field{{"42185,5", "2015-06-30 12:00:00"}, {"42185.5", "!bad_timestamp"}, {"42185", "2015-06-30 00:00:00"}}},
		{"spreadsheet days and written ones", kpi.Column{Type: date, Format: "%d/%m/%Y", Formats: []string{kpi.FormatExcel}}, []field{{"30/06/2015", "2015-06-30"}, {"42185", "2015-06-30"}, {"60", "!bad_date"}, {"06/30/2015", "!bad_date"}}},
		{"seconds", kpi.Column{Type: stamp, Format: kpi.FormatEpoch}, []field{
			{"0", "1970-01-01 00:00:00"}, {"1435680000", "2015-06-30 16:00:00"}, {"1435680000.25", "2015-06-30 16:00:00.25"}, {"-1", "1969-12-31 23:59:59"}, {"1.4E9", "!bad_timestamp"}, {"253402300799", "9999-12-31 23:59:59"}, {"253402300800", "!bad_timestamp"}, {"1435680000000", "!bad_timestamp"}, {"x", "!bad_timestamp"}, {"epoch", "!bad_timestamp"}, {"", ""},
			{"1425801600", "2015-03-08 08:00:00"}, {"1425798000", "2015-03-08 07:00:00"}}},
		{"milliseconds", kpi.Column{Type: stamp, Format: kpi.FormatEpochMS}, []field{{"1435680000000", "2015-06-30 16:00:00"}, {"1435680000123", "2015-06-30 16:00:00.123"}, {"0", "1970-01-01 00:00:00"}, {"-1", "1969-12-31 23:59:59.999"}, {"253402300800000", "!bad_timestamp"}}},
		{"the day of a second", kpi.Column{Type: date, Format: kpi.FormatEpoch}, []field{{"1435723199", "2015-06-30"}, {"1435723200", "2015-07-01"}, {"x", "!bad_date"}}},
		{"milliseconds and ISO", kpi.Column{Type: stamp, Formats: []string{"%Y-%m-%dT%H:%M:%S", kpi.FormatEpochMS}}, []field{{"2015-06-30T12:00:00", "2015-06-30 16:00:00"}, {"1435680000000", "2015-06-30 16:00:00"}, {"2015-03-08T02:30:00", "!no_such_time"}, {"y", "!bad_timestamp"}}},
		{"weeks, week53.csv", kpi.Column{Type: date, Format: "%G-W%V-%u"}, []field{{"2026-W53-1", "2026-12-28"}, {"2025-W53-1", "!bad_date"}, {"2025-W01-1", "2024-12-30"}, {"2025-W1-1", "2024-12-30"}, {"2025-W54-1", "!bad_date"}}},
		{"days of the year", kpi.Column{Type: date, Format: "%Y-%j"}, []field{{"2024-366", "2024-12-31"}, {"2025-366", "!bad_date"}, {"2025-365", "2025-12-31"}, {"2025-001", "2025-01-01"}, {"2025-1", "2025-01-01"}}},
		{"a percent sign is no directive", kpi.Column{Type: date, Format: "%%y %%z %d/%m/%Y"}, []field{{"%y %z 30/06/2015", "2015-06-30"}, {"30/06/2015", "!bad_date"}}},
		{"fiscal_period.csv", kpi.Column{Type: date, Format: "FY%Y Q%m"}, []field{{"FY2026 Q1", "2026-01-01"}, {"FY26-M13", "!bad_date"}, {"FY2026 Q13", "!bad_date"}}},
		{"all at once", kpi.Column{Type: stamp, Formats: []string{"%d/%m/%y %H:%M", kpi.FormatExcel, "%Y-%m-%dT%H:%M:%S%z"}, Pivot: 1950, NullIs: []string{"-"}, Pattern: `[^x]+`, EmptyIs: "reject"}, []field{
			{"30/06/15 12:00", "2015-06-30 16:00:00"}, {"42185.5", "2015-06-30 16:00:00"}, {"2015-06-30T12:00:00+02:00", "2015-06-30 10:00:00"}, {"-", "!blank"}, {"", "!blank"}, {"x", "!pattern"}, {"y", "!bad_timestamp"}, {"08/03/15 02:30", "!no_such_time"}}},
		{"a list of times", kpi.Column{Type: date, Values: map[string]string{"opening": "2015-06-30", "closing": "30/06/2016"}, Formats: []string{"%Y-%m-%d", "%d/%m/%Y"}}, []field{{"opening", "2015-06-30"}, {"closing", "2016-06-30"}, {"2015-06-30", "!not_in_list"}}},
	})
}

// TestDetailsSayWhatIsWrong: the person at the source is told what to change.
func TestDetailsSayWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		column     kpi.Column
		text, want string
	}{
		{kpi.Column{Type: kpi.TypeTimestamp}, "2026-01-31 24:00:00", "24:00, which is the end of one day or the beginning of the next"},
		{kpi.Column{Type: kpi.TypeTimestamp}, "2026-01-31T24:00Z", "24:00, which is the end of one day"},
		{kpi.Column{Type: kpi.TypeTimestamp, Format: "%d/%m/%Y %H:%M"}, "31/01/2026 24:00", "24:00, which is the end of one day"},
		{kpi.Column{Type: kpi.TypeTimestamp, Format: "%d/%m/%Y %H:%M"}, "31/01/2026 24:01", "of the form %d/%m/%Y %H:%M"},
		{kpi.Column{Type: kpi.TypeTimestamp}, "2016-12-31T23:59:60Z", "a leap second (:60)"},
		{kpi.Column{Type: kpi.TypeDate, Format: "%d/%m/%y"}, "31/01/26", "declare with pivot"},
		{kpi.Column{Type: kpi.TypeDate, Format: kpi.FormatExcel}, "60", "day 60, 29 February 1900, never was"},
		{kpi.Column{Type: kpi.TypeDate, Format: "%d/%m/%Y", Formats: []string{kpi.FormatExcel1904}}, "x", "of the form %d/%m/%Y or excel-1904 ("},
		{kpi.Column{Type: kpi.TypeNumber}, "x", "V is not a number below 1e18 in size such as 1250.75, without separators of thousands or a unit; "},
		{kpi.Column{Type: kpi.TypeNumber, Thousands: ".", Decimal: ",", Signs: []string{"R$", "%"}}, "x", "such as 1.250,75, with no sign but R$ or %; "},
		{kpi.Column{Type: kpi.TypeInteger, Thousands: "'"}, "x", "a whole number such as 1'250, without a unit; "},
		{kpi.Column{Type: kpi.TypeText, Pattern: `\d+`}, "1E+5", `has not the form \d+`},
		{kpi.Column{Type: kpi.TypeText, Values: map[string]string{"a": "b"}}, "c", "none of the 1 declared values"},
	} {
		db := openTest(t)
		mustLoad(t, db, oneColumn(c.column), 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", ""}, {"2", c.text}})
		r, err := db.Rejects(context.Background(), "things", 1, 10, 0)
		if err != nil || len(r) != 1 || !strings.Contains(r[0].Detail, c.want) {
			t.Errorf("%+v: %q: %+v, %v, want %q", c.column, c.text, r, err, c.want)
		}
	}
}

// TestDeclarationsThatCannotBeMeant are refused before anything is read.
func TestDeclarationsThatCannotBeMeant(t *testing.T) {
	for want, c := range map[string]kpi.Column{
		"column v: decimal \";\"":                         {Type: kpi.TypeNumber, Decimal: ";"},
		"column v: thousands \"x\"":                       {Type: kpi.TypeNumber, Thousands: "x"},
		"cannot be the mark of thousands and of decimals": {Type: kpi.TypeNumber, Thousands: "."},
		"\",\" cannot be the mark":                        {Type: kpi.TypeNumber, Thousands: ",", Decimal: ","},
		"the sign \"-\" could be taken":                   {Type: kpi.TypeNumber, Signs: []string{"$", "-"}},
		"the sign \"m2\" could be taken":                  {Type: kpi.TypeNumber, Signs: []string{"m2"}},
		"the sign \"\" could":                             {Type: kpi.TypeNumber, Signs: []string{""}},
		"column v: pattern (":                             {Type: kpi.TypeText, Pattern: "("},
		"pivot 12 is not in the years":                    {Type: kpi.TypeDate, Format: "%d/%m/%y", Pivot: 12},
		"has the year twice":                              {Type: kpi.TypeDate, Format: "%d/%m/%y %Y", Pivot: 1950},
		"format of a date or timestamp column is wrong":   {Type: kpi.TypeDate, Format: "%Y", Formats: []string{"%Q"}},
		"values lists \"Santé\" twice, as a and as b":     {Type: kpi.TypeText, Values: map[string]string{"Santé": "a", "Sante\u0301": "b"}},
	} {
		db := openTest(t)
		_, err := db.Load(context.Background(), loading(t, db, oneColumn(c), 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", "x"}}))
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "dataset things: ") {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
	same := kpi.Column{Type: kpi.TypeText, Values: map[string]string{"Santé": "a", "Sante\u0301": "a"}}
	checkTyping(t, oneColumn(same), []field{{"Santé", "a"}, {"Sante\u0301", "a"}})
}

// TestKeysThatLookAlike are one key: the second row is doubled.
func TestKeysThatLookAlike(t *testing.T) {
	db := openTest(t)
	city := oneColumn(kpi.Column{Type: kpi.TypeText})
	d := &city.Datasets[0]
	d.Columns[0].Type, d.Columns[0].Pattern = kpi.TypeText, `[^*]+`
	d.Checks = []kpi.Check{{ID: "unique", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseReject}}
	out := mustLoad(t, db, city, 1, 0, "2016-01-12", table{{"ID", "V"}, {"a\u200b1", "1"}, {"a1", "2"}, {"a1 ", "3"}, {"Santé", "4"}, {"Sante\u0301", "5"}, {"*", "6"}, {"", "7"}, {"\u200b", "8"}})
	if out.Counts.Accepted != 2 || out.Counts.Rejected != 6 {
		t.Errorf("counts %+v", out.Counts)
	}
	rejects, err := db.Rejects(context.Background(), "things", 1, 10, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rejects {
		got = append(got, fmt.Sprintf("%d %s", r.Line, r.Reason))
	}
	slices.Sort(got)
	if d := cmp.Diff([]string{"3 duplicate", "4 duplicate", "6 duplicate", "7 pattern", "8 blank", "9 blank"}, got); d != "" {
		t.Errorf("rejects (-want +got):\n%s", d)
	}
}
