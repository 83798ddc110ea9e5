package pages

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// sendStaff sends a form of the staff's page about feedback, in English.
func (s *site) sendStaff(pairs ...string) (status int, location string, d *document) {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	res := s.send(staffFeedbackPath, form)
	if res.Header().Get("Location") == "" {
		d = parse(s.t, staffFeedbackPath, res.Body.String())
	}
	return res.Code, res.Header().Get("Location"), d
}

func TestStaffFeedbackInEveryLanguage(t *testing.T) {
	empty := scorecardtest.NewFeedback()
	empty.Letters = nil
	hostile := scorecardtest.NewFeedback()
	for i, text := range scorecardtest.HostileTexts() {
		hostile.Letters = append(hostile.Letters, kpi.Feedback{Reference: kpi.Reference(uint64(i)), Received: scorecardtest.Now, Lang: kpi.English, About: "/\"><script>", Indicator: "x", District: "\"", Text: text, Email: "\"><b>@example.org"})
	}
	for name, mail := range map[string]*scorecardtest.Feedback{"normal": scorecardtest.NewFeedback(), "empty": empty, "hostile": hostile} {
		t.Run(name, func(t *testing.T) {
			s := staffSite(t, scorecardtest.NewStaff())
			s.pages.opts.Feedback, s.pages.opts.Desk = mail, mail
			for _, lang := range kpi.Langs {
				for _, state := range kpi.FeedbackStates {
					s.in(lang, staffFeedbackPath+"?state="+string(state)).check(lang)
				}
			}
			s.card = nil // nothing is published yet
			s.in(kpi.English, staffFeedbackPath).check(kpi.English)
		})
	}
}

