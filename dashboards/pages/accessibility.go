package pages

import "context"

const accessibilityPath = "/accessibility"

var accessibilityPage = Page{Name: "accessibility", Path: accessibilityPath, Role: Everyone, Load: loadAccessibility}

// accessibilityData is the accessibility statement: what the program knows of itself, and what the city says of its site.
type accessibilityData struct {
	Laws     []string
	Assessed string // when people looked at it, or that none did
	By       string
	Tests    []string
	Gaps     []string // of the program
	CityGaps []Words
	Contact  *contactView
	Feedback *Link
	Enforcer Words
	Body     Link // the site of that body
	Criteria []criterionView
}

// criterionView is a row of the conformance report.
type criterionView struct{ Number, Name, Level, Result, Remark string }

// What is tested whenever the program changes, and what is known not to work in it: messages of the groups statement.test and statement.gaps. Both
// are claims of this program alone; they change with it.
var (
	automaticTests = []string{"axe", "colors", "keyboard", "narrow", "noscript", "figures"}
	programGaps    = []string{"people", "explorer", "hover", "words", "files"}
)

func loadAccessibility(_ context.Context, r *Request) (Content, error) {
	st := r.City.Statement
	d := accessibilityData{Laws: st.Laws, Contact: r.contact(), Enforcer: r.Words(st.Enforcer), Assessed: r.P.T("statement.not_assessed")}
	if !st.Assessed.IsZero() {
		d.Assessed = r.P.T("statement.assessed", "date", st.Assessed)
		if by := r.Words(st.By).Text; by != "" {
			d.By = r.P.T("statement.assessed_by", "name", by)
		}
	}
	for _, id := range automaticTests {
		d.Tests = append(d.Tests, r.P.T("statement.test."+id))
	}
	for _, id := range programGaps {
		d.Gaps = append(d.Gaps, r.P.T("statement.gaps."+id))
	}
	for _, gap := range st.Gaps {
		d.CityGaps = append(d.CityGaps, r.Prose(gap))
	}
	if r.takesFeedback() {
		d.Feedback = &Link{URL: r.To(feedbackPath), Words: own(r.P.T("nav.feedback"))}
	}
	if href, host := outside(st.Address); href != "" {
		d.Body = Link{URL: href, Words: own(host)}
	}
	for _, c := range criteria {
		v := criterionView{Number: c.Number, Name: r.P.T("wcag." + c.Number), Level: c.Level, Result: r.P.Upper(r.P.T("acr." + c.Result))}
		if c.Remark != "" {
			v.Remark = r.P.T("acr.remark." + c.Remark)
		}
		d.Criteria = append(d.Criteria, v)
	}
	return Content{Title: r.P.T("nav.accessibility"), Summary: r.P.T("statement.intro") + " " + r.P.T("statement.standard.text"), Data: d}, nil
}
