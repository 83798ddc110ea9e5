package main

import (
	"context"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"citystat/ingest/connector"
	"citystat/ingest/job"
	"citystat/kpi"
)

// entryDesk is what the program does with what people type or upload: it reads spreadsheets, says what would change, and loads.
type entryDesk struct {
	engine *engine
	jobs   *job.Scheduler
}

// ReadSheet reads an uploaded spreadsheet as the dataset's folder declares it.
func (d *entryDesk) ReadSheet(ctx context.Context, dataset, name string, data []byte) ([]kpi.EntryRow, []string, error) {
	city, _ := d.engine.definitions()
	ds := city.Dataset(dataset)
	if ds == nil {
		return nil, nil, kpi.Errorf(kpi.CodeNotFound, "the city has no dataset %q", dataset)
	}
	return connector.ReadSheet(ctx, ds, sheetName(name), data)
}

// sheetName is the last part of a file's name, as it can be shown.
func sheetName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if r := []rune(name); len(r) > 100 {
		name = string(r[:99]) + "…"
	}
	return name
}

// PreviewEntry says what a load would bring if the batch were entered.
func (d *entryDesk) PreviewEntry(ctx context.Context, b kpi.EntryBatch) (kpi.EntryPreview, error) {
	city, files := d.engine.definitions()
	asOf, err := d.engine.asOf(city)
	if err != nil {
		return kpi.EntryPreview{}, err
	}
	return d.engine.runner.Preview(ctx, city, files, asOf, b)
}

// How long whoever entered something waits for the load, and how often is looked whether it has ended.
const (
	entryWait = 10 * time.Second
	entryLook = 20 * time.Millisecond
)

// LoadEntries lets a dataset run now and waits until the run has ended and what it changed is published, or until nobody would wait any longer: then it
// goes on by itself. How it went the dataset's last run says.
func (d *entryDesk) LoadEntries(ctx context.Context, dataset string) error {
	ctx, cancel := context.WithTimeout(ctx, entryWait)
	defer cancel()
	var before kpi.Load
	for asked := false; ; {
		last, err := d.newest(ctx, dataset)
		if err != nil {
			return err
		}
		if asked && last.ID > before.ID && !last.State.UnderWay() && !d.running(dataset) {
			return nil
		}
		if !asked { // the run that is on may have begun before the entry was there: another one follows it
			err := d.jobs.Ask(dataset, "")
			if err != nil && kpi.ErrorCode(err) != kpi.CodeConflict {
				return err
			}
			asked, before = err == nil, last
		}
		select {
		case <-ctx.Done():
			return nil // it goes on
		case <-time.After(entryLook):
		}
	}
}

// newest is the newest run of a dataset.
func (d *entryDesk) newest(ctx context.Context, dataset string) (kpi.Load, error) {
	list, err := d.engine.led.Loads(ctx, dataset, 1)
	if err != nil || len(list) == 0 {
		return kpi.Load{}, err
	}
	return list[0], nil
}

func (d *entryDesk) running(dataset string) bool {
	return slices.ContainsFunc(d.jobs.States(), func(s kpi.RunState) bool { return s.Dataset == dataset && (s.Running || s.Waiting) })
}
