package pages

import (
	"context"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Staff is what the staff pages read and set off. It speaks of what is live, which the public may not see: nothing of it reaches a page
// whose role is not [StaffOnly].
type Staff interface {
	// City returns the city as its folder stands now, or an error with code unready while there is none.
	City(ctx context.Context) (*kpi.City, error)

	// Live returns the scorecard of now, published or not, with the checks of whether its numbers can be trusted. It is shared: nobody changes it.
	Live(ctx context.Context) (*scorecard.Scorecard, error)

	// Datasets returns what is known of the city's datasets, in any order. One that is left out was never loaded and has no job.
	Datasets(ctx context.Context) ([]kpi.DatasetReport, error)

	// Rejects returns refused rows, in the order of file and line: those of the query from its Offset on, Limit at most. It is asked only
	// for loads that Datasets names.
	Rejects(ctx context.Context, q kpi.RejectQuery) ([]kpi.Reject, error)

	// Run asks for a run of a dataset, with the trigger kpi.TriggerPerson, and does not wait for it. It fails with code not found if there
	// is no such dataset, and with code conflict if a run of it is on or waiting already.
	Run(ctx context.Context, dataset string) error

	// Watch returns a channel on which the state of a job comes each time it changes, for all datasets, until the context ends or the
	// program stops: then it is closed. The first states are those of now. Who reads slowly may miss states, but never the last one of a
	// dataset.
	Watch(ctx context.Context) (<-chan kpi.RunState, error)
}
