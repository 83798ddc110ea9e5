package ingest

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"citystat/ingest/connector"
	"citystat/kpi"
)

// The tables of what the program records itself, for sources of kind ledger. Times are written 2006-01-02T15:04:05Z, yes and no as true and
// false; what is not known is blank. Nothing is told of datasets of kind ledger, and nothing that is still under way, so the rows of the past
// stay as they are.
const (
	// TableLoads has a row for each run that has ended: load (the data version), dataset, department, trigger, attempt, state (live, unchanged,
	// failed, abandoned), good (live or unchanged), started, ended, live_at, read, accepted, rejected, skipped, rejected_share (0–1 of the rows read),
	// new, restated, gone. The department is the one that the folder named at that time.
	TableLoads = "loads"
	// TableDeliveries has a row for each time by which a delivery was expected; see [Delivery]. Its columns: delivery (the key), dataset,
	// department, expected_by (every or schedule), due, delivered_at, on_time, load, suspended (its time fell into an emergency that was declared for the
	// department: it is neither on time nor late, and on_time is blank).
	TableDeliveries = "deliveries"
	// TableCommentary has a row for each number that a department explained or began to explain, and for each miss of now that nobody explains. Its
	// columns: commentary (the key: indicator/period), indicator, department, period, period_end, state (draft, submitted, returned, approved, withdrawn;
	// missing), miss, public, lang, due (ten working days after the number could be known; only of a miss), begun_at, submitted_at (for the first time), approved_at,
	// on_time (sent by its date; blank as long as it may still be, and where its date fell into an emergency), returned (how often), suspended (its date did). A miss
	// that nobody explained is in it until the next period is judged: a source that delivers changes keeps it.
	TableCommentary = "commentary"
	// TableContests has a row for each number that a department contested: contest (the key), indicator, department, period, state (open, corrected, upheld,
	// withdrawn), public, contested_at, due (five working days later), answered_at, on_time (blank as long as it may still be), load (that mended it).
	TableContests = "contests"
	// TableCommitments has a row for each promise that people made to each other, and for each request: number (the key), department (of the owner when it was
	// made), owner (a post), indicator, made, first_due (as it was promised first), due (as it stands), moves (how often that date was moved), state (open, done,
	// kept, dropped), done (the day on which its owner called it done), ended (the day on which it was closed), on_time, public, source (where it was made), kind
	// (promise or request), slips (how often its owner moved the date to a later one), chair_moves (how often whoever presides moved it), agreed_due, suspended
	// (agreed_due fell into an emergency). on_time is whether it was kept by agreed_due: the first date, or the newest one to which whoever presides moved it,
	// whatever its owner did to that date; blank as long as it may still be, of what was dropped before, and where suspended.
	TableCommitments = "commitments"
	// TableFilings has a row for each department's part of a reporting round that was not stopped: filing (the key: round/department), round, period, department,
	// state (open, filled, returned, checked, excused), due, filled_at (the day, for the first time), on_time (blank as long as it may still be), returns (how
	// often it was returned), checked_at (the day).
	TableFilings = "filings"
	// TableMeetings has a row for each stat meeting that has come: those that people did something about, and those that the rhythm of their series gave and nobody
	// touched, from the day on which the ledger began or from the first of the series that is in it. Its columns: meeting (the key: series/slot), series, slot (the
	// day that the rhythm gave), date (the day for which it was planned at last), outcome (held, cancelled, missed), moved (how often), extra (called beside the
	// rhythm), suspended (it was not held, in an emergency of all its departments), memo_due, memo_at, memo_on_time (48 hours before; blank of what was cancelled or
	// suspended, and where its time fell into an emergency), follow_up_due, follow_up_at, follow_up_on_time (two days after; only of what was held, and blank as long as it may
	// still be or where its time fell into an emergency), minutes_booked, minutes_taken, promises, requests (made in it). The rhythm of now is that of the past, too:
	// where it changes, the folder should end a series and begin another.
	TableMeetings = "meetings"
	// TableAgencies has a row for each department and month in which a series of stat meetings took its numbers, up to the month of now: agency (the key:
	// department/month), department, month (its first day), held (how many meetings), at_least_one (blank as long as one may still be held, and where suspended),
	// suspended (none was held, and an emergency had the department on every working day of the month).
	TableAgencies = "agencies"
)

var (
	loadColumns     = []string{"load", "dataset", "department", "trigger", "attempt", "state", "good", "started", "ended", "live_at", "read", "accepted", "rejected", "skipped", "rejected_share", "new", "restated", "gone"}
	deliveryColumns = []string{"delivery", "dataset", "department", "expected_by", "due", "delivered_at", "on_time", "load", "suspended"}
)

// Recorded gives a city the tables of what the program records, as far as it had been recorded and was over at a moment. more has further
// tables, such as those of what people type; nil: there are none.
func Recorded(h History, city *kpi.City, now time.Time, more connector.Recorded) connector.Recorded {
	return &recorded{h: h, city: city, now: now, more: more, folders: map[int]*kpi.City{}}
}

