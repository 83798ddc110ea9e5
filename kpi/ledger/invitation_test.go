package ledger

import (
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/meeting"
)

// TestOneInvitation: one a meeting, sequence and person, whatever happens between; a server that refuses is asked again later, and not for ever.
func TestOneInvitation(t *testing.T) {
	start := time.Date(2026, 12, 10, 14, 30, 0, 0, time.UTC)
	said := meeting.InvitationSaid{Told: meeting.Told{Start: start, Minutes: 60, Chair: "mayor"}, Name: "Streets", Place: "Room 2"}
	type does func(*testing.T, *DB, *meeting.Invitation, *time.Time)
	begin := func(want bool) does {
		return func(t *testing.T, db *DB, i *meeting.Invitation, now *time.Time) {
			t.Helper()
			if ok, err := db.BeginInvitation(t.Context(), i, *now); err != nil || ok != want {
				t.Errorf("%t, %v, want %t", ok, err, want)
			}
		}
	}
	end := func(failure string) does {
		return func(t *testing.T, db *DB, i *meeting.Invitation, now *time.Time) {
			t.Helper()
			if err := db.EndInvitation(t.Context(), i, failure, *now); err != nil {
				t.Fatal(err)
			}
		}
	}
	wait := func(d time.Duration) does {
		return func(_ *testing.T, _ *DB, _ *meeting.Invitation, now *time.Time) { *now = now.Add(d) }
	}
	sent := func(want bool) does {
		return func(t *testing.T, db *DB, i *meeting.Invitation, now *time.Time) {
			t.Helper()
			list, err := db.Invitations(t.Context(), *now)
			if err != nil || len(list) != 1 || list[0].Sent != want || list[0].Said != i.Said || list[0].Slot != i.Slot || list[0].Series != i.Series || list[0].Person != i.Person {
				t.Errorf("%+v, %v, want it sent: %t", list, err, want)
			}
		}
	}
	for name, list := range map[string][]does{
		"sent once":                        {begin(true), sent(false), end(""), sent(true), begin(false), end("too late to fail"), wait(100 * time.Hour), begin(false), sent(true)},
		"refused, and tried an hour later": {begin(true), end("no"), sent(false), begin(false), wait(59 * time.Minute), begin(false), wait(time.Minute), begin(true), end("no"), wait(time.Hour), begin(false), wait(time.Hour), begin(true), end(""), begin(false)},
		"ended while sending: once more":   {begin(true), begin(true), sent(true), begin(false)},
		"once more, and then it went out":  {begin(true), begin(true), end(""), begin(false)},
	} {
		t.Run(name, func(t *testing.T) {
			db, id, now := mailLedger(t)
			i := &meeting.Invitation{Series: "streets", Slot: kpi.NewDate(2026, 12, 10), Person: id, Said: said}
			for _, step := range list {
				step(t, db, i, &now)
			}
			next := *i
			next.Sequence = 1
			if ok, err := db.BeginInvitation(t.Context(), &next, now); err != nil || !ok {
				t.Errorf("the next sequence: %t, %v", ok, err)
			}
			if list, err := db.Invitations(t.Context(), start.Add(time.Second)); err != nil || len(list) != 0 {
				t.Errorf("those after it: %+v, %v", list, err)
			}
		})
	}
	t.Run("not for ever", func(t *testing.T) {
		db, id, now := mailLedger(t)
		i := &meeting.Invitation{Series: "streets", Slot: kpi.NewDate(2026, 12, 10), Person: id, Said: said}
		tries := 0
		for range 100 {
			ok, err := db.BeginInvitation(t.Context(), i, now)
			if err != nil {
				t.Fatal(err)
			}
			if ok {
				tries++
				end("no")(t, db, i, &now)
			}
			now = now.Add(time.Hour)
		}
		if tries != invitationTries {
			t.Errorf("%d tries", tries)
		}
		for at, want := range map[time.Time]int{start: 1, start.Add(time.Second): 0} {
			if n, why, err := db.InvitationTrouble(t.Context(), at); err != nil || n != want || (why == "no") != (want > 0) {
				t.Errorf("at %s: %d did not go out, %q, %v", at, n, why, err)
			}
		}
	})
	t.Run("nobody", func(t *testing.T) {
		db, _, now := mailLedger(t)
		if ok, err := db.BeginInvitation(t.Context(), &meeting.Invitation{Series: "streets", Slot: kpi.NewDate(2026, 12, 10), Person: 99, Said: said}, now); err == nil || ok {
			t.Errorf("somebody who is not there is invited: %t, %v", ok, err)
		}
	})
}
