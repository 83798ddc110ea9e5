package warehouse

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"citystat/kpi"
)

// operations are the definitions that cities use for contracts, people and money, worked out by hand.
type operations struct {
	MWBE struct {
		Contracts []struct {
			ID          string  `json:"id"`
			VendorType  string  `json:"vendor_type"`
			Value       float64 `json:"value"`
			Cert        *string `json:"cert"`
			ToCertified float64 `json:"sub_to_certified"`
		} `json:"contracts"`
		Philadelphia struct{ Numerator, Denominator, Share float64 } `json:"philadelphia_17_1503"`
		PrimeOnly    float64                                         `json:"prime_only"`
		All          float64                                         `json:"all_contracts_denominator"`
		Count        float64                                         `json:"count_based"`
	} `json:"mwbe"`
	Vacancy struct {
		Authorized, Filled, Frozen float64
		All                        float64 `json:"vacancy_rate_all_authorized"`
		Funded                     float64 `json:"vacancy_rate_funded"`
	} `json:"vacancy"`
	Hire struct {
		Rows   [][3]string
		First  []float64 `json:"T2H1_days"`
		Second []float64 `json:"T2H2_days"`
		Mean   float64   `json:"mean_T2H2"`
		Median float64   `json:"median_T2H2"`
		Within float64   `json:"share_within_80"`
	} `json:"time_to_hire"`
	Turnover struct {
		Separations float64   `json:"separations_12m"`
		Headcounts  []float64 `json:"headcounts_month_start"`
		Rate        float64   `json:"annual_rate"`
	} `json:"turnover"`
	Ratio struct {
		Rows [][3]any
		Sums float64 `json:"ratio_of_sums"`
	} `json:"ratio_of_sums_vs_mean_of_ratios"`
	Cost struct {
		Spend, Outcomes []float64
		Pooled          float64
	} `json:"cost_per_outcome"`
	Budget struct {
		Budget, Actual float64
		Abs            float64 `json:"variance_abs"`
		Percent        float64 `json:"variance_pct"`
		Fold           float64 `json:"goldilocks_open_sdg_16_6_1"`
	} `json:"budget_variance"`
	OnTime struct {
		Met    int     `json:"due_met"`
		Total  int     `json:"due_total"`
		Open   int     `json:"open_overdue"`
		Closed float64 `json:"share_closed_only"`
		With   float64 `json:"share_including_open_overdue"`
	} `json:"on_time"`
	ISO map[string]float64 `json:"iso37120_finance"`
}

// entries collects the rows of one dataset: a topic, two amounts, a word and three days.
type entries struct{ rows table }

func (e *entries) add(topic string, a, b float64, word string, days ...string) {
	for len(days) < 3 {
		days = append(days, "")
	}
	n := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	e.rows = append(e.rows, append([]string{strconv.Itoa(len(e.rows)), topic, "2025-12-01", n(a), n(b), word}, days...))
}

