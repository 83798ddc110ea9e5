package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// Feedback is where residents write to the city, and where they find what it answered. Nothing comes out of it that anybody wrote, nor who:
// what it returns is as [kpi.Feedback.Public] leaves it.
type Feedback interface {
	// SubmitFeedback keeps what a resident wrote and returns the reference by which it is found again.
	SubmitFeedback(ctx context.Context, f kpi.Feedback) (reference string, err error)

	// FeedbackStatus returns what became of feedback, or an error with code not found.
	FeedbackStatus(ctx context.Context, reference string) (kpi.Feedback, error)

	// FeedbackAnswers returns a part of the public answers, those about an indicator if it is not "", the newest first; and how many there are.
	FeedbackAnswers(ctx context.Context, indicator string, offset, limit int) (list []kpi.Feedback, total int, err error)

	// AnswersVersion is a number that goes up once an answer can be read. It is asked for each request, so it must be quick.
	AnswersVersion() int64
}

// The addresses of all about feedback, below the language.
const (
	feedbackPath     = "/feedback"
	feedbackFindPath = feedbackPath + "/find"
	answersPath      = feedbackPath + "/answers"
)

var feedbackPage = Page{
	Name: "feedback", Path: feedbackPath, Role: Everyone, Query: []string{"about", "indicator", "district"}, Fresh: true, Shown: (*Request).takesFeedback,
	Load: loadFeedback, Post: postFeedback,
}

// feedbackData is the form, as it was begun or with what is wrong with it.
type feedbackData struct {
	formErrors
	Action     string
	Text       string
	Email      string
	About      string
	Token      string
	Website    string // what stands in the field that people leave empty
	Longest    int    // letters of the text
	Privacy    string
	Indicators []optionGroup
	Districts  []option
	Find       Link
	Answers    Link
}

// optionGroup is the entries of a choice under a heading.
type optionGroup struct {
	Heading Words
	Options []option
}

// formErrors are what is wrong with a form, in the order of its fields. Field is the id of the field, "" if it is about the whole form.
type formErrors struct{ Errors []formError }

type formError struct{ Field, Text string }

// Wrong returns what is wrong with a field; "" if nothing is.
func (f formErrors) Wrong(field string) string {
	for _, e := range f.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

func (f *formErrors) add(field, text string) { f.Errors = append(f.Errors, formError{field, text}) }

// errorTitle is the title of a page that shows a form again: whoever hears it knows at once that something is wrong.
func (r *Request) errorTitle(title string) string {
	return r.P.T("feedback.error.title", "title", title)
}

// takesFeedback reports whether residents may write, and somebody reads it.
func (r *Request) takesFeedback() bool { return r.feedback != nil && r.City != nil && r.City.Feedback }

// mustTakeFeedback is an error where there is no feedback: then its pages are no pages.
func (r *Request) mustTakeFeedback() error {
	if !r.takesFeedback() {
		return kpi.Errorf(kpi.CodeNotFound, "this city takes no feedback here")
	}
	return nil
}

// feedbackAbout is the address of the form for feedback about a page, whose address below the language is given; "" where nobody reads any.
func (r *Request) feedbackAbout(suffix string) string {
	if !r.takesFeedback() {
		return ""
	}
	about, _, _ := strings.Cut(suffix, "?")
	if about == "" || about == "/" || strings.HasPrefix(about, feedbackPath) {
		return r.To(feedbackPath)
	}
	return r.To(feedbackPath) + "?" + url.Values{"about": {about}}.Encode()
}

// pageWithin returns an address below the language if it can be one of this site, and "" for anything else.
func pageWithin(s string) string {
	s = kpi.PlainText(s)
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\n\t ") || utf8.RuneCountInString(s) > kpi.MaxFeedbackAbout {
		return ""
	}
	return s
}

func loadFeedback(_ context.Context, r *Request) (Content, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Content{}, err
	}
	about := pageWithin(r.Query.Get("about"))
	indicator := r.Query.Get("indicator")
	if id, ok := strings.CutPrefix(about, "/indicators/"); ok && indicator == "" {
		indicator = id
	}
	district := r.Query.Get("district")
	if id, ok := strings.CutPrefix(about, "/districts/"); ok && district == "" {
		district = id
	}
	if district == "" && r.District != nil {
		district = r.District.ID
	}
	d := r.feedbackForm(indicator, district)
	d.About, d.Token = about, r.box.token(r.now)
	return r.feedbackContent(d), nil
}

