package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// The exit codes, a part of the contract.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitFindings    = 3
	exitQuarantined = 4
	exitInterrupted = 130
)

// exitError is an error that knows its exit code and what to try.
type exitError struct {
	code int
	err  error  // nil: the code alone, everything is said already
	hint string // a command to try, or empty
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// withHint adds what to try to err; the code is that of a failure.
func withHint(err error, hint string) error {
	return &exitError{code: exitFailed, err: err, hint: hint}
}

// usage is an error in how the program was called.
func usage(err error, hint string) error {
	return &exitError{code: exitUsage, err: err, hint: hint}
}

// exit ends the program with code and says nothing more.
func exit(code int) error { return &exitError{code: code} }

// tell prints err as `error:` and `hint:` lines and returns the exit code.
func tell(w io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(w, "trimtrail: interrupted")
		return exitInterrupted
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = &exitError{code: exitFailed, err: err}
	}
	var c interface{ ExitCode() int }
	if errors.As(err, &c) {
		e = &exitError{code: c.ExitCode(), err: err, hint: e.hint}
	}
	if e.err != nil {
		fmt.Fprintf(w, "trimtrail: error: %v\n", err)
	}
	if e.hint != "" {
		fmt.Fprintf(w, "trimtrail: hint: %s\n", e.hint)
	}
	return e.code
}

// miscalled gives an error of cobra's on a call's words the code that it
// deserves, and says how the command is called.
func miscalled(cmd *cobra.Command, err error) error {
	var e *exitError
	if err == nil || errors.As(err, &e) {
		return err
	}
	for _, s := range []string{"unknown command", "unknown flag", "unknown shorthand", "required flag", "accepts ", "requires at least", "arg(s)"} {
		if strings.Contains(err.Error(), s) {
			hint := "see  " + cmd.CommandPath() + " --help"
			if cmd.HasParent() {
				hint = "it is  " + cmd.UseLine() + "; " + hint
			}
			return usage(err, hint)
		}
	}
	return err
}
