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

// strace runs TestKilledChild on a lake with a fault at the nth such call of a
// thread, and reports whether it ended well and whether the fault was met.
func strace(t *testing.T, dir, call, fault string, n int) (ok, met bool) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "trace")
	c := exec.Command("strace", "-f", "-qq", "-o", log, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", call, fault, n),
		os.Args[0], "-test.run=^TestKilledChild$")
	c.Env = append(os.Environ(), crashEnv+"="+dir, "GOMAXPROCS=1") // few threads: strace counts for each
	ok = c.Run() == nil
	trace, err := os.ReadFile(log)
	check(t, err)
	return ok, bytes.Contains(trace, []byte("INJECTED")) || bytes.Contains(trace, []byte("killed by SIGKILL"))
}

// At each call in turn the process is killed, the disk is full, or it breaks:
// a run that fails says so, and the next one makes the lake whole.
func TestFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	if err := exec.Command("strace", "-f", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("no strace: %v", err)
	}
	const most = 200
	for _, fault := range []string{"signal=KILL", "error=ENOSPC", "error=EIO"} {
		for _, call := range injected {
			if call == "unlinkat" && fault == "error=ENOSPC" {
				continue
			}
			t.Run(strings.TrimPrefix(fault, "error=")+" at "+call, func(t *testing.T) {
				t.Parallel()
				faults, failures := 0, 0
				for n := 1; n <= most; n++ {
					dir := filepath.Join(t.TempDir(), "lake")
					ok, met := strace(t, dir, call, fault, n)
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
