package kpi

import (
	"slices"
	"time"
)

// MeetingSeries is a stat meeting that comes back in a rhythm: whoever leads the city asks about the numbers of some departments. It stands in the folder.
type MeetingSeries struct {
	ID          string       `json:"id"`
	Name        Text         `json:"name"`
	Purpose     Text         `json:"purpose,omitzero"`      // in a sentence
	Departments []string     `json:"departments,omitempty"` // whose numbers and commitments it takes; none: those of all
	Chair       string       `json:"chair"`                 // a post: whoever presides
	Analyst     string       `json:"analyst"`               // a post: whoever prepares it
	Weekday     time.Weekday `json:"weekday"`
	Weeks       int          `json:"weeks,omitempty"` // from one to the next; 0 of one that is held once a month
	Month       int          `json:"month,omitempty"` // of one that is held once a month: on which of its Weekdays, 1 to 4; −1: the last one
	From        Date         `json:"from"`            // the first one is on the first such day from here on
	Until       Date         `json:"until,omitzero"`  // the last day on which there can be one; zero: nobody knows
	At          int          `json:"at"`              // minutes after midnight, in the city's zone, at which it begins
	Minutes     int          `json:"minutes"`         // for which the room is booked
	Place       Text         `json:"place,omitzero"`
	Standing    []string     `json:"standing,omitempty"` // indicators that are on each agenda
	Public      bool         `json:"public,omitempty"`   // residents may read when it was held, what was on the agenda, and what of decisions and commitments is meant for them
}

// Takes reports whether a department's numbers belong to the meeting. What belongs to no department belongs to every meeting that takes all.
func (s *MeetingSeries) Takes(department string) bool {
	return len(s.Departments) == 0 || slices.Contains(s.Departments, department)
}

// Series returns the series of meetings with the id, or nil.
func (c *City) Series(id string) *MeetingSeries {
	for i := range c.Meetings {
		if c.Meetings[i].ID == id {
			return &c.Meetings[i]
		}
	}
	return nil
}

// MeetingState is where a meeting stands.
type MeetingState string

// The states.
const (
	MeetingPlanned   MeetingState = "planned"   // its agenda is what the rules say, and what whoever prepares it changed
	MeetingReady     MeetingState = "ready"     // its memo is out, and locked
	MeetingOpen      MeetingState = "open"      // it is under way
	MeetingHeld      MeetingState = "held"      // it is over; its follow-up memo is due
	MeetingClosed    MeetingState = "closed"    // its follow-up memo is out, and locked
	MeetingCancelled MeetingState = "cancelled" // it does not take place
)

// MeetingStates lists the states.
var MeetingStates = []MeetingState{MeetingPlanned, MeetingReady, MeetingOpen, MeetingHeld, MeetingClosed, MeetingCancelled}

// Held reports whether a meeting took place, or does just now.
func (s MeetingState) Held() bool { return s == MeetingOpen || s == MeetingHeld || s == MeetingClosed }

// Meeting is one meeting of a series. Its name is its series and its slot, for ever: addresses, commitments and invitations name it so, wherever it is moved.
type Meeting struct {
	Stamp
	Series    string        `json:"series"`
	Slot      Date          `json:"slot"`            // the day that its series' rhythm gave it; of one that was called beside the rhythm the day for which it was called
	Extra     bool          `json:"extra,omitempty"` // it was called beside the rhythm
	Date      Date          `json:"date"`            // on which it is held, as it stands now
	At        int           `json:"begins"`          // minutes after midnight, in the city's zone, at which it begins; not "at", which is its stamp's
	Minutes   int           `json:"minutes"`         // for which the room is booked
	Moves     []MeetingMove `json:"moves,omitempty"` // oldest first
	Chair     string        `json:"chair"`           // the post that presides
	Delegated string        `json:"delegated,omitempty"`
	State     MeetingState  `json:"state"`
	Reason    string        `json:"reason,omitempty"` // why it was cancelled
	Called    string        `json:"called,omitempty"` // why it was called beside the rhythm
	Lang      Lang          `json:"lang,omitempty"`   // of what people wrote about it
	Agenda    AgendaEdits   `json:"agenda,omitzero"`
	Memo      *MeetingMemo  `json:"memo,omitempty"`      // nil: none is out
	Opened    time.Time     `json:"opened,omitzero"`     // when it began
	Over      time.Time     `json:"over,omitzero"`       // when it ended
	FollowUp  *FollowUpMemo `json:"follow_up,omitempty"` // nil: none is out
}

