package catalog

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"
)

// around is how many lines around a change a diff shows.
const around = 3

// diff writes the drafts that are not as the files as a unified diff.
func (p *patch) diff() error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		d := p.files[name]
		if d.now == d.text {
			continue
		}
		tail := ""
		if strings.Contains(name, " ") {
			tail = "\t"
		}
		fmt.Fprintf(&b, "--- a/%s%s\n+++ b/%s%s\n", name, tail, name, tail)
		hunks(&b, lines(string(d.data)), lines(string(d.bytes())))
	}
	p.result.Diff = []byte(b.String())
	if len(p.result.Diff) == 0 {
		p.result.Diff = nil
	}
	return nil
}

// lines splits a text behind its line ends; the last line may have none.
func lines(s string) []string {
	list := strings.SplitAfter(s, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// step is a line of a diff: ' ', '-' or '+', and the line.
type step struct {
	sign byte
	line string
}

// hunks writes what differs between two texts.
func hunks(b *strings.Builder, was, now []string) {
	steps := compare(was, now)
	changed := func(k int) bool { return steps[k].sign != ' ' }
	oldAt, newAt := 0, 0
	for k := 0; k < len(steps); {
		if !changed(k) {
			ahead := false
			for j := k; j < min(k+around+1, len(steps)); j++ {
				ahead = ahead || changed(j)
			}
			if !ahead {
				k, oldAt, newAt = k+1, oldAt+1, newAt+1
				continue
			}
		}
		end, quiet := k, 0
		for j := k; j < len(steps) && quiet <= 2*around; j++ {
			if changed(j) {
				end, quiet = j+1, 0
			} else {
				quiet++
			}
		}
		end = min(end+around, len(steps))
		hunk(b, steps[k:end], &oldAt, &newAt)
		k = end
	}
}

// hunk writes a part of a diff, and counts on.
func hunk(b *strings.Builder, steps []step, oldAt, newAt *int) {
	olds, news := 0, 0
	for _, s := range steps {
		if s.sign != '+' {
			olds++
		}
		if s.sign != '-' {
			news++
		}
	}
	begin := func(at, n int) int {
		if n == 0 {
			return at
		}
		return at + 1
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", begin(*oldAt, olds), olds, begin(*newAt, news), news)
	for _, s := range steps {
		fmt.Fprintf(b, "%c%s", s.sign, s.line)
		if !strings.HasSuffix(s.line, "\n") {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
	*oldAt, *newAt = *oldAt+olds, *newAt+news
}

// compare returns the shortest way from one text to another (Myers 1986).
func compare(was, now []string) []step {
	n, m := len(was), len(now)
	v := map[int]int{1: 0}
	var trail []map[int]int
	for d := 0; ; d++ {
		for k := -d; k <= d; k += 2 {
			x := v[k-1] + 1
			if k == -d || k != d && v[k-1] < v[k+1] {
				x = v[k+1]
			}
			for x < n && x-k < m && was[x] == now[x-k] {
				x++
			}
			v[k] = x
			if x >= n && x-k >= m {
				return back(was, now, append(trail, maps.Clone(v)), d)
			}
		}
		trail = append(trail, maps.Clone(v))
	}
}

// back goes the way that was found from its end.
func back(was, now []string, trail []map[int]int, d int) []step {
	x, y := len(was), len(now)
	var steps []step
	for ; d > 0; d-- {
		v, k := trail[d-1], x-y
		from := k - 1
		if k == -d || k != d && v[k-1] < v[k+1] {
			from = k + 1
		}
		px := v[from]
		py := px - from
		for x > px && y > py {
			x, y = x-1, y-1
			steps = append(steps, step{' ', was[x]})
		}
		if x == px {
			y--
			steps = append(steps, step{'+', now[y]})
		} else {
			x--
			steps = append(steps, step{'-', was[x]})
		}
	}
	for x > 0 {
		x--
		steps = append(steps, step{' ', was[x]})
	}
	slices.Reverse(steps)
	return steps
}

// overlay is the folder with the drafts in the place of its files.
func (p *patch) overlay() fs.FS {
	files := map[string][]byte{}
	for name, d := range p.files {
		if d.now != d.text {
			files[name] = d.bytes()
		}
	}
	return overlaid{p.fsys, files}
}

// overlaid is a folder of which some files are others.
type overlaid struct {
	fs.FS
	files map[string][]byte
}

// Open opens a file.
func (o overlaid) Open(name string) (fs.File, error) {
	data, ok := o.files[name]
	if !ok {
		return o.FS.Open(name)
	}
	f, err := o.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return &another{File: f, Reader: strings.NewReader(string(data)), size: int64(len(data))}, nil
}

// another is a file with other bytes.
type another struct {
	fs.File
	*strings.Reader
	size int64
}

// Read reads the other bytes.
func (a *another) Read(b []byte) (int, error) { return a.Reader.Read(b) }

// Stat says how many there are.
func (a *another) Stat() (fs.FileInfo, error) {
	info, err := a.File.Stat()
	if err != nil {
		return nil, err
	}
	return sized{info, a.size}, nil
}

type sized struct {
	fs.FileInfo
	size int64
}

// Size is the number of the other bytes.
func (s sized) Size() int64 { return s.size }

// ModTime is that of the file.
func (s sized) ModTime() time.Time { return s.FileInfo.ModTime() }
