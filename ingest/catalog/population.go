package catalog

import (
	"fmt"
	"strconv"
	"strings"

	"citystat/kpi"
)

// maxTable is the size of a small table of the folder, in bytes.
const maxTable = 4 << 20

// mostResidents is more than any city has.
const mostResidents = 1_000_000_000

// readPopulation reads how many residents the city has, and each of its districts.
func (l *loader) readPopulation(city object) error {
	key := city.key["population"]
	if key == nil && !city.misspelt("population") {
		return nil
	}
	p, ok := l.object(city.get("population", optional), populationShape)
	if !ok {
		l.open("population")
		return nil
	}
	n, value := p.integer("value", required, 1, mostResidents)
	day, asOf := p.date("as_of", required)
	if n == nil || day == nil {
		l.open("population")
	}
	l.city.Population = &kpi.Population{Value: value, AsOf: asOf}
	at, file, err := l.fileOf(p, "by_district", optional)
	if err != nil {
		return err
	}
	if at == nil {
		if p.key["by_district"] != nil || p.misspelt("by_district") {
			l.open("population")
		}
		return nil
	}
	return l.readResidents(at, file)
}

// readResidents reads the residents of each district: CSV with the header district,population. A district is written by its id or by one of
// its names.
func (l *loader) readResidents(at *node, file string) error {
	src, err := l.read(file, maxTable)
	if err != nil {
		return err
	}
	before := l.said()
	if src == nil {
		l.open("population")
		return nil
	}
	t := &residents{list: l.delimited(src), by: map[string]int64{}, first: map[string]int{}, names: l.owners()}
	if len(l.city.Districts) == 0 && !l.table("district").open {
		l.bad(at, "add districts: {file: geo/districts.geojson, …}, or leave by_district out", "city.yaml has no districts, of which %s could give the residents", short(file))
		l.open("population")
		return nil
	}
	whole := t.list.rows("district", "population", t.row)
	l.city.Population.ByDistrict = t.by
	if !whole || l.said() > before {
		l.open("population")
		return nil
	}
	l.compareResidents(at, file, t.by)
	return nil
}

// residents reads the rows of the file.
type residents struct {
	list  *delimited
	by    map[string]int64
	first map[string]int    // the line of each district
	names map[string]string // normalised names, and whose they are
}

func (t *residents) row(record []string) {
	name, count := strings.TrimSpace(record[0]), strings.TrimSpace(record[1])
	id, l := t.names[kpi.NormaliseName(name)], t.list.l
	if id == "" {
		if d := l.table("district"); !d.open {
			t.list.bad(t.list.at(0), suggest(name, d.list, "the districts are"), "there is no district %s", short(name))
		}
		return
	}
	at := t.list.at(0)
	if first := t.first[id]; first > 0 {
		t.list.bad(at, "keep one of the two", "the residents of %q are given twice, first in line %d", id, first)
		return
	}
	t.first[id] = at.line
	v, err := strconv.ParseInt(count, 10, 64)
	if err != nil || !digitsOnly(count) || v > mostResidents {
		t.list.bad(t.list.at(1), "write a whole number without separators, such as 15200", "%s is no number of residents", short(count))
		return
	}
	t.by[id] = v
}

// compareResidents warns of districts whose residents nobody counted, and of more residents than the city has.
func (l *loader) compareResidents(at *node, file string, by map[string]int64) {
	if l.table("district").open {
		return
	}
	var lacking []string
	var sum int64
	for _, d := range l.city.Districts {
		if !d.Until.IsZero() {
			continue // those who live there are residents of its successors
		}
		if _, ok := by[d.ID]; !ok {
			lacking = append(lacking, d.ID)
		}
		sum += by[d.ID]
	}
	if len(lacking) > 0 {
		const most = 10
		list := strings.Join(lacking[:min(len(lacking), most)], ", ")
		if more := len(lacking) - most; more > 0 {
			list = fmt.Sprintf("%s and %d more", list, more)
		}
		l.warn(at, "add them; without residents a district has no rates", "%s says nothing of %s", short(file), list)
	}
	if whole := l.city.Population.Value; whole > 0 && sum > whole {
		l.warn(at, "take both from the same count", "the districts have %d residents together, more than the city, which has %d", sum, whole)
	}
}
