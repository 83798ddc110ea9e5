package pages

import (
	"html/template"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// serviceView is where residents report a problem and where they see what became of it. It has one way at least.
type serviceView struct {
	Name   Words
	Report string // address, "" if there is none
	Track  string
	Phone  string       // as the folder writes it
	Tel    template.URL // "" where no telephone could call it

	Indicators []Link // by which it is measured, in a list of services
}

// service is what residents ask the city for where an indicator measures that; nil where it does not, or where no address of it can be trusted.
func (r *Request) service(ind *kpi.Indicator) *serviceView {
	s := ind.Service
	if s == nil {
		return nil
	}
	v := serviceView{Name: r.Words(s.Name), Phone: s.Phone, Tel: callable(s.Phone)}
	v.Report, _ = outside(s.Report)
	v.Track, _ = outside(s.Track)
	if v.Report == "" && v.Track == "" && v.Phone == "" {
		return nil
	}
	if v.Name.Text == "" {
		v.Name = r.Words(ind.Name)
	}
	return &v
}

// services are what residents can ask for that results measure, in the order of the folder, each once.
func (r *Request) services(results []*scorecard.Result) []serviceView {
	var list []serviceView
	at := map[string]int{}
	for _, res := range results {
		v := r.service(res.Indicator)
		if v == nil {
			continue
		}
		key := v.Name.Text + "\n" + v.Report + "\n" + v.Track + "\n" + v.Phone
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			list = append(list, *v)
		}
		list[i].Indicators = append(list[i].Indicators, Link{URL: r.To("/indicators/" + res.Indicator.ID), Words: r.Words(res.Indicator.Name)})
	}
	return list
}
