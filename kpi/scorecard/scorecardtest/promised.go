package scorecardtest

import (
	"time"

	"citystat/kpi"
)

// harborviewPromised is what the departments of Harborview promised because of their numbers: overdue after its date was moved twice, kept late, kept in time in
// Spanish, called done, not due yet, which was made in a meeting and moved by whoever presides; one about no indicator, and one that is for staff alone and holds [Secret].
func harborviewPromised() []kpi.Commitment {
	d := func(month time.Month, n int) kpi.Date { return day(2026, month, n) }
	var list []kpi.Commitment
	add := func(indicator, text string, made, due kpi.Date, change func(*kpi.Commitment)) {
		c := kpi.Commitment{
			Stamp: kpi.Stamp{ID: int64(len(list) + 1), Revision: 2, At: KnownAt, Person: 4, By: Secret + "@harborview.gov", Since: KnownAt.AddDate(0, -1, 0), Founder: 5},
			Text:  text, Lang: kpi.English, Owner: "director-public-works", Department: "public-works", Indicator: indicator, Made: made, Due: due, State: kpi.CommitmentOpen,
			Note: Secret + " note", Public: true, Source: "workspace",
		}
		if change != nil {
			change(&c)
		}
		list = append(list, c)
	}
	moved := func(from, to kpi.Date) kpi.DueMove {
		return kpi.DueMove{From: from, To: to, Reason: Secret + ": the poles came late", At: KnownAt, By: Secret + "@harborview.gov"}
	}
	add("street-lights-on-time", "Replace the lamps of Quay Street.", d(time.January, 5), d(time.March, 10), func(c *kpi.Commitment) {
		c.Moves = []kpi.DueMove{moved(d(time.February, 1), d(time.February, 20)), moved(d(time.February, 20), d(time.March, 10))}
		c.Blocker, c.BlockedBy = Secret+": no money for poles", "housing"
	})
	add("street-lights-on-time", "Train two more electricians.", d(time.January, 5), d(time.February, 1), func(c *kpi.Commitment) {
		c.State, c.Done, c.Ended = kpi.CommitmentKept, d(time.February, 9), d(time.February, 12)
	})
	add("street-lights-on-time", "Publicar la lista de las luces que faltan.", d(time.January, 5), d(time.March, 1), func(c *kpi.Commitment) {
		c.Lang, c.State, c.Done, c.Ended = kpi.Spanish, kpi.CommitmentKept, d(time.February, 20), d(time.February, 26)
	})
	add("street-lights-on-time", "Answer every report of a dark street on the same day.", d(time.March, 5), d(time.April, 30), func(c *kpi.Commitment) {
		c.Source = kpi.MeetingSource("streetstat", d(time.March, 5))
		c.Moves = []kpi.DueMove{moved(d(time.April, 10), d(time.April, 30))}
		c.Moves[0].Chair = true
	})
	add("missed-collections", "Hire a second shop for the trucks.", d(time.March, 2), d(time.March, 15), func(c *kpi.Commitment) {
		c.State, c.Done = kpi.CommitmentDone, d(time.March, 12)
	})
	add("", "Open the new desk in the city hall.", d(time.March, 2), d(time.May, 1), nil)
	add("street-lights-on-time", Secret+": ask the mayor for money.", d(time.March, 2), d(time.May, 1), func(c *kpi.Commitment) { c.Public = false })
	return list
}
