package kpi

import (
	"encoding/json"
	"testing"
	"time"
)

// TestStampSurvives makes sure that nothing which people typed has a field of its own under the name of one of its stamp's: JSON would keep the one and lose the other.
func TestStampSurvives(t *testing.T) {
	at := time.Date(2026, 3, 1, 2, 3, 4, 0, time.UTC)
	want := Stamp{ID: 3, Revision: 2, At: at, Person: 7, By: "ana@city.gov", Since: at.Add(-time.Hour), Founder: 8}
	survives(t, &Commentary{Stamp: want}, func(c *Commentary) Stamp { return c.Stamp }, want)
	survives(t, &Commitment{Stamp: want}, func(c *Commitment) Stamp { return c.Stamp }, want)
	survives(t, &Contest{Stamp: want}, func(c *Contest) Stamp { return c.Stamp }, want)
	survives(t, &Decision{Stamp: want}, func(d *Decision) Stamp { return d.Stamp }, want)
	survives(t, &Emergency{Stamp: want}, func(e *Emergency) Stamp { return e.Stamp }, want)
	survives(t, &EntryBatch{Stamp: want}, func(b *EntryBatch) Stamp { return b.Stamp }, want)
	survives(t, &Handover{Stamp: want}, func(h *Handover) Stamp { return h.Stamp }, want)
	survives(t, &Holding{Stamp: want}, func(h *Holding) Stamp { return h.Stamp }, want)
	survives(t, &Meeting{Stamp: want, At: 540}, func(m *Meeting) Stamp { return m.Stamp }, want)
	survives(t, &MeetingNote{Stamp: want}, func(n *MeetingNote) Stamp { return n.Stamp }, want)
	survives(t, &TermReview{Stamp: want}, func(r *TermReview) Stamp { return r.Stamp }, want)
}

func survives[T any](t *testing.T, v *T, stamp func(*T) Stamp, want Stamp) {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var back T
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if got := stamp(&back); got != want {
		t.Errorf("the stamp of %T comes back as %+v", back, got)
	}
}
