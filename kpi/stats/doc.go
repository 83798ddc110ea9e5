// Package stats holds the numeric methods behind what CityStat says about a series, as plain functions over slices. It knows no
// indicator, no period and no direction; package scorecard gives its results their meaning.
//
// The process-behaviour chart (XmR) follows the rules of NHS England's "Making Data Count", as its reference implementation
// NHSRplotthedots 0.2.2 draws them; the constants are those of Wheeler, "Understanding Variation".
//
// A value that is not finite is a period without a value. No result holds NaN or an infinity.
package stats
