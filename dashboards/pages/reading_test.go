package pages

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// reading is what can be counted of a text.
type reading struct{ sentences, words, syllables, long int }

// longWord is the number of letters from which a word is long (Björnsson's LIX).
const longWord = 7

var (
	sentenceEnd = regexp.MustCompile(`[.!?…:;]+(?:\s|$)`)
	wordInText  = regexp.MustCompile(`\pL[\pL’'\x{2019}-]*`)
)

// read counts a text. A heading or a label without a full stop is a sentence too.
func read(text string, syllables func(string) int) reading {
	var r reading
	for _, s := range sentenceEnd.Split(text, -1) {
		words := wordInText.FindAllString(s, -1)
		if len(words) == 0 {
			continue
		}
		r.sentences++
		for _, w := range words {
			r.words++
			r.syllables += syllables(w)
			if len([]rune(w)) >= longWord {
				r.long++
			}
		}
	}
	return r
}

func (r reading) perSentence() float64 { return float64(r.words) / float64(r.sentences) }
func (r reading) perWord() float64     { return float64(r.syllables) / float64(r.words) }
func (r reading) longShare() float64   { return 100 * float64(r.long) / float64(r.words) }

// grade is Flesch and Kincaid's (Naval Technical Training Command, report 8-75, 1975): years of school in the United States.
func (r reading) grade() float64 { return 0.39*r.perSentence() + 11.8*r.perWord() - 15.59 }

// perspicuity is Szigriszt Pazos' (1993), for Spanish; 55 to 65 is normal on the INFLESZ scale (Barrio-Cantalejo and others, 2008), more is easier.
// The formula of Fernández Huerta as it is commonly printed has a mistake and is not used.
func (r reading) perspicuity() float64 { return 206.835 - 62.3*r.perWord() - r.perSentence() }

// englishSyllables counts groups of vowels; a final e is silent, but for -le after a consonant, and so is the e of -ed but after d and t.
func englishSyllables(word string) int {
	w := strings.ToLower(word)
	w = strings.TrimSuffix(strings.NewReplacer("’", "'").Replace(w), "'s")
	vowel := func(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }
	n, before := 0, false
	for i := 0; i < len(w); i++ {
		v := vowel(w[i])
		if v && !before {
			n++
		}
		before = v
	}
	l := len(w)
	consonantBefore := func(i int) bool { return i > 0 && !vowel(w[i-1]) }
	switch {
	case n > 1 && strings.HasSuffix(w, "e") && consonantBefore(l-1) && !(l > 2 && w[l-2] == 'l' && consonantBefore(l-2)):
		n--
	case n > 1 && strings.HasSuffix(w, "ed") && consonantBefore(l-2) && w[l-3] != 'd' && w[l-3] != 't':
		n--
	case n > 1 && strings.HasSuffix(w, "es") && l > 3 && strings.IndexByte("bdfklmnprtv", w[l-3]) >= 0:
		n--
	}
	return max(n, 1)
}

// spanishSyllables counts by the rules of the Ortografía: two strong vowels, and a weak one with an accent beside a strong one, stand apart.
func spanishSyllables(word string) int {
	w := strings.ToLower(word)
	w = strings.NewReplacer("qu", "k", "gue", "ge", "gui", "gi", "gué", "gé", "guí", "gí", "ü", "u").Replace(w)
	runes := []rune(w)
	if n := len(runes); n > 0 && runes[n-1] == 'y' {
		runes[n-1] = 'i'
	}
	strong := func(c rune) bool { return strings.ContainsRune("aeoáéó", c) }
	weak := func(c rune) bool { return strings.ContainsRune("iu", c) }
	marked := func(c rune) bool { return strings.ContainsRune("íú", c) }
	n := 0
	var last rune // vowel of the syllable that is being read; 0 after a consonant
	for _, c := range runes {
		switch {
		case !strong(c) && !weak(c) && !marked(c):
			last = 0
			continue
		case last == 0, strong(c) && strong(last), marked(c) && last != 0, marked(last):
			n++
		}
		last = c
	}
	return max(n, 1)
}

// none is for languages whose syllables are not counted.
func none(string) int { return 0 }

