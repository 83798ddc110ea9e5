package catalog

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"citystat/kpi"
)

// Patch returns what makes a folder say what was decided over it and it does not say yet: a unified diff of its files, which keeps their comments and
// style. Texts are put between those that are there; nothing is written anew. Where the folder's own texts have translations, what was decided is
// noted there as still to be translated.
//
// What the diff does is tried before it is returned: with it the folder has no mistake, says what was decided, and nothing else. A decision for
// which that cannot be is left to a person, with the lines to write. It fails if the folder as it is has mistakes.
func Patch(fsys fs.FS, decisions []kpi.Decision) (kpi.FolderPatch, error) {
	city, problems, err := Load(fsys)
	if err != nil {
		return kpi.FolderPatch{}, err
	}
	if city == nil {
		return kpi.FolderPatch{}, kpi.Errorf(kpi.CodeConflict, "the folder has mistakes now, so nothing can be put into it; run `citystat check`: %s", problems[0].String())
	}
	want, applied := kpi.Apply(city, decisions)
	p := patch{fsys: fsys, decisions: decisions, want: want, files: map[string]*draft{}}
	var todo []kpi.Decision
	for _, a := range applied {
		if a.State == kpi.AppliedInForce {
			todo = append(todo, a.Decision)
		}
	}
	if err := p.all(todo); err != nil {
		return kpi.FolderPatch{}, err
	}
	return p.result, nil
}

// patch is a patch in the making.
type patch struct {
	fsys      fs.FS
	decisions []kpi.Decision
	want      *kpi.City // with every decision laid over it, as it is and as it must be
	files     map[string]*draft
	result    kpi.FolderPatch
}

// draft is a file of the folder, as it is and as it is to be.
type draft struct {
	data []byte // as it is
	text string // with plain line ends and without a byte order mark
	now  string // the text as it is to be
}

// all puts the decisions into the folder: together, or one by one if together they make something else of it.
func (p *patch) all(todo []kpi.Decision) error {
	ok, err := p.put(todo)
	if err != nil {
		return err
	}
	if !ok {
		p.files, p.result = map[string]*draft{}, kpi.FolderPatch{}
		for k := range todo {
			before := p.snapshot()
			ok, err := p.put(todo[k : k+1])
			if err != nil {
				return err
			}
			if !ok {
				p.restore(before)
				p.byHand(&todo[k], kpi.HandRefused)
			}
		}
	}
	return p.diff()
}

// put puts decisions into the drafts, and reports whether the folder is then as it must be.
func (p *patch) put(todo []kpi.Decision) (bool, error) {
	done := len(p.result.Decisions)
	for k := range todo {
		why, err := p.write(&todo[k])
		if err != nil {
			return false, err
		}
		if why != "" {
			p.byHand(&todo[k], why)
			continue
		}
		p.result.Decisions = append(p.result.Decisions, todo[k].ID)
	}
	if len(p.result.Decisions) == done {
		return true, nil
	}
	return p.holds()
}

// holds reports whether the drafts are a folder without mistakes which says what it must.
func (p *patch) holds() (bool, error) {
	l := newLoader(p.overlay())
	if err := l.everything(); err != nil {
		return false, err
	}
	for _, u := range l.untold {
		if !p.lacking(u) {
			return false, nil
		}
	}
	city, _, err := Load(p.overlay())
	if err != nil || city == nil {
		return false, err
	}
	got, applied := kpi.Apply(city, p.decisions)
	for _, a := range applied {
		if slices.Contains(p.result.Decisions, a.Decision.ID) && a.State != kpi.AppliedInFolder {
			return false, nil
		}
	}
	g, w := *got, *p.want
	g.Hash, w.Hash = "", ""
	return reflect.DeepEqual(g, w), nil
}

// lacking notes in the file of a language that a text is still to be translated.
func (p *patch) lacking(u untold) bool {
	name := fmt.Sprintf("text/%s.yaml", u.lang)
	root := p.tree(name)
	if root == nil {
		return false
	}
	list := root.value("texts")
	if list == nil || list.kind != sequence || list.anchored {
		return false
	}
	entry := []written{{"at", u.at}, {"of", quoted(u.source)}, {"state", stateMissing}}
	return p.insert(name, list, len(list.items), entry)
}

type kept struct {
	texts  map[string]string
	result kpi.FolderPatch
}

func (p *patch) snapshot() kept {
	k := kept{map[string]string{}, p.result}
	for name, d := range p.files {
		k.texts[name] = d.now
	}
	return k
}

func (p *patch) restore(k kept) {
	for name, d := range p.files {
		if text, ok := k.texts[name]; ok {
			d.now = text
		} else {
			delete(p.files, name)
		}
	}
	p.result = k.result
}

