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
	if n := p.every.value["targets"]; n != nil {
		for _, item := range n.items {
			p.noteReason(item)
		}
	}
}

// noteReason makes the reason of a target known that all rows have.
func (p *plan) noteReason(n *node) {
	value := map[string]*node{}
	for _, q := range n.pairs {
		value[q.key.text] = q.value
	}
	by, reason := value["by"], value["reason"]
	if reason == nil || reason.kind != scalar || by == nil || by.kind != scalar {
		return
	}
	if day, err := kpi.ParseDate(by.text); err == nil && strings.TrimSpace(reason.text) != "" {
		key := reasonKey(day)
		p.phrases[key] = &phrase{text: kpi.NewText(p.ds.language, squeeze(reason.text)), where: reason.place(), state: given}
		p.ds.note(address("every", p.ds.d.ID, key), p.phrases[key])
	}
	reason.spare = true
}

func reasonKey(by kpi.Date) string { return address("target", by.String(), "reason") }

// fillLater remembers to fill in the translations of the texts that all rows have in common, once these are read.
func (p *plan) fillLater(r *planRow, indicator int) {
	l := p.ds.loader
	l.fillers = append(l.fillers, func() {
		i := &l.city.Indicators[indicator]
		texts := map[string]*kpi.Text{"name": &i.Name, "sentence": &i.Sentence, "why": &i.Why, "method": &i.Method, "caution": &i.Caution}
		for k := range i.Targets {
			texts[reasonKey(i.Targets[k].By)] = &i.Targets[k].Reason
		}
		for key, text := range texts {
			of := p.phrases[key]
			if of == nil || text.In == nil {
				continue
			}
			for lang, template := range of.text.In {
				if text.In[lang] == "" {
					text.In[lang] = fillText(template, r, i.Name.In[lang])
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
	for _, key := range keys(p.phrases) {
		of := p.phrases[key]
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
