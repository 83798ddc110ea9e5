package ledger_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// sitting is a meeting as the world knows it.
type sitting struct {
	series  *kpi.MeetingSeries
	slot    kpi.Date // for ever
	date    kpi.Date
	at      int // minutes after midnight
	minutes int
	chair   string
	state   kpi.MeetingState
	extra   bool
	saved   bool // somebody did something about it
	moves   int
	dropped map[string]string // key → why

	memo, follow   time.Time // when they went out; zero: they did not
	memoDue        time.Time // of the day for which it went out
	followDue      time.Time
	memoBody       string // items and what was left, as they went out
	memoLines      string // the same, as [told] tells it
	memoSteady     int
	opened, over   time.Time
	atMemo, atOpen []byte               // the numbers as they were seen
	seen           *scorecard.Scorecard // atOpen, as the ledger gave it back
	known          *memory              // what the world knew when it began

	habit habit // how its people are
}

// habit is what becomes of a meeting if nobody is in the way of it.
type habit struct{ earlyMemo, lateMemo, noMemo, missed, lateFollow, noFollow bool }

func (m *sitting) name() string { return m.series.ID + "/" + m.slot.String() }

// start is when it begins, as it stands now.
func (m *sitting) start(s *season) time.Time {
	return time.Date(m.date.Year, m.date.Month, m.date.Day, m.at/60, m.at%60, 0, 0, s.cal.Location)
}

// before is 48 hours before it begins.
func (m *sitting) before(s *season) time.Time { return m.start(s).Add(-48 * time.Hour) }

func (m *sitting) held() bool {
	return m.state == kpi.MeetingOpen || m.state == kpi.MeetingHeld || m.state == kpi.MeetingClosed
}

// ahead reports whether it can still be changed.
func (m *sitting) ahead() bool {
	return m.state == kpi.MeetingPlanned || m.state == kpi.MeetingReady
}

// plan adds the meetings that the rhythm of each series gives it in a week, found day by day.
func (s *season) plan(monday kpi.Date) {
	for i := range s.city.Meetings {
		series := &s.city.Meetings[i]
		for d := monday; d.Before(monday.AddDays(7)); d = d.AddDays(1) {
			if !rhythm(series, d) || s.find(series, d) != nil {
				continue
			}
			m := &sitting{series: series, slot: d, date: d, at: series.At, minutes: series.Minutes, chair: series.Chair, state: kpi.MeetingPlanned, dropped: map[string]string{}}
			for !s.workday(m.date) {
				m.date = m.date.AddDays(1)
			}
			m.habit = habit{s.chance(0.25), s.chance(0.15), s.chance(0.07), s.chance(0.05), s.chance(0.15), s.chance(0.05)}
			s.sittings = append(s.sittings, m)
		}
	}
}

// rhythm reports whether a series meets on a day: the plain way is to count.
func rhythm(series *kpi.MeetingSeries, d kpi.Date) bool {
	if d.Weekday() != series.Weekday || d.Before(series.From) {
		return false
	}
	if series.Month != 0 {
		nth, last := (d.Day-1)/7+1, d.AddDays(7).Month != d.Month
		return nth == series.Month || series.Month == -1 && last
	}
	first := series.From
	for first.Weekday() != series.Weekday {
		first = first.AddDays(1)
	}
	return d.Sub(first)/7%series.Weeks == 0
}

func (s *season) find(series *kpi.MeetingSeries, slot kpi.Date) *sitting {
	for _, m := range s.sittings {
		if m.series == series && m.slot == slot {
			return m
		}
	}
	return nil
}

// taken reports whether a series meets on a day already, in another meeting than m.
func (s *season) taken(series *kpi.MeetingSeries, day kpi.Date, m *sitting) bool {
	for _, o := range s.sittings {
		if o.series == series && o != m && (o.date == day && o.state != kpi.MeetingCancelled || m == nil && o.slot == day) {
			return true
		}
	}
	return false
}

// last is the meeting of a series that was held last before another.
func (s *season) last(m *sitting) *sitting {
	var last *sitting
	for _, o := range s.sittings {
		if o.series == m.series && o != m && o.held() && o.start(s).Before(m.start(s)) && (last == nil || last.start(s).Before(o.start(s))) {
			last = o
		}
	}
	return last
}

