package ledger

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
)

// Rounds returns the rounds that a query asks for, as they stand now, by id. Their subject is the period.
func (db *DB) Rounds(ctx context.Context, q kpi.PaperQuery) ([]release.Round, error) {
	return papers[release.Round](ctx, db, paperQuery{kind: paperRound, subject: q.Subject, states: q.States})
}

// Round returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Round(ctx context.Context, id int64) (release.Round, error) {
	return onePaper[release.Round](ctx, db, paperRound, id)
}

// RoundHistory returns every revision of one, oldest first.
func (db *DB) RoundHistory(ctx context.Context, id int64) ([]release.Round, error) {
	return papers[release.Round](ctx, db, paperQuery{kind: paperRound, id: id, all: true})
}

// OpenRound opens a round for departments. It fails as [release.Open] does; of two who open one at the same time one is told that another is under way.
func (db *DB) OpenRound(ctx context.Context, o release.Opening, departments []string, today kpi.Date, by account.By, now time.Time) (r release.Round, err error) {
	err = db.update(ctx, "open a round", func(tx *sql.Tx) error {
		p, err := mover(ctx, tx, by)
		if err != nil {
			return err
		}
		rounds, err := roundsIn(ctx, tx, `state <> ?`, string(release.Stopped))
		if err != nil {
			return err
		}
		if r, err = release.Open(o, rounds, departments, p, today); err != nil {
			return err
		}
		return saveIn(ctx, tx, roundPaper(&r, "opened", nil), &r.Stamp, &r, by, now)
	})
	if err == nil {
		db.papers.Add(1)
	}
	return r, err
}

// MoveRound makes a move of a round that somebody saw at a revision. What others did meanwhile is no conflict as long as the move means the same
// ([release.Fits]). It fails as [release.Round.After] does. A release is made with [DB.ReleaseRound].
func (db *DB) MoveRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error) {
	if m.Do == release.Publish {
		return release.Round{}, kpi.Errorf(kpi.CodeInvalid, "a release is made with the numbers that it makes public")
	}
	return db.moveRound(ctx, id, revision, m, by, now, nil)
}

// ReleaseRound releases a round and, in the same transaction, freezes the publication that it makes public. Where the city publishes every load there is
// none to freeze: frozen is nil, and the round notes the newest.
func (db *DB) ReleaseRound(ctx context.Context, id int64, revision int, m release.Move, frozen *Publication, by account.By, now time.Time) (release.Round, error) {
	m.Do = release.Publish
	var body []byte
	if frozen != nil {
		var err error
		if body, err = packed(frozen); err != nil {
			return release.Round{}, db.fail("release", err)
		}
	}
	return db.moveRound(ctx, id, revision, m, by, now, func(tx *sql.Tx, r *release.Round) (err error) {
		if frozen != nil {
			r.Publication, err = publishIn(ctx, tx, frozen, body)
			return err
		}
		return tx.QueryRowContext(ctx, `/* ReleaseRound */ SELECT coalesce(max(number), 0) FROM publication`).Scan(&r.Publication)
	})
}

func (db *DB) moveRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time, also func(*sql.Tx, *release.Round) error) (r release.Round, err error) {
	err = db.update(ctx, "move a round", func(tx *sql.Tx) error {
		p, err := mover(ctx, tx, by)
		if err != nil {
			return err
		}
		newest, err := roundFor(ctx, tx, id, revision, m, p)
		if err != nil {
			return err
		}
		if r, err = newest.After(m, p, now); err != nil {
			return err
		}
		detail := map[string]string{}
		if m.Do.OfFiling() {
			detail["department"] = m.Department
		}
		if also != nil {
			if err := also(tx, &r); err != nil {
				return err
			}
			detail["publication"] = strconv.FormatInt(r.Publication, 10)
		}
		return saveIn(ctx, tx, roundPaper(&r, did[m.Do], detail), &r.Stamp, &r, by, now)
	})
	if err != nil {
		return release.Round{}, err
	}
	db.papers.Add(1)
	return r, nil
}

// did says a move in the past, for the audit trail.
var did = map[release.Do]string{
	release.Fill: "filled", release.Check: "checked", release.Return: "returned", release.Excuse: "excused", release.Publish: "released", release.Stop: "stopped",
}

func roundPaper(r *release.Round, what string, detail map[string]string) paper {
	if detail == nil {
		detail = map[string]string{}
	}
	detail["period"] = r.Period
	return paper{kind: paperRound, state: string(r.State), subject: r.Period, action: "round." + what, detail: detail}
}

// roundFor returns the newest revision of a round, if a move that was wished for at a revision means the same there. Whoever has no right to it learns
// nothing of what others did.
func roundFor(ctx context.Context, tx *sql.Tx, id int64, revision int, m release.Move, p *account.Person) (*release.Round, error) {
	newest, err := roundsIn(ctx, tx, `id = ?`, id)
	if err == nil && len(newest) == 0 {
		err = kpi.Errorf(kpi.CodeNotFound, "there is no round %d", id)
	}
	if err != nil || newest[0].Revision == revision {
		return first(newest), err
	}
	if o := newest[0].Obstacle(m, p); o == release.NoRight {
		return nil, o.Err(m)
	}
	var text []byte
	var seen release.Round
	err = tx.QueryRowContext(ctx, `/* roundFor */ SELECT body FROM paper WHERE kind = ? AND id = ? AND revision = ?`, string(paperRound), id, revision).Scan(&text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if err == nil {
		if seen, err = decode[release.Round](paperRound, text); err != nil {
			return nil, err
		}
	}
	if err != nil || !release.Fits(m, &seen, &newest[0]) {
		return nil, kpi.Errorf(kpi.CodeConflict, "round %d was changed by somebody else meanwhile (revision %d, yours is %d); read it again", id, newest[0].Revision, revision)
	}
	return &newest[0], nil
}

func first(list []release.Round) *release.Round {
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

// roundsIn reads the newest revisions of rounds. where is one of the conditions that are written in this file.
func roundsIn(ctx context.Context, tx *sql.Tx, where string, arg any) ([]release.Round, error) {
	var list []release.Round
	err := each(ctx, tx, func(scan scanFunc) error {
		var text []byte
		if err := scan(&text); err != nil {
			return err
		}
		r, err := decode[release.Round](paperRound, text)
		list = append(list, r)
		return err
	}, `/* roundsIn */ SELECT body FROM paper p WHERE kind = ? AND revision = (SELECT max(n.revision) FROM paper n WHERE n.kind = p.kind AND n.id = p.id) AND `+where+` ORDER BY id`,
		string(paperRound), arg)
	return list, err
}

// mover is the person who moves something, as they are now. Whoever works at this machine before anybody can sign in may do everything, and is one person.
func mover(ctx context.Context, tx *sql.Tx, by account.By) (*account.Person, error) {
	if by.Person != 0 {
		p, err := personIn(ctx, tx, "id = ?", by.Person)
		return &p, err
	}
	p := &account.Person{Name: by.Name}
	for _, r := range account.Roles {
		if !r.OfDepartment() {
			p.Grants = append(p.Grants, account.Grant{Role: r})
		}
	}
	return p, nil
}
