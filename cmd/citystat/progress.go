package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"citystat/ingest"
	"citystat/kpi"
)

// progress shows how far loads have come: bars on a terminal, one plain line a step otherwise.
type progress struct {
	w    io.Writer
	bars bool

	mu   sync.Mutex
	last kpi.Progress
	bar  *progressbar.ProgressBar
}

// newProgress reports to w.
func newProgress(w io.Writer) *progress {
	f, ok := w.(*os.File)
	return &progress{w: w, bars: ok && term.IsTerminal(int(f.Fd()))}
}

// report takes one message. It may be called from several goroutines.
func (p *progress) report(m kpi.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	begun := m.Dataset != p.last.Dataset || m.Step != p.last.Step
	p.last = m
	if !p.bars {
		if begun {
			fmt.Fprintf(p.w, "%s: %s\n", m.Dataset, stepWords[m.Step])
		}
		return
	}
	if begun {
		p.clear()
		p.bar = p.newBar(m)
	}
	if m.Total > 0 {
		p.bar.ChangeMax64(m.Total)
	}
	// The bar's only error is a terminal that went away: nothing is lost with it.
	_ = p.bar.Set64(m.Done)
}

// newBar begins the bar of a step.
func (p *progress) newBar(m kpi.Progress) *progressbar.ProgressBar {
	total := m.Total
	if total == 0 {
		total = -1
	}
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(m.Dataset+": "+stepWords[m.Step]),
		progressbar.OptionShowBytes(m.Unit == "bytes"), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish())
}

// clear takes the bar off the screen.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear() // as above
		p.bar = nil
	}
}

// finish takes the last bar off the screen.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

// stepWords says each step as the terminal shows it.
var stepWords = map[kpi.Step]string{
	kpi.StepFetch:   "reading the files",
	kpi.StepSpool:   "keeping the copy",
	kpi.StepStage:   "typing the rows",
	kpi.StepCheck:   "checking",
	kpi.StepObserve: "computing the indicators",
	kpi.StepCommit:  "committing",
	kpi.StepLive:    "making it visible",
}

// reportLine says in one line what came of a load.
func reportLine(r ingest.Report) string {
	switch {
	case r.Dataset == "" && r.Error == "":
		return fmt.Sprintf("recomputed as of %s: %d observations in %s", r.Load.AsOf, r.Observations, r.Duration.Round(time.Millisecond))
	case r.Error != "":
		return fmt.Sprintf("%s: failed, the last good data stay: %s", r.Dataset, harmless(r.Error))
	case r.Unchanged:
		return fmt.Sprintf("%s: unchanged since load %d of %s", r.Dataset, r.Load.ID, r.Load.LiveAt.Format(time.DateTime))
	}
	c := r.Load.Counts
	line := fmt.Sprintf("%s: load %d, %d rows read, %d accepted, %d rejected (%d new, %d restated, %d gone) in %s",
		r.Dataset, r.Load.ID, c.Read, c.Accepted, c.Rejected, c.New, c.Restated, c.Gone, r.Duration.Round(time.Millisecond))
	for _, w := range r.Warnings {
		line += "\n  warning: " + harmless(w)
	}
	return line
}

// harmless is a text of several lines, with what a source says in it, for a terminal: it commands nothing, and none of its lines begins as
// one of the program's own does.
func harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		lines[i] = printableText(l)
	}
	return strings.Join(lines, "\n    ")
}
