package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// sendFrom sends a form from an address.
func (s *site) sendFrom(from, path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.RemoteAddr = from
	res := httptest.NewRecorder()
	s.echo.ServeHTTP(res, req)
	return res
}

func (s *site) send(path string, form url.Values) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.sendFrom("192.0.2.1:1234", path, form)
}

// letterForm opens the form, lets the time go by that people need, and returns what a resident would send.
func (s *site) letterForm(path string) url.Values {
	s.t.Helper()
	d := s.page(path)
	form := url.Values{}
	for _, n := range elements(d.root, "input", "textarea") {
		form.Set(get(n, "name"), get(n, "value"))
	}
	for _, n := range elements(d.root, "select") {
		for _, o := range elements(n, "option") {
			if _, ok := attribute(o, "selected"); ok {
				form.Set(get(n, "name"), get(o, "value"))
			}
		}
	}
	s.now = s.now.Add(30 * time.Second)
	return form
}

// wrong is what a form that was refused says, and what it must have for everybody to hear it: the word for an error in the title, a summary
// before the form that leads to each field, and at the field itself the same.
func (s *site) wrong(res *httptest.ResponseRecorder, status int, lang kpi.Lang, fields ...string) *document {
	s.t.Helper()
	if res.Code != status {
		s.t.Fatalf("status %d, want %d", res.Code, status)
	}
	if got := res.Header().Get("Cache-Control"); got != "private, no-store" {
		s.t.Errorf("a form that was refused may be kept: %q", got)
	}
	d := parse(s.t, "refused", res.Body.String())
	d.check(lang)
	word := map[kpi.Lang]string{kpi.English: "Error: ", kpi.Spanish: "Error: ", kpi.Portuguese: "Erro: ", kpi.French: "Erreur\u00a0: "}[lang]
	if title := text(elements(d.root, "title")[0]); !strings.HasPrefix(title, word) {
		s.t.Errorf("the title is %q", title)
	}
	d.summary(fields)
	return d
}

// summary checks the summary of errors against the fields.
func (d *document) summary(fields []string) {
	d.t.Helper()
	var summary *html.Node
	order := map[*html.Node]int{}
	for i, n := range d.all {
		order[n] = i
		if get(n, "role") == "alert" {
			summary = n
		}
	}
	if summary == nil {
		d.t.Fatal("there is no summary of errors")
	}
	if _, focused := attribute(summary, "autofocus"); !focused || get(summary, "tabindex") != "-1" {
		d.errorf("the summary does not take the focus")
	}
	var links []string
	said := map[string]string{}
	for _, a := range elements(summary, "a") {
		id := strings.TrimPrefix(get(a, "href"), "#")
		links, said[id] = append(links, id), strings.TrimSpace(text(a))
		if d.ids[id] == nil || order[d.ids[id]] < order[summary] {
			d.errorf("the link %q leads to no field after it", id)
		}
	}
	if got, want := strings.Join(links, " "), strings.Join(fields, " "); got != want {
		d.errorf("the summary leads to %q, want %q", got, want)
	}
	for _, n := range d.all {
		id, invalid := get(n, "id"), get(n, "aria-invalid") == "true"
		if invalid != (said[id] != "" && id != "") {
			d.errorf("<%s id=%q> is invalid: %v, and the summary says %q", n.Data, id, invalid, said[id])
		}
		if !invalid {
			continue
		}
		told := false
		for ref := range strings.FieldsSeq(get(n, "aria-describedby")) {
			told = told || d.ids[ref] != nil && strings.TrimSpace(text(d.ids[ref])) == said[id]
		}
		if !told {
			d.errorf("%s does not say what the summary says of it", id)
		}
	}
}

// fieldValue is what a form holds in a field.
func (d *document) fieldValue(id string) string {
	d.t.Helper()
	n := d.ids[id]
	switch {
	case n == nil:
		d.t.Fatalf("%s: there is no field %s", d.name, id)
	case n.Data == "textarea":
		return text(n)
	case n.Data == "select":
		for _, o := range elements(n, "option") {
			if _, ok := attribute(o, "selected"); ok {
				return get(o, "value")
			}
		}
		return ""
	}
	return get(n, "value")
}

