package ledger

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/kpi"
)

func TestPublications(t *testing.T) {
	db := fresh(t)
	if _, ok, err := db.Published(t.Context()); ok || err != nil {
		t.Fatal("something is published before anything was", err)
	}
	f := record(t, db, city("h1"), day)
	v := live(t, db, "requests", f, day)
	body := bytes.Repeat([]byte(`{"number":0}`), 1000)
	p := Publication{PublishedAt: day, AsOf: kpi.DateOf(day), Version: v, Folder: f, Body: body}
	publish := func(p Publication, want int64) {
		t.Helper()
		if n, err := db.Publish(t.Context(), p); err != nil || n != want {
			t.Errorf("number %d (%v), want %d", n, err, want)
		}
	}
	publish(p, 1)
	later := p
	later.PublishedAt = day.Add(time.Hour)
	publish(later, 1) // the same bytes
	got, ok, err := db.Published(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	want := p
	want.Number, want.SHA256 = 1, digest(body)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	other := p
	other.Body = []byte(`{}`)
	publish(other, 2)
	publish(p, 3) // bytes that were published before, but are not the newest
	later.PublishedAt, later.Body = day.AddDate(0, 0, 9), []byte(`{"later":1}`)
	publish(later, 4)
	for by, want := range map[time.Time]int64{{}: 4, day.AddDate(0, 0, 9): 4, day.AddDate(0, 0, 9).Add(-1): 3, day: 3, day.Add(-1): 0} {
		if got, ok, err := db.PublishedBy(t.Context(), by); err != nil || got.Number != want || ok != (want > 0) {
			t.Errorf("by %s publication %d was the newest (%v, %v), want %d", by, got.Number, ok, err, want)
		}
	}
	var size int
	if err := db.read.QueryRow(`SELECT length(body) FROM publication WHERE number = 1`).Scan(&size); err != nil || size > 200 {
		t.Errorf("the body of %d bytes is kept in %d (%v)", len(body), size, err)
	}
}

func TestPublishRefuses(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	id, err := db.Begin(t.Context(), full(f))
	if err != nil {
		t.Fatal(err)
	}
	p := Publication{PublishedAt: day, AsOf: kpi.DateOf(day), Version: id, Folder: f, Body: []byte("{}")}
	_, err = db.Publish(t.Context(), p)
	wantError(t, err, kpi.CodeConflict, "data version 1 is not live, so it cannot be published")
	p.Version = 77
	_, err = db.Publish(t.Context(), p)
	wantError(t, err, kpi.CodeConflict, "data version 77 is not live")
	_, err = db.Publish(t.Context(), Publication{PublishedAt: day, Folder: f})
	wantError(t, err, kpi.CodeInvalid, "bytes")
	p.Version = 0
	if n, err := db.Publish(t.Context(), p); err != nil || n != 1 {
		t.Errorf("a city without data cannot publish: %d, %v", n, err)
	}
}

func TestDamagedPublicationIsNotShown(t *testing.T) {
	db := fresh(t)
	f := record(t, db, city("h1"), day)
	if _, err := db.Publish(t.Context(), Publication{PublishedAt: day, AsOf: kpi.DateOf(day), Folder: f, Body: []byte(`{"a":1}`)}); err != nil {
		t.Fatal(err)
	}
	changed, err := compress([]byte(`{"a":2}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range [][]byte{changed, []byte("not zstd")} {
		if _, err := db.write.Exec(`DROP TRIGGER IF EXISTS publication_update`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.write.Exec(`UPDATE publication SET body = ?`, body); err != nil {
			t.Fatal(err)
		}
		_, _, err = db.Published(t.Context())
		wantError(t, err, kpi.CodeInvalid, "publication 1 in ledger", "is damaged: its bytes are not those that were published")
	}
}
