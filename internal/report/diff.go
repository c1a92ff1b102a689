package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/rules"
)

// patch is the unified diff of one policy document.
type patch struct {
	Old, New string // names, "/dev/null" where there is no document
	Lines    []string
}

// noDocument is the name of a side that does not exist.
const noDocument = "/dev/null"

// patches compares current and proposed documents, paired by name and then
// by likeness; documents without a partner come or go whole. Equal ones are left out.
func patches(current, proposed []rules.PolicyRef) []patch {
	var out []patch
	olds, news := sheets(current), sheets(proposed)
	for _, p := range pairs(olds, news) {
		if slices.Equal(p[0].lines, p[1].lines) && p[0].name != noDocument && p[1].name != noDocument {
			continue
		}
		out = append(out, patch{p[0].title, p[1].title, unified(p[0].lines, p[1].lines)})
	}
	return out
}

// sheet is a document as lines of text.
type sheet struct {
	name, title string
	lines       []string
}

func sheets(refs []rules.PolicyRef) []sheet {
	out := make([]sheet, len(refs))
	for i, r := range refs {
		title := clean(r.Name)
		if r.Source != "" {
			title += " (" + clean(r.Source) + ")"
		}
		out[i] = sheet{r.Name, title, documentLines(&r)}
	}
	return out
}

// documentLines prints a policy document, one statement element a line, every
// line safe to show.
func documentLines(r *rules.PolicyRef) []string {
	if r.Document == nil {
		return nil
	}
	data, err := json.Marshal(r.Document)
	if err != nil {
		return []string{clean("not printable: " + err.Error())}
	}
	lines := strings.Split(layoutJSON(data), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return lines
}

func pairs(olds, news []sheet) [][2]sheet {
	none := sheet{name: noDocument, title: noDocument}
	mate := map[int]int{} // new → old
	taken := map[int]bool{}
	marry := func(o, n int) { mate[n], taken[o] = o, true }
	for n := range news {
		if o := slices.IndexFunc(olds, func(s sheet) bool { return s.name == news[n].name }); o >= 0 && !taken[o] {
			marry(o, n)
		}
	}
	for n := range news {
		if _, ok := mate[n]; !ok {
			if o := likest(olds, taken, &news[n]); o >= 0 {
				marry(o, n)
			}
		}
	}
	var out [][2]sheet
	for n := range news {
		if o, ok := mate[n]; ok {
			out = append(out, [2]sheet{olds[o], news[n]})
		} else {
			out = append(out, [2]sheet{none, news[n]})
		}
	}
	for o := range olds {
		if !taken[o] {
			out = append(out, [2]sheet{olds[o], none})
		}
	}
	return out
}

// likest returns the free old document that shares most lines with s, -1 where none is free.
func likest(olds []sheet, taken map[int]bool, s *sheet) int {
	best, most := -1, -1
	for o := range olds {
		if taken[o] {
			continue
		}
		same := 0
		for _, l := range olds[o].lines {
			if slices.Contains(s.lines, l) {
				same++
			}
		}
		if same > most {
			best, most = o, same
		}
	}
	return best
}

// layoutJSON indents by two and keeps a list of plain values on one line
// where it fits; the order of keys stays.
func layoutJSON(data []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, data, "", "  "); err != nil {
		return string(data)
	}
	lines := strings.Split(out.String(), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		if flat, n := flatten(lines[i:]); n > 0 {
			kept = append(kept, flat)
			i += n - 1
			continue
		}
		kept = append(kept, lines[i])
	}
	return strings.Join(kept, "\n")
}

// listWidth is how long a line may get before its list is broken up.
const listWidth = 96

// flatten joins the list of plain values that lines begins with into one
// line, and says how many lines that took; 0 where it does not fit.
func flatten(lines []string) (string, int) {
	if !strings.HasSuffix(lines[0], "[") {
		return "", 0
	}
	s := lines[0]
	for i, l := range lines[1:] {
		l = strings.TrimSpace(l)
		switch {
		case l == "]" || l == "],":
			return s + l, i + 2
		case strings.HasSuffix(l, "{") || strings.HasSuffix(l, "["):
			return "", 0
		}
		if i > 0 {
			s += " "
		}
		if s += l; len(s) > listWidth {
			return "", 0
		}
	}
	return "", 0
}

// edit is one line of an edit script: ' ' kept, '-' gone, '+' new.
type edit struct {
	op   byte
	line string
}

// unified is the unified diff of a and b with three lines of context, without file names.
func unified(a, b []string) []string {
	const around = 3
	edits := script(a, b)
	var out []string
	for i := 0; i < len(edits); {
		first := nextChange(edits, i)
		if first == len(edits) {
			break
		}
		end := first + 1
		for next := nextChange(edits, end); next < len(edits) && next-end <= 2*around; next = nextChange(edits, end) {
			end = next + 1
		}
		out = append(out, hunk(edits, max(i, first-around), min(len(edits), end+around))...)
		i = end
	}
	return out
}

func nextChange(edits []edit, from int) int {
	for from < len(edits) && edits[from].op == ' ' {
		from++
	}
	return from
}

// hunk prints edits[from:to] under its @@ line.
func hunk(edits []edit, from, to int) []string {
	oldAt, newAt := sides(edits[:from])
	oldN, newN := sides(edits[from:to])
	out := []string{fmt.Sprintf("@@ -%s +%s @@", extentOf(oldAt, oldN), extentOf(newAt, newN))}
	for _, e := range edits[from:to] {
		out = append(out, string(e.op)+e.line)
	}
	return out
}

// sides counts the lines of the old and of the new side.
func sides(edits []edit) (olds, news int) {
	for _, e := range edits {
		if e.op != '+' {
			olds++
		}
		if e.op != '-' {
			news++
		}
	}
	return olds, news
}

// extentOf is start,length; an empty side starts at the line before it, as diff has it.
func extentOf(before, n int) string {
	if n == 0 {
		return fmt.Sprintf("%d,0", before)
	}
	return fmt.Sprintf("%d,%d", before+1, n)
}

// script is a shortest edit script, found by longest common subsequence.
// Note: the table is quadratic; policy documents have hundreds of lines at
// most (10,240 characters), so Myers' algorithm would buy nothing.
func script(a, b []string) []edit {
	lead := 0
	for lead < len(a) && lead < len(b) && a[lead] == b[lead] {
		lead++
	}
	var out []edit
	for _, l := range a[:lead] {
		out = append(out, edit{' ', l})
	}
	a, b = a[lead:], b[lead:]
	common := lengths(a, b)
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{' ', a[i]})
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || common[i+1][j] >= common[i][j+1]):
			out = append(out, edit{'-', a[i]})
			i++
		default:
			out = append(out, edit{'+', b[j]})
			j++
		}
	}
	return out
}

// lengths[i][j] is the length of the longest common subsequence of a[i:] and b[j:].
func lengths(a, b []string) [][]int32 {
	t := make([][]int32, len(a)+1)
	for i := range t {
		t[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				t[i][j] = t[i+1][j+1] + 1
			} else {
				t[i][j] = max(t[i+1][j], t[i][j+1])
			}
		}
	}
	return t
}
