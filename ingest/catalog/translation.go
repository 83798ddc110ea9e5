package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"citystat/kpi"
)

// readTranslations reads the texts in the city's other languages.
func (l *loader) readTranslations() error {
	names := l.owners()
	for i, lang := range l.city.Languages {
		if i == 0 {
			continue
		}
		if err := l.readTranslation(lang, names); err != nil {
			return err
		}
	}
	return nil
}

// readTranslation reads the translations into one language. It adds the names of districts to names.
func (l *loader) readTranslation(lang kpi.Lang, names map[string]string) error {
	file := fmt.Sprintf("text/%s.yaml", lang)
	root, err := l.yaml(file)
	if errors.Is(err, fs.ErrNotExist) {
		l.file(file, fmt.Sprintf("write it, or take %s out of languages in city.yaml", lang), "the file is missing: city.yaml promises the language %q, and %d texts need a translation", lang, l.wanted())
		return nil
	}
	if err != nil {
		return err
	}
	o, ok := l.object(root, translationsShape)
	if !ok {
		return nil
	}
	if n, s := o.raw("language", required); n != nil && s != string(lang) {
		l.bad(n, fmt.Sprintf("write language: %s, or rename the file", lang), "the file is called %s.yaml, and its language %s", lang, short(s))
	}
	t := &translation{loader: l, lang: lang, done: map[string]*node{}, names: names}
	list := o.list("texts", required)
	if o.value["texts"] == nil || o.value["texts"].kind != sequence {
		return nil
	}
	t.note(list)
	for _, n := range list {
		t.read(n)
	}
	t.missing(o.key["texts"])
	return nil
}

// wanted returns the number of texts that need a translation.
func (l *loader) wanted() int {
	n := 0
	for _, p := range l.phrases {
		if p.state == given && !p.proper && !p.spare {
			n++
		}
	}
	return n
}

// translation reads the entries of one file.
type translation struct {
	*loader
	lang  kpi.Lang
	done  map[string]*node  // by address
	names map[string]string // of districts, in all languages so far, normalised
	named map[string]bool   // addresses of all entries
}

// note notes the addresses of all entries: none of them was meant by another.
func (t *translation) note(list []*node) {
	t.named = map[string]bool{}
	for _, n := range list {
		for _, q := range n.pairs {
			if q.key.text == "at" {
				t.named[q.value.text] = true
			}
		}
	}
}

// read reads one entry.
func (t *translation) read(n *node) {
	o, ok := t.object(n, translationShape)
	if !ok {
		t.done[n.text] = n // perhaps the address alone
		return
	}
	atNode := o.get("at", required)
	at, atOK := o.plainText("at", atNode)
	of, text, state, lacks := t.stamp(o), "", kpi.TextReviewed, t.lacks(o)
	if !lacks {
		text, state = t.words(o, "text", required), t.state(o)
	}
	if !atOK {
		t.meant(of)
		return
	}
	p := t.phrases[at]
	if p == nil {
		t.unknown(atNode, at, of)
		return
	}
	if first := t.done[at]; first != nil {
		t.bad(atNode, "keep one of the two", "%s is translated twice, first in line %d", at, first.line)
		return
	}
	t.done[at] = atNode
	switch {
	case p.state == absent:
		t.bad(atNode, "delete the entry, or write the text", "there is no text at %s to be translated", at)
	case p.state == garbled || of.n == nil || text == "" && !lacks:
	case lacks && o.key["text"] != nil: // reported
	case lacks && of.is(p.text.String(p.text.Source)):
		t.warn(o.value["state"], "translate it, write text: …, and take state away", "%s is still to be translated; it is shown in %q until then", at, p.text.Source)
	case of.is(p.text.String(p.text.Source)):
		if !p.proper || t.own(o.value["text"], at, text) {
			p.text.In[t.lang] = text
			p.mark(t.lang, state)
		}
	default:
		source := p.text.String(p.text.Source)
		p.mark(t.lang, kpi.TextOutdated)
		mend := either(of.hash == "", "translate it again, and copy the text into of", "translate it again, and write hash: "+textHash(source)[:shortestHash])
		t.warn(of.n, mend, "the translation of %s is outdated: the text is now %s (%s)", at, short(source), p.where)
	}
}

// lacks reports whether an entry says that the translation is still to be made.
func (t *translation) lacks(o object) bool {
	n := o.value["state"]
	if n == nil || n.kind != scalar || n.text != stateMissing {
		return false
	}
	if k := o.key["text"]; k != nil {
		t.bad(n, "write state: draft, or take the text away", "the translation is there, and state says that it is missing")
	}
	return true
}

// stateMissing is the state of an entry whose translation is still to be made.
const stateMissing = "missing"

// state reads how a translation came about.
func (t *translation) state(o object) kpi.TextState {
	if n := o.value["state"]; n != nil && n.kind == scalar && n.text == "reviewed" {
		t.bad(n, "leave state out", "a translation is taken for reviewed unless something else is said")
		return kpi.TextReviewed
	}
	return oneOf(o, "state", optional, kpi.TextReviewed, []kpi.TextState{kpi.TextMachine, kpi.TextDraft, stateMissing})
}

