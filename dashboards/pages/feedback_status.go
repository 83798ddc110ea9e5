package pages

import (
	"context"
	"net/url"

	"citystat/kpi"
)

var feedbackStatusPage = Page{
	Name: "feedback_status", Path: feedbackPath + "/:reference", Role: Everyone, Fresh: true, Bare: true, Load: loadFeedbackStatus,
}

var feedbackFindPage = Page{Name: "feedback_find", Path: feedbackFindPath, Role: Everyone, Fresh: true, Load: loadFeedbackFind, Post: postFeedbackFind}

// feedbackStatusData is what became of feedback. Nothing of what was written stands here: the address may be passed on.
type feedbackStatusData struct {
	Heading, Text string
	Reference     string
	Received      Moment
	About         Link // the indicator; empty if it is about none that is public
	Waits         bool
	Answer        *answerView
	Again         Link // leads to an empty form
	Answers       Link
}

// answerView is a public answer to feedback.
type answerView struct {
	About       Link // the indicator; empty if it is about none that is public
	Heard, Said []string
	Lang        kpi.Lang // of both; "" if it is the page's
	By          string
	On          Moment // the day
}

func loadFeedbackStatus(ctx context.Context, r *Request) (Content, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Content{}, err
	}
	f, err := r.feedbackOf(ctx, r.Params["reference"])
	if err != nil {
		return Content{}, err
	}
	d := feedbackStatusData{
		Heading: r.P.T("feedback.status." + string(f.State())), Text: r.P.T("feedback.status_text." + string(f.State())),
		Reference: f.Reference, Received: r.at(f.Received), About: r.aboutIndicator(f.Indicator), Waits: f.State() == kpi.FeedbackOpen,
		Again: r.feedbackLink(), Answers: Link{URL: r.To(answersPath), Words: own(r.P.T("feedback.answers.link"))},
	}
	if f.Answer != nil {
		v := r.answerView(&f)
		d.Answer = &v
	}
	return Content{Title: d.Heading, Summary: d.Text, Crumbs: []Link{r.feedbackLink()}, Data: d}, nil
}

// feedbackOf finds feedback by its reference, however it is written.
func (r *Request) feedbackOf(ctx context.Context, typed string) (kpi.Feedback, error) {
	reference, ok := kpi.ParseReference(typed)
	if !ok {
		return kpi.Feedback{}, kpi.Errorf(kpi.CodeNotFound, "%q is no reference", typed)
	}
	return r.feedback.FeedbackStatus(ctx, reference)
}

// feedbackLink leads to an empty form.
func (r *Request) feedbackLink() Link {
	return Link{URL: r.To(feedbackPath), Words: own(r.P.T("nav.feedback"))}
}

// aboutIndicator is the public indicator that feedback is about; empty if there is none.
func (r *Request) aboutIndicator(id string) Link {
	res, err := r.public(id)
	if err != nil {
		return Link{}
	}
	return Link{URL: r.To("/indicators/" + id), Words: r.Words(res.Indicator.Name)}
}

func (r *Request) answerView(f *kpi.Feedback) answerView {
	v := answerView{About: r.aboutIndicator(f.Indicator), Heard: paragraphs(f.Answer.Heard), Said: paragraphs(f.Answer.Said), By: f.Answer.By, On: r.on(kpi.DateOf(f.Answer.At.In(r.Cal.Location)))}
	if f.Answer.Lang != r.Lang {
		v.Lang = f.Answer.Lang
	}
	return v
}

// feedbackFindData is the form that asks for a reference.
type feedbackFindData struct {
	formErrors
	Action, Reference string
}

func loadFeedbackFind(_ context.Context, r *Request) (Content, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Content{}, err
	}
	return r.findContent(feedbackFindData{Action: r.To(feedbackFindPath)}), nil
}

func (r *Request) findContent(d feedbackFindData) Content {
	c := Content{Title: r.P.T("feedback.find.title"), Summary: r.P.T("feedback.find.intro"), Crumbs: []Link{r.feedbackLink()}, Data: d}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	return c
}

// postFeedbackFind leads to the feedback with a reference. It is a form that is sent and not asked for: an address with a reference that was
// mistyped should stand in no history.
func postFeedbackFind(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Posted{}, err
	}
	d := feedbackFindData{Action: r.To(feedbackFindPath), Reference: kpi.PlainText(form.Get("reference"))}
	f, err := r.feedbackOf(ctx, d.Reference)
	switch {
	case err == nil:
		return Posted{To: r.To(feedbackPath + "/" + f.Reference)}, nil
	case kpi.ErrorCode(err) != kpi.CodeNotFound:
		return Posted{}, err
	case d.Reference == "":
		d.add("reference", r.P.T("feedback.error.reference"))
	default:
		d.add("reference", r.P.T("feedback.error.unknown"))
	}
	return Posted{Content: r.findContent(d)}, nil
}
