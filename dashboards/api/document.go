package api

import (
	"time"

	"citystat/kpi"
)

// The structures below are the documents of version 1. They are promises: a field may be added, but none is renamed, given another
// meaning or taken away. They are apart from the types of package kpi so that the program can change inside without breaking anybody
// who reads it.
//
// Everywhere: days are 2006-01-02, times RFC 3339 in UTC, values are unrounded and in the indicator's unit (a share is 0–100), and
// null says that there is no value. Texts are objects that give the text by language tag (en, es, pt-BR, fr), in the languages in
// which the city has it.

// Text is a text by language tag.
type Text map[string]string

// List is the answer of /api/v1/indicators.
type List struct {
	City        City         `json:"city"`
	AsOf        kpi.Date     `json:"as_of"`
	Publication int64        `json:"publication"`
	PublishedAt *time.Time   `json:"published_at"`
	Indicators  []Summary    `json:"indicators"`  // in the city's own order
	Priorities  []Priority   `json:"priorities"`  // in the city's own order
	Departments []Department `json:"departments"` // in the city's own order
	RollUp      RollUp       `json:"roll_up"`     // of all indicators
}

// Priority is one of the few things that the city promises to get right, and how its indicators stand.
type Priority struct {
	ID      string `json:"id"`
	Name    Text   `json:"name"`
	Promise Text   `json:"promise"`
	RollUp  RollUp `json:"roll_up"`
	Life
}

// Department answers for indicators.
type Department struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
	Life
}

// Life says from when until when something is there. Ids are never given again, so that what has ended is found where it was.
type Life struct {
	From       *string  `json:"from"`       // its first day; null: as long as anybody remembers
	Until      *string  `json:"until"`      // its last day; null: no end is known
	Successors []string `json:"successors"` // ids of what takes over from it, of the same kind
}

// RollUp is how indicators stand together: counts, the worst of them, and of how many anything can be said. There is an average only where
// the city asks for one.
type RollUp struct {
	Statuses       map[string]int `json:"statuses"`        // how many have each status that occurs
	PublicStatuses map[string]int `json:"public_statuses"` // how many have each of the four words
	Worst          *string        `json:"worst"`           // id of the indicator that is furthest from where it should be
	Answered       int            `json:"answered"`        // with a status that compares with others
	Total          int            `json:"total"`
	Score          *Score         `json:"score"` // null: the city asks for none, or too little is known
}

// Score is an average on fixed goalposts: each indicator's baseline is 0 and its target 100.
type Score struct {
	Value    float64 `json:"value"`
	Coverage float64 `json:"coverage"` // 0–1 of the weight that has a value
	Low      float64 `json:"low"`      // with each weight halved and doubled in turn
	High     float64 `json:"high"`
}

// City names the city.
type City struct {
	ID        string   `json:"id"`
	Name      Text     `json:"name"`
	Languages []string `json:"languages"` // the first is the language in which the city writes
	TimeZone  string   `json:"time_zone"`
}

// Summary is one indicator in a list.
type Summary struct {
	ID           string   `json:"id"`
	Name         Text     `json:"name"`
	Unit         string   `json:"unit"`      // percent, days, working_days, hours, number
	Direction    string   `json:"direction"` // up, down, range, none
	Period       string   `json:"period"`    // length of its periods: day, week, month, quarter, fiscal_quarter, year, fiscal_year
	Priority     string   `json:"priority"`
	Department   string   `json:"department"`
	Dataset      string   `json:"dataset"`
	Status       string   `json:"status"`
	PublicStatus string   `json:"public_status"` // on_track, behind, off_track, cannot_say
	Flags        []string `json:"flags"`
	JudgedPeriod *string  `json:"judged_period"` // the period that the status speaks of
	Value        *float64 `json:"value"`         // its value
	AddsUpIn     *string  `json:"adds_up_in"`    // year or fiscal_year, if the targets are for the total of one; null: each period stands by itself
	ToDate       *float64 `json:"to_date"`       // of what adds up: the year's total until the end of the judged period, which is what was judged
	Signal       string   `json:"signal"`        // improving, worsening, steady, too_early, changing, not_asked
	Outlook      *string  `json:"outlook"`       // very_unlikely … very_likely, out_of_reach; null: not computed, or the city does not show it
	Target       *Target  `json:"target"`        // the target that governs it
	Links        Links    `json:"links"`
}

