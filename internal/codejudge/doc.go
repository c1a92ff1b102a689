// Package codejudge holds what trimtrail writes as code against those who will
// read it: HCL's own parser and evaluator, terraform fmt, cfn-lint, bash,
// shellcheck, and the AWS CLI on a moto server made from the same IAM state.
// It is a module of its own, so that HCL stays out of the product.
//
//	cd internal/codejudge && go test ./...
//
// A judge that is not installed is skipped, with the reason. With
// TRIMTRAIL_REQUIRE_JUDGES=1 its absence is a failure.
package codejudge
