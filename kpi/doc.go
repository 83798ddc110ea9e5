// Package kpi is the domain of CityStat: what a city promises, what it measured, and what may honestly be
// said about the two. It knows no SQL, no HTTP, no clock and no logging; every other package speaks its words.
//
// # Words
//
// An [Indicator] is the definition of a KPI. An [Observation] is one value of an indicator for one [Period]
// and, where it is broken down, for one member of a dimension (a district). A [Target] is where the city
// promised to be by a date; the trajectory says where it should be on the way ([Indicator.Expected]). An
// [Assessment] answers three questions apart from each other: [Status] (are we where we said we would be?),
// [Signal] (did anything really change?) and [Outlook] (will we make it?). Priorities hold goals, goals hold
// indicators. A [Dataset] is a source of rows; one run of bringing it in is a [Load]; a row that was refused is
// a [Reject]; a row that was accepted but does not count in an indicator is excluded, with a reason.
//
// # Identities
//
// Every thing that can be linked to has an identity that is given once and never reused.
//
//   - Dataset, indicator, priority, goal, department, district, person: an id of the form
//     ^[a-z0-9-]{1,64}$, see [ValidID]. Two reserved members of the dimension "district" stand for rows that
//     belong to no district: [MemberNotRecorded] (the field was blank) and [MemberNotRecognised] (it held
//     something that is no district of this city).
//   - Period: the ids of [Period], such as 2015-06-30, 2015-W23, 2015-06, 2015-Q2, 2015, FY2016, FY2016-Q1.
//     A fiscal year is named by the year in which it ends. [PeriodTotal] is the sum over all periods.
//   - Data version: a number that goes up by one for every change that can change a number: a load, a change of
//     the folder, a new as-of date, a rebuild. The ledger hands it out; a version is visible only once the ledger
//     calls it live. [Load] is a data version whose cause is a load, so load ids are data versions too.
//   - Row version: (dataset, key, from version). A row is visible at version v when from ≤ v < to. A restated row
//     closes the old version (to = the load that restated it) and opens a new one. Nothing is destroyed.
//   - Definition version: 1, 2, 3 … for each indicator, going up when something changes that can change a value
//     ([Indicator.MeasureHash]); the text of every version is kept with the time at which it was first seen.
//   - Observation: (indicator, definition version, period, dimension, member, from version). What was current
//     before is kept as history, in the same way as rows.
//   - Publication: a frozen scorecard with a number, the SHA-256 of its bytes, its as-of date and data version.
//     Public pages read publications and nothing else.
//
// # Answers and their reasons
//
// [Assess] answers the first question and takes the other two from package scorecard. Every answer carries a [Reason]: the rule that decided and
// everything it looked at, as data; pages, API and command line say it in words. What adds up in a year ([Indicator.AddsUpIn]) is judged by the
// year's total. Targets of several kinds hold side by side ([Standing]), and one that was changed holds from the day on which it was set
// ([Indicator.TargetsInForce]). Methods that other programs use are there by name ([Judge], [OpenSDG], [CityScoreOf], [ExecutedOverPlanned]). A
// [Project] is an indicator whose trajectory is its plan. [ChangesAmong] finds what was changed between versions of the folder.
//
// # Two clocks
//
// as-of is the day that is judged: the end of that day in the city's time zone. known-at is the time whose loads and
// definitions are visible. A scorecard is a function of these two and of nothing else: with the same two it has the same
// bytes, whenever it is asked for. No period begins after the as-of date.
//
// # Units
//
// Values are in the indicator's unit everywhere: a share is 0–100 in percent, on the page, in the API, in the CSV and in
// /metrics. Ratios are stored as numerator and denominator and aggregated as Σ/Σ; there is no mean of ratios. Decisions are
// made on unrounded values; only pages round.
//
// # Judged, partial, provisional
//
// A promise with a deadline is judged once its deadline has passed, kept or not. What is not yet due is excluded and counted.
// The newest period is partial until the as-of date passes its end, and provisional until settles_after has passed too. Status
// judges the last settled period.
package kpi
