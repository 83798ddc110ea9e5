package warehouse

import (
	"context"
	"errors"
	"fmt"

	"citystat/kpi"
)

// Previewed is what a load would come to.
type Previewed struct {
	Output                   // without a checksum; Refused holds the rows that would be refused whether the load would be taken or not, at most MaxRefused
	Failed string            // why the load would not be taken; empty: it would
	Before []kpi.Observation // of the dataset, as they are visible now
	After  []kpi.Observation // as they would be; none where Failed
}

// Preview does all that [DB.Load] does, in the same transaction, and takes it back: nothing of it is seen by anybody or stays. A load that would not be
// taken is no error.
func (db *DB) Preview(ctx context.Context, in LoadInput) (Previewed, error) {
	var p Previewed
	l := &loader{in: &in}
	if err := l.prepare(); err != nil {
		return p, err
	}
	if err := db.checkSpace(); err != nil {
		return p, err
	}
	select {
	case db.writer <- struct{}{}:
		defer func() { <-db.writer }()
	case <-ctx.Done():
		return p, fmt.Errorf("waiting for the warehouse's writer: %w", ctx.Err())
	}
	var failed error
	err := db.transact(ctx, func(t *tx) error {
		l.tx = t
		var err error
		if p.Before, err = t.observationsOf(ctx, in.Dataset, in.Visible); err != nil {
			return err
		}
		if failed = l.run(ctx); failed != nil {
			return failed
		}
		if p.After, err = t.observationsOf(ctx, in.Dataset, in.Load.ID); err != nil {
			return err
		}
		return l.wouldRefuse(ctx)
	}, "ROLLBACK")
	p.Output = l.out
	p.Checksum = ""
	switch {
	case err == nil:
	case failed != nil && errors.Is(err, failed) && kpi.ErrorCode(failed) == kpi.CodeInvalid && ctx.Err() == nil && db.ready() == nil:
		p.Failed = failed.Error()
		p.Refused = append(p.Refused, in.Rejects...)
	default:
		return Previewed{}, fmt.Errorf("preview of %s: %w", in.Dataset, err)
	}
	return p, nil
}

// observationsOf reads the observations of a dataset that are visible at a version.
func (t *tx) observationsOf(ctx context.Context, dataset string, version int64) ([]kpi.Observation, error) {
	all, err := t.visibleObservations(ctx, dataset, version)
	list := make([]kpi.Observation, len(all))
	for i, o := range all {
		list[i] = o.Observation
	}
	return list, err
}

// wouldRefuse reads what the load has written down as refused.
func (l *loader) wouldRefuse(ctx context.Context) error {
	return l.tx.query(ctx, func(scan func(...any) error) error {
		r := kpi.Reject{Load: l.in.Load.ID, Dataset: l.dataset.ID}
		err := scan(&r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw)
		l.out.Refused = append(l.out.Refused, r)
		return err
	}, fmt.Sprintf("SELECT file, line, field, reason, detail, raw FROM reject WHERE version = $1 AND dataset = $2 ORDER BY file, line, field LIMIT %d", MaxRefused), l.in.Load.ID, l.dataset.ID)
}
