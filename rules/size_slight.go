package rules

import "slices"

// slightScore is the privilege, of 100, below which a narrower copy of a
// policy that others share is not worth keeping beside it.
const slightScore = 3

// leaveSlight takes back edits of shared policies that remove no action and
// hardly any privilege: AWSLambdaBasicExecutionRole stays AWS's own, rather
// than one copy a function. Policies that come with a group stay together, see packer.
func (p *plan) leaveSlight(out []edited) {
	for i := range out {
		e := &out[i]
		if !e.changed || e.next == nil || e.editable || e.group != "" || !p.slight(e) {
			continue
		}
		e.next, e.changed = e.doc, false
		for n := range p.grants {
			if p.grants[n].doc == i {
				p.keepWhole(n)
			}
		}
	}
}

func (p *plan) slight(e *edited) bool {
	before, after := []heldDoc{{doc: e.doc}}, []heldDoc{{doc: e.next}}
	return slices.Equal(grantedBy(p.x, before), grantedBy(p.x, after)) && scoreOf(p.x, before)-scoreOf(p.x, after) <= slightScore
}

// keepWhole tells the grant's items that its statement stays as it is.
func (p *plan) keepWhole(n int) {
	for k := range p.keeps[n] {
		i := &p.keeps[n][k]
		i.whole, i.resources, i.condition = true, nil, ""
	}
}
