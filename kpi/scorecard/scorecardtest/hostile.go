package scorecardtest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// hostileTexts are names that somebody's file may hold, and that must come out of every surface as the letters they are.
var hostileTexts = []string{
	`</script><script>alert(1)</script>`,
	`__f__alert(1)__f__`,
	`=cmd|' /C calc'!A0`,
	`<img src=x onerror=alert(1)> & "quotes" 'single'`,
	strings.Repeat("Very long name without an end ", 7)[:200],
	strings.Repeat("Unbreakable", 18) + "No",
	"مؤشر الخدمات \u202eabc\u202c العامة",
	"👩🏽‍🚒🏙️ Émoji ½ ﬁ \u0301a\u200b",
	"{{.Secret}} ${x} %s %d",
	"@SUM(1+1)*cmd|' /C calc'!A0",
	"+1-1\tTab \"and\" ;semicolon, comma",
	"]]>--><!-- &lt;b&gt;",
}

// HostileTexts returns the texts that stand in every text field of [Hostile]: markup, script ends, spreadsheet formulas,
// template code, right-to-left overrides, emoji and names of 200 characters.
func HostileTexts() []string { return append([]string(nil), hostileTexts...) }

// RightToLeft returns names in scripts that are written from right to left, with numbers, brackets and Latin letters among them.
func RightToLeft() []string {
	return []string{"مؤشر الخدمات العامة (311)", "שירות לתושב: 24 שעות ביממה", "نسبة الإصلاحات في موعدها — City of Harborview", "מדד 3.5% (זמני)"}
}

// LongNames returns names of 200 letters, with spaces and without any.
func LongNames() []string {
	return []string{strings.Repeat("Very long name without an end ", 7)[:200], strings.Repeat("Unbreakable", 18) + "No", strings.Repeat("Größtmögliche-Straßenbeleuchtung ", 7)[:200]}
}

// Hostile returns a scorecard in which every text is one of [HostileTexts] and exists in the source language only, every number is
// at an edge of what a float64 holds (none is infinite or NaN), and there are 300 districts.
func Hostile() *scorecard.Scorecard { return named(300, hostileTexts) }

// Named is [Hostile] with texts of one's own, of which every name is one, and 30 districts.
func Named(texts ...string) *scorecard.Scorecard { return named(30, texts) }

func named(districts int, texts []string) *scorecard.Scorecard {
	bad := inTurn(texts)
	city := harborview()
	hostileCity(city, districts, bad)
	hostileSite(city, inTurn(turned(texts, 3)))
	plans := append(append(harborviewPlans()[:12], furtherPlans()...), harborPromenade(), promenadeSpending())
	service := inTurn(turned(texts, 2))
	for i := range plans {
		hostileIndicator(&plans[i].indicator, bad)
		plans[i].indicator.Service = hostileService(service)
		if i > 0 {
			plans[i].noDistricts = true
		}
	}
	b := builder{city: city, asOf: AsOf, datasets: harborviewDatasets(), record: harborviewRecord(), said: harborviewSaid()}
	hostileSaid(&b.said, inTurn(turned(texts, 4)))
	for i := range b.datasets {
		hostileState(&b.datasets[i], bad)
	}
	hostileRecord(&b.record, bad)
	card := b.card(plans)
	for i := range card.Results {
		extremes(&card.Results[i])
	}
	card.Release = hostileRelease(city, bad)
	word := inTurn(turned(texts, 3))
	withTerms(card, func() string { return word().String(kpi.English) })
	for i := range card.Terms {
		card.Terms[i].Name = word().String(kpi.English)
	}
	return card
}

// hostileRelease is a release that corrects something and goes without every department.
func hostileRelease(city *kpi.City, bad func() kpi.Text) *kpi.ReleaseNote {
	remark := func() kpi.Remark { return kpi.Remark{Text: bad().String(kpi.English), Lang: kpi.English} }
	correction, note := remark(), remark()
	n := &kpi.ReleaseNote{Round: 1, Name: remark().Text, Period: "2026-02", Correction: &correction, Note: &note}
	for _, d := range city.Departments {
		n.Without = append(n.Without, kpi.Unreported{Department: d.ID, Reason: remark()})
	}
	return n
}

// turned returns the texts from a part of them on, so that each field has its own where there are enough.
func turned(texts []string, part int) []string {
	at := len(texts) / part
	return append(append([]string(nil), texts[at:]...), texts[:at]...)
}

