package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"citystat/dashboards/i18n"
	"citystat/ingest"
	"citystat/kpi"
	"citystat/kpi/ledger"
)

// reply is what the command line says to feedback; everything is empty if it only asks.
type reply struct {
	Heard, Said, By, Lang string // an answer
	Reason                string // why there will be none
}

// asks reports whether nothing is said.
func (r reply) asks() bool { return r == reply{} }

// check says what is wrong on the command line.
func (r reply) check(reference string) error {
	switch {
	case r.asks():
		return nil
	case reference == "":
		return errUsage{errors.New("say which feedback it is: citystat feedback DIR REFERENCE")}
	case r.Reason != "" && (reply{Reason: r.Reason}) != r:
		return errUsage{errors.New("--close and an answer exclude each other")}
	case r.Reason == "" && (r.Heard == "" || r.Said == ""):
		return errUsage{errors.New("an answer says what the city heard, --heard, and what it says to it, --said")}
	}
	return nil
}

func newFeedback() *cobra.Command {
	var data, format, state string
	var r reply
	c := &cobra.Command{
		Use:   "feedback [DIR [REFERENCE]]",
		Short: "Show what residents wrote, and answer it",
		Long: `Show what residents wrote and waits for an answer, the oldest first; with a REFERENCE, that one alone.

With --heard and --said it is answered in public, once and for all: the pages show what the city heard, in its own words, and what it says to it, never
what the resident wrote. With --close it ends without an answer; the reason is for the staff alone. Either way the resident's e-mail address is deleted.`,
		Example: `  citystat feedback mycity
  citystat feedback mycity K7QX-0M4T-9ZRB --heard "A light at the quay is out." --said "It was mended on Monday." --by "Public Works"
  citystat feedback mycity K7QX-0M4T-9ZRB --close "Advertising"`,
		Args: maxArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			reference := ""
			if len(args) > 1 {
				var ok bool
				if reference, ok = kpi.ParseReference(args[1]); !ok {
					return errUsage{fmt.Errorf("%q is no reference; one looks like K7QX-0M4T-9ZRB", args[1])}
				}
			}
			if err := errors.Join(r.check(reference), checkState(state), checkFormat(format)); err != nil {
				return err
			}
			list, err := feedbackNow(cmd.Context(), cmd.ErrOrStderr(), first(args), data, reference, state, r)
			if err != nil {
				return err
			}
			return printFeedback(cmd.OutOrStdout(), list, format)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().StringVar(&format, "format", "text", "text, csv or json")
	c.Flags().StringVar(&state, "state", string(kpi.FeedbackOpen), "open, answered, closed or all")
	c.Flags().StringVar(&r.Heard, "heard", "", "answer: what the city heard, in its own words")
	c.Flags().StringVar(&r.Said, "said", "", "answer: what the city says and does")
	c.Flags().StringVar(&r.By, "by", "", "answer: who answers, as the public may read it; the office of the folder, or the city, if it is not given")
	c.Flags().StringVar(&r.Lang, "lang", "", "answer: its language; the city's own if it is not given")
	c.Flags().StringVar(&r.Reason, "close", "", "end it without an answer, for this reason")
	return c
}

// everything is the state of feedback in any state, on the command line.
const everything = "all"

func checkState(s string) error {
	if s != everything && !slices.Contains(kpi.FeedbackStates, kpi.FeedbackState(s)) {
		return errUsage{fmt.Errorf("--state %q is none of open, answered, closed, all", s)}
	}
	return nil
}

func checkFormat(s string) error {
	if !slices.Contains([]string{"text", "csv", "json"}, s) {
		return errUsage{fmt.Errorf("--format %q is none of text, csv, json", s)}
	}
	return nil
}

// feedbackNow asks the server that owns the data directory, or the stores.
func feedbackNow(ctx context.Context, errOut io.Writer, path, data, reference, state string, r reply) ([]kpi.Feedback, error) {
	q := url.Values{"reference": {reference}, "state": {state}, "heard": {r.Heard}, "said": {r.Said}, "by": {r.By}, "lang": {r.Lang}, "close": {r.Reason}}
	var list []kpi.Feedback
	err := withStores(ctx, errOut, path, data, newProgress(io.Discard),
		func(dir string) error {
			answer, err := callServer(ctx, dir, "feedback", q)
			list = answer.Feedback
			return errors.Join(err, replyError(answer))
		},
		func(e *engine) (err error) {
			list, err = e.feedbackOf(ctx, q)
			return err
		})
	return list, err
}

// feedbackOf does what a request of the command asks for, and returns the feedback that it is about.
func (e *engine) feedbackOf(ctx context.Context, q url.Values) ([]kpi.Feedback, error) {
	ask := kpi.FeedbackQuery{Reference: q.Get("reference")}
	if state := q.Get("state"); ask.Reference == "" && state != everything {
		ask.State = kpi.FeedbackState(state)
	}
	r := reply{Heard: q.Get("heard"), Said: q.Get("said"), By: q.Get("by"), Lang: q.Get("lang"), Reason: q.Get("close")}
	if !r.asks() {
		if err := e.replyTo(ctx, ask.Reference, r); err != nil {
			return nil, err
		}
	}
	list, _, err := e.led.Feedback(ctx, ask)
	if err == nil && ask.Reference != "" && len(list) == 0 {
		err = kpi.Errorf(kpi.CodeNotFound, "there is no feedback with the reference %s", ask.Reference)
	}
	return list, err
}

// replyTo answers feedback, or closes it.
func (e *engine) replyTo(ctx context.Context, reference string, r reply) error {
	if r.Reason != "" {
		return e.led.CloseFeedback(ctx, reference, kpi.PlainText(r.Reason), e.now())
	}
	city, _ := e.definitions()
	lang := kpi.Lang(r.Lang)
	if lang == "" {
		lang = city.Source()
	}
	if !slices.Contains(city.Languages, lang) {
		return kpi.Errorf(kpi.CodeInvalid, "the city has no pages in %q; it has them in %v", lang, city.Languages)
	}
	by := r.By
	if by == "" {
		by = city.Name.String(lang)
		if office := city.Contact.Office.String(lang); office != "" {
			by = office
		}
	}
	return e.led.AnswerFeedback(ctx, reference, kpi.FeedbackAnswer{
		Heard: kpi.PlainText(r.Heard), Said: kpi.PlainText(r.Said), By: kpi.PlainText(by), Lang: lang, At: e.now(),
	})
}

// forgetEmails deletes the addresses of residents that were kept long enough.
func (e *engine) forgetEmails(ctx context.Context) error {
	_, err := e.led.ForgetEmails(ctx, e.now())
	return err
}

// examineFeedback examines what residents wrote.
func examineFeedback(ctx context.Context, led *ledger.DB, now time.Time) ingest.Finding {
	f := ingest.Finding{Check: "feedback", About: "feedback has a reference, and its e-mail address no longer than it may", Unit: "letters"}
	n, wrong, err := led.CheckFeedback(ctx, now)
	if err != nil {
		f.Wrong = append(f.Wrong, err.Error())
	}
	f.Looked = int64(n)
	for _, s := range wrong {
		f.Wrong = append(f.Wrong, s+"; start the server, or restore the ledger from a backup if this stays")
	}
	return f
}

// printFeedback prints feedback.
func printFeedback(w io.Writer, list []kpi.Feedback, format string) error {
	switch format {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(list)
	case "csv":
		return printFeedbackCSV(w, list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no feedback")
		return err
	}
	var b strings.Builder
	for i := range list {
		feedbackText(&b, &list[i])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// feedbackText is one letter for a terminal, which nothing in it commands.
func feedbackText(b *strings.Builder, f *kpi.Feedback) {
	fmt.Fprintf(b, "%s  %s  %s  %s", f.Reference, f.State(), f.Received.UTC().Format(time.RFC3339), f.Lang)
	for _, about := range []struct{ what, is string }{{"indicator", f.Indicator}, {"district", f.District}, {"page", f.About}, {"e-mail", f.Email}} {
		if about.is != "" {
			fmt.Fprintf(b, "  %s %s", about.what, printableText(about.is))
		}
	}
	fmt.Fprintln(b)
	said := func(label, text string) {
		for i, line := range strings.Split(text, "\n") {
			if i > 0 {
				label = ""
			}
			fmt.Fprintf(b, "    %s%s\n", label, printableText(line))
		}
	}
	said("", f.Text)
	switch {
	case f.Answer != nil:
		said("heard: ", f.Answer.Heard)
		said("said: ", f.Answer.Said)
		fmt.Fprintf(b, "    by %s, %s, %s\n", printableText(f.Answer.By), f.Answer.Lang, f.Ended.UTC().Format(time.RFC3339))
	case f.Closed:
		said("closed: ", f.Reason)
	}
}

func printFeedbackCSV(w io.Writer, list []kpi.Feedback) error {
	c := csv.NewWriter(w)
	err := c.Write(i18n.FeedbackColumns)
	for i := range list {
		err = errors.Join(err, c.Write(i18n.FeedbackRecord(&list[i])))
	}
	c.Flush()
	return errors.Join(err, c.Error())
}
