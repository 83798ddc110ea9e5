package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which version this is, and with which stores it was built",
		Args:  maxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), versionLine())
			return nil
		},
	}
}

// version is the program's version: the module's when it was installed as one, else the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

// versionLine names the program, Go and the drivers of both stores.
func versionLine() string {
	line := fmt.Sprintf("citystat %s %s %s/%s", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return line
	}
	for _, dep := range info.Deps {
		switch dep.Path {
		case "github.com/marcboeker/go-duckdb/v2", "modernc.org/sqlite":
			line += fmt.Sprintf("\n  %s %s", dep.Path, dep.Version)
		}
	}
	return line
}
