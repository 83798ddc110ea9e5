package dashboards

import (
	"context"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
)

// actsOnMemos are all that staff can do with the memos of a meeting.
func actsOnMemos() []act {
	held, next := "/meetings/streetstat/"+ledgertest.HeldMeeting, "/meetings/streetstat/"+ledgertest.NextMeeting
	return []act{
		{account.SeeStaff, "", "GET", held + "/memo", nil},
		{account.SeeStaff, "", "GET", held + "/memo.csv?indicator=street-lights-on-time", nil},
		{account.PrepareMeetings, "", "POST", next + "/memo", url.Values{"do": {"issue"}}}, // it is out
		{account.SeeStaff, "", "GET", held + "/follow-up", nil},
		{account.PrepareMeetings, "", "POST", held + "/follow-up", url.Values{"summary": {"x"}, "revision": {"1"}}}, // it is out
	}
}

// memoOnPaper prints the memo of the next meeting on both kinds of paper: on two to four sheets, each with the meeting's name and day, and no item broken in two.
func memoOnPaper(chromium context.Context, t *testing.T, site string) {
	b := browser.NewTab(chromium, t, site)
	b.Emulate(browser.Look{Width: 718, Height: 1000, Scheme: "light", Media: "print"})
	b.Open("/meetings/streetstat/"+ledgertest.NextMeeting+"/memo?lang=en", 200)
	items := browser.Value[[][]string](b, `[...document.querySelectorAll(".memo-item")].map(i=>[i.querySelector("h3").textContent,[...i.querySelectorAll(".memo-ask li")].at(-1).textContent])`)
	running := browser.Value[string](b, `document.querySelector(".running").textContent`)
	if len(items) < 6 {
		t.Fatalf("a memo of %d items", len(items))
	}
	for name, size := range map[string]chromedp.PaperSize{"A4": chromedp.PaperA4, "Letter": chromedp.PaperLetter} {
		pdf, err := browser.Run(b, func(ctx context.Context) ([]byte, error) {
			return chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFPaper(size), chromedp.PDFOutlineAndTagged()))
		})
		if err != nil {
			t.Fatal(err)
		}
		if browser.Screenshots != "" {
			if err := os.WriteFile(browser.Screenshots+"/memo-"+name+".pdf", pdf, 0o600); err != nil {
				t.Error(err)
			}
		}
		sheets := printedSheets(t, pdf)
		if sheets == nil {
			return
		}
		if n := len(sheets); n < 2 || n > 4 {
			t.Errorf("%s: a memo of %d items is printed on %d sheets, want 2 to 4", name, len(items), n)
		}
		for i, sheet := range sheets {
			if !strings.Contains(sheet, letters(running)) {
				t.Errorf("%s: sheet %d does not say %q: %.80s", name, i+1, running, sheet)
			}
		}
		for _, it := range items {
			if whole := slices.ContainsFunc(sheets, func(sheet string) bool {
				_, after, found := strings.Cut(sheet, letters(it[0]))
				return found && strings.Contains(after, letters(it[1]))
			}); !whole {
				t.Errorf("%s: the item %q is broken, or not there", name, it[0])
			}
		}
	}
}

// printedSheets returns the letters of each page of a printed file; nil where nothing reads it.
func printedSheets(t *testing.T, pdf []byte) (sheets []string) {
	t.Helper()
	out := readPrinted(t, pdf, "-raw")
	if out == nil {
		return nil
	}
	for sheet := range strings.SplitSeq(strings.TrimSuffix(string(out), "\f"), "\f") {
		sheets = append(sheets, letters(sheet))
	}
	return sheets
}
