package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// vow is a commitment or a request as the world knows it.
type vow struct {
	id                int64
	kind              kpi.CommitmentKind
	owner, department string
	source            string
	indicator         string
	made, due, agreed kpi.Date
	slips, moves      int
	state             kpi.CommitmentState
	done, ended       kpi.Date
	blocked           bool
	revisions         int
	late              bool // its owner is one who slips
}

func (v *vow) over() bool {
	return v.state == kpi.CommitmentKept || v.state == kpi.CommitmentDropped
}

// jotted is a decision or a topic for later as the world knows it.
type jotted struct {
	id     int64
	kind   kpi.NoteKind
	series string
	slot   kpi.Date
	state  kpi.NoteState
}

// storm is an emergency as the world knows it.
type storm struct {
	id          int64
	from, until kpi.Date
	department  string // "": all
	void        bool
}

// storm is the emergency in which a department is today, nil if it is in none; of "" one of the whole city.
func (s *season) storm(department string) *storm {
	for _, e := range s.storms {
		if e.holds(s.today(), department) {
			return e
		}
	}
	return nil
}

func (e *storm) holds(day kpi.Date, department string) bool {
	return !e.void && !day.Before(e.from) && !day.After(e.until) && (e.department == "" || e.department == department)
}

// mayVow is a plain way to ask who may take a step with a commitment.
func (s *season) mayVow(step meeting.CommitmentStep, v *vow) func(*human) bool {
	return func(h *human) bool {
		commit, closes := s.may(h, account.Commit, v.department), s.may(h, account.CloseCommitments, v.department)
		owns := commit || !h.gone && s.holds(h, v.owner)
		switch step {
		case meeting.CommitmentMake:
			return commit
		case meeting.CommitmentKeep, meeting.CommitmentDrop:
			return closes
		case meeting.CommitmentReopen:
			return closes || v.state == kpi.CommitmentDone && owns
		}
		return owns
	}
}

// promise lets somebody promise something, or be asked for something, for a department; "" is the whole city.
func (s *season) promise(who *human, kind kpi.CommitmentKind, department, indicator, source string) {
	v := &vow{
		kind: kind, owner: department + "-head", department: department, source: source, indicator: indicator, made: s.today(), due: s.today().AddDays(3 + s.rnd.IntN(45)), state: kpi.CommitmentOpen,
		revisions: 1, late: s.chance(0.4),
	}
	if department == "" {
		v.owner = "deputy"
	}
	v.agreed = v.due
	if s.do(who, deed{action: "commitment.make", about: fmt.Sprintf("commitment %d", len(s.vows)+1), may: s.mayVow(meeting.CommitmentMake, v), save: func(by account.By, now time.Time) error {
		c := kpi.Commitment{
			Kind: kind, Text: "We do what is number " + fmt.Sprint(len(s.vows)+1) + ".", Lang: kpi.English, Owner: v.owner, Department: department, Indicator: indicator, Made: v.made, Due: v.due,
			State: kpi.CommitmentOpen, Source: source,
		}
		err := s.db.SaveCommitment(context.Background(), &c, by, now)
		v.id = c.ID
		return err
	}}) {
		s.vows = append(s.vows, v)
	}
}

// act lets somebody take a step with a commitment.
func (s *season) act(v *vow, who *human, t meeting.CommitmentTurn) bool {
	s.Helper()
	was, err := s.db.Commitment(context.Background(), v.id)
	s.must(err)
	var saved kpi.Commitment
	done := s.do(who, deed{
		action: "commitment." + string(t.Step), about: fmt.Sprintf("commitment %d", v.id), may: s.mayVow(t.Step, v), second: true,
		save: func(by account.By, now time.Time) error {
			next, err := meeting.TurnCommitment(was, t, by.Name, s.today(), now)
			if err != nil {
				return err
			}
			if err := s.db.SaveCommitment(context.Background(), &next, by, now); err != nil {
				return err
			}
			saved = next
			return nil
		},
	})
	if !done {
		return false
	}
	v.revisions++
	for _, h := range s.people {
		if h.id == saved.Person {
			s.became(v, h, t)
		}
	}
	return true
}

// became is what the world makes of a step.
func (s *season) became(v *vow, who *human, t meeting.CommitmentTurn) {
	switch t.Step {
	case meeting.CommitmentMove:
		chair := s.may(who, account.CloseCommitments, v.department) && !s.holds(who, v.owner) && !s.today().After(v.due) && !s.today().After(v.agreed)
		switch {
		case chair:
			v.agreed = t.Due
			s.tally["moved by the chair"]++
		case t.Due.After(v.due):
			if v.slips++; v.slips == 3 {
				s.tally["third slip"]++
			}
		}
		v.due = t.Due
		v.moves++
	case meeting.CommitmentBlock:
		v.blocked = t.Text != ""
	case meeting.CommitmentFinish:
		v.state, v.done, v.blocked = kpi.CommitmentDone, s.today(), false
	case meeting.CommitmentKeep:
		v.state, v.ended, v.blocked = kpi.CommitmentKept, s.today(), false
	case meeting.CommitmentDrop:
		v.state, v.ended, v.blocked = kpi.CommitmentDropped, s.today(), false
	case meeting.CommitmentReopen:
		v.state, v.done, v.ended, v.blocked = kpi.CommitmentOpen, kpi.Date{}, kpi.Date{}, false
	}
}

