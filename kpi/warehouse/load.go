package warehouse

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"citystat/kpi"
)

// LoadInput is one load of one dataset.
type LoadInput struct {
	Load          kpi.Load // ID = data version; Folder, AsOf, Spool filled in
	City          *kpi.City
	Dataset       string
	Files         []string     // plain canonical copies within the spool, parallel to Load.Spool
	Rejects       []kpi.Reject // rows that the connector set aside
	Read, Skipped int64        // counted by the connector, independently of DuckDB
	Previous      kpi.Load     // the last live load of this dataset; zero if there is none
	Visible       int64        // the newest live data version before this one

	Progress func(kpi.Progress)  // told how far the load is; may be nil
	Hook     func(step kpi.Step) // called when a step begins inside the transaction; may be nil
}

// Output is what a load or a recomputation came to.
type Output struct {
	Counts       kpi.Counts
	Checks       []kpi.CheckResult
	Warnings     []string
	Checksum     string // over all observations visible at the new version
	Observations int64  // observations that are new or have changed

	Refused []kpi.Reject // of a load that was not taken: the rows that it refused, at most MaxRefused; those of one that was are in the warehouse
}

// loader is a load under way.
type loader struct {
	tx      *tx
	in      *LoadInput
	dataset *kpi.Dataset
	asOf    asOf
	readers []*reader
	checks  []check
	table   string // the row table
	before  string // the row table of the rows that were visible before; "" if there were none
	direct  bool   // the rows go straight into the row table
	visible int64  // rows that were visible before a delivery of changes
	rows    int64  // rows read from the canonical copies
	refused int64  // of these, refused here
	out     Output
}

// Load brings the rows of a dataset in and computes its indicators anew, in one transaction. If anything fails nothing has changed:
// a *kpi.Error says what, where and the mend. The new version is complete when Load returns, and visible when the ledger says so.
//
// If LoadInput.Load.Changes is set the delivery holds only rows that are new or changed since LoadInput.Previous: rows that are not in it stay, and
// none is gone. A row of it that is refused is counted and written down, and what was known before of its key stays visible. It fails with
// kpi.CodeConflict if there is nothing that the changes could follow on; then everything has to be fetched.
func (db *DB) Load(ctx context.Context, in LoadInput) (Output, error) {
	l := &loader{in: &in}
	if err := l.prepare(); err != nil {
		return Output{}, err
	}
	if err := db.checkSpace(); err != nil {
		return Output{}, err
	}
	err := db.write(ctx, func(t *tx) error {
		l.tx = t
		return l.run(ctx)
	})
	if err != nil {
		return Output{Refused: l.out.Refused}, fmt.Errorf("load %d of %s: %w", in.Load.ID, in.Dataset, err)
	}
	return l.out, nil
}

// prepare refuses what cannot be loaded before anything is touched.
func (l *loader) prepare() error {
	l.dataset = l.in.City.Dataset(l.in.Dataset)
	if l.dataset == nil {
		return kpi.Errorf(kpi.CodeNotFound, "the city has no dataset %q", l.in.Dataset)
	}
	if err := validate(l.dataset); err != nil {
		return err
	}
	cal, err := l.in.City.Calendar()
	if err != nil {
		return err
	}
	if l.in.Load.AsOf.IsZero() {
		return kpi.Errorf(kpi.CodeInternal, "load %d has no as-of date", l.in.Load.ID)
	}
	l.asOf = asOfIn(l.in.Load.AsOf, cal.Location)
	l.checks, err = parseChecks(l.dataset)
	return err
}

func (l *loader) run(ctx context.Context) error {
	steps := []struct {
		step kpi.Step
		do   []func(context.Context) error
	}{
		{kpi.StepStage, []func(context.Context) error{l.guard, l.stage, l.resolvePlaces}},
		{kpi.StepCheck, []func(context.Context) error{l.checkRows, l.checkExists, l.checkUnique, l.settleChecks, l.addUp, l.compareRows, l.checkLimits, l.warnMarks, l.keepRows, l.checkFresh, l.keepRejects, l.record}},
		{kpi.StepObserve, []func(context.Context) error{l.observe}},
		{kpi.StepCommit, []func(context.Context) error{l.clean}},
	}
	for _, s := range steps {
		l.begin(s.step)
		for _, do := range s.do {
			if err := do(ctx); err != nil {
				return l.tx.fail(errors.Join(err, l.showRefused(ctx)))
			}
		}
	}
	return nil
}

