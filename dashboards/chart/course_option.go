package chart

import (
	"encoding/json"
	"slices"
)

// option of lines over days. The days with a value or a step are the categories, as far apart as they come: a keyboard goes from one to the next,
// and each says all that is known of it.
func (l *Course) option(f *Figure) (map[string]any, error) {
	days, names := l.named()
	tree, err := overTime(f, names)
	if err != nil {
		return nil, err
	}
	if y, ok := l.scaleY(5); ok {
		tree["yAxis"] = []any{valueAxis(y, l.Axis)}
	}
	series := []any{}
	for _, line := range l.Lines {
		series = append(series, line.series(days))
	}
	series = append(series, l.stepSeries(days))
	tree["series"] = series
	return tree, nil
}

// named returns the days of all points and steps, in order, and their names.
func (l *Course) named() (days []int, names []string) {
	label := map[int]string{}
	for _, line := range l.Lines {
		for _, p := range line.Points {
			label[p.Day] = p.Label
		}
	}
	for _, s := range l.Steps {
		if _, ok := label[s.Day]; !ok {
			label[s.Day] = s.Label
		}
	}
	for day := range label {
		days = append(days, day)
	}
	slices.Sort(days)
	for _, day := range days {
		names = append(names, label[day])
	}
	return days, names
}

// series is one line.
func (l CourseLine) series(days []int) map[string]any {
	data := make([]any, len(days))
	for i := range data {
		data[i] = gap
	}
	for k := range l.Points {
		if i, ok := slices.BinarySearch(days, l.Points[k].Day); ok {
			data[i] = datum(&l.Points[k].Value, l.Points[k].Shown)
		}
	}
	line := map[string]any{"color": "@c-target", "width": 1.75, "type": []any{6, 5}}
	s := map[string]any{"type": "line", "name": l.Name, "data": data, "connectNulls": true, "symbol": "none", "color": "@c-target", "lineStyle": line}
	switch l.Style {
	case CourseDone:
		line["color"], line["width"], line["type"], s["color"], s["symbol"], s["symbolSize"] = "@c-line", 2.5, "solid", "@c-line", "circle", 7
	case CourseSpent:
		line["color"], line["width"], line["type"], s["color"], s["symbol"], s["symbolSize"] = "@c-rest", 2, "solid", "@c-rest", "rect", 6
	case CourseSpending:
		line["color"], line["width"], s["color"] = "@c-rest", 1.25, "@c-rest"
	}
	return s
}

// stepSeries are the steps, each with its name and state.
func (l *Course) stepSeries(days []int) map[string]any {
	data := make([]any, len(days))
	for i := range data {
		data[i] = gap
	}
	zero := 0.0
	for _, s := range l.Steps {
		if i, ok := slices.BinarySearch(days, s.Day); ok {
			shown := s.Name + ", " + s.Label
			if before, ok := data[i].(map[string]any); ok {
				shown = before["shown"].(string) + "; " + shown
			}
			d := datum(&zero, shown).(map[string]any)
			if !s.Done {
				d["itemStyle"] = map[string]any{"color": "@c-paper", "borderColor": "@c-target", "borderWidth": 1.5}
			}
			data[i] = d
		}
	}
	return map[string]any{"type": "line", "name": "", "data": data, "symbol": "diamond", "symbolSize": 12, "color": "@c-target", "lineStyle": map[string]any{"width": 0}, "z": 5}
}

// outline is nil for what is no map.
func (l *Course) outline() (string, json.RawMessage, error) { return "", nil, nil }
