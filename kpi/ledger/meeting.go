package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Meetings returns the meetings that somebody did something about, as they stand now, by id. Their subject is their series; [meeting.Calendar] adds those that the
// rhythm of a series plans.
func (db *DB) Meetings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Meeting, error) {
	return papers[kpi.Meeting](ctx, db, paperQuery{kind: paperMeeting, subject: q.Subject, states: q.States})
}

// MeetingHistory returns every revision of one, oldest first.
func (db *DB) MeetingHistory(ctx context.Context, id int64) ([]kpi.Meeting, error) {
	return papers[kpi.Meeting](ctx, db, paperQuery{kind: paperMeeting, id: id, all: true})
}

// SaveMeeting keeps a revision, if it is what the one before (or the meeting as the rhythm of its series plans it) becomes by a step that whoever takes it may take
// ([meeting.CheckMeeting]). frozen is the scorecard as JSON that whoever takes it sees: it is kept where the memo goes out, and where the meeting begins, and must be there then.
// It fails with [kpi.CodeInvalid] and a [meeting.MeetingProblem], with [kpi.CodeDenied], or with [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveMeeting(ctx context.Context, m *kpi.Meeting, frozen []byte, by account.By, now time.Time) error {
	city, cal, err := db.cityNow(ctx)
	if err != nil {
		return err
	}
	others, err := db.Meetings(ctx, kpi.PaperQuery{Subject: m.Series})
	if err != nil {
		return err
	}
	was, err := db.meetingBefore(ctx, city, others, m)
	if err != nil {
		return err
	}
	who, presides, err := db.handOf(ctx, by, was.Chair, kpi.DateOf(now.In(cal.Location)))
	if err != nil {
		return err
	}
	signMeeting(was, m, by, now)
	step, err := meeting.CheckMeeting(city, cal, was, m, others, who, presides, now)
	if err != nil {
		return err
	}
	stage := map[meeting.MeetingStep]string{meeting.MeetingIssue: kpi.FrozenMemo, meeting.MeetingBegin: kpi.FrozenMeeting}[step]
	if stage != "" && len(frozen) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "the numbers that are seen now must be kept with the meeting, and there are none")
	}
	p := paper{
		kind: paperMeeting, state: string(m.State), subject: m.Series, action: "meeting." + string(step), detail: map[string]string{"meeting": m.Name()},
	}
	switch step {
	case meeting.MeetingMove:
		if was.Date != m.Date {
			p.detail["date"] = was.Date.String() + " → " + m.Date.String()
		}
		if was.At != m.At {
			p.detail["hour"] = hour(was.At) + " → " + hour(m.At)
		}
	case meeting.MeetingDelegate:
		p.detail["post"] = m.Chair
	}
	return save(ctx, db, p, &m.Stamp, m, by, now, func(tx *sql.Tx) error {
		if err := aloneIn(ctx, tx, m, step); err != nil {
			return err
		}
		if stage == "" {
			return nil
		}
		return freezeIn(ctx, tx, m, stage, frozen, now)
	})
}

// aloneIn fails if somebody else has saved a meeting of the same name meanwhile, or, where a step gives it its day, another one of the series on that day.
func aloneIn(ctx context.Context, tx *sql.Tx, m *kpi.Meeting, step meeting.MeetingStep) error {
	var same, beside int
	err := tx.QueryRowContext(ctx, `/* SaveMeeting */ SELECT coalesce(sum(json_extract(body, '$.slot') = ?), 0), coalesce(sum(json_extract(body, '$.date') = ? AND state <> ?), 0)
		FROM paper p WHERE kind = ? AND subject = ? AND id <> ? AND revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id)`,
		m.Slot.String(), m.Date.String(), string(kpi.MeetingCancelled), string(paperMeeting), m.Series, m.ID).Scan(&same, &beside)
	switch {
	case err != nil:
		return err
	case same > 0:
		return kpi.Errorf(kpi.CodeConflict, "somebody else has changed the meeting %s meanwhile; read it again", m.Name())
	case beside > 0 && (step == meeting.MeetingMove || step == meeting.MeetingCall || step == meeting.MeetingRestore):
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "another meeting of the series is on that day", Err: meeting.MeetingTaken}
	}
	return nil
}

