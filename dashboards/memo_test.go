package dashboards

import (
	"net/url"

	"citystat/kpi/account"
	"citystat/kpi/ledger/ledgertest"
)

// actsOnMemos are all that staff can do with the memos of a meeting.
func actsOnMemos() []act {
	held, next := "/meetings/streetstat/"+ledgertest.HeldMeeting, "/meetings/streetstat/"+ledgertest.NextMeeting
	return []act{
		{account.SeeStaff, "", "GET", held + "/memo", nil},
		{account.SeeStaff, "", "GET", held + "/memo.csv?indicator=street-lights-on-time", nil},
		{account.PrepareMeetings, "", "POST", next + "/memo", url.Values{"do": {"issue"}}}, // it is out
		{account.SeeStaff, "", "GET", held + "/follow-up", nil},
		{account.PrepareMeetings, "", "POST", held + "/follow-up", url.Values{"summary": {"x"}, "revision": {"1"}}}, // it is out
	}
}
