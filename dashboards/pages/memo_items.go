package pages

import (
	"cmp"
	"context"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"citystat/dashboards/chart"
	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

// memoItem is one thing on the agenda, as the memo tells it.
type memoItem struct {
	ID      string
	Place   string // on the agenda, counted from 1
	Rule    string
	Also    string
	Minutes string
	Name    Link // of a number; Text is "" of what has none
	Office  Words
	Text    Link // of a topic, or of what was promised
	Request bool
	Why     string // why it is there, in a sentence
	Reason  Words  // that somebody gave for adding it
	Number  *memoNumber
	Promise *commitmentView
	Notes   []memoNote // what is known of it beside: data notes, or what stands in its way
	Said    *memoSaid
	Unsaid  string // that nobody has explained it
	Ask     []string
	Own     Words // the question that whoever prepares the meeting wrote
}

// memoNote is something that is known of an item beside.
type memoNote struct {
	Label string
	Words Words
}

// memoNumber is the number of a card, with its small chart. The table of a chart is one link away: on paper it would take more room than the memo.
type memoNumber struct {
	Summary
	Finding string
	Drawing template.HTML // "" where there is nothing to draw
	File    string        // address of its numbers
	Move    string
	Coming  string
}

// memoSaid is what a department says of its number.
type memoSaid struct {
	Texts []toldText
	Lang  kpi.Lang
	Owner holderView
	Due   Moment
	More  Link // to the whole text, where it was cut
}

// memoLetters is how much of each answer of a commentary stands in a memo: it is read in a few minutes.
const memoLetters = 420

// memoItems writes the parts of the memo, and returns how many words there are to read.
func (r *Request) memoItems(old *Request, src *memoSource, d *memoData) (words int) {
	n := 0
	for _, part := range kpi.AgendaParts {
		p := memoPart{ID: strings.ReplaceAll(string(part), "_", "-"), Heading: r.P.T("agenda.part." + string(part)), None: r.P.T("agenda.part.none")}
		for i := range src.memo.Items {
			it := &src.memo.Items[i]
			if it.Part != part {
				continue
			}
			n++
			v := old.memoItem(src, it)
			v.ID, v.Place = "item-"+r.P.Int(int64(n)), r.P.Int(int64(n))
			v.draw(old, src, it)
			words += v.words()
			p.Items = append(p.Items, v)
		}
		d.Parts = append(d.Parts, p)
	}
	return words
}

// memoItem tells one thing on the agenda; the request is as of the memo.
func (r *Request) memoItem(src *memoSource, it *kpi.AgendaItem) memoItem {
	v := memoItem{Rule: r.P.CardRule(meeting.CardRule(it.Rule)), Minutes: r.P.N("memo.minutes", it.Minutes), Ask: []string{r.P.AgendaUsual(it)}}
	if it.Question != "" {
		v.Own = r.typed(it.Question, cmp.Or(it.Lang, r.Lang))
	}
	if it.Reason != "" {
		v.Reason = r.typed(it.Reason, cmp.Or(it.Lang, r.Lang))
	}
	switch c := meeting.SeenCard(src.card, it, kpi.DateOf(src.start)); {
	case it.Commitment != 0:
		r.memoPromise(&v, src, it)
	case c != nil:
		r.memoCard(&v, c, it)
	case it.Indicator != "":
		v.Name.Words = own(it.Indicator)
	default:
		v.Text.Words = r.typed(it.Text, it.Lang)
	}
	return v
}

// memoPromise tells of a commitment as it stood then.
func (r *Request) memoPromise(v *memoItem, src *memoSource, it *kpi.AgendaItem) {
	c := src.commitment(it)
	day := kpi.DateOf(src.start)
	view := r.commitment(&c, day, false)
	v.Promise, v.Text, v.Request, v.Office = &view, view.Link, c.Kind == kpi.CommitmentRequest, view.Of
	if res := src.card.Result(c.Indicator); res != nil {
		view.About = Link{URL: staffIndicatorPath(c.Indicator), Words: r.Words(res.Indicator.Name)}
	}
	v.Why = i18n.AgendaWhy(r.P, it)
	switch meeting.CardRule(it.Rule) {
	case meeting.RuleThird:
		view.Third = "" // the sentence says it
	case meeting.RuleOverdue:
		v.Why = r.P.N("memo.late_by", it.Late)
		view.Late = ""
	}
	if c.Blocker != "" {
		v.Notes = append(v.Notes, memoNote{r.P.T("commitments.stands"), r.typed(c.Blocker, c.Lang)})
	}
	if n := src.evidence[it.Commitment]; n > 0 {
		v.Notes = append(v.Notes, memoNote{r.P.T("memo.evidence"), own(r.P.Int(int64(n)))})
	}
	if c.Note != "" && c.Note != c.Blocker {
		v.Notes = append(v.Notes, memoNote{r.P.T("memo.owner_says"), r.typed(c.Note, c.Lang)})
	}
}

// commitment is a commitment as it stood then. Where it is not known any more, it is what the agenda says of it.
func (src *memoSource) commitment(it *kpi.AgendaItem) kpi.Commitment {
	for i := range src.promised {
		if c := &src.promised[i]; seenAs(c, it) {
			return *c
		}
	}
	return kpi.Commitment{Stamp: kpi.Stamp{ID: it.Commitment}, Text: it.Text, Lang: it.Lang, Indicator: it.Indicator, Due: it.Due, State: kpi.CommitmentOpen}
}

// seenAs reports whether a commitment is the one that an agenda is about, as it stood when the agenda was made.
func seenAs(c *kpi.Commitment, it *kpi.AgendaItem) bool {
	return c.ID == it.Commitment && c.Text == it.Text && c.Due == it.Due && c.Slips() == it.Slips
}

// memoPromised are the commitments of a memo as they stood when it went out: those that were kept with its numbers, and of others the newest revision of that moment.
func (r *Request) memoPromised(ctx context.Context, card *scorecard.Scorecard, memo *kpi.MeetingMemo) ([]kpi.Commitment, error) {
	list := slices.Clone(card.Commitments)
	for i := range memo.Items {
		it := &memo.Items[i]
		if it.Commitment == 0 || r.work.Commitments == nil || slices.ContainsFunc(list, func(c kpi.Commitment) bool { return seenAs(&c, it) }) {
			continue
		}
		history, err := r.work.Commitments.CommitmentHistory(ctx, it.Commitment)
		if err != nil {
			return nil, err
		}
		for k := range history {
			if c := &history[len(history)-1-k]; !c.At.After(memo.At) {
				list = append(list, *c)
				break
			}
		}
	}
	return list, nil
}

// memoEvidence counts the photos and files that were there to show that a commitment of a memo is kept, when it was made.
func (r *Request) memoEvidence(ctx context.Context, src *memoSource) error {
	src.evidence = map[int64]int{}
	for i := range src.memo.Items {
		id := src.memo.Items[i].Commitment
		if id == 0 || r.work.Evidence == nil {
			continue
		}
		list, err := r.work.Evidence.Evidence(ctx, id)
		if err != nil {
			return err
		}
		for k := range list {
			if e := &list[k]; src.draft && e.Gone == nil || !src.draft && !e.At.After(src.memo.At) && (e.Gone == nil || e.Gone.At.After(src.memo.At)) {
				src.evidence[id]++
			}
		}
	}
	return nil
}

// memoCard tells of a number as it was then.
func (r *Request) memoCard(v *memoItem, c *meeting.Card, it *kpi.AgendaItem) {
	ind := c.Result.Indicator
	n := memoNumber{Summary: r.staffSummary(c.Result), Move: i18n.CardMove(r.P, c)}
	v.Name, v.Number, v.Office = n.Link, &n, r.departmentName(ind.Department)
	v.Why = i18n.CardReason(r.P, c)
	if why := i18n.AgendaWhy(r.P, it); why != "" { // it is a standing item, or somebody added it
		if v.Why = strings.TrimSpace(why + " " + v.Why); c.Rule != meeting.CardNotTaken {
			c.Also = append([]meeting.CardRule{c.Rule}, c.Also...)
		}
	}
	var also []string
	for _, rule := range c.Also {
		also = append(also, r.P.CardRule(rule))
	}
	if len(also) > 0 {
		v.Also = r.P.T("card.also", "list", strings.Join(also, "; "))
	}
	if next := c.Coming; next != nil {
		n.Coming = r.P.T("card.coming_none", "period", r.P.Period(next.Period))
		if next.Value != nil {
			n.Coming = r.P.T("card.coming", "period", r.P.Period(next.Period), "value", r.Value(ind, next.Value).Text)
		}
	}
	if newest := i18n.Newest(r.P, *c.Result); newest != "" {
		v.Notes = append(v.Notes, memoNote{r.P.T("memo.notes"), own(newest)})
	}
	for _, note := range r.contested(ind.ID, r.Card.Contests) {
		v.Notes = append(v.Notes, memoNote{r.P.T("memo.notes"), own(note.Said)})
	}
	v.Said = r.memoSaid(c)
	if v.Said == nil && c.Off {
		v.Unsaid = r.P.T("memo.unsaid")
	}
}

// memoSaid is what a department says of the judged number, as it was approved then; nil if nothing was.
func (r *Request) memoSaid(c *meeting.Card) *memoSaid {
	for i := range r.Card.Commentary {
		k := &r.Card.Commentary[i]
		if k.Indicator != c.Result.Indicator.ID || k.Period != c.Result.Assessment.Period {
			continue
		}
		said := &memoSaid{Texts: r.prompts(k), Owner: r.holder(k.Owner)}
		if k.Help != "" {
			said.Texts = append(said.Texts, toldText{r.P.T("commentary.help"), paragraphs(k.Help)})
		}
		if k.Lang != r.Lang {
			said.Lang = k.Lang
		}
		if !k.Due.IsZero() {
			said.Due = r.on(k.Due)
		}
		for t := range said.Texts {
			if short, cut := memoShort(said.Texts[t].Lines); cut {
				said.Texts[t].Lines = short
				said.More = Link{URL: commentaryOnePath(k.ID), Words: own(r.P.T("memo.whole"))}
			}
		}
		return said
	}
	return nil
}

// memoShort cuts a text after a word, where it is longer than a memo has room for.
func memoShort(lines []string) (short []string, cut bool) {
	left := memoLetters
	for _, line := range lines {
		letters := []rune(line)
		if len(letters) <= left {
			short, left = append(short, line), left-len(letters)
			continue
		}
		head := string(letters[:left])
		if at := strings.LastIndexByte(head, ' '); at > 0 {
			head = head[:at]
		}
		return append(short, head+" …"), true
	}
	return short, false
}

// draw puts the number of a card over time.
func (v *memoItem) draw(r *Request, src *memoSource, it *kpi.AgendaItem) {
	res := src.card.Result(it.Indicator)
	if v.Number == nil || res == nil {
		return
	}
	v.Number.Finding = i18n.Headline(r.P, *res)
	if !slices.ContainsFunc(res.Series, func(pt scorecard.Point) bool { return pt.Observation.Value != nil }) {
		return
	}
	f := chart.Trend(r.P, "figure-"+v.Place, res)
	f.Finding = v.Number.Finding
	v.Number.Drawing, v.Number.File = f.SVGNarrow(), meetingAddress(src.m.Series, src.m.Slot, memoBelow)+".csv?indicator="+url.QueryEscape(res.Indicator.ID)
}

// words counts what there is to read.
func (v *memoItem) words() int {
	texts := append([]string{v.Name.Text, v.Text.Text, v.Why, v.Reason.Text, v.Own.Text}, v.Ask...)
	for _, n := range v.Notes {
		texts = append(texts, n.Words.Text)
	}
	if v.Said != nil {
		for _, t := range v.Said.Texts {
			texts = append(texts, t.Lines...)
		}
	}
	if v.Number != nil {
		texts = append(texts, v.Number.Finding, v.Number.Move)
	}
	n := 0
	for _, t := range texts {
		n += len(strings.Fields(t))
	}
	return n
}

// memoLeft tells what is not on the agenda, and why.
func (r *Request) memoLeft(src *memoSource, d *memoData) {
	for i := range src.memo.Left {
		it := &src.memo.Left[i]
		v := memoLeft{Rule: r.P.CardRule(meeting.CardRule(it.Rule)), Why: r.P.T("agenda.out." + it.Out)}
		if it.Reason != "" {
			v.Said = r.typed(it.Reason, cmp.Or(it.Lang, r.Lang))
		}
		res := src.card.Result(it.Indicator)
		switch {
		case it.Commitment != 0:
			v.Name = Link{URL: staffCommitmentPath(it.Commitment), Words: r.typed(it.Text, it.Lang)}
		case res != nil:
			v.Name = Link{URL: staffIndicatorPath(it.Indicator), Words: r.Words(res.Indicator.Name)}
		default:
			v.Name.Words = r.typed(cmp.Or(it.Text, it.Indicator), cmp.Or(it.Lang, r.Lang))
		}
		d.Left = append(d.Left, v)
	}
}
