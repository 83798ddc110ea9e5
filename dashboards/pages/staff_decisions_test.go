package pages

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard/scorecardtest"
)

const (
	lights       = "street-lights-on-time" // goes up, and has a target of 85 percent for June 30, 2026
	lightsDecide = "/staff/indicators/" + lights + "/decide"
)

// hiddenIn are the hidden fields of the form of a page that goes to an address.
func hiddenIn(d *document, action string) url.Values {
	f := url.Values{}
	for _, n := range elements(d.root, "form") {
		if get(n, "action") != action || get(n, "method") != "post" {
			continue
		}
		for _, in := range elements(n, "input") {
			if get(in, "type") == "hidden" {
				f.Set(get(in, "name"), get(in, "value"))
			}
		}
	}
	return f
}

// revised is a form in which nothing is wrong.
func revised(pairs ...string) url.Values {
	f := form("do", "revise", "by", "2026-06-30", "kind", "annual", "value", "72.5", "on", "2026-03-03", "whose", "City Council", "reason", "A  crew was\r\nlet go.",
		"act_title", "Ordinance 9", "act_date", "2026-03-02", "act_url", "https://example.gov/9", "step", "check")
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// TestDecideATarget goes the whole way: the target that holds, its form, what it would change, and the decision that is kept.
func TestDecideATarget(t *testing.T) {
	s, work := officeOf(t, account.Analyst)
	before, err := work.Applied(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := s.page(lightsDecide)
	var revise string
	for _, n := range elements(page.root, "a") {
		if strings.Contains(get(n, "href"), "do=revise") {
			revise = get(n, "href")
		}
	}
	if revise != lightsDecide+"?by=2026-06-30&do=revise&kind=annual#form" {
		t.Fatalf("the target leads to %q", revise)
	}
	filled := hiddenIn(s.page(strings.TrimSuffix(revise, "#form")), lightsDecide)
	if want := "85 since 2024-01-15"; filled.Get("says") != want || filled.Get("by") != "2026-06-30" || filled.Get("kind") != "annual" {
		t.Fatalf("the form holds %v", filled)
	}
	sent := revised()
	maps.Copy(sent, filled)
	look := s.send(lightsDecide, sent)
	if look.Code != http.StatusOK {
		t.Fatalf("looking ahead: %d\n%.800s", look.Code, look.Body)
	}
	d := parse(t, "look", look.Body.String())
	d.check(kpi.English)
	rows := map[string][]string{}
	for _, tr := range elements(d.root, "tr") {
		var cells []string
		for _, td := range elements(tr, "td") {
			cells = append(cells, strings.TrimSpace(strings.TrimSuffix(text(td), "no change")))
		}
		if th := elements(tr, "th"); len(th) == 1 && len(cells) == 2 {
			rows[text(th[0])] = cells
		}
	}
	if got := rows["Target for the year, by June\u00a030, 2026"]; len(got) != 2 || got[0] != "85%" || got[1] != "72.5%" {
		t.Errorf("the rows are %v", rows)
	}
	next, err := work.Preview(t.Context(), &kpi.Decision{
		Kind: kpi.DecideTarget, State: kpi.DecisionInForce, Indicator: lights, Target: &kpi.Target{By: kpi.NewDate(2026, 6, 30), Value: 72.5}, On: kpi.NewDate(2026, 3, 3), Lang: kpi.English,
		Whose: "x", Reason: "x",
	}, scorecardtest.Now)
	if err != nil {
		t.Fatal(err)
	}
	status := func(k int) string {
		if got := rows["Status"]; len(got) == 2 {
			return got[k]
		}
		return ""
	}
	p := s.printer()
	if want := p.Status(next.Result(lights).Assessment.Status); status(1) != want {
		t.Errorf("the status would be %q, the engine says %q", status(1), want)
	}
	if want := p.Status(scorecardtest.Normal().Result(lights).Assessment.Status); status(0) != want {
		t.Errorf("the status is %q, the engine says %q", status(0), want)
	}
	if list, err := work.Applied(t.Context()); err != nil || len(list) != len(before) {
		t.Fatalf("looking ahead kept something: %d decisions, %v", len(list), err)
	}

	kept := hiddenIn(d, lightsDecide)
	edit := s.send(lightsDecide, alsoWith(kept, "step", "edit"))
	if back := parse(t, "edit", edit.Body.String()); edit.Code != http.StatusOK || valueOf(back, "decide-value") != "72.5" || valueOf(back, "decide-act_url") != "https://example.gov/9" {
		t.Errorf("back to the form: %d, value %q", edit.Code, valueOf(back, "decide-value"))
	}
	done := s.send(lightsDecide, alsoWith(kept, "step", "save"))
	to := done.Header().Get("Location")
	if done.Code != http.StatusSeeOther || !strings.HasPrefix(to, staffDecisionsPath+"?done=") {
		t.Fatalf("saved: %d, to %q\n%.800s", done.Code, to, done.Body)
	}
	list, err := work.Decisions(t.Context(), kpi.PaperQuery{Subject: lights})
	if err != nil {
		t.Fatal(err)
	}
	x := list[len(list)-1]
	if x.Target.Value != 72.5 || x.On != kpi.NewDate(2026, 3, 3) || x.Reason != "A crew was let go." || x.Whose != "City Council" || x.Act != (kpi.Act{Title: "Ordinance 9", Date: kpi.NewDate(2026, 3, 2), URL: "https://example.gov/9"}) || x.Lang != kpi.English {
		t.Errorf("kept is %+v", x)
	}
	path, _, _ := strings.Cut(to, "#")
	if page := text(s.page(path).root); !strings.Contains(page, "Decision 8 was saved.") || !strings.Contains(page, "Somebody analyst") || strings.Contains(page, "@harborview.gov") {
		t.Error("the page of decisions does not say that it was saved, and by whom by name")
	}
}

// alsoWith is a form with a field more.
func alsoWith(f url.Values, name, value string) url.Values {
	f = maps.Clone(f)
	f.Set(name, value)
	return f
}

// valueOf is what a field of a page holds.
func valueOf(d *document, id string) string {
	if n := d.byID(id); n != nil {
		return get(n, "value")
	}
	return ""
}

func (d *document) byID(id string) (found *html.Node) {
	for _, tag := range []string{"input", "textarea", "select"} {
		for _, n := range elements(d.root, tag) {
			if get(n, "id") == id {
				found = n
			}
		}
	}
	return found
}

// TestDecideWrongly sends forms with mistakes: each is said at its field, in the order of the form, and nothing that was typed is lost.
func TestDecideWrongly(t *testing.T) {
	s, work := officeOf(t, account.Mayor)
	for name, c := range map[string]struct {
		form   url.Values
		fields []string
	}{
		"nothing":          {form("do", "target"), []string{"decide-by", "decide-value", "decide-on", "decide-whose", "decide-reason"}},
		"no number":        {revised("value", "many"), []string{"decide-value"}},
		"a hexadecimal":    {revised("value", "0x10"), []string{"decide-value"}},
		"too much":         {revised("value", "101"), []string{"decide-value"}},
		"as it is":         {revised("value", "85"), []string{"decide-value"}},
		"no day":           {revised("on", "03/03/2026"), []string{"decide-on"}},
		"tomorrow":         {revised("on", "2026-03-22"), []string{"decide-on"}},
		"no act":           {revised("act_title", "", "act_url", "javascript:alert(1)"), []string{"decide-act_title", "decide-act_url"}},
		"a wrong act date": {revised("act_date", "soon"), []string{"decide-act_date"}},
		"no post":          {form("do", "owner", "on", "2026-03-03", "whose", "x", "reason", "y"), []string{"decide-owner"}},
		"before it began":  {revised("by", "2026-03-01", "do", "target"), []string{"decide-by"}},
	} {
		t.Run(name, func(t *testing.T) {
			res := s.send(lightsDecide, c.form)
			d := s.wrong(res, http.StatusUnprocessableEntity, kpi.English, c.fields...)
			if want := c.form.Get("reason"); want != "" && !strings.Contains(text(d.byID("decide-reason")), oneLine(want)) {
				t.Error("what was typed is lost")
			}
		})
	}
	if res := s.send(lightsDecide, revised("says", "90 since 2026-03-01", "step", "save")); res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "Ordinance 9") {
		t.Errorf("somebody else was first: %d", res.Code)
	}
	if res := s.send("/staff/indicators/none/decide", revised()); res.Code != http.StatusNotFound {
		t.Errorf("an indicator that is none: %d", res.Code)
	}
	if list, err := work.Decisions(t.Context(), kpi.PaperQuery{}); err != nil || len(list) != 7 {
		t.Errorf("%d decisions, %v", len(list), err)
	}
	es := s.post(lightsDecide, form("do", "target", "step", "save"), http.Header{"Cookie": {"lang=es"}})
	s.wrong(es, http.StatusUnprocessableEntity, kpi.Spanish, "decide-by", "decide-value", "decide-on", "decide-whose", "decide-reason")
}

// TestWithdrawADecision: with a reason, once, and it stays to be read.
func TestWithdrawADecision(t *testing.T) {
	s, work := officeOf(t, account.ChiefOfStaff)
	withdraw := func(pairs ...string) url.Values {
		f := form("do", "withdraw", "decision", "1", "revision", "1", "because", "It was not voted on.")
		for i := 0; i+1 < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	s.wrong(s.send(staffDecisionsPath, withdraw("because", " ")), http.StatusUnprocessableEntity, kpi.English, "because-1")
	s.wrong(s.send(staffDecisionsPath, withdraw("because", strings.Repeat("x", 2001))), http.StatusUnprocessableEntity, kpi.English, "because-1")
	if res := s.send(staffDecisionsPath, withdraw("revision", "9")); res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "It was not voted on.") {
		t.Errorf("of another revision: %d", res.Code)
	}
	for _, f := range []url.Values{withdraw("do", "drop"), withdraw("decision", "first"), withdraw("revision", "")} {
		if res := s.send(staffDecisionsPath, f); res.Code < 400 {
			t.Errorf("%v: %d", f, res.Code)
		}
	}
	if res := s.send(staffDecisionsPath, withdraw("decision", "99")); res.Code != http.StatusNotFound {
		t.Errorf("a decision that is none: %d", res.Code)
	}
	if res := s.send(staffDecisionsPath, withdraw()); res.Header().Get("Location") != "/staff/decisions?withdrawn=1#decision-1" {
		t.Fatalf("withdrawn: %d, to %q", res.Code, res.Header().Get("Location"))
	}
	d, err := work.Decision(t.Context(), 1)
	if err != nil || d.State != kpi.DecisionWithdrawn || d.Why != "It was not voted on." || d.Revision != 2 || d.Reason == "" {
		t.Errorf("%+v, %v", d, err)
	}
	if page := text(s.page(staffDecisionsPath + "?withdrawn=1").root); !strings.Contains(page, "Decision 1 was withdrawn.") || !strings.Contains(page, "It was not voted on.") || !strings.Contains(page, "Somebody chief_of_staff") {
		t.Error("the page does not say that it was withdrawn, by whom and why")
	}
	if res := s.send(staffDecisionsPath, withdraw("revision", "2")); res.Code != http.StatusConflict {
		t.Errorf("withdrawn twice: %d", res.Code)
	}
}

// TestDecisionsForWhomeverLooks: who may not decide sees no button, gets nowhere with a form, and reads everything.
func TestDecisionsForWhomeverLooks(t *testing.T) {
	s, work := officeOf(t, account.Viewer)
	page := s.do(http.MethodGet, staffDecisionsPath, nil).Body.String()
	if strings.Contains(page, "<form class=\"writing\"") || !strings.Contains(page, "Overtaken") || !strings.Contains(page, "In the folder") || !strings.Contains(page, "Not applicable") {
		t.Error("a viewer does not read the decisions, or sees a form")
	}
	if strings.Contains(s.do(http.MethodGet, "/staff/indicators/"+lights, nil).Body.String(), lightsDecide) {
		t.Error("a viewer is led to where they may do nothing")
	}
	for _, res := range []int{s.do(http.MethodGet, lightsDecide, nil).Code, s.send(lightsDecide, revised("step", "save")).Code, s.send(staffDecisionsPath, form("do", "withdraw", "decision", "1")).Code} {
		if res < 400 { // that it is denied is what TestRightsOverHTTP looks at
			t.Errorf("a viewer is answered with %d", res)
		}
	}
	if list, err := work.Decisions(t.Context(), kpi.PaperQuery{States: []string{string(kpi.DecisionInForce)}}); err != nil || len(list) != 6 {
		t.Errorf("a viewer changed something: %d decisions in force, %v", len(list), err)
	}
	patch := s.do(http.MethodGet, "/staff/decisions.patch", nil)
	if patch.Code != http.StatusOK || patch.Header().Get("Content-Disposition") != `attachment; filename="decisions.patch"` || patch.Header().Get("Cache-Control") != "private, no-store" ||
		!strings.HasPrefix(patch.Body.String(), "# Decision ") || !strings.Contains(patch.Body.String(), "\n--- a/datasets/x.yaml\n") {
		t.Errorf("the patch: %d %v\n%s", patch.Code, patch.Header(), patch.Body)
	}
	decider, _ := officeOf(t, account.Mayor)
	if !strings.Contains(decider.do(http.MethodGet, "/staff/indicators/"+lights, nil).Body.String(), lightsDecide) {
		t.Error("the mayor is not led to where targets are decided")
	}
}

// TestTargetsSayWhenTheyWereSeen: beside a day that somebody typed stands the day on which it was first seen here; what is dropped and the act by which
// it was are said, and an address that is none is no link.
func TestTargetsSayWhenTheyWereSeen(t *testing.T) {
	card := scorecardtest.Normal()
	ind := card.Result(lights).Indicator
	ind.Targets[0].Seen = kpi.NewDate(2026, 3, 30)
	ind.Targets = append(ind.Targets, kpi.Target{
		By: ind.Targets[0].By, Kind: ind.Targets[0].Kind, Set: kpi.NewDate(2026, 3, 3), Seen: kpi.NewDate(2026, 3, 31), Dropped: true, Reason: kpi.NewText(kpi.English, "The plan is a new one."),
		Act: kpi.Act{Title: "Ordinance 9", Date: kpi.NewDate(2026, 3, 2), URL: "https://example.gov/9"},
	})
	s := newSite(t, card)
	page := s.page("/en/indicators/" + lights)
	said := strings.ReplaceAll(text(page.root), "\u00a0", " ")
	for _, want := range []string{"Recorded here on March 30, 2026", "Recorded here on March 31, 2026", "dropped", "The plan is a new one.", "Ordinance 9, March 2, 2026"} {
		if !strings.Contains(strings.Join(strings.Fields(said), " "), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	links := 0
	for _, n := range elements(page.root, "a") {
		if get(n, "href") == "https://example.gov/9" && strings.Contains(get(n, "rel"), "noopener") {
			links++
		}
	}
	if links != 1 {
		t.Errorf("%d links to the act", links)
	}
	hostile := newSite(t, scorecardtest.Hostile()).do(http.MethodGet, "/en/indicators/"+lights, nil).Body.String()
	if strings.Contains(hostile, `href="javascript:`) {
		t.Error("an act leads to a script")
	}
}
