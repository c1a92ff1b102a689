package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteBelow(t *testing.T) {
	dir := t.TempDir()
	if err := writeBelow(dir, "a/b.json", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a", "b.json")); err != nil || string(got) != "x" {
		t.Errorf("%q, %v", got, err)
	}
	for _, name := range []string{"../x", "/x", "a/../../x", ""} {
		if writeBelow(dir, name, strings.NewReader("x")) == nil {
			t.Errorf("%q is written", name)
		}
	}
}

func TestRanges(t *testing.T) {
	index := map[string]int{"a": 0, "b": 1, "c": 2, "d": 5, "e": 9}
	set := map[string]bool{"a": true, "b": true, "c": true, "d": true}
	if got := ranges(set, index); got != "0-2 5" {
		t.Errorf("%q", got)
	}
}

func TestRoleMembers(t *testing.T) {
	m := &model{Shapes: map[string]shape{
		"In":   {Type: "structure", Members: map[string]shapeRef{"pipeline": {Shape: "P"}, "Name": {Shape: "S"}}},
		"P":    {Type: "structure", Members: map[string]shapeRef{"roleArn": {Shape: "S"}, "stages": {Shape: "L"}, "self": {Shape: "P"}}},
		"L":    {Type: "list", Member: &shapeRef{Shape: "St"}},
		"St":   {Type: "structure", Members: map[string]shapeRef{"actionRole": {Shape: "S"}, "roleType": {Shape: "Int"}}},
		"S":    {Type: "string"},
		"Int":  {Type: "integer"},
		"Loop": {Type: "structure", Members: map[string]shapeRef{"again": {Shape: "Loop"}}},
	}}
	if got := strings.Join(m.roleMembers("In", "", map[string]bool{}), " "); got != "pipeline.roleArn pipeline.stages.actionRole" {
		t.Errorf("%q", got)
	}
	if got := m.roleMembers("Loop", "", map[string]bool{}); got != nil {
		t.Errorf("%q", got)
	}
}

func TestRenderDetails(t *testing.T) {
	a := &action{name: "Put"}
	a.addKeys(actionJSON{ConditionKeys: []string{"svc:b", "svc:a"}})
	a.dependOn([]string{"iam:PassRole"}, true)
	a.detail.call.add("PUT", []string{"Role"})
	s := &service{prefix: "svc", actions: map[string]*action{"put": a, "bare": {name: "Bare"}}, operations: map[string]*call{}}
	var w bytes.Buffer
	s.renderDetails(&w, map[string]string{"svc:a": "String"})
	if want := "S\tsvc\nK\tsvc:a\tString\nK\tsvc:b\nA\tPut\t0-1\tiam:PassRole\tx\tPUT\tRole\n"; w.String() != want {
		t.Errorf("got %q, want %q", w.String(), want)
	}
}
