package browser

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Person is somebody at a browser, who reads pages, fills in forms and presses buttons as people do.
type Person struct {
	*Tab
	Keyboard bool   // they have no mouse: whatever they use they reach with the Tab key
	name     string // for messages and pictures
	steps    int
}

// NewPerson seats somebody before a window of a size. Each has cookies of their own.
func NewPerson(chromium context.Context, t *testing.T, site, name string, l Look) *Person {
	t.Helper()
	p := &Person{Tab: newTab(chromium, t, site, chromedp.WithNewBrowserContext()), name: name}
	p.Emulate(l)
	Call(p.Tab, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true}) // a public page may be a minute old; whoever waits for news asks anew
	return p
}

// Goes opens a page of the site, which must answer 200 and be in order.
func (p *Person) Goes(path string) {
	p.T.Helper()
	p.Open(path, http.StatusOK)
	p.looks(path)
}

// looks checks the page that is open in the way in which the person reads it.
func (p *Person) looks(what string) {
	p.T.Helper()
	p.steps++
	name := fmt.Sprintf("%s %d %s", p.name, p.steps, what)
	p.Check(name, "reflow", "whole", "headings", "targets")
	p.Axe(name)
	p.Quiet(name)
	p.Screenshot(fmt.Sprintf("%s-%02d", strings.ReplaceAll(strings.ToLower(p.name), " ", "-"), p.steps))
}

// Sees fails the test if the page does not say each of the texts, whatever lies in its folds included.
func (p *Person) Sees(texts ...string) {
	p.T.Helper()
	for _, text := range texts {
		if !p.shows(text) {
			p.T.Fatalf("%s does not read %q at %s:\n%s", p.name, text, p.At(), p.text())
		}
	}
}

// SeesNot fails the test if the page says one of the texts.
func (p *Person) SeesNot(texts ...string) {
	p.T.Helper()
	for _, text := range texts {
		if p.shows(text) {
			p.T.Fatalf("%s reads %q at %s", p.name, text, p.At())
		}
	}
}

// WaitsFor opens a page again and again until it says a text: what was set off may take a moment.
func (p *Person) WaitsFor(path, text string) {
	p.T.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if p.Open(path, http.StatusOK); p.shows(text) {
			p.looks(path)
			return
		}
		p.Wait("a moment", "new Promise(done => setTimeout(() => done(true), 200))")
	}
	p.Goes(path)
	p.Sees(text)
}

func (p *Person) shows(text string) bool {
	return strings.Contains(spaced(p.text()), spaced(text))
}

// spaced makes every white space one of the usual kind.
func spaced(s string) string { return strings.Join(strings.Fields(s), " ") }

func (p *Person) text() string { return Value[string](p.Tab, `document.body.textContent`) }

// At is the address of the page that is open, without the site.
func (p *Person) At() string {
	return strings.TrimPrefix(Value[string](p.Tab, "location.href"), p.site)
}

// Has reports whether something is on the page.
func (p *Person) Has(selector string) bool {
	return Value[bool](p.Tab, "document.querySelector("+strconv.Quote(selector)+") !== null")
}

// reach brings the focus to something: with the Tab key where there is no mouse; with one, folds that hide it are opened first.
func (p *Person) reach(selector string) {
	p.T.Helper()
	is := "document.activeElement === document.querySelector(" + strconv.Quote(selector) + ")"
	if !p.Has(selector) {
		p.T.Fatalf("%s finds no %s at %s:\n%s", p.name, selector, p.At(), p.text())
	}
	if !p.Keyboard {
		if !Value[bool](p.Tab, "(e=>{for(let d=e.closest('details:not([open])');d;d=e.closest('details:not([open])'))d.querySelector('summary').click();e.scrollIntoView();e.focus();return document.activeElement===e})(document.querySelector("+strconv.Quote(selector)+"))") {
			p.T.Fatalf("%s cannot reach %s at %s", p.name, selector, p.At())
		}
		return
	}
	for range 400 {
		if Value[bool](p.Tab, is) {
			return
		}
		p.Press(kb.Tab)
	}
	p.T.Fatalf("%s cannot reach %s with the Tab key at %s", p.name, selector, p.At())
}

// Types writes into a field, in the place of what stands there. A date is written 2006-01-02.
func (p *Person) Types(selector, text string) {
	p.T.Helper()
	p.reach(selector)
	kind := Value[string](p.Tab, "document.activeElement.type")
	switch {
	case kind == "date" && p.Keyboard: // its parts, in the order of a browser that speaks English: month, day, year
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			p.T.Fatal(err)
		}
		p.Press(strings.Split(day.Format("01022006"), "")...)
	case kind == "date":
		Value[bool](p.Tab, "(document.activeElement.value = "+strconv.Quote(text)+", true)")
	default:
		Value[bool](p.Tab, `(document.activeElement.select(), true)`)
		p.Do("type", chromedp.KeyEvent(kb.Backspace))
		p.Do("type", chromedp.KeyEvent(text))
	}
	if got := Value[string](p.Tab, "document.activeElement.value"); got != text {
		p.T.Fatalf("%s wrote %q into %s, and %q stands there", p.name, text, selector, got)
	}
}

