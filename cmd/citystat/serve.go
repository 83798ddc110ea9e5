package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"citystat/dashboards/auth"
)

// stopWithin is how long requests under way may take to end after Ctrl-C.
const stopWithin = 10 * time.Second

func newServe() *cobra.Command {
	o := DefaultOptions()
	o.Addr = fromEnv("CITYSTAT_ADDR", o.Addr)
	o.Data = fromEnv("CITYSTAT_DATA", "")
	var proxies []string
	cmd := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Load a city's data and serve its scorecard (without DIR: the sample city)",
		Long: `Load a city's data and serve its scorecard.

DIR is the city folder, the one that holds city.yaml. Without it, the sample city that the program carries is served: Boston in 2015.
sample:puerto-claro in the place of DIR serves the other one, a city that is made up, in Spanish, with everything that a folder can say.
People sign in with a password (citystat user add) and, where CITYSTAT_OIDC_ISSUER, CITYSTAT_OIDC_CLIENT_ID and CITYSTAT_OIDC_CLIENT_SECRET name one,
through a provider of identities that speaks OpenID Connect; it leads back to --site and /sign-in/back.
With CITYSTAT_SMTP (smtp://user:password@mail.city.gov:587, smtps://…; the password may be file:/path, and ?ca=/path, ?tls=none follow it) and CITYSTAT_MAIL_FROM people
get a mail on working days at seven of what waits for them, and a link if they forgot their password; links lead to --site.
SIGHUP reads the folder again; a wrong folder is refused and the last good one stays. Ctrl-C ends the server cleanly.`,
		Args: maxArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Proxies, err = networks(proxies); err != nil {
				return err
			}
			o.Provider = auth.ProviderOptions{
				Issuer: os.Getenv("CITYSTAT_OIDC_ISSUER"), ClientID: os.Getenv("CITYSTAT_OIDC_CLIENT_ID"), Secret: os.Getenv("CITYSTAT_OIDC_CLIENT_SECRET"),
			}
			if o.Mail, err = mailConfig(os.Getenv("CITYSTAT_SMTP"), os.Getenv("CITYSTAT_MAIL_FROM")); err != nil {
				return err
			}
			o.Folder, o.Locked, o.Demo = first(args), true, true
			o.Out = cmd.ErrOrStderr()
			o.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
			p := newProgress(cmd.ErrOrStderr())
			o.Progress = p.report
			defer p.finish()
			return serve(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", o.Addr, "address to listen on (CITYSTAT_ADDR)")
	cmd.Flags().StringVar(&o.Site, "site", fromEnv("CITYSTAT_SITE", ""), "address by which the site is reached, such as https://stat.city.gov (CITYSTAT_SITE)")
	cmd.Flags().StringSliceVar(&proxies, "trusted-proxy", split(fromEnv("CITYSTAT_TRUSTED_PROXIES", "")), "network of a proxy whose X-Forwarded-For is believed, such as 10.0.0.0/8 (CITYSTAT_TRUSTED_PROXIES)")
	cmd.Flags().StringVar(&o.Data, "data", o.Data, "data directory (CITYSTAT_DATA); by default a place of its own for each city")
	return cmd
}

// serve runs the program until ctx ends or the server fails.
func serve(ctx context.Context, o Options) error {
	app, err := NewApp(ctx, o)
	if err != nil {
		return err
	}
	if err := app.Start(ctx); err != nil {
		stopErr := app.Stop(ctx)
		o.Log.Debug("stopping after a failed start", "err", stopErr)
		return err
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-hup:
			reload(ctx, app, o)
			continue
		case err = <-app.Failed():
		case <-ctx.Done():
			fmt.Fprintln(o.Out, "\nStopping …")
		}
		break
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if stopErr := app.Stop(stopCtx); err == nil {
		err = stopErr
	}
	return err
}

// reload reads the folder again and says what came of it.
func reload(ctx context.Context, app *App, o Options) {
	if err := app.Reload(ctx); err != nil {
		fmt.Fprintln(o.Out, err)
		return
	}
	fmt.Fprintln(o.Out, "The folder was read again.")
}

// fromEnv returns the environment's value, or the default where it says nothing.
func fromEnv(name, def string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return def
}

// split returns the parts of a list with commas; none of an empty one.
func split(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// networks reads networks, or single addresses.
func networks(list []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, errAddr := netip.ParseAddr(s)
			if errAddr != nil {
				return nil, errUsage{fmt.Errorf("--trusted-proxy %q is no network; write 10.0.0.0/8, or an address", s)}
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p)
	}
	return all, nil
}
