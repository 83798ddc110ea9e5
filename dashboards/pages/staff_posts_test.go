package pages

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard/scorecardtest"
)

// officeOf is the staff pages of Harborview as somebody of a role sees them, with a ledger in which people have worked.
func officeOf(t *testing.T, role account.Role) (*site, *ledgertest.Office) {
	t.Helper()
	normal := scorecardtest.NewStaff()
	work := ledgertest.Filled(t, normal.TheCity, scorecardtest.Now, nil)
	who, err := work.PersonByEmail(t.Context(), string(role)+"@harborview.gov")
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, scorecardtest.Normal())
	s.pages.opts.Staff, s.pages.opts.Work, s.pages.opts.Directory, s.pages.opts.Trail = normal, workIn(work), work, work
	s.echo.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			MarkStaff(c, &who)
			return next(c)
		}
	})
	s.pages.RegisterStaff(s.echo, func(next echo.HandlerFunc) echo.HandlerFunc { return next })
	return s, work
}

// form makes a form of pairs.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

const publicWorksPost = "director-public-works"

func TestPostsPage(t *testing.T) {
	s, _ := officeOf(t, account.Viewer)
	page := text(s.page(staffPostsPath).root)
	order := []string{"Data Office", "Nobody holds this post", "Director of Public Works", "Somebody department_staff", "Somebody department_head", "Director of Transportation"}
	_, list, found := strings.Cut(page, "Who holds which post")
	if !found {
		t.Fatal("there is no list")
	}
	at := -1
	for _, w := range order {
		next := strings.Index(list, w)
		if next < at || next < 0 {
			t.Errorf("%q does not stand in its place: vacant posts first, whoever acts before the holder", w)
		}
		at = next
	}
	for _, w := range []string{
		"Posts: 3. Vacant: 1.", "Somebody department_staff: the role of department head is missing for the department that this post heads: Public Works.",
		"this account is closed", "Indicators2", "April\u00a021, 2026", "1 of 3 handed over",
	} {
		if !strings.Contains(strings.ReplaceAll(page, "\n", ""), w) {
			t.Errorf("the page does not say %q", w)
		}
	}
	if strings.Contains(page, "Somebody department_head: the role") {
		t.Error("whoever has the role is said to lack it")
	}
	for _, path := range []string{staffPostsPath, staffPostPath(publicWorksPost)} {
		body := s.do(http.MethodGet, path, nil).Body.String()
		if strings.Contains(body, `<form class="writing"`) || strings.Contains(body, "@harborview.gov") {
			t.Errorf("%s shows a viewer a form, or an address", path)
		}
	}
	if res := s.do(http.MethodGet, staffPostPath("nobody-of-this-name"), nil); res.Code != http.StatusNotFound {
		t.Errorf("a post that is none: %d", res.Code)
	}
}

// TestHolderOnStaffPages looks that a post is named by its title and by who holds it today, on staff pages alone.
func TestHolderOnStaffPages(t *testing.T) {
	s, _ := officeOf(t, account.Viewer)
	staff := text(s.page(staffIndicatorPath("street-lights-on-time")).root)
	if !strings.Contains(staff, "Director of Public Works · Somebody department_staff (acting)") {
		t.Error("the indicator's staff page does not say who acts for its owner")
	}
	public := text(s.page("/en/indicators/street-lights-on-time").root)
	if !strings.Contains(public, "Director of Public Works") || strings.Contains(public, "Somebody") {
		t.Error("the indicator's public page does not name its owner by the title alone")
	}
}

func TestGivePost(t *testing.T) {
	s, work := officeOf(t, account.ChiefOfStaff)
	whole := form("do", "give", "post", "data-office", "holder", "3", "from", "2026-04-01", "until", "", "reason", "")
	for name, c := range map[string]struct {
		change []string
		fields []string
	}{
		"nothing":              {[]string{"post", "", "holder", "", "from", ""}, []string{"post", "holder"}},
		"no day":               {[]string{"from", ""}, []string{"from"}},
		"no date":              {[]string{"from", "April"}, []string{"from"}},
		"no such day":          {[]string{"until", "2026-02-30"}, []string{"until"}},
		"nobody":               {[]string{"holder", "99"}, []string{"holder"}},
		"somebody who left":    {[]string{"holder", "8"}, []string{"holder"}},
		"no such post":         {[]string{"post", "king"}, []string{"post"}},
		"backwards":            {[]string{"until", "2026-03-01"}, []string{"until"}},
		"taken":                {[]string{"post", publicWorksPost}, []string{"from"}},
		"cover without an end": {[]string{"acting", "1", "reason", "Leave"}, []string{"until"}},
		"cover without reason": {[]string{"acting", "1", "until", "2026-04-30"}, []string{"reason"}},
		"cover for oneself":    {[]string{"acting", "1", "post", publicWorksPost, "holder", "4", "until", "2026-04-02", "reason", "Leave"}, []string{"holder"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := maps.Clone(whole)
			for i := 0; i < len(c.change); i += 2 {
				f.Set(c.change[i], c.change[i+1])
			}
			s.t = t
			d := s.wrong(s.send(staffPostsPath, f), http.StatusUnprocessableEntity, kpi.English, c.fields...)
			if got := get(d.ids["from"], "value"); got != f.Get("from") {
				t.Errorf("the day that was typed is lost: %q", got)
			}
		})
	}
	s.t = t
	cover := form("do", "give", "post", "data-office", "holder", "7", "acting", "1", "from", "2026-03-20", "until", "2026-03-31", "reason", "Until somebody is found.\r\n")
	for _, f := range []url.Values{whole, cover} {
		if res := s.send(staffPostsPath, f); res.Code != http.StatusSeeOther || res.Header().Get("Location") != staffPostPath("data-office")+"?done=given" {
			t.Fatalf("%d to %q\n%s", res.Code, res.Header().Get("Location"), res.Body)
		}
	}
	list, err := work.Holdings(context.Background(), kpi.PaperQuery{Subject: "data-office"})
	if err != nil || len(list) != 3 || list[1].Holder != 3 || list[1].Acting || !list[2].Acting || list[2].Reason != "Until somebody is found." || list[2].By != "chief_of_staff@harborview.gov" {
		t.Errorf("%+v, %v", list, err)
	}
	if page := text(s.page(staffPostPath("data-office") + "?done=given").root); !strings.Contains(page, "Saved.") || !strings.Contains(page, "Somebody administrator acting") {
		t.Error("the page of the post does not show who covers it")
	}
}

