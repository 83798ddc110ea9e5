package connector

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"

	"github.com/pkg/sftp"
)

// received is a file on its way from an SFTP server to the disk.
type received struct {
	file     *os.File
	sum      hash.Hash
	done     int64
	most     int64
	progress func(done int64)
}

// Write takes the next piece.
func (r *received) Write(b []byte) (int, error) {
	if r.done+int64(len(b)) > r.most {
		return 0, passing("grew while it was read: it is still being written")
	}
	n, err := r.file.Write(b)
	if err != nil {
		return n, &failure{ours: fmt.Errorf("what is fetched cannot be written: %w", err)}
	}
	r.sum.Write(b) // never fails
	r.done += int64(n)
	r.progress(r.done)
	return n, nil
}

// receive writes a file to the disk and checks that it is the file that it was at first. It leaves nothing behind if it fails.
func (v *visit) receive(s *session, from *sftp.File, before fs.FileInfo) (f fetched, err error) {
	to, err := os.CreateTemp(v.req.Dir, "fetched-*") // mode 0600
	if err != nil {
		return fetched{}, &failure{ours: fmt.Errorf("what is fetched cannot be written: %w", err)}
	}
	defer func() {
		cerr := to.Close()
		if cerr == nil && err == nil {
			cerr = os.Chtimes(to.Name(), before.ModTime(), before.ModTime()) // the file is as old as its source
		}
		if cerr != nil && err == nil {
			err = &failure{ours: fmt.Errorf("what is fetched cannot be written: %w", cerr)}
		}
		if err != nil {
			if rerr := os.Remove(to.Name()); rerr != nil && !errors.Is(rerr, fs.ErrNotExist) {
				err = &failure{ours: errors.Join(err, rerr)}
			}
		}
	}()
	told := v.req.fetching(v.bytes)
	r := &received{file: to, sum: sha256.New(), most: before.Size(), progress: func(done int64) { s.alive(); told(done, before.Size()) }}
	if _, err := from.WriteTo(r); err != nil {
		return fetched{}, err
	}
	after, err := from.Stat()
	if err != nil {
		return fetched{}, err
	}
	if r.done != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fetched{}, passing("changed while it was read (%d bytes before, %d after, %d came): it is still being written", before.Size(), after.Size(), r.done)
	}
	return fetched{path: to.Name(), sum: hex.EncodeToString(r.sum.Sum(nil)), bytes: r.done}, nil
}
