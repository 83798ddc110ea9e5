package dashboards

// linkRoot is where the links lie by which people set a password.
const linkRoot = "/sign-in/link/"

// LinkPath returns the path of the link with a secret.
func LinkPath(secret string) string { return linkRoot + secret }
