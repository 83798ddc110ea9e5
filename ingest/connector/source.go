package connector

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"time"

	"github.com/klauspost/compress/gzip"

	"citystat/kpi"
)

// source is an open item: its bytes as they come, after gzip, or (after text) as text in UTF-8, and what is known about those that came.
type source struct {
	item
	body    io.Reader
	head    []byte // the first bytes of body
	file    fs.File
	raw     *rawReader
	size    int64
	changed time.Time
	warning string
	recoded bool // body was turned into UTF-8 here
}

// openSource opens an item and decompresses gzip, by its first bytes. Nothing is concluded from a file's name.
func openSource(ctx context.Context, it item, limits Limits, progress func(int)) (*source, error) {
	file, err := it.open()
	if err != nil {
		return nil, cannotRead(it.name, err)
	}
	s := &source{item: it, file: file}
	if err := s.prepare(ctx, limits, progress); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func cannotRead(name string, err error) error {
	var told *kpi.Error
	if errors.As(err, &told) { // it names the file itself
		return err
	}
	return &kpi.Error{Code: kpi.CodeInvalid, Message: name + " cannot be read", Err: err}
}

func (s *source) prepare(ctx context.Context, limits Limits, progress func(int)) error {
	st, err := s.file.Stat()
	if err != nil {
		return cannotRead(s.name, err)
	}
	if !st.Mode().IsRegular() {
		return kpi.Errorf(kpi.CodeInvalid, "%s is no regular file; a source must name files", s.name)
	}
	s.size, s.changed = st.Size(), st.ModTime()
	s.raw = newRawReader(ctx, s.file, s.name, progress)
	if s.body, s.head, err = peek(s.raw); err != nil {
		return err
	}
	if len(s.head) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s is empty; the last good data stay", s.name)
	}
	if bytes.HasPrefix(s.head, []byte{0x1f, 0x8b}) {
		s.body, s.head, err = s.unzip(s.body, limits)
	}
	return err
}

// text turns the body into UTF-8. What is no text is refused, and by sniff what is text of another kind than the declared one.
func (s *source) text(from *kpi.Source, sniff func(name string, head []byte) error) error {
	if err := sniffContainer(s.name, s.head, from.Kind); err != nil {
		return err
	}
	var err error
	if s.body, s.head, s.warning, s.recoded, err = decode(s.name, s.body, s.head, from.Encoding); err != nil {
		return err
	}
	return sniff(s.name, s.head)
}

// complete reads what is left and notes what came in the copy's facts. It fails if the file changed while it was read.
func (s *source) complete(f *File) error {
	var err error
	if f.SourceHash, f.Bytes, err = s.finish(); err != nil {
		return err
	}
	f.Source, f.Modified, f.Fetch = s.name, s.changed, s.fetch
	return nil
}

func (s *source) unzip(packed io.Reader, limits Limits) (io.Reader, []byte, error) {
	in := bufio.NewReaderSize(packed, 64<<10)
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, nil, badGzip(s.name, err)
	}
	z.Multistream(false)
	body, head, err := peek(&unzipper{z: z, in: in, raw: s.raw, name: s.name, limits: limits})
	if err == nil && len(head) == 0 {
		err = kpi.Errorf(kpi.CodeInvalid, "%s is empty once it is decompressed; the last good data stay", s.name)
	}
	return body, head, err
}

// finish returns the SHA-256 of the bytes that came and their number. It fails if the file changed while it was read.
func (s *source) finish() (string, int64, error) {
	if _, err := io.Copy(io.Discard, s.raw); err != nil { // whatever a decoder left unread counts too
		return "", 0, err
	}
	sum, n, err := s.raw.finish()
	if err != nil {
		return "", 0, err
	}
	st, err := s.file.Stat()
	if err != nil {
		return "", 0, cannotRead(s.name, err)
	}
	if n != s.size || st.Size() != s.size || !st.ModTime().Equal(s.changed) {
		return "", 0, kpi.Errorf(kpi.CodeInvalid, "%s changed while it was read; load it again once it is complete", s.name)
	}
	return sum, n, nil
}

