//nolint:misspell // most words here are Spanish, Portuguese or French
package scorecardtest

import (
	"fmt"

	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// Plan returns the scorecard of a city whose plan came as a table: 335 indicators under 4 axes, 19 programmes and 76 products, each with
// the city's own number, as a development plan of a Latin American town has them.
func Plan() *scorecard.Scorecard {
	city := harborview()
	city.Plan = kpi.Plan{Levels: []kpi.Text{
		text("Axis", "Eje", "Eixo", "Axe"), text("Program", "Programa", "Programa", "Programme"), text("Product", "Producto", "Produto", "Produit"),
	}}
	city.Priorities = nil
	names := []kpi.Text{
		text("People first, with care and opportunity for everyone", "Primero la gente, con cuidado y oportunidades para todas las personas", "Primeiro as pessoas, com cuidado e oportunidades para todos", "Les gens d’abord, avec des soins et des chances pour chacun"),
		text("A productive town", "Un municipio productivo", "Um município produtivo", "Une ville productive"),
		text("Living with nature", "Vivir con la naturaleza", "Viver com a natureza", "Vivre avec la nature"),
		text("Good government", "Buen gobierno", "Bom governo", "Un bon gouvernement"),
	}
	var places []string // products, in the order of the plan
	for i, name := range names {
		axis := kpi.Priority{ID: fmt.Sprintf("axis-%d", i+1), Name: name}
		city.Plan.Nodes = append(city.Plan.Nodes, kpi.PlanNode{ID: axis.ID, Code: fmt.Sprint(i + 1), Name: name})
		for j := range 5 - i/3 {
			goal := kpi.Goal{ID: fmt.Sprintf("program-%d-%d", i+1, j+1), Name: text(
				fmt.Sprintf("Program %d of the development plan for a town in which people live well", j+1), fmt.Sprintf("Programa %d del plan de desarrollo para un municipio donde se vive bien", j+1),
				fmt.Sprintf("Programa %d do plano de desenvolvimento", j+1), fmt.Sprintf("Programme %d du plan de développement", j+1))}
			axis.Goals = append(axis.Goals, goal)
			city.Plan.Nodes = append(city.Plan.Nodes, kpi.PlanNode{ID: goal.ID, Parent: axis.ID, Level: 1, Code: fmt.Sprintf("%d.%d", i+1, j+1), Name: goal.Name})
			for k := range 4 - (i+j)%8/7 {
				id := fmt.Sprintf("product-%d-%d-%d", i+1, j+1, k+1)
				city.Plan.Nodes = append(city.Plan.Nodes, kpi.PlanNode{ID: id, Parent: goal.ID, Level: 2, Code: fmt.Sprintf("%d.%d.%d", i+1, j+1, k+1), Name: text(
					fmt.Sprintf("Product %d: services that reach every neighborhood", k+1), fmt.Sprintf("Producto %d: servicios que llegan a cada vereda", k+1),
					fmt.Sprintf("Produto %d: serviços que chegam a cada bairro", k+1), fmt.Sprintf("Produit %d, des services dans chaque quartier", k+1))})
				places = append(places, id)
			}
		}
		city.Priorities = append(city.Priorities, axis)
	}
	city.Evaluations = nil
	return (&builder{city: city, asOf: AsOf, datasets: harborviewDatasets()}).card(planned(city, places))
}

// planned spreads 335 indicators over the products of a plan, in its order.
func planned(city *kpi.City, places []string) []history {
	base := harborviewPlans()
	node := map[string]kpi.PlanNode{}
	for _, n := range city.Plan.Nodes {
		node[n.ID] = n
	}
	const indicators = 335
	var list []history
	for i := range indicators {
		p := base[i%len(base)]
		product := node[places[i*len(places)/indicators]]
		ind := &p.indicator
		ind.ID = fmt.Sprintf("goal-%03d", i+1)
		ind.Name = text(
			fmt.Sprintf("%s, no. %d", ind.Name.String(kpi.English), i+1), fmt.Sprintf("%s, n.º %d", ind.Name.String(kpi.Spanish), i+1),
			fmt.Sprintf("%s, n.º %d", ind.Name.String(kpi.Portuguese), i+1), fmt.Sprintf("%s, no %d", ind.Name.String(kpi.French), i+1))
		ind.Plan, ind.Code, ind.Goal, ind.Priority = product.ID, fmt.Sprintf("PDM-%03d", i+1), product.Parent, node[product.Parent].Parent
		ind.PairedWith = nil
		p.noDistricts, p.months = true, min(p.months, 12)
		list = append(list, p)
	}
	return list
}
