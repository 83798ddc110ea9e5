package ingest

import "citystat/kpi"

// Refused returns the rows that a load which did not become live refused, as far as they were kept: those that the connector set aside, and
// those for which the warehouse would not take the load. None if there were none. Those of a live load are in the warehouse.
func (r *Runner) Refused(load int64) ([]kpi.Reject, error) { return r.spool.Rejects(load) }
