package lake

import "io"

// store is where the files of a lake are: a directory, or a bucket. Names are
// relative to the lake, with slashes. What is not there is fs.ErrNotExist.
type store interface {
	// root names the lake in messages.
	root() string
	// whyNot says in words what is there instead of a lake.
	whyNot() string
	open(name string) (blob, error)
	read(name string) ([]byte, error)
	// create makes a file whole, durable, and only where there is none of that
	// name: of several that try at once one wins, the others get fs.ErrExist.
	// temp is a free path on this machine that it may use; "" is beside name.
	create(name string, data []byte, temp string) error
	// replace makes a file, or another content of it, whole and durable.
	replace(name string, data []byte) error
	// put is replace without the promise that it outlasts a loss of power.
	put(name string, data []byte) error
	// publish moves finished files of this machine to their places, durable
	// when it returns, and calls each with every place before it is taken and
	// done after.
	publish(files []staged, each func(place string), done func() error) error
	// remove removes files; those that are gone are none of its business.
	remove(names []string) error
	// list calls each with every file below dir, in lexical order.
	list(dir string, each func(name string, size int64) error) error
	// lasting is the store for the last steps of a run, which are taken though
	// the user has given up; done ends that.
	lasting() (s store, done func())
	// claim gives a writer what it needs; any number may hold one at once.
	claim() (*claim, error)
}

// blob is an opened file.
type blob interface {
	io.ReaderAt
	io.Closer
	size() int64
}

// staged is a finished file of this machine that waits for its place.
type staged struct {
	name string // to open
	path string // in the lake
}
