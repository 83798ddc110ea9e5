package sampledata_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	sampledata "citystat/sample-data"
)

// node is a mapping of a YAML file.
type node = map[string]any

// city is a sample city as the tests of its texts need it.
type city struct {
	name      string
	files     fs.FS
	source    string   // the language in which it is written
	languages []string // into which it is translated
	texts     int      // at least so many
}

var cities = []city{
	{"boston-2015", sampledata.Boston2015(), "en", []string{"es", "pt-BR", "fr"}, 150},
	{"puerto-claro", sampledata.PuertoClaro(), "es", []string{"en", "pt-BR", "fr"}, 250},
}

func (c city) readYAML(t *testing.T, name string, into any) {
	t.Helper()
	b, err := fs.ReadFile(c.files, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(b, into); err != nil {
		t.Fatalf("%s %s: %v", c.name, name, err)
	}
}

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	cities[0].readYAML(t, name, into)
}

// datasets returns the files of datasets/.
func (c city) datasets(t *testing.T) []node {
	t.Helper()
	names, err := fs.Glob(c.files, "datasets/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	list := make([]node, len(names))
	for i, name := range names {
		c.readYAML(t, name, &list[i])
	}
	return list
}

// texts are the texts of a folder by the place that translations name.
type texts map[string]string

// take keeps those of a mapping that stand at the keys.
func (x texts) take(at string, n node, keys ...string) {
	for _, k := range keys {
		if s, ok := n[k].(string); ok {
			x[at+"."+k] = s
		}
	}
}

// each calls do for every mapping of a list.
func each(n node, key string, do func(id string, n node)) {
	list, _ := n[key].([]any)
	for _, x := range list {
		do(fmt.Sprint(x.(node)["id"]), x.(node))
	}
}

// sources returns every text of the folder.
func (c city) sources(t *testing.T) texts {
	t.Helper()
	var city node
	c.readYAML(t, "city.yaml", &city)
	x := texts{}
	x.take("city", city, "name", "about")
	each(city, "departments", func(id string, n node) { x.take("department."+id, n, "name", "about") })
	each(city, "people", func(id string, n node) { x.take("person."+id, n, "title") })
	each(city, "priorities", func(id string, n node) {
		x.take("priority."+id, n, "name", "promise")
		each(n, "goals", func(id string, n node) { x.take("goal."+id, n, "name") })
	})
	for id, s := range city["reasons"].(node) {
		x["reason."+id] = s.(string)
	}
	each(city, "evaluations", func(id string, n node) { x.take("evaluation."+id, n, "name", "what", "caution") })
	each(city, "meetings", func(id string, n node) { x.take("meeting."+id, n, "name", "purpose", "place") })
	each(city, "glossary", func(id string, n node) { x.take("glossary."+id, n, "term", "meaning") })
	x.site(city)
	for _, data := range c.datasets(t) {
		at := fmt.Sprint("dataset.", data["dataset"])
		x.take(at, data, "name", "why")
		x.take(at+".credit", data["credit"].(node), "note")
		each(data, "indicators", x.indicator)
	}
	return x
}

// site takes what the city says of its site.
func (x texts) site(city node) {
	if n, ok := city["contact"].(node); ok {
		x.take("contact", n, "office")
	}
	n, ok := city["accessibility"].(node)
	if !ok {
		return
	}
	x.take("accessibility", n, "by")
	for i, gap := range n["gaps"].([]any) {
		x[fmt.Sprint("accessibility.gap.", i+1)] = gap.(string)
	}
	if n, ok := n["complaints"].(node); ok {
		x.take("accessibility.complaints", n, "to")
	}
}

// indicator takes the texts of an indicator.
func (x texts) indicator(id string, n node) {
	at := "indicator." + id
	x.take(at, n, "name", "sentence", "why", "method", "caution")
	if s, ok := n["service"].(node); ok {
		x[at+".service"] = s["name"].(string)
	}
	if p, ok := n["project"].(node); ok {
		each(p, "milestones", func(id string, n node) { x.take(at+".milestone."+id, n, "name") })
	}
	each(n, "targets", func(_ string, n node) {
		place := fmt.Sprint(at, ".target.", n["by"])
		if _, there := x[place+".reason"]; there { // a further one for the day
			kind := n["kind"]
			if kind == nil {
				kind = "annual"
			}
			place = fmt.Sprint(place, ".", kind, ".", n["set"])
		}
		x.take(place, n, "reason")
	})
	each(n, "rebase", func(_ string, n node) { x.take(fmt.Sprint(at, ".rebase.", n["from"]), n, "reason") })
	each(n, "changes", func(_ string, n node) { x.take(fmt.Sprint(at, ".change.", n["on"]), n, "reason") })
}

type translation struct {
	Language string
	Texts    []struct{ At, Of, Text string }
}

// translations returns what text/ holds for a language.
func (c city) translations(t *testing.T, lang string) translation {
	t.Helper()
	var f translation
	c.readYAML(t, "text/"+lang+".yaml", &f)
	if f.Language != lang {
		t.Errorf("%s: text/%s.yaml says that it is in %q", c.name, lang, f.Language)
	}
	return f
}

// TestTranslationsFollowTheirSource: every text is translated once in every language, from the words that stand in the folder today.
func TestTranslationsFollowTheirSource(t *testing.T) {
	for _, c := range cities {
		texts := c.sources(t)
		if len(texts) < c.texts {
			t.Fatalf("%s: only %d texts found in the folder", c.name, len(texts))
		}
		for _, lang := range c.languages {
			seen := map[string]bool{}
			for _, x := range c.translations(t, lang).Texts {
				source, ok := texts[x.At]
				switch {
				case !ok:
					t.Errorf("%s %s: %s is no text of the folder", c.name, lang, x.At)
				case seen[x.At]:
					t.Errorf("%s %s: %s is translated twice", c.name, lang, x.At)
				case source != x.Of:
					t.Errorf("%s %s: %s translates %q, the folder says %q", c.name, lang, x.At, x.Of, source)
				case strings.TrimSpace(x.Text) == "":
					t.Errorf("%s %s: %s is empty", c.name, lang, x.At)
				}
				seen[x.At] = true
			}
			for at := range texts {
				if !seen[at] {
					t.Errorf("%s %s: %s is not translated", c.name, lang, at)
				}
			}
		}
	}
}

var (
	sentenceEnd = regexp.MustCompile(`[.;:!?](\s|$)`)
	badFrench   = regexp.MustCompile(`[^\x{00A0}][%:»]|[^\x{202F}][;!?]|«[^\x{00A0}]`)
	badPercent  = regexp.MustCompile(`\d[\s\x{00A0}]%`)
)

// TestTextsAreWellSet holds every text to the house's style: short sentences, typographic marks, the spaces of its language, and a name
// that fits over a chart.
func TestTextsAreWellSet(t *testing.T) {
	check := func(lang, at, s string) {
		for _, sentence := range sentenceEnd.Split(s, -1) {
			if n := len(strings.Fields(sentence)); n > 20 {
				t.Errorf("%s %s: a sentence of %d words: %q", lang, at, n, sentence)
			}
		}
		if strings.ContainsAny(s, "'\"") || strings.Contains(s, "  ") || s != strings.TrimSpace(s) {
			t.Errorf("%s %s: typewriter marks or stray spaces in %q", lang, at, s)
		}
		if lang == "fr" && badFrench.MatchString(s) {
			t.Errorf("fr %s: an ordinary space, or none, beside French punctuation in %q", at, s)
		}
		if lang != "fr" && badPercent.MatchString(s) {
			t.Errorf("%s %s: a space before %% in %q", lang, at, s)
		}
		if strings.HasPrefix(at, "indicator.") && strings.HasSuffix(at, ".name") && len([]rune(s)) > 48 {
			t.Errorf("%s %s: %d characters are too long for a headline: %q", lang, at, len([]rune(s)), s)
		}
	}
	for _, c := range cities {
		for at, s := range c.sources(t) {
			check(c.source, at, s)
		}
		for _, lang := range c.languages {
			for _, x := range c.translations(t, lang).Texts {
				check(lang, x.At, x.Text)
			}
		}
	}
}

// avoided are words that look right and are wrong, by language; see any list of false friends.
var avoided = map[string]*regexp.Regexp{
	"es":    regexp.MustCompile(`(?i)\b(usted|tú|vosotros|métrica|eventualmente|suprimid[oa]s?|hasta el \d|estatus|target|dashboard|ciudadan[oa]s?)\b|@`),
	"pt-BR": regexp.MustCompile(`(?i)\b(métrica|eventualmente|suprimid[oa]s?|utilizador|ficheiro|equipa|através|status|cidadãos?)\b|@`),
	"fr":    regexp.MustCompile(`(?i)\b(métrique|éventuellement|supprimée?s?|email|dashboard|statut|objectif chiffré|citoyens?)\b|@`),
}

// TestNoFalseFriends searches the translations for words that mean something else.
func TestNoFalseFriends(t *testing.T) {
	look := func(lang, at, text string) {
		if bad := avoided[lang]; bad != nil {
			if w := bad.FindString(text); w != "" {
				t.Errorf("%s %s: %q in %q", lang, at, w, text)
			}
		}
	}
	for _, c := range cities {
		for at, text := range c.sources(t) {
			look(c.source, at, text)
		}
		for _, lang := range c.languages {
			for _, x := range c.translations(t, lang).Texts {
				look(lang, x.At, x.Text)
			}
		}
	}
}

// TestEveryKindOfRequestHasAnIndicator: no file is carried for nothing, and all targets say that they are not the city's.
func TestEveryKindOfRequestHasAnIndicator(t *testing.T) {
	var data node
	readYAML(t, "datasets/service-requests.yaml", &data)
	kinds := data["columns"].(node)["type"].(node)["values"].(node)
	if len(kinds) != 13 {
		t.Errorf("%d kinds of request, not 13", len(kinds))
	}
	used := map[string]bool{}
	named := regexp.MustCompile(`type = '([a-z-]+)'`)
	list := data["indicators"].([]any)
	for _, x := range list {
		n := x.(node)
		where, _ := n["measure"].(node)["where"].(string)
		if m := named.FindStringSubmatch(where); m != nil {
			used[m[1]] = true
		}
		targets, _ := n["targets"].([]any)
		for _, y := range targets {
			if y.(node)["illustrative"] != true {
				t.Errorf("%v: a target that is not marked as illustrative", n["id"])
			}
		}
	}
	var missing []string
	for _, id := range kinds {
		if !used[id.(string)] {
			missing = append(missing, id.(string))
		}
	}
	if slices.Sort(missing); len(missing) > 0 || len(list) < 14 {
		t.Errorf("%d indicators; no indicator for %q", len(list), missing)
	}
}
