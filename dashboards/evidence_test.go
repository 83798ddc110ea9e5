package dashboards

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/evidence/evidencetest"
)

// sends sends a form with a file, and returns status, headers and body.
func (g *guest) sends(path string, form url.Values, name string, data []byte) (int, http.Header, string) {
	g.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for key, list := range form {
		if err := w.WriteField(key, list[0]); err != nil {
			g.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		g.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, g.site+path, &b)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return g.answer(r)
}

// answer asks, and returns status, headers and body.
func (g *guest) answer(r *http.Request) (int, http.Header, string) {
	g.t.Helper()
	res, err := g.c.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(body)
}

// gets asks for an address.
func (g *guest) gets(path string) (int, http.Header, string) {
	g.t.Helper()
	r, err := http.NewRequest(http.MethodGet, g.site+path, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	return g.answer(r)
}

// TestPhotosAndFiles lets the head of a department add a photo as a telephone takes it, with the place where it was taken, and a table; looks at what is kept and
// served; and lets the chief of staff erase one.
func TestPhotosAndFiles(t *testing.T) {
	in, work := office(t)
	head, viewer, chief := in(account.DepartmentHead), in(account.Viewer), in(account.ChiefOfStaff)
	const one = "/staff/commitments/5"
	_, _, page := viewer.do("GET", one, nil)
	holds(t, "before", page, "What shows it", "Nobody has added a photo or a file yet.", "residents see no photo")
	lacks(t, "before, a viewer", page, `type="file"`)
	form := url.Values{"do": {"evidence"}, "shows": {"The <b>new</b> sign, in place."}}
	photo := evidencetest.Photo(640, 400, 8)
	if status, _, _ := viewer.sends(one, form, "a.jpg", photo); status != http.StatusForbidden {
		t.Errorf("a viewer adds a photo: %d", status)
	}
	status, h, page := head.sends(one, form, `C:\photos\señal "1".JPG`, photo)
	if status != http.StatusSeeOther || h.Get("Location") != one+"?done=evidence#evidence" {
		t.Fatalf("%d to %q\n%.2000s", status, h.Get("Location"), page)
	}
	if status, _, _ := head.sends(one, form, "list.csv", []byte("=1+1,2\n")); status != http.StatusSeeOther {
		t.Fatalf("a table: %d", status)
	}
	_, _, page = viewer.do("GET", one+"?done=evidence", nil)
	holds(t, "after", page, "The file is saved.", `<img src="/staff/commitments/5/evidence/4" alt="The &lt;b&gt;new&lt;/b&gt; sign, in place."`, `width="400" height="640"`, "señal -1-.jpg", "Photos and files: 2 of at most 20", "Somebody department_head")
	lacks(t, "after, a viewer", page, `value="withdraw"`, `type="file"`, "@harborview.gov")

	_, kept, err := work.Evidence.EvidenceFile(t.Context(), 5, 4)
	if err != nil {
		t.Fatal(err)
	}
	status, h, served := viewer.gets(one + "/evidence/4")
	if status != http.StatusOK || served != string(kept) {
		t.Fatalf("%d, %d bytes served of %d kept", status, len(served), len(kept))
	}
	for _, mark := range append(evidencetest.Marks, string(evidencetest.Coordinates)) {
		if strings.Contains(served, mark) {
			t.Errorf("the photo still tells %q", mark)
		}
	}
	if im, err := jpeg.Decode(strings.NewReader(served)); err != nil || im.Bounds().Dx() != 400 || im.Bounds().Dy() != 640 {
		t.Errorf("the photo does not stand upright: %v", err)
	}
	for key, want := range map[string]string{
		"Content-Type": "image/jpeg", "Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
		"Content-Disposition": `inline; filename="evidence-4.jpg"; filename*=UTF-8''se%C3%B1al%20-1-.jpg`,
	} {
		if got := h.Values(key); len(got) == 0 || got[0] != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if status, h, served = viewer.gets(one + "/evidence/5"); status != http.StatusOK || served != "=1+1,2\n" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment; ") || !strings.HasPrefix(h.Get("Content-Type"), "text/csv") {
		t.Errorf("a table: %d %v", status, h)
	}
	for _, path := range []string{"/staff/commitments/1/evidence/4", one + "/evidence/99", one + "/evidence/0", one + "/evidence/x", one + "/evidence/04", one + "/evidence/-4", "/staff/commitments/05/evidence/4", "/staff/commitments/2/evidence/3"} {
		if status, _, _ := viewer.gets(path); status != http.StatusNotFound {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status, h, _ := newGuest(t, head.site).gets(one + "/evidence/4"); status != http.StatusSeeOther || !strings.HasPrefix(h.Get("Location"), "/sign-in") {
		t.Errorf("a stranger sees the photo: %d", status)
	}
	for _, path := range []string{"/en/", "/en/indicators/street-lights-on-time", "/en/departments/public-works"} {
		if _, _, page := newGuest(t, head.site).do("GET", path, nil); strings.Contains(page, "/evidence/") {
			t.Errorf("%s leads residents to evidence", path)
		}
	}

	// Whoever closes commitments erases what shows somebody; it stays visible that it was there, and why it went.
	staff := in(account.DepartmentStaff)
	withdraw := url.Values{"do": {"withdraw"}, "evidence": {"4"}, "reason": {""}}
	if status, _, _ := staff.do("POST", one, withdraw); status != http.StatusForbidden {
		t.Errorf("somebody who did not add it: %d", status)
	}
	status, _, page = chief.do("POST", one, withdraw)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", status)
	}
	holds(t, "without a reason", page, `href="#evidence-4-reason"`, "Write the reason.", "<title>Error: ")
	withdraw.Set("reason", "Two people can be seen.")
	if status, to, _ := chief.do("POST", one, withdraw); status != http.StatusSeeOther || to != one+"?done=withdrawn#evidence" {
		t.Errorf("%d to %q", status, to)
	}
	_, _, page = head.do("GET", one, nil)
	holds(t, "withdrawn", page, "señal -1-.jpg was withdrawn", "Two people can be seen.", "Somebody chief_of_staff", "Photos and files: 1 of at most 20")
	lacks(t, "withdrawn", page, `src="/staff/commitments/5/evidence/4"`)
	if status, _, _ := viewer.gets(one + "/evidence/4"); status != http.StatusNotFound {
		t.Errorf("what was erased is served: %d", status)
	}
	if status, _, page := chief.do("POST", one, withdraw); status != http.StatusConflict || !strings.Contains(page, "withdrew this file meanwhile") {
		t.Errorf("twice: %d", status)
	}
	for _, number := range []string{"99", "x", ""} {
		if status, _, _ := chief.do("POST", one, url.Values{"do": {"withdraw"}, "evidence": {number}, "reason": {"x"}}); status != http.StatusNotFound && status != http.StatusBadRequest {
			t.Errorf("evidence %q: %d", number, status)
		}
	}
}

// TestFilesThatAreRefused: what is wrong is said at its field, and what was typed is still there.
func TestFilesThatAreRefused(t *testing.T) {
	in, _ := office(t)
	head := in(account.DepartmentHead)
	form := url.Values{"do": {"evidence"}, "shows": {"The sign."}}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"telephone.heic": {[]byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "Save it as JPEG on the telephone"},
		"drawing.png":    {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "This kind of file is not kept."},
		"half.jpg":       {evidencetest.Photo(64, 48, 1)[:900], "it is damaged"},
		"macro.xlsm":     {evidencetest.Archive("[Content_Types].xml", "x", "xl/workbook.xml", "x", "xl/vbaProject.bin", "x"), "The file has macros"},
		"empty.jpg":      {nil, "The file is empty."},
		"large.csv":      {bytes.Repeat([]byte("1,2\n"), 2_000_001), "The file is too large: at most 8"},
	} {
		status, _, page := head.sends("/staff/commitments/5", form, name, c.data)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, status)
		}
		holds(t, name, page, c.want, `href="#evidence-file"`, `aria-describedby="evidence-file-hint evidence-file-wrong"`, `value="The sign."`, "<title>Error: ", `<details class="turn" open>`)
		lacks(t, name, page, "What you wrote")
	}
	status, _, page := head.sends("/staff/commitments/5", url.Values{"do": {"evidence"}, "shows": {strings.Repeat("é", 201)}}, "", nil)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("nothing right: %d", status)
	}
	holds(t, "nothing right", page, `href="#evidence-shows"`, `href="#evidence-file"`, "at most 200 characters", "Choose a photo or a file.", strings.Repeat("é", 201))
	photo := evidencetest.Photo(64, 48, 1)
	if status, _, _ := head.sends("/staff/commitments/5", form, "a.jpg", photo); status != http.StatusSeeOther {
		t.Fatal(status)
	}
	_, _, page = head.sends("/staff/commitments/5", form, "b.jpg", photo)
	holds(t, "twice", page, "This file is here already.")
	for n := range 19 {
		if status, _, _ := head.sends("/staff/commitments/5", form, "a.txt", fmt.Appendf(nil, "%d", n)); status != http.StatusSeeOther {
			t.Fatalf("file %d: %d", n, status)
		}
	}
	_, _, page = head.sends("/staff/commitments/5", form, "a.txt", []byte("one more"))
	holds(t, "one more", page, "There are 20 photos and files already.")
	if status, _, _ := head.sends("/staff/commitments/4", form, "a.txt", []byte("x")); status != http.StatusForbidden { // it was dropped
		t.Errorf("to one that has ended: %d", status)
	}
}

