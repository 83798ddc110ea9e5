package warehouse

import (
	"fmt"
	"strings"

	"citystat/kpi"
)

// The reasons for which the warehouse refuses a row. The connector has more, for rows that are no rows.
const (
	RejectBlank        = "blank"          // a field that must not be blank
	RejectBadInteger   = "bad_integer"    // not a whole number
	RejectBadNumber    = "bad_number"     // not a finite number
	RejectBadBoolean   = "bad_boolean"    // neither true nor false
	RejectBadDate      = "bad_date"       // not a day in the declared form, or not in the years 1583 to 9999
	RejectBadTimestamp = "bad_timestamp"  // not a time in the declared form, or not in the years 1583 to 9999
	RejectNoSuchTime   = "no_such_time"   // in the hour that clocks skip when they are set forward
	RejectNotInList    = "not_in_list"    // not one of the declared values
	RejectPattern      = "pattern"        // not of the declared pattern
	RejectShortYear    = "two_digit_year" // a year of two digits, and nobody said to which hundred years it belongs
	RejectDuplicate    = "duplicate"      // a row with these values came before
	RejectCheck        = "check"          // a row that breaks a check whose else is reject
)

// A fault is kept in the staging table as a number: the place of the column or check times faultKinds, plus the kind. Columns are
// counted from 1, checks go on after them.
const faultKinds = 8

const (
	faultBlank = iota
	faultForm
	faultTime
	faultList
	faultPattern
	faultYear
	faultMidnight
	faultLeap
)

// Forms of times that have a fault of their own, for the person who has to mend it.
const (
	midnightForm = "(^|[^0-9:.])24:00(:00([.]0+)?)?($|[^0-9:.])"
	leapForm     = ":[0-5][0-9]:60($|[^0-9:])"
)

// fault is what a number in the staging table stands for.
type fault struct {
	code                   int
	column, reason, detail string
}

// sound is a condition that is true only of rows in which the column has no fault, of nearly all of these, and cheap; "" if there can be none.
func (r *reader) sound() string {
	v, text := r.name("v"), r.name("t")
	if r.prepared() {
		text = r.name("k")
	}
	var list []string
	switch {
	case r.must:
		list = append(list, v+" IS NOT NULL")
	case r.typed() || r.listed():
		list = append(list, fmt.Sprintf("(%s IS NULL) = (%s IS NULL)", v, text))
	}
	if r.col.Pattern != "" {
		list = append(list, "coalesce("+r.matches()+", true)")
	}
	return strings.Join(list, " AND ")
}

// matches is the condition that the text has the declared pattern, null for a blank.
func (r *reader) matches() string {
	return fmt.Sprintf("regexp_full_match(%s, %s)", r.name("k"), quoteText(r.col.Pattern))
}

// faults is the SQL, one WHEN a line, that finds the first fault of a column.
func (r *reader) faults() []string {
	when := func(kind int, condition string, args ...any) string {
		return fmt.Sprintf("WHEN "+condition, args...) + fmt.Sprintf(" THEN %d", r.n*faultKinds+kind)
	}
	var list []string
	if r.must {
		blank := r.name("k")
		if !r.prepared() {
			blank = "nullif(" + r.trimAlways(r.name("t")) + ", '')"
		}
		list = append(list, when(faultBlank, "%s IS NULL AND %s IS NULL", r.name("v"), blank))
	}
	if r.col.Pattern != "" {
		list = append(list, when(faultPattern, "NOT %s", r.matches()))
	}
	if r.listed() {
		list = append(list, when(faultList, "%s IS NULL AND %s IS NOT NULL", r.name("s"), r.name("k")))
	}
	if !r.typed() {
		return list
	}
	x := r.text()
	unread := fmt.Sprintf("%s IS NULL AND %s IS NOT NULL", r.name("v"), x)
	if !r.prepared() {
		unread += " AND " + r.trimAlways(x) + " <> ''"
	}
	if r.naive() {
		list = append(list, when(faultTime, "%s AND year(%s) BETWEEN %d AND %d", unread, r.name("p"), firstYear, lastYear))
	}
	if r.timed() {
		if short := r.unreadYear(x); short != "" {
			list = append(list, when(faultYear, "%s AND (%s)", unread, short))
		}
		list = append(list, when(faultMidnight, "%s AND regexp_matches(%s, '%s')", unread, x, midnightForm), when(faultLeap, "%s AND regexp_matches(%s, '%s')", unread, x, leapForm))
	}
	return append(list, when(faultForm, "%s", unread))
}

// explain lists what the column's faults mean, for people.
func (r *reader) explain() []fault {
	form := formReason(r.col.Type)
	return []fault{
		{r.n*faultKinds + faultBlank, r.col.From, RejectBlank, fmt.Sprintf("%s is blank; fill it in at the source, or declare empty_is: unknown", r.col.From)},
		{r.n*faultKinds + faultForm, r.col.From, form, r.formDetail()},
		{r.n*faultKinds + faultTime, r.col.From, RejectNoSuchTime, fmt.Sprintf("%s lies in the hour that clocks in %s skip; correct it at the source, or declare the time zone that the source writes", r.col.From, r.zone)},
		{r.n*faultKinds + faultList, r.col.From, RejectNotInList, fmt.Sprintf("%s is none of the %d declared values; correct it at the source, or add it to values", r.col.From, len(r.col.Values))},
		{r.n*faultKinds + faultPattern, r.col.From, RejectPattern, fmt.Sprintf("%s has not the form %s; correct it at the source (a spreadsheet may have taken it for a number), or the pattern in the folder", r.col.From, r.col.Pattern)},
		{r.n*faultKinds + faultYear, r.col.From, RejectShortYear, fmt.Sprintf("%s has a year of two digits; write it with four at the source, or declare with pivot the first of the hundred years to which it belongs", r.col.From)},
		{r.n*faultKinds + faultMidnight, r.col.From, form, fmt.Sprintf("%s is 24:00, which is the end of one day or the beginning of the next; write 00:00 of the day that is meant, at the source", r.col.From)},
		{r.n*faultKinds + faultLeap, r.col.From, form, fmt.Sprintf("%s is a leap second (:60), which no clock here shows; write :59 at the source", r.col.From)},
	}
}

func formReason(t kpi.ColumnType) string {
	switch t {
	case kpi.TypeInteger:
		return RejectBadInteger
	case kpi.TypeNumber:
		return RejectBadNumber
	case kpi.TypeBoolean:
		return RejectBadBoolean
	case kpi.TypeDate:
		return RejectBadDate
	}
	return RejectBadTimestamp
}

func (r *reader) formDetail() string {
	form := map[kpi.ColumnType]string{
		kpi.TypeBoolean:   "true or false (t, f, yes, no, y, n, 1, 0)",
		kpi.TypeDate:      "a day such as 2026-06-30",
		kpi.TypeTimestamp: "a time such as 2026-06-30T14:05:00",
	}[r.col.Type]
	if form == "" {
		form = r.numberDetail()
	}
	if r.timed() && len(r.formats()) > 0 {
		form = r.momentDetail()
	}
	return fmt.Sprintf("%s is not %s; correct it at the source, or the column's type and format in the folder", r.col.From, form)
}
