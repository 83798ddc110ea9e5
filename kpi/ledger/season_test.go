package ledger_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
)

// TestSeason lives a year of stat meetings of a made-up town, day by day, on a real ledger with a clock of its own: four series, data that are late and corrected,
// meetings that are moved, cancelled, called and missed, people who leave, two emergencies. What must be true is worked out a second time in a plain way, by a world
// that writes down what its people do, and compared with what the rules and the ledger say: at each agenda, at the end of each week and at the end of the year. A part
// of the year is then lived again, by nobody who looks, and must leave the same bytes; TestSeasons, of the long tests, lives whole years twice.
func TestSeason(t *testing.T) { liveTwice(t, ordinary, 52, 22) }

// ordinary is a chance by which everything happens that can, see wanted.
const ordinary = 1

// liveTwice lives so many weeks with some chance, watched, and the first of them again.
func liveTwice(t *testing.T, seed uint64, weeks, again int) {
	t.Helper()
	var left [2][]byte
	t.Run("years", func(t *testing.T) {
		for i, name := range []string{"watched", "again"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := newSeason(t, seed, i == 0)
				for week := range map[bool]int{true: weeks, false: again}[s.watch] {
					s.week(week)
					if week == again-1 {
						left[i] = s.history()
					}
				}
				s.end(seed == ordinary) // of other chances not everything happens in each year
			})
		}
	})
	if !t.Failed() && (len(left[0]) < 100_000 || !bytes.Equal(left[0], left[1])) {
		t.Errorf("two years of the same chance left other histories, of %d and %d bytes; the first difference:\n%s", len(left[0]), len(left[1]), firstDifference(left[0], left[1]))
	}
}

func firstDifference(a, b []byte) string {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return string(x[i]) + "\n" + string(y[i])
		}
	}
	return ""
}

// season is the town, its ledger, and what the world knows of both.
type season struct {
	*testing.T
	db    *ledger.DB
	city  *kpi.City
	cal   kpi.Calendar
	rnd   *rand.Rand // what happens
	dice  *rand.Rand // how those who watch shuffle; it changes nothing that happens
	now   time.Time
	watch bool

	numbers  numbers
	people   []*human
	tenures  []*tenure
	sittings []*sitting
	vows     []*vow
	notes    []*jotted
	storms   []*storm
	diary    []act
	kept     map[string][]kpi.Meeting // what the ledger had of each series when keptAt was its version
	keptAt   int64
	tally    map[string]int // how often each thing happened: a year without it would prove nothing of it
}

// act is something that somebody did and that the ledger keeps.
type act struct {
	at     time.Time
	who    int64
	action string // as the audit trail names it
	about  string
}

// firstMonday is the day on which the year begins.
var firstMonday = kpi.NewDate(2026, time.July, 6)

func newSeason(t *testing.T, seed uint64, watch bool) *season {
	t.Helper()
	db, err := ledger.Open(context.Background(), filepath.Join(t.TempDir(), "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &season{T: t, db: db, rnd: rand.New(rand.NewPCG(seed, 7)), dice: rand.New(rand.NewPCG(seed, 8)), watch: watch, tally: map[string]int{}}
	s.city = town()
	s.cal, err = s.city.Calendar()
	s.must(err)
	s.at(firstMonday.AddDays(-7), 9, 0)
	s.folder()
	s.settle()
	s.numbers.begin(s)
	return s
}

// folder records the town's folder as it is now.
func (s *season) folder() {
	s.Helper()
	_, err := s.db.RecordFolder(context.Background(), s.city, s.now)
	s.must(err)
}

// town is the city: four departments, four series, holidays on days of meetings, and a zone whose clocks are changed twice in the year.
func town() *kpi.City {
	text := func(s string) kpi.Text { return kpi.NewText(kpi.English, s) }
	c := &kpi.City{
		ID: "port-ember", Hash: "1", Name: text("Port Ember"), Languages: []kpi.Lang{kpi.English}, TimeZone: "America/New_York", Bands: kpi.DefaultBands, Publish: kpi.PublishEveryLoad,
		Holidays: []kpi.Date{
			kpi.NewDate(2026, 9, 7), kpi.NewDate(2026, 11, 26), kpi.NewDate(2026, 11, 27), kpi.NewDate(2026, 12, 25), kpi.NewDate(2027, 1, 1), kpi.NewDate(2027, 1, 18), kpi.NewDate(2027, 3, 30),
			kpi.NewDate(2027, 5, 31),
		},
		People: []kpi.Person{{ID: "mayor", Title: text("Mayor")}, {ID: "chief", Title: text("Chief of Staff")}, {ID: "data-office", Title: text("Data Office")}, {ID: "deputy", Title: text("Deputy Mayor")}},
	}
	for _, d := range departments {
		c.Departments = append(c.Departments, kpi.Department{ID: d, Name: text(d), Head: d + "-head"})
		c.People = append(c.People, kpi.Person{ID: d + "-head", Title: text("Head of " + d)})
		c.Datasets = append(c.Datasets, kpi.Dataset{ID: d + "-rows", Hash: "h", Department: d, Expect: kpi.Expect{Every: 31 * 24 * time.Hour}})
		for n, kind := range []kpi.PeriodKind{kpi.Month, kpi.Month, kpi.Week} {
			c.Indicators = append(c.Indicators, kpi.Indicator{
				ID: d + "-" + strconv.Itoa(n+1), Dataset: d + "-rows", Name: text(d), Department: d, Owner: d + "-head", Measure: kpi.Measure{Kind: kpi.MeasureShare}, Unit: kpi.Percent,
				Direction: kpi.Up, Period: kind, SettlesAfter: 2, Minimum: 10, Trajectory: kpi.TrajectoryEveryPeriod,
				Targets: []kpi.Target{{By: kpi.NewDate(2025, 12, 31), Value: 80, Set: kpi.NewDate(2025, 1, 1)}},
			})
		}
	}
	from := firstMonday
	c.Meetings = []kpi.MeetingSeries{
		{ID: "citystat", Name: text("CityStat"), Chair: "mayor", Analyst: "data-office", Weekday: time.Thursday, Month: -1, From: from, At: 14 * 60, Minutes: 90, Standing: []string{"streets-1"}},
		{ID: "streetstat", Name: text("StreetStat"), Chair: "chief", Analyst: "data-office", Departments: []string{"streets"}, Weekday: time.Tuesday, Weeks: 1, From: from, At: 9 * 60, Minutes: 45},
		{ID: "cleanstat", Name: text("CleanStat"), Chair: "mayor", Analyst: "data-office", Departments: []string{"parks", "waste"}, Weekday: time.Friday, Weeks: 2, From: from, At: 10*60 + 30, Minutes: 60,
			Standing: []string{"waste-3", "parks-1"}},
		{ID: "safestat", Name: text("SafeStat"), Chair: "chief", Analyst: "data-office", Departments: []string{"safety"}, Weekday: time.Monday, Weeks: 2, From: from, At: 11 * 60, Minutes: 30},
	}
	return c
}

var departments = []string{"streets", "parks", "waste", "safety"}

// must fails the test on an error that nobody wanted.
func (s *season) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", s.now.In(time.UTC).Format(time.DateTime), err)
	}
}

