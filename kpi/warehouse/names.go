package warehouse

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"citystat/kpi"
)

// columnPattern is the allow-list of column names. Every name of ours in a row table begins with an underscore, so the two never
// meet.
var columnPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// quoteName writes a name as an SQL identifier. It is the only way in which a name gets into a statement.
func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteText writes a text as an SQL literal. Statements bind their values; this is for the few places in which DuckDB takes no
// parameter (ATTACH, SET).
func quoteText(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }

// quoteNames writes names as a comma-separated list, each with the prefix.
func quoteNames(prefix string, names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = prefix + quoteName(n)
	}
	return strings.Join(quoted, ", ")
}

// rawName is the column that keeps a district as the source wrote it.
func rawName(column string) string { return "_raw_" + column }

// rowTableName names the table for the rows of a dataset that were read in the way that hash stands for.
func rowTableName(dataset, hash string) string {
	sum := sha256.Sum256([]byte(hash))
	return "row_" + strings.ReplaceAll(dataset, "-", "_") + "_" + hex.EncodeToString(sum[:6])
}

// validate refuses a dataset whose names could not be identifiers. The catalog has said so with file and line long before; this
// is the lock on the door to SQL.
func validate(d *kpi.Dataset) error {
	if !kpi.ValidID(d.ID) {
		return kpi.Errorf(kpi.CodeInvalid, "%q is no dataset id; use small letters, digits and hyphens, at most 64", d.ID)
	}
	seen := map[string]bool{}
	for _, c := range d.Columns {
		if !columnPattern.MatchString(c.Name) || seen[c.Name] {
			return kpi.Errorf(kpi.CodeInvalid, "dataset %s: column %q is named twice or not ^[a-z][a-z0-9_]{0,62}$", d.ID, c.Name)
		}
		if exprType(c.Type) == "" {
			return kpi.Errorf(kpi.CodeInvalid, "dataset %s: column %s has the unknown type %q; use one of %v", d.ID, c.Name, c.Type, kpi.ColumnTypes)
		}
		seen[c.Name] = true
	}
	return validateLists(d, seen)
}

func validateLists(d *kpi.Dataset, declared map[string]bool) error {
	if len(d.Key) == 0 {
		return kpi.Errorf(kpi.CodeInvalid, "dataset %s has no key; name the columns that identify a row", d.ID)
	}
	named := append([]string(nil), d.Key...)
	named = append(named, d.Dimensions...)
	for _, c := range d.Checks {
		named = append(named, c.Columns...)
	}
	for _, n := range named {
		if !declared[n] {
			return kpi.Errorf(kpi.CodeInvalid, "dataset %s: key, dimension or check names the column %q, which is not declared", d.ID, n)
		}
	}
	return nil
}

// column returns the declared column with the name.
func column(d *kpi.Dataset, name string) *kpi.Column {
	for i := range d.Columns {
		if d.Columns[i].Name == name {
			return &d.Columns[i]
		}
	}
	return nil
}
