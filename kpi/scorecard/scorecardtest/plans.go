//nolint:misspell // most words here are Spanish, Portuguese or French
package scorecardtest

import (
	"time"

	"citystat/kpi"
)

func day(y int, m time.Month, d int) kpi.Date { return kpi.Date{Year: y, Month: m, Day: d} }

// goal is a target that the council set at the start of 2024, with its baseline on the last day of 2023.
func goal(ind *kpi.Indicator, base float64, by kpi.Date, value float64) {
	ind.Baseline = &kpi.Baseline{Value: base, Date: day(2023, 12, 31), From: "2023-12"}
	ind.Targets = append(ind.Targets, kpi.Target{
		By: by, Value: value, Kind: "annual", Set: day(2024, 1, 15), ByWhom: "City Council",
		Reason: text("Part of the plan for the term.", "Parte del plan de gobierno.", "Parte do plano de governo.", "Fait partie du plan de mandat."),
	})
	ind.Trajectory = kpi.TrajectoryLinear
}

// indicator starts a definition.
func indicator(id, dataset, priority, department string, name, sentence, method kpi.Text) kpi.Indicator {
	return kpi.Indicator{
		ID: id, Dataset: dataset, Priority: priority, Department: department, Name: name, Sentence: sentence, Method: method,
		Kind: kpi.Outcome, Decimals: 1, Period: kpi.Month, Minimum: 10, Trajectory: kpi.TrajectoryLinear, Public: true, Version: 1,
	}
}

// harborviewPlans returns the definitions and histories of Harborview's indicators, in the order of its folder.
func harborviewPlans() []history {
	list := append(safeStreets(), cleanNeighborhoods()...)
	list = append(list, cityThatAnswers()...)
	list = append(list, homes()...)
	return append(list, furtherPlans()...)
}

