package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
)

// meetings are stat meetings as the ledger keeps them, with the numbers that were seen in them.
type meetings struct {
	*ledger.DB
	engine *engine
}

// SaveMeeting saves a revision, and freezes the live scorecard where the memo goes out and where the meeting begins.
func (m meetings) SaveMeeting(ctx context.Context, one *kpi.Meeting, live *scorecard.Scorecard, by account.By, now time.Time) error {
	var frozen []byte
	if live != nil {
		var err error
		if frozen, err = json.Marshal(live.Frozen()); err != nil {
			return fmt.Errorf("keeping what is seen in the meeting %s: %w", one.Name(), err)
		}
	}
	return m.DB.SaveMeeting(ctx, one, frozen, by, now)
}

// FrozenCard returns what was seen in a meeting; nil if nothing was kept.
func (m meetings) FrozenCard(ctx context.Context, series string, slot kpi.Date, stage string) (*scorecard.Scorecard, error) {
	text, err := m.Frozen(ctx, series, slot, stage)
	if err != nil || text == nil {
		return nil, err
	}
	card := new(scorecard.Scorecard)
	if err := json.Unmarshal(text, card); err != nil {
		return nil, fmt.Errorf("what was seen in the meeting %s of %s cannot be read: %w", series, slot, err)
	}
	return card, nil
}
