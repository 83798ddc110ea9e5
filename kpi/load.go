package kpi

import "time"

// LoadState is where a load stands. Only live loads are visible.
type LoadState string

// UnderWay reports whether a load has not ended.
func (s LoadState) UnderWay() bool { return s == LoadOpen || s == LoadStaged }

// Good reports whether a load found its source in order, whether it brought anything new or not.
func (s LoadState) Good() bool { return s == LoadLive || s == LoadUnchanged }

// The states.
const (
	LoadOpen      LoadState = "open"      // begun
	LoadStaged    LoadState = "staged"    // its spool copy is complete; the warehouse may hold it or not
	LoadLive      LoadState = "live"      // visible
	LoadUnchanged LoadState = "unchanged" // the same content as the last live load: nothing to do
	LoadFailed    LoadState = "failed"    // the last good data stay; Error says why
	LoadAbandoned LoadState = "abandoned" // the program ended during it
)

// Cause is what made a data version.
type Cause string

// The causes.
const (
	CauseLoad        Cause = "load"        // rows came
	CauseDefinitions Cause = "definitions" // the folder changed
	CauseAsOf        Cause = "as_of"       // a new day
)

// Load is a data version: one run of one dataset, or one recomputation (Dataset is then empty).
type Load struct {
	ID         int64         `json:"id"`
	Cause      Cause         `json:"cause"`
	Dataset    string        `json:"dataset,omitempty"`
	State      LoadState     `json:"state"`
	Started    time.Time     `json:"started"`
	LiveAt     time.Time     `json:"live_at,omitzero"` // when it became visible: the clock known-at
	Folder     int           `json:"folder"`           // version of the folder
	AsOf       Date          `json:"as_of"`
	Spool      []SpoolFile   `json:"spool,omitempty"`
	SourceHash string        `json:"source_hash,omitempty"` // SHA-256 over the sources' hashes, in order
	Counts     Counts        `json:"counts"`
	Checks     []CheckResult `json:"checks,omitempty"`
	Warnings   []string      `json:"warnings,omitempty"`
	Checksum   string        `json:"checksum,omitempty"` // over all observations visible once it is live
	Error      string        `json:"error,omitempty"`
	Trigger    Trigger       `json:"trigger,omitempty"`
	Attempt    int           `json:"attempt,omitempty"`   // 1 for a first try, more for the retries of a scheduled run
	Changes    bool          `json:"changes,omitempty"`   // the delivery held only rows that are new or changed; the others stay as they are
	Cursor     string        `json:"cursor,omitempty"`    // where the next delivery of changes goes on; opaque, the connector's own
	Ended      time.Time     `json:"ended,omitzero"`      // when it had ended in any way; zero where nobody wrote it down
	FailedAt   Step          `json:"failed_at,omitempty"` // the step in which it failed; empty where nobody wrote it down
	Accepted   string        `json:"accepted,omitempty"`  // who accepted a change in the number of rows beyond what is expected; empty: nobody had to
}

// Trigger is what set a run off.
type Trigger string

// The triggers.
const (
	TriggerStart    Trigger = "start"    // the program started, or the folder was read again
	TriggerSchedule Trigger = "schedule" // its time had come
	TriggerMissed   Trigger = "missed"   // its time came while the program was not running
	TriggerPerson   Trigger = "person"   // somebody asked for it
)

// Time is when a load's numbers came into use; when it began, of one that did not.
func (l *Load) Time() time.Time {
	if l.LiveAt.IsZero() {
		return l.Started
	}
	return l.LiveAt
}

// Counts are the rows of a load. Read = Accepted + Rejected + Skipped, always.
type Counts struct {
	Read     int64 `json:"read"`
	Accepted int64 `json:"accepted"`
	Rejected int64 `json:"rejected"`
	Skipped  int64 `json:"skipped"` // blank lines
	New      int64 `json:"new"`     // rows with a key not seen before
	Restated int64 `json:"restated"`
	Gone     int64 `json:"gone"` // rows of the last load that are no longer in the source
}

// SpoolFile is one kept canonical copy.
type SpoolFile struct {
	Source     string    `json:"source"`      // its path in the city folder
	SourceHash string    `json:"source_hash"` // SHA-256 of the bytes that came
	Bytes      int64     `json:"bytes"`       // of the source
	Modified   time.Time `json:"modified,omitzero"`
	Copy       string    `json:"copy"`                 // SHA-256 of the canonical copy: its name in the spool
	Rows       int64     `json:"rows"`                 // records, without the header
	Undeclared []string  `json:"undeclared,omitempty"` // source columns that nobody declared: reported, never kept
	Fetch      Fetch     `json:"fetch,omitzero"`       // how it came, where it was fetched over a network
}

// Fetch is what is known of a source that was fetched over a network. No address in it holds a secret.
type Fetch struct {
	At           time.Time `json:"at,omitzero"`
	URL          string    `json:"url,omitempty"`       // as asked for
	FinalURL     string    `json:"final_url,omitempty"` // after redirects, if another
	Status       int       `json:"status,omitempty"`    // of HTTP
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	ContentType  string    `json:"content_type,omitempty"`
}

