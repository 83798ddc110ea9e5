package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// nearest returns the name that was probably meant by word, or "" if none is near enough.
func nearest(word string, names []string) string {
	best, least := "", 2
	if n := len([]rune(word)); n > 3 {
		least = n/3 + 2
	} else {
		least = min(least, n) // a word that is changed altogether is another word
	}
	for _, name := range names {
		if d := distance(strings.ToLower(word), strings.ToLower(name)); d < least {
			best, least = name, d
		}
	}
	if best == "" {
		best = begun(word, names)
	}
	return best
}

// begun returns the only name that begins with the word, or "".
func begun(word string, names []string) string {
	best := ""
	for _, name := range names {
		switch {
		case len(word) < 2 || !strings.HasPrefix(name, word):
		case best != "":
			return ""
		default:
			best = name
		}
	}
	return best
}

// suggest is the mend for a word that is none of names: the nearest one, or else all of them if they are few.
func suggest(word string, names []string, all string) string {
	if best := nearest(word, names); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	const few = 16
	switch {
	case len(names) == 0:
		return "there is none in this folder"
	case len(names) > few:
		return fmt.Sprintf("%s %s and %d more", all, strings.Join(names[:few], ", "), len(names)-few)
	}
	return all + " " + strings.Join(names, ", ")
}

// distance is the number of single-character edits from a to b, a swap of neighbours counting as one (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := [3][]int{make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ(s[i-1], t[j-1]))
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(t)]
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}

// short quotes what the folder says for a message, cut if it is long.
func short(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// strings of a typed list, for suggest.
func words[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}

// keys returns the keys of m in order.
func keys[T any](m map[string]T) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
