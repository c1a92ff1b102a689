// Package judge holds package iam's evaluator against one that others wrote:
// the policy package of versitygw's IAM service. Random policies and requests
// go to both; each difference must be of a kind that AWS's documentation
// decides, and is written down here with what it says. It is a module of its
// own, so that versitygw's dependencies stay out of the product's.
//
//	cd internal/judge && JUDGE_PAIRS=1000000 go test .
//
// Without that variable some thousand pairs are tried.
package judge
