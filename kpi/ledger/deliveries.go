package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"citystat/kpi"
)

// Deliveries returns what the runs of a dataset brought that had begun by knownAt (the zero time: now), one entry a day in a location, from a day on,
// and the newest day before it on which new data came. Runs that are under way brought nothing yet.
func (db *DB) Deliveries(ctx context.Context, dataset string, since kpi.Date, loc *time.Location, knownAt time.Time) ([]kpi.Delivery, error) {
	from := nanos(time.Date(since.Year, since.Month, since.Day, 0, 0, 0, 0, loc))
	var list []kpi.Delivery
	err := db.view(ctx, "read deliveries", func(tx *sql.Tx) error {
		var before sql.NullInt64
		err := tx.QueryRowContext(ctx, `/* Deliveries before */ SELECT max(started) FROM load WHERE state = 'live' AND dataset = ? AND started < ?`, dataset, from).Scan(&before)
		if err != nil {
			return err
		}
		if before.Valid {
			list = append(list, kpi.Delivery{Day: kpi.DateOf(timeOf(before.Int64).In(loc)), New: true})
		}
		days, err := deliveries(ctx, tx, dataset, from, until(knownAt), loc)
		list = append(list, days...)
		return err
	})
	return list, err
}

// errEnough ends the reading of rows.
var errEnough = errors.New("enough rows were read")

// deliveries reads the runs from the newest on, as far back as from: those of a dataset have no index by time, and ids follow it.
func deliveries(ctx context.Context, tx *sql.Tx, dataset string, from, to int64, loc *time.Location) ([]kpi.Delivery, error) {
	var list []kpi.Delivery // the newest first
	err := each(ctx, tx, func(scan scanFunc) error {
		var started int64
		var of, state string
		if err := scan(&of, &started, &state); err != nil {
			return err
		}
		if started < from {
			return errEnough
		}
		if of != dataset || started > to {
			return nil
		}
		day := kpi.DateOf(timeOf(started).In(loc))
		if n := len(list); n == 0 || list[n-1].Day != day {
			list = append(list, kpi.Delivery{Day: day})
		}
		note(&list[len(list)-1], kpi.LoadState(state))
		return nil
	}, `/* Deliveries */ SELECT dataset, started, state FROM load ORDER BY id DESC`)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	days := list[:0:0]
	for i := len(list) - 1; i >= 0; i-- {
		if d := list[i]; d.New || d.Unchanged || d.Failed {
			d.Unchanged = d.Unchanged && !d.New
			days = append(days, d)
		}
	}
	return days, nil
}

// note adds to a day what came of a run.
func note(d *kpi.Delivery, state kpi.LoadState) {
	switch state {
	case kpi.LoadLive:
		d.New = true
	case kpi.LoadUnchanged:
		d.Unchanged = true
	case kpi.LoadFailed, kpi.LoadAbandoned:
		d.Failed = true
	}
}
