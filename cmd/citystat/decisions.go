package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"citystat/kpi"
)

// decisionsReply is what was decided over the folder, and what puts it there.
type decisionsReply struct {
	Applied []kpi.Applied   `json:"applied"`
	Patch   kpi.FolderPatch `json:"patch"`
}

// decisionsOf returns what was decided, with the patch if it is asked for.
func (e *engine) decisionsOf(ctx context.Context, q url.Values) (decisionsReply, error) {
	var r decisionsReply
	var err error
	if _, r.Applied, err = e.lay(ctx, e.folderCity()); err != nil {
		return r, err
	}
	if q.Get("patch") == "true" {
		r.Patch, err = e.patch(ctx)
	}
	return r, err
}

func newDecisions() *cobra.Command {
	var data string
	var patch bool
	c := &cobra.Command{
		Use:   "decisions [DIR]",
		Short: "Show what was decided over the folder, and write it as a patch",
		Long: `Show the decisions on targets and owners that people took in the browser, in order of date, and what became of each: in force, in the folder,
overtaken by a later change of the folder, not applicable, withdrawn.

With --patch, print what makes the folder say the same, as a unified diff. What only a person can write is told beside it:

  citystat decisions --patch mycity > decisions.patch
  git -C mycity apply ../decisions.patch`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := decisionsNow(cmd.Context(), cmd.ErrOrStderr(), first(args), data, patch)
			if err != nil {
				return err
			}
			if patch {
				return printPatch(cmd.OutOrStdout(), cmd.ErrOrStderr(), r.Patch)
			}
			return printDecisions(cmd.OutOrStdout(), r.Applied)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().BoolVar(&patch, "patch", false, "print a patch to the folder")
	return c
}

// decisionsNow asks the server that owns the data directory, or reads alone.
func decisionsNow(ctx context.Context, errOut io.Writer, path, data string, patch bool) (decisionsReply, error) {
	q := url.Values{"patch": {fmt.Sprint(patch)}}
	var r decisionsReply
	err := withStores(ctx, errOut, path, data, newProgress(io.Discard),
		func(dir string) error {
			reply, err := callServer(ctx, dir, "decisions", q)
			if reply.Decisions != nil {
				r = *reply.Decisions
			}
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			r, err = e.decisionsOf(ctx, q)
			return err
		})
	return r, err
}

// printPatch prints the patch, and to the other what is left to people.
func printPatch(out, errOut io.Writer, p kpi.FolderPatch) error {
	for _, h := range p.ByHand {
		at := h.File
		if at != "" {
			at = fmt.Sprintf(" into %s, at line %d", h.File, h.Line)
		}
		fmt.Fprintf(errOut, "Decision %d is not in the patch: %s. Write this%s:\n  %s\n", h.Decision, handWords[h.Why], at, strings.Join(h.Lines, "\n  "))
	}
	if len(p.Diff) == 0 && len(p.ByHand) == 0 {
		fmt.Fprintln(errOut, "There is nothing to put into the folder: it says everything that was decided.")
	}
	_, err := out.Write(p.Diff)
	return err
}

var handWords = map[kpi.HandWhy]string{
	kpi.HandAnchor:  "it stands under an anchor (&) or an alias (*), where a change would change something else too",
	kpi.HandTable:   "the indicator is a row of a table",
	kpi.HandRefused: "with it the folder would have a mistake, or say something else beside",
}

// printDecisions prints what was decided, in order of date.
func printDecisions(w io.Writer, list []kpi.Applied) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "Nothing was decided over the folder.")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "NO.\tDECIDED\tRECORDED\tSTATE\tWHAT\tBY\tREASON")
	for _, a := range list {
		d := &a.Decision
		state := strings.ReplaceAll(string(a.State), "_", " ")
		if a.Lack != "" {
			state += " (no " + string(a.Lack) + ")"
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.On, d.Since.UTC().Format("2006-01-02 15:04"), state, decidedWords(d), spoken(d.Whose), spoken(d.Reason))
	}
	return t.Flush()
}

// decidedWords says in short what was decided.
func decidedWords(d *kpi.Decision) string {
	switch {
	case d.Kind == kpi.DecideOwner:
		return d.Indicator + ": owner " + d.Owner
	case d.Target == nil:
		return d.Indicator
	case d.Kind == kpi.DecideDrop:
		return fmt.Sprintf("%s: target for %s dropped", d.Indicator, d.Target.By)
	case d.Target.Low != 0 || d.Target.High != 0:
		return fmt.Sprintf("%s: target for %s from %v to %v", d.Indicator, d.Target.By, d.Target.Low, d.Target.High)
	}
	return fmt.Sprintf("%s: target for %s %v", d.Indicator, d.Target.By, d.Target.Value)
}
