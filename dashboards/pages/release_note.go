package pages

// releaseNote is what the newest release says of itself to everybody: what it corrects, its note, and who has not reported, with the reason.
func (r *Request) releaseNote() []roundSaidView {
	n := r.Card.Release
	if n == nil {
		return nil
	}
	var list []roundSaidView
	if n.Correction != nil {
		list = append(list, roundSaidView{r.P.T("rounds.correction"), n.Correction.Text, n.Correction.Lang})
	}
	if n.Note != nil {
		list = append(list, roundSaidView{r.P.T("rounds.note"), n.Note.Text, n.Note.Lang})
	}
	for _, w := range n.Without {
		list = append(list, roundSaidView{r.P.T("rounds.without", "department", r.departmentName(w.Department).Text), w.Reason.Text, w.Reason.Lang})
	}
	return list
}
