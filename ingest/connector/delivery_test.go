package connector

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"citystat/kpi"
)

// TestPipeInTheFolder refuses a named pipe, which would keep whoever opens it waiting for ever, and every load after it.
func TestPipeInTheFolder(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "x.csv"), 0o600); err != nil {
		t.Fatal(err)
	}
	ds := &kpi.Dataset{ID: "d", Source: kpi.Source{Kind: kpi.SourceCSV, Path: "*.csv"}, Columns: []kpi.Column{{Name: "a", From: "a", Type: kpi.TypeText}}}
	done := make(chan error, 1)
	go func() {
		_, err := CSV{}.Read(context.Background(), Request{Folder: os.DirFS(dir), Dataset: ds, Dir: t.TempDir()})
		done <- err
	}()
	select {
	case err := <-done:
		if kpi.ErrorCode(err) != kpi.CodeInvalid || !strings.Contains(fmt.Sprint(err), "regular file") {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the pipe is waited for")
	}
}
