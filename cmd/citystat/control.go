package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"citystat/ingest"
	"citystat/ingest/backup"
	"citystat/kpi"
)

// socketName is the control socket in the data directory. Who may write there (mode 0600) may act on the stores.
const socketName = "citystat.sock"

// controlServer lets other processes of the same person act through the one that owns the stores.
type controlServer struct {
	http *http.Server
	path string
}

// controlReply is what the control socket answers.
type controlReply struct {
	Reports  []ingest.Report  `json:"reports,omitempty"`
	Rejects  []refusedRows    `json:"rejects,omitempty"`
	History  []knownValue     `json:"history,omitempty"`
	Findings []ingest.Finding `json:"findings,omitempty"`
	Error    string           `json:"error,omitempty"`

	Explained *explained     `json:"explained,omitempty"`
	Feedback  []kpi.Feedback `json:"feedback,omitempty"`
	People    *peopleReply   `json:"people,omitempty"`

	Backup    *backup.Manifest `json:"backup,omitempty"`
	Exported  map[string]int64 `json:"exported,omitempty"` // rows by table
	Decisions *decisionsReply  `json:"decisions,omitempty"`
	Term      *kpi.TermReview  `json:"term,omitempty"`
}

// startControl listens on the data directory's socket. The caller owns the stores, so a socket that is there is a leftover.
func startControl(ctx context.Context, e *engine) (*controlServer, error) {
	path := filepath.Join(e.dir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w; a shorter data directory may help, such as --data ./data", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), ln.Close())
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /ingest", func(w http.ResponseWriter, r *http.Request) {
		reports, err := e.Ingest(r.Context(), ingest.How{Trigger: kpi.TriggerPerson, Accepted: r.URL.Query().Get("accepted")}, r.URL.Query()["dataset"])
		answer(w, e, controlReply{Reports: reports}, err)
	})
	mux.HandleFunc("POST /rebuild", func(w http.ResponseWriter, r *http.Request) {
		answer(w, e, controlReply{}, e.Rebuild(r.Context()))
	})
	mux.HandleFunc("POST /rejects", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		limit, err := strconv.Atoi(q.Get("limit"))
		offset, err2 := strconv.Atoi(q.Get("offset"))
		var list []refusedRows
		if err = errors.Join(err, err2); err == nil {
			list, err = e.allRefused(r.Context(), q.Get("dataset"), kpi.RejectQuery{Reason: q.Get("reason"), Column: q.Get("column"), Limit: limit, Offset: offset})
		}
		answer(w, e, controlReply{Rejects: list}, err)
	})
	mux.HandleFunc("POST /history", func(w http.ResponseWriter, r *http.Request) {
		list, err := e.historyOf(r.Context(), r.URL.Query())
		answer(w, e, controlReply{History: list}, err)
	})
	mux.HandleFunc("POST /explain", func(w http.ResponseWriter, r *http.Request) {
		x, err := e.explainOf(r.Context(), r.URL.Query())
		answer(w, e, controlReply{Explained: &x}, err)
	})
	mux.HandleFunc("POST /feedback", func(w http.ResponseWriter, r *http.Request) {
		list, err := e.feedbackOf(r.Context(), r.URL.Query())
		answer(w, e, controlReply{Feedback: list}, err)
	})
	mux.HandleFunc("POST /people", func(w http.ResponseWriter, r *http.Request) {
		x, err := e.people(r.Context(), r.URL.Query())
		answer(w, e, controlReply{People: &x}, err)
	})
	mux.HandleFunc("POST /decisions", func(w http.ResponseWriter, r *http.Request) {
		x, err := e.decisionsOf(r.Context(), r.URL.Query())
		answer(w, e, controlReply{Decisions: &x}, err)
	})
	mux.HandleFunc("POST /doctor", func(w http.ResponseWriter, r *http.Request) {
		list, err := e.Examine(r.Context(), r.URL.Query().Get("quick") == "true")
		answer(w, e, controlReply{Findings: list}, err)
	})
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		m, err := writeBackup(r.Context(), e.dir, r.URL.Query().Get("file"), r.URL.Query().Get("force") == "true", e.now())
		answer(w, e, controlReply{Backup: &m}, err)
	})
	mux.HandleFunc("POST /new-term", func(w http.ResponseWriter, r *http.Request) {
		t, err := e.newTerm(r.Context(), r.URL.Query())
		answer(w, e, controlReply{Term: &t}, err)
	})
	mux.HandleFunc("POST /export", func(w http.ResponseWriter, r *http.Request) {
		rows, err := writeExport(r.Context(), e.dir, r.URL.Query().Get("to"), r.URL.Query().Get("addresses") == "true")
		answer(w, e, controlReply{Exported: rows}, err)
	})
	c := &controlServer{path: path, http: &http.Server{
		Handler: mux, ReadHeaderTimeout: 5 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}}
	go func() {
		if err := c.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			e.log.Error("control socket", "err", err)
		}
	}()
	return c, nil
}

// Close ends the control server; the socket goes with it.
func (c *controlServer) Close() error { return c.http.Close() }

// answer writes the reply.
func answer(w http.ResponseWriter, e *engine, reply controlReply, err error) {
	if err != nil {
		reply.Error = err.Error()
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(reply); err != nil {
		e.log.Warn("control socket: the other side went away", "err", err)
	}
}

// errNoServer means that no server owns the data directory.
var errNoServer = errors.New("no server is running there")

// callServer asks the server that owns the data directory to act. It answers errNoServer if there is none.
func callServer(ctx context.Context, dir, action string, query url.Values) (controlReply, error) {
	var reply controlReply
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, socketName))
		},
	}}
	u := "http://citystat/" + action + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u, nil)
	if err != nil {
		return reply, fmt.Errorf("asking the server: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return reply, errNoServer
		}
		return reply, fmt.Errorf("asking the server: %w", err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&reply); err != nil {
		return reply, fmt.Errorf("the server's answer (%s) cannot be read: %w", res.Status, err)
	}
	return reply, nil
}