// Every definition that a city can write as a measure gives the number that was worked out by hand. What is chosen by a condition (dollars to
// certified firms) is a column of the source. The mean of ratios and of unit costs are there to show how far they are off; nobody can
// write them by mistake, since a ratio is Σ/Σ. The folded variance of Open SDG is [kpi.OpenSDGFold].
func TestOperations(t *testing.T) {
	raw, err := os.ReadFile("testdata/operations_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var o operations
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	e := &entries{rows: table{{"ID", "TOPIC", "DAY", "A", "B", "WORD", "D1", "D2", "D3"}}}
	o.fill(e)
	city := operationsCity()
	want := map[string]float64{}
	measure := func(id string, value float64, unit kpi.Unit, m kpi.Measure) {
		m.Date = "day"
		want[id] = value
		city.Indicators = append(city.Indicators, kpi.Indicator{ID: id, Dataset: "entries", Version: 1, Unit: unit, Period: kpi.Year, Measure: m})
	}
	ratio := func(of, per, where string, times float64) kpi.Measure {
		return kpi.Measure{Kind: kpi.MeasureRatio, Of: of, Per: per, Where: where, Times: times}
	}
	measure("mwbe", 100*o.MWBE.Philadelphia.Share, kpi.Percent, ratio("a", "b", "topic = 'mwbe' and word <> 'nonprofit'", 100))
	measure("mwbe-dollars", o.MWBE.Philadelphia.Numerator, kpi.Number, kpi.Measure{Kind: kpi.MeasureSum, Of: "a", Where: "topic = 'mwbe' and word <> 'nonprofit'"})
	measure("mwbe-all", 100*o.MWBE.All, kpi.Percent, ratio("a", "b", "topic = 'mwbe'", 100))
	measure("mwbe-prime", 100*o.MWBE.PrimeOnly, kpi.Percent, ratio("a", "b", "topic = 'mwbe-prime'", 100))
	measure("mwbe-count", 100*o.MWBE.Count, kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "word = 'certified'", Where: "topic = 'mwbe-prime'"})
	measure("vacancy", 100*o.Vacancy.All, kpi.Percent, ratio("a", "b", "topic = 'vacancy'", 100))
	measure("vacancy-funded", 100*o.Vacancy.Funded, kpi.Percent, ratio("a", "b", "topic = 'vacancy-funded'", 100))
	hire := "topic = 'hire'"
	measure("hire-mean", o.Hire.Mean, kpi.Days, kpi.Measure{Kind: kpi.MeasureMean, Of: "days_between(d1, d3)", Where: hire})
	measure("hire-median", o.Hire.Median, kpi.Days, kpi.Measure{Kind: kpi.MeasureMedian, Of: "days_between(d1, d3)", Where: hire})
	measure("hire-within", 100*o.Hire.Within, kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "days_between(d1, d3) <= 80", Where: hire})
	measure("hire-first", sumOf(o.Hire.First), kpi.Days, kpi.Measure{Kind: kpi.MeasureSum, Of: "days_between(d1, d2)", Where: hire})
	measure("hire-second", sumOf(o.Hire.Second), kpi.Days, kpi.Measure{Kind: kpi.MeasureSum, Of: "days_between(d1, d3)", Where: hire})
	measure("turnover", 100*o.Turnover.Rate, kpi.Percent, ratio("a", "b", "topic = 'turnover'", 100*float64(len(o.Turnover.Headcounts))))
	measure("ratio-of-sums", 100*o.Ratio.Sums, kpi.Percent, ratio("a", "b", "topic = 'ratio'", 100))
	measure("cost", o.Cost.Pooled, kpi.Number, ratio("a", "b", "topic = 'cost'", 0))
	measure("cost-of-nothing", math.NaN(), kpi.Number, ratio("a", "b", "topic = 'nothing'", 0))
	measure("budget", o.Budget.Abs, kpi.Number, kpi.Measure{Kind: kpi.MeasureSum, Of: "a - b", Where: "topic = 'budget'"})
	measure("budget-percent", 100*o.Budget.Percent, kpi.Percent, ratio("a - b", "b", "topic = 'budget'", 100))
	kept := "topic = 'due'"
	measure("on-time", 100*o.OnTime.With, kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "d2 <= d1", Where: kept})
	measure("on-time-closed", 100*o.OnTime.Closed, kpi.Percent, kpi.Measure{Kind: kpi.MeasureShare, Of: "d2 <= d1", Where: kept + " and d2 is not null"})
	measure("debt-service", o.ISO["debt_service_ratio_pct"], kpi.Percent, ratio("a", "b", "topic = 'debt'", 100))
	measure("capital", o.ISO["capital_pct"], kpi.Percent, ratio("a", "b", "topic = 'capital'", 100))
	measure("own-source", o.ISO["own_source_pct"], kpi.Percent, ratio("a", "b", "topic = 'own'", 100))
	measure("collected", o.ISO["collected_pct"], kpi.Percent, ratio("a", "b", "topic = 'tax'", 100))

	db := openTest(t)
	mustLoad(t, db, city, 1, 0, "2026-01-31", e.rows)
	list := mustObservations(t, db, city, 1)
	for id, value := range want {
		got := find(t, list, id, "2025", "", "")
		switch {
		case math.IsNaN(value):
			if got.Value != nil {
				t.Errorf("%s is %v, and cannot have a value", id, *got.Value)
			}
		case got.Value == nil || math.Abs(*got.Value-value) > 1e-9*math.Abs(value):
			t.Errorf("%s is %v, want %v", id, got.Value, value)
		}
	}
	if fold, ok := kpi.OpenSDGFold(o.Budget.Actual/o.Budget.Budget, 1); !ok || math.Abs(fold-o.Budget.Fold) > 1e-9 {
		t.Errorf("the folded variance is %v, want %v", fold, o.Budget.Fold)
	}
}

