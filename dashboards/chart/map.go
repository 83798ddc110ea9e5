package chart

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
)

// Map is values of areas. Its texts are finished.
type Map struct {
	Name    string // of the values, for the interactive chart
	Areas   []Area
	Range   func(low, high string) string // "55% to 61%", of finished values
	None    string                        // legend: areas without a value
	Title   string                        // legend: what the colours are, usually the unit
	Outline string                        // the name under which the outline is registered
	Empty   string
}

// Area is a member with its outline: polygons, each with an outer ring and holes, of [longitude, latitude].
type Area struct {
	Member
	Polygons [][][][2]float64
}

// classes is the greatest number of colours.
const classes = 5

// NewMap returns the figure of a map. Areas without a value, or with too few rows to be judged, are striped.
func NewMap(id, finding, caption, desc string, t Table, m Map) *Figure {
	m.Areas = slices.Clone(m.Areas)
	for i := range m.Areas {
		m.Areas[i].Value = finite(m.Areas[i].Value)
	}
	return &Figure{ID: id, Finding: finding, Caption: caption, Table: t, desc: desc, plot: &m}
}

// class is a colour of the map and the values that have it.
type class struct {
	low, high         float64
	lowText, highText string
}

// classify divides the values into at most five classes of about as many areas each.
func (m *Map) classify() []class {
	list := make([]Member, len(m.Areas))
	for i, a := range m.Areas {
		list[i] = a.Member
	}
	return classify(list)
}

// classify divides values into at most five classes of about as many each; equal values are never divided, and those with too few rows do not count.
func classify(members []Member) []class {
	var list []Member
	for _, m := range members {
		if m.Value != nil && !m.Few {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b Member) int { return cmp.Compare(*a.Value, *b.Value) })
	var out []class
	for i := 0; i < len(list); {
		left := classes - len(out)
		n := (len(list) - i + left - 1) / left
		j := cut(list, i, i+n)
		out = append(out, class{*list[i].Value, *list[j-1].Value, list[i].Shown, list[j-1].Shown})
		i = j
	}
	return out
}

// cut returns where a class that begins at i and should end before j ends: what is shown as the same number has the same colour.
func cut(list []Member, i, j int) int {
	same := func(k int) bool { return list[k].Shown == list[k-1].Shown }
	back, on := j, j
	for back > i && back < len(list) && same(back) {
		back--
	}
	for on < len(list) && same(on) {
		on++
	}
	if back > i && j-back < on-j {
		return back
	}
	return on
}

// shade returns the number of a class's colour, 1 to 5: few classes use the colours that are far apart.
func shade(i, n int) int {
	if n == 1 {
		return 3
	}
	return 1 + int(math.Round(float64(i)*float64(classes-1)/float64(n-1)))
}

// classOf returns the class of a value, -1 if it has none.
func classOf(a Member, list []class) int {
	if a.Value == nil || a.Few {
		return -1
	}
	for i, c := range list {
		if *a.Value <= c.high {
			return i
		}
	}
	return len(list) - 1
}

// legendRow is the height of a line of the legend.
const legendRow = 26

// mapRoom is the part of the drawing that the areas take.
func (m *Map) mapRoom(s size) box {
	if s.narrow() {
		return box{2, 2, s.w - 4, 1.02 * s.w}
	}
	return box{2, 2, 0.66 * s.w, 460}
}

func (m *Map) height(s size) float64 {
	if !m.drawn() {
		return s.h / 2
	}
	r := m.mapRoom(s)
	r.h = m.project(r).used
	if s.narrow() {
		return r.h + 8 + float64(len(m.classify())+2+m.mine())*legendRow + lead
	}
	return max(r.h+4, float64(len(m.classify())+2+m.mine())*(legendRow+lead))
}

// mine is the number of areas that the reader chose: none, or one.
func (m *Map) mine() int {
	if slices.ContainsFunc(m.Areas, func(a Area) bool { return a.Mine && len(a.Polygons) > 0 }) {
		return 1
	}
	return 0
}

// drawn reports whether there is an outline to draw.
func (m *Map) drawn() bool {
	for _, a := range m.Areas {
		for _, p := range a.Polygons {
			if len(p) > 0 && len(p[0]) > 2 {
				return true
			}
		}
	}
	return false
}

// projection turns longitude and latitude into coordinates: equirectangular, with the middle latitude true to scale. For a city the
// error is less than the line is wide.
type projection struct {
	west, north float64
	x, y        float64 // of the north-west corner
	kx, ky      float64 // units a degree
	used        float64 // height
	grid        float64 // to which points are moved; see outline.go
}

func (p projection) at(q [2]float64) point {
	return point{p.x + (q[0]-p.west)*p.kx, p.y + (p.north-q[1])*p.ky}
}

func (m *Map) project(r box) projection {
	west, east, south, north := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, a := range m.Areas {
		for _, polygon := range a.Polygons {
			for _, ring := range polygon {
				for _, q := range ring {
					west, east, south, north = min(west, q[0]), max(east, q[0]), min(south, q[1]), max(north, q[1])
				}
			}
		}
	}
	narrowing := math.Cos((south + north) / 2 * math.Pi / 180)
	width, height := max((east-west)*narrowing, 1e-9), max(north-south, 1e-9)
	k := min(r.w/width, r.h/height)
	p := projection{west: west, north: north, x: r.x + (r.w-k*width)/2, y: r.y, kx: k * narrowing, ky: k, used: k * height}
	p.grid = m.grid(p)
	return p
}

