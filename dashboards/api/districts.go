package api

import (
	"strings"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Districts is the answer of /api/v1/districts.
type Districts struct {
	City        City       `json:"city"`
	AsOf        kpi.Date   `json:"as_of"`
	Publication int64      `json:"publication"`
	Districts   []District `json:"districts"` // in the city's own order
}

// District is an area of the city, and how it stands to the rest of it.
type District struct {
	ID         string   `json:"id"`
	Name       Text     `json:"name"`
	Aliases    []string `json:"aliases"`    // other names under which its rows come
	Parts      []string `json:"parts"`      // neighbourhoods in it
	Postcodes  []string `json:"postcodes"`  // all or a part of which lie in it
	Population *int64   `json:"population"` // null: not counted
	Life
	Indicators int            `json:"indicators"` // counted by district
	Verdicts   map[string]int `json:"verdicts"`   // of them: better, worse, similar, different from the rest of the city; none: not compared with it
	Finding    *string        `json:"finding"`    // the same in a sentence, in the language of ?lang=; null without it
	Links      DistrictLinks  `json:"links"`
}

// DistrictLinks are the addresses of a district, relative to the host that answered.
type DistrictLinks struct {
	Self string            `json:"self"`
	CSV  string            `json:"csv"`
	Page map[string]string `json:"page"` // by language tag
}

// DistrictDetail is the answer of /api/v1/districts/{id}.
type DistrictDetail struct {
	District
	AsOf        kpi.Date `json:"as_of"`
	Publication int64    `json:"publication"`
	Values      []Local  `json:"values"` // one an indicator that is counted by district, in the city's own order
}

// Local is one indicator in a district, beside the whole city in the same period. Its status would be a claim: the target is the city's.
type Local struct {
	Indicator        string   `json:"indicator"`
	Name             Text     `json:"name"`
	Priority         string   `json:"priority"`
	Unit             string   `json:"unit"`
	Direction        string   `json:"direction"`
	State            string   `json:"state"`  // shown, too_few, suppressed, no_data
	Period           *string  `json:"period"` // of both values: the newest settled one; null where there is none
	Value            *float64 `json:"value"`
	Rows             int64    `json:"rows"`
	Suppressed       string   `json:"suppressed"` // why the numbers are not shown; "": they are
	CityValue        *float64 `json:"city_value"`
	CityPublicStatus string   `json:"city_public_status"` // of the whole city
	Verdict          string   `json:"verdict"`            // better, worse, different, similar, too_few, none, reference, suppressed
	Reference        *string  `json:"reference"`          // with what it is compared: a member; null: the rest of the city
	ComparedFrom     *string  `json:"compared_from"`      // the first and the last period that were put together for the verdict
	ComparedTo       *string  `json:"compared_to"`
	PeriodBefore     *string  `json:"period_before"` // the same period a year earlier
	ValueBefore      *float64 `json:"value_before"`
	Change           *float64 `json:"change"`
	Course           string   `json:"course"` // of the change, as far as chance lets it be said: better, worse, different, similar, too_few, none
	Links            Links    `json:"links"`
}

// NewDistricts returns the document of all districts of a scorecard.
func NewDistricts(card *scorecard.Scorecard, p *i18n.Printer) Districts {
	out := Districts{City: NewList(card).City, AsOf: card.AsOf, Publication: card.Number, Districts: []District{}}
	for i := range card.City.Districts {
		d := &card.City.Districts[i]
		out.Districts = append(out.Districts, district(card, d, card.InDistrict(d.ID), p))
	}
	return out
}

// NewDistrict returns the document of one district.
func NewDistrict(card *scorecard.Scorecard, d *kpi.District, p *i18n.Printer) DistrictDetail {
	list := card.InDistrict(d.ID)
	out := DistrictDetail{District: district(card, d, list, p), AsOf: card.AsOf, Publication: card.Number, Values: []Local{}}
	for i := range list {
		out.Values = append(out.Values, local(card, &list[i]))
	}
	return out
}

func district(card *scorecard.Scorecard, d *kpi.District, list []scorecard.Local, p *i18n.Printer) District {
	out := District{
		ID: d.ID, Name: text(d.Name), Aliases: append([]string{}, d.Aliases...), Parts: append([]string{}, d.Parts...), Postcodes: append([]string{}, d.Postcodes...),
		Life: life(&d.Life), Indicators: len(list), Verdicts: map[string]int{},
		Links: DistrictLinks{Self: Prefix + "/districts/" + d.ID, CSV: "/districts/" + d.ID + ".csv", Page: map[string]string{}},
	}
	if pop := card.City.Population; pop != nil {
		if n, ok := pop.ByDistrict[d.ID]; ok {
			out.Population = &n
		}
	}
	for verdict, n := range i18n.DistrictCounts(list) {
		out.Verdicts[string(verdict)] = n
	}
	for _, lang := range card.City.Languages {
		out.Links.Page[string(lang)] = "/" + strings.ToLower(string(lang)) + "/districts/" + d.ID
	}
	if p != nil {
		finding := i18n.DistrictFinding(p, list)
		out.Finding = &finding
	}
	return out
}

func local(card *scorecard.Scorecard, l *scorecard.Local) Local {
	s := summary(card, l.Result)
	out := Local{
		Indicator: s.ID, Name: s.Name, Priority: s.Priority, Unit: s.Unit, Direction: s.Direction, State: string(l.State), Period: word(l.Period.ID),
		CityPublicStatus: s.PublicStatus, Verdict: string(l.Verdict()), PeriodBefore: word(l.Year.ID), Change: l.Change, Course: string(l.Course), Links: s.Links,
	}
	if l.Here != nil {
		out.Value, out.Rows, out.Suppressed, out.CityValue = l.Here.Value, l.Here.Rows, string(l.Here.Suppressed), l.City.Value
	}
	if l.Before != nil {
		out.ValueBefore = l.Before.Value
	}
	if l.Equity != nil {
		out.Reference, out.ComparedFrom, out.ComparedTo = word(l.Equity.Reference), word(l.Equity.From), word(l.Equity.To)
	}
	return out
}

func (a *API) districts(c echo.Context) error {
	card, p, err := a.asked(c)
	if err != nil {
		return err
	}
	return a.sendKept(c, card, "districts"+inLang(p), func() any { return NewDistricts(card, p) })
}

func (a *API) district(c echo.Context) error {
	card, p, err := a.asked(c)
	if err != nil {
		return err
	}
	d := card.City.District(c.Param("id"))
	if d == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no such district")
	}
	return a.sendKept(c, card, "district/"+d.ID+inLang(p), func() any { return NewDistrict(card, d, p) })
}
