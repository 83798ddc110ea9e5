package pages

import (
	"context"
	"net/url"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
)

var staffEntryPage = Page{
	Name: "staff_entry", Path: staffDataPath + "/:dataset/entries/:number", Role: StaffOnly, Needs: account.EnterValues, Sends: account.EnterValues,
	Takes: 1 << 20, Query: []string{"show", "page", "done"}, Load: loadEntry, Post: postEntry,
}

const (
	draftRowsAPage = 20 // each has a field for every column
	entryRowsAPage = 100
)

// entryData is a batch: a draft that can be mended and entered, or one that was entered and can be undone.
type entryData struct {
	formErrors
	Name     Words
	Heading  string
	Action   string
	Form     string // where its form leads: it keeps the rows that are shown
	Notice   string
	Chip     Chip
	State    string // draft, entered, undone, discarded
	Revision int
	Facts    []fact
	Note     string
	Warnings []string
	Preview  *previewView // of a draft
	Busy     bool         // a load is on, and nobody could look at the draft
	Unread   string       // why nobody could, in the program's own words
	Tabs     []Link
	Rows     []entryRowView
	All      bool // all rows are shown, not only those at fault
	Leave    bool // there are rows at fault, which can be left out together
	Header   []string
	Table    []tableRow
	Outcome  *entryOutcome
	Why      string // of the form that undoes
	pager
}

// tableRow is a row that can only be read.
type tableRow struct {
	Line  string
	Cells []string
	Out   bool
}

// sentEntry is a form that was sent and is shown again.
type sentEntry struct {
	formErrors
	rows   []kpi.EntryRow // as they were sent; nil: as they are kept
	note   string
	why    string
	status int
	clash  bool // somebody else has saved the batch meanwhile
	look   bool // its rows were looked at: what is wrong stands in the summary too
}

func loadEntry(ctx context.Context, r *Request) (Content, error) {
	return r.entry(ctx, nil)
}

// entryBatch returns the batch of the page with its dataset.
func (r *Request) entryBatch(ctx context.Context) (*kpi.Dataset, kpi.EntryBatch, error) {
	ds, err := r.entryDataset()
	if err != nil {
		return nil, kpi.EntryBatch{}, err
	}
	b, err := byNumber(ctx, r, r.work.Entries.EntryBatch)
	if err == nil && b.Dataset != ds.ID {
		err = kpi.Errorf(kpi.CodeNotFound, "entry %d is not one into %s", b.ID, ds.ID)
	}
	return ds, b, err
}

