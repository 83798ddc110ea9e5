package catalog

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/language"

	"citystat/kpi"
)

// readCity reads city.yaml.
func (l *loader) readCity() error {
	root, err := l.yaml("city.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		l.file("city.yaml", "write it: it names the city, its languages, time zone, departments and priorities", "the file is missing")
		err = nil
	}
	if err != nil {
		return err
	}
	o, ok := l.object(root, cityShape)
	if !ok {
		l.open("city", "department", "person", "priority", "goal", "reason", "district", "host", "population", "evaluation", "series", "theme", "contact", "accessibility", "term")
		return nil
	}
	l.readLanguages(o)
	l.readClocks(o)
	l.readOffice(o)
	l.readPriorities(o)
	l.readReasons(o)
	if err := l.readNetwork(o); err != nil {
		return err
	}
	if err := l.readDistricts(o); err != nil {
		return err
	}
	if err := l.readPopulation(o); err != nil {
		return err
	}
	l.readWeekend(o)
	l.readRollUp(o)
	l.readEvaluations(o)
	l.readMeetings(o)
	if err := l.readPresentation(o); err != nil {
		return err
	}
	return l.readHolidays(o)
}

// readLanguages reads what the texts of everything else need to be known.
func (l *loader) readLanguages(o object) {
	c := &l.city
	for _, w := range o.words("languages", required) {
		if !slices.Contains(kpi.Langs, kpi.Lang(w.text)) {
			l.bad(w.n, suggest(w.text, words(kpi.Langs), "the languages are"), "there is no language %s", short(w.text))
			l.open("language")
			continue
		}
		c.Languages = append(c.Languages, kpi.Lang(w.text))
	}
	if n := o.value["languages"]; n != nil && n.kind == sequence && len(n.items) == 0 {
		o.empty("languages", n)
	}
	if len(c.Languages) > 0 {
		l.language = c.Languages[0]
	}
	c.Formats = map[kpi.Lang]string{}
	for _, lang := range c.Languages {
		c.Formats[lang] = defaultFormat(lang)
	}
	for _, p := range o.pairs("formats", optional) {
		l.readFormat(o, p)
	}
}

// defaultFormat is the style of numbers and dates in a language if the city names none.
func defaultFormat(lang kpi.Lang) string {
	switch lang {
	case kpi.Spanish:
		return "es-MX"
	case kpi.Portuguese:
		return "pt-BR"
	case kpi.French:
		return "fr-CA"
	}
	return "en-US"
}

// readFormat reads the style of numbers and dates of one language.
func (l *loader) readFormat(o object, p pair) {
	lang := kpi.Lang(p.key.text)
	if !slices.Contains(l.city.Languages, lang) {
		if len(l.city.Languages) > 0 {
			l.bad(p.key, suggest(p.key.text, words(l.city.Languages), "the city's languages are"), "formats names %s, which is no language of the city", short(p.key.text))
		}
		return
	}
	if p.value.kind != scalar {
		o.wrong("formats", p.value, "a language and a country for each language")
		return
	}
	tag, err := language.Parse(p.value.text)
	base, _ := tag.Base()
	want, _ := language.Make(string(lang)).Base()
	if _, confidence := tag.Region(); err != nil || base != want || confidence != language.Exact {
		l.bad(p.value, "write a language and a country, such as "+defaultFormat(lang), "%s is no style of numbers and dates for %s", short(p.value.text), lang)
		return
	}
	l.city.Formats[lang] = tag.String()
}

// readClocks reads the time zone, the fiscal year, the as-of date and the rest of what is one value each.
func (l *loader) readClocks(o object) {
	c := &l.city
	c.ID = l.identity(o, "city", "city")
	c.Name = l.phrase(o, "name", required, "city.name")
	c.About = l.phrase(o, "about", required, "city.about")
	zone := l.zone(o, required)
	month, monthOK := l.month(o)
	c.TimeZone, c.FiscalStart = zone, month
	if cal, err := c.Calendar(); err == nil && zone != "" && monthOK {
		l.calendar = &cal
	}
	c.Publish = oneOf(o, "publish", optional, kpi.PublishEveryLoad, []kpi.PublishMode{kpi.PublishEveryLoad, kpi.PublishByRelease})
	if n := o.value["as_of"]; n == nil || n.kind != scalar || n.text != "today" {
		_, c.AsOf = o.date("as_of", optional)
	}
	l.readBands(o)
}

func (l *loader) readBands(o object) {
	b, ok := l.object(o.get("status_bands", optional), bandsShape)
	if !ok {
		return
	}
	bands := &l.city.Bands
	if n, v := b.number("on_track", optional); n != nil {
		bands.OnTrack = v
	}
	if n, v := b.number("behind", optional); n != nil {
		bands.Behind = v
	}
	if bands.Behind <= 0 || bands.Behind >= bands.OnTrack || bands.OnTrack > 1 {
		l.bad(b.n, "write them as shares of the pace needed, such as {on_track: 0.95, behind: 0.60}", "the bands need 0 < behind < on_track ≤ 1")
	}
}

// zone reads a time zone by its IANA name.
func (l *loader) zone(o object, must need) string {
	n, s := o.raw("time_zone", must)
	if n == nil {
		return ""
	}
	// Abbreviations load too, and are wrong for half of the year.
	if strings.Contains(s, "/") || s == "UTC" {
		if _, err := time.LoadLocation(s); err == nil {
			return s
		}
	}
	mend := "write its IANA name, such as America/New_York"
	if guess := zoneGuess(s); guess != "" {
		mend = "did you mean " + guess + "?"
	}
	l.bad(n, mend, "there is no time zone %s", short(s))
	return ""
}

