package main

import (
	"errors"
	"io"

	"github.com/spf13/cobra"
)

// errUsage marks a mistake on the command line.
type errUsage struct{ error }

// exitStatus is the process's exit status for an error.
func exitStatus(err error) int {
	var usage errUsage
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// newRoot builds the command line.
func newRoot(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "citystat",
		Short: "The program in which a city keeps its promises",
		Long: `CityStat loads the data that shows whether a city's promises are kept, and says so honestly.

A city describes its priorities, indicators and datasets in a folder of plain files.
Without a folder, the sample city that the program carries is used; sample:puerto-claro in the place of a folder is another one.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		CompletionOptions: cobra.CompletionOptions{
			HiddenDefaultCmd: true,
		},
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return errUsage{err} })
	root.AddCommand(newServe(), newCheck(), newIngest(), newRebuild(), newRejects(), newHistory(), newExplain(), newFeedback(), newDoctor(), newSuggest(), newUser(), newAudit(), newVersion(),
		newBackup(), newRestore(), newExport(), newDecisions(), newNewTerm())
	return root
}

// maxArgs is cobra.MaximumNArgs with our exit status.
func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.MaximumNArgs(n)(cmd, args); err != nil {
			return errUsage{err}
		}
		return nil
	}
}
