package connector

import (
	"context"
	"errors"

	"citystat/kpi"
)

// Ledger reads what the program itself records, such as its loads and deliveries: so that freshness and delivery on time are indicators
// like any other. The rows are kept in a copy like those of any source, so a rebuild gives the same numbers.
type Ledger struct{}

// Read copies a table of what is recorded.
func (Ledger) Read(ctx context.Context, req Request) (Result, error) {
	src := &req.Dataset.Source
	if req.Recorded == nil {
		return Result{}, kpi.Errorf(kpi.CodeInternal, "dataset %s asks for what the program records, and nothing is handed to it", req.Dataset.ID)
	}
	columns, rows, err := req.Recorded.Table(ctx, src.Table)
	if err != nil {
		return Result{}, inDataset(req, err)
	}
	d := newDelivery(req)
	r, err := d.newRecords(ctx, "ledger/"+src.Table, columns)
	if err != nil {
		return Result{}, err
	}
	var line int64
	for fields, err := range rows {
		line++
		if err == nil {
			err = r.row(line, fields)
		}
		if err != nil {
			return Result{}, errors.Join(err, r.discard())
		}
	}
	f, err := r.finish(true) // where nothing has been recorded yet, nothing is wrong
	if err != nil {
		return Result{}, err
	}
	f.SourceHash, f.Undeclared = f.Copy, nil // the columns are the program's own: that one is not declared is no news
	d.result.Files = []File{f}
	return d.finish(), nil
}
