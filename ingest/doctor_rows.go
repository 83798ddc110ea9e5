package ingest

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// warehouse examines that the warehouse holds what the ledger calls live, all of it and nothing else.
func (d *Doctor) warehouse(ctx context.Context) ([]Finding, error) {
	if d.Warehouse == nil {
		return nil, nil
	}
	newest, _ := d.newest()
	audit, err := d.Warehouse.Audit(ctx, newest.ID)
	if err != nil {
		return nil, err
	}
	held := map[int64]warehouse.Held{}
	for _, h := range audit.Held {
		held[h.Version] = h
	}
	sums, err := d.checksums(ctx)
	return []Finding{d.watermark(held), d.leftovers(held, audit), d.rows(held, audit.Visible), sums}, err
}

const mendRebuild = "make the warehouse anew: citystat rebuild"

// watermark compares the data versions of both stores.
func (d *Doctor) watermark(held map[int64]warehouse.Held) Finding {
	f := Finding{Check: "watermark", About: "both stores have the same live data versions", Looked: int64(len(d.live)), Unit: "data versions"}
	for _, l := range d.live {
		if !held[l.ID].Recorded {
			f.wrong("the ledger calls data version %d live and the warehouse lacks it; %s", l.ID, mendRebuild)
		}
	}
	return f
}

// leftovers looks for what is of no live load.
func (d *Doctor) leftovers(held map[int64]warehouse.Held, audit warehouse.Audit) Finding {
	f := Finding{Check: "failed-loads", About: "loads that did not become live left nothing in the warehouse", Unit: "loads"}
	state := map[int64]kpi.LoadState{}
	for _, l := range d.loads {
		state[l.ID] = l.State
		switch l.State {
		case kpi.LoadLive:
			continue
		case kpi.LoadOpen, kpi.LoadStaged:
			d.unfinished(&f, l, held[l.ID])
		default:
			if h, there := held[l.ID]; there {
				f.wrong("load %d of %s is %s and left %s in the warehouse; restart the server, which takes it out", l.ID, l.Dataset, l.State, leftBy(h))
			}
		}
		f.Looked++
	}
	for _, h := range audit.Held {
		if _, known := state[h.Version]; !known {
			f.wrong("the warehouse holds %s of data version %d, of which the ledger knows nothing; restart the server, which takes it out", leftBy(h), h.Version)
		}
	}
	for _, name := range audit.Stray {
		f.wrong("the warehouse holds the table %s, which is of no dataset; %s", name, mendRebuild)
	}
	for _, name := range audit.Lost {
		f.wrong("the warehouse has lost the table %s; %s", name, mendRebuild)
	}
	return f
}

// unfinished is about a load that has not ended: nothing is loaded while this is asked, so the program ended during it.
func (d *Doctor) unfinished(f *Finding, l kpi.Load, h warehouse.Held) {
	if d.Alone {
		f.warn("the program ended during load %d of %s, which left %s in the warehouse; nobody sees it, and the next start takes it out", l.ID, l.Dataset, leftBy(h))
		return
	}
	f.wrong("load %d of %s has neither ended nor is it under way, and left %s in the warehouse; restart the server, which takes it out", l.ID, l.Dataset, leftBy(h))
}

func leftBy(h warehouse.Held) string {
	if h == (warehouse.Held{Version: h.Version}) {
		return "nothing"
	}
	return fmt.Sprintf("%d row versions, %d observations, %d rejects and %d tables (and closed %d others)", h.Rows+h.Refused, h.Observations, h.Rejects, h.Tables, h.Closed)
}

// rows compares what the warehouse holds of each live load with what the ledger says of it.
func (d *Doctor) rows(held map[int64]warehouse.Held, visible map[string]int64) Finding {
	f := Finding{Check: "rows", About: "the warehouse holds the rows that the ledger counted", Unit: "live loads"}
	last := d.last()
	for _, l := range d.live {
		h := held[l.ID]
		if l.Cause != kpi.CauseLoad || !h.Recorded {
			continue
		}
		f.Looked++
		c, w := l.Counts, h.Counts
		if w.Read != c.Read || w.Accepted != c.Accepted || w.Rejected != c.Rejected || w.Skipped != c.Skipped {
			f.wrong("load %d of %s: the ledger has %d read, %d accepted, %d rejected, %d skipped and the warehouse %d, %d, %d, %d; %s", l.ID, l.Dataset, c.Read, c.Accepted, c.Rejected, c.Skipped, w.Read, w.Accepted, w.Rejected, w.Skipped, mendRebuild)
		}
		if h.Rejects != c.Rejected {
			f.wrong("load %d of %s: %d rows were rejected and %d are written down; %s", l.ID, l.Dataset, c.Rejected, h.Rejects, mendRebuild)
		}
		// Rows that are read in another way than before are all opened anew, whatever of them was known.
		if h.Rows != c.New+c.Restated && h.Rows != c.Accepted {
			f.wrong("load %d of %s: %d rows were new or restated and the warehouse opened %d; %s", l.ID, l.Dataset, c.New+c.Restated, h.Rows, mendRebuild)
		}
		if n := visible[l.Dataset]; last[l.Dataset].ID == l.ID && !l.Changes && n != c.Accepted {
			f.wrong("load %d of %s: %d rows were accepted and %d are visible; %s", l.ID, l.Dataset, c.Accepted, n, mendRebuild)
		}
	}
	return f
}

