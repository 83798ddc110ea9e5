package warehouse

import (
	"context"
	"fmt"

	"citystat/kpi"
)

// RejectsOf lists refused rows of the loads of a dataset from the load since to the load of the query, the newest load first and each by file and
// line: those of the reason and the column that the query names, or all. Where deliveries bring changes alone, a row that one of them lost does
// not come again with the next one: it is missing until everything is fetched, so since is the last load that brought everything. Otherwise it
// is the load itself. A load that the warehouse does not hold has none.
func (db *DB) RejectsOf(ctx context.Context, q kpi.RejectQuery, since int64) ([]kpi.Reject, error) {
	var list []kpi.Reject
	err := db.read(ctx, func(t *tx) error {
		return t.query(ctx, func(scan func(...any) error) error {
			var r kpi.Reject
			err := scan(&r.Load, &r.Dataset, &r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw)
			list = append(list, r)
			return err
		}, `SELECT version, dataset, file, line, field, reason, detail, raw FROM reject
			WHERE dataset = $1 AND version BETWEEN $7 AND $2 AND ($3 = '' OR reason = $3) AND ($4 = '' OR field = $4)
			ORDER BY version DESC, file, line, field, reason LIMIT $5 OFFSET $6`,
			q.Dataset, q.Load, q.Reason, q.Column, max(q.Limit, 0), max(q.Offset, 0), since)
	})
	if err != nil {
		return nil, fmt.Errorf("rejects of load %d of %s: %w", q.Load, q.Dataset, err)
	}
	return list, nil
}

// RejectGroupsOf counts the rows that [DB.RejectsOf] lists by reason and column, the most frequent first.
func (db *DB) RejectGroupsOf(ctx context.Context, dataset string, since, load int64) ([]kpi.RejectGroup, error) {
	var list []kpi.RejectGroup
	err := db.read(ctx, func(t *tx) error {
		return t.query(ctx, func(scan func(...any) error) error {
			var g kpi.RejectGroup
			err := scan(&g.Reason, &g.Column, &g.Rows)
			list = append(list, g)
			return err
		}, "SELECT reason, field, count(*) AS n FROM reject WHERE dataset = $1 AND version BETWEEN $2 AND $3 GROUP BY reason, field ORDER BY n DESC, reason, field", dataset, since, load)
	})
	if err != nil {
		return nil, fmt.Errorf("rejects of load %d of %s: %w", load, dataset, err)
	}
	return list, nil
}
