package dashboards

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"citystat/dashboards/auth"
	"citystat/dashboards/i18n"
	"citystat/dashboards/pages"
	"citystat/kpi/scorecard"
)

// Staff is what the staff pages read and set off.
type Staff = pages.Staff

// Options says how to serve. Published is required; the zero value of everything else is a good default.
type Options struct {
	// Published returns the scorecard that the public sees; nil if nothing is published yet. It is called for each request, so it
	// must be quick, and the scorecard must not change afterwards.
	Published func(context.Context) (*scorecard.Scorecard, error)

	// Staff is what the staff pages read and set off; nil: there are none. They are served to readers on this machine alone, and never where
	// TLS or TrustedProxies say that a proxy stands before the server; see doc.go.
	Staff Staff

	// StaffKey is what a reader must show once, as ?key= behind the address of a staff page, before the staff pages exist for him; a cookie
	// remembers it. A proxy on this machine that says nothing of itself makes strangers look as if they sat here: what they lack is the key.
	// Empty: being at this machine is enough.
	StaffKey string

	// NotLocal says that being at this machine opens nothing: others reach the listener too.
	NotLocal bool

	// Door is by which people sign in, and Anybody whether there is somebody who can: until then staff pages are for readers at this machine. Directory
	// and Trail are the people and what was changed by whom; Site is the address of the site, for links. Door nil: nobody signs in.
	Door      *auth.Door
	Anybody   func(context.Context) (bool, error)
	Directory pages.Directory
	Trail     pages.Trail
	Site      string

	// Feedback is where residents write, and FeedbackDesk where the staff answer; nil: nobody reads any, whatever the city's folder says.
	// FeedbackLimits bound how much is written; behind a proxy that TrustedProxies does not name, all readers count as one.
	Feedback       pages.Feedback
	FeedbackDesk   pages.FeedbackDesk
	FeedbackLimits pages.FeedbackLimits

	// Work is what departments keep here between meetings.
	Work pages.Work

	// Demo is a demonstration, whose people are made up; nil: there is none. Its link leads to it whoever sits at this machine, and nobody else.
	Demo pages.Demo

	// Mail is what was sent to whom, and Recovery sends links to those who have forgotten their password; nil: no mail is sent. MailCounts says how many mails
	// had which result since the program began, for /metrics; it may be nil.
	Mail       pages.Mail
	Recovery   pages.Recovery
	MailCounts func() map[string]int64

	// Ready is asked by /readyz: whether the stores answer and what should be published is. An error of kpi.CodeUnready is shown, any
	// other only logged. If it is nil, the server is ready once anything is published.
	Ready func(context.Context) error

	Registry       *prometheus.Registry // of /metrics; one of the server's own if nil
	Logger         *slog.Logger         // slog.Default() if nil
	Now            func() time.Time     // time.Now if nil
	Version        string               // of the program, for /metrics
	TrustedProxies []netip.Prefix       // whose X-Forwarded-For is believed; nobody's if empty
	TLS            bool                 // the site is reached over HTTPS only: browsers are told to keep it so
	MaxConns       int                  // connections at a time; 1,024 if 0
	Timeout        time.Duration        // for one request; 20 s if 0

	heartbeat time.Duration // of live progress; for tests
	bundle    *i18n.Bundle  // the messages; those of the program if nil; for tests
}

func (o Options) withDefaults() (Options, error) {
	if o.Published == nil {
		return o, errors.New("dashboards: Options.Published is missing; a server without a scorecard serves nothing")
	}
	if o.MaxConns < 0 || o.Timeout < 0 {
		return o, errors.New("dashboards: MaxConns and Timeout must not be negative")
	}
	if o.Door != nil && o.Anybody == nil {
		return o, errors.New("dashboards: Options.Anybody is missing; without it nobody knows when the key of this machine ends")
	}
	o.Site = strings.TrimSuffix(o.Site, "/")
	if o.Ready == nil {
		o.Ready = o.something
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxConns == 0 {
		o.MaxConns = 1024
	}
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	return o, nil
}
