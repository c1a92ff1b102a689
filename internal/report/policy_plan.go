package report

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/rules"
)

// PolicyPlan is what to do in one account for one principal to get from its
// current policies to the proposed ones. Steps are in an order in which
// nothing is missing in between: what is new comes before what goes.
type PolicyPlan struct {
	// Kind is role or user, or policy where it is one that several have; Name the name without its path.
	Kind, Name, AccountID string
	Proposal              *rules.Proposal
	Window                analyze.Window
	Steps                 []PolicyStep
	// ByHand says why no tool can take the steps; empty: one can.
	ByHand string
	// Crowded tells that old and new managed policies together are more than
	// may be attached, so that old ones are detached first.
	Crowded bool

	// dir is the folder of its files below its account's; empty: none.
	dir       string
	partition string
	// attached and inline are what the principal has afterwards.
	attached, inline []string
	groups           []string
	// documents are all that are proposed, the unchanged ones too.
	documents []PolicyStep
}

// StepKind is what a step does.
type StepKind string

// The kinds of steps, in the order in which they are taken.
const (
	StepCreate  StepKind = "create"  // a customer managed policy, and attach it
	StepVersion StepKind = "version" // a new default version of a managed policy
	StepPut     StepKind = "put"     // an inline policy, in the place of the one of that name
	StepDetach  StepKind = "detach"  // a managed policy
	StepDelete  StepKind = "delete"  // an inline policy
	StepLeave   StepKind = "leave"   // a group
)

// PolicyStep is one change to IAM.
type PolicyStep struct {
	Kind StepKind
	// Name is that of the policy or the group, ARN the managed policy's.
	Name, ARN string
	// Old and New are indented JSON with \u escapes for what is not safe to
	// show; nil where there is none, or where it is not known.
	Old, New []byte
	// Instead names what a created policy replaces, or is empty.
	Instead string
}

// LeftOut is a proposal that gets no plan, with the reason.
type LeftOut struct{ Principal, Why string }

// PlanOptions choose the proposals that get plans.
type PlanOptions struct {
	// Review takes those that somebody should look at first, beside the ready ones.
	Review bool
}

// PolicyPlans makes plans for proposals, ranked by what each removes against
// how sure it is, and says which are left out. A proposal that is too early
// never gets one.
func PolicyPlans(p *rules.Policies, o PlanOptions) (plans []PolicyPlan, left []LeftOut) {
	taken := takenNames(p)
	for i := range p.Policies {
		q := &p.Policies[i]
		why := unplanned(q, o)
		var n *PolicyPlan
		if why == "" {
			n, why = planOf(q, p.Window, taken)
		}
		if why != "" {
			left = append(left, LeftOut{q.Principal, why})
			continue
		}
		plans = append(plans, *n)
	}
	slices.SortStableFunc(plans, func(a, b PolicyPlan) int {
		return cmp.Or(cmp.Compare(gain(b.Proposal), gain(a.Proposal)), cmp.Compare(len(b.Proposal.Removed), len(a.Proposal.Removed)),
			cmp.Compare(a.Proposal.Principal, b.Proposal.Principal))
	})
	return plans, left
}

// The reasons to leave a proposal out.
const (
	leftEarly  = "too early to tell: kept as it is"
	leftReview = "somebody should look at it first"
	leftSame   = "has what it needs and no more"
	leftName   = "its ARN is none that IAM gives"
)

func unplanned(p *rules.Proposal, o PlanOptions) string {
	switch {
	case tooEarly(p):
		return leftEarly
	case p.Confidence != "ready" && !o.Review:
		return leftReview
	}
	return ""
}

// gain is the privilege that a proposal takes away, 0 to 100, times how sure
// it is: of all use, the share seen; of the held-out calls, the share allowed;
// half of that where it is not ready.
func gain(p *rules.Proposal) float64 {
	g := 0.0
	if p.Score != nil {
		g = float64(max(0, p.Score.Current-p.Score.Proposed))
	}
	return g * sureness(p)
}

func sureness(p *rules.Proposal) float64 {
	s := min(1, max(0, p.Coverage))
	if b := p.Backtest; b.Calls > 0 {
		s *= 1 - float64(b.Denied)/float64(b.Calls)
	}
	if p.Confidence != "ready" {
		s /= 2
	}
	return s
}

