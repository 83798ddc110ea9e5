// Package browser drives a real Chromium in tests, and looks at what it shows: layout, keyboard, contrast, axe-core, the policy, what the console says.
package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/axe.min.js
var axeSource string

//go:embed testdata/layout.js
var layoutSource string

//go:embed testdata/checks.js
var checksSource string

// Screenshots is the directory to which pictures are written; empty: none are.
var Screenshots string

func init() {
	flag.StringVar(&Screenshots, "screenshots", "", "write a picture of every page that the browser tests look at to this directory")
}

// browserNames are the names under which a Chromium may be installed.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell"}

// Start starts one browser for a test and all its tabs. Without a browser the test is skipped, in the gate it fails.
func Start(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range browserNames {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		const text = "no browser found; install chromium to check the pages in one"
		if os.Getenv("CI") == "true" {
			t.Fatal(text)
		}
		t.Skip(text)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// Tab is a browser's tab that notes everything that goes wrong in it.
type Tab struct {
	T    *testing.T
	ctx  context.Context
	site string // http://127.0.0.1:port

	mu       sync.Mutex
	troubles []string // console errors, exceptions, failed and foreign requests, violations of the policy
	expect   int      // the status that the document should have
}

// noteViolations makes the page note each violation of its Content-Security-Policy before any of its own scripts runs.
const noteViolations = `window.cspViolations=[];addEventListener("securitypolicyviolation",e=>window.cspViolations.push(e.violatedDirective+" "+e.blockedURI+" "+e.sourceFile+":"+e.lineNumber+" "+e.sample))`

// NewTab opens a tab. It is closed when the test ends, and fails it if anything went wrong in it.
func NewTab(browser context.Context, t *testing.T, site string) *Tab {
	t.Helper()
	return newTab(browser, t, site)
}

func newTab(browser context.Context, t *testing.T, site string, opts ...chromedp.ContextOption) *Tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, opts...)
	t.Cleanup(cancel)
	b := &Tab{T: t, ctx: ctx, site: site, expect: 200}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	Call(b, network.Enable, network.EnableParams{})
	Call(b, cdplog.Enable, cdp.Empty{})
	Call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: noteViolations})
	return b
}

// Call runs a command of the protocol in the tab.
func Call[P, R any](b *Tab, cmd cdp.Command[P, R], params P) R {
	b.T.Helper()
	res, err := Run(b, func(ctx context.Context) (R, error) { return chromedp.Call(ctx, cmd, params) })
	if err != nil {
		b.T.Fatalf("%s: %v", cmd.Method, err)
	}
	return res
}

// Run bounds what is done in the tab, so that a page that hangs fails the test and not the whole run.
func Run[R any](b *Tab, f func(context.Context) (R, error)) (R, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	return f(ctx)
}

// Do runs an action that returns nothing.
func (b *Tab) Do(what string, action chromedp.Action[chromedp.Void]) {
	b.T.Helper()
	if _, err := Run(b, func(ctx context.Context) (struct{}, error) { return struct{}{}, chromedp.Do(ctx, action) }); err != nil {
		b.T.Fatalf("%s: %v", what, err)
	}
}

func (b *Tab) listen(ev any) {
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.site+"/") && !strings.HasPrefix(u, "data:") && u != "about:blank" {
			b.trouble("asks elsewhere: %s", u)
		}
	case *network.EventResponseReceived:
		if want := b.wanted(e.Type == network.ResourceTypeDocument); int(e.Response.Status) != want && e.Response.Status != 304 {
			b.trouble("%s answers %d", e.Response.URL, e.Response.Status)
		}
	case *network.EventLoadingFailed:
		if !e.Canceled {
			b.trouble("a request failed: %s %s", e.ErrorText, e.BlockedReason)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError || e.Entry.Source == cdplog.EntrySourceSecurity {
			if b.wanted(true) == 200 || e.Entry.Source != cdplog.EntrySourceNetwork {
				b.trouble("console: %s: %s", e.Entry.Source, e.Entry.Text)
			}
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.trouble("exception: %s %s", text, e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" || e.Type == "warning" || e.Type == "assert" {
			b.trouble("console.%s", e.Type)
		}
	}
}

// wanted is the status that a response should have.
func (b *Tab) wanted(document bool) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if document {
		return b.expect
	}
	return 200
}

func (b *Tab) trouble(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles = append(b.troubles, fmt.Sprintf(format, args...))
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int64
	Scheme        string // light, dark
	Media         string // screen, print
	Plain         bool   // without scripts
	Forced        bool   // forced colours
}

func (l Look) String() string {
	s := fmt.Sprintf("%d-%s", l.Width, l.Scheme)
	if l.Media == "print" {
		s += "-print"
	}
	if l.Plain {
		s += "-plain"
	}
	if l.Forced {
		s += "-forced"
	}
	return s
}

// Emulate makes the tab look at its page in that way.
func (b *Tab) Emulate(l Look) {
	b.T.Helper()
	Call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.Width, Height: l.Height, DeviceScaleFactor: 1})
	forced := "none"
	if l.Forced {
		forced = "active"
	}
	Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: l.Media, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.Scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "forced-colors", Value: forced},
	}})
	Call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.Plain})
}

// Open loads a page of the site and waits until it is complete.
func (b *Tab) Open(path string, status int) {
	b.T.Helper()
	b.Expect(status)
	b.Do("open "+path, chromedp.Navigate(b.site+path))
	b.LoadChecks()
}

// Expect says which status the next document should have.
func (b *Tab) Expect(status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expect = status
}

