package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// value is a JSON value with its place in the file.
type value struct {
	at     int // byte offset of its first character
	what   any // string, json.Number, bool, nil, or json.Delim for an object or array
	keys   []string
	fields map[string]*value
	items  []*value
}

// is reports whether the value is an array or object that begins with the sign.
func (v *value) is(sign json.Delim) bool { d, ok := v.what.(json.Delim); return ok && d == sign }

// field returns the value of a key, or nil.
func (v *value) field(key string) *value { return v.fields[key] }

// text returns what a string says, and false if the value is none.
func (v *value) text() (string, bool) {
	if v == nil {
		return "", false
	}
	s, ok := v.what.(string)
	return s, ok
}

// jsonReader reads JSON into values, so that every mistake can be shown where it stands.
type jsonReader struct {
	src *source
	dec *json.Decoder
}

// jsonError is a place at which a file is no JSON that we read.
type jsonError struct {
	at      int
	message string
	mend    string
}

func (e *jsonError) Error() string { return e.message }

// json reads a JSON file into a tree; nil if it has reported why there is none.
func (l *loader) json(src *source) *value {
	r := &jsonReader{src: src, dec: json.NewDecoder(strings.NewReader(src.text))}
	r.dec.UseNumber()
	v, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); !errors.Is(more, io.EOF) {
			err = &jsonError{r.start(int(r.dec.InputOffset())), "something follows the end of the JSON value", "delete it"}
		}
	}
	if err == nil {
		return v
	}
	var known *jsonError
	var syntax *json.SyntaxError
	at := r.start(int(r.dec.InputOffset())) // of the value that cannot be read; the error's own offset does not always count from the beginning
	switch {
	case errors.As(err, &known):
		l.add(SeverityError, src.offset(known.at), known.message, known.mend)
	case errors.As(err, &syntax):
		l.add(SeverityError, src.offset(at), "this is not JSON: "+syntax.Error(), "export the file again")
	default: // the end came too early
		l.add(SeverityError, src.offset(len(src.text)), "the file ends in the middle of a value", "export the file again; it was cut off")
	}
	return nil
}

// start returns the offset of the next token: the decoder stands behind the last one.
func (r *jsonReader) start(at int) int {
	return at + len(r.src.text[at:]) - len(strings.TrimLeft(r.src.text[at:], " \t\r\n,:"))
}

func (r *jsonReader) value(depth int) (*value, error) {
	v := &value{at: r.start(int(r.dec.InputOffset()))}
	t, err := r.dec.Token()
	if err != nil {
		return nil, err
	}
	v.what = t
	if depth > maxDepth {
		return nil, &jsonError{v.at, fmt.Sprintf("more than %d objects and arrays stand within each other", maxDepth), "export the file again"}
	}
	switch t {
	case json.Delim('{'):
		err = r.fields(v, depth)
	case json.Delim('['):
		err = r.items(v, depth)
	}
	return v, err
}

func (r *jsonReader) items(v *value, depth int) error {
	for r.dec.More() {
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
	_, err := r.dec.Token() // the ]
	return err
}

func (r *jsonReader) fields(v *value, depth int) error {
	v.fields = map[string]*value{}
	for r.dec.More() {
		at := r.start(int(r.dec.InputOffset()))
		t, err := r.dec.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok {
			return &jsonError{at, "a key must be a string", "export the file again"}
		}
		if _, twice := v.fields[key]; twice {
			return &jsonError{at, fmt.Sprintf("the key %s is given twice in one object", short(key)), "keep one of the two"}
		}
		if v.fields[key], err = r.value(depth + 1); err != nil {
			return err
		}
		v.keys = append(v.keys, key)
	}
	_, err := r.dec.Token() // the }
	return err
}
