package catalog

import "strings"

// shape is what one part of the folder looks like: its keys, each with a line that shows how it is written.
type shape struct {
	what   string // such as "an indicator"
	fields []field
}

// field is a key and what may stand behind it.
type field struct{ key, example string }

// keys returns the keys in their usual order.
func (s *shape) keys() []string {
	list := make([]string, len(s.fields))
	for i, f := range s.fields {
		list[i] = f.key
	}
	return list
}

// line returns the example of a key as it would be written.
func (s *shape) line(key string) string {
	for _, f := range s.fields {
		if f.key == key {
			return key + ": " + f.example
		}
	}
	return key + ": …"
}

// example shows the first keys of the shape.
func (s *shape) example() string {
	var list []string
	for _, f := range s.fields[:min(len(s.fields), 2)] {
		list = append(list, f.key+": "+f.example)
	}
	return "{" + strings.Join(list, ", ") + either(len(s.fields) > 2, ", …}", "}")
}

// The shapes of a folder. They are read, never changed.
var (
	cityShape = &shape{"city.yaml", []field{
		{"city", "boston-2015"},
		{"name", "Boston, 2015"},
		{"about", "What the city promised in 2015, and what became of it."},
		{"languages", "[en, es, pt-BR, fr]"},
		{"formats", "{en: en-US, fr: fr-CA}"},
		{"time_zone", "America/New_York"},
		{"fiscal_year_starts", "July"},
		{"publish", "every_load"},
		{"as_of", "2016-01-12"},
		{"population", "{value: 667137, as_of: 2015-07-01, by_district: data/population.csv}"},
		{"status_bands", "{on_track: 0.95, behind: 0.60}"},
		{"districts", "{file: geo/districts.geojson, key: district_id, name: name}"},
		{"departments", "[{id: public-works, name: Public Works}]"},
		{"people", "[{id: commissioner, title: Commissioner of Public Works}]"},
		{"priorities", "[{id: safe-streets, name: Safe streets, promise: Every street is lit.}]"},
		{"reasons", "{duplicate: Closed as a duplicate of another request}"},
		{"holidays", "[2015-01-01, 2015-07-04]"},
		{"weekend", "[saturday, sunday]"},
		{"roll_up", "{average: true, weights: {street-lights-on-time: 2}}"},
		{"evaluations", "[{id: night-shift, indicator: street-lights-on-time, name: The night shift, what: A second shift repairs lights at night., date: 2015-07-01}]"},
		{"meetings", "[{id: streets, name: Streets meeting, every: 2 weeks, weekday: Thursday, from: 2015-01-08, chair: mayor, analyst: data-office}]"},
		{"network", "{allow_hosts: [gis.city.internal]}"},
		{"theme", "{preset: civic, colors: {accent: \"#0b5cad\"}, logo: assets/logo.svg}"},
		{"contact", "{office: Office of Performance, email: performance@example.gov}"},
		{"accessibility", "{assessed: 2025-11-03, gaps: [The map cannot be used by voice; the table below it can.]}"},
		{"glossary", "[{id: street-light, term: street light, meaning: A lamp on a pole that the city looks after.}]"},
		{"outlook", "staff"},
		{"feedback", "true"},
	}}
	themeShape = &shape{"theme", []field{
		{"preset", "civic"}, {"colors", `{accent: "#0b5cad"}`}, {"dark", `{accent: "#7fb8fb"}`}, {"logo", "assets/logo.svg"},
	}}
	logoShape    = &shape{"logo", []field{{"file", "assets/logo.svg"}, {"alt", "Seal of the city"}}}
	contactShape = &shape{"contact", []field{
		{"office", "Office of Performance"}, {"email", "performance@example.gov"}, {"phone", "617-555-0134"}, {"address", "1 City Hall Square"},
		{"url", `"https://www.example.gov/performance"`},
	}}
	statementShape = &shape{"accessibility", []field{
		{"assessed", "2025-11-03"},
		{"by", "Two residents who use screen readers, and the web team"},
		{"gaps", "[The map cannot be used by voice; the table below it can.]"},
		{"complaints", `{to: Office for Civil Rights, url: "https://www.example.gov/rights"}`},
		{"laws", "[Americans with Disabilities Act]"},
	}}
	complaintsShape = &shape{"complaints", []field{{"to", "Office for Civil Rights"}, {"url", `"https://www.example.gov/rights"`}}}
	termShape       = &shape{"a term", []field{
		{"id", "street-light"}, {"term", "street light"}, {"meaning", "A lamp on a pole that the city looks after."},
	}}
	serviceShape = &shape{"service", []field{
		{"name", "Street light repair"}, {"report", `"https://311.example.gov/street-lights"`}, {"track", `"https://311.example.gov/cases"`}, {"phone", `"311"`},
	}}
	networkShape = &shape{"network", []field{
		{"allow_hosts", "[gis.city.internal]"}, {"proxy", `"http://proxy.city.internal:3128"`}, {"ca", "certs/city-ca.pem"},
	}}
	populationShape = &shape{"population", []field{{"value", "667137"}, {"as_of", "2015-07-01"}, {"by_district", "data/population.csv"}}}
	holidaysShape   = &shape{"holidays", []field{{"file", "data/holidays.csv"}}}
	bandsShape      = &shape{"status_bands", []field{{"on_track", "0.95"}, {"behind", "0.60"}}}
	rollUpShape     = &shape{"roll_up", []field{{"average", "true"}, {"weights", "{street-lights-on-time: 2}"}}}
	evaluationShape = &shape{"an evaluation", []field{
		{"id", "night-shift"},
		{"indicator", "street-lights-on-time"},
		{"name", "The night shift"},
		{"what", "A second shift repairs lights at night."},
		{"date", "2015-07-01"},
		{"announced", "2015-05-15"},
		{"where", "{district: [roxbury]}"},
		{"compared_with", "[back-bay]"},
		{"method", "segments"},
		{"seasonal", "true"},
		{"caution", "In the same month the contractor changed."},
		{"public", "true"},
	}}
	meetingShape = &shape{"a series of meetings", []field{
		{"id", "streets"},
		{"name", "Streets meeting"},
		{"purpose", "What holds up repairs in the street, and who clears it."},
		{"departments", "[public-works]"},
		{"every", "2 weeks"},
		{"week", "second"},
		{"weekday", "Thursday"},
		{"from", "2015-01-08"},
		{"until", "2016-12-31"},
		{"time", `"09:30"`},
		{"minutes", "60"},
		{"chair", "mayor"},
		{"analyst", "data-office"},
		{"place", "Room 801, City Hall"},
		{"standing", "[street-lights-on-time]"},
		{"public", "true"},
	}}
	districtsShape = &shape{"districts", []field{
		{"file", "geo/districts.geojson"}, {"key", "district_id"}, {"name", "name"}, {"aliases", "geo/aliases.csv"},
		{"neighborhoods", "geo/neighborhoods.csv"}, {"postcodes", "geo/postcodes.csv"}, {"history", "[{id: west-end, name: West End, until: 2014-12-31, successor: roxbury}]"},
	}}
	pastDistrictShape = &shape{"a district with its history", []field{
		{"id", "west-end"}, {"name", "West End"}, {"from", "1990-01-01"}, {"until", "2014-12-31"}, {"successor", "roxbury"},
	}}
	departmentShape = &shape{"a department", []field{
		{"id", "public-works"}, {"name", "Public Works"}, {"head", "commissioner"},
		{"about", "Looks after streets, lights and bridges."}, {"url", `"https://www.example.gov/public-works"`},
		{"from", "2015-01-01"}, {"until", "2025-12-31"}, {"successor", "streets"},
	}}
	personShape   = &shape{"a person", []field{{"id", "commissioner"}, {"title", "Commissioner of Public Works"}, {"name", "Ana Reyes"}}}
	priorityShape = &shape{"a priority", []field{
		{"id", "safe-streets"}, {"name", "Safe streets"}, {"promise", "Every street is lit."}, {"goals", "[{id: quick-repairs, name: Repair quickly}]"},
		{"from", "2015-01-01"}, {"until", "2025-12-31"}, {"successor", "good-streets"},
	}}
	goalShape = &shape{"a goal", []field{{"id", "quick-repairs"}, {"name", "Repair what is broken quickly"}}}

	datasetShape = &shape{"a dataset", []field{
		{"dataset", "service-requests"},
		{"name", "Service requests"},
		{"why", "Here residents tell the city what is broken."},
		{"steward", "data-office"},
		{"department", "public-works"},
		{"credit", "{publisher: City of Boston, licence: PDDL}"},
		{"source", "{kind: csv, path: data/requests-*.csv}"},
		{"schedule", "daily 05:30"},
		{"time_zone", "America/New_York"},
		{"expect", "{every: 1 day, rows_change_at_most: 30%, min_rows: 1}"},
		{"key", "[case_id]"},
		{"columns", "{case_id: {from: CASE_ID, type: text}}"},
		{"drop", "[REPORTER_NAME]"},
		{"limits", "{rejects: 5%}"},
		{"checks", "[{rule: closed >= opened, else: warn}]"},
		{"dimensions", "[district]"},
		{"indicators", "[{id: requests-opened, …}]"},
	}}
	creditShape = &shape{"credit", []field{
		{"publisher", "City of Boston"}, {"url", `"https://data.boston.gov"`}, {"licence", "PDDL"}, {"note", "Without addresses."},
	}}
	sourceShape = &shape{"source", []field{
		{"kind", "csv"},
		{"path", "data/requests-*.csv"},
		{"url", `"https://data.example.gov/requests.csv"`},
		{"encoding", "utf-8"},
		{"delimiter", `","`},
		{"quote", `'"'`},
		{"skip_lines", "3"},
		{"header_lines", "2"},
		{"ends_at", "[Total]"},
		{"member", `"*.csv"`},
		{"sheet", "Plan 2024"},
		{"merged", "fill"},
		{"shape", "lines"},
		{"rows", "result.records"},
		{"unpivot", `[{set: {year: 2025}, columns: {planned: "PLANNED 2025"}}]`},
		{"resource", "abcd-1234"},
		{"format", "csv"},
		{"filter", `"status = 'open'"`},
		{"geometry", "district"},
		{"connection", `"${PERMITS_DB}"`},
		{"query", "SELECT id, opened, closed FROM permits"},
		{"table", "deliveries"},
		{"delivers", "changes"},
		{"cursor", "changed_at"},
		{"token", `"${PORTAL_TOKEN}"`},
		{"user", "citystat"},
		{"password", `"${PORTAL_PASSWORD}"`},
		{"key", "{file: /run/secrets/sftp-key}"},
		{"host_key", `"ssh-ed25519 AAAA…"`},
		{"headers", `{X-Api-Key: "${PORTAL_KEY}"}`},
		{"max_bytes", "2 GB"},
		{"timeout", "30 minutes"},
	}}
	unpivotShape  = &shape{"an entry of unpivot", []field{{"set", "{year: 2025}"}, {"columns", `{planned: "PLANNED 2025"}`}}}
	secretShape   = &shape{"a secret", []field{{"file", "/run/secrets/portal-token"}}}
	scheduleShape = &shape{"schedule", []field{
		{"at", "daily 05:30"}, {"jitter", "5 minutes"}, {"retries", "3"}, {"retry_in", "5 minutes"}, {"cron", `"30 5 * * 1-5"`},
	}}
	expectShape = &shape{"expect", []field{{"every", "1 day"}, {"rows_change_at_most", "30%"}, {"min_rows", "1"}}}
	columnShape = &shape{"a column", []field{
		{"from", "CASE_ID"}, {"type", "text"}, {"format", `"%Y-%m-%d"`}, {"empty_is", "reject"}, {"values", `{"Street Light Outages": street-light}`},
		{"time_zone", "America/New_York"}, {"decimal", `","`}, {"complete_until", "2025-12-31"}, {"others_are", "other"},
		{"null_is", `["-", n/a]`}, {"thousands", `"."`}, {"signs", `["$"]`}, {"accounting", "true"}, {"pattern", `"[0-9]{8}"`}, {"pivot", "1970"},
	}}
	limitsShape = &shape{"limits", []field{{"rejects", "5%"}, {"share", "5%"}}}
	checkShape  = &shape{"a check", []field{{"rule", "closed >= opened"}, {"else", "warn"}}}

	indicatorShape = &shape{"an indicator", []field{
		{"id", "street-lights-on-time"},
		{"name", "Street lights repaired on time"},
		{"sentence", "We promise to repair a street light by the day we name."},
		{"why", "Dark streets are dangerous streets."},
		{"method", "Repairs done by their due date, as a share of those due."},
		{"caution", "Requests without a due date are left out."},
		{"kind", "outcome"},
		{"priority", "safe-streets"},
		{"goal", "quick-repairs"},
		{"department", "public-works"},
		{"owner", "commissioner"},
		{"measure", "{share: {of: closed <= due}, date: due}"},
		{"unit", "percent"},
		{"decimals", "1"},
		{"direction", "up"},
		{"period", "month"},
		{"settles_after", "7 days"},
		{"minimum", "10"},
		{"baseline", "{value: 71.2, period: 2015-03}"},
		{"targets", "[{by: 2015-12-31, value: 80, set: 2015-01-01}]"},
		{"trajectory", "linear"},
		{"adds_up_in", "fiscal_year"},
		{"judge", "{by: open-sdg, since: 2015}"},
		{"project", "{start: 2015-03-01, end: 2016-06-30, planned: [{by: 2015-12-31, physical: 40}]}"},
		{"chart", "xmr"},
		{"rebase", "[{from: 2015-07-01, by_whom: the mayor, set: 2015-09-12, reason: A second shift works at night}]"},
		{"equity", "{by: [district], compare_with: city}"},
		{"suppress", "{below: 11}"},
		{"changes", "[{on: 2015-07-01, what: [measure], by_whom: the mayor, reason: Duplicates are no longer counted}]"},
		{"paired_with", "[street-lights-open]"},
		{"service", `{name: Street light repair, report: "https://311.example.gov/street-lights"}`},
		{"public", "true"},
	}}
	planShape = &shape{"indicators from a table", []field{
		{"from", "data/plan.xlsx"},
		{"sheet", "Plan 2025"},
		{"id", `"goal-{code}"`},
		{"columns", `{code: "NO.", name: "GOAL", unit: {from: "UNIT", values: {Number: number}}}`},
		{"every", "{kind: output, period: year, …}"},
		{"plan", "[{level: Axis, from: AXIS}, {level: Program, from: PROGRAM, code: PROGRAM NO.}]"},
	}}
	planColumnShape = &shape{"a column of a plan", []field{
		{"from", "UNIT"}, {"values", "{Number: number, Percentage: percent}"}, {"others_are", "number"}, {"null_is", `["-"]`},
		{"decimal", `","`}, {"thousands", `"."`}, {"signs", `["$"]`},
	}}
	planLevelShape = &shape{"a level of the plan", []field{{"level", "Program"}, {"from", "PROGRAM"}, {"code", "PROGRAM NO."}}}
	measureShape   = &shape{"measure", []field{
		{"count", "{}"},
		{"sum", "{of: cost}"},
		{"mean", "{of: days_between(opened, closed)}"},
		{"median", "{of: days_between(opened, closed)}"},
		{"percentile", "{of: days_between(opened, closed), p: 0.9}"},
		{"share", "{of: closed <= due}"},
		{"ratio", "{of: cost, per: units}"},
		{"rate", "{per: 1000}"},
		{"last", "{of: headcount}"},
		{"duration", "{from: opened, to: closed}"},
		{"where", "type = 'street-light'"},
		{"exclude", "[{when: due is null, because: no-due-date}]"},
		{"date", "due"},
	}}
	countShape      = &shape{"count", nil}
	ofShape         = &shape{"a measure", []field{{"of", "days_between(opened, closed)"}}}
	shareShape      = &shape{"share", []field{{"of", "closed <= due"}}}
	percentileShape = &shape{"percentile", []field{{"of", "days_between(opened, closed)"}, {"p", "0.9"}}}
	ratioShape      = &shape{"ratio", []field{{"of", "cost"}, {"per", "units"}, {"times", "100"}}}
	rateShape       = &shape{"rate", []field{{"per", "1000"}}}
	lastShape       = &shape{"last", []field{{"of", "headcount"}}}
	durationShape   = &shape{"duration", []field{{"from", "opened"}, {"to", "closed"}, {"p", "0.5"}}}
	excludeShape    = &shape{"an exclusion", []field{{"when", "due is null"}, {"because", "no-due-date"}}}
	baselineShape   = &shape{"baseline", []field{{"value", "71.2"}, {"period", "2015-03"}, {"date", "2015-03-31"}}}
	targetShape     = &shape{"a target", []field{
		{"by", "2015-12-31"}, {"value", "80"}, {"range", "{low: 20, high: 30}"}, {"set", "2015-01-01"}, {"by_whom", "the mayor"},
		{"reason", "Budget of the fiscal year 2015"}, {"illustrative", "true"}, {"kind", "annual"},
		{"act", "{title: Ordinance 12-2015, date: 2015-06-30}"}, {"dropped", "true"},
	}}
	actShape    = &shape{"act", []field{{"title", "Ordinance 12-2015"}, {"date", "2015-06-30"}, {"url", `"https://www.example.gov/ordinances/12-2015"`}}}
	rangeShape  = &shape{"range", []field{{"low", "20"}, {"high", "30"}}}
	judgeShape  = &shape{"judge", []field{{"by", "open-sdg"}, {"since", "2015"}, {"limit", "100"}}}
	rebaseShape = &shape{"an entry of rebase", []field{
		{"from", "2015-07-01"}, {"by_whom", "the mayor"}, {"set", "2015-09-12"}, {"reason", "A second shift works at night"},
	}}
	projectShape = &shape{"a project", []field{
		{"start", "2015-03-01"},
		{"end", "2016-06-30"},
		{"started", "2015-03-09"},
		{"finished", "2016-06-12"},
		{"budget", "1200000"},
		{"planned", "[{by: 2015-12-31, physical: 40, financial: 30}]"},
		{"milestones", "[{id: ground, name: Ground is broken, planned: 2015-03-15}]"},
		{"spent", "bridge-spent"},
		{"place", "{district: roxbury}"},
	}}
	plannedShape   = &shape{"an entry of planned", []field{{"by", "2015-12-31"}, {"physical", "40"}, {"financial", "30"}}}
	milestoneShape = &shape{"a milestone", []field{
		{"id", "ground"}, {"name", "Ground is broken"}, {"planned", "2015-03-15"}, {"revised", "2015-04-01"}, {"done", "2015-04-02"},
	}}
	placeShape    = &shape{"place", []field{{"district", "roxbury"}, {"address", "1 City Hall Square"}, {"latitude", "42.36"}, {"longitude", "-71.06"}}}
	equityShape   = &shape{"equity", []field{{"by", "[district]"}, {"compare_with", "city"}}}
	suppressShape = &shape{"suppress", []field{{"below", "11"}}}
	changeShape   = &shape{"an entry of changes", []field{
		{"on", "2015-07-01"}, {"what", "[measure]"}, {"by_whom", "the mayor"}, {"reason", "Duplicates are no longer counted"}, {"act", "Ordinance 12-2015"},
	}}

	translationsShape = &shape{"a file of translations", []field{{"language", "es"}, {"texts", "[{at: city.name, of: Boston, text: Boston}]"}}}
	translationShape  = &shape{"a translation", []field{{"at", "city.name"}, {"of", "Boston, 2015"}, {"text", "Boston, 2015"}, {"hash", "3fa85f64b1c2"}, {"state", "machine"}}}
)