// Links are the addresses of an indicator, relative to the host that answered.
type Links struct {
	Self    string            `json:"self"`
	CSV     string            `json:"csv"`
	JSON    string            `json:"json"`
	XLSX    string            `json:"xlsx"`
	Parquet string            `json:"parquet"`
	SVG     string            `json:"svg"`  // its course as a drawing
	Page    map[string]string `json:"page"` // by language tag
}

// Indicator is the answer of /api/v1/indicators/{id} and of /indicators/{id}.json.
type Indicator struct {
	Summary
	Sentence     Text          `json:"sentence"`
	Why          Text          `json:"why"`
	Caution      Text          `json:"caution"`
	Kind         string        `json:"kind"`
	Goal         string        `json:"goal"`
	Decimals     int           `json:"decimals"` // shown on pages
	Minimum      int           `json:"minimum"`  // fewer counted rows are too few to judge
	SettlesAfter int           `json:"settles_after_days"`
	Trajectory   string        `json:"trajectory"`
	Baseline     *Baseline     `json:"baseline"`
	Targets      []Target      `json:"targets"`
	Assessment   Assessment    `json:"assessment"`
	Total        *Observation  `json:"total"` // over all periods, the whole city; its period is "total"
	Members      []MemberTotal `json:"members"`
	Observations []Observation `json:"observations"` // the whole city first, then each member; by period
	Provenance   Provenance    `json:"provenance"`

	Judge       *Judge       `json:"judge"`       // the method of its status; null: value against trajectory
	Suppress    int          `json:"suppress"`    // numbers from 1 to suppress − 1 are not published; 0: all are
	Rebases     []Rebase     `json:"rebases"`     // by date
	Chart       Chart        `json:"chart"`       // on which the signal was read
	Equity      []Equity     `json:"equity"`      // one a dimension, where groups can be compared
	Drivers     []Drivers    `json:"drivers"`     // one a dimension, where the change can be divided among groups
	Changes     []Change     `json:"changes"`     // the newest first
	Evaluations []string     `json:"evaluations"` // ids, see /api/v1/evaluations/{id}
	Explanation *Explanation `json:"explanation"` // in the language of ?lang=; null without it
	Commitments []Commitment `json:"commitments"` // what was promised because of it, what is due first first
	Commentary  []Commentary `json:"commentary"`  // what the department says of it, of the newest period first
	Contests    []Contest    `json:"contests"`    // its numbers that a department says are wrong, as long as nobody has answered

	source string // the language in which the city writes
}

// Observation is one value for one period, for the whole city or for one member of a dimension.
type Observation struct {
	Period            string           `json:"period"`
	Dimension         string           `json:"dimension"`   // "" for the whole city
	Member            string           `json:"member"`      // "" for the whole city; not-recorded and not-recognised are rows without a district
	Numerator         *float64         `json:"numerator"`   // share: rows for which the promise was kept; mean: sum of the values
	Denominator       *float64         `json:"denominator"` // share, mean: rows counted
	Value             *float64         `json:"value"`       // null: no rows to judge
	Rows              int64            `json:"rows"`        // rows counted
	Excluded          map[string]int64 `json:"excluded"`    // rows left out, by reason; null where they are so few people that it is not told
	Partial           bool             `json:"partial"`     // the period is not over on the as-of day
	Provisional       bool             `json:"provisional"` // the period is not settled yet
	DefinitionVersion int              `json:"definition_version"`
	DataVersion       int64            `json:"data_version"` // the version that first gave this value
	ToDate            *float64         `json:"to_date"`      // of what adds up, the whole city: the year's total at the period's end
	Suppressed        string           `json:"suppressed"`   // why the numbers are not shown: small, complementary; rows is 0 then. "": they are shown
}

// MemberTotal is a member of a dimension, with its observation over all periods.
type MemberTotal struct {
	Dimension string       `json:"dimension"`
	Member    string       `json:"member"`
	Name      Text         `json:"name"` // {} for the members that stand for no district
	Total     *Observation `json:"total"`
}

