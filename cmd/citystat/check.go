package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"citystat/ingest/catalog"
)

func newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Read a city folder and report every mistake with file, line, column and mend",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f := folder{path: first(args)}
			city, _, problems, err := f.load()
			if err != nil {
				return err
			}
			if err := problems.Print(cmd.ErrOrStderr()); err != nil {
				return fmt.Errorf("printing what is wrong with %s: %w", f, err)
			}
			if n := problems.Count(catalog.SeverityError); n > 0 { // data files that are not there too, with which a server would go on
				return fmt.Errorf("%s: %s", f, counted(n, "mistake", "mistakes"))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: all is well: %s, %s, %s, %s, %s.\n", f,
				counted(len(city.Priorities), "priority", "priorities"), counted(len(city.Indicators), "indicator", "indicators"),
				counted(len(city.Datasets), "dataset", "datasets"), counted(len(city.Districts), "district", "districts"),
				counted(len(city.Languages), "language", "languages"))
			if n := len(problems); n > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s above; the city can be served like this.\n", counted(n, "warning", "warnings"))
			}
			return nil
		},
	}
}

// counted is a number with its noun.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// first returns the first argument, or "".
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
