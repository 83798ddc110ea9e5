package dashboards

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// TestOutlookStaysWithStaff: nothing that tells of the time to come is on any page, in any file, in the API or in /metrics, until the city switches it
// on; then it is in each of them. The staff's page says it in both cases.
func TestOutlookStaysWithStaff(t *testing.T) {
	for _, on := range []bool{false, true} {
		t.Run(fmt.Sprintf("on %t", on), func(t *testing.T) {
			live := scorecardtest.Works()
			live.City.Outlook = on
			public, err := live.Public(nil)
			if err != nil {
				t.Fatal(err)
			}
			staff := scorecardtest.NewStaff()
			staff.TheCity.Outlook, staff.TheCard.City.Outlook = on, on
			s := newServer(t, Options{Published: published(public), Staff: staff})
			secrets := foretold(t, live)
			bodies := crawl(t, s, "/en/", "/es/", "/pt-br/", "/fr/", "/metrics", "/api/v1/indicators", "/api/v1/changes", "/api/v1/evaluations")
			if len(bodies) < 250 {
				t.Fatalf("only %d addresses were looked at", len(bodies))
			}
			found := map[string]int{}
			for address, body := range bodies {
				text := html.UnescapeString(body)
				for kind, list := range secrets {
					for _, secret := range list {
						if strings.Contains(text, secret) {
							found[kind]++
							if !on {
								t.Errorf("%s tells of the time to come: %q", address, secret)
							}
						}
					}
				}
				for kind, has := range map[string]bool{
					"drawing": strings.Contains(body, `class="c-ahead`), "series": strings.Contains(body, "\ncitystat_indicator_outlook_probability{"), "field": outlookField.MatchString(body),
				} {
					if has {
						found[kind]++
						if !on {
							t.Errorf("%s has an outlook: %s", address, kind)
						}
					}
				}
			}
			for _, kind := range []string{"sentence", "number", "assurance", "works", "drawing", "series", "field"} {
				if on != (found[kind] > 0) {
					t.Errorf("%s: found %d times", kind, found[kind])
				}
			}
			staffPage(t, s, staff)
		})
	}
}

// outlookField is an outlook in JSON: any but null.
var outlookField = regexp.MustCompile(`"(outlook|assurance)"\s*:\s*["{]`)

// foretold is what a live scorecard says of the time to come, in all languages, by kind.
func foretold(t *testing.T, card *scorecard.Scorecard) map[string][]string {
	t.Helper()
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	list := map[string][]string{}
	digits := func(v float64) {
		if s := strconv.FormatFloat(v, 'f', -1, 64); len(s) > 9 {
			list["number"] = append(list["number"], s)
		}
	}
	for i := range card.Results {
		r := &card.Results[i]
		if !r.Indicator.Public {
			continue
		}
		a := r.Assessment
		var outlooks []*kpi.Outlook
		for _, o := range append([]*kpi.Outlook{a.Outlook}, standingOutlooks(a)...) {
			if o != nil {
				outlooks = append(outlooks, o)
				digits(o.Low)
				digits(o.High)
				digits(o.Mean)
				digits(o.Probability)
			}
		}
		for _, lang := range kpi.Langs {
			p := bundle.Printer(lang, card.City.Formats[lang])
			for _, o := range outlooks {
				list["sentence"] = append(list["sentence"], i18n.OutlookSentence(p, o))
				general := []string{p.ForecastMethod(o.Method)} // such sentences speak of no indicator: the methodology has them too
				for _, w := range o.Warnings {
					general = append(general, p.OutlookWarning(w))
				}
				for _, s := range i18n.OutlookReasons(p, r.Indicator, o) {
					if !slices.Contains(general, s) {
						list["sentence"] = append(list["sentence"], s)
					}
				}
			}
			if s := a.Signal.Assurance; s != "" {
				list["assurance"] = append(list["assurance"], p.Assurance(s))
			}
			if works := card.Works(r); works != nil {
				list["works"] = append(list["works"], worksForetold(t, p, card, works))
			}
		}
	}
	for kind, all := range list {
		if len(all) == 0 {
			t.Fatalf("nothing of %s", kind)
		}
	}
	return list
}

func standingOutlooks(a kpi.Assessment) []*kpi.Outlook {
	var list []*kpi.Outlook
	for k := range a.Standings {
		list = append(list, a.Standings[k].Outlook)
	}
	return list
}

// worksForetold is the sentence that says when works will be finished at their pace.
func worksForetold(t *testing.T, p *i18n.Printer, card *scorecard.Scorecard, works *kpi.Project) string {
	t.Helper()
	with := works.Assess(kpi.ProjectOptions{AsOf: card.AsOf, Bands: card.City.Bands})
	without := with
	without.Forecast, without.ForecastDelay = kpi.Date{}, nil
	said := i18n.ProjectSentences(p, without)
	for _, s := range i18n.ProjectSentences(p, with) {
		if !slices.Contains(said, s) {
			return s
		}
	}
	t.Fatalf("nobody foretells when %s will be finished", works.ID)
	return ""
}

// linked are the addresses in a page, or in a document of the API.
var linked = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)|"(/[a-z][^"\s#]*)"`)

// crawl asks for addresses, and for all to which they lead, and returns what was answered.
func crawl(t *testing.T, s http.Handler, from ...string) map[string]string {
	t.Helper()
	bodies, seen := map[string]string{}, map[string]bool{}
	for queue := from; len(queue) > 0; queue = queue[1:] {
		address := queue[0]
		if seen[address] || strings.HasPrefix(address, "/assets/") {
			continue
		}
		seen[address] = true
		w := ask(s, http.MethodGet, address)
		if w.Code != http.StatusOK {
			continue
		}
		bodies[address] = w.Body.String()
		if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/html") && !strings.HasPrefix(kind, "application/json") {
			continue // a file leads nowhere
		}
		for _, m := range linked.FindAllStringSubmatch(bodies[address], -1) {
			queue = append(queue, html.UnescapeString(m[1]+m[2]))
		}
		if id, ok := strings.CutPrefix(address, "/en/indicators/"); ok && !strings.ContainsAny(id, "?/") {
			queue = append(queue, "/api/v1/indicators/"+id, "/api/v1/indicators/"+id+"?lang=fr", "/indicators/"+id+".json", "/indicators/"+id+".csv")
		}
	}
	return bodies
}

// staffPage wants the outlook on the page of those who look after the data.
func staffPage(t *testing.T, s http.Handler, staff *scorecardtest.Staff) {
	t.Helper()
	card, err := staff.Live(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	p := bundle.Printer(kpi.English, card.City.Formats[kpi.English])
	seen := 0
	for i := range card.Results {
		r := &card.Results[i]
		if r.Assessment.Outlook == nil {
			continue
		}
		w := here().answer(s, "/staff/indicators/"+r.Indicator.ID)
		if !strings.Contains(html.UnescapeString(w.Body.String()), i18n.OutlookSentence(p, r.Assessment.Outlook)) {
			t.Errorf("the staff's page of %s does not say its outlook (%d)", r.Indicator.ID, w.Code)
		}
		seen++
	}
	if seen == 0 {
		t.Error("no indicator has an outlook: the test asks nothing")
	}
}
