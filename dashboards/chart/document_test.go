package chart_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestDocumentStandsByItself reads the drawing of every indicator as any program would: it is XML, it has a name, its own style without a
// property that is defined elsewhere, and nothing that runs or is fetched.
func TestDocumentStandsByItself(t *testing.T) {
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "hostile": scorecardtest.Hostile(), "empty": scorecardtest.Empty()} {
		for _, lang := range kpi.Langs {
			p := bundle.Printer(lang, "")
			for i := range card.Results {
				doc := string(chart.Document(p, &card.Results[i]))
				what := name + " " + string(lang) + " " + card.Results[i].Indicator.ID
				d := xml.NewDecoder(strings.NewReader(doc))
				elements := map[string]int{}
				for {
					token, err := d.Token()
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					if start, ok := token.(xml.StartElement); ok {
						elements[start.Name.Local]++
						for _, a := range start.Attr {
							if a.Name.Local == "href" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "style" {
								t.Errorf("%s: %s has the attribute %s", what, start.Name.Local, a.Name.Local)
							}
						}
					}
				}
				if elements["svg"] != 1 || elements["title"] == 0 || elements["desc"] != 1 || elements["style"] != 1 || elements["script"]+elements["foreignObject"] > 0 {
					t.Errorf("%s: %v", what, elements)
				}
				style, _, _ := strings.Cut(doc[strings.Index(doc, "<style>"):], "</style>")
				for _, no := range []string{"var(", "@", "url(", "<script"} {
					if strings.Contains(style, no) {
						t.Errorf("%s: the style holds %s", what, no)
					}
				}
				if !strings.Contains(style, ".c-line { stroke: #0b5cad") && !strings.Contains(style, "stroke: #0b5cad") {
					t.Errorf("%s: the style has no colours", what)
				}
			}
		}
	}
}
