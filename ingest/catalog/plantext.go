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
			p.phrases[key] = &phrase{text: newText(p.ds.language, s), where: n.place(), state: given}
			p.ds.note(at, p.phrases[key])
			n.spare = true // the same text of an indicator may be translated by itself
		}
	}
	p.noteMilestones()
	p.noteService()
	for _, l := range reasonLists() {
		if n := p.every.value[l.key]; n != nil {
			for _, item := range n.items {
				p.noteReason(item, l)
			}
		}
	}
}

// noteMilestones makes the names of milestones known that all projects of a plan have.
func (p *plan) noteMilestones() {
	project := p.every.value["project"]
	if project == nil {
		return
	}
	for _, q := range project.pairs {
		if q.key.text != "milestones" {
			continue
		}
		for _, item := range q.value.items {
			value := map[string]*node{}
			for _, q := range item.pairs {
				value[q.key.text] = q.value
			}
			id, name := value["id"], value["name"]
			if name == nil || name.kind != scalar || strings.TrimSpace(name.text) == "" {
				continue
			}
			name.spare = true
			if id != nil && kpi.ValidID(id.text) {
				p.notePhrase(milestoneAddress(id.text), name)
			}
		}
	}
}

// noteService makes the name of the service known that all rows are about.
func (p *plan) noteService() {
	service := p.every.value["service"]
	if service == nil {
		return
	}
	for _, q := range service.pairs {
		if n := q.value; q.key.text == "name" && n.kind == scalar && strings.TrimSpace(n.text) != "" {
			n.spare = true
			p.notePhrase("service", n)
		}
	}
}

// notePhrase makes a text known that all rows have, under its address within every and the dataset.
func (p *plan) notePhrase(key string, n *node) {
	if key == "" || p.phrases[key] != nil {
		return
	}
	p.phrases[key] = &phrase{text: newText(p.ds.language, squeeze(n.text)), where: n.place(), state: given}
	p.ds.note(address("every", p.ds.d.ID, key), p.phrases[key])
}

// reasonList is a list of an indicator whose entries have a day and a reason.
type reasonList struct {
	key     string   // of the indicator
	word    string   // in addresses
	day     string   // the key of an entry's day
	further []string // the keys that tell entries of one day apart
}

func reasonLists() []reasonList {
	return []reasonList{
		{"targets", "target", "by", []string{"kind", "set"}},
		{"rebase", "rebase", "from", nil},
		{"changes", "change", "on", []string{"what"}},
	}
}

// noteReason makes a reason known that all rows have.
func (p *plan) noteReason(n *node, l reasonList) {
	value := map[string]*node{}
	for _, q := range n.pairs {
		value[q.key.text] = q.value
	}
	day, reason := value[l.day], value["reason"]
	if reason == nil || reason.kind != scalar {
		return
	}
	reason.spare = true
	if day == nil || day.kind != scalar || strings.TrimSpace(reason.text) == "" {
		return
	}
	date, err := kpi.ParseDate(day.text)
	if err != nil {
		return
	}
	key := address(l.word, date.String(), "reason")
	if p.phrases[key] != nil {
		key = address(append(append([]string{l.word, date.String()}, distinct(value, l.further)...), "reason")...)
	}
	if !strings.Contains(key, "{") {
		p.notePhrase(key, reason)
	}
}

// distinct returns what tells an entry apart from others of its day, as it stands in addresses.
func distinct(value map[string]*node, further []string) []string {
	var list []string
	for _, key := range further {
		n := value[key]
		switch {
		case n != nil && n.kind == sequence && len(n.items) > 0:
			n = n.items[0]
		case n == nil && key == "kind":
			n = &node{text: kpi.TargetAnnual}
		}
		if n == nil {
			return []string{""}
		}
		list = append(list, n.text)
	}
	return list
}

// reason is a text of an indicator, why something is so or what a milestone or the service is called, that stands at one of several addresses.
type reason struct {
	keys []string // the more precise first
	text *kpi.Text
}

// reasons returns the reasons of an indicator, its service and its milestones.
func reasons(i *kpi.Indicator) []reason {
	var list []reason
	for k := range i.Targets {
		t := &i.Targets[k]
		by := t.By.String()
		list = append(list, reason{[]string{address("target", by, t.Kind, t.Set.String(), "reason"), address("target", by, "reason")}, &t.Reason})
	}
	for k := range i.Rebases {
		list = append(list, reason{[]string{address("rebase", i.Rebases[k].From.String(), "reason")}, &i.Rebases[k].Reason})
	}
	for k := range i.Reasons {
		c := &i.Reasons[k]
		list = append(list, reason{[]string{secondChange(*c), address("change", c.On.String(), "reason")}, &c.Reason})
	}
	if i.Service != nil {
		list = append(list, reason{[]string{"service"}, &i.Service.Name})
	}
	if i.Project != nil {
		for k := range i.Project.Milestones {
			m := &i.Project.Milestones[k]
			list = append(list, reason{[]string{milestoneAddress(m.ID)}, &m.Name})
		}
	}
	return list
}

// fillLater remembers to fill in the translations of the texts that all rows have in common, once these are read.
func (p *plan) fillLater(r *planRow, indicator int) {
	l := p.ds.loader
	l.fillers = append(l.fillers, func() {
		i := &l.city.Indicators[indicator]
		for key, text := range map[string]*kpi.Text{"name": &i.Name, "sentence": &i.Sentence, "why": &i.Why, "method": &i.Method, "caution": &i.Caution} {
			p.fillText(text, p.phrases[key], r, i)
		}
		for _, x := range reasons(i) {
			for _, key := range x.keys {
				if of := p.phrases[key]; of != nil && same(fillText(of.text.String(l.language), r, ""), x.text.String(l.language)) {
					p.fillText(x.text, of, r, i)
					break
				}
			}
		}
	})
}

// fillText fills the translations of a text of every into that of a row.
func (p *plan) fillText(text *kpi.Text, of *phrase, r *planRow, i *kpi.Indicator) {
	if of == nil || text.In == nil {
		return
	}
	for lang, template := range of.text.In {
		if text.In[lang] == "" {
			text.In[lang] = fillText(template, r, i.Name.In[lang])
			delete(text.State, lang) // an outdated translation of this row alone has a better one now
			if state := of.text.State[lang]; state != kpi.TextReviewed {
				text.State[lang] = state
			}
		}
	}
	for lang, state := range of.text.State {
		if state == kpi.TextOutdated && text.In[lang] == "" {
			text.State[lang] = state
		}
	}
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
		for _, lang := range p.ds.city.Languages { // the first is the folder's own, whose placeholders were checked
			if lang == p.ds.language {
				continue
			}
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
