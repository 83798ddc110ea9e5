package pages

import (
	"html/template"
	"net/url"
	"strings"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// mineBar is the line in the head of every page about the reader's own district. A city without districts has none.
type mineBar struct {
	District *Link  // nil: none is chosen
	Choose   string // address of the page on which one is chosen; it leads back here
}

// mineBar returns that line for a page whose address below the language is suffix; nil if the city has no districts.
func (r *Request) mineBar(page, suffix string) *mineBar {
	if r.City == nil || r.Card == nil || len(r.City.Districts) == 0 {
		return nil
	}
	v := &mineBar{Choose: r.To(districtsPath)}
	if page != districtsName && page != errorTemplate {
		// Only what would end the value is escaped: the address stays one that a person can read.
		v.Choose += "?" + backParam + "=" + readable.Replace(url.QueryEscape(suffix))
	}
	if d := r.District; d != nil {
		v.District = &Link{URL: r.To("/districts/" + d.ID), Words: r.Words(d.Name)}
	}
	return v
}

// readable takes the escapes back that a query does not need.
var readable = strings.NewReplacer("%2F", "/", "%3F", "?", "%3D", "=")

// local is an indicator in the reader's district, beside the city's value.
type local struct {
	District Words
	Value    Value
	Period   string // where it is not the one of the city's value
	Word     string // how the district stands to the rest of the city; "" where that is not known
}

// local returns an indicator in the reader's district; nil if none was chosen.
func (r *Request) local(res *scorecard.Result) *local {
	if r.District == nil {
		return nil
	}
	v := &local{District: r.Words(r.District.Name), Value: Value{Text: r.P.T("places.whole_city")}}
	if !res.ByDistrict() {
		return v
	}
	l := r.Card.Local(res, r.District.ID)
	v.Value = r.localValue(&l)
	a := res.Assessment
	total := a.Judged != nil && a.Target != nil && a.Status != kpi.TooFew // the city's value beside it is the year's so far, see [Request.summarySoFar]
	if l.Period.ID != "" && (total || l.Period.ID != a.Period) {
		v.Period = r.P.Period(l.Period)
	}
	if l.Group != nil && l.Verdict() != scorecard.VerdictNone && l.Verdict() != scorecard.VerdictHidden {
		v.Word = i18n.DistrictVerdictOver(r.P, r.City, &l)
	}
	return v
}

// localValue is a district's value. What is too few to judge is said in cases, what is not shown has no number at all.
func (r *Request) localValue(l *scorecard.Local) Value {
	v := Value{Text: i18n.DistrictValue(r.P, l)}
	if l.Here != nil && l.State != scorecard.LocalHidden {
		v.Raw = raw(l.Here.Value)
	}
	return v
}

// localNumber is the number of the reader's district on the page of an indicator; empty if none was chosen or the indicator knows no districts.
func (r *Request) localNumber(res *scorecard.Result) []numberView {
	if r.District == nil || !res.ByDistrict() {
		return nil
	}
	l := r.local(res)
	note := l.Period
	if note == "" {
		note = r.P.Upper(l.Word)
	}
	return []numberView{{Label: r.P.T("places.pointed", "district", r.P.Text(r.District.Name)), Value: l.Value, Note: note}}
}

// pointOut marks the reader's district in a figure by district.
func (r *Request) pointOut(f *chart.Figure) *chart.Figure {
	if f != nil && r.District != nil {
		f.PointOut(r.District.ID, r.P.T("places.pointed", "district", r.P.Text(r.District.Name)))
	}
	return f
}

// mineSaid says on the front page how the reader's district stands; "" if none was chosen.
func (r *Request) mineSaid() string {
	if r.District == nil {
		return ""
	}
	return i18n.DistrictFinding(r.P, r.Card.InDistrict(r.District.ID))
}

// atlas draws the districts, each a link to its page. here is the one that the page is about, "" for none.
func (r *Request) atlas(here, label string, names bool) *atlasView {
	districts := r.City.DistrictsOn(r.day())
	areas := make([]chart.AtlasArea, len(districts))
	for i, d := range districts {
		areas[i] = chart.AtlasArea{Name: r.P.Text(d.Name), URL: r.To("/districts/" + d.ID), Here: d.ID == here, Polygons: d.Polygons}
		if r.District != nil && r.District.ID == d.ID {
			areas[i].Name = r.P.T("places.pointed", "district", areas[i].Name)
		}
	}
	a := chart.NewAtlas(label, names, areas)
	if a == nil {
		return nil
	}
	v := &atlasView{Narrow: a.SVGNarrow()}
	if names {
		v.Wide = a.SVGWide()
	}
	return v
}

// atlasView is the drawing of an atlas; Wide is "" where there is one size only.
type atlasView struct{ Wide, Narrow template.HTML }

// districtNamed returns the district with the id.
func (r *Request) districtNamed(id string) (*kpi.District, error) {
	if d := r.City.District(id); d != nil {
		return d, nil
	}
	return nil, kpi.Errorf(kpi.CodeNotFound, "there is no district %q", id)
}
