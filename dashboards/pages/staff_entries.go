package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

var staffEntriesPage = Page{
	Name: "staff_entries", Path: staffDataPath + "/:dataset/entries", Role: StaffOnly, Needs: account.EnterValues, Sends: account.EnterValues,
	Takes: 64 << 20, Files: true, Query: []string{"page", "gone"}, Load: loadEntries, Post: postEntries,
}

// entriesAPage is how many batches a page lists.
const entriesAPage = 25

// entriesPath is where values of a dataset are entered.
func entriesPath(dataset string) string {
	return staffDataPath + "/" + url.PathEscape(dataset) + "/entries"
}

func entryPath(dataset string, number int64) string {
	return entriesPath(dataset) + "/" + strconv.FormatInt(number, 10)
}

// entriesData is the form to type a row, the form to upload a spreadsheet, and what was entered before.
type entriesData struct {
	formErrors
	Name    Words
	Why     Words
	Action  string
	Notice  string
	Typed   bool   // people type into the dataset
	Source  string // where its rows come from, if they do not
	Fields  []entryField
	Note    string
	Due     string
	Columns []string // that the header of a spreadsheet has
	Sheet   string   // the sheet that is read; "" for the only one
	Rows    string   // the most rows
	Bytes   string   // the most bytes
	Detail  string   // why the file cannot be read, in the program's own words
	Batches []batchLine
	pager
}

// batchLine is a batch in the list.
type batchLine struct {
	Link  Link
	At    Moment
	Who   string
	How   string // typed, or the name of the file
	Rows  Value
	State string
	Class string
	Why   string
	Note  string
}

// entryDataset returns the dataset of the page, which needs a ledger.
func (r *Request) entryDataset() (*kpi.Dataset, error) {
	ds := r.City.Dataset(r.Params["dataset"])
	if ds == nil || r.work.Entries == nil || r.work.EntryDesk == nil {
		return nil, kpi.Errorf(kpi.CodeNotFound, "there is no dataset %q into which anything is typed", r.Params["dataset"])
	}
	return ds, nil
}

// maySeeEntries reports whether a reader is led to the entries of a dataset.
func (r *Request) maySeeEntries(ds *kpi.Dataset) bool {
	return ds.Source.Kind == kpi.SourceEntry && r.work.Entries != nil && r.Person.May(account.EnterValues, ds.Department)
}

// entriesLink leads to them.
func (r *Request) entriesLink(dataset string) Link {
	return Link{URL: entriesPath(dataset), Words: own(r.P.T("entries.link"))}
}

func loadEntries(ctx context.Context, r *Request) (Content, error) {
	return r.entries(ctx, entriesData{}, nil)
}

// entries is the page; sent are the fields of a row that was sent and is shown again, nil if there was none.
func (r *Request) entries(ctx context.Context, d entriesData, sent map[string]string) (Content, error) {
	ds, err := r.entryDataset()
	if err != nil {
		return Content{}, err
	}
	d.Name, d.Why, d.Action = r.Words(ds.Name), r.Prose(ds.Why), entriesPath(ds.ID)
	d.Typed, d.Source = ds.Source.Kind == kpi.SourceEntry, r.P.SourceKind(ds.Source.Kind)
	if d.Typed {
		if err := r.entryForms(ctx, &d, ds, sent); err != nil {
			return Content{}, err
		}
	}
	if err := r.batches(ctx, &d, ds); err != nil {
		return Content{}, err
	}
	if r.Query.Get("gone") != "" {
		d.Notice = r.P.T("entries.discarded")
	}
	c := Content{
		Title: r.P.T("entries.title", "dataset", d.Name.Text), Summary: r.P.T("entries.intro"),
		Crumbs: []Link{{URL: staffDataPath + "#dataset-" + ds.ID, Words: own(r.P.T("staff.title"))}},
	}
	if len(d.Errors) > 0 {
		c.Title = r.errorTitle(c.Title)
	}
	c.Data = d
	return c, nil
}

