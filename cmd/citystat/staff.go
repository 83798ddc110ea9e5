package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"citystat/ingest"
	"citystat/ingest/job"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// runsShown is how many of a dataset's last runs the staff pages list.
const runsShown = 10

// staff is what the staff pages read and set off: the live state of both stores, and the scheduler.
type staff struct {
	engine *engine
	jobs   *job.Scheduler
}

// City returns the city as its folder stands now.
func (s *staff) City(context.Context) (*kpi.City, error) {
	city, _ := s.engine.definitions()
	return city, nil
}

// Live returns the scorecard of now.
func (s *staff) Live(ctx context.Context) (*scorecard.Scorecard, error) {
	city, _ := s.engine.definitions()
	asOf, err := s.engine.asOf(city)
	if err != nil {
		return nil, err
	}
	return s.engine.builder.Build(ctx, kpi.At{AsOf: asOf})
}

// Datasets returns what is known of every dataset.
func (s *staff) Datasets(ctx context.Context) ([]kpi.DatasetReport, error) {
	city, _ := s.engine.definitions()
	asOf, err := s.engine.asOf(city)
	if err != nil {
		return nil, err
	}
	st := &store{led: s.engine.led, wh: s.engine.wh}
	if city, _, err = ingest.Countable(ctx, st.led, city, time.Time{}); err != nil {
		return nil, err
	}
	states, err := st.Datasets(ctx, city, kpi.At{AsOf: asOf})
	if err != nil {
		return nil, err
	}
	jobs := map[string]kpi.RunState{}
	for _, j := range s.jobs.States() {
		jobs[j.Dataset] = j
	}
	var list []kpi.DatasetReport
	for _, state := range states {
		r := kpi.DatasetReport{State: state, Job: jobs[state.Dataset]}
		if r.Runs, err = s.runs(ctx, state.Dataset); err != nil {
			return nil, err
		}
		if state.Failed != nil {
			if r.Refused, err = s.engine.refusedBy(ctx, *state.Failed); err != nil {
				return nil, err
			}
		}
		list = append(list, r)
	}
	return list, nil
}

// runs returns the last runs of a dataset, newest first. Where all of them failed, the last good one stands behind them, however long ago it
// was: since when a source has been out of order must be seen.
func (s *staff) runs(ctx context.Context, dataset string) ([]kpi.Load, error) {
	good := func(l kpi.Load) bool { return l.State.Good() }
	list, err := s.engine.led.Loads(ctx, dataset, runsShown)
	if err != nil || len(list) < runsShown || slices.ContainsFunc(list, good) {
		return list, err
	}
	all, err := s.engine.led.Loads(ctx, dataset, 0)
	if i := slices.IndexFunc(all, good); i >= 0 {
		list = append(list, all[i])
	}
	return list, err
}

// Rejects returns refused rows of a load.
func (s *staff) Rejects(ctx context.Context, q kpi.RejectQuery) ([]kpi.Reject, error) {
	return s.engine.Rejects(ctx, q)
}

// Run asks for a run of a dataset.
func (s *staff) Run(_ context.Context, dataset string) error { return s.jobs.Ask(dataset, "") }

// Watch yields the states of the jobs.
func (s *staff) Watch(ctx context.Context) (<-chan kpi.RunState, error) {
	return s.jobs.Watch(ctx), nil
}

// staffKey returns the key of the staff pages, which lies in the data directory so that a browser that knows it is still known after a
// restart. Without a file it makes one.
func staffKey(dir string) (string, error) {
	path := filepath.Join(dir, "staff.key")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		b = []byte(rand.Text() + "\n")
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("key of the staff pages: %w", err)
	}
	key := strings.TrimSpace(string(b))
	if shortest := len(rand.Text()); len(key) < shortest {
		return "", fmt.Errorf("%s holds no key of at least %d letters; remove the file, and a new one is made", path, shortest)
	}
	return key, nil
}
