package chart

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// size is one of the two drawings. Its font is so large that it has 12 CSS pixels in the smallest column in which it is shown.
type size struct {
	class string
	short string // in ids
	w, h  float64
	font  float64
}

var (
	wide   = size{class: "c-wide", short: "w", w: 760, h: 320, font: 15}
	narrow = size{class: "c-narrow", short: "n", w: 360, h: 260, font: 15}
	slide  = size{class: "c-slide", short: "s", w: 680, h: 275, font: 21} // text has 18 CSS pixels in columns of 584 and more
)

func (s size) narrow() bool { return s.w < 500 }

// canvas writes an SVG element. It escapes every text and every attribute, and remembers where the texts stand, so that no two
// overlap.
type canvas struct {
	size
	id   string
	buf  []byte
	text []textBox
}

// textBox is a text that was written and the room that it takes.
type textBox struct {
	text string
	box
}

func newCanvas(s size, id string) *canvas {
	return &canvas{size: s, id: id, buf: make([]byte, 0, 8<<10)}
}

func (c *canvas) bytes() string { return string(c.buf) }

// begin opens the svg element, named for those who do not see it.
func (c *canvas) begin(title, desc string) {
	base := c.id + "-" + c.short
	c.open("svg", "c-svg "+c.class, "xmlns", "http://www.w3.org/2000/svg", "role", "img", "aria-labelledby", base+"t", "aria-describedby", base+"d",
		"viewBox", "0 0 "+number(c.w)+" "+number(c.h), "width", c.w, "height", c.h)
	c.element("title", title, "id", base+"t")
	c.element("desc", desc, "id", base+"d")
}

func (c *canvas) end() { c.close("svg") }

// open writes a start tag. attrs are pairs of a name and a float64 or a string; class may be "".
func (c *canvas) open(tag, class string, attrs ...any) {
	c.start(tag, class, attrs)
	c.buf = append(c.buf, '>')
}

// leaf writes an empty element.
func (c *canvas) leaf(tag, class string, attrs ...any) {
	c.start(tag, class, attrs)
	c.buf = append(c.buf, '/', '>')
}

// hover writes an element that shows a text when the pointer rests on it.
func (c *canvas) hover(tag, class, title string, attrs ...any) {
	c.open(tag, class, attrs...)
	c.element("title", title)
	c.close(tag)
}

// element writes an element with a text.
func (c *canvas) element(tag, text string, attrs ...any) {
	c.open(tag, "", attrs...)
	c.escape(text)
	c.close(tag)
}

func (c *canvas) close(tag string) {
	c.buf = append(c.buf, '<', '/')
	c.buf = append(c.buf, tag...)
	c.buf = append(c.buf, '>')
}

func (c *canvas) start(tag, class string, attrs []any) {
	c.buf = append(c.buf, '<')
	c.buf = append(c.buf, tag...)
	if class != "" {
		c.attr("class", class)
	}
	for i := 0; i+1 < len(attrs); i += 2 {
		name, _ := attrs[i].(string) // a name is always written in this package
		c.attr(name, attrs[i+1])
	}
}

func (c *canvas) attr(name string, value any) {
	c.buf = append(c.buf, ' ')
	c.buf = append(c.buf, name...)
	c.buf = append(c.buf, '=', '"')
	switch v := value.(type) {
	case float64:
		c.buf = appendNumber(c.buf, v)
	case string:
		c.escape(v)
	}
	c.buf = append(c.buf, '"')
}

// escape writes a text so that it is text in HTML and in XML. What no XML document may hold is written as U+FFFD.
func (c *canvas) escape(s string) {
	done := 0 // what is written already
	for i := 0; i < len(s); {
		if b := s[i]; b >= ' ' && b < utf8.RuneSelf && b != '<' && b != '>' && b != '&' && b != '"' && b != '\'' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if with := replacement(r, n); with != "" {
			c.buf = append(c.buf, s[done:i]...)
			c.buf = append(c.buf, with...)
			done = i + n
		}
		i += n
	}
	c.buf = append(c.buf, s[done:]...)
}

