package connector

import (
	"os"
	"strings"
	"testing"

	"citystat/kpi"
)

func ocdsDataset(shape string, columns ...string) *kpi.Dataset {
	ds := jsonDataset(shape, columns...)
	ds.Source.Kind = kpi.SourceOCDS
	return ds
}

func ocdsFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/ocds/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOCDSReleases(t *testing.T) {
	want := []map[string]string{{
		"ocid": "ocds-hv0001-17-roads", "id": "17-roads-award", "date": "2026-03-12T10:00:00Z", "tag": "tender;award;contract", "initiationType": "tender", "language": "en",
		"buyer.id": "HV-PW", "buyer.name": "Public Works", "parties.count": "2", "planning.budget.amount.amount": "1500000", "planning.budget.projectID": "P-9",
		"tender.title": `Resurfacing of 17 roads, "north"`, "tender.value.amount": "1400000.50", "tender.value.currency": "USD", "tender.additionalProcurementCategories": "services;goods",
		"tender.tenderPeriod.startDate": "2026-01-05T09:00:00Z", "tender.tenderPeriod.durationInDays": "31", "tender.hasEnquiries": "false", "tender.numberOfTenderers": "3",
		"tender.tenderers.count": "3", "tender.items.count": "1", "tender.documents.count": "", "tender.extra.riskScore": "4",
		"awards.count": "3", "awards.first.id": "A1", "awards.first.value.amount": "700000.25", "awards.first.suppliers.id": "HV-S1;HV-S2", "awards.first.suppliers.name": "Ács & Sons;Two",
		"awards.suppliers.count": "2", "awards.value.amount": "700000.35", "awards.value.currency": "USD", "awards.value.USD": "700000.35", "awards.value.EUR": "",
		"awards.date.min": "2026-02-20T04:30:00Z", "awards.date.max": "2026-02-20T00:00:00-05:00", "awards.contractPeriod.endDate": "2026-10-31T00:00:00Z",
		"contracts.count": "2", "contracts.first.awardID": "A1", "contracts.first.period.endDate": "2026-09-30T00:00:00Z", "contracts.value.amount": "", "contracts.value.currency": "",
		"contracts.value.USD": "700000.25", "contracts.value.EUR": "90", "contracts.dateSigned.min": "2026-03-01T00:00:00Z", "contracts.dateSigned.max": "2026-03-05T00:00:00Z",
		"contracts.period.startDate": "2026-03-15T00:00:00Z", "contracts.period.endDate": "2026-12-31T00:00:00Z",
	}, {"ocid": "ocds-hv0001-18-park", "tag": "tender", "tender.status": "", "awards.count": "", "contracts.value.USD": "", "tender.numberOfTenderers": "", "buyer.name": "Parks"}}
	var columns []string
	for name := range want[0] {
		columns = append(columns, name)
	}
	res, err := readKind(t, OCDS{}, Request{Folder: folder(ocdsFile(t, "releases.json")), Dataset: ocdsDataset("", columns...)})
	if err != nil {
		t.Fatal(err)
	}
	rows := objects(t, plainOf(t, res.Files[0]))
	if len(rows) != 2 || len(res.Files[0].Undeclared) != 0 {
		t.Fatalf("%d rows, undeclared %q", len(rows), res.Files[0].Undeclared)
	}
	for i := range want {
		for name, value := range want[i] {
			if rows[i][name] != value {
				t.Errorf("row %d: %s is %q, want %q", i+1, name, rows[i][name], value)
			}
		}
	}
}

