package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// message is one of the protocol: a call, its answer, or an event.
type message struct {
	ID        int                       `json:"id,omitempty"`
	SessionID string                    `json:"sessionId,omitempty"`
	Method    string                    `json:"method,omitempty"`
	Params    json.RawMessage           `json:"params,omitempty"`
	Result    json.RawMessage           `json:"result,omitempty"`
	Error     *struct{ Message string } `json:"error,omitempty"`
}

// wire is the two pipes: messages ended by a zero byte. One goroutine reads
// until the browser closes its end.
type wire struct {
	to   io.WriteCloser
	from io.ReadCloser
	last int
	done chan struct{} // closed when nothing more can come

	mu      sync.Mutex
	changed *sync.Cond
	answers map[int]message
	events  []message
	ended   bool
}

func newWire(to, from *os.File) *wire {
	w := &wire{to: to, from: from, answers: map[int]message{}, done: make(chan struct{})}
	w.changed = sync.NewCond(&w.mu)
	go w.read()
	return w
}

func (w *wire) read() {
	defer close(w.done)
	r := bufio.NewReaderSize(w.from, 1<<20)
	for {
		data, err := r.ReadBytes(0)
		var m message
		w.mu.Lock()
		if err == nil && json.Unmarshal(data[:len(data)-1], &m) == nil {
			if m.ID > 0 {
				w.answers[m.ID] = m
			} else {
				w.events = append(w.events, m)
			}
		}
		w.ended = err != nil
		w.changed.Broadcast()
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits for ok, which is asked with the lock held.
func (w *wire) until(what string, ok func() bool) error {
	late := false
	timer := time.AfterFunc(answerTime, func() {
		w.mu.Lock()
		late = true
		w.changed.Broadcast()
		w.mu.Unlock()
	})
	defer timer.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for !ok() {
		switch {
		case w.ended:
			return errors.New("the browser ended")
		case late:
			return fmt.Errorf("no %s within %v", what, answerTime)
		}
		w.changed.Wait()
	}
	return nil
}

// call sends one call and waits for its answer.
func (w *wire) call(session, method string, params, into any) error {
	w.last++
	m := message{ID: w.last, SessionID: session, Method: method}
	var err error
	if params != nil {
		if m.Params, err = json.Marshal(params); err != nil {
			return err
		}
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := w.to.Write(append(data, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	var answer message
	err = w.until("answer to "+method, func() (ok bool) {
		answer, ok = w.answers[m.ID]
		delete(w.answers, m.ID)
		return ok
	})
	switch {
	case err != nil:
		return err
	case answer.Error != nil:
		return fmt.Errorf("%s: %s", method, answer.Error.Message)
	case into == nil:
		return nil
	}
	return json.Unmarshal(answer.Result, into)
}

// seen are the events of a session so far.
func (w *wire) seen(session string) []message {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []message
	for _, e := range w.events {
		if e.SessionID == session {
			out = append(out, e)
		}
	}
	return out
}

func (w *wire) close() {
	w.to.Close()
	w.from.Close()
	<-w.done
}