// close releases the file. It may be called after finish or instead of it.
func (s *source) close() error {
	var err error
	if s.raw != nil {
		_, _, err = s.raw.finish()
	}
	return errors.Join(err, s.file.Close())
}

// headSize is how much of a file is looked at to find out what it is.
const headSize = 16 << 10

// peek returns the first bytes of r, and a reader that begins with them again.
func peek(r io.Reader) (io.Reader, []byte, error) {
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, err
	}
	head = head[:n]
	return io.MultiReader(bytes.NewReader(head), r), head, nil
}

// rawReader reads the bytes as they come: it hashes them in a goroutine of its own, counts them, tells the progress and ends when the
// context does.
type rawReader struct {
	ctx      context.Context
	r        io.Reader
	name     string
	sum      hash.Hash
	pipe     *pipe
	n        int64
	progress func(int)
}

func newRawReader(ctx context.Context, r io.Reader, name string, progress func(int)) *rawReader {
	sum := sha256.New()
	return &rawReader{ctx: ctx, r: r, name: name, sum: sum, pipe: newPipe(sum), progress: progress}
}

// Read reads from the file. Its errors carry a message, but for io.EOF.
func (r *rawReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(b)
	if n > 0 {
		if _, err := r.pipe.Write(b[:n]); err != nil {
			return 0, err
		}
		r.n += int64(n)
		r.progress(n)
	}
	if err != nil && err != io.EOF && kpi.ErrorCode(err) != kpi.CodeInvalid { //nolint:errorlint // the contract of io.Reader
		err = cannotRead(r.name, err)
	}
	return n, err
}

func (r *rawReader) finish() (string, int64, error) {
	if r.pipe != nil {
		if err := r.pipe.close(); err != nil {
			return "", 0, err
		}
		r.pipe = nil
	}
	return hex.EncodeToString(r.sum.Sum(nil)), r.n, nil
}

// unzipper decompresses, one member after the other, and stops what grows beyond the limits.
type unzipper struct {
	z      *gzip.Reader
	in     *bufio.Reader
	raw    *rawReader
	name   string
	limits Limits
	n      int64
}

// Read reads decompressed bytes. Its errors carry a message, but for io.EOF.
func (u *unzipper) Read(b []byte) (int, error) {
	n, err := u.z.Read(b)
	u.n += int64(n)
	if u.n > u.limits.RatioFrom && u.n > u.limits.Ratio*u.raw.n {
		return 0, kpi.Errorf(kpi.CodeInvalid, "%s grows to more than %d times its size when it is decompressed; that is no table of a city", u.name, u.limits.Ratio)
	}
	if err == io.EOF { //nolint:errorlint // the contract of io.Reader
		return n, u.member()
	}
	if err != nil {
		err = badGzip(u.name, err)
	}
	return n, err
}

// member goes on to the next member of the file; io.EOF if there is none. A file may have several (gzip a; gzip b >> a.gz), but nothing
// else may follow.
func (u *unzipper) member() error {
	if _, err := u.in.Peek(1); err != nil {
		return err
	}
	var told *kpi.Error
	switch err := u.z.Reset(u.in); {
	case err == nil:
		u.z.Multistream(false)
		return nil
	case errors.As(err, &told) || errors.Is(err, u.raw.ctx.Err()):
		return err
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s has bytes after its compressed data that do not belong to them; fetch it again", u.name)
}

func badGzip(name string, err error) error {
	var told *kpi.Error
	switch {
	case errors.As(err, &told), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return kpi.Errorf(kpi.CodeInvalid, "%s is cut short: the compressed data end too early; fetch it again", name)
	case errors.Is(err, gzip.ErrChecksum):
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged: the checksum of the compressed data does not match; fetch it again", name)
	}
	return &kpi.Error{Code: kpi.CodeInvalid, Message: name + " is damaged: it cannot be decompressed; fetch it again", Err: err}
}

// bounded stops what is larger than a limit.
type bounded struct {
	r    io.Reader
	name string
	left int64
	max  int64
}

// Read reads from the reader below and fails once more than the limit has come.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, kpi.Errorf(kpi.CodeInvalid, "%s is larger than %s; split it, or raise the limit", b.name, size(b.max))
	}
	return n, err
}
