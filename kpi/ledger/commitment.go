package ledger

import (
	"context"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/meeting"
)

// Commitments returns the commitments that a query asks for, as they stand now, by id. Their subject is the owner's post.
func (db *DB) Commitments(ctx context.Context, q kpi.PaperQuery) ([]kpi.Commitment, error) {
	return papers[kpi.Commitment](ctx, db, paperQuery{kind: paperCommitment, subject: q.Subject, department: q.Department, states: q.States})
}

// Commitment returns one as it stands now. It fails with [kpi.CodeNotFound] if there is none.
func (db *DB) Commitment(ctx context.Context, id int64) (kpi.Commitment, error) {
	return onePaper[kpi.Commitment](ctx, db, paperCommitment, id)
}

// CommitmentHistory returns every revision of one, oldest first.
func (db *DB) CommitmentHistory(ctx context.Context, id int64) ([]kpi.Commitment, error) {
	return papers[kpi.Commitment](ctx, db, paperQuery{kind: paperCommitment, id: id, all: true})
}

// SaveCommitment keeps a revision, if it is what the one before becomes by a step that whoever takes it may take ([meeting.CheckCommitment]). Otherwise it fails
// with [kpi.CodeInvalid] and a [meeting.CommitmentProblem], or with [kpi.CodeDenied]; with [kpi.CodeConflict] if somebody else has saved one since.
func (db *DB) SaveCommitment(ctx context.Context, c *kpi.Commitment, by account.By, now time.Time) error {
	was, err := db.commitmentBefore(ctx, c)
	if err != nil {
		return err
	}
	day, err := db.dayOf(ctx, now)
	if err != nil {
		return err
	}
	owner, department := c.Owner, c.Department
	if was != nil {
		owner, department = was.Owner, was.Department // a form that names others is refused by the rule
	}
	who, holds, err := db.handOf(ctx, by, owner, day)
	if err != nil {
		return err
	}
	if was != nil && len(c.Moves) == len(was.Moves)+1 {
		m := &c.Moves[len(was.Moves)] // who moves it, when, and whose move that is, is not for the form to say
		m.At, m.By, m.Chair = now.UTC().Round(0), by.Name, meeting.MovesAsChair(was, who, holds, day)
	}
	step, err := meeting.CheckCommitment(was, c, who, holds, day)
	if err != nil {
		return err
	}
	p := paper{
		kind: paperCommitment, state: string(c.State), subject: owner, department: department, action: "commitment." + string(step),
		detail: map[string]string{"owner": owner, "due": c.Due.String()},
	}
	if c.Kind != kpi.CommitmentPromise {
		p.detail["kind"] = string(c.Kind)
	}
	switch step {
	case meeting.CommitmentMove:
		p.detail["due"] = was.Due.String() + " → " + c.Due.String()
		m := c.Moves[len(c.Moves)-1]
		p.detail["reason"] = m.Reason
		if m.Chair {
			p.detail["agreed"] = "true"
		}
	case meeting.CommitmentDrop, meeting.CommitmentReopen:
		p.detail["reason"] = c.Note
	case meeting.CommitmentBlock:
		p.detail["blocked_by"] = c.BlockedBy
	}
	return save(ctx, db, p, &c.Stamp, c, by, now, nil)
}

// commitmentBefore returns the revision that whoever saves one has seen, nil of a new one. That it is the newest, save finds out.
func (db *DB) commitmentBefore(ctx context.Context, c *kpi.Commitment) (*kpi.Commitment, error) {
	if c.ID == 0 {
		return nil, nil
	}
	list, err := db.CommitmentHistory(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Revision == c.Revision {
			return &list[i], nil
		}
	}
	return nil, kpi.Errorf(kpi.CodeNotFound, "there is no commitment %d with a revision %d", c.ID, c.Revision)
}

// dayOf is the day of a moment in the city, in UTC as long as no folder says where that is.
func (db *DB) dayOf(ctx context.Context, now time.Time) (kpi.Date, error) {
	city, _, err := db.City(ctx, time.Time{})
	if kpi.ErrorCode(err) == kpi.CodeNotFound {
		return kpi.DateOf(now.UTC()), nil
	}
	if err != nil {
		return kpi.Date{}, err
	}
	calendar, err := city.Calendar()
	if err != nil {
		return kpi.Date{}, err
	}
	return kpi.DateOf(now.In(calendar.Location)), nil
}

// handOf returns the person who does something, with the rights of now, and whether they hold a post on a day, or act for whoever does. It is nil for nobody who
// can sign in: whoever sits at the machine.
func (db *DB) handOf(ctx context.Context, by account.By, post string, day kpi.Date) (*account.Person, bool, error) {
	if by.Person == 0 {
		return nil, false, nil
	}
	p, err := db.Person(ctx, by.Person)
	if err != nil {
		return nil, false, err
	}
	holdings, err := db.Holdings(ctx, kpi.PaperQuery{Subject: post})
	if err != nil {
		return nil, false, err
	}
	for _, h := range meeting.Holders(holdings, post, day) {
		if h.Holder == p.ID {
			return &p, true, nil
		}
	}
	return &p, false, nil
}
