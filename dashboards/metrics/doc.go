// Package metrics puts the published scorecard and the server's own behaviour before Prometheus.
//
// # What is there
//
//	citystat_publication_info{city,publication,data_version,as_of}     1
//	citystat_indicator_value{indicator,period,dimension,member}        the value, in the indicator's unit: the number of page, API and CSV
//	citystat_indicator_rows{indicator,period}                          rows counted, whole city
//	citystat_indicator_excluded_rows{indicator,period,reason}          rows left out: the judged period and the total
//	citystat_indicator_target{indicator}                               the target that governs the judged period (range: _low, _high)
//	citystat_indicator_expected{indicator}                             where the trajectory is at the end of the judged period
//	citystat_indicator_status{indicator,status}                        1 for the status that it has, 0 for the others
//	citystat_indicator_year_to_date{indicator}                         of what adds up in a year: its total so far, which the target is for
//	citystat_indicator_signal{indicator,signal}                        1 for the signal that it has (improving, worsening, steady, too_early, changing, not_asked), 0 for the others
//	citystat_indicator_outlook_probability{indicator}                  estimated chance that the target is met, 0.05 to 0.95; none where it was not computed or the city does not show it
//	citystat_indicator_series_omitted                                  series of observations left out to stay within the bound
//	citystat_data_age_seconds{dataset}                                 since the end of the newest day that a row speaks of
//	citystat_load_timestamp_seconds{dataset}                           when the newest live load became visible
//	citystat_load_state{dataset,state}                                 1 for the state of the newest load: live, failed, none
//	citystat_load_rows{dataset,outcome}                                rows of the newest live load: accepted, rejected, skipped, new, restated, gone
//	citystat_rejects{dataset,reason}                                   rows that it refused, or that were refused since everything was last fetched
//	citystat_http_request_duration_seconds{route,method,code}          histogram; code is a class such as 2xx
//
// A number that does not exist has no series: there is no NaN. The whole city has dimension "" and member "".
//
// # Bounds
//
// Labels hold ids, period ids and words of this program only, never what a stranger sent or a source wrote. The value series are
// those of the newest [Window] periods and the total. There are never more than [MaxSeries] series in all; a city that would have
// more keeps, for its districts, the judged period only, and if that is still too many the last ones are left out and counted in
// citystat_indicator_series_omitted.
//
// # What leaks
//
// The collector reads the published scorecard and nothing else, so an indicator that is not published has no series, and neither
// has its name. A number that is held back to protect people has none either, and neither have the rows behind it. What the program found
// when it looked whether a number can be trusted is for those who run it, and is not here.
package metrics
