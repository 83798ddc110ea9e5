package ingest

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// Preview says what a load would bring if a batch were entered into its dataset as well: it does all that a load does, in the one transaction, and takes it
// back. Nothing of it becomes visible, is written down in the ledger or stays in the spool. It waits for its turn as a load does.
//
// That the load would fail is no error: the preview says why.
func (r *Runner) Preview(ctx context.Context, city *kpi.City, folder fs.FS, asOf kpi.Date, batch kpi.EntryBatch) (kpi.EntryPreview, error) {
	ds := city.Dataset(batch.Dataset)
	switch {
	case ds == nil:
		return kpi.EntryPreview{}, noDataset(city, batch.Dataset)
	case ds.Source.Kind != kpi.SourceEntry || r.Entries == nil:
		return kpi.EntryPreview{}, kpi.Errorf(kpi.CodeInvalid, "nobody types into the dataset %s: its source is of kind %s", ds.ID, ds.Source.Kind)
	}
	release, err := r.take(ctx)
	if err != nil {
		return kpi.EntryPreview{}, err
	}
	defer release()
	version, err := r.ready(ctx, city, asOf)
	if err != nil {
		return kpi.EntryPreview{}, err
	}
	quiet := *r // nobody is told of steps: it is no run
	quiet.Hook, quiet.Progress, quiet.Entries = func(kpi.Step) {}, func(kpi.Progress) {}, andThen{r.Entries, batch}
	rep := &Report{Dataset: ds.ID, Load: kpi.Load{
		Cause: kpi.CauseLoad, Dataset: ds.ID, State: kpi.LoadStaged, Started: r.Now(), Folder: version, AsOf: asOf, Trigger: kpi.TriggerPerson, Attempt: 1,
	}}
	return (&attempt{Runner: &quiet, city: city, folder: folder, ds: ds, report: rep}).preview(ctx, batch)
}

// preview goes through the steps of a load and keeps nothing.
func (a *attempt) preview(ctx context.Context, batch kpi.EntryBatch) (p kpi.EntryPreview, err error) {
	if err := a.guard(); err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, a.clear()) }()
	if err := a.recall(ctx); err != nil {
		return p, err
	}
	visible, _, err := a.Ledger.Visible(ctx, time.Time{})
	if err != nil {
		return p, err
	}
	a.report.Load.ID = visible + 1 // any number that follows: nobody will see it
	if err := a.fetch(ctx); kpi.ErrorCode(err) == kpi.CodeInvalid && ctx.Err() == nil {
		p.Failed = err.Error()
		return p, nil
	} else if err != nil {
		return p, err
	}
	out, err := a.Warehouse.Preview(ctx, a.input(visible))
	if err != nil {
		return p, err
	}
	p.Counts, p.Warnings, p.Failed = out.Counts, append(a.report.Warnings, out.Warnings...), out.Failed
	for _, c := range out.Checks {
		if c.Failed > 0 {
			p.Checks = append(p.Checks, c)
		}
	}
	if p.Failed == "" {
		p.Changes = changedValues(out.Before, out.After)
	}
	for _, r := range out.Refused {
		id, line := kpi.EntryOf(r.Line)
		if r.File != kpi.Entries || id != batch.ID {
			p.Others++
			continue
		}
		p.Faults = append(p.Faults, kpi.EntryFault{Line: line, Column: r.Column, Reason: r.Reason, Detail: r.Detail, Raw: r.Raw})
	}
	slices.SortStableFunc(p.Faults, func(a, b kpi.EntryFault) int { return cmp.Compare(a.Line, b.Line) })
	return p, nil
}

// andThen are the entries that count, and one batch after them.
type andThen struct {
	connector.Entries
	batch kpi.EntryBatch
}

// Entered returns the batches; the one that is added stands in the place of what is known of it.
func (e andThen) Entered(ctx context.Context, dataset string) ([]kpi.EntryBatch, error) {
	list, err := e.Entries.Entered(ctx, dataset)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(b kpi.EntryBatch) bool { return b.ID == e.batch.ID })
	return append(list, e.batch), nil
}

// changedValues compares the observations of a dataset before and after.
func changedValues(before, after []kpi.Observation) []kpi.ValueChange {
	of := func(o *kpi.Observation) identity { return identity{o.Indicator, o.Period, o.Dimension, o.Member} }
	was := map[identity]*kpi.Observation{}
	for i := range before {
		was[of(&before[i])] = &before[i]
	}
	var list []kpi.ValueChange
	add := func(id identity, was, now *float64) {
		list = append(list, kpi.ValueChange{Indicator: id.indicator, Period: id.period, Dimension: id.dimension, Member: id.member, Was: was, Now: now})
	}
	for i := range after {
		o, id := &after[i], of(&after[i])
		old := was[id]
		delete(was, id)
		switch {
		case old == nil:
			add(id, nil, o.Value)
		case !same(old.Value, o.Value):
			add(id, old.Value, o.Value)
		}
	}
	for i := range before { // in their order
		if id := of(&before[i]); was[id] != nil {
			add(id, before[i].Value, nil)
		}
	}
	return list
}

// sameFields finds out which fields of a key mean the same, as the warehouse will read them: as far as that can be told before it does. Where it cannot, two
// rows have the same key and the warehouse says so.
func sameFields(city *kpi.City) connector.Same {
	districts := city.DistrictIndex()
	return func(c *kpi.Column, field string) string {
		s := norm.NFC.String(strings.Join(strings.Fields(field), " "))
		if ours, ok := c.Values[s]; ok {
			s = ours
		}
		switch c.Type {
		case kpi.TypeDistrict:
			if id, ok := districts[kpi.NormaliseName(s)]; ok {
				return id
			}
		case kpi.TypeDate:
			if d, ok := c.ReadDay(s); ok {
				return d.String()
			}
		case kpi.TypeInteger:
			if n, err := strconv.ParseInt(s, 10, 64); err == nil {
				return strconv.FormatInt(n, 10)
			}
		case kpi.TypeBoolean:
			return strings.ToLower(s)
		}
		return s
	}
}