// inTurn returns one text after the other.
func inTurn(texts []string) func() kpi.Text {
	n := 0
	return func() kpi.Text {
		n++
		return kpi.NewText(kpi.English, texts[n%len(texts)])
	}
}

// past names what has ended from texts of its own, so that everything else has the names that it would have without it.
func past(l *kpi.Life, own, bad func() kpi.Text) kpi.Text {
	if l.Until.IsZero() {
		return bad()
	}
	return own()
}

func hostileCity(c *kpi.City, districts int, bad func() kpi.Text) {
	c.Name, c.About = bad(), bad()
	ended := inTurn(hostileTexts)
	for i := range c.Departments {
		c.Departments[i].Name = past(&c.Departments[i].Life, ended, bad)
	}
	for i := range c.People {
		c.People[i].Title, c.People[i].Name = bad(), bad().String(kpi.English)
	}
	for i := range c.Priorities {
		c.Priorities[i].Name, c.Priorities[i].Promise = past(&c.Priorities[i].Life, ended, bad), past(&c.Priorities[i].Life, ended, bad)
		for j := range c.Priorities[i].Goals {
			c.Priorities[i].Goals[j].Name = bad()
		}
	}
	for i := range c.Datasets {
		d := &c.Datasets[i]
		d.Name, d.Why, d.Credit.Note = bad(), bad(), bad()
		d.Credit.Publisher, d.Credit.Licence, d.Credit.URL = bad().String(kpi.English), bad().String(kpi.English), "javascript:alert(1)"
	}
	for i := range c.Meetings {
		c.Meetings[i].Name, c.Meetings[i].Purpose, c.Meetings[i].Place = ended(), ended(), ended()
	}
	for reason := range c.Reasons {
		c.Reasons[reason] = bad()
	}
	for i := range c.Evaluations {
		e := &c.Evaluations[i]
		e.Name, e.What, e.Caution = bad(), bad(), bad()
	}
	c.Theme = hostileTheme()
	square := c.Districts[0].Polygons
	c.Districts = nil
	for i := range districts {
		c.Districts = append(c.Districts, kpi.District{ID: fmt.Sprintf("district-%03d", i), Name: bad(), Polygons: square})
	}
	c.Districts = append(c.Districts, kpi.District{ID: "district-past", Name: ended(), Life: kpi.Life{
		Until: kpi.Date{Year: 2022, Month: time.December, Day: 31}, Successors: []string{"district-000", "district-001", "district-002"},
	}})
}

// hostileSite changes what the folder says about the site itself and about services.
func hostileSite(c *kpi.City, bad func() kpi.Text) {
	word := func() string { return bad().String(kpi.English) }
	for i := range c.Glossary {
		c.Glossary[i].Term, c.Glossary[i].Meaning = bad(), bad()
	}
	for _, d := range c.DepartmentsOn(AsOf) {
		d.About, d.URL = bad(), "javascript:alert(1)"
	}
	for _, d := range c.DistrictsOn(AsOf) {
		d.Parts, d.Postcodes = []string{word()}, []string{word()}
	}
	c.Contact = kpi.Contact{Office: bad(), Email: word(), Phone: word(), Address: word(), URL: "javascript:alert(1)"}
	for range hostileTexts {
		c.Glossary = append(c.Glossary, kpi.Term{ID: fmt.Sprintf("term-%d", len(c.Glossary)), Term: bad(), Meaning: bad()})
	}
	c.Statement.Assessed = AsOf
	c.Statement.By, c.Statement.Enforcer, c.Statement.Gaps = bad(), bad(), []kpi.Text{bad(), bad()}
	c.Statement.Laws, c.Statement.Address = []string{word(), word()}, "javascript:alert(1)"
}

func hostileIndicator(ind *kpi.Indicator, bad func() kpi.Text) {
	ind.Name, ind.Sentence, ind.Why, ind.Method, ind.Caution = bad(), bad(), bad(), bad(), bad()
	for i := range ind.Targets {
		ind.Targets[i].Reason, ind.Targets[i].ByWhom = bad(), bad().String(kpi.English)
		ind.Targets[i].Act = kpi.Act{Title: bad().String(kpi.English), URL: "javascript:alert(1)"}
	}
	for i := range ind.Rebases {
		ind.Rebases[i].Reason, ind.Rebases[i].ByWhom = bad(), bad().String(kpi.English)
	}
	for i := range ind.Reasons {
		hostileNote(&ind.Reasons[i], bad)
	}
	if p := ind.Project; p != nil {
		p.Name, p.Place.Address = ind.Name, bad().String(kpi.English)
		for i := range p.Milestones {
			p.Milestones[i].Name = bad()
		}
	}
}

