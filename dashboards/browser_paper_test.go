package dashboards

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"golang.org/x/net/html"

	"citystat/dashboards/dashboardstest/browser"
	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// paper looks at the page as it is printed: on A4, whose 210 mm less two margins of 10 mm are 718 px.
func paper(b *browser.Tab, s sheet, lang kpi.Lang) {
	l := browser.Look{Width: 718, Height: 1000, Scheme: "light", Media: "print"}
	b.Emulate(l)
	b.Check(s.name+" on paper", "paper")
	b.Screenshot(i18n.Segment(lang) + "-" + s.name + "-" + l.String())
	if lang != kpi.English || s.hostile() {
		return
	}
	pdf, err := browser.Run(b, func(ctx context.Context) ([]byte, error) {
		return chromedp.Run(ctx, chromedp.PrintToPDF(chromedp.PDFOutlineAndTagged()))
	})
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/StructTreeRoot")) {
		b.T.Errorf("%s: printed: %d bytes, %v, or not tagged", s.name, len(pdf), err)
		return
	}
	rows := browser.Value[[]string](b, `[...document.querySelectorAll("main table tbody tr")].map(r=>{
		const words=[],walk=document.createTreeWalker(r,NodeFilter.SHOW_TEXT);
		for(let n=walk.nextNode();n;n=walk.nextNode())words.push(n.data);
		return words.join(" ")})`)
	for _, problem := range unprinted(b.T, pdf, rows) {
		b.T.Errorf("%s: printed: %s", s.name, problem)
	}
}

// unprinted returns what is wrong with a printed page: rows of tables whose words are not all on it, and words beside the paper. What it
// reads the file with is pdftotext; without it nothing is found, but in the gate.
func unprinted(t *testing.T, pdf []byte, rows []string) (problems []string) {
	t.Helper()
	out := readPrinted(t, pdf, "-bbox")
	if out == nil {
		return nil
	}
	printed, beside := printedWords(t, out)
	if len(beside) > 0 {
		problems = append(problems, fmt.Sprintf("beside the paper: %q", beside[:min(len(beside), 5)]))
	}
	for _, row := range rows {
		for word := range strings.FieldsSeq(row) {
			if !strings.Contains(printed, letters(word)) {
				problems = append(problems, fmt.Sprintf("%q of the row %q is not there", word, strings.Join(strings.Fields(row), " ")))
				break
			}
		}
	}
	return problems[:min(len(problems), 5)]
}

// readPrinted returns what pdftotext says of a printed file, told how to say it; nil where it is not there, but in the gate it must be.
func readPrinted(t *testing.T, pdf []byte, how string) []byte {
	t.Helper()
	reader, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no pdftotext found; install poppler-utils to read what is printed")
		}
		t.Log("no pdftotext: what is printed is not read")
		return nil
	}
	cmd := exec.Command(reader, how, "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", reader, err)
	}
	return out
}

// printedWords returns all words of a printed file run together, since a line's end may cut a word, and those that lie beside their page.
func printedWords(t *testing.T, bbox []byte) (all string, beside []string) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(bbox))
	if err != nil {
		t.Fatal(err)
	}
	number := func(n *html.Node, name string) float64 {
		for _, a := range n.Attr {
			if a.Key == name {
				v, err := strconv.ParseFloat(a.Val, 64)
				if err != nil {
					t.Fatalf("%s=%q: %v", name, a.Val, err)
				}
				return v
			}
		}
		return 0
	}
	var b strings.Builder
	width, pages := 0.0, 0
	for n := range root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "page":
			width = number(n, "width")
			pages++
		case n.Data == "word" && n.FirstChild != nil:
			b.WriteString(letters(n.FirstChild.Data))
			if number(n, "xmin") < -1 || number(n, "xmax") > width+1 {
				beside = append(beside, n.FirstChild.Data)
			}
		}
	}
	if pages == 0 {
		t.Fatal("nothing was printed")
	}
	return b.String(), beside
}

// letters leaves of a word what every font can print: letters and digits. Signs may be drawn, joined or broken.
func letters(word string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a' // the first letter of a word of the messages is printed as a capital
		}
		return -1
	}, word)
}
