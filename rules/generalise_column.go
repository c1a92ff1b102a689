package rules

import (
	"slices"
	"strings"
)

// columns say, for the members of one group, which tokens vary.
type columns []column

type column struct {
	wild   bool
	values []string // that were seen, sorted, where it is not wild
}

const (
	mostWords     = 5 // distinct values of a column that are still told apart
	fewestStrange = 3 // distinct values that are no words, from which they are not
)

// columnsOf reads a group's members. A column is wild when it has more than
// five values, or three and one of them is no word. Types and first words are
// part of the group and never vary.
func columnsOf(ms []member) columns {
	cols := make(columns, len(ms[0].parsed.tokens))
	for i := range cols {
		var strange bool
		for _, m := range ms {
			t := m.parsed.tokens[i]
			strange = strange || t.class != wordToken
			if at, found := slices.BinarySearch(cols[i].values, t.text); !found {
				cols[i].values = slices.Insert(cols[i].values, at, t.text)
			}
		}
		n := len(cols[i].values)
		cols[i].wild = i > 0 && (n > mostWords || strange && n >= fewestStrange)
	}
	return cols
}

// fits reports whether the columns take in a resource of the group.
func (c columns) fits(a arnParts) bool {
	for i, col := range c {
		if _, found := slices.BinarySearch(col.values, a.tokens[i].text); !col.wild && !found {
			return false
		}
	}
	return true
}

// pattern is a's ARN with * in the wild columns; those at the end, and
// neighbours, become one *.
func (c columns) pattern(a arnParts) string {
	var b strings.Builder
	b.WriteString("arn:" + a.partition + ":" + a.service + ":" + a.region + ":" + a.account + ":")
	end := len(c)
	for end > 0 && c[end-1].wild {
		end--
	}
	for i, t := range a.tokens {
		if i == end {
			b.WriteByte('*')
			break
		}
		if c[i].wild {
			b.WriteByte('*')
		} else {
			b.WriteString(t.text)
		}
		if t.sep != 0 {
			b.WriteByte(t.sep)
		}
	}
	return b.String()
}