func safeStreets() []history {
	lights := indicator("street-lights-on-time", "service-requests", "safe-streets", "public-works",
		text("Street lights repaired on time", "Farolas reparadas a tiempo", "Postes de luz consertados no prazo", "Lampadaires réparés à temps"),
		text("How many broken street lights are working again by the day the city promised.", "Cuántas farolas dañadas vuelven a funcionar para el día prometido.",
			"Quantos postes de luz quebrados voltam a funcionar até o dia prometido.", "Combien de lampadaires brisés fonctionnent de nouveau au jour promis."),
		text("Requests whose promised day has passed, kept or not. Requests that are not yet due are left out.",
			"Solicitudes cuyo plazo ya pasó, cumplido o no. No se cuentan las que aún no vencen.",
			"Solicitações cujo prazo já passou, cumprido ou não. As que ainda não venceram ficam de fora.",
			"Demandes dont le jour promis est passé, tenues ou non. Celles qui ne sont pas encore dues sont laissées de côté."))
	lights.Why = text("A dark street is a street where people walk in fear.", "Una calle oscura es una calle donde se camina con miedo.",
		"Rua escura é rua onde se anda com medo.", "Une rue sombre est une rue où l’on marche avec crainte.")
	lights.Caution = text("A light that was reported twice is counted twice.", "Una farola reportada dos veces se cuenta dos veces.",
		"Um poste relatado duas vezes conta duas vezes.", "Un lampadaire signalé deux fois est compté deux fois.")
	lights.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Where: "type = 'street-light'", Date: "due", Exclude: []kpi.Exclusion{
		{When: "due is null", Because: kpi.ReasonNoDueDate}, {When: "due > as_of", Because: kpi.ReasonNotYetDue},
	}}
	lights.Unit, lights.Direction, lights.SettlesAfter, lights.Goal, lights.Owner = kpi.Percent, kpi.Up, 7, "quick-repairs", "director-public-works"
	lights.PairedWith = []string{"potholes-days"}
	lights.Service = harborviewService("street-light", text("Broken street light", "Farola dañada", "Poste de luz quebrado", "Lampadaire brisé"))
	goal(&lights, 58, day(2026, 6, 30), 85)

	potholes := indicator("potholes-days", "service-requests", "safe-streets", "public-works",
		text("Days to fill a pothole", "Días para tapar un bache", "Dias para tapar um buraco", "Jours pour boucher un nid-de-poule"),
		text("Half of all potholes are filled within this many days.", "La mitad de los baches se tapa en este número de días.",
			"Metade dos buracos é tapada nesse número de dias.", "La moitié des nids-de-poule sont bouchés en ce nombre de jours."),
		text("The middle value of the days from report to repair.", "El valor central de los días entre el reporte y la reparación.",
			"O valor central dos dias entre o registro e o reparo.", "La valeur médiane des jours entre le signalement et la réparation."))
	potholes.Measure = kpi.Measure{Kind: kpi.MeasureMedian, Of: "days(opened, closed)", Where: "type = 'pothole'", Date: "closed"}
	potholes.Unit, potholes.Direction, potholes.Goal = kpi.Days, kpi.Down, "quick-repairs"
	potholes.Service = harborviewService("pothole", text("Pothole", "Bache", "Buraco na rua", "Nid-de-poule"))
	goal(&potholes, 9.5, day(2026, 12, 31), 4)

	lanes := indicator("protected-lanes", "street-safety", "safe-streets", "transportation",
		text("Meters of protected bike lane built", "Metros de ciclovía protegida construidos", "Metros de ciclovia protegida construídos", "Mètres de piste cyclable protégée construits"),
		text("How much safe space for cycling the city adds each month.", "Cuánto espacio seguro para bicicletas añade la ciudad cada mes.",
			"Quanto espaço seguro para bicicletas a cidade acrescenta a cada mês.", "Combien d’espace sûr pour le vélo la Ville ajoute chaque mois."),
		text("The sum of the lengths that were opened in the month.", "La suma de los tramos abiertos en el mes.",
			"A soma dos trechos abertos no mês.", "La somme des tronçons ouverts dans le mois."))
	lanes.Measure = kpi.Measure{Kind: kpi.MeasureSum, Of: "meters", Date: "closed"}
	lanes.Unit, lanes.Direction, lanes.Decimals, lanes.Kind, lanes.Minimum = kpi.Number, kpi.Up, 0, kpi.Output, 0
	goal(&lanes, 500, day(2025, 12, 31), 900)

	injuries := indicator("traffic-injuries", "street-safety", "safe-streets", "transportation",
		text("People hurt in traffic", "Personas heridas en el tránsito", "Pessoas feridas no trânsito", "Personnes blessées sur la route"),
		text("How many people were hurt on our streets.", "Cuántas personas resultaron heridas en nuestras calles.",
			"Quantas pessoas se feriram nas nossas ruas.", "Combien de personnes ont été blessées dans nos rues."),
		text("People named in police crash reports, by the day of the crash.", "Personas en los partes policiales, por el día del choque.",
			"Pessoas nos boletins de acidente, pelo dia do acidente.", "Personnes nommées dans les rapports d’accident, selon le jour de l’accident."))
	injuries.Measure = kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}
	injuries.Unit, injuries.Direction, injuries.Decimals, injuries.Minimum, injuries.SettlesAfter = kpi.Number, kpi.Down, 0, 0, 30
	goal(&injuries, 60, day(2026, 12, 31), 40)

	return []history{
		{indicator: lights, months: 24, volume: 330, from: 58, to: 82, wobble: 2,
			excluded: map[string]int64{kpi.ReasonNotYetDue: 12}, undated: map[string]int64{kpi.ReasonNoDueDate: 3}},
		{indicator: potholes, months: 24, volume: 210, from: 9.2, to: 4.6, wobble: 0.4},
		{indicator: lanes, months: 24, volume: 14, from: 480, to: 1010, wobble: 40, noDistricts: true},
		{indicator: injuries, months: 24, from: 55, to: 76, wobble: 5},
	}
}

