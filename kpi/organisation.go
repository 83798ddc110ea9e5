package kpi

import "slices"

// Life says from when until when a part of the city's organisation is there, and what carries on its work. Ids are never given again, so that old links
// and old series stay what they were.
type Life struct {
	From       Date     `json:"from,omitzero"`        // the first day; zero: as long as anybody remembers
	Until      Date     `json:"until,omitzero"`       // the last day; zero: no end is known
	Successors []string `json:"successors,omitempty"` // what carries on its work afterwards: ids of the same kind
}

// On reports whether it is there on a day.
func (l *Life) On(day Date) bool { return !l.Ended(day) && !day.Before(l.From) }

// Ended reports whether it is over on a day.
func (l *Life) Ended(day Date) bool { return !l.Until.IsZero() && day.After(l.Until) }

// OrgPart is a kind of part of the city's organisation that comes and goes.
type OrgPart string

// The kinds.
const (
	OrgDepartment OrgPart = "department"
	OrgDistrict   OrgPart = "district"
	OrgPriority   OrgPart = "priority"
)

// lives are all parts of one kind, in the order of the folder.
func (c *City) lives(kind OrgPart) (ids []string, lives []*Life) {
	switch kind {
	case OrgDepartment:
		for i := range c.Departments {
			ids, lives = append(ids, c.Departments[i].ID), append(lives, &c.Departments[i].Life)
		}
	case OrgDistrict:
		for i := range c.Districts {
			ids, lives = append(ids, c.Districts[i].ID), append(lives, &c.Districts[i].Life)
		}
	case OrgPriority:
		for i := range c.Priorities {
			ids, lives = append(ids, c.Priorities[i].ID), append(lives, &c.Priorities[i].Life)
		}
	}
	return ids, lives
}

// LifeOf returns the name and the life of a part of the organisation; nil if there is none with the id.
func (c *City) LifeOf(kind OrgPart, id string) (Text, *Life) {
	switch kind {
	case OrgDepartment:
		if d := c.Department(id); d != nil {
			return d.Name, &d.Life
		}
	case OrgDistrict:
		if d := c.District(id); d != nil {
			return d.Name, &d.Life
		}
	case OrgPriority:
		if p := c.Priority(id); p != nil {
			return p.Name, &p.Life
		}
	}
	return Text{}, nil
}

// Heirs returns what is there on a day of all that took over from a part of the organisation, directly or through others that have ended since: its own
// id alone while it has not ended, nothing if nobody took over. They are in the order of the folder's successors, each once.
func (c *City) Heirs(kind OrgPart, id string, day Date) []string {
	var list []string
	seen := map[string]bool{}
	var follow func(string)
	follow = func(id string) {
		_, life := c.LifeOf(kind, id)
		if life == nil || seen[id] {
			return
		}
		seen[id] = true
		if !life.Ended(day) {
			list = append(list, id)
			return
		}
		for _, next := range life.Successors {
			follow(next)
		}
	}
	follow(id)
	return list
}

// Forebears returns what names a part of the organisation as its successor, in the order of the folder.
func (c *City) Forebears(kind OrgPart, id string) []string {
	var list []string
	ids, lives := c.lives(kind)
	for i, l := range lives {
		if slices.Contains(l.Successors, id) {
			list = append(list, ids[i])
		}
	}
	return list
}

// DepartmentsOn returns the departments that are there on a day.
func (c *City) DepartmentsOn(day Date) []*Department { return thereOn(c.Departments, day) }

// DistrictsOn returns the districts that are there on a day.
func (c *City) DistrictsOn(day Date) []*District { return thereOn(c.Districts, day) }

// PrioritiesOn returns the priorities that are there on a day.
func (c *City) PrioritiesOn(day Date) []*Priority { return thereOn(c.Priorities, day) }

// thereOn returns the parts of one kind that are there on a day, in the order of the folder.
func thereOn[T any, P interface {
	*T
	On(day Date) bool
}](all []T, day Date) []P {
	var list []P
	for i := range all {
		if p := P(&all[i]); p.On(day) {
			list = append(list, p)
		}
	}
	return list
}
