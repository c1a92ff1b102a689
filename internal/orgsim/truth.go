package orgsim

// Truth is what was planted in an archive. Plants whose time lies before the
// first generated day are left out, so what is listed is there.
type Truth struct {
	Plants []Plant // in the order of the personas
}

// Plant is one case that a reader of the archive has to get right.
type Plant struct {
	Kind       string // one of the constants below
	Account    string // account id
	Principal  string // ARN: user, role, root; for a service its name
	Session    string // session name, where one session or person is meant
	Credential string // access key id, where one is meant
	Detail     string // a sentence on what happened
	MustFind   bool   // false: must stay quiet
	Severity   string // a hint: critical, high, medium, low, info
	Actions    []string
	Resources  []string // ARNs: what was used, or what a denial names
	Address    string   // the address that gives it away, where one does
	// Events are the ids of the planted events, sorted. Empty for what shows in
	// IAM state alone and for the quiet cases.
	Events []string
}

// Kinds of plants. First what must be found.
const (
	ForgottenKey     = "forgotten-key"
	DormantRole      = "dormant-role"
	UnusedPassword   = "unused-password"
	OverPrivileged   = "over-privileged"
	AdminReadsOnly   = "admin-reads-only"
	NewNetwork       = "new-network"
	StolenInstance   = "stolen-instance"
	SharedKey        = "shared-key"
	RootUse          = "root-use"
	PassRoleUse      = "passrole-use"
	DeniedMissing    = "denied-missing"
	DeniedRegression = "denied-regression"
	PolicyChange     = "policy-change" // the change behind the regression
	DeniedSCP        = "denied-scp"
	DeniedRCP        = "denied-rcp"
	DeniedBoundary   = "denied-boundary"
	DeniedSession    = "denied-session"
	DeniedEndpoint   = "denied-endpoint"
	DeniedTrust      = "denied-trust"
	DeniedKMS        = "denied-kms"
	DeniedNoMFA      = "denied-no-mfa"
	DeniedPassRole   = "denied-passrole"
	DeniedByService  = "denied-service-noise"
	DeniedConsole    = "denied-console-noise"
	Recon            = "recon"
	SelfEscalation   = "self-escalation"
)

// Kinds that must stay quiet.
const (
	QuietCI         = "quiet-ci-networks"
	QuietMobile     = "quiet-mobile-engineer"
	QuietNewHire    = "quiet-new-hire"
	QuietMonthly    = "quiet-monthly-job"
	QuietNAT        = "quiet-nat-replacement"
	QuietFailures   = "quiet-authorised-failures"
	QuietBreakGlass = "quiet-break-glass"
)

// Find gives the plants of one kind.
func (t Truth) Find(kind string) []Plant {
	var out []Plant
	for _, p := range t.Plants {
		if p.Kind == kind {
			out = append(out, p)
		}
	}
	return out
}

// MustFind gives the plants that have to be found.
func (t Truth) MustFind() []Plant { return t.where(true) }

// Quiet gives the plants that nothing may be said about.
func (t Truth) Quiet() []Plant { return t.where(false) }

func (t Truth) where(find bool) []Plant {
	var out []Plant
	for _, p := range t.Plants {
		if p.MustFind == find {
			out = append(out, p)
		}
	}
	return out
}
