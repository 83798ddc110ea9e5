// Package meeting is what people say and promise about the numbers, and who may move what where: commentary from draft to approved, commitments from open
// to kept, contested numbers, decisions that lie over the city's folder, and posts with their holders.
//
// It knows no store, clock or request. The records themselves are plain data of package kpi, so that scorecards and pages can carry them.
package meeting
