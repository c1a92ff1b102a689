package lake

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// injected are the system calls by which a run changes a disk.
var injected = []string{"openat", "write", "fsync", "renameat", "linkat", "mkdirat", "unlinkat"}

// strace runs a test as a process on a lake, with a fault at the nth such call
// of a thread, and reports whether it ended well and whether the fault was met.
func strace(t *testing.T, child, dir, call, fault string, n int) (ok, met bool) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "trace")
	c := exec.Command("strace", "-f", "-qq", "-o", log, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, fault, n),
		os.Args[0], "-test.run=^"+child+"$")
	c.Env = append(os.Environ(), crashEnv+"="+dir, "GOMAXPROCS=1") // few threads: strace counts for each
	ok = c.Run() == nil
	trace, err := os.ReadFile(log)
	check(t, err)
	return ok, bytes.Contains(trace, []byte("INJECTED")) || bytes.Contains(trace, []byte("killed by SIGKILL"))
}

// mostFaults of one kind are tried.
const mostFaults = 200

func needStrace(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	if err := exec.Command("strace", "-f", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("no strace: %v", err)
	}
}

// TestCompactingChild is the process that TestFaultsOfCompaction stops.
func TestCompactingChild(t *testing.T) {
	dir := os.Getenv(crashEnv)
	if dir == "" {
		t.Skip("run by TestFaultsOfCompaction")
	}
	l, err := Open(dir)
	check(t, err)
	_, err = l.Compact(t.Context())
	check(t, err)
}

// Killed at any call, or failed by it, a compaction loses no row and leaves
// none twice: at once for those who go by the log, after the next run for all.
func TestFaultsOfCompaction(t *testing.T) {
	needStrace(t)
	from := scattered(t, 4)
	for _, fault := range []string{"signal=KILL", "error=ENOSPC", "error=EIO"} {
		for _, call := range injected {
			t.Run(strings.TrimPrefix(fault, "error=")+" at "+call, func(t *testing.T) {
				t.Parallel()
				for n := 1; n <= mostFaults; n++ {
					dir := filepath.Join(t.TempDir(), "lake")
					check(t, os.CopyFS(dir, os.DirFS(from.Dir())))
					ok, met := strace(t, "TestCompactingChild", dir, call, fault, n)
					if !met {
						break
					}
					l, err := Open(dir)
					check(t, err)
					if rows := len(read(t, l, Query{})); rows != 80 {
						t.Errorf("a reader sees %d rows", rows)
					}
					check(t, writer(t, l, WriterOptions{}).Close())
					_, err = l.Compact(t.Context())
					check(t, err)
					if s, err := l.Status(); err != nil || s.Files != 2 {
						t.Errorf("%d files, %v", s.Files, err)
					}
					if wantIDs(t, l, 80); t.Failed() {
						t.Fatalf("after fault %d; the run ended well: %v", n, ok)
					}
					os.RemoveAll(dir)
				}
			})
		}
	}
}

// At each call in turn the process is killed, the disk is full, or it breaks:
// a run that fails says so, and the next one makes the lake whole.
func TestFaults(t *testing.T) {
	needStrace(t)
	for _, fault := range []string{"signal=KILL", "error=ENOSPC", "error=EIO"} {
		for _, call := range injected {
			if call == "unlinkat" && fault == "error=ENOSPC" {
				continue
			}
			t.Run(strings.TrimPrefix(fault, "error=")+" at "+call, func(t *testing.T) {
				t.Parallel()
				faults, failures := 0, 0
				for n := 1; n <= mostFaults; n++ {
					dir := filepath.Join(t.TempDir(), "lake")
					ok, met := strace(t, "TestKilledChild", dir, call, fault, n)
					if !met {
						break
					}
					faults++
					if !ok {
						failures++
					}
					l, err := Create(dir)
					check(t, err)
					w := writer(t, l, WriterOptions{})
					check(t, script(w))
					check(t, w.Close())
					if wantScript(t, l); t.Failed() {
						t.Fatalf("after fault %d; the run ended well: %v", n, ok)
					}
					os.RemoveAll(dir)
				}
				// Without hard links an entry is renamed into place, so none fails there.
				if faults == 0 || failures == 0 && (call != "linkat" || fault == "signal=KILL") {
					t.Errorf("%d faults, %d runs failed", faults, failures)
				}
				t.Logf("%d faults, %d runs failed", faults, failures)
			})
		}
	}
}
