package iam

// Organization is the tree of an AWS organisation with its policies, as far as
// it was loaded. It belongs to the state of the management account.
type Organization struct {
	ID         string      `json:"id"`         // o-…, or empty where nothing named it
	Management string      `json:"management"` // account id of the management account
	Nodes      []OrgNode   `json:"nodes"`      // sorted by ID
	Policies   []OrgPolicy `json:"policies"`   // sorted by ID
}

// OrgNode is a root, a unit or an account.
type OrgNode struct {
	ID     string `json:"id"` // r-…, ou-…, or the account's twelve digits
	Name   string `json:"name"`
	Parent string `json:"parent"` // ID of the parent; empty for the root, and where it is not known
	Status string `json:"status"` // of an account: ACTIVE, SUSPENDED, …
	// Types are the policy types enabled in a root; nil: not known.
	Types []string `json:"types"`
	// Attached are IDs of policies attached here, sorted.
	Attached []string `json:"attached"`
}

// OrgPolicy is a policy of the organisation.
type OrgPolicy struct {
	ID       string    `json:"id"` // p-…
	Name     string    `json:"name"`
	Type     string    `json:"type"`     // SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY, …
	Document *Document `json:"document"` // nil: not loaded, or a type that is no IAM policy
}

// The policy types that limit what IAM allows (Organizations API, PolicyType).
const (
	SCPType = "SERVICE_CONTROL_POLICY"
	RCPType = "RESOURCE_CONTROL_POLICY"
)

// Node finds a root, unit or account; do not change it.
func (o *Organization) Node(id string) *OrgNode {
	if i, found := searchBy(o.Nodes, id, nodeID); found {
		return &o.Nodes[i]
	}
	return nil
}

// Path are the IDs from the root to the account, both included; ok is false
// where a parent on the way is not known.
func (o *Organization) Path(account string) (path []string, ok bool) {
	for id := account; len(path) <= len(o.Nodes); {
		n := o.Node(id)
		if n == nil {
			return path, false
		}
		path = append([]string{id}, path...)
		if n.root() {
			return path, true
		}
		id = n.Parent
	}
	return path, false
}

// Accounts are the ids of the accounts that are not closed or closing, sorted.
func (o *Organization) Accounts() []string {
	var out []string
	for _, n := range o.Nodes {
		if isAccountID(n.ID) && (n.Status == "" || n.Status == "ACTIVE") {
			out = append(out, n.ID)
		}
	}
	return out
}

func (n *OrgNode) root() bool { return len(n.ID) > 2 && n.ID[:2] == "r-" }

func (o *Organization) policy(id string) *OrgPolicy {
	if i, found := searchBy(o.Policies, id, policyID); found {
		return &o.Policies[i]
	}
	return nil
}

func nodeID(n OrgNode) string     { return n.ID }
func policyID(p OrgPolicy) string { return p.ID }

func isAccountID(s string) bool {
	if len(s) != 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