// Name is a meeting's name, such as streetstat/2026-10-08.
func (m *Meeting) Name() string { return m.Series + "/" + m.Slot.String() }

// Start is the moment at which it begins.
func (m *Meeting) Start(loc *time.Location) time.Time {
	return time.Date(m.Date.Year, m.Date.Month, m.Date.Day, 0, m.At, 0, 0, loc)
}

// MeetingMove is a date or an hour that was moved.
type MeetingMove struct {
	From   Date      `json:"from"`
	FromAt int       `json:"from_at"` // minutes after midnight
	To     Date      `json:"to"`
	ToAt   int       `json:"to_at"`
	Reason string    `json:"reason"`
	Lang   Lang      `json:"lang,omitempty"` // of Reason
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // never public
}

// AgendaPart is a part of an agenda. The parts follow each other in the order of [AgendaParts].
type AgendaPart string

// The parts.
const (
	PartFollowUp AgendaPart = "follow_up" // what was promised or asked for and is not closed
	PartStanding AgendaPart = "standing"  // what is on each agenda
	PartNew      AgendaPart = "new"
)

// AgendaParts lists the parts, in order.
var AgendaParts = []AgendaPart{PartFollowUp, PartStanding, PartNew}

// AgendaItem is one thing on an agenda. In a memo it is as it was when the memo went out, for ever.
type AgendaItem struct {
	Key        string     `json:"key"` // commitment/12, indicator/potholes-on-time, topic/1 or note/7: one thing has one key
	Part       AgendaPart `json:"part"`
	Rule       string     `json:"rule"` // by which it is there: a rule of package meeting
	Also       []string   `json:"also,omitempty"`
	Indicator  string     `json:"indicator,omitempty"`
	Commitment int64      `json:"commitment,omitempty"`
	Note       int64      `json:"note,omitempty"` // a topic of an earlier meeting that was left for later
	Text       string     `json:"text,omitempty"` // of a topic that somebody added, and of a commitment
	Lang       Lang       `json:"lang,omitempty"` // of Text, Question and Reason
	Minutes    int        `json:"minutes"`
	Question   string     `json:"question,omitempty"` // to ask, as whoever prepares it wrote it; "": that of the rule
	Reason     string     `json:"reason,omitempty"`   // why it was added, or dropped
	Out        string     `json:"out,omitempty"`      // of what is not on the agenda: one of [OutDropped], [OutFull], [OutTime]

	// As it was then.
	Period  string   `json:"period,omitempty"` // that was judged
	Value   *float64 `json:"value,omitempty"`  // of that period, in the indicator's unit
	Status  Status   `json:"status,omitempty"`
	Was     Status   `json:"was,omitempty"`     // of what crossed a boundary: where it stood when it was seen last
	Seen    Date     `json:"seen,omitzero"`     // the day of that
	Trouble string   `json:"trouble,omitempty"` // what was wrong with its data
	Due     Date     `json:"due,omitzero"`      // of a commitment
	Late    int      `json:"late,omitempty"`
	Slips   int      `json:"slips,omitempty"`
}

// Why something that the rules name is not on an agenda.
const (
	OutDropped = "dropped" // somebody dropped it, with a reason
	OutFull    = "full"    // five new ones are there already
	OutTime    = "time"    // the booked minutes are used up
)

// AgendaEdits are what whoever prepares a meeting changed of what the rules say.
type AgendaEdits struct {
	Added     []AgendaItem      `json:"added,omitempty"` // key, what it is, minutes and reason
	Dropped   []AgendaDrop      `json:"dropped,omitempty"`
	Order     []string          `json:"order,omitempty"` // keys; what is not in it stands where the rules put it
	Minutes   map[string]int    `json:"minutes,omitempty"`
	Questions map[string]string `json:"questions,omitempty"`
}

