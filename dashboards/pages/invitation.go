package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"citystat/dashboards/ics"
	"citystat/kpi"
	"citystat/kpi/meeting"
)

// seriesICSPath is the calendar of a whole series.
const seriesICSPath = MeetingsRoot + "/:series/calendar.ics"

// seriesFile is the address of the calendar of a series.
func seriesFile(series string) string {
	return seriesAddress(series) + "/calendar.ics"
}

// calendarAhead is how far ahead the calendar of a series goes, in months.
const calendarAhead = 12

// MeetingPath is the address of a meeting's page.
func MeetingPath(series string, slot kpi.Date) string { return meetingAddress(series, slot, "") }

// MeetingMemoPath is the address of a meeting's memo.
func MeetingMemoPath(series string, slot kpi.Date) string {
	return meetingAddress(series, slot, memoBelow)
}

// registerInvitations adds the calendar files of meetings.
func (p *Pages) registerInvitations(e *echo.Echo, around ...echo.MiddlewareFunc) {
	reads := []string{http.MethodGet, http.MethodHead}
	e.Match(reads, meetingPath+meetingICSBelow, p.meetingICS, around...)
	e.Match(reads, seriesICSPath, p.seriesICS, around...)
}

// meetingICS sends one meeting as a calendar file.
func (p *Pages) meetingICS(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	r.Params = params(c)
	s, err := r.sitting(c.Request().Context())
	if err != nil {
		return err
	}
	return p.sendICS(c, r, s.series, []kpi.Meeting{s.m}, s.series.ID+"-"+s.m.Slot.String())
}

// seriesICS sends the meetings of a series: those that were, and those of the next twelve months.
func (p *Pages) seriesICS(c echo.Context) error {
	r, err := p.staffRequest(c)
	if err != nil {
		return err
	}
	id := c.Param("series")
	s := r.City.Series(id)
	if s == nil || r.work.Meetings == nil {
		return kpi.Errorf(kpi.CodeNotFound, "there is no series of meetings %q", id)
	}
	saved, err := r.work.Meetings.Meetings(c.Request().Context(), kpi.PaperQuery{Subject: s.ID})
	if err != nil {
		return err
	}
	from := s.From
	for i := range saved {
		if saved[i].Date.Before(from) {
			from = saved[i].Date
		}
	}
	return p.sendICS(c, r, s, meeting.Calendar(r.City, s, saved, from, r.Today.AddMonths(calendarAhead)), s.ID)
}

// sendICS sends meetings of a series as a file, in the reader's language.
func (p *Pages) sendICS(c echo.Context, r *Request, s *kpi.MeetingSeries, list []kpi.Meeting, name string) error {
	ctx := c.Request().Context()
	cal := ics.Calendar{Method: ics.Publish, Name: r.P.Text(s.Name)}
	for i := range list {
		m := &list[i]
		var history []kpi.Meeting
		if m.ID != 0 {
			var err error
			if history, err = r.work.Meetings.MeetingHistory(ctx, m.ID); err != nil {
				return err
			}
		}
		e := ics.Meeting{City: r.City, Zone: r.Cal.Location, Series: s, Meeting: m, Sequence: meeting.Sequence(r.City, s, history), Now: p.opts.Now()}
		if r.site != "" {
			e.Page, e.Memo = r.site+MeetingPath(s.ID, m.Slot), r.site+MeetingMemoPath(s.ID, m.Slot)
		}
		cal.Events = append(cal.Events, e.Event(r.P))
	}
	body, err := cal.Bytes()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`.ics"`) // ids and days: letters, digits, hyphens
	h.Set(echo.HeaderCacheControl, staffCaching)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8; method=PUBLISH", body)
}