// A resident writes, gets a reference, and finds the answer there.
func TestFeedbackFromEndToEnd(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	form := s.letterForm("/es/feedback?about=%2Findicators%2Frepair-cost&district=mill-river")
	if form.Get("indicator") != "repair-cost" || form.Get("district") != "mill-river" || form.Get("about") != "/indicators/repair-cost" {
		t.Errorf("the form was begun with %v", form)
	}
	const words = "El costo no suma.\r\n\r\nhttps://example.org <b>"
	form.Set("text", "  "+words+" ")
	form.Set("email", " vecina@example.org ")
	res := s.send("/es/feedback", form)
	at := res.Header().Get("Location")
	if res.Code != http.StatusSeeOther || !regexp.MustCompile(`^/es/feedback/[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$`).MatchString(at) {
		t.Fatalf("%d to %q", res.Code, at)
	}
	kept := s.mail.Letters[len(s.mail.Letters)-1]
	want := kpi.Feedback{Reference: strings.TrimPrefix(at, "/es/feedback/"), Received: s.now, Lang: kpi.Spanish, About: "/indicators/repair-cost", Indicator: "repair-cost",
		District: "mill-river", Text: "El costo no suma.\n\nhttps://example.org <b>", Email: "vecina@example.org"}
	if kept != want {
		t.Errorf("kept: %+v\nwant: %+v", kept, want)
	}

	look := func(path string) (*document, *httptest.ResponseRecorder) {
		t.Helper()
		res := s.do(http.MethodGet, path, nil)
		if res.Code != http.StatusOK || res.Header().Get("Cache-Control") != "private, no-store" || res.Header().Get("ETag") != "" {
			t.Errorf("GET %s: %d %v", path, res.Code, res.Header())
		}
		for _, secret := range []string{"no suma", "vecina@", "mill-river"} {
			if strings.Contains(res.Body.String(), secret) {
				t.Errorf("%s shows %q", path, secret)
			}
		}
		if !strings.Contains(res.Body.String(), `<meta name="robots" content="noindex">`) {
			t.Errorf("search engines may keep %s", path)
		}
		return parse(t, path, res.Body.String()), res
	}
	d, _ := look(at)
	d.check(kpi.Spanish)
	if got := said(d.root); !strings.Contains(got, strings.ToLower(want.Reference)) || !strings.Contains(got, "recibimos su mensaje") {
		t.Errorf("after it was sent: %s", got)
	}
	if err := s.mail.AnswerFeedback(t.Context(), want.Reference, kpi.FeedbackAnswer{Heard: "A cost does not add up.", Said: "It did not.\nNow it does: https://example.org/fix", Lang: kpi.English, By: "Budget Office", At: s.now}); err != nil {
		t.Fatal(err)
	}
	for _, written := range []string{want.Reference, strings.ToLower(strings.ReplaceAll(want.Reference, "-", ""))} {
		d, _ = look("/es/feedback/" + written)
		d.check(kpi.Spanish)
		for _, part := range []string{"la ciudad respondió", "a cost does not add up.", "now it does: https://example.org/fix", "budget office"} {
			if !strings.Contains(said(d.root), part) {
				t.Errorf("with the answer, %q is not said", part)
			}
		}
	}
	for _, a := range elements(d.root, "a") {
		if strings.Contains(get(a, "href"), "example.org") {
			t.Error("an address in an answer became a link")
		}
	}
	if d, _ := look("/en/feedback/" + scorecardtest.Closed); !strings.Contains(said(d.root), "no public answer") || strings.Contains(said(d.root), "not about the city") {
		t.Errorf("closed: %s", said(d.root))
	}
	for _, path := range []string{"/en/feedback/0000-0000-0000", "/en/feedback/x", "/en/feedback/" + want.Reference + "x"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d, want 404", path, res.Code)
		}
	}
}

