package pages

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"citystat/kpi"
	"citystat/kpi/evidence"
	"citystat/kpi/meeting"
)

// What the forms about evidence do.
const (
	doEvidence = "evidence"
	doWithdraw = "withdraw"
)

// evidenceData is what shows that a commitment is kept, and the form to add to it.
type evidenceData struct {
	List  []evidenceView
	Count string
	May   bool // the reader may add to it
	Open  bool // the form was sent and is shown again

	Shows, ShowsHint string
	FileHint, Accept string
}

// evidenceView is one photo or file.
type evidenceView struct {
	ID            string // in the page
	Number        int64
	URL           string
	Name          string
	Shows         Words
	Facts         string
	Width, Height int // of a picture; 0 of another file
	At            Moment
	Who           string
	May           bool // the reader may withdraw it
	Open          bool
	Reason        string // as it was typed

	Gone   string // what is said in its place; "" as long as it is there
	Why    string
	GoneAt Moment
	GoneBy string
}

// sentEvidence is a form about evidence that is shown again.
type sentEvidence struct {
	do, shows, reason string
	number            int64
}

// evidencePath is the address of a file.
func evidencePath(commitment, id int64) string {
	return staffCommitmentPath(commitment) + "/evidence/" + strconv.FormatInt(id, 10)
}

// evidenceID is what one is called within its page.
func evidenceID(id int64) string { return "evidence-" + strconv.FormatInt(id, 10) }

