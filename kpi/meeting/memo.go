package meeting

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// SeenCard returns the card of an indicator that is on an agenda, as it was when the agenda was made: from the scorecard that was kept then, and from what the agenda
// itself says of why it is there. It is nil where the scorecard does not have the indicator. before is the day of the meeting: what is settled until then is still to come.
func SeenCard(card *scorecard.Scorecard, it *kpi.AgendaItem, before kpi.Date) *Card {
	res := card.Result(it.Indicator)
	if res == nil || it.Commitment != 0 {
		return nil
	}
	c := (&CardInputs{Live: card, Ahead: before}).card(res)
	c.Was, c.Seen, c.Trouble = it.Was, it.Seen, DutyState(it.Trouble)
	c.Rule, c.Also = CardRule(it.Rule), nil
	for _, rule := range it.Also {
		c.Also = append(c.Also, CardRule(rule))
	}
	if c.Rule == RuleStanding || c.Rule == RuleAdded {
		c.Rule = CardNotTaken
		if len(c.Also) > 0 {
			c.Rule, c.Also = c.Also[0], c.Also[1:]
		}
	}
	return &c
}

// MemoHours is how many whole hours before its meeting a memo went out, by the hour for which the meeting was planned then: negative if that was over.
func MemoHours(m *kpi.MeetingMemo) int {
	left := m.Due.Add(MemoBefore).Sub(m.At)
	hours := int(left.Hours())
	if left < 0 && hours == 0 {
		return -1
	}
	return hours
}

// ChangesSince returns what was changed in the folder since a scorecard was seen, as far as a series takes it; nothing where nothing was seen.
func ChangesSince(s *kpi.MeetingSeries, before, live *scorecard.Scorecard) []kpi.Change {
	if before == nil {
		return nil
	}
	var list []kpi.Change
	for i := range live.Changes {
		c := &live.Changes[i]
		res := live.Result(c.Indicator)
		if res == nil {
			res = before.Result(c.Indicator)
		}
		if c.Folder > before.Folder && !c.Told && (c.Indicator == "" || res != nil && s.Takes(res.Indicator.Department)) {
			list = append(list, *c)
		}
	}
	return list
}
