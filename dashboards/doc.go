// Package dashboards is the web server: one list of middleware, one error handler, and the routes of the packages below it.
//
//	pages     what people read, in four languages
//	api       what programs read: JSON and CSV
//	metrics   what Prometheus reads
//	auth      who is asking: passwords, a provider of identities, sessions
//
// # The way of a request
//
// [Server.middleware] is the whole list, outermost first. A handler returns an error and writes nothing, or writes a finished answer
// from a buffer and returns nil; [Server.fail] is the one place in which an error becomes a status and a page (or, for programs, a
// problem document after RFC 9457). What lies beneath an error is logged with the request's id and shown to nobody.
//
// # What leaks
//
// All public handlers read the published scorecard through [Options.Published] and nothing else. What is live is read through
// [Options.Staff] by the staff pages alone.
//
// What residents write ([Options.Feedback]) is read by the staff pages alone too, through [Options.FeedbackDesk]: in public stand the answers,
// in the city's words. The address of who writes is kept nowhere, not even in the log; for an hour the server remembers a number made of it, so
// that nobody writes too much.
//
// # Staff
//
// People sign in at /sign-in ([Options.Door], package auth); what each may see and do is asked of package account for each request. As long as
// nobody can sign in ([Options.Anybody]), /staff is served only to readers at this very machine: over a loopback connection, asking for
// localhost or a loopback address, without a sign of a proxy ([Server.staff] says how that is known), after they have shown a key that is
// told to whoever starts the server ([Options.StaffKey]). The staff's routes are a router of their own. While nobody else can reach it, /staff
// answers like any other address that does not exist, whatever the method. Nothing that is only said to a browser by another site sets anything
// off: a POST must come from a page of the same origin.
//
// # Security
//
// The policy is strict and the same everywhere: no script, style, image or connection from elsewhere, nothing inline, no frames, no
// referrer, no features. Nothing may be kept by a cache unless the handler says so. The client's address is the one that connected
// unless [Options.TrustedProxies] names who may say otherwise.
package dashboards
