package meeting

import (
	"strings"
	"unicode/utf8"

	"citystat/kpi"
)

// CheckEntry says whether a batch of entries may be saved after what was saved of it before; nil if it is new. Rows, note and file are those of a draft
// alone: what was entered never changes, it is undone. It fails with [kpi.CodeInvalid], and with [kpi.CodeConflict] if the batch is not where it could be
// moved from.
func CheckEntry(was, b *kpi.EntryBatch) error {
	if !kpi.ValidID(b.Dataset) {
		return kpi.Errorf(kpi.CodeInvalid, "an entry is made into a dataset")
	}
	if n := utf8.RuneCountInString(b.Note); n > kpi.MaxEntryNote {
		return kpi.Errorf(kpi.CodeInvalid, "the note has %d letters, and %d are the most", n, kpi.MaxEntryNote)
	}
	switch {
	case was == nil && b.State != kpi.EntryDraft:
		return kpi.Errorf(kpi.CodeInvalid, "an entry begins as a draft, so that it is looked at first")
	case was != nil && was.Dataset != b.Dataset:
		return kpi.Errorf(kpi.CodeInvalid, "entry %d is one into %s and stays there", b.ID, was.Dataset)
	}
	switch b.State {
	case kpi.EntryDraft:
		if was != nil && was.State != kpi.EntryDraft {
			return entryMoved(was, "be changed")
		}
		return checkEntryRows(b)
	case kpi.EntryEntered:
		if was.State != kpi.EntryDraft {
			return entryMoved(was, "be entered")
		}
		return checkWhole(b)
	case kpi.EntryDiscarded:
		if was.State != kpi.EntryDraft {
			return entryMoved(was, "be thrown away")
		}
	case kpi.EntryUndone:
		if was.State != kpi.EntryEntered {
			return entryMoved(was, "be undone")
		}
		if strings.TrimSpace(b.Why) == "" {
			return kpi.Errorf(kpi.CodeInvalid, "say why the entry is undone")
		}
	default:
		return kpi.Errorf(kpi.CodeInvalid, "there is no state %q of an entry", b.State)
	}
	return nil
}

func entryMoved(was *kpi.EntryBatch, what string) error {
	return kpi.Errorf(kpi.CodeConflict, "entry %d is %s and cannot %s", was.ID, was.State, what)
}

// checkEntryRows holds a draft to the bounds, and its rows to having lines of their own.
func checkEntryRows(b *kpi.EntryBatch) error {
	if len(b.Rows) > kpi.MaxEntryRows {
		return kpi.Errorf(kpi.CodeInvalid, "the entry has %d rows, and %d are the most; divide it, or load the rows from a file", len(b.Rows), kpi.MaxEntryRows)
	}
	if n := b.Size(); n > kpi.MaxEntryText {
		return kpi.Errorf(kpi.CodeInvalid, "the rows hold %d bytes, and %d are the most; divide the entry", n, kpi.MaxEntryText)
	}
	lines := map[int64]bool{}
	for _, r := range b.Rows {
		if batch, line := kpi.EntryOf(r.Line); batch != 0 || line < 1 || lines[r.Line] {
			return kpi.Errorf(kpi.CodeInvalid, "%d cannot be the line of a row, or is that of two", r.Line)
		}
		lines[r.Line] = true
	}
	return nil
}

// checkWhole refuses to enter rows that cannot count. What else is wrong with rows is for whoever reads them as the dataset declares them.
func checkWhole(b *kpi.EntryBatch) error {
	if b.Count == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "there is no row to enter")
	}
	for _, r := range b.Rows {
		if !r.Out && r.Fault != nil {
			return kpi.Errorf(kpi.CodeInvalid, "line %d does not say what it holds (%s); mend it or leave it out", r.Line, r.Fault.Reason)
		}
	}
	return nil
}