// Target is where the city promised to be by a day. A range target has low and high in place of value.
type Target struct {
	By           kpi.Date  `json:"by"`
	Value        *float64  `json:"value"`
	Low          *float64  `json:"low"`
	High         *float64  `json:"high"`
	Kind         string    `json:"kind"`
	Set          *kpi.Date `json:"set"`
	ByWhom       string    `json:"by_whom"`
	Reason       Text      `json:"reason"`
	Illustrative bool      `json:"illustrative"` // not the city's own
	Act          string    `json:"act"`          // the legal act, by its title; "": none was named
	ActDate      *kpi.Date `json:"act_date"`
	ActURL       string    `json:"act_url"` // where it can be read
	Dropped      bool      `json:"dropped"` // from the day in set on the one before it holds no longer; it has no value
	Seen         *kpi.Date `json:"seen"`    // the day on which it was first seen here, beside set, which somebody typed; null: not known
}

// Baseline is where the city started from.
type Baseline struct {
	Value  float64  `json:"value"`
	Date   kpi.Date `json:"date"`
	Period *string  `json:"period"`
}

// Assessment is what may be said of the indicator, with every input of the rule that decided.
type Assessment struct {
	Status       string           `json:"status"`
	PublicStatus string           `json:"public_status"`
	Flags        []string         `json:"flags"`
	Signal       Signal           `json:"signal"`
	Outlook      *Outlook         `json:"outlook"` // null: not computed, or the city does not show it
	AsOf         kpi.Date         `json:"as_of"`
	Period       *string          `json:"period"` // the judged period
	Newest       *string          `json:"newest"` // the newest period that has begun
	Value        *float64         `json:"value"`
	Rows         int64            `json:"rows"`
	Excluded     map[string]int64 `json:"excluded"`
	Expected     *float64         `json:"expected"` // where the trajectory is at the end of the judged period
	Gap          *float64         `json:"gap"`      // value − expected
	Progress     *float64         `json:"progress"` // (value − baseline) / (target − baseline)
	Pace         *float64         `json:"pace"`     // progress / expected progress
	Met          bool             `json:"met"`
	Bands        Bands            `json:"bands"`
	Rule         string           `json:"rule"`
	Trend        *Trend           `json:"trend"`     // null: not computed
	Judged       *float64         `json:"judged"`    // what was judged, where it is not the value: the year's total so far of what adds up
	Since        *string          `json:"since"`     // the first period in it
	Phasing      *string          `json:"phasing"`   // of what adds up: flat, seasonal
	Standings    []Standing       `json:"standings"` // other targets that hold at the same time
	Named        *Named           `json:"named"`     // where a named method decided
	Reasons      []Reason         `json:"reasons"`   // of status, signal, outlook and trend, with everything that they looked at
}

// Bands are the lower bounds of pace for "on track" and "behind".
type Bands struct {
	OnTrack float64 `json:"on_track"`
	Behind  float64 `json:"behind"`
}

// Signal is the reading of the indicator's own history on a process-behaviour chart or a run chart.
type Signal struct {
	Kind      string   `json:"kind"` // improving, worsening, steady, too_early, changing, not_asked
	Rule      string   `json:"rule"` // outside, trend, two_of_three, shift; of a run chart long_run, few_crossings
	Points    int      `json:"points"`
	Needed    int      `json:"needed"`
	Trial     bool     `json:"trial"`
	Mean      *float64 `json:"mean"` // of a run chart the median
	Lower     *float64 `json:"lower"`
	Upper     *float64 `json:"upper"`
	Since     *string  `json:"since"`
	Chart     *string  `json:"chart"`     // xmr, p-prime, u-prime, run; null: too early
	Adjusted  bool     `json:"adjusted"`  // the season was taken out
	From      *string  `json:"from"`      // the first period of the newest limits, if they began anew
	Assurance *string  `json:"assurance"` // whether the process as it is meets the target: always, never, hit_or_miss; null: no target, or the city does not show what is to come
	Warnings  []string `json:"warnings"`  // trial, autocorrelated, season_unknown, gaps, rebased, skewed
	Lag1      *float64 `json:"lag1"`      // correlation of neighbouring periods
	Sigma     *float64 `json:"sigma"`     // of p-prime and u-prime: how much wider the limits are than chance alone would make them
}

