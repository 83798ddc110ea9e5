package kpi

import "time"

// SourceKind is a kind of source, and the connector that reads it.
type SourceKind = string

// The kinds. The first six are forms of a file: it lies in the city folder (Path) or is fetched (URL, https:// or sftp://). The others are
// systems that are asked, and people.
const (
	SourceCSV     SourceKind = "csv"     // any text with a delimiter; plain, gzip or zip
	SourceXLSX    SourceKind = "xlsx"    // Excel workbook
	SourceJSON    SourceKind = "json"    // see Shape
	SourceGeoJSON SourceKind = "geojson" // FeatureCollection: its properties, with the geometry left out or turned into a district
	SourceParquet SourceKind = "parquet"
	SourceOCDS    SourceKind = "ocds" // Open Contracting release and record packages, one row a release
	SourceSocrata SourceKind = "socrata"
	SourceCKAN    SourceKind = "ckan"
	SourceArcGIS  SourceKind = "arcgis" // FeatureServer or MapServer layer
	SourceSQL     SourceKind = "sql"
	SourceLedger  SourceKind = "ledger" // what the program itself records
	SourceEntry   SourceKind = "entry"  // what people type, or upload as a spreadsheet; Path names a file with the rows that were there before, or none
)

// SourceKinds lists the kinds.
var SourceKinds = []SourceKind{SourceCSV, SourceXLSX, SourceJSON, SourceGeoJSON, SourceParquet, SourceOCDS, SourceSocrata, SourceCKAN, SourceArcGIS, SourceSQL, SourceLedger, SourceEntry}

// The shapes of JSON.
const (
	ShapeRows    = "rows"    // an array of objects (default)
	ShapeLines   = "lines"   // one object a line: NDJSON
	ShapeColumns = "columns" // an object of parallel arrays
	ShapeTable   = "table"   // an array of arrays, the first of which names the columns
)

// What a delivery holds.
const (
	DeliversAll     = "all"     // every row (default): a row that is not in it is gone
	DeliversChanges = "changes" // rows that are new or changed since the last delivery: the others stay
)

// Source says where a dataset's rows come from, and how they are written there. Nothing is guessed.
type Source struct {
	Kind SourceKind `json:"kind"`
	Path string     `json:"path"` // slash-separated glob within the city folder
	URL  string     `json:"url,omitempty"`

	// Of text. HeaderLines, SkipLines, EndsAt: of workbooks too.
	Encoding    string   `json:"encoding"`               // utf-8 (default), windows-1252, iso-8859-1, utf-16le, utf-16be
	Delimiter   string   `json:"delimiter"`              // one character; comma if empty
	Quote       string   `json:"quote"`                  // one character; " if empty
	SkipLines   int      `json:"skip_lines,omitempty"`   // lines (rows) before the header
	HeaderLines int      `json:"header_lines,omitempty"` // lines of the header, their texts joined with a space; 0: 1
	EndsAt      []string `json:"ends_at,omitempty"`      // a row whose first field that is not blank is one of these ends the table, such as Total

	Member string `json:"member,omitempty"` // glob of the members of a ZIP archive; needed if it holds more than one file
	Sheet  string `json:"sheet,omitempty"`  // of a workbook, by name
	Merged string `json:"merged,omitempty"` // of a workbook: "fill" gives every cell of a merged area its value; "" sets rows aside that depend on it
	Shape  string `json:"shape,omitempty"`  // of JSON
	Rows   string `json:"rows,omitempty"`   // of JSON: the path to the rows, names with dots between them

	// Unpivot turns a wide table into a long one: every row of the source becomes as many rows as there are entries, in their order.
	Unpivot []Unpivot `json:"unpivot,omitempty"`

	// Of portals and databases.
	Format     string    `json:"format,omitempty"`     // CKAN: the kind of the file behind the resource, such as csv; empty: the datastore
	Resource   string    `json:"resource,omitempty"`   // Socrata: the dataset's four-by-four id. CKAN: the resource's id
	Filter     string    `json:"filter,omitempty"`     // Socrata: $where. ArcGIS: where. CKAN: filters as a JSON object
	Geometry   string    `json:"geometry,omitempty"`   // "" or "drop": left out; "district": the column "district" holds the id of the district in which it lies
	Connection SecretRef `json:"connection,omitempty"` // SQL: postgres://…, mysql://…, sqlserver://… or oracle://…
	Query      string    `json:"query,omitempty"`      // SQL: a SELECT; with delivers changes ${cursor} stands for the greatest value of Cursor
	Table      string    `json:"table,omitempty"`      // ledger: the name of a table of the program's own
	Cursor     string    `json:"cursor,omitempty"`     // delivers changes: the column that grows with every change; Socrata: :updated_at
	Delivers   string    `json:"delivers,omitempty"`

	// Of everything that is fetched.
	Token    SecretRef            `json:"token,omitempty"`    // Socrata app token, CKAN API key, ArcGIS token, or bearer token of a URL
	User     string               `json:"user,omitempty"`     // of HTTP basic authentication or SFTP
	Password SecretRef            `json:"password,omitempty"` // the same
	Key      SecretRef            `json:"key,omitempty"`      // SFTP: the private key
	HostKey  string               `json:"host_key,omitempty"` // SFTP: the server's public key as in known_hosts, such as ssh-ed25519 AAAA…
	Headers  map[string]SecretRef `json:"headers,omitempty"`  // further HTTP headers; a value need not be a secret
	MaxBytes int64                `json:"max_bytes,omitempty"`
	Timeout  time.Duration        `json:"timeout,omitempty"` // of one attempt at the whole delivery; 0: an hour
}

// Unpivot makes one row of the columns of a wide table that belong together, such as what was planned and what was done in one year. The
// columns that no entry names are in every row.
type Unpivot struct {
	Set     map[string]string `json:"set"`     // new column → its value in this row, such as year: 2025
	Columns map[string]string `json:"columns"` // new column → the source's column that fills it, such as planned: "TOTAL PLANEADO 2025"
}

// SecretRef refers to a secret that is kept outside the folder: ${NAME} for a variable of the environment, file:/path for the contents of a
// file without the line end. It may be shown; what it refers to never is: not in the folder, logs, errors or provenance.
type SecretRef string

// Schedule says when a dataset is fetched, in the city's time zone.
type Schedule struct {
	Text    string        `json:"text,omitempty"`     // as the folder writes it: "daily 05:30"
	Cron    string        `json:"cron,omitempty"`     // the same as five fields of cron: minute, hour, day of the month, month, day of the week
	Jitter  time.Duration `json:"jitter,omitempty"`   // a run begins up to this much later, so that not all cities ask a portal at once
	Retries int           `json:"retries,omitempty"`  // after a failure that may pass
	RetryIn time.Duration `json:"retry_in,omitempty"` // before the first retry, doubled for each one after it; 0: five minutes
}

// IsZero reports whether there is no schedule.
func (s Schedule) IsZero() bool { return s.Cron == "" }

// RunState is where the job of a dataset stands.
type RunState struct {
	Dataset  string    `json:"dataset"`
	Next     time.Time `json:"next,omitzero"` // zero: not scheduled
	Running  bool      `json:"running"`
	Waiting  bool      `json:"waiting"` // asked for, and another run is on
	Trigger  Trigger   `json:"trigger,omitempty"`
	Started  time.Time `json:"started,omitzero"`
	Progress Progress  `json:"progress,omitzero"` // of the run that is on
	Retry    int       `json:"retry,omitempty"`   // the number of the retry that Next is; 0: it is no retry
}
