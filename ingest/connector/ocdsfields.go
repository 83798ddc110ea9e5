package connector

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// releaseFields are the fields of a release that are columns under their own paths (OCDS 1.1 release schema). All are scalars, or lists of
// texts.
var releaseFields = fieldSet(`
ocid id date tag initiationType language
buyer.id buyer.name
planning.rationale
planning.budget.id planning.budget.description planning.budget.amount.amount planning.budget.amount.currency planning.budget.project planning.budget.projectID
tender.id tender.title tender.description tender.status
tender.procuringEntity.id tender.procuringEntity.name
tender.value.amount tender.value.currency tender.minValue.amount tender.minValue.currency
tender.procurementMethod tender.procurementMethodDetails tender.procurementMethodRationale
tender.mainProcurementCategory tender.additionalProcurementCategories
tender.awardCriteria tender.awardCriteriaDetails tender.submissionMethod tender.submissionMethodDetails
tender.hasEnquiries tender.eligibilityCriteria tender.numberOfTenderers
` + periodFields("tender.tenderPeriod") + periodFields("tender.enquiryPeriod") + periodFields("tender.awardPeriod") + periodFields("tender.contractPeriod"))

// computedFields are what is computed from the lists, but for the sums in each currency.
var computedFields = fieldSet(`
tender.items.count tender.tenderers.count tender.documents.count parties.count awards.count contracts.count
awards.first.id awards.first.date awards.first.title awards.first.status awards.first.value.amount awards.first.value.currency
awards.first.suppliers.id awards.first.suppliers.name awards.suppliers.count
awards.value.amount awards.value.currency awards.date.min awards.date.max awards.contractPeriod.startDate awards.contractPeriod.endDate
contracts.first.id contracts.first.awardID contracts.first.title contracts.first.status contracts.first.dateSigned
contracts.first.value.amount contracts.first.value.currency contracts.first.period.startDate contracts.first.period.endDate
contracts.value.amount contracts.value.currency contracts.dateSigned.min contracts.dateSigned.max contracts.period.startDate contracts.period.endDate
`)

func periodFields(path string) string {
	return path + ".startDate " + path + ".endDate " + path + ".maxExtentDate " + path + ".durationInDays\n"
}

func fieldSet(names string) map[string]bool {
	set := map[string]bool{}
	for name := range strings.FieldsSeq(names) {
		set[name] = true
	}
	return set
}

// currencySum is the column of a sum in one currency.
var currencySum = regexp.MustCompile(`^(awards|contracts)\.value\.[A-Z]{3}$`)

func isReleaseField(name string) bool {
	return releaseFields[name] || computedFields[name] || currencySum.MatchString(name)
}

