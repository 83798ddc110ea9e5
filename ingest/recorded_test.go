package ingest_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
)

// past is a history that a test has made up: the loads of one dataset, oldest first, and the folders of its city.
type past struct {
	ingest.History
	loads       []kpi.Load
	folders     map[int]*kpi.City
	emergencies []kpi.Emergency
}

func (p *past) Emergencies(context.Context) ([]kpi.Emergency, error) { return p.emergencies, nil }

func (p *past) Loads(_ context.Context, dataset string, _ int) ([]kpi.Load, error) {
	var list []kpi.Load
	for _, l := range slices.Backward(p.loads) {
		if dataset == "" || l.Dataset == dataset {
			list = append(list, l)
		}
	}
	return list, nil
}

func (p *past) Folder(_ context.Context, version int) (*kpi.City, error) {
	return p.folders[version], nil
}

// table reads a table as lines of its fields with spaces between them; what is blank is -.
func table(t *testing.T, r connector.Recorded, name string, columns ...string) []string {
	t.Helper()
	header, rows, err := r.Table(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for fields, err := range rows {
		if err != nil || len(fields) != len(header) {
			t.Fatal(fields, err)
		}
		var line []string
		for _, c := range columns {
			v := fields[slices.Index(header, c)]
			if v == "" {
				v = "-"
			}
			line = append(line, v)
		}
		list = append(list, strings.Join(line, " "))
	}
	return list
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// TestDeliveries goes through histories of which it is known by hand what was expected and what came. The city's day ends at 05:00 UTC, and from
// 8 March on at 04:00.
func TestDeliveries(t *testing.T) {
	every := func(d time.Duration) func(*kpi.Dataset) { return func(ds *kpi.Dataset) { ds.Expect.Every = d } }
	schedule := func(cron string) func(*kpi.Dataset) { return func(ds *kpi.Dataset) { ds.Schedule.Cron = cron } }
	const day = 24 * time.Hour
	type run struct {
		at, state, content string
		folder             int
	}
	for _, c := range []struct {
		name    string
		folders []func(*kpi.Dataset)
		runs    []run
		now     string
		want    []string
	}{
		{"nothing ran", []func(*kpi.Dataset){every(day)}, nil, "2026-03-09 12:00", nil},
		{"the first is a beginning", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}}, "2026-03-03 12:00", nil},
		{"a day is over at its end", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-04 04:58", "live", "b", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z 2026-03-04T04:58:00Z true 2"}},
		{"a minute later it is late", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-04 05:00", "live", "b", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z 2026-03-04T05:00:00Z false 2"}},
		{"days without anything, one late, one in time", []func(*kpi.Dataset){every(day)},
			[]run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-03 10:00", "failed", "", 1}, {"2026-03-04 10:00", "unchanged", "", 1}, {"2026-03-06 10:00", "live", "b", 1}, {"2026-03-07 10:00", "live", "c", 1}}, "2026-03-08 12:00",
			[]string{"every 2026-03-04T04:59:59Z - false -", "every 2026-03-05T04:59:59Z - false -", "every 2026-03-06T04:59:59Z 2026-03-06T10:00:00Z false 4", "every 2026-03-08T04:59:59Z 2026-03-07T10:00:00Z true 5"}},
		{"nothing since", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-06 10:00", "live", "a", 1}}, "2026-03-09 12:00",
			[]string{"every 2026-03-08T04:59:59Z - false -", "every 2026-03-09T03:59:59Z - false -"}},
		{"the same rows by another definition are nothing new", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-03 10:00", "live", "a", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z - false -"}},
		{"the same day again", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-02 11:00", "live", "b", 1}, {"2026-03-02 12:00", "live", "c", 1}, {"2026-03-03 10:00", "live", "d", 1}, {"2026-03-03 11:00", "live", "e", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z 2026-03-03T10:00:00Z true 4"}},
		{"the same day again, and then nothing", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-02 11:00", "live", "b", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z - false -"}},
		{"one time that two folders expect has one row", []func(*kpi.Dataset){every(7 * day), every(day)},
			[]run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-03 10:00", "live", "b", 1}, {"2026-03-08 10:00", "live", "c", 2}, {"2026-03-09 10:00", "live", "d", 2}}, "2026-03-10 12:00",
			[]string{"every 2026-03-10T03:59:59Z 2026-03-03T10:00:00Z true 2", "every 2026-03-11T03:59:59Z 2026-03-08T10:00:00Z true 3"}},
		{"hours are hours", []func(*kpi.Dataset){every(6 * time.Hour)}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-02 15:59", "live", "b", 1}, {"2026-03-02 22:00", "live", "c", 1}}, "2026-03-02 23:00",
			[]string{"every 2026-03-02T16:00:00Z 2026-03-02T15:59:00Z true 2", "every 2026-03-02T21:59:00Z 2026-03-02T22:00:00Z false 3"}},
		{"a beginning that fails", []func(*kpi.Dataset){every(day)}, []run{{"2026-03-02 10:00", "failed", "", 1}, {"2026-03-04 10:00", "live", "a", 1}}, "2026-03-04 12:00",
			[]string{"every 2026-03-04T04:59:59Z 2026-03-04T10:00:00Z false 2"}},
		{"a schedule asks for a good run", []func(*kpi.Dataset){schedule("30 5 * * *")},
			[]run{{"2026-03-02 12:00", "live", "a", 1}, {"2026-03-03 10:30", "failed", "", 1}, {"2026-03-03 10:40", "unchanged", "", 1}, {"2026-03-04 10:30", "failed", "", 1}, {"2026-03-06 10:31", "live", "b", 1}}, "2026-03-07 09:00",
			[]string{"schedule 2026-03-04T10:30:00Z 2026-03-03T10:40:00Z true 3", "schedule 2026-03-05T10:30:00Z - false -", "schedule 2026-03-06T10:30:00Z - false -", "schedule 2026-03-07T10:30:00Z 2026-03-06T10:31:00Z true 5"}},
		{"what is not over is not told", []func(*kpi.Dataset){schedule("30 5 * * *")}, []run{{"2026-03-02 12:00", "live", "a", 1}}, "2026-03-04 10:29", nil},
		{"nothing is expected", []func(*kpi.Dataset){func(*kpi.Dataset) {}}, []run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-03 10:00", "live", "b", 1}}, "2026-03-09 12:00", nil},
		{"what the folder says later changes nothing before", []func(*kpi.Dataset){every(day), every(7 * day)},
			[]run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-05 10:00", "live", "b", 2}}, "2026-03-10 12:00",
			[]string{"every 2026-03-04T04:59:59Z - false -", "every 2026-03-05T04:59:59Z 2026-03-05T10:00:00Z false 2"}},
		{"from nothing to something", []func(*kpi.Dataset){func(*kpi.Dataset) {}, every(day)},
			[]run{{"2026-03-02 10:00", "live", "a", 1}, {"2026-03-05 10:00", "live", "b", 2}, {"2026-03-06 10:00", "live", "c", 2}}, "2026-03-06 12:00",
			[]string{"every 2026-03-07T04:59:59Z 2026-03-06T10:00:00Z true 3"}},
		{"kept copies read anew are no delivery", []func(*kpi.Dataset){schedule("30 5 * * *")}, []run{{"2026-03-02 12:00", "live", "a", 1}, {"2026-03-03 10:31", "live", "spool", 1}}, "2026-03-04 12:00",
			[]string{"schedule 2026-03-04T10:30:00Z - false -"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &past{folders: map[int]*kpi.City{}}
			for i, f := range c.folders {
				city := town()
				city.Datasets[0].Department = "works"
				f(&city.Datasets[0])
				p.folders[i+1] = city
			}
			for i, r := range c.runs {
				l := kpi.Load{ID: int64(i + 1), Cause: kpi.CauseLoad, Dataset: "requests", State: kpi.LoadState(r.state), Started: at(t, r.at), SourceHash: r.content, Folder: r.folder, Trigger: kpi.TriggerSchedule, Attempt: 1}
				if r.state == "live" {
					l.LiveAt = l.Started
				}
				if r.content == "spool" {
					l.Attempt = 0
				}
				p.loads = append(p.loads, l)
			}
			rec := ingest.Recorded(p, p.folders[len(c.folders)], at(t, c.now), nil)
			got := table(t, rec, ingest.TableDeliveries, "expected_by", "due", "delivered_at", "on_time", "load")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, line := range table(t, rec, ingest.TableDeliveries, "dataset", "department") {
				if line != "requests works" {
					t.Errorf("of %s", line)
				}
			}
			keys := table(t, rec, ingest.TableDeliveries, "delivery")
			slices.Sort(keys)
			if len(slices.Compact(keys)) != len(c.want) {
				t.Errorf("keys %v", keys)
			}
		})
	}
}

