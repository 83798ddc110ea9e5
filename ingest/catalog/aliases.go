package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

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
	r := csv.NewReader(strings.NewReader(src.text))
	r.FieldsPerRecord = -1
	a := &aliases{geo: g, src: src, r: r, first: map[string]place{}}
	for row := 0; ; row++ {
		record, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			if row == 0 {
				a.bad(place{src, 1, 1}, aliasHeader, "the file is empty")
			}
			return nil
		case err != nil:
			a.broken(err)
			return nil
		case row == 0:
			if len(record) != 2 || strings.TrimSpace(record[0]) != "alias" || strings.TrimSpace(record[1]) != "district_id" {
				a.bad(a.at(0), aliasHeader, "the header is %s", short(strings.Join(record, ",")))
				return nil
			}
		default:
			a.row(record)
		}
	}
}

const aliasHeader = "begin it with the header alias,district_id"

// aliases reads the rows of one file.
type aliases struct {
	*geo
	src   *source
	r     *csv.Reader
	first map[string]place // normalised aliases
}

func (a *aliases) bad(at place, mend, format string, args ...any) {
	a.l.add(SeverityError, at, fmt.Sprintf(format, args...), mend)
}

// at returns the place of a field of the last record. The CSV reader counts columns in bytes.
func (a *aliases) at(field int) place {
	line, column := a.r.FieldPos(field)
	text := a.src.line(line)
	return place{a.src, line, 1 + utf8.RuneCountInString(text[:min(column-1, len(text))])}
}

func (a *aliases) broken(err error) {
	at := place{a.src, 1, 1}
	var pe *csv.ParseError
	if errors.As(err, &pe) {
		text := a.src.line(pe.Line)
		at = place{a.src, pe.Line, 1 + utf8.RuneCountInString(text[:min(max(pe.Column-1, 0), len(text))])}
		err = pe.Err
	}
	a.bad(at, `put a name that holds a comma or a quote in "…", with "" for a quote`, "this is not CSV: %v", err)
}

func (a *aliases) row(record []string) {
	if len(record) != 2 {
		a.bad(a.at(0), "write alias,district_id; put a name that holds a comma in quotes", "the row has %d fields instead of 2", len(record))
		return
	}
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
