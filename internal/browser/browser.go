// Package browser drives a headless Chromium for tests of the report's page.
//
// A page comes in as a file; what a reader would see, and what the browser
// complains of, goes out. It talks the Chrome DevTools protocol over two pipes
// and needs nothing but the program itself; it is no part of trimtrail.
//
//	b, err := browser.Start(path, t.TempDir())
//	p, err := b.Open(file)
//	err = p.Eval(`document.title`, &title)
//	problems := p.Problems()
package browser

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"
)

// programs are the names that Chromium goes by.
var programs = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// Find returns the path of a Chromium: that of the variable
// TRIMTRAIL_CHROMIUM, else the first one in PATH; empty where there is none.
func Find() string {
	if path := os.Getenv("TRIMTRAIL_CHROMIUM"); path != "" {
		return path
	}
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// flags keep the browser from everything but the page it is given.
var flags = []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
	"--disable-crash-reporter", "--mute-audio", "--hide-scrollbars", "--force-color-profile=srgb", "--remote-debugging-pipe"}

// answerTime bounds each call; a full screenshot of a long page is the slowest.
const answerTime = 60 * time.Second

// Browser is a running Chromium. It is for one goroutine at a time.
type Browser struct {
	cmd  *exec.Cmd
	wire *wire
}

// Start runs the Chromium at path with its profile in dir, which must be its own.
func Start(path, dir string) (*Browser, error) {
	toRead, toWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	fromRead, fromWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, toRead.Close(), toWrite.Close())
	}
	cmd := exec.Command(path, append(flags, "--user-data-dir="+dir, "about:blank")...)
	cmd.ExtraFiles = []*os.File{toRead, fromWrite} // descriptors 3 and 4 there
	err = cmd.Start()
	toRead.Close()
	fromWrite.Close()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", path, err), toWrite.Close(), fromRead.Close())
	}
	b := &Browser{cmd, newWire(toWrite, fromRead)}
	if err := b.wire.call("", "Browser.getVersion", nil, nil); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// Close ends the browser and waits for it.
func (b *Browser) Close() error {
	_ = b.wire.call("", "Browser.close", nil, nil) // it may end before it answers
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
			_ = b.cmd.Process.Kill()
		case <-ended:
		}
	}()
	err := b.cmd.Wait()
	close(ended)
	b.wire.close()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil // how it ends says nothing about the page
	}
	return err
}

// Options are how a page is looked at.
type Options struct {
	Width, Height int    // of the window in CSS pixels; 0 is 1280 by 900
	Dark          bool   // prefers-color-scheme
	Media         string // "print", or empty for the screen
	NoScript      bool
}

// Open loads a file in a new tab and waits until it is loaded.
func (b *Browser) Open(url string, o Options) (*Page, error) {
	var target struct{ TargetID string }
	if err := b.wire.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target); err != nil {
		return nil, err
	}
	var session struct{ SessionID string }
	if err := b.wire.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &session); err != nil {
		return nil, err
	}
	p := &Page{b: b, id: session.SessionID, target: target.TargetID, url: url}
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		if err := p.call(domain+".enable", nil, nil); err != nil {
			return nil, err
		}
	}
	if err := p.look(o); err != nil {
		return nil, err
	}
	return p, p.load()
}

// load goes to the page and waits for it, not for what the tab held before.
func (p *Page) load() error {
	if err := p.call("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true}, nil); err != nil {
		return err
	}
	var gone struct{ LoaderID, ErrorText string }
	if err := p.call("Page.navigate", map[string]any{"url": p.url}, &gone); err != nil {
		return err
	}
	if gone.ErrorText != "" {
		return fmt.Errorf("open %s: %s", p.url, gone.ErrorText)
	}
	return p.b.wire.until("end of loading", func() bool {
		return slices.ContainsFunc(p.b.wire.events, func(e message) bool {
			var v struct{ Name, LoaderID string }
			return e.SessionID == p.id && e.Method == "Page.lifecycleEvent" && json.Unmarshal(e.Params, &v) == nil && v.Name == "load" && v.LoaderID == gone.LoaderID
		})
	})
}

func (p *Page) look(o Options) error {
	scheme := "light"
	if o.Dark {
		scheme = "dark"
	}
	if err := p.Resize(cmp.Or(o.Width, 1280), cmp.Or(o.Height, 900)); err != nil {
		return err
	}
	features := []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}
	if err := p.call("Emulation.setEmulatedMedia", map[string]any{"media": o.Media, "features": features}, nil); err != nil {
		return err
	}
	return p.call("Emulation.setScriptExecutionDisabled", map[string]any{"value": o.NoScript}, nil)
}

// Page is a tab. It is for one goroutine at a time.
type Page struct {
	b               *Browser
	id, target, url string
}

func (p *Page) call(method string, params, into any) error {
	return p.b.wire.call(p.id, method, params, into)
}

// Resize sets the size of the window in CSS pixels.
func (p *Page) Resize(width, height int) error {
	return p.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Close closes the tab.
func (p *Page) Close() error {
	return p.b.wire.call("", "Target.closeTarget", map[string]any{"targetId": p.target}, nil)
}

// Eval evaluates an expression and stores its value, as JSON has it; into may
// be nil. A promise is waited for.
func (p *Page) Eval(expression string, into any) error {
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := p.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &answer); err != nil {
		return err
	}
	if e := answer.ExceptionDetails; e != nil {
		return fmt.Errorf("evaluate %.60q: %s %s", expression, e.Text, e.Exception.Description)
	}
	if into == nil || len(answer.Result.Value) == 0 {
		return nil
	}
	return json.Unmarshal(answer.Result.Value, into)
}

// keys are those that Press knows, with their code for Windows, which the protocol asks for.
var keys = map[string]int{"Tab": 9, "Enter": 13}

// Press presses a key: Tab or Enter.
func (p *Page) Press(key string) error {
	text := ""
	if key == "Enter" {
		text = "\r"
	}
	for _, kind := range []string{"keyDown", "keyUp"} {
		if err := p.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": keys[key], "text": text}, nil); err != nil {
			return err
		}
		text = ""
	}
	return nil
}

// Screenshot is a PNG of the window, or of the whole page.
func (p *Page) Screenshot(whole bool) ([]byte, error) {
	var shot struct{ Data []byte }
	err := p.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole}, &shot)
	return shot.Data, err
}

// PDF is the page as printed on A4.
func (p *Page) PDF() ([]byte, error) {
	var doc struct{ Data []byte }
	err := p.call("Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": false}, &doc)
	return doc.Data, err
}