// hour writes minutes after midnight for the audit trail.
func hour(at int) string { return fmt.Sprintf("%02d:%02d", at/60, at%60) }

// signMeeting writes who takes a step, and when: that is not for a form to say.
func signMeeting(was, m *kpi.Meeting, by account.By, now time.Time) {
	at := now.UTC().Round(0)
	if n := len(m.Moves); n == len(was.Moves)+1 {
		m.Moves[n-1].At, m.Moves[n-1].By = at, by.Name
	}
	if was.Memo == nil && m.Memo != nil {
		m.Memo.At, m.Memo.By = at, by.Name
	}
	if was.FollowUp == nil && m.FollowUp != nil {
		m.FollowUp.At, m.FollowUp.By = at, by.Name
	}
	if was.Opened.IsZero() && !m.Opened.IsZero() {
		m.Opened = at
	}
	if was.Over.IsZero() && !m.Over.IsZero() {
		m.Over = at
	}
}

// meetingBefore returns the revision that whoever saves one has seen; of a new one the meeting as its series plans it, or, of one that is called, an empty one.
func (db *DB) meetingBefore(ctx context.Context, city *kpi.City, others []kpi.Meeting, m *kpi.Meeting) (*kpi.Meeting, error) {
	if m.ID != 0 {
		list, err := db.MeetingHistory(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].Revision == m.Revision {
				return &list[i], nil
			}
		}
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no meeting %d with a revision %d", m.ID, m.Revision)
	}
	s := city.Series(m.Series)
	if s == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "the city has no series of meetings %q", m.Series)
	}
	if m.Extra {
		planned := meeting.Planned(city, s, m.Slot)
		return &planned, nil
	}
	was, ok := meeting.Find(city, s, others, m.Slot)
	switch {
	case !ok:
		return nil, kpi.Errorf(kpi.CodeNotFound, "the series %s has no meeting on %s", m.Series, m.Slot)
	case was.ID != 0:
		return nil, kpi.Errorf(kpi.CodeConflict, "somebody else has changed the meeting %s meanwhile; read it again", m.Name())
	}
	return &was, nil
}

// cityNow returns the city as its folder and the decisions over it say, and its calendar.
func (db *DB) cityNow(ctx context.Context) (*kpi.City, kpi.Calendar, error) {
	city, _, err := db.City(ctx, time.Time{})
	if err != nil {
		return nil, kpi.Calendar{}, err
	}
	cal, err := city.Calendar()
	return city, cal, err
}

// freezeIn keeps the numbers of a moment.
func freezeIn(ctx context.Context, tx *sql.Tx, m *kpi.Meeting, stage string, frozen []byte, now time.Time) error {
	body, err := compress(frozen)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `/* SaveMeeting */ INSERT INTO frozen (series, slot, stage, at, sha256, body) VALUES (?, ?, ?, ?, ?, ?)`,
		m.Series, m.Slot.String(), stage, nanos(now), digest(frozen), body)
	return err
}

// Frozen returns the scorecard as JSON that was kept with a meeting at a stage ([kpi.FrozenMemo], [kpi.FrozenMeeting]), the newest one; nil if none was. It fails if
// its bytes are not those that were kept.
func (db *DB) Frozen(ctx context.Context, series string, slot kpi.Date, stage string) ([]byte, error) {
	var sum string
	var body []byte
	err := db.read.QueryRowContext(ctx, `/* Frozen */ SELECT sha256, body FROM frozen WHERE series = ? AND slot = ? AND stage = ? ORDER BY id DESC LIMIT 1`, series, slot.String(), stage).Scan(&sum, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, db.fail("read what was seen in a meeting", err)
	}
	text, err := decompress(body)
	if err != nil || digest(text) != sum {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Err: err, Message: fmt.Sprintf("what was seen in the meeting %s of %s (%s) in ledger %s is damaged; restore the ledger from a backup", series, slot, stage, db.path)}
	}
	return text, nil
}

// MeetingNotes returns what was decided in meetings and left for later, as it stands now, by id. Its subject is the series, and its department the meeting's slot.
func (db *DB) MeetingNotes(ctx context.Context, q kpi.PaperQuery) ([]kpi.MeetingNote, error) {
	return papers[kpi.MeetingNote](ctx, db, paperQuery{kind: paperNote, subject: q.Subject, department: q.Department, states: q.States})
}

