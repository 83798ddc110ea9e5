package catalog

import (
	"strings"

	"citystat/kpi"
)

// planTexts lists the keys of an indicator that are texts for readers.
func planTexts() []string { return []string{"name", "sentence", "why", "method", "caution"} }

// notePhrases makes the texts known that are written once for all rows. They are translated once, with the same {name}s.
func (p *plan) notePhrases() {
	for _, key := range planTexts() {
		n := p.every.value[key]
		if n == nil || n.kind != scalar {
			continue
		}
		if s, ok := p.every.plainText(key, n); ok {
			at := address("every", p.ds.d.ID, key)
			p.phrases[key] = &phrase{text: kpi.NewText(p.ds.language, s), where: n.place(), state: given}
			p.ds.note(at, p.phrases[key])
			n.spare = true // the same text of an indicator may be translated by itself
		}
	}
}

// fillLater remembers to fill in the translations of the texts that all rows have in common, once these are read.
func (p *plan) fillLater(r *planRow, indicator int) {
	l := p.ds.loader
	l.fillers = append(l.fillers, func() {
		i := &l.city.Indicators[indicator]
		for key, text := range map[string]*kpi.Text{"name": &i.Name, "sentence": &i.Sentence, "why": &i.Why, "method": &i.Method, "caution": &i.Caution} {
			of := p.phrases[key]
			if of == nil || text.In == nil {
				continue
			}
			for lang, template := range of.text.In {
				if text.In[lang] == "" {
					text.In[lang] = fillText(template, r)
				}
			}
		}
	})
}

// fillTranslations fills in the translations of texts that all rows of a plan have in common.
func (l *loader) fillTranslations() error {
	for _, p := range l.plans {
		p.checkTranslations()
	}
	for _, fill := range l.fillers {
		fill()
	}
	return nil
}

// checkTranslations reports a translated text that names a column which there is not.
func (p *plan) checkTranslations() {
	for _, key := range planTexts() {
		of := p.phrases[key]
		if of == nil {
			continue
		}
		for _, lang := range p.ds.city.Languages[1:] {
			for _, m := range placeholders.FindAllStringSubmatch(of.text.In[lang], -1) {
				if p.column(m[1]) != nil {
					continue
				}
				p.ds.file("text/"+string(lang)+".yaml", "write the {…} of the text itself: "+strings.Join(placeholders.FindAllString(of.text.In[p.ds.language], -1), ", "),
					"the translation of every.%s.%s names %s, and there is no such column", p.ds.d.ID, key, m[0])
			}
		}
	}
}
