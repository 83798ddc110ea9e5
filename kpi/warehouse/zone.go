package warehouse

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// The years between which wall clocks are converted. Nothing before the first full year of the Gregorian calendar is a date that a
// city's file means. The clock changes of a zone are followed until lastRuleYear; later ones are fiction in every table of zones, so
// the offset that holds then holds on.
const (
	firstYear    = 1583
	lastYear     = 9999
	lastRuleYear = 2200
)

// piece is a stretch of time [from, to) with one offset from UTC. In localPieces the bounds are wall-clock times written as if they
// were UTC, and twice says that clocks show the stretch a second time.
type piece struct {
	from, to time.Time
	offset   time.Duration
	twice    bool
}

// utcPieces are the stretches of a zone by UTC.
func utcPieces(loc *time.Location) []piece {
	end := time.Date(lastYear+1, 1, 2, 0, 0, 0, 0, time.UTC)
	rules := time.Date(lastRuleYear, 1, 1, 0, 0, 0, 0, time.UTC)
	var pieces []piece
	for t := time.Date(firstYear-1, 12, 30, 0, 0, 0, 0, time.UTC); t.Before(end); {
		_, seconds := t.In(loc).Zone()
		_, next := t.In(loc).ZoneBounds()
		to := next.UTC()
		switch {
		case next.IsZero() || to.After(rules):
			to = end
		case !to.After(t):
			// Where a rule goes on for ever the bounds that Go reports end with its years, and in a leap year a day before.
			to = t.Add(24 * time.Hour)
		}
		offset := time.Duration(seconds) * time.Second
		if n := len(pieces); n > 0 && pieces[n-1].offset == offset {
			pieces[n-1].to = to // only the zone's name changed
		} else {
			pieces = append(pieces, piece{from: t, to: to, offset: offset})
		}
		t = to
	}
	return pieces
}

// localPieces are the stretches by wall clock. Where clocks are set back the hour that comes twice belongs to the earlier stretch;
// where they are set forward the hour that is skipped belongs to none.
func localPieces(loc *time.Location) []piece {
	pieces := utcPieces(loc)
	first := time.Date(firstYear, 1, 1, 0, 0, 0, 0, time.UTC)
	last := time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
	var local []piece
	at := first
	for i, p := range pieces {
		from, to := later(p.from.Add(p.offset), at), p.to.Add(p.offset)
		if to.After(last) {
			to = last
		}
		if !from.Before(to) {
			continue
		}
		at = to
		if i+1 < len(pieces) && pieces[i+1].offset < p.offset { // clocks go back at its end
			again := later(p.to.Add(pieces[i+1].offset), from)
			local = append(local, piece{from, again, p.offset, false}, piece{again, to, p.offset, true})
			continue
		}
		local = append(local, piece{from, to, p.offset, false})
	}
	return local
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// bucket is the width of the equal stretches, in microseconds, by which wall clocks find their piece: an equality that a hash join
// can use, before the comparison of bounds that decides. bucketShift keeps the divided number positive, for integer division in SQL
// rounds towards zero.
const (
	bucket      = 64 * microsecondsInDay
	bucketShift = 1 << 54
)

// bucketOf is the SQL for the bucket of a timestamp.
func bucketOf(x string, width int64) string {
	return fmt.Sprintf("((epoch_us(%s) + %d) // %d)", x, int64(bucketShift), width)
}

// buckets is the SQL of a derived table that repeats every stretch for every bucket that it touches. from, to and value are lists of
// equal length bound to the statement; the bounds are in microseconds since 1970.
func buckets(from, to, value string, width int64) string {
	return fmt.Sprintf(`(SELECT unnest(range((a + %[4]d) // %[5]d, (b - 1 + %[4]d) // %[5]d + 1)) AS bucket, make_timestamp(a) AS a, make_timestamp(b) AS b, v
	FROM (SELECT unnest(%[1]s) AS a, unnest(%[2]s) AS b, unnest(%[3]s) AS v))`, from, to, value, int64(bucketShift), width)
}

// zoneTable binds the wall-clock stretches of a zone and returns the derived table (bucket, a, b, v) whose v is twice the offset in microseconds,
// plus one where clocks show the stretch twice.
func zoneTable(s *statement, loc *time.Location) string {
	pieces := localPieces(loc)
	from, to, offset := make([]int64, len(pieces)), make([]int64, len(pieces)), make([]int64, len(pieces))
	for i, p := range pieces {
		from[i], to[i], offset[i] = p.from.UnixMicro(), p.to.UnixMicro(), 2*p.offset.Microseconds()
		if p.twice {
			offset[i]++
		}
	}
	return buckets(s.bind(from, "BIGINT[]"), s.bind(to, "BIGINT[]"), s.bind(offset, "BIGINT[]"), bucket)
}

// localTime is the SQL that turns the UTC timestamp x into the wall-clock time of the zone: a scalar, where no join can stand. The offset is looked
// up in lists by the stretch of time in which x lies: the offset with which it begins, and for each change of clocks within it the instant and the
// offset from then on. A tree of comparisons over the hundreds of changes of some zones took eight times as long.
func (s scope) localTime(x string, loc *time.Location) string {
	pieces := utcPieces(loc)
	offset := fmt.Sprint(pieces[0].offset.Microseconds())
	if len(pieces) > 1 {
		offset = s.offsetAt(x, loc.String(), pieces)
	}
	return fmt.Sprintf("make_timestamp(epoch_us(%s) + %s)", x, offset)
}

func (s scope) offsetAt(x, zone string, pieces []piece) string {
	place := func(t time.Time) int64 { return (t.UnixMicro() + bucketShift) / bucket }
	first, last := place(pieces[1].from), place(pieces[len(pieces)-1].from)
	begin := make([]int64, last-first+1)
	var from, offset [][]int64 // of the first change in each stretch, of the second …
	changes := make([]int, len(begin))
	for i, p := range pieces[1:] {
		k := place(p.from) - first
		n := changes[k]
		if n == len(from) {
			from, offset = append(from, slices.Repeat([]int64{math.MaxInt64}, len(begin))), append(offset, make([]int64, len(begin)))
		}
		from[n][k], offset[n][k] = p.from.UnixMicro(), p.offset.Microseconds()
		changes[k]++
		if i == 0 {
			begin[0] = pieces[0].offset.Microseconds()
		}
		if next := k + 1; next < int64(len(begin)) { // until the next change
			to := min(int64(len(begin)-1), place(p.to.Add(-time.Microsecond))-first)
			for ; next <= to; next++ {
				begin[next] = p.offset.Microseconds()
			}
		}
	}
	at := fmt.Sprintf("greatest(least(%s - %d, %d), 1)", bucketOf(x, bucket), first-1, len(begin))
	element := func(name string, list []int64) string {
		return fmt.Sprintf("list_extract(%s, %s)", s.list(name+" of "+zone, list), at)
	}
	var b strings.Builder
	for n := len(from) - 1; n >= 0; n-- {
		fmt.Fprintf(&b, " WHEN epoch_us(%s) >= %s THEN %s", x, element(fmt.Sprint("change ", n), from[n]), element(fmt.Sprint("offset ", n), offset[n]))
	}
	return "CASE" + b.String() + " ELSE " + element("offset", begin) + " END"
}
