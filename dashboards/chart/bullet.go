package chart

import (
	"html/template"
	"math"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Bullet is a value beside what it should be, in the room of a word: a bar for the value, a line for the target, a mark for where it should be by
// now, and behind them what counts as on track and as behind. It has no text; its name says the same.
type Bullet struct {
	Name     string // what it shows, for those who do not see it
	Value    float64
	Target   float64
	Expected *float64
	Bands    *BulletBands // nil: none
	Ceiling  *float64     // the natural end of the values
}

// BulletBands are the values from which on an indicator is behind and on track; which side is better follows from their order.
type BulletBands struct{ Behind, OnTrack float64 }

// NewBullet returns the bullet of a judged value; "" where there is none, no target, or a range in its place, and of what adds up in a year: its target
// is the year's, and the value beside it a period's.
func NewBullet(p *i18n.Printer, r *scorecard.Result) template.HTML {
	ind, a := r.Indicator, r.Assessment
	value := a.Value
	if ind.AddsUp() || finite(value) == nil || a.Target == nil || ind.Direction == kpi.Range || ind.Direction == kpi.Neutral || a.Status == kpi.TooFew || finite(&a.Target.Value) == nil {
		return ""
	}
	show := func(v *float64) string { return p.Value(v, ind.Unit, ind.Decimals) }
	b := Bullet{Value: *value, Target: a.Target.Value, Expected: finite(a.Expected)}
	if ind.Unit == kpi.Percent {
		hundred := 100.0
		b.Ceiling = &hundred
	}
	b.Name = p.T("figure.bullet", "value", show(value), "target", p.Target(a.Target, ind))
	if b.Expected != nil && i18n.Round(*b.Expected, ind.Decimals) != i18n.Round(b.Target, ind.Decimals) {
		b.Name = p.T("figure.bullet_expected", "value", show(value), "target", p.Target(a.Target, ind), "expected", show(b.Expected))
	}
	b.Bands = bulletBands(&a)
	return b.SVG()
}

// bulletBands are the values at which the pace is that of the bands: pace is progress from the baseline over expected progress. Where the rule of the
// status was another there are none.
func bulletBands(a *kpi.Assessment) *BulletBands {
	if a.Pace == nil || a.Baseline == nil || a.Expected == nil || a.Bands.OnTrack <= a.Bands.Behind {
		return nil
	}
	from, way := a.Baseline.Value, *a.Expected-a.Baseline.Value
	b := &BulletBands{Behind: from + a.Bands.Behind*way, OnTrack: from + a.Bands.OnTrack*way}
	if finite(&b.Behind) == nil || finite(&b.OnTrack) == nil || b.Behind == b.OnTrack {
		return nil
	}
	return b
}

// Size of a bullet, in its own units and in CSS pixels.
const (
	bulletWidth  = 160.0
	bulletHeight = 22.0
)

// SVG draws the bullet; "" if a number is none.
func (b Bullet) SVG() template.HTML {
	if finite(&b.Value) == nil || finite(&b.Target) == nil {
		return ""
	}
	x := b.scale()
	c := newCanvas(size{w: bulletWidth, h: bulletHeight, font: 12}, "")
	c.open("svg", "c-bullet", "viewBox", "0 0 "+number(bulletWidth)+" "+number(bulletHeight), "role", "img", "aria-label", b.Name, "focusable", "false",
		"width", bulletWidth, "height", bulletHeight)
	const top, tall = 2.0, 18.0
	ground := box{x.from, top, x.to - x.from, tall}
	if b.Bands == nil {
		c.rect("c-on-zone", ground)
	}
	if k := b.Bands; k != nil {
		c.rect("c-off-zone", ground)
		end := x.to // of what is better
		if k.OnTrack < k.Behind {
			end = x.from
		}
		c.rect("c-behind-zone", box{x.at(k.Behind), top, end - x.at(k.Behind), tall})
		c.rect("c-on-zone", box{x.at(k.OnTrack), top, end - x.at(k.OnTrack), tall})
	}
	zero := x.at(0)
	c.rect("c-bar", box{zero, top + 5, x.at(b.Value) - zero, tall - 10})
	if b.Expected != nil {
		c.diamond("c-step", point{x.at(*b.Expected), top + tall/2}, 4.5)
	}
	at := x.at(b.Target)
	c.line("c-goal-edge", at, top-1, at, top+tall+1)
	c.line("c-goal", at, top-1, at, top+tall+1)
	c.close("svg")
	return template.HTML(c.bytes()) // the one text went through canvas, which escapes
}

// scale is the axis: from zero, beyond all that is shown, and no farther than values can be.
func (b Bullet) scale() scale {
	lo, hi := min(0, b.Value, b.Target), max(0, b.Value, b.Target)
	if b.Expected != nil {
		lo, hi = min(lo, *b.Expected), max(hi, *b.Expected)
	}
	if k := b.Bands; k != nil && (k.Behind > 0 || lo < 0) && math.Abs(k.Behind) < 3*max(hi, -lo) {
		lo, hi = min(lo, k.Behind), max(hi, k.Behind)
	}
	room := 0.08 * (hi - lo)
	if lo < 0 {
		lo -= room
	}
	if hi > 0 {
		hi += room
	}
	if b.Ceiling != nil && hi > *b.Ceiling && b.Value <= *b.Ceiling && b.Target <= *b.Ceiling {
		hi = *b.Ceiling
	}
	if lo == hi {
		hi = lo + 1
	}
	const most = math.MaxFloat64 / 8
	return scale{lo: max(lo, -most), hi: min(hi, most), from: 2, to: bulletWidth - 2}
}
