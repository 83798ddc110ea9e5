package scorecardtest

import "citystat/kpi"

// harborviewDeliveries is what the runs of each dataset brought in the last weeks: one that is nearly always new, one that comes weekly and failed of
// late, one long overdue of which nobody knows when it came last but that it was before.
func harborviewDeliveries(dataset string) []kpi.Delivery {
	var list []kpi.Delivery
	for back := 7*kpi.DeliveryWeeks - 1; back >= 0; back-- {
		d := kpi.Delivery{Day: AsOf.AddDays(-back)}
		switch dataset {
		case "service-requests":
			d.New = back%9 != 4 && back != 30 && back != 31
			d.Unchanged, d.Failed = back%9 == 4, back == 30 || back == 31
		case "street-safety":
			d.New, d.Failed = back%7 == 3 && back != 24, back < 2 || back == 24
			d.Unchanged = !d.New && !d.Failed && back%7 == 5
		case "housing-permits":
			d.Unchanged = back%14 == 6
		}
		if d.New || d.Unchanged || d.Failed {
			list = append(list, d)
		}
	}
	if dataset == "housing-permits" {
		list = append([]kpi.Delivery{{Day: AsOf.AddMonths(-5), New: true}}, list...)
	}
	return list
}
