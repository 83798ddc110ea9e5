package connector

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"citystat/kpi"
)

// OCDS reads contracting data of the Open Contracting Data Standard 1.1, one row a release: of a release package its releases; of a record
// package the compiled release of each record, or where there is none, the newest of the releases in it (a record that only links to its
// releases is set aside). With shape: lines each line is a release or a record, with shape: rows they are the elements of an array.
//
// The columns are, by the paths of the standard, those of releaseFields, and what is computed from the lists:
//
//	tag, and other lists of texts      the texts with ; between them
//	tender.items.count                 and so tender.tenderers, tender.documents, parties, awards, contracts
//	awards.first.id, .date, .title, .status, .value.amount, .value.currency, .suppliers.id, .suppliers.name
//	contracts.first.id, .awardID, .title, .status, .dateSigned, .value.amount, .value.currency, .period.startDate, .period.endDate
//	awards.suppliers.count             how many different suppliers there are, by id, or by name if they have none
//	awards.value.amount, .currency     the sum of the values, if all of them are in one currency; no value if not
//	awards.value.USD                   the sum of those in a currency, of which there may be several; so for contracts
//	awards.date.min, .max              the earliest and the latest; so contracts.dateSigned
//	awards.contractPeriod.startDate    the earliest; .endDate: the latest; so contracts.period
//
// Sums, dates and suppliers leave out what is cancelled or unsuccessful; counts and first do not. An amount or a date that cannot be read
// takes the place of what would be computed from it, so that the type of the column refuses the row. Scalars, and lists of such, of an extension may be declared by their paths.
type OCDS struct{}

// Read copies the delivery to req.Dir and says what it left out, as [CSV.Read] does. The line of a row is the number of the release or the
// record in the package, or the physical line.
func (OCDS) Read(ctx context.Context, req Request) (Result, error) {
	return readFiles(ctx, req, func(ctx context.Context, d *delivery, it item) (File, error) {
		return d.jsonFile(ctx, it, d.ocds)
	})
}

// ocdsReader turns releases into rows.
type ocdsReader struct {
	out  *objectRows
	row  *jsonRow
	most int // bytes of a release
	buf  bytes.Buffer
	enc  *jsontext.Encoder
}

// releaseSize is how many records one release may be as large as: its documents and items are not kept.
const releaseSize = 8

func (d *delivery) ocds(ctx context.Context, it item, body io.Reader) (File, error) {
	r := &ocdsReader{row: newJSONRow(d.req.Dataset, d.limits), most: releaseSize * d.limits.Record}
	r.enc = jsontext.NewEncoder(&r.buf)
	var has []string
	for _, name := range declared(d.req.Dataset) {
		if isReleaseField(name) {
			has = append(has, name)
		}
	}
	return d.objects(ctx, it.name, has, func(o *objectRows) error {
		r.out = o
		if d.req.Dataset.Source.Shape == kpi.ShapeLines {
			return o.eachLine(body, r.most, func(n int64, j *jsonReader) error { return r.entry(j, n, true) })
		}
		j := newJSONReader(body, d.limits)
		if err := j.find(d.req.Dataset.Source.Rows); err != nil {
			return err
		}
		if d.req.Dataset.Source.Shape == kpi.ShapeRows {
			return j.elements("an array of releases", func(i int64) error { return r.entry(j, i, false) })
		}
		return r.pack(j)
	})
}

// pack reads a package of releases or records.
func (r *ocdsReader) pack(j *jsonReader) error {
	if j.kind() != '{' {
		return j.want('{', "a release package or a record package")
	}
	var names []string
	says, listed := "", ""
	err := j.members(func(name string) error {
		if len(names) < 12 {
			names = append(names, cutText(name, 40))
		}
		switch {
		case name == "releases" || name == "records":
			if listed != "" {
				return faultf("the package has releases and records; nobody can tell which ones are meant")
			}
			listed = name
			return r.list(j, name)
		case says == "" && j.kind() == '"' && slices.Contains(errorNames, strings.ToLower(name)):
			var err error
			says, err = j.scalar()
			return err
		}
		return j.skip()
	})
	switch {
	case err != nil:
		return err
	case listed == "":
		return faultf("it is no package of OCDS: there are neither releases nor records; %s", holds(names, says))
	}
	return j.end()
}

func (r *ocdsReader) list(j *jsonReader, name string) error {
	if k := j.kind(); k != '[' {
		return faultf("the %s are %s and not an array", name, kindWord(k))
	}
	if err := j.open('['); err != nil {
		return err
	}
	for i := int64(1); ; i++ {
		more, err := j.more()
		if err != nil || !more {
			return err
		}
		if err := r.entry(j, i, false); err != nil {
			return err
		}
	}
}

// entry reads a release or a record as a row. alone: nothing may follow it.
func (r *ocdsReader) entry(j *jsonReader, line int64, alone bool) error {
	if j.kind() != '{' {
		if alone {
			return j.open('{')
		}
		return r.out.noObject(j, line)
	}
	m, err := r.decode(j)
	if err != nil {
		return err
	}
	if alone {
		if err := j.end(); err != nil {
			return err
		}
	}
	release, why := releaseOf(m)
	if release == nil {
		if err := r.out.count(); err != nil {
			return err
		}
		return r.out.reject(line, "", ReasonBadJSON, why, "")
	}
	r.row.reset()
	if err := r.fields(release); err != nil {
		return err
	}
	return r.out.object(line, r.row.values)
}

// decode reads an object into memory.
func (r *ocdsReader) decode(j *jsonReader) (map[string]any, error) {
	r.buf.Reset()
	r.enc.Reset(&r.buf)
	start := j.dec.InputOffset()
	depth := j.dec.StackDepth()
	for {
		t, err := j.token()
		if err != nil {
			return nil, err
		}
		if err := r.enc.WriteToken(t); err != nil {
			return nil, err
		}
		if j.dec.StackDepth() <= depth {
			break
		}
		if j.dec.InputOffset()-start > int64(r.most) {
			return nil, faultf("a release is longer than %s", size(r.most))
		}
	}
	d := json.NewDecoder(&r.buf)
	d.UseNumber()
	var m map[string]any
	if err := d.Decode(&m); err != nil {
		return nil, faultf("a release is no JSON: %v", err)
	}
	return m, nil
}

// releaseOf is the release that stands for a release or a record; why there is none.
func releaseOf(m map[string]any) (release map[string]any, why string) {
	if compiled, is := m["compiledRelease"].(map[string]any); is {
		return compiled, ""
	}
	list, is := m["releases"].([]any)
	if !is {
		if _, is := m["tag"]; !is && m["tender"] == nil && m["awards"] == nil && m["contracts"] == nil && m["id"] == nil {
			return nil, "it is neither a release nor a record"
		}
		return m, ""
	}
	newest := time.Time{}
	for _, v := range list {
		r, is := v.(map[string]any)
		if !is || r["url"] != nil && r["tag"] == nil { // a link
			continue
		}
		at, err := instantOf(scalarText(r["date"]))
		if release == nil || err == nil && at.After(newest) {
			release, newest = r, at
		}
	}
	if release == nil {
		return nil, "the record has no compiled release and only links to its releases; publish compiled releases"
	}
	return release, ""
}

// instantOf reads a date-time of the standard (RFC 3339), or a day alone, which publishers write too.
func instantOf(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err == nil {
		return t, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if day, derr := time.Parse(layout, s); derr == nil {
			return day, nil
		}
	}
	return time.Time{}, err
}

// scalarText is a scalar as text; "" of anything else.
func scalarText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}
