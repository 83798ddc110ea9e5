package kpi

// TrustFacts are what the rows behind an indicator say about whether its number can be trusted. They are counted over all rows that take
// part; package scorecard judges them.
//
// A deadline is there where a share asks for one: closed <= due, days_between(opened, closed) <= 3. The slack of a row is how long
// before its deadline it was done, negative when it was late. Where the deadline itself is too late, as in closed < due, the windows hold their
// later ends and not the earlier ones, so that what is met holds.
type TrustFacts struct {
	Indicator string `json:"indicator"`
	Deadline  bool   `json:"deadline"` // the measure has one; the four counts below are 0 otherwise
	// Window is the width of the windows: a tenth of the time that the promise gives where that is a number, at least one day for days and
	// one hour for hours; one day for two columns. In the unit of Unit.
	Window float64 `json:"window,omitempty"`
	Unit   Unit    `json:"unit,omitempty"`   // days, working days or hours
	Early  int64   `json:"early"`            // slack in [Window, 2·Window)
	Met    int64   `json:"met"`              // slack in [0, Window): just in time
	Missed int64   `json:"missed"`           // slack in [−Window, 0): just too late
	Late   int64   `json:"late"`             // slack in [−2·Window, −Window)
	Rows   int64   `json:"rows"`             // rows that take part: counted and excluded
	Judged int     `json:"judged"`           // settled periods with a value
	Moved  int     `json:"moved"`            // of these, those whose value was another at some time after they had settled, by the same definition
	Latest string  `json:"latest,omitempty"` // the newest of them
}
