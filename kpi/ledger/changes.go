package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"citystat/kpi"
)

// remembered are the versions of the folder that were read already, and the changes among the first so many of them. Versions never
// change, so what was read once holds for ever.
type remembered struct {
	mu       sync.Mutex
	versions []kpi.FolderVersion
	among    int
	changes  []kpi.Change
	first    map[string]kpi.Date // when each target was first seen
}

// Changes returns what was changed between the versions of the folder that were known at knownAt (the zero time: all of them), the newest
// first, see [kpi.ChangesAmong]. The caller may not change what it gets.
func (db *DB) Changes(ctx context.Context, knownAt time.Time) ([]kpi.Change, error) {
	m := &db.remembered
	m.mu.Lock()
	defer m.mu.Unlock()
	var known int
	err := db.view(ctx, "read changes", func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `/* Changes */ SELECT count(*) FROM folder WHERE seen <= ?`, until(knownAt)).Scan(&known); err != nil {
			return err
		}
		return m.read(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	if known != m.among || m.changes == nil {
		m.among, m.changes = known, kpi.ChangesAmong(m.versions[:known])
	}
	return m.changes, nil
}

// read reads the versions that are not remembered yet, without what no change is found in.
func (m *remembered) read(ctx context.Context, tx *sql.Tx) error {
	last := 0
	if n := len(m.versions); n > 0 {
		last = m.versions[n-1].Version
	}
	return each(ctx, tx, func(scan scanFunc) error {
		v := kpi.FolderVersion{City: new(kpi.City)}
		var seen int64
		var body []byte
		if err := scan(&v.Version, &seen, &body); err != nil {
			return err
		}
		if err := unpack(body, v.City); err != nil {
			return err
		}
		cal, err := v.City.Calendar()
		if err != nil {
			return err
		}
		v.Seen = kpi.DateOf(timeOf(seen).In(cal.Location))
		m.see(v)
		v.City = &kpi.City{
			ID: v.City.ID, Bands: v.City.Bands, Indicators: v.City.Indicators,
			Holidays: v.City.Holidays, Weekend: v.City.Weekend, Population: v.City.Population,
		}
		m.versions = append(m.versions, v)
		return nil
	}, `/* Changes */ SELECT version, seen, body FROM folder WHERE version > ? ORDER BY version`, last)
}

// see remembers which targets were first seen in a version of the folder.
func (m *remembered) see(v kpi.FolderVersion) {
	if m.first == nil {
		m.first = map[string]kpi.Date{}
	}
	for i := range v.City.Indicators {
		for _, t := range v.City.Indicators[i].Targets {
			if key := targetKey(v.City.Indicators[i].ID, t); m.first[key].IsZero() {
				m.first[key] = v.Seen
			}
		}
	}
}

// targetKey tells one target from another: what it promises, and since which day.
func targetKey(indicator string, t kpi.Target) string {
	return fmt.Sprint(indicator, " ", t.By, " ", t.Kind, " ", t.Set, " ", t.Value, " ", t.Low, " ", t.High, " ", t.Dropped)
}

// MarkSeen notes beside each target of a city the day on which a folder had it first here, in the city's time zone: what somebody typed as the day of
// the decision is theirs to say, this is not. The city's indicators become the caller's own.
func (db *DB) MarkSeen(ctx context.Context, city *kpi.City) error {
	m := &db.remembered
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := db.view(ctx, "read changes", func(tx *sql.Tx) error { return m.read(ctx, tx) }); err != nil {
		return err
	}
	city.Indicators = slices.Clone(city.Indicators)
	for i := range city.Indicators {
		ind := &city.Indicators[i]
		ind.Targets = slices.Clone(ind.Targets)
		for k := range ind.Targets {
			ind.Targets[k].Seen = m.first[targetKey(ind.ID, ind.Targets[k])]
		}
	}
	return nil
}