// mark notes how the translation into a language came about.
func (p *phrase) mark(lang kpi.Lang, state kpi.TextState) {
	if state != kpi.TextReviewed {
		p.text.State[lang] = state
	}
}

// stamp is what an entry says of the text that it translates: the text itself, or its hash.
type stamp struct {
	n        *node // nil if it says neither
	of, hash string
}

// shortestHash is the number of hexadecimal digits that tell one text from another.
const shortestHash = 12

var hashes = regexp.MustCompile(`^[0-9a-f]{12,64}$`)

// stamp reads of or hash, exactly one of which is there.
func (t *translation) stamp(o object) stamp {
	if o.key["hash"] == nil {
		text := t.words(o, "of", required)
		if text == "" {
			return stamp{}
		}
		return stamp{n: o.value["of"], of: text}
	}
	n, s := o.raw("hash", optional)
	switch {
	case n == nil:
		return stamp{}
	case o.key["of"] != nil:
		t.bad(o.key["hash"], "keep one of the two", "of and hash say the same, which text is translated")
		return stamp{}
	case !hashes.MatchString(s):
		t.bad(n, "write the first 12 to 64 hexadecimal digits, in small letters, of the SHA-256 of the text, its white space folded; in quotes if they are all digits", "%s is no hash of a text", short(s))
		return stamp{}
	}
	return stamp{n: n, hash: s}
}

// is reports whether the stamp is of the text.
func (s stamp) is(text string) bool {
	if s.hash != "" {
		return strings.HasPrefix(textHash(text), s.hash)
	}
	return s.of != "" && same(s.of, text)
}

// textHash is the hash of a text, which no line break changes.
func textHash(s string) string {
	sum := sha256.Sum256([]byte(fold(s)))
	return hex.EncodeToString(sum[:])
}

// words reads a text of an entry; what merely looks like a yes or no is a text here, because the source text may look so too.
func (t *translation) words(o object, key string, must need) string {
	n := o.get(key, must)
	if n != nil && n.kind == scalar && isBool(n.text) {
		return n.text
	}
	s, _ := o.plainText(key, n)
	return s
}

// same reports whether two texts say the same: line breaks do not count.
func same(a, b string) bool { return fold(a) == fold(b) }

// fold puts single spaces in the place of white space.
func fold(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// unknown reports an address at which there is no text, unless things of its kind could not be read.
func (t *translation) unknown(n *node, at string, of stamp) {
	kind, _, _ := strings.Cut(at, ".")
	switch kind {
	case "glossary":
		kind = "term"
	case "meeting":
		kind = "series"
	}
	ofDatasets := kind == "indicator" || kind == "every" || kind == "level" || kind == "plan"
	if t.table(kind).open || ofDatasets && t.table("dataset").open {
		return
	}
	best := nearest(at, t.order)
	if p := t.phrases[best]; p == nil || t.named[best] {
		best = ""
	}
	if best != "" {
		t.done[best] = n // one mistake: it is not missing too
	} else {
		t.meant(of)
	}
	t.bad(n, either(best != "", fmt.Sprintf("did you mean %q?", best), "texts stand at addresses such as city.name, priority.ID.promise or indicator.ID.sentence"), "there is no text at %s", short(at))
}

// meant takes the text that an entry without a usable address was probably for as done.
func (t *translation) meant(of stamp) {
	for _, at := range t.order {
		p := t.phrases[at]
		if p.state == given && t.done[at] == nil && of.is(p.text.String(p.text.Source)) {
			t.done[at] = &node{}
			return
		}
	}
}

// missing reports the texts that are not translated. A district's name is a proper name and may stay as it is.
func (t *translation) missing(texts *node) {
	for _, at := range t.order {
		p := t.phrases[at]
		if p.state != given || p.proper || p.spare || t.done[at] != nil {
			continue
		}
		source := p.text.String(p.text.Source)
		t.untold = append(t.untold, untold{t.lang, at, source})
		t.bad(texts, fmt.Sprintf("add {at: %s, of: …, text: …}", at), "%s is not translated: %s (%s)", at, short(source), p.where)
	}
}

// owners returns which district every name in the source language stands for.
func (l *loader) owners() map[string]string {
	owner := map[string]string{}
	for _, d := range l.city.Districts {
		for _, name := range append([]string{d.ID, d.Name.String(d.Name.Source)}, d.Aliases...) {
			owner[kpi.NormaliseName(name)] = d.ID
		}
	}
	return owner
}

// own reports whether a district's name is no other district's in any language; if it is, the rows of the two could not be told apart.
func (t *translation) own(n *node, at, name string) bool {
	id := strings.TrimSuffix(strings.TrimPrefix(at, "district."), ".name")
	key := kpi.NormaliseName(name)
	if other, taken := t.names[key]; taken && other != id {
		t.bad(n, "give every district names of its own", "%s is the name of the district %q already", short(name), other)
		return false
	}
	t.names[key] = id
	return true
}
