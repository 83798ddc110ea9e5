package i18n

import (
	"time"

	"citystat/kpi"
)

// Month returns the name of a month, as it stands inside a sentence.
func (p *Printer) Month(m time.Month) string { return p.month(m) }

// Weekday returns the name of a day of the week, as it stands inside a sentence.
func (p *Printer) Weekday(d time.Weekday) string { return p.words.WeekdayWide(d) }

// WeekdayShort returns the short name of the day of the week on which a day falls, by itself: Mon, Lun, Seg., Lun.
func (p *Printer) WeekdayShort(d kpi.Date) string {
	sunday := kpi.NewDate(2023, time.December, 31)
	return p.Upper(p.words.WeekdayAbbreviated(time.Weekday((d.Sub(sunday)%7 + 7) % 7)))
}
