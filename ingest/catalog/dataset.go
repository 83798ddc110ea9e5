package catalog

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"citystat/kpi"
	"citystat/kpi/expr"
)

// dataset is a dataset that is being read, with what its expressions are checked against.
type dataset struct {
	*loader
	o       object
	d       kpi.Dataset
	columns map[string]expr.Type
	broken  map[string]bool // columns whose declaration could not be read
	unsure  bool            // the columns as a whole could not be read
	rules   map[string]bool // ids of its checks
	plan    bool            // it stands for the table of a plan, which is read with the folder: its file has to be there
}

// readDataset reads one file of the folder datasets.
func (l *loader) readDataset(file string) error {
	root, err := l.yaml(file)
	if err != nil {
		return err
	}
	o, ok := l.object(root, datasetShape)
	if !ok {
		l.open("dataset", "indicator")
		return nil
	}
	ds := &dataset{loader: l, o: o, columns: map[string]expr.Type{}, broken: map[string]bool{}, rules: map[string]bool{}}
	ds.d = kpi.Dataset{Key: []string{}, Columns: []kpi.Column{}, Drop: []string{}, Checks: []kpi.Check{}, Dimensions: []string{}}
	ds.readHead(strings.TrimSuffix(path.Base(file), ".yaml"))
	if err := ds.readSource(); err != nil {
		return err
	}
	ds.readColumns()
	ds.checkGeometry()
	ds.checkUnpivot()
	ds.readKey()
	ds.checkEntry()
	ds.readDrop()
	ds.readExpect()
	ds.readSchedule()
	ds.readLimits()
	ds.readChecks()
	ds.readDimensions()
	first := len(l.city.Indicators)
	if err := ds.readIndicators(); err != nil {
		return err
	}
	for i := first; i < len(l.city.Indicators); i++ {
		l.city.Indicators[i].Dimensions = ds.d.Dimensions
	}
	l.city.Datasets = append(l.city.Datasets, ds.d)
	return nil
}

// readHead reads who the dataset is. Its id is the file's name: references go by it even where the key says something else.
func (ds *dataset) readHead(id string) {
	o, d := ds.o, &ds.d
	n, s := o.raw("dataset", required)
	switch {
	case !kpi.ValidID(id):
		ds.file(o.n.src.name, idMend(id), "%s cannot be the id of a dataset", short(id))
		id = ""
	case n != nil && s != id:
		ds.bad(n, "write dataset: "+id+", or rename the file", "the file is called %s.yaml, and the dataset %s", id, short(s))
	}
	if id == "" {
		ds.open("dataset")
	} else {
		ds.table("dataset").ids[id] = o.n
		ds.table("dataset").list = append(ds.table("dataset").list, id)
	}
	d.ID = id
	ds.datasets[id] = ds
	d.Name = ds.phrase(o, "name", required, address("dataset", id, "name"))
	d.Why = ds.phrase(o, "why", required, address("dataset", id, "why"))
	d.Steward = ds.reference(o, "steward", optional, "person")
	d.Department = ds.reference(o, "department", optional, "department")
	ds.tellEnd(o.value["department"], kpi.OrgDepartment, d.Department)
	d.TimeZone = ds.zone(o, optional)
	if o.value["time_zone"] == nil {
		d.TimeZone = ds.city.TimeZone
	}
	c, ok := ds.object(o.get("credit", optional), creditShape)
	if !ok {
		p := &phrase{state: absent}
		if o.value["credit"] != nil || o.misspelt("credit") {
			p.state = garbled
		}
		ds.note(address("dataset", id, "credit", "note"), p)
		return
	}
	d.Credit = kpi.Credit{Publisher: c.text("publisher", optional), Licence: c.text("licence", optional), URL: ds.link(c, "url")}
	d.Credit.Note = ds.phrase(c, "note", optional, address("dataset", id, "credit", "note"))
}

// link reads an address on the web. Pages show it as a link, so nothing but http and https is let through.
func (ds *dataset) link(o object, key string) string {
	n, s := o.raw(key, optional)
	if n == nil {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		ds.bad(n, "write "+o.shape.line(key), "%s is no address on the web", short(s))
		return ""
	}
	return s
}

