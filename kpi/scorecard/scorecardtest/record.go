package scorecardtest

import (
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// harborviewEvaluations are the questions that Harborview asks about what it did: one of before and after, one with a comparison, and one
// that is too young to be answered and is not public.
func harborviewEvaluations() []kpi.Evaluation {
	return []kpi.Evaluation{
		{
			ID: "one-form", Indicator: "hiring-days", Date: day(2025, 3, 1), AnnouncedOn: day(2025, 1, 15), Method: kpi.EvaluateSegments, Public: true,
			Name: text("One form for all jobs", "Un solo formulario para todos los puestos", "Um único formulário para todas as vagas", "Un seul formulaire pour tous les postes"),
			What: text("Eleven application forms became one.", "Once formularios de solicitud pasaron a ser uno.", "Onze formulários de inscrição viraram um.",
				"Onze formulaires de candidature n’en font plus qu’un."),
			Caution: text("Two more people began to work in the hiring office in the same spring.", "Dos personas más empezaron a trabajar en la oficina de contratación esa misma primavera.",
				"Mais duas pessoas começaram a trabalhar no setor de contratação no mesmo período.", "Deux personnes de plus ont commencé à travailler au recrutement le même printemps."),
		},
		{
			ID: "letters-before-inspection", Indicator: "rentals-passed", Date: day(2025, 6, 1), Method: kpi.EvaluateDifferences, Dimension: kpi.DimensionDistrict,
			Where: []string{"old-harbor", "market-square", "mill-river"}, ComparedTo: []string{"lighthouse-point", "east-quay", "university-hill", "orchard-park"}, Public: true,
			Name: text("Letters before the inspection", "Cartas antes de la inspección", "Cartas antes da inspeção", "Lettres avant l’inspection"),
			What: text("In three districts owners got a letter with the ten most common faults.", "En tres distritos los propietarios recibieron una carta con las diez fallas más comunes.",
				"Em três bairros os proprietários receberam uma carta com as dez falhas mais comuns.", "Dans trois quartiers, les propriétaires ont reçu une lettre avec les dix défauts les plus courants."),
			Caution: text("The districts were not drawn by lot.", "Los distritos no se eligieron por sorteo.", "Os bairros não foram sorteados.", "Les quartiers n’ont pas été tirés au sort."),
		},
		{
			ID: "night-crews", Indicator: "street-lights-on-time", Date: day(2026, 1, 15), Method: kpi.EvaluateSegments,
			Name:    text("Crews at night", "Cuadrillas de noche", "Equipes à noite", "Équipes de nuit"),
			What:    text("One crew repairs street lights at night.", "Una cuadrilla repara farolas de noche.", "Uma equipe conserta postes de luz à noite.", "Une équipe répare les lampadaires la nuit."),
			Caution: text("It began in winter, when nights are long.", "Empezó en invierno, cuando las noches son largas.", "Começou no inverno, quando as noites são longas.", "Elle a commencé en hiver, quand les nuits sont longues."),
		},
	}
}

// harborviewRecord is what the stores remember: changes with and without a reason, and what the rows say about trust.
func harborviewRecord() scorecard.Record {
	asphalt := repairCost().indicator.Reasons[0]
	return scorecard.Record{
		Changes: []kpi.Change{
			{
				Indicator: "hiring-days", What: kpi.ChangeRebase, Field: "rebase", To: &kpi.ChangeValue{Date: day(2025, 3, 1)}, Version: 1, Folder: 3, Seen: day(2025, 9, 12),
				Note: &kpi.ChangeNote{On: day(2025, 9, 12), What: []string{kpi.ChangeRebase}, ByWhom: "Data Office", Reason: oneForm()},
			},
			{
				Indicator: "repair-cost", What: kpi.ChangeTarget, Field: "value", Target: day(2026, 6, 30), From: &kpi.ChangeValue{Number: ptr(92)}, To: &kpi.ChangeValue{Number: ptr(96)},
				Version: 1, Folder: 2, Seen: day(2025, 7, 2), Note: &asphalt,
			},
			{
				Indicator: "street-lights-on-time", What: kpi.ChangeOwner, Field: "owner", From: &kpi.ChangeValue{ID: "data-office"}, To: &kpi.ChangeValue{ID: "director-public-works"},
				Version: 1, Folder: 2, Seen: day(2025, 7, 2),
				Note: &kpi.ChangeNote{On: day(2025, 7, 1), What: []string{kpi.ChangeOwner}, ByWhom: "Mayor’s Office", Reason: text("Repairs are done by Public Works.",
					"Obras Públicas hace las reparaciones.", "Quem faz os consertos é Obras Públicas.", "Les Travaux publics font les réparations.")},
			},
			{ // nobody said why
				Indicator: "eviction-help", What: kpi.ChangeMeasure, Field: "measure.where", From: &kpi.ChangeValue{Text: "asked"}, To: &kpi.ChangeValue{Text: "first_in_year(household)"},
				Version: 2, Folder: 2, Seen: day(2025, 1, 3),
			},
		},
		Trust: []kpi.TrustFacts{
			{Indicator: "street-lights-on-time", Deadline: true, Window: 1, Unit: kpi.Days, Early: 402, Met: 1_213, Missed: 488, Late: 391, Rows: 7_990, Judged: 22, Moved: 1, Latest: "2025-11"},
			{Indicator: "graffiti-on-time", Deadline: true, Window: 1, Unit: kpi.Days, Rows: 2_208},
			{Indicator: "rodents-on-time", Deadline: true, Window: 5, Unit: kpi.Hours, Early: 9, Met: 14, Missed: 6, Late: 4, Rows: 155, Judged: 21},
			{Indicator: "permit-days", Rows: 1_800, Judged: 19, Moved: 6, Latest: "2025-10"},
		},
	}
}