// What is wrong with a form is said before it and at the field, in every language, and nothing that was typed is lost.
func TestFeedbackFormSaysWhatIsWrong(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	long := strings.Repeat("é", kpi.MaxFeedback+1)
	for _, lang := range kpi.Langs {
		for name, c := range map[string]struct {
			change map[string]string
			fields []string
		}{
			"nothing written":  {map[string]string{"text": " \r\n "}, []string{"text"}},
			"too long":         {map[string]string{"text": long}, []string{"text"}},
			"no email":         {map[string]string{"email": "rosa"}, []string{"email"}},
			"both":             {map[string]string{"text": "", "email": "rosa@"}, []string{"text", "email"}},
			"a program's work": {map[string]string{"website": "https://spam.example"}, []string{"website"}},
		} {
			path := "/" + i18n.Segment(lang) + "/feedback"
			form := s.letterForm(path)
			for name, value := range map[string]string{"text": "The light is out.", "indicator": "repair-cost", "district": "mill-river", "about": "/indicators/repair-cost"} {
				form.Set(name, value)
			}
			for name, value := range c.change {
				form.Set(name, value)
			}
			before := len(s.mail.Letters)
			d := s.wrong(s.send(path, form), http.StatusUnprocessableEntity, lang, c.fields...)
			for _, id := range []string{"text", "email", "indicator", "district", "website"} {
				if got, want := d.fieldValue(id), kpi.PlainText(form.Get(id)); got != want && got != "\n"+want {
					t.Errorf("%s, %s: the field %s holds %.40q, want %.40q", lang, name, id, got, want)
				}
			}
			if len(s.mail.Letters) != before {
				t.Errorf("%s, %s: it was kept", lang, name)
			}
		}
	}
	form := s.letterForm("/en/feedback")
	form.Set("text", strings.Repeat("é", kpi.MaxFeedback))
	if res := s.send("/en/feedback", form); res.Code != http.StatusSeeOther {
		t.Errorf("as long as may be: %d", res.Code)
	}
}

// What a program sends in place of the choices is not kept; a hostile address is none.
func TestFeedbackKeepsOnlyWhatItKnows(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	hidden := s.card.Results[3].Indicator
	hidden.Public = false
	for about, want := range map[string]string{
		"": "", "/changes": "/changes", "//evil.example/": "", "https://evil.example": "", "/\\evil": "", "/a b": "", "/" + strings.Repeat("a", 200): "", "javascript:x": "", "/x\r\nSet-Cookie: a": "",
	} {
		form := s.letterForm("/en/feedback?about=" + url.QueryEscape(about))
		if got := form.Get("about"); got != want {
			t.Errorf("asked about %q, the form holds %q", about, got)
		}
		form.Set("text", "x")
		form.Set("about", about)
		form.Set("indicator", hidden.ID)
		form.Set("district", "atlantis")
		if res := s.sendFrom(fmt.Sprintf("192.0.2.%d:1", 10+len(about)), "/en/feedback", form); res.Code != http.StatusSeeOther {
			t.Fatalf("%q: %d", about, res.Code)
		}
		kept := s.mail.Letters[len(s.mail.Letters)-1]
		if kept.About != want || kept.Indicator != "" || kept.District != "" {
			t.Errorf("%q: kept %+v", about, kept)
		}
	}
	req := httptest.NewRequest(http.MethodPost, "/en/feedback", strings.NewReader("text=x"))
	res := httptest.NewRecorder()
	s.echo.ServeHTTP(res, req)
	if res.Code != http.StatusBadRequest {
		t.Errorf("what is no form: %d", res.Code)
	}
	form := s.letterForm("/en/feedback")
	form.Set("text", "x")
	req = httptest.NewRequest(http.MethodPost, "/en/feedback", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res = httptest.NewRecorder()
	before := len(s.mail.Letters)
	s.echo.ServeHTTP(res, req)
	if res.Code < 400 || len(s.mail.Letters) != before {
		t.Errorf("a form of another site: %d", res.Code)
	}
}

// The district that the reader chose, or whose page it was, stands in the form.
func TestFeedbackKnowsTheReadersDistrict(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	res := s.do(http.MethodGet, "/en/feedback", http.Header{"Cookie": {"district=east-quay"}})
	if got := parse(t, "form", res.Body.String()).fieldValue("district"); got != "east-quay" {
		t.Errorf("with a chosen district: %q", got)
	}
	for query, want := range map[string]string{"?about=/districts/mill-river": "mill-river", "?district=old-harbor": "old-harbor", "?district=atlantis": "", "": ""} {
		if got := s.page("/en/feedback" + query).fieldValue("district"); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
	}
	if got := s.page("/en/feedback?about=/indicators/no-such").fieldValue("indicator"); got != "" {
		t.Errorf("an indicator that there is not: %q", got)
	}
	if res := s.do(http.MethodGet, "/en/feedback", nil); res.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the form with a reader's district may be kept: %v", res.Header())
	}
}

