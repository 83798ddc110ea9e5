package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"time"

	"citystat/kpi"
)

// SubmitFeedback keeps what a resident wrote and returns the reference by which it is found again. It reads everything of f but
// Reference and what became of it. It also forgets addresses that were kept long enough.
func (db *DB) SubmitFeedback(ctx context.Context, f kpi.Feedback) (string, error) {
	if err := f.Check(); err != nil {
		return "", err
	}
	reference, err := newReference()
	if err != nil {
		return "", db.fail("submit feedback", err)
	}
	err = db.update(ctx, "submit feedback", func(tx *sql.Tx) error {
		if _, err := forget(ctx, tx, f.Received); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `/* SubmitFeedback */ INSERT INTO feedback (reference, received, lang, about, indicator, district, body)
			SELECT ?, max(?, coalesce(max(received), 0)), ?, ?, ?, ?, ? FROM feedback`,
			reference, nanos(f.Received), string(f.Lang), f.About, f.Indicator, f.District, f.Text)
		if err != nil || f.Email == "" {
			return err
		}
		id, err := r.LastInsertId()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `/* SubmitFeedback */ INSERT INTO feedback_email (feedback, address) VALUES (?, ?)`, id, f.Email)
		return err
	})
	if err != nil {
		return "", err
	}
	return reference, nil
}

// newReference makes a reference that nobody can guess.
func newReference() (string, error) {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return kpi.Reference(binary.BigEndian.Uint64(b[:])), nil
}

// FeedbackStatus returns what whoever has the reference may know: when it came, what it is about, and the answer. It holds neither what was
// written nor an address nor why it was closed. It fails with [kpi.CodeNotFound] if there is no such reference.
func (db *DB) FeedbackStatus(ctx context.Context, reference string) (kpi.Feedback, error) {
	if reference == "" {
		return kpi.Feedback{}, noFeedback(reference)
	}
	list, _, err := db.Feedback(ctx, kpi.FeedbackQuery{Reference: reference})
	if err != nil {
		return kpi.Feedback{}, err
	}
	if len(list) == 0 {
		return kpi.Feedback{}, noFeedback(reference)
	}
	return list[0].Public(), nil
}

// FeedbackAnswers is a page of the public answers, those about an indicator if one is named, the newest first, without what they answer;
// and how many there are.
func (db *DB) FeedbackAnswers(ctx context.Context, indicator string, offset, limit int) ([]kpi.Feedback, int, error) {
	list, total, err := db.feedback(ctx, `WHERE state = 'answered' AND (? = '' OR indicator = ?)`, ` ORDER BY number DESC LIMIT ? OFFSET ?`, []any{indicator, indicator}, limit, offset)
	for i := range list {
		list[i] = list[i].Public()
	}
	return list, total, err
}

// AnswersVersion is a number that goes up with every public answer. It asks no store, so it can stand in the key of every page.
func (db *DB) AnswersVersion() int64 { return db.answers.Load() }

// Feedback returns feedback as the query asks for it, with all that is known of it, for those who answer; and how many there are.
func (db *DB) Feedback(ctx context.Context, q kpi.FeedbackQuery) ([]kpi.Feedback, int, error) {
	where, order, args := `WHERE (? = '' OR reference = ?)`, ` ORDER BY f.id`, []any{q.Reference, q.Reference}
	switch q.State {
	case "":
	case kpi.FeedbackOpen:
		where += ` AND number IS NULL`
	default:
		where, order, args = where+` AND state = ?`, ` ORDER BY number DESC`, append(args, string(q.State))
	}
	return db.feedback(ctx, where, order+` LIMIT ? OFFSET ?`, args, q.Limit, q.Offset)
}

// feedback counts what a condition finds, and reads a part of it.
func (db *DB) feedback(ctx context.Context, where, order string, args []any, limit, offset int) (list []kpi.Feedback, total int, err error) {
	const from = ` FROM feedback f LEFT JOIN feedback_end e ON e.feedback = f.id LEFT JOIN feedback_email m ON m.feedback = f.id `
	if limit <= 0 {
		limit = -1
	}
	err = db.view(ctx, "read feedback", func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `/* feedback */ SELECT count(*)`+from+where, args...).Scan(&total); err != nil {
			return err
		}
		return each(ctx, tx, func(scan scanFunc) error {
			f, err := scanFeedback(scan)
			list = append(list, f)
			return err
		}, `/* feedback */ SELECT reference, received, f.lang, about, indicator, district, body, coalesce(address, ''), state, at, heard, said, e.lang, by_whom, reason`+
			from+where+order, append(args, limit, max(offset, 0))...)
	})
	return list, total, err
}

func scanFeedback(scan scanFunc) (kpi.Feedback, error) {
	var f kpi.Feedback
	var received int64
	var state, heard, said, lang, by, reason sql.NullString
	var at sql.NullInt64
	err := scan(&f.Reference, &received, &f.Lang, &f.About, &f.Indicator, &f.District, &f.Text, &f.Email, &state, &at, &heard, &said, &lang, &by, &reason)
	if err != nil {
		return f, err
	}
	f.Received = timeOf(received)
	if at.Valid {
		f.Ended = timeOf(at.Int64)
	}
	switch kpi.FeedbackState(state.String) {
	case kpi.FeedbackAnswered:
		f.Answer = &kpi.FeedbackAnswer{Heard: heard.String, Said: said.String, Lang: kpi.Lang(lang.String), By: by.String, At: f.Ended}
	case kpi.FeedbackClosed:
		f.Closed, f.Reason = true, reason.String
	}
	return f, nil
}

