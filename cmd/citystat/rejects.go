package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// refusedRows is what `citystat rejects` answers about one dataset.
type refusedRows struct {
	Dataset string            `json:"dataset"`
	Load    int64             `json:"load"`  // whose rows were refused; 0: never loaded
	Since   int64             `json:"since"` // with those of the live loads from this one on: Load, or, if that brought changes alone, the last one that brought everything
	State   kpi.LoadState     `json:"state"` // live, or failed
	Groups  []kpi.RejectGroup `json:"groups"`
	Rows    []kpi.Reject      `json:"rows,omitempty"`
}

// Rejects returns refused rows of a load: of a live one from the warehouse, with those of the loads that it builds on; of a failed one from what
// the spool kept.
func (e *engine) Rejects(ctx context.Context, q kpi.RejectQuery) ([]kpi.Reject, error) {
	l, ok, err := e.led.Load(ctx, q.Load)
	switch {
	case err != nil:
		return nil, err
	case !ok || l.Dataset != q.Dataset:
		return nil, kpi.Errorf(kpi.CodeNotFound, "dataset %s has no load %d", q.Dataset, q.Load)
	case l.State == kpi.LoadLive:
		since, err := e.led.LastFull(ctx, q.Dataset, q.Load)
		if err != nil {
			return nil, err
		}
		return e.wh.RejectsOf(ctx, q, since)
	}
	all, err := e.runner.Refused(l.ID)
	if err != nil {
		return nil, err
	}
	var list []kpi.Reject
	skip := max(q.Offset, 0)
	for _, r := range all {
		switch {
		case q.Reason != "" && r.Reason != q.Reason, q.Column != "" && r.Column != q.Column:
		case skip > 0:
			skip--
		case len(list) < q.Limit:
			list = append(list, r)
		}
	}
	return list, nil
}

// refusedBy counts the rows that a load which failed refused.
func (e *engine) refusedBy(_ context.Context, l kpi.Load) ([]kpi.RejectGroup, error) {
	return e.runner.RefusedGroups(l.ID)
}

// refused answers for `citystat rejects`: of the last live load and those that it builds on; of a failed one if it is newer than the last
// live one.
func (e *engine) refused(ctx context.Context, dataset string, q kpi.RejectQuery) (refusedRows, error) {
	city, _ := e.definitions()
	if city.Dataset(dataset) == nil {
		return refusedRows{}, kpi.Errorf(kpi.CodeNotFound, "the city has no dataset %q; it has %s", dataset, datasetIDs(city))
	}
	out := refusedRows{Dataset: dataset}
	live, ok, err := e.led.LastLive(ctx, dataset, time.Time{})
	if err != nil {
		return out, err
	}
	if ok {
		out.Load, out.State = live.ID, live.State
		if out.Since, err = e.led.LastFull(ctx, dataset, live.ID); err != nil {
			return out, err
		}
		if out.Groups, err = e.wh.RejectGroupsOf(ctx, dataset, out.Since, live.ID); err != nil {
			return out, err
		}
	}
	newest, ok, err := e.LastRun(ctx, dataset)
	if err != nil {
		return out, err
	}
	if ok && newest.ID > live.ID && newest.State == kpi.LoadFailed {
		groups, err := e.refusedBy(ctx, newest)
		if err != nil {
			return out, err
		}
		if len(groups) > 0 {
			out.Load, out.Since, out.State, out.Groups = newest.ID, newest.ID, newest.State, groups
		}
	}
	if out.Load == 0 || q.Limit == 0 {
		return out, nil
	}
	q.Dataset, q.Load = dataset, out.Load
	out.Rows, err = e.Rejects(ctx, q)
	return out, err
}