// Outlook says how likely it is that the target will be met.
type Outlook struct {
	Word        string         `json:"word"`
	Probability float64        `json:"probability"` // 0.05–0.95: no method knows better than that
	Low         float64        `json:"low"`         // of the 80 % interval at the target's date; of what adds up, of the year's total
	High        float64        `json:"high"`
	By          kpi.Date       `json:"by"`
	Target      float64        `json:"target"`
	Mean        float64        `json:"mean"`
	Method      string         `json:"method"`  // naive, seasonal_naive, drift, mean, trend, theta, ets, holt_winters
	Scale       string         `json:"scale"`   // "", logit, log1p
	Points      int            `json:"points"`  // settled periods used
	Horizon     int            `json:"horizon"` // periods from the last of them to that of the target
	Tried       []OutlookTried `json:"tried"`
	SoFar       *float64       `json:"so_far"` // of what adds up: the year until the last settled period
	Needed      *float64       `json:"needed"` // of what adds up: what each remaining period must bring
	Best        *float64       `json:"best"`   // the best that any period ever brought, where the target is out of reach
	Warnings    []string       `json:"warnings"`
}

// Provenance says where the numbers come from, far enough to find them again.
type Provenance struct {
	Publication       int64        `json:"publication"`
	PublishedAt       *time.Time   `json:"published_at"`
	AsOf              kpi.Date     `json:"as_of"`
	KnownAt           *time.Time   `json:"known_at"`
	DataVersion       int64        `json:"data_version"`
	FolderVersion     int          `json:"folder_version"`
	FolderHash        string       `json:"folder_hash"` // SHA-256
	DefinitionVersion int          `json:"definition_version"`
	Method            Text         `json:"method"`     // in words
	Definition        Definition   `json:"definition"` // as the folder writes it
	Dataset           DatasetRef   `json:"dataset"`
	DataUntil         *kpi.Date    `json:"data_until"` // the newest day that a row of the dataset speaks of
	Loads             []Load       `json:"loads"`      // the dataset's newest live load, and a later one that failed
	Rejects           []RejectSum  `json:"rejects"`
	Unplaced          []UnplacedBy `json:"unplaced"`
}

// Definition is the computation of an indicator, in the expressions of the city's folder.
type Definition struct {
	Measure string      `json:"measure"` // count, sum, mean, median, percentile, share, ratio, rate, last, duration
	Of      string      `json:"of"`
	P       *float64    `json:"p"` // of a percentile or a duration, 0–1
	Where   string      `json:"where"`
	Exclude []Exclusion `json:"exclude"`
	Date    string      `json:"date"`  // the column that gives the period
	Per     string      `json:"per"`   // of a ratio: what it is divided by
	Times   *float64    `json:"times"` // of a ratio or rate: what the quotient is multiplied by
	From    string      `json:"from"`  // of a duration: the column in which it begins
	To      string      `json:"to"`    // of a duration: the column in which it ends
}

// Exclusion leaves rows out, and says why.
type Exclusion struct {
	When    string `json:"when"`
	Because string `json:"because"`
	Reason  Text   `json:"reason"` // the city's words for it; {} for a built-in reason
}

// DatasetRef names the dataset and whom to credit.
type DatasetRef struct {
	ID        string `json:"id"`
	Name      Text   `json:"name"`
	Publisher string `json:"publisher"`
	URL       string `json:"url"`
	Licence   string `json:"licence"`
	Note      Text   `json:"note"`
}

// Load is one run of bringing a dataset in.
type Load struct {
	DataVersion int64      `json:"data_version"`
	State       string     `json:"state"` // live, failed
	Started     *time.Time `json:"started"`
	LiveAt      *time.Time `json:"live_at"`
	SourceHash  string     `json:"source_hash"` // SHA-256 over the sources' hashes
	Files       []File     `json:"files"`
	Read        int64      `json:"read"` // = accepted + rejected + skipped
	Accepted    int64      `json:"accepted"`
	Rejected    int64      `json:"rejected"`
	Skipped     int64      `json:"skipped"`
	Warnings    []string   `json:"warnings"`
	Error       string     `json:"error"`
}

// File is one source file of a load.
type File struct {
	Source     string `json:"source"`
	SourceHash string `json:"source_hash"` // SHA-256 of the bytes that came
	Copy       string `json:"copy"`        // SHA-256 of the canonical copy that is kept
	Bytes      int64  `json:"bytes"`
	Rows       int64  `json:"rows"`
}

// RejectSum counts the refused rows of the newest live load that share a reason.
type RejectSum struct {
	Reason string `json:"reason"`
	Column string `json:"column"`
	Rows   int64  `json:"rows"`
}

// UnplacedBy counts rows that belong to no district.
type UnplacedBy struct {
	Member string `json:"member"`
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
}
