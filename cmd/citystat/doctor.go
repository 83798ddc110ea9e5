package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
	"citystat/kpi/scorecard"
	"citystat/kpi/warehouse"
)

func newDoctor() *cobra.Command {
	var data string
	var asJSON, quick bool
	c := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Examine what must always be true of a city's data, and say what was found",
		Long: `Examine what must always be true of a city's data, and say what was found: no row was lost, failed loads changed nothing, every number shown is what its rows
give and links to a load and the hash of its source, every kept copy is there, and nobody else on the machine can read them.

Nothing is changed. While a server owns the data directory it does the work, between two loads. The exit status is 1 if anything is wrong; warnings are
for somebody to look at.`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := examine(cmd.Context(), cmd.ErrOrStderr(), folder{path: first(args)}, data, quick)
			if err != nil {
				return err
			}
			return printFindings(cmd.OutOrStdout(), list, asJSON)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().BoolVar(&asJSON, "json", false, "print a machine-readable report")
	c.Flags().BoolVar(&quick, "quick", false, "believe the hashes of the kept copies and the checksums of old data versions")
	return c
}

// examine lets the server that owns the data directory examine it, or does it alone. Unlike other commands it mends nothing by opening the stores.
func examine(ctx context.Context, errOut io.Writer, f folder, data string, quick bool) ([]ingest.Finding, error) {
	city, _, problems, err := f.load()
	if err != nil {
		return nil, err
	}
	said := ingest.Finding{Check: "folder", About: "the city folder has no mistakes", Looked: 1, Unit: "folders"}
	if city == nil {
		said.Wrong = append(said.Wrong, fmt.Sprintf("%s is refused, and a server would not start: citystat check says what to mend\n%s", f, problems))
		if data == "" {
			return nil, fmt.Errorf("%s is refused, so its data directory is not known; mend the folder or give --data DIR", f)
		}
		city = &kpi.City{}
	}
	for _, p := range problems.Deliveries() {
		said.Warnings = append(said.Warnings, p.String())
	}
	dir, err := dataDir(data, city)
	if err != nil {
		return nil, err
	}
	reply, err := callServer(ctx, dir, "doctor", url.Values{"quick": {strconv.FormatBool(quick)}})
	list := reply.Findings
	switch {
	case errors.Is(err, errNoServer):
		list, err = examineAlone(ctx, errOut, dir, quick)
	case err == nil:
		err = replyError(reply)
	}
	return append([]ingest.Finding{said}, list...), err
}

// Examine examines the data directory while the server owns it, between two loads.
func (e *engine) Examine(ctx context.Context, quick bool) ([]ingest.Finding, error) {
	e.change.Lock()
	defer e.change.Unlock()
	resume, err := e.runner.Pause(ctx)
	if err != nil {
		return nil, err
	}
	defer resume()
	d := &ingest.Doctor{Ledger: e.led, Warehouse: e.wh, Dir: e.dir, Quick: quick, Now: e.now}
	list, err := d.Examine(ctx)
	if err != nil {
		return list, err
	}
	shown, err := examineShown(ctx, e.led, e.wh)
	return append(append(list, examineFeedback(ctx, e.led, e.now()), examineMail(ctx, e.led)), shown...), err
}

// examineAlone opens the stores as they lie there.
func examineAlone(ctx context.Context, errOut io.Writer, dir string, quick bool) (list []ingest.Finding, err error) {
	if _, err := os.Stat(filepath.Join(dir, "ledger.db")); errors.Is(err, fs.ErrNotExist) {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no ledger in %s: nothing was ever loaded there, or it is another directory; say which with --data DIR", dir)
	}
	stores := ingest.Finding{Check: "stores", About: "both stores can be opened", Looked: 2, Unit: "stores"}
	d := &ingest.Doctor{Dir: dir, Quick: quick, Alone: true, Now: time.Now}
	wh, err := openToLook(ctx, errOut, dir)
	switch {
	case kpi.ErrorCode(err) == kpi.CodeConflict || ctx.Err() != nil:
		return nil, err
	case err != nil:
		stores.Wrong = append(stores.Wrong, fmt.Sprintf("the warehouse: %v", err))
	default:
		defer func() { err = errors.Join(err, wh.Close()) }()
		d.Warehouse = wh
	}
	led, err := ledger.Open(ctx, filepath.Join(dir, "ledger.db"))
	if err != nil {
		stores.Wrong = append(stores.Wrong, fmt.Sprintf("the ledger: %v", err))
		return []ingest.Finding{stores}, nil
	}
	defer func() { err = errors.Join(err, led.Close()) }()
	d.Ledger = led
	found, err := d.Examine(ctx)
	if err != nil {
		return append([]ingest.Finding{stores}, found...), err
	}
	shown, err := examineShown(ctx, led, wh)
	return append(append(append([]ingest.Finding{stores}, found...), examineFeedback(ctx, led, d.Now()), examineMail(ctx, led)), shown...), err
}

