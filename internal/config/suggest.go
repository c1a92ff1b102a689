package config

import (
	"fmt"
	"strings"
)

// didYouMean is a hint that names the known word nearest to what was
// written; without a near one it lists them where they are few.
func didYouMean(word string, known []string) string {
	if best := nearest(word, known); best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	if len(known) > 0 && len(known) <= 12 {
		return "known are " + strings.Join(known, ", ")
	}
	return ""
}

// Nearest is the known word that somebody probably meant by word, or empty.
func Nearest(word string, known []string) string { return nearest(word, known) }

// nearest is the known word with the fewest edits, if a third of the letters
// or less are wrong; the first of equals.
func nearest(word string, known []string) string {
	best, least := "", max(1, len(word)/3)+1
	for _, k := range known {
		if d := edits(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// edits is the Damerau-Levenshtein distance (optimal string alignment): a
// letter too many, missing, wrong, or two exchanged.
func edits(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 100
	}
	prev2, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], prev2[j-2]+1)
			}
		}
		prev2, prev, row = prev, row, prev2
	}
	return prev[len(b)]
}
