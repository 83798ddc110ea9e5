package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"citystat/ingest"
	"citystat/kpi"
)

func newIngest() *cobra.Command {
	var data string
	var asJSON bool
	var accept string
	cmd := &cobra.Command{
		Use:   "ingest [DIR [DATASET…]]",
		Short: "Bring the datasets in now, and say what came",
		Long: `Bring the datasets in now: fetch, check, load, recompute, publish.

While a server owns the data directory, it does the work; otherwise the command does it alone.
A dataset that fails keeps its last good data; the exit status is then 1.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var ids []string
			if len(args) > 1 {
				ids = args[1:]
			}
			p := newProgress(cmd.ErrOrStderr())
			if asJSON {
				p = newProgress(io.Discard)
			}
			reports, err := ingestNow(cmd.Context(), cmd.ErrOrStderr(), first(args), data, accept, ids, p)
			p.finish()
			return printReports(cmd.OutOrStdout(), reports, err, asJSON)
		},
	}
	cmd.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a machine-readable report")
	cmd.Flags().StringVar(&accept, "accept", "", "your name: the number of rows may change more than is expected, this once, and you answer for it")
	return cmd
}

// ingestNow runs the datasets through the server that owns the data directory, or alone.
func ingestNow(ctx context.Context, errOut io.Writer, path, data, accept string, ids []string, p *progress) ([]ingest.Report, error) {
	var reports []ingest.Report
	err := withStores(ctx, errOut, path, data, p,
		func(dir string) error {
			reply, err := callServer(ctx, dir, "ingest", url.Values{"dataset": ids, "accepted": {accept}})
			reports = reply.Reports
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			reports, err = e.Ingest(ctx, ingest.How{Trigger: kpi.TriggerPerson, Accepted: accept}, ids)
			return err
		})
	return reports, err
}

// withStores lets the server that owns the data directory act (remote), or opens the stores itself (alone).
func withStores(ctx context.Context, errOut io.Writer, path, data string, p *progress, remote func(dir string) error, alone func(*engine) error) error {
	f := folder{path: path}
	city, files, err := f.mustLoad(errOut)
	if err != nil {
		return err
	}
	dir, err := dataDir(data, city)
	if err != nil {
		return err
	}
	if err := remote(dir); !errors.Is(err, errNoServer) {
		return err
	}
	e, err := openEngine(ctx, engineOptions{
		Folder: f, City: city, Files: files, Dir: dir, Progress: p.report, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	return errors.Join(alone(e), e.Close())
}

// replyError is the error that the server answered, if any.
func replyError(r controlReply) error {
	if r.Error == "" {
		return nil
	}
	return errors.New(r.Error)
}

// printReports prints what came of each dataset; a failed one makes the command fail.
func printReports(w io.Writer, reports []ingest.Report, err error, asJSON bool) error {
	failed, datasets := 0, 0
	for _, r := range reports {
		if r.Dataset != "" { // not a recomputation
			datasets++
		}
		if r.Error != "" {
			failed++
		}
	}
	if asJSON {
		reply := controlReply{Reports: reports}
		if err != nil {
			reply.Error = err.Error()
		}
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		if encErr := enc.Encode(reply); encErr != nil {
			return errors.Join(err, fmt.Errorf("writing the report: %w", encErr))
		}
	} else {
		for _, r := range reports {
			fmt.Fprintln(w, reportLine(r))
		}
	}
	if err == nil && failed > 0 {
		err = fmt.Errorf("%d of %d datasets failed; their last good data stay", failed, datasets)
	}
	return err
}