// read is a meeting as the ledger and the rhythm have it, with all of its series.
func (s *season) read(m *sitting) (kpi.Meeting, []kpi.Meeting) {
	s.Helper()
	saved := s.saved(m.series.ID)
	one, ok := meeting.Find(s.city, m.series, saved, m.slot)
	if !ok || (one.ID != 0) != m.saved {
		s.Fatalf("the meeting %s is there: %v, kept: %v, want %v", m.name(), ok, one.ID != 0, m.saved)
	}
	return one, saved
}

// saved are the meetings of a series that the ledger has. They are read anew whenever anything was saved.
func (s *season) saved(series string) []kpi.Meeting {
	s.Helper()
	if v := s.db.PapersVersion(); s.kept == nil || s.keptAt != v {
		s.kept, s.keptAt = map[string][]kpi.Meeting{}, v
	}
	if _, known := s.kept[series]; !known {
		list, err := s.db.Meetings(context.Background(), kpi.PaperQuery{Subject: series})
		s.must(err)
		s.kept[series] = list
	}
	return s.kept[series]
}

// mayTurn is a plain way to ask who may take a step with a meeting.
func (s *season) mayTurn(step meeting.MeetingStep, chair string) func(*human) bool {
	return func(h *human) bool {
		switch step {
		case meeting.MeetingEdit, meeting.MeetingIssue, meeting.MeetingReopen, meeting.MeetingFollow:
			return s.may(h, account.PrepareMeetings, "")
		case meeting.MeetingBegin, meeting.MeetingEnd:
			return s.may(h, account.RecordMeetings, "") || !h.gone && s.holds(h, chair)
		}
		return s.may(h, account.ConveneMeetings, "")
	}
}

// turn lets somebody take a step with a meeting. seen are the numbers that are kept with it.
func (s *season) turn(m *sitting, who *human, t meeting.MeetingTurn, seen []byte) bool {
	s.Helper()
	was, others := s.read(m)
	t.Lang = kpi.English
	done := s.do(who, deed{
		action: "meeting." + string(t.Step), about: m.name(), may: s.mayTurn(t.Step, m.chair), second: true,
		save: func(by account.By, now time.Time) error {
			next, err := meeting.TurnMeeting(s.city, s.cal, was, others, t, by.Name, now)
			if err != nil {
				return err
			}
			return s.db.SaveMeeting(context.Background(), &next, seen, by, now)
		},
	})
	m.saved = m.saved || done
	return done
}

// cannot makes sure that a step is none now, whoever takes it.
func (s *season) cannot(m *sitting, t meeting.MeetingTurn, want meeting.MeetingProblem) {
	s.Helper()
	was, others := s.read(m)
	_, err := meeting.TurnMeeting(s.city, s.cal, was, others, t, "somebody", s.now)
	if !errors.Is(err, want) {
		s.faults("%s of %s: %v, want %v", t.Step, m.name(), err, want)
	}
	s.tally["not now: "+string(want)]++
}

// inputs are what the agenda of a meeting is made of now.
func (s *season) inputs(m *sitting) meeting.AgendaInputs {
	s.Helper()
	was, others := s.read(m)
	promised, err := s.db.Commitments(context.Background(), kpi.PaperQuery{})
	s.must(err)
	notes, err := s.db.MeetingNotes(context.Background(), kpi.PaperQuery{Subject: m.series.ID})
	s.must(err)
	storms, err := s.db.Emergencies(context.Background())
	s.must(err)
	in := meeting.AgendaInputs{City: s.city, Series: m.series, Meeting: &was, Live: s.card(), Troubles: s.troubles(), Commitments: promised, Notes: notes, Emergencies: storms}
	last := s.last(m)
	if held := meeting.LastHeld(others, &was); (held == nil) != (last == nil) || held != nil && held.Slot != last.slot {
		s.faults("the last meeting before %s is %+v, want %+v", m.name(), held, last)
	}
	if last != nil {
		in.Before = s.before(last)
	}
	return in
}

