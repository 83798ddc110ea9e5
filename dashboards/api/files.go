package api

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"citystat/kpi/scorecard"
)

// form is a kind of file in which an indicator can be had.
type form struct {
	kind   string
	make   func(*scorecard.Scorecard, *scorecard.Result) ([]byte, error)
	policy string // what a browser that shows it may do; "": it is saved
}

// drawingPolicy lets a drawing have its own style and nothing else.
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

// forms are the files of an indicator, by extension.
func (a *API) forms() map[string]form {
	of := func(write func(Indicator) ([]byte, error)) func(*scorecard.Scorecard, *scorecard.Result) ([]byte, error) {
		return func(card *scorecard.Scorecard, r *scorecard.Result) ([]byte, error) {
			return write(NewIndicator(card, r, Filter{}))
		}
	}
	all := map[string]form{
		"json":    {}, // the document of the API
		"csv":     {kind: "text/csv; charset=utf-8; header=present", make: of(csvFile)},
		"xlsx":    {kind: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", make: of(workbook)},
		"parquet": {kind: "application/vnd.apache.parquet", make: of(parquetFile)},
	}
	if a.draw != nil {
		all["svg"] = form{kind: "image/svg+xml", policy: drawingPolicy, make: func(card *scorecard.Scorecard, r *scorecard.Result) ([]byte, error) {
			lang := card.City.Source()
			return a.draw(a.bundle.Printer(lang, card.City.Formats[lang]), r), nil
		}}
	}
	return all
}

func csvFile(d Indicator) ([]byte, error) {
	var b bytes.Buffer
	err := WriteCSV(&b, d)
	return b.Bytes(), err
}

// flat is an observation as a row of a typed table: the columns of [WriteCSV], with numbers as numbers. The reasons for which rows were left out
// are their sum here, since a column for each would make another schema of every indicator.
type flat struct {
	Indicator         string   `parquet:"indicator"`
	Period            string   `parquet:"period"`
	Dimension         string   `parquet:"dimension"`
	Member            string   `parquet:"member"`
	MemberName        string   `parquet:"member_name"`
	Unit              string   `parquet:"unit"`
	Numerator         *float64 `parquet:"numerator,optional"`
	Denominator       *float64 `parquet:"denominator,optional"`
	Value             *float64 `parquet:"value,optional"`
	Rows              *int64   `parquet:"rows,optional"`
	Excluded          *int64   `parquet:"excluded,optional"`
	Partial           bool     `parquet:"partial"`
	Provisional       bool     `parquet:"provisional"`
	DefinitionVersion int64    `parquet:"definition_version"`
	DataVersion       int64    `parquet:"data_version"`
	Publication       int64    `parquet:"publication"`
	AsOf              string   `parquet:"as_of"`
	Suppressed        string   `parquet:"suppressed"`
}

// flatten returns the observations of a document as typed rows, in the order of the CSV. A number that is not told is null, never 0.
func flatten(d Indicator) []flat {
	names := map[[2]string]string{}
	for _, m := range d.Members {
		names[[2]string{m.Dimension, m.Member}] = m.Name[d.source]
	}
	var list []flat
	for _, o := range (csvTable{doc: d}).rows() {
		f := flat{
			Indicator: d.ID, Period: o.Period, Dimension: o.Dimension, Member: o.Member, MemberName: names[[2]string{o.Dimension, o.Member}], Unit: d.Unit,
			Numerator: o.Numerator, Denominator: o.Denominator, Value: o.Value, Partial: o.Partial, Provisional: o.Provisional,
			DefinitionVersion: int64(o.DefinitionVersion), DataVersion: o.DataVersion, Publication: d.Provenance.Publication,
			AsOf: d.Provenance.AsOf.String(), Suppressed: o.Suppressed,
		}
		if o.Suppressed == "" {
			f.Rows = &o.Rows
			if o.Excluded != nil {
				var sum int64
				for _, n := range o.Excluded {
					sum += n
				}
				f.Excluded = &sum
			}
		}
		list = append(list, f)
	}
	return list
}

// parquetFile returns the observations of a document as a Parquet file.
func parquetFile(d Indicator) ([]byte, error) {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[flat](&b, parquet.Compression(&parquet.Snappy))
	if _, err := w.Write(flatten(d)); err != nil {
		return nil, fmt.Errorf("write %s.parquet: %w", d.ID, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write %s.parquet: %w", d.ID, err)
	}
	return b.Bytes(), nil
}

// observationsSheet and aboutSheet are the sheets of a workbook.
const (
	observationsSheet = "observations"
	aboutSheet        = "about"
)

// workbook returns the observations of a document as a spreadsheet, with a second sheet that says what they are. Texts are written as texts:
// no spreadsheet takes one for a formula.
func workbook(d Indicator) (body []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil && closing != nil {
			err = closing
		}
	}()
	at := time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) // while nothing is published
	if d.Provenance.PublishedAt != nil {
		at = *d.Provenance.PublishedAt
	}
	stamp := at.UTC().Format(time.RFC3339) // not the clock: the same publication gives the same bytes
	if err := f.SetDocProps(&excelize.DocProperties{Creator: "CityStat", Title: d.Name[d.source], Created: stamp, Modified: stamp}); err != nil {
		return nil, fmt.Errorf("write %s.xlsx: %w", d.ID, err)
	}
	if err := f.SetSheetName("Sheet1", observationsSheet); err != nil {
		return nil, fmt.Errorf("write %s.xlsx: %w", d.ID, err)
	}
	if _, err := f.NewSheet(aboutSheet); err != nil {
		return nil, fmt.Errorf("write %s.xlsx: %w", d.ID, err)
	}
	if err := errors.Join(writeSheet(f, sheetRows(d)), writeAbout(f, aboutRows(d))); err != nil {
		return nil, fmt.Errorf("write %s.xlsx: %w", d.ID, err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write %s.xlsx: %w", d.ID, err)
	}
	return b.Bytes(), nil
}

// writeAbout writes the few rows of the second sheet, cell by cell: of two sheets that are streamed the library writes either first.
func writeAbout(f *excelize.File, rows [][]any) error {
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := f.SetSheetRow(aboutSheet, at, &row); err != nil {
			return err
		}
	}
	return f.SetColWidth(aboutSheet, "A", "B", 24)
}

