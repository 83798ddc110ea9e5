package pages

import (
	"citystat/dashboards/chart"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// single is the table of one figure as a file, each row with what it is about.
func single(f *chart.Figure, what, key, id string) (chart.Table, error) {
	if f == nil {
		return chart.Table{}, noFile(what, id)
	}
	return together([]string{key}, []chart.Table{f.Table}, [][]string{{id}}), nil
}

func districtsFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	return single(chart.DistrictHeat(r.P, "file", r.City, res), "table by district and period", "indicator", res.Indicator.ID)
}

func districtChangesFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	return single(chart.DistrictPanels(r.P, "file", r.City, res), "change by district", "indicator", res.Indicator.ID)
}

func daysFile(r *Request, res *scorecard.Result) (chart.Table, error) {
	return single(chart.DayHeat(r.P, "file", res), "table by day", "indicator", res.Indicator.ID)
}

// deliveriesFile is the address of the deliveries of a dataset.
func deliveriesFile(dataset string) string { return "/data/" + dataset + "/deliveries.csv" }

func deliveriesTable(r *Request) (chart.Table, error) {
	ds := r.City.Dataset(r.Params["id"])
	if ds == nil || !r.feedsPublic(ds.ID) {
		return chart.Table{}, kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q", r.Params["id"])
	}
	return single(r.deliveries(ds, r.state(ds.ID), r.Card.AsOf), "calendar of deliveries", "dataset", ds.ID)
}

// deliveries is the calendar of the deliveries of a dataset until a day; nil where nothing is known of them.
func (r *Request) deliveries(ds *kpi.Dataset, st kpi.DatasetState, until kpi.Date) *chart.Figure {
	return chart.Freshness(r.P, "deliveries-"+ds.ID, ds, st, until)
}
