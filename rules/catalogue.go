package rules

// Rule is one rule with its documentation, which is data: `trimtrail rules`
// prints it.
type Rule struct {
	// ID is never reused: TT, the family (A networks and credentials, C
	// dormancy, D denials, L logging, P practices) and a number.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Text says why it matters, how it is judged and where it may be wrong.
	Text string `json:"text"`
	// Severity is the usual one; a finding may be graver or lighter, as Text says.
	Severity Severity `json:"severity"`
	// Needs are the inputs without which the rule cannot judge.
	Needs []string `json:"needs"`
	Since string   `json:"since"`
	// Source is where the rule's idea or threshold comes from.
	Source string `json:"source"`
	// Controls are the ids in public benchmarks that the rule answers, in
	// part or whole, as "CIS v5.0 1.11" and "FSBP IAM.22"; see controls.go.
	Controls []string `json:"controls,omitempty"`

	// turn orders the asking, see byTurn; ask judges.
	turn int
	ask  func(*inquiry)
}

// The inputs that rules need.
const (
	needsEvents  = "CloudTrail management events"
	needsDetails = "account authorization details"
	needsReport  = "the credential report"

	needsSummary    = "the account summary"
	needsPasswords  = "the account password policy"
	needsVirtualMFA = "the list of virtual MFA devices"
	needsKeys       = "the list of access keys"
	needsTrails     = "the list of trails"
	needsCountries  = "an MMDB file of countries (--mmdb)"
	needsSelectors  = "event selectors of trails"
)

// Rules are all rules, sorted by ID.
func Rules() []Rule {
	return withControls([]Rule{
		ruleA01(), ruleA02(), ruleA03(), ruleA04(), ruleA05(), ruleA06(), ruleA07(),
		ruleC01(), ruleC02(), ruleC03(), ruleC04(), ruleC05(), ruleC06(),
		ruleD01(), ruleD02(), ruleD03(), ruleD04(), ruleD05(), ruleD06(), ruleD07(), ruleD08(), ruleD09(), ruleD10(), ruleD11(), ruleD12(),
		ruleL01(), ruleL02(), ruleL03(), ruleL04(),
		ruleP01(), ruleP02(), ruleP03(), ruleP04(), ruleP05(), ruleP06(), ruleP07(), ruleP08(), ruleP09(), ruleP10(), ruleP11(), ruleP12(),
	})
}
