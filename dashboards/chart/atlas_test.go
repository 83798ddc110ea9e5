package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"citystat/kpi"
	"citystat/kpi/scorecard/scorecardtest"
)

// squareArea is an area whose corners lie at a column and a row, and so much to the east and the north.
func squareArea(name string, x, y, w, h float64) AtlasArea {
	at := func(x, y float64) [2]float64 { return [2]float64{-71 + 0.01*x, 42 + 0.01*y} }
	ring := [][2]float64{at(x, y), at(x+w, y), at(x+w, y+h), at(x, y+h), at(x, y)}
	return AtlasArea{Name: name, URL: "/en/districts/" + strings.ToLower(strings.ReplaceAll(name, " ", "-")), Polygons: [][][][2]float64{{ring}}}
}

// drawn reads a drawing: the addresses of its links with their names, and its written names.
func drawnAtlas(t *testing.T, svg string) (links map[string]string, names []string) {
	t.Helper()
	links = map[string]string{}
	d := xml.NewDecoder(strings.NewReader(svg))
	inText := false
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return links, names
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			if !allowedElements[e.Name.Local] && e.Name.Local != "a" {
				t.Errorf("element %s", e.Name.Local)
			}
			inText = e.Name.Local == "text"
			attrs := map[string]string{}
			for _, a := range e.Attr {
				attrs[a.Name.Local] = a.Value
				if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
					t.Errorf("attribute %s=%q", a.Name.Local, a.Value)
				}
			}
			if e.Name.Local == "svg" && (attrs["role"] != "group" || attrs["aria-label"] == "") {
				t.Errorf("the drawing is a %s called %q: links inside an image are hidden from those who do not see it", attrs["role"], attrs["aria-label"])
			}
			if e.Name.Local == "a" {
				links[attrs["href"]] = attrs["aria-label"]
			}
		case xml.CharData:
			if inText && len(strings.TrimSpace(string(e))) > 0 {
				names = append(names, string(e))
			}
		case xml.EndElement:
			inText = false
		}
	}
}

func TestAtlas(t *testing.T) {
	tiny := squareArea("Tiny", 7.9, 0, 0.1, 0.1)
	nowhere := squareArea("Nowhere", 0, 0, 1, 1)
	nowhere.Polygons = nil
	here := squareArea("East Quay", 4, 0, 3.8, 4)
	here.Here = true
	a := NewAtlas("Map of the districts", true, []AtlasArea{squareArea("Old Harbor", 0, 0, 4, 4), here, squareArea("A very long name of a small place", 0, 4, 0.7, 0.7), tiny, nowhere})
	for _, svg := range []string{string(a.SVGWide()), string(a.SVGNarrow())} {
		links, names := drawnAtlas(t, svg)
		for href, name := range map[string]string{"/en/districts/old-harbor": "Old Harbor", "/en/districts/east-quay": "East Quay"} {
			if links[href] != name {
				t.Errorf("the link %s is called %q, want %q", href, links[href], name)
			}
		}
		if links["/en/districts/tiny"] != "" || links["/en/districts/nowhere"] != "" {
			t.Errorf("an area that nobody can hit, or that is not there, is a link: %v", links)
		}
		said := strings.Join(names, " ")
		if !strings.Contains(said, "Old Harbor") || !strings.Contains(said, "East Quay") || strings.Contains(said, "very") || strings.Contains(said, "Tiny") {
			t.Errorf("written names: %q", names)
		}
		if !strings.Contains(svg, "<title>Tiny</title>") || strings.Count(svg, `aria-current="true"`) != 1 {
			t.Error("an area has no name, or the one of the page is not marked")
		}
	}
	if NewAtlas("x", true, []AtlasArea{nowhere}) != nil {
		t.Error("a city without outlines has an atlas")
	}
}