func hostileService(bad func() kpi.Text) *kpi.Service {
	return &kpi.Service{Name: bad(), Report: "https://311.example/report?q=\"><script>alert(1)</script>", Track: "javascript:alert(1)", Phone: bad().String(kpi.English)}
}

func hostileNote(n *kpi.ChangeNote, bad func() kpi.Text) {
	n.ByWhom, n.Reason, n.Act = bad().String(kpi.English), bad(), kpi.Act{Title: bad().String(kpi.English)}
}

// hostileRecord changes what the folder says about changes.
func hostileRecord(r *scorecard.Record, bad func() kpi.Text) {
	for i := range r.Changes {
		c := &r.Changes[i]
		c.Field = bad().String(kpi.English)
		for _, v := range []*kpi.ChangeValue{c.From, c.To} {
			if v != nil && v.Number == nil {
				v.ID, v.Text = bad().String(kpi.English), bad().String(kpi.English)
			}
		}
		if c.Note != nil {
			hostileNote(c.Note, bad)
		}
	}
}

func hostileState(s *kpi.DatasetState, bad func() kpi.Text) {
	word := func() string { return bad().String(kpi.English) }
	for i := range s.Rejects {
		s.Rejects[i].Column = word()
	}
	for i := range s.Unplaced {
		s.Unplaced[i].Name = word()
	}
	for _, l := range []*kpi.Load{s.Last, s.Failed} {
		if l == nil {
			continue
		}
		l.Spool[0].Source, l.Spool[0].Undeclared, l.Warnings = word(), []string{word()}, []string{word(), word()}
		if l.Error != "" {
			l.Error = word()
		}
	}
}

// extremes puts values at the edges of float64 into a series, each with the numerator and denominator that make it.
func extremes(r *scorecard.Result) {
	edges := []float64{
		1e300, -1e300, math.SmallestNonzeroFloat64, math.Copysign(0, -1), 0.1 + 0.2, 9007199254740993, 1.0 / 3,
		-1e-9, 1e21, 999_999_999_999.999, 100, 99.99999999999999,
	}
	for i := range r.Series {
		if i >= len(edges) || r.Series[i].Observation.Value == nil {
			continue
		}
		o := &r.Series[i].Observation
		o.Value, o.Numerator, o.Denominator = ptr(edges[i]), ptr(edges[i]), nil
		if m := r.Indicator.Measure; m.Ratio() {
			o.Numerator, o.Denominator = ptr(edges[i]/m.Factor()), ptr(1)
			o.Value = ptr(m.Factor() * *o.Numerator)
		}
	}
	if r.Total != nil && r.Indicator.Measure.Flow() {
		r.Total.Rows = math.MaxInt64
	}
}

// Huge returns the scorecard of a city that measures too much: 400 indicators, 60 months, 25 districts. It takes about a second
// and a few hundred megabytes to make.
func Huge() *scorecard.Scorecard {
	city := harborview()
	square := city.Districts[0].Polygons
	city.Districts, city.Population.ByDistrict = nil, map[string]int64{}
	for i := range 25 {
		d := kpi.District{ID: fmt.Sprintf("ward-%02d", i+1), Name: proper(fmt.Sprintf("Ward %d", i+1)), Polygons: square}
		city.Districts = append(city.Districts, d)
		city.Population.ByDistrict[d.ID] = city.Population.Value / 25
	}
	base := harborviewPlans()
	var plans []history
	for i := range 400 {
		p := base[i%len(base)]
		p.indicator.ID = fmt.Sprintf("%s-%03d", p.indicator.ID, i)
		p.indicator.Name = proper(fmt.Sprintf("%s, no. %d", p.indicator.Name.String(kpi.English), i))
		p.indicator.PairedWith, p.indicator.Equity, p.indicator.Project, p.indicator.Suppress = nil, nil, nil, 0
		p.indicator.Period, p.months, p.newest, p.noDistricts = kpi.Month, 60, 0, false
		plans = append(plans, p)
	}
	city.Evaluations = nil
	return (&builder{city: city, asOf: day(2026, time.March, 20), datasets: harborviewDatasets()}).card(plans)
}

// HostileWords returns what puts one of [HostileTexts] after another in the place of what somebody typed.
func HostileWords() func(string) string {
	bad := inTurn(hostileTexts)
	return func(string) string { return bad().String(kpi.English) }
}
