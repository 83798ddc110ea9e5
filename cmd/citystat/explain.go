package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"citystat/dashboards/i18n"
	"citystat/kpi"
	"citystat/kpi/scorecard"
)

// explained is everything that the program can say about one indicator at two clocks, in one language. The numbers are live ones, published or
// not.
type explained struct {
	Indicator string     `json:"indicator"`
	Name      string     `json:"name"`
	Lang      kpi.Lang   `json:"lang"`
	AsOf      kpi.Date   `json:"as_of"`
	KnownAt   *time.Time `json:"known_at"` // nil: now
	Made      madeOf     `json:"made_of"`
	Clocks    []line     `json:"clocks"`     // the two clocks and the versions, as a reader sees them
	Counted   []line     `json:"definition"` // how it is counted, as the folder that was known then has it
	Targets   []line     `json:"targets"`
	Finding   string     `json:"finding"`
	Newest    string     `json:"newest,omitempty"` // of the newest value, if it is not settled
	Flags     []string   `json:"flags"`

	Answers     []i18n.Explanation `json:"answers"`
	Groups      []section          `json:"groups"`
	Evaluations []section          `json:"evaluations"`
	Changes     []section          `json:"changes"`
	Checks      []section          `json:"checks"` // whether the number can be trusted
}

// madeOf are the versions that the numbers were made of.
type madeOf struct {
	DataVersion       int64     `json:"data_version"`
	LiveAt            time.Time `json:"live_at"` // when that version became live
	FolderVersion     int       `json:"folder_version"`
	FolderHash        string    `json:"folder_hash"`
	DefinitionVersion int       `json:"definition_version"`
}

// line is a label and what stands beside it.
type line struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// section is something with sentences under it.
type section struct {
	Title     string      `json:"title"`
	Sentences []string    `json:"sentences"`
	Numbers   []i18n.Fact `json:"numbers,omitempty"`
}

