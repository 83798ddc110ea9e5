package connector

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/fstest"

	"citystat/kpi"
)

// Bench is a table of 1,000,000 requests in 12 columns, 1 % of its rows broken: a third each with a bad date, a bad number and fields
// missing.
var table1M = sync.OnceValue(func() []byte { return requests(1_000_000) })

var columns = []string{"id", "opened", "due", "closed", "type", "status", "department", "district", "channel", "zip", "cost", "note"}

func requests(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	types := []string{"Street Light Outages", "Pothole Repair", "Graffiti Removal", "Sign Repair", "Rodent Activity"}
	districts := []string{"Dorchester", "Roxbury", "South Boston", "Allston / Brighton", "Hyde Park", ""}
	var b bytes.Buffer
	b.WriteString("id,opened,due,closed,type,status,department,district,channel,zip,cost,note\n")
	for i := range rows {
		day := func() string {
			return fmt.Sprintf("%02d/%02d/2015 %02d:%02d:%02d PM", 1+r.IntN(12), 1+r.IntN(28), 1+r.IntN(12), r.IntN(60), r.IntN(60))
		}
		opened, cost := day(), fmt.Sprintf("%d.%02d", r.IntN(900), r.IntN(100))
		switch i % 300 {
		case 100:
			opened = "13/45/2015"
		case 200:
			cost = "n.a."
		case 299:
			fmt.Fprintf(&b, "%d,%s,cut\n", 101001240000+i, opened)
			continue
		}
		fmt.Fprintf(&b, "%d,%s,%s,%s,%s,Closed,PWDx,%s,Citizens Connect App,02%03d,%s,ok\n",
			101001240000+i, opened, day(), day(), types[r.IntN(len(types))], districts[r.IntN(len(districts))], r.IntN(1000), cost)
	}
	return b.Bytes()
}

// BenchmarkCSV reads the table: as it is, with columns that are not kept (every row is cut into fields), and with quotes in every row.
func BenchmarkCSV(b *testing.B) {
	all := dataset(columns...)
	some := dataset(columns[:10]...)
	some.Drop = []string{"note"}
	quoted := bytes.ReplaceAll(table1M(), []byte(",Closed,PWDx,"), []byte(",\"Closed, done\",\"PWDx\","))
	for _, c := range []struct {
		name string
		ds   *kpi.Dataset
		text []byte
	}{{"asIs", all, table1M()}, {"cut", some, table1M()}, {"quoted", all, quoted}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			from := fstest.MapFS{"data/a.csv": {Data: c.text}}
			for b.Loop() {
				res, err := CSV{}.Read(b.Context(), Request{Folder: from, Dataset: c.ds, Dir: b.TempDir()})
				if err != nil {
					b.Fatal(err)
				}
				if res.Read != 1_000_000 || len(res.Rejects) != 3333 {
					b.Fatalf("read %d, rejects %d", res.Read, len(res.Rejects))
				}
			}
		})
	}
}

// BenchmarkScanner is the tokenizer alone.
func BenchmarkScanner(b *testing.B) {
	text := table1M()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s := newScanner(bytes.NewReader(text), "f", ',', '"', DefaultLimits)
		if err := s.start(); err != nil {
			b.Fatal(err)
		}
		n := 0
		for {
			ok, err := s.next()
			if err != nil {
				b.Fatal(err)
			}
			if !ok {
				break
			}
			n++
		}
		if n != 1_000_001 {
			b.Fatal(n)
		}
	}
}
