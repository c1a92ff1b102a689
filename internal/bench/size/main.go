// Command size measures how long right-sizing takes: of an account's real shape with a
// made-up trail, and of an organisation of many principals.
//
//	go run ./internal/bench/size -principals 20000
//	go run ./internal/bench/size -details account-details.json
//
// It prints principals, proposals by verdict, wall and CPU seconds, and the
// memory that Go asked for. Everything is made in memory, by a seed.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
	"github.com/trimtrail/trimtrail/rules"
)

func main() {
	principals := flag.Int("principals", 2000, "users and roles to make")
	details := flag.String("details", "", "authorization details to take the principals from instead")
	rows := flag.Int("rows", 60, "usage rows of each principal")
	workers := flag.Int("workers", runtime.GOMAXPROCS(0), "goroutines")
	conditions := flag.Bool("conditions", false, "put conditions into the proposals")
	flag.Parse()
	states, err := world(*details, *principals)
	if err != nil {
		log.Fatal(err)
	}
	f := facts(states, *rows)
	wall, cpu := time.Now(), used()
	ps := rules.SizeAll(f, states, catalog.Default(), rules.SizeOptions{Workers: *workers, Conditions: *conditions})
	report(f, ps, time.Since(wall), used()-cpu)
}

func world(details string, principals int) (map[string]*iam.State, error) {
	if details == "" {
		return organisation(principals), nil
	}
	data, err := os.ReadFile(details)
	if err != nil {
		return nil, err
	}
	states := iam.States{}
	if _, err := iam.Load(details, data, states); err != nil {
		return nil, err
	}
	return states, nil
}

func report(f *analyze.Facts, ps *rules.Policies, wall, cpu time.Duration) {
	verdicts := map[string]int{}
	failed := 0
	for i := range ps.Policies {
		p := &ps.Policies[i]
		verdicts[p.Confidence]++
		if p.Replay != nil && p.Replay.Denied > 0 || p.NoNewAccess != nil && !*p.NoNewAccess {
			failed++
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Printf("principals %d  proposals %d (%d ready, %d review, %d too early)  shared %d  failed proofs %d\n", len(f.Principals), len(ps.Policies),
		verdicts[rules.Ready], verdicts[rules.Review], verdicts[rules.TooEarly], len(ps.Shared), failed)
	fmt.Printf("wall %.1f s  cpu %.1f s  memory %d MB\n", wall.Seconds(), cpu.Seconds(), m.Sys>>20)
}

// used is the CPU time of the process so far.
func used() time.Duration {
	var u syscall.Rusage
	// It cannot fail for a process that asks about itself.
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