// checksums compares the observations of data versions with those that became live: of all of them, or of the newest.
func (d *Doctor) checksums(ctx context.Context) (Finding, error) {
	f := Finding{Check: "checksums", About: "the observations are those that became live", Unit: "data versions"}
	list := d.live
	if d.Quick && len(list) > 1 {
		list = list[len(list)-1:]
	}
	for _, l := range list {
		sum, err := d.Warehouse.Checksum(ctx, l.ID)
		if err != nil {
			return f, err
		}
		f.Looked++
		if sum != l.Checksum {
			f.wrong("the observations at data version %d have the checksum %.12s… and had %.12s… when it became live; %s", l.ID, sum, l.Checksum, mendRebuild)
		}
	}
	return f, nil
}

// computed is how the visible observations of some datasets were computed.
type computed struct {
	folder int
	asOf   kpi.Date
}

// observations computes every visible observation anew from the rows and compares.
func (d *Doctor) observations(ctx context.Context) ([]Finding, error) {
	f := Finding{Check: "recomputed", About: "every observation is what its rows give", Unit: "observations"}
	newest, ok := d.newest()
	if d.Warehouse == nil || !ok {
		return nil, nil
	}
	ways := map[computed][]string{}
	for dataset, l := range d.last() {
		for _, x := range d.live {
			if x.Cause != kpi.CauseLoad && x.ID > l.ID {
				l = x
			}
		}
		way := computed{l.Folder, l.AsOf}
		ways[way] = append(ways[way], dataset)
	}
	for way, datasets := range ways {
		if err := d.recompute(ctx, &f, way, datasets, newest.ID); err != nil {
			return []Finding{f}, err
		}
	}
	slices.Sort(f.Wrong)
	return []Finding{f}, nil
}

// identity is what an observation is of.
type identity struct{ indicator, period, dimension, member string }

func (d *Doctor) recompute(ctx context.Context, f *Finding, way computed, datasets []string, version int64) error {
	folder, err := d.Ledger.Folder(ctx, way.folder)
	if err != nil {
		return err
	}
	city, _, err := Countable(ctx, d.Ledger, folder, time.Time{})
	if err != nil {
		return err
	}
	anew, err := d.Warehouse.Observe(ctx, city, way.asOf, version)
	if err != nil {
		return err
	}
	stored, err := d.Warehouse.Observations(ctx, city, version)
	if err != nil {
		return err
	}
	mine := func(o kpi.Observation) bool {
		i := city.Indicator(o.Indicator)
		return i != nil && slices.Contains(datasets, i.Dataset)
	}
	want := map[identity]kpi.Observation{}
	for _, o := range anew {
		if mine(o) {
			want[identity{o.Indicator, o.Period, o.Dimension, o.Member}] = o
		}
	}
	for _, o := range stored {
		if !mine(o) {
			continue
		}
		f.Looked++
		id := identity{o.Indicator, o.Period, o.Dimension, o.Member}
		w, ok := want[id]
		delete(want, id)
		switch {
		case !ok:
			f.wrong("%s: the stored value %s is of no rows; %s", id, number(o.Value), mendRebuild)
		case !sameBits(o, w):
			f.wrong("%s: stored is %s of %d rows, and the rows give %s of %d; %s", id, number(o.Value), o.Rows, number(w.Value), w.Rows, mendRebuild)
		}
	}
	for id, w := range want {
		f.wrong("%s: the rows give %s and nothing is stored; %s", id, number(w.Value), mendRebuild)
	}
	return nil
}

// String names what an observation is of.
func (i identity) String() string {
	s := "indicator " + i.indicator + ", " + i.period
	if i.dimension != "" {
		s += fmt.Sprintf(", %s %q", i.dimension, i.member)
	}
	return s
}

func number(v *float64) string {
	if v == nil {
		return "no value"
	}
	return fmt.Sprint(*v)
}

// sameBits reports whether two observations say the same to the last bit; by which load and as of which day does not count.
func sameBits(a, b kpi.Observation) bool {
	if a.Version != b.Version || a.Rows != b.Rows || a.Partial != b.Partial || a.Provisional != b.Provisional || len(a.Excluded) != len(b.Excluded) {
		return false
	}
	for reason, n := range a.Excluded {
		if b.Excluded[reason] != n {
			return false
		}
	}
	return same(a.Numerator, b.Numerator) && same(a.Denominator, b.Denominator) && same(a.Value, b.Value)
}

func same(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Float64bits(*a) == math.Float64bits(*b)
}
