package ingest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// Finding is what an examination found of one thing.
type Finding struct {
	Check    string   `json:"check"`              // its name, such as spool-copies
	About    string   `json:"about"`              // what was asked, in words
	Looked   int64    `json:"looked"`             // at how many things
	Unit     string   `json:"unit"`               // of what, in the plural
	Wrong    []string `json:"wrong,omitempty"`    // what is wrong: what, where, and the mend
	Warnings []string `json:"warnings,omitempty"` // what somebody should look at, and is no fault of the stores
	Notes    []string `json:"notes,omitempty"`
}

// mostSaid bounds what is said of one thing that is wrong in very many places.
const mostSaid = 20

// wrong adds what is wrong.
func (f *Finding) wrong(format string, args ...any) { f.Wrong = says(f.Wrong, format, args...) }

// warn adds a warning.
func (f *Finding) warn(format string, args ...any) { f.Warnings = says(f.Warnings, format, args...) }

func (f *Finding) note(format string, args ...any) { f.Notes = says(f.Notes, format, args...) }

func says(list []string, format string, args ...any) []string {
	if len(list) == mostSaid {
		return append(list, "and more of the same")
	}
	if len(list) > mostSaid {
		return list
	}
	return append(list, fmt.Sprintf(format, args...))
}

// Books is the part of the ledger that a Doctor reads.
type Books interface {
	History
	Integrity(ctx context.Context) ([]string, error)
	CheckPublications(ctx context.Context) (int, []string, error)
	CheckEvidence(ctx context.Context) (int, []string, error)
}

// Rows is the part of the warehouse that a Doctor reads.
type Rows interface {
	Audit(ctx context.Context, version int64) (warehouse.Audit, error)
	Checksum(ctx context.Context, version int64) (string, error)
	Observations(ctx context.Context, city *kpi.City, version int64) ([]kpi.Observation, error)
	Observe(ctx context.Context, city *kpi.City, asOf kpi.Date, version int64) ([]kpi.Observation, error)
}

// Doctor examines a data directory and changes nothing in it. Nothing may be loaded meanwhile: see [Runner.Pause].
type Doctor struct {
	Ledger    Books
	Warehouse Rows   // nil: it could not be opened, and what is in it is not examined
	Dir       string // the data directory
	Quick     bool   // believe the kept copies, and what became live long ago
	Alone     bool   // no server owns the directory, so what a killed program left is still there
	MinFree   int64  // as in Options
	Now       func() time.Time

	loads []kpi.Load // of all datasets, oldest first
	live  []kpi.Load // the live ones, oldest first
	spool *Spool
}

// Pause waits until no run is on, and lets none begin before the function that it returns is called.
func (r *Runner) Pause(ctx context.Context) (resume func(), err error) { return r.take(ctx) }

// Examine checks what must always be true, and says of everything what it looked at and what it found. The error is that of an examination that
// could not be finished.
func (d *Doctor) Examine(ctx context.Context) ([]Finding, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.MinFree == 0 {
		d.MinFree = 1 << 30
	}
	d.spool = spoolAt(d.Dir)
	loads, err := d.Ledger.Loads(ctx, "", 0)
	if err != nil {
		return nil, err
	}
	slices.Reverse(loads)
	d.loads, d.live = loads, nil
	for _, l := range loads {
		if l.State == kpi.LoadLive {
			d.live = append(d.live, l)
		}
	}
	checks := []func(context.Context) ([]Finding, error){d.books, d.counts, d.warehouse, d.observations, d.copies, d.temporary, d.place, d.deliveries}
	var list []Finding
	for _, check := range checks {
		found, err := check(ctx)
		list = append(list, found...)
		if err != nil {
			return list, err
		}
	}
	return list, nil
}

// newest is the newest live data version; ok is false if there is none.
func (d *Doctor) newest() (kpi.Load, bool) {
	if len(d.live) == 0 {
		return kpi.Load{}, false
	}
	return d.live[len(d.live)-1], true
}

// last returns the newest live load of every dataset.
func (d *Doctor) last() map[string]kpi.Load {
	last := map[string]kpi.Load{}
	for _, l := range d.live {
		if l.Cause == kpi.CauseLoad {
			last[l.Dataset] = l
		}
	}
	return last
}

