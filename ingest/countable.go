package ingest

import (
	"context"
	"slices"
	"time"

	"citystat/kpi"
)

// Countable returns the city as the rows that were visible at knownAt (the zero time: now) can be counted, and the datasets for which that
// is not what the folder says. Rows that were read in another way than the folder now reads them cannot be counted by its definitions: such
// a dataset, and the indicators of it, are there as the folder had them when the rows came. It is the city to ask the warehouse with.
func Countable(ctx context.Context, h History, city *kpi.City, knownAt time.Time) (*kpi.City, []string, error) {
	return countable(city, func(dataset string) (*kpi.City, error) {
		last, ok, err := h.LastLive(ctx, dataset, knownAt)
		if err != nil || !ok {
			return nil, err
		}
		return h.Folder(ctx, last.Folder)
	})
}

// countable does it; then returns the folder by which the visible rows of a dataset were read, nil if there are none.
func countable(city *kpi.City, then func(dataset string) (*kpi.City, error)) (*kpi.City, []string, error) {
	c := *city
	var behind []string
	for i := range city.Datasets {
		id := city.Datasets[i].ID
		old, err := then(id)
		if err != nil {
			return nil, nil, err
		}
		if old == nil {
			continue
		}
		was := old.Dataset(id)
		if was == nil || was.Hash == city.Datasets[i].Hash {
			continue
		}
		if len(behind) == 0 {
			c.Datasets, c.Indicators = slices.Clone(city.Datasets), slices.Clone(city.Indicators)
		}
		behind = append(behind, id)
		c.Datasets[i] = *was
		c.Indicators = withIndicatorsOf(c.Indicators, old, id)
	}
	return &c, behind, nil
}

// withIndicatorsOf puts the indicators that a dataset had in place of those that it has. An id that has moved to another dataset stays there.
func withIndicatorsOf(list []kpi.Indicator, old *kpi.City, dataset string) []kpi.Indicator {
	list = slices.DeleteFunc(list, func(i kpi.Indicator) bool { return i.Dataset == dataset })
	for _, ind := range old.Indicators {
		moved := slices.ContainsFunc(list, func(i kpi.Indicator) bool { return i.ID == ind.ID })
		if ind.Dataset == dataset && !moved {
			list = append(list, ind)
		}
	}
	return list
}
