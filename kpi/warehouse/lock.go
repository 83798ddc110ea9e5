package warehouse

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"citystat/kpi"
)

// takeLock takes the data directory for this process. The lock is on a file of its own: DuckDB's own lock on the warehouse's file is
// lost as soon as anything in this process opens and closes that file.
func takeLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data directory: %w", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = kpi.Errorf(kpi.CodeConflict, "another CityStat has this data directory open; stop it or use --data (%s)", name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// checkSpace refuses a load for which there is no room: a full disk in the middle of it would stop the warehouse for its readers too.
func (db *DB) checkSpace() error {
	need := db.minFree
	if info, err := os.Stat(db.file()); err == nil {
		need = max(need, db.freeTimes*info.Size())
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(db.dir, &fs); err != nil {
		return fmt.Errorf("free space of %s: %w", db.dir, err)
	}
	if free := int64(fs.Bavail) * fs.Bsize; free < need {
		return kpi.Errorf(kpi.CodeUnready, "%s has %d MB free and a load needs %d MB to be safe; make room there", db.dir, free>>20, need>>20)
	}
	return nil
}
