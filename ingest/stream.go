package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"

	"github.com/trimtrail/trimtrail/internal/event"
)

// chunkSize is from where on a stream is cut behind a complete value, so that
// one without end takes no more memory than one that ends.
const chunkSize = 8 << 20

// stream is standard input or a pipe.
type stream struct {
	name string
	r    io.Reader
}

// NewStream returns r, which is called name, as a source that can be listed
// once. JSON values one after another become objects of some megabytes each,
// called name, name#2 and so on; a gzip stream is one object.
func NewStream(name string, r io.Reader) Source { return &stream{name, r} }

func (s *stream) String() string { return s.name }

// List reads the stream; its entries carry their content. Filters do not apply.
func (s *stream) List(ctx context.Context, f Filter) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		c := chunker{r: s.r, size: chunkSize}
		for n := 1; ; n++ {
			chunk, err := c.next(ctx)
			if err != nil {
				yield(Entry{}, fmt.Errorf("read %s: %w", s.name, bare(err)))
				return
			}
			if chunk == nil {
				return
			}
			name := s.name
			if n > 1 {
				name = fmt.Sprintf("%s#%d", s.name, n)
			}
			if !yield(Entry{Object: contentObject(name, chunk), Content: chunk, Unplaced: !f.Empty()}, nil) {
				return
			}
		}
	}
}

// Fetch is not called: entries carry their content.
func (s *stream) Fetch(_ context.Context, o event.Object) (event.Object, []byte, error) {
	return o, nil, &UnreadError{URI: o.URI, Reason: "a stream is read once"}
}

// contentObject names what has no name of its own by its content, so that the
// same stream piped in again is known.
func contentObject(name string, content []byte) event.Object {
	sum := sha256.Sum256(content)
	return event.Object{URI: name, Size: int64(len(content)), Version: hex.EncodeToString(sum[:16])}
}

// chunker cuts a stream of JSON values into chunks of whole ones.
type chunker struct {
	r      io.Reader
	buf    []byte // read, not given out
	seen   int    // of buf, how far the state below has come
	depth  int
	quoted bool
	escape bool
	cut    int // behind the last complete value in buf
	given  bool
	ended  bool
	size   int // of a chunk at least
}

// next returns the next chunk, nil at the end. A stream that is empty is one
// empty chunk, so that it is told.
func (c *chunker) next(ctx context.Context) ([]byte, error) {
	for !c.ended {
		if c.cut >= c.size {
			return c.take(c.cut), nil
		}
		if err := c.read(ctx); err != nil {
			return nil, err
		}
	}
	if c.given && len(bytes.TrimSpace(c.buf)) == 0 {
		return nil, nil
	}
	return c.take(len(c.buf)), nil
}

// take gives out the first n bytes.
func (c *chunker) take(n int) []byte {
	chunk := append(make([]byte, 0, n+pad), c.buf[:n]...)
	c.buf = c.buf[:copy(c.buf, c.buf[n:])]
	c.seen, c.cut, c.given = c.seen-n, 0, true
	return chunk
}

// read takes in more and looks for the ends of values. What is gzip, or no
// JSON, has none; no more of it is read than Decode may need to say so.
func (c *chunker) read(ctx context.Context) error {
	const step = 1 << 20
	if cap(c.buf)-len(c.buf) < step {
		c.buf = append(c.buf, make([]byte, step+len(c.buf)/2)...)[:len(c.buf)]
	}
	n, err := readOrLeave(ctx, c.r, c.buf[len(c.buf):cap(c.buf)])
	c.buf = c.buf[:len(c.buf)+n]
	c.scan()
	switch {
	case err == io.EOF:
		c.ended = true
	case err != nil:
		return err
	case len(c.buf) > defaultMaxRaw:
		c.ended = true // Decode refuses it as too large
	case !c.given && len(c.buf) > step && !oneObject(c.buf) && notJSON(c.buf) != "":
		c.ended = true
	}
	return nil
}

// readOrLeave reads from r unless ctx ends first. A terminal or pipe cannot be
// made to give up a read: then it is left behind, with its buffer.
func readOrLeave(ctx context.Context, r io.Reader, buf []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := r.Read(buf)
		done <- result{n, err}
	}()
	select {
	case got := <-done:
		return got.n, got.err
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

func isGzip(b []byte) bool { return len(b) > 1 && b[0] == 0x1f && b[1] == 0x8b }

// scan follows brackets and strings through what is new.
func (c *chunker) scan() {
	if !c.given && oneObject(c.buf) {
		return
	}
	for ; c.seen < len(c.buf); c.seen++ {
		b := c.buf[c.seen]
		switch {
		case c.escape:
			c.escape = false
		case c.quoted:
			c.escape, c.quoted = b == '\\', b != '"'
		case b == '"':
			c.quoted = true
		case b == '{' || b == '[':
			c.depth++
		case b == '}' || b == ']':
			if c.depth--; c.depth <= 0 {
				c.depth, c.cut = 0, c.seen+1
			}
		}
	}
}

// Streamed reports whether s is read once, while it is listed.
func Streamed(s Source) bool {
	_, ok := s.(*stream)
	return ok
}
