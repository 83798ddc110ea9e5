package main

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
)

// words is what people say of the numbers, as the ledger has it.
type words struct {
	led      *ledger.DB
	archives *archives
}

// Words returns it as it was known at the clock.
func (w words) Words(ctx context.Context, city *kpi.City, at kpi.At) (scorecard.Words, error) {
	var said scorecard.Words
	var err error
	if said.Commentary, err = w.led.ApprovedCommentary(ctx, at.KnownAt); err != nil {
		return said, err
	}
	if said.Contests, err = w.led.OpenContests(ctx, at.KnownAt); err != nil {
		return said, err
	}
	if said.Commitments, err = w.led.CommitmentsThen(ctx, at.KnownAt); err != nil {
		return said, err
	}
	if said.Terms, err = w.archives.terms(ctx, at.KnownAt); err != nil {
		return said, err
	}
	return said, w.meetings(ctx, &said, city, at)
}

// told is the ledger, and publishes anew when something that residents may read was saved.
type told struct {
	*ledger.DB
	engine *engine
}

// SaveCommentary saves a revision. What was approved, and what no longer stands, residents see at once where every load is published.
func (t told) SaveCommentary(ctx context.Context, c *kpi.Commentary, by account.By, now time.Time) error {
	if err := t.DB.SaveCommentary(ctx, c, by, now); err != nil {
		return err
	}
	if c.State == kpi.CommentaryApproved || c.State == kpi.CommentaryWithdrawn {
		t.engine.tell(ctx)
	}
	return nil
}

// SaveContest saves a revision. That a number is contested, and that it is no longer, residents see at once if they may know.
func (t told) SaveContest(ctx context.Context, c *kpi.Contest, by account.By, now time.Time) error {
	if err := t.DB.SaveContest(ctx, c, by, now); err != nil {
		return err
	}
	if c.Public {
		t.engine.tell(ctx)
	}
	return nil
}

// SaveCommitment saves a revision. What is promised to residents, and what is no longer, they see at once.
func (t told) SaveCommitment(ctx context.Context, c *kpi.Commitment, by account.By, now time.Time) error {
	public := c.Public
	if c.ID != 0 {
		was, err := t.Commitment(ctx, c.ID)
		if err != nil {
			return err
		}
		public = public || was.Public
	}
	if err := t.DB.SaveCommitment(ctx, c, by, now); err != nil {
		return err
	}
	if public {
		t.engine.tell(ctx)
	}
	return nil
}

// tellWithin is how long whoever saved something waits for it to be public.
const tellWithin = 5 * time.Second

// tell publishes what people said, in a city that publishes every load. It waits until that is done, but not for long: a load that is under way publishes it when
// it ends. What was saved is saved, whatever becomes of this.
func (e *engine) tell(ctx context.Context) {
	city, _ := e.definitions()
	if city.Publish != kpi.PublishEveryLoad {
		return
	}
	done := make(chan struct{})
	own := context.WithoutCancel(ctx)
	e.said.Go(func() {
		defer close(done)
		e.change.Lock()
		defer e.change.Unlock()
		city, _ := e.definitions()
		asOf, err := e.asOf(city)
		if err == nil {
			err = e.publish(own, city, asOf)
		}
		if err != nil {
			e.log.Error("publishing what people said; what was published stays", "err", err)
		}
	})
	select {
	case <-done:
	case <-time.After(tellWithin):
	case <-ctx.Done():
	}
}