// begin tells whoever watches that a step begins.
func (l *loader) begin(step kpi.Step) {
	if l.in.Progress != nil {
		l.in.Progress(kpi.Progress{Dataset: l.dataset.ID, Step: step, Done: l.rows, Total: l.in.Read, Unit: "rows"})
	}
	if l.in.Hook != nil {
		l.in.Hook(step)
	}
}

// guard refuses to build on rows that nobody calls live.
func (l *loader) guard(ctx context.Context) error {
	return l.tx.guardVersion(ctx, l.in.Load.ID, l.in.Visible)
}

func (t *tx) guardVersion(ctx context.Context, version, visible int64) error {
	s := &statement{}
	s.printf("SELECT coalesce(max(version), 0) FROM data_version")
	var newest int64
	if err := t.row(ctx, s, &newest); err != nil {
		return err
	}
	if newest > visible || version <= visible {
		return kpi.Errorf(kpi.CodeConflict, "the warehouse holds data version %d and the newest live one is %d, so version %d cannot follow; undo what is not live (a restart does)", newest, visible, version)
	}
	return nil
}

// addUp counts the rows: every row read is accepted, rejected or skipped, by two counts that know nothing of each other.
func (l *loader) addUp(ctx context.Context) error {
	s := &statement{}
	s.printf("SELECT count(_fault) FROM %s", l.staged())
	if err := l.tx.row(ctx, s, &l.refused); err != nil {
		return err
	}
	c := &l.out.Counts
	c.Read, c.Skipped = l.in.Read, l.in.Skipped
	c.Rejected = l.refused + int64(len(l.in.Rejects))
	c.Accepted = l.rows - l.refused
	if c.Read != c.Accepted+c.Rejected+c.Skipped {
		return kpi.Errorf(kpi.CodeInternal, "the counts do not add up: %d rows read, %d accepted + %d rejected + %d skipped", c.Read, c.Accepted, c.Rejected, c.Skipped)
	}
	return nil
}

// keepRejects writes down the rows that were refused: the connector's and ours.
func (l *loader) keepRejects(ctx context.Context) error {
	if l.refused > 0 {
		if err := l.keepRefused(ctx); err != nil {
			return err
		}
	}
	if len(l.in.Rejects) == 0 {
		return nil
	}
	return l.tx.appendRows("reject", func(add func(...driver.Value) error) error {
		for _, r := range l.in.Rejects {
			if err := add(l.in.Load.ID, l.dataset.ID, valid(r.File), r.Line, valid(r.Column), valid(r.Reason), valid(r.Detail), valid(cut(r.Raw))); err != nil {
				return err
			}
		}
		return nil
	})
}

// explain lists what the numbers in _fault mean.
func (l *loader) explain() []fault {
	var list []fault
	for _, r := range l.readers {
		list = append(list, r.explain()...)
	}
	for _, c := range l.checks {
		list = append(list, c.explain(l.dataset))
	}
	return list
}

// record writes down that the version is there, with its counts and files.
func (l *loader) record(ctx context.Context) error {
	v := version{l.in.Load.ID, kpi.CauseLoad, l.dataset.ID, l.dataset.Hash, l.in.Load.AsOf}
	if err := l.tx.record(ctx, v, l.out.Counts); err != nil {
		return err
	}
	return l.tx.appendRows("load_file", func(add func(...driver.Value) error) error {
		for i, f := range l.in.Load.Spool {
			if err := add(l.in.Load.ID, int32(i), valid(f.Source), valid(f.Copy)); err != nil {
				return err
			}
		}
		return nil
	})
}

// clean drops the temporary tables; they would live as long as the connection.
func (l *loader) clean(ctx context.Context) error {
	for _, t := range []string{stageTable, diffTable, metTable} {
		if _, err := l.tx.exec(ctx, "DROP TABLE IF EXISTS "+t); err != nil {
			return err
		}
	}
	return nil
}
