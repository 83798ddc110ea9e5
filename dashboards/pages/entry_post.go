package pages

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
)

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
