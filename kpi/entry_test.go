package kpi

import "testing"

func TestEntryLine(t *testing.T) {
	for _, c := range [][2]int64{{0, 1}, {1, 2}, {12, 1_048_576}, {900_000, 9_999_999}} {
		if b, l := EntryOf(EntryLine(c[0], c[1])); b != c[0] || l != c[1] {
			t.Errorf("%v comes back as %d, %d", c, b, l)
		}
	}
}

// TestColumnDays writes days as columns declare them and reads them again.
func TestColumnDays(t *testing.T) {
	d := NewDate(2026, 3, 7)
	for _, c := range []struct {
		column Column
		want   string
	}{
		{Column{Type: TypeDate}, "2026-03-07"},
		{Column{Type: TypeDate, Format: "%d/%m/%Y"}, "07/03/2026"},
		{Column{Type: TypeDate, Format: "%-m/%-d/%Y"}, "3/7/2026"},
		{Column{Type: TypeDate, Format: "%d %B %Y", Formats: []string{"%Y%m%d"}}, "20260307"},
		{Column{Type: TypeDate, Format: FormatExcel}, ""},
		{Column{Type: TypeDate, Format: "%d/%m/%y"}, ""},
		{Column{Type: TypeDate, Values: map[string]string{"FY26": "2026-06-30"}}, ""},
	} {
		got, ok := c.column.WriteDay(d)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("%+v writes %q, %v", c.column, got, ok)
		}
		if !ok {
			continue
		}
		if back, is := c.column.ReadDay(got); !is || back != d {
			t.Errorf("%q is read as %v, %v", got, back, is)
		}
		for _, s := range []string{"", "tomorrow", "2026-02-30", "31/02/2026"} {
			if back, is := c.column.ReadDay(s); is {
				t.Errorf("%+v reads %q as %v", c.column, s, back)
			}
		}
	}
}
