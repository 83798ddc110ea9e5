// Package catalog reads and checks the folder in which a city describes itself: city.yaml, one file a dataset, the translations, the
// map of the districts. [Load] returns the city, or every mistake of the folder at once, each with file, line, column, what is wrong
// and the mend; it never stops at the first one, and it does not report what merely follows from a mistake that it has reported.
//
// # What the folder may say
//
// The keys of every part are listed in the shapes (shapes.go); a key that is not listed is a mistake, and so is one that would have no
// effect where it stands. Beside what a shape tells:
//
//   - A value in YAML is text unless its key wants something else. Numbers are written 80 or 71.2, never in quotes, with a leading zero
//     or with separators; shares as "30%"; dates as 2015-06-30; true and false as true and false.
//   - Durations are a whole number and a unit: hours, days, weeks or months. A week is 7 days and a month 30 days: they say how often
//     data should come and when a number settles, not where in the calendar something lies. What a run may take or wait is in seconds,
//     minutes or hours. Sizes are a whole number and kB, MB, GB (thousands) or KiB, MiB, GiB (1,024s).
//   - Anchors and aliases may be used; merge keys, tags, directives and several documents in a file may not.
//   - Two columns may read the same column of the source (the city's own word and a list of ours, say). A column that is declared
//     cannot be dropped as well.
//   - A column of the key refuses blanks without being told.
//   - A date or timestamp without a format is read as ISO 8601 writes it, and in no other way: nobody guesses whether 03/04 is in March.
//   - Path globs are those of [io/fs.Glob], match at least one file and stay within the folder, symbolic links included.
//     A dataset whose files are not there is told as a mistake, and alone cannot be loaded; the folder is used all the same.
//   - Names and other texts are brought to Unicode's composed form (NFC). What is compared with rows (values, headers) is taken as it is.
//
// # Where data come from: source
//
// Every source has a kind. The kinds csv, xlsx, json, geojson, parquet and ocds are forms of a file; the file lies in the folder (path) or
// is fetched (url), exactly one of the two.
//
//	source: {kind: csv, path: "data/*.csv", encoding: windows-1252, delimiter: ";", quote: "'", skip_lines: 3, header_lines: 2, ends_at: [Total]}
//	source: {kind: csv, url: "https://data.example.gov/x.csv.zip", member: "2025/*.csv", max_bytes: 2 GB, timeout: 30 minutes}
//	source: {kind: csv, url: "sftp://files.example.gov/out/x-*.csv", user: citystat, key: {file: /run/secrets/id}, host_key: "ssh-ed25519 AAAA…"}
//	source: {kind: xlsx, path: data/plan.xlsx, sheet: Plan, skip_lines: 3, header_lines: 2}
//	source: {kind: json, url: "https://api.example.gov/x", shape: rows, rows: result.records, token: "${API_TOKEN}"}
//	source: {kind: geojson, path: data/parks.geojson, geometry: district}
//	source: {kind: parquet, path: "data/trips-*.parquet"}
//	source: {kind: ocds, url: "https://contracts.example.gov/releases.json.gz"}
//	source: {kind: socrata, url: "https://data.example.gov", resource: abcd-1234, filter: "status = 'open'", delivers: changes}
//	source: {kind: ckan, url: "https://open.example.gov", resource: 2f7a4d0b-31c6-4f3a-9f0d-1e1c6d1c7a55, filter: '{"status": "open"}'}
//	source: {kind: ckan, url: "https://open.example.gov", resource: 2f7a4d0b-31c6-4f3a-9f0d-1e1c6d1c7a55, format: csv, delimiter: ";"}
//	source: {kind: arcgis, url: "https://gis.example.gov/arcgis/rest/services/Trees/FeatureServer/0", filter: "KIND = 'oak'", geometry: drop}
//	source: {kind: sql, connection: "${PERMITS_DB}", query: "SELECT … [[WHERE changed_at >= ${cursor}]]", delivers: changes, cursor: changed_at}
//	source: {kind: ledger, table: deliveries}   columns of deliveries, loads, commitments, commentary, contests, filings, meetings and agencies: see citystat/ingest, TableDeliveries and the others
//	source: {kind: entry, path: data/staff.csv}  people type rows or upload a spreadsheet; path: the rows that were there before, if there are any
//
// The keys of each kind:
//
//	csv      path or url · encoding (utf-8, windows-1252, iso-8859-1, utf-16le, utf-16be) · delimiter, quote (one character each) ·
//	         skip_lines · header_lines · ends_at · member · unpivot
//	xlsx     path or url · sheet · merged · skip_lines · header_lines · ends_at · unpivot
//	json     path or url · encoding · shape · rows · member · unpivot
//	geojson  path or url · encoding · rows · geometry · member · unpivot
//	parquet  path or url · member · unpivot
//	ocds     path or url · encoding · shape (rows, lines; a package if nothing is said) · rows · member
//	socrata  url (the portal alone) · resource (its four-by-four id) · filter ($where) · delivers, cursor · token · user, password
//	ckan     url (before /dataset) · resource (its id) · filter (a JSON object) · unpivot · token; with format (csv, xlsx, json, geojson,
//	         parquet) the resource is a file, which has the keys of that kind, and no filter
//	arcgis   url (with the number of the layer) · filter (where) · geometry · token
//	sql      connection · query · delivers, cursor · timeout
//	ledger   table
//	entry    path (one .csv, .csv.gz or .xlsx) · of that file and of what is uploaded: sheet · merged · encoding · delimiter · quote ·
//	         skip_lines · header_lines · ends_at
//
// A dataset of kind entry is filled in on the staff's page of its data, by people who may enter values for the department that it names. Rows are told
// apart by the key: one that is typed or uploaded again revises the one before, and an entry that is undone lets hold again what was there before it. So
// the key is of columns that people fill in, and never _line. The form and the header of the spreadsheet are made of the columns; dates, numbers and values
// are written as the columns declare them, and come so from a workbook too. expect: {every: …} says by when something should be typed.
//
// What they say:
//
//	skip_lines    lines (of a workbook: rows) before the header
//	header_lines  lines of the header, whose texts are joined with a space; 1 if nothing is said
//	ends_at       the table ends before a row whose first field that is not blank is one of these
//	member        which files of a ZIP archive are meant, as a glob; needed if it holds more than one
//	merged        of a workbook: fill gives every cell of a merged area its value; if nothing is said a row that depends on one is set aside
//	shape         of JSON: rows, an array of objects (if nothing is said); lines, an object a line; columns, an object of arrays; table, an
//	              array of arrays, the first of which names the columns
//	rows          of JSON: the names that lead to the rows, with dots between them
//	geometry      drop (if nothing is said), or district: the column "district" holds the id of the district in which a place lies
//	unpivot       a row of the source becomes as many rows as there are entries. Each sets columns to a text of its own and fills others
//	              from the source; what no entry names is in every row:
//	              [{set: {year: 2024}, columns: {planned: "PLAN 2024"}}, {set: {year: 2025}, columns: {planned: "PLAN 2025"}}]
//	delivers      all: a row that is not delivered is gone (if nothing is said); changes: only rows that are new or changed since the last
//	              delivery come, and the others stay
//	cursor        the column that grows with every change; for Socrata :updated_at if nothing is said. A query selects it, and holds
//	              ${cursor}, without quotes, in the place of the greatest value so far, in a condition between [[ and ]], which is left out
//	              when everything is fetched. With >= nothing is lost that changed in the same instant
//	query         one statement, SELECT or WITH … SELECT, without a semicolon
//
// What is fetched may have, beside them:
//
//	token           Socrata's app token, a CKAN API key, an ArcGIS token; of a file the bearer token
//	user, password  of HTTP basic authentication (files, Socrata) and of SFTP; sftp://user@host says the user as well
//	key, host_key   of SFTP: the private key, and the server's public key as ssh-keyscan prints it; the latter is needed
//	headers         further headers of HTTP; one that is no secret stands as it is: {Accept: text/csv, Authorization: "Bearer ${TOKEN}"}
//	max_bytes       the most that a file, or all files of an address, may hold
//	timeout         of one attempt at the whole delivery, up to 24 hours; one hour if nothing is said
//
// # Secrets
//
// A secret never stands in the folder. token, password, key and connection hold a reference: "${NAME}" for a variable of the environment, or
// {file: /whole/path}. A connection may be an address with a reference in the place of its password,
// "postgres://citystat:${PASSWORD}@db.example/permits". A secret itself is a mistake, and the report of the mistake does not show it. So is
// an address with a password, or with a parameter such as api_key: addresses are shown to readers.
//
// Addresses begin with https:// or sftp://, and lead to public hosts at their usual ports. All else is allowed host by host in city.yaml:
//
//	network: {allow_hosts: [gis.city.internal, "files.city.internal:2222"], proxy: "http://proxy.city.internal:3128", ca: certs/city-ca.pem}
//
// allow_hosts names hosts, with the port where it is not the usual one; they may have private addresses and plain http://. The host of a
// database is always named there. proxy is without a password. ca is a file of the folder with the certificates (PEM) of the city's own
// authorities, and nothing else.
//
// # When: schedule
//
// A dataset may name the department that answers for its delivery, and when it is fetched, in the city's time zone: every 15 minutes (5, 10,
// 15, 20, 30), every 6 hours (2, 3, 4, 6, 8, 12), hourly, hourly :20, daily 05:30, weekdays 06:00, weekly Monday 05:30, monthly 1 06:00 (days
// 1 to 28), quarterly 2 06:00 (in January, April, July, October), yearly 07-01 06:00. With more about it:
//
//	department: public-works
//	schedule: {at: daily 05:30, jitter: 5 minutes, retries: 3, retry_in: 5 minutes}
//	schedule: {cron: "30 5 * * 1-5"}
//
// jitter lets a run begin up to so much later. After a failure that may pass, a run is tried again: 3 times if nothing is said, first after
// retry_in (5 minutes), and after twice as long each time. A schedule that is rarer than expect: {every: …} is warned of.
//
// # How fields are written: columns
//
//	from            the source's column, as its header says; _line for the number of the line on which the row begins (type: integer), by which
//	                rows are told apart that have no key of their own. Where there are several files, or unpivot, a key needs more than that
//	type            text, integer, number, boolean, date, timestamp, district
//	empty_is        unknown (if nothing is said), or reject
//	null_is         what the source writes for no value: ["-", n/a]; read as a blank
//	values          the source's values and what they are to us; what is not listed is refused. Of a date: the source's names of periods and
//	                the day that stands for each, {FY19-20: 2020-06-30}
//	others_are      or becomes this
//	format          of a date or timestamp: a format of strptime, or excel, excel-1904 (days of a spreadsheet), epoch, epoch-ms (since 1970);
//	                a list is tried in its order
//	pivot           the first of the hundred years of %y, which is not read without it: 1970
//	time_zone       of timestamps that do not say theirs, and of days that are made of moments
//	decimal         "," where the source writes decimal commas
//	thousands       the mark between groups of three digits: "," "." "'" or space
//	signs           what may stand beside a number: [$, R$, "%"]; a percent sign changes nothing
//	accounting      true: (1,200) is -1200
//	pattern         of text or whole numbers: a regular expression (RE2) that the whole field matches
//	complete_until  the last day for which the source holds all rows
//
// # The city: residents, working days, one number, evaluations
//
//	population: {value: 667137, as_of: 2015-07-01, by_district: data/population.csv}
//	holidays: [2015-01-01, 2015-07-04]
//	holidays: {file: data/holidays.csv}
//	weekend: [friday, saturday]
//	roll_up: {average: true, weights: {street-lights-on-time: 2}}
//	evaluations:
//	  - id: night-shift
//	    indicator: street-lights-on-time
//	    name: The night shift
//	    what: A second shift repairs lights at night.
//	    date: 2015-07-01
//	    announced: 2015-05-15
//	    where: {district: [roxbury]}
//	    compared_with: [back-bay]
//	    caution: In the same month the contractor changed.
//
//	by_district    CSV with the header district,population. A district is written by its id or one of its names. Those that lack are warned of:
//	               they have no rates
//	holidays       days that are no working days, in any order, each once; in a file one a line, perhaps with a comma and its name, for those who
//	               read the file, and a header date or date,name
//	weekend        Saturday and Sunday if nothing is said. It is never empty, and leaves at least one working day
//	average        true: the indicators of a priority are put into one number as well. If nothing is said there is none
//	weights        of indicators in it, from 0 to 1000; one that is not named weighs 1
//	date           the first day on which what was done was in force
//	announced      the day from which people could act on it; what lies between is left out
//	where          one dimension and its members among whom it was done; the whole city if nothing is said
//	compared_with  members of the same dimension among whom it was not done
//	method         segments (before and after), counts (before and after, of a count or sum), differences (needs compared_with). If nothing is
//	               said: differences where there is compared_with, counts for a count, else segments
//	seasonal       true: the season is taken out
//	caution        what else happened at the time
//	public         as the indicator is, if nothing is said; never true for an indicator that is not public
//
// # Stat meetings: meetings
//
// Whoever leads the city asks about the numbers of some departments, again and again, in the rhythm that the folder gives:
//
//	meetings:
//	  - id: streets
//	    name: Streets meeting
//	    purpose: What holds up repairs in the street, and who clears it.
//	    departments: [public-works, transportation]
//	    every: 2 weeks
//	    weekday: Thursday
//	    from: 2015-01-08
//	    time: "09:30"
//	    minutes: 90
//	    chair: mayor
//	    analyst: data-office
//	    place: Room 801, City Hall
//	    standing: [street-lights-on-time]
//	  - {id: everything, name: The whole city, every: month, week: last, weekday: Tuesday, from: 2015-01-01, chair: mayor, analyst: data-office, public: true}
//
//	departments  whose indicators and promises are asked about; all, if nothing is said
//	every        week, 2 weeks … 12 weeks, or month
//	week         of the month, where it is held every month: first, second, third, fourth, last: the second Tuesday, the last Tuesday
//	weekday      a working day. Where one is a holiday the meeting is held on the next working day
//	from         the first meeting is on the first such day from here on; until: the last day on which there can be one
//	time         when it begins by the clock in the city: "09:00" if nothing is said
//	minutes      for which the room is booked, 10 to 480: 60 if nothing is said. An agenda never needs more
//	chair        who presides: a post, one of people
//	analyst      who prepares it: a post too
//	standing     indicators that are on each agenda. They belong to the departments of the meeting
//	public       true: residents may read when it was held, what was on its agenda, and what of its decisions and promises is for them; false if
//	             nothing is said
//
// A single meeting that is moved, cancelled, given to somebody else or called beside the rhythm is no business of the folder: that is done on the
// site, with a reason. A rhythm that changes is best a new series: the old one gets an until. Names, purposes and places are translated at
// meeting.ID.name, meeting.ID.purpose and meeting.ID.place. A department that answers for indicators and has no meeting at least once a month
// is warned of. A series that is changed changes no number and no promise: it does not stand among the changes that residents read, and the ledger
// keeps it with the version of the folder.
//
// # The site: colours, words, ways to the city
//
//	theme:
//	  preset: govbr
//	  colors: {accent: "#0b6b46", link: "#0b6b46"}
//	  dark: {accent: "#7fd6b0"}
//	  logo: assets/logo.svg
//	contact: {office: Office of Performance, email: performance@example.gov, phone: 617-555-0134, address: 1 City Hall Square, url: "https://www.example.gov/performance"}
//	accessibility:
//	  assessed: 2025-11-03
//	  by: Two residents who use screen readers, and the web team
//	  gaps: [The map cannot be used by voice; the table below it can.]
//	  complaints: {to: Office for Civil Rights, url: "https://www.example.gov/rights"}
//	  laws: [Americans with Disabilities Act]
//	glossary: [{id: street-light, term: street light, meaning: A lamp on a pole that the city looks after.}]
//	outlook: public
//	feedback: true
//	districts: {file: geo/districts.geojson, key: district_id, name: name, neighborhoods: geo/neighborhoods.csv, postcodes: geo/postcodes.csv}
//	departments: [{id: public-works, name: Public Works, head: commissioner, about: Looks after streets., url: "https://www.example.gov/public-works"}]
//
//	preset         how the site looks: civic (if nothing is said), plain, govbr, contrast
//	colors         colours of the city's own, #rrggbb in quotes, by the names of assets/css/tokens.css; dark: those for readers who want a dark
//	               screen. A colour that cannot be read on its ground, or told from another for any kind of colour vision, is a mistake
//	logo           .svg or .png of at most 64 kB; with words that it holds and the city's name does not: {file: assets/logo.svg, alt: Seal of the city}.
//	               It stands on the band, for whose colour in the light it is drawn. An SVG holds shapes, text and colours alone: no script, no
//	               foreign object, no animation, nothing from elsewhere
//	contact        where residents reach those who publish: at least one of email, phone, address (of letters), url
//	accessibility  what the city says of it: when people last looked (assessed) and who (by), what is known not to work, each with the way
//	               around it (gaps), who takes complaints (complaints), the rules that bind the city (laws)
//	glossary       words of the city's own that its pages use
//	outlook        staff (if nothing is said): whether a target will be met is for staff alone; public: for everybody
//	feedback       true: residents may write to those who publish, and are answered in public
//	neighborhoods  CSV with the header district,name: the names that residents use for parts of a district
//	postcodes      CSV with the header postcode,district; a postcode that lies in several districts has a row for each
//	about, url     of a department: what it does, in a sentence for residents, and its own page elsewhere
//
// Departments, districts and priorities come and go, and their ids are never given again: what was there keeps its page, its links and its old series.
// from is the first day on which one is there, until the last, successor the id of what takes over from it, or a list of such ids. Districts say so
// under history, since the map does not; one that the map does not show any more stands there with its name, and may have aliases, so that rows which
// name it still count for it:
//
//	departments:
//	  - {id: lighting, name: Street Lighting, until: 2014-12-31, successor: public-works}
//	  - {id: public-works, name: Public Works, from: 2010-07-01}
//	priorities:
//	  - {id: bright-streets, name: Bright streets, promise: Every street is lit., goals: [], until: 2014-12-31, successor: safe-streets}
//	districts:
//	  file: geo/districts.geojson
//	  key: district_id
//	  name: name
//	  history: [{id: west-end, name: West End, until: 2014-12-31, successor: [roxbury, back-bay]}, {id: back-bay, from: 2015-01-01}]
//
// Lists and menus show what is there on the day that is judged. A successor needs an until, and an end needs no successor. Whatever still belongs to a
// department or a priority that comes to an end is warned of. Roles and posts pass to nobody by themselves.
//
// An indicator may name the service that it measures, as residents meet it: where they report a case, where they see what became of it, whom they
// call; at least one of them:
//
//	service: {name: Street light repair, report: "https://311.example.gov/lights", track: "https://311.example.gov/cases", phone: "311"}
//
// Addresses begin with https://. The texts are translated at contact.office, theme.logo.alt, accessibility.by, accessibility.gap.1 and so on,
// accessibility.complaints.to, glossary.ID.term, glossary.ID.meaning, department.ID.about and indicator.ID.service.
//
// # Translations: text
//
//	language: es
//	texts:
//	  - {at: city.name, of: Boston, text: Boston}
//	  - {at: indicator.potholes.sentence, hash: 3fa85f64b1c2, text: Reparamos cada bache en tres días., state: machine}
//
//	at     where the text stands
//	of     the text that is translated; or its hash, the first 12 or more hexadecimal digits of the SHA-256 of the text (in UTF-8, composed, each
//	       run of white space as one space). Once the text is another one the translation is outdated: that is warned of, and readers see
//	       the text as the city wrote it
//	text   the translation
//	state  machine: a program wrote it and nobody has read it; draft: nobody has reviewed it. Pages say so where the text is a sentence. If nothing
//	       is said, a person wrote or reviewed it. missing, in an entry without a text: it is still to be translated, which is warned of, and readers
//	       see the text as the city wrote it
//
// # What an indicator measures: measure
//
//	measure: {count: {}, date: opened}
//	measure: {sum: {of: cost}, where: type = 'pothole', date: closed}
//	measure: {mean: {of: cost}, date: closed}
//	measure: {median: {of: "days_between(opened, closed)"}, date: closed}
//	measure: {percentile: {of: "days_between(opened, closed)", p: 0.9}, date: closed}
//	measure: {share: {of: closed <= due}, exclude: [{when: due is null, because: no-due-date}], date: due}
//	measure: {ratio: {of: spent, per: budgeted, times: 100}, date: day}
//	measure: {rate: {per: 1000}, date: opened}
//	measure: {last: {of: headcount}, date: day}
//	measure: {duration: {from: opened, to: closed, p: 0.5}, date: opened}
//
//	ratio     the sum of one expression over that of another, times 1 if nothing is said. In percent it is times 100
//	rate      rows for so many residents. It needs the population, and that by_district where the dataset is broken down by district
//	last      a stock: the sum over the rows of the last day that has any
//	duration  the time within which half of the cases end (p: 0.5, if nothing is said), open cases counted. Between two dates or two timestamps;
//	          what would leave the open cases out, such as date: closed, is a mistake. Closed cases alone are a median
//
// A share is in percent; a count and a rate are numbers; a duration is in days, working_days or hours; all others say their unit. Fewer rows than
// minimum are too few to judge: 10 if nothing is said, and 0 for count, sum, rate and last.
//
// # How an indicator is judged and shown
//
//	adds_up_in: fiscal_year
//	trajectory: seasonal
//	targets:
//	  - {by: 2026-06-30, value: 900, set: 2025-07-01, by_whom: the mayor, reason: Budget of the fiscal year 2026}
//	  - {by: 2026-06-30, value: 850, set: 2026-01-15, by_whom: the mayor, reason: The winter was hard}
//	  - {by: 2027-06-30, value: 1000, set: 2025-07-01, kind: term}
//	  - {by: 2027-06-30, dropped: true, set: 2026-03-03, kind: term, reason: The plan is a new one, act: {title: Ordinance 4-2026, date: 2026-03-03, url: "https://www.example.gov/4-2026"}}
//	judge: {by: open-sdg, since: 2015, limit: 100}
//	chart: p-prime
//	rebase: [{from: 2025-07-01, by_whom: the mayor, set: 2025-09-12, reason: A second shift works at night}]
//	equity: {by: [district], compare_with: city}
//	suppress: {below: 11}
//	changes: [{on: 2026-03-01, what: [measure, owner], by_whom: the mayor, reason: Duplicates are no longer counted, act: Ordinance 12-2026}]
//
//	adds_up_in  year or fiscal_year: of a count or sum by day, week, month or quarter, whose targets are for the total of such a year; a week counts
//	            in the year of its last day. An annual target is for the year's last day, an interim one for what is there by then; trajectory is
//	            linear (as much each day) or seasonal (as in the years before); a baseline has no effect, but for open-sdg, which takes its base year
//	            from it
//	targets     by their days, those for one day by the days on which they were set. For one day there may be one of each kind: annual (if
//	            nothing is said), interim, term. A second one of a kind replaces the first from the later day in set on, and says its reason. Of an
//	            indicator that is to stay in a range it is range: {low: 20, high: 30} in place of value; illustrative: true is not the city's own.
//	            dropped: true in place of a value says that the one before it for the day and of its kind holds no longer, from the day in set on
//	            (what was judged before keeps it), and says its reason. act: the legal act, by its title or as {title, date, url}
//	judge       the pace if nothing is said; open-sdg (since: the base year; limit, where there are no targets: what the value cannot pass),
//	            cityscore (needs targets above 0), executed (up, and with targets or in a plan)
//	chart       xmr, p-prime (of shares), u-prime (of rates and ratios), run. If nothing is said the series decides
//	rebase      limits begin anew with a period, by somebody's decision, which is never made before that day
//	equity      by: dimensions, all if nothing is said; compare_with: city, or a member where there is one dimension
//	suppress    numbers from 1 up to one less are not published; from 2 to 1000
//	changes     why something was changed: what is any of measure, target, baseline, owner, indicator, judging, rebase, public; all that was changed
//	            that day if nothing is said. Several notes of one day are about different things. act: the legal act, as of a target
//
// An indicator may be a project: the part of its work that is done, in percent, which goes up. Its trajectory is the plan of the project, from 0 at the
// start to 100 at the end, and it has no baseline, targets or trajectory of its own:
//
//	measure: {last: {of: done}, where: site = 'bridge', date: day}
//	unit: percent
//	direction: up
//	project:
//	  start: 2025-03-01
//	  end: 2026-06-30
//	  started: 2025-03-09
//	  finished: 2026-06-12
//	  budget: 1200000
//	  planned: [{by: 2025-12-31, physical: 40, financial: 30}]
//	  milestones: [{id: ground, name: Ground is broken, planned: 2025-03-15, revised: 2025-04-01, done: 2025-04-02}]
//	  spent: bridge-paid
//	  place: {district: roxbury, address: 1 City Hall Square, latitude: 42.36, longitude: -71.06}
//
//	start, end         as planned; started and finished as it was, if that is known apart from the percentage
//	planned            what is to be done in all by a day after the start and up to the end: physical in percent of the work, financial in percent
//	                   of the budget. A plan never falls
//	milestones         planned is the day that was promised first, revised the one that is expected now
//	spent              the indicator that says what was paid: a sum, or the last of a total, in the unit number; public if the project is
//	place              a district, an address, a place on the map; each may be left out
//
// Reasons are translated at indicator.ID.target.2026-06-30.reason, indicator.ID.rebase.2025-07-01.reason and
// indicator.ID.change.2026-03-01.reason; that of a further target for the same day at indicator.ID.target.2026-06-30.annual.2026-01-15.reason (its kind
// and the day in set), that of a further note of the same day at indicator.ID.change.2026-03-01.owner.reason (the first of what). Evaluations are
// translated at evaluation.ID.name, evaluation.ID.what and evaluation.ID.caution, milestones at indicator.ID.milestone.ID.name.
//
// # Plans that come as tables: indicators
//
// The indicators of a dataset are a list of blocks, and of tables whose rows become indicators (one table may stand without a list). What all
// rows have in common is written once, under every; {name} stands there for what the row has in the column of that name:
//
//	indicators:
//	  from: {kind: xlsx, path: data/plan.xlsx, sheet: Plan}     a source of kind csv or xlsx, read with the folder; source: the dataset's own file
//	  id: "goal-{code}"                                         must be another one for each row
//	  columns:                                                  names here and headers there
//	    code: NO.                                               the city's own number, shown beside the name
//	    name: GOAL
//	    department: {from: OFFICE, values: {Public Works Dept.: public-works}}
//	    planned: {from: PLAN 2025, decimal: ",", thousands: ".", signs: ["%"], null_is: [n/a]}
//	  every:                                                    all keys of an indicator but id
//	    sentence: "Goal {code} of the plan: {name}."
//	    measure: {sum: {of: done}, where: "code = {code}", date: day}
//	    targets: [{by: 2025-12-31, value: "{planned}", set: 2024-06-01}]
//	    …
//	  plan:                                                     the levels of the city's own plan, the highest first
//	    - {level: Axis, from: AXIS}
//	    - {level: Program, from: PROGRAM, code: PROGRAM NO.}
//
// Beside that:
//
//   - A column that is called like a key of an indicator (name, unit, department, why …) gives that key; every other name is for {name}.
//     Without values a department or person may be called by name.
//   - In where, of, when and the per of a ratio a {name} is one literal, of the type that it is compared with. What stands in a cell never becomes anything else.
//   - A cell that is blank leaves its key out: a target or baseline without a value, a row without an owner, a project without its days. A row that has nothing in the
//     columns of the id or the name is no indicator: a warning names it. Everything else that is wrong with a cell is a mistake, and is told
//     with the row and the letters of the column: data/plan.xlsx:17:S.
//   - Runs of white space, line breaks too, count as one space.
//   - The parts of the first level become priorities, those of the second their goals, unless city.yaml has them by the same id or name; it
//     may do without priorities of its own. The ids of parts come from the level and the number (program-13), or from the name.
//   - Texts of a table are in the language of the folder and need no translation, though they may have one, at the usual addresses; those of
//     parts below the second level stand at plan.ID.name. Texts under every are translated once for all rows, with the same {name}s, at
//     every.DATASET.sentence and so on, the names of levels at level.axis and so on.
//   - from: data/plan.xlsx, with sheet beside it, is short for a source whose kind is in the file's name. A plan has up to 5,000 rows.
//
// # Rules: checks
//
//	{rule: "unique case_id, opened", else: fail}
//	{rule: not null opened, else: reject}
//	{rule: closed >= opened, else: warn}                 any expression: cost between 0 and 100, kind in ('a', 'b'),
//	                                                     opened >= date '2015-01-01'
//	{rule: exists unit in units.code, else: reject}      the value occurs in a column of another dataset
//	{rule: fresh opened within 3 days, else: fail}       the newest day is not older; nothing to reject
//
// Hidden files, README.md and everything under the folder that is no YAML is none of this package's business.
package catalog