// books examines the ledger.
func (d *Doctor) books(ctx context.Context) ([]Finding, error) {
	sound := Finding{Check: "ledger", About: "the ledger is sound, and what refers to something finds it", Looked: 1, Unit: "ledgers"}
	said, err := d.Ledger.Integrity(ctx)
	if err != nil {
		sound.wrong("%v", err)
	}
	for _, s := range said {
		sound.wrong("%s; restore the ledger from a backup: it holds what cannot be made anew", s)
	}
	kept := Finding{Check: "publications", About: "what was published has the bytes that were published", Unit: "publications"}
	n, said, err := d.Ledger.CheckPublications(ctx)
	if err != nil {
		kept.wrong("%v", err)
	}
	kept.Looked = int64(n)
	for _, s := range said {
		kept.wrong("%s; restore the ledger from a backup", s)
	}
	files := Finding{Check: "evidence", About: "files of evidence have the bytes that were added, and none that were erased", Unit: "files"}
	n, said, err = d.Ledger.CheckEvidence(ctx)
	if err != nil {
		files.wrong("%v", err)
	}
	files.Looked = int64(n)
	for _, s := range said {
		files.wrong("%s; restore the ledger from a backup", s)
	}
	return []Finding{sound, kept, files}, nil
}

// counts examines that no row was lost on its way: read = accepted + rejected + skipped, and what was copied and set aside is what was read.
func (d *Doctor) counts(context.Context) ([]Finding, error) {
	f := Finding{Check: "counts", About: "every row read was accepted, rejected or skipped", Unit: "live loads"}
	for _, l := range d.live {
		if l.Cause != kpi.CauseLoad {
			continue
		}
		f.Looked++
		c := l.Counts
		if c.Read != c.Accepted+c.Rejected+c.Skipped {
			f.wrong("load %d of %s: %d rows read are not %d accepted + %d rejected + %d skipped; restore the ledger from a backup", l.ID, l.Dataset, c.Read, c.Accepted, c.Rejected, c.Skipped)
		}
		aside, err := d.spool.Rejects(l.ID)
		if err != nil {
			f.wrong("load %d of %s: %v", l.ID, l.Dataset, err)
			continue
		}
		var rows int64
		for _, file := range l.Spool {
			rows += file.Rows
		}
		if c.Read != rows+int64(len(aside))+c.Skipped {
			f.wrong("load %d of %s: %d rows were read, and the spool has %d in copies and %d set aside, with %d skipped; restore %s from a backup",
				l.ID, l.Dataset, c.Read, rows, len(aside), c.Skipped, d.spool.rejectsOf(l.ID))
		}
	}
	return []Finding{f}, nil
}

// deliveries examines what is expected and did not come, and how the last runs ended. It is about the sources and not about the stores: nothing of
// it is wrong, all of it is for somebody to look at.
func (d *Doctor) deliveries(ctx context.Context) ([]Finding, error) {
	f := Finding{Check: "deliveries", About: "what is expected has come", Unit: "datasets"}
	city, _, err := d.Ledger.City(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	newest := map[string]kpi.Load{}
	for _, l := range d.loads {
		if askedSource(l) { // what was read anew from kept copies says nothing of the source
			newest[l.Dataset] = l
		}
	}
	last := d.last()
	for _, ds := range city.Datasets {
		f.Looked++
		l, ran := newest[ds.ID]
		if _, ok := last[ds.ID]; !ok {
			f.warn("%s has no good data yet; load it: citystat ingest", ds.ID)
		}
		if ran && l.State == kpi.LoadFailed {
			f.warn("the last run of %s failed (load %d, %s): %s", ds.ID, l.ID, l.Started.UTC().Format(time.DateTime), l.Error)
		}
	}
	if !city.AsOf.IsZero() {
		f.note("the city stands still on %s: no delivery is due", city.AsOf)
		return []Finding{f}, nil
	}
	rec := &recorded{h: d.Ledger, city: city, now: d.Now(), folders: map[int]*kpi.City{}}
	due, err := rec.deliveries(ctx)
	if err != nil {
		return nil, err
	}
	late := map[string]Delivery{}
	for _, x := range due {
		late[x.Dataset] = x // the newest one counts
	}
	for _, ds := range city.Datasets {
		if x := late[ds.ID]; x.Dataset != "" && x.At.IsZero() {
			f.warn("%s was due by %s and has not come; ask whoever delivers it, or look at its source", ds.ID, x.Due.UTC().Format("2006-01-02 15:04 UTC"))
		}
	}
	return []Finding{f}, nil
}
