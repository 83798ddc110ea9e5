// Package release is the way from live numbers to published ones where a city publishes by release: departments fill, somebody else checks, and a second
// person releases.
//
// It knows no store, clock or request.
package release