// work is what an owner does about a commitment in a day.
func (s *season) work(v *vow) {
	who := s.holder(v.owner)
	if who == nil && v.department != "" {
		who = s.named(v.department + "-staff")
	}
	left := v.due.Sub(s.today())
	slip := 0.02
	if v.late && left < 4 {
		slip = 0.3
	}
	switch p := s.rnd.Float64(); {
	case v.state == kpi.CommitmentDone && p < 0.01:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentReopen, Text: "It broke again."})
	case v.state != kpi.CommitmentOpen:
	case left < 6 && p < slip:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Text: "The parts are late.", Due: s.later(v)})
	case p < 0.34 && p > 0.30 || left < 3 && p > 0.3 && p < 0.45:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentFinish, Text: "It is there."})
	case p > 0.97:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentReport, Text: "Half of it is there."})
	case p > 0.955 && !v.blocked:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentBlock, Text: "There is no money.", Department: pick(s.rnd, departments)})
	case p > 0.9 && v.blocked:
		s.act(v, who, meeting.CommitmentTurn{Step: meeting.CommitmentBlock})
	}
}

// later is a date after the one of a commitment that is not over.
func (s *season) later(v *vow) kpi.Date {
	due := v.due
	if due.Before(s.today()) {
		due = s.today()
	}
	return due.AddDays(2 + s.rnd.IntN(12))
}

// speak is what becomes of a thing on an agenda when its turn comes in a meeting.
func (s *season) speak(m *sitting, it meeting.Item) {
	chair, source := s.holder(m.chair), "meeting/"+m.name()
	closer := s.holder("mayor")
	if m.chair == "chief" && chair != nil {
		closer = chair
	}
	p := s.rnd.Float64()
	if it.Commitment != 0 {
		v := s.vows[it.Commitment-1]
		switch {
		case v.over(): // somebody closed it since the memo went out
		case v.state == kpi.CommitmentDone && p < 0.75:
			s.act(v, closer, meeting.CommitmentTurn{Step: meeting.CommitmentKeep})
		case v.state == kpi.CommitmentDone && p < 0.9:
			s.act(v, closer, meeting.CommitmentTurn{Step: meeting.CommitmentReopen, Text: "It is not there."})
		case v.state == kpi.CommitmentOpen && p < 0.25:
			s.act(v, closer, meeting.CommitmentTurn{Step: meeting.CommitmentMove, Text: "We agreed on it.", Due: s.later(v)})
		case p < 0.32 || v.slips > 4:
			s.act(v, closer, meeting.CommitmentTurn{Step: meeting.CommitmentDrop, Text: "It is not needed."})
		case p < 0.37:
			s.act(v, closer, meeting.CommitmentTurn{Step: meeting.CommitmentKeep, Text: "We saw it."})
		}
		return
	}
	department := ""
	if ind := s.city.Indicator(it.Indicator); ind != nil {
		department = ind.Department
	} else if len(m.series.Departments) > 0 {
		department = pick(s.rnd, m.series.Departments)
	}
	switch {
	case p < 0.3:
		s.promise(closer, kpi.CommitmentPromise, department, it.Indicator, source)
	case p < 0.45:
		s.promise(s.holder("data-office"), kpi.CommitmentRequest, department, it.Indicator, source)
	case p < 0.6:
		s.note(m, kpi.NoteDecision, it)
	case p < 0.72:
		s.note(m, kpi.NoteLater, it)
	}
	if n := it.LaterTopic; n != nil && n.State == kpi.NoteOpen {
		s.noted(s.notes[n.ID-1], kpi.NoteTaken, "")
	}
}

// mayNote is a plain way to ask who writes in a meeting.
func (s *season) mayNote(chair string) func(*human) bool {
	return func(h *human) bool {
		return s.may(h, account.RecordMeetings, "") || !h.gone && s.holds(h, chair)
	}
}

// note writes something down in a meeting.
func (s *season) note(m *sitting, kind kpi.NoteKind, it meeting.Item) {
	j := &jotted{kind: kind, series: m.series.ID, slot: m.slot, state: kpi.NoteOpen}
	if s.do(s.holder(m.chair), deed{action: "note.open", about: m.name(), may: s.mayNote(m.chair), save: func(by account.By, now time.Time) error {
		n := kpi.MeetingNote{Kind: kind, Series: j.series, Slot: j.slot, Item: it.Key, Text: fmt.Sprintf("Note %d.", len(s.notes)+1), Lang: kpi.English, Indicator: it.Indicator, State: kpi.NoteOpen}
		err := s.db.SaveMeetingNote(context.Background(), &n, by, now)
		j.id = n.ID
		return err
	}}) {
		s.notes = append(s.notes, j)
	}
}

