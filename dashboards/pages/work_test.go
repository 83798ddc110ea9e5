package pages

import (
	"testing"

	"citystat/dashboards/dashboardstest"
	"citystat/kpi"
	"citystat/kpi/ledger/ledgertest"
	"citystat/kpi/scorecard/scorecardtest"
)

// workIn is an office as the pages know it.
func workIn(o *ledgertest.Office) Work {
	return Work{
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

// TestEveryStaffPage reads every page of the staff, of an office in which everything was done, of one in which nothing was, and of one whose people type what
// breaks pages, in every language.
func TestEveryStaffPage(t *testing.T) {
	hostile := scorecardtest.NewHostileStaff()
	normal := scorecardtest.NewStaff()
	for name, of := range map[string]struct {
		office *scorecardtest.Staff
		work   *ledgertest.Office
	}{
		"filled":  {normal, ledgertest.Filled(t, normal.TheCity, scorecardtest.Now, nil)},
		"nothing": {normal, &ledgertest.Office{DB: ledgertest.Open(t, scorecardtest.Now)}},
		"hostile": {hostile, ledgertest.Filled(t, hostile.TheCity, scorecardtest.Now, scorecardtest.HostileWords())},
	} {
		t.Run(name, func(t *testing.T) {
			s := staffSite(t, of.office)
			s.pages.opts.Work = workIn(of.work)
			s.pages.opts.Directory, s.pages.opts.Trail = of.work, of.work
			for _, p := range All() {
				if p.Role != StaffOnly {
					continue
				}
				list, err := dashboardstest.StaffAddresses(p.Path, of.office.TheCity)
				if err != nil {
					t.Fatal(err)
				}
				for _, path := range list {
					for _, lang := range kpi.Langs {
						if res := s.do("GET", path, nil); res.Code == 404 && name == "nothing" {
							continue // what nobody made has no page
						}
						s.in(lang, path).check(lang)
					}
				}
			}
		})
	}
}
