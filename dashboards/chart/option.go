package chart

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
)

// gap is how ECharts is told that there is no value.
const gap = "-"

// jsonChart is a chart of go-echarts. Validate must be called before JSON, which loses the axis otherwise.
type jsonChart interface {
	Validate()
	JSON() map[string]any
}

// common are the options of every chart: no title and no legend of its own (the page has them), no animation, our finding as its
// name, because the description that ECharts makes of the data is not usable.
func common(f *Figure) []charts.GlobalOpts {
	return []charts.GlobalOpts{
		charts.WithInitializationOpts(opts.Initialization{ChartID: f.ID}),
		charts.WithTitleOpts(opts.Title{Show: opts.Bool(false)}),
		charts.WithLegendOpts(opts.Legend{Show: opts.Bool(false)}),
		charts.WithAnimation(false),
		charts.WithAriaOpts(&opts.Aria{Enabled: opts.Bool(true), Label: &opts.AriaLabel{Enabled: opts.Bool(true), Description: f.Finding}}),
	}
}

// plain returns the chart's option as a tree of plain JSON values, which can be patched where the typed options have no field.
func plain(c jsonChart) (map[string]any, error) {
	c.Validate()
	b, err := json.Marshal(c.JSON())
	if err != nil {
		return nil, fmt.Errorf("write a chart's option: %w", err)
	}
	var tree map[string]any
	if err := json.Unmarshal(b, &tree); err != nil {
		return nil, fmt.Errorf("read a chart's option: %w", err)
	}
	delete(tree, "toolbox")
	delete(tree, "color") // a palette of its own, which no theme could change
	return tree, nil
}

// tooltip is drawn on the chart itself: one of HTML would need inline styles.
func tooltip(trigger string) map[string]any {
	t := map[string]any{"show": true, "trigger": trigger, "renderMode": "richText", "confine": true, "formatter": "@shown"}
	if trigger == "axis" {
		t["axisPointer"] = map[string]any{"type": "line", "lineStyle": map[string]any{"color": "@c-axis"}}
	}
	return t
}

// datum is a value with the text that is shown for it.
func datum(v *float64, shown string) any {
	if v == nil {
		return gap
	}
	return map[string]any{"value": *v, "shown": shown}
}

// valueAxis is an axis whose ticks and texts are ours.
func valueAxis(s scale, a Axis) map[string]any {
	labels := make([]string, len(s.ticks))
	for i, v := range s.ticks {
		labels[i] = a.Label(v, s.stepsDigit)
	}
	axis := map[string]any{
		"type": "value", "min": s.lo, "max": s.hi, "interval": s.step,
		"axisLabel": text(map[string]any{"formatter": "@labels", "labels": labels}),
		"splitLine": map[string]any{"lineStyle": map[string]any{"color": "@c-grid"}},
	}
	if a.Title != "" {
		axis["name"], axis["nameTextStyle"] = a.Title, text(map[string]any{"align": "left"})
	}
	return axis
}

// text gives a label our colour and size.
func text(m map[string]any) map[string]any {
	m["color"], m["fontSize"] = "@c-text", 13
	return m
}

// markLine are straight lines with their names.
func markLine(lines []any, position string) map[string]any {
	return map[string]any{"silent": true, "symbol": []any{"none", "none"}, "data": lines,
		"lineStyle": map[string]any{"color": "@c-target", "type": "solid", "width": 1.25},
		"label":     map[string]any{"formatter": "{b}", "position": position, "color": "@c-target", "fontSize": 13}}
}

