//go:build soak

package ingest_test

import (
	"testing"
	"time"

	"citystat/kpi"
)

// TestKillNineAtEachStep kills a program 200 times at each named step of a load (CITYSTAT_KILLS says another number), half of the times while it
// waits there and half while it works, in both ways in which a source delivers.
func TestKillNineAtEachStep(t *testing.T) {
	per := 200
	if n := kills(t); n != 50 && !testing.Short() {
		per = n
	}
	for _, name := range []string{loadsAll, loadsChanges} {
		t.Run(name, func(t *testing.T) {
			var list []kill
			for i := range per {
				for _, step := range append([]kpi.Step{stepDone}, kpi.Steps...) {
					list = append(list, kill{load: 1 + i%3/2, step: step, running: i%2 == 0, after: time.Duration(i%17) * time.Millisecond})
				}
			}
			killAll(t, scenarioOf(name), list)
		})
	}
}
