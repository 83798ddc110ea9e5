package catalog

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter makes nodes of the YAML library's tree and reports what a city folder may not use of YAML.
type converter struct {
	l       *loader
	src     *source
	anchors map[string]*node // nil while the anchor's own value is being read
}

// file returns the only document of the file.
func (c *converter) file(f *ast.File) *node {
	var root *node
	for _, doc := range f.Docs {
		switch {
		case doc.Body == nil:
		case doc.Body.Type() == ast.DirectiveType:
			c.report(doc.Body.GetToken(), "a line beginning with % is a directive, and none is used here", "delete the line")
		case root != nil:
			at := doc.Body.GetToken()
			if doc.Start != nil {
				at = doc.Start
			}
			c.report(at, "a second document begins here, and only one is read", "write it in a file of its own, or delete the ---")
			root.kind = broken // how much of the file is meant to be read is not known
			return root
		default:
			root = c.convert(doc.Body)
		}
	}
	if root == nil {
		c.l.add(SeverityError, place{c.src, 1, 1}, "the file is empty", "write it, or delete it")
		return &node{src: c.src, line: 1, column: 1}
	}
	return root
}

func (c *converter) report(t *token.Token, message, mend string) *node {
	n := c.at(t, broken)
	c.l.add(SeverityError, n.place(), message, mend)
	return n
}

// at makes a node at a token. The library counts a value that is not there one column beyond the end of what stands before it.
func (c *converter) at(t *token.Token, k kind) *node {
	n := &node{src: c.src, kind: k, line: 1, column: 1, size: 1}
	if t != nil && t.Position != nil {
		n.line, n.column = t.Position.Line, t.Position.Column
	}
	return n
}

func (c *converter) convert(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return c.mapping(n.Start, n.Values, n.IsFlowStyle)
	case *ast.MappingValueNode:
		return c.mapping(n.Start, []*ast.MappingValueNode{n}, false)
	case *ast.SequenceNode:
		list := c.at(n.Start, sequence)
		list.flow = n.IsFlowStyle
		for _, v := range n.Values {
			list.add(c.convert(v))
		}
		return c.count(list)
	case *ast.LiteralNode:
		s := c.at(n.Start, scalar)
		s.style, s.text = block, n.Value.Value
		return s
	case *ast.AnchorNode:
		return c.anchor(n)
	case *ast.AliasNode:
		return c.alias(n)
	case *ast.TagNode:
		return c.report(n.GetToken(), fmt.Sprintf("%s is a tag, and none is used here", n.GetToken().Value), "delete it; put the value in quotes if it is to be a text")
	case nil:
		return &node{src: c.src, kind: null, line: 1, column: 1, size: 1}
	}
	return c.scalar(n)
}

func (c *converter) scalar(n ast.Node) *node {
	t := n.GetToken()
	if t == nil {
		return c.report(t, "this part of the file cannot be read", "write it more simply")
	}
	if n.Type() == ast.NullType {
		return c.at(t, null)
	}
	s := c.at(t, scalar)
	s.text = t.Value
	switch t.Type {
	case token.SingleQuoteType:
		s.style = singleQuoted
	case token.DoubleQuoteType:
		s.style = doubleQuoted
	}
	s.settle()
	return s
}

// mapping reads the pairs of a mapping; of a key that is given twice the first one counts.
func (c *converter) mapping(start *token.Token, values []*ast.MappingValueNode, flow bool) *node {
	m := c.at(start, mapping)
	m.flow = flow
	lines := map[string]int{}
	for i, v := range values {
		key, value := c.key(v.Key), c.convert(v.Value)
		if i == 0 && !flow {
			m.line, m.column = key.line, key.column
		}
		if key.kind == broken {
			continue
		}
		if line, twice := lines[key.text]; twice {
			c.l.add(SeverityError, key.place(), fmt.Sprintf("%s is given twice, first in line %d", short(key.text), line), "keep one of the two")
			continue
		}
		lines[key.text] = key.line
		m.pairs = append(m.pairs, pair{key, value})
		m.size += key.size + value.size
	}
	return c.count(m)
}

func (c *converter) key(n ast.MapKeyNode) *node {
	switch n := n.(type) {
	case *ast.MergeKeyNode:
		return c.report(n.GetToken(), "<< takes keys over from elsewhere, and that is not read here", "write the keys out")
	case *ast.MappingKeyNode:
		if inner, ok := n.Value.(ast.MapKeyNode); ok {
			return c.key(inner)
		}
		return c.report(n.GetToken(), "a key must be a single word or text", "write it as key: value")
	case *ast.NullNode:
		k := c.at(n.GetToken(), scalar)
		k.text = n.GetToken().Value
		return k
	}
	k := c.convert(n)
	if k.kind != scalar && k.kind != broken {
		return c.report(n.GetToken(), "a key must be a single word or text", "write it as key: value")
	}
	return k
}

func (c *converter) anchor(n *ast.AnchorNode) *node {
	name := n.Name.GetToken().Value
	c.anchors[name] = nil
	value := c.convert(n.Value)
	c.anchors[name] = value
	value.anchored = true
	return value
}

func (c *converter) alias(n *ast.AliasNode) *node {
	name := n.Value.GetToken().Value
	value, ok := c.anchors[name]
	switch {
	case !ok:
		mend := "put a text that begins with * in quotes"
		if best := nearest(name, keys(c.anchors)); best != "" {
			mend = fmt.Sprintf("did you mean *%s?", best)
		}
		return c.report(n.GetToken(), fmt.Sprintf("*%s refers to an anchor that does not stand before it", name), mend)
	case value == nil:
		return c.report(n.GetToken(), fmt.Sprintf("*%s stands within the very thing that it refers to, so it would never end", name), "write out what is meant")
	}
	return value
}

func (n *node) add(item *node) {
	n.items = append(n.items, item)
	n.size += item.size
}

// count stops aliases that multiply: what they stand for together must stay readable.
func (c *converter) count(n *node) *node {
	if n.size <= maxNodes {
		return n
	}
	c.l.add(SeverityError, n.place(), fmt.Sprintf("with its aliases written out this has more than %d parts", maxNodes), "use fewer aliases")
	return &node{src: c.src, kind: broken, line: n.line, column: n.column, size: 1}
}
