// Package e2e runs the built program against a real S3 server, versitygw, and
// compares what it does there with what it does on a directory. It is a module
// of its own, so that the server's dependencies stay out of the product's.
//
//	cd internal/e2e && TRIMTRAIL_REQUIRE_S3=1 go test ./...
//
// Without that variable the tests are skipped where the server cannot be built;
// VERSITYGW names a built one, TRIMTRAIL a built trimtrail. TRIMTRAIL_SOAK is how
// many runs TestRunSoak has: 200 take some minutes.
package e2e
