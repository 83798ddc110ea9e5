package i18n

import (
	"fmt"
	"strconv"
	"strings"

	"citystat/kpi"
)

// grammar is how a language makes finished phrases of time. Arrays of three hold the prepositions of "in", "since" and "of".
type grammar struct {
	dayMonth  func(day int, month string) string
	dateYear  string // between day and year
	monthYear string // between month and year
	shortDay  string // day, month and year in brief, as a format with [1] day, [2] month, [3] year
	tickDay   string // day and month in brief, with [1] day, [2] month
	elide     func(preposition, name string) string

	on, by, until, asOf string // before a day
	days                string // a range of days: from, to

	day, week, month, quarter, fiscal [3]string
	weekLabel                         string // first day

	quarterLabel       func(q int, year string) string
	quarterOf          func(q int, year string) string // after a preposition
	quarterTick        string                          // before the digit
	fiscalLabel        string                          // name of the year, and its months where a second verb asks for them
	fiscalNoun         string                          // name of the year
	fiscalShort        string                          // before the name of the year, on an axis
	fiscalName         func(kpi.Period) string         // of the fiscal year in which a period lies
	fiscalQuarterLabel string                          // digit, name of the year
	fiscalQuarterOf    func(q int, year string) string // after a preposition
	fromMonth, toMonth string                          // a range of months
}

// plain is a preposition that never changes.
func plain(preposition, _ string) string { return preposition }

// frenchElision turns de before a vowel into d’.
func frenchElision(preposition, name string) string {
	if strings.HasSuffix(preposition, "de ") && strings.ContainsAny(name[:1], "aeio") {
		return strings.TrimSuffix(preposition, "e ") + "’"
	}
	return preposition
}

// ending names a fiscal year by the year in which it ends.
func ending(x kpi.Period) string { return strconv.Itoa(fiscalEnd(x)) }

// both names a fiscal year by both of its years, where one alone would mislead.
func both(x kpi.Period) string { return fmt.Sprintf("%d-%d", fiscalEnd(x)-1, fiscalEnd(x)) }

// fiscalEnd returns the calendar year in which the fiscal year of a period ends, from the period's id: FY2026-Q3.
func fiscalEnd(x kpi.Period) int {
	name, _, _ := strings.Cut(strings.TrimPrefix(x.ID, "FY"), "-")
	end, err := strconv.Atoi(name)
	if err != nil {
		return x.Last.Year // not made by kpi.Calendar
	}
	return end
}

