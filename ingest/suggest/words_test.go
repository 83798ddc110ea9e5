package suggest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"citystat/ingest/suggest"
	"citystat/kpi"
)

// TestWhatIsSuggested looks for what a block says of columns, one file each.
func TestWhatIsSuggested(t *testing.T) {
	for _, c := range []struct{ name, text, want, never string }{
		{"day first, proved by one value", "opened\n03/04/2026\n25/04/2026\n", `opened: {from: opened, type: date, format: "%d/%m/%Y"}`, "UNSURE: opened"},
		{"month first, proved by one value", "opened\n03/04/2026\n04/25/2026\n", `opened: {from: opened, type: date, format: "%m/%d/%Y"}`, "UNSURE: opened"},
		{"no value proves it", "opened\n03/04/2026\n05/04/2026\n", "no value says which stands first, the day or the month", "type: date}"},
		{"another column proves it", "opened,closed\n03/04/2026,25/04/2026\n", "the column closed of this file is written with the day first", ""},
		{"both are proved, by different values", "opened\n25/04/2026\n04/25/2026\n", "opened: {from: opened, type: text}", ""},
		{"twelve hours", "opened\n01/13/2026 02:05:00 PM\n", `type: timestamp, format: "%m/%d/%Y %I:%M:%S %p"`, ""},
		{"a day that never was", "opened\n" + strings.Repeat("2026-02-28\n", 9) + "2026-02-29\n", "9 of 10 values are days", ""},
		{"a zone is asked for", "opened\n2026-01-02T03:04:05\n", "# UNSURE: opened: times that do not say their zone", ""},
		{"a zone is said", "opened\n2026-01-02T03:04:05Z\n", "opened: {from: opened, type: timestamp}", "do not say their zone"},
		{"two digits of a year", "opened\n25/04/26\n", "say with pivot", ""},
		{"days of a spreadsheet", "date opened\n46023\n46024\n", "format: excel", ""},
		{"seconds since 1970", "created_at\n1767225600\n1767225601\n", "format: epoch}", ""},
		{"decimal comma", "v;w\n1,5;1\n2,25;2\n", `v: {from: v, type: number, decimal: ","}`, ""},
		{"thousands", "v;w\n1.234,5;1\n", `type: number, decimal: ",", thousands: "."}`, ""},
		{"which thousands", "v;w\n1.234;1\n5.678;2\n", "numbers that can be read in two ways", "type: number}\n"},
		{"which thousands, and what speaks for it", "v;w\n1.234;1,5\n5.678;2,5\n", `the column w of this file writes decimals with ","`, ""},
		{"accounting", "v\n(12.50)\n3\n", "type: number, accounting: true}", ""},
		{"percent beside none", "v\n12%\n3\n", "some values have a percent sign and some have none", ""},
		{"dollars and euros", "v\n$12\n€3\n", "with different signs", "type: number"},
		{"zeros in front", "number\n007\n012\n", "it is a code and no number", ""},
		{"a code is text", "case_id\n7\n12\n", "case_id: {from: case_id, type: text}", ""},
		{"no value", "v\nNA\n3\n", "type: integer, null_is: [NA]}", ""},
		{"held back", "v\n<5\n3\n", "they are never 0", ""},
		{"yes and no", "v\nYes\nNo\n", `v: {from: v, type: boolean, values: {"No": false, "Yes": true}}`, ""},
		{"sí y no", "v\nSí\nNo\n", `type: boolean, values: {"No": false, "Sí": true}}`, ""},
		{"few values", "kind\n" + strings.Repeat("Water main\nStreet light\n", 6), "values: {Street light: street-light, Water main: water-main}}", ""},
		{"names", "Année d’ouverture,TYPE,Type,1st,—\n2026,a,b,c,d\n", "annee_d_ouverture: {from: ", ""},
		{"names that are the same", "Type,TYPE\na,b\n", "type_2: {from: TYPE", ""},
		{"a word of expressions", "And\n1\n", "and_value: {from: And", ""},
		{"a check", "opened,closed\n2026-01-02,2026-01-03\n", "{rule: closed >= opened, else: warn}", ""},
		{"a key of two", "year,area,v\n2025,a,1\n2025,b,1\n2026,a,1\n2026,b,1\n", "key: [year, area]", ""},
		{"no key", "area,v\na,1\na,1\n", "key: [line]", ""},
		{"quotes", "a,b\n'x, y','z'\n'u','v'\n", `quote: "'"`, ""},
		{"tabs", "a\tb\nx\ty\n", `delimiter: "\u0009"`, ""},
		{"a sheet's total", "area,v\na,1\nb,2\nTotal,3\n", "ends_at: [Total]", ""},
		{"text before the header", "Report of 2026\n\narea,v\na,1\nb,2\n", "skip_lines: 2", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := suggested(t, c.text, suggest.Options{})
			if !strings.Contains(got, c.want) {
				t.Errorf("lacks %q:\n%s", c.want, got)
			}
			if c.never != "" && strings.Contains(got, c.never) {
				t.Errorf("holds %q:\n%s", c.never, got)
			}
		})
	}
}