// Chooses takes an option of a list by its value.
func (p *Person) Chooses(selector, value string) {
	p.T.Helper()
	p.reach(selector)
	if !p.Keyboard {
		Value[bool](p.Tab, "(e=>{e.value="+strconv.Quote(value)+";e.dispatchEvent(new Event('change',{bubbles:true}));return true})(document.activeElement)")
	}
	if p.Keyboard {
		p.Press(kb.Home)
		for range Value[int](p.Tab, "document.activeElement.options.length") {
			if Value[string](p.Tab, "document.activeElement.value") == value {
				break
			}
			p.Press(kb.ArrowDown)
		}
	}
	if got := Value[string](p.Tab, "document.querySelector("+strconv.Quote(selector)+").value"); got != value {
		p.T.Fatalf("%s wants %q of %s and got %q", p.name, value, selector, got)
	}
}

// Ticks sets a box, or takes one of several choices.
func (p *Person) Ticks(selector string) {
	p.T.Helper()
	checked := "document.querySelector(" + strconv.Quote(selector) + ").checked"
	if Value[bool](p.Tab, checked) {
		return
	}
	if p.Keyboard && Value[string](p.Tab, "document.querySelector("+strconv.Quote(selector)+").type") == "radio" {
		p.ticksRadio(selector)
	} else {
		p.reach(selector)
		p.Press(" ")
	}
	if !Value[bool](p.Tab, checked) {
		p.T.Fatalf("%s cannot tick %s", p.name, selector)
	}
}

// ticksRadio goes to the one of a group that the Tab key reaches, and from there with the arrows.
func (p *Person) ticksRadio(selector string) {
	p.T.Helper()
	group := "[name=" + strconv.Quote(Value[string](p.Tab, "document.querySelector("+strconv.Quote(selector)+").name")) + "]"
	for range 400 {
		if Value[bool](p.Tab, "document.activeElement.matches("+strconv.Quote(group)+")") {
			break
		}
		p.Press(kb.Tab)
	}
	for range 20 {
		if Value[bool](p.Tab, "document.querySelector("+strconv.Quote(selector)+").checked") {
			return
		}
		p.Press(kb.ArrowDown)
	}
}

// Brings puts a file into a field for one.
func (p *Person) Brings(selector, file string) {
	p.T.Helper()
	p.Do("bring "+file, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}

// Presses presses a button or follows a link, waits for the page to which it leads and looks at it. status is the page's.
func (p *Person) Presses(selector string, status int) {
	p.T.Helper()
	p.reach(selector)
	p.Expect(status)
	action := chromedp.KeyEvent("\r")
	if !p.Keyboard {
		action = chromedp.Evaluate[chromedp.Void]("document.activeElement.click()")
	}
	res, err := Run(p.Tab, func(ctx context.Context) (*network.Response, error) { return chromedp.RunResponse(ctx, action) })
	if err != nil || int(res.Status) != status {
		p.T.Fatalf("%s presses %s: %v, %v; want %d; now at %s:\n%s", p.name, selector, res, err, status, p.At(), p.text())
	}
	p.LoadChecks()
	p.looks(selector)
}

// Unfolds opens what lies below a summary, if it is not open.
func (p *Person) Unfolds(summary string) {
	p.T.Helper()
	p.reach(summary)
	open := "document.querySelector(" + strconv.Quote(summary) + ").parentElement.open"
	if !Value[bool](p.Tab, open) {
		p.Press("\r")
	}
	if !Value[bool](p.Tab, open) {
		p.T.Fatalf("%s cannot unfold %s at %s", p.name, summary, p.At())
	}
}

// Strikes strikes a key that leads to another page, wherever the focus is, waits for that page and looks at it.
func (p *Person) Strikes(key string) {
	p.T.Helper()
	p.Expect(http.StatusOK)
	res, err := Run(p.Tab, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.KeyEvent(key))
	})
	if err != nil || int(res.Status) != http.StatusOK {
		p.T.Fatalf("%s strikes %q at %s: %v, %v", p.name, key, p.At(), res, err)
	}
	p.LoadChecks()
	p.looks(strconv.Quote(key))
}

// Looks looks at the page that is open as it is now, for what came onto it since it was opened.
func (p *Person) Looks(what string) {
	p.T.Helper()
	p.looks(what)
}