func TestOCDSForms(t *testing.T) {
	one := `{"ocid":"o","id":"1","date":"2026-01-01T00:00:00Z","tag":["tender"],"tender":{"status":"active"}}`
	for _, c := range []struct {
		name string
		ds   *kpi.Dataset
		text string
		want string
	}{
		{"records", ocdsDataset("", "id", "tender.status"), ocdsFile(t, "records.json"), "_line,id,tender.status\n1,1-c,complete\n2,2-b,complete\n! 3:bad_json\n"},
		{"lines", ocdsDataset("lines", "id"), one + "\n\n{\"ocid\":\n{\"compiledRelease\":" + one + "}\n[]\n", "_line,id\n1,1\n4,1\n! 3:bad_json\n! 5:bad_json\nskipped 1\n"},
		{"an array", ocdsDataset("rows", "id"), "[" + one + ",3]", "_line,id\n1,1\n! 2:bad_json\n"},
		{"path", ocdsDataset(":result", "id"), `{"result":{"releases":[` + one + `]}}`, "_line,id\n1,1\n"},
		{"no release", ocdsDataset("", "id"), `{"releases":[{"x":1},` + one + `]}`, "_line,id\n2,1\n! 1:bad_json\n"},
		{"amount as text", ocdsDataset("", "awards.value.amount"), `{"releases":[{"id":"1","awards":[{"value":{"amount":"12.50"}},{"value":{"amount":"1"}}]},{"id":"2","awards":[{"value":{"amount":"twelve","currency":"USD"}}]},{"id":"3","awards":[{"value":{"amount":1e999999999}}]},{"id":"4","awards":[{"value":{"amount":1.5e2}},{"value":{"amount":1e-1}}]}]}`, "_line,awards.value.amount\n1,13.50\n2,twelve\n3,1e999999999\n4,150.1\n"},
		{"bad date", ocdsDataset("", "contracts.dateSigned.max"), `{"releases":[{"id":"1","contracts":[{"dateSigned":"2026-01-01T00:00:00Z"},{"dateSigned":"soon"}]}]}`, "_line,contracts.dateSigned.max\n1,soon\n"},
		{"list of objects", ocdsDataset("", "tender.items"), `{"releases":[{"id":"1","tender":{"items":[{}]}}]}`, `error: the column "tender.items" is a list of objects`},
		{"both", ocdsDataset("", "id"), `{"releases":[` + one + `],"records":[]}`, "error: the package has releases and records"},
		{"neither", ocdsDataset("", "id"), `{"message":"not found"}`, `error: it is no package of OCDS: there are neither releases nor records; the object has ["message"] and says "not found"`},
		{"array", ocdsDataset("", "id"), `[]`, "error: a release package or a record package should stand here, and it is an array"},
		{"empty", ocdsDataset("", "id"), `{"releases":[]}`, "error: has no rows"},
		{"no such column", ocdsDataset("", "buyer.nam"), `{"releases":[{"id":"1","buyer":{"name":"x"}}]}`, `error: column "buyer.nam" is missing`},
		{"cut", ocdsDataset("", "id"), `{"releases":[` + one, "error: the JSON ends in the middle"},
		{"deep", ocdsDataset("", "id"), `{"releases":[{"id":"1","x":` + strings.Repeat("[", 100_000), "error: nested deeper than 64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, err := readKind(t, OCDS{}, Request{Folder: folder(c.text), Dataset: c.ds})
			got := outcome(t, res, err)
			if part, is := strings.CutPrefix(c.want, "error: "); got != c.want && (!is || !strings.Contains(got, part)) {
				t.Errorf("got %s\nwant %s", cutText(got, 1000), c.want)
			}
		})
	}
	ds := ocdsDataset("", "id")
	ds.Drop = []string{"buyer", "tender.contact.email"}
	res, err := readKind(t, OCDS{}, Request{Folder: folder(`{"releases":[{"id":"1","buyer":{"name":"PLANTED"},"tender":{"contact":{"email":"PLANTED","phone":"1"}},"parties":[{"name":"PLANTED"}]}]}`), Dataset: ds})
	if err != nil {
		t.Fatal(err)
	}
	if u := strings.Join(res.Files[0].Undeclared, " "); u != "tender.contact.phone" || strings.Contains(string(plainOf(t, res.Files[0])), "PLANTED") {
		t.Errorf("undeclared %q, copy %s", u, plainOf(t, res.Files[0]))
	}
}

func TestOCDSCutAtEveryByte(t *testing.T) {
	for _, name := range []string{"releases.json", "records.json"} {
		text := strings.TrimRight(ocdsFile(t, name), "\n")
		for n := 0; n < len(text); n += 7 {
			if res, err := readKind(t, OCDS{}, Request{Folder: folder(text[:n]), Dataset: ocdsDataset("", "id")}); err == nil {
				t.Errorf("%s cut to %d bytes: %d rows", name, n, res.Read)
			}
		}
	}
}

// FuzzOCDS: whatever comes, rows are conserved, and what is let through has as many rows as encoding/json finds releases or records.
func FuzzOCDS(f *testing.F) {
	f.Add(ocdsFile(f, "releases.json"))
	f.Add(ocdsFile(f, "records.json"))
	f.Add(`{"releases":[{"id":1,"awards":[{"value":{"amount":1e5,"currency":"X"}}],"tag":[1,null]}]}`)
	f.Add(`{"records":[{"releases":[{"date":"x"}]}]}`)
	columns := ocdsDataset("", "id", "awards.value.amount", "contracts.value.USD", "contracts.dateSigned.min", "tag", "awards.first.suppliers.id")
	f.Fuzz(func(t *testing.T, text string) {
		res, err := readKind(t, OCDS{}, Request{Folder: folder(text), Dataset: columns})
		if err != nil || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.HasPrefix(text, "\x1f\x8b") {
			return
		}
		m, _ := decodeJSON(strings.TrimPrefix(text, "\ufeff")).(map[string]any)
		releases, _ := m["releases"].([]any)
		records, _ := m["records"].([]any)
		if n := int64(len(releases) + len(records)); n != res.Read {
			t.Errorf("%q: %d rows of %d", text, res.Read, n)
		}
	})
}
