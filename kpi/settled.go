package kpi

// Partial reports whether the period is not over at the end of the as-of day.
func (p Period) Partial(asOf Date) bool { return asOf.Before(p.Last) }

// Settled reports whether the period's value is settled at the end of the as-of day, see [Indicator.SettledOn]. A partial period never is.
func (i *Indicator) Settled(p Period, asOf Date) bool {
	return !p.Partial(asOf) && !asOf.Before(i.SettledOn(p))
}
