package warehouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"citystat/kpi"
)

// Held is what the warehouse holds of a data version. Of one that never became live it holds nothing.
type Held struct {
	Version      int64
	Recorded     bool       // it is among the data versions
	Dataset      string     // as recorded; "" for a recomputation
	Counts       kpi.Counts // as recorded: Read, Accepted, Rejected and Skipped
	Rows         int64      // row versions that it opened
	Refused      int64      // refused rows that it left beside them, never visible
	Closed       int64      // row versions and observations that it closed
	Observations int64      // that it opened
	Rejects      int64
	Files        int64
	Tables       int64 // row tables that it made
}

// Audit is what a look through the whole warehouse comes to.
type Audit struct {
	Held    []Held           // by version
	Visible map[string]int64 // dataset → rows visible at the version that was asked for
	Stray   []string         // tables of rows that belong to no dataset
	Lost    []string         // tables of rows that should be there and are not
}

// Audit counts what the warehouse holds of every data version, whatever its own list of versions says, and the rows that are visible at one of them.
func (db *DB) Audit(ctx context.Context, version int64) (Audit, error) {
	a := &auditor{held: map[int64]*Held{}, out: Audit{Visible: map[string]int64{}}}
	err := db.read(ctx, func(t *tx) error {
		a.tx = t
		return a.run(ctx, version)
	})
	if err != nil {
		return Audit{}, fmt.Errorf("looking through the warehouse: %w", err)
	}
	for _, h := range a.held {
		a.out.Held = append(a.out.Held, *h)
	}
	slices.SortFunc(a.out.Held, func(x, y Held) int { return int(x.Version - y.Version) })
	return a.out, nil
}

// auditor is an audit under way.
type auditor struct {
	tx   *tx
	held map[int64]*Held
	out  Audit
}

// counted is something that is counted by version: a query for version and number, and where the number belongs.
type counted struct {
	query string
	field func(*Held) *int64
}

func (a *auditor) of(version int64) *Held {
	h := a.held[version]
	if h == nil {
		h = &Held{Version: version}
		a.held[version] = h
	}
	return h
}

func (a *auditor) run(ctx context.Context, version int64) error {
	if err := a.recorded(ctx); err != nil {
		return err
	}
	tables, err := a.tables(ctx)
	if err != nil {
		return err
	}
	counts := []counted{
		{"SELECT from_version, count(*) FROM observation GROUP BY 1", func(h *Held) *int64 { return &h.Observations }},
		{"SELECT to_version, count(*) FROM observation WHERE to_version IS NOT NULL GROUP BY 1", func(h *Held) *int64 { return &h.Closed }},
		{"SELECT version, count(*) FROM reject GROUP BY 1", func(h *Held) *int64 { return &h.Rejects }},
		{"SELECT version, count(*) FROM load_file GROUP BY 1", func(h *Held) *int64 { return &h.Files }},
		{"SELECT created, count(*) FROM row_table GROUP BY 1", func(h *Held) *int64 { return &h.Tables }},
	}
	for _, name := range tables {
		q := quoteName(name)
		counts = append(counts,
			counted{"SELECT _from, count(*) FROM " + q + " WHERE _to IS NULL OR _to > _from GROUP BY 1", func(h *Held) *int64 { return &h.Rows }},
			counted{"SELECT _from, count(*) FROM " + q + " WHERE _to <= _from GROUP BY 1", func(h *Held) *int64 { return &h.Refused }},
			counted{"SELECT _to, count(*) FROM " + q + " WHERE _to > _from GROUP BY 1", func(h *Held) *int64 { return &h.Closed }})
	}
	for _, c := range counts {
		if err := a.count(ctx, c.query, c.field); err != nil {
			return err
		}
	}
	return a.visible(ctx, version)
}

// recorded reads the warehouse's own list of versions.
func (a *auditor) recorded(ctx context.Context) error {
	return a.tx.query(ctx, func(scan func(...any) error) error {
		var h Held
		c := &h.Counts
		err := scan(&h.Version, &h.Dataset, &c.Read, &c.Accepted, &c.Rejected, &c.Skipped)
		h.Recorded = true
		a.held[h.Version] = &h
		return err
	}, "SELECT version, dataset, rows_read, rows_accepted, rows_rejected, rows_skipped FROM data_version")
}

// tables returns the tables of rows that are there and belong to a dataset, and notes those that do not fit.
func (a *auditor) tables(ctx context.Context) ([]string, error) {
	var there, known []string
	collect := func(list *[]string) func(func(...any) error) error {
		return func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			*list = append(*list, name)
			return err
		}
	}
	if err := a.tx.query(ctx, collect(&there), "SELECT table_name FROM duckdb_tables() WHERE database_name = $1 ORDER BY table_name", catalogName); err != nil {
		return nil, err
	}
	if err := a.tx.query(ctx, collect(&known), "SELECT name FROM row_table ORDER BY name"); err != nil {
		return nil, err
	}
	var both []string
	for _, name := range known {
		if slices.Contains(there, name) {
			both = append(both, name)
		} else {
			a.out.Lost = append(a.out.Lost, name)
		}
	}
	for _, name := range there {
		if strings.HasPrefix(name, "row_") && name != "row_table" && !slices.Contains(known, name) {
			a.out.Stray = append(a.out.Stray, name)
		}
	}
	return both, nil
}

// count adds what a query counts by version to a field.
func (a *auditor) count(ctx context.Context, query string, field func(*Held) *int64) error {
	return a.tx.query(ctx, func(scan func(...any) error) error {
		var version, n int64
		err := scan(&version, &n)
		*field(a.of(version)) += n
		return err
	}, query)
}

// visible counts the visible rows of every dataset.
func (a *auditor) visible(ctx context.Context, version int64) error {
	datasets := map[string]bool{}
	for _, h := range a.held {
		if h.Dataset != "" {
			datasets[h.Dataset] = true
		}
	}
	for id := range datasets {
		_, _, table, loaded, err := a.tx.rowsOf(ctx, id, version)
		if err != nil {
			return err
		}
		if !loaded || slices.Contains(a.out.Lost, table) {
			continue
		}
		s := &statement{}
		s.printf("SELECT count(*) FROM %s WHERE %s", quoteName(table), s.visible("_from", "_to", version))
		var n int64
		if err := a.tx.row(ctx, s, &n); err != nil {
			return err
		}
		a.out.Visible[id] = n
	}
	return nil
}
