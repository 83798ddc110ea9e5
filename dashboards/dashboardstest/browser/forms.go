package browser

import (
	"context"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Fill types into fields, by their ids.
func (b *Tab) Fill(fields map[string]string) {
	b.T.Helper()
	for id, text := range fields {
		if !Value[bool](b, `(e=>{if(!e)return false;e.value="";e.focus();return document.activeElement===e})(document.getElementById("`+id+`"))`) {
			b.T.Fatalf("the field %s cannot be typed into", id)
		}
		b.Press(text)
	}
}

// Submit presses the button of the form with a field, and waits for the answer.
func (b *Tab) Submit(field string, status int) {
	b.T.Helper()
	b.Expect(status)
	Value[bool](b, `(document.getElementById("`+field+`").form.querySelector("button[type=submit]").focus(), true)`)
	res, err := Run(b, func(ctx context.Context) (*network.Response, error) {
		return chromedp.RunResponse(ctx, chromedp.KeyEvent("\r"))
	})
	if err != nil || int(res.Status) != status {
		b.T.Fatalf("send the form with %s: %v, %v; want %d", field, res, err, status)
	}
	b.LoadChecks()
}

// LookAround looks at the page as it is now, on a screen and on a phone, in the light and the dark; afterwards no script runs.
func (b *Tab) LookAround(name string, more ...string) {
	b.T.Helper()
	for _, l := range []Look{ // the page came without its script; axe needs one of its own
		{Width: 390, Height: 844, Scheme: "dark", Media: "screen"}, {Width: 320, Height: 640, Scheme: "light", Media: "screen"},
		{Width: 1280, Height: 900, Scheme: "dark", Media: "screen"}, {Width: 1280, Height: 900, Scheme: "light", Media: "screen"},
	} {
		b.Emulate(l)
		what := name + " " + l.String()
		b.Check(what, append([]string{"reflow", "whole", "headings", "targets", "spacing", "plain"}, more...)...)
		b.Axe(what)
		b.Screenshot("en-" + name + "-" + l.String())
	}
	b.Quiet(name)
	b.Emulate(WithoutScript)
}

// WithoutScript is a wide window in which no script runs.
var WithoutScript = Look{Width: 1280, Height: 900, Scheme: "light", Media: "screen", Plain: true}

// Wait waits until an expression is true in the page.
func (b *Tab) Wait(what, js string) {
	b.T.Helper()
	b.Do(what, chromedp.Poll[chromedp.Void](js))
}
