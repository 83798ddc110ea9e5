package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/gohugoio/locales"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"citystat/kpi"
)

//go:embed messages/*.yaml
var files embed.FS

// Bundle holds the messages of all languages and the number styles. It is safe for concurrent use.
type Bundle struct {
	messages map[kpi.Lang]map[string]*message // those without plural forms
	plurals  map[string]bool                  // ids of the messages with plural forms
	localize map[kpi.Lang]*goi18n.Localizer
	styles   map[string]locales.Translator
	notes    map[string]string
	change   func(kpi.Lang, string) string // what is done to each text of a message; see typography
}

// New reads the embedded message files.
func New() (*Bundle, error) { return read(typography) }

// read reads the embedded message files and changes their texts.
func read(change func(kpi.Lang, string) string) (*Bundle, error) {
	b := &Bundle{
		change:   change,
		messages: map[kpi.Lang]map[string]*message{},
		plurals:  map[string]bool{},
		localize: map[kpi.Lang]*goi18n.Localizer{},
		styles:   styles(),
		notes:    map[string]string{},
	}
	bundle := goi18n.NewBundle(language.English)
	for _, lang := range kpi.Langs {
		if err := b.load(bundle, lang); err != nil {
			return nil, err
		}
	}
	for _, lang := range kpi.Langs {
		b.localize[lang] = goi18n.NewLocalizer(bundle, string(lang))
	}
	return b, nil
}

// load reads the files of one language, LANG.yaml and LANG.SUBJECT.yaml. An id stands in one of them only.
func (b *Bundle) load(bundle *goi18n.Bundle, lang kpi.Lang) error {
	names, err := fs.Glob(files, "messages/"+string(lang)+".*yaml")
	if err != nil {
		return err
	}
	b.messages[lang] = map[string]*message{}
	seen := map[string]string{} // id → its file
	for _, name := range names {
		if err := b.read(bundle, lang, name, seen); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// read reads the messages of a file into b, and into bundle for their plurals.
func (b *Bundle) read(bundle *goi18n.Bundle, lang kpi.Lang, name string, seen map[string]string) error {
	data, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	list, err := goi18n.ParseMessageBytes(data, yaml.Unmarshal)
	if err != nil {
		return err
	}
	for _, m := range list {
		if other, twice := seen[m.ID]; twice {
			return fmt.Errorf("message %s stands in %s too", m.ID, other)
		}
		seen[m.ID] = name
		for _, text := range []*string{&m.One, &m.Many, &m.Other} {
			*text = b.change(lang, *text)
		}
		if m.Description != "" {
			b.notes[m.ID] = m.Description
		}
		if m.One != "" {
			b.plurals[m.ID] = true
			continue
		}
		b.messages[lang][m.ID] = compile(m.Other)
	}
	return bundle.AddMessages(language.Make(string(lang)), list...)
}

// typography turns ␣ into a no-break space and, in French, sets the thin no-break space before ; ! ? that translators do not type.
func typography(lang kpi.Lang, text string) string {
	text = strings.ReplaceAll(text, "␣", nbsp)
	if lang != kpi.French {
		return text
	}
	var out strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		ends := i+1 == len(runes) || runes[i+1] == ' '
		if strings.ContainsRune(";!?", r) && i > 0 && ends {
			s := strings.TrimRight(out.String(), " \u00a0\u202f")
			out.Reset()
			out.WriteString(s + nnbsp)
		}
		out.WriteRune(r)
	}
	return out.String()
}

// Spaces that do not break.
const (
	nbsp  = "\u00a0"
	nnbsp = "\u202f"
)

// Has reports whether there is a message with the id.
func (b *Bundle) Has(id string) bool {
	return b.plurals[id] || b.messages[kpi.English][id] != nil
}

// IDs returns the ids of all messages, sorted.
func (b *Bundle) IDs() []string {
	var ids []string
	for id := range b.messages[kpi.English] {
		ids = append(ids, id)
	}
	for id := range b.plurals {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Note returns what the translator is told about a message.
func (b *Bundle) Note(id string) string { return b.notes[id] }

// Printer returns a printer for lang in the number style of a city, a BCP 47 tag such as es-MX. An empty or unknown tag is the
// language's usual style.
func (b *Bundle) Printer(lang kpi.Lang, format string) *Printer {
	g, ok := grammars[lang]
	if !ok {
		lang, g = kpi.English, grammars[kpi.English]
	}
	tag := style(lang, format)
	return &Printer{Lang: lang, Format: tag, bundle: b, numbers: b.styles[tag], words: b.styles[Formats(lang)[0]], grammar: g}
}
