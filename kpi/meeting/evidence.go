package meeting

import (
	"citystat/kpi"
	"citystat/kpi/account"
)

// MayAddEvidence reports whether somebody may add a file to a commitment: whoever may report on it, or close it, as long as it has not ended. holds says that they hold
// its owner's post, or act for whoever does.
func MayAddEvidence(c *kpi.Commitment, who *account.Person, holds bool) bool {
	owns := who.May(account.Commit, c.Department) || holds && who != nil && !who.Disabled
	return !c.State.Ended() && (owns || who.May(account.CloseCommitments, c.Department))
}

// MayWithdrawEvidence reports whether somebody may withdraw a file: whoever closes commitments at any time, for a picture may show somebody who does not want to be
// seen; and whoever added it, until the commitment is closed by it.
func MayWithdrawEvidence(c *kpi.Commitment, e *kpi.Evidence, who *account.Person, holds bool) bool {
	if e.Gone != nil || e.Commitment != c.ID {
		return false
	}
	own := who != nil && who.ID != 0 && who.ID == e.Person
	return who.May(account.CloseCommitments, c.Department) || own && MayAddEvidence(c, who, holds)
}
