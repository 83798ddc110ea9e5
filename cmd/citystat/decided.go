package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystat/ingest"
	"citystat/ingest/catalog"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// decidedWait is how long whoever saves a decision waits until it is in every number: a load that is under way goes first.
const decidedWait = 8 * time.Second

// lay lays what was decided over the folder's own city.
func (e *engine) lay(ctx context.Context, own *kpi.City) (*kpi.City, []kpi.Applied, error) {
	list, err := e.led.Decisions(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, nil, err
	}
	city, applied := kpi.Apply(own, list)
	c := *city // whose indicators get their versions when it is recorded, while others read the folder's own
	c.Indicators = slices.Clone(c.Indicators)
	return &c, applied, nil
}

// folderCity returns the city as the folder alone has it.
func (e *engine) folderCity() *kpi.City {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.own
}

// relay lays the decisions over the folder anew, recomputes what depends on them, and publishes where every load is published.
func (e *engine) relay(ctx context.Context) error {
	e.change.Lock()
	defer e.change.Unlock()
	own := e.folderCity()
	city, _, err := e.lay(ctx, own)
	if err != nil {
		return err
	}
	current, _ := e.definitions()
	if city.Hash == current.Hash {
		return nil
	}
	if _, err := e.led.RecordFolder(ctx, city, e.now()); err != nil {
		return err
	}
	e.mu.Lock()
	e.city = city
	e.mu.Unlock()
	asOf, err := e.asOf(city)
	if err != nil {
		return err
	}
	if err := e.runner.Refresh(ctx, city, asOf); err != nil {
		return err
	}
	return e.publish(ctx, city, asOf)
}

// decisionDesk is where decisions are kept and read, with what must happen beside.
type decisionDesk struct {
	*ledger.DB
	e *engine
}

// Applied returns every decision with what became of it, in order of date.
func (d decisionDesk) Applied(ctx context.Context) ([]kpi.Applied, error) {
	_, applied, err := d.e.lay(ctx, d.e.folderCity())
	return applied, err
}

// SaveDecision keeps a decision, or that it is withdrawn, and lays it over the folder before it returns; where a load is under way for long, it
// returns sooner, and the decision is laid over the folder behind it.
func (d decisionDesk) SaveDecision(ctx context.Context, x *kpi.Decision, by account.By, now time.Time) error {
	if err := d.keep(ctx, x, by, now); err != nil {
		return err
	}
	e, done := d.e, make(chan error, 1)
	e.laying.Go(func() {
		err := e.relay(e.life)
		if err != nil && e.life.Err() == nil {
			e.log.Error("a decision was kept and could not be laid over the folder; it is at the next start", "decision", x.ID, "err", err)
		}
		done <- err
	})
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("decision %d was kept; laying it over the folder: %w", x.ID, err)
		}
	case <-ctx.Done():
	case <-time.After(decidedWait):
	}
	return nil
}

// keep checks a decision against the city as it is, and keeps it. One at a time: two people who decide the same see each other.
func (d decisionDesk) keep(ctx context.Context, x *kpi.Decision, by account.By, now time.Time) error {
	d.e.deciding.Lock()
	defer d.e.deciding.Unlock()
	own := d.e.folderCity()
	city, applied, err := d.e.lay(ctx, own)
	if err != nil {
		return err
	}
	if x.ID == 0 {
		cal, err := city.Calendar()
		if err != nil {
			return err
		}
		if faults := meeting.CheckDecision(city, x, kpi.DateOf(now.In(cal.Location))); len(faults) > 0 {
			return kpi.Errorf(kpi.CodeConflict, "the decision cannot be kept: %s", faultWords(faults))
		}
		x.Was = x.Says(own)
	} else if slices.ContainsFunc(applied, func(a kpi.Applied) bool { return a.Decision.ID == x.ID && a.State == kpi.AppliedInFolder }) {
		return kpi.Errorf(kpi.CodeConflict, "decision %d stands in the folder, and is changed there", x.ID)
	}
	return d.DB.SaveDecision(ctx, x, by, now)
}

func faultWords(faults []meeting.Fault) string {
	list := make([]string, len(faults))
	for k, f := range faults {
		list[k] = strings.TrimSpace(f.Field + " " + string(f.Fault))
	}
	return strings.Join(list, ", ")
}

// Patch returns what makes the folder say what was decided.
func (d decisionDesk) Patch(ctx context.Context) (kpi.FolderPatch, error) {
	return d.e.patch(ctx)
}

// patch returns what makes the folder, as its files are now, say what was decided.
func (e *engine) patch(ctx context.Context) (kpi.FolderPatch, error) {
	list, err := e.led.Decisions(ctx, kpi.PaperQuery{})
	if err != nil {
		return kpi.FolderPatch{}, err
	}
	_, files := e.definitions()
	return catalog.Patch(files, list)
}

// Preview returns the scorecard of now as it would be with a decision more; nothing of it is kept.
func (d decisionDesk) Preview(ctx context.Context, x *kpi.Decision, now time.Time) (*scorecard.Scorecard, error) {
	own := d.e.folderCity()
	list, err := d.Decisions(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	next := *x
	next.Was, next.Since, next.ID = x.Says(own), now, int64(len(list)+1)
	city, _ := kpi.Apply(own, append(list, next))
	asOf, err := d.e.asOf(city)
	if err != nil {
		return nil, err
	}
	return scorecard.NewBuilder(supposed{&store{led: d.e.led, wh: d.e.wh}, city}).Build(ctx, kpi.At{AsOf: asOf})
}

// supposed reads the stores as they are for a city as it might be. What is measured is the same.
type supposed struct {
	*store
	city *kpi.City
}

// Definitions returns the city as it might be, its indicators with the definition versions that they have.
func (s supposed) Definitions(ctx context.Context, at kpi.At) (*kpi.City, int, error) {
	now, folder, err := s.led.City(ctx, at.KnownAt)
	if err != nil {
		return nil, 0, err
	}
	city := *s.city
	city.Indicators = slices.Clone(city.Indicators)
	for k := range city.Indicators {
		if i := now.Indicator(city.Indicators[k].ID); i != nil {
			city.Indicators[k].Version = i.Version
		}
	}
	counted, _, err := ingest.Countable(ctx, s.led, &city, at.KnownAt)
	return counted, folder, err
}
