package warehouse

import (
	"context"
	"testing"
	"time"
	_ "time/tzdata" // the zones must be there on a machine that has none
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// zonesWithTricks: plain, changes at midnight, half an hour, changes of the base offset, a day that was skipped, several changes a year.
var zonesWithTricks = []string{"UTC", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "Africa/Cairo", "Europe/Dublin", "America/Caracas", "Asia/Tehran"}

// TestPiecesAgreeWithGo asks both tables at every quarter of an hour around every change of clocks, and once a month in between.
func TestPiecesAgreeWithGo(t *testing.T) {
	for _, name := range zonesWithTricks {
		loc := zone(t, name)
		pieces, local := utcPieces(loc), localPieces(loc)
		var times []time.Time
		for m := range 12 * 300 {
			times = append(times, time.Date(1900, time.Month(1+m), 15, 12, 0, 0, 0, time.UTC))
		}
		for i, p := range pieces {
			if i > 0 && !p.from.Equal(pieces[i-1].to) {
				t.Fatalf("%s: a hole before %s", name, p.from)
			}
			for q := -12; q <= 12; q++ {
				times = append(times, p.from.Add(time.Duration(q)*15*time.Minute))
			}
		}
		for _, u := range times {
			if u.Year() >= lastRuleYear || u.Year() < firstYear {
				continue
			}
			_, want := u.In(loc).Zone()
			if got := offsetAt(t, pieces, u); got != time.Duration(want)*time.Second {
				t.Fatalf("%s: at %s the offset is %s, want %d s", name, u, got, want)
			}
			checkLocal(t, loc, u, pieces, local)
		}
	}
}

func offsetAt(t *testing.T, pieces []piece, u time.Time) time.Duration {
	t.Helper()
	for _, p := range pieces {
		if !u.Before(p.from) && u.Before(p.to) {
			return p.offset
		}
	}
	t.Fatalf("no piece holds %s", u)
	return 0
}

// checkLocal reads the wall clock at u and expects the earliest instant at which it shows that.
func checkLocal(t *testing.T, loc *time.Location, u time.Time, pieces, local []piece) {
	t.Helper()
	l := u.In(loc)
	wall := time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), l.Nanosecond(), time.UTC)
	shown := 0
	earliest := time.Time{}
	for _, p := range pieces {
		if v := wall.Add(-p.offset); !v.Before(p.from) && v.Before(p.to) {
			if shown++; shown == 1 {
				earliest = v
			}
		}
	}
	for _, p := range local {
		if wall.Before(p.from) || !wall.Before(p.to) {
			continue
		}
		if got := wall.Add(-p.offset); !got.Equal(earliest) {
			t.Fatalf("%s: %s is read as %s, want %s", loc, wall, got, earliest)
		}
		if p.twice != (shown > 1) {
			t.Fatalf("%s: %s is shown %d times, twice is %v", loc, wall, shown, p.twice)
		}
		return
	}
	t.Fatalf("%s: no piece holds the wall clock %s", loc, wall)
}

// TestGapsHaveNoPiece: in the skipped hour, and on the day that Samoa skipped, there is no time.
func TestGapsHaveNoPiece(t *testing.T) {
	for _, c := range []struct {
		zone  string
		wall  time.Time
		there bool
	}{
		{"America/New_York", time.Date(2015, 3, 8, 1, 59, 59, 0, time.UTC), true},
		{"America/New_York", time.Date(2015, 3, 8, 2, 0, 0, 0, time.UTC), false},
		{"America/New_York", time.Date(2015, 3, 8, 2, 59, 59, 999999000, time.UTC), false},
		{"America/New_York", time.Date(2015, 3, 8, 3, 0, 0, 0, time.UTC), true},
		{"America/Sao_Paulo", time.Date(2018, 11, 3, 23, 59, 59, 0, time.UTC), true},
		{"America/Sao_Paulo", time.Date(2018, 11, 4, 0, 0, 0, 0, time.UTC), false},
		{"America/Sao_Paulo", time.Date(2018, 11, 4, 1, 0, 0, 0, time.UTC), true},
		{"Pacific/Apia", time.Date(2011, 12, 30, 12, 0, 0, 0, time.UTC), false},
		{"Pacific/Apia", time.Date(2011, 12, 31, 0, 0, 0, 0, time.UTC), true},
		{"Australia/Lord_Howe", time.Date(2015, 10, 4, 2, 15, 0, 0, time.UTC), false},
		{"Australia/Lord_Howe", time.Date(2015, 10, 4, 2, 30, 0, 0, time.UTC), true},
	} {
		there := false
		for _, p := range localPieces(zone(t, c.zone)) {
			there = there || !c.wall.Before(p.from) && c.wall.Before(p.to)
		}
		if there != c.there {
			t.Errorf("%s %s: there is %v, want %v", c.zone, c.wall, there, c.there)
		}
	}
}

// TestLocalTimeInSQL compares DuckDB's answer with Go's around changes of clocks.
func TestLocalTimeInSQL(t *testing.T) {
	db := openTest(t)
	for _, name := range zonesWithTricks {
		loc := zone(t, name)
		var instants []int64
		for _, p := range utcPieces(loc) {
			for _, d := range []time.Duration{-time.Microsecond, 0, time.Hour} {
				if u := p.from.Add(d); u.Year() >= 1800 && u.Year() < lastRuleYear {
					instants = append(instants, u.UnixMicro())
				}
			}
		}
		instants = append(instants, time.Date(2015, 6, 30, 12, 0, 0, 0, time.UTC).UnixMicro())
		s := scope{statement: &statement{}}
		s.printf("SELECT epoch_us(u), epoch_us(%s) FROM (SELECT make_timestamp(unnest(%s)) AS u)", s.localTime("u", loc), s.bind(instants, "BIGINT[]"))
		err := db.read(context.Background(), func(x *tx) error {
			return x.query(context.Background(), func(scan func(...any) error) error {
				var u, got int64
				err := scan(&u, &got)
				_, offset := time.UnixMicro(u).In(loc).Zone()
				if want := u + int64(offset)*1_000_000; got != want {
					t.Errorf("%s: %s is shown as %s, want %s", name, time.UnixMicro(u).UTC(), time.UnixMicro(got).UTC(), time.UnixMicro(want).UTC())
				}
				return err
			}, s.String(), s.args...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
