// Package lint holds the repository to its own rules: who may import whom,
// what stays pure, what every file and exported name owes its reader.
//
// Everything is in its tests, so nothing of it is in the program. They read
// the source tree and nothing else, take a second, and name each breach by
// file and line:
//
//	go test ./internal/lint
//
// The import plan is in plan_test.go; a new package starts with a line there.
package lint