// draft returns a file of the folder; nil if it cannot be changed line by line.
func (p *patch) draft(name string) *draft {
	if d := p.files[name]; d != nil {
		return d
	}
	data, err := fs.ReadFile(p.fsys, name)
	if err != nil {
		return nil
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	plain := strings.ReplaceAll(text, "\r\n", "\n")
	if crlf := strings.Count(text, "\r\n"); strings.Contains(plain, "\r") || crlf > 0 && crlf != strings.Count(text, "\n") {
		return nil // lines end in several ways
	}
	d := &draft{data: data, text: plain, now: plain}
	p.files[name] = d
	return d
}

// bytes returns the file with the line ends and the byte order mark that it has.
func (d *draft) bytes() []byte {
	text := d.now
	if bytes.Contains(d.data, []byte("\r\n")) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if bytes.HasPrefix(d.data, []byte("\ufeff")) {
		text = "\ufeff" + text
	}
	return []byte(text)
}

// tree reads a draft; nil if it cannot be read.
func (p *patch) tree(name string) *node {
	d := p.draft(name)
	if d == nil {
		return nil
	}
	l := newLoader(p.fsys)
	src := l.text(name, []byte(d.now))
	if src == nil {
		return nil
	}
	return l.parse(src)
}

// value returns the value of a key of a mapping; nil if there is none.
func (n *node) value(key string) *node {
	for _, q := range n.pairs {
		if q.key.text == key {
			return q.value
		}
	}
	return nil
}

// found is where an indicator stands.
type found struct {
	file     string
	n        *node
	anchored bool // it, or what it stands in
}

// find finds an indicator in the files of datasets; n is nil if it is not written there.
func (p *patch) find(id string) (found, error) {
	entries, err := fs.ReadDir(p.fsys, "datasets")
	if err != nil {
		return found{}, err
	}
	for _, e := range entries {
		name := path.Join("datasets", e.Name())
		if path.Ext(name) != ".yaml" || e.IsDir() {
			continue
		}
		root := p.tree(name)
		if root == nil || root.kind != mapping {
			continue
		}
		list := root.value("indicators")
		if list == nil || list.kind != sequence {
			continue
		}
		for _, n := range list.items {
			if n.kind == mapping && n.value("id") != nil && n.value("id").text == id {
				return found{name, n, root.anchored || list.anchored || n.anchored}, nil
			}
		}
	}
	return found{}, nil
}

// write puts a decision into the draft of its file; it returns why it did not.
func (p *patch) write(d *kpi.Decision) (kpi.HandWhy, error) {
	at, err := p.find(d.Indicator)
	switch {
	case err != nil:
		return "", err
	case at.n == nil:
		return kpi.HandTable, nil
	case at.anchored:
		return kpi.HandAnchor, nil
	case d.Kind == kpi.DecideOwner:
		return p.writeOwner(at, d)
	}
	t := d.Entry()
	before := func(n *node) bool { // what stands before the target: what is for an earlier day, or was set earlier
		by, set := n.value("by"), n.value("set")
		if by == nil || set == nil {
			return false
		}
		b, _ := kpi.ParseDate(by.text)
		s, _ := kpi.ParseDate(set.text)
		return b.Before(t.By) || b == t.By && !s.After(t.Set)
	}
	return p.add(at, "targets", []string{"baseline", "adds_up_in", "trajectory", "direction"}, before, targetWords(t)), nil
}

// writeOwner puts another owner into the draft, and the note that says why.
func (p *patch) writeOwner(at found, d *kpi.Decision) (kpi.HandWhy, error) {
	n := at.n.value("owner")
	switch {
	case n == nil:
		if !p.addKey(at.file, at.n, []string{"department", "priority"}, "owner", d.Owner) {
			return kpi.HandRefused, nil
		}
	case n.anchored:
		return kpi.HandAnchor, nil
	case !p.replace(at.file, n, d.Owner):
		return kpi.HandRefused, nil
	}
	at, err := p.find(d.Indicator)
	if err != nil || at.n == nil {
		return kpi.HandRefused, err
	}
	before := func(n *node) bool {
		on := n.value("on")
		if on == nil {
			return false
		}
		day, _ := kpi.ParseDate(on.text)
		return !day.After(d.On)
	}
	return p.add(at, "changes", []string{"targets"}, before, noteWords(d.Note())), nil
}

// add puts an entry into a list of an indicator, behind the last one that stands before it, or makes the list, behind the first of the keys that is there.
func (p *patch) add(at found, key string, behind []string, before func(*node) bool, entry []written) kpi.HandWhy {
	list := at.n.value(key)
	if list == nil {
		text := "[" + flowEntry(entry) + "]"
		if !at.n.flow {
			text = "\n" + strings.Repeat(" ", at.n.column+1) + "- " + flowEntry(entry)
		}
		if !p.addKey(at.file, at.n, behind, key, text) {
			return kpi.HandRefused
		}
		return ""
	}
	if list.anchored || slices.ContainsFunc(list.items, func(n *node) bool { return n.anchored }) {
		return kpi.HandAnchor
	}
	if list.kind != sequence {
		return kpi.HandRefused
	}
	k := len(list.items)
	for k > 0 && !before(list.items[k-1]) {
		k--
	}
	if !p.insert(at.file, list, k, entry) {
		return kpi.HandRefused
	}
	return ""
}

// byHand leaves a decision to a person.
func (p *patch) byHand(d *kpi.Decision, why kpi.HandWhy) {
	h := kpi.HandPatch{Decision: d.ID, Why: why}
	if at, err := p.find(d.Indicator); err == nil && at.n != nil {
		h.File, h.Line = at.file, at.n.line
	}
	if d.Kind == kpi.DecideOwner {
		h.Lines = []string{"owner: " + d.Owner, "changes:", "  - " + flowEntry(noteWords(d.Note()))}
	} else {
		h.Lines = []string{"targets:", "  - " + flowEntry(targetWords(d.Entry()))}
	}
	p.result.ByHand = append(p.result.ByHand, h)
}
