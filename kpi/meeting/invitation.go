package meeting

import (
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