// TestRequestsAndMeetings makes a request in a meeting, finds it by kind, series and meeting, and takes it to its end.
func TestRequestsAndMeetings(t *testing.T) {
	in, work := office(t)
	analyst, chief, head := in(account.Analyst), in(account.ChiefOfStaff), in(account.DepartmentHead)
	form := url.Values{
		"kind": {"request"}, "text": {"How many lights are dark in each district?"}, "due": {"2026-04-20"}, "owner": {"director-public-works"}, "source": {"meeting/streetstat/2026-03-05"}, "readers": {"public"},
	}
	status, _, page := analyst.do("POST", "/staff/commitments", form)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("for residents: %d", status)
	}
	holds(t, "for residents", page, "Requests are for staff only.", `href="#commitment-public"`, `id="commitment-kind-request" name="kind" value="request" checked`)
	form.Del("readers")
	status, to, _ := analyst.do("POST", "/staff/commitments", form)
	if status != http.StatusSeeOther || to != "/staff/commitments/6?done=made" {
		t.Fatalf("%d to %q", status, to)
	}
	c, err := work.Commitments.Commitment(t.Context(), 6)
	if err != nil || c.Kind != kpi.CommitmentRequest || c.Source != "meeting/streetstat/2026-03-05" {
		t.Fatalf("%+v, %v", c, err)
	}
	_, _, page = chief.do("GET", "/staff/commitments/6", nil)
	holds(t, "the request", page, "Request 6", `href="/meetings/streetstat/2026-03-05"`, "StreetStat", "Asked on", "Say that it is answered", "Close it as answered")
	lacks(t, "the request", page, "Open it to residents", "Close it as kept")
	for query, want := range map[string]string{
		"?kind=request": "1 of 6", "?kind=promise&state=all": "5 of 6", "?series=streetstat": "1 of 6", "?series=streetstat&meeting=2026-03-05": "1 of 6", "?series=streetstat&meeting=2026-03-19": "0 of 6",
		"?series=citystat": "0 of 6", "?new=request": "4 of 6",
	} {
		_, _, page := analyst.do("GET", "/staff/commitments"+query, nil)
		holds(t, query, page, "Commitments: "+want)
	}
	_, _, page = analyst.do("GET", "/staff/commitments?series=streetstat&meeting=2026-03-05", nil)
	holds(t, "filtered", page, `<option value="streetstat" selected>`, `<option value="2026-03-05" selected>`)
	_, _, file := analyst.do("GET", "/staff/commitments.csv?series=streetstat", nil)
	if !strings.Contains(file, ",meeting/streetstat/2026-03-05,request,0,0,2026-04-20,") {
		t.Errorf("the file: %s", file)
	}
	for source, want := range map[string]string{"meeting/streetstat/2026-03-06": "workspace", "meeting/nothing/2026-03-05": "workspace", "meeting/streetstat/2026-03-5": "workspace", "meeting": "meeting", "commentary/7": "commentary/7", "elsewhere": "workspace"} {
		form.Set("source", source)
		_, to, _ := analyst.do("POST", "/staff/commitments", form)
		var id int64
		if _, err := fmt.Sscanf(to, "/staff/commitments/%d?done=made", &id); err != nil {
			t.Fatal(err)
		}
		if c, err := work.Commitments.Commitment(t.Context(), id); err != nil || c.Source != want {
			t.Errorf("%s is kept as %q, want %q (%v)", source, c.Source, want, err)
		}
	}
	for _, do := range []string{"finish", "keep"} {
		g := map[string]*guest{"finish": head, "keep": chief}[do]
		if status, _, _ := g.do("POST", "/staff/commitments/6", url.Values{"do": {do}}); status != http.StatusSeeOther {
			t.Errorf("%s: %d", do, status)
		}
	}
	_, _, page = head.do("GET", "/staff/commitments/6", nil)
	holds(t, "the end", page, "request answered", "Called answered on", "Closed as answered", "Asked")
	if status, _, _ := chief.do("POST", "/staff/commitments/6", url.Values{"do": {"show"}}); status != http.StatusForbidden {
		t.Errorf("residents are shown a request: %d", status)
	}
}

