package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// meetings are stat meetings as the ledger keeps them, with the numbers that were seen in them.
type meetings struct {
	*ledger.DB
	engine *engine
}

// SaveMeeting saves a revision, and freezes the live scorecard where the memo goes out and where the meeting begins. What residents may read of it they see at once.
func (m meetings) SaveMeeting(ctx context.Context, one *kpi.Meeting, live *scorecard.Scorecard, by account.By, now time.Time) error {
	frozen, err := frozenCard(one, live)
	if err != nil {
		return err
	}
	was, err := m.before(ctx, one)
	if err != nil {
		return err
	}
	if err := m.DB.SaveMeeting(ctx, one, frozen, by, now); err != nil {
		return err
	}
	m.engine.tellMeeting(ctx, was, one)
	return nil
}

// frozenCard is what is kept of a scorecard with a meeting; nil of none.
func frozenCard(one *kpi.Meeting, live *scorecard.Scorecard) ([]byte, error) {
	if live == nil {
		return nil, nil
	}
	text, err := json.Marshal(live.Frozen())
	if err != nil {
		return nil, fmt.Errorf("keeping what is seen in the meeting %s: %w", one.Name(), err)
	}
	return text, nil
}

// before is a meeting as it was before somebody saves it; of a new one as its rhythm plans it.
func (m meetings) before(ctx context.Context, one *kpi.Meeting) (*kpi.Meeting, error) {
	city, _ := m.engine.definitions()
	was := kpi.Meeting{Series: one.Series, Slot: one.Slot}
	if s := city.Series(one.Series); s != nil {
		was = meeting.Planned(city, s, one.Slot)
	}
	if one.ID == 0 {
		return &was, nil
	}
	list, err := m.MeetingHistory(ctx, one.ID)
	if n := len(list); err == nil && n > 0 {
		was = list[n-1]
	}
	return &was, err
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