// Names that IAM gives (API reference of IAM, CreateRole, CreatePolicy). What
// comes from logs is held against them before it becomes code.
var (
	iamName      = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	iamPrincipal = regexp.MustCompile(`^arn:(aws[a-z-]*):iam::(\d{12}):(role|user)/(?:[\x21-\x7e]*/)?([\w+=,.@-]{1,64})$`)
	iamPolicy    = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(aws|\d{12}):policy/(?:[\x21-\x7e]*/)?[\w+=,.@-]{1,128}$`)
)

func planOf(p *rules.Proposal, w analyze.Window, taken map[string]string) (*PolicyPlan, string) {
	m := iamPrincipal.FindStringSubmatch(p.Principal)
	if m == nil || m[2] != p.AccountID {
		return nil, leftName
	}
	n := &PolicyPlan{Kind: m[3], Name: m[4], AccountID: m[2], Proposal: p, Window: w, partition: m[1]}
	if strings.Contains(p.Principal, ":role/aws-reserved/") || strings.HasPrefix(n.Name, "AWSReservedSSO_") {
		n.ByHand = "IAM Identity Center makes this role: put the documents into its permission set"
	}
	if err := n.steps(taken); err != nil {
		return nil, err.Error()
	}
	if len(n.Steps) == 0 {
		return nil, leftSame
	}
	return n, ""
}

// takenNames are the managed policies that the proposals know, by ARN in
// lower case, since IAM's names are unique without regard to case: what each is for.
func takenNames(p *rules.Policies) map[string]string {
	out := map[string]string{}
	for i := range p.Policies {
		for _, r := range p.Policies[i].Current {
			if strings.HasPrefix(r.Source, "arn:") {
				out[strings.ToLower(r.Source)] = "there already"
			}
		}
	}
	return out
}

func (n *PolicyPlan) steps(taken map[string]string) error {
	byPlace := map[string]*rules.PolicyRef{}
	for i := range n.Proposal.Current {
		byPlace[placeOf(&n.Proposal.Current[i])] = &n.Proposal.Current[i]
	}
	for i := range n.Proposal.Proposed {
		r := &n.Proposal.Proposed[i]
		old := byPlace[placeOf(r)]
		delete(byPlace, placeOf(r))
		n.holds(r)
		if err := n.change(old, r, taken); err != nil {
			return err
		}
	}
	for i := range n.Proposal.Current {
		if r := &n.Proposal.Current[i]; byPlace[placeOf(r)] == r {
			if err := n.drop(r); err != nil {
				return err
			}
		}
	}
	order := []StepKind{StepCreate, StepVersion, StepPut, StepDetach, StepDelete, StepLeave}
	if n.Crowded = n.crowded(); n.Crowded {
		order = []StepKind{StepDetach, StepCreate, StepVersion, StepPut, StepDelete, StepLeave}
	}
	slices.SortStableFunc(n.Steps, func(a, b PolicyStep) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return nil
}

// attachable is the quota of managed policies of a user or role (IAM user
// guide, "IAM and AWS STS quotas"), which can be raised to 20.
const attachable = 10

func (n *PolicyPlan) crowded() bool {
	count := 0
	for i := range n.Proposal.Current {
		if strings.HasPrefix(n.Proposal.Current[i].Source, "arn:") {
			count++
		}
	}
	for i := range n.Steps {
		if n.Steps[i].Kind == StepCreate {
			count++
		}
	}
	return count > attachable && n.has(StepDetach)
}

// placeOf identifies a policy of one principal: managed ones by ARN, others by where they are and their name.
func placeOf(r *rules.PolicyRef) string {
	if strings.HasPrefix(r.Source, "arn:") {
		return r.Source
	}
	return r.Source + "\x00" + r.Name
}

// holds notes what the principal has afterwards.
func (n *PolicyPlan) holds(r *rules.PolicyRef) {
	switch {
	case strings.HasPrefix(r.Source, "arn:"):
		n.attached = append(n.attached, r.Source)
	case r.Source == "inline":
		n.inline = append(n.inline, r.Name)
	case strings.HasPrefix(r.Source, "inline:"):
		n.inline = append(n.inline, strings.TrimPrefix(r.Source, "inline:"))
	}
}

// change adds the step from old, nil where there is none, to what is proposed in its place.
func (n *PolicyPlan) change(old, r *rules.PolicyRef, taken map[string]string) error {
	s := PolicyStep{Name: r.Name, New: documentText(r), Old: documentText(old)}
	if r.Source == "" && s.New != nil {
		s.Kind, s.Instead = StepCreate, r.Replaces
		n.name(&s, taken)
	}
	if s.New != nil && iamName.MatchString(s.Name) {
		n.documents = append(n.documents, s)
	}
	if s.New == nil || old != nil && bytes.Equal(s.Old, s.New) {
		return nil
	}
	switch {
	case s.Kind == StepCreate:
	case r.Source == "inline":
		s.Kind = StepPut
	case strings.HasPrefix(r.Source, "arn:"):
		s.Kind, s.ARN = StepVersion, r.Source
	default:
		return nil // a group's policy is not edited for one member
	}
	return n.add(s)
}

func (n *PolicyPlan) add(s PolicyStep) error {
	if !iamName.MatchString(s.Name) || s.ARN != "" && !iamPolicy.MatchString(s.ARN) {
		return fmt.Errorf("a policy of it has a name that IAM does not give: %s", clean(cmp.Or(s.ARN, s.Name)))
	}
	n.Steps = append(n.Steps, s)
	return nil
}

// name gives a policy to create a name that no other in the account has.
func (n *PolicyPlan) name(s *PolicyStep, taken map[string]string) {
	if strings.HasPrefix(s.Name, "trimtrail-") {
		s.Name = regexp.MustCompile(`[^\w+=,.@-]`).ReplaceAllString(s.Name, "_")
	}
	base := s.Name
	for i := 2; ; i++ {
		s.ARN = fmt.Sprintf("arn:%s:iam::%s:policy/%s", n.partition, n.AccountID, s.Name)
		if taken[strings.ToLower(s.ARN)] == "" {
			taken[strings.ToLower(s.ARN)] = n.Proposal.Principal
			return
		}
		suffix := fmt.Sprintf("-%s-%d", n.Kind, i)
		s.Name = base[:min(len(base), 128-len(suffix))] + suffix
	}
}

// drop adds the step that takes a policy away which is not among those proposed.
func (n *PolicyPlan) drop(r *rules.PolicyRef) error {
	switch group, ok := strings.CutPrefix(r.Source, "group:"); {
	case ok && group != "":
		if !slices.Contains(n.groups, group) {
			n.groups = append(n.groups, group)
			return n.add(PolicyStep{Kind: StepLeave, Name: group})
		}
	case r.Source == "inline":
		return n.add(PolicyStep{Kind: StepDelete, Name: r.Name, Old: documentText(r)})
	case strings.HasPrefix(r.Source, "arn:"):
		return n.add(PolicyStep{Kind: StepDetach, Name: r.Name, ARN: r.Source, Old: documentText(r)})
	}
	return nil
}

// documentText is a document as indented JSON in which whatever could hide or
// reorder text is written as an escape; nil where there is none.
func documentText(r *rules.PolicyRef) []byte {
	if r == nil || r.Document == nil {
		return nil
	}
	var b bytes.Buffer
	for _, c := range string(r.Document.Indent("  ")) {
		switch {
		case c == '\n' || !unsafe(c):
			b.WriteRune(c)
		case c > 0xffff:
			c -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+c>>10, 0xdc00+c&0x3ff)
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
		}
	}
	return b.Bytes()
}

// has reports whether one of the steps is of one of the kinds.
func (n *PolicyPlan) has(kinds ...StepKind) bool {
	return slices.ContainsFunc(n.Steps, func(s PolicyStep) bool { return slices.Contains(kinds, s.Kind) })
}

// Base is the name of the plan's files without extension: role-checkout-api.
func (n *PolicyPlan) Base() string { return n.Kind + "-" + n.Name }

// head are lines that say what a file is, for its first comment.
func (n *PolicyPlan) head() []string {
	p := copyOf(*n.Proposal, clean)
	x := proofOf(&p)
	lines := []string{n.Kind + "/" + n.Name + " of account " + n.AccountID + ": " + strings.ToUpper(p.Confidence) + ", " + basis(&p, n.Window)}
	add := func(name, text string) {
		if text != "" {
			lines = append(lines, fmt.Sprintf("%-10s%s", name, text))
		}
	}
	add("size", x.Size)
	add("no new", x.NoNew)
	add("replay", x.Replay)
	add("backtest", x.Backtest)
	if n.Crowded {
		add("room", crowdedNote)
	}
	return lines
}

const crowdedNote = "old and new managed policies are more than the quota of 10: the old go first, and a call in between may be denied"
