//nolint:misspell // most words here are Spanish, Portuguese or French
package scorecardtest

import (
	"time"

	"citystat/kpi"
)

// text is a text in the four languages, written in English first.
func text(en, es, pt, fr string) kpi.Text {
	return kpi.Text{Source: kpi.English, In: map[kpi.Lang]string{kpi.English: en, kpi.Spanish: es, kpi.Portuguese: pt, kpi.French: fr}}
}

// proper is a name that is the same in every language.
func proper(name string) kpi.Text { return kpi.NewText(kpi.English, name) }

// harborview returns the city without its indicators.
func harborview() *kpi.City {
	return &kpi.City{
		ID: "harborview", Name: proper("Harborview"),
		About: text(
			"What the City of Harborview promised, and how far it has come. Harborview is a fictional city.",
			"Lo que prometió la Ciudad de Harborview y cuánto ha avanzado. Harborview es una ciudad ficticia.",
			"O que a Prefeitura de Harborview prometeu e quanto já avançou. Harborview é uma cidade fictícia.",
			"Ce que la Ville de Harborview a promis, et où elle en est. Harborview est une ville fictive."),
		Languages: []kpi.Lang{kpi.English, kpi.Spanish, kpi.Portuguese, kpi.French},
		Formats:   map[kpi.Lang]string{kpi.English: "en-US", kpi.Spanish: "es-MX", kpi.Portuguese: "pt-BR", kpi.French: "fr-CA"},
		TimeZone:  "America/New_York", FiscalStart: time.July, Publish: kpi.PublishEveryLoad, AsOf: AsOf,
		Population: &kpi.Population{Value: 184_300, AsOf: kpi.Date{Year: 2025, Month: time.July, Day: 1}, ByDistrict: map[string]int64{
			"old-harbor": 31_200, "lighthouse-point": 27_900, "market-square": 26_400, "east-quay": 24_100,
			"mill-river": 22_800, "university-hill": 19_700, "orchard-park": 17_600, "north-meadows": 14_600,
		}},
		Holidays: harborviewHolidays(), Evaluations: harborviewEvaluations(),
		Districts: harborviewDistricts(), Departments: harborviewDepartments(), People: harborviewPeople(),
		Priorities: harborviewPriorities(), Bands: kpi.DefaultBands,
		Reasons: map[string]kpi.Text{"duplicate": text(
			"Closed as a duplicate of another request", "Cerradas por ser duplicadas de otra solicitud",
			"Encerradas por serem duplicadas de outra solicitação", "Fermées parce qu’elles doublaient une autre demande")},
		Meetings: harborviewMeetings(),
		Datasets: harborviewSources(), Outlook: true, Feedback: true,
		Contact: harborviewContact(), Statement: harborviewStatement(), Glossary: harborviewGlossary(),
		Hash: "5f2d6c1e0b7a49388c1d2e3f405162738495a6b7c8d9eafb0c1d2e3f40516273",
	}
}

// harborviewHolidays are days on which the city does not work.
func harborviewHolidays() []kpi.Date {
	var list []kpi.Date
	for y := 2023; y <= 2026; y++ {
		list = append(list, kpi.Date{Year: y, Month: time.January, Day: 1}, kpi.Date{Year: y, Month: time.July, Day: 4}, kpi.Date{Year: y, Month: time.December, Day: 25})
	}
	return list
}

// harborviewDistricts lays eight districts out in two rows between the harbour and the hills.
func harborviewDistricts() []kpi.District {
	names := []struct{ id, name string }{
		{"old-harbor", "Old Harbor"}, {"lighthouse-point", "Lighthouse Point"}, {"market-square", "Market Square"},
		{"east-quay", "East Quay"}, {"mill-river", "Mill River"}, {"university-hill", "University Hill"},
		{"orchard-park", "Orchard Park"}, {"north-meadows", "North Meadows"},
	}
	corner := func(col, row int) [2]float64 {
		dent := 0.004 * float64((col*3+row*5)%4)
		return [2]float64{-70.62 + 0.03*float64(col) + dent/2, 43.10 + 0.025*float64(row) - dent}
	}
	var list []kpi.District
	for i, n := range names {
		c, r := i%4, i/4
		ring := [][2]float64{corner(c, r), corner(c+1, r), corner(c+1, r+1), corner(c, r+1), corner(c, r)}
		list = append(list, kpi.District{ID: n.id, Name: proper(n.name), Polygons: [][][][2]float64{{ring}}})
	}
	list[0].Aliases = []string{"Old Harbour", "Harbor"}
	for i, d := range []struct{ parts, postcodes []string }{
		{[]string{"Customs House", "Sailmakers’ Row"}, []string{"03901"}},
		{[]string{"Lighthouse Beach", "Keeper’s Lane"}, []string{"03902", "03903"}},
		{[]string{"Market Square", "São João Hill"}, []string{"03901", "03904"}},
		{[]string{"East Quay", "Ropewalk"}, []string{"03905"}},
		{[]string{"Upper Mill", "Lower Mill"}, []string{"03906"}},
		{[]string{"University Hill", "Observatory"}, []string{"03906", "03907"}},
		{[]string{"Orchard Park", "Cider Mill"}, []string{"03908"}},
		{[]string{"North Meadows", "Fairground"}, []string{"03909-1200", "03909-1300"}},
	} {
		list[i].Parts, list[i].Postcodes = d.parts, d.postcodes
	}
	return append(list, kpi.District{
		ID: "harbor-islands", Name: proper("Harbor Islands"), Aliases: []string{"The Islands"},
		Life: kpi.Life{Until: kpi.Date{Year: 2022, Month: time.December, Day: 31}, Successors: []string{"old-harbor", "east-quay"}},
	})
}

