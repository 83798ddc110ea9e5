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
			if city == nil {
				return fmt.Errorf("%s: %d mistakes", f, problems.Count(catalog.SeverityError))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: all is well: %d priorities, %d indicators, %d datasets, %d districts, %d languages.\n",
				f, len(city.Priorities), len(city.Indicators), len(city.Datasets), len(city.Districts), len(city.Languages))
			if n := len(problems); n > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%d warnings above; the city can be served with them.\n", n)
			}
			return nil
		},
	}
}

// first returns the first argument, or "".
func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}
