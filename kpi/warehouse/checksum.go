package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Checksum identifies what all observations visible at a data version say: the SHA-256, in hexadecimal, over one line for each, in order. Which
// load first gave a value, and as of which day, does not count, so a rebuilt warehouse has the checksum of the old one.
func (db *DB) Checksum(ctx context.Context, version int64) (string, error) {
	var sum string
	err := db.read(ctx, func(t *tx) (err error) {
		sum, err = t.checksum(ctx, version)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("checksum at version %d: %w", version, err)
	}
	return sum, nil
}

func (t *tx) checksum(ctx context.Context, version int64) (string, error) {
	all, err := t.visibleObservations(ctx, "", version)
	if err != nil {
		return "", err
	}
	lines := make([]string, len(all))
	for i := range all {
		lines[i] = all[i].line()
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, line := range lines {
		if _, err := h.Write([]byte(line)); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// line writes what an observation says, every field quoted or a number, so that no two sayings have the same line.
func (o *stored) line() string {
	var b strings.Builder
	for _, s := range []string{o.Indicator, o.Period, o.Dimension, o.Member, o.excluded} {
		b.WriteString(strconv.Quote(s))
	}
	for _, v := range []*float64{o.Numerator, o.Denominator, o.Value} {
		b.WriteByte(' ')
		if v != nil {
			b.WriteString(strconv.FormatFloat(*v, 'g', -1, 64))
		}
	}
	fmt.Fprintf(&b, " %d %d %v %v\n", o.Version, o.Rows, o.Partial, o.Provisional)
	return b.String()
}
