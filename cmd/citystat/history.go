package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"citystat/kpi"
	"citystat/kpi/warehouse"
)

// knownValue is one value of a period, with the time from which it was known.
type knownValue struct {
	warehouse.Revision
	KnownFrom time.Time  `json:"known_from"`
	KnownTo   *time.Time `json:"known_to,omitempty"` // nil: until now
	Cause     kpi.Cause  `json:"cause"`              // of the data version that gave it
	Source    []string   `json:"source,omitempty"`   // hashes of the files that came with it
}

// asked says which values are asked for.
type asked struct {
	indicator, period, dimension, member string
	knownAt                              time.Time // zero: all of them
}

// History returns every value that a period of an indicator has had, oldest first; with knownAt, the one that was known then.
func (e *engine) History(ctx context.Context, a asked) ([]knownValue, error) {
	city, _ := e.definitions()
	if city.Indicator(a.indicator) == nil {
		return nil, noIndicator(city, a.indicator, "")
	}
	if err := isPeriod(city, a.period); err != nil {
		return nil, err
	}
	revisions, err := e.wh.Revisions(ctx, a.indicator, a.period, a.dimension, a.member)
	if err != nil {
		return nil, err
	}
	var list []knownValue
	for _, r := range revisions {
		v := knownValue{Revision: r}
		l, ok, err := e.led.Load(ctx, r.Load)
		if err != nil {
			return nil, err
		}
		if !ok || l.State != kpi.LoadLive {
			continue
		}
		v.KnownFrom, v.Cause = l.LiveAt, l.Cause
		for _, f := range l.Spool {
			v.Source = append(v.Source, f.SourceHash)
		}
		if r.Until > 0 {
			next, ok, err := e.led.Load(ctx, r.Until)
			if err != nil {
				return nil, err
			}
			if ok && next.State == kpi.LoadLive {
				v.KnownTo = &next.LiveAt
			}
		}
		if a.knownAt.IsZero() || !v.KnownFrom.After(a.knownAt) && (v.KnownTo == nil || v.KnownTo.After(a.knownAt)) {
			list = append(list, v)
		}
	}
	return list, nil
}

// shownIndicators is how many indicators are named to somebody who asked for one that there is not.
const shownIndicators = 12

// noIndicator says that there is no such indicator, and which there are.
func noIndicator(city *kpi.City, id, then string) error {
	ids := make([]string, 0, shownIndicators)
	for k := range city.Indicators {
		if k == shownIndicators {
			return kpi.Errorf(kpi.CodeNotFound, "the city has no indicator %q%s; it has %s and %d more", id, then, strings.Join(ids, ", "), len(city.Indicators)-k)
		}
		ids = append(ids, city.Indicators[k].ID)
	}
	if len(ids) == 0 {
		return kpi.Errorf(kpi.CodeNotFound, "the city has no indicator %q%s; it has none at all", id, then)
	}
	return kpi.Errorf(kpi.CodeNotFound, "the city has no indicator %q%s; it has %s", id, then, strings.Join(ids, ", "))
}

// isPeriod reports what is wrong with a period.
func isPeriod(city *kpi.City, id string) error {
	if id == kpi.PeriodTotal {
		return nil
	}
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	if _, err = cal.Parse(id); err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "%v; for all periods together write total", err)
	}
	return nil
}

func newHistory() *cobra.Command {
	var data, by, at string
	var asJSON bool
	c := &cobra.Command{
		Use:   "history DIR INDICATOR PERIOD",
		Short: "Show every value that a period has had, and since when it was known",
		Long: `Show every value that a period of an indicator has had, oldest first, with the time from which it was known and the load that gave it: late
restatements, changed definitions, new days. With --known-at, the one value that was known then.

PERIOD is written as everywhere: 2026-03, 2026-Q1, 2026, FY2026, or total. These are live values, published or not.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 3 {
				return errUsage{errors.New("give the city folder, the indicator and the period, such as: citystat history mycity potholes-on-time 2026-03")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := historyNow(cmd.Context(), cmd.ErrOrStderr(), args, data, by, at)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(list)
			}
			return printHistory(cmd.OutOrStdout(), list)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().StringVar(&by, "by", "", "a member of a dimension in place of the whole city, such as district=roxbury")
	c.Flags().StringVar(&at, "known-at", "", "only what was known then: 2026-03-31 (the end of that day in the city) or 2026-03-31T17:00:00Z")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// historyNow asks the server that owns the data directory, or the stores.
func historyNow(ctx context.Context, errOut io.Writer, args []string, data, by, at string) ([]knownValue, error) {
	q := url.Values{"indicator": {args[1]}, "period": {args[2]}, "by": {by}, "known_at": {at}}
	var list []knownValue
	err := withStores(ctx, errOut, args[0], data, newProgress(io.Discard),
		func(dir string) error {
			reply, err := callServer(ctx, dir, "history", q)
			list = reply.History
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			list, err = e.historyOf(ctx, q)
			return err
		})
	return list, err
}

// historyOf answers a request as the command makes it.
func (e *engine) historyOf(ctx context.Context, q url.Values) ([]knownValue, error) {
	a := asked{indicator: q.Get("indicator"), period: q.Get("period")}
	if by := q.Get("by"); by != "" {
		var ok bool
		if a.dimension, a.member, ok = strings.Cut(by, "="); !ok {
			return nil, kpi.Errorf(kpi.CodeInvalid, "--by %q names no dimension and member; write district=roxbury", by)
		}
	}
	at := q.Get("known_at")
	if at == "" {
		return e.History(ctx, a)
	}
	city, _ := e.definitions()
	var err error
	if a.knownAt, err = momentOf(city, "--known-at", at); err != nil {
		return nil, err
	}
	return e.History(ctx, a)
}

// printHistory prints one value a line.
func printHistory(w io.Writer, list []knownValue) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no value was known")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "known from\tvalue\tnumerator\tdenominator\trows\tas of\tdefinition\tload")
	for _, v := range list {
		value := written(v.Value)
		if v.Partial {
			value += " (partial)"
		} else if v.Provisional {
			value += " (provisional)"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%d\n", v.KnownFrom.UTC().Format(time.RFC3339), value, written(v.Numerator), written(v.Denominator), v.Rows, v.AsOf, v.Version, v.Load)
	}
	return t.Flush()
}

// written is a number with all its digits, and a dash where there is none.
func written(v *float64) string {
	if v == nil {
		return "-"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
