package ingest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"citystat/ingest"
	"citystat/ingest/connector"
	"citystat/kpi"
)

// The environment of the kill test: the directory in which the child works, what it loads, and how many kills there are.
const (
	childEnv    = "CITYSTAT_TEST_CHILD"
	scenarioEnv = "CITYSTAT_TEST_SCENARIO"
	killsEnv    = "CITYSTAT_KILLS"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if os.Getenv(scenarioEnv) == diskFull {
			os.Exit(smallDisk(dir))
		}
		if err := child(dir, scenarioOf(os.Getenv(scenarioEnv))); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// delivery makes the n-th state of the source: requests come, go and are restated from one to the next.
func delivery(n int) string {
	var b strings.Builder
	b.WriteString("id,opened,due,closed\n")
	for i := n % 5; i < 40+n%7; i++ {
		day := func(d int) string { return kpi.NewDate(2026, 1, 1+d).String() }
		closed := day(i + 5 + (i*n)%10)
		if (i+n)%9 == 0 {
			closed = ""
		}
		fmt.Fprintf(&b, "r%d,%s,%s,%s\n", i, day(i), day(i+9), closed)
	}
	b.WriteString("broken\n")
	return b.String()
}

// revised makes the n-th state of a source that loses no row: at each one a few are new and a fifth of the others restated. Of those that have
// changed since the state before there are the rows alone.
func revised(n, before int) string {
	var b strings.Builder
	b.WriteString("id,opened,due,closed\n")
	rows := func(n int) int { return 20 + min(n, 300) }
	for i := range rows(n) {
		version := max(n-(n+i)%5, 0) // the last state that restated it
		if version <= before && i < rows(before) && before > 0 {
			continue
		}
		day := func(d int) string { return kpi.NewDate(2026, 1, 1+d%80).String() }
		fmt.Fprintf(&b, "r%d,%s,%s,%s\n", i, day(i), day(i+9), day(i+5+(i*version)%10))
	}
	b.WriteString("broken\n")
	return b.String()
}

// scenario is what a child loads.
type scenario struct {
	name  string
	whole func(n int) string // all rows of the n-th state
	city  func() *kpi.City
}

// The scenarios: every delivery holds everything, or only what has changed since the last one that is live.
const (
	loadsAll     = "all"
	loadsChanges = "changes"
)

func scenarioOf(name string) scenario {
	if name != loadsChanges {
		return scenario{loadsAll, delivery, killTown}
	}
	return scenario{loadsChanges, func(n int) string { return revised(n, 0) }, func() *kpi.City {
		c := killTown()
		c.Datasets[0].Source = kpi.Source{Kind: "portal", Delivers: kpi.DeliversChanges}
		return c
	}}
}

// read is the connector of a source in its n-th state.
func (s scenario) read(n *int) *portal {
	return &portal{answer: func(ctx context.Context, req connector.Request) (connector.Result, error) {
		if s.name == loadsAll || req.Previous.ID == 0 {
			return fromCSV(s.whole(*n), func(r *connector.Result) { r.Cursor = strconv.Itoa(*n) })(ctx, req)
		}
		before, err := strconv.Atoi(req.Previous.Cursor)
		if err != nil {
			return connector.Result{}, err
		}
		return fromCSV(revised(*n, before), changes(strconv.Itoa(*n)))(ctx, req)
	}}
}

// open opens a data directory; the source is in its n-th state.
func (s scenario) open(ctx context.Context, dir string, n *int, hook func(kpi.Step)) (*real, error) {
	return openReal(ctx, dir, s.city(), func(o *ingest.Options) {
		p := s.read(n)
		o.Hook, o.Connectors = hook, map[string]ingest.Connector{kpi.SourceCSV: p, "portal": p}
	})
}

// expected works out by hand what the rows of a state say.
func expected(text string) map[string]string {
	type month struct{ onTime, due, opened int }
	months := map[string]*month{"total": {}}
	at := func(p string) *month {
		if months[p] == nil {
			months[p] = &month{}
		}
		return months[p]
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, l := range lines[1 : len(lines)-1] {
		f := strings.Split(l, ",")
		for _, p := range []string{f[1][:7], "total"} {
			at(p).opened++
		}
		for _, p := range []string{f[2][:7], "total"} {
			at(p).due++
			if f[3] != "" && f[3] <= f[2] {
				at(p).onTime++
			}
		}
	}
	values := map[string]string{}
	for _, p := range []string{"2026-01", "2026-02", "2026-03", "total"} {
		m := at(p)
		values["opened/"+p] = fmt.Sprintf("%d/-", m.opened)
		if m.due > 0 { // a share of no rows is no value
			values["on-time/"+p] = fmt.Sprintf("%d/%d", m.onTime, m.due)
		}
	}
	return values
}

// killTown is the town with the dataset of the kill test alone.
func killTown() *kpi.City {
	c := town()
	c.Datasets, c.Indicators = c.Datasets[:1], c.Indicators[:2]
	return c
}

// child loads one delivery after the other. Before each step it tells its parent and waits for leave to go on.
func child(dir string, sc scenario) error {
	ctx := context.Background()
	leave := bufio.NewReader(os.Stdin)
	ask := func(format string, args ...any) {
		fmt.Printf(format+"\n", args...)
		if _, err := leave.ReadByte(); err != nil {
			os.Exit(3) // the parent is gone
		}
	}
	n, err := counter(dir)
	if err != nil {
		return err
	}
	r, err := sc.open(ctx, filepath.Join(dir, "data"), &n, func(s kpi.Step) { ask("step %s %d", s, n) })
	if err != nil {
		return err
	}
	for {
		n++
		if err := os.WriteFile(filepath.Join(dir, "n"), []byte(strconv.Itoa(n)), 0o600); err != nil {
			return err
		}
		rep, err := r.runner.Run(ctx, r.city, nil, "requests", asOf, byHand)
		if err != nil {
			return err
		}
		ask("live %d %s", n, rep.Load.Checksum)
	}
}

// counter reads which delivery was tried last.
func counter(dir string) (int, error) {
	b, err := os.ReadFile(filepath.Join(dir, "n"))
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(b))
}

// stepDone is after the last step: the load is live and its caller knows.
const stepDone kpi.Step = "done"

// kill is where a child dies: in its load-th load, at a step; while it waits there, or some time after it was let go on.
type kill struct {
	load    int
	step    kpi.Step
	running bool
	after   time.Duration // only if running: so that deaths fall on many places of the work
}

// inside reports whether the load's transaction is open then.
func (k kill) inside() bool {
	return slices.Contains([]kpi.Step{kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit}, k.step)
}

// plan spreads n kills over the steps: five sixths of them and more inside the transaction, half of them while it works.
func plan(n int) []kill {
	steps := []kpi.Step{
		kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit, kpi.StepLive, kpi.StepCommit,
		kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit, kpi.StepSpool, kpi.StepCommit,
		kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit, kpi.StepFetch, kpi.StepObserve,
		kpi.StepStage, kpi.StepCheck, kpi.StepObserve, kpi.StepCommit, stepDone, kpi.StepCommit,
	}
	kills := make([]kill, n)
	for i := range kills {
		kills[i] = kill{load: 1 + i%3/2, step: steps[i%len(steps)], running: (i+i/6)%2 == 0, after: time.Duration(i*7%11) * time.Millisecond}
	}
	return kills
}

// victim is a child that is being watched.
type victim struct {
	cmd   *exec.Cmd
	lines *bufio.Scanner
	leave io.WriteCloser
}

func startChild(t *testing.T, dir string, sc scenario) *victim {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir, scenarioEnv+"="+sc.name)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return &victim{cmd, bufio.NewScanner(out), in}
}

// goOn gives the child leave for its next step.
func (v *victim) goOn(t *testing.T) {
	t.Helper()
	if _, err := v.leave.Write([]byte{'.'}); err != nil {
		t.Fatal(err)
	}
}

// die lets the child run to the place of its death and kills it. It returns the last delivery that it called live (0 if none) and the
// delivery that it was loading.
func (v *victim) die(t *testing.T, k kill) (live, loading int) {
	t.Helper()
	loads := 0
	for v.lines.Scan() {
		f := strings.Fields(v.lines.Text())
		switch {
		case f[0] == "live":
			if _, err := fmt.Sscan(f[1], &live); err != nil {
				t.Fatal(err)
			}
		case f[0] == "step" && kpi.Step(f[1]) == kpi.StepFetch:
			loads++
		}
		if f[0] == "live" && k.step == stepDone {
			v.end(t)
			return live, live
		}
		if f[0] == "step" && loads == k.load && kpi.Step(f[1]) == k.step {
			if _, err := fmt.Sscan(f[2], &loading); err != nil {
				t.Fatal(err)
			}
			if k.running {
				v.goOn(t)
				<-time.After(k.after)
			}
			v.end(t)
			return live, loading
		}
		v.goOn(t)
	}
	v.end(t)
	t.Fatalf("the child ended before it could be killed at %+v: %v", k, v.lines.Err())
	return 0, 0
}

// end kills the child by signal 9 and waits until it is gone.
func (v *victim) end(t *testing.T) {
	t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the child was not killed: %v", err)
	}
}

// kills returns how many kills there are: 50, in short tests 8, or what the environment says.
func kills(t *testing.T) int {
	t.Helper()
	if s := os.Getenv(killsEnv); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("%s=%q is no number", killsEnv, s)
		}
		return n
	}
	if testing.Short() {
		return 8
	}
	return 50
}

// TestKillNine kills a program that loads, again and again, with signal 9: at every named step, most often inside the open transaction,
// waiting there or at work. After each kill the stores are opened again. The checksum over all visible observations is then the one from
// before the load or the one from after it, the values are those worked out by hand, and the next load succeeds.
func TestKillNine(t *testing.T) {
	n := kills(t)
	inside := killAll(t, scenarioOf(loadsAll), plan(n))
	if n >= 50 && inside < 40 {
		t.Errorf("only %d kills were inside a transaction", inside)
	}
}

// TestKillNineDuringChanges does the same where every delivery holds only what has changed since the last one that became live: one that was
// killed must neither be lost nor counted twice.
func TestKillNineDuringChanges(t *testing.T) {
	killAll(t, scenarioOf(loadsChanges), plan(max(kills(t)/3, 8)))
}

// killAll kills one child after the other, looks after each, and loads and rebuilds at the end. It returns how many kills were inside the transaction.
func killAll(t *testing.T, sc scenario, kills []kill) int {
	t.Helper()
	dir := t.TempDir()
	sums := newReference(t, sc)
	state, inside, advanced := 0, 0, 0 // state: the delivery that is live; 0: none yet
	for i, k := range kills {
		live, loading := startChild(t, dir, sc).die(t, k)
		if live > 0 {
			state = live
		}
		if k.inside() {
			inside++
		}
		now := reopen(t, dir, sums, fmt.Sprintf("kill %d at %s", i, k.step), state, loading)
		if now == loading {
			advanced++
		}
		if now == loading && k.step != stepDone && (k.step != kpi.StepLive || !k.running) { // it waits for leave before every step
			t.Errorf("kill %d: a load that was killed at %s is live", i, k.step)
		}
		state = now
	}
	t.Logf("%d kills, %d of them inside an open transaction; %d loads had become live all the same", len(kills), inside, advanced)
	lastLoad(t, dir, sums)
	return inside
}

// reopen opens the stores as the program does, and returns the delivery whose numbers are visible: old or loading.
func reopen(t *testing.T, dir string, sums *reference, when string, old, loading int) int {
	t.Helper()
	r, err := sums.sc.open(t.Context(), filepath.Join(dir, "data"), new(int), nil)
	if err != nil {
		t.Fatalf("%s: %v", when, err)
	}
	defer r.mustClose(t)
	values, sum, err := r.values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	now := old
	if sum == sums.of(t, loading) {
		now = loading
	}
	if sum != sums.of(t, now) {
		t.Fatalf("%s: the checksum is neither that of delivery %d nor that of %d", when, old, loading)
	}
	want := map[string]string{}
	if now > 0 {
		want = expected(sums.sc.whole(now))
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Fatalf("%s: values of delivery %d (-by hand +got):\n%s", when, now, diff)
	}
	last, ok, err := r.ledger.LastLive(t.Context(), "requests", time.Time{})
	if err != nil || ok != (now > 0) || ok && last.Checksum != sum {
		t.Fatalf("%s: the ledger's checksum is %q (%v), the warehouse's %q", when, last.Checksum, err, sum)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "data", "spool", "tmp", "*")); err != nil || len(left) > 0 {
		t.Errorf("%s: left in tmp: %v, %v", when, left, err)
	}
	return now
}

// lastLoad runs a load after all the kills, and rebuilds everything.
func lastLoad(t *testing.T, dir string, sums *reference) {
	t.Helper()
	last := 10_001
	r, err := sums.sc.open(t.Context(), filepath.Join(dir, "data"), &last, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.mustClose(t)
	rep, err := r.runner.Run(t.Context(), r.city, nil, "requests", asOf, byHand)
	if err != nil || rep.Load.Checksum != sums.of(t, last) || rep.Load.Changes != (sums.sc.name == loadsChanges) {
		t.Fatalf("a load after the kills: %+v, %v", rep, err)
	}
	r.want(t, expected(sums.sc.whole(last)))
	if err := r.runner.Rebuild(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.want(t, expected(sums.sc.whole(last)))
}

// reference is a program that nobody kills, and that always loads everything. It says which checksum a state has.
type reference struct {
	*real
	sc   scenario
	sums map[int]string
}

func newReference(t *testing.T, sc scenario) *reference {
	t.Helper()
	ref := &reference{mustOpen(t, t.TempDir(), killTown()), sc, map[int]string{}}
	t.Cleanup(func() { ref.mustClose(t) })
	_, sum, err := ref.values(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ref.sums[0] = sum
	return ref
}

func (r *reference) of(t *testing.T, n int) string {
	t.Helper()
	if _, ok := r.sums[n]; !ok {
		files := fstest.MapFS{"data/requests.csv": {Data: []byte(r.sc.whole(n))}}
		rep, err := r.runner.Run(t.Context(), r.city, files, "requests", asOf, byHand)
		if err != nil {
			t.Fatal(err)
		}
		r.sums[n] = rep.Load.Checksum
	}
	return r.sums[n]
}