// AnswerFeedback publishes the answer to feedback, once and for all, and deletes its address. It fails with [kpi.CodeConflict] if the feedback
// was answered or closed already, and with [kpi.CodeNotFound] if there is none.
func (db *DB) AnswerFeedback(ctx context.Context, reference string, a kpi.FeedbackAnswer) error {
	if err := a.Check(); err != nil {
		return err
	}
	return db.endFeedback(ctx, reference, kpi.FeedbackAnswered, a, "")
}

// CloseFeedback ends feedback that will not be answered, and deletes its address. It fails as [DB.AnswerFeedback] does.
func (db *DB) CloseFeedback(ctx context.Context, reference, reason string, at time.Time) error {
	if f := (kpi.Feedback{Text: reason, Received: at, Lang: kpi.English}); f.Check() != nil {
		return kpi.Errorf(kpi.CodeInvalid, "feedback is closed with a time and a reason of at most %d letters", kpi.MaxFeedback)
	}
	return db.endFeedback(ctx, reference, kpi.FeedbackClosed, kpi.FeedbackAnswer{At: at}, reason)
}

func (db *DB) endFeedback(ctx context.Context, reference string, state kpi.FeedbackState, a kpi.FeedbackAnswer, reason string) error {
	var number int64
	err := db.update(ctx, "end feedback", func(tx *sql.Tx) error {
		var id, received int64
		var was sql.NullString
		err := tx.QueryRowContext(ctx, `/* endFeedback */ SELECT id, received, state FROM feedback f LEFT JOIN feedback_end e ON e.feedback = f.id WHERE reference = ?`, reference).
			Scan(&id, &received, &was)
		if errors.Is(err, sql.ErrNoRows) {
			return noFeedback(reference)
		}
		if err != nil {
			return err
		}
		if was.Valid {
			return kpi.Errorf(kpi.CodeConflict, "feedback %s was %s already", reference, was.String)
		}
		r, err := tx.ExecContext(ctx, `/* endFeedback */ INSERT INTO feedback_end (feedback, state, at, heard, said, lang, by_whom, reason)
			SELECT ?, ?, max(?, ?, coalesce(max(at), 0)), ?, ?, ?, ?, ? FROM feedback_end`,
			id, string(state), received, nanos(a.At), a.Heard, a.Said, string(a.Lang), a.By, reason)
		if err != nil {
			return err
		}
		number, err = r.LastInsertId()
		return err
	})
	if err != nil {
		return err
	}
	if state == kpi.FeedbackAnswered {
		db.answered(number)
	}
	_ = db.scrub(context.WithoutCancel(ctx)) // it has ended all the same; what is left goes with the daily call
	return nil
}

// answered notes that an answer is public. It comes after the commit: whoever sees the new number finds the answer too.
func (db *DB) answered(number int64) {
	for old := db.answers.Load(); old < number && !db.answers.CompareAndSwap(old, number); old = db.answers.Load() {
	}
}

// CountFeedback returns how many there are in each state.
func (db *DB) CountFeedback(ctx context.Context) (map[kpi.FeedbackState]int, error) {
	counts := map[kpi.FeedbackState]int{}
	err := db.view(ctx, "count feedback", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var state kpi.FeedbackState
			var n int
			err := scan(&state, &n)
			counts[state] = n
			return err
		}, `/* CountFeedback */ SELECT coalesce(state, 'open'), count(*) FROM feedback f LEFT JOIN feedback_end e ON e.feedback = f.id GROUP BY 1`)
	})
	return counts, err
}

// ForgetEmails deletes the addresses that were kept for [kpi.KeepEmail], and returns how many.
func (db *DB) ForgetEmails(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := db.update(ctx, "forget addresses", func(tx *sql.Tx) (err error) {
		n, err = forget(ctx, tx, now)
		return err
	})
	if err != nil {
		return 0, err
	}
	return n, db.scrub(ctx)
}

func forget(ctx context.Context, tx *sql.Tx, now time.Time) (int64, error) {
	return changed(tx.ExecContext(ctx, `/* forget */ DELETE FROM feedback_email WHERE feedback IN (SELECT f.id FROM feedback_email m JOIN feedback f ON f.id = m.feedback WHERE received <= ?)`,
		nanos(now.Add(-kpi.KeepEmail))))
}

// scrub folds the write-ahead log into the file and empties it: what was deleted still stands there. In the file itself secure_delete puts
// zeros in its place. If a reader is in the way it is left for the next time; [DB.ForgetEmails] is called daily.
func (db *DB) scrub(ctx context.Context) error {
	var busy, pages, moved int
	err := db.write.QueryRowContext(ctx, `/* scrub */ PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	return db.fail("empty the write-ahead log", err)
}

// readAnswers finds the newest answer when the ledger is opened.
func (db *DB) readAnswers(ctx context.Context) error {
	var n int64
	if err := db.read.QueryRowContext(ctx, `/* readAnswers */ SELECT coalesce(max(number), 0) FROM feedback_end WHERE state = 'answered'`).Scan(&n); err != nil {
		return err
	}
	db.answers.Store(n)
	return nil
}

func noFeedback(reference string) error {
	return kpi.Errorf(kpi.CodeNotFound, "there is no feedback with the reference %q", reference)
}