// replacement is what stands for a character that may not stand for itself, "" for one that may.
func replacement(r rune, n int) string {
	switch {
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '&':
		return "&amp;"
	case r == '"':
		return "&#34;"
	case r == '\'':
		return "&#39;"
	case r == utf8.RuneError && n == 1, r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0xFFFE, r == 0xFFFF:
		return "\uFFFD"
	}
	return ""
}

// anchor says which point of a text lies on its x.
type anchor string

const (
	atStart  anchor = "start"
	atMiddle anchor = "middle"
	atEnd    anchor = "end"
)

// label writes a text whose middle line is y. class is "" for ordinary text.
func (c *canvas) label(class, text string, x, y float64, a anchor) {
	c.text = append(c.text, textBox{text, c.room(class, text, x, y, a)})
	cl := "c-t"
	if class != "" {
		cl += " " + class
	}
	c.start("text", cl, []any{"x", x, "y", y + 0.35*c.font})
	if a != atStart {
		c.attr("text-anchor", string(a))
	}
	c.buf = append(c.buf, '>')
	c.escape(text)
	c.close("text")
}

// room is the box that a text takes.
func (c *canvas) room(class, text string, x, y float64, a anchor) box {
	w := textWidth(text, c.font)
	if class == "c-value" || class == "c-strong" {
		w *= 1.06 // bold
	}
	switch a {
	case atMiddle:
		x -= w / 2
	case atEnd:
		x -= w
	}
	return box{x, y - 0.55*c.font, w, 1.1 * c.font}
}

// line writes a straight line.
func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	c.leaf("line", class, "x1", x1, "y1", y1, "x2", x2, "y2", y2)
}

// rect writes a rectangle; a negative width or height is drawn from the other side.
func (c *canvas) rect(class string, b box) {
	if b.w < 0 {
		b.x, b.w = b.x+b.w, -b.w
	}
	if b.h < 0 {
		b.y, b.h = b.y+b.h, -b.h
	}
	c.leaf("rect", class, "x", b.x, "y", b.y, "width", b.w, "height", b.h)
}

// polyline writes a path through points.
func (c *canvas) polyline(class string, points []point) {
	if len(points) < 2 {
		return
	}
	c.start("path", class, nil)
	c.way(points)
	c.buf = append(c.buf, `"/>`...)
}

// polygon writes the area between points.
func (c *canvas) polygon(class string, points []point) {
	if len(points) < 3 {
		return
	}
	c.start("path", class, nil)
	c.way(points)
	c.buf = append(c.buf, `Z"/>`...)
}

// way writes the points of a path, and leaves its attribute open.
func (c *canvas) way(points []point) {
	c.buf = append(c.buf, ` d="`...)
	for i, p := range points {
		c.buf = append(c.buf, "ML"[min(i, 1)])
		c.buf = appendNumber(c.buf, p.x)
		c.buf = append(c.buf, ' ')
		c.buf = appendNumber(c.buf, p.y)
	}
}

// diamond writes a square that stands on its corner.
func (c *canvas) diamond(class string, at point, r float64) {
	c.polygon(class, []point{{at.x, at.y - r}, {at.x + r, at.y}, {at.x, at.y + r}, {at.x - r, at.y}})
}

// triangle writes a triangle whose tip is up, or down.
func (c *canvas) triangle(class string, at point, r float64, up bool) {
	tip, base := at.y-r, at.y+0.75*r
	if !up {
		tip, base = at.y+r, at.y-0.75*r
	}
	c.polygon(class, []point{{at.x, tip}, {at.x + r, base}, {at.x - r, base}})
}

// dot writes a circle.
func (c *canvas) dot(class string, at point, r float64) {
	c.leaf("circle", class, "cx", at.x, "cy", at.y, "r", r)
}

type point struct{ x, y float64 }

// appendNumber writes a coordinate with at most one decimal.
func appendNumber(b []byte, v float64) []byte {
	tenths := math.Round(v * 10)
	if math.IsNaN(tenths) || math.Abs(tenths) > 1e15 {
		return append(b, '0') // no layout makes a number that is not finite
	}
	n := int64(tenths)
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	b = strconv.AppendInt(b, n/10, 10)
	if d := n % 10; d != 0 {
		b = append(b, '.', byte('0'+d))
	}
	return b
}

func number(v float64) string { return string(appendNumber(nil, v)) }