// The desk shows all that is known of what waits, the oldest first, and of what has ended, the newest first; it is kept by nobody.
func TestStaffFeedback(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	res := s.do(http.MethodGet, staffFeedbackPath, nil)
	if res.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("the page may be kept: %v", res.Header())
	}
	references := func(path string) string {
		var list []string
		for _, h := range elements(s.in(kpi.English, path).root, "h2") {
			if id := get(h, "id"); strings.HasPrefix(id, "letter-") {
				list = append(list, strings.TrimSpace(text(h)))
			}
		}
		return strings.Join(list, " ")
	}
	for path, want := range map[string]string{
		staffFeedbackPath: scorecardtest.Waiting + " C8JS-44WA-0XNT M5PR-ZG17-DKQ9", staffFeedbackPath + "?state=answered": "7KEV-Q3Y0-MB2P ZD1T-58NC-R6GH " + scorecardtest.Answered + " 9B4M-XW0K-2F7S",
		staffFeedbackPath + "?state=closed": scorecardtest.Closed, staffFeedbackPath + "?state=none": scorecardtest.Waiting + " C8JS-44WA-0XNT M5PR-ZG17-DKQ9",
	} {
		if got := references(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	d := s.in(kpi.English, staffFeedbackPath)
	waits := said(d.ids["letter-"+scorecardtest.Waiting])
	for _, want := range []string{"14 quay street", "https://example.org/photo", "<script>alert(1)</script>", "rosa.diaz+", "old harbor", "12 days", "/en/indicators/street-lights-on-time", "street lights repaired on time"} {
		if !strings.Contains(waits, want) {
			t.Errorf("%q is not shown: %s", want, waits)
		}
	}
	for _, a := range elements(d.root, "a") {
		if strings.Contains(get(a, "href"), "example") {
			t.Errorf("what a resident wrote became a link to %s", get(a, "href"))
		}
	}
	if got := said(s.in(kpi.English, staffFeedbackPath+"?state=closed").ids["letter-"+scorecardtest.Closed]); !strings.Contains(got, "not about the city") {
		t.Errorf("why it was closed is not said: %s", got)
	}
	if got := said(d.root); !strings.Contains(got, "waiting: 3") || !strings.Contains(got, "answered: 4") {
		t.Errorf("how many there are: %s", got)
	}
}

func TestAnswerFeedback(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	ref := scorecardtest.Waiting
	whole := []string{"reference", ref, "do", "answer", "heard", " A light is out. ", "said", "It is lit.\r\nSince Monday.", "by", "Public Works", "answer_lang", "es"}
	for name, c := range map[string]struct {
		change []string
		fields []string
	}{
		"empty":     {[]string{"heard", "", "said", " ", "by", ""}, []string{"heard-" + ref, "said-" + ref, "by-" + ref}},
		"no answer": {[]string{"said", ""}, []string{"said-" + ref}},
		"long":      {[]string{"heard", strings.Repeat("a", kpi.MaxFeedback+1), "by", strings.Repeat("b", kpi.MaxFeedbackBy+1)}, []string{"heard-" + ref, "by-" + ref}},
		"no reason": {[]string{"do", "close", "why", "\n"}, []string{"why-" + ref}},
	} {
		status, _, d := s.sendStaff(append(append([]string{}, whole...), c.change...)...)
		if status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d", name, status)
		}
		d.check(kpi.English)
		d.summary(c.fields)
		if title := text(elements(d.root, "title")[0]); !strings.HasPrefix(title, "Error: ") {
			t.Errorf("%s: the title is %q", name, title)
		}
		opened := 0
		for _, n := range elements(d.root, "details") {
			if _, open := attribute(n, "open"); open {
				opened++
				if !holds(n, d.ids[c.fields[0]]) {
					t.Errorf("%s: the form that is open is not the one that was sent", name)
				}
			}
		}
		if opened != 1 {
			t.Errorf("%s: %d forms are open", name, opened)
		}
	}
	if s.mail.Letters[5].State() != kpi.FeedbackOpen {
		t.Fatal("a form with mistakes ended the feedback")
	}
	_, _, d := s.sendStaff(append(append([]string{}, whole...), "said", "")...)
	for id, want := range map[string]string{"heard-" + ref: "A light is out.", "by-" + ref: "Public Works", "lang-" + ref: "es"} {
		if got := strings.TrimPrefix(d.fieldValue(id), "\n"); got != want {
			t.Errorf("the field %s holds %q, want %q", id, got, want)
		}
	}

	if status, to, _ := s.sendStaff(whole...); status != http.StatusSeeOther || to != staffFeedbackPath+"?done="+ref {
		t.Fatalf("answered: %d to %q", status, to)
	}
	f := s.mail.Letters[5]
	if f.Answer == nil || *f.Answer != (kpi.FeedbackAnswer{Heard: "A light is out.", Said: "It is lit.\nSince Monday.", By: "Public Works", Lang: kpi.Spanish, At: s.now}) || f.Email != "" {
		t.Errorf("the answer: %+v, the address %q", f.Answer, f.Email)
	}
	if got := said(s.in(kpi.English, staffFeedbackPath+"?done="+ref).root); !strings.Contains(got, strings.ToLower("Done, reference "+ref)) {
		t.Error("it is not said that it was done")
	}
	if status, to, _ := s.sendStaff(whole...); status != http.StatusSeeOther || to != staffFeedbackPath+"?ended="+ref {
		t.Errorf("answered again: %d to %q", status, to)
	}
	if status, to, _ := s.sendStaff("reference", "c8js44wa0xnt", "do", "close", "why", "Advertising."); status != http.StatusSeeOther || !strings.HasSuffix(to, "?done=C8JS-44WA-0XNT") || !s.mail.Letters[6].Closed || s.mail.Letters[6].Reason != "Advertising." {
		t.Errorf("closed: %d to %q, %+v", status, to, s.mail.Letters[6])
	}
	for _, reference := range []string{"", "x", "0000-0000-0000"} {
		if status, _, _ := s.sendStaff("reference", reference, "do", "close", "why", "x"); status != http.StatusNotFound {
			t.Errorf("reference %q: %d", reference, status)
		}
	}
}

// holds reports whether a node lies below another.
func holds(outer, inner *html.Node) bool {
	for ; inner != nil; inner = inner.Parent {
		if inner == outer {
			return true
		}
	}
	return false
}

