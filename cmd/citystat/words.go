package main

import (
	"context"

	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
)

// words is what people say of the numbers, as the ledger has it.
type words struct{ led *ledger.DB }

// Words returns it as it was known at the clock.
func (w words) Words(ctx context.Context, at kpi.At) (scorecard.Words, error) {
	var said scorecard.Words
	var err error
	if said.Commentary, err = w.led.ApprovedCommentary(ctx, at.KnownAt); err != nil {
		return said, err
	}
	if said.Contests, err = w.led.OpenContests(ctx, at.KnownAt); err != nil {
		return said, err
	}
	said.Commitments, err = w.led.CommitmentsThen(ctx, at.KnownAt)
	return said, err
}
