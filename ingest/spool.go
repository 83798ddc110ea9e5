package ingest

import (
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
	"strconv"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"citystat/kpi"
)

// Spool is a directory of kept canonical copies. A copy's name is the SHA-256 of its uncompressed bytes, so it is never changed, only
// added, and can be checked whenever it is read.
type Spool struct {
	dir string
}

// OpenSpool opens the spool in dir, making it if there is none, and removes what a program that was killed has left in tmp. Nobody else
// may have it open.
func OpenSpool(dir string) (*Spool, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("spool %s: %w", dir, err)
	}
	s := &Spool{dir: dir}
	if err := os.RemoveAll(s.Tmp()); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	for _, d := range []string{s.Tmp(), s.rejects()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, fmt.Errorf("spool: %w", err)
		}
	}
	return s, nil
}

// Tmp is the directory for plain copies.
func (s *Spool) Tmp() string { return filepath.Join(s.dir, "tmp") }

func (s *Spool) rejects() string { return filepath.Join(s.dir, "rejects") }

// Path is where the copy with the hash is kept, in the framing format of S2.
func (s *Spool) Path(hash string) string { return filepath.Join(s.dir, hash[:2], hash+".csv.s2") }

// olderPath is where it is kept if an older CityStat did so, with Zstandard.
func (s *Spool) olderPath(hash string) string {
	return filepath.Join(s.dir, hash[:2], hash+".csv.zst")
}

// Keep takes the compressed copy at path into the spool; it is gone from there afterwards. Once Keep returns the copy survives a loss of
// power. It takes the place of one that is kept already: that has the same contents, or is damaged and mended by it.
func (s *Spool) Keep(hash, path string) error {
	to := s.Path(hash)
	if err := os.Mkdir(filepath.Dir(to), 0o700); err == nil {
		if err := syncDir(s.dir); err != nil {
			return s.wrap(err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return s.wrap(err)
	}
	if err := settle(path, to); err != nil {
		return s.wrap(err)
	}
	return s.Discard(s.olderPath(hash))
}

func (s *Spool) wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("spool: %w", err)
}

// settle moves a complete file to its place so that it is there whole or not at all, whatever happens.
func settle(from, to string) error {
	if err := syncFile(from); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func syncDir(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Plain decompresses a kept copy to tmp, checks that its bytes are those that were kept, and returns the path of the plain file. It fails
// with [kpi.CodeNotFound] if the copy is not there and with [kpi.CodeInvalid] if it is damaged.
func (s *Spool) Plain(ctx context.Context, hash string) (string, error) {
	kept, unpacked := s.Path(hash), unpackS2
	in, err := os.Open(kept)
	if errors.Is(err, fs.ErrNotExist) {
		if in, err = os.Open(s.olderPath(hash)); err == nil {
			kept, unpacked = s.olderPath(hash), unpackZstd
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", kpi.Errorf(kpi.CodeNotFound, "the spool has lost the copy %s; restore %s from a backup", hash, kept)
	}
	if err != nil {
		return "", s.wrap(err)
	}
	path := filepath.Join(s.Tmp(), hash+".csv")
	got, err := unpack(ctx, in, unpacked, path)
	err = errors.Join(err, in.Close())
	if err == nil && got != hash {
		err = errors.New("its bytes have another hash")
	}
	if err == nil {
		return path, nil
	}
	if rerr := s.Discard(path); rerr != nil {
		err = errors.Join(err, rerr)
	}
	if ctx.Err() != nil {
		return "", err
	}
	return "", &kpi.Error{Code: kpi.CodeInvalid, Message: fmt.Sprintf("the kept copy %s is damaged; restore it from a backup", kept), Err: err}
}

// unpacker reads what was packed in a certain way. What it returns must be closed.
type unpacker func(io.Reader) (io.ReadCloser, error)

func unpackS2(in io.Reader) (io.ReadCloser, error) { return io.NopCloser(s2.NewReader(in)), nil }

func unpackZstd(in io.Reader) (io.ReadCloser, error) {
	z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return z.IOReadCloser(), nil
}

// unpack decompresses in to a new file at path and returns the SHA-256 of what it wrote.
func unpack(ctx context.Context, in io.Reader, how unpacker, path string) (string, error) {
	z, err := how(in)
	if err != nil {
		return "", err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", errors.Join(err, z.Close())
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, sum), &withContext{ctx, z})
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, z.Close(), out.Close())
}

// withContext is a reader that ends when its context does.
type withContext struct {
	ctx context.Context
	r   io.Reader
}

// Read reads from the reader beneath, unless the context has ended.
func (w *withContext) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(p)
}

// Discard removes plain or unkept copies. One that is not there is no error.
func (s *Spool) Discard(paths ...string) error {
	var errs []error
	for _, p := range paths {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return s.wrap(errors.Join(errs...))
}

func (s *Spool) rejectsOf(load int64) string {
	return filepath.Join(s.rejects(), strconv.FormatInt(load, 10)+".json.zst")
}

// KeepRejects keeps the rows that a connector set aside in a load: they are in no copy, and a rebuild needs them.
func (s *Spool) KeepRejects(load int64, rejects []kpi.Reject) error {
	if len(rejects) == 0 {
		return nil
	}
	f, err := os.CreateTemp(s.Tmp(), "rejects-*")
	if err != nil {
		return s.wrap(err)
	}
	if err := errors.Join(writeRejects(f, rejects), f.Close()); err != nil {
		return errors.Join(s.wrap(err), s.Discard(f.Name()))
	}
	return s.wrap(settle(f.Name(), s.rejectsOf(load)))
}

func writeRejects(w io.Writer, rejects []kpi.Reject) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	enc := json.NewEncoder(z)
	for _, r := range rejects {
		if err := enc.Encode(r); err != nil {
			return errors.Join(err, z.Close())
		}
	}
	return z.Close()
}

// Rejects returns the rows that were set aside in a load; none if no file is kept for it.
func (s *Spool) Rejects(load int64) ([]kpi.Reject, error) {
	f, err := os.Open(s.rejectsOf(load))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, s.wrap(err)
	}
	list, err := readRejects(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, &kpi.Error{Code: kpi.CodeInvalid, Message: s.rejectsOf(load) + " is damaged; restore it from a backup", Err: err}
	}
	return list, nil
}

func readRejects(r io.Reader) ([]kpi.Reject, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer z.Close()
	var list []kpi.Reject
	for dec := json.NewDecoder(z); ; {
		var r kpi.Reject
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, err
		}
		list = append(list, r)
	}
}
