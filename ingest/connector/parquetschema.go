package connector

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"
)

// parquetDepth is how deep the groups of a schema may lie in each other.
const parquetDepth = 64

// parquetNode is a group or a leaf of a schema. first and last are the leaves in it, last excluded; rep and def are the levels at which it
// repeats and is there (Dremel, Melnik et al. 2010).
type parquetNode struct {
	name, path  string
	element     *format.SchemaElement
	children    []*parquetNode
	first, last int
	repeated    bool
	rep, def    int
	list, dict  bool
	format      func(b []byte, v parquet.Value) []byte // of a leaf
	quoted      bool                                   // a leaf that is a text in JSON
}

// parquetSchema turns rows into the fields of columns.
type parquetSchema struct {
	columns []*parquetNode
	leaves  []*parquetNode
	values  [][]parquet.Value // of a row, by leaf
	buf     []byte
}

// newParquetSchema reads the schema of a file, which lies there as a list in depth-first order.
func newParquetSchema(elements []format.SchemaElement, most int) (*parquetSchema, error) {
	s := &parquetSchema{}
	root, rest, err := s.node(elements, nil, 0)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || len(root.children) == 0 {
		return nil, errors.New("the Parquet is damaged: its schema is no tree of columns; fetch it again")
	}
	if len(s.leaves) > most {
		return nil, fmt.Errorf("there are %d columns and %d are the most that is read", len(s.leaves), most)
	}
	for _, c := range root.children {
		s.flatten(c, c.name)
	}
	s.values = make([][]parquet.Value, len(s.leaves))
	return s, nil
}

// node reads the node at the beginning of the list and returns what follows it.
func (s *parquetSchema) node(list []format.SchemaElement, parent *parquetNode, depth int) (*parquetNode, []format.SchemaElement, error) {
	if len(list) == 0 || depth > parquetDepth {
		return nil, nil, fmt.Errorf("the Parquet is damaged, or its schema is nested deeper than %d", parquetDepth)
	}
	e := &list[0]
	n := &parquetNode{name: e.Name, element: e, first: len(s.leaves)}
	if parent != nil {
		n.rep, n.def = parent.rep, parent.def
		switch e.RepetitionType.V {
		case format.Repeated:
			n.repeated = true
			n.rep++
			n.def++
		case format.Optional:
			n.def++
		}
	}
	list = list[1:]
	if e.Type.Valid {
		if e.Type.V < format.Boolean || e.Type.V > format.FixedLenByteArray {
			return nil, nil, fmt.Errorf("the Parquet is damaged: the column %s has a type that there is not; fetch it again", cutText(e.Name, 80))
		}
		n.format, n.quoted = leafFormat(e)
		s.leaves = append(s.leaves, n)
		n.last = len(s.leaves)
		return n, list, nil
	}
	n.list, n.dict = groupKind(e)
	for range e.NumChildren.V {
		var child *parquetNode
		var err error
		if child, list, err = s.node(list, n, depth+1); err != nil {
			return nil, nil, err
		}
		n.children = append(n.children, child)
	}
	n.last = len(s.leaves)
	return n, list, nil
}

func groupKind(e *format.SchemaElement) (list, dict bool) {
	switch e.LogicalType.Value.(type) {
	case *format.ListType:
		return true, false
	case *format.MapType:
		return false, true
	}
	c := e.ConvertedType
	return c.Valid && c.V == deprecated.List, c.Valid && (c.V == deprecated.Map || c.V == deprecated.MapKeyValue)
}

// check makes sure that the chunks of a row group can hold what they say: the library reads on in zeros where a page is too short.
func (s *parquetSchema) check(group *format.RowGroup) error {
	if len(group.Columns) != len(s.leaves) {
		return errors.New("the Parquet is damaged: a row group lacks columns; fetch it again")
	}
	for k, n := range s.leaves {
		m := &group.Columns[k].MetaData
		plain := !slices.ContainsFunc(m.Encoding, func(e format.Encoding) bool {
			return e != format.Plain && e != format.RLE && e != format.BitPacked
		})
		required := n.def == 0 && n.rep == 0
		if required && m.NumValues != group.NumRows || required && m.Statistics.NullCount > 0 || required && plain && tooShort(n.element, m) {
			return fmt.Errorf("the Parquet is damaged: the column %s has fewer values than rows; fetch it again", cutText(n.name, 80))
		}
	}
	return nil
}

// tooShort reports whether a chunk of plain values has fewer bytes than they take at least.
func tooShort(e *format.SchemaElement, m *format.ColumnMetaData) bool {
	least := int64(0) // of booleans there are eight in a byte
	switch e.Type.V {
	case format.Int32, format.Float, format.ByteArray:
		least = 4
	case format.Int64, format.Double:
		least = 8
	case format.Int96:
		least = 12
	case format.FixedLenByteArray:
		least = int64(e.TypeLength.V)
	}
	return least > 0 && m.TotalUncompressedSize/least < m.NumValues
}

// flatten makes columns of a node: one of a leaf, a list, a map or what repeats, and those of its members of a group.
func (s *parquetSchema) flatten(n *parquetNode, path string) {
	if len(n.children) == 0 || n.repeated || n.list || n.dict {
		if n.last > n.first { // a group without leaves has no values
			n.path = path
			s.columns = append(s.columns, n)
		}
		return
	}
	for _, c := range n.children {
		s.flatten(c, path+"."+c.name)
	}
}

