package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// stopWithin is how long requests under way may take to end after Ctrl-C.
const stopWithin = 10 * time.Second

func newServe() *cobra.Command {
	o := DefaultOptions()
	o.Addr = fromEnv("CITYSTAT_ADDR", o.Addr)
	o.Data = fromEnv("CITYSTAT_DATA", "")
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Load a city's data and serve its scorecard (without DIR: the sample city)",
		Long: `Load a city's data and serve its scorecard.

DIR is the city folder, the one that holds city.yaml. Without it, the sample city that the program carries is served: Boston in 2015.
sample:puerto-claro in the place of DIR serves the other one, a city that is made up, in Spanish, with everything that a folder can say.
SIGHUP reads the folder again; a wrong folder is refused and the last good one stays. Ctrl-C ends the server cleanly.`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Folder, o.Locked = first(args), true
			o.Out = cmd.ErrOrStderr()
			o.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			p := newProgress(cmd.ErrOrStderr())
			o.Progress = p.report
			defer p.finish()
			return serve(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", o.Addr, "address to listen on (CITYSTAT_ADDR)")
	cmd.Flags().StringVar(&o.Data, "data", o.Data, "data directory (CITYSTAT_DATA); by default a place of its own for each city")
	return cmd
}

// serve runs the program until ctx ends or the server fails.
func serve(ctx context.Context, o Options) error {
	app, err := NewApp(ctx, o)
	if err != nil {
		return err
	}
	if err := app.Start(ctx); err != nil {
		stopErr := app.Stop(ctx)
		o.Log.Debug("stopping after a failed start", "err", stopErr)
		return err
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-hup:
			reload(ctx, app, o)
			continue
		case err = <-app.Failed():
		case <-ctx.Done():
			fmt.Fprintln(o.Out, "\nStopping …")
		}
		break
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if stopErr := app.Stop(stopCtx); err == nil {
		err = stopErr
	}
	return err
}

// reload reads the folder again and says what came of it.
func reload(ctx context.Context, app *App, o Options) {
	if err := app.Reload(ctx); err != nil {
		fmt.Fprintln(o.Out, err)
		return
	}
	fmt.Fprintln(o.Out, "The folder was read again.")
}

// fromEnv returns the environment's value, or the default where it says nothing.
func fromEnv(name, def string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return def
}
