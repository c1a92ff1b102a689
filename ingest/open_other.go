//go:build !linux

package ingest

import "os"

// openFile opens a file to read it.
func openFile(name string) (*os.File, error) { return os.Open(name) }