// Both formulas give what is known of texts.
func TestReadingFormulas(t *testing.T) {
	for text, want := range map[string]struct {
		words, syllables int
		grade            float64
	}{
		"The cat sat on the mat.": {6, 6, -1.45},
		"The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.": {13, 24, 11.3}, // as Wikipedia gives it
		"Go. Stop. Wait!": {3, 3, -3.4},
	} {
		r := read(text, englishSyllables)
		if r.words != want.words || r.syllables != want.syllables || math.Abs(r.grade()-want.grade) > 0.05 {
			t.Errorf("%q: %d words, %d syllables, grade %.2f; want %+v", text, r.words, r.syllables, r.grade(), want)
		}
	}
	for word, want := range map[string]int{
		"city": 2, "people": 2, "repaired": 2, "needed": 2, "table": 2, "time": 1, "the": 1, "indicators": 4, "house": 1, "values": 2, "city’s": 2, "updated": 3, "changes": 2, "rule": 1,
	} {
		if got := englishSyllables(word); got != want {
			t.Errorf("%s has %d syllables, want %d", word, got, want)
		}
	}
	for word, want := range map[string]int{
		"ciudad": 2, "país": 2, "día": 2, "aéreo": 4, "guitarra": 3, "pingüino": 3, "queso": 2, "construcción": 3, "ahí": 2, "buey": 1, "leer": 2, "cuidado": 3,
		"averiguáis": 4, "y": 1, "hoy": 1, "baúl": 2, "números": 3, "línea": 3, "guion": 1, "siguiente": 3,
	} {
		if got := spanishSyllables(word); got != want {
			t.Errorf("%s has %d syllables, want %d", word, got, want)
		}
	}
	// 3 words, 5 syllables, 1 sentence: 206.835 − 62.3 · 5/3 − 3.
	if r := read("El perro corre.", spanishSyllables); math.Abs(r.perspicuity()-100.0017) > 0.001 {
		t.Errorf("perspicuity %.4f", r.perspicuity())
	}
	if r := read("Les chiffres montent. Ils descendent aussi: voilà!", none); r.sentences != 3 || r.words != 7 || r.long != 3 || math.Abs(r.longShare()-42.857) > 0.001 {
		t.Errorf("%+v", r)
	}
}

// Limits of plain language. Grade 8 is that of the design; 55 is where INFLESZ calls a text normal. For Portuguese and French there is no formula
// that is settled: short sentences, and no more long words than newspapers have.
const (
	mostGrade        = 8.0
	leastPerspicuity = 55.0
	mostPerSentence  = 15.0
	mostLong         = 42.0
)

// warning says what is hard about a text in a language, "" if it is plain.
func warning(lang kpi.Lang, text string) (string, reading) {
	switch lang {
	case kpi.English:
		if r := read(text, englishSyllables); r.grade() > mostGrade {
			return "grade " + raw(ptr(math.Round(10*r.grade())/10)), r
		}
		return "", read(text, englishSyllables)
	case kpi.Spanish:
		r := read(text, spanishSyllables)
		if r.perspicuity() < leastPerspicuity {
			return "perspicuity " + raw(ptr(math.Round(r.perspicuity()))), r
		}
		return "", r
	}
	r := read(text, none)
	switch {
	case r.perSentence() > mostPerSentence:
		return "words in a sentence: " + raw(ptr(math.Round(r.perSentence()))), r
	case r.longShare() > mostLong:
		return "long words, in percent: " + raw(ptr(math.Round(r.longShare()))), r
	}
	return "", r
}

// plain returns the headline, the summary and the plain paragraphs of a page: what is folded is for those who want to know more.
func plain(d *document) string {
	var list []string
	for _, m := range elements(d.root, "meta") {
		if get(m, "name") == "description" {
			list = append(list, get(m, "content"))
		}
	}
	for _, n := range elements(elements(d.root, "main")[0], "h1", "h2", "p") {
		if within(n, "details", "table", "figure", "dl") || slices.Contains(strings.Fields(get(n, "class")), "byline") {
			continue
		}
		if s := strings.TrimRightFunc(strings.Join(strings.Fields(text(n)), " "), unicode.IsSpace); s != "" {
			list = append(list, strings.TrimRight(s, ".")+".")
		}
	}
	return strings.Join(list, "\n")
}

// Headlines, summaries and the pages of words are measured in every language. A page that is harder than it should be is named in the log: what can
// be counted is not what makes a text easy, so nobody is stopped by a number.
func TestReadingLevel(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	ind := s.card.Results[0].Indicator.ID
	list := []string{"/", "/indicators/" + ind, methodologyPath, "/glossary", aboutPath, accessibilityPath, apiPath, "/data", changesPath, "/priorities/" + s.card.City.Priorities[0].ID}
	measured := 0
	for _, lang := range kpi.Langs {
		for _, path := range list {
			said := plain(s.page("/" + i18n.Segment(lang) + path))
			w, r := warning(lang, said)
			if measured += r.words; r.words < 10 || r.sentences < 2 {
				t.Errorf("%s%s: only %d words in %d sentences were read", lang, path, r.words, r.sentences)
			}
			if w != "" {
				t.Logf("%s%s is hard to read: %s (%d words)", lang, path, w, r.words)
			}
		}
	}
	// Every message that is a sentence, by itself.
	bundle := s.pages.opts.Bundle
	for _, lang := range kpi.Langs {
		p := bundle.Printer(lang, "")
		hard := 0
		for _, id := range bundle.IDs() {
			said := p.T(id)
			if !strings.HasSuffix(said, ".") || strings.Contains(said, "{") {
				continue
			}
			if w, r := warning(lang, said); w != "" && r.words >= 12 {
				if hard++; hard <= 12 {
					t.Logf("%s %s: %s: %s", lang, id, w, said)
				}
			}
		}
		t.Logf("%s: %d sentences are harder than they should be", lang, hard)
	}
	if measured < 3000 {
		t.Errorf("only %d words were measured", measured)
	}
}