// TestTheTableOfLoads: what is over is there once, with the department of that time; what the program records, recomputes or does is not.
func TestTheTableOfLoads(t *testing.T) {
	old, now := town(), town()
	old.Datasets[0].Department, now.Datasets[0].Department = "old", "new"
	now.Datasets[1].Source.Kind = kpi.SourceLedger
	load := func(id int64, l kpi.Load) kpi.Load {
		l.ID, l.Started = id, at(t, "2026-03-02 10:00").Add(time.Duration(id)*time.Minute)
		if l.Cause == "" {
			l.Cause, l.Dataset = kpi.CauseLoad, "requests"
		}
		return l
	}
	p := &past{folders: map[int]*kpi.City{1: old, 2: now}, loads: []kpi.Load{
		load(1, kpi.Load{State: kpi.LoadLive, LiveAt: at(t, "2026-03-02 10:02"), Folder: 1, Trigger: kpi.TriggerMissed, Attempt: 2, Counts: kpi.Counts{Read: 8, Accepted: 5, Rejected: 2, Skipped: 1, New: 5}}),
		load(2, kpi.Load{Cause: kpi.CauseAsOf, State: kpi.LoadLive, Folder: 2}),
		load(3, kpi.Load{State: kpi.LoadFailed, Folder: 2}),
		load(4, kpi.Load{State: kpi.LoadUnchanged, Folder: 2}),
		load(5, kpi.Load{Cause: kpi.CauseLoad, Dataset: "permits", State: kpi.LoadLive, Folder: 2}),
		load(6, kpi.Load{State: kpi.LoadStaged, Folder: 2}),
		load(7, kpi.Load{State: kpi.LoadFailed, Folder: 2}),
	}}
	rec := ingest.Recorded(p, now, at(t, "2026-03-02 10:07"), nil)
	want := []string{
		"1 requests old missed 2 live true 2026-03-02T10:01:00Z 2026-03-02T10:02:00Z 8 5 2 1 0.250000 5 0 0",
		"3 requests new - 0 failed false 2026-03-02T10:03:00Z - 0 0 0 0 - 0 0 0",
		"4 requests new - 0 unchanged true 2026-03-02T10:04:00Z - 0 0 0 0 - 0 0 0",
	}
	got := table(t, rec, ingest.TableLoads, "load", "dataset", "department", "trigger", "attempt", "state", "good", "started", "live_at", "read", "accepted", "rejected", "skipped", "rejected_share", "new", "restated", "gone")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, _, err := rec.Table(t.Context(), "minutes"); kpi.ErrorCode(err) != kpi.CodeNotFound || !strings.Contains(err.Error(), "deliveries, filings, loads and meetings") {
		t.Errorf("error %v", err)
	}
	if got := table(t, ingest.Recorded(p, now, time.Now(), rec), ingest.TableLoads, "load"); len(got) != 4 {
		t.Errorf("later: %v", got)
	}
}

