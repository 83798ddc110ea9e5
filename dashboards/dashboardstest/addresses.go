package dashboardstest

import (
	"fmt"
	"strconv"
	"strings"

	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// Addresses returns the addresses, below the language, of a page with the path: one for every thing that the page can be about. A path
// with a parameter that is not known here is an error, so that no page is added that no test looks at: say there what its parameter means.
func Addresses(path string, card *scorecard.Scorecard) ([]string, error) {
	before, parameter, found := strings.Cut(path, ":")
	if !found {
		return []string{path}, nil
	}
	if path == "/meetings/:series/:date" {
		return meetings(card), nil
	}
	ids, known := things(strings.Trim(before, "/"), card)
	name, after, _ := strings.Cut(parameter, "/")
	if !known || name == "" || strings.Contains(after, ":") {
		return nil, fmt.Errorf("what :%s stands for in the page %s is not known: add it to things in dashboards/dashboardstest, so that every test looks at the page", parameter, path)
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = before + id + strings.TrimPrefix(parameter, name)
	}
	return list, nil
}

// meetings are the addresses of the meetings of which residents may read.
func meetings(card *scorecard.Scorecard) []string {
	var list []string
	for i := range card.Meetings {
		if s := card.City.Series(card.Meetings[i].Series); s != nil && s.Public {
			list = append(list, "/meetings/"+card.Meetings[i].Name())
		}
	}
	return list
}

// things are the ids of what the public may see, by the first part of its addresses.
func things(kind string, card *scorecard.Scorecard) (ids []string, known bool) {
	switch kind {
	case "indicators":
		for i := range card.Results {
			if ind := card.Results[i].Indicator; ind.Public {
				ids = append(ids, ind.ID)
			}
		}
	case "priorities":
		for _, p := range card.City.Priorities {
			ids = append(ids, p.ID)
		}
	case "departments":
		for _, d := range card.City.Departments {
			ids = append(ids, d.ID)
		}
	case "districts":
		for i, d := range card.City.Districts {
			if i < 12 || i%60 == 0 { // some of hundreds: their pages differ in names alone
				ids = append(ids, d.ID)
			}
		}
	case "terms":
		for i := range card.Terms {
			ids = append(ids, strconv.FormatInt(card.Terms[i].ID, 10))
		}
	case "feedback":
		ids = scorecardtest.NewFeedback().References()
	case "evaluations":
		for i := range card.Evaluations {
			e := card.Evaluations[i].Definition
			if r := card.Result(e.Indicator); e.Public && r != nil && r.Indicator.Public {
				ids = append(ids, e.ID)
			}
		}
	default:
		return nil, false
	}
	return ids, true
}