// Who sends the form in no time, after a day, or with a token of his own is asked to send it again, with all that was written.
func TestFeedbackTakesTheTimeThatPeopleNeed(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	form := s.letterForm("/en/feedback")
	form.Set("text", "The light is out.")
	good := form.Get("token")
	opened := s.now.Add(-30 * time.Second)
	for name, c := range map[string]struct {
		token string
		after time.Duration
		same  bool // the token holds on
	}{
		"at once": {good, time.Second, true}, "a day and an hour later": {good, 25 * time.Hour, false}, "before": {good, -time.Hour, false},
		"none": {"", time.Minute, false}, "forged": {"zzzz.00000000000000000000000000000000", time.Minute, false}, "of another time": {"1" + good, time.Minute, false},
	} {
		s.now = opened.Add(c.after)
		form.Set("token", c.token)
		d := s.wrong(s.send("/en/feedback", form), http.StatusUnprocessableEntity, kpi.English)
		again := ""
		for _, n := range elements(d.root, "input") {
			if get(n, "name") == "token" {
				again = get(n, "value")
			}
		}
		if (again == c.token) != c.same || d.fieldValue("text") == "" {
			t.Errorf("%s: the token %q, then %q; the text %q", name, c.token, again, d.fieldValue("text"))
		}
		s.now = s.now.Add(shortestForm)
		form.Set("token", again)
		if res := s.sendFrom(fmt.Sprintf("[2001:db8:%x::1]:1", len(name)), "/en/feedback", form); res.Code != http.StatusSeeOther {
			t.Errorf("%s, sent again: %d", name, res.Code)
		}
	}
}

// Where the city takes no feedback, or nobody reads it, its addresses are no pages and nothing leads there.
func TestWithoutFeedback(t *testing.T) {
	card := scorecardtest.Normal()
	card.City.Feedback = false
	refuses := newSite(t, card)
	unread := newSite(t, scorecardtest.Normal())
	unread.pages.opts.Feedback, unread.pages.opts.Desk = nil, nil
	for name, s := range map[string]*site{"the city takes none": refuses, "nobody reads it": unread} {
		for _, path := range []string{"/feedback", "/feedback/find", "/feedback/answers", "/feedback/" + scorecardtest.Answered} {
			for _, lang := range kpi.Langs {
				address := "/" + i18n.Segment(lang) + path
				if res := s.do(http.MethodGet, address, nil); res.Code != http.StatusNotFound || strings.Contains(res.Body.String(), "/feedback") {
					t.Errorf("%s: GET %s: %d", name, address, res.Code)
				}
				if path == "/feedback" || path == "/feedback/find" {
					if res := s.send(address, url.Values{"text": {"x"}, "reference": {scorecardtest.Answered}}); res.Code != http.StatusNotFound {
						t.Errorf("%s: POST %s: %d", name, address, res.Code)
					}
				}
			}
		}
		for _, path := range []string{"/en/", "/en/indicators/street-lights-on-time", "/en/data"} {
			if strings.Contains(s.do(http.MethodGet, path, nil).Body.String(), "feedback") {
				t.Errorf("%s: %s speaks of feedback", name, path)
			}
		}
	}
	s := newSite(t, scorecardtest.Normal())
	for path, want := range map[string]string{
		"/en/": "/en/feedback", "/fr/indicators/repair-cost?period=2025-06": "/fr/feedback?about=%2Findicators%2Frepair-cost", "/es/feedback/answers": "/es/feedback",
	} {
		found := ""
		for _, a := range elements(elements(s.page(path).root, "footer")[0], "a") {
			if strings.Contains(get(a, "href"), "/feedback") {
				found = get(a, "href")
			}
		}
		if found != want {
			t.Errorf("%s leads to %q, want %q", path, found, want)
		}
	}
}