// openToLook opens the warehouse if there is one.
func openToLook(ctx context.Context, errOut io.Writer, dir string) (*warehouse.DB, error) {
	file := filepath.Join(dir, "warehouse.duckdb")
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%w; the next start makes it anew from the spool", err)
	}
	return warehouse.Open(ctx, warehouse.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: slog.LevelWarn}))})
}

// examineShown examines what the public sees: the newest publication. wh is nil if the warehouse could not be opened.
func examineShown(ctx context.Context, led *ledger.DB, wh *warehouse.DB) ([]ingest.Finding, error) {
	p, ok, err := led.Published(ctx)
	links := ingest.Finding{Check: "provenance", About: "every number shown links to a live load, a folder and the hash of its source", Unit: "numbers"}
	numbers := ingest.Finding{Check: "published", About: "every number shown is what a scorecard of the same data says", Unit: "indicators"}
	if err != nil {
		numbers.Wrong = append(numbers.Wrong, err.Error())
		return []ingest.Finding{links, numbers}, nil
	}
	if !ok {
		numbers.Notes = append(numbers.Notes, "nothing is published")
		return []ingest.Finding{links, numbers}, nil
	}
	card := new(scorecard.Scorecard)
	if err := json.Unmarshal(p.Body, card); err != nil {
		return nil, fmt.Errorf("publication %d in the ledger cannot be read: %w", p.Number, err)
	}
	card.Withhold()
	if err := trace(ctx, &links, led, card); err != nil {
		return nil, err
	}
	if wh != nil {
		err = compareShown(ctx, &numbers, &store{led: led, wh: wh}, p, card)
	}
	return []ingest.Finding{links, numbers}, err
}

// trace follows every number of a scorecard back to a load and its source.
func trace(ctx context.Context, f *ingest.Finding, led *ledger.DB, card *scorecard.Scorecard) error {
	loads, err := led.Loads(ctx, "", 0)
	if err != nil {
		return err
	}
	live := map[int64]kpi.Load{}
	sources := map[string]int64{} // dataset → its newest load that names its source
	for _, l := range loads {
		if l.State != kpi.LoadLive || l.ID > card.Version {
			continue
		}
		live[l.ID] = l
		if sources[l.Dataset] == 0 && l.SourceHash != "" && len(l.Spool) > 0 {
			sources[l.Dataset] = l.ID
		}
	}
	if _, err := led.Folder(ctx, card.Folder); err != nil {
		f.Wrong = append(f.Wrong, fmt.Sprintf("publication %d was made by folder version %d: %v; restore the ledger from a backup", card.Number, card.Folder, err))
	}
	if live[card.Version].ID == 0 {
		f.Wrong = append(f.Wrong, fmt.Sprintf("publication %d shows data version %d, which is not live; restore the ledger from a backup", card.Number, card.Version))
	}
	for _, r := range card.Results {
		for _, o := range observations(&r) {
			f.Looked++
			l, ok := live[o.Load]
			switch {
			case !ok:
				f.Wrong = append(f.Wrong, fmt.Sprintf("%s, %s: it came with load %d, which is not live; restore the ledger from a backup", o.Indicator, o.Period, o.Load))
			case l.Cause == kpi.CauseLoad && l.SourceHash == "", sources[r.Indicator.Dataset] == 0:
				f.Wrong = append(f.Wrong, fmt.Sprintf("%s, %s: the hash of its source is not known; load dataset %s anew", o.Indicator, o.Period, r.Indicator.Dataset))
			}
		}
	}
	return nil
}

