package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// PolicyScript writes plans of one account as a bash script that calls the AWS
// CLI and nothing else. Before it changes anything it checks the account and
// keeps what it is going to replace; what comes is there before anything goes.
// A run that was broken off can be taken up again. PolicyRollback is its undoing.
func PolicyScript(w io.Writer, plans []PolicyPlan) error {
	s := &bash{title: "Applies what trimtrail proposes. What it replaces is kept in a directory\n# beside it, NAME.saved, or in $TRIMTRAIL_SAVED/NAME.saved; the rollback puts it back."}
	s.begin(plans)
	for i := range plans {
		s.apply(&plans[i])
	}
	_, err := w.Write(s.b.Bytes())
	return err
}

// PolicyRollback writes the script that takes back what PolicyScript did.
func PolicyRollback(w io.Writer, plans []PolicyPlan) error {
	s := &bash{title: "Takes back what the script of the same name did, as far as it got."}
	s.begin(plans)
	for i := range plans {
		s.rollback(&plans[len(plans)-1-i])
	}
	_, err := w.Write(s.b.Bytes())
	return err
}

// bash writes a script.
type bash struct {
	title string
	b     bytes.Buffer
}

func (s *bash) line(parts ...string) {
	for _, p := range parts {
		s.b.WriteString(p)
	}
	s.b.WriteByte('\n')
}

// scriptTools are the functions that steps are written in.
const scriptTools = `set -euo pipefail
export AWS_PAGER=

fail() {
  echo "error: $*" >&2
  exit 1
}

# keep FILE COMMAND…: keeps what a command prints; not again where it is kept.
keep() {
  local file=$saved/$1
  shift
  if [ ! -e "$file" ]; then
    "$@" >"$file.part"
    mv -- "$file.part" "$file"
  fi
}

# step NAME COMMAND…: takes a step and marks it; not again where it is marked.
step() {
  local mark=$saved/$1.done
  shift
  if [ ! -e "$mark" ]; then
    "$@" >/dev/null
    : >"$mark"
  fi
}

# undo NAME COMMAND…: takes a step back where it was taken.
undo() {
  local mark=$saved/$1.done
  shift
  if [ -e "$mark" ]; then
    "$@" >/dev/null
    rm -- "$mark"
  fi
}

# forget NAME: removes what was kept for a step that is undone.
forget() {
  rm -f -- "$saved/$1.json" "$saved/$1.version" "$saved/$1.new"
}

# room ARN: fails where a managed policy has five versions already.
room() {
  local oldest
  if [ "$(aws iam list-policy-versions --policy-arn "$1" --query 'length(Versions)' --output text)" -ge 5 ]; then
    oldest=$(aws iam list-policy-versions --policy-arn "$1" --query 'sort_by(Versions[?!IsDefaultVersion], &CreateDate)[0].VersionId' --output text)
    echo "error: $1 has five versions. Make room by deleting the oldest that is not in use:" >&2
    printf '  aws iam delete-policy-version --policy-arn %q --version-id %s\n' "$1" "$oldest" >&2
    exit 1
  fi
}

# document ARN VERSION: prints a version of a managed policy.
document() {
  aws iam get-policy-version --policy-arn "$1" --version-id "$2" --query PolicyVersion.Document --output json
}

`

func (s *bash) begin(plans []PolicyPlan) {
	s.line("#!/usr/bin/env bash")
	for i := range plans {
		for _, l := range plans[i].head() {
			s.line("# ", l)
		}
	}
	s.line("#\n# ", s.title)
	s.b.WriteString(scriptTools)
	if len(plans) == 0 {
		return
	}
	account := quote(plans[0].AccountID)
	s.line("account=$(aws sts get-caller-identity --query Account --output text)")
	s.line(`[ "$account" = `, account, ` ] || fail "these credentials are of account $account, not `, account, `"`)
}

// place says where a plan's saved files are.
func (s *bash) place(n *PolicyPlan) {
	s.line()
	s.line("# ", n.Kind, "/", n.Name)
	s.line(`saved=${TRIMTRAIL_SAVED:-$(dirname -- "$0")}/`, quote(n.Base()), ".saved")
}

func (s *bash) apply(n *PolicyPlan) {
	s.place(n)
	if n.ByHand != "" {
		s.line("# Not written as code: ", n.ByHand)
		return
	}
	s.line(`mkdir -p -- "$saved"`)
	for i := range n.Steps {
		s.look(n, i)
	}
	for i := range n.Steps {
		s.take(n, i)
	}
	s.line("echo ", quote(n.Kind+"/"+n.Name+": done; what it had is in"), ` "$saved"`)
}