// TestDeliveryOnTimeIsAnIndicator lets a city measure its own departments: by hand, of the three times by which something was expected of public
// works two were kept, and of the three of planning all.
func TestDeliveryOnTimeIsAnIndicator(t *testing.T) {
	city := town()
	city.Departments = []kpi.Department{{ID: "works"}, {ID: "planning"}}
	city.Datasets[0].Department, city.Datasets[1].Department = "works", "planning"
	for i := range city.Datasets {
		city.Datasets[i].Expect.Every = 24 * time.Hour
	}
	instant := func(name string) kpi.Column {
		return kpi.Column{Name: name, From: name, Type: kpi.TypeTimestamp, Format: "%Y-%m-%dT%H:%M:%SZ", TimeZone: "UTC"}
	}
	city.Datasets = append(city.Datasets, kpi.Dataset{
		ID: "on-time-delivery", Hash: "reading-1", Source: kpi.Source{Kind: kpi.SourceLedger, Table: ingest.TableDeliveries}, Key: []string{"delivery"}, TimeZone: "UTC",
		Columns: []kpi.Column{
			{Name: "delivery", From: "delivery", Type: kpi.TypeText}, {Name: "department", From: "department", Type: kpi.TypeText},
			instant("due"), {Name: "on_time", From: "on_time", Type: kpi.TypeBoolean},
		},
		Dimensions: []string{"department"},
	})
	city.Indicators = append(city.Indicators[:0], kpi.Indicator{
		ID: "data-on-time", Dataset: "on-time-delivery", Name: kpi.NewText(kpi.English, "Data on time"), Measure: kpi.Measure{Kind: kpi.MeasureShare, Of: "on_time", Date: "due"},
		Unit: kpi.Percent, Period: kpi.Month, Direction: kpi.Up, Trajectory: kpi.TrajectoryLinear, Public: true, Dimensions: []string{"department"},
	})
	dir, clock := t.TempDir(), at(t, "2026-03-02 11:00")
	connectors := map[string]ingest.Connector{"csv": connector.CSV{}, kpi.SourceLedger: connector.Ledger{}}
	r := mustOpenWith(t, dir, city, func(o *ingest.Options) {
		o.Connectors, o.Now = connectors, func() time.Time { clock = clock.Add(time.Second); return clock }
	})
	files := fstest.MapFS{}
	deliver := func(day, requests, permits string, fails bool) {
		t.Helper()
		clock = at(t, day)
		files["data/requests.csv"] = &fstest.MapFile{Data: []byte(requests)}
		files["data/permits.csv"] = &fstest.MapFile{Data: []byte(permits)}
		if _, err := r.runner.RunAll(t.Context(), city, files, kpi.NewDate(2026, 3, 31), byHand); (err != nil) != fails {
			t.Fatalf("%s: %v", day, err)
		}
	}
	permit := func(no string) string { return permitsCSV + no + ",2026-03-01\n" }
	deliver("2026-03-02 11:00", requestsCSV, permitsCSV, false)                                  // a beginning: the table is still empty, which is nobody's fault
	deliver("2026-03-03 11:00", requestsCSV+"r5,2026-03-01,2026-03-10,,\n", permit("p3"), false) // both in time
	deliver("2026-03-04 11:00", "", permit("p4"), true)                                          // works: a broken file; planning in time
	deliver("2026-03-05 11:00", requestsCSV, permit("p4"), false)                                // works: late, 4 March was not kept; planning: nothing new
	deliver("2026-03-05 12:00", requestsCSV, permit("p9"), false)                                // planning: in time
	deliver("2026-03-06 11:00", requestsCSV+"r6,2026-03-01,2026-03-10,,\n", permit("p9"), false) // works: in time
	v, _, err := r.ledger.Visible(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := r.wh.Observations(t.Context(), city, v)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, o := range list {
		if o.Period == "2026-03" {
			got[o.Dimension+"/"+o.Member] = number(o.Numerator) + "/" + number(o.Denominator)
		}
	}
	want := map[string]string{"/": "5/6", "department/works": "2/3", "department/planning": "3/3"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on time (-by hand +got):\n%s", diff)
	}
	_, sum, err := r.values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, again, err := r.values(t.Context()); err != nil || again != sum {
		t.Errorf("after a rebuild: %s, %v, and it was %s", again, err, sum)
	}
	r.mustClose(t)
}
