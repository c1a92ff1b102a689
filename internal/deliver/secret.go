package deliver

import (
	"errors"
	"log/slog"
	"strings"
)

// Secret is a text that is never shown: not by fmt, not as JSON, not in logs.
type Secret string

const hiddenSecret = "(secret)"

// String implements fmt.Stringer.
func (Secret) String() string { return hiddenSecret }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return hiddenSecret }

// MarshalText implements encoding.TextMarshaler, which JSON uses too.
func (Secret) MarshalText() ([]byte, error) { return []byte(hiddenSecret), nil }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(hiddenSecret) }

// scrub takes secrets out of an error's text, as of one that repeats an
// address or what a server answered. What it wraps is lost with them.
func scrub(err error, secrets ...Secret) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := text
	for _, s := range secrets {
		if len(s) > 0 {
			clean = strings.ReplaceAll(clean, string(s), hiddenSecret)
		}
	}
	if clean == text {
		return err
	}
	return errors.New(clean)
}
