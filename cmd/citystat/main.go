// Command citystat is the program in which a city keeps its promises: it checks a city folder, loads the city's data, and serves
// the scorecard.
//
// This package is wiring only, one file a sub-command. What the program does is in the packages that it ties together.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"citystat/ingest/connector"
)

func main() {
	connector.RunChild() // the program starts itself to read Parquet in a process of its own
	os.Exit(run(os.Args[1:]))
}

// run is main with an exit status: 0 done, 1 the input is wrong or the work failed, 2 the command line is wrong.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	cmd := newRoot(os.Stdin, os.Stdout, os.Stderr)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintln(os.Stderr, "citystat:", msg)
	}
	return exitStatus(err)
}
