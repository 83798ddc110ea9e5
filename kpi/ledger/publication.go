package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"citystat/kpi"
)

// Publication is a frozen scorecard: what the public sees. Its bytes never change.
type Publication struct {
	Number      int64
	PublishedAt time.Time
	AsOf        kpi.Date
	Version     int64  // the data version; 0 if there was none yet
	Folder      int    // the folder's version
	SHA256      string // of Body, in hex
	Body        []byte // the scorecard as JSON
}

// Publish freezes a publication and returns its number, counting from 1. It reads PublishedAt, AsOf, Version, Folder and Body of p and
// computes the rest. If the newest publication has the same bytes, nothing is added and its number is returned.
func (db *DB) Publish(ctx context.Context, p Publication) (int64, error) {
	body, err := packed(&p)
	if err != nil {
		return 0, db.fail("publish", err)
	}
	var number int64
	err = db.update(ctx, "publish", func(tx *sql.Tx) (err error) {
		number, err = publishIn(ctx, tx, &p, body)
		return err
	})
	if err != nil {
		return 0, err
	}
	return number, nil
}

// packed returns the bytes of a publication as they are kept.
func packed(p *Publication) ([]byte, error) {
	if len(p.Body) == 0 || p.PublishedAt.IsZero() {
		return nil, kpi.Errorf(kpi.CodeInvalid, "a publication has bytes and a time")
	}
	return compress(p.Body)
}

// publishIn is Publish within a transaction; body are the bytes as they are kept.
func publishIn(ctx context.Context, tx *sql.Tx, p *Publication, body []byte) (number int64, err error) {
	var old string
	sum := digest(p.Body)
	err = tx.QueryRowContext(ctx, `/* Publish */ SELECT number, sha256 FROM publication ORDER BY number DESC LIMIT 1`).Scan(&number, &old)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	if old == sum {
		return number, nil
	}
	if err := mustBeLive(ctx, tx, p.Version); err != nil {
		return 0, err
	}
	number++
	_, err = tx.ExecContext(ctx, `/* Publish */ INSERT INTO publication (number, published_at, as_of, version, folder, sha256, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		number, nanos(p.PublishedAt), p.AsOf.String(), sql.NullInt64{Int64: p.Version, Valid: p.Version != 0}, p.Folder, sum, body)
	return number, err
}

// mustBeLive refuses to publish numbers that are not visible to anybody yet.
func mustBeLive(ctx context.Context, tx *sql.Tx, version int64) error {
	if version == 0 {
		return nil
	}
	var live bool
	err := tx.QueryRowContext(ctx, `/* Publish */ SELECT state = 'live' FROM load WHERE id = ?`, version).Scan(&live)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if !live {
		return kpi.Errorf(kpi.CodeConflict, "data version %d is not live, so it cannot be published", version)
	}
	return nil
}

// Published returns the newest publication, and whether there is one. It fails if the bytes are not those that were published.
func (db *DB) Published(ctx context.Context) (Publication, bool, error) {
	return db.PublishedBy(ctx, time.Time{})
}

// PublishedBy returns the publication that was the newest at a time, as [DB.Published] does; that of now if the time is zero.
func (db *DB) PublishedBy(ctx context.Context, by time.Time) (Publication, bool, error) {
	return db.publication(ctx, `WHERE published_at <= ?`, until(by))
}

// publication returns the newest publication of which a condition, one that is written in this package, holds.
func (db *DB) publication(ctx context.Context, where string, arg any) (Publication, bool, error) {
	var p Publication
	var at int64
	var asOf string
	var version sql.NullInt64
	var body []byte
	err := db.read.QueryRowContext(ctx, `/* Published */ SELECT number, published_at, as_of, version, folder, sha256, body FROM publication `+where+` ORDER BY number DESC LIMIT 1`, arg).
		Scan(&p.Number, &at, &asOf, &version, &p.Folder, &p.SHA256, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return Publication{}, false, nil
	}
	if err != nil {
		return Publication{}, false, db.fail("read publication", err)
	}
	p.PublishedAt, p.Version = timeOf(at), version.Int64
	if err := p.AsOf.UnmarshalText([]byte(asOf)); err != nil {
		return Publication{}, false, db.fail("read publication", err)
	}
	if p.Body, err = decompress(body); err != nil || digest(p.Body) != p.SHA256 {
		return Publication{}, false, &kpi.Error{Code: kpi.CodeInvalid, Err: err,
			Message: fmt.Sprintf("publication %d in ledger %s is damaged: its bytes are not those that were published; restore the ledger from a backup", p.Number, db.path)}
	}
	return p, true, nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
