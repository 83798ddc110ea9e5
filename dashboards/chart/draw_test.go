package chart

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// both draws a figure in both sizes.
func both(f *Figure) []*canvas { return []*canvas{f.svg(wide), f.svg(narrow)} }

func TestDrawingsAreWellFormed(t *testing.T) {
	for name, f := range cases(t) {
		for _, c := range both(f) {
			d := xml.NewDecoder(strings.NewReader(c.bytes()))
			d.Strict = true
			for {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				start, ok := tok.(xml.StartElement)
				if !ok {
					continue
				}
				if !allowedElements[start.Name.Local] {
					t.Errorf("%s: element %s", name, start.Name.Local)
				}
				for _, a := range start.Attr {
					if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
						t.Errorf("%s: attribute %s=%q", name, a.Name.Local, a.Value)
					}
				}
			}
		}
	}
}

var allowedElements = map[string]bool{"svg": true, "title": true, "desc": true, "text": true, "line": true, "rect": true, "circle": true, "path": true,
	"defs": true, "pattern": true}

// No two labels overlap, and none leaves the drawing.
func TestLabelsHaveRoom(t *testing.T) {
	for name, f := range cases(t) {
		for _, c := range both(f) {
			if len(c.text) == 0 {
				t.Errorf("%s (%s) has no text", name, c.class)
			}
			page := box{-0.5, -0.5, c.w + 1, c.h + 1}
			for i, a := range c.text {
				if !a.within(page) {
					t.Errorf("%s (%s): %q leaves the drawing: %+v", name, c.class, a.text, a.box)
				}
				for _, b := range c.text[i+1:] {
					if a.overlaps(b.box) {
						t.Errorf("%s (%s): %q %+v and %q %+v overlap", name, c.class, a.text, a.box, b.text, b.box)
					}
				}
			}
		}
	}
}

// Text has 12 CSS pixels or more in the smallest column in which a drawing is shown.
func TestTextIsNeverTooSmall(t *testing.T) {
	px := regexp.MustCompile(`\.c-t \{[^}]*font-size: (\d+)px`).FindStringSubmatch(CSS)
	if px == nil || px[1] != "15" || wide.font != 15 || narrow.font != 15 {
		t.Fatalf("the style writes text with %v, the drawings reckon with %v and %v", px, wide.font, narrow.font)
	}
	if !strings.Contains(CSS, "@container c-figure (width < 38rem)") {
		t.Fatal("the style does not change drawings at 38rem")
	}
	if big := regexp.MustCompile(`\.c-slide \.c-t \{ font-size: (\d+)px`).FindStringSubmatch(CSS); big == nil || big[1] != "21" || slide.font != 21 || !strings.Contains(CSS, "@container c-figure (width < 36.5rem) { .c-slide {") {
		t.Fatalf("on slides the style writes text with %v, the drawings reckon with %v from 36.5rem on", big, slide.font)
	}
	if got := slide.font * 36.5 * 16 / slide.w; got < 18 {
		t.Errorf("on slides text has %.1f CSS pixels in the smallest column", got)
	}
	for column, s := range map[float64]size{38 * 16: wide, 288: narrow} { // 288 is a screen of 320 with its gutters
		if got := s.font * column / s.w; got < 12-1e-9 {
			t.Errorf("%s: text has %.1f CSS pixels in a column of %v", s.class, got, column)
		}
	}
}

// Every value that can be drawn is in the drawing as it is shown, and no number that is none.
func TestEveryValueIsInTheDrawing(t *testing.T) {
	for name, f := range cases(t) {
		svg := f.svg(wide).bytes()
		for _, bad := range []string{"NaN", "Inf", "<nil>", "%!"} {
			if strings.Contains(svg, bad) {
				t.Errorf("%s holds %s", name, bad)
			}
		}
		for _, shown := range shownValues(f) {
			c := newCanvas(wide, "")
			c.escape(shown)
			if !strings.Contains(svg, c.bytes()) {
				t.Errorf("%s does not hold the value %q", name, shown)
			}
		}
	}
}

