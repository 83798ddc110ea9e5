package chart

import (
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// option of a line.
func (l *Line) option(f *Figure) (map[string]any, error) {
	tree, err := overTime(f, l.categories())
	if err != nil {
		return nil, err
	}
	if y, ok := l.scaleY(5); ok {
		tree["yAxis"] = []any{valueAxis(y, l.Axis)}
	}
	tree["series"] = l.series()
	return tree, nil
}

// overTime returns the option of a chart whose categories stand beside each other: the tree, without series.
func overTime(f *Figure, names []string) (map[string]any, error) {
	c := charts.NewLine()
	c.SetGlobalOptions(append(common(f), charts.WithTooltipOpts(opts.Tooltip{Show: opts.Bool(true), Trigger: "axis"}))...)
	c.SetXAxis(names)
	c.AddSeries("", make([]opts.LineData, len(names)))
	tree, err := plain(c)
	if err != nil {
		return nil, err
	}
	tree["tooltip"] = tooltip("axis")
	tree["grid"] = []any{map[string]any{"left": 16, "right": 24, "top": 36, "bottom": 16, "containLabel": true}}
	tree["xAxis"] = []any{map[string]any{"type": "category", "data": names, "axisLabel": text(map[string]any{"hideOverlap": true}),
		"axisLine": map[string]any{"lineStyle": map[string]any{"color": "@c-axis"}}}}
	return tree, nil
}

// categories are the names of the points, and of what lies ahead.
func (l *Line) categories() []string {
	names := make([]string, 0, len(l.Points)+1)
	for _, p := range l.Points {
		names = append(names, p.Label)
	}
	later, _ := l.later()
	return append(names, later...)
}

// series are all lines; that of the values is the first, with a datum for every point.
func (l *Line) series() []any {
	values := l.valueSeries()
	series := []any{values}
	_, later := l.later()
	if len(l.Breaks) > 0 || l.Loose {
		values["lineStyle"] = map[string]any{"color": "@c-line", "width": 0}
	}
	if len(l.Breaks) > 0 && !l.Loose {
		series = append(series, l.stretchSeries()...)
	}
	if l.path() {
		series = append(series, l.expectedSeries(later))
	}
	if l.limited() {
		series = append(series, l.limitSeries()...)
	}
	for _, e := range l.Extras {
		series = append(series, l.extraSeries(e))
	}
	if len(l.Way) > 0 {
		series = append(series, l.waySeries(later))
	}
	if len(l.Fan) > 0 {
		series = append(series, l.fanSeries(later)...)
	}
	if l.Ahead != nil {
		series = append(series, l.aheadSeries(later))
	}
	return series
}

// valueSeries is the line of the values, with target, limits and the marks of what is not settled.
func (l *Line) valueSeries() map[string]any {
	data := make([]any, len(l.Points))
	for i, p := range l.Points {
		d := datum(p.Value, p.Shown)
		if m, ok := d.(map[string]any); ok {
			switch {
			case p.Provisional || p.Partial || p.Apart:
				m["symbol"], m["symbolSize"] = "emptyCircle", 9
			case p.Outside:
				m["symbol"], m["symbolSize"] = "rect", 9
			}
		}
		data[i] = d
	}
	s := map[string]any{
		"type": "line", "name": l.Name, "data": data, "symbol": "circle", "symbolSize": 7, "connectNulls": false, "color": "@c-line",
		"lineStyle": map[string]any{"color": "@c-line", "width": 2.5}, "z": 4,
	}
	var lines []any
	for _, level := range []*Level{l.Lower, l.Target} {
		if level != nil {
			lines = append(lines, map[string]any{"yAxis": level.Value, "name": level.Label})
		}
	}
	for _, b := range l.Breaks {
		lines = append(lines, map[string]any{"xAxis": b.At, "name": b.Label, "lineStyle": map[string]any{"color": "@c-axis", "type": []any{3, 3}},
			"label": map[string]any{"position": "end"}})
	}
	if lines != nil {
		s["markLine"] = markLine(lines, "insideStartTop")
	}
	if areas := l.areas(); areas != nil {
		s["markArea"] = map[string]any{"silent": true, "itemStyle": map[string]any{"color": "@c-band"}, "data": areas, "label": map[string]any{"show": false}}
	}
	return s
}

// areas are the band that all points share, and the periods that are set apart.
func (l *Line) areas() []any {
	var list []any
	if b := l.Band; b != nil && !l.limited() {
		list = append(list, []any{map[string]any{"yAxis": b.Low, "name": l.BandName}, map[string]any{"yAxis": b.High}})
	}
	if z := l.Zone; z != nil {
		list = append(list, []any{map[string]any{"xAxis": z.From, "name": z.Label, "itemStyle": map[string]any{"color": "@c-zone"}}, map[string]any{"xAxis": z.To}})
	}
	return list
}

// stretchSeries are the lines between breaks; the values are said by their own series.
func (l *Line) stretchSeries() []any {
	var list []any
	for _, s := range l.stretches() {
		data := make([]any, len(l.Points))
		for i, p := range l.Points {
			data[i] = gap
			if i >= s[0] && i < s[1] && p.Value != nil {
				data[i] = *p.Value
			}
		}
		list = append(list, map[string]any{"type": "line", "name": l.Name, "data": data, "symbol": "none", "silent": true, "color": "@c-line",
			"lineStyle": map[string]any{"color": "@c-line", "width": 2.5}, "z": 3})
	}
	return list
}

// expectedSeries is the dashed path.
func (l *Line) expectedSeries(later []float64) map[string]any {
	data := l.wholeRow(later)
	for i, p := range l.Points {
		data[i] = datum(p.Expected, p.ExpectedAs)
	}
	if n := len(l.Points); n > 0 && l.Points[n-1].Expected != nil {
		for _, w := range l.Way {
			if w.At > float64(n-1) {
				data[l.index(w.At, later)] = w.Value // said by its own series
			}
		}
	}
	s := map[string]any{"type": "line", "name": l.Expected, "data": data, "symbol": "none", "connectNulls": len(later) > 1, "color": "@c-target",
		"lineStyle": map[string]any{"color": "@c-target", "width": 1.75, "type": []any{6, 5}}, "z": 3}
	if l.Steps {
		s["step"] = "middle"
	}
	return s
}

// limitSeries are, for each stretch between breaks, two lines that nobody sees, one upon the other, with the band between them.
func (l *Line) limitSeries() []any {
	var list []any
	for n, s := range l.stretches() {
		lower, width, some := make([]any, len(l.Points)), make([]any, len(l.Points)), false
		for i, p := range l.Points {
			lower[i], width[i] = gap, gap
			if p.Lower == nil || i < s[0] || i >= s[1] {
				continue
			}
			if w := *p.Upper - *p.Lower; finite(&w) != nil {
				lower[i], width[i], some = *p.Lower, w, true
			}
		}
		if !some {
			continue
		}
		under := func(data []any) map[string]any {
			return map[string]any{"type": "line", "name": l.BandName, "data": data, "symbol": "none", "silent": true, "connectNulls": true,
				"stack": "limits-" + strconv.Itoa(n), "stackStrategy": "all", "color": "@c-band", "lineStyle": map[string]any{"width": 0}, "z": 1}
		}
		area := under(width)
		area["areaStyle"] = map[string]any{"color": "@c-band", "opacity": 1}
		list = append(list, under(lower), area)
	}
	return list
}

// extraSeries is a further line.
func (l *Line) extraSeries(e Extra) map[string]any {
	data := make([]any, len(l.Points))
	for i, v := range e.Values {
		switch {
		case v == nil:
			data[i] = gap
		case i < len(e.Shown):
			data[i] = datum(v, e.Shown[i])
		default:
			data[i] = *v
		}
	}
	line := map[string]any{"color": "@c-rest", "width": 2}
	s := map[string]any{"type": "line", "name": e.Name, "data": data, "symbol": "none", "color": "@c-rest", "lineStyle": line, "z": 2}
	switch e.Style {
	case StyleOther:
		s["symbol"], s["symbolSize"] = "rect", 6
	case StyleWithout:
		line["color"], line["type"], s["color"] = "@c-target", []any{6, 5}, "@c-target"
	case StyleFitted:
		line["color"], line["width"], s["color"] = "@c-target", 1.5, "@c-target"
	case StyleMiddle:
		line["color"], line["width"], s["color"] = "@c-axis", 1, "@c-axis"
	}
	return s
}

// aheadSeries is the interval at the day ahead.
func (l *Line) aheadSeries(later []float64) map[string]any {
	a, data := l.Ahead, l.wholeRow(later)
	n := l.index(l.aheadAt(), later)
	if !l.ends() && l.beyond().label == a.Label {
		n = len(data) - 1
	}
	data[n] = datum(&a.Mean, a.Shown)
	interval := []any{map[string]any{"coord": []any{n, a.Low}}, map[string]any{"coord": []any{n, a.High}}}
	return map[string]any{"type": "line", "name": a.Name, "data": data, "symbol": "diamond", "symbolSize": 12, "color": "@c-line", "z": 4,
		"markLine": map[string]any{"silent": true, "symbol": []any{"none", "none"}, "data": []any{interval}, "label": map[string]any{"show": false},
			"lineStyle": map[string]any{"color": "@c-line", "type": "solid", "width": 2}}}
}
