package ingest

import (
	"os"
	"syscall"
)

// openFile opens a file to read it. os.Open asks the kernel five times more
// whether it can wait for the file as for a socket, which takes as long as to
// read a small one.
func openFile(name string) (*os.File, error) {
	for {
		fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), name), nil
		case syscall.EINTR:
		default:
			return nil, &os.PathError{Op: "open", Path: name, Err: err}
		}
	}
}
