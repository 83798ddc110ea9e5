package dashboards

import (
	"testing"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard/scorecardtest"
)

// workOf is what departments keep here: everything, nothing ("staff-empty"), or everything in words that try to break pages ("staff-hostile").
func workOf(tb testing.TB, name string, city *kpi.City) pages.Work {
	tb.Helper()
	var say func(string) string
	if name == "staff-hostile" {
		say = scorecardtest.HostileWords()
	}
	if name == "staff-empty" {
		return workIn(&ledgertest.Office{DB: ledgertest.Open(tb, scorecardtest.Now)})
	}
	return workIn(ledgertest.Filled(tb, city, scorecardtest.Now, say))
}

// workIn is an office as the pages know it.
func workIn(o *ledgertest.Office) pages.Work {
	return pages.Work{
		Entries:      o,
		EntryDesk:    o,
		Commentaries: o,
		Contests:     o,
		Decisions:    o,
		Posts:        o,
		Handovers:    o,
		Rounds:       o,
		Commitments:  o,
		Evidence:     o,
		Self:         o,
		Cases:        o,
		Seen:         scorecardtest.Archive{},
		Terms:        o,
		Meetings:     o,
		Notes:        o,
		Emergencies:  o,
	}
}
