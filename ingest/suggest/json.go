package suggest

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"citystat/kpi"
)

// maxLevels is how deep the rows of JSON are looked for.
const maxLevels = 5

// place is where rows may lie in a file of JSON.
type place struct {
	path, shape string
	rows        int
}

// survey looks through JSON for what may be rows.
type survey struct {
	dec      *jsontext.Decoder
	found    []place
	features bool // a GeoJSON FeatureCollection
	ocds     bool // an Open Contracting package
}

// json finds out where the rows of JSON lie and what shape they have.
func (l *looked) json() (err error) {
	body, done, err := l.body()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	s := &survey{dec: jsontext.NewDecoder(body)}
	l.source.Kind = kpi.SourceJSON
	var lone bool
	if lone, err = s.value("", 0); err != nil {
		return broken(l.name, err)
	}
	if s.dec.PeekKind() == '{' && lone {
		l.source.Shape = kpi.ShapeLines
		return nil
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return kpi.Errorf(kpi.CodeInvalid, "%s goes on after the end of its JSON", l.name)
	}
	if s.features {
		l.source.Kind = kpi.SourceGeoJSON
		return nil
	}
	if len(s.found) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "%s holds no table: neither an array of objects or arrays nor an object of arrays that are equally long", l.name)
	}
	best := s.found[0]
	for _, p := range s.found[1:] {
		if p.rows > best.rows {
			best = p
		}
	}
	l.source.Rows, l.source.Shape = best.path, best.shape
	if len(s.found) > 1 {
		l.unsure = append(l.unsure, fmt.Sprintf("rows may lie in %d places; these are the most, %d", len(s.found), best.rows))
	}
	if s.ocds {
		l.unsure = append(l.unsure, "this looks like Open Contracting data, for which there is kind: ocds")
	}
	return nil
}

func broken(name string, err error) error {
	var told *kpi.Error
	if errors.As(err, &told) {
		return told
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return kpi.Errorf(kpi.CodeInvalid, "%s is cut off: its JSON does not end; fetch it again", name)
	}
	var bad *jsontext.SyntacticError
	if errors.As(err, &bad) {
		return kpi.Errorf(kpi.CodeInvalid, "%s is no JSON from byte %d on; write it with a program that knows JSON", name, bad.ByteOffset)
	}
	return cannot(name, err)
}

// body opens the file behind its compression, bounded.
func (l *looked) body() (io.Reader, func() error, error) {
	if l.whole {
		return bytes.NewReader(bytes.TrimPrefix(l.head, []byte("\xef\xbb\xbf"))), func() error { return nil }, nil
	}
	if l.zipped {
		return nil, nil, kpi.Errorf(kpi.CodeInvalid, "%s: JSON in an archive is looked at up to 1 MB; unpack it and look at the file", l.name)
	}
	f, err := l.folder.Open(l.name)
	if err != nil {
		return nil, nil, cannot(l.name, err)
	}
	r, err := unpack(f)
	if err != nil {
		return nil, nil, errors.Join(cannot(l.name, err), f.Close())
	}
	return &limited{r: r, left: maxWhole, name: l.name}, f.Close, nil
}

// value surveys the value that comes; lone tells that it was an object without rows in it.
func (s *survey) value(path string, level int) (lone bool, err error) {
	switch s.dec.PeekKind() {
	case '{':
		if level < maxLevels {
			return s.object(path, level)
		}
	case '[':
		if level < maxLevels {
			_, _, err := s.array(path)
			return false, err
		}
	}
	return false, s.dec.SkipValue()
}

// object surveys the members of an object. If all are arrays of plain values, equally many, it is a table by columns.
func (s *survey) object(path string, level int) (lone bool, err error) {
	if _, err := s.dec.ReadToken(); err != nil {
		return false, err
	}
	before, columns, length, members, marks := len(s.found), true, -1, 0, 0
	for s.dec.PeekKind() == '"' {
		tok, err := s.dec.ReadToken()
		if err != nil {
			return false, err
		}
		name := tok.String()
		members++
		if name == "publishedDate" || name == "publisher" || name == "releases" || name == "records" {
			marks++
		}
		at := name
		if path != "" {
			at = path + "." + name
		}
		if s.dec.PeekKind() == '[' && level < maxLevels {
			plain, n, err := s.array(at)
			if err != nil {
				return false, err
			}
			columns = columns && plain && n > 0 && (length < 0 || n == length)
			length = n
			continue
		}
		columns = false
		if s.dec.PeekKind() == '"' && name == "type" && level == 0 {
			v, err := s.dec.ReadToken()
			if err != nil {
				return false, err
			}
			s.features = s.features || v.String() == "FeatureCollection"
			continue
		}
		if _, err := s.value(at, level+1); err != nil {
			return false, err
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return false, err
	}
	s.ocds = s.ocds || level == 0 && marks >= 3
	if columns && members > 0 {
		s.found = append(s.found[:before], place{path, kpi.ShapeColumns, length})
	}
	return len(s.found) == before, nil
}

// array surveys an array: one of objects or of arrays may be a table. plain tells that it holds neither.
func (s *survey) array(path string) (plain bool, n int, err error) {
	if _, err := s.dec.ReadToken(); err != nil {
		return false, 0, err
	}
	objects, arrays := 0, 0
	for s.dec.PeekKind() != ']' {
		switch s.dec.PeekKind() {
		case '{':
			objects++
		case '[':
			arrays++
		}
		if err := s.dec.SkipValue(); err != nil {
			return false, n, err
		}
		n++
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return false, n, err
	}
	switch {
	case objects > 0 && arrays == 0:
		s.found = append(s.found, place{path, kpi.ShapeRows, objects})
	case arrays > 1 && arrays == n:
		s.found = append(s.found, place{path, kpi.ShapeTable, arrays - 1})
	}
	return objects+arrays == 0, n, nil
}

// limited fails beyond a number of bytes.
type limited struct {
	r    io.Reader
	left int64
	name string
}

// Read reads from the reader below.
func (r *limited) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.left -= int64(n); r.left < 0 {
		return 0, tooLarge(r.name)
	}
	return n, err
}

func tooLarge(name string) error {
	return kpi.Errorf(kpi.CodeInvalid, "%s is larger than %d MB, and a file of this kind can only be looked at as a whole; cut a piece of it and look at that", name, maxWhole>>20)
}
