package ledgertest

import (
	"context"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// fillTerms ends two terms. Of the newer one the first target is kept, with a reason that was changed once; nobody has answered for the older one.
func fillTerms(o *Office) {
	today := kpi.DateOf(o.now.UTC())
	for _, t := range []struct {
		name  string
		years int
	}{{"2022–2025", 1}, {"2018–2021", 5}} {
		ended := kpi.NewDate(today.Year-t.years, 12, 31)
		r, err := meeting.NewTerm(o.city, o.termName(t.name), ended, 1, today)
		o.must(err)
		by := o.by(account.ChiefOfStaff)
		o.must(o.SaveTerm(context.Background(), &r, by, ended.EndIn(time.UTC)))
		if t.years > 1 || len(r.Answers) == 0 {
			continue
		}
		for n, reason := range []string{"It is what we stand for, too.", "It is what we stand for, too.\nThe council has said so."} {
			a := &r.Answers[0]
			a.Answer, a.Reason, a.Lang, a.At = kpi.TermKeep, kpi.PlainText(o.say(reason)), kpi.English, o.now.AddDate(0, 0, n-5).UTC()
			if a.Reason == "" {
				a.Reason = "…"
			}
			if runes := []rune(a.Reason); len(runes) > kpi.MaxTermReason {
				a.Reason = strings.TrimSpace(string(runes[:kpi.MaxTermReason]))
			}
			o.must(o.SaveTerm(context.Background(), &r, by, a.At))
		}
	}
}

// termName is a name of one line, no longer than it may be.
func (o *Office) termName(s string) string {
	s = o.line(s)
	if runes := []rune(s); len(runes) > kpi.MaxTermName {
		s = strings.TrimSpace(string(runes[:kpi.MaxTermName]))
	}
	return s
}
