package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// Date returns a day in its long form: June 8, 2026; 8 de junio de 2026; 1º de março de 2026; 1er mars 2026. No day is "".
func (p *Printer) Date(d kpi.Date) string {
	if d.IsZero() {
		return ""
	}
	return p.grammar.dayMonth(d.Day, p.month(d.Month)) + p.grammar.dateYear + strconv.Itoa(d.Year)
}

// DateTime returns a moment in the location it carries: June 8, 2026, 2:05 p.m.
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.Date(kpi.DateOf(t)) + ", " + p.Clock(t)
}

// Clock returns the time of day, in the location that t carries.
func (p *Printer) Clock(t time.Time) string {
	switch p.Format {
	case "es-ES", "pt-BR", "fr-FR", "en-GB":
		return t.Format("15:04")
	case "fr-CA":
		return t.Format("15") + nbsp + "h" + nbsp + t.Format("04")
	}
	half := "a.m."
	if t.Hour() >= 12 {
		half = "p.m."
	}
	switch p.Format {
	case "es-CO", "es-AR", "es-CL", "es-PE":
		half = strings.Replace(half, ".m", "."+nbsp+"m", 1)
	}
	return t.Format("3:04") + nbsp + half
}

// On returns "on June 30, 2026" as the language says it.
func (p *Printer) On(d kpi.Date) string { return p.grammar.on + p.Date(d) }

// By returns a deadline: "by June 30, 2026".
func (p *Printer) By(d kpi.Date) string {
	if p.Format == "fr-FR" {
		return "d’ici au " + p.Date(d)
	}
	return p.grammar.by + p.Date(d)
}

// Until returns the end of a waiting: "until June 30, 2026".
func (p *Printer) Until(d kpi.Date) string { return p.grammar.until + p.Date(d) }

// AsOf returns the day up to which the data speak: "as of June 30, 2026".
func (p *Printer) AsOf(d kpi.Date) string { return p.grammar.asOf + p.Date(d) }

// Days returns a range of days, both included: "March 9 to April 12, 2026". The year is said once if it is the same.
func (p *Printer) Days(first, last kpi.Date) string {
	from := p.Date(first)
	if first.Year == last.Year {
		from = p.grammar.dayMonth(first.Day, p.month(first.Month))
	}
	return fmt.Sprintf(p.grammar.days, from, p.Date(last))
}

// month returns the name of a month, in the middle of a sentence.
func (p *Printer) month(m time.Month) string { return p.words.MonthWide(m) }