// entry is the page.
func (r *Request) entry(ctx context.Context, sent *sentEntry) (Content, error) {
	ds, b, err := r.entryBatch(ctx)
	if err != nil {
		return Content{}, err
	}
	d := entryData{Name: r.Words(ds.Name), Action: entryPath(ds.ID, b.ID), Chip: r.entryChip(b.State), State: string(b.State), Revision: b.Revision, Note: b.Note, Warnings: b.Warnings}
	d.Form, d.Heading = d.Action, r.P.T("entries.number", "n", strconv.FormatInt(b.ID, 10))
	if q := (url.Values{"show": r.Query["show"], "page": r.Query["page"]}).Encode(); q != "" {
		d.Form += "?" + q
	}
	names, err := r.namesOf(ctx)
	if err != nil {
		return Content{}, err
	}
	d.Facts = r.entryFacts(&b, names)
	if done := r.Query.Get("done"); done == "saved" || done == string(b.State) {
		d.Notice = r.P.T("entries.done." + done)
	}
	if sent != nil {
		d.Note, d.Why = sent.note, sent.why
	}
	if b.State == kpi.EntryDraft {
		err = r.draft(ctx, &d, ds, b, sent)
	} else {
		err = r.kept(ctx, &d, ds, &b)
	}
	if err != nil {
		return Content{}, err
	}
	c := Content{
		Title: d.Heading + " · " + d.Name.Text, Summary: r.P.T("entries.intro"),
		Crumbs: []Link{{URL: staffDataPath + "#dataset-" + ds.ID, Words: own(r.P.T("staff.title"))}, {URL: entriesPath(ds.ID), Words: own(r.P.T("entries.title", "dataset", d.Name.Text))}},
	}
	if sent != nil {
		d.Errors = append(sent.Errors, d.Errors...)
	}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// entryFacts says where a batch comes from.
func (r *Request) entryFacts(b *kpi.EntryBatch, names map[int64]string) []fact {
	say := func(id, text string) fact { return fact{Label: r.P.Upper(r.P.T(id)), Words: own(text)} }
	list := []fact{
		say("entries.begun", r.P.T("entries.by", "time", r.at(b.Since).Text, "who", whose(names, b.Founder, b.By))),
		say("entries.how", r.entryHow(b)),
		say("data.rows", r.P.Int(int64(b.Count))),
	}
	if !b.Entered.IsZero() {
		list = append(list, say("entries.state.entered", r.at(b.Entered).Text))
	}
	if b.State == kpi.EntryUndone || b.State == kpi.EntryDiscarded {
		list = append(list, say("entries.state."+string(b.State), r.P.T("entries.by", "time", r.at(b.At).Text, "who", whose(names, b.Person, b.By))))
	}
	if b.Why != "" {
		list = append(list, say("entries.why", b.Why))
	}
	return list
}

// draft shows a draft: what would change, and its rows with what is wrong with them.
func (r *Request) draft(ctx context.Context, d *entryData, ds *kpi.Dataset, b kpi.EntryBatch, sent *sentEntry) error {
	kept := map[int64]*kpi.EntryRow{}
	if sent != nil && sent.rows != nil {
		if sent.clash {
			for i := range b.Rows {
				kept[b.Rows[i].Line] = &b.Rows[i]
			}
		}
		b.Rows = sent.rows
	}
	p, err := r.lookAtEntry(ctx, d, b)
	if err != nil {
		return err
	}
	faults := map[int64][]kpi.EntryFault{}
	for _, f := range p.Faults {
		faults[f.Line] = append(faults[f.Line], f)
	}
	var list []*kpi.EntryRow
	for i := range b.Rows {
		if len(faults[b.Rows[i].Line]) > 0 {
			list = append(list, &b.Rows[i])
		}
	}
	d.Leave = len(list) > 1
	d.All = b.File == "" || r.Query.Get("show") == "all" || len(list) == 0 || sent != nil && sent.clash
	if b.File != "" && len(list) > 0 {
		d.Tabs = []Link{
			{URL: d.Action, Words: own(r.P.T("entries.tab.refused", "n", len(list))), Current: !d.All},
			{URL: d.Action + "?show=all", Words: own(r.P.T("entries.tab.all", "n", len(b.Rows))), Current: d.All},
		}
	}
	if d.All {
		list = nil
		for i := range b.Rows {
			list = append(list, &b.Rows[i])
		}
	}
	from, to, err := r.turn(&d.pager, d.Action, len(list), draftRowsAPage, "entries.rows_shown")
	if err != nil && sent != nil { // fewer rows are at fault than before
		from, to, err = 0, min(draftRowsAPage, len(list)), nil
	}
	if err != nil {
		return err
	}
	r.staffPages(&d.pager)
	for _, row := range list[from:to] {
		d.Rows = append(d.Rows, r.rowView(ds, row, faults[row.Line], kept[row.Line]))
	}
	if sent != nil && sent.look {
		d.summary(r)
	}
	return nil
}

// summary lists what is wrong with the rows that are shown, each with a link to its field.
func (d *entryData) summary(r *Request) {
	for _, row := range d.Rows {
		for _, w := range row.Wrong {
			d.add(row.ID, r.P.T("entries.error.row", "line", row.Line, "what", w.Text))
		}
		for _, f := range row.Fields {
			if f.Wrong != "" {
				d.add(f.ID, r.P.T("entries.error.cell", "line", row.Line, "column", f.Column, "what", f.Wrong))
			}
		}
	}
}

// kept shows a batch that is no draft: its rows, and how the load went that followed.
func (r *Request) kept(ctx context.Context, d *entryData, ds *kpi.Dataset, b *kpi.EntryBatch) error {
	columns := entryColumns(ds)
	for _, c := range columns {
		d.Header = append(d.Header, c.From)
	}
	from, to, err := r.turn(&d.pager, d.Action, len(b.Rows), entryRowsAPage, "entries.rows_shown")
	if err != nil {
		return err
	}
	r.staffPages(&d.pager)
	for _, row := range b.Rows[from:to] {
		t := tableRow{Line: strconv.FormatInt(row.Line, 10), Out: row.Out}
		for _, c := range columns {
			t.Cells = append(t.Cells, row.Fields[c.From])
		}
		d.Table = append(d.Table, t)
	}
	if b.State == kpi.EntryDiscarded {
		return nil
	}
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return err
	}
	d.Outcome = r.outcome(ds, b, reportOf(reports, ds.ID))
	return nil
}
