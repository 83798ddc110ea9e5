package warehouse_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "github.com/marcboeker/go-duckdb/v2" // the bare thing

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/warehouse"
)

const benchRows = 1_000_000

// benchFormat is how the table of the benchmark writes times.
const benchFormat = "%m/%d/%Y %I:%M:%S %p"

// writeBench writes a table of so many requests in 12 columns, 1 % of its rows broken: a third each with a bad time, a bad number and
// fields missing.
func writeBench(path string, rows int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(1, 2))
	types := []string{"Street Light Outages", "Pothole Repair", "Graffiti Removal", "Sign Repair", "Rodent Activity"}
	districts := []string{"Dorchester", "Roxbury", "South Boston", "Allston / Brighton", "Hyde Park", ""}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "id,opened,due,closed,type,status,department,district,channel,zip,cost,note")
	for i := range rows {
		moment := func() string {
			return fmt.Sprintf("%02d/%02d/2015 %02d:%02d:%02d PM", 1+r.IntN(12), 1+r.IntN(28), 1+r.IntN(12), r.IntN(60), r.IntN(60))
		}
		opened, cost := moment(), fmt.Sprintf("%d.%02d", r.IntN(900), r.IntN(100))
		switch i % 300 {
		case 100:
			opened = "13/45/2015"
		case 200:
			cost = "n.a."
		case 299:
			fmt.Fprintf(w, "%d,%s,cut\n", 101001240000+i, opened)
			continue
		}
		fmt.Fprintf(w, "%d,%s,%s,%s,%s,Closed,PWDx,%s,Citizens Connect App,02%03d,%s,ok\n",
			101001240000+i, opened, moment(), moment(), types[r.IntN(len(types))], districts[r.IntN(len(districts))], r.IntN(1000), cost)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// bareLoad is what one would write by hand: read_csv with an explicit dialect and typed columns, broken rows left out, into a table of a
// fresh database file.
func bareLoad(b testing.TB, csv string) (rows int64) {
	b.Helper()
	db, err := sql.Open("duckdb", filepath.Join(b.TempDir(), "bare.duckdb"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	}()
	_, err = db.ExecContext(b.Context(), `CREATE TABLE request AS SELECT * FROM read_csv(?, auto_detect=false, header=true, delim=',', quote='"', escape='"', new_line='\n',
		timestampformat='`+benchFormat+`', ignore_errors=true, columns={'id': 'VARCHAR', 'opened': 'TIMESTAMP', 'due': 'TIMESTAMP', 'closed': 'TIMESTAMP', 'type': 'VARCHAR', 'status': 'VARCHAR',
		'department': 'VARCHAR', 'district': 'VARCHAR', 'channel': 'VARCHAR', 'zip': 'VARCHAR', 'cost': 'DOUBLE', 'note': 'VARCHAR'})`, csv)
	if err != nil {
		b.Fatal(err)
	}
	if err := db.QueryRowContext(b.Context(), `SELECT count(*) FROM request`).Scan(&rows); err != nil {
		b.Fatal(err)
	}
	return rows
}

// benchCity declares the table: every column typed, a key, two checks, two indicators.
func benchCity() *kpi.City {
	col := func(name string, t kpi.ColumnType) kpi.Column { return kpi.Column{Name: name, From: name, Type: t} }
	ds := kpi.Dataset{
		ID: "requests", Hash: "bench", Source: kpi.Source{Kind: "csv", Path: "requests.csv"}, TimeZone: "UTC", Key: []string{"id"}, Dimensions: []string{"district"},
		Checks: []kpi.Check{
			{ID: "unique", Rule: "unique id", Kind: kpi.CheckUnique, Columns: []string{"id"}, Else: kpi.ElseFail},
			{ID: "order", Rule: "closed >= opened", Kind: kpi.CheckRow, Expr: "closed >= opened", Else: kpi.ElseWarn},
		},
	}
	for _, name := range []string{"id", "opened", "due", "closed", "type", "status", "department", "district", "channel", "zip", "cost", "note"} {
		c := col(name, kpi.TypeText)
		switch name {
		case "id":
			c.EmptyIs = "reject"
		case "opened", "due", "closed":
			c.Type, c.Format = kpi.TypeTimestamp, benchFormat
		case "cost":
			c.Type = kpi.TypeNumber
		}
		ds.Columns = append(ds.Columns, c)
	}
	ind := func(id string, m kpi.Measure, u kpi.Unit) kpi.Indicator {
		return kpi.Indicator{ID: id, Dataset: "requests", Measure: m, Unit: u, Period: kpi.Month, Direction: kpi.Up, Trajectory: kpi.TrajectoryLinear, Dimensions: ds.Dimensions, Public: true}
	}
	return &kpi.City{
		ID: "bench", Hash: "bench", TimeZone: "UTC", FiscalStart: time.January, Languages: []kpi.Lang{kpi.English}, Bands: kpi.DefaultBands, Datasets: []kpi.Dataset{ds},
		Indicators: []kpi.Indicator{
			ind("on-time", kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Date: "due"}, kpi.Percent),
			ind("opened", kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}, kpi.Number),
		},
	}
}