// writeSheet writes the rows of the first sheet; the header stays in view. A nil is an empty cell.
func writeSheet(f *excelize.File, rows [][]any) error {
	w, err := f.NewStreamWriter(observationsSheet)
	if err != nil {
		return err
	}
	if err := w.SetColWidth(1, len(rows[0]), 18); err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, row := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, row); err != nil {
			return err
		}
	}
	return w.Flush()
}

func sheetRows(d Indicator) [][]any {
	rows := [][]any{{
		"indicator", "period", "dimension", "member", "member_name", "unit", "numerator", "denominator", "value", "rows", "excluded",
		"partial", "provisional", "definition_version", "data_version", "publication", "as_of", "suppressed",
	}}
	for _, o := range flatten(d) {
		rows = append(rows, []any{
			o.Indicator, o.Period, o.Dimension, o.Member, o.MemberName, o.Unit, filled(o.Numerator), filled(o.Denominator), filled(o.Value), filled(o.Rows), filled(o.Excluded),
			o.Partial, o.Provisional, o.DefinitionVersion, o.DataVersion, o.Publication, o.AsOf, o.Suppressed,
		})
	}
	return rows
}

// filled returns a number, or nil for one that there is not: an empty cell.
func filled[T any](v *T) any {
	if v == nil {
		return nil
	}
	return *v
}

func aboutRows(d Indicator) [][]any {
	rows := [][]any{
		{"key", "text"},
		{"name", d.Name[d.source]},
		{"sentence", d.Sentence[d.source]},
		{"caution", d.Caution[d.source]},
		{"unit", d.Unit},
		{"direction", d.Direction},
		{"status", d.Status},
		{"as_of", d.Provenance.AsOf.String()},
		{"publication", d.Provenance.Publication},
	}
	return rows
}
