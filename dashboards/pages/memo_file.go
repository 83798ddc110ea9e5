package pages

import (
	"bytes"
	"context"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/chart"
	"citystat/kpi"
)

// memoFile sends the numbers behind a chart of a memo: those that were kept with it, or, of a draft, those of now.
func (p *Pages) memoFile(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	r.Params = params(c)
	body, name, err := r.memoTable(c.Request().Context(), c.QueryParam("indicator"))
	if err != nil {
		return err
	}
	return staffCSV(c, name, body)
}

// memoTable is the table of the chart of an indicator that is on a memo.
func (r *Request) memoTable(ctx context.Context, indicator string) (body []byte, name string, err error) {
	s, err := r.sitting(ctx)
	if err != nil {
		return nil, "", err
	}
	src, err := r.memoSource(ctx, s)
	if err != nil {
		return nil, "", err
	}
	if src != nil {
		for i := range src.memo.Items {
			res := src.card.Result(indicator)
			if src.memo.Items[i].Indicator != indicator || src.memo.Items[i].Commitment != 0 || res == nil {
				continue
			}
			var b bytes.Buffer
			err := chart.Trend(src.then(r).P, "memo", res).Table.WriteCSV(&b)
			return b.Bytes(), "memo-" + s.m.Series + "-" + s.m.Slot.String() + "-" + indicator, err
		}
	}
	return nil, "", kpi.Errorf(kpi.CodeNotFound, "the memo of the meeting %s has no indicator %q", s.m.Name(), indicator)
}
