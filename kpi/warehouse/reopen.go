package warehouse

import (
	"context"
	"errors"
	"time"

	"citystat/kpi"
)

// After a fatal error, such as a full disk in the middle of a checkpoint, a DuckDB instance answers nothing any more, not even questions that need
// no disk; after a commit that found no room it commits nothing any more. What was committed before is safe in the file and its log: closing the
// instance and opening another brings it back.

// retry is when a warehouse that has stopped is opened again.
type retry struct {
	now    func() time.Time
	after  time.Time     // not before
	wait   time.Duration // after the next failure
	closed bool          // by its owner, for good
}

const (
	firstWait = time.Second
	mostWait  = time.Minute
)

// enter lets somebody use the instance until leave is called. If it has stopped it is opened again first, unless that has just been tried.
func (db *DB) enter(ctx context.Context) (leave func(), err error) {
	for {
		db.gate.RLock()
		if db.fatal.Load() == nil {
			return db.gate.RUnlock, nil
		}
		db.gate.RUnlock()
		if err := db.reopen(context.WithoutCancel(ctx)); err != nil { // half an opening is of no use to anybody
			return nil, err
		}
	}
}

// reopen closes the instance that has stopped and opens another. Whoever is still inside the old one fails soon; until then nobody waits for it
// here: the warehouse is not ready, and the next caller tries.
func (db *DB) reopen(ctx context.Context) error {
	if !db.gate.TryLock() {
		return db.ready()
	}
	defer db.gate.Unlock()
	stopped := db.ready()
	if stopped == nil || db.retry.closed || db.retry.now().Before(db.retry.after) {
		return stopped
	}
	// It may find no room to write into the file; what it could not write is in the log.
	if err := db.sql.Close(); err != nil {
		db.log.WarnContext(ctx, "the warehouse that stopped could not be closed in order", "error", err)
	}
	err := db.connect(ctx)
	if err == nil {
		db.log.InfoContext(ctx, "the warehouse was opened again after a fatal error")
		db.fatal.Store(nil)
		db.retry.after, db.retry.wait = time.Time{}, 0
		return nil
	}
	db.retry.wait = min(max(2*db.retry.wait, firstWait), mostWait)
	db.retry.after = db.retry.now().Add(db.retry.wait)
	db.log.ErrorContext(ctx, "the warehouse cannot be opened again yet", "next", db.retry.wait, "error", err)
	return errors.Join(stopped, err)
}

// ready fails once a fatal error has been seen, until the warehouse is opened again.
func (db *DB) ready() error {
	if err := db.fatal.Load(); err != nil {
		return unready(*err)
	}
	return nil
}

func unready(err error) error {
	return &kpi.Error{Code: kpi.CodeUnready, Message: "the warehouse has stopped after a fatal error and opens again by itself as soon as it can; make room if the disk is full (if it does not open again, run citystat rebuild)", Err: err}
}
