package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
)

// newLogger writes to standard error: as JSON lines, or as every command does.
func newLogger(w io.Writer, asJSON bool) *slog.Logger {
	if asJSON {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(&plainHandler{w: w, mu: &sync.Mutex{}})
}

// plainHandler writes records as lines for people.
type plainHandler struct {
	w     io.Writer
	mu    *sync.Mutex
	attrs []slog.Attr
}

func (h *plainHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (h *plainHandler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString("trimtrail: ")
	switch {
	case r.Level >= slog.LevelError:
		b.WriteString("error: ")
	case r.Level >= slog.LevelWarn:
		b.WriteString("warning: ")
	}
	b.WriteString(printable(r.Message))
	add := func(a slog.Attr) bool {
		if s := a.Value.String(); s != "" && a.Key == "hint" {
			fmt.Fprintf(&b, "\ntrimtrail: hint: %s", printable(s))
		}
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := fmt.Fprintln(h.w, b.String())
	return err
}

func (h *plainHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.attrs = append(c.attrs[:len(c.attrs):len(c.attrs)], attrs...)
	return &c
}

func (h *plainHandler) WithGroup(string) slog.Handler { return h }

// tell logs what came of a step: what went well only where logs are for
// machines, since people read the result.
func (t *turn) tell(s *runStep) {
	attrs := []any{"run", t.doc.ID, "step", s.Name, "of", s.Of, "outcome", s.Outcome, "detail", s.Detail, "error", s.Error, "hint", s.Hint, "seconds", s.Seconds}
	switch {
	case s.Outcome == stepFailed:
		t.log.Error(s.what()+": "+s.Error, attrs...)
	case s.Outcome == stepQuarantined:
		t.log.Warn(s.what()+": "+s.Detail+"; inputs were quarantined", attrs...)
	case t.flags.logFormat == "json":
		t.log.Info(s.what(), attrs...)
	}
}
