package account

import (
	"cmp"
	"time"

	"citystat/kpi"
)

// By is who does something, for the audit trail.
type By struct {
	Person int64  // 0: nobody who can sign in
	Name   string // as the trail says it: an e-mail address, or the command line and its user
}

// By is the person as the audit trail names them: by the address, or by what stands in its place for whoever sits at the machine where nobody signs in.
func (p *Person) By() By { return By{p.ID, cmp.Or(p.Email, p.Name)} }

// Audited is an entry of the audit trail: who did what to which thing, and when. Entries are only ever added. Each carries a hash over itself and
// the entry before it, so that a change to one, or one taken out, shows in all that follow.
type Audited struct {
	Seq     int64             `json:"seq"` // 1, 2, 3 … without a gap
	At      time.Time         `json:"at"`
	Person  int64             `json:"person,omitempty"`
	Name    string            `json:"name"`
	Action  string            `json:"action"`  // such as person.added
	Subject string            `json:"subject"` // what it was done to
	Detail  map[string]string `json:"detail,omitempty"`
	Hash    []byte            `json:"hash"` // SHA-256
}

// Change is what is to be different of a person. Nil leaves it as it is.
type Change struct {
	Name     *string
	Lang     *kpi.Lang
	Grants   *[]Grant
	Disabled *bool // true ends their sessions and makes their links void
}

// Credentials are what a sign-in is compared with.
type Credentials struct {
	Person   int64
	Password string // its hash, in the form in which package auth writes it; empty: none was set
	Disabled bool
}
