package analyze

import (
	"net/netip"
	"strings"

	"github.com/trimtrail/trimtrail/internal/event"
)

// origin is where a call came from.
type origin struct {
	address string // as AWS wrote it
	network string // as NetworkUse.Network
}

// originOf tells where e came from; ok is false where a service called, or
// AWS hides the address: such a place says nothing of the principal.
func originOf(e *event.Event) (origin, bool) {
	s := strings.TrimSpace(e.SourceIPAddress)
	if e.IdentityType == "AWSService" || s == "" || serviceName(s) {
		return origin{}, false
	}
	// signin.amazonaws.com with an address is a person at the console.
	if e.InvokedBy != "" && e.InvokedBy != "signin.amazonaws.com" {
		return origin{}, false
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return origin{address: s, network: s}, true // anonymised logs: 253.252.51.07
	}
	addr = addr.Unmap()
	o := origin{address: s, network: networkOf(addr)}
	// An endpoint id beside a public address is AWS's own, of the S3 console.
	if o.network == "private" && strings.HasPrefix(e.VPCEndpointID, "vpce-") {
		o.network = e.VPCEndpointID
	}
	return o, true
}

func serviceName(s string) bool {
	return strings.HasPrefix(s, "AWS Internal") || strings.HasSuffix(s, ".amazonaws.com") ||
		strings.HasSuffix(s, ".amazonaws.com.cn") || strings.HasSuffix(s, ".aws.internal")
}

// networkOf is the unit in which a principal moves: the neighbours of a
// public address, or anything private.
func networkOf(a netip.Addr) string {
	if private(a) {
		return "private"
	}
	bits := 24
	if a.Is6() {
		bits = 48
	}
	p, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return a.String()
	}
	return p.String()
}

var carrierGrade = netip.MustParsePrefix("100.64.0.0/10")

func private(a netip.Addr) bool {
	return a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsUnspecified() || carrierGrade.Contains(a)
}

// agentFamily is product and operating system of a user agent, versions
// dropped: aws-cli/linux, boto3/macos, terraform/linux, console, service.
// Text of the log is cut to what a product name may hold.
func agentFamily(agent string) string {
	s := strings.Trim(strings.TrimSpace(agent), "[]")
	low := strings.ToLower(s)
	switch {
	case s == "":
		return ""
	case serviceName(s):
		return "service"
	case strings.Contains(low, "s3console"), strings.HasPrefix(low, "aws-internal"), strings.HasPrefix(low, "signin.amazonaws.com"),
		strings.HasPrefix(low, "console.amazonaws.com"), strings.HasPrefix(low, "mozilla/"):
		return "console"
	}
	return joined(product(low), system(low))
}

// product is the tool: one that a wrapper names behind the SDK wins.
func product(agent string) string {
	for _, p := range products {
		if strings.Contains(agent, p) {
			return p
		}
	}
	first, _, _ := strings.Cut(agent, "/")
	first, _, _ = strings.Cut(first, " ")
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.+", r) {
			return r
		}
		return -1
	}, first)
	if len(clean) > 40 {
		clean = clean[:40]
	}
	return clean
}

// products are tools that write their name beside the SDK's; the more telling first.
var products = []string{
	"stratus-red-team", "pacu", "trufflehog", "scout suite", "prowler", "cloudsploit", "enumerate-iam",
	"kali", "aws-credentials-for-github-actions", "terraform", "pulumi", "cloudformation", "aws-cdk", "ansible",
	"amazon-ssm-agent", "aws-cli", "boto3",
}

// system is the operating system that a user agent tells, or empty.
func system(agent string) string {
	for _, o := range systems {
		if strings.Contains(agent, o.mark) {
			return o.name
		}
	}
	return ""
}

// systems are marks of operating systems; darwin stands before win, which it contains.
var systems = []struct{ mark, name string }{
	{"darwin", "macos"}, {"macos", "macos"}, {"mac os", "macos"}, {"linux", "linux"}, {"windows", "windows"}, {"exec-env/aws_lambda", "lambda"},
}
