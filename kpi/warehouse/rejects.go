package warehouse

import (
	"context"
	"fmt"

	"citystat/kpi"
)

// RejectsOf lists refused rows of a load by file and line: those of the reason and the column that the query names, or all. A load that the
// warehouse does not hold has none.
func (db *DB) RejectsOf(ctx context.Context, q kpi.RejectQuery) ([]kpi.Reject, error) {
	var list []kpi.Reject
	err := db.read(ctx, func(t *tx) error {
		return t.query(ctx, func(scan func(...any) error) error {
			var r kpi.Reject
			err := scan(&r.Load, &r.Dataset, &r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw)
			list = append(list, r)
			return err
		}, `SELECT version, dataset, file, line, field, reason, detail, raw FROM reject
			WHERE dataset = $1 AND version = $2 AND ($3 = '' OR reason = $3) AND ($4 = '' OR field = $4) ORDER BY file, line, field, reason LIMIT $5 OFFSET $6`,
			q.Dataset, q.Load, q.Reason, q.Column, max(q.Limit, 0), max(q.Offset, 0))
	})
	if err != nil {
		return nil, fmt.Errorf("rejects of load %d of %s: %w", q.Load, q.Dataset, err)
	}
	return list, nil
}

// RejectGroupsOf counts the refused rows of a load by reason and column, the most frequent first.
func (db *DB) RejectGroupsOf(ctx context.Context, dataset string, load int64) ([]kpi.RejectGroup, error) {
	var list []kpi.RejectGroup
	err := db.read(ctx, func(t *tx) (err error) {
		list, err = t.rejectGroups(ctx, dataset, load)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rejects of load %d of %s: %w", load, dataset, err)
	}
	return list, nil
}
