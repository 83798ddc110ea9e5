// Package stats holds the numeric methods behind what CityStat says about a series, as plain functions over slices. It knows no
// indicator, no period and no direction; package scorecard gives its results their meaning.
//
// # What is here
//
//   - Real change or usual ups and downs: [XmR] by the rules of NHS England's "Making Data Count", as its reference implementation
//     NHSRplotthedots 0.2.2 draws them, with the constants of Wheeler, "Understanding Variation"; [Attribute] charts with Laney's limits;
//     [MedianRuns] with Anhøj's rules; the rule sets of [Nelson] and [WesternElectric] for cities that are used to them; and what speaks
//     against a chart ([SuitsXmR], [Overdispersion]).
//   - Trend and season: [MannKendall] and its seasonal, regional and corrected forms, [TheilSen], [STL] and [Seasonal], [OLS].
//   - What is likely to come: [Choose] among seasonal naive, drift and exponential smoothing ([FitETS]) by rolling origins; a [Forecast]
//     tells the chance of a level, a total, an average or of every period, in words ([ChanceOf]).
//   - Durations with open cases: [KaplanMeier], [CompareSurvival], [Quantile].
//   - Groups: intervals ([Wilson], [Byar], [ExactPoisson]), differences and ratios, [Disparities], [Gradients].
//   - Small numbers: what can be worked out of a [CountTable] that is partly kept back (Audit), and what else to keep back (Protect).
//   - What a change is made of: [Kitagawa], [DasGupta], [Structure], [LMDI], [Contributions].
//   - What is otherwise since, or there: [SegmentedRegression] with [NeweyWest] errors, [CountsRegression], [DifferenceInDifferences].
//   - Composite scores on fixed [Goalposts], with their coverage.
//
// Every file names the source of its formulas, and testdata/SOURCES.md the numbers that its tests hold them to, with tolerances and what
// was left out, and why.
//
// A value that is not finite is a period without a value. No result holds NaN or an infinity, but for series that stay aligned with their
// values, where NaN marks a period without one; they say so.
package stats