// before are the numbers that were seen in a meeting, as the ledger kept them.
func (s *season) before(m *sitting) *scorecard.Scorecard {
	s.Helper()
	if m.seen == nil {
		text, err := s.db.Frozen(context.Background(), m.series.ID, m.slot, kpi.FrozenMeeting)
		s.must(err)
		m.seen = new(scorecard.Scorecard)
		s.must(json.Unmarshal(text, m.seen))
	}
	return m.seen
}

// prepare is the analyst's work of a day.
func (s *season) prepare(m *sitting) {
	left, ana := m.date.Sub(s.today()), s.holder("data-office")
	if m.state == kpi.MeetingPlanned && left <= 6 && s.chance(0.45) {
		s.edit(m, ana)
	}
	lastDay := !s.now.AddDate(0, 0, 1).Before(m.before(s)) || s.today().Weekday() == time.Friday && !s.now.AddDate(0, 0, 3).Before(m.before(s))
	switch {
	case m.state == kpi.MeetingPlanned && !m.habit.noMemo && (!m.habit.lateMemo && (lastDay || m.habit.earlyMemo && left <= 5) || m.habit.lateMemo && left <= 1):
		s.issue(m, ana)
		if s.now.Before(m.before(s)) && s.chance(0.12) && s.turn(m, ana, meeting.MeetingTurn{Step: meeting.MeetingReopen}, nil) {
			m.state, m.memo, m.memoDue, m.memoBody = kpi.MeetingPlanned, time.Time{}, time.Time{}, ""
			s.edit(m, ana)
			if s.chance(0.8) {
				s.issue(m, ana)
			}
		}
	case m.state == kpi.MeetingReady && !s.now.Before(m.before(s)):
		s.cannot(m, meeting.MeetingTurn{Step: meeting.MeetingReopen}, meeting.MeetingTooLate)
	case m.state == kpi.MeetingReady:
		s.cannot(m, meeting.MeetingTurn{Step: meeting.MeetingBegin}, meeting.MeetingEarly)
		s.cannot(m, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &kpi.AgendaEdits{}}, meeting.MeetingStands)
	}
}

// edit changes an agenda: something is added, dropped, put elsewhere, given other minutes, asked about.
func (s *season) edit(m *sitting, who *human) {
	in := s.inputs(m)
	agenda := meeting.MakeAgenda(in)
	e := in.Meeting.Agenda
	e.Added, e.Dropped, e.Order = slices.Clone(e.Added), slices.Clone(e.Dropped), slices.Clone(e.Order)
	dropped := map[string]string{}
	for k, why := range m.dropped {
		dropped[k] = why
	}
	switch s.rnd.IntN(5) {
	case 0:
		e.Added = append(e.Added, kpi.AgendaItem{Key: meeting.TopicKey(len(e.Added) + 1), Text: "The contract ends.", Lang: kpi.English, Minutes: 4, Reason: "The council asks."})
	case 1:
		s.parked(m, &e)
	case 2:
		var asked []string
		for i := range s.city.Indicators {
			if takes(m.series, s.city.Indicators[i].Department) {
				asked = append(asked, s.city.Indicators[i].ID)
			}
		}
		if ind := pick(s.rnd, asked); !slices.ContainsFunc(e.Added, func(it kpi.AgendaItem) bool { return it.Indicator == ind }) {
			e.Added = append(e.Added, kpi.AgendaItem{Key: meeting.IndicatorKey(ind), Indicator: ind, Lang: kpi.English, Reason: "A resident wrote."})
		}
	case 3:
		var free []string
		for _, it := range agenda.Items {
			if it.Part != kpi.PartFollowUp {
				free = append(free, it.Key)
			}
		}
		if len(free) > 1 {
			key, why := pick(s.rnd, free), fmt.Sprintf("It was spoken of in another room, %d.", s.rnd.IntN(1000))
			e.Dropped = append(e.Dropped, kpi.AgendaDrop{Key: key, Reason: why})
			dropped[key] = why
		}
	default:
		var keys []string
		for _, it := range agenda.Items {
			keys = append(keys, it.Key)
		}
		s.rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		e.Order = keys[:min(len(keys), 2+s.rnd.IntN(4))]
	}
	if len(agenda.Items) > 0 && s.chance(0.4) {
		it := pick(s.rnd, agenda.Items)
		e.Minutes, e.Questions = map[string]int{it.Key: 1 + s.rnd.IntN(12)}, map[string]string{it.Key: "What would it take?"}
	}
	if s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingEdit, Agenda: &e}, nil) {
		m.dropped = dropped
		s.judge(m)
	}
}

