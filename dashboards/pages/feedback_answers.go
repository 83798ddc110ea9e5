package pages

import (
	"context"
	"net/url"
)

var feedbackAnswersPage = Page{Name: "feedback_answers", Path: answersPath, Role: Everyone, Query: []string{"indicator", "page"}, Load: loadFeedbackAnswers}

const (
	answersAPage  = 20
	answersBeside = 3 // on an indicator's page
)

// feedbackAnswersData is what the city heard and what it said to it, the newest first.
type feedbackAnswersData struct {
	Only    Link // the indicator that the answers are about, if only those were asked for
	All     Link
	Answers []answerView
	Write   Link
	pager
}

func loadFeedbackAnswers(ctx context.Context, r *Request) (Content, error) {
	if err := r.mustTakeFeedback(); err != nil {
		return Content{}, err
	}
	id := r.Query.Get("indicator")
	d := feedbackAnswersData{Only: r.aboutIndicator(id), All: Link{URL: r.To(answersPath), Words: own(r.P.T("feedback.answers.all"))}, Write: r.feedbackLink()}
	d.Write.Words = own(r.P.T("feedback.write"))
	if id != "" {
		if _, err := r.public(id); err != nil {
			return Content{}, err
		}
		d.Write.URL = r.feedbackAbout("/indicators/" + id)
	}
	_, total, err := r.feedback.FeedbackAnswers(ctx, id, 0, 1)
	if err != nil {
		return Content{}, err
	}
	from, to, err := r.turn(&d.pager, answersPath, total, answersAPage, "feedback.answers.shown")
	if err != nil {
		return Content{}, err
	}
	if d.Answers, err = r.answersTo(ctx, id, from, to-from); err != nil {
		return Content{}, err
	}
	return Content{Title: r.P.T("feedback.answers.title"), Summary: r.P.T("feedback.answers.intro"), Crumbs: []Link{r.feedbackLink()}, Data: d}, nil
}

func (r *Request) answersTo(ctx context.Context, indicator string, offset, limit int) ([]answerView, error) {
	if limit == 0 {
		return nil, nil
	}
	list, _, err := r.feedback.FeedbackAnswers(ctx, indicator, offset, limit)
	if err != nil {
		return nil, err
	}
	var views []answerView
	for i := range list {
		if list[i].Answer != nil {
			views = append(views, r.answerView(&list[i]))
		}
	}
	return views, nil
}

// heardView is what residents said of an indicator, in the city's words, and what was done.
type heardView struct {
	Answers []answerView
	More    *Link // to those that do not stand here; nil if all do
	Write   Link
}

// heard is what was answered about an indicator; nil where there is no feedback.
func (r *Request) heard(ctx context.Context, id string) (*heardView, error) {
	if !r.takesFeedback() {
		return nil, nil //nolint:nilnil // there is nothing to show, and nothing is wrong
	}
	list, total, err := r.feedback.FeedbackAnswers(ctx, id, 0, answersBeside)
	if err != nil {
		return nil, err
	}
	v := &heardView{Write: Link{URL: r.feedbackAbout("/indicators/" + id), Words: own(r.P.T("feedback.write_here"))}}
	for i := range list {
		a := r.answerView(&list[i])
		a.About = Link{} // it stands on that page
		v.Answers = append(v.Answers, a)
	}
	if total > len(list) {
		v.More = &Link{URL: r.To(answersPath) + "?" + url.Values{"indicator": {id}}.Encode(), Words: own(r.P.T("feedback.answers.more", "n", total))}
	}
	return v, nil
}
