package sampledata_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// node is a mapping of a YAML file.
type node = map[string]any

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(readText(t, name)), into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// sources returns every text of the folder by the place that translations name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	var city, data node
	readYAML(t, "city.yaml", &city)
	readYAML(t, "datasets/service-requests.yaml", &data)
	texts := map[string]string{}
	take := func(at string, n node, keys ...string) {
		for _, k := range keys {
			if s, ok := n[k].(string); ok {
				texts[at+"."+k] = s
			}
		}
	}
	each := func(n node, key string, do func(id string, n node)) {
		list, _ := n[key].([]any)
		for _, x := range list {
			do(fmt.Sprint(x.(node)["id"]), x.(node))
		}
	}
	take("city", city, "name", "about")
	each(city, "departments", func(id string, n node) { take("department."+id, n, "name") })
	each(city, "people", func(id string, n node) { take("person."+id, n, "title") })
	each(city, "priorities", func(id string, n node) {
		take("priority."+id, n, "name", "promise")
		each(n, "goals", func(id string, n node) { take("goal."+id, n, "name") })
	})
	for id, s := range city["reasons"].(node) {
		texts["reason."+id] = s.(string)
	}
	take("dataset.service-requests", data, "name", "why")
	take("dataset.service-requests.credit", data["credit"].(node), "note")
	each(data, "indicators", func(id string, n node) {
		take("indicator."+id, n, "name", "sentence", "why", "method", "caution")
		list, _ := n["targets"].([]any)
		for _, x := range list {
			take(fmt.Sprintf("indicator.%s.target.%v", id, x.(node)["by"]), x.(node), "reason")
		}
	})
	return texts
}

type translation struct {
	Language string
	Texts    []struct{ At, Of, Text string }
}

var languages = []string{"es", "pt-BR", "fr"}

// TestTranslationsFollowTheirSource: every text is translated once in every language, from the words that stand in the folder today.
func TestTranslationsFollowTheirSource(t *testing.T) {
	texts := sources(t)
	if len(texts) < 150 {
		t.Fatalf("only %d texts found in the folder", len(texts))
	}
	for _, lang := range languages {
		var f translation
		readYAML(t, "text/"+lang+".yaml", &f)
		if f.Language != lang {
			t.Errorf("text/%s.yaml says that it is in %q", lang, f.Language)
		}
		seen := map[string]bool{}
		for _, x := range f.Texts {
			source, ok := texts[x.At]
			switch {
			case !ok:
				t.Errorf("%s: %s is no text of the folder", lang, x.At)
			case seen[x.At]:
				t.Errorf("%s: %s is translated twice", lang, x.At)
			case source != x.Of:
				t.Errorf("%s: %s translates %q, the folder says %q", lang, x.At, x.Of, source)
			case strings.TrimSpace(x.Text) == "":
				t.Errorf("%s: %s is empty", lang, x.At)
			}
			seen[x.At] = true
		}
		for at := range texts {
			if !seen[at] {
				t.Errorf("%s: %s is not translated", lang, at)
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
	for at, s := range sources(t) {
		check("en", at, s)
	}
	for _, lang := range languages {
		var f translation
		readYAML(t, "text/"+lang+".yaml", &f)
		for _, x := range f.Texts {
			check(lang, x.At, x.Text)
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
	for _, lang := range languages {
		var f translation
		readYAML(t, "text/"+lang+".yaml", &f)
		for _, x := range f.Texts {
			if w := avoided[lang].FindString(x.Text); w != "" {
				t.Errorf("%s %s: %q in %q", lang, x.At, w, x.Text)
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
