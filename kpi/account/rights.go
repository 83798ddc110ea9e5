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
)

// Actions lists the actions.
var Actions = []Action{SeeStaff, SeeRejects, RunLoad, SeeFeedback, AnswerFeedback, SeePeople, ChangePeople, SeeAudit}

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
}
