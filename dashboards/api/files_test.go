package api_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"citystat/dashboards/i18n"
	"citystat/kpi/scorecard"
	"citystat/kpi/scorecard/scorecardtest"
)

// drawing stands for the drawings of package chart.
func drawing(p *i18n.Printer, r *scorecard.Result) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg"><title>` + r.Indicator.ID + " " + string(p.Lang) + `</title></svg>`)
}

// TestTypedFilesHoldTheCSV reads every indicator in its three tables, and compares cell by cell.
func TestTypedFilesHoldTheCSV(t *testing.T) {
	for name, card := range map[string]*scorecard.Scorecard{"normal": scorecardtest.Normal(), "hostile": scorecardtest.Hostile(), "published": scorecardtest.Published(), "empty": scorecardtest.Empty()} {
		e := server(fixed(card))
		for i := range card.Results {
			id := card.Results[i].Indicator.ID
			table, err := csv.NewReader(ask(e, http.MethodGet, "/indicators/"+id+".csv").Body).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			sheet := readSheet(t, ask(e, http.MethodGet, "/indicators/"+id+".xlsx").Body.Bytes())
			file := readParquet(t, ask(e, http.MethodGet, "/indicators/"+id+".parquet").Body.Bytes())
			if len(sheet) != len(table) || len(file) != len(table)-1 {
				t.Fatalf("%s %s: %d rows of CSV, %d of the sheet, %d of Parquet", name, id, len(table), len(sheet), len(file))
			}
			for n, row := range table[1:] {
				sameRow(t, name+" "+id, table[0], row, sheet[0], sheet[n+1])
				sameRow(t, name+" "+id, table[0], row, file[n].names, file[n].cells)
			}
		}
	}
}

// sameRow compares what a row of the CSV and one of another table say under the same names. The CSV has an apostrophe before what a spreadsheet
// takes for a formula; the typed tables need none.
func sameRow(t *testing.T, what string, names, want, otherNames, got []string) {
	t.Helper()
	other := map[string]string{}
	for i, name := range otherNames {
		if i < len(got) {
			other[name] = got[i]
		}
	}
	for i, name := range names {
		if strings.HasPrefix(name, "excluded_") {
			continue
		}
		a, b := strings.TrimPrefix(want[i], "'"), strings.TrimPrefix(other[name], "'")
		x, errX := strconv.ParseFloat(a, 64)
		y, errY := strconv.ParseFloat(b, 64)
		if errX == nil && errY == nil && x == y || strings.EqualFold(a, b) {
			continue
		}
		t.Errorf("%s, %s: %q in the CSV, %q elsewhere", what, name, a, b)
	}
}

func readSheet(t *testing.T, body []byte) [][]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("observations", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		for k := range row {
			at, err := excelize.CoordinatesToCellName(k+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if formula, err := f.GetCellFormula("observations", at); err != nil || formula != "" {
				t.Errorf("%s holds the formula %q, %v", at, formula, err)
			}
			switch row[k] { // as spreadsheets keep them
			case "1", "0":
				if strings.HasPrefix(rows[0][k], "p") && rows[0][k] != "publication" && rows[0][k] != "period" {
					row[k] = map[string]string{"1": "true", "0": "false"}[row[k]]
				}
			}
		}
	}
	return rows
}

type parquetRow struct{ names, cells []string }

func readParquet(t *testing.T, body []byte) []parquetRow {
	t.Helper()
	f, err := parquet.OpenFile(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, field := range f.Schema().Fields() {
		names = append(names, field.Name())
	}
	r := parquet.NewReader(f)
	defer r.Close()
	var list []parquetRow
	for {
		row := make([]parquet.Row, 1)
		n, err := r.ReadRows(row)
		if n == 0 {
			return list
		}
		cells := make([]string, len(names))
		for _, v := range row[0] {
			if !v.IsNull() {
				cells[v.Column()] = v.String()
			}
		}
		list = append(list, parquetRow{names, cells})
		if err != nil {
			return list
		}
	}
}

// TestFilesAreTheSameEachTime asks two servers for the same files: what is published does not depend on when it is asked for.
func TestFilesAreTheSameEachTime(t *testing.T) {
	card := scorecardtest.Normal()
	for _, ext := range []string{"csv", "json", "xlsx", "parquet", "svg"} {
		var bodies []string
		for range 6 {
			w := ask(server(fixed(card)), http.MethodGet, "/indicators/"+card.Results[0].Indicator.ID+"."+ext)
			bodies = append(bodies, w.Body.String())
			if w.Header().Get("ETag") == "" || w.Header().Get("Content-Type") == "" {
				t.Errorf("%s: %v", ext, w.Header())
			}
		}
		if bodies[0] == "" || slices.ContainsFunc(bodies, func(b string) bool { return b != bodies[0] }) {
			t.Errorf("%s: servers give different files", ext)
		}
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	card := scorecardtest.Normal()
	e := server(fixed(card))
	id := card.Results[0].Indicator.ID
	for _, path := range []string{"/indicators/" + id + ".exe", "/indicators/" + id + ".", "/indicators/" + id + ".csv.xlsx", "/indicators/none.xlsx", "/indicators/.svg"} {
		if w := ask(e, http.MethodGet, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	if w := ask(e, http.MethodGet, "/indicators/"+id+".svg"); !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(w.Header().Get("Content-Security-Policy"), "script") {
		t.Errorf("the policy of a drawing: %q", w.Header().Get("Content-Security-Policy"))
	}
}