func shownValues(f *Figure) (list []string) {
	switch p := f.plot.(type) {
	case *Line:
		for _, pt := range p.Points {
			if pt.Value != nil {
				list = append(list, pt.Label+": "+pt.Shown)
			}
		}
		for _, b := range p.Breaks {
			list = append(list, b.Label)
		}
		if p.Ahead != nil && len(list) > 0 {
			list = append(list, p.Ahead.Label+": "+p.Ahead.Shown)
		}
	case *Bars:
		for _, m := range p.Members {
			if m.Value != nil {
				list = append(list, m.Name+": "+m.Shown)
			}
		}
	case *Forest:
		for _, g := range p.Groups {
			if g.Value != nil {
				list = append(list, g.Name+": "+g.Shown)
			}
		}
	case *Parts:
		for _, r := range p.Rows {
			if p.Mixed {
				list = append(list, r.Name+", "+p.Names[0]+": "+p.Show(r.Rate), r.Name+", "+p.Names[1]+": "+p.Show(r.Mix))
			} else {
				list = append(list, r.Name+": "+p.Show(r.Total))
			}
		}
	case *Course:
		for _, l := range p.Lines {
			for _, pt := range l.Points {
				if l.Style == CourseDone || l.Style == CourseSpent {
					list = append(list, l.Name+", "+pt.Label+": "+pt.Shown)
				}
			}
		}
		for _, s := range p.Steps {
			list = append(list, s.Name+": "+s.Label)
		}
	case *Heat:
		for _, r := range p.Rows {
			for k := range r.Cells {
				if len(p.classify()) > 0 {
					list = append(list, p.says(r, k))
				}
			}
		}
	case *Panels:
		for _, panel := range p.Panels {
			if _, ok := p.scaleY(); ok {
				list = append(list, panel.Name+": "+panel.Last)
			}
		}
	case *DayCalendar:
		for _, cell := range p.Cells {
			if cell.Kind != dayNothing || cell.Late {
				list = append(list, cell.Label+": "+cell.Shown)
			}
		}
	case *Map:
		for _, a := range p.Areas {
			if a.Value != nil && len(a.Polygons) > 0 {
				list = append(list, a.Name+": "+a.Shown)
			}
		}
	}
	return list
}

// The figure names itself and says what it shows; ids are unique for the two drawings and derive from the figure's own.
func TestDrawingsAreNamed(t *testing.T) {
	for name, f := range cases(t) {
		ids := map[string]bool{}
		for _, c := range both(f) {
			svg := c.bytes()
			for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(svg, -1) {
				if ids[m[1]] || !strings.HasPrefix(m[1], f.ID+"-") {
					t.Errorf("%s: id %q is not its own", name, m[1])
				}
				ids[m[1]] = true
			}
			for _, m := range regexp.MustCompile(`(?:aria-labelledby|aria-describedby)="([^"]*)"|url\(#([^)]*)\)`).FindAllStringSubmatch(svg, -1) {
				if !ids[m[1]+m[2]] {
					t.Errorf("%s: %q refers to nothing", name, m[0])
				}
			}
		}
		if !strings.Contains(string(f.SVGWide()), `role="img"`) || f.Finding == "" || f.desc == "" {
			t.Errorf("%s is not named: finding %q, description %q", name, f.Finding, f.desc)
		}
	}
}

// Texts of a city are text, whatever they hold.
func TestTextsAreEscaped(t *testing.T) {
	for _, bad := range append(scorecardtest.HostileTexts(), attacks...) {
		r := normal(t)
		r.Indicator.Name = kpi.NewText(kpi.English, bad)
		city, members := squares(t, 4)
		city.Districts[0].Name = kpi.NewText(kpi.English, bad)
		members.Indicator.Name = r.Indicator.Name
		en := printer(t, kpi.English)
		figures := append(furtherNamed(t, city, members, r, bad), Trend(en, "f", r), DistrictBars(en, "f", city, members, "2013-07"), DistrictMap(en, "f", city, members, "2013-07"))
		for _, f := range figures {
			for _, c := range both(f) {
				if m := regexp.MustCompile(`(?i)<(script|img|/svg>.|iframe|b>|a )`).FindString(c.bytes()); m != "" {
					t.Errorf("%q comes out as markup: %s", bad, m)
				}
			}
		}
	}
}

var attacks = []string{"</script><script>alert(1)</script>", "__f__alert(1)__f__", `"><img src=x onerror=alert(1)>`, "'-alert(1)-'", "a\x00b\x1b\xff", "\u2028\u2029", "@c-line", "@labels", "@shown"}

