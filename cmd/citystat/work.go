package main

import "citystat/dashboards/pages"

// workspace is what departments keep here between meetings: the ledger, and what must happen beside it when something is saved.
func (a *App) workspace() pages.Work {
	led := a.engine.led
	said := told{led, a.engine}
	return pages.Work{
		Entries:      led,
		EntryDesk:    &entryDesk{a.engine, a.jobs},
		Commentaries: said,
		Contests:     said,
		Commitments:  said,
		Evidence:     led,
		Decisions:    decisionDesk{led, a.engine},
		Terms:        said,
		Posts:        led,
		Self:         led,
		Handovers:    led,
		Cases:        a.engine,
		Seen:         &archive{led: led},
		Rounds:       rounds{led, a.engine},
		Meetings:     meetings{led, a.engine},
		Notes:        said,
		Emergencies:  said,
	}
}
