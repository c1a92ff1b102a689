package analyze

import (
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// credential gathers the use of one key, of the console, of all sessions, or
// of calls without a key.
type credential struct {
	kind        CredentialKind
	seen        span
	denied      int64
	lastSuccess int64 // 0: none
	regions     limited
	event       string // source and name of the latest event: the greatest of those at seen.last
}

// credentialOf is the id and kind of what signed e.
func credentialOf(e *event.Event) (id string, kind CredentialKind) {
	switch {
	case e.EventName == "ConsoleLogin" || yes(e.ConsoleCredential):
		return "console", Console
	case strings.HasPrefix(e.AccessKeyID, "AKIA"):
		return e.AccessKeyID, LongTermKey
	case e.AccessKeyID != "":
		return "sessions", Session
	}
	return "", NoKey
}

func yes(b *bool) bool { return b != nil && *b }

func (p *principal) credential(c *call) {
	id, kind := credentialOf(c.event)
	k := p.credentials[id]
	if k == nil {
		k = newCredential(kind)
		p.credentials[strings.Clone(id)] = k
	}
	k.saw(c.stamp.at, c.event.EventSource, c.event.EventName)
	k.seen.add(c.stamp.at)
	k.regions.add(c.event.AWSRegion)
	if c.outcome == OutcomeDenied {
		k.denied++
	} else {
		k.lastSuccess = max(k.lastSuccess, c.stamp.at)
	}
}

func newCredential(kind CredentialKind) *credential {
	return &credential{kind: kind, regions: limited{limit: 40}}
}

// saw notes a call that may be the latest.
func (k *credential) saw(at int64, source, name string) {
	if k.seen.count > 0 && at < k.seen.last || k.isLast(source, name) {
		return
	}
	if e := source + " " + name; k.seen.count == 0 || at > k.seen.last || e > k.event {
		k.event = e
	}
}

// isLast reports whether event is source and name: mostly it is, and no text
// has to be made of them.
func (k *credential) isLast(source, name string) bool {
	rest, ok := strings.CutPrefix(k.event, source)
	return ok && len(rest) == len(name)+1 && rest[0] == ' ' && rest[1:] == name
}

func (k *credential) merge(o *credential) {
	if k.seen.count == 0 || o.seen.last > k.seen.last || o.seen.last == k.seen.last && o.event > k.event {
		k.event = o.event
	}
	k.seen.merge(o.seen)
	k.denied += o.denied
	k.lastSuccess = max(k.lastSuccess, o.lastSuccess)
	k.regions.merge(&o.regions)
}

func (k *credential) facts(id string) Credential {
	return Credential{
		ID: id, Kind: k.kind, First: k.seen.firstTime(), Last: k.seen.lastTime(), Events: k.seen.count,
		Denied: k.denied, Regions: k.regions.list(), LastEvent: k.event,
	}
}

// networkKey tells rows of NetworkUse apart.
type networkKey struct {
	day        day
	network    string
	credential string
	session    string
	delivery   string
	instance   bool
}

// network gathers a day's use from one network.
type network struct {
	seen      tally
	denied    int64
	addresses limited
	agents    limited
}

func (p *principal) network(c *call) {
	o, ok := originOf(c.event)
	if !ok {
		return
	}
	e := c.event
	k := networkKey{c.day, o.network, e.AccessKeyID, sessionName(e), e.EC2RoleDelivery, instanceSession(e)}
	n := p.networks[k]
	if n == nil {
		k.network, k.credential, k.session = strings.Clone(k.network), strings.Clone(k.credential), strings.Clone(k.session)
		k.delivery = strings.Clone(k.delivery)
		n = newNetwork()
		p.networks[k] = n
	}
	n.seen.add(c.stamp)
	if c.outcome == OutcomeDenied {
		n.denied++
	}
	n.addresses.add(o.address)
	n.agents.add(agentFamily(e.UserAgent))
}

func newNetwork() *network {
	return &network{seen: tally{most: networkIDs}, addresses: limited{limit: 20}, agents: limited{limit: 10}}
}

func (n *network) merge(o *network) {
	n.seen.merge(&o.seen)
	n.denied += o.denied
	n.addresses.merge(&o.addresses)
	n.agents.merge(&o.agents)
}

func (n *network) facts(k networkKey) NetworkUse {
	return NetworkUse{
		Day: k.day.time(), Network: k.network, Addresses: n.addresses.list(), Credential: k.credential,
		Session: k.session, Instance: k.instance, Delivery: k.delivery, Agents: n.agents.list(),
		Count: n.seen.count, Denied: n.denied, First: n.seen.firstTime(), Last: n.seen.lastTime(), Events: n.seen.ids(),
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
