package connector

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"citystat/kpi"
)

// Parquet reads Apache Parquet. The format is made of lengths and offsets that a file may lie about, and is read by a large library, so it
// is read in a process of its own, with a bounded memory, processor time and patience: whatever a file does to that process, this one
// lives, and the last good data stay. That process is this program, started again; see [RunChild].
//
// Columns are the leaves of the schema, with dots between the names of groups: a group a with a leaf b is the column a.b. A list, a map
// and whatever else repeats is a column of JSON without spaces. Values become text by their logical types:
//
//	integers, booleans  the digits, true and false
//	decimals            all digits of the scale: 12.50
//	float, double       the shortest digits that mean the same number; NaN and infinities as they are called, which no number column takes
//	date                2006-01-02
//	time                15:04:05, with the fraction that there is
//	timestamp           2006-01-02T15:04:05.999Z; without Z if it is not adjusted to UTC (INT96 is not)
//	UUID                its usual form
//	bytes of no type    as they are if they are UTF-8; otherwise the row is set aside
//	BSON, intervals     hexadecimal digits
//
// The line of a row is its number in the file.
type Parquet struct {
	bounds *childBounds // nil: usualBounds
	start  func(context.Context) (*exec.Cmd, error)
}

// childBounds are what the process that reads may take.
type childBounds struct {
	memory  int64         // bytes of address space beyond what the program has when it starts
	cpu     time.Duration // of processor time
	idle    time.Duration // without a word from it
	longest time.Duration
}

var usualBounds = childBounds{memory: 1 << 30, cpu: 30 * time.Minute, idle: 2 * time.Minute, longest: time.Hour}

// Read copies the delivery to req.Dir and says what it left out, as [CSV.Read] does. It fails with [kpi.CodeUnready] if the process that
// reads was ended from outside.
func (p Parquet) Read(ctx context.Context, req Request) (Result, error) {
	if p.bounds == nil {
		p.bounds = &usualBounds
	}
	if p.start == nil {
		p.start = startChild
	}
	return readFiles(ctx, req, p.file)
}

var parquetMagic = []byte("PAR1")

// file copies one file.
func (p Parquet) file(ctx context.Context, d *delivery, it item) (f File, err error) {
	src, err := openSource(ctx, it, d.limits, d.tell)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	if !bytes.HasPrefix(src.head, parquetMagic) {
		return File{}, noParquet(it.name, src.head)
	}
	spooled, err := d.spool(it.name, src.body)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, spooled.Close(), os.Remove(spooled.Name())) }()
	if err := checkFooter(it.name, spooled); err != nil {
		return File{}, err
	}
	c := &parquetChild{delivery: d, bounds: *p.bounds, name: it.name}
	if f, err = c.run(ctx, p.start, spooled); err != nil {
		return File{}, err
	}
	if err := src.complete(&f); err != nil {
		return File{}, errors.Join(err, removeCopies([]File{f}))
	}
	return f, nil
}

// maxFooter is the most that the description of a file's columns and row groups may take.
const maxFooter = 64 << 20

// checkFooter makes sure that a file ends as Parquet does: the length of the footer, and the magic bytes again.
func checkFooter(name string, f *os.File) error {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	cut := kpi.Errorf(kpi.CodeInvalid, "%s was cut off or is damaged: it does not end as Parquet does; fetch it again", name)
	if end < 12 {
		return cut
	}
	var b [8]byte
	if _, err := f.ReadAt(b[:], end-8); err != nil {
		return err
	}
	switch n := int64(binary.LittleEndian.Uint32(b[:4])); {
	case !bytes.Equal(b[4:], parquetMagic) || n > end-12:
		return cut
	case n > maxFooter:
		return kpi.Errorf(kpi.CodeInvalid, "%s describes its columns in more than %s; write it with fewer row groups", name, size(maxFooter))
	}
	return nil
}

