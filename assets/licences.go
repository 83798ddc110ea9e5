package assets

// What stands behind the site, for the page that says so; a test holds it to the notices.
const (
	ProgramLicence = "Apache License 2.0"
	EChartsName    = "Apache ECharts 6.1.0"
	EChartsLicence = "Apache License 2.0"
)
