package catalog

import (
	"slices"
	"strings"

	"citystat/kpi"
)

// mostMoney is more than any project costs, in any currency.
const mostMoney = 1e15

// readProject reads the project whose work an indicator measures, and makes its targets of the project's plan. It returns false if the
// indicator is no project.
func (ds *dataset) readProject(o object, i *kpi.Indicator) bool {
	if o.key["project"] == nil {
		return false
	}
	ds.besideProject(o, i)
	p, ok := ds.object(o.get("project", required), projectShape)
	if !ok {
		ds.open("indicator") // its milestones are not known, and may be translated
		return true
	}
	x := &kpi.Project{ID: i.ID, Name: i.Name}
	ds.projectDays(p, x)
	if n, v := p.number("budget", optional); n != nil {
		if v <= 0 || v > mostMoney {
			ds.bad(n, "write "+projectShape.line("budget"), "a budget is above 0 and up to 1000000000000000, and this is %s", n.text)
		} else {
			x.Budget = &v
		}
	}
	ds.projectPlan(p, x)
	ds.readMilestones(p, i.ID, x)
	ds.projectPlace(p, x)
	ds.readSpent(p, x, i)
	i.Project = x
	i.Trajectory = kpi.TrajectoryMilestones
	if x.PlannedStart.IsZero() || !x.PlannedEnd.After(x.PlannedStart) {
		return true // reported
	}
	i.Baseline = &kpi.Baseline{Date: x.PlannedStart}
	for _, point := range x.PlannedProgress {
		if point.Date.Before(x.PlannedEnd) {
			i.Targets = append(i.Targets, kpi.Target{By: point.Date, Value: point.Value, Kind: kpi.TargetInterim, Set: x.PlannedStart})
		}
	}
	i.Targets = append(i.Targets, kpi.Target{By: x.PlannedEnd, Value: 100, Kind: kpi.TargetTerm, Set: x.PlannedStart})
	return true
}

// besideProject reports what cannot stand beside a project: what follows from it, and what measures something else than work done.
func (ds *dataset) besideProject(o object, i *kpi.Indicator) {
	for _, key := range []string{"baseline", "targets", "trajectory"} {
		if o.key[key] != nil {
			ds.open("indicator") // reasons of targets may be translated
			ds.bad(o.key[key], "leave it out, and write the steps as planned in the project", "%s follows from the plan of the project: 0 at its start, 100 at its end", key)
		}
	}
	if i.Unit != "" && i.Unit != kpi.Percent {
		at := o.value["unit"]
		if at == nil {
			at = o.key["project"]
		}
		ds.bad(at, "write unit: percent, and a measure that is in percent, such as "+measureShape.line("last"), "the indicator of a project is the part of the work that is done, in percent, and this one is in %s", plainWords(i.Unit))
	}
	if n := o.value["direction"]; i.Direction != "" && i.Direction != kpi.Up {
		ds.bad(n, "write direction: up", "the work of a project goes up to 100 percent, and the direction is %s", i.Direction)
	}
}

// projectDays reads when work begins and ends: as planned, and as it was.
func (ds *dataset) projectDays(o object, x *kpi.Project) {
	var start, end, started, finished *node
	start, x.PlannedStart = o.date("start", required)
	end, x.PlannedEnd = o.date("end", required)
	started, x.ActualStart = o.date("started", optional)
	finished, x.ActualEnd = o.date("finished", optional)
	if start != nil && end != nil && !x.PlannedEnd.After(x.PlannedStart) {
		ds.bad(end, "write the day by whose end all work is to be done", "the project is to end on %s, not after its start, %s", x.PlannedEnd, x.PlannedStart)
	}
	if started != nil && finished != nil && x.ActualEnd.Before(x.ActualStart) {
		ds.bad(finished, "write the days on which work began and was done", "the project was finished on %s, before it was started, on %s", x.ActualEnd, x.ActualStart)
	}
}