// Who has a reference finds its page; who mistypes it is told.
func TestFindFeedback(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for typed, want := range map[string]string{
		scorecardtest.Answered: scorecardtest.Answered, " 3hwf 6c2n pv8e ": scorecardtest.Answered, "k7qxom4t9zrb": scorecardtest.Waiting,
	} {
		if res := s.send("/fr/feedback/find", url.Values{"reference": {typed}}); res.Code != http.StatusSeeOther || res.Header().Get("Location") != "/fr/feedback/"+want {
			t.Errorf("%q: %d to %q", typed, res.Code, res.Header().Get("Location"))
		}
	}
	for _, lang := range kpi.Langs {
		for _, typed := range []string{"", "3HWF-6C2N-PV8F", `"><script>alert(1)</script>`} {
			d := s.wrong(s.send("/"+i18n.Segment(lang)+"/feedback/find", url.Values{"reference": {typed}}), http.StatusUnprocessableEntity, lang, "reference")
			if got := d.fieldValue("reference"); got != typed {
				t.Errorf("%s: the field holds %q, want %q", lang, got, typed)
			}
		}
	}
}

// An answer is seen at once on every page that shows it, however often those were asked for before; a page that shows none is the same.
func TestAnAnswerIsSeenAtOnce(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	paths := []string{"/en/feedback/answers", "/en/feedback/answers?indicator=street-lights-on-time", "/en/indicators/street-lights-on-time"}
	tags := map[string]string{}
	for range 2 {
		for _, path := range append(paths, "/en/data") {
			tags[path] = s.do(http.MethodGet, path, nil).Header().Get("ETag")
		}
	}
	const heard = "A light at the quay is out."
	if err := s.mail.AnswerFeedback(t.Context(), scorecardtest.Waiting, kpi.FeedbackAnswer{Heard: heard, Said: "It is lit.", Lang: kpi.English, By: "Public Works", At: s.now}); err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		res := s.do(http.MethodGet, path, http.Header{"If-None-Match": {tags[path]}})
		if res.Code != http.StatusOK || !strings.Contains(res.Body.String(), heard) {
			t.Errorf("%s: %d, and the answer is there: %v", path, res.Code, strings.Contains(res.Body.String(), heard))
		}
	}
	if res := s.do(http.MethodGet, "/en/data", http.Header{"If-None-Match": {tags["/en/data"]}}); res.Code != http.StatusNotModified {
		t.Errorf("a page without answers changed: %d", res.Code)
	}
}