func harborviewDepartments() []kpi.Department {
	return []kpi.Department{
		{ID: "public-works", Name: text("Public Works", "Obras Públicas", "Obras Públicas", "Travaux publics"), Head: "director-public-works",
			URL: "https://www.harborview.example/public-works", About: text(
				"Keeps streets, lights and sidewalks whole and clean.", "Mantiene enteras y limpias las calles, las luces y las aceras.",
				"Mantém ruas, luzes e calçadas inteiras e limpas.", "Garde en bon état et propres les rues, les lampadaires et les trottoirs."),
		},
		{ID: "transportation", Name: text("Transportation", "Transporte", "Transportes", "Transports"), Head: "director-transportation"},
		{ID: "city-services", Name: text("City Services", "Servicios Municipales", "Serviços Municipais", "Services municipaux")},
		{ID: "housing", Name: text("Housing", "Vivienda", "Habitação", "Habitation")},
		{ID: "street-lighting", Name: text("Street Lighting", "Alumbrado Público", "Iluminação Pública", "Éclairage public"),
			Life: kpi.Life{Until: kpi.Date{Year: 2024, Month: time.June, Day: 30}, Successors: []string{"public-works"}}},
	}
}

func harborviewPeople() []kpi.Person {
	return []kpi.Person{
		{ID: "director-public-works", Title: text("Director of Public Works", "Dirección de Obras Públicas", "Direção de Obras Públicas", "Direction des travaux publics")},
		{ID: "director-transportation", Title: text("Director of Transportation", "Dirección de Transporte", "Direção de Transportes", "Direction des transports")},
		{ID: "data-office", Title: text("Data Office", "Oficina de Datos", "Escritório de Dados", "Bureau des données")},
	}
}

// harborviewMeetings are two series: one about streets every two weeks, and one about everything on the second Tuesday of each month.
func harborviewMeetings() []kpi.MeetingSeries {
	return []kpi.MeetingSeries{
		{
			ID: "streetstat", Name: text("StreetStat", "Reunión de calles", "Reunião das ruas", "Revue des rues"),
			Purpose: text("We ask whether streets are repaired on time.", "Preguntamos si las calles se reparan a tiempo.", "Perguntamos se as ruas são consertadas no prazo.",
				"Nous demandons si les rues sont réparées à temps."),
			Departments: []string{"public-works", "transportation"}, Chair: "director-public-works", Analyst: "data-office", Weekday: time.Thursday, Weeks: 2,
			From: kpi.Date{Year: 2025, Month: time.October, Day: 2}, At: 9*60 + 30, Minutes: 60, Place: proper("Room 2"), Standing: []string{"missed-collections"}, Public: true,
		},
		{
			ID: "citystat", Name: text("The month in the city", "El mes en la ciudad", "O mês na cidade", "Le mois dans la ville"),
			Chair: "director-public-works", Analyst: "data-office", Weekday: time.Tuesday, Month: 2, From: kpi.Date{Year: 2025, Month: time.October, Day: 1}, At: 14 * 60, Minutes: 90,
		},
	}
}