// projectPlan reads how far the work and the spending are to be by some days, both in percent.
func (ds *dataset) projectPlan(o object, x *kpi.Project) {
	list := o.list("planned", optional)
	if n := o.value["planned"]; n != nil && n.kind == sequence && len(n.items) == 0 && !ds.inRows { // a row may have no points
		o.empty("planned", n)
	}
	plan := &projectPlan{dataset: ds, x: x, budget: o.key["budget"] != nil || o.misspelt("budget")}
	for _, n := range list {
		if p, ok := ds.object(n, plannedShape); ok {
			plan.read(p)
		}
	}
}

// projectPlan reads the points of a plan one after the other.
type projectPlan struct {
	*dataset
	x                   *kpi.Project
	budget              bool // the project has one, read or not
	last                kpi.Date
	physical, financial float64 // of the points before
}

func (p *projectPlan) read(o object) {
	by, day := o.date("by", required)
	for _, part := range []struct {
		key    string
		before *float64
		keep   func(float64)
	}{
		{"physical", &p.physical, func(v float64) {
			p.x.PlannedProgress = append(p.x.PlannedProgress, kpi.ProjectPoint{Date: day, Value: v})
		}},
		{"financial", &p.financial, func(v float64) {
			if p.x.Budget != nil {
				p.x.PlannedSpending = append(p.x.PlannedSpending, kpi.ProjectPoint{Date: day, Value: *p.x.Budget * (v / 100)})
			}
		}},
	} {
		n, v := o.number(part.key, optional)
		switch {
		case n == nil:
			continue
		case v < 0 || v > 100:
			p.bad(n, "write a percentage", "what is planned lies between 0 and 100 percent, and this is %s", n.text)
			continue
		case v < *part.before && day.After(p.last):
			p.bad(n, "write what is to be done in all by then", "less is planned than before, %s after %v: work and spending are those since the start", n.text, *part.before)
			continue
		case part.key == "physical" && by != nil && day == p.x.PlannedEnd && v != 100:
			p.bad(n, "write 100, or another day", "by the end, %s, all work is to be done, and not %s percent", day, n.text)
			continue
		}
		*part.before = v
		if by != nil {
			part.keep(v)
		}
	}
	if o.key["physical"] == nil && o.key["financial"] == nil && !o.misspelt("physical") && !o.misspelt("financial") {
		p.bad(o.n, "add "+plannedShape.line("physical"), "the point says nothing of the work or the spending")
	}
	if n := o.key["financial"]; n != nil && !p.budget {
		p.bad(n, "add "+projectShape.line("budget")+" to the project", "financial is percent of the budget, and the project has none")
	}
	if by != nil {
		p.checkDay(by, day)
	}
}

// checkDay checks the day of a point.
func (p *projectPlan) checkDay(by *node, day kpi.Date) {
	x := p.x
	switch {
	case day == p.last:
		p.bad(by, "keep one of the two", "two points are for %s", day)
	case day.Before(p.last):
		p.bad(by, "order the points by their dates", "the point for %s stands after the one for %s", day, p.last)
	case !x.PlannedStart.IsZero() && !day.After(x.PlannedStart):
		p.bad(by, "name a later day", "on its start, %s, nothing of a project is done, and this point is for %s", x.PlannedStart, day)
	case !x.PlannedEnd.IsZero() && day.After(x.PlannedEnd):
		p.bad(by, "name an earlier day, or a later end", "the project is to end on %s, and this point is for %s", x.PlannedEnd, day)
	}
	if day.After(p.last) {
		p.last = day
	}
}