func cleanNeighborhoods() []history {
	trash := indicator("missed-collections", "service-requests", "clean-neighborhoods", "public-works",
		text("Missed trash collections", "Recolecciones de basura omitidas", "Coletas de lixo não feitas", "Collectes d’ordures manquées"),
		text("How often the truck did not come.", "Cuántas veces no pasó el camión.", "Quantas vezes o caminhão não passou.", "Combien de fois le camion n’est pas passé."),
		text("Reports of a missed collection that were confirmed.", "Reportes de recolección omitida que se confirmaron.",
			"Registros de coleta não feita que foram confirmados.", "Signalements de collecte manquée qui ont été confirmés."))
	trash.Measure = kpi.Measure{Kind: kpi.MeasureCount, Where: "type = 'missed-collection'", Date: "opened", Exclude: []kpi.Exclusion{{When: "duplicate", Because: "duplicate"}}}
	trash.Unit, trash.Direction, trash.Decimals, trash.Minimum = kpi.Number, kpi.Down, 0, 0
	trash.Service = harborviewService("missed-collection", text("Trash not collected", "Basura no recogida", "Lixo não coletado", "Ordures non ramassées"))
	goal(&trash, 240, day(2026, 12, 31), 150)

	dumping := indicator("dumping-hours", "service-requests", "clean-neighborhoods", "public-works",
		text("Hours until dumped waste is gone", "Horas hasta retirar la basura tirada", "Horas até retirar o lixo despejado", "Heures avant l’enlèvement d’un dépôt sauvage"),
		text("How long a pile of waste stays in the street, on average.", "Cuánto tiempo permanece la basura en la calle, en promedio.",
			"Quanto tempo o lixo fica na rua, em média.", "Combien de temps un tas de déchets reste dans la rue, en moyenne."),
		text("The mean of the hours from report to removal.", "El promedio de horas entre el reporte y el retiro.",
			"A média das horas entre o registro e a retirada.", "La moyenne des heures entre le signalement et l’enlèvement."))
	dumping.Measure = kpi.Measure{Kind: kpi.MeasureMean, Of: "hours(opened, closed)", Where: "type = 'dumping'", Date: "closed"}
	dumping.Unit, dumping.Direction, dumping.Kind = kpi.Hours, kpi.Down, kpi.Efficiency
	goal(&dumping, 52, day(2026, 6, 30), 24)
	dumping.Targets[0].Illustrative = true

	graffiti := indicator("graffiti-on-time", "service-requests", "clean-neighborhoods", "public-works",
		text("Graffiti removed on time", "Grafitis borrados a tiempo", "Pichações removidas no prazo", "Graffitis effacés à temps"),
		text("How many walls are clean by the day the city promised.", "Cuántos muros están limpios para el día prometido.",
			"Quantos muros ficam limpos até o dia prometido.", "Combien de murs sont propres au jour promis."),
		text("Requests whose promised day has passed. No request has carried one so far.", "Solicitudes cuyo plazo ya pasó. Hasta ahora ninguna tiene plazo.",
			"Solicitações cujo prazo já passou. Até agora nenhuma tem prazo.", "Demandes dont le jour promis est passé. Aucune n’en porte à ce jour."))
	graffiti.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "closed <= due", Where: "type = 'graffiti'", Date: "opened", Exclude: []kpi.Exclusion{
		{When: "due is null", Because: kpi.ReasonNoDueDate}, {When: "closed < opened", Because: kpi.ReasonClosedBeforeOpened},
	}}
	graffiti.Unit, graffiti.Direction = kpi.Percent, kpi.Up
	graffiti.Service = harborviewService("graffiti", text("Graffiti", "Grafiti", "Pichação", "Graffiti"))
	goal(&graffiti, 70, day(2026, 12, 31), 90)

	rodents := indicator("rodents-on-time", "service-requests", "clean-neighborhoods", "city-services",
		text("Rodent reports inspected on time", "Reportes de roedores atendidos a tiempo", "Denúncias de roedores atendidas no prazo", "Signalements de rongeurs inspectés à temps"),
		text("How many reports of rats and mice are looked into within two days.", "Cuántos reportes de ratas y ratones se revisan en dos días.",
			"Quantas denúncias de ratos são verificadas em dois dias.", "Combien de signalements de rats et de souris sont vérifiés en deux jours."),
		text("Inspections within 48 hours of the report.", "Inspecciones dentro de las 48 horas del reporte.",
			"Inspeções em até 48 horas do registro.", "Inspections dans les 48 heures du signalement."))
	rodents.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "hours(opened, closed) <= 48", Where: "type = 'rodents'", Date: "opened"}
	rodents.Unit, rodents.Direction = kpi.Percent, kpi.Up
	goal(&rodents, 50, day(2026, 12, 31), 80)

	return []history{
		{indicator: trash, months: 24, from: 236, to: 245, wobble: 22,
			excluded: map[string]int64{"duplicate": 21}},
		{indicator: dumping, months: 24, volume: 160, from: 51, to: 43, wobble: 1.5},
		{indicator: graffiti, months: 24, volume: 0,
			excluded: map[string]int64{kpi.ReasonNoDueDate: 88, kpi.ReasonClosedBeforeOpened: 4}},
		{indicator: rodents, months: 24, volume: 7, from: 55, to: 70, wobble: 10, gaps: []int{5, 6}, noDistricts: true},
	}
}

