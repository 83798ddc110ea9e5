package catalog

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// maxAliases is the largest file of aliases that is read, in bytes.
const maxAliases = 4 << 20

// readAliases reads the other names of districts: CSV with the header alias,district_id.
func (g *geo) readAliases(file string) error {
	src, err := g.l.read(file, maxAliases)
	if err != nil || src == nil {
		return err
	}
	a := &aliases{geo: g, list: g.l.delimited(src), first: map[string]place{}}
	a.list.rows("alias", "district_id", a.row)
	return nil
}

// aliases reads the rows of one file.
type aliases struct {
	*geo
	list  *delimited
	first map[string]place // normalised aliases
}

func (a *aliases) bad(at place, mend, format string, args ...any) {
	a.list.bad(at, mend, format, args...)
}

func (a *aliases) at(field int) place { return a.list.at(field) }

func (a *aliases) row(record []string) {
	alias := norm.NFC.String(strings.TrimSpace(record[0]))
	id := strings.TrimSpace(record[1])
	key := kpi.NormaliseName(alias)
	if key == "" {
		a.bad(a.at(0), "delete the row; blanks are counted as not recorded", "the alias is blank")
		return
	}
	d := a.district(id)
	if d == nil {
		return
	}
	other, taken := a.seen[key]
	first, again := a.first[key]
	switch {
	case again && other != id:
		a.bad(a.at(0), "keep one of the two", "the alias %s names two districts, %q here and %q in line %d", short(alias), id, other, first.line)
	case again:
		a.bad(a.at(0), "delete one of the two", "the alias %s is given twice, first in line %d", short(alias), first.line)
	case taken && other != id:
		a.bad(a.at(0), "choose the one that is meant", "the alias %s is the name of another district, %q", short(alias), other)
	default:
		a.first[key], a.seen[key] = a.at(0), id
		d.Aliases = append(d.Aliases, alias)
	}
}

// district returns the district with the id, nil if it is not known.
func (a *aliases) district(id string) *kpi.District {
	if d := a.l.city.District(id); d != nil {
		return d
	}
	if t := a.l.table("district"); t.ids[id] == nil && !t.open {
		a.bad(a.at(1), suggest(id, t.list, "the districts are"), "there is no district %s", short(id))
	}
	return nil
}
