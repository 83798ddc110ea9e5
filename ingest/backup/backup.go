// Package backup writes and reads the one file in which a city keeps what cannot be made again: the ledger, and the kept copies from which the warehouse is
// rebuilt.
//
// The file is an ordinary tar archive, so that it can be looked into without this program:
//
//	ledger.db                    the ledger, consistent as of one moment
//	spool/ab/abcd….csv.s2        the kept copies that live loads need (.csv.zst if an older program wrote them)
//	spool/rejects/12.json.zst    rows that connectors set aside in live loads
//	manifest.json                [Manifest]: what the other members are, with their sizes and hashes
//	manifest.sha256              the hash of the manifest, as sha256sum -c reads it
//
// Nothing of a member is held in memory. The manifest comes last, so that each file is read once, and what was written is what was hashed.
//
// A backup is as secret as the ledger: it holds hashes of passwords, addresses of residents who wait for an answer, and everything that is not published
// yet. It is written with mode 0600.
package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/sys/unix"

	"citystat/kpi"
)

// Format is the number of the format that this program writes. One with a greater number is refused.
const Format = 1

// The names of the members that are no copies.
const (
	LedgerName   = "ledger.db"
	manifestName = "manifest.json"
	sumName      = "manifest.sha256"
)

// maxManifest bounds a manifest: a line for each of some 500,000 kept copies.
const maxManifest = 128 << 20

// memberName is what members may be called: no name leads out of a directory.
var memberName = regexp.MustCompile(`^(ledger\.db|spool/[0-9a-f]{2}/[0-9a-f]{64}\.csv\.(s2|zst)|spool/rejects/[1-9][0-9]{0,18}\.json\.zst)$`)

// Manifest says what a backup is.
type Manifest struct {
	Format      int       `json:"format"`
	Program     string    `json:"program"` // that wrote it
	City        string    `json:"city"`
	Made        time.Time `json:"made"`
	Schema      int       `json:"schema"` // of the ledger
	Entries     int64     `json:"audit_entries"`
	Head        string    `json:"audit_head"` // hash of the last entry of the audit trail
	Publication int64     `json:"publication"`
	Version     int64     `json:"version"` // the newest live data version
	Files       []File    `json:"files"`
	Missing     []string  `json:"missing,omitempty"` // kept copies that live loads need and the spool had lost
}

// Size is the sum of the members' sizes.
func (m *Manifest) Size() int64 {
	var n int64
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// File is one member.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Member is a file that goes into a backup.
type Member struct {
	Name string // in the archive
	Path string // where it lies
}

// Write writes a backup to path and returns its manifest with the files. The file is there whole or not at all, whatever happens: it is written to
// PATH.part, which a next try writes anew. One that is there already is replaced only if force says so.
func Write(ctx context.Context, path string, m Manifest, members []Member, force bool) (Manifest, error) {
	if err := mayWrite(path, force); err != nil {
		return m, err
	}
	part := path + ".part"
	out, err := claim(part)
	if err != nil {
		return m, told(path, err)
	}
	err = write(ctx, out, &m, members)
	if err == nil {
		err = out.Sync()
	}
	if err == nil {
		err = mayWrite(path, force)
	}
	if err != nil {
		return m, told(path, errors.Join(err, os.Remove(part), out.Close()))
	}
	// The lock goes with the file: nobody else writes to it once it has its name.
	return m, told(path, errors.Join(os.Rename(part, path), out.Close(), syncDir(filepath.Dir(path))))
}

// mayWrite refuses to write over a file.
func mayWrite(path string, force bool) error {
	switch st, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return told(path, err)
	case !st.Mode().IsRegular():
		return kpi.Errorf(kpi.CodeInvalid, "%s is no ordinary file; name a file, such as city-2026-03-31.tar", path)
	case !force:
		return kpi.Errorf(kpi.CodeConflict, "%s is there already; choose another name, or replace it with --force", path)
	}
	return nil
}

// claim opens the file that is written to, empty, and keeps others from writing to it at the same time.
func claim(part string) (*os.File, error) {
	for {
		f, err := os.OpenFile(part, os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
			if errors.Is(err, unix.EWOULDBLOCK) {
				err = kpi.Errorf(kpi.CodeConflict, "another backup is being written to %s; wait for it, or choose another name", part)
			}
			return nil, errors.Join(err, f.Close())
		}
		// Whoever had the lock may have given the file its name since it was opened.
		mine, err1 := f.Stat()
		there, err2 := os.Stat(part)
		if err1 == nil && err2 == nil && os.SameFile(mine, there) {
			return f, errors.Join(f.Truncate(0), f.Chmod(0o600))
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

func write(ctx context.Context, out io.Writer, m *Manifest, members []Member) error {
	w := tar.NewWriter(out)
	m.Format, m.Files = Format, nil
	for _, member := range members {
		f, err := add(ctx, w, member, m.Made)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, f)
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	err = errors.Join(
		addBytes(w, manifestName, text, m.Made),
		addBytes(w, sumName, []byte(hex.EncodeToString(sum[:])+"  "+manifestName+"\n"), m.Made),
	)
	return errors.Join(err, w.Close())
}

func add(ctx context.Context, w *tar.Writer, m Member, made time.Time) (f File, err error) {
	if !memberName.MatchString(m.Name) {
		return f, fmt.Errorf("%q cannot be in a backup", m.Name)
	}
	in, err := os.Open(m.Path)
	if err != nil {
		return f, fmt.Errorf("%s cannot be backed up: %w", m.Name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	st, err := in.Stat()
	if err != nil {
		return f, err
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: m.Name, Size: st.Size(), Mode: 0o600, ModTime: made.Truncate(time.Second)}); err != nil {
		return f, err
	}
	sum := sha256.New()
	// One byte more is an error of the writer, one less is noticed when the next header is written.
	if _, err := io.Copy(io.MultiWriter(w, sum), withContext{ctx, in}); err != nil {
		return f, fmt.Errorf("%s: %w", m.Name, err)
	}
	return File{Name: m.Name, Size: st.Size(), SHA256: hex.EncodeToString(sum.Sum(nil))}, nil
}

func addBytes(w *tar.Writer, name string, text []byte, made time.Time) error {
	err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(text)), Mode: 0o600, ModTime: made.Truncate(time.Second)})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, bytes.NewReader(text))
	return err
}

// withContext is a reader that ends when its context does.
type withContext struct {
	ctx context.Context //nolint:containedctx // of one copy
	r   io.Reader
}

// Read reads from the reader beneath, unless the context has ended.
func (w withContext) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// told says in words for people that a disk is full, where that is what an error means.
func told(path string, err error) error {
	for _, sign := range []error{unix.ENOSPC, unix.EDQUOT, unix.EFBIG} {
		if errors.Is(err, sign) {
			return &kpi.Error{Code: kpi.CodeUnready, Message: "the disk of " + path + " is full; make room and try again, nothing was left there", Err: err}
		}
	}
	var told *kpi.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	return fmt.Errorf("backup %s: %w", path, err)
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
