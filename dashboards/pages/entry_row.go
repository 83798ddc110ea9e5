package pages

import (
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// shownName is the last part of a file's name, as it can be kept and shown.
func shownName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return -1
		}
		return c
	}, name)
	return cut(name, 100)
}

// membersOf lists the members of a dimension that the indicators of a dataset have.
func membersOf(results []scorecard.Result, dataset, dimension string) []string {
	var list []string
	for i := range results {
		if results[i].Indicator.Dataset != dataset {
			continue
		}
		for _, m := range results[i].Members {
			if m.Dimension == dimension && m.Member != kpi.MemberNotRecorded && m.Member != kpi.MemberNotRecognised && !slices.Contains(list, m.Member) {
				list = append(list, m.Member)
			}
		}
	}
	slices.Sort(list)
	return list[:min(len(list), 100)]
}

// entryRowView is a row of a draft, with a field for each column.
type entryRowView struct {
	ID     string
	Line   string
	Out    bool
	Fields []entryField
	Wrong  []entryWrong // what is wrong with the row as a whole
}

// entryWrong is what is wrong with a row, in words.
type entryWrong struct {
	Text   string
	Detail string // in the program's own words, in English
}

// rowView is a row of a draft with what is wrong with it. now is the same row as somebody else has left it meanwhile; nil if nobody has.
func (r *Request) rowView(ds *kpi.Dataset, row *kpi.EntryRow, faults []kpi.EntryFault, now *kpi.EntryRow) entryRowView {
	line := strconv.FormatInt(row.Line, 10)
	v := entryRowView{ID: "r-" + line, Line: line, Out: row.Out}
	for _, c := range entryColumns(ds) {
		f := r.entryField(ds, c, "r."+line, row.Fields[c.From])
		f.ID = strings.ReplaceAll(f.ID, ".", "-")
		if now != nil && now.Fields[c.From] != row.Fields[c.From] {
			f.Elsewise, f.Now = true, now.Fields[c.From]
		}
		v.Fields = append(v.Fields, f)
	}
	if row.Out {
		return v
	}
	for _, fault := range faults {
		w := r.wrongWith(fault)
		at := slices.IndexFunc(v.Fields, func(f entryField) bool { return f.Column == fault.Column })
		if at < 0 {
			v.Wrong = append(v.Wrong, w)
			continue
		}
		v.Fields[at].Wrong, v.Fields[at].Detail = w.Text, w.Detail
	}
	return v
}

// wrongWith says what a fault is. What to do about it at a source far away is of no use to whoever has the row before them.
func (r *Request) wrongWith(f kpi.EntryFault) entryWrong {
	return entryWrong{Text: r.P.Upper(r.P.Reject(f.Reason)) + ".", Detail: f.Detail}
}

// numberedLine finds the rows of entries in the program's own words.
var numberedLine = regexp.MustCompile(`\b` + kpi.Entries + ` line (\d+)`)

// readableLines says of which entry and line a message of the program speaks.
func readableLines(message string) string {
	return numberedLine.ReplaceAllStringFunc(message, func(s string) string {
		n, err := strconv.ParseInt(s[len(kpi.Entries+" line "):], 10, 64)
		if err != nil {
			return s
		}
		batch, line := kpi.EntryOf(n)
		return fmt.Sprintf("entry %d line %d", batch, line)
	})
}

// mendRows takes what a form says of the rows that it showed. A fault is gone once what is at fault was changed; the row is then looked at like any other.
func mendRows(ds *kpi.Dataset, rows []kpi.EntryRow, form url.Values) []kpi.EntryRow {
	shown := map[string]bool{}
	for _, line := range form["line"] {
		shown[line] = true
	}
	list := slices.Clone(rows)
	for i := range list {
		line := strconv.FormatInt(list[i].Line, 10)
		if !shown[line] {
			continue
		}
		fields, changed := maps.Clone(list[i].Fields), map[string]bool{}
		if fields == nil {
			fields = map[string]string{}
		}
		for name, text := range sentRow(ds, form, "r."+line) {
			if strings.TrimSpace(fields[name]) != text {
				fields[name], changed[name] = text, true
			}
		}
		list[i].Fields, list[i].Out = fields, form.Get("out."+line) != ""
		if f := list[i].Fault; f != nil && (changed[f.Column] || f.Column == "" && len(changed) > 0) {
			list[i].Fault = nil
		}
	}
	return list
}