// TestPersonalColumns plants a value in columns that speak of people: by their names in four languages, or by what they hold. Each is proposed
// to be dropped, with a reason, and the value stands nowhere.
func TestPersonalColumns(t *testing.T) {
	const planted = "Zyxwvut"
	for header, value := range map[string]string{
		"Email": planted + "@example.org", "Correo electrónico": planted, "Courriel": planted, "Contact Phone": planted, "Teléfono": planted, "Telefone": planted,
		"SSN": planted, "Cédula": planted, "CPF": planted, "Numéro NIR": planted, "Passport No": planted, "Birth date": planted, "Fecha de nacimiento": planted,
		"Data de nascimento": planted, "Date de naissance": planted, "First Name": planted, "Apellidos": planted, "Sobrenome": planted, "Prénom": planted,
		"Street Address": planted, "Dirección": planted, "Endereço": planted, "Adresse": planted, "Latitude": planted, "lng": planted, "Reporter": planted,
		"Solicitante": planted, "Requerente": planted, "Demandeur": planted, "License Plate": planted, "ip": planted,
		"a": planted + "@example.org", "b": "123-45-6789", "c": "+1 (617) 555-0123", "d": "123.456.789-09", "e": "12 " + planted + " Street",
		"f": "192.168.17.23", "Nombre": "Ana " + planted, "Comments": strings.Repeat(planted+" said that the light is out. ", 4),
	} {
		var text strings.Builder
		fmt.Fprintf(&text, "%s,kind\n", header)
		for range 12 {
			fmt.Fprintf(&text, "%q,street\n", value)
		}
		if header == "Nombre" || header == "Comments" {
			text.Reset()
			fmt.Fprintf(&text, "%s,kind\n", header)
			for i := range 12 {
				fmt.Fprintf(&text, "%s %c%s,street\n", value, 'A'+i, "elia")
			}
		}
		got := suggested(t, text.String(), suggest.Options{})
		if !strings.Contains(got, " is dropped: ") || !strings.Contains(got, "drop: [") {
			t.Errorf("%s is not dropped:\n%s", header, got)
		}
		if strings.Contains(got, value) || strings.Contains(got, planted) {
			t.Errorf("%s: a value is shown:\n%s", header, got)
		}
	}
}

// TestThingsAreNoPeople keeps columns that only look as if they named people.
func TestThingsAreNoPeople(t *testing.T) {
	for _, header := range []string{"Agency Name", "Neighborhood name", "Nombre de la dependencia", "Park Full Name"} {
		text := header + "\nDepartment Of Parks\nFire Department\nPublic Works\nHuman Services\nCity Clerk Office\n"
		if got := suggested(t, text, suggest.Options{}); strings.Contains(got, "drop:") {
			t.Errorf("%s is dropped:\n%s", header, got)
		}
	}
}

// TestNoHeader refuses a file whose first line is data: it would be shown as the names of columns.
func TestNoHeader(t *testing.T) {
	for _, text := range []string{"1,ana@example.org,x\n2,luis@example.org,y\n", "a,2026-01-02\nb,2026-01-03\n"} {
		b, err := suggest.File(t.Context(), fstest.MapFS{"f.csv": {Data: []byte(text)}}, "f.csv", suggest.Options{})
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(err.Error(), "seems to have no header") || strings.Contains(err.Error(), "@") {
			t.Errorf("%v\n%s", err, b)
		}
	}
}

// TestOnlyTheFirstRows looks at a long file: it stops, says so, and lists no values, for those behind are unknown.
func TestOnlyTheFirstRows(t *testing.T) {
	text := "id,kind,day\n" + strings.Repeat("7,water,2026-01-02\n8,light,2026-01-03\n", 60_000) + "9,\"never closed\n"
	got := suggested(t, text, suggest.Options{})
	for _, want := range []string{"# Looked at: the first rows only; whole ones: 100000.", `# kind has few values: "light", "water".`, "kind: {from: kind, type: text}"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// TestDistricts recognises the districts of a city by name and alias.
func TestDistricts(t *testing.T) {
	city := &kpi.City{TimeZone: "America/Bogota", Districts: []kpi.District{
		{ID: "north", Name: kpi.Text{In: map[kpi.Lang]string{kpi.English: "North End"}}}, {ID: "south", Name: kpi.Text{In: map[kpi.Lang]string{kpi.English: "South"}}, Aliases: []string{"Sud"}},
	}}
	got := suggested(t, "area,at\nNORTH END,2026-01-02 03:04:05\nSud,2026-01-02 03:04:06\nElsewhere,2026-01-02 03:04:07\n", suggest.Options{City: city})
	for _, want := range []string{"area: {from: area, type: district}", "1 of its 3 values are no districts", "dimensions: [area]", "America/Bogota"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}

// TestAnAddress is not fetched.
func TestAnAddress(t *testing.T) {
	if _, err := suggest.File(t.Context(), fstest.MapFS{}, "https://example.org/x.csv", suggest.Options{}); err == nil || !strings.Contains(err.Error(), "download it first") {
		t.Error(err)
	}
}
