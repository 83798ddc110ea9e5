package pages

import (
	"context"
	"encoding/hex"
	"slices"
	"strconv"

	"citystat/kpi"
	"citystat/kpi/account"
)

// Trail is the audit trail.
type Trail interface {
	Audit(ctx context.Context, before int64, limit int) ([]account.Audited, error)
	VerifyAudit(ctx context.Context) (entries int64, last []byte, wrong string, err error)
}

// auditAPage is how many entries a page shows.
const auditAPage = 50

const staffAuditPath = StaffRoot + "/audit"

var staffAuditPage = Page{
	Name: "staff_audit", Path: staffAuditPath, Menu: "people.audit", Role: StaffOnly, Needs: account.SeeAudit,
	Shown: func(r *Request) bool { return r.trail != nil && r.Person.MayAnywhere(account.SeeAudit) },
	Query: []string{"before", "verify"}, Load: loadAudit,
}

// auditData is a part of the trail, the newest entries first.
type auditData struct {
	Entries  []auditEntry
	Older    *Link
	Newest   *Link
	Verify   Link
	Verified string // what came of reading all of it; "" if nobody asked
	Broken   bool
	Last     string // hash of the last entry, where it was verified
}

// auditEntry is one line.
type auditEntry struct {
	Seq         string
	At          Moment
	Who         string
	What        string
	Subject     string
	Detail      []string
	ActionKnown bool // it has words in the reader's language; otherwise What is the action as it is kept
}

func loadAudit(ctx context.Context, r *Request) (Content, error) {
	if r.trail == nil {
		return Content{}, kpi.Errorf(kpi.CodeNotFound, "there is no audit trail here")
	}
	var before int64
	if s := r.Query.Get("before"); s != "" {
		var err error
		if before, err = strconv.ParseInt(s, 10, 64); err != nil || before < 1 {
			return Content{}, kpi.Errorf(kpi.CodeInvalid, "%q is no entry of the trail", s)
		}
	}
	list, err := r.trail.Audit(ctx, before, auditAPage)
	if err != nil {
		return Content{}, err
	}
	d := auditData{Verify: Link{URL: staffAuditPath + "?verify=1", Words: own(r.P.T("people.verify"))}}
	for _, a := range list {
		d.Entries = append(d.Entries, r.audited(a))
	}
	if n := len(list); n == auditAPage && list[n-1].Seq > 1 {
		d.Older = &Link{URL: staffAuditPath + "?before=" + strconv.FormatInt(list[n-1].Seq, 10), Words: own(r.P.T("people.older"))}
	}
	if before > 0 {
		d.Newest = &Link{URL: staffAuditPath, Words: own(r.P.T("people.newest"))}
	}
	if r.Query.Get("verify") != "" {
		if err := r.verify(ctx, &d); err != nil {
			return Content{}, err
		}
	}
	return Content{Title: r.P.T("people.audit"), Summary: r.P.T("people.audit_intro"), Data: d}, nil
}

// verify reads the whole trail.
func (r *Request) verify(ctx context.Context, d *auditData) error {
	entries, last, wrong, err := r.trail.VerifyAudit(ctx)
	if err != nil {
		return err
	}
	d.Verified, d.Last = r.P.N("people.verified", int(entries)), hex.EncodeToString(last)
	if wrong != "" {
		d.Broken, d.Verified, d.Last = true, r.P.T("people.broken", "what", wrong), ""
	}
	return nil
}

func (r *Request) audited(a account.Audited) auditEntry {
	e := auditEntry{Seq: strconv.FormatInt(a.Seq, 10), At: r.at(a.At), Who: a.Name, What: a.Action, Subject: a.Subject}
	if r.P.Has("people.action." + a.Action) {
		e.What, e.ActionKnown = r.P.T("people.action."+a.Action), true
	}
	for k, v := range a.Detail {
		e.Detail = append(e.Detail, k+": "+v)
	}
	slices.Sort(e.Detail)
	return e
}
