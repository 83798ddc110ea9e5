package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/xuri/excelize/v2"

	"citystat/kpi"
)

// counter is a department at work in a town that types its numbers.
type counter struct {
	t    *testing.T
	app  *App
	opts Options
	now  time.Time
}

// openCounter starts the program in a town of its own, on 3 March 2026.
func openCounter(t *testing.T) *counter {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/entries.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := txtar.Write(archive, dir); err != nil {
		t.Fatal(err)
	}
	c := &counter{t: t, opts: testOptions(filepath.Join(dir, "town"), filepath.Join(dir, "data")), now: time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC)}
	c.opts.Now = func() time.Time { c.now = c.now.Add(time.Millisecond); return c.now }
	c.app = start(t, c.opts)
	return c
}

const entriesAt = "/staff/data/permits/entries"

// send sends a form and returns where it leads, and the page that it shows.
func (c *counter) send(path string, form url.Values) (status int, to, body string) {
	c.t.Helper()
	return c.post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (c *counter) post(path, kind string, sent io.Reader) (status int, to, body string) {
	c.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Post("http://"+c.app.Addr()+path, kind, sent)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(b)
}

// upload sends a spreadsheet.
func (c *counter) upload(name string, data []byte) (status int, to, body string) {
	c.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range [][2]string{{"do", "upload"}, {"note", "From the counter's own sheet"}} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			c.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		c.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.post(entriesAt, w.FormDataContentType(), &b)
}

// to follows where a form led, or fails.
func (c *counter) to(status int, to, body string) string {
	c.t.Helper()
	if status != http.StatusSeeOther {
		c.t.Fatalf("the form gives %d\n%s", status, said(body))
	}
	return to
}

// said is the text of a page's main part.
func said(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}

// revision is what a form of a page carries.
func (c *counter) revision(path string) string {
	c.t.Helper()
	m := regexp.MustCompile(`name="revision" value="(\d+)"`).FindSubmatch(get(c.t, c.app, path))
	if m == nil {
		c.t.Fatalf("%s has no form", path)
	}
	return string(m[1])
}

// shows checks that the public page and the API say a value of February.
func (c *counter) shows(percent float64) {
	c.t.Helper()
	page := said(string(get(c.t, c.app, "/en/indicators/permits-in-time")))
	if want := fmt.Sprintf("Latest: %.1f%%", percent); !strings.Contains(page, want) {
		c.t.Errorf("the page does not say %s:\n%.600s", want, page)
	}
	if answer := string(get(c.t, c.app, "/api/v1/indicators/permits-in-time")); !regexp.MustCompile(fmt.Sprintf(`"value":\s*%v[,}\s]`, percent)).MatchString(answer) {
		c.t.Errorf("the API does not say %v", percent)
	}
}

// TestTypeAValue types one over HTTP, sees the number change on page and API, undoes it and sees it change back; a value that breaks a check is kept, and
// the last good numbers stay.
func TestTypeAValue(t *testing.T) {
	c := openCounter(t)
	c.shows(54) // 30 and 24 of 100
	february := url.Values{"do": {"type"}, "v.month": {"2026-02-28"}, "v.district": {"north"}, "v.in_time": {"41"}, "v.given": {"50"}, "note": {"Counted again, SECRET-NOTE"}}
	draft := c.to(c.send(entriesAt, february))
	if draft != entriesAt+"/1" {
		t.Fatalf("the form leads to %s", draft)
	}
	page := said(string(get(t, c.app, draft)))
	for _, want := range []string{"Every row can be read.", "New rows 0 Changed rows 1", "Permits in time February 2026 54.0% 65.0%"} {
		if !strings.Contains(strings.ReplaceAll(page, "\u00a0", " "), want) {
			t.Errorf("the preview does not say %q:\n%s", want, page)
		}
	}
	c.shows(54) // nothing of it is there yet
	if left, err := filepath.Glob(filepath.Join(c.opts.Data, "spool", "tmp", "*")); err != nil || len(left) > 0 {
		t.Errorf("the preview left %v %v", left, err)
	}
	entered := c.to(c.send(draft, url.Values{"do": {"enter"}, "revision": {c.revision(draft)}, "note": {"Counted again, SECRET-NOTE"}}))
	if page := said(string(get(t, c.app, entered))); !strings.Contains(page, "It counts.") {
		t.Errorf("after it was entered the page says:\n%s", page)
	}
	c.shows(65)

	broken := url.Values{"do": {"type"}, "v.month": {"2026-02-28"}, "v.district": {"south"}, "v.in_time": {"60"}, "v.given": {"50"}}
	bad := c.to(c.send(entriesAt, broken))
	if page := said(string(get(t, c.app, bad))); !strings.Contains(page, "the load will fail") || !strings.Contains(page, "in_time &lt;= given") {
		t.Errorf("the preview does not say that the check would fail:\n%s", page)
	}
	if page := said(string(get(t, c.app, c.to(c.send(bad, url.Values{"do": {"enter"}, "revision": {c.revision(bad)}}))))); !strings.Contains(page, "the last good numbers stay") || !strings.Contains(page, "in_time &lt;= given") {
		t.Errorf("after the check failed the page says:\n%s", page)
	}
	c.shows(65)
	if status, _, body := c.send(bad, url.Values{"do": {"undo"}, "revision": {c.revision(bad)}, "why": {" "}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `<title>Error: `) {
		t.Errorf("undone without a reason: %d", status)
	}
	c.to(c.send(bad, url.Values{"do": {"undo"}, "revision": {c.revision(bad)}, "why": {"A slip"}}))

	undone := c.to(c.send(draft, url.Values{"do": {"undo"}, "revision": {c.revision(draft)}, "why": {"It was right before"}}))
	if page := said(string(get(t, c.app, undone))); !strings.Contains(page, "What was there before holds again.") || !strings.Contains(page, "It was right before") {
		t.Errorf("after it was undone the page says:\n%s", page)
	}
	c.shows(54)
	if status, _, _ := c.send(draft, url.Values{"do": {"undo"}, "revision": {"1"}, "why": {"Once more"}}); status != http.StatusConflict {
		t.Errorf("undone twice: %d", status)
	}
	for _, path := range []string{"/en/", "/en/data", "/en/indicators/permits-in-time", "/api/v1/indicators/permits-in-time", "/en/changes"} {
		if bytes.Contains(get(t, c.app, path), []byte("SECRET-NOTE")) {
			t.Errorf("%s tells the note", path)
		}
	}
	stop(t, c.app)
	c.app = start(t, c.opts)
	if err := c.app.engine.Rebuild(t.Context()); err != nil {
		t.Errorf("a rebuild gives other numbers: %v", err)
	}
	c.shows(54)
}

// TestUploadASpreadsheet uploads one with two wrong rows, mends one, leaves one out, enters it, and finds the late delivery among the deliveries.
func TestUploadASpreadsheet(t *testing.T) {
	c := openCounter(t)
	c.now = time.Date(2026, 4, 20, 15, 0, 0, 0, time.UTC)
	book := excelize.NewFile()
	day := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	for i, row := range [][]any{
		{"Month", "District", "In time", "All", "Remark", "Clerk"},
		{day(3, 31), "North Side", 45, 50, "", "P. Clerk"},
		{day(3, 31), "South Side", "forty", 50, "", "P. Clerk"},
		{"Total", "", 45, 100, "", ""},
	} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	draft := c.to(c.upload(`C:\Users\clerk\permits march.xlsx`, file.Bytes()))
	page := string(get(t, c.app, draft))
	for _, want := range []string{"2\u00a0rows would be refused", "permits march.xlsx", `name="r.3.in_time" value="forty"`, `name="r.4.month" value="Total"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the draft does not say %q:\n%s", want, said(page))
		}
	}
	if strings.Contains(page, "P. Clerk") || strings.Contains(page, `r.2.`) {
		t.Error("the draft shows what is dropped, or rows in which nothing is wrong")
	}
	form := url.Values{"do": {"enter"}, "revision": {c.revision(draft)}, "line": {"3", "4"}, "r.3.in_time": {"48"}}
	status, _, body := c.send(draft, form)
	if status != http.StatusUnprocessableEntity || !strings.Contains(body, "<title>Error: ") || !strings.Contains(body, "1\u00a0row would be refused") || !strings.Contains(body, `href="#r-4-month"`) {
		t.Errorf("entered with a wrong row: %d\n%s", status, said(body))
	}
	form.Set("do", "mend")
	form.Set("out.4", "1")
	if to := c.to(c.send(draft, form)); !strings.HasPrefix(to, draft+"?") {
		t.Errorf("mending leads to %s", to)
	}
	if page := said(string(get(t, c.app, draft+"?show=all"))); !strings.Contains(page, "Every row can be read.") || !regexp.MustCompile(`March 2026 [^0-9]* 93\.0%`).MatchString(page) {
		t.Errorf("the mended draft says:\n%s", page)
	}
	old := url.Values{"do": {"mend"}, "revision": {"1"}, "line": {"3"}, "r.3.in_time": {"47"}}
	if status, _, body := c.send(draft, old); status != http.StatusConflict || !strings.Contains(body, `name="r.3.in_time" value="47"`) || !strings.Contains(said(body), "Somebody else wrote here meanwhile: 48") {
		t.Errorf("saved over somebody else's: %d\n%s", status, said(body))
	}
	c.to(c.send(draft, url.Values{"do": {"enter"}, "revision": {c.revision(draft)}}))
	c.shows(93)
	b, err := c.app.engine.led.EntryBatch(t.Context(), 1)
	if err != nil || b.Rows[0].Fields["Month"] != "03/31/2026" || b.Rows[0].Fields["Clerk"] != "" || b.File != "permits march.xlsx" || len(b.Hash) != 64 || b.Count != 2 {
		t.Errorf("%+v, %v", b, err)
	}
	file2 := string(get(t, c.app, "/staff/data/permits/deliveries.csv"))
	if !strings.Contains(file2, "2026-04-20") {
		t.Errorf("the deliveries say nothing of it:\n%s", file2)
	}
	last, _, err := c.app.engine.led.LastLive(t.Context(), "permits", time.Time{})
	if err != nil || last.Trigger != kpi.TriggerPerson || last.Counts.Read != 6 {
		t.Errorf("%+v, %v", last, err)
	}
}

// TestUploadWhatCannotBeRead: each says why, and nothing is kept.
func TestUploadWhatCannotBeRead(t *testing.T) {
	c := openCounter(t)
	for _, f := range []struct {
		name, text, want string
	}{
		{"nothing.csv", "", "nothing.csv is empty"},
		{"header.csv", "Month,District,In time,All,Remark\n", "has a header and no rows"},
		{"other.csv", "Date,Place,Value,Sum,Text\n03/31/2026,north,1,2,\n", "other.csv line 1"},
		{"semicolon.csv", "Month;District;In time;All;Remark\n03/31/2026;north;1;2;\n", "delimiter"},
		{"open.csv", "Month,District,In time,All,Remark\n\"03/31/2026,north,1,2,\n", "open.csv line 2: a quote is opened here and never closed"},
		{"page.csv", "<html><body>Sign in</body></html>", "HTML"},
		{"twice.csv", "Month,Month,District,In time,All,Remark\n1,2,3,4,5,6\n", `column "Month" is there 2 times`},
		{"old.xls", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), "save it as .xlsx"},
		{"no.xlsx", "PK\x03\x04 this is no archive", "no.xlsx"},
		{"many.csv", "Month,District,In time,All,Remark\n" + strings.Repeat("03/31/2026,north,1,2,\n", kpi.MaxEntryRows+1), "20000 rows"},
	} {
		status, _, body := c.upload(f.name, []byte(f.text))
		if page := said(body); status != http.StatusUnprocessableEntity || !strings.Contains(page, "cannot be read") || !strings.Contains(body, strings.ReplaceAll(f.want, `"`, "&#34;")) || !strings.Contains(page, "own sheet") {
			t.Errorf("%s: %d, without %q\n%s", f.name, status, f.want, page)
		}
	}
	if status, _, body := c.upload("big.csv", bytes.Repeat([]byte("x"), kpi.MaxEntryFile+1)); status != http.StatusUnprocessableEntity || !strings.Contains(body, "The file is too large") {
		t.Errorf("a file that is too large: %d\n%s", status, said(body))
	}
	if status, _, body := c.send(entriesAt, url.Values{"do": {"type"}, "v.in_time": {"7"}, "note": {"keep me"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, `value="7"`) || !strings.Contains(body, "keep me") || !strings.Contains(body, `href="#v-month"`) {
		t.Errorf("typed without a month: %d\n%s", status, said(body))
	}
	if status, _, _ := c.post("/staff/feedback", "multipart/form-data; boundary=x", strings.NewReader("--x--")); status != http.StatusBadRequest {
		t.Errorf("another page takes a form with a file: %d", status)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+c.app.Addr()+entriesAt, strings.NewReader("do=type"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("a form of another site: %d, %v", res.StatusCode, err)
	}
	if list, err := c.app.engine.led.EntryBatches(t.Context(), kpi.PaperQuery{}); err != nil || len(list) > 0 {
		t.Errorf("%d batches are kept, %v", len(list), err)
	}
}
