package connector

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"golang.org/x/sys/unix"
)

// ownProgram is the file of this very program, even if another one has taken its place since it was started.
func ownProgram() (string, error) { return "/proc/self/exe", nil }

// bindProcess bounds the address space beyond what the program already has, and the processor time; no file can grow, and no memory
// image is left of a crash.
func bindProcess(o order) error {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return err
	}
	pages, _, _ := bytes.Cut(b, []byte(" "))
	has, err := strconv.ParseUint(string(pages), 10, 64)
	if err != nil {
		return err
	}
	timeIsUp := make(chan os.Signal, 1)
	signal.Notify(timeIsUp, unix.SIGXCPU)
	go func() {
		fmt.Fprintln(os.Stderr, <-timeIsUp, saysCPU)
		os.Exit(2)
	}()
	memory, cpu := has*uint64(os.Getpagesize())+uint64(o.Memory), max(1, uint64(o.CPU.Seconds()))
	for what, most := range map[int]unix.Rlimit{
		unix.RLIMIT_AS:    {Cur: memory, Max: memory},
		unix.RLIMIT_CPU:   {Cur: cpu, Max: cpu + 2}, // time to say why it ends
		unix.RLIMIT_FSIZE: {},
		unix.RLIMIT_CORE:  {},
	} {
		if err := unix.Setrlimit(what, &most); err != nil {
			return fmt.Errorf("limit %d: %w", what, err)
		}
	}
	return nil
}
