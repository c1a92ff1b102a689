package report

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/trimtrail/trimtrail/rules"
)

// clean makes s safe to show as one line: characters that could move a
// cursor, reorder or hide text are written out as \x1b or \u202e.
func clean(s string) string { return escape(s, "") }

// cleanLines is clean for text of several lines; tabs become two spaces.
func cleanLines(s string) string { return escape(strings.ReplaceAll(s, "\t", "  "), "\n") }

func escape(s, keep string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	for i, r := range s {
		marks = follow(marks, r)
		switch {
		case strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unsafe(r) || marks > 2:
			b.WriteString(written(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// plain reports whether s is printable ASCII, as nearly every string is.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// follow counts the combining marks in a row that end with r: more than two
// only serve to paint over the lines around.
func follow(marks int, r rune) int {
	if unicode.Is(unicode.M, r) {
		return marks + 1
	}
	return 0
}

// unsafe reports whether r is invisible, moves the cursor or turns the
// direction of text. Private use and unassigned characters show as boxes and
// do no harm.
func unsafe(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
		unicode.Is(unicode.Variation_Selector, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		r != ' ' && unicode.Is(unicode.Zs, r)
}

func written(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// copyOf returns a deep copy of v with every string passed through text and
// every nil slice made empty, so that no view has to remember to. Types with
// unexported fields (times, policy documents) are kept as they are.
func copyOf[T any](v T, text func(string) string) T {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	copyInto(out, reflect.ValueOf(&v).Elem(), text)
	return out.Interface().(T)
}

func copyInto(dst, src reflect.Value, text func(string) string) {
	switch src.Kind() {
	case reflect.String:
		dst.SetString(text(src.String()))
	case reflect.Pointer:
		if src.IsNil() || opaque(src.Type().Elem()) {
			dst.Set(src)
			return
		}
		dst.Set(reflect.New(src.Type().Elem()))
		copyInto(dst.Elem(), src.Elem(), text)
	case reflect.Slice:
		dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
		for i := range src.Len() {
			copyInto(dst.Index(i), src.Index(i), text)
		}
	case reflect.Struct:
		copyFields(dst, src, text)
	default:
		dst.Set(src)
	}
}

func copyFields(dst, src reflect.Value, text func(string) string) {
	if opaque(src.Type()) {
		dst.Set(src)
		return
	}
	for i := range src.NumField() {
		field := text
		if src.Type() == reflect.TypeFor[rules.Fix]() && src.Type().Field(i).Name == "Policy" {
			// The one field that holds lines: its views clean it line by line.
			field = func(s string) string { return s }
		}
		copyInto(dst.Field(i), src.Field(i), field)
	}
}

// opaque reports whether t is a struct with unexported fields.
func opaque(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for i := range t.NumField() {
		if !t.Field(i).IsExported() {
			return true
		}
	}
	return false
}

// Clean makes s, which anybody may have chosen, safe to show as one line in a
// message: what could move a cursor, reorder or hide text is written out.
func Clean(s string) string { return clean(s) }
