package analyze

import (
	"encoding/json"
	"strings"
)

// assumption is a role and who took it on.
type assumption struct{ role, by string }

// assumes reads, from a successful AssumeRole of any form, the role and who took it on.
func assumes(c *call) (by, role string) {
	e := c.event
	if e.EventSource != "sts.amazonaws.com" || !strings.HasPrefix(e.EventName, "AssumeRole") || c.outcome != OutcomeAllowed {
		return "", ""
	}
	var p struct {
		RoleArn string `json:"roleArn"`
	}
	_ = json.Unmarshal([]byte(e.RequestParameters), &p)
	return c.actor.ARN, p.RoleArn
}

func (a *Accumulator) assume(x assumption) *first {
	t := a.assumed[x]
	if t == nil {
		t = &first{}
		a.assumed[assumption{strings.Clone(x.role), strings.Clone(x.by)}] = t
	}
	return t
}

// resolveAssumed tells the roles that did something who took them on.
func (a *Accumulator) resolveAssumed() {
	for x := range a.assumed {
		if p := a.principals[principalKey{x.role, accountIn(x.role, "")}]; p != nil {
			p.assumedBy.add(x.by)
		}
	}
}
