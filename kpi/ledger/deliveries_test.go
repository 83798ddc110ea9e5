package ledger

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

// Runs are told by the day on which they began in the city, without how many there were; what is under way, too late or of another dataset is not.
func TestDeliveries(t *testing.T) {
	db := fresh(t)
	folder := record(t, db, city("h1"), day)
	loc := time.FixedZone("west", -5*3600)
	at := func(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, loc) }
	run := func(dataset string, when time.Time, state kpi.LoadState) {
		t.Helper()
		l := full(folder)
		l.Dataset, l.Started = dataset, when
		var err error
		if l.ID, err = db.Begin(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		switch state {
		case kpi.LoadLive:
			if err = db.Stage(t.Context(), l); err == nil {
				l.LiveAt, l.Checksum, l.State = when.Add(time.Minute), "sum", state
				err = db.Live(t.Context(), l)
			}
		case kpi.LoadOpen:
		default:
			err = db.Finish(t.Context(), l.ID, state, "why: a row that is nobody's business")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	run("requests", at(1, 3), kpi.LoadLive)
	run("requests", at(2, 3), kpi.LoadLive) // the newest before the window
	run("requests", at(3, 3), kpi.LoadFailed)
	run("requests", at(10, 3), kpi.LoadUnchanged)
	run("requests", at(10, 23), kpi.LoadLive) // already the 11th elsewhere
	run("other", at(11, 3), kpi.LoadLive)
	run("requests", at(12, 1), kpi.LoadFailed)
	run("requests", at(12, 2), kpi.LoadUnchanged)
	run("requests", at(13, 2), kpi.LoadOpen)
	run("requests", at(14, 2), kpi.LoadAbandoned)
	since := kpi.NewDate(2026, 3, 5)
	want := []kpi.Delivery{
		{Day: kpi.NewDate(2026, 3, 2), New: true}, {Day: kpi.NewDate(2026, 3, 10), New: true},
		{Day: kpi.NewDate(2026, 3, 12), Unchanged: true, Failed: true}, {Day: kpi.NewDate(2026, 3, 14), Failed: true},
	}
	got, err := db.Deliveries(t.Context(), "requests", since, loc, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got, err = db.Deliveries(t.Context(), "requests", since, loc, at(12, 1))
	if err != nil {
		t.Fatal(err)
	}
	want = []kpi.Delivery{want[0], want[1], {Day: kpi.NewDate(2026, 3, 12), Failed: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("as known on the 12th (-want +got):\n%s", diff)
	}
	if got, err := db.Deliveries(t.Context(), "nothing", since, loc, time.Time{}); err != nil || len(got) != 0 {
		t.Errorf("a dataset without runs has %v, %v", got, err)
	}
}
