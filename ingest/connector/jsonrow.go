package connector

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"citystat/kpi"
)

// jsonRow flattens an object into a row: {"a": {"b": 1}} is the column a.b.
//
//   - a text is its text, a number the digits that are written, true and false are those words, null is no value;
//   - an array, and an object whose own name is declared, is its JSON without spaces, without the members that are dropped;
//   - of what is not declared only the names are kept.
//
// A name that is dropped drops everything in it; within arrays names go on as if the array were not there (people.email for
// {"people": [{"email": …}]}).
type jsonRow struct {
	declared map[string]bool
	inside   map[string][]string // names that are declared within an object, by each name that leads to it
	drop     map[string]bool
	values   map[string]string
	size     int // bytes of the names and values
	limits   Limits
	buf      bytes.Buffer
	enc      *jsontext.Encoder
}

func newJSONRow(ds *kpi.Dataset, limits Limits) *jsonRow {
	r := &jsonRow{declared: map[string]bool{}, inside: map[string][]string{}, drop: map[string]bool{}, values: map[string]string{}, limits: limits}
	for _, name := range declared(ds) {
		r.declared[name] = true
		for i, c := range name {
			if c == '.' {
				r.inside[name[:i]] = append(r.inside[name[:i]], name)
			}
		}
	}
	for _, name := range ds.Drop {
		r.drop[name] = true
	}
	r.enc = jsontext.NewEncoder(&r.buf)
	return r
}

// reset begins a new row.
func (r *jsonRow) reset() {
	clear(r.values)
	r.size = 0
}

// read reads an object as a row.
func (r *jsonRow) read(j *jsonReader) error {
	r.reset()
	return r.object(j, "")
}

// object reads the members of an object whose columns begin with prefix.
func (r *jsonRow) object(j *jsonReader, prefix string) error {
	if err := j.open('{'); err != nil {
		return err
	}
	for {
		more, err := j.more()
		if err != nil || !more {
			return err
		}
		name, err := j.name()
		if err != nil {
			return err
		}
		if err := r.member(j, prefix+name); err != nil {
			return err
		}
	}
}

// member reads the value of a column, or the columns of an object.
func (r *jsonRow) member(j *jsonReader, path string) error {
	k := j.kind()
	switch {
	case r.drop[path]:
		return r.leave(j, path)
	case r.declared[path]:
		return r.column(j, path, k)
	case k == '{':
		return r.object(j, path+".")
	case k == 'n' && r.inside[path] != nil: // an object that is not there: its columns have no value
		for _, name := range r.inside[path] {
			if err := r.put(name, ""); err != nil {
				return err
			}
		}
		return j.skip()
	}
	return r.leave(j, path)
}

// leave notes a name and forgets its value.
func (r *jsonRow) leave(j *jsonReader, path string) error {
	if err := r.put(path, ""); err != nil {
		return err
	}
	return j.skip()
}

// column reads the value of a declared column.
func (r *jsonRow) column(j *jsonReader, path string, k jsontext.Kind) error {
	s, err := r.text(j, path)
	if err != nil {
		return err
	}
	if err := r.put(path, s); err != nil || k != '{' || r.inside[path] == nil {
		return err
	}
	return r.object(&jsonReader{dec: jsontext.NewDecoder(strings.NewReader(s)), max: j.max}, path+".") // declared as a whole and in parts
}

// put gives a column its value.
func (r *jsonRow) put(path, value string) error {
	if _, twice := r.values[path]; twice {
		return faultf("the column %q is there twice in one row: as a name with a dot in it, and as an object", cutText(path, 80))
	}
	if len(path) > jsonName {
		return faultf("a name is longer than %s; no column is named so", size(jsonName))
	}
	if r.size += len(path) + len(value); r.size > r.limits.Record {
		return faultf("a row is longer than %s", size(r.limits.Record))
	}
	r.values[path] = value
	return nil
}

// text reads any value as text.
func (r *jsonRow) text(j *jsonReader, path string) (string, error) {
	if k := j.kind(); k != '{' && k != '[' {
		return j.scalar()
	}
	r.buf.Reset()
	r.enc.Reset(&r.buf)
	if err := r.copy(j, path); err != nil {
		return "", err
	}
	return strings.TrimSuffix(r.buf.String(), "\n"), nil
}

// copy copies a value without spaces and without what is dropped.
func (r *jsonRow) copy(j *jsonReader, path string) error {
	t, err := j.token()
	if err != nil {
		return err
	}
	k := t.Kind()
	if err := r.write(t); err != nil || k != '{' && k != '[' {
		return err
	}
	for {
		if next := j.kind(); next == '}' || next == ']' {
			if t, err = j.token(); err != nil {
				return err
			}
			return r.write(t)
		}
		if k == '{' {
			err = r.copyMember(j, path)
		} else {
			err = r.copy(j, path)
		}
		if err != nil {
			return err
		}
	}
}

func (r *jsonRow) copyMember(j *jsonReader, path string) error {
	name, err := j.name()
	if err != nil {
		return err
	}
	if path += "." + name; r.drop[path] {
		return j.skip()
	}
	if err := r.write(jsontext.String(name)); err != nil {
		return err
	}
	return r.copy(j, path)
}

func (r *jsonRow) write(t jsontext.Token) error {
	if err := r.enc.WriteToken(t); err != nil {
		return err
	}
	if r.enc.OutputOffset() > int64(r.limits.Field) {
		return faultf("a field is longer than %s", size(r.limits.Field))
	}
	return nil
}