// TestWhoseMoveOnThePage: the form says what a move will count as, the ledger decides so, and pages, history and file tell both kinds apart.
func TestWhoseMoveOnThePage(t *testing.T) {
	in, work := office(t)
	head, chief, viewer := in(account.DepartmentHead), in(account.ChiefOfStaff), in(account.Viewer)
	const one = "/staff/commitments/5" // due on 20 April
	for g, want := range map[*guest]string{head: "A later date counts as a slip.", chief: "You lead the meeting: the new date becomes the agreed one"} {
		_, _, page := g.do("GET", one, nil)
		holds(t, "the form", page, want)
	}
	_, _, page := chief.do("GET", "/staff/commitments/1", nil) // it is overdue
	holds(t, "when it is late", page, "The agreed date is over: a later date counts as a slip of the owner, whoever moves it.")
	move := func(g *guest, path, due, why string) {
		t.Helper()
		if status, _, page := g.do("POST", path, url.Values{"do": {"move"}, "due": {due}, "note": {why}}); status != http.StatusSeeOther {
			t.Fatalf("%d\n%.2000s", status, page)
		}
	}
	move(head, one, "2026-05-02", "We wait for a truck.")
	move(chief, one, "2026-05-10", "The council meets late.")
	move(head, one, "2026-05-12", "Rain.")
	_, _, page = viewer.do("GET", one, nil)
	holds(t, "moved", page, "2\u00a0changes of the date by its owner, 1\u00a0change agreed by whoever leads the meeting", "Due date moved by whoever leads the meeting", "The council meets late.", "Due date moved by its owner", "Agreed for", "May\u00a010, 2026")
	move(chief, "/staff/commitments/1", "2026-04-30", "So be it.")
	c, err := work.Commitments.Commitment(t.Context(), 1)
	if err != nil || c.Slips() != 4 || c.ChairMoves() != 0 {
		t.Errorf("a date that had passed was washed clean: %d slips, %+v, %v", c.Slips(), c.Moves, err)
	}
	_, _, file := viewer.do("GET", "/staff/commitments.csv", nil)
	want := ",promise,2,1,2026-05-10,\"owner 2026-04-20 → 2026-05-02: We wait for a truck.\r\nchair 2026-05-02 → 2026-05-10: The council meets late.\r\nowner 2026-05-10 → 2026-05-12: Rain.\""
	if !strings.Contains(file, want) {
		t.Errorf("the file: %s", file)
	}

	// The third slip is on the page of whoever leads the meeting, first of all.
	_, _, page = chief.do("GET", "/staff/work", nil)
	holds(t, "my work", page, "Third slip of a commitment, to decide", "moved later at least three times")
	_, _, page = head.do("GET", "/staff/work", nil)
	holds(t, "the owner's work", page, "moved later at least three times")
	lacks(t, "the owner's work", page, "to decide")
}