// option of bars.
func (b *Bars) option(f *Figure) (map[string]any, error) {
	names := make([]string, len(b.Members))
	data := make([]any, len(b.Members))
	intervals := []any{}
	for i, m := range b.Members {
		names[i] = m.Name
		shown := m.Shown
		if m.Range != "" {
			shown += " (" + m.Range + ")"
			intervals = append(intervals, []any{map[string]any{"coord": []any{*m.Low, i}}, map[string]any{"coord": []any{*m.High, i}}})
		}
		data[i] = datum(m.Value, shown)
		d, ok := data[i].(map[string]any)
		switch {
		case !ok:
		case m.Apart:
			d["itemStyle"] = map[string]any{"color": "@c-rest"}
		case m.Few:
			d["itemStyle"] = map[string]any{"color": "@c-paper", "borderColor": "@c-bar", "borderWidth": 1.5}
		case m.Mine:
			d["itemStyle"] = map[string]any{"borderColor": "@c-strong", "borderWidth": 2.5}
		}
	}
	tree, err := rows(f, names)
	if err != nil {
		return nil, err
	}
	if x, ok := b.scaleX(); ok {
		tree["xAxis"] = below(newScale(x.lo, x.hi, 5, b.Axis.bounds(x.lo, x.hi, true)), b.Axis)
	}
	series := map[string]any{"type": "bar", "name": b.Name, "data": data, "color": "@c-bar", "barMaxWidth": 18}
	if b.City != nil {
		series["markLine"] = markLine([]any{map[string]any{"xAxis": b.City.Value, "name": b.City.Label}}, "start")
	}
	list := []any{series}
	if len(intervals) > 0 {
		list = append(list, map[string]any{"type": "scatter", "name": "", "data": []any{}, "z": 5, "markLine": map[string]any{"silent": true,
			"symbol": []any{"none", "none"}, "data": intervals, "label": map[string]any{"show": false},
			"lineStyle": map[string]any{"color": "@c-strong", "type": "solid", "width": 1.5}}})
	}
	tree["series"] = list
	return tree, nil
}

// colours gives values the colours of their classes.
func colours(list []class, between func(low, high string) string) []any {
	pieces := make([]any, len(list))
	for i, k := range list {
		label := k.lowText
		if k.highText != k.lowText {
			label = between(k.lowText, k.highText)
		}
		pieces[i] = map[string]any{"gte": k.low, "lte": k.high, "label": label, "color": "@c-seq-" + strconv.Itoa(shade(i, len(list)))}
	}
	return []any{map[string]any{"type": "piecewise", "pieces": pieces, "left": "left", "bottom": 0, "textStyle": text(map[string]any{}),
		"outOfRange": map[string]any{"color": "@c-paper"}}}
}

// option of a map.
func (m *Map) option(f *Figure) (map[string]any, error) {
	list := m.classify()
	data := []any{}
	for _, a := range m.Areas {
		d := map[string]any{"name": a.ID, "title": a.Name, "shown": a.Shown, "value": gap}
		if classOf(a.Member, list) >= 0 {
			d["value"] = *a.Value
		}
		if a.Mine {
			d["itemStyle"] = map[string]any{"borderColor": "@c-strong", "borderWidth": 3}
		}
		data = append(data, d)
	}
	c := charts.NewMap()
	c.SetGlobalOptions(common(f)...)
	c.RegisterMapType(m.Outline)
	c.AddSeries(m.Name, make([]opts.MapData, 0))
	tree, err := plain(c)
	if err != nil {
		return nil, err
	}
	aspect := 1.0
	if m.drawn() {
		p := m.project(m.mapRoom(wide))
		aspect = p.kx / p.ky
	}
	tree["tooltip"] = tooltip("item")
	tree["visualMap"] = colours(list, m.Range)
	tree["series"] = []any{map[string]any{"type": "map", "map": m.Outline, "name": m.Name, "data": data, "label": map[string]any{"show": false},
		"showLegendSymbol": false, "aspectScale": aspect,
		"itemStyle": map[string]any{"areaColor": "@c-paper", "borderColor": "@c-edge"}, "selectedMode": false}}
	return tree, nil
}

// outline is nil for what is no map.
func (l *Line) outline() (string, json.RawMessage, error) { return "", nil, nil }

func (b *Bars) outline() (string, json.RawMessage, error) { return "", nil, nil }
