package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trimtrail/trimtrail/analyze"
	"github.com/trimtrail/trimtrail/internal/iam"
)

// resolvePassed puts roles in the place of the instance profiles that stand
// for them in uses of iam:PassRole. A profile that no state knows leaves the
// resource untold and is named in the warnings.
func resolvePassed(rows []useRow, roles map[string]string) (out []useRow, warnings []string) {
	var unknown []string
	for _, r := range rows {
		if r.Action == passRole && strings.Contains(r.Resource, ":instance-profile/") {
			role, ok := roles[r.Resource]
			if !ok {
				unknown = append(unknown, r.Resource)
			}
			r.Resource = role
		}
		out = append(out, r)
	}
	slices.Sort(unknown)
	for _, profile := range slices.Compact(unknown) {
		warnings = append(warnings, fmt.Sprintf("%s was used; which role it passes is not known without the account's IAM state", profile))
	}
	return out, warnings
}

// rolesOfProfiles maps the ARNs of instance profiles to those of their roles.
func rolesOfProfiles(states map[string]*iam.State) map[string]string {
	out := map[string]string{}
	for _, s := range states {
		if s == nil {
			continue
		}
		for i := range s.Roles {
			for _, p := range s.Roles[i].Profiles {
				out[p] = s.Roles[i].ARN
			}
		}
	}
	return out
}

// rows are the subject's uses within w, passed roles resolved. For a policy
// that is written from use alone, a passed role that is not known is left
// out, in the policy and in its proof: it must not pass any role.
func (z *sizer) rows(s *subject, w analyze.Window) (out []useRow, warnings []string) {
	out, warnings = resolvePassed(useOf(s.usage, w), z.profiles)
	if s.holder == nil {
		out = slices.DeleteFunc(out, func(r useRow) bool { return r.Action == passRole && r.Resource == "" })
	}
	return out, warnings
}
