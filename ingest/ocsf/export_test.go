package ocsf

import "testing"

// FileOfLake is a file of Security Lake with an event, and one of another
// product where mixed.
func FileOfLake(t testing.TB, mixed bool) []byte {
	if !mixed {
		return file(t, v2())
	}
	vpc := rowV2{}
	vpc.Metadata.Product = product{Name: "Amazon VPC", Vendor: "AWS"}
	return file(t, vpc, v2())
}
