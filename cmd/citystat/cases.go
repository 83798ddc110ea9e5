package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
	"citystat/kpi/warehouse"
)

// OpenCases lists the rows behind an indicator that have begun and not ended, as of the day that is judged now.
func (e *engine) OpenCases(ctx context.Context, q kpi.CaseQuery) (kpi.OpenCases, error) {
	st := &store{led: e.led, wh: e.wh}
	city, _, err := st.Definitions(ctx, kpi.At{})
	if err != nil {
		return kpi.OpenCases{}, err
	}
	asOf, err := e.asOf(city)
	if err != nil {
		return kpi.OpenCases{}, err
	}
	version, _, err := st.Version(ctx, kpi.At{})
	if err != nil {
		return kpi.OpenCases{}, err
	}
	return e.wh.OpenCases(ctx, city, asOf, version, q)
}

// HasCases reports whether anything says which rows behind an indicator are open.
func (e *engine) HasCases(indicator string) bool {
	city, _ := e.definitions()
	return warehouse.HasCases(city, indicator)
}

// archive is what was published before. It remembers the last scorecard that somebody asked for: many ask for the same one.
type archive struct {
	led *ledger.DB

	mu   sync.Mutex
	last *scorecard.Scorecard
}

// PublishedBy returns the scorecard that was the newest one at a time; nil if there was none.
func (a *archive) PublishedBy(ctx context.Context, by time.Time) (*scorecard.Scorecard, error) {
	p, ok, err := a.led.PublishedBy(ctx, by)
	if err != nil || !ok {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last != nil && a.last.Number == p.Number {
		return a.last, nil
	}
	card := new(scorecard.Scorecard)
	if err := json.Unmarshal(p.Body, card); err != nil {
		return nil, fmt.Errorf("publication %d in the ledger cannot be read: %w", p.Number, err)
	}
	card.Number, card.PublishedAt = p.Number, p.PublishedAt
	a.last = card
	return card, nil
}
