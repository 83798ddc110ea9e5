package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// NewLink makes a link by which a person sets a password, once, until it expires. It returns the secret part of its address, which is kept nowhere:
// the ledger has its hash. Links that the person had before are void.
func (db *DB) NewLink(ctx context.Context, id int64, by account.By, now time.Time, valid time.Duration) (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	secret := base64.RawURLEncoding.EncodeToString(raw)
	err := db.update(ctx, "make a link", func(tx *sql.Tx) error {
		p, err := personIn(ctx, tx, "id = ?", id)
		if err != nil {
			return err
		}
		if p.Disabled {
			return kpi.Errorf(kpi.CodeConflict, "%s is disabled; enable them first", p.Email)
		}
		if _, err := tx.ExecContext(ctx, `/* NewLink */ DELETE FROM link WHERE person = ? AND used IS NULL`, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `/* NewLink */ INSERT INTO link (hash, person, created, expires) VALUES (?, ?, ?, ?)`, hashOf(secret), id, nanos(now), nanos(now.Add(valid)))
		if err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "link.made", subject(id), nil)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// hashOf is what is kept of a secret of 256 random bits: it cannot be guessed, so a fast hash is enough.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// errLink is the one answer about a link that does not serve: which of the reasons it is tells a stranger too much.
func errLink() error {
	return kpi.Errorf(kpi.CodeNotFound, "this link was used, has expired, or never was one; ask for a new one")
}

// LinkOf returns whose link it is, or fails with [kpi.CodeNotFound] if it cannot be used.
func (db *DB) LinkOf(ctx context.Context, secret string, now time.Time) (p account.Person, err error) {
	err = db.view(ctx, "read a link", func(tx *sql.Tx) error {
		p, err = linkIn(ctx, tx, secret, now)
		return err
	})
	return p, err
}

func linkIn(ctx context.Context, tx *sql.Tx, secret string, now time.Time) (account.Person, error) {
	var id int64
	err := tx.QueryRowContext(ctx, `/* Link */ SELECT person FROM link WHERE hash = ? AND used IS NULL AND expires > ?`, hashOf(secret), nanos(now)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Person{}, errLink()
	}
	if err != nil {
		return account.Person{}, err
	}
	p, err := personIn(ctx, tx, "id = ?", id)
	if err == nil && p.Disabled {
		return account.Person{}, errLink()
	}
	return p, err
}

// UseLink sets the hash of a person's new password by a link, and signs the person out everywhere. Of two who use it at the same time one is told
// that it cannot be used.
func (db *DB) UseLink(ctx context.Context, secret, password string, now time.Time) (p account.Person, err error) {
	err = db.update(ctx, "use a link", func(tx *sql.Tx) error {
		if p, err = linkIn(ctx, tx, secret, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `/* UseLink */ UPDATE link SET used = ? WHERE hash = ?`, nanos(now), hashOf(secret)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `/* UseLink */ UPDATE person SET password = ?, epoch = epoch + 1 WHERE id = ?`, password, p.ID); err != nil {
			return err
		}
		p.Password = true
		return audit(ctx, tx, account.By{Person: p.ID, Name: p.Email}, now, "password.set", subject(p.ID), nil)
	})
	return p, err
}

// Credentials returns those of the person with the address; false if there is nobody.
func (db *DB) Credentials(ctx context.Context, email string) (c account.Credentials, ok bool, err error) {
	err = db.view(ctx, "read credentials", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `/* Credentials */ SELECT id, password, disabled FROM person WHERE email = ?`, email).Scan(&c.Person, &c.Password, &c.Disabled)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		ok = err == nil
		return err
	})
	return c, ok, err
}

// Rehash replaces the hash of a password by one of the same password that is dearer to guess.
func (db *DB) Rehash(ctx context.Context, id int64, old, password string) error {
	return db.update(ctx, "rehash", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `/* Rehash */ UPDATE person SET password = ? WHERE id = ? AND password = ?`, password, id, old)
		return err
	})
}

// SignedIn notes that a person has signed in, and returns the epoch of their sessions: one of another epoch has ended.
func (db *DB) SignedIn(ctx context.Context, id int64, how string, now time.Time) (epoch int64, err error) {
	err = db.update(ctx, "sign in", func(tx *sql.Tx) error {
		p, err := personIn(ctx, tx, "id = ?", id)
		if err != nil {
			return err
		}
		if p.Disabled {
			return kpi.Errorf(kpi.CodeDenied, "this account is disabled")
		}
		if err := tx.QueryRowContext(ctx, `/* SignedIn */ UPDATE person SET seen = ? WHERE id = ? RETURNING epoch`, nanos(now), id).Scan(&epoch); err != nil {
			return err
		}
		return audit(ctx, tx, account.By{Person: id, Name: p.Email}, now, "signed.in", subject(id), map[string]string{"how": how})
	})
	return epoch, err
}

// Session returns the person of a session; false if it has ended: the person is disabled, or was signed out everywhere.
func (db *DB) Session(ctx context.Context, id, epoch int64) (p account.Person, ok bool, err error) {
	err = db.view(ctx, "read a session", func(tx *sql.Tx) error {
		p, err = personIn(ctx, tx, "id = ?", id)
		if kpi.ErrorCode(err) == kpi.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		var now int64
		if err := tx.QueryRowContext(ctx, `/* Session */ SELECT epoch FROM person WHERE id = ?`, id).Scan(&now); err != nil {
			return err
		}
		ok = !p.Disabled && now == epoch
		return nil
	})
	return p, ok, err
}

// SignOut ends all sessions of a person.
func (db *DB) SignOut(ctx context.Context, id int64, by account.By, now time.Time) error {
	return db.update(ctx, "sign out everywhere", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `/* SignOut */ UPDATE person SET epoch = epoch + 1 WHERE id = ?`, id); err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "signed.out", subject(id), map[string]string{"where": "everywhere"})
	})
}

// Identify returns the person of an identity that a provider vouches for. The first time it is the person with the e-mail address, if the provider
// says that it was verified; from then on it is the same person whatever the address becomes. It fails with [kpi.CodeDenied] if there is nobody:
// a provider never makes accounts.
func (db *DB) Identify(ctx context.Context, issuer, id, email string, verified bool, now time.Time) (p account.Person, err error) {
	err = db.update(ctx, "identify", func(tx *sql.Tx) error {
		var known int64
		err := tx.QueryRowContext(ctx, `/* Identify */ SELECT person FROM identity WHERE issuer = ? AND subject = ?`, issuer, id).Scan(&known)
		if err == nil {
			p, err = personIn(ctx, tx, "id = ?", known)
			return err
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		address, err := account.Address(email)
		if err == nil && verified {
			p, err = personIn(ctx, tx, "email = ?", address)
		}
		if err != nil || !verified {
			return kpi.Errorf(kpi.CodeDenied, "nobody here has this address; an administrator adds people")
		}
		if _, err := tx.ExecContext(ctx, `/* Identify */ INSERT INTO identity (issuer, subject, person, since) VALUES (?, ?, ?, ?)`, issuer, id, p.ID, nanos(now)); err != nil {
			return err
		}
		return audit(ctx, tx, account.By{Person: p.ID, Name: p.Email}, now, "identity.bound", subject(p.ID), map[string]string{"issuer": issuer})
	})
	return p, err
}