// noParquet says what a file is that does not begin as Parquet does.
func noParquet(name string, head []byte) error {
	if bytes.HasPrefix(head, []byte("PARE")) {
		return kpi.Errorf(kpi.CodeInvalid, "%s is Parquet with an encrypted footer; deliver it without encryption", name)
	}
	if text := bytes.TrimLeft(head, " \t\r\n"); markup(text) {
		return kpi.Errorf(kpi.CodeInvalid, "%s is an HTML or XML page and not Parquet; the address may have answered with an error or a login page", name)
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s is not Parquet: it does not begin with PAR1; declare the kind that it is, or fetch it again", name)
}

// spool writes a body to a file in the request's directory: Parquet is read from its end.
func (d *delivery) spool(name string, body io.Reader) (*os.File, error) {
	f, err := os.CreateTemp(d.req.Dir, "parquet-*")
	if err != nil {
		return nil, fmt.Errorf("%s: it cannot be unpacked: %w", name, err)
	}
	if _, err := io.Copy(f, &bounded{r: body, name: name, left: d.limits.Bytes, max: d.limits.Bytes}); err != nil {
		return nil, errors.Join(spoolError(name, err), f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

func spoolError(name string, err error) error {
	var told *kpi.Error
	if errors.As(err, &told) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: it cannot be unpacked: %w", name, err)
}

// parquetChild is one file that is read in a process of its own.
type parquetChild struct {
	*delivery
	bounds childBounds
	name   string
	idle   *time.Timer
	stderr tail
}

// run starts the process, takes its rows and makes sure that it has come to a good end.
func (c *parquetChild) run(ctx context.Context, start func(context.Context) (*exec.Cmd, error), file *os.File) (File, error) {
	limited, cancel := context.WithTimeoutCause(ctx, c.bounds.longest, errTooLong)
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)
	cmd, err := start(limited)
	if err != nil {
		return File{}, err
	}
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = &c.stderr
	cmd.WaitDelay = 5 * time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", c.name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return File{}, fmt.Errorf("%s: %w", c.name, err)
	}
	if err := cmd.Start(); err != nil {
		return File{}, fmt.Errorf("%s: the process that reads Parquet does not start: %w", c.name, err)
	}
	c.idle = time.AfterFunc(c.bounds.idle, func() { stop(errIdle) })
	defer c.idle.Stop()
	f, err := c.take(ctx, in, &frames{r: newFrameReader(&wakeful{out, c}), most: 2*c.limits.Record + 1<<20})
	stop(errDone) // it has said all it had to say, or is not listened to any more
	ended := cmd.Wait()
	switch {
	case err == nil:
		return f, nil
	case ctx.Err() != nil:
		return File{}, ctx.Err()
	case !errors.Is(err, errNoEnd):
		return File{}, err
	}
	return File{}, c.died(context.Cause(limited), ended)
}

// Reasons for which the process is ended, and its end without a last word.
var (
	errTooLong = errors.New("it took too long")
	errIdle    = errors.New("nothing came of it for too long")
	errDone    = errors.New("done")
	errNoEnd   = errors.New("no end")
)

// saysCPU is what the process prints once its processor time is used up.
const saysCPU = "processor time is used up"

// died says why the process came to no good end. What it printed may hold data and is not told.
func (c *parquetChild) died(cause, ended error) error {
	switch printed := c.stderr.String(); {
	case errors.Is(cause, errIdle):
		return kpi.Errorf(kpi.CodeInvalid, "%s: reading it was given up, because nothing came of it for %v; the last good data stay", c.name, c.bounds.idle)
	case errors.Is(cause, errTooLong):
		return kpi.Errorf(kpi.CodeInvalid, "%s: reading it was given up after %v; the last good data stay", c.name, c.bounds.longest)
	case strings.Contains(printed, "out of memory") || strings.Contains(printed, "cannot allocate memory") || strings.Contains(printed, "failed to create new OS thread"):
		return kpi.Errorf(kpi.CodeInvalid, "%s needs more than %s of memory to be read; write it with smaller row groups and pages. The last good data stay", c.name, size(c.bounds.memory))
	case strings.Contains(printed, saysCPU):
		return kpi.Errorf(kpi.CodeInvalid, "%s needs more than %v of processor time to be read; the last good data stay", c.name, c.bounds.cpu)
	case strings.Contains(printed, "stack overflow"):
		return kpi.Errorf(kpi.CodeInvalid, "%s is damaged: its schema has no end; the last good data stay", c.name)
	}
	return kpi.Errorf(kpi.CodeUnready, "%s: the process that reads Parquet has ended too early (%v); the last good data stay", c.name, ended)
}

// wakeful puts the idle clock back whenever something comes.
type wakeful struct {
	r io.Reader
	c *parquetChild
}

// Read reads from the process.
func (w *wakeful) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.c.idle.Reset(w.c.bounds.idle)
	}
	return n, err
}

// tail keeps the beginning of what is printed.
type tail struct{ b []byte }

// Write keeps at most 8 kB.
func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[:min(len(p), 8<<10-len(t.b))]...)
	return len(p), nil
}

// String is what was kept.
func (t *tail) String() string { return string(t.b) }

// take asks for the declared columns and writes the rows that come.
func (c *parquetChild) take(ctx context.Context, ask io.WriteCloser, in *frames) (f File, err error) {
	if err := writeOrder(ask, order{Memory: c.bounds.memory, CPU: c.bounds.cpu, Columns: c.limits.Columns, Field: c.limits.Field, Record: c.limits.Record}); err != nil {
		return File{}, errNoEnd
	}
	header, err := c.texts(in, frameHeader)
	if err != nil {
		return File{}, err
	}
	r, err := c.newRecords(ctx, c.name, header)
	if err != nil {
		return File{}, err
	}
	if err = writeKeep(ask, r.layout.keep); err == nil {
		err = c.rows(in, r)
	} else {
		err = errNoEnd
	}
	if err != nil {
		return File{}, errors.Join(err, r.discard())
	}
	return r.finish(false)
}

// rows writes rows until the process says that there were all of them.
func (c *parquetChild) rows(in *frames, r *records) error {
	var fields []string
	for n := int64(1); ; n++ {
		kind, b, err := in.next()
		if err != nil {
			return err
		}
		switch kind {
		case frameRow:
			if fields, err = cutFields(b, fields[:0], len(r.layout.keep)); err != nil {
				return err
			}
			if err := r.count(); err != nil {
				return err
			}
			if err := r.write(n, fields); err != nil {
				return err
			}
		case frameEnd:
			if uint64(n-1) != leadingNumber(b) {
				return errNoEnd
			}
			return nil
		default:
			return c.told(kind, b)
		}
	}
}

// texts reads a frame of a kind that holds texts.
func (c *parquetChild) texts(in *frames, want byte) ([]string, error) {
	kind, b, err := in.next()
	if err != nil {
		return nil, err
	}
	if kind != want {
		return nil, c.told(kind, b)
	}
	return cutFields(b, nil, -1)
}

// told turns what the process says is wrong with the file into an error.
func (c *parquetChild) told(kind byte, b []byte) error {
	if kind != frameFault {
		return errNoEnd
	}
	return kpi.Errorf(kpi.CodeInvalid, "%s: %s", c.name, cutText(strings.ToValidUTF8(string(b), "?"), 400))
}
