package pages

import (
	"context"
	"strings"

	"citystat/kpi"
)

const apiPath = "/api"

var apiPage = Page{Name: "api", Path: apiPath, Role: Everyone, Load: loadAPI}

// API is what programs can read, as the package that answers them tells it.
type API struct {
	Addresses []APIAddress
	Columns   []string // of an indicator's CSV file; REASON stands for each reason for which rows are left out
}

// APIAddress is an address that programs can ask for.
type APIAddress struct {
	Name  string   // of what it gives; a message of the group api.at
	Path  string   // with {id} and the like in place of what varies
	Query []string // parameters
}

// apiData says what programs can read and how.
type apiData struct {
	Addresses []apiAddressView
	Columns   []apiColumnView
	Rules     []string
	Example   *apiExample // nil while no indicator has a value
	Credits   []credit
}

type apiAddressView struct{ Path, URL, Gives, Query string }

type apiColumnView struct{ Name, Meaning string }

// apiExample is an address with what it answers now.
type apiExample struct {
	Text, Path, Says string
}

// apiRules are messages of the group api.rules.
var apiRules = []string{"numbers", "null", "days", "codes", "kept"}

func loadAPI(_ context.Context, r *Request) (Content, error) {
	d := apiData{Credits: credits(r.City), Example: r.apiExample()}
	for _, a := range r.api.Addresses {
		v := apiAddressView{Path: a.Path, Gives: r.P.T("api.at." + a.Name), Query: strings.Join(a.Query, ", ")}
		if !strings.Contains(a.Path, "{") {
			v.URL = a.Path
		}
		d.Addresses = append(d.Addresses, v)
	}
	for _, c := range r.api.Columns {
		d.Columns = append(d.Columns, apiColumnView{c, r.P.T("api.column." + strings.ToLower(c))})
	}
	for _, id := range apiRules {
		d.Rules = append(d.Rules, r.P.T("api.rules."+id))
	}
	return Content{Title: r.P.T("data.api"), Summary: r.P.T("api.intro"), Data: d}, nil
}

// apiExample is the address of the first indicator that has a value, nil if none has.
func (r *Request) apiExample() *apiExample {
	for _, res := range r.results("") {
		a := res.Assessment
		if a.Value == nil || !kpi.ValidID(res.Indicator.ID) {
			continue
		}
		return &apiExample{
			Text: r.P.T("api.example.text", "name", r.P.Text(res.Indicator.Name)),
			Path: "/api/v1/indicators/" + res.Indicator.ID,
			Says: `"id": "` + res.Indicator.ID + `", "value": ` + raw(a.Value) + `, "public_status": "` + string(a.Status.Public()) + `"`,
		}
	}
	return nil
}
