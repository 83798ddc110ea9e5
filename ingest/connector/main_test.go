package connector

import (
	"os"
	"testing"
)

// TestMain makes the test program the process that reads Parquet where it is started as one.
func TestMain(m *testing.M) {
	RunChild()
	runBadChild()
	os.Exit(m.Run())
}
