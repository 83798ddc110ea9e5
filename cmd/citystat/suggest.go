package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"citystat/ingest/suggest"
	"citystat/kpi"
)

func newSuggest() *cobra.Command {
	var dir, id string
	cmd := &cobra.Command{
		Use:   "suggest FILE",
		Short: "Look at a file and write a dataset block with what it seems to be and what is unsure",
		Long: `Look at a file (CSV or TSV, Excel, JSON, NDJSON, GeoJSON, Parquet; plain, gzip or zip) and write the block of a dataset for a person to confirm.

What the file proves stands in the block; what it does not is marked UNSURE. Columns that seem to speak of people are proposed under drop, and
none of their values is shown. Nothing that is loaded is ever guessed: what counts is what the city folder declares.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if err := cobra.ExactArgs(1)(cmd, args); err != nil {
				return errUsage{err}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			o := suggest.Options{Dataset: id}
			if dir != "" {
				f := folder{path: dir}
				city, _, err := f.mustLoad(cmd.ErrOrStderr())
				if err != nil {
					return err
				}
				o.City, o.Path = city, within(dir, args[0])
			}
			block, err := suggestFor(cmd, args[0], o)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(block)
			return err
		},
	}
	cmd.Flags().StringVar(&dir, "city", "", "the folder of the city: its districts are recognised, and the file's path is written as the folder names it")
	cmd.Flags().StringVar(&id, "dataset", "", "id of the dataset (default: made of the file's name)")
	return cmd
}

// suggestFor looks at a file of this machine. An address is left to the package, which says what to do with it.
func suggestFor(cmd *cobra.Command, file string, o suggest.Options) ([]byte, error) {
	if strings.Contains(file, "://") {
		return suggest.File(cmd.Context(), os.DirFS("."), file, o)
	}
	if o.Dataset != "" && !kpi.ValidID(o.Dataset) {
		return nil, errUsage{fmt.Errorf("%q cannot be the id of a dataset; ids are small letters, digits and hyphens", o.Dataset)}
	}
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no file %s", file)
	}
	return suggest.File(cmd.Context(), os.DirFS(filepath.Dir(file)), filepath.Base(file), o)
}

// within returns how the folder names a file that lies in it; empty if it lies elsewhere.
func within(dir, file string) string {
	d, err1 := filepath.Abs(dir)
	f, err2 := filepath.Abs(file)
	if err1 != nil || err2 != nil {
		return ""
	}
	rel, err := filepath.Rel(d, f)
	if err != nil || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel)
}
