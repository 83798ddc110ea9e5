package dashboards

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"citystat/kpi"
)

// readyTime bounds the questions that /readyz asks.
const readyTime = 3 * time.Second

// healthz says that the process answers. It asks nobody: a supervisor that restarts on it must not restart because a disk is slow.
func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyz says whether the server is ready, see Options.Ready.
func (s *Server) readyz(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), readyTime)
	defer cancel()
	if err := s.opts.Ready(ctx); err != nil {
		return unready(err)
	}
	return c.String(http.StatusOK, "ready\n")
}

// something is the question that /readyz asks by default: whether there is something to show.
func (o Options) something(ctx context.Context) error {
	card, err := o.Published(ctx)
	if err == nil && card == nil {
		err = kpi.Errorf(kpi.CodeUnready, "nothing is published yet")
	}
	return err
}

// unready keeps the message of an error that was made for people, and puts a general one before any other.
func unready(err error) error {
	var known *kpi.Error
	if errors.As(err, &known) && known.Code == kpi.CodeUnready {
		return known
	}
	return &kpi.Error{Code: kpi.CodeUnready, Message: "a store does not answer; the log says which", Err: err}
}
