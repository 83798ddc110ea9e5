package release

import (
	"slices"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/account"
)

// The working days after a period's end by which a round goes where nobody chose others.
const (
	fillDays    = 5
	checkDays   = 8
	releaseDays = 10
)

// MaxName is the longest name of a round, in letters.
const MaxName = 120

// Opening is a round that somebody wants to open.
type Opening struct {
	Name       string
	Period     kpi.Period
	FillBy     kpi.Date
	CheckBy    kpi.Date
	ReleaseOn  kpi.Date
	Correction string   // what is corrected, where the period was released before
	Lang       kpi.Lang // in which
}

// Dates returns the dates of a round about a period: 5, 8 and 10 working days after its end, or after today if that is later.
func Dates(p kpi.Period, work kpi.Workdays, today kpi.Date) (fill, check, release kpi.Date) {
	begin := p.Last
	if begin.Before(today) {
		begin = today
	}
	return work.After(begin, fillDays), work.After(begin, checkDays), work.After(begin, releaseDays)
}

// Fault is what is wrong with an opening.
type Fault string

// The faults.
const (
	FaultName       Fault = "name"       // none, or longer than [MaxName]
	FaultPeriod     Fault = "period"     // it has not begun
	FaultDates      Fault = "dates"      // one is missing, or they do not follow each other
	FaultCorrection Fault = "correction" // the period was released before, and nothing says what is corrected
	FaultUnderWay   Fault = "under_way"  // another round is
	FaultNobody     Fault = "nobody"     // no department answers for a public indicator
)

// Faults lists the faults.
var Faults = []Fault{FaultName, FaultPeriod, FaultDates, FaultCorrection, FaultUnderWay, FaultNobody}

// FaultsOf returns what is wrong with an opening, among the rounds that there are, for the departments that would take part.
func (o Opening) FaultsOf(rounds []Round, departments []string, today kpi.Date) []Fault {
	var list []Fault
	add := func(wrong bool, f Fault) {
		if wrong {
			list = append(list, f)
		}
	}
	name := utf8.RuneCountInString(plainName(o.Name))
	add(name == 0 || name > MaxName, FaultName)
	add(o.Period.ID == "" || today.Before(o.Period.First), FaultPeriod)
	add(o.FillBy.IsZero() || o.CheckBy.IsZero() || o.ReleaseOn.IsZero() || o.CheckBy.Before(o.FillBy) || o.ReleaseOn.Before(o.CheckBy), FaultDates)
	released := slices.ContainsFunc(rounds, func(r Round) bool { return r.State == Released && r.Period == o.Period.ID })
	correction := utf8.RuneCountInString(kpi.PlainText(o.Correction))
	add(released && correction == 0 || correction > MaxNote, FaultCorrection)
	add(slices.ContainsFunc(rounds, func(r Round) bool { return r.State == Filling }), FaultUnderWay)
	add(len(departments) == 0, FaultNobody)
	return list
}

// Open returns the round of an opening. It fails with [kpi.CodeDenied] if the person may not open one, with [kpi.CodeConflict] if another is under way, and
// with [kpi.CodeInvalid] for every other fault.
func Open(o Opening, rounds []Round, departments []string, p *account.Person, today kpi.Date) (Round, error) {
	if !p.May(account.CheckRound, "") {
		return Round{}, kpi.Errorf(kpi.CodeDenied, "your roles do not let you open a round")
	}
	switch faults := o.FaultsOf(rounds, departments, today); {
	case slices.Contains(faults, FaultUnderWay):
		return Round{}, kpi.Errorf(kpi.CodeConflict, "a round is under way; release or stop it first")
	case len(faults) > 0:
		return Round{}, kpi.Errorf(kpi.CodeInvalid, "the round cannot be opened: its %s is wrong or missing", faults[0])
	}
	r := Round{
		Name: plainName(o.Name), Period: o.Period.ID, State: Filling, FillBy: o.FillBy, CheckBy: o.CheckBy, ReleaseOn: o.ReleaseOn,
		Correction: kpi.PlainText(o.Correction), Lang: o.Lang, Filings: make([]Filing, 0, len(departments)),
	}
	for _, d := range departments {
		r.Filings = append(r.Filings, Filing{Department: d, State: FilingOpen})
	}
	return r, nil
}

// plainName is a name in one line.
func plainName(s string) string { return strings.Join(strings.Fields(kpi.PlainText(s)), " ") }

// Departments returns those that answer for public indicators, in the order of the folder: they take part in a round.
func Departments(city *kpi.City) []string {
	var list []string
	for _, d := range city.Departments {
		if slices.ContainsFunc(city.Indicators, func(i kpi.Indicator) bool { return i.Public && i.Department == d.ID }) {
			list = append(list, d.ID)
		}
	}
	return list
}
