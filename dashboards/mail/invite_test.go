package mail

import (
	"context"
	"errors"
	"log/slog"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"citystat/dashboards/ics/icstest"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// hall is a town with two series of meetings, and somebody in each post: the mayor writes Spanish, the analyst French, the head of the parks Portuguese, the head of the
// works English; one has left, one wants no mail.
type hall struct {
	*town
	ids     map[string]int64 // by post
	folders int
}

func newHall(t *testing.T) *hall {
	t.Helper()
	h := &hall{town: newTown(t), ids: map[string]int64{}}
	h.at(2026, 12, 1, 7, 0)
	title := func(en, es, pt, fr string) kpi.Text {
		return kpi.Text{Source: kpi.English, In: map[kpi.Lang]string{kpi.English: en, kpi.Spanish: es, kpi.Portuguese: pt, kpi.French: fr}}
	}
	h.city.Indicators = nil
	h.city.People = []kpi.Person{
		{ID: "mayor", Title: title("Mayor’s office", "Despacho de la Alcaldía", "Gabinete da Prefeitura", "Cabinet de la mairie")}, {ID: "deputy", Title: kpi.NewText(kpi.English, "Deputy")},
		{ID: "analyst", Title: kpi.NewText(kpi.English, "Analyst")}, {ID: "parks-head", Title: kpi.NewText(kpi.English, "Head of Parks")}, {ID: "works-head", Title: kpi.NewText(kpi.English, "Head of Works")},
		{ID: "gas-head", Title: kpi.NewText(kpi.English, "Head of Gas")},
	}
	h.city.Departments = []kpi.Department{
		{ID: "parks", Name: kpi.NewText(kpi.English, "Parks"), Head: "parks-head"}, {ID: "works", Name: kpi.NewText(kpi.English, "Works"), Head: "works-head"},
		{ID: "gas", Name: kpi.NewText(kpi.English, "Gas"), Head: "gas-head", Life: kpi.Life{Until: kpi.NewDate(2026, 6, 30)}},
	}
	h.city.Meetings = []kpi.MeetingSeries{
		{
			ID: "streets", Name: title("Streets, <b>stat</b>; meeting", "Reunión de calles", "Reunião das ruas", "Revue des rues"), Purpose: kpi.NewText(kpi.English, "What holds us up."), Departments: []string{"works"},
			Chair: "mayor", Analyst: "analyst", Weekday: time.Thursday, Weeks: 4, From: kpi.NewDate(2026, 12, 10), At: 570, Minutes: 60, Place: kpi.NewText(kpi.English, "Room 2"),
		},
		{ID: "all", Name: kpi.NewText(kpi.English, "All of it"), Chair: "mayor", Analyst: "analyst", Weekday: time.Tuesday, Month: 2, From: kpi.NewDate(2027, 1, 1), At: 840, Minutes: 90},
	}
	by := account.By{Name: "the test"}
	h.record()
	for _, p := range []struct {
		post string
		lang kpi.Lang
		role account.Role
	}{
		{"mayor", kpi.Spanish, account.Mayor}, {"analyst", kpi.French, account.Analyst}, {"parks-head", kpi.Portuguese, account.DepartmentHead}, {"works-head", kpi.English, account.DepartmentHead},
		{"deputy", kpi.English, account.ChiefOfStaff}, {"gas-head", kpi.English, account.Viewer},
	} {
		g := account.Grant{Role: p.role}
		if p.role.OfDepartment() {
			g.Department = strings.TrimSuffix(p.post, "-head")
		}
		id, err := h.led.AddPerson(t.Context(), account.Person{Email: p.post + "@city.gov", Name: "Ana " + p.post, Lang: p.lang, Grants: []account.Grant{g}}, by, h.now)
		if err != nil {
			t.Fatal(err)
		}
		h.ids[p.post] = id
		if err := h.led.SaveHolding(t.Context(), &kpi.Holding{Post: p.post, Holder: id, From: kpi.NewDate(2026, 1, 1)}, by, h.now); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// record makes the folder as it is now the one of which the ledger knows.
func (h *hall) record() {
	h.t.Helper()
	h.folders++
	h.city.Hash = strings.Repeat(strconv.Itoa(h.folders), 64)
	if _, err := h.led.RecordFolder(h.t.Context(), h.city, h.now); err != nil {
		h.t.Fatal(err)
	}
}

// inviter is one of a program that has just been started.
func (h *hall) inviter(sender Sender) *Inviter {
	h.t.Helper()
	at := func(below string) func(string, kpi.Date) string {
		return func(series string, slot kpi.Date) string { return "/meetings/" + series + "/" + slot.String() + below }
	}
	v, err := NewInviter(InviterOptions{
		Guests: h.led, Sender: sender, From: mail.Address{Name: "CityStat", Address: "stat@city.gov"}, Bundle: h.bundle, Site: "https://stat.city.gov/", City: func() *kpi.City { return h.city },
		Page: at(""), Memo: at("/memo"), Now: func() time.Time { return h.now }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// pass tells people what they have to know, and returns the letters.
func (h *hall) pass(sender Sender) []letter {
	h.t.Helper()
	before := len(h.office.letters())
	if err := h.inviter(sender).Pass(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return h.office.letters()[before:]
}

// want compares to whom letters went, each with its method, its meeting and its sequence.
func (h *hall) want(list []letter, want ...string) {
	h.t.Helper()
	var got []string
	for _, l := range list {
		p := parse(h.t, l.raw)
		e := icstest.Read(h.t, p.calendar).Parts[0]
		name, _, _ := strings.Cut(l.to, "@")
		got = append(got, strings.Join([]string{name, p.method, strings.TrimSuffix(e.Get(h.t, "UID"), "@harborview"), e.Get(h.t, "SEQUENCE")}, " "))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: mail is\n%s\nwant\n%s", h.now, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// turn takes a step with a meeting, as whoever sits at the machine.
func (h *hall) turn(series string, slot kpi.Date, turn meeting.MeetingTurn) {
	h.t.Helper()
	s := h.city.Series(series)
	saved, err := h.led.Meetings(h.t.Context(), kpi.PaperQuery{Subject: series})
	if err != nil {
		h.t.Fatal(err)
	}
	m, ok := meeting.Find(h.city, s, saved, slot)
	if turn.Step == meeting.MeetingCall {
		m, ok = kpi.Meeting{Series: series, Slot: slot, Minutes: s.Minutes, Chair: s.Chair, State: kpi.MeetingPlanned}, true
	}
	if !ok {
		h.t.Fatalf("there is no meeting %s/%s", series, slot)
	}
	next, err := meeting.TurnMeeting(h.city, h.in.Cal, m, saved, turn, "the test", h.now)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.led.SaveMeeting(h.t.Context(), &next, nil, account.By{Name: "the test"}, h.now); err != nil {
		h.t.Fatal(err)
	}
}

// each writes lines for those who are invited to the meetings about streets.
func each(rest string, names ...string) []string {
	if names == nil {
		names = []string{"mayor", "analyst", "works-head"}
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n + " " + rest
	}
	return list
}

// TestInvitation reads what arrived in four languages, in every form: text, page, calendar and file. No reason and no purpose is in what people read, and no code of theirs.
func TestInvitation(t *testing.T) {
	h := newHall(t)
	h.city.Meetings[0].Departments = nil
	got := h.pass(h.office.sender("smtp://ADDR?ca=CA"))
	h.want(got, each("REQUEST streets/2026-12-10 0", "mayor", "analyst", "works-head", "parks-head")...)
	h.turn("streets", kpi.NewDate(2026, 12, 10), meeting.MeetingTurn{Step: meeting.MeetingMove, Date: kpi.NewDate(2026, 12, 14), At: 600, Reason: "Only 17 % could come."})
	h.at(2026, 12, 5, 23, 0) // a Saturday night: what has changed does not wait
	changed := h.pass(h.office.sender("smtp://ADDR?ca=CA"))
	h.want(changed, each("REQUEST streets/2026-12-10 1", "mayor", "analyst", "works-head", "parks-head")...)
	h.turn("streets", kpi.NewDate(2026, 12, 10), meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "17 of us are ill."})
	off := h.pass(h.office.sender("smtp://ADDR?ca=CA"))
	h.want(off, each("CANCEL streets/2026-12-10 2", "mayor", "analyst", "works-head", "parks-head")...)
	type words struct{ subjects, leads, lines []string }
	all := map[string]words{
		"works-head@city.gov": {
			[]string{"Harbor view: invitation: Streets, <b>stat</b>; meeting, December 10, 2026, 9:30 a.m.", "Harbor view: changed: Streets", "Harbor view: meeting canceled: Streets"},
			[]string{"You are invited to this stat meeting:", "This stat meeting has changed. It is now:", "This stat meeting does not take place:"},
			[]string{"When: Thursday, December 10, 2026, 9:30 a.m.", "(60 minutes)", "Where: Room 2", "Chair: Mayor’s office", "Earlier date: December 10, 2026"},
		},
		"mayor@city.gov": {
			[]string{"Harbor view: invitación: Reunión de calles", "Harbor view: cambios: Reunión", "Harbor view: reunión cancelada: Reunión"},
			[]string{"Se le invita a esta reunión de resultados:", "Esta reunión de resultados cambió. Ahora es así:", "Esta reunión de resultados no se realizará:"},
			[]string{"Cuándo: jueves, 10 de diciembre de 2026", "(60 minutos)", "Dónde: Room 2", "Preside: Despacho de la Alcaldía", "Fecha anterior: 10 de diciembre de 2026"},
		},
		"parks-head@city.gov": {
			[]string{"Harbor view: convite: Reunião das ruas", "Harbor view: alterações: Reunião", "Harbor view: reunião cancelada: Reunião"},
			[]string{"Convite para esta reunião de resultados:", "Esta reunião de resultados mudou. Agora é assim:", "Esta reunião de resultados não será realizada:"},
			[]string{"Quando: quinta-feira, 10 de dezembro de 2026", "(60 minutos)", "Onde: Room 2", "Preside: Gabinete da Prefeitura", "Data anterior: 10 de dezembro de 2026"},
		},
		"analyst@city.gov": {
			[]string{"Harbor view : invitation : Revue des rues", "Harbor view : modification : Revue", "Harbor view : réunion annulée : Revue"},
			[]string{"Invitation à cette revue des résultats :", "Cette revue des résultats a changé. Voici ce qui vaut maintenant :", "Cette revue des résultats n’aura pas lieu :"},
			[]string{"Quand : jeudi, 10 décembre 2026", "(60 minutes)", "Où : Room 2", "Présidence : Cabinet de la mairie", "Date précédente : 10 décembre 2026"},
		},
	}
	spaces := strings.NewReplacer("\u00a0", " ", "\u202f", " ")
	for k, list := range [][]letter{got, changed, off} {
		for _, l := range list {
			p := parse(t, l.raw)
			w := all[l.to]
			lines := w.lines[:4]
			if k > 0 {
				lines = w.lines[1:]
			}
			if !strings.HasPrefix(spaces.Replace(p.subject), w.subjects[k]) {
				t.Errorf("%s: the subject is %q", l.to, p.subject)
			}
			text := spaces.Replace(p.text)
			for _, s := range append([]string{w.leads[k], "https://stat.city.gov/meetings/streets/2026-12-10", "https://stat.city.gov/staff/me"}, lines...) {
				if !strings.Contains(text, s) || !strings.Contains(spaces.Replace(p.html), s) {
					t.Errorf("%s: %q is not in both forms\n%s\n%s", l.to, s, p.text, p.html)
				}
			}
			for _, s := range []string{"17 %", "17 of us", "<b>", "What holds us up"} {
				if strings.Contains(p.html, s) || s != "<b>" && strings.Contains(text, s) {
					t.Errorf("%s: %q left the building", l.to, s)
				}
			}
			if string(p.file) != string(p.calendar) {
				t.Errorf("%s: the file is not what the calendar reads", l.to)
			}
			e := icstest.Read(t, p.calendar).Parts[0]
			start := []string{"20261210T143000Z", "20261214T150000Z", "20261214T150000Z"}[k]
			if got := e.Get(t, "DTSTART"); got != start {
				t.Errorf("%s: it begins at %s", l.to, got)
			}
			if e.Get(t, "ATTENDEE") != "mailto:"+l.to || e.Get(t, "ORGANIZER") != "mailto:stat@city.gov" {
				t.Errorf("%s: %s invites %s", l.to, e.Get(t, "ORGANIZER"), e.Get(t, "ATTENDEE"))
			}
			end := strings.Trim(p.header.Get("List-Unsubscribe"), "<>")
			secret, ok := strings.CutPrefix(end, "https://stat.city.gov"+UnsubscribePath)
			if known, err := h.led.Unsubscribes(t.Context(), secret, h.now); !ok || err != nil || !known || !strings.Contains(p.text, end) {
				t.Errorf("%s: mail ends at %q, %v", l.to, end, err)
			}
		}
	}
}

// TestInvitedOnce plays two months: people are invited four weeks ahead, told of what changes, and of nothing twice; across restarts, and whatever the server does.
func TestInvitedOnce(t *testing.T) {
	h := newHall(t)
	working := h.office.sender("smtp://ADDR?ca=CA")
	first, second := kpi.NewDate(2026, 12, 10), kpi.NewDate(2027, 1, 7)
	h.at(2026, 12, 1, 6, 59) // before seven nobody is invited
	h.want(h.pass(working))
	h.at(2026, 12, 1, 7, 0)
	h.want(h.pass(working), each("REQUEST streets/2026-12-10 0")...)
	h.want(h.pass(working))
	h.at(2026, 12, 8, 12, 0)
	h.want(h.pass(working))
	h.at(2026, 12, 9, 18, 0)
	h.want(h.pass(working)) // 29 days before, and it is evening
	h.turn("streets", first, meeting.MeetingTurn{Step: meeting.MeetingDelegate, Post: "deputy", Reason: "She is ill."})
	h.want(h.pass(working), each("REQUEST streets/2026-12-10 1")...) // whoever presides is invited in the morning
	h.at(2026, 12, 10, 8, 0)
	h.want(h.pass(working), append(each("REQUEST streets/2027-01-07 0"), "deputy REQUEST streets/2026-12-10 1")...)
	if err := h.led.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.want(h.pass(working))
	h.at(2026, 12, 10, 10, 0) // it has begun: nothing about it goes out any more
	h.turn("streets", first, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "Nobody came."})
	h.want(h.pass(working))

	// It is moved far away: those who were invited are told. A new head of the works is invited to what is near, and not to that.
	h.turn("streets", second, meeting.MeetingTurn{Step: meeting.MeetingMove, Date: kpi.NewDate(2027, 3, 2), At: 570, Reason: "The hall is painted."})
	h.want(h.pass(working), each("REQUEST streets/2027-01-07 1")...)
	h.turn("streets", second, meeting.MeetingTurn{Step: meeting.MeetingMove, Date: kpi.NewDate(2027, 1, 7), At: 570, Reason: "It is not."})
	h.want(h.pass(working), each("REQUEST streets/2027-01-07 2")...)
	h.city.Meetings[0].Place = kpi.NewText(kpi.English, "Room 3") // the folder alone says so
	h.want(h.pass(working), each("REQUEST streets/2027-01-07 3")...)
	h.want(h.pass(working))

	// The server is gone when it has one, and refuses another.
	h.office.set(func() { h.office.refuse, h.office.drop = []error{nil, errors.New("554 no")}, 1 })
	h.turn("streets", second, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "Nobody is there."})
	h.want(h.pass(working), each("CANCEL streets/2027-01-07 4", "mayor", "works-head")...)
	h.want(h.pass(working), each("CANCEL streets/2027-01-07 4", "mayor")...) // nobody knows whether it had it: once more, and never again
	h.want(h.pass(working))
	h.at(2026, 12, 10, 11, 0)
	h.want(h.pass(working), each("CANCEL streets/2027-01-07 4", "analyst")...)
	h.turn("streets", second, meeting.MeetingTurn{Step: meeting.MeetingRestore})
	h.want(h.pass(working), each("REQUEST streets/2027-01-07 5")...)

	// The program ends while it sends.
	h.turn("streets", kpi.NewDate(2026, 12, 22), meeting.MeetingTurn{Step: meeting.MeetingCall, Date: kpi.NewDate(2026, 12, 22), At: 600, Reason: "The storm."})
	ctx, cancel := context.WithCancel(t.Context())
	before := len(h.office.letters())
	if err := h.inviter(dying{working, cancel}).Pass(ctx); err == nil {
		t.Error("nobody says that the program ended")
	}
	h.want(h.office.letters()[before:], "mayor REQUEST streets/2026-12-22 0")
	h.want(h.pass(working), each("REQUEST streets/2026-12-22 0")...)
	h.want(h.pass(working))

	// The rhythm of one series changes, and then that of the other: a day that is none of it any more is called off.
	h.city.Meetings[0].From = kpi.NewDate(2026, 12, 17)
	h.record()
	h.at(2026, 12, 18, 9, 0)
	everybody := []string{"mayor", "analyst", "works-head", "parks-head"}
	h.want(h.pass(working), each("REQUEST all/2027-01-12 0", everybody...)...) // the meeting of 7 January stands for that of the 14th
	h.city.Meetings[1].Month = 3
	h.record()
	h.at(2026, 12, 23, 9, 0)
	h.want(h.pass(working), append(each("CANCEL all/2027-01-12 1", everybody...), each("REQUEST all/2027-01-19 0", everybody...)...)...)
	h.city.Meetings[1].Name = kpi.NewText(kpi.English, "All") // nobody is told once more that it does not take place
	h.want(h.pass(working), each("REQUEST all/2027-01-19 1", everybody...)...)
}

// TestWhoIsInvited: those who hold the posts on the day, also for somebody else; nobody who wants no mail, who has left, or whose department is gone; and nobody in a
// city of the past.
func TestWhoIsInvited(t *testing.T) {
	h := newHall(t)
	by := account.By{Name: "the test"}
	if err := h.led.SaveHolding(t.Context(), &kpi.Holding{Post: "works-head", Holder: h.ids["deputy"], From: kpi.NewDate(2026, 12, 1), Until: kpi.NewDate(2026, 12, 20), Acting: true, Reason: "Leave"}, by, h.now); err != nil {
		t.Fatal(err)
	}
	if err := h.led.SetPreferences(t.Context(), h.ids["mayor"], account.Preferences{Digest: account.DigestNever}, by, h.now); err != nil {
		t.Fatal(err)
	}
	if err := h.led.SetPreferences(t.Context(), h.ids["analyst"], account.Preferences{Digest: account.DigestWeekly}, by, h.now); err != nil {
		t.Fatal(err)
	}
	h.city.AsOf = kpi.NewDate(2026, 12, 1)
	working := h.office.sender("smtp://ADDR?ca=CA")
	h.want(h.pass(working))
	h.city.AsOf = kpi.Date{}
	for _, d := range []struct{ month, day int }{{12, 5}, {12, 7}} { // a Saturday, and a holiday
		h.at(2026, time.Month(d.month), d.day, 9, 0)
		h.want(h.pass(working))
	}
	h.at(2026, 12, 8, 9, 0)
	h.want(h.pass(working), each("REQUEST streets/2026-12-10 0", "analyst", "deputy", "works-head")...)
	disabled := true
	if err := h.led.ChangePerson(t.Context(), h.ids["works-head"], account.Change{Disabled: &disabled}, by, h.now); err != nil {
		t.Fatal(err)
	}
	h.turn("streets", kpi.NewDate(2026, 12, 10), meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: "Nobody is there."})
	h.want(h.pass(working), each("CANCEL streets/2026-12-10 1", "analyst", "deputy")...)
	if c := h.inviter(working).Counts(); c["sent"] != 0 {
		t.Errorf("one that has just begun has counted %v", c)
	}
}
