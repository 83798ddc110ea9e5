package dashboardstest

import (
	"fmt"
	"strings"

	"citystat/kpi"
)

// StaffAddresses returns addresses of a staff page with the path, in a city whose people have done everything (package ledgertest): a few for what its
// parameter can be. A parameter that is not known here is an error, so that no page is added that no test looks at.
func StaffAddresses(path string, city *kpi.City) ([]string, error) {
	before, parameter, found := strings.Cut(path, ":")
	if !found {
		return []string{path}, nil
	}
	name, after, _ := strings.Cut(parameter, "/")
	ids := staffThings(strings.TrimPrefix(before, "/staff/"), name, city)
	if len(ids) > 0 && strings.Contains(after, ":") { // what is numbered belongs to the most telling one
		return StaffAddresses(before+ids[0]+strings.TrimPrefix(parameter, name), city)
	}
	if ids == nil {
		return nil, fmt.Errorf("what :%s stands for in the page %s is not known: add it to staffThings in dashboards/dashboardstest, so that every test looks at the page", parameter, path)
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = before + id + strings.TrimPrefix(parameter, name)
	}
	return list, nil
}

// staffThings are ids of what staff pages are about, the first one the most telling; nil if it is not known.
func staffThings(before, parameter string, city *kpi.City) []string {
	switch {
	case parameter == "series":
		return []string{"streetstat"}
	case parameter == "date":
		return []string{"2026-03-05", "2026-04-02", "2026-03-19"}
	case parameter == "dataset":
		return []string{"street-safety", "service-requests"}
	case before == "indicators/":
		return []string{city.Indicators[0].ID, city.Indicators[len(city.Indicators)-1].ID}
	case before == "departments/":
		return []string{city.Departments[0].ID}
	case parameter == "post":
		return []string{city.People[0].ID, city.People[1].ID, city.People[len(city.People)-1].ID}
	case before == "releases/": // the second one is under way
		return []string{"2", "1"}
	case parameter == "series":
		return []string{"streetstat"}
	case parameter == "date":
		return []string{"2026-03-05", "2026-04-02", "2026-03-19"}
	case parameter == "slide":
		return []string{"4", "1", "2", "3"}
	case parameter == "number": // of what people typed: ids count from 1
		return []string{"1", "2"}
	}
	return nil
}
