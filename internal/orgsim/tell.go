package orgsim

import "slices"

// unstaged kinds show in IAM state alone, in the mass of events, or in nothing:
// they stand without planted events.
var unstaged = map[string]bool{
	ForgottenKey: true, NeverUsedKey: true, DormantRole: true, UnusedPassword: true, OverPrivileged: true, AdminReadsOnly: true,
	QuietCI: true, QuietMobile: true, QuietNewHire: true, QuietMonthly: true, QuietNAT: true, QuietFailures: true, QuietBreakGlass: true,
}

// tell fills the truth from what was written.
func (w *world) tell() {
	for d := range w.results {
		for _, n := range w.results[d].notes {
			p := &w.plants[n.plant].Plant
			if len(p.Events) == 0 {
				p.Session, p.Credential = n.session, n.key
			}
			if p.Session != n.session {
				p.Session = ""
			}
			if p.Credential != n.key {
				p.Credential = ""
			}
			p.Events = append(p.Events, n.id)
			p.Actions = include(p.Actions, n.action)
			p.Resources = include(p.Resources, n.resource)
		}
	}
	for _, p := range w.plants {
		if len(p.Events) == 0 && p.MustFind && !unstaged[p.Kind] {
			continue
		}
		slices.Sort(p.Events)
		w.org.Truth.Plants = append(w.org.Truth.Plants, p.Plant)
	}
}

// include adds a text to a sorted list once.
func include(list []string, text string) []string {
	if i, found := slices.BinarySearch(list, text); !found && text != "" && text != "*" {
		return slices.Insert(list, i, text)
	}
	return list
}

// lastUse is the latest use of a credential in the archive.
func (w *world) lastUse(u use) (last, bool) {
	for d := len(w.results) - 1; d >= 0; d-- {
		if l, ok := w.results[d].used[u]; ok {
			return l, true
		}
	}
	return last{}, false
}
