package release

import (
	"slices"
	"time"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Do is what a move does.
type Do string

// What moves do. The first four are of one department's filing, the others of the whole round.
const (
	Fill    Do = "fill"    // the department says that its part is there, with a remark if something is missing
	Check   Do = "check"   // somebody else has looked at it
	Return  Do = "return"  // and found something, which the note says
	Excuse  Do = "excuse"  // the release goes without it; the note is public
	Publish Do = "release" // make it public
	Stop    Do = "stop"    // nothing comes of it; the note says why
)

// Dos lists what moves do.
var Dos = []Do{Fill, Check, Return, Excuse, Publish, Stop}

// OfFiling reports whether it is about one department's filing.
func (d Do) OfFiling() bool { return d == Fill || d == Check || d == Return || d == Excuse }

// NeedsNote reports whether the move is nothing without a note.
func (d Do) NeedsNote() bool { return d == Return || d == Excuse || d == Stop }

// Move is one step of a round.
type Move struct {
	Do         Do
	Department string // of the filing
	Note       string
	Lang       kpi.Lang // in which the note is written
	On         kpi.Date // the day in the city
}

// MaxNote is the longest note, in letters.
const MaxNote = 2000

// Obstacle is why somebody may not move a round as they wish.
type Obstacle string

// The obstacles, in the order in which they are looked for.
const (
	NoFiling    Obstacle = "no_filing"    // the department has no part in it
	NoRight     Obstacle = "no_right"     // their roles do not let them
	Ended       Obstacle = "ended"        // the round was released or stopped
	WrongState  Obstacle = "wrong_state"  // the filing is elsewhere
	OwnFiling   Obstacle = "own_filing"   // they filled it themselves
	NotChecked  Obstacle = "not_checked"  // a filing is not checked yet
	FilledAPart Obstacle = "filled_part"  // they filled a part of the round
	Alone       Obstacle = "alone"        // nobody else took part
	NoNote      Obstacle = "no_note"      // the note is missing
	LongNote    Obstacle = "long_note"    // or longer than [MaxNote]
	Unknown     Obstacle = "unknown_move" // there is no such move
)

// Obstacles lists the obstacles.
var Obstacles = []Obstacle{NoFiling, NoRight, Ended, WrongState, OwnFiling, NotChecked, FilledAPart, Alone, NoNote, LongNote, Unknown}

// needs is the right to each move.
var needs = map[Do]account.Action{
	Fill: account.FillRound, Check: account.CheckRound, Return: account.CheckRound, Excuse: account.CheckRound, Publish: account.Release, Stop: account.CheckRound,
}

// from says from which states a filing can be moved.
var from = map[Do][]FilingState{
	Fill:   {FilingOpen, FilingReturned, FilingExcused},
	Check:  {FilingFilled},
	Return: {FilingFilled, FilingChecked},
	Excuse: {FilingOpen, FilingReturned},
}

// Obstacle returns why a person may not make a move, but for what is wrong with the note; "" if they may.
func (r *Round) Obstacle(m Move, p *account.Person) Obstacle {
	right, known := needs[m.Do]
	switch {
	case !known:
		return Unknown
	case !m.Do.OfFiling():
		return r.whole(m.Do, right, p)
	}
	f := r.Filing(m.Department)
	switch {
	case f == nil:
		return NoFiling
	case !p.May(right, f.Department):
		return NoRight
	case r.State != Filling:
		return Ended
	case !slices.Contains(from[m.Do], f.State):
		return WrongState
	case m.Do == Check && slices.Contains(f.Fillers, p.ID):
		return OwnFiling
	}
	return ""
}

// whole is Obstacle of what is about the whole round.
func (r *Round) whole(do Do, right account.Action, p *account.Person) Obstacle {
	switch {
	case !p.May(right, ""):
		return NoRight
	case r.State != Filling:
		return Ended
	case do != Publish:
		return ""
	case r.Waiting() > 0:
		return NotChecked
	case slices.ContainsFunc(r.Filings, func(f Filing) bool { return slices.Contains(f.Fillers, p.ID) }):
		return FilledAPart
	case len(r.people(p.ID)) < 2:
		return Alone
	}
	return ""
}

// people are those who took part, with whoever is about to.
func (r *Round) people(more int64) []int64 {
	list := []int64{more}
	for _, f := range r.Filings {
		list = append(list, f.Fillers...)
		switch f.State {
		case FilingChecked:
			list = append(list, f.CheckedBy)
		case FilingExcused:
			list = append(list, f.ExcusedBy)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Noted is what is wrong with the note of a move; "" if nothing is.
func Noted(m Move) Obstacle {
	switch {
	case m.Do.NeedsNote() && kpi.PlainText(m.Note) == "":
		return NoNote
	case utf8.RuneCountInString(kpi.PlainText(m.Note)) > MaxNote:
		return LongNote
	}
	return ""
}

// After returns the round as a move makes it; r itself stays as it is. It fails with [kpi.CodeDenied] if the person may not make the move, with
// [kpi.CodeConflict] if the round does not stand where it can be made, and with [kpi.CodeInvalid] if the note is wrong or the move is none.
// What is released has no publication yet: that is its keeper's to note.
func (r *Round) After(m Move, p *account.Person, at time.Time) (Round, error) {
	o := r.Obstacle(m, p)
	if o == "" {
		o = Noted(m)
	}
	if o != "" {
		return Round{}, o.Err(m)
	}
	next := *r
	next.Filings = slices.Clone(r.Filings)
	note := kpi.PlainText(m.Note) // some of it everybody reads
	switch m.Do {
	case Stop:
		next.State, next.Note, next.NoteLang = Stopped, note, m.Lang
	case Publish:
		next.State, next.Note, next.NoteLang, next.ReleasedAt, next.ReleasedBy = Released, note, m.Lang, at.UTC(), p.ID
	default:
		f := next.Filing(m.Department)
		f.Fillers = slices.Clone(f.Fillers)
		f.move(m, p.ID, note, at.UTC(), next.FillBy)
	}
	return next, nil
}

// move makes a move of a filing that may be made.
func (f *Filing) move(m Move, person int64, note string, at time.Time, by kpi.Date) {
	switch m.Do {
	case Fill:
		if f.FilledOn.IsZero() {
			f.FilledOn, f.Late = m.On, by.Before(m.On)
		}
		if !slices.Contains(f.Fillers, person) {
			f.Fillers = append(f.Fillers, person)
		}
		f.State, f.FilledAt, f.FilledBy, f.Remark = FilingFilled, at, person, note
		f.Excuse, f.ExcuseLang, f.ExcusedBy = "", "", 0
	case Check:
		f.State, f.CheckedAt, f.CheckedBy, f.Note = FilingChecked, at, person, note
	case Return:
		f.State, f.Note = FilingReturned, note
		f.Returns++
		f.CheckedAt, f.CheckedBy = time.Time{}, 0
	case Excuse:
		f.State, f.Excuse, f.ExcuseLang, f.ExcusedBy = FilingExcused, note, m.Lang, person
	}
}

// Err says the obstacle to a move as an error.
func (o Obstacle) Err(m Move) error {
	switch o {
	case NoRight:
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you %s here", m.Do)
	case OwnFiling:
		return kpi.Errorf(kpi.CodeDenied, "you filled this part yourself; somebody else checks it")
	case FilledAPart:
		return kpi.Errorf(kpi.CodeDenied, "you filled a part of this round; somebody who did not releases it")
	case Alone:
		return kpi.Errorf(kpi.CodeDenied, "nobody but you took part in this round; a release is made by two people at least")
	case Ended, WrongState, NotChecked:
		return kpi.Errorf(kpi.CodeConflict, "the round does not stand where you can %s (%s); read it again", m.Do, o)
	}
	return kpi.Errorf(kpi.CodeInvalid, "the move %q of a round cannot be made: %s", m.Do, o)
}

// Fits reports whether a move that somebody wished for when they saw one revision means the same at a newer one: what it is about has not been
// touched between. Two departments fill their parts at the same time; a release is of the very round that its maker saw.
func Fits(m Move, seen, newest *Round) bool {
	if seen.Revision == newest.Revision {
		return true
	}
	a, b := seen.Filing(m.Department), newest.Filing(m.Department)
	return m.Do.OfFiling() && seen.State == newest.State && a != nil && b != nil &&
		a.State == b.State && a.Returns == b.Returns && a.FilledAt.Equal(b.FilledAt) && a.Note == b.Note && a.Excuse == b.Excuse
}
