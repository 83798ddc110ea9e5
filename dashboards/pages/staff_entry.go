package pages

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

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
	changesShown   = 60
	previewWait    = 10 * time.Second
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

// previewView is what would change.
type previewView struct {
	Ready   bool // nothing stands in the way of entering it
	Refused int  // rows of it that would be refused
	Lead    string
	Counts  []count
	Others  string
	Failed  string // in the program's own words
	Rules   []string
	Changes []valueChange
	More    string
	Said    []string // warnings
}

// valueChange is a number of now, and as it would be.
type valueChange struct {
	Name     Link
	Period   string
	Was, Now Value
}

// entryOutcome is how the load went that followed when the batch was entered or undone.
type entryOutcome struct {
	Class   string // of the note: "", caution, fault
	Text    string
	Message string // in the program's own words
	Rules   []string
	Rejects Link
	Again   string // the address to look again, while it goes on
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
	id, err := strconv.ParseInt(r.Params["number"], 10, 64)
	if err != nil || id < 1 {
		return nil, kpi.EntryBatch{}, kpi.Errorf(kpi.CodeNotFound, "%q is no number of an entry", r.Params["number"])
	}
	b, err := r.work.Entries.EntryBatch(ctx, id)
	if err == nil && b.Dataset != ds.ID {
		err = kpi.Errorf(kpi.CodeNotFound, "entry %d is not one into %s", id, ds.ID)
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
	say := func(id, text string) fact { return fact{Label: r.P.T(id), Words: own(text)} }
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

// preview asks what would change, unless that takes longer than anybody waits.
func (r *Request) preview(ctx context.Context, b kpi.EntryBatch) (p kpi.EntryPreview, busy bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, previewWait)
	defer cancel()
	p, err = r.work.EntryDesk.PreviewEntry(ctx, b)
	if err != nil && ctx.Err() != nil {
		return kpi.EntryPreview{}, true, nil
	}
	return p, false, err
}

// lookAtEntry fills in what would change.
func (r *Request) lookAtEntry(ctx context.Context, d *entryData, b kpi.EntryBatch) (kpi.EntryPreview, error) {
	p, busy, err := r.preview(ctx, b)
	switch code := kpi.ErrorCode(err); {
	case busy:
		d.Busy = true
		return p, nil
	case code == kpi.CodeUnready || code == kpi.CodeConflict || code == kpi.CodeInvalid:
		d.Busy, d.Unread = true, err.Error()
		return p, nil
	case err != nil:
		return p, err
	}
	v := &previewView{Refused: len(linesOf(p.Faults)), Failed: readableLines(p.Failed), Said: p.Warnings}
	v.Ready = v.Refused == 0
	v.Lead = r.P.N("entries.preview.refused", v.Refused)
	if v.Ready {
		v.Lead = r.P.T("entries.preview.ready")
	}
	if p.Failed == "" {
		v.Counts = []count{
			{r.P.T("entries.preview.new"), r.Count(p.Counts.New)}, {r.P.T("entries.preview.changed"), r.Count(p.Counts.Restated)},
		}
	}
	if p.Others > 0 {
		v.Others = r.P.N("entries.preview.others", int(p.Others))
	}
	for _, c := range p.Checks {
		if c.Check.Else != kpi.ElseReject {
			v.Rules = append(v.Rules, c.Check.Rule)
		}
	}
	r.valueChanges(v, p.Changes)
	d.Preview = v
	return p, nil
}

// linesOf returns the lines of faults, each once.
func linesOf(faults []kpi.EntryFault) []int64 {
	var list []int64
	for _, f := range faults {
		if !slices.Contains(list, f.Line) {
			list = append(list, f.Line)
		}
	}
	return list
}

// valueChanges shows the numbers of the city that would change, by indicator and period; those of districts and groups follow from the same rows.
func (r *Request) valueChanges(v *previewView, list []kpi.ValueChange) {
	more := 0
	for _, c := range list {
		ind := r.City.Indicator(c.Indicator)
		if ind == nil || c.Dimension != "" || c.Period == kpi.PeriodTotal {
			continue
		}
		period, err := r.Cal.Parse(c.Period)
		if err != nil {
			continue
		}
		if len(v.Changes) == changesShown {
			more++
			continue
		}
		v.Changes = append(v.Changes, valueChange{
			Name: Link{URL: staffIndicatorPath(ind.ID), Words: r.Words(ind.Name)}, Period: r.P.Period(period), Was: r.Value(ind, c.Was), Now: r.Value(ind, c.Now),
		})
	}
	if more > 0 {
		v.More = r.P.N("entries.preview.more", more)
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

// outcome says how the first run went that began after the batch was entered or undone; the newest one, if none of the runs that are told is older.
func (r *Request) outcome(ds *kpi.Dataset, b *kpi.EntryBatch, rep *kpi.DatasetReport) *entryOutcome {
	since := b.Entered
	if b.State == kpi.EntryUndone {
		since = b.At
	}
	var run *kpi.Load
	for i := range rep.Runs { // the newest first
		if l := &rep.Runs[i]; !l.Started.Before(since) {
			run = l
			if l.State.Good() {
				break
			}
		}
	}
	which := "entered"
	if b.State == kpi.EntryUndone {
		which = "undone"
	}
	switch {
	case run == nil && len(rep.Runs) > 0 && rep.Runs[0].Started.Before(since) || run != nil && run.State.UnderWay():
		return &entryOutcome{Class: "caution", Text: r.P.T("entries.outcome.waits"), Again: entryPath(ds.ID, b.ID)}
	case run == nil:
		return nil
	case run.State.Good():
		return &entryOutcome{Text: r.P.T("entries.outcome."+which, "time", r.at(run.Time()).Text)}
	}
	o := &entryOutcome{Class: "fault", Text: r.P.T("entries.outcome.failed." + which), Message: readableLines(run.Error), Rules: broken(run, kpi.ElseFail)}
	if rep.State.Failed != nil && rep.State.Failed.ID == run.ID && len(rep.Refused) > 0 && r.Person.May(account.SeeRejects, ds.Department) {
		o.Rejects = r.rejectsLink(ds.ID, run.ID)
	}
	return o
}

// postEntry mends a draft, enters or discards it, or undoes what was entered.
func postEntry(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	ds, b, err := r.entryBatch(ctx)
	if err != nil {
		return Posted{}, err
	}
	sent := &sentEntry{note: b.Note, why: kpi.PlainText(form.Get("why"))}
	do := form.Get("do")
	if do == "undo" {
		return r.undoEntry(ctx, ds, b, form, sent)
	}
	if b.State != kpi.EntryDraft || form.Get("revision") != strconv.Itoa(b.Revision) {
		return r.clash(ctx, ds, b, form, sent)
	}
	if do == "discard" {
		b.State = kpi.EntryDiscarded
		if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
			return r.orClash(ctx, ds, b, form, sent, err)
		}
		return Posted{To: entriesPath(ds.ID) + "?gone=" + strconv.FormatInt(b.ID, 10)}, nil
	}
	sent.note = kpi.PlainText(form.Get("note"))
	sent.rows = mendRows(ds, b.Rows, form)
	r.checkNote(&sent.formErrors, sent.note)
	if len(sent.Errors) > 0 {
		return r.entryAgain(ctx, sent)
	}
	switch do {
	case "mend":
	case "add":
		sent.rows = append(sent.rows, kpi.EntryRow{Line: nextLine(sent.rows), Fields: map[string]string{}})
	case "leave":
		b.Rows = sent.rows
		if sent.rows, err = r.leaveOut(ctx, b); err != nil {
			return Posted{}, err
		}
	case "enter":
		return r.enter(ctx, ds, b, form, sent)
	default:
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	b.Rows, b.Note = sent.rows, sent.note
	if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
		return r.orClash(ctx, ds, b, form, sent, err)
	}
	return Posted{To: r.sameRows(entryPath(ds.ID, b.ID), do)}, nil
}

// sameRows leads back to the rows that were shown.
func (r *Request) sameRows(path, do string) string {
	q := url.Values{"done": {"saved"}}
	if r.Query.Get("show") == "all" && do != "leave" {
		q.Set("show", "all")
		if p := r.Query.Get("page"); p != "" {
			q.Set("page", p)
		}
	}
	return path + "?" + q.Encode()
}

// nextLine is the line of a row behind all others.
func nextLine(rows []kpi.EntryRow) int64 {
	var most int64
	for _, row := range rows {
		most = max(most, row.Line)
	}
	return most + 1
}

// leaveOut leaves every row out that would be refused.
func (r *Request) leaveOut(ctx context.Context, b kpi.EntryBatch) ([]kpi.EntryRow, error) {
	p, err := r.work.EntryDesk.PreviewEntry(ctx, b)
	if err != nil {
		return nil, err
	}
	lines := linesOf(p.Faults)
	rows := slices.Clone(b.Rows)
	for i := range rows {
		rows[i].Out = rows[i].Out || slices.Contains(lines, rows[i].Line)
	}
	return rows, nil
}

// enter looks at a draft once more and lets it count. A row that would be refused stands in the way: it would take the place of a good one.
func (r *Request) enter(ctx context.Context, ds *kpi.Dataset, b kpi.EntryBatch, form url.Values, sent *sentEntry) (Posted, error) {
	changed := b.Note != sent.note || !reflect.DeepEqual(b.Rows, sent.rows)
	b.Rows, b.Note = sent.rows, sent.note
	p, busy, err := r.preview(ctx, b)
	switch {
	case err != nil && kpi.ErrorCode(err) == kpi.CodeInternal:
		return Posted{}, err
	case err != nil || busy:
		sent.add("", r.P.T("entries.error.busy"))
		sent.status = http.StatusServiceUnavailable
	case len(p.Faults) > 0:
		sent.look = true
		sent.add("", r.P.N("entries.error.refused", len(linesOf(p.Faults))))
	case !slices.ContainsFunc(b.Rows, func(row kpi.EntryRow) bool { return !row.Out && anyField(row.Fields) }):
		sent.add("", r.P.T("entries.error.nothing"))
	}
	if len(sent.Errors) > 0 {
		return r.entryAgain(ctx, sent)
	}
	if changed { // the rows are kept as they were looked at
		if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
			return r.orClash(ctx, ds, b, form, sent, err)
		}
	}
	b.State = kpi.EntryEntered
	if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
		return r.orClash(ctx, ds, b, form, sent, err)
	}
	return r.loaded(ctx, ds, &b)
}

