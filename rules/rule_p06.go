package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
)

func ruleP06() Rule {
	return Rule{
		ID: "TT-P06", Title: "Instances on old ways to credentials", Severity: Medium, Since: "0.1",
		Text:  "Instance credentials fetched by IMDSv1, which a request forged on the server can read (CloudTrail tells it in ec2RoleDelivery): one line a role. And long-term keys used from networks that instances leave by, where the instance's role would do: one line a key.",
		Needs: []string{needsEvents}, Source: "AWS FSBP EC2.8; AWS IAM best practices of 2018, Use roles for applications on EC2",
		ask: askInstanceWays,
	}
}

func askInstanceWays(q *inquiry) {
	for i := range q.f.Principals {
		p := &q.f.Principals[i]
		var old []analyze.NetworkUse
		keys := map[string][]analyze.NetworkUse{}
		for _, u := range p.Networks {
			if u.Delivery == "1.0" {
				old = append(old, u)
			}
			if strings.HasPrefix(u.Credential, "AKIA") && q.nets.egress[u.Network] {
				keys[u.Credential] = append(keys[u.Credential], u)
			}
		}
		if len(old) > 0 {
			q.find(oldDelivery(p, old))
		}
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			q.find(keyOnInstance(p, k, keys[k]))
		}
	}
}

func oldDelivery(p *analyze.Principal, us []analyze.NetworkUse) Finding {
	e := usesEvidence(us)
	var instances, lines []string
	for _, u := range us {
		if strings.HasPrefix(u.Session, "i-") && !slices.Contains(instances, u.Session) {
			instances = append(instances, u.Session)
		}
	}
	slices.Sort(instances)
	for _, i := range firstOf(instances, 10) {
		lines = append(lines, aws("ec2", "modify-instance-metadata-options", "--instance-id", i, "--http-tokens", "required"))
	}
	return Finding{
		Confidence: "certain", AccountID: p.AccountID, Principal: p.ARN, Resource: "IMDSv1", Evidence: e,
		Title:  fmt.Sprintf("%s: %s used credentials fetched by IMDSv1", who(p.ARN), orSome(instances)),
		Reason: fmt.Sprintf("%s, %s. IMDSv1 gives credentials to whoever can make the server send one request.", counted(e.Count, "call"), stretch(*e.First, *e.Last)),
		Fix:    Fix{Summary: "Update the software that still asks the old way, then require IMDSv2 on the instances.", Commands: commands(lines...), Clears: "no use of credentials fetched by IMDSv1 within the window"},
	}
}

func orSome(instances []string) string {
	switch len(instances) {
	case 0:
		return "an instance"
	case 1:
		return "instance " + instances[0]
	}
	return counted(len(instances), "instance")
}

func keyOnInstance(p *analyze.Principal, key string, us []analyze.NetworkUse) Finding {
	e := usesEvidence(us)
	return Finding{
		Confidence: "medium", AccountID: p.AccountID, Principal: p.ARN, Credential: key, Resource: "EC2", Evidence: e,
		Title:  fmt.Sprintf("%s: a long-term key is used from networks that instances leave by", who(p.ARN)),
		Reason: fmt.Sprintf("%s from %s, %s. If a program on an instance holds the key, the instance's role can take its place.", counted(e.Count, "call"), listed(networksIn(us), 3), stretch(*e.First, *e.Last)),
		Fix: Fix{Summary: "Give the instance a role with what the key is used for, then deactivate the key.",
			Commands: commands(deactivateKey(p.ARN, key)), Clears: "no use of the key from there within the window"},
	}
}
