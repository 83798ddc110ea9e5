package api

import (
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// Commitment is what somebody promised because of an indicator, for residents to read.
type Commitment struct {
	Number     int64     `json:"number"`
	Text       string    `json:"text"`
	Lang       string    `json:"lang"`  // in which it is written
	Owner      Text      `json:"owner"` // title of the post that promised it
	Department string    `json:"department"`
	Made       kpi.Date  `json:"made"`
	FirstDue   kpi.Date  `json:"first_due"`  // as it was promised first
	Due        kpi.Date  `json:"due"`        // as it stands now
	Moves      []DueMove `json:"moves"`      // of the due date, oldest first
	State      string    `json:"state"`      // open, done (its owner says so, and nobody has closed it), kept, dropped
	Done       *kpi.Date `json:"done"`       // when its owner called it done
	Ended      *kpi.Date `json:"ended"`      // when it was closed
	DaysLate   int       `json:"days_late"`  // beyond the date as it stands now, on the as-of day; 0 as long as an emergency suspends it
	AgreedDue  kpi.Date  `json:"agreed_due"` // by which it is kept or not: the first one, or the newest one to which whoever leads the meeting moved it
	OnTime     *bool     `json:"on_time"`    // kept by that date; null: nobody can say yet, or the date is suspended
	Suspended  bool      `json:"suspended"`  // that date fell into a declared emergency: it is neither kept nor missed
	Meeting    *MadeIn   `json:"meeting"`    // in which it was promised, if residents may read of it; null: in none
}

// MadeIn is the meeting in which something was promised.
type MadeIn struct {
	Series string   `json:"series"`
	Date   kpi.Date `json:"date"` // by which the meeting is named
}

// DueMove is a due date that was moved.
type DueMove struct {
	From kpi.Date `json:"from"`
	To   kpi.Date `json:"to"`
	By   string   `json:"by"` // owner, or chair: whoever leads the meeting agreed to it in time
}

// commitments returns what was promised to residents because of an indicator, what is due first first.
func commitments(card *scorecard.Scorecard, indicator string) []Commitment {
	list := []Commitment{}
	for _, c := range card.CommitmentsOf(indicator) {
		if !c.Public {
			continue
		}
		v := Commitment{
			Number: c.ID, Text: c.Text, Lang: string(c.Lang), Owner: Text{}, Department: c.Department, Made: c.Made, FirstDue: c.FirstDue(), Due: c.Due, Moves: []DueMove{},
			State: string(c.State), AgreedDue: c.Agreed(), DaysLate: meeting.CommitmentDaysLate(card.Emergencies, &c, card.AsOf),
		}
		if p := card.City.Person(c.Owner); p != nil {
			v.Owner = text(p.Title)
		}
		for _, m := range c.Moves {
			v.Moves = append(v.Moves, DueMove{m.From, m.To, map[bool]string{true: "chair", false: "owner"}[m.Chair]})
		}
		if !c.Done.IsZero() {
			v.Done = &c.Done
		}
		if !c.Ended.IsZero() {
			v.Ended = &c.Ended
		}
		if series, slot, made := c.Meeting(); made {
			v.Meeting = &MadeIn{series, slot}
		}
		switch timing := meeting.CommitmentTiming(card.Emergencies, &c, card.AsOf); timing {
		case meeting.TimingSuspended:
			v.Suspended = true
		case meeting.TimingOnTime, meeting.TimingLate:
			on := timing == meeting.TimingOnTime
			v.OnTime = &on
		case meeting.TimingOpen, meeting.TimingNone:
		}
		list = append(list, v)
	}
	return list
}