// LoadChecks brings the checks into the page.
func (b *Tab) LoadChecks() {
	b.T.Helper()
	b.Do("load the checks", chromedp.Evaluate[chromedp.Void](checksSource+"\n"+layoutSource))
}

// Troubles returns what went wrong since it was last asked, one a line, and forgets it.
func (b *Tab) Troubles() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := strings.Join(b.troubles, "\n")
	b.troubles = nil
	return all
}

// Value evaluates an expression, waiting for it if it is a promise.
func Value[T any](b *Tab, js string) T {
	b.T.Helper()
	raw, err := Run(b, func(ctx context.Context) ([]byte, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[[]byte]("(async () => JSON.stringify(await ("+js+")) ?? 'null')()", chromedp.EvalAwaitPromise))
	})
	if err != nil {
		b.T.Fatalf("%s: %v", head(js), err)
	}
	var text string
	var out T
	if err := json.Unmarshal(raw, &text); err == nil {
		raw = []byte(text)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		b.T.Fatalf("%s gave %s: %v", head(js), raw, err)
	}
	return out
}

func head(s string) string { return s[:min(len(s), 80)] }

// Check runs checks of testdata/checks.js, and fails the test with what they found.
func (b *Tab) Check(what string, checks ...string) {
	b.T.Helper()
	for _, c := range checks {
		if !strings.Contains(c, "(") {
			c += "()"
		}
		for _, problem := range Value[[]string](b, "citystatChecks."+c) {
			b.T.Errorf("%s: %s: %s", what, c, problem)
		}
	}
}

// Quiet fails the test with everything that went wrong since it was last asked.
func (b *Tab) Quiet(what string) {
	b.T.Helper()
	for _, v := range Value[[]string](b, "(window.cspViolations||[]).splice(0)") {
		b.T.Errorf("%s: the policy was violated: %s", what, v)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.troubles {
		b.T.Errorf("%s: %s", what, text)
	}
	b.troubles = nil
}

// axeRules are the rules of WCAG 2.0 to 2.2, levels A and AA, and axe's best practices.
const axeRules = `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`

// violation is what a rule of axe finds.
type violation struct {
	ID, Help string
	Nodes    []struct {
		HTML, Summary string
	}
}

// Violations runs axe-core.
func (b *Tab) Violations() []violation {
	b.T.Helper()
	if !Value[bool](b, "typeof axe === 'object'") {
		b.Do("load axe", chromedp.Evaluate[chromedp.Void](axeSource))
	}
	return Value[[]violation](b, `axe.run(document,{runOnly:`+axeRules+`,resultTypes:["violations"]})
		.then(r=>r.violations.map(v=>({id:v.id,help:v.help,nodes:v.nodes.slice(0,3).map(n=>({html:n.html,summary:n.failureSummary}))})))`)
}

// Axe fails the test with what axe-core finds.
func (b *Tab) Axe(what string) {
	b.T.Helper()
	for _, v := range b.Violations() {
		for _, n := range v.Nodes {
			b.T.Errorf("%s: axe: %s (%s): %s\n%s", what, v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// AxeFinds returns what one rule of axe-core finds.
func (b *Tab) AxeFinds(rule string) (found []string) {
	b.T.Helper()
	for _, v := range b.Violations() {
		if v.ID == rule {
			found = append(found, v.Help)
		}
	}
	return found
}

// Press sends keys to the page.
func (b *Tab) Press(keys ...string) {
	b.T.Helper()
	for _, k := range keys {
		b.Do("press "+strconv.Quote(k), chromedp.KeyEvent(k))
	}
}

// Walk goes through the page with the Tab key, and fails the test with what is wrong on the way.
func (b *Tab) Walk(what string) {
	b.T.Helper()
	for _, problem := range b.Stops() {
		b.T.Errorf("%s: %s", what, problem)
	}
}

// where the focus is.
type where struct {
	Index         int
	Parts         bool // the element has parts, and the keyboard stops at each: year, month and day of a date
	Problem, Name string
}

// tab presses the Tab key, as often as it takes to leave an element with parts.
func (b *Tab) tab(from int) where {
	b.T.Helper()
	const most = 4 // year, month, day, and the button of the calendar
	var at where
	for range most {
		b.Press(kb.Tab)
		if at = Value[where](b, "citystatChecks.focus()"); !at.Parts || at.Index != from {
			break
		}
	}
	return at
}

// Stops goes through the page with the Tab key: every stop is reached, in order, once, and the focus is seen.
func (b *Tab) Stops() (problems []string) {
	b.T.Helper()
	stops := Value[[]string](b, "citystatChecks.tabs()")
	if len(stops) == 0 {
		return []string{"nothing can be reached with the keyboard"}
	}
	for i, stop := range stops {
		at := b.tab(i - 1)
		if at.Index != i {
			return append(problems, fmt.Sprintf("Tab number %d reached %s, want %s", i+1, at.Name, stop))
		}
		if at.Problem != "" {
			problems = append(problems, stop+": "+at.Problem)
		}
	}
	if at := b.tab(len(stops) - 1); at.Index > 0 {
		problems = append(problems, "the keyboard is held at "+at.Name)
	}
	return problems
}

// Screenshot writes the whole page as a picture, if pictures are wanted.
func (b *Tab) Screenshot(name string) {
	b.T.Helper()
	if Screenshots == "" {
		return
	}
	png, err := Run(b, func(ctx context.Context) ([]byte, error) { return chromedp.Run(ctx, chromedp.FullScreenshot(100)) })
	if err != nil {
		b.T.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.MkdirAll(Screenshots, 0o755); err != nil {
		b.T.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(Screenshots, name+".png"), png, 0o644); err != nil {
		b.T.Fatal(err)
	}
}
