package main

import (
	"context"

	"citystat/kpi"
)

// OpenCases lists the rows behind an indicator that have begun and not ended, as of the day that is judged now.
func (e *engine) OpenCases(ctx context.Context, q kpi.CaseQuery) (kpi.OpenCases, error) {
	st := &store{led: e.led, wh: e.wh}
	city, _, err := st.Definitions(ctx, kpi.At{})
	if err != nil {
		return kpi.OpenCases{}, err
	}
	asOf, err := e.asOf(city)
	if err != nil {
		return kpi.OpenCases{}, err
	}
	version, _, err := st.Version(ctx, kpi.At{})
	if err != nil {
		return kpi.OpenCases{}, err
	}
	return e.wh.OpenCases(ctx, city, asOf, version, q)
}