func anyField(fields map[string]string) bool {
	for _, f := range fields {
		if strings.TrimSpace(f) != "" {
			return true
		}
	}
	return false
}

// loaded runs the load and leads to how it went. What was saved stays saved, whatever comes of that.
func (r *Request) loaded(ctx context.Context, ds *kpi.Dataset, b *kpi.EntryBatch) (Posted, error) {
	if err := r.work.EntryDesk.LoadEntries(ctx, ds.ID); err != nil {
		r.log.ErrorContext(ctx, "the load after an entry could not be asked for", "dataset", ds.ID, "err", err)
	}
	return Posted{To: entryPath(ds.ID, b.ID) + "?done=" + string(b.State)}, nil
}

// undoEntry takes back what was entered.
func (r *Request) undoEntry(ctx context.Context, ds *kpi.Dataset, b kpi.EntryBatch, form url.Values, sent *sentEntry) (Posted, error) {
	if b.State != kpi.EntryEntered || form.Get("revision") != strconv.Itoa(b.Revision) {
		return r.clash(ctx, ds, b, form, sent)
	}
	r.need(&sent.formErrors, "why", sent.why, kpi.MaxEntryNote, "entries.error.why")
	if len(sent.Errors) > 0 {
		return r.entryAgain(ctx, sent)
	}
	b.State, b.Why = kpi.EntryUndone, sent.why
	if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
		return r.orClash(ctx, ds, b, form, sent, err)
	}
	return r.loaded(ctx, ds, &b)
}

