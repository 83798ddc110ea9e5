package connector

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystat/kpi"
)

// JSON reads JSON of the shape that the dataset declares:
//
//	rows      [{"a": 1}, …]                an array of objects, which become rows as said at jsonRow
//	lines     {"a": 1}⏎{"a": 2}⏎           an object a line (NDJSON); a line that is none is set aside, a blank one skipped
//	columns   {"a": [1, 2], "b": [3, 4]}   parallel arrays
//	table     [["a", "b"], [1, 3], …]      an array of arrays, the first of which names the columns
//
// Source.Rows is the path to them where they lie deeper; everything beside that path is left out. A number keeps the digits that are
// written. The file fails for what is not JSON (NaN, a comma too many), is cut off or goes on after its end, for names that are there
// twice, halves of surrogate pairs and brackets nested deeper than 64. Rows, lines and tables are read one row at a time; columns need
// all rows in memory, and more than Limits.Columnar are refused. The line of a row is its number, of NDJSON the physical line, of a table
// the number of its array (the header is 1).
type JSON struct{}

// Read copies the delivery to req.Dir and says what it left out, as [CSV.Read] does.
func (JSON) Read(ctx context.Context, req Request) (Result, error) {
	return readFiles(ctx, req, func(ctx context.Context, d *delivery, it item) (File, error) {
		read := d.jsonRows
		switch shape := req.Dataset.Source.Shape; shape {
		case "", kpi.ShapeRows:
		case kpi.ShapeLines:
			read = d.jsonLines
		case kpi.ShapeColumns:
			read = d.jsonColumns
		case kpi.ShapeTable:
			read = d.jsonTable
		default:
			return File{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: shape %q is none of rows, lines, columns and table", req.Dataset.ID, shape)
		}
		return d.jsonFile(ctx, it, read)
	})
}

// jsonFile copies one file of JSON in UTF-8 with read, whose faults are told with the file's name.
func (d *delivery) jsonFile(ctx context.Context, it item, read func(context.Context, item, io.Reader) (File, error)) (f File, err error) {
	src, err := openSource(ctx, it, d.limits, d.tell)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, src.close()) }()
	if err := src.text(&d.req.Dataset.Source, sniffJSON); err != nil {
		return File{}, err
	}
	if f, err = read(ctx, it, &bounded{r: src.body, name: it.name, left: d.limits.Bytes, max: d.limits.Bytes}); err != nil {
		return File{}, fatal(it.name, err)
	}
	if err := src.complete(&f); err != nil {
		return File{}, errors.Join(err, removeCopies([]File{f}))
	}
	d.warn(src.warning)
	return f, nil
}

// objects makes the copy of rows that name their values, which fill hands to it.
func (d *delivery) objects(ctx context.Context, name string, has []string, fill func(*objectRows) error) (File, error) {
	o, err := d.newObjects(ctx, name, has)
	if err != nil {
		return File{}, err
	}
	if err := fill(o); err != nil {
		return File{}, errors.Join(fatal(name, err), o.discard())
	}
	return o.finish(false)
}

// jsonRows reads an array of objects.
func (d *delivery) jsonRows(ctx context.Context, it item, body io.Reader) (File, error) {
	j, row := newJSONReader(body, d.limits), newJSONRow(d.req.Dataset, d.limits)
	return d.objects(ctx, it.name, nil, func(o *objectRows) error {
		if err := j.find(d.req.Dataset.Source.Rows); err != nil {
			return err
		}
		return j.elements("an array of rows", func(i int64) error {
			if k := j.kind(); k != '{' {
				return o.noObject(j, i)
			}
			if err := row.read(j); err != nil {
				return err
			}
			return o.object(i, row.values)
		})
	})
}

// elements hands the elements of the array that follows to each, numbered from 1, and makes sure that the file is whole.
func (j *jsonReader) elements(what string, each func(int64) error) error {
	if err := j.want('[', what); err != nil {
		return err
	}
	if err := j.open('['); err != nil {
		return err
	}
	for i := int64(1); ; i++ {
		more, err := j.more()
		if err != nil {
			return err
		}
		if !more {
			return j.end()
		}
		if err := each(i); err != nil {
			return err
		}
	}
}

// noObject sets an element aside that is no object.
func (o *objectRows) noObject(j *jsonReader, line int64) error {
	k := j.kind()
	if err := j.skip(); err != nil {
		return err
	}
	if err := o.count(); err != nil {
		return err
	}
	return o.reject(line, "", ReasonBadJSON, kindWord(k)+" stands where the object of a row should", "")
}

