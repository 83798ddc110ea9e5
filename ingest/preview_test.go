package ingest_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/catalog"
	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
)

// officeFolder is a city folder with one dataset into which people type, and one of what was delivered when.
func officeFolder(t *testing.T) (*kpi.City, fs.FS) {
	t.Helper()
	files := fstest.MapFS{
		"city.yaml": {Data: []byte(`city: small-town
name: Small Town
about: A town that gives permits.
languages: [en]
time_zone: America/New_York
fiscal_year_starts: July
publish: every_load
departments:
  - {id: works, name: Works}
priorities:
  - id: permits
    name: Permits
    promise: We give permits in time.
    goals: [{id: quick, name: Quick permits}]
`)},
		"data/permits.csv": {Data: []byte("Month,Office,In time,Given\n2026-01-31,north,40,50\n2026-01-31,south,10,50\n2026-02-28,north,30,50\n2026-02-28,south,24,50\n")},
		"datasets/permits.yaml": {Data: []byte(`dataset: permits
name: Permits
why: The counter counts permits at the end of each month.
department: works
source: {kind: entry, path: data/permits.csv}
expect: {every: 1 day}
key: [month, office]
columns:
  month: {from: Month, type: date}
  office: {from: Office, type: text}
  in_time: {from: In time, type: integer}
  given: {from: Given, type: integer}
checks:
  - {rule: in_time <= given, else: fail}
  - {rule: given > 0, else: reject}
dimensions: [office]
indicators:
  - id: permits-in-time
    name: Permits in time
    sentence: Permits that were given in time.
    method: Permits given in time, divided by all.
    kind: outcome
    priority: permits
    goal: quick
    department: works
    measure: {ratio: {of: in_time, per: given, times: 100}, date: month}
    unit: percent
    direction: up
    period: month
`)},
	}
	city, problems, err := catalog.Load(files)
	if err != nil || city == nil {
		t.Fatal(err, problems)
	}
	return city, files
}

// office is a runner of that city with both stores, on 3 March 2026.
type office struct {
	*real
	t     *testing.T
	files fs.FS
	now   time.Time
	hook  func(kpi.Step)
}

func newOffice(t *testing.T) *office {
	t.Helper()
	city, files := officeFolder(t)
	c := &office{t: t, files: files, now: time.Date(2026, 3, 3, 15, 0, 0, 0, time.UTC), hook: func(kpi.Step) {}}
	c.real = mustOpenWith(t, t.TempDir(), city, func(o *ingest.Options) {
		o.Entries = o.Ledger.(*ledger.DB)
		o.Now = func() time.Time { c.now = c.now.Add(time.Second); return c.now }
		o.Hook = func(s kpi.Step) { c.hook(s) }
	})
	t.Cleanup(func() { c.mustClose(t) })
	return c
}

func (c *office) asOf() kpi.Date { return kpi.DateOf(c.now) }

func (c *office) load() (ingest.Report, error) {
	return c.runner.Run(c.t.Context(), c.city, c.files, "permits", c.asOf(), byHand)
}

func (c *office) mustLoad() ingest.Report {
	c.t.Helper()
	rep, err := c.load()
	if err != nil {
		c.t.Fatal(err)
	}
	return rep
}

// draft keeps rows as a draft; each is "month office in-time given".
func (c *office) draft(rows ...string) *kpi.EntryBatch {
	c.t.Helper()
	b := &kpi.EntryBatch{Dataset: "permits", Department: "works", State: kpi.EntryDraft}
	for i, s := range rows {
		f := strings.Fields(s)
		b.Rows = append(b.Rows, kpi.EntryRow{Line: int64(i + 1), Fields: map[string]string{"Month": f[0], "Office": f[1], "In time": f[2], "Given": f[3]}})
	}
	c.save(b)
	return b
}

func (c *office) save(b *kpi.EntryBatch) {
	c.t.Helper()
	if err := c.ledger.SaveEntryBatch(c.t.Context(), b, account.By{Name: "the test"}, c.now); err != nil {
		c.t.Fatal(err)
	}
}

func (c *office) preview(b *kpi.EntryBatch) kpi.EntryPreview {
	c.t.Helper()
	p, err := c.runner.Preview(c.t.Context(), c.city, c.files, c.asOf(), *b)
	if err != nil {
		c.t.Fatal(err)
	}
	return p
}

