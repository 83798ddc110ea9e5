package connector

import (
	"encoding/json"
	"os"
	"strings"
	"syscall"
	"time"
)

// badChildArgument and a role start the test program as a process that reads Parquet badly.
const badChildArgument = "--bad-child-"

func runBadChild() {
	if len(os.Args) != 2 || !strings.HasPrefix(os.Args[1], badChildArgument) {
		return
	}
	orders := json.NewDecoder(os.Stdin)
	var o order
	if err := orders.Decode(&o); err != nil {
		os.Exit(3)
	}
	if err := bind(o); err != nil {
		os.Exit(3)
	}
	w := newFrameWriter(os.Stdout)
	badChild(strings.TrimPrefix(os.Args[1], badChildArgument), w, orders)
	os.Exit(2)
}

func badChild(role string, w *frameWriter, orders *json.Decoder) {
	say := func(kind byte, texts ...string) {
		for _, s := range texts {
			w.text([]byte(s))
		}
		if w.send(kind) != nil || w.w.Flush() != nil {
			os.Exit(4)
		}
	}
	kill := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			os.Exit(5)
		}
	}
	if role == "killed" {
		kill()
	}
	if role == "" {
		os.Exit(2)
	}
	say(frameHeader, "id", "note")
	var keep []int
	if err := orders.Decode(&keep); err != nil {
		os.Exit(3)
	}
	say(frameRow, "1", "a")
	switch role {
	case "killed-in-mid-row":
		if _, err := w.w.Write([]byte{frameRow, 100, 1}); err != nil || w.w.Flush() != nil {
			os.Exit(4)
		}
		kill()
	case "eats":
		var list [][]byte
		for {
			b := make([]byte, 16<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			list = append(list, b)
			if len(list) > 1000 {
				os.Exit(6)
			}
		}
	case "hangs":
		time.Sleep(time.Hour)
	case "drips":
		for {
			say(frameRow, "1", "a")
			time.Sleep(10 * time.Millisecond)
		}
	case "spins":
		for n := 0; ; n++ {
			if n < 0 {
				os.Exit(6)
			}
		}
	case "overflows":
		os.Exit(forever(0))
	case "babbles":
		say('X', "what?")
	case "miscounts":
		w.number(7)
		say(frameEnd)
		os.Exit(0)
	case "huge":
		if _, err := w.w.Write([]byte{frameRow, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}); err != nil || w.w.Flush() != nil {
			os.Exit(4)
		}
		os.Exit(0)
	case "short":
		say(frameRow, "1")
		os.Exit(0)
	case "forgets":
		os.Exit(0)
	}
}

//go:noinline
func forever(n int) int {
	if n < 0 {
		return n
	}
	return forever(n+1) + forever(n+2)
}
