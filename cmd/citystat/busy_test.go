//go:build soak

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"citystat/ingest"
	"citystat/kpi"
)

// The pages while a load of five million rows runs. Run it alone, with
//
//	go test -tags soak -run Busy -timeout 30m -v ./cmd/citystat
//
// The clients are in the same process as the server and ask without a pause: what they measure is more than a reader would wait.

// What is asked of the pages during a load.
const (
	busyRows   = 5_000_000
	busyBefore = 100_000               // rows that are there before
	mostWait   = 50 * time.Millisecond // the 99th percentile of cached pages, unless twice that without a load is more
	idleFor    = 8 * time.Second
)

// busyDataset is a table of requests such as a large city's.
const busyDataset = `dataset: requests
name: Requests
why: Residents ask.
source: {kind: csv, path: data/requests.csv}
key: [id]
columns:
  id: {from: id, type: text, empty_is: reject}
  opened: {from: opened, type: timestamp, format: "%m/%d/%Y %I:%M:%S %p"}
  due: {from: due, type: timestamp, format: "%m/%d/%Y %I:%M:%S %p"}
  closed: {from: closed, type: timestamp, format: "%m/%d/%Y %I:%M:%S %p"}
  type: {from: type, type: text}
  area: {from: area, type: text}
  cost: {from: cost, type: number}
dimensions: [area]
checks:
  - {rule: unique id, else: fail}
  - {rule: closed >= opened, else: warn}
indicators:
`

var busyTypes = []string{"Street Light Outages", "Pothole Repair", "Graffiti Removal", "Sign Repair", "Rodent Activity"}

// writeBusy writes the table; of other seeds, most rows say something else.
func writeBusy(t *testing.T, path string, rows int, seed uint64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 2))
	moment := func() string {
		return fmt.Sprintf("%02d/%02d/2015 %02d:%02d:%02d PM", 1+r.IntN(12), 1+r.IntN(28), 1+r.IntN(12), r.IntN(60), r.IntN(60))
	}
	areas := []string{"Dorchester", "Roxbury", "South Boston", "Allston / Brighton", "Hyde Park", ""}
	w := bufio.NewWriterSize(f, 1<<20)
	_, err = fmt.Fprintln(w, "id,opened,due,closed,type,area,cost,note")
	for i := range rows {
		cost := fmt.Sprintf("%d.%02d", r.IntN(900), r.IntN(100))
		if i%300 == 200 {
			cost = "n.a."
		}
		if _, err = fmt.Fprintf(w, "%d,%s,%s,%s,%s,%s,%s,ok\n", 101001240000+i, moment(), moment(), moment(), busyTypes[r.IntN(len(busyTypes))], areas[r.IntN(len(areas))], cost); err != nil {
			break
		}
	}
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestBusyPages measures how long pages take while nothing is loaded and while five million rows are: cached ones, and apart from them those that ask
// both stores every time.
func TestBusyPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "city")
	dataset := busyDataset
	for i, name := range busyTypes {
		dataset += fmt.Sprintf(`  - id: on-time-%d
    name: %[2]s on time
    sentence: What was done by its deadline.
    method: A request counts once its deadline has passed.
    kind: outcome
    priority: streets
    department: works
    measure: {share: {of: closed <= due}, where: "type = '%[2]s'", exclude: [{when: due is null, because: no-due-date}], date: due}
    unit: percent
    direction: up
    period: month
`, i, name)
	}
	put(t, dir, map[string]string{"city.yaml": strings.Replace(townCity, "2026-03-31", "2015-12-31", 1), "datasets/requests.yaml": dataset, "data/README.md": "made"})
	file := filepath.Join(dir, "data", "requests.csv")
	writeBusy(t, file, busyBefore, 1)
	o := testOptions(dir, filepath.Join(t.TempDir(), "data"))
	app := start(t, o)

	cached := []string{"/en/", "/en/indicators", "/en/indicators/on-time-0", "/en/indicators/on-time-3", "/api/v1/indicators", "/en/data"}
	asked := []string{"/staff/data", "/staff/data/requests/rejects"}
	for _, path := range slices.Concat(cached, asked) {
		get(t, app, path)
	}
	after := func() <-chan struct{} {
		done := make(chan struct{})
		time.AfterFunc(idleFor, func() { close(done) })
		return done
	}
	load := func(seed uint64) <-chan struct{} {
		writeBusy(t, file, busyRows, seed)
		done := make(chan struct{})
		go func() {
			defer close(done)
			began := time.Now()
			reports, err := app.engine.Ingest(t.Context(), ingest.How{Trigger: kpi.TriggerPerson}, []string{"requests"})
			if err != nil || reports[0].Error != "" || reports[0].Load.Counts.Read != busyRows {
				t.Errorf("the load: %v %+v", err, reports)
			}
			t.Logf("the load took %.1f s", time.Since(began).Seconds())
		}()
		return done
	}
	idle := visits(t, app, "cached pages, nothing loaded", cached, after())
	busy := visits(t, app, "cached pages during the load", cached, load(2))
	visits(t, app, "uncached pages, nothing loaded", asked, after())
	visits(t, app, "uncached pages during the load", asked, load(3))
	if most := max(2*idle, mostWait); busy > most {
		t.Errorf("the 99th percentile of cached pages is %v during a load, and may be %v", busy, most)
	}
}

// visits lets four clients ask until the channel is closed, and returns the 99th percentile of how long an answer took.
func visits(t *testing.T, app *App, what string, paths []string, until <-chan struct{}) time.Duration {
	t.Helper()
	var mu sync.Mutex
	var took []time.Duration
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := i; ; n++ {
				select {
				case <-until:
					return
				default:
				}
				began := time.Now()
				if err := visit(client, "http://"+app.Addr()+paths[n%len(paths)]); err != nil {
					t.Error(err)
					return
				}
				d := time.Since(began)
				mu.Lock()
				took = append(took, d)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if len(took) < 100 {
		t.Fatalf("%s: %d answers", what, len(took))
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%s: %d answers, median %v, 99th percentile %v, slowest %v", what, len(took), took[len(took)/2].Round(time.Microsecond), p99.Round(time.Microsecond), took[len(took)-1].Round(time.Microsecond))
	return p99
}

func visit(client *http.Client, url string) error {
	res, err := client.Get(url)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	if res.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s: %s", url, res.Status))
	}
	return errors.Join(err, res.Body.Close())
}