var grammars = map[kpi.Lang]grammar{
	kpi.English: {
		dayMonth: func(day int, month string) string { return month + nbsp + strconv.Itoa(day) },
		dateYear: ", ", monthYear: " ", shortDay: "%[2]s" + nbsp + "%[1]d, %[3]d", tickDay: "%[2]s" + nbsp + "%[1]d", elide: plain,
		on: "on ", by: "by ", until: "until ", asOf: "as of ", days: "%s to %s",
		day: [3]string{"on ", "since ", "of "}, month: [3]string{"in ", "since ", "of "},
		week: [3]string{"in the week of ", "since the week of ", "of the week of "}, weekLabel: "week of %s",
		quarter: [3]string{"in the ", "since the ", "of the "}, fiscal: [3]string{"in ", "since ", "of "},
		quarterLabel: func(q int, year string) string { return fmt.Sprintf("Q%d %s", q, year) },
		quarterOf:    func(q int, year string) string { return englishOrdinals[q] + " quarter of " + year },
		quarterTick:  "Q", fiscalLabel: "fiscal year %s (%s)", fiscalNoun: "fiscal year %s", fiscalShort: "FY", fiscalName: ending,
		fiscalQuarterLabel: "Q%d FY%s",
		fiscalQuarterOf:    func(q int, year string) string { return englishOrdinals[q] + " quarter of fiscal year " + year },
		toMonth:            " to ",
	},
	kpi.Spanish: {
		dayMonth: func(day int, month string) string { return strconv.Itoa(day) + nbsp + "de " + month },
		dateYear: " de ", monthYear: " de ", shortDay: "%d" + nbsp + "%s %d", tickDay: "%d" + nbsp + "%s", elide: plain,
		on: "el ", by: "para el ", until: "hasta el ", asOf: "datos al ", days: "del %s al %s",
		day: [3]string{"el ", "desde el ", "del "}, month: [3]string{"en ", "desde ", "de "},
		week: [3]string{"en la semana del ", "desde la semana del ", "de la semana del "}, weekLabel: "semana del %s",
		quarter: [3]string{"en el ", "desde el ", "del "}, fiscal: [3]string{"en el ", "desde el ", "del "},
		quarterLabel: spanishQuarter, quarterOf: spanishQuarter,
		quarterTick: "T", fiscalLabel: "año fiscal %s", fiscalNoun: "año fiscal %s", fiscalShort: "AF" + nbsp, fiscalName: both,
		fiscalQuarterLabel: "T%d del año fiscal %s",
		fiscalQuarterOf:    func(q int, year string) string { return spanishOrdinals[q] + " trimestre del año fiscal " + year },
		fromMonth:          "de ", toMonth: " a ",
	},
	kpi.Portuguese: {
		dayMonth: func(day int, month string) string { return firstOfMonth(day, "1º") + nbsp + "de " + month },
		dateYear: " de ", monthYear: " de ", shortDay: "%d" + nbsp + "%s %d", tickDay: "%d" + nbsp + "%s", elide: plain,
		on: "em ", by: "até ", until: "até ", asOf: "dados até ", days: "de %s a %s",
		day: [3]string{"em ", "desde ", "de "}, month: [3]string{"em ", "desde ", "de "},
		week: [3]string{"na semana de ", "desde a semana de ", "da semana de "}, weekLabel: "semana de %s",
		quarter: [3]string{"no ", "desde o ", "do "}, fiscal: [3]string{"no ", "desde o ", "do "},
		quarterLabel: func(q int, year string) string { return fmt.Sprintf("%dº trimestre de %s", q, year) },
		quarterOf:    func(q int, year string) string { return fmt.Sprintf("%dº trimestre de %s", q, year) },
		quarterTick:  "T", fiscalLabel: "ano fiscal %s", fiscalNoun: "ano fiscal %s", fiscalShort: "AF" + nbsp, fiscalName: both,
		fiscalQuarterLabel: "T%d do ano fiscal %s",
		fiscalQuarterOf:    func(q int, year string) string { return fmt.Sprintf("%dº trimestre do ano fiscal %s", q, year) },
		fromMonth:          "de ", toMonth: " a ",
	},
	kpi.French: {
		dayMonth: func(day int, month string) string { return firstOfMonth(day, "1er") + nbsp + month },
		dateYear: " ", monthYear: " ", shortDay: "%d" + nbsp + "%s %d", tickDay: "%d" + nbsp + "%s", elide: frenchElision,
		on: "le ", by: "d’ici le ", until: "jusqu’au ", asOf: "en date du ", days: "du %s au %s",
		day: [3]string{"le ", "depuis le ", "du "}, month: [3]string{"en ", "depuis ", "de "},
		week: [3]string{"pendant la semaine du ", "depuis la semaine du ", "de la semaine du "}, weekLabel: "semaine du %s",
		quarter: [3]string{"au ", "depuis le ", "du "}, fiscal: [3]string{"pendant l’", "depuis l’", "de l’"},
		quarterLabel: func(q int, year string) string { return frenchOrdinals[q] + " trimestre de " + year },
		quarterOf:    func(q int, year string) string { return frenchOrdinals[q] + " trimestre de " + year },
		quarterTick:  "T", fiscalLabel: "exercice %s", fiscalNoun: "exercice %s", fiscalShort: "ex." + nbsp, fiscalName: both,
		fiscalQuarterLabel: "T%d de l’exercice %s",
		fiscalQuarterOf:    func(q int, year string) string { return frenchOrdinals[q] + " trimestre de l’exercice " + year },
		fromMonth:          "de ", toMonth: " à ",
	},
}

// Ordinals of the quarters, from the first on.
var (
	englishOrdinals = [5]string{"", "first", "second", "third", "fourth"}
	spanishOrdinals = [5]string{"", "1.er", "2.º", "3.er", "4.º"}
	frenchOrdinals  = [5]string{"", "1er", "2e", "3e", "4e"}
)

func spanishQuarter(q int, year string) string { return spanishOrdinals[q] + " trimestre de " + year }

// firstOfMonth writes a day; the first of a month is an ordinal.
func firstOfMonth(day int, first string) string {
	if day == 1 {
		return first
	}
	return strconv.Itoa(day)
}