// ourLoad goes the whole way of a load in a fresh data directory: connector, spool, ledger, warehouse with rejects and checks, indicators.
// It returns the rows accepted and how long each step took.
func ourLoad(b testing.TB, from string, rows int64) (int64, map[kpi.Step]time.Duration) {
	b.Helper()
	ctx, dir, quiet := b.Context(), b.TempDir(), slog.New(slog.DiscardHandler)
	led, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer led.Close() // measured and thrown away
	city := benchCity()
	if _, err := led.RecordFolder(ctx, city, time.Now()); err != nil {
		b.Fatal(err)
	}
	wh, err := warehouse.Open(ctx, warehouse.Options{Dir: dir, Logger: quiet})
	if err != nil {
		b.Fatal(err)
	}
	defer wh.Close() // measured and thrown away
	steps, last, began := map[kpi.Step]time.Duration{}, kpi.Step(""), time.Now()
	hook := func(s kpi.Step) {
		if last != "" {
			steps[last] += time.Since(began)
		}
		last, began = s, time.Now()
	}
	r, err := ingest.New(ingest.Options{Ledger: led, Warehouse: wh, Dir: dir, Logger: quiet, Hook: hook})
	if err != nil {
		b.Fatal(err)
	}
	rep, err := r.Run(ctx, city, os.DirFS(from), "requests", kpi.NewDate(2015, 12, 31), ingest.How{})
	if err != nil {
		b.Fatal(err)
	}
	hook("")
	c := rep.Load.Counts
	if c.Read != rows || c.Rejected != broken(rows) {
		b.Fatalf("counts %+v", c)
	}
	return c.Accepted, steps
}

// broken is how many of the rows of the benchmark's table are.
func broken(rows int64) int64 {
	n := rows / 300 * 3
	for i := rows / 300 * 300; i < rows; i++ {
		if i%300 == 100 || i%300 == 200 || i%300 == 299 {
			n++
		}
	}
	return n
}

// BenchmarkIngest loads the same file in turn with bare DuckDB and the whole way, and reports the ratio: the price of header matching by
// name, rejects with line and reason, checks, kept copies, row versions and indicators.
func BenchmarkIngest(b *testing.B) {
	dir := b.TempDir()
	csv := filepath.Join(dir, "requests.csv")
	if err := writeBench(csv, benchRows); err != nil {
		b.Fatal(err)
	}
	st, err := os.Stat(csv)
	if err != nil {
		b.Fatal(err)
	}
	var bare, ours time.Duration
	steps, n := map[kpi.Step]time.Duration{}, 0
	for b.Loop() {
		began := time.Now()
		rows := bareLoad(b, csv)
		bare += time.Since(began)
		began = time.Now()
		accepted, took := ourLoad(b, dir, benchRows)
		ours += time.Since(began)
		if rows != accepted {
			b.Fatalf("bare DuckDB kept %d rows, we %d", rows, accepted)
		}
		for s, d := range took {
			steps[s] += d
		}
		n++
	}
	b.ReportMetric(0, "ns/op") // the sum of both says nothing
	b.ReportMetric(bare.Seconds()/float64(n), "bare-s")
	b.ReportMetric(ours.Seconds()/float64(n), "ours-s")
	b.ReportMetric(float64(st.Size())*float64(n)/1e6/ours.Seconds(), "ours-MB/s")
	b.ReportMetric(ours.Seconds()/bare.Seconds(), "ratio")
	for _, s := range kpi.Steps {
		b.ReportMetric(steps[s].Seconds()/float64(n), string(s)+"-s")
	}
}
