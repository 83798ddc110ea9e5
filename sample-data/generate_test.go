package sampledata_test

import (
	"bytes"
	"compress/gzip"
	"flag"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sampledata "citystat/sample-data"
)

var update = flag.Bool("update", false, "write the rows and the map of Puerto Claro that the generator makes")

// generated are the files of Puerto Claro that are made here, by their path in its folder. Everything else in the folder is written by people.
func generated() map[string]func() []byte {
	return map[string]func() []byte{
		"geo/distritos.geojson":     drawnDistricts,
		"data/poblacion.csv":        residents,
		"data/reportes.csv.gz":      zipped(reports),
		"data/buses.csv.gz":         zipped(buses),
		"data/muestras-agua.csv.gz": zipped(waterSamples),
		"data/citas.csv.gz":         zipped(appointments),
		"data/nacimientos.csv.gz":   zipped(births),
		"data/siniestros.csv.gz":    zipped(crashes),
		"data/encuesta.csv.gz":      zipped(survey),
		"data/aseo.csv":             waste,
		"data/presupuesto.csv":      budget,
		"data/arboles.csv":          trees,
		"data/avance-malecon.csv":   promenade,
		"data/inspectores.csv":      inspectors,
	}
}

// TestGenerate holds the files that are committed to what the generator makes; with -update it writes them.
func TestGenerate(t *testing.T) {
	for name, make := range generated() {
		want := make()
		if *update {
			if err := os.WriteFile(filepath.Join("puerto-claro", filepath.FromSlash(name)), want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := fs.ReadFile(sampledata.PuertoClaro(), name)
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(unzipped(t, name, got), unzipped(t, name, want)) { // a later Go may press the same rows into other bytes
			t.Errorf("%s is not what the generator makes; run go test ./sample-data -run Generate -update", name)
		}
	}
}

// unzipped returns the text of a file whose name may end in .gz.
func unzipped(t *testing.T, name string, b []byte) []byte {
	t.Helper()
	if !strings.HasSuffix(name, ".gz") {
		return b
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return text
}

// zipped presses what make gives, without a name or a time, so that the same rows are the same bytes.
func zipped(make func() []byte) func() []byte {
	return func() []byte {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			panic(err) // the level is a constant
		}
		z.Write(make()) // a bytes.Buffer takes everything
		z.Close()
		return b.Bytes()
	}
}

// dice are chance that is the same in every run and with every version of Go (splitmix64).
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// float is from 0 up to 1.
func (d *dice) float() float64 { return float64(d.next()>>11) / (1 << 53) }

// below is a whole number from 0 up to n.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// chance is true p times of 1.
func (d *dice) chance(p float64) bool { return d.float() < p }

// normal has the mean 0 and the standard deviation 1 (Box and Muller).
func (d *dice) normal() float64 {
	return math.Sqrt(-2*math.Log(1-d.float())) * math.Cos(2*math.Pi*d.float())
}

// wait is a time with the median given, skewed as waits are: few are very long.
func (d *dice) wait(median, spread float64) float64 { return median * math.Exp(spread*d.normal()) }

// count is how often something happens that happens mean times on average (Knuth).
func (d *dice) count(mean float64) int {
	limit, p, n := math.Exp(-mean), d.float(), 0
	for p > limit {
		p, n = p*d.float(), n+1
	}
	return n
}

// weighted is an index, each as often as its weight says.
func (d *dice) weighted(weights ...float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := d.float() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// bogota is the zone of Puerto Claro, which knows no summer time.
var bogota = time.FixedZone("-05", -5*60*60)

// The days of the sample: the first of which there are rows, and the one that is its today.
var (
	firstDay = day(2023, 1, 1)
	lastDay  = day(2026, 10, 13)
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, bogota) }

// days calls do for every day of the sample.
func days(do func(time.Time)) {
	for d := firstDay; !d.After(lastDay); d = d.AddDate(0, 0, 1) {
		do(d)
	}
}

// months calls do for every month that is over, with its last day and its number from 0.
func months(do func(last time.Time, k int)) {
	for k := 0; ; k++ {
		last := day(2023, time.Month(k+2), 0)
		if last.After(lastDay) {
			return
		}
		do(last, k)
	}
}

// since is the share of the way from one day to another that has passed: 0 before, 1 after.
func since(d, from, to time.Time) float64 {
	return min(1, max(0, d.Sub(from).Hours()/to.Sub(from).Hours()))
}

// rain is how much more than usual falls in a month of two rainy seasons.
func rain(d time.Time) float64 {
	return [...]float64{0.65, 0.65, 0.8, 1.2, 1.45, 1.15, 0.9, 0.9, 1.05, 1.5, 1.6, 1.0}[d.Month()-1]
}

// place is a district of the sample as its rows need it.
type place struct {
	id, name string
	also     string // another spelling in the rows
	people   int
}

var places = []place{
	{"muelle-viejo", "Muelle Viejo", "Muelle", 31_200},
	{"centro", "Centro", "Centro Histórico", 44_800},
	{"la-bahia", "La Bahía", "Bahia", 38_500},
	{"el-faro", "El Faro", "Faro", 27_400},
	{"los-almendros", "Los Almendros", "Almendros", 52_300},
	{"loma-alta", "Loma Alta", "La Loma", 61_900},
	{"el-estero", "El Estero", "Estero", 36_700},
	{"las-salinas", "Las Salinas", "Salinas", 24_100},
	{"buena-brisa", "Buena Brisa", "Brisa", 47_600},
	{"isla-garza", "Isla Garza", "La Isla", 5_400},
}

// somewhere is a district, each as often as it has people, times what more says of it.
func (d *dice) somewhere(more map[string]float64) place {
	weights := make([]float64, len(places))
	for i, p := range places {
		weights[i] = float64(p.people)
		if m, ok := more[p.id]; ok {
			weights[i] *= m
		}
	}
	return places[d.weighted(weights...)]
}

// residents is the table of the population.
func residents() []byte {
	var b bytes.Buffer
	b.WriteString("district,population\n")
	for _, p := range places {
		row(&b, ",", p.id, p.people)
	}
	return b.Bytes()
}
