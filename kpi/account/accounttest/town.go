// Package accounttest is a small town of people in memory, for tests of what lets people in and of what they see then.
package accounttest

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Town keeps people, passwords, links, sessions and a trail as the ledger does. It is safe for many goroutines.
type Town struct {
	mu         sync.Mutex
	people     map[int64]*account.Person
	passwords  map[int64]string
	epochs     map[int64]int64
	links      map[string]int64
	identities map[string]int64
	sessions   map[string][]byte
	trail      []account.Audited
	made       int
}

// New returns a town without anybody.
func New() *Town {
	return &Town{
		people: map[int64]*account.Person{}, passwords: map[int64]string{}, epochs: map[int64]int64{}, links: map[string]int64{}, identities: map[string]int64{},
		sessions: map[string][]byte{},
	}
}

// Add adds somebody with a link that serves until it is used, and returns both.
func (t *Town) Add(email, name string, grants ...account.Grant) (id int64, link string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id = int64(len(t.people) + 1)
	t.people[id] = &account.Person{ID: id, Email: email, Name: name, Grants: grants, Created: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	return id, t.link(id)
}

func (t *Town) link(id int64) string {
	t.made++
	secret := fmt.Sprintf("link-%d-%040d", id, t.made)
	t.links[secret] = id
	return secret
}

// Set changes somebody behind everybody's back.
func (t *Town) Set(id int64, change func(*account.Person)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	change(t.people[id])
}

// Hash returns the hash of somebody's password.
func (t *Town) Hash(id int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.passwords[id]
}

// Link makes another link for somebody.
func (t *Town) Link(id int64) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.link(id)
}

// Anybody reports whether there is somebody.
func (t *Town) Anybody(context.Context) (bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.people) > 0, nil
}

func (t *Town) byEmail(email string) *account.Person {
	for _, p := range t.people {
		if p.Email == email {
			return p
		}
	}
	return nil
}

func (t *Town) copied(p *account.Person) account.Person {
	c := *p
	c.Grants, c.Password = slices.Clone(p.Grants), t.passwords[p.ID] != ""
	return c
}

func (t *Town) note(by account.By, now time.Time, action string, id int64, detail map[string]string) {
	seq := int64(len(t.trail) + 1)
	sum := sha256.Sum256(fmt.Append(nil, seq, action, id))
	t.trail = append(t.trail, account.Audited{
		Seq: seq, At: now, Person: by.Person, Name: by.Name, Action: action, Subject: fmt.Sprintf("person %d", id), Detail: detail, Hash: sum[:],
	})
}

// Credentials are those of the person with an address.
func (t *Town) Credentials(_ context.Context, email string) (account.Credentials, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.byEmail(email)
	if p == nil {
		return account.Credentials{}, false, nil
	}
	return account.Credentials{Person: p.ID, Password: t.passwords[p.ID], Disabled: p.Disabled}, true, nil
}

// Rehash replaces the hash of a password.
func (t *Town) Rehash(_ context.Context, id int64, old, hash string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.passwords[id] == old {
		t.passwords[id] = hash
	}
	return nil
}

// LinkOf returns whose link it is.
func (t *Town) LinkOf(_ context.Context, secret string, _ time.Time) (account.Person, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id, ok := t.links[secret]
	if !ok || t.people[id].Disabled {
		return account.Person{}, kpi.Errorf(kpi.CodeNotFound, "this link was used, has expired, or never was one; ask for a new one")
	}
	return t.copied(t.people[id]), nil
}

// UseLink sets a password by a link.
func (t *Town) UseLink(ctx context.Context, secret, hash string, now time.Time) (account.Person, error) {
	p, err := t.LinkOf(ctx, secret, now)
	if err != nil {
		return p, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.links, secret)
	t.passwords[p.ID] = hash
	t.epochs[p.ID]++
	t.note(p.By(), now, "password.set", p.ID, nil)
	return t.copied(t.people[p.ID]), nil
}

// SignedIn notes a sign-in.
func (t *Town) SignedIn(_ context.Context, id int64, how string, now time.Time) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.people[id].Seen = now
	t.note(t.people[id].By(), now, "signed.in", id, map[string]string{"how": how})
	return t.epochs[id], nil
}

// Session returns the person of a session.
func (t *Town) Session(_ context.Context, id, epoch int64) (account.Person, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.people[id]
	if p == nil || p.Disabled || t.epochs[id] != epoch {
		return account.Person{}, false, nil
	}
	return t.copied(p), true, nil
}