// evidence is what was added to a commitment; nil where nobody keeps any.
func (r *Request) evidence(ctx context.Context, c *kpi.Commitment, sent *sentTurn) (*evidenceData, error) {
	if r.work.Evidence == nil {
		return nil, nil
	}
	list, err := r.work.Evidence.Evidence(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	names, err := r.namesOf(ctx)
	if err != nil {
		return nil, err
	}
	holds := slices.Contains(r.heldByMe(), c.Owner)
	d := &evidenceData{
		May: meeting.MayAddEvidence(c, r.Person, holds), ShowsHint: r.P.T("commitments.evidence.shows_hint", "max", evidence.MaxShows),
		FileHint: r.P.T("commitments.evidence.file_hint", "bytes", r.P.Bytes(evidence.MaxBytes)), Accept: evidence.Accept,
	}
	back := &sentEvidence{}
	if sent != nil && sent.evidence != nil {
		back = sent.evidence
	}
	d.Open, d.Shows = back.do == doEvidence, back.shows
	n := 0
	for i := range list {
		e := &list[i]
		v := r.evidenceView(c, e, names)
		v.May = meeting.MayWithdrawEvidence(c, e, r.Person, holds)
		if back.do == doWithdraw && back.number == e.ID {
			v.Open, v.Reason = true, back.reason
		}
		if e.Gone == nil {
			n++
		}
		d.List = append(d.List, v)
	}
	d.Count = r.P.T("commitments.evidence.count", "n", n, "max", evidence.MaxFiles)
	return d, nil
}

func (r *Request) evidenceView(c *kpi.Commitment, e *kpi.Evidence, names map[int64]string) evidenceView {
	v := evidenceView{ID: evidenceID(e.ID), Number: e.ID, Name: e.Name, Shows: r.typed(e.Shows, e.Lang), At: r.at(e.At), Who: whose(names, e.Person, e.By)}
	if e.Gone != nil {
		v.Gone, v.Why = r.P.T("commitments.evidence.gone", "name", e.Name), e.Gone.Reason
		v.GoneAt, v.GoneBy = r.at(e.Gone.At), whose(names, e.Gone.Person, e.Gone.By)
		return v
	}
	v.URL, v.Width, v.Height = evidencePath(c.ID, e.ID), e.Width, e.Height
	v.Facts = strings.Join([]string{evidenceTypes[e.Type], r.P.Bytes(e.Size)}, " · ")
	return v
}

// evidenceTypes are names of types that are the same in all languages.
var evidenceTypes = map[string]string{
	evidence.JPEG: "JPEG", evidence.PNG: "PNG", evidence.PDF: "PDF", evidence.CSV: "CSV", evidence.Text: "TXT", evidence.XLSX: "XLSX", evidence.DOCX: "DOCX", evidence.ODS: "ODS",
}

// evidenceCounts says how many photos and files each commitment has.
func (r *Request) evidenceCounts(ctx context.Context) (map[int64]int, error) {
	if r.work.Evidence == nil {
		return nil, nil
	}
	return r.work.Evidence.EvidenceCounts(ctx)
}

// postEvidence adds a file to a commitment, or withdraws one, and leads back to its page.
func (r *Request) postEvidence(ctx context.Context, c *kpi.Commitment, form url.Values) (Posted, error) {
	if r.work.Evidence == nil {
		return Posted{}, kpi.Errorf(kpi.CodeNotFound, "nobody keeps evidence here")
	}
	sent := &sentTurn{evidence: &sentEvidence{do: form.Get("do"), shows: kpi.PlainText(form.Get("shows")), reason: kpi.PlainText(form.Get("reason"))}}
	var err error
	var to string
	if sent.evidence.do == doEvidence {
		to = "?done=evidence#evidence"
		err = r.addEvidence(ctx, c, sent)
	} else {
		to = "?done=withdrawn#evidence"
		err = r.withdrawEvidence(ctx, c, sent, form.Get("evidence"))
	}
	switch {
	case err != nil:
		return Posted{}, err
	case len(sent.Errors) == 0:
		return Posted{To: staffCommitmentPath(c.ID) + to}, nil
	}
	content, err := r.oneCommitment(ctx, sent)
	return Posted{Content: content, Status: statusOf(sent.conflict)}, err
}

// addEvidence keeps a file that was sent, or notes what is wrong with the form.
func (r *Request) addEvidence(ctx context.Context, c *kpi.Commitment, sent *sentTurn) error {
	if !meeting.MayAddEvidence(c, r.Person, slices.Contains(r.heldByMe(), c.Owner)) {
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you add evidence to the commitment, or it is closed")
	}
	if n := utf8.RuneCountInString(sent.evidence.shows); n == 0 || n > evidence.MaxShows {
		sent.add("evidence-shows", r.evidenceError(evidence.NoWords))
	}
	switch f := r.sent; {
	case f == nil || f.Name == "":
		sent.add("evidence-file", r.P.T("commitments.evidence.error.none"))
	case f.TooMuch:
		sent.add("evidence-file", r.evidenceError(evidence.Large))
	case len(sent.Errors) == 0:
		e := kpi.Evidence{Commitment: c.ID, Name: f.Name, Shows: sent.evidence.shows, Lang: r.Lang}
		return r.noteEvidence(sent, "evidence-file", r.work.Evidence.AddEvidence(ctx, &e, f.Data, r.Person.By(), r.now))
	}
	return nil
}

// withdrawEvidence erases a file, or notes what is wrong with the form.
func (r *Request) withdrawEvidence(ctx context.Context, c *kpi.Commitment, sent *sentTurn, number string) error {
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return kpi.Errorf(kpi.CodeInvalid, "the form does not say which file to withdraw")
	}
	sent.evidence.number = id
	list, err := r.work.Evidence.Evidence(ctx, c.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(e kpi.Evidence) bool { return e.ID == id })
	switch {
	case i < 0:
		return kpi.Errorf(kpi.CodeNotFound, "commitment %d has no evidence %d", c.ID, id)
	case list[i].Gone == nil && !meeting.MayWithdrawEvidence(c, &list[i], r.Person, slices.Contains(r.heldByMe(), c.Owner)):
		return kpi.Errorf(kpi.CodeDenied, "your roles do not let you withdraw this evidence")
	}
	err = r.work.Evidence.WithdrawEvidence(ctx, c.ID, id, sent.evidence.reason, r.Person.By(), r.now)
	if kpi.ErrorCode(err) == kpi.CodeConflict {
		sent.conflict = true
		sent.add("", r.P.T("commitments.evidence.error.gone"))
		return nil
	}
	return r.noteEvidence(sent, evidenceID(id)+"-reason", err)
}

// noteEvidence notes at a field what the ledger finds wrong, and returns any other error.
func (r *Request) noteEvidence(sent *sentTurn, field string, err error) error {
	var p evidence.Problem
	if !errors.As(err, &p) {
		return err
	}
	if p == evidence.NoWords {
		field = "evidence-shows"
	}
	sent.add(field, r.evidenceError(p))
	return nil
}

// evidenceError says what is wrong with a file.
func (r *Request) evidenceError(p evidence.Problem) string {
	id := "commitments.evidence.error." + string(p)
	switch p {
	case evidence.Large:
		return r.P.T(id, "bytes", r.P.Bytes(evidence.MaxBytes))
	case evidence.Many:
		return r.P.T(id, "max", evidence.MaxFiles)
	case evidence.NoWords:
		return r.P.T(id, "max", evidence.MaxShows)
	}
	return r.P.T(id)
}

// evidenceDisposition says what a browser does with a file: it shows a picture, and saves anything else. Names of letters beyond ASCII are written as RFC 8187 says.
func evidenceDisposition(e *kpi.Evidence, picture bool) string {
	how := "attachment"
	if picture {
		how = "inline"
	}
	return fmt.Sprintf("%s; filename=\"evidence-%d%s\"; filename*=UTF-8''%s", how, e.ID, evidence.Ending(e.Type), url.PathEscape(e.Name))
}