// A letter may wait on a later page of the list; a mistake in its form shows that letter.
func TestStaffFeedbackComesInPages(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	for i := range 40 {
		s.mail.Letters = append(s.mail.Letters, kpi.Feedback{Reference: kpi.Reference(uint64(i)), Received: s.now, Lang: kpi.English, Text: fmt.Sprintf("Letter %d.", i)})
	}
	seen, path := 0, staffFeedbackPath
	for path != "" {
		d := s.in(kpi.English, path)
		path = ""
		for _, n := range elements(d.root, "section") {
			if strings.HasPrefix(get(n, "id"), "letter-") {
				seen++
			}
		}
		for _, a := range elements(d.root, "a") {
			if get(a, "rel") == "next" {
				path = get(a, "href")
			}
		}
	}
	if seen != 43 {
		t.Errorf("%d letters on all pages, want 43", seen)
	}
	last := kpi.Reference(39)
	status, _, d := s.sendStaff("reference", last, "do", "answer")
	if status != http.StatusUnprocessableEntity {
		t.Fatal(status)
	}
	d.summary([]string{"heard-" + last, "said-" + last, "by-" + last})
}

// Without a desk the page is none, for whoever looks after the data either.
func TestStaffFeedbackWithoutADesk(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	s.pages.opts.Desk, s.pages.opts.Feedback = nil, nil
	for _, path := range []string{staffFeedbackPath, staffFeedbackPath + ".csv"} {
		if res := s.do(http.MethodGet, path, nil); res.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, res.Code)
		}
	}
	if status, _, _ := s.sendStaff("reference", scorecardtest.Waiting, "do", "close", "why", "x"); status != http.StatusNotFound {
		t.Errorf("POST: %d", status)
	}
	if strings.Contains(s.do(http.MethodGet, staffDataPath, nil).Body.String(), "feedback") {
		t.Error("the menu leads there")
	}
}

// The file holds all feedback, and nothing in it is run by a spreadsheet.
func TestFileOfFeedback(t *testing.T) {
	s := staffSite(t, scorecardtest.NewStaff())
	for i := range 1200 { // more than are asked for at a time
		s.mail.Letters = append(s.mail.Letters, kpi.Feedback{Reference: kpi.Reference(uint64(i)), Received: s.now, Lang: kpi.English, Text: "@SUM(1)\n,\"x\"", Email: "+1@example.org"})
	}
	res := s.do(http.MethodGet, staffFeedbackPath+".csv", nil)
	if res.Code != http.StatusOK || res.Header().Get("Content-Disposition") != `attachment; filename="feedback.csv"` || res.Header().Get("Cache-Control") != "private, no-store" {
		t.Fatalf("%d %v", res.Code, res.Header())
	}
	rows, err := csv.NewReader(res.Body).ReadAll()
	if err != nil || len(rows) != len(s.mail.Letters)+1 {
		t.Fatalf("%d rows, want %d: %v", len(rows), len(s.mail.Letters)+1, err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	for i, row := range rows[1:] {
		f := &s.mail.Letters[i]
		if row[column["reference"]] != f.Reference || row[column["state"]] != string(f.State()) || strings.TrimPrefix(row[column["text"]], "'") != strings.ReplaceAll(f.Text, "\r\n", "\n") ||
			strings.TrimPrefix(row[column["email"]], "'") != f.Email || row[column["reason"]] != f.Reason || f.Answer != nil && row[column["said"]] != f.Answer.Said {
			t.Fatalf("row %d is %q, want %+v", i, row, f)
		}
		for _, cell := range row {
			if strings.ContainsAny(cell[:min(1, len(cell))], "=+-@\t\r") {
				t.Fatalf("a spreadsheet would run %q", cell)
			}
		}
	}
	if res := s.do(http.MethodHead, staffFeedbackPath+".csv", nil); res.Code != http.StatusOK || res.Body.Len() != 0 {
		t.Errorf("HEAD: %d with %d bytes", res.Code, res.Body.Len())
	}
	s.mail.Err = kpi.Errorf(kpi.CodeUnready, "the ledger is away")
	if res := s.do(http.MethodGet, staffFeedbackPath+".csv", nil); res.Code != http.StatusServiceUnavailable {
		t.Errorf("while the store is away: %d", res.Code)
	}
}