func newRejects() *cobra.Command {
	var data, format string
	var q kpi.RejectQuery
	c := &cobra.Command{
		Use:   "rejects DIR [DATASET]",
		Short: "Show which rows were refused, and why",
		Long: `Show which rows were refused in the last load of each dataset, grouped by reason; with a DATASET, the rows themselves.
Where a source delivers changes alone, a row that was refused does not come again by itself: the rows refused since everything was last fetched are shown.

If a newer load failed and refused rows, those are shown: they are what has to be mended. DIR may be a sample city, such as sample:puerto-claro.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errUsage{errors.New("give the city folder, and the dataset whose rows you want to see")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dataset := ""
			if len(args) > 1 {
				dataset = args[1]
			}
			list, err := rejectsNow(cmd.Context(), cmd.ErrOrStderr(), args[0], data, dataset, q)
			if err != nil {
				return err
			}
			return printRefused(cmd.OutOrStdout(), list, format, dataset != "")
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().StringVar(&format, "format", "text", "text, csv or json")
	c.Flags().StringVar(&q.Reason, "reason", "", "only rows refused for this reason")
	c.Flags().StringVar(&q.Column, "column", "", "only rows refused for this column of the source")
	c.Flags().IntVar(&q.Limit, "limit", 100, "how many rows")
	c.Flags().IntVar(&q.Offset, "offset", 0, "how many rows to pass over")
	return c
}

// rejectsNow asks the server that owns the data directory, or the stores.
func rejectsNow(ctx context.Context, errOut io.Writer, path, data, dataset string, q kpi.RejectQuery) ([]refusedRows, error) {
	var list []refusedRows
	if dataset == "" {
		q.Limit = 0
	}
	err := withStores(ctx, errOut, path, data, newProgress(io.Discard),
		func(dir string) error {
			reply, err := callServer(ctx, dir, "rejects", url.Values{
				"dataset": {dataset}, "reason": {q.Reason}, "column": {q.Column}, "limit": {strconv.Itoa(q.Limit)}, "offset": {strconv.Itoa(q.Offset)},
			})
			list = reply.Rejects
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			list, err = e.allRefused(ctx, dataset, q)
			return err
		})
	return list, err
}

// allRefused answers for one dataset or for all.
func (e *engine) allRefused(ctx context.Context, dataset string, q kpi.RejectQuery) ([]refusedRows, error) {
	city, _ := e.definitions()
	ids := []string{dataset}
	if dataset == "" {
		ids = nil
		for _, d := range city.Datasets {
			ids = append(ids, d.ID)
		}
	}
	var list []refusedRows
	for _, id := range ids {
		r, err := e.refused(ctx, id, q)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// printRefused prints the groups, and the rows where they were asked for.
func printRefused(w io.Writer, list []refusedRows, format string, rows bool) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	case "csv":
		return printRefusedCSV(w, list)
	case "text":
	default:
		return errUsage{fmt.Errorf("--format %q is none of text, csv, json", format)}
	}
	for _, r := range list {
		if err := printRefusedText(w, r, rows); err != nil {
			return err
		}
	}
	return nil
}

// loads says whose rows were refused.
func (r *refusedRows) loads() string {
	if r.Since == r.Load {
		return fmt.Sprintf("load %d", r.Load)
	}
	return fmt.Sprintf("loads %d to %d", r.Since, r.Load)
}

func printRefusedText(w io.Writer, r refusedRows, rows bool) error {
	switch {
	case r.Load == 0:
		_, err := fmt.Fprintf(w, "%s: never loaded\n", r.Dataset)
		return err
	case len(r.Groups) == 0:
		_, err := fmt.Fprintf(w, "%s: no row was refused in %s\n", r.Dataset, r.loads())
		return err
	}
	if _, err := fmt.Fprintf(w, "%s: refused in %s (%s)\n", r.Dataset, r.loads(), r.State); err != nil {
		return err
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, g := range r.Groups {
		fmt.Fprintf(t, "  %d\t%s\t%s\n", g.Rows, g.Reason, printableText(g.Column))
	}
	if err := t.Flush(); err != nil || !rows {
		return err
	}
	for _, x := range r.Rows {
		column := ""
		if x.Column != "" {
			column = " " + printableText(x.Column)
		}
		load := ""
		if r.Since != r.Load {
			load = fmt.Sprintf("load %d, ", x.Load)
		}
		if _, err := fmt.Fprintf(w, "%s%s:%d:%s %s: %s\n", load, printableText(x.File), x.Line, column, x.Reason, printableText(x.Detail)); err != nil {
			return err
		}
		if x.Raw != "" {
			if _, err := fmt.Fprintf(w, "    %s\n", printableText(x.Raw)); err != nil {
				return err
			}
		}
	}
	return nil
}

// printableText keeps what a source says from commanding the terminal.
func printableText(s string) string {
	q := strconv.Quote(s)
	q = q[1 : len(q)-1]
	out := make([]byte, 0, len(q))
	for i := 0; i < len(q); i++ {
		if q[i] == '\\' && i+1 < len(q) && (q[i+1] == '"' || q[i+1] == '\\') {
			i++
		}
		out = append(out, q[i])
	}
	return string(out)
}

func printRefusedCSV(w io.Writer, list []refusedRows) error {
	c := csv.NewWriter(w)
	err := c.Write([]string{"dataset", "load", "file", "line", "column", "reason", "detail", "raw"})
	for _, r := range list {
		for _, x := range r.Rows {
			err = errors.Join(err, c.Write([]string{x.Dataset, strconv.FormatInt(x.Load, 10), i18n.Cell(x.File), strconv.FormatInt(x.Line, 10), i18n.Cell(x.Column), x.Reason, i18n.Cell(x.Detail), i18n.Cell(x.Raw)}))
		}
	}
	c.Flush()
	return errors.Join(err, c.Error())
}
