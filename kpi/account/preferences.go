package account

import (
	"slices"

	"citystat/kpi"
)

// Digest says how often the program writes to somebody of what waits for them.
type Digest string

// The choices.
const (
	DigestDaily  Digest = "daily"  // on every working day on which something waits
	DigestWeekly Digest = "weekly" // on Mondays on which something waits
	DigestNever  Digest = "never"
)

// Digests lists the choices, in the order in which they are offered.
var Digests = []Digest{DigestDaily, DigestWeekly, DigestNever}

// Preferences are what people choose for themselves. The language in which the program writes to them is [Person.Lang].
type Preferences struct {
	Digest Digest `json:"digest"`
}

// DefaultPreferences are those of people who have chosen nothing.
func DefaultPreferences() Preferences { return Preferences{Digest: DigestDaily} }

// Check fails with [kpi.CodeInvalid] if a choice is none.
func (p Preferences) Check() error {
	if !slices.Contains(Digests, p.Digest) {
		return kpi.Errorf(kpi.CodeInvalid, "%q says not how often to write; it is daily, weekly or never", p.Digest)
	}
	return nil
}