// fields puts the columns of a release into the row.
func (r *ocdsReader) fields(release map[string]any) error {
	if err := r.own(release, ""); err != nil {
		return err
	}
	tender, _ := release["tender"].(map[string]any)
	awards, contracts := objectsOf(release["awards"]), objectsOf(release["contracts"])
	values := map[string]string{
		"tender.items.count": listLength(tender["items"]), "tender.tenderers.count": listLength(tender["tenderers"]), "tender.documents.count": listLength(tender["documents"]),
		"parties.count": listLength(release["parties"]), "awards.count": listLength(release["awards"]), "contracts.count": listLength(release["contracts"]),
	}
	firstOf(values, "awards.first.", awards, "id", "date", "title", "status", "value.amount", "value.currency")
	firstOf(values, "contracts.first.", contracts, "id", "awardID", "title", "status", "dateSigned", "value.amount", "value.currency", "period.startDate", "period.endDate")
	if len(awards) > 0 {
		suppliers := objectsOf(awards[0]["suppliers"])
		values["awards.first.suppliers.id"], values["awards.first.suppliers.name"] = joinedTexts(suppliers, "id"), joinedTexts(suppliers, "name")
	}
	awards, contracts = standingOnly(awards), standingOnly(contracts)
	if len(awards) > 0 {
		values["awards.suppliers.count"] = strconv.Itoa(suppliersOf(awards))
	}
	sumByCurrency(values, "awards.value.", awards)
	sumByCurrency(values, "contracts.value.", contracts)
	values["awards.date.min"], values["awards.date.max"] = dateBounds(awards, "date", "date")
	values["contracts.dateSigned.min"], values["contracts.dateSigned.max"] = dateBounds(contracts, "dateSigned", "dateSigned")
	values["awards.contractPeriod.startDate"], values["awards.contractPeriod.endDate"] = dateBounds(awards, "contractPeriod.startDate", "contractPeriod.endDate")
	values["contracts.period.startDate"], values["contracts.period.endDate"] = dateBounds(contracts, "period.startDate", "period.endDate")
	for name, value := range values {
		if r.row.declared[name] && value != "" { // the others are no fields of the source
			if err := r.row.put(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// own puts the fields of the release that are columns, and the names of those that are not.
func (r *ocdsReader) own(m map[string]any, prefix string) error {
	for name, v := range m {
		path := prefix + name
		if group, is := v.(map[string]any); is && !r.row.drop[path] {
			if err := r.own(group, path+"."); err != nil {
				return err
			}
			continue
		}
		if !r.row.declared[path] && (isReleaseField(path) || countedLists[path]) {
			continue // a field of the standard that the city has no use for is nothing new
		}
		value := ""
		if r.row.declared[path] {
			var plain bool
			if value, plain = plainField(v); !plain {
				return faultf("the column %q is a list of objects; declare what is computed of it, such as awards.count, or read the file as json", cutText(path, 80))
			}
		}
		if err := r.row.put(path, value); err != nil {
			return err
		}
	}
	return nil
}

// countedLists are the lists of which something is computed.
var countedLists = fieldSet("tender.items tender.tenderers tender.documents parties awards contracts")

// plainField is a scalar, or a list of scalars with ; between them; false for anything else.
func plainField(v any) (string, bool) {
	list, is := v.([]any)
	if !is {
		return scalarText(v), true
	}
	parts := make([]string, 0, len(list))
	for _, v := range list {
		switch v.(type) {
		case map[string]any, []any:
			return "", false
		}
		if s := scalarText(v); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ";"), true
}

func objectsOf(v any) []map[string]any {
	list, _ := v.([]any)
	objects := make([]map[string]any, 0, len(list))
	for _, v := range list {
		if m, is := v.(map[string]any); is {
			objects = append(objects, m)
		}
	}
	return objects
}

// listLength is the length of a list; "" if there is none.
func listLength(v any) string {
	list, is := v.([]any)
	if !is {
		return ""
	}
	return strconv.Itoa(len(list))
}

// scalarAt is the scalar at a path within an object.
func scalarAt(m map[string]any, path string) string {
	for {
		name, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			return scalarText(m[name])
		}
		m, _ = m[name].(map[string]any)
		path = rest
	}
}

func firstOf(values map[string]string, prefix string, list []map[string]any, paths ...string) {
	if len(list) == 0 {
		return
	}
	for _, p := range paths {
		values[prefix+p] = scalarAt(list[0], p)
	}
}

func joinedTexts(list []map[string]any, name string) string {
	parts := make([]string, 0, len(list))
	for _, m := range list {
		if s := scalarText(m[name]); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ";")
}

// standingOnly are the awards or contracts that are not cancelled or unsuccessful.
func standingOnly(list []map[string]any) []map[string]any {
	return slices.DeleteFunc(slices.Clone(list), func(m map[string]any) bool {
		s := scalarText(m["status"])
		return s == "cancelled" || s == "unsuccessful"
	})
}

func suppliersOf(awards []map[string]any) int {
	seen := map[string]bool{}
	for _, a := range awards {
		for _, s := range objectsOf(a["suppliers"]) {
			if id := scalarText(s["id"]); id != "" {
				seen["id "+id] = true
			} else if name := scalarText(s["name"]); name != "" {
				seen["name "+name] = true
			}
		}
	}
	return len(seen)
}

// sumByCurrency adds the values up by currency. A value without a currency has the currency "".
func sumByCurrency(values map[string]string, prefix string, list []map[string]any) {
	totals := map[string]*big.Rat{}
	digits := map[string]int{}
	for _, m := range list {
		value, is := m["value"].(map[string]any)
		amount := scalarText(value["amount"])
		if !is || amount == "" {
			continue
		}
		currency := scalarText(value["currency"])
		n, decimals, ok := exactNumber(amount)
		if !ok {
			values[prefix+"amount"], values[prefix+"currency"] = amount, currency
			if currency != "" {
				values[prefix+currency] = amount
			}
			return
		}
		if totals[currency] == nil {
			totals[currency] = new(big.Rat)
		}
		totals[currency].Add(totals[currency], n)
		digits[currency] = max(digits[currency], decimals)
	}
	for currency, sum := range totals {
		total := sum.FloatString(digits[currency])
		if len(totals) == 1 {
			values[prefix+"amount"], values[prefix+"currency"] = total, currency
		}
		if len(currency) == 3 {
			values[prefix+currency] = total
		}
	}
}

// plainNumber is a JSON number whose size is bounded.
var plainNumber = regexp.MustCompile(`^-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?$`)

// exactNumber reads a number exactly, and how many decimals it is written with.
func exactNumber(s string) (n *big.Rat, decimals int, ok bool) {
	if !plainNumber.MatchString(s) {
		return nil, 0, false
	}
	n, ok = new(big.Rat).SetString(s)
	if !ok {
		return nil, 0, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	if _, fraction, is := strings.Cut(mantissa, "."); is {
		decimals = len(fraction)
	}
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil {
			return nil, 0, false
		}
		decimals = max(0, decimals-e)
	}
	return n, decimals, true
}

// dateBounds are the earliest of the dates at one path and the latest of those at another, as they are written. One that cannot be read is
// returned in place of them.
func dateBounds(list []map[string]any, from, to string) (earliest, latest string) {
	return extremeDate(list, from, time.Time.Before), extremeDate(list, to, time.Time.After)
}

func extremeDate(list []map[string]any, path string, better func(time.Time, time.Time) bool) string {
	best := ""
	var when time.Time
	for _, m := range list {
		s := scalarAt(m, path)
		if s == "" {
			continue
		}
		t, err := instantOf(s)
		if err != nil {
			return s
		}
		if best == "" || better(t, when) {
			best, when = s, t
		}
	}
	return best
}
