package dashboards

import (
	"context"
	_ "embed"
	"encoding/json"
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

// browserNames are the names under which a Chromium may be installed.
var browserNames = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "headless_shell"}

// startBrowser starts one browser for a test and all its tabs. Without a browser the test is skipped, in the gate it fails.
func startBrowser(t *testing.T) context.Context {
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

// tab is a browser's tab that notes everything that goes wrong in it.
type tab struct {
	t    *testing.T
	ctx  context.Context
	site string // http://127.0.0.1:port

	mu       sync.Mutex
	troubles []string // console errors, exceptions, failed and foreign requests, violations of the policy
	expect   int      // the status that the document should have
}

// noteViolations makes the page note each violation of its Content-Security-Policy before any of its own scripts runs.
const noteViolations = `window.cspViolations=[];addEventListener("securitypolicyviolation",e=>window.cspViolations.push(e.violatedDirective+" "+e.blockedURI+" "+e.sourceFile+":"+e.lineNumber+" "+e.sample))`

// newTab opens a tab. It is closed when the test ends, and fails it if anything went wrong in it.
func newTab(browser context.Context, t *testing.T, site string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, site: site, expect: 200}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, cdplog.Enable, cdp.Empty{})
	call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: noteViolations})
	return b
}

// call runs a command of the protocol in the tab.
func call[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	res, err := run(b, func(ctx context.Context) (R, error) { return chromedp.Call(ctx, cmd, params) })
	if err != nil {
		b.t.Fatalf("%s: %v", cmd.Method, err)
	}
	return res
}

// run bounds what is done in the tab, so that a page that hangs fails the test and not the whole run.
func run[R any](b *tab, f func(context.Context) (R, error)) (R, error) {
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	return f(ctx)
}

// do runs an action that returns nothing.
func (b *tab) do(what string, action chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if _, err := run(b, func(ctx context.Context) (struct{}, error) { return struct{}{}, chromedp.Do(ctx, action) }); err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *tab) listen(ev any) {
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
func (b *tab) wanted(document bool) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if document {
		return b.expect
	}
	return 200
}

func (b *tab) trouble(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles = append(b.troubles, fmt.Sprintf(format, args...))
}

// look is how a page is looked at.
type look struct {
	width, height int64
	scheme        string // light, dark
	media         string // screen, print
	plain         bool   // without scripts
	forced        bool   // forced colours
}

func (l look) String() string {
	s := fmt.Sprintf("%d-%s", l.width, l.scheme)
	if l.media == "print" {
		s += "-print"
	}
	if l.plain {
		s += "-plain"
	}
	if l.forced {
		s += "-forced"
	}
	return s
}

// emulate makes the tab look at its page in that way.
func (b *tab) emulate(l look) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: l.height, DeviceScaleFactor: 1})
	forced := "none"
	if l.forced {
		forced = "active"
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: l.media, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: l.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "forced-colors", Value: forced},
	}})
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.plain})
}

// open loads a page of the site and waits until it is complete.
func (b *tab) open(path string, status int) {
	b.t.Helper()
	b.mu.Lock()
	b.expect = status
	b.mu.Unlock()
	b.do("open "+path, chromedp.Navigate(b.site+path))
	b.do("load the checks", chromedp.Evaluate[chromedp.Void](checksSource+"\n"+layoutSource))
}

// value evaluates an expression, waiting for it if it is a promise.
func value[T any](b *tab, js string) T {
	b.t.Helper()
	raw, err := run(b, func(ctx context.Context) ([]byte, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[[]byte]("(async () => JSON.stringify(await ("+js+")) ?? 'null')()", chromedp.EvalAwaitPromise))
	})
	if err != nil {
		b.t.Fatalf("%s: %v", head(js), err)
	}
	var text string
	var out T
	if err := json.Unmarshal(raw, &text); err == nil {
		raw = []byte(text)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		b.t.Fatalf("%s gave %s: %v", head(js), raw, err)
	}
	return out
}

func head(s string) string { return s[:min(len(s), 80)] }

// check runs checks of testdata/checks.js, and fails the test with what they found.
func (b *tab) check(what string, checks ...string) {
	b.t.Helper()
	for _, c := range checks {
		if !strings.Contains(c, "(") {
			c += "()"
		}
		for _, problem := range value[[]string](b, "citystatChecks."+c) {
			b.t.Errorf("%s: %s: %s", what, c, problem)
		}
	}
}

// quiet fails the test with everything that went wrong since it was last asked.
func (b *tab) quiet(what string) {
	b.t.Helper()
	for _, v := range value[[]string](b, "(window.cspViolations||[]).splice(0)") {
		b.t.Errorf("%s: the policy was violated: %s", what, v)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range b.troubles {
		b.t.Errorf("%s: %s", what, text)
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

// violations runs axe-core.
func (b *tab) violations() []violation {
	b.t.Helper()
	if !value[bool](b, "typeof axe === 'object'") {
		b.do("load axe", chromedp.Evaluate[chromedp.Void](axeSource))
	}
	return value[[]violation](b, `axe.run(document,{runOnly:`+axeRules+`,resultTypes:["violations"]})
		.then(r=>r.violations.map(v=>({id:v.id,help:v.help,nodes:v.nodes.slice(0,3).map(n=>({html:n.html,summary:n.failureSummary}))})))`)
}

// axe fails the test with what axe-core finds.
func (b *tab) axe(what string) {
	b.t.Helper()
	for _, v := range b.violations() {
		for _, n := range v.Nodes {
			b.t.Errorf("%s: axe: %s (%s): %s\n%s", what, v.ID, v.Help, n.HTML, n.Summary)
		}
	}
}

// axeFinds returns what one rule of axe-core finds.
func (b *tab) axeFinds(rule string) (found []string) {
	b.t.Helper()
	for _, v := range b.violations() {
		if v.ID == rule {
			found = append(found, v.Help)
		}
	}
	return found
}

// press sends keys to the page.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do("press "+strconv.Quote(k), chromedp.KeyEvent(k))
	}
}

// walk goes through the page with the Tab key, and fails the test with what is wrong on the way.
func (b *tab) walk(what string) {
	b.t.Helper()
	for _, problem := range b.stops() {
		b.t.Errorf("%s: %s", what, problem)
	}
}

// stops goes through the page with the Tab key: every stop is reached, in order, once, and the focus is seen.
func (b *tab) stops() (problems []string) {
	b.t.Helper()
	type where struct {
		Index         int
		Problem, Name string
	}
	stops := value[[]string](b, "citystatChecks.tabs()")
	if len(stops) == 0 {
		return []string{"nothing can be reached with the keyboard"}
	}
	for i, stop := range stops {
		b.press(kb.Tab)
		at := value[where](b, "citystatChecks.focus()")
		if at.Index != i {
			return append(problems, fmt.Sprintf("Tab number %d reached %s, want %s", i+1, at.Name, stop))
		}
		if at.Problem != "" {
			problems = append(problems, stop+": "+at.Problem)
		}
	}
	b.press(kb.Tab)
	if at := value[where](b, "citystatChecks.focus()"); at.Index > 0 {
		problems = append(problems, "the keyboard is held at "+at.Name)
	}
	return problems
}

// screenshot writes the whole page as a picture, if pictures are wanted.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	if *screenshots == "" {
		return
	}
	png, err := run(b, func(ctx context.Context) ([]byte, error) { return chromedp.Run(ctx, chromedp.FullScreenshot(100)) })
	if err != nil {
		b.t.Fatalf("screenshot %s: %v", name, err)
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
