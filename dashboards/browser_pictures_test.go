package dashboards

import (
	"cmp"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// pictureName is LANGUAGE-PAGE-LOOK.png.
var pictureName = regexp.MustCompile(`^(en|es|pt-br|fr|xa)-(.+?)-((?:\d+-(?:light|dark)|explored).*)\.png$`)

// contact is the page on which all pictures are seen at once. It is read from a file, by whoever ran the tests.
var contact = template.Must(template.New("contact").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Every page ({{len .}})</title>
<style>
body { margin: 1rem; font: 1rem/1.4 sans-serif; background: #ddd; color: #111 }
nav { columns: 14rem; margin-bottom: 2rem }
section > div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
figure { margin: 0; max-width: 20rem }
img { display: block; max-width: 100%; max-height: 40rem; object-fit: cover; object-position: top; border: 1px solid #888 }
figcaption { font-size: .8rem }
</style></head><body>
<h1>Every page</h1>
<nav aria-label="Pages">{{range .}}<a href="#{{.Page}}">{{.Page}}</a><br>{{end}}</nav>
{{range .}}<section id="{{.Page}}"><h2>{{.Page}}</h2><div>
{{range .Pictures}}<figure><a href="{{.File}}"><img src="{{.File}}" alt="{{.Look}}" loading="lazy"></a><figcaption>{{.Look}}</figcaption></figure>
{{end}}</div></section>
{{end}}</body></html>
`))

// picture is a file with what it shows.
type picture struct{ File, Look string }

// shownPage is all pictures of a page.
type shownPage struct {
	Page     string
	Pictures []picture
}

// writeContactSheet writes index.html beside the pictures, which lie there by page.
func writeContactSheet(t *testing.T, dir string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name()
	}
	f, err := os.Create(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := contact.Execute(f, byPage(names)); err != nil {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

// byPage puts files together by the page that they show.
func byPage(names []string) []shownPage {
	pages := map[string]*shownPage{}
	for _, name := range names {
		m := pictureName.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		p := pages[m[2]]
		if p == nil {
			p = &shownPage{Page: m[2]}
			pages[m[2]] = p
		}
		p.Pictures = append(p.Pictures, picture{File: name, Look: strings.ReplaceAll(m[1]+" "+m[3], "-", " ")})
	}
	list := make([]shownPage, 0, len(pages))
	for _, p := range pages {
		list = append(list, *p)
	}
	slices.SortFunc(list, func(a, b shownPage) int { return cmp.Compare(a.Page, b.Page) })
	return list
}

// Every picture that the tests write stands on the sheet, under its page.
func TestContactSheet(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"en-scorecard-1280-light.png", "pt-br-scorecard-390-dark-forced.png", "xa-staff_data-320-light.png", "en-indicator-explored-390-dark.png", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	writeContactSheet(t, dir)
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="scorecard"`, `id="staff_data"`, `id="indicator"`, `src="pt-br-scorecard-390-dark-forced.png"`, `src="en-indicator-explored-390-dark.png"`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%s is not on the sheet", want)
		}
	}
	if got := strings.Count(string(page), "<img "); got != 4 {
		t.Errorf("%d pictures, want 4", got)
	}
}