// noted changes where a note stands.
func (s *season) noted(j *jotted, state kpi.NoteState, why string) {
	was, err := s.db.MeetingNote(context.Background(), j.id)
	s.must(err)
	m := s.find(s.city.Series(j.series), j.slot)
	if s.do(s.holder("data-office"), deed{action: "note." + string(state), about: m.name(), may: s.mayNote(m.chair), second: true, save: func(by account.By, now time.Time) error {
		next := was
		next.State, next.Why = state, why
		return s.db.SaveMeetingNote(context.Background(), &next, by, now)
	}}) {
		j.state = state
	}
}

// declare declares an emergency, changes its days, or takes it back.
func (s *season) declare(e *storm, change func(*kpi.Emergency)) {
	var was kpi.Emergency
	if e.id != 0 {
		list, err := s.db.Emergencies(context.Background())
		s.must(err)
		was = list[slices.IndexFunc(list, func(o kpi.Emergency) bool { return o.ID == e.id })]
	} else {
		was = kpi.Emergency{What: "Flood", Reason: "All crews are out.", Lang: kpi.English, From: e.from, Until: e.until}
		if e.department != "" {
			was.Departments = []string{e.department}
		}
	}
	next := was
	if change != nil {
		change(&next)
	}
	action := map[bool]string{true: "emergency.void", false: "emergency.declared"}[next.Void]
	if s.do(s.holder("mayor"), deed{action: action, about: "emergency", may: func(h *human) bool { return s.may(h, account.ConveneMeetings, "") }, second: e.id != 0, save: func(by account.By, now time.Time) error {
		one := next
		err := s.db.SaveEmergency(context.Background(), &one, by, now)
		if err == nil {
			e.id = one.ID
		}
		return err
	}}) {
		if !slices.Contains(s.storms, e) {
			s.storms = append(s.storms, e)
		}
		e.from, e.until, e.void = next.From, next.Until, next.Void
	}
}

// settle hires everybody and gives them their posts.
func (s *season) settle() {
	role := func(r account.Role) account.Grant { return account.Grant{Role: r} }
	of := func(r account.Role, d string) account.Grant { return account.Grant{Role: r, Department: d} }
	s.hire("admin", role(account.Administrator))
	for _, p := range []struct {
		name, post string
		role       account.Role
	}{{"mayor", "mayor", account.Mayor}, {"carla", "chief", account.ChiefOfStaff}, {"ana", "data-office", account.Analyst}, {"ben", "", account.Analyst}, {"vera", "", account.Viewer}, {"dora", "deputy", account.Viewer}} {
		if h := s.hire(p.name, role(p.role)); p.post != "" {
			s.give(tenure{post: p.post, who: h, from: firstMonday.AddDays(-30)})
		}
	}
	for _, d := range departments {
		h := s.hire(d+"-head", of(account.DepartmentHead, d))
		s.give(tenure{post: d + "-head", who: h, from: firstMonday.AddDays(-30)})
		s.hire(d+"-staff", of(account.DepartmentStaff, d))
	}
}

// fate is what happens to people in a week of the year, whatever else does.
func (s *season) fate(week int, monday kpi.Date) {
	now := func(post string) *tenure {
		for _, t := range s.tenures {
			if t.post == post && t.true(s.today()) && !t.acting {
				return t
			}
		}
		s.Fatalf("nobody holds %s", post)
		return nil
	}
	switch week {
	case 6: // the head of parks leaves; for three weeks nobody holds the post
		s.leaves(now("parks-head"), monday.AddDays(1), false)
	case 7:
		s.dismiss(s.named("parks-head"))
	case 9:
		h := s.hire("paula", account.Grant{Role: account.DepartmentHead, Department: "parks"})
		s.give(tenure{post: "parks-head", who: h, from: monday})
	case 13: // the head of safety is away, and somebody without a role of the department acts
		s.give(tenure{post: "safety-head", who: s.named("vera"), from: monday, until: monday.AddDays(18), acting: true})
	case 18: // a flood; in its second week it is found to last a week longer
		s.declare(&storm{from: monday.AddDays(1), until: monday.AddDays(13)}, nil)
	case 19:
		s.declare(s.storms[0], func(e *kpi.Emergency) { e.Until = monday.AddDays(14) })
	case 23: // somebody was entered for a post by mistake
		s.leaves(s.give(tenure{post: "chief", who: s.named("ben"), from: monday.AddDays(-300), until: monday.AddDays(-290)}), kpi.Date{}, true)
	case 26:
		s.dismiss(s.named("ben"))
	case 30: // a fire in one department; and an emergency that was none
		s.declare(&storm{from: monday, until: monday.AddDays(9), department: "waste"}, nil)
		s.declare(&storm{from: monday.AddDays(2), until: monday.AddDays(20)}, nil)
		s.declare(s.storms[len(s.storms)-1], func(e *kpi.Emergency) { e.Void, e.Why = true, "Nobody was called out." })
	case 34: // the chief of staff leaves, who presides in two series
		s.leaves(now("chief"), monday.AddDays(2), false)
		s.dismiss(s.named("carla"))
	case 36:
		h := s.hire("cem", account.Grant{Role: account.ChiefOfStaff})
		s.give(tenure{post: "chief", who: h, from: monday})
	}
}
