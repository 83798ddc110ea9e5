package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// digestOf is the hash of an entry after one with the hash before. Every part is preceded by its length: no two entries are written alike.
func digestOf(a *account.Audited, before []byte, detail string) []byte {
	h := sha256.New()
	for _, part := range [][]byte{
		before, number(a.Seq), number(nanos(a.At)), number(a.Person), []byte(a.Name), []byte(a.Action), []byte(a.Subject), []byte(detail),
	} {
		h.Write(number(int64(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}

func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// audit adds an entry within the transaction that does what it tells of: both are kept, or neither is. Time never goes back in the trail.
func audit(ctx context.Context, tx *sql.Tx, by account.By, now time.Time, action, subject string, detail map[string]string) error {
	if by.Name == "" || now.IsZero() {
		return kpi.Errorf(kpi.CodeInvalid, "the audit trail wants to know who does this, and when")
	}
	var seq, at int64
	var before []byte
	err := tx.QueryRowContext(ctx, `/* audit */ SELECT seq, at, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&seq, &at, &before)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	text, err := json.Marshal(detail) // sorted by key
	if err != nil {
		return err
	}
	a := account.Audited{Seq: seq + 1, At: timeOf(max(at, nanos(now))), Person: by.Person, Name: by.Name, Action: action, Subject: subject}
	_, err = tx.ExecContext(ctx, `/* audit */ INSERT INTO audit (seq, at, person, name, action, subject, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		a.Seq, nanos(a.At), sql.NullInt64{Int64: a.Person, Valid: a.Person != 0}, a.Name, a.Action, a.Subject, string(text), digestOf(&a, before, string(text)))
	return err
}

// Audit returns up to limit entries of the trail before one, the newest first; the newest of all if before is 0.
func (db *DB) Audit(ctx context.Context, before int64, limit int) ([]account.Audited, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	var list []account.Audited
	err := db.view(ctx, "read the audit trail", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			a, _, err := scanAudited(scan)
			list = append(list, a)
			return err
		}, `/* Audit */ SELECT seq, at, person, name, action, subject, detail, hash FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?`, before, limit)
	})
	return list, err
}

func scanAudited(scan scanFunc) (account.Audited, string, error) {
	var a account.Audited
	var at int64
	var person sql.NullInt64
	var detail string
	if err := scan(&a.Seq, &at, &person, &a.Name, &a.Action, &a.Subject, &detail, &a.Hash); err != nil {
		return a, "", err
	}
	a.At, a.Person = timeOf(at), person.Int64
	if err := json.Unmarshal([]byte(detail), &a.Detail); err != nil {
		return a, detail, fmt.Errorf("audit entry %d: %w", a.Seq, err)
	}
	return a, detail, nil
}

// VerifyAudit reads the whole trail and returns how many entries there are, the hash of the last one, and what is wrong; "" if nothing is. Whoever
// keeps the hash elsewhere can tell later that nothing before it was changed, not even the end cut off.
func (db *DB) VerifyAudit(ctx context.Context) (entries int64, last []byte, wrong string, err error) {
	var at time.Time
	err = db.view(ctx, "verify the audit trail", func(tx *sql.Tx) error {
		return each(ctx, tx, func(scan scanFunc) error {
			a, detail, err := scanAudited(scan)
			if err != nil {
				return err
			}
			entries++
			switch {
			case wrong != "":
			case a.Seq != entries:
				wrong = fmt.Sprintf("entry %d of the audit trail is missing", entries)
			case a.At.Before(at):
				wrong = fmt.Sprintf("entry %d of the audit trail is older than the one before it", a.Seq)
			case !bytes.Equal(a.Hash, digestOf(&a, last, detail)):
				wrong = fmt.Sprintf("entry %d of the audit trail, or one before it, was changed", a.Seq)
			}
			at, last = a.At, a.Hash
			return nil
		}, `/* VerifyAudit */ SELECT seq, at, person, name, action, subject, detail, hash FROM audit ORDER BY seq`)
	})
	return entries, last, wrong, err
}
