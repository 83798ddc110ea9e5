package dashboards

import "citystat/dashboards/pages"

// LinkPath returns the path of the link with a secret, by which somebody sets a password.
func LinkPath(secret string) string { return pages.LinkPath(secret) }

// ProviderReturn is the path to which the city's provider of identities leads people back.
const ProviderReturn = pages.ProviderReturn