// AgendaDrop is something that was taken off an agenda.
type AgendaDrop struct {
	Key    string    `json:"key"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	By     string    `json:"by,omitempty"` // never public
}

// MeetingMemo is what was sent before a meeting.
type MeetingMemo struct {
	At     time.Time    `json:"at"` // when it went out
	By     string       `json:"by,omitempty"`
	Due    time.Time    `json:"due"` // when it was due: 48 hours before the meeting as it was planned then
	Items  []AgendaItem `json:"items"`
	Left   []AgendaItem `json:"left,omitempty"` // what the rules name and is not on the agenda
	Steady int          `json:"steady"`         // indicators that are told in one line

	Changes []Change `json:"changes,omitempty"` // of definitions, targets and owners since what was seen last, as far as the series takes them
}

// FollowUpMemo is what was sent after a meeting. What was decided, promised and asked for stands in notes and commitments; these are their numbers.
type FollowUpMemo struct {
	At          time.Time `json:"at"`
	By          string    `json:"by,omitempty"`
	Due         time.Time `json:"due"`
	Commitments []int64   `json:"commitments,omitempty"` // promises and requests
	Notes       []int64   `json:"notes,omitempty"`       // decisions, and topics for later
	Summary     string    `json:"summary,omitempty"`     // a few sentences by whoever sends it

	Revisions map[string]int `json:"revisions,omitempty"` // of all these as they stood then, by the key of each on an agenda: commitment/12, note/7
}

// Stages of a meeting at which the numbers are frozen.
const (
	FrozenMemo    = "memo"    // when its memo went out
	FrozenMeeting = "meeting" // when it began
)

// NoteKind is what kind of thing was said in a meeting.
type NoteKind string

// The kinds. What was promised or asked for is a [Commitment].
const (
	NoteDecision NoteKind = "decision"
	NoteLater    NoteKind = "later" // a topic for another time
)

// NoteState is where a note stands.
type NoteState string

// The states.
const (
	NoteOpen      NoteState = "open" // a decision that holds; a topic that waits
	NoteTaken     NoteState = "taken"
	NoteWithdrawn NoteState = "withdrawn"
)

// MeetingNote is a decision that was taken in a meeting, or a topic that was left for later.
type MeetingNote struct {
	Stamp
	Kind      NoteKind  `json:"kind"`
	Series    string    `json:"series"`
	Slot      Date      `json:"slot"`
	Item      string    `json:"item,omitempty"` // key of the agenda's item that it belongs to
	Text      string    `json:"text"`
	Lang      Lang      `json:"lang"`
	Indicator string    `json:"indicator,omitempty"`
	Public    bool      `json:"public,omitempty"`
	State     NoteState `json:"state"`
	Why       string    `json:"why,omitempty"` // of one that was withdrawn
}

// Emergency is a time in which people have other things to do: deadlines that fall into it are counted apart, neither kept nor missed.
type Emergency struct {
	Stamp
	What        string   `json:"what"` // such as Hurricane Ana
	Reason      string   `json:"reason"`
	Lang        Lang     `json:"lang"`
	From        Date     `json:"from"`
	Until       Date     `json:"until,omitzero"`        // the last day; zero: it lasts
	Departments []string `json:"departments,omitempty"` // none: all
	Void        bool     `json:"void,omitempty"`        // it was declared by mistake; it stays visible
	Why         string   `json:"why,omitempty"`         // of one that was called off: why
}

// Covers reports whether a deadline of a department on a day falls into it. department is "" of what is the whole city's: that is covered only where all are.
func (e *Emergency) Covers(day Date, department string) bool {
	in := !e.Void && !day.Before(e.From) && (e.Until.IsZero() || !day.After(e.Until))
	return in && (len(e.Departments) == 0 || slices.Contains(e.Departments, department))
}

// EmergencyOf returns the first of some emergencies that covers a deadline, nil if none does; see [Emergency.Covers].
func EmergencyOf(list []Emergency, day Date, department string) *Emergency {
	for i := range list {
		if list[i].Covers(day, department) {
			return &list[i]
		}
	}
	return nil
}

// Clock is the city's time of a moment: the same, or, of a city of the past (AsOf), that time of the day on the day that it has for ever. People who work in
// such a city do so on that day: what they promise is due after it. loc is the city's zone.
func (c *City) Clock(now time.Time, loc *time.Location) time.Time {
	if c.AsOf.IsZero() {
		return now
	}
	h, m, s := now.In(loc).Clock()
	return time.Date(c.AsOf.Year, c.AsOf.Month, c.AsOf.Day, h, m, s, 0, loc)
}