func (r *Runner) recorded(city *kpi.City, now time.Time) connector.Recorded {
	return Recorded(r.Ledger, city, now, r.Options.Recorded)
}

type recorded struct {
	h       History
	city    *kpi.City
	now     time.Time
	more    connector.Recorded
	folders map[int]*kpi.City
}

// Table returns a table.
func (r *recorded) Table(ctx context.Context, name string) ([]string, iter.Seq2[[]string, error], error) {
	switch name {
	case TableLoads:
		loads, err := r.loads(ctx, "")
		return loadColumns, rowsOf(ctx, loads, r.loadRow), err
	case TableDeliveries:
		list, err := r.deliveries(ctx)
		if err != nil {
			return nil, nil, err
		}
		row, err := r.deliveryRows(ctx)
		return deliveryColumns, rowsOf(ctx, list, row), err
	}
	if r.more != nil {
		return r.more.Table(ctx, name)
	}
	return nil, nil, kpi.Errorf(kpi.CodeNotFound, "the program records no table %q; there are %s, %s, %s, %s, %s, %s, %s and %s",
		name, TableAgencies, TableCommentary, TableCommitments, TableContests, TableDeliveries, TableFilings, TableLoads, TableMeetings)
}

// rowsOf makes the rows of a table one by one.
func rowsOf[T any](ctx context.Context, list []T, row func(context.Context, T) ([]string, error)) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for _, v := range list {
			fields, err := row(ctx, v)
			if !yield(fields, err) || err != nil {
				return
			}
		}
	}
}

// loads returns the loads of a dataset ("": of all) that had ended, oldest first: recomputations, what the program records and what had not
// begun by then left out.
func (r *recorded) loads(ctx context.Context, dataset string) ([]kpi.Load, error) {
	all, err := r.h.Loads(ctx, dataset, 0)
	if err != nil {
		return nil, err
	}
	var list []kpi.Load
	for _, l := range slices.Backward(all) {
		if l.Cause != kpi.CauseLoad || l.State == kpi.LoadOpen || l.State == kpi.LoadStaged || !l.Started.Before(r.now) || l.LiveAt.After(r.now) {
			continue
		}
		ds, err := r.then(ctx, l)
		if err != nil {
			return nil, err
		}
		if ds.Source.Kind != kpi.SourceLedger {
			list = append(list, l)
		}
	}
	return list, nil
}

// then returns the dataset of a load as the folder had it.
func (r *recorded) then(ctx context.Context, l kpi.Load) (kpi.Dataset, error) {
	city, err := r.folder(ctx, l.Folder)
	if err != nil {
		return kpi.Dataset{}, err
	}
	if ds := city.Dataset(l.Dataset); ds != nil {
		return *ds, nil
	}
	return kpi.Dataset{ID: l.Dataset}, nil
}

func (r *recorded) folder(ctx context.Context, version int) (*kpi.City, error) {
	if c, ok := r.folders[version]; ok {
		return c, nil
	}
	c, err := r.h.Folder(ctx, version)
	if err == nil {
		r.folders[version] = c
	}
	return c, err
}

func (r *recorded) loadRow(ctx context.Context, l kpi.Load) ([]string, error) {
	ds, err := r.then(ctx, l)
	share := ""
	if l.Counts.Read > 0 {
		share = strconv.FormatFloat(float64(l.Counts.Rejected)/float64(l.Counts.Read), 'f', 6, 64)
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	c := l.Counts
	return []string{
		n(l.ID), l.Dataset, ds.Department, string(l.Trigger), strconv.Itoa(l.Attempt), string(l.State), strconv.FormatBool(good(l)), stamp(l.Started), stamp(l.Ended), stamp(l.LiveAt),
		n(c.Read), n(c.Accepted), n(c.Rejected), n(c.Skipped), share, n(c.New), n(c.Restated), n(c.Gone),
	}, err
}

// deliveryRows makes rows of deliveries. The day of a delivery is that of the city.
func (r *recorded) deliveryRows(ctx context.Context) (func(context.Context, Delivery) ([]string, error), error) {
	emergencies, err := r.h.Emergencies(ctx)
	if err != nil {
		return nil, err
	}
	cal, err := r.city.Calendar()
	return func(_ context.Context, d Delivery) ([]string, error) {
		load, onTime := "", strconv.FormatBool(d.OnTime)
		if d.Load > 0 {
			load = strconv.FormatInt(d.Load, 10)
		}
		suspended := kpi.EmergencyOf(emergencies, kpi.DateOf(d.Due.In(cal.Location)), d.Department) != nil
		if suspended {
			onTime = ""
		}
		return []string{
			strings.Join([]string{d.Dataset, stamp(d.Due)}, "/"), d.Dataset, d.Department, d.ExpectedBy, stamp(d.Due), stamp(d.At), onTime, load, strconv.FormatBool(suspended),
		}, nil
	}, err
}

// good reports whether a run found the source as it should be.
func good(l kpi.Load) bool { return l.State == kpi.LoadLive || l.State == kpi.LoadUnchanged }

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

var _ connector.Recorded = (*recorded)(nil)
