package meeting

import (
	"slices"
	"time"

	"citystat/kpi"
)

// Told is what people are told of a meeting when they are invited: whenever it is another one they are told anew.
type Told struct {
	Start     time.Time `json:"start"`
	Minutes   int       `json:"minutes"`
	Chair     string    `json:"chair"` // a post
	Cancelled bool      `json:"cancelled,omitempty"`
}

// TellMeeting is what people are told of a meeting as it stands. loc is the city's zone.
func TellMeeting(m *kpi.Meeting, loc *time.Location) Told {
	return Told{Start: m.Start(loc).UTC(), Minutes: m.Minutes, Chair: m.Chair, Cancelled: m.State == kpi.MeetingCancelled}
}

// Sequence counts how often what people are told of a meeting was changed since its rhythm planned it, or since it was called. history has every revision of it, oldest
// first; none, if nobody did anything about it. As long as the folder stays as it is, it never goes down.
func Sequence(city *kpi.City, s *kpi.MeetingSeries, history []kpi.Meeting) int {
	if len(history) == 0 {
		return 0
	}
	first := history[0]
	if !first.Extra {
		first = Planned(city, s, first.Slot)
	}
	n, last := 0, TellMeeting(&first, time.UTC)
	for i := range history {
		if told := TellMeeting(&history[i], time.UTC); told != last {
			n, last = n+1, told
		}
	}
	return n
}

// InvitationSaid is what an invitation said, in the language of the folder: once it is another one, people are told anew.
type InvitationSaid struct {
	Told
	Name  string `json:"name"`
	Place string `json:"place,omitempty"`
}

// SayInvitation is what an invitation to a meeting says as it stands.
func SayInvitation(s *kpi.MeetingSeries, m *kpi.Meeting, loc *time.Location) InvitationSaid {
	return InvitationSaid{Told: TellMeeting(m, loc), Name: s.Name.String(s.Name.Source), Place: s.Place.String(s.Place.Source)}
}

// Invitation is mail to one person about one meeting. There is one for each meeting, sequence and person.
type Invitation struct {
	Series   string
	Slot     kpi.Date
	Person   int64 // an account
	Sequence int
	Said     InvitationSaid
	Sent     bool // it went out, or may have: it is not sent again
}

// InvitedPosts are the posts whose holders are invited to a meeting: whoever presides, and would have presided, whoever prepares it, and the heads of its departments
// that are there on its day; each once.
func InvitedPosts(city *kpi.City, s *kpi.MeetingSeries, m *kpi.Meeting) []string {
	posts := []string{m.Chair, s.Chair, s.Analyst}
	for i := range city.Departments {
		if d := &city.Departments[i]; d.Head != "" && s.Takes(d.ID) && !d.Ended(m.Date) && !m.Date.Before(d.From) {
			posts = append(posts, d.Head)
		}
	}
	var list []string
	for _, p := range posts {
		if p != "" && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
