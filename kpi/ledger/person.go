package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// AddPerson adds somebody who can sign in once they have a password or an identity elsewhere, and returns their id. It fails with
// [kpi.CodeConflict] if there is somebody with the e-mail address.
func (db *DB) AddPerson(ctx context.Context, p account.Person, by account.By, now time.Time) (int64, error) {
	var err error
	if p.Email, err = account.Address(p.Email); err != nil {
		return 0, err
	}
	if p.Name, err = account.Name(p.Name); err != nil {
		return 0, err
	}
	if err := account.CheckGrants(p.Grants); err != nil {
		return 0, err
	}
	err = db.update(ctx, "add a person", func(tx *sql.Tx) error {
		var taken bool
		if err := tx.QueryRowContext(ctx, `/* AddPerson */ SELECT EXISTS (SELECT 1 FROM person WHERE email = ?)`, p.Email).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return kpi.Errorf(kpi.CodeConflict, "there is somebody with the address %s already", p.Email)
		}
		r, err := tx.ExecContext(ctx, `/* AddPerson */ INSERT INTO person (email, name, lang, created) VALUES (?, ?, ?, ?)`, p.Email, p.Name, string(p.Lang), nanos(now))
		if err != nil {
			return err
		}
		if p.ID, err = r.LastInsertId(); err != nil {
			return err
		}
		if err := setGrants(ctx, tx, p.ID, p.Grants); err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "person.added", subject(p.ID), map[string]string{"email": p.Email, "name": p.Name, "roles": roles(p.Grants)})
	})
	if err != nil {
		return 0, err
	}
	return p.ID, nil
}

// subject names a person in the audit trail.
func subject(id int64) string { return "person " + strconv.FormatInt(id, 10) }

