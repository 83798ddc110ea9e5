package warehouse

import (
	"context"
	"fmt"

	"citystat/kpi"
)

// Revision is one value that an observation has had: from the data version Observation.Load until Until, which is 0 while it is the current one.
type Revision struct {
	kpi.Observation
	Until int64 `json:"until,omitempty"`
}

// Revisions returns every value that a period of an indicator has had, for the whole city ("", "") or one member of a dimension, in the order in
// which they came about: what was the value as known on a date. Versions that are not live are for the caller to leave out.
func (db *DB) Revisions(ctx context.Context, indicator, period, dimension, member string) ([]Revision, error) {
	var list []Revision
	err := db.read(ctx, func(t *tx) error {
		return t.query(ctx, func(scan func(...any) error) error {
			var until int64
			o, err := scanObservation(func(dest ...any) error { return scan(append(dest, &until)...) })
			list = append(list, Revision{o.Observation, until})
			return err
		}, `SELECT rowid, indicator, definition, dataset, period, dimension, member, from_version, numerator, denominator, value, rows_counted, excluded, partial, provisional, as_of, coalesce(to_version, 0)
			FROM observation WHERE indicator = $1 AND period = $2 AND dimension = $3 AND member = $4 ORDER BY from_version, definition`, indicator, period, dimension, member)
	})
	if err != nil {
		return nil, fmt.Errorf("revisions of %s in %s: %w", indicator, period, err)
	}
	return list, nil
}