// observations lists the observations of a result that came of a load.
func observations(r *scorecard.Result) []kpi.Observation {
	var list []kpi.Observation
	add := func(o *kpi.Observation) {
		if o != nil && o.Load != 0 { // a gap in a series is of no load
			list = append(list, *o)
		}
	}
	add(r.Total)
	for i := range r.Series {
		add(&r.Series[i].Observation)
	}
	for i := range r.Members {
		add(r.Members[i].Total)
		for k := range r.Members[i].Series {
			add(&r.Members[i].Series[k])
		}
	}
	return list
}

// compareShown builds the scorecard of a publication anew and compares.
func compareShown(ctx context.Context, f *ingest.Finding, s *store, p ledger.Publication, card *scorecard.Scorecard) error {
	at := kpi.At{AsOf: p.AsOf}
	newest, _, err := s.Version(ctx, at)
	if err != nil {
		return err
	}
	_, folder, err := s.Definitions(ctx, at)
	if err != nil {
		return err
	}
	if newest != p.Version || folder != p.Folder {
		f.Warnings = append(f.Warnings, fmt.Sprintf("publication %d shows data version %d and folder %d, and the newest are %d and %d; the next load publishes them", p.Number, p.Version, p.Folder, newest, folder))
		at.KnownAt = p.PublishedAt
	}
	built, err := scorecard.NewBuilder(s).Build(ctx, at)
	if err != nil {
		f.Wrong = append(f.Wrong, fmt.Sprintf("the scorecard of publication %d cannot be made again: %v", p.Number, err))
		return nil
	}
	shown, err := built.Public(card)
	if err != nil {
		f.Wrong = append(f.Wrong, fmt.Sprintf("publication %d cannot be made again: %v", p.Number, err))
		return nil
	}
	body, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	again := new(scorecard.Scorecard)
	if err := json.Unmarshal(body, again); err != nil {
		return err
	}
	for i := range card.Results {
		was := &card.Results[i]
		f.Looked++
		now := again.Result(was.Indicator.ID)
		switch {
		case now == nil:
			f.Wrong = append(f.Wrong, fmt.Sprintf("indicator %s is shown, and a scorecard of the same data has no such indicator; load anew: citystat ingest", was.Indicator.ID))
		case !reflect.DeepEqual(observations(was), observations(now)) || !reflect.DeepEqual(was.Assessment, now.Assessment):
			f.Wrong = append(f.Wrong, fmt.Sprintf("indicator %s: shown is %s, %s, and the same data say %s, %s; citystat rebuild, then citystat ingest",
				was.Indicator.ID, value(was.Assessment.Value), was.Assessment.Status, value(now.Assessment.Value), now.Assessment.Status))
		}
	}
	return nil
}

func value(v *float64) string {
	if v == nil {
		return "no value"
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

// printFindings prints what was found; anything wrong makes the command fail.
func printFindings(w io.Writer, list []ingest.Finding, asJSON bool) error {
	wrong, warnings := 0, 0
	for _, f := range list {
		wrong, warnings = wrong+len(f.Wrong), warnings+len(f.Warnings)
	}
	var err error
	if wrong > 0 {
		err = fmt.Errorf("%s wrong; each line above says where, and how to mend it", counted(wrong, "thing is", "things are"))
	}
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return errors.Join(enc.Encode(list), err)
	}
	for _, f := range list {
		mark := "ok     "
		switch {
		case len(f.Wrong) > 0:
			mark = "WRONG  "
		case len(f.Warnings) > 0:
			mark = "look   "
		}
		fmt.Fprintf(w, "%s %-16s %s (%s: %d)\n", mark, f.Check, f.About, f.Unit, f.Looked)
		for _, s := range [][]string{f.Wrong, f.Warnings, f.Notes} {
			for _, line := range s {
				fmt.Fprintf(w, "         - %s\n", printableText(line))
			}
		}
	}
	if wrong == 0 {
		fmt.Fprintf(w, "All is well: %s, %s.\n", counted(len(list), "examination", "examinations"), counted(warnings, "warning", "warnings"))
	}
	return err
}
