package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// paperKind is a kind of what people type.
type paperKind string

// The kinds.
const (
	paperCommentary paperKind = "commentary"
	paperCommitment paperKind = "commitment"
	paperContest    paperKind = "contest"
	paperDecision   paperKind = "decision"
	paperHolding    paperKind = "holding"
	paperHandover   paperKind = "handover"
	paperEntry      paperKind = "entry"
	paperRound      paperKind = "round"
	paperTerm       paperKind = "term"
	paperMeeting    paperKind = "meeting"
	paperNote       paperKind = "note"
	paperEmergency  paperKind = "emergency"
)

// paper is what the table of papers says of a revision beside its body.
type paper struct {
	kind       paperKind
	state      string
	subject    string // by which it is found: an indicator, a post, a dataset
	department string
	action     string            // for the audit trail, such as commentary.submitted
	detail     map[string]string // for the audit trail
}

// save keeps a revision of something that people type, with an entry in the audit trail, and stamps it. stamp points into body. Its ID and Revision are
// those that the writer has seen, both 0 if it is new. It fails with [kpi.CodeConflict] if somebody has saved another revision since, and with
// [kpi.CodeNotFound] if there is no such thing. body is written to JSON after it was stamped; also does more in the same transaction, and may be nil.
func save[T any](ctx context.Context, db *DB, p paper, stamp *kpi.Stamp, body *T, by account.By, now time.Time, also func(*sql.Tx) error) error {
	seen := *stamp
	err := db.update(ctx, "save "+string(p.kind), func(tx *sql.Tx) error {
		*stamp = seen
		if err := saveIn(ctx, tx, p, stamp, body, by, now); err != nil {
			return err
		}
		if also != nil {
			return also(tx)
		}
		return nil
	})
	if err != nil {
		*stamp = seen
		return err
	}
	db.papers.Add(1)
	return nil
}

// saveIn is save within a transaction of the caller's, who counts what was saved in db.papers once it is kept.
func saveIn[T any](ctx context.Context, tx *sql.Tx, p paper, stamp *kpi.Stamp, body *T, by account.By, now time.Time) error {
	if err := stampIt(ctx, tx, p.kind, stamp, by, now); err != nil {
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `/* save */ INSERT INTO paper (kind, id, revision, at, person, name, state, subject, department, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(p.kind), stamp.ID, stamp.Revision, nanos(stamp.At), sql.NullInt64{Int64: by.Person, Valid: by.Person != 0}, by.Name, p.state, p.subject, p.department, string(text))
	if err != nil {
		return err
	}
	return audit(ctx, tx, by, now, p.action, fmt.Sprintf("%s %d", p.kind, stamp.ID), p.detail)
}

// stampIt gives a revision its number. Time never goes back between revisions of one thing.
func stampIt(ctx context.Context, tx *sql.Tx, kind paperKind, s *kpi.Stamp, by account.By, now time.Time) error {
	var newest int
	var at, first int64
	var founder sql.NullInt64
	query := `/* save */ SELECT coalesce(max(revision), 0), coalesce(max(at), 0), coalesce(min(at), 0) FROM paper WHERE kind = ? AND id = ?`
	if s.ID == 0 {
		query = `/* save */ SELECT 0, 0, coalesce(max(id), 0) FROM paper WHERE kind = ? AND ? = 0`
	}
	if err := tx.QueryRowContext(ctx, query, string(kind), s.ID).Scan(&newest, &at, &first); err != nil {
		return err
	}
	switch {
	case s.ID == 0:
		s.ID, s.Since, s.Founder = first+1, now.UTC(), by.Person
	case newest == 0:
		return kpi.Errorf(kpi.CodeNotFound, "there is no %s %d", kind, s.ID)
	case newest != s.Revision:
		return kpi.Errorf(kpi.CodeConflict, "%s %d was changed by somebody else meanwhile (revision %d, yours is %d); read it again", kind, s.ID, newest, s.Revision)
	default:
		if err := tx.QueryRowContext(ctx, `/* save */ SELECT person FROM paper WHERE kind = ? AND id = ? AND revision = 1`, string(kind), s.ID).Scan(&founder); err != nil {
			return err
		}
		s.Since, s.Founder = timeOf(first), founder.Int64
	}
	s.Revision, s.At, s.Person, s.By = newest+1, timeOf(max(at, nanos(now))), by.Person, by.Name
	return nil
}

// paperQuery says which papers are read. Empty fields ask for nothing.
type paperQuery struct {
	kind       paperKind
	id         int64
	subject    string
	department string
	states     []string
	among      []string  // the newest revision of each that is in one of these states, whatever became of it since; empty: the newest one
	knownAt    time.Time // as they stood then; zero: now
	all        bool      // every revision, oldest first, in place of the newest one of each
}

// papers returns what a query finds, by id and revision.
func papers[T any](ctx context.Context, db *DB, q paperQuery) ([]T, error) {
	where, args := []string{`kind = ?`, `at <= ?`}, []any{string(q.kind), until(q.knownAt)}
	if !q.all {
		newest := `revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id AND n.at <= ?`
		args = append(args, until(q.knownAt))
		if len(q.among) > 0 {
			newest += ` AND n.state IN (?` + strings.Repeat(`, ?`, len(q.among)-1) + `)`
			for _, s := range q.among {
				args = append(args, s)
			}
		}
		where = append(where, newest+`)`)
	}
	for _, c := range []struct {
		column string
		value  any
		is     bool
	}{{`id`, q.id, q.id != 0}, {`subject`, q.subject, q.subject != ""}, {`department`, q.department, q.department != ""}} {
		if c.is {
			where, args = append(where, c.column+` = ?`), append(args, c.value)
		}
	}
	if len(q.states) > 0 {
		where = append(where, `state IN (?`+strings.Repeat(`, ?`, len(q.states)-1)+`)`)
		for _, s := range q.states {
			args = append(args, s)
		}
	}
	var list []T
	err := db.view(ctx, "read "+string(q.kind), func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var text []byte
			if err := scan(&text); err != nil {
				return err
			}
			v, err := decode[T](q.kind, text)
			list = append(list, v)
			return err
		}, `/* papers */ SELECT body FROM paper p WHERE `+strings.Join(where, ` AND `)+` ORDER BY id, revision`, args...)
	})
	return list, err
}

// decode reads a body.
func decode[T any](kind paperKind, text []byte) (v T, err error) {
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("a %s cannot be read: %w", kind, err)
	}
	return v, nil
}

// onePaper returns the newest revision of one thing, or fails with [kpi.CodeNotFound].
func onePaper[T any](ctx context.Context, db *DB, kind paperKind, id int64) (T, error) {
	var none T
	var list []T
	var err error
	if id > 0 { // 0 asks for nothing in a query
		list, err = papers[T](ctx, db, paperQuery{kind: kind, id: id})
	}
	if err == nil && len(list) == 0 {
		err = kpi.Errorf(kpi.CodeNotFound, "there is no %s %d", kind, id)
	}
	if err != nil {
		return none, err
	}
	return list[0], nil
}

// PapersVersion is a number that goes up with everything that people type about the numbers. It asks no store, so it can stand in the key of a cache.
func (db *DB) PapersVersion() int64 { return db.papers.Load() }
