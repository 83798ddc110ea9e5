package pages

import (
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// moves are the buttons by which an item goes up or down within its part. After one was pressed it is where the reader goes on.
func (v *agendaViewer) moves(w *agendaItem, up, down bool) {
	if !v.may || !up && !down {
		return
	}
	pressed := ""
	if v.Query.Get("at") == w.Key {
		pressed = v.Query.Get("done")
	}
	w.Move = v.move(w)
	if up {
		w.Move.Buttons = append(w.Move.Buttons, agendaButton{Do: "up", Text: v.P.T("agenda.do.up"), Focus: pressed == "up" || pressed == "down" && !down})
	}
	if down {
		w.Move.Buttons = append(w.Move.Buttons, agendaButton{Do: "down", Text: v.P.T("agenda.do.down"), Focus: pressed == "down" || pressed == "up" && !up})
	}
}

func (v *agendaViewer) move(w *agendaItem) *agendaMove {
	return &agendaMove{Action: meetingAddress(v.s.m.Series, v.s.m.Slot, ""), Revision: v.s.m.Revision, Key: w.Key, About: w.Link.Text}
}

// form is an empty form; about is what whoever does not see where it stands is told.
func (v *agendaViewer) form(do, what, key, title, about, send string) agendaForm {
	f := agendaForm{
		Action: meetingAddress(v.s.m.Series, v.s.m.Slot, ""), Revision: v.s.m.Revision, Key: key, Do: do, What: what, Title: v.P.T(title), About: about, Send: v.P.T(send),
	}
	f.Open = v.sent != nil && v.sent.do == do && v.sent.key == key && v.sent.what == what
	return f
}

// field adds a field. What is wrong with it stands in what was sent.
func (v *agendaViewer) field(f *agendaForm, id, kind, name, label, value string) *agendaField {
	field := agendaField{ID: id, Kind: kind, Name: name, Label: v.P.T(label), Value: value, Needed: name != "question"}
	if v.sent != nil {
		field.Wrong = v.sent.Wrong(id)
	}
	f.Fields = append(f.Fields, field)
	return &f.Fields[len(f.Fields)-1]
}

// forms says what the reader may do with an item, and puts what was typed into the form that is shown again.
func (v *agendaViewer) forms(w *agendaItem, it *meeting.Item) {
	if !v.may {
		return
	}
	switch it.Out {
	case kpi.OutDropped:
		w.Move = v.move(w)
		w.Move.Buttons = []agendaButton{{Do: "back", Text: v.P.T("agenda.do.back")}}
		return
	case kpi.OutFull, kpi.OutTime:
		w.Forms = append(w.Forms, v.because(w, "force", "agenda.do.force", "agenda.field.reason_add", "agenda.add.send"))
		return
	}
	edit := v.form("edit", "", w.Key, "agenda.do.edit", w.Link.Text, "agenda.do.save")
	time, question := strconv.Itoa(it.Minutes), it.Question
	if edit.Open {
		time, question = v.sent.minutes, v.sent.question
	}
	v.field(&edit, w.ID+"-minutes", "minutes", "minutes", "agenda.field.minutes", time)
	v.field(&edit, w.ID+"-question", "text", "question", "agenda.field.question", question).Hint = v.P.T("agenda.field.question_hint", "text", v.P.AgendaUsual(&it.AgendaItem))
	w.Forms = append(w.Forms, edit)
	if meeting.MayDrop(&it.AgendaItem) {
		w.Forms = append(w.Forms, v.because(w, "drop", "agenda.do.drop", "agenda.field.reason_drop", "agenda.do.drop_send"))
	} else {
		w.Stays = v.P.T("agenda.third_stays")
	}
}

// because is a form that wants a reason for what it does with an item.
func (v *agendaViewer) because(w *agendaItem, do, title, label, send string) agendaForm {
	f := v.form(do, "", w.Key, title, w.Link.Text, send)
	reason := ""
	if f.Open {
		reason = v.sent.reason
	}
	v.field(&f, w.ID+"-"+do, "text", "reason", label, reason)
	return f
}

// addForms are the forms by which something comes onto the agenda.
func (v *agendaViewer) addForms(d *meetingData, a *meeting.Agenda) {
	if !v.may {
		return
	}
	on := func(key string) bool { return agendaAt(a.Items, key) >= 0 }
	chosen := func(value string) bool { return v.sent != nil && v.sent.do == "add" && v.sent.chosen == value }
	var indicators, notes []option
	for i := range v.in.Live.Results {
		if ind := v.in.Live.Results[i].Indicator; v.s.series.Takes(ind.Department) && !on(meeting.IndicatorKey(ind.ID)) {
			indicators = append(indicators, option{Value: ind.ID, Words: v.Words(ind.Name), Selected: chosen(ind.ID)})
		}
	}
	for _, n := range meeting.Parked(v.in.Notes, v.s.all) {
		if id := strconv.FormatInt(n.ID, 10); !on(meeting.NoteKey(n.ID)) {
			notes = append(notes, option{Value: id, Words: v.typed(n.Text, n.Lang), Selected: chosen(id)})
		}
	}
	if len(indicators) > 0 {
		d.Add = append(d.Add, v.addition("indicator", indicators))
	}
	d.Add = append(d.Add, v.addition("topic", nil))
	if len(notes) > 0 {
		d.Add = append(d.Add, v.addition("note", notes))
	}
}

// addition is one of them: with a list to choose from, or a line to write.
func (v *agendaViewer) addition(what string, options []option) agendaForm {
	f := v.form("add", what, "", "agenda.add."+what, v.P.T("agenda.add."+what), "agenda.add.send")
	topic, minutes, reason := "", "5", ""
	if f.Open {
		topic, minutes, reason = v.sent.topic, v.sent.minutes, v.sent.reason
	}
	id := "add-" + what
	if options == nil {
		v.field(&f, id, "line", "topic", "agenda.field.topic", topic)
	} else {
		v.field(&f, id, "choice", "chosen", "agenda.add."+what, "").Options = options
	}
	v.field(&f, id+"-minutes", "minutes", "minutes", "agenda.field.minutes", minutes)
	v.field(&f, id+"-reason", "text", "reason", "agenda.field.reason_add", reason)
	return f
}

// lost keeps what was typed about something that is on no list any more, or that can no longer be changed.
func (v *agendaViewer) lost(d *meetingData, a *meeting.Agenda) {
	s := v.sent
	if s == nil || v.may && (s.do == "add" || agendaAt(slices.Concat(a.Items, a.Left), s.key) >= 0) {
		return
	}
	for _, text := range []string{s.topic, s.question, s.reason} {
		if text != "" {
			d.Typed = append(d.Typed, own(text))
		}
	}
}