// entryForms fills in the two forms.
func (r *Request) entryForms(ctx context.Context, d *entriesData, ds *kpi.Dataset, sent map[string]string) error {
	reports, err := r.staff.Datasets(ctx)
	if err != nil {
		return err
	}
	due := r.dueIn(ds, reportOf(reports, ds.ID).State)
	d.Due = r.dueText(due)
	live, err := r.staff.Live(ctx)
	if err != nil { // it only helps to type
		r.log.WarnContext(ctx, "the live scorecard cannot be read for the form of entries", "err", err)
	}
	for _, c := range entryColumns(ds) {
		text := sent[c.From]
		if sent == nil && c.Name == due.column && due.over {
			text, _ = c.WriteDay(due.day)
		}
		f := r.entryField(ds, c, "v", text)
		f.Wrong = d.Wrong(f.ID)
		if f.Kind == "text" && live != nil && slices.Contains(ds.Dimensions, c.Name) {
			f.Known = membersOf(live.Results, ds.ID, c.Name)
		}
		d.Fields = append(d.Fields, f)
		d.Columns = append(d.Columns, c.From)
	}
	d.Sheet = ds.Source.Sheet
	d.Rows, d.Bytes = r.P.Int(kpi.MaxEntryRows), r.P.Bytes(kpi.MaxEntryFile)
	return nil
}

// dueText says what should be typed next.
func (r *Request) dueText(due dueEntry) string {
	switch {
	case due.until.IsZero():
		return r.P.T("entries.due.first")
	case due.column == "" || !due.over:
		return r.P.T("entries.due.until", "date", r.P.Date(due.until))
	}
	return r.P.T("entries.due.now", "period", r.P.Period(due.period), "date", r.P.Date(due.until))
}

// batches lists what was entered, the newest first.
func (r *Request) batches(ctx context.Context, d *entriesData, ds *kpi.Dataset) error {
	list, err := r.work.Entries.EntryBatches(ctx, kpi.PaperQuery{Subject: ds.ID})
	if err != nil {
		return err
	}
	slices.Reverse(list)
	from, to, err := r.turn(&d.pager, entriesPath(ds.ID), len(list), entriesAPage, "entries.shown")
	if err != nil {
		return err
	}
	r.staffPages(&d.pager)
	names, err := r.namesOf(ctx)
	if err != nil {
		return err
	}
	for i := range list[from:to] {
		d.Batches = append(d.Batches, r.batchLine(&list[from+i], names))
	}
	return nil
}

// staffPages takes the language from the addresses of a pager: staff pages have none.
func (r *Request) staffPages(p *pager) {
	for _, l := range []*Link{p.Previous, p.Next} {
		if l != nil {
			l.URL = r.staffAddress(l.URL)
		}
	}
}

// namesOf returns the names of the people who can sign in, by id.
func (r *Request) namesOf(ctx context.Context) (map[int64]string, error) {
	names := map[int64]string{}
	if r.directory == nil {
		return names, nil
	}
	people, err := r.directory.People(ctx)
	for _, p := range people {
		names[p.ID] = p.Name
	}
	return names, err
}

// whose is the name of whoever did something, or what the audit trail calls them.
func whose(names map[int64]string, person int64, by string) string {
	if s := names[person]; s != "" && person != 0 {
		return s
	}
	return by
}

// entryShapes are the shapes beside the states; those of the statuses, which a reader knows already.
var entryShapes = map[kpi.EntryState]kpi.PublicStatus{
	kpi.EntryDraft: kpi.PublicBehind, kpi.EntryEntered: kpi.PublicOnTrack, kpi.EntryUndone: kpi.PublicCannotSay, kpi.EntryDiscarded: kpi.PublicCannotSay,
}

func (r *Request) entryChip(s kpi.EntryState) Chip {
	return Chip{entryShapes[s], r.P.T("entries.state." + string(s))}
}