// TestLeaving lets the chief of staff end somebody's time, and the head of the department hand over.
func TestLeaving(t *testing.T) {
	s, work := officeOf(t, account.ChiefOfStaff)
	ctx, post := context.Background(), "data-office"
	if res := s.send(staffPostPath(post), form("do", "give", "holder", "3", "from", "2025-01-01")); res.Code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", res.Code, res.Body)
	}
	holding := func() kpi.Holding {
		list, err := work.Holdings(ctx, kpi.PaperQuery{Subject: post})
		if err != nil {
			t.Fatal(err)
		}
		return list[len(list)-1]
	}
	h := holding()
	leave := form("do", "end", "holding", fmt.Sprint(h.ID), "revision", "1", "until", "", "reason", "Moves away.")
	field := fmt.Sprintf("until-%d", h.ID)
	s.wrong(s.send(staffPostPath(post), leave), http.StatusUnprocessableEntity, kpi.English, field)
	leave.Set("until", "2024-12-31")
	d := s.wrong(s.send(staffPostPath(post), leave), http.StatusUnprocessableEntity, kpi.English, field)
	if got := get(d.ids[field], "value"); got != "2024-12-31" {
		t.Errorf("the day that was typed is lost: %q", got)
	}
	leave.Set("until", "2026-03-31")
	res := s.send(staffPostPath(post), leave)
	if res.Code != http.StatusSeeOther || res.Header().Get("Location") != staffHandoverPath(3)+"?done=begun" {
		t.Fatalf("%d to %q", res.Code, res.Header().Get("Location"))
	}
	list, err := work.Handover(ctx, 3)
	if err != nil || list.From != 3 || list.On.String() != "2026-03-31" || len(list.Items) != 6 || list.Ended {
		t.Fatalf("%+v, %v", list, err)
	}

	if res := s.send(staffPostPath(post), leave); res.Code != http.StatusConflict || !strings.Contains(res.Body.String(), "Moves away.") {
		t.Errorf("a revision that was not seen is overwritten: %d", res.Code)
	}
	leave.Set("revision", "2")
	leave.Set("until", "2026-04-15")
	if res := s.send(staffPostPath(post), leave); res.Header().Get("Location") != staffPostPath(post)+"?done=end" {
		t.Errorf("another day: %d to %q", res.Code, res.Header().Get("Location"))
	}
	if list, err = work.Handover(ctx, 3); err != nil || list.On.String() != "2026-04-15" || list.Revision != 2 {
		t.Errorf("the list was not moved: %+v, %v", list, err)
	}

	stays := form("do", "reopen", "holding", fmt.Sprint(h.ID), "revision", "3")
	if res := s.send(staffPostPath(post), stays); res.Code != http.StatusSeeOther {
		t.Fatalf("%d", res.Code)
	}
	if list, err = work.Handover(ctx, 3); err != nil || !list.Void {
		t.Errorf("%+v, %v", list, err)
	}
	if page := text(s.page(staffHandoverPath(3)).root); !strings.Contains(page, "Nobody leaves after all") || strings.Contains(page, "Save the list") {
		t.Error("the list of somebody who stays can be worked on")
	}
	mistake := form("do", "void", "holding", fmt.Sprint(h.ID), "revision", "4", "reason", "")
	s.wrong(s.send(staffPostPath(post), mistake), http.StatusUnprocessableEntity, kpi.English, fmt.Sprintf("why-%d", h.ID))
	mistake.Set("reason", "Wrong post.")
	if res := s.send(staffPostPath(post), mistake); res.Code != http.StatusSeeOther || !holding().Void {
		t.Errorf("%d, %+v", res.Code, holding())
	}
	for _, f := range []url.Values{form("do", "end", "holding", "999"), form("do", "list", "holding", "1")} { // 1 is a holding of another post
		if res := s.send(staffPostPath(post), f); res.Code != http.StatusNotFound {
			t.Errorf("a holding that is none of the post's: %d", res.Code)
		}
	}
	if res := s.send(staffPostPath("king"), mistake); res.Code != http.StatusNotFound {
		t.Errorf("a post that is none: %d", res.Code)
	}
}

