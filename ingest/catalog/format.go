package catalog

import (
	"fmt"
	"strings"

	"citystat/kpi"
)

// formatMistake is something wrong with a strptime format, at a byte of it.
type formatMistake struct {
	at            int
	message, mend string
}

// part is what a directive of a format gives of a date and time.
type part uint

const (
	year part = 1 << iota
	month
	day
	yearDay
	weekYear
	week
	weekday
	hour24
	hour12
	half // AM or PM
	minute
	second
	fraction
	offset
)

// directives are what DuckDB's strptime reads, tried against DuckDB 1.4.1, and what each gives. Those with a hyphen accept a number
// without its leading zero.
func directives() map[string]part {
	m := map[string]part{
		"Y": year, "y": year, "m": month, "b": month, "B": month, "h": month, "d": day, "j": yearDay,
		"G": weekYear, "V": week, "u": weekday, "a": 0, "A": 0, "w": 0, "U": 0, "W": 0,
		"H": hour24, "I": hour12, "p": half, "M": minute, "S": second, "f": fraction, "g": fraction, "z": offset, "%": 0,
		"x": year | month | day, "X": hour24 | minute | second, "T": hour24 | minute | second,
		"c": year | month | day | hour24 | minute | second,
	}
	for _, d := range []string{"y", "m", "d", "j", "H", "I", "M", "S"} {
		m["-"+d] = m[d]
	}
	return m
}

// checkFormat checks that a format has only directives that strptime knows, and that they make a full date, and a time of day for a
// timestamp.
func checkFormat(format string, t kpi.ColumnType) []formatMistake {
	var mistakes []formatMistake
	var has part
	known := directives()
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		d := directive(format[i+1:])
		gives, ok := known[d]
		if m := oddDirective(d, ok); m.message != "" {
			m.at = i
			mistakes = append(mistakes, m)
		}
		if has&gives&(year|month|day|hour24|hour12|minute|second) != 0 && ok {
			mistakes = append(mistakes, formatMistake{at: i, message: fmt.Sprintf("%%%s gives what another directive has given already", d), mend: "keep one of the two"})
		}
		has |= gives
		i += len(d)
	}
	if len(mistakes) > 0 {
		return mistakes
	}
	return append(mistakes, incomplete(has, t)...)
}

// directive returns the directive after a % sign, without it.
func directive(rest string) string {
	if strings.HasPrefix(rest, "-") && len(rest) > 1 {
		return rest[:2]
	}
	for i := range rest {
		if i > 0 {
			return rest[:i]
		}
	}
	return rest
}

// oddDirective says what is wrong with a directive by itself.
func oddDirective(d string, known bool) formatMistake {
	switch {
	case d == "":
		return formatMistake{message: "the format ends with a single %", mend: "write %% for a % sign"}
	case d == "Z":
		return formatMistake{message: "%Z reads the name of a time zone, and names such as EST mean several zones", mend: "write %z for an offset such as -05:00; for a Z write Z, and time_zone: UTC"}
	case d == "n":
		return formatMistake{message: "%n reads nanoseconds, and times are kept to the microsecond", mend: "write %f"}
	case !known:
		return formatMistake{message: fmt.Sprintf("there is no directive %%%s", d), mend: directiveMend(d)}
	}
	return formatMistake{}
}

// directiveMend offers what was probably meant by a directive of other programs.
func directiveMend(d string) string {
	switch d {
	case "F":
		return "write %Y-%m-%d"
	case "D":
		return "write %m/%d/%y"
	case "R":
		return "write %H:%M"
	case "r":
		return "write %I:%M:%S %p"
	case "e", "-e", "_d":
		return "write %-d for a day without a leading zero"
	case "k":
		return "write %-H for an hour without a leading zero"
	case "l":
		return "write %-I for an hour without a leading zero"
	case "L":
		return "write %g for milliseconds"
	case "s":
		return "write format: epoch for seconds since 1970, and epoch-ms for milliseconds"
	}
	return "the directives are %Y %m %d %b %B %j %H %I %p %M %S %f and others that DuckDB's strptime knows"
}

// incomplete says what a format lacks.
func incomplete(has part, t kpi.ColumnType) []formatMistake {
	all := func(p part) bool { return has&p == p }
	var mistakes []formatMistake
	add := func(message, mend string) {
		mistakes = append(mistakes, formatMistake{message: message, mend: mend})
	}
	if !all(year|month|day) && !all(year|yearDay) && !all(weekYear|week|weekday) {
		add("the format does not make a full date", "name year, month and day, such as %Y-%m-%d")
	}
	if t == kpi.TypeDate && has&offset != 0 && has&(hour24|hour12) == 0 {
		add("a day alone has no offset from UTC", "leave %z out, or name the time of day that comes with it")
	}
	switch {
	case t == kpi.TypeTimestamp && has&(hour24|hour12) == 0:
		add("the format has no time of day", "write type: date, or name hours and minutes, such as %H:%M")
	case all(hour12) && has&half == 0:
		add("%I reads hours up to 12 without saying which half of the day", "add %p, or write %H for hours up to 24")
	case all(hour24 | half):
		add("%p goes with hours up to 12, and %H reads hours up to 24", "write %I, or leave %p out")
	case t == kpi.TypeTimestamp && has&minute == 0:
		add("the format has no minutes", "add %M")
	}
	return mistakes
}