// MeetingNote returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) MeetingNote(ctx context.Context, id int64) (kpi.MeetingNote, error) {
	return onePaper[kpi.MeetingNote](ctx, db, paperNote, id)
}

// MeetingNoteHistory returns every revision of one, oldest first.
func (db *DB) MeetingNoteHistory(ctx context.Context, id int64) ([]kpi.MeetingNote, error) {
	return papers[kpi.MeetingNote](ctx, db, paperQuery{kind: paperNote, id: id, all: true})
}

// SaveMeetingNote keeps a revision, if whoever writes it may write in its meeting ([meeting.CheckNote]). A new one is written in a meeting that has begun.
// It fails with [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveMeetingNote(ctx context.Context, n *kpi.MeetingNote, by account.By, now time.Time) error {
	city, cal, err := db.cityNow(ctx)
	if err != nil {
		return err
	}
	meetings, err := db.Meetings(ctx, kpi.PaperQuery{Subject: n.Series})
	if err != nil {
		return err
	}
	chair, state := "", kpi.MeetingState("")
	if s := city.Series(n.Series); s != nil {
		if m, ok := meeting.Find(city, s, meetings, n.Slot); ok {
			chair, state = m.Chair, m.State
		}
	}
	if n.ID == 0 && !state.Held() {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "nothing is written down in a meeting that has not begun", Err: meeting.NoteWrong}
	}
	who, presides, err := db.handOf(ctx, by, chair, kpi.DateOf(now.In(cal.Location)))
	if err != nil {
		return err
	}
	p := paper{
		kind: paperNote, state: string(n.State), subject: n.Series, department: n.Slot.String(), action: "note." + string(n.State),
		detail: map[string]string{"meeting": n.Series + "/" + n.Slot.String(), "kind": string(n.Kind)},
	}
	return save(ctx, db, p, &n.Stamp, n, by, now, func(tx *sql.Tx) error {
		was, err := revisionBefore[kpi.MeetingNote](ctx, tx, paperNote, &n.Stamp)
		if err != nil {
			return err
		}
		return meeting.CheckNote(was, n, who, presides)
	})
}

// Emergencies returns all that were declared, as they stand now, by id.
func (db *DB) Emergencies(ctx context.Context) ([]kpi.Emergency, error) {
	return papers[kpi.Emergency](ctx, db, paperQuery{kind: paperEmergency})
}

// EmergencyHistory returns every revision of one, oldest first.
func (db *DB) EmergencyHistory(ctx context.Context, id int64) ([]kpi.Emergency, error) {
	return papers[kpi.Emergency](ctx, db, paperQuery{kind: paperEmergency, id: id, all: true})
}

// SaveEmergency keeps a revision ([meeting.CheckEmergency]). It fails with [kpi.CodeInvalid] and a [meeting.EmergencyProblem], or with [kpi.CodeDenied].
func (db *DB) SaveEmergency(ctx context.Context, e *kpi.Emergency, by account.By, now time.Time) error {
	city, cal, err := db.cityNow(ctx)
	if err != nil {
		return err
	}
	who, _, err := db.handOf(ctx, by, "", kpi.DateOf(now.In(cal.Location)))
	if err != nil {
		return err
	}
	if who != nil && !who.MayAnywhere(account.ConveneMeetings) {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you declare an emergency")
	}
	state := map[bool]string{true: "void", false: "declared"}[e.Void]
	p := paper{kind: paperEmergency, state: state, action: "emergency." + state, detail: map[string]string{"from": e.From.String()}}
	if !e.Until.IsZero() {
		p.detail["until"] = e.Until.String()
	}
	return save(ctx, db, p, &e.Stamp, e, by, now, func(tx *sql.Tx) error {
		was, err := revisionBefore[kpi.Emergency](ctx, tx, paperEmergency, &e.Stamp)
		if err != nil {
			return err
		}
		if problem := meeting.CheckEmergency(city, was, e); problem != "" {
			return &kpi.Error{Code: kpi.CodeInvalid, Message: "the emergency cannot be declared like this", Err: problem}
		}
		return nil
	})
}
