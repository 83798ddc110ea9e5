package pages

import (
	"slices"
	"strings"
	"unicode"

	"citystat/kpi"
)

// match is a district that fits what a reader wrote, and by which of its names.
type match struct {
	district *kpi.District
	by       string // the id of the message before the name; "" where it is the district's own name
	name     string // as the folder writes it
}

// matchLabels are the messages before the names by which a district was found.
const (
	byAlias    = "places.label.alias"
	byPart     = "places.label.part"
	byPostcode = "places.label.postcode"
)

// names returns everything that a district can be found by, its own names first.
func names(d *kpi.District) []match {
	list := []match{{d, "", d.ID}}
	for _, lang := range kpi.Langs {
		if name, ok := d.Name.In[lang]; ok {
			list = append(list, match{d, "", name})
		}
	}
	for _, group := range []struct {
		by    string
		names []string
	}{{byAlias, d.Aliases}, {byPart, d.Parts}, {byPostcode, d.Postcodes}} {
		for _, name := range group.names {
			list = append(list, match{d, group.by, name})
		}
	}
	return list
}

// find returns the districts that fit what a reader wrote, each once, in the order of the folder: those of which a name is just that or, if there
// is none, those of which a name holds every word of it. Case, accents, and the signs and spaces within it do not matter.
func find(city *kpi.City, asked string) []match {
	want := searchKey(asked)
	if want == "" {
		return nil
	}
	exact := func(m match) bool { return searchKey(m.name) == want || squeeze(searchKey(m.name)) == squeeze(want) }
	if list := matching(city, exact); len(list) > 0 {
		return list
	}
	words := strings.Fields(want)
	return matching(city, func(m match) bool {
		key := searchKey(m.name)
		if m.by == byPostcode { // a part of a number says something at its beginning alone
			return len([]rune(want)) >= 3 && strings.HasPrefix(squeeze(key), squeeze(want))
		}
		have := strings.Fields(key)
		return !slices.ContainsFunc(words, func(w string) bool {
			return !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) })
		})
	})
}

// matching returns the districts of which a name fits, each by the first of those.
func matching(city *kpi.City, fits func(match) bool) []match {
	var list []match
	for i := range city.Districts {
		all := names(&city.Districts[i])
		if at := slices.IndexFunc(all, fits); at >= 0 {
			list = append(list, all[at])
		}
	}
	return list
}

// searchKey makes names comparable as readers write them: without case, accents and signs. A name of signs alone keeps them.
func searchKey(s string) string {
	plain := fold(kpi.NormaliseName(s))
	words := strings.FieldsFunc(plain, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if len(words) == 0 {
		return plain
	}
	return strings.Join(words, " ")
}

// squeeze takes the spaces out: "H2X 1Y4" and "h2x1y4" are one postal code.
func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }
