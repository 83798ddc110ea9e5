package ingest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/sys/unix"

	"citystat/ingest"
	"citystat/kpi"
)

// diskFull is the scenario of a child whose disk is small.
const diskFull = "disk full"

// TestDiskFullWhileSpooling lets a child load a file that does not fit on the disk of its temporary files: it says so, its last good data stay,
// nothing is left behind, and once the file fits it loads.
func TestDiskFullWhileSpooling(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir, scenarioEnv+"="+diskFull)
	// In a user and mount namespace of its own a child may mount a small disk; where it may not have one, smallDisk bounds the size of files.
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}, GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.Process == nil {
		t.Logf("no namespace of its own: %v", err)
		again := exec.Command(os.Args[0])
		again.Env = cmd.Env
		out, err = again.CombinedOutput()
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

// smallDisk is the child: it returns its exit status.
func smallDisk(dir string) int {
	if err := tryFullDisk(context.Background(), dir); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func tryFullDisk(ctx context.Context, dir string) error {
	spool := filepath.Join(dir, "spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		return err
	}
	if err := shrink(spool); err != nil {
		return err
	}
	r, err := openReal(ctx, dir, killTown(), func(*ingest.Options) {})
	if err != nil {
		return err
	}
	files := fstest.MapFS{"data/requests.csv": {Data: []byte(delivery(1))}}
	first, err := r.runner.Run(ctx, r.city, files, "requests", asOf, byHand)
	if err != nil {
		return fmt.Errorf("a small file: %w", err)
	}
	files["data/requests.csv"].Data = []byte(big())
	rep, err := r.runner.Run(ctx, r.city, files, "requests", asOf, byHand)
	if kpi.ErrorCode(err) != kpi.CodeUnready || !strings.Contains(err.Error(), "is full; make room and load again") || rep.Load.State != kpi.LoadFailed {
		return fmt.Errorf("a big file: %+v, %w", rep, err)
	}
	fmt.Println("said:", err)
	if left, err := filepath.Glob(filepath.Join(spool, "tmp", "*")); err != nil || len(left) > 0 {
		return fmt.Errorf("left in tmp: %v, %w", left, err)
	}
	if last, _, err := r.ledger.LastLive(ctx, "requests", time.Time{}); err != nil || last.ID != first.Load.ID {
		return fmt.Errorf("last live load %d, %w", last.ID, err)
	}
	if _, sum, err := r.values(ctx); err != nil || sum != first.Load.Checksum {
		return fmt.Errorf("the numbers are others: %w", err)
	}
	files["data/requests.csv"].Data = []byte(delivery(2))
	if _, err := r.runner.Run(ctx, r.city, files, "requests", asOf, byHand); err != nil {
		return fmt.Errorf("the next load: %w", err)
	}
	return r.close()
}

// big is a file of 6 MB that does not compress well.
func big() string {
	var b strings.Builder
	b.WriteString("id,opened,due,closed\n")
	r := rand.New(rand.NewPCG(1, 2))
	for b.Len() < 6<<20 {
		fmt.Fprintf(&b, "r%d-%x,2026-01-05,2026-01-10,2026-01-09\n", b.Len(), r.Uint64())
	}
	return b.String()
}

// shrink leaves 4 MB for a directory: as a disk of its own, or else by a bound on the size of any file of this process.
func shrink(dir string) error {
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4m")
	if err == nil {
		fmt.Println("a disk of 4 MB")
		return nil
	}
	fmt.Println("no disk of its own:", err)
	signal.Ignore(syscall.SIGXFSZ)
	return unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 4 << 20, Max: 4 << 20})
}
