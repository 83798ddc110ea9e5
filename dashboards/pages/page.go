package pages

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/dashboards/auth"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/scorecard"
)

// Role says who may see a page.
type Role string

// The roles.
const (
	Everyone  Role = "everyone" // the public: no sign-in, and answers that any cache may keep
	StaffOnly Role = "staff"    // people who are signed in and may do what the page Needs; see [Pages.RegisterStaff]
	AtDoor    Role = "door"     // those who are about to sign in; see [Pages.RegisterDoor]
)

// Page is one page of the site. Everything about it is here: the server, the menu and the tests read it and nothing else.
type Page struct {
	Name  string              // of its template, Name.gohtml
	Path  string              // below the language: "/", "/indicators/:id"; of a staff page the whole address, without a language
	Menu  string              // the id of the message that is its menu entry; "" if it is not in the menu
	Role  Role                // who may see it
	Needs account.Action      // what a reader of a staff page must have the right to
	Sends account.Action      // what whoever sends a form to a staff page must have the right to
	Takes int64               // the most bytes that may be sent to a staff page; 0: those of any form
	Files bool                // a file may be among what is sent; it is the page's to say how large it may be
	Query []string            // the query parameters that it knows; all others are ignored
	Fresh bool                // it is made anew for each reader, and kept by nobody
	Loose bool                // its address is a secret by itself: a form may come from a program or another site, however it is encoded
	Bare  bool                // it is for one reader: search engines do not keep it
	Stage bool                // it is shown on the wall of a room: it has neither head nor foot, and everything in it is large
	Own   string              // the name of a script that it alone loads, in package assets; "" if it has none
	Shown func(*Request) bool // whether its menu entry is there, where that depends on the city; nil: always
	Load  func(context.Context, *Request) (Content, error)
	Post  func(context.Context, *Request, url.Values) (Posted, error) // what a form that is sent to the page's address does; nil: nothing can be sent
}

// Posted is what came of a form that was sent.
type Posted struct {
	To      string         // the address to which the reader is led; "" shows Content, which says what is wrong with the form
	Cookies []*http.Cookie // what the reader's browser is to remember
	Content Content
	Status  int           // of Content; 422 if it is 0
	After   time.Duration // when to try again; 0: there is nothing to wait for
}

// All lists the pages, in the order of the menu.
func All() []Page {
	return []Page{
		scorecardPage, priorityPage, districtsPage, districtPage, departmentsPage, departmentPage, indicatorsPage, indicatorPage, indicatorChartsPage,
		evaluationsPage, evaluationPage, changesPage, termsPage, termPage, publicMeetingsPage, publicMeetingPage, dataPage,
		methodologyPage, glossaryPage, apiPage, aboutPage, accessibilityPage,
		feedbackPage, feedbackFindPage, feedbackAnswersPage, feedbackStatusPage,
		signInPage, linkPage, demoPage, forgottenPage, unsubscribePage,
		staffWorkPage, staffBoardPage, staffCasesPage, staffIndicatorPage,
		staffDataPage, staffEntriesPage, staffEntryPage, staffRejectsPage,
		staffCommitmentsPage, staffCommitmentPage,
		staffCommentaryPage, staffCommentaryFormPage, staffCommentaryOnePage, staffContestsPage, staffContestFormPage, staffContestPage,
		staffReleasesPage, staffReleasePage,
		staffDecisionsPage, staffDecidePage, staffTermsPage, staffTermPage,
		calendarPage, calendarSeriesPage, calendarChangePage, emergenciesPage, emergencyPage,
		staffFeedbackPage,
		staffPeoplePage, staffPostsPage, staffPostPage, staffHandoverPage, staffMePage,
		meetingPage,
		staffAuditPage,
		memoPage, followUpPage,
		slidePage, livePage,
	}
}

// checkPages finds what would break a page only when somebody asks for it.
func checkPages(list []Page, bundle *i18n.Bundle) error {
	seen := map[string]string{}
	for _, p := range list {
		switch {
		case p.Name == "" || p.Name == errorTemplate || p.Load == nil || !strings.HasPrefix(p.Path, "/"):
			return fmt.Errorf("page %q at %q needs a name of its own, a path and something to load", p.Name, p.Path)
		case p.Role != Everyone && p.Role != StaffOnly && p.Role != AtDoor:
			return fmt.Errorf("page %q is for %q, and nobody has that role", p.Name, p.Role)
		case (p.Role == StaffOnly) != slices.Contains(account.Actions, p.Needs):
			return fmt.Errorf("page %q is for %q and needs %q; a staff page, and no other, needs an action of package account", p.Name, p.Role, p.Needs)
		case (p.Role == StaffOnly && p.Post != nil) != slices.Contains(account.Actions, p.Sends):
			return fmt.Errorf("page %q takes a form from whoever may %q; a staff page with a form, and no other, needs an action for it", p.Name, p.Sends)
		case (p.Role == AtDoor) != BelowDoor(p.Path):
			return fmt.Errorf("page %q is for %q and lies at %s; the pages at the door, and no others, lie below %s", p.Name, p.Role, p.Path, DoorRoot)
		case (p.Role == StaffOnly) != BelowStaff(p.Path) && (p.Role != Everyone || !below(MeetingsRoot, p.Path)): // residents read of meetings below their language
			return fmt.Errorf("page %q is for %q and lies at %s; the staff's pages, and no others, lie below %s and %s", p.Name, p.Role, p.Path, StaffRoot, MeetingsRoot)
		case p.Menu != "" && !bundle.Has(p.Menu):
			return fmt.Errorf("page %q: its menu entry %q is no message", p.Name, p.Menu)
		}
		for _, key := range []string{"name " + p.Name, "path " + address(p)} {
			if other, taken := seen[key]; taken {
				return fmt.Errorf("pages %q and %q have the same %s", other, p.Name, key)
			}
			seen[key] = p.Name
		}
	}
	return nil
}

