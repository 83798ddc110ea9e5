//go:build soak

package ledger_test

import (
	"strconv"
	"testing"
)

// TestSeasons lives twenty years of other chances, each twice.
func TestSeasons(t *testing.T) {
	for seed := uint64(2); seed < 22; seed++ {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { liveTwice(t, seed, 52, 52) })
	}
}
