// Package i18n speaks the four languages of CityStat: English, Spanish, Portuguese of Brazil and French.
//
// A [Bundle] is made once. A [Printer] is one language in one city's number style; a page makes one per request and passes it to
// its template. Whatever it returns is plain text with the right spaces and may stand in a page, a chart or an e-mail.
//
// # Messages
//
// Words and sentences live in messages/LANG.yaml and, by subject, in messages/LANG.SUBJECT.yaml, in the same groups and the same order. To add one:
//
//  1. Take the word from the project's list of terms; one concept has one word in each language.
//  2. Write it into en.yaml with a description for the translator, and into the other three files under the same id.
//  3. Use it: {{.P.T "nav.home"}} in a template, p.T("list.count", "n", 3, "total", 12) in Go.
//
// A note that ends with **new** says that the words are not in the list of terms yet; **city** that a city may use its own.
//
// A placeholder is {name}; the same placeholders stand in all four languages. ␣ is a no-break space: French needs it before a
// colon and inside « », a number needs it before its unit. A message that changes with a number has the forms one, many and other
// instead of a text; its number is {n} and the message is printed by [Printer.N].
//
// # Answers
//
// [Explain] gives every answer about an indicator with all that it rests on, as finished texts; pages, API and command line print it. The
// sentences of each kind stand in a file of their own: status, signal and trend, outlook, groups, evaluations, changes, projects, trust.
//
// The tests compare ids, placeholders and plural forms of the four files, look for words that mislead, and render every message.
//
// # Grammar that cannot break
//
// A name from a city's folder has any gender and number, so it never governs anything: it stands alone before a colon. No
// preposition touches it. Values, periods and deadlines are put into a sentence as finished phrases ([Printer.Value],
// [Printer.InPeriod], [Printer.By]); a count stands after a colon. Plurals follow the number as it is shown.
package i18n
