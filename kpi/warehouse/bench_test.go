package warehouse

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"citystat/kpi"
)

// benchRows is the size of the benchmarks' file.
func benchRows() int {
	if testing.Short() {
		return 50_000
	}
	return 1_000_000
}

const benchTime = "01/02/2006 03:04:05 PM"

// benchCity has one dataset of twelve columns and fourteen indicators by month and district.
func benchCity() *kpi.City {
	c := &kpi.City{ID: "bench", TimeZone: "America/New_York", FiscalStart: time.July}
	for i := range 25 {
		c.Districts = append(c.Districts, district(fmt.Sprintf("d%d", i), fmt.Sprintf("District %d", i)))
	}
	stamp := "%m/%d/%Y %I:%M:%S %p"
	types := map[string]string{}
	for i := range 13 {
		types[fmt.Sprintf("Type %d", i)] = fmt.Sprintf("t%d", i)
	}
	c.Datasets = []kpi.Dataset{{ID: "requests", Hash: "bench", Key: []string{"id"}, Dimensions: []string{"district"}, Columns: []kpi.Column{
		{Name: "id", From: "CASE_ID", Type: kpi.TypeText},
		{Name: "opened", From: "OPEN_DT", Type: kpi.TypeTimestamp, Format: stamp, EmptyIs: "reject"},
		{Name: "due", From: "TARGET_DT", Type: kpi.TypeTimestamp, Format: stamp},
		{Name: "closed", From: "CLOSED_DT", Type: kpi.TypeTimestamp, Format: stamp},
		{Name: "type", From: "TYPE", Type: kpi.TypeText, Values: types},
		{Name: "district", From: "NEIGHBORHOOD", Type: kpi.TypeDistrict},
		{Name: "channel", From: "CHANNEL", Type: kpi.TypeText},
		{Name: "cost", From: "COST", Type: kpi.TypeNumber},
		{Name: "visits", From: "VISITS", Type: kpi.TypeInteger},
		{Name: "urgent", From: "URGENT", Type: kpi.TypeBoolean},
		{Name: "booked", From: "BOOKED", Type: kpi.TypeDate},
		{Name: "note", From: "NOTE", Type: kpi.TypeText},
	}, Checks: []kpi.Check{
		{ID: "unique", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseFail},
		{ID: "order", Rule: "closed >= opened", Kind: kpi.CheckRow, Expr: "closed >= opened", Else: kpi.ElseWarn},
	}}}
	return c
}

func benchIndicators(c *kpi.City) {
	for i := range 13 {
		c.Indicators = append(c.Indicators, kpi.Indicator{ID: fmt.Sprintf("on-time-%d", i), Dataset: "requests", Version: 1, Unit: kpi.Percent, Period: kpi.Month, Measure: kpi.Measure{
			Kind: kpi.MeasureShare, Of: "closed <= due", Where: fmt.Sprintf("type = 't%d'", i), Date: "due",
			Exclude: []kpi.Exclusion{{When: "due is null", Because: kpi.ReasonNoDueDate}, {When: "due > as_of", Because: kpi.ReasonNotYetDue}}}})
	}
	c.Indicators = append(c.Indicators, kpi.Indicator{ID: "cost", Dataset: "requests", Version: 1, Unit: kpi.Number, Period: kpi.Month, Measure: kpi.Measure{Kind: kpi.MeasureMean, Of: "cost", Date: "due"}})
}

// benchFile writes a canonical copy of n rows, one in a hundred bad, and returns the input of its load.
func benchFile(b testing.TB, db *DB, city *kpi.City, n int) LoadInput {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	name := db.dir + "/spool/tmp/bench.csv"
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "_line,CASE_ID,OPEN_DT,TARGET_DT,CLOSED_DT,TYPE,NEIGHBORHOOD,CHANNEL,COST,VISITS,URGENT,BOOKED,NOTE")
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		opened := start.Add(time.Duration(r.IntN(377*86400)) * time.Second)
		due := opened.Add(time.Duration(r.IntN(20*86400)) * time.Second)
		closed := ""
		if r.IntN(10) > 0 {
			closed = opened.Add(time.Duration(r.IntN(25*86400)) * time.Second).Format(benchTime)
		}
		open, cost := opened.Format(benchTime), fmt.Sprintf("%.2f", r.Float64()*500)
		switch r.IntN(300) {
		case 0:
			open = "31/31/2015"
		case 1:
			cost = "n/a"
		case 2:
			open = ""
		}
		fmt.Fprintf(w, "%d,1010%08d,%s,%s,%s,Type %d,District %d,ch%d,%s,%d,%v,%s,Request number %d reported by resident\n",
			i+2, i, open, due.Format(benchTime), closed, r.IntN(13), r.IntN(25), r.IntN(4), cost, r.IntN(9), r.IntN(2) == 0, opened.Format(time.DateOnly), i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return LoadInput{City: city, Dataset: "requests", Files: []string{name}, Read: int64(n),
		Load: kpi.Load{ID: 1, AsOf: kpi.NewDate(2016, 1, 12), Spool: []kpi.SpoolFile{{Source: "bench.csv", Copy: "bench", Rows: int64(n)}}}}
}

