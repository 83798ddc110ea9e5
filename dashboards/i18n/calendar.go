package i18n

import "time"

// Month returns the name of a month, as it stands inside a sentence.
func (p *Printer) Month(m time.Month) string { return p.month(m) }

// Weekday returns the name of a day of the week, as it stands inside a sentence.
func (p *Printer) Weekday(d time.Weekday) string { return p.words.WeekdayWide(d) }
