// Package program is what the measuring programs have in common: how they end.
package program

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/pflag"
)

// Main runs a program on the process's arguments and streams, and returns its
// exit code: 1 after an error, which goes to stderr with the program's name. A
// call for help is none.
func Main(name string, run func(args []string, stdout, stderr io.Writer) error) int {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	if err == nil || errors.Is(err, pflag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s: error: %v\n", name, err)
	return 1
}
