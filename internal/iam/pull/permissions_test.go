package pull

import (
	"context"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/trimtrail/trimtrail/ingest"
	"github.com/trimtrail/trimtrail/internal/catalog"
	"github.com/trimtrail/trimtrail/internal/iam"
)

const permissionsPage = "../../../docs/permissions.md"

var policyBlock = regexp.MustCompile("(?s)<!-- policy: (\\w+) -->\n```json\n(.*?)```")

// documented are the actions that the page's policies allow, by policy.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile(permissionsPage)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, m := range policyBlock.FindAllStringSubmatch(string(page), -1) {
		d, err := iam.ParsePolicy([]byte(m[2]))
		if err != nil {
			t.Fatalf("policy %s: %v", m[1], err)
		}
		for _, s := range d.Statements {
			out[m[1]] = append(out[m[1]], s.Action.Values...)
		}
		slices.Sort(out[m[1]])
	}
	return out
}

// recorder notes each call that the SDK makes, as the action of IAM that has its name.
type recorder struct {
	mu    sync.Mutex
	calls []string
}

func (r *recorder) into(cfg aws.Config) aws.Config {
	note := middleware.InitializeMiddlewareFunc("recorder", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		r.mu.Lock()
		r.calls = append(r.calls, prefix(awsmiddleware.GetServiceID(ctx))+":"+awsmiddleware.GetOperationName(ctx))
		r.mu.Unlock()
		return next.HandleInitialize(ctx, in)
	})
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error { return stack.Initialize.Add(note, middleware.After) })
	return cfg
}

// prefix is the service's in IAM.
func prefix(serviceID string) string {
	if serviceID == "SSO Admin" {
		return "sso"
	}
	return strings.ToLower(serviceID)
}

// actions are the distinct calls that need a permission, sorted.
func (r *recorder) actions() []string {
	slices.Sort(r.calls)
	return slices.DeleteFunc(slices.Compact(r.calls), func(c string) bool { return c == "sts:GetCallerIdentity" })
}

// made are the calls of a run by which everything is there.
func made(t *testing.T, set func(*Options)) []string {
	t.Helper()
	s := newStub(t)
	s.whole()
	s.to("sts:AssumeRole", func(c call) answer {
		c.params["ExternalId"] = "e-1"
		return assume(c)
	})
	o := s.options()
	set(&o)
	var r recorder
	result, err := Run(t.Context(), r.into(s.config()), o, noon)
	if err != nil || len(result.Missing) != 0 {
		t.Fatalf("%v, missing %q", err, missing(result))
	}
	return r.actions()
}

// What the page asks for is what the program calls, no more and no less.
func TestPermissionsPage(t *testing.T) {
	page := documented(t)
	union := func(names ...string) (out []string) {
		for _, n := range names {
			out = append(out, page[n]...)
		}
		slices.Sort(out)
		return out
	}
	without := func(list []string, action string) []string {
		return slices.DeleteFunc(list, func(a string) bool { return a == action })
	}
	for _, c := range []struct {
		name      string
		page, got []string
	}{
		{"a run by default, in the management account", without(union("account", "organization"), "sts:AssumeRole"), made(t, func(*Options) {})},
		{"a run that asks for all", without(union("account", "organization", "more", "identitycenter"), "sts:AssumeRole"), made(t, func(o *Options) { o.Parts = iam.AllParts() })},
		{"a run through a role", union("account", "organization"), made(t, func(o *Options) { o.RoleARN = "arn:aws:iam::{account}:role/audit" })},
		{"ingest", without(union("ingest"), "kms:Decrypt"), bucketActions()}, // which S3 calls for the reader
	} {
		if !slices.Equal(c.page, c.got) {
			t.Errorf("%s: the page has %v, the program calls %v", c.name, c.page, c.got)
		}
	}
}

// In a member account the organisation is looked for and no more.
func TestPermissionsOfAMember(t *testing.T) {
	s := newStub(t)
	s.whole()
	s.on("organizations:DescribeOrganization", jsonError(400, "AWSOrganizationsNotInUseException", "not in use"))
	var r recorder
	if _, err := Run(t.Context(), r.into(s.config()), s.options(), noon); err != nil {
		t.Fatal(err)
	}
	if got, want := r.actions(), documented(t)["account"]; !slices.Equal(got, want) {
		t.Errorf("the page has %v, the program calls %v", want, got)
	}
}

// bucketActions are the actions of what ingest can ask of S3 at all.
func bucketActions() []string {
	of := map[string]string{"ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject"}
	api := reflect.TypeFor[ingest.S3API]()
	var out []string
	for i := range api.NumMethod() {
		name := api.Method(i).Name
		if of[name] == "" {
			out = append(out, "s3:"+name) // not documented: it differs from the page
			continue
		}
		out = append(out, of[name])
	}
	slices.Sort(out)
	return out
}

// Each documented action exists, and the page says what it gives.
func TestPermissionsAreExplained(t *testing.T) {
	page, err := os.ReadFile(permissionsPage)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| action | without it |")
	c := catalog.Default()
	for name, actions := range documented(t) {
		for _, a := range actions {
			if !strings.Contains(table, "`"+a+"`") {
				t.Errorf("%s: %s is not explained", name, a)
			}
			if len(c.Expand(a)) != 1 {
				t.Errorf("%s: no action %s", name, a)
			}
		}
	}
}
