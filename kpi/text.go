package kpi

// Lang is a language of the product: "en", "es", "pt-BR" or "fr", as in the folder and in lang attributes.
type Lang string

// The four languages.
const (
	English    Lang = "en"
	Spanish    Lang = "es"
	Portuguese Lang = "pt-BR"
	French     Lang = "fr"
)

// Langs lists the languages in the order in which they are offered.
var Langs = []Lang{English, Spanish, Portuguese, French}

// Text is a sentence or a name in one or more languages. Source is the language in which the city wrote it.
type Text struct {
	Source Lang               `json:"source"`
	In     map[Lang]string    `json:"in"`
	State  map[Lang]TextState `json:"state,omitempty"` // of the translations that nobody has reviewed
}

// NewText returns a text in its source language.
func NewText(source Lang, s string) Text { return Text{Source: source, In: map[Lang]string{source: s}} }

// For returns the text in lang, or in the source language when it is not translated, and the language that it is in.
func (t Text) For(lang Lang) (string, Lang) {
	if s, ok := t.In[lang]; ok && s != "" {
		return s, lang
	}
	return t.In[t.Source], t.Source
}

// String returns the text in lang, or in its source language.
func (t Text) String(lang Lang) string { s, _ := t.For(lang); return s }

// IsZero reports whether there is no text in any language.
func (t Text) IsZero() bool {
	for _, s := range t.In {
		if s != "" {
			return false
		}
	}
	return true
}