// zoneGuess tries the usual misspellings of a zone: blanks, and the wrong case.
func zoneGuess(s string) string {
	guess := strings.ReplaceAll(strings.TrimSpace(s), " ", "_")
	begin := true
	titled := strings.Map(func(r rune) rune {
		up := begin
		begin = r == '/' || r == '_' || r == '-'
		if up {
			return unicode.ToUpper(r)
		}
		return unicode.ToLower(r)
	}, guess)
	for _, g := range []string{guess, titled} {
		if _, err := time.LoadLocation(g); err == nil && strings.Contains(g, "/") && g != s {
			return g
		}
	}
	return ""
}

// month reads the first month of the fiscal year; January if the folder says nothing.
func (l *loader) month(o object) (time.Month, bool) {
	months := make([]string, 12)
	for m := range months {
		months[m] = time.Month(m + 1).String()
	}
	if o.value["fiscal_year_starts"] == nil {
		return time.January, true
	}
	n, s := o.raw("fiscal_year_starts", optional)
	if n == nil {
		return time.January, false
	}
	if i := slices.Index(months, s); i >= 0 {
		return time.Month(i + 1), true
	}
	l.bad(n, suggest(s, months, "write its English name:"), "there is no month %s", short(s))
	return time.January, false
}

// readOffice reads the departments and people.
func (l *loader) readOffice(o object) {
	for _, n := range o.list("people", optional) {
		p, ok := l.object(n, personShape)
		if !ok {
			l.open("person")
			continue
		}
		id := l.identity(p, "id", "person")
		l.city.People = append(l.city.People, kpi.Person{ID: id, Name: p.text("name", optional), Title: l.phrase(p, "title", required, address("person", id, "title"))})
	}
	for _, n := range o.list("departments", required) {
		d, ok := l.object(n, departmentShape)
		if !ok {
			l.open("department")
			continue
		}
		id := l.identity(d, "id", "department")
		head := l.reference(d, "head", optional, "person")
		l.city.Departments = append(l.city.Departments, kpi.Department{
			ID: id, Name: l.phrase(d, "name", required, address("department", id, "name")), Head: head,
			About: l.phrase(d, "about", optional, address("department", id, "about")), URL: l.webAddress(d, "url", optional),
			Life: l.readLife(d, kpi.OrgDepartment, id),
		})
	}
	l.section(o, "departments", required, "department")
	l.section(o, "people", optional, "person")
}

// section notes when a section of city.yaml could not be read as a list: then nothing is known about its ids. One that is missing
// although it has to be there was reported.
func (l *loader) section(o object, key string, must need, kind string) {
	n := o.value[key]
	if n == nil && must == optional && !o.misspelt(key) {
		return
	}
	if n == nil || n.kind != sequence && n.kind != mapping {
		l.open(kind)
	}
}

// reference reads an id of another thing and checks later that there is one.
func (l *loader) reference(o object, key string, must need, kind string) string {
	n := o.get(key, must)
	id, ok := o.plainText(key, n)
	if !ok {
		return ""
	}
	l.refer(kind, n, id)
	return id
}

func (l *loader) readPriorities(o object) {
	must := required
	if o.value["priorities"] == nil && o.key["priorities"] == nil && !o.misspelt("priorities") {
		l.unplaced, must = &o, optional // a plan that comes as a table may have them
	}
	for _, n := range o.list("priorities", must) {
		p, ok := l.object(n, priorityShape)
		if !ok {
			l.open("priority", "goal")
			continue
		}
		id := l.identity(p, "id", "priority")
		priority := kpi.Priority{ID: id, Goals: []kpi.Goal{}}
		priority.Name = l.phrase(p, "name", required, address("priority", id, "name"))
		priority.Promise = l.phrase(p, "promise", required, address("priority", id, "promise"))
		priority.Life = l.readLife(p, kpi.OrgPriority, id)
		for _, n := range p.list("goals", optional) {
			g, ok := l.object(n, goalShape)
			if !ok {
				l.open("goal")
				continue
			}
			id := l.identity(g, "id", "goal")
			priority.Goals = append(priority.Goals, kpi.Goal{ID: id, Name: l.phrase(g, "name", required, address("goal", id, "name"))})
		}
		l.section(p, "goals", optional, "goal")
		l.city.Priorities = append(l.city.Priorities, priority)
	}
	l.section(o, "priorities", must, "priority")
	l.section(o, "priorities", must, "goal")
}

// readReasons reads the city's own reasons for leaving rows out.
func (l *loader) readReasons(o object) {
	for _, p := range o.pairs("reasons", optional) {
		id := p.key.text
		if slices.Contains(kpi.BuiltInReasons, id) {
			l.bad(p.key, "leave it out; the program has words for it in every language", "the reason %q is built in", id)
			continue
		}
		if l.define("reason", p.key, id) == "" {
			continue
		}
		one := object{l: l, n: o.get("reasons", optional), shape: cityShape, value: map[string]*node{"reasons": p.value}, key: map[string]*node{"reasons": p.key}}
		l.city.Reasons[id] = l.phrase(one, "reasons", required, address("reason", id))
	}
	l.section(o, "reasons", optional, "reason")
}
