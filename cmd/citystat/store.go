package main

import (
	"context"
	"time"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
	"citystat/kpi/warehouse"
)

// store joins the two stores to what a scorecard.Builder reads: the ledger says what is visible, the warehouse what it holds.
type store struct {
	led *ledger.DB
	wh  *warehouse.DB
}

// Definitions returns the folder as known then; of a dataset whose rows were read in another way than it now says, what the folder said
// when they came: by other definitions they cannot be counted.
func (s *store) Definitions(ctx context.Context, at kpi.At) (*kpi.City, int, error) {
	city, folder, err := s.led.City(ctx, at.KnownAt)
	if err != nil {
		return nil, 0, err
	}
	counted, _, err := ingest.Countable(ctx, s.led, city, at.KnownAt)
	if err != nil {
		return nil, 0, err
	}
	marked := *counted
	return &marked, folder, s.led.MarkSeen(ctx, &marked)
}

// Version returns the newest data version visible then.
func (s *store) Version(ctx context.Context, at kpi.At) (int64, time.Time, error) {
	return s.led.Visible(ctx, at.KnownAt)
}

// Observations returns the stored observations where they were computed for the same day and definitions, and computes them from
// the rows otherwise.
func (s *store) Observations(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.Observation, error) {
	version, _, err := s.led.Visible(ctx, at.KnownAt)
	if err != nil || version == 0 {
		return nil, err
	}
	newest, ok, err := s.led.Load(ctx, version)
	if err != nil {
		return nil, err
	}
	_, folder, err := s.led.City(ctx, at.KnownAt)
	if err != nil {
		return nil, err
	}
	if ok && newest.AsOf == at.AsOf && newest.Folder == folder {
		return s.wh.Observations(ctx, city, version)
	}
	return s.wh.Observe(ctx, city, at.AsOf, version)
}

// Datasets returns what is known of each dataset: its last live load as known then, and a newer load that failed.
func (s *store) Datasets(ctx context.Context, city *kpi.City, at kpi.At) ([]kpi.DatasetState, error) {
	version, _, err := s.led.Visible(ctx, at.KnownAt)
	if err != nil {
		return nil, err
	}
	states := make([]kpi.DatasetState, 0, len(city.Datasets))
	for _, d := range city.Datasets {
		state, err := s.dataset(ctx, city, d.ID, at, version)
		if err != nil {
			return nil, err
		}
		states = append(states, state)
	}
	return states, nil
}

// Record returns what was changed in the folder, and what the rows say about whether the numbers can be trusted.
func (s *store) Record(ctx context.Context, city *kpi.City, at kpi.At) (scorecard.Record, error) {
	changes, err := s.led.Changes(ctx, at.KnownAt)
	if err != nil {
		return scorecard.Record{}, err
	}
	version, _, err := s.led.Visible(ctx, at.KnownAt)
	if err != nil || version == 0 {
		return scorecard.Record{Changes: changes}, err
	}
	trust, err := s.wh.Trust(ctx, city, at.AsOf, version)
	return scorecard.Record{Changes: changes, Trust: trust}, err
}

func (s *store) dataset(ctx context.Context, city *kpi.City, id string, at kpi.At, version int64) (kpi.DatasetState, error) {
	state := kpi.DatasetState{Dataset: id}
	if err := s.deliveries(ctx, city, &state, at); err != nil {
		return state, err
	}
	last, ok, err := s.led.LastLive(ctx, id, at.KnownAt)
	if err != nil {
		return state, err
	}
	if state.Failed, err = s.failedAfter(ctx, id, last.ID, at.KnownAt); err != nil || !ok {
		return state, err
	}
	state.Last = &last
	facts, err := s.wh.Facts(ctx, city, id, version)
	if err != nil {
		return state, err
	}
	state.DataUntil, state.Unplaced = facts.DataUntil, facts.Unplaced
	since, err := s.led.LastFull(ctx, id, last.ID)
	if err != nil {
		return state, err
	}
	if state.Rejects, err = s.wh.RejectGroupsOf(ctx, id, since, last.ID); err != nil {
		return state, err
	}
	if state.DataUntil.After(at.AsOf) {
		state.DataUntil = at.AsOf
	}
	return state, nil
}

// deliveries adds what the runs of the last weeks brought. A city that looks back has no deliveries that could be late: they came when somebody
// started the program.
func (s *store) deliveries(ctx context.Context, city *kpi.City, state *kpi.DatasetState, at kpi.At) error {
	if !city.AsOf.IsZero() || at.AsOf.IsZero() {
		return nil
	}
	calendar, err := city.Calendar()
	if err != nil {
		return err
	}
	state.Deliveries, err = s.led.Deliveries(ctx, state.Dataset, at.AsOf.AddDays(-7*kpi.DeliveryWeeks), calendar.Location, at.KnownAt)
	return err
}

// failedAfter returns the newest load that has ended, if it failed after the load with the id: one that is under way mends nothing yet.
func (s *store) failedAfter(ctx context.Context, dataset string, id int64, knownAt time.Time) (*kpi.Load, error) {
	loads, err := s.led.Loads(ctx, dataset, 2)
	if len(loads) > 1 && loads[0].State.UnderWay() {
		loads = loads[1:]
	}
	if err != nil || len(loads) == 0 {
		return nil, err
	}
	l := loads[0]
	if l.ID <= id || l.State != kpi.LoadFailed || (!knownAt.IsZero() && l.Started.After(knownAt)) {
		return nil, nil
	}
	return &l, nil
}
