package i18n

import (
	"slices"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// CardRule names the rule by which something is on an agenda, or an indicator gets a card.
func (p *Printer) CardRule(r meeting.CardRule) string {
	if slices.Contains(meeting.CardRules, r) {
		return p.T("card." + string(r))
	}
	return p.T("agenda.rule." + string(r))
}

// AgendaWhy says in a sentence why something is on an agenda, as far as the item itself tells: of a commitment with its numbers. Of an indicator that a rule names
// it is "": [CardReason] says that.
func AgendaWhy(p *Printer, it *kpi.AgendaItem) string {
	switch meeting.CardRule(it.Rule) {
	case meeting.RuleThird:
		return p.T("agenda.why.third_slip", "n", it.Slips)
	case meeting.RuleOverdue:
		return p.T("agenda.why.overdue", "n", it.Late)
	case meeting.RuleDone, meeting.RuleDue, meeting.RuleStanding, meeting.RuleAdded:
		return p.T("agenda.why." + it.Rule)
	}
	return ""
}

// AgendaQuestion is what to ask about something on an agenda: what whoever prepares the meeting wrote (own is true then, and it is in the item's language), or the
// usual question of the rule. Of a standing item that another rule names too it is that rule's.
func AgendaQuestion(p *Printer, it *kpi.AgendaItem) (question string, own bool) {
	if it.Question != "" {
		return it.Question, true
	}
	return p.AgendaUsual(it), false
}

// AgendaUsual is the usual question of the rule by which something is on an agenda.
func (p *Printer) AgendaUsual(it *kpi.AgendaItem) string {
	rule := it.Rule
	if meeting.CardRule(rule) == meeting.RuleStanding && len(it.Also) > 0 {
		rule = it.Also[0]
	}
	return p.T("agenda.question." + rule)
}

// MovedSentences say how something of a locked memo stands now, and why it is not as the memo has it; none where it stands as it stood. city and cal are those of now.
func MovedSentences(p *Printer, city *kpi.City, cal kpi.Calendar, m *meeting.Moved) []string {
	var list []string
	if m.Number {
		list = append(list, MovedNow(p, m))
	}
	var ind *kpi.Indicator
	if m.Result != nil {
		ind = m.Result.Indicator
	}
	for i := range m.Why {
		switch w := &m.Why[i]; w.Code {
		case meeting.MovedGone, meeting.MovedDone, meeting.MovedKept, meeting.MovedDropped, meeting.MovedReopened: // that is how it stands
		default:
			list = append(list, MovedBecause(p, city, cal, ind, w))
		}
	}
	return list
}

// MovedNow says how something of a locked memo stands now, such as "Now: 52% in June 2026. Status: behind." It is a whole sentence or two.
func MovedNow(p *Printer, m *meeting.Moved) string {
	switch {
	case m.Promise != nil:
		return p.T("agenda.now.state", "new", p.T("commitments.state."+string(m.Promise.State)))
	case m.Result == nil:
		return p.T("agenda.moved.gone")
	case m.Value == nil || m.Period.ID == "":
		return p.T("agenda.now.state", "new", p.Status(m.Status))
	}
	ind := m.Result.Indicator
	return p.T("agenda.now", "value", p.Value(m.Value, ind.Unit, ind.Decimals), "in_period", p.InPeriod(m.Period), "new", p.Status(m.Status))
}

// MovedBecause says in a sentence why something is not as it was seen before. city is that of now, ind the indicator, nil of a commitment.
func MovedBecause(p *Printer, city *kpi.City, cal kpi.Calendar, ind *kpi.Indicator, w *meeting.MovedWhy) string {
	switch {
	case w.Change != nil:
		return p.T("agenda.sentence", "text", p.changed(city, *w.Change))
	case w.Code == meeting.MovedDelivery && w.Load != nil:
		return p.T("agenda.moved.delivery", "on_date", p.On(kpi.DateOf(w.Load.Time().In(cal.Location))))
	case w.Code == meeting.MovedDelivery:
		return p.T("agenda.moved.revised")
	case w.Move != nil:
		return p.T("agenda.moved."+string(w.Code), "old", p.Date(w.Move.From), "new", p.Date(w.Move.To))
	case w.Code == meeting.MovedDay:
		return p.T("agenda.moved.day", "date", p.Date(w.Day))
	case w.Code == meeting.MovedReopened:
		return p.T("agenda.sentence", "text", p.T("commitments.step.reopen"))
	case w.Code == meeting.MovedDone || w.Code == meeting.MovedKept || w.Code == meeting.MovedDropped:
		return p.T("agenda.sentence", "text", p.Upper(p.T("commitments.state."+string(w.Code))))
	}
	return p.T("agenda.moved." + string(w.Code))
}

// Revision says which period of an indicator has another value than was seen, such as "Revised: June 2026. It was 54%, now 52%." in whole sentences.
func Revision(p *Printer, ind *kpi.Indicator, w *meeting.MovedWhy) string {
	value := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	return p.T("agenda.moved.revision", "period", p.Period(w.Period), "old", value(w.Was), "new", value(w.Is))
}