// roles writes grants for the audit trail: "analyst, department_head of parks".
func roles(grants []account.Grant) string {
	var list []string
	for _, g := range grants {
		s := string(g.Role)
		if g.Department != "" {
			s += " of " + g.Department
		}
		list = append(list, s)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func setGrants(ctx context.Context, tx *sql.Tx, id int64, grants []account.Grant) error {
	if _, err := tx.ExecContext(ctx, `/* setGrants */ DELETE FROM held WHERE person = ?`, id); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := tx.ExecContext(ctx, `/* setGrants */ INSERT INTO held (person, role, department) VALUES (?, ?, ?)`, id, string(g.Role), g.Department); err != nil {
			return err
		}
	}
	return nil
}

// ChangePerson changes a person. It fails with [kpi.CodeNotFound] if there is none, and with [kpi.CodeConflict] if nobody would be left who may
// look after people.
func (db *DB) ChangePerson(ctx context.Context, id int64, c account.Change, by account.By, now time.Time) error {
	if c.Grants != nil {
		if err := account.CheckGrants(*c.Grants); err != nil {
			return err
		}
	}
	return db.update(ctx, "change a person", func(tx *sql.Tx) error {
		was, err := personIn(ctx, tx, "id = ?", id)
		if err != nil {
			return err
		}
		detail := map[string]string{}
		if err := changeWords(ctx, tx, was, c, detail); err != nil {
			return err
		}
		if err := changeRights(ctx, tx, was, c, detail); err != nil {
			return err
		}
		if len(detail) == 0 {
			return nil
		}
		if err := someAdministrator(ctx, tx, was); err != nil {
			return err
		}
		return audit(ctx, tx, by, now, "person.changed", subject(id), detail)
	})
}

// changeWords changes what a person is called.
func changeWords(ctx context.Context, tx *sql.Tx, was account.Person, c account.Change, detail map[string]string) error {
	if c.Name != nil {
		name, err := account.Name(*c.Name)
		if err != nil {
			return err
		}
		if name != was.Name {
			detail["name"] = was.Name + " → " + name
			if _, err := tx.ExecContext(ctx, `/* ChangePerson */ UPDATE person SET name = ? WHERE id = ?`, name, was.ID); err != nil {
				return err
			}
		}
	}
	if c.Lang != nil && *c.Lang != was.Lang {
		detail["lang"] = string(was.Lang) + " → " + string(*c.Lang)
		if _, err := tx.ExecContext(ctx, `/* ChangePerson */ UPDATE person SET lang = ? WHERE id = ?`, string(*c.Lang), was.ID); err != nil {
			return err
		}
	}
	return nil
}

// changeRights changes what a person may do. Whoever is disabled is signed out everywhere.
func changeRights(ctx context.Context, tx *sql.Tx, was account.Person, c account.Change, detail map[string]string) error {
	if c.Grants != nil && roles(*c.Grants) != roles(was.Grants) {
		detail["roles"] = roles(was.Grants) + " → " + roles(*c.Grants)
		if err := setGrants(ctx, tx, was.ID, *c.Grants); err != nil {
			return err
		}
	}
	if c.Disabled == nil || *c.Disabled == was.Disabled {
		return nil
	}
	detail["disabled"] = strconv.FormatBool(was.Disabled) + " → " + strconv.FormatBool(*c.Disabled)
	if _, err := tx.ExecContext(ctx, `/* ChangePerson */ UPDATE person SET disabled = ?, epoch = epoch + 1 WHERE id = ?`, *c.Disabled, was.ID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `/* ChangePerson */ DELETE FROM link WHERE person = ? AND used IS NULL`, was.ID)
	return err
}

// someAdministrator fails if a person was an administrator and nobody is one any more.
func someAdministrator(ctx context.Context, tx *sql.Tx, was account.Person) error {
	if !was.Has(account.Administrator) {
		return nil
	}
	var left int
	err := tx.QueryRowContext(ctx, `/* someAdministrator */ SELECT count(*) FROM person JOIN held ON held.person = person.id WHERE role = ? AND NOT disabled`, string(account.Administrator)).Scan(&left)
	if err != nil {
		return err
	}
	if left == 0 {
		return kpi.Errorf(kpi.CodeConflict, "nobody would be left who may look after people; make somebody else an administrator first")
	}
	return nil
}

// Person returns the person with the id, or fails with [kpi.CodeNotFound].
func (db *DB) Person(ctx context.Context, id int64) (account.Person, error) {
	return db.person(ctx, "id = ?", id)
}

// PersonByEmail returns the person with the address, or fails with [kpi.CodeNotFound].
func (db *DB) PersonByEmail(ctx context.Context, email string) (account.Person, error) {
	email, err := account.Address(email)
	if err != nil {
		return account.Person{}, err
	}
	return db.person(ctx, "email = ?", email)
}

func (db *DB) person(ctx context.Context, where string, arg any) (p account.Person, err error) {
	err = db.view(ctx, "read a person", func(tx *sql.Tx) error {
		p, err = personIn(ctx, tx, where, arg)
		return err
	})
	return p, err
}

// personColumns are what scanPerson reads.
const personColumns = `id, email, name, lang, disabled, created, seen, password <> ''`

// personIn reads one person. where is one of the conditions that are written in this package.
func personIn(ctx context.Context, tx *sql.Tx, where string, arg any) (account.Person, error) {
	p, err := scanPerson(tx.QueryRowContext(ctx, `/* Person */ SELECT `+personColumns+` FROM person WHERE `+where, arg).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return p, kpi.Errorf(kpi.CodeNotFound, "there is nobody with this address or number")
	}
	if err != nil {
		return p, err
	}
	p.Grants, err = grantsOf(ctx, tx, p.ID)
	return p, err
}

func scanPerson(scan scanFunc) (account.Person, error) {
	var p account.Person
	var lang string
	var created int64
	var seen sql.NullInt64
	if err := scan(&p.ID, &p.Email, &p.Name, &lang, &p.Disabled, &created, &seen, &p.Password); err != nil {
		return p, err
	}
	p.Lang, p.Created = kpi.Lang(lang), timeOf(created)
	if seen.Valid {
		p.Seen = timeOf(seen.Int64)
	}
	return p, nil
}

func grantsOf(ctx context.Context, tx *sql.Tx, id int64) ([]account.Grant, error) {
	grants := []account.Grant{}
	err := each(ctx, tx, func(scan scanFunc) error {
		var g account.Grant
		err := scan(&g.Role, &g.Department)
		grants = append(grants, g)
		return err
	}, `/* grantsOf */ SELECT role, department FROM held WHERE person = ? ORDER BY role, department`, id)
	return grants, err
}

// People returns everybody, by e-mail address.
func (db *DB) People(ctx context.Context) ([]account.Person, error) {
	var list []account.Person
	err := db.view(ctx, "read the people", func(tx *sql.Tx) error {
		err := each(ctx, tx, func(scan scanFunc) error {
			p, err := scanPerson(scan)
			list = append(list, p)
			return err
		}, `/* People */ SELECT `+personColumns+` FROM person ORDER BY email`)
		if err != nil {
			return err
		}
		for i := range list {
			if list[i].Grants, err = grantsOf(ctx, tx, list[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Note adds an entry to the audit trail that is of no other change in the ledger.
func (db *DB) Note(ctx context.Context, by account.By, now time.Time, action, subject string, detail map[string]string) error {
	return db.update(ctx, fmt.Sprintf("note %s", action), func(tx *sql.Tx) error { return audit(ctx, tx, by, now, action, subject, detail) })
}
