package analyze

import (
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// OutcomeOf tells what AWS answered. A refusal of the caller, of its
// credential or of its account is denied; everything else that went wrong
// went wrong after the caller was let in, so it shows use.
func OutcomeOf(e *event.Event) Outcome {
	switch TierOf(e) {
	case TierCaller, TierAuthentication, TierState:
		return OutcomeDenied
	case TierDependency:
		return OutcomeFailed
	}
	if e.Failed() {
		return OutcomeFailed
	}
	return OutcomeAllowed
}

// TierOf tells the kind of a refusal; it is empty where e was not refused.
// HTTP 403 is no test of it: services answer quotas with 403 and refusals
// with 400; names decide. Source: the error shapes of the AWS API models, and
// the codes that CloudTrail writes.
func TierOf(e *event.Event) Tier {
	if e.EventName == "ConsoleLogin" && loginFailed(e) {
		return TierAuthentication
	}
	if !e.Failed() {
		return ""
	}
	code, said := bareCode(e.ErrorCode), worded(e.ErrorMessage)
	if said == TierState {
		return said // AWS gives it the code of a refusal
	}
	if t, ok := tiers[code]; ok {
		return t
	}
	if said != "" {
		return said
	}
	for _, part := range refusals {
		if strings.Contains(code, part) {
			return TierCaller
		}
	}
	return ""
}

func loginFailed(e *event.Event) bool {
	return e.ErrorMessage != "" || strings.Contains(e.ResponseElements, `"Failure"`)
}

// bareCode is code in lower case without Client., Server. and namespace#.
func bareCode(code string) string {
	code = strings.ToLower(code[strings.LastIndexByte(code, '#')+1:])
	code = strings.TrimPrefix(code, "client.")
	return strings.TrimPrefix(code, "server.")
}

// worded reads refusals that only their message gives away.
func worded(msg string) Tier {
	switch {
	case msg == "":
		return ""
	case strings.Contains(msg, "IAM user access not activated"):
		return TierState
	case strings.Contains(msg, "Check the trust relationships"):
		return TierDependency
	case strings.Contains(msg, "not authorized to perform"), strings.HasPrefix(msg, "Cross-account pass role is not allowed"):
		return TierCaller
	}
	return ""
}

// refusals are the parts that mark a code as a refusal of the caller, after
// the exact names below had their say.
var refusals = []string{"accessdenied", "unauthorizedoperation", "unauthorizedexception", "notauthorized", "authorizationerror", "authorizationfailure"}

// tiers are the codes, bare, that are not what refusals would make of them,
// or that it would miss.
var tiers = byTier(map[Tier]string{
	TierCaller: `accessdenied accessdeniedexception accessdeniedfault accessdeniedcode unauthorizedoperation
		unauthorizedoperationexception unauthorizedexception unauthorizedaccess unauthorizedclientexception notauthorized
		notauthorizedexception notauthorizederror authorizationerror authorizationerrorexception authorizationfailure forbidden
		forbiddenexception accessforbidden billingaccessdenied invoicingaccessdenied opsitemaccessdeniedexception
		serviceaccessdenied insufficientprivilegesexception cloudhsmaccessdeniedexception organizationaccessdeniedexception
		resourceaccessdenied unauthorizedresourceaccessexception vpceaccessdenied`,
	TierDependency: `kmsaccessdenied kmsaccessdeniedexception kmsaccessdeniedfault kms.accessdeniedexception
		encryptionkeyaccessdeniedexception kmskeynotaccessiblefault s3accessdeniedfault insufficients3bucketpolicy
		insufficients3bucketpolicyexception insufficientsnstopicpolicy insufficientsnstopicpolicyexception snsnoauthorization
		snsnoauthorizationfault dependencyaccessdeniedexception accessdeniedfordependencyexception dependentserviceaccessdenied
		ec2accessdeniedexception iamrolemissingpermissions insufficientpermissionsexception
		insufficientdependencyserviceaccesspermission channelinsufficientpermission logdestinationpermissionexception
		waflogdestinationpermissionissueexception loadurlaccessdeniedexception accesstoclusterdenied accesstosnapshotdenied
		invalidsmsroleaccesspolicyexception invalidemailroleaccesspolicyexception`,
	TierAuthentication: `expiredtoken expiredtokenexception invalidclienttokenid unrecognizedclientexception signaturedoesnotmatch
		authfailure invalidaccesskeyid missingauthenticationtoken missingauthenticationtokenexception incompletesignature
		requestexpired invalidsecurity unauthenticatedexception`,
	TierState: `optinrequired optinrequiredexception kmsoptinrequired subscriptionrequiredexception regiondisabledexception
		awsserviceaccessnotenabledexception pendingverification accountownernotverifiedexception invalidaccessexception`,
})

func byTier(codes map[Tier]string) map[string]Tier {
	out := map[string]Tier{}
	for t, list := range codes {
		for _, c := range strings.Fields(list) {
			out[c] = t
		}
	}
	return out
}