// entryAgain shows a form again.
func (r *Request) entryAgain(ctx context.Context, sent *sentEntry) (Posted, error) {
	content, err := r.entry(ctx, sent)
	return Posted{Content: content, Status: sent.status}, err
}

// orClash shows a form again where an error says that somebody else was first.
func (r *Request) orClash(ctx context.Context, ds *kpi.Dataset, b kpi.EntryBatch, form url.Values, sent *sentEntry, err error) (Posted, error) {
	if kpi.ErrorCode(err) != kpi.CodeConflict {
		return Posted{}, err
	}
	return r.clash(ctx, ds, b, form, sent)
}

// clash shows what somebody else has made of the batch meanwhile, beside what was sent.
func (r *Request) clash(ctx context.Context, ds *kpi.Dataset, b kpi.EntryBatch, form url.Values, sent *sentEntry) (Posted, error) {
	sent.Errors = nil
	sent.add("", r.P.T("entries.error.conflict"))
	sent.status, sent.clash = http.StatusConflict, true
	if len(form["line"]) > 0 {
		sent.note = kpi.PlainText(form.Get("note"))
		now, err := r.work.Entries.EntryBatch(ctx, b.ID)
		if err != nil {
			return Posted{}, err
		}
		sent.rows = mendRows(ds, now.Rows, form)
	}
	return r.entryAgain(ctx, sent)
}
