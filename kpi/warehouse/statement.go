package warehouse

import (
	"fmt"
	"strings"
)

// statement is an SQL statement in the making: its text and the values bound to it. Values never become text.
type statement struct {
	strings.Builder
	args []any
	seen map[string]string // values that are bound already
}

// bind returns the parameter, with its SQL type, that stands for the value. The same value is bound once.
func (s *statement) bind(v any, sqlType string) string {
	if key, ok := comparableKey(v); ok {
		key += "::" + sqlType
		if p, ok := s.seen[key]; ok {
			return p
		}
		return s.remember(key, s.add(v, sqlType))
	}
	return s.add(v, sqlType)
}

func (s *statement) remember(key, p string) string {
	if s.seen == nil {
		s.seen = map[string]string{}
	}
	s.seen[key] = p
	return p
}

// list binds a list of whole numbers that goes by a name: under one name always the same. It is bound once.
func (s *statement) list(name string, v []int64) string {
	key := "list " + name
	if p, ok := s.seen[key]; ok {
		return p
	}
	return s.remember(key, s.add(v, "BIGINT[]"))
}

func (s *statement) add(v any, sqlType string) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d::%s", len(s.args), sqlType)
}

func comparableKey(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return "s" + v, true
	case float64, int64, bool:
		return fmt.Sprintf("%T%v", v, v), true
	}
	return "", false
}

// text binds a text.
func (s *statement) text(v string) string { return s.bind(v, "VARCHAR") }

// printf appends formatted text. Its arguments are quoted names and parameters only.
func (s *statement) printf(format string, args ...any) { fmt.Fprintf(&s.Builder, format, args...) }