func cityThatAnswers() []history {
	reply := indicator("hours-to-first-reply", "service-requests", "a-city-that-answers", "city-services",
		text("Hours to the first reply, nine in ten", "Horas hasta la primera respuesta, nueve de cada diez", "Horas até a primeira resposta, nove em cada dez", "Heures avant la première réponse, neuf sur dix"),
		text("Nine in ten people hear from the city within this many hours.", "Nueve de cada diez personas reciben respuesta en este número de horas.",
			"Nove em cada dez pessoas recebem resposta nesse número de horas.", "Neuf personnes sur dix ont une réponse en ce nombre d’heures."),
		text("The 90th percentile of the hours from request to first reply.", "El percentil 90 de las horas entre la solicitud y la primera respuesta.",
			"O percentil 90 das horas entre a solicitação e a primeira resposta.", "Le 90e centile des heures entre la demande et la première réponse."))
	reply.Measure = kpi.Measure{Kind: kpi.MeasurePercentile, P: 0.9, Of: "hours(opened, closed)", Date: "opened"}
	reply.Unit, reply.Direction, reply.Trajectory = kpi.Hours, kpi.Down, kpi.TrajectoryEveryPeriod
	reply.Targets = []kpi.Target{{By: day(2026, 12, 31), Value: 48, Set: day(2024, 1, 15), Illustrative: true,
		Reason: text("Set for this sample.", "Fijada para esta muestra.", "Definida para esta amostra.", "Fixée pour cet exemple.")}}

	received := indicator("requests-received", "service-requests", "a-city-that-answers", "city-services",
		text("Requests received", "Solicitudes recibidas", "Solicitações recebidas", "Demandes reçues"),
		text("How much residents ask of the city. More is neither good nor bad.", "Cuánto piden los residentes. Más no es ni bueno ni malo.",
			"Quanto os moradores pedem. Mais não é bom nem ruim.", "Ce que les résidents demandent. Plus n’est ni bon ni mauvais."),
		text("All requests, by the day they were made.", "Todas las solicitudes, por el día en que se hicieron.",
			"Todas as solicitações, pelo dia em que foram feitas.", "Toutes les demandes, selon le jour où elles ont été faites."))
	received.Measure = kpi.Measure{Kind: kpi.MeasureCount, Date: "opened"}
	received.Unit, received.Direction, received.Decimals, received.Minimum, received.Kind = kpi.Number, kpi.Neutral, 0, 0, kpi.Input

	satisfied := indicator("satisfied-residents", "service-requests", "a-city-that-answers", "city-services",
		text("Residents satisfied with the answer", "Residentes satisfechos con la respuesta", "Moradores satisfeitos com a resposta", "Résidents satisfaits de la réponse"),
		text("How many people say that the city solved their problem.", "Cuántas personas dicen que la ciudad resolvió su problema.",
			"Quantas pessoas dizem que a prefeitura resolveu o problema.", "Combien de personnes disent que la Ville a réglé leur problème."),
		text("Answers of 4 or 5 among all answers to the question sent after a request.", "Respuestas de 4 o 5 entre todas las recibidas tras una solicitud.",
			"Respostas 4 ou 5 entre todas as recebidas depois de uma solicitação.", "Réponses 4 ou 5 parmi toutes celles reçues après une demande."))
	satisfied.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "answer >= 4", Date: "closed"}
	satisfied.Unit, satisfied.Direction, satisfied.Period, satisfied.Kind = kpi.Percent, kpi.Up, kpi.Quarter, kpi.Satisfaction
	satisfied.Targets = []kpi.Target{{By: day(2026, 12, 31), Value: 75, Set: day(2025, 1, 15),
		Reason: text("A first aim.", "Una primera meta.", "Uma primeira meta.", "Un premier but.")}}

	visits := indicator("visits-per-request", "service-requests", "a-city-that-answers", "city-services",
		text("Crew visits per request", "Visitas de cuadrilla por solicitud", "Visitas de equipe por solicitação", "Visites d’équipe par demande"),
		text("How often a crew must come until the work is done. Too few visits can mean shortcuts.", "Cuántas veces debe ir la cuadrilla. Muy pocas visitas pueden indicar atajos.",
			"Quantas vezes a equipe precisa ir. Poucas visitas podem indicar atalhos.", "Combien de fois une équipe doit venir. Trop peu de visites peut trahir un travail bâclé."),
		text("Visits divided by requests closed.", "Visitas divididas entre solicitudes cerradas.",
			"Visitas divididas por solicitações encerradas.", "Visites divisées par les demandes fermées."))
	visits.Measure = kpi.Measure{Kind: kpi.MeasureMean, Of: "visits", Date: "closed"}
	visits.Unit, visits.Direction, visits.Decimals, visits.Trajectory = kpi.Number, kpi.Range, 2, kpi.TrajectoryEveryPeriod
	visits.Targets = []kpi.Target{{By: day(2026, 12, 31), Low: 1.2, High: 1.8, Set: day(2024, 1, 15),
		Reason: text("Agreed with the crews.", "Acordado con las cuadrillas.", "Combinado com as equipes.", "Convenu avec les équipes.")}}

	return []history{
		{indicator: reply, months: 24, volume: 2400, from: 71, to: 42, wobble: 3},
		{indicator: received, months: 24, from: 2310, to: 2600, wobble: 90},
		{indicator: satisfied, months: 6, volume: 420, from: 61, to: 66, wobble: 2, noDistricts: true},
		{indicator: visits, months: 24, volume: 2200, from: 1.9, to: 1.5, wobble: 0.08},
	}
}