// mark is the name of a step's files.
func mark(n *PolicyPlan, i int) string { return fmt.Sprintf("%d-%s", i+1, n.Steps[i].Kind) }

// look writes what is done for a step before any step is taken.
func (s *bash) look(n *PolicyPlan, i int) {
	t, m := &n.Steps[i], mark(n, i)
	switch t.Kind {
	case StepVersion:
		arn := quote(t.ARN)
		s.line("keep ", m, ".version aws iam get-policy --policy-arn ", arn, " --query Policy.DefaultVersionId --output text")
		s.line("keep ", m, ".json document ", arn, ` "$(cat "$saved/`, m, `.version")"`)
		s.line(`[ -e "$saved/`, m, `.new" ] || room `, arn)
	case StepPut, StepDelete:
		s.line("keep ", m, ".json aws iam get-", n.Kind, "-policy ", n.self(), " ", option("--policy-name", t.Name), " --query PolicyDocument --output json")
	}
}

// take writes a step.
func (s *bash) take(n *PolicyPlan, i int) {
	t, m := &n.Steps[i], mark(n, i)
	if t.New != nil {
		s.line("IFS= read -r -d '' document <<'JSON' || true")
		s.line(string(t.New))
		s.line("JSON")
	}
	arn := option("--policy-arn", t.ARN)
	switch t.Kind {
	case StepCreate:
		s.line("step ", m, " aws iam create-policy ", option("--policy-name", t.Name), ` --policy-document "$document"`)
		s.line("step ", m, ".attach aws iam attach-", n.Kind, "-policy ", n.self(), " ", arn)
	case StepVersion:
		s.line("keep ", m, ".new aws iam create-policy-version ", arn, ` --policy-document "$document" --set-as-default --query PolicyVersion.VersionId --output text`)
	case StepPut:
		s.line("step ", m, " aws iam put-", n.Kind, "-policy ", n.self(), " ", option("--policy-name", t.Name), ` --policy-document "$document"`)
	case StepDetach:
		s.line("step ", m, " aws iam detach-", n.Kind, "-policy ", n.self(), " ", arn)
	case StepDelete:
		s.line("step ", m, " aws iam delete-", n.Kind, "-policy ", n.self(), " ", option("--policy-name", t.Name))
	case StepLeave:
		s.line("step ", m, " aws iam remove-user-from-group ", n.self(), " ", option("--group-name", t.Name))
	}
}

func (s *bash) rollback(n *PolicyPlan) {
	s.place(n)
	if n.ByHand != "" {
		return
	}
	s.line(`[ -d "$saved" ] || fail "$saved is not there: nothing to take back"`)
	for i := len(n.Steps) - 1; i >= 0; i-- {
		s.takeBack(n, i)
		s.line("forget ", mark(n, i))
	}
	s.line(`rmdir -- "$saved" 2>/dev/null || true`)
	s.line("echo ", quote(n.Kind+"/"+n.Name+": as it was"))
}

func (s *bash) takeBack(n *PolicyPlan, i int) {
	t, m := &n.Steps[i], mark(n, i)
	arn := option("--policy-arn", t.ARN)
	switch t.Kind {
	case StepCreate:
		s.line("undo ", m, ".attach aws iam detach-", n.Kind, "-policy ", n.self(), " ", arn)
		s.line("undo ", m, " aws iam delete-policy ", arn)
	case StepVersion:
		s.line(`if [ -e "$saved/`, m, `.new" ]; then`)
		s.line("  aws iam set-default-policy-version ", arn, ` --version-id "$(cat "$saved/`, m, `.version")"`)
		s.line("  aws iam delete-policy-version ", arn, ` --version-id "$(cat "$saved/`, m, `.new")"`)
		s.line("fi")
	case StepPut, StepDelete:
		s.line("undo ", m, " aws iam put-", n.Kind, "-policy ", n.self(), " ", option("--policy-name", t.Name), ` --policy-document "file://$saved/`, m, `.json"`)
	case StepDetach:
		s.line("undo ", m, " aws iam attach-", n.Kind, "-policy ", n.self(), " ", arn)
	case StepLeave:
		s.line("undo ", m, " aws iam add-user-to-group ", n.self(), " ", option("--group-name", t.Name))
	}
}

// self is the option that names the principal.
func (n *PolicyPlan) self() string { return option("--"+n.Kind+"-name", n.Name) }

// option is an option with its value, which may begin with a dash.
func option(name, value string) string {
	if strings.HasPrefix(value, "-") {
		return name + "=" + quote(value)
	}
	return name + " " + quote(value)
}
