package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// oneColumn is a city whose dataset has an id and the column, v.
func oneColumn(c kpi.Column) *kpi.City {
	c.Name, c.From = "v", "V"
	return &kpi.City{ID: "one", TimeZone: "America/New_York", FiscalStart: 7,
		Districts: []kpi.District{district("allston-brighton", "Allston / Brighton", "Allston", "Brighton"), district("roxbury", "Roxbury")},
		Datasets:  []kpi.Dataset{{ID: "things", Hash: fmt.Sprint(c), Key: []string{"id"}, Columns: []kpi.Column{{Name: "id", From: "ID", Type: kpi.TypeInteger}, c}}}}
}

// stored reads what the row table holds of v, by line; ok is false for a null.
func storedValues(t *testing.T, db *DB, city *kpi.City, version int64) map[int64]sql.NullString {
	t.Helper()
	d := &city.Datasets[0]
	table := rowTableName(d.ID, d.Hash)
	got := map[int64]sql.NullString{}
	err := db.read(context.Background(), func(x *tx) error {
		return x.query(context.Background(), func(scan func(...any) error) error {
			var l int64
			var v sql.NullString
			err := scan(&l, &v)
			got[l] = v
			return err
		}, "SELECT _line, CAST(v AS VARCHAR) FROM "+placed(d, "(SELECT * FROM "+quoteName(table)+" WHERE _to IS NULL)", table))
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// field is a text as it comes, and what becomes of it: a value, "" for null, or a reason for refusing it after an exclamation mark.
type field struct{ text, want string }

func TestTyping(t *testing.T) {
	stamp := "%m/%d/%Y %I:%M:%S %p"
	for _, c := range []struct {
		name   string
		column kpi.Column
		fields []field
	}{
		{"text", kpi.Column{Type: kpi.TypeText}, []field{
			{"plain", "plain"}, {"  two  words \t", "two  words"}, {"\u00a0no-break\u00a0", "no-break"}, {"\ufeffmark\u200b", "mark"}, {"", ""}, {"   ", ""}, {"\u00a0", ""},
			{"São Paulo É", "São Paulo É"}, {"line\nend", "line\nend"}, {`"quoted", with comma`, `"quoted", with comma`}, {"NULL", "NULL"}, {"n/a", "n/a"}, {"'; DROP TABLE observation; --", "'; DROP TABLE observation; --"}}},
		{"text, blank refused", kpi.Column{Type: kpi.TypeText, EmptyIs: "reject"}, []field{{"x", "x"}, {"", "!blank"}, {" \t ", "!blank"}}},
		{"text, list", kpi.Column{Type: kpi.TypeText, Values: map[string]string{"Street Light Outages": "street-light", "Pothole": "pothole", "X'Y": "xy"}}, []field{
			{"Street Light Outages", "street-light"}, {" Pothole ", "pothole"}, {"X'Y", "xy"}, {"pothole", "!not_in_list"}, {"Sidewalk", "!not_in_list"}, {"", ""}}},
		{"text, list, blank refused", kpi.Column{Type: kpi.TypeText, EmptyIs: "reject", Values: map[string]string{"A": "a"}}, []field{{"A", "a"}, {"", "!blank"}, {"B", "!not_in_list"}}},
		{"integer", kpi.Column{Type: kpi.TypeInteger}, []field{
			{"12", "12"}, {"-7", "-7"}, {"+5", "5"}, {"007", "7"}, {" 12\t", "12"}, {"\u00a012\u00a0", "12"}, {"3.0", "3"}, {"3.", "3"}, {"9223372036854775807", "9223372036854775807"}, {"", ""}, {" ", ""},
			{"1.5", "!bad_integer"}, {"1e3", "!bad_integer"}, {"0x1F", "!bad_integer"}, {"0b11", "!bad_integer"}, {"1_000", "!bad_integer"}, {"1,000", "!bad_integer"}, {"true", "!bad_integer"},
			{"9223372036854775808", "!bad_integer"}, {"twelve", "!bad_integer"}, {"-", "!bad_integer"}, {".0", "!bad_integer"}}},
		{"number", kpi.Column{Type: kpi.TypeNumber}, []field{
			{"1250.75", "1250.75"}, {"-0.5", "-0.5"}, {".5", "0.5"}, {"5.", "5.0"}, {"1e3", "1000.0"}, {" 7 ", "7.0"}, {"\u00a07\u00a0", "7.0"}, {"", ""},
			{"1,250.75", "!bad_number"}, {"1250,75", "!bad_number"}, {"$5", "!bad_number"}, {"5%", "!bad_number"}, {"nan", "!bad_number"}, {"inf", "!bad_number"}, {"-Infinity", "!bad_number"}, {"1e400", "!bad_number"},
			{"1_000.5", "!bad_number"}, {" 1_000.5", "!bad_number"}, {"0x1F", "!bad_number"}, {"n/a", "!bad_number"}}},
		{"number, decimal comma", kpi.Column{Type: kpi.TypeNumber, Decimal: ","}, []field{
			{"1250,75", "1250.75"}, {"-0,5", "-0.5"}, {"7", "7.0"}, {" 7,5 ", "7.5"}, {"1.250,75", "!bad_number"}, {"1.250", "!bad_number"}, {"1,2,3", "!bad_number"}, {"", ""}}},
		{"boolean", kpi.Column{Type: kpi.TypeBoolean}, []field{
			{"true", "true"}, {"FALSE", "false"}, {"t", "true"}, {"yes", "true"}, {"N", "false"}, {"1", "true"}, {"0", "false"}, {" true ", "true"}, {"\u00a0no", "false"}, {"", ""},
			{"2", "!bad_boolean"}, {"on", "!bad_boolean"}, {"1.0", "!bad_boolean"}, {"maybe", "!bad_boolean"}}},
		{"boolean, list", kpi.Column{Type: kpi.TypeBoolean, Values: map[string]string{"Sí": "true", "No": "false"}}, []field{{"Sí", "true"}, {"No", "false"}, {"true", "!not_in_list"}, {"", ""}}},
		{"date", kpi.Column{Type: kpi.TypeDate}, []field{
			{"2015-06-30", "2015-06-30"}, {" 2015-06-30 ", "2015-06-30"}, {"2016-02-29", "2016-02-29"}, {"1583-01-01", "1583-01-01"}, {"9999-12-31", "9999-12-31"}, {"1900-01-01", "1900-01-01"}, {"", ""},
			{"2015-02-29", "!bad_date"}, {"2015-06-31", "!bad_date"}, {"2015-13-01", "!bad_date"}, {"1582-12-31", "!bad_date"}, {"0015-06-30", "!bad_date"}, {"15-06-30", "!bad_date"}, {"12015-06-30", "!bad_date"},
			{"epoch", "!bad_date"}, {"infinity", "!bad_date"}, {"-infinity", "!bad_date"}, {"2015-06-30 BC", "!bad_date"}, {"2015-06-30x", "!bad_date"}, {"2015-06-30 12:00", "!bad_date"}, {"06/30/2015", "!bad_date"}}},
		{"date, format", kpi.Column{Type: kpi.TypeDate, Format: "%d/%m/%Y"}, []field{{"30/06/2015", "2015-06-30"}, {"6/7/2015", "2015-07-06"}, {"06/30/2015", "!bad_date"}, {"Infinity", "!bad_date"}, {"01/01/1900", "1900-01-01"}}},
		{"timestamp, format", kpi.Column{Type: kpi.TypeTimestamp, Format: stamp}, []field{
			{"06/30/2015 03:04:05 PM", "2015-06-30 19:04:05"}, {"1/2/2015 3:04:05 am", "2015-01-02 08:04:05"}, {" 01/02/2015 03:04:05 AM ", "2015-01-02 08:04:05"},
			{"01/01/1900 12:00:00 AM", "1900-01-01 05:00:00"}, {"12/31/9999 11:59:59 PM", "10000-01-01 04:59:59"}, {"", ""}, {"  ", ""},
			{"31/31/2015", "!bad_timestamp"}, {"02/30/2015 03:04:05 PM", "!bad_timestamp"}, {"02/03/2015 13:04:05 PM", "!bad_timestamp"}, {"02/03/2015 03:04:05 PM x", "!bad_timestamp"}, {"02/03/0015 03:04:05 PM", "!bad_timestamp"},
			{"epoch", "!bad_timestamp"}, {"INFINITY", "!bad_timestamp"}, {" epoch ", "!bad_timestamp"},
			{"03/08/2015 01:59:59 AM", "2015-03-08 06:59:59"}, {"03/08/2015 02:00:00 AM", "!no_such_time"}, {"03/08/2015 02:59:59 AM", "!no_such_time"}, {"03/08/2015 03:00:00 AM", "2015-03-08 07:00:00"},
			{"11/01/2015 12:59:59 AM", "2015-11-01 04:59:59"}, {"11/01/2015 01:30:00 AM", "2015-11-01 05:30:00"}, {"11/01/2015 02:00:00 AM", "2015-11-01 07:00:00"}}},
		{"timestamp, zone of its own", kpi.Column{Type: kpi.TypeTimestamp, Format: "%Y-%m-%d %H:%M", TimeZone: "America/Sao_Paulo"}, []field{
			{"2018-11-03 23:59", "2018-11-04 02:59:00"}, {"2018-11-04 00:00", "!no_such_time"}, {"2018-11-04 00:59", "!no_such_time"}, {"2018-11-04 01:00", "2018-11-04 03:00:00"},
			{"2019-02-16 23:30", "2019-02-17 01:30:00"}, {"2015-01-01 24:00", "!bad_timestamp"}}},
		{"timestamp, offset in the format", kpi.Column{Type: kpi.TypeTimestamp, Format: "%Y-%m-%d %H:%M:%S %z"}, []field{
			{"2015-06-30 23:00:00 +0200", "2015-06-30 21:00:00"}, {"2015-03-08 02:30:00 -0500", "2015-03-08 07:30:00"}, {"2015-06-30 23:00:00", "!bad_timestamp"}, {"1000-06-30 23:00:00 +0200", "!bad_timestamp"}}},
		{"timestamp, ISO", kpi.Column{Type: kpi.TypeTimestamp}, []field{
			{"2015-06-30T12:00:00", "2015-06-30 16:00:00"}, {"2015-06-30 12:00:00", "2015-06-30 16:00:00"}, {"2015-06-30T12:00:00.123", "2015-06-30 16:00:00.123"}, {"2015-06-30T12:00", "2015-06-30 16:00:00"},
			{"2015-06-30T12:00:00Z", "2015-06-30 12:00:00"}, {"2015-06-30T12:00:00z", "2015-06-30 12:00:00"}, {"2015-06-30T12:00:00+02:00", "2015-06-30 10:00:00"}, {"2015-06-30T12:00:00.5-05:00", "2015-06-30 17:00:00.5"}, {" 2015-06-30T12:00:00Z ", "2015-06-30 12:00:00"},
			{"2015-03-08T02:30:00", "!no_such_time"}, {"2015-03-08T02:30:00Z", "2015-03-08 02:30:00"}, {"2015-06-30", "!bad_timestamp"}, {"2015-06-30T24:00:00", "!bad_timestamp"}, {"epoch", "!bad_timestamp"}, {"2015-06-30T12:00:00 America/New_York", "!bad_timestamp"}}},
		{"district", kpi.Column{Type: kpi.TypeDistrict}, []field{
			{"Allston / Brighton", "allston-brighton"}, {"  allston  /  BRIGHTON ", "allston-brighton"}, {"Brighton", "allston-brighton"}, {"allston-brighton", "allston-brighton"}, {"ROXBURY", "roxbury"},
			{"", kpi.MemberNotRecorded}, {"  ", kpi.MemberNotRecorded}, {"Boston", kpi.MemberNotRecognised}, {"Roxbury\u200b", "roxbury"}}},
		{"district, blank refused", kpi.Column{Type: kpi.TypeDistrict, EmptyIs: "reject"}, []field{{"Roxbury", "roxbury"}, {"", "!blank"}, {"Boston", kpi.MemberNotRecognised}}},
		{"district, list", kpi.Column{Type: kpi.TypeDistrict, Values: map[string]string{"RX": "Roxbury", "??": "Nowhere"}}, []field{{"RX", "roxbury"}, {"??", kpi.MemberNotRecognised}, {"Roxbury", "!not_in_list"}, {"", kpi.MemberNotRecorded}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkTyping(t, oneColumn(c.column), c.fields)
		})
	}
}

// checkTyping loads the fields twice: first straight into the row table, then through the staging table, with an odd row more so that
// there is something to compare. Both ways must read alike.
func checkTyping(t *testing.T, city *kpi.City, fields []field) {
	db := openTest(t)
	rows := table{{"ID", "V"}}
	for i, f := range fields {
		rows = append(rows, []string{fmt.Sprint(i + 1), f.text})
	}
	for version := int64(1); version <= 2; version++ {
		if version == 2 {
			for i := range rows[1:] {
				rows[i+1][0] = fmt.Sprint(1001 + i) // other keys: all rows are new
			}
		}
		out := mustLoad(t, db, city, version, version-1, "2016-01-12", rows)
		got := storedValues(t, db, city, version)
		rejects, err := db.Rejects(context.Background(), "things", version, 1000, 0)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(got)) != out.Counts.Accepted || int64(len(rejects)) != out.Counts.Rejected {
			t.Errorf("version %d: %d rows and %d rejects are there, counts %+v", version, len(got), len(rejects), out.Counts)
		}
		for i, f := range fields {
			line := int64(i + 2)
			if reason, bad := strings.CutPrefix(f.want, "!"); bad {
				at := slices.IndexFunc(rejects, func(r kpi.Reject) bool { return r.Line == line })
				if at < 0 {
					t.Errorf("version %d: %q was read as %+v, want it refused as %s", version, f.text, got[line], reason)
				} else if r := rejects[at]; r.Reason != reason || r.Raw != f.text || r.Column != "V" || r.Detail == "" || r.File == "" {
					t.Errorf("version %d: %q was refused with %+v, want the reason %s", version, f.text, r, reason)
				}
				continue
			}
			if v, ok := got[line]; !ok || v.String != f.want {
				t.Errorf("version %d: %q was read as %+v (there: %v), want %q", version, f.text, v, ok, f.want)
			}
		}
	}
}

func TestTwiceShownHourIsCounted(t *testing.T) {
	for _, c := range []struct {
		format string
		rows   table
		want   int
	}{
		{"%Y-%m-%d %H:%M", table{{"ID", "V"}, {"1", "2015-11-01 01:00"}, {"2", "2015-11-01 01:59"}, {"3", "2015-11-01 00:59"}, {"4", "2015-11-01 02:00"}, {"5", "x"}}, 2},
		// A time that says its offset is not in doubt.
		{"", table{{"ID", "V"}, {"1", "2015-11-01T01:30:00"}, {"2", "2015-11-01T01:30:00-05:00"}, {"3", "2015-11-01T05:30:00Z"}}, 1},
	} {
		out := mustLoad(t, openTest(t), oneColumn(kpi.Column{Type: kpi.TypeTimestamp, Format: c.format}), 1, 0, "2016-01-12", c.rows)
		want := fmt.Sprintf("V: %d times lie in the hour that clocks in America/New_York show twice when they are set back; the earlier hour was taken", c.want)
		if d := cmp.Diff([]string{want}, out.Warnings); d != "" {
			t.Errorf("%s: warnings (-want +got):\n%s", c.format, d)
		}
	}
}

// TestColumnsByName: the order of the header is the source's own, in each file, and columns that nobody declared are not looked at.
func TestColumnsByName(t *testing.T) {
	db := openTest(t)
	city := twelveCity()
	want := lines(mustObservationsOf(t, db, city, twelveRows(1)))

	rows := twelveRows(1)
	first, second := table{{"COST", "EXTRA \"x\", y", "AREA", "CLOSED", "DUE", "OPENED", "KIND", "ID"}}, table{rows[0]}
	for i, r := range rows[1:] {
		if i%2 == 0 {
			first = append(first, []string{r[6], "junk", r[5], r[4], r[3], r[2], r[1], r[0]})
		} else {
			second = append(second, r)
		}
	}
	db = openTest(t)
	if d := cmp.Diff(want, lines(mustObservationsOf(t, db, city, first, second, table{rows[0]}))); d != "" {
		t.Errorf("columns in another order give other numbers:\n%s", d)
	}
	var where string
	if err := db.sql.QueryRow("SELECT string_agg(id || ' ' || _file || ':' || _line, ', ' ORDER BY id) FROM " + quoteName(rowTableName("cases", "one"))).Scan(&where); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(where, "c01 0:2, c02 1:2, c03 0:3, c04 1:3") {
		t.Errorf("rows stand at %s", where)
	}

	db = openTest(t) // two headers in turn
	if d := cmp.Diff(want, lines(mustObservationsOf(t, db, city, second, first, table{rows[0]}))); d != "" {
		t.Errorf("files in another order give other numbers:\n%s", d)
	}
	if err := db.sql.QueryRow("SELECT string_agg(DISTINCT _file, ', ' ORDER BY _file) FROM " + quoteName(rowTableName("cases", "one"))).Scan(&where); err != nil || where != "0, 1" {
		t.Errorf("rows stand in the files %s, %v", where, err)
	}
	in := loading(t, db, city, 2, 1, "2015-02-10", table{{"ID", "KIND", "OPENED", "DUE", "CLOSED", "AREA"}, {"c01", "", "", "", "", ""}})
	if _, err := db.Load(context.Background(), in); err == nil || !strings.Contains(err.Error(), `no column "COST"`) {
		t.Errorf("a copy without a declared column: %v", err)
	}
}

func mustObservationsOf(t *testing.T, db *DB, city *kpi.City, tables ...table) []kpi.Observation {
	t.Helper()
	mustLoad(t, db, city, 1, 0, "2015-02-10", tables...)
	return mustObservations(t, db, city, 1)
}

// TestLineEndsInQuotes: such a copy is not read in parallel, where DuckDB would take the second line for a row.
func TestLineEndsInQuotes(t *testing.T) {
	db := openTest(t)
	city := oneColumn(kpi.Column{Type: kpi.TypeText})
	rows := table{{"ID", "V"}}
	for i := range 30_000 {
		rows = append(rows, []string{fmt.Sprint(i), strings.Repeat("word \"quoted\"\n5,6\n", i%9)})
	}
	out := mustLoad(t, db, city, 1, 0, "2016-01-12", rows)
	if out.Counts.Accepted != 30_000 {
		t.Errorf("counts %+v", out.Counts)
	}
	got := storedValues(t, db, city, 1)
	for i, r := range rows[1:] {
		if want := strings.TrimSpace(r[1]); got[int64(i+2)].String != want {
			t.Fatalf("row %d is %q, want %q", i, got[int64(i+2)].String, want)
		}
	}
}

// TestLongFields: a record may be longer than DuckDB's usual bound, in parallel and not; what is kept of a refused field is at most 1 kB.
func TestLongFields(t *testing.T) {
	for name, long := range map[string]string{"one line": strings.Repeat("é", 1_500_000), "two lines": strings.Repeat("é", 1_500_000) + "\nx"} {
		t.Run(name, func(t *testing.T) {
			db := openTest(t)
			city := oneColumn(kpi.Column{Type: kpi.TypeText})
			mustLoad(t, db, city, 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", long}})
			if got := storedValues(t, db, city, 1)[2].String; got != long {
				t.Errorf("%d bytes came back", len(got))
			}
			number := oneColumn(kpi.Column{Type: kpi.TypeNumber})
			mustLoad(t, db, number, 2, 1, "2016-01-12", table{{"ID", "V"}, {"1", long}, {"2", "2"}})
			r, err := db.Rejects(context.Background(), "things", 2, 10, 0)
			if err != nil || len(r) != 1 || len(r[0].Raw) > 1000 || !strings.HasPrefix(long, r[0].Raw) || r[0].Raw == "" {
				t.Errorf("rejects %d, %v", len(r), err)
			}
		})
	}
}

func TestWrongFormatOfTheFolder(t *testing.T) {
	db := openTest(t)
	in := loading(t, db, oneColumn(kpi.Column{Type: kpi.TypeDate, Format: "%Q"}), 1, 0, "2016-01-12", table{{"ID", "V"}, {"1", "x"}})
	if _, err := db.Load(context.Background(), in); kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "format of a date or timestamp column is wrong") {
		t.Errorf("got %v", err)
	}
}

// TestSurvey counts lines and their numbers in two halves; wherever the middle falls the sums are the same.
func TestSurvey(t *testing.T) {
	db := openTest(t)
	for n := range 60 {
		rows := table{{"A"}}
		var sum int64
		for i := range n {
			rows = append(rows, []string{strings.Repeat("x", (i*7)%23)})
			sum += int64(i + 2)
		}
		path, _ := writeCopy(t, db, "survey", rows)
		s, err := surveyFile(path)
		if err != nil || s.lines != int64(n+1) || s.lineSum != sum || s.beyond {
			t.Errorf("%d rows: %+v, %v, want %d lines and the sum %d", n, s, err, n+1, sum)
		}
		// One character beyond ASCII is seen wherever it stands.
		if n > 0 {
			rows[1+n/2][0] = strings.Repeat("x", n%17) + "é" + strings.Repeat("x", n%5)
			path, _ = writeCopy(t, db, "survey", rows)
			if s, err = surveyFile(path); err != nil || !s.beyond || s.lines != int64(n+1) {
				t.Errorf("%d rows, one beyond ASCII: %+v, %v", n, s, err)
			}
		}
	}
	for name, content := range map[string]string{"empty": "", "no line column": "a,b\n1,2\n"} {
		path, _ := writeBytes(t, db, "bad", []byte(content), 0)
		if _, err := surveyFile(path); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTimestampText(t *testing.T) {
	at := time.Date(2015, 6, 30, 23, 59, 59, 999_999_000, time.UTC)
	if got := timestampText(at); got != "2015-06-30 23:59:59.999999" {
		t.Error(got)
	}
}
