package orgsim

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The shapes of get-account-authorization-details, as the AWS CLI prints them.
type (
	authorizationDetails struct {
		UserDetailList  []userDetail
		GroupDetailList []groupDetail
		RoleDetailList  []roleDetail
		Policies        []policyDetail
	}
	userDetail struct {
		Path, UserName, UserId, Arn, CreateDate string
		UserPolicyList                          []inlinePolicy
		GroupList                               []string
		AttachedManagedPolicies                 []attachedPolicy
		PermissionsBoundary                     *boundary `json:",omitempty"`
		Tags                                    []tag
	}
	groupDetail struct {
		Path, GroupName, GroupId, Arn, CreateDate string
		GroupPolicyList                           []inlinePolicy
		AttachedManagedPolicies                   []attachedPolicy
	}
	roleDetail struct {
		Path, RoleName, RoleId, Arn, CreateDate string
		AssumeRolePolicyDocument                json.RawMessage
		InstanceProfileList                     []profile
		RolePolicyList                          []inlinePolicy
		AttachedManagedPolicies                 []attachedPolicy
		PermissionsBoundary                     *boundary `json:",omitempty"`
		Tags                                    []tag
		RoleLastUsed                            lastUsed
	}
	policyDetail struct {
		PolicyName, PolicyId, Arn, Path, DefaultVersionId string
		AttachmentCount, PermissionsBoundaryUsageCount    int
		IsAttachable                                      bool
		CreateDate, UpdateDate                            string
		PolicyVersionList                                 []policyVersion
	}
	policyVersion struct {
		Document         json.RawMessage
		VersionId        string
		IsDefaultVersion bool
		CreateDate       string
	}
	inlinePolicy struct {
		PolicyName     string
		PolicyDocument json.RawMessage
	}
	attachedPolicy struct{ PolicyName, PolicyArn string }
	boundary       struct{ PermissionsBoundaryType, PermissionsBoundaryArn string }
	tag            struct{ Key, Value string }
	lastUsed       struct {
		LastUsedDate string `json:",omitempty"`
		Region       string `json:",omitempty"`
	}
	profile struct {
		Path, InstanceProfileName, InstanceProfileId, Arn, CreateDate string
	}
)

