package connector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"citystat/kpi"
)

// Socrata reads a dataset of a Socrata portal (SODA 2.1). Only the declared columns are asked for. Pages are in the order of :id, for
// without an order they may repeat or leave out rows; rows are counted before and after, and everything is fetched anew if the portal was
// updated in between.
//
// A delivery of changes asks for rows whose :updated_at is that of the newest row seen, or later. Rows that were deleted at the portal
// are not in it: they go when everything is fetched again.
//
// Documented at dev.socrata.com/docs (paging, app tokens, system fields, response codes).
type Socrata struct{}

// socrataPage is the number of rows of a page. The portals' limit is 50,000, their default 1,000: it is always said.
const socrataPage = 10_000

var fourByFour = regexp.MustCompile(`^[a-z0-9]{4}-[a-z0-9]{4}$`)

// Read fetches the rows.
func (Socrata) Read(ctx context.Context, req Request) (Result, error) {
	src := &req.Dataset.Source
	if !fourByFour.MatchString(src.Resource) {
		return Result{}, kpi.Errorf(kpi.CodeInvalid, "dataset %s: resource %q is no id of a Socrata dataset, such as abcd-1234", req.Dataset.ID, src.Resource)
	}
	p, err := openPortal(req)
	if err != nil {
		return Result{}, err
	}
	p.name += "/" + src.Resource
	if err := p.token("X-App-Token", ""); err != nil {
		return Result{}, err
	}
	return p.attempts(ctx, func(ctx context.Context) (File, error) { return socrata{p}.read(ctx) })
}

type socrata struct{ *portal }

// socrataView is what the portal says about a dataset.
type socrataView struct {
	RowsUpdatedAt int64 `json:"rowsUpdatedAt"`
	Columns       []struct {
		FieldName string `json:"fieldName"`
	} `json:"columns"`
}

func (s socrata) view(ctx context.Context) (socrataView, error) {
	var v socrataView
	err := s.get(ctx, s.base+"/api/views/"+s.req.Dataset.Source.Resource+".json", &v)
	if err == nil && len(v.Columns) == 0 {
		err = kpi.Errorf(kpi.CodeInvalid, "%s says nothing about its columns; is it a dataset with rows, and not a map or a story?", s.name)
	}
	return v, err
}

func (s socrata) read(ctx context.Context) (File, error) {
	before, err := s.view(ctx)
	if err != nil {
		return File{}, err
	}
	var has []string
	for _, c := range before.Columns {
		if !strings.HasPrefix(c.FieldName, ":@") { // computed by the portal
			has = append(has, c.FieldName)
		}
	}
	has = append(has, ":id", ":created_at", ":updated_at")
	out, err := s.columns(ctx, has)
	if err != nil {
		return File{}, err
	}
	cursor, err := s.pages(ctx, has, out)
	if err == nil {
		var after socrataView
		if after, err = s.view(ctx); err == nil && after.RowsUpdatedAt != before.RowsUpdatedAt {
			err = errMoved
		}
	}
	if err != nil {
		return File{}, errors.Join(err, out.discard())
	}
	out.forget(":id", ":created_at", ":updated_at")
	f, err := out.finish(s.result.Changes)
	f.Fetch.LastModified = time.Unix(before.RowsUpdatedAt, 0).UTC().Format(time.RFC3339)
	s.result.Cursor = cursor
	return f, err
}

// where is the condition on the rows: the source's filter, and in a delivery of changes what is new since the cursor.
func (s socrata) where() string {
	src := &s.req.Dataset.Source
	s.result.Changes = src.Delivers == kpi.DeliversChanges && s.req.Previous.Cursor != ""
	if !s.result.Changes {
		return src.Filter
	}
	// The cursor is the portal's own text; quotes are doubled all the same.
	newer := fmt.Sprintf(":updated_at >= '%s'", strings.ReplaceAll(s.req.Previous.Cursor, "'", "''"))
	if src.Filter == "" {
		return newer
	}
	return "(" + src.Filter + ") AND " + newer
}

func (s socrata) count(ctx context.Context, where string) (int64, error) {
	var rows []struct {
		Count json.Number `json:"count"`
	}
	err := s.get(ctx, query(s.resource(), "$select", "count(*) AS count", "$where", where), &rows)
	if err != nil {
		return 0, err
	}
	if len(rows) == 1 {
		if n, err := rows[0].Count.Int64(); err == nil {
			return n, nil
		}
	}
	return 0, kpi.Errorf(kpi.CodeInvalid, "%s does not say how many rows it has", s.name)
}

func (s socrata) resource() string {
	return s.base + "/resource/" + s.req.Dataset.Source.Resource + ".json"
}

// pages fetches all rows and returns the greatest :updated_at.
func (s socrata) pages(ctx context.Context, has []string, out *objectRows) (cursor string, err error) {
	where := s.where()
	if s.total, err = s.count(ctx, where); err != nil {
		return "", err
	}
	fields := append([]string{":id", ":updated_at"}, s.wanted(has)...)
	for offset := int64(0); offset < s.total; {
		var rows page[json.RawMessage]
		err := s.get(ctx, query(s.resource(), "$select", strings.Join(unique(fields), ","), "$where", where, "$order", ":id", "$limit", digits(int64(socrataPage)), "$offset", digits(offset)), &rows)
		if err != nil {
			return "", err
		}
		if len(rows) == 0 {
			return "", errMoved
		}
		offset += int64(len(rows)) // a server may have a lower limit of its own
		for _, raw := range rows {
			var own struct {
				ID      string `json:":id"`
				Updated string `json:":updated_at"`
			}
			if err := json.Unmarshal(raw, &own); err != nil || own.ID == "" {
				return "", kpi.Errorf(kpi.CodeInvalid, "%s: row %d has no :id; is it a dataset of the current API (SODA 2.1)?", s.name, s.line+1)
			}
			if !s.first(own.ID) {
				continue
			}
			cursor = max(cursor, own.Updated)
			s.line++
			values, err := s.values(raw)
			if err != nil {
				return "", err
			}
			if err := out.object(s.line, values); err != nil {
				return "", err
			}
		}
		s.told()
	}
	now, err := s.count(ctx, where)
	if err != nil {
		return "", err
	}
	if cursor == "" {
		cursor = s.req.Previous.Cursor
	}
	return cursor, s.complete(now)
}

func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