// feedbackForm is an empty form with its choices.
func (r *Request) feedbackForm(indicator, district string) feedbackData {
	kept := kpi.KeepEmail.Hours() / 24
	d := feedbackData{
		Action: r.To(feedbackPath), Longest: kpi.MaxFeedback, Privacy: r.P.T("feedback.privacy", "value", r.P.Value(&kept, kpi.Days, 0)),
		Find: Link{URL: r.To(feedbackFindPath), Words: own(r.P.T("feedback.find.link"))}, Answers: Link{URL: r.To(answersPath), Words: own(r.P.T("feedback.answers.link"))},
	}
	for _, pr := range r.City.Priorities {
		g := optionGroup{Heading: r.Words(pr.Name)}
		for _, res := range r.results(pr.ID) {
			g.Options = append(g.Options, option{Value: res.Indicator.ID, Words: r.Words(res.Indicator.Name), Selected: res.Indicator.ID == indicator})
		}
		if len(g.Options) > 0 {
			d.Indicators = append(d.Indicators, g)
		}
	}
	for _, dist := range r.City.DistrictsOn(r.day()) {
		d.Districts = append(d.Districts, option{Value: dist.ID, Words: r.Words(dist.Name), Selected: dist.ID == district})
	}
	return d
}

func (r *Request) feedbackContent(d feedbackData) Content {
	c := Content{Title: r.P.T("feedback.title"), Summary: r.P.T("feedback.intro"), Data: d}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c
}

// postFeedback keeps what was written and leads to the page with its reference, or shows the form again with all that was typed.
func postFeedback(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Posted{}, err
	}
	f := kpi.Feedback{
		Received: r.now, Lang: r.Lang, About: pageWithin(form.Get("about")), Text: kpi.PlainText(form.Get("text")), Email: kpi.PlainText(form.Get("email")),
		Indicator: form.Get("indicator"), District: form.Get("district"),
	}
	if _, err := r.public(f.Indicator); err != nil {
		f.Indicator = ""
	}
	if r.City.District(f.District) == nil {
		f.District = ""
	}
	d := r.feedbackForm(f.Indicator, f.District)
	d.Text, d.Email, d.About, d.Website = f.Text, f.Email, f.About, kpi.PlainText(form.Get("website"))
	d.Token = r.checkFeedback(&d, form.Get("token"))
	if len(d.Errors) > 0 {
		return Posted{Content: r.feedbackContent(d)}, nil
	}
	if wait := r.box.admit(r.From, r.now); wait > 0 {
		d.add("", r.P.T("feedback.error.many", "n", int(wait.Minutes())+1))
		return Posted{Content: r.feedbackContent(d), Status: http.StatusTooManyRequests, After: wait}, nil
	}
	reference, err := r.feedback.SubmitFeedback(ctx, f)
	if err != nil {
		return Posted{}, err
	}
	return Posted{To: r.To(feedbackPath + "/" + reference)}, nil
}

// checkFeedback finds what is wrong with a form that was sent, and returns the token for sending it again.
func (r *Request) checkFeedback(d *feedbackData, token string) string {
	switch n := utf8.RuneCountInString(d.Text); {
	case n == 0:
		d.add("text", r.P.T("feedback.error.text"))
	case n > kpi.MaxFeedback:
		d.add("text", r.P.T("feedback.error.long", "n", n, "max", kpi.MaxFeedback))
	}
	if d.Email != "" && !kpi.IsEmail(d.Email) {
		d.add("email", r.P.T("feedback.error.email"))
	}
	if d.Website != "" {
		d.add("website", r.P.T("feedback.error.website"))
	}
	again, patient := r.box.check(token, r.now)
	if len(d.Errors) == 0 && !patient {
		d.add("", r.P.T("feedback.error.again"))
	}
	return again
}

// paragraphs cuts a text into those that a person wrote. Nothing in it becomes a link.
func paragraphs(s string) []string {
	return slices.DeleteFunc(strings.Split(s, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
}