// jsonLines reads NDJSON.
func (d *delivery) jsonLines(ctx context.Context, it item, body io.Reader) (File, error) {
	if d.req.Dataset.Source.Rows != "" {
		return File{}, faultf("shape: lines has no path to the rows: each line is one")
	}
	row := newJSONRow(d.req.Dataset, d.limits)
	return d.objects(ctx, it.name, nil, func(o *objectRows) error {
		return o.eachLine(body, d.limits.Record, func(line int64, j *jsonReader) error {
			if err := row.read(j); err != nil {
				return err
			}
			if err := j.end(); err != nil {
				return err
			}
			return o.object(line, row.values)
		})
	})
}

// eachLine hands each line that is not blank and not longer than most to read, and sets it aside if that finds a fault. Nothing of a broken line is kept: nobody
// can tell which columns it holds. A last line without a line end that is broken was cut off, and ends the file.
func (o *objectRows) eachLine(body io.Reader, most int, read func(int64, *jsonReader) error) error {
	lines := bufio.NewReaderSize(body, 64<<10)
	text := bytes.NewReader(nil)
	j := &jsonReader{dec: jsontext.NewDecoder(text), max: o.limits.Field}
	var spare []byte
	for n := int64(1); ; n++ {
		line, err := readLine(lines, spare[:0], most)
		if err != nil && !errors.Is(err, io.EOF) {
			return lineError(n, err)
		}
		spare = line
		last := err != nil
		switch {
		case last && len(line) == 0:
			return nil
		case len(bytes.TrimSpace(line)) == 0:
			if err := o.count(); err != nil {
				return err
			}
			o.result.Skipped++
			continue
		}
		text.Reset(line)
		j.dec.Reset(text)
		if err := o.lineRead(n, last, read(n, j)); err != nil {
			return err
		}
	}
}

// lineRead sets a line aside whose reading ended with a fault.
func (o *objectRows) lineRead(n int64, last bool, err error) error {
	var f *fault
	switch {
	case err == nil || !errors.As(err, &f):
		return err
	case last:
		return faultf("line %d, the last one, has no line end and is broken: %s. The file was cut off; fetch it again", n, f.detail)
	}
	if err := o.count(); err != nil {
		return err
	}
	return o.reject(n, "", f.reason, f.detail, "")
}

func lineError(n int64, err error) error {
	if isFault(err) {
		return faultf("line %d %v", n, err)
	}
	return err
}

// readLine reads a line with its line end into buf. At the end of the file it returns io.EOF with what is left.
func readLine(r *bufio.Reader, buf []byte, most int) ([]byte, error) {
	for {
		part, err := r.ReadSlice('\n')
		if buf = append(buf, part...); len(buf) > most {
			return buf, faultf("is longer than %s; is it one object a line?", size(most))
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return buf, err
		}
	}
}

// jsonTable reads an array of arrays.
func (d *delivery) jsonTable(ctx context.Context, it item, body io.Reader) (f File, err error) {
	j, row := newJSONReader(body, d.limits), newJSONRow(d.req.Dataset, d.limits)
	if err := j.find(d.req.Dataset.Source.Rows); err != nil {
		return File{}, err
	}
	var r *records
	defer func() {
		if err != nil && r != nil {
			err = errors.Join(err, r.discard())
		}
	}()
	var fields, header []string
	err = j.elements("an array of arrays", func(i int64) error {
		if k := j.kind(); k != '[' {
			return faultf("row %d is %s and not an array", i, kindWord(k))
		}
		var err error
		if fields, err = row.list(j, header, fields[:0]); err != nil {
			return err
		}
		if i > 1 {
			return r.row(i, fields)
		}
		header = slices.Clone(fields)
		r, err = d.newRecords(ctx, it.name, header)
		return err
	})
	if err != nil {
		return File{}, fatal(it.name, err)
	}
	if r == nil {
		return File{}, faultf("the table has no header; the last good data stay")
	}
	done := r
	r = nil // finish discards what it cannot complete
	return done.finish(false)
}

