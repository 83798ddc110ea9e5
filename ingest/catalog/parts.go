package catalog

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// readParts reads the tables by which residents find their district.
func (l *loader) readParts(o object) error {
	for _, table := range []struct {
		key, first, second string
		row                func(*partTable, []string)
	}{
		{"neighborhoods", "district", "name", (*partTable).neighbourhood},
		{"postcodes", "postcode", "district", (*partTable).postcode},
	} {
		at, file, err := l.fileOf(o, table.key, optional)
		if err != nil {
			return err
		}
		if at == nil {
			continue
		}
		src, err := l.read(file, maxTable)
		if err != nil {
			return err
		}
		if src == nil {
			continue
		}
		t := &partTable{list: l.delimited(src), names: l.owners(), first: map[string]int{}}
		before := l.said()
		t.list.rows(table.first, table.second, func(record []string) { table.row(t, record) })
		if len(t.first) == 0 && l.said() == before {
			l.bad(at, "write the rows, or leave "+table.key+" out", "%s has a header and no rows", short(file))
		}
	}
	return nil
}

// partTable reads the rows of a table of what lies in the districts.
type partTable struct {
	list  *delimited
	names map[string]string // normalised names of districts, and whose they are
	first map[string]int    // the line of each row
}

// district returns the district that a field names, nil if there is none.
func (t *partTable) district(field int, name string) *kpi.District {
	l := t.list.l
	if d := l.city.District(t.names[kpi.NormaliseName(name)]); d != nil {
		return d
	}
	if table := l.table("district"); !table.open {
		t.list.bad(t.list.at(field), suggest(name, table.list, "the districts are"), "there is no district %s", short(name))
	}
	return nil
}

// again reports a row that is there twice.
func (t *partTable) again(d *kpi.District, field int, name string) bool {
	key, at := d.ID+"\x00"+kpi.NormaliseName(name), t.list.at(field)
	if line := t.first[key]; line > 0 {
		t.list.bad(at, "delete one of the two", "%s is given twice for the district %q, first in line %d", short(name), d.ID, line)
		return true
	}
	t.first[key] = at.line
	return false
}

// neighbourhood reads a row of district,name. Two districts may share a neighbourhood.
func (t *partTable) neighbourhood(record []string) {
	name := norm.NFC.String(strings.Join(strings.Fields(record[1]), " "))
	switch d := t.district(0, strings.TrimSpace(record[0])); {
	case name == "":
		t.list.bad(t.list.at(1), "write the name that residents use, or delete the row", "the neighborhood has no name")
	case d != nil && !t.again(d, 1, name):
		d.Parts = append(d.Parts, name)
	}
}

var postcodes = regexp.MustCompile(`^[0-9A-Z](?:[0-9A-Z .-]{0,14}[0-9A-Z])?$`)

// postcode reads a row of postcode,district. A postcode that lies in several districts has a row for each.
func (t *partTable) postcode(record []string) {
	code := strings.ToUpper(strings.Join(strings.Fields(record[0]), " "))
	if !postcodes.MatchString(code) || !strings.ContainsAny(code, "0123456789") {
		t.list.bad(t.list.at(0), fmt.Sprintf("write it as it stands on a letter, such as %s", "02119"), "%s is no postcode", short(record[0]))
		return
	}
	if d := t.district(1, strings.TrimSpace(record[1])); d != nil && !t.again(d, 0, code) {
		d.Postcodes = append(d.Postcodes, code)
	}
}