func (r *Request) batchLine(b *kpi.EntryBatch, names map[int64]string) batchLine {
	v := batchLine{
		Link: Link{URL: entryPath(b.Dataset, b.ID), Words: own(r.P.T("entries.number", "n", strconv.FormatInt(b.ID, 10)))},
		At:   r.at(b.Since), Who: whose(names, b.Founder, b.By), How: r.entryHow(b), Rows: r.Count(int64(b.Count)), Why: b.Why, Note: b.Note,
	}
	chip := r.entryChip(b.State)
	v.State, v.Class = chip.Word, string(chip.Class)
	return v
}

// entryHow says how a batch came about.
func (r *Request) entryHow(b *kpi.EntryBatch) string {
	if b.File == "" {
		return r.P.T("entries.typed")
	}
	return b.File
}

// postEntries makes a draft of a row that was typed or of a spreadsheet, and leads to it.
func postEntries(ctx context.Context, r *Request, form url.Values) (Posted, error) {
	ds, err := r.entryDataset()
	if err != nil {
		return Posted{}, err
	}
	if ds.Source.Kind != kpi.SourceEntry {
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "nobody types into the dataset %s", ds.ID)
	}
	d := entriesData{Note: kpi.PlainText(form.Get("note"))}
	b := kpi.EntryBatch{Dataset: ds.ID, Department: ds.Department, State: kpi.EntryDraft, Note: d.Note}
	sent := sentRow(ds, form, "v")
	r.checkNote(&d.formErrors, d.Note)
	switch form.Get("do") {
	case "type":
		r.checkTyped(&d.formErrors, ds, sent)
		b.Rows = []kpi.EntryRow{{Line: 1, Fields: sent}}
	case "upload":
		if err := r.readSent(ctx, &d, ds, &b); err != nil {
			return Posted{}, err
		}
	default:
		return Posted{}, kpi.Errorf(kpi.CodeInvalid, "the form does not say what to do")
	}
	if len(d.Errors) > 0 {
		content, err := r.entries(ctx, d, sent)
		return Posted{Content: content}, err
	}
	if err := r.work.Entries.SaveEntryBatch(ctx, &b, r.Person.By(), r.now); err != nil {
		return Posted{}, err
	}
	return Posted{To: entryPath(ds.ID, b.ID)}, nil
}

// checkNote notes a note that is too long.
func (r *Request) checkNote(f *formErrors, note string) {
	if n := utf8.RuneCountInString(note); n > kpi.MaxEntryNote {
		f.add("note", r.P.T("feedback.error.long", "n", n, "max", kpi.MaxEntryNote))
	}
}

// checkTyped notes fields that must be filled in and are not. All else is for whoever reads the row as the dataset declares it.
func (r *Request) checkTyped(f *formErrors, ds *kpi.Dataset, sent map[string]string) {
	for _, c := range entryColumns(ds) {
		if sent[c.From] == "" && mustFill(ds, c) {
			f.add("v-"+c.Name, r.P.T("entries.error.empty", "column", c.From))
		}
	}
}

// readSent reads the spreadsheet that was sent into a batch.
func (r *Request) readSent(ctx context.Context, d *entriesData, ds *kpi.Dataset, b *kpi.EntryBatch) error {
	switch f := r.sent; {
	case f == nil || f.Name == "":
		d.add("file", r.P.T("entries.error.no_file"))
	case f.TooMuch || len(f.Data) > kpi.MaxEntryFile:
		d.add("file", r.P.T("entries.error.large", "max", r.P.Bytes(kpi.MaxEntryFile)))
	default:
		rows, warnings, err := r.work.EntryDesk.ReadSheet(ctx, ds.ID, f.Name, f.Data)
		var known *kpi.Error
		if errors.As(err, &known) && known.Code == kpi.CodeInvalid {
			d.add("file", r.P.T("entries.error.unread"))
			d.Detail = known.Message
			return nil
		}
		if err != nil {
			return err
		}
		sum := sha256.Sum256(f.Data)
		b.Rows, b.Warnings, b.File, b.Hash = rows, warnings, shownName(f.Name), hex.EncodeToString(sum[:])
	}
	return nil
}
