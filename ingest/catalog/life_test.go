package catalog_test

import (
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"citystat/kpi"
)

// TestLife reads a folder whose organisation has changed: what has ended keeps its id, name, translations and aliases, and nothing is wrong with any of it.
func TestLife(t *testing.T) {
	archive := txtar.Parse([]byte(`-- city.yaml edit --
districts: {file: geo/districts.geojson, key: district_id, name: name, aliases: geo/aliases.csv}
=>
districts:
  file: geo/districts.geojson
  key: district_id
  name: name
  aliases: geo/aliases.csv
  history:
    - {id: marsh, name: The Marsh, until: 2011-12-31, successor: [old-harbor, mill-hill]}
    - {id: mill-hill, from: 2012-01-01}
--
  - {id: parks, name: Parks}
=>
  - {id: parks, name: Parks, from: 2013-07-01}
  - {id: gardens, name: Gardens, until: 2013-06-30, successor: parks}
--
    goals:
      - {id: more-trees, name: Plant more trees}
=>
    goals:
      - {id: more-trees, name: Plant more trees}
    from: 2010-01-01
    until: 2031-12-31
-- geo/aliases.csv --
alias,district_id
Harbor,old-harbor
"Old Harbor, North",old-harbor
Mill/Hill,mill-hill
Marshes,marsh
-- text/es.yaml edit --
  - {at: department.parks.name, of: Parks, text: Parques}
=>
  - {at: department.parks.name, of: Parks, text: Parques}
  - {at: department.gardens.name, of: Gardens, text: Jardines}
  - {at: district.marsh.name, of: The Marsh, text: La Ciénaga}
-- text/fr.yaml edit --
language: fr
texts:
=>
language: fr
texts:
  - {at: department.gardens.name, of: Gardens, text: Jardins}
-- text/pt-BR.yaml edit --
language: pt-BR
texts:
=>
language: pt-BR
texts:
  - {at: department.gardens.name, of: Gardens, text: Jardins}
`))
	city := load(t, change(t, base(t), archive))
	marsh := city.District("marsh")
	if marsh == nil || marsh.Until.String() != "2011-12-31" || !slices.Equal(marsh.Successors, []string{"old-harbor", "mill-hill"}) || len(marsh.Polygons) != 0 {
		t.Fatalf("%+v", marsh)
	}
	if marsh.Name.In[kpi.Spanish] != "La Ciénaga" || !slices.Equal(marsh.Aliases, []string{"Marshes"}) || city.DistrictIndex()[kpi.NormaliseName("the  marsh")] != "marsh" {
		t.Errorf("the marsh is %+v", marsh)
	}
	if d := city.District("mill-hill"); d.From.String() != "2012-01-01" || len(d.Polygons) != 2 {
		t.Errorf("%+v", d.Life)
	}
	if d := city.Department("gardens"); !d.Ended(city.AsOf) || d.Successors[0] != "parks" || d.Name.In[kpi.French] != "Jardins" {
		t.Errorf("%+v", d)
	}
	if p := city.Priority("green-city"); p.Until.String() != "2031-12-31" || !p.On(city.AsOf) {
		t.Errorf("%+v", p.Life)
	}
}