// The list shows what the city heard and said, the newest first, in the language in which it answered; on an indicator's page stand those
// about it. An indicator that is not public is not named.
func TestListOfAnswers(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	d := s.page("/fr/feedback/answers")
	var about []string
	for _, h := range elements(elements(d.root, "main")[0], "h2") {
		about = append(about, text(h))
	}
	name := func(id string) string { return s.card.Result(id).Indicator.Name.String(kpi.French) }
	if got, want := strings.Join(about, " | "), strings.Join([]string{"Le tableau de bord en général", name("repair-cost"), name("street-lights-on-time"), name("street-lights-on-time")}, " | "); got != want {
		t.Errorf("answers about: %s\nwant: %s", got, want)
	}
	languages := map[string]int{}
	for _, n := range d.all {
		if get(n, "class") == "words" {
			languages[get(n, "lang")]++
		}
	}
	if languages["pt-BR"] != 2 || languages["en"] != 6 {
		t.Errorf("the languages of the answers: %v", languages)
	}
	if body := said(d.root); strings.Contains(body, strings.ToLower(scorecardtest.Secret)) {
		t.Error("the list shows what a resident wrote")
	}
	d = s.page("/en/indicators/street-lights-on-time")
	part := said(d.ids["heard"].Parent)
	if !strings.Contains(part, "reported three times") || !strings.Contains(part, "without street lights") || strings.Contains(part, "custo") || strings.Index(part, "three times") > strings.Index(part, "without street") {
		t.Errorf("on the indicator's page: %s", part)
	}
	for i := range 5 {
		f := kpi.Feedback{Received: s.now, Lang: kpi.English, Indicator: "street-lights-on-time", Text: "x"}
		reference, err := s.mail.SubmitFeedback(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.mail.AnswerFeedback(t.Context(), reference, kpi.FeedbackAnswer{Heard: fmt.Sprint("Heard ", i), Said: "Said.", Lang: kpi.English, By: "Public Works", At: s.now.Add(time.Duration(i) * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	part = said(s.page("/en/indicators/street-lights-on-time").ids["heard"].Parent)
	if !strings.Contains(part, "heard 4 ") || strings.Contains(part, "heard 1 ") || !strings.Contains(part, "all answers about this indicator: 7") {
		t.Errorf("of seven answers: %s", part)
	}
	// One that is no longer public.
	s.card = scorecardtest.Normal()
	s.card.Number++
	s.card.Result("repair-cost").Indicator.Public = false
	res := s.do(http.MethodGet, "/fr/feedback/answers", nil)
	if strings.Contains(res.Body.String(), "repair-cost") || strings.Contains(res.Body.String(), name("repair-cost")) || !strings.Contains(res.Body.String(), "custo por reparo") {
		t.Error("an indicator that is not public is named beside an answer")
	}
	if res := s.do(http.MethodGet, "/fr/feedback/answers?indicator=repair-cost", nil); res.Code != http.StatusNotFound {
		t.Errorf("answers about it: %d", res.Code)
	}
}

func TestAnswersComeInPages(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	for i := range 45 {
		s.mail.Letters = append(s.mail.Letters, kpi.Feedback{Reference: kpi.Reference(uint64(i)), Received: s.now, Lang: kpi.English, Text: "x", Ended: s.now.Add(time.Duration(i) * time.Minute),
			Answer: &kpi.FeedbackAnswer{Heard: fmt.Sprintf("Heard-%d.", i), Said: "s", Lang: kpi.English, By: "b", At: s.now}})
	}
	seen := map[string]bool{}
	pages := 0
	for path := "/en/feedback/answers"; path != ""; pages++ {
		d := s.page(path)
		d.check(kpi.English)
		path = ""
		for _, m := range regexp.MustCompile(`heard-\d+\.`).FindAllString(said(d.root), -1) {
			if seen[m] {
				t.Errorf("%s stands twice", m)
			}
			seen[m] = true
		}
		for _, a := range elements(d.root, "a") {
			if get(a, "rel") == "next" {
				path = get(a, "href")
			}
		}
	}
	if len(seen) != 45 || pages != 3 {
		t.Errorf("%d answers on %d pages", len(seen), pages)
	}
	if res := s.do(http.MethodGet, "/en/feedback/answers?page=9", nil); res.Code != http.StatusBadRequest {
		t.Errorf("a page that there is not: %d", res.Code)
	}
}

// When the store does not answer, the reader is told so, and nothing is kept of the failure.
func TestFeedbackWithoutItsStore(t *testing.T) {
	s := newSite(t, scorecardtest.Normal())
	form := s.letterForm("/en/feedback")
	form.Set("text", "x")
	s.mail.Err = errors.New("the disk is gone")
	for _, path := range []string{"/en/feedback/answers", "/en/indicators/repair-cost", "/en/feedback/" + scorecardtest.Answered} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusInternalServerError {
			t.Errorf("GET %s: %d", path, res.Code)
		}
	}
	for _, path := range []string{"/en/feedback", "/en/feedback/find"} {
		form.Set("reference", scorecardtest.Answered)
		if res := s.send(path, form); res.Code != http.StatusInternalServerError || strings.Contains(res.Body.String(), "disk") {
			t.Errorf("POST %s: %d", path, res.Code)
		}
	}
	s.mail.Err = nil
	for _, path := range []string{"/en/feedback/answers", "/en/indicators/repair-cost"} {
		s.page(path)
	}
}
