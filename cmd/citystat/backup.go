package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"citystat/ingest"
	"citystat/ingest/backup"
	"citystat/kpi"
	"citystat/kpi/ledger"
)

// ledgerCopy is the consistent copy of the ledger in the data directory while it goes into a backup or an export.
const ledgerCopy = "ledger.db.copy"

func newBackup() *cobra.Command {
	var data string
	var force bool
	c := &cobra.Command{
		Use:   "backup FILE [DIR]",
		Short: "Write everything that cannot be made again to one file, while people work",
		Long: `Write everything that cannot be made again to one file, a tar archive: the ledger as it is at one moment, and the kept copies of the spool that
live loads need. People go on working meanwhile. What stands in the file under its final name is whole, whatever happens while it is written.

A backup is as secret as the ledger itself: it holds hashes of passwords, addresses of residents who wait for an answer, and everything that is not
published yet. Keep it where only those come who look after the server; encrypt it before it leaves the city's own machines. Prove it, too:
citystat restore --verify FILE does what a restore does, in a directory of its own.

The city folder is not in it: that is in the city's own version control. DIR is the city folder, by which the data directory is found; with --data it is
not needed.`,
		Example: `  citystat backup /backup/city-$(date +%F).tar mycity`,
		Args:    between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			m, err := backupNow(cmd.Context(), first(args[1:]), data, file, force)
			if err != nil {
				return err
			}
			return printBackup(cmd.OutOrStdout(), file, m)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().BoolVar(&force, "force", false, "replace a file that is there already")
	return c
}

// between is cobra.RangeArgs with our exit status.
func between(low, high int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := cobra.RangeArgs(low, high)(cmd, args); err != nil {
			return errUsage{fmt.Errorf("%w; see citystat help %s", err, cmd.Name())}
		}
		return nil
	}
}

// placeOf is the data directory that a command works on. The folder is read only if nobody says which it is: a wrong folder must not keep anybody from what
// was typed.
func placeOf(path, data string) (string, error) {
	if data != "" {
		return dataDir(data, nil)
	}
	f := folder{path: path}
	city, _, problems, err := f.load()
	if err != nil {
		return "", err
	}
	if city == nil {
		return "", fmt.Errorf("%s is refused, so its data directory is not known; mend the folder or give --data DIR\n%s", f, problems)
	}
	return dataDir(data, city)
}

// backupNow lets the server that owns the data directory write a backup, or writes it alone.
func backupNow(ctx context.Context, path, data, file string, force bool) (backup.Manifest, error) {
	dir, err := placeOf(path, data)
	if err != nil {
		return backup.Manifest{}, err
	}
	reply, err := callServer(ctx, dir, "backup", url.Values{"file": {file}, "force": {strconv.FormatBool(force)}})
	switch {
	case errors.Is(err, errNoServer):
		return writeBackup(ctx, dir, file, force, time.Now())
	case err == nil:
		err = replyError(reply)
	}
	if reply.Backup == nil {
		return backup.Manifest{}, errors.Join(err, errors.New("the server wrote no backup; is it another version? Restart it"))
	}
	return *reply.Backup, err
}

// withCopy makes a copy of the ledger and lets fn read it. The copy is gone afterwards; what a program that was killed has left is taken away first.
func withCopy(ctx context.Context, dir string, fn func(path string) error) (err error) {
	ledgerFile, path := filepath.Join(dir, "ledger.db"), filepath.Join(dir, ledgerCopy)
	if _, err := os.Stat(ledgerFile); errors.Is(err, fs.ErrNotExist) {
		return kpi.Errorf(kpi.CodeNotFound, "there is no ledger in %s: nothing was ever loaded there, or it is another directory; say which with --data DIR", dir)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return kpi.Errorf(kpi.CodeConflict, "another backup or export of %s is being written; wait for it", dir)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := ledger.Copy(ctx, ledgerFile, path); err != nil {
		return err
	}
	return errors.Join(fn(path), os.Remove(path))
}

// writeBackup writes a backup of a data directory. Nobody needs to stop for that.
func writeBackup(ctx context.Context, dir, file string, force bool, now time.Time) (m backup.Manifest, err error) {
	if liesIn(dir, file) {
		return m, kpi.Errorf(kpi.CodeInvalid, "%s is in the data directory itself; keep backups elsewhere, best on another machine", file)
	}
	err = withCopy(ctx, dir, func(path string) error {
		facts, err := ledger.Look(ctx, path)
		if err != nil {
			return err
		}
		files, missing, err := ingest.KeptFiles(dir, facts.Copies, facts.Live)
		if err != nil {
			return err
		}
		members := []backup.Member{{Name: backup.LedgerName, Path: path}}
		for _, f := range files {
			members = append(members, backup.Member(f))
		}
		m, err = backup.Write(ctx, file, backup.Manifest{
			Program: version(), City: facts.City, Made: now.UTC(), Schema: facts.Schema, Entries: facts.Entries, Head: facts.Head,
			Publication: facts.Publication, Version: facts.Version, Missing: missing,
		}, members, force)
		return err
	})
	return m, err
}

// liesIn reports whether a file lies in a directory, by whatever name that is called.
func liesIn(dir, file string) bool {
	rel, err := filepath.Rel(resolved(dir), resolved(file))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// resolved is a path without symbolic links, as far as there is anything at it.
func resolved(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		return p
	}
	if above := filepath.Dir(path); above != path {
		return filepath.Join(resolved(above), filepath.Base(path))
	}
	return path
}

// printBackup says what is in a backup. One that lacks something was written all the same, and makes the command fail.
func printBackup(w io.Writer, file string, m backup.Manifest) error {
	if len(m.Missing) > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s is written, and the spool has lost %s that it should hold, such as %s: the warehouse cannot be rebuilt from it; run citystat doctor, and restore them from an older backup",
			file, counted(len(m.Missing), "kept copy", "kept copies"), m.Missing[0])
	}
	_, err := fmt.Fprintf(w, "%s: %s, %d bytes, of %s as of %s.\nHash of the last of %s of the audit trail: %s\nProve it: citystat restore --verify %s\n",
		file, counted(len(m.Files), "file", "files"), m.Size(), orNothing(m.City), m.Made.Format(time.RFC3339),
		counted(int(m.Entries), "entry", "entries"), orNothing(m.Head), file)
	return err
}

// orNothing writes what may not be there.
func orNothing(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