// cpu is the processor time that this process has used: what is left of a measurement on a machine that others use too.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var r unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// bareLoad is what it takes DuckDB alone: the same file, typed, into a table. Bad fields become null; nobody is told.
const bareLoad = `CREATE TABLE bare AS SELECT c0, c1, try_strptime(c2, '%m/%d/%Y %I:%M:%S %p') AS c2, try_strptime(c3, '%m/%d/%Y %I:%M:%S %p') AS c3, try_strptime(c4, '%m/%d/%Y %I:%M:%S %p') AS c4,
	c5, c6, c7, try_cast(c8 AS DOUBLE) AS c8, try_cast(c9 AS BIGINT) AS c9, try_cast(c10 AS BOOLEAN) AS c10, try_cast(c11 AS DATE) AS c11, c12
	FROM read_csv($1::VARCHAR[], auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\n', columns = {'c0': 'BIGINT', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR',
	'c4': 'VARCHAR', 'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR', 'c8': 'VARCHAR', 'c9': 'VARCHAR', 'c10': 'VARCHAR', 'c11': 'VARCHAR', 'c12': 'VARCHAR'})`

// BenchmarkLoad compares a load, with header by name, declared types, zones, lists, districts, rejects, checks and row versions, with bare
// DuckDB reading the same file into a table. The two alternate; x_bare is the ratio of their times, x_bare_cpu of their processor times.
func BenchmarkLoad(b *testing.B) {
	ctx := context.Background()
	db := openTest(b)
	in := benchFile(b, db, benchCity(), benchRows())
	var ours, bare, ourCPU, bareCPU time.Duration
	steps := map[kpi.Step]time.Duration{}
	for b.Loop() {
		start, used := time.Now(), cpu(b)
		if err := db.write(ctx, func(t *tx) error { _, err := t.exec(ctx, bareLoad, in.Files); return err }); err != nil {
			b.Fatal(err)
		}
		bare, bareCPU = bare+time.Since(start), bareCPU+cpu(b)-used
		if _, err := db.sql.ExecContext(ctx, "DROP TABLE bare"); err != nil {
			b.Fatal(err)
		}
		start, used = time.Now(), cpu(b)
		last, step := start, kpi.Step("survey")
		in.Hook = func(s kpi.Step) {
			steps[step] += time.Since(last)
			last, step = time.Now(), s
		}
		out, err := db.Load(ctx, in)
		if err != nil {
			b.Fatal(err)
		}
		steps[step] += time.Since(last)
		ours, ourCPU = ours+time.Since(start), ourCPU+cpu(b)-used
		if bad := out.Counts.Rejected; bad == 0 || bad > in.Read/50 {
			b.Fatalf("%d rows were rejected", bad)
		}
		if err := db.Undo(ctx, 1); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "x_bare")
	b.ReportMetric(ourCPU.Seconds()/bareCPU.Seconds(), "x_bare_cpu")
	b.ReportMetric(float64(in.Read)*float64(b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(bare.Seconds()/float64(b.N), "s_bare/op")
	for s, d := range steps {
		b.ReportMetric(d.Seconds()/float64(b.N), "s_"+string(s)+"/op")
	}
}

// handWritten is the query that somebody would write by hand for the same numbers: districts as the source names them, no zone, the same
// groups.
func handWritten(table string) string {
	var b strings.Builder
	asOf := "TIMESTAMP '2016-01-13 04:59:59.999999'"
	fmt.Fprintf(&b, "SELECT date_trunc('month', due) AS m, _raw_district")
	for i := range 13 {
		t := fmt.Sprintf("type = 't%d'", i)
		fmt.Fprintf(&b, ", count(*) FILTER (%[1]s AND due <= %[2]s AND closed <= due), count(*) FILTER (%[1]s AND due <= %[2]s), count(*) FILTER (%[1]s AND due IS NULL), count(*) FILTER (%[1]s AND due > %[2]s)", t, asOf)
	}
	fmt.Fprintf(&b, ", count(cost) FILTER (due <= %[1]s), sum(cost) FILTER (due <= %[1]s) FROM %[2]s WHERE _from <= 1 AND (_to IS NULL OR _to > 1) GROUP BY GROUPING SETS ((m, _raw_district), (m), (_raw_district), ())", asOf, table)
	return b.String()
}

// BenchmarkObserve compares all indicators by month, district, city and total with one hand-written query.
func BenchmarkObserve(b *testing.B) {
	ctx := context.Background()
	db := openTest(b)
	city := benchCity()
	if _, err := db.Load(ctx, benchFile(b, db, city, benchRows())); err != nil {
		b.Fatal(err)
	}
	benchIndicators(city)
	query := handWritten(quoteName(rowTableName("requests", "bench")))
	var ours, bare, oursCPU, bareCPU time.Duration
	n := 0
	for b.Loop() {
		start, used := time.Now(), cpu(b)
		list, err := db.Observe(ctx, city, kpi.NewDate(2016, 1, 12), 1)
		if err != nil {
			b.Fatal(err)
		}
		ours, oursCPU = ours+time.Since(start), oursCPU+cpu(b)-used
		n = len(list)
		start, used = time.Now(), cpu(b)
		err = db.read(ctx, func(t *tx) error {
			return t.query(ctx, func(func(...any) error) error { return nil }, query)
		})
		if err != nil {
			b.Fatal(err)
		}
		bare, bareCPU = bare+time.Since(start), bareCPU+cpu(b)-used
	}
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "x_hand")
	b.ReportMetric(oursCPU.Seconds()/bareCPU.Seconds(), "x_hand_cpu")
	b.ReportMetric(oursCPU.Seconds()/float64(b.N), "s_ours_cpu/op")
	b.ReportMetric(ours.Seconds()/float64(b.N), "s_ours/op")
	b.ReportMetric(bare.Seconds()/float64(b.N), "s_hand/op")
	b.ReportMetric(float64(n), "observations")
}
