package catalog

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"citystat/assets"
	"citystat/kpi"
)

// readPresentation reads how the city's site looks and what it says of itself.
func (l *loader) readPresentation(o object) error {
	l.readContact(o)
	l.readStatement(o)
	l.readGlossary(o)
	l.city.Outlook = oneOf(o, "outlook", optional, "staff", []string{"public", "staff"}) == "public"
	l.city.Feedback = o.boolean("feedback", false)
	return l.readTheme(o)
}

// readTheme reads the colours and the logo.
func (l *loader) readTheme(city object) error {
	o, ok := l.part(city, "theme", themeShape)
	if !ok {
		return nil
	}
	t := &l.city.Theme
	t.Preset = oneOf(o, "preset", optional, "", assets.Presets)
	said := map[assets.Mode]map[string]*node{assets.Light: {}, assets.Dark: {}}
	t.Light, t.Dark = l.colours(o, "colors", said[assets.Light]), l.colours(o, "dark", said[assets.Dark])
	if err := l.checkTheme(said); err != nil {
		return err
	}
	return l.readLogo(o)
}

// checkTheme reports colours that cannot be read or told apart, at the colour that the city chose. The presets themselves are good: of every
// bad pair the city has chosen at least one.
func (l *loader) checkTheme(said map[assets.Mode]map[string]*node) error {
	t := l.city.Theme
	faults, err := assets.Theme{Preset: t.Preset, Light: t.Light, Dark: t.Dark}.Check()
	for _, f := range faults {
		for _, name := range []string{f.Front.Name, f.Back.Name} {
			if n := said[f.Mode][name]; n != nil {
				l.bad(n, f.Mend(name), "%s", f.Message())
				break
			}
		}
	}
	return err
}

// part reads a mapping of city.yaml that holds texts: where it cannot be read, none of its texts is known.
func (l *loader) part(city object, key string, s *shape) (object, bool) {
	o, ok := l.object(city.get(key, optional), s)
	if !ok && (city.key[key] != nil || city.misspelt(key)) {
		l.open(key)
	}
	if ok && len(o.n.pairs) == 0 {
		city.empty(key, o.n)
	}
	return o, ok
}

var colour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// colours reads colours by the names of what has them, and notes where they stand.
func (l *loader) colours(o object, key string, said map[string]*node) map[string]string {
	list := map[string]string{}
	for _, p := range o.pairs(key, optional) {
		name := p.key.text
		switch {
		case slices.Contains(assets.PresetColours, name):
			l.bad(p.key, "leave it out, or choose another preset", "%q belongs to the preset: figures and texts are drawn for it", name)
			continue
		case !slices.Contains(assets.OwnColours, name):
			l.bad(p.key, suggest(name, assets.OwnColours, "a city's own colours are"), "there is no colour %s", short(name))
			continue
		}
		if s, ok := l.colour(p); ok {
			list[name], said[name] = s, p.value
		}
	}
	if n := o.value[key]; n != nil && n.kind == mapping && len(n.pairs) == 0 {
		o.empty(key, n)
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// colour reads one. In YAML a # that is not in quotes begins a comment.
func (l *loader) colour(p pair) (string, bool) {
	const mend = `write six hexadecimal digits in quotes, such as "#0b5cad"`
	switch n := p.value; {
	case n.kind == broken:
	case n.kind == null:
		l.bad(p.key, `put the colour in quotes, such as "#0b5cad": without them # begins a comment`, "%q says nothing", p.key.text)
	case n.kind != scalar:
		l.bad(n, mend, "%q needs a colour, and this is %s", p.key.text, described(n))
	case !colour.MatchString(n.text):
		l.bad(n, mend, "%s is no colour", short(n.text))
	default:
		return strings.ToLower(n.text), true
	}
	return "", false
}

// readContact reads where residents reach those who publish.
func (l *loader) readContact(city object) {
	o, ok := l.part(city, "contact", contactShape)
	if !ok {
		return
	}
	c := &l.city.Contact
	c.Office = l.phrase(o, "office", optional, "contact.office")
	c.Email, c.Phone, c.Address, c.URL = l.email(o), l.phone(o), o.text("address", optional), l.webAddress(o, "url", optional)
	if len(o.n.pairs) > 0 && len(o.key) == 1 && o.key["office"] != nil {
		l.bad(o.key["office"], "add "+contactShape.line("email"), "contact names an office, and no way to reach it")
	}
}

// readStatement reads what the city says of the accessibility of its site.
func (l *loader) readStatement(city object) {
	o, ok := l.part(city, "accessibility", statementShape)
	if !ok {
		return
	}
	s := &l.city.Statement
	_, s.Assessed = o.date("assessed", optional)
	s.By = l.phrase(o, "by", optional, "accessibility.by")
	for i, n := range o.list("gaps", optional) {
		one := object{l: l, n: o.n, shape: statementShape, value: map[string]*node{"gaps": n}, key: map[string]*node{"gaps": n}}
		if text := l.phrase(one, "gaps", required, address("accessibility", "gap", fmt.Sprint(i+1))); !text.IsZero() {
			s.Gaps = append(s.Gaps, text)
		}
	}
	for _, w := range o.words("laws", optional) {
		s.Laws = append(s.Laws, w.text)
	}
	for _, key := range []string{"gaps", "laws"} {
		if n := o.value[key]; n != nil && n.kind == sequence && len(n.items) == 0 {
			o.empty(key, n)
		}
	}
	if c, ok := l.object(o.get("complaints", optional), complaintsShape); ok {
		s.Enforcer = l.phrase(c, "to", required, "accessibility.complaints.to")
		s.Address = l.webAddress(c, "url", optional)
	}
	if o.key["by"] != nil && o.key["assessed"] == nil && !o.misspelt("assessed") {
		l.bad(o.key["by"], "add "+statementShape.line("assessed"), "accessibility says who looked at the site, and not when")
	}
}

// readGlossary reads the words that the city explains.
func (l *loader) readGlossary(o object) {
	for _, n := range o.list("glossary", optional) {
		t, ok := l.object(n, termShape)
		if !ok {
			l.open("term")
			continue
		}
		id := l.identity(t, "id", "term")
		l.city.Glossary = append(l.city.Glossary, kpi.Term{
			ID: id, Term: l.phrase(t, "term", required, address("glossary", id, "term")), Meaning: l.phrase(t, "meaning", required, address("glossary", id, "meaning")),
		})
	}
	l.section(o, "glossary", optional, "term")
}

// readService reads what residents ask the city for.
func (l *loader) readService(o object, id string) *kpi.Service {
	s, ok := l.object(o.get("service", optional), serviceShape)
	if !ok {
		return nil
	}
	service := &kpi.Service{
		Name: l.phrase(s, "name", required, address("indicator", id, "service")), Report: l.webAddress(s, "report", optional),
		Track: l.webAddress(s, "track", optional), Phone: l.phone(s),
	}
	if len(s.key) == 1 && s.key["name"] != nil && len(s.n.pairs) == 1 {
		l.bad(s.key["name"], "add "+serviceShape.line("report"), "the service says neither where residents report a case nor where they see what became of it")
	}
	return service
}
