package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"citystat/kpi"
)

// Period returns the name of a period: June 2026, Q2 2026, fiscal year 2026 (July 2025 to June 2026).
func (p *Printer) Period(x kpi.Period) string {
	g := p.grammar
	switch kind, year, q := calendar(x); kind {
	case kpi.Day:
		return p.Date(x.First)
	case kpi.Week:
		return fmt.Sprintf(g.weekLabel, p.Date(x.First))
	case kpi.Month:
		return p.month(x.First.Month) + g.monthYear + strconv.Itoa(x.First.Year)
	case kpi.Quarter:
		return g.quarterLabel(q, year)
	case kpi.FiscalYear:
		return p.fiscalYear(g.fiscalLabel, x)
	case kpi.FiscalQuarter:
		return fmt.Sprintf(g.fiscalQuarterLabel, q, g.fiscalName(x)) + p.months(x)
	case kpi.Year:
		return year
	}
	return x.ID
}

// PeriodShort returns the shortest name that is clear by itself, for cards and tooltips: Jun 2026, Q2 2026, FY2026.
func (p *Printer) PeriodShort(x kpi.Period) string {
	tick, year := p.PeriodTick(x)
	switch {
	case year == "":
		return tick
	case x.Kind == kpi.Day || x.Kind == kpi.Week:
		return fmt.Sprintf(p.grammar.shortDay, x.First.Day, p.words.MonthAbbreviated(x.First.Month), x.First.Year)
	}
	return tick + " " + year
}

// PeriodTick returns the two lines of a label on an axis: the second is shown only where it changes, so that a quarter is never
// without its year.
func (p *Printer) PeriodTick(x kpi.Period) (tick, year string) {
	g := p.grammar
	abbreviated := p.words.MonthAbbreviated(x.First.Month)
	switch kind, year, q := calendar(x); kind {
	case kpi.Day, kpi.Week:
		return fmt.Sprintf(g.tickDay, x.First.Day, abbreviated), strconv.Itoa(x.First.Year)
	case kpi.Month:
		return abbreviated, strconv.Itoa(x.First.Year)
	case kpi.Quarter:
		return g.quarterTick + strconv.Itoa(q), year
	case kpi.FiscalQuarter:
		return g.quarterTick + strconv.Itoa(q), g.fiscalShort + g.fiscalName(x)
	case kpi.FiscalYear:
		return g.fiscalShort + g.fiscalName(x), ""
	case kpi.Year:
		return year, ""
	}
	return x.ID, ""
}

// InPeriod returns the period with its preposition: in June 2026, on June 8, 2026, in the second quarter of 2026.
func (p *Printer) InPeriod(x kpi.Period) string { return p.phrase(x, 0) }

// SincePeriod returns "since June 2026" for any kind of period.
func (p *Printer) SincePeriod(x kpi.Period) string { return p.phrase(x, 1) }

// OfPeriod returns "of June 2026" for any kind of period.
func (p *Printer) OfPeriod(x kpi.Period) string { return p.phrase(x, 2) }

// PerPeriod returns "per month" for any length of periods.
func (p *Printer) PerPeriod(kind kpi.PeriodKind) string { return p.T("per." + string(kind)) }

// span returns the name of a period, or of the first and the last of several.
func (p *Printer) span(list []kpi.Period) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return p.Period(list[0])
	}
	return p.T("explain.span", "from", p.Period(list[0]), "to", p.Period(list[len(list)-1]))
}

// Periods returns the name of the time from one period to another; of a single one it is the period's.
func (p *Printer) Periods(from, to kpi.Period) string {
	if from.ID == to.ID {
		return p.Period(to)
	}
	return p.span([]kpi.Period{from, to})
}

// PeriodKind returns the name of a kind of period, as a column header.
func (p *Printer) PeriodKind(kind kpi.PeriodKind) string { return p.T("period." + string(kind)) }

// phrase puts the preposition of a form (0 in, 1 since, 2 of) before a period.
func (p *Printer) phrase(x kpi.Period, form int) string {
	g := p.grammar
	kind, year, q := calendar(x)
	switch kind {
	case kpi.Day:
		return g.day[form] + p.Date(x.First)
	case kpi.Week:
		return g.week[form] + p.Date(x.First)
	case kpi.Month:
		name := p.month(x.First.Month)
		return g.elide(g.month[form], name) + name + g.monthYear + strconv.Itoa(x.First.Year)
	case kpi.Quarter:
		return g.quarter[form] + g.quarterOf(q, year)
	case kpi.FiscalYear:
		return g.fiscal[form] + p.fiscalYear(g.fiscalNoun, x)
	case kpi.FiscalQuarter:
		return g.quarter[form] + g.fiscalQuarterOf(q, g.fiscalName(x)) + p.months(x)
	case kpi.Year:
		return g.month[form] + year
	}
	return x.ID
}

// fiscalYear writes the name of a fiscal year; a format with two verbs is given its months too.
func (p *Printer) fiscalYear(format string, x kpi.Period) string {
	if strings.Count(format, "%s") == 1 {
		return fmt.Sprintf(format, p.grammar.fiscalName(x))
	}
	return fmt.Sprintf(format, p.grammar.fiscalName(x), strings.Trim(p.months(x), " ()"))
}

// months returns the months of a period in brackets: " (July to September 2025)".
func (p *Printer) months(x kpi.Period) string {
	g := p.grammar
	first, last := p.month(x.First.Month), p.month(x.Last.Month)
	from := g.elide(g.fromMonth, first) + first
	if x.First.Year != x.Last.Year {
		from += g.monthYear + strconv.Itoa(x.First.Year)
	}
	return " (" + from + g.toMonth + last + g.monthYear + strconv.Itoa(x.Last.Year) + ")"
}

// calendar returns the kind by which a period is named, its year and its quarter. A fiscal year that is the calendar year is named
// like one.
func calendar(x kpi.Period) (kind kpi.PeriodKind, year string, quarter int) {
	year = strconv.Itoa(x.First.Year)
	switch x.Kind {
	case kpi.Quarter:
		return x.Kind, year, (int(x.First.Month)-1)/3 + 1
	case kpi.FiscalYear:
		if x.First.Month == time.January {
			return kpi.Year, year, 0
		}
	case kpi.FiscalQuarter:
		_, digit, _ := strings.Cut(x.ID, "-Q")
		quarter, _ = strconv.Atoi(digit) // ids are made by kpi.Calendar
		if int(x.First.Month) == 3*(quarter-1)+1 {
			return kpi.Quarter, year, quarter
		}
		return x.Kind, year, quarter
	}
	return x.Kind, year, 0
}
