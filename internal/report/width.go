package report

import (
	"strings"
	"unicode"
)

// wide are the ranges that a terminal draws two columns broad (Unicode East
// Asian Width W and F, coarsely, and emoji).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x231a, 0x231b, 1}, {0x2329, 0x232a, 1}, {0x23e9, 0x23ec, 1}, {0x25fd, 0x25fe, 1},
		{0x2614, 0x2615, 1}, {0x2648, 0x2653, 1}, {0x26aa, 0x26ab, 1}, {0x2705, 0x2705, 1}, {0x2728, 0x2728, 1},
		{0x274c, 0x274c, 1}, {0x2753, 0x2755, 1}, {0x2795, 0x2797, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0x4dbf, 1},
		{0x4e00, 0xa4cf, 1}, {0xa960, 0xa97c, 1}, {0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{{0x16fe0, 0x1b2ff, 1}, {0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1faff, 1}, {0x20000, 0x3fffd, 1}},
}

// columns is the number of terminal columns that s takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.Is(unicode.M, r):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// pad fills s with spaces to n columns.
func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-columns(s))) }

// cut shortens s to n columns by leaving out its middle, since both ends of a
// name or ARN tell more than its middle.
func cut(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	runes := []rune(s)
	left, right := 0, len(runes)
	for used, fromLeft := 1, true; left < right; fromLeft = !fromLeft {
		i := left
		if !fromLeft {
			i = right - 1
		}
		if used += runeColumns(runes[i]); used > n {
			break
		}
		if fromLeft {
			left++
		} else {
			right--
		}
	}
	return string(runes[:left]) + "…" + strings.TrimLeftFunc(string(runes[right:]), unicode.IsMark)
}

// wrap breaks s into lines of at most n columns, at spaces where it can.
func wrap(s string, n int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for columns(word) > n {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			first := prefix(word, n)
			lines, word = append(lines, first), word[len(first):]
		}
		if line != "" && columns(line)+1+columns(word) > n {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// prefix returns the longest prefix of s within n columns, at least one rune.
func prefix(s string, n int) string {
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n && i > 0 {
			return s[:i]
		}
	}
	return s
}
