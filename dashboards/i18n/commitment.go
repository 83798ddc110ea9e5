package i18n

import (
	"cmp"
	"strconv"
	"strings"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// CommitmentColumns are the columns of a file of commitments, for the staff.
var CommitmentColumns = []string{
	"number", "text", "language", "owner", "department", "indicator", "made", "first_due", "due", "moves", "state", "days_late", "done", "ended", "blocker", "blocked_by", "note", "public", "source",
	"kind", "slips", "chair_moves", "agreed_due", "moved_by", "suspended",
}

// CommitmentRecord is a line of that file, on a day. What people wrote is text, and never a formula.
func CommitmentRecord(c *kpi.Commitment, today kpi.Date, emergencies []kpi.Emergency) []string {
	line := meeting.CommitmentDeadline(emergencies, c)
	list := []string{
		strconv.FormatInt(c.ID, 10), c.Text, string(c.Lang), c.Owner, c.Department, c.Indicator, c.Made.String(), c.FirstDue().String(), c.Due.String(), strconv.Itoa(len(c.Moves)),
		string(c.State), strconv.Itoa(meeting.CommitmentDaysLate(emergencies, c, today)), c.Done.String(), c.Ended.String(), c.Blocker, c.BlockedBy, c.Note, strconv.FormatBool(c.Public), c.Source,
		cmp.Or(string(c.Kind), "promise"), strconv.Itoa(c.Slips()), strconv.Itoa(c.ChairMoves()), c.Agreed().String(), movedBy(c), strconv.FormatBool(line.Suspended()),
	}
	for i := range list {
		list[i] = Cell(list[i])
	}
	return list
}

// movedBy says of each move of the date whose it was and why, oldest first.
func movedBy(c *kpi.Commitment) string {
	var list []string
	for _, m := range c.Moves {
		who := "owner"
		if m.Chair {
			who = "chair"
		}
		list = append(list, who+" "+m.From.String()+" → "+m.To.String()+": "+m.Reason)
	}
	return strings.Join(list, "\n")
}