// readKey reads the columns that identify a row. A row without them cannot be found again, so their blanks are refused.
func (ds *dataset) readKey() {
	for _, w := range ds.columnNames("key", required) {
		ds.d.Key = append(ds.d.Key, w.text)
		for i := range ds.d.Columns {
			if ds.d.Columns[i].Name == w.text {
				ds.refuseBlank(&ds.d.Columns[i], w.n)
			}
		}
	}
	if n := ds.o.value["key"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		ds.o.empty("key", n)
	}
}

func (ds *dataset) refuseBlank(c *kpi.Column, n *node) {
	if c.EmptyIs == emptyUnknown {
		ds.bad(n, "write empty_is: reject for the column, or leave empty_is out", "the column %q identifies rows, and its blanks are said to be unknown", c.Name)
	}
	c.EmptyIs = emptyReject
}

// columnNames reads a list of the dataset's own columns.
func (ds *dataset) columnNames(key string, must need) []word {
	var list []word
	for _, w := range ds.o.words(key, must) {
		if ds.known(w.n, w.text) {
			list = append(list, w)
		}
	}
	return list
}

// known reports whether the dataset has the column; if not, it is reported, unless the columns could not be read.
func (ds *dataset) known(n *node, name string) bool {
	if _, ok := ds.columns[name]; ok {
		return true
	}
	if !ds.broken[name] && !ds.unsure {
		ds.bad(n, suggest(name, keys(ds.columns), "the columns are"), "the dataset has no column %s", short(name))
	}
	return false
}

// readDrop reads the source columns that never leave the reader.
func (ds *dataset) readDrop() {
	for _, w := range ds.o.words("drop", optional) {
		i := slices.IndexFunc(ds.d.Columns, func(c kpi.Column) bool { return c.From == w.text })
		if i >= 0 {
			ds.bad(w.n, "keep one of the two", "the source's column %s is dropped, and the column %q is made from it", short(w.text), ds.d.Columns[i].Name)
			continue
		}
		if made, taken := unpivoted(ds.d.Source); taken[w.text] && !made[w.text] {
			ds.bad(w.n, "keep one of the two", "the source's column %s is dropped, and unpivot makes rows of it", short(w.text))
			continue
		}
		ds.d.Drop = append(ds.d.Drop, w.text)
	}
}

// readExpect reads what a healthy delivery looks like.
func (ds *dataset) readExpect() {
	ds.d.Expect.MinRows = 1
	e, ok := ds.object(ds.o.get("expect", optional), expectShape)
	if !ok {
		return
	}
	ds.d.Expect.Every = e.duration("every", optional)
	_, ds.d.Expect.RowsChangeAtMost = e.share("rows_change_at_most", optional, 10)
	if n, v := e.integer("min_rows", optional, 0, 1_000_000_000); n != nil {
		ds.d.Expect.MinRows = max(int(v), 1)
	}
}

// readLimits reads how many rejects make a load fail: {rejects: 5%}, {rejects: 100} or {rejects: 100, share: 5%}.
func (ds *dataset) readLimits() {
	l, ok := ds.object(ds.o.get("limits", optional), limitsShape)
	if !ok {
		return
	}
	n := l.get("rejects", optional)
	if n != nil && n.kind == scalar && strings.HasSuffix(strings.TrimSpace(n.text), "%") {
		if l.value["share"] != nil {
			ds.bad(l.key["share"], "write {rejects: 100, share: 5%} or {rejects: 5%}", "the share of rejects is given twice")
		}
		_, ds.d.Limits.Share = l.share("rejects", optional, 1)
		return
	}
	if n != nil {
		_, count := l.integer("rejects", optional, 1, 1_000_000_000)
		ds.d.Limits.Count = int(count)
	}
	_, ds.d.Limits.Share = l.share("share", optional, 1)
}

// readDimensions reads the columns by which indicators are broken down.
func (ds *dataset) readDimensions() {
	for _, w := range ds.columnNames("dimensions", optional) {
		i := slices.IndexFunc(ds.d.Columns, func(c kpi.Column) bool { return c.Name == w.text })
		if t := ds.d.Columns[i].Type; t != kpi.TypeDistrict && t != kpi.TypeText {
			ds.bad(w.n, "name a column of type district or text", "the column %q is %s, and nothing can be broken down by that", w.text, article(t))
			continue
		}
		ds.d.Dimensions = append(ds.d.Dimensions, w.text)
	}
}
