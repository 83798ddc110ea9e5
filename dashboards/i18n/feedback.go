package i18n

import (
	"time"

	"citystat/kpi"
)

// FeedbackColumns are the columns of a file of feedback, for the staff.
var FeedbackColumns = []string{
	"reference", "received", "state", "language", "about", "indicator", "district", "text", "email", "ended", "heard", "said", "answer_language", "by", "reason",
}

// FeedbackRecord is a line of that file. What people wrote is text, and never a formula.
func FeedbackRecord(f *kpi.Feedback) []string {
	ended := ""
	if !f.Ended.IsZero() {
		ended = f.Ended.UTC().Format(time.RFC3339)
	}
	var a kpi.FeedbackAnswer
	if f.Answer != nil {
		a = *f.Answer
	}
	list := []string{
		f.Reference, f.Received.UTC().Format(time.RFC3339), string(f.State()), string(f.Lang), f.About, f.Indicator, f.District, f.Text, f.Email,
		ended, a.Heard, a.Said, string(a.Lang), a.By, f.Reason,
	}
	for i := range list {
		list[i] = Cell(list[i])
	}
	return list
}
