package main

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"citystat/kpi"
	"citystat/kpi/account"
	sampledata "citystat/sample-data"
)

// demoScript is what the made-up people of a sample city say in the year of meetings that a newcomer finds. Who says what of which number follows from the
// numbers themselves; see [demoYear].
type demoScript struct {
	Lang        kpi.Lang               `yaml:"lang"`
	Public      bool                   `yaml:"public"` // residents may read what is promised and decided
	From        string                 `yaml:"from"`   // the first day of the year
	People      []demoPerson           `yaml:"people"`
	Departments map[string]demoSayings `yaml:"departments"`
	Requests    []string               `yaml:"requests"`
	Decisions   []string               `yaml:"decisions"`
	Later       []string               `yaml:"later"`
	Summaries   []string               `yaml:"summaries"`
	Questions   []string               `yaml:"questions"`
	Moves       []string               `yaml:"moves"`
	Cancels     []string               `yaml:"cancels"`
	Delegates   []string               `yaml:"delegates"`
	Drops       []string               `yaml:"drops"`
	Reopens     []string               `yaml:"reopens"`
	ChairMoves  []string               `yaml:"chair_moves"`
	Emergencies []demoEmergency        `yaml:"emergencies"`
}

// demoPerson is somebody who can be anybody's eyes for a while.
type demoPerson struct {
	Name  string       `yaml:"name"`
	Email string       `yaml:"email"`
	Role  account.Role `yaml:"role"`
	Of    string       `yaml:"of"` // the department of the role
	Posts []demoPost   `yaml:"posts"`
}

// demoPost is a post that somebody holds.
type demoPost struct {
	Post   string `yaml:"post"`
	From   string `yaml:"from"` // "" : from the first day of the year
	Until  string `yaml:"until"`
	Acting bool   `yaml:"acting"`
	Reason string `yaml:"reason"`
}

// demoSayings are what a department says.
type demoSayings struct {
	Promises []string      `yaml:"promises"`
	Slips    []string      `yaml:"slips"`
	Done     []string      `yaml:"done"`
	Blockers []string      `yaml:"blockers"`
	Explains []demoExplain `yaml:"explains"`
}

// demoExplain is what a department says of a number.
type demoExplain struct {
	Happened string `yaml:"happened"`
	Why      string `yaml:"why"`
	Next     string `yaml:"next"`
}

// demoEmergency is a time in which people had other things to do.
type demoEmergency struct {
	What   string `yaml:"what"`
	Reason string `yaml:"reason"`
	From   string `yaml:"from"`
	Until  string `yaml:"until"`
}

// readDemo reads the script of a sample city; nil if it has none. A wrong one is a mistake of the program: a test reads them all.
func readDemo(name string, city *kpi.City) (*demoScript, error) {
	text, ok := sampledata.Demo(name)
	if !ok {
		return nil, nil
	}
	s := new(demoScript)
	if err := yaml.UnmarshalWithOptions(text, s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("the demonstration of %s: %w", name, err)
	}
	return s, s.check(city)
}

// check finds what a script names and the city does not have.
func (s *demoScript) check(city *kpi.City) error {
	if _, err := kpi.ParseDate(s.From); err != nil || len(s.People) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "the demonstration of %s has no first day or nobody in it", city.ID)
	}
	for _, p := range s.People {
		if !strings.HasSuffix(p.Email, ".example") {
			return kpi.Errorf(kpi.CodeInvalid, "the address %s could be somebody's: those of a demonstration end with .example", p.Email)
		}
		if p.Role.OfDepartment() != (city.Department(p.Of) != nil) {
			return kpi.Errorf(kpi.CodeInvalid, "the city has no department %q for %s", p.Of, p.Name)
		}
		for _, post := range p.Posts {
			if city.Person(post.Post) == nil {
				return kpi.Errorf(kpi.CodeInvalid, "the city has no post %q for %s", post.Post, p.Name)
			}
		}
	}
	for id := range s.Departments {
		if id != "any" && city.Department(id) == nil {
			return kpi.Errorf(kpi.CodeInvalid, "the city has no department %q, which says something in the demonstration", id)
		}
	}
	return nil
}

// of returns what a department says; what any says where it has no words of its own.
func (s *demoScript) of(department string) demoSayings {
	own, all := s.Departments[department], s.Departments["any"]
	for _, f := range []struct{ own, all *[]string }{{&own.Promises, &all.Promises}, {&own.Slips, &all.Slips}, {&own.Done, &all.Done}, {&own.Blockers, &all.Blockers}} {
		if len(*f.own) == 0 {
			*f.own = *f.all
		}
	}
	if len(own.Explains) == 0 {
		own.Explains = all.Explains
	}
	return own
}

// pick takes the nth of some sayings, round and round; "" of none.
func pick[T any](list []T, n int) (one T) {
	if len(list) > 0 {
		one = list[n%len(list)]
	}
	return one
}
