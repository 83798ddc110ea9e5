package connector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"citystat/kpi"
)

// restarts is how often a delivery is begun anew because the portal's rows changed while they were paged through.
const restarts = 3

// errMoved says that the rows changed while they were paged through.
var errMoved = errors.New("the rows changed while they were fetched")

// portal is what the connectors of portals share: an address, requests for JSON, and a delivery that begins anew when the rows change
// under it.
type portal struct {
	*delivery
	base   string      // without a slash at the end
	name   string      // for people
	header http.Header // may hold secrets
	row    *jsonRow
	seen   map[uint64]struct{} // hashes of the ids of the rows of this attempt
	seed   maphash.Seed
	total  int64 // rows that the portal says it has
	line   int64
}

// openPortal makes the portal of a request; its address is the source's.
func openPortal(req Request) (*portal, error) {
	src := &req.Dataset.Source
	if req.Network == nil {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s is fetched over a network, and none is set up", req.Dataset.ID)
	}
	u, err := url.Parse(src.URL)
	if err != nil || u.Host == "" {
		return nil, kpi.Errorf(kpi.CodeInvalid, "dataset %s: source url is no address; write https://…", req.Dataset.ID)
	}
	p := &portal{delivery: newDelivery(req), base: strings.TrimRight(src.URL, "/"), name: u.Host + strings.TrimRight(u.Path, "/"), seed: maphash.MakeSeed()}
	p.row = newJSONRow(req.Dataset, p.limits)
	if p.header, err = req.Network.header(src); err != nil {
		return nil, inDataset(req, err)
	}
	return p, nil
}

// token puts the source's token, if it has one, into a header: never into an address, which ends in logs.
func (p *portal) token(header, prefix string) error {
	value, err := p.req.Network.secret("token", p.req.Dataset.Source.Token)
	if err != nil {
		return inDataset(p.req, err)
	}
	if value != "" {
		p.header.Set(header, prefix+value)
	}
	return nil
}

const (
	portalPage = 128 << 20 // bytes that a page may have
	portalRows = 50_000    // rows that it may have; fewer are asked for
)

// page is the rows of an answer.
type page[T any] []T

// UnmarshalJSON reads an array, and stops at what nobody asked for: the shortest rows take forty times as much memory as their text.
func (p *page[T]) UnmarshalJSON(text []byte) error {
	*p = nil
	dec := json.NewDecoder(bytes.NewReader(text))
	start, err := dec.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return &json.UnmarshalTypeError{Value: "value", Type: reflect.TypeFor[[]T]()}
	}
	for dec.More() {
		if len(*p) == portalRows {
			return final("it does not follow what its kind of portal documents; ask who runs it", "sent more rows than were asked for")
		}
		var row T
		if err := dec.Decode(&row); err != nil {
			return err
		}
		*p = append(*p, row)
	}
	return nil
}

// get asks for JSON. The portal's doubtful habits become warnings, each once.
func (p *portal) get(ctx context.Context, address string, into any) error {
	ans, err := p.req.Network.getJSON(ctx, ask{url: address, header: p.header, limit: portalPage}, into)
	if err != nil {
		return inDataset(p.req, err)
	}
	for _, w := range ans.warnings {
		if !slices.Contains(p.result.Warnings, w) {
			p.warn(w)
		}
	}
	return nil
}

// values reads a row as the portal wrote it. The map is good until the next call.
func (p *portal) values(raw json.RawMessage) (map[string]string, error) {
	err := p.row.read(newJSONReader(bytes.NewReader(raw), p.limits))
	if err != nil {
		return nil, fatal(fmt.Sprintf("%s row %d", p.name, p.line), err)
	}
	return p.row.values, nil
}

// attempts runs one attempt after the other until the rows hold still. Each begins with nothing; what one has left is removed.
func (p *portal) attempts(ctx context.Context, attempt func(context.Context) (File, error)) (Result, error) {
	ctx, cancel := p.req.Network.within(ctx, p.req.Dataset.Source.Timeout)
	defer cancel()
	for n := 1; ; n++ {
		p.seen, p.line, p.total = map[uint64]struct{}{}, 0, -1
		was := p.result
		f, err := attempt(ctx)
		switch {
		case err == nil:
			f.SourceHash = f.Copy
			f.Fetch.At, f.Fetch.URL, f.Fetch.Status = p.req.Network.now().UTC(), p.req.Network.where(p.base), http.StatusOK
			p.result.Files = []File{f}
			return p.finish(), nil
		case !errors.Is(err, errMoved):
			return Result{}, err
		case n == restarts:
			return Result{}, kpi.Errorf(kpi.CodeUnready, "%s: the rows changed while they were fetched, %d times in a row; try at an hour at which the portal is not updated", p.name, n)
		}
		p.result = was
	}
}

// first reports whether a row comes for the first time. Portals repeat rows when others are inserted before them. Of the ids, of which there
// may be tens of millions, hashes are kept: should two of them be the same, a row is missing in the end, and everything is fetched anew.
func (p *portal) first(id string) bool {
	h := maphash.String(p.seed, id)
	_, again := p.seen[h]
	p.seen[h] = struct{}{}
	return !again
}

// told reports progress in rows.
func (p *portal) told() {
	if p.req.Progress != nil {
		p.req.Progress(kpi.Progress{Dataset: p.req.Dataset.ID, Step: kpi.StepFetch, Done: p.line, Total: max(p.total, 0), Unit: "rows"})
	}
}

// complete makes sure that as many rows came as the portal says it has.
func (p *portal) complete(now int64) error {
	if now != p.total || int64(len(p.seen)) != now {
		return errMoved
	}
	return nil
}

// wanted returns the names that are to be asked for: of the declared columns that the portal has, each once and up to the first dot, for
// what stands behind it is inside of a value. has are the portal's names.
func (p *portal) wanted(has []string) []string {
	var list []string
	for _, name := range declared(p.req.Dataset) {
		name, _, _ = strings.Cut(name, ".")
		if slices.Contains(has, name) && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// columns begins the copy. Which columns the portal has is known from what it says about itself, so that one that is missing is told at
// once, and one that nobody declared is reported without ever being fetched.
func (p *portal) columns(ctx context.Context, has []string) (*objectRows, error) {
	names := slices.Clone(has)
	for _, name := range declared(p.req.Dataset) {
		if whole, _, inside := strings.Cut(name, "."); inside && slices.Contains(has, whole) {
			names = append(names, name)
		}
	}
	if _, err := match(p.name, names, p.req.Dataset); err != nil {
		return nil, err
	}
	return p.newObjects(ctx, p.name, names)
}

// query builds an address from pairs of names and values.
func query(base string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return base + "?" + q.Encode()
}

func digits[T int | int64](n T) string { return strconv.FormatInt(int64(n), 10) }