func sumOf(list []float64) float64 {
	all := 0.0
	for _, v := range list {
		all += v
	}
	return all
}

// fill writes the rows of all cases.
func (o *operations) fill(e *entries) {
	for _, c := range o.MWBE.Contracts {
		certified, word := c.ToCertified, "other"
		prime := 0.0
		if c.Cert != nil {
			certified, prime, word = c.Value, c.Value, "certified"
		}
		e.add("mwbe", certified, c.Value, c.VendorType)
		if c.VendorType != "nonprofit" {
			e.add("mwbe-prime", prime, c.Value, word)
		}
	}
	v := o.Vacancy
	e.add("vacancy", v.Authorized-v.Filled, v.Authorized, "")
	e.add("vacancy-funded", v.Authorized-v.Frozen-v.Filled, v.Authorized-v.Frozen, "")
	for _, r := range o.Hire.Rows {
		e.add("hire", 0, 0, "", r[0], r[1], r[2])
	}
	for k, n := range o.Turnover.Headcounts {
		separations := 0.0
		if k == 0 {
			separations = o.Turnover.Separations
		}
		e.add("turnover", separations, n, "")
	}
	for _, r := range o.Ratio.Rows {
		e.add("ratio", r[1].(float64), r[2].(float64), r[0].(string))
	}
	for k := range o.Cost.Spend {
		e.add("cost", o.Cost.Spend[k], o.Cost.Outcomes[k], "")
	}
	e.add("nothing", 100, 0, "")
	e.add("budget", o.Budget.Actual, o.Budget.Budget, "")
	for k := range o.OnTime.Total {
		if k < o.OnTime.Met {
			e.add("due", 0, 0, "", "2025-11-10", "2025-11-09")
		} else {
			e.add("due", 0, 0, "", "2025-11-10", "2025-11-20")
		}
	}
	for range o.OnTime.Open {
		e.add("due", 0, 0, "", "2025-11-10")
	}
	f := o.ISO
	e.add("debt", f["debt_service"], f["own_source_revenue"], "")
	e.add("capital", f["capital"], f["total_exp"], "")
	e.add("own", f["own_source_revenue"], f["total_rev"], "")
	e.add("tax", f["tax_collected"], f["tax_billed"], "")
}

func operationsCity() *kpi.City {
	day := func(name, from string) kpi.Column { return kpi.Column{Name: name, From: from, Type: kpi.TypeDate} }
	return &kpi.City{ID: "operations", TimeZone: "UTC", Datasets: []kpi.Dataset{{ID: "entries", Hash: "one", Key: []string{"id"}, Columns: []kpi.Column{
		{Name: "id", From: "ID", Type: kpi.TypeText}, {Name: "topic", From: "TOPIC", Type: kpi.TypeText}, day("day", "DAY"),
		{Name: "a", From: "A", Type: kpi.TypeNumber}, {Name: "b", From: "B", Type: kpi.TypeNumber}, {Name: "word", From: "WORD", Type: kpi.TypeText},
		day("d1", "D1"), day("d2", "D2"), day("d3", "D3"),
	}}}}
}
