package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"citystat/ingest/job"
	"citystat/kpi"
)

// What says by when a delivery is expected.
const (
	ByEvery    = "every"    // expect.every
	BySchedule = "schedule" // the schedule, where nothing is said of expect.every
)

// Delivery is one time by which something was expected of a dataset, and what came.
//
// Where the folder says expect: every, new content is due so long after the content before it: a whole number of days means the end of that day
// in the city's zone; what comes on the same day again settles nothing more. What comes late is a row that is late, with the moment at which it came; a time by which nothing came and after which another
// one passed has no moment. The first run is a beginning: what it brings is no row.
//
// Where it has a schedule alone, each of its times expects a run that finds the source in order, be it as it was, before the next one.
//
// What was expected is said by the folder of that time: one that is changed later changes no row of the past. There is a row once something came or
// its time has passed.
type Delivery struct {
	Dataset, Department string
	ExpectedBy          string // ByEvery or BySchedule
	Due                 time.Time
	At                  time.Time // zero: nothing came
	OnTime              bool
	Load                int64 // that brought it; 0: none
}

// deliveries works out the deliveries of all datasets of the city, by dataset in the order of the folder.
func (r *recorded) deliveries(ctx context.Context) ([]Delivery, error) {
	var list []Delivery
	for _, d := range r.city.Datasets {
		if d.Source.Kind == kpi.SourceLedger {
			continue
		}
		loads, err := r.loads(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		e := &expecting{recorded: r, dues: map[int64]bool{}, runs: slices.DeleteFunc(loads, func(l kpi.Load) bool { return !askedSource(l) })}
		if err := e.all(ctx); err != nil {
			return nil, fmt.Errorf("deliveries of %s: %w", d.ID, err)
		}
		list = append(list, e.list...)
	}
	return list, nil
}

// expecting goes through the runs of a dataset.
type expecting struct {
	*recorded
	runs  []kpi.Load // that asked the source, oldest first
	since time.Time  // everything up to here is settled
	list  []Delivery
	dues  map[int64]bool // those of the list, in seconds
}

// add puts a delivery on the list. A time has one row, which is the key of the table: where the folder came to expect the same time twice,
// the row that was there first stays as it is.
func (e *expecting) add(d Delivery) {
	if at := d.Due.Unix(); !e.dues[at] {
		e.dues[at] = true
		e.list = append(e.list, d)
	}
}

func (e *expecting) all(ctx context.Context) error {
	if len(e.runs) == 0 {
		return nil
	}
	e.since = e.runs[0].Started
	if e.content(time.Time{}) == 0 {
		e.since = moment(e.runs[0])
	}
	for {
		ds, city, err := e.inForce(ctx)
		if err != nil {
			return err
		}
		var more bool
		switch {
		case ds.Expect.Every > 0:
			more, err = e.every(city, ds)
		case !ds.Schedule.IsZero():
			more, err = e.schedule(city, ds)
		default:
			more = e.skip()
		}
		if err != nil || !more {
			return err
		}
	}
}

// inForce returns the dataset as it stood in the folder of the newest run up to now.
func (e *expecting) inForce(ctx context.Context) (kpi.Dataset, *kpi.City, error) {
	newest := e.runs[0]
	for _, l := range e.runs {
		if !l.Started.After(e.since) {
			newest = l
		}
	}
	city, err := e.folder(ctx, newest.Folder)
	if err != nil {
		return kpi.Dataset{}, nil, err
	}
	ds, err := e.then(ctx, newest)
	return ds, city, err
}

// skip goes on to the next run, where nothing is expected.
func (e *expecting) skip() bool {
	for _, l := range e.runs {
		if l.Started.After(e.since) {
			e.since = l.Started
			return true
		}
	}
	return false
}

// every settles what is due after an interval.
func (e *expecting) every(city *kpi.City, ds kpi.Dataset) (bool, error) {
	cal, err := city.Calendar()
	if err != nil {
		return false, err
	}
	d := Delivery{Dataset: ds.ID, Department: ds.Department, ExpectedBy: ByEvery, Due: after(e.since, ds.Expect.Every, cal.Location)}
	until := e.now
	i := e.content(e.since)
	// What comes on the same day as the content before it is due no later than that was: it is a correction, and the next day is still to come.
	for ; i >= 0 && after(moment(e.runs[i]), ds.Expect.Every, cal.Location).Equal(d.Due); i = e.content(e.since) {
		e.since = moment(e.runs[i])
	}
	if i >= 0 {
		until = moment(e.runs[i])
	}
	for next := after(d.Due, ds.Expect.Every, cal.Location); next.Before(until); next = after(d.Due, ds.Expect.Every, cal.Location) {
		e.add(d) // nothing came for it
		d.Due = next
	}
	if i < 0 {
		if d.Due.Before(e.now) {
			e.add(d)
		}
		return false, nil
	}
	e.since = until
	d.At, d.Load, d.OnTime = until, e.runs[i].ID, !until.After(d.Due)
	e.add(d)
	return true, nil
}

// after is when something is due that is to come so long after a moment.
func after(t time.Time, every time.Duration, zone *time.Location) time.Time {
	const day = 24 * time.Hour
	if every%day != 0 {
		return t.Add(every)
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d+int(every/day)+1, 0, 0, 0, 0, zone).Add(-time.Second)
}

// schedule settles the next time of the schedule.
func (e *expecting) schedule(city *kpi.City, ds kpi.Dataset) (bool, error) {
	cal, err := city.Calendar()
	if err != nil {
		return false, err
	}
	cron, err := job.ParseCron(ds.Schedule.Cron, cal.Location)
	if err != nil {
		return false, err
	}
	from := cron.Next(e.since)
	d := Delivery{Dataset: ds.ID, Department: ds.Department, ExpectedBy: BySchedule, Due: cron.Next(from)}
	for _, l := range e.runs {
		if at := moment(l); good(l) && !at.Before(from) && at.Before(d.Due) {
			d.At, d.Load, d.OnTime = at, l.ID, true
			break
		}
	}
	if !d.OnTime && d.Due.After(e.now) || from.IsZero() || d.Due.IsZero() {
		return false, nil
	}
	e.add(d)
	e.since = from
	return true, nil
}

// content returns the index of the first run after a moment that brought content other than what was live before it, -1 if there is none.
func (e *expecting) content(since time.Time) int {
	before := ""
	for i, l := range e.runs {
		if l.State != kpi.LoadLive {
			continue
		}
		if moment(l).After(since) && l.SourceHash != before {
			return i
		}
		before = l.SourceHash
	}
	return -1
}

// moment is when a run was good: it became live, or found that nothing was new.
func moment(l kpi.Load) time.Time {
	switch {
	case !l.LiveAt.IsZero():
		return l.LiveAt
	case !l.Ended.IsZero():
		return l.Ended
	}
	return l.Started
}