// faults fails the test with the moment at which it happened.
func (s *season) faults(format string, args ...any) {
	s.Helper()
	s.Errorf("%s: "+format, append([]any{s.now.In(s.cal.Location).Format("Mon 2006-01-02 15:04")}, args...)...)
}

// at makes it a time of a day in the town, or leaves it as it is where that is over.
func (s *season) at(day kpi.Date, hour, minute int) {
	if t := time.Date(day.Year, day.Month, day.Day, hour, minute, 0, 0, s.cal.Location); t.After(s.now) {
		s.now = t
	}
}

// tick lets a moment pass.
func (s *season) tick() { s.now = s.now.Add(time.Duration(1+s.rnd.IntN(50)) * time.Second) }

func (s *season) today() kpi.Date { return kpi.DateOf(s.now.In(s.cal.Location)) }

// chance is true so often.
func (s *season) chance(p float64) bool { return s.rnd.Float64() < p }

// pick takes one of some.
func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// workday is a plain way to ask.
func (s *season) workday(d kpi.Date) bool {
	for _, h := range s.city.Holidays {
		if h == d {
			return false
		}
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// human is somebody with an account.
type human struct {
	id    int64
	name  string
	roles []account.Grant
	gone  bool // their account is disabled
}

func (h *human) by() account.By { return account.By{Person: h.id, Name: h.name + "@ember.gov"} }

// tenure says that somebody holds a post, or acts for whoever does.
type tenure struct {
	id          int64
	post        string
	who         *human
	from, until kpi.Date
	acting      bool
	void        bool
}

// mayWhat is what roles may do, as the mayor would say it: those with a star for their department alone.
var mayWhat = map[account.Action][]string{
	account.PrepareMeetings:  {"chief_of_staff", "analyst"},
	account.RecordMeetings:   {"mayor", "chief_of_staff", "analyst"},
	account.ConveneMeetings:  {"mayor", "chief_of_staff"},
	account.CloseCommitments: {"mayor", "chief_of_staff"},
	account.Commit:           {"mayor", "chief_of_staff", "analyst", "department_head*", "department_staff*"},
}

// may is a plain way to ask for a right.
func (s *season) may(h *human, what account.Action, department string) bool {
	for _, g := range h.roles {
		for _, role := range mayWhat[what] {
			if !h.gone && (role == string(g.Role) || role == string(g.Role)+"*" && department != "" && g.Department == department) {
				return true
			}
		}
	}
	return false
}

// holds reports whether somebody holds a post today, or acts for whoever does.
func (s *season) holds(h *human, post string) bool {
	for _, t := range s.tenures {
		if t.who == h && t.post == post && t.true(s.today()) {
			return true
		}
	}
	return false
}

func (t *tenure) true(day kpi.Date) bool {
	return !t.void && !day.Before(t.from) && (t.until.IsZero() || !day.After(t.until))
}

// holder is whoever holds a post today: whoever acts, first; nil if nobody does, or cannot sign in.
func (s *season) holder(post string) *human {
	var found *human
	for _, t := range s.tenures {
		if t.post == post && t.true(s.today()) && !t.who.gone && (found == nil || t.acting) {
			found = t.who
		}
	}
	return found
}

// one is somebody who may; nil if nobody may.
func (s *season) one(may func(*human) bool) *human {
	var list []*human
	for _, h := range s.people {
		if may(h) {
			list = append(list, h)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return pick(s.rnd, list)
}

// deed is something that somebody wants the ledger to keep. save makes it anew each time that it is called.
type deed struct {
	action, about string
	may           func(*human) bool
	save          func(by account.By, now time.Time) error
	second        bool // it is a further revision: whoever saves the one before as well is told that somebody else was faster
}

// do lets somebody do something. Now and then somebody who may not tries it first, and somebody who may tries it once more with what they saw before. It reports
// whether it was done: there may be nobody who could.
func (s *season) do(who *human, d deed) bool {
	s.Helper()
	if who == nil || !d.may(who) {
		if who = s.one(d.may); who == nil {
			s.tally["nobody could"]++
			return false
		}
	}
	if s.chance(0.2) {
		if other := s.one(func(h *human) bool { return !d.may(h) }); other != nil {
			s.refused(other, d, kpi.CodeDenied)
		}
	}
	s.tick()
	if err := d.save(who.by(), s.now); err != nil {
		s.Fatalf("%s: %s of %s by %s: %v", s.now.In(s.cal.Location).Format(time.DateTime), d.action, d.about, who.name, err)
	}
	s.diary = append(s.diary, act{s.now, who.id, d.action, d.about})
	s.tally[d.action]++
	if d.second && s.chance(0.1) {
		if other := s.one(d.may); other != nil {
			s.refused(other, d, kpi.CodeConflict)
		}
	}
	return true
}

// refused lets somebody try what does not go, and makes sure that nothing came of it.
func (s *season) refused(who *human, d deed, want kpi.Code) {
	s.Helper()
	before := s.db.PapersVersion()
	err := d.save(who.by(), s.now)
	if kpi.ErrorCode(err) != want {
		s.faults("%s of %s by %s: %v, want %s", d.action, d.about, who.name, err, want)
	}
	if s.db.PapersVersion() != before {
		s.faults("%s of %s by %s was refused, and kept all the same", d.action, d.about, who.name)
	}
	s.tally["refused: "+string(want)]++
}

// hire gives somebody an account.
func (s *season) hire(name string, grants ...account.Grant) *human {
	s.Helper()
	s.tick()
	by := account.By{Name: "the command line"}
	h := &human{name: name, roles: grants}
	var err error
	h.id, err = s.db.AddPerson(context.Background(), account.Person{Email: h.by().Name, Name: name, Grants: grants}, by, s.now)
	s.must(err)
	s.people = append(s.people, h)
	s.diary = append(s.diary, act{s.now, 0, "person.added", "person " + strconv.FormatInt(h.id, 10)})
	return h
}

// dismiss closes somebody's account.
func (s *season) dismiss(h *human) {
	s.Helper()
	s.tick()
	closed := true
	s.must(s.db.ChangePerson(context.Background(), h.id, account.Change{Disabled: &closed}, s.named("admin").by(), s.now))
	h.gone = true
	s.diary = append(s.diary, act{s.now, s.named("admin").id, "person.changed", "person " + strconv.FormatInt(h.id, 10)})
	s.tally["somebody left"]++
}

func (s *season) named(name string) *human {
	for _, h := range s.people {
		if h.name == name {
			return h
		}
	}
	s.Fatalf("nobody is called %s", name)
	return nil
}

// give gives somebody a post.
func (s *season) give(t tenure) *tenure {
	s.Helper()
	s.tick()
	h := kpi.Holding{Post: t.post, Holder: t.who.id, From: t.from, Until: t.until, Acting: t.acting}
	if t.acting {
		h.Reason = "Somebody has to."
	}
	s.must(s.db.SaveHolding(context.Background(), &h, s.named("admin").by(), s.now))
	t.id = h.ID
	s.tenures = append(s.tenures, &t)
	s.diary = append(s.diary, act{s.now, s.named("admin").id, "holding.begun", "holding " + strconv.FormatInt(h.ID, 10)})
	return &t
}

// leaves ends a tenure, or makes it one that never was.
func (s *season) leaves(t *tenure, until kpi.Date, void bool) {
	s.Helper()
	s.tick()
	list, err := s.db.Holdings(context.Background(), kpi.PaperQuery{Subject: t.post})
	s.must(err)
	for i := range list {
		if list[i].ID != t.id {
			continue
		}
		h, action := list[i], "holding.changed"
		h.Until = until
		if void {
			h.Until, h.Void, h.Reason, action = list[i].Until, true, "It was another post.", "holding.void"
		}
		s.must(s.db.SaveHolding(context.Background(), &h, s.named("admin").by(), s.now))
		s.diary = append(s.diary, act{s.now, s.named("admin").id, action, "holding " + strconv.FormatInt(t.id, 10)})
	}
	t.until, t.void = until, void
}