func (m *Map) draw(c *canvas) {
	list := m.classify()
	if !m.drawn() {
		c.label("", fit(m.Empty, c.font, c.w-16), c.w/2, c.h/2, atMiddle)
		return
	}
	room := m.mapRoom(c.size)
	p := m.project(room)
	room.h = p.used
	hatch := c.id + "-" + c.short + "h"
	c.hatch(hatch)
	none := false
	for _, a := range m.Areas {
		k := classOf(a.Member, list)
		fill := "c-area c-none"
		if k >= 0 {
			fill = "c-area c-s" + strconv.Itoa(shade(k, len(list)))
		}
		m.area(c, a, fill, p)
		if k < 0 {
			none = true
			m.stripes(c, a, hatch, p)
		}
	}
	for _, a := range m.Areas { // over its neighbours, whose edges it shares
		if a.Mine && len(a.Polygons) > 0 {
			c.start("path", "c-mine-edge c-through", []any{"fill-rule", "evenodd"})
			c.outline(a.Polygons, p)
			c.buf = append(c.buf, '/', '>')
		}
	}
	x, y := room.x+room.w+28, 10.0
	if c.narrow() {
		x, y = 0, room.y+room.h+8
	}
	m.legend(c, list, none, hatch, x, y)
}

// hatch defines the stripes of what has no value.
func (c *canvas) hatch(id string) {
	c.open("defs", "")
	c.open("pattern", "", "id", id, "width", 7.0, "height", 7.0, "patternUnits", "userSpaceOnUse", "patternTransform", "rotate(45)")
	c.line("c-stripe", 0, 0, 0, 7)
	c.close("pattern")
	c.close("defs")
}

// area writes the outline of an area; its name and value are shown when the pointer rests on it.
func (m *Map) area(c *canvas, a Area, class string, p projection) {
	if len(a.Polygons) == 0 {
		return
	}
	c.start("path", class, []any{"fill-rule", "evenodd"})
	c.outline(a.Polygons, p)
	c.buf = append(c.buf, '>')
	title := a.Name + ": " + a.Shown
	if a.Note != "" && a.Note != a.Shown {
		title += ", " + a.Note
	}
	c.element("title", title)
	c.close("path")
}

// stripes writes stripes over an area; the pointer goes through to the area.
func (m *Map) stripes(c *canvas, a Area, hatch string, p projection) {
	if len(a.Polygons) == 0 {
		return
	}
	c.start("path", "c-through", []any{"fill", "url(#" + hatch + ")", "fill-rule", "evenodd"})
	c.outline(a.Polygons, p)
	c.buf = append(c.buf, '/', '>')
}

// outline writes the path of polygons.
func (c *canvas) outline(polygons [][][][2]float64, p projection) {
	c.buf = append(c.buf, ` d="`...)
	for _, polygon := range polygons {
		for _, ring := range polygon {
			c.ring(ring, p)
		}
	}
	c.buf = append(c.buf, '"')
}

// legend writes the colours with their ranges, the greatest values first as in the bars.
func (m *Map) legend(c *canvas, list []class, none bool, hatch string, x, y float64) {
	if m.Title != "" && len(list) > 0 {
		c.label("c-strong", fit(m.Title, 1.06*c.font, c.w-x), x, y+0.4*legendRow, atStart)
		y += legendRow
	}
	for _, a := range m.Areas {
		if a.Mine && len(a.Polygons) > 0 {
			c.rect("c-mine-edge", box{x + 2, y + 5, 22, 14})
			y += legendText(c, a.Name, x, y)
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		k := list[i]
		c.rect("c-area c-s"+strconv.Itoa(shade(i, len(list))), box{x + 1, y + 4, 24, 16})
		text := k.lowText
		if k.lowText != k.highText {
			text = m.Range(k.lowText, k.highText)
		}
		y += legendText(c, text, x, y)
	}
	if none {
		c.rect("c-area c-none", box{x + 1, y + 4, 24, 16})
		c.leaf("rect", "", "fill", "url(#"+hatch+")", "x", x+1, "y", y+4, "width", 24.0, "height", 16.0)
		legendText(c, m.None, x, y)
	}
}

// legendText writes the text beside a colour, in two lines if need be, and returns the height that it takes.
func legendText(c *canvas, text string, x, y float64) float64 {
	lines := wrap(text, c.font, c.w-x-34, 2)
	for i, line := range lines {
		c.label("", line, x+34, y+12+lead*float64(i), atStart)
	}
	return legendRow + lead*float64(max(0, len(lines)-1))
}

// outline returns the areas as GeoJSON, for the interactive chart.
func (m *Map) outline() (string, json.RawMessage, error) {
	type geometry struct {
		Type        string           `json:"type"`
		Coordinates [][][][2]float64 `json:"coordinates"`
	}
	type feature struct {
		Type       string            `json:"type"`
		Properties map[string]string `json:"properties"`
		Geometry   geometry          `json:"geometry"`
	}
	features := []feature{}
	for _, a := range m.Areas {
		if len(a.Polygons) > 0 {
			features = append(features, feature{"Feature", map[string]string{"name": a.ID}, geometry{"MultiPolygon", a.Polygons}})
		}
	}
	geo, err := json.Marshal(map[string]any{"type": "FeatureCollection", "features": features})
	return m.Outline, geo, err
}