// No two names overlap, whatever the areas: all on one place, hundreds, hostile.
func TestNamesOnTheAtlasHaveRoom(t *testing.T) {
	for name, city := range map[string]*kpi.City{"normal": scorecardtest.Normal().City, "hostile": scorecardtest.Hostile().City, "same place": scorecardtest.Huge().City} {
		var areas []AtlasArea
		for _, d := range city.Districts {
			areas = append(areas, AtlasArea{Name: d.Name.String(kpi.English), URL: "/en/districts/" + d.ID, Polygons: d.Polygons})
		}
		a := NewAtlas("Map", true, areas)
		if a == nil {
			t.Fatalf("%s: nothing is drawn", name)
		}
		for _, s := range []size{wide, narrow} {
			c := a.svg(s)
			drawnAtlas(t, c.bytes())
			page := box{-0.5, -0.5, c.w + 1, c.h + 1}
			for i, x := range c.text {
				if !x.within(page) {
					t.Errorf("%s: %q leaves the drawing", name, x.text)
				}
				if slices.ContainsFunc(c.text[i+1:], func(y textBox) bool { return x.overlaps(y.box) }) {
					t.Errorf("%s: %q overlaps another name", name, x.text)
				}
			}
		}
	}
}

func TestWidest(t *testing.T) {
	// An area like a U: its arms are apart where they stand, and one at the bottom.
	p := projection{kx: 1, ky: 1, north: 10}
	u := [][][2]float64{{{0, 0}, {10, 0}, {10, 10}, {7, 10}, {7, 4}, {4, 4}, {4, 10}, {0, 10}, {0, 0}}}
	for _, c := range []struct{ top, bottom, left, right float64 }{{1, 3, 0, 4}, {7, 9, 0, 10}, {4, 9, 0, 4}, {-5, -1, 0, 0}} {
		if l, r := widest(u, p, c.top, c.bottom); l != c.left || r != c.right {
			t.Errorf("from %v to %v: %v to %v, want %v to %v", c.top, c.bottom, l, r, c.left, c.right)
		}
	}
	if lines, ok := balanced("Fenway Kenmore Audubon Circle", 15, 2); !ok || strings.Join(lines, "|") != "Fenway Kenmore|Audubon Circle" {
		t.Errorf("%v", lines)
	}
	if _, ok := balanced("Roxbury", 15, 2); ok {
		t.Error("one word in two lines")
	}
}

// A district that is pointed out is named so in the drawing, the table and the interactive chart, and nothing else of them changes.
func TestPointOut(t *testing.T) {
	card := scorecardtest.Normal()
	r, en := &card.Results[0], printer(t, kpi.English)
	const mine = "East Quay (your district)"
	for name, make := range map[string]func() *Figure{
		"bars":   func() *Figure { return DistrictBars(en, "f", card.City, r, r.Assessment.Period) },
		"map":    func() *Figure { return DistrictMap(en, "f", card.City, r, r.Assessment.Period) },
		"equity": func() *Figure { return Equity(en, "f", "finding", card.City, r, &r.Equity[0]) },
		"heat":   func() *Figure { return DistrictHeat(en, "f", card.City, r) },
		"panels": func() *Figure { return DistrictPanels(en, "f", card.City, r) },
	} {
		before, f := make(), make()
		f.PointOut("nowhere", "Nowhere")
		if f.svg(wide).bytes() != before.svg(wide).bytes() {
			t.Errorf("%s: a district that is not there changes the drawing", name)
		}
		f.PointOut("east-quay", mine)
		for _, c := range both(f) {
			// A name may stand in two lines.
			if all := strings.Join(strings.Fields(strings.NewReplacer("</text>", " ", "<", " <", ">", "> ").Replace(c.bytes())), " "); !strings.Contains(all, "(your district)") && !strings.Contains(all, "district)") {
				t.Errorf("%s (%s): the district is not named", name, c.class)
			}
			for i, a := range c.text {
				if !a.within(box{-0.5, -0.5, c.w + 1, c.h + 1}) {
					t.Errorf("%s (%s): %q leaves the drawing", name, c.class, a.text)
				}
				for _, b := range c.text[i+1:] {
					if a.overlaps(b.box) {
						t.Errorf("%s (%s): %q and %q overlap", name, c.class, a.text, b.text)
					}
				}
			}
		}
		option, err := f.Option()
		if err != nil || !strings.Contains(string(option), mine) {
			t.Errorf("%s: the interactive chart does not name it: %v", name, err)
		}
		rows := 0
		for i, row := range f.Table.Rows {
			if row.Mine {
				rows++
				continue
			}
			for k, cell := range row.Cells {
				if cell.Text != before.Table.Rows[i].Cells[k].Text {
					t.Errorf("%s: the row %d changed", name, i)
				}
			}
		}
		if rows == 0 {
			t.Errorf("%s: no row is marked", name)
		}
	}
}
