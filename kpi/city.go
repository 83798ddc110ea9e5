package kpi

import "time"

// City is everything that a city's folder defines. It is plain data: it survives a round trip through JSON, so the ledger can
// keep every version of it.
type City struct {
	ID          string          `json:"id"`
	Name        Text            `json:"name"`
	About       Text            `json:"about"`     // one or two sentences for the front page: what this is and what it is not
	Languages   []Lang          `json:"languages"` // the first is the source language
	Formats     map[Lang]string `json:"formats"`   // number and date style per language, as BCP 47 tags such as es-MX
	TimeZone    string          `json:"time_zone"` // IANA name
	FiscalStart time.Month      `json:"fiscal_start"`
	Publish     PublishMode     `json:"publish"`
	AsOf        Date            `json:"as_of"` // a fixed "today" for a historical city; zero: the real today
	Population  *Population     `json:"population,omitempty"`
	Districts   []District      `json:"districts"`
	Departments []Department    `json:"departments"`
	People      []Person        `json:"people"`
	Priorities  []Priority      `json:"priorities"`
	Bands       Bands           `json:"bands"`
	Reasons     map[string]Text `json:"reasons"` // the city's own reasons for leaving rows out, beside the built-in ones
	Datasets    []Dataset       `json:"datasets"`
	Indicators  []Indicator     `json:"indicators"`            // of all datasets, in the order of the folder
	Holidays    []Date          `json:"holidays,omitempty"`    // by date; no working days, see [Workdays]
	Weekend     []time.Weekday  `json:"weekend,omitempty"`     // Saturday and Sunday if it is empty
	Evaluations []Evaluation    `json:"evaluations,omitempty"` // in the order of the folder
	RollUp      *RollUp         `json:"roll_up,omitempty"`     // nil: counts, never an average
	Network     Network         `json:"network,omitzero"`
	Plan        Plan            `json:"plan,omitzero"`
	Theme       Theme           `json:"theme,omitzero"`
	Contact     Contact         `json:"contact,omitzero"`
	Statement   Statement       `json:"statement,omitzero"`
	Glossary    []Term          `json:"glossary,omitempty"` // in the order of the folder
	Meetings    []MeetingSeries `json:"meetings,omitempty"` // in the order of the folder
	Outlook     bool            `json:"outlook,omitempty"`  // the public sees the outlook too; otherwise staff alone
	Feedback    bool            `json:"feedback,omitempty"` // residents may write to those who publish
	Hash        string          `json:"hash"`               // SHA-256 over all of the above: the version of the folder
}

// Network says how far the program may reach when it fetches data. Without it: public addresses only.
type Network struct {
	AllowHosts []string `json:"allow_hosts,omitempty"` // hosts by name, with :port where it is not 80, 443 or 22; they may have private addresses, and plain http
	Proxy      string   `json:"proxy,omitempty"`       // address of the outbound proxy; empty: that of the environment (HTTPS_PROXY, NO_PROXY)
	CA         string   `json:"ca,omitempty"`          // PEM file in the folder with the city's own certificate authorities, trusted beside the machine's
}

// Plan is the tree of a city's own plan (axis, programme, goal, product: any names, any depth), where its indicators come as rows of a table.
// The nodes of its first level are priorities too, and those of its second are their goals.
type Plan struct {
	Levels []Text     `json:"levels,omitempty"` // names of the levels, the highest first
	Nodes  []PlanNode `json:"nodes,omitempty"`  // parents before children, in the order of the table
}

// PlanNode is one part of the plan.
type PlanNode struct {
	ID     string `json:"id"`
	Parent string `json:"parent,omitempty"` // empty on the first level
	Level  int    `json:"level"`            // index into Levels
	Code   string `json:"code,omitempty"`   // the city's own number for it
	Name   Text   `json:"name"`
}

// PublishMode says when the public sees new numbers.
type PublishMode string

