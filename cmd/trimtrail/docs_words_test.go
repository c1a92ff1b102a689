package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// shells are the languages of blocks that a reader types.
var shells = []string{"sh", "bash", "console", "shell"}

// shellBlocks are the blocks of a page that a reader types: fenced ones of a
// shell, fenced ones without a language that begin like a call, calls in the
// YAML of a pipeline, and indented ones.
func shellBlocks(page string) []string {
	var out []string
	var block []string
	fence, lang := false, ""
	for line := range strings.Lines(page) {
		line = strings.TrimRight(line, "\r\n")
		switch mark, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); {
		case ok && !fence:
			fence, lang, block = true, strings.TrimSpace(mark), nil
		case ok:
			fence = false
			out = append(out, typed(lang, block)...)
		case fence:
			block = append(block, line)
		case strings.HasPrefix(line, "    ") && isCall(strings.TrimSpace(line)):
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// typed are the parts of a block that a reader types.
func typed(lang string, lines []string) []string {
	switch {
	case lang == "yaml":
		var calls []string
		for _, l := range lines {
			l = strings.TrimPrefix(strings.TrimSpace(l), "- ")
			if l = strings.TrimPrefix(l, "run: "); isCall(l) {
				calls = append(calls, l)
			}
		}
		return []string{strings.Join(calls, "\n")}
	case slices.Contains(shells, lang) && !slices.ContainsFunc(lines, isPrompt):
		return []string{strings.Join(lines, "\n")}
	case slices.Contains(shells, lang) || lang == "":
		var calls []string
		for _, l := range lines {
			if isPrompt(l) {
				calls = append(calls, strings.TrimPrefix(l, "$ "))
			} else if len(lines) > 0 && isCall(lines[0]) {
				calls = append(calls, l)
			}
		}
		return []string{strings.Join(calls, "\n")}
	}
	return nil
}

func isPrompt(line string) bool { return strings.HasPrefix(line, "$ ") }

func isCall(line string) bool {
	return strings.HasPrefix(line, "trimtrail ") && !strings.HasPrefix(line, "trimtrail: ") || strings.HasPrefix(line, "go run ./")
}

// commandLines are the lines of a block without comments; a line that ends
// with a backslash goes on with the next, and a here-document is left out.
func commandLines(block string) []string {
	var out []string
	held, until := "", ""
	for line := range strings.Lines(block) {
		line = strings.TrimSpace(line)
		if until != "" {
			if line == until {
				until = ""
			}
			continue
		}
		if before, ok := strings.CutSuffix(line, "\\"); ok {
			held += before + " "
			continue
		}
		line, held = held+line, ""
		if before, word, ok := strings.Cut(line, "<<"); ok {
			line, until = before, strings.Trim(strings.TrimPrefix(word, "-"), `'" `)
		}
		if line = uncomment(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

func uncomment(line string) string {
	if strings.HasPrefix(line, "#") {
		return ""
	}
	return strings.TrimSpace(splitOutside(line, " #")[0])
}

// splitOutside splits a line at each of the marks that stands outside quotes.
func splitOutside(line string, marks ...string) []string {
	var out []string
	quote, from := byte(0), 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		default:
			for _, m := range marks {
				if strings.HasPrefix(line[i:], m) {
					out, from = append(out, line[from:i]), i+len(m)
					i = from - 1
					break
				}
			}
		}
	}
	return append(out, line[from:])
}

// shellWords are the words of a call, and where its output is written to.
func shellWords(call string) (words []string, to string) {
	var word strings.Builder
	quote, open := rune(0), false
	flush := func() {
		if open {
			words = append(words, word.String())
		}
		word.Reset()
		open = false
	}
	for _, c := range call {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, open = c, true
		case c == ' ' || c == '\t':
			flush()
		default:
			word.WriteRune(c)
			open = true
		}
	}
	flush()
	for _, mark := range []string{">", ">>"} {
		if i := slices.Index(words, mark); i >= 0 && i+1 < len(words) {
			words, to = words[:i], words[i+1]
		}
	}
	return words, to
}

// knownFlags says which of the words that look like flags no lookup knows.
func knownFlags(own, inherited func(string) *pflag.Flag, words []string) error {
	for _, w := range words {
		name, ok := strings.CutPrefix(w, "--")
		if name, _, _ = strings.Cut(name, "="); ok && name != "help" && name != "" && own(name) == nil && inherited(name) == nil {
			return fmt.Errorf("unknown flag --%s", name)
		}
	}
	return nil
}

// TestDocsAreRead holds what the test above takes for a call.
func TestDocsAreRead(t *testing.T) {
	page := "text\n```sh\n# first\ntrimtrail a --b 'c # d' \\\n  e   # note\ncat <<EOF > x\ntrimtrail no\nEOF\n```\n```json\n{}\n```\n```\n$ trimtrail f\noutput\n```\n```yaml\n  - run: trimtrail g > h\n```\n\n    trimtrail i && trimtrail j | jq .\n"
	var got []string
	for _, b := range shellBlocks(page) {
		for _, l := range commandLines(b) {
			for _, part := range splitOutside(l, "&&", "|") {
				words, to := shellWords(part)
				got = append(got, strings.Join(words, ",")+">"+to)
			}
		}
	}
	want := []string{"trimtrail,a,--b,c # d,e>", "cat>", "trimtrail,f>", "trimtrail,g>h", "trimtrail,i>", "trimtrail,j>", "jq,.>"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for line, fine := range map[string]bool{"lake status --lake x": true, "lake status --lak x": false, "burn": false, "iam load --lake x": false} {
		if err := parses(strings.Fields(line)); (err == nil) != fine {
			t.Errorf("%s: %v", line, err)
		}
	}
}