// address tells the address of a page from those of all others: that of a public page stands below a language.
func address(p Page) string {
	if p.Role == Everyone {
		return "/:lang" + p.Path
	}
	return p.Path
}

// Request is what a page is asked with. The same request for the same scorecard always gives the same page, unless it is a staff page or holds a form that was sent.
// A staff page's City is as its folder stands now; its Card is the published one all the same, nil while there is none.
type Request struct {
	P      *i18n.Printer
	Lang   kpi.Lang
	Params map[string]string // of the path, by name
	Query  url.Values        // the parameters that the page knows
	Card   *scorecard.Scorecard
	City   *kpi.City
	Cal    kpi.Calendar    // of the city, with its time zone
	Today  kpi.Date        // in the city
	Staff  bool            // the reader may see staff pages too
	Person *account.Person // who reads a staff page, or a public one while signed in; nil: somebody who is not known
	From   string          // the address of the reader's machine; of a form that was sent only

	District *kpi.District // that the reader has chosen, see [districtCookie]; nil: none

	nodes    map[string]*kpi.PlanNode // of the city's plan, by id; see [Request.node]
	examples bool                     // no target at all is the city's own
	api      API                      // what programs can read
	staff    Staff                    // what a staff page reads; nil on all others
	desk     FeedbackDesk             // where feedback is answered, of a staff page; nil on all others
	log      *slog.Logger             // of a staff page
	now      time.Time                // of a staff page, a fresh one and a form that was sent; all others know no clock but the day
	feedback Feedback                 // nil: there is none
	answered int64                    // version of the public answers to feedback
	box      *letterbox               // what guards the form for feedback

	door      *auth.Door // of a page at the door
	mail      Mail       // of a staff page and one at the door; nil: none is sent
	recovery  Recovery   // of a page at the door; nil: an administrator makes links
	directory Directory  // of a staff page; nil: nobody can sign in
	trail     Trail      // of a staff page; nil: there is none
	work      Work       // of a staff page
	demo      Demo       // of a staff page and one at the door; nil: people are real
	sent      *sentFile  // with a form; nil: there was none
	holders   *holders   // of a staff page: who holds which post

	emergencies []kpi.Emergency // of a staff page: those of now; see [Request.emergenciesKnown]
	site        string          // address of the site, without a slash at its end
}

// Content is what a page shows. Data is what its template is executed with, as .Data.
type Content struct {
	Title   string // plain, for the window and search engines
	Summary string // one or two plain sentences
	Crumbs  []Link // the way here from the front page, without the front page and without this page
	Data    any
}

// Words is a text of the city. Lang is set only where the text is shown in another language than the page, Note only by [Request.Prose].
type Words struct {
	Text string
	Lang kpi.Lang
	Note string // what a reader should know of the translation
}

// Link is an address and its words.
type Link struct {
	URL string
	Words
	Current bool
}

// Value is a finished value for people, and the unrounded number for machines; Raw is "" where there is no value.
type Value struct {
	Text string
	Raw  string
}

// To returns the address of a page in the reader's language. path begins with a slash.
func (r *Request) To(path string) string { return "/" + i18n.Segment(r.Lang) + path }

// Words returns a text of the city in the reader's language, or in the language in which there is one.
func (r *Request) Words(t kpi.Text) Words {
	s, lang := t.For(r.Lang)
	if lang == r.Lang || s == "" {
		return Words{Text: s}
	}
	return Words{Text: s, Lang: lang}
}

// Prose is Words for sentences: of a translation that no person stands behind it says so, and of one that is missing or out of date why the
// text is in another language. In a list of names such notes would stand in the way.
func (r *Request) Prose(t kpi.Text) Words {
	w := r.Words(t)
	switch state := t.State[r.Lang]; {
	case w.Text == "":
	case state == kpi.TextOutdated:
		w.Note = r.P.T("translation.outdated")
	case w.Lang != "":
		w.Note = r.P.T("a11y.untranslated")
	case state == kpi.TextMachine:
		w.Note = r.P.T("translation.machine")
	case state == kpi.TextDraft:
		w.Note = r.P.T("translation.draft")
	}
	return w
}

// own returns words that are the program's, and so in the reader's language.
func own(s string) Words { return Words{Text: s} }

// Value returns a value of an indicator.
func (r *Request) Value(ind *kpi.Indicator, v *float64) Value {
	return Value{Text: r.P.Value(v, ind.Unit, ind.Decimals), Raw: raw(v)}
}

// Count returns a number of rows.
func (r *Request) Count(n int64) Value {
	return Value{Text: r.P.Int(n), Raw: strconv.FormatInt(n, 10)}
}

// asOf returns the day that the scorecard speaks of, as the beginning of a line: "As of June 30, 2026".
func (r *Request) asOf() string { return r.P.Upper(r.P.AsOf(r.Card.AsOf)) }

// raw writes an unrounded number as the API and the files do.
func raw(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// at returns a moment in the city's time zone.
func (r *Request) at(t time.Time) Moment {
	t = t.In(r.Cal.Location)
	return Moment{Text: r.P.DateTime(t), Machine: t.Format(time.RFC3339)}
}

// on returns a day.
func (r *Request) on(d kpi.Date) Moment { return Moment{Text: r.P.Date(d), Machine: d.String()} }

// Moment is a time or a day, for people and for machines.
type Moment struct{ Text, Machine string }
