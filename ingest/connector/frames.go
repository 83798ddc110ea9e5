package connector

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"io"
	"time"
)

// What the process that reads Parquet is told, and what it says: frames of a kind, a length and that many bytes. Texts in them have their
// lengths before them. All numbers are unsigned varints.
const (
	frameHeader byte = 'H' // the names of the columns
	frameRow    byte = 'R' // the fields of a row, of the columns that were asked for
	frameEnd    byte = 'E' // the number of rows: there are no more
	frameFault  byte = 'F' // what is wrong with the file, in words
)

// order is the first line that the process is told: its bounds. The second one is a JSON array of the columns to send.
type order struct {
	Memory                 int64
	CPU                    time.Duration
	Columns, Field, Record int
}

func writeOrder(w io.Writer, o order) error { return json.NewEncoder(w).Encode(o) }

func writeKeep(w io.WriteCloser, keep []int) error {
	if err := json.NewEncoder(w).Encode(keep); err != nil {
		return err
	}
	return w.Close()
}

// frames are what comes from the process. It may be broken or worse, so nothing that it says is believed unseen.
type frames struct {
	r    *bufio.Reader
	most int // bytes of a frame
	b    []byte
}

func newFrameReader(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 256<<10) }

// next reads a frame, whose bytes are good until the next one. It fails with errNoEnd.
func (f *frames) next() (kind byte, b []byte, err error) {
	if kind, err = f.r.ReadByte(); err != nil {
		return 0, nil, errNoEnd
	}
	n, err := binary.ReadUvarint(f.r)
	if err != nil || n > uint64(f.most) {
		return 0, nil, errNoEnd
	}
	if uint64(cap(f.b)) < n {
		f.b = make([]byte, n)
	}
	if _, err := io.ReadFull(f.r, f.b[:n]); err != nil {
		return 0, nil, errNoEnd
	}
	return kind, f.b[:n], nil
}

// cutFields takes texts with their lengths off b: as many as want, or any number if that is negative.
func cutFields(b []byte, fields []string, want int) ([]string, error) {
	text := string(b) // one allocation for all fields
	for at := 0; at < len(b); {
		n, k := binary.Uvarint(b[at:])
		if k <= 0 || n > uint64(len(b)-at-k) {
			return nil, errNoEnd
		}
		at += k
		fields = append(fields, text[at:at+int(n)])
		at += int(n)
	}
	if want >= 0 && len(fields) != want {
		return nil, errNoEnd
	}
	return fields, nil
}

func leadingNumber(b []byte) uint64 {
	n, k := binary.Uvarint(b)
	if k <= 0 {
		return 1 << 63
	}
	return n
}

// frameWriter is the other side.
type frameWriter struct {
	w    *bufio.Writer
	body []byte
	head []byte
}

func newFrameWriter(w io.Writer) *frameWriter {
	return &frameWriter{w: bufio.NewWriterSize(w, 256<<10)}
}

// text appends a text to the frame that is being made.
func (f *frameWriter) text(s []byte) {
	f.body = binary.AppendUvarint(f.body, uint64(len(s)))
	f.body = append(f.body, s...)
}

// number appends a number.
func (f *frameWriter) number(n uint64) { f.body = binary.AppendUvarint(f.body, n) }

// send sends the frame.
func (f *frameWriter) send(kind byte) error {
	f.head = binary.AppendUvarint(append(f.head[:0], kind), uint64(len(f.body)))
	if _, err := f.w.Write(f.head); err != nil {
		return err
	}
	_, err := f.w.Write(f.body)
	f.body = f.body[:0]
	return err
}