func homes() []history {
	affordable := indicator("affordable-homes", "housing-permits", "homes", "housing",
		text("Affordable homes permitted", "Viviendas asequibles autorizadas", "Moradias populares autorizadas", "Logements abordables autorisés"),
		text("How many homes with a limited rent may now be built.", "Cuántas viviendas de renta limitada se pueden construir ya.",
			"Quantas moradias com aluguel limitado já podem ser construídas.", "Combien de logements à loyer plafonné peuvent désormais être construits."),
		text("Homes in permits issued in the month.", "Viviendas en permisos emitidos en el mes.",
			"Moradias em alvarás emitidos no mês.", "Logements dans les permis délivrés dans le mois."))
	affordable.Measure = kpi.Measure{Kind: kpi.MeasureSum, Of: "homes", Date: "closed"}
	affordable.Unit, affordable.Direction, affordable.Decimals, affordable.Minimum, affordable.Kind = kpi.Number, kpi.Up, 0, 0, kpi.Output
	goal(&affordable, 20, day(2025, 6, 30), 60)
	goal(&affordable, 20, day(2026, 6, 30), 90)
	affordable.Trajectory = kpi.TrajectoryStep

	permits := indicator("permit-days", "housing-permits", "homes", "housing",
		text("Days to a housing permit", "Días para un permiso de vivienda", "Dias para um alvará de moradia", "Jours pour un permis d’habitation"),
		text("Half of all permits take no longer than this.", "La mitad de los permisos no tarda más que esto.",
			"Metade dos alvarás não demora mais do que isso.", "La moitié des permis ne prennent pas plus que cela."),
		text("The middle value of the days from application to permit.", "El valor central de los días entre la solicitud y el permiso.",
			"O valor central dos dias entre o pedido e o alvará.", "La valeur médiane des jours entre la demande et le permis."))
	permits.Measure = kpi.Measure{Kind: kpi.MeasureMedian, Of: "days(opened, closed)", Date: "closed"}
	permits.Unit, permits.Direction, permits.Kind = kpi.Days, kpi.Down, kpi.Efficiency
	goal(&permits, 120, day(2026, 12, 31), 60)

	helped := indicator("eviction-help", "housing-permits", "homes", "housing",
		text("Households kept in their home", "Hogares que conservaron su vivienda", "Famílias que ficaram em casa", "Ménages maintenus dans leur logement"),
		text("How many households that asked for help against eviction could stay.", "Cuántos hogares que pidieron ayuda contra el desalojo pudieron quedarse.",
			"Quantas famílias que pediram ajuda contra o despejo puderam ficar.", "Combien de ménages ayant demandé de l’aide contre l’expulsion ont pu rester."),
		text("Cases closed in the month. Since 2025 a household counts once, not once a request.", "Casos cerrados en el mes. Desde 2025 cada hogar cuenta una vez.",
			"Casos encerrados no mês. Desde 2025 cada família conta uma vez.", "Dossiers fermés dans le mois. Depuis 2025, un ménage compte une seule fois."))
	helped.Measure = kpi.Measure{Kind: kpi.MeasureShare, Of: "stayed", Date: "closed"}
	helped.Unit, helped.Direction, helped.Version = kpi.Percent, kpi.Up, 2
	goal(&helped, 62, day(2026, 12, 31), 80)

	return []history{
		{indicator: affordable, months: 24, volume: 12, from: 22, to: 66, wobble: 4},
		{indicator: permits, months: 19, newest: -5, volume: 95, from: 118, to: 93, wobble: 2},
		{indicator: helped, months: 24, volume: 130, from: 63, to: 84, wobble: 1.5, changedAt: 9},
	}
}
