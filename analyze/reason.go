package analyze

import "strings"

// reason is what the message of a refusal says of its cause. If several
// layers refuse, AWS names one: the first it reports, not all.
type reason struct {
	layer  string // as Denial.Layer
	effect string // implicit, explicit, or empty
	policy string // ARN of the policy that denies, where AWS names it
}

// layers are AWS's words for what refused, the longer before what they
// contain. Source: IAM user guide, "Troubleshoot access denied error
// messages", its misprint "sessions policy" included.
var layers = []struct{ words, layer string }{
	{"service control policy", "scp"},
	{"resource control policy", "rcp"},
	{"permissions boundary", "boundary"},
	{"VPC endpoint policy", "endpoint"},
	{"role trust policy", "trust"},
	{"session policy", "session"},
	{"sessions policy", "session"},
	{"resource-based policy", "resource"},
	{"identity-based policy", "identity"},
}

// readReason reads the cause in a denial's message.
func readReason(message string) reason {
	msg := strings.Join(strings.Fields(message), " ")
	if _, after, ok := strings.Cut(msg, "with an explicit deny"); ok {
		return reason{layerIn(after), "explicit", policyIn(after)}
	}
	if _, after, ok := strings.Cut(msg, "because no "); ok {
		before, _, _ := strings.Cut(after, " allows")
		return reason{layer: layerIn(before), effect: "implicit"}
	}
	switch {
	case strings.Contains(msg, "no resource-based policies allow access, or a resource-based policy explicitly denies"):
		return reason{layer: "resource"} // KMS: AWS does not say which of three
	case strings.Contains(msg, "denied due to a VPC endpoint policy"):
		return reason{layer: "endpoint"}
	case strings.Contains(msg, "S3 Block Public Access"), strings.Contains(msg, "because this bucket has blocked"):
		return reason{"resource", "explicit", ""}
	case strings.HasPrefix(msg, "Not authorized to perform sts:"):
		return reason{layer: "trust"}
	}
	return reason{}
}

func layerIn(s string) string {
	best, at := "", len(s)
	for _, l := range layers {
		if i := strings.Index(s, l.words); i >= 0 && i < at {
			best, at = l.layer, i
		}
	}
	return best
}

// policyIn is the ARN that follows a layer, after a colon or ", with policy ARN:".
func policyIn(s string) string {
	i := strings.Index(s, "arn:")
	if i < 0 {
		return ""
	}
	s = s[i:]
	if end := strings.IndexAny(s, " \"\t\n"); end >= 0 {
		s = s[:end]
	}
	return strings.TrimRight(s, ".,;")
}
