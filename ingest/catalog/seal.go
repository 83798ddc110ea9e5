package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"citystat/kpi"
)

// seal gives the indicators what they take from their date columns and the city's fiscal year, and the datasets and the city their hashes. Both
// are over JSON, whose maps are in the order of their keys, so that the same folder has the same hashes on every machine.
func seal(c *kpi.City) {
	c.EachText(func(t *kpi.Text) {
		if len(t.State) == 0 {
			t.State = nil
		}
	})
	for i := range c.Indicators {
		ind := &c.Indicators[i]
		ind.CompleteUntil = completeUntil(c.Dataset(ind.Dataset), ind.Measure.Date)
		ind.AddsUpFrom = 0
		if ind.AddsUpIn == kpi.FiscalYear {
			ind.AddsUpFrom = c.FiscalStart
		}
	}
	for i := range c.Datasets {
		c.Datasets[i].Hash = readingHash(c, &c.Datasets[i])
	}
	c.Hash = hash(c)
}

// completeUntil returns until when the rows of a column are complete.
func completeUntil(d *kpi.Dataset, column string) kpi.Date {
	for _, c := range d.Columns {
		if c.Name == column {
			return c.CompleteUntil
		}
	}
	return kpi.Date{}
}

// reading is all that decides which rows a source gives and what they say. What a load is allowed to do (limits, expectations,
// checks that only warn or fail, sizes and times), when it is done and for whom (schedule, department), how the program gets there and
// says who it is (network, user, tokens, passwords, keys), what is dropped without being declared, and names are not in it: they
// change no value.
type reading struct {
	Format    int // of this hash
	Source    kpi.Source
	Key       []string
	Columns   []kpi.Column // by name: their order changes nothing
	Rejecting []string     // the rules that set rows aside
	Zone      string       // of naive timestamps
	CityZone  string       // of the periods
	Fiscal    time.Month   // 0 unless an indicator of the dataset counts in fiscal periods
	Districts [][2]string  // every way of writing a district and its id; nil unless a column is a district
	Shapes    string       `json:",omitempty"` // hash of the districts' shapes, where places are turned into districts
}

func readingHash(c *kpi.City, d *kpi.Dataset) string {
	r := reading{Format: 1, Source: essence(d.Source), Key: slices.Clone(d.Key), Columns: slices.Clone(d.Columns), Zone: d.TimeZone, CityZone: c.TimeZone}
	slices.SortFunc(r.Columns, func(a, b kpi.Column) int { return cmp.Compare(a.Name, b.Name) })
	for i := range r.Columns {
		r.Columns[i].NullIs = slices.Sorted(slices.Values(r.Columns[i].NullIs)) // Formats are tried in their order, and stay
		r.Columns[i].Signs = slices.Sorted(slices.Values(r.Columns[i].Signs))
	}
	slices.Sort(r.Key)
	for _, check := range d.Checks {
		if check.Else == kpi.ElseReject {
			r.Rejecting = append(r.Rejecting, check.Rule)
		}
	}
	slices.Sort(r.Rejecting)
	fiscal := func(i kpi.Indicator) bool {
		return i.Dataset == d.ID && (i.Period == kpi.FiscalQuarter || i.Period == kpi.FiscalYear)
	}
	if slices.ContainsFunc(c.Indicators, fiscal) {
		r.Fiscal = c.FiscalStart
	}
	if slices.ContainsFunc(d.Columns, func(col kpi.Column) bool { return col.Type == kpi.TypeDistrict }) {
		index := c.DistrictIndex()
		for _, name := range keys(index) {
			r.Districts = append(r.Districts, [2]string{name, index[name]})
		}
	}
	if d.Source.Geometry == geometryDistrict {
		r.Shapes = shapesHash(c)
	}
	return hash(r)
}

// essence returns what of a source decides which rows it gives. The connection of a database stays, as the address of a file does:
// another one is another database. So does the cursor: where a delivery of changes goes on is remembered as a value of that column, and
// means nothing in another. Whether changes or everything is delivered is left out: either way the same rows come to be there. Of the
// headers those stay that are no secrets, since they can ask for another form.
func essence(s kpi.Source) kpi.Source {
	s.Delivers, s.Token, s.User, s.Password, s.Key, s.HostKey, s.MaxBytes, s.Timeout = "", "", "", "", "", "", 0, 0
	s.EndsAt = slices.Sorted(slices.Values(s.EndsAt))
	s.Headers = maps.Clone(s.Headers)
	maps.DeleteFunc(s.Headers, func(_ string, v kpi.SecretRef) bool {
		return inText.MatchString(string(v)) || strings.HasPrefix(string(v), secretFile)
	})
	if s.Geometry == geometryDrop {
		s.Geometry = "" // the same, said aloud
	}
	return s
}

// shapesHash is over the districts' shapes in their order, which decides where two of them overlap.
func shapesHash(c *kpi.City) string {
	shapes := make([]kpi.District, len(c.Districts))
	for i, d := range c.Districts {
		shapes[i] = kpi.District{ID: d.ID, Polygons: d.Polygons}
	}
	return hash(shapes)
}

func hash(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("catalog: %T cannot be written as JSON: %v", v, err)) // numbers come from finite decimals only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
