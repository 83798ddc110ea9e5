package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"citystat/kpi"
	"citystat/kpi/account"
	"citystat/kpi/ledger"
	"citystat/kpi/meeting"
	"citystat/kpi/scorecard"
)

func newNewTerm() *cobra.Command {
	var data, name, ended string
	c := &cobra.Command{
		Use:   "new-term [DIR]",
		Short: "Close the term of a city government: archive its scorecard, and ask of every target whether it is kept",
		Long: `Close the term of a city government. The scorecard that residents see now is archived for ever, and of every target whose day has not come it is asked
in public: keep, revise or drop? Whoever may decide answers on /staff/terms; a target is revised or dropped by a decision or in the folder. Residents
read all of it at /LANGUAGE/terms.

Nothing is changed by this: every target holds until somebody changes it. Where the city publishes by release, the archived scorecard is the one that was released
last, and the review is public with the next release.`,
		Example: `  citystat new-term mycity --name "2024–2027" --ended 2027-12-31`,
		Args:    maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if name == "" {
				return errUsage{errors.New("say what the term is called, such as --name 2024–2027")}
			}
			q := url.Values{"name": {name}, "ended": {ended}, "by": {onThisMachine()}}
			var t kpi.TermReview
			err := withStores(cmd.Context(), cmd.ErrOrStderr(), first(args), data, newProgress(io.Discard),
				func(dir string) error {
					reply, err := callServer(cmd.Context(), dir, "new-term", q)
					if reply.Term != nil {
						t = *reply.Term
					}
					return errors.Join(err, replyError(reply))
				},
				func(e *engine) (err error) {
					t, err = e.newTerm(cmd.Context(), q)
					return err
				})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "The term %s ended on %s. Its scorecard is publication %d; %s to be kept, revised or dropped.\nAnswer at %s, read at /LANGUAGE/terms/%d.\n",
				printableText(t.Name), t.Ended, t.Publication, counted(len(t.Answers), "target is", "targets are"), fmt.Sprintf("/staff/terms/%d", t.ID), t.ID)
			return err
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().StringVar(&name, "name", "", "what the term is called, such as 2024–2027")
	c.Flags().StringVar(&ended, "ended", "", "its last day, such as 2027-12-31; today if it is not given")
	return c
}

// newTerm closes a term: the scorecard that is public now is its archive.
func (e *engine) newTerm(ctx context.Context, q url.Values) (kpi.TermReview, error) {
	city, _ := e.definitions()
	today, err := e.asOf(city)
	if err != nil {
		return kpi.TermReview{}, err
	}
	ended := today
	if s := q.Get("ended"); s != "" {
		if err := ended.UnmarshalText([]byte(s)); err != nil {
			return kpi.TermReview{}, kpi.Errorf(kpi.CodeInvalid, "%q is no day; write one such as 2027-12-31", s)
		}
	}
	t, err := e.review(ctx, city, kpi.PlainText(q.Get("name")), ended, today)
	if err != nil {
		return t, err
	}
	if err := e.led.SaveTerm(ctx, &t, account.By{Name: q.Get("by")}, e.now()); err != nil {
		return t, err
	}
	e.tell(ctx)
	return t, nil
}

// review makes the review of a term. What is public is published once more before, where every load is, so that the archive is of today.
func (e *engine) review(ctx context.Context, city *kpi.City, name string, ended, today kpi.Date) (kpi.TermReview, error) {
	e.change.Lock()
	defer e.change.Unlock()
	if err := e.publish(ctx, city, today); err != nil {
		return kpi.TermReview{}, err
	}
	card := e.published.Load()
	if card == nil {
		return kpi.TermReview{}, kpi.Errorf(kpi.CodeUnready, "nothing is public yet, so there is no scorecard to archive; load the data, and release them where the city publishes by release")
	}
	return meeting.NewTerm(city, name, ended, card.Number, today)
}

// archives are reviews with what their archived scorecards say. A publication never changes, so it is read once.
type archives struct {
	led  *ledger.DB
	mu   sync.Mutex
	read map[int64]kpi.TermReview // by publication
}

// terms returns the reviews as they were known at a time, each with its archive.
func (a *archives) terms(ctx context.Context, knownAt time.Time) ([]kpi.TermReview, error) {
	list, err := a.led.TermsThen(ctx, knownAt)
	if err != nil {
		return nil, err
	}
	for i := range list {
		was, err := a.of(ctx, list[i].Publication)
		if err != nil {
			return nil, err
		}
		list[i].AsOf, list[i].Published, list[i].Results = was.AsOf, was.Published, was.Results
	}
	return list, nil
}

// of returns what a publication says for a review.
func (a *archives) of(ctx context.Context, number int64) (kpi.TermReview, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, ok := a.read[number]; ok {
		return r, nil
	}
	card, err := a.card(ctx, number)
	if err != nil {
		return kpi.TermReview{}, err
	}
	if a.read == nil {
		a.read = map[int64]kpi.TermReview{}
	}
	a.read[number] = card.Archive(kpi.TermReview{})
	return a.read[number], nil
}

// card reads a publication as the public may see it.
func (a *archives) card(ctx context.Context, number int64) (*scorecard.Scorecard, error) {
	p, err := a.led.Publication(ctx, number)
	if err != nil {
		return nil, err
	}
	card := new(scorecard.Scorecard)
	if err := json.Unmarshal(p.Body, card); err != nil {
		return nil, fmt.Errorf("publication %d in the ledger cannot be read: %w", p.Number, err)
	}
	card.Number, card.PublishedAt = p.Number, p.PublishedAt
	card.Withhold()
	return card, nil
}

// SaveTerm saves a revision. What becomes of a target residents see at once where every load is published.
func (t told) SaveTerm(ctx context.Context, r *kpi.TermReview, by account.By, now time.Time) error {
	if err := t.DB.SaveTerm(ctx, r, by, now); err != nil {
		return err
	}
	t.engine.tell(ctx)
	return nil
}
