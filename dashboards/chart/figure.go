package chart

import (
	"encoding/json"
	"html/template"
	"math"
)

// Figure is a finding with everything that shows it.
type Figure struct {
	ID      string // unique in the page; a name for elements, of letters, digits and hyphens
	Finding string // one sentence: what the drawing shows
	Caption string // how to read it
	CSVHref string // where the numbers can be downloaded; set by the page
	Table   Table

	desc string // for those who do not see the drawing
	plot plot
}

// plot is a kind of drawing.
type plot interface {
	draw(c *canvas)                                         // writes what is inside the svg element
	height(s size) float64                                  // of the drawing, in its own units
	option(f *Figure) (map[string]any, error)               // of the interactive chart
	outline() (name string, geo json.RawMessage, err error) // "" unless it is a map
}

// SVGWide returns the drawing for columns of 608 CSS pixels and more.
func (f *Figure) SVGWide() template.HTML { return template.HTML(f.svg(wide).bytes()) } // every text went through canvas, which escapes

// SVGNarrow returns the drawing for phones.
func (f *Figure) SVGNarrow() template.HTML { return template.HTML(f.svg(narrow).bytes()) } // as above

// SVGSlide returns the drawing for the wall of a room: in columns of 584 CSS pixels and more its text has at least 18.
func (f *Figure) SVGSlide() template.HTML { return template.HTML(f.svg(slide).bytes()) } // as above

// svg draws the figure in a size.
func (f *Figure) svg(s size) *canvas {
	s.h = f.plot.height(s)
	c := newCanvas(s, f.ID)
	c.begin(f.Finding, f.desc)
	f.plot.draw(c)
	c.end()
	return c
}

// Option returns the option of the interactive chart as JSON that may stand in a script element of type application/json: it holds no
// < and no function. See the package comment for what the site's script does with it.
func (f *Figure) Option() (json.RawMessage, error) {
	o, err := f.plot.option(f)
	if err != nil {
		return nil, err
	}
	return json.Marshal(o)
}

// Map returns the outline of a map as JSON, {"name": …, "geoJSON": …}, for echarts.registerMap; nil if the figure is no map.
func (f *Figure) Map() (json.RawMessage, error) {
	name, geo, err := f.plot.outline()
	if err != nil || name == "" {
		return nil, err
	}
	return json.Marshal(map[string]any{"name": name, "geoJSON": geo})
}

// finite returns v if it is a number that can be drawn, and nil otherwise.
func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}