func TestScale(t *testing.T) {
	inf := math.Inf(1)
	free := bounds{floor: -inf, ceiling: inf}
	share := bounds{floor: 0, ceiling: 100}
	for _, c := range []struct {
		name   string
		lo, hi float64
		b      bounds
		ends   [2]float64
	}{
		{"percent in the middle", 55, 84, share, [2]float64{50, 90}},
		{"percent near the top", 80, 99, share, [2]float64{80, 100}},
		{"percent near the bottom", 3, 40, share, [2]float64{0, 40}},
		{"a small share", 1.2, 2.9, share, [2]float64{1, 3}},
		{"constant hundred", 100, 100, share, [2]float64{85, 100}},
		{"constant zero", 0, 0, share, [2]float64{0, 1}},
		{"constant count", 0, 0, bounds{floor: 0, ceiling: inf, grain: 1}, [2]float64{0, 1}},
		{"much of little", 70, 70.2, share, [2]float64{62.5, 77.5}},
		{"negative", -20, 12, free, [2]float64{-20, 20}},
		{"bars", 40, 80, bounds{floor: 0, ceiling: inf, zero: true}, [2]float64{0, 80}},
		{"absurd", -math.MaxFloat64, math.MaxFloat64, free, [2]float64{-3e307, 3e307}},
	} {
		s := newScale(c.lo, c.hi, 5, c.b)
		if math.Abs(s.lo-c.ends[0]) > 1e-6*math.Abs(c.ends[0]) || math.Abs(s.hi-c.ends[1]) > 1e-6*math.Abs(c.ends[1]) {
			t.Errorf("%s: axis from %v to %v, want %v", c.name, s.lo, s.hi, c.ends)
		}
		if n := len(s.ticks); n < 2 || n > 8 {
			t.Errorf("%s: %d ticks: %v", c.name, n, s.ticks)
		}
	}
}

