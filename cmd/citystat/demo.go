package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"citystat/dashboards/pages"
	"citystat/kpi"
	"citystat/kpi/account"
	sampledata "citystat/sample-data"
)

// demoHand writes what a demonstration needs and nobody in it could have done.
var demoHand = account.By{Name: "the demonstration"}

// demoDone is the entry of the audit trail that says that the year of meetings is whole.
const demoDone = "demo.written"

// demonstration is what a newcomer finds in a sample city: people who are made up, and a year of their meetings. It is offered by the cities that the program carries
// and by no other, and only where nobody but this machine can reach the server.
type demonstration struct {
	engine *engine
	script *demoScript
	key    string
	end    chan struct{} // closed when nothing more is written
}

// sampleName is the name of the sample city that a folder stands for; "" if it is a folder of the disk.
func (f folder) sampleName() string {
	if f.path == "" {
		return sampledata.Default
	}
	name, _ := strings.CutPrefix(f.path, samplePrefix)
	if name == f.path {
		return ""
	}
	return name
}

// demo makes the demonstration of the city that is served, nil if it has none. Where a real person can sign in already, nobody is added.
func (a *App) demo(ctx context.Context) (*demonstration, error) {
	name := a.engine.folder.sampleName()
	if !a.opts.Demo || name == "" || !loopback(a.opts.Addr) || strings.HasPrefix(a.opts.Site, "https://") || len(a.opts.Proxies) > 0 {
		return nil, nil
	}
	city, _ := a.engine.definitions()
	script, err := readDemo(name, city)
	if err != nil || script == nil {
		return nil, err
	}
	d := &demonstration{engine: a.engine, script: script, end: make(chan struct{})}
	if d.key, err = staffKey(a.engine.dir); err != nil {
		return nil, err
	}
	return d, d.people(ctx, city)
}

// people adds those who are not there yet, and lets them hold their posts.
func (d *demonstration) people(ctx context.Context, city *kpi.City) error {
	cal, err := city.Calendar()
	if err != nil {
		return err
	}
	first, err := kpi.ParseDate(d.script.From)
	if err != nil {
		return err
	}
	at := first.In(cal.Location)
	for _, p := range d.script.People {
		known, err := d.engine.led.PersonByEmail(ctx, p.Email)
		if err == nil && known.ID != 0 {
			continue
		}
		if err != nil && kpi.ErrorCode(err) != kpi.CodeNotFound {
			return err
		}
		person := account.Person{Email: p.Email, Name: p.Name, Lang: d.script.Lang, Grants: []account.Grant{{Role: p.Role, Department: p.Of}}}
		id, err := d.engine.led.AddPerson(ctx, person, demoHand, at)
		if err != nil {
			return fmt.Errorf("the demonstration: %w", err)
		}
		if err := d.hold(ctx, p, id, first, at); err != nil {
			return err
		}
	}
	return nil
}

// hold lets somebody hold their posts.
func (d *demonstration) hold(ctx context.Context, p demoPerson, id int64, first kpi.Date, at time.Time) error {
	for _, post := range p.Posts {
		h := kpi.Holding{Post: post.Post, Holder: id, From: first, Acting: post.Acting, Reason: post.Reason}
		for _, day := range []struct {
			text string
			to   *kpi.Date
		}{{post.From, &h.From}, {post.Until, &h.Until}} {
			if day.text == "" {
				continue
			}
			var err error
			if *day.to, err = kpi.ParseDate(day.text); err != nil {
				return err
			}
		}
		if err := d.engine.led.SaveHolding(ctx, &h, demoHand, at); err != nil {
			return fmt.Errorf("the demonstration, post %s of %s: %w", post.Post, p.Name, err)
		}
	}
	return nil
}

// DemoPeople returns those as whom a newcomer may look around, in the order of the script.
func (d *demonstration) DemoPeople(ctx context.Context) ([]account.Person, error) {
	var list []account.Person
	for _, p := range d.script.People {
		person, err := d.engine.led.PersonByEmail(ctx, p.Email)
		if err != nil {
			return nil, err
		}
		if !person.Disabled {
			list = append(list, person)
		}
	}
	return list, nil
}

// Key is the secret of the link.
func (d *demonstration) Key() string { return d.key }

var _ pages.Demo = (*demonstration)(nil)

// written reports whether the year of meetings is whole.
func (d *demonstration) written(ctx context.Context) (bool, error) {
	entries, err := d.engine.led.Audit(ctx, 0, 1<<20)
	return slices.ContainsFunc(entries, func(a account.Audited) bool { return a.Action == demoDone }), err
}

// write lives the year of meetings, once the numbers are there. What was written when the program ended in the middle of it is not written again.
func (d *demonstration) write(ctx context.Context) error {
	if done, err := d.written(ctx); err != nil || done {
		return err
	}
	city, _ := d.engine.definitions()
	y, err := newDemoYear(d, city)
	if err != nil {
		return err
	}
	if err := y.live(ctx); err != nil {
		return fmt.Errorf("writing the demonstration's year of meetings; what is there stays: %w", err)
	}
	return d.engine.led.Note(ctx, demoHand, d.engine.now(), demoDone, "demo", map[string]string{"meetings": fmt.Sprint(y.held)})
}

// writeDemo writes the year of meetings while the city is served already, and lets what the ledger knows of it be measured and published.
func (a *App) writeDemo(ctx context.Context) {
	d := a.shown
	defer close(d.end)
	done, err := d.written(ctx)
	if err == nil && done {
		return
	}
	fmt.Fprintln(a.opts.Out, "Writing a year of made-up meetings …")
	if err == nil {
		err = d.write(ctx)
	}
	if err != nil {
		if ctx.Err() == nil {
			a.opts.Log.Error("the demonstration", "err", err)
		}
		return
	}
	d.engine.tell(ctx)
	city, _ := d.engine.definitions()
	for i := range city.Datasets {
		if ds := &city.Datasets[i]; ds.Source.Kind == kpi.SourceLedger {
			if err := a.jobs.Ask(ds.ID, ""); err != nil && ctx.Err() == nil {
				a.opts.Log.Error("what the demonstration says is not measured yet", "dataset", ds.ID, "err", err)
			}
		}
	}
	fmt.Fprintln(a.opts.Out, "The year of meetings is there.")
}