func harborviewPriorities() []kpi.Priority {
	return []kpi.Priority{
		{
			ID: "safe-streets", Name: text("Safe streets", "Calles seguras", "Ruas seguras", "Des rues sûres"),
			Promise: text("Everyone gets home safely, by day and by night.", "Que todas las personas lleguen bien a casa, de día y de noche.",
				"Que todas as pessoas cheguem bem em casa, de dia e de noite.", "Que chacun rentre chez soi sans danger, de jour comme de nuit."),
			Goals: []kpi.Goal{{ID: "quick-repairs", Name: text("Quick repairs", "Reparaciones rápidas", "Reparos rápidos", "Des réparations rapides")}},
		},
		{
			ID: "clean-neighborhoods", Name: text("Clean neighborhoods", "Barrios limpios", "Bairros limpos", "Des quartiers propres"),
			Promise: translated(text("Streets and parks that are a pleasure to walk in.", "Calles y parques por los que dé gusto caminar.",
				"Ruas e parques onde dê gosto caminhar.", "Des rues et des parcs où il fait bon marcher."),
				map[kpi.Lang]kpi.TextState{kpi.Spanish: kpi.TextMachine, kpi.Portuguese: kpi.TextDraft, kpi.French: kpi.TextOutdated}),
		},
		{
			ID: "a-city-that-answers", Name: text("A city that answers", "Una ciudad que responde", "Uma cidade que responde", "Une ville qui répond"),
			Promise: text("Ask the city once, and get an answer.", "Pregunte una vez y reciba respuesta.",
				"Pergunte uma vez e receba a resposta.", "Une seule demande suffit pour avoir une réponse."),
		},
		{
			ID: "homes", Name: text("Homes people can afford", "Viviendas al alcance de todos", "Moradia que cabe no bolso", "Des logements abordables"),
			Promise: text("Nobody who works here has to move away to live.", "Que nadie que trabaje aquí tenga que irse a vivir a otra parte.",
				"Que ninguém que trabalhe aqui precise ir morar longe.", "Que personne qui travaille ici ne doive partir pour se loger."),
		},
		{
			ID: "bright-nights", Name: text("Bright nights", "Noches iluminadas", "Noites iluminadas", "Des nuits éclairées"),
			Promise: text("Every street is lit at night.", "Que todas las calles tengan luz de noche.", "Que todas as ruas tenham luz à noite.", "Que toutes les rues soient éclairées la nuit."),
			Life:    kpi.Life{Until: kpi.Date{Year: 2024, Month: time.June, Day: 30}, Successors: []string{"safe-streets"}},
		},
	}
}

func harborviewSources() []kpi.Dataset {
	column := func(name string, t kpi.ColumnType) kpi.Column { return kpi.Column{Name: name, From: name, Type: t} }
	requests := []kpi.Column{
		column("request_id", kpi.TypeText), column("opened", kpi.TypeTimestamp), column("due", kpi.TypeTimestamp),
		column("closed", kpi.TypeTimestamp), column("type", kpi.TypeText), column("district", kpi.TypeDistrict),
	}
	source := func(id string, name, why kpi.Text, cols []kpi.Column, every time.Duration) kpi.Dataset {
		return kpi.Dataset{
			ID: id, Name: name, Why: why, Steward: "data-office", Columns: cols, Key: []string{cols[0].Name},
			Source: kpi.Source{Kind: "csv", Path: "data/" + id + "-*.csv", Encoding: "utf-8", Delimiter: ",", Quote: `"`},
			Credit: kpi.Credit{
				Publisher: "City of Harborview", URL: "https://data.harborview.example/" + id, Licence: "CC0-1.0",
				Note: text("Invented for tests.", "Inventados para pruebas.", "Inventados para testes.", "Inventées pour des essais."),
			},
			Expect: kpi.Expect{Every: every, RowsChangeAtMost: 0.3, MinRows: 1}, TimeZone: "America/New_York",
			Checks: []kpi.Check{
				{ID: "1", Rule: "unique " + cols[0].Name, Kind: kpi.CheckUnique, Columns: []string{cols[0].Name}, Else: kpi.ElseFail},
				{ID: "2", Rule: "not null opened", Kind: kpi.CheckNotNull, Columns: []string{"opened"}, Else: kpi.ElseReject},
			},
			Dimensions: []string{kpi.DimensionDistrict}, Limits: kpi.RejectLimits{Share: 0.05}, Hash: "hash-of-" + id,
		}
	}
	return []kpi.Dataset{
		source("service-requests", text("Service requests", "Solicitudes de servicio", "Solicitações de serviço", "Demandes de services"),
			text("What residents ask the city to do, and when it was done.", "Lo que los vecinos piden a la ciudad y cuándo se hizo.",
				"O que os moradores pedem à prefeitura e quando foi feito.", "Ce que les résidents demandent à la Ville, et quand cela a été fait."),
			requests, 24*time.Hour),
		source("street-safety", text("Crashes and street works", "Choques y obras viales", "Acidentes e obras viárias", "Accidents et travaux de voirie"),
			text("Who gets hurt on our streets, and what is built against it.", "Quién resulta herido en nuestras calles y qué se construye para evitarlo.",
				"Quem se fere nas nossas ruas e o que se constrói para evitar.", "Qui est blessé dans nos rues, et ce qu’on construit pour l’éviter."),
			requests, 7*24*time.Hour),
		source("housing-permits", text("Housing permits", "Permisos de vivienda", "Alvarás de moradia", "Permis d’habitation"),
			text("Which homes may be built, and how long the permit took.", "Qué viviendas se pueden construir y cuánto tardó el permiso.",
				"Que moradias podem ser construídas e quanto demorou o alvará.", "Quels logements peuvent être construits, et combien de temps a pris le permis."),
			requests, 30*24*time.Hour),
		source("resident-survey", text("Resident survey", "Encuesta a residentes", "Pesquisa com moradores", "Sondage auprès des résidents"),
			text("How residents judge the city’s services.", "Cómo califican los residentes los servicios de la ciudad.",
				"Como os moradores avaliam os serviços da cidade.", "Comment les résidents jugent les services de la Ville."),
			requests, 0),
	}
}

