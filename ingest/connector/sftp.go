package connector

import (
	"context"
	"net/url"

	"citystat/kpi"
)

func (n *Network) fetchSFTP(ctx context.Context, u *url.URL, req Request) ([]fetched, error) {
	return nil, kpi.Errorf(kpi.CodeInternal, "dataset %s: not fetched", req.Dataset.ID)
}
