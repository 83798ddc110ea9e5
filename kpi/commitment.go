package kpi

import (
	"strings"
	"time"
)

// CommitmentState is where a commitment stands.
type CommitmentState string

// The states. Its owner says that it is done; whoever leads the meeting closes it as kept, opens it again, or drops it with a reason.
const (
	CommitmentOpen    CommitmentState = "open"
	CommitmentDone    CommitmentState = "done" // its owner says so
	CommitmentKept    CommitmentState = "kept"
	CommitmentDropped CommitmentState = "dropped"
)

// Ended reports whether nobody waits for it any more.
func (s CommitmentState) Ended() bool { return s == CommitmentKept || s == CommitmentDropped }

// CommitmentKind is what kind of promise a commitment is.
type CommitmentKind string

// The kinds.
const (
	CommitmentPromise CommitmentKind = ""        // that something is done
	CommitmentRequest CommitmentKind = "request" // that something that the meeting asked for is answered: a number, a list, a reason
)

// CommitmentKinds lists the kinds.
var CommitmentKinds = []CommitmentKind{CommitmentPromise, CommitmentRequest}

// MaxCommitment is how many letters a commitment may have: it is said in one sentence.
const MaxCommitment = 300

// CommitmentMeeting is how the source of a commitment that was made in a meeting begins.
const CommitmentMeeting = "meeting"

// ThirdSlip is from how many slips on a commitment comes up first.
const ThirdSlip = 3

// Commitment is a promise between people: one owner, one date.
type Commitment struct {
	Stamp
	Kind       CommitmentKind  `json:"kind,omitempty"`
	Text       string          `json:"text"`
	Lang       Lang            `json:"lang"`
	Owner      string          `json:"owner"`      // a post, by its id
	Department string          `json:"department"` // of the owner when it was made; "" if it is the whole city's
	Indicator  string          `json:"indicator,omitempty"`
	Made       Date            `json:"made"`
	Due        Date            `json:"due"`             // as it stands now
	Moves      []DueMove       `json:"moves,omitempty"` // of the due date, oldest first: a date that moved stays visible
	State      CommitmentState `json:"state"`
	Done       Date            `json:"done,omitzero"` // when its owner said so last
	Ended      Date            `json:"ended,omitzero"`
	Blocker    string          `json:"blocker,omitempty"`    // what stands in its way
	BlockedBy  string          `json:"blocked_by,omitempty"` // the department that could move it
	Note       string          `json:"note,omitempty"`       // of the last change
	Public     bool            `json:"public,omitempty"`
	Source     string          `json:"source,omitempty"` // where it was made: workspace, commentary/12, meeting/streetstat/2026-10-08
}

// DueMove is a due date that was moved.
type DueMove struct {
	From   Date      `json:"from"`
	To     Date      `json:"to"`
	Reason string    `json:"reason"`
	Chair  bool      `json:"chair,omitempty"` // whoever closes commitments moved it, while it was not late: the city agreed, and it is no slip
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // never public
}

// Agreed is the date by which a commitment is kept or not: the one that was promised at first, or the newest one to which whoever closes commitments moved it.
// What its owner moves changes nothing of it.
func (c *Commitment) Agreed() Date {
	for i := len(c.Moves) - 1; i >= 0; i-- {
		if c.Moves[i].Chair {
			return c.Moves[i].To
		}
	}
	return c.FirstDue()
}

// FirstDue is the date that was promised at first.
func (c *Commitment) FirstDue() Date {
	if len(c.Moves) > 0 {
		return c.Moves[0].From
	}
	return c.Due
}

// DaysLate is how many days a commitment is, or was, beyond its date on a day: 0 if it is not late. Work that its owner calls done is late no further.
func (c *Commitment) DaysLate(today Date) int {
	end := today
	switch {
	case c.State == CommitmentDropped:
		return 0
	case c.State != CommitmentOpen && !c.Done.IsZero():
		end = c.Done
	case c.State.Ended() && !c.Ended.IsZero():
		end = c.Ended
	}
	return max(0, end.Sub(c.Due))
}

// Slips is how often its owner moved the date to a later one.
func (c *Commitment) Slips() int {
	n := 0
	for _, m := range c.Moves {
		if m.To.After(m.From) && !m.Chair {
			n++
		}
	}
	return n
}

// Escalated reports whether a commitment goes first: its owner has moved its date too often, and nobody has closed it.
func (c *Commitment) Escalated() bool { return c.Slips() >= ThirdSlip && !c.State.Ended() }

// Escalation reports whether whoever closes commitments has to decide what becomes of one that goes first, and since when: since its owner moved its date for the
// third time, until it is closed or whoever closes commitments agrees to another date.
func (c *Commitment) Escalation() (up bool, since time.Time) {
	n := 0
	for _, m := range c.Moves {
		switch {
		case m.Chair:
			up = false
		case m.To.After(m.From):
			if n++; n >= ThirdSlip {
				up, since = true, m.At
			}
		}
	}
	return up && !c.State.Ended(), since
}

// ChairMoves is how often whoever closes commitments moved the date.
func (c *Commitment) ChairMoves() int {
	n := 0
	for _, m := range c.Moves {
		if m.Chair {
			n++
		}
	}
	return n
}

// Meeting returns the meeting in which a commitment was made: its series and its slot. It is false of one that was made elsewhere.
func (c *Commitment) Meeting() (series string, slot Date, made bool) {
	rest, is := strings.CutPrefix(c.Source, CommitmentMeeting+"/")
	series, day, found := strings.Cut(rest, "/")
	slot, err := ParseDate(day)
	if !is || !found || series == "" || err != nil || slot.String() != day {
		return "", Date{}, false
	}
	return series, slot, true
}

// MeetingSource is the source of a commitment that is made in a meeting.
func MeetingSource(series string, slot Date) string {
	return CommitmentMeeting + "/" + series + "/" + slot.String()
}

// Finished is the day on which what was promised was there, as far as anybody has said so; zero if nobody has.
func (c *Commitment) Finished() Date {
	if c.State == CommitmentKept && c.Done.IsZero() {
		return c.Ended
	}
	if c.State == CommitmentDone || c.State == CommitmentKept {
		return c.Done
	}
	return Date{}
}

// OnTime reports on a day whether a commitment was kept by the date that was agreed ([Commitment.Agreed]), however often its owner moved it. It is not known while there is
// time, and while whoever closes commitments has not said whether one that its owner calls done was kept. One that is dropped after its date was not kept; one
// that is dropped before asks nothing of anybody.
func (c *Commitment) OnTime(today Date) (onTime, known bool) {
	due := c.Agreed()
	switch c.State {
	case CommitmentKept:
		return !c.Finished().After(due), true
	case CommitmentDropped:
		return false, c.Ended.After(due)
	case CommitmentDone:
		return false, c.Done.After(due)
	}
	return false, today.After(due)
}