// CheckResult is how a check went in a load.
type CheckResult struct {
	Check  Check `json:"check"`
	Failed int64 `json:"failed"` // rows that broke it
}

// Reject is a row that was refused.
type Reject struct {
	Load    int64  `json:"load"`
	Dataset string `json:"dataset"`
	File    string `json:"file"`   // the source's path
	Line    int64  `json:"line"`   // physical line, 1-based
	Column  string `json:"column"` // the source's column; empty if the whole row is at fault
	Reason  string `json:"reason"` // a code such as bad_timestamp, not_in_list, field_count, check
	Detail  string `json:"detail"` // in words, with the mend
	Raw     string `json:"raw"`    // the field or row as it came, cut at 1 kB; empty where the dataset drops columns and the row is broken
}

// DatasetState is what pages say about a dataset.
type DatasetState struct {
	Dataset   string        `json:"dataset"`
	Last      *Load         `json:"last,omitempty"`    // the last live load
	Failed    *Load         `json:"failed,omitempty"`  // a later load that failed
	DataUntil Date          `json:"data_until"`        // the newest day that an accepted row speaks of, not after the as-of date
	Rejects   []RejectGroup `json:"rejects,omitempty"` // of Last and, where that brought changes alone, of the live loads before it back to the last one that brought everything
	Unplaced  []Unplaced    `json:"unplaced,omitempty"`

	Deliveries []Delivery `json:"deliveries,omitempty"` // of the last [DeliveryWeeks] weeks, by day, and the newest day before them on which new data came; none of a city of the past
}

// DeliveryWeeks is how far back the deliveries of a dataset are told.
const DeliveryWeeks = 12

// Delivery is what the runs of one day brought, without how many there were.
type Delivery struct {
	Day       Date `json:"day"`                 // in the city, on which the runs began
	New       bool `json:"new,omitempty"`       // data that were not there before
	Unchanged bool `json:"unchanged,omitempty"` // a run found nothing new, and none found anything
	Failed    bool `json:"failed,omitempty"`    // a run failed
}

// RejectGroup counts refused rows that share a reason.
type RejectGroup struct {
	Reason string `json:"reason"`
	Column string `json:"column,omitempty"`
	Rows   int64  `json:"rows"`
}

// DatasetReport is what the people who look after a dataset are told: what is live, and what failed as well.
type DatasetReport struct {
	State   DatasetState  `json:"state"`             // of now
	Refused []RejectGroup `json:"refused,omitempty"` // the rows refused by State.Failed, where it kept any
	Job     RunState      `json:"job"`
	Runs    []Load        `json:"runs,omitempty"` // its last runs, the newest first, whatever came of them; ten are enough
}

// RejectQuery asks for refused rows of a load, in the order of file and line. Of a live load that brought changes alone, those of the live loads
// before it belong to them, back to the last one that brought everything: the newest load first.
type RejectQuery struct {
	Dataset string
	Load    int64
	Reason  string // empty: any
	Column  string // empty: any
	Limit   int
	Offset  int
}

// Unplaced counts the rows of a dataset that belong to no district: blank ones, and by name those that were not recognised.
type Unplaced struct {
	Member string `json:"member"` // MemberNotRecorded or MemberNotRecognised
	Name   string `json:"name,omitempty"`
	Rows   int64  `json:"rows"`
}

// Step is a named step of a load, in order. A crash at any of them leaves the old numbers or the new ones.
type Step string

// The steps.
const (
	StepFetch   Step = "fetch"
	StepSpool   Step = "spool"
	StepStage   Step = "stage"
	StepCheck   Step = "check"
	StepObserve Step = "observe"
	StepCommit  Step = "commit"
	StepLive    Step = "live"
)

// Steps lists the steps in order.
var Steps = []Step{StepFetch, StepSpool, StepStage, StepCheck, StepObserve, StepCommit, StepLive}

// Progress is how far a load has come. Total is 0 while it is unknown.
type Progress struct {
	Dataset string
	Step    Step
	Done    int64
	Total   int64
	Unit    string // "bytes" or "rows"
}

// NewestFailure is a run that failed, or was broken off, after the load in use; nil if the newest one that has ended did not: one that is under way mends
// nothing yet.
func (r *DatasetReport) NewestFailure() *Load {
	if r.State.Failed != nil {
		return r.State.Failed
	}
	runs := r.Runs
	if len(runs) > 0 && runs[0].State.UnderWay() {
		runs = runs[1:]
	}
	if len(runs) == 0 || runs[0].State != LoadFailed && runs[0].State != LoadAbandoned {
		return nil
	}
	return &runs[0]
}

// LastLooked is when the source was last read without trouble, whether it had anything new or not. There must be a load in use.
func (r *DatasetReport) LastLooked() time.Time {
	for i := range r.Runs {
		if r.Runs[i].State.Good() {
			return r.Runs[i].Started
		}
	}
	return r.State.Last.Time()
}
