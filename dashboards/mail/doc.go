// Package mail writes to the people who work with CityStat: a digest of what waits for somebody, invitations to stat meetings, and the link by which somebody who
// has forgotten their password sets another.
//
// What leaves the building is titles, dates and counts. No value of an indicator, nothing that somebody wrote about one and no text of a commitment is in a
// mail: whoever wants to read it signs in.
//
// A digest goes out at most once a day to a person, in the morning of a working day in the city, and only if something waits for them. What was sent is noted
// in the ledger before and after: if the program ends between, the digest is sent once more and never a third time, so that nobody loses one and nobody gets three.
//
// Four weeks before a meeting those are invited who hold the posts that preside and prepare it, and the heads of its departments; what their calendar reads is in the
// mail. They are told at once when it is moved, given to somebody else or cancelled, or when the folder gives it another hour or place. Each of these goes once to each
// person, across restarts too, in the way that a digest does. Whoever has chosen to get no mail is invited by none.
package mail
