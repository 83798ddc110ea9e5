package ingest

import (
	"context"
	"iter"
	"time"

	"citystat/ingest/connector"
	"citystat/kpi"
)

func (r *Runner) recorded(city *kpi.City, now time.Time) connector.Recorded { return nil }

var _ iter.Seq[int]
var _ context.Context
