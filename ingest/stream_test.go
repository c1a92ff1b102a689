package ingest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// chunks reads a stream and returns its objects' names and contents.
func chunks(t testing.TB, r io.Reader) (names, contents []string) {
	t.Helper()
	for e, err := range NewStream("stdin", r).List(t.Context(), Filter{}) {
		check(t, err)
		names, contents = append(names, e.Object.URI), append(contents, string(e.Content))
	}
	return names, contents
}

func TestStreamIsCutBetweenValues(t *testing.T) {
	var text strings.Builder
	odd := []string{rec("a", `"x":"}{][\"\\"`), rec("b", `"x":"\"}"`), rec("c", `"x":"\\"`), rec("d", `"x":"{\"\""`)}
	for i := 0; text.Len() < 3*chunkSize; i++ {
		text.WriteString(odd[i*i%7%len(odd)] + "\n")
	}
	whole := text.String()
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(whole), "half by half": iotest.HalfReader(strings.NewReader(whole)), "with its end": iotest.DataErrReader(strings.NewReader(whole)),
	} {
		got, parts := chunks(t, r)
		if len(parts) != 3 || strings.Join(parts, "") != whole || got[0] != "stdin" || got[2] != "stdin#3" {
			t.Fatalf("%s: %d chunks called %q", name, len(parts), got)
		}
		n := 0
		for _, p := range parts {
			n += len(decode(t, p).Events)
		}
		if n != strings.Count(whole, "eventName") {
			t.Errorf("%s: %d events", name, n)
		}
	}
}

// Brackets and quotes inside of strings end nothing: in chunks of the least
// size each value is one.
func TestChunksAreValues(t *testing.T) {
	values := []string{`{"x":"}{][\"\\"}`, ` {"x":"\"}"}`, `[{"x":"\\"}]`, "\n" + `{"x":"{\"\"","y":{}}`, `[]`, `{}`}
	c := chunker{r: iotest.OneByteReader(strings.NewReader(strings.Join(values, "") + " \n")), size: 1}
	for _, want := range values {
		if got, err := c.next(t.Context()); err != nil || string(got) != want {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	}
	if got, err := c.next(t.Context()); got != nil || err != nil {
		t.Errorf("at the end: %q, %v", got, err)
	}
}

func TestStreamOfOne(t *testing.T) {
	packed := string(zip(t, strings.Repeat(rec("a")+"\n", 100_000)))
	for name, text := range map[string]string{
		"empty": "", "short": rec("a"), "one large document": doc(many("a", 60_000)...), "gzip": packed, "no JSON": strings.Repeat("x", 100),
	} {
		_, parts := chunks(t, strings.NewReader(text))
		if len(parts) != 1 || parts[0] != text {
			t.Errorf("%s: %d chunks", name, len(parts))
		}
	}
	_, parts := chunks(t, iotest.TimeoutReader(strings.NewReader("")))
	if len(parts) != 1 {
		t.Errorf("an empty stream: %q", parts)
	}
	endless := io.MultiReader(strings.NewReader("not JSON"), zeros{})
	if _, parts := chunks(t, endless); len(parts) != 1 || len(parts[0]) > 8<<20 {
		t.Errorf("a stream without end that is no JSON: %d chunks", len(parts))
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestStreamFails(t *testing.T) {
	bad := errors.New("bad pipe")
	for _, err := range NewStream("stdin", iotest.ErrReader(bad)).List(t.Context(), Filter{}) {
		if !errors.Is(err, bad) || !strings.HasPrefix(err.Error(), "read stdin: ") {
			t.Errorf("%v", err)
		}
	}
}

// A terminal that says nothing does not keep an interrupted run alive.
func TestStreamIsLeft(t *testing.T) {
	silent, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, Config{Sources: []Source{NewStream("stdin", silent)}, Sink: newFake()})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// The same stream again is known.
func TestStreamIsNamedByContent(t *testing.T) {
	of := func(text string) string {
		for e := range NewStream("stdin", strings.NewReader(text)).List(t.Context(), Filter{}) {
			return e.Object.Version
		}
		return ""
	}
	if one, again := of("{}"), of("{}"); one != again || one == of("[]") {
		t.Error("versions do not follow the content")
	}
}
