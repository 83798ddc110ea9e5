// Package auth knows who is asking. People sign in with a password of their own or through the city's provider of identities (OpenID Connect);
// what they may do then is for package account to say.
//
// # Passwords
//
// A password is chosen by the person alone, behind a link that serves once ([Door.UseLink]); there is none by default, and nobody sends one. It is kept
// as an Argon2id hash with the parameters that OWASP recommends (password.go). Wrong ones are slowed down, by account and by address
// (throttle.go), and the answer never says whether there is an account.
//
// # Sessions
//
// They are kept by the server; the cookie holds a random token and nothing else, is not readable by scripts and not sent with what other sites ask for.
// A session ends after twelve hours, after two without a request, when it is signed out, when the person is disabled or has a new password:
// the person and their rights are read anew for each request. The token is a new one after sign-in.
//
// # Forgery
//
// That a form comes from our own page is what browsers say themselves (Sec-Fetch-Site, Origin), checked for whatever changes something; the cookie
// is SameSite=Lax besides.
package auth
