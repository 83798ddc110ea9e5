package chart

import "slices"

// PointOut marks one district of a figure by district: its name becomes as ("East Quay (your district)"), in the drawing, the table and the
// interactive chart, and it is drawn so that it is found at a glance. A figure without that district stays as it is.
func (f *Figure) PointOut(district, as string) {
	switch p := f.plot.(type) {
	case *Bars:
		for i := range p.Members {
			if m := &p.Members[i]; m.ID == district && !m.Apart {
				m.Name, m.Mine = as, true
			}
		}
	case *Map:
		for i := range p.Areas {
			if a := &p.Areas[i]; a.ID == district {
				a.Name, a.Mine = as, true
			}
		}
	case *Heat:
		for i := range p.Rows {
			if row := &p.Rows[i]; row.ID == district && !row.Whole {
				row.Name, row.Mine = as, true
			}
		}
	case *Panels:
		for i := range p.Panels {
			if panel := &p.Panels[i]; panel.ID == district {
				panel.Name, panel.Mine = as, true
			}
		}
	case *Forest:
		for i := range p.Groups {
			if g := &p.Groups[i]; g.ID == district {
				g.Name, g.Mine = as, true
			}
		}
	}
	id := slices.IndexFunc(f.Table.Columns, func(c Column) bool { return c.Key == "member" })
	name := slices.IndexFunc(f.Table.Columns, func(c Column) bool { return c.Key == "member_name" })
	if id < 0 || name < 0 {
		return
	}
	for i := range f.Table.Rows {
		if row := &f.Table.Rows[i]; row.Cells[id].Raw == district && !row.Apart {
			row.Mine, row.Cells[name].Text = true, as
		}
	}
}