// The modes.
const (
	PublishEveryLoad PublishMode = "every_load" // a scorecard is frozen and published after each load
	PublishByRelease PublishMode = "by_release" // the public sees releases only
)

// Bands are the lower bounds of the pace ratio for "on track" and "behind".
type Bands struct {
	OnTrack float64 `json:"on_track"`
	Behind  float64 `json:"behind"`
}

// DefaultBands are the bands of Eurostat's and Statistics Canada's method: 95 % and 60 % of the pace needed.
var DefaultBands = Bands{OnTrack: 0.95, Behind: 0.60}

// Population is a count of residents.
type Population struct {
	Value      int64            `json:"value"`
	AsOf       Date             `json:"as_of"`
	ByDistrict map[string]int64 `json:"by_district,omitempty"` // by the district's id
}

// District is an area of the city. Polygons are dissolved and simplified rings of [longitude, latitude], the first ring of each
// polygon its outer one; empty if the city has no map.
type District struct {
	ID        string           `json:"id"`
	Name      Text             `json:"name"`
	Aliases   []string         `json:"aliases,omitempty"`
	Parts     []string         `json:"parts,omitempty"`     // neighbourhoods in it, by the names that residents use
	Postcodes []string         `json:"postcodes,omitempty"` // all or a part of which lie in it, as they are written
	Polygons  [][][][2]float64 `json:"polygons,omitempty"`
	Life
}

// Department answers for indicators.
type Department struct {
	ID    string `json:"id"`
	Name  Text   `json:"name"`
	Head  string `json:"head,omitempty"` // a person's id
	About Text   `json:"about,omitzero"` // what it does, in a sentence for residents
	URL   string `json:"url,omitempty"`  // of its own page elsewhere
	Life
}

// Person is somebody whom the folder names. In public a post's title is enough.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name,omitempty"`
	Title Text   `json:"title"`
}

// Priority is one of the few things that the city promises to get right.
type Priority struct {
	ID      string `json:"id"`
	Name    Text   `json:"name"`
	Promise Text   `json:"promise"`
	Goals   []Goal `json:"goals"`
	Life
}

// Goal is an aim within a priority.
type Goal struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// Source returns the language in which the city writes.
func (c *City) Source() Lang { return c.Languages[0] }

// Calendar returns the city's calendar. It fails if the time zone is unknown to this machine.
func (c *City) Calendar() (Calendar, error) {
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return Calendar{}, Errorf(CodeInvalid, "time zone %q is unknown; write an IANA name such as America/New_York", c.TimeZone)
	}
	return Calendar{Location: loc, FiscalStart: c.FiscalStart}, nil
}

// Indicator returns the indicator with the id, or nil.
func (c *City) Indicator(id string) *Indicator {
	for i := range c.Indicators {
		if c.Indicators[i].ID == id {
			return &c.Indicators[i]
		}
	}
	return nil
}

// Dataset returns the dataset with the id, or nil.
func (c *City) Dataset(id string) *Dataset {
	for i := range c.Datasets {
		if c.Datasets[i].ID == id {
			return &c.Datasets[i]
		}
	}
	return nil
}

// Department returns the department with the id, or nil.
func (c *City) Department(id string) *Department {
	for i := range c.Departments {
		if c.Departments[i].ID == id {
			return &c.Departments[i]
		}
	}
	return nil
}

// Priority returns the priority with the id, or nil.
func (c *City) Priority(id string) *Priority {
	for i := range c.Priorities {
		if c.Priorities[i].ID == id {
			return &c.Priorities[i]
		}
	}
	return nil
}

// District returns the district with the id, or nil.
func (c *City) District(id string) *District {
	for i := range c.Districts {
		if c.Districts[i].ID == id {
			return &c.Districts[i]
		}
	}
	return nil
}

// Person returns the person with the id, or nil.
func (c *City) Person(id string) *Person {
	for i := range c.People {
		if c.People[i].ID == id {
			return &c.People[i]
		}
	}
	return nil
}
