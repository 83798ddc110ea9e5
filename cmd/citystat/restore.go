package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"citystat/ingest/backup"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
)

// restoring is the directory in the data directory in which a restore works until everything is there.
const restoring = "restoring"

func newRestore() *cobra.Command {
	var data string
	var verify bool
	c := &cobra.Command{
		Use:   "restore FILE [DIR]",
		Short: "Bring back what a backup holds, or verify that it could be brought back",
		Long: `Bring back what a backup holds into an empty data directory. Everybody is signed out then, and links that were not used are void: citystat user link
makes new ones. The warehouse is rebuilt from the kept copies by the next start.

With --verify nothing is brought back: the backup is unpacked into a temporary directory (TMPDIR says where), every hash is checked, SQLite examines the
ledger, the audit trail is verified against the hash in the manifest, the ledger is migrated to this program's schema, and the warehouse is rebuilt and its
numbers compared with those that became live. Each line says what was found; the exit status is 1 if anything is wrong. Do this after each upgrade, and
every month.

DIR is the city folder: with it, the backup of another city is refused.`,
		Example: `  citystat restore --verify /backup/city-2026-03-31.tar
  citystat restore /backup/city-2026-03-31.tar mycity --data /var/lib/citystat`,
		Args: between(1, 2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			a, err := openBackup(args[0], first(args[1:]))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if verify {
				return drill(cmd.Context(), cmd.OutOrStdout(), a, args[0])
			}
			dir, err := dataDir(data, &kpi.City{ID: a.Manifest.City})
			if err != nil {
				return err
			}
			return restore(cmd.Context(), cmd.OutOrStdout(), a, dir)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory, empty or not there yet (CITYSTAT_DATA)")
	c.Flags().BoolVar(&verify, "verify", false, "the restore drill: do all of it in a temporary directory, and say what was found")
	return c
}

// openBackup opens a backup that this program can restore, of the city of the folder if there is one.
func openBackup(file, path string) (*backup.Archive, error) {
	a, err := backup.Open(file)
	if err != nil {
		return nil, err
	}
	if have, know := a.Manifest.Schema, ledger.NewestSchema(); have > know {
		err = kpi.Errorf(kpi.CodeConflict, "the ledger in %s has schema %d and this program knows up to %d: a newer CityStat (%s) has written it; restore it with that one", file, have, know, a.Manifest.Program)
	}
	if err == nil && !a.Has(backup.LedgerName) {
		err = kpi.Errorf(kpi.CodeInvalid, "%s holds no ledger; take another backup", file)
	}
	if err == nil && path != "" {
		var city *kpi.City
		f := folder{path: path}
		city, _, _, err = f.load()
		switch {
		case err == nil && city == nil:
			err = fmt.Errorf("%s is refused, so it cannot be compared with the backup; citystat check says what to mend", f)
		case err == nil && a.Manifest.City != "" && city.ID != a.Manifest.City:
			err = kpi.Errorf(kpi.CodeConflict, "%s is a backup of the city %q, and %s describes %q; take the backup of that city", file, a.Manifest.City, f, city.ID)
		}
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// unpackInto unpacks a backup into a directory and compares its ledger with the manifest. Nothing in the ledger was changed yet.
func unpackInto(ctx context.Context, a *backup.Archive, dir string) (ledger.Facts, error) {
	if err := a.Unpack(ctx, dir); err != nil {
		return ledger.Facts{}, err
	}
	facts, err := ledger.Look(ctx, filepath.Join(dir, backup.LedgerName))
	if err != nil {
		return facts, err
	}
	m := a.Manifest
	for _, c := range []struct {
		what      string
		says, has any
	}{
		{"city", m.City, facts.City}, {"schema", m.Schema, facts.Schema}, {"number of audit entries", m.Entries, facts.Entries}, {"hash of the last audit entry", m.Head, facts.Head},
		{"newest publication", m.Publication, facts.Publication}, {"newest data version", m.Version, facts.Version},
	} {
		if c.says != c.has {
			return facts, kpi.Errorf(kpi.CodeInvalid, "the manifest says %v of the %s, and the ledger has %v: they are of different backups; take another one", c.says, c.what, c.has)
		}
	}
	return facts, nil
}

// sound examines a ledger: its file, and its audit trail up to the entry that the manifest names.
func sound(ctx context.Context, led *ledger.DB, m backup.Manifest) error {
	wrong, err := led.Integrity(ctx)
	if err != nil {
		return err
	}
	if len(wrong) > 0 {
		return kpi.Errorf(kpi.CodeInvalid, "SQLite finds the ledger damaged: %s; take an older backup", strings.Join(wrong, "; "))
	}
	entries, head, said, err := led.VerifyAudit(ctx)
	switch {
	case err != nil:
		return err
	case said != "":
		return kpi.Errorf(kpi.CodeInvalid, "%s: somebody has changed the ledger, before the backup or in it; compare with an older one", said)
	case entries != m.Entries || fmt.Sprintf("%x", head) != m.Head:
		return kpi.Errorf(kpi.CodeInvalid, "the audit trail ends with another entry than the manifest says; take another backup")
	}
	return nil
}

// restore brings a backup back into a data directory in which there is nothing. It works in a directory of its own there, and what it has made takes its
// place at the end, the ledger last.
func restore(ctx context.Context, w io.Writer, a *backup.Archive, dir string) error {
	if err := mustBeEmpty(dir); err != nil {
		return err
	}
	work := filepath.Join(dir, restoring)
	if err := os.MkdirAll(work, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return err
	}
	err := restoreIn(ctx, a, work)
	if err == nil {
		err = moveUp(work, dir)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(work))
	}
	m := a.Manifest
	_, err = fmt.Fprintf(w, "%s holds what %s had as of %s. Everybody is signed out, and links that were not used are void.\nThe next start rebuilds the warehouse; citystat doctor examines all of it.\n",
		dir, orNothing(m.City), m.Made.Format(time.RFC3339))
	return err
}

// mustBeEmpty refuses a directory in which there is something.
func mustBeEmpty(dir string) error {
	list, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(list) == 1 && list[0].Name() == restoring:
		return kpi.Errorf(kpi.CodeConflict, "%s holds a restore that did not come to its end; delete %s and restore again", dir, filepath.Join(dir, restoring))
	case len(list) > 0:
		return kpi.Errorf(kpi.CodeConflict, "%s is not empty, and nothing is restored over what is there; name an empty directory with --data, or move this one away", dir)
	}
	return nil
}

// restoreIn unpacks a backup, examines the ledger and lets nobody in by what was valid before.
func restoreIn(ctx context.Context, a *backup.Archive, dir string) error {
	if _, err := unpackInto(ctx, a, dir); err != nil {
		return err
	}
	led, err := ledger.Open(ctx, filepath.Join(dir, backup.LedgerName))
	if err != nil {
		return err
	}
	err = sound(ctx, led, a.Manifest)
	if err == nil {
		err = led.Restored(ctx, a.Manifest.Made, account.By{Name: onThisMachine()}, time.Now())
	}
	return errors.Join(err, led.Close())
}

// moveUp moves what was restored to its place, the ledger last: a program that starts before finds none. Where one has started and begun a ledger of its own
// while the backup was unpacked and examined, it keeps it: nothing is put in the place of a ledger that somebody has open.
func moveUp(work, dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		if e.Name() != filepath.Base(work) {
			return kpi.Errorf(kpi.CodeConflict, "%s appeared in %s while the backup was being restored, so a CityStat has started there; stop it, empty the directory and restore again", e.Name(), dir)
		}
	}
	for _, name := range []string{"spool", backup.LedgerName} {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil && (name == backup.LedgerName || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	// A copy from before a migration goes with the directory: the backup is that copy.
	return errors.Join(d.Sync(), d.Close(), os.RemoveAll(work))
}