// parked takes up a topic that was left for later.
func (s *season) parked(m *sitting, e *kpi.AgendaEdits) {
	for _, n := range s.notes {
		if n.kind == kpi.NoteLater && n.state == kpi.NoteOpen && n.series == m.series.ID && !slices.ContainsFunc(e.Added, func(it kpi.AgendaItem) bool { return it.Note == n.id }) {
			e.Added = append(e.Added, kpi.AgendaItem{Key: meeting.NoteKey(n.id), Note: n.id, Lang: kpi.English, Minutes: 5, Reason: "There is time now."})
			return
		}
	}
}

// issue sends a memo.
func (s *season) issue(m *sitting, who *human) {
	in := s.inputs(m)
	s.judge(m)
	agenda := meeting.MakeAgenda(in)
	if len(agenda.Items) == 0 {
		s.cannot(m, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: agenda.Memo()}, meeting.MeetingEmpty)
		return
	}
	seen := s.seen(in.Live)
	if s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingIssue, Memo: agenda.Memo()}, seen) {
		m.state, m.memo, m.memoDue, m.atMemo, m.memoBody = kpi.MeetingReady, s.now, m.before(s), seen, text(agenda.Memo())
		m.memoLines, m.memoSteady = lines(agenda), agenda.Steady
	}
}

// text is what was on paper.
func text(memo *kpi.MeetingMemo) string {
	b, err := json.Marshal([]any{memo.Items, memo.Left, memo.Steady})
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// convene moves meetings, cancels them, lets others preside, and calls further ones.
func (s *season) convene(m *sitting) {
	who, storm := s.holder("mayor"), s.storm("") != nil
	why := fmt.Sprintf("It does not suit, %d.", s.rnd.IntN(1000))
	switch p := s.rnd.Float64(); {
	case m.state == kpi.MeetingCancelled && p < 0.2:
		if s.taken(m.series, m.date, m) {
			s.cannot(m, meeting.MeetingTurn{Step: meeting.MeetingRestore}, meeting.MeetingTaken)
		} else if s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingRestore}, nil) {
			m.state = kpi.MeetingPlanned
			if !m.memo.IsZero() {
				m.state = kpi.MeetingReady
			}
		}
	case !m.ahead():
	case p < 0.02 || storm && p < 0.15:
		if s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingCancel, Reason: why}, nil) {
			m.state = kpi.MeetingCancelled
		}
	case p < 0.19 && p > 0.15:
		s.move(m, who, why)
	case p < 0.22 && p > 0.19:
		post := pick(s.rnd, []string{"deputy", "chief", "mayor"})
		turn := meeting.MeetingTurn{Step: meeting.MeetingDelegate, Reason: why, Post: post}
		if post == m.chair {
			s.cannot(m, turn, meeting.MeetingSame)
		} else if s.turn(m, who, turn, nil) {
			m.chair = post
		}
	}
}

// move moves a meeting to another day, or another hour of its day.
func (s *season) move(m *sitting, who *human, why string) {
	day, at := m.date.AddDays(s.rnd.IntN(12)-3), pick(s.rnd, []int{m.at, 8*60 + 30, 15 * 60})
	switch other := pick(s.rnd, s.sittings); {
	case s.chance(0.15):
		day = s.today().AddDays(-1)
	case other.series == m.series && other.state != kpi.MeetingCancelled:
		day = other.date
	}
	for !s.workday(day) {
		day = day.AddDays(1)
	}
	turn := meeting.MeetingTurn{Step: meeting.MeetingMove, Reason: why, Date: day, At: at}
	switch {
	case day == m.date && at == m.at:
		s.cannot(m, turn, meeting.MeetingSame)
	case day.Before(s.today()):
		s.cannot(m, turn, meeting.MeetingNoDate)
	case day == s.today(): // it may be over before anybody knows of it
	case s.taken(m.series, day, m):
		s.cannot(m, turn, meeting.MeetingTaken)
	case s.turn(m, who, turn, nil):
		m.moves++
		m.date, m.at = day, at
	}
}

