package main

import (
	"context"
	"strconv"
	"time"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/release"
)

// rounds are the reporting cycles as the ledger keeps them, and the way from live numbers to public ones.
type rounds struct {
	*ledger.DB
	engine *engine
}

// ReleaseRound makes a round public: where the city publishes by release, with the scorecard of now, frozen. There is no other way there by which
// a number becomes public.
func (r rounds) ReleaseRound(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error) {
	return r.engine.release(ctx, id, revision, m, by, now)
}

func (e *engine) release(ctx context.Context, id int64, revision int, m release.Move, by account.By, now time.Time) (release.Round, error) {
	e.change.Lock()
	defer e.change.Unlock()
	round, err := e.led.Round(ctx, id)
	if err != nil {
		return release.Round{}, err
	}
	city, _ := e.definitions()
	var frozen *ledger.Publication
	if city.Publish == kpi.PublishByRelease && round.Revision == revision { // otherwise the ledger refuses, and says why
		asOf, err := e.asOf(city)
		if err != nil {
			return release.Round{}, err
		}
		if frozen, err = e.freeze(ctx, asOf, noteOf(&round, m)); err != nil {
			return release.Round{}, err
		}
		if frozen == nil {
			return release.Round{}, kpi.Errorf(kpi.CodeConflict, "nothing was ever loaded, so there is nothing to release")
		}
	}
	if round, err = e.led.ReleaseRound(ctx, id, revision, m, frozen, by, now); err != nil {
		return release.Round{}, err
	}
	return round, e.readPublished(ctx)
}

var filingColumns = []string{"filing", "round", "period", "department", "state", "due", "filled_at", "on_time", "returns", "checked_at"}

// filings returns a row for each department's part of a round.
func (t tables) filings(ctx context.Context) ([][]string, error) {
	d, err := t.desk(ctx)
	if err != nil {
		return nil, err
	}
	list, err := t.engine.led.Rounds(ctx, kpi.PaperQuery{})
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for _, r := range release.Rows(list, d.calendar, d.day(d.now)) {
		round, timely := strconv.FormatInt(r.Round, 10), ""
		if r.OnTime != nil {
			timely = strconv.FormatBool(*r.OnTime)
		}
		rows = append(rows, []string{
			round + "/" + r.Department, round, r.Period, r.Department, string(r.State), dated(r.Due), dated(r.FilledOn), timely, strconv.Itoa(r.Returns), dated(r.CheckedOn),
		})
	}
	return rows, nil
}

// noteOf is what a release says of itself in public.
func noteOf(r *release.Round, m release.Move) *kpi.ReleaseNote {
	remark := func(text string, lang kpi.Lang) *kpi.Remark {
		if text == "" {
			return nil
		}
		return &kpi.Remark{Text: text, Lang: lang}
	}
	n := &kpi.ReleaseNote{Round: r.ID, Name: r.Name, Period: r.Period, Correction: remark(r.Correction, r.Lang), Note: remark(m.Note, m.Lang)}
	for _, f := range r.Filings {
		if f.State == release.FilingExcused {
			n.Without = append(n.Without, kpi.Unreported{Department: f.Department, Reason: kpi.Remark{Text: f.Excuse, Lang: f.ExcuseLang}})
		}
	}
	return n
}
