package chart

import "encoding/json"

// option of cells: one datum for each, row by row, so that the keyboard goes along a row and from row to row.
func (h *Heat) option(f *Figure) (map[string]any, error) {
	rowNames, colNames := make([]string, len(h.Rows)), make([]string, len(h.Cols))
	for i, r := range h.Rows {
		rowNames[i] = r.Name
	}
	for i, col := range h.Cols {
		colNames[i] = col.Label
	}
	tree, err := rows(f, rowNames)
	if err != nil {
		return nil, err
	}
	list := h.classify()
	data := []any{}
	for i, r := range h.Rows {
		for k, m := range r.Cells {
			d := map[string]any{"value": []any{k, i, gap}, "title": r.Name + ", " + h.Cols[k].Label, "shown": m.Shown}
			if m.Note != "" && m.Note != m.Shown {
				d["shown"] = m.Shown + ", " + m.Note
			}
			if classOf(m, list) >= 0 {
				d["value"] = []any{k, i, *m.Value}
			}
			data = append(data, d)
		}
	}
	tree["xAxis"] = []any{map[string]any{"type": "category", "data": colNames, "axisLabel": text(map[string]any{"hideOverlap": true}),
		"axisLine": map[string]any{"lineStyle": map[string]any{"color": "@c-axis"}}}}
	tree["grid"] = []any{map[string]any{"left": 16, "right": 16, "top": 16, "bottom": 26*len(list) + 24, "containLabel": true}}
	tree["visualMap"] = colours(list, h.Range)
	tree["tooltip"] = tooltip("item")
	tree["keys"] = map[string]any{"x": 1, "y": len(h.Cols)}
	tree["series"] = []any{map[string]any{"type": "heatmap", "name": h.Name, "data": data, "label": map[string]any{"show": false},
		"itemStyle": map[string]any{"borderColor": "@c-paper", "borderWidth": 1.5}, "emphasis": map[string]any{"itemStyle": map[string]any{"borderColor": "@c-strong", "borderWidth": 2.5}}}}
	return tree, nil
}

// outline is nil for what is no map.
func (h *Heat) outline() (string, json.RawMessage, error) { return "", nil, nil }
