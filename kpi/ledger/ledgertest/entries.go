package ledgertest

import (
	"context"
	"strings"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
)

// EntryDataset is the dataset into which people type.
const EntryDataset = "street-safety"

// fillEntries leaves a spreadsheet with two rows at fault (1), a value that counts (2), one that was undone (3), a draft that was thrown away (4) and a typed
// draft (5).
func fillEntries(o *Office) {
	ctx, by, at := context.Background(), o.by(account.DepartmentStaff), o.now.Add(-72*time.Hour)
	department := OwnDepartment
	if ds := o.city.Dataset(EntryDataset); ds != nil {
		department = ds.Department
	}
	row := func(line int64, fields ...string) kpi.EntryRow {
		r := kpi.EntryRow{Line: line, Fields: map[string]string{}}
		for i, name := range []string{"request_id", "opened", "due", "closed", "type", "district"} {
			r.Fields[name] = fields[i]
		}
		return r
	}
	begin := func(b kpi.EntryBatch) *kpi.EntryBatch {
		b.Dataset, b.Department, b.State = EntryDataset, department, kpi.EntryDraft
		o.must(o.SaveEntryBatch(ctx, &b, by, at))
		at = at.Add(time.Hour)
		return &b
	}
	move := func(b *kpi.EntryBatch, to kpi.EntryState) {
		b.State = to
		o.must(o.SaveEntryBatch(ctx, b, by, at))
		at = at.Add(time.Hour)
	}
	sheet := kpi.EntryBatch{File: o.say("crashes-march.xlsx"), Hash: strings.Repeat("0a", 32), Note: o.say("From the police report of March."), Warnings: []string{o.say("1 hidden row was read like the others")}}
	broken := row(4, "c-103", "2026-03-05T10:00", "", "", o.say("crash"), "mill-river")
	broken.Fields["opened"] = "#DIV/0!"
	broken.Fault = &kpi.EntryFault{Column: "opened", Reason: "cell_error", Detail: o.say("the cell holds the error #DIV/0! and no value"), Raw: "#DIV/0!"}
	out := row(6, "", "", "", "", o.say("Total"), "")
	out.Out = true
	sheet.Rows = []kpi.EntryRow{
		row(2, "c-101", "2026-03-02T08:10", "2026-03-09T08:10", "2026-03-04T12:00", o.say("crash"), "old-harbor"), row(3, o.say("c-102"), "32/13/2026", "", "", "works", o.say("Old Harbour")),
		broken, row(5, "c-104", "2026-03-07T19:45", "", "", o.say("crash"), "east-quay"), out,
	}
	begin(sheet)
	typed := row(1, "c-090", "2026-02-27T07:30", "", "", o.say("crash"), "old-harbor")
	move(begin(kpi.EntryBatch{Rows: []kpi.EntryRow{typed}, Note: o.say("The police called again.")}), kpi.EntryEntered)
	undone := begin(kpi.EntryBatch{Rows: []kpi.EntryRow{row(1, "c-091", "2026-02-27T07:30", "", "", o.say("crash"), "")}})
	move(undone, kpi.EntryEntered)
	undone.Why = o.say("It was counted twice.")
	move(undone, kpi.EntryUndone)
	move(begin(kpi.EntryBatch{Rows: []kpi.EntryRow{typed}}), kpi.EntryDiscarded)
	begin(kpi.EntryBatch{Rows: []kpi.EntryRow{row(1, "c-105", "2026-03-11T06:00", "", "", o.say("works"), "market-square")}})
}

// ReadSheet reads text with commas, its header first.
func (o *Office) ReadSheet(_ context.Context, _, name string, data []byte) ([]kpi.EntryRow, []string, error) {
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) < 2 {
		return nil, nil, kpi.Errorf(kpi.CodeInvalid, "%s has a header and no rows", name)
	}
	header := strings.Split(lines[0], ",")
	var rows []kpi.EntryRow
	for i, l := range lines[1:] {
		r := kpi.EntryRow{Line: int64(i + 2), Fields: map[string]string{}}
		for k, f := range strings.Split(l, ",") {
			if k < len(header) {
				r.Fields[header[k]] = f
			}
		}
		rows = append(rows, r)
	}
	return rows, nil, nil
}

// PreviewEntry finds faults in what a spreadsheet did not say and in moments that are none, and lets the numbers of the dataset grow by one for each row.
func (o *Office) PreviewEntry(_ context.Context, b kpi.EntryBatch) (kpi.EntryPreview, error) {
	var p kpi.EntryPreview
	for _, r := range b.Rows {
		switch at := r.Fields["opened"]; {
		case r.Out:
		case r.Fault != nil:
			f := *r.Fault
			f.Line = r.Line
			p.Faults = append(p.Faults, f)
		case !strings.HasPrefix(at, "20"):
			p.Faults = append(p.Faults, kpi.EntryFault{Line: r.Line, Column: "opened", Reason: "bad_timestamp", Detail: o.text("it is no moment; write it as 2026-03-02T08:10"), Raw: at})
		default:
			p.Counts.New++
		}
	}
	p.Warnings = []string{o.text("31 rows were closed before they were opened")}
	for i := range o.cityIndicators() {
		ind := &o.city.Indicators[i]
		if ind.Dataset == b.Dataset && ind.Period == kpi.Month {
			was, now := 54.0, 54.0+float64(p.Counts.New)
			p.Changes = append(p.Changes, kpi.ValueChange{Indicator: ind.ID, Period: "2026-02", Was: &was, Now: &now}, kpi.ValueChange{Indicator: ind.ID, Period: "2026-03", Now: &now})
		}
	}
	return p, nil
}

func (o *Office) text(s string) string {
	if o.say == nil {
		return s
	}
	return o.say(s)
}

func (o *Office) cityIndicators() []kpi.Indicator {
	if o.city == nil {
		return nil
	}
	return o.city.Indicators
}

// LoadEntries does nothing: there are no rows here.
func (o *Office) LoadEntries(context.Context, string) error { return nil }
