package catalog

import (
	"slices"
	"strings"
	"time"

	"citystat/kpi"
)

// readWeekend reads the days of the week on which nobody works.
func (l *loader) readWeekend(city object) {
	var names []string
	for d := time.Monday; d <= time.Saturday; d++ {
		names = append(names, strings.ToLower(d.String()))
	}
	names = append(names, "sunday")
	for _, w := range city.words("weekend", optional) {
		i := slices.Index(names, w.text)
		if i < 0 {
			l.bad(w.n, suggest(w.text, names, "the days are"), "there is no day of the week %s", short(w.text))
			continue
		}
		l.city.Weekend = append(l.city.Weekend, time.Weekday((i+1)%7))
	}
	slices.Sort(l.city.Weekend)
	n := city.value["weekend"]
	switch {
	case n == nil:
	case n.kind == sequence && len(n.items) == 0:
		l.bad(n, "write "+cityShape.line("weekend")+", or leave the key out, which says the same", "%q is empty, and a week has a weekend", "weekend")
	case len(l.city.Weekend) == 7:
		l.bad(n, "write "+cityShape.line("weekend"), "all days of the week are its weekend, and none is a working day")
	}
}

// readHolidays reads the days that are no working days, from a list or from a file.
func (l *loader) readHolidays(city object) error {
	n := city.get("holidays", optional)
	switch {
	case n == nil:
		return nil
	case n.kind == mapping:
		o, _ := l.object(n, holidaysShape)
		_, file, err := l.fileOf(o, "file", required)
		if err != nil || file == "" {
			return err
		}
		src, err := l.read(file, maxTable)
		if err != nil || src == nil {
			return err
		}
		l.holidaysOf(src)
	case n.kind == sequence:
		l.listedHolidays(city, n)
	default:
		city.wrong("holidays", n, "a list of days, or a file of them")
	}
	slices.SortFunc(l.city.Holidays, kpi.Date.Compare)
	return nil
}

// listedHolidays reads the days of a list.
func (l *loader) listedHolidays(city object, n *node) {
	if len(n.items) == 0 {
		city.empty("holidays", n)
	}
	seen := map[kpi.Date]bool{}
	for _, item := range n.items {
		day, err := kpi.Date{}, error(nil)
		switch {
		case item.kind == broken:
			continue
		case item.kind == scalar:
			day, err = kpi.ParseDate(strings.TrimSpace(item.text))
		}
		switch {
		case item.kind != scalar || err != nil || day.Year < 1:
			l.bad(item, "write days of the calendar as "+cityShape.line("holidays"), "an entry of %q needs to be a date, and this is %s", "holidays", described(item))
		case seen[day]:
			l.bad(item, "delete it here", "%s is named twice in %q", day, "holidays")
		default:
			seen[day] = true
			l.city.Holidays = append(l.city.Holidays, day)
		}
	}
}

// holidaysOf reads the days of a file: one a line, and behind a comma its name, which is for those who read the file. A header date or
// date,name may stand above them.
func (l *loader) holidaysOf(src *source) {
	before := l.said()
	d := l.delimited(src)
	first := map[kpi.Date]int{}
	for row := 0; ; row++ {
		record := d.next()
		if record == nil {
			break
		}
		at, word := d.at(0), strings.TrimSpace(record[0])
		day, err := kpi.ParseDate(word)
		switch {
		case row == 0 && word == "date":
		case len(record) > 2:
			d.bad(at, "write a date, a comma and a name; put a name that holds a comma in quotes", "the row has %d fields, and a holiday has a date and perhaps a name", len(record))
		case err != nil || day.Year < 1:
			d.bad(at, "write a day of the calendar, such as 2015-07-04", "%s is no date", short(word))
		case first[day] > 0:
			d.bad(at, "delete one of the two", "%s is given twice, first in line %d", day, first[day])
		default:
			first[day] = at.line
			l.city.Holidays = append(l.city.Holidays, day)
		}
	}
	if len(first) == 0 && l.said() == before {
		d.bad(place{src, 1, 1}, "write one date a line, such as 2015-07-04", "%s names no holiday", short(src.name))
	}
}
