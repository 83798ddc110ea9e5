package kpi

// Partial reports whether the period is not over at the end of the as-of day.
func (p Period) Partial(asOf Date) bool { return asOf.Before(p.Last) }

// Covered returns the last day of which the indicator's rows can speak on the as-of day: that day, or the one until which its source is
// complete.
func (i *Indicator) Covered(asOf Date) Date {
	if !i.CompleteUntil.IsZero() && i.CompleteUntil.Before(asOf) {
		return i.CompleteUntil
	}
	return asOf
}

// Partial reports whether rows of the period are still to come on the as-of day: it is not over, or the source ends within it or before.
func (i *Indicator) Partial(p Period, asOf Date) bool { return p.Partial(i.Covered(asOf)) }

// Settled reports whether the period's value is settled on the as-of day, see [Indicator.SettledOn]. A partial period never is.
func (i *Indicator) Settled(p Period, asOf Date) bool {
	return !i.Partial(p, asOf) && !asOf.Before(i.SettledOn(p))
}
