package kpi

// Theme says how a city's site looks: a preset, and what the city has otherwise. Colours are #rrggbb by the name of a token of assets/css/tokens.css
// (accent, band, link …); a theme whose colours cannot be read or told apart is refused before anything is served.
type Theme struct {
	Preset string            `json:"preset,omitempty"` // civic if empty; see assets.Presets
	Light  map[string]string `json:"light,omitempty"`
	Dark   map[string]string `json:"dark,omitempty"`
	Logo   *Picture          `json:"logo,omitempty"`
}

// Picture is a small image from the folder.
type Picture struct {
	Type string `json:"type"` // image/svg+xml or image/png
	Data []byte `json:"data"`
	Alt  Text   `json:"alt,omitzero"` // zero: it stands beside words that say the same
}

// Contact is where residents reach those who publish the scorecard.
type Contact struct {
	Office  Text   `json:"office,omitzero"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Address string `json:"address,omitempty"` // of letters
	URL     string `json:"url,omitempty"`
}

// IsZero reports whether nothing is known.
func (c Contact) IsZero() bool {
	return c.Office.IsZero() && c.Email == "" && c.Phone == "" && c.Address == "" && c.URL == ""
}

// Statement is what a city says of the accessibility of its site, beside what the program knows of itself.
type Statement struct {
	Assessed Date     `json:"assessed,omitzero"` // when it was last looked at by people; zero: not yet
	By       Text     `json:"by,omitzero"`       // who looked
	Gaps     []Text   `json:"gaps,omitempty"`    // what is known not to work, each with the way around it
	Enforcer Text     `json:"enforcer,omitzero"` // the body to which a resident may complain
	Address  string   `json:"address,omitempty"` // of that body's site
	Laws     []string `json:"laws,omitempty"`    // the rules that bind the city, by name
}

// Term is a word that the city's pages use, and what it means there.
type Term struct {
	ID      string `json:"id"`
	Term    Text   `json:"term"`
	Meaning Text   `json:"meaning"`
}

// Service is what an indicator is about, as residents meet it: where they report a case and where they see what became of it.
type Service struct {
	Name   Text   `json:"name"`
	Report string `json:"report,omitempty"` // address
	Track  string `json:"track,omitempty"`  // address
	Phone  string `json:"phone,omitempty"`
}

// TextState says how a translation of the folder came about.
type TextState string

// The states. A text without a state was written or reviewed by a person.
const (
	TextMachine  TextState = "machine" // a program's work that nobody has read
	TextDraft    TextState = "draft"   // not reviewed yet
	TextReviewed TextState = ""
	TextOutdated TextState = "outdated" // of an earlier source text; see catalog
)
