package pages

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/account"
)

// FeedbackDesk is where those who look after the scorecard read what residents wrote, and answer. Nothing of it reaches a page whose role is
// not [StaffOnly].
type FeedbackDesk interface {
	// Feedback returns feedback as the query asks for it, with all that is known of it, and how many the query finds.
	Feedback(ctx context.Context, q kpi.FeedbackQuery) (list []kpi.Feedback, total int, err error)

	// AnswerFeedback publishes the answer. It fails with code conflict if the feedback has ended already.
	AnswerFeedback(ctx context.Context, reference string, a kpi.FeedbackAnswer) error

	// CloseFeedback ends feedback that will not be answered; why is for the staff alone.
	CloseFeedback(ctx context.Context, reference, reason string, at time.Time) error

	// CountFeedback returns how many there are in each state.
	CountFeedback(ctx context.Context) (map[kpi.FeedbackState]int, error)
}

// staffFeedbackPath is the address of the staff page about feedback.
const staffFeedbackPath = StaffRoot + "/feedback"

var staffFeedbackPage = Page{
	Name: "staff_feedback", Path: staffFeedbackPath, Menu: "feedback.staff.menu", Role: StaffOnly, Needs: account.SeeFeedback, Sends: account.AnswerFeedback, Query: []string{"state", "page", "done", "ended"},
	Shown: (*Request).takesFeedback, Load: loadStaffFeedback, Post: postStaffFeedback,
}

const (
	feedbackAPage  = 20
	feedbackAPiece = 500 // of the file at a time
)

// staffFeedbackData is what residents wrote.
type staffFeedbackData struct {
	formErrors
	Action  string
	Notice  string
	States  []Link
	Heading string
	Letters []mailView
	Langs   []option
	File    string
	pager
}

// mailView is one letter, with the form that answers it.
type mailView struct {
	kpi.Feedback
	ID        string // in the page
	Paragraph []string
	At        Moment
	Age       string // while it waits
	Subject   Words  // the indicator
	Place     Words  // the district
	Language  string
	Page      string // from which it was sent
	Ended     Moment
	Sent      string // which form of it was sent and is shown again: answer or close
	Heard     string // what the form holds
	Said, By  string
	Why       string
	Langs     []option
}

func loadStaffFeedback(ctx context.Context, r *Request) (Content, error) {
	return r.letters(ctx, nil)
}

// letters is the page; sent is the form that was sent and is shown again, nil if there is none.
func (r *Request) letters(ctx context.Context, sent *sentAnswer) (Content, error) {
	if r.desk == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "nobody reads feedback here")
	}
	state := kpi.FeedbackState(r.Query.Get("state"))
	if !slices.Contains(kpi.FeedbackStates, state) {
		state = kpi.FeedbackOpen
	}
	counts, err := r.desk.CountFeedback(ctx)
	if err != nil {
		return Content{}, err
	}
	d := staffFeedbackData{Action: staffFeedbackPath, File: staffFeedbackPath + ".csv", Heading: r.P.T("feedback.staff.state." + string(state))}
	for _, said := range []string{"done", "ended"} {
		if reference, ok := kpi.ParseReference(r.Query.Get(said)); ok {
			d.Notice = r.P.T("feedback.staff."+said, "id", reference)
		}
	}
	for _, s := range kpi.FeedbackStates {
		d.States = append(d.States, Link{
			URL: staffFeedbackPath + "?state=" + string(s), Current: s == state, Words: own(r.P.T("feedback.staff.count", "state", r.P.T("feedback.staff.state."+string(s)), "n", counts[s])),
		})
	}
	q := kpi.FeedbackQuery{State: state}
	if sent != nil {
		q.Reference = sent.reference // alone, wherever in the list it stands
	} else if q.Offset, q.Limit, err = r.turnLetters(&d, counts[state]); err != nil {
		return Content{}, err
	}
	list, _, err := r.desk.Feedback(ctx, q)
	if err != nil {
		return Content{}, err
	}
	for i := range list {
		d.Letters = append(d.Letters, r.letter(&list[i], sent))
	}
	c := Content{Title: r.P.T("feedback.staff.title"), Summary: r.P.T("feedback.staff.intro")}
	if sent != nil {
		d.formErrors, c.Title, c.Crumbs = sent.formErrors, r.errorTitle(c.Title), []Link{{URL: staffFeedbackPath, Words: own(c.Title)}}
	}
	c.Data = d
	return c, nil
}

// turnLetters finds the letters of the page of the list that was asked for.
func (r *Request) turnLetters(d *staffFeedbackData, total int) (from, count int, err error) {
	from, _, err = r.turn(&d.pager, staffFeedbackPath, total, feedbackAPage, "feedback.answers.shown")
	for _, l := range []*Link{d.Previous, d.Next} {
		if l != nil {
			l.URL = r.staffAddress(l.URL)
		}
	}
	return from, feedbackAPage, err
}

// staffAddress takes the language from an address: staff pages have none.
func (r *Request) staffAddress(s string) string { return s[len(r.To("")):] }

