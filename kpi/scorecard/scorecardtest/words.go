package scorecardtest

import (
	"time"

	"citystat/kpi"
)

// harborviewContact is where the people of Harborview reach those who publish.
func harborviewContact() kpi.Contact {
	return kpi.Contact{
		Office: text("Mayor’s Data Office", "Oficina de Datos de la Alcaldía", "Escritório de Dados do Gabinete", "Bureau des données du Cabinet"),
		Email:  "data@harborview.example", Phone: "+1 603 555-0142", Address: "City Hall, Room 214\n1 Quay Street\nHarborview, NH 03800", URL: "https://www.harborview.example/data-office",
	}
}

// harborviewStatement is what Harborview says of the accessibility of its site.
func harborviewStatement() kpi.Statement {
	return kpi.Statement{
		Assessed: kpi.Date{Year: 2026, Month: time.February, Day: 11},
		By: text("Harborview Commission on Disability", "Comisión de Discapacidad de Harborview",
			"Comissão da Pessoa com Deficiência de Harborview", "Commission des personnes handicapées de Harborview"),
		Gaps: []kpi.Text{text(
			"The scanned budget annexes before 2024 are images. Ask us for the text.", "Los anexos del presupuesto anteriores a 2024 son imágenes. Pídanos el texto.",
			"Os anexos do orçamento anteriores a 2024 são imagens. Peça-nos o texto.", "Les annexes du budget d’avant 2024 sont des images. Demandez-nous le texte.")},
		Enforcer: text("U.S. Department of Justice, Civil Rights Division", "Departamento de Justicia de EE. UU., División de Derechos Civiles",
			"Departamento de Justiça dos EUA, Divisão de Direitos Civis", "Ministère de la Justice des États-Unis, division des droits civiques"),
		Address: "https://civilrights.justice.example/report",
		Laws:    []string{"Americans with Disabilities Act, Title II (28 CFR part 35, subpart H)", "Harborview City Code § 4-12"},
	}
}

// harborviewGlossary is the city's own words.
func harborviewGlossary() []kpi.Term {
	return []kpi.Term{
		{ID: "quay-count", Term: text("Quay count", "Conteo del muelle", "Contagem do cais", "Comptage du quai"), Meaning: text(
			"The count of people at the harbor, on the second Saturday of each month.", "El conteo de personas en el puerto, el segundo sábado de cada mes.",
			"A contagem de pessoas no porto, no segundo sábado de cada mês.", "Le comptage des personnes au port, le deuxième samedi de chaque mois.")},
		{ID: "orange-tag", Term: text("Orange tag", "Etiqueta naranja", "Etiqueta laranja", "Étiquette orange"), Meaning: text(
			"The tag that a crew leaves when a repair needs a second visit.", "La etiqueta que deja la cuadrilla si la reparación requiere otra visita.",
			"A etiqueta que a equipe deixa quando o reparo precisa de outra visita.", "L’étiquette laissée par l’équipe quand la réparation demande une autre visite.")},
		{ID: "311", Term: proper("311"), Meaning: text(
			"The number to call, and the office that answers, for anything that is no emergency.", "El número al que se llama, y la oficina que responde, si no es una emergencia.",
			"O número para ligar, e o setor que responde, quando não é emergência.", "Le numéro à composer, et le bureau qui répond, quand il n’y a pas urgence.")},
	}
}

// harborviewService is where residents report a kind of case and see what became of it.
func harborviewService(path string, name kpi.Text) *kpi.Service {
	return &kpi.Service{
		Name: name, Report: "https://311.harborview.example/report/" + path, Track: "https://311.harborview.example/track", Phone: "311",
	}
}
