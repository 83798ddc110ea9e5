package warehouse

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"citystat/kpi"
)

// oneDay is a city's stream of requests: so many rows in the days from the start, one after the other, and at the same pace from then on.
type oneDay struct {
	start time.Time
	days  int
	rows  int
}

// asOf is the day with the number, 0 being the last of the first load.
func (o oneDay) asOf(day int) kpi.Date {
	return kpi.DateOf(o.start).AddDays(o.days - 1 + day)
}

// row is the request with the number as it stands at the end of a day; came is whether it has been opened by then, news whether it was opened or closed
// on that day.
func (o oneDay) row(i int, until time.Time) (fields string, came, news bool) {
	r := rand.New(rand.NewPCG(uint64(i), 5))
	opened := o.start.Add(time.Duration(float64(i) / float64(o.rows) * float64(o.days) * 24 * float64(time.Hour))).Truncate(time.Second)
	due := opened.Add(time.Duration(r.IntN(20*86400)) * time.Second)
	took, never := time.Duration(r.IntN(25*86400))*time.Second, r.IntN(10) == 0
	closed, end := "", opened.Add(took)
	news = opened.After(until.Add(-24 * time.Hour))
	if !never && end.Before(until) {
		closed, news = end.Format(benchTime), news || end.After(until.Add(-24*time.Hour))
	}
	return fmt.Sprintf("1010%08d,%s,%s,%s,Type %d,District %d,ch%d,%.2f,%d,%v,%s,Request number %d reported by resident",
		i, opened.Format(benchTime), due.Format(benchTime), closed, r.IntN(13), r.IntN(25), r.IntN(4), r.Float64()*500, r.IntN(9), r.IntN(2) == 0, opened.Format(time.DateOnly), i), opened.Before(until), news
}

// delivery writes what is new on a day, of the first everything, and returns the input of its load.
func (o oneDay) delivery(b *testing.B, db *DB, city *kpi.City, day int, version int64) LoadInput {
	b.Helper()
	name := fmt.Sprintf("%s/spool/tmp/day-%d.csv", db.dir, day)
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "_line,CASE_ID,OPEN_DT,TARGET_DT,CLOSED_DT,TYPE,NEIGHBORHOOD,CHANNEL,COST,VISITS,URGENT,BOOKED,NOTE")
	n, until := int64(0), o.start.Add(time.Duration(o.days+day)*24*time.Hour)
	for i := 0; ; i++ {
		fields, came, news := o.row(i, until)
		if !came {
			break
		}
		if day == 0 || news {
			n++
			fmt.Fprintf(w, "%d,%s\n", n+1, fields)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return LoadInput{City: city, Dataset: "requests", Files: []string{name}, Read: n, Visible: version - 1,
		Load: kpi.Load{ID: version, AsOf: o.asOf(day), Changes: day > 0, Spool: []kpi.SpoolFile{{Source: "day.csv", Copy: fmt.Sprint(day), Rows: n}}}}
}

// BenchmarkOneDay adds one day of requests, with the cases that were closed on it, to a dataset of a million rows and to one of five, and compares
// the time until its observations are stored with that of counting everything anew, on the same day and rows. sums has what can be added up;
// quantiles has a median, a duration with open cases and a stock beside, which are found anew where they were touched and over all periods.
func BenchmarkOneDay(b *testing.B) {
	for _, rows := range []int{1_000_000, 5_000_000} {
		for _, name := range []string{"sums", "quantiles"} {
			b.Run(fmt.Sprintf("%d/%s", rows, name), func(b *testing.B) {
				if testing.Short() {
					rows = 50_000
				}
				city := benchCity()
				benchIndicators(city)
				if name == "quantiles" {
					of := kpi.Measure{Kind: kpi.MeasureMedian, Of: "days_between(opened, closed)", Date: "closed", Where: "closed is not null"}
					for id, m := range map[string]kpi.Measure{"median": of, "open": {Kind: kpi.MeasureDuration, From: "opened", To: "closed", P: 0.5, Date: "opened"}, "visits": {Kind: kpi.MeasureLast, Of: "visits", Date: "opened"}} {
						city.Indicators = append(city.Indicators, kpi.Indicator{ID: id, Dataset: "requests", Version: 1, Unit: kpi.Days, Period: kpi.Month, Measure: m})
					}
				}
				oneDayAfterTheOther(b, city, rows)
			})
		}
	}
}

func oneDayAfterTheOther(b *testing.B, city *kpi.City, rows int) {
	db, log := openCounting(b)
	stream := oneDay{start: time.Date(2015, 1, 1, 5, 0, 0, 0, time.UTC), days: 377, rows: rows}
	in := stream.delivery(b, db, city, 0, 1)
	if _, err := db.Load(b.Context(), in); err != nil {
		b.Fatal(err)
	}
	var patched, anew, patchedCPU, anewCPU time.Duration
	version, last, day := int64(1), int64(1), 0
	var began time.Time
	var used time.Duration
	observed := func(took, tookCPU *time.Duration) func(kpi.Step) {
		return func(s kpi.Step) {
			switch s {
			case kpi.StepObserve:
				began, used = time.Now(), cpu(b)
			case kpi.StepCommit:
				*took, *tookCPU = *took+time.Since(began), *tookCPU+cpu(b)-used
			}
		}
	}
	n := int64(0)
	for b.Loop() {
		day, version = day+1, version+1
		in := stream.delivery(b, db, city, day, version)
		in.Previous, in.Hook = kpi.Load{ID: last}, observed(&patched, &patchedCPU)
		before := log.anew.Load()
		if _, err := db.Load(b.Context(), in); err != nil {
			b.Fatal(err)
		}
		if log.anew.Load() != before {
			b.Fatal("what was kept was not used")
		}
		n, last = n+in.Read, version
		sum := mustChecksum(b, db, version)
		if err := db.write(b.Context(), func(t *tx) error { return t.forget(b.Context(), "requests") }); err != nil {
			b.Fatal(err)
		}
		version++
		out, err := db.Recompute(b.Context(), RecomputeInput{Version: version, City: city, AsOf: in.Load.AsOf, Visible: version - 1, Hook: observed(&anew, &anewCPU)})
		if err != nil {
			b.Fatal(err)
		}
		if out.Checksum != sum {
			b.Fatal("counted anew the observations are others")
		}
	}
	b.ReportMetric(0, "ns/op") // most of it is writing and loading
	b.ReportMetric(float64(n)/float64(b.N), "rows-of-a-day")
	b.ReportMetric(patched.Seconds()/float64(b.N), "s_patched/op")
	b.ReportMetric(anew.Seconds()/float64(b.N), "s_anew/op")
	b.ReportMetric(patched.Seconds()/anew.Seconds(), "ratio")
	b.ReportMetric(patchedCPU.Seconds()/anewCPU.Seconds(), "ratio_cpu")
}