// harborviewDatasets is what is known of the loads: one dataset in good order, one whose newest load failed, one long overdue, one
// never loaded.
func harborviewDatasets() []kpi.DatasetState {
	load := func(id int64, dataset string, when time.Time, c kpi.Counts) *kpi.Load {
		return &kpi.Load{
			ID: id, Cause: kpi.CauseLoad, Dataset: dataset, State: kpi.LoadLive, Started: when, LiveAt: when.Add(9 * time.Second), Folder: 3, AsOf: AsOf,
			Spool: []kpi.SpoolFile{{
				Source: "data/" + dataset + "-2026.csv", SourceHash: hash(id), Bytes: 81 * c.Read, Modified: when.Add(-time.Hour), Copy: hash(id + 100),
				Rows: c.Read, Undeclared: []string{"photo_url"},
			}},
			SourceHash: hash(id), Counts: c, Checksum: hash(id + 200),
			Checks: []kpi.CheckResult{{Check: kpi.Check{ID: "1", Rule: "unique request_id", Kind: kpi.CheckUnique, Columns: []string{"request_id"}, Else: kpi.ElseFail}}},
		}
	}
	requests := load(12, "service-requests", KnownAt.Add(-9*time.Second), kpi.Counts{Read: 61_204, Accepted: 61_151, Rejected: 48, Skipped: 5, New: 402, Restated: 37, Gone: 2})
	requests.Warnings = []string{"31 rows were closed before they were opened", "the column photo_url is not declared and was not kept"}
	safety := load(9, "street-safety", KnownAt.Add(-26*time.Hour), kpi.Counts{Read: 4_118, Accepted: 4_118, New: 61})
	failed := load(11, "street-safety", KnownAt.Add(-2*time.Hour), kpi.Counts{Read: 12})
	failed.State, failed.LiveAt, failed.Checksum, failed.Spool[0].Rows = kpi.LoadFailed, time.Time{}, "", 12
	failed.Error = "12 rows came, the last load had 4,118: the change is larger than the 30% that the folder allows"
	permits := load(4, "housing-permits", KnownAt.AddDate(0, -5, 0), kpi.Counts{Read: 2_950, Accepted: 2_949, Rejected: 1, New: 2_949})
	list := []kpi.DatasetState{
		{
			Dataset: "service-requests", Last: requests, DataUntil: AsOf,
			Rejects: []kpi.RejectGroup{{Reason: "bad_timestamp", Column: "opened", Rows: 29}, {Reason: "field_count", Rows: 12}, {Reason: "not_in_list", Column: "type", Rows: 7}},
			Unplaced: []kpi.Unplaced{
				{Member: kpi.MemberNotRecorded, Rows: 611}, {Member: kpi.MemberNotRecognised, Name: "Harborvew", Rows: 14},
				{Member: kpi.MemberNotRecognised, Name: "Port Elsewhere", Rows: 9},
			},
		},
		{Dataset: "street-safety", Last: safety, Failed: failed, DataUntil: AsOf.AddDays(-2), Unplaced: []kpi.Unplaced{{Member: kpi.MemberNotRecorded, Rows: 80}}},
		{Dataset: "housing-permits", Last: permits, DataUntil: AsOf.AddMonths(-5), Rejects: []kpi.RejectGroup{{Reason: "bad_integer", Column: "homes", Rows: 1}}},
		{Dataset: "resident-survey"},
	}
	for i := range list {
		list[i].Deliveries = harborviewDeliveries(list[i].Dataset)
	}
	return list
}

// hash is a string with the form of a SHA-256.
func hash(n int64) string {
	const digits = "0123456789abcdef"
	b := make([]byte, 64)
	z := uint64(n) * 0x9e3779b97f4a7c15
	for i := range b {
		z = z*6364136223846793005 + 1442695040888963407
		b[i] = digits[z>>60]
	}
	return string(b)
}