// split sorts the values of a row by leaf, and makes sure that each leaf has one.
func (s *parquetSchema) split(row parquet.Row) error {
	clear(s.values)
	for i := 0; i < len(row); {
		k, j := row[i].Column(), i+1
		for j < len(row) && row[j].Column() == k {
			j++
		}
		if k < 0 || k >= len(s.values) || s.values[k] != nil {
			return errDamagedRow
		}
		s.values[k] = row[i:j:j]
		i = j
	}
	for k, v := range s.values {
		n := s.leaves[k]
		if len(v) == 0 || len(v) > 1 && n.rep == 0 || n.rep == 0 && v[0].IsNull() != (v[0].DefinitionLevel() < n.def) {
			return errDamagedRow
		}
	}
	return nil
}

var errDamagedRow = errors.New("the Parquet is damaged: the values of the row do not fit the schema; fetch it again")

// field is the text of a column in the row that was split. It is good until the next one is asked for.
func (s *parquetSchema) field(n *parquetNode) ([]byte, error) {
	s.buf = s.buf[:0]
	values := s.values[n.first:n.last]
	if n.format != nil && !n.repeated {
		if v := values[0][0]; !v.IsNull() {
			s.buf = n.format(s.buf, v)
		}
		return s.buf, nil
	}
	if !n.repeated && values[0][0].DefinitionLevel() < n.def {
		return nil, nil
	}
	var err error
	s.buf, err = n.json(s.buf, values)
	return s.buf, err
}

// json appends the values of a node as JSON. values are those of its leaves, within one instance of what lies above it.
func (n *parquetNode) json(b []byte, values [][]parquet.Value) ([]byte, error) {
	if !n.repeated {
		return n.one(b, values)
	}
	b = append(b, '[')
	b, err := n.each(b, values, n.one)
	return append(b, ']'), err
}

// each appends the instances of a repeated node, commas between them.
func (n *parquetNode) each(b []byte, values [][]parquet.Value, one func([]byte, [][]parquet.Value) ([]byte, error)) ([]byte, error) {
	if len(values[0]) == 0 {
		return b, errDamagedRow
	}
	if values[0][0].DefinitionLevel() < n.def {
		return b, nil
	}
	rest := append([][]parquet.Value(nil), values...)
	part := make([][]parquet.Value, len(values))
	for first := true; len(rest[0]) > 0; first = false {
		for k := range rest {
			end := 1
			for end < len(rest[k]) && rest[k][end].RepetitionLevel() > n.rep {
				end++
			}
			if len(rest[k]) == 0 {
				return b, errDamagedRow
			}
			part[k], rest[k] = rest[k][:end], rest[k][end:]
		}
		if !first {
			b = append(b, ',')
		}
		var err error
		if b, err = one(b, part); err != nil {
			return b, err
		}
	}
	for _, r := range rest {
		if len(r) > 0 {
			return b, errDamagedRow
		}
	}
	return b, nil
}

// one appends one instance of a node.
func (n *parquetNode) one(b []byte, values [][]parquet.Value) ([]byte, error) {
	if len(values) == 0 || len(values[0]) == 0 {
		return b, errDamagedRow
	}
	switch v := values[0][0]; {
	case v.DefinitionLevel() < n.def || n.format != nil && v.IsNull():
		return append(b, "null"...), nil
	case n.format != nil && n.quoted:
		return appendJSONText(b, string(n.format(nil, v)))
	case n.format != nil:
		text := n.format(nil, v)
		if json.Valid(text) {
			return append(b, text...), nil
		}
		return appendJSONText(b, string(text)) // NaN and infinities
	case n.list && len(n.children) == 1 && n.children[0].repeated:
		return n.elements(b, values)
	case n.dict && len(n.children) == 1 && n.children[0].repeated && len(n.children[0].children) == 2:
		return n.pairs(b, values)
	}
	return n.object(b, values)
}

func (n *parquetNode) of(c *parquetNode, values [][]parquet.Value) [][]parquet.Value {
	return values[c.first-n.first : c.last-n.first]
}

// object appends a group.
func (n *parquetNode) object(b []byte, values [][]parquet.Value) ([]byte, error) {
	b = append(b, '{')
	comma := false
	for _, c := range n.children {
		if c.first == c.last {
			continue
		}
		if comma {
			b = append(b, ',')
		}
		comma = true
		var err error
		if b, err = appendJSONText(b, c.name); err != nil {
			return b, err
		}
		if b, err = c.json(append(b, ':'), n.of(c, values)); err != nil {
			return b, err
		}
	}
	return append(b, '}'), nil
}

// elements appends a list. In its usual form the group that repeats is there for the levels only and has one member, the element.
func (n *parquetNode) elements(b []byte, values [][]parquet.Value) ([]byte, error) {
	repeated := n.children[0]
	one := repeated.one
	if len(repeated.children) == 1 && repeated.name != "array" && repeated.name != n.name+"_tuple" { // the format's rules for older writers
		element := repeated.children[0]
		one = func(b []byte, v [][]parquet.Value) ([]byte, error) { return element.json(b, repeated.of(element, v)) }
	}
	b, err := repeated.each(append(b, '['), n.of(repeated, values), one)
	return append(b, ']'), err
}

// pairs appends a map as an object.
func (n *parquetNode) pairs(b []byte, values [][]parquet.Value) ([]byte, error) {
	pair := n.children[0]
	key, value := pair.children[0], pair.children[1]
	b, err := pair.each(append(b, '{'), n.of(pair, values), func(b []byte, v [][]parquet.Value) ([]byte, error) {
		text, err := key.json(nil, pair.of(key, v))
		if err != nil {
			return b, err
		}
		if key.quoted {
			b = append(b, text...)
		} else if b, err = appendJSONText(b, string(text)); err != nil {
			return b, err
		}
		return value.json(append(b, ':'), pair.of(value, v))
	})
	return append(b, '}'), err
}

func appendJSONText(b []byte, s string) ([]byte, error) {
	text, err := json.Marshal(s)
	return append(b, text...), err
}
