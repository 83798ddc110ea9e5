package ingest

import (
	"context"
	"errors"
	"reflect"
	"time"

	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// basis is what the visible observations of a dataset were computed from: the last load of the dataset or a later recomputation.
type basis struct {
	asOf kpi.Date
	city *kpi.City // as the folder stood
}

func (r *Runner) basis(ctx context.Context, last kpi.Load) (basis, error) {
	if re, ok, err := r.Ledger.LastLive(ctx, "", time.Time{}); err != nil {
		return basis{}, err
	} else if ok && re.ID > last.ID {
		last = re
	}
	city, err := r.Ledger.Folder(ctx, last.Folder)
	return basis{last.AsOf, city}, err
}

// measures reports whether the observations of a dataset mean what the city now says they mean.
func (b basis) measures(city *kpi.City, dataset string) bool {
	if b.city.TimeZone != city.TimeZone || b.city.FiscalStart != city.FiscalStart {
		return false
	}
	for i := range city.Indicators {
		ind := &city.Indicators[i]
		if ind.Dataset != dataset {
			continue
		}
		old := b.city.Indicator(ind.ID)
		if old == nil || old.Version != ind.Version || old.SettlesAfter != ind.SettlesAfter || !reflect.DeepEqual(old.Dimensions, ind.Dimensions) {
			return false
		}
	}
	return true
}

// sameReading reports whether a city reads the rows of a dataset as it did then: the dataset's hash, and the districts by which rows are
// placed.
func sameReading(then, now *kpi.City, dataset string) bool {
	a, b := then.Dataset(dataset), now.Dataset(dataset)
	if a == nil || b == nil || a.Hash != b.Hash || len(then.Districts) != len(now.Districts) {
		return false
	}
	for i := range now.Districts {
		x, y := then.Districts[i], now.Districts[i]
		if x.ID != y.ID || !reflect.DeepEqual(x.Name, y.Name) || !reflect.DeepEqual(x.Aliases, y.Aliases) {
			return false
		}
	}
	return true
}

// Refresh computes the observations of all datasets anew if they were computed as of another day or by other definitions, as a data
// version of its own; otherwise it does nothing. It is for a new day, and for a folder whose definitions changed but not its data.
//
// It fails with a *warehouse.RereadError if a dataset must be loaded first, because its rows are to be read in another way.
func (r *Runner) Refresh(ctx context.Context, city *kpi.City, asOf kpi.Date) error {
	release, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = r.refresh(ctx, city, asOf)
	return err
}

func (r *Runner) refresh(ctx context.Context, city *kpi.City, asOf kpi.Date) (Report, error) {
	version, err := r.ready(ctx, city, asOf)
	if err != nil {
		return Report{}, err
	}
	cause, err := r.outdated(ctx, city, asOf)
	if err != nil || cause == "" {
		return Report{Unchanged: err == nil}, err
	}
	return r.recomputeAs(ctx, city, asOf, version, cause)
}

// outdated returns why the visible observations are not what they would be if they were computed now; "" if they are.
func (r *Runner) outdated(ctx context.Context, city *kpi.City, asOf kpi.Date) (kpi.Cause, error) {
	var cause kpi.Cause
	for i := range city.Datasets {
		ds := &city.Datasets[i]
		last, ok, err := r.Ledger.LastLive(ctx, ds.ID, time.Time{})
		if err != nil {
			return "", err
		}
		if !ok {
			continue
		}
		then, err := r.Ledger.Folder(ctx, last.Folder)
		if err != nil {
			return "", err
		}
		if !sameReading(then, city, ds.ID) {
			continue
		}
		b, err := r.basis(ctx, last)
		if err != nil {
			return "", err
		}
		if !b.measures(city, ds.ID) {
			return kpi.CauseDefinitions, nil
		}
		if b.asOf != asOf {
			cause = kpi.CauseAsOf
		}
	}
	return cause, nil
}

// recomputeAs makes the data version.
func (r *Runner) recomputeAs(ctx context.Context, city *kpi.City, asOf kpi.Date, folder int, cause kpi.Cause) (Report, error) {
	rep := Report{Load: kpi.Load{Cause: cause, State: kpi.LoadOpen, Started: r.Now(), Folder: folder, AsOf: asOf}}
	visible, _, err := r.Ledger.Visible(ctx, time.Time{})
	if err != nil {
		return rep, err
	}
	if rep.Load.ID, err = r.Ledger.Begin(ctx, rep.Load); err != nil {
		return rep, err
	}
	out, err := r.Warehouse.Recompute(ctx, warehouse.RecomputeInput{Version: rep.Load.ID, Cause: cause, City: city, AsOf: asOf, Visible: visible})
	if err == nil {
		err = r.publish(ctx, &rep, out)
	}
	if err != nil {
		err = errors.Join(err, r.undo(ctx, rep.Load.ID))
	}
	r.finish(ctx, &rep, err)
	return rep, err
}
