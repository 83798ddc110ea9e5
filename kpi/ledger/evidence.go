package ledger

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/evidence"
	"citystat/kpi/meeting"
)

// maxEvidenceReason is how many letters the reason may have for which evidence is withdrawn.
const maxEvidenceReason = 1000

// Evidence returns what was added to a commitment, what was withdrawn too, oldest first.
func (db *DB) Evidence(ctx context.Context, commitment int64) ([]kpi.Evidence, error) {
	var list []kpi.Evidence
	err := db.view(ctx, "read evidence", func(tx *sql.Tx) (err error) {
		list, err = evidenceIn(ctx, tx, commitment)
		return err
	})
	return list, err
}

// EvidenceCounts says how many files commitments have that were not withdrawn, by commitment.
func (db *DB) EvidenceCounts(ctx context.Context) (map[int64]int, error) {
	counts := map[int64]int{}
	err := db.view(ctx, "count evidence", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var commitment int64
			var n int
			err := scan(&commitment, &n)
			counts[commitment] = n
			return err
		}, `/* EvidenceCounts */ SELECT commitment, count(*) FROM evidence e WHERE NOT EXISTS (SELECT 1 FROM evidence_end x WHERE x.evidence = e.id) GROUP BY commitment`)
	})
	return counts, err
}

func evidenceIn(ctx context.Context, tx *sql.Tx, commitment int64) ([]kpi.Evidence, error) {
	var list []kpi.Evidence
	err := each(ctx, tx, func(scan scanFunc) error {
		var e kpi.Evidence
		var at int64
		var person, gone, ended sql.NullInt64
		var name, reason sql.NullString
		err := scan(&e.ID, &e.Commitment, &at, &person, &e.By, &e.Shows, &e.Lang, &e.Name, &e.Type, &e.Size, &e.SHA256, &e.Width, &e.Height, &gone, &ended, &name, &reason)
		if e.At, e.Person = timeOf(at), person.Int64; gone.Valid {
			e.Gone = &kpi.EvidenceEnd{At: timeOf(gone.Int64), Person: ended.Int64, By: name.String, Reason: reason.String}
		}
		list = append(list, e)
		return err
	}, `/* Evidence */ SELECT e.id, e.commitment, e.at, e.person, e.name, e.shows, e.lang, e.file, e.type, e.size, e.sha256, e.width, e.height, x.at, x.person, x.name, x.reason
		FROM evidence e LEFT JOIN evidence_end x ON x.evidence = e.id WHERE e.commitment = ? ORDER BY e.id`, commitment)
	return list, err
}

// oneEvidence returns one of a commitment's. It fails with [kpi.CodeNotFound] if it has none of that number.
func oneEvidence(ctx context.Context, tx *sql.Tx, commitment, id int64) (kpi.Evidence, error) {
	list, err := evidenceIn(ctx, tx, commitment)
	for _, e := range list {
		if e.ID == id {
			return e, err
		}
	}
	if err == nil {
		err = kpi.Errorf(kpi.CodeNotFound, "commitment %d has no evidence %d", commitment, id)
	}
	return kpi.Evidence{}, err
}

// EvidenceFile returns one with its bytes. It fails with [kpi.CodeNotFound] if there is none, or if it was withdrawn.
func (db *DB) EvidenceFile(ctx context.Context, commitment, id int64) (kpi.Evidence, []byte, error) {
	var e kpi.Evidence
	var body []byte
	err := db.view(ctx, "read a file of evidence", func(tx *sql.Tx) (err error) {
		if e, err = oneEvidence(ctx, tx, commitment, id); err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, `/* EvidenceFile */ SELECT body FROM evidence_bytes WHERE evidence = ?`, id).Scan(&body)
		if errors.Is(err, sql.ErrNoRows) {
			return kpi.Errorf(kpi.CodeNotFound, "evidence %d was withdrawn", id)
		}
		return err
	})
	if err != nil {
		return kpi.Evidence{}, nil, err
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != e.SHA256 {
		return kpi.Evidence{}, nil, kpi.Errorf(kpi.CodeInternal, "the bytes of evidence %d in ledger %s are not those that were added; restore the ledger from a backup", id, db.path)
	}
	return e, body, nil
}