// letter is one letter with an empty form, or with the one that was sent.
func (r *Request) letter(f *kpi.Feedback, sent *sentAnswer) mailView {
	v := mailView{
		Feedback: *f, ID: "letter-" + f.Reference, Paragraph: paragraphs(f.Text), At: r.at(f.Received), Language: i18n.OwnName(f.Lang), By: r.office(),
	}
	if ind := r.City.Indicator(f.Indicator); ind != nil {
		v.Subject = r.Words(ind.Name)
	}
	if dist := r.City.District(f.District); dist != nil {
		v.Place = r.Words(dist.Name)
	}
	if f.About != "" && r.Card != nil {
		v.Page = "/" + i18n.Segment(f.Lang) + f.About
	}
	lang := f.Lang
	switch {
	case f.State() == kpi.FeedbackOpen:
		v.Age = r.P.Span(max(r.now.Sub(f.Received), 0))
	default:
		v.Ended = r.at(f.Ended)
	}
	if sent != nil && sent.reference == f.Reference {
		v.Sent, v.Heard, v.Said, v.By, v.Why, lang = sent.do, sent.Heard, sent.Said, sent.By, sent.why, sent.Lang
	}
	for _, l := range offered(r.City) {
		v.Langs = append(v.Langs, option{Value: string(l), Words: own(i18n.OwnName(l)), Selected: l == lang})
	}
	return v
}

// office is who answers, if the form does not say otherwise.
func (r *Request) office() string {
	if s := r.P.Text(r.City.Contact.Office); s != "" {
		return s
	}
	return r.P.Text(r.City.Name)
}

// sentAnswer is a form that was sent: an answer, or why there will be none.
type sentAnswer struct {
	formErrors
	kpi.FeedbackAnswer
	reference, why string
	do             string // answer or close
}

// postStaffFeedback answers a letter or closes it, and leads back to those that wait.
func postStaffFeedback(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if r.desk == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody reads feedback here")
	}
	reference, ok := kpi.ParseReference(form.Get("reference"))
	if !ok {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "%q is no reference", form.Get("reference"))
	}
	text := func(name string) string { return kpi.PlainText(form.Get(name)) }
	sent := &sentAnswer{reference: reference, do: "answer", why: text("why"), FeedbackAnswer: kpi.FeedbackAnswer{
		Heard: text("heard"), Said: text("said"), By: text("by"), Lang: kpi.Lang(form.Get("answer_lang")), At: r.now,
	}}
	if !slices.Contains(offered(r.City), sent.Lang) {
		sent.Lang = r.City.Source()
	}
	closes := form.Get("do") == "close"
	if closes {
		sent.do = "close"
		sent.By = r.office() // of the form that was not sent
		r.need(&sent.formErrors, "why-"+reference, sent.why, kpi.MaxFeedback, "feedback.staff.error.why")
	} else {
		r.need(&sent.formErrors, "heard-"+reference, sent.Heard, kpi.MaxFeedback, "feedback.staff.error.heard")
		r.need(&sent.formErrors, "said-"+reference, sent.Said, kpi.MaxFeedback, "feedback.staff.error.said")
		r.need(&sent.formErrors, "by-"+reference, sent.By, kpi.MaxFeedbackBy, "feedback.staff.error.by")
	}
	if len(sent.Errors) > 0 {
		content, err := r.letters(ctx, sent)
		return Posted{Content: content}, err
	}
	var err error
	if closes {
		err = r.desk.CloseFeedback(ctx, reference, sent.why, r.now)
	} else {
		err = r.desk.AnswerFeedback(ctx, reference, sent.FeedbackAnswer)
	}
	said := "done"
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict:
		said = "ended" // by somebody else, or in another window
	case err != nil:
		return Posted{}, err
	}
	return Posted{To: staffFeedbackPath + "?" + url.Values{said: {reference}}.Encode()}, nil
}

// need notes a field that is empty or too long. id is the message that says what to write there.
func (r *Request) need(f *formErrors, field, text string, letters int, id string) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		f.add(field, r.P.T(id))
	case n > letters:
		f.add(field, r.P.T("feedback.error.long", "n", n, "max", letters))
	}
}

// feedbackFile sends all feedback as CSV after RFC 4180.
func (p *Pages) feedbackFile(c echo.Context) error {
	if p.opts.Desk == nil {
		return echo.ErrNotFound
	}
	h := c.Response().Header()
	ctx := c.Request().Context()
	q := kpi.FeedbackQuery{Limit: feedbackAPiece}
	list, _, err := p.opts.Desk.Feedback(ctx, q) // before anything is sent
	if err != nil {
		return err
	}
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8; header=present")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="feedback.csv"`)
	h.Set(echo.HeaderCacheControl, staffCaching)
	if c.Request().Method == http.MethodHead {
		c.Response().WriteHeader(http.StatusOK)
		return nil
	}
	if err := p.writeFeedback(c, q, list); err != nil {
		// A file that ends too early must not look like a whole one: the connection is cut.
		p.opts.Logger.ErrorContext(ctx, "the file of feedback was cut off", "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// writeFeedback writes the file in pieces; each piece has a minute to reach the reader.
func (p *Pages) writeFeedback(c echo.Context, q kpi.FeedbackQuery, list []kpi.Feedback) error {
	rc := http.NewResponseController(c.Response())
	out := csv.NewWriter(c.Response())
	out.UseCRLF = true
	if err := out.Write(i18n.FeedbackColumns); err != nil {
		return fmt.Errorf("file of feedback: %w", err)
	}
	for {
		if err := rc.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil && !isUnsupported(err) {
			return fmt.Errorf("file of feedback: %w", err)
		}
		for i := range list {
			if err := out.Write(i18n.FeedbackRecord(&list[i])); err != nil {
				return fmt.Errorf("file of feedback: %w", err)
			}
		}
		out.Flush()
		if err := out.Error(); err != nil || len(list) < q.Limit {
			return err
		}
		q.Offset += len(list)
		var err error
		if list, _, err = p.opts.Desk.Feedback(c.Request().Context(), q); err != nil {
			return err
		}
	}
}
