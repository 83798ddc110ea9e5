package pages

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"citystat/dashboards/i18n"
	"citystat/kpi"
)

// entryField is a field of a form for a row: one of the dataset's columns.
type entryField struct {
	ID, Name string   // in the page, and in what is sent
	Column   string   // as the header of the spreadsheet says it
	Kind     string   // date, number, choice, text
	Value    string   // as it stands in the field
	Options  []option // of a choice
	Known    []string // values that there are, of a text
	Hint     string
	Required bool
	Wrong    string // what is wrong with it, in the reader's words
	Detail   string // and in the program's own, in English
	Now      string // what stands there since somebody else has changed it
	Elsewise bool   // somebody else has changed it
}

// entryColumns are the columns that people fill in: each of the spreadsheet once, without what is dropped.
func entryColumns(ds *kpi.Dataset) []*kpi.Column {
	var list []*kpi.Column
	for i := range ds.Columns {
		c := &ds.Columns[i]
		if c.From == kpi.FromLine || slices.Contains(ds.Drop, c.From) || slices.ContainsFunc(list, func(o *kpi.Column) bool { return o.From == c.From }) {
			continue
		}
		list = append(list, c)
	}
	return list
}

// mustFill reports whether a column refuses blanks.
func mustFill(ds *kpi.Dataset, c *kpi.Column) bool {
	return c.EmptyIs == "reject" || slices.Contains(ds.Key, c.Name)
}

// entryField makes a field for a column. text is what a row says there; whatever it is, the field shows it.
func (r *Request) entryField(ds *kpi.Dataset, c *kpi.Column, prefix, text string) entryField {
	f := entryField{ID: prefix + "-" + c.Name, Name: prefix + "." + c.Name, Column: c.From, Kind: "text", Value: text, Required: mustFill(ds, c)}
	bare := strings.TrimSpace(text)
	switch {
	case len(c.Values) > 0 && c.OthersAre == "":
		f.Kind, f.Options = "choice", r.listed(c, bare)
	case c.Type == kpi.TypeDistrict && len(c.Values) == 0:
		f.Kind, f.Options = "choice", r.districtsOf(bare)
	case c.Type == kpi.TypeBoolean && len(c.Values) == 0:
		f.Kind, f.Options = "choice", r.yesOrNo(bare)
	case c.Type == kpi.TypeDate:
		r.dayField(&f, c, bare)
	case c.Type == kpi.TypeInteger || c.Type == kpi.TypeNumber:
		f.Kind, f.Hint = "number", r.P.T("entries.hint.number", "example", exampleNumber(c))
	case c.Type == kpi.TypeTimestamp:
		f.Hint = r.P.T("entries.hint.format", "format", cmp.Or(c.Format, "2026-10-31T14:30"))
	case c.Pattern != "":
		f.Hint = r.P.T("entries.hint.format", "format", c.Pattern)
	}
	return f
}

// dayField lets a browser offer its calendar, unless what stands there is no day: then it is shown as it is.
func (r *Request) dayField(f *entryField, c *kpi.Column, text string) {
	d, is := c.ReadDay(text)
	if _, writes := c.WriteDay(kpi.NewDate(2026, 1, 31)); writes && (is || text == "") {
		f.Kind, f.Value = "date", ""
		if is {
			f.Value = d.String()
		}
		return
	}
	f.Hint = r.P.T("entries.hint.format", "format", cmp.Or(c.Format, "2026-10-31"))
}

// exampleNumber is a number as a column writes it.
func exampleNumber(c *kpi.Column) string {
	s := "1" + c.Thousands + "250"
	if c.Type == kpi.TypeNumber {
		s += cmp.Or(c.Decimal, ".") + "5"
	}
	return s
}

// chosen returns options, with a blank one before them and with what stands in the field where it is none of them.
func (r *Request) chosen(list []option, text string) []option {
	found := text == ""
	for i := range list {
		list[i].Selected = text != "" && list[i].Value == text
		found = found || list[i].Selected
	}
	if !found {
		list = append(list, option{Value: text, Words: own(text), Selected: true})
	}
	return append([]option{{Words: own(r.P.T("entries.choose"))}}, list...)
}

// listed are the values that a column lists.
func (r *Request) listed(c *kpi.Column, text string) []option {
	var list []option
	for theirs := range c.Values {
		list = append(list, option{Value: theirs, Words: own(theirs)})
	}
	i18n.SortBy(r.P, list, func(o option) string { return o.Words.Text })
	return r.chosen(list, text)
}

func (r *Request) districtsOf(text string) []option {
	if id, ok := r.City.DistrictIndex()[kpi.NormaliseName(text)]; ok {
		text = id
	}
	var list []option
	for _, d := range r.City.Districts {
		list = append(list, option{Value: d.ID, Words: r.Words(d.Name)})
	}
	return r.chosen(list, text)
}

func (r *Request) yesOrNo(text string) []option {
	if l := strings.ToLower(text); l == "true" || l == "false" {
		text = l
	}
	return r.chosen([]option{{Value: "true", Words: own(r.P.T("entries.yes"))}, {Value: "false", Words: own(r.P.T("entries.no"))}}, text)
}

// sentRow reads a row of a form. A day that a browser's calendar gave is written as the column declares it. Of what was not sent nothing is said.
func sentRow(ds *kpi.Dataset, form url.Values, prefix string) map[string]string {
	fields := map[string]string{}
	for _, c := range entryColumns(ds) {
		list, sent := form[prefix+"."+c.Name]
		if !sent || len(list) == 0 {
			continue
		}
		text := strings.TrimSpace(strings.ToValidUTF8(strings.ReplaceAll(list[0], "\x00", ""), "\ufffd"))
		if d, err := kpi.ParseDate(text); err == nil && c.Type == kpi.TypeDate {
			if s, ok := c.WriteDay(d); ok {
				text = s
			}
		}
		fields[c.From] = text
	}
	return fields
}

// dueEntry is the period for which something should be typed next: that of an indicator of the dataset whose day is in the key.
type dueEntry struct {
	column string // of the day; empty: there is none
	day    kpi.Date
	period kpi.Period
	over   bool     // the period has ended: what it was can be said
	until  kpi.Date // the newest day that there is; zero: none
}

// dueIn finds out what is due. The day within a period is the last one, or the first where the newest rows are of a first day.
func (r *Request) dueIn(ds *kpi.Dataset, state kpi.DatasetState) dueEntry {
	var due dueEntry
	var kind kpi.PeriodKind
	for i := range r.City.Indicators {
		ind := &r.City.Indicators[i]
		if ind.Dataset != ds.ID || !slices.Contains(ds.Key, ind.Measure.Date) {
			continue
		}
		at := slices.IndexFunc(ds.Columns, func(c kpi.Column) bool { return c.Name == ind.Measure.Date && c.Type == kpi.TypeDate })
		if at >= 0 {
			due.column, kind = ds.Columns[at].Name, ind.Period
			break
		}
	}
	due.until = state.DataUntil
	if due.column == "" || due.until.IsZero() {
		return due
	}
	last, err := r.Cal.Period(kind, due.until)
	if err != nil {
		due.column = ""
		return due
	}
	due.period = last
	first := due.until == last.First && last.First != last.Last
	if first || due.until == last.Last {
		due.period = r.Cal.Next(last)
	}
	today := r.Today
	if !r.City.AsOf.IsZero() {
		today = r.City.AsOf
	}
	due.day, due.over = due.period.Last, due.period.Last.Before(today)
	if first {
		due.day = due.period.First
	}
	return due
}
