// Package dashboards is the web server: one list of middleware, one error handler, and the routes of the packages below it.
//
//	pages     what people read, in four languages
//	api       what programs read: JSON and CSV
//	metrics   what Prometheus reads
//
// # The way of a request
//
// [Server.middleware] is the whole list, outermost first. A handler returns an error and writes nothing, or writes a finished answer
// from a buffer and returns nil; [Server.fail] is the one place in which an error becomes a status and a page (or, for programs, a
// problem document after RFC 9457). What lies beneath an error is logged with the request's id and shown to nobody.
//
// # What leaks
//
// All handlers read the published scorecard through [Options.Published] and nothing else. /staff and /meetings do not exist here, and
// answer like any other address that does not.
//
// # Security
//
// The policy is strict and the same everywhere: no script, style, image or connection from elsewhere, nothing inline, no frames, no
// referrer, no features. Nothing may be kept by a cache unless the handler says so. The client's address is the one that connected
// unless [Options.TrustedProxies] names who may say otherwise.
package dashboards
