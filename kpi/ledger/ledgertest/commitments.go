package ledgertest

import (
	"context"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/evidence"
	"citystat/kpi/evidence/evidencetest"
	"citystat/kpi/meeting"
)

// fillCommitments makes commitments in every state: one that is overdue, blocked and was moved three times; one that is done and waits; one that was kept late, and
// residents can read it; one that was dropped; and one that is not due yet, which residents can read too.
func fillCommitments(o *Office) {
	if len(o.city.Indicators) == 0 || len(o.city.People) == 0 {
		return
	}
	ind := o.city.Indicators[0].ID
	first := o.promise("Repair every light of the quay before the school year begins.", ind, 60, 40, false)
	for i, ago := range []int{45, 35, 25} {
		first = o.turnCommitment(first, account.DepartmentHead, ago, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Text: o.say("The poles came late."), Due: o.day(30 - 10*i)})
	}
	o.turnCommitment(first, account.DepartmentStaff, 8, meeting.CommitmentTurn{
		Step: meeting.CommitmentBlock, Text: o.say("The budget line for cables is used up."), Department: o.city.Departments[len(o.city.Departments)-1].ID,
	})
	second := o.promise("Publish the list of the lights that were repaired.", ind, 30, 5, false)
	second = o.turnCommitment(second, account.DepartmentStaff, 12, meeting.CommitmentTurn{Step: meeting.CommitmentReport, Text: o.say("Half of the list is there.\nThe rest needs addresses.")})
	o.turnCommitment(second, account.DepartmentHead, 3, meeting.CommitmentTurn{Step: meeting.CommitmentFinish})
	third := o.promise("Paint the crossings of all schools.", ind, 90, 50, true)
	third = o.turnCommitment(third, account.DepartmentHead, 40, meeting.CommitmentTurn{Step: meeting.CommitmentFinish, Text: o.say("All forty are painted.")})
	o.turnCommitment(third, account.ChiefOfStaff, 33, meeting.CommitmentTurn{Step: meeting.CommitmentKeep})
	fourth := o.promise("Buy a second sweeper.", "", 80, 20, false)
	o.turnCommitment(fourth, account.Mayor, 30, meeting.CommitmentTurn{Step: meeting.CommitmentDrop, Text: o.say("The council gave the money to the clinics.")})
	o.promise("Answer every request about a pothole within three days.", ind, 2, -30, true)
	o.fillEvidence(2)
}

// fillEvidence adds a photo and a table to a commitment, and a photo that was withdrawn since.
func (o *Office) fillEvidence(commitment int64) {
	for i, f := range []struct {
		name, shows string
		data        []byte
	}{
		{"quay.jpg", "The lights of the quay burn again.", evidencetest.Photo(640, 400, 6)},
		{"list.csv", "The streets and the number of lights.", []byte("street,lights\nQuay Street,12\n")},
		{"crew.png", "The crew at work.", evidencetest.Screenshot(64, 40)},
	} {
		e := kpi.Evidence{Commitment: commitment, Name: o.say(f.name), Shows: shortened(o.line(f.shows), evidence.MaxShows), Lang: kpi.English}
		by := o.by(account.DepartmentHead)
		if i == 1 {
			e.Name, by = f.name, o.by(account.Mayor) // a table is one by its name
		}
		o.must(o.AddEvidence(context.Background(), &e, f.data, by, o.now.AddDate(0, 0, -4+i)))
	}
	list, err := o.Evidence(context.Background(), commitment)
	o.must(err)
	o.must(o.WithdrawEvidence(context.Background(), commitment, list[2].ID, o.said("Two people can be recognised, and nobody asked them."), o.by(account.ChiefOfStaff), o.now.AddDate(0, 0, -1)))
}

// shortened is the beginning of a text.
func shortened(s string, letters int) string {
	if r := []rune(s); len(r) > letters {
		return strings.TrimSpace(string(r[:letters]))
	}
	return s
}

// day is the day so many days ago.
func (o *Office) day(ago int) kpi.Date { return kpi.DateOf(o.now.UTC()).AddDays(-ago) }

// promise makes a commitment of a department head, so many days ago, and due so many days ago.
func (o *Office) promise(text, indicator string, made, due int, public bool) kpi.Commitment {
	o.tb.Helper()
	post, department := o.city.People[0].ID, OwnDepartment
	for _, d := range o.city.Departments {
		if d.ID == OwnDepartment && d.Head != "" {
			post = d.Head
		}
	}
	c := kpi.Commitment{
		Text: o.line(text), Lang: kpi.English, Owner: post, Department: department, Indicator: indicator, Made: o.day(made), Due: o.day(due), State: kpi.CommitmentOpen, Public: public,
		Source: "workspace",
	}
	o.must(o.SaveCommitment(context.Background(), &c, o.by(account.DepartmentHead), o.now.AddDate(0, 0, -made)))
	return c
}

// turnCommitment takes a step as somebody of a role, so many days ago.
func (o *Office) turnCommitment(c kpi.Commitment, role account.Role, ago int, t meeting.CommitmentTurn) kpi.Commitment {
	o.tb.Helper()
	t.Text = kpi.PlainText(t.Text)
	at, by := o.now.AddDate(0, 0, -ago), o.by(role)
	next, err := meeting.TurnCommitment(c, t, by.Name, o.day(ago), at)
	o.must(err)
	o.must(o.SaveCommitment(context.Background(), &next, by, at))
	return next
}

// line is one line of what somebody typed, no longer than a commitment may be.
func (o *Office) line(s string) string {
	s = strings.Join(strings.Fields(kpi.PlainText(o.say(s))), " ")
	if r := []rune(s); len(r) > kpi.MaxCommitment {
		s = strings.TrimSpace(string(r[:kpi.MaxCommitment]))
	}
	if s == "" {
		return time.Time{}.Format(time.DateOnly) // a text that is nothing but what nobody can see
	}
	return s
}
