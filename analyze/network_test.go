package analyze

import (
	"testing"

	"github.com/trimtrail/trimtrail/internal/event"
)

func TestOriginOf(t *testing.T) {
	for name, c := range map[string]struct {
		event event.Event
		want  string // network; empty: none
	}{
		"public":                       {event.Event{SourceIPAddress: "203.0.113.77"}, "203.0.113.0/24"},
		"public beside AWS's endpoint": {event.Event{SourceIPAddress: "203.0.113.77", VPCEndpointID: "vpce-0a"}, "203.0.113.0/24"},
		"IPv6":                         {event.Event{SourceIPAddress: "2001:db8:1:2::7"}, "2001:db8:1::/48"},
		"IPv4 in IPv6":                 {event.Event{SourceIPAddress: "::ffff:203.0.113.77"}, "203.0.113.0/24"},
		"private":                      {event.Event{SourceIPAddress: "10.0.0.8"}, "private"},
		"carrier-grade":                {event.Event{SourceIPAddress: "100.64.3.1"}, "private"},
		"through an endpoint":          {event.Event{SourceIPAddress: "10.0.0.8", VPCEndpointID: "vpce-0a"}, "vpce-0a"},
		"an endpoint of AWS":           {event.Event{SourceIPAddress: "10.0.0.8", VPCEndpointID: "AWS Internal"}, "private"},
		"anonymised":                   {event.Event{SourceIPAddress: "253.252.51.07"}, "253.252.51.07"},
		"AWS Internal":                 {event.Event{SourceIPAddress: "AWS Internal"}, ""},
		"a service":                    {event.Event{SourceIPAddress: "cloudformation.amazonaws.com"}, ""},
		"a service for a principal":    {event.Event{SourceIPAddress: "203.0.113.77", InvokedBy: "athena.amazonaws.com"}, ""},
		"a person at the console":      {event.Event{SourceIPAddress: "203.0.113.77", InvokedBy: "signin.amazonaws.com"}, "203.0.113.0/24"},
		"a service itself":             {event.Event{SourceIPAddress: "203.0.113.77", IdentityType: "AWSService"}, ""},
		"nothing":                      {event.Event{}, ""},
	} {
		got, ok := originOf(&c.event)
		if got.network != c.want || ok != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", name, got.network, ok, c.want)
		}
	}
}

func TestAgentFamily(t *testing.T) {
	for agent, want := range map[string]string{
		"aws-cli/2.2.23 Python/3.8.8 Linux/4.14.2 exe/x86_64":                 "aws-cli/linux",
		"[aws-cli/2.2.23 Python/3.8.8 Linux/4.14.2]":                          "aws-cli/linux",
		"Boto3/1.18.1 Python/3.9.5 Darwin/20.6.0 Botocore/1.21.1":             "boto3/macos",
		"aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/":        "amazon-ssm-agent/linux",
		"APN/1.0 HashiCorp/1.0 Terraform/1.5.7 aws-sdk-go-v2/1.17 os/windows": "terraform/windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)":                     "console",
		"[S3Console/0.4, aws-internal/3 aws-sdk-java]":                        "console",
		"cloudformation.amazonaws.com":                                        "service",
		"":                                                                    "",
		"<script>alert(1)</script>":                                           "scriptalert1",
		"=cmd|' /C calc'!A0":                                                  "cmd",
		"\x1b[31mred/1.0":                                                     "31mred",
	} {
		if got := agentFamily(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