// Identify returns the person of an identity.
func (t *Town) Identify(_ context.Context, issuer, subject, email string, verified bool, _ time.Time) (account.Person, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if id, ok := t.identities[issuer+" "+subject]; ok {
		return t.copied(t.people[id]), nil
	}
	p := t.byEmail(email)
	if p == nil || !verified {
		return account.Person{}, kpi.Errorf(kpi.CodeDenied, "nobody here has this address")
	}
	t.identities[issuer+" "+subject] = p.ID
	return t.copied(p), nil
}

// People returns everybody, by address.
func (t *Town) People(context.Context) ([]account.Person, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []account.Person
	for _, p := range t.people {
		list = append(list, t.copied(p))
	}
	slices.SortFunc(list, func(a, b account.Person) int { return cmp.Compare(a.Email, b.Email) })
	return list, nil
}

// AddPerson adds somebody.
func (t *Town) AddPerson(_ context.Context, p account.Person, by account.By, now time.Time) (int64, error) {
	email, err := account.Address(p.Email)
	if err != nil {
		return 0, err
	}
	if err := account.CheckGrants(p.Grants); err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byEmail(email) != nil {
		return 0, kpi.Errorf(kpi.CodeConflict, "there is somebody with the address %s already", email)
	}
	p.ID, p.Email, p.Created = int64(len(t.people)+1), email, now
	t.people[p.ID] = &p
	t.note(by, now, "person.added", p.ID, map[string]string{"email": email})
	return p.ID, nil
}

// ChangePerson changes somebody.
func (t *Town) ChangePerson(_ context.Context, id int64, c account.Change, by account.By, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.people[id]
	if p == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is nobody with this number")
	}
	was, epoch := *p, t.epochs[id]
	if c.Grants != nil {
		p.Grants = *c.Grants
	}
	if c.Lang != nil {
		p.Lang = *c.Lang
	}
	if c.Disabled != nil && *c.Disabled != p.Disabled {
		p.Disabled = *c.Disabled
		t.epochs[id]++
	}
	if was.Has(account.Administrator) && !slices.ContainsFunc(t.all(), func(p *account.Person) bool { return p.Has(account.Administrator) }) {
		*p, t.epochs[id] = was, epoch
		return kpi.Errorf(kpi.CodeConflict, "nobody would be left who may look after people")
	}
	t.note(by, now, "person.changed", id, nil)
	return nil
}

func (t *Town) all() []*account.Person {
	var list []*account.Person
	for _, p := range t.people {
		list = append(list, p)
	}
	return list
}

// NewLink makes a link for somebody.
func (t *Town) NewLink(_ context.Context, id int64, by account.By, now time.Time, _ time.Duration) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.people[id] == nil {
		return "", kpi.Errorf(kpi.CodeNotFound, "there is nobody with this number")
	}
	t.note(by, now, "link.made", id, nil)
	return t.link(id), nil
}

// Audit returns the trail, the newest first.
func (t *Town) Audit(_ context.Context, before int64, limit int) ([]account.Audited, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []account.Audited
	for i := len(t.trail) - 1; i >= 0 && len(list) < limit; i-- {
		if before <= 0 || t.trail[i].Seq < before {
			list = append(list, t.trail[i])
		}
	}
	return list, nil
}

// VerifyAudit finds the trail as it was written.
func (t *Town) VerifyAudit(context.Context) (int64, []byte, string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.trail) == 0 {
		return 0, nil, "", nil
	}
	return int64(len(t.trail)), t.trail[len(t.trail)-1].Hash, "", nil
}

// FindCtx finds a session.
func (t *Town) FindCtx(_ context.Context, token string) ([]byte, bool, error) { return t.Find(token) }

// CommitCtx keeps a session.
func (t *Town) CommitCtx(_ context.Context, token string, b []byte, expiry time.Time) error {
	return t.Commit(token, b, expiry)
}

// DeleteCtx ends a session.
func (t *Town) DeleteCtx(_ context.Context, token string) error { return t.Delete(token) }

// Find finds a session.
func (t *Town) Find(token string) ([]byte, bool, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, ok := t.sessions[token]
	return b, ok, nil
}

// Commit keeps a session.
func (t *Town) Commit(token string, b []byte, _ time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sessions[token] = b
	return nil
}

// Delete ends a session.
func (t *Town) Delete(token string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.sessions, token)
	return nil
}

// SignOut ends all sessions of somebody.
func (t *Town) SignOut(_ context.Context, id int64, by account.By, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epochs[id]++
	t.note(by, now, "signed.out", id, map[string]string{"where": "everywhere"})
	return nil
}