// writeState writes the IAM files of every account.
func (w *world) writeState() error {
	for account, id := range w.accounts {
		text, err := json.MarshalIndent(w.details(account), "", "    ")
		if err != nil {
			return fmt.Errorf("encode the state of %s: %w", id, err)
		}
		if err := os.WriteFile(filepath.Join(w.org.IAM, id+"-authorization-details.json"), append(text, '\n'), 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(w.org.IAM, id+"-credential-report.csv"), w.report(account), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// holding is one account's state in the making.
type holding struct {
	w       *world
	account int
	id      string
	out     authorizationDetails
	groups  map[string]*groupDetail
}

func (w *world) details(account int) authorizationDetails {
	h := &holding{w: w, account: account, id: w.accounts[account], groups: map[string]*groupDetail{}}
	h.out = authorizationDetails{UserDetailList: []userDetail{}, GroupDetailList: []groupDetail{}, RoleDetailList: []roleDetail{}, Policies: []policyDetail{}}
	for _, a := range w.actors {
		if a.account != account || w.byName[key(a.Name, account)] != a {
			continue
		}
		switch a.Kind {
		case User:
			h.user(a)
		case Root, Service:
		default:
			h.role(a)
		}
	}
	for _, g := range h.groups {
		h.out.GroupDetailList = append(h.out.GroupDetailList, *g)
	}
	slices.SortFunc(h.out.GroupDetailList, func(a, b groupDetail) int { return strings.Compare(a.Arn, b.Arn) })
	return h.out
}

// born is when an actor was created; the script of a new hire starts a day later.
func (w *world) born(a *actor) time.Time {
	days := 700
	if a.Created > 0 {
		days = a.Created
	} else if a.Joined > 0 {
		days = a.Joined + 1
	}
	r := rng(mix(a.seed, 5))
	return w.cfg.End.Add(-time.Duration(days)*day + time.Duration(8*3600+r.intn(7200))*time.Second)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

func (h *holding) user(a *actor) {
	u := userDetail{Path: "/", UserName: a.Name, UserId: a.id, Arn: a.arn, CreateDate: stamp(h.w.born(a)),
		UserPolicyList: []inlinePolicy{}, GroupList: []string{}, AttachedManagedPolicies: []attachedPolicy{}, Tags: a.tags()}
	inline, attached := h.policies(a)
	if a.Group == "" {
		u.UserPolicyList, u.AttachedManagedPolicies = inline, attached
	} else {
		u.GroupList = []string{a.Group}
		h.group(a.Group, inline, attached)
	}
	u.PermissionsBoundary = h.boundary(a)
	h.out.UserDetailList = append(h.out.UserDetailList, u)
}

func (h *holding) group(name string, inline []inlinePolicy, attached []attachedPolicy) {
	g := h.groups[name]
	if g == nil {
		r := rng(mix(h.w.cfg.Seed, textSeed(h.id+name)))
		g = &groupDetail{Path: "/", GroupName: name, GroupId: uniqueID("AGPA", &r), Arn: "arn:aws:iam::" + h.id + ":group/" + name,
			CreateDate: stamp(h.w.cfg.End.Add(-700 * day)), GroupPolicyList: []inlinePolicy{}, AttachedManagedPolicies: []attachedPolicy{}}
		h.groups[name] = g
	}
	g.GroupPolicyList = append(g.GroupPolicyList, inline...)
	for _, p := range attached {
		if !slices.Contains(g.AttachedManagedPolicies, p) {
			g.AttachedManagedPolicies = append(g.AttachedManagedPolicies, p)
		}
	}
}

func (h *holding) role(a *actor) {
	r := roleDetail{Path: a.path, RoleName: a.role, RoleId: a.id, Arn: a.arn, CreateDate: stamp(h.w.born(a)),
		AssumeRolePolicyDocument: h.trust(a), InstanceProfileList: []profile{}, Tags: a.tags(), RoleLastUsed: h.lastUsed(a)}
	r.RolePolicyList, r.AttachedManagedPolicies = h.policies(a)
	r.PermissionsBoundary = h.boundary(a)
	if a.Kind == Instance {
		own := rng(mix(a.seed, 6))
		r.InstanceProfileList = append(r.InstanceProfileList, profile{"/", a.role, uniqueID("AIPA", &own),
			"arn:aws:iam::" + h.id + ":instance-profile/" + a.role, r.CreateDate})
	}
	h.out.RoleDetailList = append(h.out.RoleDetailList, r)
}

// tags are the persona's, "key=value" parted by spaces.
func (a *actor) tags() []tag {
	out := []tag{}
	for _, t := range strings.Fields(a.Tags) {
		k, v, _ := strings.Cut(t, "=")
		out = append(out, tag{k, v})
	}
	return out
}

// lastUsed is AWS's own record: of any person behind the role.
func (h *holding) lastUsed(a *actor) lastUsed {
	at, region := int64(0), a.region
	for _, b := range h.w.actors {
		if b.arn == a.arn {
			if l, ok := h.w.lastUse(use{actor: b.index}); ok && l.at > at {
				at, region = l.at, l.region
			}
		}
	}
	if at == 0 && a.LastUsed > 0 {
		at = h.w.daysBefore(a.LastUsed).Unix()
	}
	if at == 0 {
		return lastUsed{}
	}
	return lastUsed{stamp(time.Unix(at, 0)), region}
}

func (h *holding) boundary(a *actor) *boundary {
	if a.Boundary == "" {
		return nil
	}
	arn := "arn:aws:iam::" + h.id + ":policy/" + a.Boundary
	for i := range h.out.Policies {
		if h.out.Policies[i].Arn == arn {
			h.out.Policies[i].PermissionsBoundaryUsageCount++
		}
	}
	return &boundary{"Policy", arn}
}