// readMilestones reads the steps of a project.
func (ds *dataset) readMilestones(o object, indicator string, x *kpi.Project) {
	if n := o.value["milestones"]; n != nil && n.kind != sequence || o.misspelt("milestones") {
		ds.open("indicator")
	}
	first := map[string]*node{}
	for _, n := range o.list("milestones", optional) {
		m, ok := ds.object(n, milestoneShape)
		if !ok {
			ds.open("indicator")
			continue
		}
		at := m.get("id", required)
		id, _ := m.plainText("id", at)
		switch {
		case id == "":
		case !kpi.ValidID(id):
			ds.bad(at, idMend(id), "%s cannot be the id of a milestone", short(id))
			id = ""
		case first[id] != nil:
			ds.bad(at, "ids are given once in a project; choose another", "the milestone id %q is used twice, first at %s", id, first[id].place())
			id = ""
		default:
			first[id] = at
		}
		if id == "" {
			ds.open("indicator")
		}
		step := kpi.Milestone{ID: id, Name: ds.phrase(m, "name", required, address("indicator", indicator, milestoneAddress(id)))}
		_, step.Planned = m.date("planned", required)
		_, step.Revised = m.date("revised", optional)
		_, step.Done = m.date("done", optional)
		x.Milestones = append(x.Milestones, step)
	}
}

// milestoneAddress is what leads, within its indicator, to the name of a milestone.
func milestoneAddress(id string) string { return address("milestone", id, "name") }

// projectPlace reads where a project is.
func (ds *dataset) projectPlace(o object, x *kpi.Project) {
	p, ok := ds.object(o.get("place", optional), placeShape)
	if !ok {
		return
	}
	x.Place.District = ds.reference(p, "district", optional, "district")
	x.Place.Address = p.text("address", optional)
	latitude, y := p.number("latitude", optional)
	longitude, lon := p.number("longitude", optional)
	for _, v := range []struct {
		n     *node
		value float64
		most  float64
		what  string
	}{{latitude, y, 90, "latitude"}, {longitude, lon, 180, "longitude"}} {
		if v.n != nil && (v.value < -v.most || v.value > v.most) {
			ds.bad(v.n, "write degrees, such as "+placeShape.line(v.what), "%s is no %s", v.n.text, v.what)
		}
	}
	switch has, lacks := p.key["latitude"], p.key["longitude"]; {
	case has != nil && lacks == nil && !p.misspelt("longitude"):
		ds.bad(has, "add "+placeShape.line("longitude"), "the place has a latitude and no longitude")
	case has == nil && lacks != nil && !p.misspelt("latitude"):
		ds.bad(lacks, "add "+placeShape.line("latitude"), "the place has a longitude and no latitude")
	case latitude != nil && longitude != nil:
		x.Place.Latitude, x.Place.Longitude = &y, &lon
	}
}

// readSpent reads which indicator says what was spent, and checks once it is known that it can.
func (ds *dataset) readSpent(o object, x *kpi.Project, i *kpi.Indicator) {
	n := o.get("spent", optional)
	id, ok := o.plainText("spent", n)
	if !ok {
		return
	}
	x.Spent = id
	if id == i.ID {
		ds.bad(n, "name the indicator that says what was spent", "the indicator is named as its own spending")
		return
	}
	ds.refer("indicator", n, id)
	public := i.Public
	ds.later = append(ds.later, func() {
		of := ds.city.Indicator(id)
		if of == nil || of.Measure.Kind == "" || of.Unit == "" {
			return // reported
		}
		money := []kpi.MeasureKind{kpi.MeasureSum, kpi.MeasureLast}
		switch {
		case !slices.Contains(money, of.Measure.Kind) || of.Unit != kpi.Number:
			ds.bad(n, "name a sum, or the last of a total, in the unit number", "the indicator %q is %s in %s, and spending is an amount of money", id, of.Measure.Kind, plainWords(of.Unit))
		case public && !of.Public:
			ds.bad(n, "publish it, or leave spent out", "the indicator %q is not public, and a public project would show its numbers", id)
		}
	})
}

// wholeProject reports whether a row of a plan has a project: one without its days is none.
func wholeProject(n *node) bool {
	has := map[string]bool{}
	for _, q := range n.pairs {
		has[strings.TrimSpace(q.key.text)] = true
	}
	return has["start"] && has["end"]
}
