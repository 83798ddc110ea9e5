package ledger_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// wanted is what must have happened in a year: without it, the year would prove nothing of it.
var wanted = []string{
	"meeting.edit", "meeting.issue", "meeting.reopen", "meeting.begin", "meeting.end", "meeting.follow", "meeting.move", "meeting.cancel", "meeting.restore", "meeting.delegate", "meeting.call",
	"missed", "not reached", "dropped with a reason", "left: full", "left: time", "left: dropped",
	"commitment.make", "commitment.move", "commitment.finish", "commitment.keep", "commitment.drop", "commitment.reopen", "commitment.block", "commitment.report", "third slip", "moved by the chair",
	"comes back: third_slip", "comes back: overdue", "comes back: done", "comes back: due", "rule: signal", "rule: crossed", "rule: data", "rule: again", "rule: warning", "rule: win", "rule: added",
	"note.open", "note.taken", "note.withdrawn", "emergency.declared", "emergency.void", "somebody left", "data late", "data failed", "data corrected",
	"memo on_time", "memo late", "memo suspended", "memo open", "memo none", "follow-up on_time", "follow-up late", "follow-up suspended", "follow-up open", "commitment on_time", "commitment late",
	"commitment suspended", "commitment open", "since: crossed", "since: revised", "since: made", "since: done", "since: kept", "since: dropped", "since: slipped", "since: moved", "since: blocked",
	"since: reopened", "since: stale", "since: fresh", "since: decided", "since: later", "refused: denied", "refused: conflict", "not now: taken", "not now: too_late", "not now: date", "not now: same", "not now: state", "not now: taken for a call",
}

// end holds the whole year against what the world knows. whole says that everything must have happened in it.
func (s *season) end(whole bool) {
	s.Helper()
	if !s.watch {
		return
	}
	s.history() // each revision is read once more
	s.frozen()
	s.trail()
	for _, what := range wanted {
		if whole && s.tally[what] == 0 {
			s.Errorf("nothing of the kind %q happened in the whole year", what)
		}
	}
	if wrong, err := s.db.Integrity(context.Background()); err != nil || len(wrong) > 0 {
		s.Errorf("the ledger is not whole: %v, %v", wrong, err)
	}
	s.Logf("%d meetings, %d commitments, %d notes; %v", len(s.sittings), len(s.vows), len(s.notes), s.tally)
}

// frozen makes sure that the numbers that were seen in each meeting are there as they were seen.
func (s *season) frozen() {
	s.Helper()
	kept := 0
	for _, m := range s.sittings {
		for stage, seen := range map[string][]byte{kpi.FrozenMemo: m.atMemo, kpi.FrozenMeeting: m.atOpen} {
			got, err := s.db.Frozen(context.Background(), m.series.ID, m.slot, stage)
			s.must(err)
			if !bytes.Equal(got, seen) {
				s.Errorf("the numbers of %s (%s) are not those that were seen", m.name(), stage)
			}
			if len(seen) == 0 {
				continue
			}
			kept++
			var card scorecard.Scorecard
			s.must(json.Unmarshal(got, &card))
			if len(card.Results) != len(s.city.Indicators) || len(card.Results[0].Series) < 18 || card.Results[0].Assessment.Status == "" {
				s.Errorf("the numbers of %s (%s) cannot be read: %+v", m.name(), stage, card)
			}
		}
	}
	if kept < len(s.sittings) {
		s.Errorf("only %d scorecards were kept with %d meetings", kept, len(s.sittings))
	}
}

// trail compares the audit trail with the diary: whoever did something that day, and could.
func (s *season) trail() {
	s.Helper()
	n, _, wrong, err := s.db.VerifyAudit(context.Background())
	s.must(err)
	if wrong != "" || int(n) != len(s.diary) {
		s.Fatalf("the trail has %d entries, want %d: %s", n, len(s.diary), wrong)
	}
	list, err := s.db.Audit(context.Background(), 0, len(s.diary))
	s.must(err)
	var before time.Time
	for i, want := range s.diary {
		got := &list[len(list)-1-i]
		about := got.Subject
		if got.Detail["meeting"] != "" {
			about = got.Detail["meeting"]
		}
		if got.Action != want.action || got.Person != want.who || !got.At.Equal(want.at) || got.At.Before(before) || about != want.about && want.about != "emergency" {
			s.Errorf("entry %d of the trail is %+v, want %+v", i, *got, want)
		}
		before = got.At
	}
}

// history is everything that the year left in the ledger, as text: each revision of each thing, and the trail with its hashes.
func (s *season) history() []byte {
	s.Helper()
	var b bytes.Buffer
	meetings, err := s.db.Meetings(context.Background(), kpi.PaperQuery{})
	s.must(err)
	for _, m := range meetings {
		write(s, &b, "meeting", m.ID, s.db.MeetingHistory, func(m *kpi.Meeting) *kpi.Stamp { return &m.Stamp })
		for _, stage := range []string{kpi.FrozenMemo, kpi.FrozenMeeting} {
			seen, err := s.db.Frozen(context.Background(), m.Series, m.Slot, stage)
			s.must(err)
			fmt.Fprintf(&b, "%s\n", seen)
		}
	}
	for _, v := range s.vows {
		write(s, &b, "commitment", v.id, s.db.CommitmentHistory, func(c *kpi.Commitment) *kpi.Stamp { return &c.Stamp })
	}
	for _, n := range s.notes {
		write(s, &b, "note", n.id, s.db.MeetingNoteHistory, func(n *kpi.MeetingNote) *kpi.Stamp { return &n.Stamp })
	}
	for _, e := range s.storms {
		write(s, &b, "emergency", e.id, s.db.EmergencyHistory, func(e *kpi.Emergency) *kpi.Stamp { return &e.Stamp })
	}
	trail, err := s.db.Audit(context.Background(), 0, 1_000_000)
	s.must(err)
	for _, a := range trail {
		text, err := json.Marshal(a)
		s.must(err)
		fmt.Fprintf(&b, "%s\n", text)
	}
	return b.Bytes()
}

// write writes every revision of a thing, and makes sure that they count up, that their times never go back, and that the diary knows who did that and when.
func write[T any](s *season, b *bytes.Buffer, kind string, id int64, read func(context.Context, int64) ([]T, error), stamp func(*T) *kpi.Stamp) {
	s.Helper()
	list, err := read(context.Background(), id)
	s.must(err)
	var before time.Time
	for i := range list {
		st := stamp(&list[i])
		if st.Revision != i+1 || st.ID != id || st.At.Before(before) {
			s.Errorf("revision %d of %s %d is stamped %+v", i+1, kind, id, *st)
		}
		known := false
		for _, a := range s.diary {
			known = known || a.at.Equal(st.At) && a.who == st.Person
		}
		if !known {
			s.Errorf("nobody saw who made revision %d of %s %d: %+v", i+1, kind, id, *st)
		}
		before = st.At
		text, err := json.Marshal(list[i])
		s.must(err)
		fmt.Fprintf(b, "%s\n", text)
	}
}
