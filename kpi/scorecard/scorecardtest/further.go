//nolint:misspell // most words here are Spanish, Portuguese or French
package scorecardtest

import (
	"time"

	"citystat/kpi"
)

// furtherPlans returns the indicators that show what the first ones do not: the other measures, years that add up, methods of other
// programs, charts that follow their denominators or begin anew, and numbers too small to be shown.
func furtherPlans() []history {
	return []history{
		repairCost(), rodentReports(), openRequests(), hiringDays(), treesPlanted(), sidewalksRebuilt(), cityEmissions(), rentalsPassed(), familiesHoused(), speedHumps(),
	}
}

// planText is the reason of a target of the plan for the term.
func planText() kpi.Text {
	return text("Part of the plan for the term.", "Parte del plan de gobierno.", "Parte do plano de governo.", "Fait partie du plan de mandat.")
}

// councilTarget is a target that the council set at the start of 2024.
func councilTarget(kind string, by kpi.Date, value float64) kpi.Target {
	return kpi.Target{By: by, Value: value, Kind: kind, Set: day(2024, 1, 15), ByWhom: "City Council", Reason: planText()}
}

// repairCost is a ratio with targets for the year and for the term; the year's was moved later.
func repairCost() history {
	i := indicator("repair-cost", "service-requests", "safe-streets", "public-works",
		text("Cost of a street repair, in dollars", "Costo de una reparación vial, en dólares", "Custo de um reparo viário, em dólares", "Coût d’une réparation de rue, en dollars"),
		text("What the city pays, on average, to mend one place in a street.", "Lo que la ciudad paga, en promedio, por reparar un punto de una calle.",
			"Quanto a prefeitura paga, em média, para consertar um ponto de uma rua.", "Ce que la Ville paie, en moyenne, pour réparer un endroit d’une rue."),
		text("Dollars spent on work orders closed in the month, divided by the places mended.",
			"Dólares gastados en las órdenes cerradas en el mes, divididos entre los puntos reparados.",
			"Dólares gastos nas ordens encerradas no mês, divididos pelos pontos consertados.",
			"Dollars dépensés pour les ordres de travail fermés dans le mois, divisés par les endroits réparés."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureRatio, Of: "cost", Per: "repairs", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Kind = kpi.Number, kpi.Down, 2, kpi.Efficiency
	goal(&i, 118, day(2026, 6, 30), 92)
	moved := i.Targets[0]
	moved.Value, moved.Set, moved.Reason = 96, day(2025, 7, 1), dearAsphalt()
	i.Targets = append(i.Targets, moved, councilTarget(kpi.TargetTerm, day(2027, 12, 31), 85))
	i.Reasons = []kpi.ChangeNote{{On: day(2025, 7, 1), What: []string{kpi.ChangeTarget}, ByWhom: "City Council", Reason: dearAsphalt(), Act: kpi.Act{Title: "Resolution 2025-118"}}}
	return history{indicator: i, months: 24, volume: 190, from: 122, to: 107, wobble: 2.2}
}

func dearAsphalt() kpi.Text {
	return text("Asphalt became dearer than anyone planned.", "El asfalto subió más de lo previsto.", "O asfalto encareceu mais do que o previsto.",
		"L’asphalte a renchéri plus que prévu.")
}

// rodentReports is a rate per 1,000 residents; each district is compared with one that the city fixed.
func rodentReports() history {
	i := indicator("rodent-reports", "service-requests", "clean-neighborhoods", "city-services",
		text("Reports of rats and mice per 1,000 residents", "Reportes de ratas y ratones por cada mil residentes", "Denúncias de ratos por mil moradores",
			"Signalements de rats et de souris par millier de résidents"),
		text("How often residents see rats or mice where they live.", "Con qué frecuencia los residentes ven ratas o ratones donde viven.",
			"Com que frequência os moradores veem ratos onde vivem.", "À quelle fréquence les résidents voient des rats ou des souris chez eux."),
		text("Reports of the month, per 1,000 people who live in the city or the district.", "Reportes del mes por cada mil personas que viven en la ciudad o el distrito.",
			"Denúncias do mês por mil pessoas que vivem na cidade ou no bairro.", "Signalements du mois par millier de personnes qui vivent dans la ville ou le quartier."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureRate, Times: 1000, Where: "type = 'rodents'", Date: "opened"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Chart = kpi.Number, kpi.Down, 2, 0, kpi.ChartUPrime
	i.Equity = &kpi.EquityPlan{Reference: "orchard-park"}
	goal(&i, 2.2, day(2026, 12, 31), 1.4)
	return history{indicator: i, months: 24, volume: 300, from: 2.15, to: 1.55, wobble: 0.12}
}

// openRequests is a stock with a season.
func openRequests() history {
	i := indicator("open-requests", "service-requests", "a-city-that-answers", "city-services",
		text("Requests open for more than 30 days", "Solicitudes abiertas desde hace más de 30 días", "Solicitações abertas há mais de 30 dias", "Demandes ouvertes depuis plus de 30 jours"),
		text("How many requests have waited too long at the end of the month.", "Cuántas solicitudes llevan demasiado tiempo en espera al final del mes.",
			"Quantas solicitações esperam há tempo demais no fim do mês.", "Combien de demandes attendent depuis trop longtemps à la fin du mois."),
		text("The count on the last day of the month for which there is one.", "El número del último día del mes que lo tiene.",
			"O número do último dia do mês que o tem.", "Le nombre du dernier jour du mois qui en a un."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureLast, Of: "open_requests", Date: "counted"}
	i.Unit, i.Direction, i.Decimals, i.Minimum = kpi.Number, kpi.Down, 0, 0
	goal(&i, 950, day(2026, 12, 31), 500)
	return history{indicator: i, months: 40, volume: 300, from: 940, to: 660, wobble: 24,
		season: []float64{-80, -95, -60, -10, 35, 75, 95, 85, 45, 0, -35, -55}}
}

// hiringDays is a duration with open cases; its limits began anew by a decision, and an evaluation asks about the same day.
func hiringDays() history {
	i := indicator("hiring-days", "housing-permits", "a-city-that-answers", "city-services",
		text("Working days to fill a job", "Días hábiles para cubrir un puesto", "Dias úteis para preencher uma vaga", "Jours ouvrables pour pourvoir un poste"),
		text("Half of all open jobs are filled within this many working days.", "La mitad de los puestos vacantes se cubre en este número de días hábiles.",
			"Metade das vagas é preenchida nesse número de dias úteis.", "La moitié des postes vacants sont pourvus en ce nombre de jours ouvrables."),
		text("From the day on which a job is advertised. Jobs that are still open count with the days that they have waited.",
			"Desde el día en que se anuncia el puesto. Los que siguen vacantes cuentan con los días que llevan en espera.",
			"Desde o dia em que a vaga é anunciada. As que continuam abertas contam com os dias que já esperaram.",
			"Depuis le jour où le poste est annoncé. Ceux qui restent vacants comptent avec les jours déjà passés."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureDuration, P: 0.5, From: "opened", To: "closed", Date: "opened"}
	i.Unit, i.Direction, i.Decimals, i.Kind, i.Owner = kpi.WorkingDays, kpi.Down, 0, kpi.Efficiency, "director-public-works"
	goal(&i, 66, day(2026, 12, 31), 44)
	i.Rebases = []kpi.Rebase{{From: day(2025, 3, 1), ByWhom: "Data Office", Set: day(2025, 9, 12), Reason: oneForm()}}
	return history{indicator: i, months: 30, volume: 48, from: 65, to: 63, wobble: 3, noDistricts: true, jumpAt: 17, jump: -15}
}

func oneForm() kpi.Text {
	return text("Since March 2025 one form serves for all jobs.", "Desde marzo de 2025 un solo formulario sirve para todos los puestos.",
		"Desde março de 2025 um único formulário serve para todas as vagas.", "Depuis mars 2025, un seul formulaire sert pour tous les postes.")
}

// treesPlanted adds up in the fiscal year, and has its seasons.
func treesPlanted() history {
	i := indicator("trees-planted", "service-requests", "clean-neighborhoods", "public-works",
		text("Trees planted", "Árboles plantados", "Árvores plantadas", "Arbres plantés"),
		text("How many young trees the city sets in its streets and parks.", "Cuántos árboles jóvenes planta la ciudad en sus calles y parques.",
			"Quantas árvores jovens a prefeitura planta em ruas e parques.", "Combien de jeunes arbres la Ville plante dans ses rues et ses parcs."),
		text("Trees planted in the month. The target is for the whole fiscal year.", "Árboles plantados en el mes. La meta es para todo el año fiscal.",
			"Árvores plantadas no mês. A meta é para todo o ano fiscal.", "Arbres plantés dans le mois. La cible porte sur tout l’exercice."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureCount, Where: "type = 'tree-planting'", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Kind = kpi.Number, kpi.Up, 0, 0, kpi.Output
	i.AddsUpIn, i.AddsUpFrom, i.Trajectory = kpi.FiscalYear, time.July, kpi.TrajectorySeasonal
	i.Targets = []kpi.Target{
		councilTarget(kpi.TargetAnnual, day(2024, 6, 30), 1400), councilTarget(kpi.TargetAnnual, day(2025, 6, 30), 1500), councilTarget(kpi.TargetAnnual, day(2026, 6, 30), 1700),
	}
	return history{indicator: i, months: 40, from: 114, to: 142, wobble: 8,
		season: []float64{-112, -110, -12, 175, 72, -92, -112, -110, -48, 172, 198, -26}}
}

// sidewalksRebuilt adds up in the fiscal year and is judged as plans of development are.
func sidewalksRebuilt() history {
	i := indicator("sidewalks-rebuilt", "street-safety", "safe-streets", "transportation",
		text("Meters of sidewalk rebuilt", "Metros de acera reconstruidos", "Metros de calçada refeitos", "Mètres de trottoir refaits"),
		text("How much sidewalk the city makes safe to walk and roll on.", "Cuánta acera deja la ciudad segura para caminar y rodar.",
			"Quanta calçada a prefeitura deixa segura para andar e rodar.", "Combien de trottoir la Ville rend sûr à pied et en fauteuil."),
		text("Meters accepted in the quarter. They are compared with what the plan had until then.", "Metros recibidos en el trimestre. Se comparan con lo programado hasta entonces.",
			"Metros recebidos no trimestre. São comparados com o programado até então.", "Mètres reçus dans le trimestre. Ils sont comparés à ce que le plan prévoyait jusque-là."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureSum, Of: "meters", Where: "work = 'sidewalk'", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Kind, i.Period = kpi.Number, kpi.Up, 0, 0, kpi.Output, kpi.FiscalQuarter
	i.AddsUpIn, i.AddsUpFrom, i.Judge = kpi.FiscalYear, time.July, kpi.Judge{By: kpi.MethodExecuted}
	i.Targets = []kpi.Target{
		councilTarget(kpi.TargetAnnual, day(2024, 6, 30), 5600), councilTarget(kpi.TargetAnnual, day(2025, 6, 30), 6400),
		councilTarget(kpi.TargetInterim, day(2025, 9, 30), 1800), councilTarget(kpi.TargetInterim, day(2025, 12, 31), 3600),
		councilTarget(kpi.TargetInterim, day(2026, 3, 31), 5300), councilTarget(kpi.TargetAnnual, day(2026, 6, 30), 7200),
	}
	return history{indicator: i, months: 11, volume: 22, from: 1380, to: 1690, wobble: 60, noDistricts: true}
}

// cityEmissions has one value a year and is judged by the method of Open SDG.
func cityEmissions() history {
	i := indicator("city-emissions", "housing-permits", "clean-neighborhoods", "public-works",
		text("Greenhouse gas from city buildings and vehicles, in tons", "Gases de efecto invernadero de edificios y vehículos municipales, en toneladas",
			"Gases de efeito estufa de prédios e veículos municipais, em toneladas", "Gaz à effet de serre des bâtiments et véhicules municipaux, en tonnes"),
		text("What the city’s own buildings and vehicles put into the air in a year.", "Lo que los edificios y vehículos de la ciudad emiten al aire en un año.",
			"O que os prédios e veículos da prefeitura lançam no ar em um ano.", "Ce que les bâtiments et les véhicules de la Ville rejettent dans l’air en un an."),
		text("Fuel and power bought in the year, in tons of carbon dioxide.", "Combustible y electricidad comprados en el año, en toneladas de dióxido de carbono.",
			"Combustível e energia comprados no ano, em toneladas de dióxido de carbono.", "Carburant et électricité achetés dans l’année, en tonnes de dioxyde de carbone."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureSum, Of: "tons", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Period, i.SettlesAfter = kpi.Number, kpi.Down, 0, 0, kpi.Year, 60
	i.Judge, i.Chart = kpi.Judge{By: kpi.MethodOpenSDG}, kpi.ChartRun
	i.Baseline = &kpi.Baseline{Value: 21_800, Date: day(2015, 12, 31), From: "2015"}
	i.Targets = []kpi.Target{councilTarget(kpi.TargetTerm, day(2030, 12, 31), 12_000)}
	return history{indicator: i, months: 10, newest: -1, volume: 36, from: 21_400, to: 16_900, wobble: 350, noDistricts: true}
}

// rentalsPassed is a share of very different numbers of cases; in three districts something was done that an evaluation asks about.
func rentalsPassed() history {
	i := indicator("rentals-passed", "housing-permits", "homes", "housing",
		text("Rental homes that pass inspection", "Viviendas en alquiler que pasan la inspección", "Moradias de aluguel aprovadas na inspeção", "Logements locatifs conformes à l’inspection"),
		text("How many rental homes are safe and sound when the inspector comes.", "Cuántas viviendas en alquiler están en buen estado cuando llega la inspección.",
			"Quantas moradias de aluguel estão em bom estado quando chega a inspeção.", "Combien de logements locatifs sont en bon état à la visite d’inspection."),
		text("First inspections of the month without a serious fault.", "Primeras inspecciones del mes sin falla grave.",
			"Primeiras inspeções do mês sem falha grave.", "Premières inspections du mois sans défaut grave."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "passed", Where: "visit = 1", Date: "closed"}
	i.Unit, i.Direction, i.Chart = kpi.Percent, kpi.Up, kpi.ChartPPrime
	goal(&i, 69, day(2026, 12, 31), 85)
	return history{indicator: i, months: 30, volume: 420, swing: 0.6, from: 71, to: 80, wobble: 1.6, thin: "north-meadows",
		jumpAt: 20, jump: 9, jumpIn: []string{"old-harbor", "market-square", "mill-river"}}
}

// familiesHoused counts so few families in some districts that not all numbers are shown.
func familiesHoused() history {
	i := indicator("families-housed", "housing-permits", "homes", "housing",
		text("Families in shelter housed within 90 days", "Familias en albergue con vivienda en 90 días", "Famílias em abrigo com moradia em 90 dias", "Familles en refuge relogées en 90 jours"),
		text("How many families who lost their home have a new one three months later.", "Cuántas familias que perdieron su vivienda tienen otra tres meses después.",
			"Quantas famílias que perderam a casa têm outra três meses depois.", "Combien de familles sans logement en ont un nouveau trois mois plus tard."),
		text("Families who came to a shelter in the quarter, by the district of their last home.", "Familias que llegaron a un albergue en el trimestre, por el distrito de su última vivienda.",
			"Famílias que chegaram a um abrigo no trimestre, pelo bairro da última moradia.", "Familles arrivées dans un refuge pendant le trimestre, selon le quartier de leur dernier logement."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "days(opened, closed) <= 90", Date: "opened"}
	i.Unit, i.Direction, i.Period, i.Suppress = kpi.Percent, kpi.Up, kpi.Quarter, 6
	goal(&i, 50, day(2026, 12, 31), 70)
	return history{indicator: i, months: 11, volume: 145, from: 53, to: 66, wobble: 2}
}

// speedHumps adds up in the fiscal year, evenly, and so slowly that its target is out of reach.
func speedHumps() history {
	i := indicator("speed-humps", "street-safety", "safe-streets", "transportation",
		text("Speed humps built", "Reductores de velocidad construidos", "Lombadas construídas", "Dos d’âne construits"),
		text("How many streets became slower by a hump.", "Cuántas calles se hicieron más lentas con un reductor.",
			"Quantas ruas ficaram mais lentas com uma lombada.", "Combien de rues ont ralenti avec un dos d’âne."),
		text("Humps finished in the month. The target is for the whole fiscal year.", "Reductores terminados en el mes. La meta es para todo el año fiscal.",
			"Lombadas concluídas no mês. A meta é para todo o ano fiscal.", "Dos d’âne terminés dans le mois. La cible porte sur tout l’exercice."))
	i.Measure = kpi.Measure{Kind: kpi.MeasureCount, Where: "work = 'speed-hump'", Date: "closed"}
	i.Unit, i.Direction, i.Decimals, i.Minimum, i.Kind = kpi.Number, kpi.Up, 0, 0, kpi.Output
	i.AddsUpIn, i.AddsUpFrom = kpi.FiscalYear, time.July
	i.Targets = []kpi.Target{councilTarget(kpi.TargetAnnual, day(2025, 6, 30), 80), councilTarget(kpi.TargetAnnual, day(2026, 6, 30), 120)}
	return history{indicator: i, months: 33, from: 5.5, to: 4.8, wobble: 2, noDistricts: true, seed: 101}
}
