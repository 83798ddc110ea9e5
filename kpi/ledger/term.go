package ledger

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Terms returns all reviews of terms as they stand now, by id.
func (db *DB) Terms(ctx context.Context) ([]kpi.TermReview, error) {
	return db.TermsThen(ctx, time.Time{})
}

// TermsThen returns all reviews as they stood then (zero: now), by id.
func (db *DB) TermsThen(ctx context.Context, knownAt time.Time) ([]kpi.TermReview, error) {
	return papers[kpi.TermReview](ctx, db, paperQuery{kind: paperTerm, knownAt: knownAt})
}

// Term returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Term(ctx context.Context, id int64) (kpi.TermReview, error) {
	return onePaper[kpi.TermReview](ctx, db, paperTerm, id)
}

// SaveTerm keeps a revision, if it may follow the one before ([meeting.CheckTerm]). It fails with [kpi.CodeConflict] if somebody else has saved one since, or if
// there is a review of a term with the same last day already.
func (db *DB) SaveTerm(ctx context.Context, r *kpi.TermReview, by account.By, now time.Time) error {
	n := r.Count()
	p := paper{
		kind: paperTerm, state: "open", subject: r.Ended.String(), action: "term.answered",
		detail: map[string]string{"name": r.Name, "ended": r.Ended.String(), "kept": strconv.Itoa(n[kpi.TermKeep]), "targets": strconv.Itoa(len(r.Answers))},
	}
	if r.ID == 0 {
		p.action = "term.begun"
	}
	return save(ctx, db, p, &r.Stamp, r, by, now, func(tx *sql.Tx) error {
		was, err := revisionBefore[kpi.TermReview](ctx, tx, paperTerm, &r.Stamp)
		if err != nil {
			return err
		}
		if err := meeting.CheckTerm(was, r); err != nil || was != nil {
			return err
		}
		var others int
		err = tx.QueryRowContext(ctx, `/* SaveTerm */ SELECT count(DISTINCT id) FROM paper WHERE kind = ? AND subject = ? AND id <> ?`, string(paperTerm), p.subject, r.ID).Scan(&others)
		if err == nil && others > 0 {
			err = kpi.Errorf(kpi.CodeConflict, "the term that ended on %s is under review already", r.Ended)
		}
		return err
	})
}

// Publication returns the publication with a number. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Publication(ctx context.Context, number int64) (Publication, error) {
	p, ok, err := db.publication(ctx, `WHERE number = ?`, number)
	if err == nil && !ok {
		err = kpi.Errorf(kpi.CodeNotFound, "there is no publication %d", number)
	}
	return p, err
}
