package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func newRebuild() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "rebuild [DIR]",
		Short: "Make the warehouse anew from the spool, and check that every number came back",
		Args:  maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx := cmd.Context()
			p := newProgress(cmd.ErrOrStderr())
			err := withStores(ctx, cmd.ErrOrStderr(), first(args), data, p,
				func(dir string) error {
					reply, err := callServer(ctx, dir, "rebuild", nil)
					return errors.Join(err, replyError(reply))
				},
				func(e *engine) error { return e.Rebuild(ctx) })
			p.finish()
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "The warehouse is rebuilt from the spool; every observation is the same as before.")
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	return cmd
}
