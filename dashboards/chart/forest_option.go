package chart

import (
	"encoding/json"
	"math"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// rows returns the option of a chart whose categories stand below each other: the tree, without series.
func rows(f *Figure, names []string) (map[string]any, error) {
	c := charts.NewBar()
	c.SetGlobalOptions(common(f)...)
	c.SetXAxis(names).AddSeries("", make([]opts.BarData, len(names))).XYReversal()
	tree, err := plain(c)
	if err != nil {
		return nil, err
	}
	tree["tooltip"] = tooltip("axis")
	tree["grid"] = []any{map[string]any{"left": 16, "right": 40, "top": 32, "bottom": 24, "containLabel": true}}
	tree["yAxis"] = []any{map[string]any{"type": "category", "data": names, "inverse": true, "axisLabel": text(map[string]any{"interval": 0, "width": 180, "overflow": "truncate"})}}
	return tree, nil
}

// below returns an axis of values that stands below the chart.
func below(s scale, a Axis) []any {
	axis := valueAxis(s, a)
	axis["nameLocation"], axis["nameGap"] = "middle", 30
	return []any{axis}
}

// symbols are the forms of marks in the interactive chart, and how they are turned.
var symbols = map[Mark]struct {
	name   string
	rotate int
}{
	MarkUp: {"triangle", 0}, MarkDown: {"triangle", 180}, MarkDiamond: {"diamond", 0}, MarkCircle: {"circle", 0}, MarkHollow: {"emptyCircle", 0}, MarkSquare: {"rect", 0},
}

// option of groups.
func (f *Forest) option(fig *Figure) (map[string]any, error) {
	names, data := make([]string, len(f.Groups)), make([]any, len(f.Groups))
	intervals := []any{}
	for i, g := range f.Groups {
		names[i] = g.Name
		shown := g.Shown
		if g.Range != "" {
			shown += " (" + g.Range + ")"
		}
		data[i] = datum(g.Value, shown+", "+g.Word)
		if m, ok := data[i].(map[string]any); ok {
			s := symbols[g.Mark]
			m["symbol"], m["symbolRotate"], m["value"] = s.name, s.rotate, []any{*g.Value, i}
			if g.Low != nil {
				intervals = append(intervals, []any{map[string]any{"coord": []any{*g.Low, i}}, map[string]any{"coord": []any{*g.High, i}}})
			}
		}
	}
	tree, err := rows(fig, names)
	if err != nil {
		return nil, err
	}
	if x, ok := f.scaleX(5); ok {
		tree["xAxis"] = below(x, f.Axis)
	}
	plain := func(color string, width float64) map[string]any {
		return map[string]any{"color": color, "type": "solid", "width": width}
	}
	values := map[string]any{"type": "scatter", "name": f.Name, "data": data, "symbolSize": 13, "color": "@c-line", "itemStyle": map[string]any{"opacity": 1}, "z": 4,
		"markLine": map[string]any{"silent": true, "symbol": []any{"none", "none"}, "data": intervals, "label": map[string]any{"show": false}, "lineStyle": plain("@c-line", 2)}}
	series := []any{values}
	if r := f.Reference; r != nil {
		series = append(series, map[string]any{"type": "scatter", "name": r.Label, "data": []any{}, "color": "@c-target",
			"markLine": markLine([]any{map[string]any{"xAxis": r.Value, "name": r.Label}}, "start")})
	}
	tree["series"] = series
	return tree, nil
}

// option of contributions: bars upon others that nobody sees and that end where they begin. The axis is moved so that all of it lies on one
// side of zero, where bars that stand upon each other can lie.
func (b *Parts) option(f *Figure) (map[string]any, error) {
	names, steps := make([]string, len(b.Rows)), b.steps()
	for i, r := range b.Rows {
		names[i] = r.Name
	}
	tree, err := rows(f, names)
	if err != nil {
		return nil, err
	}
	x, ok := b.scaleX()
	if !ok {
		tree["series"] = []any{}
		return tree, nil
	}
	s := newScale(x.lo, x.hi, 5, b.Axis.bounds(x.lo, x.hi, true))
	axis := below(s, b.Axis)
	moved, _ := axis[0].(map[string]any)
	moved["min"], moved["max"] = 0, s.hi-s.lo
	tree["xAxis"] = axis
	bars := func(stack, name string, from, to func(partStep) float64, shown func(Part) string, style map[string]any) []any {
		under, data := make([]any, len(steps)), make([]any, len(steps))
		for i, step := range steps {
			a, z := min(max(from(step), s.lo), s.hi), min(max(to(step), s.lo), s.hi)
			length := math.Abs(z - a)
			under[i], data[i] = min(a, z)-s.lo, datum(&length, shown(b.Rows[i]))
		}
		hidden := map[string]any{"type": "bar", "name": "", "data": under, "stack": stack, "silent": true, "barMaxWidth": 12, "itemStyle": map[string]any{"opacity": 0}}
		return []any{hidden, map[string]any{"type": "bar", "name": name, "data": data, "stack": stack, "barMaxWidth": 12, "itemStyle": style}}
	}
	solid := map[string]any{"color": "@c-bar"}
	if !b.Mixed {
		tree["series"] = bars("all", b.Names[0], func(s partStep) float64 { return s.from }, func(s partStep) float64 { return s.to },
			func(r Part) string { return b.Show(r.Total) }, solid)
		return tree, nil
	}
	own := bars("own", b.Names[0], func(s partStep) float64 { return s.from }, func(s partStep) float64 { return s.middle },
		func(r Part) string { return b.Show(r.Rate) }, solid)
	mix := bars("mix", b.Names[1], func(s partStep) float64 { return s.middle }, func(s partStep) float64 { return s.to },
		func(r Part) string { return b.Show(r.Mix) }, map[string]any{"color": "@c-paper", "borderColor": "@c-bar", "borderWidth": 1.5})
	tree["series"] = append(own, mix...)
	return tree, nil
}

// outline is nil for what is no map.
func (f *Forest) outline() (string, json.RawMessage, error) { return "", nil, nil }

func (b *Parts) outline() (string, json.RawMessage, error) { return "", nil, nil }