// call calls a meeting beside the rhythm.
func (s *season) call(series *kpi.MeetingSeries) {
	day := s.today().AddDays(4 + s.rnd.IntN(7))
	for _, other := range s.sittings {
		if other.series == series && other.date.After(s.today()) && s.chance(0.2) {
			day = other.date
		}
	}
	for !s.workday(day) {
		day = day.AddDays(1)
	}
	t := meeting.MeetingTurn{Step: meeting.MeetingCall, Reason: "It cannot wait.", Lang: kpi.English, Date: day, At: 13 * 60}
	saved := s.saved(series.ID)
	empty := meeting.Planned(s.city, series, day)
	if s.taken(series, day, nil) {
		if _, err := meeting.TurnMeeting(s.city, s.cal, empty, saved, t, "somebody", s.now); !errors.Is(err, meeting.MeetingTaken) {
			s.faults("%s is called for %s, on which it meets already: %v", series.ID, day, err)
		}
		s.tally["not now: taken for a call"]++
		return
	}
	m := &sitting{series: series, slot: day, date: day, at: t.At, minutes: series.Minutes, chair: series.Chair, state: kpi.MeetingPlanned, extra: true, saved: true, dropped: map[string]string{}}
	if s.do(s.holder("chief"), deed{action: "meeting.call", about: m.name(), may: s.mayTurn(meeting.MeetingCall, m.chair), save: func(by account.By, now time.Time) error {
		next, err := meeting.TurnMeeting(s.city, s.cal, empty, saved, t, by.Name, now)
		if err != nil {
			return err
		}
		return s.db.SaveMeeting(context.Background(), &next, nil, by, now)
	}}) {
		s.sittings = append(s.sittings, m)
	}
}

// meet holds a meeting.
func (s *season) meet(m *sitting) {
	s.at(m.date, m.at/60, m.at%60)
	if m.habit.missed || m.state == kpi.MeetingReady && s.chance(0.02) {
		s.tally["missed"]++
		return
	}
	who := s.holder(m.chair)
	s.judge(m)
	agenda := meeting.MakeAgenda(s.inputs(m))
	seen := s.seen(s.card())
	if !s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingBegin}, seen) {
		return
	}
	m.state, m.opened, m.atOpen = kpi.MeetingOpen, s.now, seen
	m.known = s.remember()
	left := m.minutes
	for _, it := range agenda.Items {
		if left < 0 {
			s.tally["not reached"]++
			break
		}
		s.speak(m, it)
		took := it.Minutes + s.rnd.IntN(4)
		left -= took
		s.now = s.now.Add(time.Duration(took) * time.Minute)
	}
	if s.turn(m, who, meeting.MeetingTurn{Step: meeting.MeetingEnd}, nil) {
		m.state, m.over = kpi.MeetingHeld, s.now
	}
}

// follow sends the follow-up memo of a meeting.
func (s *season) follow(m *sitting) {
	days := s.today().Sub(kpi.DateOf(m.opened.In(s.cal.Location)))
	if m.habit.noFollow || days < 1 || m.habit.lateFollow && days < 3 || !m.habit.lateFollow && days < 2 && s.chance(0.5) {
		return
	}
	memo := &kpi.FollowUpMemo{}
	for _, v := range s.vows {
		if v.source == "meeting/"+m.name() {
			memo.Commitments = append(memo.Commitments, v.id)
		}
	}
	for _, n := range s.notes {
		if n.series == m.series.ID && n.slot == m.slot {
			memo.Notes = append(memo.Notes, n.id)
		}
	}
	day := kpi.DateOf(m.opened.In(s.cal.Location)).AddDays(3) // the end of the second day after it
	due := time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, s.cal.Location)
	if s.turn(m, s.holder("data-office"), meeting.MeetingTurn{Step: meeting.MeetingFollow, Follow: memo, Reason: "It was " + strconv.Itoa(len(memo.Commitments)) + " promises."}, nil) {
		m.state, m.follow, m.followDue = kpi.MeetingClosed, s.now, due
	}
}
