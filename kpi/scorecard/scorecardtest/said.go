package scorecardtest

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// harborviewSaid is what the departments of Harborview say of their numbers: two texts about the first one, the older in Spanish; one about another; one that
// is for staff alone and holds [Secret]; a contested number that residents may know of, and one that they may not.
func harborviewSaid() scorecard.Words {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 15, 0, 0, 0, time.UTC) }
	said := func(id int64, indicator, period, department string, on time.Time) kpi.Commentary {
		return kpi.Commentary{
			Stamp:     kpi.Stamp{ID: id, Revision: 3, At: on, Person: 4, By: Secret + "@harborview.gov", Since: on.AddDate(0, 0, -3), Founder: 5},
			Indicator: indicator, Period: period, Department: department, State: kpi.CommentaryApproved, Public: true, Miss: true, Lang: kpi.English,
			Author: 5, AuthorName: Secret + "@harborview.gov", Help: Secret + ": a truck on Mondays", Stands: 3,
		}
	}
	newest := said(1, "street-lights-on-time", "2026-02", "public-works", at(time.March, 12))
	newest.Happened = "Half of the late repairs were on two streets.\nBoth have old cables."
	newest.Why = "The cables under Quay Street were laid in 1974. Water gets in, and the lamps fail again after each repair."
	newest.Next, newest.Owner, newest.Due = "We lay new cables under Quay Street before the winter.", "director-public-works", day(2026, time.October, 1)
	older := said(2, "street-lights-on-time", "2026-01", "public-works", at(time.February, 11))
	older.Lang, older.Happened, older.Why = kpi.Spanish, "En enero hubo tres tormentas.", "Con viento fuerte no se puede trabajar en altura."
	other := said(3, "missed-collections", "2026-02", "public-works", at(time.March, 13))
	other.Happened, other.Why = "Two trucks were in the shop.", "Parts took three weeks to come."
	inner := said(4, "permit-days", "2025-10", "housing", at(time.March, 14))
	inner.Public, inner.Happened = false, Secret+": the new desk is not staffed yet."
	contest := func(id int64, indicator, department string, public bool) kpi.Contest {
		value, believed := 54.5, 61.2571
		return kpi.Contest{
			Stamp:     kpi.Stamp{ID: id, Revision: 1, At: at(time.March, 10), Since: at(time.March, 10), Person: 6, By: Secret + "@harborview.gov", Founder: 6},
			Indicator: indicator, Period: "2026-02", Department: department, State: kpi.ContestOpen, Value: &value, Version: dataVersion, Reason: Secret + ": counted twice", Believed: &believed, Public: public,
		}
	}
	return withMeetings(scorecard.Words{
		Commentary:  []kpi.Commentary{newest, older, other, inner},
		Commitments: harborviewPromised(),
		Contests:    []kpi.Contest{contest(1, "missed-collections", "public-works", true), contest(2, "repair-cost", "public-works", false)},
	})
}

// hostileSaid changes what people typed into what breaks pages.
func hostileSaid(w *scorecard.Words, bad func() kpi.Text) {
	word := func() string { return bad().String(kpi.English) }
	for i := range w.Commentary {
		c := &w.Commentary[i]
		c.Happened, c.Why, c.Next, c.Help = word(), word(), word(), word()
	}
	for i := range w.Commitments {
		c := &w.Commitments[i]
		c.Text, c.Blocker, c.Note = word(), word(), word()
	}
	for i := range w.Notes {
		w.Notes[i].Text = word()
	}
}

// Words returns what people said, whenever it is asked for.
func (in invention) Words(context.Context, *kpi.City, kpi.At) (scorecard.Words, error) {
	return in.said, nil
}