// values are what is stored of the indicator now: "period member value".
func (c *office) values() []string {
	c.t.Helper()
	v, _, err := c.ledger.Visible(c.t.Context(), time.Time{})
	if err != nil {
		c.t.Fatal(err)
	}
	list, err := c.wh.Observations(c.t.Context(), c.city, v)
	if err != nil {
		c.t.Fatal(err)
	}
	var out []string
	for _, o := range list {
		if o.Value != nil {
			out = append(out, fmt.Sprintf("%s %s %.1f", o.Period, o.Member, *o.Value))
		}
	}
	return out
}

// all is everything that a preview could leave a trace in.
func (c *office) all() map[string]string {
	c.t.Helper()
	m := map[string]string{}
	versions, err := c.wh.Versions(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	m["versions"] = fmt.Sprint(versions)
	for _, v := range versions {
		sum, err := c.wh.Checksum(c.t.Context(), v)
		if err != nil {
			c.t.Fatal(err)
		}
		m[fmt.Sprint("checksum ", v)] = sum
		rejects, err := c.wh.RejectsOf(c.t.Context(), kpi.RejectQuery{Dataset: "permits", Load: v, Limit: 100}, v)
		if err != nil {
			c.t.Fatal(err)
		}
		m[fmt.Sprint("rejects ", v)] = fmt.Sprint(rejects)
	}
	loads, err := c.ledger.Loads(c.t.Context(), "", 0)
	if err != nil {
		c.t.Fatal(err)
	}
	m["loads"] = fmt.Sprint(loads)
	for _, sub := range []string{"spool", "export", "tmp"} {
		err = filepath.WalkDir(filepath.Join(c.dir, sub), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				m[path] = "there"
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			c.t.Fatal(err)
		}
	}
	return m
}

// TestPreviewIsWhatComes: what a preview says is what entering brings, and until then nothing of it is anywhere.
func TestPreviewIsWhatComes(t *testing.T) {
	c := newOffice(t)
	c.mustLoad()
	first := c.values()
	b := c.draft("2026-02-28 north 41 50", "2026-02-28 east 9 10")
	before := c.all()
	steps := 0
	c.hook = func(kpi.Step) { steps++ }
	p := c.preview(b)
	c.hook = func(kpi.Step) {}
	if steps > 0 {
		t.Error("a preview is told as a run")
	}
	if diff := cmp.Diff(before, c.all()); diff != "" {
		t.Errorf("the preview left something behind:\n%s", diff)
	}
	if p.Failed != "" || len(p.Faults) > 0 || p.Counts.New != 1 || p.Counts.Restated != 1 || p.Counts.Read != 5 {
		t.Errorf("%+v", p)
	}
	b.State = kpi.EntryEntered
	c.save(b)
	rep := c.mustLoad()
	if rep.Load.Counts != p.Counts {
		t.Errorf("the preview counted %+v and the load %+v", p.Counts, rep.Load.Counts)
	}
	var want []string
	for _, v := range c.values() {
		if !slices.Contains(first, v) {
			want = append(want, v)
		}
	}
	var said []string
	for _, ch := range p.Changes {
		if ch.Now != nil {
			said = append(said, fmt.Sprintf("%s %s %.1f", ch.Period, ch.Member, *ch.Now))
		}
	}
	slices.Sort(said)
	slices.Sort(want)
	if diff := cmp.Diff(want, said); diff != "" || len(want) < 4 {
		t.Errorf("what came and what was said (-came +said):\n%s", diff)
	}
	i := slices.IndexFunc(p.Changes, func(ch kpi.ValueChange) bool { return ch.Period == "2026-02" && ch.Member == "" })
	if i < 0 || *p.Changes[i].Was != 54 || *p.Changes[i].Now != 100*74.0/110 {
		t.Errorf("%+v", p.Changes)
	}
	b.State, b.Why = kpi.EntryUndone, "it was wrong"
	c.save(b)
	c.mustLoad()
	if diff := cmp.Diff(first, c.values()); diff != "" {
		t.Errorf("after it was undone (-before +after):\n%s", diff)
	}
	if err := c.runner.Rebuild(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestPreviewSaysWhatIsWrong: of each row, and of the load as a whole.
func TestPreviewSaysWhatIsWrong(t *testing.T) {
	c := newOffice(t)
	c.mustLoad()
	p := c.preview(c.draft("2026-02-30 north 41 50", "2026-02-28 south x 50", "2026-03-31 north 0 0", "2026-03-31 south 1 2", "2026-03-31 south 2 2"))
	var said []string
	for _, f := range p.Faults {
		said = append(said, fmt.Sprintf("%d %s %s %q", f.Line, f.Column, f.Reason, f.Raw))
	}
	want := []string{`1 Month bad_date "2026-02-30"`, `2 In time bad_integer "x"`, `3  check "Given = 0"`, `5  duplicate ""`}
	if diff := cmp.Diff(want, said); diff != "" || p.Failed != "" {
		t.Errorf("%s (-want +got):\n%s", p.Failed, diff)
	}
	before := c.all()
	p = c.preview(c.draft("2026-02-28 north 60 50"))
	if !strings.Contains(p.Failed, "in_time <= given") || len(p.Checks) != 1 || p.Checks[0].Failed != 1 || len(p.Changes) > 0 {
		t.Errorf("%+v", p)
	}
	if diff := cmp.Diff(before, c.all()); diff != "" {
		t.Errorf("a preview that fails left something behind:\n%s", diff)
	}
	if again := c.preview(c.draft("2026-02-28 north 31 50")); again.Failed != "" || len(again.Changes) == 0 {
		t.Errorf("after one that failed: %+v", again)
	}
	other := *c.draft("2026-02-28 north 31 50")
	other.Dataset = "none"
	if _, err := c.runner.Preview(t.Context(), c.city, c.files, c.asOf(), other); kpi.ErrorCode(err) != kpi.CodeNotFound {
		t.Errorf("a dataset that is none: %v", err)
	}
}

// TestPreviewWaitsForItsTurn: while a load is on it waits, and gives up when whoever asked does.
func TestPreviewWaitsForItsTurn(t *testing.T) {
	c := newOffice(t)
	b := c.draft("2026-02-28 north 41 50")
	on, over, ended := make(chan bool), make(chan bool), make(chan error)
	c.hook = func(s kpi.Step) {
		if s == kpi.StepObserve {
			on <- true
			<-over
		}
	}
	go func() { _, err := c.load(); ended <- err }()
	<-on
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.runner.Preview(ctx, c.city, c.files, c.asOf(), *b); err == nil || ctx.Err() == nil {
		t.Errorf("a preview ran during a load: %v", err)
	}
	close(over)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if p := c.preview(b); len(p.Changes) == 0 {
		t.Errorf("%+v", p)
	}
}

// TestAFailedCheckKeepsTheEntry: the last good numbers stay, and once the entry is undone the load is good again.
func TestAFailedCheckKeepsTheEntry(t *testing.T) {
	c := newOffice(t)
	c.mustLoad()
	good := c.values()
	b := c.draft("2026-02-28 north 60 50")
	b.State = kpi.EntryEntered
	c.save(b)
	if rep, err := c.load(); kpi.ErrorCode(err) != kpi.CodeInvalid || rep.Load.State != kpi.LoadFailed {
		t.Errorf("%v, %+v", err, rep)
	}
	if diff := cmp.Diff(good, c.values()); diff != "" {
		t.Error(diff)
	}
	b.State, b.Why = kpi.EntryUndone, "a slip"
	c.save(b)
	if rep := c.mustLoad(); !rep.Unchanged {
		t.Errorf("%+v", rep)
	}
}

// TestLateEntryIsLateDelivery: what is typed after its time is a delivery that came late, and typing it again settles nothing more.
func TestLateEntryIsLateDelivery(t *testing.T) {
	c := newOffice(t)
	enter := func(row string) {
		t.Helper()
		b := c.draft(row)
		b.State = kpi.EntryEntered
		c.save(b)
		c.mustLoad()
	}
	c.mustLoad() // on 3 March: a beginning
	c.now = time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC)
	enter("2026-02-28 north 41 50") // in time
	c.now = time.Date(2026, 3, 8, 15, 0, 0, 0, time.UTC)
	enter("2026-02-28 south 25 50") // days late
	c.now = c.now.Add(time.Hour)
	rec := ingest.Recorded(c.ledger, c.city, c.now, nil)
	got := table(t, rec, ingest.TableDeliveries, "dataset", "department", "due", "on_time", "load")
	want := []string{
		"permits works 2026-03-05T04:59:59Z true 2", "permits works 2026-03-06T04:59:59Z false -", "permits works 2026-03-07T04:59:59Z false -", "permits works 2026-03-08T04:59:59Z false 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
