package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"citystat/ingest/catalog"
	"citystat/kpi"
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
			for _, line := range translations(city) {
				fmt.Fprintln(cmd.OutOrStdout(), line)
			}
			if n := len(problems); n > 0 {
				fmt.Fprintf(cmd.OutOrStdout(), "%s above; the city can be served like this.\n", counted(n, "warning", "warnings"))
			}
			return nil
		},
	}
}

// translations says of each language how many texts no person stands behind yet, and how many are shown as the city wrote them.
func translations(city *kpi.City) []string {
	states := city.TextStates()
	var lines []string
	for _, lang := range city.Languages {
		var parts []string
		for _, s := range []struct {
			state     kpi.TextState
			one, many string
		}{
			{kpi.TextMachine, "machine translation", "machine translations"}, {kpi.TextDraft, "draft", "drafts"},
			{kpi.TextOutdated, "outdated translation", "outdated translations"},
		} {
			if n := states[lang][s.state]; n > 0 {
				parts = append(parts, counted(n, s.one, s.many))
			}
		}
		if len(parts) > 0 {
			lines = append(lines, fmt.Sprintf("%s: %s; pages say so.", lang, strings.Join(parts, ", ")))
		}
	}
	return lines
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