func FuzzScale(f *testing.F) {
	f.Add(55.0, 84.0, 5, true)
	f.Add(0.0, 0.0, 4, false)
	f.Add(-1e308, 1e308, 5, false)
	f.Fuzz(func(t *testing.T, lo, hi float64, n int, percent bool) {
		if math.IsNaN(lo) || math.IsNaN(hi) || math.IsInf(lo, 0) || math.IsInf(hi, 0) {
			return
		}
		lo, hi = min(lo, hi), max(lo, hi)
		b := bounds{floor: math.Inf(-1), ceiling: math.Inf(1)}
		if percent && lo >= 0 && hi <= 100 {
			b.floor, b.ceiling = 0, 100
		}
		s := newScale(lo, hi, 2+((n%5)+5)%5, b)
		s.from, s.to = 0, 100
		for _, v := range []float64{lo, hi, s.lo, s.hi} {
			if at := s.at(v); math.IsNaN(at) || at < 0 || at > 100 {
				t.Errorf("newScale(%v, %v) puts %v at %v", lo, hi, v, at)
			}
		}
		if len(s.ticks) < 1 || len(s.ticks) > 21 || s.lo < b.floor || s.hi > b.ceiling {
			t.Errorf("newScale(%v, %v): %+v", lo, hi, s)
		}
		for i := 1; i < len(s.ticks); i++ {
			if s.ticks[i] <= s.ticks[i-1] {
				t.Errorf("newScale(%v, %v): ticks %v", lo, hi, s.ticks)
			}
		}
	})
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width float64
		want  string
	}{
		{"Back Bay", 200, "Back Bay"}, {"Fenway / Kenmore / Audubon Circle / Longwood", 270, "Fenway / Kenmore / Audubon|Circle / Longwood"},
		{"", 100, ""}, {"Donaudampfschifffahrtsgesellschaft", 90, "Donaudamp…"}, {"a b c d e f g h i j k l m n o p q r s t", 60, "a b c d|e f g h…"},
	} {
		got := strings.Join(wrap(c.text, 15, c.width, 2), "|")
		for _, line := range strings.Split(got, "|") {
			if textWidth(line, 15) > c.width {
				t.Errorf("wrap(%q): %q is too wide", c.text, line)
			}
		}
		if c.width == 270 && got != c.want || c.text == "" && got != "" {
			t.Errorf("wrap(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestBoxes(t *testing.T) {
	b := box{10, 10, 20, 10}
	for _, c := range []struct {
		p, q point
		want bool
	}{
		{point{0, 15}, point{40, 15}, true}, {point{0, 0}, point{5, 40}, false}, {point{12, 12}, point{13, 13}, true},
		{point{0, 30}, point{40, 25}, false}, {point{20, 0}, point{20, 9}, false}, {point{20, 0}, point{20, 12}, true}, {point{0, 25}, point{15, 0}, false}, {point{0, 35}, point{15, 0}, true},
	} {
		if got := b.crossed(c.p, c.q); got != c.want {
			t.Errorf("crossed(%v, %v) = %v", c.p, c.q, got)
		}
	}
}

func TestMapKeepsShapes(t *testing.T) {
	city, r := squares(t, 9)
	m := DistrictMap(printer(t, kpi.English), "f", city, r, "2013-07").plot.(*Map)
	p := m.project(m.mapRoom(wide))
	a, b, c := p.at([2]float64{-71, 42.3}), p.at([2]float64{-70.99, 42.3}), p.at([2]float64{-71, 42.31})
	want := math.Cos(42.3 * math.Pi / 180)
	if got := (b.x - a.x) / (a.y - c.y); math.Abs(got-want) > 0.001 {
		t.Errorf("a degree of longitude is %.4f of one of latitude, want %.4f", got, want)
	}
	if c.y >= a.y || b.x <= a.x {
		t.Error("north is not up or east is not right")
	}
}

// At most five classes, about as many areas in each, equal numbers never divided, and the classes' ranges do not overlap.
func TestClassify(t *testing.T) {
	make := func(values ...float64) *Map {
		m := &Map{}
		for _, v := range values {
			m.Areas = append(m.Areas, Area{Member: Member{Value: at(v), Shown: number(v)}})
		}
		return m
	}
	for _, c := range []struct {
		m    *Map
		want []class
	}{
		{make(), nil},
		{make(5), []class{{5, 5, "5", "5"}}},
		{make(5, 5, 5), []class{{5, 5, "5", "5"}}},
		{make(1, 2), []class{{1, 1, "1", "1"}, {2, 2, "2", "2"}}},
		{make(3, 1, 2, 4, 5, 6, 7, 8, 9, 10), []class{{1, 2, "1", "2"}, {3, 4, "3", "4"}, {5, 6, "5", "6"}, {7, 8, "7", "8"}, {9, 10, "9", "10"}}},
		{make(1, 2, 100, 100, 100, 100, 100, 100), []class{{1, 2, "1", "2"}, {100, 100, "100", "100"}}},
	} {
		got := c.m.classify()
		if len(got) != len(c.want) {
			t.Errorf("classes %v, want %v", got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("classes %v, want %v", got, c.want)
			}
		}
	}
	if shade(0, 1) != 3 || shade(0, 2) != 1 || shade(1, 2) != 5 || shade(4, 5) != 5 || shade(2, 5) != 3 {
		t.Error("few classes do not use the colours that are far apart")
	}
}

// A strip of deliveries has a mark a day, each kind in a form of its own, and a line below the days on which the data were late.
func TestDeliveryStrip(t *testing.T) {
	day := kpi.NewDate(2026, 3, 20)
	ds := &kpi.Dataset{Expect: kpi.Expect{Every: 24 * time.Hour}}
	st := kpi.DatasetState{Deliveries: []kpi.Delivery{
		{Day: day.AddDays(-40), New: true}, {Day: day.AddDays(-39), New: true}, {Day: day.AddDays(-38), Unchanged: true}, {Day: day.AddDays(-20), Failed: true}, {Day: day, New: true, Failed: true},
		{Day: day.AddDays(1), New: true}, // not yet
	}}
	if DeliveryStrip(ds, kpi.DatasetState{}, day) != "" || DeliveryStrip(ds, st, kpi.Date{}) != "" {
		t.Error("something is drawn where nothing is known")
	}
	got := string(DeliveryStrip(ds, st, day))
	if n := [3]int{strings.Count(got, "<rect"), strings.Count(got, "<circle"), strings.Count(got, "<path")}; n != [3]int{3, 1, 3} {
		t.Errorf("%d bars, %d dots, %d lines; want 3, 1 and a cross with a line below what was late", n[0], n[1], n[2])
	}
	if strings.Contains(got, "<text") || strings.Contains(got, "style") || !strings.Contains(got, `aria-hidden="true"`) {
		t.Errorf("the strip speaks, or has a style of its own: %s", got)
	}
}

func TestSpark(t *testing.T) {
	if got := Spark([]*float64{at(1)}, nil); got != "" {
		t.Errorf("one value makes a line: %s", got)
	}
	if got := Spark(nil, at(3)); got != "" {
		t.Errorf("no value makes a line: %s", got)
	}
	got := string(Spark([]*float64{at(1), nil, at(3), at(2), at(math.Inf(1))}, at(5)))
	if strings.Count(got, "c-line") != 1 || strings.Count(got, "c-expected") != 1 || !strings.Contains(got, `aria-hidden="true"`) || strings.Contains(got, "Inf") {
		t.Error(got)
	}
	harbor := scorecardtest.Normal()
	if Sparkline(&harbor.Results[0]) == "" {
		t.Error("an indicator with two years has no line")
	}
}

// What came after the judged value is not settled. On a card it could rise above the target beside the word "behind".
func TestSparklineEndsWithTheJudgedValue(t *testing.T) {
	r := months(t, 40, 50, 45, 90)
	r.Assessment.Period = r.Series[2].Period.ID
	if got, want := Sparkline(r), Sparkline(months(t, 40, 50, 45)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Beside a year's total and its target stands the way of that total; beside a month's value the target of a year would lie far above every month.
func TestSparklineOfAYearsTotal(t *testing.T) {
	_, r := planting(t)
	r.Assessment.Period, r.Assessment.Since = r.Series[19].Period.ID, r.Series[12].Period.ID
	r.Assessment.Judged, r.Assessment.Target = r.Series[19].ToDate, &r.Indicator.Targets[0]
	target := 1300.0
	if got, want := Sparkline(r), Spark([]*float64{at(12), at(22), at(97), at(352), at(642), at(727), at(741), at(752)}, &target); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	r.Assessment.Judged = nil
	if got := string(Sparkline(r)); got == "" || strings.Contains(got, "c-expected") {
		t.Errorf("months beside a year's target: %s", got)
	}
}

// A value of the whole city that rests on too few rows is no line to compare with, and no percentage.
func TestWholeCityWithTooFewRows(t *testing.T) {
	r := months(t, 100)
	one := &r.Series[0].Observation
	one.Rows, one.Numerator, one.Denominator = 1, at(1), at(1)
	id := one.Period
	for _, member := range []string{"a", "b"} {
		o := *one
		o.Rows, o.Dimension, o.Member = 20, kpi.DimensionDistrict, member
		r.Members = append(r.Members, scorecard.Member{Dimension: kpi.DimensionDistrict, Member: member, Series: []kpi.Observation{o}})
	}
	f := DistrictBars(printer(t, kpi.English), "b", &kpi.City{}, r, id)
	same(t, f.Finding, "Highest values: a (100.0%), b (100.0%).")
	if !strings.Contains(string(f.SVGWide()), "Lowest value: a, 100.0%. Highest value: a, 100.0%. Whole city: 1 of 1.") {
		t.Error("the description does not say what the whole city rests on")
	}
	same(t, f.Caption, "Bars: value by district, from highest to lowest. The thin line at the end of a bar shows where the true value probably lies.")
	line := Trend(printer(t, kpi.English), "t", r)
	if svg := string(line.SVGWide()); strings.Contains(svg, "Lowest: 100") || !strings.Contains(svg, "Lowest: 1 of 1") {
		t.Error("the description of the line claims 100% of one case")
	}
}

func BenchmarkLine(b *testing.B) {
	f := Trend(printer(b, kpi.English), "f", normal(b))
	b.ReportAllocs()
	for b.Loop() {
		f.SVGWide()
	}
}

func BenchmarkBars(b *testing.B) {
	city, r := squares(b, 24)
	f := DistrictBars(printer(b, kpi.English), "f", city, r, "2013-07")
	b.ReportAllocs()
	for b.Loop() {
		f.SVGWide()
	}
}

func BenchmarkTrend(b *testing.B) {
	p, r := printer(b, kpi.French), normal(b)
	b.ReportAllocs()
	for b.Loop() {
		Trend(p, "f", r)
	}
}
