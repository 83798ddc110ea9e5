package warehouse

import (
	"context"
	"fmt"
)

// mark is something about a field that is not its value and that a page warns of: a bit of _twice.
type mark struct {
	*reader
	text bool  // characters that nobody can see were taken out; otherwise a wall-clock time in an hour that clocks show twice
	bit  int64 // its place in _twice
}

// lastMark is the last bit of _twice; marks beyond it share it.
const lastMark = 61

// marks lists what may be noted of a row, wall-clock times first.
func (l *loader) marks() []mark {
	var list []mark
	for _, text := range []bool{false, true} {
		for _, r := range l.readers {
			if text && r.mixed() || !text && r.naive() {
				list = append(list, mark{r, text, int64(min(len(list), lastMark))})
			}
		}
	}
	return list
}

// suspected is a cheap condition without which the mark is not set.
func (m mark) suspected() string {
	if m.text {
		return m.name("g")
	}
	return fmt.Sprintf("(%s & 1) = 1", m.name("z"))
}

// noted is the condition, over the layers of the staging statement, under which the mark is set.
func (m mark) noted() string {
	if m.text {
		return m.hidden()
	}
	return fmt.Sprintf("coalesce(%s & 1, 0) = 1", m.name("z"))
}

// warning says how often the mark was set.
func (m mark) warning(rows int64) string {
	if m.text {
		return fmt.Sprintf("%s: characters that nobody can see, or that turn the direction of writing, were taken out of %d values", m.col.From, rows)
	}
	return fmt.Sprintf("%s: %d times lie in the hour that clocks in %s show twice when they are set back; the earlier hour was taken", m.col.From, rows, m.zone)
}

// warnMarks counts the times that fall into an hour that clocks showed twice, and the texts that held hidden characters.
func (l *loader) warnMarks(ctx context.Context) error {
	var counts [lastMark + 1]int64
	err := l.tx.query(ctx, func(scan func(...any) error) error {
		var bits, n int64
		err := scan(&bits, &n)
		for i := range counts {
			if bits>>i&1 == 1 {
				counts[i] += n
			}
		}
		return err
	}, "SELECT _twice, count(*) FROM "+l.staged()+" WHERE _twice IS NOT NULL AND _fault IS NULL GROUP BY _twice")
	if err != nil {
		return err
	}
	marks := l.marks()
	for i, n := range counts {
		switch {
		case n == 0 || i >= len(marks):
		case i == lastMark && len(marks) > lastMark+1:
			l.out.Warnings = append(l.out.Warnings, fmt.Sprintf("%s and the columns behind it: %d rows hold times that clocks show twice, of which the earlier was taken, or characters that nobody can see, which were taken out", marks[i].col.From, n))
		default:
			l.out.Warnings = append(l.out.Warnings, marks[i].warning(n))
		}
	}
	return nil
}
