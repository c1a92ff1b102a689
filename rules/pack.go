package rules

import (
	"fmt"
	"slices"
	"strconv"
	"unicode"

	"github.com/trimtrail/trimtrail/internal/iam"
)

// Size limits in characters, white space not counted, and the number of
// managed policies that a user or role may have without asking for more
// (IAM user guide, "IAM and AWS STS quotas").
const (
	managedLimit    = 6144
	userInlineLimit = 2048
	roleInlineLimit = 10240
	managedPolicies = 10
)

// documentSize is the size that AWS counts.
func documentSize(d *iam.Document) int {
	n := 0
	for _, r := range string(d.JSON()) {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// packer turns edited policies into what can be stored.
type packer struct {
	x       *actionIndex
	current []heldDoc       // nil where not known
	name    string          // of the principal
	denied  []string        // actions that no wildcard may take in
	limit   int             // of all its inline policies together
	names   map[string]bool // that managed policies have already
	taken   map[string]bool // names of those proposed
	out     []PolicyRef
	managed int
	notes   []string
}

// pack places each edited policy: in its old place where the principal owns
// it, else as a customer managed policy of the principal's own; in parts where
// it is too large. Notes say what is to be done beside.
func (k *packer) pack(edits []edited) ([]PolicyRef, []string) {
	k.out = []PolicyRef{}
	leaving := k.groupsToLeave(edits)
	moved := k.overflow(edits)
	for i := range edits {
		e := &edits[i]
		switch {
		case e.next == nil:
			k.dropped(e, leaving)
		case !e.changed && (e.group == "" || !leaving[e.group]):
			k.keep(e.ref, e.managed && e.group == "")
		case e.editable && !e.managed && !moved[i]:
			k.keep(PolicyRef{Name: e.ref.Name, Source: e.ref.Source, Document: e.next}, false)
		case e.editable && e.managed && documentSize(e.next) <= managedLimit:
			k.keep(PolicyRef{Name: e.ref.Name, Source: e.ref.Source, Document: e.next}, true)
		default:
			k.replace(e)
		}
	}
	if k.managed > managedPolicies {
		k.merge()
	}
	if k.managed > managedPolicies {
		k.notes = append(k.notes, fmt.Sprintf("needs %d managed policies; the quota is %d unless raised", k.managed, managedPolicies))
	}
	return k.out, k.notes
}

func (k *packer) keep(r PolicyRef, managed bool) {
	k.out = append(k.out, r)
	if managed {
		k.taken[r.Name] = true
		k.managed++
	}
}

// groupsToLeave are the groups whose policies change for this principal: it
// must leave them, so that even their unchanged policies need a copy.
func (k *packer) groupsToLeave(edits []edited) map[string]bool {
	out := map[string]bool{}
	for _, e := range edits {
		if e.group != "" && e.changed && !out[e.group] {
			out[e.group] = true
			k.notes = append(k.notes, fmt.Sprintf("group %s serves others too: the user leaves it and gets policies of its own", e.group))
		}
	}
	return out
}

func (k *packer) dropped(e *edited, leaving map[string]bool) {
	if e.group == "" || !leaving[e.group] {
		k.notes = append(k.notes, fmt.Sprintf("nothing of %s is needed: %s it", e.label(), map[bool]string{true: "detach", false: "delete"}[e.managed]))
	}
}

// label names a held policy for people.
func (e *edited) label() string {
	if e.managed && e.group == "" {
		return e.ref.Source
	}
	return e.ref.Source + " " + e.ref.Name
}

// overflow tells the inline policies, the largest first, that must become
// managed ones for the rest to fit.
func (k *packer) overflow(edits []edited) map[int]bool {
	total := 0
	var own []int
	for i, e := range edits {
		if e.editable && !e.managed && e.next != nil {
			total += documentSize(e.next)
			if e.changed {
				own = append(own, i)
			}
		}
	}
	slices.SortStableFunc(own, func(a, b int) int { return documentSize(edits[b].next) - documentSize(edits[a].next) })
	moved := map[int]bool{}
	for _, i := range own {
		if total <= k.limit {
			break
		}
		if _, small := k.compress(edits[i].next, total-k.limit, false); small != nil {
			total -= documentSize(edits[i].next) - documentSize(small)
			edits[i].next = small
			continue
		}
		moved[i] = true
		total -= documentSize(edits[i].next)
	}
	return moved
}

// replace puts managed policies of the principal's own in the place of e; the
// first part of a managed policy that was its own already stays where it is.
func (k *packer) replace(e *edited) {
	docs := k.fit(e.next)
	base, instead := e.ref.Name, e.label()
	switch {
	case e.doc == nil:
		instead = ""
	case !e.editable:
		k.notes = append(k.notes, fmt.Sprintf("%s %s: attach the proposed policy in its place", instead, e.why()))
	default:
		k.notes = append(k.notes, fmt.Sprintf("%s outgrows its size limit: it becomes %s", instead, managedCount(len(docs))))
	}
	if e.editable && e.managed && e.doc != nil {
		k.keep(PolicyRef{Name: e.ref.Name, Source: e.ref.Source, Document: docs[0]}, true)
		docs = docs[1:]
	} else if e.doc != nil {
		base += "-" + k.name
	}
	for _, d := range docs {
		k.keep(PolicyRef{Name: k.free(base), Replaces: instead, Document: d}, true)
	}
}

// why is why a held policy is not edited.
func (e *edited) why() string {
	switch {
	case e.managed && awsOwned(e.ref.Source):
		return "is AWS's own and cannot be edited"
	case e.group != "":
		return "comes with the group"
	}
	return "serves others too"
}

func managedCount(n int) string {
	if n == 1 {
		return "a managed policy"
	}
	return fmt.Sprintf("%d managed policies", n)
}

// nameLimit is the longest name of a managed policy.
const nameLimit = 128

// free is base, shortened and numbered so that no other proposed policy has it.
func (k *packer) free(base string) string {
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = "-" + strconv.Itoa(n)
		}
		name := base[:min(len(base), nameLimit-len(suffix))] + suffix
		if !k.names[name] && !k.taken[name] {
			k.taken[name] = true
			return name
		}
	}
}

// fit is d as documents within the limit of a managed policy: compressed
// without adding an action, else split, else compressed harder and split.
func (k *packer) fit(d *iam.Document) []*iam.Document {
	over := documentSize(d) - managedLimit
	if over <= 0 {
		return []*iam.Document{d}
	}
	tight, small := k.compress(d, over, false)
	if small != nil {
		return []*iam.Document{small}
	}
	docs := split(tight, managedLimit)
	if k.managed+len(docs) > managedPolicies {
		tighter, _ := k.compress(d, over, true)
		if fewer := split(tighter, managedLimit); len(fewer) < len(docs) {
			docs = fewer
			k.notes = append(k.notes, readsJoined)
		}
	}
	return docs
}
