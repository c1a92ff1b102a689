package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/trimtrail/trimtrail/internal/lake"
)

// place names what process ids mean something in: this boot of this machine,
// and its space of process ids. Empty where the system does not tell.
func place() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + space
}

// gone reports whether the process of an owner is known to be no more: it ran
// here, and there is none of its number.
func gone(o lake.Owner) bool {
	if o.Place == "" || o.Place != place() || o.PID == os.Getpid() {
		return false
	}
	_, err := os.Stat("/proc/" + strconv.Itoa(o.PID))
	return errors.Is(err, os.ErrNotExist)
}

// holding renews a lease until stop, which gives it back. The context ends
// where another process has taken it over.
func holding(ctx context.Context, lease *lake.Lease, log *slog.Logger) (held context.Context, stop func()) {
	held, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(lake.LeaseRenewed)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			switch err := lease.Renew(); {
			case errors.Is(err, lake.ErrLeaseLost):
				cancel(err)
				return
			case err != nil:
				log.Warn("the lock could not be renewed: " + err.Error())
			}
		}
	})
	return held, func() {
		close(done)
		wg.Wait()
		if err := lease.Release(); err != nil {
			log.Warn("the lock could not be given back: " + err.Error())
		}
		cancel(nil)
	}
}
