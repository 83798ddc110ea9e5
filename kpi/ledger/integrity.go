package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"citystat/kpi"
)

// Integrity asks SQLite whether the file is sound and whether everything that refers to something finds it. It returns what is wrong; nothing if all is
// well. It reads the whole ledger.
func (db *DB) Integrity(ctx context.Context) ([]string, error) {
	var wrong []string
	err := db.view(ctx, "check integrity", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan scanFunc) error {
			var said string
			err := scan(&said)
			if said != "ok" {
				wrong = append(wrong, said)
			}
			return err
		}, `/* Integrity */ PRAGMA integrity_check(20)`)
		if err != nil {
			return err
		}
		return each(ctx, tx, func(scan scanFunc) error {
			var table, parent string
			var row, key sql.NullInt64
			err := scan(&table, &row, &parent, &key)
			wrong = append(wrong, fmt.Sprintf("a row of table %s refers to a row of table %s that is not there", table, parent))
			return err
		}, `/* Integrity */ PRAGMA foreign_key_check`)
	})
	return wrong, err
}

// CheckPublications reads every publication and returns how many there are, and what is wrong: those whose bytes are not the ones that were published,
// and those of a data version that is not live.
func (db *DB) CheckPublications(ctx context.Context) (int, []string, error) {
	var wrong []string
	n := 0
	err := db.view(ctx, "check publications", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var number int64
			var sum string
			var packed []byte
			var live bool
			if err := scan(&number, &sum, &packed, &live); err != nil {
				return err
			}
			n++
			body, err := decompress(packed)
			if err != nil || digest(body) != sum {
				wrong = append(wrong, fmt.Sprintf("publication %d: its bytes are not those that were published", number))
			}
			if !live {
				wrong = append(wrong, fmt.Sprintf("publication %d shows a data version that is not live", number))
			}
			return nil
		}, `/* CheckPublications */ SELECT number, sha256, body, version IS NULL OR coalesce((SELECT state = 'live' FROM load WHERE load.id = version), 0)
			FROM publication ORDER BY number`)
	})
	return n, wrong, err
}

// CheckFeedback looks at all feedback and returns how much there is, and what is wrong: references that are none, addresses that should have
// been deleted.
func (db *DB) CheckFeedback(ctx context.Context, now time.Time) (int, []string, error) {
	var wrong []string
	list, n, err := db.Feedback(ctx, kpi.FeedbackQuery{})
	for i := range list {
		f := &list[i]
		if canonical, ok := kpi.ParseReference(f.Reference); !ok || canonical != f.Reference {
			wrong = append(wrong, fmt.Sprintf("the reference %q of feedback is none", f.Reference))
		}
		switch {
		case f.Email == "":
		case f.State() != kpi.FeedbackOpen:
			wrong = append(wrong, fmt.Sprintf("feedback %s is %s, and its e-mail address is still there", f.Reference, f.State()))
		case now.Sub(f.Received) > kpi.KeepEmail+48*time.Hour: // a server forgets daily
			wrong = append(wrong, fmt.Sprintf("feedback %s came on %s, and its e-mail address is still there", f.Reference, kpi.DateOf(f.Received)))
		}
	}
	return n, wrong, err
}
