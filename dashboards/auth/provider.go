package auth

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"citystat/kpi"
)

// ProviderOptions name the city's provider of identities.
type ProviderOptions struct {
	Issuer   string // its address; what it says of itself is read from there
	ClientID string
	Secret   string // empty: a public client, which PKCE alone protects
	Redirect string // the whole address to which the provider leads people back
	Client   *http.Client
}

// Provider is a provider of identities that speaks OpenID Connect. It is asked what it is when it is first needed, and again after a failure: the
// program starts without it.
type Provider struct {
	opts  ProviderOptions
	ready chan *provided // holds what is known, or nil
}

type provided struct {
	provider *oidc.Provider
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
}

// providerTimeout bounds each question to the provider.
const providerTimeout = 10 * time.Second

// NewProvider returns a provider that has not been asked for anything yet.
func NewProvider(o ProviderOptions) *Provider {
	if o.Client == nil {
		o.Client = &http.Client{Timeout: providerTimeout}
	}
	p := &Provider{opts: o, ready: make(chan *provided, 1)}
	p.ready <- nil
	return p
}

// known asks the provider what it is, once.
func (p *Provider) known(ctx context.Context) (*provided, error) {
	select {
	case k := <-p.ready:
		if k == nil {
			var err error
			if k, err = p.discover(ctx); err != nil {
				p.ready <- nil
				return nil, err
			}
		}
		p.ready <- k
		return k, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *Provider) discover(ctx context.Context) (*provided, error) {
	// The keys are fetched again later: the context must not end with this request.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.opts.Client), p.opts.Issuer)
	if err != nil {
		return nil, &kpi.Error{Code: kpi.CodeUnready, Message: "the provider of identities does not answer; sign in with a password, or try again in a minute", Err: err}
	}
	return &provided{
		provider: found,
		config: oauth2.Config{
			ClientID: p.opts.ClientID, ClientSecret: p.opts.Secret, Endpoint: found.Endpoint(), RedirectURL: p.opts.Redirect,
			Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
		},
		verifier: found.Verifier(&oidc.Config{ClientID: p.opts.ClientID}),
	}, nil
}

// What a session holds between leaving for the provider and coming back.
const (
	keyState    = "oidc.state"
	keyNonce    = "oidc.nonce"
	keyVerifier = "oidc.verifier"
	keyTo       = "oidc.to"
)

// HasProvider reports whether people can sign in through a provider.
func (d *Door) HasProvider() bool { return d.opts.Provider != nil }

// Begin returns the address at the provider to which a person is led. What must come back unchanged, and where they go then, is kept in the
// session of the context.
func (d *Door) Begin(ctx context.Context, to string) (string, error) {
	if d.opts.Provider == nil {
		return "", kpi.Errorf(kpi.CodeNotFound, "there is no provider of identities")
	}
	k, err := d.opts.Provider.known(ctx)
	if err != nil {
		return "", err
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	for key, v := range map[string]string{keyState: state, keyNonce: nonce, keyVerifier: verifier, keyTo: to} {
		d.sessions.Put(ctx, key, v)
	}
	return k.config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// errReturn is the one answer to a return that does not belong to this session.
func errReturn(err error) error {
	return &kpi.Error{Code: kpi.CodeDenied, Message: "the sign-in did not come back as it left; begin again", Err: err}
}

// claims are what the provider says of a person.
type claims struct {
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
}

// claims returns them from the token, or asks for them where the token is spare: the standard lets a provider do either.
func (k *provided) claims(ctx context.Context, id *oidc.IDToken, token *oauth2.Token) (c claims, err error) {
	if err := id.Claims(&c); err != nil || c.Email != "" {
		return c, err
	}
	info, err := k.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return c, err
	}
	if info.Subject != id.Subject { // of the same person, or it could be anybody's (OpenID Connect Core §5.3.2)
		return c, fmt.Errorf("the provider speaks of somebody else than its token")
	}
	return claims{info.Email, info.EmailVerified}, nil
}

// Finish signs the person in whom the provider sends back with a state and a code, and returns where they wanted to go. Each departure serves for
// one return.
func (d *Door) Finish(ctx context.Context, state, code string) (to string, err error) {
	if d.opts.Provider == nil {
		return "", kpi.Errorf(kpi.CodeNotFound, "there is no provider of identities")
	}
	want, nonce, verifier := d.sessions.PopString(ctx, keyState), d.sessions.PopString(ctx, keyNonce), d.sessions.PopString(ctx, keyVerifier)
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(state)) != 1 || code == "" {
		return "", errReturn(nil)
	}
	k, err := d.opts.Provider.known(ctx)
	if err != nil {
		return "", err
	}
	ctxClient := oidc.ClientContext(ctx, d.opts.Provider.opts.Client)
	token, err := k.config.Exchange(ctxClient, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", errReturn(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := k.verifier.Verify(ctxClient, raw)
	if err != nil {
		return "", errReturn(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return "", errReturn(fmt.Errorf("the token is of another departure"))
	}
	claims, err := k.claims(ctxClient, id, token)
	if err != nil {
		return "", errReturn(err)
	}
	p, err := d.opts.People.Identify(ctx, id.Issuer, id.Subject, claims.Email, claims.Verified, d.opts.Now())
	if err != nil {
		return "", err
	}
	to = d.sessions.PopString(ctx, keyTo)
	return to, d.enter(ctx, p.ID, "provider")
}
