package warehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"citystat/kpi"
)

// RecomputeInput is a recomputation of all observations: a new day, or other definitions.
type RecomputeInput struct {
	Version int64     // the new data version
	Cause   kpi.Cause // kpi.CauseAsOf or kpi.CauseDefinitions; empty: kpi.CauseDefinitions
	City    *kpi.City
	AsOf    kpi.Date
	Visible int64               // the newest live data version before this one
	Hook    func(step kpi.Step) // called when a step begins inside the transaction (observe, commit); may be nil
}

// Recompute computes the observations of all datasets anew, in one transaction. Indicators that the folder no longer has are closed. It fails
// with a *RereadError, and changes nothing, if the folder reads rows in another way than they were loaded.
func (db *DB) Recompute(ctx context.Context, in RecomputeInput) (Output, error) {
	var out Output
	err := db.write(ctx, func(t *tx) error {
		return t.recompute(ctx, &in, &out)
	})
	if err != nil {
		return Output{}, fmt.Errorf("recompute as of %s: %w", in.AsOf, err)
	}
	return out, nil
}

func (t *tx) recompute(ctx context.Context, in *RecomputeInput, out *Output) error {
	begin := func(step kpi.Step) {
		if in.Hook != nil {
			in.Hook(step)
		}
	}
	if in.Cause == "" {
		in.Cause = kpi.CauseDefinitions
	}
	begin(kpi.StepObserve)
	if err := t.guardVersion(ctx, in.Version, in.Visible); err != nil {
		return err
	}
	if err := t.checkReread(ctx, in.City, in.Visible); err != nil {
		return err
	}
	if err := t.record(ctx, version{in.Version, in.Cause, "", "", in.AsOf}, kpi.Counts{}); err != nil {
		return err
	}
	datasets, err := t.observedDatasets(ctx, in.City, in.Version)
	if err != nil {
		return err
	}
	for _, id := range datasets {
		var list []kpi.Observation
		if d := in.City.Dataset(id); d != nil {
			list, err = t.recount(ctx, in.City, d, in.AsOf, in.Version)
		} else {
			err = t.forget(ctx, id)
		}
		if err != nil {
			return err
		}
		n, err := t.store(ctx, id, in.Version, list)
		if err != nil {
			return err
		}
		out.Observations += n
	}
	if out.Checksum, err = t.checksum(ctx, in.Version); err != nil {
		return err
	}
	begin(kpi.StepCommit)
	return nil
}

// observedDatasets lists the city's datasets, and those that it no longer has but of which there are observations.
func (t *tx) observedDatasets(ctx context.Context, city *kpi.City, version int64) ([]string, error) {
	var list []string
	for i := range city.Datasets {
		list = append(list, city.Datasets[i].ID)
	}
	s := &statement{}
	s.printf("SELECT DISTINCT dataset FROM observation WHERE %s ORDER BY dataset", s.visible("from_version", "to_version", version))
	err := t.query(ctx, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
		return err
	}, s.String(), s.args...)
	return list, err
}

// checkReread names all datasets whose rows must be loaded anew, at once.
func (t *tx) checkReread(ctx context.Context, city *kpi.City, version int64) error {
	var e RereadError
	for i := range city.Datasets {
		d := &city.Datasets[i]
		_, hash, _, loaded, err := t.rowsOf(ctx, d.ID, version)
		if err != nil {
			return err
		}
		if loaded && hash != d.Hash {
			e.Datasets = append(e.Datasets, d.ID)
		}
	}
	if len(e.Datasets) > 0 {
		return &e
	}
	return nil
}

// Reread lists the datasets whose rows, as visible at a version, were read in another way than the folder now says: they must be loaded anew
// before their indicators can be computed.
func (db *DB) Reread(ctx context.Context, city *kpi.City, version int64) ([]string, error) {
	var list []string
	err := db.read(ctx, func(t *tx) error {
		err := t.checkReread(ctx, city, version)
		var e *RereadError
		if errors.As(err, &e) {
			list, err = e.Datasets, nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("datasets to be read anew: %w", err)
	}
	return list, nil
}
