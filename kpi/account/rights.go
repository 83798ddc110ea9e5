package account

// Action is something that only some may do.
type Action string

// The actions.
const (
	SeeStaff       Action = "see_staff"       // staff pages: indicators as they are now, datasets, freshness
	SeeRejects     Action = "see_rejects"     // rows that were refused, as they came: they may hold what is personal
	RunLoad        Action = "run_load"        // set off a load
	SeeFeedback    Action = "see_feedback"    // what residents wrote, as they wrote it
	AnswerFeedback Action = "answer_feedback" // in public
	SeePeople      Action = "see_people"
	ChangePeople   Action = "change_people" // accounts, roles, links
	SeeAudit       Action = "see_audit"

	EnterValues      Action = "enter_values"      // type numbers, upload the usual spreadsheet, undo what was entered
	SeeCases         Action = "see_cases"         // the open cases behind a number, one by one
	Comment          Action = "comment"           // write commentary
	ReviewComments   Action = "review_comments"   // approve or return commentary that somebody else wrote
	ContestNumbers   Action = "contest_numbers"   // say that a number is wrong
	AnswerContests   Action = "answer_contests"   // say whether it was
	Commit           Action = "commit"            // make a commitment, report on it, move its date
	CloseCommitments Action = "close_commitments" // say that it was kept, or drop it
	Decide           Action = "decide"            // targets, owners and meeting dates, over the folder; what a new term makes of targets
	ChangePosts      Action = "change_posts"      // who holds which post, acting cover
	HandOver         Action = "hand_over"         // the list of what a post owns
	FillRound        Action = "fill_round"        // say that a department's part of a release is there
	CheckRound       Action = "check_round"       // open a round, check what departments filled
	Release          Action = "release"           // make it public

	PrepareMeetings Action = "prepare_meetings" // agenda, memo and follow-up memo
	RecordMeetings  Action = "record_meetings"  // begin and end a meeting, write down what is decided in it
	ConveneMeetings Action = "convene_meetings" // move, cancel or call a meeting, let somebody else preside; declare an emergency
)

// Actions lists the actions.
var Actions = []Action{
	SeeStaff, SeeRejects, RunLoad, SeeFeedback, AnswerFeedback, SeePeople, ChangePeople, SeeAudit,
	EnterValues, SeeCases, Comment, ReviewComments, ContestNumbers, AnswerContests, Commit, CloseCommitments, Decide, ChangePosts, HandOver,
	FillRound, CheckRound, Release, PrepareMeetings, RecordMeetings, ConveneMeetings,
}

// Reach says for what a role has a right.
type Reach int

// The reaches.
const (
	Nowhere       Reach = iota
	OwnDepartment       // for the department that the role is held for
	Everywhere
)

// Rights is the table: what each role may do, and how far. A role that does not stand beside an action may not do it.
var Rights = map[Action]map[Role]Reach{
	SeeStaff: {
		Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere, DepartmentHead: Everywhere, DepartmentStaff: Everywhere, Viewer: Everywhere,
		Administrator: Everywhere,
	},
	SeeRejects:     {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	RunLoad:        {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	SeeFeedback:    {Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere}, // letters are not sorted by department
	AnswerFeedback: {ChiefOfStaff: Everywhere, Analyst: Everywhere},
	SeePeople:      {Mayor: Everywhere, ChiefOfStaff: Everywhere, Administrator: Everywhere},
	ChangePeople:   {Administrator: Everywhere},
	SeeAudit:       {Mayor: Everywhere, ChiefOfStaff: Everywhere, Administrator: Everywhere},

	EnterValues:      {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	SeeCases:         {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	Comment:          {ChiefOfStaff: Everywhere, Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	ReviewComments:   {ChiefOfStaff: Everywhere, Analyst: Everywhere, DepartmentHead: OwnDepartment},
	ContestNumbers:   {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	AnswerContests:   {ChiefOfStaff: Everywhere, Analyst: Everywhere},
	Commit:           {Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	CloseCommitments: {Mayor: Everywhere, ChiefOfStaff: Everywhere},
	Decide:           {Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere},
	ChangePosts:      {ChiefOfStaff: Everywhere, Administrator: Everywhere},
	HandOver:         {ChiefOfStaff: Everywhere, DepartmentHead: OwnDepartment},
	FillRound:        {Analyst: Everywhere, DepartmentHead: OwnDepartment, DepartmentStaff: OwnDepartment},
	CheckRound:       {ChiefOfStaff: Everywhere, Analyst: Everywhere},
	Release:          {Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere}, // and never by one person alone: see package release

	PrepareMeetings: {ChiefOfStaff: Everywhere, Analyst: Everywhere},
	RecordMeetings:  {Mayor: Everywhere, ChiefOfStaff: Everywhere, Analyst: Everywhere},
	ConveneMeetings: {Mayor: Everywhere, ChiefOfStaff: Everywhere},
}