// AddEvidence cleans a file ([evidence.Clean]) and keeps it with a commitment, if whoever adds it may. Of e it takes what the file is called and what it shows. It fails
// with [kpi.CodeInvalid] and an [evidence.Problem], or with [kpi.CodeDenied].
func (db *DB) AddEvidence(ctx context.Context, e *kpi.Evidence, data []byte, by account.By, now time.Time) error {
	refused := func(err error) error {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the file cannot be kept as evidence", Err: err}
	}
	if e.Shows == "" || e.Shows != kpi.PlainText(e.Shows) || utf8.RuneCountInString(e.Shows) > evidence.MaxShows {
		return refused(evidence.NoWords)
	}
	f, err := evidence.Clean(e.Name, data)
	if err != nil {
		return refused(err)
	}
	sum := sha256.Sum256(f.Data)
	next := kpi.Evidence{
		Commitment: e.Commitment, At: now.UTC().Round(0), Person: by.Person, By: by.Name, Shows: e.Shows, Lang: e.Lang, Name: f.Name, Type: f.Type, Size: int64(len(f.Data)),
		SHA256: hex.EncodeToString(sum[:]), Width: f.Width, Height: f.Height,
	}
	c, who, holds, err := db.commitmentAnd(ctx, e.Commitment, by, now)
	if err != nil {
		return err
	}
	if who != nil && !meeting.MayAddEvidence(&c, who, holds) || c.State.Ended() {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you add evidence to the commitment, or it is closed")
	}
	err = db.update(ctx, "add evidence", func(tx *sql.Tx) error {
		have, err := evidenceIn(ctx, tx, e.Commitment)
		if err != nil {
			return err
		}
		n := 0
		for i := range have {
			if have[i].Gone != nil {
				continue
			}
			if n++; have[i].SHA256 == next.SHA256 {
				return refused(evidence.Twice)
			}
		}
		if n >= evidence.MaxFiles {
			return refused(evidence.Many)
		}
		res, err := tx.ExecContext(ctx, `/* AddEvidence */ INSERT INTO evidence (commitment, at, person, name, shows, lang, file, type, size, sha256, width, height) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			next.Commitment, nanos(next.At), sql.NullInt64{Int64: by.Person, Valid: by.Person != 0}, by.Name, next.Shows, string(next.Lang), next.Name, next.Type, next.Size, next.SHA256, next.Width, next.Height)
		if err != nil {
			return err
		}
		if next.ID, err = res.LastInsertId(); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `/* AddEvidence */ INSERT INTO evidence_bytes (evidence, body) VALUES (?, ?)`, next.ID, f.Data); err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "evidence.added", fmt.Sprintf("commitment %d", next.Commitment), map[string]string{
			"evidence": strconv.FormatInt(next.ID, 10), "file": next.Name, "type": next.Type, "sha256": next.SHA256,
		})
	})
	if err == nil {
		*e = next
	}
	return err
}

// WithdrawEvidence erases the bytes of a file, if whoever withdraws it may. What it was, and why it went, stays. It fails with [kpi.CodeInvalid] and an
// [evidence.Problem], with [kpi.CodeDenied], or with [kpi.CodeConflict] if it was withdrawn meanwhile.
func (db *DB) WithdrawEvidence(ctx context.Context, commitment, id int64, reason string, by account.By, now time.Time) error {
	if reason == "" || reason != kpi.PlainText(reason) || utf8.RuneCountInString(reason) > maxEvidenceReason {
		return &kpi.Error{Code: kpi.CodeInvalid, Message: "the file cannot be withdrawn", Err: evidence.NoReason}
	}
	c, who, holds, err := db.commitmentAnd(ctx, commitment, by, now)
	if err != nil {
		return err
	}
	err = db.update(ctx, "withdraw evidence", func(tx *sql.Tx) error {
		e, err := oneEvidence(ctx, tx, commitment, id)
		switch {
		case err != nil:
			return err
		case e.Gone != nil:
			return kpi.Errorf(kpi.CodeConflict, "evidence %d was withdrawn meanwhile", id)
		case who != nil && !meeting.MayWithdrawEvidence(&c, &e, who, holds):
			return kpi.Errorf(kpi.CodeDenied, "your roles do not let you withdraw this evidence")
		}
		_, err = tx.ExecContext(ctx, `/* WithdrawEvidence */ INSERT INTO evidence_end (evidence, at, person, name, reason) VALUES (?, ?, ?, ?, ?)`,
			id, nanos(now), sql.NullInt64{Int64: by.Person, Valid: by.Person != 0}, by.Name, reason)
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "evidence.withdrawn", fmt.Sprintf("commitment %d", commitment), map[string]string{
			"evidence": strconv.FormatInt(id, 10), "file": e.Name, "sha256": e.SHA256, "reason": reason,
		})
	})
	if err == nil {
		_ = db.scrub(context.WithoutCancel(ctx)) // it is gone all the same; what is left in the write-ahead log goes with the daily call
	}
	return err
}

// commitmentAnd returns a commitment as it stands, and whoever does something with it.
func (db *DB) commitmentAnd(ctx context.Context, id int64, by account.By, now time.Time) (kpi.Commitment, *account.Person, bool, error) {
	c, err := db.Commitment(ctx, id)
	if err != nil {
		return c, nil, false, err
	}
	day, err := db.dayOf(ctx, now)
	if err != nil {
		return c, nil, false, err
	}
	who, holds, err := db.handOf(ctx, by, c.Owner, day)
	return c, who, holds, err
}

// CheckEvidence reads every file of evidence and returns how many there are, and what is wrong: those whose bytes are not the ones that were added, or are missing, and
// those that were withdrawn and have bytes.
func (db *DB) CheckEvidence(ctx context.Context) (int, []string, error) {
	var wrong []string
	n := 0
	err := db.view(ctx, "check evidence", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			var id int64
			var sum string
			var body []byte
			var gone bool
			if err := scan(&id, &sum, &body, &gone); err != nil {
				return err
			}
			n++
			is := sha256.Sum256(body)
			switch {
			case gone && body != nil:
				wrong = append(wrong, fmt.Sprintf("evidence %d was withdrawn, and its bytes are still there", id))
			case !gone && hex.EncodeToString(is[:]) != sum:
				wrong = append(wrong, fmt.Sprintf("evidence %d: its bytes are not those that were added", id))
			}
			return nil
		}, `/* CheckEvidence */ SELECT e.id, e.sha256, b.body, EXISTS (SELECT 1 FROM evidence_end x WHERE x.evidence = e.id) FROM evidence e LEFT JOIN evidence_bytes b ON b.evidence = e.id ORDER BY e.id`)
	})
	return n, wrong, err
}
