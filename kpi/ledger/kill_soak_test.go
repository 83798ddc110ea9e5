//go:build soak

package ledger

import "testing"

func TestKillNineOfAnOffice200Times(t *testing.T) { killAnOffice(t, 200) }