// TestHandover works on the list of the head of public works until it has ended.
func TestHandover(t *testing.T) {
	s, work := officeOf(t, account.DepartmentHead)
	ctx, path := context.Background(), staffHandoverPath(1)
	h, err := work.Handover(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := form("revision", fmt.Sprint(h.Revision))
	for _, i := range h.Items {
		f.Set("note-"+i.Kind+"-"+i.ID, "About "+i.ID)
	}
	f.Set("note-department-public-works", strings.Repeat("é", 2001))
	d := s.wrong(s.send(path, f), http.StatusUnprocessableEntity, kpi.English, "note-department-public-works")
	if got := text(d.ids["note-indicator-street-lights-on-time"]); strings.TrimSpace(got) != "About street-lights-on-time" {
		t.Errorf("what was typed is lost: %q", got)
	}
	f.Set("note-department-public-works", "<script>alert(1)</script>\r\nTwo lines.")
	if res := s.send(path, f); res.Header().Get("Location") != path+"?done=saved" {
		t.Fatalf("%d to %q", res.Code, res.Header().Get("Location"))
	}
	if h, err = work.Handover(ctx, 1); err != nil || h.Items[0].Note != "<script>alert(1)</script>\nTwo lines." || h.Items[0].Done || h.To != 3 || h.Ended {
		t.Fatalf("%+v, %v", h, err)
	}

	mine := maps.Clone(f) // as somebody has it who saw the revision before
	mine.Set("note-department-public-works", "My own words.")
	res := s.send(path, mine)
	if res.Code != http.StatusConflict {
		t.Fatalf("saved over somebody's words: %d", res.Code)
	}
	body := text(parse(t, "conflict", res.Body.String()).root)
	for _, w := range []string{"My own words.", "Two lines.", "Somebody else saved this list meanwhile: department_head@harborview.gov"} {
		if !strings.Contains(body, w) {
			t.Errorf("after a conflict the page does not hold %q", w)
		}
	}
	f.Set("revision", fmt.Sprint(h.Revision))
	for _, i := range h.Items { // those that came since the page was made, such as commitments, are on the page now
		f.Set("note-"+i.Kind+"-"+i.ID, i.Note)
		f.Set("done-"+i.Kind+"-"+i.ID, "1")
	}
	if res := s.send(path, f); res.Header().Get("Location") != path+"?done=ended" {
		t.Fatalf("%d to %q", res.Code, res.Header().Get("Location"))
	}
	if h, err = work.Handover(ctx, 1); err != nil || !h.Ended {
		t.Errorf("%+v, %v", h, err)
	}
	if page := text(s.page(path + "?done=ended").root); !strings.Contains(page, "Everything is handed over") || !strings.Contains(page, fmt.Sprintf("%d of %d", len(h.Items), len(h.Items))) {
		t.Error("the page does not say that the list has ended")
	}
	if res := s.send(staffHandoverPath(2), form("revision", "2", "note-department-transportation", "x")); res.Code != http.StatusForbidden && res.Code != http.StatusInternalServerError {
		t.Errorf("the list of another department is open to this head: %d", res.Code)
	}
	if list, _ := work.Handover(ctx, 2); list.Revision != 2 {
		t.Error("the list of another department was changed")
	}
	for _, bad := range []string{"0", "01", "x", "99"} {
		if res := s.do(http.MethodGet, staffHandoversPath+"/"+bad, nil); res.Code != http.StatusNotFound {
			t.Errorf("handover %s: %d", bad, res.Code)
		}
	}
}

// TestPeoplePageNamesPosts looks that whoever is about to close an account, or has, is led to the posts that it holds.
func TestPeoplePageNamesPosts(t *testing.T) {
	s, _ := officeOf(t, account.Administrator)
	d := s.page(staffPeoplePath)
	for id, want := range map[string]string{"person-4": "Holds these posts", "person-8": "This account is closed and still holds posts", "person-3": "Holds these posts"} {
		n := d.ids[id]
		if n == nil || !strings.Contains(text(n), want) {
			t.Errorf("%s: the page does not say %q", id, want)
			continue
		}
		links := elements(n, "a")
		if !slices.ContainsFunc(links, func(a *html.Node) bool { return strings.HasPrefix(get(a, "href"), staffPostsPath+"/") }) {
			t.Errorf("%s: no link leads to a post", id)
		}
	}
	if n := d.ids["person-7"]; strings.Contains(text(n), "posts") {
		t.Error("whoever holds none is said to hold posts")
	}
}
