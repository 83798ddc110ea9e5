package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// childArgument is the one argument with which the program is started to read Parquet. A program that does not know it ends with an error.
const childArgument = "--read-parquet-of-descriptor-3"

// RunChild must be the first call in main, and in TestMain where Parquet is read: if the program was started by [Parquet.Read] to read a
// file, it does that and ends the program. Otherwise it returns at once.
func RunChild() {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		os.Exit(parquetMain(os.Stdin, os.Stdout))
	}
}

// startChild makes the command of the process. It sees nothing of this one's environment, where secrets are.
func startChild(ctx context.Context) (*exec.Cmd, error) {
	path, err := ownProgram()
	if err != nil {
		return nil, fmt.Errorf("the program does not find itself to read Parquet: %w", err)
	}
	cmd := exec.CommandContext(ctx, path, childArgument)
	cmd.Args[0] = os.Args[0] // by which the programs of tests know what they are
	cmd.Env = []string{"GOMAXPROCS=1", "GOTRACEBACK=none"}
	cmd.Dir = string(os.PathSeparator)
	return cmd, nil
}

// parquetMain is the process: it takes its orders from in, reads the file that is open as descriptor 3 and sends its rows to out. Its
// status is 0 if all that could be said was said.
func parquetMain(in io.Reader, out io.Writer) int {
	orders := json.NewDecoder(in)
	var o order
	if err := orders.Decode(&o); err != nil {
		return 2
	}
	if err := bind(o); err != nil {
		fmt.Fprintln(os.Stderr, "bounds cannot be set:", err)
		return 2
	}
	w := newFrameWriter(out)
	if err := sendFile(os.NewFile(3, "parquet"), orders, o, w); err != nil {
		w.body = append(w.body[:0], err.Error()...)
		if w.send(frameFault) != nil {
			return 1
		}
	}
	if w.w.Flush() != nil {
		return 1
	}
	return 0
}

// bind sets the bounds. The garbage collector works harder before the memory is used up.
func bind(o order) error {
	debug.SetMemoryLimit(o.Memory * 3 / 4)
	debug.SetMaxStack(64 << 20)
	return bindProcess(o)
}

// sendFile sends the rows of a file. Its errors, and what the library does not foresee in a damaged file, are told in words.
func sendFile(f *os.File, orders *json.Decoder, o order, w *frameWriter) (err error) {
	defer func() {
		if r := recover(); r != nil { // the library's own checks: what it says may hold data
			w.body = w.body[:0]
			err = errors.New("the Parquet is damaged; fetch it again")
		}
	}()
	if f == nil {
		return errors.New("there is no file")
	}
	st, err := f.Stat()
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(f, st.Size(), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(256<<10))
	if err != nil {
		return damaged(err)
	}
	s, err := newParquetSchema(file.Metadata().Schema, o.Columns)
	if err != nil {
		return err
	}
	for _, c := range s.columns {
		w.text([]byte(c.path))
	}
	if err := errors.Join(w.send(frameHeader), w.w.Flush()); err != nil {
		return err
	}
	var keep []int
	if err := orders.Decode(&keep); err != nil {
		return err
	}
	return s.send(file, keep, o, w)
}

// damaged is an error of the library in words for people. It tells of the format, not of the data.
func damaged(err error) error {
	return fmt.Errorf("the Parquet is damaged or cut off: %s; fetch it again", cutText(strings.ReplaceAll(err.Error(), "\n", "; "), 200))
}

// send sends the kept columns of all rows.
func (s *parquetSchema) send(file *parquet.File, keep []int, o order, w *frameWriter) error {
	buf := make([]parquet.Row, 64)
	var sent int64
	for i, group := range file.RowGroups() {
		if err := s.check(&file.Metadata().RowGroups[i]); err != nil {
			return err
		}
		n, err := s.sendGroup(group, keep, o, w, buf, sent)
		if err != nil {
			return err
		}
		if n != group.NumRows() {
			return fmt.Errorf("the Parquet is damaged: a row group has %d rows and says that it has %d; fetch it again", n, group.NumRows())
		}
		sent += n
	}
	if sent != file.NumRows() {
		return fmt.Errorf("the Parquet is damaged: it has %d rows and says that it has %d; fetch it again", sent, file.NumRows())
	}
	w.number(uint64(sent))
	return w.send(frameEnd)
}

func (s *parquetSchema) sendGroup(group parquet.RowGroup, keep []int, o order, w *frameWriter, buf []parquet.Row, before int64) (sent int64, err error) {
	rows := group.Rows()
	defer func() {
		if cerr := rows.Close(); cerr != nil && err == nil {
			err = damaged(cerr)
		}
	}()
	for {
		n, err := rows.ReadRows(buf)
		for _, row := range buf[:n] {
			sent++
			if err := s.sendRow(row, keep, o, w); err != nil {
				return sent, fmt.Errorf("row %d: %w", before+sent, err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return sent, nil
		case err != nil:
			return sent, damaged(err)
		case n == 0:
			return sent, errors.New("the Parquet is damaged: its rows do not end; fetch it again")
		}
	}
}

func (s *parquetSchema) sendRow(row parquet.Row, keep []int, o order, w *frameWriter) error {
	if err := s.split(row); err != nil {
		return err
	}
	for _, k := range keep {
		c := s.columns[k]
		text, err := s.field(c)
		if err != nil {
			return err
		}
		if len(text) > o.Field {
			return fmt.Errorf("the field %s is longer than %s", cutText(c.path, 80), size(o.Field))
		}
		if w.text(text); len(w.body) > o.Record {
			return fmt.Errorf("it is longer than %s", size(o.Record))
		}
	}
	return w.send(frameRow)
}
