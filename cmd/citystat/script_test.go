package main

import (
	"io"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the command line as a person would; each file in testdata/script is a session.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// TestExitStatus: 2 for a wrong command line, 1 for wrong input or failed work.
func TestExitStatus(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want int
	}{
		{[]string{"version"}, 0},
		{[]string{"check", "no-such-folder"}, 1},
		{[]string{"check", "a", "b"}, 2},
		{[]string{"serve", "--no-such-flag"}, 2},
		{[]string{"serve", "--addr", "nonsense"}, 2},
	} {
		cmd := newRoot(nil, io.Discard, io.Discard)
		cmd.SetArgs(tc.args)
		got := 0
		if err := cmd.ExecuteContext(t.Context()); err != nil {
			got = exitStatus(err)
		}
		if got != tc.want {
			t.Errorf("citystat %v: exit status %d, want %d", tc.args, got, tc.want)
		}
	}
}
