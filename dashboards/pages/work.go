package pages

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/release"
	"citystat/kpi/scorecard"
)

// Work is what departments keep here between meetings, as staff pages read and write it. Where a field is nil the pages that need it are not there.
type Work struct {
	Entries      Entries
	EntryDesk    EntryDesk
	Commentaries Commentaries
	Contests     Contests
	Commitments  Commitments
	Evidence     Evidence
	Decisions    Decisions
	Posts        Posts
	Handovers    Handovers
	Rounds       Rounds
	Terms        Terms
	Cases        Cases
	Seen         Seen
	Self         Self
	Meetings     Meetings
	Notes        MeetingNotes
	Emergencies  Emergencies
}

// Commentaries are what departments say of their numbers. Lists are by id. Saving fails with code conflict if somebody else has saved since the revision
// that the writer saw, and with code denied or invalid if the text may not go where its state says.
type Commentaries interface {
	Commentaries(ctx context.Context, q kpi.PaperQuery) ([]kpi.Commentary, error)
	Commentary(ctx context.Context, id int64) (kpi.Commentary, error)
	CommentaryHistory(ctx context.Context, id int64) ([]kpi.Commentary, error) // every revision, oldest first
	SaveCommentary(ctx context.Context, c *kpi.Commentary, by account.By, now time.Time) error

	// FirstGoodLoad returns when a dataset was loaded well for the first time, from a time on; the zero time if it was not yet.
	FirstGoodLoad(ctx context.Context, dataset string, from time.Time) (time.Time, error)
}

// Contests are numbers that departments say are wrong; see [Commentaries] for lists and saving.
type Contests interface {
	Contests(ctx context.Context, q kpi.PaperQuery) ([]kpi.Contest, error)
	Contest(ctx context.Context, id int64) (kpi.Contest, error)
	ContestHistory(ctx context.Context, id int64) ([]kpi.Contest, error)
	SaveContest(ctx context.Context, c *kpi.Contest, by account.By, now time.Time) error
}

// Commitments are promises between people; see [Commentaries] for lists and saving. Their subject is the owner's post.
type Commitments interface {
	Commitments(ctx context.Context, q kpi.PaperQuery) ([]kpi.Commitment, error)
	Commitment(ctx context.Context, id int64) (kpi.Commitment, error)
	CommitmentHistory(ctx context.Context, id int64) ([]kpi.Commitment, error)
	CommitmentsThen(ctx context.Context, knownAt time.Time) ([]kpi.Commitment, error) // all of them as they stood then
	SaveCommitment(ctx context.Context, c *kpi.Commitment, by account.By, now time.Time) error
}

// Evidence are photos and files that show that a commitment was kept. Adding one cleans it, and fails with code invalid and an [evidence.Problem] where it cannot be kept;
// withdrawing one erases it. Both fail with code denied if whoever does it may not.
type Evidence interface {
	Evidence(ctx context.Context, commitment int64) ([]kpi.Evidence, error) // what was withdrawn too, oldest first
	EvidenceCounts(ctx context.Context) (map[int64]int, error)              // how many are there, by commitment
	EvidenceFile(ctx context.Context, commitment, id int64) (kpi.Evidence, []byte, error)
	AddEvidence(ctx context.Context, e *kpi.Evidence, data []byte, by account.By, now time.Time) error
	WithdrawEvidence(ctx context.Context, commitment, id int64, reason string, by account.By, now time.Time) error
}

// Decisions lie over the folder; see [Commentaries] for saving. A decision that was saved is in force for everything that is judged from then on.
type Decisions interface {
	Applied(ctx context.Context) ([]kpi.Applied, error) // every decision and what became of it, in order of date
	Decision(ctx context.Context, id int64) (kpi.Decision, error)
	SaveDecision(ctx context.Context, d *kpi.Decision, by account.By, now time.Time) error
	Patch(ctx context.Context) (kpi.FolderPatch, error)                                        // that makes the folder say what was decided
	Preview(ctx context.Context, d *kpi.Decision, now time.Time) (*scorecard.Scorecard, error) // the live scorecard as it would be with one more; nothing is kept
}

// Meetings are stat meetings; their subject is their series. See [Commentaries] for lists and saving; a list has those that somebody did something about, and
// [meeting.Calendar] adds those that the rhythm of a series plans.
type Meetings interface {
	Meetings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Meeting, error)
	MeetingHistory(ctx context.Context, id int64) ([]kpi.Meeting, error)

	// SaveMeeting saves a revision. live is the live scorecard that its agenda was made of: it is frozen where the memo goes out and where the meeting begins, and may be nil
	// otherwise.
	SaveMeeting(ctx context.Context, m *kpi.Meeting, live *scorecard.Scorecard, by account.By, now time.Time) error

	// FrozenCard returns the scorecard that was frozen with a meeting at a stage ([kpi.FrozenMemo], [kpi.FrozenMeeting]); nil if none was.
	FrozenCard(ctx context.Context, series string, slot kpi.Date, stage string) (*scorecard.Scorecard, error)

	// PapersVersion is a number that goes up with everything that people save. It asks no store.
	PapersVersion() int64
}

