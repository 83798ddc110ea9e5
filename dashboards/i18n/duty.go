package i18n

import (
	"citystat/kpi"
	"citystat/kpi/meeting"
)

// DutyDo says what there is to do, without about what: "Commentary to write".
func (p *Printer) DutyDo(d *meeting.Duty) string {
	kind, state := string(d.Kind), string(d.State)
	if d.Kind == meeting.DutyCommitment {
		if d.Request {
			kind = "request"
		}
		if d.State == meeting.CommitmentToDo && d.Slips >= kpi.ThirdSlip {
			state = "third"
		}
	}
	return p.T("duty." + kind + "." + state)
}

// DutyLeft says how many days are left, or how late it is; "" where there is no date.
func (p *Printer) DutyLeft(d *meeting.Duty, today kpi.Date) string {
	switch left := d.Left(today); {
	case d.By().IsZero() && d.Emergency != "":
		return p.T("duty.suspended")
	case d.By().IsZero():
		return ""
	case left < 0:
		return p.N("duty.late", -left)
	case left == 0:
		return p.T("duty.today")
	case left == 1:
		return p.T("duty.tomorrow")
	default:
		return p.N("duty.left", left)
	}
}

// DutyThing says what a duty is about, in the city's words or in those of whoever wrote it, and the language in which they are. What is not in the city any more
// goes by its id.
func DutyThing(lang kpi.Lang, city *kpi.City, d *meeting.Duty) (text string, in kpi.Lang) {
	name := kpi.Text{}
	switch d.Kind {
	case meeting.DutyData, meeting.DutyEntry:
		if ds := city.Dataset(d.Thing); ds != nil {
			name = ds.Name
		}
	case meeting.DutyCommentary, meeting.DutyContest:
		if ind := city.Indicator(d.Thing); ind != nil {
			name = ind.Name
		}
	case meeting.DutyHandover:
		if person := city.Person(d.Thing); person != nil {
			name = person.Title
		}
	case meeting.DutyMeeting:
		if s := city.Series(d.Thing); s != nil {
			name = s.Name
		}
	case meeting.DutyCommitment:
		return d.Text, d.Lang
	case meeting.DutyRound:
		return d.Thing, city.Source()
	}
	if text, in = name.For(lang); text == "" {
		return d.Thing, lang
	}
	return text, in
}

// Duty is a duty in a line of plain text, for mail: "Commentary to write: Potholes repaired on time, February 2026".
func Duty(p *Printer, city *kpi.City, cal kpi.Calendar, d *meeting.Duty) string {
	text, _ := DutyThing(p.Lang, city, d)
	list := []string{text}
	if period, err := cal.Parse(d.Period); err == nil && d.Kind != meeting.DutyRound {
		list = append(list, p.Period(period))
	}
	if !d.On.IsZero() {
		list = append(list, p.Date(d.On))
	}
	return p.T("duty.line", "do", p.DutyDo(d), "name", p.List(list))
}

// CardReason says in a sentence why a card is there, with its numbers.
func CardReason(p *Printer, c *meeting.Card) string {
	a := &c.Result.Assessment
	switch c.Rule {
	case meeting.CardSignal:
		return p.T("card.why.signal_" + string(a.Signal.Kind))
	case meeting.CardCrossed:
		return p.T("card.why.crossed", "on_date", p.On(c.Seen), "old", p.Status(c.Was), "new", p.Status(a.Status))
	case meeting.CardData:
		if c.Trouble != "" {
			return p.T("card.why.data_" + string(c.Trouble))
		}
		if a.Status == kpi.NoData {
			return p.T("card.why.data_none")
		}
		return p.T("card.why.data_old")
	case meeting.CardAgain:
		n := len(c.Missed)
		return p.T("card.why.again", "n", n, "periods", p.Periods(c.Missed[0], c.Missed[n-1]))
	case meeting.CardWarning:
		if a.Status == kpi.NoTarget {
			return p.T("card.why.warning_no_target")
		}
		return p.T("card.why.warning")
	case meeting.CardWin:
		if a.Signal.Kind == kpi.Improving {
			return p.T("card.why.win")
		}
		return p.T("card.why.achieved")
	}
	return ""
}

// CardMove says how the value moved since the period before, and that it is just noise where it is; "" where nothing is known of it.
func CardMove(p *Printer, c *meeting.Card) string {
	if c.Moved == nil {
		return ""
	}
	ind := c.Result.Indicator
	value := func(v float64) string { return p.Value(&v, ind.Unit, ind.Decimals) }
	id := "card.moved"
	switch {
	case c.Noise:
		id = "card.noise"
	case c.Moved.Was == c.Moved.Is:
		id = "card.still"
	}
	return p.T(id, "previous", value(c.Moved.Was), "value", value(c.Moved.Is), "in_previous", p.InPeriod(c.Moved.From), "in_period", p.InPeriod(c.Moved.To))
}
