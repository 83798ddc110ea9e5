package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"citystat/kpi"
)

// guard refuses to begin a load when the disk is nearly full: a warehouse that runs out of space in a transaction answers nobody any
// more until it is opened again.
func (r *Runner) guard() error {
	need := r.MinFree
	switch st, err := os.Stat(r.warehouseFile()); {
	case err == nil:
		need = max(need, 3*st.Size())
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("size of the warehouse: %w", err)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(r.spool.dir, &st); err != nil {
		return fmt.Errorf("free space of %s: %w", r.spool.dir, err)
	}
	if free := int64(st.Bavail) * st.Bsize; free < need {
		return kpi.Errorf(kpi.CodeUnready, "%d MB are free on the disk of %s and a load needs %d MB; make room and load again", free>>20, r.spool.dir, need>>20)
	}
	return nil
}

// full says in words for people that a disk is full, where that is what an error means. It may pass: somebody makes room.
func (r *Runner) full(err error) error {
	for _, sign := range []error{unix.ENOSPC, unix.EDQUOT, unix.EFBIG} {
		if errors.Is(err, sign) {
			return &kpi.Error{Code: kpi.CodeUnready, Message: fmt.Sprintf("the disk of %s is full; make room and load again, the last good data stay", r.spool.dir), Err: err}
		}
	}
	return err
}
