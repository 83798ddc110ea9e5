package meeting

import (
	"strings"
	"testing"

	"citystat/kpi"
)

func TestCheckEntry(t *testing.T) {
	rows := []kpi.EntryRow{{Line: 1, Fields: map[string]string{"a": "1"}}}
	batch := func(state kpi.EntryState, change ...func(*kpi.EntryBatch)) *kpi.EntryBatch {
		b := &kpi.EntryBatch{Dataset: "permits", State: state, Rows: rows, Count: 1}
		for _, f := range change {
			f(b)
		}
		return b
	}
	why := func(b *kpi.EntryBatch) { b.Why = "wrong" }
	with := func(rows ...kpi.EntryRow) func(*kpi.EntryBatch) {
		return func(b *kpi.EntryBatch) { b.Rows = rows }
	}
	const draft, entered, undone, discarded = kpi.EntryDraft, kpi.EntryEntered, kpi.EntryUndone, kpi.EntryDiscarded
	for _, c := range []struct {
		name string
		was  *kpi.EntryBatch
		b    *kpi.EntryBatch
		want kpi.Code
	}{
		{"a new draft", nil, batch(draft), ""},
		{"a draft without rows", nil, batch(draft, with()), ""},
		{"changed", batch(draft), batch(draft), ""},
		{"entered", batch(draft), batch(entered), ""},
		{"undone", batch(entered), batch(undone, why), ""},
		{"thrown away", batch(draft), batch(discarded), ""},

		{"entered unseen", nil, batch(entered), kpi.CodeInvalid},
		{"undone unseen", nil, batch(undone, why), kpi.CodeInvalid},
		{"thrown away unseen", nil, batch(discarded), kpi.CodeInvalid},
		{"entered twice", batch(entered), batch(entered), kpi.CodeConflict},
		{"changed once it counts", batch(entered), batch(draft), kpi.CodeConflict},
		{"thrown away once it counts", batch(entered), batch(discarded), kpi.CodeConflict},
		{"entered again once it was undone", batch(undone), batch(entered), kpi.CodeConflict},
		{"undone twice", batch(undone), batch(undone, why), kpi.CodeConflict},
		{"a draft undone", batch(draft), batch(undone, why), kpi.CodeConflict},
		{"taken up again", batch(discarded), batch(draft), kpi.CodeConflict},
		{"entered once it was thrown away", batch(discarded), batch(entered), kpi.CodeConflict},
		{"undone without a reason", batch(entered), batch(undone), kpi.CodeInvalid},
		{"no state", batch(draft), batch("done"), kpi.CodeInvalid},
		{"no dataset", nil, batch(draft, func(b *kpi.EntryBatch) { b.Dataset = "" }), kpi.CodeInvalid},
		{"another dataset", batch(draft), batch(draft, func(b *kpi.EntryBatch) { b.Dataset = "trees" }), kpi.CodeInvalid},
		{"too long a note", nil, batch(draft, func(b *kpi.EntryBatch) { b.Note = strings.Repeat("ñ", kpi.MaxEntryNote+1) }), kpi.CodeInvalid},
		{"as long as can be", nil, batch(draft, func(b *kpi.EntryBatch) { b.Note = strings.Repeat("ñ", kpi.MaxEntryNote) }), ""},
		{"too many rows", nil, batch(draft, with(make([]kpi.EntryRow, kpi.MaxEntryRows+1)...)), kpi.CodeInvalid},
		{"too much text", nil, batch(draft, with(kpi.EntryRow{Line: 1, Fields: map[string]string{"a": strings.Repeat("x", kpi.MaxEntryText+1)}})), kpi.CodeInvalid},
		{"a line twice", nil, batch(draft, with(kpi.EntryRow{Line: 2}, kpi.EntryRow{Line: 2})), kpi.CodeInvalid},
		{"line 0", nil, batch(draft, with(kpi.EntryRow{})), kpi.CodeInvalid},
		{"a line of another batch", nil, batch(draft, with(kpi.EntryRow{Line: kpi.EntryLine(1, 1)})), kpi.CodeInvalid},
		{"nothing to enter", batch(draft), batch(entered, func(b *kpi.EntryBatch) { b.Count = 0 }), kpi.CodeInvalid},
		{"a row that says nothing", batch(draft), batch(entered, with(kpi.EntryRow{Line: 1, Fault: &kpi.EntryFault{Reason: "cell_error"}})), kpi.CodeInvalid},
		{"and is left out", batch(draft), batch(entered, with(kpi.EntryRow{Line: 1, Out: true, Fault: &kpi.EntryFault{Reason: "cell_error"}})), ""},
	} {
		if got := kpi.ErrorCode(CheckEntry(c.was, c.b)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
