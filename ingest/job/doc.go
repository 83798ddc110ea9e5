// Package job runs datasets by themselves: at the times that their schedules say, on the clocks of the city, and when somebody asks.
//
// # What it promises
//
//   - One run at a time. What is asked for while another run is on waits; a dataset that waits or runs is not asked for twice.
//   - A time of day comes once a day, also when clocks change ([Cron]).
//   - Jitter: a scheduled run begins up to so much later, by chance.
//   - Retries: a scheduled run that failed in a way that may pass is tried again, each time after twice the delay, as often as the schedule
//     says and never beyond the next time of the schedule, which makes a retry needless.
//   - Missed runs: a dataset whose time came while the program was not running, however often, is run once when it starts again; so is one whose run
//     was cut short, and the retries that were left are gone on with.
//   - A stop ends the run that is on by its context and waits for it. What a run had not made live then leaves no trace.
//
// The history of runs is the ledger's: every run writes a load, with what set it off and which try it was.
//
// # What may pass
//
// [kpi.CodeUnready] (a source that does not answer, says that it is busy, or breaks off; a disk that is full) and errors without a code, which are
// nobody's fault that could be mended. Not retried are deliveries that are wrong ([kpi.CodeInvalid]): the same bytes would come again, and a person
// has to look; and what is denied, not found or in conflict.
package job