// list reads an array as fields of the columns of header.
func (r *jsonRow) list(j *jsonReader, header, fields []string) ([]string, error) {
	if err := j.open('['); err != nil {
		return nil, err
	}
	r.size = 0
	for {
		more, err := j.more()
		if err != nil || !more {
			return fields, err
		}
		path := ""
		if len(fields) < len(header) {
			path = header[len(fields)]
		}
		s, err := r.text(j, path)
		if err != nil {
			return nil, err
		}
		if r.size += len(s) + 1; r.size > r.limits.Record {
			return nil, faultf("a row is longer than %s", size(r.limits.Record))
		}
		fields = append(fields, s)
	}
}

// jsonColumns reads parallel arrays.
func (d *delivery) jsonColumns(ctx context.Context, it item, body io.Reader) (File, error) {
	c := &columnar{jsonReader: newJSONReader(body, d.limits), row: newJSONRow(d.req.Dataset, d.limits), limits: d.limits, kept: map[string]*textColumn{}}
	if err := c.find(d.req.Dataset.Source.Rows); err != nil {
		return File{}, err
	}
	if err := c.read(); err != nil {
		return File{}, err
	}
	return d.objects(ctx, it.name, c.names, func(o *objectRows) error {
		for i := range c.rows {
			if err := o.count(); err != nil {
				return err
			}
			for k, name := range o.layout.names {
				o.fields[k] = ""
				if kept := c.kept[name]; kept != nil {
					o.fields[k] = kept.at(i)
				}
			}
			if err := o.write(int64(i+1), o.fields); err != nil {
				return err
			}
		}
		return nil
	})
}

// columnar are parallel arrays in memory: the declared ones.
type columnar struct {
	*jsonReader
	row    *jsonRow
	limits Limits
	names  []string
	first  string // the first array
	rows   int    // its length
	kept   map[string]*textColumn
	size   int64
}

// textColumn is a list of texts.
type textColumn struct {
	text strings.Builder
	ends []int
}

func (c *textColumn) at(i int) string {
	start := 0
	if i > 0 {
		start = c.ends[i-1]
	}
	return c.text.String()[start:c.ends[i]]
}

// read reads the object of arrays to the end of the file. A member that is no array is left out if nobody declares it.
func (c *columnar) read() error {
	if c.kind() != '{' {
		return faultf("an object of parallel arrays should stand here, and it is %s", kindWord(c.kind()))
	}
	if err := c.open('{'); err != nil {
		return err
	}
	says := ""
	for {
		more, err := c.more()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		name, err := c.name()
		if err != nil {
			return err
		}
		if len(c.names) == c.limits.Columns {
			return faultf("there are more than %d columns, and that is the most that is read", c.limits.Columns)
		}
		c.names = append(c.names, name)
		if says == "" && c.kind() == '"' && slices.Contains(errorNames, strings.ToLower(name)) {
			says, err = c.scalar()
		} else {
			err = c.column(name)
		}
		if err != nil {
			return err
		}
	}
	if c.first == "" && len(c.names) > 0 {
		return faultf("no member is an array of values; %s", holds(c.names, says))
	}
	return c.end()
}

// column reads one array.
func (c *columnar) column(name string) error {
	keep := c.row.declared[name] && !c.row.drop[name]
	if k := c.kind(); k != '[' {
		if keep {
			return faultf("the column %q is %s and not an array of values", name, kindWord(k))
		}
		return c.skip()
	}
	if err := c.open('['); err != nil {
		return err
	}
	if keep {
		c.kept[name] = &textColumn{}
	}
	n := 0
	for ; ; n++ {
		more, err := c.more()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if err := c.value(name, c.kept[name]); err != nil {
			return err
		}
	}
	if c.first == "" {
		c.first, c.rows = fmt.Sprintf("%q", cutText(name, 80)), n
	}
	if n != c.rows {
		return faultf("the arrays are not parallel: %s has %d values and %q has %d", c.first, c.rows, cutText(name, 80), n)
	}
	return nil
}

// value reads a value, and keeps it if there is a column for it.
func (c *columnar) value(name string, to *textColumn) error {
	if to == nil {
		return c.skip()
	}
	s, err := c.row.text(c.jsonReader, name)
	if err != nil {
		return err
	}
	to.text.WriteString(s)
	to.ends = append(to.ends, to.text.Len())
	if c.size += int64(len(s)) + 8; c.size > c.limits.Columnar {
		return faultf("the columns are larger than %s, which is the most that is read of this shape; deliver rows or lines, or CSV", size(c.limits.Columnar))
	}
	return nil
}
