package api

import (
	"time"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Changes is the answer of /api/v1/changes.
type Changes struct {
	City        string     `json:"city"` // its id
	AsOf        kpi.Date   `json:"as_of"`
	Publication int64      `json:"publication"`
	PublishedAt *time.Time `json:"published_at"`
	Changes     []Change   `json:"changes"` // the newest first
}

// Change is one difference between two versions of the city's folder: of what is counted, of a target, a baseline, an owner, or of the way of
// judging. Names and translations are no changes.
type Change struct {
	Indicator         string       `json:"indicator"` // "" for what concerns all
	What              string       `json:"what"`      // measure, target, baseline, owner, indicator, judging, rebase, public
	Field             string       `json:"field"`     // what differs: measure.where, annual, owner …
	Target            *kpi.Date    `json:"target"`    // of a target: its date
	From              *ChangeValue `json:"from"`      // null: there was none
	To                *ChangeValue `json:"to"`        // null: there is none
	DefinitionVersion int          `json:"definition_version"`
	FolderVersion     int          `json:"folder_version"` // in which it stands first
	Seen              kpi.Date     `json:"seen"`           // the day on which the program first saw it
	Note              *ChangeNote  `json:"note"`           // null: nobody said why
	Sentences         []string     `json:"sentences"`      // in the language of ?lang=; empty without it
}

// ChangeValue is what stood before or after a change. One or two of its fields are not null.
type ChangeValue struct {
	Number *float64  `json:"number"`
	Low    *float64  `json:"low"`
	High   *float64  `json:"high"`
	Date   *kpi.Date `json:"date"`
	ID     *string   `json:"id"`   // of a person, a department, a direction … by the field
	Text   *string   `json:"text"` // an expression, as the folder writes it
}

// ChangeNote is what somebody said about a change.
type ChangeNote struct {
	On      *kpi.Date `json:"on"`
	ByWhom  string    `json:"by_whom"`
	Reason  Text      `json:"reason"`
	Act     string    `json:"act"` // the legal act, by its title; "": none was named
	ActDate *kpi.Date `json:"act_date"`
	ActURL  string    `json:"act_url"` // where it can be read
}

// NewChanges returns the document of the changes of public indicators, and of what concerns all; of one indicator if its id is given. p writes
// them as sentences; without it there are none.
func NewChanges(card *scorecard.Scorecard, indicator string, p *i18n.Printer) Changes {
	d := Changes{City: card.City.ID, AsOf: card.AsOf, Publication: card.Number, PublishedAt: instant(card.PublishedAt), Changes: []Change{}}
	public := map[string]bool{"": true}
	for _, r := range card.Results {
		public[r.Indicator.ID] = r.Indicator.Public
	}
	for _, c := range card.Changes {
		if !public[c.Indicator] || indicator != "" && c.Indicator != indicator {
			continue
		}
		x := change(c)
		if p != nil {
			x.Sentences = i18n.ChangeSentences(p, card.City, c)
		}
		d.Changes = append(d.Changes, x)
	}
	return d
}

func change(c kpi.Change) Change {
	x := Change{
		Indicator: c.Indicator, What: c.What, Field: c.Field, Target: day(c.Target), From: changeValue(c.From), To: changeValue(c.To),
		DefinitionVersion: c.Version, FolderVersion: c.Folder, Seen: c.Seen, Sentences: []string{},
	}
	if n := c.Note; n != nil {
		x.Note = &ChangeNote{day(n.On), n.ByWhom, text(n.Reason), n.Act.Title, day(n.Act.Date), n.Act.URL}
	}
	return x
}

func changeValue(v *kpi.ChangeValue) *ChangeValue {
	if v == nil {
		return nil
	}
	return &ChangeValue{v.Number, v.Low, v.High, day(v.Date), word(v.ID), word(v.Text)}
}

// day is a day, nil if there is none.
func day(d kpi.Date) *kpi.Date {
	if d.IsZero() {
		return nil
	}
	return &d
}
