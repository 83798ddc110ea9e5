package connector

import (
	"context"

	"citystat/kpi"
)

// items fetches the file (or the files) at the address of the request's source into req.Dir. clean is never nil and removes them. If the
// source is as it was in req.Previous, notModified is true and there are no items.
func (n *Network) items(ctx context.Context, req Request) (items []item, notModified bool, warnings []string, clean func() error, err error) {
	return nil, false, nil, func() error { return nil }, kpi.Errorf(kpi.CodeInternal, "dataset %s: not fetched", req.Dataset.ID)
}
