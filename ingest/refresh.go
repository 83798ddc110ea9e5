package ingest

import (
	"context"
	"errors"
	"reflect"
	"strings"
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
// placed, with their borders if it is by coordinates.
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
		if b.Source.Geometry == geometryDistrict && !reflect.DeepEqual(x.Polygons, y.Polygons) {
			return false
		}
	}
	return true
}

// geometryDistrict is the kpi.Source.Geometry by which a connector turns coordinates into districts.
const geometryDistrict = "district"

// Refresh computes the observations of all datasets anew if they were computed as of another day or by other definitions, as a data
// version of its own; otherwise it does nothing. It is for a new day, and for a folder whose definitions changed but not its data.
//
// A dataset whose rows are to be read in another way than they were loaded is first loaded anew from its kept copies, if they hold what the
// folder now declares. If that fails, or cannot be, the dataset keeps its numbers by its old definitions ([Countable]) until a delivery is
// good, and the others are computed all the same.
func (r *Runner) Refresh(ctx context.Context, city *kpi.City, asOf kpi.Date) error {
	release, err := r.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	_, err = r.refresh(ctx, city, asOf, How{Trigger: kpi.TriggerStart})
	return err
}

func (r *Runner) refresh(ctx context.Context, city *kpi.City, asOf kpi.Date, how How) ([]Report, error) {
	version, err := r.ready(ctx, city, asOf)
	if err != nil {
		return nil, err
	}
	reports, err := r.rereadAll(ctx, city, asOf, how)
	if err != nil {
		return reports, err
	}
	cause, err := r.outdated(ctx, city, asOf)
	if err != nil || cause == "" {
		return reports, err
	}
	rep, err := r.recomputeAs(ctx, city, asOf, version, cause)
	return append(reports, rep), err
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
		b, err := r.basis(ctx, last)
		if err != nil {
			return "", err
		}
		// What was read in another way keeps its old definitions: the new ones make nothing outdated.
		if sameReading(then, city, ds.ID) && !b.measures(city, ds.ID) {
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
	countable, behind, err := Countable(ctx, r.Ledger, city, time.Time{})
	if err != nil {
		return rep, err
	}
	if len(behind) > 0 {
		rep.Warnings = append(rep.Warnings, "counted by their old definitions until they can be loaded by the new ones: "+strings.Join(behind, ", "))
	}
	if rep.Load.ID, err = r.Ledger.Begin(ctx, rep.Load); err != nil {
		return rep, err
	}
	r.step = kpi.StepObserve
	out, err := r.Warehouse.Recompute(ctx, warehouse.RecomputeInput{Version: rep.Load.ID, Cause: cause, City: countable, AsOf: asOf, Visible: visible})
	if err == nil {
		err = r.publish(ctx, &rep, out)
	}
	if err != nil {
		err = errors.Join(err, r.undo(ctx, rep.Load.ID))
	}
	r.finish(ctx, &rep, err)
	return rep, err
}