func newExplain() *cobra.Command {
	var data string
	q := url.Values{}
	var asOf, knownAt, lang string
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain [DIR] INDICATOR",
		Short: "Say why an indicator's answers are as they are, now or as known then",
		Long: `Say why an indicator's answers are as they are: the rule that decided, everything that it looked at, the rows that were counted and left out, the
definition, the target, and whether the number can be trusted.

With --as-of the indicator is judged as of another day. With --known-at, rows, definitions and targets are those that were known then; without
--as-of it is then judged as of that day too. These are live numbers, published or not. Without DIR it is an indicator of the sample city.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return errUsage{errors.New("give the city folder and the indicator, such as: citystat explain mycity potholes-on-time")}
			}
			if id := args[len(args)-1]; !kpi.ValidID(id) {
				return errUsage{fmt.Errorf("%q is no indicator's id; give one after the folder, such as: citystat explain mycity potholes-on-time", id)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := ""
			if len(args) == 2 {
				dir = args[0]
			}
			q.Set("indicator", args[len(args)-1])
			q.Set("as_of", asOf)
			q.Set("known_at", knownAt)
			q.Set("lang", lang)
			x, err := explainNow(cmd.Context(), cmd.ErrOrStderr(), dir, data, q)
			if err != nil {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return enc.Encode(x)
			}
			return printExplained(cmd.OutOrStdout(), x)
		},
	}
	c.Flags().StringVar(&data, "data", fromEnv("CITYSTAT_DATA", ""), "data directory (CITYSTAT_DATA)")
	c.Flags().StringVar(&asOf, "as-of", "", "the day that is judged, such as 2026-03-31; by default today, or the day that the folder fixes")
	c.Flags().StringVar(&knownAt, "known-at", "", "with what was known then: 2026-03-31 (the end of that day in the city) or 2026-03-31T17:00:00Z")
	c.Flags().StringVar(&lang, "lang", "", "en, es, pt-BR or fr; by default the city's own")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// explainNow asks the server that owns the data directory, or the stores.
func explainNow(ctx context.Context, errOut io.Writer, path, data string, q url.Values) (explained, error) {
	var x explained
	err := withStores(ctx, errOut, path, data, newProgress(io.Discard),
		func(dir string) error {
			reply, err := callServer(ctx, dir, "explain", q)
			if reply.Explained != nil {
				x = *reply.Explained
			}
			return errors.Join(err, replyError(reply))
		},
		func(e *engine) (err error) {
			x, err = e.explainOf(ctx, q)
			return err
		})
	return x, err
}

// explainOf answers a request as the command makes it.
func (e *engine) explainOf(ctx context.Context, q url.Values) (explained, error) {
	at, err := e.clocks(ctx, q.Get("as_of"), q.Get("known_at"))
	if err != nil {
		return explained{}, err
	}
	card, err := e.builder.Build(ctx, at)
	if err != nil {
		return explained{}, err
	}
	id := q.Get("indicator")
	r := card.Result(id)
	if r == nil {
		return explained{}, noIndicator(card.City, id, then(at))
	}
	lang := card.City.Source()
	if l := q.Get("lang"); l != "" {
		var ok bool
		if lang, _, ok = i18n.FromSegment(l); !ok {
			return explained{}, kpi.Errorf(kpi.CodeInvalid, "--lang %q is none of the languages that there are; write en, es, pt-BR or fr", l)
		}
	}
	bundle, err := i18n.New()
	if err != nil {
		return explained{}, fmt.Errorf("languages: %w", err)
	}
	return explainResult(bundle.Printer(lang, card.City.Formats[lang]), card, r, at), nil
}

// then says that something is asked as known at a time.
func then(at kpi.At) string {
	if at.KnownAt.IsZero() {
		return ""
	}
	return " as known at " + at.KnownAt.UTC().Format(time.RFC3339)
}

// clocks reads the two clocks. Without a day, what was known at a time is judged as of that time's day in the city, or as of the day that the
// folder known then fixes.
func (e *engine) clocks(ctx context.Context, asOf, knownAt string) (kpi.At, error) {
	city, _ := e.definitions()
	today, err := e.asOf(city)
	if err != nil {
		return kpi.At{}, err
	}
	at := kpi.At{AsOf: today}
	if knownAt != "" {
		if at, err = e.knownThen(ctx, city, today, knownAt); err != nil {
			return kpi.At{}, err
		}
	}
	if asOf == "" {
		return at, nil
	}
	if at.AsOf, err = kpi.ParseDate(asOf); err != nil {
		return kpi.At{}, kpi.Errorf(kpi.CodeInvalid, "--as-of %q is no day; write it as 2026-03-31", asOf)
	}
	if at.AsOf.After(today) {
		return kpi.At{}, kpi.Errorf(kpi.CodeInvalid, "--as-of %s lies after %s, the day as of which the city is judged now; what is to come is not known", at.AsOf, today)
	}
	return at, nil
}

// knownThen returns the clocks for what was known at a time. What will be known later is not known: a time to come is now.
func (e *engine) knownThen(ctx context.Context, city *kpi.City, today kpi.Date, knownAt string) (kpi.At, error) {
	moment, err := momentOf(city, "--known-at", knownAt)
	switch {
	case err != nil:
		return kpi.At{}, err
	case moment.After(e.now()):
		return kpi.At{AsOf: today}, nil
	case moment.Before(time.Unix(0, 0)): // before any clock of this program
		return kpi.At{}, kpi.Errorf(kpi.CodeNotFound, "no folder of the city was known at that time")
	}
	known, _, err := e.led.City(ctx, moment)
	if err != nil {
		return kpi.At{}, err
	}
	cal, err := known.Calendar()
	if err != nil {
		return kpi.At{}, err
	}
	day := kpi.DateOf(moment.Add(-time.Nanosecond).In(cal.Location)) // the end of a day belongs to it
	if !known.AsOf.IsZero() {
		day = known.AsOf
	}
	return kpi.At{AsOf: day, KnownAt: moment}, nil
}

// momentOf reads a time, or the end of a day in the city.
func momentOf(city *kpi.City, flag, s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err == nil {
		return t, nil
	}
	day, err := kpi.ParseDate(s)
	if err != nil {
		return t, kpi.Errorf(kpi.CodeInvalid, "%s %q is neither a day nor a time; write 2026-03-31 or 2026-03-31T17:00:00Z", flag, s)
	}
	cal, err := city.Calendar()
	if err != nil {
		return t, err
	}
	return day.EndIn(cal.Location), nil
}

// explainResult puts together what the pages and the API say, and what is for those alone who run the program.
func explainResult(p *i18n.Printer, card *scorecard.Scorecard, r *scorecard.Result, at kpi.At) explained {
	x := explained{
		Indicator: r.Indicator.ID, Name: p.Text(r.Indicator.Name), Lang: p.Lang, AsOf: card.AsOf,
		Made: madeOf{
			DataVersion: card.Version, LiveAt: card.KnownAt, FolderVersion: card.Folder, FolderHash: card.City.Hash, DefinitionVersion: r.Indicator.Version,
		},
		Counted: definitionLines(p, r.Indicator), Targets: targetLines(p, r.Indicator, card.AsOf), Finding: i18n.Finding(p, *r), Newest: i18n.Newest(p, *r),
		Flags: []string{}, Answers: i18n.Explain(p, card.City, *r), Groups: groupSections(p, card, r), Evaluations: []section{}, Changes: []section{}, Checks: []section{},
	}
	known := p.T("explain.known_now")
	if !at.KnownAt.IsZero() {
		x.KnownAt, known = &at.KnownAt, at.KnownAt.UTC().Format(time.RFC3339)
	}
	x.Clocks = []line{
		{p.T("explain.day"), p.Date(card.AsOf)}, {p.T("explain.known_at"), known},
		{p.T("data.version_no"), p.Int(card.Version)}, {p.T("data.folder_no"), p.Int(int64(card.Folder))},
		{p.T("indicator.definition_no"), p.Int(int64(r.Indicator.Version))},
	}
	for _, f := range r.Assessment.Flags {
		x.Flags = append(x.Flags, p.FlagText(f))
	}
	for _, e := range card.Evaluations {
		if e.Definition.Indicator == r.Indicator.ID {
			sentences := append([]string{i18n.EvaluationFinding(p, r.Indicator, e)}, i18n.EvaluationNotes(p, card.City, r.Indicator, e)...)
			x.Evaluations = append(x.Evaluations, section{Title: p.Text(e.Definition.Name), Sentences: sentences})
		}
	}
	for _, c := range card.Changes {
		if c.Indicator == r.Indicator.ID {
			x.Changes = append(x.Changes, section{Title: p.Upper(p.ChangeKind(c.What)), Sentences: i18n.ChangeSentences(p, card.City, c)})
		}
	}
	for _, c := range r.Checks {
		x.Checks = append(x.Checks, section{
			Title: p.T("trust.check_state", "check", p.Upper(p.TrustCheck(c.Check)), "state", p.TrustState(c.State)), Sentences: i18n.TrustSentences(p, card.City, *r, c), Numbers: i18n.TrustFacts(p, *r, c),
		})
	}
	return x
}

// definitionLines say how an indicator is counted, as the folder writes it; what it does not write is left out.
func definitionLines(p *i18n.Printer, ind *kpi.Indicator) []line {
	m := ind.Measure
	list := []line{{p.T("change.field.dataset"), ind.Dataset}, {p.T("change.field.measure"), p.Measure(m)}}
	add := func(field, text string) {
		if text != "" {
			list = append(list, line{p.T("change.field." + field), text})
		}
	}
	add("measure.of", m.Of)
	add("measure.per", m.Per)
	if m.Times != 0 {
		add("measure.times", p.Exact(m.Times, kpi.Number))
	}
	add("measure.from", m.From)
	add("measure.to", m.To)
	add("measure.where", m.Where)
	var left []string
	for _, e := range m.Exclude {
		left = append(left, e.When+" ("+e.Because+")")
	}
	add("measure.exclude", strings.Join(left, "; "))
	add("measure.date", m.Date)
	add("unit", p.Unit(ind.Unit))
	add("direction", p.Direction(ind.Direction))
	if ind.Judge.By != kpi.MethodPace {
		add("judge", p.Method(ind.Judge.By))
	}
	if len(ind.Targets) > 0 {
		add("trajectory", p.Trajectory(cmp.Or(ind.Trajectory, kpi.TrajectoryLinear)))
	}
	add("settles_after", p.Int(int64(ind.SettlesAfter)))
	return list
}

// targetLines are the baseline and the targets, by date, as they stood on a day.
func targetLines(p *i18n.Printer, ind *kpi.Indicator, asOf kpi.Date) []line {
	list := []line{}
	if b := ind.Baseline; b != nil {
		list = append(list, line{p.T("indicator.baseline"), p.Exact(b.Value, ind.Unit) + ", " + p.On(b.Date)})
	}
	for _, t := range ind.TargetsInForce(asOf) {
		list = append(list, line{p.T("change.field."+cmp.Or(t.Kind, kpi.TargetAnnual), "by_date", p.By(t.By)), p.Target(&t, ind)})
	}
	return list
}

// groupSections say how groups compare and what a change is made of, one a dimension.
func groupSections(p *i18n.Printer, card *scorecard.Scorecard, r *scorecard.Result) []section {
	list := []section{}
	for _, e := range r.Equity {
		list = append(list, section{Title: p.T("page.equity_by", "dimension", p.Dimension(e.Dimension)), Sentences: append([]string{i18n.EquityFinding(p, card.City, e)}, i18n.EquityNotes(p, card.City, *r, e)...)})
	}
	for _, d := range r.Drivers {
		sentences := []string{i18n.DriversFinding(p, card.City, *r, d)}
		if s := i18n.DriversSplit(p, r.Indicator, d); s != "" {
			sentences = append(sentences, s)
		}
		list = append(list, section{Title: p.T("page.drivers_by", "dimension", p.Dimension(d.Dimension)), Sentences: sentences})
	}
	return list
}

// spoken keeps what a folder or a row says from commanding the terminal: control characters and marks that turn the direction of writing are
// shown as what they are. Spaces that do not break are ordinary ones there.
func spoken(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar:
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
