//nolint:misspell // most words here are Spanish, Portuguese or French
package scorecardtest

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Works returns Harborview with a piece of work that the city promised to finish, and what was spent for it, and with a score of each priority.
func Works() *scorecard.Scorecard {
	b := builder{city: harborview(), asOf: AsOf, datasets: harborviewDatasets(), record: harborviewRecord()}
	b.city.RollUp = &kpi.RollUp{Weights: map[string]float64{"potholes-days": 2}}
	return b.card(append(harborviewPlans(), harborPromenade(), promenadeSpending()))
}

// Published returns Harborview as the public may see it: without the numbers of too few people, and what they could be worked out from.
func Published() *scorecard.Scorecard {
	card, err := Works().Public(nil)
	must(err)
	return card
}

// harborPromenade is a piece of work with a plan, a budget and milestones: done, done late, overdue, moved and still to come.
func harborPromenade() history {
	i := indicator("harbor-promenade", "street-safety", "safe-streets", "transportation",
		text("Harbor promenade", "Paseo del puerto", "Calçadão do porto", "Promenade du port"),
		text("How far the new way along the harbor is.", "Cuánto ha avanzado el nuevo camino junto al puerto.",
			"Quanto avançou o novo caminho junto ao porto.", "Où en est le nouveau chemin le long du port."),
		text("Part of the work that the engineer accepted by the end of the month.", "Parte de la obra recibida por la interventoría al final del mes.",
			"Parte da obra aceita pela fiscalização no fim do mês.", "Part des travaux acceptée par l’ingénieur à la fin du mois."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureLast, Of: "percent_done", Date: "counted"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Kind, i.Trajectory = kpi.Percent, kpi.Up, 0, 0, kpi.Output, kpi.TrajectoryMilestones
	latitude, longitude, budget := 42.3601, -71.0589, 4_200_000.0
	step := func(id string, name kpi.Text, planned, revised, done kpi.Date) kpi.Milestone {
		return kpi.Milestone{ID: id, Name: name, Planned: planned, Revised: revised, Done: done}
	}
	i.Project = &kpi.Project{
		ID: i.ID, Name: i.Name, Place: kpi.ProjectPlace{District: "old-harbor", Address: "12 Wharf Street", Latitude: &latitude, Longitude: &longitude},
		PlannedStart: day(2025, 1, 6), PlannedEnd: day(2026, 9, 30), ActualStart: day(2025, 2, 3), Budget: &budget, Spent: "promenade-spending",
		PlannedProgress: []kpi.ProjectPoint{{Date: day(2025, 6, 30), Value: 25}, {Date: day(2025, 12, 31), Value: 60}, {Date: day(2026, 6, 30), Value: 90}},
		PlannedSpending: []kpi.ProjectPoint{{Date: day(2025, 6, 30), Value: 900_000}, {Date: day(2025, 12, 31), Value: 2_400_000}, {Date: day(2026, 9, 30), Value: 4_200_000}},
		Milestones: []kpi.Milestone{
			step("permit", text("Permit of the port", "Permiso del puerto", "Licença do porto", "Permis du port"), day(2025, 1, 20), kpi.Date{}, day(2025, 1, 18)),
			step("wall", text("Sea wall", "Muro de contención", "Muro de contenção", "Mur de soutènement"), day(2025, 7, 31), kpi.Date{}, day(2025, 9, 12)),
			step("lights", text("Lights", "Alumbrado", "Iluminação", "Éclairage"), day(2026, 2, 28), kpi.Date{}, kpi.Date{}),
			step("trees", text("Trees and benches", "Árboles y bancas", "Árvores e bancos", "Arbres et bancs"), day(2026, 5, 31), day(2026, 7, 15), kpi.Date{}),
			step("opening", text("Opening", "Inauguración", "Inauguração", "Ouverture"), day(2026, 9, 30), kpi.Date{}, kpi.Date{}),
		},
	}
	i.Baseline = &kpi.Baseline{Date: i.Project.PlannedStart}
	for _, p := range i.Project.PlannedProgress {
		i.Targets = append(i.Targets, kpi.Target{By: p.Date, Value: p.Value, Kind: kpi.TargetInterim, Set: i.Project.PlannedStart})
	}
	i.Targets = append(i.Targets, kpi.Target{By: i.Project.PlannedEnd, Value: 100, Kind: kpi.TargetTerm, Set: i.Project.PlannedStart})
	return history{indicator: i, months: 14, newest: -1, volume: 1, from: 3, to: 56, wobble: 1, noDistricts: true}
}

// promenadeSpending is what was spent for it each month.
func promenadeSpending() history {
	i := indicator("promenade-spending", "street-safety", "safe-streets", "transportation",
		text("Spent on the harbor promenade, in dollars", "Gasto en el paseo del puerto, en dólares", "Gasto no calçadão do porto, em dólares", "Dépensé pour la promenade du port, en dollars"),
		text("What the city paid for the new way along the harbor.", "Lo que la ciudad pagó por el nuevo camino junto al puerto.",
			"O que a prefeitura pagou pelo novo caminho junto ao porto.", "Ce que la Ville a payé pour le nouveau chemin le long du port."),
		text("Invoices paid in the month.", "Facturas pagadas en el mes.", "Faturas pagas no mês.", "Factures payées dans le mois."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureSum, Of: "amount", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Kind = kpi.Number, kpi.Neutral, 0, 0, kpi.Input
	return history{indicator: i, months: 14, newest: -1, volume: 6, from: 120_000, to: 240_000, wobble: 15_000, noDistricts: true}
}