// MeetingNotes are decisions that were taken in meetings, and topics that were left for later; see [Commentaries] for lists and saving. Their subject is the series, their
// department the meeting's slot.
type MeetingNotes interface {
	MeetingNotes(ctx context.Context, q kpi.PaperQuery) ([]kpi.MeetingNote, error)
	MeetingNote(ctx context.Context, id int64) (kpi.MeetingNote, error)
	MeetingNoteHistory(ctx context.Context, id int64) ([]kpi.MeetingNote, error)
	SaveMeetingNote(ctx context.Context, n *kpi.MeetingNote, by account.By, now time.Time) error
}

// Emergencies are times in which deadlines do not count; see [Commentaries] for saving.
type Emergencies interface {
	Emergencies(ctx context.Context) ([]kpi.Emergency, error)
	EmergencyHistory(ctx context.Context, id int64) ([]kpi.Emergency, error)
	SaveEmergency(ctx context.Context, e *kpi.Emergency, by account.By, now time.Time) error
}

// Posts say who holds which post; see [Commentaries] for lists and saving. Their subject is the post.
type Posts interface {
	Holdings(ctx context.Context, q kpi.PaperQuery) ([]kpi.Holding, error)
	SaveHolding(ctx context.Context, h *kpi.Holding, by account.By, now time.Time) error
}

// Handovers are lists of what a post owns, made when its holder leaves; their subject is the post.
type Handovers interface {
	Handovers(ctx context.Context, q kpi.PaperQuery) ([]kpi.Handover, error) // by their state, too: open, ended, void
	Handover(ctx context.Context, id int64) (kpi.Handover, error)
	SaveHandover(ctx context.Context, h *kpi.Handover, by account.By, now time.Time) error
}

// Rounds are the reporting cycles of a city; their subject is the period. A round changes by its moves alone, which package release knows.
type Rounds interface {
	Rounds(ctx context.Context, q kpi.PaperQuery) ([]release.Round, error)
	Round(ctx context.Context, id int64) (release.Round, error)
	OpenRound(ctx context.Context, o release.Opening, departments []string, today kpi.Date, by account.By, now time.Time) (release.Round, error)
	MoveRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error)

	// ReleaseRound makes it public, with the scorecard of now where the city publishes by release.
	ReleaseRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error)
}

// Terms are reviews of all targets after a change of government.
type Terms interface {
	Terms(ctx context.Context) ([]kpi.TermReview, error)
	Term(ctx context.Context, id int64) (kpi.TermReview, error)
	SaveTerm(ctx context.Context, t *kpi.TermReview, by account.By, now time.Time) error
}

// Entries are what people type or upload into datasets whose source is kind entry; their subject is the dataset. A list has no rows.
type Entries interface {
	EntryBatches(ctx context.Context, q kpi.PaperQuery) ([]kpi.EntryBatch, error)
	EntryBatch(ctx context.Context, id int64) (kpi.EntryBatch, error)
	SaveEntryBatch(ctx context.Context, b *kpi.EntryBatch, by account.By, now time.Time) error
}

// EntryDesk is what the program does with entries.
type EntryDesk interface {
	// ReadSheet reads an uploaded spreadsheet as the dataset declares it: its rows, and what should be known of them. An error with code invalid says why it
	// cannot be read.
	ReadSheet(ctx context.Context, dataset, name string, data []byte) (rows []kpi.EntryRow, warnings []string, err error)

	// PreviewEntry says what a load would bring if the batch counted. Nothing of it is kept.
	PreviewEntry(ctx context.Context, b kpi.EntryBatch) (kpi.EntryPreview, error)

	// LoadEntries runs the dataset and waits until the run has ended, or until nobody would wait longer.
	LoadEntries(ctx context.Context, dataset string) error
}

// Cases are the rows behind a number that are still open.
type Cases interface {
	// OpenCases returns them as of today. It fails with code not found if there is no such indicator.
	OpenCases(ctx context.Context, q kpi.CaseQuery) (kpi.OpenCases, error)
	// HasCases reports whether anything says which rows behind an indicator are open. It reads no rows.
	HasCases(indicator string) bool
}

// Seen is what was published before.
type Seen interface {
	// PublishedBy returns the scorecard that was the newest one at a time; nil if there was none.
	PublishedBy(ctx context.Context, by time.Time) (*scorecard.Scorecard, error)
}
